"""Statements of dunning: which items reach which level, whether they still do, what stops supply, what interest is owed.

All of them go through the open items of :func:`items_sql` and cost one statement for any number of customers.
"""

from odoo.tools import SQL

from ..receivable.disputed import SOURCES as DISPUTE_SOURCES
from ..receivable.disputed import undisputed_sql
from ..receivable.items import flush_sources, items_sql

# Fields the statements read beside those of `items_sql`
SOURCES = {
    'account.move': ['is_dunning_charge'],
    'account.move.line': ['no_followup'],
    'res.partner': ['active', 'email', 'parent_id', 'type'],
    'sales.collection.promise': ['amount', 'date', 'state'],
    'sales.collection.promise.line': ['line_id', 'promise_id', 'residual'],
    'sales.credit.profile': [
        'company_id', 'dunning_hold_date', 'dunning_hold_level_id', 'dunning_pause_until', 'partner_id'],
    'sales.dunning.charge': ['amount', 'kind', 'letter_id', 'line_id'],
    'sales.dunning.letter': ['company_id', 'partner_id', 'run_id', 'state'],
    'sales.dunning.level': ['active', 'channel', 'company_id', 'days', 'fee', 'interest_rate', 'stop_supply'],
    'sales.dunning.line': [
        'days', 'interest_rate', 'letter_id', 'level_id', 'line_id', 'residual', 'state', 'stop_supply'],
    **DISPUTE_SOURCES,
}

# Level and days of an item's earlier letters; one that was skipped was never sent.
_BEFORE = SQL("SELECT 1 FROM sales_dunning_line b WHERE b.line_id = i.id AND b.state <> 'skipped'")


def flush_dunning_sources(env):
    """Write what is pending and what the statements of this module read."""
    flush_sources(env)
    for model_name, names in SOURCES.items():
        env[model_name].flush_model(names)


def _promised(date):
    """Subquery: a promise that may still be kept and covers item ``i``.

    A promise of less than what was open of its items stops no letter, or a token would. Neither does one about an
    item whose earlier promise was broken or kept in part only.
    """
    return SQL(
        """SELECT 1 FROM sales_collection_promise_line pl JOIN sales_collection_promise pr ON pr.id = pl.promise_id
            WHERE pl.line_id = i.id AND pr.state = 'open' AND pr.date >= %s
              AND pr.amount >= (SELECT SUM(pa.residual) FROM sales_collection_promise_line pa WHERE pa.promise_id = pr.id)
              AND NOT EXISTS (
                SELECT 1 FROM sales_collection_promise_line pb JOIN sales_collection_promise px ON px.id = pb.promise_id
                 WHERE pb.line_id = i.id AND px.state IN ('broken', 'partly'))""", date)


def _rounded(amount, currency):
    """Expression of an amount, rounded in a joined ``res_currency``."""
    return SQL("ROUND((%s)::numeric, %s.decimal_places)", amount, currency)


# What is open of item ``i`` and contested by nobody, ``n``; in its currency and in that of its company
_FREE = SQL(
    """JOIN res_company nc ON nc.id = i.company_id
       JOIN res_currency ncc ON ncc.id = nc.currency_id
       JOIN res_currency nic ON nic.id = i.currency_id
       JOIN LATERAL (SELECT %s AS share) ns ON TRUE
       JOIN LATERAL (SELECT %s AS residual, %s AS residual_currency) n ON TRUE""",
    undisputed_sql(), _rounded(SQL("i.residual * ns.share"), SQL("ncc")),
    _rounded(SQL("i.residual_currency * ns.share"), SQL("nic")))


