from odoo import models


class SalesSettlement(models.Model):
    """Statements follow what is matched on the payable account."""

    _inherit = 'sales.settlement'

    def _update_paid(self, reopen=False):
        """Set statements to paid whose payable is matched, or back to posted where it is open again.

        :param bool reopen: whether the ones that are open leave their payout batch
        """
        sellers, companies = self.seller_id, self.company_id
        candidates = self | self.search([
            ('seller_id', 'in', sellers.ids), ('company_id', 'in', companies.ids), ('state', '=', 'posted'),
            ('currency_id', 'in', self.currency_id.ids)])
        matched = candidates.filtered(lambda one: all(one._get_payable_line().mapped('reconciled')))
        matched.filtered(lambda one: one.state == 'posted')._set({'state': 'paid'})
        opened = (candidates - matched) & self
        if reopen and opened:
            opened._set({'state': 'posted', 'payout_id': False})
