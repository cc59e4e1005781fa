from odoo import models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _get_seller_line_account(self, promo_funding=False):
        """Return the account of an invoice line that is sold as an agent.

        :param str promo_funding: who pays the promotion, if it is one
        :raise UserError: if the account is not set
        """
        self.ensure_one()
        company = self.sudo()
        account = (company.marketplace_promotion_account_id if promo_funding == 'platform'
                   else company.marketplace_clearing_account_id)
        if not account:
            company._check_marketplace_ready()
            raise UserError(self.env._("Set the accounts of the marketplace in the settings of Sales Management."))
        return account
