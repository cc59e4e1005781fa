from odoo import models

# Whoever changes these sends the money elsewhere
TARGET_FIELDS = frozenset({'acc_number', 'partner_id', 'bank_id', 'bank_bic', 'clearing_number', 'acc_holder_name', 'active'})


class ResPartnerBank(models.Model):
    _inherit = 'res.partner.bank'

    def write(self, vals):
        names = TARGET_FIELDS & vals.keys()
        before = {account: self._get_target(account, names) for account in self.sudo()} if names else {}
        res = super().write(vals)
        if changed := [account.id for account, target in before.items() if self._get_target(account, names) != target]:
            self.env['sales.seller'].sudo().with_context(active_test=False).search(
                [('bank_account_id', 'in', changed)])._reset_bank_approval()
        return res

    def _get_target(self, account, names):
        return {name: account[name] for name in names}
