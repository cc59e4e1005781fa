from odoo import models


class AccountMove(models.Model):
    _name = 'account.move'
    _inherit = ['account.move', 'sales.gate.mixin']

    #=== ACTION METHODS ===#

    def action_post(self):
        """Override of `account`: invoices that may not be posted wait on hold, the others go on."""
        if not self._gate_is_active():
            return super().action_post()
        passed = self._gate_hold_or_pass()
        if (held := self - passed) and not passed:
            return held._gate_hold_notification(self.env._("Invoice on hold"))
        return super(AccountMove, passed).action_post()

    def button_cancel(self):
        res = super().button_cancel()
        self._gate_after_cancel()
        return res

    def _post(self, soft=True):
        if self._gate_is_active():
            self._gate_require()
        return super()._post(soft=soft)

    #=== GATE ===#

    def _gate_is_exempt(self):
        """Only a claim on a customer that no order holds yet is checked."""
        return (
            super()._gate_is_exempt()
            or self.move_type not in ('out_invoice', 'out_receipt')
            or self.state != 'draft'
            or not self._gate_is_active()
            or self.company_id.currency_id.compare_amounts(self._gate_new_value(), 0.0) <= 0
        )

    def _gate_debtor(self):
        return self.commercial_partner_id

    def _gate_new_value(self):
        """Return the part of the invoice that its orders do not hold in the exposure yet.

        An order line holds the invoiced quantity at its own gross price; a down payment is held up
        to what is still open on its order. Note: self.ensure_one()

        :return: amount in company currency
        :rtype: float
        """
        self.ensure_one()
        move = self.sudo()
        new = move.amount_total_signed
        for line in move.invoice_line_ids:
            for order_line in line.sale_line_ids:
                if not order_line.is_downpayment:
                    quantity = line.product_uom_id._compute_quantity(line.quantity, order_line.product_uom_id)
                    new -= quantity * order_line._gate_unit_gross() / (order_line.order_id.currency_rate or 1.0)
        down_payments = move.invoice_line_ids.filtered(lambda line: line.price_total > 0).sale_line_ids
        for order in down_payments.filtered('is_downpayment').order_id:
            new -= order._gate_downpayment_room(move)
        return self.company_id.currency_id.round(new)

    def _gate_document_amount(self):
        return self.amount_total_signed

    def _gate_prepare_finding_facts(self):
        return {
            **super()._gate_prepare_finding_facts(),
            'user_id': self.invoice_user_id.id,
            'team_id': self.sudo().team_id.id,
        }

    #=== APPROVAL SUBJECT ===#

    def _approval_kinds(self):
        return super()._approval_kinds() + ['credit']

    def _approval_amount(self, kind):
        return self._gate_new_value() if kind == 'credit' else super()._approval_amount(kind)

    def _approval_fingerprint(self, kind):
        codes = self.sudo().hold_finding_ids.filtered(lambda f: f.approval_kind == kind).mapped('code')
        return {
            'debtor': self._gate_debtor().id,
            'amount': self._gate_new_value(),
            'codes': sorted(set(codes)),
        }

    def _approval_is_spent(self, kind):
        return self.state == 'posted' or super()._approval_is_spent(kind)

    def _approval_is_worse(self, old, new, kind):
        return old.get('debtor') != new['debtor'] or self.company_id.currency_id.compare_amounts(
            new['amount'], old.get('amount', 0.0)) > 0
