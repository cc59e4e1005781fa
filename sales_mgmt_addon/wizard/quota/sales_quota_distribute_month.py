from odoo import api, fields, models


class SalesQuotaDistributeMonth(models.TransientModel):
    """The weight of a month in a distribution."""

    _name = 'sales.quota.distribute.month'
    _description = "Month of a Distribution"
    _order = 'month'

    wizard_id = fields.Many2one(
        comodel_name='sales.quota.distribute', required=True, index=True, ondelete='cascade')
    month = fields.Date(string="Month", required=True)
    weight = fields.Float(string="Weight", default=1.0, digits=(16, 2))
    preview = fields.Float(string="Will Be", digits=(16, 2), compute='_compute_preview')

    @api.depends('wizard_id.preview')
    def _compute_preview(self):
        for line in self:
            line.preview = (line.wizard_id.preview or {}).get(fields.Date.to_string(line.month), 0.0)
