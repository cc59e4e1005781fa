import calendar
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError

from .actuals import NodeMatcher
from .cascade import apportion

METHODS = ('equal', 'history', 'headcount', 'pipeline', 'weights')
PROFILES = ('flat', 'history')
PADDING_MIN, PADDING_MAX = -100.0, 100.0
PROFILE_YEARS = 3


class SalesQuotaPlan(models.Model):
    """Dividing a target over months and over the nodes below."""

    _inherit = 'sales.quota.plan'

    # === BUSINESS METHODS === #

    def _distribute(self, node, metric, amount=None, method='equal', profile=None, weights=None, padding=0.0,
                    recursive=True, reason=None):
        """Divide a yearly target over the months and over the children of a node, exactly.

        Months come from ``profile``. A change of the node's own amount is taken up by the reserve of its
        parent. In each month the children share by ``method``; the largest remainder keeps the sum.
        A person gets nothing in months in which he is not there at all. If nobody has a weight, all who
        are there share alike.

        * ``equal``: alike
        * ``history``: like their entries in the last 12 months; who has none counts as the average of
          those who have some
        * ``headcount``: by the days of persons below, joiners and leavers pro rata
        * ``pipeline``: by open opportunities with a deadline in the year, expected revenue × probability
        * ``weights``: by ``weights``; levels below that are not named there share as they do now

        :param node: `sales.quota.node` record that is not a reserve
        :param metric: `sales.metric` record or id
        :param float amount: target of the year; None keeps the months as they are. Of a ratio or score:
            the target of each month, which all nodes below get too
        :param profile: ``flat``, ``history`` (months of the last full years, at most 3; flat without
            any), 12 weights, or None for the present shape
        :param dict weights: weight per child id (``weights`` only)
        :param float padding: percent that is given to the direct children beyond the target, which makes
            the reserve negative by as much; negative: what is held back in the reserve
        :param bool recursive: whether the levels below are divided too, without padding; else the
            reserves of the children take what changes
        :param str reason: why
        :return: the changed cells
        :raise ValidationError: for numbers that make no sense
        :raise AccessError: if the user may not change the nodes
        """
        self.ensure_one()
        self._lock_edits()
        self._check_open(self._get_open_months())
        cascade = self._compute_distribution(node, metric, amount, method, profile, weights, padding, recursive)
        scope = cascade.below(node.id) if recursive else cascade.children.get(node.id, [])
        own = any(place[0] == node.id for place in cascade.changed())
        self._check_may_edit(node.browse([*scope, *([node.id] if own else [])]))
        return self._save_cascade(cascade, reason)

    def _compute_distribution(self, node, metric, amount=None, method='equal', profile=None, weights=None, padding=0.0,
                              recursive=True):
        """Return what :meth:`_distribute` would do, without doing it.

        :rtype: Cascade
        """
        metric = self._check_metric(metric)
        self._check_distribution(node, metric, amount, method, weights, padding)
        cascade = self._load_cascade({metric.id}, self._get_months())
        amounts = self._get_month_amounts(cascade, node, metric, amount, profile)
        with self._cascade_errors():
            for key, units in amounts.items():
                cascade.change(node.id, key, units, cause='distribute')
            self._divide(cascade, node, metric, list(amounts), method, weights or {}, padding, recursive)
        return cascade

    def _divide(self, cascade, node, metric, keys, method, weights, padding, recursive):
        """Divide the amounts of a node and, if ``recursive``, those of the nodes below."""
        parents = [node.id, *(below for below in cascade.below(node.id) if recursive)]
        parents = [parent for parent in parents if cascade.children.get(parent)]
        shares = self._get_shares(cascade, parents, metric, keys, method, weights)
        for parent in parents:
            for key in keys:
                cascade.split(parent, key, shares[parent, key], padding if parent == node.id else 0.0)

    def _check_distribution(self, node, metric, amount, method, weights, padding):
        """Refuse what makes no sense.

        :raise ValidationError: with what to enter
        """
        if node.sudo().plan_id != self or node.sudo().type in ('reserve', False):
            raise ValidationError(self.env._("Choose a node of the plan that is not a reserve."))
        if method not in METHODS:
            raise ValidationError(self.env._("Unknown way to distribute: %(method)s", method=method))
        if amount is not None and self._check_amount(amount) < 0:
            raise ValidationError(self.env._("A target cannot be negative."))
        if not PADDING_MIN <= self._check_amount(padding) <= PADDING_MAX:
            raise ValidationError(self.env._("The over-assignment must lie between -100 % and 100 %."))
        if method == 'weights':
            values = list((weights or {}).values())
            if any(self._check_amount(weight) < 0 for weight in values) or not any(values):
                raise ValidationError(self.env._("Enter weights that are not negative, at least one of them above 0."))
            if weights.keys() - set(node.sudo().child_ids.filtered(lambda child: child.type != 'reserve').ids):
                raise ValidationError(self.env._("Weights are for the nodes directly below %(node)s.", node=node.name))

    def _get_open_months(self):
        """Return the months that can be changed: in a revision, those from its first day on."""
        start = self.previous_id and self.valid_from
        return [month for month in self._get_months() if not start or month >= start]

    # === BUSINESS METHODS - MONTHS === #

    def _get_month_amounts(self, cascade, node, metric, amount, profile):
        """Return what a node gets in each month, in whole units per key.

        In a revision, months that are past keep what they have, and the others get the rest of the year.
        """
        months = self._get_open_months()
        keys = [(metric.id, month) for month in months]
        present = [cascade.get(node.id, key) for key in keys]
        if not metric.is_additive:
            units = None if amount is None else self._to_units(amount, metric)
            return {key: old if units is None else units for key, old in zip(keys, present, strict=True)}
        if amount is None and profile is None:
            return dict(zip(keys, present, strict=True))
        settled = sum(
            cascade.get(node.id, (metric.id, month)) for month in self._get_months() if month not in months)
        total = sum(present) if amount is None else self._to_units(amount, metric) - settled
        if total < 0:
            raise ValidationError(self.env._("The months before the revision hold more than this target already."))
        weights = present if profile is None else self._get_profile(node, metric, profile)[-len(months):]
        return dict(zip(keys, apportion(total, weights), strict=True))

    def _get_profile(self, node, metric, profile):
        """Return 12 weights, one per month of the plan.

        :param profile: ``flat``, ``history`` or 12 numbers
        :raise ValidationError: for anything else
        """
        if profile == 'flat':
            return [1] * 12
        if profile == 'history':
            return self._get_history_profile(node, metric)
        if not isinstance(profile, (list, tuple)) or len(profile) != 12:
            raise ValidationError(self.env._("A month profile has 12 weights."))
        if any(self._check_amount(weight) < 0 for weight in profile) or not any(profile):
            raise ValidationError(self.env._("The weights of months must not be negative, and one of them above 0."))
        return list(profile)

    def _get_history_profile(self, node, metric):
        """Return the sum per calendar month over the last full years before the plan, at most three.

        A year that the book does not cover from its beginning would bend the curve and is left out;
        without any full year all months weigh alike. Months with a negative sum weigh nothing.
        """
        end = min(self.date_from, fields.Date.context_today(self).replace(day=1))
        history = self._get_history(node, metric, fields.Date.subtract(end, years=PROFILE_YEARS), end).get(node.id, {})
        first = min(history, default=end)
        years = ((end.year - first.year) * 12 + end.month - first.month) // 12
        start = fields.Date.subtract(end, years=years)
        sums = dict.fromkeys(range(1, 13), 0.0)
        for month, value in history.items():
            if month >= start:
                sums[month.month] += value
        weights = [max(sums[month.month], 0.0) for month in self._get_months()]
        return weights if any(weights) else [1] * 12

    # === BUSINESS METHODS - SHARES === #

    def _get_shares(self, cascade, parents, metric, keys, method, weights):
        """Return how much each child weighs in each month.

        :return: weight per child id, per (parent id, key)
        :rtype: dict
        """
        nodes = self.env['sales.quota.node'].sudo().browse(
            {child for parent in parents for child in cascade.children[parent]})
        days = self._get_headcount_days(cascade, [key[1] for key in keys])
        per_node = self._get_weights(nodes, metric, method, cascade, parents)
        shares = {}
        for parent in parents:
            children = cascade.children[parent]
            for key in keys:
                # a team nobody sits in yet is there all the same
                there = [child for child in children if days.get((child, key[1]), 1)]
                shares[parent, key] = self._get_month_shares(
                    cascade, parent, key, there, method, per_node, weights, days)
        return shares

    def _get_month_shares(self, cascade, parent, key, there, method, per_node, weights, days):
        """Return the weights of the children that are there in one month."""
        if method == 'headcount':
            shares = {child: days.get((child, key[1]), 0) for child in there}
        elif method == 'weights' and parent not in {cascade.parents[child] for child in weights}:
            shares = {child: cascade.get(child, key) for child in there}
        elif method == 'weights':
            shares = {child: weights.get(child, 0) for child in there}
        else:
            shares = {child: per_node.get(child, 0) for child in there}
        return shares if any(shares.values()) else dict.fromkeys(there, 1)

    def _get_weights(self, nodes, metric, method, cascade, parents):
        """Return the weight of nodes that does not depend on the month.

        :rtype: dict
        """
        if method == 'equal':
            return dict.fromkeys(nodes.ids, 1)
        if method == 'pipeline':
            return self._get_pipeline(nodes)
        if method != 'history':
            return {}
        end = min(self.date_from, fields.Date.context_today(self).replace(day=1))
        history = self._get_history(nodes, metric, fields.Date.subtract(end, years=1), end)
        found = {node: max(sum(months.values()), 0.0) for node, months in history.items()}
        weights = {}
        for parent in parents:
            children = cascade.children[parent]
            known = [found[child] for child in children if child in found]
            average = sum(known) / len(known) if known else 0.0
            weights.update({child: found.get(child, average) for child in children})
        return weights

    def _get_headcount_days(self, cascade, months):
        """Return the days that persons are there, per month, summed up to the nodes above them.

        :param months: first days of months
        :return: days per (node id, month); nodes without any person below are missing
        :rtype: dict
        """
        persons = self.env['sales.quota.node'].sudo().search_fetch(
            [('plan_id', '=', self.id), ('type', '=', 'person')], ['date_start', 'date_end', 'parent_id'])
        days = {}
        for month in months:
            last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
            for person in persons:
                start, end = max(person.date_start or month, month), min(person.date_end or last, last)
                count = max((end - start + timedelta(days=1)).days, 0)
                node = person.id
                while node is not None:
                    days[node, month] = days.get((node, month), 0) + count
                    node = cascade.parents.get(node)
        return days

    def _get_history(self, nodes, metric, date_from, date_to):
        """Return what the book says nodes achieved by month before the plan; persons in whatever team they were.

        :param nodes: `sales.quota.node` records
        :param metric: `sales.metric` record
        :param date date_from: first day
        :param date date_to: the day after the last one
        :return: value per first day of a month, per node id; months without entries are missing
        :rtype: dict[int, dict]
        """
        actuals = self._get_actuals(nodes, date_from, date_to - timedelta(days=1), metric, any_team_before=date_to)
        history = {}
        for (node_id, _metric_id, month), (value, _quantity) in actuals.items():
            history.setdefault(node_id, {})[month] = value
        return history

    def _get_pipeline(self, nodes):
        """Return the weighted open pipeline with a deadline in the year of the plan.

        :param nodes: `sales.quota.node` records
        :return: expected revenue × probability per node id, in company currency
        :rtype: dict
        """
        groups = self.env['crm.lead'].sudo()._read_group([
            ('type', '=', 'opportunity'), ('won_status', '=', 'pending'),
            ('company_id', 'in', [False, self.company_id.id]),
            ('date_deadline', '>=', self.date_from), ('date_deadline', '<=', self.date_to),
        ], ['user_id', 'team_id'], ['prorated_revenue:sum'])
        matcher = NodeMatcher(nodes.sudo())
        sums = {}
        for user, team, revenue in groups:
            for node_id in matcher.match(user.id, team.parent_path):
                sums[node_id] = sums.get(node_id, 0.0) + max(revenue or 0.0, 0.0)
        return sums
