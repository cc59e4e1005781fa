from odoo import fields, models


class SalesApprovalRule(models.Model):
    _inherit = 'sales.approval.rule'

    kind = fields.Selection(selection_add=[('write_off', "Write-off")], ondelete={'write_off': 'cascade'})
