from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.credit.proposal import propose_class, propose_limit
from ..models.receivable.behaviour import behaviour_sql, flush_behaviour_sources
from .loss_common import LossCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivableBehaviour(LossCommon):
    """How customers pay: average delay, late share, promises, and what is proposed because of it."""

    def _paid(self, amount, months, days_late, part=None, partner=None, **values):
        """Return an invoice that was due so many months ago and was paid so many days later."""
        due = fields.Date.subtract(self.today, months=months)
        invoice = self._direct_invoice(
            amount, due=due, partner=partner, invoice_date=due - timedelta(days=30), **values)
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({
                'payment_date': due + timedelta(days=days_late), **({'amount': part} if part else {})})._create_payments()
        return invoice

    def _behaviour(self, partner=None):
        flush_behaviour_sources(self.env)
        rows = self.env.execute_query_dict(behaviour_sql(self.today, partner_ids=(partner or self.customer).ids))
        return {row['root_id']: row for row in rows}

    def test_weighted_by_amount(self):
        self._paid(1000, 3, 10)
        self._paid(3000, 2, -6)
        row = self._behaviour()[self.company.id]
        # (1000 × 10 − 3000 × 6) / 4000, and 1000 of 4000
        self.assertAlmostEqual(float(row['days_late']), -2.0)
        self.assertAlmostEqual(float(row['late_share']), 0.25)
        self.assertEqual((row['paid_amount'], row['paid_count']), (4000, 2))
        self.profile.invalidate_recordset()
        self.assertRecordValues(self.profile, [{'days_late_avg': -2.0, 'late_share': 0.25, 'paid_count': 2}])

    def test_part_payments_count_with_their_own_delay(self):
        invoice = self._paid(1000, 3, 0, part=400)
        due = invoice.invoice_date_due
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create(
            {'payment_date': due + timedelta(days=20)})._create_payments()
        row = self._behaviour()[self.company.id]
        # (400 × 0 + 600 × 20) / 1000; one instalment
        self.assertAlmostEqual(float(row['days_late']), 12.0)
        self.assertAlmostEqual(float(row['late_share']), 0.6)
        self.assertEqual(row['paid_count'], 1)

    def test_credit_notes_and_entries_are_no_payments(self):
        self._refund(self._direct_invoice(500, due=fields.Date.subtract(self.today, months=2)))
        self.assertFalse(self._behaviour())

    def test_older_payments_do_not_count(self):
        self._paid(500, 26, 10)
        self.assertFalse(self._behaviour())

    def test_contacts_belong_to_their_company(self):
        contact = self.env['res.partner'].create({'name': "Buyer", 'parent_id': self.customer.id})
        self._paid(500, 2, 4, partner=contact)
        self.assertAlmostEqual(float(self._behaviour()[self.company.id]['days_late']), 4.0)

    def test_promises(self):
        self._judged_promise(1000, 1000)
        self._judged_promise(1000, 500)
        self._judged_promise(2000, 0)
        self._judged_promise(9000, 0, state='open')
        self._judged_promise(9000, 0, state='cancelled')
        self._judged_promise(9000, 0, days_ago=800)
        self.profile.invalidate_recordset()
        self.assertRecordValues(self.profile, [{'promise_count': 3, 'promise_kept_rate': 0.375}])

    def test_one_statement_for_a_page(self):
        profiles = self.profile
        for number in range(4):
            partner = self._create_partner(f"Page {number}", email=False)
            self._paid(100, 2, number, partner=partner)
            profiles += self._profile(partner)
        self.env.flush_all()
        profiles.invalidate_recordset(['days_late_avg', 'late_share', 'promise_kept_rate'])
        profiles.mapped('company_id')
        with self.assertQueryCount(2):
            profiles.mapped('days_late_avg')
            profiles.mapped('promise_kept_rate')

    # === PROPOSAL === #

    def _facts(self, **values):
        return {
            'fact_days_late': 2.0, 'fact_late_share': 0.05, 'fact_oldest_overdue': 0, 'fact_turnover': 120000.0,
            'fact_relation_months': 40, 'fact_exposure': 0.0, 'fact_limit': 5000.0, 'fact_promise_count': 0,
            'fact_promise_rate': 0.0, 'has_paid': True, **values,
        }

    def test_limit_by_hand(self):
        # two months of 10,000
        self.assertEqual(propose_limit(self._facts()), 25000)
        # 14 days late on average
        self.assertEqual(propose_limit(self._facts(), later=12), 20000)
        self.assertEqual(propose_limit(self._facts(fact_promise_count=2)), 25000, "Too few promises say nothing")
        # 20,000 × 1.25 × 0.6 = 15,000; × 0.85 = 21,250
        self.assertEqual(propose_limit(self._facts(fact_promise_count=3, fact_promise_rate=0.5)), 15000)
        self.assertEqual(propose_limit(self._facts(fact_promise_count=3, fact_promise_rate=0.7)), 21000)
        self.assertEqual(propose_limit(self._facts(fact_promise_count=3, fact_promise_rate=1.0)), 25000)
        self.assertEqual(propose_limit(self._facts(fact_oldest_overdue=61)), 5000)
        self.assertEqual(propose_limit(self._facts(has_paid=False, fact_relation_months=5)), 10000)

    def test_class_by_hand(self):
        # 24 + 20 + 20 + 15 of 85
        self.assertEqual(propose_class(self._facts()), ('A', 93))
        # 0 + 0 + 0 + 0 + 0 of 100
        self.assertEqual(propose_class(self._facts(
            fact_days_late=40, fact_late_share=0.9, fact_oldest_overdue=90, fact_relation_months=2, fact_promise_count=4,
            fact_promise_rate=0.2)), ('E', 0))
        # 16 + 14 + 8 + 10 + 10 of 100
        self.assertEqual(propose_class(self._facts(
            fact_days_late=12, fact_late_share=0.3, fact_oldest_overdue=20, fact_relation_months=12, fact_promise_count=3,
            fact_promise_rate=0.8)), ('C', 58))
        # nothing paid yet: 20 + 0 of 35
        self.assertEqual(propose_class(self._facts(has_paid=False, fact_relation_months=0)), ('C', 57))

    def test_request_tells_why(self):
        self._paid(12000, 2, 2)
        for kept in (100, 100, 0):
            self._judged_promise(100, kept)
        request = self.env['sales.credit.request'].with_user(self.user_sm_sales).create({
            'partner_id': self.customer.id, 'kind': 'policy', 'new_policy': 'limited'})
        # 2,000 × 0.4 (everything late) × 0.85 (67 % kept) × 0.5 (two months); 24 + 0 + 20 + 5 + 0 of 100
        self.assertRecordValues(request, [{
            'proposed_limit': 340.0, 'proposed_class': 'D', 'fact_promise_count': 3, 'fact_promise_rate': 0.6667}])
        for part in ("67 % of the promised amount", "If the average were 12 days later", "Class D: 49 %"):
            self.assertIn(part, request.proposal_reason)
