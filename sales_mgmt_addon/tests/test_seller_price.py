from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerPrice(ChannelCommon):
    """The seller sets the price of the order line, and nobody else does."""

    def _line(self, offer=None, quantity=2, **values):
        return self._market_order((offer or self.offer_1, quantity), confirm=False, **values).order_line

    def test_pricelist_leaves_the_sellers_price(self):
        self.env['res.config.settings'].create({'group_discount_per_so_line': True}).execute()
        pricelist = self.env['product.pricelist'].create({
            'name': "Sale -20 %", 'item_ids': [Command.create({
                'compute_price': 'percentage', 'percent_price': 20, 'applied_on': '3_global'})]})
        order = self._market_order((self.offer_1, 2), (self.own_product, 1), confirm=False, pricelist_id=pricelist.id)
        theirs, ours = order.order_line
        self.assertRecordValues(theirs, [{'price_unit': 100.0, 'discount': 0.0, 'seller_sets_price': True}])
        self.assertRecordValues(ours, [{'price_unit': 60.0, 'discount': 20.0, 'seller_sets_price': False}])
        order.action_update_prices()
        self.assertRecordValues(theirs, [{'price_unit': 100.0, 'discount': 0.0}])

    def test_nobody_types_another_price(self):
        line = self._line()
        for vals in ({'price_unit': 90.0}, {'discount': 10.0}, {'price_unit': 110.0}):
            with self.assertRaisesSaying(ValidationError, r"Seller One sets the price of Phone: .*100\.00"):
                line.write(vals)
        with self.assertRaisesSaying(ValidationError, "sets the price"):
            line.order_id.order_line = [Command.create({
                'product_id': self.product.id, 'offer_id': self.offer_1.id, 'price_unit': 90.0})]
        line.product_uom_qty = 7
        self.assertEqual(line.price_unit, 100.0)

    def test_choosing_an_offer_replaces_a_typed_price(self):
        order = self._market_order((self.product, 1), confirm=False)
        order.order_line.price_unit = 50.0
        order.order_line.offer_id = self.offer_2
        self.assertRecordValues(order.order_line, [{'price_unit': 95.0, 'seller_id': self.seller_2.id}])
        order.order_line.offer_id = self.offer_1
        self.assertEqual(order.order_line.price_unit, 100.0)

    def test_draft_follows_the_offer(self):
        line = self._line()
        self.offer_1.price = 120.0
        self.assertEqual(line.price_unit, 100.0)
        with self.assertRaisesSaying(UserError, "Sellers have changed the prices of: Phone"):
            line.order_id.action_confirm()
        line.order_id.action_update_prices()
        self.assertEqual(line.price_unit, 120.0)
        line.order_id.action_confirm()
        self.assertEqual(line.order_id.state, 'sale')

    def test_confirmed_line_keeps_its_price(self):
        line = self._line()
        line.order_id.action_confirm()
        self.offer_1.price = 120.0
        line.product_uom_qty = 3
        self.assertEqual(line.price_unit, 100.0)
        with self.assertRaisesSaying(ValidationError, "sets the price"):
            line.price_unit = 120.0
        with self.assertRaises(UserError):
            line.offer_id = self.offer_2
        self.assertEqual(line.order_id.copy().order_line.price_unit, 120.0)

    def test_offers_of_a_product_stay_apart(self):
        order = self._market_order((self.offer_1, 1), (self.offer_2, 1), (self.product, 1), confirm=False)
        self.assertEqual(order.order_line.mapped('price_unit'), [100.0, 95.0, 100.0])
        self.assertEqual(order.order_line[:2].seller_id, self.seller_1 | self.seller_2)
        other = self._create_product("Other")
        with self.assertRaisesSaying(ValidationError, "is for Phone"):
            order.order_line[0].product_id = other

    def test_cheapest_offer_where_only_sellers_sell(self):
        self.product.categ_id = self.env['product.category'].create({'name': "Phones"})
        self._create_mode('marketplace', category_id=self.product.categ_id.id)
        order = self._market_order(confirm=False)
        order.order_line = [Command.create({'product_id': self.product.id, 'product_uom_qty': 1})]
        self.assertRecordValues(order.order_line, [{'offer_id': self.offer_2.id, 'price_unit': 95.0}])
        self.offer_2.minimum_quantity = 10
        with Form(order) as form, form.order_line.new() as line:
            line.product_id = self.product
            self.assertEqual(line.offer_id, self.offer_1)
        self.assertEqual(order.order_line[1].price_unit, 100.0)

    def test_currency_and_unit(self):
        euro = self._currency('XEU', 0.8)  # 1 of ours = 0.80
        offer = self._create_offer(self.seller_1, self.own_product, 80.0, currency_id=euro.id)
        order = self._market_order((offer, 1), confirm=False)
        self.assertEqual(order.order_line.price_unit, 100.0)
        order.order_line.product_uom_id = self.env.ref('uom.product_uom_dozen')
        self.assertAlmostEqual(order.order_line.price_unit, 1200.0)
        euro.rate_ids.unlink()
        with self.assertRaisesSaying(UserError, "XEU has no rate"):
            self._market_order((offer, 1), confirm=False)

    def _currency(self, name, rate):
        return self.env['res.currency'].create({
            'name': name, 'symbol': name, 'rate_ids': [Command.create({'name': '2020-01-01', 'rate': rate})]})

    def test_price_with_included_tax(self):
        tax = self.env['account.tax'].create({
            'name': "VAT 10 incl.", 'amount': 10, 'price_include_override': 'tax_included',
            'invoice_repartition_line_ids': self._repartition(), 'refund_repartition_line_ids': self._repartition()})
        self.product.taxes_id = tax
        line = self._line()
        self.assertAlmostEqual(line.price_unit, 110.0)

    def test_offer_of_another_company(self):
        company = self._create_company("Other")
        seller = self.env['sales.seller'].create({'partner_id': self._create_partner("Far").id, 'company_id': company.id})
        offer = self._create_offer(seller, self.product, 50.0)
        with self.assertRaises(UserError):
            self._market_order((offer, 1), confirm=False)

    def test_margin_is_the_commission(self):
        """Where we are agent, our revenue is the commission of 30, all of it margin; own goods count as ever."""
        line = self._line()
        order = line.order_id
        self.assertEqual(order._gate_prices()['margin'], 100.0)
        self.assertEqual(line._gate_cost(), 170.0)  # 200 less 15 %
        order.order_line = [Command.create({'product_id': self.own_product.id, 'product_uom_qty': 1})]
        # 30 and 60 of revenue, 40 of cost
        self.assertAlmostEqual(order._gate_prices()['margin'], 55.56)
        self.rule.maximum = 20.0
        line.invalidate_recordset(['seller_unit_cost'])
        self.assertEqual(line._gate_cost(), 180.0)

    def test_gate_sees_no_discount(self):
        self.product.list_price = 200.0
        line = self._line()
        self.assertRecordValues(line.order_id, [{
            'gate_list_amount': 200.0, 'gate_discount_percent': 0.0, 'gate_agreed_amount': 200.0}])
        line.order_id.with_user(self.user_sm_sales).action_confirm()
        self.assertEqual(line.order_id.state, 'sale')

    def test_resale_prices_are_ours(self):
        self._create_mode('resale', offer_id=self.offer_1.id)
        line = self._line()
        self.assertFalse(line.seller_sets_price)
        self.assertEqual(line.price_unit, self.product.list_price)
        line.price_unit = 90.0
        self.assertEqual(line.price_unit, 90.0)

    def test_confirming_costs_the_same_for_many_lines(self):
        counts = []
        for number in (2, 2, 8):
            order = self._market_order(*[(self.offer_1, 1)] * number, confirm=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order._confirmation_error_message()
            order._gate_prices()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])  # the first one fills caches of the server
