from odoo import fields, models


class SalesSeller(models.Model):
    """What a seller may offer."""

    _inherit = 'sales.seller'

    category_ids = fields.Many2many(
        comodel_name='product.category', relation='sales_seller_category_rel', string="Categories",
        help="Product categories, with those below, that the seller may offer. Empty: all.")
    offer_auto_approve = fields.Boolean(
        string="Offers Need No Approval", tracking=True, help="His offers of good quality go on sale when he submits them.")
