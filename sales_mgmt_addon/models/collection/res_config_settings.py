from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    dunning_automatic = fields.Boolean(related='credit_company_id.dunning_automatic', readonly=False)
    dunning_minimum_amount = fields.Monetary(
        related='credit_company_id.dunning_minimum_amount', currency_field='credit_currency_id', readonly=False)
    dunning_fee_product_id = fields.Many2one(related='credit_company_id.dunning_fee_product_id', readonly=False)
    dunning_interest_product_id = fields.Many2one(related='credit_company_id.dunning_interest_product_id', readonly=False)
