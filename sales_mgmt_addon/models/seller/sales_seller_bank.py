from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .const import MANAGER_GROUP, OFFICER_GROUP
from .reason import ask_reason, clean_reason

HOLD_FIELDS = {'manual': 'hold_manual', 'check': 'hold_check'}


class SalesSeller(models.Model):
    """Where a seller is paid, and what stops it. A new or changed account is approved by somebody else."""

    _inherit = 'sales.seller'

    bank_account_id = fields.Many2one(
        comodel_name='res.partner.bank', string="Bank Account", readonly=True, copy=False, tracking=True,
        ondelete='restrict', index='btree_not_null',
        groups='account.group_account_invoice,sales_mgmt_addon.group_channel_manager')
    bank_approved = fields.Boolean(
        string="Bank Account Approved", readonly=True, copy=False, tracking=True,
        help="Payouts wait until somebody else than who entered the account approves it.")
    bank_changed_by_id = fields.Many2one(
        comodel_name='res.users', string="Bank Account Changed By", readonly=True, copy=False, ondelete='restrict')
    bank_editor_ids = fields.Many2many(
        comodel_name='res.users', relation='sales_seller_bank_editor_rel', string="Bank Account Edited By", readonly=True,
        copy=False, help="All who had a hand in the account since it was approved last: none of them approves it.")
    bank_changed_on = fields.Datetime(string="Bank Account Changed On", readonly=True, copy=False)
    payout_hold = fields.Boolean(string="Payouts on Hold", readonly=True, copy=False, tracking=True)
    payout_hold_reason = fields.Char(string="Reason of the Hold", readonly=True, copy=False)
    # What the hold is made of: one reason by a person, one by the checks
    hold_manual = fields.Char(string="Held by a Person", readonly=True, copy=False)
    hold_check = fields.Char(string="Held by Checks", readonly=True, copy=False)

    # === ACTION METHODS === #

    def action_change_bank(self):
        """Return the window action of the dialog in which the bank account is chosen."""
        self.ensure_one()
        self._check_payer()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Change the Bank Account"),
            'res_model': 'sales.seller.bank.change',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_seller_id': self.id},
        }

    def action_approve_bank(self):
        """Approve the bank accounts of sellers: payouts may go there.

        :return: True
        :raise AccessError: if the user neither manages channels nor settles, or entered or changed the account himself
        :raise UserError: if a seller has no account, or it is not his any more
        """
        self._check_payer()
        for seller in self.sudo():
            account = seller.bank_account_id
            if not account or not account.active:
                raise UserError(self.env._("%s has no bank account to approve.", seller.name))
            seller._check_bank_owner(account)
            if self.env.user in seller._get_bank_editors():
                raise AccessError(self.env._(
                    "You entered or changed the bank account of %s: somebody else approves it.", seller.name))
        for seller in self:
            seller._as_server().bank_approved = True
            seller.sudo().message_post(
                body=self.env._("Bank account %s approved for payouts.", seller._get_masked_account()),
                subtype_xmlid='mail.mt_comment')
        return True

    def action_hold_payouts(self, reason=None):
        """Hold the payouts of sellers.

        :param str reason: why; a dialog asks for it when empty
        :return: True, or the window action of the dialog
        :raise AccessError: if the user neither manages channels nor settles
        :raise UserError: if the reason is blank
        """
        self._check_payer()
        if reason is None:
            return ask_reason(self, 'action_hold_payouts', self.env._("Hold the Payouts"))
        self._set_payout_hold(clean_reason(self, reason))
        return True

    def action_release_payouts(self):
        """Lift holds that a person has set; what the checks hold stays until these are renewed."""
        self._check_payer()
        self._lift_payout_hold()
        return True

    # === BUSINESS METHODS === #

    def _change_bank(self, account):
        """Pay the seller to another account once somebody else has approved it.

        Also called for the seller himself by the portal, in sudo mode.

        :param account: `res.partner.bank` record of the seller's partner
        :raise AccessError: if the user neither manages channels nor settles
        :raise UserError: if the account belongs to somebody else or is archived
        """
        self.ensure_one()
        self._check_payer()
        account = account.sudo().exists()
        if not account or not account.active:
            raise UserError(self.env._("Choose a bank account that is in use."))
        self._check_bank_owner(account)
        self._as_server().write({'bank_account_id': account.id})
        # whoever typed the number, before it was the seller's account
        typists = account.create_uid | account.write_uid
        self._reset_bank_approval(typists)

    def _reset_bank_approval(self, typists=None):
        """Ask for another approval of the bank accounts, and tell everybody who follows the sellers.

        :param typists: `res.users` who had a hand in the account, beside the user
        """
        for seller in self._as_server():
            editors = self.env.user | (typists or self.env.user)
            if not seller.bank_approved:
                editors |= seller.bank_editor_ids
            seller.write({
                'bank_approved': False, 'bank_changed_by_id': self.env.uid, 'bank_changed_on': fields.Datetime.now(),
                'bank_editor_ids': [fields.Command.set(editors.ids)]})
            seller.message_post(
                body=self.env._(
                    "The bank account for payouts was changed to %s. Payouts wait until it is approved.",
                    seller._get_masked_account()),
                subtype_xmlid='mail.mt_comment')

    def _get_bank_editors(self):
        """Return the users who entered or changed the bank account that is in force. Note: self.ensure_one()"""
        self.ensure_one()
        seller = self.sudo()
        return (seller.bank_editor_ids | seller.bank_changed_by_id | seller.bank_account_id.create_uid).with_env(self.env)

    def _set_payout_hold(self, reason, kind='manual'):
        """Hold the payouts of the sellers.

        :param str reason: why
        :param str kind: ``'manual'`` (a person) or ``'check'`` (the checks); each has its own reason
        """
        for seller in self._as_server():
            if seller[HOLD_FIELDS[kind]] == reason:
                continue
            seller[HOLD_FIELDS[kind]] = reason
            seller._refresh_hold()
            seller.message_post(body=self.env._("Payouts on hold: %s", reason))

    def _lift_payout_hold(self, kind='manual'):
        """Lift a hold of payouts; parameter as of :meth:`_set_payout_hold`."""
        for seller in self._as_server().filtered(HOLD_FIELDS[kind]):
            seller[HOLD_FIELDS[kind]] = False
            seller._refresh_hold()
            if not seller.payout_hold:
                seller.message_post(body=self.env._("Payouts are not on hold any more."))

    def _refresh_hold(self):
        for seller in self:
            reasons = [reason for name in HOLD_FIELDS.values() if (reason := seller[name])]
            seller.write({'payout_hold': bool(reasons), 'payout_hold_reason': " / ".join(reasons) or False})

    # === TOOLING === #

    def _check_payer(self):
        """Raise unless the user manages channels or settles with sellers, and may see these."""
        user = self.env.user
        if not (self.env.su or user.has_group(MANAGER_GROUP) or user.has_group(OFFICER_GROUP)):
            raise AccessError(self.env._("Only channel managers and settlement officers decide where sellers are paid."))
        self.check_access('read')

    def _check_bank_owner(self, account):
        if account.partner_id.commercial_partner_id != self.sudo().partner_id:
            raise UserError(self.env._("The bank account does not belong to %s.", self.name))

    def _get_masked_account(self):
        """Return the last digits of the account number, for messages that many people read."""
        number = self.sudo().bank_account_id.sanitized_acc_number or ''
        return f"…{number[-4:]}"
