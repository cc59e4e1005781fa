from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_compare

from ...internal import grant, granted
from .resampling import HISTORY_MONTHS, MIN_MONTHS, chance, season_of

GUARD = 'quota.attainability'
# What a leader may write; the rest is worked out
OPEN_FIELDS = {'override_reason'}


class SalesQuotaAttainability(models.Model):
    """The chance of one person to reach the yearly target of one metric, and who answers for it if it is odd.

    The method is described in ``resampling.py``: the person's own months are drawn anew 2,000 times.
    """

    _name = 'sales.quota.attainability'
    _description = "Attainability of a Target"
    _order = 'verdict, node_id, metric_id'
    _rec_name = 'node_id'

    node_id = fields.Many2one(
        comodel_name='sales.quota.node', string="Node", required=True, readonly=True, index=True, ondelete='cascade')
    plan_id = fields.Many2one(related='node_id.plan_id', store=True, index=True)
    company_id = fields.Many2one(related='node_id.company_id', store=True)
    user_id = fields.Many2one(related='node_id.user_id', store=True, index='btree_not_null')
    team_id = fields.Many2one(related='node_id.team_id', store=True, index='btree_not_null')
    metric_id = fields.Many2one(
        comodel_name='sales.metric', string="Metric", required=True, readonly=True, ondelete='restrict')
    target = fields.Float(string="Target of the Year", readonly=True, digits=(16, 2))
    months = fields.Integer(
        string="Months of History", readonly=True, aggregator=None,
        help="Since the person's first active month, at most the 24 before the plan. With less than six, no"
             " verdict is given.")
    chance = fields.Float(
        string="Chance (%)", readonly=True, digits=(16, 1), aggregator='avg',
        help="The year is played 2,000 times: each month is drawn from the person's own months of the last"
             " two years, freed from the season of the company and given that of the month it stands for."
             " The chance is the share of years that reach the target.")
    verdict = fields.Selection(
        selection=[
            ('too_high', "Hardly Attainable"),
            ('too_low', "No Challenge"),
            ('in_band', "Within the Band"),
            ('unknown', "Not Enough Data"),
        ],
        string="Assessment", compute='_compute_verdict', store=True,
        help="Hardly attainable: the chance is below the band of the plan. No challenge: it is above.")
    in_band = fields.Boolean(
        string="Passes", compute='_compute_verdict', store=True,
        help="Within the band of the plan, or not enough data to tell.")
    date = fields.Date(string="Worked Out On", readonly=True)
    override_reason = fields.Text(
        string="Why It Stands Nevertheless",
        help="Needed to publish a target outside the band. It holds for the target of the day: another target needs"
             " another reason.")
    override_by_id = fields.Many2one(
        comodel_name='res.users', string="Overridden By", readonly=True, ondelete='restrict')
    override_on = fields.Datetime(string="Overridden On", readonly=True)

    _node_metric_unique = models.Constraint(
        'UNIQUE (node_id, metric_id)', "The attainability of this node and metric exists already.")

    # === COMPUTE METHODS === #

    @api.depends('chance', 'months', 'plan_id.attainability_low', 'plan_id.attainability_high')
    def _compute_verdict(self):
        for line in self:
            low, high = line.plan_id.attainability_low, line.plan_id.attainability_high
            if line.months < MIN_MONTHS:
                line.verdict = 'unknown'
            elif float_compare(line.chance, low, precision_digits=1) < 0:
                line.verdict = 'too_high'
            elif float_compare(line.chance, high, precision_digits=1) > 0:
                line.verdict = 'too_low'
            else:
                line.verdict = 'in_band'
            line.in_band = line.verdict in ('in_band', 'unknown')

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not granted(self, GUARD):
            raise AccessError(self.env._("Attainability is worked out by the plan, not entered."))
        return super().create(vals_list)

    def write(self, vals):
        if granted(self, GUARD):
            return super().write(vals)
        if vals.keys() - OPEN_FIELDS:
            raise AccessError(self.env._("Attainability is worked out by the plan; only the reason can be written."))
        self.check_access('write')
        self._check_may_override()
        reason = (vals.get('override_reason') or '').strip()
        return grant(self.sudo(), GUARD, only_these=True).write({
            'override_reason': reason or False,
            'override_by_id': reason and self.env.uid,
            'override_on': reason and fields.Datetime.now(),
        })

    def _check_may_override(self):
        """Raise unless the user leads the persons, and the plan is still to be published."""
        user = self.env.user
        if user in self.sudo().user_id:
            raise AccessError(self.env._("Nobody overrides the verdict on a target of his own."))
        is_director = user.has_group('sales_mgmt_addon.group_director') or user.has_group('sales_team.group_sale_manager')
        for line in self.sudo():
            if not is_director and user not in line.team_id.approval_leader_ids:
                raise AccessError(self.env._("Only those who lead %(person)s can override.", person=line.user_id.name))
            if line.plan_id.state in ('published', 'closed'):
                raise UserError(self.env._("%(plan)s is published already.", plan=line.plan_id.name))

    # === BUSINESS METHODS === #

    @api.model
    def _refresh(self, plan, nodes=None):
        """Work out the attainability of the persons of a plan for all metrics that are sums.

        A reason given before is kept as long as the target is the same.

        :param plan: a `sales.quota.plan` record
        :param nodes: persons to be looked at, by default all of the plan
        """
        plan = plan.sudo()
        persons = (plan.node_ids if nodes is None else nodes.sudo()).filtered(lambda node: node.type == 'person')
        metrics = plan.metric_line_ids.metric_id.filtered('is_additive')
        targets = plan._get_targets(persons, plan._get_period('year', plan.date_from))
        rows = self._prepare_rows(plan, persons, metrics, targets) if persons and metrics else []
        lines = grant(self.sudo(), GUARD)
        known = {
            (line.node_id.id, line.metric_id.id): line
            for line in lines.search([('node_id', 'in', persons.ids)])
        }
        new = []
        for row in rows:
            line = known.pop((row['node_id'], row['metric_id']), None)
            if line is None:
                new.append(row)
                continue
            if float_compare(line.target, row['target'], precision_digits=2):
                row.update(override_reason=False, override_by_id=False, override_on=False)
            line.write(row)
        lines.create(new)
        lines.browse(line.id for line in known.values()).unlink()

    @api.model
    def _prepare_rows(self, plan, persons, metrics, targets):
        """Return the values of the lines of persons with a target.

        :param dict targets: ``{(node id, metric id): {month: amount}}`` of the year
        :rtype: list[dict]
        """
        today = plan._get_today()
        until = min(today.replace(day=1), plan.date_from)
        since = until - relativedelta(months=HISTORY_MONTHS)
        company = plan.node_ids.filtered(lambda node: node.type == 'company')
        months = [since + relativedelta(months=number) for number in range(HISTORY_MONTHS)]
        actuals = plan._get_actuals(
            persons | company, since, until - relativedelta(days=1), metrics, any_team_before=until)
        seasons = {
            metric.id: season_of(self._get_history(actuals, company[:1].id, metric.id, months)) for metric in metrics}
        rows = []
        for node in persons:
            plan_months = self._get_plan_months(node)
            for metric in metrics:
                target = sum(targets.get((node.id, metric.id), {}).values())
                if target <= 0:
                    continue
                history = self._get_history(actuals, node.id, metric.id, months)
                # the same in each version and copy of the plan
                seed = f'{node.user_id.id}/{metric.code}/{plan.date_from.year}'
                found = chance(history, plan_months, target, seasons[metric.id], seed, metric.higher_is_better)
                rows.append({
                    'node_id': node.id, 'metric_id': metric.id, 'target': target, 'months': len(history),
                    'chance': found or 0.0, 'date': today,
                })
        return rows

    @api.model
    def _get_history(self, actuals, node_id, metric_id, months):
        """Return value per month from the first month with an entry on; later months without one are 0."""
        history = {}
        for month in months:
            sums = actuals.get((node_id, metric_id, month))
            if history or sums:
                history[month] = sums[0] if sums else 0.0
        return history

    @api.model
    def _get_plan_months(self, node):
        """Return the months of the plan in which a person is there."""
        months = [node.plan_id.date_from + relativedelta(months=number) for number in range(12)]
        return [
            month for month in months
            if (not node.date_start or fields.Date.end_of(month, 'month') >= node.date_start)
            and (not node.date_end or month <= node.date_end)]
