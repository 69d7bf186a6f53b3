"""Derivatives as functions: gradients maps a graph to a graph; grad, jacobian, hessian, jvp, vjp and hvp map a function to its derivative.

A differentiated argument reaches the function as a fresh node of its own, so that nested derivatives never mistake one another's variables
(Siskind and Pearlmutter 2005, on perturbation confusion). Arguments and results may be numbers, or lists, tuples and dicts of them, nested to
any depth: below, a tree. Plain numbers in give plain numbers out; Values in, or a call inside another derivative, give Values out, which can
be differentiated again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from typing import Any

from .core import modes
from .core.arguments import real_number
from .core.graph import check_not_stale, topological_order
from .core.primitives import dot, identity, scale
from .core.row import LEAF, LITERAL
from .core.value import Value, data_of, literal
from .errors import DataTypeError, GraphError, LengthError


def leaves(tree: Any) -> list[Any]:
    """The numbers of a tree, in order; a dict's in the order of its keys."""
    branches = tree.values() if isinstance(tree, dict) else tree
    return (
        [leaf for branch in branches for leaf in leaves(branch)]
        if isinstance(tree, dict | list | tuple)
        else [tree]
    )


def rebuild(tree: Any, numbers: Iterable[Any]) -> Any:
    """A tree of the same structure with these numbers."""
    return _build(tree, iter(numbers))


