import io
import json
from datetime import date, timedelta

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableStatement(ReceivableCommon):
    """The account statement: running balance per currency, and who may see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate('2026-01-01', 0.1)
        # 1,000 on 10 January in instalments of 200, 300, 500; 400 paid on 20 February
        cls.invoice = cls._invoice_on('2026-01-10', 1000.0, invoice_payment_term_id=cls.terms.id)
        cls._pay_on(cls, cls.invoice, '2026-02-20', 400.0)
        # 50 USD on 1 February, paid with 500 in company currency on 5 March
        cls.foreign = cls._invoice_on('2026-02-01', 50.0, currency_id=cls.usd.id)
        cls._pay_on(cls, cls.foreign, '2026-03-05', 500.0, cls.company.currency_id)

    @classmethod
    def _invoice_on(cls, day, amount, **values):
        invoice = cls.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': cls.customer.id, 'invoice_date': day, 'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})], **values})
        invoice.action_post()
        return invoice

    def _sections(self, date_from, date_to, user=None):
        customer = self.customer.with_user(user) if user else self.customer
        statement = customer._get_statement(self.company, date_from, date_to)
        return {section['currency']: section for section in statement['currencies']}

    def test_running_balance(self):
        section = self._sections(date(2026, 2, 1), date(2026, 2, 28))[self.company.currency_id]
        self.assertEqual(section['opening'], 1000.0)
        self.assertEqual(
            [(row['date'], row['debit'], row['credit'], row['balance']) for row in section['rows']],
            [(date(2026, 2, 20), 0.0, 400.0, 600.0)])
        self.assertEqual(section['closing'], 600.0)
        # the first instalment is paid, 200 of the second; 12 and -12 days
        self.assertEqual(
            [(item['date_due'], item['days_overdue'], item['open']) for item in section['items']],
            [(date(2026, 2, 9), 19, 100.0), (date(2026, 3, 11), -11, 500.0)])
        self.assertEqual(dict(section['buckets'])["1–30 days"], 100.0)
        self.assertEqual((section['buckets'][0], section['overdue']), (("Not due", 500.0), 100.0))

    def test_currencies_close_though_paid_in_another(self):
        before = self._sections(date(2026, 1, 1), date(2026, 3, 4))
        self.assertEqual(before[self.usd]['closing'], 50.0)
        after = self._sections(date(2026, 3, 1), date(2026, 3, 5))
        self.assertEqual((after[self.usd]['opening'], after[self.usd]['closing']), (50.0, 0.0))
        self.assertEqual([row['credit'] for row in after[self.usd]['rows']], [50.0])
        self.assertIn("Matched with", after[self.usd]['rows'][0]['label'])
        # 500 received and 500 used for the invoice in USD: the balance stays
        own = after[self.company.currency_id]
        self.assertEqual([(row['debit'], row['credit']) for row in own['rows']], [(0.0, 500.0), (500.0, 0.0)])
        self.assertEqual(own['closing'], 600.0)

    def test_bad_period(self):
        with self.assertRaisesSaying(UserError, "begins after its end"):
            self._sections(date(2026, 3, 1), date(2026, 2, 1))

    def test_who_may_see_it(self):
        for user in (
            self.user_sm_sales, self.user_sm_leader, self.user_sm_region, self.user_sm_controller, self.user_sm_director,
            self.user_sm_manager, self.user_sm_billing,
        ):
            self.assertTrue(self._sections(None, None, user), user.login)
            self.customer.with_user(user).action_print_statement()
        # a salesperson with an invoice of the customer sees that, not the whole account
        self.invoice.invoice_user_id = self.user_sm_sales2
        self.assertTrue(self._items(user=self.user_sm_sales2, domain=[('partner_id', '=', self.customer.id)]))
        for user in (self.user_sm_sales2, self.user_sm_stock, self.user_sm_portal):
            with self.assertRaises(AccessError):
                self._sections(None, None, user)
            with self.assertRaises(AccessError):
                self.customer.with_user(user).action_print_statement()
            with self.assertRaises(AccessError):
                self.env['report.sales_mgmt_addon.report_customer_statement'].with_user(user)._get_report_values(self.customer.ids)

    def test_other_company(self):
        company = self._create_company("Elsewhere")
        with self.assertRaises(AccessError):
            self.customer.with_user(self.user_sm_controller)._get_statement(company)

    def test_dialog(self):
        Wizard = self.env['sales.receivable.statement'].with_user(self.user_sm_sales)
        wizard = Wizard.create({'partner_id': self.customer.id, 'date_to': '2026-03-31'})
        self.assertEqual(wizard.date_from, date(2025, 4, 1))
        action = wizard.action_print()
        self.assertEqual(action['data']['partner_ids'], self.customer.ids)
        foreign = Wizard.create({'partner_id': self.other.id})
        for method in ('action_print', 'action_send'):
            with self.assertRaises(AccessError):
                getattr(foreign, method)()
        composer = wizard.action_send()
        attachment = self.env['ir.attachment'].browse(composer['context']['default_attachment_ids'])
        self.assertTrue(attachment.name.startswith("Statement Credit Customer"))

    def test_sent_statement_is_not_for_everybody(self):
        former, stock, seller = self.user_sm_sales2, self.user_sm_stock, self.user_sm_sales
        self.customer.write({'email': 'buyer@example.com', 'lang': 'en_US'})
        self.env['sale.order'].create({'partner_id': self.customer.id, 'user_id': former.id})
        self.assertTrue(self.profile.with_user(former).has_access('read'), "an order opens the credit profile, not the statement")
        action = self.env['sales.receivable.statement'].with_user(self.user_sm_leader).create(
            {'partner_id': self.customer.id, 'date_to': '2026-03-31'}).action_send()
        composer = self.env['mail.compose.message'].with_user(self.user_sm_leader).with_context(action['context']).create({})
        self.assertEqual((composer.model, composer.partner_ids), ('sales.receivable.statement.sent', self.customer))
        self.assertEqual(composer.subject, "Account statement of Credit Customer")
        self.assertIn("Dear Credit Customer", composer.body)
        message = composer._action_send_mail()[1]
        attachment = message.attachment_ids
        sent = self.env['sales.receivable.statement.sent'].search([('partner_id', '=', self.customer.id)])
        self.assertRecordValues(message, [{'model': sent._name, 'res_id': sent.id}])
        self.assertRecordValues(attachment, [{'res_model': sent._name, 'res_id': sent.id}])
        self.assertEqual(message.notified_partner_ids, self.customer)
        self.env.flush_all()
        self.env.invalidate_all()
        for user, is_seen in ((former, False), (stock, False), (seller, True), (self.user_sm_controller, True)):
            for record in (message, attachment, sent):
                with self.subTest(user=user.login, record=record):
                    record = record.with_user(user)
                    self.assertEqual(record.has_access('read'), is_seen)
                    if record.browse().has_access('read'):
                        self.assertEqual(bool(record.search([('id', '=', record.id)])), is_seen)
        self.assertFalse(self.customer.message_ids.filtered(lambda other: attachment in other.attachment_ids))
        for user in (seller, self.user_sm_controller):
            own = sent.with_user(user)
            with self.assertRaises(AccessError):
                own.write({'date_from': '2026-01-01'})
            with self.assertRaises(AccessError):
                own.unlink()
            with self.assertRaises(AccessError):
                own.create({'partner_id': self.customer.id})

    def test_buttons(self):
        customer = self.customer.with_user(self.user_sm_sales)
        self.assertEqual(customer.receivable_overdue, 600.0)
        rows = self.env['sales.receivable.report'].with_user(self.user_sm_sales).search(
            customer.action_open_receivables()['domain'])
        self.assertEqual(sum(rows.mapped('residual')), 600.0)
        action = self.profile.with_user(self.user_sm_sales).action_view_receivables()
        self.assertEqual(action['res_model'], 'sales.receivable.report')
        self.assertEqual(
            self.profile.with_user(self.user_sm_billing).action_view_receivables()['res_model'], 'account.move.line')


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableFiles(ReceivableCommon, HttpCase):
    """The page as a file and the customer's own page, over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.user_sm_sales, cls.user_sm_portal, cls.user_sm_stock):
            user.password = user.login
        cls.user_sm_portal.partner_id.parent_id = cls.customer
        cls._direct_invoice(cls, 123.45, due=cls.today - timedelta(days=40), invoice_date=cls.today - timedelta(days=40))
        cls._direct_invoice(cls, 777.0, partner=cls.other)

    def _post(self, url, **data):
        from odoo.http import Request  # noqa: PLC0415
        return self.url_open(url, data={'csrf_token': Request.csrf_token(self), **data})

    def test_workbook(self):
        self.authenticate('sm_sales', 'sm_sales')
        response = self._post(
            '/receivables/ageing/xlsx', options=json.dumps({'scope': 'all'}), companies=json.dumps(self.company.ids))
        self.assertEqual(response.status_code, 200)
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
        self.assertEqual(rows[0], [
            "Customer", "Unapplied", "Not due", "1–30 days", "31–60 days", "61–90 days", "Over 90 days", "Overdue",
            "Disputed", "Total", "Oldest (Days)"])
        # numbers as numbers, and nothing of the other salesperson
        self.assertEqual(rows[1:], [
            [name, 0, 0, 0, 123.45, 0, 0, 123.45, 0, 123.45, 40] for name in ("Credit Customer", "Total")])

    def test_document(self):
        self.authenticate('sm_sales', 'sm_sales')
        response = self._post('/receivables/ageing/pdf', options='{}', companies=json.dumps(self.company.ids))
        self.assertEqual(response.status_code, 200)
        html = self.env['ir.actions.report'].with_user(self.user_sm_sales)._render_qweb_html(
            'sales_mgmt_addon.report_receivable_ageing', self.company.ids, data={'options': '{"scope": "all"}'})[0].decode()
        self.assertIn("123.45", html)
        self.assertNotIn("777", html)

    def test_routes_refuse(self):
        self.authenticate('sm_stock', 'sm_stock')
        for url in ('/receivables/ageing/xlsx', '/receivables/ageing/pdf'):
            self.assertEqual(self._post(url).status_code, 403)
        self.authenticate('sm_sales', 'sm_sales')
        elsewhere = self._create_company("Elsewhere")
        for data in ({'options': '[]'}, {'options': 'x'}, {'companies': 'x'}, {'companies': json.dumps(elsewhere.ids)}):
            with self.subTest(data=data):
                self.assertGreaterEqual(self._post('/receivables/ageing/xlsx', **data).status_code, 400)

    def test_portal(self):
        self.authenticate('sm_portal', 'sm_portal')
        page = self.url_open(f'/my/statement?partner_id={self.other.id}').text
        self.assertIn("123.45", page)
        self.assertNotIn("777", page)
        self.assertIn("/my/statement", self.url_open('/my').text)
        self.assertEqual(self.url_open('/my/statement/pdf').status_code, 200)

    def test_portal_with_the_area_off(self):
        self.env.ref('base.group_user')._remove_group(self.env.ref('sales_mgmt_addon.group_area_credit'))
        self.authenticate('sm_portal', 'sm_portal')
        for url in ('/my/statement', '/my/statement/pdf'):
            self.assertTrue(self.url_open(url).url.endswith('/my'), url)

    def test_portal_reports_of_others(self):
        self.authenticate('sm_portal', 'sm_portal')
        response = self.url_open(f'/report/html/sales_mgmt_addon.report_customer_statement/{self.other.id}')
        self.assertNotIn("777", response.text)
        self.assertGreaterEqual(response.status_code, 400)

    def test_statement_on_paper(self):
        self.customer.lang = 'en_US'
        html = self.env['ir.actions.report'].with_user(self.user_sm_sales)._render_qweb_html(
            'sales_mgmt_addon.report_customer_statement', self.customer.ids)[0].decode()
        self.assertIn("123.45", html)
        self.assertIn("Balance brought forward", html)
