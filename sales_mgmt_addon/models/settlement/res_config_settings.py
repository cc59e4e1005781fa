from odoo import fields, models
from odoo.exceptions import AccessError


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    marketplace_clearing_account_id = fields.Many2one(
        related='company_id.marketplace_clearing_account_id', readonly=False)
    marketplace_payable_account_id = fields.Many2one(related='company_id.marketplace_payable_account_id', readonly=False)
    marketplace_reserve_account_id = fields.Many2one(related='company_id.marketplace_reserve_account_id', readonly=False)
    marketplace_commission_account_id = fields.Many2one(
        related='company_id.marketplace_commission_account_id', readonly=False)
    marketplace_fee_account_id = fields.Many2one(related='company_id.marketplace_fee_account_id', readonly=False)
    marketplace_promotion_account_id = fields.Many2one(
        related='company_id.marketplace_promotion_account_id', readonly=False)
    marketplace_charge_tax_id = fields.Many2one(related='company_id.marketplace_charge_tax_id', readonly=False)
    marketplace_journal_id = fields.Many2one(related='company_id.marketplace_journal_id', readonly=False)
    marketplace_sale_journal_id = fields.Many2one(related='company_id.marketplace_sale_journal_id', readonly=False)

    # === ACTION METHODS === #

    def action_set_up_marketplace(self):
        """Create the accounts, journals and taxes of the marketplace that the company lacks.

        :return: action that shows the settings again
        :raise AccessError: unless the user administers accounting
        """
        if not self.env.user.has_group('account.group_account_manager'):
            raise AccessError(self.env._("Only accounting administrators set up the accounts of the marketplace."))
        self.env.company.sudo()._set_up_marketplace()
        return {'type': 'ir.actions.client', 'tag': 'reload'}
