from odoo import api, fields, models


class SalesQuotaNode(models.Model):
    """One seat in the tree of a plan: the company, a region, a team, a person, or what is held in reserve."""

    _name = 'sales.quota.node'
    _description = "Quota Node"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _parent_store = True
    _order = 'parent_path, sequence, id'

    name = fields.Char(string="Name", compute='_compute_name', store=True, readonly=False, required=True)
    plan_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Plan", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='plan_id.currency_id')
    plan_state = fields.Selection(related='plan_id.state', string="Plan Status", store=True)
    parent_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Parent", index=True, ondelete='cascade')
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many('sales.quota.node', 'parent_id', string="Children")
    sequence = fields.Integer(string="Sequence", default=10)
    type = fields.Selection(
        selection=[
            ('company', "Company"),
            ('region', "Region"),
            ('team', "Team"),
            ('person', "Person"),
            ('reserve', "Reserve"),
        ],
        string="Type", required=True, index=True)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", index=True, ondelete='restrict',
        help="Of a region or team; of a person, the team in which he has this target.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", index=True, ondelete='restrict')
    date_start = fields.Date(string="Joins On", help="Of a person who joins during the year.")
    date_end = fields.Date(string="Leaves On", help="Of a person who leaves during the year: the last day.")
    product_category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='restrict',
        help="Only products of this category and the categories below it count.")
    segment_domain = fields.Char(
        string="Customer Segment", help="Only customers that match this domain count, for example a grade.")
    channel = fields.Char(string="Channel", help="Only entries of this channel count.")
    cell_ids = fields.One2many('sales.quota.cell', 'node_id', string="Cells")
    # agreement
    acknowledged_on = fields.Datetime(string="Acknowledged On", readonly=True, copy=False)
    acknowledged_by_id = fields.Many2one(
        comodel_name='res.users', string="Acknowledged By", readonly=True, copy=False, ondelete='restrict')
    proposal_reason = fields.Text(string="Reason of the Proposal", copy=False)

    @api.depends('user_id', 'team_id', 'plan_id.company_id')
    def _compute_name(self):
        for node in self:
            node.name = node.user_id.name or node.team_id.name or node.plan_id.company_id.name
