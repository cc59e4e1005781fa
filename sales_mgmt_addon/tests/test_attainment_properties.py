import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .attainment_common import AttainmentCommon

STEPS = (
    'edit', 'draft', 'post', 'refund', 'pay', 'pay_currency', 'pay_discount', 'unreconcile', 'reassign', 'split', 'cost',
    'confirm', 'edit_order', 'cancel_order', 'invoice_order',
)


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentProperties(AttainmentCommon):
    """Whatever happens to documents, the book says what they say, to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref('base.group_user').implied_ids -= (
            cls.env.ref('sales_mgmt_addon.group_area_credit') + cls.env.ref('sales_mgmt_addon.group_area_gate'))
        case = cls()
        cls.foreign = case._currency("ATF", rate=3.0)
        cls.foreign.rate_ids = [Command.create({'name': '2026-03-01', 'rate': 2.7, 'company_id': cls.company.id})]
        cls.foreign_prices = cls.env['product.pricelist'].create({'name': "ATF", 'currency_id': cls.foreign.id})
        cls.sharers = cls.user_sm_sales | cls.user_sm_sales2 | cls.user_sm_leader

    @settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        seed=st.integers(0, 10 ** 6),
        steps=st.lists(st.sampled_from(STEPS), min_size=6, max_size=14),
    )
    def test_book_follows_documents(self, seed, steps):
        with self.env.cr.savepoint() as savepoint:
            self._play(random.Random(seed), steps)
            savepoint.rollback()
        self.env.invalidate_all()

    def _play(self, rng, steps):
        world = {'invoices': self._new_invoice(rng) + self._new_invoice(rng), 'orders': self._new_order(rng)}
        for step in steps:
            getattr(self, f'_step_{step}')(rng, world)
            self._assert_equal(world, step)
        entries = self.Entry.search([('res_model', 'in', ('account.move', 'sale.order'))])
        for entry in entries.filtered('reversal_of_id'):
            self.assertEqual((entry.date, entry.value), (entry.reversal_of_id.date, -entry.reversal_of_id.value))

    # === CHECKS === #

    def _assert_equal(self, world, step):
        self.env.flush_all()
        self.env.invalidate_all()
        for invoice in world['invoices']:
            posted = invoice.state == 'posted'
            self.assertEqual(
                self._sum('invoiced', invoice), round(invoice.amount_untaxed_signed, 2) if posted else 0, (step, invoice))
            self.assertEqual(self._sum('collected', invoice), self._collected(invoice) if posted else 0, (step, invoice))
        for order in world['orders']:
            amount = self.company.currency_id.round(order.amount_untaxed / order.currency_rate)
            self.assertEqual(self._sum('ordered', order), amount if order.state == 'sale' else 0, (step, order))
            self.assertEqual(self._sum('orders', order), 1 if order.state == 'sale' else 0, (step, order))
        check = self.env['sales.attainment.check'].create({'date_from': '2000-01-01', 'date_to': '2100-01-01'})
        check.action_check()
        self.assertFalse(check.line_ids.filtered('document_count').mapped(
            lambda line: (step, line.metric_id.code, line.booked, line.documented)))

    def _collected(self, invoice):
        """Return the untaxed share of the cash of an invoice, worked out from its payments."""
        cash = 0.0
        for line in invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term'):
            for partial in line.matched_debit_ids + line.matched_credit_ids:
                other = (partial.debit_move_id + partial.credit_move_id - line).move_id
                payment = other.origin_payment_id
                if other.state != 'posted' or not payment:
                    continue
                liquidity = other.line_ids.filtered(
                    lambda line, account=payment.outstanding_account_id: line.account_id == account)
                receivable = other.line_ids.filtered(lambda x: x.account_id.account_type == 'asset_receivable')
                share = abs(sum(liquidity.mapped('balance'))) / abs(sum(receivable.mapped('balance')))
                cash += partial.amount * min(share, 1.0) * (1 if partial.debit_move_id == line else -1)
        return self.company.currency_id.round(cash * invoice.amount_untaxed / invoice.amount_total) + 0.0

    # === STEPS === #

    def _new_invoice(self, rng):
        return self._taxed_invoice(
            *[rng.randint(1, 99999) / 100 for _n in range(rng.randint(1, 4))],
            due=rng.choice(['2026-01-15', '2026-02-15', '2026-04-15']),
            currency_id=rng.choice([self.company.currency_id, self.foreign]).id)

    def _new_order(self, rng):
        return self._order(
            *[(self.service, rng.randint(1, 3), rng.randint(1, 9999) / 100) for _n in range(rng.randint(1, 4))],
            user_id=self.user_sm_sales.id, team_id=self.team.id,
            **({'pricelist_id': self.foreign_prices.id} if rng.random() < 0.5 else {}))

    def _pick(self, rng, records, state):
        records = records.filtered(lambda record: record.state == state)
        return rng.choice(records) if records else records

    def _step_edit(self, rng, world):
        if invoice := self._pick(rng, world['invoices'], 'draft'):
            invoice.invoice_line_ids[0].price_unit = rng.randint(1, 99999) / 100

    def _step_draft(self, rng, world):
        if invoice := self._pick(rng, world['invoices'], 'posted'):
            invoice.button_draft()

    def _step_post(self, rng, world):
        if invoice := self._pick(rng, world['invoices'], 'draft'):
            invoice.action_post()

    def _step_refund(self, rng, world):
        invoice = self._pick(rng, world['invoices'].filtered(lambda move: move.move_type == 'out_invoice'), 'posted')
        if invoice:
            world['invoices'] += self._refund(invoice)

    def _pay_part(self, rng, world, **values):
        invoice = self._pick(rng, world['invoices'].filtered(lambda move: move.amount_residual > 0), 'posted')
        if not invoice:
            return
        wizard = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create(values)
        wizard.amount = wizard.currency_id.round(wizard.amount * rng.choice([0.33, 0.5, 1]))
        if 'payment_difference_handling' in values:
            wizard.payment_difference_handling = values['payment_difference_handling']
        wizard._create_payments()

    def _step_pay(self, rng, world):
        self._pay_part(rng, world)

    def _step_pay_currency(self, rng, world):
        self._pay_part(rng, world, currency_id=self.foreign.id, payment_date='2026-05-05')

    def _step_pay_discount(self, rng, world):
        """Less is paid, and the rest written off."""
        account = self.env['account.account'].search([('account_type', '=', 'expense')], limit=1)
        self._pay_part(rng, world, payment_difference_handling='reconcile', writeoff_account_id=account.id)

    def _step_unreconcile(self, rng, world):
        lines = world['invoices'].line_ids
        partials = lines.matched_debit_ids + lines.matched_credit_ids
        if partials:
            rng.choice(partials).unlink()

    def _step_reassign(self, rng, world):
        user = rng.choice(self.sharers)
        rng.choice(world['invoices']).write({'invoice_user_id': user.id, 'team_id': self.team_region.id})
        rng.choice(world['orders']).write({'user_id': user.id, 'team_id': self.team_region.id})

    def _step_split(self, rng, world):
        order = self._pick(rng, world['orders'], 'sale')
        if not order:
            return
        first = rng.randint(1, 9800) / 100
        change = self.env['sales.credit.split.change'].create({
            'order_id': order.id, 'reason': "Property", 'line_ids': [
                Command.create({'user_id': self.user_sm_sales.id, 'share': first}),
                Command.create({'user_id': self.user_sm_sales2.id, 'share': 100 - first}),
                Command.create({'user_id': self.user_sm_leader.id, 'share': 30, 'is_overlay': True}),
            ]})
        for agreement in change.agreement_ids.filtered(lambda row: row.state == 'waiting'):
            change.with_user(agreement.user_id).action_agree()
        self.assertEqual(change.state, 'applied')

    def _step_cost(self, rng, world):
        self.goods.standard_price = rng.randint(1, 100)

    def _step_confirm(self, rng, world):
        world['orders'] += self._new_order(rng)

    def _step_edit_order(self, rng, world):
        order = self._pick(rng, world['orders'], 'sale')
        if not order:
            return
        order.order_line[0].price_unit = rng.randint(1, 9999) / 100
        order.write({'order_line': [Command.create(
            {'product_id': self.service.id, 'product_uom_qty': 2, 'price_unit': rng.randint(1, 999) / 100})]})

    def _step_cancel_order(self, rng, world):
        order = self._pick(rng, world['orders'], 'sale')
        if order and not order.invoice_ids:
            order._action_cancel()

    def _step_invoice_order(self, rng, world):
        order = self._pick(rng, world['orders'].filtered(lambda o: o.invoice_status == 'to invoice'), 'sale')
        if order:
            world['invoices'] += self._invoice(order)
            self.assertEqual(world['invoices'][-1].invoice_date, fields.Date.context_today(order))
