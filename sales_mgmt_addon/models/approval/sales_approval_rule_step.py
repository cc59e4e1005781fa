import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesApprovalRuleStep(models.Model):
    _name = 'sales.approval.rule.step'
    _inherit = ['sales.approval.step.mixin']
    _description = "Approval Rule Step"
    _order = 'rule_id, sequence, id'

    rule_id = fields.Many2one(
        comodel_name='sales.approval.rule',
        string="Rule",
        required=True,
        index=True,
        ondelete='cascade',
    )
    sequence = fields.Integer(string="Sequence", default=10)

    @api.constrains('approver_type', 'user_id', 'group_id', 'rule_id')
    def _check_approver(self):
        for step in self:
            if step.approver_type == 'user':
                step._check_user()
            elif step.approver_type == 'group' and not step.group_id:
                raise ValidationError(self.env._(
                    "Choose the group that decides in this step of the rule %(rule)s.",
                    rule=step.rule_id.name,
                ))

    def _check_user(self):
        """Raise a ValidationError unless the named user can decide in the company of the rule."""
        self.ensure_one()
        user = self.user_id.sudo()
        if not user or not user.active or user.share:
            raise ValidationError(self.env._(
                "Choose an active internal user who decides in this step of the rule %(rule)s.",
                rule=self.rule_id.name,
            ))
        company = self.rule_id.company_id
        if company and company not in user.company_ids:
            raise ValidationError(self.env._(
                "%(user)s has no access to the company %(company)s and cannot decide there. Choose"
                " another user or give access first.",
                user=user.name, company=company.name,
            ))

    @api.constrains('deadline_hours')
    def _check_deadline_hours(self):
        for step in self:
            if not math.isfinite(step.deadline_hours) or step.deadline_hours < 0:
                raise ValidationError(self.env._(
                    "The deadline of a step must be a number of hours that is not negative.",
                ))

    def _prepare_request_step_vals(self):
        """Return the facts of this step as they are frozen on a request."""
        self.ensure_one()
        return {
            'sequence': self.sequence,
            'rule_step_id': self.id,
            'approver_type': self.approver_type,
            'user_id': self.user_id.id,
            'group_id': self.group_id.id,
            'mode': self.mode,
            'deadline_hours': self.deadline_hours,
            'skip_if_above': self.skip_if_above,
        }
