"""Sellers and officers at work, walked in a real browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..internal import grant
from ..models.channel.const import LEDGER_GUARD, SELLER_GUARD
from .seller_portal_common import SellerPortalCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerTours(SellerPortalCommon):

    def test_seller_ships_in_the_portal(self):
        self.buyer.write({'street': "Harbour Road 7", 'city': "Ningbo"})
        order = self._seller_order((self.offer_1, 3))
        self.start_tour('/my', 'sales_mgmt_seller_ships', login='sm_seller_1')
        self.assertEqual(order.state, 'shipped')
        self.assertRecordValues(order.shipment_ids.sorted('id'), [
            {'carrier': "SF Express", 'tracking_number': "SF100", 'user_id': self.user_seller_1.id},
            {'carrier': False, 'tracking_number': False, 'user_id': self.user_seller_1.id}])
        self.assertEqual(order.sale_order_id.order_line.qty_delivered, 3)

    def test_seller_offers_in_the_portal(self):
        self.start_tour('/my/seller/offers', 'sales_mgmt_seller_offers', login='sm_seller_1')
        offer = self.env['sales.seller.offer'].search([('product_id', '=', self.own_product.id)])
        self.assertRecordValues(offer, [
            {'seller_id': self.seller_1.id, 'state': 'submitted', 'price': 55, 'stock_quantity': 20}])

    def test_officers_settle_and_pay(self):
        """One officer makes and posts the statement and collects the payments, another one approves and pays."""
        other = self._create_user('sm_settle2', 'sales_mgmt_addon.group_settlement_officer')
        (self.user_sm_settle | other).tour_enabled = False
        for user in self.user_sm_settle | other:
            user.password = user.login
        account = self.env['res.partner.bank'].create({
            'acc_number': 'DE00123456789', 'partner_id': self.seller_1.partner_id.id, 'allow_out_payment': True})
        grant(self.seller_1, SELLER_GUARD).write({'bank_account_id': account.id, 'bank_approved': True})
        order = self._seller_order((self.offer_1, 2))
        order._ship({order.line_ids: 2}, date=fields.Datetime.now() - timedelta(days=2))
        order.sale_order_id._create_invoices().action_post()
        rows = self.env['sales.seller.ledger'].search([('seller_id', '=', self.seller_1.id)])
        grant(rows, LEDGER_GUARD).write({
            'date': self.today - timedelta(days=2), 'available_date': self.today - timedelta(days=2)})
        self.start_tour(
            '/odoo/action-sales_mgmt_addon.sales_settlement_start_action', 'sales_mgmt_officer_settles', login='sm_settle')
        statement = self.env['sales.settlement'].search([('seller_id', '=', self.seller_1.id)])
        self.assertRecordValues(statement, [{
            'state': 'posted', 'amount_closing': 187.0, 'posted_by_id': self.user_sm_settle.id}])
        self.start_tour(
            '/odoo/action-sales_mgmt_addon.sales_payout_action', 'sales_mgmt_officer_makes_payout', login='sm_settle')
        self.start_tour('/odoo/action-sales_mgmt_addon.sales_payout_action', 'sales_mgmt_officer_pays', login='sm_settle2')
        self.assertEqual(statement.state, 'paid')
        self.assertEqual(self._balance(self.payable, self.seller_1.partner_id), 0.0)
