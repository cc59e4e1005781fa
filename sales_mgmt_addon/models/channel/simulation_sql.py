"""The statement of the simulator: confirmed order lines under the mode they had and under another one."""

from odoo.tools import SQL

from ..attainment.booking import local_date, round_money
from .sales_simulation_figures import MEASURES

# Fields the statement reads; pending writes to them must reach the database first
SOURCES = {
    'account.move': ['move_type', 'state'],
    'account.move.line': ['balance', 'product_uom_id', 'quantity', 'sale_line_ids'],
    'product.category': ['parent_path'],
    'product.product': ['product_tmpl_id', 'standard_price'],
    'product.template': ['categ_id', 'uom_id'],
    'res.company': ['currency_id', 'partner_id', 'resource_calendar_id'],
    'res.partner': ['tz'],
    'sale.order': ['channel_id', 'company_id', 'currency_rate', 'date_order', 'state'],
    'sale.order.line': [
        'collects_payment', 'commission_rate', 'display_type', 'inventory_owner', 'is_downpayment', 'order_id',
        'price_subtotal', 'product_id', 'product_uom_id', 'product_uom_qty', 'purchase_price_agreed',
        'revenue_presentation', 'tax_supplier',
    ],
    'sales.channel': ['parent_path'],
}


def simulation_sql(simulation, default_cost):
    """Return the statement that selects a row of figures per product and month.

    :param simulation: `sales.channel.simulation` record
    :param float default_cost: cost of products without one of their own
    :return: product id, month, quantity, then the columns of `FIGURES`
    :rtype: SQL
    """
    now, new = _now(), _new(simulation)
    figures = SQL(", ").join(
        SQL("%s AS %s", expression, SQL.identifier(f'{when}_{measure}'))
        for measure in MEASURES
        for when, expression in (('now', _measure(measure, now, simulation)), ('new', _measure(measure, new, simulation))))
    sums = SQL(", ").join(
        round_money(SQL("SUM(%s)", SQL.identifier(f'{when}_{measure}')), SQL("cur"))
        for measure in MEASURES for when in ('now', 'new'))
    return SQL(
        """
        SELECT f.product_id, f.month, SUM(f.quantity), %(gross)s, %(returned)s, %(sums)s
          FROM (SELECT x.*, %(figures)s FROM (%(lines)s) x) f
          JOIN res_currency cur ON cur.id = f.currency_id
         GROUP BY f.product_id, f.month, cur.id
        """,
        gross=round_money(SQL("SUM(f.gross)"), SQL("cur")), returned=round_money(SQL("SUM(f.returned)"), SQL("cur")),
        sums=sums, figures=figures, lines=_lines_sql(simulation, default_cost))


def _now():
    """Return conditions on the frozen rights of the line ``x``. Lines from before there were rights are plain resale."""
    return {
        'agent': SQL("x.revenue_presentation = 'agent'"),
        'theirs': SQL("x.inventory_owner = 'seller'"),
        'collected_by_seller': SQL("x.collects_payment = 'seller'"),
        'our_vat': SQL("x.tax_supplier <> 'seller'"),
        'rate': SQL("x.commission_rate"),
        'owed': SQL("CASE WHEN x.agreed > 0 THEN x.agreed * x.kept ELSE x.sold * (1 - x.commission_rate) END"),
    }


def _new(simulation):
    rate = SQL("%s::numeric", simulation.commission_percent / 100)
    return {
        'agent': SQL("%s", simulation.revenue_presentation == 'agent'),
        'theirs': SQL("%s", simulation.inventory_owner == 'seller'),
        'collected_by_seller': SQL("%s", simulation.collects_payment == 'seller'),
        'our_vat': SQL("%s", simulation.tax_supplier != 'seller'),
        'rate': rate,
        'owed': SQL("x.sold * (1 - %s)", rate),
    }


