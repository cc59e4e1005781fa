"""The life of a hold: asking, deciding, withdrawing, checking again."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged, users

from .gate_common import GateCommon


@tagged('post_install', '-at_install')
class TestGateHold(GateCommon):

    def _held(self, **kwargs):
        order = self._create_order(**kwargs)
        order.action_confirm()
        self.assertHeld(order, 'credit_limit')
        return order

    def test_approved_order_is_confirmed_in_the_name_of_the_asker(self):
        order = self._held()
        request = order.sudo().approval_request_ids
        request.with_user(self.controller).action_approve("Pays on Friday")
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.sudo().hold_state, 'released')
        self.assertFalse(order.sudo().hold_finding_ids)
        self.assertEqual(order.sudo().write_uid, self.salesperson)
        self.assertTrue(order.picking_ids)

    def test_rejected_order_stays(self):
        order = self._held()
        request = order.sudo().approval_request_ids
        with self.assertRaises(UserError), self.cr.savepoint():
            request.with_user(self.controller).action_reject(None)
        request.with_user(self.controller).action_reject("Pay the old invoices first")
        self.assertEqual(order.state, 'draft')
        self.assertEqual(order.sudo().hold_state, 'rejected')
        self.assertFalse(self.env['sales.gate.finding'].search([
            ('order_id', '=', order.id), ('state', '=', 'open')]), "the board shows what waits")
        # asked again, it is a new question
        order.action_confirm()
        self.assertHeld(order, 'credit_limit')
        self.assertEqual(len(order.sudo().approval_request_ids.filtered(lambda r: r.state == 'pending')), 1)

    def test_withdraw(self):
        order = self._held()
        order.action_withdraw_hold()
        self.assertEqual(order.sudo().hold_state, 'none')
        self.assertEqual(order.sudo().approval_request_ids.state, 'cancelled')
        other = self._held()
        with self.assertRaises(AccessError), self.cr.savepoint():
            other.with_user(self._user('sm_sales2')).action_withdraw_hold()

    def test_withdraw_on_the_request(self):
        self.company.write({'gate_check_discount': True, 'gate_discount_right': 10.0})
        order = self._create_order(line={'discount': 20})
        order.action_confirm()
        requests = order.sudo().approval_request_ids
        self.assertEqual(set(requests.mapped('kind')), {'credit', 'discount'})
        requests.filtered(lambda r: r.kind == 'credit').with_user(self.salesperson).action_cancel()
        self.assertEqual(set(requests.mapped('state')), {'cancelled'})
        self.assertEqual(order.sudo().hold_state, 'none')

    def test_two_kinds_wait_for_both(self):
        self.company.write({'gate_check_discount': True, 'gate_discount_right': 10.0})
        order = self._create_order(line={'discount': 20}, team_id=self.team.id)
        order.action_confirm()
        requests = order.sudo().approval_request_ids.grouped('kind')
        requests['credit'].with_user(self.controller).action_approve()
        self.assertHeld(order, 'discount')
        requests['discount'].with_user(self.leader).action_approve()
        self.assertEqual(order.state, 'sale')

    def test_ask_with_a_reason(self):
        order = self._create_order()
        action = order.action_ask_approval()
        with Form(self.env['sales.gate.ask'].with_user(self.salesperson).with_context(**action['context'])) as form:
            self.assertIn("1,000", form.findings)
            form.reason = "They pay within the week"
        form.record.action_ask()
        self.assertHeld(order, 'credit_limit')
        self.assertEqual(order.sudo().approval_request_ids.reason, "They pay within the week")

    def test_asking_for_nothing_confirms(self):
        order = self._create_order(5)
        self.env['sales.gate.ask'].with_user(self.salesperson).create({'order_id': order.id}).action_ask()
        self.assertEqual(order.state, 'sale')

    def test_ask_for_a_foreign_order(self):
        order = self._create_order()
        with self.assertRaises(AccessError), self.cr.savepoint():
            order.with_user(self._user('sm_sales2')).action_ask_approval()

    def test_confirming_again_asks_no_second_time(self):
        order = self._held()
        order.action_confirm()
        self.assertEqual(len(order.sudo().approval_request_ids), 1)
        self.assertEqual(len(order.sudo().hold_finding_ids), 1)

    def test_check_again_after_the_limit_rose(self):
        order = self._held()
        order.action_gate_recheck()
        self.assertHeld(order, 'credit_limit')
        self._set_credit(self.customer, limit=5000.0)
        order.action_gate_recheck()
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.sudo().approval_request_ids.state, 'cancelled')

    def test_cron_confirms_what_nothing_stops_any_more(self):
        order, stays = self._held(), self._held()
        self._set_credit(self.customer, limit=5000.0)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_gate_recheck').method_direct_trigger()
        self.assertEqual(order.state, 'sale', "first come, first served")
        self.assertEqual(stays.state, 'draft')

    def test_cancel_ends_the_hold(self):
        order = self._held()
        order.action_cancel()
        self.assertEqual(order.sudo().hold_state, 'none')
        self.assertEqual(order.sudo().approval_request_ids.state, 'cancelled')

    def test_delete_ends_the_question(self):
        order = self._held()
        request = order.sudo().approval_request_ids
        order.with_user(self.user_sm_manager).unlink()
        self.assertEqual(request.state, 'cancelled')
        with self.assertRaises(UserError), self.cr.savepoint():
            request.with_user(self.controller).action_approve()

    def test_credit_approval_is_void_for_a_larger_order(self):
        order = self._held()
        request = order.sudo().approval_request_ids
        order.order_line.product_uom_qty = 40
        self.env.flush_all()
        self.assertEqual(request.state, 'pending')
        order.order_line.product_uom_qty = 60
        self.env.flush_all()
        self.assertEqual(request.state, 'void')

    def test_approval_covers_the_reason_it_saw(self):
        """Approved beyond the limit is not approved while the customer is on hold."""
        order = self._held()
        self._set_credit(self.customer, hold=True)
        order.sudo().approval_request_ids.with_user(self.controller).action_approve()
        self.assertNotEqual(order.state, 'sale')
        self.assertHeld(order, 'credit_hold')

    def test_nobody_may_decide(self):
        self.env['sales.approval.rule'].search([('kind', '=', 'credit')]).action_archive()
        self.env.ref('sales_mgmt_addon.group_director').user_ids = [Command.clear()]
        order = self._create_order()
        order.action_confirm()
        self.assertHeld(order, 'credit_limit')
        self.assertFalse(order.sudo().approval_request_ids)
        self.assertIn("nobody was asked", ' '.join(order.sudo().message_ids.mapped('body')))

    def test_asker_left_the_company(self):
        order = self._held()
        self.salesperson.active = False
        order.sudo().approval_request_ids.with_user(self.controller).action_approve()
        self.assertEqual(order.state, 'sale')

    def test_what_else_is_missing_does_not_undo_the_decision(self):
        order = self._held()
        order.sudo().order_line.analytic_distribution = {}
        self.env['account.analytic.applicability'].create({
            'business_domain': 'sale_order', 'applicability': 'mandatory',
            'analytic_plan_id': self.env['account.analytic.plan'].create({'name': "Mandatory"}).id,
        })
        request = order.sudo().approval_request_ids
        request.with_user(self.controller).action_approve()
        self.assertEqual(request.state, 'approved')

    @users('sm_sales2')
    def test_board_shows_own_documents(self):
        self._held()
        self.assertFalse(self.env['sales.gate.finding'].search([]))

    @users('sm_controller', 'sm_leader', 'sm_region')
    def test_board_shows_the_team_tree(self):
        order = self._create_order()
        order.sudo().team_id = self.team
        order.action_confirm()
        self.assertEqual(self.env['sales.gate.finding'].search([('order_id', '=', order.id)]).code, 'credit_limit')
        self.assertEqual(order.with_env(self.env).hold_state, 'on_hold')
        with self.assertRaises(AccessError), self.cr.savepoint():
            order.with_env(self.env).order_line.write({'discount': 50})

    @users('sm_manager', 'sm_controller', 'sm_director', 'sm_sales')
    def test_findings_are_written_by_nobody(self):
        order = self._held()
        finding = order.sudo().hold_finding_ids.with_env(self.env)
        for method, args in (('write', [{'state': 'settled'}]), ('unlink', [])):
            with self.assertRaises(AccessError), self.cr.savepoint():
                getattr(finding, method)(*args)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env['sales.gate.finding'].create({
                'res_model': 'sale.order', 'res_id': order.id, 'code': 'discount', 'severity': 'warn',
                'message': "x", 'company_id': order.company_id.id})

    def test_released_draft_counts_in_the_exposure(self):
        order = self._held(quantity=12)
        self.company.gate_check_discount = False
        order.with_context(tracking_disable=True).sudo().write({'hold_state': 'released'})
        self.env.flush_all()
        profile = self.env['sales.credit.profile']._get_for(self.customer, self.company)[self.customer]
        self.assertEqual(profile._get_exposure()[profile.id]['total'], 1200)
