from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from .sales_quota_plan_edit import QuotaConflict

# A plan of 400 nodes has 4,800 cells per metric: more than that is no edit of a person
CHANGES_MAX = 5000


class SalesQuotaPlan(models.Model):
    """The plan as a spreadsheet: what the grid shows, and how it is stored."""

    _inherit = 'sales.quota.plan'

    # === ACTION METHODS - GRID === #

    def action_open_grid(self):
        """Open the targets of the plan as a grid of nodes and months."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('sales_mgmt_addon.sales_quota_grid_action')
        return {**action, 'context': {'active_id': self.id, 'active_model': self._name}}

    # === BUSINESS METHODS - GRID === #

    def get_grid(self, metric_id=None):
        """Return the cells of one metric, as far as the user may read them.

        :param int metric_id: metric of the plan; the first one when empty
        :return: ``plan``, ``metric``, ``metrics``, ``months`` (ISO dates), ``nodes`` in the order of the tree
            and ``cells`` as ``{node id: {month: [cell id, amount, proposed or False]}}``
        :rtype: dict
        :raise AccessError: if the user may not read the plan
        :raise UserError: if the plan has no metric or does not have this one
        """
        self._check_grid_access()
        metric = self._get_grid_metric(metric_id)
        nodes = self.env['sales.quota.node'].search([('plan_id', '=', self.id)])
        labels = nodes._get_labels()
        readonly_reason = self._get_readonly_reason()
        editable = nodes.browse() if readonly_reason else self._get_editable_nodes(nodes)
        return {
            'plan': {**self._prepare_page_plan(), 'readonly_reason': readonly_reason},
            'metric': metric.id,
            'metrics': [self._prepare_page_metric(line.metric_id) for line in self.metric_line_ids],
            'months': [fields.Date.to_string(month) for month in self._get_months()],
            'locked_until': fields.Date.to_string(self.previous_id and self.valid_from or False) or False,
            'nodes': [
                {
                    'id': node.id,
                    'name': labels[node.id],
                    'type': node.type,
                    'parent': parent_id,
                    'depth': depth,
                    'editable': node.type != 'reserve' and node in editable,
                    'acknowledged': bool(node.acknowledged_on),
                }
                for node, parent_id, depth in self._walk_tree(nodes)
            ],
            'cells': self._prepare_grid_cells(nodes, metric),
        }

    def save_grid(self, metric_id, changes, absorb='reserve', reason=None):
        """Store what was typed into the grid: all of it, or nothing when somebody else changed one of the cells.

        :param int metric_id: metric of the plan
        :param list changes: ``{'node_id', 'month', 'amount', 'expected'}`` per cell; ``expected`` is the amount
            that the user saw before he typed
        :param str absorb: where the difference of each cell goes: reserve, siblings or parent
        :param str reason: why, for the signed changes
        :return: ``saved`` (number of typed cells), ``conflicts`` (``node_id``, ``month``, ``amount``, ``user``,
            ``time`` per cell that differs from what was expected), ``request`` (name of the approval for which
            the changes wait now, or False) and the ``grid`` as it is now
        :rtype: dict
        :raise AccessError: if the user may not read the plan or change one of the nodes
        :raise UserError: if a change does not make sense or is not allowed
        """
        self._check_grid_access()
        metric = self._get_grid_metric(metric_id)
        edits = self._parse_grid_changes(metric, changes)
        request, conflicts = self.env['sales.quota.request'], []
        try:
            __, request = self._change_cells(edits, absorb, reason)
        except QuotaConflict as conflict:
            # found before anything was written
            conflicts = [self._prepare_grid_conflict(details) for details in conflict.conflicts]
        return {
            'saved': 0 if conflicts or request else len(edits),
            'conflicts': conflicts,
            'request': request.display_name if request else False,
            'grid': self.get_grid(metric.id),
        }

    # === HOOKS - GRID === #

    def _check_grid_access(self):
        self.ensure_one()
        self.check_access('read')
        for model in ('sales.quota.node', 'sales.quota.cell'):
            self.env[model].check_access('read')

    def _get_grid_metric(self, metric_id):
        """Return the metric of the plan with this id, or the first one.

        :raise UserError: if there is none, or the plan does not have it
        """
        metrics = self.metric_line_ids.metric_id
        if not metrics:
            raise UserError(self.env._("%s has no metric yet: add one to the plan first.", self.display_name))
        metric = metrics.filtered(lambda metric: metric.id == metric_id) if metric_id else metrics[0]
        if not metric:
            raise UserError(self.env._("%s does not have this metric: reload the page.", self.display_name))
        return metric

    def _get_readonly_reason(self):
        """Return why nobody can change targets of the plan now, or False."""
        try:
            self._check_open()
        except UserError as error:
            return str(error)
        return False

    def _prepare_page_plan(self):
        """Return what the grid and the pages show of a plan."""
        return {
            'id': self.id,
            'name': self.display_name,
            'state': self.state,
            'state_label': dict(self._fields['state']._description_selection(self.env))[self.state],
            'currency_id': self.currency_id.id,
            'date_from': fields.Date.to_string(self.date_from),
            'date_to': fields.Date.to_string(self.date_to),
        }

    def _prepare_page_metric(self, metric):
        """Return what the grid and the pages need to know to show figures of a metric."""
        return {
            'id': metric.id,
            'name': metric.name,
            'code': metric.code,
            'kind': metric.kind,
            'unit': metric.unit or '',
            'is_additive': metric.is_additive,
            'higher_is_better': metric.higher_is_better,
            # the smallest step of an amount
            'step': self._get_unit(metric),
        }

    def _walk_tree(self, nodes):
        """Yield nodes with the id of their parent and their depth, in the order of the tree.

        A node whose parent is not among ``nodes``, for example because the user may not read it, is a root.
        """
        known = set(nodes.ids)
        children = nodes.grouped(lambda node: node.parent_id.id if node.parent_id.id in known else False)

        def walk(parent_id, depth):
            for node in children.get(parent_id, ()):
                yield node, parent_id, depth
                yield from walk(node.id, depth + 1)

        yield from walk(False, 0)

    def _prepare_grid_cells(self, nodes, metric):
        cells = self.env['sales.quota.cell'].search_fetch(
            [('node_id', 'in', nodes.ids), ('metric_id', '=', metric.id)],
            ['node_id', 'month', 'amount', 'proposed', 'has_proposal'])
        result = {}
        for cell in cells:
            result.setdefault(cell.node_id.id, {})[fields.Date.to_string(cell.month)] = [
                cell.id, cell.amount, cell.proposed if cell.has_proposal else False,
            ]
        return result

    def _parse_grid_changes(self, metric, changes):
        """Return the edits for :meth:`_change_cells`.

        :raise ValidationError: if ``changes`` is not what the grid sends
        """
        if not isinstance(changes, list) or len(changes) > CHANGES_MAX:
            raise ValidationError(self.env._("Save at most %(limit)s cells at once.", limit=CHANGES_MAX))
        try:
            return [
                (int(change['node_id']), metric, change['month'], change['amount'], change.get('expected'))
                for change in changes
            ]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ValidationError(self.env._("The changed cells are not complete: reload the grid.")) from None

    def _prepare_grid_conflict(self, details):
        return {
            'node_id': details['node_id'],
            'month': fields.Date.to_string(details['month']),
            'amount': details['amount'],
            'user': details['user'],
            'time': fields.Datetime.to_string(details['time']) if details['time'] else False,
        }
