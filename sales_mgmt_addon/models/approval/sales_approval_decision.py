from odoo import api, fields, models
from odoo.exceptions import UserError

from ...internal import granted


class SalesApprovalDecision(models.Model):
    """What somebody decided, once and for all: rows are added and never changed or removed."""

    _name = 'sales.approval.decision'
    _description = "Approval Decision"
    _order = 'id desc'
    _rec_name = 'request_id'

    request_id = fields.Many2one(
        comodel_name='sales.approval.request',
        string="Request",
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    step_id = fields.Many2one(
        comodel_name='sales.approval.request.step',
        string="Step",
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Decided By",
        required=True,
        readonly=True,
        index=True,
        ondelete='restrict',
    )
    on_behalf_of_id = fields.Many2one(
        comodel_name='res.users',
        string="On Behalf Of",
        readonly=True,
        index='btree_not_null',
        ondelete='restrict',
        help="The absent approver whom the deciding user stood in for.",
    )
    delegate_id = fields.Many2one(
        comodel_name='res.users',
        string="Delegated To",
        readonly=True,
        index='btree_not_null',
        ondelete='restrict',
    )
    verdict = fields.Selection(
        selection=[
            ('approve', "Approved"),
            ('reject', "Rejected"),
            ('delegate', "Delegated"),
            ('skip', "Skipped"),
            ('escalate', "Escalated"),
        ],
        string="Verdict",
        required=True,
        readonly=True,
    )
    reason = fields.Text(string="Reason", readonly=True)
    decided_on = fields.Datetime(
        string="Decided On",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
    )
    payload = fields.Json(string="Conditions", readonly=True)
    fingerprint = fields.Json(
        string="Facts",
        readonly=True,
        help="The facts of the document at the moment of the decision.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, 'approval.decision'):
            raise UserError(self.env._(
                "Decisions are recorded by approving or rejecting a request, not by hand.",
            ))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._(
            "A decision is evidence and cannot be changed. Ask for a new approval instead.",
        ))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A decision is evidence and cannot be deleted."))
