import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import split_every

from ...internal import grant
from ..receivable.items import flush_sources
from .const import PROMISE_GUARD
from .promise_figures import payments_sql

_logger = logging.getLogger(__name__)

BATCH = 200


class SalesCollectionPromise(models.Model):
    """Watching promises: who kept his word, and who hears about it when he did not."""

    _inherit = 'sales.collection.promise'

    # === BUSINESS METHODS - JUDGING === #

    def _get_payments(self):
        """Return what came of these promises so far, see :func:`payments_sql`.

        :return: row per promise id, amounts rounded to the currency of the promise
        :rtype: dict
        """
        if not self.ids:
            return {}
        flush_sources(self.env)
        for name in ('account.partial.reconcile', 'account.payment', 'sales.receivable.dispute', self._name,
                     'sales.collection.promise.line'):
            self.env[name].flush_model()
        self.env['res.company'].flush_model(['collection_promise_grace_days'])
        rows = {row['promise_id']: row for row in self.env.execute_query_dict(payments_sql(self.ids))}
        for promise in self.sudo().filtered(lambda promise: promise.id in rows):
            for name in ('paid', 'owed'):
                rows[promise.id][name] = promise.currency_id.round(float(rows[promise.id][name]))
        return rows

    def _judge(self, today=None):
        """Judge those running promises that are fulfilled or whose time is up; the others are left alone.

        Kept: what is owed of the promise has been paid until the day plus the grace days of the company, also early.
        Partly: less, but something. Broken: nothing. Cancelled: nothing of its items is left to pay;
        while one is in dispute or back to draft, it may be owed again until the time is up.

        :param date today: the day to judge on; the present one if ``None``
        :return: the promises that were judged now, sudoed
        """
        today = today or fields.Date.context_today(self)
        promises = self.sudo().filtered(lambda promise: promise.state == 'open')
        payments = promises._get_payments()
        judged, void = promises.browse(), promises.browse()
        for promise in promises:
            row = payments.get(promise.id, {'paid': 0.0, 'owed': 0.0})
            owed, paid = min(promise.amount, row['owed']), row['paid']
            over = today > promise._get_deadline()
            if promise.currency_id.compare_amounts(owed, 0.0) <= 0:
                if over or not (row.get('drafts') or row.get('disputes')):
                    void |= promise
            elif promise.currency_id.compare_amounts(paid, owed) >= 0 or over:
                promise._set_verdict(owed, min(paid, owed), today)
                judged |= promise
        if void:
            void._cancel(self.env._("Nothing of its items is left to pay."))
        judged._tell_verdict()
        if judged or void:
            self.env['sales.collection.case']._sync((judged | void).partner_id, opening=False)
        return judged

    def _get_deadline(self):
        return fields.Date.add(self.date, days=self.company_id.collection_promise_grace_days)

    def _set_verdict(self, owed, paid, today):
        """Freeze the result of a promise. Note: self.ensure_one()"""
        compare = self.currency_id.compare_amounts
        share = paid / owed
        due_company = self.company_currency_id.round(self.amount_company * owed / self.amount)
        grant(self, PROMISE_GUARD, only_these=True).write({
            'state': 'kept' if compare(paid, owed) >= 0 else 'partly' if compare(paid, 0.0) > 0 else 'broken',
            'paid_amount': paid,
            'due_amount': owed,
            'kept_share': share,
            'due_company': due_company,
            'kept_company': self.company_currency_id.round(due_company * share),
            'judged_on': today,
        })

    def _tell_verdict(self):
        """Make failed promises the next thing to do for those who work the case, and tell their leaders."""
        failed = self.filtered(lambda promise: promise.state in ('partly', 'broken'))
        if not failed:
            return
        bodies = {promise.id: promise._get_verdict_text() for promise in failed}
        failed._message_log_batch(bodies=bodies)
        cases = failed.case_id.filtered(lambda case: case.state != 'closed')
        cases._set({
            'state': 'open', 'next_action': 'call', 'next_date': fields.Date.context_today(self),
            'snooze_until': False, 'snooze_reason': False, 'snoozed_on': False,
        })
        case_bodies = {}
        for promise in failed.filtered(lambda promise: promise.case_id in cases):
            case_bodies[promise.case_id.id] = Markup("<br/>").join(
                filter(None, [case_bodies.get(promise.case_id.id), bodies[promise.id]]))
        cases._message_log_batch(bodies=case_bodies)
        for promise in failed.filtered(lambda promise: promise.user_id.active):
            if promise.user_id != promise.case_id.user_id or promise.case_id not in cases:
                promise.activity_schedule(
                    'mail.mail_activity_data_todo', user_id=promise.user_id.id,
                    summary=self.with_context(lang=promise.user_id.lang).env._("Promise not kept"))
        failed._signal()

    def _get_verdict_text(self):
        if self.state == 'broken':
            return self.env._("Promise broken: nothing of %(amount)s was paid.", amount=self._format(self.due_amount))
        return self.env._(
            "Promise kept in part only: %(paid)s of %(amount)s was paid.",
            paid=self._format(self.paid_amount), amount=self._format(self.due_amount))

    def _signal(self):
        """Report failed promises to the leaders of those who took them."""
        signals, _former = self.env['sales.signal']._report([
            {
                'code': 'promise_broken',
                'name': f"{promise.partner_id.display_name}: {promise._get_verdict_text()}",
                'res_model': self._name,
                'res_id': promise.id,
                'company_id': promise.company_id.id,
                'user_id': (promise.case_id.user_id or promise.user_id).id,
                'team_id': promise.team_id.id,
                'value': promise.kept_company,
                'threshold': promise.due_company,
            }
            for promise in self
        ])
        for signal in signals:
            leader = signal.team_id.user_id
            if leader.active and leader != signal.user_id:
                signal.activity_schedule(
                    'mail.mail_activity_data_todo', user_id=leader.id,
                    summary=self.with_context(lang=leader.lang).env._("Promise not kept"))

    # === BUSINESS METHODS - CHANGES === #

    def _cancel(self, reason):
        """Cancel running promises, after the check of whoever calls.

        :param str reason: why, for the chatter
        """
        promises = grant(self.sudo(), PROMISE_GUARD, only_these=True)
        promises.write({'state': 'cancelled', 'cancel_reason': reason, 'judged_on': fields.Date.context_today(self)})
        body = self.env._("Cancelled: %(reason)s", reason=reason)
        promises._message_log_batch(
            bodies=dict.fromkeys(promises.ids, body), author_id=self.env.user.partner_id.id)

    @api.model
    def _of_items(self, line_ids, states):
        """Return the promises about these journal items, sudoed.

        :param line_ids: ids of `account.move.line`
        :param states: states of the promises
        """
        return self.env['sales.collection.promise.line'].sudo().search(
            [('line_id', 'in', list(line_ids)), ('promise_state', 'in', list(states))]).promise_id

    # === CRON METHODS === #

    @api.model
    def _cron_judge(self):
        """Judge promises once a day, in batches; what is judged drops out, so a killed run goes on where it was."""
        if not self.env['sales.collection.case']._collection_is_active():
            return
        ids = self.search([('state', '=', 'open')], order='date, id').ids
        Cron = self.env['ir.cron']
        Cron._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids):
            promises = self.browse(batch).exists().try_lock_for_update().filtered(lambda p: p.state == 'open')
            promises._judge_safely()
            if not Cron._commit_progress(len(batch)):
                return

    def _judge_safely(self):
        """Judge; a promise that cannot be judged does not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._judge()
        except Exception:
            self.env.invalidate_all()
            if len(self) == 1:
                _logger.exception("Promise %s could not be judged", self.id)
                return
            for promise in self:
                promise._judge_safely()
