"""Permissions that only server code can hold.

A client may send any context, but only JSON: a Python object in the context can therefore not come
from a client. Whoever needs to pass a guard carries a :class:`Pass`; there is no boolean switch.
"""

CONTEXT_KEY = 'sales_mgmt_pass'


class Pass:
    """The right to pass one guard, for all records (``ids=None``) or for the given record ids."""

    __slots__ = ('guard', 'ids')

    def __init__(self, guard, ids=None):
        self.guard = guard
        self.ids = None if ids is None else frozenset(ids)


def grant(records, guard, only_these=False):
    """Return ``records`` with the permission to pass ``guard`` in their context.

    :param records: any recordset
    :param str guard: name of the guard, e.g. ``'credit.profile'``
    :param bool only_these: whether the permission holds for these record ids only
    :return: the same recordset with another context
    """
    passes = [*_passes(records.env), Pass(guard, records.ids if only_these else None)]
    return records.with_context(**{CONTEXT_KEY: passes})


def revoke(records):
    """Return ``records`` without any permission in their context."""
    if CONTEXT_KEY not in records.env.context:
        return records
    context = dict(records.env.context)
    del context[CONTEXT_KEY]
    return records.with_context(context)


def granted(records, guard):
    """Tell whether the context of ``records`` carries the permission to pass ``guard`` for each of them."""
    passes = [p for p in _passes(records.env) if p.guard == guard]
    return any(p.ids is None or p.ids.issuperset(records.ids) for p in passes)


def _passes(env):
    value = env.context.get(CONTEXT_KEY)
    if not isinstance(value, list):
        return []
    return [p for p in value if isinstance(p, Pass)]
