"""Which document a line belongs on, and what cannot be put there by hand."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged, users

from ..internal import grant
from ..models.channel.const import OFFER_GUARD
from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerInvoiceSplit(SellerInvoiceCommon):

    def test_sections_go_with_their_goods(self):
        order = self._sell(confirm=False)
        order.order_line = [
            Command.create({'display_type': 'line_section', 'name': "Goods of One", 'sequence': 1}),
            Command.create({'product_id': self.product.id, 'offer_id': self.offer_1.id, 'price_unit': 100, 'sequence': 2}),
            Command.create({'display_type': 'line_note', 'name': "Handle with care", 'sequence': 3}),
            Command.create({'display_type': 'line_section', 'name': "Our Goods", 'sequence': 4}),
            Command.create({'product_id': self.own_product.id, 'price_unit': 60, 'sequence': 5}),
        ]
        order.action_confirm()
        moves = order._create_invoices()
        theirs = moves.filtered('seller_id')
        ours = moves - theirs
        self.assertEqual(theirs.invoice_line_ids.mapped('name')[::2], ["Goods of One", "Handle with care"])
        sections = ours.invoice_line_ids.filtered(lambda line: line.display_type != 'product')
        self.assertEqual(sections.mapped('name'), ["Our Goods"])

    def test_several_orders_make_one_document_per_seller(self):
        orders = self._sell((self.offer_1, 1, 100), (self.own_product, 1, 60)) | self._sell((self.offer_1, 2, 100))
        moves = orders._create_invoices()
        self.assertEqual(len(moves), 2)
        self.assertEqual(moves.filtered('seller_id').amount_untaxed, 300)

    def test_two_contracting_parties_are_two_documents(self):
        self._create_mode('platform', offer_id=self.offer_1.id)
        other = self._create_offer(self.seller_1, self._create_product("Tablet", taxes_id=[Command.set(self.tax.ids)]), 50)
        moves = self._sell((self.offer_1, 1, 100), (other, 1, 50))._create_invoices()
        journal = self.company.marketplace_sale_journal_id
        self.assertEqual(moves.seller_id, self.seller_1)
        self.assertEqual(moves.filtered(lambda move: move.journal_id == journal).amount_untaxed, 50)
        self.assertEqual(moves.filtered(lambda move: move.journal_id != journal).amount_untaxed, 100)

    def test_what_the_seller_collects_is_never_invoiced(self):
        self._mode_of(self.seller_1, collects_payment='seller')
        order = self._sell((self.offer_1, 2, 100), (self.own_product, 1, 60))
        self._freeze(order)
        theirs, ours = order.order_line
        self.assertEqual(theirs.qty_to_invoice, 0)
        self.assertEqual(theirs.invoice_status, 'invoiced')
        moves = order._create_invoices()
        self.assertEqual(moves.amount_untaxed, 60)
        order._force_lines_to_invoice_policy_order()
        self.assertEqual(theirs.qty_to_invoice, 0)
        self.assertEqual(order.invoice_status, 'invoiced')

    def test_the_wizard_of_several_orders(self):
        orders = self._sell((self.offer_1, 1, 100)) | self._sell((self.offer_2, 1, 95))
        wizard = self.env['sale.advance.payment.inv'].with_context(active_ids=orders.ids, active_model='sale.order').create({})
        wizard.create_invoices()
        self.assertEqual(orders.invoice_ids.seller_id, self.seller_1 | self.seller_2)

    def test_no_down_payment_for_goods_of_sellers(self):
        order = self._sell((self.offer_1, 1, 100), (self.own_product, 1, 60))
        wizard = self.env['sale.advance.payment.inv'].with_context(active_ids=order.ids, active_model='sale.order').create({
            'advance_payment_method': 'percentage', 'amount': 50})
        with self.assertRaisesSaying(UserError, "down payment"):
            wizard.create_invoices()
        with self.assertRaisesSaying(UserError, "down payment"):
            order.order_line = [Command.create({
                'product_id': self.own_product.id, 'is_downpayment': True, 'product_uom_qty': 0, 'price_unit': 50})]

    def test_accounting_makes_lines_smaller_only(self):
        move = self._sell((self.offer_1, 2, 100))._create_invoices().with_user(self.user_sm_billing).sudo(False)
        line = move.invoice_line_ids
        with self.assertRaisesSaying(UserError, "smaller"):
            line.write({'price_unit': 120})
        line.write({'quantity': 1})
        with self.assertRaisesSaying(ValidationError, "cannot be changed"):
            line.write({'account_id': self.company.marketplace_promotion_account_id.id})
        with self.assertRaisesSaying(ValidationError, "on behalf"):
            line.write({'tax_ids': [Command.set(self.tax.ids)]})
        with self.assertRaisesSaying(ValidationError, "his goods only"):
            move.write({'invoice_line_ids': [Command.create({'product_id': self.own_product.id, 'price_unit': 60})]})
        with self.assertRaisesSaying(AccessError, "by hand"):
            line.write({'seller_id': self.seller_2.id})
        with self.assertRaisesSaying(AccessError, "by hand"):
            move.write({'seller_id': False})
        with self.assertRaisesSaying(UserError, "copy"):
            move.copy()
        move.action_post()
        self.assertEqual(self._balance(self.clearing), -110)

    def test_nobody_makes_a_document_of_a_seller_by_hand(self):
        values = {'move_type': 'out_invoice', 'partner_id': self.buyer.id}
        Move = self.env['account.move'].with_user(self.user_sm_billing)
        with self.assertRaisesSaying(AccessError, "by hand"):
            Move.create({**values, 'seller_id': self.seller_1.id})
        move = Move.with_context(default_seller_id=self.seller_1.id).create({
            **values, 'invoice_line_ids': [Command.create({'name': "Own", 'price_unit': 10, 'tax_ids': [Command.clear()]})]})
        self.assertFalse(move.seller_id)
        self.assertFalse(move.line_ids.seller_id)
        with self.assertRaisesSaying(ValidationError, "supplied by us"):
            move.invoice_line_ids.tax_ids = self.tax.on_behalf_tax_id

    def test_credit_note_of_accounting(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        wizard = self.env['account.move.reversal'].with_user(self.user_sm_billing).with_context(
            active_model='account.move', active_ids=moves.ids).create({'journal_id': moves.journal_id.id})
        refund = self.env['account.move'].browse(wizard.reverse_moves()['res_id'])
        self.assertEqual(refund.seller_id, self.seller_1)
        self.assertEqual(refund.invoice_line_ids.account_id, self.clearing)
        refund.with_user(self.user_sm_billing).action_post()
        self.assertEqual(self._balance(self.clearing), 0)
        items = (moves | refund).line_ids.filtered(lambda line: line.account_id == self.clearing)
        self.assertFalse(any(items.mapped('reconciled')), "statements match them")
        self.assertLedgerEqualsClearing()

    def test_modify_reverses_at_once(self):
        self._mode_of(self.seller_2, contracting_party='company', tax_supplier='company', revenue_presentation='principal')
        moves = self._invoice(self._sell((self.offer_2, 1, 100)))
        moves._reverse_moves([{'invoice_date': self.today}], cancel=True)
        self.assertEqual(self._balance(self.clearing), 0)
        self.assertLedgerEqualsClearing()

    def test_what_is_missing_is_named(self):
        order = self._sell((self.offer_1, 1, 100), confirm=False)
        self.company.marketplace_clearing_account_id = False
        with self.assertRaisesSaying(UserError, "Clearing Account is not set"):
            order.action_confirm()
        self.company.marketplace_clearing_account_id = self.clearing
        self.tax.on_behalf_tax_id = False
        order.order_line.tax_ids = self.tax
        with self.assertRaisesSaying(UserError, "VAT 10 has no tax on behalf"):
            order.action_confirm()

    def test_tax_without_an_account(self):
        self._mode_of(self.seller_1, tax_supplier='deemed')
        self.tax.invoice_repartition_line_ids.account_id = False
        with self.assertRaisesSaying(UserError, "VAT 10 has no account"):
            self._sell((self.offer_1, 1, 100))
        with self.assertRaisesSaying(ValidationError, "same amount"):
            self.tax.on_behalf_tax_id.amount = 7
        with self.assertRaisesSaying(ValidationError, "clearing account"):
            self.tax.on_behalf_tax_id.invoice_repartition_line_ids.account_id = self.vat_account

    def test_lines_take_the_tax_of_the_supplier_in_a_form(self):
        order = self.env['sale.order'].new({'partner_id': self.buyer.id, 'company_id': self.company.id})
        line = self.env['sale.order.line'].new({'order_id': order, 'product_id': self.product.id})
        self.assertEqual(line.tax_ids._origin, self.tax)
        line.offer_id = self.offer_1
        self.assertEqual(line.tax_ids._origin, self.tax.on_behalf_tax_id)

    @users('sm_sales')
    def test_sales_people_invoice_from_the_order(self):
        order = self._sell((self.offer_1, 1, 100), confirm=False, user_id=self.env.uid)
        self.assertEqual(order.commission_estimate, 15)
        order.action_confirm()
        moves = order._create_invoices()
        self.assertEqual(moves.sudo().seller_id, self.seller_1)


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerInvoicePaid(SellerInvoiceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', cls.company.id)], limit=1)
        cls.method = cls.env.ref('payment.payment_method_unknown')
        cls.provider = cls.env['payment.provider'].create({
            'name': "Test Provider", 'code': 'none', 'state': 'test', 'payment_method_ids': [Command.set(cls.method.ids)]})
        outstanding = cls.env['account.account'].create({
            'name': "Outstanding Receipts", 'code': '101499', 'account_type': 'asset_current', 'reconcile': True})
        cls.env['account.payment.method.line'].create({
            'name': "Test Provider", 'journal_id': cls.bank.id, 'payment_provider_id': cls.provider.id,
            'payment_method_id': cls.env.ref('account.account_payment_method_manual_in').id,
            'payment_account_id': outstanding.id})
        cls.provider.journal_id = cls.bank
        cls.method.active = True
        cls.env['ir.config_parameter'].set_param('sale.automatic_invoice', 'True')

    def _pay(self, order):
        order.write({'require_payment': True, 'state': 'sent'})
        tx = self.env['payment.transaction'].create({
            'provider_id': self.provider.id, 'payment_method_id': self.method.id, 'amount': order.amount_total,
            'currency_id': order.currency_id.id, 'partner_id': order.partner_id.id, 'reference': order.name,
            'operation': 'online_direct', 'sale_order_ids': [Command.set(order.ids)], 'state': 'done'})
        tx._post_process()

    def test_mixed_cart_paid_at_once(self):
        """One payment of 390.50 pays three documents: 220.00, 104.50, 66.00."""
        for seller in self.seller_1 | self.seller_2:
            self._mode_of(seller, tax_supplier='deemed', fulfilled_by='seller')
        order = self._sell(
            (self.offer_1, 2, 100), (self.offer_2, 1, 95), (self.own_product, 1, 50), (self.own_product, 1, 10), confirm=False)
        self.assertEqual(order.amount_total, 390.5)
        self._pay(order)
        moves = order.invoice_ids
        self.assertEqual(sorted(moves.mapped('amount_total')), [66.0, 104.5, 220.0])
        self.assertEqual(set(moves.mapped('payment_state')), {'paid'})
        self.assertEqual(self._balance(self.clearing), -295.0)
        self.assertEqual(self._rows(moves, 'commission').sorted('amount').mapped('amount'), [-30.0, -14.25])
        self.assertEqual(order.picking_ids.move_ids.sale_line_id, order.order_line[2:], "we deliver our own goods only")
        self.assertLedgerEqualsClearing()

    def test_money_for_what_cannot_be_confirmed_is_booked(self):
        """The seller asks for more by now: the order waits for its salesperson, the money does not."""
        order = self._sell((self.offer_1, 1, 100), confirm=False, user_id=self.user_sm_sales.id)
        offer = grant(self.offer_1, OFFER_GUARD)
        offer.write({'price': 120.0, 'state': 'active'})
        self._pay(order)
        self.assertEqual(order.state, 'sent')
        self.assertEqual(order.transaction_ids.payment_id.amount, 110.0)
        task = order.activity_ids
        self.assertEqual((task.user_id, task.summary), (self.user_sm_sales, "Paid, but cannot be confirmed"))
        self.assertIn("Sellers have changed the prices", task.note)
        offer.write({'price': 100.0, 'state': 'active'})
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
