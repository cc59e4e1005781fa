import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = 'res.company'

    gate_check_discount = fields.Boolean(
        string="Check Discounts",
        groups='base.group_user',
        help="Orders whose effective discount is deeper than the salesperson's own right wait for approval.",
    )
    gate_discount_right = fields.Float(
        string="Salesperson's Discount Right (%)",
        digits=(5, 2),
        groups='base.group_user',
        default=10.0,
        help="Effective discount that a salesperson may give on a line and on the order without asking.",
    )
    gate_check_margin = fields.Boolean(
        string="Check Margin",
        groups='base.group_user',
        help="Orders whose margin is below the floor wait for approval.",
    )
    gate_margin_floor = fields.Float(
        string="Margin Floor (%)",
        digits=(5, 2),
        groups='base.group_user',
        help="Lowest margin, as a percentage of the untaxed amount, that needs no approval.",
    )

    @api.constrains('gate_discount_right', 'gate_margin_floor')
    def _check_gate_policy(self):
        for company in self:
            right, floor = company.gate_discount_right, company.gate_margin_floor
            if not (math.isfinite(right) and 0 <= right <= 100):
                raise ValidationError(self.env._("The discount right must lie between 0 % and 100 %."))
            if not (math.isfinite(floor) and -100 <= floor <= 100):
                raise ValidationError(self.env._("The margin floor must lie between -100 % and 100 %."))
