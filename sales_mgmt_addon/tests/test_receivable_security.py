from odoo.exceptions import AccessError
from odoo.tests import tagged

from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableSecurity(ReceivableCommon):
    """Whose receivables somebody sees, by every route of the ORM that a client may call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sm_sales.group_ids += cls.env.ref('base.group_allow_export')
        # by the invoice, by the customer, and both of somebody else
        cls.own = cls._invoice_of(cls.other, 10.0, cls.user_sm_sales)
        cls.own_customer = cls._invoice_of(cls.customer, 20.0, cls.user_sm_sales2)
        cls.foreign = cls._invoice_of(cls.other, 40.0, cls.user_sm_sales2)
        cls.outsider = cls._create_user('sm_outsider', 'sales_team.group_sale_salesman')
        cls.outside = cls._invoice_of(cls._create_partner("Outside", email=False, user_id=cls.outsider.id), 80.0, cls.outsider)
        cls.env.flush_all()
        cls.ours = [('move_id', 'in', (cls.own | cls.own_customer | cls.foreign | cls.outside).ids)]

    @classmethod
    def _invoice_of(cls, partner, amount, user):
        invoice = cls._direct_invoice(cls, amount, partner=partner)
        invoice.invoice_user_id = user
        invoice.team_id = user.sale_team_id
        return invoice

    def _total(self, user):
        return self.env['sales.receivable.report'].with_user(user)._read_group(self.ours, [], ['residual:sum'])[0][0]

    def test_roles(self):
        for user, total in (
            (self.user_sm_sales, 30.0), (self.user_sm_sales2, 70.0), (self.outsider, 80.0),
            (self.user_sm_leader, 70.0), (self.user_sm_region, 70.0), (self.user_sm_controller, 150.0),
            (self.user_sm_director, 150.0), (self.user_sm_manager, 150.0), (self.user_sm_billing, 150.0),
        ):
            self.assertEqual(self._total(user), total, user.login)
        for user in (self.user_sm_stock, self.user_sm_portal):
            with self.assertRaises(AccessError):
                self._total(user)

    def test_salesperson_by_every_route(self):
        Report = self.env['sales.receivable.report'].with_user(self.user_sm_sales)
        foreign = self._receivable(self.foreign)
        hidden = Report.browse(foreign.id)
        domain = [('id', '=', foreign.id)]
        self.assertFalse(Report.search(domain))
        self.assertFalse(Report.search_count(domain))
        self.assertFalse(Report.search_read(domain, ['residual']))
        self.assertFalse(Report.web_search_read(domain, {'residual': {}})['records'])
        self.assertFalse(Report.name_search(self.foreign.name, domain))
        self.assertEqual(Report.formatted_read_group(domain, [], ['residual:sum'])[0]['residual:sum'] or 0.0, 0.0)
        self.assertFalse(Report.formatted_read_group(domain, ['partner_id'], ['residual:sum']))
        self.assertFalse(Report.web_read_group(domain, ['partner_id'], ['residual:sum'])['groups'])
        # by a figure, without naming the row
        self.assertFalse(Report.search([('residual', '=', 40.0), *self.ours]))
        for method, args in (
            ('read', (['residual'],)), ('export_data', (['residual'],)), ('web_read', ({'residual': {}},)),
            ('action_open_document', ()), ('action_open_dispute', ()), ('action_open_statement', ()),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(hidden, method)(*args)

    def test_dialogs_tell_nothing_of_others(self):
        Wizard = self.env['sales.receivable.dispute.open'].with_user(self.user_sm_sales)
        values = {'item_id': self._receivable(self.foreign).id, 'reason': 'price'}
        spec = {'item_id': {}, 'amount': {}, 'residual': {}, 'partner_id': {}}
        for extra in ({}, {'amount': 1.0}):
            with self.assertRaises(AccessError):
                Wizard.create({**values, **extra}).read(list(spec))
        with self.assertRaises(AccessError):
            Wizard.onchange(values, ['item_id'], spec)
        own = Wizard.create({**values, 'item_id': self._receivable(self.own).id})
        self.assertEqual((own.amount, own.residual, own.partner_id), (10.0, 10.0, self.other))

    def test_settings_are_no_business_of_customers(self):
        company = self.company.with_user(self.user_sm_portal)
        for name in ('collection_min_amount', 'dunning_minimum_amount', 'loss_journal_id', 'pack_comment_days'):
            with self.assertRaises(AccessError):
                company.read([name])

    def test_past_days_are_no_way_around(self):
        Report = self.env['sales.receivable.report'].with_user(self.user_sm_sales).with_context(
            receivable_as_of=str(self.today))
        self.assertEqual(Report.search(self.ours).move_id, self.own | self.own_customer)

    def test_other_company(self):
        company = self._create_company("Far Away")
        self.user_sm_controller.company_ids |= company
        Report = self.env['sales.receivable.report'].with_user(self.user_sm_controller)
        self.assertFalse(Report.with_context(allowed_company_ids=company.ids).search(self.ours))
        self.assertEqual(len(Report.with_context(allowed_company_ids=self.company.ids).search(self.ours)), 4)

    def test_area_off_hides_the_menus(self):
        menu = self.env.ref('sales_mgmt_addon.receivable_menu')
        self.assertEqual(menu.group_ids, self.env.ref('sales_mgmt_addon.group_area_credit'))
