from odoo import models


class SalesCreditProfile(models.Model):
    _inherit = 'sales.credit.profile'

    def _prepare_merged_terms(self):
        """Override: a stop of supply by dunning stays with the merged customer until his items are paid."""
        terms = super()._prepare_merged_terms()
        stopped = self.filtered('dunning_hold_date').sorted('dunning_hold_date')
        if stopped:
            terms.update({
                'dunning_hold_date': stopped[0].dunning_hold_date,
                'dunning_hold_level_id': stopped[0].dunning_hold_level_id.id,
            })
        return terms
