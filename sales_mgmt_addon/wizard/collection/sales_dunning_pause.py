from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesDunningPause(models.TransientModel):
    """Asks until when and why a customer gets no dunning letters."""

    _name = 'sales.dunning.pause'
    _description = "Pause Dunning"

    profile_id = fields.Many2one(
        comodel_name='sales.credit.profile', string="Customer", required=True, ondelete='cascade')
    until = fields.Date(
        string="No Dunning Until", compute='_compute_pause', store=True, readonly=False, help="Empty: the pause ends.")
    reason = fields.Char(string="Reason", compute='_compute_pause', store=True, readonly=False)

    @api.depends('profile_id')
    def _compute_pause(self):
        for wizard in self:
            wizard.until = wizard.profile_id.dunning_pause_until
            wizard.reason = wizard.profile_id.dunning_pause_reason

    def action_pause(self):
        """Let the customer have no dunning letters until the day, or end the pause.

        :raise AccessError: unless the user is a credit controller
        :raise UserError: a day without a reason, or in the past
        """
        self.ensure_one()
        if self.until and not (self.reason or '').strip():
            raise UserError(self.env._("Say why this customer gets no dunning letters."))
        if self.until and self.until < fields.Date.context_today(self):
            raise UserError(self.env._("The pause must end today or later. Leave the day empty to end it now."))
        self.profile_id._pause_dunning(self.until, self.reason)
        return {'type': 'ir.actions.act_window_close'}
