from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from ...internal import grant

BOOKKEEPERS = ('account.group_account_invoice', 'account.group_account_user')


class SalesReceivableWriteOff(models.Model):
    """The entries of a write-off: booking after the approval, reversal and recovery."""

    _inherit = 'sales.receivable.write.off'

    #=== ACTION METHODS ===#

    def action_reverse(self):
        """Take the entry back: the items are open again. As a bookkeeper.

        Rights: `account.group_account_invoice` or `account.group_account_user`. The reversal has the day of the entry or,
        if that period is locked, today.

        :raise AccessError: if the user is no bookkeeper
        :raise UserError: if it is not booked, or something was recovered of it
        :return: True
        """
        self._check_bookkeeper()
        for write_off in self.sorted('id'):
            if write_off.state != 'booked':
                raise UserError(self.env._("%(write_off)s is not booked.", write_off=write_off.name))
            write_off._serialise()
            if write_off.recovered_amount:
                raise UserError(self.env._(
                    "%(amount)s of %(write_off)s was recovered. Reverse the recoveries first.",
                    amount=write_off._format(write_off.recovered_amount), write_off=write_off.name))
            write_off.sudo()._reverse()
        return True

    def action_recover(self):
        """Open the form to book money that came in for the written-off items, as a bookkeeper.

        :return: window action
        :rtype: dict
        """
        self.ensure_one()
        self._check_bookkeeper()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Book a Recovery"),
            'res_model': 'sales.receivable.recover',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_write_off_id': self.id},
        }

    def action_open_moves(self):
        """Open the entry, its reversal and the entries of recoveries."""
        self.ensure_one()
        moves = self.move_id | self.move_id.reversal_move_ids | self.recovery_ids.move_id
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Journal Entries"),
            'res_model': 'account.move',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', moves.ids)],
        }

    #=== BUSINESS METHODS - BOOKING ===#

    def _book(self):
        """Book an approved write-off and match it with the items. In sudo mode. Note: self.ensure_one()

        Whoever approves need not be an accountant: the approval is the permission. An exchange difference is left to Odoo.

        :raise UserError: if an item has changed, a setting is missing or the period is locked; nothing is booked then
        """
        self.ensure_one()
        # only what was approved may be given up: the frozen residual is read anew and must hold the amount
        self.line_ids._refresh()
        self.line_ids._check_amounts()
        target = 'loss_allowance_account_id' if self.against == 'allowance' else 'loss_expense_account_id'
        journal, account = self.company_id._get_loss_settings('loss_journal_id', target)
        day = self.date or fields.Date.context_today(self)
        self.company_id._check_loss_period(day, journal)
        move = self.env['account.move'].with_company(self.company_id).create(self._prepare_move(journal, account, day))
        move._post(soft=False)
        self._set({'step': 'booked', 'booked_on': fields.Datetime.now(), 'move_id': move.id, 'date': day})
        claims = move.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable').sorted('sequence')
        for line, counterpart in zip(self.line_ids.sorted('id'), claims, strict=True):
            (line.line_id + counterpart).reconcile()
        self._follow_up()

    def _prepare_move(self, journal, account, day):
        lines = self.line_ids.sorted('id')
        label = self.env._("Write-off %(write_off)s: %(customer)s", write_off=self.name, customer=self.partner_id.name)
        return {
            'move_type': 'entry', 'company_id': self.company_id.id, 'journal_id': journal.id, 'date': day, 'ref': label,
            'line_ids': [
                *(Command.create(self._prepare_claim_line(line, label, index)) for index, line in enumerate(lines, 1)),
                Command.create({
                    'name': label, 'account_id': account.id, 'partner_id': self.partner_id.id,
                    'currency_id': self.currency_id.id, 'balance': sum(lines.mapped('amount_company')),
                    'sequence': 1000, 'tax_ids': [Command.clear()]}),
            ],
        }

    def _prepare_claim_line(self, line, label, sequence):
        item = line.line_id
        return {
            'name': f"{label} ({line.move_name})", 'account_id': item.account_id.id, 'partner_id': item.partner_id.id,
            'currency_id': line.currency_id.id, 'amount_currency': -line.amount, 'balance': -line.amount_company,
            'sequence': sequence,
        }

    def _reverse(self):
        self.ensure_one()
        move, day = self.move_id, self.move_id.date
        if self.company_id._get_violated_lock_dates(day, False, move.journal_id):
            day = fields.Date.context_today(self)
            self.company_id._check_loss_period(day, move.journal_id)
        move._reverse_moves([{
            'date': day, 'ref': self.env._("Reversal of %(entry)s", entry=move.name)}], cancel=True)
        self._follow_up()

    def _follow_up(self):
        """Let the collection case of the customer see what is open now."""
        self.env['sales.collection.case']._sync(self.partner_id, self.company_id)

    #=== BUSINESS METHODS - RECOVERY ===#

    def _recover(self, amount, day, journal=None, receipt=None):
        """Book money that came in after all.

        Without a receipt it is entered in a bank or cash journal; with one, the receipt of the customer is matched with
        the recovery instead of an invoice.

        :param float amount: company currency
        :param date day: accounting date
        :param journal: `account.journal` of type bank, cash or credit card
        :param receipt: `account.move.line`, an unapplied receipt of the customer
        :return: the `sales.receivable.recovery`, in sudo mode
        :raise AccessError: if the user is no bookkeeper
        :raise UserError: if it is not booked, more than was written off, or the receipt does not fit
        """
        self.ensure_one()
        self._check_bookkeeper()
        trusted = self.sudo()
        trusted._serialise()
        trusted._check_recovery(amount, receipt)
        recovery = grant(trusted.env['sales.receivable.recovery'], 'receivable.recovery').create({
            'write_off_id': self.id, 'amount': trusted.currency_id.round(amount), 'date': day})
        recovery._book(journal, receipt.sudo() if receipt else None)
        return recovery

    def _check_recovery(self, amount, receipt):
        compare = self.currency_id.compare_amounts
        if self.state != 'booked':
            raise UserError(self.env._("%(write_off)s is not booked, so nothing can be recovered of it.", write_off=self.name))
        left = self.amount_total - self.recovered_amount
        if compare(amount, 0.0) <= 0 or compare(amount, left) > 0:
            raise UserError(self.env._(
                "Of %(write_off)s, more than nothing and at most %(left)s can be recovered.",
                write_off=self.name, left=self._format(left)))
        if receipt:
            receipt = receipt.sudo().exists()
            if not receipt or receipt.partner_id.commercial_partner_id != self.partner_id or (
                    receipt.company_id != self.company_id or receipt.parent_state != 'posted'
                    or receipt.account_id.account_type != 'asset_receivable'
                    or compare(receipt.amount_residual, 0.0) >= 0):
                raise UserError(self.env._("This is no unapplied receipt of %(customer)s.", customer=self.partner_id.name))
            if compare(amount, -receipt.amount_residual) > 0:
                raise UserError(self.env._(
                    "Only %(amount)s of the receipt is unapplied.", amount=self._format(-receipt.amount_residual)))

    def _check_bookkeeper(self):
        self.check_access('read')
        if not self.env.su and not any(self.env.user.has_group(group) for group in BOOKKEEPERS):
            raise AccessError(self.env._("Only accounting staff can book recoveries or reverse a write-off."))

    def _serialise(self):
        """Let parallel reversals and recoveries of a write-off wait for each other."""
        self.flush_recordset()
        self.env.cr.execute(SQL(
            "UPDATE sales_receivable_write_off SET version = version + 1 WHERE id = %s", self.id))
        self.invalidate_recordset(['version'])
