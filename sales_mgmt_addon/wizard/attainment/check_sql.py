"""What documents say by themselves, written independently of the statements that book them."""

from odoo.tools import SQL

TYPES = ('out_invoice', 'out_refund', 'out_receipt')


def check_sql(companies, date_from, date_to):
    """Return the query that compares the book with the documents, document by document.

    Money is compared in company currency; for margins, whose cost only the book knows, the untaxed
    amount they start from. Ratios and scores are compared in both their parts.

    :param list companies: ids of `res.company` records
    :param date date_from: first day
    :param date date_to: last day
    :return: query with the columns ``metric_id, company_id, month, res_model, res_id, booked, documented,
        booked_base, documented_base, is_different``
    :rtype: SQL
    """
    return SQL(
        """
        SELECT x.*, x.booked <> x.documented OR x.booked_base <> x.documented_base AS is_different
          FROM (
        SELECT COALESCE(b.metric_id, d.metric_id) AS metric_id, COALESCE(b.company_id, d.company_id) AS company_id,
               COALESCE(b.month, d.month) AS month, COALESCE(b.res_model, d.res_model) AS res_model,
               COALESCE(b.res_id, d.res_id) AS res_id, COALESCE(b.booked, 0) AS booked,
               COALESCE(d.documented, 0) AS documented,
               COALESCE(b.base, 0) AS booked_base, COALESCE(d.base, 0) AS documented_base
          FROM (
            SELECT e.metric_id, e.company_id, date_trunc('month', e.date)::date AS month, e.res_model, e.res_id,
                   SUM(CASE m.code WHEN 'margin' THEN e.amount ELSE e.value END) AS booked,
                   SUM(CASE WHEN m.kind IN ('ratio', 'score') THEN e.quantity ELSE 0 END) AS base
              FROM sales_attainment_entry e
              JOIN sales_metric m ON m.id = e.metric_id AND m.active
             WHERE e.company_id = ANY(%(companies)s) AND e.date BETWEEN %(date_from)s AND %(date_to)s
               AND NOT e.is_overlay AND m.source IN ('order', 'invoice', 'payment', 'lead')
             GROUP BY e.metric_id, e.company_id, date_trunc('month', e.date)::date, e.res_model, e.res_id
          ) b
          FULL JOIN (
            SELECT m.id AS metric_id, x.company_id, date_trunc('month', x.date)::date AS month, x.res_model, x.res_id,
                   SUM(x.documented) AS documented, SUM(CASE WHEN m.kind IN ('ratio', 'score') THEN 1 ELSE 0 END) AS base
              FROM (%(documents)s) x
              JOIN sales_metric m ON m.code = x.code AND m.active
             WHERE x.company_id = ANY(%(companies)s) AND x.date BETWEEN %(date_from)s AND %(date_to)s
             GROUP BY m.id, x.company_id, date_trunc('month', x.date)::date, x.res_model, x.res_id
          ) d ON d.metric_id = b.metric_id AND d.company_id = b.company_id AND d.month = b.month
             AND d.res_model = b.res_model AND d.res_id = b.res_id
          ) x
        """,
        companies=companies, date_from=date_from, date_to=date_to,
        documents=SQL(" UNION ALL ").join([_orders(), _invoices(), _customers(), _payments(), _leads()]))


def _orders():
    return SQL(
        """
        SELECT v.code, so.company_id, (timezone(z.tz, timezone('UTC', so.date_order)))::date AS date,
               'sale.order' AS res_model, so.id AS res_id, v.documented
          FROM sale_order so
          JOIN (%s) z ON z.company_id = so.company_id
         CROSS JOIN LATERAL (VALUES
            ('ordered', round(so.amount_untaxed / so.currency_rate / z.rounding) * z.rounding), ('orders', 1)
         ) v (code, documented)
         WHERE so.state = 'sale'
        """, _zones())


def _invoices():
    return SQL(
        """
        SELECT v.code, am.company_id, COALESCE(am.invoice_date, am.date) AS date, 'account.move', am.id, v.documented
          FROM account_move am
         CROSS JOIN LATERAL (VALUES
            ('invoiced', am.amount_untaxed_signed), ('margin', am.amount_untaxed_signed)
         ) v (code, documented)
         WHERE am.state = 'posted' AND am.move_type IN %(types)s AND v.documented <> 0
         UNION ALL
        SELECT 'quantity', l.company_id, COALESCE(am.invoice_date, am.date), 'account.move', am.id,
               SUM(round(l.quantity * u.factor / ru.factor, 4) * CASE WHEN am.move_type = 'out_refund' THEN -1 ELSE 1 END)
          FROM account_move_line l
          JOIN account_move am ON am.id = l.move_id
          JOIN product_product p ON p.id = l.product_id
          JOIN product_template t ON t.id = p.product_tmpl_id
          JOIN uom_uom ru ON ru.id = t.uom_id
          JOIN uom_uom u ON u.id = COALESCE(l.product_uom_id, t.uom_id)
         WHERE l.parent_state = 'posted' AND am.move_type IN %(types)s AND l.display_type = 'product'
           AND l.is_downpayment IS NOT TRUE
         GROUP BY l.company_id, am.invoice_date, am.date, am.id
        """, types=TYPES)


