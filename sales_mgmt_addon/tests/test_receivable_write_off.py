from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .loss_common import LossCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableWriteOff(LossCommon):
    """Giving up items: approval, entry, reversal, recovery."""

    def _write_off(self, *invoices, user=None, submit=False, amounts=None, **values):
        """Return a write-off of whole invoices as a user; ``amounts`` per invoice give up a part."""
        write_off = self.env['sales.receivable.write.off'].with_user(user or self.user_sm_sales).create({
            'partner_id': self.customer.id, 'reason_code': 'insolvency', 'reason': "Bankrupt since May",
            'line_ids': [
                Command.create({'line_id': self._item(invoice).id, **({'amount': amount} if amount else {})})
                for invoice, amount in zip(invoices, amounts or [0] * len(invoices), strict=True)],
            **values})
        if submit:
            write_off.action_submit()
        return write_off

    def _approve(self, write_off, *users):
        for user in users:
            write_off.sudo().approval_request_ids.filtered(lambda r: r.state == 'pending').with_user(user).action_approve()

    # === BOOKING === #

    def test_small_one(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice, submit=True)
        self.assertRecordValues(write_off, [{
            'state': 'submitted', 'amount_total': 800, 'user_id': self.user_sm_sales.id, 'team_id': self.team.id}])
        self._approve(write_off, self.user_sm_leader)
        self.assertRecordValues(write_off, [{'state': 'booked', 'net_loss': 800, 'date': self.today}])
        self.assertRecordValues(write_off.sudo().move_id.line_ids.sorted('balance'), [
            {'account_id': self._item(invoice).account_id.id, 'balance': -800, 'partner_id': self.customer.id},
            {'account_id': self.company.loss_expense_account_id.id, 'balance': 800, 'partner_id': self.customer.id}])
        self.assertTrue(self._item(invoice).reconciled)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self.profile.written_off_amount, 800)
        self.assertEqual(self._exposure()['receivable'], 0)

    def test_case_closes(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        case = self.env['sales.collection.case']._sync(self.customer, self.company)
        self.assertEqual(case.state, 'open')
        write_off = self._write_off(invoice, submit=True)
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual(case.state, 'closed')
        write_off.with_user(self.user_sm_billing).action_reverse()
        self.assertEqual(self.env['sales.collection.case'].search([('partner_id', '=', self.customer.id)]).mapped('state'), [
            'open', 'closed'])

    def test_steps_by_amount(self):
        medium = self._write_off(self._direct_invoice(5000, due=self._days_ago(90)), submit=True)
        self._approve(medium, self.user_sm_leader)
        self.assertEqual(medium.state, 'submitted')
        # the controller has no accounting rights; the approval is the permission
        self.assertFalse(self.user_sm_controller.has_group('account.group_account_invoice'))
        self._approve(medium, self.user_sm_controller)
        self.assertEqual(medium.state, 'booked')
        high = self._write_off(self._direct_invoice(20000, due=self._days_ago(90)), submit=True)
        self._approve(high, self.user_sm_leader, self.user_sm_controller)
        self.assertEqual(high.state, 'submitted')
        self._approve(high, self.user_sm_director)
        self.assertEqual(high.state, 'booked')

    def test_who_asks_never_approves(self):
        invoice = self._direct_invoice(500, due=self._days_ago(90))
        write_off = self._write_off(invoice, user=self.user_sm_leader, submit=True)
        request = write_off.sudo().approval_request_ids
        self.assertEqual((write_off.state, request.state), ('submitted', 'pending'))
        with self.assertRaises(AccessError):
            self._approve(write_off, self.user_sm_leader)
        self._approve(write_off, self.user_sm_region)
        self.assertEqual(write_off.state, 'booked')

    def test_rejected(self):
        invoice = self._direct_invoice(500, due=self._days_ago(90))
        write_off = self._write_off(invoice, submit=True)
        write_off.sudo().approval_request_ids.with_user(self.user_sm_leader).action_reject("Visit him first")
        self.assertEqual(write_off.state, 'rejected')
        self.assertFalse(self._item(invoice).reconciled)

    def test_part_of_an_instalment(self):
        term = self.env['account.payment.term'].create({'name': "Thirds", 'line_ids': [
            Command.create({'value': 'percent', 'value_amount': 30, 'nb_days': 0}),
            Command.create({'value': 'percent', 'value_amount': 30, 'nb_days': 30}),
            Command.create({'value': 'percent', 'value_amount': 40, 'nb_days': 60})]})
        invoice = self._direct_invoice(1000, due=self._days_ago(100), invoice_payment_term_id=term.id)
        items = self._item(invoice).sorted('date_maturity')
        self.assertEqual(items.mapped('amount_residual'), [300, 300, 400])
        write_off = self._write_off(line_ids=[Command.create({'line_id': items[1].id, 'amount': 120})], submit=True)
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual(items.mapped('amount_residual'), [300, 180, 400])
        self.assertEqual(write_off.amount_total, 120)

    def test_two_currencies(self):
        currency = self.env.ref('base.EUR')
        if currency == self.company.currency_id:
            currency = self.env.ref('base.USD')
        currency.active = True
        self.env['res.currency.rate'].search([('currency_id', '=', currency.id)]).unlink()
        for day, rate in ((200, 2.0), (5, 4.0)):
            self.env['res.currency.rate'].create({
                'currency_id': currency.id, 'name': self._days_ago(day), 'rate': rate, 'company_id': self.company.root_id.id})
        # 900 at a rate of 2 stand in the books with 450
        foreign = self._direct_invoice(900, due=self._days_ago(100), currency_id=currency.id)
        home = self._direct_invoice(100, due=self._days_ago(100))
        write_off = self._write_off(foreign, home, amounts=[600, 0], submit=True)
        self.assertEqual(write_off.line_ids.mapped('amount_company'), [300, 100])
        self.assertEqual(write_off.amount_total, 400)
        self._approve(write_off, self.user_sm_leader)
        item = self._item(foreign)
        self.assertEqual((item.amount_residual_currency, item.amount_residual), (300, 150))
        self.assertEqual(self._item(home).amount_residual, 0)
        rest = self._write_off(foreign, submit=True)
        self._approve(rest, self.user_sm_leader)
        self.assertTrue(item.reconciled)
        self.assertEqual(rest.amount_total, 150)
        self.assertFalse(item.matched_credit_ids.exchange_move_id, "At the rate of the books nothing is left")

    def test_branch(self):
        branch = self.env['res.company'].create({'name': "Branch", 'parent_id': self.company.id})
        self.env.user.company_ids |= branch
        for user in (self.user_sm_sales, self.user_sm_leader):
            user.sudo().company_ids |= branch
        # Odoo sets up the accounts of a branch before the commit
        self.env.cr.precommit.run()
        invoice = self._direct_invoice(500, due=self._days_ago(90), company_id=branch.id)
        self.assertEqual(invoice.company_id, branch)
        with self.assertRaisesSaying(UserError, "no open claim"):
            self._write_off(invoice)
        write_off = self._write_off(invoice, company_id=branch.id, submit=True)
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual(write_off.sudo().move_id.company_id, branch)
        self.assertTrue(self._item(invoice).reconciled)
        self.assertEqual(self.profile.written_off_amount, 500)

    def test_against_the_allowance(self):
        invoice = self._direct_invoice(500, due=self._days_ago(90))
        write_off = self._write_off(invoice, against='allowance', submit=True)
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual(self._balance('loss_allowance_account_id'), 500)

    # === WHAT HAPPENS MEANWHILE === #

    def test_payment_while_waiting(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice, submit=True)
        request = write_off.sudo().approval_request_ids
        self._pay(invoice, 300)
        self.assertEqual((write_off.state, request.state), ('draft', 'void'))
        with self.assertRaises(UserError):
            request.with_user(self.user_sm_leader).action_approve()
        with self.assertRaisesSaying(UserError, "at most"):
            write_off.action_submit()
        write_off.line_ids.amount = 500
        write_off.action_submit()
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual((write_off.state, write_off.amount_total), ('booked', 500))

    def test_invoice_reset_while_waiting(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice, submit=True)
        invoice.button_draft()
        with self.assertRaises(UserError):
            self._approve(write_off, self.user_sm_leader)
        self.assertEqual(write_off.state, 'submitted')
        write_off.action_cancel()
        self.assertEqual(write_off.state, 'cancelled')
        self.assertEqual(write_off.sudo().approval_request_ids.state, 'cancelled')

    def test_locked_period_books_nothing(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice, date=self._days_ago(10), submit=True)
        self.company.fiscalyear_lock_date = self._days_ago(5)
        with self.assertRaisesSaying(UserError, "locked"):
            self._approve(write_off, self.user_sm_leader)
        self.assertEqual(write_off.state, 'submitted')
        self.company.fiscalyear_lock_date = False
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual(write_off.sudo().move_id.date, self._days_ago(10))

    def test_missing_account_books_nothing(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice, submit=True)
        self.company.loss_expense_account_id = False
        with self.assertRaisesSaying(UserError, "Bad Debt Expense"):
            self._approve(write_off, self.user_sm_leader)
        self.assertEqual(write_off.state, 'submitted')

    def test_asked_twice(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        self._write_off(invoice, amounts=[100], submit=True)
        with self.assertRaisesSaying(UserError, "waiting for approval"):
            self._write_off(invoice, amounts=[100], submit=True)

    # === REVERSAL AND RECOVERY === #

    def _booked(self, amount=800, **values):
        invoice = self._direct_invoice(amount, due=self._days_ago(100))
        write_off = self._write_off(invoice, submit=True, **values)
        self._approve(write_off, self.user_sm_leader)
        self.assertEqual(write_off.state, 'booked')
        return invoice, write_off

    def test_reversal(self):
        invoice, write_off = self._booked()
        with self.assertRaises(AccessError):
            write_off.action_reverse()
        write_off.with_user(self.user_sm_billing).action_reverse()
        self.assertRecordValues(write_off, [{'state': 'reversed', 'net_loss': 0}])
        self.assertEqual(invoice.amount_residual, 800)
        self.assertEqual(self._balance('loss_expense_account_id'), 0)
        with self.assertRaisesSaying(UserError, "not booked"):
            write_off.with_user(self.user_sm_billing).action_reverse()
        with self.assertRaisesSaying(UserError, "nothing can be recovered"):
            write_off.with_user(self.user_sm_billing)._recover(10, self.today)

    def test_entry_undone_by_hand(self):
        _invoice, write_off = self._booked()
        write_off.sudo().move_id.button_draft()
        self.assertEqual(write_off.state, 'reversed')
        write_off.sudo().move_id.action_post()
        self.assertEqual(write_off.state, 'booked')
        write_off.sudo().move_id._reverse_moves(cancel=True)
        self.assertRecordValues(write_off, [{'state': 'reversed', 'net_loss': 0}])

    def test_recovery(self):
        bank = self.env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', self.company.id)], limit=1)
        _invoice, write_off = self._booked()
        billing = write_off.with_user(self.user_sm_billing)
        with self.assertRaises(AccessError):
            write_off._recover(100, self.today, journal=bank)
        for amount in (0, -5, 800.01):
            with self.assertRaisesSaying(UserError, "at most"):
                billing._recover(amount, self.today, journal=bank)
        with self.assertRaisesSaying(UserError, "bank or cash"):
            billing._recover(100, self.today, journal=self.company.loss_journal_id)
        action = billing.action_recover()
        with Form(self.env[action['res_model']].with_user(self.user_sm_billing).with_context(action['context'])) as form:
            self.assertEqual((form.left_amount, form.amount), (800, 800))
            form.amount = 300
            form.journal_id = bank
        form.record.action_book()
        self.assertRecordValues(write_off, [{'recovered_amount': 300, 'net_loss': 500}])
        self.assertEqual(self._balance('loss_recovery_account_id'), -300)
        self.assertEqual(sum(write_off.recovery_ids.sudo().move_id.line_ids.filtered(
            lambda line: line.account_id != self.company.loss_recovery_account_id).mapped('balance')), 300)
        with self.assertRaisesSaying(UserError, "at most"):
            billing._recover(500.01, self.today, journal=bank)
        with self.assertRaisesSaying(UserError, "Reverse the recoveries"):
            billing.action_reverse()
        self.assertEqual(self.profile.written_off_amount, 500)
        write_off.recovery_ids.with_user(self.user_sm_billing).action_reverse()
        self.assertRecordValues(write_off, [{'recovered_amount': 0, 'net_loss': 800}])
        billing.action_reverse()
        self.assertEqual(write_off.state, 'reversed')

    def test_recovery_dialog_tells_nothing_of_other_companies(self):
        write_off = self._write_off(self._direct_invoice(100))
        far = self._create_company("Far Away")
        user = self._create_user('sm_far', 'account.group_account_invoice', company_id=far.id, company_ids=[(6, 0, far.ids)])
        Wizard = self.env['sales.receivable.recover'].with_user(user).with_context(allowed_company_ids=far.ids)
        for values in ({'write_off_id': write_off.id}, {'write_off_id': write_off.id, 'amount': 1.0}):
            with self.assertRaises(AccessError):
                Wizard.create(values)
        with self.assertRaises(AccessError):
            Wizard.onchange({'write_off_id': write_off.id}, [], {'amount': {}})

    def test_recovery_from_a_receipt(self):
        _invoice, write_off = self._booked()
        receipt = self._receipt(500)
        item = receipt.move_id.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')
        billing = write_off.with_user(self.user_sm_billing)
        stranger = self._receipt(500, partner=self._create_partner("Other", email=False))
        with self.assertRaisesSaying(UserError, "no unapplied receipt"):
            billing._recover(100, self.today, receipt=stranger.move_id.line_ids.filtered(
                lambda line: line.account_id.account_type == 'asset_receivable'))
        with self.assertRaisesSaying(UserError, "is unapplied"):
            billing._recover(600, self.today, receipt=item)
        billing._recover(350, self.today, receipt=item)
        self.assertEqual(item.amount_residual, -150)
        self.assertEqual(write_off.net_loss, 450)
        self.assertEqual(self._balance('loss_recovery_account_id'), -350)

    # === FACTS === #

    def test_facts_and_trace(self):
        order = self._order((self.service, 1, 900))
        invoice = self._invoice(order, date=self._days_ago(70))
        decision = self.env['sales.credit.decision']._record({
            **self.env['sales.credit.decision']._prepare_conditions({}, self.profile), 'profile_id': self.profile.id,
            'res_model': 'sale.order', 'res_id': order.id, 'document_name': order.name, 'verdict': 'approve',
            'codes': 'credit_limit', 'amount': 900, 'exposure_before': 0, 'exposure_after': 900, 'limit_amount': 0,
            'policy': 'limited', 'reason': "He always paid", 'user_id': self.user_sm_controller.id})
        for kept in (100, 0, 0):
            self._judged_promise(100, kept)
        provision = self.env['sales.receivable.provision'].create({'company_id': self.company.id})
        provision.action_post()
        write_off = self._write_off(invoice, submit=True)
        self.assertEqual(write_off.decision_id, decision)
        # 61 to 90 days: 15 % of 900
        self.assertEqual(
            write_off.facts | {'decision': None},
            {'oldest_days': 70, 'promises': 3, 'promises_broken': 2, 'promised_broken': 200, 'provided': 135,
             'decision': None, 'request': False})
        self.assertIn("70 days overdue", write_off.facts_text)
        summary = dict(write_off.sudo()._approval_summary('write_off'))
        self.assertIn("2 of 3", summary["Broken promises"])

    # === RIGHTS AND BAD INPUT === #

    def test_overdue_items_are_added(self):
        self._direct_invoice(100, due=self._days_ago(10))
        self._direct_invoice(200, due=self._days_ago(40))
        self._direct_invoice(400, due=self.today + timedelta(days=5))
        self._direct_invoice(800, due=self._days_ago(40), partner=self._create_partner("Other", email=False))
        self._receipt(50)
        with Form(self.env['sales.receivable.write.off'].with_user(self.user_sm_sales)) as form:
            form.partner_id = self.customer
            form.reason_code = 'prescribed'
            form.reason = "Too late to sue"
        write_off = form.record
        write_off.action_add_overdue()
        self.assertEqual(write_off.line_ids.mapped('amount'), [200, 100])
        with self.assertRaisesSaying(UserError, "no further item to add"):
            write_off.action_add_overdue()
        with Form(write_off) as form, form.line_ids.edit(0) as line:
            line.amount = 50
        self.assertEqual(write_off.amount_total, 150)
        write_off.action_add_open()
        self.assertEqual(write_off.line_ids.mapped('amount'), [50, 100, 400])

    def test_bad_input(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice)
        for amount in (0, 900):
            with self.assertRaisesSaying(UserError, "at most"):
                write_off.line_ids.amount = amount
        for amount in (-5, float('inf'), float('nan')):
            with self.assertRaises(ValidationError):
                write_off.line_ids.amount = amount
        for vals in ({'state': 'booked'}, {'step': 'booked'}, {'move_id': 1}, {'facts': {}}, {'amount_total': 1},
                     {'requested_by': self.user_sm_sales2.id}):
            with self.assertRaises(AccessError):
                write_off.write(vals)
            with self.assertRaises(AccessError):
                self._write_off(**vals)
        for vals in ({'residual': 1}, {'line_id': False}, {'amount_company': 1}):
            with self.assertRaises(AccessError):
                write_off.line_ids.write(vals)
        forged = self.env['sales.receivable.write.off'].with_user(self.user_sm_sales).with_context(
            default_step='booked', default_facts={'x': 1}).create({'partner_id': self.customer.id})
        self.assertRecordValues(forged, [{'state': 'draft', 'facts': False}])
        with self.assertRaisesSaying(UserError, "Add the items"):
            forged.action_submit()
        write_off.reason = " "
        with self.assertRaisesSaying(UserError, "Say why"):
            write_off.action_submit()
        with self.assertRaisesSaying(UserError, "no open claim"):
            self._write_off(self._direct_invoice(5, partner=self._create_partner("Other", email=False)))
        paid = self._direct_invoice(5)
        self._pay(paid)
        with self.assertRaisesSaying(UserError, "no open claim"):
            self._write_off(paid)
        with self.assertRaisesSaying(UserError, "no open claim"):
            self._write_off(self._direct_invoice(5, post=False))
        write_off.reason = "Gone"
        write_off.action_submit()
        for change in (lambda: write_off.write({'reason': "x"}), lambda: write_off.line_ids.write({'amount': 1}),
                       write_off.line_ids.unlink, write_off.unlink, write_off.action_submit):
            with self.assertRaisesSaying(UserError, "submitted"):
                change()

    def test_roles(self):
        invoice = self._direct_invoice(800, due=self._days_ago(100))
        write_off = self._write_off(invoice)
        WriteOff = self.env['sales.receivable.write.off']
        for user in (self.user_sm_sales2, self.user_sm_portal):
            with self.assertRaises(AccessError):
                write_off.with_user(user).read(['amount_total'])
        self.assertFalse(WriteOff.with_user(self.user_sm_sales2).search([('id', '=', write_off.id)]))
        with self.assertRaises(AccessError):
            self._write_off(invoice, user=self.user_sm_sales2)
        for method in ('action_submit', 'action_cancel', 'action_add_overdue', 'action_reverse', 'action_recover'):
            with self.assertRaises(AccessError):
                getattr(write_off.with_user(self.user_sm_sales2), method)()
        for user in (self.user_sm_leader, self.user_sm_region, self.user_sm_controller, self.user_sm_director,
                     self.user_sm_billing):
            self.assertEqual(write_off.with_user(user).amount_total, 800)
        with self.assertRaises(AccessError):
            self.env['sales.receivable.recovery'].with_user(self.user_sm_billing).create({
                'write_off_id': write_off.id, 'amount': 5, 'date': self.today})
        with self.assertRaises(AccessError):
            self.env['sales.receivable.recover'].with_user(self.user_sm_controller).create({'write_off_id': write_off.id})
        write_off.with_user(self.user_sm_controller).action_cancel()
        self.assertEqual(write_off.state, 'cancelled')
