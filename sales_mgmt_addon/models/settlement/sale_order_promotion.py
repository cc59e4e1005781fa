from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # === ACTION METHODS === #

    def action_add_promotion(self):
        """Open the wizard that makes goods of sellers cheaper.

        :return: window action
        """
        self.ensure_one()
        self._check_promotable()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Promotion"),
            'res_model': 'sales.promotion.add',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_order_id': self.id},
        }

    # === BUSINESS METHODS === #

    def _check_promotable(self):
        """Check that the user may add promotions to the order now.

        :raise AccessError: if he may not write it
        :raise UserError: if it is confirmed, or has no goods of sellers
        """
        self.ensure_one()
        self.check_access('write')
        if self.state not in ('draft', 'sent'):
            raise UserError(self.env._("%s is confirmed. Promotions are added before.", self.name))
        if not self._get_promotable_lines():
            raise UserError(self.env._("%s has no goods that we sell for a seller.", self.name))

    def _freeze_rights(self):
        """Override: goods that a promotion made cheaper may have left the order since.

        :raise UserError: if a promotion is more than the goods it is for
        """
        for order in self:
            promotions = order.sudo().order_line.filtered('promo_funding')
            for seller, lines in promotions.grouped('seller_id').items():
                goods = order.order_line.filtered(lambda line, seller=seller: line.seller_id == seller)
                if order.currency_id.compare_amounts(sum(goods.mapped('price_subtotal')), 0.0) < 0:
                    raise UserError(self.env._(
                        "“%(promotion)s” is more than the goods of %(seller)s in %(order)s. Remove it and add another one.",
                        promotion=lines[0].name, seller=seller.name, order=order.name))
        return super()._freeze_rights()

    def _get_promotable_lines(self):
        """Return the lines with goods that are sold as an agent."""
        return self.order_line._get_agent_lines().filtered(lambda line: not line.sudo().promo_funding)

    def _get_update_prices_lines(self):
        return super()._get_update_prices_lines()._without_promotions()

    def _recompute_prices(self):
        """Override of `sale`: goods of sellers without VAT have a tax once we are the supplier."""
        super()._recompute_prices()
        lines = self._get_update_prices_lines().filtered(lambda line: not line.tax_ids)
        lines.filtered(lambda line: line.sudo().seller_id)._compute_tax_ids()

    def _get_copiable_order_lines(self):
        """Override of `sale`: a promotion belongs to one order."""
        return super()._get_copiable_order_lines()._without_promotions()
