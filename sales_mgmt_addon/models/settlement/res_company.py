from odoo import fields, models
from odoo.fields import Command

# Account of the marketplace -> code, name, type, whether its items are matched
ACCOUNTS = {
    'marketplace_clearing_account_id': ('219000', "Marketplace Clearing", 'liability_current', True),
    'marketplace_payable_account_id': ('211500', "Payable to Sellers", 'liability_payable', True),
    'marketplace_reserve_account_id': ('219100', "Reserves of Sellers", 'liability_current', True),
    'marketplace_commission_account_id': ('410000', "Commissions from Sellers", 'income', False),
    'marketplace_fee_account_id': ('420000', "Fees from Sellers", 'income', False),
    'marketplace_promotion_account_id': ('415000', "Promotions Paid for Sellers", 'expense', False),
}


class ResCompany(models.Model):
    _inherit = 'res.company'

    marketplace_clearing_account_id = fields.Many2one(
        comodel_name='account.account', string="Clearing Account", check_company=True,
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', True)]",
        help="What buyers paid for goods of sellers, until it is settled.")
    marketplace_payable_account_id = fields.Many2one(
        comodel_name='account.account', string="Payable to Sellers", check_company=True,
        domain="[('account_type', '=', 'liability_payable')]",
        help="What settled statements owe the sellers. Vendor bills use other accounts, so that statements equal this one.")
    marketplace_reserve_account_id = fields.Many2one(
        comodel_name='account.account', string="Reserves of Sellers", check_company=True,
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', True)]")
    marketplace_commission_account_id = fields.Many2one(
        comodel_name='account.account', string="Commission Income", check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]")
    marketplace_fee_account_id = fields.Many2one(
        comodel_name='account.account', string="Fee Income", check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]")
    marketplace_promotion_account_id = fields.Many2one(
        comodel_name='account.account', string="Promotions", check_company=True,
        domain="[('account_type', 'in', ('expense', 'income', 'income_other'))]",
        help="Promotions that we pay for goods of sellers: a marketing expense, or less income, as your auditor advises.")
    marketplace_charge_tax_id = fields.Many2one(
        comodel_name='account.tax', string="VAT on Commissions", check_company=True, domain="[('type_tax_use', '=', 'sale')]")
    marketplace_journal_id = fields.Many2one(
        comodel_name='account.journal', string="Settlement Journal", check_company=True, domain="[('type', '=', 'general')]")
    marketplace_sale_journal_id = fields.Many2one(
        comodel_name='account.journal', string="Journal of Sellers' Documents", check_company=True,
        domain="[('type', '=', 'sale')]", help="Customer documents that are issued for a seller.")

    def _set_up_marketplace(self):
        """Create the accounts, journals and taxes of the marketplace that the companies do not have yet.

        Nothing that is set is replaced. On-behalf taxes are made for the percentage sale taxes in use: they
        post to the clearing account and carry no tags of the company's own return.
        """
        for company in self:
            company._create_marketplace_accounts()
            company._create_marketplace_journals()
            company._create_on_behalf_taxes()
            if not company.marketplace_charge_tax_id:
                company.marketplace_charge_tax_id = company.account_sale_tax_id

    def _create_marketplace_accounts(self):
        Account = self.env['account.account'].with_company(self)
        for name, (code, label, account_type, reconcile) in ACCOUNTS.items():
            if not self[name]:
                self[name] = Account.create({
                    'name': label, 'code': Account._search_new_account_code(code), 'account_type': account_type,
                    'reconcile': reconcile, 'company_ids': [Command.link(self.id)]})

    def _create_marketplace_journals(self):
        Journal = self.env['account.journal'].with_company(self)
        if not self.marketplace_journal_id:
            self.marketplace_journal_id = Journal.create({
                'name': self.env._("Marketplace Settlements"), 'code': self._get_free_journal_code('MKT'),
                'type': 'general', 'company_id': self.id})
        if not self.marketplace_sale_journal_id:
            self.marketplace_sale_journal_id = Journal.create({
                'name': self.env._("Documents of Sellers"), 'code': self._get_free_journal_code('MKS'), 'type': 'sale',
                'company_id': self.id, 'default_account_id': self.marketplace_clearing_account_id.id})

    def _get_free_journal_code(self, code):
        """Return ``code``, or the first of it with a number that no journal of the company has."""
        taken = set(self.env['account.journal'].with_context(active_test=False).search(
            [('company_id', '=', self.id)]).mapped('code'))
        return next(name for name in (code, *(f'{code}{number}' for number in range(1, 99))) if name not in taken)

    def _create_on_behalf_taxes(self):
        clearing = self.marketplace_clearing_account_id
        taxes = self.env['account.tax'].search([
            ('company_id', '=', self.id), ('type_tax_use', '=', 'sale'), ('amount_type', '=', 'percent'),
            ('on_behalf_tax_id', '=', False)])
        twins = taxes.search([('on_behalf_tax_id', '!=', False), ('company_id', '=', self.id)]).on_behalf_tax_id
        for tax in taxes - twins:
            tax.on_behalf_tax_id = tax.copy({
                'name': self.env._("%(tax)s on behalf of sellers", tax=tax.name),
                'invoice_repartition_line_ids': self._prepare_on_behalf_repartition(clearing),
                'refund_repartition_line_ids': self._prepare_on_behalf_repartition(clearing),
            })

    def _prepare_on_behalf_repartition(self, clearing):
        return [
            Command.clear(),
            Command.create({'repartition_type': 'base'}),
            Command.create({'repartition_type': 'tax', 'account_id': clearing.id}),
        ]
