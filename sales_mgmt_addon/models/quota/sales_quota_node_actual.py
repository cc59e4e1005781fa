from odoo import api, fields, models

from .progress import pace_status

STATUSES = [
    ('ahead', "Ahead"),
    ('on_track', "On Track"),
    ('behind', "Behind"),
    ('none', "No Target"),
]


class SalesQuotaNode(models.Model):
    _inherit = 'sales.quota.node'

    year_attainment = fields.Float(
        string="Attainment of the Year (%)", compute='_compute_year_figures', compute_sudo=True, digits=(16, 1),
        aggregator=None, help="Over all metrics with a target, by the weights of the plan.")
    year_pace = fields.Float(
        string="Pace (%)", compute='_compute_year_figures', compute_sudo=True, digits=(16, 1), aggregator=None,
        help="What was reached in % of what should be reached by now, by the weights of the plan.")
    year_status = fields.Selection(
        selection=STATUSES, string="Status", compute='_compute_year_figures', compute_sudo=True)

    @api.depends('type', 'user_id', 'team_id', 'product_category_id', 'segment_domain', 'channel')
    def _compute_year_figures(self):
        nodes = self._origin
        rows = nodes.plan_id._get_progress(nodes, 'year', forecasts=False)
        attainments = nodes.plan_id._get_overall(nodes, rows)
        paces = nodes.plan_id._get_overall(nodes, rows, 'pace_percent')
        for node in self:
            attainment, pace = attainments.get(node._origin.id), paces.get(node._origin.id)
            node.year_attainment = attainment or 0.0
            node.year_pace = pace or 0.0
            if pace is None:
                # nothing is expected yet in a year that has not begun
                node.year_status = 'none' if attainment is None else 'on_track'
            else:
                node.year_status = pace_status(pace, 100.0, 100.0, node.plan_id.tolerance_percent)[1]

    action_ids = fields.One2many('sales.quota.action', 'node_id', string="Actions")
    action_count = fields.Integer(string="Plans of Action Count", compute='_compute_action_count')

    @api.depends('action_ids.state')
    @api.depends_context('uid')
    def _compute_action_count(self):
        counts = dict(self.env['sales.quota.action']._read_group(
            [('node_id', 'in', self.ids), ('state', '!=', 'cancelled')], ['node_id'], ['__count']))
        for node in self:
            node.action_count = counts.get(node._origin, 0)

    def action_open_actions(self):
        """Open the plans of action for the target, with the target as default for new ones.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        metric = self.sudo().plan_id.metric_line_ids.metric_id[:1]
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_action_action'),
            'domain': [('node_id', '=', self.id)],
            'context': {'default_node_id': self.id, 'default_metric_id': metric.id},
        }

    def action_open_analysis(self):
        """Open the attainment curve of the node.

        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        metric = self.sudo().plan_id.metric_line_ids.metric_id[:1]
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_curve_action'),
            'name': self.name,
            'display_name': self.name,
            'domain': [('node_id', '=', self.id)],
            'context': {'search_default_metric_id': metric.id, 'search_default_filter_to_date': 1},
        }

    @api.constrains('segment_domain')
    def _check_segment_domain(self):
        for node in self:
            # constraints run in sudo mode; the user must be able to search by it
            node.plan_id.sudo(False)._parse_segment(node.segment_domain)

    def _get_segment(self):
        """Return the customer filter as text, or False when it lets everybody pass."""
        self.ensure_one()
        segment = (self.segment_domain or '').strip()
        return segment if segment and segment != '[]' else False
