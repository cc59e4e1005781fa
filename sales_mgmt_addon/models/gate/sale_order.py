from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

from ...internal import grant, granted, revoke

# Figures that Odoo derives. A client that writes them would steer the checks that read them.
DERIVED_FIELDS = {
    'amount_untaxed', 'amount_tax', 'amount_total', 'amount_to_invoice', 'amount_invoiced',
    'currency_rate', 'invoice_status', 'access_token', 'gate_clearance',
}
# Who gets the credit for a confirmed order, and when: changed by managers only.
ATTRIBUTION_FIELDS = ('user_id', 'team_id', 'date_order')


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['sale.order', 'sales.gate.mixin']

    gate_clearance = fields.Json(
        string="Gate Clearance", readonly=True, copy=False, prefetch=False, groups='base.group_user',
        help="The facts for which a confirmed order has passed the gate.")
    gate_list_amount = fields.Monetary(
        string="List Value", compute='_compute_gate_prices', groups='base.group_user',
        help="Untaxed value of the order at list prices.")
    gate_agreed_amount = fields.Monetary(
        string="Value at the Customer's Prices", compute='_compute_gate_prices', groups='base.group_user',
        help="Untaxed value at the prices of the customer's own pricelist: what the discount is measured against.")
    gate_discount_percent = fields.Float(
        string="Effective Discount (%)", compute='_compute_gate_prices', digits=(16, 2), groups='base.group_user',
        help="What the customer pays less than his own prices, whatever the disguise: line discount, "
             "typed price, discount line, another pricelist or free goods.")
    gate_margin_percent = fields.Float(
        string="Margin (%)", compute='_compute_gate_prices', digits=(16, 2), groups='base.group_user')
    gate_past_discount_percent = fields.Float(
        string="Average Discount so Far (%)", compute='_compute_gate_past_discount', digits=(16, 2),
        groups='base.group_user',
        help="Average effective discount of the customer's ten last confirmed orders.")

    _gate_clearance_required = models.Constraint(
        "CHECK (state != 'sale' OR gate_clearance IS NOT NULL)",
        "A confirmed order has passed the order gate.",
    )
    # Serves the exposure of a customer: its size follows the open orders, not the history.
    _gate_open_idx = models.Index(
        "(partner_invoice_id, company_id) WHERE invoice_status <> 'invoiced' AND (state = 'sale' OR hold_state = 'released')")
    _gate_on_hold_idx = models.Index("(hold_since) WHERE hold_state = 'on_hold'")

    #=== COMPUTE METHODS ===#

    @api.depends(
        'order_line.price_unit', 'order_line.discount', 'order_line.product_uom_qty', 'order_line.product_id',
        'pricelist_id', 'partner_id', 'currency_id')
    def _compute_gate_prices(self):
        lines = self.order_line if len(self) > 1 and all(self._ids) else self.order_line.browse()
        lines._gate_load_rules()
        for order in self:
            prices = order._gate_prices()
            order.gate_list_amount = prices['list']
            order.gate_agreed_amount = prices['agreed']
            order.gate_discount_percent = prices['discount']
            order.gate_margin_percent = prices['margin']
        lines.invalidate_recordset(['pricelist_item_id'], flush=False)

    @api.depends('partner_id')
    def _compute_gate_past_discount(self):
        for order in self:
            past = self.search([
                ('partner_id', 'child_of', order.partner_id.commercial_partner_id.id),
                ('company_id', '=', order.company_id.id),
                ('state', '=', 'sale'),
                ('id', '!=', order._origin.id),
            ], limit=10) if order.partner_id else self.browse()
            given = [o.gate_clearance['discount'] for o in past if (o.gate_clearance or {}).get('discount') is not None]
            order.gate_past_discount_percent = sum(given) / len(given) if given else 0.0

    #=== CONSTRAINT METHODS ===#

    @api.constrains(
        'state', 'amount_total', 'amount_untaxed', 'partner_id', 'partner_invoice_id', 'company_id', 'currency_id',
        'currency_rate', 'payment_term_id', 'pricelist_id')
    def _check_gate(self):
        """An order in state ``sale`` has passed the gate for what it now contains.

        Fires on every way of writing, on recomputed totals too: this is the invariant, the buttons
        are only convenience. Better than cleared is noted, worse is checked again.
        """
        if not self._gate_is_active():
            return
        confirmed = self.filtered(lambda order: order.state == 'sale')
        (self - confirmed)._gate_after_draft_edit()
        stale, worse = {}, self.browse()
        for order in confirmed:
            facts, cleared = order._gate_facts(), order.gate_clearance or {}
            if facts == cleared:
                continue
            stale[order] = facts
            if order._gate_is_worse(cleared, facts) and not granted(order, 'gate.migration'):
                worse |= order
        if worse:
            worse._gate_require()
        for order, facts in stale.items():
            order.gate_clearance = facts

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        if operation == 'write' and field.name in DERIVED_FIELDS and not self.env.su and self._gate_is_active():
            return field.name == 'gate_clearance' and granted(self.browse(), 'gate.clearance')
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        if any('gate_clearance' in vals for vals in vals_list):
            self._check_field_access(self._fields['gate_clearance'], 'write')
        default_state = self.default_get(['state']).get('state')
        entering = [vals for vals in vals_list if vals.get('state', default_state) == 'sale']
        if not entering:
            return super().create(vals_list)
        for vals in entering:
            vals['gate_clearance'] = self._gate_entry_clearance()
        return super(SaleOrder, grant(self, 'gate.clearance')).create(vals_list).with_env(self.env)

    def write(self, vals):
        if vals.keys() == {'gate_clearance'}:
            return super().write(vals)
        if not self.env.su and self._gate_is_active():
            self._gate_check_write(vals)
        confirmed = self.filtered(lambda order: order.state == 'sale')
        confirmed._gate_complete_clearance()
        if vals.get('state') == 'sale':
            entering = (self - confirmed).filtered(lambda order: not granted(order, 'gate.order'))
            entering.sudo().gate_clearance = self._gate_entry_clearance()
        res = super().write(vals)
        if vals.get('state', 'sale') != 'sale':
            self._gate_after_leaving(vals['state'])
        return res

    #=== ACTION METHODS ===#

    def action_confirm(self):
        """Override of `sale`: orders that may not be confirmed yet wait on hold, the others go on.

        Nothing is raised at a person, a signing customer or a payment: the hold says what, why and
        who decides, and the order confirms itself once the last finding is settled.
        """
        if not self._gate_is_active():
            self.sudo().gate_clearance = self._gate_entry_clearance()
            return super(SaleOrder, grant(self, 'gate.order', only_these=True)).action_confirm()
        for order in self:
            if error := order._confirmation_error_message():
                raise UserError(error)
        passed = self._gate_hold_or_pass(reason=self.env.context.get('gate_reason'))
        if not passed:
            return True
        for order in passed.sudo():
            order.gate_clearance = order._gate_facts()
        return super(SaleOrder, grant(passed, 'gate.order', only_these=True)).action_confirm()

    def _action_confirm(self):
        # The permission has served: what the confirmation sets off must not inherit it.
        return super(SaleOrder, revoke(self))._action_confirm()

    def _action_cancel(self):
        if self._gate_is_active() and not self.env.su:
            self._gate_check_cancel()
        return super(SaleOrder, grant(self, 'gate.cancel', only_these=True))._action_cancel()

    def action_ask_approval(self):
        """Open the question for approval with room for a reason.

        :return: window action on the wizard
        :raise UserError: if the order is not a quotation
        """
        self.ensure_one()
        self._gate_can_ask()
        if error := self._confirmation_error_message():
            raise UserError(error)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Ask for Approval"),
            'res_model': 'sales.gate.ask',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_order_id': self.id},
        }

    def action_gate_recheck(self):
        """Check orders on hold again; those that nothing stops any more are confirmed.

        :raise AccessError: if the user may not edit the orders
        :return: True
        """
        self._gate_can_ask()
        return self._gate_recheck()

    #=== GATE ===#

    def _gate_is_exempt(self):
        return super()._gate_is_exempt() or not self._gate_is_active()

    def _gate_debtor(self):
        """Return the commercial partner of the invoice address: he will owe the money."""
        self.ensure_one()
        return self.partner_invoice_id.commercial_partner_id

    def _gate_amount(self):
        """Return the order total in company currency at the order's own rate.

        :raise ValidationError: if the order's currency has no usable rate
        :rtype: float
        """
        self.ensure_one()
        if not self.currency_rate > 0:
            raise ValidationError(self.env._(
                "%(order)s has no rate for its currency. Enter a currency rate for the order date first.",
                order=self.display_name))
        return self.company_id.currency_id.round(self.amount_total / self.currency_rate)

    def _gate_document_amount(self):
        return self._gate_amount()

    def _gate_prepare_finding_facts(self):
        return {
            **super()._gate_prepare_finding_facts(),
            'user_id': self.user_id.id,
            'team_id': self.team_id.id,
        }

    def _gate_downpayment_room(self, move):
        """Return how much of the order's value no invoice but ``move`` has claimed yet.

        :param move: the `account.move` about to be posted
        :return: amount in company currency, never negative
        :rtype: float
        """
        self.ensure_one()
        if self.state != 'sale':
            return 0.0
        others = self.invoice_ids.filtered(lambda invoice: invoice.state != 'cancel') - move
        return max(0.0, self._gate_amount() - sum(others.mapped('amount_total_signed')))

    def _gate_findings(self):
        return super()._gate_findings() + [
            finding for order in self for finding in order._gate_price_findings()
        ]

    def _gate_facts(self):
        """Return what the gate cleared or an approver agreed to.

        :return: ``debtor``, ``company``, ``currency``, ``term`` (ids), ``amount`` (company currency)
            and, if prices are checked, ``discount`` and ``margin`` (percent), ``given`` (company
            currency) and ``lines`` (``{line id: [product id, quantity, discount percent]}``), else
            ``None`` for them
        :rtype: dict
        """
        self.ensure_one()
        order = self.sudo()
        facts = {
            'debtor': order._gate_debtor().id,
            'company': order.company_id.id,
            'currency': order.currency_id.id,
            'term': order.payment_term_id.id,
            'amount': order._gate_amount(),
            'discount': None,
            'given': None,
            'margin': None,
            'lines': None,
        }
        if order._gate_checks_prices():
            prices = order._gate_prices(with_cost=order.company_id.gate_check_margin)
            facts.update({key: prices[key] for key in ('discount', 'given', 'margin', 'lines')})
        return facts

    def _gate_is_worse(self, old, new):
        """Tell whether the new facts are worse for the company than the old ones.

        :param dict old: facts as of :meth:`_gate_facts`, or an entry clearance without any
        :param dict new: facts as of :meth:`_gate_facts`
        :rtype: bool
        """
        return self._gate_is_credit_worse(old, new) or self._gate_is_price_worse(old, new)

    def _gate_is_credit_worse(self, old, new):
        if any(old.get(key) != new[key] for key in ('debtor', 'company', 'currency')):
            return True
        if self.company_id.currency_id.compare_amounts(new['amount'], old.get('amount', 0.0)) > 0:
            return True
        return old.get('term') != new['term'] and self._gate_term_days(new['term']) > self._gate_term_days(old.get('term'))

    def _gate_is_price_worse(self, old, new):
        if new['discount'] is None:
            return False
        if old.get('discount') is None:
            return True
        if new['discount'] > old['discount'] + 0.005:
            return True
        if new['margin'] is not None and (old['margin'] is None or new['margin'] < old['margin'] - 0.005):
            return True
        right = self.company_id.gate_discount_right
        if (self._gate_deepest(new) > right
                and self.company_id.currency_id.compare_amounts(new['given'], old['given']) > 0):
            return True
        return any(
            percent > right and percent > (old['lines'].get(line_id) or [0, 0, 0.0])[2] + 0.005
            for line_id, (_product, _quantity, percent) in new['lines'].items()
        )

    def _gate_deepest(self, facts):
        """Return the deepest discount, in percent, of the order and its lines."""
        return max([facts['discount'], *(percent for _product, _quantity, percent in facts['lines'].values())])

    def _gate_term_days(self, term_id):
        """Return the longest number of days that a payment term gives; ``None`` or 0 is immediate."""
        extra = {'days_after_end_of_month': 31, 'days_end_of_month_on_the': 31, 'days_after_end_of_next_month': 62}
        lines = self.env['account.payment.term'].sudo().browse(term_id or []).line_ids
        return max((line.nb_days + extra.get(line.delay_type, 0) for line in lines), default=0)

    def _gate_release(self):
        """Confirm under the rights and name of whoever asked."""
        for order in self:
            asker = order.sudo().hold_asked_by_id
            if not asker.active:
                asker = order.sudo().user_id or self.env.user
            confirming = order.with_user(asker).with_company(order.company_id)
            # A customer asks by signing or paying; stock Odoo confirms that with sudo, so do we.
            if asker.share or not asker.active:
                confirming = confirming.sudo()
            confirming = confirming.with_context(send_email=asker.share)
            try:
                with self.env.cr.savepoint():
                    confirming.action_confirm()
            except (UserError, ValidationError) as error:
                # The decision stands even if the order cannot be confirmed for another reason.
                order.sudo().message_post(body=self.env._(
                    "Released, but it could not be confirmed: %(error)s", error=str(error)))

    def _gate_recheck(self):
        """Check orders on hold again and confirm those that nothing stops any more.

        :return: True
        """
        for order in self.filtered(lambda o: o.sudo().hold_state == 'on_hold' and o.state in ('draft', 'sent')):
            blocking, _findings = order._gate_blocking()
            if not blocking:
                order._gate_settle()
                order._gate_release()
        return True

    @api.model
    def _cron_gate_recheck(self):
        """Confirm orders on hold whose reason has gone: money arrived, the order shrank, a limit rose."""
        orders = self.search([('hold_state', '=', 'on_hold'), ('state', 'in', ('draft', 'sent'))], order='hold_since, id')
        self.env['ir.cron']._commit_progress(remaining=len(orders))
        for order in orders:
            order = order[0].try_lock_for_update()
            order._gate_recheck()
            if not self.env['ir.cron']._commit_progress(1):
                break

    def _gate_after_draft_edit(self):
        """An edit that makes a waiting order worse ends the question that was asked about it."""
        held = self.filtered(lambda order: order.hold_state in ('on_hold', 'released') and order.state in ('draft', 'sent'))
        if held:
            held._approval_revalidate()

    def _gate_after_leaving(self, state):
        """Nothing that was cleared or asked survives leaving the state ``sale`` or being cancelled."""
        orders = self.sudo()
        orders.gate_clearance = False
        if state == 'cancel':
            orders._gate_after_cancel()

    def _gate_entry_clearance(self):
        """Return the clearance of an order that enters the state ``sale`` by a write.

        Pending means "cleared for nothing": the constraint finds the real facts worse and checks them.
        While the area is off nobody checks, which is noted for the time when it is switched on.
        """
        return {'pending': True} if self._gate_is_active() else {'unchecked': True}

    def _gate_complete_clearance(self):
        """Note the facts of orders that were confirmed unchecked, before somebody changes them."""
        if not self or not self._gate_is_active():
            return
        for order in self.sudo():
            cleared = order.gate_clearance or {}
            if cleared.get('unchecked') or (
                cleared.get('debtor') and cleared['discount'] is None and order._gate_checks_prices()
            ):
                order.gate_clearance = order._gate_facts()

    def _gate_check_write(self, vals):
        """Refuse writes that would walk round the gate.

        :param dict vals: the values a user writes
        :raise AccessError: company to which the user has no access
        :raise UserError: unlocking, leaving the state ``sale`` or changing the attribution
        """
        if vals.get('company_id') and vals['company_id'] not in self.env.user._get_company_ids():
            raise AccessError(self.env._("You cannot move an order to a company to which you have no access."))
        confirmed = self.filtered(lambda order: order.state == 'sale')
        if not confirmed:
            return
        if vals.get('state', 'sale') != 'sale' and not granted(confirmed, 'gate.cancel'):
            raise UserError(self.env._("A confirmed order is only left by cancelling it. Use the Cancel button."))
        if self.env.user.has_group('sales_team.group_sale_manager'):
            return
        if 'locked' in vals and not vals['locked'] and any(confirmed.mapped('locked')):
            raise UserError(self.env._("Only a sales administrator may unlock an order."))
        for name in ATTRIBUTION_FIELDS:
            if name in vals and any(order._gate_changes(name, vals[name]) for order in confirmed):
                raise UserError(self.env._(
                    "%(field)s of a confirmed order decides to whom it is credited and when. "
                    "Only a sales administrator may change it.",
                    field=self._fields[name]._description_string(self.env)))

    def _gate_changes(self, name, value):
        field = self._fields[name]
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    def _gate_check_cancel(self):
        """Refuse to cancel away goods that the customer has and nobody has invoiced.

        :raise UserError: unless the user is a credit controller or sales administrator
        """
        if any(self.env.user.has_group(group) for group in (
            'sales_mgmt_addon.group_credit_controller', 'sales_team.group_sale_manager',
        )):
            return
        for line in self.sudo().order_line:
            if (line.state == 'sale' and line.qty_delivered_method == 'stock_move'
                    and line.product_uom_id.compare(line.qty_delivered, line.qty_invoiced) > 0):
                raise UserError(self.env._(
                    "%(order)s has delivered goods that are not invoiced (%(product)s). "
                    "Take them back or invoice them before you cancel the order.",
                    order=line.order_id.display_name, product=line.product_id.display_name))

    #=== PRICES ===#

    def _gate_checks_prices(self):
        return self.company_id.gate_check_discount or self.company_id.gate_check_margin

    def _gate_prices(self, with_cost=True):
        """Weigh the order against list and agreed prices and against its cost.

        :param bool with_cost: whether the margin is wanted; costs are read apart from prices
        :return: ``list``, ``agreed``, ``net``, ``cost`` (untaxed, order currency), ``given`` (agreed less
            net, company currency), ``discount`` and ``margin`` (percent) and ``lines``
            (``{line id: [product id, quantity, discount percent]}``)
        :rtype: dict
        """
        self.ensure_one()
        totals = defaultdict(float)
        lines = {}
        for line in self.order_line:
            if not line._gate_is_priced():
                continue
            figures = line._gate_price_figures()
            for key in ('list', 'agreed', 'net'):
                totals[key] += figures[key]
            if with_cost:
                revenue, cost = line._gate_margin_figures(figures['net'])
                totals['revenue'] += revenue
                totals['cost'] += cost
            if line.product_uom_qty > 0 and figures['agreed'] > 0:
                percent = 100.0 * (1.0 - figures['net'] / figures['agreed'])
                lines[str(line.id or line._origin.id)] = [line.product_id.id, line.product_uom_qty, round(percent, 2)]
        net, agreed, revenue, cost = (totals[key] for key in ('net', 'agreed', 'revenue', 'cost'))
        margin = round(100.0 * (revenue - cost) / revenue, 2) if revenue > 0 else (-100.0 if cost else 0.0)
        return {
            'list': totals['list'],
            'agreed': agreed,
            'net': net,
            'cost': cost,
            'given': self.company_id.currency_id.round((agreed - net) / (self.currency_rate or 1.0)),
            'discount': round(100.0 * (1.0 - net / agreed), 2) if agreed > 0 else 0.0,
            'margin': margin if with_cost else None,
            'lines': lines,
        }

    def _gate_price_findings(self):
        """Return the findings on discount and margin of one order, in the form of `_gate_findings`."""
        self.ensure_one()
        if not self._gate_checks_prices():
            return []
        company = self.company_id
        prices = self.sudo()._gate_prices(with_cost=company.gate_check_margin)
        deepest = self._gate_deepest(prices)
        facts = {key: prices[key] for key in ('list', 'agreed', 'net', 'given', 'discount', 'margin')}
        common = {
            'res_id': self.id, 'severity': 'block', 'amount': prices['given'], 'approval_kind': 'discount',
            'payload': {**facts, 'deepest': deepest},
        }
        findings = []
        if company.gate_check_discount and deepest > company.gate_discount_right + 0.005:
            findings.append({**common, 'code': 'discount', 'message': self.env._(
                "Discount of %(deepest).2f %% (order %(order).2f %%), more than the salesperson's %(right).2f %%",
                deepest=deepest, order=prices['discount'], right=company.gate_discount_right)})
        if company.gate_check_margin and prices['margin'] < company.gate_margin_floor - 0.005:
            findings.append({**common, 'code': 'margin', 'message': self.env._(
                "Margin of %(margin).2f %%, below the floor of %(floor).2f %%",
                margin=prices['margin'], floor=company.gate_margin_floor)})
        return findings

    def _gate_is_entitled_pricelist(self):
        """Tell whether the order uses the pricelist that the customer was given by a manager.

        Any other pricelist is a price decision of the salesperson and measured against the list.
        """
        self.ensure_one()
        own = self.partner_id.with_company(self.company_id).property_product_pricelist
        return bool(self.pricelist_id) and self.pricelist_id == own

    #=== APPROVAL SUBJECT ===#

    def _approval_kinds(self):
        return super()._approval_kinds() + ['credit', 'discount']

    def _approval_amount(self, kind):
        return self._gate_amount() if kind in ('credit', 'discount') else super()._approval_amount(kind)

    def _approval_threshold(self, kind):
        if kind != 'discount':
            return super()._approval_threshold(kind)
        return self._gate_deepest(self.sudo()._gate_prices(with_cost=False))

    def _approval_summary(self, kind):
        """Show the prices to those who decide, and what the customer got before."""
        lines = super()._approval_summary(kind)
        if kind != 'discount':
            return lines
        prices = self.sudo()._gate_prices()

        def money(value):
            return format_amount(self.env, value, self.currency_id)

        return [
            *lines,
            (self.env._("List value"), money(prices['list'])),
            (self.env._("Value at the customer's prices"), money(prices['agreed'])),
            (self.env._("Offered"), money(prices['net'])),
            (self.env._("Effective discount"), f"{prices['discount']:.2f} %"),
            (self.env._("Deepest on a line"), f"{self._gate_deepest(prices):.2f} %"),
            (self.env._("Margin"), f"{prices['margin']:.2f} %"),
            (self.env._("Average discount so far"), f"{self.sudo().gate_past_discount_percent:.2f} %"),
        ]

    def _approval_fingerprint(self, kind):
        codes = self.sudo().hold_finding_ids.filtered(lambda f: f.approval_kind == kind).mapped('code')
        return {**self._gate_facts(), 'codes': sorted(set(codes))}

    def _approval_is_spent(self, kind):
        return self.state == 'sale' or super()._approval_is_spent(kind)

    def _approval_is_worse(self, old, new, kind):
        if kind == 'discount':
            return self._gate_is_price_worse(old, new)
        return self._gate_is_credit_worse(old, new)
