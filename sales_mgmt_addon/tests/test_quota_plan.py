from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .quota_common import QuotaCommon

ACKNOWLEDGE = 'sales_mgmt_addon.mail_activity_type_acknowledge'


class QuotaPlanCommon(QuotaCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan._distribute(cls.root, cls.metric, 2400, 'equal', profile='flat')
        cls.plan._distribute(cls.root, cls.metric_count, 24, 'equal', profile='flat')
        cls.plan._distribute(cls.root, cls.metric_ratio, 40)

    def _publish(self, plan=None):
        """Publish as the manager, approved by the director."""
        plan = (plan or self.plan).with_user(self.user_sm_manager)
        # these plans have no history to show
        plan.publish_reason = "First year"
        self._approve(plan)
        plan.action_publish()
        return plan

    def _approve(self, plan):
        plan.action_submit()
        if plan.state == 'submitted':
            plan.approval_request_ids.filtered(lambda r: r.state == 'pending').with_user(
                self.user_sm_director).action_approve()
        self.assertEqual(plan.state, 'approved')


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaPlan(QuotaPlanCommon):
    """The life of a plan from draft to closed."""

    def test_life_cycle(self):
        plan = self.plan.with_user(self.user_sm_manager)
        plan.publish_reason = "First year"
        with self.assertRaisesSaying(UserError, "not approved"):
            plan.action_publish()
        plan.action_submit()
        self.assertEqual(plan.state, 'submitted')
        request = plan.approval_request_ids
        self.assertEqual(request.amount, 2400)
        self.assertIn("2,400", str(request.summary))
        with self.assertRaisesSaying(UserError, "back to draft"):
            self._set(self.node_sales, 1, 1, user=self.user_sm_director)
        request.with_user(self.user_sm_director).action_approve()
        self.assertEqual(plan.state, 'approved')
        with self.assertRaisesSaying(UserError, "back to draft"):
            self._set(self.node_sales, 1, 1)
        plan.action_publish()
        self.assertEqual((plan.state, plan.valid_from, plan.valid_to), ('published', date(2031, 1, 1), date(2031, 12, 31)))
        self._set(self.node_sales, 1, 90, user=self.user_sm_leader, reason="Trade fair")
        plan.action_close()
        with self.assertRaisesSaying(UserError, "closed"):
            self._set(self.node_sales, 1, 100)
        with self.assertRaises(UserError):
            plan.unlink()
        for vals in ({'name': "Other"}, {'change_limit': 5}, {'metric_line_ids': [Command.clear()]}):
            with self.assertRaisesSaying(UserError, "closed"):
                plan.write(vals)
        for action in ('action_draft', 'action_submit', 'action_publish', 'action_close'):
            with self.assertRaises(UserError):
                getattr(plan, action)()
        self.assertExact(self.plan)

    def test_rejected_and_taken_back(self):
        plan = self.plan.with_user(self.user_sm_manager)
        plan.action_submit()
        plan.approval_request_ids.with_user(self.user_sm_director).action_reject("Too low")
        self.assertEqual(plan.state, 'draft')
        self._approve(plan)
        plan.action_draft()
        self.assertEqual(plan.state, 'draft')
        self.assertEqual(set(plan.approval_request_ids.mapped('state')), {'rejected', 'void'})

    def test_approval_covers_what_was_approved(self):
        plan = self.plan.with_user(self.user_sm_manager)
        self._approve(plan)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sales_quota_cell SET amount = 1 WHERE node_id = %s", [self.node_sales.id])
        self.env.invalidate_all()
        with self.assertRaisesSaying(UserError, "does not cover"):
            plan.action_publish()

    def test_not_by_hand(self):
        plan = self.plan.with_user(self.user_sm_manager)
        for vals in (
            {'state': 'published'}, {'version': 3}, {'previous_id': plan.id}, {'valid_to': '2031-01-01'}, {'edit_version': 7},
        ):
            with self.assertRaises(AccessError):
                plan.write(vals)
            with self.assertRaises(AccessError):
                plan.create({'name': "X", 'date_from': '2033-01-01', **vals})
        with self.assertRaises(UserError):
            plan.valid_from = '2031-03-01'
        with self.assertRaises(UserError):
            plan.date_from = '2032-01-01'
        for action in ('action_submit', 'action_publish', 'action_close', 'action_draft', 'action_revise', 'action_build_tree'):
            with self.assertRaises(AccessError):
                getattr(self.plan.with_user(self.user_sm_leader), action)()

    def test_not_by_defaults(self):
        Plan = self.env['sales.quota.plan'].with_user(self.user_sm_manager)
        forged = {'default_state': 'published', 'default_version': 4, 'default_previous_id': self.plan.id,
                  'default_valid_to': '2033-12-31', 'default_date_to': '2040-01-01'}
        plan = Plan.with_context(**forged).create({'name': "X", 'date_from': '2033-01-01'})
        self.env['ir.default'].set('sales.quota.plan', 'state', 'published', user_id=self.user_sm_manager.id)
        other = Plan.create({'name': "Y", 'date_from': '2033-01-01'})
        self.assertRecordValues(plan | other, [
            {'state': 'draft', 'version': 1, 'previous_id': False, 'valid_to': False, 'date_to': date(2033, 12, 31)}] * 2)
        Node = self.env['sales.quota.node'].with_user(self.user_sm_manager)
        newcomer = self._create_user('sm_new', 'sales_team.group_sale_salesman')
        vals = {'parent_id': self.node_team.id, 'type': 'person', 'team_id': self.team.id, 'user_id': newcomer.id}
        node = Node.with_context(
            default_plan_id=self.plan.id, default_acknowledged_on='2031-01-01', default_acknowledged_by_id=newcomer.id,
            default_plan_state='published', default_origin_id=self.node_sales.id).create(vals)
        self.assertRecordValues(node, [{
            'acknowledged_on': False, 'acknowledged_by_id': False, 'plan_state': 'draft', 'origin_id': False}])
        node.unlink()
        with self.assertRaises(UserError):
            Node.with_context(default_type='reserve').create({
                'plan_id': self.plan.id, 'parent_id': self.node_sales.id, 'team_id': self.team.id})
        self._publish()
        self.plan.action_close()
        with self.assertRaisesSaying(UserError, "closed"):
            Node.with_context(default_plan_id=self.plan.id).create(vals)

    def test_metrics_stay(self):
        with self.assertRaisesSaying(UserError, "stays with its plan"):
            self.plan.metric_line_ids[0].plan_id = self._create_plan("Second", 2033)
        metric = self.env['sales.metric'].create({'name': "Visits", 'code': 'visits', 'kind': 'count'})
        metric.kind = 'quantity'
        self.plan.metric_line_ids = [Command.create({'metric_id': metric.id, 'weight': 0})]
        self._set(self.node_sales, 1, 3, metric=metric)
        for vals in ({'kind': 'ratio'}, {'code': 'other'}):
            with self.assertRaisesSaying(UserError, "its code and kind stay"):
                metric.write(vals)
        metric.write({'kind': 'quantity', 'name': "Calls"})
        booked = self.env['sales.metric'].create({'name': "Calls 2", 'code': 'calls2', 'kind': 'count'})
        self._book(booked, date(2031, 1, 1), 1)
        with self.assertRaisesSaying(UserError, "its code and kind stay"):
            booked.kind = 'ratio'

    def test_inputs_that_make_no_sense(self):
        self._publish()
        node, plan = self.node_sales.with_user(self.user_sm_sales), self.plan.with_user(self.user_sm_manager)
        for proposals in ([1], 'x', [(1, 2)], 5, [([1], '2031-01-01', 5)]):
            with self.assertRaises(UserError, msg=proposals):
                node.action_propose(proposals)
        with self.assertRaises(ValidationError):
            node.action_propose([(self.metric.id, '2031-01-01', 5)], {'a': 1})
        node.action_propose([(self.metric.id, '2031-01-01', 5)])
        managed = node.with_user(self.user_sm_manager)
        change = [{'node_id': node.id, 'month': '2031-01-01', 'amount': 5}]
        for call in (
            lambda: managed.action_decline_proposal(5),
            lambda: managed.action_accept_proposal(reason=[1]),
            lambda: managed.action_move('x'),
            lambda: managed.action_move(self.node_region.id, {'a': 1}),
            lambda: managed.action_move(self.node_region.id, "Why", 'x'),
            lambda: managed.write({'parent_id': 'x'}),
            lambda: managed.create({'plan_id': 'x'}),
            lambda: plan.save_grid(self.metric.id, change, reason={'a': 1}),
            lambda: plan.env['sales.quota.cell'].create({'node_id': 'x', 'metric_id': 1, 'month': '2031-01-01', 'amount': 1}),
        ):
            with self.assertRaises(ValidationError):
                call()

    def test_incomplete(self):
        plan = self._create_plan("Incomplete", 2033)
        plan.metric_line_ids[0].weight = 50
        with self.assertRaisesSaying(UserError, "make 90.0 %, not 100 %.*\n.*no tree yet"):
            plan.action_submit()
        plan.metric_line_ids[0].weight = 60
        plan.action_build_tree()
        plan = plan.with_user(self.user_sm_manager)
        self._approve(plan)
        with self.assertRaisesSaying(UserError, "There is no target for Ordered, New Customers, Win Rate"):
            plan.action_publish()
        self.metric_count.active = False
        with self.assertRaisesSaying(UserError, "Archived metrics: New Customers"):
            plan.action_publish()

    def test_people_who_cannot_have_a_target(self):
        plan = self.plan.with_user(self.user_sm_manager)
        self._approve(plan)
        self.user_sm_sales2.active = False
        with self.assertRaisesSaying(UserError, "Archived users have targets: Sm Sales2"):
            plan.action_publish()
        self.user_sm_sales2.active = True
        self.team.active = False
        with self.assertRaisesSaying(UserError, "no active sales team: Sm Sales, Sm Sales2"):
            plan.action_publish()

    def test_overlapping_plans(self):
        self._publish()
        other = self._create_plan("Other year", 2031, date_from=date(2031, 7, 1))
        other.action_build_tree()
        root = other.node_ids.filtered(lambda node: node.type == 'company')
        for metric in other.metric_line_ids.metric_id:
            other._distribute(root, metric, 10)
        other = other.with_user(self.user_sm_manager)
        other.publish_reason = "First year"
        self._approve(other)
        with self.assertRaisesSaying(UserError, "Other year and Plan 2031 overlap: .*Ordered"):
            other.action_publish()
        self.plan.action_close()
        other.action_publish()

    def test_bad_years_and_rules(self):
        for vals in (
            {'date_from': date(2031, 1, 2)}, {'tolerance_percent': -1}, {'attainability_low': 90, 'attainability_high': 10},
            {'change_limit': -5},
        ):
            with self.assertRaises(ValidationError):
                self._create_plan("Bad", **vals)
        plan = self._create_plan("Fiscal", date_from=date(2031, 4, 1))
        self.assertEqual(plan.date_to, date(2032, 3, 31))
        self.assertEqual(plan._get_months()[-1], date(2032, 3, 1))

    def test_settled_metrics(self):
        with self.assertRaisesSaying(UserError, "Set them to 0"):
            self.plan.metric_line_ids[0].unlink()
        self._publish()
        line = self.plan.metric_line_ids[0]
        with self.assertRaises(UserError):
            line.weight = 10
        with self.assertRaises(UserError):
            self.plan.metric_line_ids = [Command.create({
                'metric_id': self.env.ref('sales_mgmt_addon.sales_metric_margin').id, 'weight': 0})]

    def test_deleting(self):
        plan = self._create_plan("Draft", 2034)
        plan.action_build_tree()
        plan._distribute(plan.node_ids.filtered(lambda node: node.type == 'company'), self.metric, 100)
        plan.unlink()
        self.assertFalse(plan.exists())
        self.plan.action_submit()
        self.plan.action_draft()
        with self.assertRaisesSaying(UserError, "part of the history"):
            self.plan.unlink()
        self._publish()
        with self.assertRaisesSaying(UserError, "Close it before"):
            self.plan.action_archive()
        with self.assertRaisesSaying(UserError, "Make a revision"):
            self.node_team.channel = 'web'
        with self.assertRaisesSaying(UserError, "make a revision"):
            self.node_sales.unlink()


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaAgreement(QuotaPlanCommon):
    """Proposals from below and acknowledgements of what was published."""

    def test_publishing_asks_everybody(self):
        self._publish()
        self.assertEqual(self.node_sales.activity_ids.user_id, self.user_sm_sales)
        self.assertFalse(self.node_team.activity_ids)
        self.assertEqual(self.node_sales.agreement, 'open')
        node = self.node_sales.with_user(self.user_sm_sales)
        with self.assertRaises(AccessError):
            self.node_sales.with_user(self.user_sm_leader).action_acknowledge()
        with self.assertRaises(AccessError):
            self.node_sales2.with_user(self.user_sm_sales).action_acknowledge()
        node.action_acknowledge()
        self.assertEqual((self.node_sales.agreement, self.node_sales.acknowledged_by_id), ('done', self.user_sm_sales))
        self.assertFalse(self.node_sales.activity_ids)
        # a later change asks again
        self._set(self.node_sales, 1, 90, user=self.user_sm_leader)
        self.assertFalse(self.node_sales.acknowledged_on)
        self.assertEqual(self.node_sales.activity_ids.user_id, self.user_sm_sales)
        for vals in ({'acknowledged_on': fields.Datetime.now()}, {'acknowledged_by_id': 1}, {'position': 1}):
            with self.assertRaises(UserError):
                node.write(vals)

    def test_draft_is_not_acknowledged(self):
        with self.assertRaisesSaying(UserError, "not the valid published plan"):
            self.node_sales.with_user(self.user_sm_sales).action_acknowledge()

    def test_proposal(self):
        node = self.node_sales.with_user(self.user_sm_sales)
        node.action_propose([(self.metric.id, '2031-01-01', 130), (self.metric.id, '2031-02-01', 80)], "New shop")
        cell = self.node_sales.cell_ids.filtered(lambda c: c.metric_id == self.metric and c.month == self._month(1))
        self.assertEqual((cell.amount, cell.proposed, cell.difference), (100, 130, 30))
        self.assertTrue(self.node_sales.has_proposal)
        self.assertIn("New shop", self.node_sales.message_ids[0].body)
        self.assertEqual(self.node_sales.message_ids[0].author_id, self.user_sm_sales.partner_id)
        self.assertEqual(self.node_sales.activity_ids.user_id, self.user_sm_leader)
        with self.assertRaises(AccessError):
            node.action_accept_proposal()
        with self.assertRaises(AccessError):
            self.node_sales.with_user(self.user_sm_leader).action_propose([(self.metric.id, '2031-01-01', 1)])
        self.node_sales.with_user(self.user_sm_leader).action_accept_proposal('siblings', "Agreed")
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2, self.node_team), [130, 70, 200])
        self.assertFalse(self.node_sales.has_proposal)
        self.assertFalse(self.node_sales.activity_ids)
        self.assertIn('proposal', cell.change_ids.mapped('cause'))
        self.assertExact(self.plan)

    def test_withdrawn(self):
        node = self.node_sales.with_user(self.user_sm_sales)
        node.action_propose([(self.metric.id, '2031-01-01', 130)])
        node.action_propose([(self.metric.id, '2031-01-01', 100)], "I was wrong")
        self.assertFalse(self.node_sales.has_proposal)
        self.assertFalse(self.node_sales.activity_ids)
        node.action_propose([(self.metric.id, '2031-01-01', 130)])
        # an edit that gives him what he proposed answers the proposal
        self._set(self.node_sales, 1, 130, user=self.user_sm_leader)
        self.assertFalse(self.node_sales.has_proposal)

    def test_accepting_beyond_the_limit_waits_for_approval(self):
        self.node_sales.with_user(self.user_sm_sales).action_propose([(self.metric.id, '2031-01-01', 130)])
        action = self.node_sales.with_user(self.user_sm_leader).action_accept_proposal('parent')
        request = self.env['sales.quota.request'].browse(action['res_id'])
        self.assertTrue(self.node_sales.has_proposal)
        request.approval_request_ids.with_user(self.user_sm_director).action_approve()
        self.assertEqual(self._amounts(self.node_sales, self.node_team), [130, 230])
        self.assertFalse(self.node_sales.has_proposal)
        self.assertFalse(self.node_sales.activity_ids)

    def test_declined(self):
        self.node_sales.with_user(self.user_sm_sales).action_propose([(self.metric.id, '2031-01-01', 10)])
        leader = self.node_sales.with_user(self.user_sm_leader)
        with self.assertRaisesSaying(UserError, "has to know"):
            leader.action_decline_proposal(" ")
        with self.assertRaises(AccessError):
            self.node_sales.with_user(self.user_sm_sales).action_decline_proposal("x")
        leader.action_decline_proposal("The region needs it")
        self.assertEqual(self._amount(self.node_sales), 100)
        with self.assertRaisesSaying(UserError, "no open proposal"):
            leader.action_accept_proposal()

    def test_bad_proposals(self):
        node = self.node_sales.with_user(self.user_sm_sales)
        for proposal in ([], [(self.metric.id, '2031-01-01', -1)], [(self.metric.id, '2031-01-01', float('nan'))],
                         [(self.metric.id, '2030-01-01', 1)], [(0, '2031-01-01', 1)]):
            with self.assertRaises(UserError):
                node.action_propose(proposal)

    def test_chatter_is_open_to_the_person(self):
        self.node_sales.with_user(self.user_sm_sales).message_post(body="Let us talk")
        with self.assertRaises(AccessError):
            self.node_sales2.with_user(self.user_sm_sales).message_post(body="Let us talk")

    def test_missing_acknowledgements_are_chased(self):
        with freeze_time('2031-01-02'):
            self._publish()
            self.node_sales.activity_ids.unlink()
        with freeze_time('2031-02-02'), self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_quota_acknowledge').method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.node_sales.activity_ids.user_id, self.user_sm_sales)
        self.assertEqual(self.node_sales2.activity_ids.user_id, self.user_sm_sales2 | self.user_sm_leader)
        with freeze_time('2031-02-03'), self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_quota_acknowledge').method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(self.node_sales2.activity_ids), 2)
        self.assertEqual(len(self.node_sales.activity_ids), 1)


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaRequest(QuotaPlanCommon):
    """Changing the parent beyond the limit needs approval."""

    def _raise_parent(self, amount, **options):
        return self.plan.with_user(self.user_sm_leader)._change_cells(
            [(self.node_sales, options.pop('metric', self.metric), self._month(1), amount, None)], 'parent', "More shops")

    def test_within_the_limit(self):
        self.plan.change_limit = 50
        cells, request = self._raise_parent(130)
        self.assertTrue(cells)
        self.assertFalse(request)
        self.assertEqual(self._amounts(self.node_sales, self.node_team, self._reserve(self.node_region)), [130, 230, -30])
        # small steps lead no further than a large one
        _cells, request = self._raise_parent(155)
        self.assertTrue(request)
        self.assertEqual(self._amount(self.node_team), 230)

    def test_beyond_the_limit(self):
        cells, request = self._raise_parent(150)
        self.assertFalse(cells)
        self.assertEqual((request.state, request.amount, request.requested_by), ('submitted', 50, self.user_sm_leader))
        self.assertIn("Jan 2031", request.wishes_html)
        self.assertEqual(self._amount(self.node_sales), 100)
        approval = request.sudo().approval_request_ids
        approval.with_user(self.user_sm_director).action_approve()
        self.assertEqual(request.state, 'applied')
        self.assertEqual(self._amounts(self.node_sales, self.node_team, self._reserve(self.node_region)), [150, 250, -50])
        change = self.env['sales.quota.change'].search([('node_id', '=', self.node_sales.id)], limit=1)
        self.assertEqual(change.author_id, self.user_sm_leader)
        self.assertIn(approval.name, change.reason)
        self.assertExact(self.plan)

    def test_months_do_not_make_up_for_each_other(self):
        self.plan.change_limit = 100
        plan = self.plan.with_user(self.user_sm_leader)
        shift = [
            (self.node_sales, self.metric, self._month(month), amount, None) for month, amount in ((1, 10), (12, 190))]
        cells, request = plan._change_cells(shift, 'parent', "Later")
        self.assertFalse(cells)
        self.assertTrue(request)
        request.action_cancel()
        # nor in single steps
        self.assertFalse(plan._change_cells(shift[:1], 'parent')[1])
        self.assertTrue(plan._change_cells(shift[1:], 'parent')[1])
        # back to where it was is no change
        self.assertFalse(plan._change_cells([(*shift[0][:3], 100, None)], 'parent')[1])
        self.assertFalse(plan._change_cells(shift[1:], 'parent')[1])

    def test_other_metrics_always_ask(self):
        self.plan.change_limit = 10 ** 6
        self.assertTrue(self._raise_parent(5, metric=self.metric_count)[1])

    def test_outdated_wish_is_not_applied(self):
        _cells, request = self._raise_parent(150)
        self._set(self.node_sales, 1, 120)
        with self.assertRaisesSaying(UserError, "has changed since"):
            request.sudo().approval_request_ids.with_user(self.user_sm_director).action_approve()
        self.assertEqual(self._amount(self.node_sales), 120)

    def test_rejected_and_taken_back(self):
        _cells, request = self._raise_parent(150)
        request.sudo().approval_request_ids.with_user(self.user_sm_director).action_reject("No")
        self.assertEqual(request.state, 'rejected')
        _cells, request = self._raise_parent(150)
        with self.assertRaises(AccessError):
            request.with_user(self.user_sm_sales).action_cancel()
        request.action_cancel()
        self.assertEqual(request.state, 'cancelled')
        for vals in ({'state': 'applied'}, {'wishes': []}):
            with self.assertRaises(AccessError):
                request.write(vals)
        with self.assertRaises(AccessError):
            request.create({'name': "X", 'plan_id': self.plan.id, 'node_id': self.root.id})

    def test_administrators_need_no_approval(self):
        for user in (self.user_sm_director, self.user_sm_manager):
            self._set(self.node_sales, 1, 150, user=user, absorb='parent')
        self.assertEqual(self._amount(self.node_team), 250)


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaVersions(QuotaPlanCommon):
    """Revisions keep the version that was valid at each date; copies start the next year."""

    def _revise(self, valid_from='2031-07-01'):
        action = self.plan.with_user(self.user_sm_manager).action_revise(valid_from)
        return self.env['sales.quota.plan'].browse(action['res_id'])

    def test_revision(self):
        self._publish()
        self.node_sales.with_user(self.user_sm_sales).action_acknowledge()
        self.node_sales2.with_user(self.user_sm_sales2).action_acknowledge()
        revision = self._revise()
        self.assertEqual((revision.version, revision.state, revision.previous_id), (2, 'draft', self.plan))
        self.assertEqual(len(revision.node_ids), len(self.plan.node_ids))
        self.assertFalse(self.env['sales.quota.change'].search([('plan_id', '=', revision.id)]))
        new_sales = revision.node_ids.filtered(lambda node: node.user_id == self.user_sm_sales)
        self.assertEqual(new_sales.origin_id, self.node_sales)
        with self.assertRaisesSaying(UserError, "months before stay"):
            self._set(new_sales, 6, 1)
        with self.assertRaisesSaying(UserError, "being revised already"):
            self._revise()
        self._set(new_sales, 7, 60, reason="Half-time")
        # the former version is still valid, and its past still changes
        self._set(self.node_sales, 2, 95)
        self.node_sales.with_user(self.user_sm_sales).action_acknowledge()
        self._publish(revision)
        self.assertEqual((self.plan.state, self.plan.valid_to), ('published', date(2031, 6, 30)))
        self.assertEqual((revision.valid_from, revision.valid_to), (date(2031, 7, 1), date(2031, 12, 31)))
        self.assertEqual(self._amounts(new_sales, self._reserve(new_sales.parent_id), month=2), [95, 5])
        self.assertEqual(self._amount(new_sales, 7), 60)
        self.assertEqual(self._amount(self.node_sales, 7), 100)
        self.assertExact(revision)
        for plan in (self.plan, revision):
            self.assertEqual(plan._get_version_at(date(2031, 6, 30)), self.plan)
            self.assertEqual(plan._get_version_at(date(2031, 7, 1)), revision)
        self.assertEqual(revision._get_valid_plans(self.company, date(2031, 3, 1)) & (self.plan | revision), self.plan)
        with self.assertRaisesSaying(UserError, "replaced by a newer version"):
            self._set(self.node_sales, 9, 1)
        # only whose target is another one has to acknowledge again
        new_sales2 = revision.node_ids.filtered(lambda node: node.user_id == self.user_sm_sales2)
        self.assertTrue(new_sales2.acknowledged_on)
        self.assertFalse(new_sales.acknowledged_on)
        self.assertFalse(new_sales2.activity_ids)
        self.assertTrue(new_sales.activity_ids)
        # the chain goes back into the former version
        cell = new_sales.cell_ids.filtered(lambda c: c.metric_id == self.metric and c.month == self._month(2))
        why = self.env['sales.quota.change'].search(cell.action_why()['domain'])
        self.assertIn(self.node_sales, why.node_id)
        revision.action_close()
        self.assertEqual(self.plan.state, 'closed')
        self.assertEqual(revision._get_version_at(date(2031, 2, 1)), self.plan)

    def test_revision_with_another_tree(self):
        self._publish()
        revision = self._revise()
        nodes = revision.node_ids
        new_sales = nodes.filtered(lambda node: node.user_id == self.user_sm_sales)
        region = nodes.filtered(lambda node: node.type == 'region')
        nodes.filtered(lambda node: node.user_id == self.user_sm_sales2).unlink()
        new_sales.action_move(region.id, "Works for the region now")
        self.assertEqual(new_sales.team_id, self.team_region)
        self._publish(revision)
        self.assertExact(revision)
        team = revision.node_ids.filtered(lambda node: node.type == 'team')
        # the past of those who stayed is what it was
        self.assertEqual(
            self._amounts(region, team, new_sales, self._reserve(team), self._reserve(region), month=2),
            [200, 200, 100, 200, -100])

    def test_edits_meanwhile_are_not_lost(self):
        self._publish()
        revision = self._revise()
        with self.assertRaisesSaying(UserError, "is being revised: from 07/01/2031 on"):
            self._set(self.node_sales, 7, 60)
        with self.assertRaisesSaying(UserError, "is being revised"):
            self.plan._distribute(self.root, self.metric, 1200)
        self._set(self.node_sales, 3, 60)
        # a revision that begins earlier after all starts from what was changed meanwhile
        revision.valid_from = '2031-03-01'
        new_sales = revision.node_ids.filtered(lambda node: node.user_id == self.user_sm_sales)
        self.assertEqual(self._amounts(new_sales, self._reserve(new_sales.parent_id), month=3), [60, 40])
        self.assertExact(revision)
        with self.assertRaisesSaying(UserError, "is being revised"):
            self._set(self.node_sales, 3, 50)
        revision.unlink()
        self._set(self.node_sales, 7, 60)

    def test_bad_revisions(self):
        with self.assertRaises(UserError):
            self._revise()
        self._publish()
        for valid_from in ('2031-07-02', '2032-01-01', '2031-01-01'):
            with self.assertRaises(ValidationError):
                self._revise(valid_from)
        revision = self._revise()
        revision.valid_from = '2031-08-01'
        with self.assertRaises(ValidationError):
            revision.valid_from = '2030-08-01'
        revision.unlink()
        self.assertEqual(self.plan.state, 'published')

    def test_copy_for_the_next_year(self):
        self._publish()
        self.node_sales2.date_end = date(2031, 10, 31)
        self.node_sales.date_start = date(2031, 1, 5)
        copy = self.plan.copy()
        self.assertEqual((copy.name, copy.date_from, copy.state, copy.version), ("Plan 2032", date(2032, 1, 1), 'draft', 1))
        self.assertFalse(copy.node_ids.filtered(lambda node: node.user_id == self.user_sm_sales2))
        person = copy.node_ids.filtered(lambda node: node.user_id == self.user_sm_sales)
        self.assertFalse(person.date_start)
        cells = copy.node_ids._get_cells()
        self.assertEqual(cells[person.id, self.metric.id, date(2032, 3, 1)], 100)
        reserve = self._reserve(person.parent_id)
        self.assertEqual(cells[reserve.id, self.metric.id, date(2032, 3, 1)], 100)
        self.assertExact(copy)
        self.assertFalse(self.env['sales.quota.change'].search([('plan_id', '=', copy.id)]))
        self.assertFalse(copy.node_ids.filtered('acknowledged_on'))


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaTransfer(QuotaPlanCommon):
    """Who changes team while the plan is in force keeps what he sold before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls._create_team("Team Dongguan", parent=cls.team_region)
        cls.other = cls.env['sales.quota.node'].create({
            'plan_id': cls.plan.id, 'parent_id': cls.node_region.id, 'type': 'team', 'team_id': cls.other_team.id})

    def _seat(self):
        return self.plan.node_ids.filtered(lambda node: node.user_id == self.user_sm_sales and node.parent_id == self.other)

    def test_moved_as_of_a_month(self):
        self._publish()
        self.node_sales.with_user(self.user_sm_sales).action_acknowledge()
        self._book(self.metric, date(2031, 2, 10), 80, self.user_sm_sales)
        self._book(self.metric, date(2031, 5, 10), 30, self.user_sm_sales, self.other_team)
        self.node_sales.with_user(self.user_sm_manager).action_move(self.other.id, "Needed there", '2031-05-01')
        seat = self._seat()
        self.assertRecordValues(self.node_sales | seat, [
            {'parent_id': self.node_team.id, 'team_id': self.team.id, 'date_start': False, 'date_end': date(2031, 4, 30)},
            {'parent_id': self.other.id, 'team_id': self.other_team.id, 'date_start': date(2031, 5, 1), 'date_end': False},
        ])
        self.assertEqual(seat.origin_id, self.node_sales)
        nodes = (
            self.node_sales, self.node_team, self._reserve(self.node_team), seat, self.other, self._reserve(self.other))
        self.assertEqual(self._amounts(*nodes, month=4), [100, 200, 0, 0, 0, 0])
        self.assertEqual(self._amounts(*nodes, month=5), [0, 200, 100, 100, 0, -100])
        self.assertEqual(self._amounts(seat, month=5, metric=self.metric_ratio), [40])
        self.assertExact(self.plan)
        actuals = self.plan._get_actuals(self.node_sales | seat)
        self.assertEqual(actuals[self.node_sales.id, self.metric.id, self._month(2)][0], 80)
        self.assertEqual(actuals[seat.id, self.metric.id, self._month(5)][0], 30)
        change = self.env['sales.quota.change'].search([('node_id', '=', seat.id)], limit=1)
        self.assertEqual((change.reason, change.author_id), ("Needed there", self.user_sm_manager))
        self.assertFalse(seat.acknowledged_on)
        self.assertEqual(seat.activity_ids.user_id, self.user_sm_sales)
        with self.assertRaisesSaying(UserError, "left on"):
            self.node_sales.action_move(self.node_region.id, month='2031-08-01')
        with self.assertRaisesSaying(UserError, "has a target in Team Shenzhen already"):
            seat.action_move(self.node_team.id, month='2031-08-01')

    def test_moved_between_a_region_and_its_team(self):
        self._publish()
        for month, team in ((2, self.team), (5, self.team_region), (9, self.team)):
            self._book(self.metric, date(2031, month, 10), month, self.user_sm_sales, team)
        self.node_sales.action_move(self.node_region.id, month='2031-05-01')
        seat = self.node_region.child_ids.filtered('user_id')
        actuals = self.plan._get_actuals(self.node_sales | seat, metrics=self.metric)
        # nothing counts twice, wherever he has sold it
        self.assertEqual({(key[0], key[2].month): sums[0] for key, sums in actuals.items()}, {
            (self.node_sales.id, 2): 2, (seat.id, 5): 5, (seat.id, 9): 9})
        self.assertExact(self.plan)

    def test_default_month(self):
        self.company.partner_id.tz = 'Asia/Shanghai'
        self._publish()
        with freeze_time('2031-05-31 18:00:00'):
            self.node_sales.write({'parent_id': self.other.id})
        self.assertEqual(self._seat().date_start, date(2031, 6, 1))
        self.assertExact(self.plan)
        with freeze_time('2032-02-01'), self.assertRaisesSaying(UserError, "is over"):
            self.node_sales2.action_move(self.other.id)

    def test_before_the_year_the_whole_seat_moves(self):
        self._publish()
        with freeze_time('2030-12-15'):
            self.node_sales.action_move(self.other.id)
        self.assertEqual(self.node_sales.parent_id, self.other)
        self.assertEqual(self._amounts(self.node_sales, self._reserve(self.other)), [100, -100])
        self.assertExact(self.plan)

    def test_seat_without_targets_is_taken(self):
        empty = self.env['sales.quota.node'].create({
            'plan_id': self.plan.id, 'parent_id': self.other.id, 'type': 'person', 'team_id': self.other_team.id,
            'user_id': self.user_sm_sales.id})
        self._publish()
        self.node_sales.action_move(self.other.id, month='2031-03-01')
        self.assertEqual(self._seat(), empty)
        self.assertEqual((empty.date_start, self._amount(empty, 3)), (date(2031, 3, 1), 100))
        self.assertExact(self.plan)

    def test_teams_need_a_revision(self):
        self._publish()
        with self.assertRaisesSaying(UserError, "Make a revision"):
            self.node_team.action_move(self.root.id)
        with self.assertRaises(ValidationError):
            self.node_sales.action_move(self.other.id, month='2031-05-02')
