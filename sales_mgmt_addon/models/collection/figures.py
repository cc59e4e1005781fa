"""What is overdue of customers and what can be collected now: one statement for any number of customers."""

from odoo.tools import SQL

from ..receivable.disputed import SOURCES as DISPUTE_SOURCES
from ..receivable.disputed import undisputed_sql
from ..receivable.items import items_sql
from .const import BROKEN_DAYS, UNREACHED

# Besides those of the items; pending writes must reach the database first
SOURCES = {
    'res.company': ['collection_min_amount', 'collection_open_days'],
    'sales.collection.action': ['company_id', 'date', 'kind', 'outcome', 'partner_id'],
    'sales.collection.case': ['company_id', 'next_action', 'partner_id', 'score', 'sequence', 'state'],
    'sales.collection.promise': ['amount', 'company_id', 'currency_id', 'judged_on', 'partner_id', 'state'],
    'sales.collection.promise.line': ['line_id', 'promise_id', 'promise_state', 'residual'],
    'sales.credit.profile': ['company_id', 'credit_class', 'partner_id'],
    'sales.dunning.level': ['days'],
    'sales.dunning.line': ['level_id', 'line_id', 'state'],
    **DISPUTE_SOURCES,
}


def figures_sql(today, where=None):
    """Return the statement that sums up the open items per customer and root company.

    Each overdue unit of money is either disputed, promised or collectable, in this order: what is in dispute stays
    so even when it was promised before; a running promise covers its items as far as it is not paid yet, first what is not
    in dispute of them.

    :param date today: items due before this day are overdue
    :param SQL where: condition of :func:`items_sql`, if any
    :return: query with ``partner_id`` (commercial partner), ``root_id``, ``overdue``, ``disputed``, ``promised`` and
        ``collectable`` (of the overdue items, company currency), ``unapplied`` (receipts and credit notes without an
        invoice, positive), ``weighted_days`` (sum of collectable money × days overdue), ``item_count``,
        ``oldest_days``, ``due_amount`` and ``newest_days`` (of what is not in dispute beyond the policy's days),
        ``min_amount`` (of the policy), ``user_id`` and ``team_id`` (salesperson of the customer, else of his largest
        overdue item, and the team), ``level_id``, ``broken``, ``last_contact`` (date), ``credit_class``
    :rtype: SQL
    """
    return SQL(
        """
        WITH items AS (%(items)s),
        running AS (
            SELECT pr.id, LEAST(1, GREATEST(0,
                       pr.amount - SUM(pl.residual) + SUM(COALESCE(%(open)s, 0)))
                       / NULLIF(SUM(COALESCE(%(open)s, 0)), 0)) AS share
              FROM sales_collection_promise pr
              JOIN sales_collection_promise_line pl ON pl.promise_id = pr.id
              LEFT JOIN items i ON i.id = pl.line_id
             WHERE pr.state = 'open'
               AND EXISTS (SELECT 1 FROM sales_collection_promise_line x JOIN items y ON y.id = x.line_id
                            WHERE x.promise_id = pr.id)
             GROUP BY pr.id
        ),
        covered AS (
            SELECT pl.line_id, MAX(r.share) AS share
              FROM running r JOIN sales_collection_promise_line pl ON pl.promise_id = r.id
             GROUP BY pl.line_id
        ),
        known AS (
            SELECT i.partner_id, i.root_id, i.residual, i.user_id, i.team_id, i.partner_user_id,
                   %(today)s - i.date_due AS days,
                   i.residual > 0 AND i.date_due < %(today)s AS overdue,
                   d.free, LEAST(COALESCE(v.share, 0), d.free) AS covered,
                   c.collection_open_days AS open_days, c.collection_min_amount AS min_amount
              FROM items i
              JOIN res_company c ON c.id = i.root_id
              JOIN LATERAL (SELECT %(free)s AS free) d ON TRUE
              LEFT JOIN covered v ON v.line_id = i.id
             WHERE i.partner_id IS NOT NULL
        ),
        owed AS (
            SELECT partner_id, root_id,
                   COALESCE(SUM(residual) FILTER (WHERE overdue), 0) AS overdue,
                   COALESCE(SUM(residual * (1 - free)) FILTER (WHERE overdue), 0) AS disputed,
                   COALESCE(SUM(residual * covered) FILTER (WHERE overdue), 0) AS promised,
                   COALESCE(SUM(residual * (free - covered)) FILTER (WHERE overdue), 0) AS collectable,
                   COALESCE(SUM(residual * (free - covered) * days) FILTER (WHERE overdue), 0) AS weighted_days,
                   COALESCE(-SUM(residual) FILTER (WHERE residual < 0), 0) AS unapplied,
                   COUNT(*) FILTER (WHERE overdue) AS item_count,
                   MAX(days) FILTER (WHERE overdue) AS oldest_days,
                   COALESCE(SUM(residual * free) FILTER (WHERE overdue AND days > COALESCE(open_days, 0)), 0)
                       AS due_amount,
                   MIN(days) FILTER (WHERE overdue AND free > 0 AND days > COALESCE(open_days, 0)) AS newest_days,
                   COALESCE(MAX(min_amount), 0) AS min_amount,
                   MAX(partner_user_id) AS partner_user_id,
                   (ARRAY_AGG(user_id ORDER BY residual DESC) FILTER (WHERE overdue AND user_id IS NOT NULL))[1]
                       AS item_user_id,
                   (ARRAY_AGG(team_id ORDER BY residual DESC) FILTER (WHERE overdue AND team_id IS NOT NULL))[1]
                       AS item_team_id
              FROM known
             GROUP BY partner_id, root_id
        ),
        dunned AS (
            SELECT DISTINCT ON (i.partner_id, i.root_id) i.partner_id, i.root_id, l.level_id
              FROM items i
              JOIN sales_dunning_line l ON l.line_id = i.id AND l.state = 'sent'
              JOIN sales_dunning_level v ON v.id = l.level_id
             WHERE i.residual > 0
             ORDER BY i.partner_id, i.root_id, v.days DESC, v.id
        ),
        broken AS (
            SELECT partner_id, company_id, COUNT(*) AS broken
              FROM sales_collection_promise
             WHERE state = 'broken' AND judged_on > %(today)s - %(broken_days)s
             GROUP BY partner_id, company_id
        ),
        contacts AS (
            SELECT partner_id, company_id, MAX(date) AS last_contact
              FROM sales_collection_action
             WHERE kind <> 'note' AND COALESCE(outcome, '') <> ALL(%(unreached)s)
             GROUP BY partner_id, company_id
        )
        SELECT o.*, dn.level_id, COALESCE(b.broken, 0) AS broken, k.last_contact, cr.credit_class,
               COALESCE(o.partner_user_id, o.item_user_id) AS user_id,
               CASE WHEN o.partner_user_id IS NULL THEN o.item_team_id
                    ELSE COALESCE(u.sale_team_id, o.item_team_id) END AS team_id
          FROM owed o
          LEFT JOIN res_users u ON u.id = o.partner_user_id
          LEFT JOIN dunned dn ON dn.partner_id = o.partner_id AND dn.root_id = o.root_id
          LEFT JOIN broken b ON b.partner_id = o.partner_id AND b.company_id = o.root_id
          LEFT JOIN contacts k ON k.partner_id = o.partner_id AND k.company_id = o.root_id
          LEFT JOIN sales_credit_profile cr ON cr.partner_id = o.partner_id AND cr.company_id = o.root_id
        """,
        items=items_sql(where=where), today=SQL("%s::date", today), broken_days=BROKEN_DAYS,
        unreached=list(UNREACHED), free=undisputed_sql(),
        open=SQL("CASE WHEN pr.currency_id = i.currency_id THEN i.residual_currency ELSE i.residual END"),
    )


def experience_sql(partner_ids, company_ids):
    """Return the statement that counts contacts and those after which money came, per kind of contact.

    :param list partner_ids: customers to count one by one
    :param list company_ids: root companies
    :return: query with ``company_id``, ``partner_id`` (NULL: all customers of the company), ``kind``, ``contacts``
        and ``paid``
    :rtype: SQL
    """
    return SQL(
        """
        SELECT company_id, NULL::int AS partner_id, kind, COUNT(*) AS contacts,
               COUNT(*) FILTER (WHERE paid_within_14) AS paid
          FROM sales_collection_action
         WHERE payment_judged AND company_id = ANY(%(companies)s)
         GROUP BY company_id, kind
         UNION ALL
        SELECT company_id, partner_id, kind, COUNT(*), COUNT(*) FILTER (WHERE paid_within_14)
          FROM sales_collection_action
         WHERE payment_judged AND company_id = ANY(%(companies)s) AND partner_id = ANY(%(partners)s)
         GROUP BY company_id, partner_id, kind
        """,
        companies=list(company_ids), partners=list(partner_ids),
    )
