"""How a row of the table becomes functions, and how the chain rule runs through one node.

Both are made once a row and by its shape: a closure that knows its row and its arity takes half the time of one function for all. `apply` is
the long way, for whatever the closures do not expect: numbers of other types, literals, an active interpreter. Each closure fills in its node by
itself, in the same lines: a call for it takes a tenth longer, at every operation.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from numbers import Real
from typing import Any, cast

from . import modes, value
from .modes import active
from .protocols import real_number
from .row import NOT_COMPUTED, Primitive
from .value import Operand, Value

_new = cast("Callable[[type[Value]], Value]", Value.__new__)
Pull = Callable[[Value, float], None]


def number(x: Operand) -> float:
    return x._data if isinstance(x, Value) else x


def check_domain(op: Primitive, operands: Sequence[float]) -> None:
    """Raise the row's error if the operands lie outside its domain."""
    if op.violates is not None and (op.violates(operands) if op.arity is None else op.violates(*operands)):
        call = f"{op.name}({', '.join(map(repr, operands))})"
        remedy = "Keep its operands there (clip, maximum), or choose another form." if operands else "Give it a list that is not empty."
        raise op.error(f"{call}: {op.formula} is defined for {op.domain}. {remedy}")


class Recorder(modes.Interpreter):
    """The outermost interpreter: an operation is recorded as a node."""

    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        data = [number(x) for x in operands]
        if checked:
            check_domain(op, data)
        z = _new(Value)
        z._data = op.forward(data) if op.arity is None else op.forward(*data)
        z._grad, z._op, z._epoch = NOT_COMPUTED, op, value.epoch
        z._a, z._b = (*operands, None)[:2] if op.arity in (1, 2) else (operands, None)
        return z

    def read(self, value: Value) -> float:
        return value._data

    def compare(self, relation: Callable[[float, float], bool], x: Value, y: Operand) -> bool:
        return relation(number(x), number(y))

    def draw(self, source: Callable[[], float]) -> Operand:
        return source()

    def pulls(self, node: Value, g: float) -> None:
        pass


RECORDER = Recorder()


class _NoGrad(modes.Interpreter):
    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        return super().apply(op, operands, checked).detach()


def no_grad() -> AbstractContextManager[None]:
    """Within `with no_grad():` the operations of this thread give leaves: no graph is recorded."""
    return modes.interpreting(_NoGrad(), RECORDER)


def apply(op: Primitive, operands: Sequence[Any], checked: bool) -> Any:
    """op on any operands; numbers alone give a number. Raises DataTypeError for what is no number."""
    if op.precedence and any(hasattr(x, "__array_ufunc__") and not isinstance(x, Real) for x in operands):
        return NotImplemented  # the operator of a NumPy array: it comes back here with each of its elements
    known = tuple([x if isinstance(x, Value) else real_number(x, op.name) for x in operands])
    if any(isinstance(x, Value) for x in known):
        return (modes.current() or RECORDER).apply(op, known, checked)
    data = cast("tuple[float, ...]", known)
    if checked:
        check_domain(op, data)
    return op.forward(data) if op.arity is None else op.forward(*data)


def unary(op: Primitive, checked: bool) -> Callable[[Any], Any]:
    forward, violates = op.forward, op.violates if checked else None

    def function(x: Any) -> Any:
        if x.__class__ is float:
            if violates is not None:
                check_domain(op, (x,))
            return forward(x)
        if x.__class__ is not Value or active:
            return apply(op, (x,), checked)
        if violates is not None and violates(x._data):
            check_domain(op, (x._data,))
        z = _new(Value)
        z._data = forward(x._data)
        z._grad = NOT_COMPUTED
        z._op = op
        z._a = x
        z._b = None
        z._epoch = value.epoch
        return z

    return function


def binary(op: Primitive, checked: bool) -> Callable[[Any, Any], Any]:
    forward, violates = op.forward, op.violates if checked else None

    def function(x: Any, y: Any) -> Any:
        if x.__class__ is Value:
            a = x._data
            if y.__class__ is Value:
                b = y._data
            elif y.__class__ is float:
                b = y
            else:
                return apply(op, (x, y), checked)
        elif x.__class__ is float:
            a = x
            if y.__class__ is Value:
                b = y._data
            elif y.__class__ is float:
                if checked:
                    check_domain(op, (x, y))
                return forward(x, y)
            else:
                return apply(op, (x, y), checked)
        else:
            return apply(op, (x, y), checked)
        if active:
            return apply(op, (x, y), checked)
        if violates is not None and violates(a, b):
            check_domain(op, (a, b))
        z = _new(Value)
        z._data = forward(a, b)
        z._grad = NOT_COMPUTED
        z._op = op
        z._a = x
        z._b = y
        z._epoch = value.epoch
        return z

    return function


def ternary(op: Primitive, checked: bool) -> Callable[[Any, Any, Any], Any]:
    forward, violates = op.forward, op.violates if checked else None

    def function(x: Any, y: Any, z: Any) -> Any:
        if x.__class__ is float and y.__class__ is float and z.__class__ is float:
            if violates is not None:
                check_domain(op, (x, y, z))
            return forward(x, y, z)
        return apply(op, (x, y, z), checked)

    return function


