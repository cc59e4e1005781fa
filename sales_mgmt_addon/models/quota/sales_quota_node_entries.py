from ast import literal_eval

from odoo import fields, models
from odoo.fields import Domain


class SalesQuotaNode(models.Model):
    """From a figure of a node to the entries of the book behind it."""

    _inherit = 'sales.quota.node'

    def action_open_entries(self, metric_id=None, date_from=None, date_to=None):
        """Open the entries that count for the node, as far as the user may read them.

        :param int metric_id: metric; all of the plan when empty
        :param str date_from: first day; that of the plan when empty
        :param str date_to: last day; that of the plan when empty
        :raise AccessError: if the user may not read the node
        :raise UserError: if a date cannot be read
        """
        self.ensure_one()
        self.check_access('read')
        metrics = self.sudo().plan_id.metric_line_ids.metric_id
        if metric_id:
            metrics = metrics.filtered(lambda metric: metric.id == metric_id)
        plan = self.sudo().plan_id
        domain = self._get_entry_domain(
            metrics, plan._parse_page_date(date_from, plan.date_from), plan._parse_page_date(date_to, plan.date_to))
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_attainment_entry_action')
        # without its id, or the page would show all entries when it is loaded again
        for name in ('id', 'xml_id', 'path', 'display_name'):
            action.pop(name, None)
        return {
            **action,
            'name': self.env._("%(node)s: %(metrics)s", node=self.name, metrics=", ".join(metrics.mapped('name'))),
            'domain': list(domain),
            'context': {},
        }

    def _get_entry_domain(self, metrics, date_from, date_to):
        """Return which entries of the book count for a node in a time.

        :param metrics: `sales.metric` records
        :param date date_from: first day
        :param date date_to: last day
        :rtype: Domain
        """
        node = self.sudo()
        domain = Domain([
            ('company_id', 'child_of', node.company_id.id), ('metric_id', 'in', metrics.ids),
            ('date', '>=', fields.Date.to_string(date_from)), ('date', '<=', fields.Date.to_string(date_to)),
        ])
        if node.type == 'person':
            domain &= Domain('user_id', '=', node.user_id.id)
        else:
            domain &= Domain('is_overlay', '=', False)
        if node.team_id:
            path = f'{node.team_id.id}/'
            domain &= Domain('region_path', '=like', f'{path}%') | Domain('region_path', '=like', f'%/{path}%')
        if node.product_category_id:
            domain &= Domain('product_category_id', 'child_of', node.product_category_id.id)
        if node.channel:
            domain &= Domain('channel', '=', node.channel)
        if segment := node._get_segment():
            domain &= Domain('partner_id', 'any', literal_eval(segment))
        return domain
