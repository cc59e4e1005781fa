from odoo import fields, models


class SalesSellerOrderLine(models.Model):
    _name = 'sales.seller.order.line'
    _description = "Seller Order Line"
    _order = 'order_id, id'

    order_id = fields.Many2one(
        comodel_name='sales.seller.order', string="Seller Order", required=True, readonly=True, index=True,
        ondelete='cascade')
    seller_id = fields.Many2one(related='order_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='order_id.company_id', store=True)
    sale_line_id = fields.Many2one(
        comodel_name='sale.order.line', string="Order Line", required=True, readonly=True, index=True, ondelete='restrict')
    product_id = fields.Many2one(related='sale_line_id.product_id', store=True)
    product_uom_id = fields.Many2one(related='sale_line_id.product_uom_id')
    quantity = fields.Float(string="Ordered", digits='Product Unit', readonly=True)
    qty_shipped = fields.Float(string="Shipped", digits='Product Unit', readonly=True)
    qty_returned = fields.Float(string="Returned", digits='Product Unit', readonly=True)

    _unique_line = models.Constraint('UNIQUE (sale_line_id)', "The order line is in a seller order already.")
    _check_quantities = models.Constraint(
        'CHECK (0 <= qty_returned AND qty_returned <= qty_shipped AND qty_shipped <= quantity)',
        "A seller cannot ship more than was ordered, nor take back more than he shipped.")
