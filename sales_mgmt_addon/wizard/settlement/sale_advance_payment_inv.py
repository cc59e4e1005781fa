from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = 'sale.advance.payment.inv'

    # === BUSINESS METHODS === #

    def _create_invoices(self, sale_orders):
        """Override of `sale`: an advance would be income and tax of ours, but the goods are a seller's.

        :raise UserError: for down payments on orders with goods that we sell for sellers
        """
        if self.advance_payment_method != 'delivered':
            sale_orders.order_line._check_no_down_payment()
        return super()._create_invoices(sale_orders)
