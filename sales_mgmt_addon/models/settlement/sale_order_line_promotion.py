from odoo import api, models
from odoo.exceptions import UserError

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults

PROMOTION_GUARD = 'channel.promotion'
SERVER_FIELDS = {'promo_seller_id', 'promo_funding', 'promo_goods_value'}
# What a promotion is worth, and for what
VALUE_FIELDS = {'product_id', 'product_uom_id', 'product_uom_qty', 'price_unit', 'discount', 'tax_ids', 'offer_id'}


class SaleOrderLine(models.Model):
    """Promotions on goods of sellers: lines that only the wizard makes, because they say who pays."""

    _inherit = 'sale.order.line'

    # === COMPUTE METHODS === #

    def _compute_price_unit(self):
        super(SaleOrderLine, self._without_promotions())._compute_price_unit()

    def _compute_discount(self):
        super(SaleOrderLine, self._without_promotions())._compute_discount()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        given = [{name: value for name, value in vals.items() if value} for vals in vals_list]
        self._check_promotion_fields(given)
        return super(SaleOrderLine, without_defaults(self, SERVER_FIELDS, PROMOTION_GUARD)).create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_promotion_fields([vals])
        guarded = VALUE_FIELDS & vals.keys() and not granted(self, PROMOTION_GUARD)
        if guarded and (promotion := self._get_promotions()[:1]):
            raise UserError(self.env._(
                "“%(line)s” is a promotion. Remove it and add another one; its amount says who pays how much.",
                line=promotion.name))
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _without_promotions(self):
        return self - self._get_promotions()

    def _check_promotion_fields(self, vals_list):
        check_server_fields(
            self, vals_list, SERVER_FIELDS, PROMOTION_GUARD,
            self.env._("Promotions of sellers are added with the button on the order."))

    def _gate_price_figures(self):
        """Override: what a seller gives away himself is no discount of ours."""
        figures = super()._gate_price_figures()
        if self.sudo().promo_funding == 'seller':
            net = figures['net']
            return {'list': net, 'agreed': net, 'net': net}
        return figures

    def _gate_cost(self):
        """Override: what we pay of a promotion lowers our margin by all of it."""
        return 0.0 if self.sudo().promo_funding == 'platform' else super()._gate_cost()

    def _create_promotions(self, vals_list):
        """Create promotion lines; the caller has checked that they may be made."""
        return grant(self, PROMOTION_GUARD).create(vals_list).with_env(self.env)