def propose_sql(run, company_ids, minimum, user_id):
    """Return the statement that inserts the letters of a run with their lines.

    An instalment is dunned at the highest level that it has reached, if it never had that level or a later one: what
    was passed over is not sent afterwards. A reminder before the due date is not sent after it. What is in dispute of
    an item is not dunned. Left out are items all in dispute, items that a running promise covers, items that
    accounting takes out of follow-up, customers whose dunning is paused, customers whose unapplied receipts cover all that
    is due, and letters below the minimum.

    :param dict run: ``id``, ``name``, ``company_id``, ``date``
    :param list company_ids: the root company of the run and its branches
    :param float minimum: smallest total of a letter, company currency
    :param int user_id: for the log columns
    :return: statement whose rows are the ids of the inserted lines
    :rtype: SQL
    """
    return SQL(
        """
        WITH item AS MATERIALIZED (%(items)s),
        due AS MATERIALIZED (
            SELECT i.id, i.partner_id, i.partner_user_id, i.user_id, i.team_id, i.currency_id, i.date_due, i.amount_currency,
                   n.residual, n.residual_currency, v.id AS level_id, v.days, v.interest_rate, v.stop_supply,
                   %(date)s::date - i.date_due AS overdue, m.name
              FROM item i
              JOIN LATERAL (
                SELECT l.* FROM sales_dunning_level l
                 WHERE l.company_id = %(company)s AND l.active AND l.days <= %(date)s::date - i.date_due
                   AND (l.days >= 0 OR i.date_due >= %(date)s)
                 ORDER BY l.days DESC LIMIT 1
              ) v ON TRUE
              JOIN account_move_line a ON a.id = i.id AND a.no_followup IS NOT TRUE
              JOIN account_move m ON m.id = i.move_id
              %(free)s
             WHERE i.partner_id IS NOT NULL AND n.residual > 0 AND n.residual_currency > 0
               AND NOT EXISTS (%(before)s AND (b.days >= v.days OR b.level_id = v.id))
               AND NOT EXISTS (%(promised)s)
               AND NOT EXISTS (
                SELECT 1 FROM sales_credit_profile cr
                 WHERE cr.partner_id = i.partner_id AND cr.company_id = %(company)s
                   AND cr.dunning_pause_until >= %(date)s)
        ),
        customer AS (
            SELECT i.partner_id, COALESCE(-SUM(i.residual) FILTER (WHERE i.residual < 0), 0) AS receipts,
                   SUM(i.residual) FILTER (WHERE i.residual > 0 AND (i.date_due <= %(date)s OR d.id IS NOT NULL)) AS claimed
              FROM item i LEFT JOIN due d ON d.id = i.id
             GROUP BY i.partner_id
        ),
        wanted AS (
            SELECT d.partner_id, (array_agg(d.level_id ORDER BY d.days DESC))[1] AS level_id, SUM(d.residual) AS amount,
                   COALESCE(MAX(d.partner_user_id), mode() WITHIN GROUP (ORDER BY d.user_id)) AS user_id,
                   mode() WITHIN GROUP (ORDER BY d.team_id) AS team_id
              FROM due d
             GROUP BY d.partner_id
            HAVING SUM(d.residual) >= %(minimum)s
        ),
        letter AS (
            INSERT INTO sales_dunning_letter (
                name, run_id, company_id, partner_id, address_id, user_id, team_id, level_id, channel, fee, amount,
                receipts, state, create_uid, write_uid, create_date, write_date)
            SELECT %(name)s || '-' || to_char(row_number() OVER (ORDER BY w.partner_id), 'FM0000'), %(run)s, %(company)s,
                   w.partner_id, COALESCE(address.id, w.partner_id), w.user_id, COALESCE(u.sale_team_id, w.team_id),
                   v.id, v.channel, v.fee, w.amount, c.receipts,
                   'proposed', %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM wanted w
              JOIN customer c ON c.partner_id = w.partner_id
              JOIN sales_dunning_level v ON v.id = w.level_id
              LEFT JOIN res_users u ON u.id = w.user_id
              LEFT JOIN LATERAL (
                SELECT p.id FROM res_partner p
                 WHERE p.parent_id = w.partner_id AND p.type = 'invoice' AND p.active
                 ORDER BY p.id LIMIT 1
              ) address ON TRUE
             WHERE c.claimed > c.receipts
            RETURNING id, partner_id
        )
        INSERT INTO sales_dunning_line (
            letter_id, line_id, level_id, company_id, currency_id, state, name, date_due, days_overdue, amount,
            residual, residual_company, days, interest_rate, stop_supply,
            create_uid, write_uid, create_date, write_date)
        SELECT t.id, d.id, d.level_id, %(company)s, d.currency_id, 'proposed', d.name, d.date_due, d.overdue,
               d.amount_currency, d.residual_currency, d.residual, d.days, d.interest_rate, d.stop_supply,
               %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM due d
          JOIN letter t ON t.partner_id = d.partner_id
        RETURNING id
        """,
        items=items_sql(where=SQL("l.company_id = ANY(%s)", company_ids)),
        before=_BEFORE, free=_FREE, promised=_promised(run['date']),
        company=run['company_id'], run=run['id'], name=run['name'], date=run['date'], minimum=minimum, uid=user_id)


