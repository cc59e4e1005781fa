from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..internal import grant
from ..models.attainment.sales_signal import GUARD as SIGNAL_GUARD
from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableDispute(ReceivableCommon):
    """What a customer contests: who opens and settles it, what it does to the item, and what is left of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._direct_invoice(
            cls, 1000.0, invoice_date=cls.today - timedelta(days=50), due=cls.today - timedelta(days=20))
        cls.invoice.invoice_user_id = cls.user_sm_sales
        cls.line = cls.invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')

    def _open(self, user=None, owner=None, **values):
        if owner:
            values['user'] = owner
        Dispute = self.env['sales.receivable.dispute'].with_user(user or self.user_sm_sales)
        return Dispute._open(self.line, **{'reason': 'quality', **values})

    # === OPENING === #

    def test_open_from_the_item(self):
        row = self._items(user=self.user_sm_sales, domain=[('id', '=', self.line.id)])
        action = row.action_open_dispute()
        wizard = self.env[action['res_model']].with_user(self.user_sm_sales).with_context(**action['context']).create({
            'reason': 'price', 'description': "20 % were agreed"})
        self.assertEqual(wizard.amount, 1000.0)
        wizard.amount = 200.0
        dispute = self.env['sales.receivable.dispute'].browse(wizard.action_open()['res_id'])
        self.assertRecordValues(dispute, [{
            'partner_id': self.customer.id, 'amount': 200.0, 'residual': 1000.0, 'user_id': self.user_sm_sales.id,
            'salesperson_id': self.user_sm_sales.id, 'team_id': self.team.id, 'state': 'open', 'company_id': self.company.id,
            'opened_on': self.today, 'deadline': self.today + timedelta(days=14)}])
        self.assertRecordValues(dispute.activity_ids, [{
            'user_id': self.user_sm_sales.id, 'date_deadline': dispute.deadline}])
        # the button leads to it now; still owed, shown apart
        row = self._items(user=self.user_sm_sales, domain=[('id', '=', self.line.id)])
        self.assertEqual(row.action_open_dispute()['res_id'], dispute.id)
        self.assertEqual((row.residual, row.disputed), (1000.0, 200.0))
        self.assertExposure(receivable=1000.0)

    def test_refused(self):
        for values, message in (
            ({'amount': 1000.01}, "between 0"), ({'amount': 0.0}, "between 0"), ({'amount': -5.0}, "between 0"),
            ({'amount': float('nan')}, "must be a number"), ({'amount': float('inf')}, "must be a number"),
            ({'amount': "100"}, "must be a number"), ({'reason': 'weather'}, "Choose a reason"),
            ({'deadline': self.today - timedelta(days=1)}, "has passed"),
            ({'deadline': self.today + timedelta(days=91)}, "at the latest"), ({'owner': self.user_sm_portal}, "internal user"),
        ):
            with self.subTest(**values), self.assertRaisesSaying(UserError, message):
                self._open(**values)
        self._open()
        with self.assertRaisesSaying(UserError, "in dispute already"):
            self._open()

    def test_only_open_debts(self):
        draft = self._direct_invoice(50.0, post=False)
        receipt = self._receipt(10.0)
        paid = self._direct_invoice(5.0)
        self._pay(paid)
        for move in (draft, paid, receipt.move_id):
            line = move.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
            with self.assertRaisesSaying(UserError, "Only what a customer owes"):
                self.env['sales.receivable.dispute']._open(line, 'other')

    def test_who_opens(self):
        for user in (self.user_sm_sales2, self.user_sm_stock):
            with self.assertRaises(AccessError):
                self._open(user)
        for user in (self.user_sm_leader, self.user_sm_controller, self.user_sm_billing):
            with self.env.cr.savepoint() as savepoint:
                self.assertEqual(self._open(user).sudo().user_id, user)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_not_by_hand(self):
        Dispute = self.env['sales.receivable.dispute'].with_user(self.user_sm_controller)
        with self.assertRaises(AccessError):
            Dispute.create({'line_id': self.line.id, 'reason': 'price', 'deadline': self.today})
        dispute = self._open().with_user(self.user_sm_controller)
        for values in ({'state': 'accepted'}, {'line_id': self.line.id}, {'move_id': self.line.move_id.id},
                       {'resolution': "x"}, {'partner_id': self.other.id}):
            with self.assertRaises(AccessError):
                dispute.write(values)
        with self.assertRaises(AccessError):
            dispute.unlink()
        with self.assertRaisesSaying(UserError, "between 0"):
            dispute.amount = 5000.0
        dispute.amount = 300.0

    def test_deadline_ends(self):
        dispute = self._open(deadline=self.today + timedelta(days=90))
        self.env.cr.execute(
            "UPDATE sales_receivable_dispute SET opened_on = %s WHERE id = %s", [self.today - timedelta(days=60), dispute.id])
        dispute.invalidate_recordset()
        for deadline, message in ((self.today + timedelta(days=31), "at the latest"), ("soon", "Enter the day")):
            with self.assertRaisesSaying(UserError, message):
                dispute.write({'deadline': deadline})
        dispute.deadline = self.today + timedelta(days=30)
        dispute.with_user(self.user_sm_leader).deadline = self.today + timedelta(days=90)
        with self.assertRaisesSaying(UserError, "at the latest"):
            dispute.with_user(self.user_sm_leader).deadline = self.today + timedelta(days=91)

    # === CONFIRMING === #

    def test_who_confirms(self):
        dispute = self._open()
        self.assertFalse(dispute.is_confirmed)
        for user in (self.user_sm_sales, self.user_sm_sales2, self.user_sm_stock):
            with self.assertRaises(AccessError):
                dispute.with_user(user).action_confirm()
        with self.assertRaises(AccessError):
            dispute.confirmed_by_id = self.user_sm_sales
        for user in (
            self.user_sm_leader, self.user_sm_region, self.user_sm_controller, self.user_sm_director, self.user_sm_billing):
            with self.env.cr.savepoint() as savepoint:
                self.assertTrue(dispute.with_user(user).can_confirm)
                dispute.with_user(user).action_confirm()
                self.assertEqual(dispute.sudo().confirmed_by_id, user)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_confirmed_by_whom_it_opens(self):
        for user, confirmed in (
            (self.user_sm_sales, False), (self.user_sm_leader, True), (self.user_sm_controller, True),
            (self.user_sm_billing, True),
        ):
            with self.env.cr.savepoint() as savepoint:
                self.assertEqual(self._open(user).sudo().is_confirmed, confirmed)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_larger_amount_is_to_be_confirmed_again(self):
        dispute = self._open(amount=300.0)
        dispute.with_user(self.user_sm_leader).action_confirm()
        dispute.amount = 200.0
        self.assertTrue(dispute.is_confirmed)
        dispute.with_user(self.user_sm_leader).amount = 250.0
        self.assertTrue(dispute.is_confirmed)
        dispute.amount = 1000.0
        self.assertFalse(dispute.is_confirmed)

    # === SETTLING === #

    def test_settle(self):
        dispute = self._open()
        action = dispute.action_reject()
        wizard = self.env[action['res_model']].with_user(self.user_sm_sales).with_context(**action['context']).create({
            'resolution': "Delivered as ordered"})
        wizard.action_settle()
        self.assertRecordValues(dispute.sudo(), [{
            'state': 'rejected', 'resolution': "Delivered as ordered", 'closed_by_id': self.user_sm_sales.id}])
        self.assertFalse(dispute.activity_ids)
        self.assertFalse(self._items(domain=[('id', '=', self.line.id)]).dispute_id)
        with self.assertRaisesSaying(UserError, "settled already"):
            dispute.action_accept("Again")
        # those above him may have the item contested again
        for user in (self.user_sm_sales, self.user_sm_billing):
            with self.assertRaisesSaying(AccessError, "ask a leader"):
                self._open(user)
        for user in (self.user_sm_controller, self.user_sm_leader):
            dispute = self._open(user)
            self.assertTrue(dispute.sudo().is_confirmed)
            dispute.with_user(self.user_sm_region).action_accept("It was late")

    def test_resolution_is_needed(self):
        for text in ("", "   ", False, 5):
            with self.assertRaisesSaying(UserError, "how the dispute was settled"):
                self._open_once().action_accept(text)

    def _open_once(self):
        return self.env['sales.receivable.dispute'].search([('line_id', '=', self.line.id)]) or self._open()

    def test_who_settles(self):
        dispute = self._open(user=self.user_sm_controller)
        # reads it as the customer's salesperson, but neither owns nor leads
        self.assertTrue(dispute.with_user(self.user_sm_sales).has_access('read'))
        for user in (self.user_sm_sales, self.user_sm_sales2, self.user_sm_director, self.user_sm_billing, self.user_sm_stock):
            with self.assertRaises(AccessError, msg=user.login):
                dispute.with_user(user).action_accept("Yes")
            with self.assertRaises(AccessError, msg=user.login):
                dispute.with_user(user).description = "Mine"
        dispute.with_user(self.user_sm_region).action_accept("Credit note follows")
        self.assertEqual(dispute.sudo().state, 'accepted')

    def test_owner_outside_sales(self):
        dispute = self._open(user=self.user_sm_sales)
        dispute.user_id = self.user_sm_stock
        self.assertEqual(dispute.sudo().activity_ids.user_id, self.user_sm_stock)
        own = dispute.with_user(self.user_sm_stock)
        values = own.web_read({'move_name': {}, 'partner_id': {'fields': {'display_name': {}}}})[0]
        self.assertEqual(values['move_name'], self.invoice.name)
        with self.assertRaises(AccessError):
            own.action_open_document()
        own.action_accept("Goods came back")

    # === AROUND IT === #

    def test_followup_of_odoo(self):
        self.assertFalse(self.invoice.no_followup)
        dispute = self._open()
        self.assertTrue(self.invoice.no_followup)
        dispute.action_reject("No")
        self.assertFalse(self.invoice.no_followup)
        # a part of it in dispute: Odoo goes on
        dispute = self._open(self.user_sm_leader, amount=200.0)
        self.assertFalse(self.invoice.no_followup)
        dispute.amount = 1000.0
        self.assertTrue(self.invoice.no_followup)
        dispute.amount = 999.0
        self.assertFalse(self.invoice.no_followup)
        dispute.action_reject("No")
        # one of three instalments: the document stays in follow-up
        invoice = self._direct_invoice(900.0, invoice_payment_term_id=self.terms.id)
        lines = self._receivable(invoice)
        disputes = [self.env['sales.receivable.dispute']._open(line, 'price', user=self.user_sm_sales) for line in lines[:2]]
        self.assertFalse(invoice.no_followup)
        disputes.append(self.env['sales.receivable.dispute']._open(lines[2], 'price', user=self.user_sm_sales))
        self.assertTrue(invoice.no_followup)
        disputes[0].action_accept("Yes")
        self.assertFalse(invoice.no_followup)
        # what somebody excluded himself stays excluded
        self.invoice.no_followup = True
        self._open(self.user_sm_leader).action_reject("No")
        self.assertTrue(self.invoice.no_followup)

    def test_document_reset_and_deleted(self):
        dispute = self._open()
        self.invoice.button_draft()
        self.assertEqual((dispute.sudo().state, dispute.sudo().residual), ('open', 0.0))
        activity = dispute.activity_ids
        self.invoice.name = False
        self.invoice.unlink()
        self.assertFalse(dispute.exists())
        self.assertFalse(activity.exists())

    def test_closed_when_the_item_is_paid(self):
        dispute, later = self._open(deadline=self.today), self._direct_invoice(40.0)
        partly = self.env['sales.receivable.dispute']._open(self._receivable(later), 'price', user=self.user_sm_sales)
        self.env.cr.execute(
            "UPDATE sales_receivable_dispute SET deadline = %s WHERE id = %s", [self.today - timedelta(days=3), dispute.id])
        dispute.invalidate_recordset()
        self._pay(self.invoice)
        self._pay(later, 39.0)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_receivable_dispute').method_direct_trigger()
        self.env.invalidate_all()
        self.assertRecordValues(dispute.sudo() + partly, [
            {'state': 'accepted', 'resolution': "The item was settled.", 'closed_by_id': self.env.ref('base.user_root').id},
            {'state': 'open', 'resolution': False, 'closed_by_id': False}])
        self.assertFalse(dispute.activity_ids)
        self.assertFalse(self.env['sales.signal'].search([
            ('res_model', '=', dispute._name), ('res_id', '=', dispute.id)]), "Not chased")

    def test_late(self):
        dispute = self._open(deadline=self.today)
        self.env.cr.execute(
            "UPDATE sales_receivable_dispute SET deadline = %s WHERE id = %s", [self.today - timedelta(days=3), dispute.id])
        dispute.invalidate_recordset()
        self.assertTrue(dispute.is_late)
        self.assertIn(dispute, self.env['sales.receivable.dispute'].search([('is_late', '=', True)]))
        cron = self.env.ref('sales_mgmt_addon.ir_cron_sales_receivable_dispute')
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        signal = self.env['sales.signal'].search([('res_model', '=', dispute._name), ('res_id', '=', dispute.id)])
        self.assertRecordValues(signal, [{
            'code': 'dispute_overdue', 'user_id': self.user_sm_sales.id, 'team_id': self.team.id, 'value': 3.0, 'state': 'open'}])
        self.assertEqual(dispute.activity_ids.user_id, self.user_sm_sales | self.user_sm_leader)
        # seen to: not reported again for this deadline
        signal.action_handle()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        signals = self.env['sales.signal'].search([('res_model', '=', dispute._name), ('res_id', '=', dispute.id)])
        self.assertEqual(signals, signal)
        grant(signal.sudo(), SIGNAL_GUARD).write({'date': self.today - timedelta(days=3)})
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        signal = self.env['sales.signal'].search([
            ('res_model', '=', dispute._name), ('res_id', '=', dispute.id), ('state', '=', 'open')])
        self.assertEqual(len(signal), 1, "It was seen to before the deadline passed")
        dispute.action_accept("At last")
        self.assertEqual(signal.state, 'expired')
        self.assertFalse(dispute.activity_ids)
