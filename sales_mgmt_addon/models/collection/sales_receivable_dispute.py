from odoo import api, models


class SalesReceivableDispute(models.Model):
    """What is in dispute stops no supply; once the dispute is rejected it does again."""

    _inherit = 'sales.receivable.dispute'

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        self.env['sales.credit.profile'].sudo()._lift_dunning_holds(disputes.sudo().partner_id.commercial_partner_id)
        return disputes

    def write(self, vals):
        res = super().write(vals)
        if 'state' in vals:
            self.env['sales.credit.profile'].sudo()._sync_dunning_holds(self.sudo().partner_id.commercial_partner_id)
        return res
