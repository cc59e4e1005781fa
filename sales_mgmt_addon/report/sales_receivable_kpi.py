from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.receivable import behaviour, items
from ..models.receivable.behaviour import payments_sql, promises_sql
from ..models.receivable.items import items_sql

LEVELS = [
    ('company', "Company"),
    ('region', "Region"),
    ('team', "Sales Team"),
    ('person', "Salesperson"),
    ('customer', "Customer"),
]
BEHAVIOUR_MONTHS = 12
# Sales are counted back this many months beside the current one
DSO_MONTHS = 24
# Ratios of groups are those of their sums: numerator and denominator
RATIOS = {
    'overdue_share': ('overdue', 'claims'),
    'days_late': ('delay', 'paid'),
    'late_share': ('paid_late', 'paid'),
    'promise_rate': ('kept', 'promised'),
}


class SalesReceivableKpi(models.Model):
    """How well money comes in, as of today: a row per company, region, sales team, salesperson and customer.

    The rows of a level are about the same documents as those of the other levels, so levels are never added up. A sales
    team counts with the teams below it; a region is a team with teams below it.

    **DSO by count-back.** From the receivable of today, the gross sales of this month are taken off, then those of the
    month before and so on, until nothing is left; the days of those months are added up, of the last one in proportion.
    Unlike receivable / sales × days it does not move with the season. Months without sales count with all their days;
    beyond two years nothing is counted.
    """

    _name = 'sales.receivable.kpi'
    _description = "Collection KPIs"
    _auto = False
    _rec_name = 'name'
    _order = 'level, overdue desc, id'

    level = fields.Selection(selection=LEVELS, string="Level", readonly=True)
    name = fields.Char(string="Name", compute='_compute_name')
    company_id = fields.Many2one(comodel_name='res.company', string="Company", readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", readonly=True)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, help="Of persons and customers: the one of today.")
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    receivable = fields.Monetary(
        string="Receivable", readonly=True, help="Open claims less receipts and credit notes that pay for nothing yet.")
    claims = fields.Monetary(string="Claims", readonly=True, help="Open claims only.")
    overdue = fields.Monetary(string="Overdue", readonly=True)
    overdue_share = fields.Float(
        string="Overdue Share", readonly=True, aggregator='avg', help="Part of the open claims that is overdue.")
    oldest_overdue = fields.Integer(string="Oldest Overdue (Days)", readonly=True, aggregator='max')
    dso = fields.Float(
        string="DSO (Days)", readonly=True, digits=(16, 1), aggregator='avg',
        help="Days of sales that the receivable stands for, counted back from today month by month.")
    paid = fields.Monetary(string="Paid in 12 Months", readonly=True, help="Matched with claims.")
    paid_late = fields.Monetary(string="of which Late", readonly=True)
    delay = fields.Float(string="Amount × Days Late", readonly=True)
    days_late = fields.Float(
        string="Days Late", readonly=True, digits=(16, 1), aggregator='avg',
        help="Average of what was paid in the last 12 months, weighted by amount; negative when paid early.")
    late_share = fields.Float(
        string="Paid Late", readonly=True, aggregator='avg', help="Part of what was paid in the last 12 months.")
    promised = fields.Monetary(string="Promised in 12 Months", readonly=True, help="Promises whose day has come.")
    kept = fields.Monetary(string="of which Kept", readonly=True)
    promise_rate = fields.Float(
        string="Promises Kept", readonly=True, aggregator='avg', help="Part of the promised amount that was paid in time.")
    collected_30 = fields.Monetary(
        string="Collected in 30 Days", readonly=True, help="Cash matched with claims, taxes included.")
    collected_90 = fields.Monetary(
        string="Collected in 90 Days", readonly=True, help="Cash matched with claims, taxes included.")

    _depends = {
        model: sorted({*items.SOURCES.get(model, ()), *behaviour.SOURCES.get(model, ())})
        for model in {*items.SOURCES, *behaviour.SOURCES}
    } | {'account.move': [
        'amount_total_signed', 'commercial_partner_id', 'company_id', 'invoice_date', 'invoice_user_id', 'journal_id',
        'move_type', 'name', 'state', 'team_id']}

    #=== COMPUTE METHODS ===#

    @api.depends('level', 'company_id', 'team_id', 'user_id', 'partner_id')
    def _compute_name(self):
        for row in self:
            record = {
                'company': row.company_id, 'person': row.user_id, 'customer': row.partner_id,
            }.get(row.level, row.team_id)
            row.name = record.sudo().display_name

    #=== ACTION METHODS ===#

    @api.model
    def action_open_mine(self):
        """Open the figures at the highest level that the user is in charge of.

        :return: window action
        :rtype: dict
        """
        user = self.env.user
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_receivable_kpi_action')
        if user.has_group('sales_team.group_sale_salesman_all_leads') or not user.has_group(
                'sales_team.group_sale_salesman'):
            level = 'company'
        elif user.has_group('sales_mgmt_addon.group_team_leader'):
            level = 'team'
        else:
            level = 'customer'
        group = {'company': 'company_id', 'team': 'team_id', 'customer': 'partner_id'}[level]
        return {**action, 'context': {
            f'search_default_level_{level}': 1, 'graph_groupbys': [group], 'pivot_row_groupby': [group]}}

    def action_open_items(self):
        """Open the items that the row is about, as far as the user may see them.

        :return: window action
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_receivable_report_action')
        domain = Domain('company_id', 'child_of', self.company_id.id)
        if self.level in ('region', 'team'):
            domain &= Domain('team_id', 'child_of', self.team_id.id)
        elif self.level == 'person':
            domain &= Domain('user_id', '=', self.user_id.id)
        elif self.level == 'customer':
            domain &= Domain('partner_id', '=', self.partner_id.id)
        return {**action, 'domain': list(domain), 'context': {}}

    #=== SQL ===#

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            WITH fact AS (%(facts)s),
            sale AS (%(sales)s),
            figure AS (
                SELECT f.root_id, s.level, s.key, SUM(f.net) AS receivable, SUM(f.claims) AS claims, SUM(f.overdue) AS overdue,
                       MIN(f.oldest) AS oldest, SUM(f.paid) AS paid, SUM(f.paid_late) AS paid_late, SUM(f.delay) AS delay,
                       SUM(f.promised) AS promised, SUM(f.kept) AS kept, SUM(f.collected_30) AS collected_30,
                       SUM(f.collected_90) AS collected_90
                  FROM fact f %(scope_of_fact)s
                 GROUP BY f.root_id, s.level, s.key
            ),
            turnover AS (
                SELECT f.root_id, s.level, s.key, f.back, GREATEST(SUM(f.amount), 0) AS amount
                  FROM sale f %(scope_of_fact)s
                 GROUP BY f.root_id, s.level, s.key, f.back
            ),
            count_back AS (%(count_back)s)
            SELECT f.root_id::bigint * 1000000000000
                       + array_position(ARRAY['company', 'team', 'person', 'customer'], f.level)::bigint * 100000000000
                       + f.key AS id,
                   CASE WHEN f.level = 'team'
                             AND EXISTS (SELECT 1 FROM crm_team b WHERE b.parent_id = t.id AND b.active) THEN 'region'
                        ELSE f.level END AS level,
                   f.root_id AS company_id, c.currency_id,
                   CASE f.level WHEN 'team' THEN f.key ELSE u.sale_team_id END AS team_id,
                   CASE WHEN f.level IN ('person', 'customer') THEN u.id END AS user_id,
                   CASE f.level WHEN 'customer' THEN f.key END AS partner_id,
                   f.receivable, f.claims, f.overdue, f.overdue / NULLIF(f.claims, 0) AS overdue_share,
                   GREATEST(%(today)s::date - f.oldest, 0) AS oldest_overdue, COALESCE(d.days, 0) AS dso,
                   f.paid, f.paid_late, f.delay, f.delay / NULLIF(f.paid, 0) AS days_late,
                   f.paid_late / NULLIF(f.paid, 0) AS late_share, f.promised, f.kept,
                   f.kept / NULLIF(f.promised, 0) AS promise_rate, f.collected_30, f.collected_90
              FROM figure f
              JOIN res_company c ON c.id = f.root_id
              LEFT JOIN count_back d ON d.root_id = f.root_id AND d.level = f.level AND d.key = f.key
              LEFT JOIN crm_team t ON f.level = 'team' AND t.id = f.key
              LEFT JOIN res_partner p ON f.level = 'customer' AND p.id = f.key
              LEFT JOIN res_users u ON u.id = CASE f.level WHEN 'person' THEN f.key WHEN 'customer' THEN p.user_id END
            """,
            facts=self._facts_sql(today), sales=self._sales_sql(today), scope_of_fact=self._scope_sql(),
            count_back=self._count_back_sql(today), today=today)

    @api.model
    def _in_companies(self):
        """Documents of companies that the user has not chosen would be read for nothing."""
        return SQL(
            "COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) = ANY(%s)",
            self.env.companies.sudo().root_id.ids)

    @api.model
    def _facts_sql(self, today):
        """Sums per company, salesperson, team and customer: they are few, unlike the documents."""
        return SQL(
            """
            SELECT root_id, user_id, team_id, partner_id, SUM(residual) AS net, SUM(GREATEST(residual, 0)) AS claims,
                   COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND date_due < %(today)s::date), 0) AS overdue,
                   MIN(date_due) FILTER (WHERE residual > 0 AND date_due < %(today)s::date) AS oldest,
                   0 AS paid, 0 AS paid_late, 0 AS delay, 0 AS collected_30, 0 AS collected_90, 0 AS promised, 0 AS kept
              FROM (%(items)s) i
             GROUP BY root_id, user_id, team_id, partner_id
             UNION ALL
            SELECT root_id, user_id, team_id, partner_id, 0, 0, 0, NULL, SUM(amount),
                   COALESCE(SUM(amount) FILTER (WHERE days_late > 0), 0), SUM(amount * days_late),
                   COALESCE(SUM(amount) FILTER (WHERE date > %(today)s::date - 30), 0),
                   COALESCE(SUM(amount) FILTER (WHERE date > %(today)s::date - 90), 0), 0, 0
              FROM (%(payments)s) p
             GROUP BY root_id, user_id, team_id, partner_id
             UNION ALL
            SELECT root_id, user_id, team_id, partner_id, 0, 0, 0, NULL, 0, 0, 0, 0, 0, SUM(promised), SUM(kept)
              FROM (%(promises)s) s
             GROUP BY root_id, user_id, team_id, partner_id
            """,
            today=today, items=items_sql(where=self._in_companies()),
            payments=payments_sql(today, BEHAVIOUR_MONTHS, self._in_companies()),
            promises=promises_sql(today, BEHAVIOUR_MONTHS, self._in_companies()))

    @api.model
    def _sales_sql(self, today):
        """Gross sales per month, credit notes deducted; ``back`` tells how many months ago."""
        return SQL(
            """
            SELECT COALESCE(NULLIF(split_part(c.parent_path, '/', 1), '')::int, c.id) AS root_id,
                   COALESCE(m.invoice_user_id, cp.user_id) AS user_id, COALESCE(m.team_id, u.sale_team_id) AS team_id,
                   m.commercial_partner_id AS partner_id,
                   (extract(year FROM %(today)s::date)::int - extract(year FROM m.invoice_date)::int) * 12
                       + extract(month FROM %(today)s::date)::int - extract(month FROM m.invoice_date)::int AS back,
                   SUM(m.amount_total_signed) AS amount
              FROM account_move m
              JOIN res_company c ON c.id = m.company_id
              LEFT JOIN res_partner cp ON cp.id = m.commercial_partner_id
              LEFT JOIN res_users u ON u.id = COALESCE(m.invoice_user_id, cp.user_id)
             WHERE m.move_type IN ('out_invoice', 'out_refund', 'out_receipt') AND m.state = 'posted'
               AND m.invoice_date <= %(today)s::date
               AND m.invoice_date >= date_trunc('month', %(today)s::date) - make_interval(months => %(months)s)
               AND %(companies)s
             GROUP BY 1, 2, 3, 4, 5
            """,
            today=today, months=DSO_MONTHS, companies=self._in_companies())

    @api.model
    def _scope_sql(self):
        """The rows that a fact ``f`` counts for, as ``s``."""
        return SQL(
            """
            LEFT JOIN crm_team ft ON ft.id = f.team_id
            CROSS JOIN LATERAL (
                SELECT 'company' AS level, f.root_id AS key
                 UNION ALL
                SELECT 'person', f.user_id WHERE f.user_id IS NOT NULL
                 UNION ALL
                SELECT 'customer', f.partner_id WHERE f.partner_id IS NOT NULL
                 UNION ALL
                SELECT 'team', a::int FROM unnest(string_to_array(trim(BOTH '/' FROM ft.parent_path), '/')) a
            ) s
            """)

    @api.model
    def _count_back_sql(self, today):
        """The days of sales in the receivable: of each month the part that what is left of the receivable needs."""
        return SQL(
            """
            SELECT x.root_id, x.level, x.key,
                   SUM(x.days * CASE WHEN x.amount > 0 THEN GREATEST(LEAST((x.receivable - x.before) / x.amount, 1), 0)
                                     WHEN x.receivable > x.before THEN 1 ELSE 0 END) AS days
              FROM (
                SELECT f.root_id, f.level, f.key, f.receivable, k.days, COALESCE(t.amount, 0) AS amount,
                       COALESCE(SUM(t.amount) OVER (PARTITION BY f.root_id, f.level, f.key ORDER BY k.back
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
                  FROM figure f
                 CROSS JOIN (
                    SELECT b AS back,
                           CASE b WHEN 0 THEN extract(day FROM %(today)s::date)
                                ELSE extract(day FROM date_trunc('month', %(today)s::date)
                                                      - make_interval(months => b - 1) - INTERVAL '1 day') END AS days
                      FROM generate_series(0, %(months)s) b
                 ) k
                  LEFT JOIN turnover t ON t.root_id = f.root_id AND t.level = f.level AND t.key = f.key AND t.back = k.back
                 WHERE f.receivable > 0
              ) x
             GROUP BY x.root_id, x.level, x.key
            """,
            today=today, months=DSO_MONTHS)

    def _read_group_select(self, aggregate_spec, query):
        """Ratios of a group are those of its sums; the DSO of a group is weighted by the receivable."""
        name, _separator, function = aggregate_spec.partition(':')
        if function == 'avg' and name in RATIOS:
            top, bottom = (self._field_to_sql(self._table, field, query) for field in RATIOS[name])
            return SQL("SUM(%s) / NULLIF(SUM(%s), 0)", top, bottom)
        if aggregate_spec == 'dso:avg':
            dso, receivable = (self._field_to_sql(self._table, field, query) for field in ('dso', 'receivable'))
            return SQL("SUM(%(dso)s * GREATEST(%(r)s, 0)) / NULLIF(SUM(GREATEST(%(r)s, 0)), 0)", dso=dso, r=receivable)
        return super()._read_group_select(aggregate_spec, query)
