from odoo import http
from odoo.http import request

from .seller import SellerPortal

OFFERS = '/my/seller/offers'


class SellerOfferPortal(SellerPortal):
    """What a seller asks for products of the shared catalogue."""

    @http.route([OFFERS, f'{OFFERS}/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_offers(self, **options):
        """List the offers of the seller of the user. See :meth:`_prepare_seller_list` for the options."""
        return request.render('sales_mgmt_addon.portal_my_seller_offers', self._prepare_seller_list(
            'sales.seller.offer', OFFERS, 'seller_offers', [], self._get_seller_offer_sortings(),
            self._get_seller_offer_filters(), self._get_seller_offer_inputs(), **options))

    def _get_seller_offer_sortings(self):
        return {
            'product': {'label': request.env._("Product"), 'order': 'product_id, id'},
            'date': {'label': request.env._("Newest"), 'order': 'create_date desc, id desc'},
            'price': {'label': request.env._("Price"), 'order': 'price, id'},
            'stock': {'label': request.env._("Stock"), 'order': 'stock_quantity, id'},
        }

    def _get_seller_offer_filters(self):
        Offer = request.env['sales.seller.offer'].sudo()
        states = Offer._fields['state']._description_selection(request.env)
        return {
            'all': {'label': request.env._("All"), 'domain': []},
            **{state: {'label': label, 'domain': [('state', '=', state)]} for state, label in states},
        }

    def _get_seller_offer_inputs(self):
        return {
            'all': {'label': request.env._("Search in All"), 'fields': (
                'product_id.name', 'product_id.default_code', 'seller_sku')},
            'product': {'label': request.env._("Search in Product"), 'fields': ('product_id.name', 'product_id.default_code')},
            'sku': {'label': request.env._("Search in Your Reference"), 'fields': ('seller_sku',)},
        }

    @http.route(f'{OFFERS}/<int:offer_id>', type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_offer(self, offer_id, notice=None, **_kwargs):
        """Show an offer of the seller of the user."""
        return self._render_seller_offer(self._get_own('sales.seller.offer', offer_id), notice=notice)

    def _render_seller_offer(self, offer, **values):
        return request.render('sales_mgmt_addon.portal_my_seller_offer', self._prepare_seller_page(
            'seller_offer', seller_offer=offer, **values))
