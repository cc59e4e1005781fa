from datetime import timedelta

from ..internal import grant
from ..models.collection.const import PROMISE_GUARD
from .credit_common import CreditCommon

LOSS_ACCOUNTS = {
    'loss_expense_account_id': 'expense',
    'loss_allowance_account_id': 'asset_current',
    'loss_recovery_account_id': 'income_other',
}


class LossCommon(CreditCommon):
    """A company with loss accounts, five ageing buckets and an accountant."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_accountant = cls._create_user(
            'sm_accountant', 'account.group_account_manager,account.group_account_user')
        cls._set_up_losses(cls.company)
        cls.buckets = cls._buckets(cls.company)
        cls.env['sales.receivable.provision.rate'].search([]).unlink()
        cls._rates(cls.buckets, (0.5, 2, 5, 15, 40))

    @classmethod
    def _set_up_losses(cls, company):
        for index, (name, account_type) in enumerate(LOSS_ACCOUNTS.items()):
            company[name] = cls.env['account.account'].with_company(company).create({
                'name': name, 'code': f'99{company.id}{index}', 'account_type': account_type})
        company.loss_journal_id = cls.env['account.journal'].search(
            [('type', '=', 'general'), ('company_id', '=', company.id)], limit=1) or cls.env['account.journal'].create(
            {'name': "Losses", 'code': 'LOSS', 'type': 'general', 'company_id': company.id})

    @classmethod
    def _buckets(cls, company):
        """Return the buckets not due, 1-30, 31-60, 61-90 and older of a company."""
        return cls.env['sales.receivable.bucket']._get_for(company)

    @classmethod
    def _rates(cls, buckets, rates, credit_class=False):
        return cls.env['sales.receivable.provision.rate'].create([
            {'company_id': bucket.company_id.id, 'bucket_id': bucket.id, 'credit_class': credit_class, 'rate': rate}
            for bucket, rate in zip(buckets, rates, strict=True)])

    @classmethod
    def _days_ago(cls, days):
        return cls.today - timedelta(days=days)

    def _judged_promise(self, due, kept, days_ago=5, **values):
        """Return a promise of the customer that has been judged, or with another ``state`` one that has not."""
        state = 'kept' if kept >= due else 'partly' if kept else 'broken'
        return grant(self.env['sales.collection.promise'].sudo(), PROMISE_GUARD).create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            'user_id': self.user_sm_sales.id, 'team_id': self.team.id, 'amount': due, 'date': self._days_ago(days_ago),
            'made_on': self._days_ago(days_ago + 10), 'state': state, 'due_company': due, 'kept_company': kept, **values})

    def _item(self, invoice):
        """Return the receivable items of an invoice."""
        return invoice.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')

    def _balance(self, name, company=None):
        """Return the posted balance of a loss account of the company."""
        company = company or self.company
        lines = self.env['account.move.line'].search([
            ('account_id', '=', company[name].id), ('parent_state', '=', 'posted')])
        return sum(lines.mapped('balance'))
