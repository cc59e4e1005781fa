from odoo import api, models
from odoo.tools import SQL


class SalesAttainmentEntry(models.Model):
    """The book keeps the code of the channel that a document had when it was booked."""

    _inherit = 'sales.attainment.entry'

    # === EXTENSION POINTS === #

    @api.model
    def _sql_order_channel(self):
        return SQL("(SELECT ch.code FROM sales_channel ch WHERE ch.id = so.channel_id)")

    @api.model
    def _sql_invoice_line_channel(self):
        return SQL("(SELECT ch.code FROM sales_channel ch WHERE ch.id = am.channel_id)")

    @api.model
    def _sql_invoice_channel(self):
        return self._sql_invoice_line_channel()

    def _flush_sources(self, sources):
        """Override to flush what the channels of documents are read from."""
        for model in sources.keys() & {'sale.order', 'account.move'}:
            self.env[model].flush_model(['channel_id'])
        self.env['sales.channel'].flush_model(['code'])
        super()._flush_sources(sources)
