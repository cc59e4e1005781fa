from odoo import fields
from odoo.tests import BaseCase, tagged

from ..models.collection import score as scoring
from .collection_common import CollectionCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionScoreFormula(BaseCase):
    """The formula on plain values, worked out by hand."""

    def test_success_rate(self):
        self.assertEqual(scoring.success_rate(0, 0), 0.5, "nobody knows anything yet")
        # company: (30 + 5) / (40 + 10) = 0.7; customer: (1 + 5 × 0.7) / (4 + 5) = 0.5
        self.assertAlmostEqual(scoring.success_rate(1, 4, 30, 40), 0.5)
        # many contacts of the customer outweigh the company: (90 + 3.5) / 105
        self.assertAlmostEqual(scoring.success_rate(90, 100, 30, 40), 93.5 / 105)

    def test_factors(self):
        # age 45 days 0.8 × two broken promises 0.7 × class C 0.9 × reached 5 days ago 0.6 × success 0.6
        result = scoring.score(58000, days=45, broken=2, credit_class='C', idle=5, rate=0.6)
        self.assertEqual(result['factors'], [
            ['age', 45, 0.8], ['broken', 2, 0.7], ['class', 'C', 0.9], ['idle', 5, 0.6], ['success', 60, 0.6]])
        self.assertEqual(result['chance'], 0.1814)
        self.assertEqual(result['score'], 10521.2)

    def test_what_is_not_known_does_not_count(self):
        result = scoring.score(1000, days=20)
        self.assertEqual([code for code, _value, _factor in result['factors']], ['age', 'success'])
        self.assertEqual((result['chance'], result['score']), (0.5, 500.0))

    def test_borders(self):
        for days, factor in ((0, 0.7), (7, 0.7), (7.4, 1.0), (30, 1.0), (31, 0.8), (60, 0.8), (90, 0.6), (91, 0.4), (9999, 0.2)):
            self.assertEqual(scoring.score(1, days=days)['factors'][0][2], factor, days)
        for idle, factor in ((0, 0.3), (2, 0.3), (3, 0.6), (7, 0.9), (13, 0.9), (14, 1.0)):
            self.assertEqual(scoring.score(1, idle=idle)['factors'][1][2], factor, idle)

    def test_receipts_come_off_first(self):
        result = scoring.score(1000, unapplied=400, days=20)
        self.assertEqual((result['amount'], result['unapplied'], result['score']), (600.0, 400.0, 300.0))
        self.assertEqual(scoring.score(1000, unapplied=1000.5)['score'], 0.0)


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionScore(CollectionCommon):
    """The formula fed from documents."""

    def test_score_of_a_case(self):
        """400 for 10 days and 100 for 60 days: 20 days old on average."""
        self._item(400, 10)
        self._item(100, 60)
        case = self._sync()
        self.assertEqual(case.score, 250.0)
        self.assertIn("500.00", case.score_reason)
        self.assertIn("× 0.50: 20 days old 1 · 50 % of such contacts pay off 0.5", case.score_reason)

    def test_disputed_promised_and_unapplied_money(self):
        disputed, promised = self._item(400, 20), self._item(300, 20)
        self._item(200, 20)
        self._receipt(50)
        self._dispute(disputed)
        self._sync()
        self.Promise._make(promised, 300, self._day(5))
        case = self._sync()
        self.assertRecordValues(case, [{
            'overdue_amount': 900.0, 'disputed_amount': 400.0, 'promised_amount': 300.0, 'collectable_amount': 200.0,
            'score': 75.0}])
        self.assertRegex(case.score_reason, r"150\.00 \(after .*50\.00 not yet applied\) × 0\.50")
        self._receipt(150)
        self.assertIn("Nothing to collect now", self._sync().score_reason)

    def test_a_running_promise_covers_what_is_left_of_it(self):
        """Promised 600 of 1,000; 300 paid: of 700 open the promise covers 300, 400 can be collected."""
        item = self._item(1000, 20)
        case = self._sync()
        self.Promise._make(item, 600, self._day(5))
        self._pay_items(item, 300)
        self.env.invalidate_all()
        self.assertRecordValues(case, [{'promised_amount': 300.0, 'collectable_amount': 400.0}])

    def test_class_contact_and_experience(self):
        self._item(1000, 20)
        case = self._sync()
        self.profile._change_terms({'credit_class': 'D'})
        for days in (40, 60, 80):
            case._log('call', 'undecided', date=self._day(-days))
        self.env['sales.collection.action']._judge_payments()
        self._sync()
        # D 0.75 × reached 40 days ago 1 × success: company (0 + 5) / 13, customer (0 + 5 × 5/13) / 8 = 0.24
        self.assertEqual(case.score_facts['factors'], [
            ['age', 20, 1.0], ['class', 'D', 0.75], ['idle', 40, 1.0], ['success', 24, 0.24]])
        self.assertEqual(case.score, 180.0)

    def test_disputed_part(self):
        """1,000 with 200 in dispute: 800 to collect; a promise of 300 before it leaves 500, one of 900 nothing."""
        item = self._item(1000, 20)
        promise = self.Promise._make(item, 300, self._day(5))
        dispute = self._dispute(item, 200.0)
        case = self._sync()
        self.assertRecordValues(case, [{
            'overdue_amount': 1000.0, 'disputed_amount': 200.0, 'promised_amount': 300.0, 'collectable_amount': 500.0}])
        self.assertIn("800.00", case.overdue_html)
        promise.with_user(self.user_sm_controller)._cancel("Again")
        dispute.with_user(self.user_sm_controller).action_accept("Credited")
        self.Promise._make(item, 900, self._day(5))
        self._dispute(item, 200.0)
        self.env.invalidate_all()
        self.assertRecordValues(case, [{
            'disputed_amount': 200.0, 'promised_amount': 800.0, 'collectable_amount': 0.0}])

    def test_dispute_and_its_end_move_the_case(self):
        item = self._item(1000, 20)
        case = self._sync()
        dispute = self._dispute(item)
        self.assertEqual(case.score, 0.0)
        dispute.with_user(self.user_sm_controller).action_reject("The delivery note is signed")
        self.assertEqual(case.score, 500.0)

    def test_figures_can_be_searched_and_sorted(self):
        other = self._create_partner("Other", user_id=self.user_sm_sales.id)
        self._item(1000, 20)
        self._item(200, 70, partner=other)
        cases = self._sync(self.customer + other)
        big, old = (cases.filtered(lambda case, p=p: case.partner_id == p) for p in (self.customer, other))
        domain = [('id', 'in', cases.ids)]
        Case = self.Case.with_user(self.user_sm_sales)
        self.assertEqual(Case.search(domain, order='overdue_amount'), old + big)
        self.assertEqual(Case.search(domain, order='oldest_overdue_days'), big + old)
        self.assertEqual(Case.search([*domain, ('oldest_overdue_days', '>', 60)]), old)
        self.assertEqual(Case.search([*domain, ('overdue_amount', '=', 1000)]), big)
        big._log('call', 'undecided')
        self.assertEqual(Case.search([*domain, ('last_contact_on', '<', fields.Date.to_string(self._day(-14)))]), old)
        self.assertEqual(Case.search([*domain, ('last_contact_on', '=', False)]), old)
        groups = Case._read_group(domain, ['user_id'], ['overdue_amount:sum', 'oldest_overdue_days:max'])
        self.assertEqual(groups, [(self.user_sm_sales, 1200.0, 70)])
