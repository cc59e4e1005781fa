from odoo import fields, models

REASONS = [
    ('price', "Price or discount"),
    ('quantity', "Quantity or missing goods"),
    ('quality', "Quality or defect"),
    ('delivery', "Late or wrong delivery"),
    ('invoice', "Error on the invoice"),
    ('contract', "Agreement or contract"),
    ('other', "Other"),
]


class SalesReceivableDispute(models.Model):
    """An item the customer contests: out of dunning until it is settled, still part of the exposure."""

    _name = 'sales.receivable.dispute'
    _description = "Dispute"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'state desc, deadline, id'

    line_id = fields.Many2one(
        comodel_name='account.move.line', string="Item", required=True, index=True, ondelete='cascade')
    move_id = fields.Many2one(related='line_id.move_id', string="Document", store=True, index=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(comodel_name='res.company', required=True, readonly=True, index=True)
    currency_id = fields.Many2one(comodel_name='res.currency', required=True, readonly=True)
    amount = fields.Monetary(string="Disputed Amount", help="In the currency of the item.")
    reason = fields.Selection(selection=REASONS, string="Reason", required=True, tracking=True)
    description = fields.Text(string="What the Customer Says")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", required=True, index=True, tracking=True, ondelete='restrict',
        default=lambda self: self.env.user)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    deadline = fields.Date(string="To Settle Until", required=True, tracking=True)
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('accepted', "Accepted"),
            ('rejected', "Rejected"),
        ],
        string="Status", required=True, readonly=True, default='open', tracking=True, index=True, copy=False)
    resolution = fields.Text(string="How It Was Settled", readonly=True, copy=False)
    closed_on = fields.Datetime(string="Settled On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        comodel_name='res.users', string="Settled By", readonly=True, copy=False, ondelete='restrict')

    _open_unique = models.UniqueIndex("(line_id) WHERE state = 'open'", "This item is in dispute already.")
