from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

LIMIT = 1000  # documents shown for one figure


class SalesAttainmentCheckLine(models.TransientModel):
    _name = 'sales.attainment.check.line'
    _description = "Attainment Check Figure"
    _order = 'month, metric_id, company_id'

    check_id = fields.Many2one(
        comodel_name='sales.attainment.check', string="Check", required=True, ondelete='cascade', index=True)
    metric_id = fields.Many2one(comodel_name='sales.metric', string="Metric", required=True, ondelete='cascade')
    company_id = fields.Many2one(comodel_name='res.company', string="Company", required=True, ondelete='cascade')
    month = fields.Date(string="Month", required=True)
    booked = fields.Float(string="Booked", digits=(16, 2))
    documented = fields.Float(string="By Documents", digits=(16, 2))
    booked_base = fields.Float(
        string="Booked Cases", digits=(16, 2), help="Of ratios and scores: what the figure is divided by.")
    documented_base = fields.Float(
        string="Cases by Documents", digits=(16, 2), help="Of ratios and scores: what the figure is divided by.")
    difference = fields.Float(string="Difference", digits=(16, 2), compute='_compute_difference')
    document_count = fields.Integer(string="Documents That Differ")

    @api.depends('booked', 'documented')
    def _compute_difference(self):
        for line in self:
            line.difference = line.booked - line.documented

    def action_open_documents(self):
        """List the documents whose figure in the book is not their own.

        :raise AccessError: if the user may not read all of the book
        :raise UserError: if no document differs
        :return: window action
        """
        self.ensure_one()
        check = self.check_id
        check._check_reader()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose the company %(company)s first.", company=self.company_id.name))
        last_day = self.month + relativedelta(months=1, days=-1)
        rows = self.env.execute_query(SQL(
            """
            SELECT x.res_model, x.res_id, x.booked::float, x.documented::float, x.booked_base::float, x.documented_base::float
              FROM (%s) x
             WHERE x.metric_id = %s AND x.is_different
             ORDER BY abs(x.booked - x.documented) DESC, x.res_id LIMIT %s
            """,
            check._comparison_sql(self.company_id, max(self.month, check.date_from), min(last_day, check.date_to)),
            self.metric_id.id, LIMIT))
        if not rows:
            raise UserError(self.env._("No document differs."))
        documents = self.env['sales.attainment.check.document'].create([
            {
                'line_id': self.id, 'res_model': model, 'res_id': res_id, 'booked': booked, 'documented': documented,
                'booked_base': booked_base, 'documented_base': documented_base,
            }
            for model, res_id, booked, documented, booked_base, documented_base in rows
        ])
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Documents That Differ"),
            'res_model': documents._name, 'views': [(False, 'list')], 'domain': [('id', 'in', documents.ids)],
        }
