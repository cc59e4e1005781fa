from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .credit_common import CreditCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCreditChecks(CreditCommon):
    """What the checks say to orders, deliveries and invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile._change_terms({'policy': 'limited', 'limit': 1000})

    def _draft(self, quantity, **kwargs):
        return self._order((self.service, quantity), confirm=False, **kwargs)

    def _codes(self, document):
        return [finding['code'] for finding in document._gate_findings()]

    def _approve(self, document, payload=None, user=None):
        """Let the credit controller allow the document."""
        request = document.approval_request_ids.filtered(lambda r: r.state == 'pending')
        request.with_user(user or self.user_sm_controller)._decide('approve', payload=payload)
        return self.env['sales.credit.decision'].search([('request_id', '=', request.id)])

    # === ORDERS === #

    def test_limit(self):
        self.assertEqual(self._codes(self._draft(10)), [])
        order = self._draft(10.01)
        [finding] = order._gate_findings()
        self.assertEqual(finding['code'], 'credit_limit')
        self.assertEqual(finding['amount'], 1.0)
        self.assertEqual(finding['approval_kind'], 'credit')
        self.assertEqual(finding['payload']['after'], 1001.0)
        self.assertIn("1,001.00", finding['message'])
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ('draft', 'on_hold'))
        self.assertExposure()

    def test_no_credit(self):
        self.profile._change_terms({'policy': 'no_credit'})
        order = self._draft(1)
        self.assertEqual(self._codes(order), ['credit_limit'])
        self._receipt(100)
        self.assertEqual(self._codes(order), [], "What was paid in advance is no credit")
        self.assertEqual(self._codes(self._draft(0)), [])

    def test_limit_of_zero_is_no_credit(self):
        self.profile._change_terms({'limit': 0})
        self.assertEqual(self._codes(self._draft(1)), ['credit_limit'])

    def test_temporary_limit(self):
        self.profile._change_terms({'temporary_limit': 2000, 'temporary_until': self.today})
        self.assertEqual(self._codes(self._draft(20)), [])
        self.profile._change_terms({'temporary_until': self.today - timedelta(days=1)})
        self.assertEqual(self._codes(self._draft(20)), ['credit_limit'])
        self.profile._change_terms({'temporary_limit': 500, 'temporary_until': self.today})
        self.assertEqual(self.profile.effective_limit, 1000)

    def test_unlimited(self):
        self.profile._change_terms({'policy': 'unlimited'})
        order = self._draft(1000)
        self.assertEqual(self._codes(order), [])
        self.profile._change_terms({'hold': True, 'hold_reason': "Insolvent"})
        [finding] = order._gate_findings()
        self.assertEqual(finding['code'], 'credit_hold')
        self.assertIn("Insolvent", finding['message'])

    def test_overdue_and_expired(self):
        self.profile._change_terms({'overdue_days_allowed': 30, 'overdue_amount_allowed': 50})
        order = self._draft(1)
        self._direct_invoice(50, due=self.today - timedelta(days=31))
        self.assertEqual(self._codes(order), [])
        self._direct_invoice(1, due=self.today - timedelta(days=31))
        self.assertEqual(self._codes(order), ['credit_overdue'])
        self.profile._change_terms({'review_date': self.today})
        self.assertEqual(self._codes(order), ['credit_overdue'])
        self.profile._change_terms({'review_date': self.today - timedelta(days=1)})
        self.assertEqual(self._codes(order), ['credit_overdue', 'credit_expired'])

    def test_several_orders_of_one_call_add_up(self):
        orders = self._draft(6) + self._draft(5) + self._draft(4)
        found = {finding['res_id'] for finding in orders._gate_findings()}
        self.assertEqual(found, {orders[1].id}, "The second does not fit, the third does without it")
        orders.action_confirm()
        self.assertEqual(orders.mapped('state'), ['sale', 'draft', 'sale'])
        self.assertExposure(to_deliver=1000)

    def test_confirmed_order_is_not_counted_twice(self):
        order = self._draft(10)
        order.action_confirm()
        self.assertEqual(self._codes(order), [])

    def test_paid_in_full(self):
        order = self._draft(50)
        provider = self.env['payment.provider'].with_context(active_test=False).search([], limit=1)
        method = self.env['payment.method'].with_context(active_test=False).search([], limit=1)
        self.env['payment.transaction'].create({
            'provider_id': provider.id, 'payment_method_id': method.id, 'amount': order.amount_total,
            'currency_id': order.currency_id.id, 'partner_id': self.customer.id, 'state': 'done',
            'reference': "credit-test", 'sale_order_ids': [Command.link(order.id)],
        })
        self.assertTrue(order._is_paid())
        self.assertEqual(self._codes(order), [])
        self.profile._change_terms({'hold': True})
        self.assertEqual(self._codes(order), ['credit_hold'])

    def test_area_switched_off(self):
        order = self._draft(50)
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_credit')
        self.assertEqual(self._codes(order), [])

    def test_duplicate_customer(self):
        self.customer.vat = "DE123456788"
        for values in ({'name': "credit-CUSTOMER"}, {'name': "Other", 'vat': "DE123456788"}):
            twin = self.env['res.partner'].create({'is_company': True, 'user_id': self.user_sm_sales.id, **values})
            order = self._draft(1, partner=twin)
            order.with_user(self.user_sm_sales).action_confirm()
            profile = self._profile(twin)
            self.assertEqual(profile.duplicate_of_id, self.profile)
            self.assertEqual(order.hold_finding_ids.mapped('code'), ['credit_duplicate'])
            self._approve(order)
            self.assertTrue(profile.duplicate_checked)
            self.assertEqual(order.state, 'sale')
        stranger = self._profile(self._create_partner("Somebody Else", email=False))
        self.assertFalse(stranger.duplicate_of_id)

    # === DECISIONS THAT COVER MORE === #

    def _held(self, quantity):
        order = self._draft(quantity)
        order.with_user(self.user_sm_sales).action_confirm()
        self.assertEqual(order.hold_state, 'on_hold')
        return order

    def test_once(self):
        order = self._held(15)
        decision = self._approve(order)
        self.assertEqual(order.state, 'sale')
        self.assertRecordValues(decision, [{
            'profile_id': self.profile.id, 'verdict': 'approve', 'scope': 'once', 'codes': 'credit_limit',
            'exposure_before': 0, 'exposure_after': 1500, 'limit_amount': 1000, 'amount': 1500,
            'user_id': self.user_sm_controller.id, 'res_model': 'sale.order', 'res_id': order.id,
            'valid_until': self.today + timedelta(days=90),
        }])
        self.assertEqual(decision.facts['exposure']['total'], 0)
        self.assertEqual(self._codes(self._draft(1)), ['credit_limit'])

    def test_until_date(self):
        until = self.today + timedelta(days=10)
        order = self._held(15)
        decision = self._approve(order, {'scope': 'until_date', 'scope_date': str(until)})
        self.assertEqual(decision.valid_until, until)
        self.profile._change_terms({'review_date': self.today - timedelta(days=1)})
        self.assertEqual(self._codes(self._draft(100)), [])
        self.profile._change_terms({'hold': True})
        self.assertEqual(self._codes(self._draft(100)), ['credit_hold'], "A hold is lifted, never covered")

    def test_up_to_amount(self):
        self._approve(self._held(15), {'scope': 'up_to_amount', 'scope_amount': 2000.0})
        self.assertEqual(self._codes(self._draft(5)), [])
        self.assertEqual(self._codes(self._draft(5.01)), ['credit_limit'])
        self.profile._change_terms({'review_date': self.today - timedelta(days=1)})
        self.assertEqual(self._codes(self._draft(1)), ['credit_expired'])

    def test_rejected(self):
        order = self._held(15)
        request = order.approval_request_ids
        request.with_user(self.user_sm_controller)._decide('reject', "No")
        decision = self.env['sales.credit.decision'].search([('request_id', '=', request.id)])
        self.assertRecordValues(decision, [{'verdict': 'reject', 'reason': "No", 'exposure_after': 1500}])
        self.assertNotEqual(order.state, 'sale')
        self.assertEqual(self._codes(self._draft(15)), ['credit_limit'])

    def test_forecast(self):
        order = self._held(15)
        decision = self._approve(order, {'forecast_payment_date': str(self.today + timedelta(days=3))})
        self.assertFalse(decision.actual_payment_date)
        self._pay(self._invoice(order))
        decision.invalidate_recordset()
        self.assertEqual(decision.actual_payment_date, self.today)
        self.assertEqual(decision.forecast_error_days, -3)

    # === DELIVERIES === #

    def test_delivery_within_what_was_approved(self):
        order = self._order((self.goods, 15), confirm=False)
        order.with_user(self.user_sm_sales).action_confirm()
        self._approve(order)
        picking = self._open_picking(order)
        self.assertEqual(self._codes(picking), [])
        self._direct_invoice_unchecked(1)
        self.assertEqual(self._codes(picking), ['credit_limit'])

    def _direct_invoice_unchecked(self, amount, **kwargs):
        """Post an invoice although the customer is at his limit."""
        limit = self.profile.limit
        self.profile._change_terms({'policy': 'unlimited'})
        invoice = self._direct_invoice(amount, **kwargs)
        self.profile._change_terms({'policy': 'limited', 'limit': limit})
        return invoice

    def test_delivery_on_hold_overdue(self):
        order = self._order((self.goods, 5))
        picking = self._open_picking(order)
        self.assertEqual(self._codes(picking), [])
        self.profile._change_terms({'overdue_days_allowed': 0})
        self._direct_invoice(10, due=self.today - timedelta(days=1))
        self.assertEqual(self._codes(picking), ['credit_overdue'])
        self.profile._change_terms({'hold': True})
        self.assertEqual(self._codes(picking), ['credit_hold', 'credit_overdue'])
        picking.move_ids.write({'quantity': 5, 'picked': True})
        picking.with_user(self.user_sm_stock).button_validate()
        self.assertNotEqual(picking.state, 'done')
        self.assertEqual(picking.hold_state, 'on_hold')
        self._approve(picking)
        picking.with_user(self.user_sm_stock).button_validate()
        self.assertEqual(picking.state, 'done')

    def test_order_that_was_allowed_while_overdue_is_delivered(self):
        self.profile._change_terms({'overdue_days_allowed': 0})
        self._direct_invoice(10, due=self.today - timedelta(days=1))
        order = self._order((self.goods, 5), confirm=False)
        order.with_user(self.user_sm_sales).action_confirm()
        self.assertEqual(order.hold_finding_ids.mapped('code'), ['credit_overdue'])
        self._approve(order)
        picking = self._open_picking(order)
        self.assertEqual(self._codes(picking), [])
        self._direct_invoice(10, due=self.today - timedelta(days=1))
        self.assertEqual(self._codes(picking), ['credit_overdue'], "More is overdue than the approver knew")

    def test_delivery_without_order(self):
        picking = self.env['stock.picking'].create({
            'partner_id': self.customer.id,
            'picking_type_id': self.warehouse.out_type_id.id,
            'location_id': self.warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id,
            'move_ids': [Command.create({
                'product_id': self.goods.id, 'product_uom_qty': 11, 'product_uom': self.goods.uom_id.id,
                'location_id': self.warehouse.lot_stock_id.id,
                'location_dest_id': self.env.ref('stock.stock_location_customers').id,
            })],
        })
        picking.move_ids.quantity = 11
        self.assertEqual(self._codes(picking), ['credit_limit'])
        picking.move_ids.quantity = 10
        self.assertEqual(self._codes(picking), [])

    # === INVOICES === #

    def test_invoice(self):
        order = self._order((self.service, 10))
        invoice = self._invoice(order, post=False)
        self.assertEqual(self._codes(invoice), [], "What an order holds is never stopped")
        invoice.action_post()
        self.assertEqual(invoice.state, 'posted')
        direct = self._direct_invoice(1, post=False)
        self.assertEqual(self._codes(direct), ['credit_limit'])
        self._pay(invoice)
        self.assertEqual(self._codes(direct), [])

    # === BANNER === #

    def test_banner(self):
        order = self._draft(12)
        [finding] = order._gate_findings()
        self.assertEqual(order.partner_credit_warning, finding['message'])
        self.profile._change_terms({'hold': True})
        order.invalidate_recordset()
        self.assertEqual(len(order.partner_credit_warning.splitlines()), 2)
        invoice = self._direct_invoice(2000, post=False)
        self.assertIn("2,000.00", invoice.partner_credit_warning)

    def test_banner_makes_no_profile(self):
        self.company.credit_default_policy = 'limited'
        self.company.credit_default_limit = 50
        partner = self._create_partner("New", email=False)
        order = self._draft(1, partner=partner)
        self.assertIn("50.00", order.partner_credit_warning)
        self.assertFalse(self.env['sales.credit.profile'].search([('partner_id', '=', partner.id)]))

    def test_banner_is_not_for_the_customer(self):
        self.user_sm_portal.partner_id.parent_id = self.customer
        order = self._draft(12)
        self.assertTrue(order.partner_credit_warning)
        self.assertFalse(order.with_user(self.user_sm_portal).partner_credit_warning)

    def test_banner_speaks_of_the_orders_own_company(self):
        other = self._create_company("Other Company")
        self.env.user.company_ids |= other
        order = self.env['sale.order'].with_company(other).create({
            'partner_id': self.customer.id, 'company_id': other.id,
            'order_line': [Command.create({'product_id': self.service.id, 'product_uom_qty': 12})],
        })
        self.assertFalse(order.with_company(self.company).partner_credit_warning)
