"""The one SQL statement that tells what customers owe or will owe.

Each unit of money sits in exactly one bucket, so that moving an order to delivery, invoice and cash
changes the total by the cash only. Its cost depends on open items, never on history: receivables
come from core's index on unreconciled items, orders from the index on orders that are not fully
invoiced, drafts from the index on draft invoices (see the indexes in the models).
"""

from odoo.tools import SQL

# Fields the statement reads; pending writes to them must reach the database first.
SOURCES = {
    'res.partner': ['commercial_partner_id'],
    'res.company': ['parent_path'],
    'account.account': ['account_type', 'non_trade'],
    'account.move.line': [
        'account_id', 'amount_residual', 'company_id', 'date_maturity', 'move_id', 'parent_state', 'partner_id',
        'price_total', 'product_uom_id', 'quantity', 'reconciled', 'sale_line_ids',
    ],
    'account.move': [
        'commercial_partner_id', 'company_id', 'currency_id', 'invoice_currency_rate', 'move_type', 'state',
    ],
    'sale.order': [
        'company_id', 'currency_id', 'currency_rate', 'hold_state', 'invoice_status', 'partner_invoice_id', 'state',
    ],
    'sale.order.line': [
        'collects_payment', 'discount', 'display_type', 'invoice_lines', 'is_downpayment', 'order_id', 'price_total',
        'price_unit', 'product_id', 'product_uom_id', 'product_uom_qty', 'qty_delivered', 'qty_invoiced',
    ],
    'stock.move': ['location_id', 'product_id', 'product_uom', 'product_uom_qty', 'sale_line_id', 'state'],
    'product.template': ['invoice_policy'],
    'product.product': ['product_tmpl_id'],
    'uom.uom': ['factor'],
}

BUCKETS = ('receivable', 'overdue', 'to_invoice', 'to_deliver', 'unapplied')


def exposure_sql(wanted, today):
    """Return the statement that computes the exposure of many customers.

    :param SQL wanted: query with the columns ``id``, ``partner_id`` (commercial partner),
        ``company_id`` (root company), ``overdue_days``
    :param date today: the day on which items count as overdue
    :return: query with a row per wanted row and the columns ``id``, ``receivable``, ``overdue``,
        ``overdue_beyond``, ``oldest_due`` (date), ``unapplied`` (negative), ``to_invoice``,
        ``to_deliver``; amounts in company currency, unrounded
    :rtype: SQL
    """
    return SQL(
        """
        WITH wanted AS (%(wanted)s),
        family AS (
            SELECT w.id, w.company_id AS root_id, w.overdue_days, p.id AS partner_id
              FROM wanted w
              JOIN res_partner p ON p.commercial_partner_id = w.partner_id
        ),
        tree AS (
            SELECT c.id AS company_id,
                   COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) AS root_id
              FROM res_company c
        ),
        items AS (%(items)s),
        orders AS (%(orders)s),
        drafts AS (%(drafts)s)
        SELECT w.id,
               COALESCE(i.receivable, 0) AS receivable,
               COALESCE(i.overdue, 0) AS overdue,
               COALESCE(i.overdue_beyond, 0) AS overdue_beyond,
               i.oldest_due,
               COALESCE(i.unapplied, 0) AS unapplied,
               COALESCE(o.to_invoice, 0) + COALESCE(d.amount, 0) AS to_invoice,
               COALESCE(o.to_deliver, 0) AS to_deliver
          FROM wanted w
          LEFT JOIN items i ON i.id = w.id
          LEFT JOIN orders o ON o.id = w.id
          LEFT JOIN drafts d ON d.id = w.id
        """,
        wanted=wanted, items=_items_sql(today), orders=_orders_sql(), drafts=_drafts_sql(),
    )


