from odoo import fields, models
from odoo.exceptions import AccessError

# The page the figure leads to
TARGETS_PAGE = 'sales_mgmt_addon.sales_quota_my_action'


class DigestDigest(models.Model):
    _inherit = 'digest.digest'

    kpi_sales_attainment = fields.Boolean(string="Sales Target Attainment (%)")
    kpi_sales_attainment_value = fields.Float(compute='_compute_kpi_sales_attainment_value', digits=(16, 1))

    def _compute_kpi_sales_attainment_value(self):
        """The reader's own attainment of the month in which the period of the digest ends, up to that day.

        A director reads that of the company, a leader that of the highest team he leads.
        """
        user = self.env.user
        if not user.has_group('sales_team.group_sale_salesman'):
            raise AccessError(self.env._("Only salespeople have targets."))
        _start, end, companies = self._get_kpi_compute_parameters()
        day = fields.Date.to_date(end) or fields.Date.context_today(self)
        values = {}
        for company in companies:
            plans = self.env['sales.quota.plan'].sudo()._get_valid_plans(company, day)
            nodes = self._get_reader_nodes(plans, user)
            if nodes:
                values[company.id] = plans._get_overall(
                    nodes, plans._get_progress(nodes, 'month', day, forecasts=False))[nodes[0].id]
        if not any(value is not None for value in values.values()):
            raise AccessError(self.env._("You have no published target."))
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_sales_attainment_value = values.get(company.id) or 0.0

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
