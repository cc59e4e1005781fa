from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .approval_common import ApprovalCommon


@tagged('post_install', '-at_install')
class TestApprovalWizard(ApprovalCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls.subject = cls._create_subject()

    def _wizard(self, request, user, verdict='approve'):
        request = request.with_user(user).with_context(verdict=verdict)
        action = request.action_open_decide()
        return Form(request.env[action['res_model']].with_context(action['context']))

    def test_approve(self):
        request = self._ask(self.subject)
        form = self._wizard(request, self.user_sm_leader)
        self.assertEqual(form.amount, 500)
        form.reason = "Yes"
        form.save().action_confirm()
        self.assertEqual(request.state, 'approved')
        self.assertEqual(request.decision_ids.reason, "Yes")

    def test_reject_needs_a_reason(self):
        request = self._ask(self.subject)
        form = self._wizard(request, self.user_sm_leader, 'reject')
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "No"
        form.save().action_confirm()
        self.assertEqual(request.state, 'rejected')

    def test_hand_over(self):
        request = self._ask(self.subject)
        form = self._wizard(request, self.user_sm_leader, 'delegate')
        form.delegate_id = self.user_sm_controller
        form.save().action_confirm()
        self.assertEqual(request.approver_ids, self.user_sm_controller)

    def test_wizard_is_no_way_around(self):
        request = self._ask(self.subject)
        wizard = self.env['sales.approval.decide'].with_user(self.user_sm_sales).create({'request_id': request.id})
        with self.assertRaises(AccessError):
            wizard.action_confirm()
        wizard = self.env['sales.approval.mass.decide'].with_user(self.user_sm_sales).create(
            {'request_ids': request.ids})
        with self.assertRaises(AccessError):
            wizard.action_confirm()
        self.assertEqual(request.state, 'pending')

    def _mass(self, requests, user, **values):
        return self.env['sales.approval.mass.decide'].with_user(user).with_context(
            active_model='sales.approval.request', active_ids=requests.ids).create(values)

    def test_mass_approve(self):
        requests = self.env['sales.approval.request'].union(
            *(self._ask(self._create_subject()) for _index in range(3)))
        wizard = self._mass(requests, self.user_sm_leader, reason="All fine")
        self.assertEqual((wizard.kind, wizard.request_count), ('discount', 3))
        wizard.action_confirm()
        self.assertEqual(set(requests.mapped('state')), {'approved'})
        self.assertEqual(requests.decision_ids.mapped('reason'), ["All fine"] * 3)

    def test_mass_decide_needs_equal_kinds(self):
        requests = self._ask(self.subject) | self._ask(self.subject, 'credit')
        self.user_sm_leader.group_ids += self.env.ref('sales_mgmt_addon.group_credit_controller')
        with self.assertRaisesSaying(UserError, "of one kind"):
            self._mass(requests, self.user_sm_leader).action_confirm()
        with self.assertRaisesSaying(UserError, "Select"):
            self._mass(requests.browse(), self.user_sm_leader).action_confirm()
        self.assertEqual(set(requests.mapped('state')), {'pending'})

    def test_mass_decide_is_all_or_nothing(self):
        mine, other = self._ask(self.subject), self._ask(self._create_subject(team_id=self.team_region.id))
        self.user_sm_leader.group_ids += self.env.ref('sales_mgmt_addon.group_director')
        wizard = self._mass(mine | other, self.user_sm_leader)
        with self.assertRaises(AccessError), self.cr.savepoint():
            wizard.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(mine.state, 'pending')
