from odoo import api, fields, models


class SalesQuotaDistributeLine(models.TransientModel):
    """A child that gets a share, with what helps to weigh it."""

    _name = 'sales.quota.distribute.line'
    _description = "Share of a Distribution"
    _order = 'id'

    wizard_id = fields.Many2one(
        comodel_name='sales.quota.distribute', required=True, index=True, ondelete='cascade')
    node_id = fields.Many2one(comodel_name='sales.quota.node', string="Node", required=True, ondelete='cascade')
    weight = fields.Float(string="Weight", default=1.0, digits=(16, 2))
    current = fields.Float(string="Now", digits=(16, 2))
    history = fields.Float(string="Last 12 Months", digits=(16, 2))
    headcount = fields.Integer(string="Days of People")
    pipeline = fields.Float(string="Open Pipeline", digits=(16, 2))
    preview = fields.Float(string="Will Get", digits=(16, 2), compute='_compute_preview')

    @api.depends('wizard_id.preview')
    def _compute_preview(self):
        for line in self:
            line.preview = (line.wizard_id.preview or {}).get(str(line.node_id._origin.id), 0.0)
