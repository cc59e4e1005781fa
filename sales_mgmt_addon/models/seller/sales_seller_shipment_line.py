from odoo import fields, models


class SalesSellerShipmentLine(models.Model):
    """How much of one line of a seller order was in a shipment or return."""

    _name = 'sales.seller.shipment.line'
    _description = "Seller Shipment Line"
    _order = 'shipment_id, id'
    _inherit = ['sales.seller.document.mixin']

    _server_fields = frozenset({'shipment_id', 'order_line_id', 'quantity', 'ordered_change'})

    shipment_id = fields.Many2one(
        comodel_name='sales.seller.shipment', string="Shipment", required=True, readonly=True, index=True,
        ondelete='cascade')
    seller_id = fields.Many2one(related='shipment_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='shipment_id.company_id', store=True)
    order_line_id = fields.Many2one(
        comodel_name='sales.seller.order.line', string="Line", required=True, readonly=True, index=True,
        ondelete='restrict')
    product_id = fields.Many2one(related='order_line_id.product_id')
    product_uom_id = fields.Many2one(related='order_line_id.product_uom_id')
    quantity = fields.Float(string="Quantity", digits='Product Unit', required=True, readonly=True)
    ordered_change = fields.Float(
        string="Change of the Order", digits='Product Unit', readonly=True,
        help="A return of goods that are invoiced as ordered lowers the ordered quantity, so that it is credited.")

    _check_quantity = models.Constraint('CHECK (quantity > 0)', "A shipment holds more than nothing.")

    # === BUSINESS METHODS === #

    def _get_server_message(self):
        return self.env._("Shipments are registered on their seller orders. Cancel a wrong one and register it anew.")

    def _take_off_order(self):
        """Lower the ordered quantity of returned goods that are invoiced as ordered: Odoo credits them then."""
        for line in self:
            sale_line = line.order_line_id.sale_line_id
            if sale_line.product_id.invoice_policy == 'order':
                line._change_ordered(-min(line.quantity, sale_line.product_uom_qty))

    def _give_back_to_order(self):
        """Undo :meth:`_take_off_order` for a return that was registered by mistake."""
        for line in self.filtered('ordered_change'):
            line._change_ordered(-line.ordered_change)

    def _change_ordered(self, change):
        """Change what the buyer ordered, not what the seller has to ship. Note: self.ensure_one()"""
        target = self.order_line_id
        self.ordered_change += change
        target.qty_taken_off -= change
        target.sale_line_id.product_uom_qty += change
