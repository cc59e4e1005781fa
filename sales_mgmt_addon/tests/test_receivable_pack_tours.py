"""The month end, walked in a real browser: the salesperson comments, the leader closes."""

from odoo.tests import HttpCase, tagged

from .pack_common import PackCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestReceivablePackTours(PackCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.user_sm_leader | cls.user_sm_sales
        people.tour_enabled = False
        for user in people:
            user.password = user.login

    def test_comment_and_close(self):
        customer = self._create_partner("Slipping Customer", email=False, user_id=self.user_sm_sales.id)
        self.items['tour'] = self._claim(1200, self.second, -12, partner=customer)
        pack = self._freeze(self.second)
        self.start_tour('/odoo/items-to-comment', 'sales_mgmt_pack_comment', login='sm_sales')
        line = self._line(pack, 'tour')
        self.assertRecordValues(line, [{
            'reason_code': 'other', 'comment_state': 'done', 'commented_by_id': self.user_sm_sales.id,
            'comment': "The buyer left, his successor pays next week"}])
        self._comment_all(pack)
        self.start_tour('/odoo/receivable-packs', 'sales_mgmt_pack_close', login='sm_leader')
        self.assertEqual(pack.state, 'closed')
        person = pack.person_ids.filtered(lambda person: person.user_id == self.user_sm_sales)
        self.assertIn("Call a week before", person.coaching_note)
        self.assertEqual(person.note_by_id, self.user_sm_leader)
