from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import AccessError

from ...internal import grant
from .actuals import figure
from .sales_quota_node_evidence import GUARD
from .sales_quota_plan_progress import HISTORY_YEARS, PIPELINE_METRICS

# How many names a message lists before it only counts
NAMES_MAX = 10


class SalesQuotaPlan(models.Model):
    _inherit = 'sales.quota.plan'

    attainability_ids = fields.One2many('sales.quota.attainability', 'plan_id', string="Attainability")
    publish_reason = fields.Text(
        string="Why It Is Published Without Evidence", copy=False, tracking=True,
        help="Needed to publish while there are targets without evidence of what was reached before.")

    # === ACTION METHODS === #

    def action_collect_evidence(self):
        """Collect the evidence of all nodes of the plans, and work out the attainability of the targets."""
        for plan in self:
            plan._get_manageable_nodes().action_collect_evidence()
        return True

    def action_open_attainability(self):
        """Open the attainability of the targets of the plan, worked out anew for those that changed.

        :return: window action
        """
        self.ensure_one()
        if self._can_manage_all():
            self._refresh_attainability()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_attainability_action'),
            'domain': [('plan_id', '=', self.id)],
        }

    def _can_manage_all(self):
        """Tell whether the user directs or administers all sales of the companies of the plans."""
        self.check_access('read')
        user = self.env.user
        return user.has_group('sales_mgmt_addon.group_director') or user.has_group('sales_team.group_sale_manager')

    def _get_manageable_nodes(self):
        """Return the nodes the user answers for: all of them, or those of the teams he leads.

        :raise AccessError: if he answers for none
        """
        self.ensure_one()
        self.check_access('read')
        nodes = self.env['sales.quota.node'].search([('plan_id', '=', self.id), ('type', '!=', 'reserve')])
        if not self._can_manage_all():
            nodes = nodes.filtered(lambda node: self.env.user in node.sudo().team_id.approval_leader_ids)
        if not nodes:
            raise AccessError(self.env._("You lead nobody in %(plan)s.", plan=self.name))
        return nodes

    # === PUBLISHING === #

    def _check_publishable(self):
        """Targets need evidence or a reason, and odd chances somebody who answers for them."""
        return [*super()._check_publishable(), *self._check_evidence(), *self._check_attainability()]

    def _check_evidence(self):
        """Return what is wrong with the evidence: a list of messages."""
        if (self.publish_reason or '').strip():
            return []
        bare = self.env['sales.quota.cell'].sudo()._read_group(
            [('plan_id', '=', self.id), ('amount', '>', 0), ('node_id.type', '!=', 'reserve'),
             ('node_id.evidence_date', '=', False)], ['node_id'])
        nodes = self.env['sales.quota.node'].concat(*(node for (node,) in bare))
        return [self.env._(
            "%(count)s targets have no evidence (%(names)s). Collect it, or write why the plan is published without it.",
            count=len(nodes), names=self._list_names(nodes))] if nodes else []

    def _check_attainability(self):
        """Return what is wrong with the chances of the targets: a list of messages."""
        self._refresh_attainability()
        lines = self.env['sales.quota.attainability'].sudo().search([
            ('plan_id', '=', self.id), ('in_band', '=', False), ('override_reason', '=', False)])
        return [self.env._(
            "%(count)s targets are outside the band of %(low)s to %(high)s %% chance (%(names)s). Change them, or write"
            " for each why it stands.",
            count=len(lines), low=self.attainability_low, high=self.attainability_high,
            names=self._list_names(lines.node_id))] if lines else []

    def _refresh_attainability(self):
        """Work out the chances of this plan anew."""
        self.ensure_one()
        self.env['sales.quota.attainability']._refresh(self)

    def _list_names(self, nodes):
        """Return the names of nodes, the first ones if they are many."""
        names = nodes.sudo()[:NAMES_MAX].mapped('name')
        return ", ".join(names) + (" …" if len(nodes) > NAMES_MAX else "")

    # === VERSIONS === #

    def _make_revision(self, valid_from):
        """A revision is about the same year: what was known before it, or why nothing was, stays."""
        revision = super()._make_revision(valid_from)
        revision.sudo().publish_reason = self.publish_reason
        return revision

    def _copy_tree(self, source):
        super()._copy_tree(source)
        if self.date_from == source.date_from:
            for node in grant(self.node_ids, GUARD):
                origin = node.origin_id
                if origin.evidence_date:
                    node.write({'evidence': origin.evidence, 'evidence_date': origin.evidence_date})

    # === EVIDENCE === #

    def _collect_evidence(self, nodes):
        """Write the evidence of nodes of this plan, in a constant number of queries.

        :param nodes: `sales.quota.node` records of this plan; the caller has checked that the user may
        """
        self.ensure_one()
        plan, nodes = self.sudo(), nodes.sudo().filtered(lambda node: node.type != 'reserve')
        today = plan._get_today()
        metrics = plan.metric_line_ids.metric_id
        series = plan._get_series(
            nodes, plan.date_from - relativedelta(years=HISTORY_YEARS), today, metrics,
            any_team_before=today + relativedelta(months=1, day=1))
        pipelines = plan._get_pipelines(nodes, today, plan.date_to)
        estimates = self.env['sales.market.estimate']._get_matching(nodes, plan.date_from, plan.date_to)
        for node in grant(nodes, GUARD):
            node.write({
                'evidence_date': fields.Datetime.now(),
                'evidence': {
                    'currency': plan.currency_id.name,
                    'metrics': [
                        plan._prepare_metric_evidence(
                            metric, series.get((node.id, metric.id), {}), pipelines.get(node.id), today)
                        for metric in metrics],
                    'market': plan._prepare_market_evidence(estimates.get(node.id)),
                },
            })

    def _prepare_metric_evidence(self, metric, series, pipeline, today):
        """Return what speaks for a target of one metric; figures that cannot be known are None.

        :param dict series: ``{month: (value, quantity)}``
        :param pipeline: the Pipeline of the node or None
        :param date today: the day
        :return: ``metric_id``, ``name``, ``years`` (``from``, ``to``, ``value``; latest first, only those with
            entries), ``run_rate_3`` and ``run_rate_12`` (full months up to the plan or today, as a year), and
            ``pipeline`` (``open`` and ``weighted`` by own stage conversion) of money or number of deals
        :rtype: dict
        """
        years = []
        for back in range(1, HISTORY_YEARS + 1):
            first = self.date_from - relativedelta(years=back)
            months = [first + relativedelta(months=number) for number in range(12)]
            if any(month in series for month in months):
                years.append({
                    'from': str(first), 'to': str(self.date_from - relativedelta(years=back - 1, days=1)),
                    'value': figure(metric, *self._sum_series(series, months))})
        until = min(today.replace(day=1), self.date_to + relativedelta(days=1))
        pipeline_kind = PIPELINE_METRICS.get(metric.code)
        evidence = {
            'metric_id': metric.id,
            'name': metric.name,
            'years': years,
            **{f'run_rate_{length}': self._get_yearly_rate(metric, series, until, length) for length in (3, 12)},
            'pipeline': None,
        }
        if pipeline_kind and pipeline and pipeline.is_known:
            index = 0 if pipeline_kind == 'money' else 1
            evidence['pipeline'] = {'open': pipeline.total()[index], 'weighted': pipeline.expected()[index]}
        return evidence

    def _get_yearly_rate(self, metric, series, until, length):
        """Return the last full months as a year, or None if the first entry came later than the first of them."""
        months = [until - relativedelta(months=back) for back in range(1, length + 1)]
        if not series or min(series) > months[-1]:
            return None
        value = figure(metric, *self._sum_series(series, months))
        return value * 12 / length if metric.is_additive else value

    def _prepare_market_evidence(self, estimate):
        """Return the market of the year of the plan: its part of the estimate, with the source; or None."""
        if not estimate:
            return None
        low, high, _months = estimate._get_market(self.date_from, self.date_to)
        return {
            'estimate_id': estimate.id, 'low': low, 'high': high, 'source': estimate.source,
            'source_date': str(estimate.source_date), 'from': str(max(estimate.date_from, self.date_from)),
            'to': str(min(estimate.date_to, self.date_to)),
        }

