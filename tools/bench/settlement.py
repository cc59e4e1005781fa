# Run by Odoo's shell on a database of its own: what a settlement costs.
#
# 1,000 invoices of one seller with 2,000 items on the clearing account: collect, commission invoice, entry, matching,
# against stock Odoo that only matches as many items with one counterpart, in one go. Twice as many must cost twice as much.
# Then 200 sellers with 100 items each in one run of the job.
import logging
import statistics
import time

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

from odoo.addons.sales_mgmt_addon.internal import grant
from odoo.addons.sales_mgmt_addon.models.channel.const import LEDGER_GUARD, SELLER_GUARD

INVOICES, SELLERS, INVOICES_EACH = 1_000, 200, 50
ROUNDS = 3

logging.getLogger("odoo").setLevel(logging.ERROR)


def report(label, measured, limit=None):
    verdict = "" if limit is None else f"   (at most {limit}: {'ok' if measured <= limit else 'MISSED'})"
    print(f"  {label:66} {measured:8.2f}{verdict}")


env = api.Environment(Registry(env.cr.dbname).cursor(), SUPERUSER_ID, {
    "tracking_disable": True, "mail_create_nosubscribe": True, "lang": "en_US"})
cr, company = env.cr, env.company
cutoff = fields.Date.subtract(fields.Date.today(), days=1)
company._set_up_marketplace()
company.write({"settlement_auto_post": True, "settlement_mail": False})
clearing, tax = company.marketplace_clearing_account_id, company.account_sale_tax_id.on_behalf_tax_id
buyer = env["res.partner"].create({"name": "Bench buyer", "is_company": True})


def make_sellers(count):
    partners = env["res.partner"].create([{"name": f"Bench seller {n}", "is_company": True} for n in range(count)])
    return grant(env["sales.seller"], SELLER_GUARD).create([{
        "partner_id": partner.id, "state": "active", "settlement_cycle": "delivery"} for partner in partners])


# ---------------------------------------------------------------------- documents, made by INSERT … SELECT

def clone(record, source, columns):
    """Copy the row of a record once for each row of ``source``."""
    values = SQL(", ").join(SQL("%s, %s", name, SQL(expression)) for name, expression in columns.items())
    return [row[0] for row in env.execute_query(SQL(
        """
        INSERT INTO %(table)s
        SELECT copy.*
          FROM %(table)s t, %(source)s, LATERAL jsonb_populate_record(t, jsonb_build_object(
                   'id', nextval(pg_get_serial_sequence(%(name)s, 'id')), %(values)s)) copy
         WHERE t.id = %(id)s
        RETURNING id
        """, table=SQL.identifier(record._table), name=record._table, values=values, source=source, id=record.id))]


template = grant(env["account.move"], LEDGER_GUARD).create({
    "move_type": "out_invoice", "partner_id": buyer.id, "seller_id": make_sellers(1).id, "invoice_date": cutoff,
    "journal_id": company.marketplace_sale_journal_id.id, "invoice_payment_term_id": False,
    "invoice_line_ids": [Command.create({
        "name": "Bench", "price_unit": 100.0, "account_id": clearing.id, "revenue_presentation": "agent",
        "inventory_owner": "seller", "tax_supplier": "seller", "tax_ids": [Command.set(tax.ids)],
        "seller_id": env["sales.seller"].search([], limit=1, order="id desc").id})]})
template.action_post()
env.flush_all()
numbers = iter(range(1, 1_000))


def seed(sellers, invoices):
    """Give each seller so many invoices of two clearing items and a commission, and the entries in his ledger."""
    prefix = f"BENCH{next(numbers)}"
    moves = clone(template, SQL(
        "(SELECT n, (%s::int[])[1 + n %% %s] AS seller FROM generate_series(0, %s) n) x",
        sellers.ids, len(sellers), len(sellers) * invoices - 1), {
        "name": f"'{prefix}/' || x.n", "sequence_number": "x.n", "access_token": "NULL", "seller_id": "x.seller",
        "payment_reference": "NULL"})
    pairs = SQL("(SELECT m.id AS move, m.seller_id AS seller, m.name AS name FROM account_move m WHERE m.id = ANY(%s)) x", moves)
    for line in template.line_ids:
        clone(line, pairs, {"move_id": "x.move", "move_name": "x.name", "seller_id": "x.seller"})
    cr.execute(SQL(
        """
        INSERT INTO sales_seller_ledger (
            seller_id, company_id, currency_id, date, available_date, kind, amount, tax_amount, move_id, aml_id)
        SELECT l.seller_id, l.company_id, l.currency_id, l.date, l.date, 'sale', -l.amount_currency, 0, l.move_id, l.id
          FROM account_move_line l WHERE l.move_id = ANY(%(moves)s) AND l.account_id = %(account)s
        UNION ALL
        SELECT m.seller_id, m.company_id, m.currency_id, m.date, m.date, 'commission', -15, -1.5, m.id, NULL
          FROM account_move m WHERE m.id = ANY(%(moves)s)
        """, moves=moves, account=clearing.id))
    for table in ("account_move", "account_move_line", "sales_seller_ledger"):
        cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    cr.commit()  # pylint: disable=invalid-commit
    env.invalidate_all()
    return moves


