from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...internal import grant
from .const import MODE_GUARD
from .sales_channel_mode import CONTENT_FIELDS, ModeQuestion


class SalesChannelMode(models.Model):
    """What a switch of mode leaves behind: stock, prices, open orders and taxes of the old one."""

    _inherit = 'sales.channel.mode'

    check_ids = fields.One2many(
        comodel_name='sales.channel.mode.check', inverse_name='mode_id', string="Checklist", copy=False)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        modes = super().create(vals_list)
        modes._update_checks()
        return modes

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & CONTENT_FIELDS:
            self._update_checks()
        return res

    # === ACTION METHODS === #

    def action_update_checks(self):
        """Count again what the switch leaves behind.

        :return: True
        :raise AccessError: if the user does not decide on modes
        """
        self._check_manager()
        self.check_access('read')
        self._update_checks()
        return True

    # === BUSINESS METHODS === #

    def _check_approvable(self):
        """Override to want the checklist settled, with the facts of today."""
        super()._check_approvable()
        self._update_checks()
        names = dict(self.check_ids._fields['kind']._description_selection(self.env))
        if unsettled := self.sudo().check_ids.filtered(lambda check: check.state == 'open'):
            raise UserError(self.env._(
                "The switch to %(mode)s leaves something behind: %(points)s. Update its checklist, then mark each point as "
                "done or waive it with a reason.",
                mode=self.display_name,
                points=", ".join(f"{names[check.kind]} ({check.count})" for check in unsettled)))

    def _update_checks(self):
        """Bring the checklists of drafts up to date. Points without facts are done; what a person settled stays."""
        for mode in grant(self.sudo().filtered(lambda mode: mode.state == 'draft'), MODE_GUARD):
            facts = mode._get_check_facts()
            mode.check_ids.filtered(lambda check, facts=facts: check.kind not in facts).unlink()
            checks = {check.kind: check for check in mode.check_ids}
            for kind, (model, domain) in facts.items():
                values = {'count': self.env[model].sudo().search_count(domain)}
                if kind not in checks or not checks[kind].user_id:
                    values['state'] = 'open' if values['count'] else 'done'
                if kind in checks:
                    checks[kind].write(values)
                else:
                    mode.check_ids.create({'mode_id': mode.id, 'kind': kind, **values})

    def _get_check_facts(self):
        """Return what the switch leaves behind. Note: self.ensure_one()

        :return: by kind of check: model and domain of what to look at; nothing where no other mode is replaced
        :rtype: dict[str, tuple[str, Domain]]
        """
        self.ensure_one()
        replaced = self._get_replaced()
        old, new = replaced._get_rights(), self._get_rights()
        # sellers and offers that had no mode sold nothing; anything else was plain resale
        if old == new or not (replaced or self.category_id or self.channel_id):
            return {}
        facts = {'orders': ('sale.order.line', self._get_lines_domain())}
        if old['inventory_owner'] != new['inventory_owner'] and self._get_products_domain():
            facts['stock'] = ('stock.quant', self._get_stock_domain(old['inventory_owner']))
        if old['price_control'] != new['price_control']:
            facts['prices'] = self._get_prices_facts(old['price_control'])
        if old['tax_supplier'] != new['tax_supplier']:
            facts['taxes'] = self._get_taxes_facts(new['tax_supplier'])
        return facts

    def _get_replaced(self):
        """Return the version that would be in force on the day without this one. Note: self.ensure_one()"""
        self.ensure_one()
        offer = self.offer_id
        return self._resolve([ModeQuestion(
            self.company_id, offer, self.seller_id or offer.seller_id, self.category_id, self.channel_id,
            self.date_from)])[0]

    def _get_products_domain(self):
        """Return the domain of the products that the version is for, or None where it is for all that a channel sells."""
        if self.category_id:
            return Domain('categ_id', 'child_of', self.category_id.id)
        if self.seller_id:
            return Domain('id', 'in', self.seller_id.offer_ids.product_id.ids)
        return Domain('id', '=', self.offer_id.product_id.id) if self.offer_id else None

    def _get_lines_domain(self):
        """Return the domain of quotations, and of orders that are not invoiced in full."""
        domain = Domain('company_id', '=', self.company_id.id) & Domain('display_type', '=', False) & (
            Domain('state', 'in', ('draft', 'sent'))
            | Domain('state', '=', 'sale') & Domain('invoice_status', 'in', ('no', 'to invoice')))
        if self.category_id:
            domain &= Domain('product_id.categ_id', 'child_of', self.category_id.id)
        if self.channel_id:
            domain &= Domain('order_id.channel_id', 'child_of', self.channel_id.id)
        if self.seller_id:
            domain &= Domain('seller_id', '=', self.seller_id.id)
        if self.offer_id:
            domain &= Domain('offer_id', '=', self.offer_id.id)
        return domain

    def _get_stock_domain(self, owner):
        """Return the domain of the stock of the present owners.

        :param str owner: who owned the goods until now, `company` or `seller`
        """
        ours = Domain('owner_id', 'in', [False, self.company_id.partner_id.id])
        seller = self.seller_id or self.offer_id.seller_id
        theirs = Domain('owner_id', '=', seller.partner_id.id) if seller else ~ours
        products = self.env['product.product'].with_context(active_test=False).search(self._get_products_domain())
        return Domain([
            ('company_id', '=', self.company_id.id), ('location_id.usage', '=', 'internal'), ('quantity', '>', 0),
            ('product_id', 'in', products.ids),
        ]) & (ours if owner == 'company' else theirs)

    def _get_prices_facts(self, control):
        """Return pricelist rules, or offers, that the new mode ignores.

        :param str control: who set the price until now, `company` or `seller`
        """
        products = self._get_products_domain()
        found = self.env['product.product'].search(products) if products else self.env['product.product']
        if control == 'seller':
            offers = Domain([('company_id', '=', self.company_id.id), ('state', 'in', ('submitted', 'active', 'paused'))])
            return 'sales.seller.offer', offers & Domain('product_id', 'in', found.ids) if products else offers
        rules = Domain('company_id', 'in', [False, self.company_id.id])
        if products is not None:
            rules &= Domain('product_id', 'in', found.ids) | (
                Domain('product_id', '=', False) & Domain('product_tmpl_id', 'in', found.product_tmpl_id.ids))
            if self.category_id:
                rules |= Domain('company_id', 'in', [False, self.company_id.id]) & Domain(
                    'categ_id', 'child_of', self.category_id.id)
        return 'product.pricelist.item', rules

    def _get_taxes_facts(self, supplier):
        """Return taxes without a twin on behalf of sellers, or products without a tax of our own.

        :param str supplier: who supplies for VAT from now on
        """
        products = self._get_products_domain()
        if supplier == 'seller':
            taxes = Domain([
                ('company_id', '=', self.company_id.id), ('type_tax_use', '=', 'sale'), ('on_behalf_tax_id', '=', False)])
            if products is not None:
                used = self.env['product.product'].search(products).taxes_id
                return 'account.tax', taxes & Domain('id', 'in', used.ids)
            twins = self.env['account.tax'].search([('on_behalf_tax_id', '!=', False)]).on_behalf_tax_id
            return 'account.tax', taxes & Domain('id', 'not in', twins.ids)
        domain = Domain('taxes_id', '=', False) & Domain('sale_ok', '=', True)
        return 'product.product', domain & products if products is not None else domain
