from odoo import api, models

from .source_invoice import MOVE_TYPES


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._attainment_book()
        return partials

    def unlink(self):
        partials = self.sudo()
        invoices = partials._attainment_invoices()
        ids = partials.ids
        res = super().unlink()
        if invoices := invoices.exists():
            Entry = self.env['sales.attainment.entry']
            Entry._reverse('account.move', invoices.ids, line_ids=ids, codes=['collected'])
            if Entry._is_booking():
                # a cent that the rounding of the others now owes
                Entry._book_payments(invoices.ids)
        return res

    #=== ATTAINMENT ===#

    def _attainment_invoices(self):
        """Return the posted customer invoices and credit notes of these matchings."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        return moves.filtered(lambda move: move.move_type in MOVE_TYPES and move.state == 'posted')

    def _attainment_book(self):
        Entry = self.env['sales.attainment.entry']
        invoices = self.sudo()._attainment_invoices()
        if invoices and Entry._is_booking():
            Entry._book_payments(invoices.ids)
