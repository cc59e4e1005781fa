"""Statements of goods that went through orders and invoices, not only through the ledger."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSettlementDocuments(SellerInvoiceCommon):

    def _settle(self, seller):
        statement = self.env['sales.settlement']._collect(seller, fields.Date.context_today(seller))
        statement.with_user(self.user_sm_settle).sudo(False).action_post()
        return statement

    def _owed(self, seller):
        return -self._balance(self.company.marketplace_payable_account_id, seller.partner_id)

    def test_principal_with_goods_of_the_seller(self):
        """Row 9: 85 are owed; the self-billed invoice adds 8.50 of VAT, so the seller gets 93.50."""
        account = self.env['account.account'].create({'name': "VAT Paid", 'code': '131099', 'account_type': 'asset_current'})
        repartition = [Command.clear(), Command.create({'repartition_type': 'base'}), Command.create({
            'repartition_type': 'tax', 'account_id': account.id})]
        self.company.account_purchase_tax_id = self.env['account.tax'].create({
            'name': "VAT Paid 10", 'amount': 10, 'type_tax_use': 'purchase', 'invoice_repartition_line_ids': repartition,
            'refund_repartition_line_ids': repartition})
        self._mode_of(
            self.seller_2, price_control='company', contracting_party='company', tax_supplier='company',
            revenue_presentation='principal', preset='consignment')
        moves = self._invoice(self._sell((self.offer_2, 1, 100.0)))
        statement = self._settle(self.seller_2)
        self.assertRecordValues(statement.bill_move_id, [{
            'move_type': 'in_invoice', 'amount_untaxed': 85.0, 'amount_total': 93.5, 'payment_state': 'paid'}])
        self.assertRecordValues(statement, [{'amount_sales': 93.5, 'amount_closing': 93.5, 'charge_move_id': False}])
        self.assertEqual((self._balance(self.clearing), self._owed(self.seller_2), self._balance(account)), (0.0, 93.5, 8.5))

        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        statement = self._settle(self.seller_2)
        self.assertEqual((statement.bill_move_id.move_type, statement.amount_closing), ('in_refund', 0.0))
        self.assertEqual((self._balance(self.clearing), self._owed(self.seller_2), self._balance(account)), (0.0, 0.0, 0.0))
        statement.action_cancel()
        self.assertEqual((self._balance(self.clearing), self._owed(self.seller_2)), (85.0, 93.5))

    def test_orders_of_two_sellers(self):
        self._invoice(self._sell((self.offer_1, 2, 100.0)))
        self._invoice(self._sell((self.offer_2, 1, 95.0)))
        first, second = self._settle(self.seller_1), self._settle(self.seller_2)
        # 200 and 95 net, 15 % commission, VAT of 10 % on both
        self.assertEqual((first.amount_closing, second.amount_closing), (187.0, 88.82))
        self.assertEqual(self._balance(self.clearing), 0.0)
        self.env.invalidate_all()
        control = self.env['sales.settlement.control'].search([('seller_id', 'in', (self.seller_1 | self.seller_2).ids)])
        self.assertEqual(control.mapped('is_different'), [False, False])
