import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .const import AMOUNT_MAX, POLICIES


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

    @api.constrains('credit_default_limit', 'credit_default_overdue_days', 'credit_default_overdue_amount')
    def _check_credit_defaults(self):
        for company in self:
            for amount in (company.credit_default_limit, company.credit_default_overdue_amount):
                if not (math.isfinite(amount) and 0 <= amount <= AMOUNT_MAX):
                    raise ValidationError(self.env._(
                        "The default credit limit and the tolerated overdue amount must be positive amounts."))
            if not 0 <= company.credit_default_overdue_days <= 3650:
                raise ValidationError(self.env._("The tolerated overdue days must lie between 0 and 3650."))
