from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.sales_mgmt_addon.models.attainment import sales_attainment_backfill

from .attainment_common import AttainmentCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestAttainmentBackfill(AttainmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Backfill = cls.env['sales.attainment.backfill']
        case = cls()
        currency = case._currency(rate=3.0)
        pricelist = cls.env['product.pricelist'].create({'name': "Foreign", 'currency_id': currency.id})
        cls.order = case._order((cls.service, 1, 33.33), (cls.service, 1, 66.68), pricelist_id=pricelist.id)
        cls.invoice = case._taxed_invoice(99.99, 0.01, due='2026-02-03')
        cls.older = case._taxed_invoice(10, due='2026-01-03')
        cls.refund = case._refund(cls.older)
        case._pay(cls.invoice, 50)
        cls.lead = cls.env['crm.lead'].create({
            'name': "Won", 'type': 'opportunity', 'partner_id': cls.customer.id, 'user_id': cls.user_sm_sales.id,
            'team_id': cls.team.id})
        cls.lead.action_set_won()
        cls.lost = cls.lead.copy({'name': "Lost"})
        cls.lost.action_set_lost()
        cls.env.flush_all()

    def _snapshot(self):
        self.env.flush_all()
        return self.env.execute_query(SQL(
            """SELECT m.code, e.date, e.company_id, e.user_id, e.team_id, e.partner_id, e.product_id, e.res_model,
                      e.res_id, e.res_line_id, SUM(e.value), SUM(e.quantity), SUM(e.amount)
                 FROM sales_attainment_entry e JOIN sales_metric m ON m.id = e.metric_id
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
               HAVING SUM(e.value) <> 0 OR SUM(e.quantity) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"""))

    def _forget(self):
        self.env.cr.execute("DELETE FROM sales_attainment_entry")
        self.env.invalidate_all()

    def _run(self):
        self.Backfill._start()
        for backfill in self.Backfill.search([]):
            while backfill._book_batch():
                pass

    def test_leads(self):
        self.assertRecordValues(self._entries('win_rate', self.lead + self.lost), [
            {'value': 1, 'quantity': 1, 'user_id': self.user_sm_sales.id, 'partner_id': self.customer.id},
            {'value': 0, 'quantity': 1, 'user_id': self.user_sm_sales.id, 'partner_id': self.customer.id}])
        self.lost.action_unarchive()
        entries = self._entries('win_rate', self.lost)
        self.assertEqual((sum(entries.mapped('quantity')), len(entries)), (0, 2))
        self.lost.user_id = self.user_sm_sales2
        self.lost.action_set_won()
        self.assertEqual(self._sum('win_rate', self.lost, user_id=self.user_sm_sales2.id), 1)
        self.lost.stage_id = self.env['crm.stage'].search([('is_won', '=', False)], limit=1)
        self.assertEqual(self._sum('win_rate', self.lost), 0)
        self.lost.action_set_lost()
        self.assertEqual(self._sum('win_rate', self.lost), 0)
        self.assertEqual(sum(self._entries('win_rate', self.lost).mapped('quantity')), 1)
        self.lost.unlink()
        self.assertEqual(sum(self._entries('win_rate').mapped('quantity')), 1)

    def test_lead_closes_on_another_day(self):
        for day in ('2026-02-03', '2026-03-03', '2026-04-03', '2026-02-03'):
            self.lead.date_closed = f'{day} 04:00:00'
            self.assertEqual(self._sum('win_rate', self.lead), 1)
            self.assertEqual(self._sum('win_rate', self.lead, date=fields.Date.to_date(day)), 1)
        count = len(self._entries('win_rate', self.lead))
        self.Entry._book_leads(self.lead.ids)
        self.assertEqual(len(self._entries('win_rate', self.lead)), count)
        self.assertEqual(count, 1 + 2 * 4)

    def test_lead_without_company(self):
        second = self._create_company()
        self.env.user.company_ids += second
        lead = self.env['crm.lead'].with_company(second).create({
            'name': "Nobody's", 'type': 'opportunity', 'user_id': False, 'team_id': False, 'company_id': False})
        lead.action_set_lost()
        first = self.env['res.company'].search([], order='id', limit=1)
        self.assertEqual(self._entries('win_rate', lead).company_id, first)
        self._run()
        self.assertEqual(len(self._entries('win_rate', lead)), 1)

    def test_check_counts_lost_leads(self):
        check = self.env['sales.attainment.check'].create({'date_from': '2000-01-01', 'date_to': '2100-01-01'})
        self.env.cr.execute(SQL("DELETE FROM sales_attainment_entry WHERE res_model = 'crm.lead' AND res_id = %s", self.lost.id))
        self.env.invalidate_all()
        check.action_check()
        wrong = check.line_ids.filtered('document_count')
        self.assertEqual(wrong.metric_id.mapped('code'), ['win_rate'])
        self.assertEqual((wrong.booked_base, wrong.documented_base), (1, 2))
        action = wrong.action_open_documents()
        self.assertRecordValues(self.env[action['res_model']].search(action['domain']), [
            {'res_model': 'crm.lead', 'res_id': self.lost.id, 'booked_base': 0, 'documented_base': 1}])

    def test_same_as_live(self):
        live = self._snapshot()
        count = self.Entry.search_count([])
        self._run()
        self.assertEqual(self.Entry.search_count([]), count, "What is booked is not booked again")
        self._forget()
        self._run()
        self.assertEqual(self._snapshot(), live)
        self.assertEqual(set(self.Backfill.search([]).mapped('state')), {'done'})
        self.assertEqual(set(self.Backfill.search([]).mapped('progress')), {100.0})

    def test_killed_and_restarted(self):
        live = self._snapshot()
        self._forget()
        self.patch(sales_attainment_backfill, 'BATCH', 1)
        self.Backfill._start()
        rows = self.Backfill.search([])
        for _batch in range(4):
            rows.filtered(lambda row: row.state != 'done')[:1]._book_batch()
        self.assertNotEqual(self._snapshot(), live)
        with self.enter_registry_test_mode():
            self.env.ref('sales_mgmt_addon.ir_cron_sales_attainment_backfill').method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(set(rows.mapped('state')), {'done'})
        self.assertEqual(self._snapshot(), live)

    def test_button(self):
        """The client passes the selected rows, of which there may be none."""
        self.assertTrue(call_kw(self.Backfill, 'action_start', [[]], {}))

    def test_stale_book(self):
        """What was undone behind the back of the book is put right by the next run."""
        self.env.cr.execute(SQL("UPDATE sale_order SET state = 'cancel' WHERE id = %s", self.order.id))
        self.env.cr.execute(SQL("UPDATE account_move SET invoice_date = '2026-03-05' WHERE id = %s", self.invoice.id))
        self.env.invalidate_all()
        self._run()
        self.assertBooked(self.order, ordered=0, orders=0)
        self.assertBooked(self.invoice, invoiced=100)
        self.assertEqual(self._sum('invoiced', self.invoice, date=fields.Date.to_date('2026-03-05')), 100)

    def test_check(self):
        check = self.env['sales.attainment.check'].with_user(self.user_sm_manager).create(
            {'date_from': '2000-01-01', 'date_to': '2100-01-01'})
        check.action_check()
        self.assertTrue(check.line_ids)
        self.assertFalse(check.difference_count, check.line_ids.filtered('document_count').mapped(
            lambda line: (line.metric_id.code, line.month, line.booked, line.documented)))
        codes = set(check.line_ids.metric_id.mapped('code'))
        self.assertLessEqual(
            {'ordered', 'orders', 'invoiced', 'margin', 'quantity', 'collected', 'new_customers', 'win_rate'}, codes)
        line = check.line_ids.filtered(lambda line: line.metric_id.code == 'ordered')[0]
        with self.assertRaisesSaying(UserError, "No document differs"):
            line.action_open_documents()

        self.env.cr.execute(SQL(
            "UPDATE account_move SET amount_untaxed_signed = amount_untaxed_signed + 1 WHERE id = %s", self.invoice.id))
        self.env.invalidate_all()
        check.action_check()
        wrong = check.line_ids.filtered('document_count')
        self.assertEqual(set(wrong.metric_id.mapped('code')), {'invoiced', 'margin'})
        self.assertEqual(wrong.mapped('difference'), [-1, -1])
        action = wrong[0].action_open_documents()
        document = self.env[action['res_model']].with_user(self.user_sm_manager).search(action['domain'])
        self.assertRecordValues(document, [{
            'res_model': 'account.move', 'res_id': self.invoice.id, 'booked': 100, 'documented': 101, 'difference': -1}])
        self.assertEqual(document.action_open_document()['res_id'], self.invoice.id)
        with self.assertRaisesSaying(ValidationError, "ends before it starts"):
            check.date_to = check.date_from - timedelta(days=1)

    def test_book_private_facts(self):
        fact = {'metric': 'orders', 'record': self.lead, 'user': self.user_sm_sales, 'value': 2, 'partner': self.customer}
        entry = self.Entry._book([fact])
        self.assertRecordValues(entry, [{
            'value': 2, 'user_id': self.user_sm_sales.id, 'team_id': self.team.id, 'region_path': self.team.parent_path,
            'partner_id': self.customer.id, 'run': 1}])
        self.assertFalse(self.Entry._book([fact]), "Booked once")
        again = self.Entry._book([{**fact, 'value': 5}])
        self.assertEqual((again.value, again.run), (5, 2))
        self.assertEqual(self._sum('orders', self.lead), 5)
        self.Entry._reverse('crm.lead', self.lead.ids, codes=['orders'])
        self.assertEqual(self._sum('orders', self.lead), 0)
        self.assertFalse(self.Entry._book([{**fact, 'metric': 'no_such_metric'}]))

    def test_nobodys_order(self):
        """An order without salesperson and team counts for the company."""
        order = self.env['sale.order'].create({
            'partner_id': self._create_partner("Nobody's", email=False).id, 'user_id': False, 'team_id': False,
            'order_line': [Command.create({'product_id': self.service.id, 'product_uom_qty': 1, 'price_unit': 5})]})
        order.action_confirm()
        self.assertEqual(order.state, 'sale', order.hold_message)
        self.assertBooked(order, ordered=5, orders=1)
        self.assertFalse(self._entries('ordered', order).user_id)