def listed(op: Primitive, checked: bool) -> Callable[[Sequence[Any]], Any]:
    forward, violates = op.forward, op.violates if checked else None

    def function(xs: Sequence[Any]) -> Any:
        operands = tuple(xs)
        if active or Value not in map(type, operands):
            return apply(op, operands, checked)
        try:
            data = [x if x.__class__ is float else x._data for x in operands]
        except AttributeError:  # a number of another type
            return apply(op, operands, checked)
        if violates is not None and violates(data):
            check_domain(op, data)
        z = _new(Value)
        z._data = forward(data)
        z._grad = NOT_COMPUTED
        z._op = op
        z._a = operands
        z._b = None
        z._epoch = value.epoch
        return z

    return function


def paired(op: Primitive) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    """A bilinear row on two lists of the same length. Tuples are kept as they are, so that nodes on the same inputs or weights share them."""

    def function(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
        if active or not xs or xs[0].__class__ is not Value:
            return op.function((*xs, *ys))
        data = 0.0
        try:
            for x, y in zip(xs, ys, strict=True):
                data += x._data * (y if y.__class__ is float else y._data)
        except AttributeError:  # a number where the weights are, or of another type
            return op.function((*xs, *ys))
        z = _new(Value)
        z._data = data
        z._grad = NOT_COMPUTED
        z._op = op
        z._a = tuple(xs)
        z._b = tuple(ys)
        z._epoch = value.epoch
        return z

    return function


def make_function(op: Primitive, checked: bool) -> Callable[..., Any]:
    """The function of a row, on numbers and Values alike."""
    makers: dict[int | None, Callable[[Primitive, bool], Callable[..., Any]]] = {1: unary, 2: binary, 3: ternary, None: listed}
    return makers[op.arity](op, checked)


# The pulls: parent.grad += dz/dparent * g for every parent of one node, for each shape of row. A literal has no grad to add to, and its
# partial is not evaluated. A bare float is told from a Value by its class, which is the quickest test there is. A product and a pair of two lists
# are written out alike: a call for each pair makes backward through nn's layers 4 % slower.


def pull_unary(op: Primitive) -> Pull:
    (rule,) = cast("tuple[Callable[..., float] | float]", op.partials)
    if not callable(rule):
        return _pull_constants(op)

    def pull(z: Value, g: float) -> None:
        x = z._a
        if x.__class__ is Value:
            x._grad += rule(x._data, z._data) * g

    return pull


def _pull_constants(op: Primitive) -> Pull:
    p, q = (*cast("tuple[float, ...]", op.partials), 0.0)[:2]

    def pull(z: Value, g: float) -> None:
        x, y = z._a, z._b
        if p and x.__class__ is Value:
            x._grad += p * g
        if q and y.__class__ is Value:
            y._grad += q * g

    return pull


def pull_binary(op: Primitive) -> Pull:
    rules = cast("tuple[Any, Any]", op.partials)
    if not callable(rules[0]) and not callable(rules[1]):
        return _pull_constants(op)
    dx, dy = [rule if callable(rule) else lambda x, y, z, constant=rule: constant for rule in rules]

    def pull(z: Value, g: float) -> None:
        x, y = z._a, z._b
        a = x if x.__class__ is float else x._data
        b = y if y.__class__ is float else y._data
        if x.__class__ is Value:
            x._grad += dx(a, b, z._data) * g
        if y.__class__ is Value:
            y._grad += dy(a, b, z._data) * g

    return pull


def pull_product(z: Value, g: float) -> None:
    """A bilinear row of two: each operand's partial is the other."""
    x, y = z._a, z._b
    if x.__class__ is Value:
        if y.__class__ is Value:  # most often; then no more tests are needed
            x._grad += y._data * g
            y._grad += x._data * g
        else:
            x._grad += (y if y.__class__ is float else y._data) * g
    elif y.__class__ is Value:
        y._grad += (x if x.__class__ is float else x._data) * g


def pull_products(z: Value, g: float) -> None:
    """A bilinear row of two lists: the same, pair by pair, the order that `Primitive.sweep_order` tells the others."""
    xs, ys = z._a, z._b
    if ys is None:
        xs, ys = xs[: len(xs) // 2], xs[len(xs) // 2 :]
    for x, y in zip(xs, ys, strict=True):
        if x.__class__ is Value:
            if y.__class__ is Value:  # most often
                x._grad += y._data * g
                y._grad += x._data * g
            else:
                x._grad += (y if y.__class__ is float else y._data) * g
        elif y.__class__ is Value:
            y._grad += (x if x.__class__ is float else x._data) * g


def pull_list(op: Primitive) -> Pull:
    def pull(z: Value, g: float) -> None:
        data = [number(x) for x in z._a]
        wanted = [x.__class__ is Value for x in z._a]
        for x, p in zip(z._a, op.partials_at(data, z._data, wanted), strict=True):
            if p is not None:
                x._grad += p * g

    return pull


def make_pull(op: Primitive) -> Pull:
    """The chain rule at a node of this row."""
    if op.bilinear:
        return pull_products if op.arity is None else pull_product
    return {1: pull_unary, 2: pull_binary, 3: pull_list, None: pull_list}[op.arity](op)
