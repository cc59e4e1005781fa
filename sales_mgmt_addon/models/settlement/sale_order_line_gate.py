from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """What the order gate makes of goods of sellers: their price is no favour of ours, and our margin is the commission."""

    _inherit = 'sale.order.line'

    seller_unit_cost = fields.Float(
        string="Owed to the Seller per Unit", digits='Product Price', compute='_compute_seller_unit_cost', compute_sudo=True,
        groups='base.group_user', help="What the seller gets of a unit, in the currency of the order, without VAT.")

    @api.depends('price_subtotal', 'product_uom_qty', 'offer_id', 'seller_id', 'commission_frozen')
    def _compute_seller_unit_cost(self):
        # looked up for all lines of an order at once
        costs = self.filtered('seller_id')._get_seller_unit_costs()
        for line in self:
            line.seller_unit_cost = costs.get(line, 0.0)

    def _gate_list_price(self):
        """Override: the seller's price is the list price, whatever our own price for the product."""
        if self._has_seller_price():
            return self._get_seller_unit_price()
        return super()._gate_list_price()

    def _gate_price_figures(self):
        """Override: a price that the seller sets is neither a discount nor a surcharge."""
        if not self._has_seller_price() or self.price_unit < 0:
            return super()._gate_price_figures()
        price = self._get_seller_unit_price() * self.product_uom_qty
        return {
            'list': price, 'agreed': price,
            'net': self.price_unit * (1.0 - self.discount / 100.0) * self.product_uom_qty}

    def _gate_margin_figures(self, net):
        """Override: where we are agent, the commission is all our revenue, and the goods are no cost of ours."""
        revenue, cost = super()._gate_margin_figures(net)
        if self.seller_id and self.sudo().current_rights.get('revenue_presentation') == 'agent':
            return revenue - cost, 0.0
        return revenue, cost

    def _gate_cost(self):
        """Override: of goods that we sell for a seller, what he gets is our cost."""
        line = self.sudo()
        rights = line.current_rights if line.seller_id else {}
        if rights.get('revenue_presentation') == 'agent' or rights.get('inventory_owner') == 'seller':
            return line.seller_unit_cost * line.product_uom_qty
        return super()._gate_cost()
