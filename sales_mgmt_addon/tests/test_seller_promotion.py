"""Promotions on goods of sellers, and who pays them."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerPromotion(SellerInvoiceCommon):

    def _promote(self, order, amount, funding, user=None, **values):
        wizard = self.env['sales.promotion.add'].with_user(user or self.env.user).create({
            'order_id': order.id, 'amount': amount, 'funding': funding, **values})
        wizard.action_add()

    def _sell_promoted(self, amount, funding, **values):
        order = self._sell((self.offer_1, 1, 100), confirm=False)
        self._promote(order, amount, funding, **values)
        order.action_confirm()
        return self._invoice(order)

    def _seller_gets(self, moves):
        return sum(self._rows(moves).filtered(lambda row: row.kind in ('sale', 'promo')).mapped('amount'))

    def test_paid_by_us(self):
        moves = self._sell_promoted(10, 'platform')
        self.assertEqual(self._entry(moves), {'AR': 100.0, 'PROMO': 10.0, 'CLR': -110.0})
        self.assertEqual(self._seller_gets(moves), 110.0)
        self.assertEqual(sum(self._rows(moves, 'commission').mapped('amount')), -15.0)
        self.assertLedgerEqualsClearing()

    def test_paid_by_the_seller(self):
        moves = self._sell_promoted(10, 'seller')
        self.assertEqual(self._entry(moves), {'AR': 99.0, 'CLR': -99.0})
        self.assertEqual(self._seller_gets(moves), 99.0)
        self.assertEqual(self._rows(moves, 'promo').amount, -10.0)
        self.assertEqual(sum(self._rows(moves, 'commission').mapped('amount')), -13.5)
        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertEqual(sum(self._rows(moves | refund).mapped('amount')), 0.0)
        self.assertLedgerEqualsClearing()

    def test_shared(self):
        moves = self._sell_promoted(10, 'shared')
        self.assertEqual(self._entry(moves), {'AR': 99.5, 'PROMO': 5.0, 'CLR': -104.5})
        self.assertEqual(self._seller_gets(moves), 104.5)

    def test_all_sellers_by_their_share(self):
        order = self._sell((self.offer_1, 3, 100), (self.offer_2, 1, 100), confirm=False)
        self._promote(order, 0, 'seller', method='percent', percent=10)
        promotions = order.order_line.filtered('promo_funding')
        self.assertEqual({line.seller_id: line.price_unit for line in promotions}, {self.seller_1: -30, self.seller_2: -10})
        self.assertEqual(promotions.tax_ids, self.tax.on_behalf_tax_id)
        order.action_confirm()
        self.assertEqual(sorted(order._create_invoices().mapped('amount_untaxed')), [90, 270])

    def test_list_base_leaves_promotions_out(self):
        self.rule.base = 'list'
        moves = self._sell_promoted(10, 'seller')
        self.assertEqual(sum(self._rows(moves, 'commission').mapped('amount')), -15.0)

    def test_only_the_wizard_makes_and_changes_them(self):
        order = self._sell((self.offer_1, 1, 100), confirm=False, user_id=self.user_sm_sales.id).with_user(self.user_sm_sales)
        with self.assertRaisesSaying(AccessError, "managers agree"):
            self._promote(order, 10, 'seller', user=self.user_sm_sales)
        self._promote(order, 10, 'platform', user=self.user_sm_sales)
        promotion = order.order_line.filtered('promo_funding')
        with self.assertRaisesSaying(UserError, "is a promotion"):
            promotion.price_unit = -50
        with self.assertRaisesSaying(AccessError, "button"):
            promotion.promo_funding = 'seller'
        with self.assertRaisesSaying(AccessError, "button"):
            order.order_line[0].promo_seller_id = self.seller_2.id
        order._recompute_prices()
        self.assertEqual(promotion.price_unit, -10)
        self.assertFalse(order.copy().order_line.filtered('promo_funding'))
        with self.assertRaisesSaying(UserError, "at most"):
            self._promote(order, 91, 'platform', user=self.user_sm_sales)
        own = self._sell((self.own_product, 1, 60), confirm=False)
        with self.assertRaisesSaying(UserError, "no goods"):
            own.action_add_promotion()
