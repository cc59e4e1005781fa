from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

FUNDING = [('platform', "Us"), ('seller', "The seller"), ('shared', "Both")]


class SalesPromotionAdd(models.TransientModel):
    """Make goods of sellers cheaper in one order, and say who pays for it.

    Our part is money that we add: it has no tax, and the seller gets the full price. The seller's part lowers his
    price, with its tax.
    """

    _name = 'sales.promotion.add'
    _description = "Add a Promotion"

    order_id = fields.Many2one(comodel_name='sale.order', string="Order", required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='order_id.currency_id')
    available_seller_ids = fields.Many2many(comodel_name='sales.seller', compute='_compute_goods')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", domain="[('id', 'in', available_seller_ids)]", ondelete='cascade',
        help="Empty: the goods of all sellers in the order, each by his share.")
    goods_amount = fields.Monetary(string="Value of the Goods", compute='_compute_goods', help="Without VAT.")
    name = fields.Char(string="Description", required=True, default=lambda self: self.env._("Promotion"))
    method = fields.Selection(
        selection=[('amount', "Amount"), ('percent', "Share of the Goods")], string="Reduction", required=True, default='amount')
    amount = fields.Monetary(string="Amount", help="Without the VAT of the seller's part.")
    percent = fields.Float(string="Share (%)", digits=(5, 2))
    funding = fields.Selection(selection=FUNDING, string="Paid By", required=True, default='platform')
    platform_percent = fields.Float(string="Our Share (%)", digits=(5, 2), default=50.0)

    # === COMPUTE METHODS === #

    @api.depends('order_id', 'seller_id')
    def _compute_goods(self):
        for wizard in self:
            lines = wizard.order_id._get_promotable_lines()
            wizard.available_seller_ids = lines.seller_id
            wizard.goods_amount = sum(wizard._get_goods().mapped('price_subtotal'))

    # === ACTION METHODS === #

    def action_add(self):
        """Add the lines of the promotion to the order.

        :return: action that closes the wizard
        :raise AccessError: if the user may not change the order, or spend the money of a seller
        :raise UserError: if the amount is nothing, or more than the goods
        """
        self.ensure_one()
        self._check_promotion()
        total = self._get_total()
        goods = self._get_goods()
        amounts = self._share_out(total, goods.grouped('seller_id'))
        values = []
        for seller, lines in goods.grouped('seller_id').items():
            values += self._prepare_lines(seller, lines, amounts[seller])
        self.env['sale.order.line']._create_promotions(values)
        return {'type': 'ir.actions.act_window_close'}

    # === BUSINESS METHODS === #

    def _check_promotion(self):
        self.order_id._check_promotable()
        if self.funding != 'platform' and not self.env.user.has_group('sales_mgmt_addon.group_channel_manager'):
            raise AccessError(self.env._("Only channel managers agree on promotions that a seller pays."))
        if self.seller_id and self.seller_id not in self.available_seller_ids:
            raise UserError(self.env._("%(order)s has no goods of %(seller)s that we sell for him.",
                                       order=self.order_id.name, seller=self.seller_id.name))
        if self.funding == 'shared' and not 0 < self.platform_percent < 100:
            raise UserError(self.env._("Our share lies between 0 and 100 %."))
        left = self.goods_amount + sum(self._get_promotions().mapped('price_subtotal'))
        total = self._get_total()
        if self.currency_id.compare_amounts(total, 0.0) <= 0 or self.currency_id.compare_amounts(total, left) > 0:
            raise UserError(self.env._(
                "The promotion is more than nothing and at most %s, the value of the goods.", self.currency_id.format(left)))

    def _get_goods(self):
        lines = self.order_id._get_promotable_lines()
        return lines.filtered(lambda line: line.seller_id == self.seller_id) if self.seller_id else lines

    def _get_promotions(self):
        sellers = self._get_goods().seller_id
        return self.order_id.order_line.filtered(lambda line: line.sudo().promo_funding and line.seller_id in sellers)

    def _get_total(self):
        return self.currency_id.round(
            self.amount if self.method == 'amount' else self.goods_amount * self.percent / 100)

    def _share_out(self, total, groups):
        """Split an amount over groups of order lines by their value; the cents left over go to the last one.

        :rtype: dict
        """
        values = {key: sum(lines.mapped('price_subtotal')) for key, lines in groups.items()}
        whole, shares, rest = sum(values.values()), {}, total
        for key, value in values.items():
            shares[key] = self.currency_id.round(total * value / whole) if whole else 0.0
            rest -= shares[key]
        shares[key] = self.currency_id.round(shares[key] + rest)
        return shares

    def _prepare_lines(self, seller, lines, amount):
        share = {'platform': 1.0, 'seller': 0.0, 'shared': self.platform_percent / 100}[self.funding]
        ours = self.currency_id.round(amount * share)
        values = [self._prepare_line(seller, 'platform', self.env['account.tax'], ours)] if ours else []
        if theirs := self.currency_id.round(amount - ours):
            groups = defaultdict(lines.browse)
            for line in lines:
                groups[line.tax_ids] |= line
            values += [
                self._prepare_line(seller, 'seller', taxes, part)
                for taxes, part in self._share_out(theirs, groups).items() if part]
        return values

    def _prepare_line(self, seller, funding, taxes, amount):
        included = taxes.filtered('price_include')
        price = amount
        if included:
            price = included.compute_all(amount, self.currency_id, handle_price_include=False)['total_included']
        return {
            'order_id': self.order_id.id,
            'product_id': self._get_product().id,
            'name': self.name,
            'product_uom_qty': 1.0,
            'price_unit': -price,
            'technical_price_unit': 0.0,
            'tax_ids': [Command.set(taxes.ids)],
            'promo_seller_id': seller.id,
            'promo_funding': funding,
            'sequence': 999,
        }

    def _get_product(self):
        """Return the product for discounts of the company, made if there is none yet."""
        company = self.order_id.company_id.sudo()
        if not company.sale_discount_product_id:
            values = self.env['sale.order.discount'].sudo().new({'sale_order_id': self.order_id.id})
            company.sale_discount_product_id = self.env['product.product'].sudo().create(
                values._prepare_discount_product_values())
        return company.sale_discount_product_id
