from odoo import models

from .owner_rule import OwnerRule, with_rule


class StockMove(models.Model):
    """Deliveries take the goods of their owner: Odoo reserves whatever lies there.

    Bound are deliveries to customers with the steps before them, and what comes back from customers. Manufacturing,
    receipts and internal transfers stay as they are, and so does a company without sellers.
    """

    _inherit = 'stock.move'

    # === BUSINESS METHODS - OWNERSHIP === #

    def _get_owner_rule(self):
        """Return whose goods the movement may take, or None if anybody's. Note: self.ensure_one()

        The order line decides, not the field on the movement: Odoo overwrites that from the transfer.

        :rtype: OwnerRule | None
        """
        self.ensure_one()
        sellers = self.env['sales.seller']._get_owner_ids(self.company_id.id)
        if not sellers or not self._is_bound_to_owner():
            return None
        line = self.sudo().sale_line_id
        owner = line._get_goods_owner() if line else self.restrict_partner_id
        return OwnerRule(owner.id if owner.id in sellers else 0, sellers)

    def _is_bound_to_owner(self):
        """Tell whether the movement is a step on the way to a customer, or back from him. Note: self.ensure_one()"""
        self.ensure_one()
        if self.location_id.usage == 'customer':
            return True
        return self.location_id.usage in ('internal', 'transit') and self._leads_to_customer()

    def _leads_to_customer(self):
        moves, seen = self, self.browse()
        while moves:
            if any((move.location_final_id or move.location_dest_id)._is_outgoing() or move.location_dest_id._is_outgoing()
                   for move in moves):
                return True
            seen |= moves
            moves = moves.move_dest_ids - seen
        return False

    def _with_owner_rule(self):
        """Return the movement so that only goods of its owner are found in stock. Note: self.ensure_one()"""
        return with_rule(self, self._get_owner_rule())

    def _check_owners(self):
        """Refuse goods of another owner than the order's, whoever picked them by hand.

        :raise UserError: with the product and the owners
        """
        for move in self.filtered(lambda move: move.state not in ('done', 'cancel')):
            rule = move._get_owner_rule()
            if not rule:
                continue
            is_return = move.location_id.usage == 'customer'
            for line in move.move_line_ids.filtered('quantity'):
                # what a customer brings back for an order of ours may be his own by now
                if not rule.allows(line.owner_id.id) and (rule.owner_id or not is_return):
                    line._raise_owner_mismatch(rule)
            if not is_return:
                move._check_lot_owners(rule)

    def _check_lot_owners(self, rule):
        """Refuse lots that only another owner has where they are taken from: the owner was changed, not the goods."""
        lines = self.move_line_ids.filtered(lambda line: line.quantity and line.lot_id)
        if not lines:
            return
        owners = {}
        for lot, location, owner in self.env['stock.quant'].sudo()._read_group([
            ('lot_id', 'in', lines.lot_id.ids), ('location_id', 'in', lines.location_id.ids), ('quantity', '>', 0),
        ], ['lot_id', 'location_id', 'owner_id']):
            owners.setdefault((lot, location), set()).add(owner.id)
        for line in lines:
            theirs = owners.get((line.lot_id, line.location_id))
            if theirs and not any(rule.allows(owner_id) for owner_id in theirs):
                line._raise_owner_mismatch(rule, lot=line.lot_id)

    # === OVERRIDES === #

    def _update_reserved_quantity_vals(self, need, location_id, lot_id=None, package_id=None, owner_id=None, strict=True):
        """Override of `stock` to reserve goods of the owner only."""
        return super(StockMove, self._with_owner_rule())._update_reserved_quantity_vals(
            need, location_id, lot_id=lot_id, package_id=package_id, owner_id=owner_id, strict=strict)

    def _set_quantity_done_prepare_vals(self, qty):
        """Override of `stock`: a quantity typed by hand does not go through the reservation."""
        return super(StockMove, self._with_owner_rule())._set_quantity_done_prepare_vals(qty)

    def _get_available_quantity(
            self, location_id, lot_id=None, package_id=None, owner_id=None, strict=False, allow_negative=False):
        """Override of `stock` to count goods of the owner only."""
        return super(StockMove, self._with_owner_rule())._get_available_quantity(
            location_id, lot_id=lot_id, package_id=package_id, owner_id=owner_id, strict=strict,
            allow_negative=allow_negative)

    def _prepare_move_line_vals(self, quantity=None, reserved_quant=None):
        """Override of `stock`: what is forced beyond the stock is missing from the owner's goods."""
        vals = super()._prepare_move_line_vals(quantity=quantity, reserved_quant=reserved_quant)
        if not reserved_quant and not vals.get('owner_id'):
            rule = self._get_owner_rule()
            if rule and rule.owner_id:
                vals['owner_id'] = rule.owner_id
        return vals

    def _prepare_procurement_values(self):
        """Override of `stock`: steps that are pulled by a delivery have its owner."""
        values = super()._prepare_procurement_values()
        if self.restrict_partner_id:
            values['restrict_partner_id'] = self.restrict_partner_id.id
        return values

    def _action_done(self, cancel_backorder=False):
        """Override of `stock` to check the owners last of all, and to tell the seller orders what left.

        :raise UserError: for goods of another owner
        """
        self._check_owners()
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves.sudo().sale_line_id._mirror_seller_deliveries()
        return moves
