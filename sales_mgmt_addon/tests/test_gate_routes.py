"""Every way round the order gate that stock Odoo leaves open, tried as the people who could try it.

The numbers are those of the route table in the guide for developers; a route without a test here is
tested over its own transport in `test_gate_transports`.
"""

import contextlib

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.sales_mgmt_addon.internal import CONTEXT_KEY, grant

from .gate_common import GateCommon


@tagged('post_install', '-at_install')
class TestGateRoutes(GateCommon):

    #=== INTO THE STATE 'SALE' ===#

    def test_01_confirm_button(self):
        order = self._create_order()
        self.assertTrue(order.action_confirm())
        self.assertHeld(order, 'credit_limit')
        self.assertFalse(order.picking_ids)
        self.assertEqual(order.sudo().hold_asked_by_id, self.salesperson)
        self.assertTrue(order.sudo().hold_since)

    def test_01_confirm_within_limit_passes(self):
        order = self._create_order(10)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.sudo().hold_state, 'none')

    def test_01_confirm_several_in_one_call_counts_them_together(self):
        orders = self._create_order(6) + self._create_order(6) + self._create_order(4)
        orders.action_confirm()
        self.assertEqual(orders.mapped('state'), ['sale', 'draft', 'sale'])
        self.assertHeld(orders[1], 'credit_limit')

    def test_02_write_state(self):
        order = self._create_order()
        self.assertRefused(order.write, {'state': 'sale'})
        self.assertRefused(order.sudo().write, {'state': 'sale'})
        self.assertEqual(order.state, 'draft')

    def test_02_forged_permission_in_the_context(self):
        order = self._create_order()
        for forged in (True, ['gate.order'], [{'guard': 'gate.order', 'ids': None}], {'guard': 'gate.order'}):
            self.assertRefused(order.with_context(**{CONTEXT_KEY: forged}).write, {'state': 'sale'})
        order.with_context(**{CONTEXT_KEY: True, 'bypass_risk': True, 'skip_gate': True}).action_confirm()
        self.assertHeld(order, 'credit_limit')

    def test_03_create_and_copy(self):
        order = self._create_order()
        values = {'partner_id': self.customer.id, 'order_line': [
            Command.create({'product_id': self.goods.id, 'product_uom_qty': 50})]}
        orders = self.env['sale.order'].with_user(self.salesperson)
        self.assertRefused(orders.create, {**values, 'state': 'sale'})
        self.assertRefused(orders.with_context(default_state='sale').create, values)
        self.assertRefused(order.copy, {'state': 'sale'})
        self.assertRefused(orders.create, {**values, 'gate_clearance': {'amount': 99999}})

    def test_03_copy_of_an_approved_order_carries_nothing(self):
        order = self._create_order()
        order.action_confirm()
        order.sudo().approval_request_ids.with_user(self.controller).action_approve()
        self.assertEqual(order.state, 'sale')
        copy = order.copy()
        self.assertEqual(copy.sudo().hold_state, 'none')
        copy.action_confirm()
        self.assertHeld(copy, 'credit_limit')

    def test_04_own_default_value(self):
        self.env['ir.default'].with_user(self.salesperson).set('sale.order', 'state', 'sale', user_id=True)
        self.assertRefused(self._create_order)

    def test_05_import(self):
        order = self._create_order()
        orders = self.env['sale.order'].with_user(self.salesperson)
        for columns, row in (
            (['.id', 'state'], [str(order.id), 'sale']),
            (['partner_id/.id', 'state', 'order_line/product_id/.id', 'order_line/product_uom_qty'],
             [str(self.customer.id), 'sale', str(self.goods.id), '50']),
        ):
            result = orders.load(columns, [row])
            self.assertFalse(result['ids'], columns)
            self.assertTrue(result['messages'])
        self.assertEqual(order.state, 'draft')

    def test_06_through_another_record(self):
        order = self._create_order()
        lead = self.env['crm.lead'].with_user(self.salesperson).create({'name': "Lead", 'partner_id': self.customer.id})
        order.opportunity_id = lead
        self.assertRefused(lead.write, {'order_ids': [Command.update(order.id, {'state': 'sale'})]})
        customer = self.customer.with_user(self.salesperson)
        self.assertRefused(customer.write, {'sale_order_ids': [Command.update(order.id, {'state': 'sale'})]})

    def test_07_mail_gateway_methods(self):
        order = self._create_order()
        orders = self.env['sale.order'].with_user(self.salesperson)
        self.assertRefused(order.message_update, {}, {'state': 'sale'})
        self.assertRefused(orders.message_new, {'subject': "x", 'from': 'a@example.com'}, {
            'partner_id': self.customer.id, 'state': 'sale',
            'order_line': [Command.create({'product_id': self.goods.id, 'product_uom_qty': 50})]})

    def test_11_confirmed_by_another_application(self):
        """The point of sale settles a quotation by calling `action_confirm` with its own rights."""
        order = self._create_order()
        order.sudo().action_confirm()
        self.assertHeld(order, 'credit_limit')

    #=== GROWING A CONFIRMED ORDER ===#

    def test_12_grow_a_confirmed_order(self):
        order = self._confirmed()
        line = order.order_line
        self.assertRefused(line.write, {'product_uom_qty': 50})
        self.assertRefused(line.write, {'price_unit': 1000})
        self.assertRefused(order.write, {'order_line': [
            Command.create({'product_id': self.goods.id, 'product_uom_qty': 50})]})
        self.assertRefused(self.env['sale.order.line'].with_user(self.salesperson).create, {
            'order_id': order.id, 'product_id': self.goods.id, 'product_uom_qty': 50})
        self.assertEqual(order.amount_total, 500)

    def test_12_grow_by_a_tax(self):
        order = self._confirmed(10)
        tax = self.env['account.tax'].create({'name': "13 %", 'amount': 13.0})
        self.assertRefused(order.order_line.write, {'tax_ids': [Command.set(tax.ids)]})

    def test_12_move_lines_between_orders(self):
        order, draft = self._confirmed(), self._create_order()
        self.assertRefused(draft.order_line.write, {'order_id': order.id})
        lead = self.env['crm.lead'].with_user(self.salesperson).create({'name': "Lead", 'partner_id': self.customer.id})
        order.opportunity_id = lead
        self.assertRefused(lead.write, {'order_ids': [Command.update(order.id, {
            'order_line': [Command.update(order.order_line.id, {'product_uom_qty': 50})]})]})

    def test_12_within_the_limit_and_smaller_passes(self):
        order = self._confirmed()
        order.order_line.product_uom_qty = 10
        order.order_line.product_uom_qty = 2
        self.assertEqual(order.amount_total, 200)

    def test_12_room_given_back_is_not_kept(self):
        """Lowered to 100 the room is free for others: growing back to 1,000 is growing."""
        order = self._confirmed(10)
        order.order_line.product_uom_qty = 1
        self._confirmed(9)
        self.assertRefused(order.order_line.write, {'product_uom_qty': 10})

    def test_13_other_invoice_address(self):
        order = self._create_order(partner_invoice_id=self.rich.id)
        order.action_confirm()
        self.assertEqual(order.state, 'sale', "the rich customer bears it")
        self.assertRefused(order.write, {'partner_invoice_id': self.customer.id})
        self.assertEqual(order.partner_invoice_id, self.rich)

    def test_14_written_totals(self):
        order = self._create_order()
        for name in ('amount_total', 'amount_untaxed', 'currency_rate', 'invoice_status', 'hold_state'):
            self.assertRefused(order.write, {name: 'invoiced' if name == 'invoice_status' else 1})

    def test_15_commercial_partner(self):
        contact = self.env['res.partner'].create({'name': "Contact", 'parent_id': self.rich.id, 'type': 'invoice'})
        self.assertRefused(self.customer.with_user(self.salesperson).write, {'commercial_partner_id': self.rich.id})
        # belong to the rich company, confirm, leave it
        order = self._create_order(partner=contact)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self.assertRefused(contact.with_user(self.salesperson).write, {'parent_id': self.customer.id})
        contact.with_user(self.controller).sudo().write({'parent_id': self.customer.id})

    def test_15_merge(self):
        self._confirmed()
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.salesperson)
        self.assertRefused(wizard.sudo(False)._merge, [self.customer.id, self.rich.id], self.rich)

    def test_16_hide_exposure_by_state(self):
        order = self._confirmed()
        for state in ('draft', 'sent', 'cancel'):
            self.assertRefused(order.write, {'state': state})
        self._deliver(order)
        self.assertRefused(order.action_cancel)
        self.assertEqual(order.state, 'sale')

    def test_16_cancel_before_delivery_passes_and_clears(self):
        order = self._confirmed()
        order.action_cancel()
        self.assertEqual(order.state, 'cancel')
        order.action_draft()
        self.assertFalse(order.sudo().gate_clearance)

    def test_17_hide_exposure_by_line_figures(self):
        order = self._confirmed()
        for name, value in (('untaxed_amount_to_invoice', 0), ('qty_invoiced', 9), ('invoice_status', 'invoiced')):
            self.assertRefused(order.order_line.write, {name: value})
        self._deliver(order)
        self.assertRefused(order.order_line.write, {'qty_delivered': 0})

    def test_18_line_facts_apart_from_the_order(self):
        order = self._confirmed()
        for name, value in (
            ('state', 'cancel'), ('order_partner_id', self.rich.id), ('salesman_id', self.leader.id),
        ):
            self.assertRefused(order.order_line.write, {name: value})

    def test_19_duplicate_customer(self):
        twin = self.env['res.partner'].with_user(self.salesperson).create({
            'name': "Other Name", 'is_company': True, 'email': 'GATE.customer@example.com '})
        order = self._create_order(partner=twin)
        order.action_confirm()
        self.assertHeld(order, 'credit_duplicate')

    def test_20_company_without_access(self):
        other = self.env['res.company'].create({'name': "Other Company"})
        order = self._create_order()
        self.assertIsInstance(self.assertRefused(order.write, {'company_id': other.id}), AccessError)

    #=== WHERE VALUE LEAVES ===#

    def _picking(self, quantity, partner=None):
        warehouse = self.warehouse
        return self.env['stock.picking'].with_user(self._user('sm_stock')).create({
            'partner_id': (partner or self.customer).id,
            'picking_type_id': warehouse.out_type_id.id,
            'location_id': warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id,
            'move_ids': [Command.create({
                'product_id': self.goods.id, 'product_uom_qty': quantity, 'product_uom': self.goods.uom_id.id,
                'location_id': warehouse.lot_stock_id.id,
                'location_dest_id': self.env.ref('stock.stock_location_customers').id,
            })],
        })

    def test_21_delivery_without_an_order(self):
        picking = self._picking(50)
        action = picking.button_validate()
        self.assertEqual(action['tag'], 'display_notification')
        self.assertNotEqual(picking.state, 'done')
        self.assertEqual(picking.sudo().hold_state, 'on_hold')
        self.assertTrue(picking.sudo().approval_request_ids)
        self.assertRefused(picking._action_done)
        small = self._picking(5)
        small.button_validate()
        self.assertEqual(small.state, 'done')

    def test_21_over_delivery(self):
        order = self._confirmed()
        picking = order.picking_ids.with_user(self._user('sm_stock'))
        picking.move_ids.quantity = 50
        picking.button_validate()
        self.assertNotEqual(picking.state, 'done')
        self.assertEqual(picking.sudo().hold_state, 'on_hold')

    def test_21_over_delivery_after_the_fact(self):
        order = self._confirmed()
        self._deliver(order)
        move = order.picking_ids.move_ids.with_user(self._user('sm_stock'))
        self.assertRefused(move.move_line_ids.write, {'quantity': 50})

    def test_21_cancelled_and_deleted_documents_wait_no_more(self):
        cancelled, deleted = self._picking(50), self._picking(50)
        (cancelled + deleted).button_validate()
        cancelled.action_cancel()
        deleted.sudo().unlink()
        self.assertFalse(self.env['sales.gate.finding'].search([('state', '=', 'open'), ('partner_id', '=', self.customer.id)]))
        self.assertEqual(cancelled.sudo().approval_request_ids.state, 'cancelled')

    def test_21_approved_delivery_leaves(self):
        picking = self._picking(50)
        picking.button_validate()
        picking.sudo().approval_request_ids.with_user(self.controller).action_approve()
        self.assertEqual(picking.sudo().hold_state, 'released')
        picking.button_validate()
        self.assertEqual(picking.state, 'done')

    def test_21_replacement_of_returned_goods_passes(self):
        order = self._confirmed(10)
        self._deliver(order)
        self._set_credit(self.customer, hold=True)
        wizard = self.env['stock.return.picking'].with_context(
            active_model='stock.picking', active_id=order.picking_ids.id, active_ids=order.picking_ids.ids).create({})
        wizard.product_return_moves.quantity = 2
        action = wizard.action_create_exchanges()
        back = self.env['stock.picking'].browse(action['res_id'])
        back.button_validate()
        again = order.picking_ids.filtered(lambda p: p.state not in ('done', 'cancel'))
        self.assertEqual(again.move_ids.replaces_move_id.picking_id.sale_id, order)
        again.move_ids.quantity = 2
        again.with_user(self._user('sm_stock')).button_validate()
        self.assertEqual(again.state, 'done')

    def test_21_a_false_replacement_does_not_pass(self):
        order = self._confirmed(10)
        self._deliver(order)
        picking = self._picking(50)
        self.assertRefused(picking.move_ids.write, {'replaces_move_id': order.picking_ids.move_ids.id})

    def test_22_direct_invoice(self):
        invoice = self.env['account.move'].with_user(self._user('sm_billing')).create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': fields.Date.today(),
            'invoice_line_ids': [Command.create({
                'product_id': self.service.id, 'quantity': 50, 'price_unit': 100, 'tax_ids': [Command.clear()]})],
        })
        action = invoice.action_post()
        self.assertEqual(action['tag'], 'display_notification')
        self.assertEqual(invoice.state, 'draft')
        self.assertEqual(invoice.sudo().hold_state, 'on_hold')
        self.assertRefused(invoice._post)
        invoice.sudo().approval_request_ids.with_user(self.controller).action_approve()
        invoice.action_post()
        self.assertEqual(invoice.state, 'posted')

    def test_22_down_payment_beyond_the_order(self):
        order = self._confirmed(9)
        wizard = self.env['sale.advance.payment.inv'].with_user(self.salesperson).with_context(
            active_model='sale.order', active_ids=order.ids).create({
                'advance_payment_method': 'fixed', 'fixed_amount': 90000})
        wizard.create_invoices()
        invoice = order.sudo().invoice_ids
        self.assertEqual(invoice.amount_total, 90000)
        self.assertRefused(invoice.with_user(self._user('sm_billing'))._post)

    def test_22_invoice_of_a_cleared_order_passes(self):
        order = self._confirmed(10)
        self._set_credit(self.customer, limit=1.0, hold=True)
        invoice = order.sudo()._create_invoices()
        invoice.with_user(self._user('sm_billing')).action_post()
        self.assertEqual(invoice.state, 'posted')

    #=== PRICES, TERMS, ATTRIBUTION, LOCK ===#

    def test_24_discount_on_a_confirmed_order(self):
        self.env.company.write({'gate_check_discount': True, 'gate_discount_right': 10.0})
        order = self._confirmed(50, partner=self.rich)
        line = order.order_line
        self.assertRefused(line.write, {'discount': 100})
        self.assertRefused(line.write, {'price_unit': 0.01})
        self.assertRefused(order.write, {'order_line': [Command.create({
            'product_id': self.service.id, 'product_uom_qty': 1, 'price_unit': -4990})]})
        wizard = self.env['sale.order.discount'].with_user(self.salesperson).create({
            'sale_order_id': order.id, 'discount_type': 'so_discount', 'discount_percentage': 0.9})
        self.assertRefused(wizard.sudo(False).action_apply_discount)
        self.assertRefused(order.write, {'order_line': [Command.create({
            'product_id': self.goods.id, 'product_uom_qty': 1, 'discount': 100})]})
        line.discount = 10
        self.assertEqual(order.amount_untaxed, 4500)

    def test_25_payment_terms(self):
        terms = self.env['account.payment.term'].create({
            'name': "200 days", 'line_ids': [Command.create({'value': 'percent', 'value_amount': 100, 'nb_days': 200})]})
        order = self._confirmed(10)
        self._set_credit(self.customer, limit=500.0)
        self.assertRefused(order.write, {'payment_term_id': terms.id})
        customer = self.customer.with_user(self.salesperson)
        self.assertRefused(customer.write, {'property_payment_term_id': terms.id})
        pricelist = self.env['product.pricelist'].create({'name': "Cheap"})
        self.assertRefused(customer.write, {'property_product_pricelist': pricelist.id})
        self.assertRefused(self.env['res.partner'].with_user(self.salesperson).create, {
            'name': "New", 'property_product_pricelist': pricelist.id})

    def test_25_new_customer_with_the_usual_terms_passes(self):
        terms = self.env.ref('account.account_payment_term_30days')
        self.env['ir.default'].set('res.partner', 'property_payment_term_id', terms.id, company_id=self.company.id)
        partners = self.env['res.partner'].with_user(self.salesperson)
        with Form(partners) as form:
            form.name = "New customer"
        self.assertEqual(form.record.with_company(self.company).property_payment_term_id, terms)
        usual = form.record.property_product_pricelist
        partners.create({'name': "Another", 'property_payment_term_id': terms.id, 'property_product_pricelist': usual.id})

    def test_25_attribution(self):
        order = self._confirmed()
        self.assertRefused(order.write, {'date_order': '2020-01-01 00:00:00'})
        self.assertRefused(order.write, {'user_id': self._user('sm_sales2').id})
        self.assertRefused(order.write, {'team_id': self.env['crm.team'].create({'name': "Mine"}).id})
        order.write({'user_id': self.salesperson.id})  # no change, no harm
        order.with_user(self.user_sm_manager).write({'user_id': self._user('sm_sales2').id})

    def test_26_lock(self):
        order = self._confirmed()
        order.action_lock()
        self.assertRefused(order.write, {'locked': False})
        self.assertRefused(order.action_unlock)
        order.with_user(self.user_sm_manager).action_unlock()
        self.assertFalse(order.locked)

    def test_27_evidence(self):
        order = self._create_order().with_context(tracking_disable=True, mail_notrack=True)
        order.action_confirm()
        request = order.sudo().approval_request_ids
        activity = request.activity_ids
        self.assertIn(self.controller, activity.user_id)
        with contextlib.suppress(AccessError):
            activity.with_user(self.salesperson).action_feedback("approved, says who")
        self.assertEqual(request.state, 'pending')
        self.assertHeld(order, 'credit_limit')
        request.with_user(self.controller).with_context(tracking_disable=True).action_approve("pays on Friday")
        self.assertEqual(request.decision_ids.mapped('user_id'), self.controller)
        self.assertEqual(order.state, 'sale')
        self.assertRefused(order.write, {'access_token': 'chosen'})

    #=== WHAT MUST PASS ===#

    def test_migration_by_code_passes(self):
        """Code on the server may bring in confirmed orders: it holds an object that no client has."""
        orders = grant(self.env['sale.order'], 'gate.migration')
        order = orders.create({'partner_id': self.customer.id, 'state': 'sale', 'order_line': [
            Command.create({'product_id': self.goods.id, 'product_uom_qty': 50})]})
        self.assertEqual(order.state, 'sale')

    def test_area_switched_off_is_silent(self):
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_gate')
        order = self._create_order()
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self.env.ref('base.group_user').implied_ids += self.env.ref('sales_mgmt_addon.group_area_gate')
        order.order_line.product_uom_qty = 49
        self.assertRefused(order.order_line.write, {'product_uom_qty': 60})

    def test_form_of_a_salesperson(self):
        with Form(self.env['sale.order'].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.goods
                line.product_uom_qty = 50
        order = form.record
        order.action_confirm()
        self.assertHeld(order, 'credit_limit')
        self.assertIn("1,000", order.hold_message)
        with self.assertRaises(UserError):
            order.action_gate_decide()
