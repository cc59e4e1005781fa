from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...internal import granted
from ..channel.const import SETTLEMENT_GUARD

SERVER_FIELDS = frozenset({'payout_id', 'settlement_id', 'payout_failure'})
# What may change on a payment of a batch without the batch
FREE_FIELDS = frozenset({'is_sent', 'message_follower_ids', 'activity_ids', 'message_ids', 'message_main_attachment_id'})


class AccountPayment(models.Model):
    """Payments of a payout batch are made, sent and failed by the batch; the person who approved it approved them."""

    _inherit = 'account.payment'

    payout_id = fields.Many2one(
        comodel_name='sales.payout', string="Payout Batch", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', check_company=True, groups='account.group_account_readonly,account.group_account_invoice')
    settlement_id = fields.Many2one(
        comodel_name='sales.settlement', string="Settlement Statement", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', check_company=True, groups='account.group_account_readonly,account.group_account_invoice')
    payout_failure = fields.Char(
        string="Why It Failed", readonly=True, copy=False, groups='account.group_account_readonly,account.group_account_invoice')

    # A statement has one payment that is under way, whatever two batches think
    _unique_settlement = models.UniqueIndex(
        "(settlement_id) WHERE settlement_id IS NOT NULL AND state NOT IN ('canceled', 'rejected')",
        "This statement is being paid already.")

    @api.constrains('state', 'payment_type', 'destination_account_id', 'payout_id')
    def _check_seller_payout(self):
        """What we owe sellers is paid in batches only: nobody else checks holds, bank account and four eyes."""
        for payment in self.sudo():
            if (payment.payment_type == 'outbound' and payment.state in ('in_process', 'paid') and not payment.payout_id
                    and payment.destination_account_id
                    and payment.destination_account_id == payment.company_id.marketplace_payable_account_id):
                raise ValidationError(self.env._(
                    "%(partner)s is a seller: what we owe him is paid with a payout batch.", partner=payment.partner_id.name))

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, SETTLEMENT_GUARD) and any(
                SERVER_FIELDS & vals.keys() or f'default_{name}' in self.env.context
                for vals in vals_list for name in SERVER_FIELDS):
            raise AccessError(self.env._("Payments of sellers are made in payout batches."))
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, SETTLEMENT_GUARD) and not vals.keys() <= FREE_FIELDS:
            if SERVER_FIELDS & vals.keys():
                raise AccessError(self.env._("Payments of sellers are made in payout batches."))
            self._check_payout_payment(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_payout(self):
        if not granted(self, SETTLEMENT_GUARD):
            self._check_payout_payment({})

    def _check_payout_payment(self, vals):
        """Refuse changes to payments of a batch; the bank statement may say that a sent one was paid."""
        if vals.keys() == {'state'} and vals['state'] in ('in_process', 'paid') and all(self.mapped('move_id')):
            return
        payment = self.sudo().filtered('payout_id')[:1]
        if payment:
            raise UserError(self.env._(
                "This payment belongs to payout batch %(batch)s. Change it there.", batch=payment.payout_id.name))
