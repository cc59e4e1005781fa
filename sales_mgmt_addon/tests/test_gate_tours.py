"""The main journeys, walked in a real browser."""

from odoo.tests import HttpCase, tagged

from .gate_common import GateCommon


@tagged('post_install', '-at_install')
class TestGateTours(GateCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.salesperson + cls.controller).tour_enabled = False
        for user in cls.salesperson + cls.controller:
            user.password = user.login

    def test_hold_decide_deliver_invoice(self):
        order = self._create_order(50)
        self.start_tour(f'/odoo/action-sale.action_quotations/{order.id}', 'sales_mgmt_order_goes_on_hold', login='sm_sales')
        self.assertHeld(order, 'credit_limit')
        self.start_tour(
            '/odoo/action-sales_mgmt_addon.sales_approval_request_action_my', 'sales_mgmt_controller_approves',
            login='sm_controller')
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.picking_ids.state, 'assigned', "the delivery is ready")
        self._deliver(order)
        self.assertEqual(order.picking_ids.state, 'done')
        invoice = order.sudo()._create_invoices()
        invoice.with_user(self._user('sm_billing')).action_post()
        self.assertEqual(invoice.state, 'posted')

    def test_customer_signs_over_the_limit(self):
        order = self._create_order(50)
        order.sudo().write({'require_signature': True, 'require_payment': False, 'state': 'sent'})
        token = order.sudo()._portal_ensure_token()
        self.start_tour(f'/my/orders/{order.id}?access_token={token}', 'sales_mgmt_customer_signs', login=None)
        self.assertHeld(order, 'credit_limit')
        self.assertTrue(order.signature)
