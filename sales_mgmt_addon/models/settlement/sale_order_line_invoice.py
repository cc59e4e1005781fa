from odoo import api, models
from odoo.fields import Command

SECTIONS = ('line_section', 'line_subsection')


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # === COMPUTE METHODS === #

    @api.depends('collects_payment', 'seller_id')
    def _compute_qty_to_invoice(self):
        """Override of `sale`: promotions follow their goods; what the buyer pays to the seller is on no document of ours."""
        super()._compute_qty_to_invoice()
        self._set_promotions_to_invoice()
        self._get_collected_by_seller().qty_to_invoice = 0.0

    @api.depends('collects_payment', 'seller_id')
    def _compute_invoice_status(self):
        super()._compute_invoice_status()
        self._set_promotion_status()
        self._get_collected_by_seller().filtered(lambda line: line.state == 'sale').invoice_status = 'invoiced'

    # === BUSINESS METHODS === #

    def _get_collected_by_seller(self):
        """Return those of the lines that the buyer pays to the seller himself."""
        return self.filtered(lambda line: line.seller_id and line.collects_payment == 'seller')

    def _get_document_key(self, rights=None):
        """Return which customer document the line belongs on: (seller, contracting party), or (nobody, company).

        Lines sold as an agent are on a document of their seller. Everything else is on the company's own.

        :param dict rights: what `_get_seller_rights` returns, if it is known
        :rtype: tuple[odoo.models.Model, str]
        """
        self.ensure_one()
        held = (self._get_seller_rights() if rights is None else rights).get(self.id, {})
        if held.get('revenue_presentation') == 'agent':
            return self.seller_id, held['contracting_party']
        return self.seller_id.browse(), 'company'

    def _prepare_invoice_line(self, **optional_values):
        """Override of `sale`: what the journal item must know of the seller, and the taxes of the supplier."""
        res = super()._prepare_invoice_line(**optional_values)
        held = self._get_seller_rights().get(self.id) if not self.display_type else None
        res['seller_id'] = self.seller_id.id if held else False
        if held:
            res.update(self._prepare_seller_invoice_line(held))
        if self.sudo().promo_funding:
            res.update(self._prepare_promotion_share())
        return res

    def _prepare_seller_invoice_line(self, held):
        line = self.sudo()
        values = {
            'revenue_presentation': held['revenue_presentation'],
            'inventory_owner': held['inventory_owner'],
            'tax_supplier': held['tax_supplier'],
            'promo_funding': line.promo_funding,
            'tax_ids': [Command.set(line.tax_ids.ids)],
        }
        if held['revenue_presentation'] == 'agent':
            values['account_id'] = self.company_id._get_seller_line_account(line.promo_funding).id
        return values

    def _filter_document(self, document):
        """Return the lines of one document; a section or note stays if a product line under or before it does.

        :param tuple document: (id of the seller or False, contracting party)
        """
        rights = self._get_seller_rights()
        kept, waiting, before = [], [], None
        for line in self:
            if line.display_type in SECTIONS:
                waiting = [line] if line.display_type == 'line_section' else [*waiting, line]
                before = None
            elif line.display_type:
                # a note belongs to the product above it, or else to the next one
                if before:
                    kept.append(line)
                elif before is None:
                    waiting.append(line)
            else:
                seller, party = line._get_document_key(rights)
                before = (seller.id, party) == document
                if before:
                    kept += [*waiting, line]
                waiting = [] if before else [other for other in waiting if other.display_type in SECTIONS]
        return self.browse([line.id for line in kept])
