from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    group_area_channel = fields.Boolean(
        string="Channels and Marketplace", implied_group='sales_mgmt_addon.group_area_channel')
