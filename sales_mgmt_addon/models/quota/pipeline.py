"""Open opportunities, weighted by how those of the same people fared: one statement over the leads."""

from collections import defaultdict

from odoo.tools import SQL

from .actuals import company_tree_sql
from .progress import MIN_DECIDED


def pipeline_sql(company_id, on_date, date_to, decided_from, user_ids=None):
    """Return the statement that counts opportunities by person, team, stage and fate.

    :param int company_id: the company; its branches count too
    :param date on_date: the first day of the rest of the period
    :param date date_to: the last day of the period
    :param date decided_from: the first day of the history of decided opportunities, which ends on ``on_date``
    :param user_ids: ids of the persons whose opportunities count, or None for all
    :return: rows ``(user_id, team path, (stage sequence, stage id), status, is due in the period, count,
        expected revenue, revenue × probability, sum of probabilities)``
    :rtype: SQL
    """
    return SQL(
        """
        SELECT l.user_id, t.parent_path, s.sequence, l.stage_id, l.won_status,
               COALESCE(l.date_deadline BETWEEN %(on_date)s AND %(date_to)s, FALSE) AS is_due,
               COUNT(*),
               COALESCE(SUM(l.expected_revenue), 0),
               COALESCE(SUM(l.expected_revenue * l.probability / 100.0), 0),
               COALESCE(SUM(l.probability / 100.0), 0)
          FROM crm_lead l
          LEFT JOIN crm_team t ON t.id = l.team_id
          LEFT JOIN crm_stage s ON s.id = l.stage_id
         WHERE l.type = 'opportunity'
           AND (COALESCE(l.company_id, t.company_id) IS NULL
                OR COALESCE(l.company_id, t.company_id) = ANY(%(companies)s))
           AND (%(users)s)
           AND ((l.won_status = 'pending' AND l.active)
                OR (l.won_status IN ('won', 'lost')
                    AND COALESCE(l.date_closed, l.write_date) >= %(decided_from)s
                    AND COALESCE(l.date_closed, l.write_date) < %(on_date)s + 1))
         GROUP BY l.user_id, t.parent_path, s.sequence, l.stage_id, l.won_status, is_due
        """,
        on_date=on_date, date_to=date_to, decided_from=decided_from, companies=company_tree_sql(company_id),
        users=SQL("TRUE") if user_ids is None else SQL("l.user_id = ANY(%s)", user_ids),
    )


class Pipeline:
    """The opportunities of one node.

    The conversion of a stage is the share of decided opportunities that were won, among those that were
    in the stage: every won one passed it, and of the lost ones those that got as far. With fewer than
    five of them the probability on the opportunity itself is taken.
    """

    def __init__(self):
        self.won = 0
        self._lost = defaultdict(int)
        self._open = []
        self._conversions = {}

    def add(self, stage, status, is_due, count, revenue, weighted_revenue, weighted_count):
        """Add opportunities of one stage and fate; ``stage`` sorts as the stages do."""
        if status == 'won':
            self.won += count
        elif status == 'lost':
            self._lost[stage] += count
        else:
            self._open.append((stage, is_due, count, revenue, weighted_revenue, weighted_count))

    @property
    def lost(self):
        return sum(self._lost.values())

    @property
    def is_known(self):
        return bool(self.won or self._lost or self._open)

    @property
    def win_rate(self):
        """Share of the decided opportunities that were won, 0–1, or None if none was decided."""
        decided = self.won + self.lost
        return self.won / decided if decided else None

    def conversion(self, stage):
        """Return the share of won among the decided opportunities that were in a stage, or None if too few."""
        if stage not in self._conversions:
            decided = self.won + sum(count for lost_in, count in self._lost.items() if lost_in >= stage)
            self._conversions[stage] = self.won / decided if decided >= MIN_DECIDED else None
        return self._conversions[stage]

    def expected(self, only_due=False):
        """Return what the open opportunities are worth, each by the conversion of its stage.

        :param bool only_due: whether only those count that are to be closed in the rest of the period
        :return: money and number of deals
        :rtype: tuple[float, float]
        """
        money = deals = 0.0
        for stage, is_due, count, revenue, weighted_revenue, weighted_count in self._open:
            if only_due and not is_due:
                continue
            conversion = self.conversion(stage)
            money += weighted_revenue if conversion is None else revenue * conversion
            deals += weighted_count if conversion is None else count * conversion
        return money, deals

    def total(self):
        """Return the unweighted money and number of all open opportunities."""
        return sum(row[3] for row in self._open), sum(row[2] for row in self._open)
