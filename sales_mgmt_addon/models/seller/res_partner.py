from odoo import models
from odoo.exceptions import AccessError, UserError

from .const import MANAGER_GROUP

# What the commercial partner follows
FAMILY_FIELDS = frozenset({'parent_id', 'is_company'})


class ResPartner(models.Model):
    """Offers, money and portal of a seller hang on his commercial partner: nobody is moved there, or away from there."""

    _inherit = 'res.partner'

    # === CRUD METHODS === #

    def write(self, vals):
        if self.env.su or FAMILY_FIELDS.isdisjoint(vals) or not self._handover_may_move(vals):
            return super().write(vals)
        customers = self._get_family_customers()
        res = super().write(vals)
        self._check_seller_moves({
            partner: customer for partner, customer in customers.items() if partner.commercial_partner_id != customer})
        return res

    # === BUSINESS METHODS === #

    def _get_sellers(self):
        """Return the sellers, of any company and status, that these partners are, sudoed."""
        return self.env['sales.seller'].sudo().with_context(active_test=False).search([('partner_id', 'in', self.ids)])

    def _check_seller_moves(self, customers):
        """Refuse to put sellers under other partners, and people with a login under a seller or away from him.

        :param dict customers: former commercial partner per partner that has another one now, sudoed
        :raise UserError: if a seller would become a contact
        :raise AccessError: if somebody would gain or lose the portal of a seller
        """
        if not customers:
            return
        moved = self.browse().sudo().union(*customers)
        sellers = moved.union(*customers.values(), moved.commercial_partner_id)._get_sellers()
        if lost := (sellers.partner_id & moved)[:1]:
            raise UserError(self.env._(
                "%s sells through us, so it stays a partner of its own. Add a contact to it instead.", lost.display_name))
        if not sellers or self._may_move_sellers():
            return
        for partner, customer in customers.items():
            if (customer | partner.commercial_partner_id) & sellers.partner_id and any(partner.user_ids.mapped('active')):
                self._refuse_seller_login(partner)

    def _may_move_sellers(self):
        return any(self.env.user.has_group(group) for group in (MANAGER_GROUP, 'base.group_system'))

    def _refuse_seller_login(self, partner):
        raise AccessError(self.env._(
            "%s has a login, and whoever belongs to a seller works in his portal. Ask a channel manager.",
            partner.display_name))
