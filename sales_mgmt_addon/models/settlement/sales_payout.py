from odoo import fields, models


class SalesPayout(models.Model):
    """A batch of payments to sellers: made by one person, approved by another, with the bank's reference."""

    _name = 'sales.payout'
    _description = "Payout Batch"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    date = fields.Date(string="Date", required=True, default=fields.Date.context_today)
    state = fields.Selection(
        selection=[('draft', "Draft"), ('approved', "Approved"), ('sent', "Sent"), ('done', "Done"), ('cancelled', "Cancelled")],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True)
    payment_ids = fields.One2many(
        comodel_name='account.payment', inverse_name='payout_id', string="Payments", readonly=True)
