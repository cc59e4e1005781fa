"""What happens once, when the add-on comes into or leaves a database with data."""

from odoo.tools import SQL


def pre_init_hook(env):
    _prepare_gate_columns(env)


def _prepare_gate_columns(env):
    """Add the columns of the gate with a constant default: PostgreSQL rewrites no row for that.

    Orders confirmed before are marked as never checked. They stay as they are, and their facts are
    noted when somebody first changes them.
    """
    for table in ('sale_order', 'stock_picking', 'account_move'):
        _add_column(env.cr, table, 'hold_state', 'varchar', "'none'")
    _add_column(env.cr, 'sale_order', 'gate_clearance', 'jsonb', "'{\"unchecked\": true}'")


def _add_column(cr, table, column, sql_type, default):
    names = {'table': SQL.identifier(table), 'column': SQL.identifier(column)}
    cr.execute(SQL(
        "ALTER TABLE %(table)s ADD COLUMN IF NOT EXISTS %(column)s %(type)s DEFAULT %(default)s",
        **names, type=SQL(sql_type), default=SQL(default)))
    cr.execute(SQL("ALTER TABLE %(table)s ALTER COLUMN %(column)s DROP DEFAULT", **names))
