"""Whose goods a movement may take: a Python object in the context, which no client can send."""

from dataclasses import dataclass

from odoo.fields import Domain

CONTEXT_KEY = 'sales_owner_rule'


@dataclass(frozen=True)
class OwnerRule:
    """Goods of one seller only, or goods of anybody but sellers.

    :param int owner_id: partner of the seller, 0 for our own orders
    :param frozenset excluded: partners of all sellers of the company
    """

    owner_id: int
    excluded: frozenset

    def allows(self, owner_id):
        """Tell whether goods of a partner (falsy: ours) may be taken."""
        if self.owner_id:
            return owner_id == self.owner_id
        return not owner_id or owner_id not in self.excluded

    def get_domain(self):
        """Return the domain of the quants that may be taken."""
        if self.owner_id:
            return Domain('owner_id', '=', self.owner_id)
        return Domain('owner_id', 'not in', sorted(self.excluded))


def get_rule(env):
    """Return the rule that server code put into the context, or None."""
    rule = env.context.get(CONTEXT_KEY)
    return rule if isinstance(rule, OwnerRule) else None


def with_rule(records, rule):
    """Return the records with a rule for what is taken from stock, or without any."""
    if rule is None and CONTEXT_KEY not in records.env.context:
        return records
    return records.with_context(**{CONTEXT_KEY: rule})
