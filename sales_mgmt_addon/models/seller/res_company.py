from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..credit.amounts import check_amounts

AMOUNT_FIELDS = ('offer_price_tolerance', 'offer_quality_minimum')


class ResCompany(models.Model):
    """How a company takes on sellers and their offers."""

    _inherit = 'res.company'

    offer_auto_approve = fields.Boolean(
        string="Offers Need No Approval", groups='base.group_user',
        help="Submitted offers of good quality go on sale at once.")
    offer_price_tolerance = fields.Float(
        string="Price Change without Approval (%)", digits=(5, 2), default=30.0, groups='base.group_user',
        help="An active offer whose price moves further from the approved one is off sale until it is approved again.")
    offer_quality_minimum = fields.Float(
        string="Lowest Quality of an Offer (%)", digits=(5, 2), default=50.0, groups='base.group_user',
        help="Offers below are not approved.")

    @api.constrains(*AMOUNT_FIELDS)
    def _check_offer_policy(self):
        for company in self:
            if company.offer_price_tolerance > 1000:
                raise ValidationError(self.env._("The price change without approval must lie between 0 % and 1000 %."))
            if company.offer_quality_minimum > 100:
                raise ValidationError(self.env._("The lowest quality must lie between 0 % and 100 %."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        return super().write(vals)
