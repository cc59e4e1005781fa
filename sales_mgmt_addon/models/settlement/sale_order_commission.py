from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # === BUSINESS METHODS === #

    def _confirmation_error_message(self):
        """Override of `sale`: an order with goods of sellers needs all that its invoices and statements will need."""
        return super()._confirmation_error_message() or self._get_seller_tax_error()

    def _get_seller_tax_error(self):
        lines = self.order_line.filtered(lambda line: not line.display_type)
        rights = lines._get_seller_rights()
        lines = lines.filtered('seller_id')
        if not lines:
            return False
        try:
            if rights:
                self.company_id.sudo()._check_marketplace_ready()
            lines._set_supplier_taxes()
            errors = lines._get_supplier_tax_errors()
        except UserError as error:
            return str(error)
        return "\n".join(errors or lines.tax_ids.sudo()._get_account_problems()) or False
