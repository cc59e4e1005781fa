"""The arithmetic of a cascade of targets, in whole units (cents) and without a database.

For metrics that add up, each parent is at any time the sum of its children, the reserve included. All
operations of :class:`Cascade` keep it so; nothing else may compute amounts of a plan.
"""


class CascadeError(Exception):
    """An operation that would break the rules of a cascade.

    :ivar str code: ``negative``, ``no_siblings``, ``siblings_too_small`` or ``own_reserve``
    :ivar int node: the node in question
    :ivar tuple key: metric and month in question
    """

    def __init__(self, code, node, key):
        super().__init__(f'{code}: node {node}, {key}')
        self.code = code
        self.node = node
        self.key = key


def apportion(total, weights):
    """Split whole units by weights with the largest remainder, so that nothing is lost or added.

    :param int total: what is split; may be negative
    :param list weights: numbers that are not negative
    :return: whole units per weight with the sum ``total``; by equal parts if all weights are 0
    :rtype: list[int]
    """
    if not weights:
        return []
    if total < 0:
        return [-part for part in apportion(-total, weights)]
    largest = max(weights)
    if largest <= 0:
        shares = [1] * len(weights)
    elif all(isinstance(weight, int) for weight in weights):
        shares = weights
    else:
        # exact arithmetic in integers from here on
        shares = [round(weight / largest * 10 ** 12) for weight in weights]
    whole = sum(shares)
    parts, rests = [], []
    for index, share in enumerate(shares):
        part, rest = divmod(total * share, whole)
        parts.append(part)
        rests.append((-rest, index))
    for _rest, index in sorted(rests)[:total - sum(parts)]:
        parts[index] += 1
    return parts


def scale(amount, percent):
    """Return ``amount`` whole units × ``percent`` / 100, rounded half up."""
    numerator = amount * round(percent * 10 ** 6)
    return (numerator * 2 + 10 ** 8) // (2 * 10 ** 8)


