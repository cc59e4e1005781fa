"""A seller presses twice, or his system and he ship at the same time: nothing is shipped twice."""

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ..internal import grant
from ..models.channel.const import MODE_GUARD, OFFER_GUARD, PRESETS, SELLER_GUARD


@tagged('post_install', '-at_install', 'sales_channel', 'sales_channel_concurrency')
class TestSellerOrderConcurrency(BaseCase):
    """Real transactions on committed data, because a test cursor hides every race."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.created, cls.company_id = {}, False
        cls.addClassCleanup(cls._remove_committed_data)
        with cls.registry.cursor() as cr:
            # a company of its own, with what a marketplace needs; it stays, archived, as Odoo wants it
            company = cls._env(cr)['res.company'].create({'name': "Racing Company"})
            cls.company_id = company.id
            cls.created['res.company'] = company.ids
            env = cls._env(cr)
            env['account.chart.template'].try_loading('generic_coa', company=company, install_demo=False)
            company._set_up_marketplace()
            partners = env['res.partner'].create([{'name': "Racing Seller"}, {'name': "Racing Buyer"}])
            product = env['product.product'].create({
                'name': "Racing Goods", 'type': 'service', 'list_price': 1.0, 'taxes_id': [Command.clear()]})
            seller = grant(env['sales.seller'], SELLER_GUARD).create({'partner_id': partners[0].id, 'state': 'active'})
            mode = grant(env['sales.channel.mode'], MODE_GUARD).create({
                'preset': 'marketplace', 'date_from': '2020-01-01', 'state': 'approved', 'reason': "Agreed",
                'seller_id': seller.id, **PRESETS['marketplace']})
            offer = grant(env['sales.seller.offer'], OFFER_GUARD).create({
                'seller_id': seller.id, 'product_id': product.id, 'price': 1.0, 'state': 'active'})
            order = env['sale.order'].create({'partner_id': partners[1].id, 'order_line': [Command.create({
                'product_id': product.id, 'offer_id': offer.id, 'product_uom_qty': 3, 'tax_ids': [Command.clear()]})]})
            order.action_confirm()
            cls.line_id = order.seller_order_ids.line_ids.id
            cls.created |= {
                'sale.order': order.ids, 'sales.seller.offer': offer.ids, 'sales.channel.mode': mode.ids,
                'sales.seller': seller.ids, 'product.product': product.ids,
                'product.template': product.product_tmpl_id.ids, 'res.partner': partners.ids}

    @classmethod
    def _env(cls, cr):
        companies = {'allowed_company_ids': [cls.company_id]} if cls.company_id else {}
        return api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True, 'lang': 'en_US', **companies})

    @classmethod
    def _remove_committed_data(cls):
        """Delete by SQL what nobody may delete."""
        archived = cls.created.pop('res.company', [])
        orders = cls.created.get('sale.order', [])
        with cls.registry.cursor() as cr:
            for query in (
                "DELETE FROM sales_seller_shipment"
                " WHERE order_id IN (SELECT id FROM sales_seller_order WHERE sale_order_id = ANY(%s))",
                "DELETE FROM sales_seller_order WHERE sale_order_id = ANY(%s)",
            ):
                cr.execute(SQL(query, orders))
            for other in ('sales_credit_profile', 'sales_attainment_entry'):
                cr.execute(SQL("DELETE FROM %s WHERE company_id = ANY(%s)", SQL.identifier(other), archived))
            for model, ids in cls.created.items():
                table = model.replace('.', '_')
                cr.execute(SQL("DELETE FROM mail_message WHERE model = %s AND res_id = ANY(%s)", model, ids))
                cr.execute(SQL("DELETE FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s)", model, ids))
                cr.execute(SQL("DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(table), ids))
            cr.execute(SQL("UPDATE res_company SET active = FALSE WHERE id = ANY(%s)", archived))
        cls.registry.clear_cache()

    def _ship(self, env, quantity, key):
        line = env['sales.seller.order.line'].browse(self.line_id)
        return line.order_id._ship({line: quantity}, external_key=key).id

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_two_at_the_same_time(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            slow, fast = self._env(first), self._env(second)
            # the snapshot of the slow one begins before the fast one ships
            self.assertEqual(slow['sales.seller.order.line'].browse(self.line_id).qty_shipped, 0.0)
            shipment_id = self._ship(fast, 1, 'press')
            second.commit()  # pylint: disable=invalid-commit
            # the same key: what is registered is returned
            self.assertEqual(retrying(lambda: self._ship(slow, 1, 'press'), slow), shipment_id)
        with self.registry.cursor() as first, self.registry.cursor() as second:
            slow, fast = self._env(first), self._env(second)
            self.assertEqual(slow['sales.seller.order.line'].browse(self.line_id).qty_shipped, 1.0)
            self._ship(fast, 2, None)
            second.commit()  # pylint: disable=invalid-commit
            # without a key: nothing is left for it
            with self.assertRaisesRegex(UserError, "only 0.0 are left"):
                retrying(lambda: self._ship(slow, 2, None), slow)
        with self.registry.cursor() as cr:
            self.assertEqual(self._env(cr)['sales.seller.order.line'].browse(self.line_id).qty_shipped, 3.0)
