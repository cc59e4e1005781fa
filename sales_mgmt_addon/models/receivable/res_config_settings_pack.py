from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    pack_comment_days = fields.Integer(related='credit_company_id.pack_comment_days', readonly=False)
