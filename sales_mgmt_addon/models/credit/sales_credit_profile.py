from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ...internal import grant, granted
from .amounts import check_amounts
from .const import CREDIT_CLASSES, POLICIES
from .exposure import BUCKETS, SOURCES, exposure_sql

# What decides on credit: changed by an applied credit request only, not even by an administrator.
GUARDED_FIELDS = frozenset({
    'partner_id', 'company_id', 'policy', 'limit', 'temporary_limit', 'temporary_until', 'hold', 'hold_reason',
    'credit_class', 'review_date', 'overdue_days_allowed', 'overdue_amount_allowed', 'version',
    'duplicate_of_id', 'duplicate_checked', 'dunning_hold_date', 'dunning_hold_level_id', 'dunning_pause_until',
    'dunning_pause_reason',
})
AMOUNT_FIELDS = ('limit', 'temporary_limit', 'overdue_amount_allowed', 'overdue_days_allowed')
MIRRORED_FIELDS = frozenset({'policy', 'limit', 'temporary_limit', 'temporary_until'})
# Columns of `_exposure_table` per field that can be searched, sorted and summed
EXPOSURE_COLUMNS = {
    **{f'exposure_{bucket}': bucket for bucket in BUCKETS},
    'exposure_total': 'total',
    'available': 'available',
    'usage_percent': 'usage_percent',
}


