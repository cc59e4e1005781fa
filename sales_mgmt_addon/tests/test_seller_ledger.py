"""The sellers' ledger over time: when rows are available, what stays, what it costs, what sales people are measured by."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..internal import grant
from ..models.channel.const import LEDGER_GUARD
from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerLedger(SellerInvoiceCommon):

    def _settled(self, moves):
        """Put the rows of documents on a statement."""
        rows = self._rows(moves)
        statement = self.env['sales.settlement']._collect(rows.seller_id, self.today)
        self.assertEqual(rows.settlement_id, statement)
        return statement

    def test_what_was_settled_stays(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        self._settled(moves)
        for method in ('button_draft', 'button_cancel'):
            with self.assertRaisesSaying(UserError, "issue a credit note"):
                getattr(moves, method)()
        with self.assertRaisesSaying(UserError, "issue a credit note"):
            moves.write({'state': 'draft'})

    def test_available_some_days_after_the_document(self):
        self.seller_1.settlement_delay_days = 7
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        self.assertEqual(set(self._rows(moves).mapped('available_date')), {fields.Date.add(self.today, days=7)})

    def test_available_after_delivery(self):
        self.seller_1.write({'settlement_cycle': 'delivery', 'settlement_delay_days': 3})
        order = self._sell((self.offer_1, 2, 100))
        moves = self._invoice(order)
        self.assertEqual(set(self._rows(moves).mapped('available_date')), {False})
        theirs = order.seller_order_ids
        theirs._ship({theirs.line_ids: 1})
        self.assertEqual(set(self._rows(moves).mapped('available_date')), {False}, "one is missing")
        theirs._ship({theirs.line_ids: 1})
        self.assertEqual(set(self._rows(moves).mapped('available_date')), {fields.Date.add(self.today, days=3)})

    def test_hosted_goods_are_available_when_we_deliver_them(self):
        self.seller_2.settlement_cycle = 'delivery'
        stock = self.env['stock.warehouse'].search([('company_id', '=', self.company.id)], limit=1).lot_stock_id
        self.env['stock.quant']._update_available_quantity(self.product, stock, 5, owner_id=self.seller_2.partner_id)
        order = self._sell((self.offer_2, 1, 95))
        moves = self._invoice(order)
        self.assertEqual(set(self._rows(moves).mapped('available_date')), {False})
        order.picking_ids.move_ids.quantity = 1
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.assertEqual(set(self._rows(moves).mapped('available_date')), {self.today})

    def test_commission_where_the_seller_collects(self):
        self._mode_of(self.seller_1, collects_payment='seller')
        order = self._sell((self.offer_1, 2, 100))
        self._freeze(order)
        theirs = order.seller_order_ids
        shipment = theirs._ship({theirs.line_ids: 1})
        rows = self.env['sales.seller.ledger'].search([('sale_line_id', '=', order.order_line.id)])
        self.assertRecordValues(rows, [{'kind': 'commission', 'amount': -15.0, 'tax_amount': -1.5, 'aml_id': False}])
        shipment.with_user(self.user_sm_channel).action_cancel()
        self.assertFalse(rows.exists())
        theirs._ship({theirs.line_ids: 2})
        theirs._return({theirs.line_ids: 1})
        rows = self.env['sales.seller.ledger'].search([('sale_line_id', '=', order.order_line.id)], order='id')
        self.assertEqual(rows.mapped('amount'), [-30.0, 15.0])
        self.assertEqual(self._balance(self.clearing), 0.0)
        with self.assertRaisesSaying(UserError, "No items are available"):
            order._create_invoices()

    def test_what_the_seller_collects_is_no_credit_of_ours(self):
        self._mode_of(self.seller_1, collects_payment='seller')
        order = self._sell((self.offer_1, 2, 100), (self.own_product, 1, 60), confirm=False)
        self.assertEqual(order._credit_addition(), 66.0)
        order.action_confirm()
        self._freeze(order)
        profile = next(iter(self.env['sales.credit.profile'].sudo()._get_for(self.buyer, self.company).values()))
        exposure = profile._get_exposure()[profile.id]
        self.assertEqual(exposure['to_invoice'] + exposure['to_deliver'], 66.0)

    def test_foreign_money_without_a_rate(self):
        currency = self.env['res.currency'].create({'name': 'XTS', 'symbol': 'X', 'rounding': 0.01})
        moves = self._sell((self.offer_1, 1, 100))._create_invoices()
        moves.currency_id = currency
        with self.assertRaisesSaying(UserError, "XTS has no (exchange )?rate"):
            moves.action_post()

    def test_a_client_context_settles_nothing(self):
        moves = self._sell((self.offer_1, 1, 100))._create_invoices()
        other = self.seller_2
        moves.with_context(default_seller_id=other.id, default_available_date='2020-01-01').action_post()
        self.assertEqual(self._rows(moves).seller_id, self.seller_1)
        refund = moves.with_user(self.user_sm_billing).with_context(default_seller_id=other.id)._reverse_moves()
        self.assertNotIn(other, refund.line_ids.seller_id)

    def test_sales_people_are_measured_by_the_commission(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100), (self.own_product, 1, 60)))
        entries = self.env['sales.attainment.entry'].search([
            ('res_model', '=', 'account.move'), ('res_id', 'in', moves.filtered('seller_id').ids)])
        values = {entry.metric_id.code: entry.value for entry in entries}
        self.assertEqual(values['invoiced'], 15.0)
        self.assertEqual(values['margin'], 15.0)
        self.assertEqual(values['gmv'], 100.0)
        self.assertNotIn('quantity', values)

    def test_margin_on_consignment_is_the_commission(self):
        self._mode_of(self.seller_2, contracting_party='company', tax_supplier='company', revenue_presentation='principal')
        moves = self._invoice(self._sell((self.offer_2, 2, 100)))
        entries = self.env['sales.attainment.entry'].search([('res_model', '=', 'account.move'), ('res_id', '=', moves.id)])
        values = {entry.metric_id.code: entry.value for entry in entries}
        self.assertEqual(values['invoiced'], 200.0)
        self.assertEqual(values['margin'], 30.0)

    def test_cost_of_a_line_is_what_the_seller_gets(self):
        order = self._sell((self.offer_1, 2, 100), (self.own_product, 1, 60), confirm=False)
        self.assertEqual(order.order_line._get_seller_unit_costs(), {order.order_line[0]: 85.0})
        self.assertEqual(order.commission_estimate, 30.0)
        self.assertTrue(order.has_agent_lines)

    def test_part_payment_makes_no_advance(self):
        order = self._sell((self.offer_1, 1, 100))
        self.assertFalse(order._generate_downpayment_invoices())

    def test_others_see_nothing(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        row = self._rows(moves)[0]
        self.assertTrue(row.with_user(self.user_sm_settle).amount)
        for user in (self.user_sm_sales, self.user_sm_portal):
            with self.assertRaises(AccessError):
                row.with_user(user).read(['amount'])

    def test_posting_costs_the_same_for_two_and_twenty_lines(self):
        def count(lines):
            products = [self._create_product(name=f"Good {i}", taxes_id=[Command.set(self.tax.ids)]) for i in range(lines)]
            order = self._sell(*((self._create_offer(self.seller_1, product, 10), 1, 10) for product in products), confirm=False)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            confirmed = self.env.cr.sql_log_count - start
            moves = order._create_invoices()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            moves.action_post()
            self.env.flush_all()
            return confirmed, self.env.cr.sql_log_count - start

        count(1)
        few, many = count(2), count(20)
        # 18 lines more; caches that other work has emptied are filled again once
        self.assertLess(many[0] - few[0], 9, "confirming")
        self.assertLess(many[1] - few[1], 9, "posting")

    def test_grants_stay_inside(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        row = grant(self._rows(moves)[:1], LEDGER_GUARD)
        row.note = "By the server"
        self.assertEqual(row.note, "By the server")
