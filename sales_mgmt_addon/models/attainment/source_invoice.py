"""Posted customer invoices and credit notes: figures per line, and who became a customer."""

from odoo.tools import SQL

from .booking import COLUMNS, LIVE, choose_shares_sql, date_columns, mirror_columns, round_money

CODES = ('invoiced', 'margin', 'quantity', 'gmv')
MOVE_TYPES = ('out_invoice', 'out_refund', 'out_receipt')
# Fields the statements read; pending writes to them must reach the database first
SOURCES = {
    'account.move': [
        'commercial_partner_id', 'company_id', 'date', 'invoice_date', 'invoice_user_id', 'move_type',
        'reversed_entry_id', 'state', 'team_id',
    ],
    'account.move.line': [
        'balance', 'display_type', 'is_downpayment', 'move_id', 'product_id', 'product_uom_id', 'quantity',
        'sale_line_ids', 'tax_repartition_line_id',
    ],
    'crm.team': ['parent_path'],
    'product.product': ['product_tmpl_id', 'standard_price'],
    'product.template': ['categ_id', 'uom_id'],
    'res.company': ['currency_id'],
    'sales.credit.split': ['is_overlay', 'move_id', 'order_id', 'share', 'team_id', 'user_id'],
}


def untaxed_line(alias):
    """Return SQL that tells whether a journal item is part of the untaxed amount of its invoice."""
    return SQL(
        """(%(l)s.display_type IN ('product', 'non_deductible_product', 'non_deductible_product_total')
            OR (%(l)s.display_type = 'rounding' AND %(l)s.tax_repartition_line_id IS NULL))""", l=alias)


def invoice_source(ids, hooks, costs):
    """Return what :func:`.booking.book_sql` needs for invoices.

    :param list ids: ids of the `account.move` records
    :param dict hooks: SQL over the line ``l``, its move ``am``, company ``c`` and product ``pp``: ``is_sale``
        (boolean, whether it counts), ``is_agent`` (boolean), ``commission`` (company currency, positive for an invoice),
        ``channel``, ``cost``
        (of a unit of the product, company currency)
    :param dict costs: JSON-able, cost of products that have none of their own, by company id
    :rtype: dict
    """
    facts = SQL(
        """
        SELECT x.code, l.line_id AS share_key, l.res_id, l.line_id AS res_line_id, l.date, l.company_id, l.partner_id,
               l.product_id, l.product_category_id, l.channel, x.value, x.quantity, x.amount, l.places,
               CASE x.code WHEN 'quantity' THEN 4 ELSE l.places END AS value_places
          FROM (%(lines)s) l
         CROSS JOIN LATERAL (VALUES
            ('invoiced', l.net, l.quantity, l.net),
            ('margin', l.net - l.cost, l.quantity, l.net),
            ('quantity', l.own_quantity, l.own_quantity, 0),
            ('gmv', l.goods, CASE WHEN l.goods <> 0 THEN l.quantity ELSE 0 END, l.goods)
         ) x (code, value, quantity, amount)
         WHERE x.value <> 0 OR x.quantity <> 0
        """,
        lines=_lines_sql(ids, hooks, costs))
    return {
        'model': 'account.move', 'codes': CODES, 'live_key': SQL("e.res_line_id"), 'facts': facts,
        'shares': _shares_sql(ids),
    }


