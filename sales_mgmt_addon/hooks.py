"""What happens once, when the add-on comes into or leaves a database with data."""

from odoo.tools import SQL


def pre_init_hook(env):
    _prepare_gate_columns(env)
    _prepare_channel_columns(env)


def post_init_hook(env):
    _create_credit_profiles(env)
    env['sales.attainment.backfill']._start_at_install()


def uninstall_hook(env):
    # What was in dispute belongs to Odoo's follow-up again
    env['sales.receivable.dispute'].sudo().search([('stops_followup', '=', True)])._resume_followup()
    env['ir.config_parameter'].sudo().search([('key', '=like', 'sales_mgmt_addon.%')]).unlink()
    # The mirrored limits stay on the customers; let Odoo warn with them, and a new installation take them over
    limited = env['sales.credit.profile'].sudo().search([('policy', '=', 'limited')])
    limited.company_id.account_use_credit_limit = True


def _prepare_gate_columns(env):
    """Add the columns of the gate with a constant default: PostgreSQL rewrites no row for that.

    Orders confirmed before are marked as never checked. They stay as they are, and their facts are
    noted when somebody first changes them.
    """
    for table in ('sale_order', 'stock_picking', 'account_move'):
        _add_column(env.cr, table, 'hold_state', 'varchar', "'none'")
    _add_column(env.cr, 'sale_order', 'gate_clearance', 'jsonb', "'{\"unchecked\": true}'")


def _prepare_channel_columns(env):
    """Add the stored computes of channels empty: documents of the past went through no channel and no seller."""
    for table, column in (('sale_order', 'channel_id'), ('sale_order_line', 'seller_id'), ('crm_lead', 'channel_id')):
        _add_column(env.cr, table, column, 'int4', "NULL")


def _add_column(cr, table, column, sql_type, default):
    names = {'table': SQL.identifier(table), 'column': SQL.identifier(column)}
    cr.execute(SQL(
        "ALTER TABLE %(table)s ADD COLUMN IF NOT EXISTS %(column)s %(type)s DEFAULT %(default)s",
        **names, type=SQL(sql_type), default=SQL(default)))
    cr.execute(SQL("ALTER TABLE %(table)s ALTER COLUMN %(column)s DROP DEFAULT", **names))


def _create_credit_profiles(env):
    """Take over the credit limits that a database has, in set-based SQL.

    A limit counted in Odoo only where the company used credit limits, and 0 meant "no limit". Nothing
    that is confirmed is touched, and limits stay as they are on the customers: they are the mirror.
    """
    for company in env['res.company'].with_context(active_test=False).search([('parent_id', '=', False)]):
        uses_limits = company.account_use_credit_limit
        Partner = env['res.partner'].with_company(company)
        default = Partner._fields['credit_limit'].get_company_dependent_fallback(Partner) or 0.0
        if uses_limits and default > 0:
            company.write({'credit_default_policy': 'limited', 'credit_default_limit': default})
        env.flush_all()
        env.cr.execute(SQL(
            """
            INSERT INTO sales_credit_profile (
                partner_id, company_id, user_id, team_id, policy, "limit", overdue_days_allowed,
                overdue_amount_allowed, version, hold, duplicate_checked,
                create_uid, write_uid, create_date, write_date)
            SELECT p.id, %(company)s, p.user_id, u.sale_team_id,
                   CASE WHEN %(uses_limits)s AND l.amount > 0 THEN 'limited' ELSE 'unlimited' END,
                   LEAST(l.amount, 1e12), %(days)s, 0, 0, FALSE, FALSE,
                   1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM res_partner p
              LEFT JOIN res_users u ON u.id = p.user_id
             CROSS JOIN LATERAL (SELECT (p.credit_limit->>%(key)s)::numeric AS amount) l
             WHERE p.commercial_partner_id = p.id
               AND (l.amount > 0 OR (l.amount = 0 AND %(has_default)s))
                ON CONFLICT (partner_id, company_id) DO NOTHING
            """,
            company=company.id, uses_limits=uses_limits, key=str(company.id),
            days=company.credit_default_overdue_days, has_default=bool(uses_limits and default > 0),
        ))
