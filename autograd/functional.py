"""Derivatives as functions.

`gradients` maps a graph to a graph. `grad`, `jacobian`, `hessian`, `jvp`, `vjp`
and `hvp` map a function to its derivative.

Arguments and results are numbers, or lists, tuples and dicts of them, nested to
any depth. Below this is called a tree. Plain numbers in give plain numbers out.
Values in, or a call inside another derivative, give Values out, which can be
differentiated again.

A differentiated argument reaches the function as a fresh node. Nested
derivatives therefore never mistake one another's variables.
Source: Siskind and Pearlmutter 2005, on perturbation confusion: a derivative
inside another one takes the outer argument for its own.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from numbers import Integral
from typing import Any, cast

from .core import modes
from .core.arguments import LONGEST_OF_SEVERAL, UNORDERED, real_number, refuse_call_of, told
from .core.graph import FIRST, age_of
from .core.primitives import identity
from .core.row import Primitive
from .core.sweeps import pull, push
from .core.value import Value, data_of, literal
from .core.words import names_checked
from .errors import DataTypeError, GraphError, LengthError
from .tracebacks import ending_at_caller

LISTED = "the list has an argument at each place; where one is a list itself, write {}"
_BRANCHES = (dict, list, tuple)
_IDENTITY: Primitive = cast("Any", identity).primitive


def leaves(tree: Any) -> list[Any]:
    """Return the numbers of a tree in order. A dict has the order of its keys."""
    if not isinstance(tree, _BRANCHES):
        return [tree]
    branches = list(tree.values() if isinstance(tree, dict) else tree)
    if not any(issubclass(cls, _BRANCHES) for cls in set(map(type, branches))):
        return branches
    found: list[Any] = []
    for branch in branches:
        if isinstance(branch, _BRANCHES):
            found += leaves(branch)
        else:
            found.append(branch)
    return found


def rebuild(tree: Any, numbers: Iterable[Any]) -> Any:
    """Return a tree of the same structure with these numbers."""
    return _build(tree, iter(numbers))


def _build(tree: Any, following: Iterator[Any]) -> Any:
    if not isinstance(tree, _BRANCHES):
        return next(following)
    branches = tree.values() if isinstance(tree, dict) else tree
    return refilled(tree, [_build(branch, following) for branch in branches])


def refilled(tree: Any, branches: list[Any]) -> Any:
    """Return a list, tuple or dict like this one, of its class, with these branches."""
    cls = type(tree)
    if cls is list:
        return branches
    if cls is tuple:
        return tuple(branches)
    if cls is dict:
        return dict(zip(tree, branches, strict=True))
    if isinstance(tree, tuple):
        try:  # a class may have a way of its own to make one, as that of a named tuple has
            made = tuple.__new__(cls, branches)
        except TypeError:  # Python forbids it for some, such as time.struct_time
            return cls(branches)
        if hasattr(tree, "__dict__"):
            vars(made).update(vars(tree))
        return made
    made = copy.copy(tree)  # with its attributes, and what a defaultdict gives
    if isinstance(tree, dict):
        for key, branch in zip(tree, branches, strict=True):
            dict.__setitem__(made, key, branch)
    else:
        list.__setitem__(made, slice(None), branches)
    return made


def check_function(f: Any, call: str) -> None:
    """Raise DataTypeError if f is no function."""
    if not callable(f):
        raise DataTypeError(
            f"{call} takes a function, not {f!r}: for a Value that is computed already, "
            "gradients(value, [x]) or value.backward()"
        )


class _Call:
    """One call of f, with fresh nodes for the arguments that are differentiated.

    The derivative is taken with respect to `read`, too: Values that f reads.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        argnums: Sequence[int],
        options: dict[str, Any],
        read: Sequence[Value] = (),
    ) -> None:
        if modes.active and identity(Value(0.0)).op is not _IDENTITY:
            raise GraphError(
                "within no_grad() nothing is recorded and the derivative would be 0: "
                "take it outside, or use no_grad() inside f alone"
            )
        given = [leaves(args[i]) for i in argnums]
        classes = set(map(type, leaves(list(args))))
        self.graph = modes.deriving() or any(issubclass(cls, Value) for cls in classes)
        fresh = [[_renewed(x) for x in xs] for xs in given]
        self.flat = [*[x for xs in fresh for x in xs], *read]
        # What is older does not depend on the arguments, and is skipped.
        self.since = FIRST if read else min(map(age_of, self.flat), default=FIRST)
        self.trees = [args[i] for i in argnums]
        renewed = list(args)
        for i, tree, xs in zip(argnums, self.trees, fresh, strict=True):
            renewed[i] = rebuild(tree, xs)
        self.trees += [list(read)] if read else []
        self.private = not read  # the nodes that f makes are this call's own
        try:
            with modes.differentiating(self.flat):
                self.result = f(*renewed, **options)
        except Exception as error:
            ending_at_caller(error)
            raise
        self.roots = [
            z if isinstance(z, Value) else real_number(z, "the result of the function")
            for z in leaves(self.result)
        ]

    def out(self, numbers: Iterable[Any], graph: bool) -> list[Any]:
        """Return Values if graph, else floats."""
        if graph:
            return [x if isinstance(x, Value) else literal(x) for x in numbers]
        return [data_of(x) for x in numbers]

    def value(self) -> Any:
        """Return what f returned."""
        return rebuild(self.result, self.out(self.roots, self.graph))

    def pull(self, cotangents: Iterable[tuple[Any, Any]]) -> list[Any]:
        """Return the gradients, in the structures of the arguments."""
        cotangents = list(cotangents)
        graph = self.graph or any(isinstance(g, Value) for _, g in cotangents)
        found = pull(cotangents, self.flat, graph, self.since, self.private)
        numbers = iter(self.out(found, graph))
        return [rebuild(tree, numbers) for tree in self.trees]


