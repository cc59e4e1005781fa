from odoo import models


class StockRule(models.Model):
    _inherit = 'stock.rule'

    def _get_custom_move_fields(self):
        return super()._get_custom_move_fields() + ['replaces_move_id']


class StockReturnPicking(models.TransientModel):
    _inherit = 'stock.return.picking'

    def _get_proc_values(self, line):
        """Override of `stock`: an exchange delivery remembers the delivered move that it replaces."""
        return {**super()._get_proc_values(line), 'replaces_move_id': line.move_id.id}
