import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date

from ...internal import grant, granted
from ..receivable.items import flush_sources, items_sql
from .const import CHATTER_PREFIXES, HORIZON_DAYS, PROMISE_GUARD

JUDGED = ('kept', 'partly', 'broken')


class SalesCollectionPromise(models.Model):
    """What a customer promised to pay until when; watched every day.

    A promise is made by :meth:`_make` and judged by :meth:`_judge`. In between it can only be cancelled; once it is
    judged nobody changes it any more, and a payment that is unmatched later is noted but does not rewrite it.
    """

    _name = 'sales.collection.promise'
    _description = "Promise to Pay"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    case_id = fields.Many2one(
        comodel_name='sales.collection.case', string="Case", readonly=True, index='btree_not_null',
        ondelete='restrict')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", required=True, readonly=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Taken By", required=True, readonly=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    amount = fields.Monetary(string="Promised Amount", required=True, readonly=True, aggregator=None)
    amount_company = fields.Monetary(
        string="Promised", readonly=True, currency_field='company_currency_id', aggregator='sum',
        help="In company currency, at the rates at which the items are booked.")
    made_on = fields.Date(
        string="Promised On", required=True, readonly=True, default=fields.Date.context_today)
    date = fields.Date(string="To Be Paid Until", required=True, readonly=True, index=True)
    note = fields.Text(string="Note", readonly=True)
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('kept', "Kept"),
            ('partly', "Partly Kept"),
            ('broken', "Broken"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='open', tracking=True, index=True, copy=False,
        group_expand=True)
    paid_amount = fields.Monetary(
        string="Paid", readonly=True, copy=False, aggregator=None,
        help="Of the promised items, from the day of the promise until it was judged.")
    due_amount = fields.Monetary(
        string="Owed in the End", readonly=True, copy=False, aggregator=None,
        help="The promised amount, or what credit notes, disputes and write-offs left of it when it was judged.")
    kept_share = fields.Float(
        string="Kept", readonly=True, copy=False, aggregator='avg', help="Paid in time, as a share of what was owed.")
    due_company = fields.Monetary(
        string="Judged Amount", readonly=True, copy=False, currency_field='company_currency_id', aggregator='sum')
    kept_company = fields.Monetary(
        string="Kept Amount", readonly=True, copy=False, currency_field='company_currency_id', aggregator='sum')
    judged_on = fields.Date(string="Judged On", readonly=True, copy=False)
    cancel_reason = fields.Char(string="Reason to Cancel", readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name='sales.collection.promise.line', inverse_name='promise_id', string="Items", readonly=True)
    paid_now = fields.Monetary(
        string="Paid So Far", compute='_compute_payments', help="Of the promised items, since the promise was made.")
    draft_count = fields.Integer(
        string="Items in Draft", compute='_compute_payments',
        help="Invoices that were reset to draft; the promise is judged on what is left.")

    _amount_positive = models.Constraint('CHECK (amount > 0)', "A promise is about a positive amount.")
    _open_idx = models.Index("(date) WHERE state = 'open'")
    _rate_idx = models.Index("(partner_id, company_id) WHERE state IN ('kept', 'partly', 'broken')")

    # === COMPUTE METHODS === #

    @api.depends('partner_id', 'amount', 'currency_id', 'date')
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s until %(date)s", customer=promise.partner_id.display_name or '',
                amount=promise._format(promise.amount), date=format_date(self.env, promise.date))

    @api.depends('state', 'line_ids')
    def _compute_payments(self):
        payments = self.filtered(lambda promise: promise.state == 'open')._get_payments()
        for promise in self:
            row = payments.get(promise._origin.id, {})
            promise.paid_now = row['paid'] if row else promise.paid_amount
            promise.draft_count = row.get('drafts', 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, PROMISE_GUARD):
            raise AccessError(self.env._("Promises are taken from the collection case."))
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, PROMISE_GUARD) and any(not name.startswith(CHATTER_PREFIXES) for name in vals):
            raise AccessError(self.env._(
                "A promise stays as it was made. Cancel it and take another one if the customer says otherwise."))
        return super().write(vals)

    def copy_data(self, default=None):
        raise AccessError(self.env._("Promises are taken from the collection case."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, PROMISE_GUARD):
            raise AccessError(self.env._("A promise stays on record. Cancel it instead."))

    # === ACTION METHODS === #

    def action_cancel(self, reason=None):
        """Cancel running promises.

        :param str reason: why; a dialog asks for it when empty
        :return: True, or the window action of the dialog
        :raise AccessError: unless the user took the promise, works its case, leads them or controls credit
        :raise UserError: if a promise has been judged already
        """
        self._check_may_cancel()
        reason = reason.strip() if isinstance(reason, str) else ''
        if not reason:
            return {
                'type': 'ir.actions.act_window',
                'name': self.env._("Cancel the Promise"),
                'res_model': 'sales.collection.promise.cancel',
                'views': [(False, 'form')],
                'target': 'new',
                'context': {'default_promise_ids': [fields.Command.set(self.ids)]},
            }
        self._cancel(reason)
        self.env['sales.collection.case']._sync(self.sudo().partner_id, opening=False)
        return True

    def _check_may_cancel(self):
        self.check_access('write')
        for promise in self.sudo():
            if promise.state != 'open':
                raise UserError(self.env._("This promise is no longer running: %(promise)s.", promise=promise.display_name))

    # === BUSINESS METHODS - MAKING === #

    @api.model
    def _make(self, lines, amount, date, user=None, case=None, note=None, made_on=None):
        """Take a promise of a customer.

        :param lines: `account.move.line` records: open items of one customer and root company
        :param float amount: in the currency of the items if they share one, else in company currency; more than 0, at
            most what is open
        :param date date: until when, at most 180 days from now
        :param user: `res.users` record who took it; the user himself if ``None``
        :param case: `sales.collection.case`; the open one of the customer if ``None``
        :param str note: what the customer said
        :param date made_on: for records that are entered later: when it was made; today if ``None``
        :return: the promise
        :raise AccessError: unless the user works the case, or sells to the customer, leads or controls credit
        :raise UserError: if an item is not open, disputed or promised already, or a value makes no sense
        """
        today = fields.Date.context_today(self)
        lines, made_on, date = lines.sudo(), made_on or today, fields.Date.to_date(date)
        partner, company = self._check_subject(lines)
        case = case.sudo() if case else self._find_case(partner, company)
        self._check_may_make(partner, company, case)
        self._check_items(lines)
        facts = self._get_items(lines, company, None if made_on >= today else made_on)
        self._check_terms(amount, date, made_on, facts)
        residual = facts['currency'].round(sum(facts['residuals'].values()))
        user = user or self.env.user
        promise = grant(self.sudo(), PROMISE_GUARD).create({
            'case_id': case.id,
            'partner_id': partner.id,
            'company_id': company.id,
            'currency_id': facts['currency'].id,
            'user_id': user.id,
            'team_id': (case.team_id or user.sudo().sale_team_id).id,
            'amount': facts['currency'].round(amount),
            'amount_company': company.currency_id.round(facts['company_residual'] * amount / residual),
            'made_on': made_on,
            'date': date,
            'note': note,
            'line_ids': [
                fields.Command.create({
                    'line_id': line.id,
                    'residual': facts['residuals'][line.id],
                    'known_partials': self._get_known_partials(line, made_on, today),
                }) for line in lines
            ],
        })
        self.env['sales.collection.case']._sync(partner, company, opening=False)
        return promise.with_env(self.env)

    def _get_known_partials(self, line, made_on, today):
        partials = line.matched_credit_ids
        if made_on < today:
            partials = partials.filtered(lambda partial: partial.max_date <= made_on)
        return partials.ids

    def _find_case(self, partner, company):
        return self.env['sales.collection.case'].sudo().search([
            ('partner_id', '=', partner.id), ('company_id', '=', company.id), ('state', '!=', 'closed')], limit=1)

    def _check_subject(self, lines):
        """Return customer and root company of the items; says nothing about them before the user's rights are known.

        :raise UserError: if there are none, or of several customers or companies
        """
        if not lines:
            raise UserError(self.env._("Choose the items that the customer promised to pay."))
        partners, companies = lines.partner_id.commercial_partner_id, lines.company_id.root_id
        if len(partners) != 1 or len(companies) != 1:
            raise UserError(self.env._("A promise is about items of one customer in one company."))
        return partners, companies

    def _check_items(self, lines):
        """Raise a UserError if one of the items cannot be promised."""
        for line in lines:
            if line.account_id.account_type != 'asset_receivable' or line.parent_state != 'posted' or line.reconciled:
                raise UserError(self.env._("%(item)s is not open.", item=line.move_id.display_name))
            if line.amount_residual <= 0:
                raise UserError(self.env._(
                    "%(item)s is a receipt or a credit note: nobody promises to pay it.",
                    item=line.move_id.display_name))
        disputed = self.env['sales.receivable.dispute'].sudo().search(
            [('line_id', 'in', lines.ids), ('state', '=', 'open')], limit=1)
        if disputed:
            raise UserError(self.env._(
                "%(item)s is in dispute. Settle the dispute first.", item=disputed.line_id.move_id.display_name))
        running = self.env['sales.collection.promise.line'].sudo().search(
            [('line_id', 'in', lines.ids), ('promise_state', '=', 'open')], limit=1)
        if running:
            raise UserError(self.env._(
                "%(item)s is in a running promise already: %(promise)s. Cancel that one first.",
                item=running.move_name, promise=running.promise_id.display_name))

    def _get_items(self, lines, company, as_of=None):
        """Return the currency of a promise about these items and what is open of each.

        :return: dict with ``currency``, ``residuals`` (by line id, in that currency), ``company_residual``
        """
        currency = lines.currency_id if len(lines.currency_id) == 1 else company.currency_id
        flush_sources(self.env)
        rows = self.env.execute_query_dict(items_sql(as_of, SQL("l.id = ANY(%s)", lines.ids)))
        column = 'residual' if currency == company.currency_id else 'residual_currency'
        return {
            'currency': currency,
            'residuals': {row['id']: float(row[column]) for row in rows},
            'company_residual': float(sum(row['residual'] for row in rows)),
        }

    def _check_terms(self, amount, date, made_on, facts):
        currency = facts['currency']
        residual = currency.round(sum(facts['residuals'].values()))
        if not isinstance(amount, (int, float)) or not math.isfinite(amount) or currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("The promised amount must be more than 0."))
        if currency.compare_amounts(amount, residual) > 0:
            raise UserError(self.env._(
                "Only %(residual)s is open of these items. Promise that much or less.",
                residual=format_amount(self.env, residual, currency)))
        last = fields.Date.add(made_on, days=HORIZON_DAYS)
        if not date or not made_on <= date <= last:
            raise UserError(self.env._(
                "A promise needs a day between %(first)s and %(last)s.",
                first=format_date(self.env, made_on), last=format_date(self.env, last)))

    def _check_may_make(self, partner, company, case):
        """Raise unless the user works the case, or would work one of this customer."""
        if self.env.su:
            return
        if case:
            if case.partner_id != partner or case.company_id != company:
                raise UserError(self.env._("These items belong to another customer than the case."))
            case.with_env(self.env)._check_may_work()
            return
        user, salesperson = self.env.user, partner.user_id
        allowed = (
            salesperson == user
            or user in salesperson.sale_team_id.approval_leader_ids
            or user.has_group('sales_mgmt_addon.group_credit_controller')
            or user.has_group('sales_team.group_sale_manager')
        )
        if not allowed or company not in user.company_ids.root_id:
            raise AccessError(self.env._("Only those who work with the customer take his promises."))

    # === BUSINESS METHODS - RATES === #

    @api.model
    def _get_kept_rates(self, field, ids):
        """Return how much of the promised money came in time.

        Amounts that credit notes, disputes and write-offs took away count neither way.

        :param str field: ``'partner_id'`` (customers) or ``'user_id'`` (who took the promises)
        :param ids: ids of customers or users
        :return: ``{id: (kept, judged)}`` in company currency; no entry without a judged promise
        :rtype: dict
        :raise ValueError: for another field
        """
        if field not in ('partner_id', 'user_id'):
            raise ValueError(f"no rates by {field}")
        groups = self.sudo()._read_group(
            [(field, 'in', list(ids)), ('state', 'in', JUDGED)], [field], ['kept_company:sum', 'due_company:sum'])
        return {record.id: (kept, judged) for record, kept, judged in groups}

    # === TOOLING === #

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id or self.env.company.currency_id)
