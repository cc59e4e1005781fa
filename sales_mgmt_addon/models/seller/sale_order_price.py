from odoo import api, fields, models


class SaleOrder(models.Model):
    """An order is confirmed at the prices that the sellers ask now."""

    _inherit = 'sale.order'

    has_offers = fields.Boolean(
        string="Offers Exist", compute='_compute_has_offers', compute_sudo=True, groups='base.group_user',
        help="Whether sellers offer anything in this company, so that there is something to choose on the lines.")

    @api.depends('company_id')
    def _compute_has_offers(self):
        offering = {company.id for [company] in self.env['sales.seller.offer']._read_group(
            [('company_id', 'in', self.company_id.ids), ('state', '=', 'active')], ['company_id'])}
        for order in self:
            order.has_offers = order.company_id.id in offering

    def _confirmation_error_message(self):
        """Override of `sale`: a seller has changed his price since the quotation was made.

        :return: text for the user, or ``False``
        """
        return super()._confirmation_error_message() or self._get_outdated_price_error()

    def _get_outdated_price_error(self):
        """Return which lines have another price than their seller asks now, or ``False``. Note: self.ensure_one()

        :rtype: str | bool
        """
        self.ensure_one()
        lines = self.sudo().order_line.filtered(lambda line: line.offer_id and not line.rights_frozen_on)
        if not lines:
            return False
        rights = lines._get_rights()
        outdated = lines.filtered(
            lambda line: rights[line.id]['price_control'] == 'seller' and not line._is_at_seller_price())
        if not outdated:
            return False
        return self.env._(
            "Sellers have changed the prices of: %s. Update the prices, so that the customer sees them before you confirm.",
            ", ".join(outdated.product_id.mapped('display_name')))

    def _has_to_be_paid(self):
        """Override of `sale`: nobody is asked for money for goods that a seller does not sell like this any more."""
        return super()._has_to_be_paid() and not self._get_seller_block()

    def _get_seller_block(self):
        """Return why a quotation with goods of sellers cannot be confirmed now, or ``False``. Note: self.ensure_one()

        :rtype: str | bool
        """
        self.ensure_one()
        order = self.sudo()
        if not order.order_line.seller_id:
            return False
        return order._get_seller_order_error() or order._get_rights_error_message() or order._get_outdated_price_error()

    def _tell_paid_but_blocked(self, error):
        """Give the salesperson a task: the buyer has paid, and the order cannot be confirmed as it is."""
        order = self.sudo()
        user = order.user_id or order.order_line.seller_id.user_id[:1]
        summary = self.env._("Paid, but cannot be confirmed")
        if user and not order.activity_ids.filtered(lambda activity: activity.summary == summary):
            order.activity_schedule('mail.mail_activity_data_warning', user_id=user.id, summary=summary, note=error)
        else:
            order._message_log(body=error)

    def _recompute_prices(self):
        # the rights may have changed since they were last looked up
        self.order_line.invalidate_recordset(['current_rights', 'seller_sets_price'], flush=False)
        return super()._recompute_prices()
