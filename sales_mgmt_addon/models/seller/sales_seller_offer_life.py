from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .const import MANAGER_GROUP
from .reason import ask_reason, clean_reason


class SalesSellerOffer(models.Model):
    """The life of an offer: draft, submitted, active, paused; rejected or closed. Channel managers decide on it."""

    _inherit = 'sales.seller.offer'

    # === ACTION METHODS === #

    def action_submit(self):
        """Ask for approval of draft or rejected offers; where the company or the seller needs none, put them on sale.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if an offer is in another status, or its seller is closed
        """
        self._check_transition('draft', 'rejected')
        for offer in self:
            if offer.seller_id.state == 'closed':
                raise UserError(self.env._("%s is closed.", offer.seller_id.name))
        self._as_server().write({'state': 'submitted', 'state_reason': False})
        self._refresh_quality()
        self.filtered(lambda offer: offer._is_approved_automatically())._activate()
        return True

    def action_approve(self):
        """Put submitted offers on sale.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if the quality is not good enough, the seller has used up his offers, or has another active offer
            for the product
        """
        self._check_transition('submitted')
        self._refresh_quality()
        for offer in self:
            if error := offer._get_quality_error():
                raise UserError(error)
        self._activate()
        return True

    def action_reject(self, reason=None):
        """Turn submitted offers down.

        :param str reason: why; a dialog asks for it when empty
        :return: True, or the window action of the dialog
        :raise AccessError: if the user is no channel manager
        :raise UserError: if an offer is in another status, or the reason is blank
        """
        self._check_transition('submitted')
        if reason is None:
            return ask_reason(self, 'action_reject', self.env._("Reject the Offers"))
        reason = clean_reason(self, reason)
        self._as_server().write({'state': 'rejected', 'state_reason': reason})
        for offer in self.sudo():
            offer.message_post(body=self.env._("Rejected: %s", reason))
        return True

    def action_pause(self):
        """Take active offers off sale for a while.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if an offer is not active
        """
        self._check_transition('active')
        self._as_server().state = 'paused'
        return True

    def action_resume(self):
        """Put paused offers on sale again. Raises as :meth:`action_approve`, but asks for no other approval."""
        self._check_transition('paused')
        self._activate()
        return True

    def action_close(self):
        """End offers for good; orders that were made from them go on.

        :return: True
        :raise AccessError: if the user is no channel manager
        :raise UserError: if an offer is closed already
        """
        self._check_transition('draft', 'submitted', 'active', 'paused', 'rejected')
        self._close()
        return True

    # === BUSINESS METHODS === #

    def _activate(self):
        """Put offers on sale, as far as their sellers may have so many.

        :raise UserError: if a seller is closed, has used up his offers, or has another active offer for a product
        """
        self._check_limit()
        self._check_only_active()
        for offer in self._as_server():
            vals = {'state': 'active', 'state_reason': False}
            if offer.state == 'submitted':
                vals.update(
                    approved_by_id=self.env.uid, approved_on=fields.Datetime.now(), approved_price=offer.price,
                    approved_currency_id=offer.currency_id.id)
            offer.write(vals)

    def _close(self):
        self.filtered(lambda offer: offer.state != 'closed')._as_server().state = 'closed'

    def _check_limit(self):
        """Raise if the offers are more than their sellers may have active.

        The update of the sellers' rows makes two people who put offers on sale at once come one after the other.
        """
        sellers = self.sudo().seller_id
        if not sellers:
            return
        sellers.flush_recordset()
        self.env.cr.execute(SQL(
            "UPDATE sales_seller SET offer_version = COALESCE(offer_version, 0) + 1 WHERE id IN %s", tuple(sellers.ids)))
        sellers.invalidate_recordset(['offer_version', 'offer_limit', 'state'])
        active = dict(self.sudo()._read_group(
            [('seller_id', 'in', sellers.ids), ('state', '=', 'active')], ['seller_id'], ['__count']))
        for seller, offers in self.sudo().grouped('seller_id').items():
            count = active.get(seller, 0) + len(offers)
            if seller.state == 'closed':
                raise UserError(self.env._("%s is closed.", seller.name))
            if 0 < seller.offer_limit < count:
                raise UserError(self.env._(
                    "%(seller)s may have %(limit)s active offers. Pause or close some first, or raise the limit.",
                    seller=seller.name, limit=seller.offer_limit))

    def _check_only_active(self):
        """Raise if a seller would have two active offers for a product."""
        pairs = [(offer.seller_id, offer.product_id) for offer in self.sudo()]
        others = self.sudo().search([
            ('seller_id', 'in', self.seller_id.ids), ('product_id', 'in', self.product_id.ids), ('state', '=', 'active')])
        taken = {(offer.seller_id, offer.product_id) for offer in others - self.sudo()}
        for seller, product in pairs:
            if (seller, product) in taken or pairs.count((seller, product)) > 1:
                raise UserError(self.env._(
                    "%(seller)s has an active offer for %(product)s already. Change or close that one.",
                    seller=seller.name, product=product.display_name))

    def _is_approved_automatically(self):
        """Tell whether a submitted offer needs nobody's approval. Note: self.ensure_one()"""
        self.ensure_one()
        offer = self.sudo()
        automatic = offer.company_id.offer_auto_approve or offer.seller_id.offer_auto_approve
        return (
            automatic and offer.seller_id.state == 'active' and not offer.seller_id._is_limited()
            and not offer._get_quality_error())

    def _check_transition(self, *states):
        """Raise unless the user is a channel manager and the offers are in one of these states."""
        if not (self.env.su or self.env.user.has_group(MANAGER_GROUP)):
            raise AccessError(self.env._("Only channel managers decide on sellers and their offers."))
        self.check_access('write')
        for offer in self:
            if offer.state not in states:
                raise UserError(self.env._(
                    "%(offer)s is in status %(state)s: this step is not possible from there.", offer=offer.display_name,
                    state=dict(self._fields['state']._description_selection(self.env))[offer.state]))
