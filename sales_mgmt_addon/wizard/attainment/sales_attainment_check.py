from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from .check_sql import check_sql


class SalesAttainmentCheck(models.TransientModel):
    """Proof that the attainment book and the documents say the same, or the list of those that differ."""

    _name = 'sales.attainment.check'
    _description = "Attainment Check"

    date_from = fields.Date(
        string="From", required=True, default=lambda self: fields.Date.context_today(self).replace(month=1, day=1))
    date_to = fields.Date(
        string="To", required=True, default=lambda self: fields.Date.context_today(self).replace(month=12, day=31))
    line_ids = fields.One2many(
        comodel_name='sales.attainment.check.line', inverse_name='check_id', string="Figures", readonly=True)
    difference_count = fields.Integer(string="Figures That Differ", compute='_compute_difference_count')
    checked_on = fields.Datetime(string="Checked On", readonly=True)

    @api.depends('line_ids.document_count')
    def _compute_difference_count(self):
        for check in self:
            check.difference_count = len(check.line_ids.filtered('document_count'))

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        for check in self:
            if check.date_from > check.date_to:
                raise ValidationError(self.env._("The period ends before it starts. Correct the dates."))

    def action_check(self):
        """Compare the book with the documents of the companies the user has chosen.

        :raise AccessError: if the user may not read all of the book
        :return: window action on the result
        """
        self.ensure_one()
        self._check_reader()
        rows = self.env.execute_query(SQL(
            """
            SELECT x.metric_id, x.company_id, x.month, SUM(x.booked)::float, SUM(x.documented)::float,
                   SUM(x.booked_base)::float, SUM(x.documented_base)::float, COUNT(*) FILTER (WHERE x.is_different)
              FROM (%s) x
             GROUP BY x.metric_id, x.company_id, x.month
             ORDER BY x.month, x.metric_id, x.company_id
            """, self._comparison_sql()))
        self.write({
            'checked_on': fields.Datetime.now(),
            'line_ids': [Command.clear()] + [
                Command.create({
                    'metric_id': metric, 'company_id': company, 'month': month, 'booked': booked,
                    'documented': documented, 'booked_base': booked_base, 'documented_base': documented_base,
                    'document_count': count,
                })
                for metric, company, month, booked, documented, booked_base, documented_base, count in rows
            ],
        })
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'views': [(False, 'form')],
        }

    def _comparison_sql(self, companies=None, date_from=None, date_to=None):
        self.env.flush_all()
        return check_sql((companies or self.env.companies).ids, date_from or self.date_from, date_to or self.date_to)

    @api.model
    def _check_reader(self):
        user = self.env.user
        if not (user.has_group('sales_mgmt_addon.group_director') or user.has_group('sales_team.group_sale_manager')):
            raise AccessError(self.env._("Only sales administrators and directors can check the attainment book."))
