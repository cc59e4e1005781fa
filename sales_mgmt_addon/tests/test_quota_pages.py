"""What people see of their own and their teams' targets, and what they do not see."""

import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .quota_pages_common import QuotaPagesCommon

DAY = '2031-03-14'


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaPages(QuotaPagesCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._book(cls.invoiced, (3, 3), 80.0)
        cls._book(cls.invoiced, (3, 5), 40.0)
        cls._book(cls.invoiced, (1, 20), 60.0)
        cls._book(cls.invoiced, (3, 4), 500.0, user=cls.user_sm_sales2)

    def _my(self, user, **arguments):
        return self.env['sales.quota.plan'].with_user(user).get_my_page(**{'on_date': DAY, **arguments})

    def _team(self, user, **arguments):
        return self.plan.with_user(user).get_team_page(**{'on_date': DAY, **arguments})

    # === MY TARGETS === #

    def test_own_figures(self):
        page = self._my(self.user_sm_sales)
        self.assertEqual((page['date_from'], page['date_to']), ('2031-03-01', '2031-03-31'))
        self.assertEqual([node['id'] for node in page['nodes']], [self.node_sales.id])
        node = page['nodes'][0]
        self.assertTrue(node['can_acknowledge'])
        self.assertEqual(node['leaders'], ["Sm Leader", "Sm Region"])
        [row] = node['rows']
        self.assertEqual((row['target'], row['actual'], row['gap'], row['entries']), (200.0, 120.0, 80.0, 2))
        self.assertAlmostEqual(row['attainment'], 60.0)
        self.assertAlmostEqual(node['overall'], 60.0)
        self.assertEqual([forecast['method'] for forecast in row['forecasts']], ['run_rate', 'seasonal', 'pipeline'])
        self.assertEqual(row['months'][2], {
            'month': '2031-03-01', 'target': 200.0, 'proposed': False, 'value': 120.0, 'quantity': 0.0})

    def test_quarter_and_year(self):
        row = self._my(self.user_sm_sales, period='quarter')['nodes'][0]['rows'][0]
        self.assertEqual((row['target'], row['actual'], row['entries']), (600.0, 180.0, 3))
        row = self._my(self.user_sm_sales, period='year')['nodes'][0]['rows'][0]
        self.assertEqual((row['target'], row['actual']), (2400.0, 180.0))

    def test_neighbouring_periods(self):
        page = self._my(self.user_sm_sales)
        self.assertEqual((page['before'], page['after']), ('2031-02-28', '2031-04-01'))

    def test_nobody_sees_a_colleague(self):
        for user, own, value in (
            (self.user_sm_sales, self.node_sales, 120.0), (self.user_sm_sales2, self.node_sales2, 500.0)):
            for arguments in ({}, {'period': 'quarter'}, {'period': 'year'}):
                page = self._my(user, **arguments)
                self.assertEqual([node['id'] for node in page['nodes']], [own.id])
            self.assertEqual(self._my(user)['nodes'][0]['rows'][0]['actual'], value)
        page = self.plan.with_user(self.user_sm_sales).with_context(
            uid=self.user_sm_sales2.id, active_test=False, default_user_id=self.user_sm_sales2.id,
        ).get_my_page(on_date=DAY)
        self.assertEqual([node['id'] for node in page['nodes']], [self.node_sales.id])

    def test_without_a_target(self):
        page = self._my(self.user_sm_leader)
        self.assertEqual(page['nodes'], [])
        page = self._my(self.user_sm_sales, on_date='2029-05-05', period='quarter')
        self.assertEqual(page['nodes'], [])
        self.assertEqual((page['date_from'], page['date_to']), ('2029-04-01', '2029-06-30'))
        self.assertEqual(page['leaders'], ["Sm Leader"], "he knows whom to ask")

    def test_draft_is_nobodys_target(self):
        self.plan.sudo()._set({'state': 'draft'})
        self.assertEqual(self._my(self.user_sm_sales)['nodes'], [])

    def test_acknowledged(self):
        self.node_sales.with_user(self.user_sm_sales).action_acknowledge()
        node = self._my(self.user_sm_sales)['nodes'][0]
        self.assertFalse(node['can_acknowledge'])
        self.assertTrue(node['acknowledged_on'])

    def test_who_has_no_page(self):
        for user in (self.user_sm_portal, self.user_sm_billing, self.env.ref('base.public_user')):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._my(user)
                with self.assertRaises(AccessError):
                    self._team(user)
                with self.assertRaises(AccessError):
                    self.node_sales.with_user(user).action_open_entries()

    def test_bad_period(self):
        for page in (self._my, self._team):
            with self.assertRaisesSaying(UserError, "month, a quarter or a year"):
                page(self.user_sm_sales, period='decade')
            with self.assertRaisesSaying(UserError, "not a date"):
                page(self.user_sm_sales, on_date='soon')
        with self.assertRaisesSaying(UserError, "month, a quarter or a year"):
            self._my(self.user_sm_leader, period='decade')

    # === DRILL-DOWN === #

    def _entries(self, node, user, **arguments):
        action = node.with_user(user).action_open_entries(**arguments)
        return self.env[action['res_model']].with_user(user).search(action['domain'])

    def test_entries_behind_a_figure(self):
        march = {'metric_id': self.invoiced.id, 'date_from': '2031-03-01', 'date_to': '2031-03-31'}
        self.assertEqual(sum(self._entries(self.node_sales, self.user_sm_sales, **march).mapped('value')), 120.0)
        self.assertEqual(sum(self._entries(self.node_team, self.user_sm_leader, **march).mapped('value')), 620.0)
        self.assertEqual(sum(self._entries(self.node_company, self.user_sm_director, **march).mapped('value')), 620.0)
        self.assertEqual(sum(self._entries(self.node_sales, self.user_sm_sales).mapped('value')), 180.0)

    def test_overlay_counts_for_the_person_only(self):
        self._book(self.invoiced, (3, 6), 7.0, is_overlay=True)
        march = {'date_from': '2031-03-01', 'date_to': '2031-03-31'}
        self.assertEqual(sum(self._entries(self.node_sales, self.user_sm_sales, **march).mapped('value')), 127.0)
        self.assertEqual(sum(self._entries(self.node_team, self.user_sm_leader, **march).mapped('value')), 620.0)

    def test_entries_of_a_colleague(self):
        with self.assertRaises(AccessError):
            self._entries(self.node_sales2, self.user_sm_sales)
        with self.assertRaises(AccessError):
            self._entries(self.node_region, self.user_sm_leader)
        with self.assertRaisesSaying(UserError, "not a date"):
            self._entries(self.node_sales, self.user_sm_sales, date_from='soon')

    # === ACTIONS AND SIGNALS === #

    def test_own_actions(self):
        action = self.env['sales.quota.action'].with_user(self.user_sm_leader).create({
            'name': "Call the ten largest customers", 'node_id': self.node_sales.id, 'metric_id': self.invoiced.id,
            'period': 'quarter', 'date_from': DAY, 'owner_id': self.user_sm_sales.id, 'date_due': '2031-03-28',
        })
        [shown] = self._my(self.user_sm_sales)['actions']
        self.assertEqual(
            (shown['id'], shown['metric'], shown['due'], shown['to_sign']), (action.id, "Invoiced", '2031-03-28', True))
        self.assertFalse(self._my(self.user_sm_sales2)['actions'])
        rows = {row['id']: row['actions'] for row in self._team(self.user_sm_leader)['nodes']}
        self.assertEqual(rows, {self.node_team.id: 0, self.node_sales.id: 1, self.node_sales2.id: 0})

    def test_own_signals(self):
        self.env['sales.signal']._report([{
            'code': 'quota_behind:invoiced', 'name': "Behind", 'res_model': 'sales.quota.node',
            'res_id': self.node_sales.id, 'user_id': self.user_sm_sales.id, 'team_id': self.team.id,
            'company_id': self.company.id, 'severity': 'critical',
        }])
        [shown] = self._my(self.user_sm_sales)['signals']
        self.assertEqual((shown['name'], shown['severity'], shown['severity_label']), ("Behind", 'critical', "Critical"))
        self.assertFalse(self._my(self.user_sm_sales2)['signals'])

    # === TEAM TARGETS === #

    def test_leader_sees_his_tree(self):
        page = self._team(self.user_sm_leader)
        rows = {row['id']: row for row in page['nodes']}
        self.assertEqual(set(rows), {self.node_team.id, self.node_sales.id, self.node_sales2.id})
        team = rows[self.node_team.id]
        self.assertEqual((team['depth'], team['target'], team['actual'], team['gap']), (0, 500.0, 620.0, -120.0))
        self.assertEqual(rows[self.node_sales.id]['status'], 'ahead', "half of the month, 60 % of the target")
        self.assertTrue(rows[self.node_sales.id]['is_missing_acknowledgement'])
        self.assertFalse(team['is_missing_acknowledgement'])

    def test_region_and_director(self):
        shown = {row['id'] for row in self._team(self.user_sm_region)['nodes']}
        self.assertEqual(shown, set((self.nodes - self.node_company).ids))
        shown = {row['id'] for row in self._team(self.user_sm_director)['nodes']}
        self.assertEqual(shown, set(self.nodes.ids))

    def test_salesperson_sees_himself_only(self):
        self.assertEqual([row['id'] for row in self._team(self.user_sm_sales)['nodes']], [self.node_sales.id])

    def test_plan_of_the_day_by_itself(self):
        page = self.env['sales.quota.plan'].with_user(self.user_sm_leader).get_team_page(on_date=DAY)
        self.assertEqual(page['plan']['id'], self.plan.id)
        page = self.env['sales.quota.plan'].with_user(self.user_sm_leader).get_team_page(on_date='2029-01-01')
        self.assertFalse(page['plan'])

    def test_metric_of_another_plan(self):
        with self.assertRaisesSaying(UserError, "does not have this metric"):
            self._team(self.user_sm_leader, metric_id=self.orders.id)

    def test_plan_of_another_company(self):
        other = self._create_company()
        plan = self._create_plan(2031, company_id=other.id)
        for call in (lambda: plan.with_user(self.user_sm_director).get_team_page(), lambda: plan.with_user(
                self.user_sm_director).get_grid()):
            with self.assertRaises(AccessError):
                call()

    # === SPEED === #

    def test_queries_of_my_page(self):
        def open_page():
            self._my(self.user_sm_sales)

        few = self._count_queries(open_page)
        self._add_persons(20)
        for day in range(1, 25):
            self._book(self.invoiced, (3, day), 1.0)
        self.assertEqual(self._count_queries(open_page), few)

    def test_queries_with_more_metrics(self):
        def open_page():
            self._my(self.user_sm_sales)

        self.plan.sudo()._set({'state': 'draft'})
        self.plan.metric_line_ids = [Command.create({'metric_id': self.orders.id, 'weight': 0.0})]
        self._assign(dict.fromkeys(self.nodes, 5.0), self.orders)
        self._publish()
        few = self._count_queries(open_page)
        self.plan.sudo()._set({'state': 'draft'})
        self.plan.metric_line_ids = [
            Command.create({'metric_id': self.metrics[code].id, 'weight': 0.0}) for code in ('ordered', 'margin', 'win_rate')]
        for code in ('ordered', 'margin', 'win_rate'):
            self._assign(dict.fromkeys(self.nodes, 5.0), self.metrics[code])
        self._publish()
        self.assertEqual(len(self._my(self.user_sm_sales)['nodes'][0]['rows']), 5)
        self.assertLessEqual(self._count_queries(open_page), few)

    def test_months_of_the_team_page(self):
        months = {node['id']: node['months'] for node in self._team(self.user_sm_leader)['nodes']}
        march = {node_id: rows[2] for node_id, rows in months.items()}
        self.assertEqual(march[self.node_sales.id]['value'], 120.0)
        self.assertEqual(march[self.node_sales.id]['target'], 200.0)
        self.assertEqual(march[self.node_team.id]['value'], 620.0)
        self.assertEqual(months[self.node_sales.id][0]['value'], 60.0)
        self.assertNotIn(self.node_region.id, months)

    def test_queries_of_team_page(self):
        def open_page():
            self._team(self.user_sm_director)

        few = self._count_queries(open_page)
        self._add_persons(25)
        self.assertEqual(self._count_queries(open_page), few)

    # === FILTERED NODES === #

    def test_entries_of_a_node_with_filters(self):
        customer = self._create_partner("Grade A")
        self.plan.sudo()._set({'state': 'draft'})
        node = self._create_node(
            'person', self.node_team, team_id=self.team.id, user_id=self.user_sm_sales.id, channel="Web",
            segment_domain=f"[('id', '=', {customer.id})]", product_category_id=self.env.ref('product.product_category_goods').id)
        good = {'channel': "Web", 'partner_id': customer.id, 'product_category_id': node.product_category_id.id}
        self._book(self.invoiced, (3, 10), 11.0, **good)
        for name, value in (('channel', "Shop"), ('partner_id', self._create_partner().id), ('product_category_id', None)):
            self._book(self.invoiced, (3, 10), 100.0, **{**good, name: value})
        self.assertEqual(sum(self._entries(node, self.user_sm_sales).mapped('value')), 11.0)
        action = node.with_user(self.user_sm_sales).action_open_entries()
        self.assertTrue(json.dumps(action['domain']), "a client can read it")
        month = self.plan._get_actuals(node)[node.id, self.invoiced.id, fields.Date.to_date('2031-03-01')]
        self.assertEqual(month[0], 11.0, "the same entries as in the figure")
