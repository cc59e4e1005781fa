import math
import uuid
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, float_compare
from odoo.tools.misc import format_date

from .cascade import Cascade, CascadeError
from .inputs import check_text

AMOUNT_MAX = 1e12
UNIT = 0.01
ABSORB = ('reserve', 'siblings', 'parent')
EDITABLE_STATES = ('draft', 'published')


class QuotaConflict(UserError):
    """Somebody else changed a cell meanwhile.

    :ivar list conflicts: dicts with ``node_id``, ``metric_id``, ``month``, ``amount`` (now), ``expected``,
        ``user`` (name) and ``time``
    """

    def __init__(self, message, conflicts):
        super().__init__(message)
        self.conflicts = conflicts


class SalesQuotaPlan(models.Model):
    """The only door to the amounts of a plan: lock, compute in whole cents, write set-based, keep the reasons."""

    _inherit = 'sales.quota.plan'

    # === BUSINESS METHODS - EDITING === #

    def _change_cells(self, edits, absorb='reserve', reason=None, down='reserve', cause='edit', author=None):
        """Change amounts, all or none. The number of queries does not depend on the number of edits.

        Deeper nodes are changed first. Where the difference goes:

        * up: ``absorb='reserve'``: the reserve of the parent; ``'siblings'``: the other children, in
          proportion, those of ``edits`` excepted; ``'parent'``: the parent grows, and the reserve
          above it shrinks. A change of a parent beyond ``change_limit`` by somebody who is neither
          sales administrator nor director is not made: a `sales.quota.request` asks for it.
        * down: ``down='reserve'``: the node's own reserve; ``'children'``: in proportion.

        :param list edits: tuples (node, metric, month, amount, expected); records or ids, month as date
            or text, amount in the unit of the metric; ``expected`` is what the editor saw, or None
        :param str reason: why, kept with each change
        :param str cause: a value of `sales.quota.change.cause`
        :param author: `res.users` record; default: the user
        :return: the changed cells, and the request if one was made instead (else empty)
        :rtype: tuple(`sales.quota.cell`, `sales.quota.request`)
        :raise ValidationError: for what is no amount, no month or no metric of the plan
        :raise AccessError: if the user may not change one of the nodes
        :raise QuotaConflict: if an amount is not the expected one any more
        :raise UserError: if the plan is not open, or nobody can take the difference
        """
        self.ensure_one()
        Cell, Request = self.env['sales.quota.cell'], self.env['sales.quota.request']
        reason = check_text(self, reason)
        if absorb not in ABSORB:
            raise ValidationError(self.env._("The difference can go to the reserve, the siblings or the parent."))
        wishes = self._normalise_edits(edits)
        if not wishes:
            return Cell, Request
        self._lock_edits()
        self._check_open({key[1] for _node, key in wishes})
        self._check_may_edit(self.env['sales.quota.node'].browse({node for node, _key in wishes}))
        cascade = self._load_cascade({key[0] for _n, key in wishes}, {key[1] for _n, key in wishes})
        self._check_expected(cascade, wishes)
        if absorb == 'parent' and self._needs_request(cascade, wishes):
            return Cell, Request._ask_for(self, wishes, absorb, reason)
        fixed = wishes.keys()
        with self._cascade_errors():
            for node, key in sorted(wishes, key=lambda place: -cascade.depth(place[0])):
                cascade.change(node, key, wishes[node, key][0], absorb, down, fixed, cause)
        # siblings and children may take a difference
        self._check_not_own(self.env['sales.quota.node'].browse({node for node, _key in cascade.changed()}))
        return self._save_cascade(cascade, reason, author), Request

    def _normalise_edits(self, edits):
        """Return wished and expected amount in whole units per (node id, (metric id, month)).

        :raise ValidationError: for what makes no sense; see :meth:`_change_cells`
        """
        nodes = {getattr(edit[0], 'id', edit[0]) for edit in edits}
        known = set(self.env['sales.quota.node'].sudo().search([
            ('plan_id', '=', self.id), ('id', 'in', [id_ for id_ in nodes if isinstance(id_, int)])]).ids)
        if nodes - known:
            raise ValidationError(self.env._(
                "A node that you want to change is not part of the plan %(plan)s. Reload the page.",
                plan=self.sudo().display_name))
        wishes = {}
        for node, metric, month, amount, expected in edits:
            metric = self._check_metric(metric)
            place = (getattr(node, 'id', node), (metric.id, self._check_month(month)))
            wishes[place] = (
                self._to_units(self._check_amount(amount), metric),
                None if expected is None else self._to_units(self._check_amount(expected), metric),
            )
        return wishes

    def _lock_edits(self):
        """Let parallel edits of a plan wait for each other, and make the later one start anew.

        The statement has to be an UPDATE: a mere lock would leave the later one with old figures.
        """
        self.flush_recordset(['edit_version'])
        self.env.cr.execute(SQL(
            "UPDATE sales_quota_plan SET edit_version = edit_version + 1 WHERE id = ANY(%s)", self.ids))
        self.invalidate_recordset(['edit_version', 'state', 'valid_to'])

    def _load_cascade(self, metric_ids=None, months=None):
        """Return the tree with its amounts, in two queries.

        :param metric_ids: ids of metrics; default: all
        :param months: dates; default: all
        :rtype: Cascade
        """
        self.ensure_one()
        self.env['sales.quota.node'].flush_model()
        self.env['sales.quota.cell'].flush_model()
        rows = self.env.execute_query(SQL(
            "SELECT id, parent_id, type FROM sales_quota_node WHERE plan_id = %s ORDER BY position, id", self.id))
        where = SQL("plan_id = %s", self.id)
        if metric_ids is not None:
            where = SQL("%s AND metric_id = ANY(%s)", where, list(metric_ids))
        if months is not None:
            where = SQL("%s AND month = ANY(%s)", where, list(months))
        cells = self.env.execute_query(SQL("SELECT node_id, metric_id, month, amount FROM sales_quota_cell WHERE %s", where))
        units = {metric.id: self._get_unit(metric) for metric in self.env['sales.metric'].sudo().browse(
            {metric_id for _node, metric_id, _month, _amount in cells})}
        return Cascade(
            parents={node: parent for node, parent, _type in rows},
            reserves={parent: node for node, parent, type_ in rows if type_ == 'reserve'},
            additive=set(self.env['sales.metric'].sudo().with_context(active_test=False).search(
                [('is_additive', '=', True)]).ids),
            amounts={
                (node, (metric_id, month)): round(float(amount or 0) / units[metric_id])
                for node, metric_id, month, amount in cells
            },
        )

    def _save_cascade(self, cascade, reason=None, author=None):
        """Write what a cascade changed, with its changes, in two statements.

        :param Cascade cascade: from :meth:`_load_cascade`
        :param str reason: why
        :param author: `res.users` record; default: the user
        :return: the changed cells
        """
        with self._cascade_errors():
            cascade.check()
        changed = cascade.changed()
        if not changed:
            return self.env['sales.quota.cell']
        metrics = {metric.id: metric for metric in self.env['sales.metric'].sudo().browse(
            {key[0] for _node, key in changed})}
        amounts = {
            place: tuple(self._to_amount(units, metrics[place[1][0]]) for units in (before, after))
            for place, (before, after, _cause) in changed.items()
        }
        for place, (_before, after) in amounts.items():
            if abs(after) > AMOUNT_MAX:
                raise ValidationError(self.env._(
                    "%(cell)s would become %(amount)s, which is too large.",
                    cell=self._describe(*place), amount=after))
        cell_ids = self._upsert_cells(amounts)
        self._insert_changes(cell_ids, amounts, {place: c for place, (_b, _a, c) in changed.items()}, reason, author)
        cells = self.env['sales.quota.cell'].browse(cell_ids.values())
        self._after_cells_changed(cells)
        return cells

    def _upsert_cells(self, amounts):
        """Write amounts in one statement.

        :param dict amounts: (before, after) per (node id, (metric id, month))
        :return: cell id per (node id, (metric id, month))
        :rtype: dict
        """
        places = list(amounts)
        rows = self.env.execute_query(SQL(
            """
            INSERT INTO sales_quota_cell (
                node_id, metric_id, month, amount, proposed, has_proposal, plan_id, company_id, user_id, team_id,
                node_type, create_uid, create_date, write_uid, write_date)
            SELECT v.node_id, v.metric_id, v.month, v.amount, 0, FALSE, n.plan_id, n.company_id, n.user_id, n.team_id,
                   n.type, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM unnest(%(nodes)s::int[], %(metrics)s::int[], %(months)s::date[], %(amounts)s::numeric[])
                AS v (node_id, metric_id, month, amount)
              JOIN sales_quota_node n ON n.id = v.node_id
                ON CONFLICT (node_id, metric_id, month) DO UPDATE
               SET amount = EXCLUDED.amount,
                   -- a proposal that became the target is answered
                   has_proposal = sales_quota_cell.has_proposal AND sales_quota_cell.proposed <> EXCLUDED.amount,
                   write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
            RETURNING node_id, metric_id, month, id
            """,
            uid=self.env.uid, now=fields.Datetime.now(),
            nodes=[node for node, _key in places],
            metrics=[key[0] for _node, key in places],
            months=[key[1] for _node, key in places],
            amounts=[amounts[place][1] for place in places],
        ))
        return {(node, (metric, month)): id_ for node, metric, month, id_ in rows}

    def _insert_changes(self, cell_ids, amounts, causes, reason, author):
        """Keep who changed what and why, in one statement."""
        places = list(amounts)
        roots = [place for place in places if causes[place] not in ('absorbed', 'raised')]
        self.env.cr.execute(SQL(
            """
            INSERT INTO sales_quota_change (
                cell_id, node_id, metric_id, month, plan_id, company_id, author_id, time, reason, cause, batch,
                root_cell_id, before, delta, after, create_uid, create_date, write_uid, write_date)
            SELECT c.id, c.node_id, c.metric_id, c.month, c.plan_id, c.company_id, %(author)s, %(now)s, %(reason)s,
                   v.cause, %(batch)s, %(root)s, v.before, v.after - v.before, v.after, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM unnest(%(cells)s::int[], %(causes)s::varchar[], %(before)s::numeric[], %(after)s::numeric[])
                   WITH ORDINALITY AS v (cell_id, cause, before, after, position)
              JOIN sales_quota_cell c ON c.id = v.cell_id
             ORDER BY v.position DESC
            """,
            author=(author or self.env.user).id, uid=self.env.uid, now=fields.Datetime.now(), reason=reason or None,
            batch=uuid.uuid4().hex, root=cell_ids[roots[0]] if len(roots) == 1 else None,
            cells=[cell_ids[place] for place in places],
            causes=[causes[place] for place in places],
            before=[amounts[place][0] for place in places],
            after=[amounts[place][1] for place in places],
        ))

    def _after_cells_changed(self, cells):
        """Bring caches and agreements in line with amounts that were written by SQL.

        :param cells: the changed `sales.quota.cell` records
        """
        self.env['sales.quota.cell'].invalidate_model()
        self.env['sales.quota.change'].invalidate_model(flush=False)
        self.env['sales.quota.node'].invalidate_model(['cell_ids'], flush=False)
        cells.sudo().modified(['amount'])
        if self.state == 'published':
            cells.sudo().node_id._renew_acknowledgement()

    # === BUSINESS METHODS - CHECKS === #

    def _check_open(self, months=()):
        """Refuse edits of a plan, or of months, that are settled.

        A submitted or approved plan is refused rather than put back to draft: what somebody is being
        asked to approve must stand still, and nobody should lose an approval by accident.

        :param months: dates of the months to edit
        :raise UserError: with what to do
        """
        plan = self.sudo()
        if plan.state in ('submitted', 'approved'):
            raise UserError(self.env._(
                "%(plan)s waits for approval or publication and cannot be changed. Set it back to draft first.",
                plan=plan.display_name))
        if plan.state not in EDITABLE_STATES:
            raise UserError(self.env._("%(plan)s is closed and cannot be changed.", plan=plan.display_name))
        if plan.state == 'published' and plan._is_replaced():
            raise UserError(self.env._(
                "%(plan)s was replaced by a newer version. Change that one.", plan=plan.display_name))
        locked = [month for month in months if plan.previous_id and plan.valid_from and month < plan.valid_from]
        if locked:
            raise UserError(self.env._(
                "This revision is valid from %(date)s; the months before stay as they were.",
                date=format_date(self.env, plan.valid_from)))
        revision = months and plan.state == 'published' and plan._get_open_revision()
        if revision and any(month >= revision.valid_from for month in months):
            # publishing the revision would lose it
            raise UserError(self.env._(
                "%(plan)s is being revised: from %(date)s on, the revision will hold. Change the revision instead, or"
                " delete it first.", plan=plan.display_name, date=format_date(self.env, revision.valid_from)))

    def _check_may_edit(self, nodes):
        """Refuse to change targets that are not the user's to give.

        :param nodes: `sales.quota.node` records of this plan
        :raise AccessError: with the first node that is not
        """
        self._check_not_own(nodes)
        forbidden = nodes - self._get_editable_nodes(nodes)
        if forbidden:
            raise AccessError(self.env._(
                "You cannot change the target of %(node)s. Team leaders change the targets below their own team; ask"
                " a sales administrator.", node=forbidden[0].sudo().name))

    def _check_not_own(self, nodes):
        """Refuse to change the own target: a leader may sell too.

        :param nodes: `sales.quota.node` records of this plan
        :raise AccessError: if one of them is the user's own
        """
        if not self._is_quota_admin() and self.env.user in nodes.sudo().user_id:
            raise AccessError(self.env._(
                "Nobody changes his own target. Ask the leader above you or a sales administrator, or propose other"
                " amounts."))

    def _get_editable_nodes(self, nodes):
        """Return those nodes whose targets the user may change, in a constant number of queries.

        Sales administrators and directors may change all, team leaders what lies strictly below a node
        whose team they lead, but not their own target. Whether the plan is open is another question:
        :meth:`_check_open`.

        :param nodes: `sales.quota.node` records
        """
        if self._is_quota_admin():
            return nodes
        if not self.env.user.has_group('sales_mgmt_addon.group_team_leader'):
            return nodes.browse()
        trusted = nodes.sudo().filtered(
            lambda node: node.company_id in self.env.companies and node.user_id != self.env.user)
        above = {int(id_) for node in trusted for id_ in (node.parent_path or '').split('/')[:-2]}
        led = set(nodes.sudo().search([
            ('id', 'in', list(above)), ('team_id.approval_leader_ids', 'in', self.env.uid)]).ids)
        return trusted.filtered(
            lambda node: any(int(id_) in led for id_ in (node.parent_path or '').split('/')[:-2])
        ).with_env(self.env)

    @api.model
    def _is_quota_admin(self):
        """Tell whether the user may change all targets."""
        return self.env.su or any(self.env.user.has_group(group) for group in (
            'sales_team.group_sale_manager', 'sales_mgmt_addon.group_director'))

    def _check_expected(self, cascade, wishes):
        """Refuse to overwrite what somebody else changed since the editor looked.

        :raise QuotaConflict: with all cells concerned
        """
        places = {
            place: expected for place, (_amount, expected) in wishes.items()
            if expected is not None and expected != cascade.get(*place)
        }
        if not places:
            return
        conflicts = []
        for (node, (metric_id, month)), expected in places.items():
            last = self.env['sales.quota.change'].sudo().search([
                ('node_id', '=', node), ('metric_id', '=', metric_id), ('month', '=', month)], limit=1)
            metric = self.env['sales.metric'].browse(metric_id)
            conflicts.append({
                'node_id': node, 'metric_id': metric_id, 'month': month,
                'amount': self._to_amount(cascade.get(node, (metric_id, month)), metric),
                'expected': self._to_amount(expected, metric),
                'user': last.author_id.name or self.env._("Somebody"),
                'time': last.time,
            })
        first = conflicts[0]
        raise QuotaConflict(self.env._(
            "%(user)s changed %(cell)s to %(amount)s at %(time)s. Look at the new amount and change it again if needed.",
            user=first['user'], cell=self._describe(first['node_id'], (first['metric_id'], first['month'])),
            amount=first['amount'],
            time=fields.Datetime.context_timestamp(self, first['time'] or fields.Datetime.now()).strftime('%Y-%m-%d %H:%M:%S'),
        ), conflicts)

    def _needs_request(self, cascade, wishes):
        """Tell whether the change of a parent is beyond what the user may do without approval.

        What he changed at the same parent before counts too, so that many small steps lead no further
        than a large one. Months do not make up for each other: less in one and more in another is a change
        of both. The limit is money; other metrics always need approval.
        """
        if self._is_quota_admin():
            return False
        deltas = {}
        for (node, key), (amount, _expected) in wishes.items():
            months = deltas.setdefault((cascade.parents[node], key[0]), {})
            months[key[1]] = months.get(key[1], 0) + amount - cascade.get(node, key)
        used = {}
        for node, metric, month, delta in self.env['sales.quota.change'].sudo()._read_group([
            ('node_id', 'in', [node for node, _metric in deltas]), ('author_id', '=', self.env.uid),
            ('cause', '=', 'raised'),
        ], ['node_id', 'metric_id', 'month:month'], ['delta:sum']):
            used.setdefault((node.id, metric.id), {})[month] = delta
        for (node, metric_id), months in deltas.items():
            metric = self.env['sales.metric'].sudo().browse(metric_id)
            former = used.get((node, metric_id), {})
            total = sum(
                abs(self._to_amount(months.get(month, 0), metric) + former.get(month, 0.0))
                for month in months.keys() | former.keys())
            limit = self.sudo().change_limit if metric.kind == 'money' else 0.0
            if metric.is_additive and any(months.values()) and float_compare(total, limit, precision_digits=2) > 0:
                return True
        return False

    # === BUSINESS METHODS - AMOUNTS === #

    def _get_unit(self, metric):
        """Return the smallest amount of a metric: 0.01, or the rounding of the currency if it is coarser."""
        rounding = self.sudo().currency_id.rounding if metric.sudo().kind == 'money' else UNIT
        return max(rounding or UNIT, UNIT)

    def _to_units(self, amount, metric):
        return round(amount / self._get_unit(metric))

    def _to_amount(self, units, metric):
        return round(units * self._get_unit(metric), 2)

    def _check_amount(self, amount):
        """Return an amount as a float.

        :raise ValidationError: if it is no finite number or too large
        """
        if isinstance(amount, bool) or not isinstance(amount, (int, float)) or not math.isfinite(amount):
            raise ValidationError(self.env._("%(amount)s is not a number. Enter a target as a number.", amount=amount))
        if abs(amount) > AMOUNT_MAX:
            raise ValidationError(self.env._("%(amount)s is too large for a target.", amount=amount))
        return float(amount)

    def _check_month(self, month):
        """Return a month of the plan as a date.

        :param month: date, or text such as 2026-03-01
        :raise ValidationError: if it is not the first day of one of the twelve months
        """
        plan = self.sudo()
        try:
            day = fields.Date.to_date(month)
        except (ValueError, TypeError):
            day = None
        if not isinstance(day, date):
            raise ValidationError(self.env._("%(month)s is not a date.", month=month))
        if day.day != 1:
            raise ValidationError(self.env._("%(month)s is not the first day of a month.", month=day))
        if not plan.date_from <= day <= plan.date_to:
            raise ValidationError(self.env._(
                "%(month)s is outside the year of %(plan)s, which runs from %(start)s to %(end)s.",
                month=day, plan=plan.display_name, start=plan.date_from, end=plan.date_to))
        return day

    def _get_transfer_month(self, month=None):
        """Return the month from which somebody works in another team.

        :param month: date, or text such as 2026-03-01; default: the current month, or the first open one
        :rtype: date
        :raise ValidationError: if it is no month of the plan
        :raise UserError: if it is before this version of the plan, or the year is over
        """
        plan = self.sudo()
        first = plan.valid_from or plan.date_from
        if not month:
            month = max(plan._get_today().replace(day=1), first)
            if month > plan.date_to:
                raise UserError(self.env._("The year of %(plan)s is over: nobody can be moved.", plan=plan.display_name))
        month = self._check_month(month)
        if month < first:
            raise UserError(self.env._(
                "%(plan)s is valid from %(date)s; the months before stay as they were.",
                plan=plan.display_name, date=format_date(self.env, first)))
        return month

    def _check_metric(self, metric):
        """Return a metric of the plan, in sudo mode.

        :param metric: `sales.metric` record or id
        :raise ValidationError: if the plan does not have it
        """
        metric_id = getattr(metric, 'id', metric)
        metric = self.env['sales.metric'].sudo().browse(metric_id if isinstance(metric_id, int) else None)
        if metric not in self.sudo().metric_line_ids.metric_id:
            raise ValidationError(self.env._(
                "%(metric)s is not a metric of %(plan)s. Add it to the plan first.",
                metric=metric.exists().name or self.env._("This"), plan=self.sudo().display_name))
        return metric

    def _get_months(self):
        """Return the first days of the twelve months.

        :rtype: list[date]
        """
        self.ensure_one()
        return [fields.Date.add(self.date_from, months=number) for number in range(12)]

    def _describe(self, node, key):
        """Return how people call a cell."""
        return ' · '.join([
            self.env['sales.quota.node'].sudo().browse(node).name,
            self.env['sales.metric'].sudo().browse(key[0]).name,
            format_date(self.env, key[1], date_format='MMM yyyy'),
        ])

    def _cascade_errors(self):
        """Return a context manager that turns errors of the arithmetic into messages for people."""
        return CascadeMessages(self)


class CascadeMessages:
    """Turns :class:`CascadeError` into a :class:`UserError` that says what to do."""

    def __init__(self, plan):
        self.plan = plan

    def __enter__(self):
        return self

    def __exit__(self, error_type, error, _traceback):
        if error_type is None or not issubclass(error_type, CascadeError):
            return False
        env = self.plan.env
        messages = {
            'negative': env._("%(cell)s would become negative. Only a reserve can be negative: enter another amount."),
            'no_siblings': env._("%(cell)s has no siblings that could take the difference. Let the reserve take it."),
            'siblings_too_small': env._(
                "The siblings of %(cell)s have too little to give. Let the reserve take the difference."),
            'own_reserve': env._("%(cell)s is the reserve. Say whether siblings or the parent take the difference."),
        }
        raise UserError(messages[error.code].replace('%(cell)s', self.plan._describe(error.node, error.key))) from None
