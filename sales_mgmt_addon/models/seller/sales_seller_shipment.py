from odoo import api, fields, models
from odoo.exceptions import UserError

from ...internal import grant
from ..channel.const import SELLER_ORDER_GUARD

KINDS = [('shipment', "Shipment"), ('return', "Return")]


class SalesSellerShipment(models.Model):
    """Goods that a seller sent to the buyer, or that came back to him.

    Quantities of seller orders change only through these rows; a mistake is cancelled, never edited.
    """

    _name = 'sales.seller.shipment'
    _description = "Seller Shipment"
    _inherit = ['sales.seller.document.mixin', 'mail.thread']
    _order = 'date desc, id desc'
    _check_company_auto = True
    _mail_post_access = 'read'

    # What describes the parcel may be corrected, what moved may not
    _server_fields = frozenset({
        'name', 'order_id', 'seller_id', 'company_id', 'kind', 'state', 'date', 'user_id', 'line_ids', 'external_key',
        'date_cancelled', 'cancel_user_id'})

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    order_id = fields.Many2one(
        comodel_name='sales.seller.order', string="Seller Order", required=True, readonly=True, index=True,
        ondelete='restrict', check_company=True)
    seller_id = fields.Many2one(related='order_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='order_id.company_id', store=True, index=True)
    sale_order_id = fields.Many2one(related='order_id.sale_order_id', string="Sales Order")
    kind = fields.Selection(selection=KINDS, string="Kind", required=True, readonly=True, default='shipment')
    state = fields.Selection(
        selection=[('done', "Done"), ('cancelled', "Cancelled")], string="Status", required=True, readonly=True,
        default='done', copy=False, tracking=True)
    date = fields.Datetime(string="Date", required=True, readonly=True, default=fields.Datetime.now)
    carrier = fields.Char(string="Carrier", tracking=True)
    tracking_number = fields.Char(string="Tracking Number", tracking=True, index='trigram')
    tracking_url = fields.Char(string="Tracking Link")
    note = fields.Text(string="Note")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Registered By", required=True, readonly=True, default=lambda self: self.env.user,
        ondelete='restrict')
    external_key = fields.Char(
        string="External Key", readonly=True, copy=False,
        help="Key of the sender's message: the same key is registered once per seller order.")
    date_cancelled = fields.Datetime(string="Cancelled On", readonly=True, copy=False)
    cancel_user_id = fields.Many2one(
        comodel_name='res.users', string="Cancelled By", readonly=True, copy=False, ondelete='restrict')
    line_ids = fields.One2many(
        comodel_name='sales.seller.shipment.line', inverse_name='shipment_id', string="Goods", readonly=True)

    _unique_key = models.UniqueIndex(
        '(order_id, external_key) WHERE external_key IS NOT NULL', "This message was registered already.")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('name', "/") == "/":
                company = self.env['sales.seller.order'].browse(vals.get('order_id')).company_id
                vals['name'] = self.env['ir.sequence'].with_company(company).next_by_code('sales.seller.shipment') or "/"
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_server(self):
        """:raise UserError: always, but for server code: shipments are cancelled"""
        raise UserError(self.env._("Cancel the shipment rather than delete it."))

    def _get_server_message(self):
        return self.env._("Shipments are registered on their seller orders. Cancel a wrong one and register it anew.")

    # === ACTION METHODS === #

    def action_cancel(self):
        """Take a shipment or return back that was registered by mistake. Cancelling twice changes nothing.

        :return: True
        :raise AccessError: unless the user works with the sellers' orders
        :raise UserError: if goods of the shipment have come back since
        """
        self.order_id._check_may_work()
        shipments = grant(self.sudo(), SELLER_ORDER_GUARD)
        shipments.order_id._lock()
        for shipment in shipments.filtered(lambda shipment: shipment.state == 'done'):
            shipment._take_back()
        return True

    def _take_back(self):
        self.ensure_one()
        name = 'qty_shipped' if self.kind == 'shipment' else 'qty_returned'
        for line in self.line_ids:
            target = line.order_line_id
            if self.kind == 'shipment' and target.product_uom_id.compare(
                    line.quantity, target._get_returnable_quantity()) > 0:
                raise UserError(self.env._(
                    "Goods of %(shipment)s have come back. Cancel the return first.", shipment=self.name))
            target[name] = target.product_uom_id.round(target[name] - line.quantity)
        self.write({
            'state': 'cancelled', 'date_cancelled': fields.Datetime.now(), 'cancel_user_id': self.env.uid})
        if self.kind == 'return':
            self.line_ids._give_back_to_order()
        self.order_id._sync_state()
