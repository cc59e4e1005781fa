from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    marketplace_return_days = fields.Integer(related='company_id.marketplace_return_days', readonly=False)
