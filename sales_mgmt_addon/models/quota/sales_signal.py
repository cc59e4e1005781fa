from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesSignal(models.Model):
    """From a target that is behind to what is done about it."""

    _inherit = 'sales.signal'

    quota_action_ids = fields.One2many('sales.quota.action', 'signal_id', string="Plans of Action")
    is_quota = fields.Boolean(compute='_compute_is_quota')

    @api.depends('res_model')
    def _compute_is_quota(self):
        for signal in self:
            signal.is_quota = signal.res_model == 'sales.quota.node'

    def action_plan_action(self):
        """Open a new plan of action for the target that is behind, the one that exists already, or all of them.

        :raise UserError: if the signal is not about a target
        :return: window action
        """
        self.ensure_one()
        self.check_access('read')
        if not self.is_quota:
            raise UserError(self.env._("This signal is not about a target."))
        action = {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_action_action'),
            'domain': [('signal_id', '=', self.id)],
            'context': self._prepare_action_defaults(),
        }
        if len(self.quota_action_ids) < 2:
            action.update(res_id=self.quota_action_ids.id, views=[(False, 'form')])
        return action

    def _prepare_action_defaults(self):
        """Return the defaults of a plan of action that answers the signal."""
        node = self.env['sales.quota.node'].browse(self.res_id)
        code = self.code.partition(':')[2]
        metric = node.sudo().plan_id.metric_line_ids.metric_id.filtered(lambda metric: metric.code == code)
        return {
            'default_node_id': node.id,
            'default_metric_id': metric.id,
            'default_period': node.sudo().plan_id.pace_period,
            'default_date_from': fields.Date.to_string(self.date),
            'default_owner_id': self.user_id.id or self.env.uid,
            'default_signal_id': self.id,
        }
