"""The statements of the monthly pack: what is frozen, and what is compared with it later.

All of them speak of a scope: a root company with its branches and, if given, a team with the teams below it. The team
of an item is that of the invoice, else that of the salesperson, as in :func:`.items.items_sql`.
"""

from odoo.tools import SQL

from .behaviour import payments_sql, promises_sql
from .items import items_sql

# Fields the statements read beside those of the items; pending writes to them must reach the database first.
SOURCES = {
    'sales.receivable.bucket': ['company_id', 'days_from', 'days_to'],
    'sales.receivable.dispute': ['closed_on', 'line_id', 'opened_on', 'state'],
    'sales.collection.promise': [
        'amount', 'company_id', 'currency_id', 'date', 'judged_on', 'made_on', 'paid_amount', 'state', 'team_id', 'user_id'],
    'sales.collection.promise.line': ['line_id', 'promise_id'],
    'sales.dunning.letter': ['sent_on', 'state'],
    'sales.dunning.level': ['days'],
    'sales.dunning.line': ['level_id', 'line_id', 'state'],
}
SALES_MONTHS = 24
# Columns that a line of the pack has in common with the line of the last pack
KEPT_COLUMNS = (
    'line_id', 'move_id', 'move_name', 'partner_id', 'user_id', 'team_id', 'item_company_id', 'item_currency_id',
    'date_invoice', 'date_due', 'amount', 'amount_currency',
)


class Scope:
    """Which items belong to a pack."""

    def __init__(self, company, team, day, day_end):
        """
        :param company: root company
        :param team: `crm.team`; all items of the company when empty
        :param date day: the month end
        :param datetime day_end: the end of that day, as a moment of the database
        """
        self.company_id = company.id
        self.team_path = team.sudo().parent_path
        self.day = day
        self.day_end = day_end

    def company_sql(self):
        """Return the condition on ``c`` (`res_company`)."""
        return SQL("c.parent_path LIKE %s", f'{self.company_id}/%')

    def team_sql(self, team_id):
        """Return the condition on the id of a team."""
        if not self.team_path:
            return SQL("TRUE")
        return SQL("%s IN (SELECT t.id FROM crm_team t WHERE t.parent_path LIKE %s)", team_id, f'{self.team_path}%')

    def items(self):
        """Return the statement of all items of the company on the day, whatever their team."""
        return items_sql(self.day, self.company_sql())


def bucket_lateral(root_id, days):
    """Return a lateral sub-select ``b`` with the ageing bucket of a number of days overdue."""
    return SQL(
        """
        LEFT JOIN LATERAL (
            SELECT k.id, k.days_from, k.days_to
              FROM sales_receivable_bucket k
             WHERE k.company_id = %s AND k.days_from <= %s
             ORDER BY k.days_from DESC LIMIT 1
        ) b ON TRUE
        """, root_id, days)


