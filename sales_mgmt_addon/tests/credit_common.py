from odoo import fields
from odoo.fields import Command

from .common import SalesMgmtCommon


class CreditCommon(SalesMgmtCommon):
    """Factories for credit and for the documents that make up an exposure.

    Documents are made as superuser; who may do what is tested elsewhere.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.company)
        cls.goods = cls._create_product("Goods by Order", invoice_policy='order')
        cls.goods_delivered = cls._create_product("Goods by Delivery", invoice_policy='delivery')
        cls.service = cls._create_product("Service", type='service', is_storable=False)
        cls.warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1)
        for product in (cls.goods, cls.goods_delivered):
            cls.env['stock.quant']._update_available_quantity(product, cls.warehouse.lot_stock_id, 100000)
        cls.customer = cls._create_partner("Credit Customer", email=False, user_id=cls.user_sm_sales.id)
        cls.profile = cls._profile(cls.customer)

    # === PROFILES === #

    @classmethod
    def _profile(cls, partner, company=None):
        return cls.env['sales.credit.profile']._get_for(partner, company or cls.env.company)[partner]

    def _exposure(self, profile=None):
        profile = profile or self.profile
        return profile._get_exposure()[profile.id]

    def assertExposure(self, profile=None, **buckets):
        """Compare the exposure with the given buckets; those not given are zero."""
        facts = self._exposure(profile)
        names = ('receivable', 'to_invoice', 'to_deliver', 'unapplied')
        expected = {name: buckets.get(name, 0.0) for name in names}
        self.assertEqual({name: facts[name] for name in names}, expected)
        self.assertAlmostEqual(facts['total'], sum(expected.values()))

    # === DOCUMENTS === #

    def _order(self, *lines, partner=None, confirm=True, **values):
        """Return an order of lines ``(product, quantity)`` or ``(product, quantity, price)``."""
        order = self.env['sale.order'].create({
            'partner_id': (partner or self.customer).id,
            'order_line': [
                Command.create({
                    'product_id': line[0].id,
                    'product_uom_qty': line[1],
                    **({'price_unit': line[2]} if len(line) > 2 else {}),
                })
                for line in lines
            ],
            **values,
        })
        if confirm:
            order.action_confirm()
            self.assertEqual(order.state, 'sale')
        return order

    def _open_picking(self, order):
        return order.picking_ids.filtered(
            lambda picking: picking.state not in ('done', 'cancel')
            and picking.picking_type_id.code == 'outgoing')[:1]

    def _deliver(self, order, quantity=None, backorder=True):
        """Deliver ``quantity`` of each line of the next delivery, all of it by default."""
        picking = self._open_picking(order)
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantity is None else quantity
        picking.move_ids.picked = True
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=[] if backorder else picking.ids,
        ).button_validate()
        self.assertEqual(picking.state, 'done')
        return picking

    def _return(self, picking, quantity):
        wizard = self.env['stock.return.picking'].with_context(
            active_model='stock.picking', active_id=picking.id, active_ids=picking.ids).create({})
        wizard.product_return_moves.quantity = quantity
        returned = wizard._create_return()
        for move in returned.move_ids:
            move.quantity = quantity
        returned.move_ids.picked = True
        returned.button_validate()
        self.assertEqual(returned.state, 'done')
        return returned

    def _invoice(self, order, post=True, date=None, final=False):
        invoice = order._create_invoices(final=final)
        if date:
            invoice.invoice_date = invoice.invoice_date_due = date
        if post:
            invoice.action_post()
        return invoice

    def _direct_invoice(self, amount, partner=None, due=None, post=True, move_type='out_invoice', **values):
        invoice = self.env['account.move'].create({
            'move_type': move_type,
            'partner_id': (partner or self.customer).id,
            'invoice_date': due or self.today,
            'invoice_date_due': due or self.today,
            'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})],
            **values,
        })
        if post:
            invoice.action_post()
        return invoice

    def _pay(self, invoice, amount=None):
        wizard = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create(
            {'amount': amount} if amount else {})
        return wizard._create_payments()

    def _receipt(self, amount, partner=None):
        """Return a posted payment of the customer that is matched with nothing."""
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer',
            'partner_id': (partner or self.customer).id, 'amount': amount,
        })
        payment.action_post()
        return payment

    def _refund(self, invoice, post=True):
        wizard = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({'journal_id': invoice.journal_id.id})
        refund = self.env['account.move'].browse(wizard.refund_moves()['res_id'])
        if post:
            refund.action_post()
        return refund

    def _down_payment(self, order, amount, post=True):
        wizard = self.env['sale.advance.payment.inv'].with_context(
            active_model='sale.order', active_ids=order.ids).create(
            {'advance_payment_method': 'fixed', 'fixed_amount': amount})
        invoice = wizard._create_invoices(order)
        if post:
            invoice.action_post()
        return invoice
