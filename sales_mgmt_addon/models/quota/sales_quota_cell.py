from odoo import fields, models


class SalesQuotaCell(models.Model):
    """The target of one node for one metric in one month. Quarters and years are sums of months."""

    _name = 'sales.quota.cell'
    _description = "Quota Cell"
    _order = 'node_id, metric_id, month'

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, index=True, ondelete='cascade')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, index=True, ondelete='restrict')
    month = fields.Date(string="Month", required=True, help="The first day of the month.")
    amount = fields.Float(
        string="Target", required=True, digits=(16, 2), default=0.0,
        help="In the unit of the metric; money in company currency. In a reserve, a negative amount is"
             " what was assigned beyond the target of the parent.")
    proposed = fields.Float(string="Proposed", digits=(16, 2), help="What the person himself thinks he can reach.")
    has_proposal = fields.Boolean(string="Has a Proposal")
    plan_id = fields.Many2one(related='node_id.plan_id', store=True, index=True)
    company_id = fields.Many2one(related='node_id.company_id', store=True)
    user_id = fields.Many2one(related='node_id.user_id', store=True, index='btree_not_null')
    team_id = fields.Many2one(related='node_id.team_id', store=True, index='btree_not_null')
    node_type = fields.Selection(related='node_id.type', string="Type", store=True)
    change_ids = fields.One2many('sales.quota.change', 'cell_id', string="Changes")

    _cell_unique = models.Constraint(
        'UNIQUE (node_id, metric_id, month)', "The node has a target for this metric and month already.")
