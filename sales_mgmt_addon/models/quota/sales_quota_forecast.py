from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import split_every

PERIODS = [
    ('month', "Month"),
    ('quarter', "Quarter"),
    ('year', "Year"),
]
METHODS = ('run_rate', 'seasonal', 'pipeline')
BATCH = 1000


class SalesQuotaForecast(models.Model):
    """What was once forecast for a period, kept to tell later how far off each method was.

    Written and judged by the nightly job only.
    """

    _name = 'sales.quota.forecast'
    _description = "Quota Forecast"
    _order = 'date desc, node_id, metric_id, method'
    _rec_name = 'node_id'

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, readonly=True, index=True, ondelete='cascade')
    plan_id = fields.Many2one(related='node_id.plan_id', store=True, index=True)
    company_id = fields.Many2one(related='node_id.company_id', store=True)
    user_id = fields.Many2one(related='node_id.user_id', store=True, index='btree_not_null')
    team_id = fields.Many2one(related='node_id.team_id', store=True, index='btree_not_null')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, readonly=True, ondelete='restrict')
    period = fields.Selection(selection=PERIODS, string="Period", required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    date = fields.Date(string="Forecast On", required=True, readonly=True)
    method = fields.Selection(
        selection=[
            ('run_rate', "Run Rate"),
            ('seasonal', "Season"),
            ('pipeline', "Pipeline"),
        ],
        string="Method", required=True, readonly=True)
    target = fields.Float(string="Target", readonly=True, digits=(16, 2))
    forecast = fields.Float(string="Forecast", readonly=True, digits=(16, 2))
    is_over = fields.Boolean(string="Period Is Over", readonly=True)
    actual = fields.Float(string="Actual", readonly=True, digits=(16, 2))
    error_percent = fields.Float(
        string="Error (%)", readonly=True, digits=(16, 1), aggregator='avg',
        help="Forecast minus actual in % of the actual figure; positive if the forecast was too high.")
    absolute_error_percent = fields.Float(
        string="Absolute Error (%)", readonly=True, digits=(16, 1), aggregator='avg')

    _forecast_unique = models.UniqueIndex("(node_id, metric_id, period, date_from, date, method)")
    _open_idx = models.Index("(plan_id, period, date_to) WHERE is_over IS NOT TRUE")

    # === TAKING === #

    @api.model
    def _take(self, nodes, period, on_date):
        """Keep the present forecasts of nodes with a target. A second time on the same day changes nothing.

        :param nodes: `sales.quota.node` records
        :param str period: ``'month'``, ``'quarter'`` or ``'year'``
        :param date on_date: the day
        """
        rows = []
        known = {node.id: node for node in nodes.sudo()}
        for (node_id, metric_id), figures in nodes.plan_id._get_progress(nodes, period, on_date).items():
            node = known[node_id]
            for method in METHODS:
                forecast = figures[f'forecast_{method}']
                if figures['target'] > 0 and forecast is not None and figures['days_passed'] < figures['days_total']:
                    rows.append((
                        node_id, node.plan_id.id, node.company_id.id, node.user_id.id or None, node.team_id.id or None,
                        metric_id, period, figures['date_from'], figures['date_to'], on_date, method,
                        round(figures['target'], 2), round(forecast, 2)))
        for some in split_every(BATCH, rows, list):
            self.env.cr.execute(SQL(
                """
                INSERT INTO sales_quota_forecast (
                    node_id, plan_id, company_id, user_id, team_id, metric_id, period, date_from, date_to, date, method,
                    target, forecast)
                VALUES %s
                    ON CONFLICT DO NOTHING
                """, SQL(", ").join(SQL("%s", row) for row in some)))
        self.invalidate_model()

    # === JUDGING === #

    @api.model
    def _judge(self, plan, on_date):
        """Compare the forecasts of a plan whose period is over with what came.

        :param plan: a `sales.quota.plan` record
        :param date on_date: today; periods that ended before it are over
        """
        self.flush_model()
        by_period = defaultdict(set)
        for node_id, period, date_to in self.env.execute_query(SQL(
            """
            SELECT DISTINCT node_id, period, date_to FROM sales_quota_forecast
             WHERE plan_id = %s AND is_over IS NOT TRUE AND date_to < %s
            """, plan.id, on_date)):
            by_period[period, date_to].add(node_id)
        for (period, date_to), node_ids in by_period.items():
            nodes = self.env['sales.quota.node'].browse(node_ids)
            rows = [
                (node_id, metric_id, figures['actual'])
                for (node_id, metric_id), figures in plan._get_progress(nodes, period, date_to, forecasts=False).items()
            ]
            self._write_actuals(rows, period, date_to)
        self.invalidate_model()

    def _write_actuals(self, rows, period, date_to):
        """Write the actual figures ``(node id, metric id, actual or None)`` of a period and the errors."""
        for some in split_every(BATCH, rows, list):
            self.env.cr.execute(SQL(
                """
                UPDATE sales_quota_forecast f
                   SET is_over = TRUE, actual = v.actual,
                       error_percent = (f.forecast - v.actual) / NULLIF(ABS(v.actual), 0) * 100,
                       absolute_error_percent = ABS(f.forecast - v.actual) / NULLIF(ABS(v.actual), 0) * 100
                  FROM (VALUES %(rows)s) v(node_id, metric_id, actual)
                 WHERE f.node_id = v.node_id AND f.metric_id = v.metric_id
                   AND f.period = %(period)s AND f.date_to = %(date_to)s AND f.is_over IS NOT TRUE
                """,
                rows=SQL(", ").join(SQL("(%s, %s, %s::numeric)", *row) for row in some),
                period=period, date_to=date_to))

    @api.model
    def _get_errors(self, nodes, period):
        """Return how far off the former forecasts of nodes were, by one query.

        Forecasts of the same person, team or company in other plans count as well: next year's plan does
        not begin without experience.

        :param nodes: `sales.quota.node` records
        :param str period: the kind of period
        :return: ``{(node id, metric id): {method: mean absolute error in %}}``
        :rtype: dict
        """
        self.flush_model()
        errors = defaultdict(dict)
        for node_id, metric_id, method, error in self.env.execute_query(SQL(
            """
            SELECT n.id, f.metric_id, f.method, AVG(f.absolute_error_percent)
              FROM sales_quota_node n
              JOIN sales_quota_node past
                ON past.type = n.type AND past.company_id = n.company_id
               AND past.user_id IS NOT DISTINCT FROM n.user_id
               AND past.team_id IS NOT DISTINCT FROM n.team_id
               AND past.product_category_id IS NOT DISTINCT FROM n.product_category_id
               AND COALESCE(past.segment_domain, '') = COALESCE(n.segment_domain, '')
               AND COALESCE(past.channel, '') = COALESCE(n.channel, '')
              JOIN sales_quota_forecast f
                ON f.node_id = past.id AND f.period = %s AND f.is_over AND f.absolute_error_percent IS NOT NULL
             WHERE n.id = ANY(%s)
             GROUP BY n.id, f.metric_id, f.method
            """, period, nodes.ids)):
            errors[node_id, metric_id][method] = error
        return errors
