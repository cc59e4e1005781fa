from collections import defaultdict
from datetime import datetime, time
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from pytz import timezone

from odoo import fields, models
from odoo.exceptions import UserError

from . import progress
from .actuals import NodeMatcher, figure
from .pipeline import Pipeline, pipeline_sql

HISTORY_YEARS = 3
# How long decided opportunities tell something about open ones
DECIDED_MONTHS = 24
# Which metrics open opportunities feed, and by what: their money or their number
PIPELINE_METRICS = {'ordered': 'money', 'invoiced': 'money', 'orders': 'deals'}
# Metrics of which a deal brings its order value; of others it brings what it brought so far
DEAL_VALUE_METRICS = ('ordered', 'invoiced', 'collected')
HELPER_METRICS = ('ordered', 'orders', 'win_rate')


class Facts(NamedTuple):
    """What one plan's progress is worked out from."""

    period: progress.Period
    # {(node id, metric id): {month: amount}}
    targets: dict
    # {(node id, metric id): {month: (value, quantity)}} up to the day asked for; of months before the plan,
    # persons have what they did in whatever team
    series: dict
    # the same of persons, for the last twelve months in whatever team
    own_series: dict
    # {node id: Pipeline}
    pipelines: dict
    # {code: metric} of the metrics deals and markets are measured by
    helpers: dict
    # {(node id, metric id): {method: mean absolute error in %}}
    errors: dict
    # whether there is more than the period itself: history, pipelines, errors
    has_forecasts: bool


