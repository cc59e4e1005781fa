from odoo import api, models


class ProductProduct(models.Model):
    _inherit = 'product.product'

    @api.depends_context('owners')
    def _compute_quantities(self):
        """Override of `stock`: the owners in the context decide on the quantities, so they are cached apart."""
        return super()._compute_quantities()

    def _with_valuation_context(self):
        """Override of `stock_account`: goods of others are not in the FIFO stack either."""
        return super()._with_valuation_context().with_context(owners=[False, self.env.company.partner_id.id])