class Cascade:
    """The amounts of a tree for some metrics and months.

    :param dict parents: parent per node, None for the root; in the order of the tree
    :param dict reserves: the reserve of each inner node
    :param set additive: ids of the metrics that add up
    :param dict amounts: whole units per (node, key); a key is (metric, month). What is missing is 0
    """

    def __init__(self, parents, reserves, additive, amounts):
        self.parents = parents
        self.reserves = reserves
        self.reserve_nodes = frozenset(reserves.values())
        self.additive = additive
        self.amounts = amounts
        self.children = {}
        for node, parent in parents.items():
            if node not in self.reserve_nodes:
                self.children.setdefault(parent, []).append(node)
        # what was there before, and why it changed
        self.before = {}
        self.causes = {}

    # === READING === #

    def get(self, node, key):
        """Return the amount of a node in whole units."""
        return self.amounts.get((node, key), 0)

    def depth(self, node):
        """Return how many nodes lie above."""
        depth = 0
        while (node := self.parents[node]) is not None:
            depth += 1
        return depth

    def below(self, node):
        """Return the nodes below, reserves not included, parents before their children."""
        found = []
        for child in self.children.get(node, ()):
            found += [child, *self.below(child)]
        return found

    def changed(self):
        """Return what differs from the beginning.

        :return: (before, after, cause) per (node, key)
        :rtype: dict
        """
        return {
            place: (before, self.amounts[place], self.causes[place])
            for place, before in self.before.items()
            if before != self.amounts[place]
        }

    def check(self):
        """Refuse negative amounts outside reserves.

        :raise CascadeError: at the first one
        """
        for node, key in self.before:
            if self.amounts[node, key] < 0 and node not in self.reserve_nodes:
                raise CascadeError('negative', node, key)

    def broken(self):
        """Return the (node, key) whose amount is not the sum of its children and reserve."""
        keys = {key for _node, key in self.amounts if key[0] in self.additive}
        return [
            (node, key)
            for node, reserve in self.reserves.items()
            for key in keys
            if self.get(node, key) != self.get(reserve, key) + sum(
                self.get(child, key) for child in self.children.get(node, ()))
        ]

    # === CHANGING === #

    def put(self, node, key, amount, cause):
        """Set an amount and remember the one before; a direct edit is the cause that counts."""
        place = (node, key)
        self.before.setdefault(place, self.amounts.get(place, 0))
        if cause != 'absorbed' or place not in self.causes:
            self.causes[place] = cause
        self.amounts[place] = amount

    def add(self, node, key, delta, cause='absorbed'):
        """Add to an amount."""
        self.put(node, key, self.get(node, key) + delta, cause)

    def change(self, node, key, amount, absorb='reserve', down='reserve', fixed=frozenset(), cause='edit'):
        """Give a node another amount and let the difference go where it shall.

        :param str absorb: who above or beside takes the difference: ``reserve`` or ``siblings`` of the
            same parent, or ``parent``, whose own parent's reserve then gives it
        :param str down: who below takes it: ``reserve`` or ``children`` (in proportion)
        :param fixed: (node, key) that must keep their amount
        :raise CascadeError: if there is nobody who could take the difference
        """
        delta = amount - self.get(node, key)
        self.put(node, key, amount, cause)
        if not delta or key[0] not in self.additive:
            return
        if down == 'children':
            self._scale_children(node, key, amount - delta)
        else:
            self._give_to_reserve(node, key, delta)
        parent = self.parents[node]
        if parent is None:
            return
        if absorb == 'siblings':
            self._spread(node, key, -delta, fixed)
        elif absorb == 'parent':
            self.add(parent, key, delta, 'raised')
            if self.parents[parent] is not None:
                self.add(self.reserves[self.parents[parent]], key, -delta)
        elif node in self.reserve_nodes:
            raise CascadeError('own_reserve', node, key)
        else:
            self.add(self.reserves[parent], key, -delta)

    def split(self, node, key, weights, padding=0.0, cause='distribute'):
        """Divide the amount of a node among its children; the reserve takes the rest.

        :param dict weights: weight per child; what is missing weighs nothing
        :param float padding: how much more than the amount of the node is given out, in percent; the
            reserve becomes negative by as much. A negative one is held back
        """
        children = self.children.get(node, [])
        if key[0] not in self.additive:
            for child in children:
                self.put(child, key, self.get(node, key), cause)
            return
        shares = [weights.get(child, 0) for child in children]
        parts = [0] * len(children)
        if any(shares):
            parts = apportion(scale(self.get(node, key), 100 + padding), shares)
        for child, part in zip(children, parts, strict=True):
            self._give_to_reserve(child, key, part - self.get(child, key))
            self.put(child, key, part, cause)
        self.put(self.reserves[node], key, self.get(node, key) - sum(parts), 'absorbed')

    def settle(self, keys):
        """Let the reserves hold what the parents have beyond their children."""
        for node, reserve in self.reserves.items():
            for key in keys:
                rest = self.get(node, key) - sum(self.get(child, key) for child in self.children.get(node, ()))
                if key[0] in self.additive and rest != self.get(reserve, key):
                    self.put(reserve, key, rest, 'absorbed')

    def move(self, node, parent):
        """Move a node with its amounts: out of the reserve of the new parent, into that of the old one."""
        self._exchange(self.parents[node], node, 1)
        self.children[self.parents[node]].remove(node)
        self.parents[node] = parent
        self.children.setdefault(parent, []).append(node)
        self._exchange(parent, node, -1)

    def remove(self, node):
        """Give the amounts of a node back to the reserve of its parent; what lies below goes with it."""
        self._exchange(self.parents[node], node, 1)
        self.children[self.parents[node]].remove(node)
        for gone in [node, *self.below(node)]:
            for other in (gone, self.reserves.pop(gone, None)):
                self.parents.pop(other, None)
                for place in [place for place in self.amounts if place[0] == other]:
                    del self.amounts[place]
                    self.before.pop(place, None)

    # === TOOLING === #

    def _exchange(self, parent, node, sign):
        for (other, key), amount in list(self.amounts.items()):
            if other == node and amount and key[0] in self.additive:
                self.add(self.reserves[parent], key, sign * amount)

    def _give_to_reserve(self, node, key, delta):
        if node in self.reserves and delta:
            self.add(self.reserves[node], key, delta)

    def _scale_children(self, node, key, before):
        """Bring what lies below a node to its amount, in proportion to what it was."""
        if node not in self.reserves:
            return
        amount = self.get(node, key)
        children = self.children.get(node, [])
        present = [self.get(child, key) for child in children]
        wanted = sum(present) * amount // before if before else amount
        parts = apportion(wanted, present) if children else []
        for child, part, old in zip(children, parts, present, strict=True):
            self.put(child, key, part, 'absorbed')
            self._scale_children(child, key, old)
        self.put(self.reserves[node], key, amount - sum(parts), 'absorbed')

    def _spread(self, node, key, delta, fixed):
        """Spread a difference over the siblings in proportion to what they have."""
        siblings = [
            child for child in self.children.get(self.parents[node], ())
            if child != node and (child, key) not in fixed
        ]
        if not siblings:
            raise CascadeError('no_siblings', node, key)
        present = [self.get(sibling, key) for sibling in siblings]
        if delta < 0 and sum(present) < -delta:
            raise CascadeError('siblings_too_small', node, key)
        for sibling, part in zip(siblings, apportion(delta, present), strict=True):
            self._give_to_reserve(sibling, key, part)
            self.add(sibling, key, part)
