from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerStock(ChannelCommon):
    """Goods of sellers and our own lie on the same shelf, and each order takes those of its owner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1)
        cls.stock = cls.warehouse.lot_stock_id
        cls.user_dock = cls._create_user('sm_dock', 'stock.group_stock_user,sales_mgmt_addon.group_channel_manager')
        cls.owner = cls.seller_2.partner_id
        cls.categories = {
            method: cls.env['product.category'].create({'name': method, 'property_cost_method': method})
            for method in ('average', 'fifo', 'standard')}

    # === FACTORIES === #

    def _goods(self, method='average', **values):
        """Return goods that cost 6, and the offer of the seller whose goods we keep."""
        product = self._create_product(
            f"Shared {method}", categ_id=self.categories[method].id, standard_price=6.0,
            taxes_id=[Command.set(self.tax.ids)], **values)
        return product, self._create_offer(self.seller_2, product, 100.0)

    def _receive(self, product, quantity, owner=None):
        """Receive goods: those of a seller through his button."""
        if owner:
            context = owner.with_user(self.user_dock).action_receive_goods()['context']
        else:
            context = {'default_picking_type_id': self.warehouse.in_type_id.id}
        picking = self.env['stock.picking'].with_context(**context).create({
            'move_ids': [Command.create({
                'product_id': product.id, 'product_uom_qty': quantity, 'location_id': self.env.ref(
                    'stock.stock_location_suppliers').id, 'location_dest_id': self.stock.id})]})
        picking.action_confirm()
        picking.move_ids.quantity = quantity
        picking.button_validate()
        self.assertEqual(picking.state, 'done')
        return picking

    def _stocked(self, method='average', **values):
        """Return goods of which the seller has 10, received first, and we have 10, with his offer."""
        product, offer = self._goods(method, **values)
        self._receive(product, 10, owner=self.seller_2)
        self._receive(product, 10)
        return product, offer

    def _validate(self, picking, quantity=None):
        """Validate a transfer as the warehouse does, and leave the rest in a backorder."""
        if quantity is not None:
            picking.move_ids.quantity = quantity
        picking.with_user(self.user_sm_stock).with_context(skip_backorder=True, cancel_backorder=False).button_validate()
        self.assertEqual(picking.state, 'done')

    def _return(self, picking, quantity):
        wizard = self.env['stock.return.picking'].with_context(
            active_model='stock.picking', active_id=picking.id, active_ids=picking.ids).create({})
        wizard.product_return_moves.quantity = quantity
        back = wizard._create_return()
        back.move_ids.quantity = quantity
        self._validate(back)
        return back

    def _on_hand(self, product, owner=None, location=None):
        quants = self.env['stock.quant'].search([
            ('product_id', '=', product.id), ('location_id', 'child_of', (location or self.stock).id),
            ('owner_id', '=', owner.id if owner else False)])
        return sum(quants.mapped('quantity'))

    def _value(self, product):
        product.invalidate_recordset()
        return product.total_value

    # === RESERVATION === #

    def test_every_order_takes_goods_of_its_owner(self):
        for method in ('average', 'fifo', 'standard'):
            with self.subTest(method=method):
                product, offer = self._stocked(method)
                self.assertEqual(self._value(product), 60.0)
                quants = self.env['stock.quant'].search([('product_id', '=', product.id), ('location_id', '=', self.stock.id)])
                self.assertEqual(
                    {quant.owner_id: quant.value for quant in quants}, {self.owner: 0.0, self.owner.browse(): 60.0})
                ours, theirs = self._market_order((product, 12)), self._market_order((offer, 11))
                self.assertEqual(ours.picking_ids.move_ids.quantity, 10.0)
                self.assertFalse(ours.picking_ids.move_line_ids.owner_id)
                self.assertEqual(theirs.picking_ids.move_ids.restrict_partner_id, self.owner)
                self.assertEqual(theirs.picking_ids.move_ids.quantity, 10.0)
                self.assertEqual(theirs.picking_ids.move_line_ids.owner_id, self.owner)
                move = theirs.picking_ids.move_ids
                self._validate(theirs.picking_ids)
                self.assertEqual(move.value, 0.0)
                self.assertEqual(self._value(product), 60.0)
                move = ours.picking_ids.move_ids
                self._validate(ours.picking_ids)
                self.assertEqual(move.value, 60.0)
                self.assertEqual(self._value(product), 0.0)
                self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (0.0, 0.0))

    def test_seller_sees_what_our_warehouse_delivered(self):
        _product, offer = self._stocked()
        order = self._market_order((offer, 11))
        theirs = order.seller_order_ids
        self.assertEqual(theirs.state, 'new')
        picking = order.picking_ids
        self._validate(picking)
        self.assertRecordValues(theirs.line_ids, [{'quantity': 11.0, 'qty_shipped': 10.0, 'qty_returned': 0.0}])
        self.assertEqual(theirs.state, 'accepted')
        self._receive(offer.product_id, 5, owner=self.seller_2)
        backorder = order.picking_ids - picking
        backorder.action_assign()
        self.assertEqual(backorder.move_ids.restrict_partner_id, self.owner)
        self.assertEqual(backorder.move_line_ids.owner_id, self.owner)
        self._validate(backorder)
        self.assertRecordValues(theirs, [{'state': 'done'}])
        self.assertTrue(theirs.date_shipped)
        self.assertEqual(order.order_line.qty_delivered, 11.0)

    def test_backorder_waits_for_the_owner(self):
        product, offer = self._goods()
        self._receive(product, 10)
        self._receive(product, 4, owner=self.seller_2)
        order = self._market_order((offer, 6))
        picking = order.picking_ids
        self._validate(picking)
        backorder = order.picking_ids - picking
        backorder.action_assign()
        self.assertEqual(backorder.move_ids.quantity, 0.0)
        self._receive(product, 1, owner=self.seller_2)
        backorder.action_assign()
        self.assertEqual(backorder.move_ids.quantity, 1.0)
        self.assertEqual(self._on_hand(product), 10.0)

    def test_return_comes_back_to_the_owner(self):
        for method in ('average', 'fifo', 'standard'):
            with self.subTest(method=method):
                product, offer = self._stocked(method)
                order = self._market_order((offer, 5))
                self._validate(order.picking_ids)
                back = self._return(order.picking_ids, 2)
                self.assertEqual(self._on_hand(product, self.owner), 7.0)
                self.assertEqual(self._on_hand(product), 10.0)
                self.assertEqual(back.move_ids.value, 0.0)
                self.assertEqual(self._value(product), 60.0)
                self.assertEqual(order.order_line.qty_delivered, 3.0)
                self.assertRecordValues(order.seller_order_ids.line_ids, [{'qty_shipped': 5.0, 'qty_returned': 2.0}])
                # and ours to us
                ours = self._market_order((product, 5))
                self._validate(ours.picking_ids)
                self._return(ours.picking_ids, 2)
                self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (7.0, 7.0))
                self.assertEqual(self._value(product), 42.0)

    def test_pick_and_ship(self):
        self.warehouse.delivery_steps = 'pick_ship'
        product, offer = self._stocked()
        ours, theirs = self._market_order((product, 12)), self._market_order((offer, 11))
        for order, owner in ((ours, self.owner.browse()), (theirs, self.owner)):
            pick = order.picking_ids
            self.assertEqual(pick.move_ids.quantity, 10.0)
            self.assertEqual(pick.move_line_ids.owner_id, owner)
            self._validate(pick)
            ship = pick.move_ids.move_dest_ids.picking_id
            self.assertEqual(ship.move_line_ids.owner_id, owner)
            self.assertEqual(ship.move_ids.quantity, 10.0)
            self._validate(ship)
            self.assertEqual(order.order_line.qty_delivered, 10.0)
        self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (0.0, 0.0))

    def test_forced_quantity_is_missing_from_the_owner(self):
        product, offer = self._stocked()
        ours, theirs = self._market_order((product, 12)), self._market_order((offer, 13))
        self._validate(ours.picking_ids, 12)
        self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (-2.0, 10.0))
        self._validate(theirs.picking_ids, 13)
        self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (-2.0, -3.0))

    def test_mixed_order_and_two_sellers_of_one_product(self):
        product, offer = self._stocked()
        other = self._create_seller("Seller Three", 'hosted')
        other_offer = self._create_offer(other, product, 100.0)
        self._receive(product, 3, owner=other)
        order = self._market_order((offer, 4), (other_offer, 5), (product, 2), (self.offer_1, 1))
        lines = order.order_line
        self.assertEqual(
            [(line.move_ids.quantity, line.move_ids.move_line_ids.owner_id) for line in lines[:3]],
            [(4.0, self.owner), (3.0, other.partner_id), (2.0, self.owner.browse())])
        self.assertFalse(lines[3].move_ids)
        self._validate(order.picking_ids)
        self.assertEqual(
            [self._on_hand(product, owner) for owner in (self.owner, other.partner_id, None)], [6.0, 0.0, 8.0])
        self.assertEqual(lines.mapped('qty_delivered'), [4.0, 3.0, 2.0, 0.0])

    def test_goods_of_others_are_refused_by_hand(self):
        product, offer = self._stocked()
        ours, theirs = self._market_order((product, 2)), self._market_order((offer, 2))
        with self.assertRaisesRegex(UserError, "Owner mismatch"), self.cr.savepoint():
            ours.picking_ids.move_line_ids.owner_id = self.owner
        with self.assertRaisesRegex(UserError, "Owner mismatch"), self.cr.savepoint():
            theirs.picking_ids.move_line_ids.owner_id = False
            self._validate(theirs.picking_ids)
        # Odoo stamps the owner of a transfer on what it moves
        with self.assertRaisesRegex(UserError, "Owner mismatch"), self.cr.savepoint():
            ours.picking_ids.owner_id = self.owner
            self._validate(ours.picking_ids)
        quant = self.env['stock.quant'].search([
            ('product_id', '=', product.id), ('location_id', '=', self.stock.id), ('owner_id', '=', self.owner.id)])
        with self.assertRaisesRegex(UserError, "Owner mismatch"), self.cr.savepoint():
            ours.picking_ids.move_ids.move_line_ids = [Command.create({
                'product_id': product.id, 'quant_id': quant.id, 'quantity': 1})]

    def test_lot_of_another_owner_is_refused(self):
        product, _offer = self._goods(tracking='lot')
        lots = self.env['stock.lot'].create([{'name': name, 'product_id': product.id} for name in ("THEIRS", "OURS")])
        Quant = self.env['stock.quant']
        Quant._update_available_quantity(product, self.stock, 5, lot_id=lots[0], owner_id=self.owner)
        Quant._update_available_quantity(product, self.stock, 5, lot_id=lots[1])
        order = self._market_order((product, 2))
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, lots[1])
        order.picking_ids.move_line_ids.lot_id = lots[0]
        with self.assertRaisesRegex(UserError, "Owner mismatch"):
            self._validate(order.picking_ids)

    def test_consignment_sells_goods_of_the_seller(self):
        seller = self._create_seller("Consignor", 'consignment')
        product, _offer = self._goods()
        offer = self._create_offer(seller, product, 100.0)
        self._receive(product, 5, owner=seller)
        self._receive(product, 5)
        order = self._market_order((offer, 6))
        self.assertEqual(order.picking_ids.move_ids.quantity, 5.0)
        self.assertEqual(order.picking_ids.move_line_ids.owner_id, seller.partner_id)
        self.assertEqual(order.seller_order_ids.line_ids.fulfilled_by, 'company')

    def test_changed_quantities_keep_the_owner(self):
        product, offer = self._stocked()
        order = self._market_order((offer, 2))
        order.order_line.product_uom_qty = 6
        order.picking_ids.action_assign()
        self.assertEqual(order.picking_ids.move_line_ids.owner_id, self.owner)
        self.assertEqual(sum(order.picking_ids.move_ids.mapped('quantity')), 6.0)
        self.assertEqual(order.seller_order_ids.line_ids.quantity, 6.0)
        self._validate(order.picking_ids)
        self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (10.0, 4.0))

    def test_consignors_who_are_no_sellers_stay_as_in_odoo(self):
        product, _offer = self._goods()
        consignor = self._create_partner("Consignor")
        self.env['stock.quant']._update_available_quantity(product, self.stock, 5, owner_id=consignor)
        order = self._market_order((product, 5))
        self.assertEqual(order.picking_ids.move_line_ids.owner_id, consignor)

    def test_scrap_and_internal_transfers_are_untouched(self):
        product, _offer = self._stocked()
        scrap = self.env['stock.scrap'].create({
            'product_id': product.id, 'scrap_qty': 3, 'owner_id': self.owner.id, 'location_id': self.stock.id})
        scrap.action_validate()
        self.assertEqual((self._on_hand(product), self._on_hand(product, self.owner)), (10.0, 7.0))
        shelf = self.env['stock.location'].create({'name': "Shelf", 'location_id': self.stock.id})
        picking = self.env['stock.picking'].create({
            'picking_type_id': self.warehouse.int_type_id.id, 'location_id': self.stock.id, 'location_dest_id': shelf.id,
            'move_ids': [Command.create({
                'product_id': product.id, 'product_uom_qty': 15, 'location_id': self.stock.id,
                'location_dest_id': shelf.id})]})
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(picking.move_ids.quantity, 15.0)
        self._validate(picking)
        self.assertEqual(self._value(product), 60.0)

    # === COST === #

    def test_invoices_cost_what_we_owned(self):
        accounts = self.env['account.account'].create([
            {'name': name, 'code': code, 'account_type': kind} for name, code, kind in (
                ("Stock of Ours", '140099', 'asset_current'), ("Cost of Goods", '500099', 'expense_direct_cost'),
                ("Sales of Ours", '400099', 'income'))])
        for method, category in self.categories.items():
            category.write({
                'property_valuation': 'real_time', 'property_stock_valuation_account_id': accounts[0].id,
                'property_account_expense_categ_id': accounts[1].id, 'property_account_income_categ_id': accounts[2].id})
            with self.subTest(method=method):
                product, offer = self._stocked(method)
                ours, theirs = self._market_order((product, 12)), self._market_order((offer, 11))
                self._validate(ours.picking_ids)
                self._validate(theirs.picking_ids)
                invoices = ours._create_invoices() | theirs._create_invoices()
                invoices.action_post()
                costs = [
                    sum(invoice.line_ids.filtered(lambda line: line.account_id == accounts[1]).mapped('balance'))
                    for invoice in invoices]
                self.assertEqual(costs, [72.0, 0.0])
                self.assertFalse(invoices[1].line_ids.filtered(lambda line: line.display_type == 'cogs'))

    # === AVAILABILITY === #

    def test_availability_by_owner(self):
        product, offer = self._stocked()
        self._market_order((offer, 4))
        self._market_order((product, 1))
        self.assertEqual(product.with_context(owner_id=self.owner.id).free_qty, 6.0)
        self.assertEqual(product.with_context(owner_id=False).free_qty, 9.0)
        self.offer_1.stock_quantity = 20
        theirs = self._market_order((self.offer_1, 5)).seller_order_ids.sudo()
        theirs._ship({theirs.line_ids: 2})
        self.assertEqual((offer | self.offer_1)._get_free_quantity(), {offer.id: 6.0, self.offer_1.id: 17.0})
        draft = self._market_order((offer, 1), (product, 1), confirm=False)
        self.assertEqual(draft.order_line.mapped('free_qty_today'), [6.0, 9.0])

    def test_replenishment_counts_our_goods_only(self):
        product, _offer = self._goods()
        self._receive(product, 10, owner=self.seller_2)
        orderpoint = self.env['stock.warehouse.orderpoint'].create({
            'product_id': product.id, 'product_min_qty': 4, 'product_max_qty': 4})
        self.assertEqual(orderpoint.qty_to_order, 4.0)

    def test_receiving_goods_is_for_the_warehouse(self):
        with self.assertRaises(AccessError):
            self.seller_2.with_user(self.user_sm_billing).action_receive_goods()
        picking = self._receive(self._goods()[0], 1, owner=self.seller_2)
        self.assertEqual(picking.move_ids.value, 0.0)
        self.assertEqual(picking.move_line_ids.owner_id, self.owner)

    def test_seller_with_goods_here_is_not_closed(self):
        product, _offer = self._stocked()
        self.assertIn(product.display_name, "".join(self.seller_2._get_close_obstacles()))
        action = self.seller_2.with_user(self.user_dock).action_view_goods()
        self.assertEqual(self.env['stock.quant'].search(action['domain']).quantity, 10.0)
