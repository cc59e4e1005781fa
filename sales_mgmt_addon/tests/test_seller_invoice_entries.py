"""Journal entries of goods that are sold for sellers, with amounts worked out by hand."""

from odoo.tests import tagged

from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerInvoiceEntries(SellerInvoiceCommon):

    def test_seller_is_the_supplier(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertEqual(self._entry(moves), {'AR': 110.0, 'CLR': -110.0})
        self.assertEqual(moves.seller_id, self.seller_1)
        self.assertEqual(moves.journal_id, self.company.marketplace_sale_journal_id)
        self.assertRecordValues(self._rows(moves).sorted('amount'), [
            {'kind': 'commission', 'amount': -15.0, 'tax_amount': -1.5, 'base_amount': 100.0, 'rate': 15.0},
            {'kind': 'sale', 'amount': 10.0, 'tax_amount': 0.0, 'base_amount': 0.0, 'rate': 0.0},
            {'kind': 'sale', 'amount': 100.0, 'tax_amount': 0.0, 'base_amount': 0.0, 'rate': 0.0},
        ])
        self.assertLedgerEqualsClearing()

    def test_company_is_deemed_supplier(self):
        self._mode_of(self.seller_1, tax_supplier='deemed')
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertEqual(self._entry(moves), {'AR': 110.0, 'CLR': -100.0, 'VAT': -10.0})
        self.assertLedgerEqualsClearing()

    def test_goods_that_are_not_ours_cost_nothing(self):
        self.product.categ_id = self.env['product.category'].create({
            'name': "Perpetual", 'property_valuation': 'real_time'})
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertFalse(moves.line_ids.filtered(lambda line: line.display_type == 'cogs'))

    def test_refund_of_the_whole(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertEqual(refund.seller_id, self.seller_1)
        self.assertEqual(self._entry(refund), {'AR': -110.0, 'CLR': 110.0})
        self.assertEqual(sum(self._rows(refund, 'commission').mapped('amount')), 15.0)
        self.assertEqual(self._balance(self.clearing), 0.0)
        self.assertLedgerEqualsClearing()

    def test_return_of_one_of_four_with_80_percent_back(self):
        self.rule.write({'refund_policy': 'percent', 'refund_percent': 80})
        moves = self._invoice(self._sell((self.offer_1, 4, 100.0)))
        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        self.assertEqual(sorted(self._rows(refund, 'refund').mapped('amount')), [-100.0, -10.0])
        self.assertEqual(self._rows(refund, 'commission').amount, 12.0)

    def test_fee_for_each_unit_we_ship(self):
        self.env['sales.commission.rule'].create({'name': "Fulfilment", 'kind': 'fulfilment', 'fixed_unit': 4.0})
        moves = self._invoice(self._sell((self.offer_2, 4, 100.0)))
        self.assertEqual(self._rows(moves, 'fee').amount, -16.0)
        self.assertEqual(self._rows(moves, 'fee').tax_amount, -1.6)
        self.assertEqual(self._rows(moves, 'commission').amount, -60.0)
        self.assertFalse(self._rows(self._invoice(self._sell((self.offer_1, 4, 100.0))), 'fee'), "he ships himself")

    def test_principal_with_goods_of_the_seller(self):
        self._mode_of(self.seller_2, **{
            'price_control': 'company', 'contracting_party': 'company', 'tax_supplier': 'company',
            'revenue_presentation': 'principal', 'preset': 'consignment'})
        moves = self._invoice(self._sell((self.offer_2, 1, 100.0)))
        self.assertFalse(moves.seller_id)
        self.assertEqual(self._entry(moves), {'AR': 110.0, 'REV': -100.0, 'VAT': -10.0, 'COGS': 85.0, 'CLR': -85.0})
        self.assertRecordValues(self._rows(moves), [
            {'kind': 'sale', 'amount': 85.0, 'seller_id': self.seller_2.id}])
        moves.button_draft()
        self.assertFalse(self._rows(moves))
        self.assertFalse(moves.line_ids.filtered(lambda line: line.display_type == 'cogs'))
        moves.action_post()
        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertEqual(self._entry(refund), {'AR': -110.0, 'REV': 100.0, 'VAT': 10.0, 'COGS': -85.0, 'CLR': 85.0})
        self.assertEqual(self._rows(refund).amount, -85.0)
        self.assertLedgerEqualsClearing()

    def test_principal_with_an_agreed_purchase_price(self):
        self._mode_of(self.seller_2, contracting_party='company', tax_supplier='company', revenue_presentation='principal')
        self.offer_2.purchase_price = 70.0
        moves = self._invoice(self._sell((self.offer_2, 2, 95.0)))
        self.assertEqual(self._entry(moves)['CLR'], -140.0)

    def test_seller_without_vat(self):
        self.seller_1.vat_registered = False
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertEqual(self._entry(moves), {'AR': 100.0, 'CLR': -100.0})

    def test_posting_again_keeps_the_rows(self):
        self._mode_of(self.seller_1, tax_supplier='deemed')
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertEqual(len(self._rows(moves)), 2)
        moves.button_draft()
        self.assertEqual(len(self._rows(moves)), 0)
        moves.action_post()
        self.assertEqual(len(self._rows(moves)), 2)

    def test_return_of_delivered_goods_needs_no_link_to_the_invoice(self):
        self.product.invoice_policy = 'delivery'
        order = self._sell((self.offer_1, 3, 50.0))
        self._freeze(order)
        theirs = order.seller_order_ids
        theirs._ship({theirs.line_ids: 2})
        first = self._invoice(order)
        theirs._return({theirs.line_ids: 1})
        refund = self._invoice(order, final=True)
        refund.reversed_entry_id = False
        self.assertEqual(refund.move_type, 'out_refund')
        self.assertEqual(refund.amount_total, 55.0)
        self.assertEqual(self._rows(first, 'commission').amount, -15.0)
        self.assertEqual(self._rows(refund, 'commission').amount, 7.5)
        self.assertLedgerEqualsClearing()
