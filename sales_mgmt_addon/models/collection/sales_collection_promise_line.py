from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...internal import granted
from .const import PROMISE_GUARD


class SalesCollectionPromiseLine(models.Model):
    """An item that a promise is about, with what was open of it then."""

    _name = 'sales.collection.promise.line'
    _description = "Promised Item"
    _order = 'promise_id, id'

    promise_id = fields.Many2one(
        comodel_name='sales.collection.promise', string="Promise", required=True, index=True, ondelete='cascade')
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='promise_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='promise_id.currency_id')
    promise_state = fields.Selection(related='promise_id.state', store=True, string="Status of the Promise")
    residual = fields.Monetary(string="Open When Promised", readonly=True)
    known_partials = fields.Json(
        readonly=True, help="Matchings of the item that were there already: what they paid was not open any more.")
    # Whoever sees the promise may know which document it is about, without rights in accounting
    move_name = fields.Char(string="Document", compute='_compute_item', compute_sudo=True)
    date_due = fields.Date(string="Due Date", compute='_compute_item', compute_sudo=True)
    open_amount = fields.Monetary(string="Open Now", compute='_compute_item', compute_sudo=True)
    is_draft = fields.Boolean(string="Draft", compute='_compute_item', compute_sudo=True)

    _line_unique = models.UniqueIndex("(promise_id, line_id)", "An item is in a promise once.")
    _running_unique = models.UniqueIndex(
        "(line_id) WHERE promise_state = 'open'", "One of these items is in a running promise already.")

    # === COMPUTE METHODS === #

    @api.depends('line_id')
    def _compute_item(self):
        for line in self:
            item = line.line_id
            line.move_name = item.move_id.name or item.move_id.display_name
            line.date_due = item.date_maturity or item.date
            line.is_draft = item.parent_state != 'posted'
            same = item.currency_id == line.currency_id
            residual = item.amount_residual_currency if same else item.amount_residual
            line.open_amount = 0.0 if line.is_draft else residual

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_guard()
        return super().create(vals_list)

    def write(self, vals):
        self._check_guard()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_guard()

    def _check_guard(self):
        if not granted(self, PROMISE_GUARD):
            raise AccessError(self.env._("The items of a promise are chosen when it is made and stay as they are."))
