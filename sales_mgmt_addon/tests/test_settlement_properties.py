"""Nothing is lost on the way from the buyer to the sellers, whatever happens in whatever order."""

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..internal import grant
from ..models.channel.const import SELLER_GUARD
from .seller_invoice_common import SellerInvoiceCommon

START = date(2026, 1, 5)
STEP = 4  # days between two events
CHARGES = ('commission', 'fee')

pick = st.integers(0, 11)
goods = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=3)
# What can happen, with its weight: orders and statements come often
EVENTS = [
    (3, st.tuples(st.just('settle'), st.integers(0, 3))),
    (2, st.tuples(st.just('order'), goods, st.booleans(), st.sampled_from(['shared', 'platform', 'seller', None]))),
    (2, st.tuples(st.just('ship'), pick, st.integers(1, 5))),
    (3, st.tuples(st.just('invoice'), pick)),
    (1, st.tuples(st.just('return'), pick, st.integers(1, 5))),
    (2, st.tuples(st.just('refund'), pick, st.integers(1, 4))),
    (1, st.tuples(st.just('reset'), pick)),
    (1, st.tuples(st.just('cancel'), pick)),
    (2, st.tuples(st.just('pay'), st.booleans())),
    (1, st.tuples(st.just('fail'), pick)),
]
events = st.lists(
    st.sampled_from([event for weight, event in EVENTS for _copy in range(weight)]).flatmap(lambda event: event),
    min_size=8, max_size=10)


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time(START.isoformat())
class TestSettlementProperties(SellerInvoiceCommon):
    """Four sellers: marketplace with his own VAT, hosted with a fee per unit, deemed supplier, and consignment.

    Orders are in dollars or in euros, whose rate changes twice. After each event the books and the ledger agree.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # promotions would have to be approved
        cls.env.ref('base.group_user').implied_ids -= cls.env.ref('sales_mgmt_addon.group_area_gate')
        cls.user_sm_settle2 = cls._create_user('sm_settle2', 'sales_mgmt_addon.group_settlement_officer')
        cls.company.account_purchase_tax_id = cls._create_purchase_tax()
        cls.seller_3 = cls._create_seller("Seller Three", 'marketplace')
        cls.seller_4 = cls._create_seller("Seller Four", 'consignment')
        cls.env['sales.channel.mode'].flush_model()
        cls.env.cr.execute(
            "UPDATE sales_channel_mode SET tax_supplier = 'deemed' WHERE seller_id = %s", [cls.seller_3.id])
        cls.env['sales.channel.mode'].invalidate_model()
        cls.sellers = cls.seller_1 | cls.seller_2 | cls.seller_3 | cls.seller_4
        cls._set_up_sellers()
        cls.product.write({'invoice_policy': 'delivery', 'list_price': 99.99})
        cls.env['sales.commission.rule'].create({'name': "Fulfilment", 'kind': 'fulfilment', 'fixed_unit': 4.0})
        cls.env['sales.commission.rule'].create({
            'name': "Shares", 'percent': 12.5, 'seller_id': cls.seller_3.id, 'fixed_line': 0.35, 'refund_policy': 'percent',
            'refund_percent': 80.0})
        cls.goods = [
            cls.offer_1, cls.offer_2, cls._create_offer(cls.seller_3, cls.product, 33.33),
            cls._create_offer(cls.seller_4, cls.product, 80.0), cls.own_product]
        cls._set_up_euros()

    @classmethod
    def _create_purchase_tax(cls):
        cls.input_vat = cls.env['account.account'].create({
            'name': "VAT Paid", 'code': '131099', 'account_type': 'asset_current'})
        repartition = [Command.clear(), Command.create({'repartition_type': 'base'}), Command.create({
            'repartition_type': 'tax', 'account_id': cls.input_vat.id})]
        return cls.env['account.tax'].create({
            'name': "VAT Paid 10", 'amount': 10, 'type_tax_use': 'purchase', 'invoice_repartition_line_ids': repartition,
            'refund_repartition_line_ids': repartition})

    @classmethod
    def _set_up_sellers(cls):
        warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1)
        for seller in cls.sellers:
            bank = cls.env['res.partner.bank'].create({
                'acc_number': f"DE{seller.id:020}", 'partner_id': seller.partner_id.id, 'allow_out_payment': True})
            grant(seller, SELLER_GUARD).write({'bank_account_id': bank.id, 'bank_approved': True})
        cls.seller_1.write({'reserve_percent': 10.0, 'reserve_days': 8})
        for seller in cls.seller_2 | cls.seller_4:
            cls.env['stock.quant']._update_available_quantity(
                cls.product, warehouse.lot_stock_id, 1000, owner_id=seller.partner_id)

    @classmethod
    def _set_up_euros(cls):
        cls.euro = cls.env.ref('base.EUR')
        cls.euro.active = True
        cls.euro.rate_ids.unlink()
        cls.env['res.currency.rate'].create([
            {'currency_id': cls.euro.id, 'name': START + timedelta(days=days), 'rate': rate, 'company_id': cls.company.id}
            for days, rate in ((-30, 0.80), (10, 0.93), (22, 0.71))])
        cls.pricelist = cls.env['product.pricelist'].create({'name': "Euros", 'currency_id': cls.euro.id})

    @given(history=events)
    @example(history=[
        ('order', [(0, 2), (2, 3), (3, 1), (4, 1)], True, 'shared'), ('ship', 1, 2), ('invoice', 1), ('settle', 0), ('settle', 2),
        ('refund', 1, 1), ('return', 1, 1), ('invoice', 1), ('settle', 0), ('settle', 3), ('pay', True), ('fail', 0),
        ('cancel', 3), ('cancel', 2), ('settle', 3), ('settle', 0), ('reset', 1), ('pay', False)])
    # the histories are short and the events slow: not shrunk
    @settings(
        max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None,
        phases=[Phase.explicit, Phase.generate])
    def test_conservation(self, history):
        with self.env.cr.savepoint() as savepoint, freeze_time(START.isoformat()) as clock:
            self.orders = self.env['sale.order']
            first = [('order', [(0, 3), (1, 2), (3, 2)], False, None), ('ship', 0, 2), ('invoice', 0)]
            for number, (kind, *details) in enumerate(first + history):
                clock.move_to((START + timedelta(days=STEP * number)).isoformat())
                getattr(self, f'_do_{kind}')(*details)
                self._check((kind, *details))
            savepoint.rollback()
        self.env.invalidate_all()

    # === EVENTS === #

    def _do_order(self, lines, foreign, funding):
        order = self.env['sale.order'].create({
            'partner_id': self.buyer.id, 'channel_id': self.channel.id,
            **({'pricelist_id': self.pricelist.id} if foreign else {}),
            'order_line': [Command.create({
                'product_id': what.id if what == self.own_product else what.product_id.id,
                'offer_id': False if what == self.own_product else what.id, 'product_uom_qty': quantity,
            }) for what, quantity in ((self.goods[index], quantity) for index, quantity in lines)]})
        if funding and order._get_promotable_lines():
            self.env['sales.promotion.add'].create({
                'order_id': order.id, 'method': 'percent', 'percent': 7.5, 'funding': funding}).action_add()
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self.orders |= order

    def _do_ship(self, which, quantity):
        order = self.orders[which % len(self.orders)]
        for theirs in order.seller_order_ids:
            lines = theirs.line_ids.filtered(lambda line: line.fulfilled_by == 'seller' and line._get_open_quantity())
            if lines:
                theirs._ship({line: min(quantity, line._get_open_quantity()) for line in lines})
        for picking in order.picking_ids.filtered(lambda one: one.state not in ('done', 'cancel')):
            for move in picking.move_ids:
                move.quantity = min(quantity, move.product_uom_qty)
            picking.with_context(skip_backorder=True, cancel_backorder=False).button_validate()

    def _do_invoice(self, which):
        order = self.orders[which % len(self.orders)]
        moves = order.with_context(raise_if_nothing_to_invoice=False)._create_invoices(final=True)
        moves.action_post()

    def _do_return(self, which, quantity):
        order = self.orders[which % len(self.orders)]
        for theirs in order.seller_order_ids:
            lines = theirs.line_ids.filtered(lambda line: line.fulfilled_by == 'seller' and line._get_returnable_quantity())
            if lines:
                theirs._return({line: min(quantity, line._get_returnable_quantity()) for line in lines})

    def _do_refund(self, which, quantity):
        """Credit a part of an invoice; what was credited before is left to the returns."""
        invoices = self._documents().filtered(lambda move: move.move_type == 'out_invoice' and not move.reversal_move_ids)
        if not invoices:
            return
        refund = invoices[which % len(invoices)]._reverse_moves([{
            'date': self._today(), 'invoice_date': self._today()}])
        for line in refund.invoice_line_ids.filtered(lambda line: line.product_id in self.product | self.own_product):
            line.quantity = min(quantity, line.quantity)
        refund.action_post()

    def _do_reset(self, which):
        """Reset a document to draft and post it again, unless a statement has it."""
        moves = self._documents().filtered(lambda move: move.seller_id)
        if not moves:
            return
        move = moves[which % len(moves)]
        try:
            move.button_draft()
        except UserError as error:
            self.assertIn("was settled", str(error))
        else:
            self._check('draft')
            move.action_post()

    def _do_settle(self, which):
        drafts = self.env['sales.settlement']._collect(self.sellers[which], self._today())
        self._check('collected')
        drafts.with_user(self.user_sm_settle).sudo(False).action_post()

    def _do_cancel(self, which):
        statements = self._statements()
        if not statements:
            return
        try:
            statements[which % len(statements)].with_user(self.user_sm_settle).sudo(False).action_cancel()
        except UserError as error:
            self.assertRegex(str(error), "is paid|in payout batch|builds upon it")

    def _do_pay(self, bank_says_done):
        payout = self.env['sales.payout'].with_user(self.user_sm_settle).create({'date': self._today()})
        payout.action_collect()
        if not payout.payment_ids:
            return
        payout.with_user(self.user_sm_settle2).action_approve()
        payout.action_send()
        if bank_says_done:
            payout.action_mark_paid()

    def _do_fail(self, which):
        payments = self.env['account.payment'].search([
            ('payout_id', '!=', False), ('state', 'in', ('in_process', 'paid'))], order='id')
        if payments:
            payment = payments[which % len(payments)]
            payment.payout_id.with_user(self.user_sm_settle).action_fail(payment.id, "Account closed")
            grant(payment.settlement_id.seller_id, SELLER_GUARD).bank_approved = True

    def _today(self):
        return fields.Date.context_today(self.env.user)

    def _documents(self):
        return self.env['account.move'].search([
            ('partner_id', '=', self.buyer.id), ('move_type', 'in', ('out_invoice', 'out_refund')), ('state', '=', 'posted')],
            order='id')

    def _statements(self):
        return self.env['sales.settlement'].search([('state', 'in', ('posted', 'paid'))], order='id')

    # === THE LAWS === #

    def _check(self, event):
        self.env.flush_all()
        self._check_moves_balance(event)
        rows = self._read_rows()
        self._check_clearing(rows, event)
        self._check_buyers_money(rows, event)
        self._check_sellers_money(rows, event)
        self._check_statements(event)
        self.env.invalidate_all()
        differing = self.env['sales.settlement.control'].search([('is_different', '=', True)])
        self.assertFalse(differing.read(), event)

    def assertSame(self, first, second, event):
        """Two amounts by key are the same; what is not there is 0."""
        for key in {*first, *second}:
            self.assertAlmostEqual(first.get(key, 0.0), second.get(key, 0.0), 2, (event, key))

    def _check_moves_balance(self, event):
        self.assertFalse(self.env.execute_query(SQL(
            """SELECT m.name, SUM(l.balance) FROM account_move m JOIN account_move_line l ON l.move_id = m.id
                WHERE m.state = 'posted' AND m.company_id = %s GROUP BY m.id HAVING ABS(SUM(l.balance)) > 0.001""",
            self.company.id)), event)

    def _read_rows(self):
        """Return (seller id, currency id, kind, settled, posted) → amount with VAT."""
        rows = defaultdict(float)
        for seller, currency, kind, settlement, amount, tax in self.env['sales.seller.ledger']._read_group(
                [], ['seller_id', 'currency_id', 'kind', 'settlement_id'], ['amount:sum', 'tax_amount:sum']):
            rows[seller.id, currency.id, kind, settlement.state in ('posted', 'paid')] += amount + tax
        return rows

    def _on(self, accounts, by_seller=False):
        """Return what journal items of accounts add up to: currency id, or (seller id, currency id) → amount."""
        totals = defaultdict(float)
        for line in self.env['account.move.line'].search([
                ('account_id', 'in', accounts.ids), ('parent_state', '=', 'posted'), ('company_id', '=', self.company.id)]):
            key = line.currency_id.id
            if by_seller:
                seller = line.seller_id or line.move_id.seller_id or self.sellers.filtered(
                    lambda one, line=line: one.partner_id == line.partner_id)
                key = (seller.id, key)
            totals[key] += line.amount_currency
        return totals

    def _check_clearing(self, rows, event):
        """Open rows of sales, refunds and promotions are the clearing account, per seller and currency."""
        unsettled = defaultdict(float)
        for (seller, currency, kind, settled), amount in rows.items():
            if kind in ('sale', 'refund', 'promo') and not settled:
                unsettled[seller, currency] -= amount
        self.assertSame(unsettled, self._on(self.clearing, by_seller=True), event)

    def _check_buyers_money(self, rows, event):
        """What buyers owe is what sellers get, our charges, VAT that is ours, and own sales, less promotions we pay.

        VAT that we may deduct on goods of sellers comes on top of what the sellers get, so it is taken off.
        """
        company, sums = self.company, defaultdict(float)
        for document in self._documents():
            sums[document.currency_id.id] += document.direction_sign * -document.amount_total
        earned = company.marketplace_commission_account_id | company.marketplace_fee_account_id | self.vat_account
        costs = company.marketplace_promotion_account_id | self.input_vat
        documents = self._documents().line_ids
        own = documents.filtered(lambda line: line.account_id.internal_group in ('income', 'expense')).account_id - earned - costs
        parts = defaultdict(float)
        for currency, amount in self._on(earned | costs | own).items():
            parts[currency] -= amount
        for (_seller, currency, kind, settled), amount in rows.items():
            if kind in ('sale', 'refund', 'promo', *CHARGES):
                parts[currency] += amount
            if kind in CHARGES and not settled:
                parts[currency] -= amount  # earned, and not in the accounts yet
        self.assertSame(sums, parts, event)

    def _check_sellers_money(self, rows, event):
        """All that a seller has earned was paid, is owed to him, is kept in reserve, or waits for a statement."""
        company = self.company
        net, where = defaultdict(float), defaultdict(float)
        for (seller, currency, kind, settled), amount in rows.items():
            if kind in ('reserve', 'release'):
                continue
            net[seller, currency] += amount
            if not settled:
                where[seller, currency] += amount
        for account in company.marketplace_payable_account_id | company.marketplace_reserve_account_id:
            for key, amount in self._on(account, by_seller=True).items():
                where[key] -= amount
        for key, amount in self._payouts().items():
            where[key] += amount
        self.assertSame(net, where, event)

    def _payouts(self):
        paid = defaultdict(float)
        for payment in self.env['account.payment'].search([('payout_id', '!=', False), ('state', 'in', ('in_process', 'paid'))]):
            paid[payment.settlement_id.seller_id.id, payment.currency_id.id] += payment.amount
        return paid

    def _check_statements(self, event):
        """Each statement adds up; the last one less the payouts since is what the payable account says."""
        closing, paid = {}, self._payouts()
        for statement in self._statements():
            key = statement.seller_id.id, statement.currency_id.id
            parts = sum(statement[name] for name in (
                'amount_sales', 'amount_refunds', 'amount_commissions', 'amount_fees', 'amount_adjustments', 'amount_reserve'))
            self.assertAlmostEqual(
                statement.amount_opening + parts + statement.amount_payouts, statement.amount_closing, 2, (event, statement.name))
            before = closing.get(key, statement.amount_opening)
            self.assertAlmostEqual(statement.amount_opening, before, 2, (event, statement.name))
            self.assertAlmostEqual(statement.amount_adjustments, 0.0, 2, (event, statement.name))
            paid[key] += statement.amount_payouts
            closing[key] = statement.amount_closing
        expected = {key: paid[key] - amount for key, amount in closing.items()}
        self.assertSame(expected, self._on(self.payable, by_seller=True), event)
