from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .const import CHECK_KINDS

MONTHS_MAX = 240


class SalesSellerCheckType(models.Model):
    """What is checked before somebody may sell through us."""

    _name = 'sales.seller.check.type'
    _description = "Seller Check Type"
    _order = 'sequence, id'

    name = fields.Char(string="Name", required=True, translate=True)
    sequence = fields.Integer(string="Sequence", default=10)
    active = fields.Boolean(string="Active", default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", index=True, help="Empty: all companies.")
    kind = fields.Selection(selection=CHECK_KINDS, string="Kind", required=True, default='other')
    required = fields.Boolean(string="Required", default=True, help="A seller is approved, and paid, only while it holds.")
    needs_document = fields.Boolean(string="Needs a Document", default=True)
    validity_months = fields.Integer(string="Valid for (Months)", default=0, help="0: does not expire.")

    @api.constrains('validity_months')
    def _check_validity(self):
        for check_type in self:
            if not 0 <= check_type.validity_months <= MONTHS_MAX:
                raise ValidationError(self.env._("The validity must lie between 0 and %s months.", MONTHS_MAX))

    def _filter_for(self, company):
        """Return the types among these that hold in a company."""
        return self.filtered(lambda one: not one.company_id or one.company_id == company)
