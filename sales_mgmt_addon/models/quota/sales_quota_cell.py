from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ...internal import granted
from .inputs import check_id


class SalesQuotaCell(models.Model):
    """The target of one node for one metric in one month. Quarters and years are sums of months.

    Amounts are written by :meth:`SalesQuotaPlan._change_cells` and its relatives only, which keep the
    sums of the plan exact; create and write lead there.
    """

    _name = 'sales.quota.cell'
    _description = "Quota Cell"
    _order = 'node_id, metric_id, month'

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, index=True, ondelete='cascade')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, index=True, ondelete='restrict')
    month = fields.Date(string="Month", required=True, help="The first day of the month.")
    amount = fields.Float(
        string="Target", required=True, digits=(16, 2), default=0.0,
        help="In the unit of the metric; money in company currency. In a reserve, a negative amount is"
             " what was assigned beyond the target of the parent.")
    proposed = fields.Float(string="Proposed", digits=(16, 2), help="What the person himself thinks he can reach.")
    has_proposal = fields.Boolean(string="Has a Proposal")
    difference = fields.Float(
        string="Proposed − Target", compute='_compute_difference', digits=(16, 2),
        help="How far the proposal is from the target; nothing without a proposal.")
    is_over_assigned = fields.Boolean(
        string="Over-assigned", compute='_compute_is_over_assigned', search='_search_is_over_assigned',
        help="More was given out than the parent has: the reserve is negative.")
    plan_id = fields.Many2one(related='node_id.plan_id', store=True, index=True)
    plan_state = fields.Selection(related='node_id.plan_state', string="Plan Status")
    company_id = fields.Many2one(related='node_id.company_id', store=True)
    user_id = fields.Many2one(related='node_id.user_id', store=True, index='btree_not_null')
    team_id = fields.Many2one(related='node_id.team_id', store=True, index='btree_not_null')
    node_type = fields.Selection(related='node_id.type', string="Type", store=True)
    change_ids = fields.One2many('sales.quota.change', 'cell_id', string="Changes")

    _cell_unique = models.Constraint(
        'UNIQUE (node_id, metric_id, month)', "The node has a target for this metric and month already.")
    _plan_idx = models.Index("(plan_id, metric_id, month)")

    # === COMPUTE METHODS === #

    @api.depends('node_id.display_name', 'metric_id.name', 'month')
    def _compute_display_name(self):
        for cell in self:
            month = format_date(self.env, cell.month, date_format='MMM yyyy') if cell.month else ""
            cell.display_name = ' · '.join([cell.node_id.display_name or "", cell.metric_id.name or "", month])

    @api.depends('amount', 'proposed', 'has_proposal')
    def _compute_difference(self):
        for cell in self:
            cell.difference = cell.proposed - cell.amount if cell.has_proposal else 0.0

    @api.depends('amount', 'node_type')
    def _compute_is_over_assigned(self):
        for cell in self:
            cell.is_over_assigned = cell.node_type == 'reserve' and cell.amount < 0

    def _search_is_over_assigned(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = [('node_type', '=', 'reserve'), ('amount', '<', 0)]
        return domain if True in value else ['!', '&', *domain]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give nodes targets, as a change that the reserves of their parents take up.

        :param vals_list: dicts with ``node_id``, ``metric_id``, ``month`` and ``amount``
        """
        if granted(self, 'quota.cell'):
            return super().create(vals_list)
        cells = self.browse()
        for vals in vals_list:
            self._check_names(vals, {'node_id', 'metric_id', 'month', 'amount'})
            node = self.env['sales.quota.node'].browse(check_id(self, vals.get('node_id'))).exists()
            if not node:
                raise UserError(self.env._("Choose the node that gets the target."))
            node.check_access('read')
            month, metric = node.plan_id._check_month(vals.get('month')), node.plan_id._check_metric(vals.get('metric_id'))
            known = self.sudo().search([
                ('node_id', '=', node.id), ('metric_id', '=', metric.id), ('month', '=', month)])
            if known:
                raise UserError(self.env._("%(cell)s exists already. Change it instead.", cell=known.display_name))
            node.plan_id._change_cells([(node, metric, month, vals['amount'], None)])
            cells |= self.sudo()._get_or_make(node, metric, month)
        return cells.with_env(self.env)

    def write(self, vals):
        """Change targets; the reserve of the parent takes the difference."""
        if granted(self, 'quota.cell'):
            return super().write(vals)
        self._check_names(vals, {'amount'})
        self.check_access('read')
        for plan, cells in self.grouped('plan_id').items():
            plan._change_cells([(cell.node_id, cell.metric_id, cell.month, vals['amount'], None) for cell in cells])
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not granted(self, 'quota.cell'):
            raise UserError(self.env._("A target cannot be deleted, because its history would be lost. Set it to 0."))

    def _check_names(self, vals, allowed):
        """Refuse to set by hand what follows from the plan.

        :raise UserError: with what can be set
        """
        if set(vals) - allowed or 'amount' not in vals:
            raise UserError(self.env._(
                "Of a cell only the target can be entered; all else comes from the plan, and proposals from the person."))

    # === ACTION METHODS === #

    def action_why(self):
        """Open the chain of decisions behind the target: changes of the cell and of those above it.

        :return: window action on `sales.quota.change`, newest first
        """
        self.ensure_one()
        self.check_access('read')
        chain = self.sudo()._get_chain()
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_change_action')
        name = self.env._("Why %(cell)s?", cell=self.display_name)
        return {
            **action,
            'name': name,
            'display_name': name,
            'domain': [('cell_id', 'in', chain.ids)],
            'context': {},
        }

    # === BUSINESS METHODS === #

    def _change(self, amount, absorb='reserve', reason=None, expected=None, down='reserve'):
        """Change one target; see :meth:`SalesQuotaPlan._change_cells`.

        :param float amount: the new target
        :param str absorb: where the difference goes: ``reserve``, ``siblings`` or ``parent``
        :param str reason: why
        :param float expected: what the editor saw
        :return: the changed cells; none if an approval was asked for instead (`plan.request_ids`)
        """
        self.ensure_one()
        cells, _request = self.plan_id._change_cells(
            [(self.node_id, self.metric_id, self.month, amount, expected)], absorb, reason, down)
        return cells

    def _get_chain(self):
        """Return this cell, those of the nodes above, and the same ones of former versions."""
        self.ensure_one()
        nodes = node = self.node_id
        while node:
            ids = [int(id_) for id_ in (node.parent_path or '').split('/') if id_]
            nodes |= node.browse(ids)
            node = node.origin_id if node.origin_id.plan_id == node.plan_id.previous_id else node.browse()
        return self.search([
            ('node_id', 'in', nodes.ids), ('metric_id', '=', self.metric_id.id), ('month', '=', self.month)])

    @api.model
    def _get_or_make(self, node, metric, month):
        """Return the cell of a node, made with 0 if it is missing.

        :param node: `sales.quota.node` record
        :param metric: `sales.metric` record
        :param date month: first day of the month
        """
        cell = self.search([('node_id', '=', node.id), ('metric_id', '=', metric.id), ('month', '=', month)])
        if not cell:
            ids = node.plan_id._upsert_cells({(node.id, (metric.id, month)): (0.0, 0.0)})
            cell = self.browse(ids.values())
            node.invalidate_recordset(['cell_ids'])
        return cell
