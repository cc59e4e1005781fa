"""How letters reach the customers, and what happens when they do not."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .dunning_common import DunningCommon

LOGGER = 'odoo.addons.sales_mgmt_addon.models.collection.sales_dunning_letter'


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningLetter(DunningCommon):

    def _proposed(self, days=12, **values):
        self.invoice = self._direct_invoice(100.0, due=self._ago(days), **values)
        return self._propose()

    #=== E-MAIL ===#

    def test_mail_with_letter_and_invoice(self):
        letter = self._send(self._proposed())
        mail = self._mail(letter)
        self.assertEqual((mail.email_to, mail.state), ('dunned@example.com', 'outgoing'))
        self.assertIn("Please pay.", mail.body_html)
        self.assertIn(self.invoice.name, mail.body_html)
        self.assertEqual(len(mail.attachment_ids), 2)
        self.assertIn(letter.attachment_id, mail.attachment_ids)
        self.assertTrue(letter.sent_on)

    def test_language_of_the_customer(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.first.with_context(lang='fr_FR').text = "<p>Payez, s'il vous plaît : 请付款。</p>"
        self.customer.lang = 'fr_FR'
        letter = self._send(self._proposed())
        self.assertIn("请付款", self._mail(letter).body_html)
        self.assertIn("请付款", str(letter.attachment_id.raw, 'utf-8'))

    def test_invoices_are_not_attached_when_not_wanted(self):
        letter = self._send(self._proposed(-3))
        self.assertEqual(self._mail(letter).attachment_ids, letter.attachment_id)

    @mute_logger(LOGGER)
    def test_invoice_without_pdf_costs_that_pdf_only(self):
        letters = self._proposed()
        with patch.object(self.registry['sales.dunning.letter'], '_render_invoice', side_effect=ValueError("No wkhtmltopdf")):
            self._send(letters)
        self.assertEqual(letters.state, 'sent')
        self.assertEqual(self._mail(letters).attachment_ids, letters.attachment_id)
        self.assertIn(self.invoice.name, ''.join(letters.message_ids.mapped('body')))

    def test_no_address_wrong_address_blocked_address(self):
        for email, words in (
            (False, "has no e-mail address"), ('nonsense', "is no valid e-mail address"),
            ('blocked@example.com', "nothing is sent to"),
        ):
            self.env['mail.blacklist']._add('blocked@example.com')
            self.customer.email = email
            letters = self._proposed()
            with self.subTest(words):
                self._send(letters)
                self.assertEqual(letters.state, 'failed')
                self.assertIn(words, letters.reason)
                self.assertEqual(letters.activity_ids.user_id, self.user_sm_sales)
                self.assertFalse(self._mail(letters))
                self.assertEqual(letters.run_id.state, 'done')
                letters._skip("Tested")

    def test_failed_letter_is_sent_again_or_printed(self):
        self.customer.email = False
        letter = self._send(self._proposed())
        self.assertFalse(self._dun(), "It is not proposed twice")
        controller = letter.with_user(self.user_sm_controller)
        controller.action_send()
        self.assertEqual((letter.state, letter.line_ids.state, letter.reason), ('queued', 'queued', False))
        letter._process()
        self.assertEqual(letter.state, 'failed')
        controller.action_print_instead()
        letter._process()
        self.assertEqual((letter.state, letter.channel), ('sent', 'letter'), letter.reason)
        with self.assertRaisesSaying(UserError, "not waiting to be sent"):
            controller.action_send()

    def test_bounce_and_refusal_of_the_server(self):
        letters = self._proposed()
        self._send(letters)
        letters._message_receive_bounce('dunned@example.com', self.customer)
        self.assertEqual((letters.state, letters.line_ids.state), ('failed', 'failed'))
        self.assertIn("came back", letters.reason)
        letters.action_send()
        letters._process()
        self.assertEqual(letters.state, 'sent')
        self._mail(letters)[0]._postprocess_sent_message(
            [], [], failure_reason="Mailbox unavailable", failure_type='mail_smtp')
        self.assertEqual(letters.state, 'failed')
        self.assertIn("Mailbox unavailable", letters.reason)

    @mute_logger(LOGGER)
    def test_poisoned_letter_does_not_stop_the_others(self):
        good = self._create_partner("Good", email='good@example.com')
        self._direct_invoice(10.0, partner=good, due=self._ago(12))
        letters = self._proposed()
        attach = self.registry['sales.dunning.letter']._attach_letter

        def attach_or_fail(letter):
            if letter.partner_id == self.customer:
                letter.env.cr.execute("SELECT 1 / 0")
            return attach(letter)

        with patch.object(self.registry['sales.dunning.letter'], '_attach_letter', attach_or_fail), mute_logger('odoo.sql_db'):
            self._send(letters)
        by_partner = {letter.partner_id: letter for letter in letters}
        self.assertEqual(by_partner[good].state, 'sent')
        self.assertEqual(by_partner[self.customer].state, 'failed')
        self.assertIn("division by zero", by_partner[self.customer].reason)
        self.assertFalse(self._mail(by_partner[self.customer]))

    #=== OTHER CHANNELS ===#

    def test_printed_letters_of_a_run(self):
        letter = self._send(self._proposed(45))
        self.assertEqual(letter.state, 'sent')
        self.assertTrue(letter.attachment_id)
        self.assertFalse(self._mail(letter))
        action = letter.run_id.with_user(self.user_sm_controller).action_print()
        self.assertEqual(action['context']['active_ids'], letter.ids)

    def test_activity_of_the_owner(self):
        self.first.channel = 'activity'
        letter = self._send(self._proposed())
        self.assertEqual(letter.state, 'sent')
        self.assertEqual(letter.activity_ids.user_id, self.user_sm_sales)
        self.assertIn("Credit Customer", letter.activity_ids.note)

    def test_logged_in_the_case(self):
        self._proposed(45)
        self.env['sales.collection.case']._sync(self.customer, self.company)
        case = self.env['sales.collection.case'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(len(case), 1)
        run = self.env['sales.dunning.run'].search([('state', '=', 'proposed')])
        self._send(run.letter_ids)
        [action] = case.action_ids
        self.assertEqual((action.kind, action.outcome), ('letter', 'sent'))
        self.assertIn("Final", action.note)

    def test_render_as_pdf(self):
        """A real PDF, with Chinese text."""
        self.customer.name = "华信仪器"
        letter = self._proposed(25)
        content, extension = self.env['ir.actions.report'].with_context(force_report_rendering=True)._render_qweb_pdf(
            'sales_mgmt_addon.action_report_dunning_letter', letter.ids)
        self.assertEqual(extension, 'pdf')
        self.assertTrue(content.startswith(b'%PDF'))

    def test_figures_of_the_letter(self):
        """100.00 for 25 days at 10 %: 0.68 of interest; the fee of the level is 40.00."""
        letter = self._proposed(25)
        html = letter.items_html
        for text in (self.invoice.name, "100.00", "0.68", "40.00"):
            self.assertIn(text, html)

    #=== RIGHTS ===#

    def test_salesperson_sees_his_customers_letters_only(self):
        letter = self._send(self._proposed())
        other = self._create_partner("Foreign", user_id=self.user_sm_sales2.id)
        self._direct_invoice(10.0, partner=other, due=self._ago(12))
        foreign = self._dun()
        Letter = self.env['sales.dunning.letter']
        for user, expected in (
            (self.user_sm_sales, letter), (self.user_sm_sales2, foreign), (self.user_sm_leader, letter + foreign),
            (self.user_sm_region, letter + foreign), (self.user_sm_controller, letter + foreign),
            (self.user_sm_director, letter + foreign), (self.user_sm_billing, letter + foreign),
        ):
            with self.subTest(user.login):
                found = Letter.with_user(user).search([('id', 'in', (letter + foreign).ids)])
                self.assertEqual(found, expected)
                lines = self.env['sales.dunning.line'].with_user(user).search([('letter_id', 'in', (letter + foreign).ids)])
                self.assertEqual(lines.letter_id, expected)
                found.read(['items_html', 'charge_count', 'amount', 'level_id', 'run_id'])
        for user in (self.user_sm_portal, self.user_sm_stock):
            with self.assertRaises(AccessError):
                Letter.with_user(user).search([])
        with self.assertRaises(AccessError):
            foreign.with_user(self.user_sm_sales).action_preview()
        Report = self.env['ir.actions.report'].with_user(self.user_sm_sales)
        html, _type = Report._render_qweb_html('sales_mgmt_addon.report_dunning_letter', letter.ids)
        self.assertIn(letter.name.encode(), html)
        with self.assertRaises(AccessError):
            Report._render_qweb_html('sales_mgmt_addon.report_dunning_letter', foreign.ids)

    def test_nobody_writes_letters(self):
        letter = self._proposed()
        for login in ('sales', 'leader', 'manager', 'director', 'controller'):
            user = getattr(self, f'user_sm_{login}')
            for record in (letter, letter.line_ids):
                with self.subTest(f"{user.login} {record._name}"), self.assertRaises(AccessError):
                    record.with_user(user).write({'state': 'sent'})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()
        for method in ('action_send', 'action_skip', 'action_print_instead'):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(letter.with_user(self.user_sm_sales), method)()
        self.assertEqual(letter.state, 'proposed')

    def test_run_is_for_controllers(self):
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_manager, self.user_sm_director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env['sales.dunning.run'].with_user(user).create({})
        Run = self.env['sales.dunning.run'].with_user(self.user_sm_controller)
        with self.assertRaises(AccessError):
            Run.create({'state': 'sending'})
        run = Run.with_context(default_state='sending', default_automatic=True).create({})
        self.assertEqual((run.state, run.automatic), ('draft', False))
        with self.assertRaises(AccessError):
            run.state = 'done'
        self._direct_invoice(100.0, due=self._ago(12))
        run.action_propose()
        run.action_send()
        run.sudo().letter_ids._process()
        self.assertEqual(run.letter_ids.state, 'sent')
        for method in ('action_propose', 'action_send', 'action_cancel'):
            with self.assertRaises(AccessError):
                getattr(run.with_user(self.user_sm_director), method)()

    def test_pause_is_for_controllers(self):
        with self.assertRaises(AccessError):
            self.profile.with_user(self.user_sm_sales)._pause_dunning(self.today, "Friend")
        with self.assertRaises(AccessError):
            self.profile.with_user(self.user_sm_controller).write({'dunning_pause_until': self.today})
        with self.assertRaises(AccessError):
            self.env['sales.dunning.pause'].with_user(self.user_sm_sales).create({'profile_id': self.profile.id})
