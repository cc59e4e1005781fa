from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    group_area_gate = fields.Boolean(
        string="Order Gate",
        implied_group='sales_mgmt_addon.group_area_gate',
    )
    gate_check_discount = fields.Boolean(related='company_id.gate_check_discount', readonly=False)
    gate_discount_right = fields.Float(related='company_id.gate_discount_right', readonly=False)
    gate_check_margin = fields.Boolean(related='company_id.gate_check_margin', readonly=False)
    gate_margin_floor = fields.Float(related='company_id.gate_margin_floor', readonly=False)
