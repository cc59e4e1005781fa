import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from . import facts, plan

_logger = logging.getLogger(__name__)

# The history is not written by people: no followers, no tracking, no notifications.
QUIET = {
    'tracking_disable': True,
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'mail_notrack': True,
    'mail_auto_subscribe_no_notify': True,
    'mail_activity_automation_skip': True,
}
# Documents are made in groups of this size, to keep the caches small.
BATCH = 100


class SalesDemo(models.AbstractModel):
    """Builds the demo company's year through the real documents.

    Everything is confirmed, delivered, invoiced and paid by Odoo's own methods, many documents at a time; the
    dates that Odoo sets to "now" are moved back afterwards. Called by the demo data files only.
    """

    _name = 'sales.demo'
    _description = 'Demo Company'

    # === PREPARATION === #

    @api.model
    def _prepare_database(self):
        """Make the currency and both languages of the demo company available."""
        (self.env.ref('base.CNY') | self.env.ref('base.USD')).active = True
        languages = self.env.ref('base.lang_en') | self.env.ref('base.lang_zh_CN')
        missing = languages.filtered(lambda language: not language.active)
        if missing:
            self.env['base.language.install'].create({'lang_ids': [Command.set(missing.ids)]}).lang_install()

    @api.model
    def _load_accounting(self):
        """Give the demo company Odoo's generic chart of accounts, with the Chinese VAT rate."""
        company = self._ref('company_huaxin')
        if company.chart_template:
            return
        # `try_loading` is the public way, but warns about a registry that is still loading: all that the
        # generic chart needs comes from modules that are loaded before this one.
        self.env['account.chart.template']._load('generic_coa', company, install_demo=False)
        # The generic chart is made for the United States.
        company.currency_id = self.env.ref('base.CNY')
        country = company.country_id
        self.env['account.fiscal.position'].search([
            ('company_id', '=', company.id), ('country_id', '!=', False),
        ]).country_id = country
        company.account_fiscal_country_id = country
        taxes = self.env['account.tax'].search([('company_id', '=', company.id)])
        taxes.tax_group_id.country_id = country
        taxes.country_id = country
        vat = taxes.filtered(lambda tax: tax.amount)
        vat.write({'amount': facts.VAT_PERCENT, 'name': "VAT 13%", 'invoice_label': "VAT 13%"})
        vat.tax_group_id.name = "VAT 13%"

    # === HISTORY === #

    @api.model
    def _load_history(self):
        """Build a year of orders, deliveries, invoices and payments, once."""
        if self._company().chart_template is False or self._is_loaded():
            return
        self = self.with_context(**QUIET, allowed_company_ids=self._company().ids, lang='en_US')  # noqa: PLW0642
        self._write_chinese_names()
        self._write_payment_terms()
        self._switch_booking(False)
        self._load_former_invoices()
        self._load_leads()
        today = fields.Date.context_today(self)
        plans = plan.plan_history(today)
        quotations = plan.plan_quotations(today)
        self._stock_up(plans, today)
        orders = self._create_orders(plans + quotations)
        planned = list(zip(plans, orders[:len(plans)], strict=True))
        self._confirm(planned)
        self._deliver(planned)
        self._invoice(planned)
        self._pay(planned)
        self._take_back(planned)
        self._concede(today)
        self._receive_unmatched(today)
        self._load_claims(today)
        self._send_quotations(orders[len(plans):])
        self._backdate_messages(planned)
        self._switch_booking(True)

    def _switch_booking(self, is_on):
        """Book what happened once its dates are true, as for a company that installs the add-on later."""
        everybody, area = self.env.ref('base.group_user'), self._ref('group_area_quota')
        if is_on:
            everybody._apply_group(area)
            self.env['sales.attainment.backfill']._start_at_install()
        else:
            everybody._remove_group(area)

    def _is_loaded(self):
        return bool(self.env['sale.order'].search_count([('company_id', '=', self._company().id)], limit=1))

    def _write_chinese_names(self):
        for key, name in facts.CHINESE_NAMES.items():
            self._ref(key).with_context(lang='zh_CN').name = name

    def _write_payment_terms(self):
        terms = {
            0: self.env.ref('account.account_payment_term_immediate'),
            30: self.env.ref('account.account_payment_term_30days'),
            60: self._ref('payment_term_60days'),
        }
        for days, term in terms.items():
            customers = [key for key, (_way, term_days, *_rest) in facts.CUSTOMERS.items() if term_days == days]
            self._partners(customers).property_payment_term_id = term

    # === STOCK === #

    def _stock_up(self, plans, today):
        """Count in, before the first order, all that the year needs plus what is left today."""
        needed = defaultdict(float, facts.STOCK_LEFT)
        for order_plan in plans:
            if not order_plan.cancelled:
                for product, quantity, _discount in order_plan.lines:
                    needed[product] += quantity
        location = self._ref('warehouse_huaxin').lot_stock_id
        quants = self.env['stock.quant'].with_context(inventory_mode=True).create([{
            'product_id': self._ref(f'product_{product}').id,
            'location_id': location.id,
            'inventory_quantity': needed[product],
        } for product in facts.STOCK_LEFT])
        quants.action_apply_inventory()
        moves = self.env['stock.move'].search([('company_id', '=', self._company().id), ('is_inventory', '=', True)])
        counted_on = today - timedelta(facts.DAYS_OF_HISTORY + 20)
        self._backdate(moves, dict.fromkeys(moves.ids, counted_on), 'date', 'create_date')
        self._backdate(moves.move_line_ids, dict.fromkeys(moves.move_line_ids.ids, counted_on), 'date', 'create_date')

    # === ORDERS === #

    def _create_orders(self, plans):
        orders = self.env['sale.order'].create([self._prepare_order(order_plan) for order_plan in plans])
        created = {
            order.id: order_plan.ordered_on - timedelta(1 + order.id % 6)
            for order, order_plan in zip(orders, plans, strict=True)
        }
        self._backdate(orders, created, 'create_date', 'date_order')
        self._backdate(orders.order_line, {
            line.id: created[line.order_id.id] for line in orders.order_line
        }, 'create_date')
        self._write_authors(orders)
        return orders

    def _prepare_order(self, order_plan):
        partner = self._ref(f'partner_{order_plan.customer}')
        is_dealer = facts.CUSTOMERS[order_plan.customer][2] == 'dealer'
        return {
            'partner_id': partner.id,
            'company_id': self._company().id,
            'user_id': partner.user_id.id,
            'team_id': partner.user_id.sale_team_id.id,
            'channel_id': self._ref('channel_dealer' if is_dealer else 'channel_direct').id,
            'date_order': datetime.combine(order_plan.ordered_on, time(3)),
            'validity_date': order_plan.ordered_on + timedelta(30),
            'order_line': [
                Command.create({
                    'product_id': self._ref(f'product_{product}').id,
                    'product_uom_qty': quantity,
                    'discount': discount,
                })
                for product, quantity, discount in order_plan.lines
            ],
        }

    def _write_authors(self, orders):
        """Quotations are made by their salespeople, not by the installation."""
        orders.flush_recordset()
        self.env.cr.execute(SQL("UPDATE sale_order SET create_uid = user_id WHERE id IN %s", orders._ids))
        orders.invalidate_recordset(['create_uid'])

    def _confirm(self, planned):
        cancelled = self._orders(planned, lambda p: p.cancelled)
        cancelled._action_cancel()
        confirmed = self._orders(planned, lambda p: not p.cancelled)
        for batch in self._batches(confirmed):
            batch.action_confirm()
        ordered = {order.id: order_plan.ordered_on for order_plan, order in planned}
        self._backdate(confirmed, {order.id: ordered[order.id] for order in confirmed}, 'date_order')
        pickings = confirmed.picking_ids
        self._backdate(pickings, {
            picking.id: ordered[picking.sale_id.id] for picking in pickings
        }, 'create_date', 'scheduled_date', 'date_deadline')
        self._backdate(pickings.move_ids, {
            move.id: ordered[move.picking_id.sale_id.id] for move in pickings.move_ids
        }, 'create_date', 'date', 'date_deadline')

    # === DELIVERIES === #

    def _deliver(self, planned):
        """Ship what the plan says; the first parcel of a split delivery takes the larger half."""
        split = [(p, order) for p, order in planned if p.split_delivery and p.delivered_on]
        for _plan, order in split:
            for move in order.picking_ids.move_ids:
                move.quantity = move.product_uom_qty // 2 or move.product_uom_qty
        delivered = [(p, order) for p, order in planned if p.delivered_on]
        self._validate({order.picking_ids: p.delivered_on for p, order in delivered if order.picking_ids})
        rests = {
            order.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')): p.rest_delivered_on
            for p, order in split if p.rest_delivered_on
        }
        self._validate({pickings: day for pickings, day in rests.items() if pickings})

    def _validate(self, days):
        """Validate pickings and date them.

        :param dict days: recordset of pickings -> the day they left
        """
        day_of = {picking.id: day for pickings, day in days.items() for picking in pickings}
        pickings = self.env['stock.picking'].browse(day_of)
        for batch in self._batches(pickings):
            batch.with_context(skip_sanity_check=True, skip_backorder=True, skip_sms=True).button_validate()
        self._backdate(pickings, day_of, 'date_done', 'scheduled_date')
        moves = pickings.move_ids
        self._backdate(moves, {move.id: day_of[move.picking_id.id] for move in moves}, 'date')
        lines = moves.move_line_ids
        self._backdate(lines, {line.id: day_of[line.picking_id.id] for line in lines}, 'date', 'create_date')
        orders = pickings.sale_id
        self._backdate(orders, {
            order.id: min(picking.date_done for picking in order.picking_ids if picking.state == 'done')
            for order in orders
        }, 'effective_date')

    # === INVOICES === #

    def _invoice(self, planned):
        """Invoice day by day, so that the numbers follow the dates."""
        invoiced = [(p, order) for p, order in planned if p.invoiced_on]
        day_of = {order.id: p.invoiced_on for p, order in invoiced}
        orders = self.env['sale.order'].browse(sorted(day_of, key=day_of.get))
        for batch in self._batches(orders):
            invoices = batch._create_invoices(grouped=True)
            for day, moves in invoices.grouped(lambda m: day_of[m.line_ids.sale_line_ids.order_id.id]).items():
                moves.invoice_date = day
        drafts = self._orders(invoiced, lambda p: p.draft_invoice).invoice_ids
        posted = orders.invoice_ids - drafts
        for batch in self._batches(posted.sorted('invoice_date')):
            batch._post(soft=False)
        invoices = posted | drafts
        self._backdate(invoices, {invoice.id: invoice.invoice_date for invoice in invoices}, 'create_date')

    # === PAYMENTS === #

    def _pay(self, planned):
        """Register what customers paid, in the order in which the money arrived, and match it."""
        payments, matches = [], []
        for order_plan, order in planned:
            invoice = order.invoice_ids.filtered(lambda move: move.state == 'posted')
            open_amount = sum(invoice.mapped('amount_total'))
            for day, share in order_plan.paid:
                amount = invoice.currency_id.round(open_amount * share)
                open_amount -= amount
                payments.append(self._prepare_payment(order.partner_invoice_id, day, amount, invoice.name))
                matches.append(invoice)
        chronological = sorted(range(len(payments)), key=lambda n: payments[n]['date'])
        for start in range(0, len(chronological), BATCH):
            numbers = chronological[start:start + BATCH]
            self._match(self._receive([payments[n] for n in numbers]), [matches[n] for n in numbers])

    def _prepare_payment(self, partner, day, amount, memo):
        return {
            'payment_type': 'inbound',
            'partner_type': 'customer',
            'partner_id': partner.commercial_partner_id.id,
            'company_id': self._company().id,
            'journal_id': self._bank_journal().id,
            'date': day,
            'amount': amount,
            'memo': memo,
        }

    def _receive(self, vals_list):
        payments = self.env['account.payment'].create(vals_list)
        payments.action_post()
        self._backdate(payments, {payment.id: payment.date for payment in payments}, 'create_date')
        self._backdate(payments.move_id, {payment.move_id.id: payment.date for payment in payments}, 'create_date')
        return payments

    def _match(self, payments, invoices):
        """Reconcile each payment with its invoice (same positions)."""
        plans = []
        for payment, invoice in zip(payments, invoices, strict=True):
            plans.append(self._receivable_lines(payment.move_id | invoice))
        self.env['account.move.line']._reconcile_plan(plans)

    def _receive_unmatched(self, today):
        """Money that nobody has matched with an invoice yet."""
        self._receive([
            self._prepare_payment(self._ref(f'partner_{customer}'), today - timedelta(days), amount, "Advance payment")
            for customer, days, amount in facts.UNMATCHED_RECEIPTS
        ])

    # === RETURNS AND CONCESSIONS === #

    def _take_back(self, planned):
        """One unit of the first line comes back and is credited; the rest of the invoice is paid when it is due."""
        returned = [(p, order) for p, order in planned if p.returned_on]
        invoice_of = {order.id: order.invoice_ids for _plan, order in returned}
        self._validate({self._return_one(order.picking_ids[:1]): p.returned_on for p, order in returned})
        refunds = self._orders(returned, lambda p: True)._create_invoices(grouped=True, final=True)
        for order_plan, order in returned:
            (order.invoice_ids & refunds).invoice_date = order_plan.returned_on
        refunds._post(soft=False)
        self._backdate(refunds, {refund.id: refund.invoice_date for refund in refunds}, 'create_date')
        self.env['account.move.line']._reconcile_plan([
            self._receivable_lines(order.invoice_ids) for _plan, order in returned
        ])
        invoices = list(invoice_of.values())
        self._match(self._receive([
            self._prepare_payment(
                invoice.partner_id, invoice.invoice_date_due, invoice.amount_residual, invoice.name)
            for invoice in invoices
        ]), invoices)

    def _return_one(self, picking):
        wizard = self.env['stock.return.picking'].with_context(
            active_model='stock.picking', active_id=picking.id, active_ids=picking.ids,
        ).create({})
        wizard.product_return_moves.sorted(lambda line: line.move_id.sale_line_id.id)[:1].quantity = 1
        return wizard._create_return()

    def _concede(self, today):
        """Credit notes without goods, matched with the customer's oldest open invoice when there is one."""
        for customer, days, amount, reason in facts.CONCESSIONS:
            partner = self._ref(f'partner_{customer}')
            refund = self.env['account.move'].create({
                'move_type': 'out_refund',
                'partner_id': partner.id,
                'company_id': self._company().id,
                'invoice_user_id': partner.user_id.id,
                'team_id': partner.user_id.sale_team_id.id,
                'invoice_date': today - timedelta(days),
                'invoice_line_ids': [Command.create({
                    'name': reason,
                    'quantity': 1,
                    'price_unit': amount,
                    'tax_ids': [Command.set(self._company().account_sale_tax_id.ids)],
                })],
            })
            refund._post(soft=False)
            self._backdate(refund, {refund.id: refund.invoice_date}, 'create_date')
            self._match_oldest(refund)

    def _match_oldest(self, refund):
        invoice = self.env['account.move'].search([
            ('commercial_partner_id', '=', refund.commercial_partner_id.id),
            ('move_type', '=', 'out_invoice'),
            ('state', '=', 'posted'),
            ('amount_residual', '>=', refund.amount_residual),
        ], order='invoice_date, id', limit=1)
        if invoice:
            self._receivable_lines(invoice | refund).reconcile()

    # === QUOTATIONS === #

    def _send_quotations(self, quotations):
        """Two of three open quotations have been sent to the customer."""
        quotations.filtered(lambda order: order.id % 3).state = 'sent'

    # === CHATTER === #

    def _backdate_messages(self, planned):
        """Odoo's notes ("created from ...", "paid") carry the date of what happened, not of the installation."""
        self.env.flush_all()
        for model in ('stock.picking', 'account.move', 'account.payment'):
            self.env.cr.execute(SQL(
                """
                UPDATE mail_message m
                   SET date = d.create_date, create_date = d.create_date
                  FROM %s d
                 WHERE m.model = %s AND m.res_id = d.id AND d.company_id = %s
                """,
                SQL.identifier(self.env[model]._table), model, self._company().id,
            ))
        self.env['mail.message'].invalidate_model(['date', 'create_date'])
        paid_on = {order.id: order_plan.paid[-1][0] for order_plan, order in planned if order_plan.paid}
        notes = self.env['mail.message'].search([('model', '=', 'sale.order'), ('res_id', 'in', list(paid_on))])
        self._backdate(notes, {note.id: paid_on[note.res_id] for note in notes}, 'date', 'create_date')

    # === TOOLING === #

    def _ref(self, key):
        return self.env.ref(f'{facts.MODULE}.{key}')

    def _company(self):
        return self._ref('company_huaxin')

    def _partners(self, keys):
        return self.env['res.partner'].union(*(self._ref(f'partner_{key}') for key in keys))

    def _bank_journal(self):
        return self.env['account.journal'].search([
            ('type', '=', 'bank'), ('company_id', '=', self._company().id),
        ], limit=1)

    def _receivable_lines(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')

    def _orders(self, planned, condition):
        return self.env['sale.order'].union(*(order for order_plan, order in planned if condition(order_plan)))

    def _batches(self, records):
        for start in range(0, len(records), BATCH):
            yield records[start:start + BATCH]

    def _backdate(self, records, days, *columns):
        """Move dates that Odoo sets to "now" into the past, in one statement.

        :param records: the records to date
        :param dict days: id -> date or datetime (UTC) of each record
        :param str columns: the columns to write; a column without a value stays empty
        """
        if not records:
            return
        records.flush_recordset()
        moments = [
            day if isinstance(day, datetime) else datetime.combine(day, time(2, 30 + record_id % 30))
            for record_id, day in days.items()
        ]
        assignments = SQL(", ").join(
            SQL(
                "%(column)s = CASE WHEN t.%(column)s IS NULL THEN NULL ELSE v.moment END",
                column=SQL.identifier(column),
            )
            for column in columns
        )
        self.env.cr.execute(SQL(
            "UPDATE %s t SET %s FROM unnest(%s, %s::timestamp[]) AS v(id, moment) WHERE t.id = v.id",
            SQL.identifier(records._table), assignments, list(days), moments,
        ))
        records.invalidate_recordset(columns)
