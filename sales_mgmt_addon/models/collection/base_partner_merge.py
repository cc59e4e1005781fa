from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base`: what stopped the supply of one customer now stops that of the merged one."""
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env['sales.credit.profile'].sudo()._sync_dunning_holds(dst_partner.commercial_partner_id)
        return res
