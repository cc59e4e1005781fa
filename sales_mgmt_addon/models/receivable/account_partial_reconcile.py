from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    # Serves the ageing of a past day, which takes later matchings back
    _receivable_date_idx = models.Index("(max_date)")

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a payment meanwhile makes an asked write-off another one."""
        partials = super().create(vals_list)
        partials._revalidate_write_offs()
        return partials

    def unlink(self):
        items = self.sudo().debit_move_id
        res = super().unlink()
        self.env['sales.receivable.write.off'].sudo()._revalidate_items(items.exists())
        return res

    def _revalidate_write_offs(self):
        self.env['sales.receivable.write.off'].sudo()._revalidate_items(self.sudo().debit_move_id)
