from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .attainment_common import AttainmentCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentSecurity(AttainmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls._create_team("Team North")
        cls.foreigner = cls._create_user('sm_north', 'sales_team.group_sale_salesman')
        cls.order = cls._secure_order(cls.user_sm_sales, cls.team)
        cls.order2 = cls._secure_order(cls.user_sm_sales2, cls.team)
        cls.order_north = cls._secure_order(cls.foreigner, cls.other_team)
        cls.env.flush_all()
        cls.all = cls.Entry.search([('metric_id.code', '=', 'ordered'), ('res_model', '=', 'sale.order'),
                                    ('res_id', 'in', (cls.order + cls.order2 + cls.order_north).ids)])

    @classmethod
    def _secure_order(cls, user, team):
        order = cls.env['sale.order'].create({
            'partner_id': cls.customer.id, 'user_id': user.id, 'team_id': team.id,
            'order_line': [Command.create({'product_id': cls.service.id, 'product_uom_qty': 1})],
            'credit_split_ids': [Command.create({'user_id': user.id, 'share': 100})],
        })
        order.action_confirm()
        return order

    def _seen(self, user):
        return self.Entry.with_user(user).search([('id', 'in', self.all.ids)]).user_id

    def test_who_sees_what(self):
        self.assertEqual(len(self.all), 3)
        self.assertEqual(self._seen(self.user_sm_sales), self.user_sm_sales)
        self.assertEqual(self._seen(self.user_sm_leader), self.user_sm_sales | self.user_sm_sales2)
        self.assertEqual(self._seen(self.user_sm_region), self.user_sm_sales | self.user_sm_sales2)
        for user in (self.user_sm_director, self.user_sm_manager):
            self.assertEqual(self._seen(user), self.all.user_id)
        for user in (self.user_sm_portal, self.user_sm_stock):
            with self.assertRaises(AccessError):
                self._seen(user)

    def test_no_way_to_a_colleague(self):
        """A salesperson reads no entry of a colleague by any RPC call."""
        Entry = self.Entry.with_user(self.user_sm_sales)
        colleague = self.all.filtered(lambda entry: entry.user_id == self.user_sm_sales2)
        domain = [('user_id', '=', self.user_sm_sales2.id)]
        self.assertFalse(Entry.search(domain))
        self.assertFalse(Entry.search_count(domain))
        self.assertFalse(Entry.search_read(domain, ['value']))
        self.assertFalse(Entry.web_search_read(domain, {'value': {}})['records'])
        self.assertFalse(Entry.formatted_read_group(domain, ['user_id'], ['value:sum']))
        self.assertFalse(Entry.web_read_group(domain, ['user_id'], aggregates=['value:sum'])['groups'])
        self.assertFalse(Entry.name_search("", domain))
        groups = Entry.formatted_read_group([], ['user_id'], ['value:sum'])
        self.assertEqual([group['user_id'][0] for group in groups if group['user_id']], [self.user_sm_sales.id])
        self.assertFalse(Entry.formatted_read_group(
            [('metric_id.code', '=', 'ordered'), ('user_id', '!=', self.user_sm_sales.id)], [], ['__count'])[0]['__count'])
        self.user_sm_sales.group_ids += self.env.ref('base.group_allow_export')
        for method, args in (
            ('read', (['value'],)), ('export_data', (['value'],)), ('web_read', ({'value': {}},)),
            ('action_open_source', ()),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(colleague.with_user(self.user_sm_sales), method)(*args)

    def test_splits_are_private(self):
        Split = self.env['sales.credit.split'].with_user(self.user_sm_sales)
        splits = (self.order + self.order2 + self.order_north).credit_split_ids
        self.assertEqual(Split.search([('id', 'in', splits.ids)]), self.order.credit_split_ids)
        with self.assertRaises(AccessError):
            self.order2.credit_split_ids.with_user(self.user_sm_sales).read(['share'])
        self.assertEqual(
            Split.with_user(self.user_sm_leader).search([('id', 'in', splits.ids)]),
            (self.order + self.order2).credit_split_ids)
        draft = self.env['sale.order'].create({'partner_id': self.customer.id, 'user_id': self.user_sm_sales2.id})
        with self.assertRaises(AccessError):
            Split.create({'order_id': draft.id, 'user_id': self.user_sm_sales.id, 'share': 100})
        own = self.env['sale.order'].with_user(self.user_sm_sales).create({'partner_id': self.customer.id})
        own.credit_split_ids = [Command.create({'user_id': self.user_sm_sales2.id, 'share': 100})]
        shared = own.credit_split_ids.with_user(self.user_sm_sales2)
        self.assertEqual(shared.share, 100)
        with self.assertRaises(AccessError):
            shared.share = 50

    def test_append_only(self):
        vals = {'metric_id': self.env.ref('sales_mgmt_addon.sales_metric_ordered').id, 'date': '2026-01-01',
                'company_id': self.company.id, 'value': 1e6, 'res_model': 'sale.order', 'res_id': self.order.id}
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_director, self.user_sm_manager,
                     self.env.ref('base.user_admin'), self.env.ref('base.user_root')):
            entry = self.all.with_user(user)[0]
            for call in (
                lambda e: e.create(vals), lambda e: e.write({'value': 1}), lambda e: e.unlink(), lambda e: e.copy(),
                lambda e: e.with_context(sales_mgmt_pass=True).create(vals),
            ):
                with self.assertRaises(AccessError):
                    call(entry)
            loaded = entry.load(list(vals), [[str(value) for value in vals.values()]])
            self.assertFalse(loaded['ids'])
        with self.assertRaises(AccessError):
            self.all.sudo().unlink()

    def test_manager_tools(self):
        for user in (self.user_sm_sales, self.user_sm_leader, self.user_sm_director):
            with self.assertRaises(AccessError):
                self.env['sales.attainment.backfill'].with_user(user).action_start()
        for user in (self.user_sm_sales, self.user_sm_leader):
            with self.assertRaises(AccessError):
                self.env['sales.attainment.check'].with_user(user).create({})
        action = self.all.filtered(lambda e: e.user_id == self.user_sm_sales).with_user(self.user_sm_sales).action_open_source()
        self.assertEqual((action['res_model'], action['res_id']), ('sale.order', self.order.id))
        for document in (self.order, self.env['account.move']):
            self.assertEqual(document.with_user(self.user_sm_sales).action_open_attainment()['res_model'], self.Entry._name)

    def test_other_company(self):
        company = self._create_company()
        entry = self.Entry._book([{
            'metric': 'orders', 'record': self.order, 'line_id': 7, 'company': company, 'user': self.user_sm_director}])
        self.assertEqual(entry.company_id, company)
        self.assertFalse(self.Entry.with_user(self.user_sm_director).search([('id', '=', entry.id)]))
