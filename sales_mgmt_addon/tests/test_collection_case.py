from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .collection_common import CollectionCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionCase(CollectionCommon):
    """When cases open, what they show, who works them, and when they close."""

    # === OPENING AND CLOSING === #

    def test_opens_after_the_days_of_the_policy(self):
        self._item(100, 3)
        self.assertFalse(self._sync(), "3 days are tolerated")
        self._item(250, 4)
        case = self._sync()
        self.assertRecordValues(case, [{
            'partner_id': self.customer.id, 'company_id': self.company.id, 'state': 'open', 'overdue_amount': 350.0,
            'oldest_overdue_days': 4, 'item_count': 2, 'user_id': self.user_sm_sales.id, 'team_id': self.team.id,
            'next_action': 'call', 'next_date': self.today,
        }])
        self.assertRegex(case.name, r'^CC/\d{4}/\d{4}$')
        self.assertEqual(self._sync(), case, "a second run opens nothing")

    def test_smallest_amount(self):
        self.company.collection_min_amount = 500
        self._item(499.99, 10)
        self.assertFalse(self._sync())
        self._item(0.01, 10)
        self.assertTrue(self._sync())

    def test_disputed_items_open_no_case(self):
        item = self._item(100, 10)
        self._dispute(item)
        self.assertFalse(self._sync())

    def test_closes_after_the_last_instalment_only(self):
        items = self._instalments((100, 30), (200, 20), (300, -30))
        case = self._sync()
        self.assertEqual(case.overdue_amount, 300.0)
        self._pay_items(items[0])
        self._sync()
        self.assertEqual((case.state, case.overdue_amount), ('open', 200.0))
        self._pay_items(items[1], 150.0)
        self._sync()
        self.assertEqual((case.state, case.overdue_amount), ('open', 50.0))
        self._pay_items(items[1])
        self._sync()
        self.assertEqual((case.state, case.closed_on), ('closed', self.today), "the third one is not due yet")
        self.assertFalse(case.activity_ids)
        self.assertEqual(case.overdue_amount, 0.0)

    def test_payment_wakes_the_job_that_closes(self):
        item = self._item(100, 10)
        case = self._sync()
        cron = self.env.ref('sales_mgmt_addon.ir_cron_sales_collection_settle')
        Trigger = self.env['ir.cron.trigger']
        before = Trigger.search_count([('cron_id', '=', cron.id)])
        self._pay_items(item)
        self.assertGreater(Trigger.search_count([('cron_id', '=', cron.id)]), before)
        self.Case._cron_settle()
        self.assertEqual(case.state, 'closed')

    def test_payment_of_others_wakes_nothing(self):
        other = self._create_partner("Nobody")
        cron = self.env.ref('sales_mgmt_addon.ir_cron_sales_collection_settle')
        before = self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)])
        self._pay_items(self._item(100, 10, partner=other))
        self.assertEqual(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), before)

    def test_reopens_as_a_new_case(self):
        item = self._item(100, 10)
        case = self._sync()
        self._pay_items(item)
        self._sync()
        self._item(70, 5)
        again = self._sync()
        self.assertNotEqual(again, case)
        self.assertEqual(again.previous_id, case)
        with self.assertRaisesSaying(UserError, "closed case"):
            case.with_user(self.user_sm_controller).write({'next_action': 'visit'})

    def test_area_off(self):
        self._item(100, 10)
        self.env.ref('base.group_user').implied_ids -= self.env.ref('sales_mgmt_addon.group_area_credit')
        self.assertFalse(self._sync())

    def test_contacts_and_branches_share_the_case(self):
        branch = self._create_company("Branch", parent_id=self.company.id)
        self.env.user.company_ids += branch
        contact = self.env['res.partner'].create({'name': "Buyer", 'parent_id': self.customer.id})
        self._item(100, 10, partner=contact)
        self.env['account.chart.template'].try_loading(self.company.chart_template, branch, install_demo=False)
        journal = self.env['account.journal'].with_company(branch).search(
            [('type', '=', 'sale'), ('company_id', 'parent_of', branch.id)], limit=1)
        self._item(50, 20, company_id=branch.id, journal_id=journal.id)
        case = self._sync()
        self.assertRecordValues(case, [
            {'partner_id': self.customer.id, 'company_id': self.company.id, 'overdue_amount': 150.0, 'item_count': 2}])

    # === OWNER === #

    def test_owner_by_policy(self):
        self._item(100, 10)
        self.company.collection_owner = 'collector'
        case = self._sync()
        self.assertEqual((case.user_id, case.salesperson_id), (self.user_sm_controller, self.user_sm_sales))
        self.company.collection_owner = 'salesperson'
        self._sync()
        self.assertEqual(case.user_id, self.user_sm_sales, "follows the policy")
        case.with_user(self.user_sm_leader).user_id = self.user_sm_sales2
        self._sync()
        self.assertEqual(case.user_id, self.user_sm_sales2, "set by a person: stays")

    def test_owner_of_a_customer_without_salesperson(self):
        other = self._create_partner("Nobody's", user_id=False)
        self._item(100, 10, partner=other, invoice_user_id=False)
        self.assertEqual(self._sync(other).user_id, self.user_sm_controller)
        third = self._create_partner("By Invoice", user_id=False)
        self._item(100, 10, partner=third, invoice_user_id=self.user_sm_sales2.id)
        self.assertEqual(self._sync(third).user_id, self.user_sm_sales2)

    def test_owner_must_be_able_to_work(self):
        self._item(100, 10)
        case = self._sync()
        with self.assertRaisesSaying(ValidationError, "cannot work collection cases"):
            case.with_user(self.user_sm_leader).user_id = self.user_sm_stock
        with self.assertRaisesSaying(ValidationError, "cannot work collection cases"):
            self.company.collection_collector_id = self.user_sm_stock

    # === NEXT ACTION === #

    def test_one_activity_mirrors_the_next_action(self):
        self._item(100, 10)
        case = self._sync()
        activity = case.activity_ids
        self.assertRecordValues(activity, [
            {'user_id': self.user_sm_sales.id, 'date_deadline': self.today, 'summary': "Call"}])
        case.with_user(self.user_sm_sales).write({'next_action': 'visit', 'next_date': self._day(5)})
        self.assertRecordValues(case.activity_ids, [
            {'id': activity.id, 'user_id': self.user_sm_sales.id, 'date_deadline': self._day(5), 'summary': "Visit"}])
        activity.unlink()
        self._sync()
        self.assertEqual(case.activity_ids.date_deadline, self._day(5), "a lost one comes back")
        self.env['res.lang']._activate_lang('zh_CN')
        self.user_sm_sales.lang = 'zh_CN'
        self.env.ref('sales_mgmt_addon.selection__sales_collection_case__next_action__visit').with_context(
            lang='zh_CN').name = "登门"
        self.env.registry.clear_cache()
        self._sync()
        self.assertEqual(case.activity_ids.summary, "登门", "in the owner's language, not that of the job")
        with self.assertRaisesSaying(UserError, "from today on"):
            case.with_user(self.user_sm_sales).next_date = self._day(-1)
        with self.assertRaisesSaying(UserError, "from today on"):
            case.with_user(self.user_sm_sales).next_date = False

    # === LOG === #

    def test_log(self):
        self._item(100, 10)
        case = self._sync().with_user(self.user_sm_sales)
        action = case._log('call', 'no_answer')
        self.assertRecordValues(action, [{
            'partner_id': self.customer.id, 'user_id': self.user_sm_sales.id, 'date': self.today,
            'overdue_amount': 100.0, 'next_action': 'call', 'next_date': self._day(1)}])
        self.assertFalse(case.last_contact_on, "nobody was reached")
        self.assertEqual(case.next_date, self._day(1))
        case._log('call', 'refused', "Says he never ordered", next_action='visit', next_date=self._day(3))
        self.assertEqual((case.next_action, case.next_date), ('visit', self._day(3)))
        self.assertEqual(case.last_contact_on, self.today)
        case._log('note', note="Look into it")
        self.assertEqual(case.next_action, 'visit', "a note changes nothing")
        for kwargs, message in (
            ({'kind': 'call'}, "what came"),
            ({'kind': 'fax', 'outcome': 'sent'}, "from the lists"),
            ({'kind': 'note', 'note': ' '}, "empty note"),
            ({'kind': 'call', 'outcome': 'refused', 'date': self._day(1)}, "in the future"),
            ({'kind': 'call', 'outcome': 'refused', 'next_date': self._day(400)}, "within 180 days"),
        ):
            with self.assertRaisesSaying(UserError, message):
                case._log(**kwargs)
        with self.assertRaises(AccessError):
            action.write({'note': "Changed"})
        with self.assertRaises(AccessError):
            action.unlink()

    def test_money_within_14_days(self):
        item = self._item(300, 60)
        case = self._sync()
        early, good, none = (
            case._log('call', 'undecided', date=self._day(-days)) for days in (50, 20, 30))
        open_still = case._log('call', 'undecided', date=self._day(-2))
        self._pay_items(item, 100.0, days=-6)
        self.env['sales.collection.action']._judge_payments()
        self.assertRecordValues(early + good + none + open_still, [
            {'payment_judged': True, 'paid_within_14': False},
            {'payment_judged': True, 'paid_within_14': True},
            {'payment_judged': True, 'paid_within_14': False},
            {'payment_judged': False, 'paid_within_14': False},
        ])

    # === SNOOZE AND ORDER === #

    def test_snooze(self):
        self._item(100, 10)
        case = self._sync()
        with self.assertRaisesSaying(UserError, "why"):
            case._snooze(self._day(5), " ")
        with self.assertRaisesSaying(UserError, "from tomorrow"):
            case._snooze(self.today, "Wait")
        case._snooze(self._day(5), "Waits for our credit note")
        self._item(50, 2)
        self._sync()
        self.assertEqual((case.state, case.next_date), ('snoozed', self._day(5)), "nothing new for a case yet")
        case.action_unsnooze()
        self.assertRecordValues(case, [{'state': 'open', 'snooze_until': False, 'next_date': self.today}])

    def test_snooze_ends(self):
        self._item(100, 10)
        case = self._sync()
        case._snooze(self._day(5), "Wait")
        self._age(case, snooze_until=self.today)
        self._sync()
        self.assertEqual(case.state, 'open')

    def test_snooze_ends_with_a_new_item(self):
        self._item(100, 10)
        case = self._sync()
        case._snooze(self._day(5), "Wait")
        self._age(case, snoozed_on=self._day(-2))
        self._sync()
        self.assertEqual(case.state, 'snoozed')
        self._item(70, 4)
        self._sync()
        self.assertEqual(case.state, 'open', "since today it is overdue for more than 3 days")

    def test_order_by_hand(self):
        partners = [self._create_partner(f"Order {n}", user_id=self.user_sm_sales.id) for n in range(4)]
        for partner, amount in zip(partners, (400, 300, 200, 100), strict=True):
            self._item(amount, 20, partner=partner)
        cases = self._sync(self.env['res.partner'].concat(*partners)).with_user(self.user_sm_sales).sorted()
        self.assertEqual(cases.partner_id.ids, [p.id for p in partners])
        one, two, three, four = cases
        (three + one + two + four).web_resequence({})
        domain = [('id', 'in', cases.ids)]
        self.assertEqual(self.Case.search(domain), three + one + two + four)
        self.assertEqual([case.sequence < 0 for case in cases], [False, False, True, False])
        self._item(1000, 20, partner=four.partner_id)
        self._sync(four.partner_id)
        self.assertEqual(self.Case.search(domain), three + four + one + two, "the hand goes first, then the score")
        (four + one + three + two).web_resequence({})
        self.assertEqual(self.Case.search(domain), four + one + three + two)
        (one + four).web_resequence({})
        self.assertEqual(self.Case.search(domain), one + four + three + two, "a part of the placed ones")
        cases.action_score_order()
        self.assertEqual(self.Case.search(domain), four + one + two + three)

    # === POLICY, COMPANIES AND JOBS === #

    def test_policy_values(self):
        for values, message in (
            ({'collection_open_days': -1}, "between 0 and 365"),
            ({'collection_promise_grace_days': 366}, "between 0 and 365"),
            ({'collection_min_amount': -1}, "between 0 and"),
            ({'collection_min_amount': float('nan')}, "between 0 and"),
        ):
            with self.subTest(values), self.assertRaisesSaying(ValidationError, message):
                self.company.write(values)

    def test_each_company_for_itself(self):
        second = self._create_company("Second", collection_open_days=30)
        self.env.user.company_ids += second
        self.env['account.chart.template'].try_loading(self.company.chart_template, second, install_demo=False)
        self._item(100, 10)
        journal = self.env['account.journal'].search([('type', '=', 'sale'), ('company_id', '=', second.id)], limit=1)
        self._item(70, 20, company_id=second.id, journal_id=journal.id)
        self.assertEqual(self._sync().company_id, self.company, "the second company waits 30 days")
        second.collection_open_days = 5
        cases = self._sync()
        self.assertEqual(
            {case.company_id: case.overdue_amount for case in cases}, {self.company: 100.0, second: 70.0})
        self.assertEqual(self.Case._sync(self.customer, second).company_id, second)

    def test_job(self):
        """A customer that cannot be handled does not stop the others."""
        other = self._create_partner("Other", user_id=self.user_sm_sales.id)
        self._item(100, 10)
        self._item(100, 10, partner=other)
        broken = self.customer.id

        def fail(cases, rows):
            if any(partner_id == broken for partner_id, _company_id in rows):
                raise ValueError("broken")
            return origin(cases, rows)

        origin = type(self.Case)._open
        self.patch(type(self.Case), '_open', fail)
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.assertLogs(
                'odoo.addons.sales_mgmt_addon.models.collection.sales_collection_case_sync', 'ERROR'):
            self.env.ref('sales_mgmt_addon.ir_cron_sales_collection_sync').method_direct_trigger()
        found = self.Case.search([('partner_id', 'in', (self.customer + other).ids)])
        self.assertEqual(found.partner_id, other)
