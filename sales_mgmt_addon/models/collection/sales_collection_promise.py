from odoo import fields, models


class SalesCollectionPromise(models.Model):
    """What a customer promised to pay until when; watched every day."""

    _name = 'sales.collection.promise'
    _description = "Promise to Pay"
    _inherit = ['mail.thread']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    case_id = fields.Many2one(
        comodel_name='sales.collection.case', string="Case", index='btree_not_null', ondelete='restrict')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(comodel_name='res.currency', string="Currency", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Taken By", required=True, readonly=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user)
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    amount = fields.Monetary(string="Promised Amount", required=True)
    made_on = fields.Date(
        string="Promised On", required=True, readonly=True, default=fields.Date.context_today)
    date = fields.Date(string="To Be Paid Until", required=True, index=True)
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('kept', "Kept"),
            ('partly', "Partly Kept"),
            ('broken', "Broken"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='open', tracking=True, index=True, copy=False)
    paid_amount = fields.Monetary(
        string="Paid", readonly=True, copy=False,
        help="Of the promised items, from the day of the promise until it was judged.")
    judged_on = fields.Date(string="Judged On", readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name='sales.collection.promise.line', inverse_name='promise_id', string="Items")
