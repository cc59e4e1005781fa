from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    collection_open_days = fields.Integer(related='credit_company_id.collection_open_days', readonly=False)
    collection_min_amount = fields.Monetary(
        related='credit_company_id.collection_min_amount', currency_field='credit_currency_id', readonly=False)
    collection_owner = fields.Selection(related='credit_company_id.collection_owner', readonly=False)
    collection_collector_id = fields.Many2one(
        related='credit_company_id.collection_collector_id', readonly=False)
    collection_promise_grace_days = fields.Integer(
        related='credit_company_id.collection_promise_grace_days', readonly=False)
