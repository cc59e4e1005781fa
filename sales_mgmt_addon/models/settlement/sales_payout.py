from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults
from ..channel.const import SETTLEMENT_GUARD
from .const import OFFICER

SERVER_FIELDS = frozenset({
    'name', 'state', 'payment_ids', 'settlement_ids', 'collected_by_id', 'approved_by_id', 'approved_on', 'sent_by_id',
    'sent_on', 'left_out', 'version'})


class SalesPayout(models.Model):
    """A batch of payments to sellers: made by one person, approved by another, with the bank's reference.

    One payment per seller and currency pays all that is open on his payable account.
    """

    _name = 'sales.payout'
    _description = "Payout Batch"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index='trigram')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    date = fields.Date(string="Date", required=True, default=fields.Date.context_today, copy=False)
    journal_id = fields.Many2one(
        comodel_name='account.journal', string="Bank Journal", check_company=True, domain="[('type', '=', 'bank')]",
        compute='_compute_journal_id', store=True, readonly=False, precompute=True)
    state = fields.Selection(
        selection=[('draft', "Draft"), ('approved', "Approved"), ('sent', "Sent"), ('done', "Done"), ('cancelled', "Cancelled")],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True, index=True)
    payment_ids = fields.One2many(
        comodel_name='account.payment', inverse_name='payout_id', string="Payments", readonly=True)
    settlement_ids = fields.One2many(
        comodel_name='sales.settlement', inverse_name='payout_id', string="Statements", readonly=True)
    payment_count = fields.Integer(string="Number of Payments", compute='_compute_totals')
    failed_count = fields.Integer(string="Failed Payments", compute='_compute_totals')
    amount_total = fields.Monetary(string="Total", compute='_compute_totals', help="Failed payments are left out.")
    collected_by_id = fields.Many2one(
        comodel_name='res.users', string="Made By", readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    approved_by_id = fields.Many2one(
        comodel_name='res.users', string="Approved By", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', tracking=True)
    approved_on = fields.Datetime(string="Approved On", readonly=True, copy=False)
    sent_by_id = fields.Many2one(
        comodel_name='res.users', string="Sent By", readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    sent_on = fields.Datetime(string="Sent On", readonly=True, copy=False)
    bank_reference = fields.Char(string="Bank Reference", copy=False, tracking=True)
    left_out = fields.Text(string="Left Out", readonly=True, copy=False, help="Sellers who are not paid now, and why.")
    version = fields.Integer(string="Version", readonly=True, copy=False, default=0)

    #=== COMPUTE METHODS ===#

    @api.depends('company_id')
    def _compute_journal_id(self):
        for payout in self:
            if payout.journal_id.company_id != payout.company_id:
                Journal = self.env['account.journal'].sudo()
                payout.journal_id = Journal.search(
                    [('type', '=', 'bank'), *Journal._check_company_domain(payout.company_id)], limit=1)

    @api.depends('payment_ids.state', 'payment_ids.amount')
    def _compute_totals(self):
        groups = self.env['account.payment'].sudo()._read_group(
            [('payout_id', 'in', self.ids)], ['payout_id', 'state'], ['__count', 'amount_company_currency_signed:sum'])
        for payout in self:
            own = [group for group in groups if group[0].id == payout.id]
            payout.payment_count = sum(count for _payout, _state, count, _amount in own)
            payout.failed_count = sum(group[2] for group in own if group[1] in ('canceled', 'rejected'))
            payout.amount_total = -sum(group[3] for group in own if group[1] not in ('canceled', 'rejected'))

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        check_server_fields(self, vals_list, SERVER_FIELDS, SETTLEMENT_GUARD, self._get_server_message())
        for vals in vals_list:
            company = self.env['res.company'].browse(vals.get('company_id')) or self.env.company
            vals['name'] = self.env['ir.sequence'].sudo().with_company(company).next_by_code('sales.payout') or "/"
        return super(SalesPayout, without_defaults(self, SERVER_FIELDS, SETTLEMENT_GUARD)).create(vals_list).with_env(self.env)

    def write(self, vals):
        check_server_fields(self, [vals], SERVER_FIELDS, SETTLEMENT_GUARD, self._get_server_message())
        fixed = {'company_id', 'date', 'journal_id'} & vals.keys() and not granted(self, SETTLEMENT_GUARD)
        if fixed and any(payout.state != 'draft' or payout.sudo().payment_ids for payout in self):
            raise UserError(self.env._("The payments of this batch are made. Cancel it to change its date or journal."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_empty(self):
        if any(payout.state != 'draft' or payout.sudo().payment_ids for payout in self):
            raise UserError(self.env._("A payout batch stays in the history. Cancel it instead."))

    def _get_server_message(self):
        return self.env._("The payments and the state of a payout batch change with its buttons, not by hand.")

    def _set(self, vals):
        """Write what only the server writes, at once."""
        grant(self.sudo(), SETTLEMENT_GUARD).write(vals)
        self.flush_recordset()

    #=== ACTION METHODS ===#

    def action_collect(self):
        """Make one payment per seller and currency of what posted statements have open, and note who is left out.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if the batch is no draft or has no bank journal
        :return: True
        """
        for payout in self._start('draft'):
            payout._make_payments()
            payout._set({'collected_by_id': self.env.uid})
        return True

    def action_approve(self):
        """Approve batches that others have made, with statements that others have posted.

        Payments that may no longer be made are taken out.

        :raise AccessError: unless the user is a settlement officer, or if he took part in what he approves
        :raise UserError: if a batch is no draft or has nothing to pay
        :return: True
        """
        for payout in self._start('draft'):
            payout._check_other_eyes()
            payout._drop_unpayable()
            payout._check_payments()
            payout._set({'state': 'approved', 'approved_by_id': self.env.uid, 'approved_on': fields.Datetime.now()})
        return True

    def action_cancel(self):
        """Cancel batches that were not sent: the payments are deleted, the statements wait for another batch.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if a batch was sent
        :return: True
        """
        for payout in self._start('draft', 'approved', 'cancelled'):
            payout._drop(payout.payment_ids)
            payout._set({'state': 'cancelled'})
        return True

    def action_open_payments(self):
        """Open the payments of the batch."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Payments of %(batch)s", batch=self.name),
            'res_model': 'account.payment', 'views': [(False, 'list'), (False, 'form')],
            'domain': [('payout_id', '=', self.id)], 'context': {'create': False},
        }

    def _check_officer(self):
        """Let settlement officers pass.

        :raise AccessError: for everybody else
        """
        self.check_access('write')
        if not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Only a settlement officer can do this."))

    def _start(self, *states):
        """Begin a step: check the user, let parallel steps wait, check the state anew.

        :param states: states in which the step is possible
        :return: the batches in sudo mode, in the order of their ids, with the permission to change them
        """
        self._check_officer()
        self.flush_recordset()
        self.env.cr.execute(SQL("UPDATE sales_payout SET version = version + 1 WHERE id = ANY(%s)", self.ids))
        self.invalidate_recordset()
        labels = dict(self._fields['state']._description_selection(self.env))
        for payout in self:
            if payout.state not in states:
                raise UserError(self.env._(
                    "%(batch)s is in status %(state)s; this is not possible now.", batch=payout.name, state=labels[payout.state]))
        return grant(self.sudo(), SETTLEMENT_GUARD).sorted('id')

    #=== BUSINESS METHODS - FOUR EYES ===#

    def _check_other_eyes(self):
        """Refuse who posted a statement of the batch, made it, or changed a bank account that it pays to."""
        user = self.env.user
        if user in self.collected_by_id | self.create_uid:
            raise AccessError(self.env._("You have made %(batch)s. Somebody else approves it.", batch=self.name))
        if own := self.settlement_ids.filtered(lambda settlement: settlement.posted_by_id == user)[:1]:
            raise AccessError(self.env._(
                "You have posted %(statement)s. Somebody else approves its payout.", statement=own.name))
        sellers = self.settlement_ids.seller_id
        if own := sellers.filtered(lambda seller: user in seller._get_bank_editors())[:1]:
            raise AccessError(self.env._(
                "You have changed the bank account of %(seller)s. Somebody else approves the payout.", seller=own.name))

    def _check_payments(self):
        if not self.payment_ids:
            raise UserError(self.env._("%(batch)s has nothing to pay.\n%(why)s", batch=self.name, why=self.left_out or ""))
