from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .seller import SellerPortal

ORDERS = '/my/seller/orders'
WEB = ('https://', 'http://')


class SellerOrderPortal(SellerPortal):
    """Orders of a seller: what he has to ship, where to, and what became of it."""

    # === LIST === #

    @http.route([ORDERS, f'{ORDERS}/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_orders(self, **options):
        """List the orders of the seller of the user. See :meth:`_prepare_seller_list` for the options."""
        return request.render('sales_mgmt_addon.portal_my_seller_orders', self._prepare_seller_list(
            'sales.seller.order', ORDERS, 'seller_orders', [], self._get_seller_order_sortings(),
            self._get_seller_order_filters(), self._get_seller_order_inputs(), **options))

    def _get_seller_order_sortings(self):
        env = request.env
        return {
            'date': {'label': env._("Newest"), 'order': 'date_order desc, id desc'},
            'promised': {'label': env._("Promised Date"), 'order': 'date_promised, id'},
            'name': {'label': env._("Number"), 'order': 'name, id'},
            'amount': {'label': env._("Amount"), 'order': 'amount_total desc, id desc'},
        }

    def _get_seller_order_filters(self):
        env = request.env
        return {
            'all': {'label': env._("All"), 'domain': []},
            'new': {'label': env._("To Accept"), 'domain': [('state', '=', 'new')]},
            'accepted': {'label': env._("To Ship"), 'domain': [('state', '=', 'accepted')]},
            'late': {'label': env._("Late"), 'domain': [('state', 'in', ('new', 'accepted')), ('is_late', '=', True)]},
            'shipped': {'label': env._("Shipped"), 'domain': [('state', 'in', ('shipped', 'done'))]},
            'cancelled': {'label': env._("Cancelled"), 'domain': [('state', '=', 'cancelled')]},
        }

    def _get_seller_order_inputs(self):
        env = request.env
        product = ('line_ids.product_id.name', 'line_ids.product_id.default_code')
        return {
            'all': {'label': env._("Search in All"), 'fields': ('name', *product, 'shipment_ids.tracking_number')},
            'name': {'label': env._("Search in Number"), 'fields': ('name',)},
            'product': {'label': env._("Search in Product"), 'fields': product},
            'tracking': {'label': env._("Search in Tracking Number"), 'fields': ('shipment_ids.tracking_number',)},
        }

    # === PAGE === #

    @http.route(f'{ORDERS}/<int:order_id>', type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_order(self, order_id, notice=None, **_kwargs):
        """Show an order of the seller of the user."""
        return self._render_seller_order(self._get_own('sales.seller.order', order_id), notice=notice)

    def _render_seller_order(self, order, posted=None, **values):
        own_lines = order.line_ids.filtered(lambda line: line.fulfilled_by == 'seller')
        return request.render('sales_mgmt_addon.portal_my_seller_order', self._prepare_seller_page(
            'seller_order',
            seller_order=order,
            posted=posted or {},
            to_ship=own_lines.filtered('qty_open') if order.state in ('new', 'accepted') else own_lines.browse(),
            to_return=own_lines.filtered(lambda line: line._get_returnable_quantity() > 0),
            **values))

    def _get_seller_notices(self):
        env = request.env
        return {
            **super()._get_seller_notices(),
            'accepted': env._("The order is accepted."),
            'shipped': env._("The shipment is registered."),
            'returned': env._("The return is registered."),
            'order_cancelled': env._("What was not shipped is cancelled."),
        }

    # === FORMS === #

    @http.route(f'{ORDERS}/<int:order_id>/accept', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_order_accept(self, order_id, **_post):
        """Accept an order of the seller of the user."""
        order = self._get_own('sales.seller.order', order_id)
        return self._answer_order(order, 'accepted', order.action_accept)

    @http.route(f'{ORDERS}/<int:order_id>/ship', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_order_ship(self, order_id, **post):
        """Register a shipment: ``ship_<line>``, ``carrier``, ``tracking``, ``tracking_url``, ``key``."""
        order = self._get_own('sales.seller.order', order_id)

        def ship():
            url = self._clean(post.get('tracking_url'))
            if url and not url.startswith(WEB):
                raise UserError(request.env._("A tracking link begins with https:// or http://."))
            order._ship(
                self._parse_quantities(order, 'ship', post), carrier=self._clean(post.get('carrier')),
                tracking=self._clean(post.get('tracking')), tracking_url=url, external_key=self._get_form_key(post))
        return self._answer_order(order, 'shipped', ship, post)

    @http.route(f'{ORDERS}/<int:order_id>/return', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_order_return(self, order_id, **post):
        """Register goods that came back to the seller: ``return_<line>``, ``return_reason``, ``key``."""
        order = self._get_own('sales.seller.order', order_id)
        return self._answer_order(order, 'returned', lambda: order._return(
            self._parse_quantities(order, 'return', post), reason=self._clean(post.get('return_reason')),
            external_key=self._get_form_key(post)), post)

    @http.route(f'{ORDERS}/<int:order_id>/cancel', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_order_cancel(self, order_id, **post):
        """Cancel what the seller cannot ship: ``cancel_reason``."""
        order = self._get_own('sales.seller.order', order_id)

        def cancel():
            reason = self._clean(post.get('cancel_reason'))
            if not reason:
                raise UserError(request.env._("Say why you cannot ship."))
            order.action_cancel(by='seller', reason=reason)
        return self._answer_order(order, 'order_cancelled', cancel, post)

    def _answer_order(self, order, notice, method, post=None):
        """Do what a form asks; return to the page of the order, or show why it was refused and what was typed."""
        if error := self._attempt(method):
            return self._render_seller_order(order, posted=post, error=error)
        return request.redirect(f'{ORDERS}/{order.id}?notice={notice}')

    def _parse_quantities(self, order, prefix, post):
        """Return what was typed by line of the order; empty fields and lines of other orders are left out."""
        quantities = {
            line: self._parse_number(post.get(f'{prefix}_{line.id}'), line.product_id.display_name)
            for line in order.line_ids}
        return {line: quantity for line, quantity in quantities.items() if quantity}
