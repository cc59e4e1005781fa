from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .settlement_common import SettlementCommon


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time('2026-04-15')
class TestSettlementControl(SettlementCommon):

    def _control(self, seller=None):
        self.env.invalidate_all()
        return self.env['sales.settlement.control'].search([('seller_id', '=', (seller or self.seller_1).id)])

    def _entry(self, *lines):
        move = self.env['account.move'].create({'journal_id': self.company.marketplace_journal_id.id, 'line_ids': [
            Command.create({'account_id': account.id, 'balance': balance, 'partner_id': self.seller_1.partner_id.id})
            for account, balance in lines]})
        move.action_post()
        return move

    def test_no_difference_at_any_step(self):
        self.seller_1.sudo().reserve_percent = 10.0
        self._book(self.seller_1, 100)
        control = self._control()
        self.assertRecordValues(control, [{
            'ledger_open': 110.0, 'clearing_balance': 110.0, 'statement_balance': 0.0, 'is_different': False}])
        statement = self._settle(post=False)
        self.assertFalse(self._control().is_different)
        statement.action_post()
        self.assertRecordValues(self._control(), [{
            'ledger_open': 0.0, 'clearing_balance': 0.0, 'statement_balance': 84.15, 'payable_balance': 84.15,
            'reserve_open': 9.35, 'reserve_balance': 9.35, 'is_different': False}])
        self._pay()
        self.assertRecordValues(self._control(), [{'statement_balance': 0.0, 'payable_balance': 0.0, 'is_different': False}])
        self._book(self.seller_1, -100, day='2026-04-01')
        self.assertRecordValues(self._control(), [{'ledger_open': -110.0, 'clearing_balance': -110.0, 'is_different': False}])
        again = self._settle(cutoff=date(2026, 4, 1))
        self.assertRecordValues(self._control(), [{'payable_balance': -93.5, 'is_different': False}])
        again.action_cancel()
        self.assertRecordValues(self._control(), [{'payable_balance': 0.0, 'clearing_balance': -110.0, 'is_different': False}])

    def test_planted_differences(self):
        self._book(self.seller_1, 100)
        self._settle()
        self._book(self.seller_1, 50, day='2026-04-01')
        planted = self._entry((self.clearing, 7.0), (self.payable, -2.0), (self.commission_account, -5.0))
        control = self._control()
        self.assertRecordValues(control, [{
            'clearing_difference': 7.0, 'payable_difference': -2.0, 'reserve_difference': 0.0, 'is_different': True}])
        items = self.env['account.move.line'].search(control.action_open_items()['domain'])
        self.assertEqual(items, planted.line_ids.filtered(lambda line: line.account_id in self.clearing | self.payable))
        self.assertFalse(self.env['sales.seller.ledger'].search(control.action_open_entries()['domain']))
        for user in (self.user_sm_sales, self.user_sm_portal):
            with self.assertRaises(AccessError):
                control.with_user(user).action_open_items()
        self.assertTrue(control.with_user(self.user_sm_director).action_open_entries())

    def test_entry_without_its_item(self):
        sale = self._book(self.seller_1, 100)
        self.env.flush_all()
        row = self.env['sales.seller.ledger'].search([('move_id', '=', sale.id), ('amount', '=', 100.0)])
        self.env.cr.execute("UPDATE sales_seller_ledger SET amount = 101 WHERE id = %s", [row.id])
        self.env.invalidate_all()
        control = self._control()
        self.assertEqual(control.clearing_difference, 1.0)
        self.assertEqual(self.env['sales.seller.ledger'].search(control.action_open_entries()['domain']), row)

    # === ACCRUAL === #

    def test_accrual(self):
        """Four sales of 100: a commission of 60 net is booked on 31 March and taken back on 1 April."""
        for _sale in range(4):
            self._book(self.seller_1, 100)
        Accrual = self.env['sales.settlement.accrual'].with_user(self.user_sm_settle)
        Accrual.action_accrue('2026-03-05')
        accrual = Accrual.search([])
        self.assertRecordValues(accrual, [{'date': date(2026, 3, 31), 'amount': 60.0, 'state': 'posted'}])
        self.assertEqual(
            sorted((line.account_id.code, line.balance) for line in accrual.sudo().move_id.line_ids),
            sorted([(self.clearing.code, 60.0), (self.commission_account.code, -60.0)]))
        self.assertEqual(accrual.sudo().reversal_id.date, date(2026, 4, 1))
        pair = self._clearing_of(accrual.sudo().move_id | accrual.sudo().reversal_id)
        self.assertTrue(all(pair.mapped('reconciled')))
        Accrual.action_accrue('2026-03-31')
        self.assertEqual(len(Accrual.search([])), 1)
        self.assertFalse(self._control().is_different)
        statement = self._settle()
        self.assertEqual((self._balance(self.commission_account), statement.amount_closing), (-60.0, 374.0))

    def test_accrual_leaves_out_what_is_settled(self):
        self._book(self.seller_1, 100)
        self._settle(cutoff=date(2026, 3, 20))
        self._book(self.seller_1, 200, day='2026-03-25')
        accrual = self.env['sales.settlement.accrual']._accrue(self.company, date(2026, 3, 31))
        self.assertEqual(accrual.amount, 30.0)
        accrual.with_user(self.user_sm_settle).sudo(False).action_cancel()
        self.assertEqual(accrual.state, 'cancelled')
        self.assertEqual(self._balance(self.commission_account), -15.0)
        self.assertEqual(self.env['sales.settlement.accrual']._accrue(self.company, date(2026, 3, 31)).amount, 30.0)

    def test_accrual_is_guarded(self):
        Accrual = self.env['sales.settlement.accrual']
        with self.assertRaisesSaying(UserError, "when the month has ended"):
            Accrual.with_user(self.user_sm_settle).action_accrue('2026-04-01')
        for user in (self.user_sm_channel, self.user_sm_billing, self.user_sm_director):
            with self.assertRaises(AccessError):
                Accrual.with_user(user).action_accrue('2026-03-01')
        with self.assertRaises(AccessError):
            Accrual.with_user(self.user_sm_settle).create({'company_id': self.company.id, 'date': '2026-03-31'})

    # === PDF AND E-MAIL === #

    def test_statement_is_printed_and_sent(self):
        self.seller_1.sudo().reserve_percent = 10.0
        self._book(self.seller_1, 100)
        statement = self._settle()
        html = self.env['ir.actions.report']._render_qweb_html('sales_mgmt_addon.report_settlement', statement.ids)[0].decode()
        for text in (statement.name, "110.00", "16.50", "84.15", self.seller_1.bank_account_id.acc_number):
            self.assertIn(text, html)
        sections = statement.sudo()._get_report_sections()
        self.assertEqual(round(sum(section['total'] for section in sections), 2), statement.amount_net)
        self.assertTrue(statement.mail_queued)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_settlement_mail').method_direct_trigger()
        mail = self.env['mail.mail'].search([('model', '=', 'sales.settlement'), ('res_id', '=', statement.id)])
        self.assertEqual(mail.subject, f"Your statement {statement.name}")
        self.assertIn("84.15", mail.body_html)
        self.assertFalse(statement.mail_queued)
