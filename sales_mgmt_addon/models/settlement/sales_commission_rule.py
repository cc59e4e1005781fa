from collections import namedtuple
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

# What decides on the rule for a line: company, seller, product, channel (records or empty) and the day
RuleQuestion = namedtuple('RuleQuestion', 'company seller product channel date')
SCOPE = ('company_id', 'kind', 'seller_id', 'channel_id', 'category_id', 'product_id')
# What may change on a rule that has been applied
FREE_FIELDS = {'name', 'sequence', 'active', 'date_to'}


class SalesCommissionRule(models.Model):
    """What we charge a seller: commission on a sale, or a fee for each unit we ship for him.

    The most specific rule holds. A rule that has been applied is never edited: it ends, and a new one follows.
    """

    _name = 'sales.commission.rule'
    _description = "Commission Rule"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True)
    sequence = fields.Integer(string="Sequence", default=10)
    active = fields.Boolean(string="Active", default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, default=lambda self: self.env.company.currency_id)
    kind = fields.Selection(
        selection=[('commission', "Commission"), ('fulfilment', "Fulfilment Fee")], string="Kind", required=True,
        default='commission')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='cascade', check_company=True)
    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='cascade', check_company=True)
    category_id = fields.Many2one(
        comodel_name='product.category', string="Product Category", index='btree_not_null', ondelete='cascade',
        help="With all categories below it.")
    product_id = fields.Many2one(
        comodel_name='product.product', string="Product", index='btree_not_null', ondelete='cascade', check_company=True)
    percent = fields.Float(string="Rate (%)", digits=(7, 4))
    fixed_unit = fields.Monetary(string="Per Unit")
    fixed_line = fields.Monetary(string="Per Order Line")
    minimum = fields.Monetary(string="Minimum", help="Per order line, without the amount per order line.")
    maximum = fields.Monetary(string="Maximum", help="Per order line, without the amount per order line. 0: no maximum.")
    base = fields.Selection(
        selection=[('net', "Net Price"), ('gross', "Price with Tax"), ('list', "Net Price before Discounts and Promotions")],
        string="Base", required=True, default='net', help="What a platform pays of a promotion never lowers the base.")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    refund_policy = fields.Selection(
        selection=[('full', "Give Back Fully"), ('percent', "Give Back a Share"), ('none', "Keep")],
        string="On a Refund", required=True, default='full',
        help="A share leaves out the amount per order line, which we keep.")
    refund_percent = fields.Float(string="Share Given Back (%)", digits=(5, 2), default=100.0)
    is_used = fields.Boolean(string="Applied", compute='_compute_is_used')

    _check_amounts = models.Constraint(
        'CHECK (percent >= 0 AND percent <= 100 AND fixed_unit >= 0 AND fixed_line >= 0 AND minimum >= 0 AND maximum >= 0'
        ' AND (maximum = 0 OR maximum >= minimum))',
        "Rates lie between 0 and 100 %, amounts are not negative, and the maximum is not below the minimum.")
    _check_refund_percent = models.Constraint(
        'CHECK (refund_percent >= 0 AND refund_percent <= 100)', "The share given back lies between 0 and 100 %.")
    _check_dates = models.Constraint('CHECK (date_to >= date_from)', "The rule ends before it begins.")
    _check_one_subject = models.Constraint(
        'CHECK (category_id IS NULL OR product_id IS NULL)', "A rule is for a category or for a product, not for both.")

    # === COMPUTE METHODS === #

    def _compute_is_used(self):
        used = self.browse(self._get_used_ids())
        for rule in self:
            rule.is_used = rule._origin in used

    # === CONSTRAINT METHODS === #

    @api.constrains('active', 'date_from', 'date_to', *SCOPE)
    def _check_overlap(self):
        """Two rules for the same goods on the same day would leave it open which one holds."""
        rules = self.filtered('active')
        others = self.sudo().search([
            ('company_id', 'in', rules.company_id.ids), ('kind', 'in', list(set(rules.mapped('kind'))))])
        for rule in rules:
            clash = others.filtered(lambda other, rule=rule: (
                other.id != rule.id and all(other[name] == rule[name] for name in SCOPE)
                and (other.date_from or date.min) <= (rule.date_to or date.max)
                and (rule.date_from or date.min) <= (other.date_to or date.max)))[:1]
            if clash:
                raise ValidationError(self.env._(
                    "%(rule)s is for the same goods as %(other)s (%(rate)s). On %(day)s both would hold: end the other one"
                    " first, or choose other days.",
                    rule=rule.name, other=clash.name, rate=clash._get_rate_text(),
                    day=format_date(self.env, self._get_clash_day(rule, clash))))

    def _get_clash_day(self, rule, other):
        """Return the first day on which both rules hold, or today if they always did."""
        starts = [day for day in (rule.date_from, other.date_from) if day]
        ends = [day for day in (rule.date_to, other.date_to) if day]
        return max(starts) if starts else min([fields.Date.context_today(self), *ends])

    # === CRUD METHODS === #

    def write(self, vals):
        changed = vals.keys() - FREE_FIELDS
        if changed and (used := self.browse(self._get_used_ids())):
            raise UserError(self.env._(
                "%(rule)s has been applied. End it and make a new rule, so that what was charged stays explained.",
                rule=used[0].name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if used := self.browse(self._get_used_ids()):
            raise UserError(self.env._("%(rule)s has been applied and cannot be deleted. End it instead.", rule=used[0].name))

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%s (copy)", rule.name), 'active': False}
            for rule, vals in zip(self, super().copy_data(default), strict=True)]

    # === ACTION METHODS === #

    def action_open_ledger(self):
        """Open what the rule has charged.

        :raise AccessError: if the user may not read the rule
        :return: window action
        """
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_seller_ledger_action')
        return {**action, 'domain': [('rule_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS === #

    def _get_used_ids(self):
        """Return the ids of those of the rules that an order or the ledger refers to."""
        rules = self._origin
        if not rules:
            return []
        used = set()
        for model, names in (('sales.seller.ledger', ['rule_id']), ('sale.order.line', ['commission_rule_id', 'fee_rule_id'])):
            for name in names:
                used.update(rule.id for (rule,) in self.env[model].sudo()._read_group(
                    [(name, 'in', rules.ids)], [name]))
        return list(used)

    @api.model
    def _resolve(self, kind, questions):
        """Return the rule that holds for each question: the most specific one.

        Seller with product > seller with deepest category > seller > product > deepest category > channel > all.
        Ties go to the lower sequence, then to the older rule.

        :param str kind: ``'commission'`` or ``'fulfilment'``
        :param list[RuleQuestion] questions: what is asked
        :return: parallel to ``questions``: a rule or an empty recordset
        :rtype: list
        """
        if not questions:
            return []
        rules = self.sudo().search([
            ('kind', '=', kind), ('company_id', 'in', list({question.company.id for question in questions}))])
        chosen = {}
        for question in questions:
            if question not in chosen:
                holding = [rule for rule in rules if rule._is_holding(question)]
                chosen[question] = min(holding, key=lambda rule: rule._get_rank(), default=self.browse())
        return [chosen[question].with_env(self.env) for question in questions]

    def _is_holding(self, question):
        product, channel = question.product, question.channel
        return (
            self.company_id == question.company
            and (not self.date_from or self.date_from <= question.date)
            and (not self.date_to or question.date <= self.date_to)
            and (not self.seller_id or self.seller_id == question.seller)
            and (not self.product_id or self.product_id == product)
            and (not self.category_id or (product.categ_id.parent_path or '').startswith(self.category_id.parent_path))
            and (not self.channel_id or (channel.parent_path or '').startswith(self.channel_id.parent_path)))

    def _get_rank(self):
        """Return the place of the rule among those that hold, the lowest first."""
        subject = 2 if self.product_id else 1 if self.category_id else 0
        depth = len((self.category_id.parent_path or '').split('/'))
        channel_depth = len((self.channel_id.parent_path or '').split('/')) if self.channel_id else 0
        return (not self.seller_id, -subject, -depth, -channel_depth, self.sequence, self.id)

    def _get_amounts(self, currency, day):
        """Return the amounts of the rule in another currency.

        :return: (per unit, per line, minimum, maximum), unrounded
        :raise UserError: if a currency has no rate
        """
        amounts = (self.fixed_unit, self.fixed_line, self.minimum, self.maximum)
        if currency == self.currency_id or not any(amounts):
            return amounts
        return tuple(self.currency_id._convert(amount, currency, self.company_id, day, round=False) for amount in amounts)

    def _get_rate_text(self):
        """Return what the rule charges, in words: "15 % + 0.30 per unit"."""
        parts = [f"{self.percent:g} %"] if self.percent else []
        if self.fixed_unit:
            parts.append(self.env._("%s per unit", self.currency_id.format(self.fixed_unit)))
        if self.fixed_line:
            parts.append(self.env._("%s per order line", self.currency_id.format(self.fixed_line)))
        if self.minimum:
            parts.append(self.env._("at least %s", self.currency_id.format(self.minimum)))
        if self.maximum:
            parts.append(self.env._("at most %s", self.currency_id.format(self.maximum)))
        return " + ".join(parts[:2]) + "".join(f", {part}" for part in parts[2:]) if parts else "0 %"
