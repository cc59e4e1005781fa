from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL, float_compare

from ...internal import grant
from .booking import resplit_sql
from .sales_credit_split import SHARE_DIGITS

SERVER_FIELDS = {'state', 'proposed_by', 'agreement_ids', 'decided_on'}


class SalesCreditSplitChange(models.Model):
    """A proposal to share booked credit differently. It takes effect when everybody concerned has agreed."""

    _name = 'sales.credit.split.change'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Change of a Credit Split"
    _order = 'id desc'
    _mail_post_access = 'read'

    order_id = fields.Many2one(
        comodel_name='sale.order', string="Order", ondelete='cascade', index='btree_not_null')
    move_id = fields.Many2one(
        comodel_name='account.move', string="Invoice", ondelete='cascade', index='btree_not_null')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", compute='_compute_company_id', store=True, precompute=True)
    reason = fields.Text(string="Reason", required=True)
    line_ids = fields.One2many(
        comodel_name='sales.credit.split.change.line', inverse_name='change_id', string="Proposed Shares")
    agreement_ids = fields.One2many(
        comodel_name='sales.credit.split.agreement', inverse_name='change_id', string="Agreements", readonly=True)
    proposed_by = fields.Many2one(
        comodel_name='res.users', string="Proposed By", required=True, readonly=True, ondelete='restrict', index=True,
        default=lambda self: self.env.user)
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('pending', "To Agree"),
            ('applied', "Applied"),
            ('refused', "Refused"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='draft', tracking=True, index=True)
    decided_on = fields.Datetime(string="Decided On", readonly=True)
    is_my_turn = fields.Boolean(string="My Turn", compute='_compute_is_my_turn')

    _one_document = models.Constraint(
        'CHECK (num_nonnulls(order_id, move_id) = 1)', "A change belongs to one order or to one invoice.")
    _order_unique = models.UniqueIndex(
        "(order_id) WHERE state = 'pending'", "There is already a proposal for this order.")
    _move_unique = models.UniqueIndex(
        "(move_id) WHERE state = 'pending'", "There is already a proposal for this invoice.")

    #=== COMPUTE METHODS ===#

    @api.depends('order_id', 'move_id')
    def _compute_display_name(self):
        for change in self:
            change.display_name = self.env._(
                "Split of %(document)s", document=change.sudo()._get_document().display_name or "")

    @api.depends('order_id.company_id', 'move_id.company_id')
    def _compute_company_id(self):
        for change in self:
            change.company_id = change.order_id.company_id or change.move_id.company_id

    @api.depends_context('uid')
    @api.depends('state', 'agreement_ids.state')
    def _compute_is_my_turn(self):
        for change in self:
            change.is_my_turn = change.state == 'pending' and bool(change._get_my_agreement())

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        if operation == 'write' and field.name in SERVER_FIELDS and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Propose the present shares as a start."""
        values = super().default_get(fields)
        context = self.env.context
        if 'line_ids' not in fields or not (context.get('default_order_id') or context.get('default_move_id')):
            return values
        document = (
            self.env['sale.order'].browse(context.get('default_order_id'))
            or self.env['account.move'].browse(context.get('default_move_id'))).exists()
        if document and document.has_access('read'):
            values['line_ids'] = [
                Command.create({name: share[name] for name in ('user_id', 'team_id', 'share', 'is_overlay')})
                for share in document._get_credit_shares() if share['user_id']
            ]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        for change in changes:
            change._check_proposal()
            change._ask_sharers()
        return changes

    #=== ACTION METHODS ===#

    def action_agree(self):
        """Agree to the change; the last one who does applies it.

        :raise UserError: if the user is not asked or the change is decided already
        :return: True
        """
        self.ensure_one()
        self._decide('agreed')
        change = self.sudo()
        if all(agreement.state == 'agreed' for agreement in change.agreement_ids):
            change._apply()
        return True

    def action_refuse(self, reason=None):
        """Refuse the change, which ends it.

        :param str reason: why, shown to all sharers
        :raise UserError: if the user is not asked, the change is decided already or there is no reason
        :return: True
        """
        self.ensure_one()
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why you refuse the change."))
        self._decide('refused', reason.strip())
        self._close('refused')
        return True

    def action_cancel(self):
        """Withdraw the proposal.

        :raise UserError: if it is decided already
        :raise AccessError: if the user is not the one who proposed it
        :return: True
        """
        for change in self:
            change.check_access('read')
            if change.proposed_by != self.env.user:
                raise AccessError(self.env._("Only %(user)s can withdraw this proposal.", user=change.proposed_by.name))
            change._check_pending()
            change._close('cancelled')
        return True

    def action_open_refuse(self):
        """Return the dialog that asks for the reason of a refusal."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Refuse the Change"),
            'res_model': 'sales.credit.split.refuse', 'views': [(False, 'form')], 'target': 'new',
            'context': {'default_change_id': self.id},
        }

    #=== BUSINESS METHODS ===#

    def _get_document(self):
        return self.order_id or self.move_id

    def _get_my_agreement(self):
        return self.sudo().agreement_ids.filtered(
            lambda agreement: agreement.user_id == self.env.user and agreement.state == 'waiting')

    def _check_pending(self):
        if self.state != 'pending':
            raise UserError(self.env._("This change is decided already."))

    def _check_proposal(self):
        """Check a new proposal. Note: self.ensure_one()

        :raise UserError: if nothing is booked yet
        :raise AccessError: if the user has nothing to do with the document
        :raise ValidationError: if the proposed shares do not make 100 percent
        """
        self.ensure_one()
        document = self.sudo()._get_document()
        if not document._attainment_is_booked():
            raise UserError(self.env._(
                "Nothing is booked for %(document)s yet. Edit the split on the document itself.",
                document=document.display_name))
        if self.move_id:
            document._check_own_split()
        sharers = {share['user_id'] for share in document._get_credit_shares()}
        if not self.env.su and self.env.uid not in sharers and not self._get_document().has_access('write'):
            raise AccessError(self.env._(
                "Only sharers, the salesperson and their leaders can propose another split of %(document)s.",
                document=document.display_name))
        own = self.sudo().line_ids.filtered(lambda line: not line.is_overlay)
        if float_compare(sum(own.mapped('share')), 100.0, precision_digits=SHARE_DIGITS):
            raise ValidationError(self.env._(
                "The proposed shares make %(total)s %%, not 100 %%. Overlay shares come on top.",
                total=f"{sum(own.mapped('share')):g}"))
        document._refuse_overlays(own.user_id & (self.sudo().line_ids - own).user_id)

    def _ask_sharers(self):
        """Ask everybody who has a share or is to get one. The proposer's own agreement is given."""
        change = self.sudo()
        voices = change._get_voices()
        change.write({
            'state': 'pending',
            'agreement_ids': [
                Command.create({
                    'user_id': user.id,
                    'state': 'agreed' if user == self.env.user else 'waiting',
                    'decided_on': fields.Datetime.now() if user == self.env.user else False,
                })
                for user in voices
            ],
        })
        for user in voices - self.env.user:
            change.activity_schedule(
                'mail.mail_activity_data_todo', user_id=user.id,
                summary=self.env._("Agree to the change of a credit split"), note=change.reason)
        if voices <= self.env.user:
            change._apply()

    def _get_voices(self):
        """Return who has to agree: all old and new sharers. For one who has left, the leader of the team speaks.

        Where a sharer's credit leaves a team for another one, the leaders of both teams agree too.
        """
        document = self._get_document()
        Team, User = self.env['crm.team'], self.env['res.users']
        voices = User
        old = [(User.browse(share['user_id']), Team.browse(share['team_id'])) for share in document._get_credit_shares()]
        new = [(line.user_id, line.team_id) for line in self.line_ids]
        for user, team in old + new:
            voices |= user if user.active else self._get_leader(team)
        for user, team in new:
            before = Team.union(*(booked for sharer, booked in old if sharer == user))
            if user in [sharer for sharer, _team in old] and team not in before:
                for affected in before | team:
                    voices |= self._get_leader(affected)
        return voices

    @api.model
    def _get_leader(self, team):
        """Return the nearest active leader of a team, none if it has no leader."""
        return team._approval_path().user_id.filtered('active')[:1]

    def _decide(self, state, reason=None):
        """Note the user's own answer.

        :param str state: ``'agreed'`` or ``'refused'``
        :param str reason: why
        """
        self.check_access('read')
        self._check_pending()
        agreement = self._get_my_agreement()
        if not agreement:
            raise UserError(self.env._("You are not asked for your agreement, or you have given your answer already."))
        # serialises two sharers who answer at the same time: the later one sees the other's answer
        self.env.cr.execute(SQL("UPDATE sales_credit_split_change SET write_date = write_date WHERE id = %s", self.id))
        agreement.write({'state': state, 'reason': reason, 'decided_on': fields.Datetime.now()})
        self.sudo().activity_feedback(
            ['mail.mail_activity_data_todo'], user_id=self.env.uid, feedback=reason or self.env._("Agreed"))

    def _close(self, state):
        change = self.sudo()
        change.write({'state': state, 'decided_on': fields.Datetime.now()})
        change.activity_unlink(['mail.mail_activity_data_todo'])

    def _apply(self):
        """Replace the split and book the difference, on the days of the facts. Note: self.ensure_one(), sudo"""
        self.ensure_one()
        document = self._get_document()
        name = 'order_id' if self.order_id else 'move_id'
        splits = grant(grant(self.env['sales.credit.split'], 'attainment.split.change'), 'attainment.split.form')
        splits.search([(name, '=', document.id)]).unlink()
        splits.create([
            {
                name: document.id, 'user_id': line.user_id.id, 'team_id': line.team_id.id, 'share': line.share,
                'is_overlay': line.is_overlay,
            }
            for line in self.line_ids
        ])
        self._close('applied')
        self._rebook()

    def _rebook(self):
        Entry = self.env['sales.attainment.entry']
        self.env.flush_all()
        lines = self._get_invoice_lines()
        shares = SQL(
            """SELECT 0 AS share_key, s.user_id, s.team_id, t.parent_path AS region_path, s.share,
                      COALESCE(s.is_overlay, FALSE) AS is_overlay
                 FROM sales_credit_split_change_line s LEFT JOIN crm_team t ON t.id = s.team_id
                WHERE s.change_id = %s""", self.id)
        condition = SQL(
            """((e.res_model = 'sale.order' AND e.res_id = %(order)s)
                OR (e.res_model = 'account.move' AND e.res_id = ANY(%(moves)s) AND e.res_line_id = ANY(%(lines)s)
                    AND e.metric_id NOT IN (SELECT id FROM sales_metric WHERE source = 'payment')))""",
            order=self.order_id.id or 0, moves=lines.move_id.ids, lines=lines.ids)
        self.env.cr.execute(resplit_sql(condition, shares, self.env.uid))
        if moves := lines.move_id:
            Entry._reverse('account.move', moves.ids, codes=['collected'])
            Entry._book_payments(moves.ids)

    def _get_invoice_lines(self):
        """Return the posted invoice lines whose credit follows the document."""
        if self.order_id:
            lines = self.order_id.order_line.invoice_lines
            # a line of several orders follows the first of them
            lines = lines.filtered(lambda line: min(line.sale_line_ids.order_id.ids) == self.order_id.id)
        else:
            moves = self.move_id | self.move_id.reversal_move_ids.filtered(lambda move: not move.credit_split_ids)
            lines = moves.line_ids
        return lines.filtered(lambda line: line.parent_state == 'posted')
