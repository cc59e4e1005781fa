"""One sale for 100 and 13 of VAT in each mode, commission 10 %, to the end: what each account holds then."""

from odoo.fields import Command
from odoo.tests import tagged

from ..internal import grant
from ..models.channel.const import SELLER_GUARD
from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSettlementEntries(SellerInvoiceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.tax | cls.tax.on_behalf_tax_id).amount = 13.0
        cls.rule.percent = 10.0
        bank = cls.env['res.partner.bank'].create({
            'acc_number': 'DE0099', 'partner_id': cls.seller_1.partner_id.id, 'allow_out_payment': True})
        grant(cls.seller_1, SELLER_GUARD).write({'bank_account_id': bank.id, 'bank_approved': True})
        cls.user_sm_settle2 = cls._create_user('sm_settle2', 'sales_mgmt_addon.group_settlement_officer')

    def assertHeld(self, **expected):
        """Check posted balances (+ debit) of accounts by name; those that are not named hold nothing."""
        company = self.company
        accounts = {
            'CLR': self.clearing, 'AP': self.payable, 'COM': company.marketplace_commission_account_id,
            'FEE': company.marketplace_fee_account_id, 'VAT': self.vat_account, 'KEPT': company.marketplace_reserve_account_id}
        held = {name: self._balance(account) for name, account in accounts.items()}
        self.assertEqual(held, {**dict.fromkeys(accounts, 0.0), **expected})

    def _settle(self, seller):
        statement = self.env['sales.settlement']._collect(seller, self.today)
        statement.with_user(self.user_sm_settle).sudo(False).action_post()
        return statement

    def _pay(self):
        payout = self.env['sales.payout'].with_user(self.user_sm_settle).create({'date': self.today})
        payout.action_collect()
        payout.with_user(self.user_sm_settle2).action_approve()
        payout.action_send()
        return payout

    def test_resale(self):
        accounts = self.env['account.account'].create([
            {'name': name, 'code': code, 'account_type': kind} for name, code, kind in (
                ("Stock of Ours", '140099', 'asset_current'), ("Cost of Goods", '500099', 'expense_direct_cost'))])
        category = self.env['product.category'].create({
            'name': "Perpetual", 'property_valuation': 'real_time', 'property_stock_valuation_account_id': accounts[0].id,
            'property_account_expense_categ_id': accounts[1].id})
        product = self._create_product(
            "Resold", list_price=100.0, standard_price=70.0, categ_id=category.id, taxes_id=[Command.set(self.tax.ids)])
        moves = self._invoice(self._sell((product, 1, 100.0)))
        self.assertEqual(
            self._entry(moves), {'AR': 113.0, 'REV': -100.0, 'VAT': -13.0, 'COGS': 70.0, 'Stock of Ours': -70.0})
        self.assertFalse(self._rows(moves))

    def test_agent_and_refund_after_the_payout(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertEqual(self._entry(moves), {'AR': 113.0, 'CLR': -113.0})
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=moves.ids).create({}).action_create_payments()
        self.assertIn(moves.payment_state, ('in_payment', 'paid'))
        self._settle(self.seller_1)
        self.assertHeld(AP=-101.7, COM=-10.0, VAT=-1.3)
        self.assertEqual(self._pay().payment_ids.amount, 101.7)
        self.assertHeld(COM=-10.0, VAT=-1.3)

        # whatever the rule says by now, what was charged is given back
        self.rule.date_to = self.today
        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertEqual(self._entry(refund), {'AR': -113.0, 'CLR': 113.0})
        statement = self._settle(self.seller_1)
        self.assertHeld(AP=101.7)
        self.assertEqual((statement.charge_move_id.move_type, statement.charge_move_id.amount_total), ('out_refund', 11.3))

    def test_deemed_supplier(self):
        self._mode_of(self.seller_1, tax_supplier='deemed')
        moves = self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self.assertEqual(self._entry(moves), {'AR': 113.0, 'CLR': -100.0, 'VAT': -13.0})
        self._settle(self.seller_1)
        self.assertHeld(AP=-88.7, COM=-10.0, VAT=-14.3)
        self.assertEqual(self._pay().payment_ids.amount, 88.7)

    def test_seller_collects(self):
        """He owes us 11.30, which the next sale of his through us pays."""
        self._mode_of(self.seller_1, collects_payment='seller')
        order = self._sell((self.offer_1, 1, 100.0))
        theirs = order.seller_order_ids
        theirs._ship({theirs.line_ids: 1})
        statement = self._settle(self.seller_1)
        self.assertHeld(AP=11.3, COM=-10.0, VAT=-1.3)
        self.assertEqual((statement.amount_sales, statement.amount_closing), (0.0, -11.3))
        self._mode_of(self.seller_1, collects_payment='company')
        self._invoice(self._sell((self.offer_1, 1, 100.0)))
        self._settle(self.seller_1)
        self.assertHeld(AP=-90.4, COM=-20.0, VAT=-2.6)
        self.assertEqual(self._pay().payment_ids.amount, 90.4)
        self.assertHeld(COM=-20.0, VAT=-2.6)

    def test_reserve_and_fee(self):
        """A fee of 4 and its VAT of 0.52 leave 97.18; a tenth of it, 9.72, is kept."""
        self.env['sales.commission.rule'].create({'name': "Fulfilment", 'kind': 'fulfilment', 'fixed_unit': 4.0})
        self.seller_2.sudo().write({'reserve_percent': 10.0, 'reserve_days': 10})
        self._invoice(self._sell((self.offer_2, 1, 100.0)))
        statement = self._settle(self.seller_2)
        self.assertHeld(AP=-87.46, KEPT=-9.72, COM=-10.0, FEE=-4.0, VAT=-1.82)
        self.assertEqual((statement.amount_fees, statement.amount_reserve), (-4.52, -9.72))
        statement.with_user(self.user_sm_settle).sudo(False).action_cancel()
        self.assertHeld(CLR=-113.0)
