"""A seller presses twice, or his system and he ship at the same time: nothing is shipped twice."""

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..internal import grant
from ..models.channel.const import MODE_GUARD, OFFER_GUARD, PRESETS, SELLER_GUARD
from .race_common import RaceCommon


@tagged('post_install', '-at_install', 'sales_channel', 'sales_channel_concurrency')
class TestSellerOrderConcurrency(RaceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.created = {}
        with cls._environment() as env:
            # a company of its own, with what a marketplace needs; it stays, archived, as Odoo wants it
            company = env['res.company'].create({'name': "Racing Company"})
            cls.company_id = company.id
            cls.created['res.company'] = company.ids
            env = env(context=cls._get_context())
            company = company.with_env(env)
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
        return api.Environment(cr, SUPERUSER_ID, cls._get_context())

    @classmethod
    def _remove_committed_data(cls):
        """Delete by SQL what nobody may delete."""
        archived = cls.created.pop('res.company', [])
        orders = cls.created.get('sale.order', [])
        with cls._environment() as env:
            seller_orders = env['sales.seller.order'].search([('sale_order_id', 'in', orders)]).ids
            cls._delete_rows(env, (
                ('sales_seller_shipment', 'order_id', seller_orders),
                ('sales_seller_order', 'id', seller_orders),
                ('sales_credit_profile', 'company_id', archived),
                ('sales_attainment_entry', 'company_id', archived),
            ))
            for model, ids in cls.created.items():
                cls._delete_traces(env, model, ids)
                cls._delete_rows(env, [(model.replace('.', '_'), 'id', ids)])
            env.cr.execute(SQL("UPDATE res_company SET active = FALSE WHERE id = ANY(%s)", archived))
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
        with self._environment() as env:
            self.assertEqual(env['sales.seller.order.line'].browse(self.line_id).qty_shipped, 3.0)
