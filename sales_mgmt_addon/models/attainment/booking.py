"""The SQL that writes the attainment book.

One statement serves a single document and the backfill of thousands: it compares what documents say
(the *facts* of a source) with what is booked for them and inserts the difference, shared out among
the salespeople. Booking twice therefore books nothing the second time.
"""

from odoo.tools import SQL

# Columns of an entry in the order in which every statement of this file selects them
COLUMNS = SQL(", ").join(SQL.identifier(name) for name in (
    'metric_id', 'date', 'year', 'month_of_year', 'company_id', 'user_id', 'team_id', 'region_path', 'channel',
    'partner_id', 'product_id', 'product_category_id', 'value', 'quantity', 'amount', 'share', 'is_overlay', 'res_model',
    'res_id', 'res_line_id', 'run', 'reversal_of_id', 'once_key', 'create_uid', 'write_uid', 'create_date', 'write_date',
))

# An entry that no mirror row has taken back
LIVE = SQL(
    """e.reversal_of_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM sales_attainment_entry r WHERE r.reversal_of_id = e.id)""")


def date_columns(date):
    """Return SQL for the columns ``date``, ``year`` and ``month_of_year`` of an entry.

    :param SQL date: the day
    :rtype: SQL
    """
    return SQL("%(date)s, to_char(%(date)s, 'YYYY'), to_char(%(date)s, 'MM')", date=date)


def local_date(column, company):
    """Return SQL for the day of a UTC timestamp in the time zone of its company.

    :param SQL column: the timestamp
    :param SQL company: alias of `res_company`
    :rtype: SQL
    """
    return SQL(
        """(%(column)s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
            (SELECT NULLIF(p.tz, '') FROM res_partner p WHERE p.id = %(company)s.partner_id),
            (SELECT NULLIF(k.tz, '') FROM resource_calendar k WHERE k.id = %(company)s.resource_calendar_id),
            'UTC'))::date""",
        column=column, company=company)


def round_money(amount, currency):
    """Return SQL that rounds an amount as the currency with the alias ``currency`` does.

    :param SQL amount: a numeric expression
    :param SQL currency: alias of `res_currency`
    :rtype: SQL
    """
    return SQL("round((%s) / %s.rounding) * %s.rounding", amount, currency, currency)


def book_sql(source, ids, uid):
    """Return the statement that brings the book up to date for documents of one kind.

    :param dict source: ``model`` (str, of the documents), ``codes`` (tuple of metric codes),
        ``live_key`` (SQL over the entry ``e``), ``facts`` and ``shares`` (SQL, see the modules of the
        sources)
    :param list ids: ids of the documents
    :param int uid: who books
    :return: an ``INSERT``
    :rtype: SQL
    """
    return SQL(
        """
        WITH facts AS (%(facts)s),
        metric AS (SELECT id, code FROM sales_metric WHERE code = ANY(%(codes)s) AND active),
        booked AS (%(booked)s),
        delta AS (%(delta)s),
        live AS (%(live)s),
        %(shares)s,
        bounds AS (%(bounds)s)
        INSERT INTO sales_attainment_entry (%(columns)s)
        SELECT d.metric_id, %(dates)s, d.company_id, s.user_id, s.team_id, s.region_path, d.channel, d.partner_id,
               d.product_id, d.product_category_id,
               round(d.value * s.upper / 100, d.value_places) - round(d.value * s.lower / 100, d.value_places),
               round(d.quantity * s.upper / 100, 4) - round(d.quantity * s.lower / 100, 4),
               round(d.amount * s.upper / 100, d.places) - round(d.amount * s.lower / 100, d.places),
               round(s.share, 4), s.is_overlay, %(model)s, d.res_id, d.res_line_id, d.run, NULL, NULL,
               %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM delta d
          JOIN bounds s ON s.share_key = d.share_key
            ON CONFLICT DO NOTHING
        """,
        facts=source['facts'], codes=list(source['codes']), booked=_booked_sql(source['model'], ids, source['live_key']),
        delta=_delta_sql(), live=_live_sql(source['model'], ids, source['live_key']), shares=source['shares'],
        bounds=_bounds_sql(), columns=COLUMNS, dates=date_columns(SQL("d.date")), model=source['model'], uid=uid)


