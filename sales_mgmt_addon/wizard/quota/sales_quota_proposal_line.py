from odoo import fields, models


class SalesQuotaProposalLine(models.TransientModel):
    """What somebody proposes for one month."""

    _name = 'sales.quota.proposal.line'
    _description = "Month of a Proposal"
    _order = 'month'

    wizard_id = fields.Many2one(
        comodel_name='sales.quota.proposal', required=True, index=True, ondelete='cascade')
    month = fields.Date(string="Month", required=True)
    assigned = fields.Float(string="Target", digits=(16, 2))
    proposed = fields.Float(string="Proposed", digits=(16, 2))
