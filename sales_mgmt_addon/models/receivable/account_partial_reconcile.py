from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    # Serves the ageing of a past day, which takes later matchings back
    _receivable_date_idx = models.Index("(max_date)")
