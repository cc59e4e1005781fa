from odoo import api, fields, models
from odoo.exceptions import UserError

from ..channel.const import COMPANY_OR_SELLER


class SalesSellerOrderLine(models.Model):
    """What a seller sells with one order line: its goods follow the order line, shipments and returns."""

    _name = 'sales.seller.order.line'
    _description = "Seller Order Line"
    _order = 'order_id, id'
    _inherit = ['sales.seller.document.mixin']

    _server_fields = frozenset({
        'order_id', 'sale_line_id', 'fulfilled_by', 'quantity', 'qty_shipped', 'qty_returned', 'qty_cancelled', 'qty_taken_off'})

    order_id = fields.Many2one(
        comodel_name='sales.seller.order', string="Seller Order", required=True, readonly=True, index=True,
        ondelete='cascade')
    seller_id = fields.Many2one(related='order_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='order_id.company_id', store=True)
    currency_id = fields.Many2one(related='sale_line_id.currency_id')
    state = fields.Selection(related='order_id.state')
    sale_line_id = fields.Many2one(
        comodel_name='sale.order.line', string="Order Line", required=True, readonly=True, index=True, ondelete='restrict')
    product_id = fields.Many2one(related='sale_line_id.product_id', store=True)
    name = fields.Text(related='sale_line_id.name', string="Description")
    product_uom_id = fields.Many2one(related='sale_line_id.product_uom_id')
    fulfilled_by = fields.Selection(
        selection=COMPANY_OR_SELLER, string="Fulfilled By", required=True, default='seller', readonly=True,
        help="Who ships the goods and takes them back.")
    quantity = fields.Float(string="Ordered", digits='Product Unit', readonly=True)
    qty_shipped = fields.Float(string="Shipped", digits='Product Unit', readonly=True)
    qty_returned = fields.Float(string="Returned", digits='Product Unit', readonly=True)
    qty_cancelled = fields.Float(
        string="Cancelled", digits='Product Unit', readonly=True, help="What the seller could not deliver.")
    qty_taken_off = fields.Float(
        string="Returned and Taken off the Order", digits='Product Unit', readonly=True,
        help="Returned goods by which the ordered quantity was lowered, so that they are credited.")
    qty_open = fields.Float(string="To Ship", digits='Product Unit', compute='_compute_qty_open')
    price_unit = fields.Float(related='sale_line_id.price_unit', string="Unit Price")
    price_subtotal = fields.Monetary(related='sale_line_id.price_subtotal', string="Amount without Tax", store=True)
    price_total = fields.Monetary(related='sale_line_id.price_total', string="Amount with Tax", store=True)

    _unique_line = models.Constraint('UNIQUE (sale_line_id)', "The order line is in a seller order already.")
    # our own warehouse may deliver more than was ordered, as it may for any order
    _check_quantities = models.Constraint(
        "CHECK (0 <= qty_returned AND (fulfilled_by = 'company' OR (qty_returned <= qty_shipped AND qty_shipped <= quantity)))",
        "A seller cannot ship more than was ordered, nor take back more than he shipped.")

    # === COMPUTE METHODS === #

    @api.depends('quantity', 'qty_shipped')
    def _compute_qty_open(self):
        for line in self:
            line.qty_open = line._get_open_quantity()

    # === BUSINESS METHODS === #

    def _get_server_message(self):
        return self.env._("Lines of seller orders follow their order lines and shipments; they are not edited.")

    def _get_open_quantity(self):
        """Return what is still to be shipped, in the unit of the order line. Note: self.ensure_one()

        :rtype: float
        """
        self.ensure_one()
        return max(0.0, self.product_uom_id.round(self.quantity - self.qty_shipped))

    def _get_returnable_quantity(self):
        """Return what was shipped and did not come back, in the unit of the order line. Note: self.ensure_one()

        :rtype: float
        """
        self.ensure_one()
        return max(0.0, self.product_uom_id.round(self.qty_shipped - self.qty_returned))

    def _sync_quantity(self):
        """Take over the ordered quantities of the order lines, with what returns have taken off there.

        :raise UserError: below what the seller has shipped, or below nothing
        """
        for line in self:
            quantity = line.product_uom_id.round(line.sale_line_id.product_uom_qty + line.qty_taken_off)
            floor = line.qty_shipped if line.fulfilled_by == 'seller' else 0.0
            if line.product_uom_id.compare(quantity, floor) < 0:
                raise UserError(self.env._(
                    "%(seller)s has shipped %(quantity)s of %(product)s already. Register a return for less.",
                    seller=line.seller_id.name, quantity=line.qty_shipped, product=line.product_id.display_name))
            if line.quantity != quantity:
                line.quantity = quantity

    def _move_to(self, sale_lines, orders):
        """Make these lines those of ``sale_lines``: new ones are added, others move or go.

        :param sale_lines: confirmed lines of sellers
        :param dict orders: seller order by (id of the sales order, id of the seller)
        """
        stale = self.filtered(lambda line: line.sale_line_id.id not in sale_lines._ids and not line.qty_shipped)
        stale.unlink()
        lines = self - stale
        known = {line.sale_line_id.id: line for line in lines}
        by_seller = sale_lines._filter_shipped_by_seller()
        vals_list = []
        for sale_line in sale_lines.sudo():
            order = orders[sale_line.order_id.id, sale_line.seller_id.id]
            fulfilled_by = 'seller' if sale_line.id in by_seller._ids else 'company'
            line = known.get(sale_line.id)
            if not line:
                vals_list.append({
                    'order_id': order.id, 'sale_line_id': sale_line.id, 'fulfilled_by': fulfilled_by,
                    'quantity': sale_line.product_uom_qty})
            elif line.order_id != order or line.fulfilled_by != fulfilled_by:
                line.write({'order_id': order.id, 'fulfilled_by': fulfilled_by})
        self.create(vals_list)
        lines._sync_quantity()

    def _sum_done(self, moves):
        """Return what these stock movements have moved, in the unit of the order line. Note: self.ensure_one()

        :rtype: float
        """
        self.ensure_one()
        return sum(
            move.product_uom._compute_quantity(move.quantity, self.product_uom_id, rounding_method='HALF-UP')
            for move in moves if move.state == 'done')
