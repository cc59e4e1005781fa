from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .seller import SellerPortal

OFFERS = '/my/seller/offers'
# What a seller may do with an offer, by its status
STEPS = {
    'submit': ('draft', 'rejected'),
    'pause': ('active',),
    'resume': ('paused',),
    'close': ('draft', 'submitted', 'active', 'paused', 'rejected'),
}


class SellerOfferPortal(SellerPortal):
    """What a seller asks for products of the shared catalogue."""

    # === LIST === #

    @http.route([OFFERS, f'{OFFERS}/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_offers(self, **options):
        """List the offers of the seller of the user. See :meth:`_prepare_seller_list` for the options."""
        return request.render('sales_mgmt_addon.portal_my_seller_offers', self._prepare_seller_list(
            'sales.seller.offer', OFFERS, 'seller_offers', [], self._get_seller_offer_sortings(),
            self._get_seller_offer_filters(), self._get_seller_offer_inputs(), **options))

    def _get_seller_offer_sortings(self):
        env = request.env
        return {
            'product': {'label': env._("Product"), 'order': 'product_id, id'},
            'date': {'label': env._("Newest"), 'order': 'create_date desc, id desc'},
            'price': {'label': env._("Price"), 'order': 'price, id'},
            'stock': {'label': env._("Stock"), 'order': 'stock_quantity, id'},
        }

    def _get_seller_offer_filters(self):
        states = request.env['sales.seller.offer']._fields['state']._description_selection(request.env)
        return {
            'all': {'label': request.env._("All"), 'domain': []},
            **{state: {'label': label, 'domain': [('state', '=', state)]} for state, label in states},
        }

    def _get_seller_offer_inputs(self):
        env = request.env
        product = ('product_id.name', 'product_id.default_code')
        return {
            'all': {'label': env._("Search in All"), 'fields': (*product, 'seller_sku')},
            'product': {'label': env._("Search in Product"), 'fields': product},
            'sku': {'label': env._("Search in Your Reference"), 'fields': ('seller_sku',)},
        }

    # === PAGE === #

    @http.route(f'{OFFERS}/<int:offer_id>', type='http', auth='user', website=True, readonly=True)
    def portal_my_seller_offer(self, offer_id, notice=None, **_kwargs):
        """Show an offer of the seller of the user."""
        return self._render_seller_offer(self._get_own('sales.seller.offer', offer_id), notice=notice)

    def _render_seller_offer(self, offer, posted=None, **values):
        return request.render('sales_mgmt_addon.portal_my_seller_offer', self._prepare_seller_page(
            'seller_offer',
            seller_offer=offer,
            product=offer.product_id,
            seller=offer.seller_id,
            # a closed offer is history
            editable=offer.state != 'closed',
            ships_himself=offer._get_rights()[offer.id]['fulfilled_by'] == 'seller',
            steps=[step for step, states in STEPS.items() if offer.state in states],
            form={**self._get_offer_form(offer), **(posted or {})},
            **values))

    def _get_offer_form(self, offer):
        """Return what the fields of the form show for an offer, or for a new one if it is empty."""
        return {
            'seller_sku': offer.seller_sku or '',
            'price': f'{offer.price:.{offer.currency_id.decimal_places}f}' if offer else '',
            'stock_quantity': f'{offer.stock_quantity:g}' if offer else '',
            'minimum_quantity': f'{offer.minimum_quantity:g}' if offer else '',
            'lead_days': str(offer.lead_days if offer else 1),
            'date_from': fields.Date.to_string(offer.date_from) or '',
            'date_to': fields.Date.to_string(offer.date_to) or '',
        }

    def _get_seller_notices(self):
        env = request.env
        return {
            **super()._get_seller_notices(),
            'saved': env._("Your changes are saved."),
            'offer_submit': env._("The offer is submitted."),
            'offer_pause': env._("The offer is paused: nobody can order it."),
            'offer_resume': env._("The offer is on sale again."),
            'offer_close': env._("The offer is closed."),
        }

    # === CATALOGUE === #

    @http.route([f'{OFFERS}/new', f'{OFFERS}/new/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_seller_catalogue(self, page=1, search='', seller=None, **_kwargs):
        """List products of the catalogue for which the seller can make an offer."""
        seller = self._choose_seller(seller)
        search = (search or '').strip()[:200]
        domain = self._get_catalogue_domain(seller)
        if search:
            domain &= Domain.OR(Domain(name, 'ilike', search) for name in ('name', 'default_code', 'barcode'))
        Product = request.env['product.product'].sudo()
        pager = portal_pager(
            url=f'{OFFERS}/new', total=Product.search_count(domain), page=page, step=self._items_per_page,
            url_args={'search': search, 'seller': seller.id})
        products = Product.search(domain, order='name, id', limit=self._items_per_page, offset=pager['offset'])
        offers = request.env['sales.seller.offer'].sudo().search([
            ('seller_id', '=', seller.id), ('product_id', 'in', products.ids), ('state', '!=', 'closed')])
        return request.render('sales_mgmt_addon.portal_seller_catalogue', self._prepare_seller_page(
            'seller_catalogue', seller=seller, sellers=self._get_own_sellers(), products=products, search=search, pager=pager,
            offers={offer.product_id.id: offer for offer in offers}))

    @http.route(f'{OFFERS}/new/<int:product_id>', type='http', auth='user', website=True, readonly=True)
    def portal_seller_offer_new(self, product_id, seller=None, **_kwargs):
        """Show the form of an offer for a product of the catalogue."""
        seller = self._choose_seller(seller)
        return self._render_new_offer(seller, self._get_catalogue_product(seller, product_id))

    @http.route(f'{OFFERS}/new/<int:product_id>', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_offer_create(self, product_id, seller=None, **post):
        """Create a draft offer of the seller of the user for a product of the catalogue."""
        seller = self._choose_seller(seller)
        product = self._get_catalogue_product(seller, product_id)
        offers = request.env['sales.seller.offer'].sudo()

        def create():
            nonlocal offers
            known = offers.search([
                ('seller_id', '=', seller.id), ('product_id', '=', product.id), ('state', '!=', 'closed')], limit=1)
            if known:
                # a form that is sent twice, or an offer made in the meantime
                raise UserError(request.env._("You have an offer for %s already.", product.display_name))
            offers = offers.with_company(seller.company_id).create({
                'seller_id': seller.id, 'product_id': product.id, **self._parse_offer(post)})
            offers._refresh_quality()
        if error := self._attempt(create):
            return self._render_new_offer(seller, product, posted=post, error=error)
        return request.redirect(f'{OFFERS}/{offers.id}?notice=saved')

    def _render_new_offer(self, seller, product, posted=None, **values):
        offer = request.env['sales.seller.offer'].sudo()
        return request.render('sales_mgmt_addon.portal_my_seller_offer', self._prepare_seller_page(
            'seller_offer', seller_offer=offer, product=product, seller=seller, editable=True, ships_himself=True, steps=[],
            form={**self._get_offer_form(offer), **(posted or {})}, **values))

    def _choose_seller(self, seller_id):
        """Return the own seller with that id, else the one of the present company, else the first; none may be closed.

        :raises NotFound: if there is none
        """
        sellers = self._check_own_sellers().filtered(lambda seller: seller.state != 'closed')
        if not sellers:
            raise NotFound()
        return (
            sellers.filtered(lambda seller: str(seller.id) == str(seller_id))
            or sellers.filtered(lambda seller: seller.company_id == request.env.company) or sellers)[:1]

    def _get_catalogue_domain(self, seller):
        """Return which products a seller can offer: those for sale, in the categories he may sell."""
        domain = Domain('sale_ok', '=', True) & Domain('type', '!=', 'combo') & Domain(
            'company_id', 'in', (False, seller.company_id.id))
        if seller.category_ids:
            domain &= Domain('categ_id', 'child_of', seller.category_ids.ids)
        return domain

    def _get_catalogue_product(self, seller, product_id):
        product = request.env['product.product'].sudo().search(
            self._get_catalogue_domain(seller) & Domain('id', '=', product_id), limit=1)
        if not product:
            raise NotFound()
        return product

    # === FORMS === #

    @http.route(f'{OFFERS}/<int:offer_id>/save', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_offer_save(self, offer_id, **post):
        """Change price, stock, dates … of an offer of the seller of the user."""
        offer = self._get_own('sales.seller.offer', offer_id)

        def save():
            offer.write(self._parse_offer(post))
            offer._refresh_quality()
        return self._answer_offer(offer, 'saved', save, post)

    @http.route(f'{OFFERS}/<int:offer_id>/step', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_offer_step(self, offer_id, step=None, **_post):
        """Submit, pause, resume or close an offer of the seller of the user."""
        offer = self._get_own('sales.seller.offer', offer_id)
        if step not in STEPS:
            raise NotFound()
        return self._answer_offer(offer, f'offer_{step}', getattr(offer, f'action_{step}'))

    def _answer_offer(self, offer, notice, method, post=None):
        """Do what a form asks; return to the page of the offer, or show why it was refused and what was typed."""
        if error := self._attempt(method):
            return self._render_seller_offer(offer, posted=post, error=error)
        return request.redirect(f'{OFFERS}/{offer.id}?notice={notice}')

    def _parse_offer(self, post):
        """Return the values that a seller may set, and nothing else that is in the request.

        :raises UserError: for what is no number or no date
        """
        env = request.env
        lead_days = self._parse_number(post.get('lead_days'), env._("Lead Time (Days)"))
        if lead_days != int(lead_days):
            raise UserError(env._("The lead time is a whole number of days."))
        return {
            'seller_sku': self._clean(post.get('seller_sku')),
            'price': self._parse_number(post.get('price'), env._("Price")),
            'stock_quantity': self._parse_number(post.get('stock_quantity'), env._("Stock")),
            'minimum_quantity': self._parse_number(post.get('minimum_quantity'), env._("Minimum Quantity")),
            'lead_days': int(lead_days),
            'date_from': self._parse_date(post.get('date_from'), env._("From")),
            'date_to': self._parse_date(post.get('date_to'), env._("Until")),
        }
