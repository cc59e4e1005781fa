from odoo import fields, models


class SalesSellerBankChange(models.TransientModel):
    """Chooses the bank account that a seller is paid to."""

    _name = 'sales.seller.bank.change'
    _description = "Change Bank Account of a Seller"

    seller_id = fields.Many2one(comodel_name='sales.seller', string="Seller", required=True, readonly=True)
    partner_id = fields.Many2one(related='seller_id.partner_id')
    bank_account_id = fields.Many2one(
        comodel_name='res.partner.bank', string="Bank Account", required=True,
        domain="[('partner_id', '=', partner_id)]", context="{'default_partner_id': partner_id}")

    def action_apply(self):
        """Change the account; payouts wait until somebody else approves it. Rights are checked by the seller."""
        self.ensure_one()
        self.check_access('read')
        self.seller_id._change_bank(self.bank_account_id)
        return True
