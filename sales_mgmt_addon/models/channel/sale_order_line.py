from odoo import api, fields, models

from .const import RIGHT_NAMES
from .sales_channel_mode import ModeQuestion


class SaleOrderLine(models.Model):
    """Lines know who sells: the rights are looked up while the order is open and frozen when it is confirmed."""

    _name = 'sale.order.line'
    _inherit = ['sale.order.line', 'sales.rights.mixin']

    offer_id = fields.Many2one(
        comodel_name='sales.seller.offer', string="Offer", index='btree_not_null', ondelete='restrict', check_company=True,
        groups='base.group_user')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", compute='_compute_seller_id', store=True, precompute=True,
        index='btree_not_null', ondelete='restrict', check_company=True)
    promo_seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Promotion of Seller", readonly=True, ondelete='restrict', check_company=True,
        groups='base.group_user', help="Seller whose goods this promotion line makes cheaper.")
    promo_funding = fields.Selection(
        selection=[('platform', "Platform"), ('seller', "Seller")], string="Promotion Paid By", readonly=True,
        groups='base.group_user')
    mode_id = fields.Many2one(
        comodel_name='sales.channel.mode', string="Mode Version", readonly=True, copy=False, ondelete='restrict',
        index='btree_not_null', groups='base.group_user', help="Version of the rights that was frozen with the order.")
    rights_frozen_on = fields.Datetime(string="Rights Frozen On", readonly=True, copy=False, groups='base.group_user')
    price_snapshot = fields.Float(
        string="Seller's Price at Confirmation", digits='Product Price', readonly=True, copy=False,
        groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('offer_id', 'promo_seller_id')
    def _compute_seller_id(self):
        for line in self.sudo():
            line.seller_id = line.offer_id.seller_id or line.promo_seller_id

    # === BUSINESS METHODS === #

    def _get_rights(self):
        """Return the rights of the lines: frozen ones as they are, others as the modes in force say today.

        :return: by line id, right -> holder (see `const.RIGHTS`)
        :rtype: dict[int, dict[str, str]]
        """
        frozen = self.sudo().filtered('rights_frozen_on')
        rights = {line.id: {right: line[right] for right in RIGHT_NAMES} for line in frozen}
        rights.update({line_id: mode._get_rights() for line_id, mode in (self - frozen)._get_modes().items()})
        return rights

    def _get_modes(self):
        """Return the mode version in force for each line (empty: plain resale).

        :rtype: dict[int, odoo.models.Model]
        """
        lines = self.sudo()
        today = fields.Date.context_today(self)
        modes = self.env['sales.channel.mode']._resolve([
            ModeQuestion(
                line.company_id or self.env.company, line.offer_id._origin, line.seller_id._origin, line.product_id.categ_id,
                line.order_id.channel_id._origin, today)
            for line in lines])
        return dict(zip(self._ids, modes, strict=True))  # new lines have no `ids`
