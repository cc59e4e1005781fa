import threading

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..internal import grant
from ..models.channel.const import OFFER_GUARD, SELLER_GUARD


@tagged('post_install', '-at_install', 'sales_channel', 'sales_channel_concurrency')
class TestSellerConcurrency(BaseCase):
    """Real transactions on committed data, because a test cursor hides every race."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = cls._environment(cr)
            partner = env['res.partner'].create({'name': "Concurrent Seller", 'is_company': True})
            seller = grant(env['sales.seller'], SELLER_GUARD).create({
                'partner_id': partner.id, 'state': 'active', 'offer_limit': 1})
            products = env['product.product'].create([{'name': f"Concurrent {number}", 'type': 'service'} for number in (1, 2)])
            offers = grant(env['sales.seller.offer'], OFFER_GUARD).create([
                {'seller_id': seller.id, 'product_id': product.id, 'price': 10, 'state': 'submitted'} for product in products])
            env.company.offer_quality_minimum, cls.minimum = 0.0, env.company.offer_quality_minimum
            cls.partner_id, cls.seller_id, cls.product_ids, cls.offer_ids = partner.id, seller.id, products.ids, offers.ids
        cls.addClassCleanup(cls._remove_committed_data)

    @classmethod
    def _environment(cls, cr):
        return api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True, 'lang': 'en_US'})

    @classmethod
    def _remove_committed_data(cls):
        with cls.registry.cursor() as cr:
            env = cls._environment(cr)
            for model, ids in (('sales.seller.offer', cls.offer_ids), ('sales.seller', [cls.seller_id])):
                cr.execute("DELETE FROM mail_message WHERE model = %s AND res_id = ANY(%s)", [model, ids])
                cr.execute("DELETE FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s)", [model, ids])
            cr.execute("DELETE FROM sales_seller_offer WHERE id = ANY(%s)", [cls.offer_ids])
            cr.execute("DELETE FROM sales_seller WHERE id = %s", [cls.seller_id])
            env.invalidate_all()
            env['product.product'].browse(cls.product_ids).product_tmpl_id.unlink()
            env['sales.credit.profile'].search([('partner_id', '=', cls.partner_id)])
            cr.execute("DELETE FROM sales_credit_profile WHERE partner_id = %s", [cls.partner_id])
            cr.execute("DELETE FROM res_partner WHERE id = %s", [cls.partner_id])
            env.company.offer_quality_minimum = cls.minimum
            cls.registry.clear_cache()

    def _approve(self, offer_id, barrier, results):
        """Approve an offer as a request would: again if another transaction was first."""
        with self.registry.cursor() as cr:
            env = self._environment(cr)
            started = []

            def approve():
                cr.execute("SELECT 1 FROM sales_seller WHERE id = %s", [self.seller_id])  # takes the snapshot
                if not started:
                    started.append(True)
                    barrier.wait(20)
                return env['sales.seller.offer'].browse(offer_id).action_approve()
            try:
                retrying(approve, env)
                results.append('active')
            except (UserError, SerializationFailure) as error:
                cr.rollback()
                results.append(type(error).__name__)

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_two_approvals_for_the_last_place(self):
        barrier, results = threading.Barrier(2), []
        threads = [
            threading.Thread(target=self._approve, args=(offer_id, barrier, results)) for offer_id in self.offer_ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(sorted(results), ['UserError', 'active'])
        with self.registry.cursor() as cr:
            states = self._environment(cr)['sales.seller.offer'].browse(self.offer_ids).mapped('state')
        self.assertEqual(sorted(states), ['active', 'submitted'])
