from odoo import fields, models
from odoo.exceptions import UserError

from .sales_seller_order import CANCELLED_BY


class SalesSellerOrder(models.Model):
    """Goods that a seller will not ship after all."""

    _inherit = 'sales.seller.order'

    # === ACTION METHODS === #

    def action_cancel(self, by='company', reason=None):
        """Cancel what the seller has not shipped: the sales order is lowered to what he shipped.

        The salesperson gets an activity. Cancelling twice changes nothing.

        :param str by: who cancels, ``company`` or ``seller``; counts in the seller's score
        :param str reason: why, shown on the order
        :return: True
        :raise AccessError: unless the user works with the sellers' orders
        :raise UserError: if nothing is left to ship, or if we ship it
        """
        if by not in dict(CANCELLED_BY):
            raise UserError(self.env._("An order is cancelled by us or by the seller."))
        orders = self._as_worker()
        orders._lock()
        for order in orders.filtered(lambda order: order.state != 'cancelled'):
            order._cancel_open(by, reason)
        return True

    def _cancel_open(self, by, reason):
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.fulfilled_by == 'seller' and line._get_open_quantity() > 0)
        if not lines:
            raise UserError(self.env._(
                "Nothing is left that the seller of %(order)s could cancel. What we ship for him is cancelled on the sales "
                "order.", order=self.name))
        # before the quantities, by which the state follows
        self.write({'cancelled_by': by, 'cancel_reason': reason or False, 'date_cancelled': fields.Datetime.now()})
        for line in lines:
            quantity = line._get_open_quantity()
            line.qty_cancelled += quantity
            line.sale_line_id.product_uom_qty -= quantity
        self._notify_cancelled(by, reason)

    def _notify_cancelled(self, by, reason):
        """Tell the salesperson that the buyer gets less than he ordered."""
        sale_order = self.sale_order_id
        user = sale_order.user_id or self.seller_id.user_id
        self.message_post(body=self.env._("Cancelled: %(reason)s", reason=reason or self.env._("no reason given")))
        if by == 'seller' and user:
            sale_order.activity_schedule(
                'mail.mail_activity_data_warning', user_id=user.id,
                summary=self.env._("%(seller)s cancelled goods", seller=self.seller_id.name),
                note=reason or False)

    def _cancel_with_order(self):
        """Cancel the orders because their sales order is."""
        self.filtered(lambda order: order.state != 'cancelled').write({
            'state': 'cancelled', 'date_cancelled': fields.Datetime.now(), 'cancelled_by': 'company'})
