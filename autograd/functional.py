"""Derivatives as functions.

`gradients` maps a graph to a graph. `grad`, `jacobian`, `hessian`, `jvp`, `vjp`
and `hvp` map a function to its derivative.

Arguments and results are numbers, or lists, tuples and dicts of them, nested to
any depth. Below this is called a tree. Plain numbers in give plain numbers out.
Values in, or a call inside another derivative, give Values out, which can be
differentiated again.

A differentiated argument reaches the function as a fresh node. Nested
derivatives therefore never mistake one another's variables.
Source: Siskind and Pearlmutter 2005, on perturbation confusion.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf, isfinite
from numbers import Integral
from typing import Any

from .core import modes
from .core.arguments import real_number
from .core.graph import age_of, check_not_stale, oldest_first
from .core.primitives import dot, identity, scale
from .core.row import LEAF, LITERAL
from .core.value import Value, data_of, literal
from .errors import DataTypeError, GraphError, LengthError


def leaves(tree: Any) -> list[Any]:
    """Return the numbers of a tree in order. A dict has the order of its keys."""
    branches = tree.values() if isinstance(tree, dict) else tree
    return (
        [leaf for branch in branches for leaf in leaves(branch)]
        if isinstance(tree, dict | list | tuple)
        else [tree]
    )


def rebuild(tree: Any, numbers: Iterable[Any]) -> Any:
    """Return a tree of the same structure with these numbers."""
    return _build(tree, iter(numbers))


def _build(tree: Any, following: Iterator[Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _build(branch, following) for key, branch in tree.items()}
    if isinstance(tree, list | tuple):
        branches = [_build(branch, following) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(following)


def _known(x: Any) -> float:
    """Return the number of x, or 0.0 for a traced Value, which has none yet."""
    return data_of(x) if x.__class__ is float or x.__class__ is Value else 0.0


def _stops(z: Value, i: int, p: Any, graph: bool) -> bool:
    """Return whether nothing is passed on from z to its i-th parent.

    That is so if the partial p is None or the plain number 0. Then not even an
    infinite gradient is passed on.
    """
    if p is None:
        return True
    if (p.__class__ is not float and p.__class__ is not int) or p != 0:
        return False
    if graph:
        return any(x.op is LITERAL for x in z.parents)
    return z.gives_plain_zero(i)


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


def _pull(
    seeds: Iterable[tuple[Any, Any]], wrt: Sequence[Value], graph: bool, since: float = -inf
) -> list[Any]:
    """Reverse mode: return the sum of g * dz/dv over all seeds (z, g), for every v.

    The terms are added in the order of `backward`. The sum is 0.0 where no z
    depends on v. Nodes of before `since` depend on no v.
    """
    seeds = list(seeds)
    interpreter = modes.current() if modes.active else None
    if interpreter is not None and graph:
        pulled: list[Any] | None = interpreter.pulled(seeds, wrt)
        if pulled is not None:
            return pulled
    terms: dict[Value, list[Any]] = {}  # what has reached a node, for _total
    for z, g in seeds:
        if isinstance(z, Value):
            terms.setdefault(z, []).extend((1.0, g))
    order = oldest_first(*terms, since=since)
    check_not_stale(order)
    found: dict[Value, Any] = dict.fromkeys(wrt, 0.0)
    for z in reversed(order):
        reached = terms.pop(z, None)
        if reached is None:
            continue
        parents = z.parents
        if not (parents or z in found):
            continue
        g = _total(reached)
        if z in found:
            found[z] = g
        if g.__class__ is not float or g:
            if interpreter is not None and z.__class__ is Value and _known(g):
                interpreter.pulls(z, _known(g))
            op = z.op
            partials: Any = op.constants or z.partials(graph)
            for i in op.sweep_order(len(parents)):
                x, p = parents[i], partials[i]
                if x.op is not LITERAL and age_of(x) >= since and not _stops(z, i, p, graph):
                    term: Any = (p, g)
                    if op.singular or not isfinite(_known(p)):
                        # An adjoint of 0 stops even an infinite partial.
                        term = (1.0, scale(g, p))
                    if x in terms:
                        terms[x] += term
                    else:
                        terms[x] = [*term]
    return [found[v] for v in wrt]


def _push(
    tangents: dict[Value, Any], roots: Sequence[Any], graph: bool, since: float = -inf
) -> list[Any]:
    """Forward mode: return the derivative of every root along these tangents."""
    order = oldest_first(*[z for z in roots if isinstance(z, Value)], since=since)
    check_not_stale(order)
    unbounded: set[Value] = set()  # nodes whose tangent may be infinite
    for z in order:
        if z not in tangents and not tangents.keys().isdisjoint(z.parents):
            for i, (x, p) in enumerate(zip(z.parents, z.partials(graph), strict=True)):
                if x in tangents and not _stops(z, i, p, graph):
                    t = tangents[x]
                    may_be_infinite = x in unbounded or not isfinite(_known(t))
                    term = scale(p, t) if may_be_infinite else _product(p, t)
                    tangents[z] = tangents[z] + term if z in tangents else term
                    if z.op.singular or x in unbounded:
                        unbounded.add(z)
    return [tangents.get(z, 0.0) if isinstance(z, Value) else 0.0 for z in roots]


def check_function(f: Any, call: str) -> None:
    """Raise DataTypeError if f is no function."""
    if not callable(f):
        raise DataTypeError(
            f"{call} takes a function, not {f!r}: for a Value that is computed already, "
            "gradients(value, [x]) or value.backward()"
        )


class _Call:
    """One call of f, with fresh nodes for the arguments that are differentiated.

    `read` are further Values to differentiate by, which f reads.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        argnums: Sequence[int],
        options: dict[str, Any],
        read: Sequence[Value] = (),
    ) -> None:
        __tracebackhide__ = True
        check_function(f, "a derivative")
        for i in argnums:
            if not isinstance(i, Integral) or not -len(args) <= i < len(args):
                raise LengthError(
                    f"argnums {i!r} names none of the {len(args)} positional arguments: "
                    "count from 0"
                )
        if len({i % len(args) for i in argnums}) < len(argnums):
            raise LengthError(
                f"argnums {tuple(argnums)!r} names an argument twice: name each of them once"
            )
        if modes.active and identity(Value(0.0)).op is LEAF:
            raise GraphError(
                "within no_grad() nothing is recorded and the derivative would be 0: "
                "take it outside, or use no_grad() inside f alone"
            )
        given = [leaves(args[i]) for i in argnums]
        self.graph = modes.deriving() or any(isinstance(x, Value) for x in leaves(list(args)))
        self.fresh = [
            [identity(x) if isinstance(x, Value) else Value(x) for x in xs] for xs in given
        ]
        self.flat = [*[x for xs in self.fresh for x in xs], *read]
        # What is older does not depend on the arguments, and is not gone through.
        self.since = -inf if read else min(map(age_of, self.flat), default=inf)
        self.trees = [args[i] for i in argnums]
        renewed = list(args)
        for i, tree, xs in zip(argnums, self.trees, self.fresh, strict=True):
            renewed[i] = rebuild(tree, xs)
        self.trees += [list(read)] if read else []
        with modes.differentiating(self.flat):
            self.result = f(*renewed, **options)
        self.roots = [
            z if isinstance(z, Value) else real_number(z, "the result of the function")
            for z in leaves(self.result)
        ]

    def out(self, numbers: Iterable[Any], seeded: bool = False) -> list[Any]:
        """Return Values if the derivative or its seeds are a graph, else floats."""
        if self.graph or seeded:
            return [x if isinstance(x, Value) else literal(x) for x in numbers]
        return [data_of(x) for x in numbers]

    def value(self) -> Any:
        """Return what f returned."""
        return rebuild(self.result, self.out(self.roots))

    def pull(self, seeds: Iterable[tuple[Any, Any]], seeded: bool = False) -> list[Any]:
        """Return the gradients, in the structures of the arguments."""
        numbers = iter(self.out(_pull(seeds, self.flat, self.graph or seeded, self.since), seeded))
        return [rebuild(tree, numbers) for tree in self.trees]


