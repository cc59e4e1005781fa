from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    settlement_auto_post = fields.Boolean(related='company_id.settlement_auto_post', readonly=False)
    settlement_mail = fields.Boolean(related='company_id.settlement_mail', readonly=False)
    settlement_accrue = fields.Boolean(related='company_id.settlement_accrue', readonly=False)
    settlement_user_id = fields.Many2one(related='company_id.settlement_user_id', readonly=False)
