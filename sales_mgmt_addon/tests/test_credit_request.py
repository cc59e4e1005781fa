import math
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .credit_common import CreditCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCreditRequest(CreditCommon):

    def _request(self, kind='raise', user=None, **values):
        return self.env['sales.credit.request'].with_user(user or self.user_sm_sales).create({
            'partner_id': self.customer.id, 'kind': kind, **values})

    def _approvals(self, request):
        return self.env['sales.approval.request'].search([
            ('res_model', '=', request._name), ('res_id', '=', request.id)])

    def _submit(self, kind='raise', user=None, **values):
        request = self._request(kind, user, **values)
        request.action_submit()
        return request.sudo()

    def _decision(self, document):
        return self.env['sales.credit.decision'].search([
            ('res_model', '=', document._name), ('res_id', '=', document.id)])

    def _approve(self, request, user=None):
        self._approvals(request).with_user(user or self.user_sm_controller).action_approve()

    # === FLOW === #

    def test_raise(self):
        request = self._request(new_limit=5000, reason="Growing")
        self.assertEqual((request.state, request.requested_by), ('draft', self.user_sm_sales))
        with self.assertRaises(UserError):
            request.action_submit()  # unlimited already
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request.action_submit()
        self.assertEqual(request.state, 'submitted')
        self.assertEqual(self.profile.limit, 1000)
        approval = self._approvals(request)
        self.assertRecordValues(approval, [{'kind': 'credit_limit', 'amount': 5000, 'state': 'pending'}])
        self._approve(request)
        self.assertRecordValues(request, [{'state': 'applied', 'previous': {'policy': 'limited', 'limit': 1000}}])
        self.assertRecordValues(self.profile, [{'policy': 'limited', 'limit': 5000}])
        self.assertEqual(self.customer.credit_limit, 5000)

    def test_reject(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit(new_limit=5000)
        self._approvals(request).with_user(self.user_sm_controller).action_reject("Too much")
        self.assertEqual(request.state, 'rejected')
        self.assertEqual(self.profile.limit, 1000)

    def test_large_amounts_need_the_director(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit(new_limit=500000)
        self._approve(request)
        self.assertEqual(request.state, 'submitted')
        self._approve(request, self.user_sm_director)
        self.assertEqual(request.state, 'applied')

    def test_unlimited_needs_the_last_step(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit('policy', new_policy='unlimited')
        self._approve(request)
        self.assertEqual(self.profile.policy, 'limited')
        self._approve(request, self.user_sm_director)
        self.assertEqual(self.profile.policy, 'unlimited')

    def test_policy_limited(self):
        request = self._submit('policy', new_policy='limited', new_limit=300)
        self._approve(request)
        self.assertRecordValues(self.profile, [{'policy': 'limited', 'limit': 300}])

    def test_temporary(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit('temporary', new_limit=3000, temporary_until=self.today + timedelta(days=5))
        self._approve(request)
        self.assertEqual(self.profile.effective_limit, 3000)
        with freeze_time(fields.Datetime.now() + timedelta(days=6)):
            self.profile.invalidate_recordset(['effective_limit'])
            self.assertEqual(self.profile.effective_limit, 1000)

    def test_hold(self):
        request = self._submit('hold_on', user=self.user_sm_sales, reason="Rumours")
        self.assertFalse(self.profile.hold, "A salesperson asks, he does not decide")
        self._approve(request)
        self.assertRecordValues(self.profile, [{'hold': True, 'hold_reason': "Rumours"}])
        request = self._submit('hold_off')
        self._approve(request)
        self.assertRecordValues(self.profile, [{'hold': False, 'hold_reason': False}])

    def test_controller_reduces_at_once(self):
        request = self._submit('hold_on', user=self.user_sm_controller, reason="Insolvent")
        self.assertEqual(request.state, 'applied')
        self.assertTrue(self.profile.hold)
        self.assertFalse(self._approvals(request))
        decision = self.env['sales.credit.decision'].search([('profile_id', '=', self.profile.id)])
        self.assertRecordValues(decision, [{
            'user_id': self.user_sm_controller.id, 'res_model': request._name, 'res_id': request.id,
            'codes': 'hold_on', 'exposure_after': 0, 'reason': "Insolvent"}])
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        self.assertEqual(self._submit('lower', user=self.user_sm_controller, new_limit=500).state, 'applied')
        self.assertEqual(self.profile.limit, 500)
        raised = self._submit('raise', user=self.user_sm_controller, new_limit=900)
        self.assertEqual(raised.state, 'submitted')
        with self.assertRaises(UserError):
            self._approve(raised, self.user_sm_controller)

    def test_review(self):
        request = self._submit(
            'review', new_class='B', new_review_date=self.today + timedelta(days=100), change_tolerance=True,
            new_overdue_days=14, new_overdue_amount=20)
        self._approve(request)
        self.assertRecordValues(self.profile, [{
            'credit_class': 'B', 'review_date': self.today + timedelta(days=100), 'overdue_days_allowed': 14,
            'overdue_amount_allowed': 20}])

    def test_effective_and_end_date(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit(
            new_limit=2000, effective_date=self.today + timedelta(days=3), end_date=self.today + timedelta(days=10))
        self._approve(request)
        self.assertEqual((request.state, self.profile.limit), ('approved', 1000))
        cron = self.env.ref('sales_mgmt_addon.ir_cron_sales_credit_apply')
        now = fields.Datetime.now()
        for day, limit in ((2, 1000), (3, 2000), (10, 2000), (11, 1000)):
            with freeze_time(now + timedelta(days=day)), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.assertEqual(self.profile.limit, limit, f"day {day}")
        self.assertTrue(request.reverted)

    def test_end_date_keeps_what_was_changed_since(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit(new_limit=2000, end_date=self.today)
        self._approve(request)
        self.profile._change_terms({'limit': 7000})
        with freeze_time(fields.Datetime.now() + timedelta(days=1)), self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_credit_apply').method_direct_trigger()
        self.assertEqual(self.profile.limit, 7000)

    def test_take_back(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._submit(new_limit=2000)
        with self.assertRaises(AccessError):
            request.with_user(self.user_sm_sales2).action_cancel()
        request.with_user(self.user_sm_sales).action_cancel()
        self.assertEqual(request.state, 'cancelled')
        self.assertEqual(self._approvals(request).state, 'cancelled')

    # === FACTS === #

    def test_facts_and_proposal(self):
        for months, days_late in ((2, 10), (4, 0), (8, 20)):
            due = fields.Date.subtract(self.today, months=months)
            invoice = self._direct_invoice(6000, due=due)
            payments = self.env['account.payment.register'].with_context(
                active_model='account.move', active_ids=invoice.ids).create(
                {'payment_date': due + timedelta(days=days_late)})._create_payments()
            self.assertTrue(payments)
        request = self._request('policy', new_policy='limited')
        self.assertRecordValues(request, [{
            'fact_days_late': 10.0, 'fact_late_share': 0.6667, 'fact_turnover': 18000.0, 'fact_relation_months': 8,
            'fact_exposure': 0.0, 'fact_policy': 'unlimited',
            # 2 months of 1,500 × 0.4
            'proposed_limit': 1200.0,
        }])
        self.assertIn("67 %", request.proposal_reason)
        request.action_use_proposal()
        self.assertEqual(request.new_limit, 1200)
        request.action_submit()
        self._direct_invoice(100000)
        request.invalidate_recordset()
        self.assertEqual(request.fact_exposure, 0, "Frozen when submitted")

    def test_facts_of_a_new_customer(self):
        partner = self._create_partner("Brand New", email=False, user_id=self.user_sm_sales.id)
        request = self._request(partner_id=partner.id, new_limit=10)
        self.assertEqual(request.proposed_limit, 0)
        self.assertEqual(request.fact_relation_months, 0)
        self.assertEqual(request.profile_id.partner_id, partner)

    def test_form(self):
        with Form(self.env['sales.credit.request'].with_user(self.user_sm_sales)) as form:
            form.partner_id = self.customer
            form.kind = 'policy'
            form.new_policy = 'limited'
            form.new_limit = 500
        self.assertEqual(form.record.profile_id, self.profile)

    # === RIGHTS AND BAD INPUT === #

    def test_state_is_not_written(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        request = self._request(new_limit=2000)
        for record in (request, request.sudo(), request.with_user(self.user_sm_controller)):
            for values in (
                {'state': 'approved'}, {'facts': {}}, {'requested_by': 1}, {'profile_id': 1}, {'previous': {}},
            ):
                with self.assertRaises(AccessError):
                    record.write(values)
        with self.assertRaises(AccessError):
            self._request(new_limit=1, state='approved')
        request.action_submit()
        for record in (request, request.sudo(), request.with_user(self.user_sm_controller)):
            with self.assertRaises(UserError):
                record.write({'new_limit': 900000})
            with self.assertRaises(UserError):
                record.unlink()
        with self.assertRaises(UserError):
            request.action_submit()

    def test_only_own_customers(self):
        partner = self._create_partner("Not Mine", email=False)
        with self.assertRaises(AccessError):
            self._request(partner_id=partner.id, new_limit=1)
        for user in (self.user_sm_stock, self.user_sm_portal, self.user_sm_billing):
            with self.assertRaises(AccessError):
                self._request(user=user, new_limit=1)

    def test_bad_numbers(self):
        for values in (
            {'new_limit': -1}, {'new_limit': math.nan}, {'new_limit': math.inf}, {'new_limit': 1e13},
            {'new_overdue_days': -1}, {'new_overdue_amount': -5},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._request(**values)

    def test_bad_dates(self):
        yesterday = self.today - timedelta(days=1)
        for values in (
            {'kind': 'temporary', 'new_limit': 5000, 'temporary_until': yesterday},
            {'end_date': yesterday},
            {'effective_date': self.today + timedelta(days=5), 'end_date': self.today + timedelta(days=4)},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._request(**values)

    def test_incomplete(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        for kind, values in (
            ('raise', {'new_limit': 1000}), ('lower', {'new_limit': 1000}), ('temporary', {'new_limit': 5000}),
            ('temporary', {'new_limit': 500, 'temporary_until': self.today}), ('policy', {}), ('hold_on', {}),
            ('hold_off', {}), ('review', {}),
        ):
            with self.assertRaises(UserError):
                self._submit(kind, **values)

    def test_archived_customer_and_foreign_company(self):
        other = self._create_company("No Access")
        with self.assertRaises(AccessError):
            self._request(company_id=other.id, new_limit=1)
        self.customer.active = False
        with self.assertRaises(UserError):
            self._request(new_limit=1)

    def test_decisions_are_evidence(self):
        request = self._submit('hold_on', user=self.user_sm_controller, reason="Insolvent")
        decision = self._decision(request)
        values = {'profile_id': self.profile.id, 'res_model': 'sale.order', 'res_id': 1, 'verdict': 'approve',
                  'user_id': self.env.uid, 'valid_until': self.today}
        users = (self.user_sm_sales, self.user_sm_controller, self.user_sm_director, self.env.ref('base.user_admin'))
        for record in [decision.with_user(user) for user in users] + [decision.sudo()]:
            with self.assertRaises(UserError):
                record.write({'verdict': 'reject'})
            with self.assertRaises(UserError):
                record.unlink()
            with self.assertRaises(UserError):
                record.create(values)

    def test_wizard(self):
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        order = self._order((self.service, 15), confirm=False, user_id=self.user_sm_sales.id)
        order.with_user(self.user_sm_sales).action_confirm()
        wizard = self.env['sales.approval.decide'].with_user(self.user_sm_controller).create({
            'request_id': order.approval_request_ids.id, 'credit_scope': 'up_to_amount'})
        with self.assertRaises(ValidationError):
            wizard.action_confirm()
        wizard.write({
            'credit_scope_amount': 1800, 'credit_scope_date': self.today + timedelta(days=20),
            'credit_forecast_date': self.today + timedelta(days=40), 'reason': "Good customer"})
        self.assertIn("1,500.00", wizard.summary)
        wizard.action_confirm()
        self.assertEqual(order.state, 'sale')
        decision = self._decision(order)
        self.assertRecordValues(decision, [{
            'scope': 'up_to_amount', 'scope_amount': 1800, 'scope_date': self.today + timedelta(days=20),
            'valid_until': self.today + timedelta(days=20), 'forecast_payment_date': self.today + timedelta(days=40),
            'reason': "Good customer"}])

    def test_attachment_and_number(self):
        attachment = self.env['ir.attachment'].with_user(self.user_sm_sales).create(
            {'name': "accounts.pdf", 'raw': b"x"})
        request = self._request(new_limit=5, attachment_ids=[Command.link(attachment.id)])
        self.assertTrue(request.name.startswith("CR/"))
