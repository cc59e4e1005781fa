"""Supply that dunning stops: placed with the letter, seen by the gate, gone with the money."""

from odoo.tests import tagged

from .dunning_common import DunningCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningStop(DunningCommon):

    def setUp(self):
        super().setUp()
        self.invoice = self._direct_invoice(300.0, due=self._ago(45))
        self.profile._change_terms({'overdue_days_allowed': 3650})

    def _confirm(self, product=None, price=50.0, **values):
        order = self._order((product or self.service, 1, price), confirm=False, **values)
        order.action_confirm()
        return order

    def assertCodes(self, document, *codes):
        self.assertEqual(set(document.hold_finding_ids.mapped('code')), set(codes))

    #=== THE GATE ===#

    def test_gate_stops_the_order_until_the_customer_pays(self):
        self.assertEqual(self._confirm().state, 'sale')
        self._dun()
        self.assertEqual(self.profile.dunning_hold_date, self.today)
        self.assertEqual(self.profile.dunning_hold_level_id, self.final)
        order = self._confirm()
        self.assertEqual((order.state, order.hold_state), ('draft', 'on_hold'))
        [finding] = order.hold_finding_ids
        self.assertEqual(finding.code, 'credit_dunning')
        self.assertIn("Final", finding.message)
        self.assertEqual(finding.amount, 300.0)

        self._pay(self.invoice, 100.0)
        self.assertTrue(self.profile.dunning_hold_date, "A part is not enough")
        self._pay(self.invoice)
        self.assertFalse(self.profile.dunning_hold_date)
        self.assertFalse(self.profile.dunning_hold_level_id)
        self.env['sale.order'].search([('id', '=', order.id)])._gate_recheck()
        self.assertEqual(order.state, 'sale')

    def test_payment_wakes_the_recheck(self):
        self._dun()
        order = self._confirm()
        cron = self.env.ref('sales_mgmt_addon.ir_cron_gate_recheck')
        trigger = self.env['ir.cron.trigger']
        before = trigger.search_count([('cron_id', '=', cron.id)])
        self._pay(self.invoice)
        self.assertEqual(trigger.search_count([('cron_id', '=', cron.id)]), before + 1)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(order.state, 'sale')

    def test_delivery_waits(self):
        order = self._confirm(self.goods)
        self._dun()
        picking = self._open_picking(order)
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertNotEqual(picking.state, 'done')
        self.assertCodes(picking, 'credit_dunning')
        self._pay(self.invoice)
        picking.button_validate()
        self.assertEqual(picking.state, 'done')

    def test_invoice_without_order_waits(self):
        self._dun()
        invoice = self._direct_invoice(10.0, post=False)
        invoice.action_post()
        self.assertEqual(invoice.state, 'draft')
        self.assertCodes(invoice, 'credit_dunning')

    def test_approval_of_one_order(self):
        self._create_rule('credit', steps=({'approver_type': 'group', 'group_id': self.env.ref(
            'sales_mgmt_addon.group_credit_controller').id},))
        self._dun()
        order = self._confirm(self.goods)
        self.assertCodes(order, 'credit_dunning')
        request = order.approval_request_ids.filtered(lambda r: r.state == 'pending')
        request.with_user(self.user_sm_controller)._decide('approve', reason="Goods are on the way")
        self.assertEqual(order.state, 'sale')
        self._deliver(order)
        self.assertCodes(self._confirm(), 'credit_dunning')

    def test_what_asks_for_no_credit_passes(self):
        self._dun()
        self.assertEqual(self._confirm(price=0.0).state, 'sale', "A replacement costs nothing")

    def test_independent_of_the_manual_hold(self):
        self._dun()
        self.profile._change_terms({'hold': True, 'hold_reason': "Court"})
        self.assertCodes(self._confirm(), 'credit_hold', 'credit_dunning')
        self._pay(self.invoice)
        self.assertCodes(self._confirm(), 'credit_hold')
        self.assertTrue(self.profile.hold)

    #=== WHEN IT COMES AND GOES ===#

    def test_nothing_before_the_letter_is_sent(self):
        letters = self._propose()
        self.assertFalse(self.profile.dunning_hold_date)
        letters._skip("Not this time")
        self.assertFalse(self.profile.dunning_hold_date)

    def test_told_on_the_profile(self):
        self._dun()
        self._pay(self.invoice)
        bodies = ' '.join(self.profile.message_ids.mapped('body'))
        self.assertIn("Supply is stopped by dunning level Final", bodies)
        self.assertIn("Supply is free again", bodies)

    def test_dispute_lifts_it_and_its_refusal_puts_it_back(self):
        self._dun()
        dispute = self._dispute(self.invoice)
        self.assertFalse(self.profile.dunning_hold_date)
        dispute.action_reject("The price was agreed")
        self.assertTrue(self.profile.dunning_hold_date)
        dispute = self._dispute(self.invoice)
        dispute.action_accept("We credit a part")
        self.assertTrue(self.profile.dunning_hold_date, "Settled, but still open: it is to be paid or credited")

    def test_salesperson_lifts_nothing(self):
        self._dun()
        dispute = self._dispute(self.invoice, user=self.user_sm_sales)
        self.assertTrue(self.profile.dunning_hold_date)
        activity = dispute.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref('sales_mgmt_addon.mail_activity_type_dispute_confirm'))
        self.assertRecordValues(activity, [{'user_id': self.user_sm_leader.id, 'summary': "Confirm the dispute"}])
        dispute.deadline = self._ago(-20)
        self.assertTrue(activity.exists(), "Another deadline leaves the question")
        dispute.with_user(self.user_sm_leader).action_confirm()
        self.assertFalse(self.profile.dunning_hold_date)
        self.assertFalse(activity.exists().active)

    def test_disputed_part_lifts_nothing(self):
        self._dun()
        dispute = self._dispute(self.invoice, 100.0)
        self.assertTrue(self.profile.dunning_hold_date)
        self.assertEqual(self.profile._reason_dunning()[1], 200.0)
        dispute.amount = 300.0
        self.assertFalse(self.profile.dunning_hold_date)
        dispute.amount = 100.0
        self.assertTrue(self.profile.dunning_hold_date)
        self._pay(self.invoice, 200.0)
        self.assertFalse(self.profile.dunning_hold_date)

    def test_no_question_without_a_stop(self):
        dispute = self._dispute(self.invoice, user=self.user_sm_sales)
        self.assertEqual(dispute.activity_ids.mapped('summary'), ["Settle the dispute"])

    def test_payment_taken_back(self):
        self._dun()
        self._pay(self.invoice)
        self.assertFalse(self.profile.dunning_hold_date)
        self.invoice.line_ids.remove_move_reconcile()
        self.env['sales.credit.profile']._cron_dunning_holds()
        self.assertEqual(self.profile.dunning_hold_date, self.today)

    def test_invoice_back_to_draft(self):
        self._dun()
        self.invoice.button_draft()
        self.assertFalse(self.profile.dunning_hold_date)
        self.invoice.action_post()
        self.assertEqual(self.invoice.state, 'posted')
        self.assertEqual(self.profile.dunning_hold_level_id, self.final)

    def test_dunned_invoice_is_posted_again(self):
        other = self._direct_invoice(200.0, due=self._ago(45))
        self._dun()
        self.invoice.button_draft()
        self.assertTrue(self.profile.dunning_hold_date, "The other one is open")
        self.invoice.action_post()
        self.assertEqual((self.invoice + other).mapped('state'), ['posted', 'posted'])

    def test_undelivered_letter_stops_nothing(self):
        self.final.channel = 'mail'
        letters = self._dun()
        self.assertTrue(self.profile.dunning_hold_date)
        letters._message_receive_bounce('dunned@example.com', self.customer)
        self.assertEqual(letters.state, 'failed')
        self.assertFalse(self.profile.dunning_hold_date)

    def test_each_customer_for_himself(self):
        other = self._create_partner("Other")
        self._direct_invoice(10.0, partner=other, due=self._ago(12))
        self._dun()
        self.assertTrue(self.profile.dunning_hold_date)
        self.assertFalse(self._profile(other).dunning_hold_date)

    def test_merged_customers(self):
        double = self._create_partner("Double")
        self._dun()
        self._direct_invoice(10.0, partner=double)
        self._profile(double)
        self.env['base.partner.merge.automatic.wizard']._merge((double + self.customer).ids, double)
        self.env.invalidate_all()
        self.assertEqual(len(double.credit_profile_ids), 1)
        self.assertTrue(double.credit_profile_ids.dunning_hold_date)

    def test_area_switched_off(self):
        self._dun()
        self.env.ref('base.group_user')._remove_group(self.env.ref('sales_mgmt_addon.group_area_credit'))
        self.assertEqual(self._confirm().state, 'sale')
        self._pay(self.invoice)
        self.assertTrue(self.profile.dunning_hold_date, "Nobody looks after it while the area is off")
        self.env['sales.credit.profile']._cron_dunning_holds()
        self.assertTrue(self.profile.dunning_hold_date)

    def test_found_and_shown(self):
        Profile = self.env['sales.credit.profile'].with_user(self.user_sm_controller)
        self.assertNotIn(self.profile, Profile.search([('dunning_hold_date', '!=', False)]))
        self._dun()
        self.assertIn(self.profile, Profile.search([('dunning_hold_date', '!=', False)]))
        self.assertEqual(self.profile.with_user(self.user_sm_sales).dunning_letter_count, 1)
        self.assertEqual(self.customer.with_user(self.user_sm_sales).dunning_letter_count, 1)
        self.assertEqual(self.invoice.dunning_letter_count, 1)
        self.assertIn("Dunning", [label for label, _text in self.profile._get_summary()])
        for record in (self.profile, self.customer, self.invoice):
            action = record.action_view_dunning()
            self.assertEqual(self.env['sales.dunning.letter'].search_count(action['domain']), 1)
