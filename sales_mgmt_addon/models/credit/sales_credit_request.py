from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

from ...internal import grant, granted
from . import proposal
from .amounts import check_amounts
from .const import CREDIT_CLASSES, OVERDUE_DAYS_MAX, POLICIES, UNLIMITED_AMOUNT
from .history import history_sql

KINDS = [
    ('raise', "Raise the limit"),
    ('lower', "Lower the limit"),
    ('temporary', "Temporary limit"),
    ('policy', "Change the policy"),
    ('hold_on', "Put on hold"),
    ('hold_off', "Lift the hold"),
    ('review', "Review"),
]
# Reduce the risk, so that a credit controller needs nobody else
PRUDENT_KINDS = ('lower', 'hold_on')
AMOUNT_FIELDS = ('new_limit', 'new_overdue_amount', 'new_overdue_days')
LIMIT_KINDS = ('raise', 'lower', 'temporary')

# What a user fills in, while the request is a draft
ENTRY_FIELDS = frozenset({
    'partner_id', 'company_id', 'kind', 'new_limit', 'new_policy', 'temporary_until', 'new_class', 'new_review_date',
    'change_tolerance', 'new_overdue_days', 'new_overdue_amount', 'effective_date', 'end_date', 'reason',
    'attachment_ids',
})
SERVER_FIELDS = frozenset({
    'name', 'state', 'profile_id', 'requested_by', 'facts', 'previous', 'applied_on', 'reverted', 'proposed_limit',
    'proposed_class', 'proposal_reason',
})
FACT_FIELDS = (
    'fact_days_late', 'fact_late_share', 'fact_oldest_overdue', 'fact_turnover', 'fact_relation_months',
    'fact_exposure', 'fact_limit', 'fact_promise_count', 'fact_promise_rate',
)


