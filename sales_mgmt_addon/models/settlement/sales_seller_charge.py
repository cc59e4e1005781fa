from odoo import models


class SalesSeller(models.Model):
    _inherit = 'sales.seller'

    # === BUSINESS METHODS === #

    def _get_charge_taxes(self):
        """Return the VAT on our commissions and fees for the seller, after his fiscal position.

        :rtype: odoo.models.Model
        """
        self.ensure_one()
        seller = self.sudo().with_company(self.company_id)
        position = self.env['account.fiscal.position'].sudo().with_company(self.company_id)._get_fiscal_position(
            seller.partner_id)
        return position.map_tax(seller.company_id.marketplace_charge_tax_id)
