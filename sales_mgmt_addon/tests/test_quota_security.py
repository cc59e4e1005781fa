from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .quota_common import QuotaCommon

MODELS = ('sales.quota.node', 'sales.quota.cell', 'sales.quota.change')


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaSecurity(QuotaCommon):
    """Each role by the calls a client can make, with any arguments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls._create_team(
            "Team Elsewhere", leader=cls._create_user('sm_leader2', 'sales_mgmt_addon.group_team_leader'),
            members=cls._create_user('sm_sales3', 'sales_team.group_sale_salesman'))
        cls.plan.action_build_tree()
        # an export is a way to read as well
        cls.env.ref('base.group_user').implied_ids += cls.env.ref('base.group_allow_export')
        cls.plan._distribute(cls.root, cls.metric, 1200, 'equal', profile='flat')
        # so that the reserves have cells too
        cls._set(cls, cls.node_sales, 3, 40)
        cls._set(cls, cls.node_team, 3, 90)
        cls.node_other = cls.plan.node_ids.filtered(lambda node: node.team_id == cls.other_team and node.type == 'team')
        cls.plan.with_user(cls.user_sm_leader)._change_cells(
            [(cls.node_sales, cls.metric, cls._month(1), 1, None)], 'parent', "Too much")

    def _visible(self, model, user):
        """Return what ``user`` reaches by each call, and check that all calls agree."""
        Model = self.env[model].with_user(user).with_context(active_test=False)
        found = Model.search([])
        self.assertEqual({row['id'] for row in Model.search_read([], ['id'])}, set(found.ids))
        self.assertEqual({row['id'] for row in Model.web_search_read([], {'id': {}})['records']}, set(found.ids))
        self.assertEqual({id_ for id_, _name in Model.name_search('', limit=10000)}, set(found.ids))
        groups = Model.formatted_read_group([], ['plan_id'], ['__count'])
        self.assertEqual(sum(group['__count'] for group in groups), len(found))
        self.assertEqual(Model.search_count([]), len(found))
        self.assertEqual(len(Model.search([]).export_data(['id'])['datas']), len(found))
        return self.env[model].browse(found.ids)

    def _check_hidden(self, model, records, user):
        record = records[:1].with_user(user)
        self.assertTrue(record)
        for call in (
            lambda: record.read(['plan_id']),
            lambda: record.web_read({'plan_id': {}}),
            lambda: record.export_data(['plan_id/id']),
            lambda: record.write({'plan_id': self.plan.id}),
            lambda: record.unlink(),
        ):
            with self.assertRaises(UserError):
                call()

    def test_salesperson_sees_his_own(self):
        user = self.user_sm_sales
        self.assertEqual(self._visible('sales.quota.node', user), self.node_sales)
        for model in MODELS[1:]:
            self.assertEqual(self._visible(model, user).node_id, self.node_sales)
        self.assertFalse(self._visible('sales.quota.request', user))
        self.assertIn(self.plan, self._visible('sales.quota.plan.metric', user).plan_id)
        others = self.plan.node_ids - self.node_sales
        self._check_hidden('sales.quota.node', others, user)
        self._check_hidden('sales.quota.cell', others.cell_ids, user)
        self._check_hidden('sales.quota.change', others.cell_ids.change_ids, user)
        # not by the back door of an aggregate over relations either
        Cell = self.env['sales.quota.cell'].with_user(user)
        self.assertEqual(Cell._read_group([], [], ['amount:sum'])[0][0], sum(self.node_sales.cell_ids.mapped('amount')))
        self.assertFalse(Cell.search([('node_id.user_id', '=', self.user_sm_sales2.id)]))
        self.assertEqual(self.plan.with_user(user).node_ids, self.node_sales)
        self.assertFalse(self.plan.with_user(user).request_ids)

    def test_leader_sees_his_subtree(self):
        nodes = self.node_team | self._reserve(self.node_team) | self.node_sales | self.node_sales2
        self.assertEqual(self._visible('sales.quota.node', self.user_sm_leader), nodes)
        self.assertEqual(self._visible('sales.quota.cell', self.user_sm_leader).node_id, nodes)
        self.assertEqual(len(self._visible('sales.quota.request', self.user_sm_leader)), 1)
        self._check_hidden('sales.quota.node', self.node_region, self.user_sm_leader)
        self._check_hidden('sales.quota.cell', self.node_other.cell_ids, self.user_sm_leader)
        region = self._visible('sales.quota.node', self.user_sm_region)
        self.assertEqual(region, nodes | self.node_region | self._reserve(self.node_region))

    def test_director_and_administrator_see_all(self):
        for user in (self.user_sm_director, self.user_sm_manager):
            self.assertEqual(self._visible('sales.quota.node', user), self.plan.node_ids)

    def test_others_see_nothing(self):
        for user in (self.user_sm_portal, self.user_sm_stock, self.user_sm_billing):
            for model in (*MODELS, 'sales.quota.plan', 'sales.quota.request'):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.node_sales.with_user(user).action_acknowledge()

    def test_other_company(self):
        company = self._create_company()
        stranger = self._create_user(
            'sm_stranger', 'sales_team.group_sale_manager', company_id=company.id, company_ids=[Command.set(company.ids)])
        self.assertFalse(self._visible('sales.quota.node', stranger) & self.plan.node_ids)
        with self.assertRaises(AccessError):
            self.plan.with_user(stranger).action_submit()

    def test_who_changes_what(self):
        cases = [
            # user, node, allowed
            (self.user_sm_sales, self.node_sales, False),
            (self.user_sm_leader, self.node_sales, True),
            (self.user_sm_leader, self.node_team, False),
            (self.user_sm_leader, self._reserve(self.node_region), False),
            (self.user_sm_leader, self.node_other.child_ids.filtered('user_id'), False),
            (self.user_sm_region, self.node_team, True),
            (self.user_sm_region, self.node_sales, True),
            (self.user_sm_region, self.node_region, False),
            (self.user_sm_director, self.root, True),
            (self.user_sm_manager, self.root, True),
            (self.user_sm_portal, self.node_sales, False),
        ]
        for number, (user, node, allowed) in enumerate(cases):
            amount = 20 + number
            if allowed:
                self._set(node, 2, amount, user=user)
                self.assertEqual(self._amount(node, 2), amount)
            else:
                with self.assertRaises(AccessError, msg=(user.login, node.name)):
                    self._set(node, 2, amount, user=user)
        editable = self.plan.with_user(self.user_sm_leader)._get_editable_nodes(self.plan.node_ids)
        self.assertEqual(editable, self.node_sales | self.node_sales2 | self._reserve(self.node_team))
        self.assertExact(self.plan)

    def test_orm_of_cells(self):
        cell = self.node_sales.cell_ids[0]
        cell.with_user(self.user_sm_leader).write({'amount': 7})
        self.assertEqual(cell.amount, 7)
        cell.with_user(self.user_sm_director).write({'amount': 8})
        with self.assertRaises(AccessError):
            cell.with_user(self.user_sm_sales).write({'amount': 9})
        with self.assertRaises(AccessError):
            cell.with_user(self.user_sm_sales2).write({'amount': 9})
        with self.assertRaises(AccessError):
            self.env['sales.quota.cell'].with_user(self.user_sm_sales).create({
                'node_id': self.node_sales.id, 'metric_id': self.metric_count.id, 'month': '2031-01-01', 'amount': 9})
        # a permission cannot come from a client
        with self.assertRaises(UserError):
            cell.with_user(self.user_sm_leader).with_context(sales_mgmt_pass=['quota.cell']).write({'proposed': 1})

    def test_leaders_do_not_change_the_tree(self):
        node = self.node_sales.with_user(self.user_sm_leader)
        for vals in (
            {'name': "X"}, {'parent_id': self.node_region.id}, {'date_end': '2031-05-01'}, {'team_id': self.team_region.id},
        ):
            with self.assertRaises(AccessError):
                node.write(vals)
        with self.assertRaises(AccessError):
            node.action_move(self.node_region.id)
        with self.assertRaises(AccessError):
            node.unlink()
        with self.assertRaises(AccessError):
            node.create({'plan_id': self.plan.id, 'parent_id': self.node_team.id, 'type': 'person',
                         'team_id': self.team.id, 'user_id': self.user_sm_leader.id})
        with self.assertRaises(AccessError):
            self.plan.with_user(self.user_sm_leader).write({'tolerance_percent': 50})
        with self.assertRaises(AccessError):
            self.plan.with_user(self.user_sm_leader).action_check_tree()

    def test_wizards_are_private(self):
        wizards = {
            'sales.quota.edit': {'node_id': self.node_sales.id},
            'sales.quota.proposal': {'node_id': self.node_sales.id},
            'sales.quota.import': {'plan_id': self.plan.id},
        }
        for model, vals in wizards.items():
            wizard = self.env[model].with_user(self.user_sm_sales).create(vals)
            self.assertEqual(wizard.search([]), wizard)
            other = wizard.with_user(self.user_sm_sales2)
            self.assertFalse(other.search([]))
            for method, argument in (('read', ['display_name']), ('write', vals)):
                other.invalidate_recordset()
                with self.assertRaises(AccessError, msg=model):
                    getattr(other, method)(argument)
        # each of them has its rule
        own = {model for model, cls in self.env.registry.items() if cls._transient and model.startswith('sales.')}
        ruled = self.env['ir.rule'].search([('model_id.model', 'in', list(own))]).mapped('model_id.model')
        self.assertEqual(own, set(ruled))

    def test_nobody_changes_his_own_target(self):
        leader, plan = self.user_sm_leader, self.plan.with_user(self.user_sm_leader)
        self.team.member_ids += leader
        self.plan.action_build_tree()
        mine = self.plan.node_ids.filtered(lambda node: node.user_id == leader)
        self._set(mine, 2, 10)
        self.assertNotIn(mine, plan._get_editable_nodes(self.plan.node_ids))
        self.assertFalse(mine.with_user(leader).can_decide)
        for call in (
            lambda: self._set(mine, 2, 1, user=leader),
            lambda: mine.cell_ids[0].with_user(leader).write({'amount': 1}),
            lambda: plan.save_grid(self.metric.id, [{'node_id': mine.id, 'month': '2031-02-01', 'amount': 1}]),
            # nor by what others get
            lambda: self._set(self.node_sales, 2, 50, user=leader, absorb='siblings'),
            lambda: plan._distribute(self.node_team, self.metric),
        ):
            with self.assertRaisesSaying(AccessError, "Nobody changes his own target"):
                call()
        mine.with_user(leader).action_propose([(self.metric.id, '2031-02-01', 5)])
        with self.assertRaisesSaying(AccessError, "Nobody changes his own target"):
            mine.with_user(leader).action_accept_proposal()
        self._set(self.node_sales, 2, 50, user=leader)
        self._set(mine, 2, 7, user=self.user_sm_region)
        self.assertExact(self.plan)

    def test_changes_are_evidence(self):
        change = self.env['sales.quota.change'].search([], limit=1)
        for call in (
            lambda: change.write({'reason': "X"}), lambda: change.unlink(),
            lambda: change.create({'cell_id': change.cell_id.id, 'delta': 1}),
        ):
            with self.assertRaises(UserError):
                call()

    def test_why_shows_only_what_may_be_seen(self):
        cell = self.node_sales.cell_ids.filtered(lambda c: c.month == self._month(1) and c.metric_id == self.metric)
        self._set(self.node_sales, 1, 33, reason="More shops", user=self.user_sm_leader)
        self._set(self.root, 1, 500, reason="Board")
        domain = cell.with_user(self.user_sm_sales).action_why()['domain']
        own = self.env['sales.quota.change'].with_user(self.user_sm_sales).search(domain)
        self.assertEqual(own.node_id, self.node_sales.with_user(self.user_sm_sales))
        self.assertEqual(own[0].reason, "More shops")
        every = self.env['sales.quota.change'].search(domain)
        self.assertEqual(every[0].reason, "Board")
        self.assertEqual(every.node_id, self.root | self.node_region | self.node_team | self.node_sales)
        with self.assertRaises(AccessError):
            cell.with_user(self.user_sm_sales2).action_why()

    def test_leader_reads_documents_of_the_subtree(self):
        partner = self._create_partner()
        Lead = self.env['crm.lead']
        mine, other = (
            Lead.create({'name': "Lead", 'type': 'opportunity', 'team_id': team.id, 'user_id': user.id})
            for team, user in ((self.team, self.user_sm_sales), (self.other_team, self.other_team.member_ids)))
        moves = [
            self.env['account.move'].create({
                'move_type': 'out_invoice', 'partner_id': partner.id, 'team_id': lead.team_id.id,
                'invoice_user_id': lead.user_id.id,
                'invoice_line_ids': [Command.create({'name': "Goods", 'quantity': 1, 'price_unit': 10, 'tax_ids': []})]})
            for lead in (mine, other)]
        for user in (self.user_sm_leader, self.user_sm_region):
            self.assertEqual(Lead.with_user(user).search([('id', 'in', (mine | other).ids)]).ids, mine.ids)
            self.assertEqual(
                self.env['account.move'].with_user(user).search([('id', 'in', [move.id for move in moves])]).ids, moves[0].ids)
            moves[0].invoice_line_ids.with_user(user).read(['price_subtotal'])
            with self.assertRaises(AccessError):
                moves[1].invoice_line_ids.with_user(user).read(['price_subtotal'])
            for record in (mine, moves[0]):
                with self.assertRaises(AccessError):
                    record.with_user(user).write({'team_id': self.team_region.id})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()
