from odoo import api, fields, models
from odoo.exceptions import UserError

from ...internal import grant
from ..channel.const import SELLER_GUARD


class SalesPayout(models.Model):
    """The payments of a batch: made, sent, paid or failed."""

    _inherit = 'sales.payout'

    #=== ACTION METHODS ===#

    def action_send(self):
        """Post the payments and match them with the payable accounts: the statements are paid.

        Payments that may no longer be made (hold, new bank account, balance used up) are taken out first.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if a batch is not approved or nothing is left to pay
        :return: True
        """
        for payout in self._start('approved'):
            payout._drop_unpayable()
            payout._check_payments()
            payments = payout.payment_ids.filtered(lambda payment: payment.state == 'draft')
            # an entry even if the journal has no outstanding account: without one the balance would stay open
            payments.with_context(force_payment_move=True).action_post()
            payout._match_payments(payments)
            payout.settlement_ids._update_paid()
            payout._set({'state': 'sent', 'sent_by_id': self.env.uid, 'sent_on': fields.Datetime.now()})
        return True

    def action_mark_paid(self):
        """Note that the bank has executed the batch; payments that failed stay failed.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if a batch was not sent
        :return: True
        """
        for payout in self._start('sent'):
            payout.payment_ids.filtered(lambda payment: payment.state == 'in_process').action_validate()
            payout._set({'state': 'done'})
        return True

    def action_fail(self, payment, reason):
        """Take back a payment that the bank has returned.

        Its entry is reversed, so the seller's balance is open again; his statement goes back to posted and comes into
        the next batch, once somebody has approved his bank account anew.

        :param payment: `account.payment` of the batch, or its id
        :param str reason: what the bank says
        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if the batch was not sent, the payment is not of it, or there is no reason
        :return: True
        """
        self.ensure_one()
        payout = self._start('sent', 'done')
        ids = payment.ids if isinstance(payment, models.BaseModel) else [payment]
        payment = payout.payment_ids.filtered(lambda one: one.id in ids and one.state in ('in_process', 'paid'))
        if len(payment) != 1:
            raise UserError(self.env._("Choose one sent payment of %(batch)s.", batch=payout.name))
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why the payment failed."))
        payout._fail(payment, reason.strip())
        return True

    #=== BUSINESS METHODS - MAKING ===#

    def _make_payments(self):
        """Create draft payments of a draft batch for what is payable now. In sudo mode. Note: self.ensure_one()"""
        self.ensure_one()
        if not self.journal_id:
            raise UserError(self.env._("Choose the bank journal that pays."))
        self._drop(self.payment_ids)
        waiting = self.env['sales.settlement'].search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'posted'), ('payout_id', '=', False)], order='id')
        waiting.seller_id._serialise_settlement()
        waiting.invalidate_recordset(['state', 'payout_id'])
        waiting = waiting.filtered(lambda settlement: settlement.state == 'posted' and not settlement.payout_id)
        balances = self._get_payables(waiting.seller_id)
        busy = self._get_busy(waiting.seller_id)
        left_out, vals_list = [], []
        for (seller, currency), settlements in waiting.grouped(lambda one: (one.seller_id, one.currency_id)).items():
            amount = balances.get((seller.partner_id.id, currency.id), 0.0)
            reason = busy.get((seller.id, currency.id)) or seller._get_payout_block(amount, currency, self.date) or (
                settlements[-1]._get_excess_error(amount))
            if reason:
                left_out.append(f"{seller.name}, {currency.format(amount)}: {reason}")
                continue
            settlements._set({'payout_id': self.id})
            vals_list.append(self._prepare_payment(seller, currency, amount, settlements))
        self.env['account.payment'].with_company(self.company_id).create(vals_list)
        self._set({'left_out': "\n".join(left_out)})

    def _prepare_payment(self, seller, currency, amount, settlements):
        return {
            'payment_type': 'outbound', 'partner_type': 'supplier', 'partner_id': seller.partner_id.id,
            'partner_bank_id': seller.bank_account_id.id, 'amount': amount, 'currency_id': currency.id,
            'journal_id': self.journal_id.id, 'company_id': self.company_id.id, 'date': self.date,
            'destination_account_id': self.company_id.marketplace_payable_account_id.id,
            'memo': ", ".join(settlements.mapped('name')), 'payout_id': self.id, 'settlement_id': settlements[-1].id,
        }

    @api.model
    def _get_payables(self, sellers):
        """Return what is open on the payable accounts of the sellers: (partner id, currency id) → amount owed."""
        company = sellers.company_id
        groups = self.env['account.move.line']._read_group([
            ('account_id', 'in', company.marketplace_payable_account_id.ids), ('company_id', 'in', company.ids),
            ('partner_id', 'in', sellers.partner_id.ids), ('parent_state', '=', 'posted'), ('reconciled', '=', False),
        ], ['partner_id', 'currency_id'], ['amount_residual_currency:sum'])
        return {(partner.id, currency.id): currency.round(-amount) for partner, currency, amount in groups}

    @api.model
    def _get_busy(self, sellers):
        """Return (seller id, currency id) → why, for sellers with a payment under way: two would pay the same twice."""
        under_way = self.env['sales.settlement'].search([
            ('seller_id', 'in', sellers.ids), ('payout_id.state', 'in', ('draft', 'approved')), ('state', '=', 'posted')])
        return {
            (settlement.seller_id.id, settlement.currency_id.id): self.env._(
                "a payment is under way in %(batch)s", batch=settlement.payout_id.name)
            for settlement in under_way}

    #=== BUSINESS METHODS - CHECKING ===#

    def _drop_unpayable(self):
        """Take payments out of the batch that may not be made any more, and say why. Note: self.ensure_one()"""
        sellers = self.settlement_ids.seller_id
        sellers._serialise_settlement()
        balances = self._get_payables(sellers)
        dropped, reasons = self.env['account.payment'], []
        for payment in self.payment_ids.filtered(lambda one: one.state == 'draft'):
            seller = payment.settlement_id.seller_id
            amount = balances.get((payment.partner_id.id, payment.currency_id.id), 0.0)
            reason = seller._get_payout_block(payment.amount, payment.currency_id, self.date)
            if not reason and payment.currency_id.compare_amounts(amount, payment.amount) < 0:
                reason = self.env._("his balance is less by now")
            if not reason and self.approved_on and seller.bank_changed_on and seller.bank_changed_on >= self.approved_on:
                reason = self.env._("his bank account has changed since the batch was approved")
            if not reason and payment.partner_bank_id != seller.bank_account_id:
                reason = self.env._("his bank account has changed")
            if reason:
                dropped += payment
                reasons.append(f"{seller.name}, {payment.currency_id.format(payment.amount)}: {reason}")
        if dropped:
            self._drop(dropped)
            self._set({'left_out': "\n".join([*filter(None, [self.left_out]), *reasons])})
            self._message_log(body=self.env._("Taken out: %(payments)s", payments="; ".join(reasons)))

    def _drop(self, payments):
        """Delete draft payments and free their statements."""
        pairs = {(payment.settlement_id.seller_id, payment.currency_id) for payment in payments}
        self.settlement_ids.filtered(
            lambda settlement: (settlement.seller_id, settlement.currency_id) in pairs)._set({'payout_id': False})
        payments.unlink()
        self.invalidate_recordset(['payment_ids', 'settlement_ids'])

    #=== BUSINESS METHODS - MATCHING ===#

    def _match_payments(self, payments):
        """Match posted payments with what is open on the payable accounts, all in one go."""
        account = self.company_id.marketplace_payable_account_id
        open_items = self.env['account.move.line'].search([
            ('account_id', '=', account.id), ('company_id', '=', self.company_id.id), ('parent_state', '=', 'posted'),
            ('partner_id', 'in', payments.partner_id.ids), ('reconciled', '=', False)])
        plan = [
            items for items in open_items.grouped(lambda line: (line.partner_id, line.currency_id)).values() if len(items) > 1]
        if plan:
            self.env['account.move.line']._reconcile_plan(plan)

    def _fail(self, payment, reason):
        seller, currency = payment.settlement_id.seller_id, payment.currency_id
        seller._serialise_settlement()
        payment.move_id._reverse_moves([{
            'date': fields.Date.context_today(self),
            'ref': self.env._("Failed: %(payment)s, %(reason)s", payment=payment.name, reason=reason)}], cancel=True)
        payment.flush_recordset()
        payment.write({'state': 'rejected', 'payout_failure': reason})
        self.settlement_ids.filtered(
            lambda one: one.seller_id == seller and one.currency_id == currency)._update_paid(reopen=True)
        grant(seller, SELLER_GUARD).write({'bank_approved': False})
        self.message_post(body=self.env._(
            "Payout of %(amount)s to %(seller)s failed: %(reason)s", amount=currency.format(payment.amount),
            seller=seller.name, reason=reason))
        # salespeople read what is said on a seller, but not what he is paid
        seller.message_post(body=self.env._("A payout failed. The bank account must be approved anew."))
