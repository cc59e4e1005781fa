"""What customers owe on any day is the balance of the receivable accounts, whatever was booked and matched since."""

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .receivable_common import ReceivableCommon

START = date(2026, 1, 1)
DAYS = 120

days = st.integers(0, DAYS)
amounts = st.integers(1, 100_000).map(lambda cents: cents / 100)
events = st.lists(st.one_of(
    st.tuples(st.just('invoice'), amounts, days, st.booleans(), st.booleans()),
    st.tuples(st.just('refund'), amounts, days, st.booleans(), st.booleans()),
    st.tuples(st.just('receipt'), amounts, days, st.booleans(), st.booleans()),
    # which two items; order of the days does not matter
    st.tuples(st.just('match'), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just('unmatch'), st.integers(0, 9)),
    st.tuples(st.just('reverse'), st.integers(0, 9), days),
), min_size=3, max_size=9)


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableProperties(ReceivableCommon):
    """Random documents in two currencies with changing rates, matched and taken apart at random."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for offset, rate in ((0, 0.2), (40, 0.25), (80, 0.16)):
            cls._rate(START + timedelta(days=offset), rate)

    @given(history=events, checks=st.lists(st.integers(-1, DAYS + 40), min_size=2, max_size=3))
    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    def test_trial_balance(self, history, checks):
        with self.env.cr.savepoint() as savepoint:
            moves = self.env['account.move']
            for kind, *details in history:
                moves |= getattr(self, f'_do_{kind}')(moves, *details)
            for offset in {*checks, DAYS}:
                self._check(START + timedelta(days=offset))
            savepoint.rollback()
        self.env.invalidate_all()

    # === EVENTS === #

    def _do_invoice(self, _moves, amount, day, foreign, instalments, move_type='out_invoice'):
        move = self.env['account.move'].create({
            'move_type': move_type, 'partner_id': self.customer.id, 'invoice_date': START + timedelta(days=day),
            'currency_id': (self.usd if foreign else self.company.currency_id).id,
            'invoice_payment_term_id': self.terms.id if instalments else False,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})],
        })
        move.action_post()
        return move

    def _do_refund(self, moves, amount, day, foreign, instalments):
        return self._do_invoice(moves, amount, day, foreign, instalments, 'out_refund')

    def _do_receipt(self, _moves, amount, day, foreign, _unused):
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': self.customer.id, 'amount': amount,
            'currency_id': (self.usd if foreign else self.company.currency_id).id, 'date': START + timedelta(days=day)})
        payment.action_post()
        return payment.move_id

    def _do_match(self, moves, one, other):
        lines = self._open_lines(moves)
        debits, credits = lines.filtered(lambda line: line.balance > 0), lines.filtered(lambda line: line.balance < 0)
        if debits and credits:
            (debits[one % len(debits)] | credits[other % len(credits)]).reconcile()
        return moves.browse()

    def _do_unmatch(self, moves, one):
        matched = moves.line_ids.filtered(lambda line: line.matched_debit_ids or line.matched_credit_ids)
        if matched:
            matched[one % len(matched)].remove_move_reconcile()
        return moves.browse()

    def _do_reverse(self, moves, one, day):
        invoices = moves.filtered(lambda move: move.move_type == 'out_invoice')
        if not invoices:
            return moves.browse()
        day = START + timedelta(days=day)
        reversal = invoices[one % len(invoices)]._reverse_moves([{'date': day, 'invoice_date': day}])
        reversal.action_post()
        return reversal

    def _open_lines(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled)

    # === THE LAW === #

    def _check(self, day):
        """Compare the analysis of a day with the balance of the receivable accounts, in total and per account."""
        self.env.flush_all()
        Report = self.env['sales.receivable.report'].with_context(receivable_as_of=fields.Date.to_string(day))
        Report.invalidate_model()
        domain = [('partner_id', '=', self.customer.id)]
        rows = Report.search(domain)
        [[balance]] = self.env.execute_query(SQL(
            """
            SELECT COALESCE(SUM(l.balance), 0)
              FROM account_move_line l
              JOIN account_account a ON a.id = l.account_id
             WHERE a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE AND l.parent_state = 'posted'
               AND l.partner_id = %s AND l.company_id = %s AND l.date <= %s
            """, self.customer.id, self.company.id, day))
        self.assertAlmostEqual(sum(rows.mapped('residual')), float(balance), places=2, msg=str(day))
        self.assertAlmostEqual(Report._read_group(domain, [], ['residual:sum'])[0][0] or 0.0, float(balance), places=2)
        self._check_statement(day, rows)

    def _check_statement(self, day, rows):
        """The statement closes with what is open, in every currency, and begins where the one before ended."""
        if day < START:
            return
        before_all, middle = START - timedelta(days=30), START + timedelta(days=30)
        residuals = defaultdict(float)
        for row in rows:
            residuals[row.currency_id] += row.residual_currency
        for section in self._sections(before_all, day):
            self.assertAlmostEqual(section['closing'], residuals[section['currency']], places=2, msg=str(day))
            self.assertAlmostEqual(section['closing'], sum(item['open'] for item in section['items']), places=2)
        if middle <= day:
            opening = {section['currency']: section['opening'] for section in self._sections(middle, day)}
            closing = {section['currency']: section['closing'] for section in self._sections(START, middle - timedelta(days=1))}
            for currency in {*opening, *closing}:
                self.assertAlmostEqual(opening.get(currency, 0.0), closing.get(currency, 0.0), places=2)

    def _sections(self, date_from, date_to):
        return self.customer._get_statement(self.company, date_from, date_to)['currencies']
