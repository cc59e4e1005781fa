# Run by Odoo's shell on a database of its own: what a dunning run costs.
#
# 2,000 customers with 12,000 due items: propose the letters and mark them as sent. Measured against plain SQL that inserts
# as many rows without asking anything, and against the module of the OCA for the same purpose on the same items.
import logging
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

import odoo.addons

CUSTOMERS, ITEMS = 2_000, 12_000
ROUNDS = 5
PEER, PEER_PACKAGE = "account_credit_control", "odoo-addon-account-credit-control==19.0.*"

logging.getLogger("odoo").setLevel(logging.ERROR)


def report(label, measured, limit=None, better="at most"):
    verdict = ""
    if limit is not None:
        held = measured <= limit if better == "at most" else measured >= limit
        verdict = f"   ({better} {limit}: {'ok' if held else 'MISSED'})"
    print(f"  {label:66} {measured:8.2f}{verdict}")


def timed(function):
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    start = time.perf_counter()
    function()
    env.flush_all()
    return time.perf_counter() - start, env.cr.sql_log_count - before


# ---------------------------------------------------------------------- the peer, in a scratch folder

def install_peer(folder):
    """Download the module of the OCA and install it in this database; tell whether that worked."""
    installers = (sys.executable, Path(sys.executable).parents[2] / "uv/bin/python", shutil.which("python3"))
    command = "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, PEER_PACKAGE
    if all(subprocess.run([python, *command], capture_output=True, check=False).returncode for python in installers):
        return False
    odoo.addons.__path__.append(f"{folder}/odoo/addons")
    env["ir.module.module"].update_list()
    env["ir.module.module"].search([("name", "=", PEER)]).button_immediate_install()
    return True


scratch = tempfile.mkdtemp()
has_peer = install_peer(scratch)
env.cr.commit()  # pylint: disable=invalid-commit
context = {"tracking_disable": True, "mail_create_nosubscribe": True, "lang": "en_US"}
env = api.Environment(Registry(env.cr.dbname).cursor(), SUPERUSER_ID, context)
cr, company, today = env.cr, env.company, fields.Date.today()

# ---------------------------------------------------------------------- items

product = env["product.product"].create({"name": "Bench", "type": "service", "taxes_id": [Command.clear()]})
customers = env["res.partner"].create([
    {"name": f"Bench {n}", "is_company": True, "email": f"bench{n}@example.com"} for n in range(CUSTOMERS)])
template = env["account.move"].create({
    "move_type": "out_invoice", "partner_id": customers[0].id, "invoice_date": today,
    "invoice_line_ids": [Command.create({"product_id": product.id, "quantity": 1, "price_unit": 100.0})]})
template.action_post()
env.flush_all()


def clone(record, source, columns):
    """Copy the row of a record once for each row of ``source``."""
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


by_number = SQL(
    "(SELECT n, (%s::int[])[1 + n %% %s] AS customer, CURRENT_DATE - (10 + n %% 60)::int AS due FROM generate_series(1, %s) n) x",
    customers.ids, CUSTOMERS, ITEMS - 1)
moves = clone(template, by_number, {
    "name": "'BENCH/' || x.n", "sequence_number": "x.n", "access_token": "NULL", "partner_id": "x.customer",
    "commercial_partner_id": "x.customer", "invoice_date_due": "x.due"})
pairs = SQL(
    """(SELECT m.id AS move, m.partner_id AS customer, m.name AS name, m.invoice_date_due AS due
          FROM account_move m WHERE m.id = ANY(%s)) x""", moves)
for line in template.line_ids:
    maturity = "x.due" if line.account_type == "asset_receivable" else "NULL"
    clone(line, pairs, {
        "move_id": "x.move", "move_name": "x.name", "partner_id": "x.customer", "date_maturity": maturity})
template.line_ids.filtered("date_maturity").date_maturity = today - timedelta(days=30)
env.flush_all()
for table in ("account_move", "account_move_line", "res_partner"):
    cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
