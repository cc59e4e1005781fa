from odoo import fields, models


class SalesSellerOffer(models.Model):
    _inherit = 'sales.seller.offer'

    purchase_price = fields.Monetary(
        string="Agreed Purchase Price", tracking=True,
        help="What we owe the seller for a unit that we sell as principal, without VAT. 0: the price less our commission.")

    _check_purchase_price = models.Constraint('CHECK (purchase_price >= 0)', "The purchase price is not negative.")
