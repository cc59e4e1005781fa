from odoo import api, fields, models
from odoo.tools import SQL


class SalesQuotaReport(models.Model):
    """Target and actual per node, metric and month, for graphs and pivots.

    The rows come from the cells and straight from the book, of the nodes the user may see only. Ratios and
    scores are left out: they cannot be added up.
    """

    _name = 'sales.quota.report'
    _description = "Quota Analysis"
    _auto = False
    _rec_name = 'node_id'
    _order = 'month, node_id, metric_id'

    plan_id = fields.Many2one(comodel_name='sales.quota.plan', string="Plan", readonly=True)
    plan_state = fields.Selection(
        selection=lambda self: self.env['sales.quota.plan']._fields['state']._description_selection(self.env),
        string="Plan Status", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', string="Company", readonly=True)
    node_id = fields.Many2one(comodel_name='sales.quota.node', string="Node", readonly=True)
    node_type = fields.Selection(
        selection=lambda self: self.env['sales.quota.node']._fields['type']._description_selection(self.env),
        string="Type", readonly=True)
    is_top = fields.Boolean(
        string="Top Level", readonly=True,
        help="The highest nodes you may see. Each figure of the levels below is in theirs already.")
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name='crm.team', string="Sales Team", readonly=True)
    metric_id = fields.Many2one(comodel_name='sales.metric', string="Metric", readonly=True)
    month = fields.Date(string="Month", readonly=True)
    target = fields.Float(string="Target", readonly=True, digits=(16, 2))
    actual = fields.Float(string="Actual", readonly=True, digits=(16, 2))
    gap = fields.Float(string="Gap", readonly=True, digits=(16, 2))
    cumulative_target = fields.Float(
        string="Target, Cumulative", readonly=True, digits=(16, 2), help="Since the beginning of the year of the plan.")
    cumulative_actual = fields.Float(
        string="Actual, Cumulative", readonly=True, digits=(16, 2), help="Since the beginning of the year of the plan.")
    attainment = fields.Float(
        string="Attainment (%)", readonly=True, digits=(16, 1), aggregator='avg',
        help="Actual in % of the target; of groups, of their sums.")

    # The ids are made of node, metric and month, so that a row has the same id whoever asks.
    _depends = {
        'sales.quota.plan': ['active', 'date_from', 'metric_line_ids', 'state'],
        'sales.quota.cell': ['node_id', 'metric_id', 'month', 'amount'],
        'sales.quota.node': [
            'plan_id', 'parent_id', 'type', 'team_id', 'user_id', 'product_category_id', 'segment_domain', 'channel'],
        'sales.attainment.entry': ['metric_id', 'date', 'value', 'user_id', 'region_path', 'is_overlay', 'company_id'],
    }

    @property
    def _table_query(self):
        nodes = self._get_nodes()
        plans = nodes.plan_id
        scopes = plans._get_actual_scopes(nodes.sudo()) if nodes else {}
        metrics = plans.sudo().metric_line_ids.metric_id.filtered('is_additive')
        sums = plans._prepare_actual_sql(scopes, metrics)
        if sums is None:
            sums = self._no_sums()
        return SQL(
            """
            WITH sums AS (%(sums)s),
            node AS (
                SELECT n.id, n.plan_id, n.company_id, n.type, n.team_id, n.user_id, v.scope, v.is_top
                  FROM (VALUES %(nodes)s) v(id, scope, is_top)
                  JOIN sales_quota_node n ON n.id = v.id
            ),
            actual AS (
                SELECT n.id AS node_id, s.metric_id, s.month, SUM(s.value) AS value
                  FROM node n
                  JOIN sums s ON s.scope = n.scope AND %(matches)s
                 GROUP BY n.id, s.metric_id, s.month
            ),
            figure AS (
                SELECT c.node_id, c.metric_id, c.month, c.amount AS target, 0.0 AS actual
                  FROM sales_quota_cell c
                 WHERE c.node_id IN (SELECT id FROM node) AND c.metric_id = ANY(%(metrics)s)
                 UNION ALL
                SELECT a.node_id, a.metric_id, a.month, 0.0, a.value FROM actual a
            ),
            total AS (
                SELECT node_id, metric_id, month, SUM(target) AS target, SUM(actual) AS actual
                  FROM figure
                 GROUP BY node_id, metric_id, month
            )
            SELECT t.node_id::bigint * 1000000000 + t.metric_id::bigint * 100000
                       + extract(year FROM t.month)::int * 12 + extract(month FROM t.month)::int AS id,
                   n.plan_id, p.state AS plan_state, n.company_id, t.node_id, n.type AS node_type, n.is_top, n.user_id, n.team_id,
                   t.metric_id, t.month, t.target, t.actual, t.target - t.actual AS gap,
                   SUM(t.target) OVER year AS cumulative_target,
                   SUM(t.actual) OVER year AS cumulative_actual,
                   t.actual / NULLIF(t.target, 0) * 100 AS attainment
              FROM total t
              JOIN node n ON n.id = t.node_id
              JOIN sales_quota_plan p ON p.id = n.plan_id
            WINDOW year AS (PARTITION BY t.node_id, t.metric_id ORDER BY t.month)
            """,
            sums=sums, nodes=self._prepare_nodes(nodes, scopes), metrics=metrics.ids, matches=self._matches_sql(),
        )

    @api.model
    def _get_nodes(self):
        """Return the nodes whose figures the user may see: those of plans that are not archived."""
        nodes = self.env['sales.quota.node']
        if not nodes.has_access('read'):
            return nodes
        return nodes.search([('type', '!=', 'reserve'), ('plan_id.active', '=', True)])

    @api.model
    def _prepare_nodes(self, nodes, scopes):
        """Return ``(id, number of the scope, is at the top of what the user sees)`` of nodes as SQL values."""
        numbers = {}
        for number, matcher in enumerate(scopes.values()):
            numbers.update(dict.fromkeys(matcher.node_ids, number))
        rows = [
            (node.id, numbers.get(node.id, -1), node.sudo().parent_id not in nodes)
            for node in nodes
        ]
        return SQL(", ").join(SQL("(%s, %s, %s)", *row) for row in rows or [(0, -1, False)])

    @api.model
    def _matches_sql(self):
        """Return when a sum ``s`` counts for a node ``n``; the same rules as of ``NodeMatcher``."""
        in_team = SQL("('/' || s.region_path) LIKE ('%%/' || n.team_id || '/%%')")
        return SQL(
            """
            CASE n.type
                WHEN 'company' THEN NOT s.is_overlay
                WHEN 'person' THEN s.user_id = n.user_id AND (n.team_id IS NULL OR %(in_team)s)
                ELSE NOT s.is_overlay AND %(in_team)s
            END
            """, in_team=in_team)

    @api.model
    def _no_sums(self):
        return SQL(
            """
            SELECT NULL::int AS scope, NULL::int AS metric_id, NULL::date AS month, NULL::int AS user_id,
                   NULL::varchar AS region_path, FALSE AS is_overlay, 0.0 AS value WHERE FALSE
            """)

    def _read_group_select(self, aggregate_spec, query):
        """The attainment of a group is that of its sums, not the mean of its rows."""
        if aggregate_spec != 'attainment:avg':
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s) / NULLIF(SUM(%s), 0) * 100",
            self._field_to_sql(self._table, 'actual', query), self._field_to_sql(self._table, 'target', query))
