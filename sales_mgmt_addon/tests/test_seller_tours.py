"""Sellers and officers at work, walked in a real browser."""

from odoo.tests import tagged

from .seller_portal_common import SellerPortalCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerTours(SellerPortalCommon):

    def test_seller_ships_in_the_portal(self):
        self.buyer.write({'street': "Harbour Road 7", 'city': "Ningbo"})
        order = self._seller_order((self.offer_1, 3))
        self.start_tour('/my', 'sales_mgmt_seller_ships', login='sm_seller_1')
        self.assertEqual(order.state, 'shipped')
        self.assertRecordValues(order.shipment_ids.sorted('id'), [
            {'carrier': "SF Express", 'tracking_number': "SF100", 'user_id': self.user_seller_1.id},
            {'carrier': False, 'tracking_number': False, 'user_id': self.user_seller_1.id}])
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 3)

    def test_seller_offers_in_the_portal(self):
        self.start_tour('/my/seller/offers', 'sales_mgmt_seller_offers', login='sm_seller_1')
        offer = self.env['sales.seller.offer'].search([('product_id', '=', self.own_product.id)])
        self.assertRecordValues(offer, [
            {'seller_id': self.seller_1.id, 'state': 'submitted', 'price': 55, 'stock_quantity': 20}])
