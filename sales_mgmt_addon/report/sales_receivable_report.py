from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..models.receivable.items import SOURCES, items_sql

AS_OF = 'receivable_as_of'
# What the same item shows differs from day to day
OF_DAY = {'readonly': True, 'depends_context': (AS_OF, 'tz')}


class SalesReceivableReport(models.Model):
    """What customers owe: a row per open instalment or other debit, and per receipt that pays for nothing yet.

    The id of a row is that of its journal item. The context key ``receivable_as_of`` ('YYYY-MM-DD') asks for the
    items that were open at the end of that day, with what was known of them then.
    """

    _name = 'sales.receivable.report'
    _description = "Receivables Analysis"
    _auto = False
    _rec_name = 'move_name'
    _order = 'date_due, id'

    line_id = fields.Many2one(comodel_name='account.move.line', string="Journal Item", readonly=True)
    move_id = fields.Many2one(comodel_name='account.move', string="Journal Entry", readonly=True)
    move_name = fields.Char(string="Document", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    partner_user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson of the Customer", readonly=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True,
        help="Of the invoice; of the customer when the document has none.")
    team_id = fields.Many2one(comodel_name='crm.team', string="Sales Team", readonly=True)
    region_id = fields.Many2one(
        comodel_name='crm.team', string="Region", readonly=True,
        help="The nearest team that has teams below it, as in the targets.")
    company_id = fields.Many2one(comodel_name='res.company', string="Company", readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", readonly=True)
    company_currency_id = fields.Many2one(
        comodel_name='res.currency', string="Company Currency", readonly=True)
    date = fields.Date(string="Date", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    amount = fields.Monetary(string="Amount", readonly=True, currency_field='company_currency_id')
    amount_currency = fields.Monetary(
        string="Amount in Currency", readonly=True, currency_field='currency_id', aggregator=None)
    channel_id = fields.Many2one(comodel_name='sales.channel', string="Channel", readonly=True)
    channel = fields.Char(string="Channel Code", readonly=True)

    days_overdue = fields.Integer(
        string="Days Overdue", aggregator='max', help="Negative: not due for so many days.", **OF_DAY)
    bucket_id = fields.Many2one(comodel_name='sales.receivable.bucket', string="Ageing", **OF_DAY)
    residual = fields.Monetary(string="Open Amount", currency_field='company_currency_id', **OF_DAY)
    residual_currency = fields.Monetary(
        string="Open Amount in Currency", currency_field='currency_id', aggregator=None, **OF_DAY)
    is_receipt = fields.Boolean(
        string="Unapplied Receipt", help="A payment or credit note that is not matched with an invoice.", **OF_DAY)
    is_overdue = fields.Boolean(string="Overdue", **OF_DAY)
    overdue = fields.Monetary(string="Overdue Amount", currency_field='company_currency_id', **OF_DAY)
    disputed = fields.Monetary(string="Disputed Amount", currency_field='company_currency_id', **OF_DAY)
    dispute_id = fields.Many2one(comodel_name='sales.receivable.dispute', string="Dispute", **OF_DAY)
    promise_id = fields.Many2one(comodel_name='sales.collection.promise', string="Promise", **OF_DAY)
    promise_date = fields.Date(string="Promised For", **OF_DAY)
    dunning_level_id = fields.Many2one(comodel_name='sales.dunning.level', string="Dunning Level", **OF_DAY)

    _depends = {
        **SOURCES,
        'account.move': [*SOURCES['account.move'], 'channel_id'],
        'sales.channel': ['code'],
        'res.company': [*SOURCES['res.company'], 'name'],
        'sales.receivable.bucket': ['company_id', 'days_from'],
        'sales.receivable.dispute': ['line_id', 'state', 'amount', 'opened_on', 'closed_on'],
        'sales.collection.promise': ['state', 'date', 'made_on', 'judged_on'],
        'sales.collection.promise.line': ['line_id', 'promise_id'],
        'sales.dunning.line': ['line_id', 'level_id', 'letter_id', 'state'],
        'sales.dunning.letter': ['sent_on'],
        'sales.dunning.level': ['days'],
    }

    # === QUERY === #

    @property
    def _table_query(self):
        as_of = self._get_as_of()
        day = SQL("%s::date", as_of or fields.Date.context_today(self))
        days = SQL("(%s - i.date_due)", day)
        # Sub-selects and left joins on keys: PostgreSQL leaves out those that nobody asked for
        return SQL(
            """
            SELECT i.id, i.id AS line_id, i.move_id, m.name AS move_name, i.partner_id, i.partner_user_id, i.user_id,
                   i.team_id, (
                       SELECT CASE WHEN EXISTS (SELECT 1 FROM crm_team b WHERE b.parent_id = t.id AND b.active) THEN t.id
                                   ELSE COALESCE(t.parent_id, t.id) END
                         FROM crm_team t WHERE t.id = i.team_id
                   ) AS region_id,
                   i.company_id, i.currency_id, c.currency_id AS company_currency_id,
                   i.date, i.date_due, i.amount, i.amount_currency, i.residual, i.residual_currency,
                   %(days)s AS days_overdue,
                   %(bucket)s AS bucket_id,
                   NOT (%(owed)s) AS is_receipt,
                   %(owed)s AND %(days)s > 0 AS is_overdue,
                   CASE WHEN %(owed)s AND %(days)s > 0 THEN i.residual ELSE 0 END AS overdue,
                   COALESCE(%(disputed)s, 0) AS disputed,
                   %(dispute)s AS dispute_id,
                   %(promise)s AS promise_id,
                   %(promise_date)s AS promise_date,
                   %(dunning_level)s AS dunning_level_id,
                   m.channel_id, %(channel)s AS channel
              FROM (%(items)s) i
              LEFT JOIN account_move m ON m.id = i.move_id
              LEFT JOIN res_company c ON c.id = i.company_id
            """,
            items=items_sql(as_of), days=days,
            owed=SQL("(i.residual > 0 OR (i.residual = 0 AND i.residual_currency >= 0))"),
            bucket=self.env['sales.receivable.bucket']._bucket_sql(SQL("i.company_id"), days),
            channel=self._channel_sql(), **self._followed_sql(as_of))

    @api.model
    def _get_as_of(self):
        """Return the day that the context asks for.

        :return: the day, or None for what is open now
        :rtype: date
        :raise UserError: if the context holds no date
        """
        value = self.env.context.get(AS_OF)
        if not value:
            return None
        try:
            return fields.Date.to_date(value)
        except (ValueError, TypeError, AttributeError, KeyError):
            raise UserError(self.env._("%s is not a date: use the form 2026-01-31.", value)) from None

    @api.model
    def _channel_sql(self):
        """Return the expression of the code of the channel of the document ``m``."""
        return SQL("(SELECT ch.code FROM sales_channel ch WHERE ch.id = m.channel_id)")

    def _followed_sql(self, as_of):
        """Return the expressions of what is done about an item ``i``, as far as it was known on a past day."""
        # now, there is one at most
        disputes = SQL("FROM sales_receivable_dispute d WHERE d.line_id = i.id AND %s%s",
            self._dispute_sql(as_of), SQL(" ORDER BY d.id DESC LIMIT 1") if as_of else SQL())
        promises = SQL(
            """
            FROM sales_collection_promise_line pl
            JOIN sales_collection_promise p ON p.id = pl.promise_id
           WHERE pl.line_id = i.id AND %s
           ORDER BY p.date, p.id LIMIT 1
            """, self._promise_sql(as_of))
        return {
            'dispute': SQL("(SELECT d.id %s)", disputes),
            'disputed': SQL(
                """(SELECT CASE WHEN COALESCE(d.amount, 0) < i.residual_currency AND i.residual_currency <> 0
                            THEN i.residual * d.amount / i.residual_currency
                            ELSE i.residual END %s)""", disputes),
            'promise': SQL("(SELECT p.id %s)", promises),
            'promise_date': SQL("(SELECT p.date %s)", promises),
            'dunning_level': SQL(
                """(
                SELECT v.id
                  FROM sales_dunning_line dl
                  JOIN sales_dunning_level v ON v.id = dl.level_id
                  JOIN sales_dunning_letter dr ON dr.id = dl.letter_id
                 WHERE dl.line_id = i.id AND dl.state = 'sent' AND %s
                 ORDER BY v.days DESC LIMIT 1
                )""", SQL("dr.sent_on <= %s", self._end_of(as_of)) if as_of else SQL("TRUE")),
        }

    def _dispute_sql(self, as_of):
        if not as_of:
            return SQL("d.state = 'open'")
        return SQL(
            "d.opened_on <= %s AND (d.state = 'open' OR d.closed_on > %s)", as_of, self._end_of(as_of))

    def _promise_sql(self, as_of):
        if not as_of:
            return SQL("p.state = 'open'")
        return SQL("p.made_on <= %(day)s AND (p.state = 'open' OR p.judged_on > %(day)s)", day=as_of)

    @api.model
    def _get_disputed_ids(self):
        """Return the ids of all disputed items on the day of the context, whoever may see them; for server code."""
        as_of = self._get_as_of()
        self.env['sales.receivable.dispute'].flush_model(['line_id', 'state', 'opened_on', 'closed_on'])
        return [row[0] for row in self.env.execute_query(SQL(
            "SELECT DISTINCT d.line_id FROM sales_receivable_dispute d WHERE %s", self._dispute_sql(as_of)))]

    def _end_of(self, day):
        """Return the end of a day of the user, as a moment of the database."""
        end = self.env.tz.localize(datetime.combine(day, time.max))
        return end.astimezone(pytz.utc).replace(tzinfo=None)

    # === ACTION METHODS === #

    def action_open_document(self):
        """Open the document of an item.

        :return: window action
        :rtype: dict
        :raise AccessError: if the user may see the item but not its document
        """
        self.ensure_one()
        move = self._get_visible().move_id
        if not move.has_access('read'):
            raise AccessError(self.env._(
                "You may see what is open of %(document)s, but not the document itself. "
                "Ask accounting for a copy of it.", document=move.sudo().name or ''))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'account.move',
            'res_id': move.id,
            'views': [(False, 'form')],
        }

    def action_open_dispute(self):
        """Open the dispute about an item, or the dialog that makes one.

        :return: window action
        """
        self.ensure_one()
        row = self._get_visible()
        if row.dispute_id:
            return {
                'type': 'ir.actions.act_window',
                'res_model': 'sales.receivable.dispute',
                'res_id': row.dispute_id.id,
                'views': [(False, 'form')],
            }
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Dispute"),
            'res_model': 'sales.receivable.dispute.open',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_item_id': row.id},
        }

    def action_open_statement(self):
        """Open the account statement of the customer."""
        self.ensure_one()
        row = self._get_visible()
        return row.partner_id.with_company(row.company_id.sudo().root_id).action_print_statement()

    # === TOOLING === #

    def _get_visible(self):
        """Return these rows, all of which the user may see.

        :raise AccessError: if one of them is not his to see
        :raise UserError: if one of them is not open (any more)
        """
        rows = self.search([('id', 'in', self.ids)])
        if len(rows) < len(set(self.ids)):
            if len(self.sudo().search([('id', 'in', self.ids)])) < len(set(self.ids)):
                raise UserError(self.env._("This item is not open any more. Reload the list."))
            raise AccessError(self.env._("This item belongs to a customer of somebody else."))
        return rows