def _renewed(x: Any) -> Value:
    """Return a new node for a number or a Value that is differentiated."""
    if x.__class__ is float:  # as most are
        return Value(x)
    if isinstance(x, Value):
        return identity(x)
    numbers = not isinstance(x, (float, str, bytes)) and hasattr(x, "__iter__")
    if numbers and getattr(x, "shape", None) != ():
        remedy = "x.tolist()" if hasattr(x, "tolist") else "list(x)"
        raise DataTypeError(
            "a derivative is taken by numbers, and lists, tuples and dicts of them, "
            f"not by {told(x)} of type {type(x).__name__}: give {remedy}"
        )
    return Value(x)


def check_argnums(argnums: Any, call: str) -> None:
    """Raise DataTypeError unless this is a position or a list of them.

    Args:
        argnums: What was given.
        call: The function that takes it. It is called with f alone by most, and
            numbers that stand here belong into a second pair of parentheses.
    """
    positions = (argnums,) if isinstance(argnums, (int, Integral)) else argnums
    if isinstance(positions, Sequence) and all(isinstance(i, (int, Integral)) for i in positions):
        return
    numbers = told(argnums, LONGEST_OF_SEVERAL)
    raise DataTypeError(
        "argnums is the position of an argument, 0, 1, ..., or a list of them, "
        f"not {told(argnums)}: {call} returns a function, which takes the arguments of f, "
        f"as in {call}(f)({'x' if argnums is None else numbers})"
    )


def _positions(argnums: int | Sequence[int], args: Sequence[Any]) -> Sequence[int]:
    """Return argnums as a list of positions.

    Raises:
        LengthError: They name no argument, or one twice.
    """
    positions = (argnums,) if isinstance(argnums, (int, Integral)) else argnums
    for i in positions:
        if not -len(args) <= i < len(args):
            raise LengthError(
                f"argnums {told(i)} names none of the {len(args)} positional arguments: "
                "count from 0"
            )
    if len({i % len(args) for i in positions}) < len(positions):
        raise LengthError(
            f"argnums {tuple(positions)!r} names an argument twice: name each of them once"
        )
    return positions


@names_checked
def gradients(root: Value, wrt: Sequence[Value]) -> list[Value]:
    """Return d(root)/dv for every v, as a graph.

    The graph can be drawn, compiled and differentiated again. Its numbers are
    those of `backward`, bit for bit but for the sign of a zero. No grad is changed.

    Args:
        root: What is differentiated.
        wrt: The Values to differentiate with respect to, also interior nodes.

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
    wrt = require_list(wrt, "gradients(root, [x])")
    for v in (root, *wrt):
        if not isinstance(v, Value):
            raise DataTypeError(
                f"gradients takes a Value and a list of Values, not {v!r} of type "
                f"{type(v).__name__}: a plain number has no graph"
            )
    found = pull([(root, 1.0)], wrt, graph=True)
    return [g if isinstance(g, Value) else literal(g + 0.0) for g in found]


@names_checked
def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value of f and its gradient.

    Args:
        f: A function that returns one number.
        argnums: The position of the argument to differentiate with respect to, or
            several.

    Returns:
        A function of the arguments of f. It returns f and df/d(argument), in
        the structure of the argument, or a tuple of them for several argnums.

    Raises:
        DataTypeError: `f` is no function, or does not return one number, or `argnums`
            is no position.
        LengthError: `argnums` names no argument, or one twice.

    Examples:
        >>> from autograd import value_and_grad
        >>> value_and_grad(lambda x: x * x)(3.0)
        (9.0, 6.0)
    """
    check_function(f, "value_and_grad")
    check_argnums(argnums, "value_and_grad")

    def derivative(*args: Any, **options: Any) -> tuple[Any, Any]:
        call = _Call(f, args, _positions(argnums, args), options)
        for kind in (dict, list, tuple):
            if isinstance(call.result, kind):
                raise DataTypeError(
                    "grad takes a function that returns one number, this one returns a "
                    f"{kind.__name__}: use jacobian"
                )
        found = call.pull([(call.roots[0], 1.0)])
        return call.value(), found[0] if isinstance(argnums, Integral) else tuple(found)

    return derivative


