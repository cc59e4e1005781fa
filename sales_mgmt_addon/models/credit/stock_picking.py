from odoo import models


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    #=== CREDIT ===#

    def _credit_addition(self):
        """What orders hold is part of the exposure already."""
        return self._gate_extra_value()

    def _credit_is_prepaid(self):
        order = self.sudo().sale_id
        return bool(order) and order._is_paid() and self.company_id.currency_id.compare_amounts(
            self._gate_extra_value(), 0.0) <= 0

    def _credit_covers(self, decision, code, facts, after):
        """Whoever allowed the order knew that it would be delivered.

        Any approved exposure lets goods leave up to its amount; what else was allowed counts for the
        delivery of that very order, unless more has become overdue since.
        """
        if super()._credit_covers(decision, code, facts, after):
            return True
        if code == 'credit_limit':
            return not decision.currency_id.compare_amounts(after, decision.exposure_after) > 0
        order = self.sudo().sale_id
        if not order or (decision.res_model, decision.res_id) != ('sale.order', order.id):
            return False
        known = decision.facts or {}
        return code != 'credit_hold' and code in known.get('codes', ()) and not decision.currency_id.compare_amounts(
            facts['overdue_beyond'], known['exposure']['overdue_beyond']) > 0
