from odoo import models


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def _compute_analytic_distribution(self):
        """Override of `account`: our own revenue goes to the channel's analytic account, where nothing else is said."""
        super()._compute_analytic_distribution()
        for line in self:
            if account := line._get_channel_analytic_account():
                line.analytic_distribution = {str(account.id): 100}

    def _get_channel_analytic_account(self):
        """Return the analytic account that a line without one takes from its channel. Note: self.ensure_one()"""
        self.ensure_one()
        if (self.analytic_distribution or self.display_type != 'product' or self.revenue_presentation == 'agent'
                or not self.move_id.is_sale_document(include_receipts=True)):
            return self.env['account.analytic.account']
        return self.move_id.sudo().channel_id.analytic_account_id
