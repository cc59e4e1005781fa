from odoo import api, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    # Serves the exposure: invoiced for an order, but not a receivable yet
    _credit_draft_idx = models.Index(
        "(commercial_partner_id) WHERE state = 'draft' AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')")

    #=== COMPUTE METHODS ===#

    @api.depends('company_id', 'partner_id', 'tax_totals', 'currency_id')
    @api.depends_context('uid')
    def _compute_partner_credit_warning(self):
        """Override of `account`: the same words as the gate, from the profile in the invoice's own company."""
        if not self._credit_is_active():
            return super()._compute_partner_credit_warning()
        checked = self.filtered(
            lambda move: move.state == 'draft' and move.move_type in ('out_invoice', 'out_receipt')
            and move.company_id.currency_id.compare_amounts(move._gate_new_value(), 0.0) > 0)
        # Odoo's field has no groups; what is known of a customer's credit is not for his own eyes
        warnings = checked._credit_warnings() if self.env.user._is_internal() else {}
        for move in self:
            move.partner_credit_warning = warnings.get(move.id, '')

    #=== CREDIT ===#

    def _credit_codes(self):
        return ('credit_limit', 'credit_hold', 'credit_dunning')

    def _credit_addition(self):
        """What orders hold is part of the exposure already, a draft invoice of them too."""
        return self._gate_new_value()
