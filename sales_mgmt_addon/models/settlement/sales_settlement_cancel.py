from odoo import fields, models
from odoo.exceptions import UserError

from ...internal import grant
from ..channel.const import SETTLEMENT_GUARD


class SalesSettlement(models.Model):
    """Taking a statement back until it is paid: both documents are reversed, and its entries are free again."""

    _inherit = 'sales.settlement'

    #=== ACTION METHODS ===#

    def action_cancel(self):
        """Cancel statements that are not paid; their entries come into the next statement.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if a statement is paid or in a payout batch, or a later one builds upon it
        :return: True
        """
        self._check_officer()
        for settlement in self.sorted('id', reverse=True):
            settlement.seller_id.sudo()._serialise_settlement()
            settlement.invalidate_recordset()
            if settlement.state == 'cancelled':
                continue
            trusted = grant(settlement.sudo(), SETTLEMENT_GUARD).with_company(settlement.company_id)
            trusted._check_can_cancel()
            trusted._cancel_statement()
        return True

    #=== BUSINESS METHODS ===#

    def _check_can_cancel(self):
        if self.state == 'draft':
            return
        if self.state == 'paid' or self._get_payout_matches():
            raise UserError(self.env._(
                "%(statement)s is paid. Correct it with a credit note or an adjustment in the next statement.",
                statement=self.name))
        if self.payout_id:
            raise UserError(self.env._(
                "%(statement)s is in payout batch %(batch)s. Cancel the batch first.",
                statement=self.name, batch=self.payout_id.name))
        later = self.search([
            ('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id),
            ('currency_id', '=', self.currency_id.id), ('state', 'in', ('posted', 'paid')), ('id', '>', self.id)],
            order='id desc', limit=1)
        if later:
            raise UserError(self.env._("%(later)s builds upon it. Cancel that one first.", later=later.name))

    def _get_payout_matches(self):
        """Return the items of payments that are matched with the payable of the statement."""
        payable = self._get_payable_line()
        others = payable.matched_debit_ids.debit_move_id | payable.matched_credit_ids.credit_move_id
        return others.filtered(lambda line: line.move_id.origin_payment_id and not line.move_id.reversal_move_ids)

    def _get_payable_line(self):
        return self.move_id.line_ids.filtered(
            lambda line: line.account_id == self.company_id.marketplace_payable_account_id)

    def _cancel_statement(self):
        """Reverse what was posted and free the entries. In sudo mode. Note: self.ensure_one()"""
        self.ensure_one()
        posted = self.state == 'posted'
        if posted:
            self._unmatch_clearing()
            moves = self.move_id | self.bill_move_id | self.charge_move_id
            moves._reverse_moves([self._prepare_reversal(move) for move in moves], cancel=True)
        self._free_entries()
        self._set({'state': 'cancelled'})
        if posted:
            self._match_payables_again()
        self.activity_unlink(['mail.mail_activity_data_todo'])

    def _unmatch_clearing(self):
        """Undo the matching of the clearing items with each other, which no reversal would undo."""
        self.ledger_ids.aml_id.remove_move_reconcile()

    def _prepare_reversal(self, move):
        day, today = self._get_day_after_accrual(move.date), fields.Date.context_today(self)
        if self.company_id._get_violated_lock_dates(day, False, move.journal_id):
            day = today
        return {
            'date': day, 'invoice_date': day if move.is_invoice(include_receipts=True) else False,
            'ref': self.env._("Cancelled: %(statement)s", statement=self.name)}

    def _match_payables_again(self):
        """Match what the cancelled statement had cleared of older balances with each other."""
        lines = self._get_open_payables()
        if self._has_both_signs(lines):
            lines.reconcile()
