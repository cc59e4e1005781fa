from odoo import models
from odoo.exceptions import UserError

from ...internal import granted
from ..channel.const import LEDGER_GUARD, SETTLEMENT_GUARD

# Whose money a posted item is, and how much
FIXED_FIELDS = {'account_id', 'partner_id', 'currency_id', 'amount_currency', 'balance', 'debit', 'credit'}


class AccountMove(models.Model):
    """The entry and the invoices of a statement, and payments of payout batches, are taken back there only."""

    _inherit = 'account.move'

    def write(self, vals):
        if vals.get('state') in ('draft', 'cancel'):
            self.filtered(lambda move: move.state == 'posted')._check_settlement_moves()
        return super().write(vals)

    def _check_draftable(self):
        self._check_settlement_moves()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_settlement_moves()
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def _check_settlement_moves(self):
        """Refuse to touch moves of statements and payouts that are in force.

        :raise UserError: naming the statement or the batch to cancel instead
        """
        if not self.ids or granted(self, SETTLEMENT_GUARD):
            return
        settlement = self.env['sales.settlement'].sudo().search([
            ('state', 'in', ('posted', 'paid')), '|', '|', ('move_id', 'in', self.ids),
            ('charge_move_id', 'in', self.ids), ('bill_move_id', 'in', self.ids)], limit=1)
        if settlement:
            raise UserError(self.env._(
                "This document belongs to %(statement)s of %(seller)s. Cancel the statement or, if it is paid, correct it "
                "with an adjustment in the next one.", statement=settlement.name, seller=settlement.seller_id.name))
        if self.env['sales.settlement.accrual'].sudo().search_count([
                ('state', '=', 'posted'), '|', ('move_id', 'in', self.ids), ('reversal_id', 'in', self.ids)], limit=1):
            raise UserError(self.env._("This entry accrues commissions of a month. Cancel the accrual instead."))
        payment = self.sudo().origin_payment_id.filtered('payout_id')[:1]
        if payment and payment.state not in ('canceled', 'rejected'):
            raise UserError(self.env._(
                "This payment belongs to payout batch %(batch)s. Report it as failed there.", batch=payment.payout_id.name))


class AccountMoveLine(models.Model):
    """Posted items that a statement, a payout or a seller's ledger rests on stay whose they are."""

    _inherit = 'account.move.line'

    def write(self, vals):
        if fixed := FIXED_FIELDS & vals.keys():
            self.filtered(lambda line: line.parent_state == 'posted')._check_items_stay({name: vals[name] for name in fixed})
        return super().write(vals)

    def _check_items_stay(self, vals):
        """Refuse to give items to somebody else, to move them to another account or to change their amount.

        :raise UserError: naming the statement, the batch or the document
        """
        changed = self.filtered(lambda line: any(
            self._fields[name].convert_to_cache(value, line) != self._fields[name].convert_to_cache(line[name], line)
            for name, value in vals.items()))
        if not changed:
            return
        changed.move_id._check_settlement_moves()
        if not granted(self, LEDGER_GUARD) and self.env['sales.seller.ledger'].sudo().search_count(
                [('aml_id', 'in', changed.ids)], limit=1):
            raise UserError(self.env._(
                "%(document)s is in the ledger of a seller. Reset it to draft, or make a credit note.",
                document=changed[0].move_id.display_name))
