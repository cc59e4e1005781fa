from odoo.tests import Form, tagged

from .collection_common import CollectionCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionMail(CollectionCommon):
    """Reminders by e-mail and letter, and those that come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = 'customer@example.com'

    def setUp(self):
        super().setUp()
        self.item = self._item(1234.5, 20)
        self._item(77, -5)
        self.case = self._sync().with_user(self.user_sm_sales)

    def _send(self):
        action = self.case.action_send_mail()
        composer = Form(self.env['mail.compose.message'].with_user(self.user_sm_sales).with_context(
            **action['context'])).save()
        composer.action_send_mail()
        return composer

    def test_reminder_is_logged(self):
        composer = self._send()
        self.assertIn(self.item.move_id.name, composer.body)
        self.assertIn("1,234.50", composer.body)
        self.assertNotIn("77.00", composer.body, "not due yet")
        action = self.case.action_ids
        self.assertRecordValues(action, [{
            'kind': 'mail', 'outcome': 'sent', 'user_id': self.user_sm_sales.id, 'contact_id': self.customer.id,
            'overdue_amount': 1234.5}])
        self.assertEqual(self.case.next_date, self._day(5))
        self.assertEqual(self.case.last_contact_on, self.today)

    def test_a_note_in_the_chatter_is_no_contact(self):
        self.case.message_post(body="Internal")
        self.assertFalse(self.case.action_ids)

    def test_bounced(self):
        self._send()
        action = self.case.action_ids
        notification = action.message_id.sudo().notification_ids.filtered(lambda n: n.notification_type == 'email')
        notification.notification_status = 'bounce'
        self.case.sudo()._message_receive_bounce('customer@example.com', self.customer)
        self.assertTrue(action.delivery_failed)
        self.assertEqual((self.case.next_action, self.case.next_date), ('call', self.today))
        self.assertIn("did not arrive", self.case.message_ids[0].body)
        messages = len(self.case.message_ids)
        self.Case._check_bounces()
        self.assertEqual(len(self.case.message_ids), messages, "told once")

    def test_letter(self):
        report = self.case.action_letter()
        self.assertEqual(report['report_name'], 'sales_mgmt_addon.report_collection_letter')
        self.assertRecordValues(self.case.action_ids, [{'kind': 'letter', 'outcome': 'sent'}])
        html, _type = self.env['ir.actions.report'].with_user(self.user_sm_sales)._render_qweb_html(
            'sales_mgmt_addon.report_collection_letter', self.case.ids)
        self.assertIn(self.item.move_id.name, html.decode())

    def test_visit_in_the_calendar(self):
        wizard = Form(self.env['sales.collection.log'].with_user(self.user_sm_sales).with_context(
            default_case_id=self.case.id, default_kind='call'))
        wizard.outcome = 'refused'
        wizard.next_action = 'visit'
        wizard.next_date = self._day(3)
        wizard.save().action_log()
        event = self.env['calendar.event'].search([('res_model', '=', self.case._name), ('res_id', '=', self.case.id)])
        self.assertEqual(event.start_date or event.start.date(), self._day(3))
        self.assertEqual(event.user_id, self.user_sm_sales)
        self.assertIn(self.customer, event.partner_ids)
        self.assertEqual(len(self.case.activity_ids), 1, "the visit adds no second activity")
