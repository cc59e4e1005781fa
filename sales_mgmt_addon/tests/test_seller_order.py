from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..internal import grant
from ..models.channel.const import SELLER_GUARD
from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerOrder(ChannelCommon):
    """One order per seller: made on confirmation, in step with the sales order, shipped and returned by the seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.invoice_policy = 'delivery'

    def _seller_order(self, order, seller=None):
        """Return the order of a seller as the portal has it."""
        return order.seller_order_ids.filtered(lambda theirs: theirs.seller_id == (seller or self.seller_1)).sudo()

    # === SPLIT === #

    def test_confirmation_makes_one_order_per_seller(self):
        self.buyer.write({'street': "Main Road 1", 'zip': "1000", 'city': "Brussels", 'phone': "+32 1"})
        other = self._create_product("Charger", list_price=20.0)
        self.offer_1.lead_days = 3
        order = self._market_order(
            (self.offer_1, 2), (self._create_offer(self.seller_1, other, 20.0, lead_days=5), 1), (self.offer_2, 1),
            (self.own_product, 4))
        first, second = self._seller_order(order), self._seller_order(order, self.seller_2)
        self.assertEqual(len(order.seller_order_ids), 2)
        self.assertRegex(first.name, r'^MO/\d{4}/\d{5}$')
        self.assertRecordValues(first.line_ids, [
            {'product_id': self.product.id, 'quantity': 2.0, 'fulfilled_by': 'seller', 'price_subtotal': 200.0},
            {'product_id': other.id, 'quantity': 1.0, 'fulfilled_by': 'seller', 'price_subtotal': 20.0},
        ])
        self.assertEqual(first.amount_untaxed, 220.0)
        self.assertEqual((first.date_promised - self.today).days, 5)
        self.assertRecordValues(first | second, [
            {'ship_name': "Buyer", 'ship_street': "Main Road 1", 'ship_zip': "1000", 'ship_city': "Brussels",
             'ship_phone': "+32 1", 'state': 'new', 'is_seller_fulfilled': True},
            {'ship_name': "Buyer", 'ship_street': "Main Road 1", 'ship_zip': "1000", 'ship_city': "Brussels",
             'ship_phone': False, 'state': 'new', 'is_seller_fulfilled': False},
        ])
        self.assertEqual(second.line_ids.fulfilled_by, 'company')

    def test_plain_orders_make_none(self):
        self.assertFalse(self._market_order((self.own_product, 1)).seller_order_ids)

    def test_seller_ships_so_nothing_of_ours_moves(self):
        order = self._market_order((self.offer_1, 2), (self.own_product, 1))
        theirs, ours = order.order_line
        self.assertFalse(theirs.move_ids)
        self.assertEqual(theirs.qty_delivered_method, 'seller')
        self.assertTrue(ours.move_ids)
        self.assertEqual(ours.qty_delivered_method, 'stock_move')

    def test_confirming_again_opens_the_same_order(self):
        order = self._market_order((self.offer_1, 2))
        theirs = self._seller_order(order)
        order._create_seller_orders()
        self.assertEqual(order.seller_order_ids, theirs)
        order.action_cancel()
        self.assertRecordValues(theirs, [{'state': 'cancelled', 'cancelled_by': 'company'}])
        order.action_draft()
        order.order_line.product_uom_qty = 5
        order.action_confirm()
        self.assertEqual(order.seller_order_ids, theirs)
        self.assertRecordValues(theirs, [{'state': 'new', 'cancelled_by': False, 'date_cancelled': False}])
        self.assertEqual(theirs.line_ids.quantity, 5.0)

    def test_order_that_skips_the_button_has_its_seller_orders_too(self):
        order = self._market_order((self.offer_1, 2), confirm=False)
        order.state = 'sale'
        self.assertEqual(order.seller_order_ids.line_ids.quantity, 2.0)

    def test_area_off_goes_on_with_what_is_frozen(self):
        order = self._market_order((self.offer_1, 2))
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_channel')
        theirs = self._seller_order(order)
        theirs._ship({theirs.line_ids: 2}, date=fields.Datetime.subtract(fields.Datetime.now(), days=100))
        self.assertRecordValues(order.order_line, [{'qty_delivered': 2.0, 'qty_delivered_method': 'seller'}])
        self.env['sales.seller.order']._cron_close()
        self.assertEqual(theirs.state, 'shipped')

    def test_another_offer_after_a_cancellation_moves_the_line(self):
        order = self._market_order((self.offer_1, 2))
        theirs = self._seller_order(order)
        order.action_cancel()
        order.action_draft()
        order.order_line.offer_id = self.offer_2
        order.action_confirm()
        self.assertEqual(theirs.state, 'cancelled')
        self.assertFalse(theirs.line_ids)
        self.assertRecordValues(self._seller_order(order, self.seller_2).line_ids, [
            {'quantity': 2.0, 'fulfilled_by': 'company', 'sale_line_id': order.order_line.id}])

    def test_draft_lines_and_orders_can_be_deleted(self):
        order = self._market_order((self.offer_1, 2), (self.own_product, 1))
        order.action_cancel()
        order.action_draft()
        order.order_line[0].unlink()
        theirs = self._seller_order(order)
        self.assertFalse(theirs.line_ids)
        order.action_cancel()
        order.unlink()
        self.assertFalse(theirs.exists())

    def test_confirming_takes_as_many_queries_for_many_lines(self):
        offers = [
            self._create_offer(self.seller_1, self._create_product(f"Goods {number}"), 100.0) for number in range(20)]
        counts = []
        for lines in (offers, offers[:2], offers):  # the first time fills the caches
            order = self._market_order(*((offer, 1) for offer in lines), confirm=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(order.seller_order_ids.line_ids), len(lines))
        self.assertEqual(counts[1], counts[2])

    # === SHIPMENTS === #

    def test_shipping_and_returning_counts_as_delivered(self):
        order = self._market_order((self.offer_1, 3))
        theirs = self._seller_order(order)
        line, sale_line = theirs.line_ids, order.order_line
        shipment = theirs._ship({line: 2}, carrier="DHL", tracking="JD01", tracking_url="https://example.com/JD01")
        self.assertRecordValues(shipment, [{
            'kind': 'shipment', 'carrier': "DHL", 'tracking_number': "JD01", 'seller_id': self.seller_1.id}])
        self.assertRegex(shipment.name, r'^MS/\d{4}/\d{5}$')
        self.assertEqual(theirs.state, 'accepted')
        self.assertTrue(theirs.date_accepted)
        self.assertRecordValues(sale_line, [{'qty_delivered': 2.0, 'qty_to_invoice': 2.0}])
        theirs._ship({line: 1})
        self.assertRecordValues(theirs, [{'state': 'shipped', 'date_shipped': theirs.shipment_ids[0].date}])
        theirs._return({line: 1}, reason="Broken")
        self.assertRecordValues(line, [{'quantity': 3.0, 'qty_shipped': 3.0, 'qty_returned': 1.0, 'qty_open': 0.0}])
        self.assertEqual(theirs.state, 'shipped')
        self.assertEqual(sale_line.qty_delivered, 2.0)
        theirs.action_done()
        self.assertEqual(theirs.state, 'done')

    def test_return_of_goods_invoiced_as_ordered_is_credited(self):
        self.product.invoice_policy = 'order'
        order = self._market_order((self.offer_1, 3))
        theirs = self._seller_order(order)
        order.action_lock()
        theirs._ship({theirs.line_ids: 2})
        back = theirs._return({theirs.line_ids: 1})
        self.assertEqual(order.order_line.product_uom_qty, 2.0)
        self.assertRecordValues(theirs.line_ids, [{'quantity': 3.0, 'qty_open': 1.0, 'qty_taken_off': 1.0}])
        # registered by mistake
        back.action_cancel()
        self.assertEqual(order.order_line.product_uom_qty, 3.0)
        self.assertRecordValues(theirs.line_ids, [
            {'quantity': 3.0, 'qty_open': 1.0, 'qty_taken_off': 0.0, 'qty_returned': 0.0}])

    def test_wrong_movements_are_refused(self):
        order = self._market_order((self.offer_1, 3), (self.offer_2, 1))
        theirs, hosted = self._seller_order(order), self._seller_order(order, self.seller_2)
        line = theirs.line_ids
        for quantity in (0, -1, 4, float('nan'), "2", None):
            with self.assertRaises(UserError):
                theirs._ship({line: quantity})
        for arguments, message in (
            (({},), "at least one"),
            (({hosted.line_ids: 1},), "another seller order"),
        ):
            with self.assertRaisesRegex(UserError, message):
                theirs._ship(*arguments)
        with self.assertRaisesRegex(UserError, "our warehouse"):
            hosted._ship({hosted.line_ids: 1})
        with self.assertRaisesRegex(UserError, "can come back"):
            theirs._return({line: 1})
        with self.assertRaisesRegex(UserError, "in the future"):
            theirs._ship({line: 1}, date='2199-01-01 00:00:00')
        order.action_cancel()
        with self.assertRaisesRegex(UserError, "is cancelled"):
            theirs._ship({line: 1})
        with self.assertRaisesRegex(UserError, "cannot be accepted"):
            theirs.action_accept()

    def test_same_message_is_registered_once(self):
        order = self._market_order((self.offer_1, 3))
        theirs = self._seller_order(order)
        first = theirs._ship({theirs.line_ids: 1}, external_key='hook-1')
        self.assertEqual(theirs._ship({theirs.line_ids: 1}, external_key='hook-1'), first)
        self.assertEqual(theirs.line_ids.qty_shipped, 1.0)

    def test_dialog_ships_and_pressing_twice_ships_once(self):
        order = self._market_order((self.offer_1, 3))
        theirs = self._seller_order(order).with_user(self.user_sm_channel).sudo(False)
        context = theirs.action_ship()['context']
        wizard = self.env['sales.seller.ship'].with_user(self.user_sm_channel).with_context(**context).create({})
        self.assertEqual(wizard.line_ids.quantity, 3.0)
        wizard.line_ids.quantity = 1.0
        wizard.action_register()
        wizard.action_register()
        self.assertEqual(theirs.line_ids.qty_shipped, 1.0)
        context = theirs.action_return()['context']
        wizard = self.env['sales.seller.ship'].with_user(self.user_sm_channel).with_context(**context).create({})
        wizard.line_ids.quantity = 1.0
        wizard.action_register()
        self.assertEqual(theirs.line_ids.qty_returned, 1.0)
        self.assertEqual(theirs.shipment_ids.user_id, self.user_sm_channel)

    def test_suspended_seller_ships_what_he_owes(self):
        order = self._market_order((self.offer_1, 1))
        grant(self.seller_1, SELLER_GUARD).state = 'suspended'
        theirs = self._seller_order(order)
        theirs._ship({theirs.line_ids: 1})
        self.assertEqual(theirs.state, 'shipped')

    def test_cancelling_a_shipment(self):
        order = self._market_order((self.offer_1, 2))
        theirs = self._seller_order(order)
        shipment = theirs._ship({theirs.line_ids: 2})
        back = theirs._return({theirs.line_ids: 1})
        with self.assertRaisesRegex(UserError, "Cancel the return first"):
            shipment.action_cancel()
        back.action_cancel()
        shipment.action_cancel()
        shipment.action_cancel()
        self.assertRecordValues(theirs.line_ids, [{'qty_shipped': 0.0, 'qty_returned': 0.0}])
        self.assertRecordValues(theirs, [{'state': 'accepted', 'date_shipped': False}])
        self.assertEqual(order.order_line.qty_delivered, 0.0)

    def test_orders_close_after_the_time_to_return(self):
        self.company.marketplace_return_days = 10
        orders = self._market_order((self.offer_1, 1)) | self._market_order((self.offer_1, 1))
        old, young = orders.seller_order_ids.sudo()
        old._ship({old.line_ids: 1}, date=fields.Datetime.subtract(fields.Datetime.now(), days=11))
        young._ship({young.line_ids: 1})
        self.env['sales.seller.order']._cron_close()
        self.assertRecordValues(old | young, [{'state': 'done'}, {'state': 'shipped'}])

    # === CHANGES OF THE SALES ORDER === #

    def test_quantities_follow_but_not_below_what_was_shipped(self):
        order = self._market_order((self.offer_1, 3))
        theirs, sale_line = self._seller_order(order), order.order_line
        theirs._ship({theirs.line_ids: 2})
        with self.assertRaises(UserError):
            sale_line.product_uom_qty = 1
        sale_line.product_uom_qty = 2
        self.assertEqual(theirs.state, 'shipped')
        sale_line.product_uom_qty = 4
        self.assertRecordValues(theirs, [{'state': 'accepted', 'date_shipped': False}])
        self.assertEqual(theirs.line_ids.qty_open, 2.0)
        theirs._return({theirs.line_ids: 1})
        with self.assertRaisesRegex(UserError, "has shipped 2.0"):
            sale_line.product_uom_qty = 1

    def test_lines_added_later_join(self):
        order = self._market_order((self.offer_1, 1))
        theirs = self._seller_order(order)
        theirs._ship({theirs.line_ids: 1})
        other = self._create_offer(self.seller_1, self._create_product("Charger"), 20.0)
        order.order_line = [Command.create({
            'product_id': offer.product_id.id, 'offer_id': offer.id, 'product_uom_qty': 2})
            for offer in (other, self.offer_2)]
        self.assertEqual(theirs.state, 'accepted')
        self.assertEqual(theirs.line_ids.mapped('quantity'), [1.0, 2.0])
        self.assertEqual(len(order.seller_order_ids), 2)

    def test_what_shipments_count_cannot_be_typed(self):
        order = self._market_order((self.offer_1, 3))
        line = order.order_line
        with self.assertRaisesRegex(UserError, "cannot be typed"):
            line.qty_delivered = 3
        with self.assertRaisesRegex(UserError, "add another line"):
            line.product_uom_id = self.env.ref('uom.product_uom_dozen')
        with self.assertRaises(UserError):
            line.offer_id = self.offer_2
        with self.assertRaises(UserError):
            line.product_id = self.own_product

    def test_negative_quantities_are_refused(self):
        order = self._market_order((self.offer_1, -1), confirm=False)
        with self.assertRaisesRegex(UserError, "Register a return"):
            order.action_confirm()

    def test_order_with_shipped_goods_is_not_cancelled(self):
        order = self._market_order((self.offer_1, 3))
        theirs = self._seller_order(order)
        theirs._ship({theirs.line_ids: 1})
        with self.assertRaisesRegex(UserError, "has shipped"):
            order.action_cancel()
        theirs._return({theirs.line_ids: 1})
        order.action_cancel()
        self.assertEqual(theirs.state, 'cancelled')

    def test_seller_cancels_what_he_cannot_ship(self):
        order = self._market_order((self.offer_1, 3), user_id=self.user_sm_sales.id)
        theirs = self._seller_order(order)
        order.action_lock()
        theirs._ship({theirs.line_ids: 2})
        theirs.action_cancel(by='seller', reason="Sold out")
        self.assertEqual(order.order_line.product_uom_qty, 2.0)
        self.assertRecordValues(theirs, [{'state': 'shipped', 'cancelled_by': 'seller', 'cancel_reason': "Sold out"}])
        self.assertEqual(theirs.line_ids.qty_cancelled, 1.0)
        activity = order.activity_ids.filtered(lambda a: a.user_id == self.user_sm_sales)
        self.assertIn("Seller One", activity.summary)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            theirs.action_cancel(by='seller')

    def test_seller_cancels_everything(self):
        order = self._market_order((self.offer_1, 3), (self.own_product, 1))
        theirs = self._seller_order(order)
        theirs.action_cancel(by='seller', reason="Closed")
        theirs.action_cancel(by='seller', reason="Closed")
        self.assertEqual(order.order_line.mapped('product_uom_qty'), [0.0, 1.0])
        self.assertRecordValues(theirs, [{'state': 'cancelled', 'cancelled_by': 'seller'}])
        self.assertEqual(order.state, 'sale')
        hosted = self._seller_order(self._market_order((self.offer_2, 1)), self.seller_2)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            hosted.action_cancel(by='seller')

    def test_delivery_address_follows_while_open(self):
        order = self._market_order((self.offer_1, 1))
        order.partner_shipping_id = self._create_partner("Branch", city="Ghent")
        self.assertRecordValues(self._seller_order(order), [{'ship_name': "Branch", 'ship_city': "Ghent"}])

    def test_goods_that_sellers_ship_need_no_warehouse(self):
        self.env['sale.order'].flush_model()
        order = self._market_order((self.offer_1, 1), confirm=False)
        order.warehouse_id = False
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        with self.assertRaises(UserError):
            order.order_line = [Command.create({'product_id': self.own_product.id})]

    # === RIGHTS === #

    def test_nobody_edits_by_hand(self):
        theirs = self._market_order((self.offer_1, 3)).seller_order_ids
        shipment = theirs.sudo()._ship({theirs.line_ids: 1}).sudo(False)
        for record, vals in (
            (theirs, {'state': 'done'}), (theirs.line_ids, {'qty_shipped': 3}), (shipment, {'date': '2020-01-01'}),
            (shipment.line_ids, {'quantity': 3}),
        ):
            with self.assertRaises(AccessError):
                record.write(vals)
        with self.assertRaises(AccessError):
            theirs.unlink()
        with self.assertRaises(UserError):
            shipment.unlink()
        with self.assertRaises(AccessError):
            self.env['sales.seller.shipment'].create({'order_id': theirs.id})
        shipment.with_user(self.user_sm_channel).carrier = "UPS"

    def test_roles(self):
        mine = self._market_order((self.offer_1, 2), user_id=self.user_sm_sales.id).seller_order_ids
        others = self._market_order((self.offer_1, 2), user_id=self.user_sm_sales2.id).seller_order_ids
        both = mine | others
        for user, seen in (
            (self.user_sm_sales, mine), (self.user_sm_leader, both), (self.user_sm_channel, both),
            (self.user_sm_director, both), (self.user_sm_settle, both), (self.user_sm_billing, both),
        ):
            for records, expected in ((both, seen), (both.line_ids, seen.line_ids)):
                self.assertEqual(records.with_user(user).search([('id', 'in', records.ids)]), expected, user.login)
        for user in (self.user_sm_sales, self.user_sm_director, self.user_sm_billing, self.user_sm_settle):
            for method in ('action_accept', 'action_ship', 'action_return', 'action_done', 'action_cancel'):
                with self.assertRaises(AccessError):
                    getattr(mine.with_user(user), method)()
        for model in ('sales.seller.order', 'sales.seller.order.line', 'sales.seller.shipment'):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user_sm_portal).search([])
        mine.with_user(self.user_sm_channel).action_accept()
        self.assertEqual(mine.state, 'accepted')
        mine.with_user(self.user_sm_sales).message_post(body="When does it come?")
