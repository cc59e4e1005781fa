from odoo import models


class SalesMetric(models.Model):
    """A metric with targets stays what it is."""

    _inherit = 'sales.metric'

    def _is_in_use(self):
        return super()._is_in_use() or bool(
            self.env['sales.quota.cell'].search_count([('metric_id', '=', self.id)], limit=1))
