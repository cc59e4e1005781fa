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
        page = self._get_page('/my/seller/offers')
        self.assertTells(page, f'/my/seller/offers/{self.offer_1.id}', f'/my/seller/offers/{other.id}')
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

    # === OFFERS: FORMS === #

    def test_seller_makes_an_offer(self):
        product = self._create_product("Lamp", default_code="LAMP")
        self._create_product("Not For Sale Lamp", sale_ok=False)
        self.authenticate('sm_seller_1', 'sm_seller_1')
        page = self._get_page('/my/seller/offers/new?search=lamp')
        self.assertTells(page, f'/my/seller/offers/new/{product.id}')
        self.assertHides(page, 'Not For Sale')
        self.assertTells(self._get_page(f'/my/seller/offers/new/{product.id}'), 'Lamp')
        url = f'/my/seller/offers/new/{product.id}'
        for value, said in (('0', 'more than 0'), ('x', 'is not a number'), ('inf', 'is not a number')):
            self.assertTells(self._post(url, price=value, seller_sku="KEEP"), said, 'KEEP')
        self.assertTells(self._post(url, price='1', lead_days='1.5'), 'whole number')
        self.assertTells(self._post(url, price='1', date_from='2030-02-31'), 'is not a date')
        self.assertTells(self._post(url, price='1', date_from='2030-02-02', date_to='2030-01-01'), 'cannot end before')
        self.assertFalse(self.env['sales.seller.offer'].search([('product_id', '=', product.id)]))
        # what is not his to say is not heard
        self._post(url, price='12.5', stock_quantity='7', lead_days='3', state='active', seller_id=self.seller_2.id,
                   approved_price='1', currency_id='1', product_id=self.product.id)
        offer = self.env['sales.seller.offer'].search([('product_id', '=', product.id)])
        self.assertRecordValues(offer, [{
            'seller_id': self.seller_1.id, 'state': 'draft', 'price': 12.5, 'stock_quantity': 7, 'lead_days': 3,
            'currency_id': self.company.currency_id.id, 'create_uid': self.user_seller_1.id}])
        self.assertTells(self._post(url, price='13'), 'You have an offer for')
        page = self._post(f'/my/seller/offers/{offer.id}/step', step='submit')
        self.assertTells(page, 'is submitted', 'o_seller_quality', 'Picture')
        self.assertEqual(offer.state, 'submitted')
        self._post(f'/my/seller/offers/{offer.id}/step', 404, step='approve')
        self.assertTells(self._post(f'/my/seller/offers/{offer.id}/step', step='pause'), 'not possible')

    def test_seller_changes_his_offer(self):
        self.authenticate('sm_seller_1', 'sm_seller_1')
        url = f'/my/seller/offers/{self.offer_1.id}'
        self._post(f'{url}/save', price='105', stock_quantity='9', seller_sku="S1", seller_id=self.seller_2.id, state='closed')
        self.assertRecordValues(self.offer_1, [{
            'price': 105, 'stock_quantity': 9, 'seller_sku': "S1", 'seller_id': self.seller_1.id, 'state': 'active'}])
        for step, state in (('pause', 'paused'), ('resume', 'active')):
            self._post(f'{url}/step', step=step)
            self.assertEqual(self.offer_1.state, state)
        # too far from the price that was approved
        self.assertTells(self._post(f'{url}/save', price='400'), 'goes on sale when it is approved')
        self.assertEqual(self.offer_1.state, 'submitted')
        self._post(f'{url}/step', step='close')
        self.assertTells(self._post(f'{url}/save', price='1'), 'closed')
        self.assertEqual((self.offer_1.state, self.offer_1.price), ('closed', 400))
