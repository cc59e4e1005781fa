# Run by Odoo's shell on a database of its own: what the attainment book and the quotas cost.
#
# Each figure is a ratio against plain SQL over the same rows, measured by turns in this run; medians of ROUNDS.
import logging
import statistics
import time

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tools import SQL

REGIONS, TEAMS_PER_REGION, PEOPLE_PER_TEAM, MONTHS, ENTRIES = 5, 6, 10, 24, 1_000_000
METRICS = ("ordered", "invoiced", "margin", "quantity", "collected", "orders")
INVOICES, LINES = 20_000, 2
ROUNDS = 7

logging.getLogger("odoo").setLevel(logging.WARNING)
env = env(context={**env.context, "tracking_disable": True, "mail_create_nosubscribe": True, "no_reset_password": True})
company = env.company
cr = env.cr


def report(label, measured, limit=None, better="at most"):
    verdict = ""
    if limit is not None:
        held = measured <= limit if better == "at most" else measured >= limit
        verdict = f"   ({better} {limit}: {'ok' if held else 'MISSED'})"
    print(f"  {label:66} {measured:8.2f}{verdict}")


def timed(function):
    env.invalidate_all()
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(label, ours, plain, limit, better="at most"):
    """Run both by turns, and report the ratio of the medians."""
    ours(), plain()
    pairs = [(timed(ours), timed(plain)) for _round in range(ROUNDS)]
    own, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"  {label}: {own * 1000:.0f} ms, plain SQL {other * 1000:.0f} ms")
    report("  ratio", own / other, limit, better)


def queries(function):
    env.flush_all()
    env.invalidate_all()
    before = cr.sql_log_count
    function()
    env.flush_all()
    return cr.sql_log_count - before


# ---------------------------------------------------------------------- people, entries, plan

this_month = fields.Date.today().replace(day=1)
plan_start = this_month - relativedelta(months=11)
book_start = this_month - relativedelta(months=MONTHS - 1)


