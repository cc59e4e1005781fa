from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .quota_follow_common import YEAR, QuotaFollowCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaFollowReport(QuotaFollowCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env['sales.quota.report']
        cls.user_sm_sales.group_ids += cls.env.ref('base.group_allow_export')
        for node, amount in (
            (cls.node_company, 300.0), (cls.node_team, 300.0), (cls.node_sales, 100.0), (cls.node_sales2, 200.0),
        ):
            cls._set_targets(node, cls.invoiced, amount)
        cls._book(cls.invoiced, (1, 5), 50.0)
        cls._book(cls.invoiced, (2, 5), 150.0)
        cls._book(cls.invoiced, (2, 6), 40.0, user=cls.user_sm_sales2, is_overlay=True)
        cls.env.cr.execute(
            "UPDATE sales_quota_plan SET state = 'published', valid_from = date_from, valid_to = date_to WHERE id = %s",
            [cls.plan.id])
        cls.env.invalidate_all()

    def _rows(self, user, domain=()):
        return self.Report.with_user(user).search([('plan_id', '=', self.plan.id), *domain])

    def test_rows_equal_the_cells(self):
        cells = self.env['sales.quota.cell'].search([('plan_id', '=', self.plan.id)])
        rows = self._rows(self.user_sm_director)
        found = {(row.node_id, row.month): (row.target, row.actual, row.attainment) for row in rows}
        for cell in cells:
            target, actual, attainment = found.pop((cell.node_id, cell.month))
            self.assertEqual((target, actual), (cell.amount, cell.actual))
            self.assertAlmostEqual(attainment, cell.attainment, delta=0.05)
        # what was reached without a target is there as well
        self.assertEqual(found, {
            (self.node_region, date(YEAR, 1, 1)): (0.0, 50.0, 0.0), (self.node_region, date(YEAR, 2, 1)): (0.0, 150.0, 0.0)})

    def test_cumulative(self):
        february = self._rows(self.user_sm_director, [('node_id', '=', self.node_sales.id), ('month', '=', date(YEAR, 2, 1))])
        self.assertRecordValues(february, [{
            'target': 100.0, 'actual': 150.0, 'gap': -50.0, 'cumulative_target': 200.0, 'cumulative_actual': 200.0,
            'attainment': 150.0, 'node_type': 'person', 'user_id': self.user_sm_sales.id}])

    def test_attainment_of_groups_is_that_of_their_sums(self):
        [(actual, attainment)] = self.Report._read_group(
            [('node_type', '=', 'person'), ('plan_id', '=', self.plan.id), ('month', '<=', date(YEAR, 2, 1))],
            [], ['actual:sum', 'attainment:avg'])
        self.assertEqual(actual, 240.0)
        self.assertAlmostEqual(attainment, 240 / 600 * 100)

    def test_top_level_is_what_one_sees(self):
        for user, node in (
            (self.user_sm_director, self.node_company), (self.user_sm_region, self.node_region),
            (self.user_sm_leader, self.node_team), (self.user_sm_sales, self.node_sales),
        ):
            self.assertEqual(self._rows(user, [('is_top', '=', True)]).node_id, node)

    def test_salesperson_reads_his_own_only(self):
        rows = self._rows(self.user_sm_sales)
        self.assertEqual(rows.node_id, self.node_sales)
        Report = self.Report.with_user(self.user_sm_sales)
        groups = Report.formatted_read_group([], ['node_id'], ['actual:sum', 'target:sum'])
        self.assertEqual([group['node_id'][0] for group in groups], self.node_sales.ids)
        foreign = self._rows(self.user_sm_director, [('node_id', '=', self.node_sales2.id)])
        # a request begins with an empty cache
        self.env.invalidate_all()
        # rows of others are not even there for him
        self.assertEqual(foreign.with_user(self.user_sm_sales).read(['actual']), [])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            foreign.with_user(self.user_sm_sales).check_access('read')
        self.env.invalidate_all()
        self.assertEqual(foreign.with_user(self.user_sm_sales).web_read({'actual': {}}), [])
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            foreign.with_user(self.user_sm_sales).export_data(['actual'])
        self.env.invalidate_all()
        self.assertEqual(foreign.with_user(self.user_sm_leader)[0].target, 200.0)
        with self.assertRaises(AccessError):
            self.Report.with_user(self.user_sm_portal).search_read([])

    def test_curve_has_both_lines_of_own_nodes_only(self):
        Curve = self.env['sales.quota.curve'].with_user(self.user_sm_sales)
        rows = Curve.search([('metric_id', '=', self.invoiced.id)])
        self.assertEqual(rows.node_id, self.node_sales)
        report = self.env['sales.quota.report'].with_user(self.user_sm_sales).search([('metric_id', '=', self.invoiced.id)])
        by_figure = rows.grouped('figure')
        self.assertEqual(sum(by_figure['target'].mapped('value')), sum(report.mapped('target')))
        past = report.filtered(lambda row: row.month <= self.env['sales.quota.curve']._fields['month'].today())
        self.assertEqual(sum(by_figure.get('actual', rows.browse()).mapped('value')), sum(past.mapped('actual')))
        self.assertFalse(Curve.search([('user_id', '=', self.user_sm_sales2.id)]))

    def test_salesperson_reads_nothing_of_a_colleague(self):
        """Signals, actions, forecasts and attainability of the colleague, whichever way one asks."""
        self.company.resource_calendar_id = self.env['resource.calendar'].create({'name': "40 hours", 'tz': 'UTC'})
        plan, node = self.plan, self.node_sales2
        plan._book_deviations(node, date(YEAR, 2, 28))
        self.env['sales.quota.forecast']._take(node, 'year', date(YEAR, 2, 28))
        self.env['sales.quota.attainability']._refresh(plan, node)
        self.env['sales.quota.action'].with_user(self.user_sm_leader).create({
            'name': "Secret", 'node_id': node.id, 'metric_id': self.invoiced.id, 'period': 'year',
            'date_from': date(YEAR, 1, 1), 'date_due': date(YEAR, 3, 1)})
        for name in ('sales.signal', 'sales.quota.forecast', 'sales.quota.attainability', 'sales.quota.action'):
            with self.subTest(model=name):
                records = self.env[name].search([('user_id', '=', self.user_sm_sales2.id)])
                self.assertTrue(records)
                own = self.env[name].with_user(self.user_sm_sales2)
                self.assertTrue(own.search([('id', 'in', records.ids)]))
                Model = self.env[name].with_user(self.user_sm_sales)
                self.assertFalse(Model.search([]))
                self.assertFalse(Model.search_read([('id', 'in', records.ids)], ['id']))
                self.assertFalse(Model.name_search(''))
                self.assertEqual(Model.formatted_read_group([], ['user_id'], ['__count']), [])
                self.assertEqual(Model.web_search_read([], {'id': {}})['length'], 0)
                for method in ('read', 'export_data', 'web_read'):
                    argument = {'company_id': {}} if method == 'web_read' else ['company_id']
                    self.env.invalidate_all()
                    with self.assertRaises(AccessError):
                        getattr(Model.browse(records.ids), method)(argument)
                for user in (self.user_sm_leader, self.user_sm_region, self.user_sm_director):
                    self.assertEqual(records.with_user(user).search([('id', 'in', records.ids)]), records)
                with self.assertRaises(AccessError):
                    self.env[name].with_user(self.user_sm_portal).search([])

    def test_other_company(self):
        other = self._create_company()
        self.user_sm_director.write({'company_ids': [(4, other.id)]})
        rows = self.Report.with_user(self.user_sm_director).with_context(allowed_company_ids=other.ids)
        self.assertFalse(rows.search([('plan_id', '=', self.plan.id)]))

    def _digest_value(self, user, start, end):
        self.env.invalidate_all()
        digest = self.env['digest.digest'].create({'name': "Weekly", 'kpi_sales_attainment': True}).sudo()
        return digest.with_context(start_datetime=start, end_datetime=end).with_user(user).kpi_sales_attainment_value

    def _patch_today(self, day):
        self.startPatcher(patch('odoo.fields.Date.context_today', lambda *args: day))

    def test_digest(self):
        """From the 1st to the 14th of February 2031 there are 10 of 20 working days: half of the month's target."""
        self.company.resource_calendar_id = self.env['resource.calendar'].create({'name': "40 hours", 'tz': 'UTC'})
        self._patch_today(date(YEAR, 2, 15))
        for user, value in (
            (self.user_sm_sales, 300.0), (self.user_sm_sales2, 40.0), (self.user_sm_leader, 100.0),
            (self.user_sm_director, 100.0),
        ):
            with self.subTest(user=user.login):
                self.assertAlmostEqual(self._digest_value(user, datetime(YEAR, 2, 1), datetime(YEAR, 2, 15)), value)
        for user in (self.user_sm_billing, self.user_sm_controller):
            with self.assertRaises(AccessError):
                self._digest_value(user, datetime(YEAR, 2, 1), datetime(YEAR, 2, 15))

    def test_digest_of_each_column(self):
        """On the 5th of February 150 came; of 100 a month, the share of each of its 20 working days is 5."""
        self.company.resource_calendar_id = self.env['resource.calendar'].create({'name': "40 hours", 'tz': 'UTC'})
        self._patch_today(date(YEAR, 2, 6))
        end = datetime(YEAR, 2, 6, 7)
        self.assertAlmostEqual(self._digest_value(self.user_sm_sales, datetime(YEAR, 2, 5, 7), end), 150 / 5 * 100)
        # January 30th and 31st are 2 of 23 working days, February 3rd to 5th 3 of 20
        self.assertAlmostEqual(
            self._digest_value(self.user_sm_sales, datetime(YEAR, 1, 30, 7), end),
            150 / (100 * 2 / 23 + 100 * 3 / 20) * 100, 1)
        # a weekend has no share of the target
        self.assertEqual(
            self._digest_value(self.user_sm_sales, datetime(YEAR, 2, 1, 7), datetime(YEAR, 2, 3, 7)), 0.0)

    def test_digest_in_the_first_month_of_a_plan(self):
        """The days before had no plan: they count 0, and the figure stays in the mail."""
        self._patch_today(date(YEAR, 1, 10))
        now, before = (datetime(YEAR, 1, 3), datetime(YEAR, 1, 10)), (datetime(YEAR - 1, 12, 27), datetime(YEAR, 1, 1))
        self.assertEqual(self._digest_value(self.user_sm_sales, *before), 0.0)
        self.assertGreater(self._digest_value(self.user_sm_sales, *now), 0.0)
        digest = self.env['digest.digest'].create({'name': "Weekly", 'kpi_sales_attainment': True})
        with patch.object(self.env.registry['digest.digest'], '_compute_timeframes', lambda digest, company: [
            (name, (now, before)) for name in ("Day", "Week", "Month")
        ]):
            [kpi] = digest._compute_kpis(self.company, self.user_sm_sales)
            self.assertTrue(kpi['kpi_col1']['value'])
            # who has no target gets no figure
            self.assertFalse(digest._compute_kpis(self.company, self.user_sm_billing))
