from odoo import models


class PaymentTransaction(models.Model):
    """Money that has come for goods a seller does not sell any more is booked all the same; a person decides."""

    _inherit = 'payment.transaction'

    # === BUSINESS METHODS === #

    def _check_amount_and_confirm_order(self):
        """Override of `sale`: quotations that cannot be confirmed wait for their salesperson, their payment does not."""
        waiting = self.browse()
        for transaction in self:
            order = transaction.sale_order_ids.filtered(lambda order: order.state in ('draft', 'sent'))
            if len(order) == 1 and (error := order._get_seller_block()):
                order._tell_paid_but_blocked(error)
                waiting |= transaction
        return super(PaymentTransaction, self - waiting)._check_amount_and_confirm_order()
