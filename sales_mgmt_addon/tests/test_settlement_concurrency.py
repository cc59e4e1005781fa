"""Three people, or three workers, at the same seller: one statement, one entry, one payment, whatever is killed."""

import threading
import time

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..internal import grant
from ..models.channel.const import LEDGER_GUARD, SELLER_GUARD
from .race_common import RaceCommon

SELLERS = 4
INVOICES = 3


@tagged('post_install', '-at_install', 'sales_channel', 'sales_channel_concurrency')
class TestSettlementConcurrency(RaceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_ids, cls.users = [], []
        with cls._environment() as env:
            company = env['res.company'].create({'name': "Settlement Concurrency"})
            cls.company_id = company.id
            env = env(context={**env.context, 'allowed_company_ids': company.ids})
            env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
            company._set_up_marketplace()
            company.write({'settlement_auto_post': True, 'settlement_mail': False})
            cls.today = fields.Date.today()
            partners = env['res.partner'].create([
                {'name': f"Settlement Race {number}", 'is_company': True} for number in range(SELLERS)])
            cls.partner_ids = partners.ids
            banks = env['res.partner.bank'].create([
                {'acc_number': f"RACE{partner.id}", 'partner_id': partner.id, 'allow_out_payment': True} for partner in partners])
            cls.seller_ids = grant(env['sales.seller'], SELLER_GUARD).create([{
                'partner_id': partner.id, 'company_id': company.id, 'state': 'active', 'bank_account_id': bank.id,
                'bank_approved': True, 'settlement_cycle': 'delivery', 'currency_id': company.currency_id.id,
            } for partner, bank in zip(partners, banks, strict=True)]).ids

    def setUp(self):
        super().setUp()
        with self._environment() as env:
            # the sellers begin each test with nothing owed and nothing open
            for seller in env['sales.seller'].browse(self.seller_ids):
                for _invoice in range(INVOICES):
                    self._book(env, seller)

    @classmethod
    def _book(cls, env, seller):
        """Post a document of a seller over 100, booked the day before yesterday, with a commission of 15."""
        company = seller.company_id
        day = fields.Date.subtract(cls.today, days=2)
        move = grant(env['account.move'], LEDGER_GUARD).create({
            'move_type': 'out_invoice', 'partner_id': seller.partner_id.id, 'company_id': company.id, 'seller_id': seller.id,
            'journal_id': company.marketplace_sale_journal_id.id, 'invoice_date': day, 'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'price_unit': 100.0, 'account_id': company.marketplace_clearing_account_id.id,
                'seller_id': seller.id, 'revenue_presentation': 'agent', 'inventory_owner': 'seller', 'tax_supplier': 'seller',
                'tax_ids': [Command.clear()]})]})
        move.action_post()
        rows = env['sales.seller.ledger'].search([('move_id', '=', move.id), ('kind', '=', 'commission')])
        grant(rows, LEDGER_GUARD).unlink()
        grant(env['sales.seller.ledger'], LEDGER_GUARD).create({
            'seller_id': seller.id, 'company_id': company.id, 'currency_id': company.currency_id.id, 'date': day,
            'available_date': day, 'kind': 'commission', 'amount': -15.0, 'move_id': move.id})
        return move

    @classmethod
    def _remove_committed_data(cls):
        """Delete by SQL what nobody may delete; the company stays, archived, as Odoo wants it."""
        with cls._environment() as env:
            company = [cls.company_id]
            moves = env['account.move'].search([('company_id', 'in', company)]).ids
            for model in ('account.move', 'account.payment', 'sales.settlement', 'sales.payout', 'sales.seller', 'res.partner'):
                ids = cls.partner_ids if model == 'res.partner' else env[model].search([('company_id', 'in', company)]).ids
                cls._delete_traces(env, model, ids)
            env.cr.execute(SQL("UPDATE account_move SET origin_payment_id = NULL WHERE id = ANY(%s)", moves))
            env.cr.execute(SQL("UPDATE sales_settlement SET payout_id = NULL WHERE company_id = ANY(%s)", company))
            cls._delete_rows(env, (
                ('sales_seller_ledger', 'company_id', company),
                ('account_payment', 'company_id', company),
                ('sales_settlement', 'company_id', company),
                ('sales_payout', 'company_id', company),
                ('sales_attainment_entry', 'company_id', company),
                ('account_partial_reconcile', 'company_id', company),
                ('account_move_line', 'move_id', moves),
                ('account_move', 'id', moves),
                ('sales_seller', 'company_id', company),
                ('sales_credit_profile', 'company_id', company),
                ('res_partner_bank', 'partner_id', cls.partner_ids),
                ('res_partner', 'id', cls.partner_ids),
            ))
            env.cr.execute(SQL("UPDATE res_company SET active = FALSE WHERE id = ANY(%s)", company))
        cls.registry.clear_cache()

    def _seller(self, env, number=0):
        return env['sales.seller'].browse(self.seller_ids[number])

    def _assert_books(self, env):
        """Nothing of the company differs, and every statement has one entry and one invoice."""
        env.flush_all()
        control = env['sales.settlement.control'].search([('company_id', '=', self.company_id)])
        self.assertTrue(control)
        self.assertFalse(control.filtered('is_different'))

    def _settle_and_pay_all(self, env):
        """Close what a test has left, so that the next one begins with nothing."""
        env['sales.settlement']._collect(env['sales.seller'].browse(self.seller_ids), self.today)
        env['sales.settlement'].search([('company_id', '=', self.company_id), ('state', '=', 'draft')]).action_post()

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_one_statement_one_entry(self):
        with self._environment() as env:
            before = env['sales.settlement'].search([('company_id', '=', self.company_id)]).ids

        def settle(env):
            env['sales.settlement']._collect(self._seller(env), self.today).action_post()

        results = self._in_parallel(settle)
        self.assertFalse([result for result in results if isinstance(result, Exception)])
        with self._environment() as env:
            statement = env['sales.settlement'].search([
                ('seller_id', '=', self.seller_ids[0]), ('id', 'not in', before)])
            self.assertEqual((len(statement), statement.state, statement.amount_net), (1, 'posted', 255.0))
            for move_type, number in (('entry', 1), ('out_invoice', 1)):
                self.assertEqual(env['account.move'].search_count([
                    ('ref', '=', statement.name), ('move_type', '=', move_type)]), number)
            self._assert_books(env)
            statement_id, name = statement.id, statement.name
        self._in_parallel(lambda env: env['sales.settlement'].browse(statement_id).action_post())
        with self._environment() as env:
            self.assertEqual(env['account.move'].search_count([('ref', '=', name)]), 2)

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_reset_of_an_invoice_races_with_the_statement(self):
        with self._environment() as env:
            invoice_id = self._book(env, self._seller(env, 1)).id

        def settle(env):
            env['sales.settlement']._collect(self._seller(env, 1), self.today).action_post()

        results = self._in_parallel(settle, lambda env: env['account.move'].browse(invoice_id).button_draft())
        with self._environment() as env:
            invoice = env['account.move'].browse(invoice_id)
            row = env['sales.seller.ledger'].search([('move_id', '=', invoice_id), ('kind', '=', 'sale')])
            if invoice.state == 'draft':
                self.assertFalse(row, "Reset in time: the statement does not know it")
            else:
                self.assertEqual(row.settlement_id.state, 'posted')
                self.assertIn("settled with the seller", str([one for one in results if one]))
            self._assert_books(env)

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_one_payment(self):
        with self._environment() as env:
            self._settle_and_pay_all(env)

        def pay(env):
            payout = env['sales.payout'].create({'company_id': self.company_id})
            payout.action_collect()
            return payout.id

        results = self._in_parallel(pay)
        self.assertFalse([result for result in results if isinstance(result, Exception)])
        with self._environment() as env:
            payments = env['account.payment'].search([('payout_id', 'in', results)])
            self.assertEqual(len(payments), SELLERS)
            self.assertEqual(len(payments.partner_id), SELLERS)
            self.assertEqual(len(payments.payout_id), 1)
            payout_id = payments.payout_id.id
            # who approves is of no matter here
            payments.payout_id._set({'state': 'approved'})
        results = self._in_parallel(lambda env: env['sales.payout'].browse(payout_id).action_send())
        self.assertEqual(sum(result is True for result in results), 1)
        with self._environment() as env:
            statements = env['sales.settlement'].search([('company_id', '=', self.company_id)])
            self.assertEqual(set(statements.mapped('state')), {'paid'})
            self._assert_books(env)

    @mute_logger('odoo.sql_db', 'odoo.service.model', 'odoo.addons.sales_mgmt_addon.models.settlement.sales_settlement_cycle')
    def test_job_is_killed_and_starts_again(self):
        """The connection of the job is cut by the database as soon as the first seller is settled."""
        with self._environment() as env:
            self._settle_and_pay_all(env)
            for seller in env['sales.seller'].browse(self.seller_ids):
                self._book(env, seller)
            before = env['sales.settlement'].search([('company_id', '=', self.company_id)]).ids
            env.cr.execute(SQL("UPDATE sales_settlement SET date_to = %s WHERE id = ANY(%s)",
                               fields.Date.subtract(self.today, days=9), before))
        pids, ended = [], []

        def job():
            cr = self.registry.cursor()
            try:
                cr.execute("SELECT pg_backend_pid()")
                pids.append(cr.fetchone()[0])
                api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True, 'lang': 'en_US'})['sales.settlement']._cron_settle()
            except Exception as error:  # noqa: BLE001 - it is killed
                ended.append(error)
            finally:
                try:
                    cr.close()
                except Exception as error:  # noqa: BLE001 - there is no connection to close
                    ended.append(error)

        worker = threading.Thread(target=job)
        worker.start()
        deadline = time.monotonic() + 60
        while worker.is_alive() and time.monotonic() < deadline:
            with self._environment() as env:
                if pids and env['sales.settlement'].search_count([
                        ('company_id', '=', self.company_id), ('id', 'not in', before), ('state', '=', 'posted')]):
                    env.cr.execute("SELECT pg_terminate_backend(%s)", [pids[0]])
                    break
            time.sleep(0.02)
        worker.join()
        for _run in range(2):
            with self._environment() as env:
                env['sales.settlement']._cron_settle()
        with self._environment() as env:
            statements = env['sales.settlement'].search([('company_id', '=', self.company_id), ('id', 'not in', before)])
            self.assertEqual(sorted(statements.seller_id.ids), sorted(self.seller_ids))
            self.assertEqual(
                (len(statements), set(statements.mapped('state')), set(statements.mapped('amount_net'))),
                (SELLERS, {'posted'}, {85.0}))
            self._assert_books(env)
