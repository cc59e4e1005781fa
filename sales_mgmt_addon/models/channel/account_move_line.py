from odoo import fields, models

from .const import RIGHTS


class AccountMoveLine(models.Model):
    """Invoice lines carry the frozen rights they need: who is the seller, who owned the goods, whose revenue and tax it is.

    They are copied to credit notes as they are.
    """

    _inherit = 'account.move.line'

    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='restrict', readonly=True,
        check_company=True, groups='base.group_user')
    revenue_presentation = fields.Selection(
        selection=RIGHTS['revenue_presentation'], string="Revenue", readonly=True, groups='base.group_user')
    inventory_owner = fields.Selection(
        selection=RIGHTS['inventory_owner'], string="Inventory Owner", readonly=True, groups='base.group_user')
    tax_supplier = fields.Selection(
        selection=RIGHTS['tax_supplier'], string="VAT Supplier", readonly=True, groups='base.group_user')
    promo_funding = fields.Selection(
        selection=[('platform', "Platform"), ('seller', "Seller")], string="Promotion Paid By", readonly=True,
        groups='base.group_user')
