from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.constants import PREFETCH_MAX

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
        """Figures come by one statement over the book for all cells.

        The ORM asks for a thousand records at a time. A batch as large as that is one of several, so the
        figures of the whole plan are put into the cache with it: the book is read once, not for each batch.
        """
        rows = self._get_figure_rows(whole_plans=len(self) >= PREFETCH_MAX)
        figures = self._get_figures(rows)
        if len(figures) > len(self):
            found = self.browse(figures)
            for index, name in enumerate(('actual', 'attainment', 'gap')):
                self._fields[name]._insert_cache(found, [values[index] for values in figures.values()])
        for cell in self:
            cell.actual, cell.attainment, cell.gap = figures.get(cell._origin.id, (0.0, 0.0, 0.0))

    def _get_figure_rows(self, whole_plans=False):
        """Return ``(id, node id, metric id, month, amount)`` of cells that are no reserves.

        :param bool whole_plans: whether all cells of their plans are wanted
        :rtype: list[tuple]
        """
        ids = self._origin.ids
        if not ids:
            return []
        self.flush_model(['node_id', 'metric_id', 'month', 'amount', 'plan_id', 'node_type'])
        wanted = SQL("c.id = ANY(%s)", ids)
        if whole_plans:
            wanted = SQL("c.plan_id IN (SELECT plan_id FROM sales_quota_cell WHERE id = ANY(%s))", ids)
        return self.env.execute_query(SQL(
            """
            SELECT c.id, c.node_id, c.metric_id, c.month, c.amount
              FROM sales_quota_cell c
             WHERE c.node_type <> 'reserve' AND %s
            """, wanted))

    def _get_figures(self, rows):
        """Return actual, attainment and gap of cells.

        :param list rows: as of :meth:`_get_figure_rows`
        :return: ``{id: (actual, attainment in %, gap)}``
        :rtype: dict[int, tuple]
        """
        if not rows:
            return {}
        months = {month for _id, _node, _metric, month, _amount in rows}
        nodes = self.env['sales.quota.node'].browse({node_id for _id, node_id, *_rest in rows})
        metrics = {
            metric.id: metric
            for metric in self.env['sales.metric'].browse({row[2] for row in rows})
        }
        additive = {metric_id for metric_id, metric in metrics.items() if metric.is_additive}
        actuals = nodes.plan_id._get_actuals(
            nodes, min(months), fields.Date.end_of(max(months), 'month'),
            self.env['sales.metric'].browse(metrics))
        none = (0.0, 0.0)
        figures = {}
        for cell_id, node_id, metric_id, month, amount in rows:
            sums = actuals.get((node_id, metric_id, month), none)
            actual = sums[0] if metric_id in additive else figure(metrics[metric_id], *sums) or 0.0
            figures[cell_id] = (
                round(actual, 2), round(attainment_percent(actual, amount) or 0.0, 1), round(amount - actual, 2))
        return figures
