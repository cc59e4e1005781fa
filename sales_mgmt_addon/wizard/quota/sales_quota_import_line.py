from odoo import fields, models


class SalesQuotaImportLine(models.TransientModel):
    """A row of a file that could not be used."""

    _name = 'sales.quota.import.line'
    _description = "Bad Row of an Import"
    _order = 'number, id'

    wizard_id = fields.Many2one(comodel_name='sales.quota.import', required=True, index=True, ondelete='cascade')
    number = fields.Integer(string="Row", readonly=True)
    content = fields.Char(string="Content", readonly=True)
    message = fields.Char(string="Problem", readonly=True)
