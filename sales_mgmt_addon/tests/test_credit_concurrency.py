import logging
import threading

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .race_common import RaceCommon

ROUNDS = 10
ORDERS = 20
AMOUNT = 100
LIMIT = 1000
CLICKS = 5

_logger = logging.getLogger(__name__)


@tagged('post_install', '-at_install', 'sales_credit', 'sales_credit_concurrency')
class TestCreditConcurrency(RaceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._environment() as env:
            product = env['product.product'].create({
                'name': "Concurrency", 'type': 'service', 'list_price': AMOUNT, 'invoice_policy': 'order',
                'taxes_id': [Command.clear()]})
            cls.product_id = product.id
        cls.partner_ids = []
        cls.order_ids = []

    @classmethod
    def _remove_committed_data(cls):
        """Delete by SQL what evidence does not let anybody delete."""
        with cls._environment() as env:
            cr = env.cr
            orders, partners = cls.order_ids, cls.partner_ids
            cr.execute(
                "SELECT id FROM sales_approval_request WHERE res_model = 'sale.order' AND res_id = ANY(%s)", [orders])
            requests = [row[0] for row in cr.fetchall()]
            for model, ids in (('sales.approval.request', requests), ('sale.order', orders), ('res.partner', partners)):
                cr.execute("DELETE FROM mail_activity WHERE res_model = %s AND res_id = ANY(%s)", [model, ids])
                cr.execute("DELETE FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s)", [model, ids])
                cr.execute("DELETE FROM mail_message WHERE model = %s AND res_id = ANY(%s)", [model, ids])
            for table, column, ids in (
                ('sales_gate_finding', 'order_id', orders),
                ('sales_approval_decision', 'request_id', requests),
                ('sales_approval_request_step', 'request_id', requests),
                ('sales_approval_request', 'id', requests),
                ('sales_attainment_entry', 'partner_id', partners),
                ('sale_order_line', 'order_id', orders),
                ('sale_order', 'id', orders),
                ('sales_credit_profile', 'partner_id', partners),
                ('res_partner', 'id', partners),
            ):
                cr.execute(SQL(
                    "DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), ids))
            env['product.product'].browse(cls.product_id).product_tmpl_id.unlink()

    def _prepare_round(self, number):
        with self._environment() as env:
            partner = env['res.partner'].create({'name': f"Concurrency {number}", 'is_company': True})
            profile = env['sales.credit.profile']._get_for(partner, env.company)[partner]
            profile._change_terms({'policy': 'limited', 'limit': LIMIT})
            orders = env['sale.order'].create([
                {
                    'partner_id': partner.id,
                    # Nobody in charge: the system asks, any controller may decide
                    'user_id': False,
                    'order_line': [Command.create({'product_id': self.product_id, 'product_uom_qty': 1})],
                }
                for _n in range(ORDERS)
            ])
            self.partner_ids.append(partner.id)
            self.order_ids.extend(orders.ids)
            return profile.id, orders.ids

    def _confirm(self, order_id, start, errors):
        try:
            for _click in range(CLICKS):
                try:
                    return self._confirm_once(order_id, start)
                except SerializationFailure:
                    # On a busy machine the five tries of a request may not do: the user clicks again.
                    start = None
            raise AssertionError("No click came through")
        except Exception as error:  # noqa: BLE001 - whatever it is, the main thread reports it
            errors.append(error)
            _logger.exception("Confirming order %s failed", order_id)

    def _confirm_once(self, order_id, start):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True, 'lang': 'en_US'})
            # The snapshot of this transaction begins before the others have finished
            env['sale.order'].browse(order_id).read(['state'])
            if start:
                start.wait(timeout=60)
            retrying(lambda: env['sale.order'].browse(order_id).action_confirm(), env)

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_parallel_confirmations_never_overrun_the_limit(self):
        for number in range(ROUNDS):
            profile_id, order_ids = self._prepare_round(number)
            start, errors = threading.Barrier(ORDERS), []
            threads = [
                threading.Thread(target=self._confirm, args=(order_id, start, errors)) for order_id in order_ids]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertFalse(errors)
            with self._environment() as env:
                states = env['sale.order'].browse(order_ids).mapped(lambda order: (order.state, order.hold_state))
                profile = env['sales.credit.profile'].browse(profile_id)
                self.assertEqual(states.count(('sale', 'none')), LIMIT // AMOUNT, f"round {number}: {states}")
                self.assertEqual(states.count(('draft', 'on_hold')), ORDERS - LIMIT // AMOUNT)
                self.assertEqual(profile._get_exposure()[profile_id]['total'], LIMIT)
