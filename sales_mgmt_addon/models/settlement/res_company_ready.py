from odoo import models
from odoo.exceptions import UserError

from .res_company import ACCOUNTS

# Needed before anything of a seller is sold, apart from the accounts
JOURNALS = ('marketplace_journal_id', 'marketplace_sale_journal_id')


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _check_marketplace_ready(self):
        """Check that the company can sell for sellers and settle with them.

        :raise UserError: names all that is missing or wrong
        """
        for company in self:
            if problems := company._get_marketplace_problems():
                raise UserError(self.env._(
                    "%(company)s cannot sell for sellers yet:\n%(problems)s\nSee the marketplace in the settings of Sales"
                    " Management.",
                    company=company.name, problems="\n".join(f"- {problem}" for problem in problems)))

    def _get_marketplace_problems(self):
        """Return what the company lacks to sell for sellers, a text each.

        :rtype: list[str]
        """
        self.ensure_one()
        fields_info = self.fields_get([*ACCOUNTS, *JOURNALS], ['string'])
        problems = [
            self.env._("%(field)s is not set.", field=fields_info[name]['string'])
            for name in (*ACCOUNTS, *JOURNALS) if not self[name]]
        clearing = self.marketplace_clearing_account_id
        if clearing and (clearing.account_type != 'liability_current' or not clearing.reconcile):
            problems.append(self.env._(
                "The clearing account must be a current liability that allows reconciliation."))
        payable = self.marketplace_payable_account_id
        if payable and payable.account_type != 'liability_payable':
            problems.append(self.env._("The account of what is payable to sellers must be of the type Payable."))
        return problems + self.marketplace_charge_tax_id._get_account_problems()