def lines_sql(scope, pack_id, previous_id, user_id):
    """Return the INSERT of the lines and of a row per salesperson: what is overdue, and what was and is no more.

    What has no salesperson has a person's row without user.

    :param Scope scope: what the pack is about
    :param int pack_id: the pack
    :param previous_id: the last pack of the same scope, or None
    :param int user_id: who freezes
    """
    kept = SQL(", ").join(SQL.identifier(name) for name in KEPT_COLUMNS)
    return SQL(
        """
        WITH item AS (%(items)s),
        previous AS (
            SELECT * FROM sales_receivable_pack_line v WHERE v.pack_id = %(previous)s AND v.needs_comment
        ),
        overdue AS (%(overdue)s),
        gone AS (%(gone)s),
        line AS MATERIALIZED (
            SELECT y.*,
                   CASE WHEN y.movement IN ('paid', 'partly', 'disputed')
                        THEN GREATEST(COALESCE(y.previous_residual, y.residual) - y.residual, 0) ELSE 0 END AS paid_amount
              FROM (SELECT * FROM overdue UNION ALL SELECT * FROM gone) y
        ),
        person AS (
            INSERT INTO sales_receivable_pack_person (
                pack_id, company_id, date, create_uid, write_uid, create_date, write_date, user_id, residual, paid_amount,
                item_count
            )
            SELECT %(pack)s, %(company)s, %(day)s, %(user)s, %(user)s, %(now)s, %(now)s, x.user_id, SUM(x.residual),
                   SUM(x.paid_amount), COUNT(*) FILTER (WHERE x.residual > 0)
              FROM line x
             GROUP BY x.user_id
            RETURNING id, user_id
        )
        INSERT INTO sales_receivable_pack_line (
            pack_id, person_id, company_id, date, create_uid, write_uid, create_date, write_date, needs_comment, comment_state,
            %(kept)s,
            days_overdue, bucket_id, bucket_from, residual, residual_currency, dispute_id, promise_id, promise_date,
            promise_amount, promise_state, dunning_level_id,
            previous_line_id, previous_residual, previous_bucket_id, movement, paid_amount
        )
        SELECT %(pack)s, p.id, %(company)s, %(day)s, %(user)s, %(user)s, %(now)s, %(now)s,
               x.residual > 0, CASE WHEN x.residual > 0 THEN 'missing' ELSE 'none' END,
               %(kept_x)s,
               x.days_overdue, x.bucket_id, x.bucket_from, x.residual, x.residual_currency, x.dispute_id, x.promise_id,
               x.promise_date, x.promise_amount, x.promise_state, x.dunning_level_id,
               x.previous_line_id, x.previous_residual, x.previous_bucket_id, x.movement, x.paid_amount
          FROM line x
          JOIN person p ON COALESCE(p.user_id, 0) = COALESCE(x.user_id, 0)
        """,
        items=scope.items(), overdue=_overdue_sql(scope), gone=_gone_sql(scope), kept=kept,
        kept_x=SQL(", ").join(SQL.identifier('x', name) for name in KEPT_COLUMNS),
        pack=pack_id, previous=previous_id, company=scope.company_id, day=scope.day, user=user_id,
        now=SQL("now() AT TIME ZONE 'utc'"))


def _overdue_sql(scope):
    """Items of the scope that are overdue on the day, with what is known about them."""
    days = SQL("(%s::date - i.date_due)", scope.day)
    return SQL(
        """
        SELECT i.id AS line_id, i.move_id, m.name AS move_name, i.partner_id, i.user_id, i.team_id,
               i.company_id AS item_company_id, i.currency_id AS item_currency_id, i.date AS date_invoice, i.date_due,
               i.amount, i.amount_currency,
               %(days)s AS days_overdue, b.id AS bucket_id, b.days_from AS bucket_from, i.residual, i.residual_currency,
               d.id AS dispute_id, s.id AS promise_id, s.date AS promise_date, s.amount AS promise_amount,
               s.state AS promise_state, g.level_id AS dunning_level_id,
               v.id AS previous_line_id, v.residual AS previous_residual, v.bucket_id AS previous_bucket_id,
               CASE WHEN d.id IS NOT NULL THEN 'disputed'
                    WHEN v.id IS NULL THEN 'new'
                    WHEN i.residual_currency < v.residual_currency THEN 'partly'
                    WHEN b.days_from > v.bucket_from THEN 'slipped'
                    ELSE 'unchanged' END AS movement
          FROM item i
          JOIN account_move m ON m.id = i.move_id
          LEFT JOIN previous v ON v.line_id = i.id
          %(bucket)s
          LEFT JOIN LATERAL (%(dispute)s) d ON TRUE
          LEFT JOIN LATERAL (%(promise)s) s ON TRUE
          LEFT JOIN LATERAL (%(level)s) g ON TRUE
         WHERE i.residual > 0 AND i.date_due < %(day)s AND %(team)s
        """,
        days=days, bucket=bucket_lateral(SQL("i.root_id"), days), day=scope.day, team=scope.team_sql(SQL("i.team_id")),
        dispute=dispute_sql(scope), promise=_promise_sql(scope), level=_level_sql(scope))


