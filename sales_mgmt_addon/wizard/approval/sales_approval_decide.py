from odoo import fields, models


class SalesApprovalDecide(models.TransientModel):
    """Asks for what belongs to a decision. Rights are checked by the request, not here."""

    _name = 'sales.approval.decide'
    _description = "Decide on an Approval Request"

    request_id = fields.Many2one('sales.approval.request', string="Request", required=True, ondelete='cascade')
    kind = fields.Selection(related='request_id.kind')
    subject_display = fields.Char(related='request_id.subject_display')
    requested_by = fields.Many2one(related='request_id.requested_by')
    request_reason = fields.Text(related='request_id.reason', string="Reason for Asking")
    amount = fields.Monetary(related='request_id.amount')
    currency_id = fields.Many2one(related='request_id.currency_id')
    company_id = fields.Many2one(related='request_id.company_id')
    threshold = fields.Float(related='request_id.threshold')
    summary = fields.Html(related='request_id.summary')
    verdict = fields.Selection(
        selection=[
            ('approve', "Approve"),
            ('reject', "Reject"),
            ('delegate', "Hand over"),
        ],
        string="Decision",
        required=True,
        default='approve',
    )
    reason = fields.Text(string="Remark")
    delegate_id = fields.Many2one(
        comodel_name='res.users',
        string="Hand Over To",
        domain="[('share', '=', False), ('company_ids', 'in', company_id), ('id', '!=', requested_by)]",
    )

    # === ACTION METHODS === #

    def action_confirm(self):
        """Decide as the current user and close the dialog.

        :raise UserError: if the request cannot be decided like that
        """
        self.ensure_one()
        if self.verdict == 'delegate':
            self.request_id.action_delegate(self.delegate_id, self.reason)
        else:
            self.request_id._decide(self.verdict, self.reason, payload=self._prepare_payload())
        return {'type': 'ir.actions.act_window_close'}

    # === HOOKS === #

    def _prepare_payload(self):
        """Return the conditions to keep with the decision; areas with conditions of their own extend it.

        :rtype: dict
        """
        self.ensure_one()
        return {}
