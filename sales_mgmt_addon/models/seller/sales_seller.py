from odoo import fields, models

CYCLES = [
    ('weekly', "Weekly"),
    ('decade', "1st, 11th and 21st"),
    ('monthly', "Monthly"),
    ('delivery', "On Delivery plus Days"),
]


class SalesSeller(models.Model):
    """A third party who sells through us: one row per commercial partner and company."""

    _name = 'sales.seller'
    _description = "Seller"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'name, id'
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Partner", required=True, index=True, ondelete='restrict', tracking=True)
    name = fields.Char(related='partner_id.name', string="Name", store=True)
    code = fields.Char(string="Code", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, default=lambda self: self.env.company.currency_id,
        help="Currency of the amounts below. Statements are made per currency of the sales.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Account Manager", default=lambda self: self.env.user, index='btree_not_null',
        tracking=True)
    state = fields.Selection(
        selection=[
            ('application', "Application"), ('approved', "Approved"), ('active', "Active"),
            ('suspended', "Suspended"), ('closed', "Closed"),
        ],
        string="Status", required=True, default='application', readonly=True, copy=False, tracking=True, group_expand=True)
    mode_ids = fields.One2many(comodel_name='sales.channel.mode', inverse_name='seller_id', string="Modes")
    offer_ids = fields.One2many(comodel_name='sales.seller.offer', inverse_name='seller_id', string="Offers")
    offer_limit = fields.Integer(string="Most Offers", default=0, help="Highest number of active offers; 0 means no limit.")

    # Settlement terms
    vat_registered = fields.Boolean(
        string="Registered for VAT", default=True,
        help="Otherwise his sales carry no tax when he is the supplier.")
    bank_account_id = fields.Many2one(
        comodel_name='res.partner.bank', string="Bank Account", readonly=True, tracking=True, ondelete='restrict',
        groups='account.group_account_invoice,sales_mgmt_addon.group_channel_manager')
    bank_approved = fields.Boolean(
        string="Bank Account Approved", readonly=True, copy=False, tracking=True,
        help="Payouts wait until somebody else than who entered the account approves it.")
    payout_hold = fields.Boolean(string="Payouts on Hold", readonly=True, copy=False, tracking=True)
    payout_hold_reason = fields.Char(string="Reason of the Hold", readonly=True, copy=False)
    settlement_cycle = fields.Selection(
        selection=CYCLES, string="Settlement Cycle", required=True, default='monthly', tracking=True)
    settlement_delay_days = fields.Integer(
        string="Days after Delivery", default=0, tracking=True,
        help="Sales are settled this many days after they were delivered.")
    reserve_percent = fields.Float(string="Reserve (%)", digits=(5, 2), tracking=True, help="Share of a payout kept back.")
    reserve_days = fields.Integer(string="Reserve Kept (Days)", default=90, tracking=True)
    minimum_payout = fields.Monetary(string="Minimum Payout", tracking=True)

    _unique_partner = models.Constraint('UNIQUE (partner_id, company_id)', "This partner is a seller already.")
