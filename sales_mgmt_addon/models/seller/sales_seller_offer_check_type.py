from odoo import api, fields, models
from odoo.exceptions import ValidationError

FACTS = [
    ('manual', "A person looks at it"),
    ('image', "The product has a picture"),
    ('description', "Offer or product is described"),
    ('category', "The seller may sell the category"),
    ('weight', "Goods have a weight"),
    ('barcode', "The product has a barcode"),
    ('sku', "The seller's reference is known"),
    ('lead', "There is a lead time"),
    ('stock', "There is stock"),
]


class SalesSellerOfferCheckType(models.Model):
    """What makes a good offer, and how much it counts."""

    _name = 'sales.seller.offer.check.type'
    _description = "Offer Check Type"
    _order = 'sequence, id'

    name = fields.Char(string="Name", required=True, translate=True)
    sequence = fields.Integer(string="Sequence", default=10)
    active = fields.Boolean(string="Active", default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", index=True, help="Empty: all companies.")
    fact = fields.Selection(selection=FACTS, string="Looks At", required=True, default='manual')
    weight = fields.Integer(string="Weight", required=True, default=10, help="Share in the score, against the other checks.")
    required = fields.Boolean(string="Required", help="Without it an offer is not approved, whatever its score.")

    @api.constrains('weight')
    def _check_weight(self):
        if any(not 0 <= check_type.weight <= 1000 for check_type in self):
            raise ValidationError(self.env._("The weight of a check must lie between 0 and 1000."))

    def _filter_for(self, company):
        """Return the types among these that hold in a company."""
        return self.filtered(lambda one: not one.company_id or one.company_id == company)
