from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .const import CHARGE_KINDS


class SalesSettlement(models.Model):
    """The documents of a statement: our commission invoice, and the self-billed invoice for goods we sold in our name."""

    _inherit = 'sales.settlement'

    #=== BUSINESS METHODS - COMMISSION INVOICE ===#

    def _create_charge_move(self):
        """Invoice commissions and fees to the seller: a credit note if he gets more back than he pays, none if nothing.

        :return: posted `account.move` or an empty one
        """
        groups = self._get_charges()
        lines = [
            (kind, account, taxed, amount) for (kind, account, taxed), amount in groups.items()
            if not self.currency_id.is_zero(amount)]
        if not lines:
            return self.env['account.move']
        total = sum(amount for *_key, amount in lines)
        sign = -1 if self.currency_id.compare_amounts(total, 0.0) <= 0 else 1
        move = self.env['account.move'].create({
            **self._prepare_invoice('out_invoice' if sign < 0 else 'out_refund', self._get_charge_journal()),
            'invoice_line_ids': [
                Command.create(self._prepare_charge_line(kind, account, taxed, sign * amount))
                for kind, account, taxed, amount in lines],
        })
        move._post(soft=False)
        return move

    def _get_charges(self):
        """Return what the seller pays (-) or gets back (+), net: (kind, account id, whether with VAT) → amount.

        The VAT of a small charge rounds to nothing, that of many does not: charges on sales are taxed together.
        """
        groups = defaultdict(float)
        for kind, account, amount, taxed in self.env.execute_query(SQL(
            """
            SELECT kind, account_id, SUM(amount), taxed
              FROM (SELECT kind, account_id, amount,
                           COALESCE(tax_amount, 0) <> 0 OR (%(has_taxes)s AND sale_line_id IS NOT NULL) AS taxed
                      FROM sales_seller_ledger
                     WHERE settlement_id = %(id)s AND kind = ANY(%(kinds)s) AND amount <> 0) charge
          GROUP BY kind, account_id, taxed ORDER BY kind, account_id
            """, id=self.id, kinds=list(CHARGE_KINDS), has_taxes=bool(self.seller_id._get_charge_taxes()))):
            groups[kind, account, taxed] += self.currency_id.round(float(amount))
        return groups

    def _get_charge_journal(self):
        """Return the first sales journal that is not for documents of sellers."""
        journal = self.env['account.journal'].search([
            ('type', '=', 'sale'), ('id', '!=', self.company_id.marketplace_sale_journal_id.id),
            *self.env['account.journal']._check_company_domain(self.company_id)], limit=1)
        if not journal:
            raise UserError(self.env._(
                "%(company)s has no sales journal of its own for commission invoices.", company=self.company_id.name))
        return journal

    def _prepare_invoice(self, move_type, journal):
        return {
            'move_type': move_type,
            'partner_id': self.seller_id.partner_id.id,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'journal_id': journal.id,
            'invoice_date': self.date,
            'date': self.date,
            'invoice_payment_term_id': False,
            'invoice_date_due': self.date,
            'invoice_origin': self.name,
            'ref': self.name,
            'invoice_user_id': self.seller_id.user_id.id,
        }

    def _prepare_charge_line(self, kind, account, taxed, amount):
        company = self.company_id
        if taxed and not company.marketplace_charge_tax_id:
            raise UserError(self.env._("Set the VAT on commissions in the settings of %(company)s.", company=company.name))
        # as on the entries: what the fiscal position of the seller makes of it, which may be nothing
        taxes = self.seller_id._get_charge_taxes() if taxed else self.env['account.tax']
        labels = {'commission': self.env._("Commission"), 'fee': self.env._("Fees")}
        default = company.marketplace_commission_account_id if kind == 'commission' else company.marketplace_fee_account_id
        price = amount
        if any(taxes.flatten_taxes_hierarchy().mapped('price_include')):
            price = taxes.compute_all(amount, self.currency_id, handle_price_include=False)['total_included']
        return {
            'name': self.env._("%(what)s, statement %(statement)s", what=labels[kind], statement=self.name),
            'quantity': 1.0,
            'price_unit': price,
            'account_id': account or default.id,
            'tax_ids': [Command.set(taxes.ids)],
        }

    #=== BUSINESS METHODS - SELF-BILLED INVOICE ===#

    def _create_bill_move(self, items):
        """Bill ourselves, for the seller, the goods of his that we sold in our own name.

        :param dict items: see `_get_clearing_items`
        :return: posted `account.move` or an empty one
        """
        owed = {
            account: amount for (account, principal), (_ids, amount) in items.items()
            if principal and not self.currency_id.is_zero(amount)}
        if not owed:
            return self.env['account.move']
        sign = 1 if sum(owed.values()) > 0 else -1
        journal = self.env['account.journal'].search([
            ('type', '=', 'purchase'), *self.env['account.journal']._check_company_domain(self.company_id)], limit=1)
        if not journal:
            raise UserError(self.env._(
                "%(company)s has no purchase journal for self-billed invoices.", company=self.company_id.name))
        move = self.env['account.move'].create({
            **self._prepare_invoice('in_invoice' if sign > 0 else 'in_refund', journal),
            'invoice_line_ids': [
                Command.create(self._prepare_bill_line(account, sign * amount)) for account, amount in owed.items()],
        })
        move._post(soft=False)
        return move

    def _prepare_bill_line(self, account, amount):
        tax = self.company_id.account_purchase_tax_id if self.seller_id.vat_registered else self.env['account.tax']
        without = tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == 'tax' and not line.account_id)
        if without:
            # such a tax would be posted on the clearing account and never leave it
            raise UserError(self.env._("Purchase tax %(tax)s has no account on its repartition line.", tax=tax.name))
        return {
            'name': self.env._("Goods sold in our name, statement %(statement)s", statement=self.name),
            'quantity': 1.0,
            'price_unit': amount,
            'account_id': account,
            'tax_ids': [Command.set(tax.ids)],
        }
