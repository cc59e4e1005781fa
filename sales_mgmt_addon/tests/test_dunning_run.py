"""What a run proposes, what is left of it when it is sent, and what becomes of letters."""

from dateutil.relativedelta import relativedelta
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..internal import grant
from ..models.collection.const import PROMISE_GUARD
from .dunning_common import DunningCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningRun(DunningCommon):

    #=== LEVELS OF AN ITEM ===#

    def test_highest_level_reached_once(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._dun()
        self.assertEqual(letter.state, 'sent')
        self.assertEqual(letter.level_id, self.first)
        self.assertEqual(letter.partner_id, self.customer)
        self.assertEqual(letter.user_id, self.user_sm_sales)
        self.assertEqual(letter.team_id, self.team)
        self.assertEqual(
            letter.line_ids.mapped(lambda line: (line.name, line.days_overdue, line.residual)), [(invoice.name, 12, 100.0)])
        self.assertFalse(self._dun(), "The level was sent already")
        self._move_due(invoice, 45)
        [letter] = self._dun()
        self.assertEqual(letter.level_id, self.final, "The second level was passed over")
        self.assertFalse(self._dun())

    def test_days_are_counted_to_the_day(self):
        invoice = self._direct_invoice(100.0, due=self._ago(9))
        self.assertFalse(self._dun())
        self._move_due(invoice, 10)
        self.assertEqual(self._dun().level_id, self.first)

    def test_reminder_before_due_is_not_sent_afterwards(self):
        invoice = self._direct_invoice(100.0, due=self._ago(-4))
        self.assertFalse(self._dun())
        self._move_due(invoice, -3)
        self.assertEqual(self._dun().level_id, self.before)
        late = self._direct_invoice(100.0, due=self._ago(1))
        self.assertFalse(self._dun())
        self._move_due(late, 0)
        self.assertEqual(self._dun().level_id, self.before, "Due today is not late")

    def test_each_instalment_has_its_own_level(self):
        """600 in three instalments: 45, 15 and -1 days after due; 40, 10 and -3 are reached."""
        invoice = self._direct_invoice(600.0, post=False)
        term = self.env['account.payment.term'].create({'name': "Thirds", 'line_ids': [
            Command.create({'value': 'percent', 'value_amount': percent, 'nb_days': days})
            for percent, days in ((50, 0), (30, 30), (20, 46))]})
        invoice.write({'invoice_date': self._ago(45), 'invoice_payment_term_id': term.id})
        invoice.action_post()
        [letter] = self._dun()
        self.assertEqual(letter.level_id, self.final)
        self.assertEqual(
            letter.line_ids.mapped(lambda line: (line.level_id, line.days_overdue, line.residual)),
            [(self.final, 45, 300.0), (self.first, 15, 180.0), (self.before, -1, 120.0)])
        self.assertEqual(letter.amount, 600.0)

    def test_partial_payment_is_dunned_for_the_rest(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        self._pay(invoice, 40.0)
        [line] = self._propose().line_ids
        self.assertEqual((line.amount, line.residual), (100.0, 60.0))

    def test_changed_level_bears_on_later_runs_only(self):
        invoice = self._direct_invoice(100.0, due=self._ago(25))
        [letter] = self._dun()
        self.second.write({'days': 30, 'fee': 90.0, 'interest_rate': 1.0})
        self.assertEqual((letter.fee, letter.line_ids.days, letter.line_ids.interest_rate), (40.0, 20, 10.0))
        self._move_due(invoice, 35)
        self.assertFalse(self._dun(), "It had this level, on whatever day")

    #=== WHO AND WHAT IS LEFT OUT ===#

    def test_dispute_takes_the_item_out_and_puts_it_back(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        dispute = self._dispute(invoice)
        self.assertFalse(self._dun())
        dispute.action_reject("The price was agreed")
        self.assertTrue(self._dun())

    def test_disputed_part_is_not_dunned(self):
        """1,000 with 200 in dispute: 800, also in foreign currency; 750 paid: 50; 800 paid: nothing."""
        invoice = self._direct_invoice(1000.0, due=self._ago(12))
        dispute = self._dispute(invoice, 200.0)
        letter = self._propose()
        self.assertRecordValues(letter, [{'amount': 800.0}])
        self.assertRecordValues(letter.line_ids, [{'amount': 1000.0, 'residual': 800.0, 'residual_company': 800.0}])
        self._pay(invoice, 750.0)
        letter._recheck()
        self.assertRecordValues(letter.line_ids, [{'residual': 50.0, 'residual_company': 50.0}])
        dispute.amount = 240.0
        letter._recheck()
        self.assertRecordValues(letter, [{'amount': 10.0, 'state': 'proposed'}])
        self._pay(invoice, 10.0)
        self.assertFalse(letter._recheck())
        self.assertEqual(letter.state, 'skipped')
        dispute.action_accept("A credit note follows")
        letter.run_id.action_cancel()
        self.assertEqual(self._propose().amount, 240.0)

    def test_disputed_part_in_foreign_currency(self):
        usd = self.env['res.currency'].with_context(active_test=False).search(
            [('name', 'in', ('USD', 'EUR')), ('id', '!=', self.company.currency_id.id)], limit=1)
        usd.active = True
        usd.rate_ids.unlink()
        self.env['res.currency.rate'].create({
            'currency_id': usd.id, 'company_id': self.company.id, 'name': self._ago(400), 'rate': 3.0})
        invoice = self._direct_invoice(100.0, due=self._ago(12), currency_id=usd.id)
        self._dispute(invoice, 40.0)
        [line] = self._propose().line_ids
        self.assertEqual((line.residual, line.residual_company), (60.0, 20.0))

    def test_partial_promise_is_dunned(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        self._promise(invoice, self._ago(-5), 1.0)
        self.assertEqual(self._propose().amount, 100.0)

    def test_promise_after_a_broken_one_is_dunned(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        for state, letters in (('cancelled', 0), ('kept', 0), ('broken', 1), ('partly', 1)):
            with self.subTest(state), self.env.cr.savepoint() as savepoint:
                grant(self._promise(invoice, self._ago(-5)).sudo(), PROMISE_GUARD).state = state
                self._promise(invoice, self._ago(-60))
                self.assertEqual(len(self._propose()), letters)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_names_are_no_markup_in_activities(self):
        self.customer.write({'name': "<b>Bold</b>", 'email': False})
        self._direct_invoice(100.0, due=self._ago(12))
        self.first.channel = 'activity'
        [called] = self._dun()
        self.assertEqual(called.state, 'sent')
        called._fail(called.env._("%(customer)s has no e-mail address.", customer=self.customer.name))
        self.assertEqual(len(called.activity_ids), 2)
        for activity in called.activity_ids:
            self.assertIn("&lt;b&gt;Bold&lt;/b&gt;", activity.note)

    def test_earlier_items_are_listed(self):
        first, second, paid = (self._direct_invoice(amount, due=self._ago(12)) for amount in (111.0, 222.0, 333.0))
        self._dun()
        self._pay(paid)
        self._dispute(second, 22.0)
        self._move_due(first, 25)
        [letter] = self._propose()
        self.assertEqual(letter.line_ids.name, first.name)
        [earlier] = letter._get_earlier_items()
        self.assertEqual((earlier['line'].name, earlier['days'], earlier['residual']), (second.name, 12, 200.0))
        self.assertEqual(letter.amount, 111.0)
        self.assertIn("Still open from earlier letters", letter.items_html)
        self._pay(second)
        letter.invalidate_recordset()
        self.assertNotIn("Still open from earlier letters", letter.items_html)

    def test_running_promise(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        promise = self._promise(invoice, self._ago(-5))
        self.assertFalse(self._dun())
        grant(promise, PROMISE_GUARD).date = self._ago(1)
        self.assertTrue(self._dun(), "The day has passed")

    def test_no_follow_up(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        invoice.no_followup = True
        self.assertFalse(self._dun())

    def test_taken_out_between_proposal_and_sending(self):
        paused = self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._propose()
        self.profile.with_user(self.user_sm_controller)._pause_dunning(self.today, "They talk")
        self.assertEqual(self._send(letter).state, 'skipped')
        self.profile.with_user(self.user_sm_controller)._pause_dunning(False, False)
        [letter] = self._propose()
        paused.no_followup = True
        self.assertEqual(self._send(letter).state, 'skipped')

    def test_failed_letter_is_not_sent_after_a_later_one(self):
        self.customer.email = False
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        failed = self._dun()
        self.assertEqual((failed.state, failed.level_id), ('failed', self.first))
        self.customer.email = 'dunned@example.com'
        self._move_due(invoice, 25)
        self.assertEqual(self._dun().level_id, self.second)
        failed.action_send()
        failed._process()
        self.assertEqual(failed.state, 'skipped')

    def test_run_ends_with_its_last_letter(self):
        self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._propose()
        letter.action_send()
        letter._process()
        letter.run_id._end_if_sent()
        self.assertEqual(letter.run_id.state, 'done')
        self._direct_invoice(200.0, due=self._ago(12))
        [letter] = self._propose()
        letter._skip("A friend")
        self.assertEqual(letter.run_id.state, 'done', "Nothing keeps the next run from being made")

    def test_letter_in_the_words_of_what_is_left(self):
        final = self._direct_invoice(1000.0, due=self._ago(45))
        self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._propose()
        self.assertEqual((letter.level_id, letter.channel, letter.fee), (self.final, 'letter', 40.0))
        self._pay_on(final, 1000.0, self.today)
        self._send(letter)
        self.assertRecordValues(letter, [{
            'state': 'sent', 'level_id': self.first.id, 'channel': 'mail', 'fee': 0.0, 'amount': 100.0}])

    def test_pause(self):
        self._direct_invoice(100.0, due=self._ago(12))
        profile = self.profile.with_user(self.user_sm_controller)
        wizard = self.env['sales.dunning.pause'].with_user(self.user_sm_controller).create({
            'profile_id': profile.id, 'until': self.today})
        with self.assertRaisesSaying(UserError, "Say why"):
            wizard.action_pause()
        wizard.reason = "Insolvency"
        wizard.action_pause()
        self.assertFalse(self._dun())
        wizard.until = False
        wizard.action_pause()
        self.assertFalse(self.profile.dunning_pause_reason)
        self.assertTrue(self._dun())

    def test_minimum_amount(self):
        self.company.dunning_minimum_amount = 100.0
        self._direct_invoice(99.99, due=self._ago(12))
        self.assertFalse(self._dun())
        self._direct_invoice(0.01, due=self._ago(12))
        self.assertEqual(self._dun().amount, 100.0)

    def test_receipts_are_shown_and_count(self):
        self._direct_invoice(100.0, due=self._ago(12))
        self._direct_invoice(50.0, due=self._ago(5))
        receipt = self._receipt(149.0)
        [letter] = self._propose()
        self.assertEqual((letter.amount, letter.receipts), (100.0, 149.0))
        self.assertIn("149.00", letter.items_html)
        letter.run_id.action_cancel()
        receipt.action_draft()
        receipt.amount = 150.0
        receipt.action_post()
        self.assertFalse(self._propose(), "All that is due is covered")

    def test_invoice_address_gets_the_letter(self):
        contact = self._create_partner("Accounts", parent_id=self.customer.id, type='invoice', email='accounts@example.com')
        self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._dun()
        self.assertEqual((letter.partner_id, letter.address_id), (self.customer, contact))
        self.assertEqual(self._mail(letter).email_to, 'accounts@example.com')

    def test_foreign_currency(self):
        """12 % of the rate is no matter: the letter speaks the currency of the invoice."""
        currency = self.env['res.currency'].create({'name': 'DUN', 'symbol': 'D', 'rounding': 0.01, 'rate_ids': [
            Command.create({'rate': 4.0, 'name': self._ago(400)})]})
        self._direct_invoice(400.0, due=self._ago(12), currency_id=currency.id)
        self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._propose()
        self.assertEqual(letter.amount, 200.0)
        self.assertEqual(
            sorted(letter.line_ids.mapped(lambda line: (line.currency_id.name, line.residual, line.residual_company))),
            sorted([('DUN', 400.0, 100.0), (self.company.currency_id.name, 100.0, 100.0)]))

    def test_branches_are_dunned_with_their_root(self):
        branch = self._create_company("Branch", parent_id=self.company.id)
        self.env.user.company_ids += branch
        self.customer.with_company(branch).property_account_receivable_id = self.customer.property_account_receivable_id
        self._direct_invoice(100.0, due=self._ago(12))
        invoice = self.env['account.move'].with_company(branch).create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': self._ago(12),
            'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({'name': "Goods", 'price_unit': 50.0, 'tax_ids': [Command.clear()]})],
        })
        invoice.action_post()
        [letter] = self._propose()
        self.assertEqual((letter.company_id, letter.amount), (self.company, 150.0))
        with self.assertRaisesSaying(ValidationError, "Branches are dunned with their root"):
            self._run(company_id=branch.id)

    #=== A LAST LOOK BEFORE SENDING ===#

    def test_paid_meanwhile(self):
        paid, part = (self._direct_invoice(amount, due=self._ago(12)) for amount in (100.0, 70.0))
        other = self._create_partner("Other", user_id=self.user_sm_sales.id)
        gone = self._direct_invoice(10.0, partner=other, due=self._ago(12))
        letters = self._propose()
        letter = letters.filtered(lambda one: one.partner_id == self.customer)
        for invoice, amount in ((paid, None), (part, 30.0), (gone, None)):
            self._pay(invoice, amount)
        self._send(letters)
        self.assertEqual(letter.line_ids.mapped(lambda line: (line.name, line.residual)), [(part.name, 40.0)])
        self.assertEqual((letter.state, letter.amount), ('sent', 40.0))
        self.assertIn(paid.name, letter.message_ids.mapped('body')[-1] + letter.message_ids.mapped('body')[0])
        skipped = letters - letter
        self.assertEqual((skipped.state, skipped.line_ids), ('skipped', skipped.line_ids.browse()))
        self.assertIn("Nothing of it is due", skipped.reason)

    def test_dispute_promise_receipt_meanwhile(self):
        others = [self._create_partner(f"Customer {n}", user_id=self.user_sm_sales.id) for n in range(2)]
        disputed, promised = (self._direct_invoice(10.0, partner=other, due=self._ago(12)) for other in others)
        self._direct_invoice(10.0, due=self._ago(12))
        letters = self._propose()
        self._dispute(disputed)
        self._promise(promised, self.today)
        self._receipt(10.0)
        self._send(letters)
        self.assertEqual(set(letters.mapped('state')), {'skipped'})
        covered = letters.filtered(lambda letter: letter.partner_id == self.customer)
        self.assertIn("cover all that is due", covered.reason)

    def test_reset_to_draft_meanwhile(self):
        invoice = self._direct_invoice(100.0, due=self._ago(12))
        letters = self._propose()
        invoice.button_draft()
        self.assertEqual(self._send(letters).state, 'skipped')
        invoice.action_post()
        self.assertEqual(self._dun().state, 'sent', "Posted again, it is proposed again")

    def test_customers_merged_meanwhile(self):
        double = self._create_partner("Double", email='double@example.com')
        for partner in self.customer + double:
            self._direct_invoice(100.0, partner=partner, due=self._ago(12))
        letters = self._propose()
        self.env['base.partner.merge.automatic.wizard']._merge((double + self.customer).ids, self.customer)
        self.env.invalidate_all()
        self._send(letters)
        self.assertEqual(letters.partner_id, self.customer)
        self.assertEqual(set(letters.mapped('state')), {'sent'})
        self.assertEqual(len(letters.line_ids.line_id), 2, "No item twice, none lost")

    def test_archived_customer_still_owes(self):
        self._direct_invoice(100.0, due=self._ago(12))
        self.customer.action_archive()
        self.assertEqual(self._dun().state, 'sent')

    def test_closed_month_is_no_obstacle(self):
        self._direct_invoice(100.0, due=self._ago(40))
        self.company.fiscalyear_lock_date = self._ago(1)
        self.assertEqual(self._dun().state, 'sent')

    #=== LIFE CYCLE ===#

    def test_skip_with_reason_and_again_in_the_next_run(self):
        self._direct_invoice(100.0, due=self._ago(12))
        [letter] = self._propose()
        wizard = self.env['sales.dunning.skip'].with_user(self.user_sm_controller).create({
            'letter_ids': letter.ids, 'reason': "Spoke to them"})
        wizard.action_skip()
        self.assertEqual((letter.state, letter.reason, letter.line_ids.state), ('skipped', "Spoke to them", 'skipped'))
        self.assertEqual(letter.run_id.state, 'done')
        self.assertEqual(self._dun().level_id, self.first)
        with self.assertRaisesSaying(UserError, "was sent or skipped"):
            letter._skip("Twice")

    def test_one_open_run(self):
        run = self._run()
        with self.assertRaises(UniqueViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self._run()
        run.action_cancel()
        self.assertEqual(run.state, 'cancelled')
        self._run()

    def test_buttons_in_the_wrong_state(self):
        run = self._run()
        with self.assertRaisesSaying(UserError, "no proposed letters"):
            run.action_send()
        run.action_propose()
        with self.assertRaisesSaying(UserError, "proposed already"):
            run.action_propose()
        with self.assertRaisesSaying(UserError, "Cancel it to change its date"):
            run.date = self._ago(1)
        with self.assertRaisesSaying(UserError, "stays in the history"):
            run.unlink()
        run.action_send()
        self.assertEqual(run.state, 'done', "Nothing was due")
        with self.assertRaisesSaying(UserError, "has ended"):
            run.action_cancel()
        with self.assertRaisesSaying(UserError, "no letters to print"):
            run.action_print()

    def test_date_in_the_future(self):
        with self.assertRaisesSaying(ValidationError, "in the future"):
            self._run(date=self.today + relativedelta(days=1))

    def test_company_without_levels(self):
        company = self._create_company("No Levels")
        self.env.user.company_ids += company
        with self.assertRaisesSaying(UserError, "has no dunning levels"):
            self._run(company_id=company.id).action_propose()

    def test_cancelled_run_skips_what_waits(self):
        self._direct_invoice(100.0, due=self._ago(12))
        run = self._run()
        run.action_propose()
        run.action_cancel()
        self.assertEqual((run.state, run.letter_ids.state), ('cancelled', 'skipped'))
        self.assertEqual(self._dun().state, 'sent')

    def test_automatic_company_is_dunned_every_day(self):
        self._direct_invoice(100.0, due=self._ago(12))
        Run = self.env['sales.dunning.run']
        cron, send = (self.env.ref(f'sales_mgmt_addon.ir_cron_sales_dunning_{name}') for name in ('run', 'send'))
        self.company.dunning_automatic = False
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            self.assertFalse(Run.search([('company_id', '=', self.company.id)]))
            self.company.dunning_automatic = True
            cron.method_direct_trigger()
            send.method_direct_trigger()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        [run] = Run.search([('company_id', '=', self.company.id)])
        self.assertEqual((run.state, run.automatic, run.letter_ids.state), ('done', True, 'sent'))

    #=== SPEED ===#

    def test_proposing_costs_the_same_for_many(self):
        def propose(count):
            for number in range(count):
                partner = self._create_partner(f"Many {number}", user_id=self.user_sm_sales.id)
                self._direct_invoice(10.0, partner=partner, due=self._ago(12))
            run = self._run()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run.action_propose()
            self.env.flush_all()
            spent = self.cr.sql_log_count - before
            self.assertEqual(len(run.letter_ids), count)
            run.letter_ids.sudo()._set_state('sent')
            run.action_cancel()
            return spent

        propose(1)
        self.assertEqual(propose(5), propose(25))


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningLevel(DunningCommon):

    def test_bad_input(self):
        for values, words in (
            ({'fee': -1.0}, "Fee must be a number"),
            ({'interest_rate': float('nan')}, "must be a number"),
            ({'interest_rate': 101.0}, "at most"),
            ({'days': 5000}, "must lie between"),
            ({'days': -5, 'stop_supply': True}, "Supply can be stopped after"),
            ({'template_id': self.env['mail.template'].create({'model_id': self.env.ref('base.model_res_partner').id}).id},
             "not for dunning letters"),
        ):
            with self.subTest(words), self.assertRaisesSaying(ValidationError, words), self.cr.savepoint():
                self._level(values.pop('days', 55), **values)

    def test_used_level_is_archived_not_deleted(self):
        self._direct_invoice(100.0, due=self._ago(12))
        self._dun()
        with self.assertRaisesSaying(UserError, "Archive the level"):
            self.first.unlink()
        with self.assertRaisesSaying(UserError, "keeps its company"):
            self.first.company_id = self._create_company("Else")
        self.before.unlink()

    def test_usual_levels(self):
        company = self._create_company("Fresh")
        controller = self.user_sm_controller
        controller.write({'company_ids': [Command.link(company.id)], 'company_id': company.id})
        Level = self.env['sales.dunning.level'].with_user(controller).with_company(company)
        call_kw(Level, 'action_load_usual_levels', [[]], {})  # as the button above the empty list does
        levels = Level.search([('company_id', '=', company.id)])
        self.assertEqual(levels.mapped('days'), [-3, 7, 21, 35])
        self.assertEqual(levels.mapped('stop_supply'), [False, False, False, True])
        with self.assertRaisesSaying(UserError, "has dunning levels already"):
            Level.action_load_usual_levels()
        with self.assertRaises(AccessError):
            Level.with_user(self.user_sm_sales).action_load_usual_levels()
