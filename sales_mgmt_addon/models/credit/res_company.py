from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .amounts import check_amounts
from .const import OVERDUE_DAYS_MAX, POLICIES

AMOUNT_FIELDS = ('credit_default_limit', 'credit_default_overdue_amount')


class ResCompany(models.Model):
    _inherit = 'res.company'

    credit_default_policy = fields.Selection(
        selection=POLICIES,
        string="Policy of New Credit Profiles",
        default='unlimited',
        required=True,
        help="Policy of a customer's credit profile when the first order makes one.",
    )
    credit_default_limit = fields.Monetary(
        string="Limit of New Credit Profiles",
        help="Limit of a new credit profile with a limited policy.",
    )
    credit_default_overdue_days = fields.Integer(
        string="Tolerated Overdue Days",
        default=30,
        help="Items that are overdue longer than this stop new orders and deliveries.",
    )
    credit_default_overdue_amount = fields.Monetary(
        string="Tolerated Overdue Amount",
        help="Overdue items stop new orders and deliveries only when their sum is higher than this.",
    )

    @api.constrains('credit_default_overdue_days')
    def _check_credit_overdue_days(self):
        for company in self:
            if not 0 <= company.credit_default_overdue_days <= OVERDUE_DAYS_MAX:
                raise ValidationError(self.env._(
                    "The tolerated overdue days must lie between 0 and %(max)s.", max=OVERDUE_DAYS_MAX))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        return super().write(vals)
