from odoo import fields, models


class SalesCollectionSnooze(models.TransientModel):
    """Put cases aside until a day, with a reason."""

    _name = 'sales.collection.snooze'
    _description = "Snooze Collection Cases"

    case_ids = fields.Many2many(
        comodel_name='sales.collection.case', relation='sales_collection_snooze_case_rel', string="Cases",
        required=True, readonly=True)
    until = fields.Date(
        string="Until", required=True, default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7))
    reason = fields.Char(string="Reason", required=True)

    def action_snooze(self):
        """Snooze the cases.

        :return: action that closes the dialog
        :raise AccessError: unless the user works all of them
        :raise UserError: without a reason, or for a day that makes no sense
        """
        self.ensure_one()
        self.case_ids._snooze(self.until, self.reason)
        return {'type': 'ir.actions.act_window_close'}
