from odoo import api, fields, models
from odoo.tools import float_round

from ...internal import grant
from .sale_order_line_promotion import PROMOTION_GUARD

# Context of the lines that are being invoiced: by id of a promotion line, what of it goes on the document
SHARES = 'sales_promotion_shares'


class SaleOrderLine(models.Model):
    """A promotion goes on the documents with the goods that it makes cheaper, and comes back with them."""

    _inherit = 'sale.order.line'

    promo_goods_value = fields.Monetary(
        string="Value of the Promoted Goods", readonly=True, copy=False, groups='base.group_user',
        help="Value of the goods when the order was confirmed. The promotion is invoiced with them, by their share of it.")

    # === COMPUTE METHODS === #

    @api.depends('invoice_lines.price_unit', 'invoice_lines.discount')
    def _compute_qty_invoiced(self):
        return super()._compute_qty_invoiced()

    def _prepare_qty_invoiced(self):
        """Override of `sale`: of a promotion the invoiced amount counts, as a share of all of it."""
        quantities = super()._prepare_qty_invoiced()
        for line in self._get_promotions():
            quantities[line] = line._get_promotion_part(line._get_invoiced_promotion())
        return quantities

    @api.depends('invoice_lines.price_unit', 'invoice_lines.discount')
    def _compute_qty_invoiced_posted(self):
        super()._compute_qty_invoiced_posted()
        for line in self._get_promotions():
            line.qty_invoiced_posted = line._get_promotion_part(line._get_invoiced_promotion(('posted',)))

    @api.depends('qty_to_invoice', 'qty_invoiced', 'qty_invoiced_posted')
    def _compute_untaxed_amount_to_invoice(self):
        super()._compute_untaxed_amount_to_invoice()
        for line in self._get_promotions():
            line.untaxed_amount_to_invoice = line.price_subtotal * line._get_part_to_invoice()

    @api.depends('qty_to_invoice', 'qty_invoiced')
    def _compute_amount_to_invoice(self):
        super()._compute_amount_to_invoice()
        for line in self._get_promotions():
            line.amount_to_invoice = line.price_total * line._get_part_to_invoice()

    # === BUSINESS METHODS === #

    def _get_promotions(self):
        """Return those of the lines that are promotions on goods of sellers."""
        return self.filtered(lambda line: line.sudo().promo_funding)

    def _freeze_rights(self):
        """Override: with the rights of a promotion, the value of the goods that it is for is frozen."""
        super()._freeze_rights()
        promotions = self.sudo()._get_promotions().filtered(lambda line: line.rights_frozen_on and not line.promo_goods_value)
        for line in promotions:
            grant(line, PROMOTION_GUARD).promo_goods_value = sum(
                goods._get_promoted_value(goods.product_uom_qty) for goods in line._get_promoted_goods())

    def _unfreeze_rights(self):
        super()._unfreeze_rights()
        if promotions := self.sudo().filtered('promo_goods_value'):
            grant(promotions, PROMOTION_GUARD).promo_goods_value = 0.0

    def _get_promoted_goods(self):
        """Return the lines with the goods that a promotion makes cheaper. Note: self.ensure_one()

        These are the goods of its seller on the same document; where the seller pays, those with the taxes of the line.
        """
        self.ensure_one()
        line = self.sudo()
        goods = line.order_id.order_line.filtered(
            lambda other: other.seller_id == line.seller_id and not other.promo_funding and not other.display_type)
        for is_same in (
            lambda other: (other.revenue_presentation, other.contracting_party) == (
                line.revenue_presentation, line.contracting_party),
            lambda other: line.promo_funding == 'platform' or other.tax_ids == line.tax_ids,
        ):
            goods = goods.filtered(is_same) or goods
        return goods.with_env(self.env)

    def _get_promoted_value(self, quantity):
        """Return what a quantity of goods is worth at the price of the confirmation, in the currency of the order."""
        line = self.sudo()
        price = line.price_snapshot if line.rights_frozen_on else line.price_unit
        return quantity * price * (1 - line.discount / 100)

    def _get_invoiced_promotion(self, states=('draft', 'posted')):
        """Return what of a promotion is on documents, in the currency of the order: negative, like its price."""
        total = 0.0
        for item in self.sudo()._get_invoice_lines():
            move = item.move_id
            if move.state in states or move.payment_state == 'invoicing_legacy':
                amount = item.quantity * item.price_unit * (1 - item.discount / 100)
                date = move.invoice_date or fields.Date.context_today(self)
                total -= move.direction_sign * item.currency_id._convert(amount, self.currency_id, self.company_id, date)
        return total

    def _get_open_promotion(self, included):
        """Return what of a promotion goes on a document: its share for all goods invoiced then, less what was invoiced.

        :param included: `sale.order.line` records on the document
        :return: amount in the currency of the order, like the price: negative, or positive for what is taken back
        :rtype: float
        """
        self.ensure_one()
        goods = self._get_promoted_goods()
        value = sum(line._get_promoted_value(
            line.qty_invoiced + (line.qty_to_invoice if line in included else 0.0)) for line in goods)
        whole = self.sudo().promo_goods_value or sum(line._get_promoted_value(
            max(line.product_uom_qty, line.qty_delivered, line.qty_invoiced)) for line in goods)
        share = min(max(value / whole, 0.0), 1.0) if whole > 0 else 1.0
        return self.currency_id.round(self.price_unit * share - self._get_invoiced_promotion())

    def _get_promotion_part(self, amount):
        """Return an amount as part of the promotion, in the digits of quantities; a little is never nothing."""
        if not self.price_unit or self.currency_id.is_zero(amount):
            return 0.0
        digits = self.env['decimal.precision'].precision_get('Product Unit')
        part = amount / self.price_unit
        return float_round(part, precision_digits=digits) or (10 ** -digits if part > 0 else -10 ** -digits)

    def _get_part_to_invoice(self):
        """Return which part of a promotion is on no posted document yet, of what goes with the goods to invoice."""
        return self.qty_invoiced + self.qty_to_invoice - self.qty_invoiced_posted

    def _set_promotions_to_invoice(self):
        """Let the promotions of the orders follow what is to be invoiced of the goods."""
        theirs = self.filtered(lambda line: line.sudo().seller_id)
        promotions = self._get_promotions() | theirs.order_id.order_line._get_promotions()
        for line in promotions.filtered(lambda line: line.state == 'sale'):
            goods = line._get_promoted_goods()
            line.qty_to_invoice = line._get_promotion_part(line._get_open_promotion(goods))

    def _set_promotion_status(self):
        """A promotion is invoiced once its goods are, even if goods and promotion came back."""
        for line in self._get_promotions().filtered(lambda line: line.state == 'sale' and not line.qty_to_invoice):
            done = all(goods.invoice_status in ('invoiced', 'upselling') for goods in line._get_promoted_goods())
            line.invoice_status = 'invoiced' if done else 'no'

    def _prepare_promotion_share(self):
        """Return price and quantity of a promotion on a document: quantities have too few digits for a share."""
        amount = self.env.context.get(SHARES, {}).get(self.id)
        if amount is None:
            amount = self._get_open_promotion(self._get_promoted_goods())
        return {'quantity': -1.0 if amount * self.price_unit < 0 else 1.0, 'price_unit': -abs(amount)}
