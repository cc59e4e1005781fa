from odoo import api, fields, models


class SalesApprovalStepMixin(models.AbstractModel):
    """Who decides in a step and how: the same facts on a rule and, frozen, on a request."""

    _name = 'sales.approval.step.mixin'
    _description = "Approval Step Facts"

    approver_type = fields.Selection(
        selection=[
            ('user', "A user"),
            ('group', "Members of a group"),
            ('team_leader', "Team leader"),
            ('parent_team_leader', "Leader of the parent team"),
            ('director', "Sales director"),
        ],
        string="Decided By",
        required=True,
        default='team_leader',
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="User",
        ondelete='restrict',
        domain=[('share', '=', False)],
    )
    group_id = fields.Many2one('res.groups', string="Group", ondelete='restrict')
    mode = fields.Selection(
        selection=[
            ('any', "Any one of them"),
            ('all', "All of them"),
        ],
        string="Agreement",
        required=True,
        default='any',
    )
    skip_if_above = fields.Boolean(
        string="Skip if the Asker Stands Above",
        default=True,
        help="The step is not needed when the person who asks leads a team above the approver's, or is"
             " a sales director. Switch it off where a second pair of eyes is always wanted.",
    )
    deadline_hours = fields.Float(
        string="Deadline (Working Hours)",
        help="After so many hours of the company's working calendar the question goes to the"
             " approvers of the next step or, at the last step, one level up. 0: no deadline.",
    )

    @api.depends('approver_type', 'user_id', 'group_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        labels = dict(self._fields['approver_type']._description_selection(self.env))
        for step in self:
            if step.approver_type == 'user' and step.user_id:
                step.display_name = step.user_id.sudo().name
            elif step.approver_type == 'group' and step.group_id:
                step.display_name = step.group_id.sudo().name
            else:
                step.display_name = labels.get(step.approver_type, "")
