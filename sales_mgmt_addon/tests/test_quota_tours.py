"""The main journeys of targets, walked in a real browser."""

from datetime import date

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import SalesMgmtCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaTours(SalesMgmtCommon, HttpCase):
    """A published plan for this year: per month 500 for the team, 200 and 150 for its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.user_sm_region | cls.user_sm_leader | cls.user_sm_sales | cls.user_sm_sales2
        people.tour_enabled = False
        for user in people:
            user.password = user.login
        cls.env['crm.team'].search([('id', 'not in', (cls.team | cls.team_region).ids)]).action_archive()
        cls.invoiced = cls.env.ref('sales_mgmt_addon.sales_metric_invoiced')
        cls.today = fields.Date.context_today(cls.env.user)
        cls.plan = cls.env['sales.quota.plan'].create({
            'name': "Plan of the Year",
            'date_from': date(cls.today.year, 1, 1),
            'metric_line_ids': [Command.create({'metric_id': cls.invoiced.id, 'weight': 100.0})],
        })
        cls.plan.action_build_tree()
        nodes = cls.plan.node_ids
        cls.root = nodes.filtered(lambda node: node.type == 'company')
        cls.node_region = nodes.filtered(lambda node: node.type == 'region')
        cls.node_team = nodes.filtered(lambda node: node.type == 'team')
        cls.node_sales = nodes.filtered(lambda node: node.user_id == cls.user_sm_sales)
        cls.node_sales2 = nodes.filtered(lambda node: node.user_id == cls.user_sm_sales2)
        amounts = {
            cls.root: 1000.0, cls.node_region: 800.0, cls.node_team: 500.0, cls.node_sales: 200.0, cls.node_sales2: 150.0}
        cls.plan._change_cells([
            (node, cls.invoiced, month, amount, None)
            for node, amount in amounts.items() for month in cls.plan._get_months()])

    def _publish(self):
        self.plan.sudo()._set({
            'state': 'published', 'valid_from': self.plan.date_from, 'valid_to': self.plan.date_to})

    def _amounts(self, node):
        cells = self.env['sales.quota.cell'].search([('node_id', '=', node.id)], order='month')
        return cells.mapped('amount')

    def _post_invoice(self, amount):
        """Post an invoice of the salesperson, dated today."""
        order = self.env['sale.order'].with_user(self.user_sm_sales).create({
            'partner_id': self._create_partner().id,
            'order_line': [Command.create({
                'product_id': self._create_product(invoice_policy='order').id, 'product_uom_qty': 1, 'price_unit': amount,
                'tax_ids': [Command.clear()],
            })],
        })
        order.sudo().action_confirm()
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        return invoice

    def test_distribute_publish_acknowledge(self):
        self.start_tour(f'/odoo/{self.plan.id}/quota-grid', 'sales_mgmt_quota_distribute', login='sm_region')
        self.env.invalidate_all()
        self.assertEqual(self._amounts(self.node_region), [800.0] * 12, "what the region has stays")
        self.assertEqual(self._amounts(self.node_team), [800.0] * 12)
        for node in (self.node_sales, self.node_sales2):
            self.assertEqual(self._amounts(node), [400.0] * 12)
        self._publish()
        self.node_sales._ask_acknowledgement()
        self.start_tour('/odoo/my-targets', 'sales_mgmt_quota_acknowledge', login='sm_sales')
        self.env.invalidate_all()
        self.assertTrue(self.node_sales.acknowledged_on)
        self.assertEqual(self.node_sales.acknowledged_by_id, self.user_sm_sales)
        self.assertFalse(self.node_sales.activity_ids, "nobody chases him any more")

    def test_grid(self):
        self._publish()
        self.start_tour(f'/odoo/{self.plan.id}/quota-grid', 'sales_mgmt_quota_grid', login='sm_leader')
        self.env.invalidate_all()
        self.assertEqual(self._amounts(self.node_sales2), [150.0] * 3 + [175.0] + [150.0] * 8)
        reserve = self.node_team.child_ids.filtered(lambda node: node.type == 'reserve')
        self.assertEqual(self._amounts(reserve), [150.0] * 3 + [125.0] + [150.0] * 8)
        changes = self.env['sales.quota.change'].search([
            ('node_id', '=', self.node_sales2.id), ('author_id', '=', self.user_sm_leader.id)], order='id')
        self.assertEqual(sorted(changes.mapped('delta')), [-10.0, -5.5, 5.5, 10.0, 25.0])
        self.assertEqual(set(changes[:2].mapped('reason')), {"Agreed in the meeting"})

    def test_my_targets_to_the_invoice(self):
        self._publish()
        self._post_invoice(500.0)
        self.start_tour('/odoo/my-targets', 'sales_mgmt_quota_my_targets', login='sm_sales')
