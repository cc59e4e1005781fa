from odoo import fields
from odoo.fields import Command

from .credit_common import CreditCommon


class ReceivableCommon(CreditCommon):
    """Open items of customers of two salespeople, a second currency, and payment terms in instalments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env['res.currency'].with_context(active_test=False).search(
            [('id', '!=', cls.company.currency_id.id), ('name', 'in', ('USD', 'EUR'))], limit=1)
        cls.usd.active = True
        cls.env['res.currency.rate'].search([('currency_id', '=', cls.usd.id)]).unlink()
        cls.terms = cls.env['account.payment.term'].create({
            'name': "Three instalments",
            'line_ids': [
                Command.create({'value': 'percent', 'value_amount': percent, 'nb_days': days})
                for percent, days in ((20, 0), (30, 30), (50, 60))
            ],
        })
        cls.other = cls._create_partner("Other Customer", email=False, user_id=cls.user_sm_sales2.id)

    @classmethod
    def _rate(cls, day, units):
        """Let one unit of the company's currency be worth ``units`` of the second currency from a day on."""
        cls.env['res.currency.rate'].create({
            'currency_id': cls.usd.id, 'company_id': cls.company.id, 'name': day, 'rate': units})

    def _items(self, as_of=None, user=None, domain=()):
        """Return rows of the analysis as a user sees them."""
        self.env.flush_all()
        Report = self.env['sales.receivable.report']
        Report.invalidate_model()
        if user:
            Report = Report.with_user(user)
        return Report.with_context(receivable_as_of=as_of and fields.Date.to_string(as_of)).search(list(domain))

    def _receivable(self, move):
        """Return the receivable lines of an entry in the order of their due dates."""
        return move.line_ids.filtered(lambda line: line.account_type == 'asset_receivable').sorted('date_maturity')

    def _pay_on(self, invoice, day, amount=None, currency=None):
        """Pay an invoice on a day."""
        values = {'payment_date': day}
        if amount:
            values['amount'] = amount
        if currency:
            values['currency_id'] = currency.id
        return self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create(values)._create_payments()