env["sales.dunning.level"].create([
    {"name": name, "days": days, "interest_rate": 5.0} for name, days in (("First", 10), ("Second", 30), ("Last", 50))])
cr.commit()  # pylint: disable=invalid-commit
print(f"  {ITEMS:,} due items of {CUSTOMERS:,} customers")

# ---------------------------------------------------------------------- ours


def dun():
    run = env["sales.dunning.run"].create({"company_id": company.id})
    run.action_propose()
    letters = run.letter_ids
    letters._set_state("sent")
    env["sales.credit.profile"]._place_dunning_holds(letters.partner_id)
    if (len(letters), len(letters.line_ids)) != (CUSTOMERS, ITEMS):
        raise RuntimeError(f"Dunned {len(letters.line_ids)} items in {len(letters)} letters")


def insert_plainly():
    """As many rows in the same tables, with their indexes, and nothing else."""
    run = env["sales.dunning.run"].create({"company_id": company.id})
    run.flush_recordset()
    level = env["sales.dunning.level"].search([], limit=1)
    cr.execute(SQL(
        """
        WITH item AS (
            SELECT l.id, l.partner_id, l.currency_id, l.date_maturity, l.amount_residual, l.move_name FROM account_move_line l
              JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
             WHERE l.reconciled IS NOT TRUE AND l.parent_state = 'posted' AND l.date_maturity <= CURRENT_DATE - 10
        ), letter AS (
            INSERT INTO sales_dunning_letter (name, run_id, company_id, partner_id, level_id, channel, state, amount)
            SELECT 'x', %(run)s, %(company)s, partner_id, %(level)s, 'mail', 'sent', SUM(amount_residual)
              FROM item GROUP BY partner_id
            RETURNING id, partner_id
        )
        INSERT INTO sales_dunning_line (letter_id, line_id, level_id, company_id, currency_id, state, name, date_due, residual)
        SELECT t.id, i.id, %(level)s, %(company)s, i.currency_id, 'sent', i.move_name, i.date_maturity, i.amount_residual
          FROM item i JOIN letter t ON t.partner_id = i.partner_id
        """, run=run.id, company=company.id, level=level.id))


def rolled_back(function):
    figures = timed(function)
    cr.rollback()
    env.invalidate_all(flush=False)
    return figures


rolled_back(dun), rolled_back(insert_plainly)
rounds = [(rolled_back(dun), rolled_back(insert_plainly)) for _round in range(ROUNDS)]
ours = statistics.median(own[0] for own, _plain in rounds)
plain = statistics.median(other[0] for _own, other in rounds)
queries = rounds[0][0][1]
print(f"  Proposing and marking as sent: {ours * 1000:.0f} ms and {queries} queries, plain inserts {plain * 1000:.0f} ms")
report("  ratio to plain SQL", ours / plain, 4.0)

# ---------------------------------------------------------------------- the peer


def peer():
    policy = env.ref(f"{PEER}.credit_control_3_time")
    for level, days in zip(policy.level_ids.sorted("level"), (10, 30, 50), strict=False):
        level.write({"delay_days": days, "computation_mode": "net_days"})
    policy.account_ids = template.line_ids.filtered("date_maturity").account_id
    customers.credit_policy_id = policy
    run = env["credit.control.run"].create({"date": today, "policy_ids": [Command.set(policy.ids)]})
    env.flush_all()

    def propose_and_mark():
        run.generate_credit_lines()
        run.set_to_ready_lines()
        env["credit.control.communication"]._generate_comm_from_credit_lines(run.line_ids)
        env["credit.control.marker"].create({"name": "sent", "line_ids": [Command.set(run.line_ids.ids)]}).mark_lines()

    figures = timed(propose_and_mark)
    return figures, len(run.line_ids)


if has_peer:
    (seconds, queries), lines = peer()
    print(f"  {PEER} of the OCA, {lines:,} lines: {seconds:.1f} s and {queries:,} queries")
    report("  speed against it", seconds / ours, 10.0, "at least")
else:
    print(f"  {PEER_PACKAGE} could not be downloaded: not compared")
cr.close()
shutil.rmtree(scratch)
