"""The statements behind a customer's account statement: what was booked, and what of it is open."""

from odoo.tools import SQL

from ..credit.exposure import receivable_accounts_sql
from .items import items_sql

# A statement is read by people; longer ones are a mistake
ROWS_MAX = 5_000


def entries_sql(partner, companies, date_to):
    """Return everything that moved the balance of a customer until a day, in the currency of each item.

    Journal items are rows, and so is each matching that a currency or the customer's account does not contain both
    sides of: an invoice in one currency that was paid in another leaves the balance of both. With them, the sum of
    all rows in a currency is what is open in that currency.

    :param partner: commercial partner
    :param companies: `res.company` records
    :param date date_to: last day
    :return: query with the columns ``date``, ``rank``, ``currency_id``, ``line_id``, ``other_id`` (journal item of the
        other side, of matchings only), ``amount`` (debit positive)
    :rtype: SQL
    """
    return SQL(
        """
        WITH ours AS (
            SELECT l.id, l.currency_id, l.date, l.amount_currency
              FROM account_move_line l
              JOIN res_partner p ON p.id = l.partner_id
             WHERE l.account_id = ANY(%(accounts)s)
               AND p.commercial_partner_id = %(partner)s AND l.company_id = ANY(%(companies)s)
               AND l.parent_state = 'posted' AND l.date <= %(date_to)s
        )
        SELECT o.date, 0 AS rank, o.currency_id, o.id AS line_id, NULL::int AS other_id, o.amount_currency AS amount
          FROM ours o
         WHERE o.amount_currency <> 0
         UNION ALL
        SELECT r.max_date, 1, o.currency_id, o.id, r.credit_move_id, -r.debit_amount_currency
          FROM ours o
          JOIN account_partial_reconcile r ON r.debit_move_id = o.id AND r.max_date <= %(date_to)s
          LEFT JOIN ours x ON x.id = r.credit_move_id
         WHERE x.currency_id IS DISTINCT FROM o.currency_id AND r.debit_amount_currency <> 0
         UNION ALL
        SELECT r.max_date, 1, o.currency_id, o.id, r.debit_move_id, r.credit_amount_currency
          FROM ours o
          JOIN account_partial_reconcile r ON r.credit_move_id = o.id AND r.max_date <= %(date_to)s
          LEFT JOIN ours x ON x.id = r.debit_move_id
         WHERE x.currency_id IS DISTINCT FROM o.currency_id AND r.credit_amount_currency <> 0
        """,
        partner=partner.id, companies=companies.ids, date_to=date_to, accounts=receivable_accounts_sql())


def rows_sql(partner, companies, date_from, date_to):
    """Return the rows of a period in order, with the documents and what is open of each at its end."""
    return SQL(
        """
        SELECT e.date, e.currency_id, e.amount, e.other_id, m.name AS document, m.ref, l.name AS label, l.date_maturity,
               m.move_type, om.name AS other_document, ol.currency_id AS other_currency_id,
               COALESCE(i.residual_currency, 0) AS open
          FROM (%(entries)s) e
          JOIN account_move_line l ON l.id = e.line_id
          JOIN account_move m ON m.id = l.move_id
          LEFT JOIN account_move_line ol ON ol.id = e.other_id
          LEFT JOIN account_move om ON om.id = ol.move_id
          LEFT JOIN (%(items)s) i ON i.id = e.line_id AND e.other_id IS NULL
         WHERE e.date >= %(date_from)s
         ORDER BY e.date, e.rank, l.move_id, l.date_maturity, e.line_id, e.other_id
         LIMIT %(limit)s
        """,
        entries=entries_sql(partner, companies, date_to), items=open_sql(partner, companies, date_to), date_from=date_from,
        limit=ROWS_MAX + 1)


def opening_sql(partner, companies, date_from, date_to):
    """Return the balance before a period in each currency that the customer's account knows until its end."""
    return SQL(
        """
        SELECT e.currency_id, COALESCE(SUM(e.amount) FILTER (WHERE e.date < %s), 0) AS opening
          FROM (%s) e
         GROUP BY e.currency_id
        """, date_from, entries_sql(partner, companies, date_to))


def open_sql(partner, companies, date_to):
    """Return the open items at the end of a day; the columns of :func:`items_sql`."""
    return items_sql(date_to, SQL("p.commercial_partner_id = %s AND l.company_id = ANY(%s)", partner.id, companies.ids))
