"""Discounts and margins: what counts, in every disguise, with numbers worked out by hand."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .gate_common import GateCommon


@tagged('post_install', '-at_install')
class TestGateDiscount(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({'gate_check_discount': True, 'gate_discount_right': 10.0})

    def _quotation(self, *lines, **values):
        """Return a quotation of the rich customer; each line is a dict on top of one piece of goods."""
        return self.env['sale.order'].with_user(self.salesperson).create({
            'partner_id': self.rich.id,
            'order_line': [Command.create({'product_id': self.goods.id, 'product_uom_qty': 1, **line}) for line in lines],
            **values,
        })

    def assertDiscount(self, order, percent):
        self.assertAlmostEqual(order.gate_discount_percent, percent, places=2)

    #=== DISGUISES ===#

    def test_line_discount(self):
        order = self._quotation({'discount': 10})
        self.assertDiscount(order, 10)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        order = self._quotation({'discount': 10.01})
        order.action_confirm()
        self.assertHeld(order, 'discount')

    def test_typed_price(self):
        order = self._quotation({'price_unit': 70})
        self.assertEqual(order.order_line.discount, 0)
        self.assertDiscount(order, 30)
        order.action_confirm()
        self.assertHeld(order, 'discount')

    def test_negative_line(self):
        # 100 + 100 - 40 = 160 of 200: 20 %
        order = self._quotation({}, {}, {'product_id': self.service.id, 'price_unit': -40})
        self.assertDiscount(order, 20)
        order.action_confirm()
        self.assertHeld(order, 'discount')

    def test_global_discount_wizard(self):
        order = self._quotation({'product_uom_qty': 12})
        self.env['sale.order.discount'].create({
            'sale_order_id': order.id, 'discount_type': 'so_discount', 'discount_percentage': 0.2,
        }).action_apply_discount()
        self.assertEqual(order.amount_untaxed, 960)
        self.assertDiscount(order, 20)

    def test_free_goods(self):
        # ten paid, one free: 1000 of 1100 is 9.09 % on the order, but the free line is 100 %
        order = self._quotation({'product_uom_qty': 10}, {'price_unit': 0})
        self.assertDiscount(order, 9.09)
        order.action_confirm()
        self.assertHeld(order, 'discount')

    def test_deep_line_beside_a_dear_one(self):
        # one line raised, one lowered: the order is at list price, the lowered line is not
        order = self._quotation({'price_unit': 150}, {'price_unit': 50})
        self.assertDiscount(order, 0)
        order.action_confirm()
        self.assertHeld(order, 'discount')

    def test_own_pricelist_is_no_discount(self):
        pricelist = self.env['product.pricelist'].create({'name': "Agreed", 'item_ids': [Command.create({
            'compute_price': 'percentage', 'percent_price': 30, 'applied_on': '3_global'})]})
        self.rich.property_product_pricelist = pricelist
        order = self._quotation({})
        self.assertEqual(order.pricelist_id, pricelist)
        self.assertEqual(order.amount_untaxed, 70)
        self.assertEqual((order.gate_list_amount, order.gate_agreed_amount), (100, 70))
        self.assertDiscount(order, 0)
        # 5 % on top of the agreed 70
        order.order_line.write({'price_unit': 66.5, 'discount': 0})
        self.assertDiscount(order, 5)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')

    def test_list_of_quotations_in_one_pass(self):
        """Twenty quotations take the queries of two, and show what each shows alone."""
        self.env.ref('base.group_user')._apply_group(self.env.ref('product.group_product_pricelist'))
        products = self.env['product.product'].create([
            {'name': f"Goods {n}", 'list_price': 100.0, 'standard_price': 40.0} for n in range(20)])
        customers = self.env['res.partner'].create([{'name': f"Listed {n}", 'is_company': True} for n in range(20)])
        now = fields.Datetime.now()

        def rule(percent, **values):
            return Command.create({'compute_price': 'percentage', 'percent_price': percent, **values})

        for n, (customer, product) in enumerate(zip(customers, products, strict=True)):
            customer.property_product_pricelist = self.env['product.pricelist'].create({'name': f"Agreed {n}", 'item_ids': [
                rule(5),
                rule(90, applied_on='1_product', product_tmpl_id=product.product_tmpl_id.id, date_end=now - timedelta(days=9)),
                rule(20, applied_on='0_product_variant', product_id=product.id, min_quantity=10),
                rule(10, applied_on='2_product_category', categ_id=product.categ_id.id) if n % 2 and product.categ_id
                else rule(15, applied_on='1_product', product_tmpl_id=product.product_tmpl_id.id),
            ]})
        orders = self.env['sale.order'].create([{
            'partner_id': customer.id,
            'order_line': [Command.create({
                'product_id': product.id, 'product_uom_qty': quantity, 'price_unit': 60.0, 'discount': 0.0,
            }) for product, quantity in ((products[n], 12), (products[n], 1), (products[n - 1], 12))],
        } for n, customer in enumerate(customers)])
        self.env.flush_all()

        def read(records):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = records.with_user(self.user_sm_manager).web_read({'gate_agreed_amount': {}, 'gate_margin_percent': {}})
            return rows, self.cr.sql_log_count - before

        read(orders)  # fills the caches of the registry
        few, many = read(orders[:2])[1], read(orders)
        self.assertEqual(many[1], few)
        self.assertEqual(many[0], [read(order)[0][0] for order in orders])
        # 12 at 80, 1 at 85, 12 of another product at 95
        self.assertEqual(orders[2].gate_agreed_amount, 960 + 85 + 1140)

    def test_other_pricelist_is_a_discount(self):
        cheap = self.env['product.pricelist'].create({'name': "Cheap", 'item_ids': [Command.create({
            'compute_price': 'fixed', 'fixed_price': 60, 'applied_on': '3_global'})]})
        order = self._quotation({}, pricelist_id=cheap.id)
        self.assertEqual(order.amount_untaxed, 60)
        self.assertDiscount(order, 40)
        order.action_confirm()
        self.assertHeld(order, 'discount')

    def test_unit_of_measure_and_currency(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        currency = self.env['res.currency'].create({'name': 'TST', 'symbol': 'T', 'rounding': 0.01, 'rate_ids': [
            Command.create({'name': '2020-01-01', 'rate': 2.0})]})
        pricelist = self.env['product.pricelist'].create({'name': "T", 'currency_id': currency.id})
        self.rich.property_product_pricelist = pricelist
        order = self._quotation({'product_uom_id': dozen.id})
        self.assertEqual(order.amount_untaxed, 2400, "12 pieces at 100, two T for one of ours")
        self.assertDiscount(order, 0)
        order.order_line.price_unit = 1800
        self.assertDiscount(order, 25)
        self.assertEqual(order._gate_amount(), 900)
        self.assertEqual(order._gate_prices()['given'], 300, "600 T are 300 of ours")

    def test_sections_and_down_payments_do_not_count(self):
        section = {'display_type': 'line_section', 'name': "Section", 'product_id': False, 'product_uom_qty': 0}
        order = self._quotation({}, section)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        wizard = self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=order.ids).create({
            'advance_payment_method': 'percentage', 'amount': 50})
        wizard.create_invoices()
        self.assertDiscount(order, 0)

    #=== MARGIN ===#

    def test_margin_floor(self):
        self.company.write({'gate_check_discount': False, 'gate_check_margin': True, 'gate_margin_floor': 50.0})
        # cost 40: at 100 the margin is 60 %, at 80 exactly 50 %, at 79 49.37 %
        order = self._quotation({})
        self.assertEqual(order.gate_margin_percent, 60)
        order = self._quotation({'price_unit': 80})
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        order = self._quotation({'price_unit': 79})
        self.assertEqual(order.gate_margin_percent, 49.37)
        order.action_confirm()
        self.assertHeld(order, 'margin')

    def test_policy_bounds(self):
        for values in ({'gate_discount_right': -1}, {'gate_discount_right': 101}, {'gate_margin_floor': -101}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.company.write(values)

    #=== WHAT THE APPROVER SEES AND WHAT HE AGREED TO ===#

    def test_leader_approves_and_the_order_confirms_itself(self):
        order = self._quotation({'product_uom_qty': 10, 'discount': 20})
        order.team_id = self.team
        order.action_confirm()
        request = order.sudo().approval_request_ids
        self.assertEqual((request.kind, request.amount, request.threshold), ('discount', 800, 20))
        self.assertEqual(request.approver_ids, self.leader)
        labels = dict(request.with_user(self.leader).sudo()._get_subject()._approval_summary('discount'))
        self.assertIn('20.00 %', labels.values())
        self.assertIn('50.00 %', labels.values(), "margin: 800 less 400")
        request.with_user(self.leader).action_approve()
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.sudo().hold_state, 'released')

    def test_worse_voids_and_better_keeps(self):
        order = self._quotation({'product_uom_qty': 10, 'discount': 20})
        order.team_id = self.team
        order.action_confirm()
        request = order.sudo().approval_request_ids
        order.order_line.discount = 15
        self.env.flush_all()
        self.assertEqual(request.state, 'pending')
        order.order_line.discount = 25
        self.env.flush_all()
        self.assertEqual(request.state, 'void')
        self.assertEqual(order.sudo().hold_state, 'none')
        self.assertFalse(order.sudo().hold_finding_ids)
        self.assertIn("changed for the worse", ' '.join(order.sudo().message_ids.mapped('body')))
        order.action_confirm()
        self.assertEqual(order.sudo().approval_request_ids.sorted('id')[-1].state, 'pending')

    def test_up_and_down_again_does_not_revive(self):
        order = self._quotation({'product_uom_qty': 10, 'discount': 20})
        order.team_id = self.team
        order.action_confirm()
        for discount in (30, 20):
            order.order_line.discount = discount
            self.env.flush_all()
        self.assertEqual(order.sudo().approval_request_ids.state, 'void')

    def test_approved_depth_holds_for_the_approved_value(self):
        order = self._quotation({'product_uom_qty': 10, 'discount': 20})
        order.team_id = self.team
        order.action_confirm()
        order.sudo().approval_request_ids.with_user(self.leader).action_approve()
        self.assertEqual(order.state, 'sale')
        self.assertRefused(order.order_line.write, {'product_uom_qty': 100})
        self.assertRefused(order.order_line.write, {'discount': 21})
        order.order_line.write({'product_uom_qty': 8})

    def test_past_discount(self):
        for discount in (4, 8):
            self._quotation({'discount': discount}).action_confirm()
        self.assertAlmostEqual(self._quotation({}).gate_past_discount_percent, 6.0, places=2)
