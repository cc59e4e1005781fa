from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .items import flush_sources, items_sql
from .statement import ROWS_MAX, open_sql, opening_sql, rows_sql

STATEMENT_MONTHS = 12
# Who sees the receivables of every customer
ALL_GROUPS = (
    'sales_mgmt_addon.group_credit_controller', 'sales_mgmt_addon.group_director',
    'sales_team.group_sale_salesman_all_leads', 'account.group_account_invoice', 'account.group_account_readonly')
# Who gives any customer to another salesperson, or below another company; others are implied
HANDOVER_GROUPS = (
    'sales_mgmt_addon.group_credit_controller', 'sales_mgmt_addon.group_director',
    'sales_team.group_sale_salesman_all_leads', 'account.group_account_invoice')
HANDOVER_FIELDS = frozenset({'user_id', 'parent_id', 'is_company'})


class ResPartner(models.Model):
    _inherit = 'res.partner'

    receivable_overdue = fields.Monetary(
        string="Overdue Receivables", compute='_compute_receivable', currency_field='receivable_currency_id',
        groups='base.group_user')
    receivable_currency_id = fields.Many2one(
        comodel_name='res.currency', compute='_compute_receivable', groups='base.group_user')
    receivable_is_shown = fields.Boolean(compute='_compute_receivable', groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_receivable(self):
        """The overdue items of the current company and its branches, as far as the user may see them."""
        self.receivable_overdue = 0.0
        self.receivable_is_shown = False
        self.receivable_currency_id = self.env.company.currency_id
        Report = self.env['sales.receivable.report'].with_context(receivable_as_of=False)
        if not self._credit_is_active() or not Report.has_access('read'):
            return
        commercial = self.sudo().commercial_partner_id
        overdue = dict(Report._read_group(
            [('partner_id', 'in', commercial.ids), ('company_id', 'child_of', self.env.company.root_id.id)],
            ['partner_id'], ['overdue:sum']))
        overdue = {partner.id: amount for partner, amount in overdue.items()}
        for partner in self:
            partner.receivable_overdue = overdue.get(partner.sudo().commercial_partner_id.id, 0.0)
            partner.receivable_is_shown = True

    # === CRUD METHODS === #

    def write(self, vals):
        if HANDOVER_FIELDS.isdisjoint(vals) or not self._handover_is_guarded():
            return super().write(vals)
        if 'user_id' in vals:
            self._check_handover(vals['user_id'])
        customers = self._get_family_customers() if self._handover_may_move(vals) else {}
        res = super().write(vals)
        self._check_moves({
            partner: customer for partner, customer in customers.items() if partner.commercial_partner_id != customer})
        return res

    # === ACTION METHODS === #

    def action_open_receivables(self):
        """Open what the customer owes, as far as the user may see it.

        :return: window action
        :rtype: dict
        :raise AccessError: if the user may not see the customer or no receivables at all
        """
        self.ensure_one()
        self.check_access('read')
        self.env['sales.receivable.report'].check_access('read')
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_receivable_report_action')
        action['domain'] = [('partner_id', '=', self.sudo().commercial_partner_id.id)]
        action['context'] = {}
        return action

    def action_open_receivable_case(self):
        """Open the collection case of the customer in the current company.

        :return: window action
        :raise AccessError: if the user may not see the customer or his case
        :raise UserError: if there is no open case
        """
        self.ensure_one()
        self.check_access('read')
        case = self.env['sales.collection.case'].search([
            ('partner_id', '=', self.sudo().commercial_partner_id.id), ('company_id', '=', self.env.company.root_id.id),
            ('state', '!=', 'closed'),
        ], limit=1)
        if not case:
            raise UserError(self.env._("%s has no open case that you may see.", self.display_name))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sales.collection.case',
            'res_id': case.id,
            'views': [(False, 'form')],
        }

    def action_print_statement(self):
        """Open the dialog that prints or sends the customer's account statement.

        :return: window action
        :raise AccessError: if the user may not see all that the customer owes
        """
        self.ensure_one()
        self.check_access('read')
        self._check_statement_access(self.env.company)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Account Statement"),
            'res_model': 'sales.receivable.statement',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'default_partner_id': self.sudo().commercial_partner_id.id, 'default_company_id': self.env.company.id},
        }

    # === BUSINESS METHODS - HANDOVER === #

    def _handover_is_guarded(self):
        """Tell whether the user may give away his own customers only: who sells to a customer sees what he owes."""
        return (
            not self.env.su
            and self._credit_is_active()
            and not any(self.env.user.has_group(group) for group in HANDOVER_GROUPS))

    def _handover_may_move(self, vals):
        """Tell whether these values may put one of the partners below another customer."""
        return any(
            ('parent_id' in vals and (partner.parent_id.id or False) != (vals['parent_id'] or False))
            or ('is_company' in vals and partner.is_company != bool(vals['is_company']))
            for partner in self.sudo())

    def _get_family_customers(self):
        """Return the present customer of each of these partners and of all partners below them.

        :return: sudoed commercial partner per sudoed partner
        :rtype: dict
        """
        family = self.sudo().with_context(active_test=False).search([('id', 'child_of', self.ids)])
        return {partner: partner.commercial_partner_id for partner in family}

    def _check_handover(self, user_id):
        """Refuse another salesperson for a customer of somebody else, or for one of nobody's who owes something.

        :param int user_id: the future salesperson
        :raise AccessError: if one of them is not the user's to give
        """
        customers = self.sudo().filtered(
            lambda partner: partner.commercial_partner_id == partner and (partner.user_id.id or False) != (user_id or False))
        others = customers._filter_customers_of_others()
        if not others:
            return
        self.check_access('write')
        debtors = self._get_debtors(SQL("p.commercial_partner_id = ANY(%s)", others.ids)).commercial_partner_id
        for customer in others:
            if customer in debtors:
                self._refuse_handover(customer)
            if customer.user_id:
                raise AccessError(self.env._(
                    "%(customer)s is a customer of %(user)s. Ask this person, a sales leader or a credit controller to "
                    "hand the customer over.", customer=customer.display_name, user=customer.user_id.name))

    def _check_moves(self, customers):
        """Refuse to take open items along to another customer, unless they are items of the user's own customers.

        :param dict customers: customer so far per partner that moves, see :meth:`_get_family_customers`
        :raise AccessError: if one of them is not the user's to give
        """
        others = self.browse().sudo().union(*customers.values())._filter_customers_of_others()
        moved = [partner.id for partner, customer in customers.items() if customer in others]
        if moved and (debtors := self._get_debtors(SQL("l.partner_id = ANY(%s)", moved))):
            self._refuse_handover(debtors[0])

    def _filter_customers_of_others(self):
        """Return those customers whose salesperson is neither the user nor led by him."""
        others = self.filtered(lambda customer: customer.user_id != self.env.user)
        if not others.user_id:
            return others
        led_teams = self.env['crm.team'].sudo().with_context(active_test=False).search(
            [('approval_leader_ids', 'in', self.env.uid)])
        return others.filtered(lambda customer: customer.user_id.sale_team_id not in led_teams)

    def _get_debtors(self, where):
        """Return the partners of open items, sudoed.

        :param SQL where: condition, see :func:`items_sql`
        """
        flush_sources(self.env)
        return self.sudo().browse(partner_id for partner_id, in self.env.execute_query(SQL(
            "SELECT DISTINCT l.partner_id FROM (%s) i JOIN account_move_line l ON l.id = i.id ORDER BY l.partner_id",
            items_sql(where=where))))

    def _refuse_handover(self, customer):
        raise AccessError(self.env._(
            "%(customer)s has open receivables. Ask a sales leader or a credit controller to hand him over.",
            customer=customer.display_name))

    # === BUSINESS METHODS - STATEMENT === #

    def _get_statement(self, company, date_from=None, date_to=None):
        """Return the account statement of a customer: everything booked in a period, and what is open at its end.

        The balance at the end is the sum of the open items, in every currency.

        :param company: `res.company`; its branches belong to it
        :param date date_from: first day; a year before the last one if ``None``
        :param date date_to: last day; today if ``None``
        :return: ``partner`` (commercial partner), ``company``, ``date_from``, ``date_to`` and ``currencies``: a list
            of dicts with ``currency``, ``opening``, ``rows`` (``date``, ``date_due``, ``document``, ``label``,
            ``debit``, ``credit``, ``balance``, ``open``), ``debit``, ``credit``, ``closing``, ``items`` (``date``,
            ``date_due``, ``document``, ``days_overdue``, ``amount``, ``open``), ``buckets`` (pairs of label and open
            amount) and ``overdue``; amounts in that currency
        :rtype: dict
        :raise AccessError: if the user may not see all that the customer owes
        :raise UserError: if the period does not make sense or holds too many rows
        """
        self.ensure_one()
        partner = self.sudo().commercial_partner_id
        companies = self._check_statement_access(company)
        date_to = date_to or fields.Date.context_today(self)
        date_from = date_from or fields.Date.add(date_to, months=-STATEMENT_MONTHS, days=1)
        if date_from > date_to:
            raise UserError(self.env._("The statement begins after its end: choose another period."))
        flush_sources(self.env)
        rows = self.env.execute_query_dict(rows_sql(partner, companies, date_from, date_to))
        if len(rows) > ROWS_MAX:
            raise UserError(self.env._("The statement has more than %s rows: choose a shorter period.", ROWS_MAX))
        opening = dict(self.env.execute_query(opening_sql(partner, companies, date_from, date_to)))
        items = self._get_statement_items(partner, companies, date_to)
        sections = [
            self._prepare_statement_section(company, currency, opening[currency.id], rows, items)
            for currency in self.env['res.currency'].sudo().browse(opening).sorted(
                lambda currency: (currency != company.sudo().currency_id, currency.name))
        ]
        return {
            'partner': partner,
            'company': company.sudo(),
            'date_from': date_from,
            'date_to': date_to,
            'currencies': [
                section for section in sections if section['rows'] or section['items'] or section['opening']],
        }

    def _get_statement_items(self, partner, companies, day):
        """Return the open items of a day with their documents, oldest first."""
        items = self.env.execute_query_dict(open_sql(partner, companies, day))
        names = {
            move.id: move.name
            for move in self.env['account.move'].sudo().browse({item['move_id'] for item in items})
        }
        return sorted([
            {
                'currency_id': item['currency_id'],
                'date': item['date'],
                'date_due': item['date_due'],
                'document': names[item['move_id']],
                'days_overdue': (day - item['date_due']).days,
                'amount': float(item['amount_currency']),
                'open': float(item['residual_currency']),
            }
            for item in items if item['residual_currency']
        ], key=lambda item: (item['date_due'], item['date'], item['document'] or ''))

    def _prepare_statement_section(self, company, currency, opening, rows, items):
        """Return the part of a statement in one currency."""
        balance = opening = currency.round(float(opening))
        lines = []
        for row in rows:
            if row['currency_id'] != currency.id:
                continue
            amount = currency.round(float(row['amount']))
            balance = currency.round(balance + amount)
            lines.append({
                'date': row['date'],
                'date_due': row['date_maturity'] if not row['other_id'] and row['amount'] > 0 else False,
                'document': row['document'],
                'label': self._get_statement_label(row),
                'debit': max(amount, 0.0),
                'credit': max(-amount, 0.0),
                'balance': balance,
                'open': currency.round(float(row['open'])),
            })
        items = [item for item in items if item['currency_id'] == currency.id]
        overdue = [item for item in items if item['open'] > 0 and item['days_overdue'] > 0]
        return {
            'currency': currency,
            'opening': opening,
            'rows': lines,
            'debit': currency.round(sum(line['debit'] for line in lines)),
            'credit': currency.round(sum(line['credit'] for line in lines)),
            'closing': balance,
            'items': items,
            'buckets': self._prepare_statement_buckets(company, currency, items),
            'overdue': currency.round(sum(item['open'] for item in overdue)),
        }

    def _prepare_statement_buckets(self, company, currency, items):
        """Return pairs of label and open amount: receipts, then each ageing bucket."""
        credits = currency.round(sum(item['open'] for item in items if item['open'] < 0))
        buckets = [(self.env._("Unapplied"), credits)] if credits else []
        for bucket in self.env['sales.receivable.bucket']._get_for(company).with_context(lang=self.env.lang):
            amount = sum(
                item['open'] for item in items
                if item['open'] > 0 and bucket.days_from <= item['days_overdue'] <= bucket.days_to)
            buckets.append((bucket.display_name, currency.round(amount)))
        return buckets

    def _get_statement_label(self, row):
        """Return what a row of the statement is, in words."""
        if row['other_id']:
            currency = self.env['res.currency'].sudo().browse(row['other_currency_id'])
            return self.env._("Matched with %(document)s (%(currency)s)",
                document=row['other_document'] or '', currency=currency.name)
        kinds = {
            'out_invoice': self.env._("Invoice"),
            'out_refund': self.env._("Credit note"),
            'out_receipt': self.env._("Sales receipt"),
        }
        return kinds.get(row['move_type']) or row['ref'] or row['label'] or self.env._("Journal entry")

    def _check_statement_access(self, company):
        """Return the companies of a statement, if the user may see all that the customer owes there.

        Those are the customer himself; his salesperson and the leaders of his team; and who sees every customer.

        :param company: `res.company`
        :return: the company and its branches, as far as the user works in them
        :raise AccessError: if he may not
        """
        user = self.env.user
        partner = self.sudo().commercial_partner_id
        companies = self.env['res.company'].sudo().with_context(active_test=False).search([('id', 'child_of', company.ids)])
        if self.env.su or (partner and user.partner_id.commercial_partner_id == partner and user.share):
            return companies
        if user._is_internal():
            companies = companies.filtered(lambda branch: branch in user.sudo().company_ids)
            if companies and (
                any(user.has_group(group) for group in ALL_GROUPS)
                or (partner.user_id == user and user.has_group('sales_team.group_sale_salesman'))
                or user in partner.user_id.sale_team_id.approval_leader_ids
            ):
                return companies
        raise AccessError(self.env._(
            "You may not see the whole account of this customer: ask his salesperson or a credit controller."))