def _booked_sql(model, ids, live_key):
    """What stands in the book, summed by part of a document."""
    return SQL(
        """
        SELECT e.metric_id, e.res_id, e.res_line_id, e.date, COALESCE(e.product_id, 0) AS product_key,
               %(live_key)s AS share_key, SUM(e.value) AS value, SUM(e.quantity) AS quantity, SUM(e.amount) AS amount,
               MAX(e.run) AS run, MAX(e.company_id) AS company_id, MAX(e.partner_id) AS partner_id,
               MAX(e.product_category_id) AS product_category_id, MAX(e.channel) AS channel
          FROM sales_attainment_entry e
          JOIN metric m ON m.id = e.metric_id
         WHERE e.res_model = %(model)s AND e.res_id = ANY(%(ids)s) AND NOT e.is_overlay
         GROUP BY e.metric_id, e.res_id, e.res_line_id, e.date, COALESCE(e.product_id, 0), %(live_key)s
        """,
        live_key=live_key, model=model, ids=ids)


def _delta_sql():
    """What is missing in the book or too much in it.

    The cost of a product may change after posting, so a margin is only booked again when the line
    itself changed. A part that moved to another day or product is taken back there and booked here.
    """
    return SQL(
        """
        SELECT COALESCE(f.metric_id, b.metric_id) AS metric_id,
               COALESCE(f.share_key, b.share_key) AS share_key,
               COALESCE(f.res_id, b.res_id) AS res_id,
               COALESCE(f.res_line_id, b.res_line_id) AS res_line_id,
               COALESCE(f.date, b.date) AS date,
               COALESCE(f.company_id, b.company_id) AS company_id,
               COALESCE(f.partner_id, b.partner_id) AS partner_id,
               NULLIF(COALESCE(f.product_key, b.product_key), 0) AS product_id,
               COALESCE(f.product_category_id, b.product_category_id) AS product_category_id,
               COALESCE(f.channel, b.channel) AS channel,
               COALESCE(f.value, 0) - COALESCE(b.value, 0) AS value,
               COALESCE(f.quantity, 0) - COALESCE(b.quantity, 0) AS quantity,
               COALESCE(f.amount, 0) - COALESCE(b.amount, 0) AS amount,
               COALESCE(f.value_places, 4) AS value_places, COALESCE(f.places, 4) AS places,
               COALESCE(b.run, 0) + 1 AS run
          FROM (SELECT facts.*, COALESCE(facts.product_id, 0) AS product_key, metric.id AS metric_id
                  FROM facts JOIN metric ON metric.code = facts.code) f
          FULL JOIN booked b
            ON b.metric_id = f.metric_id AND b.res_id = f.res_id AND b.res_line_id = f.res_line_id
           AND b.date = f.date AND b.product_key = f.product_key
         WHERE COALESCE(f.quantity, 0) <> COALESCE(b.quantity, 0)
            OR COALESCE(f.amount, 0) <> COALESCE(b.amount, 0)
            OR (COALESCE(f.value, 0) <> COALESCE(b.value, 0) AND f.code IS DISTINCT FROM 'margin')
        """)


def _live_sql(model, ids, live_key):
    """Who has the credit for documents that are in the book already: that is frozen."""
    return SQL(
        """
        SELECT DISTINCT %(live_key)s AS share_key, e.user_id, e.team_id, e.region_path, e.share, e.is_overlay
          FROM sales_attainment_entry e
          JOIN metric m ON m.id = e.metric_id
         WHERE e.res_model = %(model)s AND e.res_id = ANY(%(ids)s) AND %(is_live)s
        """,
        live_key=live_key, model=model, ids=ids, is_live=LIVE)


