from odoo import fields, models


class SalesCommissionRule(models.Model):
    """What we charge a seller: commission on a sale, or a fee for each unit we ship for him."""

    _name = 'sales.commission.rule'
    _description = "Commission Rule"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True)
    sequence = fields.Integer(string="Sequence", default=10)
    active = fields.Boolean(string="Active", default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, default=lambda self: self.env.company.currency_id)
    kind = fields.Selection(
        selection=[('commission', "Commission"), ('fulfilment', "Fulfilment Fee")], string="Kind", required=True,
        default='commission')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='cascade', check_company=True)
    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='cascade', check_company=True)
    category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='cascade')
    product_id = fields.Many2one(
        comodel_name='product.product', string="Product", index='btree_not_null', ondelete='cascade')
    percent = fields.Float(string="Rate (%)", digits=(7, 4))
    fixed_unit = fields.Monetary(string="Per Unit")
    fixed_line = fields.Monetary(string="Per Order Line")
    minimum = fields.Monetary(string="Minimum")
    maximum = fields.Monetary(string="Maximum", help="0 means no maximum.")
    base = fields.Selection(
        selection=[('net', "Net Price"), ('gross', "Price with Tax"), ('list', "Net Price before Platform Promotions")],
        string="Base", required=True, default='net')
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    refund_policy = fields.Selection(
        selection=[('full', "Give Back Fully"), ('percent', "Give Back a Share"), ('none', "Keep")],
        string="On a Refund", required=True, default='full')
    refund_percent = fields.Float(string="Share Given Back (%)", digits=(5, 2), default=100.0)
