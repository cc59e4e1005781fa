from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, format_amount, format_date

from ...internal import grant, granted
from ...server_fields import check_server_fields, without_defaults
from ..channel.const import OFFER_GUARD
from ..channel.sales_channel_mode import ModeQuestion
from ..credit.amounts import check_amounts
from .const import DAYS_MAX, OFFER_STATES

# Written by the buttons only, see sales_seller_offer_life.py
SERVER_FIELDS = frozenset({
    'state', 'state_reason', 'approved_by_id', 'approved_on', 'approved_price', 'approved_currency_id', 'quality_score',
    'company_id'})
AMOUNT_FIELDS = ('price', 'minimum_quantity', 'stock_quantity', 'lead_days')
# What an offer is about: another product is another offer
SUBJECT_FIELDS = frozenset({'product_id', 'currency_id'})
EDITABLE_STATES = ('draft', 'rejected')


class SalesSellerOffer(models.Model):
    """What a seller asks for a product of the shared catalogue."""

    _name = 'sales.seller.offer'
    _description = "Seller Offer"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'product_id, price, id'
    _rec_names_search = ['seller_id.name', 'product_id.name', 'product_id.default_code', 'seller_sku']
    _check_company_auto = True

    seller_id = fields.Many2one(
        comodel_name='sales.seller', string="Seller", required=True, index=True, ondelete='restrict', check_company=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    user_id = fields.Many2one(related='seller_id.user_id', string="Account Manager")
    seller_state = fields.Selection(related='seller_id.state', string="Seller's Status")
    product_id = fields.Many2one(
        comodel_name='product.product', string="Product", required=True, index=True, ondelete='restrict', check_company=True,
        domain="[('sale_ok', '=', True), ('type', '!=', 'combo')]")
    uom_id = fields.Many2one(related='product_id.uom_id', string="Unit")
    categ_id = fields.Many2one(related='product_id.categ_id', string="Product Category")
    seller_sku = fields.Char(string="Seller's Reference", index='btree_not_null', tracking=True)
    description = fields.Html(string="Description", translate=True, help="What the seller says about the goods.")
    price = fields.Monetary(string="Price", required=True, tracking=True, help="Per unit of the product, without VAT.")
    currency_id = fields.Many2one(
        comodel_name='res.currency', string="Currency", required=True, default=lambda self: self.env.company.currency_id)
    minimum_quantity = fields.Float(string="Minimum Quantity", digits='Product Unit', default=0.0, tracking=True)
    date_from = fields.Date(string="From", tracking=True)
    date_to = fields.Date(string="Until", tracking=True)
    lead_days = fields.Integer(string="Lead Time (Days)", default=1, tracking=True)
    stock_quantity = fields.Float(
        string="Seller's Stock", digits='Product Unit', help="What the seller says he has, where he ships himself.")
    available_quantity = fields.Float(
        string="In Stock", digits='Product Unit', compute='_compute_available_quantity', compute_sudo=True,
        help="What the seller says he has less what he has still to ship; where we ship, his goods that are free in our stock.")
    state = fields.Selection(
        selection=OFFER_STATES, string="Status", required=True, default='draft', readonly=True, copy=False, tracking=True,
        group_expand=True, index=True)
    state_reason = fields.Char(string="Reason", readonly=True, copy=False, help="Why it was rejected or paused.")
    approved_by_id = fields.Many2one(
        comodel_name='res.users', string="Approved By", readonly=True, copy=False, ondelete='restrict')
    approved_on = fields.Datetime(string="Approved On", readonly=True, copy=False)
    approved_price = fields.Monetary(
        string="Approved Price", readonly=True, copy=False, currency_field='approved_currency_id',
        help="The price may move around it without another approval, as far as the settings of the company allow.")
    approved_currency_id = fields.Many2one(
        comodel_name='res.currency', readonly=True, copy=False, ondelete='restrict')
    mode_ids = fields.One2many(comodel_name='sales.channel.mode', inverse_name='offer_id', string="Modes")

    _unique_active = models.UniqueIndex(
        "(seller_id, product_id) WHERE state = 'active'", "The seller has an active offer for this product already.")
    _positive_price = models.Constraint('CHECK (price > 0)', "The price of an offer must be more than 0.")
    _check_dates = models.Constraint(
        'CHECK (date_from IS NULL OR date_to IS NULL OR date_from <= date_to)', "An offer cannot end before it begins.")

    # === COMPUTE METHODS === #

    @api.depends('seller_id.name', 'product_id.display_name', 'price', 'currency_id', 'available_quantity', 'lead_days')
    @api.depends_context('offer_hint')
    def _compute_display_name(self):
        """Where an offer is chosen (``offer_hint`` in the context), the name says what it costs and whether there is any."""
        hint = self.env.context.get('offer_hint')
        for offer in self.sudo():
            names = {
                'seller': offer.seller_id.name or '', 'product': offer.product_id.display_name or '',
                'price': format_amount(self.env, offer.price, offer.currency_id or self.env.company.currency_id)}
            if hint:
                offer.display_name = self.env._(
                    "%(seller)s: %(price)s, %(quantity)s available, %(days)s days", **names,
                    quantity=f"{offer.available_quantity:g}", days=offer.lead_days)
            else:
                offer.display_name = self.env._("%(seller)s: %(product)s at %(price)s", **names)

    @api.depends('stock_quantity', 'product_id', 'seller_id')
    def _compute_available_quantity(self):
        known = self.filtered('id')
        free = known._get_free_quantity()
        for offer in self:
            offer.available_quantity = free.get(offer.id, offer.stock_quantity)

    # === CONSTRAINT METHODS === #

    @api.constrains('lead_days')
    def _check_lead_days(self):
        if any(offer.lead_days > DAYS_MAX for offer in self):
            raise ValidationError(self.env._("The lead time must lie between 0 and %s days.", DAYS_MAX))

    @api.constrains('product_id', 'seller_id')
    def _check_product(self):
        for offer in self.sudo():
            product = offer.product_id
            if not product.sale_ok or product.type == 'combo':
                raise ValidationError(self.env._("%s is not for sale and cannot be offered.", product.display_name))
            if product.company_id and product.company_id != offer.company_id:
                raise ValidationError(self.env._(
                    "%(product)s belongs to another company than %(seller)s.", product=product.display_name,
                    seller=offer.seller_id.name))

    @api.constrains('currency_id')
    def _check_currency(self):
        for offer in self:
            if offer.currency_id.id not in offer._get_usable_currencies(offer.company_id, offer.currency_id):
                raise ValidationError(self.env._(
                    "%(currency)s has no rate in %(company)s. Enter a currency rate first.",
                    currency=offer.currency_id.name, company=offer.company_id.sudo().name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        check_server_fields(self, vals_list, SERVER_FIELDS, OFFER_GUARD, self.env._(
            "The status of an offer changes with the buttons."))
        self = without_defaults(self, SERVER_FIELDS, OFFER_GUARD)
        for vals in vals_list:
            check_amounts(self, vals, AMOUNT_FIELDS)
            if 'currency_id' not in vals and vals.get('seller_id'):
                vals['currency_id'] = self.env['sales.seller'].browse(vals['seller_id']).sudo().currency_id.id
            if vals.get('state') == 'active':
                vals.setdefault('approved_price', vals.get('price'))
                vals.setdefault('approved_currency_id', vals.get('currency_id'))
        return super().create(vals_list)

    def write(self, vals):
        check_amounts(self, vals, AMOUNT_FIELDS)
        if not granted(self, OFFER_GUARD):
            self._check_write(vals)
        res = super().write(vals)
        if {'price', 'currency_id'} & vals.keys() and not granted(self, OFFER_GUARD):
            self._review_price()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        if any(offer.state not in EDITABLE_STATES or offer.approved_on for offer in self):
            raise UserError(self.env._("Only offers that were never approved can be deleted. Close the offer instead."))

    def _check_write(self, vals):
        check_server_fields(self, [vals], SERVER_FIELDS, OFFER_GUARD, self.env._(
            "The status of an offer changes with the buttons."))
        for offer in self:
            if 'seller_id' in vals and vals['seller_id'] != offer.seller_id.id:
                raise UserError(self.env._("An offer stays with its seller."))
            if offer.state not in EDITABLE_STATES and any(
                    vals[name] != offer[name].id for name in SUBJECT_FIELDS & vals.keys()):
                raise UserError(self.env._(
                    "Product and currency of a submitted offer stay as they are. Close it and make another one."))
            if offer.state == 'closed' and {'price', 'date_from', 'date_to', 'stock_quantity'} & vals.keys():
                raise UserError(self.env._("This offer is closed. Make another one."))

    # === BUSINESS METHODS === #

    def _get_rights(self):
        """Return the rights under which the offers sell today, without a channel.

        :return: by offer id, right -> holder
        :rtype: dict
        """
        offers = self.sudo()
        today = fields.Date.context_today(self)
        modes = self.env['sales.channel.mode']._resolve([
            ModeQuestion(
                offer.company_id, offer._origin, offer.seller_id._origin, offer.product_id.categ_id,
                self.env['sales.channel'], today)
            for offer in offers])
        return {offer_id: mode._get_rights() for offer_id, mode in zip(self._ids, modes, strict=True)}

    def _get_sale_error(self, date=None, quantity=None):
        """Return why the offer cannot be sold, or ``False``. Note: self.ensure_one()

        :param date date: day of the sale; today if ``None``
        :param float quantity: in units of the product; any quantity if ``None``
        :return: text for the user
        :rtype: str | bool
        """
        self.ensure_one()
        offer = self.sudo()
        date = date or fields.Date.context_today(self)
        product, seller = offer.product_id.display_name, offer.seller_id.name
        if not offer.seller_id._is_selling():
            return self.env._("%(seller)s does not sell at present, so that %(product)s cannot be ordered from him.",
                              seller=seller, product=product)
        if offer.state != 'active':
            return self.env._("The offer of %(seller)s for %(product)s is not on sale. Choose another offer.",
                              seller=seller, product=product)
        if (offer.date_from and date < offer.date_from) or (offer.date_to and date > offer.date_to):
            return self.env._("The offer of %(seller)s for %(product)s does not hold on %(date)s. Choose another offer.",
                              seller=seller, product=product, date=format_date(self.env, date))
        if not offer.product_id.sale_ok or not offer.product_id.active:
            return self.env._("%s is not for sale any more.", product)
        if quantity is not None and offer.minimum_quantity > 0 and offer.uom_id.compare(quantity, offer.minimum_quantity) < 0:
            return self.env._("%(seller)s sells %(product)s in quantities of %(minimum)s or more.",
                              seller=seller, product=product, minimum=f"{offer.minimum_quantity:g} {offer.uom_id.name}")
        return False

    def _convert_price(self, currency, date, usable=None):
        """Return the price per unit of the product in another currency, not rounded. Note: self.ensure_one()

        :param currency: `res.currency` record
        :param date date: day of the rate
        :param set usable: ids of the currencies that have a rate, if they are known already
        :raise UserError: if one of the two currencies has no rate
        :rtype: float
        """
        self.ensure_one()
        offer = self.sudo()
        if offer.currency_id == currency:
            return offer.price
        both = offer.currency_id | currency
        if usable is None:
            usable = self._get_usable_currencies(offer.company_id, both)
        for one in both:
            if one.id not in usable:
                raise UserError(self.env._(
                    "%(currency)s has no rate in %(company)s, so that the price of %(seller)s cannot be converted. "
                    "Enter a currency rate first.", currency=one.name, company=offer.company_id.name,
                    seller=offer.seller_id.name))
        return offer.currency_id._convert(offer.price, currency, offer.company_id, date, round=False)

    @api.model
    def _get_usable_currencies(self, company, currencies):
        """Return the ids of those currencies that a company can convert: its own, and those with a rate.

        :rtype: set[int]
        """
        company = company.sudo()
        usable = {company.currency_id.id}
        if foreign := currencies - company.currency_id:
            groups = self.env['res.currency.rate'].sudo()._read_group(
                [('currency_id', 'in', foreign.ids), ('company_id', 'in', (False, company.root_id.id))], ['currency_id'])
            usable.update(currency.id for currency, in groups)
        return usable

    def _review_price(self):
        """Ask for another approval of offers whose price has moved too far from the approved one."""
        for offer in self.filtered(lambda one: one.state in ('active', 'paused')):
            share = offer.company_id.sudo().offer_price_tolerance / 100.0
            before = offer.approved_price
            moved = abs(offer.price - before)
            if offer.currency_id == offer.approved_currency_id and float_compare(
                    moved, before * share, precision_rounding=offer.currency_id.rounding) <= 0:
                continue
            offer._as_server().write({'state': 'submitted', 'state_reason': False})
            offer.sudo().message_post(body=self.env._(
                "The price has moved from %(before)s to %(after)s. The offer is off sale until it is approved again.",
                before=format_amount(self.env, before, offer.approved_currency_id),
                after=format_amount(self.env, offer.price, offer.currency_id)))

    # === TOOLING === #

    def _as_server(self):
        """Return the offers in sudo mode with the permission to write what only the server writes."""
        return grant(self.sudo(), OFFER_GUARD, only_these=True)
