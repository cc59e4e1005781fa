from odoo import api, fields, models
from odoo.fields import Command


class SalesQuotaProposal(models.TransientModel):
    """Propose other targets, or answer what somebody proposed."""

    _name = 'sales.quota.proposal'
    _description = "Proposal of Targets"

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, readonly=True, ondelete='cascade')
    plan_id = fields.Many2one(related='node_id.plan_id')
    metric_ids = fields.Many2many(related='plan_id.metric_ids')
    verdict = fields.Selection(
        selection=[('propose', "Propose"), ('accept', "Accept"), ('decline', "Decline")],
        required=True, readonly=True, default='propose')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", ondelete='cascade',
        compute='_compute_metric_id', store=True, readonly=False, precompute=True)
    line_ids = fields.One2many(
        'sales.quota.proposal.line', 'wizard_id', string="Months", compute='_compute_line_ids', store=True, readonly=False)
    absorb = fields.Selection(
        selection=[
            ('reserve', "The reserve of the parent"),
            ('siblings', "The siblings, in proportion"),
            ('parent', "The parent (needs approval above a limit)"),
        ],
        string="Difference Goes To", required=True, default='reserve')
    reason = fields.Text(string="Reason")

    # === COMPUTE METHODS === #

    @api.depends('node_id')
    def _compute_metric_id(self):
        for wizard in self:
            metrics = wizard.node_id.plan_id.metric_line_ids.metric_id
            if wizard.metric_id not in metrics:
                wizard.metric_id = metrics[:1]

    @api.depends('node_id', 'metric_id', 'verdict')
    def _compute_line_ids(self):
        for wizard in self:
            node = wizard.node_id._origin
            cells = node.cell_ids.grouped(lambda cell: (cell.metric_id, cell.month))
            months = node.plan_id._get_months() if node and wizard.metric_id and wizard.verdict == 'propose' else []
            empty = self.env['sales.quota.cell']
            rows = [(month, cells.get((wizard.metric_id._origin, month), empty)) for month in months]
            wizard.line_ids = [Command.clear(), *(
                Command.create({
                    'month': month, 'assigned': cell.amount, 'proposed': cell.proposed if cell.has_proposal else cell.amount})
                for month, cell in rows)]

    # === ACTION METHODS === #

    def action_apply(self):
        """Propose, accept or decline as the user.

        :return: action that closes the wizard, or shows the request if accepting needs approval
        """
        self.ensure_one()
        result = True
        if self.verdict == 'propose':
            self.node_id.action_propose(
                [(self.metric_id.id, line.month, line.proposed) for line in self.line_ids], self.reason)
        elif self.verdict == 'accept':
            result = self.node_id.action_accept_proposal(self.absorb, self.reason)
        else:
            self.node_id.action_decline_proposal(self.reason)
        return result if isinstance(result, dict) else {'type': 'ir.actions.act_window_close'}
