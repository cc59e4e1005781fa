from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..internal import grant
from ..models.channel.const import PRESETS, SELLER_GUARD
from .seller_invoice_common import SellerInvoiceCommon
from .settlement_common import SettlementCommon

TODAY = date(2026, 4, 15)


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time('2026-04-15')
class TestSellerBooks(SettlementCommon, SellerInvoiceCommon):
    """What goods of sellers do around their documents: modes that change, deliveries that fail, other figures of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.invoice_policy = 'order'

    def _switch(self, order, **rights):
        """Let the seller sell in another mode from now on."""
        self.env.flush_all()
        self._mode_of(self.seller_1, **rights)
        self.env.invalidate_all()
        return order

    # === MODES === #

    def test_a_quotation_takes_the_tax_of_the_new_mode(self):
        cases = [
            ({**PRESETS['marketplace'], 'tax_supplier': 'deemed'}, {'AR': 110.0, 'CLR': -100.0, 'VAT': -10.0}),
            (PRESETS['consignment'], {'AR': 110.0, 'REV': -100.0, 'VAT': -10.0, 'COGS': 85.0, 'CLR': -85.0}),
            (PRESETS['resale'], {'AR': 110.0, 'REV': -100.0, 'VAT': -10.0}),
        ]
        for rights, entry in cases:
            self._mode_of(self.seller_1, **PRESETS['marketplace'])
            order = self._sell((self.offer_1, 1, 100.0), confirm=False)
            self.assertEqual(order.order_line.tax_ids, self.tax.on_behalf_tax_id)
            self._switch(order, **rights).action_confirm()
            self.assertEqual(order.order_line.tax_ids, self.tax)
            self.assertEqual(self._entry(self._invoice(order)), entry)

    def test_taxes_follow_a_plain_write_of_the_state(self):
        order = self._sell((self.offer_1, 1, 100.0), confirm=False)
        self._switch(order, tax_supplier='deemed').write({'state': 'sale'})
        self.assertEqual(order.order_line.tax_ids, self.tax)

    def test_a_deemed_supplier_owes_his_own_tax(self):
        self._mode_of(self.seller_1, tax_supplier='deemed')
        move = self._sell((self.offer_1, 1, 100.0))._create_invoices()
        with self.assertRaisesSaying(ValidationError, "is for goods that a seller supplies"):
            move.invoice_line_ids.tax_ids = self.tax.on_behalf_tax_id

    def test_a_principal_supplies_himself(self):
        with self.assertRaisesSaying(ValidationError, "A principal sells in his own name"):
            self.env['sales.channel.mode'].create({
                'seller_id': self.seller_1.id, **PRESETS['consignment'], 'tax_supplier': 'seller'})

    def test_what_was_invoiced_is_credited_as_it_was_sold(self):
        order = self._sell((self.offer_1, 2, 100.0))
        self._invoice(order)
        order.action_cancel()
        order.action_draft()
        self._switch(order, **PRESETS['consignment']).action_confirm()
        self.assertEqual(order.order_line.revenue_presentation, 'agent')
        order.order_line.product_uom_qty = 1
        refund = self._invoice(order, final=True)
        self.assertEqual(self._entry(refund), {'AR': -110.0, 'CLR': 110.0})
        self.assertEqual(self._rows(refund, 'commission').amount, 15.0)

    # === PAYMENT === #

    def test_money_for_what_cannot_be_sold_is_not_asked_for(self):
        order = self._sell((self.offer_1, 1, 100.0), confirm=False, require_payment=True)
        self.assertTrue(order._has_to_be_paid())
        grant(self.seller_1, SELLER_GUARD).write({'state': 'suspended'})
        self.assertFalse(order._has_to_be_paid())

    # === DELIVERY CYCLE === #

    def test_what_is_never_delivered_is_settled_with_its_refund(self):
        grant(self.seller_1, SELLER_GUARD).write({'settlement_cycle': 'delivery'})
        for shipped in (0, 1):
            order = self._sell((self.offer_1, 3, 100.0))
            self._invoice(order)
            seller_order = order.seller_order_ids
            if shipped:
                seller_order._ship({seller_order.line_ids: shipped})
            order.order_line.product_uom_qty = 2
            rows = self._rows(self._invoice(order, final=True) | order.invoice_ids)
            self.assertFalse(any(rows.mapped('available_date')), "the goods are still on their way")
            with self.assertRaisesSaying(UserError, "nothing to settle"):
                self.env['sales.settlement.start'].create({
                    'date_to': TODAY, 'seller_ids': self.seller_1.ids}).action_collect()
            seller_order.action_cancel(by='seller')
            self._invoice(order, final=True)
            rows = self._rows(order.invoice_ids)
            self.assertEqual(set(rows.mapped('available_date')), {TODAY})
            self.assertEqual(sum(rows.mapped('amount')), shipped * 95.0)
            # 110 less a commission of 16.50 for what was shipped
            self.assertEqual(self._settle(cutoff=TODAY).amount_closing, shipped * 93.5)

    # === OTHER FIGURES === #

    def test_the_invoice_of_a_statement_is_no_second_sale(self):
        self.seller_1.user_id = self.user_sm_sales
        order = self._sell((self.offer_1, 1, 100.0), user_id=self.user_sm_sales.id)
        move = self._invoice(order)
        statement = self._settle(cutoff=TODAY)
        Entry = self.env['sales.attainment.entry']
        self.assertFalse(Entry.search([('res_model', '=', 'account.move'), ('res_id', '=', statement.charge_move_id.id)]))
        booked = {entry.metric_id.code: entry.value for entry in Entry.search([
            ('res_model', '=', 'account.move'), ('res_id', '=', move.id)])}
        self.assertEqual(booked, {'invoiced': 15.0, 'margin': 15.0, 'gmv': 100.0, 'new_customers': 1.0})

    def test_vat_on_small_commissions(self):
        for _round in range(10):
            self._invoice(self._sell((self.offer_1, 1, 0.2)))
        statement = self._settle(cutoff=TODAY)
        # 10 × 0.03, and 10 % of that
        self.assertRecordValues(statement.charge_move_id, [{'amount_untaxed': 0.3, 'amount_tax': 0.03}])
        self.assertEqual(statement.amount_closing, 2.2 - 0.33)
        self.assertFalse(self.env['sales.settlement.control'].search([('is_different', '=', True)]))

    # === ACCRUAL === #

    def test_a_statement_does_not_repeat_what_its_month_has_accrued(self):
        self._book(self.seller_1, 400)
        self.env['sales.settlement.accrual'].with_user(self.user_sm_settle).action_accrue('2026-03-31')
        statement = self._settle()
        self.assertEqual((statement.date_to, statement.date), (date(2026, 3, 31), date(2026, 4, 1)))
        self.assertEqual(self._commissions_by_day(), {'2026-03-31': -60.0, '2026-04-01': 0.0})

    def test_cancelling_leaves_an_accrued_month_alone(self):
        self._book(self.seller_1, 400)
        statement = self._settle()
        self._book(self.seller_2, 100)
        self.env['sales.settlement.accrual'].with_user(self.user_sm_settle).action_accrue('2026-03-31')
        statement.action_cancel()
        self.assertEqual(self._commissions_by_day(), {'2026-03-31': -75.0, '2026-04-01': 75.0})

    def test_entries_of_an_accrual_go_with_it_only(self):
        self._book(self.seller_1, 400)
        Accrual = self.env['sales.settlement.accrual'].with_user(self.user_sm_settle)
        Accrual.action_accrue('2026-03-31')
        accrual = Accrual.search([])
        for move in (accrual.move_id | accrual.reversal_id).with_user(self.user_sm_billing):
            with self.assertRaisesSaying(UserError, "Cancel the accrual instead"):
                move.button_draft()
        accrual.action_cancel()
        self.assertEqual(set((accrual.move_id | accrual.reversal_id).mapped('state')), {'cancel'})

    def _commissions_by_day(self):
        days = {}
        for line in self.env['account.move.line'].search([
                ('account_id', '=', self.commission_account.id), ('parent_state', '=', 'posted')]):
            days[str(line.date)] = round(days.get(str(line.date), 0.0) + line.balance, 2)
        return days
