from odoo.fields import Command

from .common import SalesMgmtCommon


class GateCommon(SalesMgmtCommon):
    """A customer with 1,000 of credit, goods at 100 (policy order) and a salesperson who tries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = cls._user('sm_sales')
        cls.controller = cls._user('sm_controller')
        cls.leader = cls._user('sm_leader')
        cls.customer = cls.env['res.partner'].create({
            'name': "Gate Customer", 'is_company': True, 'email': 'gate.customer@example.com',
            'user_id': cls.salesperson.id,
        })
        cls.rich = cls.env['res.partner'].create({
            'name': "Rich Customer", 'is_company': True, 'user_id': cls.salesperson.id})
        cls._set_credit(cls.customer, policy='limited', limit=1000.0)
        cls._set_credit(cls.rich, policy='limited', limit=1000000.0)
        cls.goods = cls._create_product("Gate Goods", type='consu', is_storable=True)
        cls.service = cls._create_product("Gate Service", type='service')
        cls.env['stock.quant']._update_available_quantity(
            cls.goods, cls.env['stock.warehouse'].search([('company_id', '=', cls.env.company.id)], limit=1).lot_stock_id, 1000)

    @classmethod
    def _user(cls, login):
        return cls.env['res.users'].search([('login', '=', login)])

    @classmethod
    def _create_product(cls, name, **values):
        return cls.env['product.product'].create({
            'name': name, 'list_price': 100.0, 'standard_price': 40.0, 'invoice_policy': 'order',
            'taxes_id': [Command.clear()], **values,
        })

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
        """The call raises a readable error and leaves nothing behind."""
        from odoo.exceptions import AccessError, UserError, ValidationError
        with self.assertRaises((AccessError, UserError, ValidationError)) as caught, self.cr.savepoint():
            function(*args, **kwargs)
            self.env.flush_all()
        self.env.invalidate_all()
        return caught.exception
