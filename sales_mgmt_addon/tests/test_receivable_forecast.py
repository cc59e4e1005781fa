from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .pack_common import PackCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableForecast(PackCommon):
    """When the cash is expected, what a pack keeps of it, and how good it was."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer = cls._create_partner("Steady Payer", email=False, user_id=cls.user_sm_sales2.id)

    def _rows(self, user=None):
        self.env.flush_all()
        Forecast = self.env['sales.receivable.forecast']
        Forecast.invalidate_model()
        partners = self.payer | self.customer | self.other
        return Forecast.with_user(user or self.env.user).search([('partner_id', 'in', partners.ids)])

    def _row(self, invoice, user=None):
        return self._rows(user).filtered(lambda row: row.move_id == invoice)

    def _pay_late(self, amount, days, partner=None, due=-60):
        """Pay an invoice so many days after it was due."""
        invoice = self._claim(amount, self.today, due, partner=partner or self.payer)
        self._pay_on(invoice, invoice.invoice_date_due + timedelta(days=days))
        return invoice

    def test_basis(self):
        """Promise, own delay weighted by amount, delay of all customers, dispute."""
        invoice = self._claim(1000, self.today, 10, partner=self.payer)
        self._pay_late(100, 10)
        self._pay_late(300, 30)
        # two instalments: not enough for an average of his own. Of everybody: (100·10 + 300·30) / 400 = 25
        row = self._row(invoice)
        self.assertRecordValues(row, [{
            'basis': 'company', 'delay': 25, 'expected_date': self.today + timedelta(days=35), 'residual': 1000.0}])
        self._pay_late(600, 15)
        # (100·10 + 300·30 + 600·15) / 1,000 = 19
        row = self._row(invoice)
        expected = self.today + timedelta(days=29)
        self.assertRecordValues(row, [{
            'basis': 'history', 'delay': 19, 'expected_date': expected, 'week': expected - timedelta(days=expected.weekday())}])
        promise = self._promise(invoice, self.today, self.today + timedelta(days=3))
        self.assertRecordValues(self._row(invoice), [{
            'basis': 'promise', 'delay': 0, 'expected_date': promise.date, 'promise_id': promise.id}])
        dispute = self._dispute(invoice, self.today)
        self.assertRecordValues(self._row(invoice), [{
            'basis': 'dispute', 'expected_date': False, 'week': False, 'dispute_id': dispute.id}])

    def test_limits(self):
        """Early payers count as punctual, sleepers as 180 days late; nothing is expected before today."""
        for _number in range(3):
            self._pay_late(100, -20)
        soon = self._claim(10, self.today, 5, partner=self.payer)
        late = self._claim(10, self.today, -45, partner=self.payer)
        self.assertRecordValues(self._row(soon), [{'delay': 0, 'expected_date': self.today + timedelta(days=5)}])
        self.assertRecordValues(self._row(late), [{'delay': 0, 'expected_date': self.today}])
        for _number in range(3):
            self._pay_late(9000, 300, due=-310)
        self.assertRecordValues(self._row(soon), [{'delay': 180, 'expected_date': self.today + timedelta(days=185)}])

    def test_receipts_are_left_out(self):
        self._unmatched_receipt(100, self.today)
        self.assertTrue(all(row.residual > 0 for row in self._rows()))

    def test_visibility(self):
        mine, theirs = self.items['old'], self.items['other']
        for user, sees in (
            (self.user_sm_sales, {mine}), (self.user_sm_sales2, {theirs}), (self.user_sm_leader, {mine, theirs}),
            (self.user_sm_region, {mine, theirs}), (self.user_sm_director, {mine, theirs}),
            (self.user_sm_controller, {mine, theirs}), (self.user_sm_billing, {mine, theirs}),
        ):
            moves = self._rows(user).sudo().move_id
            self.assertEqual({move for move in (mine, theirs) if move in moves}, sees, user.name)
        with self.assertRaises(AccessError):
            self._rows(self.user_sm_stock)
        total = self.env['sales.receivable.forecast'].with_user(self.user_sm_sales2)._read_group(
            [('partner_id', '=', self.customer.id)], [], ['residual:sum'])
        self.assertFalse(total[0][0])

    def test_pack_keeps_the_forecast(self):
        """What is open is in a week, later, or uncertain; what came in is compared with it."""
        self._dispute(self.items['disputed'], self.first - timedelta(days=1))
        self._promise(self.items['old'], self.first - timedelta(days=9), self.first + timedelta(days=3))
        self._claim(77, self.first, 100, partner=self.other, invoice_date=self.first)
        pack = self._freeze(self.first)
        self.assertEqual(pack.forecast_disputed, 700.0)
        self.assertEqual(len(pack.forecast_ids), 8)
        first_day = self.first + timedelta(days=1)
        self.assertEqual(pack.forecast_ids[0].week, first_day - timedelta(days=first_day.weekday()))
        self.assertAlmostEqual(
            sum(pack.forecast_ids.mapped('expected')) + pack.forecast_later + pack.forecast_disputed, pack.receivable_total)
        self.assertEqual(pack.forecast_later, 77.0)
        # Nobody has paid anything yet: what is overdue is expected at once, the promise on its day
        by_week = dict.fromkeys(pack.forecast_ids.mapped('week'), 0.0)
        for day, amount in ((first_day, 1000 + 500 + 400 + 250), (self.first + timedelta(days=3), 600),
                            (self.first + timedelta(days=10), 800)):
            by_week[day - timedelta(days=day.weekday())] += amount
        self.assertEqual({row.week: row.expected for row in pack.forecast_ids}, by_week)

        # Before the month end, after it, a credit note, and a document of the next month
        paid_on = self.first + timedelta(days=1)
        self._pay_on(self.items['paid'], paid_on, amount=300)
        self._pay_on(self.items['other'], self.first - timedelta(days=1), amount=50)
        self._refund(self.items['slipped'])
        next_month = self._claim(5000, self.second, 0, invoice_date=self.first + timedelta(days=1))
        self._pay_on(next_month, self.first + timedelta(days=2))
        self.env.flush_all()
        pack.forecast_ids.invalidate_recordset()
        received = {row.week: row.actual for row in pack.forecast_ids if row.actual}
        self.assertEqual(received, {paid_on - timedelta(days=paid_on.weekday()): 300.0})
        first_week = pack.forecast_ids[0]
        self.assertTrue(first_week.is_over)
        self.assertEqual(first_week.error, first_week.actual - first_week.expected)

    def test_past_error(self):
        """Sum of the differences, whatever their sign, ÷ sum of what was expected, of the weeks that are over."""
        pack = self._freeze(self.first)
        for row in pack.sudo().forecast_ids:
            row.write({'expected': 100.0})
        monday = pack.forecast_ids[0].week
        self._pay_on(self.items['paid'], max(monday, self.first + timedelta(days=1)), amount=130)
        self.env.flush_all()
        pack.invalidate_recordset()
        pack.forecast_ids.invalidate_recordset()
        over = len(pack.forecast_ids.filtered('is_over'))
        self.assertGreaterEqual(over, 4)
        self.assertAlmostEqual(pack.forecast_error, (30 + 100 * (over - 1)) / (100 * over))
        action = self.env['sales.receivable.forecast'].with_user(self.user_sm_leader).action_open_forecast()
        self.assertIn("past error", action['name'])
        action = self.env['sales.receivable.forecast'].with_user(self.user_sm_sales).action_open_forecast()
        self.assertNotIn("past error", action['name'])

    def test_week_is_a_monday(self):
        for row in self._rows():
            if row.week:
                self.assertEqual(row.week.weekday(), 0)
                self.assertLessEqual(row.week, row.expected_date)