class SalesCreditRequest(models.Model):
    """A wish to change what a customer may owe: the only way to change a credit profile."""

    _name = 'sales.credit.request'
    _inherit = ['mail.thread', 'mail.activity.mixin', 'sales.approval.mixin']
    _description = "Credit Request"
    _order = 'id desc'

    name = fields.Char(string="Reference", readonly=True, copy=False, default="/", index='trigram')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    profile_id = fields.Many2one(
        comodel_name='sales.credit.profile', string="Credit Profile", readonly=True, index=True, ondelete='restrict',
        copy=False)
    user_id = fields.Many2one(
        related='profile_id.user_id', string="Salesperson", store=True, index='btree_not_null')
    team_id = fields.Many2one(related='profile_id.team_id', string="Sales Team", store=True, index='btree_not_null')
    kind = fields.Selection(selection=KINDS, string="Kind", required=True, default='raise', tracking=True)
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('submitted', "To Approve"),
            ('approved', "Approved"),
            ('applied', "Applied"),
            ('rejected', "Rejected"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True,
        group_expand=True)
    requested_by = fields.Many2one(
        comodel_name='res.users', string="Asked By", required=True, readonly=True, copy=False,
        default=lambda self: self.env.user, index=True, ondelete='restrict')

    # What is wished
    new_limit = fields.Monetary(string="New Limit", tracking=True)
    new_policy = fields.Selection(selection=POLICIES, string="New Policy", tracking=True)
    temporary_until = fields.Date(string="Temporary Limit Until", tracking=True)
    new_class = fields.Selection(selection=CREDIT_CLASSES, string="New Class")
    new_review_date = fields.Date(string="Next Review")
    change_tolerance = fields.Boolean(string="Change the Tolerance")
    new_overdue_days = fields.Integer(string="Tolerated Overdue Days")
    new_overdue_amount = fields.Monetary(string="Tolerated Overdue Amount")
    effective_date = fields.Date(
        string="Effective From", copy=False, help="Applied on this day; at once when empty or past.")
    end_date = fields.Date(
        string="Effective Until", copy=False, help="After this day the former terms return. Empty: for good.")
    reason = fields.Text(string="Reason")
    attachment_ids = fields.Many2many(comodel_name='ir.attachment', string="Attachments", copy=False)

    # What speaks for and against it: live in a draft, frozen when submitted
    facts = fields.Json(string="Frozen Facts", readonly=True, copy=False)
    fact_days_late = fields.Float(
        string="Average Days Late", compute='_compute_facts', digits=(16, 1),
        help="Of payments in the last 24 months, weighted by amount; negative when paid early.")
    fact_late_share = fields.Float(string="Paid Late", compute='_compute_facts', help="Share of the paid amount.")
    fact_oldest_overdue = fields.Integer(string="Oldest Overdue (Days)", compute='_compute_facts')
    fact_promise_count = fields.Integer(
        string="Promises Judged", compute='_compute_facts', help="Promises to pay whose day has come, in the last 24 months.")
    fact_promise_rate = fields.Float(
        string="Promises Kept", compute='_compute_facts', help="Share of the promised amount that was paid in time.")
    fact_turnover = fields.Monetary(
        string="Turnover in 12 Months", compute='_compute_facts', help="Untaxed, credit notes deducted.")
    fact_relation_months = fields.Integer(string="Relation (Months)", compute='_compute_facts')
    fact_exposure = fields.Monetary(string="Exposure", compute='_compute_facts')
    fact_limit = fields.Monetary(string="Current Limit", compute='_compute_facts')
    fact_policy = fields.Selection(selection=POLICIES, string="Current Policy", compute='_compute_facts')
    proposed_limit = fields.Monetary(
        string="Proposed Limit", compute='_compute_facts',
        help="Two months of turnover, times a factor from 0.4 to 1.25 for how late the customer pays and one from 0.6 to 1 "
             "for how well he keeps his promises; half of it in the first six months; no more than the current limit while "
             "something is overdue for more than 60 days.")
    proposed_class = fields.Selection(
        selection=CREDIT_CLASSES, string="Proposed Class", compute='_compute_facts',
        help="Points for average days late (30), share paid late (20), oldest overdue item (20), promises kept (15) and "
             "length of the relation (15), in percent of the points of what is known. A from 85, B from 70, C from 50, "
             "D from 30, else E.")
    proposal_reason = fields.Text(string="Why This Proposal", compute='_compute_facts')

    # What became of it
    previous = fields.Json(string="Former Terms", readonly=True, copy=False)
    applied_on = fields.Datetime(string="Applied On", readonly=True, copy=False)
    reverted = fields.Boolean(string="Ended", readonly=True, copy=False)

    _due_idx = models.Index("(effective_date) WHERE state = 'approved'")
    _ending_idx = models.Index("(end_date) WHERE state = 'applied' AND end_date IS NOT NULL AND reverted IS NOT TRUE")

    #=== COMPUTE METHODS ===#

    @api.depends('partner_id', 'company_id', 'facts', 'kind')
    def _compute_facts(self):
        live = self.filtered(lambda r: not r.facts)._get_facts()
        for request in self:
            facts = request.facts or live[request]
            for name in FACT_FIELDS:
                request[name] = facts.get(name, False)
            request.fact_policy = facts['fact_policy']
            request.update(request._propose(facts))

    def _get_facts(self):
        """Return what is known of the customers, in one statement per company and source.

        :return: facts per request, see ``FACT_FIELDS``
        :rtype: dict
        """
        Profile = self.env['sales.credit.profile'].sudo()
        profiles = {}
        for company, requests in self.grouped(lambda request: request.company_id.root_id).items():
            by_partner = Profile._get_for(requests.partner_id, company, create=False) if company else {}
            profiles.update({request: by_partner.get(request.partner_id, Profile) for request in requests})
        all_profiles = Profile.union(*profiles.values())
        exposure = all_profiles._get_exposure()
        today = fields.Date.context_today(self)
        history = {}
        if all_profiles.ids:
            all_profiles._flush_exposure_sources()
            self.env['account.move'].flush_model()
            history = {
                row['id']: row for row in self.env.execute_query_dict(history_sql(all_profiles.ids, today))}
        behaviour = all_profiles._get_behaviour()
        return {
            request: self._prepare_facts(
                profile, exposure.get(profile.id), history.get(profile.id, {}), behaviour.get(profile.id, {}), today)
            for request, profile in profiles.items()
        }

    def _prepare_facts(self, profile, exposure, history, behaviour, today):
        since = history.get('since')
        return {
            'fact_days_late': round(behaviour.get('days_late') or 0.0, 1),
            'fact_late_share': round(behaviour.get('late_share') or 0.0, 4),
            'fact_promise_count': behaviour.get('promise_count') or 0,
            'fact_promise_rate': round(behaviour.get('promise_rate') or 0.0, 4),
            'fact_oldest_overdue': exposure['oldest_overdue_days'] if exposure else 0,
            'fact_turnover': float(history.get('turnover') or 0.0),
            'fact_relation_months': (today.year - since.year) * 12 + today.month - since.month if since else 0,
            'fact_exposure': exposure['total'] if exposure else 0.0,
            'fact_limit': profile.effective_limit,
            'fact_policy': profile.policy or False,
            'has_paid': bool(behaviour.get('paid_count')),
        }

    def _propose(self, facts):
        """Propose a limit and a class by rules that anybody can follow, and tell how they came about.

        The rules are in `proposal.py`.

        :param dict facts: as of :meth:`_get_facts`
        :return: ``proposed_limit`` (company currency), ``proposed_class`` and ``proposal_reason``
        :rtype: dict
        """
        self.ensure_one()
        return {
            'proposed_limit': proposal.propose_limit(facts),
            'proposed_class': proposal.propose_class(facts)[0],
            'proposal_reason': '\n'.join(self._explain_limit(facts) + self._explain_class(facts)),
        }

    def _explain_limit(self, facts):
        """Return the steps of the proposed limit as sentences, and what it would be if the customer paid later."""
        turnover = max(facts['fact_turnover'], 0.0) / 12 * proposal.MONTHS_COVERED
        reasons = [self.env._(
            "%(months)s months of turnover: %(amount)s", months=proposal.MONTHS_COVERED, amount=self._format(turnover))]
        if facts.get('has_paid'):
            reasons.append(self.env._(
                "%(share).0f %% of the amount paid late, %(days).1f days late on average: × %(factor)s",
                share=100 * facts['fact_late_share'], days=facts['fact_days_late'], factor=proposal.behaviour_factor(facts)))
        else:
            reasons.append(self.env._("No payment in the last 24 months yet"))
        if proposal.knows_promises(facts):
            reasons.append(self.env._(
                "%(share).0f %% of the promised amount paid in time: × %(factor)s",
                share=100 * facts['fact_promise_rate'], factor=proposal.promise_factor(facts)))
        if facts['fact_relation_months'] < proposal.NEW_RELATION_MONTHS:
            reasons.append(self.env._(
                "Customer for less than %(months)s months: × %(factor)s",
                months=proposal.NEW_RELATION_MONTHS, factor=proposal.NEW_RELATION_FACTOR))
        if facts['fact_oldest_overdue'] > proposal.OVERDUE_STOP_DAYS:
            reasons.append(self.env._(
                "Overdue for %(days)s days: no more than the current limit", days=facts['fact_oldest_overdue']))
        reasons.append(self.env._("Rounded: %(amount)s", amount=self._format(proposal.propose_limit(facts))))
        if facts.get('has_paid'):
            reasons.append(self.env._(
                "If the average were %(days)s days later: limit %(amount)s",
                days=proposal.SENSITIVITY_DAYS, amount=self._format(proposal.propose_limit(facts, proposal.SENSITIVITY_DAYS))))
        return reasons

    def _explain_class(self, facts):
        """Return how the proposed class came about, as one sentence in a list."""
        labels = {
            'days_late': self.env._("days late"),
            'late_share': self.env._("share paid late"),
            'oldest_overdue': self.env._("oldest overdue item"),
            'promises': self.env._("promises kept"),
            'relation': self.env._("length of the relation"),
        }
        points = proposal.class_points(facts)
        letter, percent = proposal.propose_class(facts)
        return [self.env._(
            "Class %(letter)s: %(percent)s %% of the points (%(points)s)", letter=letter, percent=percent,
            points=', '.join(f"{labels[name]} {reached}/{most}" for name, (reached, most) in points.items()))]

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id or self.env.company.currency_id)

    #=== CONSTRAINT METHODS ===#

    @api.constrains('new_overdue_days')
    def _check_overdue_days(self):
        for request in self:
            if request.new_overdue_days > OVERDUE_DAYS_MAX:
                raise ValidationError(self.env._(
                    "The tolerated overdue days must lie between 0 and %(max)s.", max=OVERDUE_DAYS_MAX))

    @api.constrains('effective_date', 'end_date', 'temporary_until')
    def _check_dates(self):
        today = fields.Date.context_today(self)
        for request in self.filtered(lambda r: r.state in ('draft', 'submitted')):
            start = max(request.effective_date or today, today)
            for name in ('end_date', 'temporary_until'):
                if request[name] and request[name] < start:
                    raise ValidationError(self.env._(
                        "%(field)s must be %(start)s or later.",
                        field=self._fields[name]._description_string(self.env), start=start))

    @api.constrains('company_id')
    def _check_root_company(self):
        for request in self:
            if request.company_id.sudo().parent_id:
                raise ValidationError(self.env._(
                    "Branches share the credit of their root company. Choose %(company)s.",
                    company=request.company_id.sudo().root_id.name))

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        trusted = granted(self, 'credit.request')
        for vals in vals_list:
            if not trusted and SERVER_FIELDS & vals.keys() - {'name'}:
                raise AccessError(self.env._("The state of a credit request is not entered by hand."))
            check_amounts(self, vals, AMOUNT_FIELDS)
            vals.update(self._prepare_subject(vals))
        return super(SalesCreditRequest, grant(self, 'credit.request')).create(vals_list).with_env(self.env)

    def _prepare_subject(self, vals):
        """Return customer, company, profile and number of a new request.

        :raise UserError: archived customer
        :raise AccessError: customer or company the user may not see
        """
        company = self.env['res.company'].browse(
            vals.get('company_id') or self.default_get(['company_id']).get('company_id') or self.env.company.id
        ).sudo().root_id
        if not self.env.su and company not in self.env.user.company_ids.root_id:
            raise AccessError(self.env._("You have no access to the company of this credit request."))
        partner = self.env['res.partner'].browse(
            vals.get('partner_id') or self.default_get(['partner_id']).get('partner_id')).exists()
        if not partner:
            raise UserError(self.env._("Choose a customer that exists."))
        partner.check_access('read')
        partner = partner.sudo().commercial_partner_id
        if not partner.active:
            raise UserError(self.env._(
                "%(customer)s is archived. Restore the customer before asking for credit.",
                customer=partner.display_name))
        profile = self.env['sales.credit.profile']._get_for(partner, company)[partner]
        profile.with_env(self.env).check_access('read')
        return {
            'partner_id': partner.id,
            'company_id': company.id,
            'profile_id': profile.id,
            'name': self.env['ir.sequence'].sudo().with_company(company).next_by_code('sales.credit.request') or "/",
        }

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        if not granted(self, 'credit.request'):
            if SERVER_FIELDS & vals.keys():
                raise AccessError(self.env._(
                    "The state of a credit request changes by submitting and deciding it, not by hand."))
            subject = {'partner_id', 'company_id'} & vals.keys()
            if any(request[name].id != vals[name] for request in self for name in subject):
                raise UserError(self.env._("A credit request keeps its customer. Cancel it and make another one."))
            if ENTRY_FIELDS & vals.keys() and any(request.state != 'draft' for request in self):
                raise UserError(self.env._(
                    "A submitted credit request cannot be edited. Cancel it and make another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if any(request.state != 'draft' for request in self):
            raise UserError(self.env._("A submitted credit request stays in the history. Cancel it instead."))

    #=== ACTION METHODS ===#

    def action_submit(self):
        """Ask for the decision; what reduces the risk is applied at once for a credit controller.

        :raise UserError: if the request is not a draft or not complete
        :return: True
        """
        self.check_access('write')
        for request in self.sorted('id'):
            if request.state != 'draft':
                raise UserError(self.env._("%(request)s was submitted already.", request=request.name))
            request._check_complete()
            request._set({'facts': request.sudo()._get_facts()[request], 'requested_by': self.env.uid})
            if request._is_prudent():
                request._set({'state': 'approved'})
                request.sudo()._record_prudent_decision()
                request.sudo()._apply_if_due()
                continue
            request._set({'state': 'submitted'})
            request._approval_ask('credit_limit', reason=request.reason)
        return True

    def action_cancel(self):
        """Take the request back, as its author, a credit controller or a director.

        :raise UserError: if it was applied or decided already
        :return: True
        """
        self.check_access('read')
        for request in self.sorted('id'):
            if request.requested_by != self.env.user and not self._is_controller():
                raise AccessError(self.env._(
                    "Only %(asker)s or a credit controller can take %(request)s back.",
                    asker=request.requested_by.sudo().name, request=request.name))
            if request.state not in ('draft', 'submitted', 'approved'):
                raise UserError(self.env._(
                    "%(request)s is closed. Make another request to change the terms again.", request=request.name))
            request._set({'state': 'cancelled'})
            request.sudo()._approval_withdraw(reason=self.env._("The credit request was taken back."))
        return True

    def action_use_proposal(self):
        """Take the proposed limit over into a draft."""
        self.ensure_one()
        if self.kind in LIMIT_KINDS or self.new_policy == 'limited':
            self.new_limit = self.proposed_limit
        return True

    def action_open_profile(self):
        """Open the credit profile the request is about."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sales.credit.profile',
            'res_id': self.profile_id.id,
            'views': [(False, 'form')],
        }

    def _is_controller(self):
        return self.env.su or any(
            self.env.user.has_group(group)
            for group in ('sales_mgmt_addon.group_credit_controller', 'sales_mgmt_addon.group_director'))

    def _is_prudent(self):
        """Tell whether the user may apply the request without anybody else."""
        return self.kind in PRUDENT_KINDS and self._is_controller()

    def _check_complete(self):
        """Refuse requests that say nothing or contradict the profile.

        :raise UserError: with what to enter
        """
        self.ensure_one()
        self._check_dates()
        profile = self.profile_id.sudo()
        if not profile.partner_id.active:
            raise UserError(self.env._("%(customer)s is archived.", customer=profile.partner_id.display_name))
        compare = self.currency_id.compare_amounts
        problem = None
        if self.kind == 'raise' and profile.policy == 'limited' and compare(self.new_limit, profile.limit) <= 0:
            problem = self.env._("The new limit must be higher than %(limit)s.", limit=self._format(profile.limit))
        elif self.kind == 'raise' and profile.policy == 'unlimited':
            problem = self.env._("The credit is unlimited already. To limit it, change the policy.")
        elif self.kind == 'lower' and profile.policy != 'limited':
            problem = self.env._("There is no limit to lower. Change the policy instead.")
        elif self.kind == 'lower' and compare(self.new_limit, profile.limit) >= 0:
            problem = self.env._("The new limit must be lower than %(limit)s.", limit=self._format(profile.limit))
        elif self.kind == 'temporary' and profile.policy != 'limited':
            problem = self.env._("Only a limited credit can have a temporary limit. Change the policy first.")
        elif self.kind == 'temporary' and not self.temporary_until:
            problem = self.env._("Say until when the temporary limit runs.")
        elif self.kind == 'temporary' and compare(self.new_limit, profile.limit) <= 0:
            problem = self.env._(
                "A temporary limit must be higher than the limit of %(limit)s.", limit=self._format(profile.limit))
        elif self.kind == 'policy' and not self.new_policy:
            problem = self.env._("Choose the new policy.")
        elif self.kind == 'hold_on' and not self.reason:
            problem = self.env._("Say why the customer is put on hold.")
        elif self.kind == 'hold_off' and not profile.hold:
            problem = self.env._("%(customer)s is not on hold.", customer=profile.partner_id.display_name)
        elif self.kind == 'review' and not (self.new_review_date or self.new_class or self.change_tolerance):
            problem = self.env._("Enter what the review changes: the next review, the class or the tolerance.")
        elif self.new_review_date and self.new_review_date < fields.Date.context_today(self):
            problem = self.env._("The next review cannot be in the past.")
        if problem:
            raise UserError(problem)

    #=== BUSINESS METHODS ===#

    def _set(self, vals):
        """Write what only the server writes."""
        grant(self.sudo(), 'credit.request', only_these=True).write(vals)

    def _prepare_terms(self):
        """Return the values that the request writes into the profile. Note: self.ensure_one()"""
        self.ensure_one()
        terms = {
            'raise': lambda: {'policy': 'limited', 'limit': self.new_limit},
            'lower': lambda: {'limit': self.new_limit},
            'temporary': lambda: {'temporary_limit': self.new_limit, 'temporary_until': self.temporary_until},
            'policy': lambda: {
                'policy': self.new_policy,
                **({'limit': self.new_limit} if self.new_policy == 'limited' else {}),
            },
            'hold_on': lambda: {'hold': True, 'hold_reason': self.reason},
            'hold_off': lambda: {'hold': False, 'hold_reason': False},
            'review': dict,
        }[self.kind]()
        if self.new_class:
            terms['credit_class'] = self.new_class
        if self.new_review_date:
            terms['review_date'] = self.new_review_date
        if self.change_tolerance:
            terms['overdue_days_allowed'] = self.new_overdue_days
            terms['overdue_amount_allowed'] = self.new_overdue_amount
        return terms

    def _apply_if_due(self):
        """Apply approved requests whose day has come."""
        today = fields.Date.context_today(self)
        for request in self.filtered(lambda r: r.state == 'approved'):
            if not request.effective_date or request.effective_date <= today:
                request._apply()

    def _apply(self):
        self.ensure_one()
        profile = self.profile_id.sudo()
        terms = self._prepare_terms()
        self._set({
            'previous': {name: self._to_json(profile[name]) for name in terms},
            'applied_on': fields.Datetime.now(),
            'state': 'applied',
        })
        profile._change_terms(terms)
        profile.message_post(body=self.env._(
            "%(request)s was applied: %(kind)s.", request=self._get_html_link(),
            kind=dict(self._fields['kind']._description_selection(self.env))[self.kind]))
        self._recheck_orders()

    def _revert(self):
        """Bring the former terms back, except those that somebody has changed since."""
        self.ensure_one()
        profile = self.profile_id.sudo()
        own = {name: self._to_json(profile._fields[name].convert_to_record(
            profile._fields[name].convert_to_cache(value, profile), profile))
            for name, value in self._prepare_terms().items()}
        former = {
            name: value for name, value in (self.previous or {}).items()
            if name in own and self._to_json(profile[name]) == own[name]
        }
        self._set({'reverted': True})
        if former:
            profile._change_terms(former)
            profile.message_post(body=self.env._(
                "%(request)s has ended, the former terms are back.", request=self._get_html_link()))

    def _to_json(self, value):
        return fields.Date.to_string(value) if hasattr(value, 'isoformat') else value

    def _recheck_orders(self):
        """Let the gate look again soon at what waits on hold for this customer."""
        cron = self.env.ref('sales_mgmt_addon.ir_cron_gate_recheck', raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    def _record_prudent_decision(self):
        """Keep who reduced the credit without anybody else."""
        for request in self:
            facts = request.facts
            self.env['sales.credit.decision']._record({
                **self.env['sales.credit.decision']._prepare_conditions({}, request.profile_id),
                'profile_id': request.profile_id.id,
                'res_model': request._name,
                'res_id': request.id,
                'document_name': request.display_name,
                'verdict': 'approve',
                'codes': request.kind,
                'amount': request.new_limit,
                'exposure_before': facts['fact_exposure'],
                # Reducing credit allows no exposure
                'exposure_after': 0.0,
                'limit_amount': facts['fact_limit'],
                'policy': facts['fact_policy'],
                'facts': facts,
                'reason': request.reason,
                'user_id': self.env.uid,
            })

    #=== APPROVAL SUBJECT ===#

    def _approval_kinds(self):
        return super()._approval_kinds() + ['credit_limit']

    def _approval_amount(self, kind):
        """The credit that is at stake: what the limit becomes, or what is owed when a hold is lifted."""
        if kind != 'credit_limit':
            return super()._approval_amount(kind)
        facts = self.facts or self.sudo()._get_facts()[self.sudo()]
        if self.kind == 'policy':
            return {'unlimited': UNLIMITED_AMOUNT, 'limited': self.new_limit}.get(self.new_policy, 0.0)
        if self.kind in LIMIT_KINDS:
            return self.new_limit
        if self.kind == 'hold_on':
            return 0.0
        return max(facts['fact_exposure'], facts['fact_limit'], 0.0)

    def _approval_team(self, kind):
        return self.profile_id.sudo().team_id or self.env.user.sudo().sale_team_id

    def _approval_summary(self, kind):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        policies = dict(self._fields['new_policy']._description_selection(self.env))
        facts = self.facts or self.sudo()._get_facts()[self.sudo()]
        lines = [
            (self.env._("Customer"), self.partner_id.display_name),
            (self.env._("Request"), kinds[self.kind]),
            (self.env._("New policy"), policies.get(self.new_policy) if self.kind == 'policy' else None),
            (self.env._("New limit"), self._format(self.new_limit) if self.new_limit else None),
            (self.env._("Current limit"), self._format(facts['fact_limit'])),
            (self.env._("Exposure"), self._format(facts['fact_exposure'])),
            (self.env._("Turnover in 12 months"), self._format(facts['fact_turnover'])),
            (self.env._("Average days late"), str(facts['fact_days_late'])),
            (self.env._("Oldest overdue item"), self.env._("%(days)s days", days=facts['fact_oldest_overdue'])),
            (self.env._("Proposed limit"), self._format(self.proposed_limit)),
        ]
        return super()._approval_summary(kind) + [(label, text) for label, text in lines if text is not None]

    def _approval_fingerprint(self, kind):
        return {
            name: self._to_json(self[name]) for name in sorted(ENTRY_FIELDS - {
                'partner_id', 'company_id', 'attachment_ids', 'reason'})
        } | {'profile': self.profile_id.id}

    def _approval_is_spent(self, kind):
        return self.state in ('approved', 'applied')

    def _approval_on_approved(self, request):
        super()._approval_on_approved(request)
        self._set({'state': 'approved'})
        self._apply_if_due()

    def _approval_on_rejected(self, request):
        super()._approval_on_rejected(request)
        self._set({'state': 'rejected'})

    def _approval_on_void(self, request):
        super()._approval_on_void(request)
        if self.state == 'submitted':
            self._set({'state': 'cancelled'})

    def _approval_on_cancelled(self, request):
        super()._approval_on_cancelled(request)
        if self.state == 'submitted':
            self._set({'state': 'cancelled'})

    #=== CRON METHODS ===#

    @api.model
    def _cron_apply(self):
        """Apply approved requests whose day has come, and end those whose last day has passed."""
        today = fields.Date.context_today(self)
        due = self.search([('state', '=', 'approved'), ('effective_date', '<=', today)], order='effective_date, id')
        ended = self.search([
            ('state', '=', 'applied'), ('end_date', '<', today), ('reverted', '=', False)], order='end_date, id')
        self.env['ir.cron']._commit_progress(remaining=len(due) + len(ended))
        for request in due:
            request = request[0].try_lock_for_update().filtered(lambda r: r.state == 'approved')
            request._apply_if_due()
            if not self.env['ir.cron']._commit_progress(1):
                return
        for request in ended:
            request = request[0].try_lock_for_update().filtered(lambda r: not r.reverted)
            if request:
                request._revert()
            if not self.env['ir.cron']._commit_progress(1):
                return
