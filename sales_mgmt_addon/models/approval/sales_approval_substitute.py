from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesApprovalSubstitute(models.Model):
    _name = 'sales.approval.substitute'
    _description = "Approval Substitute"
    _order = 'date_from desc, id desc'
    _rec_name = 'substitute_id'

    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Absent User",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[('share', '=', False)],
        ondelete='cascade',
    )
    substitute_id = fields.Many2one(
        comodel_name='res.users',
        string="Substitute",
        required=True,
        index=True,
        domain=[('share', '=', False)],
        ondelete='cascade',
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, help="The last day of the absence.")

    _check_dates = models.Constraint(
        'CHECK(date_to >= date_from)',
        "The absence ends before it starts. Correct the dates.",
    )
    _check_other_user = models.Constraint(
        'CHECK(user_id <> substitute_id)',
        "Nobody can be his own substitute. Choose another user.",
    )

    @api.constrains('user_id', 'substitute_id')
    def _check_users(self):
        for absence in self:
            for user in (absence.user_id.sudo(), absence.substitute_id.sudo()):
                if not user.active or user.share:
                    raise ValidationError(self.env._(
                        "%(user)s is not an active internal user and cannot take part in approvals.",
                        user=user.name,
                    ))

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        self._invalidate_approvers()
        return absences

    def write(self, vals):
        res = super().write(vals)
        self._invalidate_approvers()
        # record rules look at the old values: nobody may hand himself the seat of somebody else
        self.check_access('write')
        return res

    def unlink(self):
        res = super().unlink()
        self._invalidate_approvers()
        return res

    def _invalidate_approvers(self):
        """Forget who decides open requests: it depends on absences, which are not linked to them."""
        self.env['sales.approval.request'].invalidate_model(['approver_ids', 'is_my_turn'])

    # === BUSINESS METHODS === #

    @api.model
    def _get_substitutes(self, users):
        """Return who stands in for whom today.

        :param users: `res.users` records
        :return: `{user: substitutes}` for the users who are absent, in sudo mode
        :rtype: dict
        """
        absences = self._active_for([('user_id', 'in', users.ids)])
        return {user: rows.substitute_id for user, rows in absences.grouped('user_id').items()}

    @api.model
    def _get_principals(self, users):
        """Return for whom the given users stand in today.

        :param users: `res.users` records
        :return: `{user: absent users}` in sudo mode
        :rtype: dict
        """
        absences = self._active_for([('substitute_id', 'in', users.ids)])
        return {user: rows.user_id for user, rows in absences.grouped('substitute_id').items()}

    @api.model
    def _active_for(self, domain):
        """Return the absences of ``domain`` that hold today, in the time zone of who is absent."""
        today = fields.Date.today()
        candidates = self.sudo().search([
            *domain,
            ('date_from', '<=', today + timedelta(days=1)),
            ('date_to', '>=', today - timedelta(days=1)),
            ('user_id.active', '=', True),
            ('substitute_id.active', '=', True),
        ])

        def holds(absence):
            local_today = fields.Date.context_today(self.with_context(tz=absence.user_id.tz or 'UTC'))
            return absence.date_from <= local_today <= absence.date_to
        return candidates.filtered(holds)
