from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesAttainmentCheckDocument(models.TransientModel):
    _name = 'sales.attainment.check.document'
    _description = "Document That Differs from the Attainment Book"
    _order = 'id'

    line_id = fields.Many2one(
        comodel_name='sales.attainment.check.line', string="Figure", required=True, ondelete='cascade', index=True)
    res_model = fields.Char(string="Document Model", required=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field='res_model', required=True, aggregator=None)
    document_name = fields.Char(string="Document", compute='_compute_document_name')
    booked = fields.Float(string="Booked", digits=(16, 4))
    documented = fields.Float(string="By Document", digits=(16, 4))
    booked_base = fields.Float(string="Booked Cases", digits=(16, 4))
    documented_base = fields.Float(string="Cases by Document", digits=(16, 4))
    difference = fields.Float(string="Difference", digits=(16, 4), compute='_compute_difference')

    @api.depends('res_model', 'res_id')
    def _compute_document_name(self):
        for model, rows in self.grouped('res_model').items():
            documents = (
                self.env[model].browse(rows.mapped('res_id')).exists()._filtered_access('read') if model in self.env else [])
            names = {document.id: document.display_name for document in documents}
            for row in rows:
                row.document_name = names.get(row.res_id, self.env._("deleted or not yours to see"))

    @api.depends('booked', 'documented')
    def _compute_difference(self):
        for row in self:
            row.difference = row.booked - row.documented

    def action_open_document(self):
        """Open the document.

        :raise UserError: if it does not exist any more
        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        document = self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else None
        if not document:
            raise UserError(self.env._("The document does not exist any more."))
        document.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'res_model': document._name, 'res_id': document.id, 'views': [(False, 'form')],
        }