def recheck_sql(letter_ids, date):
    """Return the statement that tells for each line of letters whether it is still to be dunned.

    :param list letter_ids: letters that were not sent yet
    :param date date: today
    :return: query with ``id`` (of the line), ``letter_id``, ``name``, ``residual``, ``residual_company`` as they are
        now, without what is in dispute, and ``obstacle``: ``'paid'``, ``'dispute'``, ``'promise'``, ``'paused'``,
        ``'later'`` (its letter failed, and one of a later level was sent since) or NULL
    :rtype: SQL
    """
    return SQL(
        """
        SELECT d.id, d.letter_id, d.name, i.free_currency AS residual, i.free AS residual_company,
               CASE WHEN i.id IS NULL OR i.residual <= 0 OR i.residual_currency <= 0 THEN 'paid'
                    WHEN i.free <= 0 OR i.free_currency <= 0 THEN 'dispute'
                    WHEN EXISTS (%(promised)s) THEN 'promise'
                    WHEN a.no_followup OR cr.dunning_pause_until >= %(date)s THEN 'paused'
                    WHEN EXISTS (SELECT 1 FROM sales_dunning_line b
                                  WHERE b.line_id = d.line_id AND b.days > d.days AND b.state = 'sent')
                    THEN 'later' END AS obstacle
          FROM sales_dunning_line d
          JOIN account_move_line a ON a.id = d.line_id
          LEFT JOIN (
            SELECT i.id, i.partner_id, i.residual, i.residual_currency, n.residual AS free,
                   n.residual_currency AS free_currency
              FROM (%(items)s) i %(free)s
          ) i ON i.id = d.line_id
          LEFT JOIN sales_credit_profile cr ON cr.partner_id = i.partner_id AND cr.company_id = d.company_id
         WHERE d.letter_id = ANY(%(letters)s)
         ORDER BY d.id
        """,
        items=items_sql(where=SQL(
            "l.id IN (SELECT line_id FROM sales_dunning_line WHERE letter_id = ANY(%s))", letter_ids)),
        letters=letter_ids, date=date, free=_FREE, promised=_promised(date))


def balance_sql(partner_ids, company_ids, date):
    """Return the statement of what customers owe by a day, and of what they paid without saying for what.

    :return: query with ``partner_id``, ``claimed`` and ``receipts``, both positive, company currency
    :rtype: SQL
    """
    return SQL(
        """
        SELECT i.partner_id, COALESCE(SUM(i.residual) FILTER (WHERE i.residual > 0 AND i.date_due <= %(date)s), 0) AS claimed,
               COALESCE(-SUM(i.residual) FILTER (WHERE i.residual < 0), 0) AS receipts
          FROM (%(items)s) i
         GROUP BY i.partner_id
        """,
        date=date, items=items_sql(where=SQL(
            """l.company_id = ANY(%s)
               AND l.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))""",
            company_ids, partner_ids)))


