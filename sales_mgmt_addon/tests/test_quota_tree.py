from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .quota_common import QuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaTree(QuotaCommon):
    """The tree comes from the sales teams, and sums stay exact whatever happens to it."""

    def _node(self, **values):
        return self.env['sales.quota.node'].create({'plan_id': self.plan.id, **values})

    def _fill(self):
        self.plan._distribute(self.root, self.metric, 1200, 'equal', profile='flat')

    def test_built_from_teams(self):
        self.assertEqual(
            [(node.level, node.type, node.name) for node in self.plan.node_ids.sorted('position')],
            [
                (0, 'company', self.company.name), (1, 'region', "Region South"), (2, 'team', "Team Shenzhen"),
                (3, 'person', "Sm Sales"), (3, 'person', "Sm Sales2"), (3, 'reserve', "Reserve"),
                (2, 'reserve', "Reserve"), (1, 'reserve', "Reserve"),
            ])
        self.assertEqual(self._reserve(self.node_team).display_name, "Team Shenzhen: reserve")
        self.assertFalse(self.plan._check_tree())

    def test_building_again_adds_what_is_missing(self):
        before = self.plan.node_ids
        self.plan.action_build_tree()
        self.assertEqual(self.plan.node_ids, before)
        newcomer = self._create_user('sm_new', 'sales_team.group_sale_salesman')
        manager = self._create_user('sm_regional', 'sales_team.group_sale_salesman')
        self.team.member_ids += newcomer
        self.team_region.member_ids += manager
        self._create_team("Empty team")
        other = self._create_team("Team North", members=self._create_user('sm_north', 'sales_team.group_sale_salesman'))
        self.assertEqual([d['code'] for d in self.plan._check_tree()], ['new_member'] * 3)
        self.plan.action_build_tree()
        added = self.plan.node_ids - before
        self.assertEqual(len(added), 5)
        self.assertEqual(added.filtered(lambda node: node.user_id == newcomer).parent_id, self.node_team)
        self.assertEqual(added.filtered(lambda node: node.user_id == manager).parent_id, self.node_region)
        self.assertEqual(added.filtered(lambda node: node.type == 'team').team_id, other)
        self.assertEqual(added.filtered(lambda node: node.type == 'team').parent_id, self.root)
        self.assertFalse(self.plan._check_tree())

    def test_teams_of_other_companies_are_left_out(self):
        company = self._create_company()
        seller = self._create_user(
            'sm_other', 'sales_team.group_sale_salesman', company_id=company.id, company_ids=[Command.set(company.ids)])
        team = self._create_team("Other company", members=seller, company_id=company.id)
        self.plan.action_build_tree()
        self.assertFalse(self.plan.node_ids.filtered(lambda node: node.team_id == team))
        with self.assertRaisesSaying(ValidationError, "another company"):
            self._node(type='team', parent_id=self.root.id, team_id=team.id)
        with self.assertRaisesSaying(ValidationError, "no internal user"):
            self._node(type='person', parent_id=self.node_team.id, team_id=self.team.id, user_id=seller.id)
        with self.assertRaisesSaying(ValidationError, "no internal user"):
            self._node(type='person', parent_id=self.node_team.id, team_id=self.team.id, user_id=self.user_sm_portal.id)

    def test_differences_are_named(self):
        north = self._create_team("Region North", members=self._create_user('sm_north', 'sales_team.group_sale_salesman'))
        self.plan.action_build_tree()
        self.team.parent_id = north
        self.team.member_ids -= self.user_sm_sales2
        self.user_sm_sales.active = False
        found = {d['code']: d for d in self.plan._check_tree()}
        self.assertEqual(set(found), {'moved_team', 'left_member', 'archived_user'})
        self.assertEqual(found['moved_team']['node_id'], self.node_team.id)
        self.assertIn("Team Shenzhen now belongs to Region North", found['moved_team']['message'])
        self.assertIn("Sm Sales2 is no member of Team Shenzhen", found['left_member']['message'])
        self.assertIn("Sm Sales is archived", found['archived_user']['message'])
        self.assertIn("Region North", self.plan.action_check_tree()['params']['message'])
        # the plan keeps its own tree until somebody moves the node
        self.assertEqual(self.node_team.parent_id, self.node_region)

    @mute_logger('odoo.sql_db')
    def test_places_that_make_no_sense(self):
        second = self._create_plan("Second", 2032)
        for values in (
            {'type': 'person', 'parent_id': self.root.id, 'team_id': self.team.id, 'user_id': self.user_sm_leader.id},
            {'type': 'person', 'parent_id': self.node_region.id, 'team_id': self.team.id, 'user_id': self.user_sm_leader.id},
            {'type': 'person', 'parent_id': self.node_team.id, 'user_id': self.user_sm_leader.id},
            {'type': 'person', 'parent_id': self.node_team.id, 'team_id': self.team.id},
            {'type': 'person', 'parent_id': self.node_sales.id, 'team_id': self.team.id, 'user_id': self.user_sm_leader.id},
            {'type': 'team', 'parent_id': self.node_team.id, 'team_id': self.team_region.id},
            {'type': 'team', 'team_id': self.team_region.id},
            {'type': 'region', 'parent_id': self.root.id},
            {'type': 'team', 'parent_id': self.root.id, 'team_id': self.team.id, 'plan_id': second.id},
            {'type': 'team', 'parent_id': self.root.id, 'team_id': self._create_team("T").id, 'user_id': self.user_sm_sales.id},
            {'type': 'person', 'parent_id': self.node_team.id, 'team_id': self.team.id, 'user_id': self.user_sm_leader.id,
             'date_start': '2031-05-01', 'date_end': '2031-04-01'},
            {'type': 'person', 'parent_id': self.node_team.id, 'team_id': self.team.id, 'user_id': self.user_sm_leader.id,
             'date_start': '2032-05-01'},
        ):
            with self.assertRaises(ValidationError, msg=values):
                self._node(**values)
        with self.assertRaises(UserError):
            self._node(type='reserve', parent_id=self.node_team.id, team_id=self.team.id)
        for values in (
            {'type': 'company'},
            {'type': 'company', 'parent_id': self.root.id},
            {'type': 'person', 'parent_id': self.node_team.id, 'team_id': self.team.id, 'user_id': self.user_sm_sales.id},
            {'type': 'team', 'parent_id': self.root.id, 'team_id': self.team.id},
        ):
            with self.assertRaises(IntegrityError):
                self._node(**values)

    def test_same_team_for_another_category(self):
        category = self.env['product.category'].create({'name': "Seeds"})
        node = self._node(type='team', parent_id=self.root.id, team_id=self.team.id, product_category_id=category.id)
        self.assertTrue(self._reserve(node))
        self.plan.action_build_tree()

    def test_moving_keeps_sums(self):
        self._fill()
        other_team = self._create_team("Team Dongguan", parent=self.team_region)
        other = self._node(type='team', parent_id=self.node_region.id, team_id=other_team.id)
        self.node_sales.action_move(other.id, "Needed there")
        self.assertEqual((self.node_sales.parent_id, self.node_sales.team_id), (other, other_team))
        self.assertEqual(
            self._amounts(self.node_team, self._reserve(self.node_team), other, self._reserve(other), self.node_sales),
            [100, 50, 0, -50, 50])
        self.assertExact(self.plan)
        change = self.env['sales.quota.change'].search([('node_id', '=', self._reserve(other).id)], limit=1)
        self.assertEqual(change.reason, "Needed there")
        self.node_sales.parent_id = self.node_team
        self.assertEqual(self._amounts(self._reserve(self.node_team), self._reserve(other)), [0, 0])
        self.node_team.write({'parent_id': self.root.id})
        self.assertEqual(self._amounts(self._reserve(self.root), self._reserve(self.node_region)), [-100, 100])
        self.assertEqual(self.node_team.level, 1)
        self.assertExact(self.plan)

    def test_moves_that_make_no_sense(self):
        self._fill()
        second = self._create_plan("Second", 2032)
        second.action_build_tree()
        for node, parent in (
            (self.node_region, self.node_team), (self.node_team, self.node_team), (self.node_sales, self.root),
            (self.node_sales, self.node_sales2), (self.node_sales, second.node_ids[2]),
            (self._reserve(self.node_team), self.root), (self.root, self.node_region),
        ):
            with self.assertRaises(UserError):
                node.write({'parent_id': parent.id})
        with self.assertRaises(UserError):
            self.node_sales.parent_id = False
        with self.assertRaises(UserError):
            self.node_sales.action_move(10 ** 8)
        self.assertExact(self.plan)

    def test_nodes_keep_what_they_are(self):
        for vals in ({'type': 'team'}, {'team_id': self.team_region.id}, {'plan_id': self._create_plan("Second", 2032).id}):
            with self.assertRaises(UserError):
                self.node_sales.write(vals)
        self.node_sales.user_id = self.user_sm_leader
        self.assertEqual(self.node_sales.name, "Sm Leader")

    def test_deleting_gives_the_amounts_to_the_reserve(self):
        self._fill()
        self.node_sales.unlink()
        self.assertEqual(self._amounts(self.node_team, self._reserve(self.node_team), self.node_sales2), [100, 50, 50])
        self.assertExact(self.plan)
        with self.assertRaises(UserError):
            self._reserve(self.node_team).unlink()
        (self.node_region | self.node_sales2 | self.node_team).unlink()
        self.assertEqual(self._amounts(self.root, self._reserve(self.root)), [100, 100])
        self.assertEqual(len(self.plan.node_ids), 2)
        self.assertExact(self.plan)

    def test_joining_in_mid_year(self):
        self._fill()
        newcomer = self._create_user('sm_new', 'sales_team.group_sale_salesman')
        node = self._node(
            type='person', parent_id=self.node_team.id, team_id=self.team.id, user_id=newcomer.id, date_start=date(2031, 7, 1))
        self.assertEqual(node.name, "Sm New")
        self.plan._distribute(self.node_team, self.metric, None, 'headcount')
        self.assertEqual(self._amount(node, 6), 0)
        self.assertAlmostEqual(self._amount(node, 7), 33.33, delta=0.011)
        self.assertExact(self.plan)
