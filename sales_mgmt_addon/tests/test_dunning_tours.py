"""From a dunning run to an order that waits, and from the payment to the order that goes through."""

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .gate_common import GateCommon


@tagged('post_install', '-at_install', 'sales_credit')
class TestDunningTours(GateCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.salesperson + cls.controller).tour_enabled = False
        for user in cls.salesperson + cls.controller:
            user.password = user.login
        cls.env['account.move.line'].search([
            ('account_type', '=', 'asset_receivable'), ('reconciled', '=', False)]).no_followup = True
        Level = cls.env['sales.dunning.level']
        Level.search([('company_id', '=', cls.company.root_id.id)]).action_archive()
        Level.create([
            {'name': "First", 'days': 10},
            {'name': "Final", 'days': 40, 'channel': 'letter', 'stop_supply': True},
        ])

    def test_order_waits_for_the_money(self):
        due = fields.Date.today() - relativedelta(days=45)
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': due, 'invoice_date_due': due,
            'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({'name': "Goods", 'price_unit': 300.0, 'tax_ids': [Command.clear()]})],
        })
        invoice.action_post()
        profile = self._set_credit(self.customer, overdue_days_allowed=3650)
        order = self._create_order(1)

        self.start_tour('/odoo/dunning-runs', 'sales_mgmt_controller_duns', login='sm_controller')
        letter = self.env['sales.dunning.letter'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(letter.state, 'queued')
        letter._process()
        self.assertTrue(profile.dunning_hold_date)

        self.start_tour(
            f'/odoo/action-sale.action_quotations/{order.id}', 'sales_mgmt_order_stopped_by_dunning', login='sm_sales')
        self.assertHeld(order, 'credit_dunning')
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({})._create_payments()
        self.start_tour(
            f'/odoo/action-sale.action_quotations/{order.id}', 'sales_mgmt_order_free_after_payment', login='sm_sales')
        self.assertEqual(order.state, 'sale')
