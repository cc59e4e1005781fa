from odoo import models
from odoo.exceptions import AccessError, UserError


class SaleOrderLine(models.Model):
    """The taxes of lines of sellers are those of who supplies by the mode: fixed with the order, typed by nobody."""

    _inherit = 'sale.order.line'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to check the taxes once the rights are frozen, and to keep them afterwards.

        :raise UserError: if a line is confirmed with other taxes than those of its supplier
        :raise AccessError: if somebody changes the taxes of a confirmed line of a seller
        """
        before = {}
        if 'tax_ids' in vals and not self.env.su:
            before = {line: line.tax_ids for line in self.sudo() if line.state == 'sale' and line.seller_id}
        res = super().write(vals)
        for line, taxes in before.items():
            if line.tax_ids != taxes:
                raise AccessError(self.env._(
                    "“%(line)s” is confirmed, and its taxes are those that were agreed with %(seller)s. Set its quantity to 0"
                    " and add a new line.", line=line.name, seller=line.seller_id.name))
        if vals.get('rights_frozen_on') and (errors := self._get_supplier_tax_errors()):
            raise UserError("\n".join(errors))
        return res

    # === BUSINESS METHODS === #

    def _get_supplier_tax_errors(self):
        """Return which lines with goods of sellers have other taxes than the products and the modes give, a text each.

        :rtype: list[str]
        """
        lines = self.sudo().filtered(
            lambda line: line.seller_id and line.product_id and not line.promo_funding and line.product_type != 'combo')
        rights = lines._get_seller_rights()
        errors = []
        for line in lines:
            if line.id not in rights:
                continue
            expected = line._get_supplier_taxes(rights[line.id])
            if line.tax_ids != expected:
                errors.append(self.env._(
                    "“%(line)s” of %(seller)s has other taxes than it must have (%(taxes)s). Update the taxes of the order; a"
                    " fiscal position says which others hold for a customer.", line=line.name, seller=line.seller_id.name,
                    taxes=", ".join(expected.mapped('name')) or self.env._("none")))
        return errors

    def _get_supplier_taxes(self, held):
        """Return the taxes that the line must have: those of the product for the customer, or what replaces them.

        :param dict held: the rights in the line
        :raise UserError: if one of them has no tax on behalf of sellers
        """
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        taxes = self.order_id.fiscal_position_id.map_tax(taxes)
        if held['tax_supplier'] != 'seller':
            return taxes
        return taxes._get_on_behalf() if self.seller_id.vat_registered else taxes.browse()
