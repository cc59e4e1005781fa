from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesApprovalMassDecide(models.TransientModel):
    """Decides several requests of one kind at once, each for itself and with the same remark."""

    _name = 'sales.approval.mass.decide'
    _description = "Decide on Several Approval Requests"

    request_ids = fields.Many2many(
        comodel_name='sales.approval.request',
        string="Requests",
        required=True,
        default=lambda self: self._default_request_ids(),
    )
    kind = fields.Selection(selection='_selection_kind', string="Kind", compute='_compute_kind')
    request_count = fields.Integer(string="Number of Requests", compute='_compute_kind')
    verdict = fields.Selection(
        selection=[
            ('approve', "Approve"),
            ('reject', "Reject"),
        ],
        string="Decision",
        required=True,
        default='approve',
    )
    reason = fields.Text(string="Remark")

    # === DEFAULT AND SELECTION METHODS === #

    @api.model
    def _default_request_ids(self):
        if self.env.context.get('active_model') != 'sales.approval.request':
            return False
        return self.env.context.get('active_ids')

    @api.model
    def _selection_kind(self):
        return self.env['sales.approval.request']._selection_kind()

    # === COMPUTE METHODS === #

    @api.depends('request_ids.kind')
    def _compute_kind(self):
        for wizard in self:
            wizard.kind = wizard.request_ids[:1].kind
            wizard.request_count = len(wizard.request_ids)

    # === ACTION METHODS === #

    def action_confirm(self):
        """Decide all requests as the current user; if one cannot be decided, none is.

        :raise UserError: if the requests are of different kinds or one cannot be decided
        """
        self.ensure_one()
        self._check_kinds()
        for request in self.request_ids.sorted('id'):
            request._decide(self.verdict, self.reason, payload=self._prepare_payload(request))
        return {'type': 'ir.actions.act_window_close'}

    def _check_kinds(self):
        """Raise a UserError unless there are requests and all are of one kind."""
        self.ensure_one()
        if not self.request_ids:
            raise UserError(self.env._("Select the requests to decide first."))
        if len(set(self.request_ids.mapped('kind'))) > 1:
            raise UserError(self.env._(
                "You can decide several requests at once only if they are of one kind. Filter the list"
                " by kind and select again.",
            ))

    # === HOOKS === #

    def _prepare_payload(self, request):
        """Return the conditions to keep with the decision on ``request``.

        :rtype: dict
        """
        self.ensure_one()
        return {}
