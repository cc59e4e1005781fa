"""Promotions on goods of sellers go on documents with the goods, and come back with them."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.channel.const import PRESETS
from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerInvoicePromotion(SellerInvoiceCommon):

    def _sell_promoted(self, quantity, amount, funding, policy='delivery'):
        self.product.invoice_policy = policy
        order = self._sell((self.offer_1, quantity, 100), confirm=False)
        self.env['sales.promotion.add'].create({'order_id': order.id, 'amount': amount, 'funding': funding}).action_add()
        order.action_confirm()
        return order

    def _ship(self, order, quantity):
        order.seller_order_ids._ship({order.seller_order_ids.line_ids: quantity})

    def _return(self, order, quantity):
        order.seller_order_ids._return({order.seller_order_ids.line_ids: quantity})

    def _promotion(self, order):
        return order.order_line.filtered('promo_funding')

    def _amounts(self, moves):
        return [-move.direction_sign * move.amount_untaxed for move in moves]

    def test_what_was_paid_comes_back(self):
        paid = {'platform': 100.0, 'seller': 99.0, 'shared': 99.5}
        for policy in ('order', 'delivery'):
            for funding, amount in paid.items():
                order = self._sell_promoted(1, 10, funding, policy)
                self._ship(order, 1)
                self.assertEqual(self._invoice(order).amount_total, amount)
                self.assertEqual(order.invoice_status, 'invoiced')
                self._return(order, 1)
                self.assertEqual(order.invoice_status, 'to invoice')
                refund = self._invoice(order, final=True)
                self.assertEqual((refund.move_type, refund.amount_total), ('out_refund', amount))
                for name in ('amount', 'tax_amount'):
                    self.assertAlmostEqual(sum(self._rows(order.invoice_ids).mapped(name)), 0.0, 2)
                self.assertEqual(set(order.order_line.mapped('untaxed_amount_to_invoice')), {0.0})
                self.assertEqual(order.amount_to_invoice, 0.0)
                self.assertNotEqual(order.invoice_status, 'to invoice')
                self.assertEqual(self._promotion(order).mapped('qty_to_invoice'), [0.0] * len(self._promotion(order)))
        self.assertLedgerEqualsClearing()

    def test_a_part_comes_back_with_its_part(self):
        for policy in ('order', 'delivery'):
            order = self._sell_promoted(4, 10, 'seller', policy)
            self._ship(order, 4)
            moves = self._invoice(order)
            for quantity in (1, 3):
                self._return(order, quantity)
                moves += self._invoice(order, final=True)
            self.assertEqual(self._amounts(moves), [390.0, -97.5, -292.5])
            self.assertEqual([move.amount_total for move in moves], [429.0, 107.25, 321.75])
        self.assertLedgerEqualsClearing()

    def test_partial_invoices_take_their_part(self):
        order = self._sell_promoted(4, 150, 'seller')
        moves = self.env['account.move']
        for _parcel in range(4):
            self._ship(order, 1)
            moves += self._invoice(order)
        self.assertEqual(self._amounts(moves), [62.5] * 4)
        self.assertEqual(order.invoice_status, 'invoiced')
        self._return(order, 4)
        self.assertEqual(self._amounts(self._invoice(order, final=True)), [-250.0])

    def test_no_cent_is_lost(self):
        order = self._sell_promoted(3, 100, 'shared')
        moves = self.env['account.move']
        for _parcel in range(3):
            self._ship(order, 1)
            moves += self._invoice(order)
        # 50 / 3 each: 16.67, 16.66, 16.67
        self.assertEqual(self._amounts(moves), [66.66, 66.68, 66.66])
        self.assertEqual(sum(self._rows(moves).filtered(lambda row: row.kind == 'promo').mapped('amount')), -50.0)
        self._return(order, 1)
        self._return(order, 2)
        self.assertEqual(self._amounts(self._invoice(order, final=True)), [-200.0])

    def test_each_tax_has_its_part(self):
        tax = self.env['account.tax'].create({
            'name': "VAT 20", 'amount': 20, 'amount_type': 'percent', 'type_tax_use': 'sale',
            'invoice_repartition_line_ids': self._repartition(), 'refund_repartition_line_ids': self._repartition()})
        self.company._set_up_marketplace()
        other = self._create_offer(self.seller_1, self._create_product(name="Book", taxes_id=tax.ids), 100.0)
        self.product.invoice_policy = 'order'
        order = self._sell((self.offer_1, 1, 100), (other, 1, 100), confirm=False, user_id=self.user_sm_sales.id)
        self.env['sales.promotion.add'].create({'order_id': order.id, 'amount': 20, 'funding': 'seller'}).action_add()
        order.action_confirm()
        invoice = order.with_user(self.user_sm_sales)._create_invoices().with_env(self.env)
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 99.0 + 108.0)
        order.order_line[0].product_uom_qty = 0
        refund = order.with_user(self.user_sm_sales)._create_invoices(final=True).with_env(self.env)
        self.assertEqual(refund.amount_total, 99.0)

    def test_a_cent_on_many_goods(self):
        order = self._sell_promoted(300, 0.01, 'seller')
        self._ship(order, 1)
        self.assertEqual(self._amounts(self._invoice(order)), [100.0])
        self._ship(order, 299)
        self.assertEqual(self._amounts(self._invoice(order)), [29899.99])
        self._return(order, 300)
        self.assertEqual(self._amounts(self._invoice(order, final=True)), [-29999.99])

    def test_less_goods_after_the_confirmation(self):
        order = self._sell_promoted(4, 150, 'seller', 'order')
        order.order_line[0].product_uom_qty = 1
        self.assertEqual(self._amounts(self._invoice(order)), [62.5])
        self.assertEqual(order.invoice_status, 'invoiced')

    def test_the_server_says_what_the_share_is(self):
        order = self._sell_promoted(4, 150, 'seller', 'order')
        promotion = self._promotion(order)
        self.assertEqual(promotion.promo_goods_value, 400.0)
        with self.assertRaisesSaying(AccessError, "button"):
            promotion.promo_goods_value = 1
        moves = order.with_context(sales_promotion_shares={promotion.id: -1.0})._create_invoices()
        self.assertEqual(self._amounts(moves), [250.0])

    def test_a_credit_note_by_hand_stays(self):
        order = self._sell_promoted(1, 10, 'seller', 'order')
        refund = self._invoice(order)._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertEqual(refund.amount_total, 99.0)
        self.assertEqual(self._invoice(order).amount_total, 99.0)

    def test_a_refund_waits_with_its_sale(self):
        self.seller_1.settlement_delay_days = 14
        order = self._sell_promoted(2, 10, 'seller', 'order')
        self._ship(order, 2)
        invoice = self._invoice(order)
        self._return(order, 1)
        rows = self._rows(self._invoice(order, final=True))
        self.assertEqual(set(rows.mapped('available_date')), set(self._rows(invoice).mapped('available_date')))
        self.assertGreater(min(rows.mapped('available_date')), self.today)

    def test_a_tax_that_the_quotation_has_not(self):
        self.seller_1.vat_registered = False
        for rights in ({**PRESETS['marketplace'], 'tax_supplier': 'deemed'}, PRESETS['consignment']):
            self._mode_of(self.seller_1, **PRESETS['marketplace'])
            order = self._sell((self.offer_1, 1, 100), confirm=False)
            self.assertFalse(order.order_line.tax_ids)
            self.env.flush_all()
            self._mode_of(self.seller_1, **rights)
            self.env.invalidate_all()
            with self.assertRaisesSaying(UserError, "Update the prices"):
                order.action_confirm()
            with self.assertRaisesSaying(UserError, "Update the prices"):
                order.write({'state': 'sale'})
            order.action_update_prices()
            self.assertEqual(order.order_line.tax_ids, self.tax)
            order.action_confirm()
            self.assertEqual(order.state, 'sale')
