from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .receivable_common import ReceivableCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableAgeing(ReceivableCommon):
    """The figures of the ageing page, which are those of the items that the user may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls._create_partner("Aardvark", email=False, user_id=cls.user_sm_sales.id)
        # customer: 100 not due, 200 for 10 days, 400 for 100 days, receipt of 50
        for amount, days in ((100.0, -5), (200.0, 10), (400.0, 100)):
            cls._owed(cls.customer, amount, days)
        cls._receipt(cls, 50.0, partner=cls.customer)
        # third: 30 for 40 days; other, of another salesperson: 1,000 for 70 days
        cls._owed(cls.third, 30.0, 40)
        cls._owed(cls.other, 1000.0, 70)
        cls.mine = [('id', 'in', (cls.customer | cls.third | cls.other).ids)]

    @classmethod
    def _owed(cls, partner, amount, days, **values):
        due = cls.today - timedelta(days=days)
        return cls._direct_invoice(cls, amount, partner=partner, due=due, invoice_date=min(due, cls.today), **values)

    def _page(self, user=None, company=None, **options):
        """Return the page of a company, in which there is nothing but the items of this test."""
        Ageing = self.env['sales.receivable.ageing'].with_user(user or self.user_sm_controller)
        return Ageing.with_context(allowed_company_ids=(company or self.company).ids).get_ageing(options)

    def _rows(self, user=None, **options):
        options.setdefault('limit', 1000)
        rows = self._page(user, **options)['sections'][0]['rows']
        ids = {self.customer.id, self.third.id, self.other.id}
        return {row['name']: row for row in rows if row['id'] in ids or options.get('group_by')}

    # === FIGURES === #

    def test_figures(self):
        row = self._rows()["Credit Customer"]
        self.assertEqual(row['buckets'], [100.0, 200.0, 0.0, 0.0, 400.0])
        self.assertEqual((row['credits'], row['overdue'], row['total'], row['oldest'], row['items']), (-50, 600, 650, 100, 4))

    def test_totals_are_of_all_rows(self):
        section = self._page(limit=1)['sections'][0]
        everything = self.env['sales.receivable.report'].with_user(self.user_sm_controller)._read_group(
            [('company_id', '=', self.company.id)], [], ['residual:sum', 'overdue:sum', '__count'])[0]
        self.assertEqual(len(section['rows']), 1)
        self.assertGreaterEqual(section['count'], 3)
        totals = section['totals']
        self.assertAlmostEqual(totals['total'], everything[0])
        self.assertAlmostEqual(totals['overdue'], everything[1])
        self.assertEqual(totals['items'], everything[2])
        self.assertAlmostEqual(sum(totals['buckets']) + totals['credits'], totals['total'])

    def test_past_day(self):
        # 60 days ago the oldest item was 40 days late, and 1,000 were 10 days late; the receipt had not come
        rows = self._rows(as_of=str(self.today - timedelta(days=60)))
        self.assertEqual(rows["Credit Customer"]['buckets'], [0.0, 0.0, 400.0, 0.0, 0.0])
        self.assertEqual(rows["Credit Customer"]['credits'], 0.0)
        self.assertEqual(rows["Other Customer"]['buckets'], [0.0, 1000.0, 0.0, 0.0, 0.0])
        self.assertNotIn("Aardvark", rows)

    def test_disputed_is_shown_apart(self):
        line = self._receivable(self.env['account.move'].search([
            ('partner_id', '=', self.other.id), ('amount_total', '=', 1000.0)]))
        self.env['sales.receivable.dispute']._open(line, 'quality', user=self.user_sm_sales2, amount=250.0)
        row = self._rows()["Other Customer"]
        self.assertEqual((row['disputed'], row['total']), (250.0, 1000.0))
        self.assertNotIn("Other Customer", self._rows(hide_disputed=True))

    # === OPTIONS === #

    def test_sorting(self):
        def names(**options):
            return list(self._rows(**options))
        self.assertEqual(names(sort='total'), ["Other Customer", "Credit Customer", "Aardvark"])
        self.assertEqual(names(sort='name', desc=False), ["Aardvark", "Credit Customer", "Other Customer"])
        self.assertEqual(names(sort='bucket:4')[0], "Credit Customer")
        self.assertEqual(names(sort='credits', desc=False)[0], "Credit Customer")

    def test_filters(self):
        self.assertNotIn("Not due", self._rows(overdue_only=True))
        self.assertEqual(self._rows(overdue_only=True)["Credit Customer"]['buckets'], [0.0, 200.0, 0.0, 0.0, 400.0])
        self.assertEqual(list(self._rows(search="aardv")), ["Aardvark"])
        self.assertEqual(set(self._rows(self.user_sm_leader, scope='mine')), set())
        self.assertEqual(
            set(self._rows(self.user_sm_leader, scope='team')), {"Aardvark", "Credit Customer", "Other Customer"})

    def test_groups_and_what_is_in_them(self):
        rows = self._rows(self.user_sm_leader, group_by='user_id')
        self.assertEqual({name: row['total'] for name, row in rows.items()}, {"Sm Sales": 680.0, "Sm Sales2": 1000.0})
        within = {'field': 'user_id', 'id': self.user_sm_sales.id}
        self.assertEqual(
            {name: row['total'] for name, row in self._rows(self.user_sm_leader, within=within).items()},
            {"Aardvark": 30.0, "Credit Customer": 650.0})
        self.assertEqual(self._rows(self.user_sm_leader, group_by='region_id')["Region South"]['total'], 1680.0)

    def test_cell_opens_the_items(self):
        page = self._page(as_of=str(self.today - timedelta(days=60)))
        column = page['sections'][0]['columns'][2]
        items = self.env['sales.receivable.report'].with_user(self.user_sm_controller).with_context(**page['context']).search(
            [*page['domain'], *column['domain'], ('partner_id', '=', self.customer.id)])
        self.assertEqual(items.mapped('residual'), [400.0])

    def test_companies_with_other_currency_and_buckets(self):
        company = self._create_company("Abroad", currency_id=self.usd.id)
        self.env['sales.receivable.bucket'].create({'company_id': company.id, 'days_from': 11})
        self.env['account.chart.template'].with_company(company).try_loading('generic_coa', company, install_demo=False)
        company.currency_id = self.usd
        controller = self.user_sm_controller
        controller.company_ids |= company
        self.env['account.move'].with_company(company).create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': self.today - timedelta(days=12),
            'invoice_date_due': self.today - timedelta(days=12), 'invoice_payment_term_id': False, 'company_id': company.id,
            'invoice_line_ids': [Command.create({
                'name': "Goods", 'quantity': 1, 'price_unit': 7.0, 'tax_ids': [Command.clear()]})],
        }).action_post()
        self.env.flush_all()
        sections = self._page(company=self.company | company)['sections']
        self.assertEqual(
            [(section['currency_id'], len(section['columns'])) for section in sections],
            [(self.company.currency_id.id, 5), (self.usd.id, 6)])
        self.assertEqual([row['buckets'] for row in sections[1]['rows']], [[0, 0, 7.0, 0, 0, 0]])

    def test_nothing_open(self):
        company = self._create_company("Empty")
        self.user_sm_controller.company_ids |= company
        section = self._page(company=company)['sections'][0]
        self.assertEqual((section['rows'], section['count'], section['totals']['total']), ([], 0, 0))

    def test_bad_options(self):
        for options in (
            {'group_by': 'residual'}, {'scope': 'theirs'}, {'limit': -1}, {'limit': 'x'}, {'search': 5}, {'sort': 'bucket:99'},
            {'sort': 'drop'}, {'sort': 5}, {'within': {'field': 'id', 'id': 1}}, {'within': 3}, {'as_of': 'tomorrow'},
            {'within': {'field': 'user_id', 'id': [1]}}, {'within': {'field': 'user_id', 'id': True}},
        ):
            with self.subTest(options=options), self.assertRaises(UserError):
                self._page(**options)
        with self.assertRaises(UserError):
            self.env['sales.receivable.ageing'].get_ageing("options")

    # === RIGHTS AND COST === #

    def test_salesperson_sees_his_own(self):
        self.assertEqual(set(self._rows(self.user_sm_sales)), {"Credit Customer", "Aardvark"})
        self.assertEqual(self._page(self.user_sm_sales)['sections'][0]['totals']['total'], 680.0)
        self.assertEqual(self._rows(
            self.user_sm_sales, within={'field': 'user_id', 'id': self.user_sm_sales2.id}), {})
        for user in (self.user_sm_stock, self.user_sm_portal):
            with self.assertRaises(AccessError):
                self._page(user)

    def test_queries_do_not_grow(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._page()
            return self.env.cr.sql_log_count - before

        queries()
        few = queries()
        for number in range(12):
            partner = self._create_partner(f"Customer {number}", email=False)
            self._owed(partner, 10.0 + number, number * 9)
        queries()
        self.assertEqual(queries(), few)
        self.assertLess(few, 15)
