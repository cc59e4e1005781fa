from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare, format_amount

from ..channel.sales_channel_mode import ModeQuestion
from .const import AREA_GROUP

# What else the price depends on makes it computed anew, and so asks again whether it is the seller's
PRICE_FIELDS = ('price_unit', 'discount', 'offer_id')


class SaleOrderLine(models.Model):
    """Where the seller has price control, his offer sets the price, and nobody else does."""

    _inherit = 'sale.order.line'

    # Looked up for all lines of an order at once; prices are asked for line by line
    current_rights = fields.Json(compute='_compute_current_rights', compute_sudo=True, groups='base.group_user')
    seller_sets_price = fields.Boolean(
        string="Seller Sets the Price", compute='_compute_seller_sets_price', compute_sudo=True)

    # === COMPUTE METHODS === #

    @api.depends(
        'offer_id', 'seller_id', 'product_id', 'order_id.channel_id', 'rights_frozen_on', 'price_control', 'inventory_owner',
        'tax_supplier', 'revenue_presentation')
    def _compute_current_rights(self):
        # the rights in our own goods depend on their price, so that they must not be asked for while it is computed
        theirs = self.filtered('seller_id')
        rights = theirs._get_rights()
        for line in self:
            line.current_rights = rights.get(line.id) or {}

    @api.depends('current_rights', 'offer_id')
    def _compute_seller_sets_price(self):
        for line in self:
            line.seller_sets_price = bool(line.offer_id) and line.current_rights.get('price_control') == 'seller'

    @api.depends('offer_id')
    def _compute_pricelist_item_id(self):
        super()._compute_pricelist_item_id()
        self.filtered(lambda line: line._has_seller_price()).pricelist_item_id = False

    @api.depends('offer_id')
    def _compute_price_unit(self):
        """Override of `sale`: the seller's price replaces whatever was typed before."""
        theirs = self.filtered(lambda line: line._has_seller_price())
        super(SaleOrderLine, self - theirs)._compute_price_unit()
        super(SaleOrderLine, theirs.with_context(force_price_recomputation=True))._compute_price_unit()

    @api.depends('offer_id')
    def _compute_discount(self):
        theirs = self.filtered(lambda line: line._has_seller_price())
        super(SaleOrderLine, self - theirs)._compute_discount()
        theirs.discount = 0.0

    # === CONSTRAINT METHODS === #

    @api.constrains(*PRICE_FIELDS)
    def _check_seller_price(self):
        """The price of a line is the seller's, whoever writes it: the offer's, or the frozen one of a confirmed order."""
        theirs = self.sudo().filtered('offer_id')
        rights = theirs._get_rights()
        for line in theirs:
            if rights[line.id]['price_control'] == 'seller' and not line._is_at_seller_price():
                raise ValidationError(self.env._(
                    "%(seller)s sets the price of %(product)s: %(price)s without discount. Use a promotion to sell it for "
                    "less, or update the prices if the seller has changed his.",
                    seller=line.seller_id.name, product=line.product_id.display_name,
                    price=format_amount(self.env, line._get_seller_unit_price(), line.currency_id)))

    @api.constrains('offer_id', 'product_id')
    def _check_offer_product(self):
        for line in self.sudo():
            if line.offer_id and line.offer_id.product_id != line.product_id:
                raise ValidationError(self.env._(
                    "The offer of %(seller)s is for %(product)s. Choose an offer for the product of the line.",
                    seller=line.offer_id.seller_id.name, product=line.offer_id.product_id.display_name))

    # === ONCHANGE METHODS === #

    @api.onchange('product_id')
    def _onchange_product_offer(self):
        """Leave the offer of another product; where only sellers sell the product, take the cheapest offer."""
        for line in self:
            if line.offer_id and line.offer_id.product_id != line.product_id:
                line.offer_id = False
            if line.product_id and not line.offer_id and not line.display_type:
                line.offer_id = self._choose_offers([(line.order_id, line.product_id, line.product_uom_qty)])[0]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._set_default_offers(vals_list)
        return super().create(vals_list)

    def copy_data(self, default=None):
        """Override of `sale`: the copy of a line has today's price of the seller."""
        vals_list = super().copy_data(default)
        for line, vals in zip(self.sudo(), vals_list, strict=True):
            if line.offer_id and line._has_seller_price():
                for name in ('price_unit', 'technical_price_unit', 'discount'):
                    vals.pop(name, None)
        return vals_list

    # === BUSINESS METHODS - PRICE === #

    def _has_seller_price(self):
        """Tell whether a seller sets the price of the line. Note: self.ensure_one()"""
        self.ensure_one()
        line = self.sudo()
        return bool(line.offer_id) and bool(line.product_id) and line.seller_sets_price

    def _is_at_seller_price(self):
        """Tell whether the line costs what the seller asks, without a discount. Note: self.ensure_one()"""
        self.ensure_one()
        digits = self.env['decimal.precision'].precision_get('Product Price')
        return float_compare(self.discount, 0.0, precision_digits=2) == 0 and float_compare(
            self.price_unit, self._get_seller_unit_price(), precision_digits=digits) == 0

    def _get_display_price(self):
        """Override of `sale`: the seller's price where he sets it."""
        if self._has_seller_price():
            return self._get_offer_price()
        return super()._get_display_price()

    def _reset_price_unit(self):
        """Override of `sale`: the seller's price is on the tax basis of the line already."""
        if not self._has_seller_price():
            return super()._reset_price_unit()
        price = self._get_seller_unit_price()
        self.update({'price_unit': price, 'technical_price_unit': price})

    def _get_seller_unit_price(self):
        """Return what the unit price must be where a seller sets it. Note: self.ensure_one()

        :return: the price frozen with the order, or the offer's; in order currency, per unit of the line, on the tax basis
            of its taxes
        :raise UserError: if a currency has no rate
        :rtype: float
        """
        self.ensure_one()
        line = self.sudo()
        if line.rights_frozen_on:
            return line.price_snapshot
        price = line._get_offer_price()
        if taxes := line._get_included_taxes():
            price = taxes.compute_all(
                price, currency=line.currency_id, product=line.product_id, handle_price_include=False,
                rounding_method='round_globally')['total_included']
        return price

    def _get_offer_price(self):
        """Return the price of the offer, in order currency at the rate of the order date, per unit of the line, without VAT.

        :raise UserError: if a currency has no rate
        :rtype: float
        """
        self.ensure_one()
        line = self.sudo()
        currency = line.currency_id or line.order_id.currency_id or line.company_id.currency_id
        date = line.order_id.date_order or fields.Datetime.now()
        price = line.offer_id._convert_price(currency, fields.Datetime.context_timestamp(line, date).date())
        return line.product_id.uom_id._compute_price(price, line.product_uom_id or line.product_id.uom_id)

    def _get_included_taxes(self):
        """Return the taxes that the unit price of the line contains; none where the seller owes no VAT."""
        rights = self.current_rights
        if rights['tax_supplier'] == 'seller' and not self.seller_id.vat_registered:
            return self.env['account.tax']
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        return self.order_id.fiscal_position_id.map_tax(taxes).filtered('price_include')

    # === BUSINESS METHODS - CHOICE OF OFFER === #

    @api.model
    def _set_default_offers(self, vals_list):
        """Name the cheapest offer in new lines of products that only sellers sell, unless the line says which one."""
        open_vals = [
            vals for vals in vals_list
            if vals.get('product_id') and vals.get('order_id') and 'offer_id' not in vals and not vals.get('display_type')
            and not vals.get('is_downpayment')]
        questions = [(
            self.env['sale.order'].browse(vals['order_id']), self.env['product.product'].browse(vals['product_id']),
            vals.get('product_uom_qty', 1.0)) for vals in open_vals]
        for vals, offer in zip(open_vals, self._choose_offers(questions), strict=True):
            if offer:
                vals['offer_id'] = offer.id

    @api.model
    def _choose_offers(self, questions):
        """Return the cheapest offer in force for products whose price is a seller's by the mode of category or channel.

        :param list questions: (order, product, quantity in units of the product)
        :return: parallel to ``questions``: the offer, or an empty recordset
        :rtype: list
        """
        Offer, Mode = self.env['sales.seller.offer'].sudo(), self.env['sales.channel.mode'].sudo()
        if not questions or not self.env['res.groups']._is_feature_enabled(AREA_GROUP):
            return [Offer] * len(questions)
        today = fields.Date.context_today(self)
        modes = Mode._resolve([
            ModeQuestion(
                order.sudo().company_id or self.env.company, Mode.offer_id, Mode.seller_id, product.sudo().categ_id,
                order.sudo().channel_id, today)
            for order, product, _quantity in questions])
        theirs = [mode._get_rights()['price_control'] == 'seller' for mode in modes]
        if not any(theirs):
            return [Offer] * len(questions)
        products = {
            product.id for (_order, product, _quantity), seller_sells in zip(questions, theirs, strict=True) if seller_sells}
        offers = Offer.search([
            ('product_id', 'in', list(products)), ('state', '=', 'active'), ('seller_id.state', '=', 'active')])
        return [
            offers._get_cheapest(order.sudo(), product, quantity, today) if seller_sells else Offer
            for (order, product, quantity), seller_sells in zip(questions, theirs, strict=True)]
