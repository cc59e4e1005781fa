from odoo import api, models

from ...server_fields import check_server_fields, without_defaults
from ..channel.const import SELLER_ORDER_GUARD


class SalesSellerDocumentMixin(models.AbstractModel):
    """Documents between a seller and us that follow other documents: server code writes them, nobody else."""

    _name = 'sales.seller.document.mixin'
    _description = "Seller Document Mixin"

    _server_fields = frozenset()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to refuse what only the server writes.

        :raise AccessError: without the permission of the server
        """
        self._check_server_fields(vals_list)
        documents = without_defaults(self, self._server_fields, SELLER_ORDER_GUARD)
        return super(SalesSellerDocumentMixin, documents).create(vals_list)

    def write(self, vals):
        """Override as :meth:`create`."""
        self._check_server_fields([vals])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_server(self):
        self._check_server_fields([dict.fromkeys(self._server_fields)])

    # === BUSINESS METHODS === #

    def _check_server_fields(self, vals_list):
        check_server_fields(self, vals_list, self._server_fields, SELLER_ORDER_GUARD, self._get_server_message())

    def _get_server_message(self):
        """Return what a user is told who would write such a document himself."""
        raise NotImplementedError
