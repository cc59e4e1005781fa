from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import tagged

from .loss_common import LossCommon

# who, how many days ago it was due, amount; a negative amount is a receipt
DOCUMENTS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([-10, 0, 1, 30, 31, 75, 91, 400]),
              st.integers(-900, 900).filter(bool)),
    min_size=1, max_size=6)


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableLossProperties(LossCommon):
    """The base of a provision against a slow and simple computation, on random documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._create_company("Random Company", currency_id=cls.company.currency_id.id)
        cls.env['account.chart.template'].try_loading('generic_coa', cls.company, install_demo=False)
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        cls._set_up_losses(cls.company)
        cls.buckets = cls._buckets(cls.company)
        cls._rates(cls.buckets, (0.5, 2, 5, 15, 40))
        cls.customers = cls.customer | cls._create_partner("Second Customer", email=False)
        cls.receivable = cls.env['account.account'].with_company(cls.company).search(
            [('account_type', '=', 'asset_receivable'), ('non_trade', '=', False)], limit=1)

    def _entry(self, customer, days, amount):
        self.env['account.move'].create({
            'move_type': 'entry', 'journal_id': self.company.loss_journal_id.id, 'date': self._days_ago(max(days, 0)),
            'line_ids': [
                Command.create({
                    'account_id': self.receivable.id, 'partner_id': customer.id, 'balance': amount,
                    'date_maturity': self._days_ago(days)}),
                Command.create({'account_id': self.company.loss_expense_account_id.id, 'balance': -amount})],
        }).action_post()

    def _expected(self, documents):
        """Return the net claims per first day of the bucket."""
        claims, unapplied = defaultdict(float), defaultdict(float)
        for who, days, amount in documents:
            if amount > 0:
                start = max(bucket.days_from for bucket in self.buckets if bucket.days_from <= days)
                claims[who, start] += amount
            else:
                unapplied[who] -= amount
        net = defaultdict(float)
        for who, start in sorted(claims):
            used = min(unapplied[who], claims[who, start])
            unapplied[who] -= used
            net[start] += claims[who, start] - used
        return {start: amount for start, amount in net.items() if amount}

    @settings(deadline=None, derandomize=True, max_examples=8, suppress_health_check=list(HealthCheck))
    @given(DOCUMENTS)
    def test_base(self, documents):
        with self.env.cr.savepoint() as savepoint:
            for who, days, amount in documents:
                self._entry(self.customers[who], days, amount)
            provision = self.env['sales.receivable.provision'].create({'company_id': self.company.id})
            provision.action_compute()
            self.assertEqual({line.days_from: line.gross for line in provision.line_ids}, self._expected(documents))
            provision.action_post()
            self.assertEqual(-self._balance('loss_allowance_account_id'), provision.loss_amount)
            self.env.invalidate_all()
            savepoint.rollback()
        self.env.invalidate_all()
