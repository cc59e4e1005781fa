"""What customers owe on a day by ageing bucket and credit class: the base of the expected loss."""

from odoo.tools import SQL

from .items import items_sql


def provision_base_sql(company, as_of, specific_ids, bucket):
    """Return the statement of the net claims of a root company and its branches.

    Receipts and credit notes that pay for nothing yet are set off against claims of the same customer, the youngest
    first: they leave the old items, which are the doubtful ones, as they are. A credit is never set off against another
    customer, and a customer with more credit than claims counts as nothing, not as less than nothing.

    :param company: root `res.company`
    :param date as_of: the day, at its end
    :param list specific_ids: commercial partners who are assessed on their own
    :param bucket: function that returns the bucket as SQL, given the days overdue as SQL
    :return: query with ``partner_id`` (of those only, else NULL), ``bucket_id``, ``credit_class`` (NULL for those and for
        customers without a class) and ``gross`` (company currency, above zero)
    :rtype: SQL
    """
    return SQL(
        """
        WITH item AS (
            SELECT i.partner_id, i.residual, %(bucket)s AS bucket_id
              FROM (%(items)s) i
        ),
        claim AS (
            SELECT partner_id, bucket_id, SUM(residual) AS amount FROM item WHERE residual > 0 GROUP BY 1, 2
        ),
        credit AS (
            SELECT partner_id, -SUM(residual) AS amount FROM item WHERE residual < 0 GROUP BY 1
        ),
        net AS (
            SELECT c.partner_id, c.bucket_id,
                   GREATEST(LEAST(c.amount, SUM(c.amount) OVER younger - COALESCE(k.amount, 0)), 0) AS gross
              FROM claim c
              LEFT JOIN sales_receivable_bucket b ON b.id = c.bucket_id
              LEFT JOIN credit k ON k.partner_id IS NOT DISTINCT FROM c.partner_id
            WINDOW younger AS (PARTITION BY c.partner_id ORDER BY b.days_from NULLS FIRST)
        )
        SELECT CASE WHEN n.partner_id = ANY(%(specific)s) THEN n.partner_id END AS partner_id,
               n.bucket_id,
               CASE WHEN n.partner_id = ANY(%(specific)s) THEN NULL ELSE f.credit_class END AS credit_class,
               SUM(n.gross) AS gross
          FROM net n
          LEFT JOIN sales_credit_profile f ON f.partner_id = n.partner_id AND f.company_id = %(company)s
         WHERE n.gross > 0
         GROUP BY 1, 2, 3
        """,
        company=company.id, specific=specific_ids, bucket=bucket(SQL("(%s::date - i.date_due)", as_of)),
        items=items_sql(as_of, where=SQL(
            "COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) = %s", company.id)))


def allowance_sql(company, account, as_of):
    """Return the statement of the balance of an allowance account, positive when losses are provided for.

    Counts what was booked until the day, and reversals of provisions of that time whenever they were booked.

    :rtype: SQL
    """
    return SQL(
        """
        SELECT COALESCE(-SUM(l.balance), 0)
          FROM account_move_line l
          JOIN account_move m ON m.id = l.move_id
          JOIN res_company c ON c.id = l.company_id
          LEFT JOIN sales_receivable_provision v ON v.move_id = m.reversed_entry_id
         WHERE l.account_id = %(account)s AND l.parent_state = 'posted'
           AND COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) = %(company)s
           AND (l.date <= %(as_of)s::date OR v.date <= %(as_of)s::date)
        """,
        account=account.id, company=company.id, as_of=as_of)
