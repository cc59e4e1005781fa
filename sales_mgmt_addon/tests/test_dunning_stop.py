"""Supply that dunning stops: placed with the letter, seen by the gate, gone with the money."""

from odoo.tests import tagged

from .dunning_common import DunningCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningStop(DunningCommon):

    def setUp(self):
        super().setUp()
        self.invoice = self._direct_invoice(300.0, due=self._ago(45))
        self.profile._change_terms({'overdue_days_allowed': 3650})

    def _order_on_hold(self):
        order = self._order((self.service, 1, 50.0), confirm=False)
        order.action_confirm()
        return order

    def test_gate_stops_the_order_until_the_customer_pays(self):
        self.assertEqual(self._order((self.service, 1, 50.0)).state, 'sale')
        self._dun()
        self.assertEqual(self.profile.dunning_hold_date, self.today)
        self.assertEqual(self.profile.dunning_hold_level_id, self.final)
        order = self._order_on_hold()
        self.assertEqual((order.state, order.hold_state), ('draft', 'on_hold'))
        [finding] = order.hold_finding_ids
        self.assertEqual(finding.code, 'credit_dunning')
        self.assertIn("Final", finding.message)
        self.assertEqual(finding.amount, 300.0)

        self._pay(self.invoice, 100.0)
        self.assertTrue(self.profile.dunning_hold_date, "A part is not enough")
        self._pay(self.invoice)
        self.assertFalse(self.profile.dunning_hold_date)
        self.assertFalse(self.profile.dunning_hold_level_id)
        order.action_gate_recheck()
        self.assertEqual(order.state, 'sale')

    def test_independent_of_the_manual_hold(self):
        self._dun()
        self.profile._change_terms({'hold': True, 'hold_reason': "Court"})
        self.assertEqual(set(self._order_on_hold().hold_finding_ids.mapped('code')), {'credit_hold', 'credit_dunning'})
        self._pay(self.invoice)
        self.assertEqual(self._order_on_hold().hold_finding_ids.mapped('code'), ['credit_hold'])

    def test_nothing_before_the_letter_is_sent(self):
        self._propose()
        self.assertFalse(self.profile.dunning_hold_date)
