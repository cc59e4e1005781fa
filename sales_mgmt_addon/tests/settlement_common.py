from datetime import date

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from ..internal import grant
from ..models.channel.const import LEDGER_GUARD, SELLER_GUARD
from .channel_common import ChannelCommon

CUTOFF = date(2026, 3, 31)


@freeze_time('2026-04-15')
class SettlementCommon(ChannelCommon):
    """Facts of sellers for settlement: documents with clearing items, and their ledger entries.

    The commission is 15 % and the VAT 10 %. Today is 15 April 2026 and the cut-off 31 March 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.marketplace_charge_tax_id = cls.tax
        cls.commission_account = cls.company.marketplace_commission_account_id
        cls.user_sm_settle2 = cls._create_user('sm_settle2', 'sales_mgmt_addon.group_settlement_officer')
        cls.bank = cls.env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', cls.company.id)], limit=1)
        for seller in cls.seller_1 | cls.seller_2:
            cls._give_bank_account(seller)

    @classmethod
    def _give_bank_account(cls, seller):
        """Let a seller be paid."""
        account = cls.env['res.partner.bank'].create({
            'acc_number': f"DE{seller.id:020}", 'partner_id': seller.partner_id.id, 'allow_out_payment': True})
        grant(seller, SELLER_GUARD).write({'bank_account_id': account.id, 'bank_approved': True})

    @classmethod
    def _book(cls, seller, amount, day='2026-03-10', deemed=False, commission=0.15, currency=None, **values):
        """Post a document of a seller over ``amount`` net, a credit note if negative, and book its ledger entries.

        The on-behalf VAT of 10 % goes to the clearing account too, unless the company is the deemed supplier.

        :return: posted `account.move`
        """
        currency = currency or cls.company.currency_id
        tax = cls.tax if deemed else cls.tax.on_behalf_tax_id
        move = grant(cls.env['account.move'], LEDGER_GUARD).create({
            'seller_id': seller.id, 'journal_id': cls.company.marketplace_sale_journal_id.id,
            'move_type': 'out_invoice' if amount > 0 else 'out_refund', 'partner_id': cls.buyer.id,
            'invoice_date': day, 'date': day, 'currency_id': currency.id, 'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Phone", 'quantity': 1, 'price_unit': abs(amount), 'account_id': cls.clearing.id,
                'seller_id': seller.id, 'revenue_presentation': 'agent', 'inventory_owner': 'seller',
                'tax_supplier': 'deemed' if deemed else 'seller', 'tax_ids': [Command.set(tax.ids)]})]})
        move.action_post()
        move = move.with_env(cls.env)
        cls._clear_ledger(move)
        kind = 'sale' if amount > 0 else 'refund'
        cls._book_rows(seller, move, day, currency, [
            {'kind': kind, 'amount': -line.amount_currency, 'aml_id': line.id}
            for line in move.line_ids if line.account_id == cls.clearing
        ] + ([{
            'kind': 'commission', 'amount': -currency.round(amount * commission),
            'tax_amount': -currency.round(currency.round(amount * commission) * 0.1),
            'aml_id': move.invoice_line_ids[:1].id}] if commission else []), **values)
        return move

    @classmethod
    def _clear_ledger(cls, move):
        """Take back entries that posting has booked already, so that the test books its own."""
        rows = cls.env['sales.seller.ledger'].search([('move_id', '=', move.id)])
        grant(rows, LEDGER_GUARD).unlink()

    @classmethod
    def _book_rows(cls, seller, move, day, currency, rows, **values):
        return grant(cls.env['sales.seller.ledger'], LEDGER_GUARD).create([{
            'seller_id': seller.id, 'company_id': cls.company.id, 'currency_id': currency.id, 'date': day,
            'available_date': day, 'move_id': move.id if move else False, **row, **values} for row in rows])

    def _settle(self, seller=None, cutoff=CUTOFF, post=True, user=None):
        """Return the statement of a seller until a day, posted by the officer."""
        statement = self.env['sales.settlement']._collect(seller or self.seller_1, cutoff)
        statement = statement.with_user(user or self.user_sm_settle).sudo(False)
        if post:
            statement.action_post()
        return statement

    def _pay(self, send=True):
        """Return a payout batch of everything payable, made by one officer and approved by another."""
        payout = self.env['sales.payout'].with_user(self.user_sm_settle).create({'date': fields.Date.today()})
        payout.action_collect()
        if send:
            payout.with_user(self.user_sm_settle2).action_approve()
            payout.action_send()
        return payout

    def _owed(self, seller=None):
        """Return what the payable account says we owe a seller, in company currency."""
        return -self._balance(self.payable, (seller or self.seller_1).partner_id)

    def _clearing_of(self, move):
        return move.line_ids.filtered(lambda line: line.account_id == self.clearing)
