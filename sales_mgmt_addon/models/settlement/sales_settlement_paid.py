from odoo import models


class SalesSettlement(models.Model):
    """Statements follow what is matched on the payable account."""

    _inherit = 'sales.settlement'

    def _get_excess_error(self, amount):
        """Tell why a seller is not paid more than his statements say: somebody booked on his account by hand.

        :param float amount: what is open on his payable account, in the currency of the statement
        :return: reason, or False. Note: self.ensure_one()
        """
        latest = self.search([
            ('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id),
            ('currency_id', '=', self.currency_id.id), ('state', 'in', ('posted', 'paid'))], order='id desc', limit=1)
        if self.currency_id.compare_amounts(amount, latest.amount_closing) <= 0:
            return False
        return self.env._(
            "his account holds more than the %(closing)s of %(statement)s: make a statement first",
            closing=self.currency_id.format(latest.amount_closing), statement=latest.name)

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
