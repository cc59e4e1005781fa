from odoo import fields, models
from odoo.tools import SQL


class SalesSeller(models.Model):
    """Settlement of a seller: statements wait for each other, and he is paid if nothing speaks against it."""

    _inherit = 'sales.seller'

    settlement_version = fields.Integer(
        string="Settlement Runs", readonly=True, copy=False, groups='base.group_no_one',
        help="Counts up with every step of a settlement, so that two of them do not run at once.")

    def _serialise_settlement(self):
        """Let parallel steps of the settlements of a seller wait for each other.

        A real update: whoever comes second starts again and then sees what the first has done.
        """
        self.flush_recordset()
        self.env.cr.execute(SQL(
            "UPDATE sales_seller SET settlement_version = COALESCE(settlement_version, 0) + 1 WHERE id = ANY(%s)", self.ids))
        self.invalidate_recordset(['settlement_version'])

    def _ask_about_settlement(self, why):
        """Give the responsible person a task if a statement could not be made, once. Note: self.ensure_one()"""
        self.ensure_one()
        summary = self.env._("The statement could not be made")
        user = self.company_id.settlement_user_id or self.user_id
        if user and not self.activity_ids.filtered(lambda activity: activity.summary == summary):
            self.activity_schedule('mail.mail_activity_data_todo', user_id=user.id, summary=summary, note=why)

    def _get_payout_block(self, amount, currency, day):
        """Tell why a seller is not paid now. Note: self.ensure_one()

        :param float amount: what would be paid, in ``currency``
        :param date day: day of the payment
        :return: reason, or False if he may be paid
        """
        self.ensure_one()
        if currency.compare_amounts(amount, 0.0) <= 0:
            return self.env._("nothing is owed to him")
        if self.payout_hold:
            return self.env._("payouts are on hold (%(reason)s)", reason=self.payout_hold_reason or self.env._("no reason noted"))
        if not self.bank_account_id.active:
            return self.env._("he has no bank account")
        if not self.bank_approved:
            return self.env._("his bank account waits for approval")
        least = self.currency_id._convert(self.minimum_payout, currency, self.company_id, day)
        if currency.compare_amounts(amount, least) < 0:
            return self.env._("less than his minimum payout of %(amount)s", amount=currency.format(least))
        return False
