"""Two people, or two workers, at the same letters: none is sent twice, none is lost, nothing is charged twice."""

import threading
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

WORKERS = 3
CUSTOMERS = 4


@tagged('post_install', '-at_install', 'sales_credit', 'sales_credit_concurrency')
class TestDunningConcurrency(BaseCase):
    """Real transactions on committed data, because a test cursor hides every race."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._remove_committed_data)
        with cls._environment() as env:
            # a company of its own, so that nothing else of the database is dunned
            company = env['res.company'].create({'name': "Dunning Concurrency"})
            env = env(context={**env.context, 'allowed_company_ids': company.ids})
            cls.company_id = company.id
            env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
            today = fields.Date.today()
            cls.level_id = env['sales.dunning.level'].create({
                'name': "Race", 'days': 10, 'company_id': company.id, 'channel': 'activity', 'fee': 5.0}).id
            partners = env['res.partner'].create([
                {'name': f"Dunning Race {number}", 'is_company': True} for number in range(CUSTOMERS)])
            cls.partner_ids = partners.ids
            moves = env['account.move'].create([{
                'move_type': 'out_invoice', 'partner_id': partner.id, 'company_id': company.id,
                'invoice_date': today - timedelta(days=15), 'invoice_date_due': today - timedelta(days=15),
                'invoice_payment_term_id': False,
                'invoice_line_ids': [Command.create({'name': "Goods", 'price_unit': 100.0, 'tax_ids': [Command.clear()]})],
            } for partner in partners])
            moves.action_post()

    @classmethod
    def _environment(cls):
        """Return a context manager: an environment in a transaction that is committed at its end."""
        class Transaction:
            def __enter__(self):
                self.cr = cls.registry.cursor()
                return api.Environment(self.cr, SUPERUSER_ID, {'tracking_disable': True, 'lang': 'en_US'})

            def __exit__(self, error_type, _error, _traceback):
                try:
                    if error_type is None:
                        self.cr.commit()  # pylint: disable=invalid-commit
                finally:
                    self.cr.close()
        return Transaction()

    @classmethod
    def _remove_committed_data(cls):
        """Delete by SQL what nobody may delete; the company stays, archived, as Odoo wants it."""
        with cls._environment() as env:
            company, partners = [cls.company_id], cls.partner_ids
            letters = env['sales.dunning.letter'].search([('company_id', 'in', company)]).ids
            moves = env['account.move'].search([('company_id', 'in', company)]).ids
            profiles = env['sales.credit.profile'].search([('company_id', 'in', company)]).ids
            runs = env['sales.dunning.run'].search([('company_id', 'in', company)]).ids
            for model, ids in (
                ('sales.dunning.letter', letters), ('sales.dunning.run', runs), ('account.move', moves),
                ('sales.credit.profile', profiles), ('res.partner', partners),
            ):
                for table, column in (('mail_activity', 'res_model'), ('mail_followers', 'res_model'), ('mail_message', 'model')):
                    env.cr.execute(SQL(
                        "DELETE FROM %s WHERE %s = %s AND res_id = ANY(%s)",
                        SQL.identifier(table), SQL.identifier(column), model, ids))
            for table, column, ids in (
                ('sales_dunning_charge', 'company_id', company),
                ('sales_dunning_line', 'company_id', company),
                ('sales_dunning_letter', 'company_id', company),
                ('sales_dunning_run', 'company_id', company),
                ('sales_dunning_level', 'company_id', company),
                ('sales_attainment_entry', 'partner_id', partners),
                ('account_move_line', 'move_id', moves),
                ('account_move', 'id', moves),
                ('sales_credit_profile', 'company_id', company),
                ('res_partner', 'id', partners),
            ):
                env.cr.execute(SQL("DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), ids))
            env.cr.execute(SQL("UPDATE res_company SET active = FALSE WHERE id = ANY(%s)", company))
        cls.registry.clear_cache()

    def _in_parallel(self, function):
        """Call a function of an environment in several transactions that begin before any of them ends.

        :return: what each call returned or raised
        """
        start, results = threading.Barrier(WORKERS), []

        def work():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {
                    'tracking_disable': True, 'lang': 'en_US', 'allowed_company_ids': [self.company_id]})
                env['sales.dunning.run'].search([]).mapped('state')  # the snapshot begins here
                start.wait(timeout=60)
                try:
                    results.append(retrying(lambda: function(env), env))
                except Exception as error:  # noqa: BLE001 - the main thread looks at it
                    results.append(error)

        threads = [threading.Thread(target=work) for _number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_propose_send_and_charge_once(self):
        with self._environment() as env:
            run = env['sales.dunning.run'].create({'company_id': self.company_id})
            run_id = run.id

        self._in_parallel(lambda env: env['sales.dunning.run'].browse(run_id).action_propose())
        with self._environment() as env:
            run = env['sales.dunning.run'].browse(run_id)
            self.assertEqual(run.state, 'proposed')
            self.assertEqual(sorted(run.letter_ids.partner_id.ids), sorted(self.partner_ids))
            self.assertEqual(len(run.letter_ids), CUSTOMERS)

        self._in_parallel(lambda env: env['sales.dunning.run'].browse(run_id).action_send())

        def send(env):
            letters = env['sales.dunning.run'].browse(run_id).letter_ids
            for letter in letters:
                letter = letter.try_lock_for_update()
                letter.filtered(lambda one: one.state == 'queued')._process()
                env.cr.commit()  # pylint: disable=invalid-commit

        self._in_parallel(send)
        with self._environment() as env:
            # a worker that lost a race starts again later, as the cron does
            send(env)
            run = env['sales.dunning.run'].browse(run_id)
            run._end_if_sent()
            self.assertEqual((run.state, set(run.letter_ids.mapped('state'))), ('done', {'sent'}))
            self.assertEqual(
                [len(letter.activity_ids) for letter in run.letter_ids], [1] * CUSTOMERS, "Each of them once")

        self._in_parallel(lambda env: env['sales.dunning.run'].browse(run_id).letter_ids[0].action_charge())
        with self._environment() as env:
            charges = env['sales.dunning.charge'].search([('company_id', '=', self.company_id)])
            self.assertEqual((len(charges), charges.amount), (1, 5.0))
            self.assertEqual(env['account.move'].search_count(
                [('company_id', '=', self.company_id), ('is_dunning_charge', '=', True)]), 1)
