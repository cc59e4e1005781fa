from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare

from ...internal import granted
from ..channel.const import LEDGER_GUARD


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
        self.invoice_line_ids._check_matches_order()
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
        lines = self.sudo().line_ids
        items = lines.filtered(lambda line: line.account_id in clearing)
        if lost := (lines - items).filtered(lambda line: line.tax_line_id.on_behalf_origin_ids)[:1]:
            raise UserError(self.env._(
                "“%(item)s” of %(document)s is a tax of the seller: it belongs on the clearing account.",
                item=lost.name, document=lost.move_id.display_name))
        rows = Ledger._book([
            *(item._prepare_ledger_row() for item in items if not item.currency_id.is_zero(item.amount_currency)),
            *({**values, **Ledger._prepare_dates(values)} for values in charges),
        ])
        refunds = self.sudo().filtered(lambda move: move.move_type == 'out_refund')
        if refunds:
            # what is credited is not waited for any more
            Ledger._mark_delivered(refunds.invoice_line_ids.sale_line_ids, fields.Date.context_today(self))
        rows._postpone_refunds()
        self.sudo()._check_refunds(Ledger)

    def _check_refunds(self, ledger):
        """Check that no credit note takes more from a seller than he was credited for the order line.

        :raise UserError: names the document and the goods
        """
        lines = self.filtered(lambda move: move.move_type == 'out_refund').invoice_line_ids.filtered('seller_id').sale_line_ids
        for sale_line, currency, amount in ledger._read_group([
            ('sale_line_id', 'in', lines.ids), ('kind', 'in', ('sale', 'refund')), ('aml_id.display_type', '=', 'product'),
        ], ['sale_line_id', 'currency_id'], ['amount:sum']) if lines else ():
            if currency.compare_amounts(amount, 0.0) < 0 < sale_line.product_uom_qty:
                raise UserError(self.env._(
                    "More of “%(goods)s” would be credited than was invoiced: %(amount)s would be taken from %(seller)s. "
                    "Lower the credit note.",
                    goods=sale_line.name, amount=currency.format(-amount), seller=sale_line.seller_id.name))

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

    def _check_matches_order(self):
        """Check that lines of sellers are still those of their order: no more of it, at the price that only the seller sets.

        This holds for the server, too; what it posts without an order carries the permission of the ledger.

        :raise UserError: names the line
        """
        without_orders = granted(self, LEDGER_GUARD)
        for line in self.sudo().filtered(lambda line: line.seller_id and line.display_type == 'product'):
            sale_line = line.sale_line_ids[:1]
            if not sale_line and without_orders:
                continue
            if sale_line.seller_id != line.seller_id:
                raise UserError(self.env._(
                    "“%(line)s” has lost its order line, so that nobody knows what %(seller)s pays for it. Invoice it from the"
                    " order.", line=line.name, seller=line.seller_id.name))
            most = max(sale_line.product_uom_qty, sale_line.qty_delivered)
            if (line.move_id.move_type == 'out_invoice' and not sale_line.promo_funding
                    and sale_line.product_uom_id.compare(sale_line.qty_invoiced, most) > 0):
                raise UserError(self.env._(
                    "%(quantity)s of “%(line)s” would be invoiced, but only %(most)s are ordered from %(seller)s.",
                    quantity=f"{sale_line.qty_invoiced:g}", line=line.name, most=f"{most:g}",
                    seller=line.seller_id.name))
            if (sale_line.price_control == 'seller' and line.move_id.move_type == 'out_invoice' and not sale_line.promo_funding
                    and line.currency_id == sale_line.currency_id):
                price = sale_line.product_uom_id._compute_price(sale_line.price_unit, line.product_uom_id)
                digits = self.env['decimal.precision'].precision_get('Product Price')
                if line.discount or float_compare(line.price_unit, price, precision_digits=digits):
                    raise UserError(self.env._(
                        "%(seller)s sets the price of “%(line)s”: %(price)s without discount. Invoice less of it, or make a"
                        " credit note.",
                        seller=line.seller_id.name, line=line.name, price=line.currency_id.format(price)))

    def _check_ledger_item(self):
        """Check that an item on the clearing account is the price of goods, their tax or their cost, in its true amount.

        :raise UserError: names the document; somebody has added or changed a journal item by hand
        """
        self.ensure_one()
        move, amount = self.move_id, abs(self.amount_currency)
        if self.display_type == 'product':
            expected = abs(self.price_subtotal) if self.seller_id else None
        elif self.display_type == 'tax' and self.tax_line_id.on_behalf_origin_ids:
            # taxes are rounded by line or as a whole, and a tax may have several lines
            lines = move.invoice_line_ids.filtered(lambda line: line.tax_supplier == 'seller')
            expected = min(amount, abs(sum(line.price_total - line.price_subtotal for line in lines)) + (
                len(lines) * self.currency_id.rounding))
        elif self.display_type == 'cogs' and self.cogs_origin_id.move_id == move:
            expected = amount if self.cogs_origin_id.seller_id else None
        else:
            # a reversal at once copies the cost, without its origin
            copied = move.reversed_entry_id.line_ids.filtered(lambda line: (
                line.display_type == 'cogs' == self.display_type and line.account_id == self.account_id
                and line.seller_id == self.seller_id))
            expected = min(amount, abs(sum(copied.mapped('amount_currency')))) if copied else None
        if expected is None or self.currency_id.compare_amounts(amount, expected):
            raise UserError(self.env._(
                "The item “%(item)s” of %(document)s on the clearing account is not what its goods cost. Undo what was changed"
                " by hand in the journal items.", item=self.name or self.account_id.display_name, document=move.display_name))

    def _prepare_ledger_row(self):
        """Return the values of the ledger row for an item on the clearing account.

        :rtype: dict
        :raise UserError: see :meth:`_check_ledger_item`
        """
        origin = self if self.display_type != 'cogs' else self.cogs_origin_id
        move, sale_line = self.move_id, origin.sale_line_ids[:1]
        seller = move.seller_id or self.seller_id
        if not seller:
            raise UserError(self.env._(
                "“%(item)s” of %(document)s goes to the clearing account, but is no seller's. Choose another account or tax.",
                item=self.name or self.account_id.display_name, document=move.display_name))
        self._check_ledger_item()
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
