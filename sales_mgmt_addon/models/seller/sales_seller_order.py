from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...internal import grant
from ..channel.const import SELLER_ORDER_GUARD

STATES = [
    ('new', "New"),
    ('accepted', "Accepted"),
    ('shipped', "Shipped"),
    ('done', "Done"),
    ('cancelled', "Cancelled"),
]
OPEN_STATES = ('new', 'accepted')
CANCELLED_BY = [('company', "Us"), ('seller', "Seller")]
SHIP_TO_FIELDS = (
    'ship_name', 'ship_street', 'ship_street2', 'ship_zip', 'ship_city', 'ship_state_id', 'ship_country_id', 'ship_phone')


class SalesSellerOrder(models.Model):
    """The part of a confirmed sales order that one seller sells; what he sees of it and works on.

    Written by server code only: it follows its sales order, its shipments and, for goods that we ship for the
    seller, our deliveries.
    """

    _name = 'sales.seller.order'
    _description = "Seller Order"
    _inherit = ['sales.seller.document.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_order desc, id desc'
    _check_company_auto = True

    _server_fields = frozenset({
        'name', 'sale_order_id', 'seller_id', 'date_order', 'state', 'line_ids', 'shipment_ids', 'date_promised',
        'date_accepted', 'date_shipped', 'date_cancelled', 'cancelled_by', 'cancel_reason', 'version', *SHIP_TO_FIELDS,
    })
    _mail_post_access = 'read'

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index='trigram')
    sale_order_id = fields.Many2one(
        comodel_name='sale.order', string="Sales Order", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    company_id = fields.Many2one(related='sale_order_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='sale_order_id.currency_id')
    user_id = fields.Many2one(related='sale_order_id.user_id', string="Salesperson", store=True, index='btree_not_null')
    team_id = fields.Many2one(related='sale_order_id.team_id', string="Sales Team", store=True, index='btree_not_null')
    date_order = fields.Datetime(string="Order Date", required=True, readonly=True, default=fields.Datetime.now)
    state = fields.Selection(
        selection=STATES, string="Status", required=True, default='new', readonly=True, copy=False, tracking=True,
        group_expand=True)
    line_ids = fields.One2many(
        comodel_name='sales.seller.order.line', inverse_name='order_id', string="Lines", readonly=True)
    shipment_ids = fields.One2many(
        comodel_name='sales.seller.shipment', inverse_name='order_id', string="Shipments and Returns", readonly=True)
    shipment_count = fields.Integer(string="Number of Shipments", compute='_compute_shipment_count')
    version = fields.Integer(
        string="Changes", readonly=True, copy=False, default=0, help="Rises whenever goods move: serialises who ships.")

    # Dates and cancellation
    date_promised = fields.Date(
        string="Promised Date", readonly=True, index='btree_not_null',
        help="Order date plus the longest lead time of the seller's offers in the order.")
    date_accepted = fields.Datetime(string="Accepted On", readonly=True, copy=False)
    date_shipped = fields.Datetime(string="Shipped On", readonly=True, copy=False, help="When the last goods left.")
    date_cancelled = fields.Datetime(string="Cancelled On", readonly=True, copy=False)
    cancelled_by = fields.Selection(selection=CANCELLED_BY, string="Cancelled By", readonly=True, copy=False)
    cancel_reason = fields.Char(string="Cancellation Reason", readonly=True, copy=False)
    is_late = fields.Boolean(string="Late", compute='_compute_is_late', search='_search_is_late')

    # Copied from the sales order, which the seller cannot read
    ship_name = fields.Char(string="Ship To", readonly=True)
    ship_street = fields.Char(string="Street", readonly=True)
    ship_street2 = fields.Char(string="Street 2", readonly=True)
    ship_zip = fields.Char(string="ZIP", readonly=True)
    ship_city = fields.Char(string="City", readonly=True)
    ship_state_id = fields.Many2one(comodel_name='res.country.state', string="State", readonly=True, ondelete='restrict')
    ship_country_id = fields.Many2one(comodel_name='res.country', string="Country", readonly=True, ondelete='restrict')
    ship_phone = fields.Char(string="Phone", readonly=True, help="Known to sellers who ship themselves only.")

    # Figures
    is_seller_fulfilled = fields.Boolean(
        string="Seller Ships", compute='_compute_is_seller_fulfilled', store=True,
        help="The seller ships at least one of the lines himself.")
    amount_untaxed = fields.Monetary(string="Goods without Tax", compute='_compute_amounts', store=True)
    amount_total = fields.Monetary(string="Goods with Tax", compute='_compute_amounts', store=True)

    _unique_seller = models.Constraint('UNIQUE (sale_order_id, seller_id)', "The order has a seller order of this seller.")

    # === COMPUTE METHODS === #

    @api.depends('line_ids.fulfilled_by')
    def _compute_is_seller_fulfilled(self):
        for order in self:
            order.is_seller_fulfilled = 'seller' in order.line_ids.mapped('fulfilled_by')

    @api.depends('line_ids.price_subtotal', 'line_ids.price_total')
    def _compute_amounts(self):
        for order in self:
            order.amount_untaxed = sum(order.line_ids.mapped('price_subtotal'))
            order.amount_total = sum(order.line_ids.mapped('price_total'))

    @api.depends('shipment_ids')
    def _compute_shipment_count(self):
        counts = dict(self.env['sales.seller.shipment']._read_group(
            [('order_id', 'in', self.ids)], ['order_id'], ['__count']))
        for order in self:
            order.shipment_count = counts.get(order, 0)

    @api.depends('date_promised', 'date_shipped', 'state')
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for order in self:
            shipped = order.date_shipped and fields.Datetime.context_timestamp(order, order.date_shipped).date()
            order.is_late = bool(
                order.date_promised and order.state != 'cancelled' and order.date_promised < (shipped or today))

    def _search_is_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        table = self._table
        late = SQL(
            "(SELECT id FROM %(table)s WHERE state <> 'cancelled' AND date_promised < COALESCE(date_shipped::date, %(today)s))",
            table=SQL.identifier(table), today=today)
        return [('id', 'in' if True in value else 'not in', late)]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('name', "/") == "/":
                company = self.env['sale.order'].browse(vals.get('sale_order_id')).company_id
                vals['name'] = self.env['ir.sequence'].with_company(company).next_by_code('sales.seller.order') or "/"
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_moved(self):
        """:raise UserError: for orders of which goods were shipped"""
        self._unlink_except_server()
        if self.sudo().shipment_ids:
            raise UserError(self.env._("A seller order of which goods were shipped cannot be deleted."))

    def _get_server_message(self):
        return self.env._("Seller orders follow their sales orders and shipments; they are not edited.")

    # === ACTION METHODS === #

    def action_accept(self):
        """Confirm to the buyer's side that the seller will ship. Accepting twice changes nothing.

        :return: True
        :raise AccessError: unless the user works with the sellers' orders
        :raise UserError: for a cancelled order
        """
        orders = self._as_worker()
        orders._lock()
        if cancelled := orders.filtered(lambda order: order.state == 'cancelled'):
            raise UserError(self.env._("%(order)s is cancelled and cannot be accepted.", order=cancelled[0].name))
        orders.filtered(lambda order: order.state == 'new')._accept()
        return True

    def action_ship(self):
        """Open the dialog that registers a shipment.

        :return: window action
        """
        return self._open_move_dialog('shipment', self.env._("Ship"))

    def action_return(self):
        """Open the dialog that registers goods which came back to the seller.

        :return: window action
        """
        return self._open_move_dialog('return', self.env._("Return"))

    def action_done(self):
        """Close shipped orders before the time to return has passed.

        :return: True
        :raise AccessError: unless the user works with the sellers' orders
        :raise UserError: if goods are still to be shipped
        """
        orders = self._as_worker()
        for order in orders:
            if order.state not in ('shipped', 'done'):
                raise UserError(self.env._("%(order)s is not shipped yet.", order=order.name))
        orders.filtered(lambda order: order.state == 'shipped').write({'state': 'done'})
        return True

    def action_view_shipments(self):
        """Return the action that lists the shipments and returns of the orders."""
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_seller_shipment_action')
        return {**action, 'domain': [('order_id', 'in', self.ids)], 'context': {}}

    def _open_move_dialog(self, kind, title):
        self.ensure_one()
        self._check_may_work()
        return {
            'type': 'ir.actions.act_window',
            'name': title,
            'res_model': 'sales.seller.ship',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_order_id': self.id, 'default_kind': kind},
        }

    # === BUSINESS METHODS === #

    def _check_may_work(self):
        """Let server code, channel managers and sales administrators pass.

        The seller portal calls with sudo, after it found the order among those of the user's seller.

        :raise AccessError: for others, or for orders that the user cannot read
        """
        if self.env.su:
            return
        self.check_access('read')
        user = self.env.user
        if not (user.has_group('sales_mgmt_addon.group_channel_manager') or user.has_group('sales_team.group_sale_manager')):
            raise AccessError(self.env._("Only channel managers work on the orders of sellers."))

    def _as_worker(self):
        """Return the orders with all rights of the server on them, once the user may work on them."""
        self._check_may_work()
        return grant(self.sudo(), SELLER_ORDER_GUARD)

    def _lock(self):
        """Serialise whoever moves goods of these orders, see REPEATABLE READ: only a real update does."""
        if self.ids:
            self.flush_recordset(['version'])
            self.env.cr.execute(SQL(
                "UPDATE sales_seller_order SET version = version + 1 WHERE id IN %s", tuple(self.ids)))
            self.invalidate_recordset(['version'], flush=False)

    def _accept(self):
        self.write({'state': 'accepted', 'date_accepted': fields.Datetime.now()})

    def _reopen(self):
        """Open cancelled orders again, because their sales orders were confirmed anew."""
        for order in self.filtered(lambda order: order.state == 'cancelled'):
            lines = order.line_ids.sale_line_id._filter_of_sellers()
            order.write({
                'state': 'new', 'date_accepted': False, 'date_shipped': False, 'date_cancelled': False,
                'cancelled_by': False, 'cancel_reason': False, 'date_order': order.sale_order_id.date_order,
                **({'date_promised': order.sale_order_id._get_promised_date(lines)} if lines else {}),
            })
            order._update_ship_to()

    def _update_ship_to(self):
        """Copy the delivery address of the sales orders anew."""
        for order in self:
            order.write(order.sale_order_id._prepare_ship_to(order.sale_order_id, order.line_ids.sale_line_id))

    def _sync_state(self, date=None):
        """Let the states follow the quantities of the lines.

        :param datetime date: when goods moved, now unless given
        """
        for order in self.filtered(lambda order: order.state != 'cancelled'):
            values = order._prepare_state(date or fields.Datetime.now())
            if values:
                order.write(values)

    def _prepare_state(self, date):
        """Return the values by which the order follows its quantities. Note: self.ensure_one()

        :rtype: dict
        """
        self.ensure_one()
        lines = self.line_ids
        if not any(line.quantity or line.qty_shipped for line in lines):
            return {'state': 'cancelled', 'date_cancelled': date, 'cancelled_by': self.cancelled_by or 'company'}
        if any(line._get_open_quantity() > 0 for line in lines):
            if self.state in ('shipped', 'done'):
                return {'state': 'accepted', 'date_shipped': False}
            if self.state == 'new' and any(line.qty_shipped for line in lines):
                return {'state': 'accepted', 'date_accepted': self.date_accepted or date}
            return {}
        if self.state in OPEN_STATES:
            return {
                # nothing is left to do for a seller whose goods we ship
                'state': 'shipped' if self.is_seller_fulfilled else 'done',
                'date_accepted': self.date_accepted or date,
                'date_shipped': date,
            }
        return {}

    @api.model
    def _cron_close(self):
        """Close shipped orders after the time in which buyers may return goods."""
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_channel'):
            return
        now = fields.Datetime.now()
        orders = self.sudo().search([('state', '=', 'shipped')])
        over = orders.filtered(
            lambda order: order.date_shipped <= now - timedelta(days=order.company_id.marketplace_return_days))
        grant(over, SELLER_ORDER_GUARD).write({'state': 'done'})
