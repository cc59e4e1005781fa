import calendar
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...internal import grant, granted
from .sales_receivable_pack_line import TO_COMMENT

GUARD = 'receivable.pack'
# What the user says of a draft; everything else is written by the server
ENTRY_FIELDS = frozenset({'company_id', 'team_id', 'user_id', 'date'})
OVERALL_GROUPS = ('sales_mgmt_addon.group_director', 'sales_mgmt_addon.group_credit_controller')
# The chatter, and edits of the comments from the form, which are checked on the lines and persons themselves
PASSED_PREFIXES = ('activity_', 'message_', 'my_activity_', 'website_message_')
PASSED_FIELDS = frozenset({'line_ids', 'person_ids'})


class SalesReceivablePack(models.Model):
    """The receivables of a leader's teams at a month end, frozen, with what his people say about each overdue item."""

    _name = 'sales.receivable.pack'
    _description = "Receivables Pack"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Name", compute='_compute_name', store=True, precompute=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", index='btree_not_null', ondelete='restrict',
        default=lambda self: self._default_team_id(),
        help="The pack holds this team and the teams below it; all teams of the company when empty.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Leader", required=True, index=True, ondelete='restrict',
        compute='_compute_user_id', store=True, readonly=False, precompute=True, domain="[('share', '=', False)]")
    date = fields.Date(
        string="As Of", required=True, index=True, default=lambda self: self._default_date(),
        help="Last day of the month that is frozen.")
    state = fields.Selection(
        selection=[
            ('draft', "New"),
            ('open', "To Comment"),
            ('closed', "Closed"),
        ],
        string="Status", required=True, readonly=True, default='draft', tracking=True, index=True, copy=False,
        group_expand=True)
    line_ids = fields.One2many(
        comodel_name='sales.receivable.pack.line', inverse_name='pack_id', string="Items", copy=False)
    person_ids = fields.One2many(
        comodel_name='sales.receivable.pack.person', inverse_name='pack_id', string="People", copy=False)
    bucket_ids = fields.One2many(
        comodel_name='sales.receivable.pack.bucket', inverse_name='pack_id', string="Ageing", readonly=True, copy=False)
    forecast_ids = fields.One2many(
        comodel_name='sales.receivable.pack.forecast', inverse_name='pack_id', string="Cash Forecast", readonly=True,
        copy=False)

    # Frozen
    previous_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Last Pack", readonly=True, index='btree_not_null', copy=False,
        ondelete='restrict', help="The pack of the same teams that the movements are measured against.")
    frozen_on = fields.Datetime(string="Frozen On", readonly=True, copy=False)
    frozen_by_id = fields.Many2one(
        comodel_name='res.users', string="Frozen By", readonly=True, copy=False, ondelete='restrict')
    period_open = fields.Boolean(
        string="Period Was Open", readonly=True, copy=False,
        help="Accounting had not locked the month yet: documents could still be posted into it.")
    receivable_total = fields.Monetary(
        string="Receivables", readonly=True, copy=False, help="What customers owe, before unapplied receipts.")
    not_due_total = fields.Monetary(string="Not Due", readonly=True, copy=False)
    overdue_total = fields.Monetary(string="Overdue", readonly=True, copy=False)
    overdue_share = fields.Float(
        string="Overdue Share", readonly=True, copy=False, aggregator=None, help="Overdue ÷ receivables.")
    unapplied_total = fields.Monetary(
        string="Unapplied Receipts", readonly=True, copy=False,
        help="Payments and credit notes that are matched with nothing; negative.")
    dso = fields.Float(
        string="DSO (Days)", digits=(16, 1), readonly=True, copy=False, aggregator=None,
        help="Days sales outstanding by count-back: so many days of the latest sales are still owed. Whole months are "
             "counted as long as what is owed is more than they sold; of the month that is not, its share.")
    broken_promise_count = fields.Integer(
        string="Broken Promises", readonly=True, copy=False, help="Promises that were broken since the last pack.")
    forecast_later = fields.Monetary(
        string="Expected Later", readonly=True, copy=False, help="Expected after the weeks of the forecast.")
    forecast_disputed = fields.Monetary(
        string="Uncertain (Disputed)", readonly=True, copy=False, help="In dispute, and so in no week of the forecast.")

    # Follow-up
    comment_deadline = fields.Date(string="Comment Until", readonly=True, copy=False)
    closed_on = fields.Datetime(string="Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        comodel_name='res.users', string="Closed By", readonly=True, copy=False, ondelete='restrict')
    line_count = fields.Integer(string="Overdue Items", compute='_compute_progress')
    missing_count = fields.Integer(string="Comments Missing", compute='_compute_progress')
    progress = fields.Float(string="Commented (%)", compute='_compute_progress')
    forecast_error = fields.Float(
        string="Past Forecast Error", compute='_compute_forecast_error',
        help="Of the weeks that are over in the last packs of the same teams: the sum of the differences between what "
             "came in and what was expected, whatever their sign, ÷ the sum of what was expected. Weighted by amount, "
             "so that weeks without receipts count as well.")
    has_forecast_error = fields.Boolean(compute='_compute_forecast_error')
    can_lead = fields.Boolean(compute='_compute_can_lead')
    can_reopen = fields.Boolean(compute='_compute_can_lead')

    _scope_unique = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), date)", "There is a pack of these teams for this month already.")

    # === DEFAULTS === #

    @api.model
    def _default_date(self):
        return fields.Date.context_today(self).replace(day=1) - timedelta(days=1)

    @api.model
    def _default_team_id(self):
        """The highest team that the user leads; those who direct all sales begin with the whole company."""
        if self._is_overall():
            return self.env['crm.team']
        return self._get_led_teams()[:1]

    # === COMPUTE METHODS === #

    @api.depends('team_id', 'company_id', 'date')
    def _compute_name(self):
        for pack in self:
            scope = pack.team_id.sudo().name or pack.company_id.sudo().name or ''
            pack.name = f"{scope} {pack.date:%Y-%m}" if pack.date else scope

    @api.depends('team_id')
    def _compute_user_id(self):
        for pack in self:
            leaders = pack.team_id.sudo().approval_leader_ids
            pack.user_id = self.env.user if not leaders or self.env.user in leaders else (
                pack.team_id.sudo().user_id or leaders[:1])

    @api.depends('line_ids.comment_state')
    def _compute_progress(self):
        counts = {pack.id: [0, 0] for pack in self}
        for pack, comment_state, count in self.env['sales.receivable.pack.line'].sudo()._read_group(
            [('pack_id', 'in', self.ids), ('needs_comment', '=', True)], ['pack_id', 'comment_state'], ['__count'],
        ):
            counts[pack.id][0] += count
            counts[pack.id][1] += count if comment_state in TO_COMMENT else 0
        for pack in self:
            pack.line_count, pack.missing_count = counts.get(pack.id, (0, 0))
            pack.progress = 100.0 * (1 - pack.missing_count / pack.line_count) if pack.line_count else 100.0

    def _compute_forecast_error(self):
        errors = self._get_forecast_errors()
        for pack in self:
            pack.has_forecast_error = pack.id in errors
            pack.forecast_error = errors.get(pack.id, 0.0)

    @api.depends('team_id', 'state')
    @api.depends_context('uid')
    def _compute_can_lead(self):
        overall = self._is_overall()
        for pack in self:
            pack.can_lead = overall or pack._is_led_by(self.env.user)
            pack.can_reopen = overall and pack.state == 'closed'

    # === CONSTRAINT METHODS === #

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        for pack in self:
            if pack.date.day != calendar.monthrange(pack.date.year, pack.date.month)[1]:
                raise ValidationError(self.env._(
                    "A pack is about a month end. Choose the last day of a month, e.g. %(day)s.",
                    day=pack.date.replace(day=1) - timedelta(days=1)))
            if pack.date > today:
                raise ValidationError(self.env._("%(day)s is yet to come. Choose a month end that has passed.", day=pack.date))

    @api.constrains('company_id', 'team_id')
    def _check_root_company(self):
        for pack in self.sudo():
            if pack.company_id.parent_id:
                raise ValidationError(self.env._(
                    "A pack holds a company with its branches. Choose %(company)s.", company=pack.company_id.root_id.name))
            if pack.team_id.company_id and pack.team_id.company_id.root_id != pack.company_id:
                raise ValidationError(self.env._(
                    "%(team)s belongs to %(company)s. Choose this company, or another team.",
                    team=pack.team_id.name, company=pack.team_id.company_id.name))

    @api.constrains('team_id', 'user_id')
    def _check_leader(self):
        for pack in self:
            if not pack._is_led_by(pack.user_id) and not pack._is_overall(pack.user_id):
                raise ValidationError(self.env._(
                    "%(user)s does not lead these teams. Choose their leader, a sales director or a credit controller.",
                    user=pack.user_id.sudo().name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            for vals in vals_list:
                self._check_entries(vals.keys() - {'state'} if vals.get('state') in (None, 'draft') else vals.keys())
            self = self._without_frozen_defaults()
        packs = super().create(vals_list)
        packs._check_may_lead()
        return packs.with_env(self.env)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(PASSED_PREFIXES)} - PASSED_FIELDS
        if not names or granted(self, GUARD):
            return super().write(vals)
        self._check_entries(names)
        if frozen := self.filtered(lambda pack: pack.state != 'draft'):
            raise UserError(self.env._("%(pack)s is frozen and cannot be changed.", pack=frozen[0].name))
        self._check_may_lead()
        res = super().write(vals)
        self._check_may_lead()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if frozen := self.filtered(lambda pack: pack.state != 'draft'):
            raise UserError(self.env._("%(pack)s is frozen. Only new packs can be deleted.", pack=frozen[0].name))
        self._check_may_lead()

    def _check_entries(self, names):
        """Refuse values of what only the server writes.

        :raise AccessError: with what to do instead
        """
        if set(names) - ENTRY_FIELDS:
            raise AccessError(self.env._(
                "The figures and the status of a pack are frozen by the system. Use the buttons instead."))

    def _without_frozen_defaults(self):
        """Return the model without defaults of frozen fields in the context, which a client could have put there."""
        allowed = {f'default_{name}' for name in ENTRY_FIELDS}
        return self.with_context({
            key: value for key, value in self.env.context.items()
            if key in allowed or not key.startswith('default_') or key[8:] not in self._fields})

    # === ACTION METHODS === #

    def action_freeze_last_month(self):
        """Make and freeze the pack of the last month of each top team that the user leads, in one click.

        Those who direct all sales and lead no team get the pack of the whole company. Packs that are frozen already are
        shown as they are.

        :return: window action on the packs
        :rtype: dict
        :raise AccessError: if the user leads nobody
        """
        self.browse().check_access('create')
        teams = self._get_led_teams()
        if not teams and not self._is_overall():
            raise AccessError(self.env._(
                "You lead no sales team. Ask a sales administrator to make you the leader of your team."))
        day, packs = self._default_date(), self.browse()
        for team in teams or [teams]:
            company = team.sudo().company_id.root_id or self.env.company.root_id
            pack = self.search([('company_id', '=', company.id), ('team_id', '=', team.id), ('date', '=', day)])
            packs |= pack or self.create({'company_id': company.id, 'team_id': team.id, 'date': day})
        packs.filtered(lambda pack: pack.state == 'draft').action_freeze()
        return packs._action_open()

    def action_freeze(self):
        """Freeze what is open at the month end, and ask the salespeople for their comments.

        :raise AccessError: if the user neither leads the teams nor directs all sales or credit
        :raise UserError: if it was frozen already
        :return: True
        """
        self._check_may_act()
        for pack in self.sorted('date'):
            if pack.state != 'draft':
                raise UserError(self.env._("%(pack)s was frozen already.", pack=pack.name))
            pack._freeze()
        return True

    def action_close(self):
        """Close packs in which every overdue item is commented; from then on the comments stay as they are.

        :raise AccessError: if the user neither leads the teams nor directs all sales or credit
        :raise UserError: if comments are missing, with whose and how many, or the pack is not open
        :return: True
        """
        self._check_may_act()
        for pack in self:
            if pack.state != 'open':
                raise UserError(self.env._("%(pack)s is not open: freeze it first, or it is closed already.", pack=pack.name))
            pack._check_commented()
        self._set({'state': 'closed', 'closed_on': fields.Datetime.now(), 'closed_by_id': self.env.uid})
        self._end_follow_up()
        return True

    def action_reopen(self, reason=None):
        """Let the comments of the newest pack be changed once more.

        :param str reason: why; it is kept in the chatter
        :raise AccessError: if the user directs neither all sales nor credit
        :raise UserError: if the pack is not closed or not the newest one of its teams, or without reason
        :return: True
        """
        self.check_access('write')
        if not self._is_overall():
            raise AccessError(self.env._("Only a sales director or a credit controller can reopen a closed pack."))
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why the pack is opened again."))
        for pack in self:
            if pack.state != 'closed':
                raise UserError(self.env._("%(pack)s is not closed.", pack=pack.name))
            newer = self.sudo().search_count(pack._scope_domain() + [('date', '>', pack.date), ('state', '!=', 'draft')])
            if newer:
                raise UserError(self.env._("%(pack)s is not the newest pack of its teams any more.", pack=pack.name))
            pack._set({'state': 'open', 'closed_on': False, 'closed_by_id': False})
            pack.sudo().message_post(body=self.env._("Opened again: %(reason)s", reason=reason.strip()))
        return True

    def action_ask_reopen(self):
        """Ask for the reason why the pack is opened again."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Reopen the Pack"),
            'res_model': 'sales.receivable.pack.reopen',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_pack_id': self.id},
        }

    def action_open_lines(self):
        """Open the items of the packs as a list, pivot or graph."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_receivable_pack_line_action'),
            'domain': [('pack_id', 'in', self.ids)],
            'context': {},
        }

    def action_open_movements(self):
        """Open the movements since the last pack as a pivot."""
        return {
            **self.action_open_lines(),
            'name': self.env._("Movements"),
            'views': [(False, 'pivot'), (False, 'graph'), (False, 'list')],
        }

    def action_open_missing(self):
        """Open the items that still need a comment."""
        return {
            **self.action_open_lines(),
            'domain': [('pack_id', 'in', self.ids), ('comment_state', 'in', TO_COMMENT)],
        }

    def action_print(self):
        """Return the PDF of the packs."""
        return self.env.ref('sales_mgmt_addon.action_report_receivable_pack').report_action(self)

    def _action_open(self):
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_receivable_pack_action')
        if len(self) == 1:
            return {**action, 'views': [(False, 'form')], 'res_id': self.id}
        return {**action, 'domain': [('id', 'in', self.ids)]}

    # === BUSINESS METHODS === #

    def _set(self, vals):
        """Write what only the server writes."""
        grant(self.sudo(), GUARD, only_these=True).write(vals)

    @api.model
    def _is_overall(self, user=None):
        """Tell whether a user answers for the receivables of all teams."""
        user = user or self.env.user
        return (self.env.su and user == self.env.user) or any(user.has_group(group) for group in OVERALL_GROUPS)

    def _is_led_by(self, user):
        """Tell whether a user leads the team of the pack, or a team above it."""
        self.ensure_one()
        return user in self.sudo().team_id.approval_leader_ids

    @api.model
    def _get_led_teams(self):
        """Return the teams that the user leads and that lie below no other team he leads."""
        teams = self.env['crm.team'].sudo().search([('user_id', '=', self.env.uid)], order='id')
        top = teams.filtered(lambda team: not (team._approval_path() - team) & teams)
        return top.filtered(
            lambda team: not team.company_id or team.company_id.root_id in self.env.companies.root_id
        ).with_env(self.env)

    def _check_may_act(self):
        """Raise unless the user may write the packs and leads them."""
        self.check_access('write')
        self._check_may_lead()

    def _check_may_lead(self):
        """Raise unless the user leads the teams of all packs, or answers for all teams."""
        if self._is_overall():
            return
        for pack in self:
            if not pack._is_led_by(self.env.user):
                raise AccessError(self.env._(
                    "You do not lead %(scope)s. Only its leaders, sales directors and credit controllers work on its packs.",
                    scope=pack.team_id.sudo().name or pack.company_id.sudo().name))

    def _scope_domain(self):
        """Return the domain of the packs of the same teams and company."""
        self.ensure_one()
        return [('company_id', '=', self.company_id.id), ('team_id', '=', self.team_id.id)]

    def _check_commented(self):
        """Raise while comments are missing.

        :raise UserError: with whose and how many
        """
        self.ensure_one()
        counts = self.env['sales.receivable.pack.line'].sudo()._read_group(
            [('pack_id', '=', self.id), ('comment_state', 'in', TO_COMMENT)], ['user_id'], ['__count'])
        if counts:
            names = ", ".join(
                f"{user.name or self.env._('without salesperson')} ({count})" for user, count in counts)
            raise UserError(self.env._(
                "%(pack)s cannot be closed: comments are missing of %(names)s.", pack=self.name, names=names))

    def _get_movements(self):
        """Return the movements since the last pack for the PDF.

        :return: list of dicts ``{label, count, residual, paid}``, amounts in company currency, in the order of the field
        :rtype: list
        """
        self.ensure_one()
        sums = {
            movement: figures for movement, *figures in self.env['sales.receivable.pack.line']._read_group(
                [('pack_id', '=', self.id)], ['movement'], ['__count', 'residual:sum', 'paid_amount:sum'])}
        labels = self.env['sales.receivable.pack.line']._fields['movement']._description_selection(self.env)
        return [
            {'label': label, **dict(zip(('count', 'residual', 'paid'), sums[movement], strict=True))}
            for movement, label in labels if movement in sums]

    def _get_forecast_errors(self, packs=3):
        """Return the past error of the cash forecast: of the given packs and those before them.

        :param int packs: how many packs count, the one asked about included
        :return: dict ``{id of the pack: share of the expected amount}``; packs without a week that is over are missing
        :rtype: dict
        """
        errors = {}
        for pack in self.filtered('date'):
            past = self.sudo().search(
                pack._scope_domain() + [('date', '<=', pack.date), ('state', '!=', 'draft')], limit=packs)
            weeks = past.forecast_ids.filtered('is_over')
            if expected := sum(weeks.mapped('expected')):
                errors[pack.id] = sum(abs(week.error) for week in weeks) / expected
        return errors

    @api.model
    def _month_before(self, day):
        return day + relativedelta(days=1, months=-1, day=1) - timedelta(days=1)