def _measure(measure, mode, simulation):
    """Return SQL for a measure of the line ``x`` in a mode."""
    days = SQL("%s::numeric", (simulation.date_to - simulation.date_from).days + 1)

    def average(amount, held):
        return SQL("%s * %s::numeric / %s", amount, held, days)

    commission = SQL("(CASE WHEN %(agent)s THEN x.sold * %(rate)s ELSE 0 END)", **mode)
    revenue = SQL("(CASE WHEN %(agent)s THEN %(commission)s ELSE x.sold END)", **mode, commission=commission)
    cost = SQL("(CASE WHEN %(agent)s THEN 0 WHEN %(theirs)s THEN %(owed)s ELSE x.unit_cost * x.kept END)", **mode)
    stock = average(SQL("(CASE WHEN %(theirs)s THEN 0 ELSE x.unit_cost * x.kept END)", **mode), simulation.stock_days)
    receivable = average(
        SQL("(CASE WHEN %(collected)s THEN %(commission)s ELSE x.sold END)",
            collected=mode['collected_by_seller'], commission=commission), simulation.buyer_days)
    payable = SQL(
        "(CASE WHEN %(collected)s THEN 0 WHEN %(agent)s THEN %(share)s WHEN %(theirs)s THEN %(owed)s ELSE %(bought)s END)",
        collected=mode['collected_by_seller'], agent=mode['agent'], theirs=mode['theirs'],
        share=average(SQL("(x.sold - %s)", commission), simulation.seller_days),
        owed=average(SQL("(%s)", mode['owed']), simulation.seller_days),
        bought=average(SQL("(x.unit_cost * x.kept)"), simulation.supplier_days))
    return {
        'revenue': revenue,
        'commission': commission,
        'cost': cost,
        'margin': SQL("%s - %s", revenue, cost),
        'stock': stock,
        'receivable': receivable,
        'payable': payable,
        'working_capital': SQL("%s + %s - %s", stock, receivable, payable),
        'vat_base': SQL("(CASE WHEN %s THEN x.sold ELSE 0 END) + %s", mode['our_vat'], commission),
        'return_risk': SQL("(CASE WHEN %s THEN 0 ELSE x.unit_cost * x.back END)", mode['theirs']),
    }[measure]


def _lines_sql(simulation, default_cost):
    """Return the order lines in company currency at their orders' own rates, with what was credited of them."""
    rate = SQL("COALESCE(NULLIF(so.currency_rate, 0), 1)")
    factor = SQL("COALESCE(lu.factor / NULLIF(pu.factor, 0), 1)")
    day = local_date(SQL("so.date_order"), SQL("c"))
    unit_cost = SQL("COALESCE((pp.standard_price->>%s)::numeric, %s::numeric)", str(simulation.company_id.id), default_cost)
    kept_cost = unit_cost if simulation.cost_source == 'product' else SQL(
        "COALESCE(l.price_subtotal / %s / NULLIF(l.product_uom_qty * %s, 0) * %s::numeric, 0)",
        rate, factor, simulation.cost_percent / 100)
    return SQL(
        """
        SELECT l.product_id, date_trunc('month', %(day)s)::date AS month, c.currency_id, q.quantity, v.gross,
               r.amount AS returned, v.gross - r.amount AS sold, q.quantity - r.quantity AS kept, r.quantity AS back,
               %(unit_cost)s AS unit_cost, COALESCE(l.commission_rate, 0) / 100 AS commission_rate,
               COALESCE(l.purchase_price_agreed, 0) / %(rate)s / %(factor)s AS agreed,
               COALESCE(l.revenue_presentation, 'principal') AS revenue_presentation,
               COALESCE(l.inventory_owner, 'company') AS inventory_owner,
               COALESCE(l.collects_payment, 'company') AS collects_payment,
               COALESCE(l.tax_supplier, 'company') AS tax_supplier
          FROM sale_order_line l
          JOIN sale_order so ON so.id = l.order_id
          JOIN res_company c ON c.id = so.company_id
          JOIN product_product pp ON pp.id = l.product_id
          JOIN product_template pt ON pt.id = pp.product_tmpl_id
          LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
          LEFT JOIN uom_uom pu ON pu.id = pt.uom_id
         CROSS JOIN LATERAL (SELECT l.product_uom_qty * %(factor)s AS quantity) q
         CROSS JOIN LATERAL (SELECT l.price_subtotal / %(rate)s AS gross) v
         CROSS JOIN LATERAL (
            SELECT COALESCE(SUM(b.balance), 0) AS amount,
                   COALESCE(SUM(b.quantity * COALESCE(bu.factor / NULLIF(pu.factor, 0), 1)), 0) AS quantity
              FROM sale_order_line_invoice_rel rel
              JOIN account_move_line b ON b.id = rel.invoice_line_id
              JOIN account_move m ON m.id = b.move_id AND m.state = 'posted' AND m.move_type = 'out_refund'
              LEFT JOIN uom_uom bu ON bu.id = b.product_uom_id
             WHERE rel.order_line_id = l.id
         ) r
         WHERE so.state = 'sale' AND so.company_id = %(company)s AND l.display_type IS NULL
           AND l.is_downpayment IS NOT TRUE
           AND %(day)s BETWEEN %(date_from)s AND %(date_to)s
           AND pt.categ_id IN (SELECT id FROM product_category WHERE parent_path LIKE %(category)s)
           AND %(channel)s
        """,
        day=day, rate=rate, factor=factor, unit_cost=kept_cost, company=simulation.company_id.id,
        date_from=simulation.date_from, date_to=simulation.date_to, category=f'{simulation.category_id.parent_path}%',
        channel=SQL(
            "so.channel_id IN (SELECT id FROM sales_channel WHERE parent_path LIKE %s)",
            f'{simulation.channel_id.parent_path}%') if simulation.channel_id else SQL("TRUE"))
