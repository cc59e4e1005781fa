from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, format_amount

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults
from .items import flush_sources, items_sql

GUARD = 'receivable.write_off'
ENTRY_FIELDS = frozenset({
    'partner_id', 'company_id', 'reason_code', 'reason', 'against', 'date', 'line_ids', 'attachment_ids'})
SERVER_FIELDS = frozenset({
    'name', 'step', 'state', 'requested_by', 'user_id', 'team_id', 'facts', 'decision_id', 'request_id', 'move_id',
    'booked_on', 'recovery_ids', 'recovered_amount', 'net_loss', 'amount_total', 'version',
})
STEPS = [
    ('draft', "Draft"),
    ('submitted', "To Approve"),
    ('booked', "Booked"),
    ('rejected', "Rejected"),
    ('cancelled', "Cancelled"),
]
REASON_CODES = [
    ('insolvency', "Insolvency"),
    ('untraceable', "Customer cannot be found"),
    ('dispute', "Dispute that cannot be won"),
    ('prescribed', "Time-barred"),
    ('costs', "Recovery costs more than it brings"),
    ('settlement', "Part waived in a settlement"),
    ('other', "Other"),
]
AGAINST = [
    ('expense', "Bad debt expense"),
    ('allowance', "Loss allowance"),
]


class SalesReceivableWriteOff(models.Model):
    """A wish to give up items of a customer: booked once it is approved, and what is recovered of it later.

    All items belong to one company, in whose books the entry is made. Booking, reversal and recovery are in
    `sales_receivable_write_off_booking.py`, what the approvers see in `sales_receivable_write_off_approval.py`.
    """

    _name = 'sales.receivable.write.off'
    _description = "Write-Off"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'sales.approval.mixin']
    _order = 'id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict',
        copy=False)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null',
        copy=False)
    requested_by = fields.Many2one(
        comodel_name='res.users', string="Asked By", required=True, readonly=True, copy=False, index=True,
        ondelete='restrict', default=lambda self: self.env.user)
    step = fields.Selection(selection=STEPS, required=True, readonly=True, default='draft', copy=False)
    # What came of the step: somebody may take the entry back in the books
    state = fields.Selection(
        selection=[*STEPS, ('reversed', "Reversed")],
        string="Status", required=True, readonly=True, copy=False, tracking=True, index=True, default='draft',
        compute='_compute_state', store=True, precompute=True)
    reason_code = fields.Selection(selection=REASON_CODES, string="Kind of Reason", tracking=True)
    reason = fields.Text(string="Reason")
    attachment_ids = fields.Many2many(comodel_name='ir.attachment', string="Evidence", copy=False)
    against = fields.Selection(
        selection=AGAINST, string="Book Against", required=True, default='expense',
        help="Bad debt expense: the loss is an expense now. Loss allowance: it was provided for before.")
    date = fields.Date(string="Accounting Date", copy=False, help="Empty: the day of the approval.")
    line_ids = fields.One2many(
        comodel_name='sales.receivable.write.off.line', inverse_name='write_off_id', string="Items", copy=False)
    amount_total = fields.Monetary(string="Written Off", compute='_compute_amount_total', store=True)

    # Why it came to this: live in a draft, frozen when submitted
    facts = fields.Json(string="Frozen Facts", readonly=True, copy=False)
    facts_text = fields.Text(string="Facts", compute='_compute_facts_text')
    decision_id = fields.Many2one(
        comodel_name='sales.credit.decision', string="Credit Decision", readonly=True, index='btree_not_null', copy=False,
        ondelete='set null', help="The decision that let the order of the largest item pass.")
    request_id = fields.Many2one(
        comodel_name='sales.credit.request', string="Credit Request", readonly=True, index='btree_not_null', copy=False,
        ondelete='set null', help="The last credit request that was applied before the largest item was invoiced.")

    # What became of it
    booked_on = fields.Datetime(string="Booked On", readonly=True, copy=False)
    move_id = fields.Many2one(
        comodel_name='account.move', string="Journal Entry", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups='account.group_account_invoice,account.group_account_readonly')
    recovery_ids = fields.One2many(
        comodel_name='sales.receivable.recovery', inverse_name='write_off_id', string="Recoveries", readonly=True,
        copy=False)
    recovered_amount = fields.Monetary(string="Recovered", compute='_compute_recovered', store=True)
    net_loss = fields.Monetary(string="Net Loss", compute='_compute_recovered', store=True)
    version = fields.Integer(string="Version", readonly=True, default=0, copy=False)

    #=== COMPUTE METHODS ===#

    @api.depends('step', 'move_id.state', 'move_id.reversal_move_ids.state')
    def _compute_state(self):
        for write_off in self:
            move = write_off.sudo().move_id
            undone = write_off.step == 'booked' and not (move and move._loss_is_in_books())
            write_off.state = 'reversed' if undone else write_off.step

    @api.depends('line_ids.amount_company')
    def _compute_amount_total(self):
        for write_off in self:
            write_off.amount_total = sum(write_off.line_ids.mapped('amount_company'))

    @api.depends('amount_total', 'state', 'recovery_ids.amount', 'recovery_ids.state')
    def _compute_recovered(self):
        for write_off in self:
            recovered = sum(write_off.recovery_ids.filtered(lambda r: r.state == 'posted').mapped('amount'))
            write_off.recovered_amount = recovered
            write_off.net_loss = write_off.amount_total - recovered if write_off.state == 'booked' else 0.0

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        check_server_fields(self, vals_list, SERVER_FIELDS - {'name'}, GUARD, self.env._(
            "The state of a write-off is not entered by hand."))
        for vals in vals_list:
            vals.update(self._prepare_subject(vals))
        clean = without_defaults(self, SERVER_FIELDS, GUARD)
        write_offs = super(SalesReceivableWriteOff, clean).create(vals_list).with_env(self.env)
        write_offs.check_access('read')
        return write_offs

    def _prepare_subject(self, vals):
        """Return customer, company, salesperson and number of a new write-off.

        :raise UserError: without a customer
        :raise AccessError: customer or company the user may not see
        """
        defaults = self.default_get(['partner_id', 'company_id'])
        company = self.env['res.company'].browse(
            vals.get('company_id') or defaults.get('company_id') or self.env.company.id).sudo()
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(self.env._("You have no access to the company of this write-off."))
        partner = self.env['res.partner'].browse(vals.get('partner_id') or defaults.get('partner_id')).exists()
        if not partner:
            raise UserError(self.env._("Choose a customer that exists."))
        partner.check_access('read')
        partner = partner.sudo().commercial_partner_id
        return {
            'partner_id': partner.id,
            'company_id': company.id,
            'user_id': partner.user_id.id,
            'team_id': partner.user_id.sale_team_id.id,
            'name': self.env['ir.sequence'].sudo().with_company(company).next_by_code(self._name) or "/",
        }

    def write(self, vals):
        if not granted(self, GUARD):
            check_server_fields(self, [vals], SERVER_FIELDS, GUARD, self.env._(
                "A write-off changes by submitting and deciding it, not by hand."))
            if any(write_off[name].id != vals[name] for write_off in self
                   for name in ('partner_id', 'company_id') if name in vals):
                raise UserError(self.env._("A write-off keeps its customer and company. Cancel it and make another one."))
            if ENTRY_FIELDS & vals.keys():
                self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()

    def _check_draft(self):
        if other := self.filtered(lambda write_off: write_off.step != 'draft')[:1]:
            raise UserError(self.env._(
                "%(write_off)s was submitted and cannot be changed any more. Take it back and make another one.",
                write_off=other.name))

    #=== ACTION METHODS ===#

    def action_add_overdue(self):
        """Add all overdue items of the customer in the company that are not in it yet, with what is open of them.

        :raise UserError: if it is submitted already, or there is nothing to add
        :return: True
        """
        return self._add_items(SQL("i.date_due < %s::date", fields.Date.context_today(self)))

    def action_add_open(self):
        """Add all open items of the customer as well, due or not: an insolvent customer pays neither.

        :raise UserError: if it is submitted already, or there is nothing to add
        :return: True
        """
        return self._add_items(SQL("TRUE"))

    def _add_items(self, condition):
        self.ensure_one()
        self.check_access('write')
        self._check_draft()
        flush_sources(self.env)
        rows = self.env.execute_query(SQL(
            "SELECT i.id FROM (%s) i WHERE i.residual > 0 AND %s ORDER BY i.date_due, i.id",
            items_sql(where=SQL(
                "p.commercial_partner_id = %s AND l.company_id = %s", self.partner_id.id, self.company_id.id)),
            condition))
        new_ids = [id_ for [id_] in rows if id_ not in self.line_ids.sudo().line_id.ids]
        if not new_ids:
            raise UserError(self.env._("%(customer)s has no further item to add.", customer=self.partner_id.display_name))
        self.write({'line_ids': [Command.create({'line_id': id_}) for id_ in new_ids]})
        return True

    def action_submit(self):
        """Ask for the approval; what is open of the items is read anew and the facts are frozen.

        :raise UserError: if it is not a draft, not complete, or an item has changed or is asked for elsewhere
        :return: True
        """
        self.check_access('write')
        for write_off in self.sorted('id'):
            write_off._check_draft()
            write_off._check_complete()
            trusted = write_off.sudo()
            trusted._trace()
            write_off._set({'facts': trusted._get_facts(), 'requested_by': self.env.uid, 'step': 'submitted'})
            write_off._approval_ask('write_off', reason=write_off.reason)
        return True

    def action_cancel(self):
        """Take a draft or a submitted write-off back, as its author, a credit controller or a director.

        :raise AccessError: if the user is none of them
        :raise UserError: if it is decided already
        :return: True
        """
        self.check_access('read')
        for write_off in self.sorted('id'):
            if write_off.requested_by != self.env.user and not self._is_controller():
                raise AccessError(self.env._(
                    "Only %(asker)s or a credit controller can take %(write_off)s back.",
                    asker=write_off.requested_by.sudo().name, write_off=write_off.name))
            if write_off.step not in ('draft', 'submitted'):
                raise UserError(self.env._(
                    "%(write_off)s is decided already. A booked one is reversed by an accountant.", write_off=write_off.name))
            write_off._set({'step': 'cancelled'})
            write_off.sudo()._approval_withdraw(reason=self.env._("The write-off was taken back."))
        return True

    #=== BUSINESS METHODS ===#

    def _set(self, vals):
        """Write what only the server writes."""
        grant(self.sudo(), GUARD, only_these=True).write(vals)

    def _is_controller(self):
        return self.env.su or any(
            self.env.user.has_group(group)
            for group in ('sales_mgmt_addon.group_credit_controller', 'sales_mgmt_addon.group_director'))

    def _check_complete(self):
        """Refuse to submit what says too little, or asks for more than is open.

        :raise UserError: with what to enter
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Add the items to write off first."))
        if not self.reason_code or not (self.reason or "").strip():
            raise UserError(self.env._("Say why the items are given up: choose the kind of reason and explain it."))
        lines = self.line_ids.sudo()
        lines._refresh()
        lines._check_amounts()
        other = lines.search([
            ('line_id', 'in', lines.line_id.ids), ('write_off_id.step', '=', 'submitted'),
            ('write_off_id', '!=', self.id)], limit=1)
        if other:
            raise UserError(self.env._(
                "%(item)s is waiting for approval in %(write_off)s already.",
                item=other.move_name, write_off=other.write_off_id.name))

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id)
