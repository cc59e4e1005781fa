from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.http import content_disposition, request
from odoo.tools import SQL

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .seller import SellerPortal

STATEMENTS = '/my/seller/statements'
REPORT = 'sales_mgmt_addon.report_settlement_action'
# A seller sees a statement once it is final
FINAL = ('posted', 'paid')
DOCUMENTS = {'commission': 'charge_move_id', 'self-billed': 'bill_move_id'}
ROWS = 100


class SellerStatementPortal(SellerPortal):
    """Statements of a seller: what he sold, what we keep of it, what he gets."""

    # === LIST === #

    @http.route([STATEMENTS, f'{STATEMENTS}/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_statements(self, **options):
        """List the posted statements of the seller of the user, with what he will be paid next."""
        values = self._prepare_seller_list(
            'sales.settlement', STATEMENTS, 'seller_statements', [('state', 'in', FINAL)],
            self._get_seller_statement_sortings(), self._get_seller_statement_filters(), **options)
        values['balances'] = [
            balance for seller in values['sellers'] for balance in self._get_seller_balances(seller)]
        return request.render('sales_mgmt_addon.portal_my_seller_statements', values)

    def _get_seller_statement_sortings(self):
        env = request.env
        return {
            'date': {'label': env._("Newest"), 'order': 'date_to desc, id desc'},
            'name': {'label': env._("Number"), 'order': 'name, id'},
            'closing': {'label': env._("Closing Balance"), 'order': 'amount_closing desc, id desc'},
        }

    def _get_seller_statement_filters(self):
        env = request.env
        return {
            'all': {'label': env._("All"), 'domain': []},
            'posted': {'label': env._("To Be Paid"), 'domain': [('state', '=', 'posted')]},
            'paid': {'label': env._("Paid"), 'domain': [('state', '=', 'paid')]},
        }

    def _get_seller_balances(self, seller):
        """Return what a seller has with us, per currency.

        :return: dicts with ``seller``, ``currency``, ``balance`` (of his statements), ``unsettled`` (booked since),
            ``cutoff`` of the next statement, ``estimate`` of what it will bring him, ``block`` (why he would not be paid)
        """
        cutoff = seller._get_next_cutoff(fields.Date.context_today(seller))
        open_rows = [
            ('seller_id', '=', seller.id), '|', ('settlement_id', '=', False), ('settlement_id.state', '=', 'draft')]
        Ledger = request.env['sales.seller.ledger'].sudo()
        unsettled = self._sum_rows(Ledger, open_rows)
        ripe = self._sum_rows(Ledger, [*open_rows, ('available_date', '<=', cutoff), ('date', '<=', cutoff)])
        latest = request.env['sales.settlement'].sudo().search(
            [('seller_id', '=', seller.id), ('state', 'in', FINAL)], order='id desc').grouped('currency_id')
        balances = []
        for currency in (unsettled.keys() | latest.keys() or {seller.currency_id}):
            balance = latest[currency][0]._get_payable_balance()[0] if currency in latest else 0.0
            gain = ripe.get(currency, 0.0)
            estimate = currency.round(balance + gain - max(gain, 0.0) * seller.reserve_percent / 100.0)
            balances.append({
                'seller': seller, 'currency': currency, 'balance': balance, 'unsettled': unsettled.get(currency, 0.0),
                'cutoff': cutoff, 'estimate': max(estimate, 0.0), 'block': seller._get_payout_block(estimate, currency, cutoff)})
        return sorted(balances, key=lambda row: row['currency'].name)

    def _sum_rows(self, ledger, domain):
        """Return the sum of ledger entries with their VAT by currency."""
        return {currency: amount + tax for currency, amount, tax in ledger._read_group(
            domain, ['currency_id'], ['amount:sum', 'tax_amount:sum'])}

    # === PAGE === #

    @http.route(
        [f'{STATEMENTS}/<int:statement_id>', f'{STATEMENTS}/<int:statement_id>/page/<int:page>'], type='http', auth='user',
        website=True, readonly=True)
    def portal_my_seller_statement(self, statement_id, page=1, **_kwargs):
        """Show a statement of the seller of the user, with its entries and the balance after each."""
        statement = self._get_own_statement_of_seller(statement_id)
        pager = portal_pager(
            url=f'{STATEMENTS}/{statement.id}', total=len(statement.ledger_ids), page=page, step=ROWS)
        rows = request.env['sales.seller.ledger'].sudo().search(
            [('settlement_id', '=', statement.id)], order='date, id', limit=ROWS, offset=pager['offset'])
        return request.render('sales_mgmt_addon.portal_my_seller_statement', self._prepare_seller_page(
            'seller_statement', statement=statement, rows=rows, pager=pager,
            running=self._get_running_balances(statement, pager['offset'])))

    def _get_own_statement_of_seller(self, statement_id):
        return self._get_own('sales.settlement', statement_id, [('state', 'in', FINAL)])

    def _get_running_balances(self, statement, offset):
        """Return the balance of a statement after each of the entries of a page, by the id of the entry."""
        opening = statement.amount_opening + statement.amount_payouts
        return {row_id: opening + float(amount) for row_id, amount in request.env.execute_query(SQL(
            """
            SELECT id, SUM(amount + COALESCE(tax_amount, 0)) OVER (ORDER BY date, id)
              FROM sales_seller_ledger WHERE settlement_id = %s ORDER BY date, id LIMIT %s OFFSET %s
            """, statement.id, ROWS, offset))}

    # === DOCUMENTS === #

    @http.route(f'{STATEMENTS}/<int:statement_id>/pdf', type='http', auth='user', website=True)
    def portal_my_seller_statement_pdf(self, statement_id, **_kwargs):
        """Return a statement of the seller of the user as a document."""
        statement = self._get_own_statement_of_seller(statement_id)
        return self._respond_pdf(REPORT, statement, statement.name)

    @http.route(f'{STATEMENTS}/<int:statement_id>/<string:document>', type='http', auth='user', website=True)
    def portal_my_seller_statement_document(self, statement_id, document, **_kwargs):
        """Return the commission invoice or the self-billed invoice of a statement of the seller of the user."""
        statement = self._get_own_statement_of_seller(statement_id)
        move = statement[DOCUMENTS[document]] if document in DOCUMENTS else None
        if not move or move.state != 'posted':
            raise NotFound()
        return self._respond_pdf('account.account_invoices', move, move.name)

    def _respond_pdf(self, report, record, name):
        content, _type = request.env['ir.actions.report'].sudo().with_company(record.company_id)._render_qweb_pdf(
            report, res_ids=record.ids)
        return request.make_response(content, headers=[
            ('Content-Type', 'application/pdf'),
            ('Content-Length', len(content)),
            ('Content-Disposition', content_disposition(f'{(name or "").replace("/", "-")}.pdf')),
        ])
