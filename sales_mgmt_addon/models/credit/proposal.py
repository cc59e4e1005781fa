"""The rules by which a limit and a class are proposed: plain arithmetic on the facts of a credit request.

**Limit.** Two months of turnover, times a factor for how the customer pays and one for whether he keeps his promises;
half of it for a relation of less than six months; no more than today's limit while something is overdue for more than
sixty days; rounded to two digits.

**Class.** Points for five criteria; those nothing is known of (no payment yet, fewer than three promises judged) are left
out. The class follows from the points reached in percent of the points that could be reached: A from 85, B from 70, C from
50, D from 30, else E.
"""

import math

# The proposed limit covers this many months of turnover, less for late payers
MONTHS_COVERED = 2
BEHAVIOUR = [
    # (late share up to, average days late up to, factor)
    (0.10, 3, 1.25),
    (0.30, 15, 1.0),
    (0.60, 30, 0.7),
    (1.00, math.inf, 0.4),
]
# Promises say something from this many on
PROMISES_MIN = 3
PROMISES = [
    # (kept share from, factor)
    (0.90, 1.0),
    (0.60, 0.85),
    (0.00, 0.6),
]
NEW_RELATION_MONTHS = 6
NEW_RELATION_FACTOR = 0.5
OVERDUE_STOP_DAYS = 60
# "What if he paid so many days later?"
SENSITIVITY_DAYS = 12

# Points per criterion: (up to, points), or (from, points) where more is better
DAYS_LATE_POINTS = [(0, 30), (7, 24), (15, 16), (30, 8), (math.inf, 0)]
LATE_SHARE_POINTS = [(0.10, 20), (0.30, 14), (0.60, 7), (math.inf, 0)]
OLDEST_OVERDUE_POINTS = [(0, 20), (15, 14), (30, 8), (60, 4), (math.inf, 0)]
PROMISE_POINTS = [(0.90, 15), (0.75, 10), (0.50, 5), (0.00, 0)]
RELATION_POINTS = [(36, 15), (12, 10), (6, 5), (0, 0)]
CLASSES = [(85, 'A'), (70, 'B'), (50, 'C'), (30, 'D'), (0, 'E')]


def behaviour_factor(facts, later=0):
    """Return the factor of the limit for payments as late as in ``facts``, or ``later`` days later; 1 without any."""
    if not facts.get('has_paid'):
        return 1.0
    days = facts['fact_days_late'] + later
    return next(
        factor for share, most, factor in BEHAVIOUR
        if (facts['fact_late_share'] <= share and days <= most) or most == math.inf)


def promise_factor(facts):
    """Return the factor of the limit for promises as well kept as in ``facts``; 1 with too few of them."""
    if not knows_promises(facts):
        return 1.0
    return next(factor for share, factor in PROMISES if facts['fact_promise_rate'] >= share)


def knows_promises(facts):
    return (facts.get('fact_promise_count') or 0) >= PROMISES_MIN


def propose_limit(facts, later=0):
    """Return the proposed limit in company currency.

    :param dict facts: of a credit request
    :param int later: how many days later than in fact the customer is assumed to pay
    :rtype: float
    """
    amount = max(facts['fact_turnover'], 0.0) / 12 * MONTHS_COVERED
    amount *= behaviour_factor(facts, later) * promise_factor(facts)
    if facts['fact_relation_months'] < NEW_RELATION_MONTHS:
        amount *= NEW_RELATION_FACTOR
    if facts['fact_oldest_overdue'] > OVERDUE_STOP_DAYS:
        amount = min(amount, facts['fact_limit'])
    return round_two_digits(amount)


def round_two_digits(amount):
    """Round to two significant digits: nobody remembers a limit of 48,317.22."""
    if amount < 1:
        return 0.0
    step = 10 ** max(math.floor(math.log10(amount)) - 1, 0)
    return float(round(amount / step) * step)


def class_points(facts):
    """Return the points reached per criterion that something is known of.

    :param dict facts: of a credit request
    :return: ``{criterion: (points reached, most points)}``
    :rtype: dict[str, tuple]
    """
    points = {
        'oldest_overdue': (_up_to(OLDEST_OVERDUE_POINTS, facts['fact_oldest_overdue']), 20),
        'relation': (_from(RELATION_POINTS, facts['fact_relation_months']), 15),
    }
    if facts.get('has_paid'):
        points['days_late'] = (_up_to(DAYS_LATE_POINTS, facts['fact_days_late']), 30)
        points['late_share'] = (_up_to(LATE_SHARE_POINTS, facts['fact_late_share']), 20)
    if knows_promises(facts):
        points['promises'] = (_from(PROMISE_POINTS, facts['fact_promise_rate']), 15)
    return points


def propose_class(facts):
    """Return the proposed class and the percentage of points it follows from.

    :rtype: tuple(str, int)
    """
    points = class_points(facts).values()
    percent = round(100 * sum(reached for reached, _most in points) / sum(most for _reached, most in points))
    return _from(CLASSES, percent), percent


def _up_to(table, value):
    return next(result for most, result in table if value <= most)


def _from(table, value):
    return next((result for least, result in table if value >= least), table[-1][1])
