from odoo import api, fields, models
from odoo.exceptions import UserError

from ...internal import grant, granted
from ..channel.const import PRESETS, SELLER_ORDER_GUARD

# What a seller order has taken over from the order line
FIXED_FIELDS = ('product_uom_id', 'order_id')
# Computed and stored, so that a client could write them
QUANTITY_FIELDS = {'qty_delivered', 'qty_delivered_method'}


class SaleOrderLine(models.Model):
    """Lines that a seller ships: no procurement of ours, delivered as his shipments say."""

    _inherit = 'sale.order.line'

    qty_delivered_method = fields.Selection(selection_add=[('seller', "Seller Shipments")])
    seller_order_line_ids = fields.One2many(
        comodel_name='sales.seller.order.line', inverse_name='sale_line_id', string="Seller Order Lines", readonly=True,
        groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('seller_order_line_ids.fulfilled_by')
    def _compute_qty_delivered_method(self):
        super()._compute_qty_delivered_method()
        for line in self:
            if line.seller_id and line.sudo().seller_order_line_ids.fulfilled_by == 'seller':
                line.qty_delivered_method = 'seller'

    @api.depends('seller_order_line_ids.qty_shipped', 'seller_order_line_ids.qty_returned')
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        """Override of `sale` to add what sellers shipped, less what came back; up to the accrual date if one is set."""
        delivered = super()._prepare_qty_delivered()
        lines = self.sudo().filtered(lambda line: line.qty_delivered_method == 'seller')
        if lines and lines._date_in_the_past():
            moved = lines._get_moved_until(fields.Date.from_string(self.env.context['accrual_entry_date']))
            delivered.update((line, moved.get(line.id, 0.0)) for line in self if line.id in lines._ids)
            return delivered
        for line in lines:
            theirs = line.seller_order_line_ids
            delivered[line.with_env(self.env)] = line.product_uom_id.round(theirs.qty_shipped - theirs.qty_returned)
        return delivered

    def _get_moved_until(self, date):
        """Return what sellers had shipped, less returns, at the end of a day.

        :rtype: dict[int, float]
        """
        moved = dict.fromkeys(self.ids, 0.0)
        for line, kind, quantity in self.env['sales.seller.shipment.line'].sudo()._read_group([
            ('order_line_id.sale_line_id', 'in', self.ids), ('shipment_id.state', '=', 'done'),
            ('shipment_id.date', '<', fields.Date.add(date, days=1)),
        ], ['order_line_id', 'shipment_id.kind'], ['quantity:sum']):
            moved[line.sale_line_id.id] += quantity if kind == 'shipment' else -quantity
        return moved

    @api.depends('seller_order_line_ids')
    def _compute_product_updatable(self):
        super()._compute_product_updatable()
        for line in self:
            if line.state == 'sale' and line.sudo().seller_order_line_ids:
                line.product_updatable = False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        added = lines.filtered(lambda line: line.state == 'sale' and line.seller_id)
        if added:
            for order in added.order_id:
                if error := order._get_seller_order_error():
                    raise UserError(error)
            added.order_id._create_seller_orders()
        return lines

    def write(self, vals):
        if not granted(self, SELLER_ORDER_GUARD):
            self._check_seller_write(vals)
        before = {line.id: line.product_uom_qty for line in self} if 'product_uom_qty' in vals else {}
        res = super().write(vals)
        changed = self.filtered(
            lambda line: line.state == 'sale' and line.seller_id and line.product_uom_qty != before.get(line.id))
        if before and changed:
            changed._sync_seller_quantities()
        return res

    def _check_seller_write(self, vals):
        """Refuse what would part a confirmed line from its seller order.

        :raise UserError: for delivered quantities that shipments count, other units, offers or orders
        """
        fixed = [name for name in FIXED_FIELDS if name in vals]
        counted = QUANTITY_FIELDS & vals.keys()
        if not fixed and not counted:
            return
        theirs = self.filtered(lambda line: line.seller_id and line.state == 'sale' and line.sudo().seller_order_line_ids)
        if counted and 'seller' in theirs.sudo().seller_order_line_ids.mapped('fulfilled_by'):
            raise UserError(self.env._("What a seller delivered comes from his shipments and cannot be typed."))
        if any(vals[name] != line[name].id for name in fixed for line in theirs):
            raise UserError(self.env._(
                "The seller has this line in his order. Set its quantity to zero and add another line instead."))

    def unlink(self):
        """Override of `sale`: what the seller orders hold of the lines goes with them, if nothing was shipped.

        :raise UserError: for lines of which a seller shipped goods
        """
        if not self.env.su:
            self.check_access('unlink')
        self._unlink_except_confirmed()
        self._unlink_except_shipped()
        grant(self.sudo(), SELLER_ORDER_GUARD).seller_order_line_ids.unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        if any(line.qty_shipped for line in self.sudo().seller_order_line_ids):
            raise UserError(self.env._("A seller has shipped goods of this line: it stays in the order."))

    # === BUSINESS METHODS === #

    def _get_protected_fields(self):
        """Override of `sale`: a locked order follows its returns and what the seller cancels."""
        return [] if granted(self, SELLER_ORDER_GUARD) else super()._get_protected_fields()

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Override of `sale_stock`: nothing of ours moves for goods that sellers ship."""
        ours = self - self._filter_shipped_by_seller()
        return super(SaleOrderLine, ours)._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)

    def _filter_of_sellers(self):
        """Return the lines with goods that a seller sells in any sense: not plain resale, not promotions.

        :rtype: odoo.models.Model
        """
        candidates = self.filtered(
            lambda line: line.seller_id and line.sudo().offer_id and not line.display_type and not line.is_downpayment)
        return candidates._filter_rights(lambda rights: rights != PRESETS['resale'])

    def _filter_shipped_by_seller(self):
        """Return the lines whose goods the seller ships himself.

        :rtype: odoo.models.Model
        """
        return self.filtered('seller_id')._filter_rights(lambda rights: rights['fulfilled_by'] == 'seller')

    def _filter_rights(self, condition):
        """Return the lines whose rights meet a condition. Those of open orders have none while the area is off.

        :param condition: function of the rights of a line
        :rtype: odoo.models.Model
        """
        lines = self
        if not self.env['res.groups']._is_feature_enabled('sales_mgmt_addon.group_area_channel'):
            lines = self.filtered(lambda line: line.sudo().rights_frozen_on)
        if not lines:
            return lines
        rights = lines._get_rights()
        return lines.filtered(lambda line: condition(rights[line.id]))

    def _sync_seller_quantities(self):
        """Let the seller orders follow changed quantities of confirmed lines.

        :raise UserError: below what the seller has shipped
        """
        lines = grant(self.sudo(), SELLER_ORDER_GUARD).seller_order_line_ids
        if lines:
            lines.order_id._lock()
            lines._sync_quantity()
            lines.order_id._sync_state()
