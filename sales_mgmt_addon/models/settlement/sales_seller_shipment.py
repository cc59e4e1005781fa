from odoo import fields, models


class SalesSellerOrder(models.Model):
    _inherit = 'sales.seller.order'

    # === BUSINESS METHODS === #

    def _apply_move(self, shipment, date):
        """Override: what is shipped may be settled, and earns us the commission where the seller collects the price."""
        super()._apply_move(shipment, date)
        Ledger = self.env['sales.seller.ledger']
        Ledger._book_collected_by_seller(shipment.line_ids)
        if shipment.kind == 'shipment':
            day = fields.Datetime.context_timestamp(self, fields.Datetime.to_datetime(date)).date()
            Ledger._mark_delivered(shipment.line_ids.order_line_id.sale_line_id, day)


class SalesSellerShipment(models.Model):
    _inherit = 'sales.seller.shipment'

    # === BUSINESS METHODS === #

    def _take_back(self):
        super()._take_back()
        self.env['sales.seller.ledger']._unbook_collected_by_seller(self.line_ids)
