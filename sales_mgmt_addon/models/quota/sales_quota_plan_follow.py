import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang, split_every

_logger = logging.getLogger(__name__)

# Nodes looked at between two commits of the nightly job
BATCH = 100
# From this day of a month on, the nightly job keeps the forecasts of the month once
SNAPSHOT_DAY = 15
ACTIVITY_TYPE = 'mail.mail_activity_data_todo'


class SalesQuotaPlan(models.Model):
    _inherit = 'sales.quota.plan'

    pace_period = fields.Selection(
        selection=[
            ('month', "Month"),
            ('quarter', "Quarter"),
            ('year', "Year"),
        ],
        string="Pace Over", required=True, default='quarter',
        help="The period in which persons and teams are compared with the expected pace.")
    pace_days = fields.Integer(
        string="Pace Date", default=10,
        help="Working days of the period that must have passed before a deviation is reported.")
    followed_on = fields.Date(readonly=True, copy=False, help="When the nightly job last looked at all nodes.")
    forecasts_on = fields.Date(readonly=True, copy=False, help="When the nightly job last kept the forecasts.")
    signal_count = fields.Integer(string="Open Signals", compute='_compute_signal_count')
    action_count = fields.Integer(string="Actions", compute='_compute_action_count')

    _pace_days_check = models.Constraint(
        'CHECK (pace_days >= 0)', "The pace date is a number of working days: zero or more.")

    # === COMPUTE METHODS === #

    @api.depends_context('uid')
    def _compute_signal_count(self):
        nodes = self.env['sales.quota.node'].search([('plan_id', 'in', self.ids)])
        counts = dict(self.env['sales.signal']._read_group(
            [('state', '=', 'open'), ('res_model', '=', nodes._name), ('res_id', 'in', nodes.ids)],
            ['res_id'], ['__count']))
        by_plan = nodes.grouped('plan_id')
        for plan in self:
            plan.signal_count = sum(counts.get(node.id, 0) for node in by_plan.get(plan, ()))

    @api.depends_context('uid')
    def _compute_action_count(self):
        counts = dict(self.env['sales.quota.action']._read_group(
            [('plan_id', 'in', self.ids), ('state', '!=', 'cancelled')], ['plan_id'], ['__count']))
        for plan in self:
            plan.action_count = counts.get(plan, 0)

    # === ACTION METHODS === #

    def action_check_deviations(self):
        """Look now for persons and teams that are behind, among those the user answers for.

        :raise AccessError: if the user answers for nobody
        :raise UserError: if a plan is not published
        :return: window action on the open signals
        """
        for plan in self:
            nodes = plan._get_manageable_nodes()
            if plan.state != 'published':
                raise UserError(self.env._("%(plan)s is not published, so nobody can be behind it.", plan=plan.name))
            plan.sudo()._book_deviations(nodes.sudo())
        return self.action_open_signals()

    def action_open_signals(self):
        """Open the signals of the nodes of the plans that the user may see."""
        nodes = self.env['sales.quota.node'].search([('plan_id', 'in', self.ids)])
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_signal_action'),
            'domain': [('res_model', '=', nodes._name), ('res_id', 'in', nodes.ids)],
        }

    def action_open_actions(self):
        """Open the plans of action that belong to the plans."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_action_action'),
            'domain': [('plan_id', 'in', self.ids)],
        }

    # === DEVIATIONS === #

    def _book_deviations(self, nodes, on_date=None):
        """Report who is further behind the pace than the tolerance, and take back who caught up.

        A person or team is looked at from the pace date of the period on. What is new gets an activity
        for the person and for the leader; what is known is brought up to date.

        :param nodes: sudoed `sales.quota.node` records of this plan
        :param date on_date: the day, by default today
        :return: the new signals
        """
        self.ensure_one()
        on_date = on_date or self._get_today()
        nodes = nodes.filtered(lambda node: node.type in ('person', 'team'))
        if not nodes or self._get_period(self.pace_period, on_date).passed < max(self.pace_days, 1):
            return self.env['sales.signal']
        rows = self._get_progress(nodes, self.pace_period, on_date, forecasts=False)
        metrics = self.metric_line_ids.metric_id
        behind = [
            self._prepare_deviation(node, metric, rows[node.id, metric.id], on_date)
            for node in nodes for metric in metrics
            if rows[node.id, metric.id]['status'] == 'behind' and rows[node.id, metric.id]['pace_percent'] is not None
        ]
        new, known = self.env['sales.signal']._report(behind)
        self._expire_signals(nodes, new | known)
        self._schedule_deviations(new)
        return new

    def _prepare_deviation(self, node, metric, figures, on_date):
        """Return the values of the signal of one node and metric that is behind."""
        threshold = 100.0 - self.tolerance_percent
        pace = figures['pace_percent']
        return {
            'code': f'{self._deviation_code()}:{metric.code}',
            'name': self.env._(
                "%(node)s: %(metric)s at %(pace)s %% of the pace until %(date)s",
                node=node.name, metric=metric.name, pace=formatLang(self.env, pace, digits=0),
                date=format_date(self.env, figures['date_to'])),
            'res_model': node._name,
            'res_id': node.id,
            # twice the tolerance is no slip any more
            'severity': 'critical' if pace < 100.0 - 2 * self.tolerance_percent else 'warning',
            'user_id': (node.user_id or node.team_id.user_id).id,
            'team_id': node.team_id.id,
            'company_id': node.company_id.id,
            'value': pace,
            'threshold': threshold,
            'date': on_date,
        }

    @api.model
    def _deviation_code(self):
        return 'quota_behind'

    def _expire_signals(self, nodes, holding):
        """Take back the open signals of nodes that hold no more."""
        self.env['sales.signal'].sudo().search([
            ('state', '=', 'open'),
            ('code', '=like', f'{self._deviation_code()}:%'),
            ('res_model', '=', nodes._name),
            ('res_id', 'in', nodes.ids),
            ('id', 'not in', holding.ids),
        ])._expire()

    def _schedule_deviations(self, signals):
        """Ask the owner of each signal, and the leader above him, to do something about it."""
        deadline = fields.Date.context_today(self)
        vals_list = []
        for signal in signals:
            team = signal.team_id
            leader = next((leader for leader in [team.user_id, *team.parent_id.approval_leader_ids]
                           if leader and leader != signal.user_id), None)
            vals_list += [
                {
                    'res_model_id': self.env['ir.model']._get_id(signal._name),
                    'res_id': signal.id,
                    'activity_type_id': self.env.ref(ACTIVITY_TYPE).id,
                    'summary': self.env._("Agree on what to do"),
                    'date_deadline': deadline,
                    'user_id': user.id,
                    'automated': True,
                }
                for user in (signal.user_id, leader) if user and user.active
            ]
        # the signals are listed on the pages of both; a mail for each would be many at once
        self.env['mail.activity'].sudo().with_context(mail_activity_quick_update=True).create(vals_list)

    # === NIGHTLY JOB === #

    @api.model
    def _cron_follow(self):
        """Book deviations, keep and judge forecasts, judge actions: batch by batch, each committed.

        A batch that fails is logged and does not stop the others; a killed job goes on the next night,
        for each step can be repeated without harm.
        """
        jobs = self._get_follow_jobs()
        cron = self.env['ir.cron']
        cron._commit_progress(remaining=len(jobs))
        for method, ids in jobs:
            try:
                with self.env.cr.savepoint():
                    getattr(self, method)(ids)
            except Exception:
                _logger.exception("Following quota plans: %s failed for %s", method, ids)
            if not cron._commit_progress(1):
                break

    @api.model
    def _get_follow_jobs(self):
        """Return the batches of the nightly job: names of methods and the ids they are called with."""
        jobs = []
        for plan in self.search([('state', '=', 'published')]):
            today = plan._get_today()
            # a job that ran out of time is called again and goes on with the plans that are left
            if plan.followed_on != today and plan._is_valid_on(today):
                jobs += plan._get_follow_plan_jobs(today)
        over = self.env['sales.quota.forecast']._read_group(
            [('is_over', '=', False), ('date_to', '<', fields.Date.today())], ['plan_id'])
        jobs += [('_follow_judge_forecasts', plan.ids) for (plan,) in over]
        actions = self.env['sales.quota.action'].search([
            ('state', 'in', ('agreed', 'done')), ('verdict', '=', False), ('date_to', '<', fields.Date.today())])
        jobs += [('_follow_judge_actions', ids) for ids in split_every(BATCH, actions.ids, list)]
        return [*jobs, ('_follow_expire', [])]

    def _get_follow_plan_jobs(self, today):
        """Return the batches of one plan: deviations, once a month forecasts, and at last the mark."""
        nodes = self.node_ids.filtered(lambda node: node.type != 'reserve')
        methods = ['_follow_deviations']
        if today.day >= SNAPSHOT_DAY and (not self.forecasts_on or self.forecasts_on < today.replace(day=1)):
            methods.append('_follow_forecasts')
        batches = list(split_every(BATCH, nodes.ids, list))
        return [*((method, ids) for method in methods for ids in batches), ('_follow_mark', self.ids)]

    @api.model
    def _follow_deviations(self, node_ids):
        nodes = self.env['sales.quota.node'].browse(node_ids).exists()
        nodes.plan_id._book_deviations(nodes)

    @api.model
    def _follow_forecasts(self, node_ids):
        nodes = self.env['sales.quota.node'].browse(node_ids).exists()
        for period in ('month', 'quarter', 'year'):
            self.env['sales.quota.forecast']._take(nodes, period, nodes.plan_id._get_today())

    @api.model
    def _follow_judge_forecasts(self, plan_ids):
        for plan in self.browse(plan_ids).exists():
            self.env['sales.quota.forecast']._judge(plan, plan._get_today())

    @api.model
    def _follow_judge_actions(self, action_ids):
        actions = self.env['sales.quota.action'].browse(action_ids).exists()
        actions._judge(fields.Date.today())

    @api.model
    def _follow_mark(self, plan_ids):
        for plan in self.browse(plan_ids).exists():
            today = plan._get_today()
            plan.followed_on = today
            if today.day >= SNAPSHOT_DAY:
                plan.forecasts_on = today

    @api.model
    def _follow_expire(self, _ids):
        """Take back the signals of nodes that are gone, or whose plan holds no more."""
        signals = self.env['sales.signal'].search([
            ('state', '=', 'open'), ('code', '=like', f'{self._deviation_code()}:%'),
            ('res_model', '=', 'sales.quota.node')])
        nodes = self.env['sales.quota.node'].browse(signals.mapped('res_id')).exists()
        holding = nodes.filtered(
            lambda node: node.plan_id.state == 'published' and node.plan_id._is_valid_on(node.plan_id._get_today()))
        signals.filtered(lambda signal: signal.res_id not in holding._ids)._expire()

    # === VERSIONS === #

    def _is_valid_on(self, day):
        """Tell whether this version of the plan holds on a day."""
        self.ensure_one()
        return (
            self.date_from <= day <= self.date_to
            and (not self.valid_from or self.valid_from <= day)
            and (not self.valid_to or day <= self.valid_to))
