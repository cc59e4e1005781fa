from odoo import fields, models


class SalesSellerLedger(models.Model):
    """What posting a statement adds to the ledger: reserves, their release, VAT of its documents."""

    _inherit = 'sales.seller.ledger'

    origin_settlement_id = fields.Many2one(
        comodel_name='sales.settlement', string="Made by Statement", readonly=True, index='btree_not_null', ondelete='restrict',
        help="The statement whose posting made this entry. Cancelling it takes the entry back.")
