from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase

from .channel_common import ChannelCommon

# What only seller two may see: none of it may turn up at seller one
SECRETS = ('Hush', '7391.53')


class SellerPortalCommon(ChannelCommon, HttpCase):
    """Each seller has a user of the portal; the goods, offer and orders of seller two bear words that give them away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller_1 = cls._create_portal_user('sm_seller_1', cls.seller_1)
        cls.user_seller_2 = cls._create_portal_user('sm_seller_2', cls.seller_2)
        cls.secret_product = cls._create_product(
            "Hush Goods", list_price=7391.53, taxes_id=[Command.set(cls.tax.ids)])
        cls.secret_offer = cls._create_offer(cls.seller_2, cls.secret_product, 7391.53, seller_sku="Hush-1")

    @classmethod
    def _create_portal_user(cls, login, seller):
        """Return a portal user who works for the seller."""
        user = cls._create_user(login, 'base.group_portal', password=login)
        user.partner_id.parent_id = seller.partner_id
        return user

    def _get_page(self, url, status=200, **options):
        """Return the text of a page, after having checked its status."""
        response = self.url_open(url, **options)
        self.assertEqual(response.status_code, status, url)
        return response.text

    def _post(self, url, status=200, files=None, **values):
        """Send a form and return the text of the page that comes of it."""
        return self._get_page(url, status, data={'csrf_token': Request.csrf_token(self), **values}, files=files)

    def assertTells(self, page, *texts):
        """Check that a page says each of the texts."""
        for text in texts:
            self.assertIn(text, page)

    def assertHides(self, page, *texts):
        """Check that a page says none of the texts."""
        for text in texts:
            self.assertNotIn(text, page)

    def _seller_order(self, *lines, **values):
        """Confirm an order of lines ``(offer or product, quantity)`` and return its seller orders."""
        order = self._market_order(*lines, **values)
        return order.seller_order_ids
