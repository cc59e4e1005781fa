from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesSellerShip(models.TransientModel):
    """Register goods that a seller sent, or that came back to him."""

    _name = 'sales.seller.ship'
    _description = "Register a Shipment of a Seller"

    order_id = fields.Many2one(
        comodel_name='sales.seller.order', string="Seller Order", required=True, readonly=True, ondelete='cascade')
    kind = fields.Selection(
        selection=[('shipment', "Shipment"), ('return', "Return")], string="Kind", required=True, readonly=True,
        default='shipment')
    date = fields.Datetime(string="Date", required=True, default=fields.Datetime.now)
    carrier = fields.Char(string="Carrier")
    tracking_number = fields.Char(string="Tracking Number")
    tracking_url = fields.Char(string="Tracking Link")
    note = fields.Text(string="Note")
    line_ids = fields.One2many(
        comodel_name='sales.seller.ship.line', inverse_name='wizard_id', string="Goods",
        compute='_compute_line_ids', store=True, readonly=False)

    # === CONSTRAINT METHODS === #

    @api.constrains('order_id')
    def _check_order(self):
        """A client may name any order."""
        self.order_id.sudo(False)._check_may_work()

    # === COMPUTE METHODS === #

    @api.depends('order_id', 'kind')
    def _compute_line_ids(self):
        for wizard in self:
            name = '_get_open_quantity' if wizard.kind == 'shipment' else '_get_returnable_quantity'
            lines = wizard.order_id.sudo(False).line_ids.filtered(lambda line: line.fulfilled_by == 'seller')
            quantities = {line: getattr(line, name)() for line in lines}
            wizard.line_ids = [fields.Command.clear()] + [
                # what is open is mostly sent as a whole; what comes back must be counted
                fields.Command.create({
                    'order_line_id': line.id, 'room': quantity, 'quantity': quantity if wizard.kind == 'shipment' else 0.0})
                for line, quantity in quantities.items() if quantity > 0
            ]

    # === ACTION METHODS === #

    def action_register(self):
        """Register the shipment or return. Pressing twice registers once.

        :return: action that closes the dialog
        :raise AccessError: unless the user works with the sellers' orders
        :raise UserError: see `sales.seller.order._ship`
        """
        self.ensure_one()
        self.order_id._check_may_work()
        if any(line.quantity < 0 for line in self.line_ids):
            raise UserError(self.env._("Quantities cannot be negative."))
        quantities = {line.order_line_id: line.quantity for line in self.line_ids if line.quantity}
        key = f'dialog-{self.id}'
        if self.kind == 'shipment':
            self.order_id._ship(
                quantities, carrier=self.carrier, tracking=self.tracking_number, date=self.date,
                tracking_url=self.tracking_url, note=self.note, external_key=key)
        else:
            self.order_id._return(quantities, reason=self.note, date=self.date, external_key=key)
        return {'type': 'ir.actions.act_window_close'}
