import base64
import csv
import io

from odoo import models
from odoo.exceptions import UserError


class SalesPayout(models.Model):
    """The list of a batch for the bank."""

    _inherit = 'sales.payout'

    def action_download(self):
        """Download the payments as a CSV file; failed ones are left out.

        :raise AccessError: unless the user is a settlement officer
        :raise UserError: if an account was changed, and nobody has approved that
        :return: action that opens the file
        """
        self.ensure_one()
        self._check_officer()
        self.sudo()._check_accounts()
        attachment = self.env['ir.attachment'].create({
            'name': f"{self.name.replace('/', '-')}.csv", 'mimetype': 'text/csv', 'res_model': self._name, 'res_id': self.id,
            'datas': base64.b64encode(self.sudo()._get_csv().encode('utf-8-sig'))})
        return {'type': 'ir.actions.act_url', 'url': f'/web/content/{attachment.id}?download=true', 'target': 'download'}

    def action_print(self):
        """Open the PDF of the batch."""
        self.check_access('read')
        return self.env.ref('sales_mgmt_addon.report_payout_action').report_action(self, config=False)

    def _check_accounts(self):
        """The list names the accounts as they are now: what the bank has not paid yet must not go to unapproved ones."""
        for payment in self.payment_ids.filtered(lambda one: one.state in ('draft', 'in_process')):
            seller = payment.settlement_id.seller_id
            if not seller.bank_approved or payment.partner_bank_id != seller.bank_account_id:
                raise UserError(self.env._(
                    "The bank account of %(seller)s has changed and waits for approval: there is no list for the bank now.",
                    seller=seller.name))

    def _get_csv(self):
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow([
            self.env._("Payment"), self.env._("Seller"), self.env._("Account"), self.env._("Bank"), self.env._("BIC"),
            self.env._("Amount"), self.env._("Currency"), self.env._("Date"), self.env._("Reference")])
        for payment in self.payment_ids.filtered(lambda one: one.state not in ('canceled', 'rejected')).sorted('id'):
            bank = payment.partner_bank_id
            writer.writerow([self._for_spreadsheet(value) for value in (
                payment.name or "", payment.partner_id.name, bank.acc_number or "",
                bank.bank_id.name or "", bank.bank_id.bic or "",
                f"{payment.amount:.{payment.currency_id.decimal_places}f}", payment.currency_id.name, str(payment.date),
                payment.memo or "")])
        return output.getvalue()

    def _for_spreadsheet(self, value):
        """Return a text that no spreadsheet takes for a formula."""
        return f"'{value}" if value[:1] in ('=', '+', '-', '@', '\t', '\r') else value
