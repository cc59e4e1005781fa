from odoo import api, fields, models
from odoo.exceptions import AccessError


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", compute='_compute_channel_id', store=True, readonly=False,
        precompute=True, index='btree_not_null', ondelete='restrict', check_company=True, groups='base.group_user',
        tracking=True)
    seller_order_ids = fields.One2many(
        comodel_name='sales.seller.order', inverse_name='sale_order_id', string="Seller Orders", readonly=True,
        groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('opportunity_id', 'team_id', 'company_id')
    def _compute_channel_id(self):
        """Quotations come through the channel of their opportunity, or of their team."""
        for order in self:
            channel = order.opportunity_id.channel_id or order.team_id.channel_id
            if order.state in ('draft', 'sent') and channel.company_id == order.company_id:
                order.channel_id = channel
            elif order.channel_id.company_id != order.company_id:
                order.channel_id = False

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to freeze the rights of what becomes a sale, whatever the route, and to forget them in a quotation.

        What has been invoiced keeps them: a credit note takes it back the way it was sold.

        :raise UserError: if a line cannot be sold in the mode in force
        :raise AccessError: if a confirmed order would change its channel
        """
        self._check_channel_change(vals)
        if vals.get('state') == 'sale':
            # before anything is made of the order
            self.filtered(lambda order: order.state != 'sale')._freeze_rights()
        res = super().write(vals)
        if vals.get('state') in ('draft', 'sent'):
            self.order_line._get_not_invoiced()._unfreeze_rights()
        return res

    def _check_channel_change(self, vals):
        """Check who changes the channel of a confirmed order.

        :raise AccessError: unless a channel manager or a sales administrator does
        """
        if 'channel_id' not in vals or self.env.su or any(self.env.user.has_group(group) for group in (
            'sales_mgmt_addon.group_channel_manager', 'sales_team.group_sale_manager',
        )):
            return
        if any(order.state == 'sale' and order.channel_id.id != (vals['channel_id'] or False) for order in self):
            raise AccessError(self.env._(
                "The order is confirmed. Ask a channel manager or a sales administrator to change its channel."))

    # === BUSINESS METHODS === #

    def _confirmation_error_message(self):
        """Override of `sale`: tell why goods cannot be sold the way that is agreed."""
        return super()._confirmation_error_message() or self._get_rights_error_message()

    def _get_rights_error_message(self):
        """Return why lines cannot be sold in the modes in force, or False."""
        lines = self.order_line._get_unfrozen()
        errors = lines._get_rights_errors(lines._resolve_modes()) if lines else []
        return "\n".join(errors) or False

    def _freeze_rights(self):
        """Freeze on all lines who holds which right, the mode version and the price. Once frozen, they stay.

        :raise UserError: if a line cannot be sold in the mode in force
        """
        self.order_line._freeze_rights()
