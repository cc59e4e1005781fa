from collections import namedtuple

from odoo import api, fields, models

# What is charged for: records, signed figures in the currency of the document (- for what is given back)
Subject = namedtuple('Subject', 'sale_line seller company currency date quantity net gross list_net values')


class SalesSellerLedger(models.Model):
    _inherit = 'sales.seller.ledger'

    fixed_amount = fields.Monetary(
        string="Fixed Part", readonly=True, help="Part of the amount that is charged once per order line.")

    # === BUSINESS METHODS === #

    @api.model
    def _prepare_charges(self, items):
        """Return the commission and fee rows for invoice lines that are going to be posted.

        A credit note gives back what was charged for the order line, pro rata. It is found through the order
        line: Odoo does not link every credit note to its invoice.

        :param items: `account.move.line` records, sold as an agent
        :rtype: list[dict]
        """
        subjects = [subject for item in items if (subject := self._prepare_subject(item))]
        return self._prepare_charges_of(subjects)

    @api.model
    def _prepare_subject(self, item):
        sale_line = item.sale_line_ids[:1]
        if not sale_line:
            return None
        move = item.move_id
        sign = -1 if move.move_type == 'out_refund' else 1
        quantity = item.product_uom_id._compute_quantity(item.quantity, sale_line.product_uom_id, round=False)
        undiscounted = item.price_subtotal / (1 - item.discount / 100) if item.discount < 100 else 0.0
        return Subject(
            sale_line, item.seller_id, move.company_id, move.currency_id, move._get_ledger_date(), sign * quantity,
            sign * item.price_subtotal, sign * item.price_total, sign * undiscounted,
            {'move_id': move.id, 'aml_id': item.id, 'product_id': item.product_id.id})

    @api.model
    def _prepare_charges_of(self, subjects):
        """Return the commission and fee rows for what is sold or taken back.

        :param list[Subject] subjects: in the order in which they happen
        :rtype: list[dict]
        """
        sale_lines = self.env['sale.order.line'].union(*(subject.sale_line for subject in subjects))
        terms = sale_lines._get_commission_terms()
        past = self._get_past_charges(sale_lines)
        taxes = {}
        rows = []
        for subject in subjects:
            rule, rate, fee_rule = terms.get(subject.sale_line.id, (self.env['sales.commission.rule'], 0.0, None))
            for kind, law, percent in (('commission', rule, rate), ('fee', fee_rule, fee_rule.percent if fee_rule else 0.0)):
                if not law and not percent:
                    continue
                history = past.setdefault((subject.sale_line.id, kind, subject.currency.id), History())
                row = self._prepare_charge(subject, kind, law, percent, history)
                if row:
                    key = (subject.company, subject.seller)
                    if key not in taxes:
                        taxes[key] = subject.seller._get_charge_taxes()
                    row['tax_amount'] = self._compute_charge_tax(taxes[key], row['amount'], subject.currency)
                    rows.append(row)
        return rows

    @api.model
    def _get_past_charges(self, sale_lines):
        """Return what was charged and given back for order lines so far.

        :return: by order line id, kind and currency id
        :rtype: dict[tuple, History]
        """
        rows = self.search_fetch(
            [('sale_line_id', 'in', sale_lines.ids), ('kind', 'in', ('commission', 'fee'))],
            ['sale_line_id', 'kind', 'currency_id', 'quantity', 'base_amount', 'amount', 'fixed_amount'])
        past = {}
        for row in rows:
            history = past.setdefault((row.sale_line_id.id, row.kind, row.currency_id.id), History())
            history.add(row.quantity, row.base_amount, -row.amount, row.fixed_amount)
        return past

    @api.model
    def _prepare_charge(self, subject, kind, rule, rate, history):
        """Return the values of one commission or fee row, or None if it is nothing."""
        is_promotion = bool(subject.sale_line.sudo().promo_funding)
        base = self._get_charge_base(subject, rule, is_promotion)
        if subject.quantity < 0:
            charge, fixed = history.get_refund(rule, base)
        else:
            amounts = (0.0, 0.0, 0.0, 0.0) if is_promotion else rule._get_amounts(subject.currency, subject.date)
            charge, fixed = history.get_charge(rate, amounts, base, subject.quantity)
        charge = subject.currency.round(charge)
        if subject.currency.is_zero(charge):
            return None
        history.add(subject.quantity, base, charge, fixed)
        return {
            'seller_id': subject.seller.id, 'company_id': subject.company.id, 'currency_id': subject.currency.id,
            'date': subject.date, 'kind': kind, 'amount': -charge, 'fixed_amount': fixed,
            'sale_line_id': subject.sale_line.id, 'quantity': subject.quantity, 'rule_id': rule.id, 'rate': rate,
            'base_amount': base, 'note': self._get_charge_note(subject, rule, rate, base), **subject.values,
        }

    @api.model
    def _get_charge_base(self, subject, rule, is_promotion):
        if rule.base == 'gross':
            return subject.gross
        if rule.base == 'list':
            return 0.0 if is_promotion else subject.list_net
        return subject.net

    @api.model
    def _get_charge_note(self, subject, rule, rate, base):
        """Return why a charge is what it is, in words."""
        name = rule.name or self.env._("Average of the goods")
        if subject.quantity < 0:
            return self.env._(
                "%(rule)s: given back on %(base)s", rule=name, base=subject.currency.format(abs(base)))
        text = rule._get_rate_text() if rule and not subject.sale_line.sudo().promo_funding else f"{rate:g} %"
        return self.env._("%(rule)s: %(rate)s of %(base)s", rule=name, rate=text, base=subject.currency.format(base))

    @api.model
    def _compute_charge_tax(self, taxes, amount, currency):
        if not taxes:
            return 0.0
        result = taxes.compute_all(amount, currency=currency, handle_price_include=False)
        return currency.round(result['total_included'] - result['total_excluded'])


