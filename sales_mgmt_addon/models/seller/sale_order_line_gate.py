from odoo import models


class SaleOrderLine(models.Model):
    """What the order gate makes of goods of sellers: their price is no favour of ours, and our margin is the commission."""

    _inherit = 'sale.order.line'

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
        return {'list': price, 'agreed': price, 'net': self._get_net_price()}

    def _gate_cost(self):
        """Override: of a seller's goods, what he gets is our cost."""
        line = self.sudo()
        rights = line.current_rights if line.seller_id else {}
        net = line._get_net_price()
        if rights.get('revenue_presentation') == 'agent':
            return net - line._get_commission_estimate()
        if rights.get('inventory_owner') == 'seller' and line.offer_id:
            owed = line._get_purchase_price_agreed() * line.product_uom_qty
            return owed or net - line._get_commission_estimate()
        return super()._gate_cost()

    def _get_net_price(self):
        return self.price_unit * (1.0 - self.discount / 100.0) * self.product_uom_qty
