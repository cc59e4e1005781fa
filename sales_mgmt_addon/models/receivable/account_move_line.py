from odoo import api, models

from ...internal import grant


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    @api.ondelete(at_uninstall=False)
    def _unlink_receivable_disputes(self):
        """Delete disputes with their items through the ORM, so that no activity stays behind."""
        items = self.filtered(lambda line: line.account_type == 'asset_receivable')
        if items:
            disputes = self.env['sales.receivable.dispute'].sudo().search([('line_id', 'in', items.ids)])
            grant(disputes, 'receivable.dispute').unlink()
