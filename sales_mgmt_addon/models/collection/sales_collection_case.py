from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from ...internal import grant, granted
from ..credit.const import CREDIT_CLASSES
from ..receivable.disputed import undisputed_sql
from ..receivable.items import flush_sources, items_sql
from .collection_policy import COLLECTOR_GROUPS
from .const import CASE_GUARD, CHATTER_PREFIXES, CONTACTS, HORIZON_DAYS, MIRROR_LATER
from .figures import SOURCES, figures_sql

STATES = [
    ('open', "To Work"),
    ('snoozed', "Snoozed"),
    ('closed', "Closed"),
]
# What those who work the case may write; everything else is the server's
USER_FIELDS = frozenset({'user_id', 'next_action', 'next_date', 'sequence'})
MIRRORED_FIELDS = frozenset({'user_id', 'next_action', 'next_date', 'state'})
# Columns of `_figures_table` per field that is read from the open items
FIGURES = {
    'overdue_amount': 'overdue',
    'oldest_overdue_days': 'oldest_days',
    'disputed_amount': 'disputed',
    'promised_amount': 'promised',
    'collectable_amount': 'collectable',
    'item_count': 'item_count',
    'broken_promise_count': 'broken',
    'last_contact_on': 'last_contact',
    'dunning_level_id': 'level_id',
    'credit_class': 'credit_class',
}
SEARCHABLE = frozenset(FIGURES) - {'last_contact_on', 'dunning_level_id', 'credit_class'}


