from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..internal import grant
from ..models.channel.const import SELLER_GUARD
from .settlement_common import SettlementCommon


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time('2026-04-15')
class TestSettlementCycle(SettlementCommon):

    def _cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_settlement').method_direct_trigger()

    def _statements(self, seller=None):
        return self.env['sales.settlement'].search([('seller_id', '=', (seller or self.seller_1).id)], order='id')

    def _set(self, **vals):
        grant(self.seller_1, SELLER_GUARD).write(vals)

    def test_days(self):
        """By the calendar: 1 April 2026 is a Wednesday."""
        expected = {
            'weekly': [('2026-04-01', '2026-04-05', '2026-03-29'), ('2026-04-05', '2026-04-05', '2026-04-05')],
            'decade': [
                ('2026-04-01', '2026-04-10', '2026-03-31'), ('2026-04-10', '2026-04-10', '2026-04-10'),
                ('2026-04-11', '2026-04-20', '2026-04-10'), ('2026-02-21', '2026-02-28', '2026-02-20')],
            'monthly': [('2026-04-15', '2026-04-30', '2026-03-31'), ('2024-02-29', '2024-02-29', '2024-02-29')],
            'delivery': [('2026-04-15', '2026-04-15', '2026-04-15')],
        }
        for cycle, cases in expected.items():
            self._set(settlement_cycle=cycle)
            for day, following, last in cases:
                day = date.fromisoformat(day)
                self.assertEqual(str(self.seller_1._get_next_cutoff(day)), following, (cycle, day))
                self.assertEqual(str(self.seller_1._get_last_cutoff(day)), last, (cycle, day))

    def test_job_leaves_drafts_for_the_officer(self):
        self.company.settlement_user_id = self.user_sm_settle
        self._book(self.seller_1, 100)
        self._book(self.seller_1, 100, day='2026-04-01')
        self._cron()
        self.assertRecordValues(self._statements(), [{'state': 'draft', 'date_to': date(2026, 3, 31), 'amount_sales': 110.0}])
        self.assertEqual(self._statements().activity_ids.user_id, self.user_sm_settle)
        self._cron()
        self.assertEqual(len(self._statements().activity_ids), 1)
        self._statements().with_user(self.user_sm_settle).action_post()
        self.assertFalse(self._statements().activity_ids)

    def test_job_posts(self):
        self.company.settlement_auto_post = True
        self._book(self.seller_1, 100)
        self._book(self.seller_2, 200)
        self._cron()
        self.assertEqual(self._statements().mapped('state') + self._statements(self.seller_2).mapped('state'), ['posted'] * 2)
        # a document that comes late waits for the next cut-off
        self._book(self.seller_1, 50, day='2026-03-20')
        self._cron()
        self.assertEqual(len(self._statements()), 1)
        with freeze_time('2026-05-01'):
            self._cron()
        self.assertEqual(self._statements().mapped('date_to'), [date(2026, 3, 31), date(2026, 4, 30)])
        self.assertEqual(self._statements().mapped('amount_sales'), [110.0, 55.0])

    def test_job_goes_on_after_an_error(self):
        self.company.write({'settlement_auto_post': True, 'settlement_user_id': self.user_sm_settle.id})
        sale = self._book(self.seller_1, 100)
        self._book(self.seller_2, 100)
        # somebody matched the clearing item of the first seller by hand
        counter = self.env['account.move'].create({'journal_id': self.company.marketplace_journal_id.id, 'line_ids': [
            (0, 0, {'account_id': self.clearing.id, 'debit': 110.0}),
            (0, 0, {'account_id': self.commission_account.id, 'credit': 110.0})]})
        counter.action_post()
        (self._clearing_of(sale) | self._clearing_of(counter)).reconcile()
        self._cron()
        self.assertFalse(self._statements().filtered(lambda one: one.state == 'posted'))
        self.assertIn(sale.name, self.seller_1.activity_ids.note)
        self.assertEqual(self._statements(self.seller_2).state, 'posted')
        self.assertEqual(self._owed(self.seller_2), 93.5)

    def test_job_is_stopped_and_starts_again(self):
        """One statement each, however often the job breaks off between two sellers."""
        self.company.settlement_auto_post = True
        for seller in self.seller_1 | self.seller_2:
            self._book(seller, 100)
        Settlement = self.env.registry['sales.settlement']
        settle, done = Settlement._settle_seller, []

        def stop_after_first(records, seller_id, cutoff):
            if done:
                raise MemoryError("Killed")
            done.append(seller_id)
            return settle(records, seller_id, cutoff)

        with (
            patch.object(Settlement, '_settle_seller', stop_after_first),
            self.assertLogs('odoo.addons.base.models.ir_cron', 'ERROR'),
        ):
            self._cron()
        self.assertEqual(len(self._statements() | self._statements(self.seller_2)), 1)
        self._cron()
        self._cron()
        statements = self._statements() | self._statements(self.seller_2)
        self.assertEqual(statements.mapped('state'), ['posted'] * 2)
        payout = self._pay()
        self.assertEqual(payout.payment_ids.mapped('amount'), [93.5, 93.5])
        self.assertFalse(self._pay(send=False).payment_ids)

    def test_delivery_cycle_waits(self):
        self._set(settlement_cycle='delivery')
        self.company.settlement_auto_post = True
        self._book(self.seller_1, 100, available_date='2026-04-15')
        self._book(self.seller_1, 10, available_date='2026-04-14')
        self._book(self.seller_1, 1, available_date=False)
        self._cron()
        self.assertEqual(self._statements().mapped('amount_sales'), [11.0])

    def test_area_is_off(self):
        self.company.settlement_auto_post = True
        self._book(self.seller_1, 100)
        area = self.env.ref('sales_mgmt_addon.group_area_channel')
        self.env.ref('base.group_user').implied_ids -= area
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_channel'):
            self._cron()
            self.assertFalse(self._statements())

    def test_no_statement_in_the_future(self):
        with self.assertRaisesSaying(UserError, "in the future"):
            self.env['sales.settlement']._collect(self.seller_1, date(2026, 4, 16))

    def test_start_dialog(self):
        self._book(self.seller_1, 100)
        self._book(self.seller_2, 100, day='2026-04-10')
        Start = self.env['sales.settlement.start'].with_user(self.user_sm_settle)
        action = Start.create({'date_to': '2026-03-31'}).action_collect()
        self.assertEqual(self.env['sales.settlement'].search(action['domain']).seller_id, self.seller_1)
        with self.assertRaisesSaying(UserError, "nothing to settle"):
            Start.create({'date_to': '2026-01-31'}).action_collect()
        with self.assertRaises(AccessError):
            self.env['sales.settlement.start'].with_user(self.user_sm_billing).create({})

    # === RESERVE AND ADJUSTMENTS === #

    def test_reserve(self):
        """10 % of 93.50 are kept for 10 days: 9.35."""
        self._set(reserve_percent=10.0, reserve_days=10)
        reserve = self.company.marketplace_reserve_account_id
        self._book(self.seller_1, 100)
        first = self._settle()
        self.assertRecordValues(first, [{'amount_reserve': -9.35, 'amount_net': 84.15, 'amount_closing': 84.15}])
        self.assertEqual((self._owed(), self._balance(reserve)), (84.15, -9.35))
        self.assertEqual(self._pay().payment_ids.amount, 84.15)

        self._set(reserve_percent=0.0)
        self._book(self.seller_1, 10, day='2026-04-02')
        second = self._settle(cutoff=date(2026, 4, 9))
        self.assertRecordValues(second, [{'amount_reserve': 0.0, 'amount_closing': 9.35}])
        # on its own, the release makes a statement
        third = self._settle(cutoff=date(2026, 4, 10))
        self.assertRecordValues(third, [{
            'amount_opening': 9.35, 'amount_reserve': 9.35, 'amount_net': 9.35, 'amount_closing': 18.7}])
        self.assertEqual((self._owed(), self._balance(reserve)), (18.7, 0.0))
        items = self.env['account.move.line'].search([('account_id', '=', reserve.id), ('parent_state', '=', 'posted')])
        self.assertTrue(all(items.mapped('reconciled')))

    def test_cancel_takes_the_reserve_back(self):
        self._set(reserve_percent=10.0)
        self._book(self.seller_1, 100)
        self._settle().action_cancel()
        self.assertFalse(self.env['sales.seller.ledger'].search([('kind', 'in', ('reserve', 'release'))]))
        self.assertEqual((self._owed(), self._balance(self.company.marketplace_reserve_account_id)), (0.0, 0.0))

    def test_adjustments(self):
        """We lost goods and pay 60; rent of 20 with VAT is invoiced."""
        loss = self.env['account.account'].create({'name': "Losses", 'code': '690099', 'account_type': 'expense'})
        Adjust = self.env['sales.settlement.adjust'].with_user(self.user_sm_settle)
        proof = self.env['ir.attachment'].with_user(self.user_sm_settle).create({
            'name': "count.pdf", 'raw': b'%PDF', 'res_model': 'sales.settlement.adjust', 'res_id': 0})
        Adjust.create({
            'attachment_ids': [Command.set(proof.ids)],
            'seller_id': self.seller_1.id, 'direction': 'credit', 'amount': 60.0, 'account_id': loss.id, 'date': '2026-03-20',
            'reason': "Lost in our warehouse", 'document': "C-1"}).action_book()
        Adjust.create({
            'seller_id': self.seller_1.id, 'kind': 'fee', 'amount': 20.0, 'date': '2026-03-20', 'reason': "Rent"}).action_book()
        entry = self.env['sales.seller.ledger'].search([('seller_id', '=', self.seller_1.id), ('account_id', '=', loss.id)])
        self.assertEqual((entry.note, entry.create_uid), ("Lost in our warehouse · C-1", self.user_sm_settle))
        self.assertEqual(entry.document_ids, proof)
        self.assertEqual((proof.sudo().res_model, proof.sudo().res_id), (entry._name, entry.id))
        # salespeople read what is said on the seller
        self.assertNotIn("60", "".join(self.seller_1.message_ids.mapped('body')))
        with self.assertRaises(AccessError):
            proof.with_user(self.user_sm_sales).read(['datas'])
        statement = self._settle()
        self.assertRecordValues(statement, [{'amount_adjustments': 60.0, 'amount_fees': -22.0, 'amount_closing': 38.0}])
        self.assertEqual((self._balance(loss), self._owed()), (60.0, 38.0))
        self.assertEqual(self._balance(self.company.marketplace_fee_account_id), -20.0)

    def test_bad_adjustments(self):
        Adjust = self.env['sales.settlement.adjust'].with_user(self.user_sm_settle)
        vals = {'seller_id': self.seller_1.id, 'amount': 5.0, 'reason': "Penalty"}
        with self.assertRaisesSaying(ValidationError, "above zero"):
            Adjust.create({**vals, 'amount': -5.0})
        for account in (False, self.payable.id, self.clearing.id):
            with self.assertRaisesSaying(UserError, "Choose"):
                Adjust.create({**vals, 'account_id': account}).action_book()
        for user in (self.user_sm_channel, self.user_sm_billing, self.user_sm_portal):
            with self.assertRaises(AccessError):
                Adjust.with_user(user).create(vals)
