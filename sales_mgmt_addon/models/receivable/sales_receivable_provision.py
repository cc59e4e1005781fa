from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults
from .items import flush_sources
from .provision_sql import allowance_sql, provision_base_sql

GUARD = 'receivable.provision'
SERVER_FIELDS = frozenset({
    'name', 'state', 'computed_on', 'allowance_amount', 'posted_on', 'posted_by_id', 'move_id', 'is_undone', 'version',
    'gross_amount', 'loss_amount', 'difference',
})
ACCOUNTANTS = ('account.group_account_user', 'account.group_account_manager')


class SalesReceivableProvision(models.Model):
    """The expected loss of a company's receivables on a day, by ageing bucket and credit class, and its entry.

    Source: the provision matrix of IFRS 9, B5.5.35. The entry brings the balance of the allowance account to the expected
    loss, so that a later provision books the difference only. Covers a root company with its branches.
    """

    _name = 'sales.receivable.provision'
    _description = "Expected Credit Loss"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(
        string="As Of", required=True, default=fields.Date.context_today, tracking=True,
        help="What was open at the end of this day counts, and the entry is booked on it.")
    # Derived from the entry, so that it is right whatever somebody does to the entry
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('reversed', "Reversed"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True,
        compute='_compute_state', store=True, precompute=True)
    line_ids = fields.One2many(
        comodel_name='sales.receivable.provision.line', inverse_name='provision_id', string="Lines", copy=False)
    computed_on = fields.Datetime(string="Computed On", readonly=True, copy=False)
    gross_amount = fields.Monetary(string="Open Amount", compute='_compute_amounts', store=True)
    loss_amount = fields.Monetary(string="Expected Loss", compute='_compute_amounts', store=True)
    allowance_amount = fields.Monetary(
        string="Allowance Before", readonly=True, copy=False,
        help="Balance of the allowance account on that day, without this provision.")
    difference = fields.Monetary(
        string="To Book", compute='_compute_amounts', store=True,
        help="Expected loss less allowance. Positive: more expense; negative: part of the allowance is released.")
    posted_on = fields.Datetime(string="Posted On", readonly=True, copy=False)
    posted_by_id = fields.Many2one(
        comodel_name='res.users', string="Posted By", readonly=True, copy=False, ondelete='restrict')
    move_id = fields.Many2one(
        comodel_name='account.move', string="Journal Entry", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', groups='account.group_account_invoice,account.group_account_readonly')
    is_undone = fields.Boolean(string="Taken Back", readonly=True, copy=False)
    version = fields.Integer(string="Version", readonly=True, default=0, copy=False)
    note = fields.Text(string="Note")

    _posted_unique = models.UniqueIndex(
        "(company_id, date) WHERE state = 'posted'", "There is a posted provision of this day already.")

    #=== COMPUTE METHODS ===#

    @api.depends('posted_on', 'is_undone', 'move_id.state', 'move_id.reversal_move_ids.state')
    def _compute_state(self):
        for provision in self:
            move = provision.sudo().move_id
            if not provision.posted_on:
                provision.state = 'draft'
            elif provision.is_undone or (move and not move._loss_is_in_books()) or (
                    not move and not provision.currency_id.is_zero(provision.difference)):
                provision.state = 'reversed'
            else:
                provision.state = 'posted'

    @api.depends('line_ids.gross', 'line_ids.loss', 'allowance_amount')
    def _compute_amounts(self):
        for provision in self:
            provision.gross_amount = sum(provision.line_ids.mapped('gross'))
            provision.loss_amount = sum(provision.line_ids.mapped('loss'))
            provision.difference = provision.loss_amount - provision.allowance_amount

    #=== CONSTRAINT METHODS ===#

    @api.constrains('company_id', 'date')
    def _check_subject(self):
        for provision in self:
            if provision.company_id.sudo().parent_id:
                raise ValidationError(self.env._(
                    "A provision covers a company with its branches. Choose %(company)s.",
                    company=provision.company_id.sudo().root_id.name))
            if provision.date > fields.Date.context_today(provision):
                raise ValidationError(self.env._("The receivables of a day to come are not known yet. Choose today or earlier."))

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        message = self.env._("A provision is computed and posted, not entered by hand.")
        check_server_fields(self, vals_list, SERVER_FIELDS - {'name'}, GUARD, message)
        for vals in vals_list:
            company = self.env['res.company'].browse(vals.get('company_id') or self.env.company.root_id.id)
            vals['name'] = self.env['ir.sequence'].sudo().with_company(company).next_by_code(self._name) or "/"
        clean = without_defaults(self, SERVER_FIELDS, GUARD)
        return super(SalesReceivableProvision, clean).create(vals_list).with_env(self.env)

    def write(self, vals):
        check_server_fields(self, [vals], SERVER_FIELDS, GUARD, self.env._(
            "A provision is computed and posted, not entered by hand."))
        if vals.keys() & {'company_id', 'date', 'line_ids'} and not granted(self, GUARD):
            self._check_draft()
        res = super().write(vals)
        if vals.keys() & {'company_id', 'date'}:
            # the figures are those of another day or company
            grant(self.sudo(), GUARD)._clear()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()

    #=== ACTION METHODS ===#

    def action_compute(self):
        """Compute what was open on the day, by bucket and class, and the loss that is to be expected of it.

        :raise UserError: if it is posted already, or a rate is missing
        :return: True
        """
        self.check_access('write')
        for provision in self:
            provision._check_draft()
            grant(provision.sudo(), GUARD)._compute_lines()
        return True

    def action_post(self):
        """Book the difference to the allowance, as an accountant.

        Rights: `account.group_account_user` or `account.group_account_manager`. The figures are computed once more first,
        so that what is booked is what is owed.

        :raise AccessError: if the user is no accountant
        :raise UserError: if it is posted, a setting or a rate is missing, the period is locked, or a later one is posted
        :return: True
        """
        self._check_accountant()
        for provision in self.sorted('date'):
            provision._check_draft()
            trusted = grant(provision.sudo(), GUARD)
            trusted._serialise()
            trusted._check_latest()
            trusted._compute_lines()
            trusted._post()
        return True

    def action_reverse(self):
        """Take the entry back by a reversal on its day or, if that period is locked, today; as an accountant.

        :raise AccessError: if the user is no accountant
        :raise UserError: if it is not posted, or a later one is
        :return: True
        """
        self._check_accountant()
        for provision in self.sorted('date', reverse=True):
            if provision.state != 'posted':
                raise UserError(self.env._("%(provision)s is not posted.", provision=provision.name))
            trusted = grant(provision.sudo(), GUARD)
            trusted._serialise()
            trusted._check_latest()
            trusted._reverse()
        return True

    def action_open_move(self):
        """Open the entry and its reversals."""
        self.ensure_one()
        moves = self.move_id | self.move_id.reversal_move_ids
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Journal Entries"),
            'res_model': 'account.move',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', moves.ids)],
        }

    #=== BUSINESS METHODS ===#

    def _check_accountant(self):
        self.check_access('write')
        if not self.env.su and not any(self.env.user.has_group(group) for group in ACCOUNTANTS):
            raise AccessError(self.env._("Only an accountant can book a provision or take it back."))

    def _check_draft(self):
        if posted := self.filtered(lambda provision: provision.state != 'draft')[:1]:
            raise UserError(self.env._(
                "%(provision)s was posted. Reverse it and make another one.", provision=posted.name))

    def _check_latest(self):
        """Refuse to go back behind a later provision, which was booked on top of the allowance of its time."""
        self.ensure_one()
        later = self.search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'posted'), ('id', '!=', self.id),
            ('date', '>=', self.date)], order='date desc', limit=1)
        if later:
            raise UserError(self.env._(
                "%(later)s of %(day)s is posted already. Reverse it first.", later=later.name, day=later.date))

    def _serialise(self):
        """Let parallel postings of a company wait for each other; the loser starts again on what the winner booked."""
        self.ensure_one()
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            WITH locked AS (
                SELECT id FROM sales_receivable_provision WHERE company_id = %s ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE sales_receivable_provision p SET version = version + 1 FROM locked WHERE p.id = locked.id
            """, self.company_id.id))
        self.invalidate_model(['version'])

    def _clear(self):
        """Drop figures that hold no more; customers who are assessed on their own stay."""
        self.line_ids.filtered(lambda line: not line.partner_id).unlink()
        self.line_ids.write({'gross': 0.0})
        self.write({'computed_on': False, 'allowance_amount': 0.0})

    def _compute_lines(self):
        """Write the lines anew. Note: self.ensure_one(), with the permission of the server."""
        self.ensure_one()
        flush_sources(self.env)
        for name in ('sales.credit.profile', 'sales.receivable.bucket', self._name):
            self.env[name].flush_model()
        specific = self.line_ids.filtered('partner_id')
        Bucket = self.env['sales.receivable.bucket']
        rows = self.env.execute_query_dict(provision_base_sql(
            self.company_id, self.date, specific.partner_id.ids,
            lambda days: Bucket._bucket_sql(SQL("%s", self.company_id.id), days)))
        gross = {}
        for row in rows:
            if row['partner_id']:
                gross[row['partner_id']] = gross.get(row['partner_id'], 0.0) + float(row['gross'])
        for line in specific:
            line.gross = gross.get(line.partner_id.id, 0.0)
        rates = self.env['sales.receivable.provision.rate']._get_rates(self.company_id)
        matrix = [self._prepare_line(row, rates) for row in rows if not row['partner_id']]
        (self.line_ids - specific).unlink()
        self.write({
            'line_ids': [Command.create(vals) for vals in matrix],
            'allowance_amount': self._get_allowance(),
            'computed_on': fields.Datetime.now(),
        })

    def _prepare_line(self, row, rates):
        """Return the values of a line of the matrix.

        :raise UserError: if there is no rate
        """
        bucket = self.env['sales.receivable.bucket'].browse(row['bucket_id'])
        rate = self.env['sales.receivable.provision.rate']._find_rate(rates, bucket, row['credit_class'])
        if rate is None:
            raise UserError(self.env._(
                "There is no loss rate for the bucket %(bucket)s of %(company)s. Enter the rates, or load the usual ones.",
                bucket=bucket.display_name or "-", company=self.company_id.name))
        return {
            'bucket_id': bucket.id, 'bucket_name': bucket.display_name, 'days_from': bucket.days_from,
            'credit_class': row['credit_class'], 'gross': float(row['gross']), 'rate': rate}

    def _get_allowance(self):
        """Return the balance of the allowance account on the day, in company currency; 0 while there is no account."""
        account = self.company_id.loss_allowance_account_id
        if not account:
            return 0.0
        self.env['account.move.line'].flush_model(['account_id', 'balance', 'company_id', 'date', 'move_id', 'parent_state'])
        self.env['account.move'].flush_model(['reversed_entry_id'])
        [[balance]] = self.env.execute_query(allowance_sql(self.company_id, account, self.date))
        return self.currency_id.round(float(balance))

    def _post(self):
        """Book the difference; nothing when there is none. Note: self.ensure_one(), with the permission of the server."""
        self.ensure_one()
        move = self.env['account.move']
        if not self.currency_id.is_zero(self.difference):
            journal, expense, allowance = self.company_id._get_loss_settings(
                'loss_journal_id', 'loss_expense_account_id', 'loss_allowance_account_id')
            self.company_id._check_loss_period(self.date, journal)
            move = move.with_company(self.company_id).create(self._prepare_move(journal, expense, allowance))
            move._post(soft=False)
        self.write({'posted_on': fields.Datetime.now(), 'posted_by_id': self.env.uid, 'move_id': move.id})

    def _prepare_move(self, journal, expense, allowance):
        amount = self.currency_id.round(self.difference)
        label = self.env._("Expected credit loss %(day)s", day=self.date)
        return {
            'move_type': 'entry', 'company_id': self.company_id.id, 'journal_id': journal.id, 'date': self.date,
            'ref': f"{self.name}: {label}",
            'line_ids': [
                Command.create({
                    'name': label, 'account_id': account.id, 'balance': balance, 'currency_id': self.currency_id.id,
                    'tax_ids': [Command.clear()]})
                for account, balance in ((expense, amount), (allowance, -amount))],
        }

    def _reverse(self):
        self.ensure_one()
        move = self.move_id
        if move:
            day = self.date
            if self.company_id._get_violated_lock_dates(day, False, move.journal_id):
                day = fields.Date.context_today(self)
                self.company_id._check_loss_period(day, move.journal_id)
            move._reverse_moves([{
                'date': day, 'ref': self.env._("Reversal of %(entry)s", entry=move.name)}], cancel=True)
        self.is_undone = True
