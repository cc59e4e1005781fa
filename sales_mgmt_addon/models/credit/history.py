"""What a customer has bought so far and since when: facts behind a credit request."""

from odoo.tools import SQL

TURNOVER_MONTHS = 12


def history_sql(profile_ids, today):
    """Return the statement that sums up what customers have bought.

    Reads history, so it is for requests, never for checks.

    :param list profile_ids: ids of `sales.credit.profile`
    :param date today: the day from which the periods are counted back
    :return: query with ``id``, ``turnover`` (untaxed, company currency), ``since`` (date)
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
               COALESCE(sold.turnover, 0) AS turnover,
               LEAST(sold.since, ordered.since) AS since
          FROM wanted w
          LEFT JOIN sold ON sold.id = w.id
          LEFT JOIN ordered ON ordered.id = w.id
        """,
        ids=list(profile_ids), today=SQL("%s::date", today), turnover_months=TURNOVER_MONTHS,
    )
