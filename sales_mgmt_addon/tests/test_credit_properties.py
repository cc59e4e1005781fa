import random
from collections import Counter

from odoo.tests import tagged

from .credit_common import CreditCommon

EXAMPLES = 25
STEPS = 9


@tagged('post_install', '-at_install', 'sales_credit')
class TestCreditProperties(CreditCommon):
    """Random lives of orders: the exposure is what somebody would add up from the documents by hand."""

    def _naive_exposure(self, partner):
        """Add up documents one by one, without any figure that the statement reads from order lines."""
        family = self.env['res.partner'].search([('id', 'child_of', partner.id)])
        items = self.env['account.move.line'].search([
            ('partner_id', 'in', family.ids), ('parent_state', '=', 'posted'),
            ('account_id.account_type', '=', 'asset_receivable')])
        total = sum(items.mapped('amount_residual'))
        orders = self.env['sale.order'].search([('partner_invoice_id', 'in', family.ids), ('state', '!=', 'cancel')])
        for order in orders:
            rest = sum(self._naive_line(line) for line in order.order_line if not line.is_downpayment)
            paid_down = sum(
                self._signed(line) * line.price_total
                for line in order.order_line.filtered('is_downpayment').invoice_lines
                if line.move_id.state != 'cancel')
            if order.state == 'sale':
                total += rest - min(paid_down, max(rest, 0))
            for line in order.order_line.invoice_lines.filtered(lambda line: line.move_id.state == 'draft'):
                down_payment = line.sale_line_ids.is_downpayment
                total += self._signed(line) * (
                    line.price_total if down_payment else line.quantity * self._unit(line.sale_line_ids))
        return total

    def _naive_line(self, line):
        done = line.move_ids.filtered(lambda move: move.state == 'done')
        delivered = sum(
            move.quantity * (1 if move.location_dest_id.usage == 'customer' else -1) for move in done)
        coming = sum(line.move_ids.filtered(
            lambda move: move.state not in ('done', 'cancel') and move.location_dest_id.usage == 'customer',
        ).mapped('product_uom_qty'))
        if line.product_id.type == 'service':
            delivered, coming = 0, line.product_uom_qty
        invoiced = sum(
            self._signed(invoice_line) * invoice_line.quantity for invoice_line in line.invoice_lines
            if invoice_line.move_id.state != 'cancel')
        billable = delivered if line.product_id.invoice_policy == 'delivery' else min(delivered, line.product_uom_qty)
        return max(billable + coming - invoiced, 0) * self._unit(line)

    def _unit(self, line):
        return line.price_total / line.product_uom_qty

    def _signed(self, invoice_line):
        return -1 if invoice_line.move_id.move_type == 'out_refund' else 1

    # === STEPS: each does something if there is something to do === #

    def _step_order(self, rng):
        products = rng.sample([self.goods, self.goods_delivered, self.service], rng.randint(1, 3))
        self.orders += self._order(*[
            (product, rng.randint(1, 12), rng.choice([100, 33.33, 7.5])) for product in products])

    def _step_deliver(self, rng):
        order = rng.choice(self.orders)
        if picking := self._open_picking(order):
            if rng.random() < 0.6:
                self._deliver(order)
            else:
                lowest = min(picking.move_ids.mapped('product_uom_qty'))
                self._deliver(order, rng.randint(1, max(int(lowest), 1)), backorder=rng.random() < 0.7)

    def _step_return(self, rng):
        done = [
            picking for picking in self.orders.picking_ids
            if picking.state == 'done' and picking.picking_type_id.code == 'outgoing' and not picking.return_ids]
        if done:
            self._return(rng.choice(done), 1)

    def _step_invoice(self, rng):
        order = rng.choice(self.orders)
        if order.state == 'sale' and order.invoice_status == 'to invoice':
            self._invoice(order, post=rng.random() < 0.6, final=True)

    def _step_post(self, rng):
        self.orders.invoice_ids.filtered(lambda move: move.state == 'draft')[:1].action_post()

    def _step_down_payment(self, rng):
        order = rng.choice(self.orders)
        if order.state == 'sale' and order.amount_to_invoice > 60:
            self._down_payment(order, 50, post=rng.random() < 0.5)

    def _step_pay(self, rng):
        open_moves = self.orders.invoice_ids.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_invoice' and move.amount_residual > 1)
        if open_moves:
            move = rng.choice(open_moves)
            self._pay(move, rng.choice([None, round(move.amount_residual / 3, 2)]))

    def _step_receipt(self, rng):
        self._receipt(rng.randint(1, 200))

    def _step_refund(self, rng):
        posted = self.orders.invoice_ids.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_invoice' and not move.reversal_move_ids)
        if posted:
            self._refund(rng.choice(posted), post=rng.random() < 0.7)

    def _step_cancel(self, rng):
        untouched = self.orders.filtered(lambda order: order.state == 'sale' and not order.invoice_ids)
        if untouched:
            rng.choice(untouched)._action_cancel()

    def _step_cancel_invoice(self, rng):
        self.orders.invoice_ids.filtered(lambda move: move.state == 'draft')[-1:].button_cancel()

    def test_exposure_equals_the_documents(self):
        rng = random.Random(20261124)
        steps = [name for name in dir(self) if name.startswith('_step_')]
        done = Counter()
        for example in range(EXAMPLES):
            self.customer = self._create_partner(f"Random {example}", email=False)
            profile = self._profile(self.customer)
            self.orders = self.env['sale.order']
            history = []
            self._step_order(rng)
            for _step in range(STEPS):
                name = rng.choice(steps)
                history.append(name)
                getattr(self, name)(rng)
                done[name] += 1
                self.env.flush_all()
                self.assertAlmostEqual(
                    self._exposure(profile)['total'], self._naive_exposure(self.customer), delta=0.05,
                    msg=f"example {example}: {history}")
        # A generator that never gets anywhere would prove nothing
        self.assertGreaterEqual(len(done), 10)
