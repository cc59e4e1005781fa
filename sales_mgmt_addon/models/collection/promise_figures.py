"""What has been paid on promises: one statement for any number of them."""

from odoo.tools import SQL

from ..receivable.disputed import undisputed_sql


def payments_sql(promise_ids):
    """Return the statement that compares promises with what was matched with their items since.

    Money is what comes through a bank, cash or card journal until the deadline (`max_date` of the matching, so money
    that is entered later counts by its own date). The part of a payment that is written off on the spot, credit notes,
    write-offs and other entries are no money, but nobody owes them any more. Neither does somebody owe now what is
    in dispute, or an invoice that has gone back to draft.

    :param list promise_ids: ids of `sales.collection.promise`
    :return: query with ``promise_id``, ``paid`` (in time), ``owed`` (of what was open when it was promised, without
        what was not money), ``drafts`` (items that are not posted now), ``disputes`` (open items in dispute), ``items``;
        amounts in the currency of the promise. No row for a promise without items.
    :rtype: SQL
    """
    return SQL(
        """
        WITH lines AS (
            SELECT pl.id, pl.promise_id, pl.line_id, pl.residual AS made, pl.known_partials,
                   pr.date + COALESCE(c.collection_promise_grace_days, 0) AS deadline,
                   l.parent_state = 'posted' AS live, 1 - %(free)s AS disputed,
                   pr.currency_id = l.currency_id AS same,
                   CASE WHEN pr.currency_id = l.currency_id THEN l.amount_residual_currency
                        ELSE l.amount_residual END AS open
              FROM sales_collection_promise_line pl
              JOIN sales_collection_promise pr ON pr.id = pl.promise_id
              JOIN res_company c ON c.id = pr.company_id
              JOIN account_move_line l ON l.id = pl.line_id
             WHERE pl.promise_id = ANY(%(ids)s)
        ),
        matched AS (
            SELECT x.id,
                   SUM(x.amount * x.share) FILTER (WHERE x.in_time) AS paid,
                   SUM(x.amount * (1 - x.share)) AS other
              FROM (
                SELECT n.id, r.max_date <= n.deadline AS in_time,
                       CASE WHEN n.same THEN r.debit_amount_currency ELSE r.amount END AS amount,
                       CASE WHEN j.type NOT IN ('bank', 'cash', 'credit') THEN 0
                            WHEN pay.id IS NULL OR k.balance = 0 THEN 1
                            ELSE LEAST(1, ABS(pay.amount_company_currency_signed) / ABS(k.balance)) END AS share
                  FROM lines n
                  JOIN account_partial_reconcile r ON r.debit_move_id = n.line_id
                  JOIN account_move_line k ON k.id = r.credit_move_id
                  JOIN account_move m ON m.id = k.move_id
                  JOIN account_journal j ON j.id = m.journal_id
                  LEFT JOIN account_payment pay ON pay.id = m.origin_payment_id
                 WHERE n.live AND NOT COALESCE(n.known_partials, '[]'::jsonb) @> TO_JSONB(r.id)
              ) x
             GROUP BY x.id
        )
        SELECT n.promise_id,
               COALESCE(SUM(m.paid), 0) AS paid,
               COALESCE(SUM(n.made - COALESCE(m.other, 0) - n.open * n.disputed)
                        FILTER (WHERE n.live), 0) AS owed,
               COUNT(*) FILTER (WHERE NOT n.live) AS drafts,
               COUNT(*) FILTER (WHERE n.live AND n.disputed > 0 AND n.open > 0) AS disputes,
               COUNT(*) AS items
          FROM lines n
          LEFT JOIN matched m ON m.id = n.id
         GROUP BY n.promise_id
        """, ids=list(promise_ids), free=undisputed_sql(SQL("l.id"), SQL("l.amount_residual_currency")))
