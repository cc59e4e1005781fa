from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    credit_usage_percent = fields.Float(
        string="Credit Usage (%)", compute='_compute_credit_usage', digits=(16, 1), groups='base.group_user')
    credit_is_limited = fields.Boolean(compute='_compute_credit_usage', groups='base.group_user')
    credit_is_shown = fields.Boolean(compute='_compute_credit_usage', groups='base.group_user')

    #=== COMPUTE METHODS ===#

    @api.depends('partner_invoice_id', 'company_id')
    def _compute_credit_usage(self):
        shown = self._credit_is_active() and self.env['sales.credit.profile'].has_access('read')
        profiles = self._credit_profiles(create=False) if shown else {}
        exposure = self.env['sales.credit.profile'].sudo().union(*profiles.values())._get_exposure()
        for order in self:
            profile = profiles.get(order.id)
            order.credit_is_shown = bool(profile)
            order.credit_is_limited = bool(profile) and profile.policy != 'unlimited'
            order.credit_usage_percent = exposure[profile.id]['usage_percent'] if profile else 0.0

    @api.depends('company_id', 'partner_id', 'partner_invoice_id', 'amount_total', 'currency_rate')
    @api.depends_context('uid')
    def _compute_partner_credit_warning(self):
        """Override of `sale`: the same words as the gate, from the profile in the order's own company."""
        if not self._credit_is_active():
            return super()._compute_partner_credit_warning()
        # An order without a rate yet has no value that could be compared
        checked = self.filtered(lambda order: order.state in ('draft', 'sent') and order.currency_rate > 0)
        # Odoo's field has no groups; what is known of a customer's credit is not for his own eyes
        warnings = checked._credit_warnings() if self.env.user._is_internal() else {}
        for order in self:
            order.partner_credit_warning = warnings.get(order.id, '')

    #=== CREDIT ===#

    def _credit_codes(self):
        return (*super()._credit_codes(), 'credit_duplicate')

    def _credit_addition(self):
        """Confirmed and released orders are part of the exposure already."""
        if self._credit_is_in_exposure():
            return 0.0
        return self._gate_amount()

    def _credit_is_in_exposure(self):
        return self.state == 'sale' or (self.state != 'cancel' and self.sudo().hold_state == 'released')

    def _credit_is_prepaid(self):
        return self.currency_id.compare_amounts(self.amount_total, 0.0) <= 0 or self.sudo()._is_paid()
