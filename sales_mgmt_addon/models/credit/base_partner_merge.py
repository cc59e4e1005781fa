from odoo import api, models
from odoo.tools import SQL

from ...internal import grant


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base`: a customer has one credit profile per company, which Odoo would make two of."""
        self._merge_credit_profiles(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _merge_credit_profiles(self, src_partners, dst_partner):
        """Leave one credit profile per company; it takes over requests, decisions and a hold of the others.

        Its terms stay: merging raises no limit.
        """
        profiles = self.env['sales.credit.profile'].sudo().search(
            [('partner_id', 'in', (src_partners + dst_partner).ids)], order='id')
        for same in profiles.grouped('company_id').values():
            kept = (same.filtered(lambda profile: profile.partner_id == dst_partner) or same)[:1]
            others = same - kept
            if not others:
                continue
            held = others.filtered('hold')
            if held and not kept.hold:
                kept._change_terms({'hold': True, 'hold_reason': held[0].hold_reason})
            self.env.flush_all()
            for table, column in self._get_fk_on('sales_credit_profile'):
                self.env.cr.execute(SQL(
                    "UPDATE %(table)s SET %(column)s = %(kept)s WHERE %(column)s = ANY(%(others)s)",
                    table=SQL.identifier(table), column=SQL.identifier(column), kept=kept.id, others=others.ids))
            self.env.invalidate_all()
            kept.message_post(body=self.env._(
                "Merged with the credit profile of %(customers)s.", customers=', '.join(others.mapped('display_name'))))
            grant(others, 'credit.profile').unlink()
