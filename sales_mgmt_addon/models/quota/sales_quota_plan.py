import hashlib

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, float_compare, format_amount

from ...internal import grant, granted

# Set by the methods of the life cycle only
SERVER_DEFAULTS = {
    'state': 'draft',
    'version': 1,
    'previous_id': False,
    'first_version_id': False,
    'valid_to': False,
    'edit_version': 0,
}
SERVER_FIELDS = SERVER_DEFAULTS.keys() | {'date_to'}
# What people may change until the plan is closed
ENTRY_FIELDS = frozenset({
    'name', 'date_from', 'company_id', 'valid_from', 'metric_line_ids', 'tolerance_percent', 'attainability_low',
    'attainability_high', 'change_limit',
})


class SalesQuotaPlan(models.Model):
    """The targets of one company for one fiscal year: a tree of nodes with a cell per month and metric."""

    _name = 'sales.quota.plan'
    _description = "Quota Plan"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'sales.approval.mixin']
    _order = 'date_from desc, version desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date_from = fields.Date(
        string="First Day", required=True, tracking=True,
        help="First day of the fiscal year: the first of any month. The year has twelve months.")
    date_to = fields.Date(string="Last Day", compute='_compute_date_to', store=True)
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('submitted', "To Approve"),
            ('approved', "Approved"),
            ('published', "Published"),
            ('closed', "Closed"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True,
        group_expand=True)
    metric_line_ids = fields.One2many('sales.quota.plan.metric', 'plan_id', string="Metrics", copy=True)
    metric_ids = fields.Many2many(
        comodel_name='sales.metric', string="Metrics of the Plan", compute='_compute_metric_ids')
    node_ids = fields.One2many('sales.quota.node', 'plan_id', string="Nodes", copy=False)
    # versions
    version = fields.Integer(string="Version", default=1, readonly=True, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Revision Of", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    first_version_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="First Version", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    version_count = fields.Integer(compute='_compute_version_count')
    valid_from = fields.Date(
        string="Valid From", copy=False,
        help="The day from which this version holds; until then the former one does. The first of a month.")
    valid_to = fields.Date(string="Valid Until", readonly=True, copy=False)
    # rules of the game
    tolerance_percent = fields.Float(
        string="Tolerance (%)", default=10.0, digits=(16, 2),
        help="Who is further behind the expected pace than this gets a signal and a plan of action.")
    attainability_low = fields.Float(
        string="Attainable From (%)", default=20.0, digits=(16, 2),
        help="A target with a lower chance needs a written reason.")
    attainability_high = fields.Float(
        string="Attainable To (%)", default=95.0, digits=(16, 2),
        help="A target with a higher chance is no challenge and needs a written reason.")
    change_limit = fields.Monetary(
        string="Free Change of a Parent", default=0.0,
        help="What a team leader may change at the target of a parent in all without approval, per metric in money."
             " More, and any other metric, needs approval.")
    request_ids = fields.One2many('sales.quota.request', 'plan_id', string="Requests", readonly=True)
    node_count = fields.Integer(compute='_compute_counts')
    request_count = fields.Integer(compute='_compute_counts')
    root_node_id = fields.Many2one('sales.quota.node', string="Root", compute='_compute_root_node_id')
    tree_warnings = fields.Text(
        string="Differences to the Teams", compute='_compute_tree_warnings', compute_sudo=True,
        groups='sales_team.group_sale_manager,sales_mgmt_addon.group_director')
    edit_version = fields.Integer(
        default=0, readonly=True, copy=False, aggregator=None,
        help="Counts the changes: parallel edits of a plan meet on this column.")

    @api.depends('date_from')
    def _compute_date_to(self):
        for plan in self:
            plan.date_to = plan.date_from and plan.date_from + relativedelta(years=1, days=-1)

    @api.depends('metric_line_ids.metric_id')
    def _compute_metric_ids(self):
        for plan in self:
            plan.metric_ids = plan.metric_line_ids.metric_id

    @api.depends('previous_id', 'first_version_id')
    def _compute_version_count(self):
        for plan in self:
            plan.version_count = len(plan.sudo()._get_versions())

    def _compute_counts(self):
        for model, name in (('sales.quota.node', 'node_count'), ('sales.quota.request', 'request_count')):
            counts = dict(self.env[model]._read_group([('plan_id', 'in', self.ids)], ['plan_id'], ['__count']))
            for plan in self:
                plan[name] = counts.get(plan._origin, 0)

    def _compute_root_node_id(self):
        roots = self.env['sales.quota.node'].search([('plan_id', 'in', self.ids), ('type', '=', 'company')])
        for plan in self:
            plan.root_node_id = roots.filtered(lambda node, plan=plan: node.plan_id == plan._origin)

    @api.depends('state', 'node_ids.parent_id', 'node_ids.date_end')
    def _compute_tree_warnings(self):
        for plan in self:
            live = plan._origin.node_ids and plan.state in ('draft', 'published') and not plan._is_replaced()
            plan.tree_warnings = live and '\n'.join(d['message'] for d in plan._origin._check_tree()) or False

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = plan.name if plan.version < 2 else self.env._(
                "%(plan)s, version %(version)s", plan=plan.name, version=plan.version)

    # === CONSTRAINT METHODS === #

    @api.constrains('date_from')
    def _check_date_from(self):
        for plan in self:
            if plan.date_from.day != 1:
                raise ValidationError(self.env._("The year of %(plan)s must begin on the first of a month.", plan=plan.name))

    @api.constrains('valid_from', 'date_from')
    def _check_valid_from(self):
        for plan in self.filtered('valid_from'):
            first = plan.previous_id.sudo().valid_from
            if plan.valid_from.day != 1 or not plan.date_from <= plan.valid_from <= plan.date_to:
                raise ValidationError(self.env._(
                    "%(plan)s must be valid from the first of a month within its year.", plan=plan.name))
            if first and plan.valid_from <= first:
                raise ValidationError(self.env._(
                    "A revision must be valid from a later month than the version before, which is valid from %(date)s.",
                    date=first))

    @api.constrains('tolerance_percent', 'attainability_low', 'attainability_high', 'change_limit')
    def _check_rules(self):
        for plan in self:
            if not 0 <= plan.tolerance_percent <= 100:
                raise ValidationError(self.env._("The tolerance must lie between 0 % and 100 %."))
            if not 0 <= plan.attainability_low <= plan.attainability_high <= 100:
                raise ValidationError(self.env._("The band of attainable targets must lie between 0 % and 100 %."))
            if plan.change_limit < 0:
                raise ValidationError(self.env._("The free change of a parent cannot be negative."))

    # === CRUD METHODS === #

    @api.model
    def default_get(self, fields):
        """Override: neither a context nor a default of a user sets what only the life cycle sets."""
        values = super().default_get([name for name in fields if name not in SERVER_FIELDS])
        return values | {name: value for name, value in SERVER_DEFAULTS.items() if name in fields}

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, 'quota.plan'):
            for vals in vals_list:
                self._check_server_fields(vals, creating=True)
        return super().create(vals_list)

    def write(self, vals):
        if not granted(self, 'quota.plan'):
            self._check_server_fields(vals)
            for plan in self:
                plan._check_fixed(vals)
        return super().write(vals)

    def _check_server_fields(self, vals, creating=False):
        """Refuse to set by hand what only the life cycle sets.

        :raise AccessError: for such a field
        """
        # the form sends the defaults along
        names = [name for name in SERVER_FIELDS & vals.keys() if not (
            creating and vals[name] in (False, None, SERVER_DEFAULTS.get(name)))]
        if names:
            raise AccessError(self.env._("The status and versions of a plan change by its buttons, not by hand."))

    def _check_fixed(self, vals):
        """Refuse to change the year, company or start of a plan that has targets or is settled.

        :raise UserError: with what to do instead
        """
        if self.state == 'closed' and ENTRY_FIELDS & vals.keys():
            raise UserError(self.env._("%(plan)s is closed and cannot be changed.", plan=self.display_name))
        dates = {'date_from': self.date_from, 'company_id': self.company_id.id}
        moved = [name for name in dates if name in vals and (
            fields.Date.to_date(vals[name]) if name == 'date_from' else vals[name]) != dates[name]]
        if moved and self.sudo().node_ids:
            raise UserError(self.env._(
                "%(plan)s has targets already and keeps its year and company. Duplicate it for another year.",
                plan=self.display_name))
        if vals.get('active') is False and self.state in ('submitted', 'approved', 'published'):
            raise UserError(self.env._("%(plan)s is in use. Close it before archiving it.", plan=self.display_name))
        valid_from = fields.Date.to_date(vals.get('valid_from') or None)
        if 'valid_from' in vals and valid_from != (self.valid_from or None) and not (
                self.state == 'draft' and self.previous_id):
            raise UserError(self.env._("Only a revision in draft can be valid from another month."))

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        for plan in self:
            if plan.state != 'draft' or plan.sudo().approval_request_ids:
                raise UserError(self.env._(
                    "%(plan)s is part of the history and cannot be deleted. Archive it instead.", plan=plan.display_name))

    def unlink(self):
        """Delete plans with their nodes, so that the chatter of the nodes goes too."""
        self.check_access('unlink')
        self._unlink_if_draft()
        grant(self.sudo().node_ids, 'quota.node').unlink()
        return super().unlink()

    # === ACTION METHODS - LIFE CYCLE === #

    def action_submit(self):
        """Ask for the approval of a draft.

        :raise UserError: if it is no draft or not complete
        """
        self.check_access('write')
        for plan in self:
            if plan.state != 'draft':
                raise UserError(self.env._("%(plan)s was submitted already.", plan=plan.display_name))
            plan._raise_problems(plan._check_submittable())
            plan._set({'state': 'submitted'})
            plan._approval_ask('quota')
        return True

    def action_draft(self):
        """Take a plan that is not published yet back for changes; what was approved is void.

        :raise UserError: if it is published or closed
        """
        self.check_access('write')
        for plan in self:
            if plan.state not in ('submitted', 'approved'):
                raise UserError(self.env._(
                    "%(plan)s cannot go back to draft. Make a revision of a published plan.", plan=plan.display_name))
            live = plan._approval_live(['quota'], ('pending', 'approved'))
            if live:
                live._close('void', self.env._("The plan was set back to draft."))
            plan._set({'state': 'draft'})
        return True

    def action_publish(self):
        """Make an approved plan valid and ask every person to acknowledge his target.

        :raise UserError: with all that speaks against it
        """
        self.check_access('write')
        for plan in self:
            if plan.state != 'approved':
                raise UserError(self.env._("%(plan)s is not approved. Submit it first.", plan=plan.display_name))
            plan._lock_edits()
            if (plan.id, 'quota') not in plan._approval_covering(['quota']):
                raise UserError(self.env._(
                    "The approval does not cover %(plan)s as it is now. Set it back to draft and submit it again.",
                    plan=plan.display_name))
            plan._raise_problems(plan._check_publishable())
            plan.sudo()._publish()
        return True

    def action_close(self):
        """Close a published plan with its former versions: nothing changes any more.

        :raise UserError: if it is not published
        """
        self.check_access('write')
        for plan in self:
            if plan.state != 'published':
                raise UserError(self.env._("Only a published plan can be closed."))
            if plan._is_replaced():
                raise UserError(self.env._("%(plan)s was replaced by a newer version. Close that one.", plan=plan.display_name))
            versions = plan.sudo()._get_versions().filtered(lambda version: version.state == 'published')
            versions._set({'state': 'closed'})
            versions.node_ids.activity_unlink(['sales_mgmt_addon.mail_activity_type_acknowledge'])
        return True

    # === ACTION METHODS - NAVIGATION === #

    def action_open_nodes(self):
        """Open the tree as a list."""
        return self._open_related('sales_mgmt_addon.sales_quota_node_action')

    def action_open_cells(self):
        """Open the targets as a pivot and a list."""
        return self._open_related('sales_mgmt_addon.sales_quota_cell_action')

    def action_open_changes(self):
        """Open who changed what and why."""
        return self._open_related('sales_mgmt_addon.sales_quota_change_action')

    def action_open_requests(self):
        """Open the wishes to change the target of a parent."""
        return self._open_related('sales_mgmt_addon.sales_quota_request_action')

    def _open_related(self, xmlid):
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        return {
            **action,
            'domain': [('plan_id', '=', self.id)],
            # the levels of the tree would count twice in sums
            'context': {'default_plan_id': self.id, 'search_default_leaves': 1},
        }

    # === BUSINESS METHODS - LIFE CYCLE === #

    def _set(self, vals):
        """Write what only the life cycle writes."""
        grant(self.sudo(), 'quota.plan').write(vals)

    def _raise_problems(self, problems):
        if problems:
            raise UserError('\n'.join(problems))

    def _check_submittable(self):
        """Return what a draft lacks for being approved.

        :rtype: list[str]
        """
        self.ensure_one()
        plan = self.sudo()
        problems = []
        weights = sum(plan.metric_line_ids.mapped('weight'))
        if not plan.metric_line_ids:
            problems.append(self.env._("Add the metrics of the plan."))
        elif float_compare(weights, 100.0, precision_digits=2):
            problems.append(self.env._("The weights of the metrics make %(sum)s %%, not 100 %%.", sum=round(weights, 2)))
        if not plan.node_ids.filtered(lambda node: node.type == 'company'):
            problems.append(self.env._("The plan has no tree yet. Build it from the sales teams."))
        archived = plan.metric_line_ids.metric_id.filtered(lambda metric: not metric.active)
        if archived:
            problems.append(self.env._("Archived metrics: %(metrics)s.", metrics=', '.join(archived.mapped('name'))))
        if not plan.currency_id.active:
            problems.append(self.env._(
                "The currency %(currency)s of the company is archived.", currency=plan.currency_id.name))
        return problems

    def _check_publishable(self):
        """Return what speaks against publishing; other parts of the plan add to it.

        :return: whole sentences that say what to do
        :rtype: list[str]
        """
        self.ensure_one()
        plan = self.sudo()
        return [
            *plan._check_submittable(), *plan._check_persons(), *plan._check_targets(), *plan._check_overlap(),
        ]

    def _check_persons(self):
        """Return who cannot have a target: archived or share users, people without a team."""
        problems = []
        persons = self.node_ids.filtered(lambda node: node.type == 'person')
        archived = persons.filtered(lambda node: not node.user_id.active and not node.date_end)
        if archived:
            problems.append(self.env._(
                "Archived users have targets: %(users)s. Enter their last day or delete their nodes.",
                users=', '.join(archived.mapped('name'))))
        strangers = persons.filtered(
            lambda node: node.user_id.active and (node.user_id.share or self.company_id not in node.user_id.company_ids))
        if strangers:
            problems.append(self.env._(
                "These users do not work for %(company)s: %(users)s.",
                company=self.company_id.name, users=', '.join(strangers.mapped('name'))))
        homeless = persons.filtered(lambda node: not node.team_id.active)
        if homeless:
            problems.append(self.env._(
                "These people have no active sales team: %(users)s. Move them to one.",
                users=', '.join(homeless.mapped('name'))))
        return problems

    def _check_targets(self):
        """Return what is wrong with the amounts."""
        cascade = self._load_cascade()
        root = self.node_ids.filtered(lambda node: node.type == 'company')
        empty = self.metric_line_ids.metric_id.filtered(
            lambda metric: not any(cascade.get(root.id, (metric.id, month)) for month in self._get_months()))
        problems = []
        if empty:
            problems.append(self.env._("There is no target for %(metrics)s.", metrics=', '.join(empty.mapped('name'))))
        for node, key in cascade.broken()[:5]:
            problems.append(self.env._(
                "%(cell)s is not the sum of what lies below it.", cell=self._describe(node, key)))
        return problems

    def _check_overlap(self):
        """Return which published plans have targets for the same time and metrics."""
        others = self.search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'published'), ('id', 'not in', self._get_versions().ids),
            ('date_from', '<=', self.date_to), ('date_to', '>=', self.date_from),
            ('metric_line_ids.metric_id', 'in', self.metric_line_ids.metric_id.ids),
        ])
        return [
            self.env._(
                "%(plan)s and %(other)s overlap: both have targets of %(company)s for %(metrics)s. Close one of them.",
                plan=self.display_name, other=other.display_name, company=self.company_id.name,
                metrics=', '.join((other.metric_line_ids.metric_id & self.metric_line_ids.metric_id).mapped('name')))
            for other in others
        ]

    def _publish(self):
        """Make the plan valid. Note: self.ensure_one(), in sudo mode, checked before."""
        self.ensure_one()
        previous = self.previous_id
        if previous:
            self._take_over_past()
            previous._set({'valid_to': self.valid_from - relativedelta(days=1)})
            previous.node_ids.activity_unlink(['sales_mgmt_addon.mail_activity_type_acknowledge'])
        self._set({
            'state': 'published',
            'valid_from': self.valid_from if previous else self.date_from,
            'valid_to': self.date_to,
        })
        persons = self.node_ids.filtered(lambda node: node.type == 'person')
        if previous:
            persons -= persons._keep_acknowledgement()
        persons._ask_acknowledgement()

    # === APPROVAL SUBJECT === #

    def _approval_kinds(self):
        return super()._approval_kinds() + ['quota']

    def _approval_amount(self, kind):
        """The target of the company for the year in the first metric that is money."""
        if kind != 'quota':
            return super()._approval_amount(kind)
        metric = self.metric_line_ids.metric_id.filtered(lambda m: m.kind == 'money')[:1]
        return self._get_root_targets().get(metric, 0.0)

    def _approval_summary(self, kind):
        return super()._approval_summary(kind) + [
            (metric.name, self._format_target(amount, metric)) for metric, amount in self._get_root_targets().items()
        ]

    def _approval_fingerprint(self, kind):
        self.env['sales.quota.cell'].flush_model()
        [[cells]] = self.env.execute_query(SQL(
            """
            SELECT string_agg(concat_ws(',', node_id, metric_id, month, amount::numeric(20, 2)), ';'
                              ORDER BY node_id, metric_id, month)
              FROM sales_quota_cell WHERE plan_id = %s AND amount <> 0
            """, self.id))
        return {
            'cells': hashlib.sha256((cells or '').encode()).hexdigest(),
            'weights': {str(line.metric_id.id): round(line.weight, 2) for line in self.metric_line_ids.sorted('metric_id')},
            'valid_from': fields.Date.to_string(self.valid_from) if self.valid_from else False,
        }

    def _approval_is_spent(self, kind):
        return self.state in ('published', 'closed')

    def _approval_on_approved(self, request):
        super()._approval_on_approved(request)
        self._set({'state': 'approved'})

    def _approval_on_rejected(self, request):
        super()._approval_on_rejected(request)
        self._back_to_draft()

    def _approval_on_void(self, request):
        super()._approval_on_void(request)
        self._back_to_draft()

    def _approval_on_cancelled(self, request):
        super()._approval_on_cancelled(request)
        self._back_to_draft()

    def _back_to_draft(self):
        if self.state in ('submitted', 'approved'):
            self._set({'state': 'draft'})

    def _get_root_targets(self):
        """Return the target of the company for the year, per metric; of a ratio or score, the average of the months.

        :return: amount per `sales.metric` record in the order of the plan
        :rtype: dict
        """
        groups = {
            metric.id: (total, average)
            for metric, total, average in self.env['sales.quota.cell'].sudo()._read_group(
                [('plan_id', '=', self.id), ('node_type', '=', 'company')], ['metric_id'], ['amount:sum', 'amount:avg'])
        }
        metrics = self.sudo().metric_line_ids.metric_id
        return {
            metric: groups.get(metric.id, (0.0, 0.0))[0 if metric.is_additive else 1] or 0.0 for metric in metrics}

    def _format_target(self, amount, metric):
        """Return an amount with its unit, for people."""
        if metric.kind == 'money':
            return format_amount(self.env, amount, self.sudo().currency_id)
        return f"{amount:,.2f} {metric.unit or ''}".strip()
