import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare, format_amount, format_date

from ...internal import grant, granted

GUARD = 'receivable.dispute'
# What the one who settles it may change while it is open
ENTRY_FIELDS = frozenset({'amount', 'reason', 'description', 'user_id', 'deadline'})
SERVER_FIELDS = frozenset({
    'line_id', 'move_id', 'partner_id', 'company_id', 'currency_id', 'salesperson_id', 'team_id', 'state', 'opened_on',
    'resolution', 'closed_on', 'closed_by_id', 'stops_followup', 'confirmed_by_id', 'is_confirmed',
})
DAYS_TO_SETTLE = 14
# Nobody contests an item for longer without those who lead him, or credit control
DAYS_MAX = 90
CONFIRM_TYPE = 'sales_mgmt_addon.mail_activity_type_dispute_confirm'
OPENERS = (
    'sales_team.group_sale_salesman', 'sales_mgmt_addon.group_credit_controller', 'account.group_account_invoice')

REASONS = [
    ('price', "Price or discount"),
    ('quantity', "Quantity or missing goods"),
    ('quality', "Quality or defect"),
    ('delivery', "Late or wrong delivery"),
    ('invoice', "Error on the invoice"),
    ('contract', "Agreement or contract"),
    ('other', "Other"),
]


class SalesReceivableDispute(models.Model):
    """An item the customer contests: out of dunning until it is settled, still part of the exposure."""

    _name = 'sales.receivable.dispute'
    _description = "Dispute"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'state desc, deadline, id'
    _rec_name = 'move_name'
    _mail_post_access = 'read'

    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", required=True, index=True, ondelete='cascade')
    move_id = fields.Many2one(related='line_id.move_id', string="Journal Entry", store=True, index=True)
    move_name = fields.Char(string="Document", compute='_compute_item', compute_sudo=True)
    date_due = fields.Date(string="Due Date", compute='_compute_item', compute_sudo=True)
    residual = fields.Monetary(
        string="Open Amount", compute='_compute_item', compute_sudo=True, help="In the currency of the item.")
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", required=True, readonly=True)
    amount = fields.Monetary(
        string="Disputed Amount", tracking=True, help="In the currency of the item; a part of what is open, or all of it.")
    reason = fields.Selection(selection=REASONS, string="Reason", required=True, tracking=True)
    description = fields.Text(string="What the Customer Says")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", required=True, index=True, tracking=True, ondelete='restrict',
        default=lambda self: self.env.user)
    salesperson_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='set null',
        help="Of the disputed item.")
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    opened_on = fields.Date(
        string="Opened On", required=True, readonly=True, copy=False, default=fields.Date.context_today)
    deadline = fields.Date(string="To Settle Until", required=True, tracking=True)
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('accepted', "Accepted"),
            ('rejected', "Rejected"),
        ],
        string="Status", required=True, readonly=True, default='open', tracking=True, index=True, copy=False)
    resolution = fields.Text(string="How It Was Settled", readonly=True, copy=False)
    closed_on = fields.Datetime(string="Settled On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        comodel_name='res.users', string="Settled By", readonly=True, copy=False, ondelete='restrict')
    stops_followup = fields.Boolean(
        readonly=True, copy=False, help="Whether the dispute has excluded the document from follow-up reports.")
    confirmed_by_id = fields.Many2one(
        comodel_name='res.users', string="Confirmed By", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', tracking=True,
        help="A leader, credit control, a director or accounting. Only a confirmed dispute ends a stop of supply.")
    is_confirmed = fields.Boolean(string="Confirmed", compute='_compute_is_confirmed', store=True)
    can_settle = fields.Boolean(compute='_compute_can_settle')
    can_confirm = fields.Boolean(compute='_compute_can_settle')
    is_late = fields.Boolean(compute='_compute_is_late', search='_search_is_late', string="Late")

    _open_unique = models.UniqueIndex("(line_id) WHERE state = 'open'", "This item is in dispute already.")
    _amount_positive = models.Constraint('CHECK (amount >= 0)', "The disputed amount cannot be negative.")

    # === COMPUTE METHODS === #

    @api.depends('line_id')
    def _compute_item(self):
        for dispute in self:
            line = dispute.line_id
            dispute.move_name = line.move_id.name
            dispute.date_due = line.date_maturity or line.date
            dispute.residual = line.amount_residual_currency if line.parent_state == 'posted' else 0.0

    @api.depends('state', 'user_id', 'team_id', 'is_confirmed')
    @api.depends_context('uid')
    def _compute_can_settle(self):
        for dispute in self:
            dispute.can_settle = dispute.state == 'open' and dispute._may_settle()
            dispute.can_confirm = (
                dispute.state == 'open' and not dispute.is_confirmed and self._may_confirm(dispute.sudo().team_id))

    @api.depends('confirmed_by_id')
    def _compute_is_confirmed(self):
        for dispute in self:
            dispute.is_confirmed = bool(dispute.confirmed_by_id)

    @api.depends('state', 'deadline')
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for dispute in self:
            dispute.is_late = dispute.state == 'open' and bool(dispute.deadline) and dispute.deadline < today

    def _search_is_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        late = Domain('state', '=', 'open') & Domain('deadline', '<', fields.Date.context_today(self))
        wanted = set(value)
        if wanted == {True}:
            return late
        return ~late if wanted == {False} else Domain(bool(wanted))

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id')
    def _check_user(self):
        for dispute in self:
            user = dispute.user_id.sudo()
            if user.share or not user.active:
                raise ValidationError(self.env._("The owner of a dispute must be an active internal user."))
            if dispute.company_id.id not in user.company_ids.ids:
                raise ValidationError(self.env._(
                    "%(user)s does not work in %(company)s and cannot settle this dispute.",
                    user=user.name, company=dispute.company_id.sudo().name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            raise AccessError(self.env._("A dispute is opened from the open item: Receivables, Open Items, Dispute."))
        disputes = super().create(vals_list)
        disputes._stop_followup()
        disputes._schedule()
        return disputes

    def write(self, vals):
        if not granted(self, GUARD):
            if SERVER_FIELDS & vals.keys():
                raise AccessError(self.env._("A dispute is settled with its buttons: Accept or Reject."))
            if ENTRY_FIELDS & vals.keys():
                vals = dict(vals)
                self._check_may_change(vals)
        res = super().write(vals)
        if 'amount' in vals:
            self._resume_followup()
            self.filtered(lambda dispute: dispute.state == 'open')._stop_followup()
        if {'user_id', 'deadline'} & vals.keys():
            self.filtered(lambda dispute: dispute.state == 'open')._schedule()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, GUARD):
            raise AccessError(self.env._("A dispute stays on record. Settle it instead."))

    # === ACTION METHODS === #

    def action_accept(self, resolution=None):
        """Settle disputes: the customer is right.

        :param str resolution: how it was settled; a dialog asks for it when empty
        :return: True, or the window action of the dialog
        :raise AccessError: if the user is neither the owner, nor leads him, nor controls credit
        :raise UserError: if a dispute is settled already
        """
        return self._action_settle('accepted', resolution)

    def action_reject(self, resolution=None):
        """Settle disputes: the customer has to pay. See :meth:`action_accept`."""
        return self._action_settle('rejected', resolution)

    def _action_settle(self, verdict, resolution):
        self._check_may_settle()
        if resolution is None:
            return {
                'type': 'ir.actions.act_window',
                'name': self.env._("Accept the Dispute") if verdict == 'accepted' else self.env._("Reject the Dispute"),
                'res_model': 'sales.receivable.dispute.settle',
                'views': [(False, 'form')],
                'target': 'new',
                'context': {'default_dispute_ids': [fields.Command.set(self.ids)], 'default_verdict': verdict},
            }
        self._settle(verdict, resolution)
        return True

    def action_confirm(self):
        """Confirm disputes, so that they end a stop of supply.

        :return: True
        :raise AccessError: unless the user leads the team or one above, controls credit, or is a director or accountant
        :raise UserError: if a dispute is settled already
        """
        self.check_access('read')
        for dispute in self:
            if dispute.state != 'open':
                raise UserError(self.env._("The dispute about %s is settled already.", dispute.move_name))
            if not self._may_confirm(dispute.sudo().team_id):
                raise AccessError(self.env._(
                    "A dispute is confirmed by those who lead the team, credit controllers, directors and accounting."))
        disputes = self.filtered(lambda dispute: not dispute.is_confirmed)
        grant(disputes.sudo(), GUARD, only_these=True).write({'confirmed_by_id': self.env.uid})
        disputes.sudo().activity_feedback([CONFIRM_TYPE])
        return True

    def action_open_document(self):
        """Open the document of the disputed item; the user's own rights decide whether he sees it."""
        self.ensure_one()
        self.check_access('read')
        move = self.sudo().move_id.sudo(False)
        if not move.has_access('read'):
            raise AccessError(self.env._(
                "You may see this dispute, but not %(document)s itself. Ask accounting for a copy of it.",
                document=move.sudo().name or ''))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'account.move',
            'res_id': move.id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _open(self, line, reason, description=None, user=None, deadline=None, amount=None):
        """Open a dispute about an item.

        :param line: `account.move.line` record, an open item that the user may see
        :param str reason: one of ``REASONS``
        :param str description: what the customer says
        :param user: `res.users` record who settles it; the user himself if ``None``, the salesperson for the system
        :param date deadline: until when; in two weeks if ``None``
        :param float amount: disputed part in the currency of the item; all that is open if ``None``
        :return: the dispute
        :raise AccessError: if the user may not see the item, may not open disputes, or an earlier one was rejected
        :raise UserError: if the item is not open, is disputed already, or a value does not make sense
        """
        line = line.sudo()
        row = self._check_may_open(line)
        self._check_rejected(line, row.team_id)
        residual = line.amount_residual_currency
        deadline = deadline or fields.Date.add(fields.Date.context_today(self), days=DAYS_TO_SETTLE)
        self._check_deadline(deadline)
        if reason not in dict(REASONS):
            raise UserError(self.env._("Choose a reason for the dispute."))
        if deadline < fields.Date.context_today(self):
            raise UserError(self.env._("The day until which the dispute is to be settled has passed already."))
        dispute = grant(self.sudo(), GUARD).create({
            'line_id': line.id,
            'partner_id': line.partner_id.commercial_partner_id.id,
            'company_id': line.company_id.id,
            'currency_id': line.currency_id.id,
            'amount': self._check_amount(line.currency_id, residual if amount is None else amount, residual),
            'reason': reason,
            'description': description,
            'user_id': (user or self._get_default_owner(row)).id,
            'salesperson_id': row.user_id.id,
            'team_id': row.team_id.id,
            'deadline': deadline,
            'confirmed_by_id': self._may_confirm(row.team_id) and self.env.uid,
        })
        return dispute.with_env(self.env)

    def _settle(self, verdict, resolution):
        """Close open disputes, which puts their items back into dunning.

        :param str verdict: ``'accepted'`` or ``'rejected'``
        :param str resolution: how it was settled
        """
        self._check_may_settle()
        resolution = resolution.strip() if isinstance(resolution, str) else ''
        if not resolution:
            raise UserError(self.env._("Say how the dispute was settled."))
        disputes = grant(self.sudo(), GUARD, only_these=True)
        disputes.write({
            'state': verdict, 'resolution': resolution, 'closed_on': fields.Datetime.now(), 'closed_by_id': self.env.uid})
        disputes._resume_followup()
        disputes.activity_feedback(['mail.mail_activity_data_todo'], feedback=resolution)
        disputes.activity_unlink([CONFIRM_TYPE])
        self.env['sales.signal'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('state', '=', 'open')])._expire()

    # === CRON METHODS === #

    @api.model
    def _cron_overdue(self, limit=500):
        """Report disputes that are open after their deadline to their owners and those who lead them, once each.

        Disputes about items that are settled are closed first.
        """
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_credit'):
            return
        self._close_settled(limit)
        today = fields.Date.context_today(self)
        late = self.sudo().search([
            ('state', '=', 'open'), ('deadline', '<', today), ('line_id.reconciled', '=', False)], order='deadline, id')
        known = {signal.res_id: signal for signal in self.env['sales.signal'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', late.ids), ('code', '=', 'dispute_overdue'),
            ('state', 'in', ('open', 'handled'))], order='date, id')}
        # what a leader has seen to is reported again only after another deadline
        disputes = late.filtered(lambda dispute: not (signal := known.get(dispute.id)) or (
            signal.state == 'handled' and signal.date <= dispute.deadline))[:limit]
        self.env['ir.cron']._commit_progress(remaining=len(disputes))
        for dispute in disputes:
            dispute._report_overdue(today)
            if not self.env['ir.cron']._commit_progress(1):
                break

    @api.model
    def _close_settled(self, limit):
        """Close disputes about items that were paid, credited or otherwise matched in full: nobody has to decide on them.

        Once a day is early enough, and a payment that is taken back at once leaves the dispute open.
        """
        disputes = self.sudo().search(
            [('state', '=', 'open'), ('line_id.reconciled', '=', True)], order='id', limit=limit).try_lock_for_update()
        if disputes:
            disputes._settle('accepted', self.env._("The item was settled."))

    def _report_overdue(self, today):
        self.ensure_one()
        self.env['sales.signal']._report({
            'code': 'dispute_overdue',
            'name': self.env._(
                "Dispute of %(customer)s about %(document)s was to be settled until %(date)s",
                customer=self.partner_id.display_name, document=self.move_name, date=format_date(self.env, self.deadline)),
            'res_model': self._name,
            'res_id': self.id,
            'company_id': self.company_id.id,
            'user_id': self.user_id.id,
            'team_id': self.team_id.id,
            'severity': 'warning',
            'value': (today - self.deadline).days,
        })
        leader = self.team_id.approval_leader_ids - self.user_id
        if leader := (self.team_id.user_id & leader) or leader[:1]:
            self.activity_schedule(
                'mail.mail_activity_data_todo', today, user_id=leader.id,
                summary=self.with_context(lang=leader.lang).env._("Dispute is late"))

    # === HOOKS === #

    def _check_may_open(self, line):
        """Return the row of the analysis of an open item that the user may dispute.

        :param line: sudoed `account.move.line` record
        """
        user = self.env.user
        if not self.env.su and not any(user.has_group(group) for group in OPENERS):
            raise AccessError(self.env._("You are not allowed to open disputes."))
        if len(line) != 1 or not line.exists():
            raise UserError(self.env._("This item does not exist any more."))
        # today's item, whatever day the list shows
        Report = self.env['sales.receivable.report'].with_context(receivable_as_of=False)
        row = Report.search([('id', '=', line.id)])
        if not row and Report.sudo().search_count([('id', '=', line.id)]):
            raise AccessError(self.env._("This item belongs to a customer of somebody else."))
        if not row or row.is_receipt:
            raise UserError(self.env._(
                "Only what a customer owes can be disputed: %(document)s is a draft, paid, or a receipt.",
                document=line.move_id.name or ''))
        if not line.partner_id:
            raise UserError(self.env._("%(document)s has no customer.", document=line.move_id.name or ''))
        if self.sudo().search_count([('line_id', '=', line.id), ('state', '=', 'open')]):
            raise UserError(self.env._("This item is in dispute already."))
        return row.sudo()

    def _check_rejected(self, line, team):
        """Raise unless the item was never found to be owed, or the user may have it contested again."""
        if self._leads(team) or not self.sudo().search_count(
                [('line_id', '=', line.id), ('state', '=', 'rejected')], limit=1):
            return
        raise AccessError(self.env._(
            "A dispute about %(document)s was rejected. If there are new reasons, ask a leader, a credit controller or a "
            "director to open another one.", document=line.move_id.name or ''))

    def _check_deadline(self, deadline, team=None, opened_on=None):
        """Raise unless a dispute may last until a day.

        :param date deadline: the day
        :param team: sales team of a dispute that is changed; those who lead it count from today
        :param date opened_on: of a dispute that is changed
        :raise UserError: if it is no day, or too far ahead
        """
        today = fields.Date.context_today(self)
        start = opened_on if opened_on and not self._leads(team) else today
        last = fields.Date.add(start, days=DAYS_MAX)
        try:
            deadline = fields.Date.to_date(deadline)
        except (TypeError, ValueError):
            raise UserError(self.env._("Enter the day until which the dispute is to be settled.")) from None
        if deadline and deadline > last:
            raise UserError(self.env._(
                "Settle the dispute until %(date)s at the latest. After that, a leader, a credit controller or a director "
                "can give it more time.", date=format_date(self.env, last)))

    def _get_default_owner(self, row):
        user = self.env.user
        return row.user_id if not user.active and row.user_id else user

    def _check_amount(self, currency, amount, residual):
        """Return a disputed amount that a user typed, rounded.

        :raise UserError: if it is no amount, or is not a part of what is open
        """
        if isinstance(amount, bool) or not isinstance(amount, (int, float)) or not math.isfinite(amount):
            raise UserError(self.env._("The disputed amount must be a number."))
        amount = currency.round(amount)
        if float_compare(amount, 0.0, precision_rounding=currency.rounding) <= 0 or float_compare(
                amount, residual, precision_rounding=currency.rounding) > 0:
            raise UserError(self.env._(
                "The disputed amount must lie between 0 and what is open: %s.", format_amount(self.env, residual, currency)))
        return amount

    def _check_may_change(self, vals):
        """Check the values that a user writes; a larger amount is to be confirmed again."""
        self._check_may_settle()
        for dispute in self.sudo():
            if 'deadline' in vals:
                dispute.with_env(self.env)._check_deadline(vals['deadline'], dispute.team_id, dispute.opened_on)
            if 'amount' in vals:
                vals['amount'] = self._check_amount(dispute.currency_id, vals['amount'], dispute.residual)
                if vals['amount'] > dispute.amount and not self._may_confirm(dispute.team_id):
                    vals['confirmed_by_id'] = False

    def _check_may_settle(self):
        """Raise unless the disputes are open and the user is their owner, leads the team or controls credit."""
        self.check_access('read')
        for dispute in self:
            if dispute.state != 'open':
                raise UserError(self.env._("The dispute about %s is settled already.", dispute.move_name))
            if not dispute._may_settle():
                raise AccessError(self.env._(
                    "Only %(owner)s, those who lead the team and credit controllers can settle this dispute.",
                    owner=dispute.sudo().user_id.name))

    def _may_settle(self):
        user = self.env.user
        return (
            self.env.su
            or self.user_id == user
            or user in self.sudo().team_id.approval_leader_ids
            or user.has_group('sales_mgmt_addon.group_credit_controller')
        )

    def _leads(self, team):
        """Tell whether the user leads a team or one above it, controls credit or is a director."""
        user = self.env.user
        return (
            self.env.su
            or user in team.sudo().approval_leader_ids
            or user.has_group('sales_mgmt_addon.group_credit_controller')
            or user.has_group('sales_mgmt_addon.group_director')
        )

    def _may_confirm(self, team):
        """Tell whether the user's word is enough for a dispute about an item of a team to end a stop of supply."""
        return self._leads(team) or any(
            self.env.user.has_group(group) for group in ('account.group_account_invoice', 'account.group_account_user'))

    def _schedule(self):
        """Keep one activity per open dispute, for its owner until the deadline."""
        for dispute in self.sudo():
            dispute.activity_unlink(['mail.mail_activity_data_todo'])
            dispute.activity_schedule(
                'mail.mail_activity_data_todo', dispute.deadline, summary=self.env._("Settle the dispute"),
                user_id=dispute.user_id.id)

    def _stop_followup(self):
        """Exclude documents from Odoo's follow-up while all that is open of them is disputed.

        Odoo's flag holds for the document, so that a single disputed instalment must not set it.
        """
        for dispute in self.sudo():
            move = dispute.move_id
            if not move.is_invoice() or move.no_followup:
                continue
            items = move.line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled)
            disputed = self.sudo().search([('line_id', 'in', items.ids), ('state', '=', 'open')]).filtered(
                lambda one: one.currency_id.compare_amounts(one.amount, one.line_id.amount_residual_currency) >= 0).line_id
            if items <= disputed:
                move.no_followup = True
                grant(dispute, GUARD).stops_followup = True

    def _resume_followup(self):
        """Take back what :meth:`_stop_followup` did."""
        disputes = self.sudo().search([('move_id', 'in', self.sudo().move_id.ids), ('stops_followup', '=', True)])
        disputes.move_id.filtered('no_followup').no_followup = False
        grant(disputes, GUARD).stops_followup = False
