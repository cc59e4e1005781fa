"""Online payment and the gate: money is never stranded and never confirmed past a check."""

from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .gate_common import GateCommon


@tagged('post_install', '-at_install')
class TestGatePayment(AccountPaymentCommon, GateCommon):

    def _pay(self, order, amount, percent=1.0):
        order.sudo().write({'require_payment': True, 'state': 'sent', 'prepayment_percent': percent})
        tx = self._create_transaction(
            flow='direct', amount=amount, currency_id=order.currency_id.id, partner_id=order.partner_id.id,
            sale_order_ids=[(6, 0, order.ids)], reference=f'{order.name}-{amount}', state='done')
        tx._post_process()
        return tx

    def test_09_paid_in_full_needs_no_credit(self):
        order = self._create_order()
        tx = self._pay(order, order.amount_total)
        self.assertTrue(tx.is_post_processed)
        self.assertEqual(order.state, 'sale')

    def test_09_paid_in_full_does_not_buy_a_discount(self):
        order = self._create_order(line={'discount': 90})
        order.sudo().company_id.write({'gate_check_discount': True, 'gate_discount_right': 10.0})
        tx = self._pay(order, order.amount_total)
        self.assertTrue(tx.is_post_processed, "the payment is processed all the same")
        self.assertHeld(order, 'discount')
        self.assertIn(self.leader, order.sudo().pending_approver_ids)

    def test_10_a_token_prepayment_buys_no_credit(self):
        order = self._create_order()
        tx = self._pay(order, 0.05, percent=0.00001)
        self.assertTrue(tx.is_post_processed)
        self.assertEqual(tx.state, 'done')
        self.assertHeld(order, 'credit_limit')
