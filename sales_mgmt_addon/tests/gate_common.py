from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .common import SalesMgmtCommon


class GateCommon(SalesMgmtCommon):
    """A customer with 1,000 of credit, goods at 100 (policy order) and a salesperson who tries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson, cls.controller, cls.leader = cls.user_sm_sales, cls.user_sm_controller, cls.user_sm_leader
        # made without the factories, whose names Odoo's own bases use with other arguments
        cls.customer, cls.rich = cls.env['res.partner'].create([{
            'name': name, 'is_company': True, 'email': email, 'user_id': cls.salesperson.id,
        } for name, email in (("Gate Customer", 'gate.customer@example.com'), ("Rich Customer", 'rich@example.com'))])
        cls._set_credit(cls.customer, policy='limited', limit=1000.0)
        cls._set_credit(cls.rich, policy='limited', limit=1000000.0)
        cls.goods, cls.service = cls.env['product.product'].create([{
            'name': name, 'list_price': 100.0, 'standard_price': 40.0, 'invoice_policy': 'order',
            'taxes_id': [Command.clear()], **values,
        } for name, values in (
            ("Gate Goods", {'type': 'consu', 'is_storable': True}),
            ("Gate Service", {'type': 'service'}),
        )])
        cls.warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.company.id)], limit=1)
        cls.env['stock.quant']._update_available_quantity(cls.goods, cls.warehouse.lot_stock_id, 1000)

    @classmethod
    def _user(cls, login):
        return getattr(cls, f'user_{login}')

    @classmethod
    def _set_credit(cls, partner, **terms):
        """Give a customer credit terms as an approved request would; return the profile."""
        profile = cls.env['sales.credit.profile']._get_for(partner, cls.company)[partner]
        profile._change_terms(terms)
        return profile

    def _deliver(self, order):
        """Validate the open deliveries of an order in full, as the warehouse does."""
        for picking in order.picking_ids.filtered(lambda p: p.state not in ('done', 'cancel')):
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.with_user(self.user_sm_stock).button_validate()
            self.assertEqual(picking.state, 'done')

    def _create_order(self, quantity=50, partner=None, product=None, user=None, **values):
        """Return a quotation of ``quantity`` units at 100, made by the salesperson."""
        line = {'product_id': (product or self.goods).id, 'product_uom_qty': quantity}
        line.update(values.pop('line', {}))
        return self.env['sale.order'].with_user(user or self.salesperson).create({
            'partner_id': (partner or self.customer).id,
            'order_line': [Command.create(line)],
            **values,
        })

    def _confirmed(self, quantity=5, **kwargs):
        order = self._create_order(quantity, **kwargs)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        return order

    def assertHeld(self, order, *codes):
        """The order is no sale, waits on hold and says why."""
        self.assertNotEqual(order.state, 'sale')
        self.assertEqual(order.hold_state, 'on_hold')
        self.assertEqual(set(order.sudo().hold_finding_ids.mapped('code')), set(codes))

    def assertRefused(self, function, *args, **kwargs):
        """The call raises a readable error and leaves nothing behind.

        :return: the exception
        """
        try:
            with self.cr.savepoint():
                function(*args, **kwargs)
                self.env.flush_all()
        except (AccessError, UserError, ValidationError) as error:
            self.env.invalidate_all()
            return error
        return self.fail("Not refused")
