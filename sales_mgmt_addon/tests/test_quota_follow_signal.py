from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .quota_follow_common import YEAR, QuotaFollowCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaFollowSignal(QuotaFollowCommon):
    """In the first quarter of 2031, 1,000 are expected each month; January has 23 working days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env['resource.calendar'].create({'name': "40 hours", 'tz': 'UTC'})
        cls._set_targets(cls.node_sales, cls.invoiced, 1000.0)
        cls._set_targets(cls.node_team, cls.invoiced, 1000.0)
        cls.env.cr.execute("UPDATE sales_quota_plan SET state = 'published' WHERE id = %s", [cls.plan.id])
        cls.env.cr.execute("UPDATE sales_quota_node SET plan_state = 'published' WHERE plan_id = %s", [cls.plan.id])
        cls.env.invalidate_all()
        cls.plan.write({'pace_period': 'quarter', 'pace_days': 20})
        cls.Signal = cls.env['sales.signal']

    def _today(self, *day):
        """Let today be ``(month, day)`` of the year of the plan, or of the year given first."""
        day = date(*day) if len(day) == 3 else date(YEAR, *day)
        self.startPatcher(patch.object(self.env.registry['sales.quota.plan'], '_get_today', lambda plan: day))
        self.startPatcher(patch('odoo.fields.Date.today', lambda *args: day))
        self.startPatcher(patch('odoo.fields.Date.context_today', lambda *args: day))
        return day

    def _signals(self):
        return self.Signal.search([('res_id', 'in', self.nodes.ids), ('res_model', '=', 'sales.quota.node')])

    # === DEVIATIONS === #

    def test_behind_is_reported_to_person_and_leader(self):
        self._book(self.invoiced, (1, 5), 850.0)
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        signals = self._signals()
        self.assertRecordValues(signals.sorted('res_id'), [
            {'code': 'quota_behind:invoiced', 'res_id': self.node_team.id, 'severity': 'warning', 'state': 'open',
             'user_id': self.user_sm_leader.id, 'team_id': self.team.id, 'value': 85.0, 'threshold': 90.0},
            {'code': 'quota_behind:invoiced', 'res_id': self.node_sales.id, 'severity': 'warning', 'state': 'open',
             'user_id': self.user_sm_sales.id, 'team_id': self.team.id, 'value': 85.0, 'threshold': 90.0},
        ])
        person = signals.filtered(lambda signal: signal.res_id == self.node_sales.id)
        self.assertEqual(person.activity_ids.user_id, self.user_sm_sales | self.user_sm_leader)
        self.assertEqual((signals - person).activity_ids.user_id, self.user_sm_leader | self.user_sm_region)

    def test_tolerated_or_too_early_is_not_reported(self):
        self._book(self.invoiced, (1, 5), 900.0)
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        # the 28th is the 20th working day, the pace date
        self.assertFalse(self._signals())
        self._book(self.invoiced, (1, 6), -900.0)
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 27))
        self.assertFalse(self._signals())
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 28))
        self.assertEqual(self._signals().mapped('severity'), ['critical', 'critical'])

    def test_known_signals_are_brought_up_to_date_and_expire(self):
        self._book(self.invoiced, (1, 5), 500.0)
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        signals = self._signals()
        activities = signals.activity_ids
        self._book(self.invoiced, (2, 1), 300.0)
        self.assertFalse(self.plan._book_deviations(self.nodes, date(YEAR, 2, 2)))
        self.assertEqual(self._signals(), signals)
        self.assertEqual(signals.activity_ids, activities)
        self.assertEqual(signals[0].date, date(YEAR, 1, 31))
        self.assertEqual(signals[0].last_date, date(YEAR, 2, 2))
        self._book(self.invoiced, (2, 1), 200.0)
        self.plan._book_deviations(self.nodes, date(YEAR, 2, 2))
        self.assertEqual(set(signals.mapped('state')), {'expired'})
        self.assertFalse(signals.activity_ids)
        self._book(self.invoiced, (2, 1), -1000.0)
        self.assertEqual(len(self.plan._book_deviations(self.nodes, date(YEAR, 2, 2))), 2)

    def test_button_is_for_those_who_lead(self):
        self._today(1, 31)
        with self.assertRaises(AccessError):
            self.plan.with_user(self.user_sm_sales).action_check_deviations()
        action = self.plan.with_user(self.user_sm_leader).action_check_deviations()
        self.assertEqual(self.Signal.search(action['domain']), self._signals())
        self.assertEqual(len(self._signals()), 2)
        self.env.cr.execute("UPDATE sales_quota_plan SET state = 'draft' WHERE id = %s", [self.plan.id])
        self.env.invalidate_all()
        with self.assertRaisesSaying(UserError, "not published"):
            self.plan.with_user(self.user_sm_manager).action_check_deviations()

    def test_signals_settle_by_buttons_only(self):
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        signal = self._signals().filtered(lambda signal: signal.res_id == self.node_sales.id)
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_manager):
            with self.assertRaises(AccessError):
                signal.with_user(user).write({'state': 'handled'})
        for user in (self.user_sm_sales, self.env.ref('base.user_admin')):
            with self.assertRaises(AccessError):
                self.Signal.with_user(user).create({'name': "Mine", 'code': 'x', 'res_model': 'res.partner', 'res_id': 1})
        with self.assertRaises(AccessError):
            signal.with_user(self.user_sm_sales2).action_handle()
        signal.with_user(self.user_sm_sales).action_handle()
        self.assertEqual((signal.state, signal.handled_by_id), ('handled', self.user_sm_sales))
        self.assertFalse(signal.activity_ids)
        with self.assertRaisesSaying(UserError, "not open any more"):
            signal.with_user(self.user_sm_leader).action_handle()
        self.assertEqual(signal.with_user(self.user_sm_sales).action_open_record()['res_id'], self.node_sales.id)

    def test_from_the_signal_to_the_plan_of_action(self):
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        signal = self._signals().filtered(lambda signal: signal.res_id == self.node_sales.id).with_user(self.user_sm_sales)
        opened = signal.action_plan_action()
        action = self.env['sales.quota.action'].with_user(self.user_sm_sales).with_context(opened['context']).create(
            {'name': "Catch up", 'date_due': date(YEAR, 2, 15)})
        self.assertRecordValues(action, [{
            'node_id': self.node_sales.id, 'metric_id': self.invoiced.id, 'period': 'quarter', 'signal_id': signal.id,
            'date_from': date(YEAR, 1, 1), 'date_to': date(YEAR, 3, 31), 'owner_id': self.user_sm_sales.id}])
        self.assertEqual(signal.action_plan_action()['res_id'], action.id)
        self.assertEqual(self.node_sales.action_count, 1)
        with self.assertRaises(AccessError):
            signal.with_user(self.user_sm_sales2).action_plan_action()

    def test_buttons_open_what_they_say(self):
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        plan, node = self.plan.with_user(self.user_sm_leader), self.node_sales.with_user(self.user_sm_leader)
        for action, model in (
            (plan.action_open_signals(), 'sales.signal'), (plan.action_open_actions(), 'sales.quota.action'),
            (plan.action_open_attainability(), 'sales.quota.attainability'),
            (node.action_open_actions(), 'sales.quota.action'), (node.action_open_analysis(), 'sales.quota.curve'),
        ):
            self.assertEqual(action['res_model'], model)
            self.env[model].with_user(self.user_sm_leader).search(action['domain'])
        self.assertEqual((plan.signal_count, self.plan.with_user(self.user_sm_sales).signal_count), (2, 1))
        with self.assertRaises(AccessError):
            self.node_sales2.with_user(self.user_sm_sales).action_open_analysis()

    # === NIGHTLY JOB === #

    def test_nightly_job(self):
        day = self._today(2, 14)
        self._book(self.invoiced, (1, 5), 500.0)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_quota_follow').method_direct_trigger()
        self.assertEqual(len(self._signals()), 2)
        # before the middle of the month no forecast is kept
        self.assertFalse(self.env['sales.quota.forecast'].search([('plan_id', '=', self.plan.id)]))
        self.assertEqual(self.plan.followed_on, day)
        self._today(2, 17)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_quota_follow').method_direct_trigger()
        forecasts = self.env['sales.quota.forecast'].search([('node_id', '=', self.node_sales.id)])
        self.assertEqual(set(forecasts.mapped('period')), {'month', 'quarter', 'year'})
        self.assertEqual(set(forecasts.mapped('method')), {'run_rate', 'seasonal'})
        self._today(2, 18)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_quota_follow').method_direct_trigger()
        self.assertEqual(self.env['sales.quota.forecast'].search([('node_id', '=', self.node_sales.id)]), forecasts)

    def test_signals_of_plans_that_are_over_expire(self):
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        self._today(YEAR + 1, 1, 5)
        self.plan._follow_expire([])
        self.assertEqual(set(self._signals().mapped('state')), {'expired'})

    # === FORECASTS === #

    def test_forecasts_are_judged_when_the_period_is_over(self):
        Forecast = self.env['sales.quota.forecast']
        self._book(self.invoiced, (1, 5), 460.0)
        Forecast._take(self.node_sales, 'month', date(YEAR, 1, 15))
        Forecast._take(self.node_sales, 'month', date(YEAR, 1, 15))
        # 11 of 23 working days: 460 / 11 × 23
        run_rate = Forecast.search([('node_id', '=', self.node_sales.id), ('method', '=', 'run_rate')])
        self.assertEqual((len(run_rate), run_rate.forecast, run_rate.target), (1, round(460 / 11 * 23, 2), 1000.0))
        Forecast._judge(self.plan, date(YEAR, 1, 31))
        self.assertFalse(run_rate.is_over)
        self._book(self.invoiced, (1, 31), 40.0)
        Forecast._judge(self.plan, date(YEAR, 2, 1))
        self.assertEqual((run_rate.is_over, run_rate.actual), (True, 500.0))
        error = (round(460 / 11 * 23, 2) - 500) / 500 * 100
        self.assertAlmostEqual(run_rate.error_percent, error, 1)
        Forecast._take(self.node_sales, 'month', date(YEAR, 1, 31))
        errors = Forecast._get_errors(self.node_sales, 'month')[self.node_sales.id, self.invoiced.id]
        self.assertAlmostEqual(errors['run_rate'], abs(error), 1)
        self.assertEqual(self.plan._get_forecast_error(self.node_sales, self.invoiced)['pipeline'], None)
        row = self._progress(self.node_sales, on_date=(2, 14))
        self.assertAlmostEqual(row['forecast_error']['run_rate'], abs(error), 1)
        self.assertIsNone(self._progress(self.node_sales, period='year', on_date=(2, 14))['forecast_error']['run_rate'])

    def test_error_of_last_years_plan_counts(self):
        Forecast = self.env['sales.quota.forecast']
        former = self._create_plan(YEAR - 1)
        team = self._create_node('team', self._create_node('company', plan=former), former, team_id=self.team.id)
        node = self._create_node('person', team, former, team_id=self.team.id, user_id=self.user_sm_sales.id)
        self._set_targets(node, self.invoiced, 100.0)
        self._book(self.invoiced, date(YEAR - 1, 1, 10), 50.0)
        Forecast._take(node, 'year', date(YEAR - 1, 12, 30))
        Forecast._judge(former, date(YEAR, 1, 1))
        errors = Forecast._get_errors(self.nodes, 'year')
        self.assertEqual(list(errors), [(self.node_sales.id, self.invoiced.id)])

    # === ACTIONS === #

    def _create_action(self, user=None, node=None, **values):
        return self.env['sales.quota.action'].with_user(user or self.user_sm_sales).create({
            'name': "Visit ten customers", 'node_id': (node or self.node_sales).id, 'metric_id': self.invoiced.id,
            'period': 'month', 'date_from': date(YEAR, 1, 10), 'date_due': date(YEAR, 1, 25), 'expected_effect': 100.0,
            **values})

    def test_both_sign(self):
        self._today(1, 10)
        self._book(self.invoiced, (1, 2), 400.0)
        action = self._create_action()
        self.assertEqual((action.date_from, action.date_to), (date(YEAR, 1, 1), date(YEAR, 1, 31)))
        self.assertTrue(action.can_sign)
        action.action_sign()
        self.assertFalse(action.can_sign)
        with self.assertRaisesSaying(UserError, "signed"):
            action.action_sign()
        with self.assertRaises(AccessError):
            action.with_user(self.user_sm_sales2).action_sign()
        self.assertEqual(action.state, 'draft')
        action.with_user(self.user_sm_region).action_sign()
        self.assertRecordValues(action, [{
            'state': 'agreed', 'person_signed_by_id': self.user_sm_sales.id, 'leader_signed_by_id': self.user_sm_region.id,
            # 8 of 23 working days have passed
            'baseline': 400 / 8 * 23}])
        self.assertEqual(action.activity_ids.user_id, self.user_sm_sales)

    def test_changed_terms_need_new_signatures(self):
        self._today(1, 10)
        action = self._create_action()
        action.action_sign()
        action.with_user(self.user_sm_leader).action_sign()
        action.with_user(self.user_sm_leader).expected_effect = 500.0
        self.assertRecordValues(action, [{
            'state': 'draft', 'person_signed_on': False, 'leader_signed_by_id': False, 'has_baseline': False}])

    def test_signatures_and_results_cannot_be_written(self):
        action = self._create_action()
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_manager):
            for values in (
                {'state': 'agreed'}, {'leader_signed_on': datetime(YEAR, 1, 1)}, {'verdict': 'kept'}, {'baseline': 0.0},
                {'actual_effect': 5.0},
            ):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    action.with_user(user).write(values)
        with self.assertRaises(AccessError):
            self._create_action(state='agreed')
        with self.assertRaises(AccessError):
            self._create_action(verdict='kept')

    def test_defaults_of_the_context_forge_nothing(self):
        forged = {
            'default_state': 'agreed', 'default_leader_signed_by_id': self.user_sm_leader.id, 'default_verdict': 'kept',
            'default_person_signed_on': datetime(YEAR, 1, 1), 'default_actual_effect': 5.0, 'default_has_baseline': True}
        clean = {
            'state': 'draft', 'leader_signed_by_id': False, 'verdict': False, 'person_signed_on': False,
            'actual_effect': 0.0, 'has_baseline': False}
        Action = self.env['sales.quota.action'].with_user(self.user_sm_sales)
        values = self._create_action().copy_data()[0]
        self.assertRecordValues(Action.with_context(**forged).create(values), [clean])
        # a default of the user himself neither
        self.env['ir.default'].set('sales.quota.action', 'state', 'agreed', user_id=self.user_sm_sales.id)
        self.assertRecordValues(Action.create(values), [clean])

    def test_defaults_of_the_context_do_not_settle_signals(self):
        self._today(1, 31)
        plan = self.plan.with_user(self.user_sm_leader).with_context(
            default_state='handled', default_handled_by_id=self.user_sm_leader.id, default_user_id=self.user_sm_sales2.id)
        plan.action_check_deviations()
        self.assertEqual(self._signals().mapped('state'), ['open', 'open'])
        self.assertFalse(self._signals().handled_by_id)

    def test_action_stays_with_targets_of_his_own(self):
        self._book(self.invoiced, (1, 2), 400.0, user=self.user_sm_sales2)
        action = self._create_action()
        with self.assertRaises(AccessError):
            action.node_id = self.node_sales2
        action = self._create_action(self.user_sm_leader)
        with self.assertRaises(AccessError):
            action.with_user(self.user_sm_leader).node_id = self.node_region
        action.with_user(self.user_sm_leader).node_id = self.node_sales2
        self.assertEqual(action.user_id, self.user_sm_sales2)

    def test_judged_terms_stand(self):
        action = self._agreed_action()
        self._today(2, 1)
        # over, and to be judged in the next night
        with self.assertRaisesSaying(UserError, "closed and cannot be changed"):
            action.expected_effect = 0.0
        action._judge(date(YEAR, 2, 1))
        self.assertEqual((action.state, action.verdict), ('agreed', 'missed'))
        self._today(1, 31)
        with self.assertRaisesSaying(UserError, "closed and cannot be changed"):
            action.expected_effect = 0.0

    def test_what_was_signed_is_not_deleted(self):
        self._today(1, 10)
        action = self._create_action()
        action.action_sign()
        with self.assertRaisesSaying(UserError, "nobody signed"):
            action.unlink()
        action.expected_effect = 1.0
        self.assertFalse(action.person_signed_on)
        with self.assertRaisesSaying(UserError, "nobody signed"):
            action.unlink()
        self._create_action().unlink()

    def test_signal_must_be_of_the_target(self):
        self.plan._book_deviations(self.nodes, date(YEAR, 1, 31))
        own, team = (
            self._signals().filtered(lambda signal, node=node: signal.res_id == node.id)
            for node in (self.node_sales, self.node_team))
        with self.assertRaisesSaying(ValidationError, "about another target"):
            self._create_action(signal_id=team.id)
        action = self._create_action(signal_id=own.id)
        with self.assertRaisesSaying(ValidationError, "about another target"):
            action.signal_id = team.id
        # one that he cannot read is no signal for him, whatever it is about
        self.env.cr.execute("UPDATE sales_signal SET user_id = %s WHERE id = %s", [self.user_sm_leader.id, own.id])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._create_action(signal_id=own.id)
        with self.assertRaisesSaying(ValidationError, "about another target"):
            action.with_user(self.user_sm_leader).node_id = self.node_team

    def test_whose_actions(self):
        with self.assertRaises(AccessError):
            self._create_action(node=self.node_sales2)
        with self.assertRaises(AccessError):
            self._create_action(self.user_sm_director)
        action = self._create_action(self.user_sm_leader)
        self.assertEqual(action.with_user(self.user_sm_sales).name, "Visit ten customers")
        self.assertEqual(action.with_user(self.user_sm_director).name, "Visit ten customers")
        self.assertFalse(self.env['sales.quota.action'].with_user(self.user_sm_sales2).search([('id', '=', action.id)]))
        action.with_user(self.user_sm_leader).owner_id = self.user_sm_sales2
        with self.assertRaises(AccessError):
            action.with_user(self.user_sm_sales2).name = "Rest"
        self.assertTrue(action.with_user(self.user_sm_sales2).name)
        with self.assertRaisesSaying(ValidationError, "not a metric of the plan"):
            self._create_action(metric_id=self.ordered.id)
        with self.assertRaisesSaying(ValidationError, "must be a number"):
            self._create_action(expected_effect=float('nan'))

    def test_team_and_company_actions(self):
        action = self._create_action(self.user_sm_leader, self.node_team)
        action.action_sign()
        self.assertFalse(action.can_sign)
        action.with_user(self.user_sm_region).action_sign()
        self.assertEqual(action.state, 'agreed')
        action = self._create_action(self.user_sm_manager, self.node_company)
        action.action_sign()
        with self.assertRaisesSaying(UserError, "signed"):
            action.action_sign()
        action.with_user(self.user_sm_director).action_sign()
        self.assertEqual(action.state, 'agreed')

    def _agreed_action(self):
        self._today(1, 10)
        self._book(self.invoiced, (1, 2), 400.0)
        action = self._create_action()
        action.action_sign()
        action.with_user(self.user_sm_leader).action_sign()
        return action

    def test_judged_by_what_it_added(self):
        """1,150 would have come anyway: 1,250 are an effect of 100 as expected."""
        action = self._agreed_action()
        action.action_done()
        self._book(self.invoiced, (1, 30), 849.99)
        action._judge(date(YEAR, 1, 31))
        self.assertFalse(action.verdict)
        self._book(self.invoiced, (1, 31), 0.01)
        action._judge(date(YEAR, 2, 1))
        self.assertRecordValues(action, [{'verdict': 'kept', 'actual_effect': 100.0, 'judged_on': date(YEAR, 2, 1)}])

    def test_missed(self):
        action = self._agreed_action()
        action.action_done()
        self._book(self.invoiced, (1, 30), 849.0)
        action._judge(date(YEAR, 2, 1))
        self.assertRecordValues(action, [{'verdict': 'missed', 'actual_effect': 99.0}])

    def test_not_carried_out_is_missed_and_cancelled_is_not_judged(self):
        action = self._agreed_action()
        cancelled = self._agreed_action()
        cancelled.action_cancel()
        self._book(self.invoiced, (1, 30), 5000.0)
        (action | cancelled)._judge(date(YEAR, 2, 1))
        self.assertEqual((action.verdict, cancelled.verdict), ('missed', False))
        with self.assertRaisesSaying(UserError, "closed already"):
            cancelled.action_cancel()
        with self.assertRaisesSaying(UserError, "closed and cannot be changed"):
            cancelled.name = "Something else"
        with self.assertRaisesSaying(UserError, "Only drafts"):
            action.unlink()

    def test_copy(self):
        copy = self._agreed_action().copy()
        self.assertRecordValues(copy, [{'state': 'draft', 'person_signed_on': False, 'date_to': date(YEAR, 1, 31)}])
