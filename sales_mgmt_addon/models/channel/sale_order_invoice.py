from odoo import models


class SaleOrder(models.Model):
    """Invoices come through the channel of their order."""

    _inherit = 'sale.order'

    # === BUSINESS METHODS === #

    def _prepare_invoice(self):
        """Override of `sale`: the channel, and its journal where the order names none."""
        values = super()._prepare_invoice()
        channel = self.sudo().channel_id
        values['channel_id'] = channel.id
        if channel.journal_id and not self.journal_id:
            values['journal_id'] = channel.journal_id.id
        return values

    def _get_invoice_grouping_keys(self):
        """Override of `sale`: an invoice belongs to one channel."""
        return [*super()._get_invoice_grouping_keys(), 'channel_id']
