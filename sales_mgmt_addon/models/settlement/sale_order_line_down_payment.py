from odoo import api, models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # === CONSTRAINT METHODS === #

    @api.constrains('is_downpayment', 'seller_id')
    def _check_down_payment(self):
        self.filtered('is_downpayment').order_id.order_line._check_no_down_payment()
        with_seller = self.filtered('seller_id').order_id
        with_seller.filtered(lambda order: any(order.order_line.mapped('is_downpayment'))).order_line._check_no_down_payment()

    # === BUSINESS METHODS === #

    def _check_no_down_payment(self):
        """Check that none of the lines is sold as an agent: their price is not ours to take in advance.

        :raise UserError: names the seller
        """
        if line := self._get_agent_lines()[:1]:
            raise UserError(self.env._(
                "%(order)s has goods of %(seller)s. A down payment would be income and VAT of ours. Let the customer pay the"
                " order, or invoice the goods.", order=line.order_id.name, seller=line.seller_id.sudo().name))
