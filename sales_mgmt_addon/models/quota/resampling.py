"""The chance to reach a yearly target, found by playing the year many times with the person's own months.

Method: take the months of the person's history, at most the 24 before the plan and from his first active
month on; months without anything count as 0. Divide each by the season of its calendar month, which is
taken from the history of the company, so that a good December is not mistaken for a good salesperson.
Then play the year 2,000 times: for each month of the plan draw one of those months, with replacement,
and multiply it by the season of the month it stands for. The chance is the share of years that reach
the target. The draws begin from a fixed seed, so that the same history always gives the same chance.
"""

from random import Random

DRAWS = 2000
HISTORY_MONTHS = 24
MIN_MONTHS = 6
# A season below this share of an average month divides noise by almost nothing; it counts as this much.
MIN_SEASON = 0.1


def season_of(history):
    """Return the season of each calendar month, 1.0 being an average month.

    :param dict history: value per first day of the month
    :return: ``{1: …, 12: …}``, or 1.0 throughout if not each calendar month is known or nothing was sold
    :rtype: dict[int, float]
    """
    flat = dict.fromkeys(range(1, 13), 1.0)
    by_month = {number: [] for number in flat}
    for month, value in history.items():
        by_month[month.month].append(value)
    if not all(by_month.values()):
        return flat
    means = {number: sum(values) / len(values) for number, values in by_month.items()}
    average = sum(means.values()) / 12
    if average <= 0:
        return flat
    return {number: max(mean / average, MIN_SEASON) for number, mean in means.items()}


def chance(history, months, target, season, seed, higher_is_better=True):
    """Return the chance to reach a target, in %.

    :param dict history: value per first day of the month
    :param list months: first days of the months of the plan
    :param float target: sum that must be reached
    :param dict season: as of :func:`season_of`
    :param str seed: what the draws begin from
    :param bool higher_is_better: whether the sum must be at least the target; else at most
    :return: % or None with less than six months of history
    """
    if len(history) < MIN_MONTHS or not months:
        return None
    random = Random(seed)  # noqa: S311
    plain = [value / season[month.month] for month, value in sorted(history.items())]
    draws = [
        random.choices([value * season[month.month] for value in plain], k=DRAWS)
        for month in months
    ]
    # sums of floats: a cent is no miss
    if higher_is_better:
        reached = sum(total >= target - 0.005 for total in map(sum, zip(*draws, strict=True)))
    else:
        reached = sum(total <= target + 0.005 for total in map(sum, zip(*draws, strict=True)))
    return reached / DRAWS * 100.0
