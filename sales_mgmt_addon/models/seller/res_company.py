from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..credit.amounts import check_amounts

AMOUNT_FIELDS = (
    'offer_price_tolerance', 'offer_quality_minimum', 'score_late_percent', 'score_cancelled_percent',
    'score_returned_percent', 'score_unanswered_percent', 'score_answer_hours', 'score_days', 'score_minimum_orders')
PERCENT_FIELDS = (
    'offer_quality_minimum', 'score_late_percent', 'score_cancelled_percent', 'score_returned_percent',
    'score_unanswered_percent')


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
    score_days = fields.Integer(
        string="Days of the Score", default=60, groups='base.group_user', help="How far back the orders of a seller count.")
    score_minimum_orders = fields.Integer(
        string="Orders Needed", default=10, groups='base.group_user',
        help="A share of fewer orders than these counts for nothing, however bad it looks.")
    score_late_percent = fields.Float(
        string="Late Shipments (%)", digits=(5, 2), default=4.0, groups='base.group_user',
        help="Highest share of orders that a seller may ship after the promised date. 0: not checked.")
    score_cancelled_percent = fields.Float(
        string="Cancelled by Sellers (%)", digits=(5, 2), default=2.5, groups='base.group_user',
        help="Highest share of orders that a seller may cancel. 0: not checked.")
    score_returned_percent = fields.Float(
        string="Returned Orders (%)", digits=(5, 2), default=15.0, groups='base.group_user',
        help="Highest share of shipped orders of which anything comes back. 0: not checked.")
    score_unanswered_percent = fields.Float(
        string="Answered Late (%)", digits=(5, 2), default=10.0, groups='base.group_user',
        help="Highest share of orders that a seller may accept too late. 0: not checked.")
    score_answer_hours = fields.Integer(
        string="Time to Answer (Hours)", default=48, groups='base.group_user',
        help="A seller has so long to accept an order.")

    @api.constrains(*AMOUNT_FIELDS)
    def _check_seller_policy(self):
        for company in self:
            if company.offer_price_tolerance > 1000:
                raise ValidationError(self.env._("The price change without approval must lie between 0 % and 1000 %."))
            for name in PERCENT_FIELDS:
                if company[name] > 100:
                    raise ValidationError(self.env._(
                        "%s must lie between 0 and 100.", self._fields[name]._description_string(self.env)))
            if not 1 <= company.score_days <= 366:
                raise ValidationError(self.env._("The days of the score must lie between 1 and 366."))
            if not 1 <= company.score_minimum_orders <= 1000:
                raise ValidationError(self.env._("The orders needed for a score must lie between 1 and 1000."))
            if not 1 <= company.score_answer_hours <= 720:
                raise ValidationError(self.env._("The time to answer must lie between 1 and 720 hours."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        return super().write(vals)
