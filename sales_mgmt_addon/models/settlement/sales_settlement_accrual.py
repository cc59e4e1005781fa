from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.date_utils import end_of, start_of

from ...internal import grant, granted
from ..channel.const import SETTLEMENT_GUARD
from .const import AREA, CHARGE_KINDS, OFFICER


class SalesSettlementAccrual(models.Model):
    """Commissions earned in a month that no statement has invoiced at its end: booked on its last day, reversed the next.

    Both entries are made at once and matched with each other, so they add up to nothing on the clearing account.
    """

    _name = 'sales.settlement.accrual'
    _description = "Commission Accrual"
    _order = 'date desc, id desc'
    _rec_name = 'date'
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(string="Month End", required=True, readonly=True)
    state = fields.Selection(
        selection=[('posted', "Posted"), ('cancelled', "Cancelled")], string="Status", required=True, readonly=True,
        default='posted')
    amount = fields.Monetary(string="Accrued Commissions", readonly=True, help="Company currency, without VAT.")
    move_id = fields.Many2one(
        comodel_name='account.move', string="Entry", readonly=True, index='btree_not_null', ondelete='restrict')
    reversal_id = fields.Many2one(
        comodel_name='account.move', string="Reversal", readonly=True, index='btree_not_null', ondelete='restrict')

    _unique_month = models.UniqueIndex(
        "(company_id, date) WHERE state = 'posted'", "The commissions of this month are accrued already.")

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self._check_server()
        return super().create(vals_list)

    def write(self, vals):
        self._check_server()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_server()

    def _check_server(self):
        if not granted(self, SETTLEMENT_GUARD):
            raise AccessError(self.env._("Accruals are made and cancelled with their buttons, not by hand."))

    #=== ACTION METHODS ===#

    @api.model
    def action_accrue(self, day=None):
        """Accrue the commissions of a month of the current company; a month that is accrued is left alone.

        :param day: a day of the month, as a date or ISO text; the last full month if empty
        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if the month has not ended or the accounts are not set up
        :return: window action that shows the accrual
        """
        self._check_officer()
        today = fields.Date.context_today(self)
        day = fields.Date.to_date(day) if day else start_of(today, 'month') - timedelta(days=1)
        self._accrue(self.env.company, end_of(day, 'month'))
        return self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_settlement_accrual_action')

    def action_cancel(self):
        """Take accruals back, for example to make them anew after late documents: both entries are cancelled.

        :raise AccessError: unless the user is a settlement officer
        :return: True
        """
        self._check_officer()
        for accrual in grant(self.sudo(), SETTLEMENT_GUARD):
            if accrual.state == 'posted':
                accrual.write({'state': 'cancelled'})
                accrual.flush_recordset()
                (accrual.reversal_id | accrual.move_id).button_cancel()
        return True

    def _check_officer(self):
        self.check_access('read')
        if not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Only a settlement officer can do this."))

    #=== BUSINESS METHODS ===#

    @api.model
    def _accrue(self, company, month_end):
        """Book what is unsettled at the end of a month, once.

        :param company: `res.company`
        :param date month_end: last day of a month that has ended
        :return: the accrual, empty if there was nothing to book; in sudo mode
        """
        if month_end >= fields.Date.context_today(self):
            raise UserError(self.env._("Commissions are accrued when the month has ended."))
        self = grant(self.sudo(), SETTLEMENT_GUARD).with_company(company)  # noqa: PLW0642
        company = company.sudo()
        if done := self.search([('company_id', '=', company.id), ('date', '=', month_end), ('state', '=', 'posted')]):
            return done
        lines = self._prepare_lines(company, month_end)
        if not lines:
            return self
        accrual = self.create({
            'company_id': company.id, 'date': month_end,
            'amount': sum(
                line['balance'] for line in lines if line['account_id'] == company.marketplace_clearing_account_id.id)})
        accrual.flush_recordset()
        move = self.env['account.move'].create({
            'move_type': 'entry', 'company_id': company.id, 'journal_id': company.marketplace_journal_id.id, 'date': month_end,
            'ref': self.env._("Commissions not settled yet"), 'line_ids': [Command.create(line) for line in lines]})
        move._post(soft=False)
        reversal = move._reverse_moves([{
            'date': month_end + timedelta(days=1),
            'ref': self.env._("Reversal: %(what)s", what=move.ref)}], cancel=True)
        accrual.write({'move_id': move.id, 'reversal_id': reversal.id})
        return accrual

    def _prepare_lines(self, company, month_end):
        """Return journal items: clearing and income per seller, currency and kind."""
        accounts = {'commission': company.marketplace_commission_account_id, 'fee': company.marketplace_fee_account_id}
        company._check_marketplace_ready()
        lines = []
        for seller_id, currency_id, kind, amount in self._get_unsettled(company, month_end):
            seller, currency = self.env['sales.seller'].browse(seller_id), self.env['res.currency'].browse(currency_id)
            amount = currency.round(float(amount))
            balance = currency._convert(amount, company.currency_id, company, month_end)
            if currency.is_zero(amount) or company.currency_id.is_zero(balance):
                continue
            for account, sign in ((company.marketplace_clearing_account_id, -1), (accounts[kind], 1)):
                lines.append({
                    'name': self.env._("Commissions not settled yet: %(seller)s", seller=seller.name), 'account_id': account.id,
                    'partner_id': seller.partner_id.id, 'seller_id': seller.id, 'currency_id': currency.id,
                    'amount_currency': sign * amount, 'balance': sign * balance, 'tax_ids': [Command.clear()]})
        return lines

    def _get_unsettled(self, company, month_end):
        """Return (seller, currency, kind, net amount) of charges that no document has booked by the month end."""
        self.env['sales.seller.ledger'].flush_model()
        self.env['sales.settlement'].flush_model()
        return self.env.execute_query(SQL(
            """
            SELECT r.seller_id, r.currency_id, r.kind, SUM(r.amount)
              FROM sales_seller_ledger r
         LEFT JOIN sales_settlement s ON s.id = r.settlement_id
             WHERE r.company_id = %(company)s AND r.kind = ANY(%(kinds)s) AND r.date <= %(day)s
               AND (s.id IS NULL OR s.state NOT IN ('posted', 'paid') OR s.date > %(day)s)
          GROUP BY r.seller_id, r.currency_id, r.kind ORDER BY r.seller_id, r.currency_id, r.kind
            """, company=company.id, kinds=list(CHARGE_KINDS), day=month_end))

    @api.model
    def _cron_accrue(self):
        """Accrue the last month for companies that want it, once; a company that cannot is told of in the log."""
        if not self.env['res.groups']._is_feature_enabled(AREA):
            return
        month_end = start_of(fields.Date.context_today(self), 'month') - timedelta(days=1)
        for company in self.env['res.company'].search([('settlement_accrue', '=', True)]):
            self._accrue(company, month_end)
            self.env['ir.cron']._commit_progress(1)
