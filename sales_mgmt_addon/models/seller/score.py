"""How sure a rate is: the Wilson interval, and what a seller's rates add up to."""

import math

# 95 % of the normal distribution lie within so many standard deviations
Z = 1.959964

# How far the lower bound of a rate lies above its threshold -> level
LEVELS = [
    ('ok', "In Order"),
    ('watch', "Watched"),
    ('limit', "Limit Proposed"),
    ('suspend', "Suspension Proposed"),
]
LEVEL_NAMES = tuple(name for name, _label in LEVELS)
LIMIT_RATIO = 1.5
SUSPEND_RATIO = 2.0


def wilson_lower(hits, total):
    """Return the lower bound of the Wilson interval (95 %) of a rate, in percent; 0 without observations.

    The true rate is below it in one case out of forty only, so that few orders prove nothing against anybody.

    :param int hits: how often it happened
    :param int total: how often it could have happened
    """
    if not total or not hits:
        return 0.0
    share, square = hits / total, Z * Z
    centre = share + square / (2 * total)
    spread = Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0.0, 100.0 * (centre - spread) / (1 + square / total))


def get_level(bounds):
    """Return the level of a seller.

    :param bounds: pairs (lower bound, threshold), both in percent; a threshold of 0 is not checked
    :return: one of ``LEVEL_NAMES``: by the worst rate, a threshold is broken only if the lower bound exceeds it
    :rtype: str
    """
    worst = max((bound / threshold for bound, threshold in bounds if threshold > 0), default=0.0)
    if worst <= 1.0:
        return 'ok'
    if worst <= LIMIT_RATIO:
        return 'watch'
    return 'limit' if worst <= SUSPEND_RATIO else 'suspend'
