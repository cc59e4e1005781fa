import math
from uuid import uuid4

from psycopg2 import IntegrityError
from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

AREA = 'sales_mgmt_addon.group_area_channel'
# A number longer than this is a mistake or an attack, and would not fit into its column
MOST = 1e12
TEXT_MOST = 500


class SellerPortal(CustomerPortal):
    """What the pages of the seller portal share.

    Users of the portal have no rights on the models of the marketplace. Each page looks up the seller of
    the user who is logged in, narrows what it reads to him, and only then reads it with all rights.
    """

    # === WHO IT IS === #

    def _get_own_sellers(self):
        """Return the sellers that the company of the user is, one per company he may work in, sudoed.

        Nothing of the request has a say in it. Empty while the area is switched off.
        """
        user = request.env.user
        Seller = request.env['sales.seller'].sudo()
        if user._is_public() or not request.env['res.groups']._is_feature_enabled(AREA):
            return Seller
        return Seller.search([
            ('partner_id', '=', user.sudo().partner_id.commercial_partner_id.id),
            ('company_id', 'in', user.company_ids.ids),
        ])

    def _check_own_sellers(self):
        """Return the sellers of the user like :meth:`_get_own_sellers`.

        :raises NotFound: if there is none: the pages do not exist for him
        """
        sellers = self._get_own_sellers()
        if not sellers:
            raise NotFound()
        return sellers

    def _get_own(self, model, record_id, domain=()):
        """Return a record of one of the sellers of the user, sudoed.

        :param str model: a model with ``seller_id``
        :param int record_id: id of the record, as the request has it
        :param domain: further conditions
        :raises NotFound: if there is no such record, or it is another seller's: nobody is told which
        """
        record = request.env[model].sudo().search(
            [('id', '=', record_id), ('seller_id', 'in', self._check_own_sellers().ids), *domain], limit=1)
        if not record:
            raise NotFound()
        return record

    # === HOME === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        sellers = self._get_own_sellers()
        if not counters:
            # the page itself; the script that asks for counters takes nothing else
            values['is_seller'] = bool(sellers)
        if 'seller_new_order_count' in counters:
            values['seller_new_order_count'] = request.env['sales.seller.order'].sudo().search_count(
                [('seller_id', 'in', sellers.ids), ('state', '=', 'new')]) if sellers else 0
        return values

    # === LISTS === #

    def _prepare_seller_list(self, model, url, page_name, domain, sortings, filters=None, inputs=None, **options):
        """Return the values of a page that lists records of the sellers of the user.

        :param str model: a model with ``seller_id``
        :param str url: address of the list
        :param str page_name: name of the page for the breadcrumbs
        :param domain: which records there are to see, beside those of the sellers
        :param dict sortings: name -> ``label``, ``order``; the first one is the default
        :param dict filters: name -> ``label``, ``domain``; the first one is the default
        :param dict inputs: what can be searched: name -> ``label``, ``fields``; the first one is the default
        :param options: ``page``, ``sortby``, ``filterby``, ``search``, ``search_in`` of the request, unchecked
        :return: values with the sudoed ``records``
        """
        sellers = self._check_own_sellers()
        sortby = self._choose(options.get('sortby'), sortings)
        filterby = self._choose(options.get('filterby'), filters or {})
        search_in = self._choose(options.get('search_in'), inputs or {})
        search = (options.get('search') or '').strip()[:200]
        domain = Domain(domain) & Domain('seller_id', 'in', sellers.ids)
        if filterby:
            domain &= Domain(filters[filterby]['domain'])
        if search and search_in:
            domain &= Domain.OR(Domain(name, 'ilike', search) for name in inputs[search_in]['fields'])
        Model = request.env[model].sudo()
        pager = portal_pager(
            url=url, total=Model.search_count(domain), page=options.get('page', 1), step=self._items_per_page,
            url_args={'sortby': sortby, 'filterby': filterby, 'search': search, 'search_in': search_in})
        return {
            **self._prepare_portal_layout_values(),
            'records': Model.search(domain, order=sortings[sortby]['order'], limit=self._items_per_page, offset=pager['offset']),
            'sellers': sellers, 'page_name': page_name, 'default_url': url, 'pager': pager,
            'searchbar_sortings': sortings, 'sortby': sortby,
            'searchbar_filters': filters, 'filterby': filterby,
            'searchbar_inputs': {name: {'input': name, 'label': value['label']} for name, value in (inputs or {}).items()},
            'search_in': search_in, 'search': search,
        }

    def _choose(self, name, choices):
        """Return ``name`` if it is one of the choices, else the first of them (``None`` if there are none)."""
        return name if name in choices else next(iter(choices), None)

    # === FORMS === #

    def _prepare_seller_page(self, page_name, error=None, notice=None, **values):
        """Return the values of a page with forms: ``key`` makes a form that is sent twice count once."""
        return {
            **self._prepare_portal_layout_values(),
            'page_name': page_name, 'error': error, 'notice': self._get_seller_notices().get(notice), 'key': uuid4().hex,
            **values,
        }

    def _get_seller_notices(self):
        """Return what a page can say after something was done, by the word in its address."""
        return {}

    def _attempt(self, method, *args, **kwargs):
        """Call a method of the business; undo what it did if it refuses.

        :return: why it refused, ``None`` if it did not
        """
        try:
            with request.env.cr.savepoint():
                method(*args, **kwargs)
        except UserError as error:
            return str(error)
        except IntegrityError as error:
            return self._explain_integrity_error(error)
        return None

    def _explain_integrity_error(self, error):
        """Return what the constraint of the table that was violated says."""
        model = next((model for model in request.env.registry.values() if model._table == error.diag.table_name), None)
        return request.env[model._name if model else 'base']._sql_error_to_message(error)

    def _parse_number(self, text, label):
        """Return a number somebody typed.

        :raises UserError: if it is none
        """
        try:
            number = float((text or '0').strip().replace(',', '.'))
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or abs(number) > MOST:
            raise UserError(request.env._("%(field)s: “%(text)s” is not a number.", field=label, text=(text or '')[:40]))
        return number

    def _parse_date(self, text, label):
        """Return the date somebody typed, ``False`` for nothing.

        :raises UserError: if it is none
        """
        try:
            return fields.Date.to_date((text or '').strip() or False) or False
        except ValueError:
            raise UserError(request.env._("%(field)s: “%(text)s” is not a date.", field=label, text=text[:40])) from None

    def _clean(self, text):
        """Return what somebody typed without spaces around it and in bearable length, ``False`` for nothing."""
        return (text or '').strip()[:TEXT_MOST] or False

    def _get_form_key(self, post):
        """Return the key of a form, by which the business knows that it was sent twice; ``None`` without one."""
        return f"portal-{key[:64]}" if (key := (post.get('key') or '').strip()) else None
