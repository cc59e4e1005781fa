from ast import literal_eval
from collections import defaultdict

import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .actuals import FIGURE_DIGITS, NodeMatcher, Scope, scope_sums_sql


class SalesQuotaPlan(models.Model):
    _inherit = 'sales.quota.plan'

    def _get_actuals(self, nodes=None, date_from=None, date_to=None, metrics=None, any_team_before=None):
        """Return what was achieved per node, metric and month, by one statement over the book.

        The caller has checked that the user may see the nodes: the book is read without his rules.

        :param nodes: `sales.quota.node` records, by default all nodes of the plans
        :param date date_from: first day, by default the first day of the plan of each node
        :param date date_to: last day, by default the last day of the plan of each node
        :param metrics: `sales.metric` records, by default the metrics of the plans
        :param date any_team_before: first day of a month; what a person did in months before it counts for him in
            whatever team he did it. By default only what he did in the team of the node does.
        :return: ``{(node id, metric id, first day of the month): (value, quantity)}``; the quantity is the
            denominator of ratios and scores and 0 for other metrics. What was never booked is missing.
        :rtype: dict[tuple, tuple]
        """
        nodes = self.sudo().node_ids if nodes is None else nodes.sudo()
        metrics = nodes.plan_id.metric_line_ids.metric_id if metrics is None else metrics.sudo()
        scopes = self._get_actual_scopes(nodes, date_from, date_to)
        statement = self._prepare_actual_sql(scopes, metrics)
        if statement is None:
            return {}
        matchers = list(scopes.values())
        sums = {}
        for number, metric_id, month, user_id, path, is_overlay, value, quantity in self.env.execute_query(statement):
            any_team = any_team_before is not None and month < any_team_before
            for node_id in matchers[number].match(user_id, path, is_overlay, any_team):
                key = (node_id, metric_id, month)
                known = sums.get(key)
                if known is None:
                    sums[key] = [value, quantity]
                else:
                    known[0] += value
                    known[1] += quantity
        elsewhere = nodes._get_months_elsewhere()
        if any_team_before is not None:
            elsewhere = {(node_id, month) for node_id, month in elsewhere if month >= any_team_before}
        return {
            key: (round(value, FIGURE_DIGITS), round(quantity, FIGURE_DIGITS))
            for key, (value, quantity) in sums.items() if (key[0], key[2]) not in elsewhere
        }

    def _get_actual_scopes(self, nodes, date_from=None, date_to=None):
        """Return the nodes by what narrows their entries.

        :return: ``{Scope: NodeMatcher}``, without scopes in which nothing can count
        """
        grouped = defaultdict(lambda: self.env['sales.quota.node'])
        for node in nodes:
            if node.type != 'reserve':
                grouped[Scope(
                    node.company_id.id, date_from or node.plan_id.date_from, date_to or node.plan_id.date_to,
                    node.product_category_id.id, node._get_segment(), node.channel,
                )] += node
        matchers = {scope: NodeMatcher(scope_nodes) for scope, scope_nodes in grouped.items()}
        return {scope: matcher for scope, matcher in matchers.items() if not matcher.is_empty}

    def _prepare_actual_sql(self, scopes, metrics):
        """Return the statement for all scopes, or None if there is nothing to sum.

        :param dict scopes: as of :meth:`_get_actual_scopes`; the n-th has the number n
        :param metrics: `sales.metric` records
        """
        if not scopes or not metrics:
            return None
        self.env['sales.attainment.entry'].flush_model()
        with_quantity = any(not metric.is_additive for metric in metrics)
        return SQL(" UNION ALL ").join(
            scope_sums_sql(
                number, scope, metrics.ids, with_quantity,
                partners=self._get_segment_sql(scope.segment_domain), user_ids=matcher.user_ids)
            for number, (scope, matcher) in enumerate(scopes.items())
        )

    def _get_segment_sql(self, segment):
        """Return the ids of the customers of a segment as a sub-query, or None for all customers.

        :param segment: a domain on customers as text, or False
        """
        if not segment:
            return None
        partners = self.env['res.partner'].sudo().with_context(active_test=False)
        return partners._search(literal_eval(segment)).subselect()

    def _parse_segment(self, segment):
        """Return a customer domain that was given as text.

        :param segment: the text, or False
        :raise UserError: if it is no domain on customers that the user may search by
        :rtype: Domain
        """
        try:
            domain = Domain(literal_eval(segment or '[]'))
            # what can be put into a statement may still fail when the statement runs
            with self.env.cr.savepoint():
                self.env['res.partner'].search(domain, limit=1)
        except (
            ValueError, SyntaxError, TypeError, KeyError, AttributeError, MemoryError, RecursionError,
            psycopg2.DataError, psycopg2.ProgrammingError,
        ) as error:
            raise UserError(self.env._(
                "“%(segment)s” is not a filter on customers. Choose the customers with the filter editor.",
                segment=segment)) from error
        return domain
