from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError

# The page the figure leads to
TARGETS_PAGE = 'sales_mgmt_addon.sales_quota_my_action'


class DigestDigest(models.Model):
    _inherit = 'digest.digest'

    kpi_sales_attainment = fields.Boolean(
        string="Sales Target Attainment (%)",
        help="What was achieved on the days of a column, in % of the share of the target that falls on their working days.")
    kpi_sales_attainment_value = fields.Float(compute='_compute_kpi_sales_attainment_value', digits=(16, 1))

    def _compute_kpi_sales_attainment_value(self):
        """The reader's own attainment on the days of the period, in % of the target's share of their working days.

        A director reads that of the company, a leader that of the highest team he leads. Who has a target
        today reads 0 for days without one.

        :raise AccessError: if the reader has no target today
        """
        user = self.env.user
        if not user.has_group('sales_team.group_sale_salesman'):
            raise AccessError(self.env._("Only salespeople have targets."))
        _start, _end, companies = self._get_kpi_compute_parameters()
        if not any(self._has_target(company, user) for company in companies):
            raise AccessError(self.env._("You have no published target."))
        first, last = self._get_kpi_days()
        values = {}
        for company in companies:
            node = self._get_reader_nodes(self.env['sales.quota.plan'].sudo()._get_valid_plans(company, last), user)
            values[company.id] = node and node.sudo().plan_id._get_attainment_of_days(node, first, last)
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_sales_attainment_value = values.get(company.id) or 0.0

    def _get_kpi_days(self):
        """Return the first and last day of the period: whole days, without the day on which the digest is sent.

        :rtype: tuple[date, date]
        """
        start, end, _companies = self._get_kpi_compute_parameters()
        end = fields.Date.to_date(end) or fields.Date.context_today(self) + timedelta(days=1)
        last = end - timedelta(days=1)
        return min(fields.Date.to_date(start) or last.replace(day=1), last), last

    def _has_target(self, company, user):
        """Tell whether a reader has a target in a plan that holds today."""
        plans = self.env['sales.quota.plan'].sudo()._get_valid_plans(company, fields.Date.context_today(self))
        node = self._get_reader_nodes(plans, user)
        return bool(node and self.env['sales.quota.cell'].sudo().search_count(
            [('node_id', '=', node.id), ('amount', '>', 0)], limit=1))

    def _get_reader_nodes(self, plans, user):
        """Return the node whose attainment a reader wants to know, as one record or none.

        :param plans: the plans that hold, `sales.quota.plan` records of one company
        :param user: the reader
        """
        nodes = self.env['sales.quota.node'].search([('plan_id', 'in', plans.ids), ('type', '!=', 'reserve')])
        nodes = nodes.sorted(lambda node: (node.parent_path or '').count('/'))
        if user.has_group('sales_mgmt_addon.group_director') or user.has_group('sales_team.group_sale_manager'):
            wanted = nodes.filtered(lambda node: node.type == 'company')
        else:
            led = nodes.filtered(lambda node: node.type in ('region', 'team') and node.team_id.user_id == user)
            wanted = led or nodes.filtered(lambda node: node.type == 'person' and node.user_id == user)
        return wanted[:1]

    def _compute_kpis_actions(self, company, user):
        res = super()._compute_kpis_actions(company, user)
        if self.env.ref(TARGETS_PAGE, raise_if_not_found=False):
            res['kpi_sales_attainment'] = TARGETS_PAGE
        return res
