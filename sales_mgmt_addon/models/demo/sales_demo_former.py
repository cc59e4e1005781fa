from odoo import Command, api, fields, models

from . import plan


class SalesDemo(models.AbstractModel):
    """The time before the orders begin: invoices and payments that were brought over from the former system."""

    _inherit = 'sales.demo'

    @api.model
    def _load_former_invoices(self):
        """Post and pay what was invoiced from the first day of last year on, in the order in which it happened.

        Each batch is paid before the next one is posted: a customer with overdue items gets no new invoice.
        """
        plans = plan.plan_former_invoices(fields.Date.context_today(self))
        invoices = self.env['account.move'].create([self._prepare_former_invoice(former) for former in plans])
        planned = list(zip(plans, invoices, strict=True))
        for batch in self._batches(planned):
            moves = invoices.browse([invoice.id for _former, invoice in batch])
            moves._post(soft=False)
            batch.sort(key=lambda pair: pair[0].paid_on)
            payments = self._receive([
                self._prepare_payment(invoice.partner_id, former.paid_on, invoice.amount_total, invoice.name)
                for former, invoice in batch
            ])
            self._match(payments, [invoice for _former, invoice in batch])
        self._backdate(invoices, {invoice.id: invoice.invoice_date for invoice in invoices}, 'create_date')

    def _prepare_former_invoice(self, former):
        partner = self._ref(f'partner_{former.customer}')
        return {
            'move_type': 'out_invoice',
            'partner_id': partner.id,
            'company_id': self._company().id,
            'invoice_user_id': partner.user_id.id,
            'team_id': partner.user_id.sale_team_id.id,
            'invoice_date': former.invoiced_on,
            'invoice_line_ids': [
                Command.create({
                    'product_id': self._ref(f'product_{product}').id,
                    'quantity': quantity,
                    'discount': discount,
                })
                for product, quantity, discount in former.lines
            ],
        }
