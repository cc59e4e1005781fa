from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .quota_common import QuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaWizards(QuotaCommon):
    """Changing, distributing and proposing from the interface."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan._distribute(cls.root, cls.metric, 2400, 'equal', profile='flat')

    def _form(self, model, user=None, **defaults):
        context = {f'default_{name}': value for name, value in defaults.items()}
        return Form(self.env[model].with_user(user or self.env.user).with_context(**context))

    # === CHANGE === #

    def test_change_a_month(self):
        form = self._form(
            'sales.quota.edit', self.user_sm_leader, node_id=self.node_sales.id, metric_id=self.metric.id, month='2031-03-15')
        self.assertEqual((form.current, form.amount), (100, 100))
        form.amount = 120
        self.assertEqual(form.delta, 20)
        form.absorb = 'siblings'
        form.reason = "Fair"
        self.assertEqual(form.save().action_apply()['type'], 'ir.actions.act_window_close')
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2, month=3), [120, 80])
        change = self.env['sales.quota.change'].search([('node_id', '=', self.node_sales.id)], limit=1)
        self.assertEqual((change.reason, change.author_id), ("Fair", self.user_sm_leader))

    def test_change_a_quarter_and_a_year(self):
        self._set(self.node_sales, 5, 200)
        form = self._form('sales.quota.edit', node_id=self.node_sales.id, month=date(2031, 5, 1), period='quarter')
        self.assertEqual(form.current, 400)
        form.amount = 800
        form.save().action_apply()
        self.assertEqual([self._amount(self.node_sales, month) for month in (3, 4, 5, 6, 7)], [100, 200, 400, 200, 100])
        form = self._form('sales.quota.edit', node_id=self.root.id, period='year')
        self.assertEqual(form.current, 2400)
        form.amount = 1200
        form.down = 'children'
        form.save().action_apply()
        self.assertEqual(self._amounts(self.root, self.node_region, self.node_team, self.node_sales2), [100, 100, 100, 50])
        self.assertExact(self.plan)

    def test_change_a_ratio(self):
        form = self._form('sales.quota.edit', node_id=self.node_team.id, metric_id=self.metric_ratio.id, period='year')
        form.amount = 35
        form.save().action_apply()
        self.assertEqual(self._amount(self.node_team, 12, self.metric_ratio), 35)
        form = self._form('sales.quota.edit', node_id=self.node_team.id, metric_id=self.metric_ratio.id, period='quarter')
        self.assertEqual(form.current, 35)

    def test_change_what_somebody_else_changed(self):
        form = self._form('sales.quota.edit', node_id=self.node_sales.id, month=date(2031, 1, 1))
        form.amount = 90
        wizard = form.save()
        self.assertEqual(wizard.current, 100)
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_sm_sales).action_apply()
        self._set(self.node_sales, 1, 95, user=self.user_sm_leader)
        with self.assertRaisesSaying(UserError, "Sm Leader changed .* to 95"):
            wizard.action_apply()
        wizard.month = date(2030, 1, 1)
        with self.assertRaisesSaying(UserError, "Choose a month between"):
            wizard.action_apply()

    def test_wish_beyond_the_limit(self):
        form = self._form('sales.quota.edit', self.user_sm_leader, node_id=self.node_sales.id, month=date(2031, 1, 1))
        form.amount = 150
        form.absorb = 'parent'
        action = form.save().action_apply()
        self.assertEqual(action['res_model'], 'sales.quota.request')
        self.assertEqual(self._amount(self.node_sales), 100)

    # === DISTRIBUTE === #

    def test_distribute_with_preview(self):
        form = self._form('sales.quota.distribute', self.user_sm_leader, node_id=self.node_team.id)
        self.assertEqual(form.amount, 2400)
        form.method = 'weights'
        form.padding = 10
        with form.line_ids.edit(0) as line:
            line.weight = 3
        self.assertEqual([form.line_ids.edit(index).preview for index in (0, 1)], [1980, 660])
        self.assertEqual(form.reserve_preview, -240)
        self.assertFalse(form.problem)
        wizard = form.save()
        self.assertEqual(wizard.line_ids.mapped('headcount'), [365, 365])
        self.assertEqual(wizard.line_ids.mapped('current'), [1200, 1200])
        wizard.action_apply()
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2, self._reserve(self.node_team)), [165, 55, -20])
        self.assertExact(self.plan)

    def test_distribute_by_month_weights(self):
        form = self._form('sales.quota.distribute', node_id=self.root.id, metric_id=self.metric_count.id)
        form.amount = 26
        form.method = 'equal'
        form.profile = 'manual'
        with form.month_ids.edit(11) as line:
            line.weight = 2
        self.assertEqual(form.month_ids.edit(0).preview, 2)
        form.save().action_apply()
        self.assertEqual(self._amount(self.node_sales, 12, self.metric_count), 2)
        self.assertEqual(self._amount(self.node_sales, 1, self.metric_count), 1)

    def test_distribute_says_what_is_wrong(self):
        form = self._form('sales.quota.distribute', node_id=self.node_team.id)
        form.padding = 500
        self.assertIn("between -100 % and 100 %", form.problem)
        wizard = form.save()
        with self.assertRaises(UserError):
            wizard.action_apply()

    def test_distribute_is_no_way_around_rights(self):
        with self.assertRaises(AccessError):
            self._form('sales.quota.distribute', self.user_sm_leader, node_id=self.node_region.id)
        wizard = self.env['sales.quota.distribute'].with_user(self.user_sm_sales).sudo().create({
            'node_id': self.node_team.id, 'metric_id': self.metric.id, 'amount': 1, 'method': 'equal', 'profile': 'flat'})
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_sm_sales).sudo(False).action_apply()
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_sm_sales).sudo(False).preview  # noqa: B018 - the reading is what is tested

    # === PROPOSE === #

    def test_propose_and_accept(self):
        form = self._form('sales.quota.proposal', self.user_sm_sales, node_id=self.node_sales.id)
        with form.line_ids.edit(1) as line:
            self.assertEqual((line.assigned, line.proposed), (100, 100))
            line.proposed = 140
        form.reason = "New shop"
        form.save().action_apply()
        self.assertTrue(self.node_sales.has_proposal)
        self.assertEqual(sum(self.node_sales.cell_ids.mapped('difference')), 40)
        form = self._form('sales.quota.proposal', self.user_sm_leader, node_id=self.node_sales.id, verdict='accept')
        form.absorb = 'siblings'
        form.save().action_apply()
        self.assertEqual(self._amounts(self.node_sales, self.node_sales2, month=2), [140, 60])
        form = self._form('sales.quota.proposal', self.user_sm_sales, node_id=self.node_sales.id)
        with self.assertRaisesSaying(UserError, "nothing to propose"):
            form.save().action_apply()
        form = self._form('sales.quota.proposal', self.user_sm_sales, node_id=self.node_sales.id)
        with form.line_ids.edit(0) as line:
            line.proposed = 90
        form.save().action_apply()
        form = self._form('sales.quota.proposal', self.user_sm_leader, node_id=self.node_sales.id, verdict='decline')
        form.reason = "No"
        form.save().action_apply()
        self.assertFalse(self.node_sales.has_proposal)

    # === PLAN === #

    def test_forms_open_for_every_role(self):
        for user in (self.user_sm_manager, self.user_sm_director, self.user_sm_leader, self.user_sm_sales):
            for record in (self.plan, self.node_sales, self.node_sales.cell_ids[:1]):
                Form(record.with_user(user))
        form = Form(self.env['sales.quota.plan'].with_user(self.user_sm_manager))
        form.name = "By hand"
        form.date_from = '2035-01-01'
        with form.metric_line_ids.new() as line:
            line.metric_id = self.metric
        plan = form.save()
        plan.action_build_tree()
        self.assertEqual(plan.node_count, 8)
        self.assertTrue(plan.root_node_id)
        self.assertFalse(plan.tree_warnings)
        self.assertEqual(self.node_team.total_target, 2400)
        self._set(self.node_team, 1, 2, metric=self.metric_count)
        self.assertEqual(self.node_team.other_targets, "New Customers 2.00 customers")
