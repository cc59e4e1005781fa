from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.quota.cascade import apportion


class SalesQuotaEdit(models.TransientModel):
    """Change the target of a node for a month, quarter or year, and say where the difference goes."""

    _name = 'sales.quota.edit'
    _description = "Change a Target"

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, ondelete='cascade')
    plan_id = fields.Many2one(related='node_id.plan_id')
    currency_id = fields.Many2one(related='plan_id.currency_id')
    metric_ids = fields.Many2many(related='plan_id.metric_ids')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, ondelete='cascade',
        compute='_compute_metric_id', store=True, readonly=False, precompute=True)
    unit = fields.Char(related='metric_id.unit')
    is_additive = fields.Boolean(related='metric_id.is_additive')
    period = fields.Selection(
        selection=[('month', "Month"), ('quarter', "Quarter"), ('year', "Year")],
        string="Period", required=True, default='month',
        help="The target of a quarter or year is divided over its months as they are now. The quarters of the plan"
             " count from its first month.")
    month = fields.Date(
        string="Month", required=True, compute='_compute_month', store=True, readonly=False, precompute=True,
        help="Any day of the month or quarter.")
    seen = fields.Json(
        compute='_compute_seen', store=True, readonly=False, precompute=True,
        help="The targets by month when the wizard was opened: who changed them meanwhile is noticed.")
    current = fields.Float(string="Target Now", compute='_compute_current', digits=(16, 2))
    proposed = fields.Float(string="Proposed", compute='_compute_current', digits=(16, 2))
    amount = fields.Float(
        string="New Target", digits=(16, 2), compute='_compute_amount', store=True, readonly=False, precompute=True)
    delta = fields.Float(string="Difference", compute='_compute_delta', digits=(16, 2))
    absorb = fields.Selection(
        selection=[
            ('reserve', "The reserve of the parent"),
            ('siblings', "The siblings, in proportion"),
            ('parent', "The parent (needs approval above a limit)"),
        ],
        string="Difference Goes To", required=True, default='reserve')
    down = fields.Selection(
        selection=[('reserve', "Its own reserve"), ('children', "What lies below, in proportion")],
        string="Below It", required=True, default='reserve')
    has_children = fields.Boolean(compute='_compute_has_children')
    reason = fields.Char(string="Reason", help="Kept with the change; people see it when they ask for the why.")

    # === COMPUTE METHODS === #

    @api.depends('node_id')
    def _compute_metric_id(self):
        for wizard in self:
            metrics = wizard.node_id.plan_id.metric_line_ids.metric_id
            if wizard.metric_id not in metrics:
                wizard.metric_id = metrics[:1]

    @api.depends('node_id')
    def _compute_month(self):
        for wizard in self:
            plan = wizard.node_id.plan_id
            today = fields.Date.context_today(wizard)
            if plan and not (wizard.month and plan.date_from <= wizard.month <= plan.date_to):
                wizard.month = min(max(today, plan.date_from), plan.date_to).replace(day=1)

    @api.depends('node_id', 'metric_id', 'period', 'month')
    def _compute_seen(self):
        for wizard in self:
            wizard.seen = {
                fields.Date.to_string(month): cell.amount if cell else 0.0
                for month, cell in wizard._get_period_cells().items()}

    @api.depends('node_id', 'metric_id', 'period', 'month')
    def _compute_current(self):
        for wizard in self:
            cells = wizard._get_period_cells()
            wizard.current = wizard._sum([cell.amount for cell in cells.values() if cell])
            wizard.proposed = wizard._sum([cell.proposed for cell in cells.values() if cell and cell.has_proposal])

    @api.depends('current')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.current

    @api.depends('current', 'amount')
    def _compute_delta(self):
        for wizard in self:
            wizard.delta = wizard.amount - wizard.current

    @api.depends('node_id')
    def _compute_has_children(self):
        for wizard in self:
            wizard.has_children = bool(wizard.node_id.child_ids)

    # === ACTION METHODS === #

    def action_apply(self):
        """Change the target.

        :return: action that shows the request if approval is needed, else closes the wizard
        :raise UserError: if somebody changed it meanwhile, or nobody can take the difference
        """
        self.ensure_one()
        self.node_id.check_access('read')
        _cells, request = self.plan_id._change_cells(
            self._prepare_edits(), self.absorb, self.reason, self.down if self.has_children else 'reserve')
        return request._open() if request else {'type': 'ir.actions.act_window_close'}

    # === BUSINESS METHODS === #

    def _prepare_edits(self):
        """Return the edits of the single months, with what the user saw."""
        plan, metric = self.plan_id, self.metric_id
        amount = plan._check_amount(self.amount)
        cells = self._get_period_cells()
        if not cells:
            raise UserError(self.env._(
                "Choose a month between %(start)s and %(end)s.", start=plan.date_from, end=plan.date_to))
        seen = self.seen or {}
        present = {
            month: plan._check_amount(seen.get(fields.Date.to_string(month), cell.amount if cell else 0.0))
            for month, cell in cells.items()}
        if not metric.is_additive:
            return [(self.node_id, metric, month, amount, old) for month, old in present.items()]
        parts = apportion(plan._to_units(amount, metric), [plan._to_units(max(old, 0.0), metric) for old in present.values()])
        return [
            (self.node_id, metric, month, plan._to_amount(part, metric), old)
            for part, (month, old) in zip(parts, present.items(), strict=True)
        ]

    def _get_period_cells(self):
        """Return the cell, maybe empty, of each month of the period.

        :rtype: dict
        """
        self.ensure_one()
        plan, empty = self.node_id.plan_id, self.env['sales.quota.cell']
        if not plan or not self.month or not plan.date_from <= self.month <= plan.date_to:
            return {}
        months = plan._get_months()
        index = (self.month.year - plan.date_from.year) * 12 + self.month.month - plan.date_from.month
        months = {
            'month': [months[index]], 'quarter': months[index // 3 * 3:][:3], 'year': months,
        }[self.period or 'month']
        locked = plan.previous_id and plan.valid_from
        cells = {cell.month: cell for cell in empty.search([
            ('node_id', '=', self.node_id._origin.id), ('metric_id', '=', self.metric_id._origin.id), ('month', 'in', months)])}
        return {month: cells.get(month, empty) for month in months if not locked or month >= locked}

    def _sum(self, values):
        """Add up money, quantities and counts; of ratios and scores return the average."""
        if not values:
            return 0.0
        return sum(values) if self.metric_id.is_additive else sum(values) / len(values)
