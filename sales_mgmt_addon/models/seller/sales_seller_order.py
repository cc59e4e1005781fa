from odoo import fields, models


class SalesSellerOrder(models.Model):
    """The part of a confirmed sales order that one seller sells; what he sees of it and works on."""

    _name = 'sales.seller.order'
    _description = "Seller Order"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_order desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    sale_order_id = fields.Many2one(
        comodel_name='sale.order', string="Sales Order", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    company_id = fields.Many2one(related='sale_order_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='sale_order_id.currency_id')
    user_id = fields.Many2one(related='sale_order_id.user_id', string="Salesperson", store=True, index='btree_not_null')
    team_id = fields.Many2one(related='sale_order_id.team_id', string="Sales Team", store=True, index='btree_not_null')
    date_order = fields.Datetime(string="Order Date", required=True, readonly=True, default=fields.Datetime.now)
    state = fields.Selection(
        selection=[
            ('new', "New"), ('accepted', "Accepted"), ('shipped', "Shipped"), ('done', "Done"), ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, default='new', readonly=True, copy=False, tracking=True, group_expand=True)
    line_ids = fields.One2many(
        comodel_name='sales.seller.order.line', inverse_name='order_id', string="Lines", readonly=True)

    _unique_seller = models.Constraint('UNIQUE (sale_order_id, seller_id)', "The order has a seller order of this seller.")
