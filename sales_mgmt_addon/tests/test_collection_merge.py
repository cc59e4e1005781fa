from odoo.fields import Command
from odoo.tests import tagged

from ..internal import grant
from ..models.receivable.sales_receivable_provision import GUARD as PROVISION_GUARD
from .collection_common import CollectionCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionMerge(CollectionCommon):
    """Two customers turn out to be one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls._create_partner("Double", user_id=cls.user_sm_sales2.id)
        cls.double_profile = cls._profile(cls.double)

    def _merge(self, kept):
        self.env.flush_all()
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer + self.double).ids, kept)
        self.env.invalidate_all()

    def test_cases(self):
        self._item(100, 10)
        other = self._item(200, 20, partner=self.double)
        cases = self._sync(self.customer + self.double)
        first = cases.filtered(lambda case: case.partner_id == self.customer)
        second = cases - first
        action = second._log('call', 'undecided')
        promise = self.Promise._make(other, 200, self._day(5))
        self._merge(self.double)
        kept = min(cases, key=lambda case: case.id)
        self.assertEqual(kept.state, 'open')
        self.assertEqual((cases - kept).state, 'closed')
        self.assertEqual(cases.partner_id, self.double)
        self.assertEqual((promise.state, promise.case_id, promise.partner_id), ('open', kept, self.double))
        self.assertEqual(action.partner_id, self.double)
        self.assertEqual(kept.overdue_amount, 300.0)
        self.assertEqual(self._sync(self.double), kept)

    def test_case_of_the_one_that_disappears(self):
        self._item(100, 10)
        case = self._sync()
        self._merge(self.double)
        self.assertEqual((case.partner_id, case.state, case.overdue_amount), (self.double, 'open', 100.0))

    def test_profiles_keep_the_stricter_terms(self):
        self.profile._change_terms({
            'policy': 'limited', 'limit': 5000, 'overdue_days_allowed': 30, 'credit_class': 'B',
            'temporary_limit': 9000, 'temporary_until': self._day(30)})
        self.double_profile._change_terms({
            'policy': 'limited', 'limit': 3000, 'overdue_days_allowed': 60, 'credit_class': 'D', 'hold': True,
            'hold_reason': "Fraud"})
        request = self.env['sales.credit.request'].create({
            'partner_id': self.customer.id, 'kind': 'raise', 'new_limit': 9000})
        self._merge(self.double)
        self.assertFalse(self.profile.exists())
        self.assertRecordValues(self.double_profile, [{
            'partner_id': self.double.id, 'policy': 'limited', 'limit': 3000.0, 'temporary_limit': 0.0,
            'temporary_until': False, 'hold': True, 'hold_reason': "Fraud", 'credit_class': 'D',
            'overdue_days_allowed': 30}])
        self.assertEqual((request.profile_id, request.partner_id), (self.double_profile, self.double))
        self.assertIn("stricter ones stay", ' '.join(self.double_profile.message_ids.mapped('body')))
        self.assertEqual(self.double.credit_limit, 3000.0, "mirrored")

    def test_assessed_on_their_own(self):
        """1,000 at 50 % and 500 at 20 %, booked by hand as it were: 600 of 1,500."""
        provision = self.env['sales.receivable.provision'].create({'company_id': self.company.root_id.id})
        provision.write({'line_ids': [
            Command.create({'partner_id': self.customer.id, 'rate': 50, 'reason': "Insolvent"}),
            Command.create({'partner_id': self.double.id, 'rate': 20})]})
        for line, gross in zip(grant(provision.line_ids, PROVISION_GUARD), (1000, 500), strict=True):
            line.gross = gross
        self._merge(self.double)
        self.assertRecordValues(provision.line_ids, [{
            'partner_id': self.double.id, 'gross': 1500.0, 'loss': 600.0, 'rate': 40.0, 'reason': "Insolvent"}])

    def test_no_credit_is_stricter_than_a_limit(self):
        self.profile._change_terms({'policy': 'no_credit'})
        self.double_profile._change_terms({'policy': 'limited', 'limit': 3000})
        self._merge(self.double)
        self.assertRecordValues(self.double_profile, [{'policy': 'no_credit', 'limit': 0.0}])

    def test_profile_of_the_one_that_disappears(self):
        third = self._create_partner("Third")
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer + third).ids, third)
        self.env.invalidate_all()
        self.assertEqual(self.profile.partner_id, third)
