from odoo import fields, models

from .const import CHANNEL_TYPES


class SalesChannel(models.Model):
    """A way to the buyer: own people, a store, a web shop, a platform, distributors, dealers, agents."""

    _name = 'sales.channel'
    _description = "Sales Channel"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, code, id'
    _parent_store = True
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True, tracking=True)
    code = fields.Char(
        string="Code", required=True, tracking=True,
        help="Short name that figures keep. It cannot change once documents carry the channel.")
    sequence = fields.Integer(string="Sequence", default=10)
    active = fields.Boolean(string="Active", default=True)
    type = fields.Selection(selection=CHANNEL_TYPES, string="Type", required=True, default='direct', tracking=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company)
    parent_id = fields.Many2one(
        comodel_name='sales.channel', string="Parent Channel", index='btree_not_null', ondelete='restrict', check_company=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(comodel_name='sales.channel', inverse_name='parent_id', string="Sub-channels")
    team_ids = fields.One2many(comodel_name='crm.team', inverse_name='channel_id', string="Sales Teams")
    journal_id = fields.Many2one(
        comodel_name='account.journal', string="Invoice Journal", check_company=True, ondelete='restrict',
        domain="[('type', '=', 'sale')]", help="Journal of the channel's own customer invoices.")
    analytic_account_id = fields.Many2one(
        comodel_name='account.analytic.account', string="Analytic Account", check_company=True, ondelete='restrict')
    mode_ids = fields.One2many(comodel_name='sales.channel.mode', inverse_name='channel_id', string="Modes")

    _unique_code = models.Constraint('UNIQUE (company_id, code)', "Another channel of the company has this code.")
