from odoo import models
from odoo.exceptions import UserError

from .owner_rule import get_rule


class StockQuant(models.Model):
    _inherit = 'stock.quant'

    def write(self, vals):
        """Override of `stock`: goods change hands by transfers and sales only.

        :raise UserError: if somebody would give goods to a seller, or take his
        """
        if 'owner_id' in vals and not self.env.su:
            for quant in self:
                owners = {quant.owner_id.id or False, vals['owner_id'] or False}
                if len(owners) > 1 and owners & self.env['sales.seller']._get_owner_ids(quant.company_id.id):
                    raise UserError(self.env._(
                        "The owner of %(goods)s cannot be changed: they are or would be a seller's.",
                        goods=quant.product_id.display_name))
        return super().write(vals)

    def _get_gather_domain(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False):
        """Override of `stock` to find goods of the owner only, where a movement is bound to one."""
        domain = super()._get_gather_domain(
            product_id, location_id, lot_id=lot_id, package_id=package_id, owner_id=owner_id, strict=strict)
        rule = get_rule(self.env)
        if rule and not strict and not owner_id:
            domain &= rule.get_domain()
        return domain

    def _compute_value(self):
        """Override of `stock_account`: our value spreads over our goods, not over those that others keep here."""
        for company, quants in self.grouped('company_id').items():
            owners = [False, company.partner_id.id]
            super(StockQuant, quants.with_context(owners=owners))._compute_value()
