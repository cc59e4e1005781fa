from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .collection_common import CollectionCommon

MODELS = (
    'sales.collection.case', 'sales.collection.action', 'sales.collection.promise', 'sales.collection.promise.line')


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionSecurity(CollectionCommon):
    """Who sees and does what, tried the way a client does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_partner("Other Customer", user_id=cls.user_sm_sales2.id)

    def setUp(self):
        super().setUp()
        self.item = self._item(100, 20)
        self._item(300, 20, partner=self.other)
        self.cases = self._sync(self.customer + self.other)
        self.mine = self.cases.filtered(lambda case: case.partner_id == self.customer)
        self.foreign = self.cases - self.mine
        for case in self.cases:
            case._log('call', 'undecided')
            self.Promise._make(self._receivables_of(case), 50, self._day(5))

    def _receivables_of(self, case):
        return self.env['account.move.line'].browse(item['item_id'] for item in case._get_open_items())

    def test_salesperson_sees_his_own_only(self):
        for name in MODELS:
            Model = self.env[name].with_user(self.user_sm_sales)
            path = 'promise_id.partner_id' if name.endswith('line') else 'partner_id'
            self.assertEqual(Model.search([]).mapped(path), self.customer, name)
            foreign = self.env[name].search([(path, '=', self.other.id)]).with_user(self.user_sm_sales)
            self.assertTrue(foreign)
            for method in (lambda r: r.read(['id', 'display_name']), lambda r: r.web_read({'display_name': {}})):
                with self.assertRaises(AccessError):
                    method(foreign)
            self.assertFalse(Model.search_count([(path, '=', self.other.id)]))
        Case = self.env['sales.collection.case'].with_user(self.user_sm_sales)
        self.assertEqual(Case._read_group([], [], ['overdue_amount:sum']), [(100.0,)])

    def test_salesperson_does_nothing_with_others(self):
        case = self.foreign.with_user(self.user_sm_sales)
        for name in ('action_log_call', 'action_send_mail', 'action_letter', 'action_promise', 'action_snooze',
                     'action_unsnooze', 'action_score_order', 'action_open_receivables', 'action_dispute',
                     'action_open_profile', 'action_open_statement', 'action_open_previous'):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(case, name)()
        with self.assertRaises(AccessError):
            case.write({'next_action': 'visit'})
        with self.assertRaises(AccessError):
            case.web_resequence({})
        with self.assertRaises(AccessError):
            case.promise_ids.with_user(self.user_sm_sales).action_cancel("x")
        self.env['sales.collection.promise'].sudo().search([('case_id', '=', self.foreign.id)])._cancel("Again")
        with self.assertRaises(AccessError):
            self.Promise.with_user(self.user_sm_sales)._make(self._receivables_of(self.foreign), 5, self._day(3))

    def test_dialogs_check_as_well(self):
        """A client may send any case and any item with a dialog."""
        Log = self.env['sales.collection.log'].with_user(self.user_sm_sales)
        with self.assertRaises(AccessError):
            Log.create({'case_id': self.foreign.id, 'kind': 'call', 'outcome': 'refused'}).action_log()
        Snooze = self.env['sales.collection.snooze'].with_user(self.user_sm_sales)
        with self.assertRaises(AccessError):
            Snooze.create({'case_ids': [Command.set(self.foreign.ids)], 'reason': "x", 'until': self._day(3)}).action_snooze()
        Make = self.env['sales.collection.promise.make'].with_user(self.user_sm_sales)
        stranger = self._receivables_of(self.foreign)
        wizard = Make.create({
            'case_id': self.mine.id, 'date': self._day(5), 'amount': 5,
            'line_ids': [Command.create({'item_id': stranger.id, 'selected': True, 'residual': 300})]})
        with self.assertRaisesSaying(UserError, "another customer"):
            wizard.action_make()

    def test_dialogs_tell_nothing_of_others(self):
        self._item(30, 20, partner=self.other)
        values = {'case_id': self.foreign.id}
        for name, spec in (
            ('sales.collection.promise.make', {'case_id': {}, 'line_ids': {'fields': {'residual': {}}}}),
            ('sales.collection.log', {'case_id': {}, 'next_date': {}}),
        ):
            Wizard = self.env[name].with_user(self.user_sm_sales)
            for extra in ({}, {'line_ids': []} if 'line_ids' in spec else {'next_date': self.today, 'next_action': 'call'}):
                with self.assertRaises(AccessError):
                    Wizard.create({**values, **extra})
            with self.assertRaises(AccessError):
                Wizard.onchange(dict(values), [], spec)

    def test_salesperson_works_his_own(self):
        case = self.mine.with_user(self.user_sm_sales)
        self.mine.promise_ids.with_user(self.user_sm_sales).action_cancel("Wrong day")
        wizard = self.env['sales.collection.log'].with_user(self.user_sm_sales).create(
            {'case_id': case.id, 'kind': 'call', 'outcome': 'promised'})
        self.assertEqual(wizard.next_date, self._day(7))
        self.assertEqual(wizard.action_log()['res_model'], 'sales.collection.promise.make')
        make = self.env['sales.collection.promise.make'].with_user(self.user_sm_sales).create({'case_id': case.id})
        self.assertEqual((make.amount, make.line_ids.move_name), (100.0, self.item.move_id.name))
        make.action_make()
        promise = case.promise_ids.filtered(lambda promise: promise.state == 'open')
        self.assertRecordValues(promise, [
            {'amount': 100.0, 'user_id': self.user_sm_sales.id, 'date': self._day(7), 'case_id': case.id}])
        self.assertEqual(promise.line_ids.move_name, self.item.move_id.name)
        self.assertTrue(case.items_html)
        self.assertEqual(case.can_work, True)

    def test_fields_of_the_server(self):
        for user in (self.user_sm_sales, self.user_sm_controller, self.user_sm_manager):
            case = self.mine.with_user(user)
            for values in ({'state': 'closed'}, {'score': 1e9}, {'partner_id': self.other.id}, {'closed_on': self.today},
                           {'owner_is_manual': True}, {'salesperson_id': user.id}, {'team_id': False},
                           {'company_id': self.company.id}, {'snooze_until': self.today}):
                with self.assertRaises(AccessError):
                    case.write(values)
            with self.assertRaises(AccessError):
                case.unlink()
            with self.assertRaises(AccessError):
                case.action_ids.unlink()
            with self.assertRaises(AccessError):
                case.promise_ids.line_ids.write({'residual': 0})
            for name in MODELS:
                with self.assertRaises(AccessError):
                    self.env[name].with_user(user).with_context(default_state='closed').create(
                        {'partner_id': self.customer.id, 'company_id': self.company.id} if 'line' not in name else {})
            with self.assertRaises(UserError):
                case.copy()

    def test_leaders_controllers_and_readers(self):
        for user, sees, works in (
            (self.user_sm_leader, True, True),
            (self.user_sm_region, True, True),
            (self.user_sm_controller, True, True),
            (self.user_sm_manager, True, True),
            (self.user_sm_director, True, False),
            (self.user_sm_billing, True, False),
            (self.user_sm_stock, False, False),
            (self.user_sm_portal, False, False),
        ):
            case = self.mine.with_user(user)
            with self.subTest(user.login):
                self.assertEqual(case.has_access('read'), sees)
                self.assertEqual(case.has_access('write'), works)
                if sees and not works:
                    self.assertFalse(case.can_work)
                    self.assertTrue(case.items_html)
                if not works:
                    with self.assertRaises(AccessError):
                        case._log('call', 'refused')
                else:
                    case._log('call', 'refused')
                    case._snooze(self._day(3), "Wait")
                    case.action_unsnooze()
        stranger = self._create_user('sm_other_leader', 'sales_mgmt_addon.group_team_leader')
        self._create_team("Elsewhere", leader=stranger)
        self.assertFalse(self.mine.with_user(stranger).has_access('read'))

    def test_portal_gets_nothing(self):
        for name in (*MODELS, 'sales.collection.log', 'sales.collection.promise.make'):
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.user_sm_portal).search_read([], ['id'])

    def test_other_company(self):
        company = self._create_company()
        user = self._create_user(
            'sm_abroad', 'sales_mgmt_addon.group_credit_controller', company_id=company.id,
            company_ids=[Command.set(company.ids)])
        self.assertFalse(self.env['sales.collection.case'].with_user(user).search([('id', 'in', self.cases.ids)]))
        self.assertFalse(self.mine.with_user(user).has_access('read'))
