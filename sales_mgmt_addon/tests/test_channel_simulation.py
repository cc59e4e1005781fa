from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestChannelSimulation(ChannelCommon):
    """Orders of last year: own goods for 600 with a cost of 40 each, a seller's goods for 200 with 15 % commission."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year = cls.today.year - 1
        cls.category = cls.env['product.category'].create({'name': "Phones"})
        cls.deep = cls.env['product.category'].create({'name': "Cases", 'parent_id': cls.category.id})
        cls.product.categ_id = cls.category
        cls.own_product.categ_id = cls.deep

    def _past_order(self, *lines, month=3, **values):
        order = self._market_order(*lines, **values)
        order.date_order = f'{self.year}-{month:02d}-15 10:00:00'
        return order

    def _simulate(self, preset='marketplace', **values):
        simulation = self.env['sales.channel.simulation'].with_user(self.user_sm_channel).create({
            'category_id': self.category.id, 'preset': preset, 'commission_percent': 20, 'stock_days': 73, 'buyer_days': 36.5,
            'supplier_days': 73, 'seller_days': 73, 'date_from': f'{self.year}-01-01', 'date_to': f'{self.year}-12-31',
            **values})
        simulation.action_run()
        return simulation

    def assertFigures(self, record, **figures):
        self.assertEqual({name: round(record[name], 2) for name in figures}, figures)

    def test_own_goods_and_a_seller_s_as_marketplace(self):
        self._past_order((self.own_product, 10), (self.offer_1, 2))
        simulation = self._simulate(buyer_days=73)
        # year of 365 days: 73 days are a fifth of it
        days = (simulation.date_to - simulation.date_from).days + 1
        fifth = 73 / days
        self.assertEqual(simulation.date_from.year, self.year)
        self.assertFigures(
            simulation, gross=800.0, returned=0.0,
            now_revenue=630.0, now_commission=30.0, now_cost=400.0, now_margin=230.0, now_vat_base=630.0,
            new_revenue=160.0, new_commission=160.0, new_cost=0.0, new_margin=160.0, new_vat_base=160.0,
            now_stock=round(400 * fifth, 2), now_receivable=round(600 * fifth, 2) + round(200 * fifth, 2),
            now_payable=round(400 * fifth, 2) + round(170 * fifth, 2), new_stock=0.0,
            new_payable=round(480 * fifth, 2) + round(160 * fifth, 2))
        self.assertAlmostEqual(
            simulation.new_working_capital, simulation.new_receivable - simulation.new_payable, 2)
        own = simulation.line_ids.filtered(lambda line: line.product_id == self.own_product)
        self.assertFigures(own, quantity=10.0, gross=600.0, now_margin=200.0, new_margin=120.0)
        self.assertIn("Scale", simulation.advice)

    def test_resale_and_consignment_of_a_seller_s_goods(self):
        self._past_order((self.offer_1, 2))
        self.assertFigures(
            self._simulate('resale'), now_revenue=30.0, now_margin=30.0, new_revenue=200.0, new_cost=80.0, new_margin=120.0,
            new_vat_base=200.0)
        self.assertFigures(
            self._simulate('resale', cost_source='percent', cost_percent=70), new_cost=140.0, new_margin=60.0)
        self.assertFigures(
            self._simulate('consignment'), new_revenue=200.0, new_cost=160.0, new_margin=40.0, new_stock=0.0)
        agency = self._simulate('agency', buyer_days=365)
        self.assertFigures(agency, new_revenue=40.0, new_payable=0.0)
        self.assertLess(agency.new_receivable, 41.0)

    def test_returns_period_category_and_channel(self):
        order = self._past_order((self.own_product, 10))
        store = self.env['sales.channel'].create({'name': "Store", 'code': 'STORE', 'type': 'store'})
        self._past_order((self.own_product, 1), month=4, channel_id=store.id)
        self._past_order((self.own_product, 100)).date_order = f'{self.year - 1}-12-31 10:00:00'
        self._market_order((self.own_product, 100))
        self._past_order((self.own_product, 100))._action_cancel()
        other = self._create_product("Other")
        self._past_order((other, 5))
        invoice = order._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves()
        refund.invoice_line_ids.quantity = 3
        refund.action_post()
        simulation = self._simulate(channel_id=self.channel.id)
        self.assertFigures(
            simulation, gross=600.0, returned=180.0, now_revenue=420.0, now_cost=280.0, now_margin=140.0,
            now_return_risk=120.0, new_return_risk=0.0, new_revenue=84.0)
        action = simulation.line_ids.action_open_order_lines()
        self.assertEqual(self.env['sale.order.line'].search(action['domain']), order.order_line)
        self.assertFigures(self._simulate(), gross=660.0)
        self.assertFigures(self._simulate(category_id=self.deep.id), gross=660.0)

    def test_foreign_currency_and_units(self):
        euro = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'CHF')])
        euro.active = True
        self.env['res.currency.rate'].create({
            'currency_id': euro.id, 'name': f'{self.year - 1}-01-01', 'rate': 0.5, 'company_id': self.company.id})
        pricelist = self.env['product.pricelist'].create({'name': "CHF", 'currency_id': euro.id})
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self._market_order(confirm=False, pricelist_id=pricelist.id)
        order.order_line = [Command.create({
            'product_id': self.own_product.id, 'product_uom_id': dozen.id, 'product_uom_qty': 1, 'price_unit': 360.0})]
        order.action_confirm()
        order.date_order = f'{self.year}-03-15 10:00:00'
        line = self._simulate().line_ids
        # 360 CHF at 0.5 are 720; 12 pieces cost 480
        self.assertFigures(line, quantity=12.0, gross=720.0, now_cost=480.0, now_margin=240.0)

    def test_a_run_takes_one_statement_for_any_number_of_lines(self):
        counts = []
        for number in (1, 1, 20):
            self._past_order(*[(self.own_product, n + 1) for n in range(number)])
            simulation = self.env['sales.channel.simulation'].create({
                'category_id': self.category.id, 'date_from': f'{self.year}-01-01', 'date_to': f'{self.year}-12-31'})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            simulation._run()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_a_proposal_has_its_evidence(self):
        self._past_order((self.own_product, 10))
        simulation = self._simulate('hosted')
        mode = self.env['sales.channel.mode'].browse(simulation.action_propose_mode()['res_id'])
        self.assertEqual((mode.state, mode.category_id, mode.preset), ('draft', self.category, 'hosted'))
        self.assertEqual((mode.simulation_id, mode.author_id), (simulation, self.user_sm_channel))
        self.assertIn("margin", mode.reason)
        for refused in (lambda: simulation.write({'commission_percent': 5}), simulation.action_run, simulation.unlink):
            with self.assertRaisesSaying(UserError, "evidence"):
                refused()
        copy = simulation.copy()
        self.assertFalse(copy.run_on)
        self.assertFalse(copy.gross)
        with self.assertRaisesSaying(UserError, "Run the simulation first"):
            copy.action_propose_mode()

    def test_changed_assumptions_forget_the_figures(self):
        self._past_order((self.own_product, 10))
        simulation = self._simulate()
        simulation.name = "Idea of Monday"
        self.assertTrue(simulation.line_ids)
        simulation.commission_percent = 10
        self.assertFalse(simulation.run_on)
        self.assertFalse(simulation.line_ids)
        simulation.tax_supplier = 'deemed'
        self.assertEqual(simulation.preset, 'marketplace')
        simulation.price_control = 'company'
        self.assertEqual(simulation.preset, 'custom')
        with self.assertRaises(ValidationError):
            simulation.inventory_owner = 'company'

    def test_who_simulates(self):
        self._past_order((self.own_product, 10))
        simulation = self._simulate()
        self.assertEqual(simulation.with_user(self.user_sm_director).new_revenue, 120.0)
        for user in (self.user_sm_director, self.user_sm_sales, self.user_sm_settle):
            with self.assertRaises(AccessError):
                simulation.with_user(user).action_run()
        with self.assertRaises(AccessError):
            simulation.with_user(self.user_sm_sales).read(['new_revenue'])
        for values in ({'new_margin': 1e6}, {'run_on': '2026-01-01'}):
            with self.assertRaises(AccessError):
                simulation.write(values)
        with self.assertRaises(AccessError):
            simulation.line_ids.write({'gross': 1.0})
        with self.assertRaises(AccessError):
            simulation.line_ids.unlink()
        form = Form(self.env['sales.channel.simulation'].with_user(self.user_sm_channel))
        form.category_id = self.category
        form.preset = 'consignment'
        self.assertEqual(form.tax_supplier, 'company')
        saved = form.save()
        self.assertEqual((saved.date_from.year, saved.name), (self.year, f"Phones as Consignment, {self.year}"))
