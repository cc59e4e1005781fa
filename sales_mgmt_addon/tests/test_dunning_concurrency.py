"""Two people, or two workers, at the same letters: none is sent twice, none is lost, nothing is charged twice."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .race_common import RaceCommon

CUSTOMERS = 4


@tagged('post_install', '-at_install', 'sales_credit', 'sales_credit_concurrency')
class TestDunningConcurrency(RaceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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
                cls._delete_traces(env, model, ids)
            cls._delete_rows(env, (
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
            ))
            env.cr.execute(SQL("UPDATE res_company SET active = FALSE WHERE id = ANY(%s)", company))
        cls.registry.clear_cache()

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
