from odoo import fields, models

from ..channel.sales_channel_mode import ModeQuestion
from .sales_seller_order import OPEN_STATES


class SalesSellerOffer(models.Model):
    _inherit = 'sales.seller.offer'

    def _get_free_quantity(self):
        """Return how much of each offer can be sold now, in the unit of its product.

        Goods that we keep for the seller: what is free of them in our stock. Goods that he ships: his own stock less
        what he has still to ship. Other goods: what is free of ours.

        :return: by offer id
        :rtype: dict[int, float]
        """
        offers = self.sudo()
        today = fields.Date.context_today(self)
        none = self.env['sales.channel'].browse()
        modes = self.env['sales.channel.mode']._resolve([
            ModeQuestion(offer.company_id, offer, offer.seller_id, offer.product_id.categ_id, none, today)
            for offer in offers])
        rights = {offer: mode._get_rights() for offer, mode in zip(offers, modes, strict=True)}
        shipped = offers.filtered(lambda offer: rights[offer]['fulfilled_by'] == 'seller')
        free = shipped._get_free_of_sellers()
        kept = (offers - shipped).grouped(
            lambda offer: (offer.company_id, rights[offer]['inventory_owner'] == 'seller' and offer.seller_id.partner_id.id))
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