def stops_sql(partner_ids=None):
    """Return the statement of the customers whose supply dunning stops: an item of a sent level that does so is open,
    and not all of it in a dispute that somebody above the salesperson confirmed.

    :param list partner_ids: commercial partners; all if ``None``
    :return: query with ``partner_id``, ``company_id`` (root), ``level_id`` (the latest one) and ``amount`` (open
        of those items without what is in confirmed dispute, company currency, not rounded)
    :rtype: SQL
    """
    where = SQL("l.id IN (SELECT line_id FROM sales_dunning_line WHERE state = 'sent' AND stop_supply)")
    if partner_ids is not None:
        where = SQL(
            "%s AND l.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))",
            where, partner_ids)
    return SQL(
        """
        SELECT i.partner_id, i.root_id AS company_id, SUM(i.residual * n.share) AS amount,
               (array_agg(s.level_id ORDER BY s.days DESC))[1] AS level_id
          FROM (
            SELECT DISTINCT ON (line_id) line_id, level_id, days FROM sales_dunning_line
             WHERE state = 'sent' AND stop_supply
             ORDER BY line_id, days DESC
          ) s
          JOIN (%(items)s) i ON i.id = s.line_id AND i.residual > 0 AND i.partner_id IS NOT NULL
          JOIN LATERAL (SELECT %(share)s AS share) n ON n.share > 0
         GROUP BY i.partner_id, i.root_id
        """,
        items=items_sql(where=where), share=undisputed_sql(confirmed=True))


def interest_sql(line_ids, until, letter_ids=()):
    """Return the statement of the default interest on items since they were due.

    For each stretch of time in which the residual did not change: residual × rate / 100 × days / 365. As the
    residual is the amount less what was matched, the sum over all stretches is the amount × all days, less each
    matching × the days that were left when it came. So the interest of a time is still owed after the principal is
    paid, and a payment or credit note bears on the days after it only. The rate is the highest one among the levels
    that were sent for the item. Statutory default interest runs from the due date, whenever the letter was
    sent. Fees and interest that were invoiced bear none.

    :param list line_ids: journal items
    :param date until: last day that bears interest
    :param letter_ids: letters that are about to be sent and count as sent
    :return: query with ``id``, ``currency_id``, ``company_id``, ``date_due``, ``rate``, ``interest`` (not rounded, in the
        currency of the item, all since the due date), ``charged`` (part of it that was invoiced already)
        and ``share`` of the item that is not in dispute now; 0 once an item in dispute is paid
    :rtype: SQL
    """
    return SQL(
        """
        SELECT l.id, l.currency_id, l.company_id, due.date AS date_due, s.rate,
               s.rate / 36500 * (l.amount_currency * (%(until)s::date - due.date) - COALESCE(paid.days, 0)) AS interest,
               COALESCE(charged.amount, 0) AS charged, %(share)s AS share
          FROM (
            SELECT line_id, MAX(interest_rate) AS rate FROM sales_dunning_line
             WHERE (state = 'sent' OR letter_id = ANY(%(letters)s)) AND line_id = ANY(%(lines)s)
             GROUP BY line_id
          ) s
          JOIN account_move_line l ON l.id = s.line_id AND l.parent_state = 'posted' AND l.balance > 0
          JOIN account_move m ON m.id = l.move_id AND m.is_dunning_charge IS NOT TRUE
         CROSS JOIN LATERAL (SELECT COALESCE(l.date_maturity, l.date) AS date) due
          LEFT JOIN LATERAL (
            SELECT SUM(r.debit_amount_currency * (%(until)s::date - GREATEST(r.max_date, due.date))) AS days
              FROM account_partial_reconcile r
             WHERE r.debit_move_id = l.id AND r.max_date < %(until)s
          ) paid ON TRUE
          LEFT JOIN LATERAL (
            SELECT SUM(ch.amount) AS amount FROM sales_dunning_charge ch
             WHERE ch.line_id = l.id AND ch.kind = 'interest'
          ) charged ON TRUE
         WHERE s.rate > 0 AND due.date < %(until)s
         ORDER BY l.id
        """,
        lines=line_ids, until=until, letters=list(letter_ids),
        share=undisputed_sql(SQL("l.id"), SQL("l.amount_residual_currency")))
