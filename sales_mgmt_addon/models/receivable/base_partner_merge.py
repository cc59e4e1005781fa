from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override of `base`: merging hands open items to another customer, as moving below his company does."""
        partners = self.env['res.partner'].browse(partner_ids).exists()
        if partners._handover_is_guarded() and len(partners.sudo().commercial_partner_id) > 1:
            leaving = partners - dst_partner if dst_partner else partners
            leaving._check_moves(leaving._get_family_customers())
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base`: whom a provision assesses on his own, it assesses once."""
        lines = self.env['sales.receivable.provision.line'].sudo().search(
            [('partner_id', 'in', (src_partners | dst_partner).ids)], order='id')
        for same in lines.grouped('provision_id').values():
            same._merge()
        return super()._update_foreign_keys(src_partners, dst_partner)
