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

What x is, is asked by type(x). To x.__class__ a Value that jit records answers as
the plain number that it is in the eager run.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections import deque
from collections.abc import Sequence
from math import isfinite
from typing import Any

from . import modes
from .graph import FIRST, oldest_first
from .primitives import abs as absolute
from .primitives import both, dot, scale, where
from .row import LITERAL
from .value import Literal, Value, set_grad


def pull(
    cotangents: Sequence[tuple[Any, Any]],
    wrt: Sequence[Value],
    graph: bool,
    since: int = FIRST,
    private: bool = False,
) -> list[Any]:
    """Reverse mode: return the sum of g * dz/dv over all cotangents (z, g), for every v.

    The terms are added in the order of `backward`. The sum is 0.0 where no z
    depends on v.

    Args:
        cotangents: Pairs of a node and the adjoint that it starts with.
        wrt: The nodes v. None is older than `since`.
        graph: Return Values that can be differentiated again.
        since: Older nodes depend on no v.
        private: No other thread uses the nodes that are not older.
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
    order = oldest_first(*terms, since=since)
    if private and not graph and interpreter is None and _all_are_young(order, since):
        return _pull_numbers(order, cotangents, wrt, since)
    found: dict[Value, Any] = dict.fromkeys(wrt, 0.0)
    for z in reversed(order):
        reached = terms.pop(z, None)
        if reached is None:
            continue
        xs = z._operands()
        if not (xs or z in found):
            continue
        g = _total(reached)
        if z in found:
            found[z] = g
        if type(g) is not float or g:
            if interpreter is not None and type(z) is Value and _known(g):
                interpreter.pulls(z, _known(g))
            op = z._primitive
            wanted = [type(x) is not float and x._born >= since for x in xs]
            partials = op.constants or partials_of(z, xs, wanted, graph)
            for i in op.sweep_order(len(xs)):
                x, p = xs[i], partials[i]
                if not wanted[i] or p is None or (_is_zero(p) and _stays_zero(z, i, graph)):
                    continue
                term: Any = (p, g)
                if type(g) is float:
                    if graph and i in op.masked and not isfinite(g):
                        term = (1.0, both(g, p))
                elif op.singular:  # an adjoint of 0 stops an infinite partial
                    term = (1.0, both(g, p) if i in op.masked else scale(g, p))
                elif (type(g) is Value and g._data == 0.0) or not isfinite(_known(p)):
                    term = (1.0, scale(g, p))  # p may get an infinite adjoint, or is not finite
                if x in terms:
                    terms[x] += term
                else:
                    terms[x] = [*term]
    return [found[v] for v in wrt]


def _all_are_young(order: Sequence[Value], since: int) -> bool:
    """Return whether no operand of the nodes is a Value from before `since`."""
    return not any(type(x) is Value and x._born < since for z in order for x in z._operands())


def _pull_numbers(
    order: Sequence[Value], cotangents: Sequence[tuple[Any, Any]], wrt: Sequence[Value], since: int
) -> list[Any]:
    """Do what `pull` does, by the quick chain rule of `backward`.

    It needs the grads of the nodes, and puts them back.
    """
    before = [z._grad for z in order]
    try:
        for z in order:
            z._grad = -0.0
        for z, g in cotangents:
            if type(z) is Value and z._born >= since:
                z._grad += g
        for z in reversed(order):
            if z._grad:
                z._primitive.pull(z, z._grad)
        return [v._grad + 0.0 for v in wrt]  # no -0.0
    finally:
        deque(map(set_grad, order, before), maxlen=0)


def push(
    tangents: dict[Value, Any], roots: Sequence[Any], graph: bool, since: int = FIRST
) -> list[Any]:
    """Forward mode: return the derivative of every root along the tangents of some nodes.

    No node of `tangents` is older than `since`. The dict is filled with the
    tangents of all that depends on its nodes.

    A tangent that is a Value may start as 0, or become 0 at a masked operand, which
    passes nothing on. What moves along such tangents alone stands still: its tangent is 0
    even where a partial is infinite or nan, as if it had none.
    """
    interpreter = modes.current() if modes.active else None
    if interpreter is not None:
        interpreter.pushes()
    unbounded: set[Value] = set()  # nodes whose tangent, as a graph, may get infinite
    pace = {x: _pace(t) for x, t in tangents.items() if isinstance(t, Value)}
    for z in oldest_first(*[z for z in roots if isinstance(z, Value)], since=since):
        xs = z._operands()
        moving = [type(x) is not float and x in tangents for x in xs]
        if True not in moving or z in tangents:
            continue
        op = z._primitive
        total: Any = None
        fastest: Any = False
        for i, p in enumerate(op.constants or partials_of(z, xs, moving, graph)):
            if p is None or not moving[i] or (_is_zero(p) and _stays_zero(z, i, graph)):
                continue
            x = xs[i]
            t = tangents[x]
            infinite = x in unbounded or not isfinite(_known(t))
            term = scale(p, t) if infinite else _product(p, t)
            moves = pace.get(x, True)
            if moves is not True and (op.singular or infinite or not isfinite(_known(p))):
                still = both(p, t)
                term = still if moves is False else where(moves, term, still)
            total = term if total is None else total + term
            if i in op.masked and type(p) in (Value, float) and not _known(p):
                moves = False
            fastest = _faster(fastest, moves)
            if graph and (op.singular or x in unbounded):
                unbounded.add(z)
        if total is not None:
            tangents[z] = total
            if fastest is not True:
                pace[z] = fastest
    if interpreter is not None:
        interpreter.pushed(roots, tangents)  # detect_anomaly looks at the tangents
    return [tangents.get(z, 0.0) if isinstance(z, Value) else 0.0 for z in roots]


def _pace(t: Value) -> Any:
    """Return whether a tangent is not 0: for a traced Value, a Value that is not 0 then."""
    return t._data != 0.0 if type(t) in (Value, Literal) else absolute(t)


def _faster(x: Any, y: Any) -> Any:
    """Return whether one of two paces is not 0, as `_pace` tells it."""
    if x is True or y is True:
        return True
    if x is False:
        return y
    return x if y is False or x is y else x + y


def partials_of(z: Value, xs: Sequence[Any], wanted: Sequence[bool], graph: bool = False) -> Any:
    """Return dz/dx for every wanted operand x: Values if graph, else floats."""
    if graph:
        operands = [x._data if type(x) is Literal else x for x in xs]
    else:
        operands = [x if type(x) is float else x._data for x in xs]
    return z._primitive.partials_at(operands, z if graph else z._data, wanted)


def _is_zero(p: Any) -> bool:
    """Return whether a partial is a plain number, and 0."""
    return (type(p) is float or type(p) is int) and p == 0


def _stays_zero(z: Value, i: int, graph: bool) -> bool:
    """Return whether z's i-th partial, which is 0, is 0 for good.

    Then nothing is passed on, not even if the adjoint or tangent is infinite.
    """
    if graph:
        return any(x._primitive is LITERAL for x in z.parents)
    return z.gives_plain_zero(i)


def _known(x: Any) -> float:
    """Return the number of x, or 0.0 for a traced Value, which has none yet."""
    if type(x) is float:
        return x
    known: float = x._data if type(x) in (Value, Literal) else 0.0
    return known


def _product(p: Any, g: Any) -> Any:
    """Return p * g, without a multiplication where a number is 1, or p is -1."""
    if type(p) is float and (p == 1.0 or p == -1.0):
        return g if p == 1.0 else -g
    return p if type(g) is float and g == 1.0 else p * g


def _total(terms: list[Any]) -> Any:
    """Return p1 * g1 + p2 * g2 + ... for terms [p1, g1, p2, g2, ...].

    They are added from left to right, as `backward` does.
    """
    if len(terms) == 2:
        return _product(*terms)
    if len(terms) == 4:
        return _product(*terms[:2]) + _product(*terms[2:])
    return dot((*terms[::2], *terms[1::2]))
