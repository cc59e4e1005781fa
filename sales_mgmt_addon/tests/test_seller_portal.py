"""What a seller finds in the portal, and what he does there."""

from odoo.tests import tagged

from .seller_portal_common import SellerPortalCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerPortal(SellerPortalCommon):

    # === HOME === #

    def test_home_shows_cards_to_sellers_only(self):
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self.assertTells(self._get_page('/my'), '/my/seller/orders', '/my/seller/offers')
        self.authenticate('sm_portal', 'sm_portal')
        self.assertHides(self._get_page('/my'), '/my/seller/orders', '/my/seller/offers')
        self._get_page('/my/seller/orders', 404)

    def test_area_off_closes_the_portal(self):
        group = self.env.ref('sales_mgmt_addon.group_area_channel')
        self.env['res.groups'].search([('implied_ids', 'in', group.ids)]).implied_ids -= group
        group.user_ids = False
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self.assertHides(self._get_page('/my'), '/my/seller/orders')
        self._get_page('/my/seller/orders', 404)

    # === OFFERS === #

    def test_offers_are_searched_and_filtered(self):
        other = self._create_offer(self.seller_1, self.own_product, 61.0, seller_sku="S1-CASE", state='paused')
        self.authenticate('sm_seller_1', 'sm_seller_1')
        self.assertTells(self._get_page('/my/seller/offers'), f'/my/seller/offers/{self.offer_1.id}', f'/my/seller/offers/{other.id}')
        for query in ('filterby=paused', 'search=S1-CASE&search_in=sku', 'search=case&search_in=product&sortby=price'):
            page = self._get_page(f'/my/seller/offers?{query}')
            self.assertTells(page, f'/my/seller/offers/{other.id}')
            self.assertHides(page, f'/my/seller/offers/{self.offer_1.id}')
        # what makes no sense is left aside
        self._get_page('/my/seller/offers/page/99?sortby=x&filterby=y&search_in=z&search=%25&page=a')
        self.assertTells(self._get_page(f'/my/seller/offers/{other.id}'), 'Own Case', '61.00')

    # === ORDERS === #

    def test_order_is_accepted_and_shipped(self):
        self.buyer.write({'street': "Harbour Road 7", 'city': "Ningbo", 'phone': "+86 574 1"})
        order = self._seller_order((self.offer_1, 3))
        line = order.line_ids
        self.authenticate('sm_seller_1', 'sm_seller_1')
        url = f'/my/seller/orders/{order.id}'
        self.assertTells(self._get_page('/my/seller/orders?filterby=new'), url)
        self.assertTells(self._get_page(url), 'Phone', 'Harbour Road 7', 'Accept the Order', '330.00')
        self.assertTells(self._post(f'{url}/accept'), 'The order is accepted')
        self._post(f'{url}/accept')
        self.assertEqual(order.state, 'accepted')
        # sent twice, registered once
        for _turn in range(2):
            page = self._post(f'{url}/ship', key='k1', carrier="SF", tracking="SF1", **{f'ship_{line.id}': '2'})
            self.assertTells(page, 'The shipment is registered', 'SF1')
        self.assertRecordValues(order.shipment_ids, [
            {'kind': 'shipment', 'carrier': "SF", 'tracking_number': "SF1", 'user_id': self.user_seller_1.id}])
        self.assertEqual((line.qty_shipped, line.sale_line_id.qty_delivered, order.state), (2, 2, 'accepted'))
        self._post(f'{url}/ship', key='k2', **{f'ship_{line.id}': '1'})
        self.assertEqual((line.qty_shipped, order.state), (3, 'shipped'))
        self._post(f'{url}/return', key='k3', return_reason="Too small", **{f'return_{line.id}': '1'})
        self.assertEqual((line.qty_returned, order.shipment_ids[:1].note), (1, "Too small"))

    def test_order_page_tells_what_is_wrong(self):
        order = self._seller_order((self.offer_1, 3))
        line = order.line_ids
        self.authenticate('sm_seller_1', 'sm_seller_1')
        url = f'/my/seller/orders/{order.id}'
        for quantity, said in (
                ('4', 'only 3'), ('-1', 'must be positive'), ('nan', 'is not a number'), ('many', 'is not a number'),
                ('', 'at least one line')):
            page = self._post(f'{url}/ship', key='k', tracking="KEEP-ME", **{f'ship_{line.id}': quantity})
            self.assertTells(page, said, 'KEEP-ME')
        page = self._post(f'{url}/ship', tracking_url='javascript:alert(1)', **{f'ship_{line.id}': '1'})
        self.assertTells(page, 'A tracking link begins with')
        self.assertTells(self._post(f'{url}/return', **{f'return_{line.id}': '1'}), 'only 0')
        self.assertTells(self._post(f'{url}/cancel', cancel_reason=" "), 'Say why')
        self.assertFalse(order.shipment_ids)
        # without the token of the session nothing is done
        self._get_page(f'{url}/accept', 400, data={'x': '1'})
        self.assertEqual(order.state, 'new')

    def test_seller_cancels_what_he_cannot_ship(self):
        order = self._seller_order((self.offer_1, 3))
        line = order.line_ids
        self.authenticate('sm_seller_1', 'sm_seller_1')
        url = f'/my/seller/orders/{order.id}'
        self._post(f'{url}/ship', **{f'ship_{line.id}': '1'})
        self.assertTells(self._post(f'{url}/cancel', cancel_reason="Broken"), 'is cancelled', 'Broken')
        self.assertRecordValues(order, [{'cancelled_by': 'seller', 'cancel_reason': "Broken"}])
        self.assertEqual(line.sale_line_id.product_uom_qty, 1)

    def test_hosted_seller_sees_no_address(self):
        self.buyer.street = "Harbour Road 7"
        order = self._seller_order((self.offer_2, 3))
        self.authenticate('sm_seller_2', 'sm_seller_2')
        page = self._get_page(f'/my/seller/orders/{order.id}')
        self.assertTells(page, 'Phone')
        self.assertHides(page, 'Harbour Road 7', 'o_seller_ship"', 'o_seller_cancel')
        page = self._post(f'/my/seller/orders/{order.id}/ship', **{f'ship_{order.line_ids.id}': '1'})
        self.assertTells(page, 'by our warehouse')