def _build(tree: Any, following: Iterator[Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _build(branch, following) for key, branch in tree.items()}
    if isinstance(tree, list | tuple):
        branches = [_build(branch, following) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(following)


def _known(x: Any) -> float:
    """The number of x; 0.0 for a traced Value, whose number is not known yet."""
    return data_of(x) if x.__class__ is float or x.__class__ is Value else 0.0


def _stops(z: Value, i: int, p: Any, graph: bool) -> bool:
    """Whether p, the partial of z by its i-th parent, is None or the plain number 0, so that nothing is passed on, be it infinite."""
    if p is None:
        return True
    if (p.__class__ is not float and p.__class__ is not int) or p != 0:
        return False
    if graph:
        return any(x.op is LITERAL for x in z.parents)
    return z.gives_plain_zero(i)


def _product(p: Any, g: Any) -> Any:
    """p * g, but no node for a factor of 1 or -1."""
    if p.__class__ is float and (p == 1.0 or p == -1.0):
        return g if p == 1.0 else -g
    return p * g


def _total(terms: list[Any]) -> Any:
    """The sum of the products of partials and adjoints, which take turns in the list, from left to right as backward adds them."""
    if len(terms) == 2:
        return _product(*terms)
    if len(terms) == 4:
        return _product(*terms[:2]) + _product(*terms[2:])
    return dot((*terms[::2], *terms[1::2]))


def _pull(seeds: Iterable[tuple[Any, Any]], wrt: Sequence[Value], graph: bool) -> list[Any]:
    """Reverse mode: the sum over seeds (z, g) of g * dz/dv for every v of wrt, added in the order of backward; 0.0 where no z depends on v."""
    terms: dict[Value, list[Any]] = {}  # what has reached a node so far, for _total
    for z, g in seeds:
        if isinstance(z, Value):
            terms.setdefault(z, []).extend((1.0, g))
    order = topological_order(*terms)
    check_not_stale(order)
    found: dict[Value, Any] = dict.fromkeys(wrt, 0.0)
    interpreter = modes.current() if modes.active else None
    for z in reversed(order):
        reached, parents = terms.pop(z, None), z.parents
        if reached is None or not (parents or z in found):
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
                if x.op is not LITERAL and not _stops(z, i, p, graph):
                    term: Any = (p, g)
                    if op.singular or not isfinite(
                        _known(p)
                    ):  # a zero adjoint stops even an infinite partial
                        term = (1.0, scale(g, p))
                    if x in terms:
                        terms[x] += term
                    else:
                        terms[x] = [*term]
    return [found[v] for v in wrt]


def _push(tangents: dict[Value, Any], roots: Sequence[Any], graph: bool) -> list[Any]:
    """Forward mode: the derivative of every root along the tangents of the nodes given."""
    order = topological_order(*[z for z in roots if isinstance(z, Value)])
    check_not_stale(order)
    unbounded: set[Value] = set()  # nodes whose tangent may be infinite
    for z in order:
        if z not in tangents:
            for i, (x, p) in enumerate(zip(z.parents, z.partials(graph), strict=True)):
                if x in tangents and not _stops(z, i, p, graph):
                    t = tangents[x]
                    term = (
                        scale(p, t) if x in unbounded or not isfinite(_known(t)) else _product(p, t)
                    )
                    tangents[z] = tangents[z] + term if z in tangents else term
                    if z.op.singular or x in unbounded:
                        unbounded.add(z)
    return [tangents.get(z, 0.0) if isinstance(z, Value) else 0.0 for z in roots]


def check_function(f: Any, call: str) -> None:
    """Raise DataTypeError if f is no function."""
    if not callable(f):
        raise DataTypeError(
            f"{call} takes a function, not {f!r}: for a Value that is computed already, gradients(value, [x]) or value.backward()"
        )


class _Call:
    """One call of f with fresh nodes for the arguments that are differentiated; `read` are further Values to differentiate by, which f reads."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        argnums: Sequence[int],
        options: dict[str, Any],
        read: Sequence[Value] = (),
    ) -> None:
        check_function(f, "a derivative")
        for i in argnums:
            if not isinstance(i, int) or not -len(args) <= i < len(args):
                raise LengthError(
                    f"argnums {i!r} names none of the {len(args)} positional arguments: count from 0"
                )
        if len({i % len(args) for i in argnums}) < len(argnums):
            raise LengthError(
                f"argnums {tuple(argnums)!r} names an argument twice: its derivative could not be told apart"
            )
        if modes.active and identity(Value(0.0)).op is LEAF:
            raise GraphError(
                "within no_grad() nothing is recorded and the derivative would be 0: take it outside, or use no_grad() inside f alone"
            )
        given = [leaves(args[i]) for i in argnums]
        self.graph = modes.deriving() or any(isinstance(x, Value) for x in leaves(list(args)))
        self.fresh = [
            [identity(x) if isinstance(x, Value) else Value(x) for x in xs] for xs in given
        ]
        self.flat = [*[x for xs in self.fresh for x in xs], *read]
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
        """Numbers as they leave: Values if the derivative, or what seeds it, is a graph, else floats."""
        if self.graph or seeded:
            return [x if isinstance(x, Value) else literal(x) for x in numbers]
        return [data_of(x) for x in numbers]

    def value(self) -> Any:
        return rebuild(self.result, self.out(self.roots))

    def pull(self, seeds: Iterable[tuple[Any, Any]], seeded: bool = False) -> list[Any]:
        """The gradients, in the structures of the arguments."""
        numbers = iter(self.out(_pull(seeds, self.flat, self.graph or seeded), seeded))
        return [rebuild(tree, numbers) for tree in self.trees]


def _positions(argnums: int | Sequence[int]) -> Sequence[int]:
    return (argnums,) if isinstance(argnums, int) else argnums


def gradients(root: Value, wrt: Sequence[Value]) -> list[Value]:
    """d(root)/dv for every v of wrt, as Values: a graph that can be drawn, compiled and differentiated again; a literal 0 where root does not
    depend on v. v may be an interior node. The numbers are those of backward, bit for bit. Raises StaleValueError as backward does, DataTypeError
    if root or one of wrt is no Value.
    """
    for v in (root, *require_list(wrt, "gradients(root, [x])")):
        if not isinstance(v, Value):
            raise DataTypeError(
                f"gradients takes a Value and a list of Values, not {v!r} of type {type(v).__name__}: a plain number has no graph"
            )
    found = _pull([(root, 1.0)], wrt, graph=True)
    return [g if isinstance(g, Value) else literal(g + 0.0) for g in found]


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., tuple[Any, Any]]:
    """A function of the arguments of f that returns (f, df/d(argument)), the gradient in the structure of the argument argnums, or a tuple of
    them if argnums is a sequence. Raises DataTypeError if f is no function; the function does unless f returns one number.
    """
    check_function(f, "grad")

    def derivative(*args: Any, **options: Any) -> tuple[Any, Any]:
        call = _Call(f, args, _positions(argnums), options)
        if isinstance(call.result, dict | list | tuple):
            raise DataTypeError(
                f"grad takes a function that returns one number, this one returns a {type(call.result).__name__}: use jacobian"
            )
        found = call.pull([(call.roots[0], 1.0)])
        return call.value(), found[0] if isinstance(argnums, int) else tuple(found)

    return derivative


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function of the arguments of f that returns df/d(argument): the second of what value_and_grad(f, argnums) returns."""
    both = value_and_grad(f, argnums)
    return lambda *args, **options: both(*args, **options)[1]


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns the derivative of every result of f by every number of the argument: for each number of the result, in the
    result's structure, its gradient in the structure of the argument. Raises DataTypeError if f is no function.
    """
    return jacobian_reading(f, argnums, ())


def jacobian_reading(
    f: Callable[..., Any], argnums: int | Sequence[int], read: Sequence[Value]
) -> Callable[..., Any]:
    """The jacobian by the arguments argnums and, with a list of gradients as its last part, by Values that f reads."""
    check_function(f, "jacobian")

    def derivative(*args: Any, **options: Any) -> Any:
        call = _Call(f, args, _positions(argnums), options, read)
        rows = [call.pull([(z, 1.0)]) for z in call.roots]
        return rebuild(
            call.result, [row[0] if isinstance(argnums, int) else tuple(row) for row in rows]
        )

    return derivative


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns the second derivatives of f: the jacobian of the jacobian."""
    return jacobian(jacobian(f, argnums), argnums)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """(f(*primals), its derivative along tangents), by forward mode: one sweep for any number of results.

    It agrees with reverse mode where every tangent is finite. Elsewhere v - v, say, has the derivative 0 in reverse and inf - inf here.
    primals and tangents are sequences of arguments of the same structure; raises LengthError where they are not.
    """
    require_list(primals, "jvp(f, [x], [t])")
    _same_structure(primals, tangents, "jvp's primals", "tangents")
    call = _Call(f, primals, range(len(primals)), {})
    along = [
        t if isinstance(t, Value) else real_number(t, "a tangent") for t in leaves(list(tangents))
    ]
    call.graph = call.graph or any(isinstance(t, Value) for t in along)
    moving = {x: t for x, t in zip(call.flat, along, strict=True) if isinstance(t, Value) or t}
    return call.value(), rebuild(call.result, call.out(_push(moving, call.roots, call.graph)))


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """(f(*primals), pullback), by reverse mode: pullback(cotangent), of the structure of the result, returns a tuple with the derivative of
    sum(cotangent * result) by every primal.
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
    """The product of the Hessian of f at primals with vectors, in the structure of primals: forward mode over reverse, no Hessian is formed."""
    product: tuple[Any, ...] = jvp(
        grad(f, range(len(require_list(primals, "hvp(f, [x], [v])")))), primals, vectors
    )[1]
    return product


def require_list(values: Any, call: str) -> Any:
    """`values`, if they are several; a lone number or Value is refused, with the call as it should be."""
    if isinstance(values, Value) or not isinstance(values, Iterable):
        raise DataTypeError(f"{values!r} stands where a list is needed, also of one: {call}")
    return values


def _same_structure(one: Any, other: Any, name: str, other_name: str) -> None:
    if _shape(one) != _shape(other):
        raise LengthError(
            f"{name} and {other_name} differ in structure: {_shape(one)} and {_shape(other)}. Give one number for every number."
        )


def _shape(tree: Any) -> Any:
    if isinstance(tree, dict):
        return [(key, _shape(branch)) for key, branch in tree.items()]
    return [_shape(branch) for branch in tree] if isinstance(tree, list | tuple) else "number"
