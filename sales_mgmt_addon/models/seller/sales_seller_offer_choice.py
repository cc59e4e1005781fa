from odoo import models


class SalesSellerOffer(models.Model):
    """Choosing among the offers for a product."""

    _inherit = 'sales.seller.offer'

    def _get_cheapest(self, order, product, quantity, date):
        """Return the offer among these with the lowest price for an order, or an empty recordset.

        Offers whose currency has no rate are left out: their price is not known.

        :param order: `sale.order` record, for company and currency
        :param product: `product.product` record
        :param float quantity: in units of the product
        :param date date: day of the sale and of the rates
        """
        company = order.company_id or self.env.company
        currency = order.currency_id or company.currency_id
        usable = self._get_usable_currencies(company, self.currency_id | currency)
        offers = self.filtered(
            lambda offer: offer.company_id == company and offer.product_id == product
            and (offer.currency_id == currency or {offer.currency_id.id, currency.id} <= usable)
            and not offer._get_sale_error(date, quantity))
        return min(offers, key=lambda offer: (offer._convert_price(currency, date, usable), offer.id), default=self.browse())
