from odoo import api, fields, models

from .sales_seller_ledger_charge import History, Subject


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # === COMPUTE METHODS === #

    @api.depends('seller_id', 'price_subtotal', 'commission_frozen')
    def _compute_purchase_price(self):
        """Override of `sale_margin`, where that is installed: goods that we sell for a seller cost what he gets of the price.

        What then is left as margin is the commission.
        """
        parent = super()
        if hasattr(parent, '_compute_purchase_price'):
            parent._compute_purchase_price()
        if 'purchase_price' in self._fields:
            for line, cost in self._get_seller_unit_costs().items():
                line.purchase_price = cost

    # === BUSINESS METHODS === #

    def _get_seller_unit_costs(self):
        """Return what a unit of goods of sellers costs us, in order currency.

        :return: by line, for lines of sellers whose goods are not ours
        :rtype: dict
        """
        rights = self._get_seller_rights()
        lines = self.filtered(lambda line: line.id in rights and (
            rights[line.id]['revenue_presentation'] == 'agent' or rights[line.id]['inventory_owner'] == 'seller'))
        estimates = lines._get_commission_estimates()
        costs = {}
        for line in lines:
            order_line, quantity = line.sudo(), line.product_uom_qty
            if order_line.promo_funding == 'platform':
                costs[line] = 0.0
            elif rights[line.id]['revenue_presentation'] == 'principal' and order_line.offer_id.purchase_price:
                costs[line] = order_line.purchase_price_agreed or order_line._get_purchase_price_agreed()
            else:
                costs[line] = (line.price_subtotal - estimates.get(line.id, 0.0)) / quantity if quantity else 0.0
        return costs

    def _get_commission_estimates(self):
        """Return what we will earn on lines of sellers if all of them is invoiced, in order currency, without VAT.

        What we pay of a promotion is not taken off.

        :rtype: dict[int, float]
        """
        lines = self.sudo()
        terms = lines._get_commission_terms()
        Ledger = self.env['sales.seller.ledger']
        result = {}
        for line in lines.filtered(lambda line: line.id in terms and line.promo_funding != 'platform'):
            rule, rate, _fee = terms[line.id]
            base = Ledger._get_charge_base(line._prepare_charge_subject(line.product_uom_qty), rule, bool(line.promo_funding))
            amounts = (0.0,) * 4 if line.promo_funding else rule._get_amounts(
                line.currency_id, fields.Date.context_today(self))
            result[line.id] = line.currency_id.round(History().get_charge(rate, amounts, base, line.product_uom_qty)[0])
        return result

    def _get_commission_estimate(self):
        """Return the commission that the line will earn, in order currency. Note: self.ensure_one()"""
        self.ensure_one()
        return self._get_commission_estimates().get(self.id, 0.0)

    def _prepare_charge_subject(self, quantity, date=None, **values):
        """Return what is charged for a quantity of the line, at its price.

        :param float quantity: negative for what comes back
        :rtype: Subject
        """
        self.ensure_one()
        ordered = self.product_uom_qty
        unit = self.price_unit * (1 - self.discount / 100)
        net = self.price_subtotal / ordered if ordered else unit
        gross = self.price_total / ordered if ordered else unit
        undiscounted = net / (1 - self.discount / 100) if self.discount < 100 else 0.0
        return Subject(
            self, self.seller_id, self.company_id, self.currency_id, date or fields.Date.context_today(self), quantity,
            self.currency_id.round(net * quantity), self.currency_id.round(gross * quantity),
            self.currency_id.round(undiscounted * quantity), values)
