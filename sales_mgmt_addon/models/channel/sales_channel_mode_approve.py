from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant
from .const import MODE_GUARD
from .sales_channel_mode import SUBJECT_FIELDS


class SalesChannelMode(models.Model):
    """Approval of a version, and which version it follows."""

    _inherit = 'sales.channel.mode'

    previous_id = fields.Many2one(
        comodel_name='sales.channel.mode', string="Replaces", compute='_compute_neighbours',
        help="Approved version of the same subject that is in force until then.")
    date_to = fields.Date(
        string="Until", compute='_compute_neighbours', help="Last day before the next approved version of the same subject.")
    is_in_force = fields.Boolean(string="In Force", compute='_compute_neighbours', search='_search_is_in_force')

    # === COMPUTE METHODS === #

    @api.depends('state', 'date_from', 'company_id', *SUBJECT_FIELDS)
    def _compute_neighbours(self):
        today = fields.Date.context_today(self)
        approved = self._get_siblings()
        for mode in self:
            origin = mode._origin
            others = [
                other for other in approved.get((mode.company_id.id, mode._get_subject()), []) if other != origin]
            before = [other for other in others if mode.date_from and other.date_from <= mode.date_from]
            after = [other for other in others if mode.date_from and other.date_from > mode.date_from]
            mode.previous_id = before[-1] if before else False
            mode.date_to = fields.Date.subtract(after[0].date_from, days=1) if after else False
            mode.is_in_force = mode.state == 'approved' and mode.date_from <= today and (
                not mode.date_to or mode.date_to >= today)

    def _search_is_in_force(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        running = self.search([('state', '=', 'approved'), ('date_from', '<=', today)])
        newest = {}
        for mode in running:  # newest first
            newest.setdefault((mode.company_id.id, mode._get_subject()), mode.id)
        return [('id', 'in' if True in value else 'not in', list(newest.values()))]

    def _get_siblings(self):
        """Return the approved versions of the subjects of these, oldest first, by company and subject.

        :rtype: dict[tuple, list]
        """
        domain = [('state', '=', 'approved'), ('company_id', 'in', self.company_id.ids)]
        for name in SUBJECT_FIELDS:
            domain.append((name, 'in', [*self.mapped(name).ids, *([False] if any(not mode[name] for mode in self) else [])]))
        siblings = {}
        for mode in self.search(domain, order='date_from, id'):
            siblings.setdefault((mode.company_id.id, mode._get_subject()), []).append(mode)
        return siblings

    # === ACTION METHODS === #

    def action_approve(self):
        """Approve drafts. From their date on, orders follow them when they are confirmed.

        :return: True
        :raise AccessError: if the user does not decide on modes
        :raise UserError: if something is missing, or somebody else has to approve
        """
        self._check_manager()
        self.check_access('read')
        for mode in self:
            mode._check_approvable()
        grant(self.sudo(), MODE_GUARD).write({
            'state': 'approved', 'approver_id': self.env.uid, 'approved_on': fields.Datetime.now()})
        self.sudo()._schedule_review()
        return True

    def action_cancel(self):
        """Take back drafts, and approved versions that are not in force yet.

        :return: True
        :raise AccessError: if the user does not decide on modes
        :raise UserError: if a version has been in force
        """
        self._check_manager()
        self.check_access('read')
        today = fields.Date.context_today(self)
        for mode in self.filtered(lambda mode: mode.state == 'approved'):
            if mode.date_from <= today:
                raise UserError(self.env._(
                    "%(mode)s is in force. Make a new version with a later date, which replaces it.",
                    mode=mode.display_name))
        modes = self.sudo().filtered(lambda mode: mode.state != 'cancelled')
        grant(modes, MODE_GUARD).write({'state': 'cancelled'})
        modes.activity_unlink(['mail.mail_activity_data_todo'])
        return True

    def action_new_version(self):
        """Make a draft for the same subject that starts tomorrow.

        :return: window action on the draft
        """
        self.ensure_one()
        mode = self.copy()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': mode.id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    def _check_approvable(self):
        """Check that nothing is missing for the approval. Note: self.ensure_one()

        :raise UserError: telling what to do
        :raise AccessError: if the author would approve what needs a second judgement
        """
        self.ensure_one()
        if self.state != 'draft':
            raise UserError(self.env._("%(mode)s is not a draft.", mode=self.display_name))
        if not (self.reason or '').strip():
            raise UserError(self.env._("Write down the reason for %(mode)s before you approve it.", mode=self.display_name))
        if self.date_from < fields.Date.context_today(self):
            raise UserError(self.env._(
                "%(mode)s cannot start in the past: confirmed orders keep the rights they have. Choose today or a later day.",
                mode=self.display_name))
        self._check_judgement()
        if self.search_count([
            ('state', '=', 'approved'), ('company_id', '=', self.company_id.id), ('date_from', '=', self.date_from),
            *((name, '=', self[name].id) for name in SUBJECT_FIELDS),
        ], limit=1):
            raise UserError(self.env._(
                "Another approved version starts on %(date)s. Choose another day for %(mode)s.",
                date=self.date_from, mode=self.display_name))

    def _check_judgement(self):
        """Check that whatever needs judgement has a reason of its own and a second pair of eyes."""
        if self.suggestion != self.revenue_presentation and not (self.revenue_presentation_reason or '').strip():
            raise UserError(self.env._(
                "The rights alone do not make %(mode)s gross or net. Write down why it is what you chose.",
                mode=self.display_name))
        if self.warning_text and self.author_id == self.env.user:
            raise AccessError(self.env._(
                "Somebody else than %(author)s has to approve %(mode)s, because it needs judgement:\n%(warnings)s",
                author=self.author_id.name, mode=self.display_name, warnings=self.warning_text))

    def _schedule_review(self):
        for mode in self.filtered('review_date'):
            mode.activity_schedule(
                'mail.mail_activity_data_todo', date_deadline=mode.review_date, user_id=mode.approver_id.id,
                summary=self.env._("Assess the mode again"))
