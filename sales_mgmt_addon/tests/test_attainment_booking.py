from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .attainment_common import AttainmentCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentOrders(AttainmentCommon):

    def test_confirm_edit_cancel(self):
        order = self._order((self.goods, 3, 10.0), (self.service, 1, 5.5), confirm=False,
                            user_id=self.user_sm_sales.id, team_id=self.team.id)
        self.assertFalse(self._entries('ordered', order))
        order.action_confirm()
        entries = self._entries('ordered', order)
        self.assertRecordValues(entries.sorted('value'), [
            {'value': 5.5, 'quantity': 1, 'amount': 5.5, 'product_id': self.service.id, 'res_line_id': order.order_line[1].id},
            {'value': 30, 'quantity': 3, 'amount': 30, 'product_id': self.goods.id, 'res_line_id': order.order_line[0].id},
        ])
        self.assertEqual(entries.user_id, self.user_sm_sales)
        self.assertEqual(entries.team_id, self.team)
        self.assertEqual(set(entries.mapped('region_path')), {self.team.parent_path})
        self.assertEqual(entries.partner_id, self.customer)
        self.assertBooked(order, ordered=35.5, orders=1)

        # attribution is frozen; an edited line books the difference to it
        order.write({'user_id': self.user_sm_sales2.id})
        order.order_line[0].write({'product_uom_qty': 5, 'price_unit': 10})
        self.assertEqual(self._sum('ordered', order, user_id=self.user_sm_sales.id), 55.5)
        self.assertEqual(len(self._entries('ordered', order)), 3)
        order.write({'order_line': [Command.create({'product_id': self.goods.id, 'product_uom_qty': 1, 'price_unit': 7})]})
        self.assertBooked(order, ordered=62.5, orders=1)
        self.assertFalse(self._sum('ordered', order, user_id=self.user_sm_sales2.id))

        order._action_cancel()
        self.assertBooked(order, ordered=0, orders=0)
        mirrors = self._entries('ordered', order).filtered('reversal_of_id')
        self.assertEqual(len(mirrors), 4)
        self.assertEqual(set(mirrors.mapped('date')), set(mirrors.reversal_of_id.mapped('date')))
        order.action_draft()
        order.action_confirm()
        self.assertBooked(order, ordered=62.5, orders=1)
        self.assertEqual(self._sum('ordered', order, user_id=self.user_sm_sales2.id), 62.5)

    def test_raw_routes(self):
        order = self._order((self.goods, 1, 10.0), confirm=False)
        order.write({'state': 'sale'})
        self.assertBooked(order, ordered=10, orders=1)
        created = self._order((self.goods, 2, 10.0), confirm=False, state='sale')
        self.assertBooked(created, ordered=20, orders=1)

    def test_currency_and_day(self):
        currency = self._currency(rate=3.0)
        pricelist = self.env['product.pricelist'].create({'name': "Foreign", 'currency_id': currency.id})
        order = self._order((self.goods, 1, 100.0), (self.service, 1, 100.0), confirm=False, pricelist_id=pricelist.id)
        order.action_confirm()
        # 200 / 3 = 66.67, though each line alone is 33.33
        self.assertBooked(order, ordered=66.67)
        self.assertEqual(sorted(self._entries('ordered', order).mapped('value')), [33.33, 33.34])
        # half past eight in the evening of UTC is the next day in Shanghai
        order.date_order = '2024-03-31 20:30:00'
        self.assertEqual(self._sum('ordered', order, date=fields.Date.to_date('2024-04-01')), 66.67)
        self.assertBooked(order, ordered=66.67, orders=1)

    def test_time_zone_moves_nothing(self):
        order = self._order((self.goods, 1, 100.0), confirm=False)
        order.action_confirm()
        order.date_order = '2024-03-31 20:30:00'
        april = fields.Date.to_date('2024-04-01')
        self.company.partner_id.tz = 'UTC'
        order.order_line.price_unit = 120
        self.assertEqual(self._sum('ordered', order, date=april), 120)
        order.date_order = '2024-03-31 20:40:00'
        self.assertEqual(self._sum('ordered', order, date=april), 0)
        self.assertBooked(order, ordered=120, orders=1)

    def test_other_customer(self):
        order = self._order((self.goods, 1, 100.0), user_id=self.user_sm_sales.id, team_id=self.team.id)
        order.order_line.price_unit = 120
        other = self._create_partner("Other", email=False)
        order.partner_id = other
        self.assertEqual(self._sum('ordered', order, partner_id=self.customer.id), 0)
        self.assertEqual(self._sum('ordered', order, partner_id=other.id), 120)
        self.assertEqual(self._entries('ordered', order).user_id, self.user_sm_sales)
        order.partner_id = self.customer
        order._action_cancel()
        self.assertBooked(order, ordered=0, orders=0)

    def test_currency_without_rate(self):
        currency = self.env['res.currency'].create({'name': "ATN", 'symbol': "ATN", 'rounding': 0.01})
        pricelist = self.env['product.pricelist'].create({'name': "Foreign", 'currency_id': currency.id})
        with self.assertRaisesSaying(ValidationError, "ATN has no exchange rate"):
            self._order((self.service, 1, 100.0), pricelist_id=pricelist.id)
        with self.assertRaisesSaying(ValidationError, "ATN has no exchange rate"):
            self._taxed_invoice(100, currency_id=currency.id)
        currency.rate_ids = [Command.create({'name': '2020-01-01', 'rate': 1.0, 'company_id': self.company.id})]
        self.assertBooked(self._taxed_invoice(100, currency_id=currency.id), invoiced=100)

    def test_queries_of_confirmation(self):
        """Booking adds the same small number of queries to a confirmation, whatever the number of lines."""
        counts = {}
        group = self.env.ref('base.group_user')
        quota = self.env.ref('sales_mgmt_addon.group_area_quota')
        for lines in (5, 60):
            for area in ('on', 'off', 'on', 'off'):
                group.implied_ids = group.implied_ids + quota if area == 'on' else group.implied_ids - quota
                order = self._order(*[(self.service, 1)] * lines, confirm=False)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                order.action_confirm()
                self.env.flush_all()
                counts[lines, area] = self.cr.sql_log_count - before
        added = [counts[lines, 'on'] - counts[lines, 'off'] for lines in (5, 60)]
        self.assertEqual(added[0], added[1], counts)
        self.assertLessEqual(added[0], 2, counts)

    def test_switched_off(self):
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_quota')
        order = self._order((self.goods, 1, 10.0))
        self.assertFalse(self._entries('ordered', order))
        self.env.ref('base.group_user').implied_ids += self.env.ref('sales_mgmt_addon.group_area_quota')
        self.env['sales.metric'].search([('code', '=', 'orders')]).active = False
        order.order_line.write({'product_uom_qty': 2, 'price_unit': 10})
        self.assertBooked(order, ordered=20, orders=0)


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentInvoices(AttainmentCommon):

    def test_post_draft_repost(self):
        invoice = self._taxed_invoice(100, 50, post=False)
        self.assertFalse(self._entries('invoiced', invoice))
        invoice.action_post()
        # cost of a unit is 40
        self.assertBooked(invoice, invoiced=150, margin=70, quantity=2, gmv=0, new_customers=1)
        self.assertEqual(len(self._entries('invoiced', invoice)), 2)
        self.assertEqual(set(self._entries('margin', invoice).mapped('date')), {invoice.invoice_date})
        self.Entry._book_invoices(invoice.ids)
        self.goods.standard_price = 45
        self.Entry._book_invoices(invoice.ids)
        self.assertBooked(invoice, invoiced=150, margin=70)

        invoice.invoice_user_id = self.user_sm_sales2
        invoice.team_id = self.team_region
        self.assertEqual(self._entries('invoiced', invoice).user_id, self.user_sm_sales)
        invoice.button_draft()
        self.assertBooked(invoice, invoiced=0, margin=0, quantity=0, new_customers=0)
        invoice.action_post()
        self.assertBooked(invoice, invoiced=150, margin=60, quantity=2, new_customers=1)
        self.assertEqual(self._sum('invoiced', invoice, user_id=self.user_sm_sales2.id), 150)
        self.assertEqual(self._sum('invoiced', invoice, team_id=self.team_region.id), 150)

    def test_refund(self):
        invoice = self._taxed_invoice(100)
        refund = self._refund(invoice)
        self.assertBooked(refund, invoiced=-100, margin=-60, quantity=-1, collected=0, new_customers=0)
        self.assertBooked(invoice, invoiced=100, margin=60, collected=0)

    def test_unit_and_currency(self):
        currency = self._currency(rate=3.0)
        dozen = self.env.ref('uom.product_uom_dozen')
        invoice = self._direct_invoice(
            0, currency_id=currency.id, invoice_line_ids=[Command.create({
                'product_id': self.goods.id, 'quantity': 2, 'product_uom_id': dozen.id, 'price_unit': 1000,
                'tax_ids': [Command.clear()],
            })])
        self.assertBooked(invoice, quantity=24, invoiced=666.67, margin=-293.33)
        self.assertEqual(self._sum('invoiced', invoice), invoice.amount_untaxed_signed)

    def test_new_customer_moves(self):
        partner = self._create_partner("New", email=False)
        second = self._taxed_invoice(10, partner=partner, due='2026-05-05')
        self.assertBooked(second, new_customers=1)
        third = self._taxed_invoice(10, partner=partner, due='2026-06-05')
        self.assertBooked(third, new_customers=0)
        first = self._taxed_invoice(10, partner=partner, due='2026-04-05')
        self.assertEqual([self._sum('new_customers', x) for x in (first, second, third)], [1, 0, 0])
        (first + second).button_draft()
        self.assertEqual([self._sum('new_customers', x) for x in (first, second, third)], [0, 0, 1])
        self.assertEqual(self._sum('new_customers', partner_id=partner.id), 1)
        third.button_draft()
        self.assertEqual(self._sum('new_customers', partner_id=partner.id), 0)

    def test_other_customer(self):
        """The figures and the credit stay those of the booking, only the customer is another one."""
        old, new = self._create_partner("Old", email=False), self._create_partner("Other", email=False)
        invoice = self._taxed_invoice(100, partner=old)
        self._pay(invoice)
        self.goods.standard_price = 70
        invoice.invoice_user_id = self.user_sm_sales2
        invoice.with_context(skip_readonly_check=True).partner_id = new  # as stock allows it
        self.assertBooked(invoice, invoiced=100, margin=60, quantity=1, collected=100, new_customers=1)
        for code, value in (('invoiced', 100), ('margin', 60), ('collected', 100), ('new_customers', 1)):
            self.assertEqual(self._sum(code, invoice, partner_id=old.id), 0, code)
            self.assertEqual(self._sum(code, invoice, partner_id=new.id, user_id=self.user_sm_sales.id), value, code)

    def test_queries_do_not_depend_on_lines(self):
        """Booking adds at most 3 queries to posting, whatever the number of lines."""
        counts = {}
        for lines in (5, 60):
            for area in ('on', 'off', 'on', 'off'):
                group = self.env.ref('base.group_user')
                quota = self.env.ref('sales_mgmt_addon.group_area_quota')
                group.implied_ids = group.implied_ids + quota if area == 'on' else group.implied_ids - quota
                invoice = self._taxed_invoice(*[10.0] * lines, post=False)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                invoice.action_post()
                self.env.flush_all()
                counts[lines, area] = self.cr.sql_log_count - before
        added = [counts[lines, 'on'] - counts[lines, 'off'] for lines in (5, 60)]
        self.assertEqual(added[0], added[1])
        self.assertLessEqual(added[0], 3, counts)


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentPayments(AttainmentCommon):

    def test_partial_and_rest(self):
        invoice = self._taxed_invoice(100)  # 113 with tax
        self._pay(invoice, 37.67)
        # 37.67 * 100 / 113 = 33.336
        self.assertBooked(invoice, collected=33.34)
        second = self._pay(invoice, 37.67)
        # 75.34 * 100 / 113 = 66.673
        self.assertBooked(invoice, collected=66.67)
        self._pay(invoice)
        self.assertEqual(invoice.payment_state, 'paid')
        self.assertBooked(invoice, collected=100)
        # 113 - 37.67 = 75.33 stay, of which 66.664 untaxed
        second.move_id.line_ids.remove_move_reconcile()
        self.assertBooked(invoice, collected=66.66)
        self.assertEqual(self._entries('collected', invoice).user_id, self.user_sm_sales)

    def test_draft_keeps_matching(self):
        invoice = self._taxed_invoice(100)
        self._pay(invoice)
        self.assertBooked(invoice, collected=100)
        invoice.button_draft()
        self.assertBooked(invoice, collected=0, invoiced=0)
        invoice.action_post()
        self.assertBooked(invoice, collected=100 if invoice.payment_state == 'paid' else 0, invoiced=100)

    def test_payment_to_draft(self):
        invoice = self._taxed_invoice(100)
        payment = self._pay(invoice)
        payment.action_draft()
        self.assertBooked(invoice, collected=0)

    def test_credit_note_is_no_cash(self):
        invoice = self._taxed_invoice(100)
        refund = self._refund(invoice, post=False)
        refund.action_post()
        (invoice + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable' and not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual((self._sum('collected', invoice), self._sum('collected', refund)), (0, 0))

    def test_refund_paid_out(self):
        refund = self._taxed_invoice(100, move_type='out_refund')
        self._pay(refund)
        self.assertBooked(refund, collected=-100)


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentForms(AttainmentCommon):

    def test_split_on_the_order(self):
        with Form(self.env['sale.order'].with_user(self.user_sm_sales)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.service
            with form.credit_split_ids.new() as share:
                share.user_id = self.user_sm_sales
                self.assertEqual(share.team_id, self.team)
                share.share = 60
            with form.credit_split_ids.new() as share:
                share.user_id = self.user_sm_sales2
                share.share = 40
        order = form.save()
        self.assertFalse(order.attainment_is_booked)
        order.action_confirm()
        self.assertTrue(order.attainment_is_booked)
        self.assertEqual(self._sum('ordered', order, user_id=self.user_sm_sales2.id), 40)
        action = order.action_propose_split()
        with Form(self.env[action['res_model']].with_user(self.user_sm_sales).with_context(action['context'])) as form:
            self.assertEqual([line['share'] for line in form.line_ids._records], [60, 40])
            form.reason = "He won the customer"
            with form.line_ids.edit(0) as line:
                line.share = 30
            with form.line_ids.edit(1) as line:
                line.share = 70
        change = form.save()
        self.assertEqual(change.state, 'pending')
        change.with_user(self.user_sm_sales2).action_agree()
        self.assertEqual(self._sum('ordered', order, user_id=self.user_sm_sales2.id), 70)

    def test_who_opens_documents(self):
        """Whoever may open an order or invoice in Odoo still can."""
        invoice = self._taxed_invoice(100)
        for user in (self.user_sm_sales, self.user_sm_billing, self.user_sm_manager):
            form = Form(invoice.with_user(user))
            self.assertEqual('credit_split_ids' in form._view['fields'], user != self.user_sm_billing)
        order = self._order((self.service, 1))
        portal = order.with_user(self.user_sm_portal)
        self.assertNotIn('credit_split_ids', portal.fields_get())
        self.assertNotIn('attainment_is_booked', portal.fields_get())
        order.copy()
        invoice.copy()

    def test_metrics_keep_their_code(self):
        metric = self.env.ref('sales_mgmt_addon.sales_metric_invoiced')
        for vals in ({'code': 'x'}, {'kind': 'count'}, {'source': 'other'}):
            with self.assertRaisesSaying(UserError, "booked from documents"):
                metric.with_user(self.user_sm_manager).write(vals)
        metric.with_user(self.user_sm_manager).write({'code': 'invoiced', 'name': "Billed"})
        visits = self.env['sales.metric'].with_user(self.user_sm_manager).create(
            {'name': "Visits", 'code': 'visits', 'kind': 'count'})
        visits.code = 'visit'
