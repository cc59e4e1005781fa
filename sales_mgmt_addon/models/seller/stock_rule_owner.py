from odoo import models


class StockRule(models.Model):
    _inherit = 'stock.rule'

    def _get_custom_move_fields(self):
        """Override of `stock` to hand the owner of the goods from the order to its movements."""
        return super()._get_custom_move_fields() + ['restrict_partner_id']
