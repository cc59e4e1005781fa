from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class AccountMove(models.Model):
    """Documents of sellers and their ledger: booked when posted, taken out when reset, closed once settled."""

    _inherit = 'account.move'

    # === BUSINESS METHODS === #

    def _prepare_seller_posting(self):
        """Check documents with goods of sellers, and work out the charges on them before they are posted.

        The commission is noted on the invoice lines, where the figures of sales people are read from.

        :return: values of the commission and fee rows
        :rtype: list[dict]
        :raise UserError: if the company is not set up, or a tax has no account
        """
        if not self:
            return []
        companies = self.company_id.sudo()
        companies._check_marketplace_ready()
        documents = self.sudo()
        documents._check_seller_currency()
        if problems := documents.invoice_line_ids.filtered('seller_id').tax_ids._get_account_problems():
            raise UserError("\n".join(problems))
        charges = self.env['sales.seller.ledger'].sudo()._prepare_charges(
            documents.invoice_line_ids.filtered(lambda line: line._is_charged()))
        self._note_commissions(charges)
        return charges

    def _check_seller_currency(self):
        """Check that the currencies of the documents have a rate: without one Odoo takes them for the company's.

        :raise UserError: names the currency
        """
        for company, documents in self.grouped('company_id').items():
            foreign = documents.currency_id - company.currency_id
            rated = foreign and self.env['res.currency.rate']._read_group(
                [('currency_id', 'in', foreign.ids), ('company_id', 'in', (False, company.root_id.id))], ['currency_id'])
            if missing := foreign - foreign.union(*(currency for (currency,) in rated)) if foreign else foreign:
                raise UserError(self.env._(
                    "%(currency)s has no rate in %(company)s. Enter one before goods of sellers are invoiced in it.",
                    currency=missing[0].name, company=company.name))

    def _note_commissions(self, charges):
        """Write the commissions on the invoice lines: one statement, the documents are not touched otherwise."""
        amounts = {values['aml_id']: abs(values['amount']) for values in charges if values['kind'] == 'commission'}
        if not amounts:
            return
        Line = self.env['account.move.line']
        Line.flush_model(['commission_amount'])
        self.env.cr.execute(SQL(
            """UPDATE account_move_line l SET commission_amount = n.amount
                 FROM unnest(%s, %s::numeric[]) AS n(id, amount) WHERE l.id = n.id""",
            list(amounts), list(amounts.values())))
        Line.browse(amounts).invalidate_recordset(['commission_amount'], flush=False)

    def _book_seller_ledger(self, charges):
        """Enter posted documents into the ledger of the sellers: their items on the clearing account, and the charges.

        :param list charges: what :meth:`_prepare_seller_posting` returned
        """
        if not self:
            return
        Ledger = self.env['sales.seller.ledger'].sudo()
        clearing = self.company_id.sudo().marketplace_clearing_account_id
        items = self.sudo().line_ids.filtered(lambda line: line.account_id in clearing)
        rows = Ledger._book([
            *(item._prepare_ledger_row() for item in items if not item.currency_id.is_zero(item.amount_currency)),
            *({**values, **Ledger._prepare_dates(values)} for values in charges),
        ])
        refunds = self.sudo().filtered(lambda move: move.move_type == 'out_refund')
        if refunds:
            # what is credited is not waited for any more
            Ledger._mark_delivered(refunds.invoice_line_ids.sale_line_ids, fields.Date.context_today(self))
        rows._postpone_refunds()

    def _unbook_seller_ledger(self):
        """Take documents out of the ledger that are not posted any more.

        :raise UserError: if a statement has settled one of their rows
        """
        if documents := self._get_seller_documents():
            documents._check_seller_ledger_open()
            self.env['sales.seller.ledger'].sudo()._unbook(documents)

    def _check_seller_ledger_open(self):
        """Check that no row of the documents is on a statement.

        :raise UserError: names the document and the statement
        """
        if not (documents := self._get_seller_documents()):
            return
        settled = self.env['sales.seller.ledger'].sudo().search(
            [('move_id', 'in', documents.ids), ('settlement_id', '!=', False)], limit=1)
        if settled:
            raise UserError(self.env._(
                "%(document)s was settled with the seller in statement %(statement)s. It stays as it is: issue a credit note,"
                " the next statement takes it.",
                document=settled.move_id.display_name, statement=settled.settlement_id.display_name))

    def _get_ledger_date(self):
        """Return the day on which the document counts for the seller."""
        return self.invoice_date or self.date or fields.Date.context_today(self)


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def _is_charged(self):
        """Tell whether we charge the seller for this invoice line: it is sold as an agent, and its price is his."""
        return (
            bool(self.seller_id) and self.display_type == 'product' and self.revenue_presentation == 'agent'
            and self.promo_funding != 'platform')

    def _prepare_ledger_row(self):
        """Return the values of the ledger row for an item on the clearing account.

        :rtype: dict
        """
        origin = self if self.display_type != 'cogs' else self.cogs_origin_id
        move, sale_line = self.move_id, origin.sale_line_ids[:1]
        seller = move.seller_id or self.seller_id
        if not seller:
            raise UserError(self.env._(
                "“%(item)s” of %(document)s goes to the clearing account, but is no seller's. Choose another account or tax.",
                item=self.name or self.account_id.display_name, document=move.display_name))
        sign = -1 if move.move_type == 'out_refund' else 1
        values = {
            'seller_id': seller.id,
            'company_id': move.company_id.id,
            'currency_id': self.currency_id.id,
            'date': move._get_ledger_date(),
            'kind': self._get_ledger_kind(),
            'amount': -self.amount_currency,
            'move_id': move.id,
            'aml_id': self.id,
            'sale_line_id': sale_line.id,
            'product_id': origin.product_id.id,
            'quantity': sign * origin.quantity if origin.display_type == 'product' else 0.0,
            'base_amount': abs(origin.balance) * (1 if self.amount_currency < 0 else -1) if self != origin else 0.0,
            'note': self.name[:200] if self.name else False,
        }
        return {**values, **self.env['sales.seller.ledger']._prepare_dates(values)}

    def _get_ledger_kind(self):
        if self.promo_funding == 'seller':
            return 'promo'
        return 'refund' if self.move_id.move_type == 'out_refund' else 'sale'
