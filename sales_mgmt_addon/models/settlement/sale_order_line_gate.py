from odoo import api, fields, models

from .sales_seller_ledger_charge import History


class SaleOrderLine(models.Model):
    """What the order gate makes of goods of sellers: their price is no favour of ours, and our margin is the commission."""

    _inherit = 'sale.order.line'

    commission_estimate = fields.Monetary(
        string="Expected Commission", compute='_compute_commission_estimate', compute_sudo=True, groups='base.group_user',
        help="Commission on the net price that the line will earn, without VAT: by its frozen terms, or as the rules say today.")

    @api.depends('price_unit', 'discount', 'product_uom_qty', 'offer_id', 'seller_id', 'commission_frozen')
    def _compute_commission_estimate(self):
        # looked up for all lines of an order at once
        terms = self.filtered('seller_id')._get_commission_terms()
        for line in self:
            rule, rate, _fee_rule = terms.get(line.id) or (None, 0.0, None)
            line.commission_estimate = line._estimate_commission(rule, rate) if rule else 0.0

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
            return net - line.commission_estimate
        if rights.get('inventory_owner') == 'seller' and line.offer_id:
            owed = line._get_purchase_price_agreed() * line.product_uom_qty
            return owed or net - line.commission_estimate
        return super()._gate_cost()

    def _get_net_price(self):
        return self.price_unit * (1.0 - self.discount / 100.0) * self.product_uom_qty

    def _estimate_commission(self, rule, rate):
        """Return the commission on the net price by a rule, in order currency. Note: self.ensure_one()

        :param rule: `sales.commission.rule` record
        :param float rate: percent
        :rtype: float
        """
        self.ensure_one()
        amounts = rule._get_amounts(self.currency_id, self.order_id.date_order.date())
        charge, _fixed = History().get_charge(rate, amounts, self._get_net_price(), self.product_uom_qty)
        return self.currency_id.round(charge)
