from odoo import api, fields, models
from odoo.exceptions import UserError

from ...internal import grant
from ...server_fields import check_server_fields, without_defaults
from .const import RIGHT_NAMES, RIGHTS_GUARD
from .sales_channel_mode import ModeQuestion

# Written when the order is confirmed, by nobody else
FROZEN_FIELDS = frozenset({*RIGHT_NAMES, 'mode_id', 'rights_frozen_on', 'price_snapshot'})
# What follows the offer or the promotion: stored, so that a client could write it
SERVER_FIELDS = FROZEN_FIELDS | {'seller_id'}
# What the frozen rights were found for
IDENTITY_FIELDS = frozenset({'order_id', 'product_id', 'offer_id', 'promo_seller_id'})


class SaleOrderLine(models.Model):
    """Lines know who sells: the rights are looked up while the order is open and frozen when it is confirmed."""

    _name = 'sale.order.line'
    _inherit = ['sale.order.line', 'sales.rights.mixin']

    offer_id = fields.Many2one(
        comodel_name='sales.seller.offer', string="Offer", index='btree_not_null', ondelete='restrict', check_company=True,
        groups='base.group_user')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", compute='_compute_seller_id', store=True, precompute=True,
        index='btree_not_null', ondelete='restrict', check_company=True, groups='base.group_user')
    promo_seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Promotion of Seller", readonly=True, ondelete='restrict', check_company=True,
        groups='base.group_user', help="Seller whose goods this promotion line makes cheaper.")
    promo_funding = fields.Selection(
        selection=[('platform', "Platform"), ('seller', "Seller")], string="Promotion Paid By", readonly=True,
        groups='base.group_user')

    # Frozen when the order is confirmed
    price_control = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    inventory_owner = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    fulfilled_by = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    contracting_party = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    collects_payment = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    tax_supplier = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    revenue_presentation = fields.Selection(readonly=True, copy=False, groups='base.group_user')
    mode_id = fields.Many2one(
        comodel_name='sales.channel.mode', string="Mode Version", readonly=True, copy=False, ondelete='restrict',
        index='btree_not_null', groups='base.group_user', help="Version of the rights that was frozen with the order.")
    rights_frozen_on = fields.Datetime(string="Rights Frozen On", readonly=True, copy=False, groups='base.group_user')
    price_snapshot = fields.Float(
        string="Price at Confirmation", digits='Product Price', readonly=True, copy=False,
        groups='base.group_user', help="Unit price, in the currency of the order, when the rights were frozen.")
    rights_text = fields.Char(
        string="Rights", compute='_compute_rights_text', compute_sudo=True, groups='base.group_user',
        help="Who does what in this sale, as it was agreed when the order was confirmed. In quotations: as it is agreed today.")

    # === COMPUTE METHODS === #

    @api.depends('offer_id', 'promo_seller_id')
    def _compute_seller_id(self):
        for line in self.sudo():
            line.seller_id = line.offer_id.seller_id or line.promo_seller_id

    @api.depends(
        *RIGHT_NAMES, 'rights_frozen_on', 'offer_id', 'seller_id', 'product_id', 'order_id.channel_id', 'order_id.state',
        'order_id.company_id', 'display_type')
    @api.depends_context('lang')
    def _compute_rights_text(self):
        """Describe the rights of goods; sections and notes have none."""
        lines = self.filtered(lambda line: line.product_id and not line.display_type)
        rights = lines._get_rights()
        for line in self:
            line.rights_text = self._describe_rights(rights[line.id]) if line.id in rights else False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to refuse frozen rights from a client, and to freeze those of lines that join a confirmed order.

        :raise AccessError: if a client gives what the confirmation freezes
        :raise UserError: if a line cannot be sold that way
        """
        self._check_frozen_fields(vals_list)
        lines = super(SaleOrderLine, without_defaults(self, SERVER_FIELDS, RIGHTS_GUARD)).create(vals_list).with_env(self.env)
        lines.filtered(lambda line: line.state == 'sale')._freeze_rights()
        return lines

    def write(self, vals):
        """Override to keep what was frozen.

        :raise AccessError: if a client writes what the confirmation freezes
        :raise UserError: if a frozen line of a seller would become another one
        """
        self._check_frozen_fields([vals])
        moved = self.browse()
        if vals.keys() & IDENTITY_FIELDS:
            moved = self._get_moved(vals)
        res = super().write(vals)
        if moved:
            moved._unfreeze_rights()
        if 'order_id' in vals or moved:
            self.filtered(lambda line: line.state == 'sale')._freeze_rights()
        return res

    def _check_frozen_fields(self, vals_list):
        check_server_fields(self, vals_list, SERVER_FIELDS, RIGHTS_GUARD, self.env._(
            "The rights in a line are frozen when the order is confirmed and cannot be typed. "
            "Change the mode of the offer, seller, category or channel for orders to come."))

    def _get_moved(self, vals):
        """Return the frozen lines of our own that become other goods or move to another order.

        :raise UserError: if the line is or would be one of a seller
        """
        moved = self.browse()
        for line in self:
            frozen = line.sudo()
            if not frozen.rights_frozen_on or not any(
                    self._fields[name].convert_to_cache(vals[name], frozen)
                    != self._fields[name].convert_to_cache(frozen[name], frozen)
                    for name in IDENTITY_FIELDS & vals.keys()):
                continue
            if frozen.seller_id or vals.get('offer_id') or vals.get('promo_seller_id'):
                raise UserError(self.env._(
                    "%(line)s is confirmed, so its seller, offer and product stay. Set its quantity to 0 and add a new line.",
                    line=frozen.display_name))
            moved |= line
        return moved

    # === BUSINESS METHODS === #

    def _action_launch_stock_rule(self, **kwargs):
        """Override of `sale_stock`: transfers are made by frozen rights, on lines that join a confirmed order too."""
        self.filtered(lambda line: line.state == 'sale')._freeze_rights()
        return super()._action_launch_stock_rule(**kwargs)

    def _get_rights(self):
        """Return the rights of the lines: frozen ones as they are, others as the modes in force say today.

        :return: by line id, right -> holder (see `const.RIGHTS`)
        :rtype: dict[int, dict[str, str]]
        """
        frozen = self.sudo().filtered('rights_frozen_on')
        rights = {line.id: {right: line[right] for right in RIGHT_NAMES} for line in frozen}
        rights.update({line_id: mode._get_rights() for line_id, mode in (self.sudo() - frozen)._get_modes().items()})
        return rights

    def _get_modes(self):
        """Return the mode version in force for each line (empty: plain resale).

        Lines of our own that were confirmed without rights, before there were any, are plain resale.

        :rtype: dict[int, odoo.models.Model]
        """
        lines = self.sudo()
        past = lines.filtered(lambda line: line.state == 'sale' and not line.seller_id)
        if not self._is_channel_active():
            past = lines.filtered(lambda line: not line.seller_id)
        resale = self.env['sales.channel.mode'].sudo()
        return {**dict.fromkeys(past._ids, resale), **(lines - past)._resolve_modes()}

    def _resolve_modes(self):
        """Return the mode version that holds today for each line, by line id."""
        lines = self.sudo()
        today = fields.Date.context_today(self)
        modes = self.env['sales.channel.mode']._resolve([line._prepare_mode_question(today) for line in lines])
        return dict(zip(lines._ids, modes, strict=True))

    def _prepare_mode_question(self, date):
        """Return what decides on the mode of the line.

        A promotion of a seller follows his goods in the order. What is no good of its own (a discount, a down
        payment, the delivery) is ours.
        """
        self.ensure_one()
        # a line in a form has new records around it; the versions know saved ones
        offer, seller, company = self.offer_id._origin, self.seller_id._origin, self.company_id or self.env.company
        if self.promo_seller_id:
            offer = self.order_id.order_line.offer_id._origin.filtered(lambda other: other.seller_id == seller)[:1]
        if not seller and not self._is_goods():
            none = self.env['sales.channel.mode'].sudo()
            return ModeQuestion(company, offer, seller, none.category_id, none.channel_id, date)
        return ModeQuestion(
            company, offer, seller, self.product_id.categ_id, self.order_id.channel_id._origin, date)

    def _is_goods(self):
        """Tell whether the line is something a seller could sell. Note: self.ensure_one()"""
        self.ensure_one()
        is_delivery = 'is_delivery' in self._fields and self.is_delivery
        return bool(self.product_id) and not (
            self.display_type or self.is_downpayment or self.is_expense or is_delivery or self.price_unit < 0)

    @api.model
    def _is_channel_active(self):
        """Tell whether the area is switched on in this database."""
        return self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_channel')

    # === FREEZING === #

    def _get_unfrozen(self):
        """Return the lines that have no frozen rights yet, in sudo mode; while the area is off, only those of sellers."""
        lines = self.sudo().filtered(lambda line: not line.display_type and not line.rights_frozen_on)
        return lines if self._is_channel_active() else lines.filtered('seller_id')

    def _freeze_rights(self):
        """Freeze rights, mode version and price of the lines that have none frozen yet.

        :raise UserError: if a line cannot be sold that way
        """
        lines = self._get_unfrozen()
        if not lines:
            return
        modes = lines._resolve_modes()
        if errors := lines._get_rights_errors(modes):
            raise UserError("\n".join(errors))
        now = fields.Datetime.now()
        for (mode, price), group in lines.grouped(lambda line: (modes[line.id], line.price_unit)).items():
            grant(group, RIGHTS_GUARD).write({
                **mode._get_rights(), 'mode_id': mode.id, 'rights_frozen_on': now, 'price_snapshot': price})

    def _get_not_invoiced(self):
        """Return the lines that are on no posted document."""
        return self.filtered(lambda line: 'posted' not in line.sudo().invoice_lines.mapped('parent_state'))

    def _unfreeze_rights(self):
        """Forget frozen rights: the order is a quotation again."""
        frozen = self.sudo().filtered('rights_frozen_on')
        if frozen:
            grant(frozen, RIGHTS_GUARD).write(dict.fromkeys(FROZEN_FIELDS, False))

    def _get_rights_errors(self, modes):
        """Return why lines cannot be sold in the modes in force.

        :param dict modes: mode version by line id
        :return: distinct texts for the user
        :rtype: list[str]
        """
        texts = (line._get_rights_error(modes[line.id]) for line in self)
        return list(dict.fromkeys(text for text in texts if text))

    def _get_rights_error(self, mode):
        """Return why the line cannot be sold in a mode, or False. Note: self.ensure_one()"""
        self.ensure_one()
        rights = mode._get_rights()
        if error := self._get_contradiction(rights):
            return self.env._("%(mode)s: %(error)s", mode=mode.display_name, error=error)
        if self.seller_id:
            return self._get_seller_error(mode) or self._get_offer_error()
        if 'seller' in rights.values():
            return self.env._(
                "%(product)s is sold for sellers (%(mode)s). Choose the offer of a seller on its line.",
                product=self.product_id.display_name, mode=mode.display_name)
        return False

    def _get_seller_error(self, mode):
        seller = self.seller_id
        if seller.state == 'suspended':
            return self.env._(
                "The seller %(seller)s is suspended. Take his lines off the order, or choose the offer of another seller.",
                seller=seller.name)
        if seller.state != 'active':
            return self.env._(
                "The seller %(seller)s is not active. Activate him first, or choose the offer of another seller.",
                seller=seller.name)
        if not mode:
            return self.env._(
                "Nobody has approved how the seller %(seller)s sells. Approve a mode for him first.", seller=seller.name)
        return False

    def _get_offer_error(self):
        offer = self.offer_id
        if not offer:
            return False
        if offer.product_id != self.product_id:
            return self.env._(
                "The offer of %(seller)s is for %(offered)s, not for %(product)s. Choose another offer.",
                seller=offer.seller_id.name, offered=offer.product_id.display_name, product=self.product_id.display_name)
        quantity = self.product_uom_id._compute_quantity(self.product_uom_qty, self.product_id.uom_id, round=False)
        return offer._get_sale_error(quantity=quantity if quantity > 0 else None)
