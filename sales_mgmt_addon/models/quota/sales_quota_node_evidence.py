from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import format_date, formatLang

from ...internal import granted

GUARD = 'quota.evidence'
EVIDENCE_FIELDS = frozenset({'evidence', 'evidence_date'})


class SalesQuotaNode(models.Model):
    _inherit = 'sales.quota.node'

    evidence = fields.Json(string="Evidence (Data)", readonly=True, copy=False)
    evidence_date = fields.Datetime(string="Evidence Collected On", readonly=True, copy=False)
    evidence_html = fields.Html(string="Evidence", compute='_compute_evidence_html')
    attainability_ids = fields.One2many('sales.quota.attainability', 'node_id', string="Attainability")
    market_share = fields.Char(
        string="Market Share", compute='_compute_market_share', compute_sudo=True,
        help="Own invoiced sales of the year to date divided by the estimate of the market for the same time, as an"
             " interval, with source and date. Empty without an estimate.")

    # === COMPUTE METHODS === #

    @api.depends('evidence')
    @api.depends_context('lang')
    def _compute_evidence_html(self):
        for node in self:
            node.evidence_html = node._render_evidence() if node.evidence else False

    @api.depends('type', 'team_id', 'product_category_id', 'segment_domain', 'channel')
    @api.depends_context('lang')
    def _compute_market_share(self):
        self.market_share = False
        for plan, nodes in self._origin.grouped('plan_id').items():
            shares = plan._get_market_shares(nodes)
            for node in self:
                if (share := shares.get(node._origin.id)) and share['share_low'] is not None:
                    node.market_share = node._format_share(share)

    def _format_share(self, share):
        """Return an interval of the market share as text: ``4.2 – 5.1 % (source, date)``."""
        low = formatLang(self.env, share['share_low'], digits=1)
        if share['share_high'] is None:
            return self.env._("at least %(low)s %% (%(origin)s)", low=low, origin=share['source'])
        return self.env._(
            "%(low)s – %(high)s %% (%(origin)s)", low=low, high=formatLang(self.env, share['share_high'], digits=1),
            origin=share['source'])

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(EVIDENCE_FIELDS & vals.keys() for vals in vals_list):
            self._check_evidence_fields()
        # said here, for defaults of the context or of the user could say something else
        return super().create([{**dict.fromkeys(EVIDENCE_FIELDS, False), **vals} for vals in vals_list])

    def write(self, vals):
        if EVIDENCE_FIELDS & vals.keys():
            self._check_evidence_fields()
        return super().write(vals)

    def _check_evidence_fields(self):
        """Refuse evidence that was not collected: publishing relies on it."""
        if not granted(self, GUARD):
            raise AccessError(self.env._("Evidence is collected from the records, not entered."))

    # === ACTION METHODS === #

    def action_collect_evidence(self):
        """Collect what was reached before, what is open and what the market is worth, and the chances.

        :raise AccessError: if the user does not lead the nodes, nor direct or administer sales
        """
        self.check_access('read')
        user = self.env.user
        for plan, nodes in self.grouped('plan_id').items():
            if not plan._can_manage_all() and any(user not in node.sudo().team_id.approval_leader_ids for node in nodes):
                raise AccessError(self.env._("Only those who lead a person or team collect the evidence of its targets."))
            plan._collect_evidence(nodes)
            self.env['sales.quota.attainability']._refresh(plan, nodes)
        return True

    # === RENDERING === #

    def _render_evidence(self):
        """Return the evidence as a table; names and sources are escaped.

        :rtype: Markup
        """
        self.ensure_one()
        evidence = self.evidence
        rows = Markup().join(self._render_metric_evidence(metric) for metric in evidence.get('metrics', []))
        table = Markup(
            '<table class="table table-sm"><thead><tr><th>%s</th><th class="text-end">%s</th>'
            '<th class="text-end">%s</th><th class="text-end">%s</th><th class="text-end">%s</th></tr></thead>'
            '<tbody>%s</tbody></table>',
        ) % (
            self.env._("Metric"), self.env._("Former Years"), self.env._("Last 3 Months, as a Year"),
            self.env._("Last 12 Months"), self.env._("Open Pipeline (Weighted)"), rows)
        return table + self._render_market_evidence(evidence.get('market'))

    def _render_metric_evidence(self, metric):
        years = Markup("<br/>").join(
            Markup("%s: %s") % (year['from'][:4], self._format_figure(year['value'])) for year in metric['years'])
        pipeline = metric['pipeline']
        return Markup(
            '<tr><td>%s</td><td class="text-end">%s</td><td class="text-end">%s</td><td class="text-end">%s</td>'
            '<td class="text-end">%s</td></tr>',
        ) % (
            metric['name'], years or self._format_figure(None), self._format_figure(metric['run_rate_3']),
            self._format_figure(metric['run_rate_12']),
            Markup("%s (%s)") % (self._format_figure(pipeline['open']), self._format_figure(pipeline['weighted']))
            if pipeline else self._format_figure(None))

    def _render_market_evidence(self, market):
        if not market:
            return Markup('<p class="text-muted">%s</p>') % self.env._("No market estimate matches.")
        return Markup("<p>%s</p>") % self.env._(
            "Market: %(low)s to %(high)s %(currency)s (%(origin)s, %(date)s)",
            low=self._format_figure(market['low']), high=self._format_figure(market['high']),
            currency=self.evidence['currency'], origin=market['source'],
            date=format_date(self.env, market['source_date']))

    def _format_figure(self, value):
        return "–" if value is None else formatLang(self.env, value, digits=0 if abs(value) >= 1000 else 2)