def rolled_back(function):
    """Return seconds and queries of a call on a cold cache, and undo it."""
    env.flush_all()
    env.invalidate_all()
    queries, start = cr.sql_log_count, time.perf_counter()
    function()
    env.flush_all()
    figures = time.perf_counter() - start, cr.sql_log_count - queries
    cr.rollback()
    env.invalidate_all(flush=False)
    return figures


def settle(seller):
    env["sales.settlement"]._collect(seller, cutoff).action_post()
    if clearing_items(seller).filtered(lambda line: not line.reconciled):
        raise RuntimeError("The clearing items are open")


def clearing_items(seller):
    return env["account.move.line"].search([
        ("account_id", "=", clearing.id), ("seller_id", "=", seller.id), ("move_id.move_type", "=", "out_invoice")])


def counterpart(seller):
    """Post what stock Odoo matches the items with; that is not measured."""
    total = -sum(clearing_items(seller).mapped("balance"))
    move = env["account.move"].create({
        "journal_id": company.marketplace_journal_id.id, "date": cutoff, "line_ids": [
            Command.create({"account_id": clearing.id, "balance": total}),
            Command.create({"account_id": company.marketplace_payable_account_id.id, "balance": -total})]})
    move.action_post()
    cr.commit()  # pylint: disable=invalid-commit
    return move.line_ids.filtered(lambda line: line.account_id == clearing)


one, half, stock = make_sellers(3)
seed(one, INVOICES)
seed(half, INVOICES // 2)
seed(stock, INVOICES)
counter = counterpart(stock)
print(f"  {INVOICES:,} invoices, {2 * INVOICES:,} clearing items of one seller")
rounds = [(
    rolled_back(lambda: settle(one)), rolled_back(lambda: settle(half)),
    rolled_back(lambda: (clearing_items(stock) | counter).reconcile())) for _round in range(ROUNDS)]
ours, ours_half, theirs = (statistics.median(figures[part][0] for figures in rounds) for part in range(3))
print(f"  Settled in {ours:.2f} s and {rounds[0][0][1]} queries; stock Odoo matches them in {theirs:.2f} s and "
      f"{rounds[0][2][1]} queries; half of them are settled in {ours_half:.2f} s")
report("ratio to matching alone in stock Odoo", ours / theirs, 3.0)
report("ratio of 2,000 items to 1,000", ours / ours_half, 2.5)

# ---------------------------------------------------------------------- many sellers in one job

sellers = make_sellers(SELLERS)
seed(sellers, INVOICES_EACH)
cr.execute("UPDATE sales_seller_ledger SET available_date = NULL WHERE seller_id <> ALL(%s)", [sellers.ids])
cr.commit()  # pylint: disable=invalid-commit
env.invalidate_all()
start = time.perf_counter()
env["sales.settlement"]._cron_settle()
seconds = time.perf_counter() - start
items = SELLERS * INVOICES_EACH * 2
statements = env["sales.settlement"].search([("seller_id", "in", sellers.ids), ("state", "=", "posted")])
if (len(statements), len(statements.seller_id)) != (SELLERS, SELLERS):
    raise RuntimeError(f"{len(statements)} statements of {len(statements.seller_id)} sellers")
print(f"  {SELLERS} sellers with {INVOICES_EACH * 2} items each: {seconds:.1f} s, {seconds / SELLERS * 1000:.0f} ms each")
# each seller gets an invoice and an entry of his own
report("ratio to the same number of items of one seller", seconds / (ours * items / (2 * INVOICES)), 5.0)
start = time.perf_counter()
env["sales.settlement"]._cron_settle()
print(f"  The job again, with nothing left to do: {(time.perf_counter() - start) * 1000:.0f} ms")
start = time.perf_counter()
different = env["sales.settlement.control"].search_count([("is_different", "=", True), ("seller_id", "in", sellers.ids)])
print(f"  Control report: {(time.perf_counter() - start) * 1000:.0f} ms, {different} sellers differ")
payout = env["sales.payout"].create({})
banks = env["res.partner.bank"].create([
    {"acc_number": f"BENCH{seller.id}", "partner_id": seller.partner_id.id} for seller in sellers])
for seller, bank in zip(sellers, banks, strict=True):
    grant(seller, SELLER_GUARD).write({"bank_account_id": bank.id, "bank_approved": True})
start = time.perf_counter()
payout.action_collect()
payout._set({"state": "approved"})
payout.action_send()
print(f"  One payout batch of {len(payout.payment_ids)} payments, made and sent: {time.perf_counter() - start:.1f} s")
cr.close()
