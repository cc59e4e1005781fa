from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .approval_common import ApprovalCommon


@tagged('post_install', '-at_install')
class TestApprovalSubstitute(ApprovalCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls.subject = cls._create_subject()
        cls.today = fields.Date.today()

    def _absent(self, user, substitute, first=0, last=3):
        return self.env['sales.approval.substitute'].create({
            'user_id': user.id, 'substitute_id': substitute.id,
            'date_from': self.today + timedelta(days=first), 'date_to': self.today + timedelta(days=last),
        })

    def test_substitute_decides_on_behalf(self):
        self._absent(self.user_sm_leader, self.user_sm_billing)
        request = self._ask(self.subject)
        self.assertEqual(request.approver_ids, self.user_sm_leader | self.user_sm_billing)
        self.assertEqual(request.activity_ids.user_id, self.user_sm_leader | self.user_sm_billing)
        queue = self.env['sales.approval.request'].with_user(self.user_sm_billing).search([('is_my_turn', '=', True)])
        self.assertEqual(queue.ids, request.ids)
        self._approve(request, self.user_sm_billing)
        self.assertRecordValues(request.decision_ids, [
            {'user_id': self.user_sm_billing.id, 'on_behalf_of_id': self.user_sm_leader.id}])
        self.assertFalse(request.activity_ids)

    def test_only_between_the_dates(self):
        request = self._ask(self.subject)
        absence = self._absent(self.user_sm_leader, self.user_sm_billing, first=2)
        self.assertNotIn(self.user_sm_billing, request.approver_ids)
        with self.assertRaises(AccessError):
            self._approve(request, self.user_sm_billing)
        absence.write({'date_from': self.today - timedelta(days=5), 'date_to': self.today - timedelta(days=2)})
        with self.assertRaises(AccessError):
            self._approve(request, self.user_sm_billing)
        absence.date_to = self.today
        self.assertIn(self.user_sm_billing, request.approver_ids)
        absence.unlink()
        self.assertNotIn(self.user_sm_billing, request.approver_ids)

    def test_days_are_those_of_the_absent_user(self):
        self.user_sm_leader.tz = 'Pacific/Kiritimati'  # UTC+14
        local_today = fields.Date.context_today(self.env['res.users'].with_context(tz='Pacific/Kiritimati'))
        absence = self._absent(self.user_sm_leader, self.user_sm_billing)
        absence.write({'date_from': local_today, 'date_to': local_today})
        self.assertIn(self.user_sm_billing, self._ask(self.subject).approver_ids)

    def test_asker_is_no_substitute(self):
        self._absent(self.user_sm_leader, self.user_sm_sales)
        request = self._ask(self.subject)
        self.assertEqual(request.approver_ids, self.user_sm_leader)
        self.assertFalse(request.with_user(self.user_sm_sales).is_my_turn)
        self.assertNotIn(request, self.env['sales.approval.request'].with_user(self.user_sm_sales).search(
            [('is_my_turn', '=', True)]))
        with self.assertRaises(AccessError):
            self._approve(request, self.user_sm_sales)

    def test_substitute_of_a_substitute_decides_nothing(self):
        self._absent(self.user_sm_leader, self.user_sm_billing)
        self._absent(self.user_sm_billing, self.user_sm_stock)
        request = self._ask(self.subject)
        self.assertNotIn(self.user_sm_stock, request.approver_ids)

    def test_archived_or_foreign_substitute(self):
        abroad = self._create_company()
        foreign = self._create_user(
            'sm_foreign', 'base.group_user', company_id=abroad.id, company_ids=[Command.set(abroad.ids)])
        self._absent(self.user_sm_leader, foreign)
        self._absent(self.user_sm_leader, self.user_sm_stock)
        self.user_sm_stock.active = False
        self.assertEqual(self._ask(self.subject).approver_ids, self.user_sm_leader)

    def test_agrees_for_all_seats_where_all_must_agree(self):
        committee = self.env['res.groups'].create({
            'name': "Committee", 'user_ids': [Command.set((self.user_sm_leader | self.user_sm_billing).ids)]})
        self._create_rule(steps=[{'approver_type': 'group', 'group_id': committee.id, 'mode': 'all'}])
        self._absent(self.user_sm_leader, self.user_sm_billing)
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_billing)
        self.assertEqual(request.state, 'approved')
        self.assertEqual(len(request.decision_ids), 2)
        self.assertEqual(request.decision_ids.on_behalf_of_id, self.user_sm_leader)

    def test_bad_input(self):
        with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger('odoo.sql_db'):
            self._absent(self.user_sm_leader, self.user_sm_billing, first=3, last=1)
        with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger('odoo.sql_db'):
            self._absent(self.user_sm_leader, self.user_sm_leader)
        with self.assertRaises(ValidationError):
            self._absent(self.user_sm_leader, self.user_sm_portal)

    def test_everybody_names_only_his_own(self):
        Substitute = self.env['sales.approval.substitute']
        values = {'date_from': self.today, 'date_to': self.today}
        mine = Substitute.with_user(self.user_sm_sales).create({
            **values, 'user_id': self.user_sm_sales.id, 'substitute_id': self.user_sm_sales2.id})
        with self.assertRaises(AccessError):
            Substitute.with_user(self.user_sm_sales).create({
                **values, 'user_id': self.user_sm_director.id, 'substitute_id': self.user_sm_sales.id})
        with self.assertRaises(AccessError):
            mine.with_user(self.user_sm_sales).write({
                'user_id': self.user_sm_director.id, 'substitute_id': self.user_sm_sales.id})
        with self.assertRaises(AccessError):
            # who stands in may see it, not prolong it
            mine.with_user(self.user_sm_sales2).write({'date_to': '2099-01-01'})
        self.assertEqual(mine.with_user(self.user_sm_sales2).user_id, self.user_sm_sales)
        with self.assertRaises(AccessError):
            mine.with_user(self.user_sm_leader).read(['user_id'])
        with self.assertRaises(AccessError):
            mine.with_user(self.user_sm_portal).read(['user_id'])
        self.assertTrue(mine.with_user(self.user_sm_director).user_id)
        mine.with_user(self.user_sm_manager).write({'user_id': self.user_sm_leader.id})
