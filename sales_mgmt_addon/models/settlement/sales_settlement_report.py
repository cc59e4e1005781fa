from odoo import models

from .const import PARTS


class SalesSettlement(models.Model):
    """What the printed statement shows, so that its totals and its entries are the same figures."""

    _inherit = 'sales.settlement'

    def _get_report_totals(self):
        """Return the lines of the summary: dicts of label, amount (in the currency of the statement) and strong."""
        self.ensure_one()
        parts = ('amount_opening', 'amount_payouts', *PARTS, 'amount_closing')
        labels = {name: self._fields[name]._description_string(self.env) for name in parts}
        return [
            {'label': labels[name], 'amount': self[name], 'strong': name in ('amount_opening', 'amount_closing')}
            for name in parts if self[name] or name in ('amount_opening', 'amount_closing')]

    def _get_report_sections(self):
        """Return the entries by part: dicts of label, rows (`sales.seller.ledger`) and total with VAT."""
        self.ensure_one()
        rows = self.ledger_ids.sorted(lambda row: (row.date, row.id))
        sections = []
        for name, kinds in PARTS.items():
            own = rows.filtered(lambda row, kinds=kinds: row.kind in kinds)
            if own:
                sections.append({
                    'label': self._fields[name]._description_string(self.env), 'rows': own,
                    'total': self.currency_id.round(sum(own.mapped('amount')) + sum(own.mapped('tax_amount')))})
        return sections

    def _get_report_bank(self):
        """Return the bank account that is paid, or the words that say why none is."""
        self.ensure_one()
        seller = self.seller_id.sudo()
        account = self.sudo().payment_ids.filtered(lambda one: one.state in ('in_process', 'paid'))[-1:].partner_bank_id
        account = account or (seller.bank_account_id if seller.bank_approved else account)
        if not account:
            return self.env._("no approved bank account yet")
        return " · ".join(filter(None, [account.acc_number, account.bank_id.name]))
