from odoo import http
from odoo.http import request

from .seller import SellerPortal

ORDERS = '/my/seller/orders'


class SellerOrderPortal(SellerPortal):
    """Orders of a seller: what he has to ship, where to, and what became of it."""

    @http.route([ORDERS, f'{ORDERS}/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_orders(self, **options):
        """List the orders of the seller of the user. See :meth:`_prepare_seller_list` for the options."""
        return request.render('sales_mgmt_addon.portal_my_seller_orders', self._prepare_seller_list(
            'sales.seller.order', ORDERS, 'seller_orders', [], self._get_seller_order_sortings(),
            self._get_seller_order_filters(), self._get_seller_order_inputs(), **options))

    def _get_seller_order_sortings(self):
        return {
            'date': {'label': request.env._("Newest"), 'order': 'date_order desc, id desc'},
            'name': {'label': request.env._("Number"), 'order': 'name, id'},
            'state': {'label': request.env._("Status"), 'order': 'state, date_order desc, id desc'},
        }

    def _get_seller_order_filters(self):
        env = request.env
        return {
            'all': {'label': env._("All"), 'domain': []},
            'new': {'label': env._("To Accept"), 'domain': [('state', '=', 'new')]},
            'accepted': {'label': env._("To Ship"), 'domain': [('state', '=', 'accepted')]},
            'shipped': {'label': env._("Shipped"), 'domain': [('state', 'in', ('shipped', 'done'))]},
            'cancelled': {'label': env._("Cancelled"), 'domain': [('state', '=', 'cancelled')]},
        }

    def _get_seller_order_inputs(self):
        return {
            'all': {'label': request.env._("Search in All"), 'fields': (
                'name', 'line_ids.product_id.name', 'line_ids.product_id.default_code')},
            'name': {'label': request.env._("Search in Number"), 'fields': ('name',)},
            'product': {'label': request.env._("Search in Product"), 'fields': (
                'line_ids.product_id.name', 'line_ids.product_id.default_code')},
        }

    @http.route(f'{ORDERS}/<int:order_id>', type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_order(self, order_id, notice=None, **_kwargs):
        """Show an order of the seller of the user."""
        return self._render_seller_order(self._get_own('sales.seller.order', order_id), notice=notice)

    def _render_seller_order(self, order, **values):
        return request.render('sales_mgmt_addon.portal_my_seller_order', self._prepare_seller_page(
            'seller_order', seller_order=order, rights=order.line_ids.sale_line_id._get_rights(), **values))
