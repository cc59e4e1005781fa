from odoo import api, models

from ..receivable.sales_receivable_dispute import CONFIRM_TYPE


class SalesReceivableDispute(models.Model):
    """What is in confirmed dispute stops no supply; once the dispute is rejected it does again."""

    _inherit = 'sales.receivable.dispute'

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a stop ends when the dispute was confirmed by whoever opened it, else the leader is asked."""
        disputes = super().create(vals_list)
        self.env['sales.credit.profile'].sudo()._lift_dunning_holds(disputes.sudo().partner_id.commercial_partner_id)
        disputes.sudo()._ask_to_confirm()
        return disputes

    def write(self, vals):
        """Override: so does a change of what is in dispute."""
        res = super().write(vals)
        if {'state', 'amount', 'confirmed_by_id'} & vals.keys():
            self.env['sales.credit.profile'].sudo()._sync_dunning_holds(self.sudo().partner_id.commercial_partner_id)
        return res

    def _ask_to_confirm(self):
        """Ask the leaders of the teams for a word on unconfirmed disputes about items that stop supply."""
        waiting = self.filtered(lambda dispute: not dispute.is_confirmed)
        stopping = self.env['sales.dunning.line'].search([
            ('line_id', 'in', waiting.line_id.ids), ('state', '=', 'sent'), ('stop_supply', '=', True)]).line_id
        for dispute in waiting.filtered(lambda dispute: dispute.line_id in stopping):
            leader = dispute.team_id.user_id
            if leader.active and not leader.share and dispute.with_user(leader).has_access('read'):
                dispute.activity_schedule(
                    CONFIRM_TYPE, user_id=leader.id,
                    summary=self.with_context(lang=leader.lang).env._("Confirm the dispute"))
