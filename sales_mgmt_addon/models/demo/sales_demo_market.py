from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models

from . import facts

# The day on which everything of the market was agreed, in days ago
OPENING = 120


class SalesDemo(models.AbstractModel):
    """The Lab Market: two sellers, one of whom lets us ship, their orders, statements and payouts."""

    _inherit = 'sales.demo'

    @api.model
    def _load_market(self):
        """Play the market, once."""
        company = self._company()
        if company.marketplace_clearing_account_id or not self._is_loaded():
            return
        self = self.with_context(  # noqa: PLW0642
            lang='en_US', tz='Asia/Shanghai', allowed_company_ids=company.ids, install_mode=False)
        today = fields.Date.context_today(self)
        for key, name in facts.MARKET_CHINESE_NAMES.items():
            self._ref(key).with_context(lang='zh_CN').name = name
        company._set_up_marketplace()
        self._agree_on_charges()
        sellers = {key: self._admit_seller(key) for key in facts.SELLERS}
        self._apply_as_seller()
        offers = {key: self._list_offers(key, seller) for key, seller in sellers.items()}
        self._stock_goods_of(sellers['mingde'])
        orders = self._sell_on_market(sellers, offers, today)
        self._settle_last_month(sellers, today)
        self._take_back_after_payout(orders, sellers, today)
        self.env['sales.seller.score']._refresh(self.env['sales.seller'].union(*sellers.values()))
        self._simulate(today)

    # === SELLERS AND OFFERS === #

    def _agree_on_charges(self):
        for rule in facts.COMMISSIONS:
            values = {name: value for name, value in rule.items() if name not in ('category', 'seller')}
            if rule.get('category'):
                values['category_id'] = self._ref('category_consumables').id
            self.env['sales.commission.rule'].create({'company_id': self._company().id, **values})
        Mode = self._as('user_market', 'sales.channel.mode')
        self._approve_mode(Mode.create({
            'channel_id': self._ref('channel_direct').id, 'preset': 'resale',
            'reason': "Our own instruments, bought or made for our account."}))
        self._approve_mode(Mode.create({
            'channel_id': self._ref('channel_market').id, 'category_id': self._ref('category_consumables').id,
            'preset': 'marketplace',
            'reason': "We have no consumables of our own: in the Lab Market only sellers offer them."}))

    def _approve_mode(self, mode):
        """Tick the checklist, approve as the director and date the version back to the opening of the market."""
        for check in mode.check_ids:
            check.action_done()
        self._as_user(mode, 'user_director').action_approve()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sales_channel_mode SET date_from = date_from - %s WHERE id = %s", (OPENING, mode.id))
        self._make_older(mode, OPENING)

    def _admit_seller(self, key):
        """Take a seller through his application: checks, mode, approval, bank account."""
        preset, cycle, reserve, reason = facts.SELLERS[key]
        seller = self._as('user_market', 'sales.seller').create({
            'partner_id': self._ref(f'partner_{key}').id,
            'company_id': self._company().id,
            'user_id': self._ref('user_market').id,
            'settlement_cycle': cycle,
            'reserve_percent': reserve,
            'minimum_payout': 100.0,
        })
        self._as_user(seller, 'user_settle')._change_bank(self._ref(f'bank_{key}'))
        self._as_user(seller, 'user_billing').action_approve_bank()
        self._pass_checks(seller.check_ids)
        self._as_user(seller, 'user_market').action_approve()
        mode = self._as('user_market', 'sales.channel.mode').create({
            'seller_id': seller.id, 'company_id': self._company().id, 'preset': preset, 'reason': reason})
        self._approve_mode(mode)
        self._as_user(seller, 'user_market').action_activate()
        self._make_older(seller, OPENING)
        self.env['ir.model.data']._update_xmlids([{
            'xml_id': f'{facts.MODULE}.seller_{key}', 'record': seller, 'noupdate': True}])
        return seller

    def _pass_checks(self, checks):
        """The settlement officer has looked at every document."""
        for check in self._as_user(checks, 'user_settle'):
            if check.type_id.needs_document:
                check.document_ids = [Command.create({
                    'name': f"{check.type_id.name}.pdf", 'mimetype': 'application/pdf', 'raw': b"%PDF-1.4 scanned copy"})]
            check.number = check.seller_id.partner_id.vat
            check.action_pass()

    def _apply_as_seller(self):
        """One more company wants to sell; half of its papers are there."""
        seller = self._as('user_market', 'sales.seller').create({
            'partner_id': self._ref(f'partner_{facts.APPLICANT}').id, 'company_id': self._company().id,
            'user_id': self._ref('user_market').id})
        self._pass_checks(seller.check_ids.filtered(lambda check: check.type_id.kind in ('licence', 'vat')))

    def _list_offers(self, key, seller):
        """Return the seller's approved offers by product."""
        offers = self._as('user_market', 'sales.seller.offer').create([{
            'seller_id': seller.id,
            'product_id': self._ref(f'product_{product}').id,
            'price': price,
            'lead_days': lead_days,
            'stock_quantity': stock if facts.SELLERS[key][0] == 'marketplace' else 0.0,
        } for product, (price, lead_days, stock) in facts.OFFERS[key].items()])
        for offer in offers:
            offer.action_submit()
            for check in offer.check_ids.filtered(lambda check: check.fact == 'manual' and not check.passed):
                check.action_toggle()
        offers.action_approve()
        for offer in offers:
            self._make_older(offer, OPENING - 5)
        return dict(zip(facts.OFFERS[key], offers, strict=True))

    def _stock_goods_of(self, seller):
        """Goods of the hosted seller lie in our warehouse and stay his."""
        quants = self.env['stock.quant'].with_context(inventory_mode=True).create([{
            'product_id': self._ref(f'product_{product}').id,
            'location_id': self._ref('warehouse_huaxin').lot_stock_id.id,
            'owner_id': seller.partner_id.id,
            'inventory_quantity': stock,
        } for product, (_price, _lead_days, stock) in facts.OFFERS['mingde'].items()])
        quants.action_apply_inventory()

    # === ORDERS === #

    def _sell_on_market(self, sellers, offers, today):
        """Return the orders of the market by key."""
        orders = {}
        for key, (customer, days, lines, shipped_after, paid_after) in facts.MARKET_ORDERS.items():
            order = orders[key] = self._order_on_market(customer, lines, offers)
            if key == facts.MARKET_PROMOTION[0]:
                self._promote(order, sellers[facts.MARKET_PROMOTION[1]], facts.MARKET_PROMOTION[2])
            order.action_confirm()
            ordered_on = today - timedelta(days)
            self._date_order(order, ordered_on)
            if shipped_after is not None:
                shipped_on = ordered_on + timedelta(shipped_after)
                self._ship_on_market(order, shipped_on)
                invoices = self._invoice_on_market(order, shipped_on)
                if paid_after is not None:
                    self._collect_on_market(order, invoices, shipped_on + timedelta(paid_after))
        return orders

    def _order_on_market(self, customer, lines, offers):
        return self._as('user_market', 'sale.order').create({
            'partner_id': self._ref(f'partner_{customer}').id,
            'company_id': self._company().id,
            'user_id': self._ref('user_market').id,
            'team_id': self._ref('team_market').id,
            'channel_id': self._ref('channel_market').id,
            'order_line': [
                Command.create({
                    'product_id': self._ref(f'product_{product}').id,
                    'offer_id': offers[seller][product].id if seller else False,
                    'product_uom_qty': quantity,
                })
                for seller, product, quantity in lines
            ],
        })

    def _promote(self, order, seller, percent):
        self._as('user_market', 'sales.promotion.add').create({
            'order_id': order.id, 'seller_id': seller.id, 'name': "Autumn promotion", 'method': 'percent',
            'percent': percent, 'funding': 'platform',
        }).action_add()

    def _date_order(self, order, day):
        moment = min(datetime.combine(day, time(3)), fields.Datetime.now())
        for records, *columns in (
            (order, 'date_order', 'create_date'),
            (order.seller_order_ids, 'date_order', 'create_date'),
            (order.picking_ids, 'create_date', 'scheduled_date'),
        ):
            self._backdate(records, dict.fromkeys(records.ids, moment), *columns)
        for seller_order in order.seller_order_ids:
            promised = max(seller_order.line_ids.sale_line_id.offer_id.mapped('lead_days'), default=1)
            self.env.cr.execute(
                "UPDATE sales_seller_order SET date_promised = %s WHERE id = %s", (day + timedelta(promised), seller_order.id))
        order.seller_order_ids.invalidate_recordset(['date_promised'])

    def _ship_on_market(self, order, day):
        """The marketplace seller ships his part, our warehouse the rest."""
        moment = datetime.combine(day, time(7))
        for seller_order in order.seller_order_ids.filtered('is_seller_fulfilled'):
            seller_order._ship(
                {line: line.qty_open for line in seller_order.line_ids},
                carrier="SF Express 顺丰", tracking=f"SF{1450000000 + seller_order.id * 7919}", date=moment)
        accepted = order.seller_order_ids
        self._backdate(
            accepted, {one.id: one.date_order + timedelta(hours=5) for one in accepted}, 'date_accepted')
        if order.picking_ids:
            self._validate({order.picking_ids: day})
            hosted = order.seller_order_ids.filtered(lambda one: not one.is_seller_fulfilled)
            self._backdate(hosted, dict.fromkeys(hosted.ids, moment), 'date_shipped')

    def _invoice_on_market(self, order, day):
        invoices = order._create_invoices()
        invoices.invoice_date = day
        invoices._post(soft=False)
        self._backdate(invoices, dict.fromkeys(invoices.ids, day), 'create_date')
        return invoices

    def _collect_on_market(self, order, invoices, day):
        payments = self._receive([
            self._prepare_payment(order.partner_invoice_id, day, invoice.amount_total, invoice.name) for invoice in invoices])
        self._match(payments, list(invoices))

    # === SETTLEMENT === #

    def _settle_last_month(self, sellers, today):
        """The statements of last month: one seller is paid, the other one's payout is not made yet."""
        cutoff = today.replace(day=1) - timedelta(1)
        all_sellers = self.env['sales.seller'].union(*sellers.values())
        statements = self._as_user(
            self.env['sales.settlement']._collect(all_sellers, cutoff), 'user_settle')
        statements.action_post()
        sellers['mingde'].sudo()._set_payout_hold("The bank account is about to change; wait for the new one.")
        payout = self._as('user_settle', 'sales.payout').create({
            'company_id': self._company().id, 'date': min(cutoff + timedelta(2), today)})
        payout.action_collect()
        self._as_user(payout, 'user_billing').action_approve()
        self._as_user(payout, 'user_billing').action_send()
        self._as_user(payout, 'user_billing').write({'bank_reference': f"ICBC-{cutoff:%Y%m}-0047"})
        self._as_user(payout, 'user_billing').action_mark_paid()
        sellers['mingde'].sudo()._lift_payout_hold()
        days = (today - cutoff).days
        for record, past in ((statements, days - 1), (payout, days - 2)):
            for one in record:
                self._make_older(one, max(past, 0))

    def _take_back_after_payout(self, orders, sellers, today):
        """Goods come back after the seller was paid: he owes us until his next statement."""
        key, seller_key, product, quantity, days, reason = facts.MARKET_RETURN
        order, day = orders[key], today - timedelta(days)
        seller_order = order.seller_order_ids.filtered(lambda one: one.seller_id == sellers[seller_key])
        line = seller_order.line_ids.filtered(lambda one: one.product_id == self._ref(f'product_{product}'))
        seller_order._return({line: quantity}, reason=reason, date=datetime.combine(day, time(6)))
        refund = order._create_invoices(final=True)
        refund.invoice_date = day
        refund._post(soft=False)

    def _simulate(self, today):
        """What if sellers sold the accessories and spare parts?"""
        simulation = self._as('user_market', 'sales.channel.simulation').create({
            'company_id': self._company().id,
            'category_id': self._ref('category_parts').id,
            'date_from': today - timedelta(facts.DAYS_OF_HISTORY),
            'date_to': today,
            'preset': 'marketplace',
            'commission_percent': 12.0,
        })
        simulation.action_run()
