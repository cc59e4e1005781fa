from odoo import api, fields, models


class SalesPayoutFail(models.TransientModel):
    """Report a payment that the bank has returned."""

    _name = 'sales.payout.fail'
    _description = "Failed Payment to a Seller"

    payout_id = fields.Many2one(
        comodel_name='sales.payout', string="Payout Batch", required=True, readonly=True, ondelete='cascade')
    payment_id = fields.Many2one(
        comodel_name='account.payment', string="Payment", required=True, ondelete='cascade',
        domain="[('payout_id', '=', payout_id), ('state', 'in', ('in_process', 'paid'))]")
    reason = fields.Char(string="Reason", required=True, help="What the bank says.")

    @api.constrains('payout_id')
    def _check_payout(self):
        """A client may name any batch."""
        self.payout_id.sudo(False).check_access('read')

    def action_fail(self):
        """Take the payment back.

        :raise AccessError, UserError: as of :meth:`SalesPayout.action_fail`
        :return: action that closes the form
        """
        self.ensure_one()
        self.check_access('write')
        self.payout_id.sudo(False).action_fail(self.payment_id.id, self.reason)
        return {'type': 'ir.actions.act_window_close'}
