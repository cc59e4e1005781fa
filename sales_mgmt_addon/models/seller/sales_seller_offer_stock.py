from odoo import models

from .sales_seller_order import OPEN_STATES


class SalesSellerOffer(models.Model):
    _inherit = 'sales.seller.offer'

    def _compute_available_quantity(self):
        """Override to leave out what the seller has still to ship."""
        saved = self.filtered(lambda offer: offer._origin and offer.product_id and offer.seller_id)
        super(SalesSellerOffer, self - saved)._compute_available_quantity()
        free = saved._origin._get_free_quantity()
        for offer in saved:
            offer.available_quantity = free[offer._origin.id]

    def _get_free_quantity(self):
        """Return how much of each offer can be sold now, in the unit of its product.

        Goods that we keep for the seller: what is free of them in our stock. Goods that he ships: his own stock less
        what he has still to ship. Other goods: what is free of ours.

        :return: by offer id
        :rtype: dict[int, float]
        """
        offers = self.sudo()
        rights = self._get_rights()
        shipped = offers.filtered(lambda offer: rights[offer.id]['fulfilled_by'] == 'seller')
        free = shipped._get_free_of_sellers()
        kept = (offers - shipped).grouped(
            lambda offer: (offer.company_id, rights[offer.id]['inventory_owner'] == 'seller' and offer.seller_id.partner_id.id))
        for (company, owner_id), same in kept.items():
            products = same.product_id.with_company(company).with_context(
                owner_id=owner_id, allowed_company_ids=company.ids)
            quantities = {product.id: product.free_qty for product in products}
            free.update((offer.id, quantities[offer.product_id.id]) for offer in same)
        return free

    def _get_free_of_sellers(self):
        """Return the stock of sellers who ship themselves, less what they have still to ship.

        :rtype: dict[int, float]
        """
        open_lines = self.env['sales.seller.order.line'].sudo().search([
            ('sale_line_id.offer_id', 'in', self.ids), ('order_id.state', 'in', OPEN_STATES)])
        free = {offer.id: offer.stock_quantity for offer in self}
        for line in open_lines:
            sale_line = line.sale_line_id
            free[sale_line.offer_id.id] -= sale_line.product_uom_id._compute_quantity(
                line._get_open_quantity(), sale_line.product_id.uom_id)
        return {offer_id: max(0.0, quantity) for offer_id, quantity in free.items()}
