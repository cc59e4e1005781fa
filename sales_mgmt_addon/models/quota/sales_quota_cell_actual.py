from odoo import api, fields, models

from .actuals import figure
from .progress import attainment_percent


class SalesQuotaCell(models.Model):
    _inherit = 'sales.quota.cell'

    actual = fields.Float(
        string="Actual", compute='_compute_actual', compute_sudo=True, digits=(16, 2),
        help="What the book of attainment says for the node, the metric and the month; of ratios in %.")
    attainment = fields.Float(
        string="Attainment (%)", compute='_compute_actual', compute_sudo=True, digits=(16, 1),
        help="The actual figure in % of the target; 0 without a target.")
    gap = fields.Float(
        string="Gap", compute='_compute_actual', compute_sudo=True, digits=(16, 2), help="What is missing to the target.")

    @api.depends('amount', 'month', 'metric_id', 'node_id')
    def _compute_actual(self):
        counting = self.filtered(lambda cell: cell.node_id and cell.node_id.type != 'reserve' and cell.month)
        actuals = {}
        if counting:
            months = counting.mapped('month')
            actuals = counting.plan_id._get_actuals(
                counting.node_id._origin, min(months), fields.Date.end_of(max(months), 'month'), counting.metric_id._origin)
        counting_ids = set(counting.ids)
        for cell in self:
            is_counting = cell._origin.id in counting_ids
            sums = actuals.get((cell.node_id._origin.id, cell.metric_id._origin.id, cell.month), (0.0, 0.0))
            cell.actual = figure(cell.metric_id, *sums) or 0.0 if is_counting else 0.0
            cell.attainment = attainment_percent(cell.actual, cell.amount) or 0.0
            cell.gap = cell.amount - cell.actual if is_counting else 0.0
