from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged, users

from .channel_common import ChannelCommon


@tagged('post_install', '-at_install', 'sales_channel')
class TestChannelDocuments(ChannelCommon):
    """The channel travels from the lead to the invoice and into the figures."""

    def assertRefused(self, exception, regex, function, *args, **kwargs):
        with self.assertRaisesSaying(exception, regex), self.cr.savepoint():
            function(*args, **kwargs)
            self.env.flush_all()
        self.env.invalidate_all()

    def _own_invoice(self, **values):
        order = self._market_order((self.own_product, 2), user_id=self.user_sm_sales.id, **values)
        invoice = order._create_invoices()
        invoice.action_post()
        return order, invoice

    def test_a_quotation_comes_through_the_channel_of_its_lead(self):
        store = self.env['sales.channel'].create({'name': "Store", 'code': 'STORE', 'type': 'store'})
        self.team.channel_id = store
        lead = self.env['crm.lead'].create({
            'name': "Deal", 'type': 'opportunity', 'team_id': self.team.id, 'partner_id': self.buyer.id})
        self.assertEqual(lead.channel_id, store)
        lead.channel_id = self.channel
        context = lead.action_new_quotation()['context']
        order = self.env['sale.order'].with_context(**context).create({})
        self.assertEqual(order.channel_id, self.channel)
        walk_in = self.env['sale.order'].create({'partner_id': self.buyer.id, 'team_id': self.team.id})
        self.assertEqual(walk_in.channel_id, store)
        walk_in.team_id = self.team_region
        self.assertEqual(walk_in.channel_id, store)

    def test_the_channel_s_journal_and_analytic_account(self):
        journal = self.env['account.journal'].create({'name': "Web Invoices", 'code': 'WEBI', 'type': 'sale'})
        plan = self.env['account.analytic.plan'].create({'name': "Channels"})
        account = self.env['account.analytic.account'].create({'name': "Web", 'plan_id': plan.id})
        other = self.env['account.analytic.account'].create({'name': "Fair", 'plan_id': plan.id})
        self.channel.write({'journal_id': journal.id, 'analytic_account_id': account.id})
        order, invoice = self._own_invoice()
        self.assertEqual((invoice.channel_id, invoice.journal_id), (self.channel, journal))
        self.assertEqual(invoice.invoice_line_ids.analytic_distribution, {str(account.id): 100})
        refund = invoice._reverse_moves()
        self.assertEqual(refund.channel_id, self.channel)
        named = self._market_order((self.own_product, 1))
        named.order_line.analytic_distribution = {str(other.id): 100}
        self.assertEqual(named._create_invoices().invoice_line_ids.analytic_distribution, {str(other.id): 100})
        # an agent has no revenue in the goods
        agent = self.env['account.move.line'].new({'display_type': 'product', 'revenue_presentation': 'agent'})
        self.assertFalse(agent._get_channel_analytic_account())

    def test_orders_of_two_channels_are_not_invoiced_together(self):
        store = self.env['sales.channel'].create({'name': "Store", 'code': 'STORE', 'type': 'store'})
        orders = self._market_order((self.own_product, 1)) | self._market_order((self.own_product, 1)) | self._market_order(
            (self.own_product, 1), channel_id=store.id)
        invoices = orders._create_invoices()
        self.assertEqual(invoices.channel_id, self.channel | store)
        self.assertEqual(len(invoices), 2)

    def test_the_book_keeps_the_code(self):
        order, invoice = self._own_invoice()
        self.env.flush_all()
        Entry = self.env['sales.attainment.entry']
        for document in (order, invoice):
            entries = Entry.search([('res_model', '=', document._name), ('res_id', '=', document.id)])
            self.assertTrue(entries)
            self.assertEqual({(e.metric_id.code, e.channel) for e in entries if e.channel != 'WEB'}, set())
        row = self.env['sales.receivable.report'].search([('move_id', '=', invoice.id)])
        self.assertEqual((row.channel_id, row.channel), (self.channel, 'WEB'))

    def test_who_moves_a_confirmed_order_to_another_channel(self):
        store = self.env['sales.channel'].create({'name': "Store", 'code': 'STORE', 'type': 'store'})
        order, invoice = self._own_invoice()
        quotation = self._market_order((self.own_product, 1), confirm=False, user_id=self.user_sm_sales.id)
        self.assertRefused(AccessError, "channel manager", order.with_user(self.user_sm_sales).write, {'channel_id': store.id})
        self.assertRefused(AccessError, "channel manager", invoice.with_user(self.user_sm_billing).write, {
            'channel_id': store.id})
        quotation.with_user(self.user_sm_sales).channel_id = store
        order.with_user(self.user_sm_channel).channel_id = store
        self.assertEqual((order.channel_id, quotation.channel_id), (store, store))

    def test_a_code_that_documents_carry_stays(self):
        fresh = self.env['sales.channel'].create({'name': "Fair", 'code': 'FAIR', 'type': 'direct'})
        fresh.code = 'EXPO'
        self._market_order((self.own_product, 1), confirm=False)
        self.assertTrue(self.channel.is_used)
        self.assertRefused(UserError, "code and company stay", self.channel.write, {'code': 'NEW'})
        self.channel.write({'code': 'WEB', 'name': "Web Market 2"})
        with Form(self.channel) as form:
            form.type = 'web'

    def test_channels_form_a_tree(self):
        child = self.env['sales.channel'].create({'name': "App", 'code': 'APP', 'type': 'web', 'parent_id': self.channel.id})
        self.assertRefused(UserError, "below itself|ecursi", self.channel.write, {'parent_id': child.id})
        self.assertRefused(ValidationError, "not with a space", child.write, {'code': 'APP '})
        self._create_mode('marketplace', channel_id=self.channel.id)
        self.assertEqual(child.mode_id.channel_id, self.channel)
        self.assertIn("we are agent", child.rights_text)
        copy = child.copy()
        self.assertEqual((copy.code, child.copy().code), ('APP-2', 'APP-3'))
        self.assertEqual(child.action_open_orders()['res_model'], 'sale.order')

    def test_channels_of_another_company(self):
        other = self._create_company()
        foreign = self.env['sales.channel'].with_company(other).create({
            'name': "Foreign", 'code': 'WEB', 'type': 'web', 'company_id': other.id})
        order = self._market_order((self.own_product, 1), confirm=False)
        self.assertRefused(UserError, "ompan", order.write, {'channel_id': foreign.id})
        self.assertRefused(UserError, "ompan", self.channel.write, {'parent_id': foreign.id})
        team = self._create_team("Local", company_id=self.company.id)
        self.assertRefused(ValidationError, "another company", team.write, {'channel_id': foreign.id})
        lead = self.env['crm.lead'].create({'name': "Deal", 'company_id': self.company.id})
        self.assertRefused(ValidationError, "another company", lead.write, {'channel_id': foreign.id})
        # a team of all companies with a channel of one: orders of the others have none
        self.team.channel_id = foreign
        self.assertFalse(self.env['sale.order'].create({'partner_id': self.buyer.id, 'team_id': self.team.id}).channel_id)
        seen = self.env['sales.channel'].with_user(self.user_sm_channel).search([])
        self.assertIn(self.channel, seen)
        self.assertNotIn(foreign, seen)

    @users('sm_sales', 'sm_leader', 'sm_settle', 'sm_billing', 'sm_director')
    def test_others_read_channels_only(self):
        channel = self.channel.with_env(self.env)
        self.assertTrue(channel.rights_text)
        self.assertRefused(AccessError, ".", channel.write, {'name': "Mine"})
        self.assertRefused(AccessError, ".", channel.unlink)

    @users('sm_channel')
    def test_channel_managers_work_in_the_form(self):
        with Form(self.env['sales.channel']) as form:
            form.name = "Dealers"
            form.code = 'DEAL'
            form.type = 'dealer'
        channel = form.save()
        with Form(self.env['sales.channel.mode'].with_context(default_channel_id=channel.id)) as form:
            form.preset = 'consignment'
            self.assertEqual(form.inventory_owner, 'seller')
            form.tax_supplier = 'seller'
            self.assertEqual(form.preset, 'custom')
            form.preset = 'hosted'
            form.reason = "Frame contract"
        self.assertEqual(form.save().rights_text, "seller prices, we ship, seller is the supplier, we are agent")
        channel.action_archive()
        self.assertFalse(channel.active)

    @users('sm_sales', 'sm_channel', 'sm_director', 'sm_settle', 'sm_billing')
    def test_everybody_s_views(self):
        names = ['sales.channel', 'sales.channel.mode']
        if self.env.user.has_group('sales_team.group_sale_salesman'):
            names += ['sale.order', 'sale.order.line', 'crm.lead', 'crm.team']
        if self.env.user.has_group('account.group_account_invoice'):
            names += ['account.move']
        if self.env.user in (self.user_sm_channel, self.user_sm_director):
            names += ['sales.channel.simulation']
        for name in names:
            with self.subTest(model=name):
                Model = self.env[name]
                views = Model.get_views([(False, 'form'), (False, 'list'), (False, 'search')])['views']
                fields = [field for view in views.values() for field in Model.fields_get() if f'name="{field}"' in view['arch']]
                Model.search([], limit=3).read([field for field in fields if Model._has_field_access(
                    Model._fields[field], 'read')])

    @users('sm_sales')
    def test_the_rights_stand_on_the_order_form(self):
        order = self._market_order((self.own_product, 1), confirm=False, user_id=self.env.user.id).with_env(self.env)
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 2
            self.assertEqual(line.rights_text, "we price, we ship, we are the supplier, we are principal")
        with Form(self.env['sale.order']) as form:
            form.partner_id = self.buyer.with_env(self.env)
            form.channel_id = self.channel.with_env(self.env)
            with form.order_line.new() as line:
                line.product_id = self.own_product.with_env(self.env)
                self.assertIn("we ship", line.rights_text)
        self.assertEqual(form.save().order_line.seller_id.ids, [])
