from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .credit_common import CreditCommon

OPEN_INVOICES = 5000
OPEN_ORDERS = 2000
PAID_INVOICES = 5000
MAX_EXTRA_QUERIES = 8


@tagged('post_install', '-at_install', 'sales_credit')
class TestCreditPerformance(CreditCommon):
    """The checks cost the same for everybody, and the exposure reads open items only."""

    def _clone(self, record, count, **columns):
        """Copy the row of a record by SQL; ``columns`` are expressions that may use ``n``."""
        self.env.flush_all()
        table = SQL.identifier(record._table)
        values = SQL(", ").join(
            SQL("%s, %s", name, SQL(expression)) for name, expression in columns.items())
        return [row[0] for row in self.env.execute_query(SQL(
            """
            INSERT INTO %(table)s
            SELECT (jsonb_populate_record(t, jsonb_build_object(
                       'id', nextval(pg_get_serial_sequence(%(name)s, 'id')), %(values)s))).*
              FROM %(table)s t, generate_series(1, %(count)s) n
             WHERE t.id = %(id)s
            RETURNING id
            """,
            table=table, name=record._table, values=values, count=count, id=record.id))]

    def _clone_line(self, line, parents, column, **columns):
        """Copy the row of a line once for each of its new parents."""
        self.env.flush_all()
        values = SQL(", ").join(
            SQL("%s, %s", name, SQL(expression)) for name, expression in {column: 'x.parent', **columns}.items())
        self.env.cr.execute(SQL(
            """
            INSERT INTO %(table)s
            SELECT (jsonb_populate_record(t, jsonb_build_object(
                       'id', nextval(pg_get_serial_sequence(%(name)s, 'id')), %(values)s))).*
              FROM %(table)s t, unnest(%(parents)s) AS x(parent)
             WHERE t.id = %(id)s
            """,
            table=SQL.identifier(line._table), name=line._table, values=values, parents=parents, id=line.id))

    def _make_heavy(self, partner):
        """Give a customer thousands of open and of paid documents, by SQL."""
        order = self._order((self.service, 1), partner=partner)
        parents = self._clone(order, OPEN_ORDERS, name="'PERF/' || n", access_token='NULL')
        self._clone_line(order.order_line, parents, 'order_id')
        invoice = self._direct_invoice(10, partner=partner)
        receivable = invoice.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')
        parents = self._clone(invoice, OPEN_INVOICES, name="'PERF/' || n", sequence_number='n', access_token='NULL')
        self._clone_line(receivable, parents, 'move_id')
        parents = self._clone(invoice, PAID_INVOICES, name="'PAID/' || n", sequence_number='n', access_token='NULL')
        self._clone_line(
            receivable, parents, 'move_id', amount_residual='0', amount_residual_currency='0', reconciled='true')
        for table in ('account_move', 'account_move_line', 'sale_order', 'sale_order_line'):
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        self.env.invalidate_all()

    def _confirm_queries(self, partner):
        """Return how many queries the second confirmation for a customer takes; the first fills the caches."""
        for _warm in range(2):
            order = self.env['sale.order'].create({
                'partner_id': partner.id,
                'order_line': [Command.create({'product_id': self.service.id, 'product_uom_qty': 1})],
            })
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            count = self.cr.sql_log_count - before
            self.assertEqual(order.state, 'sale')
        return count

    def test_confirmation(self):
        light = self._create_partner("Light", email=False)
        heavy = self._create_partner("Heavy", email=False)
        for partner in (light, heavy):
            self._profile(partner)._change_terms({'policy': 'limited', 'limit': 1e9})
        self._make_heavy(heavy)
        profile = self._profile(heavy)
        facts = self._exposure(profile)
        self.assertEqual(facts['receivable'], 10.0 * (OPEN_INVOICES + 1))
        self.assertEqual(facts['to_deliver'], 100.0 * (OPEN_ORDERS + 1))

        counts = []
        for check_discount in (False, True):
            self.company.gate_check_discount = check_discount
            with_light = self._confirm_queries(light)
            self.assertEqual(self._confirm_queries(heavy), with_light, "History and open items cost no queries")
            counts.append(with_light)
        self.env.ref('base.group_user').implied_ids -= (
            self.env.ref('sales_mgmt_addon.group_area_credit') + self.env.ref('sales_mgmt_addon.group_area_gate'))
        without = self._confirm_queries(light)
        self.assertLessEqual(max(counts) - without, MAX_EXTRA_QUERIES, counts)

    def test_banner(self):
        orders = self.env['sale.order'].create([
            {
                'partner_id': self.customer.id,
                'order_line': [Command.create({'product_id': self.service.id, 'product_uom_qty': 1})],
            }
            for _n in range(20)
        ])
        for order in (orders[:1], orders):
            self.env.flush_all()
            order.mapped('partner_credit_warning')
            self.env['sale.order'].invalidate_model(['partner_credit_warning'])
            with self.assertQueryCount(3):
                order.mapped('partner_credit_warning')
