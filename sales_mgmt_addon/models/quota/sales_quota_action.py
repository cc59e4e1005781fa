from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...internal import grant, granted
from .inputs import check_numbers
from .sales_quota_forecast import PERIODS

GUARD = 'quota.action'
# What is agreed: a change of it needs new signatures
TERMS = ('node_id', 'metric_id', 'period', 'date_from', 'name', 'description', 'owner_id', 'date_due', 'expected_effect')
# What only the methods of the model set
PROTECTED = (
    'state', 'person_signed_on', 'person_signed_by_id', 'leader_signed_on', 'leader_signed_by_id', 'baseline',
    'has_baseline', 'actual_effect', 'verdict', 'judged_on', 'date_to', 'was_signed',
)


class SalesQuotaAction(models.Model):
    """What a person or team that is behind will do about it, agreed by the person and a leader.

    Its effect is judged when the period is over: what was reached, less what would have been reached
    had everything gone on as it was when it was agreed (the run-rate forecast of that day).
    """

    _name = 'sales.quota.action'
    _description = "Plan of Action"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_due, id'
    _mail_post_access = 'read'

    name = fields.Char(string="Action", required=True, tracking=True)
    description = fields.Html(string="Description")
    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Target Of", required=True, index=True, ondelete='cascade',
        domain="[('type', 'in', ('person', 'team', 'region', 'company')), ('plan_state', '=', 'published')]")
    plan_id = fields.Many2one(related='node_id.plan_id', store=True, index=True)
    company_id = fields.Many2one(related='node_id.company_id', store=True)
    user_id = fields.Many2one(related='node_id.user_id', string="Salesperson", store=True, index='btree_not_null')
    team_id = fields.Many2one(related='node_id.team_id', store=True, index='btree_not_null')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, index=True, ondelete='restrict')
    period = fields.Selection(selection=PERIODS, string="Period", required=True, default='quarter')
    date_from = fields.Date(
        string="Period From", required=True, default=fields.Date.context_today,
        help="Any day of the month, quarter or year in question; the first day is kept.")
    date_to = fields.Date(string="Period To", readonly=True, copy=False)
    owner_id = fields.Many2one(
        comodel_name='res.users', string="Owner", required=True, index=True, ondelete='restrict', tracking=True,
        default=lambda self: self.env.user, domain="[('share', '=', False)]")
    date_due = fields.Date(string="Due", required=True, tracking=True)
    expected_effect = fields.Float(
        string="Expected Effect", digits=(16, 2), tracking=True,
        help="What it adds to the figure of the period, in the unit of the metric.")
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('agreed', "Agreed"),
            ('done', "Carried Out"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True,
        group_expand=True)
    signal_id = fields.Many2one(
        comodel_name='sales.signal', string="Signal", index='btree_not_null', copy=False, ondelete='set null')
    # signatures
    person_signed_on = fields.Datetime(string="Signed by the Person On", readonly=True, copy=False)
    person_signed_by_id = fields.Many2one(
        comodel_name='res.users', string="Signed by the Person", readonly=True, copy=False, ondelete='restrict')
    leader_signed_on = fields.Datetime(string="Signed by the Leader On", readonly=True, copy=False)
    leader_signed_by_id = fields.Many2one(
        comodel_name='res.users', string="Signed by the Leader", readonly=True, copy=False, ondelete='restrict')
    was_signed = fields.Boolean(
        readonly=True, copy=False, help="Whether it was ever signed, also if the signatures were withdrawn later.")
    can_sign = fields.Boolean(compute='_compute_can_sign')
    # result
    baseline = fields.Float(
        string="Forecast Without It", readonly=True, copy=False, digits=(16, 2), aggregator=None,
        help="Where the period would have ended at the pace of the day it was agreed.")
    has_baseline = fields.Boolean(readonly=True, copy=False)
    actual_effect = fields.Float(
        string="Actual Effect", readonly=True, copy=False, digits=(16, 2),
        help="What was reached in the period, less the forecast without the action.")
    verdict = fields.Selection(
        selection=[
            ('kept', "Kept"),
            ('missed', "Missed"),
        ],
        string="Outcome", readonly=True, copy=False, tracking=True,
        help="Kept: carried out, and the effect was at least the expected one. Where nothing can be compared"
             " with, because the period had no working day yet, the target must have been reached.")
    judged_on = fields.Date(string="Judged On", readonly=True, copy=False)

    _judge_idx = models.Index("(date_to) WHERE verdict IS NULL AND state IN ('agreed', 'done')")

    # === COMPUTE METHODS === #

    @api.depends('state', 'person_signed_on', 'leader_signed_on', 'node_id')
    @api.depends_context('uid')
    def _compute_can_sign(self):
        for action in self:
            action.can_sign = bool(action.state == 'draft' and action.node_id and action._get_open_roles(self.env.user))

    # === CONSTRAINT METHODS === #

    @api.constrains('metric_id', 'node_id')
    def _check_metric(self):
        for action in self.sudo():
            if action.node_id.type == 'reserve':
                raise ValidationError(self.env._("A reserve has nobody who could act. Choose a person or team."))
            if action.metric_id not in action.plan_id.metric_line_ids.metric_id:
                raise ValidationError(self.env._(
                    "%(metric)s is not a metric of the plan %(plan)s.",
                    metric=action.metric_id.name, plan=action.plan_id.name))

    @api.constrains('signal_id', 'node_id')
    def _check_signal(self):
        for action in self:
            signal = action.signal_id
            if signal and (signal.res_model != action.node_id._name or signal.res_id != action.node_id.id):
                raise ValidationError(self.env._(
                    "The signal is about another target. Choose a signal of this target, or none."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        check_numbers(self, vals_list)
        for vals in vals_list:
            self.browse()._check_protected(vals)
        if not granted(self, GUARD):
            # said here, for defaults of the context or of the user could say something else
            vals_list = [{**vals, **self._prepare_unsigned()} for vals in vals_list]
        actions = super().create(vals_list)
        actions.signal_id.check_access('read')
        actions._set_period()
        return actions

    def write(self, vals):
        check_numbers(self, [vals])
        self._check_protected(vals)
        if granted(self, GUARD):
            return super().write(vals)
        changes_terms = any(name in vals for name in TERMS)
        if changes_terms and (closed := self.filtered(lambda action: action._is_closed())):
            raise UserError(self.env._("%(action)s is closed and cannot be changed.", action=closed[0].name))
        res = super().write(vals)
        if 'signal_id' in vals:
            self.signal_id.check_access('read')
        if 'node_id' in vals:
            # the rules looked at the former target only
            self.check_access('write')
            self.node_id.check_access('read')
        if changes_terms:
            self._withdraw_signatures()
        if {'node_id', 'period', 'date_from'} & vals.keys():
            self._set_period()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(action.state != 'draft' or action.was_signed for action in self):
            raise UserError(self.env._("Only drafts that nobody signed can be deleted. Cancel the action instead."))

    def _check_protected(self, vals):
        """Raise if values contain what only the methods of the model set; new records may say that they are drafts."""
        if granted(self, GUARD):
            return
        if any(name in vals and (self or vals[name] not in (False, None, 'draft')) for name in PROTECTED):
            raise AccessError(self.env._("Signatures, status and results cannot be written. Use the buttons."))

    @api.model
    def _prepare_unsigned(self):
        """Return the values of what only the methods of the model set, as a new action has them."""
        return {**dict.fromkeys(PROTECTED, False), 'state': 'draft'}

    def _is_closed(self):
        """Tell whether the terms stand for good: it was closed or judged, or is agreed and its period is over."""
        self.ensure_one()
        return bool(
            self.state in ('done', 'cancelled') or self.verdict
            or (self.state == 'agreed' and self.date_to < self.sudo().plan_id._get_today()))

    def _set_period(self):
        """Put first and last day of the period around the day that was given."""
        for action in self:
            bounds = action.sudo().plan_id._get_period_bounds(action.period, action.date_from)
            action._granted().write(dict(zip(('date_from', 'date_to'), bounds, strict=True)))

    def _withdraw_signatures(self):
        """Take back the signatures under terms that were changed."""
        signed = self.filtered(lambda action: action.person_signed_on or action.leader_signed_on)
        signed._granted().write({
            'state': 'draft', 'person_signed_on': False, 'person_signed_by_id': False, 'leader_signed_on': False,
            'leader_signed_by_id': False, 'baseline': 0.0, 'has_baseline': False})
        for action in signed:
            action.message_post(body=self.env._("What was signed has changed, so it must be signed anew."))

    def _granted(self):
        """Return the records in sudo mode, with the permission to write what is protected on them."""
        return grant(self.sudo(), GUARD, only_these=True)

    # === ACTION METHODS === #

    def action_sign(self):
        """Sign as the person the target belongs to, or as one who leads him; with both, it is agreed.

        :raise AccessError: if the user is neither
        :raise UserError: if it is no draft any more, or he signed already
        """
        self.check_access('read')
        for action in self:
            if action.state != 'draft':
                raise UserError(self.env._("%(action)s is no draft any more.", action=action.name))
            roles = action._get_roles(self.env.user)
            if not roles:
                raise AccessError(self.env._(
                    "Only the person himself and those who lead him can sign %(action)s.", action=action.name))
            open_roles = action._get_open_roles(self.env.user)
            if not open_roles:
                raise UserError(self.env._("You have signed %(action)s already.", action=action.name))
            role = open_roles[0]
            action._granted().write({
                f'{role}_signed_on': fields.Datetime.now(), f'{role}_signed_by_id': self.env.uid, 'was_signed': True})
            if action.person_signed_on and action.leader_signed_on:
                action._agree()
        return True

    def action_done(self):
        """Record that the agreed action was carried out."""
        for action in self._check_may_close():
            if action.state != 'agreed':
                raise UserError(self.env._("%(action)s has not been agreed.", action=action.name))
        self._granted().write({'state': 'done'})
        self.sudo().activity_feedback(['mail.mail_activity_data_todo'])
        return True

    def action_cancel(self):
        """Give the action up; it is not judged."""
        for action in self._check_may_close():
            if action.verdict or action.state == 'cancelled':
                raise UserError(self.env._("%(action)s is closed already.", action=action.name))
        self._granted().write({'state': 'cancelled'})
        self.sudo().activity_unlink(['mail.mail_activity_data_todo'])
        return True

    # === BUSINESS METHODS === #

    def _get_roles(self, user):
        """Return as what a user may sign: ``'person'``, ``'leader'`` or not at all.

        The person is the salesperson, or the leader of the team or region. Leaders are the leaders of the
        teams above him, sales directors and sales administrators. Nobody signs for both sides.

        :param user: a `res.users` record
        :rtype: list[str]
        """
        self.ensure_one()
        node = self.sudo().node_id
        if user == (node.user_id or node.team_id.user_id):
            return ['person']
        is_director = user.has_group('sales_mgmt_addon.group_director') or user.has_group('sales_team.group_sale_manager')
        if is_director and node.type == 'company':
            # the company has no leader of its own: two of those who direct it sign
            return ['person', 'leader']
        team = node.team_id if node.type == 'person' else node.team_id.parent_id
        return ['leader'] if is_director or user in team.approval_leader_ids else []

    def _get_open_roles(self, user):
        """Return as what a user may sign and nobody has signed yet."""
        signers = self.person_signed_by_id | self.leader_signed_by_id
        return [
            role for role in self._get_roles(user)
            if not self[f'{role}_signed_on'] and user not in signers]

    def _agree(self):
        """Keep what is compared with later, and remind the owner on the due day."""
        self.ensure_one()
        today = self.sudo().plan_id._get_today()
        figures = self._get_figures(min(today, self.date_to))
        baseline = figures.get('forecast_run_rate')
        self._granted().write({
            'state': 'agreed', 'baseline': baseline or 0.0, 'has_baseline': baseline is not None})
        self.sudo().activity_schedule(
            'mail.mail_activity_data_todo', self.date_due, summary=self.name, user_id=self.owner_id.id)

    def _get_figures(self, on_date):
        """Return the progress of the node, metric and period of the action on a day."""
        rows = self.sudo().plan_id._get_progress(self.node_id, self.period, max(on_date, self.date_from))
        return rows.get((self.node_id.id, self.metric_id.id), {})

    def _check_may_close(self):
        """Raise unless the user owns the actions or may sign them; return them."""
        self.check_access('read')
        for action in self:
            if action.owner_id != self.env.user and not action._get_roles(self.env.user):
                raise AccessError(self.env._(
                    "Only the owner, the person himself and those who lead him can close %(action)s.", action=action.name))
        return self

    def _judge(self, on_date):
        """Judge agreed actions whose period is over, in a constant number of queries per plan and period.

        :param date on_date: today; periods that ended before it are over
        """
        groups = defaultdict(lambda: self.browse())
        for action in self.sudo():
            if action.state in ('agreed', 'done') and not action.verdict and action.date_to < on_date:
                groups[action.plan_id, action.period, action.date_to] += action
        for (plan, period, date_to), actions in groups.items():
            rows = plan._get_progress(actions.node_id, period, date_to, forecasts=False)
            for action in actions:
                action._granted().write({
                    **action._prepare_verdict(rows[action.node_id.id, action.metric_id.id]),
                    'judged_on': on_date,
                })

    def _prepare_verdict(self, figures):
        """Return effect and verdict by the figures of the period as a whole."""
        sign = 1.0 if self.metric_id.higher_is_better else -1.0
        actual = figures['actual'] or 0.0
        effect = actual - self.baseline if self.has_baseline else 0.0
        if self.has_baseline:
            is_kept = round((effect - self.expected_effect) * sign, 2) >= 0
        else:
            is_kept = round((actual - figures['target']) * sign, 2) >= 0
        return {
            'actual_effect': effect,
            'verdict': 'kept' if is_kept and self.state == 'done' else 'missed',
        }
