from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import clean_context

from ...internal import grant, granted
from ..channel.const import LEDGER_GUARD


class SalesSellerLedger(models.Model):
    _inherit = 'sales.seller.ledger'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_ledger_guard()
        return super().create(vals_list)

    def write(self, vals):
        self._check_ledger_guard()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_server(self):
        self._check_ledger_guard()

    # === BUSINESS METHODS === #

    def _check_ledger_guard(self):
        if not granted(self, LEDGER_GUARD):
            raise AccessError(self.env._("The sellers' ledger is written by documents and statements only."))

    @api.model
    def _book(self, vals_list):
        """Enter rows into the ledger.

        :param list[dict] vals_list: values of the rows; amounts in the currency of the row, + is the seller's
        :return: the new rows
        """
        if not vals_list:
            return self.browse()
        rows = grant(self.sudo().with_context(clean_context(self.env.context)), LEDGER_GUARD).create(vals_list)
        return rows.with_env(self.env)

    @api.model
    def _unbook(self, moves):
        """Delete the open rows of documents that are reset.

        :param moves: `account.move` records, none of which is settled
        """
        rows = grant(self.sudo(), LEDGER_GUARD).search([('move_id', 'in', moves.ids), ('settlement_id', '=', False)])
        rows.unlink()

    @api.model
    def _prepare_dates(self, values):
        """Return from when on statements may take a row: some days after the sale, or after the delivery.

        :param dict values: values of the row, with ``seller_id``, ``date``, ``sale_line_id`` and ``quantity``
        :rtype: dict
        """
        seller = self.env['sales.seller'].browse(values['seller_id']).sudo()
        if seller.settlement_cycle == 'delivery' and not self._is_delivered(values):
            # what is given back before the delivery waits with the sale
            return {'available_date': False}
        if values['kind'] == 'refund' or values.get('quantity', 0.0) < 0:
            return {'available_date': values['date']}
        return {'available_date': values['date'] + timedelta(days=seller.settlement_delay_days)}

    def _postpone_refunds(self):
        """Let those of the rows that take something back wait for the sale, while no statement has that.

        A statement in between would close with a debt of the seller for what he has never got.
        """
        refunds = grant(self.sudo(), LEDGER_GUARD).filtered(
            lambda row: row.available_date and (row.kind == 'refund' or row.quantity < 0))
        if not refunds:
            return
        latest = dict(self.sudo()._read_group(
            [('sale_line_id', 'in', refunds.move_id.invoice_line_ids.sale_line_ids.ids), ('quantity', '>', 0),
             ('settlement_id', '=', False), ('available_date', '!=', False)],
            ['sale_line_id'], ['available_date:max']))
        for row in refunds:
            lines = row.sale_line_id or row.move_id.invoice_line_ids.sale_line_ids
            date = max((latest[line] for line in lines if line in latest), default=row.available_date)
            if date > row.available_date:
                row.available_date = date

    @api.model
    def _is_delivered(self, values):
        """Tell whether what a row is for has been delivered. Rows of taxes follow the goods of their document."""
        lines = self.env['sale.order.line'].browse(values.get('sale_line_id') or []).sudo()
        if not lines and values.get('move_id'):
            lines = self.env['account.move'].browse(values['move_id']).sudo().invoice_line_ids.filtered(
                lambda line: line.seller_id and not line.promo_funding).sale_line_ids
        return all(
            line.product_uom_id.compare(line.qty_delivered, line.qty_invoiced) >= 0
            for line in lines if not line.promo_funding and line.product_id.type != 'service')

    @api.model
    def _mark_delivered(self, sale_lines, date):
        """Make rows that wait for a delivery available, as far as all that was invoiced has been delivered.

        :param sale_lines: `sale.order.line` records of which goods were delivered
        :param date date: day of the delivery
        """
        waiting = grant(self.sudo(), LEDGER_GUARD).search([
            ('move_id.invoice_line_ids.sale_line_ids', 'in', sale_lines.ids), ('available_date', '=', False)])
        for row in waiting:
            if self._is_delivered({'sale_line_id': row.sale_line_id.id, 'move_id': row.move_id.id}):
                row.available_date = date + timedelta(days=row.seller_id.settlement_delay_days)