def _customers():
    return SQL("(%s)", SQL(
        """
        SELECT DISTINCT ON (am.company_id, am.commercial_partner_id) 'new_customers', am.company_id,
               COALESCE(am.invoice_date, am.date) AS date, 'account.move', am.id, 1
          FROM account_move am
         WHERE am.state = 'posted' AND am.move_type = 'out_invoice' AND am.commercial_partner_id IS NOT NULL
           AND EXISTS (
                SELECT 1 FROM account_move_line l
                 WHERE l.move_id = am.id AND l.display_type = 'product'
                   AND (l.balance <> 0 OR (l.product_id IS NOT NULL AND l.quantity <> 0)))
         ORDER BY am.company_id, am.commercial_partner_id, COALESCE(am.invoice_date, am.date), am.id
        """))


def _payments():
    """From the side of the money: what each posted entry with liquidity was matched with."""
    return SQL(
        """
        SELECT 'collected', y.company_id, y.date, 'account.move', y.res_id, y.till - y.before
          FROM (
            SELECT x.company_id, x.date, x.res_id,
                   round(x.untaxed * SUM(x.cash) OVER w, x.places) AS till,
                   round(x.untaxed * (SUM(x.cash) OVER w - x.cash), x.places) AS before
              FROM (
                SELECT inv.company_id, p.max_date AS date, inv.id AS res_id, p.id AS partial_id, cur.decimal_places AS places,
                       inv.amount_untaxed / inv.amount_total AS untaxed,
                       (CASE WHEN inv_line.id = p.debit_move_id THEN p.amount ELSE -p.amount END) * money.part AS cash
                  FROM account_partial_reconcile p
                 CROSS JOIN LATERAL (VALUES
                    (p.debit_move_id, p.credit_move_id), (p.credit_move_id, p.debit_move_id)
                 ) side (own, other)
                  JOIN account_move_line inv_line ON inv_line.id = side.own AND inv_line.display_type = 'payment_term'
                  JOIN account_move inv ON inv.id = inv_line.move_id
                   AND inv.state = 'posted' AND inv.move_type IN %(types)s AND inv.amount_total <> 0
                  JOIN account_move_line pay_line ON pay_line.id = side.other AND pay_line.parent_state = 'posted'
                  JOIN res_company c ON c.id = inv.company_id
                  JOIN res_currency cur ON cur.id = c.currency_id
                  JOIN (
                    SELECT l.move_id, GREATEST(0, LEAST(1,
                               - SUM(CASE WHEN a.account_type IN ('asset_cash', 'liability_credit_card')
                                            OR a.id = pm.outstanding_account_id THEN l.balance ELSE 0 END)
                               / SUM(CASE WHEN a.account_type IN ('asset_receivable', 'liability_payable')
                                          THEN l.balance END))) AS part
                      FROM account_move_line l
                      JOIN account_account a ON a.id = l.account_id
                      LEFT JOIN account_payment pm ON pm.move_id = l.move_id
                     WHERE l.parent_state = 'posted' AND l.display_type IS DISTINCT FROM 'line_section'
                     GROUP BY l.move_id
                    HAVING SUM(CASE WHEN a.account_type IN ('asset_receivable', 'liability_payable') THEN l.balance END) <> 0
                  ) money ON money.move_id = pay_line.move_id
              ) x
            WINDOW w AS (PARTITION BY x.res_id ORDER BY x.partial_id ROWS UNBOUNDED PRECEDING)
          ) y
        """, types=TYPES)


def _leads():
    return SQL(
        """
        SELECT 'win_rate', z.company_id, (timezone(z.tz, timezone('UTC', COALESCE(l.date_closed, l.create_date))))::date,
               'crm.lead', l.id, CASE l.won_status WHEN 'won' THEN 1 ELSE 0 END
          FROM crm_lead l
          LEFT JOIN crm_team t ON t.id = l.team_id
          LEFT JOIN res_users u ON u.id = l.user_id
          JOIN (%s) z ON z.company_id = COALESCE(
                l.company_id, t.company_id, u.company_id, (SELECT c.id FROM res_company c WHERE c.active ORDER BY c.id LIMIT 1))
         WHERE l.won_status IN ('won', 'lost') AND l.type = 'opportunity'
        """, _zones())


def _zones():
    """The time zone and currency rounding of each company."""
    return SQL(
        """
        SELECT c.id AS company_id, COALESCE(NULLIF(p.tz, ''), NULLIF(k.tz, ''), 'UTC') AS tz, cur.rounding
          FROM res_company c
          JOIN res_partner p ON p.id = c.partner_id
          JOIN res_currency cur ON cur.id = c.currency_id
          LEFT JOIN resource_calendar k ON k.id = c.resource_calendar_id
        """)
