from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged, users

from odoo.addons.sales_mgmt_addon.models.quota.resampling import chance, season_of

from .quota_follow_common import YEAR, QuotaFollowCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaEvidence(QuotaFollowCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(cls._patch_today(date(YEAR - 1, 11, 20)))

    @classmethod
    def _patch_today(cls, day):
        return patch.object(cls.env.registry['sales.quota.plan'], '_get_today', lambda plan: day)

    def _evidence(self, node):
        node.action_collect_evidence()
        return {metric['name']: metric for metric in node.evidence['metrics']}

    # === EVIDENCE === #

    def test_years_and_run_rates(self):
        """On the 20th of November the last full months are August to October, and the twelve before."""
        self._book(self.invoiced, date(YEAR - 3, 12, 31), 7.0)
        self._book(self.invoiced, date(YEAR - 1, 1, 15), 100.0)
        self._book(self.invoiced, date(YEAR - 1, 8, 15), 20.0)
        self._book(self.invoiced, date(YEAR - 1, 10, 31), 10.0)
        self._book(self.invoiced, date(YEAR - 1, 11, 1), 5.0)
        evidence = self._evidence(self.node_sales)['Invoiced']
        self.assertEqual([(year['from'], year['value']) for year in evidence['years']], [
            (f'{YEAR - 1}-01-01', 135.0), (f'{YEAR - 3}-01-01', 7.0)])
        self.assertEqual(evidence['run_rate_3'], (20 + 10) * 4)
        self.assertEqual(evidence['run_rate_12'], 130.0)
        self.assertIsNone(evidence['pipeline'])
        self.assertTrue(self.node_sales.evidence_date)

    def test_history_of_a_person_is_his_own(self):
        """Who changed the team keeps his years, run rates, deals and season; the plan's months are the team's."""
        elsewhere = self._create_team("Elsewhere")
        for month in range(1, 11):
            self._book(self.invoiced, date(YEAR - 1, month, 15), 12.0, team=elsewhere)
        self._book(self.ordered, (1, 2), 500.0, team=elsewhere)
        self._book(self.orders, (1, 2), 1.0, team=elsewhere)
        self._book(self.win_rate, (1, 2), 1.0, quantity=2.0, team=elsewhere)
        self._book(self.invoiced, (1, 2), 7.0, team=elsewhere)
        self._book(self.invoiced, (1, 3), 5.0)
        evidence = self._evidence(self.node_sales)['Invoiced']
        self.assertEqual([year['value'] for year in evidence['years']], [120.0])
        self.assertEqual(evidence['run_rate_3'], 144.0)
        self._set_targets(self.node_sales, self.invoiced, 100.0)
        self.plan._refresh_attainability()
        self.assertEqual(self.plan.attainability_ids.months, 10)
        row = self._progress(self.node_sales, on_date=(1, 31))
        self.assertEqual((row['actual'], row['average_deal'], row['win_rate']), (5.0, 500.0, 0.5))
        # by the end of September 9 of the 10 equal months of the former year were done
        year = self._progress(self.node_sales, period='year', on_date=(9, 30))
        self.assertAlmostEqual(year['forecast_seasonal'], 5.0 * 10 / 9)
        team = self._progress(self.node_team, on_date=(1, 31))
        self.assertEqual((team['actual'], team['average_deal']), (5.0, None))

    def test_newcomer_has_no_run_rate(self):
        self._book(self.invoiced, date(YEAR - 1, 9, 15), 20.0)
        evidence = self._evidence(self.node_sales)['Invoiced']
        self.assertIsNone(evidence['run_rate_3'])
        self.assertIsNone(evidence['run_rate_12'])

    def test_pipeline_and_market(self):
        stage = self.env['crm.stage'].create({'name': "Evidence", 'sequence': 1})
        self._create_lead(1000.0, stage=stage, probability=25)
        self.env['sales.market.estimate'].create({
            'name': "South", 'team_id': self.team_region.id, 'date_from': date(YEAR, 1, 1), 'date_to': date(YEAR, 12, 31),
            'low': 5000.0, 'high': 8000.0, 'source': "<b>Association</b>", 'source_date': date(YEAR - 1, 6, 1)})
        evidence = self._evidence(self.node_region)['Invoiced']
        self.assertEqual(evidence['pipeline'], {'open': 1000.0, 'weighted': 250.0})
        market = self.node_region.evidence['market']
        self.assertEqual((market['low'], market['high'], market['source_date']), (5000.0, 8000.0, f'{YEAR - 1}-06-01'))
        self.assertIn('&lt;b&gt;Association', str(self.node_region.evidence_html))
        self.node_team.action_collect_evidence()
        self.assertIsNone(self.node_team.evidence['market'])

    def test_whole_plan_in_a_constant_number_of_queries(self):
        self.plan.action_collect_evidence()
        self.assertTrue(all(node.evidence_date for node in self.nodes))
        counts = []
        for nodes in (self.node_sales, self.nodes):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.plan._collect_evidence(nodes)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 2)

    def test_who_may_collect(self):
        for user, may in (
            (self.user_sm_sales, False), (self.user_sm_leader, True), (self.user_sm_director, True),
            (self.user_sm_manager, True),
        ):
            with self.subTest(user=user.login):
                if may:
                    self.node_sales.with_user(user).action_collect_evidence()
                else:
                    with self.assertRaises(AccessError):
                        self.node_sales.with_user(user).action_collect_evidence()
                    with self.assertRaises(AccessError):
                        self.plan.with_user(user).action_collect_evidence()
        with self.assertRaises(AccessError):
            self.node_region.with_user(self.user_sm_leader).action_collect_evidence()

    def test_evidence_cannot_be_entered(self):
        for user in (self.user_sm_leader, self.user_sm_manager):
            with self.assertRaisesSaying(AccessError, "not entered"):
                self.node_sales.with_user(user).evidence_date = datetime(YEAR, 1, 1)
        Node = self.env['sales.quota.node'].with_user(self.user_sm_manager)
        node = Node.with_context(default_evidence_date=datetime(YEAR, 1, 1), default_evidence={'metrics': []}).create({
            'plan_id': self.plan.id, 'type': 'person', 'parent_id': self.node_team.id, 'team_id': self.team.id,
            'user_id': self.user_sm_leader.id})
        self.assertFalse(node.evidence_date or node.evidence)

    def test_leader_collects_for_his_part_of_the_plan(self):
        self.plan.with_user(self.user_sm_leader).action_collect_evidence()
        self.assertEqual(
            self.nodes.filtered('evidence_date'), self.node_team | self.node_sales | self.node_sales2)

    def test_publishing_needs_evidence_or_a_reason(self):
        self._set_targets(self.node_sales, self.invoiced, 100.0)
        self.assertRegex(self.plan._check_evidence()[0], "1 targets have no evidence")
        self.plan.publish_reason = "First year"
        self.assertFalse(self.plan._check_evidence())
        self.plan.publish_reason = " "
        self.node_sales.action_collect_evidence()
        self.assertFalse(self.plan._check_evidence())

    def test_revision_keeps_the_evidence(self):
        self.plan.publish_reason = "First year"
        self.node_sales.action_collect_evidence()
        self.env.cr.execute(
            "UPDATE sales_quota_plan SET state = 'published', valid_from = date_from, valid_to = date_to WHERE id = %s",
            [self.plan.id])
        self.env.invalidate_all()
        revision = self.env['sales.quota.plan'].browse(self.plan.action_revise(date(YEAR, 7, 1))['res_id'])
        copy = revision.node_ids.filtered(lambda node: node.origin_id == self.node_sales)
        self.assertEqual((copy.evidence, copy.evidence_date), (self.node_sales.evidence, self.node_sales.evidence_date))
        self.assertEqual(revision.publish_reason, "First year")
        following = self.plan.copy()
        self.assertFalse(following.publish_reason)
        self.assertFalse(any(following.node_ids.mapped('evidence_date')))

    # === ATTAINABILITY === #

    def test_season(self):
        flat = {date(YEAR - 1, month, 1): 10.0 for month in range(1, 13)}
        self.assertEqual(set(season_of(flat).values()), {1.0})
        self.assertEqual(set(season_of({date(YEAR, 1, 1): 5.0}).values()), {1.0})
        self.assertEqual(season_of({**flat, date(YEAR - 1, 12, 1): 130.0})[12], 130 / 20)
        self.assertEqual(season_of({**flat, date(YEAR - 1, 12, 1): 0.0})[12], 0.1)

    def test_chance_by_hand(self):
        """Months of always 10 make 120 for sure; a coin of 0 or 20 makes at least 120 in 61 of 100 years."""
        months = [date(YEAR, month, 1) for month in range(1, 13)]
        past = [date(YEAR - 1, month, 1) for month in range(1, 13)]
        season = season_of({})
        steady, coin = dict.fromkeys(past, 10.0), {month: 20.0 * (month.month % 2) for month in past}
        self.assertEqual(chance(steady, months, 120.0, season, 'a'), 100.0)
        self.assertEqual(chance(steady, months, 120.01, season, 'a'), 0.0)
        self.assertEqual(chance(steady, months, 120.01, season, 'a', higher_is_better=False), 100.0)
        # P(Binomial(12, 1/2) >= 6) = 2510 / 4096
        self.assertAlmostEqual(chance(coin, months, 120.0, season, 'a'), 100 * 2510 / 4096, delta=4)
        self.assertEqual(chance(coin, months, 120.0, season, 'a'), chance(coin, months, 120.0, season, 'a'))
        self.assertIsNone(chance(dict.fromkeys(past[:5], 10.0), months, 1.0, season, 'a'))

    def test_chance_keeps_the_season(self):
        """Who sells ten times as much in each December does not reach the year of twelve Decembers."""
        history = {date(YEAR - 1, month, 1): 100.0 if month == 12 else 10.0 for month in range(1, 13)}
        months = [date(YEAR, month, 1) for month in range(1, 13)]
        self.assertEqual(chance(history, months, 210.0, season_of(history), 'a'), 100.0)
        self.assertEqual(chance(history, months, 211.0, season_of(history), 'a'), 0.0)

    def _prepare_attainability(self, target):
        for month in range(1, 11):
            self._book(self.invoiced, date(YEAR - 1, month, 15), 100.0)
        self._set_targets(self.node_sales, self.invoiced, target)
        self.plan._refresh_attainability()
        return self.env['sales.quota.attainability'].search([('plan_id', '=', self.plan.id)])

    def test_verdicts(self):
        line = self._prepare_attainability(100.0)
        self.assertEqual((line.node_id, line.months, line.target, line.chance), (self.node_sales, 10, 1200.0, 100.0))
        self.assertEqual((line.verdict, line.in_band), ('too_low', False))
        self.plan.attainability_high = 100.0
        self.assertEqual((line.verdict, line.in_band), ('in_band', True))
        self._set_targets(self.node_sales, self.invoiced, 101.0)
        self.plan._refresh_attainability()
        self.assertEqual((line.chance, line.verdict, line.in_band), (0.0, 'too_high', False))

    def test_same_history_same_chance_in_a_copy(self):
        for month in range(1, 11):
            self._book(self.invoiced, date(YEAR - 1, month, 15), 37.0 * (month % 4))
        chances = []
        for plan in (self.plan, self._create_plan(name="Variant")):
            node = self.node_sales
            if plan != self.plan:
                team = self._create_node('team', self._create_node('company', plan=plan), plan, team_id=self.team.id)
                node = self._create_node('person', team, plan, team_id=self.team.id, user_id=self.user_sm_sales.id)
            self._set_targets(node, self.invoiced, 51.0)
            plan._refresh_attainability()
            chances.append(plan.attainability_ids.chance)
        self.assertEqual(chances[0], chances[1])
        self.assertTrue(0 < chances[0] < 100)

    def test_defaults_of_the_context_give_no_reason(self):
        self._set_targets(self.node_sales, self.invoiced, 200.0)
        self.plan.with_user(self.user_sm_director).with_context(
            default_override_reason="Forged", default_override_by_id=self.user_sm_leader.id).action_open_attainability()
        line = self.plan.attainability_ids
        self.assertEqual((len(line), line.override_reason, line.override_by_id.id), (1, False, False))

    def test_not_enough_data_is_no_verdict(self):
        self._book(self.invoiced, date(YEAR - 1, 8, 15), 100.0)
        self._set_targets(self.node_sales, self.invoiced, 100.0)
        self.assertFalse(self.plan._check_attainability())
        line = self.env['sales.quota.attainability'].search([('plan_id', '=', self.plan.id)])
        self.assertEqual((line.months, line.verdict, line.in_band), (3, 'unknown', True))

    def test_override_is_asked_for_and_holds_for_the_target(self):
        line = self._prepare_attainability(200.0)
        self.assertRegex(self.plan._check_attainability()[0], "outside the band")
        line.with_user(self.user_sm_leader).override_reason = "A new product comes in March"
        self.assertEqual((line.override_by_id, bool(line.override_on)), (self.user_sm_leader, True))
        self.assertFalse(self.plan._check_attainability())
        self._set_targets(self.node_sales, self.invoiced, 201.0)
        self.assertRegex(self.plan._check_attainability()[0], "outside the band")
        self.assertFalse(line.override_reason)

    def test_who_may_override(self):
        line = self._prepare_attainability(200.0)
        with self.assertRaises(AccessError):
            line.with_user(self.user_sm_sales).override_reason = "I can do it"
        with self.assertRaises(AccessError):
            line.with_user(self.user_sm_manager).chance = 50.0
        self.node_sales2.user_id = self.user_sm_leader
        self._set_targets(self.node_sales2, self.invoiced, 200.0)
        self.plan._refresh_attainability()
        own = self.env['sales.quota.attainability'].search([('node_id', '=', self.node_sales2.id)])
        with self.assertRaisesSaying(AccessError, "of his own"):
            own.with_user(self.user_sm_leader).override_reason = "I can do it"
        self.env.cr.execute("UPDATE sales_quota_plan SET state = 'published' WHERE id = %s", [self.plan.id])
        self.env.invalidate_all()
        with self.assertRaisesSaying(UserError, "published already"):
            line.with_user(self.user_sm_leader).override_reason = "Too late"

    # === MARKET === #

    def _create_estimate(self, **values):
        return self.env['sales.market.estimate'].sudo().create({
            'name': "South", 'team_id': self.team_region.id, 'date_from': date(YEAR, 1, 1), 'date_to': date(YEAR, 12, 31),
            'low': 36500.0, 'high': 73000.0, 'source': "Association", 'source_date': date(YEAR - 1, 6, 1), **values})

    def test_market_share_is_an_interval(self):
        """Until the 31st of January 31 of 365 days: the market is 3,100 to 6,200; 310 are 5 to 10 %."""
        self.plan.metric_line_ids = [(0, 0, {'metric_id': self.metrics['market_share'].id, 'weight': 0.0})]
        self._create_estimate()
        self._book(self.invoiced, (1, 15), 310.0)
        self._set_targets(self.node_region, self.metrics['market_share'], 7.0)
        row = self._progress(self.node_region, self.metrics['market_share'], 'year', (1, 31))
        self.assertAlmostEqual(row['share_low'], 5.0)
        self.assertAlmostEqual(row['share_high'], 10.0)
        self.assertEqual((row['actual'], row['attainment'], row['status']), (None, None, 'on_track'))
        self.assertIn("Association", row['source'])
        self.assertIsNone(self._progress(self.node_team, self.metrics['market_share'], 'year', (1, 31))['share_low'])
        for target, status in ((4.0, 'ahead'), (11.0, 'behind')):
            self._set_targets(self.node_region, self.metrics['market_share'], target)
            self.assertEqual(self._progress(self.node_region, self.metrics['market_share'], 'year', (1, 31))['status'], status)

    def test_market_share_on_the_node(self):
        self._create_estimate()
        self._book(self.invoiced, (1, 15), 310.0)
        self.startPatcher(self._patch_today(date(YEAR, 1, 31)))
        self.assertRegex(self.node_region.market_share, r"^5\.0 – 10\.0 % \(Association, ")
        self.assertFalse(self.node_company.market_share)

    def test_latest_source_wins_and_category_must_match(self):
        category = self.env['product.category'].create({'name': "Pumps"})
        self._create_estimate(product_category_id=category.id)
        self._create_estimate(source_date=date(YEAR - 2, 1, 1))
        latest = self._create_estimate(source_date=date(YEAR - 1, 12, 1))
        self._create_estimate(source_date=date(YEAR, 1, 1), active=False)
        found = latest._get_matching(self.nodes, date(YEAR, 1, 1), date(YEAR, 12, 31))
        self.assertEqual(found, {self.node_region.id: latest})

    def test_bad_estimates(self):
        for message, values in (
            ("whole months", {'date_from': date(YEAR, 1, 2)}),
            ("whole months", {'date_to': date(YEAR, 12, 30)}),
            ("must be a number", {'high': float('inf')}),
        ):
            with self.subTest(message=message), self.assertRaisesSaying(ValidationError, message):
                self._create_estimate(**values)
        currency = self.env['res.currency'].create({'name': 'XQZ', 'symbol': 'Q'})
        with self.assertRaisesSaying(ValidationError, "no exchange rate of XQZ"):
            self._create_estimate(currency_id=currency.id)
        self.env['res.currency.rate'].create({
            'currency_id': currency.id, 'company_id': self.company.id, 'name': date(YEAR - 1, 1, 1), 'rate': 2.0})
        estimate = self._create_estimate(currency_id=currency.id)
        self.assertEqual((estimate.company_low, estimate.company_high), (18250.0, 36500.0))

    def test_leader_keeps_to_his_regions(self):
        estimate = self._create_estimate().with_user(self.user_sm_region)
        estimate.low = 1.0
        for team in (False, self._create_team("Elsewhere").id):
            with self.assertRaises(AccessError):
                estimate.team_id = team
        estimate.team_id = self.team

    @users('sm_sales')
    def test_salesperson_reads_estimates_only(self):
        estimate = self._create_estimate().with_env(self.env)
        self.assertEqual(estimate.source, "Association")
        with self.assertRaises(AccessError):
            estimate.low = 1.0
        self.assertTrue(self.env['sales.market.estimate'].search([('id', '=', estimate.id)]))
