from odoo import fields, models


class SalesCollectionPromiseMakeLine(models.TransientModel):
    """An open item that the customer may promise to pay.

    The journal item is held by number: those who take promises have no rights on journal items. What is promised is
    checked against the items themselves when the promise is made.
    """

    _name = 'sales.collection.promise.make.line'
    _description = "Item to Promise"
    _order = 'date_due, id'

    wizard_id = fields.Many2one(
        comodel_name='sales.collection.promise.make', required=True, index=True, ondelete='cascade')
    item_id = fields.Integer(string="Item", required=True)
    selected = fields.Boolean(string="Promised")
    move_name = fields.Char(string="Document", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(string="Days Overdue", readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", readonly=True)
    company_currency_id = fields.Many2one(comodel_name='res.currency', string="Company Currency", readonly=True)
    residual_currency = fields.Monetary(string="Open", currency_field='currency_id', readonly=True)
    residual = fields.Monetary(string="Open (Company Currency)", currency_field='company_currency_id', readonly=True)
    is_disputed = fields.Boolean(readonly=True)
    is_promised = fields.Boolean(readonly=True)
