import calendar
from datetime import date, datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.exceptions import UserError

from ...internal import grant
from .behaviour import flush_behaviour_sources
from .items import flush_sources
from .pack_sql import (
    SOURCES,
    Scope,
    broken_sql,
    check_sql,
    figures_sql,
    kept_sql,
    lines_sql,
    sales_sql,
)
from .sales_receivable_pack import GUARD

LOCK_DATES = ('fiscalyear_lock_date', 'sale_lock_date', 'hard_lock_date')


class SalesReceivablePack(models.Model):
    _inherit = 'sales.receivable.pack'

    # === ACTION METHODS === #

    def action_check(self):
        """Derive the figures once more from the documents, and show what has changed since the pack was frozen.

        Documents that were posted, paid or changed later with a date of the month make a difference. The pack stays as
        it is.

        :return: window action on the differences, or a notification that there are none
        :rtype: dict
        :raise AccessError: if the user neither leads the teams nor directs all sales or credit
        :raise UserError: if the pack is not frozen
        """
        self.ensure_one()
        self._check_may_act()
        if self.state == 'draft':
            raise UserError(self.env._("There is nothing to compare with before the pack is frozen."))
        differences = self.env['sales.receivable.pack.difference'].sudo().create(
            self._get_differences()).with_env(self.env)
        if not differences:
            return {
                'type': 'ir.actions.client',
                'tag': 'display_notification',
                'params': {
                    'type': 'success',
                    'message': self.env._("The documents give the same figures as on the day of the freeze."),
                },
            }
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Changed Since the Freeze"),
            'res_model': differences._name,
            'views': [(False, 'list')],
            'domain': [('id', 'in', differences.ids)],
            'target': 'new',
        }

    # === FREEZING === #

    def _freeze(self):
        """Freeze the pack: lines, people, totals and forecast, in a constant number of statements."""
        self.ensure_one()
        pack = self.sudo()
        # The write comes first: whoever freezes at the same time waits here, and finds the pack frozen
        self._set({
            'state': 'open',
            'frozen_on': fields.Datetime.now(),
            'frozen_by_id': self.env.uid,
            'previous_id': pack.search(
                pack._scope_domain() + [('date', '<', pack.date), ('state', '!=', 'draft')], limit=1).id,
        })
        pack.flush_recordset()
        pack._flush_pack_sources()
        scope = pack._get_scope()
        pack._insert_lines(scope)
        self._set({
            **pack._prepare_totals(scope),
            **pack._prepare_forecast(scope),
            'period_open': pack._is_period_open(),
            'comment_deadline': pack._get_comment_deadline(),
        })
        pack._set_kept_rates(scope)
        pack._start_follow_up()

    def _get_scope(self):
        self.ensure_one()
        end = self.env.tz.localize(datetime.combine(self.date, time.max)).astimezone(pytz.utc).replace(tzinfo=None)
        return Scope(self.company_id, self.team_id, self.date, end)

    def _flush_pack_sources(self):
        """Write what is pending and what the statements of the pack read."""
        flush_sources(self.env)
        flush_behaviour_sources(self.env)
        for model_name, names in SOURCES.items():
            self.env[model_name].flush_model(names)

    def _insert_lines(self, scope):
        self.env['sales.receivable.bucket']._get_for(self.company_id)
        self.env.cr.execute(lines_sql(scope, self.id, self.previous_id.id or None, self.env.uid))
        self.env['sales.receivable.pack.line'].invalidate_model()
        self.env['sales.receivable.pack.person'].invalidate_model()
        self.invalidate_recordset()

    def _prepare_totals(self, scope):
        """Return the totals of the header and the ageing, in company currency."""
        rows = self.env.execute_query_dict(figures_sql(scope))
        aged = [row for row in rows if row['days_from'] is not None]
        overdue = sum(row['residual'] for row in aged if row['days_from'] > 0)
        total = sum(row['residual'] for row in aged)
        unapplied = sum(row['residual'] for row in rows if row['days_from'] is None)
        return {
            'receivable_total': total,
            'overdue_total': overdue,
            'not_due_total': total - overdue,
            'overdue_share': overdue / total if total else 0.0,
            'unapplied_total': unapplied,
            'dso': self._count_back(float(total + unapplied), self.env.execute_query(sales_sql(scope)), self.date),
            'broken_promise_count': self.env.execute_query(broken_sql(scope, self._get_since()))[0][0],
            'bucket_ids': [fields.Command.clear()] + [
                fields.Command.create({
                    'bucket_id': row['bucket_id'],
                    'days_from': row['days_from'],
                    'days_to': row['days_to'],
                    'residual': row['residual'],
                    'item_count': row['item_count'],
                })
                for row in aged],
        }

    def _get_since(self):
        """Return the day of the last pack, or the month end before this one."""
        return self.previous_id.date or self._month_before(self.date)

    @staticmethod
    def _count_back(owed, sales, day):
        """Return days sales outstanding by count-back.

        :param float owed: what is owed
        :param list sales: ``(first day of the month, amount)``, in any order
        :param date day: the month end
        :rtype: float
        """
        amounts, days = {month: float(amount) for month, amount in sales}, 0.0
        if not amounts:
            return 0.0
        year, month, oldest = day.year, day.month, min(amounts)
        while owed > 0 and date(year, month, 1) >= oldest:
            length, sold = calendar.monthrange(year, month)[1], amounts.get(date(year, month, 1), 0.0)
            if sold >= owed:
                return days + length * owed / sold
            days, owed = days + length, owed - max(sold, 0.0)
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return days

    def _is_period_open(self):
        """Tell whether documents can still be posted into the month in the company or one of its branches."""
        companies = self.env['res.company'].sudo().search([('id', 'child_of', self.company_id.id)])
        return any(
            max(company[name] or date.min for name in LOCK_DATES) < self.date
            for company in companies)

    def _set_kept_rates(self, scope):
        """Keep on each person's row how much of what was promised to him since the last pack was paid in time."""
        users = self.person_ids.user_id
        rates = {
            user_id: (promised, kept)
            for user_id, promised, kept in self.env.execute_query(kept_sql(scope, self._get_since(), users.ids))}
        for person in grant(self.person_ids, GUARD):
            promised, kept = rates.get(person.user_id.id, (0, 0))
            if promised:
                person.write({'promised_amount': promised, 'kept_rate': kept / promised})

    def _get_comment_deadline(self):
        """Return the last day for comments: so many working days of the company after today."""
        days = self.company_id.pack_comment_days
        today = fields.Date.context_today(self)
        start = self.env.tz.localize(datetime.combine(today + timedelta(days=1), time.min))
        calendar_id = self.company_id.resource_calendar_id
        end = calendar_id and calendar_id.plan_days(days, start, compute_leaves=True)
        if end:
            return end.date()
        day = today
        while days:
            day += timedelta(days=1)
            days -= day.weekday() < 5
        return day

    # === CHECKING === #

    def _get_differences(self):
        """Return the values of the rows that tell how the documents differ from the pack now."""
        pack = self.sudo()
        pack._flush_pack_sources()
        pack.line_ids.flush_recordset()
        scope = pack._get_scope()
        rows = [
            {**row, 'pack_id': self.id}
            for row in self.env.execute_query_dict(check_sql(scope, self.id))]
        current = pack._prepare_totals(scope)
        rows.extend(
            {
                'pack_id': self.id,
                'move_name': pack._fields[name]._description_string(self.env),
                'frozen': pack[name],
                'current': current[name],
                'reason': 'total',
            }
            for name in ('receivable_total', 'overdue_total', 'unapplied_total')
            if pack.currency_id.compare_amounts(pack[name], float(current[name])))
        return rows
