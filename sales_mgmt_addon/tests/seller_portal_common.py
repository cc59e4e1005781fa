from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase

from .channel_common import ChannelCommon

# What only seller two may see: none of it may turn up at seller one
SECRETS = ('Hush', '7391.53', '7,391.53', 'Seller Two')


class SellerPortalCommon(ChannelCommon, HttpCase):
    """Each seller has a user of the portal; the goods, offer and orders of seller two bear words that give them away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller_1 = cls._create_portal_user('sm_seller_1', cls.seller_1)
        cls.user_seller_2 = cls._create_portal_user('sm_seller_2', cls.seller_2)
        # the catalogue is everybody's, what a seller asks is not
        cls.secret_product = cls._create_product(
            "Catalogue Goods", list_price=7391.53, taxes_id=[Command.set(cls.tax.ids)])
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
        # amounts below zero have an invisible sign between minus and digits
        return response.text.replace('\ufeff', '')

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

    @classmethod
    def _seller_order(cls, *lines, **values):
        """Confirm an order of lines ``(offer or product, quantity)`` and return its seller orders."""
        return cls._market_order(cls, *lines, **values).seller_order_ids

    @classmethod
    def _deliver(cls, seller_order):
        """Put goods of a hosted seller in stock and deliver them."""
        picking = seller_order.sale_order_id.picking_ids
        for line in seller_order.line_ids:
            cls.env['stock.quant']._update_available_quantity(
                line.product_id, picking.location_id, line.quantity, owner_id=seller_order.seller_id.partner_id)
        picking.action_assign()
        picking.button_validate()

    @classmethod
    def _statement(cls, seller_order):
        """Ship and invoice a seller order, and return the posted statement of it."""
        if seller_order.is_seller_fulfilled:
            seller_order._ship({line: line.quantity for line in seller_order.line_ids})
        else:
            cls._deliver(seller_order)
        seller_order.sale_order_id._create_invoices().action_post()
        statement = cls.env['sales.settlement']._collect(seller_order.seller_id, cls.today)
        statement.action_post()
        return statement
