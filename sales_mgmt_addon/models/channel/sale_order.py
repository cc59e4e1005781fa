from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='restrict', check_company=True,
        groups='base.group_user')
    seller_order_ids = fields.One2many(
        comodel_name='sales.seller.order', inverse_name='sale_order_id', string="Seller Orders", readonly=True,
        groups='base.group_user')
