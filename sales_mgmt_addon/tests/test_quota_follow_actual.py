from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .quota_follow_common import YEAR, QuotaFollowCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaFollowActual(QuotaFollowCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_other = cls._create_team("Team Beijing")

    def _actuals(self, *args, **kwargs):
        """Return ``{(node id, month number): value}`` of the metric invoiced."""
        actuals = self.plan._get_actuals(*args, **kwargs)
        return {
            (node_id, month.month): value for (node_id, metric_id, month), (value, _quantity) in actuals.items()
            if metric_id == self.invoiced.id}

    def test_rolled_up_to_every_level(self):
        self._book(self.invoiced, (1, 5), 100.0)
        self._book(self.invoiced, (1, 31), 20.5)
        self._book(self.invoiced, (2, 1), 7.0, user=self.user_sm_sales2)
        self._book(self.invoiced, (2, 1), 1000.0, user=self.user_sm_region, team=self.team_other)
        self.assertEqual(self._actuals(), {
            (self.node_sales.id, 1): 120.5,
            (self.node_sales2.id, 2): 7.0,
            (self.node_team.id, 1): 120.5, (self.node_team.id, 2): 7.0,
            (self.node_region.id, 1): 120.5, (self.node_region.id, 2): 7.0,
            (self.node_company.id, 1): 120.5, (self.node_company.id, 2): 1007.0,
        })

    def test_overlay_counts_for_the_person_only(self):
        self._book(self.invoiced, (3, 1), 100.0)
        self._book(self.invoiced, (3, 1), 40.0, user=self.user_sm_sales2, is_overlay=True)
        actuals = self._actuals()
        self.assertEqual(actuals[self.node_sales2.id, 3], 40.0)
        self.assertEqual(actuals[self.node_team.id, 3], 100.0)
        self.assertEqual(actuals[self.node_company.id, 3], 100.0)

    def test_mirrors_are_deducted(self):
        self._book(self.invoiced, (4, 1), 100.0)
        self._book(self.invoiced, (4, 1), -100.0)
        self.assertEqual(self._actuals()[self.node_company.id, 4], 0.0)

    def test_nobody_counts_for_the_team_and_no_team_for_the_company(self):
        nobody = self.env['res.users']
        self._book(self.invoiced, (4, 1), 10.0, user=nobody)
        self._book(self.invoiced, (4, 1), 3.0, user=nobody, team=self.env['crm.team'])
        actuals = self._actuals()
        self.assertEqual(actuals[self.node_team.id, 4], 10.0)
        self.assertEqual(actuals[self.node_company.id, 4], 13.0)

    def test_the_team_at_booking_counts(self):
        self._book(self.invoiced, (1, 5), 100.0)
        self.team.parent_id = self.team_other
        self._book(self.invoiced, (2, 5), 50.0)
        actuals = self._actuals()
        self.assertEqual((actuals[self.node_team.id, 1], actuals[self.node_team.id, 2]), (100.0, 50.0))
        self.assertEqual(actuals[self.node_region.id, 1], 100.0)
        self.assertNotIn((self.node_region.id, 2), actuals)

    def test_person_with_two_teams_and_without(self):
        """Who moved has a node per team with what he did there; a node without team has everything."""
        node_other = self._create_node('team', self.node_company, team_id=self.team_other.id)
        moved = self._create_node('person', node_other, team_id=self.team_other.id, user_id=self.user_sm_sales.id)
        self._book(self.invoiced, (1, 5), 100.0)
        self._book(self.invoiced, (1, 6), 30.0, team=self.team_other)
        actuals = self._actuals()
        self.assertEqual(actuals[self.node_sales.id, 1], 100.0)
        self.assertEqual(actuals[moved.id, 1], 30.0)
        self.env.cr.execute("UPDATE sales_quota_node SET team_id = NULL WHERE id = %s", [moved.id])
        self.env.invalidate_all()
        self.assertEqual(self._actuals()[moved.id, 1], 130.0)

    def test_only_the_year_of_the_plan_unless_asked(self):
        self._book(self.invoiced, date(YEAR - 1, 12, 31), 5.0)
        self._book(self.invoiced, date(YEAR + 1, 1, 1), 5.0)
        self.assertEqual(self._actuals(), {})
        self.assertEqual(self._actuals(date_from=date(YEAR - 1, 1, 1))[self.node_sales.id, 12], 5.0)

    def test_other_companies_do_not_count_but_branches_do(self):
        other = self._create_company()
        branch = self._create_company("Branch", parent_id=self.company.id)
        self._book(self.invoiced, (1, 5), 5.0, company_id=other.id)
        self._book(self.invoiced, (1, 5), 8.0, company_id=branch.id)
        self.assertEqual(self._actuals()[self.node_company.id, 1], 8.0)

    def test_filters(self):
        parent = self.env['product.category'].create({'name': "Machines"})
        child = self.env['product.category'].create({'name': "Pumps", 'parent_id': parent.id})
        big = self._create_partner("Big", ref='BIG')
        small = self._create_partner("Small", ref='SMALL')
        nodes = [
            self._create_node('person', self.node_team, team_id=self.team.id, user_id=self.user_sm_sales.id, **values)
            for values in (
                {'product_category_id': parent.id}, {'segment_domain': "[('ref', '=', 'BIG')]"}, {'channel': 'web'},
                {'segment_domain': "[('ref', '=', 'BIG')]", 'product_category_id': parent.id})
        ]
        self._book(self.invoiced, (1, 5), 1.0, product_category_id=child.id, partner_id=big.id)
        self._book(self.invoiced, (1, 5), 10.0, partner_id=big.id, channel='web')
        self._book(self.invoiced, (1, 5), 100.0, product_category_id=parent.id, partner_id=small.id)
        actuals = self._actuals()
        self.assertEqual([actuals[node.id, 1] for node in nodes], [101.0, 11.0, 10.0, 1.0])
        self.assertEqual(actuals[self.node_sales.id, 1], 111.0)

    def test_bad_segment(self):
        for segment in ("nonsense(", "[('no_such_field', '=', 1)]", "{}", "[('ref', '=')]", "__import__('os')"):
            with self.subTest(segment=segment), self.assertRaisesSaying(UserError, "filter on customers"):
                self.node_sales.segment_domain = segment

    @mute_logger('odoo.sql_db')
    def test_segment_that_cannot_run(self):
        with self.assertRaisesSaying(UserError, "filter on customers"):
            self.node_sales.segment_domain = '[("id", "=", "abc")]'

    def test_ratio_has_numerator_and_denominator(self):
        self._book(self.win_rate, (1, 5), 1.0, quantity=1.0)
        self._book(self.win_rate, (1, 6), 0.0, quantity=1.0)
        self._book(self.win_rate, (1, 6), 0.0, quantity=1.0, user=self.user_sm_sales2)
        actuals = self.plan._get_actuals(metrics=self.win_rate)
        self.assertEqual(actuals[self.node_sales.id, self.win_rate.id, date(YEAR, 1, 1)], (1.0, 2.0))
        self.assertEqual(actuals[self.node_team.id, self.win_rate.id, date(YEAR, 1, 1)], (1.0, 3.0))

    def test_cells_show_actual_attainment_and_gap(self):
        cells = self._set_targets(self.node_sales, self.invoiced, {1: 200.0, 2: 0.0})
        cells |= self._set_targets(self.node_sales, self.win_rate, {1: 40.0})
        reserve_node = self.node_team.child_ids.filtered(lambda node: node.type == 'reserve')
        cells |= self._set_targets(reserve_node, self.invoiced, {1: 50.0})
        self._book(self.invoiced, (1, 5), 50.0)
        self._book(self.invoiced, (2, 5), 9.0)
        self._book(self.win_rate, (1, 5), 1.0, quantity=4.0)
        january, february, ratio, reserve = cells
        self.assertEqual((january.actual, january.attainment, january.gap), (50.0, 25.0, 150.0))
        self.assertEqual((february.actual, february.attainment, february.gap), (9.0, 0.0, -9.0))
        self.assertEqual((ratio.actual, ratio.attainment, ratio.gap), (25.0, 62.5, 15.0))
        self.assertEqual((reserve.actual, reserve.attainment, reserve.gap), (0.0, 0.0, 0.0))

    def test_one_statement_whatever_the_number_of_nodes(self):
        self._book(self.invoiced, (1, 5), 100.0)
        self.plan._get_actuals()
        few, many = self.node_sales, self.nodes
        for nodes in (few, many):
            self.env.invalidate_all()
            self.env.flush_all()
            nodes.sudo().mapped('plan_id.date_from')
            self.plan.metric_line_ids.metric_id.mapped('kind')
            with self.assertQueryCount(1):
                self.plan._get_actuals(nodes)
