"""Decided opportunities: ``win_rate``, won ones over decided ones."""

from odoo.tools import SQL

from .booking import choose_shares_sql, local_date

CODES = ('win_rate',)
# The company of leads that have none, neither through their team nor through their salesperson
FALLBACK_COMPANY = SQL("(SELECT MIN(id) FROM res_company WHERE active)")
# Fields the statement reads; pending writes to them must reach the database first
SOURCES = {
    'crm.lead': ['company_id', 'date_closed', 'partner_id', 'team_id', 'type', 'user_id', 'won_status'],
    'crm.team': ['company_id', 'parent_path'],
    'res.company': ['partner_id', 'resource_calendar_id'],
    'res.partner': ['commercial_partner_id', 'tz'],
}


def lead_source(ids):
    """Return what :func:`.booking.book_sql` needs for leads.

    :param list ids: ids of the leads
    :rtype: dict
    """
    facts = SQL(
        """
        SELECT 'win_rate' AS code, l.id AS share_key, l.id AS res_id, 0 AS res_line_id,
               %(date)s AS date, c.id AS company_id, p.commercial_partner_id AS partner_id, NULL::int AS product_id,
               NULL::int AS product_category_id, NULL::varchar AS channel,
               (l.won_status = 'won')::int::numeric AS value, 1::numeric AS quantity, 0::numeric AS amount,
               4 AS places, 4 AS value_places
          FROM crm_lead l
          LEFT JOIN crm_team t ON t.id = l.team_id
          LEFT JOIN res_users u ON u.id = l.user_id
          JOIN res_company c ON c.id = COALESCE(l.company_id, t.company_id, u.company_id, %(company)s)
          LEFT JOIN res_partner p ON p.id = l.partner_id
         WHERE l.id = ANY(%(ids)s) AND l.type = 'opportunity' AND l.won_status IN ('won', 'lost')
        """,
        date=local_date(SQL("COALESCE(l.date_closed, l.create_date)"), SQL("c")),
        company=FALLBACK_COMPANY, ids=ids)
    shares = choose_shares_sql(
        split=SQL(
            """SELECT NULL::int AS share_key, NULL::int AS user_id, NULL::int AS team_id, NULL::varchar AS region_path,
                      NULL::numeric AS share, FALSE AS is_overlay WHERE FALSE"""),
        main=SQL(
            """SELECT l.id AS share_key, l.user_id, l.team_id, t.parent_path AS region_path
                 FROM crm_lead l LEFT JOIN crm_team t ON t.id = l.team_id
                WHERE l.id = ANY(%s)""", ids))
    return {
        'model': 'crm.lead', 'codes': CODES, 'live_key': SQL("e.res_id"), 'facts': facts, 'shares': shares,
    }


def changed_lead(ids):
    """Return the condition on entries ``e`` that their lead no longer supports.

    Rows that took a won lead back from another day have the value -1: they are of a won lead too.

    :param list ids: ids of the leads
    :rtype: SQL
    """
    return SQL(
        """e.res_model = 'crm.lead' AND e.res_id = ANY(%s)
           AND e.metric_id = (SELECT id FROM sales_metric WHERE code = 'win_rate')
           AND NOT EXISTS (
                SELECT 1 FROM crm_lead l
                 WHERE l.id = e.res_id AND l.type = 'opportunity'
                   AND l.won_status = CASE WHEN e.value <> 0 THEN 'won' ELSE 'lost' END)""", ids)