class SalesCollectionCase(models.Model):
    """What is done about the overdue items of a customer: one open case per commercial partner and root company.

    Cases are opened and closed by :meth:`_sync`; people work them: they log contacts, take promises, snooze, and
    decide what comes next.
    """

    _name = 'sales.collection.case'
    _description = "Collection Case"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, score desc, id'
    _mail_post_access = 'read'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", index='btree_not_null', tracking=True, ondelete='restrict',
        domain="[('share', '=', False)]",
        help="Who works the case: the salesperson of the customer or a collector, by the policy of the company.")
    owner_is_manual = fields.Boolean(
        string="Owner Set by Hand", readonly=True, copy=False,
        help="The owner no longer follows the policy of the company.")
    salesperson_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    state = fields.Selection(
        selection=STATES, string="Status", required=True, readonly=True, default='open', tracking=True, index=True,
        group_expand=True, copy=False)
    opened_on = fields.Date(string="Opened On", required=True, readonly=True, default=fields.Date.context_today)
    closed_on = fields.Date(string="Closed On", readonly=True, copy=False)
    previous_id = fields.Many2one(
        comodel_name='sales.collection.case', string="Previous Case", readonly=True, copy=False,
        index='btree_not_null', ondelete='set null', help="The last closed case of the customer.")

    # Order of the worklist
    sequence = fields.Integer(
        string="Order", default=0, aggregator=None,
        help="0: by score. Cases that were placed by hand are negative and come first.")
    score = fields.Float(string="Score", readonly=True, digits=(16, 2), aggregator=None, copy=False)
    score_facts = fields.Json(string="Facts of the Score", readonly=True, copy=False)
    score_reason = fields.Char(string="Why This Score", compute='_compute_score_reason')
    snooze_until = fields.Date(string="Snoozed Until", readonly=True, copy=False)
    snooze_reason = fields.Char(string="Reason to Snooze", readonly=True, copy=False)
    snoozed_on = fields.Date(string="Snoozed On", readonly=True, copy=False)

    # What comes next
    next_action = fields.Selection(selection=CONTACTS, string="Next Action", required=True, default='call')
    next_date = fields.Date(
        string="Next Action On", required=True, index=True, default=fields.Date.context_today)

    # Read from the open items, in company currency; zero for a closed case
    overdue_amount = fields.Monetary(
        string="Overdue", compute='_compute_figures', search='_search_overdue_amount', aggregator='sum',
        help="Open items whose due date has passed.")
    oldest_overdue_days = fields.Integer(
        string="Oldest (Days)", compute='_compute_figures', search='_search_oldest_overdue_days', aggregator='max')
    disputed_amount = fields.Monetary(
        string="Disputed", compute='_compute_figures', search='_search_disputed_amount', aggregator='sum',
        help="Part of the overdue items that the customer contests.")
    promised_amount = fields.Monetary(
        string="Promised", compute='_compute_figures', search='_search_promised_amount', aggregator='sum',
        help="Part of the overdue items that a running promise covers.")
    collectable_amount = fields.Monetary(
        string="To Collect", compute='_compute_figures', search='_search_collectable_amount', aggregator='sum',
        help="Overdue, neither disputed nor promised.")
    item_count = fields.Integer(
        string="Overdue Items", compute='_compute_figures', search='_search_item_count', aggregator='sum')
    broken_promise_count = fields.Integer(
        string="Broken Promises", compute='_compute_figures', search='_search_broken_promise_count',
        aggregator='sum', help="In the last 12 months.")
    last_contact_on = fields.Date(
        string="Last Contact", compute='_compute_figures', search='_search_last_contact_on',
        help="The last time the customer was reached; calls without an answer do not count.")
    dunning_level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Dunning Level", compute='_compute_figures',
        help="Highest level sent for an item that is still open.")
    credit_class = fields.Selection(selection=CREDIT_CLASSES, string="Class", compute='_compute_figures')
    kept_rate = fields.Float(
        string="Promises Kept", compute='_compute_kept_rate',
        help="Share of the promised money that came in time, of this customer.")

    action_ids = fields.One2many(
        comodel_name='sales.collection.action', inverse_name='case_id', string="Actions", readonly=True)
    promise_ids = fields.One2many(
        comodel_name='sales.collection.promise', inverse_name='case_id', string="Promises", readonly=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE state <> 'closed'", "This customer has an open case in this company already.")
    _worklist_idx = models.Index("(sequence, score DESC, id) WHERE state <> 'closed'")

    # === COMPUTE METHODS === #

    @api.depends('name', 'partner_id')
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"{case.name} {case.partner_id.display_name or ''}".strip()

    @api.depends('partner_id', 'company_id', 'state')
    def _compute_figures(self):
        Level = self.env['sales.dunning.level']
        figures = self._get_figures()
        for case in self:
            row = figures.get(case._origin.id, {})
            for name in ('overdue_amount', 'disputed_amount', 'promised_amount', 'collectable_amount'):
                case[name] = (case.currency_id or self.env.company.currency_id).round(
                    float(row.get(FIGURES[name]) or 0.0))
            for name in ('oldest_overdue_days', 'item_count', 'broken_promise_count'):
                case[name] = row.get(FIGURES[name]) or 0
            for name in ('last_contact_on', 'credit_class'):
                case[name] = row.get(FIGURES[name]) or False
            case.dunning_level_id = Level.browse(row.get('level_id') or ())

    @api.depends('partner_id')
    def _compute_kept_rate(self):
        rates = self.env['sales.collection.promise']._get_kept_rates('partner_id', self.partner_id.ids)
        for case in self:
            kept, judged = rates.get(case.partner_id.id, (0.0, 0.0))
            case.kept_rate = kept / judged if judged else 0.0

    @api.depends('score_facts')
    @api.depends_context('lang')
    def _compute_score_reason(self):
        for case in self:
            case.score_reason = case._explain_score() if case.score_facts else False

    def _explain_score(self):
        """Return the score in words: amount × chance, and the factors of the chance. Note: self.ensure_one()"""
        facts = self.score_facts
        if self.currency_id.is_zero(facts['amount']):
            return self.env._("Nothing to collect now: what is overdue is disputed, promised, or paid and not yet applied.")
        texts = {
            'age': self.env._("%(value)s days old"),
            'broken': self.env._("broken promises: %(value)s"),
            'class': self.env._("class %(value)s"),
            'idle': self.env._("last contact %(value)s days ago"),
            'success': self.env._("%(value)s %% of such contacts pay off"),
        }
        factors = ' · '.join(
            f"{texts[code] % {'value': value}} {factor:g}" for code, value, factor in facts['factors'])
        amount = format_amount(self.env, facts['amount'], self.currency_id)
        if not self.currency_id.is_zero(facts['unapplied']):
            amount = self.env._(
                "%(amount)s (after %(unapplied)s not yet applied)", amount=amount,
                unapplied=format_amount(self.env, facts['unapplied'], self.currency_id))
        return self.env._(
            "%(amount)s × %(chance)s: %(factors)s", amount=amount, chance=f"{facts['chance']:.2f}", factors=factors)

    def _search_overdue_amount(self, operator, value):
        return self._search_figure('overdue', operator, value)

    def _search_oldest_overdue_days(self, operator, value):
        return self._search_figure('oldest_days', operator, value)

    def _search_disputed_amount(self, operator, value):
        return self._search_figure('disputed', operator, value)

    def _search_promised_amount(self, operator, value):
        return self._search_figure('promised', operator, value)

    def _search_collectable_amount(self, operator, value):
        return self._search_figure('collectable', operator, value)

    def _search_item_count(self, operator, value):
        return self._search_figure('item_count', operator, value)

    def _search_broken_promise_count(self, operator, value):
        return self._search_figure('broken', operator, value)

    def _search_figure(self, column, operator, value):
        """Search cases by a figure of the open items, all in one statement."""
        comparison = {'<': SQL("<"), '<=': SQL("<="), '>': SQL(">"), '>=': SQL(">="), 'in': SQL("=")}.get(operator)
        values = list(value) if operator == 'in' else [value]
        if comparison is None or not all(isinstance(v, (int, float)) for v in values):
            return NotImplemented
        condition = SQL(" OR ").join(
            SQL("ROUND(COALESCE(%s, 0)::numeric, 6) %s %s", SQL.identifier('f', column), comparison, v) for v in values
        ) if values else SQL("FALSE")
        return self._domain_of_figures(condition)

    def _search_last_contact_on(self, operator, value):
        """Search by the last contact; a customer who was never reached counts as before any day, and as not set."""
        comparison = {'<': SQL("<"), '<=': SQL("<="), '>': SQL(">"), '>=': SQL(">=")}.get(operator)
        if operator == 'in' and set(value) == {False}:
            return self._domain_of_figures(SQL("f.last_contact IS NULL"))
        day = fields.Date.to_date(value) if comparison is not None and value else None
        if day is None:
            return NotImplemented
        return self._domain_of_figures(SQL("COALESCE(f.last_contact, '-infinity'::date) %s %s::date", comparison, day))

    def _domain_of_figures(self, condition):
        def to_sql(model, alias, _query):
            return SQL(
                "%s IN (SELECT f.id FROM %s f WHERE %s)", SQL.identifier(alias, 'id'), model._figures_table(), condition)

        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Override of `base`: figures of the open items can be sorted and summed, though nowhere stored."""
        if field_expr not in FIGURES or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], 'read')
        joined = query.make_alias(alias, 'figures')
        if joined not in query._joins:
            query.add_join('LEFT JOIN', joined, self._figures_table(), SQL(
                "%s = %s", SQL.identifier(joined, 'id'), SQL.identifier(alias, 'id')))
        return SQL.identifier(joined, FIGURES[field_expr])

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        for case in self:
            user = case.user_id.sudo()
            if user and (user.share or not any(user.has_group(group) for group in COLLECTOR_GROUPS)):
                raise ValidationError(self.env._(
                    "%(user)s cannot work collection cases. Choose a salesperson or a credit controller.",
                    user=user.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, CASE_GUARD):
            raise AccessError(self.env._(
                "Collection cases are opened by the system when an item of a customer is overdue."))
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, CASE_GUARD):
            vals = self._check_user_values(vals)
        res = super().write(vals)
        if MIRRORED_FIELDS & vals.keys() and not granted(self, MIRROR_LATER):
            self._mirror_next_action()
        return res

    def _check_user_values(self, vals):
        """Return the values that a user writes, completed.

        :raise AccessError: for fields of the server
        :raise UserError: if the case is closed or the date does not make sense
        """
        own = {name for name in vals if not name.startswith(CHATTER_PREFIXES)}
        if own - USER_FIELDS:
            raise AccessError(self.env._("This part of a collection case is kept by the system: %(names)s.", names=', '.join(
                sorted(self._fields[name]._description_string(self.env) if name in self._fields else name
                       for name in own - USER_FIELDS))))
        if own and any(state == 'closed' for state in self.sudo().mapped('state')):
            raise UserError(self.env._("A closed case is history and cannot be changed."))
        if 'next_date' in vals:
            self._check_next_date(fields.Date.to_date(vals['next_date']))
        if 'user_id' in vals:
            # without an owner, the policy chooses one again at the next refresh
            vals = {**vals, 'owner_is_manual': bool(vals['user_id'])}
        return vals

    def _check_next_date(self, date):
        today = fields.Date.context_today(self)
        if not date or not today <= date <= fields.Date.add(today, days=HORIZON_DAYS):
            raise UserError(self.env._(
                "The next action needs a day from today on, within %(days)s days.", days=HORIZON_DAYS))

    def copy_data(self, default=None):
        raise UserError(self.env._("A customer has one case at a time; cases cannot be duplicated."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, CASE_GUARD):
            raise AccessError(self.env._("A collection case cannot be deleted. Its history has to stay."))

    # === BUSINESS METHODS - FIGURES === #

    def _get_figures(self):
        """Return what :func:`figures_sql` knows of the customers of these cases; nothing for closed ones.

        :return: row (dict) per case id
        :rtype: dict
        """
        if not self.ids:
            return {}
        self._flush_figures()
        partner_ids = self.sudo().partner_id.ids
        where = SQL("p.commercial_partner_id = ANY(%s)", partner_ids)
        rows = self.env.execute_query_dict(SQL(
            "SELECT k.id, f.* FROM (%s) f JOIN sales_collection_case k ON %s WHERE k.id = ANY(%s)",
            figures_sql(fields.Date.context_today(self), where), self._figures_condition(), self.ids))
        return {row['id']: row for row in rows}

    def _get_open_items(self):
        """Return the open items of the customer, oldest due date first. Note: self.ensure_one()

        Reads past the rights on journal items: whoever sees the case may see what it is about.

        :return: dicts with ``item_id`` (of the journal item), ``move_name``, ``date_due``, ``days_overdue``,
            ``residual`` (company currency), ``residual_currency``, ``currency_id``, ``company_currency_id``,
            ``is_disputed``, ``is_promised``, ``undisputed`` (share of the item, 0 to 1)
        :rtype: list[dict]
        """
        self.ensure_one()
        self.check_access('read')
        self._flush_figures()
        case = self.sudo()
        return self.env.execute_query_dict(SQL(
            """
            SELECT i.id AS item_id, m.name AS move_name, i.date_due, %(today)s - i.date_due AS days_overdue,
                   i.residual::float, i.residual_currency::float, i.currency_id, %(currency)s AS company_currency_id,
                   EXISTS (SELECT 1 FROM sales_receivable_dispute d WHERE d.line_id = i.id AND d.state = 'open')
                       AS is_disputed,
                   EXISTS (SELECT 1 FROM sales_collection_promise_line l
                            WHERE l.line_id = i.id AND l.promise_state = 'open') AS is_promised,
                   (%(undisputed)s)::float AS undisputed
              FROM (%(items)s) i
              JOIN account_move m ON m.id = i.move_id
             WHERE i.root_id = %(company)s
             ORDER BY i.date_due, i.id
            """,
            items=items_sql(where=SQL("p.commercial_partner_id = %s", case.partner_id.id)),
            today=SQL("%s::date", fields.Date.context_today(self)), currency=case.currency_id.id,
            company=case.company_id.id, undisputed=undisputed_sql()))

    def _figures_table(self):
        """Return the figures of all open cases as a table expression, for searching and sorting."""
        self._flush_figures()
        return SQL(
            "(SELECT k.id, f.* FROM sales_collection_case k LEFT JOIN (%s) f ON %s WHERE k.state <> 'closed')",
            figures_sql(fields.Date.context_today(self)), self._figures_condition())

    def _figures_condition(self):
        return SQL("f.partner_id = k.partner_id AND f.root_id = k.company_id AND k.state <> 'closed'")

    def _flush_figures(self):
        flush_sources(self.env)
        for model_name, names in SOURCES.items():
            self.env[model_name].flush_model(names)

    # === TOOLING === #

    def _check_may_work(self):
        """Raise unless the user works these cases: owner, salesperson, a leader above, or credit controller.

        :raise AccessError: by the record rules of the case
        :raise UserError: if a case is closed
        """
        self.check_access('write')
        if any(state == 'closed' for state in self.sudo().mapped('state')):
            raise UserError(self.env._("The case is closed: nothing of this customer is overdue any more."))

    def _set(self, vals):
        """Write values of the server, after the check of whoever calls."""
        grant(self.sudo(), CASE_GUARD, only_these=True).write(vals)

    @api.model
    def _collection_is_active(self):
        """Tell whether the area is switched on in this database."""
        return self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit')
