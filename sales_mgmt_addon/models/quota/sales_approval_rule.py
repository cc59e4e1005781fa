from odoo import fields, models


class SalesApprovalRule(models.Model):
    _inherit = 'sales.approval.rule'

    kind = fields.Selection(selection_add=[('quota', "Quota plan")], ondelete={'quota': 'cascade'})
