"""A seller reaches nothing of another one: not by an address of the portal, not by any model and method over RPC."""

import inspect
import json
import re

from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.models import BaseModel
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.channel.const import RIGHT_NAMES
from .seller_portal_common import SECRETS, SellerPortalCommon

# Models of the area
AREA = re.compile(r'sales\.(seller|settlement|payout|channel|commission|promotion|rights)(\.|$)')
CODE = re.compile(r'odoo\.addons\.sales_mgmt_addon\.models\.(seller|settlement|channel)\.')
# Fields of the area on orders and invoices that name no model of it
OWN_FIELDS = (*RIGHT_NAMES, 'promo_funding', 'price_snapshot')
# Messages of the area: they belong to the records
THREAD = ('mail.message', 'mail.activity', 'mail.followers')
WORDS = {'domain': [], 'fields': ['id', 'display_name'], 'fields_list': ['id'], 'groupby': ['id'], 'field_names': ['id'],
         'fnames': ['id'], 'specification': {'id': {}, 'display_name': {}}, 'values': {}, 'vals': {}, 'vals_list': [{}],
         'aggregates': ['__count'], 'name': "x", 'views': [[False, 'list']], 'view_type': 'form'}


@tagged('post_install', '-at_install', 'sales_channel')
class TestSellerIsolation(SellerPortalCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = [
            cls.env[name] for name in sorted(cls.env.registry) if AREA.match(name) and not cls.env[name]._abstract]
        # each seller has an order, and a statement of another one
        cls.orders = cls._seller_order((cls.offer_1, 1), (cls.secret_offer, 1))
        cls.statements = cls._statement(cls._seller_order((cls.offer_1, 1))) | cls._statement(
            cls._seller_order((cls.secret_offer, 1)))
        cls.check = cls.env['sales.seller.check'].create({
            'seller_id': cls.seller_2.id, 'number': "Hush", 'valid_until': '2030-01-01',
            'type_id': cls.env.ref('sales_mgmt_addon.sales_seller_check_type_licence').id})
        cls.document = cls.env['ir.attachment'].create({'name': "Hush.pdf", 'raw': b'%PDF-1.4 Hush'})
        cls.check.document_ids = cls.document
        cls.score = cls.env['sales.seller.score']._refresh(cls.seller_2)

    def _ids(self, model, seller):
        """Return ids of the records of a seller in a model, or of all of them where they have no seller."""
        if 'seller_id' in model._fields:
            return model.sudo().search([('seller_id', '=', seller.id)]).ids
        return seller.ids if model._name == 'sales.seller' else model.sudo().search([], limit=5).ids

    def _state(self):
        """Return a fingerprint of each table of the area, and of the messages on its records."""
        self.env.flush_all()
        state = {}
        for model in self.models:
            if model._auto and not model.is_transient():
                self.env.cr.execute(SQL(
                    "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM %s t", SQL.identifier(model._table)))
                state[model._name] = self.env.cr.fetchone()
        for name in THREAD:
            key = 'model' if name == 'mail.message' else 'res_model'
            state[name] = self.env[name].sudo().search_count([(key, 'in', [model._name for model in self.models])])
        return state

    # === OVER RPC === #

    def _call(self, model, name, *args, **kwargs):
        """Call a method like a client does; return its result, or the error."""
        try:
            with self.env.cr.savepoint(), mute_logger('odoo.sql_db', 'odoo.models', 'odoo.addons.base.models.ir_model'):
                return call_kw(model, name, list(args), kwargs)
        except Exception as error:  # noqa: BLE001 a client may cause anything
            return error

    def _public_methods(self, model):
        """Return the names of the methods a client can call, those of every model aside."""
        for name in dir(type(model)):
            if name.startswith('_') or hasattr(BaseModel, name):
                continue
            method = getattr(type(model), name)
            if inspect.isfunction(method):
                try:
                    get_public_method(model, name)
                except (AccessError, AttributeError):
                    continue
                yield name, method

    def _guess_arguments(self, method, record_id):
        """Return something for each parameter that a method needs."""
        parameters = list(inspect.signature(method).parameters.values())[1:]
        needed = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return [WORDS.get(parameter.name, record_id) for parameter in parameters
                if parameter.kind in needed and parameter.default is parameter.empty]

    def _assert_nothing(self, result, what):
        """Check that a call refused or told nothing of seller two."""
        if not isinstance(result, Exception):
            text = json.dumps(result, default=str)
            for secret in SECRETS:
                self.assertNotIn(secret, text, what)

    def test_models_are_closed_to_portal_users(self):
        self.assertGreaterEqual(len(self.models), 9)
        before = self._state()
        for model in self.models:
            theirs = self._ids(model, self.seller_2)
            client = model.with_user(self.user_seller_1).with_context({})
            for operation in ('read', 'write', 'create', 'unlink'):
                self.assertFalse(client.has_access(operation), f"{model._name} {operation}")
            for ids in (theirs, self._ids(model, self.seller_1)):
                for name, args in self._get_base_calls(ids):
                    what = f"{model._name}.{name} {ids}"
                    result = self._call(client, name, *args)
                    self.assertTrue(isinstance(result, Exception) or not result, f"{what}: {result}")
        self.assertEqual(self._state(), before)

    def _get_base_calls(self, ids):
        """Return the methods every model has, with arguments."""
        return [
            ('search', [[]]),
            ('search_count', [[]]),
            ('search_read', [[], ['id', 'display_name']]),
            ('web_search_read', [[], {'id': {}, 'display_name': {}}]),
            ('name_search', [""]),
            ('web_name_search', ["", {'display_name': {}}]),
            ('formatted_read_group', [[], ['id'], ['__count']]),
            ('web_read_group', [[], ['id'], ['__count']]),
            ('create', [{}]),
            ('name_create', ["x"]),
            ('web_save', [[], {}, {'id': {}}]),
            *([
                ('read', [ids, ['id', 'display_name']]),
                ('web_read', [ids, {'id': {}, 'display_name': {}}]),
                ('export_data', [ids, ['id', 'display_name']]),
                ('write', [ids, {'id': ids[0]}]),
                ('web_save', [ids[:1], {'display_name': "x"}, {'id': {}}]),
                ('copy', [ids]),
                ('unlink', [ids]),
            ] if ids else []),
        ]

    def test_no_method_on_documents_tells_of_sellers(self):
        """Methods that the area adds to the models of Odoo tell a portal user nothing and change nothing either."""
        order = self.orders.sale_order_id
        moves = self.statements.ledger_ids.move_id
        before = self._state()
        for records in (
                order, order.order_line, moves, moves.line_ids, self.seller_2.partner_id, self.secret_product, self.tax,
                self.company, self.secret_product.categ_id, order.picking_ids, self.env['account.payment'].browse([1])):
            client = records.browse().with_user(self.user_seller_1).with_context({})
            for name, method in self._public_methods(records):
                if CODE.match(method.__module__):
                    args = self._guess_arguments(method, records.ids[0])
                    if not getattr(method, '_api_model', False):
                        args = [records.ids, *args]
                    self._assert_nothing(self._call(client, name, *args), f"{records._name}.{name} {args}")
        self.assertEqual(self._state(), before)

    def test_a_real_client_is_refused(self):
        self.authenticate('sm_seller_1', 'sm_seller_1')
        for model, method, args in (
                ('sales.seller', 'read', [self.seller_1.ids]), ('sales.seller.order', 'action_accept', [self.orders.ids]),
                ('sales.seller.offer', 'write', [self.offer_1.ids, {'price': 1.0}]),
                ('sales.settlement', 'search_read', [[]]), ('sales.seller.ledger', 'search_read', [[]])):
            answer = self.url_open(f'/web/dataset/call_kw/{model}/{method}', json={'params': {
                'model': model, 'method': method, 'args': args, 'kwargs': {}}}).json()
            self.assertEqual(answer['error']['data']['name'], 'odoo.exceptions.AccessError', method)
        for model, record in (('sales.seller.check', self.check), ('sales.settlement', self.statements)):
            for url in (f'/web/content/{self.document.id}', f'/web/image/{model}/{record.ids[0]}/display_name',
                        f'/odoo/{model}/{record.ids[0]}', f'/mail/view?model={model}&res_id={record.ids[0]}'):
                self.assertHides(self.url_open(url).text, *SECRETS)

    def test_no_public_method_does_anything_for_portal_users(self):
        before = self._state()
        called = 0
        for model in self.models:
            client = model.with_user(self.user_seller_1).with_context({})
            for name, method in self._public_methods(model):
                for ids in (self._ids(model, self.seller_2), self._ids(model, self.seller_1)):
                    args = self._guess_arguments(method, ids[0] if ids else 1)
                    if not getattr(method, '_api_model', False):
                        args = [ids, *args]
                    self._assert_nothing(self._call(client, name, *args), f"{model._name}.{name} {args}")
                    called += 1
        self.assertEqual(self._state(), before)
        self.assertGreater(called, 100)

    # === IN THE PORTAL === #

    def _get_routes(self):
        """Return the addresses of the seller portal with their parameters, as the server knows them."""
        self._get_page('/my')
        return [
            (rule.rule, sorted(rule.arguments), rule.methods or {'GET', 'POST'})
            for rule in self.env['ir.http'].routing_map().iter_rules() if rule.rule.startswith('/my/seller')]

    def _prepare_parameters(self, seller):
        """Return ids of records of a seller for the parameters of the addresses."""
        return {
            'order_id': self.orders.filtered(lambda order: order.seller_id == seller).id,
            'statement_id': self.statements.filtered(lambda statement: statement.seller_id == seller).id,
            'offer_id': self.env['sales.seller.offer'].search([('seller_id', '=', seller.id)], limit=1, order='id desc').id,
            'check_id': self.check.id,
            'document_id': self.document.id,
            'score_id': self.score.id,
            'document': 'commission',
            'page': 1,
        }

    def test_addresses_of_another_seller_do_not_exist(self):
        theirs = self._prepare_parameters(self.seller_2)
        lines = self.orders.line_ids.filtered(lambda line: line.seller_id == self.seller_2)
        form = {
            'seller': self.seller_2.id, 'seller_id': self.seller_2.id, 'price': '1', 'step': 'close', 'cancel_reason': "x",
            'state': 'closed', 'acc_number': 'DE0012345678', **{f'{name}_{lines[0].id}': '1' for name in ('ship', 'return')}}
        before = self._state()
        self.authenticate('sm_seller_1', 'sm_seller_1')
        tried = 0
        for rule, arguments, methods in self._get_routes():
            url = re.sub(r'<(?:\w+:)?(\w+)>', lambda match: str(theirs.get(match[1], 1)), rule)
            named = {'order_id', 'statement_id', 'offer_id', 'check_id', 'score_id'} & set(arguments)
            for method in {'GET', 'POST'} & methods:
                if method == 'POST' and not named:
                    continue
                data = {'csrf_token': Request.csrf_token(self), **form} if method == 'POST' else None
                response = self.url_open(f'{url}?seller={self.seller_2.id}', data=data, allow_redirects=False)
                if named:
                    self.assertIn(response.status_code, (404, 405), f'{method} {url}')
                self.assertHides(response.text, *SECRETS)
                tried += 1
        self.assertEqual(self._state(), before)
        self.assertGreater(tried, 20)

    # === WHAT ELSE A PORTAL USER REACHES === #

    def test_customers_read_nothing_of_sellers_on_their_documents(self):
        """What a customer may read of his orders and invoices has no field of the area in it, but his own goods."""
        buyer = self._create_user('sm_buyer', 'base.group_portal')
        buyer.partner_id.parent_id = self.buyer
        orders = self.orders.sale_order_id | self.statements.ledger_ids.sale_line_id.order_id
        moves = orders.invoice_ids
        self.assertTrue(moves)
        for records in (orders, orders.order_line, moves, moves.line_ids):
            client = records.with_user(buyer)
            names = [
                name for name, field in client.fields_get(attributes=['relation']).items()
                if AREA.match(field.get('relation') or '') or name in OWN_FIELDS]
            self.assertFalse(names, records._name)

    def test_sellers_reach_no_document_of_their_buyers(self):
        """The order, the invoice, the buyer, the goods and the journal items behind a sale are not the seller's."""
        order = self.orders.sale_order_id
        moves = self.statements.ledger_ids.move_id | self.statements.move_id
        env = self.env(user=self.user_seller_1, context={})
        for records in (
                order, order.order_line, order.partner_id, order.picking_ids, order.picking_ids.move_ids, moves, moves.line_ids,
                self.statements.charge_move_id[-1:], self.env['stock.quant'].search([], limit=1), self.rule):
            self.assertTrue(records)
            client = records.with_env(env)
            for name in ('read', 'web_read', 'write', 'unlink'):
                args = {'read': [['display_name']], 'web_read': [{'display_name': {}}], 'write': [{'create_uid': 1}]}
                result = self._call(client.browse(), name, records.ids, *args.get(name, []))
                self.assertIsInstance(result, AccessError, f"{records} {name}")