def _bounds_sql():
    """The part of each sharer as an interval of 0 to 100.

    Rounding the bounds instead of the shares makes the parts add up to the whole, to the cent.
    """
    return SQL(
        """
        SELECT share_key, user_id, team_id, region_path, share, is_overlay,
               CASE WHEN is_overlay THEN share WHEN is_last THEN 100 ELSE reached END AS upper,
               CASE WHEN is_overlay THEN 0 ELSE reached - share END AS lower
          FROM (
            SELECT shares.*, SUM(share) OVER w AS reached,
                   LEAD(share_key) OVER (PARTITION BY share_key, is_overlay ORDER BY share DESC, user_id, team_id)
                       IS NULL AS is_last
              FROM shares
            WINDOW w AS (PARTITION BY share_key, is_overlay ORDER BY share DESC, user_id, team_id
                         ROWS UNBOUNDED PRECEDING)
          ) x
        """)


def choose_shares_sql(*, split, main):
    """Return the CTEs ``split``, ``main`` and ``shares``: frozen shares, else agreed ones, else the salesperson.

    Overlay shares come on top of the salesperson, who has none himself.

    :param SQL split: query with ``share_key, user_id, team_id, region_path, share, is_overlay``
    :param SQL main: query with ``share_key, user_id, team_id, region_path``
    :rtype: SQL
    """
    return SQL(
        """
        split AS (%(split)s),
        main AS (%(main)s),
        shares AS (
            SELECT share_key, user_id, team_id, region_path, share, is_overlay FROM live
             UNION ALL
            SELECT share_key, user_id, team_id, region_path, share, is_overlay FROM split
             WHERE NOT EXISTS (SELECT 1 FROM live WHERE live.share_key = split.share_key)
               AND NOT (is_overlay
                    AND NOT EXISTS (SELECT 1 FROM split o WHERE o.share_key = split.share_key AND NOT o.is_overlay)
                    AND EXISTS (SELECT 1 FROM main WHERE main.share_key = split.share_key AND main.user_id = split.user_id))
             UNION ALL
            SELECT share_key, user_id, team_id, region_path, 100, FALSE FROM main
             WHERE NOT EXISTS (SELECT 1 FROM live WHERE live.share_key = main.share_key)
               AND NOT EXISTS (SELECT 1 FROM split WHERE split.share_key = main.share_key AND NOT split.is_overlay)
        )
        """,
        split=split, main=main)


def reverse_sql(condition, uid):
    """Return the statement that answers live entries with mirror rows.

    :param SQL condition: over the entry ``e``
    :param int uid: who books
    :rtype: SQL
    """
    return SQL(
        """
        INSERT INTO sales_attainment_entry (%(columns)s)
        SELECT %(mirror)s
          FROM sales_attainment_entry e
         WHERE %(condition)s AND %(is_live)s
            ON CONFLICT DO NOTHING
        """,
        columns=COLUMNS, mirror=mirror_columns(uid), condition=condition, is_live=LIVE)


def mirror_columns(uid):
    """Return the columns of the row that takes back the entry ``e``."""
    return SQL(
        """e.metric_id, e.date, e.year, e.month_of_year, e.company_id, e.user_id, e.team_id, e.region_path, e.channel,
           e.partner_id, e.product_id, e.product_category_id, -e.value, -e.quantity, -e.amount, e.share, e.is_overlay,
           e.res_model, e.res_id, e.res_line_id, e.run, e.id, e.once_key,
           %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'""",
        uid=uid)


