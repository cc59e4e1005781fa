from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

EXPENSE_TYPES = ('expense', 'expense_other', 'expense_direct_cost', 'expense_depreciation')
ALLOWANCE_TYPES = ('asset_current', 'asset_non_current', 'liability_current', 'liability_non_current')
INCOME_TYPES = ('income', 'income_other')
# Types of the accounts of each setting
ACCOUNT_TYPES = {
    'loss_expense_account_id': EXPENSE_TYPES,
    'loss_allowance_account_id': ALLOWANCE_TYPES,
    'loss_recovery_account_id': INCOME_TYPES,
}


class ResCompany(models.Model):
    _inherit = 'res.company'

    loss_journal_id = fields.Many2one(
        groups='base.group_user', comodel_name='account.journal', string="Journal of Losses", check_company=True,
        domain=[('type', '=', 'general')], help="Provisions and write-offs are booked in this journal.")
    loss_expense_account_id = fields.Many2one(
        groups='base.group_user', comodel_name='account.account', string="Bad Debt Expense", check_company=True,
        domain=[('account_type', 'in', EXPENSE_TYPES)],
        help="Takes the expected loss and items that are written off.")
    loss_allowance_account_id = fields.Many2one(
        groups='base.group_user', comodel_name='account.account', string="Loss Allowance", check_company=True,
        domain=[('account_type', 'in', ALLOWANCE_TYPES)],
        help="Holds the expected loss and nothing else. A provision brings its balance to the loss of the day.")
    loss_recovery_account_id = fields.Many2one(
        groups='base.group_user', comodel_name='account.account', string="Income from Recoveries", check_company=True,
        domain=[('account_type', 'in', INCOME_TYPES)],
        help="Takes money that comes in for items that were written off.")

    #=== CONSTRAINT METHODS ===#

    @api.constrains('loss_journal_id', *ACCOUNT_TYPES)
    def _check_loss_settings(self):
        for company in self:
            if company.loss_journal_id and company.loss_journal_id.type != 'general':
                raise ValidationError(self.env._(
                    "%(journal)s is no miscellaneous journal. Choose one for provisions and write-offs.",
                    journal=company.loss_journal_id.display_name))
            for name, types in ACCOUNT_TYPES.items():
                account = company[name]
                if account and account.account_type not in types:
                    raise ValidationError(self.env._(
                        "%(account)s cannot be used as %(use)s: it is an account of another type.",
                        account=account.display_name, use=self._fields[name]._description_string(self.env)))

    #=== BUSINESS METHODS ===#

    def _get_loss_settings(self, *names):
        """Return journal and accounts of the company; a branch without its own uses those of its root company.

        :param names: fields ``loss_…`` of the company
        :return: the records, in the order of the names
        :rtype: list
        :raise UserError: with the settings that are missing or archived
        """
        self.ensure_one()
        company = self.sudo()
        found = [company[name] or company.root_id[name] for name in names]
        missing = [
            self._fields[name]._description_string(self.env)
            for name, record in zip(names, found, strict=True) if not record or not record.active]
        if missing:
            raise UserError(self.env._(
                "Settings of %(company)s are missing: %(missing)s. Enter them under Configuration > Settings, in the block"
                " Expected Loss and Write-Offs.", company=company.name, missing=', '.join(missing)))
        return found

    def _check_loss_period(self, day, journal):
        """Refuse a day on which the company books nothing any more.

        :raise UserError: with the lock dates that stand against it
        """
        self.ensure_one()
        if locks := self.sudo()._get_violated_lock_dates(day, False, journal):
            raise UserError(self.env._(
                "Nothing can be booked on %(day)s, the period is locked: %(locks)s. Choose a later date or have the period"
                " opened.", day=day, locks=self._format_lock_dates(locks)))
