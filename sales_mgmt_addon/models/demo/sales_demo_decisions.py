import math
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from . import facts

# What a scenario leaves behind, and which of its moments are moved back.
DATED_COLUMNS = {
    'sale.order': ('create_date', 'date_order', 'hold_since'),
    'sales.credit.request': ('create_date', 'applied_on'),
    'sales.gate.finding': ('create_date',),
    'sales.approval.request': ('create_date', 'closed_on'),
    'sales.approval.request.step': ('create_date',),
    'sales.approval.decision': ('create_date', 'decided_on'),
    'sales.credit.decision': ('create_date', 'decided_on'),
    'mail.message': ('create_date', 'date'),
    'sales.collection.case': ('create_date', 'opened_on'),
    'sales.receivable.dispute': ('create_date', 'opened_on', 'closed_on'),
    'sales.receivable.write.off': ('create_date', 'booked_on'),
    'sales.receivable.pack': ('create_date', 'frozen_on', 'closed_on'),
    'sales.dunning.run': ('create_date',),
    'sales.dunning.letter': ('create_date', 'sent_on'),
    'sales.channel.mode': ('create_date', 'approved_on'),
    'sales.seller': ('create_date', 'approved_on', 'bank_changed_on'),
    'sales.seller.check': ('create_date', 'checked_on'),
    'sales.seller.offer': ('create_date', 'approved_on'),
    'sales.settlement': ('create_date', 'posted_on'),
    'sales.payout': ('create_date', 'approved_on', 'sent_on'),
    'sales.quota.plan': ('create_date',),
    'sales.quota.change': ('create_date', 'time'),
    'sales.quota.node': ('create_date', 'evidence_date', 'acknowledged_on'),
}


