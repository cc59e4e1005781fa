import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...internal import grant, granted

MOVEMENTS = [
    ('new', "New"),
    ('slipped', "Slipped into an older bucket"),
    ('unchanged', "Unchanged"),
    ('partly', "Partly paid"),
    ('paid', "Paid"),
    ('disputed', "Disputed"),
    ('left', "Withdrawn, postponed or moved"),
]
REASONS = [
    ('promised', "Payment promised"),
    ('dispute', "Customer disputes it"),
    ('liquidity', "Customer is short of money"),
    ('paperwork', "Invoice or paperwork is missing"),
    ('approval', "Waits for approval at the customer"),
    ('delivery', "Problem with the delivery"),
    ('not_contacted', "Customer not contacted"),
    ('other', "Other"),
]
# These say nothing without words
REASONS_WITH_TEXT = ('not_contacted', 'other')
# Letters that a text has at least; Chinese says something with few of them
TEXT_MIN = 4
TO_COMMENT = ('missing', 'incomplete')
COMMENT_FIELDS = frozenset({'reason_code', 'comment', 'promise_new_date', 'promise_new_amount'})
GUARD = 'receivable.pack.line'


class SalesReceivablePackLine(models.Model):
    """An overdue item of a pack as it stood at the month end, what moved since the last pack, and the comment on it."""

    _name = 'sales.receivable.pack.line'
    _description = "Receivables Pack Item"
    _order = 'pack_id, user_id, partner_id, date_due, id'
    _rec_name = 'move_name'

    pack_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Pack", required=True, readonly=True, index=True,
        ondelete='cascade')
    person_id = fields.Many2one(
        comodel_name='sales.receivable.pack.person', string="Person", readonly=True, index='btree_not_null',
        ondelete='cascade')
    pack_state = fields.Selection(related='pack_id.state', string="Pack Status")
    date = fields.Date(related='pack_id.date', string="As Of", store=True, index=True)
    company_id = fields.Many2one(related='pack_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')

    # Frozen. The journal item may be deleted one day; what was frozen stays
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", readonly=True, index='btree_not_null', ondelete='set null')
    move_id = fields.Many2one(
        comodel_name='account.move', string="Journal Entry", readonly=True, index='btree_not_null', ondelete='set null')
    move_name = fields.Char(string="Document", readonly=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", readonly=True, index=True, ondelete='restrict')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    item_company_id = fields.Many2one(
        comodel_name='res.company', string="Booked In", readonly=True, ondelete='restrict',
        help="The company or branch of the document.")
    item_currency_id = fields.Many2one(
        comodel_name='res.currency', string="Document Currency", readonly=True, ondelete='restrict')
    date_invoice = fields.Date(string="Date", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(string="Days Overdue", readonly=True, aggregator=None)
    bucket_id = fields.Many2one(
        comodel_name='sales.receivable.bucket', string="Ageing", readonly=True, ondelete='set null')
    bucket_from = fields.Integer(string="Ageing From", readonly=True, aggregator=None)
    amount = fields.Monetary(string="Amount", readonly=True)
    amount_currency = fields.Monetary(
        string="Amount in Currency", readonly=True, currency_field='item_currency_id', aggregator=None)
    residual = fields.Monetary(string="Open Amount", readonly=True)
    residual_currency = fields.Monetary(
        string="Open in Currency", readonly=True, currency_field='item_currency_id', aggregator=None)
    dispute_id = fields.Many2one(
        comodel_name='sales.receivable.dispute', string="Dispute", readonly=True, ondelete='set null')
    dunning_level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Dunning Level", readonly=True, ondelete='set null')
    promise_id = fields.Many2one(
        comodel_name='sales.collection.promise', string="Promise", readonly=True, ondelete='set null')
    promise_date = fields.Date(string="Promised For", readonly=True)
    promise_amount = fields.Monetary(
        string="Promised Amount", readonly=True, currency_field='item_currency_id', aggregator=None)
    promise_state = fields.Selection(
        selection=lambda self: self.env['sales.collection.promise']._fields['state']._description_selection(self.env),
        string="Promise Status", readonly=True, help="As it stood at the month end.")
    previous_line_id = fields.Many2one(
        comodel_name='sales.receivable.pack.line', string="In the Last Pack", readonly=True, index='btree_not_null',
        ondelete='set null')
    previous_residual = fields.Monetary(string="Open in the Last Pack", readonly=True)
    previous_bucket_id = fields.Many2one(
        comodel_name='sales.receivable.bucket', string="Ageing in the Last Pack", readonly=True, ondelete='set null')
    paid_amount = fields.Monetary(
        string="Paid Since", readonly=True, help="What was paid or credited since the last pack, of items in both.")
    movement = fields.Selection(
        selection=MOVEMENTS, string="Movement", readonly=True, index=True,
        help="Since the last pack. What is in dispute at the month end counts as disputed, whatever else moved. Withdrawn, "
             "postponed or moved: not paid, but not overdue in these teams any more.")
    needs_comment = fields.Boolean(string="Needs a Comment", readonly=True)

    # What the salesperson says
    reason_code = fields.Selection(selection=REASONS, string="Reason")
    comment = fields.Text(string="Comment")
    promise_new_date = fields.Date(string="Promises to Pay On")
    promise_new_amount = fields.Monetary(
        string="Promises to Pay", currency_field='item_currency_id', aggregator=None,
        help="All that is open when empty. In the currency of the document.")
    promise_new_id = fields.Many2one(
        comodel_name='sales.collection.promise', string="New Promise", readonly=True, index='btree_not_null',
        ondelete='set null')
    comment_state = fields.Selection(
        selection=[
            ('none', "Nothing to Say"),
            ('missing', "Missing"),
            ('incomplete', "Incomplete"),
            ('done', "Commented"),
        ],
        string="Comment Status", compute='_compute_comment_state', store=True,
        help="Incomplete: the reason needs a few words, or a payment is promised without a day.")
    commented_by_id = fields.Many2one(
        comodel_name='res.users', string="Commented By", readonly=True, index='btree_not_null', ondelete='restrict')
    commented_on = fields.Datetime(string="Commented On", readonly=True)
    can_comment = fields.Boolean(compute='_compute_can_comment')

    _missing_idx = models.Index("(user_id, pack_id) WHERE comment_state IN ('missing', 'incomplete')")

    # === COMPUTE METHODS === #

    @api.depends('needs_comment', 'reason_code', 'comment', 'promise_new_date')
    def _compute_comment_state(self):
        for line in self:
            if not line.needs_comment:
                line.comment_state = 'none'
            elif not line.reason_code:
                line.comment_state = 'incomplete' if line.comment or line.promise_new_date else 'missing'
            else:
                line.comment_state = 'done' if line._is_complete() else 'incomplete'

    @api.depends('pack_id', 'needs_comment', 'user_id', 'team_id')
    @api.depends_context('uid')
    def _compute_can_comment(self):
        for line in self:
            line.can_comment = line.needs_comment and line.pack_state == 'open' and line._is_commented_by(self.env.user)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            raise AccessError(self.env._("The items of a pack come from freezing it, not by hand."))
        return super().create(vals_list)

    def write(self, vals):
        if granted(self, GUARD) or not vals:
            return super().write(vals)
        if vals.keys() - COMMENT_FIELDS:
            raise AccessError(self.env._("The figures of a pack are frozen. Only the comments can be written."))
        self.check_access('write')
        self._check_may_comment()
        self._check_promise_values(vals)
        # Who said it, and when, is set with the words themselves
        res = super(SalesReceivablePackLine, grant(self, GUARD, only_these=True)).write({
            **vals, 'commented_by_id': self.env.uid, 'commented_on': fields.Datetime.now()})
        self._make_promises()
        self.person_id.sudo()._settle_comments()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, GUARD):
            raise AccessError(self.env._("The items of a pack are frozen and cannot be deleted."))

    # === ACTION METHODS === #

    def action_open_document(self):
        """Open the document of the item.

        :return: window action
        :rtype: dict
        :raise UserError: if it was deleted since
        :raise AccessError: if the user may not see it
        """
        self.ensure_one()
        self.check_access('read')
        move = self.move_id
        if not move:
            raise UserError(self.env._("%(document)s has been deleted since the pack was frozen.", document=self.move_name))
        if not move.has_access('read'):
            raise AccessError(self.env._(
                "You may see what is open of %(document)s, but not the document itself. Ask accounting for a copy of it.",
                document=self.move_name))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'account.move',
            'res_id': move.id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    def _is_complete(self):
        """Tell whether the reason is explained as far as it needs to be. Note: self.ensure_one()"""
        self.ensure_one()
        if self.reason_code == 'promised':
            return bool(self.promise_new_date or self.promise_state == 'open')
        return self.reason_code not in REASONS_WITH_TEXT or len((self.comment or '').strip()) >= TEXT_MIN

    def _is_commented_by(self, user):
        """Tell whether the user may comment: the salesperson, those who lead him, and whoever answers for the pack."""
        self.ensure_one()
        line = self.sudo()
        return (
            user in line.user_id | line.team_id.approval_leader_ids | line.pack_id.team_id.approval_leader_ids
            or user == line.pack_id.user_id
            or user.has_group('sales_mgmt_addon.group_director'))

    def _check_may_comment(self):
        """Raise unless the user may comment all of these lines now.

        :raise AccessError: if one of them is somebody else's
        :raise UserError: if a pack is closed, or nothing is open any more
        """
        for line in self:
            if not line._is_commented_by(self.env.user):
                raise AccessError(self.env._(
                    "%(document)s is for %(user)s to comment, or for a leader above.",
                    document=line.move_name, user=line.user_id.sudo().name or self.env._("the leader")))
            if line.pack_state != 'open':
                raise UserError(self.env._("The pack of %(document)s is closed; its comments stay.", document=line.move_name))
            if not line.needs_comment:
                raise UserError(self.env._(
                    "%(document)s was not overdue any more at the month end: there is nothing to comment.",
                    document=line.move_name))

    def _check_promise_values(self, vals):
        """Refuse promises that say nothing usable, or that were recorded already.

        :raise ValidationError: with what to enter
        :raise UserError: if there is a promise from this comment already
        """
        if {'promise_new_date', 'promise_new_amount'}.isdisjoint(vals):
            return
        amount = vals.get('promise_new_amount') or 0.0
        if not isinstance(amount, (int, float)) or not math.isfinite(amount) or amount < 0:
            raise ValidationError(self.env._("A promised amount is a positive number."))
        day = fields.Date.to_date(vals.get('promise_new_date'))
        if day and day < fields.Date.context_today(self):
            raise ValidationError(self.env._("%(day)s has passed: a promise is about a day to come.", day=day))
        for line in self:
            if line.promise_new_id:
                raise UserError(self.env._(
                    "The promise about %(document)s is recorded already. Change it among the promises.",
                    document=line.move_name))
            if line.item_currency_id.compare_amounts(amount, line.residual_currency) > 0:
                raise ValidationError(self.env._(
                    "Of %(document)s only %(residual)s was open.", document=line.move_name,
                    residual=line.item_currency_id.format(line.residual_currency)))

    def _make_promises(self):
        """Record a promise to pay for each line whose comment says on which day the customer pays."""
        for line in self.filtered(lambda line: line.promise_new_date and not line.promise_new_id):
            promise = line._make_promise()
            if promise:
                grant(line.sudo(), GUARD, only_these=True).write({'promise_new_id': promise.id})

    def _make_promise(self):
        """Return the promise about the item of the line.

        :raise UserError: if the document is gone
        """
        self.ensure_one()
        if not self.line_id:
            raise UserError(self.env._(
                "%(document)s has been deleted since the pack was frozen. Nobody can promise to pay it.",
                document=self.move_name))
        item = self.sudo().line_id
        # Part of it may have been paid since the month end
        amount = self.promise_new_amount or min(self.residual_currency, item.amount_residual_currency)
        # He may comment the item, whoever sells to the customer otherwise
        return self.env['sales.collection.promise'].sudo()._make(
            item, amount, self.promise_new_date, user=self.user_id or self.env.user)
