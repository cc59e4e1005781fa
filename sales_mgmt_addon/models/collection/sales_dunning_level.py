from odoo import fields, models

CHANNELS = [
    ('mail', "E-mail"),
    ('letter', "Printed letter"),
    ('activity', "Activity for the owner"),
]


class SalesDunningLevel(models.Model):
    """What a company does so many days after, or before, an instalment is due."""

    _name = 'sales.dunning.level'
    _description = "Dunning Level"
    _order = 'company_id, days, id'

    name = fields.Char(string="Name", required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    days = fields.Integer(
        string="Days After Due", required=True, help="Negative: so many days before the instalment is due.")
    channel = fields.Selection(selection=CHANNELS, string="Channel", required=True, default='mail')
    template_id = fields.Many2one(
        comodel_name='mail.template', string="E-mail Template", ondelete='restrict',
        domain="[('model', '=', 'sales.dunning.letter')]")
    fee = fields.Monetary(string="Fee", help="Per letter, in company currency.")
    interest_rate = fields.Float(string="Interest (% per Year)", digits=(16, 4))
    stop_supply = fields.Boolean(
        string="Stop Supply", help="New orders and deliveries of the customer wait on hold until the items are paid.")
    attach_invoices = fields.Boolean(string="Attach the Invoices", default=True)

    _days_unique = models.UniqueIndex(
        "(company_id, days) WHERE active", "There is a dunning level for this day already.")
