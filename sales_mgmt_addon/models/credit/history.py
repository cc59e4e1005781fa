"""How a customer has paid and bought so far: the facts behind a credit request."""

from odoo.tools import SQL

PAYMENT_MONTHS = 24
TURNOVER_MONTHS = 12


def history_sql(profile_ids, today):
    """Return the statement that sums up the history of customers.

    Reads history, so it is for requests, never for checks.

    :param list profile_ids: ids of `sales.credit.profile`
    :param date today: the day from which the periods are counted back
    :return: query with ``id``, ``days_late`` (average, weighted by amount), ``late_share`` (0 to 1 of
        the paid amount), ``turnover`` (untaxed, company currency), ``since`` (date)
    :rtype: SQL
    """
    return SQL(
        """
        WITH wanted AS (
            SELECT id, partner_id, company_id FROM sales_credit_profile WHERE id = ANY(%(ids)s)
        ),
        family AS (
            SELECT w.id, w.company_id AS root_id, p.id AS partner_id
              FROM wanted w
              JOIN res_partner p ON p.commercial_partner_id = w.partner_id
        ),
        tree AS (
            SELECT c.id AS company_id,
                   COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) AS root_id
              FROM res_company c
        ),
        paid AS (
            SELECT f.id,
                   SUM(r.amount * (r.max_date - i.date_maturity)) / NULLIF(SUM(r.amount), 0) AS days_late,
                   COALESCE(SUM(r.amount) FILTER (WHERE r.max_date > i.date_maturity), 0)
                       / NULLIF(SUM(r.amount), 0) AS late_share
              FROM family f
              JOIN account_move_line i
                ON i.partner_id = f.partner_id
               AND i.account_id = ANY(ARRAY(
                       SELECT a.id FROM account_account a WHERE a.account_type = 'asset_receivable'))
               AND i.parent_state = 'posted'
               AND i.balance > 0
               AND i.date >= %(today)s - INTERVAL '%(payment_months)s months'
              JOIN tree t ON t.company_id = i.company_id AND t.root_id = f.root_id
              JOIN account_partial_reconcile r ON r.debit_move_id = i.id
              JOIN account_move_line c ON c.id = r.credit_move_id
              JOIN account_move m ON m.id = c.move_id AND m.move_type <> 'out_refund'
             WHERE i.date_maturity IS NOT NULL
             GROUP BY f.id
        ),
        sold AS (
            SELECT f.id,
                   SUM(m.amount_untaxed_signed) FILTER (
                       WHERE m.invoice_date >= %(today)s - INTERVAL '%(turnover_months)s months') AS turnover,
                   MIN(m.invoice_date) AS since
              FROM family f
              JOIN account_move m
                ON m.partner_id = f.partner_id
               AND m.state = 'posted'
               AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
              JOIN tree t ON t.company_id = m.company_id AND t.root_id = f.root_id
             GROUP BY f.id
        ),
        ordered AS (
            SELECT f.id, MIN(so.date_order)::date AS since
              FROM family f
              JOIN sale_order so ON so.partner_id = f.partner_id AND so.state = 'sale'
              JOIN tree t ON t.company_id = so.company_id AND t.root_id = f.root_id
             GROUP BY f.id
        )
        SELECT w.id,
               COALESCE(paid.days_late, 0) AS days_late,
               COALESCE(paid.late_share, 0) AS late_share,
               paid.id IS NOT NULL AS has_paid,
               COALESCE(sold.turnover, 0) AS turnover,
               LEAST(sold.since, ordered.since) AS since
          FROM wanted w
          LEFT JOIN paid ON paid.id = w.id
          LEFT JOIN sold ON sold.id = w.id
          LEFT JOIN ordered ON ordered.id = w.id
        """,
        ids=list(profile_ids), today=SQL("%s::date", today),
        payment_months=PAYMENT_MONTHS, turnover_months=TURNOVER_MONTHS,
    )