def make_people():
    group = env.ref("sales_team.group_sale_salesman")
    regions = env["crm.team"].create([{"name": f"Region {n}", "company_id": company.id} for n in range(REGIONS)])
    teams = env["crm.team"].create([
        {"name": f"Team {region.id}/{n}", "parent_id": region.id, "company_id": company.id}
        for region in regions for n in range(TEAMS_PER_REGION)
    ])
    people = env["res.users"].create([
        {"name": f"Person {n}", "login": f"bench{n}", "group_ids": [Command.set(group.ids)]}
        for n in range(len(teams) * PEOPLE_PER_TEAM)
    ])
    env["crm.team.member"].create([
        {"user_id": person.id, "crm_team_id": teams[n // PEOPLE_PER_TEAM].id} for n, person in enumerate(people)
    ])
    return people


def make_entries(people):
    metrics = env["sales.metric"].search([("code", "in", METRICS)])
    partner = env["res.partner"].create({"name": "Bench customer"})
    env.flush_all()
    cr.execute(SQL(
        """
        INSERT INTO sales_attainment_entry (
            metric_id, date, company_id, user_id, team_id, region_path, partner_id, value, quantity, amount, share,
            is_overlay, res_model, res_id, res_line_id, run, create_uid, write_uid, create_date, write_date)
        SELECT (%(metrics)s::int[])[1 + n %% %(metric_count)s],
               %(start)s::date + (((n / %(metric_count)s) * 7919) %% %(days)s)::int,
               %(company)s, p.user_id, p.team_id, t.parent_path, %(partner)s,
               (n * 131 %% 100000) / 100.0, n %% 10, (n * 131 %% 100000) / 100.0, 100,
               FALSE, 'bench', n, 0, 1, 1, 1, now(), now()
          FROM generate_series(1, %(entries)s) n
          JOIN (
            SELECT row_number() OVER (ORDER BY u.id) - 1 AS number, u.id AS user_id, m.crm_team_id AS team_id
              FROM res_users u JOIN crm_team_member m ON m.user_id = u.id
             WHERE u.id = ANY(%(people)s)
          ) p ON p.number = (n / %(metric_count)s * 31) %% %(people_count)s
          JOIN crm_team t ON t.id = p.team_id
        """,
        metrics=metrics.ids, metric_count=len(metrics), start=book_start,
        days=(this_month + relativedelta(months=1) - book_start).days, company=company.id, partner=partner.id,
        entries=ENTRIES, people=people.ids, people_count=len(people)))
    cr.execute("ANALYZE sales_attainment_entry")
    return metrics


def make_plan(metrics):
    plan = env["sales.quota.plan"].create({
        "name": "Bench", "date_from": plan_start,
        "metric_line_ids": [Command.create({"metric_id": metric.id, "weight": 100 / len(metrics)}) for metric in metrics],
    })
    plan.action_build_tree()
    root = plan.node_ids.filtered(lambda node: node.type == "company")
    for metric in metrics:
        plan._distribute(root, metric, 12_000_000, "equal")
    env.flush_all()
    return plan


start = time.perf_counter()
people = make_people()
metrics = make_entries(people)
plan = make_plan(metrics)
cr.execute("ANALYZE")
# a recordset of its own: one that came through the nodes forgets what to prefetch when the cache is emptied
cells = env["sales.quota.cell"].browse(plan.node_ids.filtered(lambda node: node.type != "reserve").cell_ids.ids)
print(f"  {ENTRIES:,} entries, {len(people)} people, {len(plan.node_ids)} nodes, {len(cells):,} cells "
      f"(made in {time.perf_counter() - start:.0f} s)")

# ---------------------------------------------------------------------- following the plan

PLAIN_GROUP_BY = SQL(
    """
    SELECT metric_id, date_trunc('month', date)::date AS month, user_id, region_path, is_overlay,
           SUM(value), SUM(quantity)
      FROM sales_attainment_entry
     WHERE company_id = %s AND date >= %s AND date <= %s
     GROUP BY 1, 2, 3, 4, 5
    """, company.id, plan.date_from, plan.date_to)
compare("Refreshing every cell of the plan", plan._get_actuals, lambda: env.execute_query(PLAIN_GROUP_BY), 1.5)

plan._set({"state": "published", "valid_from": plan.date_from, "valid_to": plan.date_to})
few, many = people[:1], people[1:2]
cr.execute(SQL(
    """
    INSERT INTO sales_attainment_entry (
        metric_id, date, company_id, user_id, team_id, region_path, partner_id, value, quantity, amount, share, is_overlay,
        res_model, res_id, res_line_id, run, create_uid, write_uid, create_date, write_date)
    SELECT metric_id, date, company_id, user_id, team_id, region_path, partner_id, 1, 1, 1, 100, FALSE, 'bench2', n, 0, 1,
           1, 1, now(), now()
      FROM sales_attainment_entry e, generate_series(1, 10) n
     WHERE e.user_id = %s
        ON CONFLICT DO NOTHING
    """, many.id))


def open_my_page(user):
    return env(user=user)["sales.quota.plan"].get_my_page("year")


for user in (few, many):
    open_my_page(user)  # what every process loads once for each user
own, other = queries(lambda: open_my_page(few)), queries(lambda: open_my_page(many))
print(f"  Opening My Targets: {own} queries; with eleven times as many entries: {other}")
report("  difference", abs(own - other), 0)

# ---------------------------------------------------------------------- booking an invoice

product = env["product.product"].create({"name": "Bench", "type": "service", "list_price": 10, "taxes_id": [Command.clear()]})
partner = env["res.partner"].create({"name": "Bench invoice", "is_company": True})
everybody, area = env.ref("base.group_user"), env.ref("sales_mgmt_addon.group_area_quota")


def make_invoice(lines):
    return env["account.move"].create({
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_user_id": few.id, "invoice_date": fields.Date.today(),
        "invoice_line_ids": [Command.create({"product_id": product.id, "quantity": 1})] * lines,
    })


def post_queries(lines, booking):
    (everybody._apply_group if booking else everybody._remove_group)(area)
    make_invoice(lines).action_post()
    return queries(make_invoice(lines).action_post)


for lines in (5, 60):
    without, booked = post_queries(lines, False), post_queries(lines, True)
    report(f"Queries that booking adds to posting an invoice of {lines} lines", booked - without, 3)

# ---------------------------------------------------------------------- backfill

everybody._remove_group(area)
template = make_invoice(LINES)
template.action_post()
env.flush_all()


def clone(record, source, columns):
    """Copy the row of a record once for each row of ``source``; return the ids."""
    values = SQL(", ").join(SQL("%s, %s", name, SQL(expression)) for name, expression in columns.items())
    return [row[0] for row in env.execute_query(SQL(
        """
        INSERT INTO %(table)s
        SELECT (jsonb_populate_record(t, jsonb_build_object(
                   'id', nextval(pg_get_serial_sequence(%(name)s, 'id')), %(values)s))).*
          FROM %(table)s t, %(source)s
         WHERE t.id = %(id)s
        RETURNING id
        """, table=SQL.identifier(record._table), name=record._table, values=values, source=source, id=record.id))]


moves = clone(template, SQL("generate_series(1, %s) n", INVOICES), {
    "name": "'BENCH/' || n", "sequence_number": "n", "access_token": "NULL"})
for line in template.line_ids:
    clone(line, SQL("unnest(%s) AS x(parent)", moves), {"move_id": "x.parent"})
cr.execute("ANALYZE account_move")
cr.execute("ANALYZE account_move_line")
everybody._apply_group(area)
backfill = env["sales.attainment.backfill"]
backfill._create_missing()
invoices = backfill.search([("company_id", "=", company.id), ("source", "=", "invoices")])
invoices.write({"state": "waiting", "last_id": min(moves) - 1, "done": 0, "total": len(moves)})


def work_off():
    while invoices._book_batch():
        pass
    env.flush_all()


time_ours = timed(work_off)
# the same rows again, into the same table with its indexes and foreign keys
cr.execute(SQL(
    "CREATE TEMP TABLE booked AS SELECT * FROM sales_attainment_entry WHERE res_model = 'account.move' AND res_id = ANY(%s)",
    moves))
[[rows]] = env.execute_query(SQL("SELECT COUNT(*) FROM booked"))
cr.execute("DELETE FROM sales_attainment_entry e USING booked b WHERE e.id = b.id")
time_plain = timed(lambda: cr.execute("INSERT INTO sales_attainment_entry SELECT * FROM booked"))
print(f"  Backfill of {INVOICES:,} invoices, {rows:,} entries: {rows / time_ours:,.0f} a second, plain INSERT … SELECT of the "
      f"same rows {rows / time_plain:,.0f}")
report("  speed against plain SQL", time_plain / time_ours, 0.5, "at least")
