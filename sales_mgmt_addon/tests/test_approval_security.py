import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sales_mgmt_addon.internal import grant

from .approval_common import ApprovalCommon

EVIDENCE = ('sales.approval.request', 'sales.approval.request.step', 'sales.approval.decision')
ROLES = ('sm_sales', 'sm_leader', 'sm_region', 'sm_controller', 'sm_director', 'sm_manager', 'sm_billing',
         'sm_stock', 'sm_portal')


@tagged('post_install', '-at_install')
class TestApprovalSecurity(ApprovalCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls.subject = cls._create_subject()

    def _decided(self):
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_leader)
        return request

    # === EVIDENCE === #

    def test_no_role_writes_evidence(self):
        request = self._decided()
        users = [getattr(self, f'user_{login}') for login in ROLES] + [self.env.ref('base.user_admin')]
        for user in users:
            for records in (request, request.step_ids, request.decision_ids):
                records = records.with_user(user)
                with self.subTest(user=user.login, model=records._name):
                    for operation in ('write', 'create', 'unlink'):
                        self.assertFalse(records.has_access(operation))
                    with self.assertRaises(UserError):
                        records.write({'state': 'approved'} if 'state' in records else {'reason': "Changed"})
                    with self.assertRaises(UserError):
                        records.unlink()
                    with self.assertRaises(UserError):
                        records.copy()

    def test_decisions_are_for_ever_even_in_sudo(self):
        decision = self._decided().decision_ids.sudo()
        with self.assertRaisesSaying(UserError, "cannot be changed"):
            decision.write({'reason': "Other"})
        with self.assertRaisesSaying(UserError, "cannot be changed"):
            decision.verdict = 'reject'
        with self.assertRaisesSaying(UserError, "cannot be deleted"):
            decision.unlink()
        with self.assertRaisesSaying(UserError, "not by hand"):
            decision.create({'request_id': decision.request_id.id, 'user_id': 1, 'verdict': 'approve'})
        with self.assertRaisesSaying(UserError, "not by hand"):
            # what a client could send instead of the permission
            decision.with_context(sales_mgmt_pass=['approval.decision']).create(
                {'request_id': decision.request_id.id, 'user_id': 1, 'verdict': 'approve'})
        with self.assertRaises(AccessError):
            grant(decision, 'approval.decision').with_user(self.user_sm_manager).create(
                {'request_id': decision.request_id.id, 'user_id': 1, 'verdict': 'approve'})

    def test_requests_stay_on_record(self):
        request = self._ask(self.subject)
        with self.assertRaisesSaying(UserError, "stay on record"):
            request.sudo().unlink()
        with self.assertRaisesSaying(UserError, "steps of approval requests stay"):
            request.step_ids.sudo().unlink()

    def test_inverse_fields_are_no_way_in(self):
        request = self._ask(self.subject)
        manager = self.user_sm_manager
        with self.assertRaises(AccessError):
            self.subject.with_user(manager).write({
                'approval_request_ids': [Command.update(request.id, {'state': 'approved'})],
            })
        rule = request.rule_id.with_user(manager)
        with self.assertRaises(AccessError):
            request.with_user(manager).write({'step_ids': [Command.update(request.step_ids.id, {'state': 'approved'})]})
        self.assertTrue(rule.has_access('write'))
        self.assertEqual(request.state, 'pending')

    def test_two_open_questions_of_a_kind_are_impossible(self):
        request = self._ask(self.subject)
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            request.sudo().copy({'name': "Second"})

    # === WHO SEES WHAT === #

    def _sees(self, request):
        Request = self.env['sales.approval.request']
        seen = set()
        for login in ROLES:
            user = getattr(self, f'user_{login}')
            if not Request.with_user(user).has_access('read'):
                continue
            found = Request.with_user(user).search([('id', '=', request.id)])
            self.assertEqual(bool(found), request.with_user(user).has_access('read'), "search and read agree")
            for evidence in filter(None, (request.step_ids, request.decision_ids)):
                self.assertEqual(bool(found), evidence.with_user(user).has_access('read'))
            if found:
                seen.add(login)
        return seen

    def test_request_of_the_team(self):
        request = self._decided()
        self.assertEqual(
            self._sees(request), {'sm_sales', 'sm_leader', 'sm_region', 'sm_director', 'sm_manager'})

    def test_request_about_credit(self):
        request = self._ask(self.subject, 'credit', user=self.user_sm_sales2)
        self.assertEqual(
            self._sees(request), {'sm_controller', 'sm_leader', 'sm_region', 'sm_director', 'sm_manager'})

    def test_request_of_another_team(self):
        team = self._create_team("Elsewhere", leader=self.user_sm_sales2)
        request = self._ask(self._create_subject(team_id=team.id), user=self.user_sm_billing)
        self.assertEqual(self._sees(request), {'sm_billing', 'sm_director', 'sm_manager'})
        self.assertTrue(request.with_user(self.user_sm_sales2).has_access('read'), "he decides")

    def test_delegate_and_substitute_see_it(self):
        request = self._ask(self.subject)
        self.assertFalse(request.with_user(self.user_sm_stock).has_access('read'))
        self.env['sales.approval.substitute'].create({
            'user_id': self.user_sm_leader.id, 'substitute_id': self.user_sm_stock.id, 'date_to': '2099-01-01'})
        self.assertTrue(request.with_user(self.user_sm_stock).has_access('read'))
        request.with_user(self.user_sm_leader).action_delegate(self.user_sm_billing)
        self.assertTrue(request.with_user(self.user_sm_billing).has_access('read'))

    def test_other_companies(self):
        abroad = self._create_company()
        self.user_sm_director.company_ids += abroad
        request = self._ask(self._create_subject(company_id=abroad.id))
        for login in ROLES:
            user = getattr(self, f'user_{login}')
            with self.subTest(user=login):
                self.assertEqual(
                    request.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids).has_access('read'),
                    login == 'sm_director')

    def test_rules_are_for_managers(self):
        rule = self._create_rule()
        for login in ROLES:
            user = getattr(self, f'user_{login}')
            with self.subTest(user=login):
                for records in (rule, rule.step_ids):
                    records = records.with_user(user)
                    self.assertEqual(records.has_access('write'), login == 'sm_manager')
                    self.assertEqual(
                        records.has_access('read'), login in ('sm_manager', 'sm_director', 'sm_controller'))

    def test_form_reads_for_every_reader(self):
        """Every field of the views is readable by the asker and the approver."""
        request = self._decided()
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_director):
            Request = self.env['sales.approval.request'].with_user(user)
            for view_type in ('form', 'list', 'kanban'):
                view = Request.get_view(view_type=view_type)
                names = set(view['models'][Request._name])
                self.assertTrue(Request.browse(request.id).read(list(names)))

    def test_portal_reads_nothing(self):
        request = self._decided()
        for records in (request, request.step_ids, request.decision_ids):
            with self.assertRaises(AccessError):
                records.with_user(self.user_sm_portal).read(['id'])
        with self.assertRaises(AccessError):
            request.with_user(self.user_sm_portal).action_approve()
