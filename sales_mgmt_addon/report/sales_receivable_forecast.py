from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..models.receivable.behaviour import SOURCES as BEHAVIOUR_SOURCES
from ..models.receivable.forecast_sql import COMPANY, DISPUTE, HISTORY, PROMISE, expected_sql
from ..models.receivable.items import SOURCES as ITEM_SOURCES

PACKS = 3


class SalesReceivableForecast(models.Model):
    """The cash that is expected: a row per open instalment, with the week in which it is likely to be paid.

    How the day is reckoned, see :mod:`..models.receivable.forecast_sql`. The id of a row is that of its journal item.
    """

    _name = 'sales.receivable.forecast'
    _description = "Cash Forecast"
    _auto = False
    _rec_name = 'move_name'
    _order = 'expected_date, id'

    move_name = fields.Char(string="Document", readonly=True)
    move_id = fields.Many2one(comodel_name='account.move', string="Journal Entry", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    partner_user_id = fields.Many2one(comodel_name='res.users', string="Salesperson of the Customer", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name='crm.team', string="Sales Team", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', string="Company", readonly=True)
    company_currency_id = fields.Many2one(comodel_name='res.currency', string="Company Currency", readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    residual = fields.Monetary(string="Expected", readonly=True, currency_field='company_currency_id')
    residual_currency = fields.Monetary(
        string="Open in Currency", readonly=True, currency_field='currency_id', aggregator=None)
    basis = fields.Selection(
        selection=[
            (PROMISE, "Promise"),
            (HISTORY, "Delay of the customer"),
            (COMPANY, "Delay of all customers"),
            (DISPUTE, "Uncertain: in dispute"),
        ],
        string="Reckoned By", readonly=True,
        help="The day of a promise that runs; else the due date plus the average delay of the customer's payments in the "
             "last 12 months, or of all customers if he paid fewer than three instalments. Never a day that has passed. "
             "What is in dispute is expected in no week.")
    delay = fields.Integer(string="Delay (Days)", readonly=True, aggregator='avg')
    expected_date = fields.Date(string="Expected On", readonly=True)
    week = fields.Date(string="Week From", readonly=True, help="Monday of the week.")
    promise_id = fields.Many2one(comodel_name='sales.collection.promise', string="Promise", readonly=True)
    dispute_id = fields.Many2one(comodel_name='sales.receivable.dispute', string="Dispute", readonly=True)

    _depends = {
        **{name: sorted({*ITEM_SOURCES.get(name, ()), *BEHAVIOUR_SOURCES.get(name, ())})
           for name in {**ITEM_SOURCES, **BEHAVIOUR_SOURCES}},
        'sales.receivable.dispute': ['line_id', 'state'],
        'sales.collection.promise.line': ['line_id', 'promise_id'],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT x.id, x.move_id, m.name AS move_name, x.partner_id, x.partner_user_id, x.user_id, x.team_id,
                   x.company_id, c.currency_id AS company_currency_id, x.currency_id, x.date_due,
                   x.residual, x.residual_currency, x.basis, x.delay, x.expected_date, x.week, x.promise_id, x.dispute_id
              FROM (%s) x
              JOIN account_move m ON m.id = x.move_id
              JOIN res_company c ON c.id = x.company_id
            """, expected_sql(fields.Date.context_today(self)))

    # === ACTION METHODS === #

    @api.model
    def action_open_forecast(self):
        """Open the cash forecast, and say how good those of the last packs were.

        :return: window action
        :rtype: dict
        """
        self.browse().check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_receivable_forecast_action')
        error = self._get_past_error()
        if error is not None:
            action['name'] = action['display_name'] = self.env._(
                "%(name)s (past error %(error)s %%)", name=action['name'], error=formatLang(self.env, 100 * error, digits=0))
        return action

    @api.model
    def _get_past_error(self):
        """Return the past error of the forecasts of the user's own newest pack, else of the newest one he may see.

        See `sales.receivable.pack.forecast_error` for the formula.

        :return: share of the expected amount, or None as long as no week of a pack is over
        :rtype: float
        """
        packs = self.env['sales.receivable.pack']
        if not packs.has_access('read'):
            return None
        domain = [('state', '!=', 'draft'), ('company_id', 'in', self.env.companies.root_id.ids)]
        own = packs.search([*domain, ('user_id', '=', self.env.uid)], limit=1)
        for pack in own or packs.search(domain, order='date desc, team_id, id', limit=PACKS):
            errors = pack._get_forecast_errors()
            if errors:
                return errors[pack.id]
        return None
