from odoo import api, fields, models


class SalesGateAsk(models.TransientModel):
    """Ask for the approval of an order, with a reason for those who decide."""

    _name = 'sales.gate.ask'
    _description = "Ask for Approval of an Order"

    order_id = fields.Many2one(comodel_name='sale.order', required=True, readonly=True, ondelete='cascade')
    findings = fields.Text(string="What Needs Approval", compute='_compute_findings')
    reason = fields.Text(string="Reason", help="Why should it be approved? The approver reads this first.")

    @api.depends('order_id')
    def _compute_findings(self):
        for wizard in self:
            blocking, _findings = wizard.order_id._gate_blocking()
            wizard.findings = '\n'.join(f['message'] for f in blocking.get(wizard.order_id.id, []))

    def action_ask(self):
        """Confirm the order if nothing stops it, else put it on hold and ask.

        :return: action that closes the wizard
        """
        self.ensure_one()
        self.order_id._gate_can_ask()
        self.order_id.with_context(gate_reason=self.reason).action_confirm()
        return {'type': 'ir.actions.act_window_close'}
