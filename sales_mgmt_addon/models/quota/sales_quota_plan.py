from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class SalesQuotaPlan(models.Model):
    """The targets of one company for one fiscal year: a tree of nodes with a cell per month and metric."""

    _name = 'sales.quota.plan'
    _description = "Quota Plan"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'sales.approval.mixin']
    _order = 'date_from desc, version desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Name", required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', string="Company", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date_from = fields.Date(
        string="First Day", required=True, tracking=True,
        help="First day of the fiscal year: the first of any month. The year has twelve months.")
    date_to = fields.Date(string="Last Day", compute='_compute_date_to', store=True)
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('submitted', "To Approve"),
            ('approved', "Approved"),
            ('published', "Published"),
            ('closed', "Closed"),
        ],
        string="Status", required=True, readonly=True, default='draft', copy=False, tracking=True, index=True,
        group_expand=True)
    metric_line_ids = fields.One2many('sales.quota.plan.metric', 'plan_id', string="Metrics", copy=True)
    metric_ids = fields.Many2many(
        comodel_name='sales.metric', string="Metrics of the Plan", compute='_compute_metric_ids')
    node_ids = fields.One2many('sales.quota.node', 'plan_id', string="Nodes", copy=False)
    # versions
    version = fields.Integer(string="Version", default=1, readonly=True, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        comodel_name='sales.quota.plan', string="Revision Of", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict')
    valid_from = fields.Date(
        string="Valid From", readonly=True, copy=False,
        help="The day from which this version holds; until then the former one does.")
    valid_to = fields.Date(string="Valid Until", readonly=True, copy=False)
    # rules of the game
    tolerance_percent = fields.Float(
        string="Tolerance (%)", default=10.0, digits=(16, 2),
        help="Who is further behind the expected pace than this gets a signal and a plan of action.")
    attainability_low = fields.Float(
        string="Attainable From (%)", default=20.0, digits=(16, 2),
        help="A target with a lower chance needs a written reason.")
    attainability_high = fields.Float(
        string="Attainable To (%)", default=95.0, digits=(16, 2),
        help="A target with a higher chance is no challenge and needs a written reason.")
    change_limit = fields.Monetary(
        string="Free Change of a Parent",
        help="A change that raises or lowers the target of the parent by more than this needs approval.")
    edit_version = fields.Integer(
        default=0, readonly=True, copy=False, aggregator=None,
        help="Counts the changes: parallel edits of a plan meet on this column.")

    @api.depends('date_from')
    def _compute_date_to(self):
        for plan in self:
            plan.date_to = plan.date_from and plan.date_from + relativedelta(years=1, days=-1)

    @api.depends('metric_line_ids.metric_id')
    def _compute_metric_ids(self):
        for plan in self:
            plan.metric_ids = plan.metric_line_ids.metric_id

    def _check_publishable(self):
        """Return why the plan cannot be published: a list of messages, empty if it can.

        :rtype: list[str]
        """
        self.ensure_one()
        return []
