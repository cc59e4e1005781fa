"""When the open items will be paid: the statement behind the cash forecast and what a pack keeps of it.

The expected day of an item is
 - the day of the promise that runs for it, else
 - its due date plus the average delay of the customer: days late of what he paid in the last 12 months, weighted by
   amount, between 0 and 180 days, if he paid three instalments at least, else
 - its due date plus the average delay of all customers of the root company, reckoned the same way,
and never a day that has passed. What is in dispute is expected on no day. Receipts that pay for nothing yet are left
out: the money is there already.
"""

from odoo.tools import SQL

from .behaviour import behaviour_sql
from .items import items_sql

MONTHS = 12
DELAY_MAX = 180
PAYMENTS_MIN = 3
PROMISE = 'promise'
HISTORY = 'history'
COMPANY = 'company'
DISPUTE = 'dispute'


def expected_sql(today, as_of=None, where=None, dispute=None):
    """Return the statement of the open items with the day on which they are expected to be paid.

    :param date today: no item is expected before this day
    :param date as_of: the day whose open items are meant; ``None`` for what is open now
    :param SQL where: condition, if any, on ``l``, ``m``, ``p`` and ``c``, see :func:`.items.items_sql`
    :param SQL dispute: statement of the ``id`` of the dispute that an item ``i`` is in; now if ``None``
    :return: query with the columns of :func:`.items.items_sql` and ``basis``, ``delay`` (days), ``dispute_id``,
        ``promise_id``, ``expected_date`` and ``week`` (its Monday)
    :rtype: SQL
    """
    return SQL(
        """
        WITH payer AS MATERIALIZED (%(behaviour)s),
        everybody AS MATERIALIZED (
            SELECT y.root_id, %(everybody)s AS delay FROM payer y GROUP BY y.root_id
        ),
        reckoned AS (
            SELECT i.*, d.id AS dispute_id, s.id AS promise_id,
                   CASE WHEN d.id IS NOT NULL THEN 'dispute'
                        WHEN s.id IS NOT NULL THEN 'promise'
                        WHEN y.paid_count >= %(payments)s THEN 'history'
                        ELSE 'company' END AS basis,
                   CASE WHEN d.id IS NOT NULL OR s.id IS NOT NULL THEN NULL
                        WHEN y.paid_count >= %(payments)s THEN %(own)s
                        ELSE COALESCE(e.delay, 0) END AS delay,
                   s.date AS promise_date
              FROM (%(items)s) i
              LEFT JOIN payer y ON y.partner_id = i.partner_id AND y.root_id = i.root_id
              LEFT JOIN everybody e ON e.root_id = i.root_id
              LEFT JOIN LATERAL (%(dispute)s) d ON TRUE
              LEFT JOIN LATERAL (%(promise)s) s ON TRUE
             WHERE i.residual > 0
        ),
        expected AS (
            SELECT r.*,
                   CASE WHEN r.basis = 'dispute' THEN NULL
                        WHEN r.basis = 'promise' THEN r.promise_date
                        ELSE GREATEST(r.date_due + r.delay, %(today)s::date) END AS expected_date
              FROM reckoned r
        )
        SELECT x.*, date_trunc('week', x.expected_date)::date AS week FROM expected x
        """,
        items=items_sql(as_of, where), behaviour=behaviour_sql(as_of or today, MONTHS), today=today,
        payments=PAYMENTS_MIN, own=_capped(SQL("y.days_late")),
        everybody=_capped(SQL("SUM(y.days_late * y.paid_amount) / NULLIF(SUM(y.paid_amount), 0)")),
        dispute=dispute or SQL(
            "SELECT x.id FROM sales_receivable_dispute x WHERE x.line_id = i.id AND x.state = 'open' LIMIT 1"),
        promise=_running_promise_sql(today, as_of))


def _capped(days):
    """Whole days, between 0 and the longest delay that a forecast believes in."""
    return SQL("LEAST(GREATEST(ROUND(COALESCE(%s, 0)), 0), %s)::int", days, DELAY_MAX)


def _running_promise_sql(today, as_of):
    """The first promise about an item ``i`` whose day is yet to come."""
    runs = SQL("x.state = 'open'")
    if as_of:
        runs = SQL("x.made_on <= %(day)s AND (x.state = 'open' OR x.judged_on > %(day)s)", day=as_of)
    return SQL(
        """
        SELECT x.id, x.date
          FROM sales_collection_promise_line k
          JOIN sales_collection_promise x ON x.id = k.promise_id
         WHERE k.line_id = i.id AND x.date >= %s AND %s
         ORDER BY x.date, x.id LIMIT 1
        """, today, runs)
