from math import isfinite

from odoo import fields, models
from odoo.exceptions import UserError

from ...internal import grant
from ..channel.const import SELLER_ORDER_GUARD


class SalesSellerOrder(models.Model):
    """How goods of seller orders move: shipped by the seller, returned to him, cancelled by him."""

    _inherit = 'sales.seller.order'

    # === BUSINESS METHODS - SHIPMENTS === #

    def _ship(self, quantities, carrier=None, tracking=None, date=None, tracking_url=None, note=None, external_key=None):
        """Register that the seller sent goods; the first shipment accepts the order.

        The caller has checked that the user may do so. The same ``external_key`` registers nothing twice.

        :param dict quantities: quantity per `sales.seller.order.line`, in the unit of its order line
        :param str carrier: name of the carrier
        :param str tracking: number of the parcel
        :param datetime date: when the goods left, now unless given
        :param str tracking_url: web page that follows the parcel
        :param str note: anything else
        :param str external_key: key of the message of an outside system, or of a dialog
        :return: the new shipment, or the one that has the key
        :rtype: odoo.models.Model
        :raise UserError: for no, negative or too large quantities, lines of others or that we ship, cancelled orders,
            a date in the future
        """
        return self._move('shipment', quantities, date, {
            'carrier': carrier, 'tracking_number': tracking, 'tracking_url': tracking_url, 'note': note,
            'external_key': external_key})

    def _return(self, quantities, reason=None, date=None, external_key=None):
        """Register that goods came back to the seller. What is invoiced of them can be credited then.

        The caller has checked that the user may do so.

        :param dict quantities: quantity per `sales.seller.order.line`, in the unit of its order line
        :param str reason: why they came back
        :param datetime date: when they came back, now unless given
        :param str external_key: key of the message of an outside system, or of a dialog
        :return: the new return, or the one that has the key
        :rtype: odoo.models.Model
        :raise UserError: for no, negative or too large quantities, lines of others or that we ship, a date in the future
        """
        return self._move('return', quantities, date, {'note': reason, 'external_key': external_key})

    def _move(self, kind, quantities, date, values):
        self.ensure_one()
        order = grant(self.sudo(), SELLER_ORDER_GUARD)
        # the lock is the first thing: what is read after it is final
        order._lock()
        shipments = order.env['sales.seller.shipment']
        if values['external_key']:
            known = shipments.search([('order_id', '=', order.id), ('external_key', '=', values['external_key'])])
            if known:
                return known.with_env(self.env)
        quantities = {line.with_env(order.env): quantity for line, quantity in quantities.items()}
        order._check_move(kind, quantities, date)
        moment = date or fields.Datetime.now()
        shipment = shipments.create({
            'order_id': order.id, 'kind': kind, 'date': moment, 'user_id': order.env.uid, **values,
            'line_ids': [fields.Command.create({'order_line_id': line.id, 'quantity': quantity})
                         for line, quantity in quantities.items()],
        })
        order._apply_move(shipment, moment)
        # the caller does not get the permission of the server
        return shipment.with_env(self.env)

    def _check_move(self, kind, quantities, date):
        if date and fields.Datetime.to_datetime(date) > fields.Datetime.now():
            raise UserError(self.env._("Goods cannot move in the future: check the date."))
        if not quantities:
            raise UserError(self.env._("Enter a quantity for at least one line."))
        if kind == 'shipment' and self.state == 'cancelled':
            raise UserError(self.env._("%(order)s is cancelled: nothing may be shipped.", order=self.name))
        for line, quantity in quantities.items():
            self._check_line_move(kind, line, quantity)

    def _check_line_move(self, kind, line, quantity):
        if line.order_id != self:
            raise UserError(self.env._("A line belongs to another seller order than %(order)s.", order=self.name))
        product = line.product_id.display_name
        if line.fulfilled_by != 'seller':
            raise UserError(self.env._(
                "%(product)s is shipped and taken back by our warehouse: use its transfers.", product=product))
        if not isinstance(quantity, (int, float)) or not isfinite(quantity) \
                or line.product_uom_id.compare(quantity, 0.0) <= 0:
            raise UserError(self.env._("%(product)s: the quantity must be positive.", product=product))
        room = line._get_open_quantity() if kind == 'shipment' else line._get_returnable_quantity()
        if line.product_uom_id.compare(quantity, room) > 0:
            message = self.env._("%(product)s: only %(room)s are left to ship.", product=product, room=room) \
                if kind == 'shipment' else \
                self.env._("%(product)s: only %(room)s can come back.", product=product, room=room)
            raise UserError(message)

    def _apply_move(self, shipment, date):
        """Let lines, state and order line follow a new shipment or return."""
        name = 'qty_shipped' if shipment.kind == 'shipment' else 'qty_returned'
        for line in shipment.line_ids:
            target = line.order_line_id
            target[name] = target.product_uom_id.round(target[name] + line.quantity)
        if shipment.kind == 'return':
            shipment.line_ids._take_off_order()
        self._sync_state(date)
        self.message_post(body=self._get_move_message(shipment))

    def _get_move_message(self, shipment):
        goods = ", ".join(f"{line.quantity:g} × {line.product_id.display_name}" for line in shipment.line_ids)
        if shipment.kind == 'return':
            return self.env._("Returned: %(goods)s", goods=goods)
        return self.env._(
            "Shipped: %(goods)s %(parcel)s", goods=goods,
            parcel=" ".join(filter(None, (shipment.carrier, shipment.tracking_number))))
