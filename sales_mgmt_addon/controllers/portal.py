from odoo import fields, http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

REPORT = 'sales_mgmt_addon.report_customer_statement_action'


class StatementPortal(CustomerPortal):
    """Customers see the statement of their own account, and nobody else's."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'statement_count' in counters:
            values['statement_count'] = self._count_statement_items()
        return values

    @http.route('/my/statement', type='http', auth='user', website=True, readonly=True)
    def portal_my_statement(self, **_kwargs):
        """Show the statement of the last twelve months."""
        if not self._statement_is_active():
            return request.redirect('/my')
        values = self._prepare_portal_layout_values()
        values.update({'page_name': 'statement', 'statement': self._get_own_statement()})
        return request.render('sales_mgmt_addon.portal_my_statement', values)

    @http.route('/my/statement/pdf', type='http', auth='user', website=True)
    def portal_my_statement_pdf(self, **_kwargs):
        """Return the same statement as a document."""
        if not self._statement_is_active():
            return request.redirect('/my')
        partner = self._get_own_partner()
        content, _type = request.env['ir.actions.report'].sudo()._render_qweb_pdf(
            REPORT, res_ids=partner.ids, data={'company_id': request.env.company.id})
        return request.make_response(content, headers=[
            ('Content-Type', 'application/pdf'),
            ('Content-Length', len(content)),
            ('Content-Disposition', http.content_disposition(f'{request.env._("Statement")} {fields.Date.today()}.pdf')),
        ])

    def _statement_is_active(self):
        """Tell whether the area is switched on in this database."""
        return request.env['res.partner'].sudo()._credit_is_active()

    def _get_own_partner(self):
        """Return the customer the user belongs to, sudoed: nothing of the request has a say in it."""
        return request.env.user.sudo().partner_id.commercial_partner_id

    def _get_own_statement(self):
        return self._get_own_partner()._get_statement(request.env.company)

    def _count_statement_items(self):
        """Return whether anything is on the account, for the tile."""
        if not self._statement_is_active():
            return 0
        partner, root = self._get_own_partner(), request.env.company.root_id
        return request.env['account.move.line'].sudo().search_count([
            ('partner_id', 'child_of', partner.id), ('company_id', 'child_of', root.id),
            ('account_id.account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
        ], limit=1)
