from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # === CREDIT === #

    def _credit_addition(self):
        """Override: what the buyer pays to a seller himself is no credit of ours."""
        addition = super()._credit_addition()
        lines = self.sudo().order_line
        rights = lines._get_seller_rights()
        theirs = lines.filtered(lambda line: rights.get(line.id, {}).get('collects_payment') == 'seller')
        if not theirs or not addition:
            return addition
        amount = sum(theirs.mapped('price_total')) / (self.currency_rate or 1.0)
        return max(addition - self.company_id.currency_id.round(amount), 0.0)
