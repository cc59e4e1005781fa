from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .collection_common import CollectionCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionPromise(CollectionCommon):
    """What can be promised, and how promises are judged. Grace: 2 days."""

    def _promise(self, items, amount, days=10, made=0, **values):
        """Return a promise to pay until the day so many days from today, made so many days ago."""
        return self.Promise._make(items, amount, self._day(days), made_on=self._day(-made), **values)

    def test_make(self):
        first, second = self._item(100, 20), self._item(250, 10)
        case = self._sync()
        promise = self._promise(first + second, 300)
        self.assertRecordValues(promise, [{
            'case_id': case.id, 'partner_id': self.customer.id, 'currency_id': self.company.currency_id.id,
            'amount': 300.0, 'amount_company': 300.0, 'state': 'open', 'made_on': self.today}])
        self.assertEqual(promise.line_ids.mapped('residual'), [100.0, 250.0])
        self.env.invalidate_all()
        self.assertEqual((case.overdue_amount, case.promised_amount, case.collectable_amount), (350.0, 300.0, 50.0))

    def test_refused(self):
        item, other = self._item(100, 20), self._item(60, 10)
        receipt = self._receivables(self._receipt(10).move_id)
        stranger = self._item(10, 5, partner=self._create_partner("Stranger"))
        for lines, amount, days, message in (
            (item.browse(), 1, 5, "Choose the items"),
            (item, 0, 5, "more than 0"),
            (item, float('nan'), 5, "more than 0"),
            (item, float('inf'), 5, "more than 0"),
            (item, 100.01, 5, "Only .*100.00 is open"),
            (item, 50, -1, "needs a day between"),
            (item, 50, 181, "needs a day between"),
            (item + stranger, 50, 5, "one customer"),
            (receipt, 5, 5, "receipt or a credit note"),
        ):
            with self.subTest(message=message), self.assertRaisesSaying(UserError, message):
                self._promise(lines, amount, days)
        self._promise(item, 100)
        with self.assertRaisesSaying(UserError, "running promise already"):
            self._promise(item + other, 20)
        self._dispute(other)
        with self.assertRaisesSaying(UserError, "in dispute"):
            self._promise(other, 20)
        paid = self._item(10, 5)
        self._pay_items(paid)
        with self.assertRaisesSaying(UserError, "not open"):
            self._promise(paid, 5)

    def test_kept_early(self):
        item = self._item(100, 20)
        promise = self._promise(item, 80)
        self._pay_items(item, 79.99)
        promise._judge()
        self.assertEqual((promise.state, promise.paid_now), ('open', 79.99))
        self._pay_items(item, 0.01)
        promise._judge()
        self.assertRecordValues(promise, [
            {'state': 'kept', 'paid_amount': 80.0, 'due_amount': 80.0, 'kept_share': 1.0, 'judged_on': self.today}])

    def test_earlier_payments_do_not_count(self):
        item = self._item(100, 20)
        self._pay_items(item, 40)
        promise = self._promise(item, 60)
        promise._judge()
        self.assertEqual((promise.state, promise.paid_now), ('open', 0.0))

    def test_border_of_the_deadline(self):
        """Promised until 5 days ago, 2 days of grace: money until 3 days ago counts."""
        items = [self._item(100, 40) for _n in range(3)]
        promises = [self._promise(item, 100, days=-5, made=20) for item in items]
        self._pay_items(items[0], days=-3)
        self._pay_items(items[1], days=-2)
        (promises[0] + promises[1] + promises[2])._judge()
        self.assertEqual([promise.state for promise in promises], ['kept', 'broken', 'broken'])

    def test_grace_is_not_over_yet(self):
        promise = self._promise(self._item(100, 40), 100, days=-2, made=20)
        promise._judge()
        self.assertEqual(promise.state, 'open')
        promise._judge(self._day(1))
        self.assertEqual(promise.state, 'broken')

    def test_partly_and_over_payment(self):
        first, second = self._item(100, 40), self._item(100, 40)
        partly = self._promise(first, 100, days=-5, made=20)
        more = self._promise(second, 60, days=-5, made=20)
        self._pay_items(first, 25, days=-8)
        self._pay_items(second, 100, days=-8)
        (partly + more)._judge()
        self.assertRecordValues(partly + more, [
            {'state': 'partly', 'paid_amount': 25.0, 'due_amount': 100.0, 'kept_share': 0.25},
            {'state': 'kept', 'paid_amount': 60.0, 'due_amount': 60.0, 'kept_share': 1.0},
        ])
        self.assertEqual(
            self.Promise._get_kept_rates('partner_id', self.customer.ids), {self.customer.id: (85.0, 160.0)})

    def test_credit_note_reduces_what_is_owed(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=5)
        refund = self._receivables(self._direct_invoice(30, move_type='out_refund'))
        (item + refund).reconcile()
        promise._judge()
        self.assertEqual((promise.state, promise.paid_now), ('open', 0.0))
        self._pay_items(item)
        promise._judge()
        self.assertRecordValues(promise, [{'state': 'kept', 'paid_amount': 70.0, 'due_amount': 70.0}])

    def test_credited_in_full(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=5)
        (item + self._receivables(self._direct_invoice(100, move_type='out_refund'))).reconcile()
        promise._judge()
        self.assertEqual(promise.state, 'cancelled')
        self.assertFalse(self.Promise._get_kept_rates('partner_id', self.customer.ids))

    def test_write_off_is_no_money(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=-5, made=20)
        expense = self.env['account.account'].search([('account_type', '=', 'expense')], limit=1)
        self.env['account.payment.register'].with_context(
            active_model='account.move.line', active_ids=item.ids).create({
                'payment_date': self._day(-10), 'amount': 60, 'payment_difference_handling': 'reconcile',
                'writeoff_account_id': expense.id})._create_payments()
        self.assertTrue(item.reconciled)
        promise._judge()
        self.assertRecordValues(promise, [{'state': 'kept', 'paid_amount': 60.0, 'due_amount': 60.0}])

    def test_disputed_later(self):
        item, other = self._item(100, 40), self._item(50, 40)
        promise = self._promise(item + other, 150, days=-5, made=20)
        self._dispute(item)
        self._pay_items(other, days=-6)
        promise._judge()
        self.assertRecordValues(promise, [{'state': 'kept', 'paid_amount': 50.0, 'due_amount': 50.0}])

    def test_disputed_in_part_later(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=-5, made=20)
        self._dispute(item, 30.0)
        self._pay_items(item, 70, days=-6)
        promise._judge()
        self.assertRecordValues(promise, [{'state': 'kept', 'paid_amount': 70.0, 'due_amount': 70.0}])

    def test_disputed_in_full(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=5)
        dispute = self._dispute(item)
        promise._judge()
        self.assertEqual(promise.state, 'open', "The dispute may be rejected in time")
        dispute.action_reject("Delivered as ordered")
        self._pay_items(item)
        promise._judge()
        self.assertRecordValues(promise, [{'state': 'kept', 'paid_amount': 100.0, 'due_amount': 100.0}])

    def test_disputed_beyond_the_deadline(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=5)
        self._dispute(item)
        promise._judge(self._day(7))
        self.assertEqual(promise.state, 'open', "Two days of grace")
        promise._judge(self._day(8))
        self.assertEqual(promise.state, 'cancelled')

    def test_broken_is_the_next_thing_to_do(self):
        item = self._item(100, 40)
        case = self._sync()
        promise = self._promise(item, 100, days=-5, made=20, user=self.user_sm_sales2)
        case.write({'next_action': 'visit', 'next_date': self._day(9)})
        score = case.score
        promise._judge()
        self.assertEqual(promise.state, 'broken')
        self.assertEqual((case.next_action, case.next_date), ('call', self.today))
        self.assertEqual(case.activity_ids.date_deadline, self.today)
        self.assertEqual(case.broken_promise_count, 1)
        self.assertGreater(case.score, score, "its money is to be collected again")
        self.assertEqual(promise.activity_ids.user_id, self.user_sm_sales2, "who took it hears of it")
        signal = self.env['sales.signal'].search([('code', '=', 'promise_broken'), ('res_id', '=', promise.id)])
        self.assertEqual((signal.user_id, signal.team_id), (self.user_sm_sales, self.team))
        self.assertEqual(signal.activity_ids.user_id, self.user_sm_leader)

    def test_frozen_after_the_verdict(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=-5, made=20)
        self._pay_items(item, days=-10)
        promise._judge()
        item.remove_move_reconcile()
        promise._judge()
        self.assertEqual(promise.state, 'kept')
        self.assertIn("unmatched", promise.message_ids[0].body)
        for values in ({'state': 'open'}, {'amount': 1}, {'note': "x"}):
            with self.assertRaises(AccessError):
                promise.with_user(self.user_sm_controller).write(values)
        with self.assertRaisesSaying(UserError, "no longer running"):
            promise.action_cancel("Mistake")

    def test_unmatched_before_the_verdict(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=5)
        self._pay_items(item, 60)
        self.assertEqual(promise.paid_now, 60.0)
        item.remove_move_reconcile()
        promise.invalidate_recordset()
        self.assertEqual(promise.paid_now, 0.0)

    def test_invoice_back_to_draft(self):
        first, second = self._item(100, 40), self._item(50, 40)
        promise = self._promise(first + second, 150, days=-5, made=20)
        first.move_id.button_draft()
        self.assertIn("Reset to draft", promise.message_ids[0].body)
        promise.invalidate_recordset()
        self.assertEqual(promise.draft_count, 1)
        self.assertEqual(promise.line_ids.mapped('is_draft'), [True, False])
        self._pay_items(second, days=-6)
        promise._judge()
        self.assertRecordValues(promise, [{'state': 'kept', 'paid_amount': 50.0, 'due_amount': 50.0}])

    def test_invoices_deleted(self):
        item = self._item(100, 40)
        promise = self._promise(item, 100, days=5)
        item.move_id.button_draft()
        promise._judge()
        self.assertEqual(promise.state, 'open', "it may be posted again")
        item.move_id.with_context(force_delete=True).unlink()
        self.assertEqual(promise.state, 'cancelled')
        self.assertFalse(promise.line_ids)

    def test_foreign_currency(self):
        """1,000 USD booked at 8 per unit; half of them paid at another rate."""
        usd = self.env['res.currency'].with_context(active_test=False).create(
            {'name': "TUS", 'symbol': "T$", 'rounding': 0.01})
        for days, rate in ((-400, 1 / 8), (-15, 1 / 7)):
            self.env['res.currency.rate'].create({
                'currency_id': usd.id, 'name': self._day(days), 'rate': rate, 'company_id': self.company.root_id.id})
        item = self._item(1000, 40, currency_id=usd.id)
        promise = self._promise(item, 1000, days=-5, made=20)
        self.assertRecordValues(promise, [{'currency_id': usd.id, 'amount': 1000.0, 'amount_company': 8000.0}])
        self._pay_items(item, 500, days=-10)
        promise._judge()
        self.assertRecordValues(promise, [{
            'state': 'partly', 'paid_amount': 500.0, 'kept_share': 0.5, 'due_company': 8000.0,
            'kept_company': 4000.0}])
        mixed = self._promise(item + self._item(100, 10), 1000, days=5)
        self.assertEqual(mixed.currency_id, self.company.currency_id)
        self.assertEqual(mixed.line_ids.mapped('residual'), [4000.0, 100.0])

    def test_cancel(self):
        item = self._item(100, 40)
        case = self._sync()
        promise = self._promise(item, 100)
        self.assertEqual(promise.action_cancel()['res_model'], 'sales.collection.promise.cancel')
        promise.with_user(self.user_sm_leader).action_cancel("Wrong invoice")
        self.assertEqual((promise.state, promise.cancel_reason), ('cancelled', "Wrong invoice"))
        self.env.invalidate_all()
        self.assertEqual(case.collectable_amount, 100.0)
        self._promise(item, 50)

    def test_job(self):
        promise = self._promise(self._item(100, 40), 100, days=-5, made=20)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_collection_judge').method_direct_trigger()
        self.assertEqual(promise.state, 'broken')
