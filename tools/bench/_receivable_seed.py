"""Receivables for the measurements: customers, paid and open invoices, made by INSERT … SELECT.

Nothing is written through the ORM but one invoice and one payment, which are the patterns of all others.
"""
from odoo import Command, fields
from odoo.tools import SQL

CUSTOMERS, INVOICES, OPEN_EVERY, PEOPLE = 2_000, 200_000, 10, 40
DAYS = 730


def seed(env, customers=CUSTOMERS, invoices=INVOICES, open_every=OPEN_EVERY):
    """Insert invoices of ``customers``, each of one instalment; one of ``open_every`` is open, the others are paid.

    Due days of the open ones lie between 200 days ago and 40 days ahead; the others were paid in the last two years.

    :return: ids of the customers
    """
    people = _make_people(env)
    partners = _make_customers(env, customers, people)
    today = fields.Date.today()
    invoice = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": partners[0], "invoice_date": today, "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"name": "Bench", "quantity": 1, "price_unit": 100, "tax_ids": [Command.clear()]})],
    })
    invoice.action_post()
    payment = env["account.payment"].create({
        "payment_type": "inbound", "partner_type": "customer", "partner_id": partners[0], "amount": 100})
    payment.action_post()
    env.flush_all()
    _insert_items(env, invoice, payment, partners, invoices, open_every, today)
    for table in ("account_move", "account_move_line", "account_partial_reconcile", "res_partner"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()
    return partners


def _make_people(env):
    group = env.ref("sales_team.group_sale_salesman")
    teams = env["crm.team"].create([{"name": f"Bench team {n}", "company_id": env.company.id} for n in range(4)])
    people = env["res.users"].create([
        {"name": f"Bench person {n}", "login": f"bench_receivable{n}", "group_ids": [Command.set(group.ids)]}
        for n in range(PEOPLE)
    ])
    env["crm.team.member"].create([
        {"user_id": person.id, "crm_team_id": teams[n % len(teams)].id} for n, person in enumerate(people)])
    return people


def _make_customers(env, customers, people):
    pattern = env["res.partner"].create({"name": "Bench customer", "is_company": True, "user_id": people[0].id})
    env.flush_all()
    ids = _clone(env, pattern, SQL("generate_series(2, %s) n", customers), {
        "name": "'Bench customer ' || n", "complete_name": "'Bench customer ' || n", "ref": "NULL",
        "user_id": f"({people.ids[0]} + mod(n, {len(people)}))",
    })
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", [ids])
    return [pattern.id, *ids]


def _insert_items(env, invoice, payment, partners, invoices, open_every, today):
    """Clone the invoice, and for those that are paid the receivable line of the payment and the matching."""
    env.cr.execute(SQL(
        """
        CREATE TEMP TABLE bench AS
        SELECT n, (%(partners)s::int[])[1 + n %% %(count)s] AS partner_id, n / %(count)s %% %(open_every)s = 0 AS is_open,
               CASE WHEN n / %(count)s %% %(open_every)s = 0 THEN %(today)s::date - 200 + (n * 7 %% 240)
                    ELSE %(today)s::date - (n * 31 %% %(days)s) END AS due,
               (50 + n * 37 %% 900)::numeric AS amount,
               nextval(pg_get_serial_sequence('account_move', 'id')) AS move_id
          FROM generate_series(1, %(invoices)s) n
        """,
        partners=partners, count=len(partners), open_every=open_every, today=today, days=DAYS, invoices=invoices))
    env.cr.execute("ALTER TABLE bench ADD user_id int")
    env.cr.execute("UPDATE bench b SET user_id = p.user_id FROM res_partner p WHERE p.id = b.partner_id")
    _clone(env, invoice, SQL("bench b"), {
        "name": "'BENCH/' || b.n", "sequence_number": "b.n", "access_token": "NULL", "partner_id": "b.partner_id",
        "commercial_partner_id": "b.partner_id", "date": "b.due - 30", "invoice_date": "b.due - 30",
        "invoice_date_due": "b.due", "invoice_user_id": "b.user_id", "amount_total": "b.amount",
        "payment_state": "CASE WHEN b.is_open THEN 'not_paid' ELSE 'paid' END",
    }, identifier="b.move_id")
    common = {"partner_id": "b.partner_id", "date": "b.due - 30", "invoice_date": "b.due - 30", "move_id": "b.move_id"}
    receivable = invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    _clone(env, receivable, SQL("bench b"), {
        **common, "date_maturity": "b.due", "balance": "b.amount", "debit": "b.amount", "amount_currency": "b.amount",
        "amount_residual": "CASE WHEN b.is_open THEN b.amount ELSE 0 END",
        "amount_residual_currency": "CASE WHEN b.is_open THEN b.amount ELSE 0 END", "reconciled": "NOT b.is_open"})
    _clone(env, invoice.invoice_line_ids, SQL("bench b"), {
        **common, "balance": "-b.amount", "credit": "b.amount", "amount_currency": "-b.amount", "price_unit": "b.amount"})
    received = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    _clone(env, received, SQL("(SELECT * FROM bench WHERE NOT is_open) b"), {
        "partner_id": "b.partner_id", "date": "b.due", "date_maturity": "b.due", "balance": "-b.amount",
        "credit": "b.amount", "amount_currency": "-b.amount", "amount_residual": "0", "amount_residual_currency": "0",
        "reconciled": "TRUE", "ref": "'BENCH/' || b.n"})
    env.cr.execute("ANALYZE account_move_line")
    env.cr.execute("ANALYZE bench")
    env.cr.execute(SQL(
        """
        INSERT INTO account_partial_reconcile (
            debit_move_id, credit_move_id, amount, debit_amount_currency, credit_amount_currency, debit_currency_id,
            credit_currency_id, company_id, max_date, create_uid, write_uid, create_date, write_date)
        SELECT d.id, c.id, b.amount, b.amount, b.amount, d.currency_id, d.currency_id, d.company_id, b.due, 1, 1, now(), now()
          FROM bench b
          JOIN account_move_line d ON d.move_id = b.move_id AND d.account_id = %(account)s
          JOIN account_move_line c ON c.move_id = %(payment)s AND c.ref = 'BENCH/' || b.n
         WHERE NOT b.is_open
        """, account=receivable.account_id.id, payment=payment.move_id.id))


def _clone(env, record, source, columns, identifier=None):
    """Copy the row of a record once for each row of ``source``; return the ids."""
    values = SQL(", ").join(SQL("%s, %s", name, SQL(expression)) for name, expression in columns.items())
    return [row[0] for row in env.execute_query(SQL(
        """
        INSERT INTO %(table)s
        SELECT r.*
          FROM %(table)s t, %(source)s,
               LATERAL jsonb_populate_record(t, jsonb_build_object('id', %(identifier)s, %(values)s)) r
         WHERE t.id = %(id)s
        RETURNING id
        """,
        table=SQL.identifier(record._table), values=values, source=source, id=record.id,
        identifier=SQL(identifier) if identifier else SQL(
            "nextval(pg_get_serial_sequence(%s, 'id'))", record._table)))]
