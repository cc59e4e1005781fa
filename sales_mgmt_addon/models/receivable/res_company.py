from odoo import api, models
from odoo.tools import SQL

from .sales_receivable_bucket import LAST_DAY


class ResCompany(models.Model):
    _inherit = 'res.company'

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env['sales.receivable.bucket'].sudo()._create_missing()
        return companies

    def _derive_receivable_buckets(self):
        """Let each ageing bucket of the companies end where the next one begins."""
        buckets = self.env['sales.receivable.bucket'].sudo()
        buckets.flush_model(['company_id', 'days_from', 'days_to'])
        self.env.cr.execute(SQL(
            """
            UPDATE sales_receivable_bucket b SET days_to = n.days_to
              FROM (
                SELECT id, COALESCE(LEAD(days_from) OVER (PARTITION BY company_id ORDER BY days_from) - 1, %s) AS days_to
                  FROM sales_receivable_bucket
                 WHERE company_id = ANY(%s)
              ) n
             WHERE n.id = b.id AND b.days_to IS DISTINCT FROM n.days_to
            """, LAST_DAY, self.ids))
        buckets.invalidate_model(['days_to', 'display_name', 'is_last'])
        self.env.registry.clear_cache()
