from odoo import fields, models


class SalesSellerShipLine(models.TransientModel):
    _name = 'sales.seller.ship.line'
    _description = "Goods of a Seller's Shipment"

    wizard_id = fields.Many2one(
        comodel_name='sales.seller.ship', string="Dialog", required=True, index=True, ondelete='cascade')
    order_line_id = fields.Many2one(
        comodel_name='sales.seller.order.line', string="Line", required=True, ondelete='cascade')
    product_id = fields.Many2one(related='order_line_id.product_id')
    product_uom_id = fields.Many2one(related='order_line_id.product_uom_id')
    room = fields.Float(string="At Most", digits='Product Unit', readonly=True)
    quantity = fields.Float(string="Quantity", digits='Product Unit')
