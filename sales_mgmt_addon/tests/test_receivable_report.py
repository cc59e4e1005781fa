from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableReport(ReceivableCommon):
    """The analysis of open items, now and on past days, with every figure worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate('2026-01-01', 0.1)     # 1 USD = 10
        cls._rate('2026-02-10', 0.125)   # 1 USD = 8
        # 1,000 USD = 10,000: 200 due 15 January, 300 due 14 February, 500 due 16 March
        cls.invoice = cls._foreign_invoice(1000.0)
        # 350 USD on 20 February: all of the first instalment, half of the second
        cls.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=cls.invoice.ids,
        ).create({'payment_date': '2026-02-20', 'currency_id': cls.usd.id, 'amount': 350.0})._create_payments()

    @classmethod
    def _foreign_invoice(cls, amount):
        invoice = cls.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': cls.customer.id, 'invoice_date': '2026-01-15',
            'currency_id': cls.usd.id, 'invoice_payment_term_id': cls.terms.id, 'invoice_user_id': cls.user_sm_sales.id,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})],
        })
        invoice.action_post()
        return invoice

    def _figures(self, as_of):
        rows = self._items(as_of, domain=[('partner_id', '=', self.customer.id)])
        return [
            (row.date_due, row.days_overdue, row.bucket_id.display_name, row.residual_currency, row.residual)
            for row in rows
        ]

    # === THE HAND-WORKED CASE === #

    def test_before_the_payment(self):
        self.assertEqual(self._figures(date(2026, 2, 19)), [
            (date(2026, 1, 15), 35, "31–60 days", 200.0, 2000.0),
            (date(2026, 2, 14), 5, "1–30 days", 300.0, 3000.0),
            (date(2026, 3, 16), -25, "Not due", 500.0, 5000.0),
        ])

    def test_on_the_day_of_the_payment(self):
        # 200 USD of 2,000 were paid with 1,600, and 150 USD of 1,500 with 1,200
        self.assertEqual(self._figures(date(2026, 2, 20)), [
            (date(2026, 1, 15), 36, "31–60 days", 0.0, 400.0),
            (date(2026, 2, 14), 6, "1–30 days", 150.0, 1800.0),
            (date(2026, 3, 16), -24, "Not due", 500.0, 5000.0),
        ])

    def test_after_the_exchange_difference(self):
        # 400 and 300 are booked at the end of the month
        self.assertEqual(self._figures(date(2026, 2, 28)), [
            (date(2026, 2, 14), 14, "1–30 days", 150.0, 1500.0),
            (date(2026, 3, 16), -16, "Not due", 500.0, 5000.0),
        ])

    def test_due_today_is_not_overdue(self):
        rows = self._items(date(2026, 2, 14), domain=[('partner_id', '=', self.customer.id)])
        self.assertEqual(rows.mapped('days_overdue'), [30, 0, -30])
        self.assertEqual(rows.mapped('is_overdue'), [True, False, False])
        self.assertEqual(rows.mapped('overdue'), [2000.0, 0.0, 0.0])

    def test_before_the_invoice(self):
        self.assertEqual(self._figures(date(2026, 1, 14)), [])

    def test_now(self):
        rows = self._items(domain=[('partner_id', '=', self.customer.id)])
        self.assertEqual([(row.residual_currency, row.residual) for row in rows], [(150.0, 1500.0), (500.0, 5000.0)])
        self.assertEqual(rows.mapped('days_overdue'), [
            (self.today - date(2026, 2, 14)).days, (self.today - date(2026, 3, 16)).days])

    def test_two_days_in_one_transaction(self):
        line = self._receivable(self.invoice)[1]
        Report = self.env['sales.receivable.report']
        before = Report.with_context(receivable_as_of='2026-02-19').browse(line.id)
        after = Report.with_context(receivable_as_of='2026-02-20').browse(line.id)
        self.assertEqual((before.residual, after.residual, before.days_overdue, after.days_overdue), (3000, 1800, 5, 6))

    def test_groups(self):
        self._direct_invoice(700.0, due='2026-01-20', invoice_date='2026-01-20')
        groups = dict(self.env['sales.receivable.report'].with_context(receivable_as_of='2026-02-19')._read_group(
            [('partner_id', '=', self.customer.id)], ['bucket_id'], ['residual:sum']))
        self.assertEqual({bucket.display_name: value for bucket, value in groups.items()}, {
            "Not due": 5000.0, "1–30 days": 3700.0, "31–60 days": 2000.0})

    # === OTHER ITEMS === #

    def test_unapplied_receipt(self):
        payment = self._receipt(480.0, partner=self.other)
        row = self._items(domain=[('partner_id', '=', self.other.id)])
        self.assertEqual((row.move_id, row.residual, row.is_receipt, row.is_overdue), (payment.move_id, -480.0, True, False))
        self.assertEqual(row.user_id, self.user_sm_sales2)

    def test_contact_belongs_to_its_company(self):
        contact = self._create_partner("Contact", is_company=False, parent_id=self.other.id)
        self._direct_invoice(50.0, partner=contact)
        self.assertEqual(self._items(domain=[('residual', '=', 50.0)]).partner_id, self.other)

    def test_team_and_region(self):
        row = self._items(domain=[('partner_id', '=', self.customer.id)])[0]
        self.assertEqual((row.user_id, row.team_id, row.region_id), (self.user_sm_sales, self.team, self.team_region))

    def test_what_is_done_is_that_of_the_day(self):
        line = self._receivable(self.invoice)[1]
        dispute = self.env['sales.receivable.dispute']._open(line, 'price', amount=50.0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sales_receivable_dispute SET opened_on = '2026-02-16' WHERE id = %s", [dispute.id])
        for day, expected in ((date(2026, 2, 15), False), (date(2026, 2, 16), dispute.id)):
            row = self._items(day, domain=[('id', '=', line.id)])
            self.assertEqual(row.dispute_id.id, expected, day)
        # 50 of the 150 USD that are open now, worth 1,500
        self.assertAlmostEqual(self._items(domain=[('id', '=', line.id)]).disputed, 500.0)

    # === BAD INPUT === #

    def test_bad_day(self):
        for value in ('yesterday', '2026-13-01', 5, ['2026-01-01'], {'day': 1}):
            with self.subTest(value=value), self.assertRaisesSaying(UserError, "not a date"):
                self.env['sales.receivable.report'].with_context(receivable_as_of=value).search_count([])

    def test_read_only(self):
        row = self._items(domain=[('partner_id', '=', self.customer.id)])[0]
        for user in (self.user_sm_sales, self.user_sm_controller, self.user_sm_manager):
            for operation in ('create', 'write', 'unlink'):
                self.assertFalse(row.with_user(user).has_access(operation), (user.login, operation))

    def test_document(self):
        row = self._items(domain=[('partner_id', '=', self.customer.id)])[0]
        action = row.with_user(self.user_sm_sales).action_open_document()
        self.assertEqual((action['res_model'], action['res_id']), ('account.move', self.invoice.id))
        with self.assertRaisesSaying(AccessError, "not the document itself"):
            row.with_user(self.user_sm_controller).action_open_document()
        with self.assertRaisesSaying(AccessError, "somebody else"):
            row.with_user(self.user_sm_sales2).action_open_document()


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableBucket(ReceivableCommon):
    """The ranges of days by which a company ages its receivables."""

    def setUp(self):
        super().setUp()
        self.buckets = self.env['sales.receivable.bucket']._get_for(self.company).with_user(self.user_sm_controller)

    def _names(self, company=None):
        return self.env['sales.receivable.bucket']._get_for(company or self.company).mapped('display_name')

    def test_defaults(self):
        names = ["Not due", "1–30 days", "31–60 days", "61–90 days", "Over 90 days"]
        self.assertEqual(self._names(), names)
        company = self._create_company("New Company")
        self.assertEqual(self._names(company), names)
        branch = self._create_company("New Branch", parent_id=company.id)
        self.assertEqual(self.env['sales.receivable.bucket']._get_for(branch).company_id, company)
        self.assertFalse(self.env['sales.receivable.bucket'].search([('company_id', '=', branch.id)]))

    def test_changes_move_the_neighbours(self):
        self.buckets.create({'days_from': 16, 'days_to': 5})
        self.buckets[-1].days_from = 121
        self.assertEqual(self._names(), [
            "Not due", "1–15 days", "16–30 days", "31–60 days", "61–120 days", "Over 120 days"])
        self.buckets[-1].unlink()
        self.assertEqual(self._names(), ["Not due", "1–15 days", "16–30 days", "31–60 days", "Over 60 days"])

    def test_report_follows(self):
        self._direct_invoice(10.0, due=date(2026, 1, 1), invoice_date='2026-01-01')
        row = self._items(date(2026, 1, 21), domain=[('partner_id', '=', self.customer.id)])
        self.assertEqual(row.bucket_id.display_name, "1–30 days")
        self.buckets.create({'days_from': 20})
        row = self._items(date(2026, 1, 21), domain=[('partner_id', '=', self.customer.id)])
        self.assertEqual(row.bucket_id.display_name, "20–30 days")

    def test_what_has_to_stay(self):
        for bucket in self.buckets[:2]:
            with self.assertRaisesSaying(UserError, "have to stay"):
                bucket.unlink()
            with self.assertRaisesSaying(UserError, "is fixed"):
                bucket.days_from = 3
        for days in (0, -5, 10000):
            with self.assertRaisesSaying(UserError, "between day 2"):
                self.buckets.create({'days_from': days})
        with self.assertRaisesSaying(UserError, "at most"):
            self.buckets.create([{'days_from': days} for days in range(100, 110)])
        branch = self._create_company("Branch", parent_id=self.company.id)
        with self.assertRaisesSaying(UserError, "is a branch"):
            self.env['sales.receivable.bucket'].create({'company_id': branch.id, 'days_from': 5})
        with self.assertRaisesSaying(UserError, "stays with its company"):
            self.env['sales.receivable.bucket'].browse(self.buckets[-1].id).company_id = self._create_company("Third")

    def test_who_changes_them(self):
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_billing):
            self.assertTrue(self.buckets.with_user(user).has_access('read'))
            with self.assertRaises(AccessError):
                self.buckets[-1].with_user(user).days_from = 200
        self.assertFalse(self.buckets.with_user(self.user_sm_portal).has_access('read'))
