from datetime import timedelta

from odoo import models
from odoo.tools.date_utils import end_of, start_of


class SalesSeller(models.Model):
    """Days on which the statements of a seller end. They are posted from the next day on."""

    _inherit = 'sales.seller'

    def _get_next_cutoff(self, day):
        """Return the first day on or after ``day`` on which a statement of the seller ends. Note: self.ensure_one()

        Weekly: Sunday. 1st, 11th and 21st: the day before each. Monthly: the last day of the month. On delivery: every
        day, because the entries say themselves from when on they may be settled.
        """
        self.ensure_one()
        if self.settlement_cycle == 'weekly':
            return end_of(day, 'week')
        if self.settlement_cycle == 'decade':
            return next((day.replace(day=last) for last in (10, 20) if day.day <= last), end_of(day, 'month'))
        return end_of(day, 'month') if self.settlement_cycle == 'monthly' else day

    def _get_last_cutoff(self, day):
        """Return the last day on or before ``day`` on which a statement of the seller ends. Note: self.ensure_one()"""
        self.ensure_one()
        if day == self._get_next_cutoff(day):
            return day
        if self.settlement_cycle == 'weekly':
            return start_of(day, 'week') - timedelta(days=1)
        if self.settlement_cycle == 'decade' and day.day > 10:
            return day.replace(day=20 if day.day > 20 else 10)
        return start_of(day, 'month') - timedelta(days=1)
