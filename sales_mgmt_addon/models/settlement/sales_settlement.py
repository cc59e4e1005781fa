from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ...internal import grant, granted
from ..channel.const import LEDGER_GUARD, SETTLEMENT_GUARD
from .const import OFFICER, PARTS


class SalesSettlement(models.Model):
    """Statement of a seller in one currency: opening balance, what happened, closing balance.

    The closing balance is the balance of his payable account when it is posted. Statements are made, posted
    and cancelled by methods only; nothing of them is entered by hand.
    """

    _name = 'sales.settlement'
    _description = "Settlement Statement"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_to desc, id desc'
    _check_company_auto = True
    _mail_post_access = 'read'

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index='trigram')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    partner_id = fields.Many2one(related='seller_id.partner_id', string="Partner")
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='restrict')
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, readonly=True, ondelete='restrict')
    date_to = fields.Date(string="Cut-off", required=True, readonly=True)
    date = fields.Date(string="Accounting Date", readonly=True, copy=False)
    state = fields.Selection(
        selection=[('draft', "Draft"), ('posted', "Posted"), ('paid', "Paid"), ('cancelled', "Cancelled")],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True, index=True,
        group_expand=True)
    ledger_ids = fields.One2many(
        comodel_name='sales.seller.ledger', inverse_name='settlement_id', string="Entries", readonly=True)
    entry_count = fields.Integer(string="Number of Entries", readonly=True, copy=False)
    amount_opening = fields.Monetary(string="Opening Balance", readonly=True, copy=False)
    amount_sales = fields.Monetary(string="Sales", readonly=True, copy=False)
    amount_refunds = fields.Monetary(string="Refunds", readonly=True, copy=False)
    amount_commissions = fields.Monetary(string="Commissions with VAT", readonly=True, copy=False)
    amount_fees = fields.Monetary(string="Fees with VAT", readonly=True, copy=False)
    amount_adjustments = fields.Monetary(string="Adjustments", readonly=True, copy=False)
    amount_reserve = fields.Monetary(string="Reserve", readonly=True, copy=False)
    amount_payouts = fields.Monetary(string="Payouts", readonly=True, copy=False)
    amount_net = fields.Monetary(
        string="Net", readonly=True, copy=False, help="What the entries of the statement add up to, without the opening balance.")
    amount_closing = fields.Monetary(
        string="Closing Balance", readonly=True, copy=False, help="What we owe the seller (+) or he owes us (-).")
    charge_move_id = fields.Many2one(
        comodel_name='account.move', string="Commission Invoice", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    bill_move_id = fields.Many2one(
        comodel_name='account.move', string="Self-Billed Invoice", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', help="Our purchase of goods of the seller that we sold in our own name.")
    move_id = fields.Many2one(
        comodel_name='account.move', string="Journal Entry", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    posted_by_id = fields.Many2one(
        comodel_name='res.users', string="Posted By", readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    posted_on = fields.Datetime(string="Posted On", readonly=True, copy=False)
    payout_id = fields.Many2one(
        comodel_name='sales.payout', string="Payout Batch", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', check_company=True, help="The batch that pays it; a statement is in one batch at most.")
    payment_ids = fields.One2many(
        comodel_name='account.payment', inverse_name='settlement_id', string="Payments", readonly=True)

    _unique_draft = models.UniqueIndex(
        "(seller_id, company_id, currency_id) WHERE state = 'draft'", "The seller has a draft statement in this currency.")
    _unique_name = models.UniqueIndex("(company_id, name) WHERE name != '/'", "This statement number is taken.")

    #=== COMPUTE METHODS ===#

    @api.depends('name', 'state', 'seller_id.name', 'date_to')
    def _compute_display_name(self):
        for settlement in self:
            settlement.display_name = settlement.name if settlement.name != "/" else self.env._(
                "Draft: %(seller)s until %(day)s", seller=settlement.seller_id.name or "",
                day=format_date(self.env, settlement.date_to) if settlement.date_to else "")

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self._check_server(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        # activities and followers are everybody's
        if not vals.keys() <= {'activity_ids', 'message_follower_ids', 'message_ids'}:
            self._check_server([vals])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, SETTLEMENT_GUARD):
            raise UserError(self.env._("Statements stay in the history. Cancel it instead."))

    def _check_server(self, vals_list):
        if vals_list and not granted(self, SETTLEMENT_GUARD):
            raise AccessError(self.env._("Statements are made, posted and cancelled with their buttons, not by hand."))

    def _set(self, vals):
        """Write what only the server writes, at once: a seller has one draft per currency, says the database."""
        grant(self.sudo(), SETTLEMENT_GUARD).write(vals)
        self.flush_recordset()

    #=== ACTION METHODS ===#

    def action_collect(self):
        """Take the entries that were booked since into the drafts, up to their cut-off.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if a statement is no draft
        :return: True
        """
        self._check_officer()
        for settlement in self.sorted('id'):
            settlement.seller_id.sudo()._serialise_settlement()
            settlement.invalidate_recordset(['state'])
            if settlement.state != 'draft':
                raise UserError(self.env._("%(statement)s is no draft.", statement=settlement.display_name))
            settlement.sudo()._take_entries()
        return True

    def action_open_entries(self):
        """Open the ledger entries of the statement."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Entries of %(statement)s", statement=self.display_name),
            'res_model': 'sales.seller.ledger',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('settlement_id', '=', self.id)],
        }

    def action_open_moves(self):
        """Open the journal entry, the invoices of the statement and what reverses them."""
        self.ensure_one()
        self.check_access('read')
        moves = self.sudo().move_id | self.sudo().charge_move_id | self.sudo().bill_move_id
        moves |= moves.reversal_move_ids | self.sudo().payment_ids.move_id
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Journal Entries"),
            'res_model': 'account.move',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', moves.ids)],
        }

    def _check_officer(self):
        """Let settlement officers pass, for statements of companies they have access to.

        :raise AccessError: for everybody else
        """
        self.check_access('read')
        if not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Only a settlement officer can do this."))

    #=== BUSINESS METHODS - COLLECTING ===#

    @api.model
    def _collect(self, sellers, cutoff, currency=None):
        """Make drafts of what the sellers have in their ledger until a day, one per currency; fill open drafts up.

        :param sellers: `sales.seller` of one or more companies
        :param date cutoff: last day of the statements, not in the future
        :param currency: `res.currency`, of this one only
        :raise UserError: if the day is in the future
        :return: drafts with entries, in sudo mode
        """
        if cutoff > fields.Date.context_today(self):
            raise UserError(self.env._("A statement cannot end in the future."))
        drafts = self.sudo().browse()
        for seller in sellers.sudo().sorted('id'):
            seller._serialise_settlement()
            for money in self._get_currencies_to_settle(seller, cutoff):
                if not currency or money == currency:
                    drafts += self._get_draft(seller, money, cutoff)
        for draft in drafts:
            draft._take_entries()
        return drafts

    @api.model
    def _get_currencies_to_settle(self, seller, cutoff):
        """Return the currencies in which a seller has entries that a statement until ``cutoff`` takes."""
        groups = self.env['sales.seller.ledger'].sudo()._read_group(
            [('seller_id', '=', seller.id), ('company_id', '=', seller.company_id.id), ('settlement_id', '=', False),
             ('date', '<=', cutoff), ('available_date', '<=', cutoff)], ['currency_id'])
        return self.env['res.currency'].union(*(currency for [currency] in groups)).sorted('id')

    @api.model
    def _get_draft(self, seller, currency, cutoff):
        """Return the open draft of a seller in a currency, moved to ``cutoff`` if that is later, or a new one."""
        draft = self.sudo().search([
            ('seller_id', '=', seller.id), ('company_id', '=', seller.company_id.id), ('currency_id', '=', currency.id),
            ('state', '=', 'draft')])
        if not draft:
            draft = grant(self.sudo(), SETTLEMENT_GUARD).create({
                'seller_id': seller.id, 'company_id': seller.company_id.id, 'currency_id': currency.id,
                'date_to': cutoff}).with_env(self.sudo().env)
        elif draft.date_to < cutoff:
            draft._set({'date_to': cutoff})
        return draft

    def _take_entries(self):
        """Put the open entries of the seller up to the cut-off into the draft, in one statement. Note: self.ensure_one()"""
        self.ensure_one()
        self.flush_recordset()
        self.env['sales.seller.ledger'].flush_model()
        self.env.cr.execute(SQL(
            """
            UPDATE sales_seller_ledger SET settlement_id = %(id)s
             WHERE seller_id = %(seller)s AND company_id = %(company)s AND currency_id = %(currency)s
               AND settlement_id IS NULL AND date <= %(cutoff)s AND available_date <= %(cutoff)s
            """,
            id=self.id, seller=self.seller_id.id, company=self.company_id.id, currency=self.currency_id.id,
            cutoff=self.date_to))
        self._forget_entries()
        self._refresh_amounts()

    def _free_entries(self):
        """Give the entries back, so that another statement can take them; what posting had added is deleted."""
        own = self.env['sales.seller.ledger'].sudo().search([
            ('origin_settlement_id', 'in', self.ids)])
        grant(own, LEDGER_GUARD).unlink()
        self.env['sales.seller.ledger'].flush_model()
        self.env.cr.execute(SQL(
            "UPDATE sales_seller_ledger SET settlement_id = NULL WHERE settlement_id = ANY(%s)", self.ids))
        self._forget_entries()

    def _forget_entries(self):
        self.env['sales.seller.ledger'].invalidate_model(['settlement_id'])
        self.invalidate_recordset(['ledger_ids'])

    def _refresh_amounts(self, **others):
        """Sum up the entries of a statement by kind. Amounts are signed as the seller sees them. Note: self.ensure_one()

        :param others: values that are written with them
        """
        self.ensure_one()
        groups = self.env['sales.seller.ledger'].sudo()._read_group(
            [('settlement_id', '=', self.id)], ['kind'], ['amount:sum', 'tax_amount:sum', '__count'])
        by_kind = {kind: amount + tax for kind, amount, tax, _count in groups}
        amounts = {
            part: self.currency_id.round(sum(by_kind.get(kind, 0.0) for kind in kinds)) for part, kinds in PARTS.items()}
        opening, payouts, others_on_account = self._get_balances()
        amounts['amount_adjustments'] += others_on_account
        net = sum(amounts.values())
        self._set({
            **amounts, **others, 'amount_opening': opening, 'amount_payouts': payouts,
            'amount_net': self.currency_id.round(net),
            'amount_closing': self.currency_id.round(opening + net + payouts),
            'entry_count': sum(count for *_amounts, count in groups)})

    def _get_previous(self):
        """Return the statement in force before this one, in the same currency."""
        return self.search([
            ('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id),
            ('currency_id', '=', self.currency_id.id), ('state', 'in', ('posted', 'paid')), ('id', '!=', self.id),
        ], order='id desc', limit=1)

    def _get_balances(self):
        """Return what the payable account of the seller holds before this statement is posted.

        :return: tuple of the opening balance (closing of the previous statement), payouts since, and other items
            that somebody booked on the account since; signed as the seller sees them. Without a previous statement
            other items are the opening balance.
        """
        balance, paid = self._get_payable_balance()
        previous = self._get_previous()
        [[counted]] = self.env['sales.settlement']._read_group(
            [('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id),
             ('currency_id', '=', self.currency_id.id), ('state', 'in', ('posted', 'paid')), ('id', '!=', self.id)],
            [], ['amount_payouts:sum'])
        payouts = self.currency_id.round(paid - (counted or 0.0))
        if not previous:
            return self.currency_id.round(balance - payouts), payouts, 0.0
        opening = previous.amount_closing
        return opening, payouts, self.currency_id.round(balance - opening - payouts)

    def _get_payable_balance(self):
        """Return the balance of the seller's payable account and the part of it that payments made, as he sees them."""
        self.env['account.move.line'].flush_model()
        self.env['account.move'].flush_model(['origin_payment_id', 'reversed_entry_id'])
        account = self.company_id.marketplace_payable_account_id
        [(balance, paid)] = self.env.execute_query(SQL(
            """
            SELECT COALESCE(-SUM(l.amount_currency), 0),
                   COALESCE(-SUM(l.amount_currency) FILTER (
                       WHERE m.origin_payment_id IS NOT NULL OR r.origin_payment_id IS NOT NULL), 0)
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
         LEFT JOIN account_move r ON r.id = m.reversed_entry_id
             WHERE l.account_id = %(account)s AND l.partner_id = %(partner)s AND l.company_id = %(company)s
               AND l.currency_id = %(currency)s AND l.parent_state = 'posted'
            """,
            account=account.id, partner=self.seller_id.partner_id.id, company=self.company_id.id,
            currency=self.currency_id.id))
        return float(balance), float(paid)
