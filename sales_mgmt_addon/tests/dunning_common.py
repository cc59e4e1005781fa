from dateutil.relativedelta import relativedelta

from .credit_common import CreditCommon


class DunningCommon(CreditCommon):
    """Four levels: 3 days before due, 10, 20 and 40 days after it; the last one stops supply.

    Only their letters are in the way of the tests: what else is in the database is dunned never.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['account.move.line'].search([
            ('account_type', '=', 'asset_receivable'), ('reconciled', '=', False)]).no_followup = True
        Level = cls.env['sales.dunning.level']
        Level.search([('company_id', '=', cls.company.root_id.id)]).action_archive()
        cls.before, cls.first, cls.second, cls.final = Level.create([
            {'name': "Soon", 'days': -3, 'attach_invoices': False},
            {'name': "First", 'days': 10, 'text': "<p>Please pay.</p>", 'interest_rate': 5.0},
            {'name': "Second", 'days': 20, 'fee': 40.0, 'interest_rate': 10.0},
            {'name': "Final", 'days': 40, 'channel': 'letter', 'stop_supply': True, 'fee': 40.0, 'interest_rate': 10.0},
        ])
        cls.customer.email = 'dunned@example.com'

    @classmethod
    def _ago(cls, days):
        return cls.today - relativedelta(days=days)

    def _run(self, **values):
        return self.env['sales.dunning.run'].create(values)

    def _propose(self, **values):
        """Return the letters of a new run."""
        run = self._run(**values)
        run.action_propose()
        return run.letter_ids

    def _send(self, letters):
        """Work off the queue as the cron does, without its commits."""
        run = letters.run_id
        run.action_send()
        letters.filtered(lambda letter: letter.state == 'queued')._process()
        run._end_if_sent()
        return letters

    def _dun(self):
        """Propose and send; return the letters."""
        run = self._run()
        run.action_propose()
        letters = run.letter_ids
        run.action_send()
        letters.filtered(lambda letter: letter.state == 'queued')._process()
        run._end_if_sent()
        self.assertEqual(run.state, 'done')
        return letters

    def _move_due(self, invoice, days):
        """Let an invoice be due so many days ago."""
        lines = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        lines.date_maturity = self._ago(days)
        return lines

    def _pay_on(self, invoice, amount, date):
        """Pay a part of an invoice on a past day."""
        wizard = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({'amount': amount, 'payment_date': date})
        return wizard._create_payments()

    def _level(self, days, **values):
        return self.env['sales.dunning.level'].create({'name': f"Level {days}", 'days': days, **values})

    def _item(self, invoice):
        [line] = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        return line

    def _dispute(self, invoice, amount=None, user=None):
        Dispute = self.env['sales.receivable.dispute']
        return (Dispute.with_user(user) if user else Dispute)._open(self._item(invoice), 'price', amount=amount)

    def _promise(self, invoice, date, amount=None):
        line = self._item(invoice)
        return self.env['sales.collection.promise']._make(line, amount or line.amount_residual_currency, date)

    def _mail(self, letter):
        return self.env['mail.mail'].sudo().search([('model', '=', 'sales.dunning.letter'), ('res_id', '=', letter.id)])
