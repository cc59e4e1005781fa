"""How customers pay: the matchings of instalments with money, and what they say about the payer.

One fragment serves the credit request, the profile, the forecast and the key figures, so that an average delay means
the same everywhere. It reads history, so it is for pages and requests, never for checks.
"""

from odoo.tools import SQL

from ..credit.exposure import receivable_accounts_sql

PAYMENT_MONTHS = 24
ALL = SQL("TRUE")

# Fields the statements read; pending writes to them must reach the database first.
SOURCES = {
    'res.partner': ['commercial_partner_id', 'user_id'],
    'res.company': ['parent_path'],
    'res.users': ['sale_team_id'],
    'account.account': ['account_type', 'non_trade'],
    'account.journal': ['type'],
    'account.move': ['invoice_user_id', 'journal_id', 'origin_payment_id', 'team_id'],
    'account.move.line': [
        'account_id', 'balance', 'company_id', 'date', 'date_maturity', 'move_id', 'parent_state', 'partner_id',
        'payment_id',
    ],
    'account.payment': ['amount_company_currency_signed'],
    'account.partial.reconcile': ['amount', 'credit_move_id', 'debit_move_id', 'max_date'],
    'sales.collection.promise': [
        'company_id', 'date', 'due_company', 'kept_company', 'partner_id', 'state', 'team_id', 'user_id'],
}


def flush_behaviour_sources(env):
    """Write what is pending and what this module's statements read."""
    for model_name, names in SOURCES.items():
        env[model_name].flush_model(names)


def payments_sql(today, months=PAYMENT_MONTHS, where=ALL):
    """Return the statement of what was paid on instalments, a row per matching.

    A matching is a payment when the other entry is one of a bank, cash or credit card journal or comes from an
    Odoo payment; the part that such a payment writes off on the spot is left out. Credit notes, write-offs, exchange
    differences and other journal entries are none. Its day is the later of both entries (`max_date`), the day Odoo's own
    ageing goes by.

    :param date today: last day of the period
    :param int months: length of the period
    :param SQL where: condition on ``i`` (`account_move_line`, the instalment), ``m`` (its `account_move`), ``p`` (its
        `res_partner`) and ``c`` (`res_company`)
    :return: query with ``line_id`` (instalment), ``partner_id`` (commercial partner), ``company_id``, ``root_id`` (root
        company), ``user_id``, ``partner_user_id``, ``team_id`` (as of :func:`.items.items_sql`), ``date`` (of the
        payment), ``amount`` (company currency), ``days_late`` (negative when early)
    :rtype: SQL
    """
    return SQL(
        """
        SELECT i.id AS line_id, p.commercial_partner_id AS partner_id, i.company_id,
               COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) AS root_id,
               COALESCE(m.invoice_user_id, cp.user_id) AS user_id,
               cp.user_id AS partner_user_id,
               COALESCE(m.team_id, u.sale_team_id) AS team_id,
               r.max_date AS date, r.amount * w.share AS amount,
               r.max_date - COALESCE(i.date_maturity, i.date) AS days_late
          FROM account_partial_reconcile r
          JOIN account_move_line i ON i.id = r.debit_move_id
           AND i.account_id = ANY(%(accounts)s)
           AND i.parent_state = 'posted' AND i.balance > 0
          JOIN account_move m ON m.id = i.move_id
          JOIN account_move_line o ON o.id = r.credit_move_id AND o.parent_state = 'posted'
          JOIN account_move om ON om.id = o.move_id
          JOIN account_journal j ON j.id = om.journal_id
          LEFT JOIN account_payment pay ON pay.id = om.origin_payment_id
         CROSS JOIN LATERAL (
            SELECT CASE WHEN pay.id IS NULL OR o.balance = 0 THEN 1
                        ELSE LEAST(1, ABS(pay.amount_company_currency_signed) / ABS(o.balance)) END AS share
          ) w
          JOIN res_company c ON c.id = i.company_id
          JOIN res_partner p ON p.id = i.partner_id
          LEFT JOIN res_partner cp ON cp.id = p.commercial_partner_id
          LEFT JOIN res_users u ON u.id = COALESCE(m.invoice_user_id, cp.user_id)
         WHERE r.max_date <= %(today)s::date
           AND r.max_date > %(today)s::date - make_interval(months => %(months)s)
           AND r.amount > 0 AND w.share > 0
           AND (j.type IN ('bank', 'cash', 'credit') OR o.payment_id IS NOT NULL)
           AND %(where)s
        """,
        today=today, months=months, where=where, accounts=receivable_accounts_sql())


def behaviour_sql(today, months=PAYMENT_MONTHS, partner_ids=None):
    """Return the statement that tells how customers have paid, a row per customer and root company.

    Customers who paid nothing in the period have no row.

    :param date today: last day of the period
    :param int months: length of the period
    :param partner_ids: ids of commercial partners; all customers if ``None``
    :return: query with ``partner_id``, ``root_id``, ``days_late`` (average weighted by amount, negative when early),
        ``late_share`` (0 to 1 of the paid amount), ``paid_amount`` (company currency), ``paid_count`` (instalments with
        a payment), ``first_paid`` and ``last_paid`` (dates)
    :rtype: SQL
    """
    # The members of the families are looked up first: journal items are indexed by the partner they name
    where = ALL if partner_ids is None else SQL(
        "i.partner_id = ANY(ARRAY(SELECT f.id FROM res_partner f WHERE f.commercial_partner_id = ANY(%s)))",
        list(partner_ids))
    return SQL(
        """
        SELECT x.partner_id, x.root_id, %(figures)s,
               SUM(x.amount) AS paid_amount, COUNT(DISTINCT x.line_id) AS paid_count,
               MIN(x.date) AS first_paid, MAX(x.date) AS last_paid
          FROM (%(payments)s) x
         GROUP BY x.partner_id, x.root_id
        """,
        figures=behaviour_figures(SQL.identifier('x')), payments=payments_sql(today, months, where))


def behaviour_figures(alias):
    """Return the columns ``days_late`` and ``late_share`` of a grouping of :func:`payments_sql` under ``alias``."""
    return SQL(
        """SUM(%(x)s.amount * %(x)s.days_late) / NULLIF(SUM(%(x)s.amount), 0) AS days_late,
           COALESCE(SUM(%(x)s.amount) FILTER (WHERE %(x)s.days_late > 0), 0)
               / NULLIF(SUM(%(x)s.amount), 0) AS late_share""",
        x=alias)


def promises_sql(today, months=PAYMENT_MONTHS, where=ALL):
    """Return the statement of the promises whose day came in a period and that were judged, a row per promise.

    Amounts are in company currency. Of what was promised counts what was owed in the end, of what was kept what was paid in
    time, as judged by the promise.

    :param date today: last day of the period
    :param int months: length of the period
    :param SQL where: condition on ``s`` (`sales_collection_promise`) and ``c`` (`res_company`)
    :return: query with ``partner_id``, ``root_id``, ``user_id`` (who took the promise), ``team_id``, ``promised`` and
        ``kept``
    :rtype: SQL
    """
    return SQL(
        """
        SELECT s.partner_id, s.company_id AS root_id, s.user_id, s.team_id,
               COALESCE(s.due_company, 0) AS promised, COALESCE(s.kept_company, 0) AS kept
          FROM sales_collection_promise s
          JOIN res_company c ON c.id = s.company_id
         WHERE s.state IN ('kept', 'partly', 'broken')
           AND s.date <= %(today)s::date
           AND s.date > %(today)s::date - make_interval(months => %(months)s)
           AND %(where)s
        """,
        today=today, months=months, where=where)
