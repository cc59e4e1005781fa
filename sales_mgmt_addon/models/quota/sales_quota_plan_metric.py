from odoo import fields, models


class SalesQuotaPlanMetric(models.Model):
    """A metric of a plan, and how much it counts in the overall attainment."""

    _name = 'sales.quota.plan.metric'
    _description = "Metric of a Quota Plan"
    _order = 'sequence, id'
    _rec_name = 'metric_id'

    plan_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Plan", required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(string="Sequence", default=10)
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, index=True, ondelete='restrict')
    weight = fields.Float(
        string="Weight (%)", default=100.0, digits=(16, 2),
        help="How much the metric counts in the overall attainment; the weights of a plan make 100 %.")

    _metric_unique = models.Constraint('UNIQUE (plan_id, metric_id)', "The plan has this metric already.")
