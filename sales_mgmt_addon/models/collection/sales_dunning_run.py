from odoo import fields, models


class SalesDunningRun(models.Model):
    """One walk through all due instalments of a company: proposes letters, which somebody checks and sends."""

    _name = 'sales.dunning.run'
    _description = "Dunning Run"
    _inherit = ['mail.thread']
    _order = 'date desc, id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    date = fields.Date(string="Date", required=True, default=fields.Date.context_today)
    state = fields.Selection(
        selection=[
            ('draft', "New"),
            ('proposed', "Proposed"),
            ('sending', "Sending"),
            ('done', "Done"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='draft', tracking=True, index=True, copy=False)
    letter_ids = fields.One2many(comodel_name='sales.dunning.letter', inverse_name='run_id', string="Letters")