def _lines_sql(ids, hooks, costs):
    return SQL(
        """
        SELECT am.id AS res_id, l.id AS line_id, COALESCE(am.invoice_date, am.date) AS date, am.company_id,
               am.commercial_partner_id AS partner_id, l.product_id, pt.categ_id AS product_category_id,
               %(channel)s AS channel, cur.decimal_places AS places, q.quantity,
               CASE WHEN a.is_agent THEN %(commission)s ELSE -l.balance END AS net,
               CASE WHEN a.is_agent THEN -l.balance ELSE 0 END AS goods,
               CASE WHEN a.is_agent THEN 0 ELSE q.quantity * %(margin_cost)s END AS cost,
               CASE WHEN a.is_agent OR COALESCE(l.is_downpayment, FALSE) THEN 0 ELSE q.quantity END AS own_quantity
          FROM account_move am
          JOIN account_move_line l ON l.move_id = am.id
          JOIN res_company c ON c.id = am.company_id
          JOIN res_currency cur ON cur.id = c.currency_id
          LEFT JOIN product_product pp ON pp.id = l.product_id
          LEFT JOIN product_template pt ON pt.id = pp.product_tmpl_id
          LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
          LEFT JOIN uom_uom pu ON pu.id = pt.uom_id
         CROSS JOIN LATERAL (SELECT %(is_agent)s AS is_agent) a
         CROSS JOIN LATERAL (
            SELECT CASE WHEN l.product_id IS NULL THEN 0 ELSE
                       round(CASE am.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                             * l.quantity * COALESCE(lu.factor / NULLIF(pu.factor, 0), 1), 4) END AS quantity
         ) q
         WHERE am.id = ANY(%(ids)s) AND am.state = 'posted' AND am.move_type IN %(types)s AND %(untaxed)s AND %(is_sale)s
        """,
        channel=hooks['channel'], commission=round_money(hooks['commission'], SQL("cur")), is_agent=hooks['is_agent'],
        margin_cost=SQL("COALESCE(%s, (%s::jsonb->>(am.company_id::text))::numeric, 0)", hooks['cost'], costs),
        ids=ids, types=MOVE_TYPES, untaxed=untaxed_line(SQL("l")), is_sale=hooks['is_sale'])


def _shares_sql(ids):
    """The shares of an invoice line: those of the invoice, else those of the line's order.

    A credit note takes the shares of the invoice it reverses, if it has none of its own.
    """
    return SQL(
        """
        lines AS (
            SELECT l.id AS line_id, am.id AS move_id, am.reversed_entry_id, am.invoice_user_id, am.team_id
              FROM account_move am
              JOIN account_move_line l ON l.move_id = am.id
             WHERE am.id = ANY(%(ids)s) AND %(untaxed)s
        ),
        owner AS (
            SELECT l.line_id, s.move_id, NULL::int AS order_id
              FROM lines l
             CROSS JOIN LATERAL (
                SELECT s.move_id FROM sales_credit_split s
                 WHERE s.move_id IN (l.move_id, l.reversed_entry_id)
                 ORDER BY s.move_id = l.move_id DESC LIMIT 1
             ) s
             UNION ALL
            SELECT l.line_id, NULL, MIN(sl.order_id)
              FROM lines l
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.line_id
              JOIN sale_order_line sl ON sl.id = rel.order_line_id
             WHERE NOT EXISTS (
                SELECT 1 FROM sales_credit_split s WHERE s.move_id IN (l.move_id, l.reversed_entry_id))
             GROUP BY l.line_id
        ),
        %(chosen)s
        """,
        ids=ids, untaxed=untaxed_line(SQL("l")),
        chosen=choose_shares_sql(
            split=SQL(
                """SELECT o.line_id AS share_key, s.user_id, s.team_id, t.parent_path AS region_path, s.share,
                          COALESCE(s.is_overlay, FALSE) AS is_overlay
                     FROM owner o
                     JOIN sales_credit_split s ON s.order_id = o.order_id OR s.move_id = o.move_id
                     LEFT JOIN crm_team t ON t.id = s.team_id"""),
            main=SQL(
                """SELECT l.line_id AS share_key, l.invoice_user_id AS user_id, l.team_id, t.parent_path AS region_path
                     FROM lines l LEFT JOIN crm_team t ON t.id = l.team_id""")))


