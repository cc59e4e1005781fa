from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base`: whom a provision assesses on his own, it assesses once."""
        lines = self.env['sales.receivable.provision.line'].sudo().search(
            [('partner_id', 'in', (src_partners | dst_partner).ids)], order='id')
        for same in lines.grouped('provision_id').values():
            same._merge()
        return super()._update_foreign_keys(src_partners, dst_partner)
