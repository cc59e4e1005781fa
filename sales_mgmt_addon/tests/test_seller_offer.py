import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..internal import grant
from ..models.channel.const import OFFER_GUARD
from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerOffer(ChannelCommon):
    """Offers: who puts them on sale, how good they are, how many there may be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Offer = cls.env['sales.seller.offer'].with_user(cls.user_sm_channel)
        cls.category = cls.env['product.category'].create({'name': "Cases"})
        cls.case = cls._create_product("Case", weight=1, description_sale="A case", categ_id=cls.category.id)

    def _offer(self, **values):
        return self.Offer.create({'seller_id': self.seller_1.id, 'product_id': self.case.id, 'price': 10.0, **values})

    def test_from_draft_to_closed(self):
        offer = self._offer()
        offer.action_submit()
        # 20 category + 20 description + 10 weight + 10 lead time of 100
        self.assertRecordValues(offer, [{'state': 'submitted', 'quality_score': 60.0}])
        with self.assertRaises(AccessError):
            offer.with_user(self.user_sm_sales).action_approve()
        with self.assertRaisesSaying(UserError, "Enter the reason"):
            offer.action_reject(" ")
        offer.action_reject("Blurred picture")
        self.assertRecordValues(offer, [{'state': 'rejected', 'state_reason': "Blurred picture"}])
        offer.action_submit()
        offer.action_approve()
        self.assertRecordValues(offer, [{
            'state': 'active', 'approved_by_id': self.user_sm_channel.id, 'approved_price': 10.0}])
        offer.action_pause()
        self.assertIn("not on sale", offer._get_sale_error())
        offer.action_resume()
        offer.action_close()
        with self.assertRaisesSaying(UserError, "status Closed"):
            offer.action_resume()
        with self.assertRaisesSaying(UserError, "is closed. Make another one"):
            offer.price = 11

    def test_quality(self):
        self.company.offer_quality_minimum = 70
        offer = self._offer()
        offer.action_submit()
        with self.assertRaisesSaying(UserError, r"is 60.00 %, below the 70.00 %"):
            offer.action_approve()
        look = offer.check_ids.filtered(lambda check: check.fact == 'manual')
        with self.assertRaisesSaying(UserError, "found out by the system"):
            (offer.check_ids - look)[0].action_toggle()
        with self.assertRaises(AccessError):
            look.passed = True
        look.action_toggle()
        self.assertEqual(offer.quality_score, 80.0)
        self.seller_1.category_ids = self.env['product.category'].create({'name': "Books"})
        with self.assertRaisesSaying(UserError, "lacks what every offer needs: The seller may sell the category"):
            offer.action_approve()
        self.seller_1.category_ids |= self.category
        offer.action_approve()
        self.assertEqual(offer.state, 'active')

    def test_automatic_approval(self):
        self.seller_1.offer_auto_approve = True
        good, poor = self._offer(), self._offer(product_id=self._create_product("Bare").id, lead_days=0)
        (good | poor).action_submit()
        # 20 of 100
        self.assertRecordValues(good | poor, [
            {'state': 'active', 'quality_score': 60.0}, {'state': 'submitted', 'quality_score': 20.0}])

    def test_large_price_change_is_approved_again(self):
        offer = self.offer_1.with_user(self.user_sm_channel)
        offer.price = 130.0
        self.assertEqual(offer.state, 'active')
        offer.price = 130.01  # 30.01 % above the approved 100, in two steps
        self.assertEqual(offer.state, 'submitted')
        self.assertIn("not on sale", offer._get_sale_error())
        self.company.offer_quality_minimum = 0
        offer.action_approve()
        self.assertRecordValues(offer, [{'state': 'active', 'approved_price': 130.01}])
        offer.price = 91.01  # 39.00 below, 30 % are 39.003
        self.assertEqual(offer.state, 'active')
        offer.price = 91.0
        self.assertEqual(offer.state, 'submitted')

    def test_only_active_offer(self):
        twin = self._offer(product_id=self.product.id)
        self.company.offer_quality_minimum = 0
        twin.action_submit()
        with self.assertRaisesSaying(UserError, "has an active offer for Phone already"):
            twin.action_approve()
        with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.cr.savepoint():
            grant(twin, OFFER_GUARD).state = 'active'

    def test_bad_input(self):
        for values, text in (
            ({'price': float('inf')}, "Price must be a number"), ({'price': -5}, "Price must be a number"),
            ({'minimum_quantity': -1}, "Minimum Quantity must"), ({'stock_quantity': -1}, "Stock must be"),
            ({'lead_days': -1}, "Lead Time .* must"), ({'lead_days': 9999}, "lead time must"),
            ({'currency_id': self.env['res.currency'].create({'name': 'XQQ', 'symbol': 'q'}).id}, "has no rate"),
            ({'product_id': self._create_product("Not sold", sale_ok=False).id}, "not for sale"),
        ):
            with self.subTest(values=values), self.assertRaisesSaying(ValidationError, text):
                self._offer(**values)
        for price in (0, 0.001):
            with self.assertRaises(psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.cr.savepoint():
                self._offer(price=price)
        company = self._create_company("Other")
        with self.assertRaises(UserError):
            self._offer(product_id=self._create_product("Theirs", company_id=company.id).id)
        offer = self._offer()
        with self.assertRaisesSaying(UserError, "stays with its seller"):
            offer.seller_id = self.seller_2
        with self.assertRaisesSaying(AccessError, "with the buttons"):
            offer.state = 'active'
        with self.assertRaisesSaying(AccessError, "with the buttons"):
            self._offer(state='active')
        offer.action_submit()
        with self.assertRaisesSaying(UserError, "stay as they are"):
            offer.product_id = self.product

    def test_sale_errors(self):
        offer = self._offer(
            minimum_quantity=5, date_from=self.today, date_to=fields.Date.add(self.today, days=1))
        offer.action_submit()
        offer.action_approve()
        self.assertFalse(offer._get_sale_error(quantity=5))
        self.assertIn("quantities of 5 Units or more", offer._get_sale_error(quantity=4))
        self.assertIn("does not hold on", offer._get_sale_error(date=fields.Date.add(self.today, days=2)))

    def test_limit(self):
        self.seller_1.offer_limit = 1
        offer = self._offer()
        offer.action_submit()
        with self.assertRaisesSaying(UserError, "may have 1 active offers"):
            offer.action_approve()
        self.offer_1.action_pause()
        offer.action_approve()
        with self.assertRaisesSaying(UserError, "may have 1 active offers"):
            self.offer_1.action_resume()

    def test_available_goods(self):
        stock = self.env['stock.warehouse'].search([('company_id', '=', self.company.id)], limit=1).lot_stock_id
        Quant = self.env['stock.quant']
        Quant._update_available_quantity(self.product, stock, 7, owner_id=self.seller_2.partner_id)
        Quant._update_available_quantity(self.product, stock, 20)
        self.assertEqual(self.offer_1.available_quantity, 1000)
        self.assertEqual(self.offer_2.available_quantity, 7)
        self.assertRegex(
            self.offer_2.with_context(offer_hint=True).display_name, r"Seller Two: .*95\.00, 7 available, 1 days")

    def test_other_company_sees_nothing(self):
        company = self._create_company("Other")
        user = self._create_user(
            'sm_other', 'sales_mgmt_addon.group_channel_manager', company_id=company.id, company_ids=[(6, 0, company.ids)])
        self.assertFalse(self.env['sales.seller.offer'].with_user(user).search([('id', '=', self.offer_1.id)]))
        self.assertFalse(self.env['sales.seller'].with_user(user).search([('id', '=', self.seller_1.id)]))
        with self.assertRaises(AccessError):
            self.offer_1.with_user(user).action_pause()
