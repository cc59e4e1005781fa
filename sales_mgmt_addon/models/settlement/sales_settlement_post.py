from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ...internal import grant
from ..channel.const import LEDGER_GUARD, SETTLEMENT_GUARD
from .const import CHARGE_KINDS, CLEARING_KINDS


class SalesSettlement(models.Model):
    """Posting: the invoices of the statement, its journal entry, and the matching of everything in one go."""

    _inherit = 'sales.settlement'

    #=== ACTION METHODS ===#

    def action_post(self):
        """Post drafts: commission invoice, journal entry, matching. What is posted already is left alone.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if a statement was cancelled, has no entries, or the accounts are not set up
        :return: True
        """
        self._check_officer()
        for settlement in self.sorted('id'):
            settlement.seller_id.sudo()._serialise_settlement()
            settlement.invalidate_recordset()
            if settlement.state in ('posted', 'paid'):
                continue
            if settlement.state != 'draft':
                raise UserError(self.env._("%(statement)s was cancelled.", statement=settlement.display_name))
            grant(settlement.sudo(), SETTLEMENT_GUARD)._post_statement()
        return True

    #=== BUSINESS METHODS - POSTING ===#

    def _post_statement(self):
        """Post one draft whose seller is serialised. In sudo mode. Note: self.ensure_one()"""
        self.ensure_one()
        self = self.with_company(self.company_id)  # noqa: PLW0642 - accounts and invoices of this company
        self._check_can_post()
        self._hold_entries()
        date = self._get_accounting_date()
        name = self.env['ir.sequence'].with_company(self.company_id).next_by_code('sales.settlement', sequence_date=date)
        self._set({'name': name or self.env._("Statement %(number)s", number=self.id), 'date': date})
        items = self._get_clearing_items()
        charge = self._create_charge_move()
        bill = self._create_bill_move(items)
        self._add_tax_entries(charge, bill)
        self._add_reserve()
        opening_items = self._get_open_payables()
        move = self._create_entry(items, charge, bill)
        self._match(items, charge, bill, move, opening_items)
        self._close(charge, bill, move)

    def _check_can_post(self):
        self.company_id._check_marketplace_ready()
        if not self.env['sales.seller.ledger'].search_count([('settlement_id', '=', self.id)], limit=1):
            raise UserError(self.env._(
                "%(statement)s has no entries. Collect them, or cancel it.", statement=self.display_name))

    def _hold_entries(self):
        """Touch the entries, so that a document that is being reset meanwhile makes one of the two start again."""
        self.env['sales.seller.ledger'].flush_model()
        self.env.cr.execute(SQL("UPDATE sales_seller_ledger SET settlement_id = settlement_id WHERE settlement_id = %s", self.id))
        self._refresh_amounts()

    def _get_accounting_date(self):
        """Return the cut-off, or today if its period is locked."""
        day = self._get_day_after_accrual(self.date_to)
        if self.company_id._get_violated_lock_dates(day, False, self.company_id.marketplace_journal_id):
            return fields.Date.context_today(self)
        return day

    def _get_day_after_accrual(self, day):
        """Return the day, or the first one after it whose month has no commissions accrued: those have theirs already."""
        accrual = self.env['sales.settlement.accrual'].sudo().search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'posted'), ('date', '>=', day)],
            order='date desc', limit=1)
        return accrual.reversal_id.date or day

    def _get_clearing_items(self):
        """Return what the statement clears, in one statement.

        :return: dict of (account id, principal or not) → (list of journal item ids, amount in the currency as the
            seller sees it)
        :raise UserError: if somebody has matched an item by hand
        """
        self.env['account.move.line'].flush_model()
        rows = self.env.execute_query(SQL(
            """
            SELECT l.account_id, l.display_type = 'cogs', array_agg(l.id ORDER BY l.date, l.id), SUM(r.amount),
                   array_agg(DISTINCT l.move_name) FILTER (
                       WHERE ABS(l.amount_residual_currency + r.amount) >= %(rounding)s / 2
                          OR l.parent_state <> 'posted' OR l.currency_id <> r.currency_id)
              FROM sales_seller_ledger r
              JOIN account_move_line l ON l.id = r.aml_id
             WHERE r.settlement_id = %(id)s AND r.kind = ANY(%(kinds)s)
          GROUP BY l.account_id, l.display_type = 'cogs'
          ORDER BY l.account_id
            """,
            id=self.id, kinds=list(CLEARING_KINDS), rounding=self.currency_id.rounding))
        wrong = sorted({name for *_others, names in rows for name in names or ()})
        if wrong:
            raise UserError(self.env._(
                "The clearing items of these documents are no longer open: %(documents)s. Undo what was matched by hand.",
                documents=", ".join(wrong[:10])))
        return {
            (account, principal): (ids, self.currency_id.round(float(amount)))
            for account, principal, ids, amount, _names in rows}

    #=== BUSINESS METHODS - LEDGER ===#

    def _add_tax_entries(self, charge, bill):
        """Enter the VAT that the documents have and the entries do not: rounding, and VAT of self-billed goods.

        The entries round VAT one by one, an invoice as a whole.
        """
        by_kind = dict(self.env['sales.seller.ledger']._read_group(
            [('settlement_id', '=', self.id), ('kind', 'in', CHARGE_KINDS)], ['kind'], ['tax_amount:sum']))
        rounding = self.currency_id.round(charge.direction_sign * charge.amount_tax - sum(by_kind.values()))
        if not self.currency_id.is_zero(rounding):
            kind = 'commission' if 'commission' in by_kind else 'fee'
            self._add_entry(kind, 0.0, tax_amount=rounding, move_id=charge.id, note=self.env._("Rounding of VAT"))
        if bill and not self.currency_id.is_zero(bill.amount_tax):
            sign = 1 if bill.move_type == 'in_invoice' else -1
            self._add_entry(
                'sale', 0.0, tax_amount=sign * bill.amount_tax, move_id=bill.id, note=self.env._("VAT of self-billed goods"))

    def _add_entry(self, kind, amount, **values):
        """Create a ledger entry that this posting makes, in the statement itself unless said otherwise."""
        return grant(self.env['sales.seller.ledger'], LEDGER_GUARD).create({
            'seller_id': self.seller_id.id, 'company_id': self.company_id.id, 'currency_id': self.currency_id.id,
            'date': self.date_to, 'available_date': self.date_to, 'kind': kind, 'amount': amount,
            'settlement_id': self.id, 'origin_settlement_id': self.id, **values})

    def _add_reserve(self):
        """Keep a share of what the statement brings, and enter its release for later."""
        self._refresh_amounts()
        _opening, _payouts, others = self._get_balances()
        base = self.amount_net - self.amount_reserve - others
        kept = self.currency_id.round(base * self.seller_id.reserve_percent / 100.0)
        if self.currency_id.compare_amounts(kept, 0.0) <= 0:
            return
        released = self.date_to + timedelta(days=max(self.seller_id.reserve_days, 1))
        self._add_entry('reserve', -kept, note=self.env._(
            "%(percent)s %% until %(day)s", percent=self.seller_id.reserve_percent, day=released))
        self._add_entry(
            'release', kept, settlement_id=False, date=released, available_date=released,
            note=self.env._("Reserve of statement %(statement)s", statement=self.name))
        self._refresh_amounts()

    #=== BUSINESS METHODS - JOURNAL ENTRY ===#

    def _create_entry(self, items, charge, bill):
        """Post the entry: clearing, set-off of the invoices, adjustments, reserve, the rest to the payable account.

        :return: posted `account.move`, or an empty one if there is nothing to post
        """
        lines = self._prepare_entry_lines(items, charge, bill)
        if not lines:
            return self.env['account.move']
        move = self.env['account.move'].create({
            'move_type': 'entry', 'company_id': self.company_id.id, 'journal_id': self.company_id.marketplace_journal_id.id,
            'date': self.date, 'ref': self.name, 'partner_id': self.seller_id.partner_id.id, 'currency_id': self.currency_id.id,
            'line_ids': [Command.create(line) for line in lines],
        })
        move._post(soft=False)
        return move

    def _prepare_entry_lines(self, items, charge, bill):
        lines = [
            self._prepare_entry_line(account, amount, self.env._("Clearing"))
            for (account, principal), (_ids, amount) in items.items() if not principal]
        for document in charge | bill:
            term = self._get_term_lines(document)
            for account in term.account_id:
                open_lines = term.filtered(lambda line, account=account: line.account_id == account)
                lines.append(self._prepare_entry_line(account.id, -sum(open_lines.mapped('amount_currency')), document.name))
        for row in self.env['sales.seller.ledger'].search([('settlement_id', '=', self.id), ('kind', '=', 'adjust')], order='id'):
            lines.append(self._prepare_entry_line(row.account_id.id, row.amount, row.note))
        reserve = self.company_id.marketplace_reserve_account_id.id
        lines.append(self._prepare_entry_line(reserve, self.amount_reserve, self.env._("Reserve")))
        return self._with_payable_line([line for line in lines if not self.currency_id.is_zero(line['amount_currency'])])

    def _with_payable_line(self, lines):
        """Add what the seller gets or owes. Cents that converting leaves over go to the first line, where Odoo's
        exchange entry takes them up.
        """
        amount = -self.currency_id.round(sum(line['amount_currency'] for line in lines))
        if not self.currency_id.is_zero(amount):
            lines.append(self._prepare_entry_line(self.company_id.marketplace_payable_account_id.id, amount, self.name))
        if lines:
            left = self.company_id.currency_id.round(sum(line['balance'] for line in lines))
            lines[0]['balance'] -= left
        return lines

    def _prepare_entry_line(self, account, amount, label):
        """Return values of a journal item; ``amount`` is a debit in the statement's currency."""
        company = self.company_id
        balance = self.currency_id._convert(amount, company.currency_id, company, self.date)
        return {
            'name': label or self.name, 'account_id': account, 'partner_id': self.seller_id.partner_id.id,
            'seller_id': self.seller_id.id, 'currency_id': self.currency_id.id,
            'amount_currency': self.currency_id.round(amount), 'balance': company.currency_id.round(balance),
            'tax_ids': [Command.clear()],
        }

    def _get_term_lines(self, document):
        return document.line_ids.filtered(lambda line: line.display_type == 'payment_term')

    #=== BUSINESS METHODS - MATCHING ===#

    def _get_open_payables(self):
        """Return the open items of the seller's payable account before the entry is posted."""
        return self.env['account.move.line'].search([
            ('account_id', '=', self.company_id.marketplace_payable_account_id.id),
            ('partner_id', '=', self.seller_id.partner_id.id), ('company_id', '=', self.company_id.id),
            ('currency_id', '=', self.currency_id.id), ('parent_state', '=', 'posted'), ('reconciled', '=', False)])

    def _match(self, items, charge, bill, move, open_payables):
        """Match clearing items, the invoices and older balances with the entry, all in one go."""
        Item = self.env['account.move.line']
        plan = []
        for (account, principal), (ids, _amount) in items.items():
            source = bill if principal else move
            plan.append(Item.browse(ids) + source.line_ids.filtered(lambda line, account=account: line.account_id.id == account))
        for document in charge | bill:
            term = self._get_term_lines(document)
            plan.append(term + move.line_ids.filtered(lambda line, term=term: line.account_id in term.account_id))
        plan.append(open_payables + move.line_ids.filtered(
            lambda line: line.account_id == self.company_id.marketplace_payable_account_id))
        plan.append(self._get_reserve_items())
        plan = [lines.filtered(lambda line: not line.reconciled) for lines in plan]
        if plan := [lines for lines in plan if self._has_both_signs(lines)]:
            Item._reconcile_plan(plan)

    def _has_both_signs(self, lines):
        return any(line.amount_currency > 0 for line in lines) and any(line.amount_currency < 0 for line in lines)

    def _get_reserve_items(self):
        return self.env['account.move.line'].search([
            ('account_id', '=', self.company_id.marketplace_reserve_account_id.id),
            ('partner_id', '=', self.seller_id.partner_id.id), ('company_id', '=', self.company_id.id),
            ('currency_id', '=', self.currency_id.id), ('parent_state', '=', 'posted'), ('reconciled', '=', False)])

    #=== BUSINESS METHODS - CLOSING ===#

    def _close(self, charge, bill, move):
        """Set the statement to posted if it closes to the payable account.

        :raise UserError: if its closing balance is not the balance of the account
        """
        self._set({
            'charge_move_id': charge.id, 'bill_move_id': bill.id, 'move_id': move.id, 'state': 'posted',
            'posted_by_id': self.env.uid, 'posted_on': fields.Datetime.now()})
        balance, _paid = self._get_payable_balance()
        if self.currency_id.compare_amounts(balance, self.amount_closing):
            raise UserError(self.env._(
                "%(statement)s would close with %(closing)s, but the payable account would hold %(balance)s. Nothing was posted.",
                statement=self.name, closing=self.currency_id.format(self.amount_closing),
                balance=self.currency_id.format(balance)))
        self.activity_unlink(['mail.mail_activity_data_todo'])
