from odoo import fields, models


class StockMove(models.Model):
    _inherit = 'stock.move'

    # === BUSINESS METHODS === #

    def _action_done(self, cancel_backorder=False):
        """Override of `stock`: goods of sellers that we deliver may be settled then."""
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        lines = moves.sale_line_id.filtered('seller_id')
        if lines:
            self.env['sales.seller.ledger']._mark_delivered(lines, fields.Date.context_today(self))
        return moves
