from odoo import fields, models


class SalesSellerOffer(models.Model):
    """What a seller asks for a product of the shared catalogue."""

    _name = 'sales.seller.offer'
    _description = "Seller Offer"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'product_id, price, id'
    _check_company_auto = True

    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, index=True, ondelete='restrict', check_company=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    product_id = fields.Many2one(
        comodel_name='product.product', string="Product", required=True, index=True, ondelete='restrict', check_company=True)
    seller_sku = fields.Char(string="Seller's Reference")
    price = fields.Monetary(string="Price", required=True, tracking=True, help="Per unit of the product, without VAT.")
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, default=lambda self: self.env.company.currency_id)
    minimum_quantity = fields.Float(string="Minimum Quantity", digits='Product Unit', default=0.0)
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    lead_days = fields.Integer(string="Lead Time (Days)", default=1)
    stock_quantity = fields.Float(
        string="Seller's Stock", digits='Product Unit', help="What the seller says he has, where he ships himself.")
    state = fields.Selection(
        selection=[
            ('draft', "Draft"), ('submitted', "Submitted"), ('active', "Active"), ('paused', "Paused"),
            ('rejected', "Rejected"), ('closed', "Closed"),
        ],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True, group_expand=True)
    mode_ids = fields.One2many(comodel_name='sales.channel.mode', inverse_name='offer_id', string="Modes")
