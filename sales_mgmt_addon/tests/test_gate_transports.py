"""The routes of `test_gate_routes` over the wire, where the transport could make a difference."""

import json
import xmlrpc.client
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .gate_common import GateCommon

SIGNATURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='


@tagged('post_install', '-at_install')
class TestGateTransports(GateCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.password = 'sm_sales'

    def _order(self):
        order = self._create_order()
        self.env.flush_all()
        return order

    def _jsonrpc(self, url, params):
        response = self.url_open(url, data=json.dumps({'jsonrpc': '2.0', 'method': 'call', 'params': params}),
                                 headers={'Content-Type': 'application/json'})
        return response.json()

    def _call_kw(self, model, method, args, kwargs=None):
        return self._jsonrpc('/web/dataset/call_kw', {
            'model': model, 'method': method, 'args': args, 'kwargs': kwargs or {}})

    def assertStillQuotation(self, order):
        order.invalidate_recordset()
        self.assertIn(order.state, ('draft', 'sent'))

    #=== ROUTES 1, 2: THE WEB CLIENT AND THE APIs ===#

    @mute_logger('odoo.http')
    def test_01_02_web_client(self):
        order = self._order()
        self.authenticate('sm_sales', 'sm_sales')
        answer = self._call_kw('sale.order', 'write', [order.ids, {'state': 'sale'}])
        self.assertIn('error', answer)
        self.assertStillQuotation(order)
        answer = self._call_kw('sale.order', 'web_save', [order.ids, {'state': 'sale'}], {'specification': {}})
        self.assertIn('error', answer)
        self.assertStillQuotation(order)
        answer = self._jsonrpc('/web/dataset/call_button', {
            'model': 'sale.order', 'method': 'action_confirm', 'args': [order.ids], 'kwargs': {}})
        self.assertNotIn('error', answer)
        order.invalidate_recordset()
        self.assertHeld(order, 'credit_limit')

    @mute_logger('odoo.http', 'odoo.addons.rpc.controllers.jsonrpc')
    def test_02_jsonrpc(self):
        order = self._order()
        answer = self._jsonrpc('/jsonrpc', {
            'service': 'object', 'method': 'execute_kw',
            'args': [self.env.cr.dbname, self.salesperson.id, 'sm_sales', 'sale.order', 'write',
                     [order.ids, {'state': 'sale'}]]})
        self.assertIn('error', answer)
        self.assertStillQuotation(order)

    @mute_logger('odoo.http', 'odoo.addons.rpc.controllers.xmlrpc')
    def test_02_xmlrpc(self):
        order = self._order()
        with self.assertRaises(xmlrpc.client.Fault):
            self.xmlrpc('object', 'execute_kw', self.env.cr.dbname, self.salesperson.id, 'sm_sales',
                        'sale.order', 'write', [order.ids, {'state': 'sale'}])
        self.assertStillQuotation(order)

    def xmlrpc(self, service, method, *args):
        response = self.url_open(f'/xmlrpc/2/{service}', data=xmlrpc.client.dumps(args, method),
                                 headers={'Content-Type': 'text/xml'})
        return xmlrpc.client.loads(response.content)[0][0]

    @mute_logger('odoo.http')
    def test_02_json2(self):
        order = self._order()
        key = self.env['res.users.apikeys'].with_user(self.salesperson)._generate(
            'rpc', "test", fields.Datetime.now() + timedelta(days=1))
        response = self.url_open('/json/2/sale.order/write', headers={
            'Authorization': f'bearer {key}', 'Content-Type': 'application/json'},
            data=json.dumps({'ids': order.ids, 'vals': {'state': 'sale'}}))
        self.assertGreaterEqual(response.status_code, 400)
        self.assertStillQuotation(order)

    #=== ROUTE 8: SIGNATURE IN THE PORTAL ===#

    def _sign(self, order):
        order.sudo().write({'require_signature': True, 'require_payment': False, 'state': 'sent'})
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        return self._jsonrpc(f'/my/orders/{order.id}/accept', {
            'access_token': token, 'name': "Customer", 'signature': SIGNATURE})

    def test_08_signed_by_the_public_with_the_token(self):
        order = self._order()
        self.authenticate(None, None)
        answer = self._sign(order)
        self.assertIn('result', answer)
        order.invalidate_recordset()
        self.assertHeld(order, 'credit_limit')
        self.assertEqual(order.signed_by, "Customer", "the customer keeps his signature")
        page = self.url_open(f'/my/orders/{order.id}?access_token={order.access_token}').text
        self.assertIn('gate_on_hold', page)
        self.assertNotIn('1,000', page, "the customer does not read why")
        # The controller releases it: the order confirms itself
        order.sudo().approval_request_ids.with_user(self.controller).action_approve()
        self.assertEqual(order.state, 'sale')

    def test_08_salesperson_signs_as_the_customer(self):
        order = self._order()
        self.authenticate('sm_sales', 'sm_sales')
        self._sign(order)
        order.invalidate_recordset()
        self.assertHeld(order, 'credit_limit')

    @mute_logger('odoo.http')
    def test_portal_customer_reads_no_field_of_the_gate(self):
        portal = self._user('sm_portal')
        portal.password = 'sm_portal'
        order = self._create_order(partner=portal.partner_id.commercial_partner_id)
        order.message_subscribe(portal.partner_id.ids)
        order.sudo().state = 'sent'
        self.env.flush_all()
        self.authenticate('sm_portal', 'sm_portal')
        self.assertIn('result', self._call_kw('sale.order', 'read', [order.ids, ['name']]))
        for name in ('hold_state', 'hold_finding_ids', 'gate_clearance', 'gate_margin_percent', 'approval_request_ids'):
            self.assertIn('error', self._call_kw('sale.order', 'read', [order.ids, [name]]), name)
        for method in ('action_confirm', 'action_ask_approval', 'action_gate_recheck', 'action_withdraw_hold'):
            self.assertIn('error', self._call_kw('sale.order', method, [order.ids]), method)
        self.assertStillQuotation(order)

    @mute_logger('odoo.http')
    def test_approval_methods_over_rpc(self):
        order = self._order()
        order.action_confirm()
        request = order.sudo().approval_request_ids
        self.env.flush_all()
        self.authenticate('sm_sales', 'sm_sales')
        for method, args in (('action_approve', ["I say so"]), ('write', [{'state': 'approved'}]), ('unlink', [])):
            self.assertIn('error', self._call_kw('sales.approval.request', method, [request.ids, *args]), method)
        self.assertIn('error', self._call_kw('sales.approval.decision', 'create', [{
            'request_id': request.id, 'verdict': 'approve', 'user_id': self.controller.id}]))
        request.invalidate_recordset()
        self.assertEqual(request.state, 'pending')

    def test_customer_of_another_order_line(self):
        """A line created over RPC on somebody's confirmed order meets the same check."""
        order = self._create_order(5)
        order.action_confirm()
        self.env.flush_all()
        self.authenticate('sm_sales', 'sm_sales')
        with mute_logger('odoo.http'):
            answer = self._call_kw('sale.order', 'write', [order.ids, {'order_line': [
                [0, 0, {'product_id': self.goods.id, 'product_uom_qty': 50}]]}])
        self.assertIn('error', answer)
        self.assertIn('1,000', answer['error']['data']['message'])
        order.invalidate_recordset()
        self.assertEqual(len(order.order_line), 1)
