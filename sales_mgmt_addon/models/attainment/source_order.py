"""Confirmed orders: ``ordered`` per line and ``orders`` per order."""

from odoo.tools import SQL

from .booking import choose_shares_sql, local_date, round_money

CODES = ('ordered', 'orders')
# Fields the statement reads; pending writes to them must reach the database first
SOURCES = {
    'crm.team': ['parent_path'],
    'product.product': ['product_tmpl_id'],
    'product.template': ['categ_id', 'uom_id'],
    'res.company': ['currency_id', 'partner_id', 'resource_calendar_id'],
    'res.partner': ['commercial_partner_id', 'tz'],
    'sale.order': [
        'amount_untaxed', 'company_id', 'currency_rate', 'date_order', 'partner_id', 'state', 'team_id', 'user_id',
    ],
    'sale.order.line': [
        'display_type', 'order_id', 'price_subtotal', 'product_id', 'product_uom_id', 'product_uom_qty',
    ],
    'sales.credit.split': ['is_overlay', 'order_id', 'share', 'team_id', 'user_id'],
}


def order_source(ids, channel, redate=False):
    """Return what :func:`.booking.book_sql` needs for orders.

    The lines of an order add up to its untaxed amount at the order's rate; the cent that rounding
    leaves over goes to the biggest line.

    :param list ids: ids of the orders
    :param SQL channel: the channel of the order ``so``
    :param bool redate: take the day of booked orders from the order again, instead of keeping the booked one
    :rtype: dict
    """
    facts = SQL(
        """
        SELECT x.code, so.id AS share_key, so.id AS res_id, x.res_line_id, %(date)s AS date, so.company_id,
               cp.commercial_partner_id AS partner_id, x.product_id, x.product_category_id, x.channel,
               x.value, x.quantity, x.amount, cur.decimal_places AS places,
               CASE x.code WHEN 'ordered' THEN cur.decimal_places ELSE 4 END AS value_places
          FROM sale_order so
          JOIN res_company c ON c.id = so.company_id
          JOIN res_currency cur ON cur.id = c.currency_id
          JOIN res_partner cp ON cp.id = so.partner_id
         CROSS JOIN LATERAL (%(lines)s) x
         WHERE so.id = ANY(%(ids)s) AND so.state = 'sale' AND (x.value <> 0 OR x.quantity <> 0)
        """,
        date=_date_sql(redate), lines=_lines_sql(channel), ids=ids)
    shares = choose_shares_sql(
        split=SQL(
            """SELECT s.order_id AS share_key, s.user_id, s.team_id, t.parent_path AS region_path, s.share,
                      COALESCE(s.is_overlay, FALSE) AS is_overlay
                 FROM sales_credit_split s LEFT JOIN crm_team t ON t.id = s.team_id
                WHERE s.order_id = ANY(%s)""", ids),
        main=SQL(
            """SELECT so.id AS share_key, so.user_id, so.team_id, t.parent_path AS region_path
                 FROM sale_order so LEFT JOIN crm_team t ON t.id = so.team_id
                WHERE so.id = ANY(%s)""", ids))
    return {
        'model': 'sale.order', 'codes': CODES, 'live_key': SQL("e.res_id"), 'facts': facts, 'shares': shares,
    }


def _date_sql(redate):
    """The day of an order: the one it is booked on, so that another time zone of the company moves nothing."""
    day = local_date(SQL("so.date_order"), SQL("c"))
    if redate:
        return day
    return SQL(
        """COALESCE((
            SELECT e.date FROM sales_attainment_entry e
             WHERE e.res_model = 'sale.order' AND e.res_id = so.id AND NOT e.is_overlay
             GROUP BY e.date, e.metric_id
            HAVING SUM(e.value) <> 0 OR SUM(e.quantity) <> 0
             ORDER BY MAX(e.id) DESC LIMIT 1), %s)""", day)


def _lines_sql(channel):
    rate = SQL("COALESCE(NULLIF(so.currency_rate, 0), 1)")
    return SQL(
        """
        SELECT 'ordered' AS code, l.id AS res_line_id, l.product_id, pt.categ_id AS product_category_id,
               %(channel)s AS channel, l.quantity, v.value, v.value AS amount
          FROM (
            SELECT sl.*, CASE WHEN sl.product_id IS NULL THEN 0 ELSE
                       round(sl.product_uom_qty * COALESCE(lu.factor / NULLIF(pu.factor, 0), 1), 4) END AS quantity,
                   %(line)s AS net, SUM(%(line)s) OVER () AS nets,
                   ROW_NUMBER() OVER (ORDER BY abs(sl.price_subtotal) DESC, sl.id) AS place
              FROM sale_order_line sl
              LEFT JOIN product_product lp ON lp.id = sl.product_id
              LEFT JOIN product_template lt ON lt.id = lp.product_tmpl_id
              LEFT JOIN uom_uom lu ON lu.id = sl.product_uom_id
              LEFT JOIN uom_uom pu ON pu.id = lt.uom_id
             WHERE sl.order_id = so.id AND sl.display_type IS NULL
          ) l
          LEFT JOIN product_product pp ON pp.id = l.product_id
          LEFT JOIN product_template pt ON pt.id = pp.product_tmpl_id
         CROSS JOIN LATERAL (
            SELECT l.net + CASE WHEN l.place = 1 THEN %(total)s - l.nets ELSE 0 END AS value
         ) v
         UNION ALL
        SELECT 'orders', 0, NULL, NULL, %(channel)s, 0, 1, 0
        """,
        channel=channel,
        line=round_money(SQL("sl.price_subtotal / %s", rate), SQL("cur")),
        total=round_money(SQL("so.amount_untaxed / %s", rate), SQL("cur")))
