from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .quota_follow_common import YEAR, QuotaFollowCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaFollowProgress(QuotaFollowCommon):
    """January 2031 has 23 working days (it begins on a Wednesday), February 20, March 21."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.metric_line_ids = [
            (0, 0, {'metric_id': metric.id, 'weight': 0.0}) for metric in (cls.ordered, cls.orders, cls.win_rate)]
        cls.stage_new, cls.stage_offer = cls.env['crm.stage'].create([
            {'name': "Quota New", 'sequence': 1}, {'name': "Quota Offer", 'sequence': 2}])
        cls.company.resource_calendar_id = cls.env['resource.calendar'].create({'name': "40 hours", 'tz': 'UTC'})

    # === PACE === #

    def test_month(self):
        self._set_targets(self.node_sales, self.invoiced, {1: 2300.0, 2: 1000.0})
        self._book(self.invoiced, (1, 2), 400.0)
        self._book(self.invoiced, (1, 10), 100.0)
        self._book(self.invoiced, (1, 13), 5000.0)  # later than the day asked for
        row = self._progress(self.node_sales, on_date=(1, 10))
        # working days until the 10th: 1, 2, 3, 6, 7, 8, 9, 10
        self.assertEqual((row['days_passed'], row['days_total']), (8, 23))
        self.assertEqual(row['target'], 2300.0)
        self.assertEqual(row['actual'], 500.0)
        self.assertAlmostEqual(row['attainment'], 100 * 500 / 2300)
        self.assertAlmostEqual(row['expected'], 800.0)
        self.assertAlmostEqual(row['pace_percent'], 62.5)
        self.assertEqual(row['status'], 'behind')
        self.assertEqual(row['gap'], 1800.0)
        self.assertAlmostEqual(row['forecast_run_rate'], 500 / 8 * 23)
        self.assertAlmostEqual(row['forecast_seasonal'], 500 / 8 * 23)
        self.assertEqual((row['date_from'], row['date_to']), (date(YEAR, 1, 1), date(YEAR, 1, 31)))

    def test_quarter_adds_full_months_and_the_share_of_the_current_one(self):
        self._set_targets(self.node_sales, self.invoiced, {1: 100.0, 2: 200.0, 3: 300.0, 4: 9999.0})
        self._book(self.invoiced, (1, 2), 150.0)
        row = self._progress(self.node_sales, period='quarter', on_date=(2, 14))
        # February until Friday the 14th: 10 of 20 working days
        self.assertEqual((row['days_passed'], row['days_total']), (33, 64))
        self.assertEqual(row['target'], 600.0)
        self.assertAlmostEqual(row['expected'], 100 + 200 * 10 / 20)
        self.assertAlmostEqual(row['pace_percent'], 75.0)
        self.assertAlmostEqual(row['forecast_run_rate'], 150 / 33 * 64)
        # no history: the season of the targets; 200 of 600 should be done
        self.assertAlmostEqual(row['forecast_seasonal'], 150 / 200 * 600)

    def test_quarters_are_those_of_the_fiscal_year(self):
        plan = self._create_plan(date_from=date(YEAR, 4, 1))
        self.assertEqual(plan._get_period('quarter', date(YEAR, 7, 31))[:2], (date(YEAR, 7, 1), date(YEAR, 9, 30)))
        self.assertEqual(
            plan._get_period('year', date(YEAR + 1, 2, 1))[:2], (date(YEAR, 4, 1), date(YEAR + 1, 3, 31)))
        with self.assertRaisesSaying(UserError, "month, a quarter or a year"):
            self.plan._get_period('decade')

    def test_before_and_after_the_year(self):
        self._set_targets(self.node_sales, self.invoiced, 100.0)
        self._book(self.invoiced, (12, 31), 1320.0)
        before = self.plan._get_progress(self.node_sales, 'year', date(YEAR - 1, 6, 1))[self.node_sales.id, self.invoiced.id]
        self.assertEqual((before['expected'], before['actual'], before['status']), (0.0, 0, 'on_track'))
        self.assertIsNone(before['pace_percent'])
        self.assertIsNone(before['forecast_run_rate'])
        after = self.plan._get_progress(self.node_sales, 'year', date(YEAR + 1, 6, 1))[self.node_sales.id, self.invoiced.id]
        self.assertAlmostEqual(after['expected'], 1200.0)
        self.assertAlmostEqual(after['forecast_run_rate'], 1320.0)
        self.assertAlmostEqual(after['forecast_seasonal'], 1320.0)
        self.assertAlmostEqual(after['pace_percent'], 110.0)
        self.assertEqual(after['status'], 'on_track')

    def test_status_within_tolerance(self):
        self._set_targets(self.node_sales, self.invoiced, {1: 1000.0})
        self._book(self.invoiced, (1, 2), 900.0)
        for booked, status in ((0.0, 'on_track'), (-0.5, 'behind'), (200.5, 'on_track'), (0.5, 'ahead')):
            if booked:
                self._book(self.invoiced, (1, 3), booked)
            self.assertEqual(self._progress(self.node_sales, on_date=(1, 31))['status'], status, booked)

    def test_public_holidays_are_no_working_days(self):
        self.env['resource.calendar.leaves'].create({
            'name': "New Year", 'calendar_id': self.company.resource_calendar_id.id,
            'date_from': datetime(YEAR, 1, 1), 'date_to': datetime(YEAR, 1, 3, 23, 59)})
        elsewhere = self._create_company()
        leave = self.env['resource.calendar.leaves'].with_company(elsewhere).create({
            'name': "Elsewhere", 'date_from': datetime(YEAR, 1, 6), 'date_to': datetime(YEAR, 1, 10, 23, 59)})
        self.assertEqual(leave.company_id, elsewhere)
        self._set_targets(self.node_sales, self.invoiced, {1: 2000.0})
        row = self._progress(self.node_sales, on_date=(1, 10))
        self.assertEqual((row['days_passed'], row['days_total']), (5, 20))
        self.assertAlmostEqual(row['expected'], 500.0)

    def test_month_without_working_days_and_company_without_working_hours(self):
        self.env['resource.calendar.leaves'].create({
            'name': "Closed", 'calendar_id': self.company.resource_calendar_id.id,
            'date_from': datetime(YEAR, 2, 1), 'date_to': datetime(YEAR, 3, 1)})
        self.assertEqual(self.plan._get_period('month', date(YEAR, 2, 7)).days, {date(YEAR, 2, 1): (7, 28)})
        self.company.resource_calendar_id = False
        self.assertEqual(self.plan._get_period('month', date(YEAR, 2, 7)).days, {date(YEAR, 2, 1): (5, 20)})

    def test_without_target(self):
        self._book(self.invoiced, (1, 2), 500.0)
        row = self._progress(self.node_sales, on_date=(1, 10))
        self.assertEqual((row['target'], row['actual'], row['status']), (0, 500.0, 'none'))
        self.assertIsNone(row['attainment'])
        self.assertIsNone(row['pace_percent'])
        self.assertEqual(row['deals_needed'], 0)

    def test_ratio(self):
        self._set_targets(self.node_sales, self.win_rate, {1: 30.0, 2: 40.0, 3: 50.0})
        self._book(self.win_rate, (1, 2), 1.0, quantity=4.0)
        self._book(self.win_rate, (2, 3), 1.0, quantity=1.0)
        row = self._progress(self.node_sales, self.win_rate, 'quarter', (2, 14))
        self.assertEqual((row['target'], row['expected'], row['actual']), (40.0, 40.0, 40.0))
        self.assertEqual((row['attainment'], row['status']), (100.0, 'on_track'))
        self.assertEqual((row['forecast_run_rate'], row['forecast_pipeline'], row['deals_needed']), (40.0, None, None))
        row = self._progress(self.node_sales2, self.win_rate, 'quarter', (2, 14))
        self.assertEqual((row['actual'], row['status'], row['forecast_run_rate']), (None, 'none', None))

    def test_less_is_better(self):
        self.invoiced.higher_is_better = False
        self._set_targets(self.node_sales, self.invoiced, {1: 100.0})
        self._book(self.invoiced, (1, 2), 50.0)
        row = self._progress(self.node_sales, on_date=(1, 31))
        self.assertEqual((row['pace_percent'], row['status'], row['deals_needed']), (200.0, 'ahead', None))

    # === FORECASTS === #

    def test_seasonal_forecast_by_own_history(self):
        self._set_targets(self.node_sales, self.invoiced, {1: 100.0, 2: 100.0, 3: 100.0})
        for year, values in ((YEAR - 1, (10.0, 20.0, 70.0)), (YEAR - 2, (10.0, 0.0, 90.0))):
            for month, value in enumerate(values, 1):
                self._book(self.invoiced, date(year, month, 15), value)
        self._book(self.invoiced, (1, 2), 30.0)
        row = self._progress(self.node_sales, period='quarter', on_date=(2, 14))
        # weights 20 : 20 : 160; done by now 20 + 10 of 200
        self.assertAlmostEqual(row['forecast_seasonal'], 30 / 30 * 200)

    def test_year_that_was_begun_in_the_middle_is_no_season(self):
        self._set_targets(self.node_sales, self.invoiced, {1: 100.0, 2: 100.0, 3: 200.0})
        self._book(self.invoiced, date(YEAR - 1, 2, 15), 1000.0)
        self._book(self.invoiced, (1, 2), 30.0)
        row = self._progress(self.node_sales, period='quarter', on_date=(1, 31))
        self.assertAlmostEqual(row['forecast_seasonal'], 30 / 100 * 400)

    def test_pipeline_forecast_by_own_conversion(self):
        """Five decided from the first stage, three from the second: conversion 2/5 and 2/3, the latter too few."""
        for _number in range(2):
            self._create_lead(status='won', stage=self.stage_offer, decided=datetime(YEAR - 1, 6, 1))
        for _number in range(2):
            self._create_lead(status='lost', stage=self.stage_new, decided=datetime(YEAR - 1, 6, 1))
        self._create_lead(status='lost', stage=self.stage_offer, decided=datetime(YEAR - 1, 6, 1))
        self._create_lead(status='lost', stage=self.stage_new, decided=datetime(YEAR - 3, 6, 1))
        self._create_lead(1000.0, stage=self.stage_new, deadline=date(YEAR, 1, 20), probability=90)
        self._create_lead(100.0, stage=self.stage_offer, deadline=date(YEAR, 1, 31), probability=50)
        self._create_lead(7777.0, stage=self.stage_new, deadline=date(YEAR, 2, 1))
        self._create_lead(7777.0, stage=self.stage_new, deadline=date(YEAR, 1, 9))
        self._create_lead(7777.0, stage=self.stage_new, deadline=date(YEAR, 1, 20), user=self.user_sm_sales2)
        self._set_targets(self.node_sales, self.invoiced, {1: 2300.0})
        self._book(self.invoiced, (1, 2), 400.0)
        row = self._progress(self.node_sales, on_date=(1, 10))
        self.assertAlmostEqual(row['forecast_pipeline'], 400 + 1000 * 2 / 5 + 100 * 0.5)
        orders = self._progress(self.node_sales, self.orders, on_date=(1, 10))
        self.assertAlmostEqual(orders['forecast_pipeline'], 0 + 2 / 5 + 0.5)

    def test_no_pipeline_is_no_forecast(self):
        self.assertIsNone(self._progress(self.node_sales, on_date=(1, 10))['forecast_pipeline'])

    # === WHAT CLOSES THE GAP === #

    def test_deals_and_pipeline_needed(self):
        self._set_targets(self.node_sales, self.ordered, {1: 2300.0})
        self._set_targets(self.node_sales, self.orders, {1: 10.0})
        # average deal 1,200 / 4 = 300; the entry of thirteen months ago does not count any more
        self._book(self.ordered, date(YEAR - 1, 2, 1), 1000.0)
        self._book(self.ordered, (1, 5), 200.0)
        self._book(self.orders, date(YEAR - 1, 2, 1), 3.0)
        self._book(self.orders, (1, 5), 1.0)
        self._book(self.ordered, date(YEAR - 1, 1, 31), 1e6)
        self._book(self.win_rate, date(YEAR - 1, 2, 1), 1.0, quantity=4.0)
        row = self._progress(self.node_sales, self.ordered, on_date=(1, 10))
        self.assertEqual((row['average_deal'], row['win_rate'], row['gap']), (300.0, 0.25, 2100.0))
        self.assertEqual((row['deals_needed'], row['opportunities_needed']), (7, 28))
        self.assertAlmostEqual(row['pipeline_needed'], 2100 / 0.25)
        row = self._progress(self.node_sales, self.orders, on_date=(1, 10))
        self.assertEqual((row['deals_needed'], row['opportunities_needed']), (9, 36))
        self.assertAlmostEqual(row['pipeline_needed'], 9 * 300 / 0.25)

    def test_nothing_is_needed_once_reached_and_unknown_without_deals(self):
        self._set_targets(self.node_sales, self.ordered, {1: 100.0})
        self._set_targets(self.node_sales2, self.ordered, {1: 100.0})
        self._book(self.ordered, (1, 5), 100.0)
        row = self._progress(self.node_sales, self.ordered, on_date=(1, 10))
        self.assertEqual((row['deals_needed'], row['pipeline_needed']), (0, 0.0))
        row = self._progress(self.node_sales2, self.ordered, on_date=(1, 10))
        self.assertEqual((row['average_deal'], row['win_rate'], row['deals_needed'], row['pipeline_needed']), (None,) * 4)

    def test_margin_is_measured_by_its_own_deals(self):
        self.plan.metric_line_ids = [(0, 0, {'metric_id': self.metrics['margin'].id, 'weight': 0.0})]
        self._set_targets(self.node_sales, self.metrics['margin'], {1: 100.0})
        self._book(self.ordered, (1, 5), 500.0)
        self._book(self.orders, (1, 5), 2.0)
        self._book(self.metrics['margin'], (1, 5), 40.0)
        self._book(self.win_rate, (1, 5), 1.0, quantity=2.0)
        row = self._progress(self.node_sales, self.metrics['margin'], on_date=(1, 10))
        # 60 missing at 20 per deal; three deals of 250 each at a win rate of one half
        self.assertEqual((row['deals_needed'], row['opportunities_needed'], row['pipeline_needed']), (3, 6, 1500.0))

    # === OVERALL, COUNTS === #

    def test_overall_by_weights(self):
        self.plan.metric_line_ids.filtered(lambda line: line.metric_id == self.invoiced).weight = 75.0
        self.plan.metric_line_ids.filtered(lambda line: line.metric_id == self.orders).weight = 25.0
        self._set_targets(self.node_sales, self.invoiced, {1: 100.0})
        self._set_targets(self.node_sales, self.orders, {1: 10.0})
        self._book(self.invoiced, (1, 2), 80.0)
        self._book(self.orders, (1, 2), 12.0)
        nodes = self.node_sales | self.node_sales2
        rows = self.plan._get_progress(nodes, 'month', date(YEAR, 1, 31))
        self.assertEqual(self.plan._get_overall(nodes, rows), {self.node_sales.id: 90.0, self.node_sales2.id: None})

    def test_node_shows_the_year(self):
        self._set_targets(self.node_sales, self.invoiced, 100.0)
        self._book(self.invoiced, (1, 2), 300.0)
        for day, status in ((date(YEAR - 1, 1, 1), 'on_track'), (date(YEAR, 3, 31), 'on_track'), (date(YEAR, 6, 30), 'behind')):
            self.patch(type(self.plan), '_get_today', lambda plan, day=day: day)
            self.node_sales.invalidate_recordset()
            self.assertEqual(self.node_sales.year_status, status)
        self.assertEqual((self.node_sales.year_attainment, self.node_sales.year_pace), (25.0, 50.0))
        self.assertEqual((self.node_sales2.year_attainment, self.node_sales2.year_status), (0.0, 'none'))

    def test_number_of_queries_does_not_depend_on_the_number_of_nodes(self):
        users = [self._create_user(f'sm_many_{number}', 'sales_team.group_sale_salesman') for number in range(27)]
        many = self.env['sales.quota.node'].create([
            {'plan_id': self.plan.id, 'name': user.name, 'type': 'person', 'parent_id': self.node_team.id,
             'team_id': self.team.id, 'user_id': user.id} for user in users]) | self.node_sales | self.node_sales2 | self.node_team
        few = many[-3:]
        self._set_targets(self.node_sales, self.invoiced, 100.0)
        self._create_lead(1000.0, stage=self.stage_new, deadline=date(YEAR, 1, 20), probability=90)
        counts = []
        for nodes in (few, few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan._get_progress(nodes, 'year', date(YEAR, 1, 10))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[1], 20)
