"""Which part of an open item is in dispute: the same figure for dunning, interest, stops of supply, cases and promises."""

from odoo.tools import SQL

_LINE = SQL("i.id")
_RESIDUAL = SQL("i.residual_currency")
# Fields the expression reads; pending writes to them must reach the database first
SOURCES = {'sales.receivable.dispute': ['amount', 'confirmed_by_id', 'line_id', 'state']}


def undisputed_sql(line=_LINE, residual=_RESIDUAL, confirmed=False):
    """Return the expression of the share of an open item that nobody contests.

    The disputed amount stays as it was entered while the item is paid: once no more than it is open, all of the
    item is in dispute.

    :param SQL line: id of the journal item
    :param SQL residual: what is open of it, in its currency
    :param bool confirmed: count confirmed disputes only
    :return: number between 0 and 1
    :rtype: SQL
    """
    return SQL(
        """COALESCE((
            SELECT GREATEST(0, 1 - COALESCE(dp.amount, %(residual)s) / NULLIF(%(residual)s, 0))
              FROM sales_receivable_dispute dp
             WHERE dp.line_id = %(line)s AND dp.state = 'open' AND %(which)s
        ), 1)""",
        line=line, residual=residual, which=SQL("dp.confirmed_by_id IS NOT NULL") if confirmed else SQL("TRUE"))
