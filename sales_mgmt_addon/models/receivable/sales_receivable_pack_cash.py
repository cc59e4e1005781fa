from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from .forecast_sql import expected_sql
from .pack_sql import dispute_sql, receipts_sql

WEEKS = 8


class SalesReceivablePack(models.Model):
    _inherit = 'sales.receivable.pack'

    def _prepare_forecast(self, scope):
        """Return what the pack keeps of the forecast: weeks, what comes later, and what is in dispute."""
        self.ensure_one()
        first_day = self.date + timedelta(days=1)
        monday = first_day - timedelta(days=first_day.weekday())
        amounts = dict(self.env.execute_query(SQL(
            "SELECT x.week, SUM(x.residual) FROM (%s) x WHERE %s GROUP BY x.week",
            expected_sql(first_day, self.date, scope.company_sql(), dispute_sql(scope)),
            scope.team_sql(SQL("x.team_id")))))
        weeks = [monday + timedelta(weeks=number) for number in range(WEEKS)]
        return {
            'forecast_ids': [fields.Command.clear()] + [
                fields.Command.create({'week': week, 'expected': amounts.get(week, 0.0)}) for week in weeks],
            'forecast_disputed': amounts.get(None, 0.0),
            'forecast_later': sum(amount for week, amount in amounts.items() if week and week > weeks[-1]),
        }

    def _get_receipts(self, today):
        """Return the money that came in for the items of the pack, by week; from the day after the month end.

        :param date today: the last day that counts
        :return: dict ``{Monday: amount in company currency}``
        :rtype: dict
        """
        self.ensure_one()
        if not self.date:
            return {}
        self._flush_pack_sources()
        return dict(self.env.execute_query(receipts_sql(self._get_scope(), self.date, today)))
