from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...internal import grant
from ..channel.const import SELLER_ORDER_GUARD
from .sales_seller_order import OPEN_STATES, SHIP_TO_FIELDS


class SaleOrder(models.Model):
    """One order of a buyer, one seller order per seller: made on confirmation, kept in step afterwards."""

    _inherit = 'sale.order'

    seller_order_count = fields.Integer(
        string="Number of Seller Orders", compute='_compute_seller_order_count', groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('seller_order_ids')
    def _compute_seller_order_count(self):
        counts = dict(self.env['sales.seller.order']._read_group(
            [('sale_order_id', 'in', self.ids)], ['sale_order_id'], ['__count']))
        for order in self:
            order.seller_order_count = counts.get(order, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains('warehouse_id', 'state', 'order_line')
    def _check_warehouse(self):
        """Override of `sale_stock`: goods that sellers ship need no warehouse of ours."""
        shipped_by_others = self.filtered(
            lambda order: order.state == 'sale' and not order.warehouse_id and order._is_shipped_by_sellers())
        return super(SaleOrder, self - shipped_by_others)._check_warehouse()

    # === CRUD METHODS === #

    def write(self, vals):
        entering = self.filtered(lambda order: order.state != 'sale') if vals.get('state') == 'sale' else self.browse()
        res = super().write(vals)
        if entering:
            # the rights of the lines are frozen by now, and our deliveries not made yet
            entering._create_seller_orders()
        if vals.get('state') == 'cancel':
            self._cancel_seller_orders()
        if 'partner_shipping_id' in vals:
            self._get_seller_orders().filtered(lambda order: order.state in OPEN_STATES)._update_ship_to()
        return res

    def unlink(self):
        """Override of `sale`: seller orders of which nothing was shipped go with their order."""
        self._check_may_unlink()
        self._get_seller_orders().unlink()
        return super().unlink()

    def _check_may_unlink(self):
        """:raise AccessError: before seller orders go with orders that the user may not delete"""
        if not self.env.su:
            self.check_access('unlink')
        self._unlink_except_draft_or_cancel()

    # === ACTION METHODS === #

    def action_view_seller_orders(self):
        """Return the action that shows the seller orders: the form if there is only one."""
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_seller_order_action')
        orders = self.env['sales.seller.order'].search([('sale_order_id', 'in', self.ids)])
        if len(orders) == 1:
            return {**action, 'views': [(False, 'form')], 'res_id': orders.id, 'context': {}}
        return {**action, 'domain': [('id', 'in', orders.ids)], 'context': {}}

    def _confirmation_error_message(self):
        """Override of `sale` to refuse what no seller order can stand for."""
        return self._get_seller_order_error() or super()._confirmation_error_message()

    def _get_seller_order_error(self):
        self.ensure_one()
        negative = self.order_line.filtered(
            lambda line: line.offer_id and line.product_uom_id.compare(line.product_uom_qty, 0.0) < 0)
        if negative:
            return self.env._(
                "%(product)s of a seller has a negative quantity. Register a return on the seller order instead.",
                product=negative[0].product_id.display_name)
        return False

    # === BUSINESS METHODS === #

    def _is_shipped_by_sellers(self):
        """Tell whether sellers ship all goods of the order. Note: self.ensure_one()"""
        self.ensure_one()
        goods = self.order_line.filtered(lambda line: line.product_id.type == 'consu')
        return goods._filter_shipped_by_seller() == goods

    def _get_seller_orders(self):
        """Return the seller orders with all rights of the server on them, whoever asks."""
        return grant(self.env['sales.seller.order'].sudo(), SELLER_ORDER_GUARD).search([('sale_order_id', 'in', self.ids)])

    def _create_seller_orders(self):
        """Make or bring up to date the seller orders of confirmed orders, in a number of queries that does not grow.

        May be called any time: what exists is updated, a cancelled seller order opens again.

        :return: seller orders of the sellers that the orders have now
        :rtype: odoo.models.Model
        """
        lines = self.order_line._filter_of_sellers()
        existing = self._get_seller_orders() if lines or self._had_seller_orders() else \
            grant(self.env['sales.seller.order'].sudo(), SELLER_ORDER_GUARD)
        by_subject = {(order.sale_order_id.id, order.seller_id.id): order for order in existing}
        wanted = defaultdict(self.env['sale.order.line'].sudo().browse)
        for line in lines.sudo():
            wanted[line.order_id.id, line.seller_id.id] |= line
        missing = [key for key in wanted if key not in by_subject]
        created = existing.create([
            self._prepare_seller_order(wanted[key]) for key in missing]) if missing else existing.browse()
        by_subject.update(zip(missing, created, strict=True))
        used = existing.browse([by_subject[key].id for key in wanted])
        used._reopen()
        existing.line_ids._move_to(lines, by_subject)
        (existing | created)._sync_state()
        return used.with_env(self.env)

    def _had_seller_orders(self):
        return bool(self.sudo().seller_order_ids)

    def _prepare_seller_order(self, lines):
        """Return the values of the seller order for lines of one order and seller.

        :rtype: dict
        """
        order = lines.order_id
        return {
            'sale_order_id': order.id,
            'seller_id': lines.seller_id.id,
            'date_order': order.date_order,
            'date_promised': self._get_promised_date(lines),
            **self._prepare_ship_to(order, lines),
        }

    def _get_promised_date(self, lines):
        order = lines.order_id
        days = max(lines.offer_id.mapped('lead_days'), default=0)
        return fields.Datetime.context_timestamp(order, order.date_order).date() + timedelta(days=days)

    def _prepare_ship_to(self, order, lines):
        """Return where the goods go; the buyer's phone is only for a seller who ships himself.

        :rtype: dict
        """
        partner = order.partner_shipping_id
        values = {
            name: partner[name.removeprefix('ship_')] for name in SHIP_TO_FIELDS
            if name not in ('ship_state_id', 'ship_country_id', 'ship_name', 'ship_phone')
        }
        return {
            **values,
            'ship_name': partner.name or partner.commercial_partner_id.name,
            'ship_state_id': partner.state_id.id,
            'ship_country_id': partner.country_id.id,
            'ship_phone': partner.phone if lines._filter_shipped_by_seller() else False,
        }

    def _cancel_seller_orders(self):
        """Cancel the seller orders of cancelled orders.

        :raise UserError: if a seller has shipped goods that did not come back
        """
        orders = self._get_seller_orders()
        if not orders:
            return
        orders._lock()
        for line in orders.line_ids:
            if line.fulfilled_by == 'seller' and line._get_returnable_quantity() > 0:
                raise UserError(self.env._(
                    "%(seller)s has shipped %(product)s of %(order)s. Let the goods come back, or leave the order as it is "
                    "and set the rest to zero.", seller=line.seller_id.name, product=line.product_id.display_name,
                    order=line.order_id.sale_order_id.name))
        orders._cancel_with_order()
