from odoo import fields, models
from odoo.exceptions import UserError

# Steps that the dialog may take; each checks the rights of the user itself
METHODS = {
    'sales.seller': ('action_suspend', 'action_hold_payouts'),
    'sales.seller.offer': ('action_reject',),
    'sales.seller.score': ('action_accept_appeal', 'action_reject_appeal'),
}


class SalesSellerReason(models.TransientModel):
    """Asks for the reason of a step."""

    _name = 'sales.seller.reason'
    _description = "Reason"

    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_ids = fields.Char(string="Records", required=True, readonly=True)
    method = fields.Char(string="Step", required=True, readonly=True)
    reason = fields.Text(string="Reason", required=True)

    def action_apply(self):
        """Take the step with the reason; rights and status are checked there.

        :raise UserError: if the dialog was not opened by a button of a seller or an offer
        """
        self.ensure_one()
        self.check_access('read')
        if self.method not in METHODS.get(self.res_model, ()) or not self.res_ids.replace(',', '').isdigit():
            raise UserError(self.env._("Start this step with the button of the seller or the offer."))
        records = self.env[self.res_model].browse(int(res_id) for res_id in self.res_ids.split(',') if res_id)
        return getattr(records, self.method)(self.reason)
