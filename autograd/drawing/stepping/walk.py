"""Backward as a walk over the graph.

It holds the order, the numbers and the names that page and animation show.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from ...analysis.groups import Groups, levels
from ...analysis.notation import PIECE, SIGN, TEXT, Names, Term, four_digits, readable, visible
from ...core.chain_rule import passed_on
from ...core.graph import check_not_stale, oldest_first, topological_order
from ...core.row import LEAF, LITERAL
from ...core.value import Value
from ...errors import DataTypeError, DrawingError
from ..folding import READABLE

MOST_NODES = 2000  # nodes that can still be followed one by one


class Group(NamedTuple):
    """A module of the model, or one of its calls.

    `within` is the number of the group that it lies in, None at the top.
    """

    title: str
    within: int | None


class Walk(NamedTuple):
    """A graph and its backward pass by number.

    Node i is order[i]: parents before children, the root last.

    Attributes:
        order: The nodes.
        names: Their names, "" for a literal.
        labels: By number, the labels that differ from the names.
        texts: Their operations, "" for a leaf.
        parents: The numbers of their operands.
        local: Their derivatives with respect to each operand, None where backward
            takes none.
        gradients: What backward gives, None where it does not come.
        learning: The leaves that descent changes.
        groups: The groups, those that lie in others after them.
        group_of: The innermost group of each node, None if there is none.
        folded: The groups that are closed at first, so that the whole can be
            read.
        given_groups: What the groups were made from.
    """

    order: list[Value]
    names: list[str]
    labels: dict[int, str]
    texts: list[str]
    parents: list[list[int]]
    local: list[list[float | None]]
    gradients: list[float | None]
    learning: list[int]
    groups: list[Group]
    group_of: list[int | None]
    folded: list[int]
    given_groups: Groups

    def closing(self, titles: Collection[str]) -> Walk:
        """Return the walk with more groups closed at first."""
        more = [g for g, group in enumerate(self.groups) if group.title in titles]
        return self._replace(folded=sorted({*self.folded, *more}))


def walk(root: Value, groups: Groups, given: Mapping[str, Value] | None = None) -> Walk:
    """Walk through the graph of a root.

    Args:
        root: The result of a computation.
        groups: Value -> (path, call index).
        given: Names, label -> Value.

    Raises:
        DataTypeError: `root` is no Value, or the names are no such mapping.
        DrawingError: The graph is too large.
        StaleValueError: A leaf was changed after an operation had used it.
    """
    if not isinstance(root, Value):
        raise DataTypeError(
            "step_through() takes a Value, the result of a computation such as the loss, "
            f"not {root!r}"
        )
    order = oldest_first(root)
    if len(order) > MOST_NODES:
        raise DrawingError(
            f"this graph of {len(order):,} nodes is too large to step through, the limit is "
            f"{MOST_NODES:,}: take the loss of a few rows instead of a whole batch, a smaller "
            "model, or draw(loss), which folds"
        )
    check_not_stale(order)
    number_of = {value: i for i, value in enumerate(order)}
    parents = [[number_of[parent] for parent in value.parents] for value in order]
    known = Names(topological_order(root), given, groups, readable)
    names = known.name_all(order)
    terms = [
        Term(four_digits(value.data), SIGN if value.data < 0.0 else PIECE)
        if value.op is LITERAL
        else Term(known[value])
        for value in order
    ]
    texts = [
        TEXT.operation(value.op, [terms[j] for j in parents[i]]).text if parents[i] else ""
        for i, value in enumerate(order)
    ]
    local = [value.partials() for value in order]
    tree, group_of = _tree(order, groups)
    labels = {
        number_of[value]: label
        for value, label in known.labels.items()
        if visible(label) != known[value]
    }
    return Walk(
        order,
        names,
        labels,
        texts,
        parents,
        local,
        _gradients(order, parents, local),
        _learning(order, groups, given),
        tree,
        group_of,
        _folded(parents, tree, group_of),
        groups,
    )


def _gradients(
    order: Sequence[Value],
    parents: Sequence[Sequence[int]],
    local: Sequence[Sequence[float | None]],
) -> list[float | None]:
    """Return the gradients as backward computes them, in its order.

    A result that nothing reaches has the gradient 0, and so have its leaves.
    """
    gradients: list[float | None] = [None] * len(parents)
    gradients[-1] = 1.0
    for i in reversed(range(len(parents))):
        if parents[i]:
            g = gradients[i] = gradients[i] or 0.0
            for k in order[i].op.sweep_order(len(parents[i])):
                j, p = parents[i][k], local[i][k]
                before = gradients[j]
                if g and p is not None:
                    passed = passed_on(order[i], k, p, g)
                    gradients[j] = passed if before is None else before + passed
                elif not g and order[j].op is LEAF:
                    gradients[j] = before or 0.0
    return gradients


def _learning(
    order: Sequence[Value], groups: Groups, names: Mapping[str, Value] | None
) -> list[int]:
    """Return the leaves that learn: those of the groups, else those with names, else all."""
    leaves = [i for i, value in enumerate(order) if value.op is LEAF]
    for known in (groups, set((names or {}).values())):
        chosen = [i for i in leaves if order[i] in known]
        if chosen:
            return chosen
    return leaves


def _tree(order: Sequence[Value], groups: Groups) -> tuple[list[Group], list[int | None]]:
    """Return the groups of at least two nodes as a tree, and the group of each node.

    A module lies within a module, and a call within its module if there are
    several. A literal belongs to what uses it.
    """
    places = {value: groups[value] for value in order if value in groups}
    calls: dict[str, set[int]] = {}
    for value, (path, call) in list(places.items()):
        calls.setdefault(path, set()).add(call)
        places.update((parent, (path, call)) for parent in value.parents if parent.op is LITERAL)
    above = {path: _modules(path) for path in ["", *calls]}
    chains: list[list[str]] = []
    for value in order:
        path, call = places.get(value, ("", 0))
        several = path and len(calls[path]) > 1 and value.op is not LEAF
        chains.append([*above[path], f"{path}, call {call}"] if several else above[path])
    sizes = Counter(title for chain in chains for title in chain)
    titles = sorted((title for title, size in sizes.items() if size > 1), key=_natural)
    number_of = {title: number for number, title in enumerate(titles)}
    tree: dict[str, Group] = {}
    group_of: list[int | None] = []
    for chain in chains:
        within = None
        for title in chain:
            if title in number_of:
                tree[title] = Group(title, within)
                within = number_of[title]
        group_of.append(within)
    return [tree[title] for title in titles], group_of


def _modules(path: str) -> list[str]:
    """Return the paths of the modules that a path lies in, from the top, and itself."""
    return list(accumulate(levels(path), "{}.{}".format))


def _natural(title: str) -> list[tuple[int, str]]:
    """Orders "layers.2" before "layers.10", and a module before what lies in it."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", title)
    ]


def _folded(
    parents: Sequence[Sequence[int]], tree: Sequence[Group], group_of: Sequence[int | None]
) -> list[int]:
    """Return the groups to close, none if the whole can be read.

    They are those of the greatest depth at which boxes and arrows can be read,
    and of those that do not lie so deep the innermost.
    """
    if len(group_of) + sum(map(len, parents)) <= READABLE or not tree:
        return []
    above: list[list[int]] = []  # every group with those that it lies in, from the top
    for g, group in enumerate(tree):
        above.append([*([] if group.within is None else above[group.within]), g])
    for depth in reversed(range(max(map(len, above)))):
        shown = [
            -i - 1 if g is None else above[g][min(depth, len(above[g]) - 1)]
            for i, g in enumerate(group_of)
        ]
        arrows = {
            (shown[j], shown[i])
            for i, operands in enumerate(parents)
            for j in operands
            if shown[i] != shown[j]
        }
        if len(set(shown)) + len(arrows) <= READABLE or depth == 0:
            return sorted({g for g in shown if g >= 0})
    return []
