"""The items that customers owe: instalments of invoices, other debits, and receipts that pay for nothing yet.

One SQL fragment serves the analysis, the ageing of any day, dunning, the monthly pack and the provision, so that
they all speak of the same figures. Its cost depends on what is open, never on history: today's items come from
Odoo's index on unreconciled items; a past day is today with the later matchings taken back.
"""

from odoo.tools import SQL

from ..credit.exposure import receivable_accounts_sql

# Fields the statement reads; pending writes to them must reach the database first.
SOURCES = {
    'res.partner': ['commercial_partner_id', 'user_id'],
    'res.company': ['parent_path', 'currency_id'],
    'account.account': ['account_type', 'non_trade'],
    'account.move': ['invoice_user_id', 'move_type', 'name', 'state', 'team_id'],
    'account.move.line': [
        'account_id', 'amount_currency', 'amount_residual', 'amount_residual_currency', 'balance', 'company_id',
        'currency_id', 'date', 'date_maturity', 'move_id', 'parent_state', 'partner_id', 'reconciled',
    ],
    'account.partial.reconcile': [
        'amount', 'credit_amount_currency', 'credit_move_id', 'debit_amount_currency', 'debit_move_id', 'max_date',
    ],
    'crm.team': ['active', 'parent_id'],
    'res.users': ['sale_team_id'],
}


def flush_sources(env):
    """Write what is pending and what :func:`items_sql` reads."""
    for model_name, names in SOURCES.items():
        env[model_name].flush_model(names)


def items_sql(as_of=None, where=None):
    """Return the statement of the open items, now or at the end of a past day.

    The residual of a day is the present one plus the matchings whose latest date (`max_date`, the date that
    Odoo's own ageing goes by) lies after it. Both lines of a matching have their date until then, so the sum of
    all residuals of a day is the balance of the receivable accounts on that day. All joins are left joins on keys
    of the item, its partner or its company: PostgreSQL leaves out the tables of which nothing is asked for.

    :param date as_of: the day; ``None`` for all that is open now, whatever its date
    :param SQL where: condition, if any, on ``l`` (`account_move_line`), ``m`` (`account_move`), ``p`` (`res_partner`, the one
        of the line) and ``c`` (`res_company`)
    :return: query with a row per item and the columns ``id`` (of the journal item), ``move_id``, ``partner_id``
        (commercial partner, NULL without one), ``company_id``, ``root_id`` (root company), ``account_id``,
        ``user_id`` (salesperson of the invoice, else of the customer), ``partner_user_id`` (salesperson of the
        customer), ``team_id``, ``currency_id``, ``date``, ``date_due``, ``amount`` and ``residual`` in company
        currency, ``amount_currency`` and ``residual_currency`` in the currency of the item; receipts and credit
        notes are negative
    :rtype: SQL
    """
    return SQL(
        """
        SELECT l.id, l.move_id, p.commercial_partner_id AS partner_id, l.company_id,
               COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) AS root_id,
               l.account_id,
               COALESCE(m.invoice_user_id, cp.user_id) AS user_id,
               cp.user_id AS partner_user_id,
               COALESCE(m.team_id, (
                   SELECT u.sale_team_id FROM res_users u WHERE u.id = COALESCE(m.invoice_user_id, cp.user_id)
               )) AS team_id,
               l.currency_id, l.date,
               COALESCE(l.date_maturity, l.date) AS date_due,
               l.balance AS amount, l.amount_currency,
               %(residual)s AS residual,
               %(residual_currency)s AS residual_currency
          FROM %(lines)s
          LEFT JOIN account_move m ON m.id = l.move_id
          LEFT JOIN res_company c ON c.id = l.company_id
          LEFT JOIN res_partner p ON p.id = l.partner_id
          LEFT JOIN res_partner cp ON cp.id = p.commercial_partner_id
         WHERE l.parent_state = 'posted' AND %(open)s AND %(where)s
        """,
        where=where or SQL("TRUE"), **(_day(as_of) if as_of else _now()))


def _now():
    return {
        'lines': SQL("account_move_line l"),
        'residual': SQL("l.amount_residual"),
        'residual_currency': SQL("l.amount_residual_currency"),
        'open': SQL("l.account_id = ANY(%s) AND l.reconciled IS NOT TRUE", receivable_accounts_sql()),
    }


def _day(as_of):
    """Candidates are what is open now and what was matched later; a line may be both."""
    lines = SQL(
        """(
            SELECT x.line_id, SUM(x.amount) AS amount, SUM(x.amount_currency) AS amount_currency
              FROM (
                SELECT o.id AS line_id, 0 AS amount, 0 AS amount_currency
                  FROM account_move_line o
                 WHERE o.account_id = ANY(%(accounts)s) AND o.reconciled IS NOT TRUE AND o.parent_state = 'posted'
                 UNION ALL
                SELECT r.debit_move_id, r.amount, r.debit_amount_currency
                  FROM account_partial_reconcile r WHERE r.max_date > %(as_of)s
                 UNION ALL
                SELECT r.credit_move_id, -r.amount, -r.credit_amount_currency
                  FROM account_partial_reconcile r WHERE r.max_date > %(as_of)s
              ) x
             GROUP BY x.line_id
        ) s
        JOIN account_move_line l ON l.id = s.line_id""",
        accounts=receivable_accounts_sql(), as_of=as_of)
    return {
        'lines': lines,
        'residual': SQL("l.amount_residual + s.amount"),
        'residual_currency': SQL("l.amount_residual_currency + s.amount_currency"),
        'open': SQL(
            """l.account_id = ANY(%(accounts)s) AND l.date <= %(as_of)s
               AND (l.amount_residual + s.amount <> 0 OR l.amount_residual_currency + s.amount_currency <> 0)""",
            accounts=receivable_accounts_sql(), as_of=as_of),
    }
