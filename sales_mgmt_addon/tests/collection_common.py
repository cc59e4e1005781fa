from odoo import fields
from odoo.fields import Command

from ..internal import grant
from .credit_common import CreditCommon


class CollectionCommon(CreditCommon):
    """Customers with overdue items, and what is done about them. Days are counted from today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.root_id.write({
            'collection_open_days': 3, 'collection_min_amount': 0, 'collection_owner': 'salesperson',
            'collection_collector_id': cls.user_sm_controller.id, 'collection_promise_grace_days': 2,
        })
        cls.Case = cls.env['sales.collection.case']
        cls.Promise = cls.env['sales.collection.promise']

    @classmethod
    def _day(cls, days):
        """Return the day so many days from today."""
        return fields.Date.add(cls.today, days=days)

    def _item(self, amount, overdue, partner=None, **values):
        """Return the receivable item of a posted invoice that has been overdue for so many days."""
        return self._receivables(self._direct_invoice(amount, partner=partner, due=self._day(-overdue), **values))

    def _receivables(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')

    def _instalments(self, *parts, partner=None):
        """Return the items of one invoice with instalments ``(amount, days overdue)``."""
        total = sum(amount for amount, _overdue in parts)
        term = self.env['account.payment.term'].create({
            'name': "Instalments",
            'line_ids': [
                Command.create({
                    'value': 'fixed' if index < len(parts) - 1 else 'percent',
                    'value_amount': amount if index < len(parts) - 1 else 100.0,
                    'nb_days': 200 - overdue,
                }) for index, (amount, overdue) in enumerate(parts)
            ],
        }) if len(parts) > 1 else None
        invoice = self._direct_invoice(
            total, partner=partner, post=False, invoice_date=self._day(-200), invoice_payment_term_id=term.id,
            invoice_date_due=False)
        invoice.action_post()
        return self._receivables(invoice).sorted('date_maturity')

    def _sync(self, partner=None):
        self.env.flush_all()
        cases = self.Case._sync(partner or self.customer)
        self.env.invalidate_all()
        return cases.with_env(self.env)

    def _pay_items(self, items, amount=None, days=0):
        """Pay items on the day so many days from today; returns the payment."""
        wizard = self.env['account.payment.register'].with_context(
            active_model='account.move.line', active_ids=items.ids).create({
                'payment_date': self._day(days), **({'amount': amount} if amount else {})})
        return wizard._create_payments()

    def _age(self, record, **values):
        """Write values that only the server writes, to make something older than it is."""
        for guard in ('collection.case', 'collection.promise', 'collection.action'):
            record = grant(record.sudo(), guard)
        record.write(values)
        self.env.flush_all()

    def _dispute(self, item, amount=None):
        return grant(self.env['sales.receivable.dispute'].sudo(), 'receivable.dispute').create({
            'line_id': item.id,
            'partner_id': item.partner_id.commercial_partner_id.id,
            'company_id': item.company_id.id,
            'currency_id': item.currency_id.id,
            'amount': amount or item.amount_residual_currency,
            'reason': 'quality',
            'user_id': self.user_sm_sales.id,
            'deadline': self._day(10),
        })
