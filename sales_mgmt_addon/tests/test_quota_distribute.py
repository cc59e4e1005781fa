from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .quota_common import QuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaDistribute(QuotaCommon):
    """Dividing a year over months and people, worked out by hand."""

    def _year(self, node, metric=None):
        return [self._amount(node, month, metric) for month in range(1, 13)]

    def test_equal_and_flat_to_the_cent(self):
        self.plan._distribute(self.node_team, self.metric, 1000, 'equal', profile='flat', reason="First plan")
        # 1000 / 12 = 83.33…: the first four months take the four cents
        self.assertEqual(self._year(self.node_team), [83.34] * 4 + [83.33] * 8)
        self.assertEqual(self._year(self.node_sales), [41.67] * 12)
        self.assertEqual(self._year(self.node_sales2), [41.67] * 4 + [41.66] * 8)
        self.assertEqual(self._amounts(self._reserve(self.node_team), self._reserve(self.node_region)), [0, -83.34])
        self.assertExact(self.plan)
        changes = self.env['sales.quota.change'].search([('plan_id', '=', self.plan.id)])
        self.assertEqual(set(changes.mapped('reason')), {"First plan"})
        self.assertEqual(len(set(changes.mapped('batch'))), 1)

    def test_whole_tree(self):
        self.plan._distribute(self.root, self.metric, 1200, 'equal', profile='flat')
        for node in (self.root, self.node_region, self.node_team):
            self.assertEqual(self._year(node), [100] * 12)
        self.assertEqual(self._year(self.node_sales), [50] * 12)
        self.assertExact(self.plan)

    def test_one_level_leaves_the_rest_to_reserves(self):
        self.plan._distribute(self.root, self.metric, 1200, 'equal', profile='flat', recursive=False)
        self.assertEqual(self._amounts(self.node_region, self._reserve(self.node_region), self.node_team), [100, 100, 0])
        self.assertExact(self.plan)

    def test_padding_and_holding_back(self):
        self.plan._distribute(self.node_team, self.metric, 1200, 'equal', profile='flat', padding=10)
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2, self._reserve(self.node_team)), [55, 55, -10])
        cell = self._reserve(self.node_team).cell_ids[0]
        self.assertTrue(cell.is_over_assigned)
        self.plan._distribute(self.node_team, self.metric, None, 'equal', padding=-25)
        self.assertEqual(self._amounts(self.node_sales, self._reserve(self.node_team)), [37.5, 25])
        self.assertExact(self.plan)

    def test_profile_by_hand(self):
        self.plan._distribute(self.node_team, self.metric, 780, 'equal', profile=list(range(1, 13)))
        self.assertEqual(self._year(self.node_team), [10 * month for month in range(1, 13)])
        # a new sum keeps the shape
        self.plan._distribute(self.node_team, self.metric, 390, 'equal')
        self.assertEqual(self._year(self.node_team), [5 * month for month in range(1, 13)])

    def test_profile_from_history(self):
        plan = self._create_plan("History", 2026)
        plan.action_build_tree()
        team = plan.node_ids.filtered(lambda node: node.type == 'team')
        # two full years: 2024 and 2025, and a half one that does not count
        for year, factor in ((2023, 50), (2024, 1), (2025, 3)):
            for month in range(1 if year > 2023 else 7, 13):
                self._book(self.metric, date(year, month, 5), factor * (2 if month == 12 else 1), self.user_sm_sales)
        plan._distribute(team, self.metric, 1300, 'equal', profile='history')
        self.assertEqual(
            [team._get_cells()[team.id, self.metric.id, date(2026, month, 1)] for month in range(1, 13)],
            [100] * 11 + [200])

    def test_history_shares(self):
        plan = self._create_plan("History", 2026)
        plan.action_build_tree()
        team = plan.node_ids.filtered(lambda node: node.type == 'team')
        one, two = (plan.node_ids.filtered(lambda node, u=user: node.user_id == u) for user in (
            self.user_sm_sales, self.user_sm_sales2))
        self._book(self.metric, date(2025, 3, 1), 300, self.user_sm_sales)
        self._book(self.metric, date(2025, 4, 1), 100, self.user_sm_sales2)
        # too old
        self._book(self.metric, date(2024, 12, 31), 900, self.user_sm_sales2)
        # of another metric
        self._book(self.metric_count, date(2025, 5, 1), 900, self.user_sm_sales2)
        # count for the person, not for the team: what he did in another one before, and overlays
        self._book(self.metric, date(2025, 5, 1), 900, self.user_sm_sales2, team=self._create_team("Elsewhere"))
        self._book(self.metric, date(2025, 5, 1), 200, self.user_sm_sales2, is_overlay=True)
        plan._distribute(team, self.metric, 1200, 'history', profile='flat')
        jan = date(2026, 1, 1)
        cells = plan.node_ids._get_cells(self.metric)
        self.assertEqual([cells[node.id, self.metric.id, jan] for node in (one, two)], [20, 80])
        history = plan._get_history(plan.node_ids, self.metric, date(2025, 1, 1), date(2026, 1, 1))
        self.assertEqual(sum(history[team.id].values()), 400)
        self.assertEqual(sum(history[two.id].values()), 1200)
        # who has no history counts as the average of the others; the first by name gets the cent left
        newcomer = self._create_user('sm_new', 'sales_team.group_sale_salesman')
        three = self.env['sales.quota.node'].create({
            'plan_id': plan.id, 'parent_id': team.id, 'type': 'person', 'team_id': self.team.id, 'user_id': newcomer.id})
        plan._distribute(team, self.metric, None, 'history')
        self.assertEqual(three._get_cells()[three.id, self.metric.id, jan], 33.34)

    def test_headcount_days(self):
        self.node_sales2.date_start = date(2031, 2, 15)
        self.node_sales.date_end = date(2031, 3, 31)
        self.plan._distribute(self.node_team, self.metric, 1200, 'headcount', profile='flat')
        # January: only the first; February: 28 and 14 days; March: both; then only the second
        self.assertEqual(self._year(self.node_sales)[:5], [100, 66.67, 50, 0, 0])
        self.assertEqual(self._year(self.node_sales2)[:5], [0, 33.33, 50, 100, 100])
        self.assertExact(self.plan)
        # nobody gets a target before he is there, whatever the method
        self.plan._distribute(self.node_team, self.metric, None, 'equal')
        self.assertEqual(self._year(self.node_sales2)[:3], [0, 50, 50])

    def test_nobody_there_leaves_it_in_reserve(self):
        (self.node_sales | self.node_sales2).date_start = date(2031, 2, 1)
        self.plan._distribute(self.node_team, self.metric, 1200, 'equal', profile='flat')
        self.assertEqual(self._amounts(self.node_sales, self._reserve(self.node_team)), [0, 100])
        self.assertExact(self.plan)

    def test_pipeline(self):
        leads = self.env['crm.lead'].create([
            {'name': name, 'type': 'opportunity', 'user_id': user.id, 'team_id': self.team.id,
             'expected_revenue': revenue, 'date_deadline': deadline}
            for name, user, revenue, deadline in (
                ("A", self.user_sm_sales, 1000, '2031-05-01'), ("B", self.user_sm_sales2, 6000, '2031-06-01'),
                ("C", self.user_sm_sales, 9000, '2032-06-01'))
        ])
        leads.write({'probability': 50})
        leads[1].write({'probability': 25})
        self.plan._distribute(self.node_team, self.metric, 1200, 'pipeline', profile='flat')
        # 500 : 1500
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2), [25, 75])

    def test_explicit_weights(self):
        weights = {self.node_sales.id: 1, self.node_sales2.id: 3}
        self.plan._distribute(self.node_team, self.metric, 1200, 'weights', profile='flat', weights=weights)
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2), [25, 75])
        # the levels below that are not named share as they did
        self.plan._distribute(self.root, self.metric, 2400, 'weights', profile='flat', weights={self.node_region.id: 1})
        self.assertEqual(self._amounts(self.node_region, self.node_team, self.node_sales), [200, 200, 50])
        self.assertExact(self.plan)

    def test_ratio_is_the_same_for_all(self):
        self.plan._distribute(self.root, self.metric_ratio, 35, 'equal')
        self.assertEqual(self._year(self.node_sales, self.metric_ratio), [35] * 12)
        self.assertEqual(self._year(self.node_team, self.metric_ratio), [35] * 12)
        self.assertEqual(self._amount(self._reserve(self.root), metric=self.metric_ratio), 0)

    def test_leader_divides_what_he_was_given(self):
        self.plan._distribute(self.root, self.metric, 1200, 'equal', profile='flat', recursive=False)
        self._set(self.node_team, 1, 100)
        plan = self.plan.with_user(self.user_sm_leader)
        node = self.node_team.with_user(self.user_sm_leader)
        plan._distribute(node, self.metric, None, 'equal')
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2), [50, 50])
        with self.assertRaises(AccessError):
            plan._distribute(node, self.metric, 5000, 'equal')
        with self.assertRaises(AccessError):
            plan._distribute(self.node_region, self.metric, None, 'equal')
        with self.assertRaises(AccessError):
            self.plan.with_user(self.user_sm_sales)._distribute(self.node_team, self.metric, None, 'equal')

    def test_bad_input(self):
        node, metric = self.node_team, self.metric
        for options in (
            {'amount': -1}, {'amount': float('nan')}, {'method': 'magic'}, {'profile': 'magic'}, {'profile': [1, 2]},
            {'profile': 12}, {'profile': [-1] * 12}, {'profile': [0] * 12}, {'padding': 1000}, {'padding': float('inf')},
            {'method': 'weights'}, {'method': 'weights', 'weights': {self.node_sales.id: -1}},
            {'method': 'weights', 'weights': {self.root.id: 1}},
        ):
            with self.assertRaises(ValidationError, msg=options):
                self.plan._distribute(node, metric, **{'amount': 100, **options})
        with self.assertRaises(ValidationError):
            self.plan._distribute(self._reserve(node), metric, 100)
        with self.assertRaises(ValidationError):
            self.plan._distribute(node, self.env.ref('sales_mgmt_addon.sales_metric_margin'), 100)
        with self.assertRaises(UserError):
            self.plan._distribute(node, metric, 1e13)

    def test_number_of_queries_does_not_depend_on_the_tree(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan._distribute(self.root, self.metric, 1200, 'history', profile='history')
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        count()
        small = count()
        users = [self._create_user(f'sm_more{number}', 'sales_team.group_sale_salesman') for number in range(10)]
        self.env['sales.quota.node'].create([{
            'plan_id': self.plan.id, 'parent_id': self.node_team.id, 'type': 'person', 'team_id': self.team.id,
            'user_id': user.id} for user in users])
        self.assertLessEqual(count(), small + 2)
