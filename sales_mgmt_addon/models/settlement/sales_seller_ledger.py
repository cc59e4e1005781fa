from odoo import fields, models


class SalesSellerLedger(models.Model):
    """The sub-ledger of the marketplace: one row per fact that changes what a seller gets.

    Written by server code only, never edited. Rows of kinds `sale`, `refund` and `promo` stand for journal
    items of the clearing account; their unsettled sum is its balance with the sign turned.
    """

    _name = 'sales.seller.ledger'
    _description = "Seller Ledger Entry"
    _order = 'date desc, id desc'
    _check_company_auto = True

    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='restrict')
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, readonly=True, ondelete='restrict')
    date = fields.Date(string="Date", required=True, readonly=True)
    available_date = fields.Date(
        string="Settled From", readonly=True, index='btree_not_null',
        help="First day on which a statement may take the entry; empty while the goods are not delivered.")
    kind = fields.Selection(
        selection=[
            ('sale', "Sale"), ('refund', "Refund"), ('promo', "Promotion"), ('commission', "Commission"), ('fee', "Service Fee"),
            ('adjust', "Adjustment"), ('reserve', "Reserve Kept"), ('release', "Reserve Released"),
        ],
        string="Kind", required=True, readonly=True)
    amount = fields.Monetary(
        string="Amount", required=True, readonly=True,
        help="What the seller gets (+) or pays (-), without the VAT on our own charges.")
    tax_amount = fields.Monetary(string="VAT on Charges", readonly=True)
    move_id = fields.Many2one(
        comodel_name='account.move', string="Document", readonly=True, index='btree_not_null', ondelete='restrict')
    aml_id = fields.Many2one(
        comodel_name='account.move.line', string="Journal Item", readonly=True, index='btree_not_null', ondelete='restrict')
    shipment_line_id = fields.Many2one(
        comodel_name='sales.seller.shipment.line', string="Shipped Goods", readonly=True, index='btree_not_null',
        ondelete='restrict', help="What the commission was earned with, where the seller collects the price himself.")
    sale_line_id = fields.Many2one(
        comodel_name='sale.order.line', string="Order Line", readonly=True, index='btree_not_null', ondelete='restrict')
    product_id = fields.Many2one(comodel_name='product.product', string="Product", readonly=True, ondelete='restrict')
    quantity = fields.Float(string="Quantity", digits='Product Unit', readonly=True)
    rule_id = fields.Many2one(
        comodel_name='sales.commission.rule', string="Rule", readonly=True, index='btree_not_null', ondelete='restrict')
    rate = fields.Float(string="Rate (%)", digits=(7, 4), readonly=True)
    base_amount = fields.Monetary(string="Base", readonly=True)
    account_id = fields.Many2one(
        comodel_name='account.account', string="Account", readonly=True, ondelete='restrict',
        help="Counterpart of an adjustment.")
    note = fields.Char(string="Note", readonly=True)
    document_ids = fields.Many2many(
        comodel_name='ir.attachment', string="Documents", readonly=True, help="What proves an adjustment.")
    settlement_id = fields.Many2one(
        comodel_name='sales.settlement', string="Statement", readonly=True, index='btree_not_null', ondelete='restrict')

    _unique_source = models.UniqueIndex(
        '(aml_id, kind) WHERE aml_id IS NOT NULL', "This journal item is in the seller's ledger already.")
