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