def _items_sql(today):
    """Open items of the receivable accounts."""
    return SQL(
        """
        SELECT f.id,
               SUM(GREATEST(l.amount_residual, 0)) AS receivable,
               SUM(LEAST(l.amount_residual, 0)) AS unapplied,
               SUM(l.amount_residual) FILTER (
                   WHERE l.amount_residual > 0 AND l.date_maturity < %(today)s) AS overdue,
               SUM(l.amount_residual) FILTER (
                   WHERE l.amount_residual > 0 AND l.date_maturity < %(today)s - f.overdue_days) AS overdue_beyond,
               MIN(l.date_maturity) FILTER (
                   WHERE l.amount_residual > 0 AND l.date_maturity < %(today)s) AS oldest_due
          FROM family f
          JOIN account_move_line l
            ON l.partner_id = f.partner_id
           AND l.account_id = ANY(%(accounts)s)
           AND l.reconciled IS NOT TRUE
           AND l.parent_state = 'posted'
          JOIN tree t ON t.company_id = l.company_id AND t.root_id = f.root_id
         GROUP BY f.id
        """,
        today=SQL("%s::date", today), accounts=receivable_accounts_sql(),
    )


def receivable_accounts_sql():
    """Return the accounts of trade receivables; those for taxes, owners and the like concern no customer.

    An array lets the planner use Odoo's index on unreconciled items, a join does not.
    """
    return SQL(
        """ARRAY(
            SELECT a.id FROM account_account a
             WHERE a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE)""")


def _orders_sql():
    """What confirmed and released orders still bring: delivered not invoiced, and not delivered.

    What the buyer pays to a seller himself is no claim of ours. A line with a negative quantity is a line of the
    opposite sign. What is left to deliver counts
    as far as transfers are going to deliver it: a line whose moves are all done or cancelled is
    closed, and returned goods are not delivered again. A down payment is in the receivables already (or among the
    drafts), so the order brings that much less, but never less than nothing.
    """
    return SQL(
        """
        SELECT s.id,
               SUM(s.to_invoice - (s.paid_down - LEAST(s.paid_down, s.to_deliver))) AS to_invoice,
               SUM(s.to_deliver - LEAST(s.paid_down, s.to_deliver)) AS to_deliver
          FROM (
            SELECT b.id,
                   b.to_invoice / b.rate AS to_invoice,
                   b.to_deliver / b.rate AS to_deliver,
                   LEAST(b.paid_down / b.rate, GREATEST((b.to_invoice + b.to_deliver) / b.rate, 0)) AS paid_down
              FROM (
                SELECT f.id, so.id AS order_id, %(rate)s AS rate,
                       COALESCE(SUM(GREATEST(q.billable - q.invoiced, 0) * q.unit), 0) AS to_invoice,
                       COALESCE(SUM((GREATEST(q.billable + q.rest - q.invoiced, 0)
                                     - GREATEST(q.billable - q.invoiced, 0)) * q.unit), 0) AS to_deliver,
                       COALESCE(SUM(q.paid_down), 0) AS paid_down
                  FROM family f
                  JOIN sale_order so
                    ON so.partner_invoice_id = f.partner_id
                   AND so.invoice_status <> 'invoiced'
                   AND so.invoice_status <> 'upselling'
                   AND (so.state = 'sale' OR so.hold_state = 'released')
                   AND so.state <> 'cancel'
                  JOIN tree t ON t.company_id = so.company_id AND t.root_id = f.root_id
                  JOIN sale_order_line sl ON sl.order_id = so.id AND sl.display_type IS NULL
                   AND sl.collects_payment IS DISTINCT FROM 'seller'
                  LEFT JOIN product_product pp ON pp.id = sl.product_id
                  LEFT JOIN product_template pt ON pt.id = pp.product_tmpl_id
                 CROSS JOIN LATERAL (
                    SELECT SIGN(COALESCE(NULLIF(sl.product_uom_qty, 0), 1)) AS side
                 ) n
                 CROSS JOIN LATERAL (
                    SELECT n.side * sl.product_uom_qty AS ordered,
                           n.side * COALESCE(sl.qty_delivered, 0) AS delivered,
                           n.side * COALESCE(sl.qty_invoiced, 0) AS invoiced,
                           n.side * %(unit)s AS unit
                 ) v
                 CROSS JOIN LATERAL (
                    SELECT v.unit * COALESCE((NOT sl.is_downpayment)::int, 1) AS unit,
                           v.invoiced,
                           CASE WHEN pt.invoice_policy = 'delivery' THEN v.delivered
                                ELSE LEAST(v.delivered, v.ordered) END AS billable,
                           CASE WHEN v.ordered > v.delivered
                                THEN LEAST(v.ordered - v.delivered, COALESCE(%(coming)s, v.ordered - v.delivered))
                                ELSE 0 END AS rest,
                           CASE WHEN sl.is_downpayment THEN %(paid_down)s END AS paid_down
                 ) q
                 GROUP BY f.id, so.id
              ) b
          ) s
         GROUP BY s.id
        """,
        rate=_rate_sql(),
        unit=_unit_sql(),
        # NULL without moves (services). A return on its way is no delivery to come. Components of a
        # kit cannot be compared with the line: as long as one of them is open, all of it is.
        coming=SQL(
            """(
                SELECT COALESCE(SUM(
                           CASE WHEN m.product_id = sl.product_id
                                THEN m.product_uom_qty * COALESCE(mu.factor / NULLIF(lu.factor, 0), 1)
                                ELSE 1e15 END
                       ) FILTER (WHERE m.state NOT IN ('done', 'cancel') AND src.usage <> 'customer'), 0)
                  FROM stock_move m
                  JOIN stock_location src ON src.id = m.location_id
                  LEFT JOIN uom_uom mu ON mu.id = m.product_uom
                  LEFT JOIN uom_uom lu ON lu.id = sl.product_uom_id
                 WHERE m.sale_line_id = sl.id
                HAVING COUNT(*) > 0
            )"""),
        paid_down=SQL(
            """(
                SELECT SUM(%(amount)s)
                  FROM sale_order_line_invoice_rel r
                  JOIN account_move_line l ON l.id = r.invoice_line_id
                  JOIN account_move am ON am.id = l.move_id
                 WHERE r.order_line_id = sl.id
                   AND am.state IN ('draft', 'posted')
                   AND am.move_type IN ('out_invoice', 'out_refund')
            )""",
            amount=_downpayment_sql(),
        ),
    )


