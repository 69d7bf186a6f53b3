"""Both modes of differentiation, from graph to numbers or from graph to graph.

    reverse:  adjoint of x = sum of dz/dx * adjoint of z, over the children z of x
    forward:  tangent of z = sum of dz/dx * tangent of x, over the parents x of z

`Value.backward` is the first formula on numbers, written for speed. Here the
partials, adjoints and tangents may be Values. The result then is a graph, and
can be differentiated again.

A sweep goes through the nodes that are no older than `since`. For a derivative
of f this is the age of the arguments: what is older was there before f was
called, and depends on no argument. So a derivative inside a loop costs what its
own graph costs, however long the loop has run.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from . import modes
from .graph import oldest_first
from .primitives import dot, scale
from .row import LITERAL
from .value import Literal, Value, data_of

FIRST = 1  # the age of the first node ever; a Literal has the age 0


def pull(
    cotangents: Sequence[tuple[Any, Any]], wrt: Sequence[Value], graph: bool, since: int = FIRST
) -> list[Any]:
    """Reverse mode: return the sum of g * dz/dv over all cotangents (z, g), for every v.

    The terms are added in the order of `backward`. The sum is 0.0 where no z
    depends on v. No v is older than `since`.
    """
    interpreter = modes.current() if modes.active else None
    if interpreter is not None and graph:
        pulled: list[Any] | None = interpreter.pulled(cotangents, wrt)
        if pulled is not None:
            return pulled
    terms: dict[Value, list[Any]] = {}  # what has reached a node, for _total
    for z, g in cotangents:
        if isinstance(z, Value):
            terms.setdefault(z, []).extend((1.0, g))
    found: dict[Value, Any] = dict.fromkeys(wrt, 0.0)
    for z in reversed(oldest_first(*terms, since=since)):
        reached = terms.pop(z, None)
        if reached is None:
            continue
        xs = z._operands()
        if not (xs or z in found):
            continue
        g = _total(reached)
        if z in found:
            found[z] = g
        if g.__class__ is not float or g:
            if interpreter is not None and z.__class__ is Value and _known(g):
                interpreter.pulls(z, _known(g))
            op = z._primitive
            wanted = [x.__class__ is not float and x._born >= since for x in xs]
            partials = _partials(z, xs, wanted, graph)
            for i in op.sweep_order(len(xs)):
                x, p = xs[i], partials[i]
                if wanted[i] and not _stops(z, i, p, graph):
                    term: Any = (p, g)
                    if g.__class__ is not float and (op.singular or not isfinite(_known(p))):
                        # An adjoint of 0 stops even an infinite partial.
                        term = (1.0, scale(g, p))
                    if x in terms:
                        terms[x] += term
                    else:
                        terms[x] = [*term]
    return [found[v] for v in wrt]


def push(
    tangents: dict[Value, Any], roots: Sequence[Any], graph: bool, since: int = FIRST
) -> list[Any]:
    """Forward mode: return the derivative of every root along the tangents of some nodes.

    No node of `tangents` is older than `since`. The dict is filled with the
    tangents of all that depends on its nodes.
    """
    unbounded: set[Value] = set()  # nodes whose tangent, as a graph, may get infinite
    for z in oldest_first(*[z for z in roots if isinstance(z, Value)], since=since):
        xs = z._operands()
        moving = [x.__class__ is not float and x in tangents for x in xs]
        if True not in moving or z in tangents:
            continue
        partials = _partials(z, xs, moving, graph)
        for i, x in enumerate(xs):
            if moving[i] and not _stops(z, i, partials[i], graph):
                p, t = partials[i], tangents[x]
                infinite = x in unbounded or not isfinite(_known(t))
                term = scale(p, t) if infinite else _product(p, t)
                tangents[z] = tangents[z] + term if z in tangents else term
                if graph and (z._primitive.singular or x in unbounded):
                    unbounded.add(z)
    return [tangents.get(z, 0.0) if isinstance(z, Value) else 0.0 for z in roots]


def _partials(z: Value, xs: Sequence[Any], wanted: Sequence[bool], graph: bool) -> Any:
    """Return dz/dx for every wanted operand x: Values if graph, else floats."""
    op = z._primitive
    if op.constants:
        return op.constants
    if graph:
        operands = [x._data if x.__class__ is Literal else x for x in xs]
        return op.partials_at(operands, z, wanted)
    operands = [x if x.__class__ is float else x._data for x in xs]
    return op.partials_at(operands, z._data, wanted)


def _stops(z: Value, i: int, p: Any, graph: bool) -> bool:
    """Return whether nothing is passed on along z's i-th operand.

    That is so if the partial p is None or the plain number 0. Then not even an
    infinite adjoint or tangent is passed on.
    """
    if p is None:
        return True
    if (p.__class__ is not float and p.__class__ is not int) or p != 0:
        return False
    if graph:
        return any(x._primitive is LITERAL for x in z.parents)
    return z.gives_plain_zero(i)


def _known(x: Any) -> float:
    """Return the number of x, or 0.0 for a traced Value, which has none yet."""
    return data_of(x) if x.__class__ is float or x.__class__ is Value else 0.0


def _product(p: Any, g: Any) -> Any:
    """Return p * g, without a multiplication where p is 1 or -1."""
    if p.__class__ is float and (p == 1.0 or p == -1.0):
        return g if p == 1.0 else -g
    return p * g


def _total(terms: list[Any]) -> Any:
    """Return p1 * g1 + p2 * g2 + ... for terms [p1, g1, p2, g2, ...].

    They are added from left to right, as `backward` does.
    """
    if len(terms) == 2:
        return _product(*terms)
    if len(terms) == 4:
        return _product(*terms[:2]) + _product(*terms[2:])
    return dot((*terms[::2], *terms[1::2]))
