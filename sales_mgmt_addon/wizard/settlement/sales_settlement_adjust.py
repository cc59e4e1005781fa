from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...internal import grant
from ...models.channel.const import LEDGER_GUARD
from ...models.settlement.const import OFFICER

# Accounts that close by themselves take no adjustment
CLOSED_TYPES = (
    'asset_receivable', 'liability_payable', 'asset_cash', 'liability_credit_card', 'off_balance', 'equity_unaffected')
OWN_ACCOUNTS = ('marketplace_clearing_account_id', 'marketplace_payable_account_id', 'marketplace_reserve_account_id')


class SalesSettlementAdjust(models.TransientModel):
    """Enter what no document of a sale says: goods we lost, a penalty, rent, a minimum guarantee."""

    _name = 'sales.settlement.adjust'
    _description = "Adjust a Seller's Ledger"

    seller_id = fields.Many2one(comodel_name='sales.seller', string="Seller", required=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id')
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, compute='_compute_currency_id', store=True,
        readonly=False, precompute=True)
    kind = fields.Selection(
        selection=[('adjust', "Adjustment or claim"), ('fee', "Fee that we invoice, such as rent")],
        string="Kind", required=True, default='adjust')
    direction = fields.Selection(
        selection=[('credit', "The seller gets it"), ('debit', "The seller pays it")], string="Direction", required=True,
        default='debit')
    amount = fields.Monetary(string="Amount", required=True, help="Without VAT.")
    with_tax = fields.Boolean(string="With VAT", default=True)
    account_id = fields.Many2one(
        comodel_name='account.account', string="Account", compute='_compute_account_id', store=True, readonly=False,
        precompute=True,
        domain="[('company_ids', 'in', company_id), ('account_type', 'not in', "
               "('asset_receivable', 'liability_payable', 'asset_cash', 'liability_credit_card', 'off_balance'))]")
    date = fields.Date(string="Date", required=True, default=fields.Date.context_today)
    reason = fields.Char(string="Reason", required=True)
    document = fields.Char(string="Document", help="Number of the claim, the contract or the report.")
    attachment_ids = fields.Many2many(comodel_name='ir.attachment', string="Attachments")

    @api.depends('seller_id')
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.seller_id.currency_id or self.env.company.currency_id

    @api.depends('kind', 'seller_id')
    def _compute_account_id(self):
        for wizard in self:
            company = wizard.seller_id.company_id.sudo()
            wizard.account_id = company.marketplace_fee_account_id if wizard.kind == 'fee' else False

    @api.constrains('seller_id')
    def _check_seller(self):
        """A client may name any seller."""
        self.seller_id.sudo(False).check_access('read')

    @api.constrains('amount')
    def _check_amount(self):
        for wizard in self:
            if wizard.currency_id.compare_amounts(wizard.amount, 0.0) <= 0:
                raise ValidationError(self.env._("Enter an amount above zero; the direction says who pays it."))

    def action_book(self):
        """Enter the amount in the ledger; the next statement takes it.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if the reason, the account or the VAT is missing
        :return: action that closes the form
        """
        self.ensure_one()
        self.check_access('write')
        if not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Only a settlement officer can adjust the ledger of a seller."))
        self.seller_id.sudo(False).check_access('read')
        self._check_account()
        entry = grant(self.env['sales.seller.ledger'].sudo(), LEDGER_GUARD).create(self._prepare_entry())
        self._attach(entry)
        # salespeople read what is said on a seller, but not what he is paid
        self.seller_id.sudo().message_post(body=self.env._("An adjustment was booked: see the ledger."))
        return {'type': 'ir.actions.act_window_close'}

    def _attach(self, entry):
        """Keep the user's files with the entry, for those who may read it."""
        files = self.attachment_ids.sudo().filtered(
            lambda file: file.create_uid == self.env.user and file.res_model == self._name and not file.res_id)
        files.write({'res_model': entry._name, 'res_id': entry.id})
        grant(entry, LEDGER_GUARD).document_ids = files

    def _check_account(self):
        company, account = self.seller_id.company_id.sudo(), self.account_id.sudo()
        if not self.reason.strip():
            raise UserError(self.env._("Give the reason."))
        if not account:
            raise UserError(self.env._("Choose the account on the other side."))
        if (account.account_type in CLOSED_TYPES or account in [company[name] for name in OWN_ACCOUNTS]
                or company not in account.company_ids):
            raise UserError(self.env._(
                "%(account)s cannot take an adjustment. Choose an income, expense or balance sheet account of %(company)s.",
                account=account.display_name, company=company.name))

    def _prepare_entry(self):
        sign = 1 if self.direction == 'credit' else -1
        amount = sign * self.currency_id.round(self.amount)
        return {
            'seller_id': self.seller_id.id, 'company_id': self.seller_id.company_id.id, 'currency_id': self.currency_id.id,
            'date': self.date, 'available_date': self.date, 'kind': self.kind, 'amount': amount,
            'tax_amount': self._get_tax_amount(amount), 'account_id': self.account_id.id,
            'note': " · ".join(filter(None, [self.reason.strip(), self.document]))}

    def _get_tax_amount(self, amount):
        if self.kind != 'fee' or not self.with_tax:
            return 0.0
        if not self.seller_id.company_id.sudo().marketplace_charge_tax_id:
            raise UserError(self.env._("Set the VAT on commissions in the settings, or book the fee without VAT."))
        return self.env['sales.seller.ledger']._compute_charge_tax(
            self.seller_id.sudo()._get_charge_taxes(), amount, self.currency_id)
