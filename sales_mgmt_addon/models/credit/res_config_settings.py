from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    group_area_credit = fields.Boolean(
        string="Credit Control",
        implied_group='sales_mgmt_addon.group_area_credit',
    )
    # Branches share the credit of their root company, and so its defaults
    credit_company_id = fields.Many2one(related='company_id.root_id', string="Company of the Credit")
    credit_currency_id = fields.Many2one(related='credit_company_id.currency_id', string="Credit Currency")
    credit_default_policy = fields.Selection(related='credit_company_id.credit_default_policy', readonly=False)
    credit_default_limit = fields.Monetary(
        related='credit_company_id.credit_default_limit', currency_field='credit_currency_id', readonly=False)
    credit_default_overdue_days = fields.Integer(
        related='credit_company_id.credit_default_overdue_days', readonly=False)
    credit_default_overdue_amount = fields.Monetary(
        related='credit_company_id.credit_default_overdue_amount', currency_field='credit_currency_id',
        readonly=False)
