from odoo import models
from odoo.exceptions import UserError

from .sale_order_line_promotion_share import SHARES

# Context of one pass of `_create_invoices`: (id of the seller or False, contracting party)
DOCUMENT = 'sales_seller_document'


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # === BUSINESS METHODS === #

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override of `sale`: each seller's goods have a document of their own, for each contracting party.

        Every issuer signs his own document, and the tax of a mixed one could not be told apart.
        """
        documents = self._get_invoice_documents()
        if not any(seller_id for seller_id, _party in documents):
            return super(SaleOrder, self.with_context(**{DOCUMENT: None}))._create_invoices(grouped, final, date)
        self.company_id.sudo()._check_marketplace_ready()
        made = []
        for document in documents:
            orders = self.with_context(**{DOCUMENT: document, 'raise_if_nothing_to_invoice': False})
            made.append(super(SaleOrder, orders)._create_invoices(grouped, final, date))
        moves = made[0].union(*made)
        if not moves and self.env.context.get('raise_if_nothing_to_invoice', True):
            raise UserError(self._nothing_to_invoice_error_message())
        return moves

    def _get_invoice_documents(self):
        """Return which documents the orders may need: own goods first, then seller by seller.

        :return: (id of the seller or False, contracting party)
        :rtype: list[tuple]
        """
        lines = self.order_line.filtered(lambda line: not line.display_type)
        rights = lines._get_seller_rights()
        keys = {(seller.id, party) for seller, party in (line._get_document_key(rights) for line in lines)}
        return sorted(keys, key=lambda key: (key[0] or 0, key[1]))

    def _get_invoiceable_lines(self, final=False):
        """Override of `sale`: promotions go with their goods, and a pass for one document has only its lines.

        Sections and notes stay with their lines.
        """
        lines = self._add_promotion_shares(super()._get_invoiceable_lines(final), final)
        document = self.env.context.get(DOCUMENT)
        return lines if document is None else lines._filter_document(document)

    def _add_promotion_shares(self, lines, final):
        """Return lines to invoice with the promotions on the goods among them, and none else.

        :param lines: `sale.order.line` records
        :param bool final: whether promotions are invoiced or taken back without goods, too
        """
        promotions = self.order_line._get_promotions().filtered(lambda line: line.state == 'sale')
        promotions -= promotions._get_collected_by_seller()
        if not promotions:
            return lines
        shares = {}
        for line in promotions:
            if final or line._get_promoted_goods() & lines:
                shares[line.id] = line._get_open_promotion(lines)
        going = promotions.filtered(lambda line: not line.currency_id.is_zero(shares.get(line.id, 0.0)))
        return ((lines - (promotions - going)) | going).with_context(**{SHARES: shares})

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        seller_id, party = self.env.context.get(DOCUMENT) or (False, 'company')
        values['seller_id'] = seller_id
        if seller_id and party == 'seller':
            values['journal_id'] = self.company_id.sudo().marketplace_sale_journal_id.id
        return values

    def _get_invoice_grouping_keys(self):
        return [*super()._get_invoice_grouping_keys(), 'seller_id']

    def _create_account_invoices(self, invoice_vals_list, final):
        # A seller in the context of a client must not land on documents
        orders = self.env['account.move']._without_seller_defaults(self)
        return super(SaleOrder, orders)._create_account_invoices(invoice_vals_list, final).with_context(self.env.context)

    def _force_lines_to_invoice_policy_order(self):
        """Override of `sale`: what the buyer pays to the seller stays off our documents, paid orders or not."""
        super()._force_lines_to_invoice_policy_order()
        self.order_line._get_collected_by_seller().qty_to_invoice = 0.0

    def _generate_downpayment_invoices(self):
        """Override of `sale`: a part payment for goods of sellers waits for their documents, it is no advance of ours."""
        return super(SaleOrder, self.filtered(lambda order: not order.order_line._get_agent_lines()))\
            ._generate_downpayment_invoices()
