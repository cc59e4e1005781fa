"""Default interest to the cent, and fees and interest on invoices, never twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .dunning_common import DunningCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningInterest(DunningCommon):

    def _interest(self, letter, until=None):
        return [(row['interest'], row['open']) for row in letter._get_interest(until or self.today)]

    def test_residual_over_time(self):
        """36,500 at 10 % bear 10 a day. 100 days late, 18,250 of it paid 40 days ago: 60 × 10 + 40 × 5 = 800."""
        invoice = self._direct_invoice(36500.0, due=self._ago(100))
        self._pay_on(invoice, 18250.0, self._ago(40))
        self.final.interest_rate = 10.0
        [letter] = self._dun()
        self.assertEqual(self._interest(letter), [(800.0, 800.0)])
        # the rest is paid today: from now on nothing is added, and what there is stays owed
        self._pay_on(invoice, 18250.0, self.today)
        self.assertEqual(invoice.payment_state, 'paid')
        self.assertEqual(self._interest(letter), [(800.0, 800.0)])
        self.assertEqual(self._interest(letter, self._ago(-30)), [(800.0, 800.0)], "Nothing on a residual of zero")

    def test_credit_note_reduces_the_base_from_its_day(self):
        """36,500 at 10 % for 25 days, of which 7,300 is credited today: 250, and 8 a day from now on."""
        invoice = self._direct_invoice(36500.0, due=self._ago(25))
        [letter] = self._dun()
        self.assertEqual(letter.level_id, self.second)
        credit = self._direct_invoice(7300.0, move_type='out_refund')
        (invoice + credit).line_ids.filtered(lambda line: line.account_type == 'asset_receivable').reconcile()
        self.assertEqual(self._interest(letter), [(250.0, 250.0)])
        self.assertEqual(self._interest(letter, self._ago(-10)), [(330.0, 330.0)])

    def test_highest_rate_that_was_sent(self):
        """7,300 at 5 % bear 1 a day, at 10 % 2 a day, from the due date on."""
        invoice = self._direct_invoice(7300.0, due=self._ago(12))
        [first] = self._dun()
        self.assertEqual(self._interest(first), [(12.0, 12.0)])
        self._move_due(invoice, 22)
        second = self._propose()
        self.assertEqual(self._interest(first), [(22.0, 22.0)], "A proposed letter bears nothing")
        self._send(second)
        self.assertEqual(self._interest(first), [(44.0, 44.0)])

    def test_currency_of_the_item(self):
        """3,650 of foreign money at 10 % for 25 days: 25.00 of it, whatever the rate does."""
        currency = self.env['res.currency'].create({'name': 'DUN', 'symbol': 'D', 'rounding': 0.01, 'rate_ids': [
            Command.create({'rate': 4.0, 'name': self._ago(400)}), Command.create({'rate': 2.0, 'name': self._ago(5)})]})
        self._direct_invoice(3650.0, due=self._ago(25), currency_id=currency.id)
        [letter] = self._dun()
        [row] = letter._get_interest(self.today)
        self.assertEqual((row['currency_id'], row['open']), (currency.id, 25.0))

    def test_before_due_there_is_none(self):
        self.before.interest_rate = 10.0
        self._direct_invoice(3650.0, due=self._ago(-2))
        [letter] = self._dun()
        self.assertEqual(self._interest(letter), [])
        self.assertEqual(self._interest(letter, self._ago(-12)), [(10.0, 10.0)], "10 days from the due date on")

    @settings(deadline=None, derandomize=True, max_examples=5)
    @given(payments=st.lists(st.tuples(st.integers(1, 20000), st.integers(0, 60)), max_size=3))
    def test_equals_the_sum_day_by_day(self, payments):
        """The statement against its definition: residual of each day × rate / 365."""
        with self.cr.savepoint() as savepoint:
            invoice = self._direct_invoice(60000.0, due=self._ago(60))
            for amount, ago in payments:
                self._pay_on(invoice, float(amount), self._ago(ago))
            [letter] = self._dun()
            [row] = letter._get_interest(self.today)
            expected = 0.0
            for day in range(60, 0, -1):
                # the day before a payment arrives still bears interest on all of it
                expected += 60000.0 - sum(amount for amount, ago in payments if ago >= day)
            self.assertAlmostEqual(row['interest'], round(expected * 10 / 36500, 2), delta=0.0101)
            savepoint.rollback()
            self.env.invalidate_all()


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningCharge(DunningCommon):

    def setUp(self):
        super().setUp()
        self.invoice = self._direct_invoice(3650.0, due=self._ago(25))
        [self.letter] = self._dun()
        self.billing = self.user_sm_billing

    def _charge(self, letter=None, user=None):
        action = (letter or self.letter).with_user(user or self.billing).action_charge()
        moves = self.env['account.move'].browse(action['res_id'] or action['domain'][0][2])
        self.env.invalidate_all()
        return moves

    def test_invoice_of_fee_and_interest(self):
        """The fee is 40; 3,650 at 10 % for 25 days are 25."""
        move = self._charge()
        self.assertEqual((move.state, move.move_type, move.partner_id), ('draft', 'out_invoice', self.customer))
        self.assertEqual(move.invoice_line_ids.sorted('sequence').mapped('price_subtotal'), [40.0, 25.0])
        self.assertEqual(move.amount_total, 65.0, "No taxes")
        self.assertIn(self.invoice.name, move.invoice_line_ids.sorted('sequence')[1].name)
        self.assertEqual(move.invoice_origin, self.letter.name)
        self.assertEqual(self.letter.charge_count, 1)
        self.assertEqual(
            move.invoice_line_ids.product_id,
            self.company.dunning_fee_product_id + self.company.dunning_interest_product_id)
        with self.assertRaisesSaying(UserError, "no fees and no interest"):
            self._charge()

    def test_interest_goes_on_after_it_was_charged(self):
        self._charge()
        self._move_due(self.invoice, 45)
        self._dun()
        move = self._charge(self.letter)
        self.assertEqual(move.amount_total, 20.0, "1 a day for 45 days, less the 25 that were charged")

    def test_interest_after_the_principal_is_paid(self):
        self._pay(self.invoice)
        self.assertEqual(self.invoice.payment_state, self.invoice._get_invoice_in_payment_state())
        self.assertEqual(self._charge().amount_total, 65.0)

    def test_deleted_or_cancelled_invoice_frees_the_charges(self):
        move = self._charge()
        move.unlink()
        move = self._charge()
        self.assertEqual(move.amount_total, 65.0)
        move.button_cancel()
        second = self._charge()
        self.assertEqual(second.amount_total, 65.0)
        with self.assertRaisesSaying(UserError, "instead of reopening"):
            move.button_draft()
        second.invoice_line_ids.sorted('sequence')[0].unlink()
        self.assertEqual(self._charge().amount_total, 40.0, "The fee was taken off the invoice")

    def test_stopped_customer_can_be_charged(self):
        self.profile._change_terms({'hold': True, 'policy': 'limited', 'limit': 0.0})
        move = self._charge()
        move.with_user(self.billing).action_post()
        self.assertEqual(move.state, 'posted')
        self.assertEqual(self._exposure()['receivable'], 3715.0)

    def test_raised_by_hand_it_is_a_sale(self):
        self.profile._change_terms({'hold': True})
        move = self._charge()
        move.invoice_line_ids.sorted('sequence')[0].price_unit = 5000.0
        move.action_post()
        self.assertEqual((move.state, move.hold_state), ('draft', 'on_hold'))

    def test_flag_is_not_written_by_hand(self):
        move = self._direct_invoice(10.0, post=False)
        with self.assertRaises(AccessError):
            move.with_user(self.billing).is_dunning_charge = True

    def test_charges_bear_no_interest(self):
        move = self._charge()
        move.invoice_date = self._ago(50)
        move.action_post()
        self._move_due(move, 45)
        [letter] = self._dun().filtered(lambda one: move.name in one.line_ids.mapped('name'))
        self.assertNotIn(
            self._move_due(move, 45).id, [row['id'] for row in letter._get_interest(self.today)])

    def test_disputed_part_is_charged_later(self):
        """A quarter in dispute: three quarters of the interest now, the rest once it is settled."""
        dispute = self._dispute(self.invoice, self.invoice.amount_total / 4)
        [row] = self.letter._get_interest(self.today)
        self.assertAlmostEqual(row['open'], row['interest'] * 0.75, 2)
        self._charge()
        dispute.action_reject("It was agreed")
        [row] = self.letter._get_interest(self.today)
        self.assertAlmostEqual(row['open'], row['interest'] / 4, 2)

    def test_disputed_item_is_charged_later(self):
        self._dispute(self.invoice)
        self.assertEqual(self._charge().amount_total, 40.0)

    def test_by_currency(self):
        currency = self.env['res.currency'].create({'name': 'DUN', 'symbol': 'D', 'rounding': 0.01, 'rate_ids': [
            Command.create({'rate': 4.0, 'name': self._ago(400)})]})
        self._direct_invoice(3650.0, due=self._ago(25), currency_id=currency.id)
        self._dun()
        action = self.profile.with_user(self.billing).action_charge_dunning()
        moves = self.env['account.move'].browse(action['domain'][0][2])
        self.assertEqual(
            sorted(moves.mapped(lambda move: (move.currency_id.name, move.amount_total))),
            sorted([('DUN', 25.0), (self.company.currency_id.name, 105.0)]), "Two fees are in company currency")

    def test_who_may(self):
        for user in (self.user_sm_sales, self.user_sm_controller, self.user_sm_director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._charge(user=user)
            with self.assertRaises(AccessError):
                self.profile.with_user(user).action_charge_dunning()
        with self.assertRaises(AccessError):
            self.env['sales.dunning.charge'].with_user(self.billing).create({'kind': 'fee'})

    def test_letter_that_was_not_sent(self):
        self._direct_invoice(10.0, due=self._ago(25))
        letter = self._propose()
        with self.assertRaisesSaying(UserError, "no fees and no interest"):
            self._charge(letter)