class History:
    """What was charged for an order line so far, and what of it was given back."""

    __slots__ = ('base', 'quantity', 'charge', 'fixed', 'base_back', 'quantity_back', 'charge_back', 'fixed_back')

    def __init__(self):
        for name in self.__slots__:
            setattr(self, name, 0.0)

    def add(self, quantity, base, charge, fixed):
        """Add a row: negative quantities are given back. ``charge`` includes ``fixed``."""
        if quantity >= 0:
            self.quantity += quantity
            self.base += base
            self.charge += charge - fixed
            self.fixed += fixed
        else:
            self.quantity_back -= quantity
            self.base_back -= base
            self.charge_back -= charge - fixed
            self.fixed_back -= fixed

    def get_charge(self, rate, amounts, base, quantity):
        """Return what another sale costs: minimum and maximum hold for all of the order line that was not returned.

        :param float rate: percent
        :param tuple amounts: per unit, per line, minimum, maximum
        :return: (charge with the fixed part, fixed part)
        """
        per_unit, per_line, minimum, maximum = amounts
        kept = 1 - self.base_back / self.base if self.base else 1.0
        total = rate / 100 * (self.base * kept + base) + per_unit * (self.quantity * kept + quantity)
        if minimum or maximum:
            total = max(total, minimum)
            variable = (min(total, maximum) if maximum else total) - self.charge * kept
        else:
            variable = rate / 100 * base + per_unit * quantity
        fixed = max(per_line - (self.fixed - self.fixed_back), 0.0)
        return variable + fixed, fixed

    def get_refund(self, rule, base):
        """Return what is given back, as negative figures, for taking back ``base`` (negative; the sign of the sale turned).

        :return: (charge with the fixed part, fixed part)
        """
        share = min(1.0, (self.base_back - base) / self.base) if self.base else 1.0
        policy = {'full': 1.0, 'percent': rule.refund_percent / 100, 'none': 0.0}[rule.refund_policy or 'full']
        variable = self.charge * share * policy - self.charge_back
        fixed = (self.fixed * share if policy == 1.0 and rule.refund_policy != 'percent' else 0.0) - self.fixed_back
        # What was given back under way is never asked for again
        variable, fixed = (max(variable, 0.0) if self.charge >= 0 else min(variable, 0.0)), max(fixed, 0.0)
        return -(variable + fixed), -fixed
