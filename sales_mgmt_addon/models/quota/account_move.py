from odoo import fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    # Salespeople may read their invoices, but not payments. The form counts payments, and they could not open it
    # to see where a figure of theirs comes from; the number alone is no secret, as they see what is still to pay.
    payment_count = fields.Integer(compute_sudo=True)
