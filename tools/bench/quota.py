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
cells = plan.node_ids.filtered(lambda node: node.type != "reserve").cell_ids
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
compare("Refreshing every cell of the plan", lambda: cells.mapped("actual"),
        lambda: env.execute_query(PLAIN_GROUP_BY), 1.5)

person = people[0]
plan_node = plan.node_ids.filtered(lambda node: node.user_id == person)
