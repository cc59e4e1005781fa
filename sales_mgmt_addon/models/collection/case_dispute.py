from odoo import api, models


class SalesReceivableDispute(models.Model):
    _inherit = 'sales.receivable.dispute'

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what is contested is not collectable, so the case of the customer moves down the worklist."""
        disputes = super().create(vals_list)
        disputes._collection_sync()
        return disputes

    def write(self, vals):
        """Override: a settled or smaller dispute puts money back."""
        res = super().write(vals)
        if {'state', 'amount'} & vals.keys():
            self._collection_sync()
        return res

    def _collection_sync(self):
        self.env['sales.collection.case']._sync(self.sudo().partner_id, opening=False)
