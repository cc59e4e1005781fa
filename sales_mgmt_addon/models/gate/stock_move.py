from odoo import api, fields, models

from ...internal import granted


class StockMove(models.Model):
    _inherit = 'stock.move'

    replaces_move_id = fields.Many2one(
        comodel_name='stock.move', string="Replaces", index='btree_not_null', readonly=True, copy=False,
        help="The delivered move whose returned goods this move replaces. Set by the exchange of a return.")

    #=== CONSTRAINT METHODS ===#

    @api.constrains('state', 'quantity')
    def _check_gate(self):
        """Goods that left are within what was checked, also when a done transfer is edited afterwards."""
        moves = self.filtered(lambda move: move.state == 'done' and move._gate_is_checked())
        unchecked = moves.picking_id.filtered(lambda picking: not granted(picking, 'gate.picking'))
        if unchecked and unchecked._gate_is_active():
            unchecked.filtered(lambda picking: picking._gate_extra_value() > 0)._gate_require()

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        if operation == 'write' and field.name == 'replaces_move_id' and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    #=== GATE ===#

    def _gate_is_checked(self):
        """Tell whether the move hands goods to a customer for which he will owe. Note: self.ensure_one()"""
        self.ensure_one()
        return (
            self.location_dest_id._is_outgoing()
            and not self.location_id._is_outgoing()
            and self.state != 'cancel'
            and not self._gate_is_replacement()
        )

    def _gate_is_replacement(self):
        """Tell whether the move gives back what the customer returned. Note: self.ensure_one()

        Replacements of returned goods and goods sent back after a repair are not new credit. The
        quantity is held against what was really returned, because users can link moves by hand.
        """
        self.ensure_one()
        if replaced := self.replaces_move_id:
            others = self.search([('replaces_move_id', '=', replaced.id), ('state', '!=', 'cancel'), ('id', '!=', self.id)])
            return self._gate_fits_in(replaced, others)
        returned = self.origin_returned_move_id
        if returned and returned.state == 'done' and returned.location_id._is_outgoing():
            return self._gate_fits_in(returned, returned.returned_move_ids.filtered(lambda m: m.state != 'cancel') - self)
        return False

    def _gate_fits_in(self, origin, others):
        if self.product_id != origin.product_id:
            return False
        given = sum(move._gate_product_quantity() for move in others + self)
        return self.product_id.uom_id.compare(given, origin._gate_product_quantity()) <= 0

    def _gate_quantity(self):
        """Return the quantity that validating the move hands over, in the move's unit of measure."""
        self.ensure_one()
        if self.state == 'draft' and self.product_uom.is_zero(self.quantity):
            return self.product_uom_qty
        return self.quantity

    def _gate_product_quantity(self):
        return self.product_uom._compute_quantity(
            self._gate_quantity(), self.product_id.uom_id, rounding_method='HALF-UP')

    def _gate_extra_value(self):
        """Return the value, in company currency, of what these moves hand over beyond what orders hold.

        Goods without an order count at list price, goods beyond their order line at its gross price.

        :rtype: float
        """
        total = 0.0
        for move in self.filtered(lambda move: not move.sale_line_id):
            total += move._gate_product_quantity() * move.product_id.with_company(move.company_id).lst_price
        for line, moves in self.grouped('sale_line_id').items():
            if line:
                total += line._gate_over_delivery(moves)
        return total
