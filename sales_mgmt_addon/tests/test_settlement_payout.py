import base64
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..internal import grant
from ..models.channel.const import SELLER_GUARD
from .settlement_common import SettlementCommon


@tagged('post_install', '-at_install', 'sales_channel')
@freeze_time('2026-04-15')
class TestSettlementPayout(SettlementCommon):

    def test_one_payment_per_seller(self):
        self._book(self.seller_1, 100)
        self._settle(cutoff=date(2026, 3, 10))
        self._book(self.seller_1, 50, day='2026-03-15')
        self._book(self.seller_2, 200)
        self._settle(self.seller_1)
        self._settle(self.seller_2)
        statements = self.env['sales.settlement'].search([('seller_id', 'in', (self.seller_1 | self.seller_2).ids)])
        statements = statements.with_user(self.user_sm_settle)
        payout = self._pay(send=False)
        # 85 % of 150 and 200 net, with VAT
        self.assertEqual(sorted(payout.payment_ids.mapped('amount')), [140.25, 187.0])
        self.assertEqual(payout.amount_total, 327.25)
        self.assertEqual(set(statements.mapped('payout_id')), {payout.sudo(False)})
        own = statements.filtered(lambda one: one.seller_id == self.seller_1).sorted('id')
        payment = payout.payment_ids.filtered(lambda one: one.partner_id == self.seller_1.partner_id)
        self.assertRecordValues(payment, [{
            'state': 'draft', 'destination_account_id': self.payable.id, 'partner_bank_id': self.seller_1.bank_account_id.id,
            'payment_type': 'outbound', 'memo': ", ".join(own.mapped('name'))}])
        with self.assertRaisesSaying(UserError, "is in payout batch"):
            statements.action_cancel()
        payout.with_user(self.user_sm_settle2).action_approve()
        payout.action_send()
        self.assertEqual(set(statements.mapped('state')), {'paid'})
        self.assertEqual(set(payout.payment_ids.mapped('state')), {'in_process'})
        self.assertEqual((self._owed(self.seller_1), self._owed(self.seller_2)), (0.0, 0.0))
        payout.write({'bank_reference': "B-77"})
        payout.action_mark_paid()
        self.assertEqual((payout.state, set(payout.payment_ids.mapped('state'))), ('done', {'paid'}))

    def test_second_batch_finds_nothing(self):
        self._book(self.seller_1, 100)
        self._settle()
        self._pay(send=False)
        self._book(self.seller_1, 10, day='2026-04-01')
        self._settle(cutoff=date(2026, 4, 10))
        second = self._pay(send=False)
        self.assertFalse(second.payment_ids)
        self.assertIn("a payment is under way", second.left_out)
        with self.assertRaisesSaying(UserError, "has nothing to pay"):
            second.with_user(self.user_sm_settle2).action_approve()

    def test_four_eyes(self):
        self._book(self.seller_1, 100)
        self._settle(user=self.user_sm_settle2)
        payout = self._pay(send=False)
        with self.assertRaisesSaying(AccessError, "You have made"):
            payout.action_approve()
        with self.assertRaisesSaying(AccessError, "You have posted"):
            payout.with_user(self.user_sm_settle2).action_approve()
        third = self._create_user('sm_settle3', 'sales_mgmt_addon.group_settlement_officer')
        self.seller_1.bank_account_id.with_user(third).sudo().write({'acc_holder_name': "S. One"})
        with self.assertRaisesSaying(AccessError, "You have changed the bank account"):
            payout.with_user(third).action_approve()
        grant(self.seller_1, SELLER_GUARD).write({'bank_approved': True})
        fourth = self._create_user('sm_settle4', 'sales_mgmt_addon.group_settlement_officer')
        payout.with_user(fourth).action_approve()
        self.assertEqual(payout.approved_by_id, fourth)

    def test_who_is_left_out(self):
        cases = [
            ({'payout_hold': True, 'payout_hold_reason': "Dispute"}, "on hold .Dispute"),
            ({'bank_approved': False}, "waits for approval"),
            ({'bank_account_id': False}, "no bank account"),
            ({'minimum_payout': 93.51}, "less than his minimum payout"),
        ]
        self._book(self.seller_1, 100)
        statement = self._settle()
        for vals, why in cases:
            before = {name: self.seller_1[name] for name in vals}
            grant(self.seller_1, SELLER_GUARD).write(vals)
            payout = self._pay(send=False)
            self.assertFalse(payout.payment_ids)
            self.assertRegex(payout.left_out, why)
            grant(self.seller_1, SELLER_GUARD).write(before)
        self.assertEqual(self._pay().payment_ids.amount, 93.5)
        self.assertEqual(statement.state, 'paid')

    def test_bank_change_takes_the_payment_out(self):
        for seller in self.seller_1 | self.seller_2:
            self._book(seller, 100)
            self._settle(seller)
        payout = self._pay(send=False)
        payout.with_user(self.user_sm_settle2).action_approve()
        grant(self.seller_1, SELLER_GUARD).write({'bank_approved': False})
        payout.action_send()
        self.assertEqual(payout.payment_ids.partner_id, self.seller_2.partner_id)
        self.assertIn("waits for approval", payout.left_out)
        self.assertEqual((self._owed(self.seller_1), self._owed(self.seller_2)), (93.5, 0.0))
        self.assertFalse(self.env['sales.settlement'].search([('seller_id', '=', self.seller_1.id)]).payout_id)

    def test_failed_payment(self):
        self._book(self.seller_1, 100)
        statement = self._settle()
        payout = self._pay()
        payment = payout.payment_ids
        with self.assertRaisesSaying(UserError, "Say why"):
            payout.action_fail(payment.id, " ")
        payout.action_fail(payment.id, "Account closed")
        self.assertEqual((payment.state, payment.payout_failure), ('rejected', "Account closed"))
        self.assertEqual((statement.state, statement.payout_id.id, self._owed()), ('posted', False, 93.5))
        self.assertFalse(self.seller_1.bank_approved)
        with self.assertRaisesSaying(UserError, "Choose one sent payment"):
            payout.action_fail(payment.id, "Again")
        self.assertFalse(self._pay(send=False).payment_ids)
        grant(self.seller_1, SELLER_GUARD).write({'bank_approved': True})
        self.assertEqual(self._pay().payment_ids.amount, 93.5)
        self.assertEqual((statement.state, self._owed()), ('paid', 0.0))
        # the next statement counts the payments that left the bank, and no other
        self._book(self.seller_1, 10, day='2026-04-02')
        following = self._settle(cutoff=date(2026, 4, 10))
        self.assertRecordValues(following, [{
            'amount_opening': 93.5, 'amount_payouts': -93.5, 'amount_closing': 9.35}])

    def test_a_failed_statement_can_be_cancelled(self):
        self._book(self.seller_1, 100)
        statement = self._settle()
        payout = self._pay()
        payout.action_fail(payout.payment_ids.id, "Account closed")
        statement.action_cancel()
        self.assertEqual((self._owed(), self._balance(self.clearing)), (0.0, -110.0))

    def test_payments_are_guarded(self):
        self._book(self.seller_1, 100)
        self._settle()
        payout = self._pay(send=False)
        payment = payout.payment_ids.with_user(self.user_sm_billing)
        for vals in ({'amount': 1000.0}, {'partner_bank_id': False}, {'date': '2026-01-01'}):
            with self.assertRaisesSaying(UserError, "belongs to payout batch"):
                payment.write(vals)
        with self.assertRaisesSaying(AccessError, "made in payout batches"):
            payment.write({'payout_id': False})
        for method in ('action_post', 'action_cancel', 'unlink'):
            with self.assertRaisesSaying(UserError, "belongs to payout batch"):
                getattr(payment, method)()
        payout.with_user(self.user_sm_settle2).action_approve()
        payout.action_send()
        for method in ('action_draft', 'action_cancel', 'action_reject'):
            with self.assertRaisesSaying(UserError, "belongs to payout batch"):
                getattr(payment, method)()
        for method in ('button_draft', 'button_cancel', '_reverse_moves'):
            with self.assertRaisesSaying(UserError, "belongs to payout batch"):
                getattr(payment.move_id, method)()
        with self.assertRaisesSaying(UserError, "were matched by"):
            payment.move_id.line_ids.remove_move_reconcile()

    def test_cancel_frees_the_statements(self):
        self._book(self.seller_1, 100)
        statement = self._settle()
        payout = self._pay(send=False)
        payout.action_cancel()
        self.assertEqual((payout.state, payout.payment_ids.ids, statement.payout_id.id), ('cancelled', [], False))
        self.assertEqual(len(self._pay().payment_ids), 1)

    def test_list_for_the_bank(self):
        self._book(self.seller_1, 100)
        self._settle()
        payout = self._pay(send=False)
        self.seller_1.partner_id.name = "=HYPERLINK(1)"
        # another name of the holder asks for another approval
        grant(self.seller_1, SELLER_GUARD).write({'bank_approved': True})
        action = payout.action_download()
        attachment = self.env['ir.attachment'].browse(int(action['url'].split('/')[-1].split('?')[0]))
        text = base64.b64decode(attachment.datas).decode('utf-8-sig')
        self.assertIn("'=HYPERLINK(1)", text)
        self.assertIn("93.50,USD", text)
        html = self.env['ir.actions.report']._render_qweb_html('sales_mgmt_addon.report_payout', payout.ids)[0].decode()
        self.assertIn("93.50", html)

    def test_roles(self):
        self._book(self.seller_1, 100)
        self._settle()
        payout = self._pay(send=False)
        for user in (self.user_sm_channel, self.user_sm_director, self.user_sm_billing, self.user_sm_sales, self.user_sm_portal):
            for method in ('action_collect', 'action_approve', 'action_send', 'action_cancel', 'action_mark_paid'):
                with self.assertRaises(AccessError):
                    getattr(payout.with_user(user), method)()
            with self.assertRaises(AccessError):
                self.env['sales.payout'].with_user(user).create({})
        for vals in ({'state': 'sent'}, {'approved_by_id': self.user_sm_settle2.id}, {'payment_ids': [Command.clear()]}):
            with self.assertRaises(AccessError):
                payout.write(vals)
        forged = self.env['sales.payout'].with_user(self.user_sm_settle).with_context(default_state='approved').create({})
        self.assertEqual(forged.state, 'draft')
        with self.assertRaises(AccessError):
            self.env['account.payment'].with_user(self.user_sm_billing).create({
                'amount': 5.0, 'partner_id': self.buyer.id, 'payout_id': payout.id})
