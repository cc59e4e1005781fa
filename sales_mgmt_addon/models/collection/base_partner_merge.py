from odoo import api, models

from ...internal import grant
from .const import ACTION_GUARD, CASE_GUARD, PROMISE_GUARD


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base`: the merged customer goes on with one open case per company.

        What stopped the supply of one customer stops that of the merged one.
        """
        customer = dst_partner.sudo().commercial_partner_id
        self._merge_collection(src_partners.sudo(), customer)
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env['sales.credit.profile'].sudo()._sync_dunning_holds(customer)
        return res

    def _merge_collection(self, sources, customer):
        """Move cases with all that belongs to them to the customer that remains.

        Of several open cases in a company the oldest goes on, the others are closed and say so.

        :param sources: `res.partner` records that disappear, sudoed
        :param customer: commercial partner of the one that remains, sudoed
        """
        Case = grant(self.env['sales.collection.case'].sudo(), CASE_GUARD)
        cases = Case.search([('partner_id', 'in', (sources | customer).ids), ('state', '!=', 'closed')], order='id')
        for same in cases.grouped('company_id').values():
            for case in same[1:]:
                case._close(self.env._("Closed: the customer was merged with another one, whose case is %(case)s.",
                                       case=same[0].name))
                grant(case.promise_ids.filtered(lambda promise: promise.state == 'open'), PROMISE_GUARD).write(
                    {'case_id': same[0].id})
        # closed first, the index on open cases is checked row by row
        self.env.flush_all()
        moved = [('partner_id', 'in', sources.ids)]
        Case.search(moved).write({'partner_id': customer.id})
        grant(self.env['sales.collection.promise'].sudo(), PROMISE_GUARD).search(moved).write(
            {'partner_id': customer.id})
        grant(self.env['sales.collection.action'].sudo(), ACTION_GUARD).search(moved).write(
            {'partner_id': customer.id})
