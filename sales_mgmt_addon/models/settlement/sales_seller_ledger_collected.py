from odoo import api, fields, models

from ...internal import grant
from ..channel.const import LEDGER_GUARD


class SalesSellerLedger(models.Model):
    """Sales whose price the seller collects himself: we have no document, only a commission that shipping earns."""

    _inherit = 'sales.seller.ledger'

    # === BUSINESS METHODS === #

    @api.model
    def _book_collected_by_seller(self, shipment_lines):
        """Enter the commission on what a seller shipped of goods whose price he collects, or took back.

        :param shipment_lines: `sales.seller.shipment.line` records; others than of such goods are left out
        :return: the new rows
        """
        lines = shipment_lines.sudo()
        collected = lines.order_line_id.sale_line_id._get_collected_by_seller()
        lines = lines.filtered(lambda line: line.order_line_id.sale_line_id in collected)
        subjects = [
            line.order_line_id.sale_line_id._prepare_charge_subject(
                line.quantity if line.shipment_id.kind == 'shipment' else -line.quantity,
                date=fields.Datetime.context_timestamp(self, line.shipment_id.date).date(),
                shipment_line_id=line.id, product_id=line.product_id.id)
            for line in lines]
        rows = self.sudo()._prepare_charges_of(subjects)
        return self._book([{**row, **self._prepare_dates(row)} for row in rows])

    @api.model
    def _unbook_collected_by_seller(self, shipment_lines):
        """Take the commission on a shipment back that was registered by mistake; a settled one with a row against it.

        :param shipment_lines: `sales.seller.shipment.line` records
        """
        rows = grant(self.sudo(), LEDGER_GUARD).search([('shipment_line_id', 'in', shipment_lines.ids)])
        settled = rows.filtered('settlement_id')
        (rows - settled).unlink()
        today = fields.Date.context_today(self)
        self._book([{
            **row._prepare_copy(),
            **{name: -row[name] for name in ('amount', 'tax_amount', 'fixed_amount', 'base_amount', 'quantity')},
            'date': today, 'available_date': today, 'note': self.env._("Registered by mistake: %s", row.note or ''),
        } for row in settled])

    def _prepare_copy(self):
        """Return the values of the row that say what it is for."""
        names = (
            'seller_id', 'company_id', 'currency_id', 'sale_line_id', 'shipment_line_id', 'product_id', 'rule_id')
        return {**{name: self[name].id for name in names}, 'kind': self.kind, 'rate': self.rate}