@names_checked
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return the derivative of f, a function of the same arguments.

    Args:
        f: A function that returns one number.
        argnums: The position of the argument to differentiate with respect to, or
            several.

    Returns:
        A function of the arguments of f. Plain numbers give plain numbers, through
        which no gradient flows. Where the derivative is a part of a loss, pass
        Values: their derivative is a Value, and gradients flow through it to all
        parameters that f uses.

    Raises:
        DataTypeError: `f` is no function, or does not return one number, or `argnums`
            is no position.
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
    check_function(f, "grad")
    check_argnums(argnums, "grad")
    both = value_and_grad(f, argnums)

    def derivative(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return derivative


@names_checked
def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function that gives the derivative of every result of f.

    Args:
        f: A function that returns a tree of numbers.
        argnums: The position of the argument to differentiate with respect to, or
            several.

    Returns:
        A function of the arguments of f. Its result has the structure of the
        result of f. In the place of each number stands the gradient of that
        number, in the structure of the argument.

    Raises:
        DataTypeError: `f` is no function, or `argnums` is no position.

    Examples:
        >>> from autograd import jacobian
        >>> jacobian(lambda xs: [xs[0] * xs[1], 3.0 * xs[1]])([2.0, 5.0])
        [[5.0, 2.0], [0.0, 3.0]]
    """
    check_function(f, "jacobian")
    check_argnums(argnums, "jacobian")
    return jacobian_reading(f, argnums, ())


def jacobian_reading(
    f: Callable[..., Any], argnums: int | Sequence[int], read: Sequence[Value]
) -> Callable[..., Any]:
    """Return the jacobian with respect to the arguments argnums and Values that f reads.

    The gradients with respect to these Values are a list, the last part of each
    row.
    """

    def derivative(*args: Any, **options: Any) -> Any:
        call = _Call(f, args, _positions(argnums, args), options, read)
        rows = [call.pull([(z, 1.0)]) for z in call.roots]
        return rebuild(
            call.result, [row[0] if isinstance(argnums, Integral) else tuple(row) for row in rows]
        )

    return derivative


@names_checked
def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function that gives the second derivatives of f.

    It is the jacobian of the jacobian.

    Examples:
        >>> from autograd import hessian
        >>> hessian(lambda xs: xs[0] * xs[0] * xs[1])([2.0, 5.0])
        [[10.0, 4.0], [4.0, 0.0]]
    """
    check_function(f, "hessian")
    check_argnums(argnums, "hessian")
    return jacobian(jacobian(f, argnums), argnums)


@names_checked
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f and its derivative along tangents, by forward mode.

    One sweep suffices for any number of results. Forward mode agrees with reverse
    mode where nothing overflows or underflows on the way, neither a tangent nor a
    gradient. Elsewhere it may not: where the tangent of v is infinite, the derivative
    of v - v is 0 in reverse mode, and inf - inf here. Factors of 1e-300, 1e200 and
    1e200 have a finite product in this order, and an infinite one in the other.

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
    check_function(f, "jvp")
    primals = require_list(primals, "jvp(f, [x], [t])")
    if isinstance(tangents, Iterator):
        tangents = list(tangents)
    _same_structure(primals, tangents, "jvp's primals", "tangents")
    try:
        call = _Call(f, primals, range(len(primals)), {})
    except TypeError:
        _refuse_spread(f, primals, LISTED.format("jvp(f, [xs], [ts])"))
        raise
    along = [
        t if isinstance(t, Value) else real_number(t, "a tangent") for t in leaves(list(tangents))
    ]
    call.graph = call.graph or any(isinstance(t, Value) for t in along)
    moving = {x: t for x, t in zip(call.flat, along, strict=True) if isinstance(t, Value) or t}
    found = call.out(push(moving, call.roots, call.graph, call.since), call.graph)
    return call.value(), rebuild(call.result, found)


@names_checked
def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return f and its pullback, by reverse mode.

    Returns:
        f(*primals), and a function pullback(cotangent). The cotangent has the
        structure of the result of f. The pullback returns a tuple: the derivative
        of sum(cotangent * result) with respect to every primal.

    Raises:
        DataTypeError: `f` is no function.
        LengthError: The cotangent has another structure than the result.

    Examples:
        >>> from autograd import vjp
        >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 2.0, 5.0)
        >>> value, pullback([1.0, 10.0])
        ([10.0, 7.0], (15.0, 12.0))
    """
    check_function(f, "vjp")
    try:
        call = _Call(f, primals, range(len(primals)), {})
    except TypeError:
        _refuse_spread(f, primals, "an argument of f stands at each place, as in vjp(f, x)")
        raise
    call.private = False  # two threads may call the pullback at once

    @names_checked
    def pullback(cotangent: Any) -> tuple[Any, ...]:
        _same_structure(call.result, cotangent, "the result", "cotangent")
        gs = [
            g if isinstance(g, Value) else real_number(g, "a cotangent") for g in leaves(cotangent)
        ]
        return tuple(call.pull(zip(call.roots, gs, strict=True)))

    return call.value(), pullback


@names_checked
def hvp(f: Callable[..., Any], primals: Sequence[Any], vectors: Sequence[Any]) -> tuple[Any, ...]:
    """Return the product of the Hessian of f at primals with vectors.

    It is forward mode over reverse mode: no Hessian is formed. The result has
    the structure of primals.

    Examples:
        >>> from autograd import hvp
        >>> hvp(lambda xs: xs[0] * xs[0] * xs[1], [[2.0, 5.0]], [[1.0, 0.0]])
        ([10.0, 4.0],)
    """
    check_function(f, "hvp")
    primals = require_list(primals, "hvp(f, [x], [v])")
    try:
        product: tuple[Any, ...] = jvp(grad(f, range(len(primals))), primals, vectors)[1]
    except TypeError:
        _refuse_spread(f, primals, LISTED.format("hvp(f, [xs], [vs])"))
        raise
    return product


def _refuse_spread(f: Callable[..., Any], primals: Sequence[Any], advice: str) -> None:
    """Raise DataTypeError if f takes more or fewer arguments than there are primals.

    Args:
        f: The function.
        primals: Its arguments, in a list.
        advice: How the call should be.
    """
    try:
        refuse_call_of(f, getattr(f, "__name__", "f"), primals, (), advice)
    except DataTypeError as error:
        raise error from None
    except ValueError:  # of C, without a signature
        pass


def require_list(values: Any, call: str) -> Any:
    """Return the values, as a list if they can be gone through once. A lone one is refused.

    Args:
        values: What should be a list.
        call: The call as it should be, for the message.
    """
    if not isinstance(values, (list, tuple)) and (
        isinstance(values, (Value, *UNORDERED))
        or not isinstance(values, Iterable)
        or getattr(values, "shape", None) == ()
    ):
        raise DataTypeError(f"{told(values)} stands where a list is needed, also of one: {call}")
    return values if hasattr(values, "__len__") else list(values)


def _same_structure(one: Any, other: Any, name: str, other_name: str) -> None:
    if not _alike(one, other):
        raise LengthError(
            f"{name} and {other_name} differ in structure: {_shape(one)} and {_shape(other)}. "
            "Give one number for every number."
        )


def _alike(one: Any, other: Any) -> bool:
    """Return whether two trees have the same structure. A list counts as a tuple."""
    if not isinstance(one, _BRANCHES) or not isinstance(other, _BRANCHES):
        return not isinstance(one, _BRANCHES) and not isinstance(other, _BRANCHES)
    if isinstance(one, dict) or isinstance(other, dict):
        if not isinstance(one, dict) or not isinstance(other, dict) or [*one] != [*other]:
            return False
        one, other = one.values(), other.values()
    return len(one) == len(other) and all(map(_alike, one, other))


def _shape(tree: Any) -> Any:
    if isinstance(tree, dict):
        return [(key, _shape(branch)) for key, branch in tree.items()]
    return [_shape(branch) for branch in tree] if isinstance(tree, list | tuple) else "number"
