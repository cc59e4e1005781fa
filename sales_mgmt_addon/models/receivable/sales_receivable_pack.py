from odoo import fields, models


class SalesReceivablePack(models.Model):
    """The receivables of a leader's teams at a month end, frozen, with what his people say about each overdue item."""

    _name = 'sales.receivable.pack'
    _description = "Receivables Pack"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Name", required=True, readonly=True, default="/", copy=False)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", index='btree_not_null', ondelete='restrict',
        help="The pack holds this team and the teams below it; all teams of the company when empty.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Leader", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user)
    date = fields.Date(string="As Of", required=True, index=True, help="Last day of the month that is frozen.")
    state = fields.Selection(
        selection=[
            ('draft', "New"),
            ('open', "To Comment"),
            ('closed', "Closed"),
        ],
        string="Status", required=True, readonly=True, default='draft', tracking=True, index=True, copy=False,
        group_expand=True)
    line_ids = fields.One2many(comodel_name='sales.receivable.pack.line', inverse_name='pack_id', string="Items")
