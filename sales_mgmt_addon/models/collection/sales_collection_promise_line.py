from odoo import fields, models


class SalesCollectionPromiseLine(models.Model):
    """An item that a promise is about, with what was open of it then."""

    _name = 'sales.collection.promise.line'
    _description = "Promised Item"
    _order = 'promise_id, id'

    promise_id = fields.Many2one(
        comodel_name='sales.collection.promise', string="Promise", required=True, index=True, ondelete='cascade')
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='promise_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='promise_id.currency_id')
    residual = fields.Monetary(string="Open When Promised", readonly=True)

    _line_unique = models.UniqueIndex("(promise_id, line_id)", "An item is in a promise once.")
