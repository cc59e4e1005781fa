from odoo import models

from ...internal import grant, granted


class StockPicking(models.Model):
    _name = 'stock.picking'
    _inherit = ['stock.picking', 'sales.gate.mixin']

    #=== ACTION METHODS ===#

    def button_validate(self):
        """Override of `stock`: deliveries that may not leave wait on hold, the others go on."""
        if not self._gate_is_active():
            return super().button_validate()
        passed = self._gate_hold_or_pass()
        if (held := self - passed) and not passed:
            return held._gate_hold_notification(self.env._("Delivery on hold"))
        return super(StockPicking, passed).button_validate()

    def action_cancel(self):
        res = super().action_cancel()
        self._gate_after_cancel()
        return res

    def _action_done(self):
        if self._gate_is_active() and not granted(self, 'gate.picking'):
            self._gate_require()
        return super(StockPicking, grant(self, 'gate.picking', only_these=True))._action_done()

    #=== GATE ===#

    def _gate_is_exempt(self):
        """Only what leaves to a customer is checked, and not what replaces returned goods."""
        return super()._gate_is_exempt() or not self._gate_is_active() or not self._gate_moves()

    def _gate_moves(self):
        """Return the moves that hand goods to a customer for which he will owe."""
        return self.sudo().move_ids.filtered(lambda move: move._gate_is_checked())

    def _gate_debtor(self):
        order = self.sudo().sale_id
        return order._gate_debtor() if order else self.sudo().partner_id.commercial_partner_id

    def _gate_extra_value(self):
        """Return the value, in company currency, of what leaves beyond what orders hold.

        Note: self.ensure_one()
        """
        self.ensure_one()
        return self.company_id.currency_id.round(self._gate_moves()._gate_extra_value())

    def _gate_document_amount(self):
        moves = self._gate_moves()
        ordered = sum(
            move._gate_quantity() * move.sale_line_id._gate_unit_gross() / (move.sale_line_id.order_id.currency_rate or 1.0)
            for move in moves if move.sale_line_id)
        return self.company_id.currency_id.round(
            ordered + moves.filtered(lambda m: not m.sale_line_id)._gate_extra_value())

    def _gate_prepare_finding_facts(self):
        order = self.sudo().sale_id
        return {
            **super()._gate_prepare_finding_facts(),
            'user_id': (order.user_id or self.sudo().user_id).id,
            'team_id': order.team_id.id,
        }

    #=== APPROVAL SUBJECT ===#

    def _approval_kinds(self):
        return super()._approval_kinds() + ['credit']

    def _approval_amount(self, kind):
        return self._gate_document_amount() if kind == 'credit' else super()._approval_amount(kind)

    def _approval_team(self, kind):
        return self.sudo().sale_id.team_id

    def _approval_fingerprint(self, kind):
        codes = self.sudo().hold_finding_ids.filtered(lambda f: f.approval_kind == kind).mapped('code')
        return {
            'debtor': self._gate_debtor().id,
            'amount': self._gate_document_amount(),
            'extra': self._gate_extra_value(),
            'codes': sorted(set(codes)),
        }

    def _approval_is_spent(self, kind):
        return self.state == 'done' or super()._approval_is_spent(kind)

    def _approval_is_worse(self, old, new, kind):
        currency = self.company_id.currency_id
        return old.get('debtor') != new['debtor'] or any(
            currency.compare_amounts(new[key], old.get(key, 0.0)) > 0 for key in ('amount', 'extra'))