def follow_partner_sql(condition, partners, uid):
    """Return the statement that books live entries on another customer: mirrors, and the same rows again for him.

    Who has the credit, the figures and the day stay those of the booking.

    :param SQL condition: over the entry ``e``
    :param SQL partners: query with ``res_id, partner_id``, the customers the documents now have
    :param int uid: who books
    :rtype: SQL
    """
    return SQL(
        """
        WITH old AS (
            SELECT e.*, p.partner_id AS new_partner_id,
                   (SELECT MAX(r.run) FROM sales_attainment_entry r
                     WHERE r.res_model = e.res_model AND r.res_id = e.res_id AND r.res_line_id = e.res_line_id
                       AND r.metric_id = e.metric_id) AS last_run
              FROM sales_attainment_entry e
              JOIN (%(partners)s) p ON p.res_id = e.res_id
             WHERE %(condition)s AND e.partner_id IS DISTINCT FROM p.partner_id AND %(is_live)s
        )
        INSERT INTO sales_attainment_entry (%(columns)s)
        SELECT %(mirror)s FROM old e
         UNION ALL
        SELECT e.metric_id, e.date, e.year, e.month_of_year, e.company_id, e.user_id, e.team_id, e.region_path, e.channel,
               e.new_partner_id, e.product_id, e.product_category_id, e.value, e.quantity, e.amount, e.share, e.is_overlay,
               e.res_model, e.res_id, e.res_line_id, e.last_run + e.run, NULL, NULL,
               %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM old e
        """,
        partners=partners, condition=condition, is_live=LIVE, columns=COLUMNS, mirror=mirror_columns(uid), uid=uid)


def resplit_sql(condition, shares, uid):
    """Return the statement that shares live entries out anew: mirrors, and rows by the new shares.

    The figures stay those of the booking (its rate, its cost, its day); only who has the credit changes.

    :param SQL condition: over the entry ``e``
    :param SQL shares: query with ``share_key`` (always 0), ``user_id, team_id, region_path, share, is_overlay``
    :param int uid: who books
    :rtype: SQL
    """
    return SQL(
        """
        WITH old AS (SELECT e.* FROM sales_attainment_entry e WHERE %(condition)s AND %(is_live)s),
        part AS (
            SELECT e.metric_id, e.date, e.company_id, e.channel, e.partner_id, e.product_id, e.product_category_id,
                   e.res_model, e.res_id, e.res_line_id, e.once_key, SUM(e.value) AS value, SUM(e.quantity) AS quantity,
                   SUM(e.amount) AS amount, cur.decimal_places AS places,
                   CASE m.kind WHEN 'money' THEN cur.decimal_places ELSE 4 END AS value_places,
                   (SELECT MAX(r.run) + 1 FROM sales_attainment_entry r
                     WHERE r.res_model = e.res_model AND r.res_id = e.res_id AND r.res_line_id = e.res_line_id
                       AND r.metric_id = e.metric_id) AS run
              FROM old e
              JOIN sales_metric m ON m.id = e.metric_id
              JOIN res_company c ON c.id = e.company_id
              JOIN res_currency cur ON cur.id = c.currency_id
             WHERE NOT e.is_overlay
             GROUP BY e.metric_id, e.date, e.company_id, e.channel, e.partner_id, e.product_id, e.product_category_id,
                      e.res_model, e.res_id, e.res_line_id, e.once_key, cur.decimal_places, m.kind
        ),
        shares AS (%(shares)s),
        bounds AS (%(bounds)s)
        INSERT INTO sales_attainment_entry (%(columns)s)
        SELECT %(mirror)s FROM old e
         UNION ALL
        SELECT d.metric_id, %(dates)s, d.company_id, s.user_id, s.team_id, s.region_path, d.channel, d.partner_id,
               d.product_id, d.product_category_id,
               round(d.value * s.upper / 100, d.value_places) - round(d.value * s.lower / 100, d.value_places),
               round(d.quantity * s.upper / 100, 4) - round(d.quantity * s.lower / 100, 4),
               round(d.amount * s.upper / 100, d.places) - round(d.amount * s.lower / 100, d.places),
               round(s.share, 4), s.is_overlay, d.res_model, d.res_id, d.res_line_id, d.run, NULL,
               d.once_key || '.' || d.run,
               %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM part d CROSS JOIN bounds s
        """,
        condition=condition, is_live=LIVE, shares=shares, bounds=_bounds_sql(), columns=COLUMNS,
        dates=date_columns(SQL("d.date")), mirror=mirror_columns(uid), uid=uid)
