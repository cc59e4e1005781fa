"""The arithmetic of pace and forecasts: plain functions over months, targets and working days.

A figure that cannot be known, for example the pace of somebody without a target, is None.
"""

import math
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

PERIOD_MONTHS = {'month': 1, 'quarter': 3, 'year': 12}

# How many decided opportunities must have been in a stage before its share of won ones means anything.
MIN_DECIDED = 5


class Period(NamedTuple):
    """A part of the year of a plan, and how far it has gone."""

    date_from: object
    date_to: object
    # the last day that counts: the day asked for, but not after the period; before it, the day before it
    on_date: object
    # ``{first day of a month: (working days passed, working days)}``
    days: dict

    @property
    def months(self):
        return list(self.days)

    @property
    def passed(self):
        return sum(passed for passed, _total in self.days.values())

    @property
    def total(self):
        return sum(total for _passed, total in self.days.values())


def period_bounds(year_from, period, day):
    """Return first and last day of the month, quarter or year of a plan in which a day lies.

    :param date year_from: first day of the fiscal year
    :param str period: ``'month'``, ``'quarter'`` or ``'year'``
    :param date day: a day of the year; one before or after it counts as its first or last
    :rtype: tuple[date, date]
    """
    day = min(max(day, year_from), year_from + relativedelta(years=1, days=-1))
    length = PERIOD_MONTHS[period]
    months = (day.year - year_from.year) * 12 + day.month - year_from.month
    date_from = year_from + relativedelta(months=months - months % length)
    return date_from, date_from + relativedelta(months=length, days=-1)


def make_period(date_from, date_to, on_date, working_days):
    """Return a :class:`Period`.

    :param date on_date: the day up to which, and including which, time has passed
    :param set working_days: the working days of the period; a month without any counts by calendar days
    """
    days = {}
    month = date_from
    while month <= date_to:
        following = month + relativedelta(months=1)
        dates = [month + relativedelta(days=number) for number in range((following - month).days)]
        dates = [date for date in dates if date in working_days] or dates
        days[month] = (sum(date <= on_date for date in dates), len(dates))
        month = following
    on_date = min(max(on_date, date_from - relativedelta(days=1)), date_to)
    return Period(date_from, date_to, on_date, days)


def attainment_percent(actual, target):
    """Return the actual figure in % of the target, or None without a target or a figure."""
    if actual is None or not target or target < 0:
        return None
    return actual / target * 100.0


def expected_to_date(targets, period):
    """Return what should be reached by now: full months, and of the current one by working days.

    :param dict targets: target per first day of the month
    :param Period period: the period
    """
    return sum(targets.get(month, 0.0) * passed / total for month, (passed, total) in period.days.items())


def forecast_run_rate(actual, period):
    """Return where the period ends if each working day brings what the past ones brought on average."""
    if actual is None or not period.passed:
        return None
    return actual / period.passed * period.total


def forecast_seasonal(actual, weights, period):
    """Return where the period ends if what is done is the share that its season says.

    :param dict weights: weight per first day of the month; None if there is no profile
    """
    if actual is None or not weights:
        return None
    total = sum(weights.get(month, 0.0) for month in period.days)
    done = expected_to_date(weights, period)
    if total <= 0 or done <= 0:
        return None
    return actual / done * total


def profile_of_history(history, period, years=3):
    """Return how the months of a period weighed in former years: the sum of the last 1–3 of them.

    Only years count that were worked from their first month on, so that somebody who came in July does
    not look like somebody who sells nothing in spring. Months with a negative sum weigh nothing.

    :param dict history: value per first day of the month, before the period
    :param Period period: the period
    :return: weight per month of the period, or None without such a year
    """
    active = [month for month, value in history.items() if value and month < period.date_from]
    if not active:
        return None
    weights = dict.fromkeys(period.days, 0.0)
    found = False
    for back in range(1, years + 1):
        months = {month: month - relativedelta(years=back) for month in period.days}
        # a year back of the end of the period, so that the year as a whole was worked
        if min(active) > min(months.values()) or max(months.values()) >= period.date_from:
            continue
        found = True
        for month, former in months.items():
            weights[month] += history.get(former, 0.0)
    weights = {month: max(weight, 0.0) for month, weight in weights.items()}
    return weights if found and sum(weights.values()) > 0 else None


def closing(gap, deal_value, average_deal, win_rate):
    """Return what closes a gap.

    :param float gap: what is missing, in the unit of the metric
    :param deal_value: what one deal brings in the unit of the metric, or None
    :param average_deal: value of one deal in money, or None
    :param win_rate: share of the decided opportunities that were won, 0–1, or None
    :return: deals needed, opportunities needed (whole numbers), and pipeline needed in money; None where
        it cannot be known, 0 if nothing is missing
    :rtype: tuple
    """
    if gap <= 0:
        return 0, 0, 0.0
    if not deal_value or deal_value <= 0:
        return None, None, None
    deals = gap / deal_value
    whole = ceil(deals)
    if not win_rate:
        return whole, None, None
    return whole, ceil(whole / win_rate), deals * average_deal / win_rate if average_deal else None


def ceil(number):
    """Return the next whole number; 3.0000000001 from a division is 3."""
    return math.ceil(round(number, 6))


def pace_status(actual, expected, target, tolerance, higher_is_better=True):
    """Return the pace in % and the traffic light.

    :param actual: actual figure to date, or None
    :param float expected: what should be reached by now
    :param float target: target of the period
    :param float tolerance: percentage points around 100 % that are still on track
    :param bool higher_is_better: whether more is better; else the pace is expected ÷ actual
    :return: pace % or None, and ``'ahead'``, ``'on_track'``, ``'behind'`` or ``'none'``
    :rtype: tuple
    """
    if not target or target <= 0 or actual is None:
        return None, 'none'
    over, under = (actual, expected) if higher_is_better else (expected, actual)
    if under <= 0:
        return None, 'ahead' if over > 0 else 'on_track'
    pace = over / under * 100.0
    if round(pace, 6) < 100.0 - tolerance:
        return pace, 'behind'
    return pace, 'ahead' if round(pace, 6) > 100.0 + tolerance else 'on_track'
