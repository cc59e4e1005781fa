from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    marketplace_return_days = fields.Integer(
        string="Time to Return (Days)", default=14,
        help="Shipped orders of sellers are closed this many days after the last shipment.")

    _check_marketplace_return_days = models.Constraint(
        'CHECK (marketplace_return_days >= 0)', "The time to return goods cannot be negative.")
