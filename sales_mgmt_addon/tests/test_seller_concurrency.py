from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..internal import grant
from ..models.channel.const import OFFER_GUARD, SELLER_GUARD
from .race_common import RaceCommon


@tagged('post_install', '-at_install', 'sales_channel', 'sales_channel_concurrency')
class TestSellerConcurrency(RaceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._environment() as env:
            partner = env['res.partner'].create({'name': "Concurrent Seller", 'is_company': True})
            seller = grant(env['sales.seller'], SELLER_GUARD).create({
                'partner_id': partner.id, 'state': 'active', 'offer_limit': 1})
            products = env['product.product'].create([{'name': f"Concurrent {number}", 'type': 'service'} for number in (1, 2)])
            offers = grant(env['sales.seller.offer'], OFFER_GUARD).create([
                {'seller_id': seller.id, 'product_id': product.id, 'price': 10, 'state': 'submitted'} for product in products])
            env.company.offer_quality_minimum, cls.minimum = 0.0, env.company.offer_quality_minimum
            cls.partner_id, cls.seller_id, cls.product_ids, cls.offer_ids = partner.id, seller.id, products.ids, offers.ids

    @classmethod
    def _remove_committed_data(cls):
        with cls._environment() as env:
            for model, ids in (('sales.seller.offer', cls.offer_ids), ('sales.seller', [cls.seller_id])):
                cls._delete_traces(env, model, ids)
            cls._delete_rows(env, (
                ('sales_seller_offer', 'id', cls.offer_ids),
                ('sales_seller', 'id', [cls.seller_id]),
            ))
            env.invalidate_all()
            env['product.product'].browse(cls.product_ids).product_tmpl_id.unlink()
            env.flush_all()
            cls._delete_rows(env, (
                ('sales_credit_profile', 'partner_id', [cls.partner_id]),
                ('res_partner', 'id', [cls.partner_id]),
            ))
            env.company.offer_quality_minimum = cls.minimum
            cls.registry.clear_cache()

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_two_approvals_for_the_last_place(self):
        results = self._in_parallel(*(
            lambda env, offer_id=offer_id: env['sales.seller.offer'].browse(offer_id).action_approve()
            for offer_id in self.offer_ids))
        self.assertEqual(sorted(type(result) for result in results if isinstance(result, Exception)), [UserError])
        with self._environment() as env:
            states = env['sales.seller.offer'].browse(self.offer_ids).mapped('state')
        self.assertEqual(sorted(states), ['active', 'submitted'])
