from odoo import fields, models

MOVEMENTS = [
    ('new', "New"),
    ('slipped', "Slipped into an older bucket"),
    ('unchanged', "Unchanged"),
    ('partly', "Partly paid"),
    ('paid', "Paid"),
    ('disputed', "Disputed"),
]


class SalesReceivablePackLine(models.Model):
    """An overdue item of a pack as it stood at the month end, what moved since the last pack, and the comment on it."""

    _name = 'sales.receivable.pack.line'
    _description = "Receivables Pack Item"
    _order = 'pack_id, user_id, partner_id, date_due, id'

    pack_id = fields.Many2one(
        comodel_name='sales.receivable.pack', string="Pack", required=True, readonly=True, index=True,
        ondelete='cascade')
    company_id = fields.Many2one(related='pack_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    # The journal item may be deleted one day; what was frozen stays
    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", readonly=True, index='btree_not_null', ondelete='set null')
    move_name = fields.Char(string="Document", readonly=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", readonly=True, index=True, ondelete='restrict')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(string="Days Overdue", readonly=True, aggregator=None)
    residual = fields.Monetary(string="Open Amount", readonly=True)
    previous_residual = fields.Monetary(string="Open in the Last Pack", readonly=True)
    movement = fields.Selection(selection=MOVEMENTS, string="Movement", readonly=True, index=True)
