from odoo import models


class StockWarehouseOrderpoint(models.Model):
    _inherit = 'stock.warehouse.orderpoint'

    def _get_product_context(self):
        """Override of `stock`: we replenish our own goods; those of sellers are neither stock nor demand of ours."""
        context = super()._get_product_context()
        if self.env['sales.seller']._get_owner_ids(self.company_id.id):
            context['owner_id'] = False
        return context
