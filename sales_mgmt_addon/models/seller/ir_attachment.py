from odoo import api, models
from odoo.exceptions import ValidationError

MODEL = 'sales.seller.check'
# What the file is, and whose
FILE_FIELDS = ('checksum', 'type', 'url', 'res_model', 'res_id')
WRITE_FIELDS = frozenset({*FILE_FIELDS, 'datas', 'raw', 'db_datas', 'store_fname'})


class IrAttachment(models.Model):
    """Documents that prove a check of a seller: the check is open again once one of them is another one, and none is public."""

    _inherit = 'ir.attachment'

    # === CONSTRAINT METHODS === #

    @api.constrains('public', 'res_model')
    def _check_seller_document(self):
        for document in self:
            if document.public and document.res_model == MODEL:
                raise ValidationError(self.env._("%s proves a check of a seller and cannot be public.", document.name))

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to have a check looked at again whose document is replaced or moved elsewhere."""
        if WRITE_FIELDS.isdisjoint(vals) or not (documents := self._get_seller_documents()):
            return super().write(vals)
        before = {document: document._get_file_values() for document in documents}
        res = super().write(vals)
        self._reopen_seller_checks([
            values['res_id'] for document, values in before.items() if values != document._get_file_values()])
        return res

    def unlink(self):
        """Override to have a check looked at again that loses a document."""
        check_ids = self._get_seller_documents().mapped('res_id')
        res = super().unlink()
        self._reopen_seller_checks(check_ids)
        return res

    # === BUSINESS METHODS === #

    def _get_seller_documents(self):
        """Return those of the attachments that belong to checks of sellers, sudoed."""
        return self.sudo().filtered(lambda document: document.res_model == MODEL and document.res_id)

    def _get_file_values(self):
        return {name: self[name] for name in FILE_FIELDS}

    @api.model
    def _reopen_seller_checks(self, check_ids):
        """Have checks looked at again whose documents are not any more what was looked at.

        :param list check_ids: checks, as far as they still exist
        """
        if not check_ids:
            return
        checks = self.env[MODEL].sudo().search([
            ('id', 'in', check_ids), '|', ('state', '=', 'passed'), ('accepted_until', '!=', False)])
        for check in checks:
            check._reopen()
            check.seller_id.message_post(body=self.env._(
                "%s: open again, a document was replaced or removed.", check.type_id.name))
