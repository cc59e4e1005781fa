from odoo import fields, models

from .sales_dunning_level import CHANNELS


class SalesDunningLetter(models.Model):
    """A reminder to one customer about all items of a run, in the words of the highest level among them."""

    _name = 'sales.dunning.letter'
    _description = "Dunning Letter"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    run_id = fields.Many2one(
        comodel_name='sales.dunning.run', string="Run", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(related='run_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='restrict')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='set null')
    level_id = fields.Many2one(
        comodel_name='sales.dunning.level', string="Level", required=True, readonly=True, index=True,
        ondelete='restrict')
    channel = fields.Selection(selection=CHANNELS, string="Channel", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ('proposed', "Proposed"),
            ('queued', "To Send"),
            ('sent', "Sent"),
            ('failed', "Failed"),
            ('skipped', "Skipped"),
        ],
        string="Status", required=True, readonly=True, default='proposed', tracking=True, index=True, copy=False)
    sent_on = fields.Datetime(string="Sent On", readonly=True, copy=False)
    line_ids = fields.One2many(comodel_name='sales.dunning.line', inverse_name='letter_id', string="Items")
