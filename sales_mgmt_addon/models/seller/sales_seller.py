from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults
from ..channel.const import SELLER_GUARD
from ..credit.amounts import check_amounts
from .const import DAYS_MAX, SELLER_STATES, SETTLEMENT_CYCLES

# Who may know what a seller is paid, and when
PAYMENT_GROUPS = (
    'sales_mgmt_addon.group_channel_manager,sales_mgmt_addon.group_settlement_officer,sales_mgmt_addon.group_director,'
    'account.group_account_invoice,account.group_account_readonly')
AMOUNT_FIELDS = ('offer_limit', 'settlement_delay_days', 'reserve_percent', 'reserve_days', 'minimum_payout')
# Written by the buttons only, see sales_seller_life.py and sales_seller_bank.py
SERVER_FIELDS = frozenset({
    'name', 'code', 'state', 'active', 'suspend_reason', 'approved_by_id', 'approved_on', 'bank_account_id', 'bank_approved',
    'bank_changed_by_id', 'bank_editor_ids', 'bank_changed_on', 'payout_hold', 'payout_hold_reason', 'hold_manual',
    'hold_check',
    'offer_version',
})


class SalesSeller(models.Model):
    """A third party who sells through us: one row per commercial partner and company."""

    _name = 'sales.seller'
    _description = "Seller"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'name, id'
    _rec_names_search = ['name', 'code']
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Partner", required=True, index=True, ondelete='restrict', tracking=True,
        domain="[('parent_id', '=', False), '|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="The company or person itself, no contact of it.")
    name = fields.Char(related='partner_id.name', string="Name", store=True)
    code = fields.Char(string="Code", required=True, readonly=True, copy=False, default="/")
    active = fields.Boolean(string="Active", default=True, readonly=True, copy=False)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, default=lambda self: self.env.company.currency_id,
        help="Currency of the amounts below. Statements are made per currency of the sales.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Account Manager", default=lambda self: self.env.user, index='btree_not_null',
        tracking=True, domain="[('share', '=', False)]")
    state = fields.Selection(
        selection=SELLER_STATES, string="Status", required=True, default='application', readonly=True, copy=False,
        tracking=True, group_expand=True, index=True)
    suspend_reason = fields.Text(string="Reason of the Suspension", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        comodel_name='res.users', string="Approved By", readonly=True, copy=False, ondelete='restrict')
    approved_on = fields.Datetime(string="Approved On", readonly=True, copy=False)
    mode_ids = fields.One2many(comodel_name='sales.channel.mode', inverse_name='seller_id', string="Modes")
    offer_ids = fields.One2many(comodel_name='sales.seller.offer', inverse_name='seller_id', string="Offers")
    offer_limit = fields.Integer(
        string="Most Offers", default=0, tracking=True, help="Highest number of active offers; 0 means no limit.")
    # Raised before active offers are counted, so that two people never use the same place
    offer_version = fields.Integer(readonly=True, copy=False, default=0)

    # Settlement terms
    vat_registered = fields.Boolean(
        string="Registered for VAT", default=True, tracking=True,
        help="Otherwise his sales carry no tax when he is the supplier.")
    settlement_cycle = fields.Selection(
        selection=SETTLEMENT_CYCLES, string="Settlement Cycle", required=True, default='monthly', tracking=True)
    settlement_delay_days = fields.Integer(
        string="Days to Wait", default=0, tracking=True,
        help="Sales are settled this many days after their invoice, or after the delivery where the cycle says so.")
    reserve_percent = fields.Float(
        string="Reserve (%)", digits=(5, 2), tracking=True, groups=PAYMENT_GROUPS, help="Share of a payout kept back.")
    reserve_days = fields.Integer(string="Reserve Kept (Days)", default=90, tracking=True, groups=PAYMENT_GROUPS)
    minimum_payout = fields.Monetary(string="Minimum Payout", tracking=True, groups=PAYMENT_GROUPS)

    _unique_partner = models.Constraint('UNIQUE (partner_id, company_id)', "This partner is a seller already.")

    # === COMPUTE METHODS === #

    @api.depends('name', 'code')
    def _compute_display_name(self):
        for seller in self:
            seller.display_name = seller.name or seller.code

    # === CONSTRAINT METHODS === #

    @api.constrains('partner_id', 'company_id')
    def _check_partner(self):
        for seller in self.sudo():
            partner = seller.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(self.env._(
                    "%(contact)s is a contact of %(company)s. Make %(company)s the seller.",
                    contact=partner.name, company=partner.commercial_partner_id.name))
            if partner.company_id and partner.company_id != seller.company_id:
                raise ValidationError(self.env._(
                    "%(partner)s belongs to another company and cannot be a seller of %(company)s.",
                    partner=partner.name, company=seller.company_id.name))
            if partner == seller.company_id.partner_id:
                raise ValidationError(self.env._("%s cannot be a seller of its own marketplace.", partner.name))

    @api.constrains('user_id')
    def _check_user(self):
        for seller in self:
            user = seller.user_id.sudo()
            if user and (user.share or seller.company_id not in user.company_ids):
                raise ValidationError(self.env._(
                    "The account manager must be an internal user who works in %s.", seller.company_id.name))

    @api.constrains('settlement_delay_days', 'reserve_percent', 'reserve_days')
    def _check_terms(self):
        for seller in self:
            if seller.reserve_percent > 100:
                raise ValidationError(self.env._("The reserve must lie between 0 % and 100 %."))
            if max(seller.settlement_delay_days, seller.reserve_days) > DAYS_MAX:
                raise ValidationError(self.env._("Days must lie between 0 and %s.", DAYS_MAX))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        message = self.env._("The status and the bank account of a seller change with the buttons.")
        check_server_fields(self, vals_list, SERVER_FIELDS, SELLER_GUARD, message)
        self = without_defaults(self, SERVER_FIELDS, SELLER_GUARD)
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
            company = self.env['res.company'].browse(vals.get('company_id')) or self.env.company
            if not vals.get('code'):
                vals['code'] = self.env['ir.sequence'].sudo().with_company(company).next_by_code(self._name) or "/"
            if 'currency_id' not in vals:
                vals['currency_id'] = company.sudo().currency_id.id
        sellers = super().create(vals_list)
        sellers.filtered(lambda seller: seller.state == 'application')._create_checks()
        return sellers

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        if not granted(self, SELLER_GUARD):
            check_server_fields(self, [vals], SERVER_FIELDS, SELLER_GUARD, self.env._(
                "The status and the bank account of a seller change with the buttons."))
            if {'partner_id', 'company_id'} & vals.keys() and any(seller.state != 'application' for seller in self):
                raise UserError(self.env._("Partner and company of a seller stay as they are once he is approved."))
        res = super().write(vals)
        if vals.get('vat_registered'):
            self.filtered(lambda seller: seller.state != 'closed')._create_checks()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_applications_only(self):
        if any(seller.state != 'application' for seller in self):
            raise UserError(self.env._("Only applications can be deleted. Close the seller instead."))

    # === TOOLING === #

    def _as_server(self):
        """Return the sellers in sudo mode with the permission to write what only the server writes."""
        return grant(self.sudo(), SELLER_GUARD, only_these=True)
