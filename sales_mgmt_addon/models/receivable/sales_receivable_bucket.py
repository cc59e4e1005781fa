from odoo import fields, models


class SalesReceivableBucket(models.Model):
    """A range of days overdue by which a company ages its receivables; branches use those of their root company."""

    _name = 'sales.receivable.bucket'
    _description = "Ageing Bucket"
    _order = 'company_id, days_from'

    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company.root_id)
    days_from = fields.Integer(
        string="Days Overdue From", required=True,
        help="The bucket holds items from this many days after the due date until the next bucket begins.")
    days_to = fields.Integer(
        string="Until", readonly=True, help="Last day of the bucket, derived from the one that follows.")
