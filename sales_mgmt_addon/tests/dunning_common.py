from dateutil.relativedelta import relativedelta

from odoo import fields

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

    def _level(self, days, **values):
        return self.env['sales.dunning.level'].create({'name': f"Level {days}", 'days': days, **values})

    def _today(self):
        return fields.Date.context_today(self.company)
