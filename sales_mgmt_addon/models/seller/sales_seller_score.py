from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...internal import grant, granted
from ..channel.const import SELLER_GUARD
from .const import AREA_GROUP, MANAGER_GROUP, TODO_ACTIVITY
from .reason import ask_reason, clean_reason
from .score import LEVEL_NAMES, LEVELS, get_level, wilson_lower

SIGNAL = 'seller_score'
# Rate -> its hits, what they are counted against, threshold of the company
RATES = {
    'late': ('late', 'due', 'score_late_percent'),
    'cancelled': ('cancelled', 'orders', 'score_cancelled_percent'),
    'returned': ('returned', 'shipped', 'score_returned_percent'),
    'unanswered': ('unanswered', 'asked', 'score_unanswered_percent'),
}
COUNTS = ('orders', 'due', 'late', 'cancelled', 'shipped', 'returned', 'asked', 'unanswered')
SEVERITY = {'watch': 'info', 'limit': 'warning', 'suspend': 'critical'}
BATCH = 200


class SalesSellerScore(models.Model):
    """How a seller did in the days before a date: one row per seller and month, brought up to date every night.

    The system proposes, a person decides: no level suspends anybody by itself.
    """

    _name = 'sales.seller.score'
    _description = "Seller Score"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'month desc, level_rank desc, id'
    _rec_name = 'seller_id'
    _check_company_auto = True

    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, readonly=True, index=True, ondelete='cascade',
        check_company=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    user_id = fields.Many2one(related='seller_id.user_id', string="Account Manager", store=True, index='btree_not_null')
    month = fields.Date(string="Month", required=True, readonly=True, index=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Until", readonly=True)
    orders = fields.Integer(string="Orders", readonly=True)
    due = fields.Integer(string="Due", readonly=True, help="Orders whose promised date has passed, or that were shipped.")
    late = fields.Integer(string="Late", readonly=True, help="Shipped after the promised date, or not shipped yet.")
    cancelled = fields.Integer(string="Cancelled by Seller", readonly=True)
    shipped = fields.Integer(string="Shipped Orders", readonly=True)
    returned = fields.Integer(string="Returned Orders", readonly=True, help="Orders of which anything came back.")
    asked = fields.Integer(string="To Answer", readonly=True, help="Orders that were to be accepted by now.")
    unanswered = fields.Integer(string="Answered Late", readonly=True, help="Accepted too late, or not accepted yet.")
    late_rate = fields.Float(string="Late (%)", digits=(5, 2), readonly=True, aggregator='avg')
    cancelled_rate = fields.Float(string="Cancelled (%)", digits=(5, 2), readonly=True, aggregator='avg')
    returned_rate = fields.Float(string="Returned (%)", digits=(5, 2), readonly=True, aggregator='avg')
    unanswered_rate = fields.Float(string="Answered Late (%)", digits=(5, 2), readonly=True, aggregator='avg')
    late_bound = fields.Float(string="Late, at Least (%)", digits=(5, 2), readonly=True, aggregator=None)
    cancelled_bound = fields.Float(string="Cancelled, at Least (%)", digits=(5, 2), readonly=True, aggregator=None)
    returned_bound = fields.Float(string="Returned, at Least (%)", digits=(5, 2), readonly=True, aggregator=None)
    unanswered_bound = fields.Float(string="Answered Late, at Least (%)", digits=(5, 2), readonly=True, aggregator=None)
    level = fields.Selection(
        selection=LEVELS, string="Level", readonly=True, required=True, default='ok', tracking=True, index=True,
        help="By the worst rate. A threshold counts as broken only if the rate is above it with 95 % certainty.")
    level_rank = fields.Integer(compute='_compute_level_rank', store=True, aggregator=None)
    trend = fields.Selection(
        selection=[('better', "Better"), ('same', "Same"), ('worse', "Worse")], string="Trend", readonly=True,
        help="Against the month before: the mean of the rates that moved by more than half a point.")
    # The seller's side
    appeal = fields.Text(string="What the Seller Says", readonly=True)
    appeal_on = fields.Datetime(string="Appealed On", readonly=True)
    appeal_state = fields.Selection(
        selection=[('open', "Open"), ('accepted', "Accepted"), ('rejected', "Rejected")], string="Appeal", readonly=True,
        tracking=True)
    appeal_answer = fields.Text(string="Answer", readonly=True)
    appeal_answered_by_id = fields.Many2one(
        comodel_name='res.users', string="Answered By", readonly=True, ondelete='restrict')

    _unique_month = models.Constraint('UNIQUE (seller_id, month)', "The seller has a score for this month already.")

    # === COMPUTE METHODS === #

    @api.depends('level')
    def _compute_level_rank(self):
        for score in self:
            score.level_rank = LEVEL_NAMES.index(score.level or 'ok')

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_guard()
        return super().create(vals_list)

    def write(self, vals):
        # chatter and activities are written through the record as well
        if any(not name.startswith(('activity_', 'message_', 'my_activity_')) for name in vals):
            self._check_guard()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, SELLER_GUARD):
            raise UserError(self.env._("Scores stay on record."))

    def _check_guard(self):
        if not granted(self, SELLER_GUARD):
            raise AccessError(self.env._("Scores are counted by the system, not typed."))

    # === ACTION METHODS === #

    def action_accept_appeal(self, answer=None):
        """Follow what the seller says: the score of the month has no consequences.

        :param str answer: what he is told; a dialog asks for it when empty
        :return: True, or the window action of the dialog
        :raise AccessError: if the user is no channel manager
        :raise UserError: without an open appeal, or if the answer is blank
        """
        return self._answer_appeal('accepted', 'action_accept_appeal', answer)

    def action_reject_appeal(self, answer=None):
        """Leave the score as it is. See :meth:`action_accept_appeal`."""
        return self._answer_appeal('rejected', 'action_reject_appeal', answer)

    def action_suspend_seller(self):
        """Suspend the seller as proposed; a dialog asks for the reason. Rights are checked by the seller."""
        self.ensure_one()
        self.check_access('read')
        return self.seller_id.action_suspend()

    # === BUSINESS METHODS === #

    def _file_appeal(self, text):
        """Note what the seller says about his score, and ask his account manager to answer. In sudo mode, for the portal.

        :param str text: what he says
        :raise UserError: if he has said something before, or nothing now, or the score has no consequences
        """
        self.ensure_one()
        text = clean_reason(self, text)
        if self.appeal_state:
            raise UserError(self.env._("There is an appeal for this month already."))
        if self.level == 'ok':
            raise UserError(self.env._("This score has no consequences: there is nothing to appeal against."))
        self._as_server().write({'appeal': text, 'appeal_on': fields.Datetime.now(), 'appeal_state': 'open'})
        if user := self.seller_id.user_id:
            self.sudo().activity_schedule(
                TODO_ACTIVITY, fields.Date.context_today(self), user_id=user.id,
                summary=self.with_context(lang=user.lang).env._("Answer the appeal of the seller"))

    def _answer_appeal(self, state, method, answer):
        if not (self.env.su or self.env.user.has_group(MANAGER_GROUP)):
            raise AccessError(self.env._("Only channel managers answer the appeals of sellers."))
        self.check_access('read')
        if any(score.appeal_state != 'open' for score in self):
            raise UserError(self.env._("There is no open appeal to answer."))
        if answer is None:
            return ask_reason(self, method, self.env._("Answer the Appeal"))
        answer = clean_reason(self, answer)
        self._as_server().write(
            {'appeal_state': state, 'appeal_answer': answer, 'appeal_answered_by_id': self.env.uid})
        self.sudo().activity_feedback([TODO_ACTIVITY], feedback=answer)
        if state == 'accepted':
            self._expire_signals()
        return True

    def _has_consequences(self):
        """Tell whether the score asks for anything: a level other than in order that no accepted appeal has excused."""
        self.ensure_one()
        return self.level != 'ok' and self.appeal_state != 'accepted'

    @api.model
    def _refresh(self, sellers, today=None):
        """Count the orders of sellers of one company anew, and report what is wrong.

        :param sellers: `sales.seller` records of one company
        :param date today: the day on which it is counted
        :return: the scores of the month, sudoed
        """
        today = today or fields.Date.context_today(self)
        sellers, company = sellers.sudo(), sellers.sudo().company_id.ensure_one()
        start, month = fields.Date.subtract(today, days=company.score_days), today.replace(day=1)
        counts = self._count_orders(sellers, company, start, today)
        Score = grant(self.sudo(), SELLER_GUARD)
        known = Score.search([
            ('seller_id', 'in', sellers.ids), ('month', 'in', (month, fields.Date.subtract(month, months=1)))])
        by_key = {(score.seller_id, score.month): score for score in known}
        scores = Score.browse()
        for seller in sellers:
            former = by_key.get((seller, fields.Date.subtract(month, months=1)))
            vals = {
                'date_from': start, 'date_to': today,
                **self._prepare_figures(counts.get(seller.id) or dict.fromkeys(COUNTS, 0), company, former)}
            if score := by_key.get((seller, month)):
                score.write(vals)
            else:
                score = Score.create({'seller_id': seller.id, 'month': month, **vals})
            scores |= score
        scores = scores.with_env(self.sudo().env)
        scores._report()
        return scores

    @api.model
    def _prepare_figures(self, counts, company, former):
        """Return counts, rates, lower bounds, level and trend.

        :param dict counts: see ``COUNTS``
        :param company: `res.company` record, for the thresholds
        :param former: score of the month before, or None
        """
        vals, bounds = dict(counts), []
        for name, (hits, total, threshold) in RATES.items():
            vals[f'{name}_rate'] = round(100.0 * counts[hits] / counts[total], 2) if counts[total] else 0.0
            vals[f'{name}_bound'] = round(wilson_lower(counts[hits], counts[total]), 2)
            if counts[total] >= company.score_minimum_orders:
                bounds.append((vals[f'{name}_bound'], company[threshold]))
        vals['level'] = get_level(bounds)
        vals['trend'] = False
        if former:
            change = sum(vals[f'{name}_rate'] - former[f'{name}_rate'] for name in RATES) / len(RATES)
            vals['trend'] = 'same' if abs(change) <= 0.5 else 'worse' if change > 0 else 'better'
        return vals

    @api.model
    def _count_orders(self, sellers, company, start, end):
        """Count the orders of sellers in one statement.

        :param date start: first day
        :param date end: the day on which it is counted; orders of that day are left out
        :return: by seller id: the counts, see ``COUNTS``
        :rtype: dict[int, dict]
        """
        for model in ('sales.seller.order', 'sales.seller.order.line'):
            self.env[model].flush_model()
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT seller_id,
                   COUNT(*) AS orders,
                   COUNT(*) FILTER (WHERE is_due) AS due,
                   COUNT(*) FILTER (WHERE is_due AND (date_shipped IS NULL OR date_shipped::date > date_promised)) AS late,
                   COUNT(*) FILTER (WHERE cancelled_by = 'seller') AS cancelled,
                   COUNT(*) FILTER (WHERE date_shipped IS NOT NULL) AS shipped,
                   COUNT(*) FILTER (WHERE date_shipped IS NOT NULL AND has_return) AS returned,
                   COUNT(*) FILTER (WHERE is_asked) AS asked,
                   COUNT(*) FILTER (WHERE is_asked AND (
                       date_accepted IS NULL OR date_accepted > answer_until)) AS unanswered
              FROM (
                    SELECT o.seller_id, o.date_shipped, o.date_promised, o.date_accepted, o.cancelled_by, o.answer_until,
                           o.is_seller_fulfilled AND o.state <> 'cancelled' AND o.date_promised IS NOT NULL
                               AND (o.date_promised < %(end)s OR o.date_shipped IS NOT NULL) AS is_due,
                           -- who cancels in time has answered
                           o.is_seller_fulfilled AND o.answer_until < %(now)s
                               AND (o.date_cancelled IS NULL OR o.date_cancelled > o.answer_until) AS is_asked,
                           EXISTS (SELECT 1 FROM sales_seller_order_line l
                                    WHERE l.order_id = o.id AND l.qty_returned > 0) AS has_return
                      FROM (SELECT *, date_order + make_interval(hours => %(hours)s) AS answer_until
                              FROM sales_seller_order) o
                     WHERE o.seller_id IN %(sellers)s AND o.date_order >= %(start)s AND o.date_order < %(end)s
                       -- what we or the buyer called off says nothing about the seller
                       AND (o.state <> 'cancelled' OR o.cancelled_by = 'seller')
                   ) orders
             GROUP BY seller_id
            """,
            start=start, end=end, now=fields.Datetime.now(), hours=company.score_answer_hours, sellers=tuple(sellers.ids)))
        return {row.pop('seller_id'): row for row in rows}

    def _report(self):
        """Report scores with consequences to the account managers, once per month and level; take back the others."""
        bad = self.filtered(lambda score: score._has_consequences())
        (self - bad)._expire_signals()
        for score in bad:
            seller = score.seller_id
            new, _former = self.env['sales.signal']._report({
                'code': SIGNAL,
                'name': self.env._(
                    "%(seller)s: %(level)s (%(rates)s)", seller=seller.name,
                    level=dict(self._fields['level']._description_selection(self.env))[score.level],
                    rates=score._get_rates_text()),
                'res_model': self._name, 'res_id': score.id, 'company_id': seller.company_id.id, 'user_id': seller.user_id.id,
                'severity': SEVERITY[score.level], 'value': score.level_rank,
            })
            if (new or score.level == 'suspend') and seller.user_id and not score.activity_ids:
                score.activity_schedule(
                    TODO_ACTIVITY, fields.Date.context_today(self), user_id=seller.user_id.id,
                    summary=score.with_context(lang=seller.user_id.lang).env._("Decide on the seller's score"))

    def _expire_signals(self):
        self.env['sales.signal'].sudo().search([
            ('code', '=', SIGNAL), ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            ('state', '=', 'open')])._expire()

    def _get_rates_text(self):
        """Return the broken rates in words: "Late (%) 20.00, at least 13.34, allowed 4.00"."""
        self.ensure_one()
        texts = []
        for name, (_hits, _total, threshold) in RATES.items():
            allowed = self.company_id[threshold]
            if allowed and self[f'{name}_bound'] > allowed:
                texts.append(self.env._(
                    "%(rate)s %(value).2f, at least %(bound).2f, allowed %(allowed).2f",
                    rate=self._fields[f'{name}_rate']._description_string(self.env), value=self[f'{name}_rate'],
                    bound=self[f'{name}_bound'], allowed=allowed))
        return "; ".join(texts)

    # === CRON METHODS === #

    @api.model
    def _cron_refresh(self):
        """Bring the scores of the month of all sellers who sell or are suspended up to date."""
        if not self.env['res.groups']._is_feature_enabled(AREA_GROUP):
            return
        today = fields.Date.context_today(self)
        groups = self.env['sales.seller'].sudo()._read_group(
            [('state', 'in', ('active', 'suspended'))], ['company_id'], ['id:recordset'])
        batches = [sellers[start:start + BATCH] for _company, sellers in groups for start in range(0, len(sellers), BATCH)]
        self.env['ir.cron']._commit_progress(remaining=len(batches))
        for sellers in batches:
            self._refresh(sellers, today)
            if not self.env['ir.cron']._commit_progress(1):
                return

    # === TOOLING === #

    def _as_server(self):
        return grant(self.sudo(), SELLER_GUARD, only_these=True)
