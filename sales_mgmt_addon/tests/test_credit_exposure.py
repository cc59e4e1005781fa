from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .credit_common import CreditCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCreditExposure(CreditCommon):
    """Each unit of money sits in one bucket, and only cash (or an error) changes the sum."""

    def test_nothing(self):
        self.assertExposure()
        self.assertEqual(self._exposure()['oldest_overdue_days'], 0)

    def test_quotation_is_no_commitment(self):
        self._order((self.goods, 5), confirm=False)
        self.assertExposure()

    def test_chain_invoiced_on_order(self):
        order = self._order((self.goods, 10))
        self.assertExposure(to_deliver=1000)
        self._deliver(order, 4)
        self.assertExposure(to_invoice=400, to_deliver=600)
        invoice = self._invoice(order, post=False)
        self.assertExposure(to_invoice=1000)
        invoice.action_post()
        self.assertExposure(receivable=1000)
        self._deliver(order)
        self.assertExposure(receivable=1000)
        self._pay(invoice, 300)
        self.assertExposure(receivable=700)
        self._pay(invoice)
        self.assertExposure()

    def test_chain_invoiced_on_delivery(self):
        order = self._order((self.goods_delivered, 10))
        self.assertExposure(to_deliver=1000)
        self._deliver(order, 4)
        self.assertExposure(to_invoice=400, to_deliver=600)
        invoice = self._invoice(order, post=False)
        self.assertExposure(to_invoice=400, to_deliver=600)
        invoice.action_post()
        self.assertExposure(receivable=400, to_deliver=600)
        self._deliver(order)
        self.assertExposure(receivable=400, to_invoice=600)
        self._invoice(order)
        self.assertExposure(receivable=1000)

    def test_draft_invoice_cancelled(self):
        order = self._order((self.service, 2))
        invoice = self._invoice(order, post=False)
        self.assertExposure(to_invoice=200)
        invoice.button_cancel()
        self.assertExposure(to_deliver=200)

    def test_refund(self):
        order = self._order((self.goods_delivered, 10))
        picking = self._deliver(order)
        invoice = self._invoice(order)
        self._return(picking, 3)
        self.assertExposure(receivable=1000)
        refund = self._invoice(order, post=False, final=True)
        self.assertEqual(refund.move_type, 'out_refund')
        # What came back is no longer owed: the drafted credit note says so already
        self.assertExposure(receivable=1000, to_invoice=-300)
        refund.action_post()
        self.assertExposure(receivable=1000, unapplied=-300)
        (invoice + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable').reconcile()
        self.assertExposure(receivable=700)

    def test_refund_of_a_price_leaves_the_goods_owed(self):
        order = self._order((self.goods_delivered, 10))
        self._deliver(order)
        invoice = self._invoice(order)
        refund = self._refund(invoice, post=False)
        self.assertExposure(receivable=1000)
        refund.action_post()
        self.assertEqual(self._exposure()['total'], 1000.0)

    def test_return_before_invoice(self):
        order = self._order((self.goods_delivered, 10))
        picking = self._deliver(order)
        self._return(picking, 4)
        self.assertExposure(to_invoice=600)

    def test_short_closed_delivery(self):
        order = self._order((self.goods_delivered, 10))
        self._deliver(order, 6, backorder=False)
        self.assertExposure(to_invoice=600)

    def test_return_on_its_way_is_no_delivery_to_come(self):
        order = self._order((self.goods_delivered, 10))
        picking = self._deliver(order, 6, backorder=False)
        wizard = self.env['stock.return.picking'].with_context(
            active_model='stock.picking', active_id=picking.id, active_ids=picking.ids).create({})
        wizard.product_return_moves.quantity = 2
        wizard._create_return()
        self.assertExposure(to_invoice=600)

    def test_cancelled_delivery_and_order(self):
        order = self._order((self.goods, 10))
        self._open_picking(order).action_cancel()
        self.assertExposure()
        other = self._order((self.goods, 3))
        self.assertExposure(to_deliver=300)
        other._action_cancel()
        self.assertExposure()

    def test_over_delivery(self):
        by_order = self._order((self.goods, 10))
        self._deliver(by_order, 12)
        # The customer pays what he ordered, unless somebody changes the order
        self.assertExposure(to_invoice=1000)
        by_order._action_cancel()
        by_delivery = self._order((self.goods_delivered, 10))
        self._deliver(by_delivery, 12)
        self.assertExposure(to_invoice=1200)

    def test_down_payment(self):
        order = self._order((self.goods_delivered, 10))
        invoice = self._down_payment(order, 300, post=False)
        self.assertExposure(to_invoice=300, to_deliver=700)
        invoice.action_post()
        self.assertExposure(receivable=300, to_deliver=700)
        self._pay(invoice)
        self.assertExposure(to_deliver=700)
        self._deliver(order)
        self.assertExposure(to_invoice=700)
        final = self._invoice(order, post=False, final=True)
        self.assertEqual(final.amount_total, 700)
        self.assertExposure(to_invoice=700)
        final.action_post()
        self.assertExposure(receivable=700)

    def test_down_payment_with_tax(self):
        tax = self.env['account.tax'].create({'name': "Credit 10 %", 'amount': 10, 'type_tax_use': 'sale'})
        self.goods.taxes_id = tax
        order = self._order((self.goods, 10))
        self.assertExposure(to_deliver=1100)
        self._down_payment(order, 220)
        self.assertExposure(receivable=220, to_deliver=880)
        self._invoice(order, final=True)
        self.assertExposure(receivable=1100)

    def test_unapplied_receipt(self):
        self._receipt(400)
        self.assertExposure(unapplied=-400)
        self._order((self.service, 10))
        self.assertExposure(to_deliver=1000, unapplied=-400)

    def test_released_order_counts(self):
        order = self._order((self.service, 10), confirm=False)
        order._gate_write_hold({'hold_state': 'released'})
        self.assertExposure(to_deliver=1000)
        order._gate_write_hold({'hold_state': 'rejected'})
        self.assertExposure()

    def test_discount_line_and_negative_quantity(self):
        self._order((self.service, 10), (self.service, 1, -150), (self.service, -2))
        self.assertExposure(to_deliver=650)

    def test_draft_invoice_in_another_unit(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self._order((self.service, 1), confirm=False)
        order.order_line.product_uom_id = dozen
        order.order_line.price_unit = 1200
        order.action_confirm()
        self.assertExposure(to_deliver=1200)
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.write({'product_uom_id': self.env.ref('uom.product_uom_unit').id, 'quantity': 6,
                                        'price_unit': 100})
        self.assertExposure(to_deliver=600, to_invoice=600)

    def test_overdue(self):
        self.profile._change_terms({'overdue_days_allowed': 30})
        self._direct_invoice(100, due=self.today)
        self._direct_invoice(200, due=self.today - timedelta(days=30))
        self._direct_invoice(400, due=self.today - timedelta(days=31))
        facts = self._exposure()
        self.assertEqual(facts['receivable'], 700.0)
        self.assertEqual(facts['overdue'], 600.0)
        self.assertEqual(facts['overdue_beyond'], 400.0)
        self.assertEqual(facts['oldest_overdue_days'], 31)

    def test_foreign_currency_at_the_documents_own_rate(self):
        currency = self.env['res.currency'].create({
            'name': "CRD", 'symbol': "c", 'rounding': 0.01,
            'rate_ids': [Command.create({'name': '2000-01-01', 'rate': 2.0, 'company_id': self.company.id})],
        })
        pricelist = self.env['product.pricelist'].create({'name': "CRD", 'currency_id': currency.id})
        order = self._order((self.goods, 10, 200), pricelist_id=pricelist.id)
        self.assertExposure(to_deliver=1000)
        currency.rate_ids = [Command.create({'name': self.today, 'rate': 4.0, 'company_id': self.company.id})]
        # The order keeps its own rate
        self.assertExposure(to_deliver=1000)
        invoice = self._invoice(order)
        self.assertAlmostEqual(invoice.amount_total_signed, 500.0)
        self.assertExposure(receivable=500)

    def test_child_contacts(self):
        contact = self.env['res.partner'].create({'name': "Invoices", 'parent_id': self.customer.id, 'type': 'invoice'})
        self._order((self.service, 3), partner_invoice_id=contact.id)
        self._direct_invoice(70, partner=contact)
        self.assertExposure(to_deliver=300, receivable=70)
        self.assertEqual(self._profile(contact), self.profile)

    def test_debtor_is_the_invoice_address(self):
        payer = self._create_partner("Payer", email=False)
        self._order((self.service, 3), partner_invoice_id=payer.id)
        self.assertExposure()
        self.assertExposure(self._profile(payer), to_deliver=300)

    def test_companies_and_branches(self):
        branch = self.env['res.company'].create({'name': "Branch", 'parent_id': self.company.id})
        other = self.env['res.company'].create({'name': "Other"})
        self.env.user.company_ids |= branch + other
        self.env['sale.order'].with_company(branch).create({
            'partner_id': self.customer.id, 'company_id': branch.id,
            'order_line': [Command.create({
                'product_id': self.service.id, 'product_uom_qty': 2, 'tax_ids': [Command.clear()]})],
        }).action_confirm()
        self.assertExposure(to_deliver=200)
        self.assertEqual(self._profile(self.customer, branch), self.profile)
        self.assertNotEqual(self._profile(self.customer, other), self.profile)
        self.assertExposure(self._profile(self.customer, other))

    def test_many_profiles_one_query(self):
        partners = self.env['res.partner'].create([{'name': f"C{i}", 'is_company': True} for i in range(20)])
        profiles = self.env['sales.credit.profile'].union(
            *self.env['sales.credit.profile']._get_for(partners, self.company).values())
        profiles._get_exposure()
        self.env.flush_all()
        with self.assertQueryCount(1):
            profiles._get_exposure()

    def test_search_sort_and_sum(self):
        rich = self._create_partner("Rich", email=False)
        rich_profile = self._profile(rich)
        self.profile._change_terms({'policy': 'limited', 'limit': 1000})
        rich_profile._change_terms({'policy': 'limited', 'limit': 100000})
        self._order((self.service, 9))
        self._order((self.service, 20), partner=rich)
        both = self.profile + rich_profile
        Profile = self.env['sales.credit.profile']
        mine = [('id', 'in', both.ids)]
        self.assertEqual(Profile.search(mine + [('exposure_total', '>', 1000)]), rich_profile)
        self.assertEqual(Profile.search(mine + [('exposure_total', '=', 900)]), self.profile)
        self.assertEqual(Profile.search(mine + [('usage_percent', '>=', 80)]), self.profile)
        self.assertEqual(Profile.search(mine + [('available', '<', 500)]), self.profile)
        self.assertEqual(Profile.search(mine + [('exposure_overdue', '>', 0)]), Profile)
        self.assertEqual(Profile.search(mine, order='usage_percent desc'), self.profile + rich_profile)
        self.assertEqual(Profile.search(mine, order='exposure_total desc'), rich_profile + self.profile)
        self.assertEqual(Profile._read_group(mine, [], ['exposure_total:sum'])[0][0], 2900)
        self.assertEqual(self.profile.available, 100)
        self.assertEqual(self.profile.usage_percent, 90)
