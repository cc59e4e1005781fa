from datetime import date, timedelta

from odoo import Command, api, models

from . import facts


class SalesDemo(models.AbstractModel):
    """Invoices beside the orders that customers have not paid: late, in instalments, in dollars, contested."""

    _inherit = 'sales.demo'

    @api.model
    def _load_claims(self, today):
        """Post the claims and match what was paid for them.

        :param date today: the day the demo company is installed
        """
        self._write_dollar_rates(today)
        claims = {
            key: self.env['account.move'].create(self._prepare_claim(today, *claim[:-1]))
            for key, claim in facts.CLAIMS.items()
        }
        for key, invoice in claims.items():
            self._name_record(f'claim_{key}', invoice)
            invoice._post(soft=False)
            self._backdate(invoice, {invoice.id: invoice.invoice_date}, 'create_date')
            for days, amount in facts.CLAIMS[key][-1]:
                payments = self._receive([
                    self._prepare_payment(invoice.partner_id, today - timedelta(days), amount, invoice.name)])
                self._match(payments, invoice)

    def _write_dollar_rates(self, today):
        self.env['res.currency.rate'].create([
            {
                'name': date(year, 1, 1), 'currency_id': self.env.ref('base.USD').id,
                'company_id': self._company().id, 'inverse_company_rate': rate,
            }
            for year, rate in zip((today.year - 1, today.year), facts.USD_RATES, strict=True)
        ])

    def _prepare_claim(self, today, customer, days, term, currency, text, amount):
        partner = self._ref(f'partner_{customer}')
        invoiced_on = today - timedelta(days)
        terms = {'invoice_payment_term_id': self._ref('payment_term_thirds').id} if term == 'thirds' else {
            'invoice_payment_term_id': False, 'invoice_date_due': invoiced_on + timedelta(term)}
        return {
            'move_type': 'out_invoice',
            'partner_id': partner.id,
            'company_id': self._company().id,
            'currency_id': self.env.ref(f'base.{currency}').id,
            'invoice_user_id': partner.user_id.id,
            'team_id': partner.user_id.sale_team_id.id,
            'invoice_date': invoiced_on,
            **terms,
            'invoice_line_ids': [Command.create({
                'name': text,
                'quantity': 1,
                'price_unit': amount,
                'tax_ids': [Command.set(self._company().account_sale_tax_id.ids)],
            })],
        }

    def _name_record(self, key, record):
        """Give a record an XML id, so that later steps find it."""
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'{facts.MODULE}.{key}', 'record': record, 'noupdate': True}])
