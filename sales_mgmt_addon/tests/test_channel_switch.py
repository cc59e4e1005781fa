from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestChannelSwitch(ChannelCommon):
    """What a switch of mode leaves behind is found, and settled before the approval."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env['product.category'].create({'name': "Phones"})
        (cls.product | cls.own_product).categ_id = cls.category
        warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1)
        cls.location = warehouse.lot_stock_id
        cls.quants = cls.env['stock.quant']
        cls.quants._update_available_quantity(cls.own_product, cls.location, 5)
        cls.quants._update_available_quantity(cls.product, cls.location, 7, owner_id=cls.seller_2.partner_id)
        cls.pricelist = cls.env['product.pricelist'].create({'name': "Sale", 'item_ids': [
            (0, 0, {'applied_on': '2_product_category', 'categ_id': cls.category.id, 'percent_price': 10,
                    'compute_price': 'percentage'}),
            (0, 0, {'applied_on': '1_product', 'product_tmpl_id': cls.product.product_tmpl_id.id, 'fixed_price': 90}),
        ]})

    def _draft(self, preset, **subject):
        return self.env['sales.channel.mode'].with_user(self.user_sm_channel).create({
            'preset': preset, 'reason': "Contract", **subject})

    def _checks(self, mode):
        return {check.kind: (check.count, check.state) for check in mode.check_ids}

    def test_a_category_leaves_stock_prices_orders_and_taxes(self):
        quotation = self._market_order((self.own_product, 1), confirm=False)
        mode = self._draft('marketplace', category_id=self.category.id)
        self.assertEqual(self._checks(mode), {
            'orders': (1, 'open'), 'stock': (1, 'open'), 'prices': (2, 'open'), 'taxes': (0, 'done')})
        checks = {check.kind: check for check in mode.check_ids}
        for kind, expected in (
            ('stock', self.quants.search([('product_id', '=', self.own_product.id), ('location_id', '=', self.location.id)])),
            ('prices', self.pricelist.item_ids), ('orders', quotation.order_line),
        ):
            action = checks[kind].action_open_records()
            self.assertEqual(self.env[action['res_model']].search(action['domain']), expected)
        self.tax.on_behalf_tax_id = False
        with self.assertRaisesSaying(UserError, "leaves something behind"):
            mode.action_approve()
        mode.action_update_checks()
        self.assertEqual(self._checks(mode)['taxes'], (1, 'open'))
        with self.assertRaisesSaying(UserError, "why the point can stay"):
            checks['stock'].action_waive()
        checks['stock'].reason = "Sold as our own until empty"
        checks['stock'].action_waive()
        (mode.check_ids - checks['stock']).action_done()
        self.assertEqual(checks['stock'].user_id, self.user_sm_channel)
        mode.action_approve()
        self.assertEqual(mode.state, 'approved')
        with self.assertRaisesSaying(UserError, "stays as it is"):
            checks['stock'].reason = "No"

    def test_back_to_resale(self):
        self._create_mode('hosted', category_id=self.category.id)
        mode = self._draft('resale', category_id=self.category.id)
        self.assertEqual(self._checks(mode), {
            'orders': (0, 'done'), 'stock': (1, 'open'), 'prices': (2, 'open'), 'taxes': (0, 'done')})
        offers = {check.kind: check for check in mode.check_ids}['prices'].action_open_records()
        self.assertEqual(self.env['sales.seller.offer'].search(offers['domain']), self.offer_1 | self.offer_2)
        mode.preset = 'hosted'
        self.assertFalse(mode.check_ids)

    def test_a_seller_s_first_mode_replaces_nothing(self):
        seller = self._create_seller("Newcomer", 'hosted')
        self.env.cr.execute("DELETE FROM sales_channel_mode WHERE seller_id = %s", [seller.id])
        self.env.invalidate_all()
        mode = self._draft('marketplace', seller_id=seller.id)
        self.assertFalse(mode.check_ids)
        mode.action_approve()

    def test_a_seller_changes_who_fulfils(self):
        order = self._market_order((self.offer_2, 1))
        mode = self._draft('marketplace', seller_id=self.seller_2.id)
        self.assertEqual(self._checks(mode), {'orders': (1, 'open')})
        mode.check_ids.action_done()
        mode.action_approve()
        self.assertEqual(order.order_line.fulfilled_by, 'company')
        self.assertEqual(self._market_order((self.offer_2, 1)).order_line.fulfilled_by, 'seller')

    @users('sm_sales', 'sm_director', 'sm_channel')
    def test_the_checklist_is_the_server_s(self):
        check = self._draft('hosted', category_id=self.category.id).check_ids.with_env(self.env)[:1]
        with self.assertRaises(AccessError):
            check.state = 'done'
        with self.assertRaises(AccessError):
            check.unlink()
        with self.assertRaises(AccessError):
            check.create({'mode_id': check.mode_id.id, 'kind': 'taxes'})
        if self.env.user.login == 'sm_sales':
            with self.assertRaises(AccessError):
                check.action_done()
        else:
            check.action_done()
            self.assertEqual(check.user_id, self.env.user)
