import io
import json

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

PDF = 'sales_mgmt_addon.report_receivable_ageing_action'


class ReceivableAgeingController(http.Controller):
    """The ageing page as a file, with the rights of the user."""

    @http.route('/receivables/ageing/xlsx', type='http', auth='user', methods=['POST'], readonly=True)
    def ageing_xlsx(self, options='{}', companies='[]', **_kwargs):
        """Return a workbook with the rows of the page, all of them.

        :param str options: options of the page as JSON
        :param str companies: ids of the companies that are switched on, as JSON
        """
        env = self._get_env(companies)
        content = env['sales.receivable.ageing']._prepare_workbook(self._parse(env, options))
        return self._respond(env, content, 'xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')

    @http.route('/receivables/ageing/pdf', type='http', auth='user', methods=['POST'])
    def ageing_pdf(self, options='{}', companies='[]', **_kwargs):
        """Return a document with the rows of the page, all of them. See :meth:`ageing_xlsx`."""
        env = self._get_env(companies)
        content, _type = env['ir.actions.report']._render_qweb_pdf(
            PDF, res_ids=env.company.ids, data={'options': self._parse(env, options)})
        return self._respond(env, content, 'pdf', 'application/pdf')

    def _get_env(self, companies):
        try:
            ids = json.loads(companies or '[]')
        except ValueError:
            ids = None
        if not isinstance(ids, list) or not all(isinstance(company_id, int) for company_id in ids):
            raise UserError(request.env._("The companies make no sense."))
        # Odoo itself refuses companies in which the user does not work
        env = request.env(context={**request.env.context, **({'allowed_company_ids': ids} if ids else {})})
        env['sales.receivable.report'].check_access('read')
        return env

    def _parse(self, env, options):
        try:
            return json.loads(options or '{}')
        except ValueError:
            raise UserError(env._("The options of the ageing make no sense.")) from None

    def _respond(self, env, content, extension, mimetype):
        return request.make_response(content.getvalue() if isinstance(content, io.BytesIO) else content, headers=[
            ('Content-Type', mimetype),
            ('Content-Disposition', content_disposition(f'{env._("Ageing")}.{extension}')),
        ])
