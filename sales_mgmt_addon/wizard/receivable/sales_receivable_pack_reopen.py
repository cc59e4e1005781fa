from odoo import fields, models


class SalesReceivablePackReopen(models.TransientModel):
    """Asks why a closed pack is opened again."""

    _name = 'sales.receivable.pack.reopen'
    _description = "Reopen a Receivables Pack"

    pack_id = fields.Many2one(comodel_name='sales.receivable.pack', string="Pack", required=True, ondelete='cascade')
    reason = fields.Text(string="Reason", required=True)

    def action_confirm(self):
        """Open the pack again; who may do that is checked there.

        :return: action that closes the dialog
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('read')
        self.pack_id.action_reopen(self.reason)
        return {'type': 'ir.actions.act_window_close'}