def _gone_sql(scope):
    """Items that were overdue in the last pack and are not in this one: paid, or not to be paid (here, now) any more."""
    return SQL(
        """
        SELECT v.line_id, v.move_id, v.move_name, v.partner_id, v.user_id, v.team_id, v.item_company_id,
               v.item_currency_id, v.date_invoice, v.date_due, v.amount, v.amount_currency,
               0, NULL::int, NULL::int, 0, 0, NULL::int, NULL::int, NULL::date, NULL::numeric, NULL::varchar, NULL::int,
               v.id, v.residual, v.bucket_id,
               CASE WHEN l.parent_state = 'posted' AND l.date <= %(day)s AND i.id IS NULL THEN 'paid' ELSE 'left' END
          FROM previous v
          LEFT JOIN account_move_line l ON l.id = v.line_id
          LEFT JOIN item i ON i.id = v.line_id
         WHERE NOT EXISTS (SELECT 1 FROM overdue o WHERE o.line_id = v.line_id)
        """, day=scope.day)


def dispute_sql(scope):
    """The dispute about an item ``i`` that was open at the end of the day."""
    return SQL(
        """
        SELECT x.id
          FROM sales_receivable_dispute x
         WHERE x.line_id = i.id AND x.opened_on <= %(day)s AND (x.state = 'open' OR x.closed_on > %(end)s)
         ORDER BY x.id DESC LIMIT 1
        """, day=scope.day, end=scope.day_end)


def _promise_sql(scope):
    """The latest promise about an item ``i`` that was made until the day, and how it stood then."""
    return SQL(
        """
        SELECT x.id, x.date, x.amount, CASE WHEN x.judged_on > %(day)s THEN 'open' ELSE x.state END AS state
          FROM sales_collection_promise_line k
          JOIN sales_collection_promise x ON x.id = k.promise_id
         WHERE k.line_id = i.id AND x.made_on <= %(day)s AND (x.state <> 'cancelled' OR x.judged_on > %(day)s)
         ORDER BY x.made_on DESC, x.id DESC LIMIT 1
        """, day=scope.day)


def _level_sql(scope):
    """The highest dunning level that an item ``i`` had reached at the end of the day."""
    return SQL(
        """
        SELECT k.level_id
          FROM sales_dunning_line k
          JOIN sales_dunning_letter x ON x.id = k.letter_id
          JOIN sales_dunning_level y ON y.id = k.level_id
         WHERE k.line_id = i.id AND k.state = 'sent' AND x.sent_on <= %(end)s
         ORDER BY y.days DESC LIMIT 1
        """, end=scope.day_end)


def figures_sql(scope):
    """Return the statement of the totals, a row per ageing bucket and one, without bucket, of unapplied receipts.

    :return: query with ``bucket_id``, ``days_from``, ``days_to``, ``residual`` (company currency), ``item_count``
    :rtype: SQL
    """
    return SQL(
        """
        SELECT b.id AS bucket_id, b.days_from, b.days_to, SUM(i.residual) AS residual, COUNT(*) AS item_count
          FROM (%(items)s) i
          %(bucket)s AND i.residual > 0
         WHERE %(team)s
         GROUP BY b.id, b.days_from, b.days_to
         ORDER BY b.days_from
        """,
        items=scope.items(), team=scope.team_sql(SQL("i.team_id")),
        bucket=bucket_lateral(SQL("i.root_id"), SQL("(%s::date - i.date_due)", scope.day)))


