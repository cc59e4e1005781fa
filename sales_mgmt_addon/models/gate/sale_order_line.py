from odoo import api, models
from odoo.exceptions import UserError

# See DERIVED_FIELDS of the order. `qty_to_invoice` stays: Odoo's own flows write it as a user.
DERIVED_FIELDS = {
    'price_subtotal', 'price_tax', 'price_total', 'price_reduce_taxexcl', 'price_reduce_taxinc',
    'qty_invoiced', 'untaxed_amount_invoiced', 'untaxed_amount_to_invoice', 'invoice_status',
    'state', 'order_partner_id', 'salesman_id', 'company_id', 'currency_id',
}


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    #=== CRUD METHODS ===#

    def _has_field_access(self, field, operation):
        if (operation == 'write' and field.name in DERIVED_FIELDS and not self.env.su
                and self.env['sale.order']._gate_is_active()):
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env['sale.order'].browse({vals['order_id'] for vals in vals_list if vals.get('order_id')})
        orders.filtered(lambda order: order.state == 'sale')._gate_complete_clearance()
        return super().create(vals_list)

    def write(self, vals):
        if 'qty_delivered' in vals and not self.env.su:
            self._gate_check_delivered()
        self.order_id.filtered(lambda order: order.state == 'sale')._gate_complete_clearance()
        return super().write(vals)

    def _gate_check_delivered(self):
        """Delivered goods are counted by stock moves; typing another number would hide a debt.

        :raise UserError: if the quantity of a line comes from stock moves, unless for a sales administrator
        """
        if self.env['sale.order']._gate_is_active() and not self.env.user.has_group('sales_team.group_sale_manager') and any(
            line.state == 'sale' and line.qty_delivered_method == 'stock_move' for line in self
        ):
            raise UserError(self.env._("Delivered quantities of goods come from their transfers and cannot be typed."))

    #=== GATE ===#

    def _gate_is_priced(self):
        """Tell whether the line takes part in the comparison of prices. Note: self.ensure_one()

        Down payments and re-invoiced expenses have no list price of their own; a delivery line
        (module `delivery`) is priced by its carrier.
        """
        self.ensure_one()
        is_delivery = 'is_delivery' in self._fields and self.is_delivery
        return bool(self.product_id) and not (self.display_type or self.is_downpayment or self.is_expense or is_delivery)

    def _gate_price_figures(self):
        """Return what the line costs at list, agreed and actual price.

        A line with a negative price (a global discount, a reward) has no price of its own: it only
        lowers the net of the order.

        :return: ``list``, ``agreed``, ``net`` for the whole line, in order currency, on the tax basis
            of the unit price
        :rtype: dict[str, float]
        """
        self.ensure_one()
        line = self.with_company(self.company_id)
        quantity = line.product_uom_qty
        net = line.price_unit * (1.0 - line.discount / 100.0) * quantity
        if line.price_unit < 0:
            return {'list': 0.0, 'agreed': 0.0, 'net': net}
        list_price = line._gate_list_price()
        agreed = line._gate_tax_basis(line._get_pricelist_price()) if (
            line.order_id._gate_is_entitled_pricelist() and not line.combo_item_id and line.product_type != 'combo'
        ) else list_price
        return {'list': list_price * quantity, 'agreed': agreed * quantity, 'net': net}

    def _gate_load_rules(self):
        """Look up the pricelist rules of the lines of many orders at once, where Odoo searches for each line.

        The rules are left in the cache of the lines. Whoever calls takes them out again, so that prices which are
        not just shown always come from Odoo's own search.
        """
        listed = self.filtered(lambda line: line.order_id.pricelist_id and line._gate_is_priced())
        field = self._fields['pricelist_item_id']
        for company, lines in listed.grouped('company_id').items():
            lines = lines.with_company(company)
            products = lines.product_id
            # more than applies to a line, in the order of precedence
            rules = lines.env['product.pricelist.item'].search([
                ('pricelist_id', 'in', lines.order_id.pricelist_id.ids),
                ('product_tmpl_id', 'in', [False, *products.product_tmpl_id.ids]),
                ('product_id', 'in', [False, *products.ids]),
            ]).grouped('pricelist_id')
            with self.env.protecting([field], lines):
                for line in lines:
                    line.pricelist_item_id = line._gate_choose_rule(rules.get(line.order_id.pricelist_id) or ())

    def _gate_choose_rule(self, rules):
        """Return the first rule that applies to the line, as its pricelist does, or ``False``. Note: self.ensure_one()"""
        self.ensure_one()
        product, date = self.product_id, self._get_order_date()
        unit = self.product_uom_id or product.uom_id
        quantity = unit._compute_quantity(self.product_uom_qty or 1.0, product.uom_id, raise_if_failure=False)
        return next((
            rule for rule in rules
            if (not rule.date_start or rule.date_start <= date) and (not rule.date_end or rule.date_end >= date)
            and rule._is_applicable_for(product, quantity)
        ), False)

    def _gate_list_price(self):
        """Return the list price per unit of the line, in order currency. Note: self.ensure_one()"""
        if self.product_type == 'combo' or self.combo_item_id:
            return self._get_display_price()
        no_rule = self.env['product.pricelist.item']
        return self._gate_tax_basis(no_rule._compute_price(
            product=self.product_id.with_context(**self._get_product_price_context()),
            **self._get_pricelist_kwargs(),
        ))

    def _gate_tax_basis(self, price):
        """Convert a product price to the tax basis of the line's unit price, as `sale` does."""
        if not self.order_id.fiscal_position_id:
            return price  # nothing to convert, so the taxes of the products need not be read
        return self.product_id._get_tax_included_unit_price_from_price(
            price,
            product_taxes=self.product_id.taxes_id._filter_taxes_by_company(self.company_id),
            fiscal_position=self.order_id.fiscal_position_id,
        )

    def _gate_margin_figures(self, net):
        """Return what the line adds to revenue and cost of the order's margin; for lines that are not all our revenue.

        :param float net: what the line is sold for, in order currency
        :return: revenue and cost, in order currency
        :rtype: tuple[float, float]
        """
        return net, self._gate_cost()

    def _gate_cost(self):
        """Return what the line costs us, in order currency at the order's own rate. Note: self.ensure_one()"""
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        cost = product.uom_id._compute_price(product.standard_price, self.product_uom_id)
        return cost * self.product_uom_qty * (self.order_id.currency_rate or 1.0)

    def _gate_over_delivery(self, moves):
        """Return the value of what moves of this line deliver beyond the ordered quantity.

        :param moves: `stock.move` of this line, done or about to be
        :return: gross value in company currency at the order's own rate
        :rtype: float
        """
        self.ensure_one()
        coming = sum(
            move.product_uom._compute_quantity(move._gate_quantity(), self.product_uom_id, rounding_method='HALF-UP')
            for move in moves if move.state != 'done')
        over = self.qty_delivered + coming - self.product_uom_qty
        if self.product_uom_id.compare(over, 0.0) <= 0:
            return 0.0
        return over * self._gate_unit_gross() / (self.order_id.currency_rate or 1.0)

    def _gate_unit_gross(self):
        """Return the price of one unit with discount and taxes, in order currency."""
        self.ensure_one()
        if self.product_uom_qty:
            return self.price_total / self.product_uom_qty
        return self.price_unit * (1.0 - self.discount / 100.0)