class SalesDemo(models.AbstractModel):
    """Credit terms, and what people asked and decided in the last days.

    Every step is taken as the user who would take it, so that chatters, requests and decisions read
    true; only their moments are moved back afterwards.
    """

    _inherit = 'sales.demo'

    @api.model
    def _load_decisions(self):
        """Give the customers credit terms and play the open and decided questions, once."""
        company = self._company()
        if company.gate_check_discount or not self._is_loaded():
            return
        self = self.with_context(  # noqa: PLW0642
            lang='en_US', tz='Asia/Shanghai', allowed_company_ids=company.ids, install_mode=False)
        self._set_policies(company)
        self._set_credit_terms(company)
        self._play_substitute()
        self._play_credit_requests()
        self._play_orders_on_hold()
        self._play_decided_orders()
        self._play_portal_quotations()

    # === TERMS === #

    def _set_policies(self, company):
        company.write({
            'gate_check_discount': True,
            'gate_discount_right': facts.DISCOUNT_RIGHT,
            'gate_check_margin': True,
            'gate_margin_floor': facts.MARGIN_FLOOR,
            'account_use_credit_limit': True,
            'credit_default_policy': 'limited',
            'credit_default_limit': facts.NEW_CUSTOMER_LIMIT,
            'portal_confirmation_sign': True,
        })

    def _set_credit_terms(self, company):
        """Set the terms that the company had before it installed the add-on; no request speaks of them."""
        partners = self._partners(facts.CREDIT_TERMS)
        profiles = self.env['sales.credit.profile'].with_context(tracking_disable=True)._get_for(partners, company)
        exposure = partners.env['sales.credit.profile'].union(*profiles.values())._get_exposure()
        today = fields.Date.context_today(self)
        for key, (policy, limit, credit_class, days, usage) in facts.CREDIT_TERMS.items():
            profile = profiles[self._ref(f'partner_{key}')]
            owed = max(exposure[profile.id]['total'], 0.0)
            profile._change_terms({
                'policy': policy,
                'limit': max(limit, math.ceil(owed / usage / 10000) * 10000) if policy == 'limited' else 0.0,
                'credit_class': credit_class,
                'overdue_days_allowed': days,
                'review_date': today + timedelta(facts.REVIEWS.get(key, 365 - 7 * (profile.id % 13))),
            })

    # === SCENARIOS === #

    def _play_substitute(self):
        """The manager of the South travels; his questions go to the manager of the North too."""
        today = fields.Date.context_today(self)
        self._as('user_south', 'sales.approval.substitute').create({
            'user_id': self._ref('user_south').id,
            'substitute_id': self._ref('user_north').id,
            'date_from': today - timedelta(1),
            'date_to': today + timedelta(9),
        })

    def _play_credit_requests(self):
        today = fields.Date.context_today(self)
        # decided by both, applied
        request = self._ask_credit(
            'user_xu', 'shenhai', 'temporary', factor=1.5, temporary_until=today + timedelta(45),
            reason="Fab 2 opens next month; three large orders will overlap.")
        self._approve(request, 'user_credit', "Always paid before the due date.")
        self._approve(request, 'user_director', "Agreed until the fab is running.")
        self._make_older(request, 12)
        # refused
        request = self._ask_credit(
            'user_wu', 'binhai', 'raise', factor=1.6, reason="Dealer wants to stock our new balances.")
        self._reject(request, 'user_credit', "Pays two months late on average. Let us see three good months first.")
        self._make_older(request, 9)
        # applied at once, because they reduce the risk
        request = self._ask_credit(
            'user_credit', 'jinmen', 'lower', factor=0.9, new_class='E',
            reason="No payment for five months, their bank has cancelled the credit line.")
        self._make_older(request, 6)
        request = self._ask_credit(
            'user_credit', 'jinyao', 'hold_on',
            reason="Disputes an invoice and has named a lawyer; no further credit until it is settled.")
        self._make_older(request, 3)
        # first step decided, waits for the director
        request = self._ask_credit(
            'user_lin', 'pengcheng', 'raise', factor=1.5,
            reason="Frame contract for their second test line, 400,000 a month from next quarter.")
        self._approve(request, 'user_credit', "Turnover and payments support it.")
        self._make_older(request, 2)
        # not submitted yet
        self._ask_credit(
            'user_gao', 'taihu', 'raise', factor=1.4, submit=False, reason="New customer, first orders went well.")

    def _play_orders_on_hold(self):
        """Orders that wait: over the limit, overdue, deep discount, and one handed over to the director."""
        order = self._quote('user_lin', 'hengda', self._over_limit('hengda', 'osc_500'), 1)
        self._confirm_as_asker(order, "Production ramp-up; their finance promised to pay the open invoices this week.")
        order = self._quote('user_wu', 'jinmen', [('power', 1, 0), ('cal_site', 2, 0)], 2)
        self._confirm_as_asker(order, "Their test bench stands still. They offer to pay half in advance.")
        order = self._quote('user_luo', 'nanling', [('osc_100', 8, 22), ('power', 6, 22), ('install', 1, 0)], 1)
        self._confirm_as_asker(order, "Public tender of the teaching laboratory, a competitor offers 20 %.")
        order = self._quote('user_wu', 'binhai', self._over_limit('binhai', 'bal_01'), 3)
        request = self._confirm_as_asker(order, "Stock order of the dealer before the fair in Tianjin.")
        self._as_user(request, 'user_credit').action_delegate(
            self._ref('user_director'), "We refused a higher limit last week; please decide.")
        for order, days in zip(self._held_orders(), (1, 2, 0, 3), strict=True):
            self._make_older(order, days)

    def _play_decided_orders(self):
        today = fields.Date.context_today(self)
        order = self._quote('user_xu', 'pujiang', self._over_limit('pujiang', 'multimeter'), 6)
        request = self._confirm_as_asker(order, "Budget of this year; the university pays late but pays.")
        self._as_user(request, 'user_credit')._decide('approve', "University, low risk.", payload={
            'scope': 'once',
            'forecast_payment_date': fields.Date.to_string(today + timedelta(75)),
        })
        self._make_older(order, 5)
        order = self._quote('user_gao', 'yuanjing', [('multimeter', 4, 15), ('power', 4, 15)], 8)
        self._approve(self._confirm_as_asker(order, "Repeat customer, ordered ten times this year."), 'user_east')
        self._make_older(order, 7)
        order = self._quote('user_he', 'linjiang', [('bal_01', 2, 35), ('weights', 2, 35)], 5)
        request = self._confirm_as_asker(order, "They compare us with an importer who clears his stock.")
        self._approve(request, 'user_xu', "I would keep the customer, but it is deep.")
        self._reject(
            request, 'user_director', "Below what the importer pays himself. Offer 15 % and a free calibration.")
        self._make_older(order, 4)

    def _play_portal_quotations(self):
        """Two quotations that the customer can sign: one within his credit, one beyond it."""
        for lines in ([('multimeter', 2, 5), ('cal_lab', 4, 0)], self._over_limit('tianhe', 'spec_uv')):
            order = self._quote('user_sun', 'tianhe', lines, 2, contact='partner_tianhe_buyer')
            order.action_quotation_sent()
            self._make_older(order, 1)

    # === STEPS === #

    def _as(self, user_key, model):
        return self.env[model].with_user(self._ref(user_key))

    def _as_user(self, records, user_key):
        return records.with_env(self.env).with_user(self._ref(user_key))

    def _quote(self, user_key, customer, lines, valid_weeks, contact=None):
        """Return a quotation that the salesperson made.

        :param list lines: ``(product, quantity, discount in %)``
        :param int valid_weeks: validity of the quotation
        :param str contact: XML id of the person it is addressed to; default: the company
        """
        user = self._ref(user_key)
        return self._as(user_key, 'sale.order').create({
            'partner_id': self._ref(contact or f'partner_{customer}').id,
            'company_id': self._company().id,
            'user_id': user.id,
            'team_id': user.sudo().sale_team_id.id,
            'validity_date': fields.Date.context_today(self) + timedelta(7 * valid_weeks),
            'order_line': [
                Command.create({
                    'product_id': self._ref(f'product_{product}').id,
                    'product_uom_qty': quantity,
                    'discount': discount,
                })
                for product, quantity, discount in lines
            ],
        })

    def _over_limit(self, customer, product):
        """Return lines worth about a fifth of the limit more than the customer may still owe."""
        profile = self._profile(customer)
        room = max(profile.available, 0.0) + profile.effective_limit / 5
        price = self._ref(f'product_{product}').lst_price * (1 + facts.VAT_PERCENT / 100)
        return [(product, math.ceil(room / price), 0), ('cal_lab', 2, 0)]

    def _profile(self, customer):
        partner = self._ref(f'partner_{customer}')
        profile = self.env['sales.credit.profile']._get_for(partner, self._company())[partner]
        profile.invalidate_recordset()
        return profile

    def _confirm_as_asker(self, order, reason):
        """Confirm as the salesperson, who gives a reason, and return the question that it became."""
        order.with_context(gate_reason=reason).action_confirm()
        return order.sudo().approval_request_ids.filtered(lambda request: request.state == 'pending')[:1]

    def _ask_credit(self, user_key, customer, kind, factor=0.0, submit=True, **values):
        """Make a credit request; ``factor`` is the new limit as a multiple of the present one."""
        limit = self._profile(customer).limit
        request = self._as(user_key, 'sales.credit.request').create({
            'partner_id': self._ref(f'partner_{customer}').id,
            'company_id': self._company().id,
            'kind': kind,
            'new_limit': round(limit * factor, -4),
            **values,
        })
        if submit:
            request.action_submit()
        return request

    def _approve(self, record, user_key, reason=None):
        self._as_user(self._question(record), user_key).action_approve(reason)

    def _reject(self, record, user_key, reason):
        self._as_user(self._question(record), user_key).action_reject(reason)

    def _question(self, record):
        """Return the approval request itself, or the open one of a document."""
        if record._name == 'sales.approval.request':
            return record
        return record.sudo().approval_request_ids.filtered(lambda request: request.state == 'pending')

    def _held_orders(self):
        return self.env['sale.order'].search([
            ('company_id', '=', self._company().id), ('hold_state', '=', 'on_hold'),
        ], order='id')

    # === MOMENTS === #

    def _make_older(self, document, days):
        """Move a document and everything that was asked, decided and said about it into the past.

        :param document: an order or a credit request
        :param int days: how long ago it happened
        """
        document = document.sudo()
        requests = document.approval_request_ids if 'approval_request_ids' in document else self.env['sales.approval.request']
        subject = [('res_model', '=', document._name), ('res_id', '=', document.id)]
        messages = self.env['mail.message'].search([
            '|',
            '&', ('model', '=', document._name), ('res_id', '=', document.id),
            '&', ('model', '=', 'sales.approval.request'), ('res_id', 'in', requests.ids),
        ])
        self.env.flush_all()
        for records in (
            document, requests, requests.step_ids, requests.decision_ids, messages,
            self.env['sales.gate.finding'].search(subject), self.env['sales.credit.decision'].search(subject),
        ):
            self._shift(records, timedelta(days=days))
        self.env.invalidate_all()

    def _shift(self, records, back):
        if not records:
            return
        columns = DATED_COLUMNS[records._name]
        self.env.cr.execute(SQL(
            "UPDATE %s SET %s WHERE id IN %s",
            SQL.identifier(records._table),
            SQL(", ").join(
                SQL("%(column)s = %(column)s - %(back)s", column=SQL.identifier(column), back=back)
                for column in columns
            ),
            records._ids,
        ))
