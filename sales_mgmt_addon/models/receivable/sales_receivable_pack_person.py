from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from ...internal import grant, granted
from .sales_receivable_pack import GUARD, PASSED_PREFIXES
from .sales_receivable_pack_line import TO_COMMENT

COMMENT_TYPE = 'sales_mgmt_addon.mail_activity_type_pack_comment'
TALK_TYPE = 'sales_mgmt_addon.mail_activity_type_pack_talk'
NOTE_FIELDS = frozenset({'coaching_note', 'talk_date'})
PASSED_FIELDS = frozenset({'line_ids'})


class SalesReceivablePackPerson(models.Model):
    """What a pack says of one salesperson: his overdue items, his promises, and what his leader advises him.

    He reads his own row. Items without salesperson have a row without user; the leader comments them.
    """

    _name = 'sales.receivable.pack.person'
    _description = "Receivables Pack Person"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, pack_id, residual desc, id'
    _mail_post_access = 'read'

    pack_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Pack", required=True, readonly=True, index=True,
        ondelete='cascade')
    pack_state = fields.Selection(related='pack_id.state', string="Pack Status")
    date = fields.Date(related='pack_id.date', string="As Of", store=True, index=True)
    comment_deadline = fields.Date(related='pack_id.comment_deadline')
    company_id = fields.Many2one(related='pack_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    line_ids = fields.One2many(
        comodel_name='sales.receivable.pack.line', inverse_name='person_id', string="Items")
    residual = fields.Monetary(string="Overdue", readonly=True)
    paid_amount = fields.Monetary(string="Paid Since", readonly=True)
    item_count = fields.Integer(string="Overdue Items", readonly=True)
    missing_count = fields.Integer(string="Comments Missing", compute='_compute_progress')
    progress = fields.Float(string="Commented (%)", compute='_compute_progress')
    promised_amount = fields.Monetary(
        string="Promised Since", readonly=True, help="Promises to him that fell due since the last pack.")
    kept_rate = fields.Float(
        string="Promises Kept", readonly=True, aggregator=None,
        help="Share of the amount promised to him, due since the last pack, that was paid in time.")
    coaching_note = fields.Html(
        string="Coaching Note", help="What went well, what to do differently. The salesperson reads it.")
    note_by_id = fields.Many2one(
        comodel_name='res.users', string="Advised By", readonly=True, ondelete='restrict')
    note_on = fields.Datetime(string="Advised On", readonly=True)
    talk_date = fields.Date(string="Talk On", help="The day on which leader and salesperson talk about the results.")
    talk_done_on = fields.Date(string="Talk Held On", readonly=True)
    can_coach = fields.Boolean(compute='_compute_can_coach')

    _person_unique = models.UniqueIndex(
        "(pack_id, COALESCE(user_id, 0))", "A salesperson has one row in a pack.")

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'date')
    def _compute_display_name(self):
        for person in self:
            name = person.user_id.sudo().name or self.env._("Without salesperson")
            person.display_name = f"{name} {person.date:%Y-%m}" if person.date else name

    @api.depends('line_ids.comment_state')
    def _compute_progress(self):
        missing = self._get_missing_counts()
        for person in self:
            person.missing_count = missing.get(person.id, 0)
            person.progress = 100.0 * (1 - person.missing_count / person.item_count) if person.item_count else 100.0

    @api.depends('pack_id')
    @api.depends_context('uid')
    def _compute_can_coach(self):
        for person in self:
            person.can_coach = person._is_coached_by(self.env.user) and not person.talk_done_on

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            raise AccessError(self.env._("The people of a pack come from freezing it, not by hand."))
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(PASSED_PREFIXES)} - PASSED_FIELDS
        if not names or granted(self, GUARD):
            return super().write(vals)
        if names - NOTE_FIELDS:
            raise AccessError(self.env._("The figures of a pack are frozen. Only the leader's note can be written."))
        self.check_access('write')
        self._check_may_coach()
        if 'coaching_note' in vals:
            vals = {**vals, 'note_by_id': self.env.uid, 'note_on': fields.Datetime.now()}
        res = super(SalesReceivablePackPerson, grant(self, GUARD, only_these=True)).write(vals)
        if 'talk_date' in vals:
            self._plan_talk()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, GUARD):
            raise AccessError(self.env._("The people of a pack are frozen and cannot be deleted."))

    # === ACTION METHODS === #

    def action_talk_held(self):
        """Record that the talk about the results took place today; the note stays as it is from then on.

        :raise AccessError: if the user does not lead the person
        :raise UserError: if there is no note, or the talk was held before
        :return: True
        """
        self.check_access('write')
        self._check_may_coach()
        for person in self:
            if not person.coaching_note:
                raise UserError(self.env._("Write the coaching note first: it is what the talk is about."))
        grant(self.sudo(), GUARD, only_these=True).write({'talk_done_on': fields.Date.context_today(self)})
        self.sudo().activity_feedback([TALK_TYPE])
        return True

    def action_open_lines(self):
        """Open the items of the person."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_receivable_pack_line_action'),
            'domain': [('person_id', '=', self.id)],
            'context': {},
        }

    # === BUSINESS METHODS === #

    def _is_coached_by(self, user):
        """Tell whether the user may advise the person: a leader of the pack, or a director; never himself."""
        self.ensure_one()
        pack = self.sudo().pack_id
        return bool(self.user_id) and user != self.user_id and (
            pack._is_led_by(user) or user == pack.user_id or user.has_group('sales_mgmt_addon.group_director'))

    def _check_may_coach(self):
        """Raise unless the user leads the persons and their talk is yet to come."""
        for person in self:
            if not person._is_coached_by(self.env.user):
                raise AccessError(self.env._(
                    "Only those who lead %(user)s advise him.", user=person.user_id.sudo().name or self.env._("a salesperson")))
            if person.talk_done_on:
                raise UserError(self.env._(
                    "The talk with %(user)s was held on %(day)s; the note stays as it was then.",
                    user=person.user_id.sudo().name, day=person.talk_done_on))

    def _plan_talk(self):
        """Have one open activity of the salesperson for the talk, on the day that was chosen last."""
        for person in self.sudo():
            person.activity_unlink([TALK_TYPE])
            user = person._get_activity_user()
            if person.talk_date and user == person.user_id:
                person.activity_schedule(
                    TALK_TYPE, person.talk_date, note=plaintext2html(person.coaching_note or ''), user_id=user.id,
                    summary=self.env._("Talk about the receivables of %(month)s", month=f"{person.date:%Y-%m}"))

    def _get_activity_user(self):
        """Return who gets the to-dos of the row: the salesperson if he can see it, else the leader of the pack."""
        self.ensure_one()
        user = self.user_id
        if user.active and not user.share and self.with_user(user).has_access('read'):
            return user
        return self.pack_id.user_id

    def _get_missing_counts(self):
        """Return how many comments are missing, by id of the person."""
        return {
            person.id: count for person, count in self.env['sales.receivable.pack.line'].sudo()._read_group(
                [('person_id', 'in', self.ids), ('comment_state', 'in', TO_COMMENT)], ['person_id'], ['__count'])}

    def _settle_comments(self):
        """Take the to-do off those who have commented everything."""
        missing = self._get_missing_counts()
        self.filtered(lambda person: person.id not in missing).activity_feedback([COMMENT_TYPE])

    def _ask_for_comments(self, deadline):
        """Give those whose comments are missing a to-do, unless they have an open one.

        :param date deadline: when it is due
        """
        missing, comment_type = self._get_missing_counts(), self.env.ref(COMMENT_TYPE)
        Activity = self.env['mail.activity'].sudo()
        asked = set(Activity.search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('activity_type_id', '=', comment_type.id),
        ]).mapped('res_id'))
        Activity.create([
            {
                'res_model_id': self.env['ir.model']._get_id(self._name),
                'res_id': person.id,
                'activity_type_id': comment_type.id,
                'automated': True,
                'date_deadline': deadline,
                'user_id': user.id,
                'summary': self.with_context(lang=user.lang).env._(
                    "Comment %(count)s overdue items of %(month)s",
                    count=missing[person.id], month=f"{person.date:%Y-%m}"),
            }
            for person in self if person.id in missing and person.id not in asked
            for user in [person._get_activity_user()]])
