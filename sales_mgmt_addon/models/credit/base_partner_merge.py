from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base`: the merged customer keeps one credit profile per company, with the stricter terms."""
        customer = dst_partner.sudo().commercial_partner_id
        self.env['sales.credit.profile'].sudo()._merge_partners(src_partners.sudo(), customer)
        res = super()._update_foreign_keys(src_partners, dst_partner)
        customer.credit_profile_ids._mirror()
        return res