def customers_sql(companies, partners, uid):
    """Return the statement that books who became a customer with which invoice.

    The first invoice is looked up in the book, whose index gives the oldest entry of a customer at
    once. An older invoice that comes later, or the first one leaving, moves the booking.

    :param list companies: ids of companies, parallel to ``partners``
    :param list partners: ids of commercial partners
    :param int uid: who books
    :rtype: SQL
    """
    return SQL(
        """
        WITH pair AS (SELECT DISTINCT * FROM unnest(%(companies)s::int[], %(partners)s::int[]) AS p(company_id, partner_id)),
        first AS (
            SELECT p.company_id, p.partner_id, f.*
              FROM pair p
             CROSS JOIN LATERAL (
                SELECT e.metric_id, e.date, e.res_id, e.res_line_id
                  FROM sales_attainment_entry e
                  JOIN account_move am ON am.id = e.res_id AND am.move_type = 'out_invoice'
                 WHERE e.partner_id = p.partner_id AND e.company_id = p.company_id
                   AND e.metric_id = (SELECT id FROM sales_metric WHERE code = 'invoiced')
                   AND e.res_model = 'account.move' AND %(is_live)s
                 ORDER BY e.date, e.res_id, e.res_line_id
                 LIMIT 1
             ) f
        ),
        known AS (
            SELECT e.*, (f.res_id = e.res_id AND f.date = e.date) IS TRUE AS is_right
              FROM pair p
              JOIN sales_attainment_entry e ON e.partner_id = p.partner_id AND e.company_id = p.company_id
               AND e.metric_id = (SELECT id FROM sales_metric WHERE code = 'new_customers') AND %(is_live)s
              LEFT JOIN first f ON f.company_id = p.company_id AND f.partner_id = p.partner_id
        ),
        runs AS (
            SELECT p.company_id, p.partner_id, COALESCE(MAX(e.run), 0) + 1 AS run
              FROM pair p
              LEFT JOIN sales_attainment_entry e ON e.partner_id = p.partner_id AND e.company_id = p.company_id
               AND e.metric_id = (SELECT id FROM sales_metric WHERE code = 'new_customers')
             GROUP BY p.company_id, p.partner_id
        ),
        credit AS (%(credit)s)
        INSERT INTO sales_attainment_entry (%(columns)s)
        SELECT %(mirror)s FROM known e WHERE NOT e.is_right
         UNION ALL
        SELECT m.id, %(dates)s, k.company_id, k.user_id, k.team_id, k.region_path, k.channel, k.partner_id, NULL, NULL,
               round(k.upper / 100, 4) - round(k.lower / 100, 4), 0, 0, k.share, k.is_overlay, 'account.move', k.res_id,
               k.res_line_id, k.run, NULL, concat_ws(':', 'new_customers', k.company_id, k.partner_id, k.run),
               %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM credit k
          JOIN sales_metric m ON m.code = 'new_customers' AND m.active
            ON CONFLICT DO NOTHING
        """,
        companies=companies, partners=partners, is_live=LIVE, credit=_customer_credit_sql(), columns=COLUMNS,
        dates=date_columns(SQL("k.date")), mirror=mirror_columns(uid), uid=uid)


def _customer_credit_sql():
    """Who has the credit for a first invoice: the sharers of its first line."""
    return SQL(
        """
        SELECT x.*, CASE WHEN x.is_overlay THEN x.share
                         WHEN x.place = x.places THEN 100 ELSE x.reached END AS upper,
               CASE WHEN x.is_overlay THEN 0 ELSE x.reached - x.share END AS lower
          FROM (
            SELECT s.*, SUM(s.share) OVER w AS reached, ROW_NUMBER() OVER w AS place,
                   COUNT(*) OVER (PARTITION BY s.company_id, s.partner_id, s.is_overlay) AS places
              FROM (
                SELECT DISTINCT f.company_id, f.partner_id, f.date, f.res_id, f.res_line_id, r.run, e.user_id, e.team_id,
                       e.region_path, e.channel, e.share, e.is_overlay
                  FROM first f
                  JOIN runs r ON r.company_id = f.company_id AND r.partner_id = f.partner_id
                  JOIN sales_attainment_entry e
                    ON e.res_model = 'account.move' AND e.res_id = f.res_id AND e.res_line_id = f.res_line_id
                   AND e.metric_id = f.metric_id AND %(is_live)s
                 WHERE NOT EXISTS (
                    SELECT 1 FROM known k
                     WHERE k.company_id = f.company_id AND k.partner_id = f.partner_id AND k.is_right)
              ) s
            WINDOW w AS (PARTITION BY s.company_id, s.partner_id, s.is_overlay
                         ORDER BY s.share DESC, s.user_id, s.team_id ROWS UNBOUNDED PRECEDING)
          ) x
        """,
        is_live=LIVE)
