from odoo import fields, models


class SalesDunningSkip(models.TransientModel):
    """Asks why letters are not to be sent."""

    _name = 'sales.dunning.skip'
    _description = "Skip Dunning Letters"

    letter_ids = fields.Many2many(comodel_name='sales.dunning.letter', string="Letters", required=True)
    reason = fields.Char(string="Reason", required=True)

    def action_skip(self):
        """Skip the letters for the reason.

        :raise AccessError: unless the user is a credit controller
        :raise UserError: if a letter was sent already
        """
        self.ensure_one()
        self.letter_ids._skip(self.reason)
        return {'type': 'ir.actions.act_window_close'}
