from odoo import api, fields, models

from ...internal import grant
from ...server_fields import check_server_fields, without_defaults
from ..channel.const import LEDGER_GUARD
from .sales_commission_rule import RuleQuestion

FROZEN_FIELDS = {'commission_rule_id', 'commission_rate', 'fee_rule_id', 'purchase_price_agreed', 'commission_frozen'}


class SaleOrderLine(models.Model):
    """What we charge the seller for a line: looked up while the order is open, frozen when it is confirmed."""

    _inherit = 'sale.order.line'

    commission_rule_id = fields.Many2one(
        comodel_name='sales.commission.rule', string="Commission Rule", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups='sales_mgmt_addon.group_channel_manager,sales_mgmt_addon.group_settlement_officer')
    commission_rate = fields.Float(
        string="Commission (%)", digits=(7, 4), readonly=True, copy=False, groups='base.group_user')
    fee_rule_id = fields.Many2one(
        comodel_name='sales.commission.rule', string="Fulfilment Fee", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups='sales_mgmt_addon.group_channel_manager,sales_mgmt_addon.group_settlement_officer')
    purchase_price_agreed = fields.Monetary(
        string="Agreed Purchase Price", readonly=True, copy=False, groups='base.group_user',
        help="What we owe the seller for a unit that we sell as principal, in the currency of the order.")
    commission_frozen = fields.Boolean(string="Commission Frozen", readonly=True, copy=False, groups='base.group_user')

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_commission_fields(vals_list)
        return super(SaleOrderLine, without_defaults(self, FROZEN_FIELDS, LEDGER_GUARD)).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: with the rights of a line, what we charge for it is frozen, and forgotten."""
        self._check_commission_fields([vals])
        res = super().write(vals)
        if vals.get('rights_frozen_on'):
            self._freeze_commissions()
            # by whatever route: the taxes are those of who supplies by the frozen rights
            self._set_supplier_taxes(strict=False)
        elif 'rights_frozen_on' in vals:
            frozen = self.sudo().filtered('commission_frozen')
            grant(frozen, LEDGER_GUARD).write(dict.fromkeys(FROZEN_FIELDS, False))
        return res

    def _check_commission_fields(self, vals_list):
        check_server_fields(
            self, vals_list, FROZEN_FIELDS, LEDGER_GUARD,
            self.env._("What we charge a seller comes from the commission rules and cannot be typed."))

    # === BUSINESS METHODS === #

    def _freeze_commissions(self):
        """Note the rules of lines of sellers for good: later rules change nothing for them."""
        lines = self.sudo().filtered(lambda line: not line.display_type and not line.commission_frozen)
        terms = lines._get_commission_terms()
        lines = lines.filtered(lambda line: line.id in terms)
        for values, group in lines.grouped(lambda line: (*terms[line.id], line._get_purchase_price_agreed())).items():
            rule, rate, fee_rule, purchase_price = values
            grant(group, LEDGER_GUARD).write({
                'commission_rule_id': rule.id, 'commission_rate': rate, 'fee_rule_id': fee_rule.id,
                'purchase_price_agreed': purchase_price, 'commission_frozen': True})

    def _get_purchase_price_agreed(self):
        """Return the purchase price of the offer for a unit of the line, in the currency of the order."""
        offer = self.offer_id
        if not offer.purchase_price:
            return 0.0
        price = offer.product_id.uom_id._compute_price(offer.purchase_price, self.product_uom_id)
        return offer.currency_id._convert(
            price, self.currency_id, self.company_id, fields.Date.context_today(self), round=False)

    def _get_commission_terms(self):
        """Return the terms of the lines of sellers: frozen ones as they are, others as the rules in force say today.

        A promotion of a seller has the average rate of the goods it makes cheaper.

        :return: by line id: (commission rule, rate in percent, fulfilment fee rule)
        :rtype: dict[int, tuple]
        """
        lines = self.sudo()
        terms = {
            line.id: (line.commission_rule_id, line.commission_rate, line.fee_rule_id)
            for line in lines if line.commission_frozen}
        rights = lines.filtered(lambda line: line.id not in terms)._get_seller_rights()
        opened = lines.filtered(lambda line: line.id in rights)
        goods = opened.filtered(lambda line: not line.promo_funding)
        terms.update(goods._resolve_commissions(rights))
        for line in (opened - goods):
            terms[line.id] = line._get_promotion_terms()
        return terms

    def _resolve_commissions(self, rights):
        today = fields.Date.context_today(self)
        questions = [
            RuleQuestion(line.company_id, line.seller_id, line.product_id, line.order_id.channel_id, today) for line in self]
        Rule = self.env['sales.commission.rule']
        rules = Rule._resolve('commission', questions)
        hosted = [rights[line.id]['fulfilled_by'] == 'company' and rights[line.id]['inventory_owner'] == 'seller'
                  for line in self]
        fees = Rule._resolve('fulfilment', questions) if any(hosted) else [Rule] * len(self)
        return {
            line.id: (rule, rule.percent, fee if is_hosted else Rule)
            for line, rule, fee, is_hosted in zip(self, rules, fees, hosted, strict=True)}

    def _get_promotion_terms(self):
        """Return the terms of a promotion: those of the goods of the seller in the order, weighted by their price."""
        goods = self.order_id.order_line.filtered(
            lambda line: line.seller_id == self.seller_id and not line.promo_funding and not line.display_type)
        terms = list(goods._get_commission_terms().values())
        weights = [line.price_subtotal for line in goods]
        rules = self.env['sales.commission.rule'].union(*(rule for rule, _rate, _fee in terms))
        total = sum(weights)
        rates = [rate for _rule, rate, _fee in terms]
        rate = sum(r * w for r, w in zip(rates, weights, strict=True)) / total if total else max(rates, default=0.0)
        return rules if len(rules) == 1 else rules.browse(), rate, rules.browse()
