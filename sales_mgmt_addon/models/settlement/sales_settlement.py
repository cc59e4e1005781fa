from odoo import fields, models


class SalesSettlement(models.Model):
    """Statement of a seller in one currency: opening balance, what happened, closing balance.

    The closing balance is the balance of his payable account when it is posted.
    """

    _name = 'sales.settlement'
    _description = "Settlement Statement"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_to desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, readonly=True, index=True, ondelete='restrict')
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, readonly=True, ondelete='restrict')
    date_to = fields.Date(string="Cut-off", required=True, readonly=True)
    state = fields.Selection(
        selection=[('draft', "Draft"), ('posted', "Posted"), ('paid', "Paid"), ('cancelled', "Cancelled")],
        string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True)
    ledger_ids = fields.One2many(
        comodel_name='sales.seller.ledger', inverse_name='settlement_id', string="Entries", readonly=True)
    amount_opening = fields.Monetary(string="Opening Balance", readonly=True, copy=False)
    amount_sales = fields.Monetary(string="Sales", readonly=True, copy=False)
    amount_refunds = fields.Monetary(string="Refunds", readonly=True, copy=False)
    amount_commissions = fields.Monetary(string="Commissions with VAT", readonly=True, copy=False)
    amount_fees = fields.Monetary(string="Fees with VAT", readonly=True, copy=False)
    amount_adjustments = fields.Monetary(string="Adjustments", readonly=True, copy=False)
    amount_reserve = fields.Monetary(string="Reserve", readonly=True, copy=False)
    amount_payouts = fields.Monetary(string="Payouts", readonly=True, copy=False)
    amount_closing = fields.Monetary(
        string="Closing Balance", readonly=True, copy=False, help="What we owe the seller (+) or he owes us (-).")
    charge_move_id = fields.Many2one(
        comodel_name='account.move', string="Commission Invoice", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    move_id = fields.Many2one(
        comodel_name='account.move', string="Journal Entry", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    payment_ids = fields.One2many(
        comodel_name='account.payment', inverse_name='settlement_id', string="Payments", readonly=True)

    _unique_draft = models.UniqueIndex(
        "(seller_id, company_id, currency_id) WHERE state = 'draft'", "The seller has a draft statement in this currency.")
