import json

from odoo import api, models
from odoo.exceptions import UserError


class ReportReceivableAgeing(models.AbstractModel):
    """The ageing page on paper, with the options of the page and the rights of the user."""

    _name = 'report.sales_mgmt_addon.report_receivable_ageing'
    _description = "Receivables Ageing on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        options = (data or {}).get('options') or {}
        if isinstance(options, str):
            try:
                options = json.loads(options)
            except ValueError:
                raise UserError(self.env._("The options of the ageing make no sense.")) from None
        return {
            'doc_ids': self.env.company.ids,
            'doc_model': 'res.company',
            'docs': self.env.company,
            'company': self.env.company,
            'page': self.env['sales.receivable.ageing']._get_everything(options),
        }
