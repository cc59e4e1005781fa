from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# A plan that people follow: drafts are nobody's target yet
FOLLOWED_STATES = ('published', 'closed')
FORECASTS = ('run_rate', 'seasonal', 'pipeline')
PROGRESS_FIELDS = (
    'target', 'actual', 'attainment', 'expected', 'pace_percent', 'status', 'gap', 'average_deal', 'win_rate',
    'deals_needed', 'opportunities_needed', 'pipeline_needed', 'share_low', 'share_high', 'source',
    'days_passed', 'days_total',
)
OPEN_ACTION_STATES = ('draft', 'agreed')
PLANS_SHOWN = 24
NOTES_SHOWN = 20


class SalesQuotaPlan(models.Model):
    """What the pages "My Targets" and "Team Targets" show."""

    _inherit = 'sales.quota.plan'

    # === BUSINESS METHODS - PAGES === #

    @api.model
    def get_my_page(self, period='month', on_date=None):
        """Return the targets of the user himself and how far he is. There is no argument for somebody else.

        The number of queries depends neither on the number of metrics nor on that of entries.

        :param str period: ``'month'``, ``'quarter'`` or ``'year'`` of the plan
        :param str on_date: a day of the period; today when empty
        :return: ``nodes`` (his seats in the plans of that day, each with ``rows`` per metric, see
            :meth:`_prepare_page_row`), ``actions``, ``signals``, ``leaders`` (names of whom to ask) and the
            period as ``date_from``, ``date_to``, ``today``
        :rtype: dict
        :raise AccessError: if the user may not read targets
        :raise UserError: if the period or the day does not make sense
        """
        self._check_page_access()
        day = self._parse_page_date(on_date, fields.Date.context_today(self))
        nodes = self._get_own_nodes(day)
        bounds = self._get_page_bounds(nodes.plan_id[:1], period, day)
        nodes = nodes.filtered(lambda node: (
            (not node.date_start or node.date_start <= bounds[1]) and (not node.date_end or node.date_end >= bounds[0])))
        progress = nodes.sudo().plan_id._get_progress(nodes.sudo(), period, day)
        overall = nodes.sudo().plan_id._get_overall(nodes.sudo(), progress)
        months = self._get_page_months(nodes)
        return {
            'user': {'id': self.env.uid, 'name': self.env.user.name},
            'period': period,
            **self._prepare_page_period(bounds, day),
            'nodes': [
                {
                    **self._prepare_own_node(node),
                    'overall': overall.get(node.id),
                    'rows': self._prepare_own_rows(node, progress, months, bounds),
                }
                for node in nodes
            ],
            'actions': self._prepare_page_actions(),
            'signals': self._prepare_page_signals(),
            'leaders': self._get_own_leaders().mapped('name'),
        }

    def get_team_page(self, period='month', metric_id=None, on_date=None):
        """Return how far the nodes are that the user may see, for one metric.

        :param str period: ``'month'``, ``'quarter'`` or ``'year'`` of the plan
        :param int metric_id: metric of the plan; the first one when empty
        :param str on_date: a day of the period; today when empty
        :return: ``plans`` to choose from, ``plan`` (False when there is none), ``metrics``, ``metric`` and
            ``nodes`` in the order of the tree with their figures
        :rtype: dict
        :raise AccessError: if the user may not read the plan
        :raise UserError: if the period, the day or the metric does not make sense
        """
        self._check_page_access()
        day = self._parse_page_date(on_date, fields.Date.context_today(self))
        plan = self or self.search(self._get_followed_domain(day), limit=1)
        plans = self.search([('state', 'in', FOLLOWED_STATES)], limit=PLANS_SHOWN) | plan
        page = {
            'period': period,
            'plans': [{'id': other.id, 'name': other.display_name} for other in plans],
            'plan': False,
            **self._prepare_page_period(self._get_page_bounds(plan, period, day), day),
        }
        if not plan:
            return page
        plan._check_grid_access()
        metric = plan._get_grid_metric(metric_id)
        nodes = self.env['sales.quota.node'].search([('plan_id', '=', plan.id), ('type', '!=', 'reserve')])
        return {
            **page,
            'plan': plan._prepare_page_plan(),
            'metric': metric.id,
            'metrics': [plan._prepare_page_metric(other) for other in plan.metric_line_ids.metric_id],
            'nodes': plan._prepare_team_rows(nodes, metric, period, day),
        }

    # === HOOKS - WHO AND WHEN === #

    def _check_page_access(self):
        if self:
            self.ensure_one()
        for model in ('sales.quota.plan', 'sales.quota.node', 'sales.quota.cell', 'sales.attainment.entry'):
            self.env[model].check_access('read')
        self.check_access('read')

    def _parse_page_date(self, value, default):
        """Return a day that a client sent.

        :param value: ISO date, or nothing
        :param date default: the day when there is none
        :raise UserError: if the text is no date
        """
        try:
            return fields.Date.to_date(value or None) or default
        except (ValueError, TypeError, AttributeError):
            raise UserError(self.env._("%s is not a date: use the form 2026-01-31.", value)) from None

    def _get_followed_domain(self, day):
        """Return which plans hold on a day, the version valid on it."""
        return Domain([
            ('state', 'in', FOLLOWED_STATES), ('date_from', '<=', day), ('date_to', '>=', day),
        ]) & (
            Domain('valid_from', '=', False) | Domain('valid_from', '<=', day)
        ) & (
            Domain('valid_to', '=', False) | Domain('valid_to', '>=', day)
        )

    def _get_own_nodes(self, day):
        """Return the seats of the user in the plans of a day."""
        return self.env['sales.quota.node'].search([
            ('user_id', '=', self.env.uid), ('type', '=', 'person'),
            ('plan_id', 'any', self._get_followed_domain(day)),
        ])

    def _get_own_leaders(self):
        """Return the leaders of the teams in which the user is, for people without a target."""
        teams = self.env['crm.team.member'].sudo().search([('user_id', '=', self.env.uid)]).crm_team_id
        return teams.user_id - self.env.user or (teams.approval_leader_ids - self.env.user)

    def _get_page_bounds(self, plan, period, day):
        """Return first and last day of the period, of the calendar year when there is no plan."""
        if plan:
            return plan.sudo()._get_period(period, day)[:2]
        if period not in ('month', 'quarter', 'year'):
            raise UserError(self.env._("Choose a month, a quarter or a year as period."))
        return fields.Date.start_of(day, period), fields.Date.end_of(day, period)

    def _prepare_page_period(self, bounds, day):
        date_from, date_to = bounds
        return {
            'on_date': fields.Date.to_string(day),
            'today': fields.Date.to_string(fields.Date.context_today(self)),
            'date_from': fields.Date.to_string(date_from),
            'date_to': fields.Date.to_string(date_to),
            # a day of the periods before and after
            'before': fields.Date.to_string(date_from - timedelta(days=1)),
            'after': fields.Date.to_string(date_to + timedelta(days=1)),
        }

    # === HOOKS - FIGURES === #

    def _prepare_page_row(self, figures):
        """Return the figures of a node and metric for a page.

        :param dict figures: as of :meth:`_get_progress`
        :return: the same figures, and ``forecasts`` with ``method``, ``value`` and ``error`` (mean error of
            former forecasts in %, or None)
        :rtype: dict
        """
        return {
            **{name: figures[name] for name in PROGRESS_FIELDS},
            'forecasts': [
                {
                    'method': method,
                    'value': figures[f'forecast_{method}'],
                    'error': figures['forecast_error'][method],
                }
                for method in FORECASTS
            ],
        }

    def _prepare_own_node(self, node):
        return {
            'id': node.id,
            'name': node.name,
            'team': node.sudo().team_id.name or '',
            'plan': node.plan_id._prepare_page_plan(),
            'leaders': node._get_leaders().mapped('name'),
            'acknowledged_on': fields.Datetime.to_string(node.acknowledged_on) if node.acknowledged_on else False,
            'can_acknowledge': self._waits_for_acknowledgement(node),
            'can_propose': not node.plan_id._get_readonly_reason(),
        }

    def _waits_for_acknowledgement(self, node):
        """Tell whether a person has not said yet that he knows his target."""
        plan = node.plan_id
        return (
            node.type == 'person' and plan.state == 'published' and not node.acknowledged_on and not plan._is_replaced())

    def _prepare_own_rows(self, node, progress, months, bounds):
        """Return one row per metric of the plan for which the person has a target or a result."""
        counts = self._get_entry_counts(node, bounds)
        rows = []
        for metric in node.plan_id.metric_line_ids.metric_id:
            figures = progress[node.id, metric.id]
            if not figures['target'] and not figures['actual']:
                continue
            rows.append({
                'metric': node.plan_id._prepare_page_metric(metric),
                **self._prepare_page_row(figures),
                'entries': counts.get(metric.id, 0),
                'months': months[node.id, metric.id],
            })
        return rows

    def _get_entry_counts(self, node, bounds):
        """Return how many entries the user can open, per metric."""
        domain = node._get_entry_domain(node.plan_id.metric_line_ids.metric_id, *bounds)
        return {
            metric.id: count
            for metric, count in self.env['sales.attainment.entry']._read_group(domain, ['metric_id'], ['__count'])
        }

    def _get_page_months(self, nodes, metrics=None):
        """Return target, proposal and result of each month of the year.

        :param nodes: `sales.quota.node` records the user may read
        :param metrics: `sales.metric` records; all of the plans when empty
        :return: list of ``{'month', 'target', 'proposed', 'value', 'quantity'}`` per (node id, metric id)
        :rtype: dict
        """
        result = defaultdict(list)
        if not nodes:
            return result
        metrics = metrics or nodes.plan_id.metric_line_ids.metric_id
        actuals = nodes.sudo().plan_id._get_actuals(nodes.sudo(), metrics=metrics)
        cells = {
            (cell.node_id.id, cell.metric_id.id, cell.month): cell
            for cell in self.env['sales.quota.cell'].search(
                [('node_id', 'in', nodes.ids), ('metric_id', 'in', metrics.ids)])
        }
        none = self.env['sales.quota.cell']
        for node in nodes:
            for metric in node.plan_id.metric_line_ids.metric_id & metrics:
                for month in node.plan_id._get_months():
                    cell = cells.get((node.id, metric.id, month), none)
                    value, quantity = actuals.get((node.id, metric.id, month), (0.0, 0.0))
                    result[node.id, metric.id].append({
                        'month': fields.Date.to_string(month),
                        'target': cell.amount,
                        'proposed': cell.proposed if cell.has_proposal else False,
                        'value': value,
                        'quantity': quantity,
                    })
        return result

    def _prepare_team_rows(self, nodes, metric, period, day):
        progress = self.sudo()._get_progress(nodes.sudo(), period, day)
        actions = self._count_open_actions(nodes)
        labels = nodes._get_labels()
        months = self._get_page_months(nodes, metric)
        return [
            {
                'id': node.id,
                'name': labels[node.id],
                'type': node.type,
                'user_id': node.user_id.id,
                'parent': parent_id,
                'depth': depth,
                **self._prepare_page_row(progress[node.id, metric.id]),
                'is_missing_acknowledgement': self._waits_for_acknowledgement(node),
                'actions': actions.get(node.id, 0),
                'months': months[node.id, metric.id],
            }
            for node, parent_id, depth in self._walk_tree(nodes)
        ]

    # === HOOKS - ACTIONS AND SIGNALS === #

    def _prepare_page_actions(self):
        """Return the open actions of the user: those he owns, and those for his targets."""
        actions = self.env['sales.quota.action'].search([
            ('state', 'in', OPEN_ACTION_STATES), '|', ('owner_id', '=', self.env.uid), ('user_id', '=', self.env.uid),
        ], limit=NOTES_SHOWN)
        today = fields.Date.context_today(self)
        states = dict(actions._fields['state']._description_selection(self.env))
        return [
            {
                'id': action.id,
                'name': action.name,
                'metric': action.metric_id.name,
                'state': states[action.state],
                'due': fields.Date.to_string(action.date_due),
                'is_late': action.date_due < today,
                'to_sign': action.state == 'draft' and action.user_id == self.env.user and not action.person_signed_on,
            }
            for action in actions
        ]

    def _prepare_page_signals(self):
        """Return the open signals of the user."""
        signals = self.env['sales.signal'].search(
            [('state', '=', 'open'), ('user_id', '=', self.env.uid)], limit=NOTES_SHOWN)
        labels = dict(signals._fields['severity']._description_selection(self.env))
        return [
            {
                'id': signal.id,
                'name': signal.name,
                'severity': signal.severity,
                'severity_label': labels[signal.severity],
                'date': fields.Date.to_string(signal.date),
            }
            for signal in signals
        ]

    def _count_open_actions(self, nodes):
        """Return the number of open actions per node id."""
        groups = self.env['sales.quota.action']._read_group(
            [('node_id', 'in', nodes.ids), ('state', 'in', OPEN_ACTION_STATES)], ['node_id'], ['__count'])
        return {node.id: count for node, count in groups}
