# Run by Odoo's shell on a database of its own: what the ageing of receivables costs.
#
# Each figure is a ratio against plain SQL over the same rows, measured by turns in this run; medians of ROUNDS.
import logging
import statistics
import sys
import time
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

sys.path.insert(0, "tools/bench")
from _receivable_seed import CUSTOMERS, INVOICES, seed  # noqa: E402

ROUNDS = 9

logging.getLogger("odoo").setLevel(logging.WARNING)
env = env(context={**env.context, "tracking_disable": True, "mail_create_nosubscribe": True, "no_reset_password": True})
cr = env.cr


def report(label, measured, limit=None):
    verdict = "" if limit is None else f"   (at most {limit}: {'ok' if measured <= limit else 'MISSED'})"
    print(f"  {label:66} {measured:8.2f}{verdict}")


def timed(function):
    env.invalidate_all()
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(label, ours, plain, limit):
    """Run both by turns, and report the ratio of the medians."""
    ours(), plain()
    pairs = [(timed(ours), timed(plain)) for _round in range(ROUNDS)]
    own, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"  {label}: {own * 1000:.0f} ms, plain SQL {other * 1000:.0f} ms")
    report("  ratio", own / other, limit)


start = time.perf_counter()
seed(env)
controller = env["res.users"].create({
    "name": "Bench controller", "login": "bench_controller",
    "group_ids": [Command.set(env.ref("sales_mgmt_addon.group_credit_controller").ids)]})
[[open_items]] = env.execute_query(SQL(
    """
    SELECT COUNT(*) FROM account_move_line
     WHERE reconciled IS NOT TRUE AND account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')
    """))
made = time.perf_counter() - start
print(f"  {CUSTOMERS:,} customers, {INVOICES:,} invoices, {open_items:,} open items (made in {made:.0f} s)")

today = fields.Date.context_today(controller)
as_of = today - timedelta(days=60)
BUCKETS = SQL(
    """CASE WHEN %(day)s::date - l.date_maturity <= 0 THEN 0 WHEN %(day)s::date - l.date_maturity <= 30 THEN 1
            WHEN %(day)s::date - l.date_maturity <= 60 THEN 2 WHEN %(day)s::date - l.date_maturity <= 90 THEN 3 ELSE 4 END""",
    day=today)
# what somebody writes who knows the tables: open items of today, per customer and bucket
PLAIN_NOW = SQL(
    """
    SELECT p.commercial_partner_id, %(bucket)s AS bucket, SUM(l.amount_residual), COUNT(*)
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.company_id = %(company)s
     GROUP BY 1, 2
    """, bucket=BUCKETS, company=env.company.id)
# of a past day: balances until the day, less what was matched until then
PLAIN_THEN = SQL(
    """
    SELECT p.commercial_partner_id, %(day)s::date - l.date_maturity > 0 AS is_overdue, SUM(l.balance - COALESCE(r.amount, 0))
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
      JOIN res_partner p ON p.id = l.partner_id
      LEFT JOIN (
        SELECT x.line_id, SUM(x.amount) AS amount
          FROM (
            SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile WHERE max_date <= %(day)s
             UNION ALL
            SELECT credit_move_id, -amount FROM account_partial_reconcile WHERE max_date <= %(day)s
          ) x
         GROUP BY x.line_id
      ) r ON r.line_id = l.id
     WHERE l.parent_state = 'posted' AND l.date <= %(day)s AND l.company_id = %(company)s
       AND l.balance - COALESCE(r.amount, 0) <> 0
     GROUP BY 1, 2
    """, day=as_of, company=env.company.id)

as_controller = env(user=controller)
analysis = as_controller["sales.receivable.report"]
ageing = as_controller["sales.receivable.ageing"]

rows = analysis._read_group([], ["partner_id", "bucket_id"], ["residual:sum"])
ours = sum(amount for _partner, _bucket, amount in rows)
plain = sum(row[2] for row in env.execute_query(PLAIN_NOW))
if abs(float(plain) - ours) > 0.01:
    raise ValueError(f"The figures differ: {ours} and {plain}")

compare("Ageing page", ageing.get_ageing, lambda: env.execute_query(PLAIN_NOW), 1.2)
compare("Analysis by customer and bucket",
        lambda: analysis._read_group([], ["partner_id", "bucket_id"], ["residual:sum", "__count"]),
        lambda: env.execute_query(PLAIN_NOW), 1.2)
compare("Ageing page of 60 days ago", lambda: ageing.get_ageing({"as_of": str(as_of)}),
        lambda: env.execute_query(PLAIN_THEN), 1.2)
