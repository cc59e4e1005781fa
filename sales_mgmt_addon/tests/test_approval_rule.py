from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import SalesMgmtCommon


@tagged('post_install', '-at_install')
class TestApprovalRule(SalesMgmtCommon):

    def _match(self, amount=0.0, threshold=0.0, team=None, company=None, kind='discount'):
        return self.env['sales.approval.rule']._match(
            kind, company or self.company, self.env['crm.team'] if team is None else team, amount, threshold,
        )

    def test_default_rules(self):
        """The rules that come with the add-on cover every amount exactly once."""
        self.assertEqual(self._match(threshold=29.99), self.env.ref('sales_mgmt_addon.sales_approval_rule_discount'))
        self.assertEqual(self._match(threshold=30), self.env.ref('sales_mgmt_addon.sales_approval_rule_discount_high'))
        self.assertEqual(
            self._match(amount=1e9, kind='credit'), self.env.ref('sales_mgmt_addon.sales_approval_rule_credit'))
        self.assertEqual(
            self._match(amount=99999.99, kind='credit_limit'),
            self.env.ref('sales_mgmt_addon.sales_approval_rule_credit_limit'))
        self.assertEqual(
            self._match(amount=100000, kind='credit_limit'),
            self.env.ref('sales_mgmt_addon.sales_approval_rule_credit_limit_high'))

    def test_ranges_include_the_lower_bound_only(self):
        low = self._create_rule(amount_to=1000)
        high = self._create_rule(amount_from=1000, keep_others=True)
        self.assertEqual(self._match(amount=999.99), low)
        self.assertEqual(self._match(amount=1000), high)
        self.assertEqual(self._match(amount=999.999), high, "amounts are compared as money, rounded")
        self.assertEqual(self._match(amount=-50), low, "a negative amount counts as 0")

    def test_most_specific_rule_wins(self):
        general = self._create_rule()
        region = self._create_rule(team_id=self.team_region.id, keep_others=True)
        team = self._create_rule(team_id=self.team.id, keep_others=True)
        company = self._create_rule(company_id=self.company.id, amount_to=10, keep_others=True)
        other_team = self._create_team("Elsewhere")
        self.assertEqual(self._match(100, team=other_team), general)
        self.assertEqual(self._match(100), general)
        self.assertEqual(self._match(100, team=self.team_region), region)
        self.assertEqual(self._match(100, team=self.team), team)
        self.assertEqual(self._match(5, team=self.team), company, "the company comes before the team")
        self.assertEqual(self._match(5, company=self._create_company()), general)
        below = self._create_team("Below", parent=self.team)
        self.assertEqual(self._match(100, team=below), team, "a rule also holds for the teams below")

    def test_rule_of_a_company_holds_for_its_branches(self):
        branch = self._create_company("Branch", parent_id=self.company.id)
        general = self._create_rule()
        main = self._create_rule(company_id=self.company.id, keep_others=True)
        self.assertEqual(self._match(company=branch), main)
        own = self._create_rule(company_id=branch.id, keep_others=True)
        self.assertEqual(self._match(company=branch), own)
        self.assertEqual(self._match(company=self._create_company()), general)

    def test_archived_rules_do_not_match(self):
        rule = self._create_rule()
        rule.action_archive()
        self.assertFalse(self._match(100))

    def test_overlap_is_reported_with_a_sample(self):
        self._create_rule(amount_from=0, amount_to=1000, threshold_to=20, name="First")
        with self.assertRaisesSaying(ValidationError, r"First.*600\.00.*15"):
            self._create_rule(amount_from=600, threshold_from=15, name="Second", keep_others=True)
        self._create_rule(amount_from=600, threshold_from=20, name="Above", keep_others=True)
        self._create_rule(amount_from=1000, threshold_to=20, name="Beside", keep_others=True)
        # more specific rules may overlap the general ones
        self._create_rule(team_id=self.team.id, keep_others=True)
        self._create_rule(company_id=self.company.id, keep_others=True)

    def test_overlap_is_reported_on_later_edits(self):
        first = self._create_rule(amount_to=100)
        second = self._create_rule(amount_from=100, keep_others=True)
        with self.assertRaises(ValidationError):
            second.amount_from = 99
        second.action_archive()
        first.amount_to = 0
        with self.assertRaises(ValidationError):
            second.action_unarchive()

    def test_bad_ranges(self):
        for bad in (
            {'amount_from': -1}, {'amount_to': -1}, {'threshold_from': -0.5},
            {'amount_from': 10, 'amount_to': 5}, {'amount_from': 10, 'amount_to': 10},
            {'threshold_from': 20, 'threshold_to': 10},
            {'amount_from': float('nan')}, {'amount_to': float('inf')}, {'threshold_to': 'NaN'},
            {'amount_from': 'many'},
        ):
            with self.subTest(bad=bad), self.assertRaises(ValidationError):
                self._create_rule(**bad)
        rule = self._create_rule()
        with self.assertRaises(ValidationError):
            rule.write({'amount_to': float('nan')})

    def test_a_rule_needs_steps(self):
        with self.assertRaisesSaying(ValidationError, "no step"):
            self._create_rule(steps=())
        rule = self._create_rule()
        with self.assertRaisesSaying(ValidationError, "no step"):
            rule.write({'step_ids': [(5,)]})

    def test_bad_steps(self):
        stranger = self._create_company()
        archived = self._create_user('sm_gone', 'base.group_user', active=False)
        for step, company in (
            ({'approver_type': 'user'}, False),
            ({'approver_type': 'user', 'user_id': archived.id}, False),
            ({'approver_type': 'user', 'user_id': self.user_sm_portal.id}, False),
            ({'approver_type': 'user', 'user_id': self.user_sm_leader.id}, stranger),
            ({'approver_type': 'group'}, False),
            ({'approver_type': 'director', 'deadline_hours': -1}, False),
            ({'approver_type': 'director', 'deadline_hours': float('inf')}, False),
        ):
            with self.subTest(step=step), self.assertRaises(ValidationError):
                self._create_rule(steps=[step], company_id=company and company.id)


