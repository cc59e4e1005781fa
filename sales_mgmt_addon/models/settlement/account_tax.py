from odoo import fields, models


class AccountTax(models.Model):
    _inherit = 'account.tax'

    on_behalf_tax_id = fields.Many2one(
        comodel_name='account.tax', string="Tax on Behalf of Sellers", check_company=True, copy=False, index='btree_not_null',
        ondelete='set null',
        help="Replaces this tax where the seller is the supplier: the tax is the seller's and goes to the clearing account.")
