from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...internal import grant

LINKED_FIELDS = (
    'type', 'sequence', 'date_start', 'date_end', 'segment_domain', 'channel',
)


class SalesQuotaPlan(models.Model):
    """Revisions within the year and copies for the next one."""

    _inherit = 'sales.quota.plan'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a revision that shall be valid earlier starts from what holds in the months it now covers."""
        if vals.get('valid_from'):
            self.check_access('write')
            valid_from = fields.Date.to_date(vals['valid_from'])
            for plan in self.filtered(lambda plan: plan.state == 'draft' and plan.previous_id):
                if plan.valid_from and valid_from < plan.valid_from:
                    plan.sudo()._take_over_past()
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for plan, vals in zip(self, vals_list, strict=True):
            if 'date_from' not in (default or {}):
                vals['date_from'] = plan.date_from + relativedelta(years=1)
            if 'name' not in (default or {}):
                year = str(plan.date_from.year)
                vals['name'] = plan.name.replace(year, str(plan.date_from.year + 1)) if year in plan.name else self.env._(
                    "%(plan)s (copy)", plan=plan.name)
        return vals_list

    def copy(self, default=None):
        """Copy plans for another year, by default the next one: tree and targets, but no history.

        Who has left is left out; the reserve of the team holds what was his.
        """
        plans = super().copy(default)
        for source, plan in zip(self, plans, strict=True):
            plan.sudo()._copy_tree(source.sudo())
        return plans

    # === ACTION METHODS === #

    def action_revise(self, valid_from=None):
        """Make the next version of a published plan, as a draft.

        The former version stays valid until the revision is published, and readable for ever.

        :param valid_from: first day of a month; default: the next month. Can be changed in the draft
        :return: window action of the draft
        :raise UserError: if the plan is not the valid version, or has an open revision
        """
        self.ensure_one()
        self.check_access('write')
        self._lock_edits()
        if self.state != 'published' or self._is_replaced():
            raise UserError(self.env._("Only the published version that is valid last can be revised."))
        open_one = self.sudo()._get_open_revision()
        if open_one:
            raise UserError(self.env._("%(plan)s is being revised already.", plan=open_one.display_name))
        revision = self.sudo()._make_revision(valid_from or self._get_default_valid_from())
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': revision.id,
            'views': [(False, 'form')],
        }

    def action_open_versions(self):
        """Open all versions of the plan."""
        self.ensure_one()
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('sales_mgmt_addon.sales_quota_plan_action')
        return {**action, 'domain': [('id', 'in', self.sudo()._get_versions().ids)], 'context': {}}

    # === BUSINESS METHODS === #

    def _is_replaced(self):
        """Tell whether a newer version holds for a part of the year."""
        plan = self.sudo()
        return bool(plan.valid_to and plan.valid_to < plan.date_to)

    def _get_open_revision(self):
        """Return the revision that is not published yet; empty if there is none. In sudo mode."""
        self.ensure_one()
        return self.search([
            ('previous_id', '=', self.id), ('state', 'in', ('draft', 'submitted', 'approved'))], limit=1)

    def _get_default_valid_from(self):
        """Return the first of the next month within the months that can be revised."""
        month = fields.Date.context_today(self).replace(day=1) + relativedelta(months=1)
        first = (self.sudo().valid_from or self.date_from) + relativedelta(months=1)
        last = self.date_to.replace(day=1)
        return min(max(month, first), last)

    def _get_versions(self):
        """Return all versions of a plan, oldest first. Note: self.ensure_one()"""
        first = self.first_version_id or self
        later = self.with_context(active_test=False).search([('first_version_id', '=', first.id)])
        return (first | later.with_env(self.env)).sorted('version')

    def _get_version_at(self, date):
        """Return the version that was or is valid on a day; empty if none.

        :param date date: the day
        """
        self.ensure_one()
        return self._get_versions().filtered(
            lambda plan: plan.state in ('published', 'closed') and plan.valid_from <= date <= plan.valid_to)

    @api.model
    def _get_valid_plans(self, company, date):
        """Return the plans of a company that are valid on a day: one per set of metrics.

        :param company: `res.company` record
        :param date date: the day
        """
        return self.search([
            ('company_id', '=', company.id), ('state', 'in', ('published', 'closed')),
            ('valid_from', '<=', date), ('valid_to', '>=', date)])

    def _make_revision(self, valid_from):
        """Return version n + 1 in draft, with the same tree and targets. In sudo mode."""
        self.ensure_one()
        versions = self._get_versions()
        revision = grant(self, 'quota.plan').copy({
            'name': self.name,
            'date_from': self.date_from,
            'version': max(versions.mapped('version')) + 1,
            'previous_id': self.id,
            'first_version_id': versions[0].id,
            'valid_from': valid_from,
        })
        self._message_log(body=self.env._("Revised: %(plan)s", plan=revision._get_html_link()))
        return revision.with_env(self.env)

    def _copy_tree(self, source):
        """Copy nodes and targets of another plan, level by level and then in one statement.

        :param source: `sales.quota.plan` record
        """
        self.ensure_one()
        months = (self.date_from.year - source.date_from.year) * 12 + self.date_from.month - source.date_from.month
        Node = grant(grant(self.env['sales.quota.node'], 'quota.node'), 'quota.tree').with_context(
            tracking_disable=True, mail_create_nolog=True)
        copies = {}
        for _level, nodes in sorted(source.node_ids.grouped('level').items()):
            wanted = nodes.filtered(lambda node: node.type != 'reserve' and (
                not node.parent_id or node.parent_id in copies) and (not months or not node._has_left()))
            made = Node.create([self._prepare_node_copy(node, copies.get(node.parent_id), bool(months)) for node in wanted])
            copies.update(zip(wanted, made, strict=True))
        self._link_reserves(copies)
        self._copy_cells(months)
        if months:
            cascade = self._load_cascade()
            cascade.settle({key for _node, key in cascade.amounts})
            amounts = {
                place: tuple(self._to_amount(units, self.env['sales.metric'].browse(place[1][0])) for units in (before, after))
                for place, (before, after, _cause) in cascade.changed().items()}
            if amounts:
                self._upsert_cells(amounts)
        self._renumber()
        self.env['sales.quota.cell'].invalidate_model()

    def _prepare_node_copy(self, node, parent, other_year):
        """Return the values of a copied node.

        :param parent: the copy of its parent
        :param bool other_year: whether joining and leaving are over
        """
        vals = {name: node[name] for name in LINKED_FIELDS}
        if other_year:
            vals.update({'date_start': False, 'date_end': False})
        return {
            **vals,
            'name': node.name,
            'plan_id': self.id,
            'parent_id': parent.id if parent else False,
            'team_id': node.team_id.id,
            'user_id': node.user_id.id,
            'product_category_id': node.product_category_id.id,
            'origin_id': node.id,
        }

    def _link_reserves(self, copies):
        """Tell the reserves, which come by themselves, what they are copies of."""
        reserve_of = {node.parent_id: node for node in self.env['sales.quota.node'].search(
            [('plan_id', 'in', [self.id, *(node.plan_id.id for node in copies)]), ('type', '=', 'reserve')])}
        for node, copy in copies.items():
            if copy in reserve_of:
                grant(reserve_of[copy], 'quota.node').origin_id = reserve_of.get(node)

    def _copy_cells(self, months):
        """Copy the targets of the nodes that these are copies of.

        :param int months: how many months later
        """
        self.env['sales.quota.node'].flush_model()
        self.env['sales.quota.cell'].flush_model()
        self.env.cr.execute(SQL(
            """
            INSERT INTO sales_quota_cell (
                node_id, metric_id, month, amount, proposed, has_proposal, plan_id, company_id, user_id, team_id,
                node_type, create_uid, create_date, write_uid, write_date)
            SELECT n.id, c.metric_id, (c.month + make_interval(months => %(months)s))::date, c.amount, 0, FALSE, n.plan_id,
                   n.company_id, n.user_id, n.team_id, n.type, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM sales_quota_node n
              JOIN sales_quota_cell c ON c.node_id = n.origin_id
             WHERE n.plan_id = %(plan)s
               AND c.metric_id = ANY(%(metrics)s)
            """, months=months, uid=self.env.uid, now=fields.Datetime.now(), plan=self.id,
            metrics=self.metric_line_ids.metric_id.ids))

    def _take_over_past(self):
        """Bring the months before a revision to what the former version has: the past is not planned anew.

        New nodes have nothing there; where nodes were moved or deleted, the reserves hold the difference.
        """
        self.ensure_one()
        months = [month for month in self._get_months() if month < self.valid_from]
        if not months:
            return
        cascade = self._load_cascade(months=months)
        former = self.previous_id._load_cascade(months=months)
        keys = {key for _node, key in [*cascade.amounts, *former.amounts]}
        for node in self.node_ids.filtered(lambda node: node.type != 'reserve'):
            for key in keys:
                past = former.get(node.origin_id.id, key)
                if past != cascade.get(node.id, key):
                    cascade.put(node.id, key, past, 'revision')
        cascade.settle(keys)
        self._save_cascade(cascade, self.env._("Months before the revision"))
