from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .approval_common import ApprovalCommon


@tagged('post_install', '-at_install')
class TestApprovalSteps(ApprovalCommon):
    """Who decides: the resolution of steps, any and all, skipping, escalation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subject = cls._create_subject()
        # directors of this test only, so that "nobody is left" can be shown
        cls.director_group = cls.env.ref('sales_mgmt_addon.group_director')
        cls.director_group.user_ids = [Command.set(cls.user_sm_director.ids)]
        cls.committee = cls.env['res.groups'].create({
            'name': "Committee",
            'user_ids': [Command.set((cls.user_sm_controller | cls.user_sm_billing | cls.user_sm_stock).ids)],
        })

    def _group_step(self, **values):
        return {'approver_type': 'group', 'group_id': self.committee.id, **values}

    # === WHO === #

    def test_approver_types(self):
        for step, expected in (
            ('team_leader', self.user_sm_leader),
            ('parent_team_leader', self.user_sm_region),
            ('director', self.user_sm_director),
            ({'approver_type': 'user', 'user_id': self.user_sm_billing.id}, self.user_sm_billing),
            (self._group_step(), self.user_sm_controller | self.user_sm_billing | self.user_sm_stock),
        ):
            with self.subTest(step=step):
                self._create_rule(steps=[step])
                self.assertEqual(self._ask(self._create_subject()).approver_ids, expected)

    def test_no_rule_asks_the_director(self):
        self._create_rule(amount_from=100000)
        request = self._ask(self.subject)
        self.assertFalse(request.rule_id)
        self.assertEqual(request.approver_ids, self.user_sm_director)

    def test_own_step_goes_one_level_up(self):
        self._create_rule()
        request = self._ask(self._create_subject(), user=self.user_sm_leader)
        self.assertEqual(request.approver_ids, self.user_sm_region)
        self._create_rule(steps=['parent_team_leader'])
        request = self._ask(self._create_subject(), user=self.user_sm_region)
        self.assertEqual(request.approver_ids, self.user_sm_director)
        self._create_rule(steps=[{'approver_type': 'user', 'user_id': self.user_sm_sales.id}])
        request = self._ask(self._create_subject())
        self.assertEqual(request.approver_ids, self.user_sm_director)

    def test_vacant_levels_are_passed(self):
        self._create_rule()
        self.team.user_id = False
        self.assertEqual(self._ask(self._create_subject()).approver_ids, self.user_sm_region)
        self.user_sm_region.active = False
        self.assertEqual(self._ask(self._create_subject()).approver_ids, self.user_sm_director)
        self.assertEqual(self._ask(self._create_subject(team_id=False)).approver_ids, self.user_sm_director)

    def test_group_without_the_asker(self):
        self._create_rule(steps=[self._group_step()])
        request = self._ask(self.subject, user=self.user_sm_billing)
        self.assertEqual(request.approver_ids, self.user_sm_controller | self.user_sm_stock)

    def test_nobody_left_is_said_with_rule_and_step(self):
        self._create_rule(name="Board only", steps=['director'])
        with self.assertRaisesSaying(UserError, "Sales director.*Board only"):
            self._ask(self.subject, user=self.user_sm_director)
        self.assertFalse(self.subject.approval_request_ids)
        self.director_group.user_ids = [Command.clear()]
        with self.assertRaisesSaying(UserError, "Board only"):
            self._ask(self.subject)

    def test_approvers_need_the_company(self):
        abroad = self._create_company()
        both = [Command.set((self.company | abroad).ids)]
        self._create_rule(steps=[self._group_step()])
        self.user_sm_stock.company_ids = both
        self.assertEqual(self._ask(self._create_subject(company_id=abroad.id)).approver_ids, self.user_sm_stock)
        self.user_sm_stock.active = False
        with self.assertRaisesSaying(UserError, abroad.name):
            self._ask(self._create_subject(company_id=abroad.id))
        self.user_sm_director.company_ids = both
        self.assertEqual(self._ask(self._create_subject(company_id=abroad.id)).approver_ids, self.user_sm_director)

    # === SKIPPING === #

    def test_skip_when_the_asker_stands_above(self):
        self._create_rule(steps=['team_leader', 'director'])
        request = self._ask(self.subject, user=self.user_sm_region)
        self.assertEqual(request.step_ids.mapped('state'), ['skipped', 'pending'])
        self.assertEqual(request.approver_ids, self.user_sm_director)
        self.assertRecordValues(request.decision_ids, [
            {'verdict': 'skip', 'user_id': self.user_sm_region.id, 'step_id': request.step_ids[0].id}])

    def test_all_steps_skipped_approves_at_once(self):
        self._create_rule(steps=['team_leader', 'parent_team_leader'])
        request = self._ask(self.subject, user=self.user_sm_director)
        self.assertEqual(request.state, 'approved')
        self.assertEqual(request.decision_ids.mapped('verdict'), ['skip', 'skip'])
        self.assertEqual(self.subject.events.strip(), 'approved:discount')
        self.assertTrue(self.subject._approval_covering(['discount']))

    def test_no_skipping_where_a_second_pair_of_eyes_is_wanted(self):
        self._create_rule(steps=[{'approver_type': 'team_leader', 'skip_if_above': False}])
        request = self._ask(self.subject, user=self.user_sm_director)
        self.assertEqual(request.approver_ids, self.user_sm_leader)

    def test_credit_of_a_director_goes_to_the_controller(self):
        request = self._ask(self.subject, 'credit', user=self.user_sm_director)
        self.assertEqual(request.state, 'pending')
        self.assertIn(self.user_sm_controller, request.approver_ids)
        self.assertNotIn(self.user_sm_director, request.approver_ids)

    # === ANY AND ALL === #

    def test_any_one_is_enough(self):
        self._create_rule(steps=[self._group_step(), 'director'])
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_billing)
        self.assertEqual(request.step_ids.mapped('state'), ['approved', 'pending'])
        with self.assertRaises(AccessError):
            self._approve(request, self.user_sm_stock)
        self._approve(request, self.user_sm_director)
        self.assertEqual(request.state, 'approved')

    def test_all_must_agree(self):
        self._create_rule(steps=[self._group_step(mode='all')])
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_billing)
        self.assertEqual(request.state, 'pending')
        self.assertEqual(request.approver_ids, self.user_sm_controller | self.user_sm_stock)
        self.assertFalse(request.with_user(self.user_sm_billing).is_my_turn)
        with self.assertRaises(AccessError):
            self._approve(request, self.user_sm_billing)
        self._approve(request, self.user_sm_stock)
        self._approve(request, self.user_sm_controller)
        self.assertEqual(request.state, 'approved')
        self.assertEqual(len(request.decision_ids), 3)

    def test_one_of_all_can_reject(self):
        self._create_rule(steps=[self._group_step(mode='all')])
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_billing)
        request.with_user(self.user_sm_stock).action_reject("No")
        self.assertEqual(request.state, 'rejected')

    # === PEOPLE WHO LEAVE === #

    def test_archived_approver_is_replaced(self):
        self._create_rule()
        request = self._ask(self.subject)
        self.user_sm_leader.active = False
        self.assertEqual(request.approver_ids, self.user_sm_region)
        self.assertEqual(request.activity_ids.user_id, self.user_sm_region)
        self._approve(request, self.user_sm_region)
        self.assertEqual(request.state, 'approved')

    def test_approver_without_the_company_is_replaced(self):
        self._create_rule(steps=[{'approver_type': 'user', 'user_id': self.user_sm_billing.id}])
        request = self._ask(self.subject)
        abroad = self._create_company()
        self.user_sm_billing.write({'company_id': abroad.id, 'company_ids': [Command.set(abroad.ids)]})
        self.assertEqual(request.approver_ids, self.user_sm_director)

    def test_archived_member_of_a_group_is_left_out(self):
        self._create_rule(steps=[self._group_step(mode='all')])
        request = self._ask(self.subject)
        self.user_sm_stock.active = False
        self.assertEqual(request.approver_ids, self.user_sm_controller | self.user_sm_billing)

    def test_people_are_looked_up_when_a_step_opens(self):
        self._create_rule(steps=['team_leader', 'parent_team_leader'])
        request = self._ask(self.subject)
        self.team_region.user_id = self.user_sm_billing
        self._approve(request, self.user_sm_leader)
        self.assertEqual(request.approver_ids, self.user_sm_billing)

    def test_rule_edited_later_does_not_change_the_question(self):
        rule = self._create_rule(steps=['team_leader', 'director'])
        request = self._ask(self.subject)
        rule.step_ids[1].unlink()
        rule.step_ids.approver_type = 'director'
        self._approve(request, self.user_sm_leader)
        self.assertEqual(request.approver_ids, self.user_sm_director)
        rule.unlink()
        self._approve(request, self.user_sm_director)
        self.assertEqual(request.state, 'approved')

    def test_users_of_approvals_cannot_be_deleted(self):
        self._create_rule()
        request = self._ask(self.subject)
        self._approve(request, self.user_sm_leader)
        waiting = self._ask(self._create_subject(team_id=self.team_region.id))
        self.assertEqual(waiting.approver_ids, self.user_sm_region)
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_region):
            with self.subTest(user=user.login), self.assertRaisesSaying(UserError, "Archive the user"):
                user.unlink()


@tagged('post_install', '-at_install')
class TestApprovalDeadline(ApprovalCommon):
    """Deadlines in working hours and escalation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env['resource.calendar'].create({
            'name': "Mo-Fr 8-12, 13-17", 'tz': 'UTC', 'company_id': cls.company.id,
            'attendance_ids': [
                Command.create({'name': "x", 'dayofweek': str(day), 'hour_from': start, 'hour_to': start + 4})
                for day in range(5) for start in (8, 13)
            ],
        })
        cls.env.ref('sales_mgmt_addon.group_director').user_ids = [Command.set(cls.user_sm_director.ids)]

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_approval_follow_up').method_direct_trigger()
        self.env.invalidate_all()

    def test_deadline_counts_working_hours(self):
        self._create_rule(steps=[{'approver_type': 'team_leader', 'deadline_hours': 4}])
        with freeze_time('2026-03-06 15:00:00'):  # a Friday
            request = self._ask(self._create_subject())
        self.assertEqual(request.deadline, fields.Datetime.to_datetime('2026-03-09 10:00:00'))
        self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'calendar_id': self.company.resource_calendar_id.id,
            'date_from': '2026-03-09 00:00:00', 'date_to': '2026-03-09 23:59:59', 'resource_id': False,
        })
        with freeze_time('2026-03-06 15:00:00'):
            request = self._ask(self._create_subject())
        self.assertEqual(request.deadline, fields.Datetime.to_datetime('2026-03-10 10:00:00'))

    def test_no_deadline(self):
        self._create_rule()
        self.assertFalse(self._ask(self._create_subject()).deadline)

    def test_company_without_working_hours(self):
        self._create_rule(steps=[{'approver_type': 'team_leader', 'deadline_hours': 4}])
        self.company.resource_calendar_id.attendance_ids.unlink()
        with freeze_time('2026-03-06 15:00:00'):
            request = self._ask(self._create_subject())
        self.assertEqual(request.deadline, fields.Datetime.to_datetime('2026-03-06 19:00:00'))

    def test_overdue_step_passes_to_the_next(self):
        self._create_rule(steps=[{'approver_type': 'team_leader', 'deadline_hours': 4}, 'director'])
        subject = self._create_subject()
        with freeze_time('2026-03-06 15:00:00'):
            request = self._ask(subject)
        with freeze_time('2026-03-09 09:59:00'):
            self._run_cron()
            self.assertEqual(request.approver_ids, self.user_sm_leader)
        with freeze_time('2026-03-09 10:01:00'):
            self._run_cron()
            self.assertEqual(request.step_ids.mapped('state'), ['escalated', 'pending'])
            self.assertEqual(request.approver_ids, self.user_sm_director)
            self.assertEqual(request.activity_ids.user_id, self.user_sm_director)
            self.assertEqual(request.decision_ids.verdict, 'escalate')
            self.assertIn("not decided in time", self._notes(subject))
            with self.assertRaises(AccessError):
                self._approve(request, self.user_sm_leader)
            self._approve(request, self.user_sm_director)
        self.assertEqual(request.state, 'approved')

    def test_overdue_last_step_goes_one_level_up_each_time(self):
        self._create_rule(steps=[{'approver_type': 'team_leader', 'deadline_hours': 1}])
        with freeze_time('2026-03-06 08:00:00'):
            request = self._ask(self._create_subject())
        for hour, approver in ((10, self.user_sm_region), (12, self.user_sm_director), (15, self.user_sm_director)):
            with freeze_time(f'2026-03-06 {hour}:00:00'):
                self._run_cron()
            self.assertEqual(request.approver_ids, approver)
        self.assertEqual(request.step_ids.mapped('state'), ['escalated', 'escalated', 'pending'])
        self.assertFalse(request.deadline, "nobody stands above the director: the watch stops")
        self._approve(request, self.user_sm_director)
        self.assertEqual(request.state, 'approved')
