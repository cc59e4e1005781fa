from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _loss_is_in_books(self):
        """Tell whether an entry is posted and not reversed in full. Note: self.ensure_one()"""
        self.ensure_one()
        return self.state == 'posted' and not any(move.state == 'posted' for move in self.reversal_move_ids)