class SalesCreditProfile(models.Model):
    """What a company allows a customer to owe, and what he owes: one row per customer and company.

    A customer is a commercial partner with all his contacts, a company is a root company with its
    branches. The row is also the lock of the customer's credit: see :meth:`_bump`.
    """

    _name = 'sales.credit.profile'
    _description = "Credit Profile"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'partner_id, id'
    _rec_name = 'partner_id'
    _mail_post_access = 'read'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='cascade',
        help="Root company. Its branches share the profile.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    # Stored, so that lists, groupings and record rules need no join
    user_id = fields.Many2one(
        related='partner_id.user_id', string="Salesperson", store=True, index='btree_not_null')
    team_id = fields.Many2one(
        related='user_id.sale_team_id', string="Sales Team", store=True, index='btree_not_null')

    # Terms
    policy = fields.Selection(
        selection=POLICIES, string="Policy", required=True, readonly=True, default='unlimited', tracking=True,
        help="No credit: every order must be paid first. Limited: orders wait for approval beyond the limit. "
             "Unlimited: amounts are not checked.")
    limit = fields.Monetary(
        string="Limit", readonly=True, tracking=True, aggregator='sum',
        help="Highest exposure without approval, in company currency. 0 means no credit.")
    temporary_limit = fields.Monetary(
        string="Temporary Limit", readonly=True, tracking=True,
        help="Used instead of a lower limit as long as it runs.")
    temporary_until = fields.Date(string="Temporary Limit Until", readonly=True, tracking=True)
    hold = fields.Boolean(
        string="On Hold", readonly=True, tracking=True, index=True,
        help="Stops new orders and deliveries, whatever the amount.")
    hold_reason = fields.Char(string="Reason of the Hold", readonly=True)
    credit_class = fields.Selection(
        selection=CREDIT_CLASSES, string="Class", readonly=True, tracking=True, group_expand=True,
        help="A is the most reliable, E the least.")
    review_date = fields.Date(
        string="Review Date", readonly=True, tracking=True, index='btree_not_null',
        help="After this day the terms are no longer valid: orders wait until somebody reviews them.")
    overdue_days_allowed = fields.Integer(string="Tolerated Overdue Days", readonly=True, tracking=True)
    overdue_amount_allowed = fields.Monetary(string="Tolerated Overdue Amount", readonly=True, tracking=True)
    version = fields.Integer(
        string="Version", readonly=True, default=0,
        help="Counts the checks that drew on this credit; parallel checks wait for each other here.")
    duplicate_of_id = fields.Many2one(
        comodel_name='sales.credit.profile', string="Possible Duplicate Of", readonly=True, ondelete='set null',
        index='btree_not_null',
        help="An older customer with the same tax ID, e-mail or name, who has limited credit.")
    duplicate_checked = fields.Boolean(string="Duplicate Checked", readonly=True, tracking=True)

    effective_limit = fields.Monetary(
        string="Effective Limit", compute='_compute_effective_limit',
        help="The limit that counts today: the temporary one while it runs, 0 with no credit.")

    # Exposure: always read from the documents, in company currency
    exposure_receivable = fields.Monetary(
        string="Receivable", compute='_compute_exposure', search='_search_exposure_receivable', aggregator='sum',
        help="Open posted invoices and other debits on receivable accounts.")
    exposure_overdue = fields.Monetary(
        string="Overdue", compute='_compute_exposure', search='_search_exposure_overdue', aggregator='sum',
        help="Part of the receivable whose due date has passed.")
    exposure_to_invoice = fields.Monetary(
        string="Delivered, Not Invoiced", compute='_compute_exposure', search='_search_exposure_to_invoice',
        aggregator='sum', help="Delivered goods without a posted invoice, draft invoices of orders included.")
    exposure_to_deliver = fields.Monetary(
        string="Ordered, Not Delivered", compute='_compute_exposure', search='_search_exposure_to_deliver',
        aggregator='sum', help="What is left of confirmed and released orders.")
    exposure_unapplied = fields.Monetary(
        string="Unapplied Receipts", compute='_compute_exposure', search='_search_exposure_unapplied',
        aggregator='sum', help="Payments and credit notes that are not matched with invoices; negative.")
    exposure_total = fields.Monetary(
        string="Exposure", compute='_compute_exposure', search='_search_exposure_total', aggregator='sum')
    available = fields.Monetary(
        string="Available", compute='_compute_exposure', search='_search_available', aggregator='sum',
        help="Effective limit minus exposure; empty when unlimited.")
    usage_percent = fields.Float(
        string="Usage (%)", compute='_compute_exposure', search='_search_usage_percent', digits=(16, 1),
        aggregator='avg')
    exposure_overdue_beyond = fields.Monetary(
        string="Overdue Beyond Tolerance", compute='_compute_exposure',
        help="Items that are overdue longer than the tolerated days.")
    oldest_overdue_days = fields.Integer(string="Oldest Overdue (Days)", compute='_compute_exposure')

    request_ids = fields.One2many('sales.credit.request', 'profile_id', string="Requests")
    decision_ids = fields.One2many('sales.credit.decision', 'profile_id', string="Decisions")
    request_count = fields.Integer(compute='_compute_counts')
    decision_count = fields.Integer(compute='_compute_counts')

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one credit profile per company.")
    _amounts_positive = models.Constraint(
        """CHECK ("limit" >= 0 AND "limit" <= 1e12
                  AND COALESCE(temporary_limit, 0) BETWEEN 0 AND 1e12
                  AND COALESCE(overdue_amount_allowed, 0) BETWEEN 0 AND 1e12
                  AND COALESCE(overdue_days_allowed, 0) >= 0)""",
        "Credit limits and tolerances cannot be negative.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends('partner_id', 'company_id')
    @api.depends_context('allowed_company_ids')
    def _compute_display_name(self):
        several = len(self.env.companies.root_id) > 1
        for profile in self:
            name = profile.partner_id.display_name or ''
            profile.display_name = f"{name} ({profile.company_id.name})" if several else name

    @api.depends('policy', 'limit', 'temporary_limit', 'temporary_until')
    def _compute_effective_limit(self):
        today = fields.Date.context_today(self)
        for profile in self:
            limit = profile.limit if profile.policy == 'limited' else 0.0
            if profile.policy == 'limited' and profile.temporary_until and profile.temporary_until >= today:
                limit = max(limit, profile.temporary_limit)
            profile.effective_limit = limit

    @api.depends('policy', 'limit', 'temporary_limit', 'temporary_until', 'overdue_days_allowed')
    def _compute_exposure(self):
        exposure = self._get_exposure()
        for profile in self:
            facts = exposure[profile.id]
            for name, column in EXPOSURE_COLUMNS.items():
                profile[name] = facts[column]
            profile.exposure_overdue_beyond = facts['overdue_beyond']
            profile.oldest_overdue_days = facts['oldest_overdue_days']

    def _compute_counts(self):
        for name, field in (('sales.credit.request', 'request_count'), ('sales.credit.decision', 'decision_count')):
            counts = dict(self.env[name]._read_group([('profile_id', 'in', self.ids)], ['profile_id'], ['__count']))
            for profile in self:
                profile[field] = counts.get(profile, 0)

    def _search_exposure_receivable(self, operator, value):
        return self._search_exposure('receivable', operator, value)

    def _search_exposure_overdue(self, operator, value):
        return self._search_exposure('overdue', operator, value)

    def _search_exposure_to_invoice(self, operator, value):
        return self._search_exposure('to_invoice', operator, value)

    def _search_exposure_to_deliver(self, operator, value):
        return self._search_exposure('to_deliver', operator, value)

    def _search_exposure_unapplied(self, operator, value):
        return self._search_exposure('unapplied', operator, value)

    def _search_exposure_total(self, operator, value):
        return self._search_exposure('total', operator, value)

    def _search_available(self, operator, value):
        return self._search_exposure('available', operator, value)

    def _search_usage_percent(self, operator, value):
        return self._search_exposure('usage_percent', operator, value)

    def _search_exposure(self, column, operator, value):
        """Search profiles by a figure of the exposure, all in one statement."""
        comparison = {'<': SQL("<"), '<=': SQL("<="), '>': SQL(">"), '>=': SQL(">="), 'in': SQL("=")}.get(operator)
        if comparison is None:
            return NotImplemented
        values = list(value) if operator == 'in' else [value]
        if not all(isinstance(v, (int, float)) for v in values):
            return NotImplemented
        condition = SQL(" OR ").join(
            SQL("ROUND(COALESCE(%s, 0)::numeric, 6) %s %s", SQL.identifier('e', column), comparison, v) for v in values
        ) if values else SQL("FALSE")

        def to_sql(model, alias, _query):
            return SQL(
                "%s IN (SELECT e.id FROM %s e WHERE %s)",
                SQL.identifier(alias, 'id'), model._exposure_table(), condition)

        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Override of `base`: figures of the exposure can be sorted and summed, though nowhere stored."""
        if field_expr not in EXPOSURE_COLUMNS or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], 'read')
        joined = query.make_alias(alias, 'exposure')
        if joined not in query._joins:
            query.add_join('LEFT JOIN', joined, self._exposure_table(), SQL(
                "%s = %s", SQL.identifier(joined, 'id'), SQL.identifier(alias, 'id')))
        return SQL.identifier(joined, EXPOSURE_COLUMNS[field_expr])

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, 'credit.profile'):
            raise AccessError(self.env._(
                "Credit profiles are made by the system. Create a credit request for the customer instead."))
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
        profiles = super().create(vals_list)
        profiles._mirror()
        return profiles

    def write(self, vals):
        guarded = GUARDED_FIELDS & vals.keys()
        if guarded and not granted(self, 'credit.profile'):
            raise AccessError(self.env._(
                "The credit terms of a customer are changed by an approved credit request only. "
                "Create a credit request."))
        check_amounts(self, vals, AMOUNT_FIELDS)
        res = super().write(vals)
        if MIRRORED_FIELDS & vals.keys():
            self._mirror()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, 'credit.profile'):
            raise AccessError(self.env._("A credit profile cannot be deleted. Its history has to stay."))

    #=== ACTION METHODS ===#

    def action_new_request(self):
        """Open a new credit request for the customer.

        :return: window action
        :rtype: dict
        """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Credit Request"),
            'res_model': 'sales.credit.request',
            'views': [(False, 'form')],
            'context': {'default_partner_id': self.partner_id.id, 'default_company_id': self.company_id.id},
        }

    def action_view_requests(self):
        self.ensure_one()
        return self._action_view('sales_mgmt_addon.sales_credit_request_action')

    def action_view_decisions(self):
        self.ensure_one()
        return self._action_view('sales_mgmt_addon.sales_credit_decision_action')

    def _action_view(self, xmlid):
        action = self.env['ir.actions.actions']._for_xml_id(xmlid)
        action['domain'] = [('profile_id', '=', self.id)]
        action['context'] = {'default_partner_id': self.partner_id.id, 'default_company_id': self.company_id.id}
        return action

    def action_view_orders(self):
        """Open the orders that are part of the exposure."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Open Orders"),
            'res_model': 'sale.order',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [
                ('partner_invoice_id', 'child_of', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
                ('state', '=', 'sale'), ('invoice_status', '!=', 'invoiced'),
            ],
        }

    def action_view_receivables(self):
        """Open the items that are part of the exposure, as far as the user may see them.

        Accountants get the journal items, everybody else the analysis, which asks for no accounting rights.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        if not (
            self.env.user.has_group('account.group_account_invoice')
            or self.env.user.has_group('account.group_account_readonly')
        ):
            action = self.partner_id.action_open_receivables()
            action['domain'] = [*action['domain'], ('company_id', 'child_of', self.company_id.id)]
            return action
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Open Items"),
            'res_model': 'account.move.line',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [
                ('partner_id', 'child_of', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
                ('account_id.account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
                ('reconciled', '=', False),
            ],
        }

    #=== BUSINESS METHODS - FINDING PROFILES ===#

    @api.model
    def _get_for(self, partners, company, create=True):
        """Return the profiles of customers in a company.

        :param partners: `res.partner` records, contacts included
        :param company: `res.company`; a branch uses the profile of its root company
        :param bool create: whether missing profiles are made from the company's defaults; if not,
            they are given as unsaved records with the default terms
        :return: sudoed profile per given partner; partners without a commercial partner are left out
        :rtype: dict
        """
        profiles = self.sudo()
        company = company.sudo().root_id
        commercial = partners.sudo().commercial_partner_id
        found = profiles._search_for(commercial, company)
        if missing := commercial - found.partner_id:
            if create:
                profiles._insert(missing, company)
                found = profiles._search_for(commercial, company)
            else:
                for partner in missing:
                    found += profiles.new({
                        'partner_id': partner.id, 'company_id': company.id, **profiles._default_terms(company)})
        by_partner = {profile.partner_id._origin or profile.partner_id: profile for profile in found}
        return {
            partner: by_partner[partner.sudo().commercial_partner_id]
            for partner in partners if partner.sudo().commercial_partner_id
        }

    def _search_for(self, commercial_partners, company):
        return self.search_fetch(
            [('partner_id', 'in', commercial_partners.ids), ('company_id', '=', company.id)],
            ['partner_id', 'company_id', *sorted(GUARDED_FIELDS - {'partner_id', 'company_id', 'version'})],
            order='id',
        )

    def _default_terms(self, company):
        return {
            'policy': company.credit_default_policy,
            'limit': company.credit_default_limit if company.credit_default_policy == 'limited' else 0.0,
            'overdue_days_allowed': company.credit_default_overdue_days,
            'overdue_amount_allowed': company.credit_default_overdue_amount,
        }

    def _insert(self, partners, company):
        """Insert profiles with default terms; a profile that another transaction made is kept.

        Not through the ORM, which has no ON CONFLICT: two first orders of a customer may be
        confirmed at the same time, and the loser must start again instead of failing.
        """
        terms = self._default_terms(company)
        partners.flush_recordset(['user_id'])
        partners.user_id.flush_recordset(['sale_team_id'])
        rows = self.env.execute_query(SQL(
            """
            INSERT INTO sales_credit_profile (
                partner_id, company_id, user_id, team_id, policy, "limit", overdue_days_allowed,
                overdue_amount_allowed, version, hold, duplicate_checked,
                create_uid, write_uid, create_date, write_date)
            SELECT p.id, %(company)s, p.user_id, u.sale_team_id, %(policy)s, %(limit)s, %(days)s,
                   %(amount)s, 0, FALSE, FALSE,
                   %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM res_partner p
              LEFT JOIN res_users u ON u.id = p.user_id
             WHERE p.id = ANY(%(partners)s)
             ORDER BY p.id
                ON CONFLICT (partner_id, company_id) DO NOTHING
            RETURNING id
            """,
            company=company.id, policy=terms['policy'], limit=terms['limit'], days=terms['overdue_days_allowed'],
            amount=terms['overdue_amount_allowed'], uid=self.env.uid, partners=partners.ids,
        ))
        profiles = self.browse(row[0] for row in rows)
        profiles._flag_duplicates()
        if terms['policy'] == 'limited':
            profiles._mirror()

    def _flag_duplicates(self):
        """Note for new profiles which older customer with limited credit they may be.

        A customer who is entered a second time would otherwise start with fresh credit.
        """
        if not self:
            return
        self.env['res.partner'].flush_model(['vat', 'email_normalized', 'name'])
        self.env.cr.execute(SQL(
            """
            UPDATE sales_credit_profile n
               SET duplicate_of_id = d.older_id
              FROM (
                SELECT new.id, MIN(o.id) AS older_id
                  FROM sales_credit_profile new
                  JOIN res_partner np ON np.id = new.partner_id
                  JOIN sales_credit_profile o
                    ON o.company_id = new.company_id AND o.policy <> 'unlimited' AND o.id <> ALL(%(ids)s)
                  JOIN res_partner op
                    ON op.id = o.partner_id
                   AND (NULLIF(op.vat, '') = np.vat
                        OR NULLIF(op.email_normalized, '') = np.email_normalized
                        OR %(old_name)s = %(new_name)s)
                 WHERE new.id = ANY(%(ids)s)
                 GROUP BY new.id
              ) d
             WHERE n.id = d.id
            """,
            ids=self.ids,
            old_name=self._normalized_name_sql('op'), new_name=self._normalized_name_sql('np'),
        ))
        self.invalidate_recordset(['duplicate_of_id'])

    def _normalized_name_sql(self, alias):
        """Name without case, blanks and punctuation; NULL when nothing is left."""
        return SQL(
            "NULLIF(lower(regexp_replace(%s, '[[:space:][:punct:]]+', '', 'g')), '')", SQL.identifier(alias, 'name'))

    #=== BUSINESS METHODS - EXPOSURE ===#

    def _get_exposure(self):
        """Return what the customers owe and will owe, read from the documents in one statement.

        :return: per profile id: ``receivable``, ``overdue``, ``overdue_beyond`` (longer than the
            profile tolerates), ``to_invoice``, ``to_deliver``, ``unapplied`` (negative), ``total``,
            ``available`` (``False`` when unlimited), ``effective_limit``, all in company currency;
            ``usage_percent`` and ``oldest_overdue_days``
        :rtype: dict[int, dict]
        """
        if not self:
            return {}
        self._flush_exposure_sources()
        today = fields.Date.context_today(self)
        keys = dict(enumerate((profile for profile in self if not profile.ids), start=1))
        rows = self.env.execute_query_dict(exposure_sql(self._exposure_wanted(keys), today))
        by_id = {row['id']: row for row in rows}
        virtual = {profile: -key for key, profile in keys.items()}
        return {
            profile.id: profile._exposure_facts(by_id.get(virtual.get(profile, profile.id), {}), today)
            for profile in self
        }

    def _exposure_wanted(self, virtual):
        """Return the query for which customers, with unsaved profiles under negative ids."""
        selects = []
        if self.ids:
            selects.append(SQL(
                """SELECT id, partner_id, company_id, COALESCE(overdue_days_allowed, 0) AS overdue_days
                     FROM sales_credit_profile WHERE id = ANY(%s)""", self.ids))
        for key, profile in virtual.items():
            selects.append(SQL(
                "SELECT %s::int AS id, %s::int AS partner_id, %s::int AS company_id, %s::int AS overdue_days",
                -key, (profile.partner_id._origin or profile.partner_id).id or None,
                (profile.company_id._origin or profile.company_id).id or None, profile.overdue_days_allowed))
        return SQL(" UNION ALL ").join(selects)

    def _exposure_facts(self, row, today):
        """Round a row of the statement and derive total, available and usage. Note: self.ensure_one()"""
        currency = self.currency_id
        facts = {name: currency.round(float(row.get(name) or 0.0)) for name in (*BUCKETS, 'overdue_beyond')}
        total = currency.round(
            facts['receivable'] + facts['to_invoice'] + facts['to_deliver'] + facts['unapplied'])
        limit = self.effective_limit
        limited = self.policy != 'unlimited'
        facts.update({
            'total': total,
            'effective_limit': limit,
            'available': currency.round(limit - total) if limited else False,
            'usage_percent': self._usage(total, limit) if limited else 0.0,
            'oldest_overdue_days': (today - row['oldest_due']).days if row.get('oldest_due') else 0,
        })
        return facts

    def _usage(self, total, limit):
        """Return the percentage of the limit in use; 100 when something is owed without any limit."""
        if total <= 0:
            return 0.0
        return 100.0 * total / limit if limit > 0 else 100.0

    def _exposure_table(self):
        """Return the figures of all profiles as a table expression, for searching and sorting."""
        self._flush_exposure_sources()
        today = fields.Date.context_today(self)
        wanted = SQL(
            """SELECT id, partner_id, company_id, COALESCE(overdue_days_allowed, 0) AS overdue_days
                 FROM sales_credit_profile""")
        return SQL(
            """(
            SELECT x.*, x.credit_limit - x.total AS available,
                   CASE WHEN x.credit_limit IS NULL OR x.total <= 0 THEN 0
                        WHEN x.credit_limit > 0 THEN 100 * x.total / x.credit_limit
                        ELSE 100 END AS usage_percent
              FROM (
                SELECT s.*, s.receivable + s.to_invoice + s.to_deliver + s.unapplied AS total,
                       CASE p.policy
                            WHEN 'limited' THEN GREATEST(
                                p.limit, CASE WHEN p.temporary_until >= %(today)s THEN p.temporary_limit END)
                            WHEN 'no_credit' THEN 0 END AS credit_limit
                  FROM (%(exposure)s) s
                  JOIN sales_credit_profile p ON p.id = s.id
              ) x
            )""",
            today=SQL("%s::date", today), exposure=exposure_sql(wanted, today),
        )

    def _flush_exposure_sources(self):
        for model_name, names in SOURCES.items():
            self.env[model_name].flush_model(names)
        self.flush_model(['partner_id', 'company_id', 'overdue_days_allowed', *MIRRORED_FIELDS])

    def _bump(self):
        """Serialise checks on these profiles: the loser of a race starts again on a fresh snapshot.

        Only a real UPDATE does that under REPEATABLE READ. Profiles without a limit are left alone,
        nothing can be overrun there. In the order of ids, so that two batches never deadlock.
        """
        ids = sorted(self.filtered(lambda profile: profile.policy != 'unlimited').ids)
        if not ids:
            return
        self.flush_recordset()
        self.env.cr.execute(SQL(
            """
            WITH locked AS (SELECT id FROM sales_credit_profile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
            UPDATE sales_credit_profile p SET version = version + 1 FROM locked WHERE p.id = locked.id
            """, ids))
        self.invalidate_recordset(['version'], flush=False)

    def _get_behaviour(self):
        """Return how the customers have paid and kept their promises. Known to what deals with receivables.

        :return: per profile id: ``days_late`` and ``late_share`` (0 to 1) of the paid amount, ``paid_count``
            (instalments), ``promise_count`` and ``promise_rate`` (0 to 1); of those something is known of
        :rtype: dict[int, dict]
        """
        return {}

    #=== BUSINESS METHODS - CHECKS ===#

    def _get_reasons(self, facts, addition=0.0, ceiling=None, codes=None):
        """Return what speaks against more credit for the customer.

        :param dict facts: of this profile, as of :meth:`_get_exposure`
        :param float addition: what comes on top of the exposure, company currency
        :param float ceiling: an exposure that was approved, when it is higher than the limit
        :param codes: names of the checks to make; all if ``None``
        :return: dicts with ``code``, ``message`` (translated) and ``amount`` (company currency)
        :rtype: list[dict]
        """
        self.ensure_one()
        reasons = []
        for code, check in self._prepare_checks(facts, addition, ceiling).items():
            if (codes is None or code in codes) and (reason := check()):
                message, amount = reason
                reasons.append({'code': code, 'message': message, 'amount': amount})
        return reasons

    def _prepare_checks(self, facts, addition, ceiling):
        """Return per code the function that gives message and amount, or ``None`` when all is well.

        Arguments as of :meth:`_get_reasons`.
        """
        return {
            'credit_hold': self._reason_hold,
            'credit_limit': lambda: self._reason_limit(facts, addition, ceiling),
            'credit_overdue': lambda: self._reason_overdue(facts),
            'credit_expired': self._reason_expired,
            'credit_duplicate': self._reason_duplicate,
        }

    def _reason_hold(self):
        if not self.hold:
            return None
        message = self.env._("%(customer)s is on credit hold", customer=self.partner_id.display_name)
        return (f"{message}: {self.hold_reason}" if self.hold_reason else message), 0.0

    def _reason_limit(self, facts, addition, ceiling):
        if self.policy == 'unlimited':
            return None
        after = self.currency_id.round(facts['total'] + addition)
        limit = max(facts['effective_limit'], ceiling or 0.0)
        excess = self.currency_id.round(after - limit)
        if not self.currency_id.compare_amounts(excess, 0.0) > 0:
            return None
        if self.policy == 'no_credit':
            return self.env._(
                "No credit: %(after)s would be unpaid after this document",
                after=self._format(after)), excess
        return self.env._(
            "Credit limit exceeded: %(after)s of %(limit)s after this document (over by %(excess)s)",
            after=self._format(after), limit=self._format(limit), excess=self._format(excess)), excess

    def _reason_overdue(self, facts):
        if not self.currency_id.compare_amounts(facts['overdue_beyond'], self.overdue_amount_allowed) > 0:
            return None
        return self.env._(
            "Overdue: %(amount)s for more than %(days)s days, the oldest item for %(oldest)s days",
            amount=self._format(facts['overdue_beyond']), days=self.overdue_days_allowed,
            oldest=facts['oldest_overdue_days']), facts['overdue_beyond']

    def _reason_expired(self):
        if not self.review_date or self.review_date >= fields.Date.context_today(self):
            return None
        return self.env._(
            "The credit of %(customer)s was to be reviewed by %(date)s",
            customer=self.partner_id.display_name, date=format_date(self.env, self.review_date)), 0.0

    def _reason_duplicate(self):
        if not self.duplicate_of_id or self.duplicate_checked:
            return None
        return self.env._(
            "%(customer)s may be the same customer as %(other)s, whose credit is limited",
            customer=self.partner_id.display_name, other=self.duplicate_of_id.partner_id.display_name), 0.0

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _get_summary(self, addition=0.0):
        """Return what somebody who decides on credit should see.

        :param float addition: what the document adds to the exposure, company currency
        :return: pairs (translated label, formatted text)
        :rtype: list[tuple]
        """
        self.ensure_one()
        facts = self._get_exposure()[self.id]
        policy = dict(self._fields['policy']._description_selection(self.env))[self.policy]
        limited = self.policy != 'unlimited'
        lines = [
            (self.env._("Credit policy"), policy),
            (self.env._("Limit"), self._format(facts['effective_limit']) if limited else None),
            (self.env._("Receivable"), self._format(facts['receivable'])),
            (self.env._("of which overdue"), self._format(facts['overdue']) if facts['overdue'] else None),
            (self.env._("Oldest overdue item"), self.env._("%(days)s days", days=facts['oldest_overdue_days'])
                if facts['overdue'] else None),
            (self.env._("Delivered, not invoiced"), self._format(facts['to_invoice'])),
            (self.env._("Ordered, not delivered"), self._format(facts['to_deliver'])),
            (self.env._("Unapplied receipts"), self._format(facts['unapplied'])),
            (self.env._("Exposure"), self._format(facts['total'])),
            (self.env._("Exposure with this document"), self._format(facts['total'] + addition) if addition else None),
            (self.env._("Class"), self.credit_class or None),
            (self.env._("Hold"), (self.hold_reason or self.env._("Yes")) if self.hold else None),
        ]
        return [(label, text) for label, text in lines if text is not None]

    #=== BUSINESS METHODS - MIRROR ===#

    def _mirror(self):
        """Write the effective limit into Odoo's own credit limit, for the company and its branches.

        Odoo reads 0 as "no limit", so only limited profiles are mirrored; its banner is overridden.
        """
        for company, profiles in self.sudo().grouped('company_id').items():
            branches = self.env['res.company'].sudo().search([('id', 'child_of', company.id)])
            for limit, same in profiles.grouped('effective_limit').items():
                partners = grant(same.partner_id.with_context(tracking_disable=True), 'credit.mirror')
                for branch in branches:
                    partners.with_company(branch).write({'credit_limit': limit})

    #=== CRON METHODS ===#

    @api.model
    def _cron_review(self, limit=200):
        """Ask the credit controllers' attention for profiles whose review date comes within a week.

        One activity per profile, for the user who last changed its terms or, failing him, the
        salesperson; profiles that have one already are left alone.
        """
        today = fields.Date.context_today(self)
        horizon = fields.Date.add(today, days=7)
        domain = [
            ('review_date', '<=', horizon), ('review_date', '!=', False),
            ('activity_ids', 'not any', [('summary', '=', self._review_summary())]),
        ]
        profiles = self.search(domain, limit=limit, order='review_date, id')
        self.env['ir.cron']._commit_progress(remaining=self.search_count(domain))
        controllers = self.env.ref('sales_mgmt_addon.group_credit_controller').all_user_ids.filtered(
            lambda user: not user.share)
        for profile in profiles:
            able = controllers.filtered(lambda user, profile=profile: profile.company_id in user.company_ids)
            if able:
                profile.activity_schedule(
                    'mail.mail_activity_data_todo', profile.review_date, summary=self._review_summary(),
                    user_id=able.sorted('id')[-1].id)
            if not self.env['ir.cron']._commit_progress(1):
                break

    def _review_summary(self):
        return self.env._("Review the credit")

    @api.model
    def _cron_end_temporary_limits(self):
        """Take temporary limits that have run out off the profiles, and off Odoo's own limit."""
        today = fields.Date.context_today(self)
        expired = self.search([('temporary_until', '<', today)], order='id')
        self.env['ir.cron']._commit_progress(remaining=len(expired))
        for profile in expired:
            grant(profile.sudo(), 'credit.profile', only_these=True).write(
                {'temporary_limit': 0.0, 'temporary_until': False})
            if not self.env['ir.cron']._commit_progress(1):
                break

    #=== TOOLING ===#

    def _change_terms(self, vals):
        """Change the terms of one profile. Called by what was approved, never by a user's action.

        :param dict vals: values of guarded fields
        """
        self.ensure_one()
        if unknown := vals.keys() - GUARDED_FIELDS:
            raise UserError(self.env._("These are no credit terms: %(names)s", names=', '.join(sorted(unknown))))
        grant(self.sudo(), 'credit.profile', only_these=True).write(vals)
