"""How the book of attainment is summed up to the nodes of plans.

A *scope* is what nodes have in common that narrows the entries: company, period, and the optional
filters by product category, customers and channel. All scopes are summed in one statement by metric,
month, person and frozen team; the few thousand sums are then handed to the nodes they count for.
"""

from collections import defaultdict
from typing import NamedTuple

from odoo.tools import SQL

# Digits of the figures in the book; sums of floats are rounded to it.
FIGURE_DIGITS = 4


class Scope(NamedTuple):
    """What narrows the entries that count for a node."""

    company_id: int
    date_from: object
    date_to: object
    product_category_id: int | bool = False
    segment_domain: str | bool = False
    channel: str | bool = False

    @property
    def is_filtered(self):
        return bool(self.product_category_id or self.segment_domain or self.channel)


class NodeMatcher:
    """Tells for which of some nodes the sums of a person in a team count.

    The company has everything but overlays. A region or team has what was booked in it or below it,
    without overlays. A person has his own entries of the team of the node and the teams below it,
    overlays included; in a node without a team, all his entries. His history before a plan is his own,
    in whatever team he made it (``any_team``).
    """

    def __init__(self, nodes):
        """:param nodes: `sales.quota.node` records of one scope"""
        self.node_ids = nodes.ids
        self._everywhere = []
        self._by_team = defaultdict(list)
        self._by_user = defaultdict(list)
        for node in nodes:
            if node.type == 'company':
                self._everywhere.append(node.id)
            elif node.type == 'person' and node.user_id:
                self._by_user[node.user_id.id].append((node.id, node.team_id.id))
            elif node.type in ('region', 'team') and node.team_id:
                self._by_team[node.team_id.id].append(node.id)
        self._cache = {}

    @property
    def user_ids(self):
        """The persons to whom everything that counts belongs, or None if others count too."""
        return None if self._everywhere or self._by_team else list(self._by_user)

    @property
    def is_empty(self):
        return not (self._everywhere or self._by_team or self._by_user)

    def match(self, user_id, path, is_overlay=False, any_team=False):
        """Return the ids of the nodes for which a sum counts.

        :param user_id: id of the person or None
        :param path: ids of the team and the teams above it from the top, ``'1/4/9/'``, or None
        :param bool is_overlay: whether it counts for the person only
        :param bool any_team: whether it counts for the person whatever the team was
        :rtype: list[int]
        """
        key = (user_id, path, is_overlay, any_team)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._match(*key)
        return found

    def _match(self, user_id, path, is_overlay, any_team):
        teams = {int(team) for team in (path or '').split('/') if team}
        found = [
            node_id for node_id, team_id in self._by_user.get(user_id, ()) if any_team or not team_id or team_id in teams]
        if not is_overlay:
            found += self._everywhere
            for team_id in teams & self._by_team.keys():
                found += self._by_team[team_id]
        return found


def figure(metric, value, quantity):
    """Return what a metric shows for sums of the book.

    :param metric: a `sales.metric` record
    :param float value: sum of the values
    :param float quantity: sum of the quantities, the denominator of ratios and scores
    :return: the sum, the ratio in %, or the average; None for a ratio or score of nothing
    """
    if metric.is_additive:
        return value
    if not quantity:
        return None
    return value / quantity * (100.0 if metric.kind == 'ratio' else 1.0)


def company_tree_sql(company_id):
    """Return an array of the ids of a company and its branches, found once per statement."""
    return SQL(
        """
        ARRAY(SELECT branch.id
                FROM res_company root
                JOIN res_company branch ON branch.parent_path LIKE root.parent_path || '%%'
               WHERE root.id = %s)
        """, company_id)


def scope_sums_sql(number, scope, metric_ids, with_quantity, partners=None, user_ids=None):
    """Return the statement that sums the entries of one scope.

    :param int number: what the column ``scope`` says
    :param Scope scope: which entries
    :param list metric_ids: of which metrics
    :param bool with_quantity: whether the quantities are needed; else they come as 0
    :param partners: SQL of the ids of the customers that count, or None for all
    :param user_ids: ids of the persons whose entries count, or None for all
    :return: rows ``(scope, metric_id, month, user_id, region_path, is_overlay, value, quantity)``
    :rtype: SQL
    """
    conditions = [
        SQL("e.company_id = ANY(%s)", company_tree_sql(scope.company_id)),
        SQL("e.metric_id = ANY(%s)", metric_ids),
        SQL("e.date BETWEEN %s AND %s", scope.date_from, scope.date_to),
    ]
    if user_ids is not None:
        conditions.append(SQL("e.user_id = ANY(%s)", user_ids))
    if scope.product_category_id:
        conditions.append(SQL(
            """
            e.product_category_id = ANY(ARRAY(
                SELECT below.id
                  FROM product_category top
                  JOIN product_category below ON below.parent_path LIKE top.parent_path || '%%'
                 WHERE top.id = %s))
            """, scope.product_category_id))
    if partners is not None:
        conditions.append(SQL("e.partner_id IN %s", partners))
    if scope.channel:
        conditions.append(SQL("e.channel = %s", scope.channel))
    # the cast spares a look at the time zone for each row
    month = SQL("date_trunc('month', e.date::timestamp)::date")
    return SQL(
        """
        SELECT %(number)s AS scope, e.metric_id, %(month)s AS month, e.user_id, e.region_path,
               COALESCE(e.is_overlay, FALSE) AS is_overlay, SUM(e.value) AS value, %(quantity)s AS quantity
          FROM sales_attainment_entry e
         WHERE %(where)s
         GROUP BY e.metric_id, %(month)s, e.user_id, e.region_path, COALESCE(e.is_overlay, FALSE)
        """,
        number=number, month=month, where=SQL(" AND ").join(conditions),
        quantity=SQL("SUM(e.quantity)") if with_quantity else SQL("0.0"),
    )
