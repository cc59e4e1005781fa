from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    group_area_quota = fields.Boolean(
        string="Attainment and Quotas",
        implied_group='sales_mgmt_addon.group_area_quota',
    )
