from odoo.tests import tagged

from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestChannelRights(ChannelCommon):

    def test_rights_go_from_offer_to_channel(self):
        order = self._market_order((self.offer_1, 2), (self.own_product, 1), confirm=False)
        rights = order.order_line._get_rights()
        theirs, ours = order.order_line
        self.assertEqual(rights[theirs.id]['contracting_party'], 'seller')
        self.assertEqual(rights[ours.id]['revenue_presentation'], 'principal')
