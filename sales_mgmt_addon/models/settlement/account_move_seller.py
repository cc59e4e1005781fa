from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ...internal import grant, granted
from ...server_fields import without_defaults
from ..channel.const import LEDGER_GUARD

# Written by the server only: whose document it is, and what its lines know of the seller
MOVE_FIELDS = {'seller_id'}
LINE_FIELDS = {
    'seller_id', 'revenue_presentation', 'inventory_owner', 'tax_supplier', 'promo_funding', 'commission_amount'}
# Context: leave items of the clearing account open
KEEP_CLEARING = 'sales_keep_clearing'


class AccountMove(models.Model):
    _inherit = 'account.move'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_seller_fields(vals_list, MOVE_FIELDS)
        return super(AccountMove, self._without_seller_defaults(self)).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override to keep the sellers' ledger with the state of the document, whatever the route."""
        self._check_seller_fields([vals], MOVE_FIELDS, empty=True)
        if 'state' not in vals:
            return super().write(vals)
        before = self.filtered(lambda move: move.state == 'posted')
        if vals['state'] != 'posted':
            before._unbook_seller_ledger()
            return super().write(vals)
        entering = (self - before)._get_seller_documents()
        charges = entering._prepare_seller_posting()
        res = super().write(vals)
        entering._book_seller_ledger(charges)
        return res

    def copy(self, default=None):
        """Override: a seller's document comes from an order, a copy of it would credit him twice."""
        if not granted(self, LEDGER_GUARD) and (documents := self._get_seller_documents()):
            raise UserError(self.env._(
                "%(document)s has goods of a seller. Invoice the order, or make a credit note; a copy would credit the seller"
                " again.", document=documents[0].display_name))
        return super().copy(default)

    # === BUSINESS METHODS === #

    def _get_seller_documents(self):
        """Return those of the entries that are customer documents with goods of sellers."""
        return self.filtered(lambda move: move.is_sale_document(include_receipts=True) and (
            move.sudo().seller_id or move.sudo().line_ids.seller_id))

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Override of `account`: a credit note of a seller's document is his, too."""
        if not self._get_seller_documents():
            return super()._reverse_moves(default_values_list, cancel)
        moves = grant(self._without_seller_defaults(self), LEDGER_GUARD)
        return super(AccountMove, moves)._reverse_moves(default_values_list, cancel).with_env(self.env)

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Override of `account`: what is on the clearing account is matched by the statements only."""
        moves = self.with_context(**{KEEP_CLEARING: True}) if self._get_seller_documents() else self
        return super(AccountMove, moves)._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _check_draftable(self):
        super()._check_draftable()
        self._check_seller_ledger_open()

    def _without_seller_defaults(self, records):
        """Return ``records`` without sellers as defaults in the context of a client."""
        return without_defaults(records, MOVE_FIELDS | LINE_FIELDS, LEDGER_GUARD)

    def _check_seller_fields(self, vals_list, names, empty=False):
        """Check that nobody but the server writes whose document or line it is.

        :param list vals_list: values to create or write
        :param set names: the fields of the server
        :param bool empty: whether emptying them counts, too
        :raise AccessError: if a client does
        """
        if self.env.su or granted(self, LEDGER_GUARD):
            return
        if any(empty or vals[name] for vals in vals_list for name in names & vals.keys()):
            raise AccessError(self.env._("The seller of a document comes from its order and cannot be set by hand."))
