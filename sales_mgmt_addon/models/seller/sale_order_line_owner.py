from odoo import models

from ...internal import grant
from ..channel.const import SELLER_ORDER_GUARD


class SaleOrderLine(models.Model):
    """Lines of goods that we ship: whose goods leave, and what the seller hears of it."""

    _inherit = 'sale.order.line'

    # === COMPUTE METHODS === #

    def _compute_qty_at_date(self):
        """Override of `sale_stock` to show what the owner of the goods has, where sellers keep goods with us."""
        Seller = self.env['sales.seller']
        apart = self.filtered(lambda line: line.company_id and Seller._get_owner_ids(line.company_id.id))
        super(SaleOrderLine, self - apart)._compute_qty_at_date()
        owners = apart._get_goods_owners()
        for owner, lines in apart.grouped(lambda line: owners[line]).items():
            super(SaleOrderLine, lines.with_context(owner_id=owner.id))._compute_qty_at_date()

    # === BUSINESS METHODS === #

    def _get_goods_owners(self):
        """Return by line the partner whose goods leave our stock, empty for our own.

        :rtype: dict
        """
        theirs = self.filtered(lambda line: line.id and line.seller_id)._filter_rights(
            lambda rights: rights['inventory_owner'] == 'seller' and rights['fulfilled_by'] == 'company')
        nobody = self.env['res.partner']
        return {line: line.sudo().seller_id.partner_id if line in theirs else nobody for line in self}

    def _get_goods_owner(self):
        """Return the partner whose goods leave our stock for the line, empty for our own. Note: self.ensure_one()

        :rtype: odoo.models.Model
        """
        self.ensure_one()
        return self._get_goods_owners()[self]

    def _prepare_procurement_values(self):
        """Override of `sale_stock` to take goods of the owner."""
        values = super()._prepare_procurement_values()
        if owner := self._get_goods_owner():
            values['restrict_partner_id'] = owner.id
        return values

    def _mirror_seller_deliveries(self):
        """Show the sellers what our warehouse delivered and took back for them."""
        theirs = grant(self.sudo(), SELLER_ORDER_GUARD).seller_order_line_ids.filtered(
            lambda line: line.fulfilled_by == 'company')
        if not theirs:
            return
        for line in theirs:
            outgoing, incoming = line.sale_line_id._get_outgoing_incoming_moves()
            line.write({
                'qty_shipped': line._sum_done(outgoing), 'qty_returned': line._sum_done(incoming)})
        theirs.order_id._sync_state()