def _drafts_sql():
    """Order lines on draft invoices: invoiced for the order, not yet a receivable."""
    return SQL(
        """
        SELECT f.id,
               SUM(CASE WHEN sl.is_downpayment OR sl.promo_funding IS NOT NULL THEN %(downpayment)s
                        ELSE CASE WHEN am.move_type = 'out_refund' THEN -1 ELSE 1 END
                             * l.quantity * COALESCE(lu.factor / NULLIF(ou.factor, 0), 1) * %(unit)s
                   END / %(rate)s) AS amount
          FROM wanted f
          JOIN account_move am
            ON am.commercial_partner_id = f.partner_id
           AND am.state = 'draft'
           AND am.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
           AND am.move_type <> 'out_receipt'
          JOIN tree t ON t.company_id = am.company_id AND t.root_id = f.company_id
          JOIN account_move_line l ON l.move_id = am.id
          JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
          JOIN sale_order_line sl ON sl.id = r.order_line_id
          JOIN sale_order so ON so.id = sl.order_id
          LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
          LEFT JOIN uom_uom ou ON ou.id = sl.product_uom_id
         GROUP BY f.id
        """,
        downpayment=_downpayment_sql(), unit=_unit_sql(), rate=_rate_sql(),
    )


def _rate_sql():
    """Order currency per company currency, as the order has it."""
    return SQL("COALESCE(NULLIF(so.currency_rate, 0), 1)")


def _unit_sql():
    """Gross price of one unit of an order line, in the currency of the order."""
    return SQL(
        """COALESCE(sl.price_total / NULLIF(sl.product_uom_qty, 0),
                    sl.price_unit * (1 - COALESCE(sl.discount, 0) / 100))""")


def _downpayment_sql():
    """Gross value of a down payment or promotion on an invoice, signed, in the currency of the order.

    The order line of a down payment has no quantity and so no gross price, and a promotion goes on invoices in
    parts; the invoice line has the price.
    """
    return SQL(
        """(CASE WHEN am.move_type = 'out_refund' THEN -1 ELSE 1 END * l.price_total
            * CASE WHEN am.currency_id = so.currency_id THEN 1
                   ELSE so.currency_rate / COALESCE(NULLIF(am.invoice_currency_rate, 0), 1) END)""")
