from datetime import timedelta

from odoo import fields, models


class SalesReceivablePackForecast(models.Model):
    """What a pack expected to come in during a week, and what came in for the items that were open then."""

    _name = 'sales.receivable.pack.forecast'
    _description = "Receivables Pack Forecast"
    _order = 'pack_id, week'
    _rec_name = 'week'

    pack_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Pack", required=True, readonly=True, index=True,
        ondelete='cascade')
    company_id = fields.Many2one(related='pack_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    week = fields.Date(string="Week From", required=True, readonly=True, help="Monday of the week.")
    expected = fields.Monetary(string="Expected", readonly=True)
    is_over = fields.Boolean(compute='_compute_actual')
    actual = fields.Monetary(
        string="Received", compute='_compute_actual',
        help="Money matched in the week with what was open at the month end. The first week begins after it.")
    error = fields.Monetary(
        string="Difference", compute='_compute_actual', help="Received, less expected; once the week is over.")

    _week_unique = models.UniqueIndex("(pack_id, week)", "A pack has one forecast per week.")

    def _compute_actual(self):
        today = fields.Date.context_today(self)
        received = {pack.id: pack.sudo()._get_receipts(today) for pack in self.pack_id}
        for row in self:
            row.is_over = bool(row.week) and row.week + timedelta(days=6) < today
            row.actual = received.get(row.pack_id.id, {}).get(row.week, 0.0)
            row.error = row.actual - row.expected if row.is_over else 0.0
