from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...internal import granted

GUARD = 'receivable.recovery'


class SalesReceivableRecovery(models.Model):
    """Money that came in for a written-off item after all."""

    _name = 'sales.receivable.recovery'
    _description = "Recovery"
    _order = 'date desc, id desc'

    write_off_id = fields.Many2one(
        comodel_name='sales.receivable.write.off', string="Write-Off", required=True, readonly=True, index=True,
        ondelete='restrict')
    partner_id = fields.Many2one(related='write_off_id.partner_id', store=True, index=True)
    company_id = fields.Many2one(related='write_off_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(string="Date", required=True, readonly=True)
    amount = fields.Monetary(string="Amount", required=True, readonly=True)
    move_id = fields.Many2one(
        comodel_name='account.move', string="Journal Entry", readonly=True, index='btree_not_null', ondelete='restrict',
        groups='account.group_account_invoice,account.group_account_readonly')
    # Derived from the entry, whatever somebody does to it
    state = fields.Selection(
        selection=[('posted', "Posted"), ('reversed', "Reversed")],
        string="Status", compute='_compute_state', store=True)

    @api.depends('move_id.state', 'move_id.reversal_move_ids.state')
    def _compute_state(self):
        for recovery in self:
            move = recovery.sudo().move_id
            recovery.state = 'posted' if move and move._loss_is_in_books() else 'reversed'

    @api.model_create_multi
    def create(self, vals_list):
        self._check_guard()
        return super().create(vals_list)

    def write(self, vals):
        self._check_guard()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A recovery stays on record. Reverse its journal entry instead."))

    def action_reverse(self):
        """Take a recovery back by a reversal of its entry, as accounting staff.

        :raise AccessError: if the user is none
        :raise UserError: if it was reversed already, or today is locked
        :return: True
        """
        self.check_access('read')
        self.write_off_id._check_bookkeeper()
        for recovery in self.sudo():
            if recovery.state != 'posted':
                raise UserError(self.env._("This recovery was reversed already."))
            move, day = recovery.move_id, recovery.move_id.date
            if recovery.company_id._get_violated_lock_dates(day, False, move.journal_id):
                day = fields.Date.context_today(self)
                recovery.company_id._check_loss_period(day, move.journal_id)
            move._reverse_moves([{
                'date': day, 'ref': self.env._("Reversal of %(entry)s", entry=move.name)}], cancel=True)
        return True

    def _check_guard(self):
        if not granted(self, GUARD):
            raise AccessError(self.env._("Recoveries are booked with the button of the write-off."))

    #=== BUSINESS METHODS ===#

    def _book(self, journal, receipt):
        """Book the recovery in a journal of money, or against an unapplied receipt. In sudo mode, once.

        :param journal: `account.journal` of type bank, cash or credit card; not used with a receipt
        :param receipt: `account.move.line` or None
        :raise UserError: if a setting is missing, the journal has no account or the period is locked
        """
        self.ensure_one()
        loss_journal, income = self.company_id._get_loss_settings('loss_journal_id', 'loss_recovery_account_id') \
            if receipt else (journal, *self.company_id._get_loss_settings('loss_recovery_account_id'))
        debit = self._prepare_receipt_line(receipt) if receipt else self._prepare_money_line(journal)
        self.company_id._check_loss_period(self.date, loss_journal)
        label = self.env._("Recovery of %(write_off)s: %(customer)s", write_off=self.write_off_id.name,
                           customer=self.partner_id.name)
        move = self.env['account.move'].with_company(self.company_id).create({
            'move_type': 'entry', 'company_id': self.company_id.id, 'journal_id': loss_journal.id, 'date': self.date,
            'ref': label,
            'line_ids': [
                Command.create({'name': label, 'sequence': 1, **debit}),
                Command.create({
                    'name': label, 'account_id': income.id, 'partner_id': self.partner_id.id, 'balance': -self.amount,
                    'currency_id': self.currency_id.id, 'sequence': 2, 'tax_ids': [Command.clear()]}),
            ],
        })
        move._post(soft=False)
        self.move_id = move
        if receipt:
            (receipt + move.line_ids.filtered(lambda line: line.account_id == receipt.account_id)).reconcile()

    def _prepare_money_line(self, journal):
        """Return the values of the line that brings the money in.

        The money waits on the outstanding receipts account of the journal for the bank statement, where there is one.

        :raise UserError: if the journal is of another kind or has no account
        """
        journal = journal.sudo() if journal else self.env['account.journal']
        if journal.type not in ('bank', 'cash', 'credit') or journal.company_id not in (
                self.company_id, self.company_id.root_id):
            raise UserError(self.env._("Choose the bank or cash journal of %(company)s that the money came in by.",
                                       company=self.company_id.name))
        account = journal.inbound_payment_method_line_ids.payment_account_id[:1] or journal.default_account_id
        if not account:
            raise UserError(self.env._("The journal %(journal)s has no account. Set it up first.", journal=journal.name))
        return {
            'account_id': account.id, 'partner_id': self.partner_id.id, 'balance': self.amount,
            'currency_id': self.currency_id.id}

    def _prepare_receipt_line(self, receipt):
        """Return the values of the line that uses up a part of a receipt, at the rate at which it stands in the books."""
        whole = self.currency_id.compare_amounts(self.amount, -receipt.amount_residual) == 0
        part = -receipt.amount_residual_currency * self.amount / -receipt.amount_residual
        return {
            'account_id': receipt.account_id.id, 'partner_id': receipt.partner_id.id, 'balance': self.amount,
            'currency_id': receipt.currency_id.id,
            'amount_currency': -receipt.amount_residual_currency if whole else receipt.currency_id.round(part)}