def _positions(argnums: int | Sequence[int]) -> Sequence[int]:
    return (int(argnums),) if isinstance(argnums, int | Integral) else argnums


def gradients(root: Value, wrt: Sequence[Value]) -> list[Value]:
    """Return d(root)/dv for every v, as a graph.

    The graph can be drawn, compiled and differentiated again. Its numbers are
    those of `backward`, bit for bit. No grad is changed.

    Args:
        root: What is differentiated.
        wrt: The Values to differentiate by. Interior nodes are allowed.

    Returns:
        One Value for each v. It is a literal 0 where root does not depend on v.

    Raises:
        StaleValueError: A leaf was changed after an operation had used it.
        DataTypeError: `root` or one of `wrt` is no Value.

    Examples:
        >>> from autograd import Value, gradients
        >>> x = Value(2.0)
        >>> (slope,) = gradients(x**3, [x])
        >>> (curvature,) = gradients(slope, [x])
        >>> slope.data, curvature.data
        (12.0, 12.0)
    """
    for v in (root, *require_list(wrt, "gradients(root, [x])")):
        if not isinstance(v, Value):
            raise DataTypeError(
                f"gradients takes a Value and a list of Values, not {v!r} of type "
                f"{type(v).__name__}: a plain number has no graph"
            )
    found = _pull([(root, 1.0)], wrt, graph=True)
    return [g if isinstance(g, Value) else literal(g + 0.0) for g in found]


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value of f and its gradient.

    Args:
        f: A function that returns one number.
        argnums: The position of the argument to differentiate by, or several.

    Returns:
        A function of the arguments of f. It returns f and df/d(argument), in
        the structure of the argument, or a tuple of them for several argnums.

    Raises:
        DataTypeError: `f` is no function, or does not return one number.
        LengthError: `argnums` names no argument, or one twice.

    Examples:
        >>> from autograd import value_and_grad
        >>> value_and_grad(lambda x: x * x)(3.0)
        (9.0, 6.0)
    """
    check_function(f, "grad")

    def derivative(*args: Any, **options: Any) -> tuple[Any, Any]:
        __tracebackhide__ = True
        call = _Call(f, args, _positions(argnums), options)
        if isinstance(call.result, dict | list | tuple):
            raise DataTypeError(
                "grad takes a function that returns one number, this one returns a "
                f"{type(call.result).__name__}: use jacobian"
            )
        found = call.pull([(call.roots[0], 1.0)])
        return call.value(), found[0] if isinstance(argnums, Integral) else tuple(found)

    return derivative


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return the derivative of f, a function of the same arguments.

    Args:
        f: A function that returns one number.
        argnums: The position of the argument to differentiate by, or several.

    Raises:
        DataTypeError: `f` is no function, or does not return one number.
        LengthError: `argnums` names no argument, or one twice.

    Examples:
        >>> from autograd import grad
        >>> grad(lambda x: x**3)(2.0)
        12.0
        >>> grad(grad(lambda x: x**3))(2.0)
        12.0
        >>> grad(lambda xs: xs[0] * xs[1])([2.0, 5.0])
        [5.0, 2.0]
    """
    both = value_and_grad(f, argnums)

    def derivative(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        return both(*args, **options)[1]

    return derivative


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function that gives the derivative of every result of f.

    Args:
        f: A function that returns a tree of numbers.
        argnums: The position of the argument to differentiate by, or several.

    Returns:
        A function of the arguments of f. Its result has the structure of the
        result of f. In the place of each number stands the gradient of that
        number, in the structure of the argument.

    Raises:
        DataTypeError: `f` is no function.

    Examples:
        >>> from autograd import jacobian
        >>> jacobian(lambda xs: [xs[0] * xs[1], 3.0 * xs[1]])([2.0, 5.0])
        [[5.0, 2.0], [0.0, 3.0]]
    """
    return jacobian_reading(f, argnums, ())


def jacobian_reading(
    f: Callable[..., Any], argnums: int | Sequence[int], read: Sequence[Value]
) -> Callable[..., Any]:
    """Return the jacobian by the arguments argnums and by Values that f reads.

    The gradients by these Values are a list, the last part of each row.
    """
    check_function(f, "jacobian")

    def derivative(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        call = _Call(f, args, _positions(argnums), options, read)
        rows = [call.pull([(z, 1.0)]) for z in call.roots]
        return rebuild(
            call.result, [row[0] if isinstance(argnums, Integral) else tuple(row) for row in rows]
        )

    return derivative


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function that gives the second derivatives of f.

    It is the jacobian of the jacobian.

    Examples:
        >>> from autograd import hessian
        >>> hessian(lambda xs: xs[0] * xs[0] * xs[1])([2.0, 5.0])
        [[10.0, 4.0], [4.0, 0.0]]
    """
    return jacobian(jacobian(f, argnums), argnums)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f and its derivative along tangents, by forward mode.

    One sweep suffices for any number of results. Forward mode agrees with reverse
    mode where every tangent is finite. Elsewhere it may not: the derivative of
    v - v is 0 in reverse mode, and inf - inf here.

    Args:
        f: A function that returns a tree of numbers.
        primals: The arguments of f.
        tangents: Their directions, in the structure of the primals.

    Raises:
        LengthError: The structures of primals and tangents differ.
        DataTypeError: A tangent is no real number, or `f` is no function.

    Examples:
        >>> from autograd import jvp
        >>> jvp(lambda x, y: x * y, [2.0, 5.0], [1.0, 0.0])
        (10.0, 5.0)
    """
    require_list(primals, "jvp(f, [x], [t])")
    _same_structure(primals, tangents, "jvp's primals", "tangents")
    call = _Call(f, primals, range(len(primals)), {})
    along = [
        t if isinstance(t, Value) else real_number(t, "a tangent") for t in leaves(list(tangents))
    ]
    call.graph = call.graph or any(isinstance(t, Value) for t in along)
    moving = {x: t for x, t in zip(call.flat, along, strict=True) if isinstance(t, Value) or t}
    return call.value(), rebuild(
        call.result, call.out(_push(moving, call.roots, call.graph, call.since))
    )


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return f and its pullback, by reverse mode.

    Returns:
        f(*primals), and a function pullback(cotangent). The cotangent has the
        structure of the result of f. The pullback returns a tuple: the
        derivative of sum(cotangent * result) by every primal.

    Raises:
        DataTypeError: `f` is no function.
        LengthError: The cotangent has another structure than the result.

    Examples:
        >>> from autograd import vjp
        >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 5.0)
        >>> value, pullback([1.0, 10.0])
        ([10.0, 7.0], (15.0, 12.0))
    """
    call = _Call(f, primals, range(len(primals)), {})

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        _same_structure(call.result, cotangent, "the result", "cotangent")
        seeds = [
            g if isinstance(g, Value) else real_number(g, "a cotangent") for g in leaves(cotangent)
        ]
        return tuple(
            call.pull(
                zip(call.roots, seeds, strict=True), seeded=any(isinstance(g, Value) for g in seeds)
            )
        )

    return call.value(), pullback


def hvp(f: Callable[..., Any], primals: Sequence[Any], vectors: Sequence[Any]) -> tuple[Any, ...]:
    """Return the product of the Hessian of f at primals with vectors.

    It is forward mode over reverse mode: no Hessian is formed. The result has
    the structure of primals.

    Examples:
        >>> from autograd import hvp
        >>> hvp(lambda xs: xs[0] * xs[0] * xs[1], [[2.0, 5.0]], [[1.0, 0.0]])
        ([10.0, 4.0],)
    """
    product: tuple[Any, ...] = jvp(
        grad(f, range(len(require_list(primals, "hvp(f, [x], [v])")))), primals, vectors
    )[1]
    return product


def require_list(values: Any, call: str) -> Any:
    """Return the values. A lone number or Value is refused.

    Args:
        values: What should be a list.
        call: The call as it should be, for the message.
    """
    if isinstance(values, Value) or not isinstance(values, Iterable):
        raise DataTypeError(f"{values!r} stands where a list is needed, also of one: {call}")
    return values


def _same_structure(one: Any, other: Any, name: str, other_name: str) -> None:
    if _shape(one) != _shape(other):
        raise LengthError(
            f"{name} and {other_name} differ in structure: {_shape(one)} and {_shape(other)}. "
            "Give one number for every number."
        )


def _shape(tree: Any) -> Any:
    if isinstance(tree, dict):
        return [(key, _shape(branch)) for key, branch in tree.items()]
    return [_shape(branch) for branch in tree] if isinstance(tree, list | tuple) else "number"
