from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..internal import grant
from ..models.attainment.sales_signal import GUARD as SIGNAL_GUARD
from .pack_common import PackCommon

COMMENT_TYPE = 'sales_mgmt_addon.mail_activity_type_pack_comment'
TALK_TYPE = 'sales_mgmt_addon.mail_activity_type_pack_talk'


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivablePackComment(PackCommon):
    """Comments, closing, reminders, coaching, and who may do what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack = cls._freeze(cls, cls.first)
        cls.person = cls.pack.sudo().person_ids.filtered(lambda person: person.user_id == cls.user_sm_sales)
        cls.person2 = cls.pack.sudo().person_ids - cls.person

    def _as(self, records, user):
        self.env.flush_all()
        return records.with_user(user).with_context(clean=True)

    def _activities(self, person, xmlid=COMMENT_TYPE):
        return self.env['mail.activity'].search([
            ('res_model', '=', person._name), ('res_id', '=', person.id),
            ('activity_type_id', '=', self.env.ref(xmlid).id)])

    # === COMMENTS === #

    def test_salesperson_comments(self):
        line = self._as(self._line(self.pack, 'slipped'), self.user_sm_sales)
        line.write({'reason_code': 'paperwork', 'comment': "Needs a copy"})
        self.assertRecordValues(line, [{'comment_state': 'done', 'commented_by_id': self.user_sm_sales.id}])
        self.assertTrue(line.commented_on)
        self.assertEqual(self.person.missing_count, 4)
        self.assertAlmostEqual(self.person.progress, 20.0)
        self.assertEqual((self.pack.line_count, self.pack.missing_count), (6, 5))

    def test_leader_comments_for_his_people(self):
        line = self._as(self._line(self.pack, 'slipped'), self.user_sm_leader)
        line.write({'reason_code': 'liquidity'})
        self.assertEqual(line.commented_by_id, self.user_sm_leader)

    def test_several_at_once(self):
        lines = self._as(self.pack.line_ids.filtered(lambda line: line.user_id == self.user_sm_sales), self.user_sm_sales)
        lines.write({'reason_code': 'approval'})
        self.assertEqual(set(lines.mapped('comment_state')), {'done'})

    def test_incomplete(self):
        line = self._as(self._line(self.pack, 'slipped'), self.user_sm_sales)
        for vals, state in (
            ({'comment': "Was away"}, 'incomplete'),
            ({'reason_code': 'other', 'comment': " . "}, 'incomplete'),
            ({'comment': "客户失联"}, 'done'),
            ({'reason_code': 'not_contacted', 'comment': False}, 'incomplete'),
            ({'reason_code': 'promised'}, 'incomplete'),
            ({'reason_code': 'delivery'}, 'done'),
            ({'reason_code': False}, 'missing'),
        ):
            line.write(vals)
            self.assertEqual(line.comment_state, state, vals)

    def test_promise_of_the_last_month_is_enough(self):
        self._promise(self.items['other'], self.second - timedelta(days=3), self.second + timedelta(days=90))
        line = self._line(self._freeze(self.second), 'other').with_user(self.user_sm_sales2)
        line.reason_code = 'promised'
        self.assertEqual(line.comment_state, 'done')

    def test_not_for_others(self):
        lines = self.pack.line_ids
        mine = self._as(lines, self.user_sm_sales2).search([('pack_id', '=', self.pack.id)])
        self.assertEqual(mine.move_id, self.items['other'])
        others = self._as(self._line(self.pack, 'slipped'), self.user_sm_sales2)
        with self.assertRaises(AccessError):
            others.reason_code = 'liquidity'
        with self.assertRaises(AccessError):
            others.read(['residual'])
        with self.assertRaises(AccessError):
            self._as(self.person, self.user_sm_sales2).read(['residual'])
        with self.assertRaises(AccessError):
            self._as(self.pack, self.user_sm_sales).read(['overdue_total'])
        for group in self._as(lines, self.user_sm_sales2)._read_group([], ['user_id'], ['residual:sum']):
            self.assertEqual(group, (self.user_sm_sales2, 250.0))
        readers = self._as(self._line(self.pack, 'slipped'), self.user_sm_manager)
        self.assertTrue(readers.read(['residual']))
        with self.assertRaisesSaying(AccessError, "to comment"):
            readers.reason_code = 'liquidity'

    def test_frozen_fields(self):
        line = self._as(self._line(self.pack, 'slipped'), self.user_sm_sales)
        for vals in (
            {'residual': 1.0}, {'movement': 'paid'}, {'needs_comment': False}, {'comment_state': 'done'},
            {'user_id': self.user_sm_sales2.id}, {'commented_by_id': self.user_sm_leader.id}, {'pack_id': False},
        ):
            for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_director):
                with self.assertRaises(AccessError, msg=vals):
                    line.with_user(user).write(vals)
        for user in (self.user_sm_leader, self.user_sm_director, self.user_sm_controller):
            for vals in ({'overdue_total': 1.0}, {'state': 'closed'}, {'closed_on': fields.Datetime.now()}):
                with self.assertRaises(AccessError, msg=vals):
                    self._as(self.pack, user).write(vals)
            with self.assertRaises(AccessError):
                self._as(self.person, user).write({'kept_rate': 1.0})
            with self.assertRaises(AccessError):
                self.env['sales.receivable.pack.line'].with_user(user).create({'pack_id': self.pack.id})
            with self.assertRaises(AccessError):
                self._as(line, user).unlink()
            with self.assertRaises(AccessError):
                self._as(self.pack, user).write({'line_ids': [(2, line.id)]})
        pack = self.Pack.with_user(self.user_sm_leader).with_context(
            default_state='closed', default_overdue_total=5.0, default_frozen_on=fields.Datetime.now(),
        ).create({'team_id': self.team.id, 'date': self.second})
        self.assertRecordValues(pack, [{'state': 'draft', 'overdue_total': 0.0, 'frozen_on': False}])
        with self.assertRaises(AccessError):
            self.Pack.with_user(self.user_sm_leader).create(
                {'team_id': self.team.id, 'date': self.second, 'overdue_total': 5.0})

    def test_promise_from_a_comment(self):
        """A day makes a real promise, of all that is open or of the amount given; once."""
        day = self.today + timedelta(days=5)
        line = self._as(self._line(self.pack, 'slipped'), self.user_sm_sales)
        line.write({'reason_code': 'promised', 'promise_new_date': day})
        self.assertRecordValues(line.promise_new_id.sudo(), [{
            'amount': 400.0, 'date': day, 'state': 'open', 'user_id': self.user_sm_sales.id,
            'partner_id': self.customer.id}])
        self.assertEqual(line.promise_new_id.sudo().line_ids.line_id, self._receivable(self.items['slipped']))
        self.assertEqual(line.comment_state, 'done')
        with self.assertRaisesSaying(UserError, "recorded already"):
            line.promise_new_date = day + timedelta(days=1)
        other = self._as(self._line(self.pack, 'old'), self.user_sm_leader)
        other.write({'reason_code': 'promised', 'promise_new_amount': 250.0})
        self.assertEqual(other.comment_state, 'incomplete')
        other.promise_new_date = day
        self.assertRecordValues(other.promise_new_id.sudo(), [{'amount': 250.0, 'user_id': self.user_sm_sales.id}])
        self._pay_on(self.items['partly'], self.today, amount=120)
        partly = self._as(self._line(self.pack, 'partly'), self.user_sm_sales)
        partly.promise_new_date = day
        self.assertEqual(partly.promise_new_id.sudo().amount, 380.0, "what is open today")
        self._pay_on(self.items['paid'], self.today)
        with self.assertRaisesSaying(UserError, "not open"):
            self._as(self._line(self.pack, 'paid'), self.user_sm_sales).promise_new_date = day

    def test_promise_about_the_invoice_of_another_salesperson(self):
        """The item is his because of the invoice; the customer is somebody else's."""
        invoice = self._claim(300, self.second, -20, partner=self.other, invoice_user_id=self.user_sm_sales.id)
        line = self._freeze(self.second).line_ids.filtered(lambda line: line.move_id == invoice)
        self.assertEqual(line.user_id, self.user_sm_sales)
        day = self.today + timedelta(days=5)
        self._as(line, self.user_sm_sales).write({'reason_code': 'promised', 'promise_new_date': day})
        self.assertRecordValues(line.sudo().promise_new_id, [{
            'user_id': self.user_sm_sales.id, 'amount': 300.0, 'date': day, 'state': 'open'}])

    def test_bad_promises(self):
        line = self._as(self._line(self.pack, 'slipped'), self.user_sm_sales)
        tomorrow = self.today + timedelta(days=1)
        for vals in (
            {'promise_new_date': self.today - timedelta(days=1)},
            {'promise_new_date': tomorrow, 'promise_new_amount': 400.01},
            {'promise_new_date': tomorrow, 'promise_new_amount': -5},
            {'promise_new_date': tomorrow, 'promise_new_amount': float('nan')},
        ):
            with self.assertRaises(ValidationError, msg=vals):
                line.write(vals)

    # === CLOSING === #

    def test_close(self):
        with self.assertRaisesSaying(UserError, r"Sm Sales \(5\).*Sm Sales2 \(1\)|Sm Sales2 \(1\).*Sm Sales \(5\)"):
            self.pack.action_close()
        self._comment_all(self.pack)
        for user in (self.user_sm_sales, self.user_sm_manager):
            with self.assertRaises(AccessError):
                self._as(self.pack, user).action_close()
        stranger = self._create_user('sm_stranger', 'sales_mgmt_addon.group_team_leader')
        with self.assertRaises(AccessError):
            self._as(self.pack, stranger).action_close()
        self._as(self.pack, self.user_sm_leader).action_close()
        self.assertRecordValues(self.pack, [{'state': 'closed', 'closed_by_id': self.user_sm_leader.id, 'progress': 100.0}])
        self.assertFalse(self._activities(self.person))
        with self.assertRaisesSaying(UserError, "closed"):
            self._as(self._line(self.pack, 'slipped'), self.user_sm_sales).comment = "Too late"

    def test_reopen(self):
        self._comment_all(self.pack)
        self.pack.action_close()
        with self.assertRaises(AccessError):
            self._as(self.pack, self.user_sm_leader).action_reopen("Forgot something")
        pack = self._as(self.pack, self.user_sm_director)
        for reason in (None, " ", ["x"]):
            with self.assertRaisesSaying(UserError, "Say why"):
                pack.action_reopen(reason)
        wizard = self.env['sales.receivable.pack.reopen'].with_user(self.user_sm_director).create(
            {'pack_id': pack.id, 'reason': "Forgot something"})
        wizard.action_confirm()
        self.assertEqual(pack.state, 'open')
        self.assertIn("Forgot something", pack.message_ids[0].body)
        pack.action_close()
        self._freeze(self.second)
        with self.assertRaisesSaying(UserError, "newest"):
            pack.action_reopen("Once more")

    def test_who_may_freeze(self):
        for user in (self.user_sm_sales, self.user_sm_manager, self.user_sm_billing):
            with self.assertRaises(AccessError):
                self.Pack.with_user(user).create({'team_id': self.team.id, 'date': self.second, 'user_id': user.id})
            with self.assertRaises(AccessError):
                self.Pack.with_user(user).action_freeze_last_month()
        with self.assertRaises(AccessError):
            self.Pack.with_user(self.user_sm_leader).create(
                {'team_id': self.team_region.id, 'date': self.second, 'user_id': self.user_sm_region.id})
        with self.assertRaises(AccessError):
            self.Pack.with_user(self.user_sm_leader).create({'team_id': False, 'date': self.second})
        draft = self.Pack.with_user(self.user_sm_leader).create({'team_id': self.team.id, 'date': self.second})
        with self.assertRaises(AccessError):
            draft.team_id = self.team_region
        region = self._freeze(self.second, team=self.team_region, user=self.user_sm_controller)
        self.assertEqual(region.user_id, self.user_sm_region)
        for user in (self.user_sm_billing, self.user_sm_controller, self.user_sm_director, self.user_sm_region):
            self.assertEqual(self._as(self.pack, user).overdue_total, 3450.0)
        draft.unlink()

    # === REMINDERS === #

    def test_reminders(self):
        """One to-do per salesperson; done when all is commented; chased, and the leader told once."""
        activity = self._activities(self.person)
        self.assertRecordValues(activity, [{
            'user_id': self.user_sm_sales.id, 'date_deadline': self.pack.comment_deadline}])
        self.pack._chase(self.today)
        self.assertEqual(self._activities(self.person), activity)
        activity.with_user(self.user_sm_sales).action_feedback()
        self.pack._chase(self.today)
        self.assertEqual(len(self._activities(self.person)), 1)
        signals = self.env['sales.signal'].search([('code', '=', 'receivable_pack_late')])
        self.assertFalse(signals)
        late = self.pack.comment_deadline + timedelta(days=1)
        messages = len(self.pack.message_ids)
        self.pack._chase(late)
        self.pack._chase(late + timedelta(days=1))
        signals = self.env['sales.signal'].search([('code', '=', 'receivable_pack_late')])
        self.assertRecordValues(signals, [{'user_id': self.user_sm_leader.id, 'value': 6.0, 'state': 'open'}])
        self.assertEqual(len(self.pack.message_ids), messages + 1)
        signals.action_handle()
        self.pack._chase(late + timedelta(days=2))
        self.assertEqual(len(self.pack.message_ids), messages + 1)
        grant(signals.sudo(), SIGNAL_GUARD).write({'state': 'open'})
        lines = self.pack.line_ids.filtered(lambda line: line.user_id == self.user_sm_sales)
        self._as(lines, self.user_sm_sales).write({'reason_code': 'liquidity'})
        self.assertFalse(self._activities(self.person))
        self.assertTrue(self._activities(self.person2))
        self._as(self.pack.line_ids - lines, self.user_sm_sales2).write({'reason_code': 'liquidity'})
        self.pack._chase(late + timedelta(days=2))
        self.assertEqual(signals.state, 'expired')

    def test_cron(self):
        self._activities(self.person).unlink()
        cron = self.env.ref('sales_mgmt_addon.ir_cron_sales_receivable_pack_chase')
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(len(self._activities(self.person)), 1)
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_credit')
        self._activities(self.person).unlink()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertFalse(self._activities(self.person))

    def test_deadline(self):
        """Five working days after today; 1 to 60 are possible."""
        day, left = self.today, 5
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < 5
        self.assertEqual(self.pack.comment_deadline, day)
        self.company.resource_calendar_id = False
        self.assertEqual(self.pack._get_comment_deadline(), day)
        for days in (0, 61):
            with self.assertRaises(ValidationError):
                self.company.pack_comment_days = days

    def test_salesperson_without_access(self):
        """Who cannot see the pack gets no to-do; his leader does."""
        left = self._create_user('sm_left', 'base.group_user')
        self._claim(20, self.second, -4, invoice_user_id=left.id, team_id=self.team.id)
        pack = self._freeze(self.second)
        person = pack.person_ids.filtered(lambda person: person.user_id == left)
        self.assertEqual(self._activities(person).user_id, self.user_sm_leader)

    # === COACHING === #

    def test_coaching(self):
        day = self.today + timedelta(days=3)
        person = self._as(self.person, self.user_sm_leader)
        with self.assertRaisesSaying(UserError, "note first"):
            person.action_talk_held()
        person.write({'coaching_note': "<p>Call before the due date</p>", 'talk_date': day})
        self.assertRecordValues(person, [{'note_by_id': self.user_sm_leader.id, 'can_coach': True}])
        activity = self._activities(person, TALK_TYPE)
        self.assertRecordValues(activity, [{'user_id': self.user_sm_sales.id, 'date_deadline': day}])
        person.talk_date = day + timedelta(days=1)
        self.assertRecordValues(self._activities(person, TALK_TYPE), [{'date_deadline': day + timedelta(days=1)}])
        own = self._as(self.person, self.user_sm_sales)
        self.assertIn("before the due date", own.coaching_note)
        for vals in ({'coaching_note': "<p>All is well</p>"}, {'talk_date': day}):
            with self.assertRaises(AccessError):
                own.write(vals)
            with self.assertRaises(AccessError):
                self._as(self.person, self.user_sm_controller).write(vals)
        with self.assertRaises(AccessError):
            own.action_talk_held()
        person.action_talk_held()
        self.assertEqual(person.talk_done_on, self.today)
        self.assertFalse(self._activities(person, TALK_TYPE))
        with self.assertRaisesSaying(UserError, "held on"):
            person.coaching_note = "<p>Later wisdom</p>"

    def test_report(self):
        """The document renders for the leader, with Chinese text."""
        self._as(self._line(self.pack, 'slipped'), self.user_sm_sales).write({'reason_code': 'other', 'comment': "客户资金紧张"})
        html, _type = self.env['ir.actions.report'].with_user(self.user_sm_leader)._render_qweb_html(
            'sales_mgmt_addon.action_report_receivable_pack', self.pack.ids)
        self.assertIn("客户资金紧张", html.decode())
        self.assertIn(self.items['old'].name, html.decode())
