from odoo import api, fields, models
from odoo.exceptions import UserError


class ReportCustomerStatement(models.AbstractModel):
    """Account statements of customers, each in his language; what the user may see is checked for each."""

    _name = 'report.sales_mgmt_addon.report_customer_statement'
    _description = "Account Statement"

    @api.model
    def _get_report_values(self, docids, data=None):
        data = data or {}
        partners = self.env['res.partner'].browse(docids or data.get('partner_ids') or [])
        company = self.env['res.company'].browse(data.get('company_id') or self.env.company.id)
        try:
            date_from, date_to = (fields.Date.to_date(data.get(name)) for name in ('date_from', 'date_to'))
        except (ValueError, TypeError, AttributeError):
            raise UserError(self.env._("The period of the statement is no period of dates.")) from None
        if not partners:
            raise UserError(self.env._("Choose a customer."))
        statements = []
        for partner in partners:
            lang = partner.sudo().commercial_partner_id.lang or self.env.lang
            statements.append({
                'lang': lang,
                **partner.with_context(lang=lang)._get_statement(company, date_from, date_to),
            })
        return {
            'doc_ids': partners.ids,
            'doc_model': 'res.partner',
            'docs': partners.sudo(),
            'statements': statements,
            'company': company.sudo(),
        }
