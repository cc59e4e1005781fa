from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .loss_common import LossCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableProvision(LossCommon):
    """Expected loss: matrix, specific customers, entry of the difference, reversal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the claims of other data stay out of the hand-worked sums
        cls.company = cls._create_company("Loss Company", currency_id=cls.company.currency_id.id)
        cls.env['account.chart.template'].try_loading('generic_coa', cls.company, install_demo=False)
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        for user in (cls.user_accountant, cls.user_sm_controller, cls.user_sm_director, cls.user_sm_billing):
            user.write({'company_ids': [Command.link(cls.company.id)]})
        cls._set_up_losses(cls.company)
        cls.buckets = cls._buckets(cls.company)
        cls._rates(cls.buckets, (0.5, 2, 5, 15, 40))
        cls.profile = cls._profile(cls.customer, cls.company)
        cls.other = cls._create_partner("Other Customer", email=False)

    def _provision(self, user=None, days_ago=0, **values):
        return self.env['sales.receivable.provision'].with_user(user or self.user_accountant).create({
            'company_id': self.company.id, 'date': self._days_ago(days_ago), **values})

    def _as_table(self, provision):
        """Return bucket or customer, class, open amount and loss of each line."""
        return [
            (line.bucket_id.days_from if line.bucket_id else line.partner_id.name, line.credit_class, line.gross, line.loss)
            for line in provision.line_ids.sorted(lambda line: (line.bucket_id.days_from, line.credit_class or ''))]

    def test_matrix(self):
        self._direct_invoice(1000)
        self._direct_invoice(2000, due=self._days_ago(10))
        self._direct_invoice(400, due=self._days_ago(100))
        self._direct_invoice(600, due=self._days_ago(100), partner=self.other)
        self._profile(self.other, self.company)._change_terms({'credit_class': 'E'})
        self._rates(self.buckets[-1:], [80], credit_class='E')
        provision = self._provision()
        provision.action_compute()
        self.assertEqual(self._as_table(provision), [
            # 1000 × 0.5 %, 2000 × 2 %, 400 × 40 %, 600 × 80 %
            (self.buckets[0].days_from, False, 1000, 5), (self.buckets[1].days_from, False, 2000, 40),
            (self.buckets[4].days_from, False, 400, 160), (self.buckets[4].days_from, 'E', 600, 480)])
        self.assertRecordValues(provision, [{
            'gross_amount': 4000, 'loss_amount': 685, 'allowance_amount': 0, 'difference': 685, 'state': 'draft'}])

    def test_class_without_own_rate(self):
        self.profile._change_terms({'credit_class': 'B'})
        self._direct_invoice(1000, due=self._days_ago(40))
        provision = self._provision()
        provision.action_compute()
        self.assertEqual(self._as_table(provision), [(self.buckets[2].days_from, 'B', 1000, 50)])

    def test_credits_are_set_off_against_the_youngest(self):
        self._direct_invoice(1000)
        self._direct_invoice(2000, due=self._days_ago(100))
        self._receipt(1500)
        self._receipt(9000, partner=self.other)
        provision = self._provision()
        provision.action_compute()
        # 1,500 use up the 1,000 not due and 500 of the old ones; the credit of the other one helps nobody
        self.assertEqual(self._as_table(provision), [(self.buckets[4].days_from, False, 1500, 600)])

    def test_customer_judged_on_his_own(self):
        self._direct_invoice(1000, due=self._days_ago(10))
        self._direct_invoice(500, due=self._days_ago(100))
        self._direct_invoice(200, due=self._days_ago(10), partner=self.other)
        contact = self.env['res.partner'].create({'name': "Buyer", 'parent_id': self.customer.id})
        provision = self._provision(line_ids=[
            Command.create({'partner_id': contact.id, 'rate': 60, 'reason': "In administration"})])
        provision.action_compute()
        self.assertEqual(self._as_table(provision), [
            (self.customer.name, False, 1500, 900), (self.buckets[1].days_from, False, 200, 4)])
        provision.line_ids.filtered('partner_id').rate = 10
        self.assertEqual(provision.loss_amount, 154)
        provision.line_ids.filtered('partner_id').unlink()
        provision.action_compute()
        # 1,200 × 2 % and 500 × 40 %
        self.assertEqual(provision.loss_amount, 224)

    def test_entry_difference_and_reversal(self):
        invoice = self._direct_invoice(1000, due=self._days_ago(100))
        first = self._provision(days_ago=5)
        first.action_post()
        self.assertRecordValues(first, [{'state': 'posted', 'loss_amount': 400, 'posted_by_id': self.user_accountant.id}])
        self.assertRecordValues(first.move_id, [{
            'state': 'posted', 'date': first.date, 'journal_id': self.company.loss_journal_id.id, 'move_type': 'entry'}])
        self.assertRecordValues(first.move_id.line_ids, [
            {'account_id': self.company.loss_expense_account_id.id, 'balance': 400},
            {'account_id': self.company.loss_allowance_account_id.id, 'balance': -400}])
        # 300 are paid: 700 × 40 % = 280, so 120 are released
        self._pay(invoice, 300)
        second = self._provision()
        second.action_post()
        self.assertRecordValues(second, [{'loss_amount': 280, 'allowance_amount': 400, 'difference': -120}])
        self.assertEqual(self._balance('loss_allowance_account_id'), -280)
        self.assertEqual(self._balance('loss_expense_account_id'), 280)
        with self.assertRaisesSaying(UserError, "is posted already"):
            first.action_reverse()
        second.action_reverse()
        self.assertEqual((second.state, self._balance('loss_allowance_account_id')), ('reversed', -400))
        first.action_reverse()
        self.assertEqual((first.state, self._balance('loss_allowance_account_id')), ('reversed', 0))
        self.assertEqual(self._balance('loss_expense_account_id'), 0)
        again = self._provision()
        again.action_post()
        self.assertRecordValues(again, [{'allowance_amount': 0, 'difference': 280, 'state': 'posted'}])

    def test_nothing_to_book(self):
        self._direct_invoice(1000, due=self._days_ago(100))
        self._provision(days_ago=1).action_post()
        same = self._provision()
        same.action_post()
        self.assertRecordValues(same, [{'difference': 0, 'state': 'posted', 'move_id': False}])
        same.action_reverse()
        self.assertEqual(same.state, 'reversed')

    def test_entry_undone_by_hand(self):
        self._direct_invoice(1000, due=self._days_ago(100))
        provision = self._provision()
        provision.action_post()
        provision.move_id.button_draft()
        self.assertEqual(provision.state, 'reversed')
        provision.move_id.action_post()
        self.assertEqual(provision.state, 'posted')
        provision.move_id._reverse_moves(cancel=True)
        self.assertEqual(provision.state, 'reversed')
        other = self._provision()
        other.action_post()
        self.assertEqual(other.difference, 400)
        other.move_id.button_draft()
        other.move_id.unlink()
        self.assertEqual(other.state, 'reversed')

    def test_as_of_a_past_day(self):
        invoice = self._direct_invoice(1000, due=self._days_ago(50))
        self._pay(invoice)
        provision = self._provision(days_ago=20)
        provision.action_compute()
        # 30 days overdue then, though it is paid now
        self.assertEqual(self._as_table(provision), [(self.buckets[1].days_from, False, 1000, 20)])

    def test_use_of_the_allowance_is_topped_up(self):
        invoice = self._direct_invoice(1000, due=self._days_ago(100))
        self._provision(days_ago=3).action_post()
        self.env['account.move'].create({
            'move_type': 'entry', 'journal_id': self.company.loss_journal_id.id, 'date': self._days_ago(1),
            'line_ids': [
                Command.create({'account_id': self.company.loss_allowance_account_id.id, 'balance': 100}),
                Command.create({
                    'account_id': self._item(invoice).account_id.id, 'partner_id': self.customer.id, 'balance': -100})],
        }).action_post()
        provision = self._provision()
        provision.action_compute()
        # 900 net × 40 % = 360, 300 are left
        self.assertRecordValues(provision, [{'loss_amount': 360, 'allowance_amount': 300, 'difference': 60}])

    def test_missing_settings_and_rates(self):
        self._direct_invoice(1000, due=self._days_ago(100))
        self.company.loss_allowance_account_id = False
        provision = self._provision()
        provision.action_compute()
        with self.assertRaisesSaying(UserError, "Loss Allowance"):
            provision.action_post()
        self.assertEqual((provision.state, bool(provision.move_id)), ('draft', False))
        with self.assertRaisesSaying(ValidationError, "another type"):
            self.company.loss_allowance_account_id = self.company.loss_expense_account_id
        with self.assertRaisesSaying(ValidationError, "miscellaneous"):
            self.company.loss_journal_id = self.env['account.journal'].search(
                [('type', '=', 'bank'), ('company_id', '=', self.company.id)], limit=1)
        self.env['sales.receivable.provision.rate'].search([('bucket_id', '=', self.buckets[4].id)]).unlink()
        with self.assertRaisesSaying(UserError, "no loss rate"):
            provision.action_compute()

    def test_locked_period(self):
        self._direct_invoice(1000, due=self._days_ago(100))
        provision = self._provision(days_ago=10)
        self.company.fiscalyear_lock_date = self._days_ago(5)
        with self.assertRaisesSaying(UserError, "locked"):
            provision.action_post()
        self.assertEqual((provision.state, bool(provision.move_id)), ('draft', False))
        self.company.fiscalyear_lock_date = False
        provision.action_post()
        self.company.fiscalyear_lock_date = self._days_ago(5)
        provision.action_reverse()
        self.assertEqual(provision.move_id.reversal_move_ids.date, self.today)
        self.company.fiscalyear_lock_date = False
        again = self._provision(days_ago=10)
        again.action_compute()
        # 90 days overdue then: 15 %
        self.assertEqual(again.difference, 150, "The reversal belongs to that time, whenever it was booked")

    def test_bad_input(self):
        provision = self._provision()
        for vals in ({'state': 'posted'}, {'move_id': 1}, {'allowance_amount': 5}, {'posted_on': '2030-01-01 00:00:00'}):
            with self.assertRaises(AccessError):
                provision.write(vals)
            with self.assertRaises(AccessError):
                self._provision(**vals)
        forged = self.env['sales.receivable.provision'].with_user(self.user_accountant).with_context(
            default_posted_on='2030-01-01 00:00:00', default_state='posted').create({'company_id': self.company.id})
        self.assertRecordValues(forged, [{'posted_on': False, 'state': 'draft'}])
        with self.assertRaisesSaying(ValidationError, "day to come"):
            self._provision(days_ago=-2)
        with self.assertRaises(AccessError):
            provision.write({'line_ids': [Command.create({'partner_id': self.customer.id, 'gross': 5})]})
        with self.assertRaises(AccessError):
            provision.write({'line_ids': [Command.create({'rate': 5})]})
        with self.assertRaises(ValidationError):
            provision.write({'line_ids': [Command.create({'partner_id': self.customer.id, 'rate': 101})]})
        provision.action_post()
        for change in (lambda: provision.write({'date': self.today}), provision.unlink, provision.action_compute):
            with self.assertRaisesSaying(UserError, "was posted"):
                change()

    def test_roles(self):
        self._direct_invoice(1000, due=self._days_ago(100))
        provision = self._provision(self.user_sm_controller)
        provision.action_compute()
        self.assertEqual(provision.loss_amount, 400)
        with self.assertRaises(AccessError):
            provision.action_post()
        with self.assertRaises(AccessError):
            provision.with_user(self.user_sm_billing).action_post()
        self.assertEqual(provision.with_user(self.user_sm_director).loss_amount, 400)
        for user in (self.user_sm_sales, self.user_sm_leader):
            with self.assertRaises(AccessError):
                provision.with_user(user).read(['loss_amount'])
        provision.with_user(self.user_accountant).action_post()
        for name in ('gross_amount', 'loss_amount', 'difference'):
            with self.assertRaises(AccessError):
                provision.write({name: 1.0})
        with self.assertRaises(AccessError):
            provision.with_user(self.user_sm_controller).action_reverse()
        with self.assertRaises(AccessError):
            self.env['sales.receivable.provision.rate'].with_user(self.user_sm_billing).action_load_defaults()

    def test_default_rates(self):
        Rate = self.env['sales.receivable.provision.rate'].with_user(self.user_sm_controller).with_context(
            allowed_company_ids=self.company.ids)
        Rate.action_load_defaults()
        rates = Rate._get_rates(self.company)
        self.assertEqual(
            [rates[bucket.id, 'E'] for bucket in self.buckets], [1, 4, 10, 30, 80])
        self.assertEqual(len(rates), 15)
        Rate.action_load_defaults()
        self.assertEqual(len(Rate._get_rates(self.company)), 15)
        with self.assertRaises(ValidationError):
            Rate.search([('company_id', '=', self.company.id)], limit=1).rate = 100.5

    def test_form(self):
        self._direct_invoice(1000, due=self._days_ago(100))
        with Form(self.env['sales.receivable.provision'].with_user(self.user_accountant)) as form, form.line_ids.new() as line:
            line.partner_id = self.customer
            line.rate = 50
        form.record.action_compute()
        self.assertEqual(form.record.loss_amount, 500)
