from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # === COMPUTE METHODS === #

    @api.depends('offer_id', 'promo_seller_id', 'promo_funding')
    def _compute_tax_ids(self):
        """Override of `sale`: lines of sellers carry the tax of who supplies in the sense of the VAT law."""
        super()._compute_tax_ids()
        self._set_supplier_taxes(strict=False)

    # === BUSINESS METHODS === #

    def _get_seller_rights(self):
        """Return the rights of those of the lines that are a seller's (not plain resale).

        While the area is off only what was frozen counts.

        :return: by line id, right -> holder
        :rtype: dict[int, dict[str, str]]
        """
        lines = self.sudo().filtered('seller_id')
        if lines and not self._is_channel_active():
            lines = lines.filtered('rights_frozen_on')
        resale = self.env['sales.channel.mode']._get_rights()
        return {line_id: rights for line_id, rights in lines._get_rights().items() if rights != resale} if lines else {}

    def _get_agent_lines(self):
        """Return those of the lines that are sold as an agent: their price is the seller's, ours is the commission."""
        rights = self._get_seller_rights()
        return self.filtered(lambda line: rights.get(line.id, {}).get('revenue_presentation') == 'agent')

    def _set_supplier_taxes(self, strict=True):
        """Replace the taxes of lines of sellers by those of the supplier.

        The seller's own taxes go through the clearing account; a seller who is not registered for VAT has none.
        What we pay of a promotion is money, not a price: it has no tax. Where the mode has changed since, a tax on
        behalf of sellers becomes ours again.

        :param bool strict: whether a tax without a tax on behalf of sellers is an error; else it stays
        :raise UserError: see ``strict``
        """
        rights = self._get_seller_rights()
        is_active = self._is_channel_active()
        for line in self:
            held = rights.get(line.id)
            if not held and not (is_active and line.seller_id):
                continue
            taxes = line.tax_ids
            if line.sudo().promo_funding == 'platform':
                taxes = taxes.browse()
            elif held and held['tax_supplier'] == 'seller':
                taxes = line._get_seller_taxes(strict)
            elif on_behalf := taxes.sudo().filtered('on_behalf_origin_ids'):
                own = on_behalf.mapped(lambda twin: twin.on_behalf_origin_ids[:1])
                taxes = taxes - on_behalf | own.with_env(self.env)
            if taxes != line.tax_ids:
                line.tax_ids = taxes

    def _get_rights_error(self, mode):
        """Override: goods without a tax, because the seller had none, are not sold where tax rises by now."""
        return super()._get_rights_error(mode) or self._get_missing_tax_error(mode)

    def _get_missing_tax_error(self, mode):
        """Return why a line that was made for a seller without VAT needs another tax, or False. Note: self.ensure_one()"""
        seller = self.seller_id
        if not seller or seller.vat_registered or self.tax_ids or self.promo_funding:
            return False
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        if mode._get_rights()['tax_supplier'] == 'seller' or not self.order_id.fiscal_position_id.map_tax(taxes):
            return False
        return self.env._(
            "%(seller)s has no VAT, but %(product)s is not supplied by him any more. Update the prices, so that the customer"
            " sees the tax before you confirm.",
            seller=seller.name, product=self.product_id.display_name)

    def _get_seller_taxes(self, strict):
        if not self.seller_id.sudo().vat_registered:
            return self.tax_ids.browse()
        taxes = self.tax_ids.sudo()
        if not strict and taxes.filtered(lambda tax: not tax.on_behalf_tax_id and not tax.on_behalf_origin_ids):
            return self.tax_ids
        return taxes._get_on_behalf().with_env(self.env)
