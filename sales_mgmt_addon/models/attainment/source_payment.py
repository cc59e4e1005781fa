"""Cash matched with customer invoices: ``collected`` per matching."""

from odoo.tools import SQL

from .booking import LIVE
from .source_invoice import MOVE_TYPES

CODES = ('collected',)
# Fields the statement reads; pending writes to them must reach the database first
SOURCES = {
    'account.account': ['account_type'],
    'account.move': [
        'amount_total', 'amount_untaxed', 'commercial_partner_id', 'company_id', 'invoice_user_id', 'move_type', 'state',
        'team_id',
    ],
    'account.move.line': ['account_id', 'balance', 'display_type', 'move_id'],
    'account.partial.reconcile': ['amount', 'credit_move_id', 'debit_move_id', 'max_date'],
    'account.payment': ['move_id', 'outstanding_account_id'],
    'crm.team': ['parent_path'],
    'res.company': ['currency_id'],
}


def payment_source(ids, channel):
    """Return what :func:`.booking.book_sql` needs for the cash matched with invoices.

    The cash of a matching is the part of the other entry that came in as liquidity: what that entry
    writes off or gives as discount is not, and neither are credit notes and exchange differences. The
    rounded amounts of an invoice add up to the rounded untaxed share of all its cash.

    :param list ids: ids of the invoices
    :param SQL channel: the channel of the invoice ``am``
    :rtype: dict
    """
    facts = SQL(
        """
        SELECT 'collected' AS code, x.res_id AS share_key, x.res_id, x.partial_id AS res_line_id, x.date, x.company_id,
               x.partner_id, NULL::int AS product_id, NULL::int AS product_category_id, x.channel,
               x.value, 0 AS quantity, x.value AS amount, x.places, x.places AS value_places
          FROM (
            SELECT p.*, round(p.reached * p.untaxed_share, p.places)
                        - round((p.reached - p.cash) * p.untaxed_share, p.places) AS value
              FROM (
                SELECT m.*, m.amount * m.side * k.cash_share AS cash,
                       SUM(m.amount * m.side * k.cash_share)
                           OVER (PARTITION BY m.res_id ORDER BY m.partial_id ROWS UNBOUNDED PRECEDING) AS reached
                  FROM (%(matched)s) m
                  JOIN (%(cash)s) k ON k.move_id = m.other_id
              ) p
          ) x
         WHERE x.value <> 0
        """,
        matched=_matched_sql(ids, channel), cash=_cash_sql(ids))
    return {
        'model': 'account.move', 'codes': CODES, 'live_key': SQL("e.res_id"), 'facts': facts,
        'shares': _shares_sql(ids),
    }


def _matched_sql(ids, channel):
    """The matchings of invoices with posted entries."""
    return SQL(
        """
        SELECT am.id AS res_id, p.id AS partial_id, p.max_date AS date, am.company_id,
               am.commercial_partner_id AS partner_id, %(channel)s AS channel, p.amount,
               CASE WHEN p.debit_move_id = l.id THEN 1 ELSE -1 END AS side,
               COALESCE(am.amount_untaxed / NULLIF(am.amount_total, 0), 0) AS untaxed_share,
               o.move_id AS other_id, cur.decimal_places AS places
          FROM account_move am
          JOIN account_move_line l ON l.move_id = am.id AND l.display_type = 'payment_term'
         CROSS JOIN LATERAL (
            SELECT d.id, d.debit_move_id, d.credit_move_id AS other_line_id, d.max_date, d.amount
              FROM account_partial_reconcile d WHERE d.debit_move_id = l.id
             UNION ALL
            SELECT k.id, k.debit_move_id, k.debit_move_id, k.max_date, k.amount
              FROM account_partial_reconcile k WHERE k.credit_move_id = l.id
         ) p
          JOIN account_move_line o ON o.id = p.other_line_id
          JOIN account_move om ON om.id = o.move_id AND om.state = 'posted'
          JOIN res_company c ON c.id = am.company_id
          JOIN res_currency cur ON cur.id = c.currency_id
         WHERE am.id = ANY(%(ids)s) AND am.state = 'posted' AND am.move_type IN %(types)s
        """,
        channel=channel, ids=ids, types=MOVE_TYPES)


def _cash_sql(ids):
    """The part of each matched entry that is liquidity, from 0 to 1."""
    return SQL(
        """
        SELECT z.move_id, LEAST(GREATEST(COALESCE(-z.liquidity / NULLIF(z.receivable, 0), 0), 0), 1) AS cash_share
          FROM (
            SELECT x.move_id,
                   SUM(x.balance) FILTER (WHERE a.account_type IN ('asset_cash', 'liability_credit_card')
                       OR EXISTS (SELECT 1 FROM account_payment y
                                   WHERE y.move_id = x.move_id AND y.outstanding_account_id = x.account_id)
                   ) AS liquidity,
                   SUM(x.balance) FILTER (WHERE a.account_type IN ('asset_receivable', 'liability_payable')
                   ) AS receivable
              FROM account_move_line x
              JOIN account_account a ON a.id = x.account_id
             WHERE x.move_id IN (
                SELECT o.move_id
                  FROM account_move_line l
                  JOIN account_partial_reconcile d ON d.debit_move_id = l.id
                  JOIN account_move_line o ON o.id = d.credit_move_id
                 WHERE l.move_id = ANY(%(ids)s) AND l.display_type = 'payment_term'
                 UNION
                SELECT o.move_id
                  FROM account_move_line l
                  JOIN account_partial_reconcile k ON k.credit_move_id = l.id
                  JOIN account_move_line o ON o.id = k.debit_move_id
                 WHERE l.move_id = ANY(%(ids)s) AND l.display_type = 'payment_term')
             GROUP BY x.move_id
          ) z
        """,
        ids=ids)


def _shares_sql(ids):
    """Cash goes to those who have the credit for the invoice, in proportion; else to its salesperson."""
    return SQL(
        """
        credit AS (
            SELECT e.res_id AS share_key, e.user_id, e.team_id, e.region_path, e.is_overlay, SUM(e.value) AS value
              FROM sales_attainment_entry e
             WHERE e.res_model = 'account.move' AND e.res_id = ANY(%(ids)s) AND %(is_live)s
               AND e.metric_id = (SELECT id FROM sales_metric WHERE code = 'invoiced')
             GROUP BY e.res_id, e.user_id, e.team_id, e.region_path, e.is_overlay
        ),
        whole AS (SELECT share_key, SUM(value) AS value FROM credit WHERE NOT is_overlay GROUP BY share_key),
        shares AS (
            SELECT k.share_key, k.user_id, k.team_id, k.region_path, round(k.value / w.value * 100, 12) AS share,
                   k.is_overlay
              FROM credit k JOIN whole w ON w.share_key = k.share_key AND w.value <> 0
             UNION ALL
            SELECT am.id, am.invoice_user_id, am.team_id, t.parent_path, 100, FALSE
              FROM account_move am
              LEFT JOIN crm_team t ON t.id = am.team_id
             WHERE am.id = ANY(%(ids)s)
               AND NOT EXISTS (SELECT 1 FROM whole w WHERE w.share_key = am.id AND w.value <> 0)
        )
        """,
        ids=ids, is_live=LIVE)
