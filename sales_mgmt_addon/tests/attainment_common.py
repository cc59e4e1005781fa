from odoo import fields
from odoo.fields import Command

from .credit_common import CreditCommon


class AttainmentCommon(CreditCommon):
    """Documents as in :class:`CreditCommon`, and what the book says about them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Entry = cls.env['sales.attainment.entry']
        cls.company.partner_id.tz = 'Asia/Shanghai'
        cls.tax = cls.env['account.tax'].create({
            'name': "VAT 13", 'amount': 13, 'amount_type': 'percent', 'type_tax_use': 'sale'})

    def _entries(self, code, document=None, **domain):
        """Return the entries of a metric, oldest first. What is computed late is booked first."""
        self.env.flush_all()
        if document:
            domain |= {'res_model': document._name, 'res_id': document.ids}
        return self.Entry.search([
            ('metric_id.code', '=', code),
            *((name, 'in' if isinstance(value, list) else '=', value) for name, value in domain.items()),
        ], order='id')

    def _sum(self, code, document=None, **domain):
        """Return the sum of a metric, overlays left out."""
        entries = self._entries(code, document, is_overlay=False, **domain)
        return round(sum(entries.mapped('value')), 4)

    def assertBooked(self, document, **sums):
        """Compare the sums of metrics that are booked for a document."""
        self.assertEqual({code: self._sum(code, document) for code in sums}, sums)

    def _taxed_invoice(self, *amounts, post=True, move_type='out_invoice', **values):
        """Return an invoice with a line of goods per untaxed amount, all with tax."""
        return self._direct_invoice(
            0, post=post, move_type=move_type,
            invoice_line_ids=[
                Command.create({
                    'product_id': self.goods.id, 'quantity': 1, 'price_unit': amount,
                    'tax_ids': [Command.set(self.tax.ids)],
                })
                for amount in amounts
            ],
            **{'invoice_user_id': self.user_sm_sales.id, 'team_id': self.team.id, **values})

    def _currency(self, name="ATX", rate=2.0):
        """Return a foreign currency, ``rate`` units of which buy one of the company's."""
        currency = self.env['res.currency'].create({'name': name, 'symbol': name, 'rounding': 0.01})
        self.env['res.currency.rate'].create({
            'currency_id': currency.id, 'name': fields.Date.to_date('2020-01-01'), 'rate': rate,
            'company_id': self.company.id,
        })
        return currency
