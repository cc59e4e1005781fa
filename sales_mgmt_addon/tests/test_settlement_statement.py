from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .settlement_common import SettlementCommon


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time('2026-04-15')
class TestSettlementStatement(SettlementCommon):

    def test_statement_closes_to_the_payable_account(self):
        sale = self._book(self.seller_1, 100)
        statement = self._settle(post=False)
        self.assertRecordValues(statement, [{
            'state': 'draft', 'amount_opening': 0.0, 'amount_sales': 110.0, 'amount_commissions': -16.5,
            'amount_closing': 93.5, 'entry_count': 3}])
        statement.action_post()
        self.assertRecordValues(statement, [{
            'state': 'posted', 'amount_sales': 110.0, 'amount_refunds': 0.0, 'amount_commissions': -16.5,
            'amount_closing': 93.5, 'amount_net': 93.5, 'posted_by_id': self.user_sm_settle.id}])
        self.assertRegex(statement.name, r"^STM/2026/\d{5}$")
        charge = statement.charge_move_id
        self.assertRecordValues(charge, [{
            'move_type': 'out_invoice', 'amount_untaxed': 15.0, 'amount_tax': 1.5, 'payment_state': 'paid'}])
        self.assertEqual(self._balance(self.commission_account), -15.0)
        self.assertEqual(
            sorted((line.account_id.account_type, line.balance) for line in statement.move_id.line_ids),
            [('asset_receivable', -16.5), ('liability_current', 110.0), ('liability_payable', -93.5)])
        self.assertEqual((self._balance(self.clearing), self._owed()), (0.0, 93.5))
        self.assertTrue(all(self._clearing_of(sale).mapped('reconciled')))

    def test_second_post_is_nothing(self):
        self._book(self.seller_1, 100)
        statement = self._settle()
        moves = statement.move_id, statement.charge_move_id
        statement.action_post()
        self.assertEqual((statement.move_id, statement.charge_move_id), moves)
        self.assertEqual(self._owed(), 93.5)

    def test_refund_after_payout(self):
        """Acceptance 2: the seller owes, and the next sale pays it back."""
        self._book(self.seller_1, 100)
        first = self._settle(cutoff=date(2026, 3, 10))
        payout = self._pay()
        self.assertEqual((payout.payment_ids.amount, self._owed(), first.state), (93.5, 0.0, 'paid'))

        self._book(self.seller_1, -100, day='2026-03-15')
        second = self._settle(cutoff=date(2026, 3, 20))
        self.assertRecordValues(second, [{
            'amount_opening': 93.5, 'amount_payouts': -93.5, 'amount_refunds': -110.0, 'amount_commissions': 16.5,
            'amount_closing': -93.5}])
        self.assertEqual(second.charge_move_id.move_type, 'out_refund')
        self.assertEqual(self._owed(), -93.5)

        self._book(self.seller_1, 200, day='2026-03-25')
        third = self._settle()
        self.assertRecordValues(third, [{
            'amount_opening': -93.5, 'amount_payouts': 0.0, 'amount_net': 187.0, 'amount_closing': 93.5}])
        payout = self._pay()
        self.assertEqual(payout.payment_ids.mapped('amount'), [93.5])
        self.assertEqual((self._owed(), set((second | third).mapped('state'))), (0.0, {'paid'}))

    def test_sale_and_refund_before_the_cutoff(self):
        """Acceptance 3: nothing is posted, the clearing items are matched with each other."""
        moves = self._book(self.seller_1, 100) | self._book(self.seller_1, -100, day='2026-03-20')
        statement = self._settle()
        self.assertRecordValues(statement, [{
            'state': 'posted', 'amount_sales': 110.0, 'amount_refunds': -110.0, 'amount_net': 0.0, 'amount_closing': 0.0,
            'move_id': False, 'charge_move_id': False}])
        self.assertTrue(all(self._clearing_of(moves).mapped('reconciled')))
        statement.action_cancel()
        self.assertFalse(any(self._clearing_of(moves).mapped('reconciled')))

    def test_late_invoice_and_partial_refund(self):
        """Acceptance 4, in the order of the numbers there."""
        for _unit in range(4):
            self._book(self.seller_1, 100)
        fees = self._book_rows(self.seller_1, None, '2026-03-10', self.company.currency_id, [
            {'kind': 'fee', 'amount': -16.0, 'tax_amount': -1.6}])
        first = self._settle(cutoff=date(2026, 3, 20))
        self.assertEqual((first.amount_closing, first.amount_fees, fees.settlement_id), (356.4, -17.6, first.sudo()))

        # 80 % of the commission on one unit comes back
        self._book(self.seller_1, -100, day='2026-03-25', commission=0.12)
        self._book(self.seller_1, 100, day='2026-03-15', deemed=True)
        second = self._settle()
        self.assertRecordValues(second, [{
            'amount_opening': 356.4, 'amount_sales': 100.0, 'amount_refunds': -110.0, 'amount_commissions': -3.3,
            'amount_closing': 343.1}])
        self.assertEqual((second.charge_move_id.amount_untaxed, second.charge_move_id.amount_tax), (3.0, 0.3))
        self.assertEqual(
            sorted((line.account_id.account_type, line.balance) for line in second.move_id.line_ids),
            [('asset_receivable', -3.3), ('liability_current', -10.0), ('liability_payable', 13.3)])
        self.assertEqual(self._owed(), 343.1)

    def test_currency(self):
        """Acceptance 7: Odoo's exchange entries close the clearing account; other currencies stay out."""
        euro = self.env.ref('base.EUR')
        euro.active = True
        euro.rate_ids.unlink()
        self.env['res.currency.rate'].create([
            {'currency_id': euro.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in (('2026-01-01', 0.80), ('2026-03-31', 0.90))])
        self._book(self.seller_1, 100, currency=euro)
        dollars = self._book(self.seller_1, 50)
        self.assertEqual(self._balance(self.clearing), -192.5)
        statements = self._settle(post=False)
        self.assertEqual(len(statements), 2)
        statement = statements.filtered(lambda one: one.currency_id == euro)
        statement.action_post()
        payable = statement.move_id.line_ids.filtered(lambda line: line.account_id == self.payable)
        self.assertRecordValues(payable, [{'balance': -103.89, 'amount_currency': -93.5}])
        self.assertEqual(self._balance(self.clearing), -55.0)
        self.assertEqual(self._balance(self.company.income_currency_exchange_account_id), -15.28)
        self.assertFalse(any(self._clearing_of(dollars).mapped('reconciled')))
        self.assertEqual(statement.amount_closing, 93.5)

    def test_unsettle(self):
        """Acceptance 8: cancel before it is paid, refuse afterwards."""
        self._book(self.seller_1, 100)
        statement = self._settle()
        statement.action_cancel()
        self.assertEqual(statement.state, 'cancelled')
        self.assertFalse(statement.ledger_ids)
        self.assertEqual(
            (self._balance(self.clearing), self._balance(self.commission_account), self._owed()), (-110.0, 0.0, 0.0))
        again = self._settle()
        self.assertEqual((self._owed(), again.amount_opening, again.amount_closing), (93.5, 0.0, 93.5))
        self._pay()
        with self.assertRaisesSaying(UserError, "is paid"):
            again.action_cancel()

    def test_documents_of_a_statement_are_guarded(self):
        sale = self._book(self.seller_1, 100)
        statement = self._settle()
        billing = self.user_sm_billing
        for move in statement.move_id | statement.charge_move_id:
            for method in ('button_draft', 'button_cancel', '_reverse_moves'):
                with self.assertRaisesSaying(UserError, "belongs to"):
                    getattr(move.with_user(billing), method)()
            with self.assertRaisesSaying(UserError, "belongs to"):
                move.with_user(billing).write({'state': 'draft'})
        for items in (self._clearing_of(sale), statement.move_id.line_ids, statement.charge_move_id.line_ids):
            with self.assertRaisesSaying(UserError, "were matched by"):
                items.with_user(billing).remove_move_reconcile()

    def test_only_the_last_statement_is_cancelled(self):
        self._book(self.seller_1, 100)
        first = self._settle(cutoff=date(2026, 3, 10))
        self._book(self.seller_1, 100, day='2026-03-15')
        second = self._settle()
        with self.assertRaisesSaying(UserError, f"{second.name} builds upon it"):
            first.action_cancel()
        (first | second).action_cancel()
        self.assertEqual((self._owed(), self._balance(self.clearing)), (0.0, -220.0))

    def test_nothing_by_hand(self):
        self._book(self.seller_1, 100)
        statement = self._settle(post=False)
        for vals in ({'state': 'paid'}, {'amount_closing': 1.0}, {'seller_id': self.seller_2.id}):
            with self.assertRaises(AccessError):
                statement.write(vals)
        for user in (self.user_sm_channel, self.user_sm_director, self.user_sm_billing, self.user_sm_sales, self.user_sm_portal):
            for method in ('action_post', 'action_collect', 'action_cancel'):
                with self.assertRaises(AccessError):
                    getattr(statement.with_user(user), method)()

    def test_other_companies_see_nothing(self):
        company = self._create_company("Other")
        user = self._create_user(
            'sm_other', 'sales_mgmt_addon.group_settlement_officer', company_id=company.id,
            company_ids=[Command.set(company.ids)])
        self._book(self.seller_1, 100)
        statement = self._settle(post=False)
        for model in ('sales.settlement', 'sales.seller.ledger', 'sales.settlement.control'):
            self.assertTrue(self.env[model].with_user(self.user_sm_settle).search_count([]), model)
            self.assertFalse(self.env[model].with_user(user).search_count([]), model)
        for method in ('action_post', 'action_cancel', 'action_collect'):
            with self.assertRaises(AccessError):
                getattr(statement.with_user(user), method)()

    def test_missing_account(self):
        self._book(self.seller_1, 100)
        statement = self._settle(post=False)
        self.company.marketplace_fee_account_id = False
        with self.assertRaisesSaying(UserError, "Fee Income is not set"):
            statement.action_post()

    def test_vat_of_many_rounds(self):
        """Three commissions of 0.15 have 0.02 VAT each, the invoice has 0.05 on 0.45: an entry says so."""
        for _sale in range(3):
            self._book(self.seller_1, 1)
        statement = self._settle()
        self.assertEqual(statement.charge_move_id.amount_total, 0.5)
        self.assertEqual(statement.amount_commissions, -0.5)
        rounding = statement.sudo().ledger_ids.filtered(lambda row: row.origin_settlement_id)
        self.assertEqual(rounding.mapped(lambda row: (row.kind, row.amount, row.tax_amount)), [('commission', 0.0, 0.01)])
        self.assertEqual((statement.amount_closing, self._owed()), (2.8, 2.8))

    def test_vat_on_charges_follows_the_fiscal_position(self):
        """A seller who has moved: the invoice has the VAT of his fiscal position, and an entry what was booked too much."""
        self._book(self.seller_1, 100)
        position = self.env['account.fiscal.position'].create({'name': "Abroad"})
        self.tax.copy({
            'name': "VAT 4", 'amount': 4, 'fiscal_position_ids': position.ids, 'original_tax_ids': self.tax.ids})
        self.seller_1.partner_id.property_account_position_id = position
        statement = self._settle(post=False)
        self.assertEqual(statement.amount_commissions, -16.5)
        statement.action_post()
        self.assertEqual((statement.charge_move_id.amount_untaxed, statement.charge_move_id.amount_tax), (15.0, 0.6))
        self.assertEqual((statement.amount_commissions, statement.amount_closing, self._owed()), (-15.6, 94.4, 94.4))
