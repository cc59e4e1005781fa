from odoo import fields, models


class SalesReceivableProvision(models.Model):
    """The expected loss of a company's receivables on a day, by ageing bucket and credit class, and its entry.

    Source: the provision matrix of IFRS 9, B5.5.35.
    """

    _name = 'sales.receivable.provision'
    _description = "Expected Credit Loss"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(string="As Of", required=True)
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('reversed', "Reversed"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True)
