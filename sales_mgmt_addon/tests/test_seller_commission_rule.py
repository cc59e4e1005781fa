"""What sellers are charged: which rule holds, and what it makes of a sale."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged, users

from ..models.settlement.sales_commission_rule import RuleQuestion
from .seller_invoice_common import SellerInvoiceCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerCommissionRule(SellerInvoiceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.electronics = cls.env['product.category'].create({'name': "Electronics"})
        cls.phones = cls.env['product.category'].create({'name': "Phones", 'parent_id': cls.electronics.id})
        cls.product.categ_id = cls.phones

    @classmethod
    def _rule(cls, percent, **values):
        return cls.env['sales.commission.rule'].create({'name': f"Rule {percent}", 'percent': percent, **values})

    def _rate(self, seller, product, channel=None):
        question = RuleQuestion(self.company, seller, product, self.channel if channel is None else channel, self.today)
        return self.env['sales.commission.rule']._resolve('commission', [question])[0].percent

    def _charge(self, quantity, price):
        moves = self._invoice(self._sell((self.offer_1, quantity, price)))
        return -sum(self._rows(moves, 'commission').mapped('amount'))

    def test_the_most_specific_rule_holds(self):
        self.assertEqual(self._rate(self.seller_1, self.product), 15)
        self._rule(14, channel_id=self.channel.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 14)
        self._rule(12, category_id=self.electronics.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 12)
        self._rule(8, category_id=self.phones.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 8)
        self._rule(9, product_id=self.product.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 9)
        self._rule(10, seller_id=self.seller_1.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 10)
        self._rule(6, seller_id=self.seller_1.id, category_id=self.electronics.id)
        self._rule(5, seller_id=self.seller_1.id, category_id=self.phones.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 5)
        self._rule(7, seller_id=self.seller_1.id, product_id=self.product.id)
        self.assertEqual(self._rate(self.seller_1, self.product), 7)
        self.assertEqual(self._rate(self.seller_1, self.own_product), 10)
        self.assertEqual(self._rate(self.seller_2, self.product), 9)
        self.assertEqual(self._rate(self.seller_2, self.own_product), 14)
        self.assertEqual(self._rate(self.seller_2, self.own_product, self.env['sales.channel']), 15)

    def test_two_rules_for_the_same_goods_are_refused(self):
        with self.assertRaisesSaying(ValidationError, r"Standard \(15 %\).*end the other one"):
            self._rule(12)
        self.rule.date_to = '2030-12-31'
        self._rule(12, date_from='2031-01-01')
        with self.assertRaisesSaying(ValidationError, "both would hold"):
            self._rule(11, date_from='2031-06-01')
        self._rule(11, kind='fulfilment')

    def test_minimum_and_maximum(self):
        self.rule.write({'minimum': 0.30, 'maximum': 50})
        self.assertEqual(self._charge(1, 1.00), 0.30)
        self.assertEqual(self._charge(1, 1000), 50)

    def test_rounding(self):
        self.assertEqual(self._charge(1, 99.99), 15.00)

    def test_fixed_amounts_and_gross(self):
        self.rule.write({'base': 'gross', 'percent': 10, 'fixed_unit': 0.5, 'fixed_line': 1})
        self.assertEqual(self._charge(2, 100), 22 + 1 + 1)

    def test_parts_of_an_order_line_pay_once_per_line(self):
        self.rule.write({'percent': 1, 'fixed_line': 2, 'minimum': 3})
        order = self._sell((self.offer_1, 4, 100))
        first = order._create_invoices()
        first.invoice_line_ids.quantity = 1
        first.action_post()
        rest = self._invoice(order)
        self.assertEqual(self._rows(first, 'commission').amount, -5.0, "2 + at least 3")
        self.assertEqual(self._rows(rest, 'commission').amount, -1.0, "1 % of 400, less 3")
        refund = rest._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertEqual(self._rows(refund, 'commission').amount, 4.5, "three quarters of 6")

    def test_refund_gives_back_what_was_charged_not_the_rate_of_today(self):
        order = self._sell((self.offer_1, 4, 100))
        moves = self._invoice(order)
        self.rule.date_to = self.today
        self._rule(5, seller_id=self.seller_1.id)
        for expected in (15, 15):
            refund = moves._reverse_moves([{'invoice_date': self.today}])
            refund.invoice_line_ids.quantity = 1
            refund.action_post()
            self.assertEqual(self._rows(refund, 'commission').amount, expected)

    def test_kept_on_a_refund(self):
        self.rule.refund_policy = 'none'
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        refund = moves._reverse_moves([{'invoice_date': self.today}])
        refund.action_post()
        self.assertFalse(self._rows(refund, 'commission'))

    def test_other_currency(self):
        euro = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'EUR')])
        if euro == self.company.currency_id:
            euro = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'USD')])
        euro.active = True
        self.env['res.currency.rate'].create({
            'currency_id': euro.id, 'company_id': self.company.id, 'name': '2020-01-01', 'rate': 0.8})
        pricelist = self.env['product.pricelist'].create({'name': "Euro", 'currency_id': euro.id})
        self.rule.write({'minimum': 25})
        moves = self._invoice(self._market_order((self.offer_1, 1), pricelist_id=pricelist.id))
        self.assertEqual(moves.currency_id, euro)
        self.assertEqual(moves.amount_untaxed, 80)
        self.assertEqual(self._rows(moves, 'commission').amount, -20.0, "25 at a rate of 0.8")
        self.assertEqual(self._rows(moves).currency_id, euro)

    def test_frozen_with_the_order(self):
        order = self._sell((self.offer_1, 1, 100))
        self.assertEqual(order.order_line.commission_rate, 15)
        self._rule(5, seller_id=self.seller_1.id)
        self.assertEqual(self._rows(self._invoice(order), 'commission').amount, -15.0)
        with self.assertRaisesSaying(AccessError, "cannot be typed"):
            order.order_line.with_user(self.user_sm_channel).write({'commission_rate': 1})

    def test_applied_rules_stay(self):
        self._sell((self.offer_1, 1, 100))
        with self.assertRaisesSaying(UserError, "has been applied"):
            self.rule.percent = 1
        with self.assertRaisesSaying(UserError, "has been applied"):
            self.rule.unlink()
        self.rule.write({'date_to': self.today, 'name': "Until Today"})
        copy = self.rule.copy()
        self.assertFalse(copy.active)

    @users('sm_channel')
    def test_channel_managers_make_rules(self):
        rule = self.env['sales.commission.rule'].create({'name': "Mine", 'percent': 3, 'seller_id': self.seller_1.id})
        self.assertFalse(rule.is_used)

    @users('sm_settle')
    def test_officers_read_only(self):
        rule = self.rule.with_user(self.env.user)
        self.assertEqual(rule.percent, 15)
        with self.assertRaises(AccessError):
            rule.percent = 1
        for method, values in (('create', {'seller_id': self.seller_1.id, 'kind': 'adjust', 'amount': 5}),):
            with self.assertRaises(AccessError):
                getattr(self.env['sales.seller.ledger'], method)(values)

    def test_ledger_is_written_by_documents_only(self):
        moves = self._invoice(self._sell((self.offer_1, 1, 100)))
        row = self._rows(moves)[0]
        with self.assertRaisesSaying(AccessError, "documents and statements only"):
            row.write({'amount': 1})
        with self.assertRaisesSaying(AccessError, "documents and statements only"):
            row.unlink()
