from odoo import fields, models


class SalesReceivableWriteOff(models.Model):
    """A wish to give up items of a customer: booked once it is approved, and what is recovered of it later."""

    _name = 'sales.receivable.write.off'
    _description = "Write-Off"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'sales.approval.mixin']
    _order = 'id desc'

    name = fields.Char(string="Reference", required=True, readonly=True, default="/", copy=False, index='trigram')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True,
        default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('submitted', "To Approve"),
            ('booked', "Booked"),
            ('rejected', "Rejected"),
            ('cancelled', "Cancelled"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True)
    reason = fields.Text(string="Reason")