def sales_sql(scope):
    """Return the statement of the sales on credit by month, gross as the receivables are, the newest first.

    :return: query with ``month`` (its first day) and ``amount`` (company currency)
    :rtype: SQL
    """
    return SQL(
        """
        SELECT date_trunc('month', l.date)::date AS month, SUM(l.balance) AS amount
          FROM account_move m
          JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'payment_term'
          JOIN res_company c ON c.id = m.company_id
          LEFT JOIN res_partner p ON p.id = m.commercial_partner_id
          LEFT JOIN res_users u ON u.id = COALESCE(m.invoice_user_id, p.user_id)
         WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
           AND l.date <= %(day)s AND l.date > %(day)s::date - make_interval(months => %(months)s)
           AND %(company)s AND %(team)s
         GROUP BY 1
         ORDER BY 1 DESC
        """,
        day=scope.day, months=SALES_MONTHS, company=scope.company_sql(),
        team=scope.team_sql(SQL("COALESCE(m.team_id, u.sale_team_id)")))


def broken_sql(scope, since):
    """Return the statement of the number of promises of the scope that were broken after a day."""
    return SQL(
        """
        SELECT COUNT(*) FROM sales_collection_promise s
         WHERE s.company_id = %(company)s AND s.state = 'broken' AND s.judged_on > %(since)s AND s.judged_on <= %(day)s
           AND %(team)s
        """,
        company=scope.company_id, since=since, day=scope.day, team=scope.team_sql(SQL("s.team_id")))


def kept_sql(scope, since, user_ids):
    """Return the statement of the promises of salespeople that fell due after a day, and what was kept of them.

    :return: query with ``user_id``, ``promised`` and ``kept`` (company currency)
    :rtype: SQL
    """
    where = SQL("s.company_id = %s AND s.date > %s AND s.user_id = ANY(%s)", scope.company_id, since, list(user_ids))
    return SQL(
        "SELECT x.user_id, SUM(x.promised) AS promised, SUM(x.kept) AS kept FROM (%s) x GROUP BY x.user_id",
        promises_sql(scope.day, SALES_MONTHS, where))


def receipts_sql(scope, since, until):
    """Return the statement of the money that came in for the items of the scope, by week.

    Whatever was matched after the month end with a document dated until the month end was open at the month end.

    :param date since: the month end; receipts of later days count
    :param date until: the last day that counts
    :return: query with ``week`` (its Monday) and ``amount`` (company currency)
    :rtype: SQL
    """
    where = SQL(
        "%s AND i.date <= %s AND r.max_date > %s AND %s", scope.company_sql(), scope.day, since,
        scope.team_sql(SQL("COALESCE(m.team_id, u.sale_team_id)")))
    return SQL(
        "SELECT date_trunc('week', x.date)::date AS week, SUM(x.amount) AS amount FROM (%s) x GROUP BY 1",
        payments_sql(until, SALES_MONTHS, where))


def check_sql(scope, pack_id):
    """Return the statement of the differences between a pack and the documents as they are now.

    :return: query with ``line_id``, ``move_name``, ``partner_id``, ``user_id``, ``frozen`` and ``current`` (open in
        company currency), ``reason`` (``late``: came after the freeze, ``changed``, ``gone``), a row per item that
        differs
    :rtype: SQL
    """
    return SQL(
        """
        WITH item AS (%(items)s),
        frozen AS (
            SELECT * FROM sales_receivable_pack_line k WHERE k.pack_id = %(pack)s AND k.needs_comment
        )
        SELECT f.line_id, f.move_name, f.partner_id, f.user_id, f.residual AS frozen, COALESCE(i.residual, 0) AS current,
               CASE WHEN i.id IS NULL THEN 'gone' ELSE 'changed' END AS reason
          FROM frozen f
          LEFT JOIN item i ON i.id = f.line_id AND i.date_due < %(day)s
         WHERE f.residual IS DISTINCT FROM i.residual
         UNION ALL
        SELECT i.id, m.name, i.partner_id, i.user_id, 0, i.residual, 'late'
          FROM item i
          JOIN account_move m ON m.id = i.move_id
         WHERE i.residual > 0 AND i.date_due < %(day)s AND %(team)s
           AND NOT EXISTS (SELECT 1 FROM frozen f WHERE f.line_id = i.id)
        """,
        items=scope.items(), pack=pack_id, day=scope.day, team=scope.team_sql(SQL("i.team_id")))
