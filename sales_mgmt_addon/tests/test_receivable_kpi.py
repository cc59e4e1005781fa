from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .loss_common import LossCommon

TODAY = date(2031, 5, 20)


@tagged('post_install', '-at_install', 'sales_credit')
@freeze_time(TODAY)
class TestReceivableKpi(LossCommon):
    """Collection KPIs per level, worked out by hand for 20 May 2031."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._create_company("KPI Company", currency_id=cls.company.currency_id.id)
        cls.env['account.chart.template'].try_loading('generic_coa', cls.company, install_demo=False)
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        for login in ('sm_sales', 'sm_sales2', 'sm_leader', 'sm_region', 'sm_controller', 'sm_director', 'sm_billing'):
            getattr(cls, f'user_{login}').write(
                {'company_ids': [Command.link(cls.company.id)], 'company_id': cls.company.id})
        cls.today = TODAY
        cls.profile = cls._profile(cls.customer, cls.company)
        cls.other = cls._create_partner("Other Customer", email=False, user_id=cls.user_sm_sales2.id)

    def _sold(self, amount, day, due=None, partner=None, **values):
        partner = partner or self.customer
        return self._direct_invoice(
            amount, due=due or day, partner=partner, invoice_date=day,
            invoice_user_id=values.pop('user', partner.user_id).id, team_id=self.team.id, **values)

    def _pay_on(self, invoice, day, amount=None):
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create(
            {'payment_date': day, **({'amount': amount} if amount else {})})._create_payments()

    def _rows(self, *levels, user=None):
        Kpi = self.env['sales.receivable.kpi'].with_user(user or self.env.user)
        # the rows of an earlier question are still in the cache
        Kpi.invalidate_model()
        return Kpi.search([('level', 'in', levels)] if levels else [])

    def test_count_back(self):
        """900 are open: 300 of May, 400 of April, so 200 of the 800 of March are left."""
        paid = self._sold(500, date(2031, 2, 10))
        self._pay_on(paid, date(2031, 2, 20))
        part = self._sold(800, date(2031, 3, 5))
        self._pay_on(part, date(2031, 4, 1), 600)
        self._sold(400, date(2031, 4, 15))
        self._sold(300, date(2031, 5, 2))
        row = self._rows('company')
        # 20 days of May, 30 of April and a quarter of the 31 of March
        self.assertAlmostEqual(row.dso, 20 + 30 + 31 * 200 / 800)
        self.assertEqual(row.receivable, 900)

    def test_count_back_in_this_month_and_in_months_without_sales(self):
        self._sold(1000, date(2031, 5, 10))
        invoice = self._sold(600, date(2031, 5, 12), partner=self.other)
        self._pay_on(invoice, date(2031, 5, 15))
        # 1,000 of 1,600 of the 20 days of May
        self.assertAlmostEqual(self._rows('company').dso, 12.5)
        self.assertAlmostEqual(self._rows('customer').filtered(lambda r: r.partner_id == self.customer).dso, 20)
        self._sold(100, date(2031, 2, 10), partner=self.other)
        # of the other one: 600 of May are more than the 100 that are open
        self.assertAlmostEqual(
            self._rows('customer').filtered(lambda r: r.partner_id == self.other).dso, 20 * 100 / 600)
        late = self._create_partner("Late", email=False)
        self._sold(280, date(2031, 2, 10), partner=late)
        # nothing sold in May, April and March: 20 + 30 + 31 days, and all 28 of February
        self.assertAlmostEqual(self._rows('customer').filtered(lambda r: r.partner_id == late).dso, 109)

    def test_credit_notes_reduce_the_sales(self):
        invoice = self._sold(1000, date(2031, 5, 10))
        self._sold(500, date(2031, 4, 10))
        with freeze_time(date(2031, 5, 11)):
            refund = self._refund(invoice)
        self.assertEqual(refund.invoice_date, date(2031, 5, 11))
        # 500 open; nothing sold in May, 500 in April
        self.assertAlmostEqual(self._rows('company').dso, 50)

    def test_figures_of_every_level(self):
        late = self._sold(1000, date(2031, 3, 1), due=date(2031, 4, 1))
        self._pay_on(late, date(2031, 5, 1), 600)
        early = self._sold(400, date(2031, 3, 1), due=date(2031, 4, 10), partner=self.other)
        self._pay_on(early, date(2031, 4, 5))
        self._sold(200, date(2031, 5, 1), due=date(2031, 6, 1), partner=self.other)
        self._judged_promise(300, 300)
        self._judged_promise(100, 0)
        expected = {'receivable': 600, 'claims': 600, 'overdue': 400, 'paid': 1000, 'collected_30': 600, 'collected_90': 1000,
                    'oldest_overdue': 49}
        for level in ('company', 'region', 'team'):
            row = self._rows(level)
            self.assertRecordValues(row, [expected])
            # 600 paid 30 days late, 400 paid 5 days early
            self.assertAlmostEqual(row.days_late, 16)
            self.assertAlmostEqual(row.late_share, 0.6)
            self.assertAlmostEqual(row.overdue_share, 2 / 3)
            self.assertAlmostEqual(row.promise_rate, 0.75)
        self.assertEqual(self._rows('region').team_id, self.team_region)
        self.assertEqual(self._rows('team').team_id, self.team)
        for level in ('person', 'customer'):
            mine, others = self._rows(level).sorted('overdue', reverse=True)
            self.assertRecordValues(mine, [{
                'receivable': 400, 'overdue': 400, 'paid': 600, 'collected_30': 600, 'user_id': self.user_sm_sales.id,
                'team_id': self.team.id, 'days_late': 30, 'promise_rate': 0.75}])
            self.assertRecordValues(others, [{
                'receivable': 200, 'overdue': 0, 'paid': 400, 'collected_30': 0, 'collected_90': 400,
                'user_id': self.user_sm_sales2.id, 'days_late': -5, 'promise_rate': 0}])
        self.assertEqual(self._rows('customer').mapped('name'), [self.customer.name, self.other.name])
        [group] = self.env['sales.receivable.kpi']._read_group(
            [('level', '=', 'customer')], ['team_id'], ['days_late:avg', 'overdue_share:avg', 'collected_90:sum'])
        self.assertAlmostEqual(group[1], 16)
        self.assertAlmostEqual(group[2], 2 / 3)
        self.assertEqual(group[3], 1000)

    def test_write_offs_are_no_cash(self):
        invoice = self._sold(500, date(2031, 2, 1))
        self._set_up_losses(self.company)
        write_off = self.env['sales.receivable.write.off'].with_user(self.user_sm_sales).create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'reason_code': 'costs', 'reason': "Not worth it",
            'line_ids': [Command.create({'line_id': self._item(invoice).id})]})
        write_off.action_submit()
        write_off.sudo().approval_request_ids.with_user(self.user_sm_leader).action_approve()
        self.assertEqual(write_off.state, 'booked')
        row = self._rows('company')
        self.assertFalse(row and (row.paid or row.receivable or row.dso))

    def test_discount_on_payment_is_no_cash(self):
        invoice = self._sold(500, date(2031, 5, 1))
        self.env['account.payment.register'].with_context(active_model='account.move', active_ids=invoice.ids).create({
            'payment_date': date(2031, 5, 10), 'amount': 450, 'payment_difference_handling': 'reconcile',
            'writeoff_account_id': self.env['account.account'].search([
                ('account_type', '=', 'expense'), ('company_ids', 'in', self.company.id)], limit=1).id})._create_payments()
        self.assertRecordValues(self._rows('company'), [{'receivable': 0, 'paid': 450, 'collected_30': 450}])

    def test_collected_metric_agrees(self):
        """The metric of the targets counts the same cash, for the person, his team and his region."""
        self._pay_on(self._sold(500, date(2031, 5, 1)), date(2031, 5, 10))
        metric = self.env['sales.metric'].search([('code', '=', 'collected')])
        entries = self.env['sales.attainment.entry'].search([
            ('metric_id', '=', metric.id), ('company_id', '=', self.company.id)])
        self.assertRecordValues(entries, [{
            'value': 500, 'user_id': self.user_sm_sales.id, 'team_id': self.team.id,
            'region_path': self.team.parent_path}])
        for level in ('company', 'region', 'team', 'person', 'customer'):
            self.assertEqual(self._rows(level).collected_30, 500)

    def test_who_sees_what(self):
        self._sold(100, date(2031, 5, 1))
        self._sold(200, date(2031, 5, 1), partner=self.other)
        stranger = self._create_partner("Nobody's", email=False, user_id=self.user_sm_director.id)
        self._direct_invoice(
            400, due=date(2031, 5, 1), partner=stranger, invoice_user_id=self.user_sm_director.id, team_id=False)

        def seen(user):
            return sorted((row.level, row.receivable) for row in self._rows(user=user))
        self.assertEqual(seen(self.user_sm_sales), [('customer', 100), ('person', 100)])
        self.assertEqual(seen(self.user_sm_leader), [
            ('customer', 100), ('customer', 200), ('person', 100), ('person', 200), ('team', 300)])
        self.assertEqual(len(seen(self.user_sm_region)), 6)
        everything = seen(self.env.user)
        self.assertIn(('company', 700), everything)
        for user in (self.user_sm_controller, self.user_sm_director, self.user_sm_billing):
            self.assertEqual(seen(user), everything)
        with self.assertRaises(AccessError):
            self._rows(user=self.user_sm_stock)
        Kpi = self.env['sales.receivable.kpi']
        for user, level in ((self.user_sm_sales, 'customer'), (self.user_sm_leader, 'team'),
                            (self.user_sm_director, 'company'), (self.user_sm_controller, 'company')):
            self.assertEqual(Kpi.with_user(user).action_open_mine()['context'][f'search_default_level_{level}'], 1)
        for row in self._rows('company', 'person', 'customer', 'team'):
            items = self.env['sales.receivable.report'].search(row.action_open_items()['domain'])
            self.assertAlmostEqual(sum(items.mapped('residual')), row.receivable, msg=row.level)
