from odoo import fields, models

STATES = [
    ('open', "To Work"),
    ('snoozed', "Snoozed"),
    ('closed', "Closed"),
]
CONTACTS = [
    ('call', "Call"),
    ('mail', "E-mail"),
    ('visit', "Visit"),
    ('letter', "Letter"),
]


class SalesCollectionCase(models.Model):
    """What is done about the overdue items of a customer: one open case per commercial partner and root company."""

    _name = 'sales.collection.case'
    _description = "Collection Case"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, score desc, id'
    _mail_post_access = 'read'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", index='btree_not_null', tracking=True, ondelete='restrict',
        help="Who works the case: the salesperson of the customer or a collector, by the policy of the company.")
    salesperson_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    state = fields.Selection(
        selection=STATES, string="Status", required=True, readonly=True, default='open', tracking=True, index=True,
        group_expand=True, copy=False)
    opened_on = fields.Date(string="Opened On", required=True, readonly=True, default=fields.Date.context_today)
    closed_on = fields.Date(string="Closed On", readonly=True, copy=False)
    sequence = fields.Integer(string="Order", default=0)
    score = fields.Float(string="Score", readonly=True, digits=(16, 2), aggregator=None, copy=False)
    next_action = fields.Selection(selection=CONTACTS, string="Next Action", required=True, default='call')
    next_date = fields.Date(
        string="Next Action On", required=True, index=True, default=fields.Date.context_today)

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE state <> 'closed'", "This customer has an open case in this company already.")
