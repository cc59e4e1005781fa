from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .approval_common import ApprovalCommon


@tagged('post_install', '-at_install')
class TestApprovalRequest(ApprovalCommon):
    """Asking and deciding."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._create_rule()
        cls.subject = cls._create_subject()

    def test_ask_freezes_the_facts(self):
        request = self._ask(self.subject, reason="Big customer")
        self.assertRecordValues(request, [{
            'res_model': self.subject._name, 'res_id': self.subject.id, 'kind': 'discount', 'state': 'pending',
            'amount': 500.0, 'threshold': 10.0, 'currency_id': self.company.currency_id.id,
            'company_id': self.company.id, 'team_id': self.team.id, 'requested_by': self.user_sm_sales.id,
            'reason': "Big customer", 'rule_id': self.rule.id, 'subject_display': "Document",
            'fingerprint': {'amount': 500.0, 'discount': 10.0},
            'expires_on': fields.Date.today() + timedelta(days=30),
        }])
        self.assertTrue(request.name.startswith('APR/'))
        self.assertEqual(request.approver_ids, self.user_sm_leader)
        self.assertEqual(self.subject.pending_approver_ids, self.user_sm_leader)
        self.assertEqual(self.subject.approval_request_ids, request)
        self.assertIn(request.name, self._notes(self.subject))

    def test_the_customer_is_named(self):
        partner = self._create_partner("Gate Customer")
        contact = self._create_partner("Purchasing", parent_id=partner.id, is_company=False)
        request = self._ask(self._create_subject(partner_id=contact.id))
        self.assertEqual(request.subject_display, "Document · Gate Customer")
        self.assertIn(request, self.env['sales.approval.request'].search([('subject_display', 'ilike', "gate cust")]))

    def test_approve(self):
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_leader, "Fine")
        self.assertEqual(request.state, 'approved')
        self.assertRecordValues(request.decision_ids, [{
            'user_id': self.user_sm_leader.id, 'verdict': 'approve', 'reason': "Fine", 'on_behalf_of_id': False,
            'step_id': request.step_ids.id, 'fingerprint': {'amount': 500.0, 'discount': 10.0},
        }])
        self.assertEqual(request.step_ids.state, 'approved')
        self.assertEqual(self.subject.events.strip(), 'approved:discount')
        self.assertFalse(request.approver_ids)
        self.assertFalse(self.subject.pending_approver_ids)
        self.assertIn("approved by Sm Leader: Fine", self._notes(self.subject))

    def test_reject_needs_a_reason(self):
        request = self._ask(self.subject).with_user(self.user_sm_leader)
        for empty in (None, "", "  "):
            with self.assertRaisesSaying(UserError, "why you reject"):
                request.action_reject(empty)
        request.action_reject("Too cheap")
        self.assertEqual(request.state, 'rejected')
        self.assertEqual(request.sudo().decision_ids.reason, "Too cheap")
        self.assertEqual(self.subject.events.strip(), 'rejected:discount')
        self.assertIn("Too cheap", self._notes(self.subject))

    def test_rejection_ends_the_later_steps(self):
        self._create_rule(steps=('team_leader', 'director'))
        request = self._ask(self.subject)
        request.with_user(self.user_sm_leader).action_reject("No")
        self.assertEqual(request.step_ids.mapped('state'), ['rejected', 'skipped'])

    def test_only_approvers_decide(self):
        request = self._ask(self.subject)
        for user in (self.user_sm_sales2, self.user_sm_region, self.user_sm_controller, self.user_sm_director,
                     self.user_sm_billing, self.user_sm_manager, self.user_sm_portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._approve(request, user)
        self.assertEqual(request.state, 'pending')
        self.assertFalse(request.decision_ids)

    def test_asker_never_decides(self):
        self._create_rule(steps=[{'approver_type': 'group', 'group_id': self.env.ref('base.group_user').id}])
        request = self._ask(self.subject)
        self.assertNotIn(self.user_sm_sales, request.approver_ids)
        with self.assertRaisesSaying(AccessError, "yourself"):
            self._approve(request, self.user_sm_sales)
        with self.assertRaisesSaying(AccessError, "yourself"):
            request.with_user(self.user_sm_sales).action_reject("Changed my mind")
        self.assertFalse(request.with_user(self.user_sm_sales).is_my_turn)

    def test_decided_once(self):
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_leader)
        with self.assertRaisesSaying(UserError, "already decided"):
            self._approve(request, self.user_sm_leader)
        with self.assertRaisesSaying(UserError, "already decided"):
            request.with_user(self.user_sm_leader).action_reject("No")
        self.assertEqual(len(request.decision_ids), 1)

    def test_payload_is_kept_with_the_decision(self):
        request = self._ask(self.subject)
        decision = request.with_user(self.user_sm_leader)._decide('approve', payload={'scope': 'once'})
        self.assertEqual(decision.payload, {'scope': 'once'})
        self.assertEqual(decision.verdict, 'approve')

    def test_queue_search(self):
        request = self._ask(self.subject)
        Request = self.env['sales.approval.request']
        leader_queue = Request.with_user(self.user_sm_leader).search([('is_my_turn', '=', True)])
        self.assertIn(request.id, leader_queue.ids)
        self.assertTrue(all(leader_queue.mapped('is_my_turn')))
        self.assertNotIn(request, Request.with_user(self.user_sm_leader).search([('is_my_turn', '=', False)]))
        for user in (self.user_sm_sales, self.user_sm_director):
            self.assertNotIn(request, Request.with_user(user).search([('is_my_turn', '=', True)]))
        self.assertIn(request, Request.search([('approver_ids', 'in', self.user_sm_leader.ids)]))
        self.assertNotIn(request, Request.search([('approver_ids', 'in', self.user_sm_sales.ids)]))
        self.assertIn(request, Request.search([('approver_ids.login', '=', 'sm_leader')]))

    def test_activities_follow_the_steps(self):
        self._create_rule(steps=('team_leader', 'director'))
        request = self._ask(self.subject)
        self.assertEqual(request.activity_ids.user_id, self.user_sm_leader)
        self._approve(request, self.user_sm_leader, "Yes")
        self.assertIn(self.user_sm_director, request.activity_ids.user_id)
        self.assertNotIn(self.user_sm_leader, request.activity_ids.user_id)
        done = self.env['mail.activity'].with_context(active_test=False).search([
            ('res_model', '=', request._name), ('res_id', '=', request.id),
            ('user_id', '=', self.user_sm_leader.id),
        ])
        self.assertFalse(done.active)
        self._approve(request, self.user_sm_director)
        self.assertFalse(request.activity_ids)

    def test_closing_the_activity_decides_nothing(self):
        request = self._ask(self.subject)
        request.activity_ids.with_user(self.user_sm_leader).action_feedback("Done")
        self.assertEqual(request.state, 'pending')
        self.assertTrue(request.with_user(self.user_sm_leader).is_my_turn)

    def test_asker_is_told(self):
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_leader)
        self.assertTrue(self.env['mail.notification'].search([
            ('res_partner_id', '=', self.user_sm_sales.partner_id.id),
            ('mail_message_id.model', '=', request._name), ('mail_message_id.res_id', '=', request.id),
        ]))

    def test_a_client_context_does_not_reach_the_evidence(self):
        subject = self.subject.with_user(self.user_sm_sales).sudo().with_context(
            default_state='approved', default_requested_by=self.user_sm_sales2.id, default_version=9,
            default_expires_on='2999-01-01', mail_activity_automation_skip=True, default_verdict='skip',
        )
        request = subject._approval_ask('discount')
        self.assertEqual(request.state, 'pending')
        self.assertEqual(request.requested_by, self.user_sm_sales)
        self.assertTrue(request.activity_ids)
        request.with_user(self.user_sm_leader).with_context(
            default_user_id=self.user_sm_director.id, tracking_disable=True).action_approve()
        self.assertEqual(request.decision_ids.user_id, self.user_sm_leader)

    def test_customer_and_jobs_ask_in_the_name_of_the_salesperson(self):
        self.subject.user_id = self.user_sm_leader
        request = self._ask(self.subject, user=self.user_sm_portal)
        self.assertEqual(request.requested_by, self.user_sm_leader)
        self.assertEqual(request.approver_ids, self.user_sm_region, "the leader does not approve his own sale")
        request = self._ask(self.subject, 'credit', user=self.env.ref('base.user_root'))
        self.assertEqual(request.requested_by, self.user_sm_leader)

    def test_numbers_that_are_none(self):
        for bad in (float('nan'), float('inf')):
            subject = self._create_subject()
            subject.amount = bad
            with self.subTest(bad=bad), self.assertRaises(ValidationError):
                self._ask(subject)

    def test_open_subject(self):
        request = self._ask(self.subject)
        with self.assertRaises(AccessError):
            # no role has access to the model of this test
            request.with_user(self.user_sm_leader).action_open_subject()
        action = request.sudo().action_open_subject()
        self.assertEqual((action['res_model'], action['res_id']), (self.subject._name, self.subject.id))
        self.assertIn(('res_id', '=', self.subject.id), self.subject.action_open_approvals()['domain'])

    def test_summary_is_escaped(self):
        subject = self._create_subject(name="<script>alert(1)</script>")
        request = self._ask(subject)
        summary = str(request.with_user(self.user_sm_leader).summary)
        self.assertIn("500.0", summary)
        self.assertNotIn("<script>", summary)
        self.assertNotIn("<script>", self._notes(subject))

    def test_cancel(self):
        request = self._ask(self.subject)
        for user in (self.user_sm_sales2, self.user_sm_leader):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                request.with_user(user).action_cancel()
        request.with_user(self.user_sm_sales).action_cancel()
        self.assertEqual(request.state, 'cancelled')
        self.assertEqual(request.step_ids.state, 'skipped')
        self.assertFalse(request.activity_ids)
        self.assertEqual(self.subject.events.strip(), 'cancelled:discount')
        self.assertIn("Withdrawn by Sm Sales", self._notes(self.subject))
        with self.assertRaisesSaying(UserError, "already decided"):
            request.with_user(self.user_sm_sales).action_cancel()
        second = self._ask(self.subject)
        second.with_user(self.user_sm_director).action_cancel()
        self.assertEqual(second.state, 'cancelled')


@tagged('post_install', '-at_install')
class TestApprovalDelegate(ApprovalCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls.subject = cls._create_subject()

    def test_hand_over(self):
        request = self._ask(self.subject)
        request.with_user(self.user_sm_leader).action_delegate(self.user_sm_controller, "Yours")
        self.assertEqual(request.approver_ids, self.user_sm_controller)
        self.assertEqual(request.activity_ids.user_id, self.user_sm_controller)
        self.assertRecordValues(request.decision_ids, [{
            'verdict': 'delegate', 'user_id': self.user_sm_leader.id, 'reason': "Yours",
            'delegate_id': self.user_sm_controller.id,
        }])
        with self.assertRaises(AccessError):
            self._approve(request, self.user_sm_leader)
        self._approve(request, self.user_sm_controller)
        self.assertEqual(request.state, 'approved')

    def test_over_rpc_the_user_is_an_id(self):
        request = self._ask(self.subject)
        request.with_user(self.user_sm_leader).action_delegate(self.user_sm_controller.id)
        self.assertEqual(request.approver_ids, self.user_sm_controller)

    def test_never_to_the_asker_or_somebody_unable(self):
        request = self._ask(self.subject)
        archived = self._create_user('sm_gone', 'base.group_user', active=False)
        abroad = self._create_company()
        foreign = self._create_user(
            'sm_foreign', 'base.group_user', company_id=abroad.id, company_ids=[(6, 0, abroad.ids)])
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_portal, archived, foreign,
                     self.env['res.users']):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                request.with_user(self.user_sm_leader).action_delegate(user)
        with self.assertRaises(AccessError):
            request.with_user(self.user_sm_sales2).action_delegate(self.user_sm_sales2)
        self.assertEqual(request.approver_ids, self.user_sm_leader)
        self.assertFalse(request.decision_ids)

    def test_not_back_to_the_asker_by_a_detour(self):
        request = self._ask(self.subject)
        request.with_user(self.user_sm_leader).action_delegate(self.user_sm_sales2)
        with self.assertRaises(UserError):
            request.with_user(self.user_sm_sales2).action_delegate(self.user_sm_sales)
        self._approve(request, self.user_sm_sales2)
        self.assertEqual(request.state, 'approved')
