from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...models.quota.actuals import figure

METHODS = [
    ('equal', "Equal parts"),
    ('history', "Like the last 12 months"),
    ('headcount', "By days of people"),
    ('pipeline', "By open pipeline"),
    ('weights', "By weights"),
]


class SalesQuotaDistribute(models.TransientModel):
    """Divide the target of a node over the months and the nodes below, after a look at the result."""

    _name = 'sales.quota.distribute'
    _description = "Distribute a Target"

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, ondelete='cascade',
        domain=[('type', 'in', ('company', 'region', 'team'))])
    plan_id = fields.Many2one(related='node_id.plan_id')
    metric_ids = fields.Many2many(related='plan_id.metric_ids')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, ondelete='cascade',
        compute='_compute_metric_id', store=True, readonly=False, precompute=True)
    unit = fields.Char(related='metric_id.unit')
    is_additive = fields.Boolean(related='metric_id.is_additive')
    current = fields.Float(string="Target Now", compute='_compute_current', digits=(16, 2))
    amount = fields.Float(
        string="Target of the Year", digits=(16, 2), compute='_compute_amount', store=True, readonly=False, precompute=True)
    method = fields.Selection(selection=METHODS, string="Share By", required=True, default='history')
    profile = fields.Selection(
        selection=[
            ('keep', "As they are now"),
            ('flat', "All alike"),
            ('history', "Like the last years"),
            ('manual', "By weights"),
        ],
        string="Months Share", required=True, default='keep',
        help="Like the last years: the sums per calendar month of up to three full years of the attainment book.")
    padding = fields.Float(
        string="Over-assignment (%)", digits=(16, 2),
        help="What the direct children get beyond the target; the reserve shows it as a negative amount. A negative"
             " percentage is held back in the reserve.")
    recursive = fields.Boolean(
        string="Down to the Persons", default=True,
        help="Divide the levels below in the same way. Else their reserves take what changes.")
    reason = fields.Char(string="Reason", help="Kept with the changes.")
    line_ids = fields.One2many(
        'sales.quota.distribute.line', 'wizard_id', string="Children", compute='_compute_line_ids', store=True, readonly=False)
    month_ids = fields.One2many(
        'sales.quota.distribute.month', 'wizard_id', string="Months", compute='_compute_month_ids', store=True,
        readonly=False)
    preview = fields.Json(compute='_compute_preview', help="What each node and month would have, by id and date.")
    reserve_preview = fields.Float(string="Left in Reserve", compute='_compute_preview', digits=(16, 2))
    problem = fields.Char(compute='_compute_preview')

    # === COMPUTE METHODS === #

    @api.depends('node_id')
    def _compute_metric_id(self):
        for wizard in self:
            metrics = wizard.node_id.plan_id.metric_line_ids.metric_id
            if wizard.metric_id not in metrics:
                wizard.metric_id = metrics[:1]

    @api.depends('node_id', 'metric_id')
    def _compute_current(self):
        for wizard in self:
            amounts = [amount for (node, metric, _month), amount in wizard.node_id._origin._get_cells(wizard.metric_id).items()]
            wizard.current = sum(amounts) / (1 if wizard.metric_id.is_additive else len(amounts) or 1)

    @api.depends('current')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.current

    @api.depends('node_id', 'metric_id')
    def _compute_line_ids(self):
        for wizard in self:
            node = wizard.node_id._origin
            node.check_access('read')
            children = node.child_ids.filtered(lambda child: child.type != 'reserve')
            facts = wizard._get_facts(children) if children and wizard.metric_id else {}
            wizard.line_ids = [Command.clear(), *(
                Command.create({'node_id': child.id, 'weight': 1.0, **facts.get(child, {})}) for child in children)]

    @api.depends('node_id')
    def _compute_month_ids(self):
        for wizard in self:
            months = wizard.node_id.plan_id._get_months() if wizard.node_id.plan_id else []
            wizard.month_ids = [Command.clear(), *(Command.create({'month': month, 'weight': 1.0}) for month in months)]

    @api.depends(
        'node_id', 'metric_id', 'amount', 'method', 'profile', 'padding', 'recursive', 'line_ids.weight', 'month_ids.weight')
    def _compute_preview(self):
        for wizard in self:
            wizard.problem, cascade = False, None
            try:
                if wizard.node_id and wizard.metric_id:
                    wizard.node_id._origin.check_access('read')
                    cascade = wizard.plan_id._origin._compute_distribution(*wizard._get_arguments())
            except AccessError:
                raise
            except UserError as error:
                wizard.problem = str(error)
            preview = wizard._prepare_preview(cascade) if cascade else {}
            wizard.preview = preview
            wizard.reserve_preview = preview.get('reserve', 0.0)

    def _prepare_preview(self, cascade):
        """Return what the children, the months and the reserve would have.

        :param Cascade cascade: the computed distribution
        :return: amounts by node id, by month and of the `reserve`
        :rtype: dict
        """
        plan, metric, node = self.plan_id._origin, self.metric_id._origin, self.node_id._origin
        months = plan._get_months()

        def total(node_id, months):
            units = [cascade.get(node_id, (metric.id, month)) for month in months]
            return plan._to_amount(sum(units), metric) / (1 if metric.is_additive else len(units))

        return {
            **{str(child): total(child, months) for child in cascade.children.get(node.id, ())},
            **{fields.Date.to_string(month): total(node.id, [month]) for month in months},
            'reserve': total(cascade.reserves.get(node.id), months) if metric.is_additive else 0.0,
        }

    # === ACTION METHODS === #

    def action_apply(self):
        """Distribute.

        :return: action that closes the wizard
        :raise UserError: if the numbers make no sense, or the user may not change the nodes
        """
        self.ensure_one()
        self.node_id.check_access('read')
        node, metric, amount, method, profile, weights, padding, recursive = self._get_arguments()
        self.plan_id._distribute(node, metric, amount, method, profile, weights, padding, recursive, self.reason)
        return {'type': 'ir.actions.act_window_close'}

    # === BUSINESS METHODS === #

    def _get_arguments(self):
        """Return the arguments of :meth:`SalesQuotaPlan._compute_distribution`."""
        profile = {
            'keep': None, 'manual': [line.weight for line in self.month_ids.sorted('month')],
        }.get(self.profile, self.profile)
        same = not self.plan_id._to_units(self.amount - self.current, self.metric_id)
        return (
            self.node_id._origin, self.metric_id._origin, None if same else self.amount, self.method, profile,
            {line.node_id._origin.id: line.weight for line in self.line_ids} if self.method == 'weights' else None,
            self.padding, self.recursive,
        )

    def _get_facts(self, children):
        """Return what helps to weigh: history, days of people and pipeline of each child.

        :param children: nodes below a node that the user may read
        :rtype: dict
        """
        plan = self.node_id.plan_id._origin.sudo()
        metric, months = self.metric_id._origin.sudo(), plan._get_months()
        end = min(plan.date_from, fields.Date.context_today(self).replace(day=1))
        actuals = plan._get_actuals(
            children, fields.Date.subtract(end, years=1), fields.Date.subtract(end, days=1), metric, any_team_before=end)
        history = {child.id: [0.0, 0.0] for child in children}
        for (node_id, _metric, _month), (value, quantity) in actuals.items():
            history[node_id][0] += value
            history[node_id][1] += quantity
        days = plan._get_headcount_days(plan._load_cascade({metric.id}, months), months)
        pipeline = plan._get_pipeline(children)
        cells = children._get_cells(metric)
        return {
            child: {
                'current': sum(cells.get((child.id, metric.id, month), 0.0) for month in months) / (
                    1 if metric.is_additive else 12),
                'history': figure(metric, *history[child.id]) or 0.0,
                'headcount': sum(days.get((child.id, month), 0) for month in months),
                'pipeline': pipeline.get(child.id, 0.0),
            }
            for child in children
        }
