"""The day of a collector, walked in a real browser."""

from odoo.tests import HttpCase, tagged

from .collection_common import CollectionCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestCollectionTours(CollectionCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sm_controller.tour_enabled = False
        cls.user_sm_controller.password = 'sm_controller'

    def test_collector_works_a_case_to_a_promise(self):
        self.company.collection_owner = 'collector'
        self._item(4321, 20)
        case = self._sync()
        self.assertEqual(case.user_id, self.user_sm_controller)
        self.start_tour(
            '/odoo/action-sales_mgmt_addon.sales_collection_case_action', 'sales_mgmt_collector_takes_a_promise',
            login='sm_controller')
        self.assertRecordValues(case.action_ids, [
            {'kind': 'call', 'outcome': 'promised', 'user_id': self.user_sm_controller.id}])
        self.assertRecordValues(case.promise_ids, [
            {'amount': 4000.0, 'state': 'open', 'user_id': self.user_sm_controller.id}])
        self.env.invalidate_all()
        self.assertEqual((case.promised_amount, case.collectable_amount), (4000.0, 321.0))
