from odoo import fields, models


class SalesDunningLine(models.Model):
    """An instalment in a letter: which level it reached, and what was open of it."""

    _name = 'sales.dunning.line'
    _description = "Dunned Item"
    _order = 'letter_id, date_due, id'

    letter_id = fields.Many2one(
        comodel_name='sales.dunning.letter', string="Letter", required=True, readonly=True, index=True,
        ondelete='cascade')
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", required=True, readonly=True, index=True, ondelete='cascade')
    level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Level", required=True, readonly=True, index=True,
        ondelete='restrict')
    company_id = fields.Many2one(related='letter_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", required=True, readonly=True)
    state = fields.Selection(related='letter_id.state', store=True, index=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(string="Days Overdue", readonly=True, aggregator=None)
    residual = fields.Monetary(string="Open Amount", readonly=True, help="In the currency of the item.")

    # Never the same level twice for the same item
    _level_unique = models.UniqueIndex(
        "(line_id, level_id) WHERE state <> 'skipped'", "This item has been dunned at this level already.")
