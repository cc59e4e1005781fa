from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = 'account.payment'

    payout_id = fields.Many2one(
        comodel_name='sales.payout', string="Payout Batch", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', check_company=True)
    settlement_id = fields.Many2one(
        comodel_name='sales.settlement', string="Settlement Statement", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', check_company=True)
