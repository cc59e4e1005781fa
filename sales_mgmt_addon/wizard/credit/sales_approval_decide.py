from odoo import fields, models

from ...models.credit.const import SCOPES


class SalesApprovalDecide(models.TransientModel):
    """The conditions under which credit is given, when an order, delivery or invoice waits for it."""

    _inherit = 'sales.approval.decide'

    credit_scope = fields.Selection(
        selection=SCOPES, string="Holds For", default='once',
        help="This document only, or also the following documents of the customer, until a date or up to an exposure.")
    credit_scope_date = fields.Date(string="Until")
    credit_scope_amount = fields.Monetary(string="Up to an Exposure of")
    credit_forecast_date = fields.Date(
        string="Expected Payment", help="When you expect the money. Later compared with the day it came.")

    def _prepare_payload(self):
        payload = super()._prepare_payload()
        if self.kind != 'credit' or self.verdict != 'approve':
            return payload
        conditions = {
            'scope': self.credit_scope or 'once',
            'scope_date': fields.Date.to_string(self.credit_scope_date) if self.credit_scope_date else False,
            'scope_amount': self.credit_scope_amount,
            'forecast_payment_date': (
                fields.Date.to_string(self.credit_forecast_date) if self.credit_forecast_date else False),
        }
        # Refused now, with the dialog open, rather than by the last approver of several
        self.env['sales.credit.decision']._check_conditions(conditions)
        return {**payload, **conditions}
