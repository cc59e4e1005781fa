from odoo import fields, models
from odoo.tools import SQL


class SalesQuotaCurve(models.Model):
    """The rows of :class:`SalesQuotaReport` with target and actual below each other, so that a graph shows both lines.

    Whose rows there are is decided by the report: those of the nodes the user may see.
    """

    _name = 'sales.quota.curve'
    _description = "Attainment Curve"
    _auto = False
    _rec_name = 'node_id'
    _order = 'month, node_id, metric_id, figure'

    plan_id = fields.Many2one(comodel_name='sales.quota.plan', string="Plan", readonly=True)
    plan_state = fields.Selection(
        selection=lambda self: self.env['sales.quota.plan']._fields['state']._description_selection(self.env),
        string="Plan Status", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', string="Company", readonly=True)
    node_id = fields.Many2one(comodel_name='sales.quota.node', string="Node", readonly=True)
    node_type = fields.Selection(
        selection=lambda self: self.env['sales.quota.node']._fields['type']._description_selection(self.env),
        string="Type", readonly=True)
    is_top = fields.Boolean(string="Top Level", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name='crm.team', string="Sales Team", readonly=True)
    metric_id = fields.Many2one(comodel_name='sales.metric', string="Metric", readonly=True)
    month = fields.Date(string="Month", readonly=True)
    figure = fields.Selection(
        selection=[('target', "Target"), ('actual', "Actual")], string="Figure", readonly=True)
    value = fields.Float(string="In the Month", readonly=True, digits=(16, 2))
    cumulative = fields.Float(
        string="Since the Beginning of the Year", readonly=True, digits=(16, 2), help="Of the fiscal year of the plan.")

    _depends = {'sales.quota.report': ['target', 'actual', 'cumulative_target', 'cumulative_actual']}

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT r.id * 2 + f.number AS id, r.plan_id, r.plan_state, r.company_id, r.node_id, r.node_type, r.is_top,
                   r.user_id, r.team_id, r.metric_id, r.month, f.figure, f.value, f.cumulative
              FROM (%(rows)s) r
             CROSS JOIN LATERAL (VALUES
                (0, 'target', r.target, r.cumulative_target),
                (1, 'actual', r.actual, r.cumulative_actual)
             ) f (number, figure, value, cumulative)
             WHERE f.figure = 'target' OR r.month <= %(today)s
            """,
            rows=self.env['sales.quota.report']._table_query, today=fields.Date.context_today(self))
