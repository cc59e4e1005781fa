from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        if partials.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit'):
            customers = partials.sudo().debit_move_id.filtered(
                lambda line: line.account_type == 'asset_receivable').partner_id.commercial_partner_id
            if customers:
                self.env['sales.credit.profile'].sudo()._lift_dunning_holds(customers)
        return partials
