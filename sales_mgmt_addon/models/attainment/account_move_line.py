from odoo import api, models

from .source_invoice import MOVE_TYPES


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    #=== CONSTRAINT METHODS ===#

    @api.constrains('balance', 'product_id', 'quantity')
    def _check_attainment(self):
        """Whoever may edit a posted invoice changes what is booked for it."""
        moves = self.move_id.filtered(lambda move: move.state == 'posted' and move.move_type in MOVE_TYPES)
        if moves:
            moves._attainment_after_posting()
