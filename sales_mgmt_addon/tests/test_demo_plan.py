from datetime import date, timedelta

from lxml import etree

from odoo.tests import tagged
from odoo.tests.common import BaseCase
from odoo.tools.misc import file_open

from odoo.addons.sales_mgmt_addon.models.demo import facts
from odoo.addons.sales_mgmt_addon.models.demo.plan import plan_former_invoices, plan_history, plan_quotations

DAYS = (date(2026, 1, 31), date(2026, 7, 5), date(2028, 2, 29))


@tagged('sales_demo')
class TestDemoPlan(BaseCase):
    """The story of the demo company must hold on whatever day it is installed."""

    def test_same_day_same_story(self):
        for today in DAYS:
            with self.subTest(today=today):
                self.assertEqual(plan_history(today), plan_history(today))
                self.assertEqual(plan_quotations(today), plan_quotations(today))

    def test_size(self):
        for today in DAYS:
            self.assertEqual(len(plan_history(today)), sum(c[3] for c in facts.CUSTOMERS.values()))
            self.assertEqual(len(plan_quotations(today)), facts.OPEN_QUOTATIONS)

    def test_nothing_after_today_and_in_order(self):
        for today in DAYS:
            for plan in plan_history(today):
                days = [
                    plan.ordered_on, plan.delivered_on, plan.rest_delivered_on, plan.invoiced_on,
                    *(day for day, _share in plan.paid),
                ]
                days = [day for day in days if day]
                self.assertEqual(days, sorted(days))
                self.assertLessEqual(days[-1], today)

    def test_former_invoices_end_where_the_orders_begin(self):
        for today in DAYS:
            invoices = plan_former_invoices(today)
            self.assertEqual(invoices, plan_former_invoices(today))
            self.assertGreaterEqual(invoices[0].invoiced_on, date(today.year - 1, 1, 1))
            self.assertLess(invoices[-1].invoiced_on, today - timedelta(facts.DAYS_OF_HISTORY))
            self.assertTrue(all(invoice.invoiced_on <= invoice.paid_on <= today for invoice in invoices))
            self.assertFalse({invoice.customer for invoice in invoices} & set(facts.WON_SINCE))

    def test_exceptions_happen(self):
        for today in DAYS:
            plans = plan_history(today)
            self.assertEqual(sum(p.draft_invoice for p in plans), facts.DRAFT_INVOICES)
            self.assertEqual(sum(bool(p.returned_on) for p in plans), facts.RETURNED_ORDERS)
            self.assertTrue(any(p.split_delivery and p.rest_delivered_on for p in plans))
            self.assertTrue(any(p.has_goods and not p.cancelled and not p.delivered_on for p in plans))
            insolvent = [p for p in plans if facts.CUSTOMERS[p.customer][0] == 'insolvent']
            self.assertTrue(any(p.invoiced_on and not p.paid for p in insolvent))

    def test_returned_orders_are_settled_before_today(self):
        for today in DAYS:
            for plan in plan_history(today):
                if plan.returned_on:
                    self.assertLess(plan.returned_on, today)

    def test_facts_match_records(self):
        partners = self._record_keys('demo_partners.xml', 'partner_')
        products = self._record_keys('demo_products.xml', 'product_')
        self.assertEqual(facts.CUSTOMERS.keys() - partners, set())
        self.assertEqual(facts.CUSTOMERS.keys(), facts.CREDIT_TERMS.keys())
        sold = {product for basket, _discount in facts.BASKETS.values() for product, *_rest in basket}
        self.assertEqual(sold - products, set())
        self.assertEqual(products, facts.STOCK_LEFT.keys() | set(facts.SERVICES))

    def _record_keys(self, filename, prefix):
        with file_open(f'sales_mgmt_addon/demo/{filename}', 'rb') as xml:
            ids = etree.parse(xml).xpath('//record/@id')
        return {id_.removeprefix(prefix) for id_ in ids if id_.startswith(prefix)}