@tagged('post_install', '-at_install')
class TestApprovalTeam(SalesMgmtCommon):

    def test_path_and_leaders(self):
        self.assertEqual(self.team._approval_path().ids, [self.team.id, self.team_region.id])
        self.assertEqual(self.team.approval_leader_ids, self.user_sm_leader | self.user_sm_region)
        found = self.env['crm.team'].search([('approval_leader_ids', 'in', self.user_sm_region.ids)])
        self.assertEqual(found & (self.team | self.team_region), self.team | self.team_region)
        found = self.env['crm.team'].search([('approval_leader_ids', 'in', self.user_sm_leader.ids)])
        self.assertNotIn(self.team_region, found)

    def test_teams_that_existed_before_have_a_path(self):
        self.assertFalse(self.env['crm.team'].with_context(active_test=False).search([('parent_path', '=', False)]))

    def test_circles_are_refused(self):
        below = self._create_team("Below", parent=self.team)
        for parent in (self.team_region, self.team, below):
            with self.subTest(parent=parent.name), self.assertRaisesSaying(UserError, "cannot be the parent"):
                self.team_region.parent_id = parent
        self.assertFalse(self.team_region.parent_id)

    def test_parent_of_another_company_is_refused(self):
        abroad = self._create_team("Abroad", company_id=self._create_company().id)
        home = self._create_team("Home", company_id=self.company.id)
        with self.assertRaises(UserError):
            home.parent_id = abroad

    def test_moving_a_region_moves_its_teams(self):
        top = self._create_team("Country", leader=self.user_sm_director)
        self.team_region.parent_id = top
        self.assertEqual(self.team._approval_path(), self.team | self.team_region | top)
