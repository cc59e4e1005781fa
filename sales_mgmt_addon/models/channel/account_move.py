from odoo import fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    channel_id = fields.Many2one(
        comodel_name='sales.channel', string="Channel", index='btree_not_null', ondelete='restrict', check_company=True,
        groups='base.group_user')
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", index='btree_not_null', ondelete='restrict', readonly=True,
        check_company=True, groups='base.group_user', help="Seller for whom the document is made: it holds his lines only.")