class SalesQuotaPlan(models.Model):
    _inherit = 'sales.quota.plan'

    # === PERIODS === #

    def _get_today(self):
        """Return the current day where the company is."""
        company = self.company_id.sudo()
        tz = company.partner_id.tz or company.resource_calendar_id.tz or 'UTC'
        return fields.Datetime.context_timestamp(self.with_context(tz=tz), fields.Datetime.now()).date()

    def _get_period(self, period, on_date=None):
        """Return the month, quarter or year of the plan in which a day lies, with its working days.

        Working days are those on which the company's working hours are not wholly covered by a public
        holiday. Quarters are those of the fiscal year. Before and after the year of the plan, its first
        and last period is taken.

        :param str period: ``'month'``, ``'quarter'`` or ``'year'``
        :param date on_date: the day, by default today; it counts as passed
        :raise UserError: if there is no such kind of period
        :rtype: progress.Period
        """
        on_date = fields.Date.to_date(on_date) or self._get_today()
        date_from, date_to = self._get_period_bounds(period, on_date)
        return progress.make_period(date_from, date_to, on_date, self._get_working_days(date_from, date_to))

    def _get_period_bounds(self, period, on_date):
        """Return first and last day of the month, quarter or year of the plan in which a day lies.

        :raise UserError: if there is no such kind of period
        """
        self.ensure_one()
        if period not in progress.PERIOD_MONTHS:
            raise UserError(self.env._("Choose a month, a quarter or a year as period."))
        return progress.period_bounds(self.date_from, period, on_date)

    def _get_working_days(self, date_from, date_to):
        """Return the days on which the company works.

        :rtype: set[date]
        """
        calendar = self.company_id.sudo().resource_calendar_id
        if not calendar:
            days = (date_from + relativedelta(days=number) for number in range((date_to - date_from).days + 1))
            return {day for day in days if day.weekday() < 5}
        tz = timezone(calendar.tz or 'UTC')
        intervals = calendar._work_intervals_batch(
            tz.localize(datetime.combine(date_from, time.min)), tz.localize(datetime.combine(date_to, time.max)),
            domain=[
                ('time_type', '=', 'leave'),
                '|', ('calendar_id', '=', calendar.id), ('company_id', 'in', [False, self.company_id.id]),
            ])[False]
        return {start.date() for start, _stop, _meta in intervals}

    # === PROGRESS === #

    def _get_progress(self, nodes, period, on_date=None, forecasts=True):
        """Return how far nodes are, in a constant number of queries per plan.

        The caller has checked that the user may see the nodes. Money is in company currency, ratios are
        in %. What cannot be known is None, it is never guessed:

        - ``target``: sum of the cells of the period; of ratios and scores their mean
        - ``actual``: what the book says up to and including the day; None for a ratio of nothing
        - ``attainment``: actual in % of the target
        - ``expected``: targets of the months passed, and of the current month the share of working days passed
        - ``pace_percent``: actual in % of expected (the other way round where less is better)
        - ``status``: ``ahead``, ``on_track`` (within the tolerance of the plan), ``behind`` or ``none``
        - ``forecast_run_rate``: actual ÷ working days passed × working days of the period
        - ``forecast_seasonal``: actual ÷ share that is done by now in the own season of the last 1–3
          years, or in the season of the targets if there is no history
        - ``forecast_pipeline``: actual + open opportunities to be closed in the rest of the period, weighted
          by the own conversion of their stage
        - ``forecast_error``: ``{'run_rate': …, 'seasonal': …, 'pipeline': …}`` mean absolute error in % of the
          former forecasts of the node, None without any
        - ``gap``: target − actual
        - ``average_deal``, ``win_rate`` (0–1): own, of the last twelve calendar months
        - ``deals_needed``, ``opportunities_needed``, ``pipeline_needed``: what closes the gap
        - ``share_low``, ``share_high``, ``source``: of the market share
        - ``date_from``, ``date_to``, ``on_date``, ``days_passed``, ``days_total``: the period

        :param nodes: `sales.quota.node` records; reserves are left out
        :param str period: ``'month'``, ``'quarter'`` or ``'year'``
        :param date on_date: the day, by default today
        :param bool forecasts: whether forecasts and what closes the gap are wanted; without them, they are
            None and the history of the nodes is not read
        :return: ``{(node id, metric id): dict}`` for all metrics of the plan of each node
        :rtype: dict[tuple, dict]
        """
        result = {}
        nodes = nodes.sudo().filtered(lambda node: node.type != 'reserve')
        for plan, plan_nodes in nodes.grouped('plan_id').items():
            facts = plan._get_facts(plan_nodes, period, on_date, forecasts)
            for node in plan_nodes:
                for metric in plan.metric_line_ids.metric_id:
                    result[node.id, metric.id] = plan._prepare_progress(node, metric, facts)
            plan._add_market_share(result, plan_nodes, facts)
        return result

    def _get_overall(self, nodes, rows, key='attainment'):
        """Return the attainment of nodes over all metrics, by the weights of the plan.

        :param nodes: `sales.quota.node` records
        :param dict rows: as of :meth:`_get_progress`
        :param str key: which percentage is averaged: ``'attainment'`` or ``'pace_percent'``
        :return: % per node id; None for a node without any target. Metrics without a target of the node do
            not count, the weights of the others are scaled up.
        :rtype: dict[int, float]
        """
        result = {}
        for node in nodes.sudo():
            weighted = [
                (line.weight, rows[node.id, line.metric_id.id][key])
                for line in node.plan_id.metric_line_ids
                if rows.get((node.id, line.metric_id.id), {}).get(key) is not None
            ]
            total = sum(weight for weight, _percent in weighted)
            result[node.id] = sum(weight * value for weight, value in weighted) / total if total else None
        return result

    def _get_attainment_of_days(self, node, first, last):
        """Return the attainment of a node on some days over all metrics, by the weights of the plan.

        The target of the days is the part of each month's target that falls on their working days; of ratios
        and scores it is that of the months. Days outside the year of the plan do not count.

        :param node: a `sales.quota.node` record of this plan; the caller has checked that the user may see it
        :param date first: the first day
        :param date last: the last day
        :return: %, or None without any target
        :rtype: float
        """
        self.ensure_one()
        first, last = max(first, self.date_from), min(last, self.date_to)
        if first > last:
            return None
        month_from, month_to = first.replace(day=1), fields.Date.end_of(last, 'month')
        working_days = self._get_working_days(month_from, month_to)
        period, before = (
            progress.make_period(month_from, month_to, day, working_days)
            for day in (last, first - relativedelta(days=1)))
        period = period._replace(days={
            month: (passed - before.days[month][0], total) for month, (passed, total) in period.days.items()})
        metrics = self.metric_line_ids.metric_id
        targets, series = self._get_targets(node, period), self._get_series(node, first, last, metrics)
        rows = {}
        for metric in metrics:
            months = targets.get((node.id, metric.id), {})
            target = (
                progress.expected_to_date(months, period) if metric.is_additive
                else sum(months.values()) / len(months) if months else 0.0)
            actual = figure(metric, *self._sum_series(series.get((node.id, metric.id), {}), period.months))
            rows[node.id, metric.id] = {'attainment': progress.attainment_percent(actual, target)}
        return self._get_overall(node, rows)[node.id]

    def _get_forecast_error(self, node, metric, period='month'):
        """Return how far off the former forecasts of a node were.

        :param node: a `sales.quota.node` record
        :param metric: a `sales.metric` record
        :param str period: the kind of period
        :return: mean absolute error in % per method, None without history
        :rtype: dict
        """
        errors = self.env['sales.quota.forecast']._get_errors(node, period).get((node.id, metric.id), {})
        return {method: errors.get(method) for method in ('run_rate', 'seasonal', 'pipeline')}

    def _get_facts(self, nodes, period, on_date=None, forecasts=True):
        """Collect what the progress of nodes of this plan is worked out from.

        :rtype: Facts
        """
        on_date = fields.Date.to_date(on_date) or self._get_today()
        period_kind, period = period, self._get_period(period, on_date)
        metrics = self.metric_line_ids.metric_id
        helpers = self._get_helper_metrics(
            [*HELPER_METRICS, *(['invoiced'] if 'market_share' in metrics.mapped('code') else [])])
        date_from = period.date_from
        if forecasts:
            date_from = min(date_from, on_date.replace(day=1)) - relativedelta(years=HISTORY_YEARS)
        return Facts(
            period=period,
            targets=self._get_targets(nodes, period),
            series=self._get_series(nodes, date_from, on_date, metrics | helpers, any_team_before=self.date_from),
            own_series=self._get_own_series(nodes, on_date, metrics | helpers) if forecasts else {},
            pipelines=self._get_pipelines(nodes, on_date, period.date_to) if forecasts else {},
            helpers={metric.code: metric for metric in helpers},
            errors=self.env['sales.quota.forecast']._get_errors(nodes, period_kind) if forecasts else {},
            has_forecasts=forecasts,
        )

    def _get_helper_metrics(self, codes):
        """Return the metrics deals or markets are measured by, also if the plan has no targets for them."""
        return self.env['sales.metric'].sudo().with_context(active_test=False).search([('code', 'in', codes)])

    def _get_targets(self, nodes, period):
        """Return ``{(node id, metric id): {month: amount}}`` of the months of a period."""
        targets = defaultdict(dict)
        for node, metric, month, amount in self.env['sales.quota.cell'].sudo()._read_group(
            [('node_id', 'in', nodes.ids), ('month', '>=', period.date_from), ('month', '<=', period.date_to)],
            ['node_id', 'metric_id', 'month:day'], ['amount:sum'],
        ):
            targets[node.id, metric.id][month] = amount
        return targets

    def _get_series(self, nodes, date_from, on_date, metrics, any_team_before=None):
        """Return ``{(node id, metric id): {month: (value, quantity)}}`` from one day to another."""
        series = defaultdict(dict)
        actuals = self._get_actuals(nodes, date_from, on_date, metrics, any_team_before)
        for (node_id, metric_id, month), sums in actuals.items():
            series[node_id, metric_id][month] = sums
        return series

    def _get_own_series(self, nodes, on_date, metrics):
        """Return the last twelve months of the persons among nodes, in whatever team they were."""
        persons = nodes.filtered(lambda node: node.type == 'person')
        until = on_date.replace(day=1)
        return self._get_series(
            persons, until - relativedelta(months=11), on_date, metrics, any_team_before=until + relativedelta(months=1))

    def _get_pipelines(self, nodes, on_date, date_to):
        """Return the opportunities of nodes.

        Nodes of a product category, customer segment or channel have none: opportunities do not tell.

        :param date on_date: the day until which opportunities were decided
        :param date date_to: the last day on which open ones are to be closed
        :return: ``{node id: Pipeline}``
        """
        plain = nodes.filtered(lambda node: not (node.product_category_id or node._get_segment() or node.channel))
        matcher = NodeMatcher(plain)
        pipelines = {node.id: Pipeline() for node in plain}
        if matcher.is_empty:
            return pipelines
        self.env['crm.lead'].flush_model()
        self.env['crm.team'].flush_model(['parent_path', 'company_id'])
        for user_id, path, sequence, stage_id, *rest in self.env.execute_query(pipeline_sql(
            self.company_id.id, on_date, date_to, on_date - relativedelta(months=DECIDED_MONTHS), matcher.user_ids,
        )):
            # how a person decided is his own history, what is open belongs to the team
            for node_id in matcher.match(user_id, path, any_team=rest[0] != 'pending'):
                pipelines[node_id].add((sequence or 0, stage_id or 0), *rest)
        return pipelines

    def _add_market_share(self, rows, nodes, facts):
        """Add the interval of the market share to the rows of that metric.

        The own sales are those invoiced in the part of the period that is over and that the estimate covers;
        the estimate counts for that part by its days. No point is claimed within the interval: a target in it
        is on track, one below it is passed, one above it is missed. Without an estimate there is no share.

        :param dict rows: as of :meth:`_get_progress`; changed in place
        """
        metric = self.metric_line_ids.metric_id.filtered(lambda metric: metric.code == 'market_share')
        invoiced = facts.helpers.get('invoiced')
        if not metric or not invoiced:
            return
        period = facts.period
        estimates = self.env['sales.market.estimate']._get_matching(nodes, period.date_from, period.on_date)
        for node_id, estimate in estimates.items():
            low, high, months = estimate._get_market(period.date_from, period.on_date)
            own, _quantity = self._sum_series(facts.series.get((node_id, invoiced.id), {}), months)
            row = rows[node_id, metric.id]
            row.update(estimate._prepare_share(own, low, high))
            if row['target'] > 0 and row['share_high'] is not None:
                row['status'] = (
                    'ahead' if row['share_low'] > row['target'] else
                    'behind' if row['share_high'] < row['target'] else 'on_track')

    def _get_market_shares(self, nodes, on_date=None):
        """Return the market share of nodes of this plan in its year to date, also without a target for it.

        :param nodes: `sales.quota.node` records; the caller has checked that the user may see them
        :param date on_date: the day, by default today
        :return: ``{node id: {'share_low': %, 'share_high': %, 'source': str, 'estimate_id': id}}`` of the nodes
            with a matching estimate
        :rtype: dict
        """
        self.ensure_one()
        period = self._get_period('year', on_date)
        nodes = nodes.sudo()
        estimates = self.env['sales.market.estimate']._get_matching(nodes, period.date_from, period.on_date)
        if not estimates:
            return {}
        invoiced = self._get_helper_metrics(['invoiced'])
        series = self._get_series(nodes.filtered(lambda node: node.id in estimates), period.date_from, period.on_date, invoiced)
        shares = {}
        for node_id, estimate in estimates.items():
            low, high, months = estimate._get_market(period.date_from, period.on_date)
            own, _quantity = self._sum_series(series.get((node_id, invoiced.id), {}), months)
            shares[node_id] = estimate._prepare_share(own, low, high)
        return shares

    # === FIGURES OF ONE NODE AND METRIC === #

    def _prepare_progress(self, node, metric, facts):
        """Return the figures of :meth:`_get_progress` for one node and metric."""
        period = facts.period
        targets = facts.targets.get((node.id, metric.id), {})
        series = facts.series.get((node.id, metric.id), {})
        actual = figure(metric, *self._sum_series(series, period.months))
        if metric.is_additive:
            target = sum(targets.values())
            expected = progress.expected_to_date(targets, period)
        else:
            target = expected = sum(targets.values()) / len(targets) if targets else 0.0
        pace, status = progress.pace_status(
            actual, expected, target, self.tolerance_percent, metric.higher_is_better)
        return {
            'target': target,
            'actual': actual,
            'attainment': progress.attainment_percent(actual, target),
            'expected': expected,
            'pace_percent': pace,
            'status': status,
            'gap': target - (actual or 0.0),
            **self._prepare_forecasts(node, metric, actual, targets, series, facts),
            **self._prepare_closing(node, metric, target - (actual or 0.0), facts),
            'share_low': None,
            'share_high': None,
            'source': None,
            'date_from': period.date_from,
            'date_to': period.date_to,
            'on_date': period.on_date,
            'days_passed': period.passed,
            'days_total': period.total,
        }

    def _prepare_forecasts(self, node, metric, actual, targets, series, facts):
        """Return the three forecasts of one node and metric, with their past errors."""
        period = facts.period
        errors = facts.errors.get((node.id, metric.id), {})
        pipeline = facts.pipelines.get(node.id)
        forecasts = dict.fromkeys(('run_rate', 'seasonal'), actual if facts.has_forecasts else None)
        forecasts['pipeline'] = None
        if metric.is_additive and facts.has_forecasts:
            history = {month: value for month, (value, _quantity) in series.items()}
            weights = progress.profile_of_history(history, period, HISTORY_YEARS) or targets
            forecasts['run_rate'] = progress.forecast_run_rate(actual, period)
            forecasts['seasonal'] = progress.forecast_seasonal(actual, weights, period)
        if metric.code in PIPELINE_METRICS and pipeline and pipeline.is_known:
            money, deals = pipeline.expected(only_due=True)
            forecasts['pipeline'] = actual + (money if PIPELINE_METRICS[metric.code] == 'money' else deals)
        return {
            **{f'forecast_{method}': value for method, value in forecasts.items()},
            'forecast_error': {method: errors.get(method) for method in forecasts},
        }

    def _prepare_closing(self, node, metric, gap, facts):
        """Return what closes the gap of one node and metric, by its own deals of the last twelve months."""
        sums = {code: self._sum_last_year(node, helper, facts) for code, helper in facts.helpers.items()}
        ordered, orders = sums.get('ordered', (0.0, 0.0))[0], sums.get('orders', (0.0, 0.0))[0]
        won, decided = sums.get('win_rate', (0.0, 0.0))
        pipeline = facts.pipelines.get(node.id)
        win_rate = won / decided if decided else pipeline.win_rate if pipeline else None
        average_deal = ordered / orders if orders > 0 and ordered > 0 else None
        result = {'average_deal': average_deal, 'win_rate': win_rate}
        needed = (None, None, None)
        if not facts.has_forecasts:
            result = dict.fromkeys(result)
        elif metric.is_additive and metric.higher_is_better:
            deal_value = self._get_deal_value(node, metric, average_deal, orders, facts)
            needed = progress.closing(gap, deal_value, average_deal, win_rate)
        return {**result, **dict(zip(('deals_needed', 'opportunities_needed', 'pipeline_needed'), needed, strict=True))}

    def _get_deal_value(self, node, metric, average_deal, orders, facts):
        """Return what one deal of the node brings in the unit of the metric, or None if that is not known."""
        if metric.code == 'orders':
            return 1.0
        if metric.code in DEAL_VALUE_METRICS:
            return average_deal
        return self._sum_last_year(node, metric, facts)[0] / orders if orders > 0 else None

    def _sum_last_year(self, node, metric, facts):
        """Return value and quantity of the current calendar month and the eleven before it."""
        until = facts.period.on_date.replace(day=1)
        months = [until - relativedelta(months=back) for back in range(12)]
        series = facts.own_series if node.type == 'person' and facts.has_forecasts else facts.series
        return self._sum_series(series.get((node.id, metric.id), {}), months)

    def _sum_series(self, series, months):
        """Return the sums of value and quantity over some months."""
        sums = [series[month] for month in months if month in series]
        return sum(value for value, _quantity in sums), sum(quantity for _value, quantity in sums)
