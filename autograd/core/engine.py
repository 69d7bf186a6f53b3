"""How a row of the table becomes functions that make nodes.

Each row gets a function for its shape: one operand, two, three, or a list. Such
a closure, which knows its row, takes half the time of one function for all.
`apply` is the long way, for what a closure does not expect: numbers of other
types, literals, an active interpreter.

The lines that fill in a node are repeated in each closure. A function for them
would make every operation a tenth slower.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import functools
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from numbers import Real
from typing import Any, NoReturn, Protocol, cast, overload

from ..errors import DataTypeError
from . import modes
from .arguments import NOTHING, check_order, pythons_own, real_number, told
from .modes import active
from .row import NOT_COMPUTED, Primitive
from .value import Operand, Value, clock, data_of
from .words import WORDS, names_checked, refuse_options, refuse_places


class Unary(Protocol):
    """The type of the function of a row with one operand.

    It gives a float for floats, and a Value where one is among the operands.
    """

    @overload
    def __call__(self, x: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, /) -> float: ...


class Binary(Protocol):
    """The type of the function of a row with two operands."""

    @overload
    def __call__(self, x: Value, y: Operand, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: float, /) -> float: ...


class Listed(Protocol):
    """The type of the function of a row on a list."""

    @overload
    def __call__(self, xs: Sequence[Value], /) -> Value: ...
    @overload
    def __call__(self, xs: Sequence[float], /) -> float: ...
    @overload
    def __call__(self, xs: Sequence[Operand], /) -> Any: ...


_new = cast("Callable[[type[Value]], Value]", Value.__new__)


def check_domain(op: Primitive, operands: Sequence[float]) -> None:
    """Raise the row's error if the operands lie outside its domain."""
    if op.violates is not None and (
        op.violates(operands) if op.arity is None else op.violates(*operands)
    ):
        call = f"{op.name}({', '.join(map(repr, operands))})"
        remedy = (
            "Give it a list that is not empty."
            if not operands
            else "Keep its operands there (clip, maximum), or choose another form."
            if "inf" in op.domain or any(map(str.isdigit, op.domain))
            else "Give it operands that are so."
        )
        raise op.error(f"{call}: {op.formula} is defined for {op.domain}. {remedy}")


class Recorder(modes.Interpreter):
    """The outermost interpreter: it makes a node of every operation."""

    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        """Return a new node."""
        data = [data_of(x) for x in operands]
        if checked:
            check_domain(op, data)
        z = _new(Value)
        z._data = op.forward(data) if op.arity is None else op.forward(*data)
        z._grad, z._primitive, z._born = NOT_COMPUTED, op, next(clock)
        z._a, z._b = (*operands, None)[:2] if op.arity in (1, 2) else (operands, None)
        return z

    def read(self, value: Value) -> float:
        """Return the number of a Value."""
        return value._data

    def compare(self, relation: Callable[[float, float], bool], x: Value, y: Operand) -> bool:
        """Return whether the relation holds between the numbers."""
        return relation(data_of(x), data_of(y))

    def draw(self, source: Callable[[], float]) -> Operand:
        """Return a random number."""
        return source()

    def written(self, values: Sequence[Value]) -> None:
        """Any leaf may be set."""

    def shown(self, value: Value) -> None:
        """Any Value may be shown."""

    def refused(self, error: Exception) -> None:
        """Nobody looks at what is refused."""

    def pulls(self, node: Value, g: float) -> None:
        """Nobody looks at backward."""

    def pushes(self) -> None:
        """Nobody looks at forward mode."""

    def pushed(self, roots: Sequence[Any], tangents: Mapping[Value, Any]) -> None:
        """Nobody looks at forward mode."""


RECORDER = Recorder()


class _NoGrad(modes.Interpreter):
    """An interpreter that makes leaves."""

    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        z: Value = self.outer.apply(op, operands, checked)
        return Value(z._data) if z.__class__ is Value else z.detach()


@names_checked
def no_grad() -> modes.Interpreting:
    """Record no graph: the operations of this thread give leaves.

    Use it as `with no_grad():` or as a decorator.

    Examples:
        >>> from autograd import Value, no_grad
        >>> with no_grad():
        ...     y = Value(3.0) * 2.0
        >>> y.data, y.parents
        (6.0, ())
    """
    return modes.interpreting(_NoGrad(), RECORDER)


_NODES_AND_NUMBERS = {Value, float}


def apply(op: Primitive, operands: Sequence[Any], checked: bool) -> Any:
    """Return op of any operands. Plain numbers alone give a plain number.

    Args:
        op: The primitive.
        operands: Numbers of any type and Values.
        checked: Whether the domain must hold.

    Raises:
        DataTypeError: An operand is not a real number.
        DomainError: The operands lie outside the domain.
    """
    classes = set(map(type, operands))  # few, of lists that may be long
    known: Sequence[Any] = operands
    others = classes - _NODES_AND_NUMBERS
    if others and not all(issubclass(cls, Value) for cls in others):
        known = []
        try:
            for x in operands:  # a comprehension would be a frame of its own in tracebacks
                known.append(x if isinstance(x, Value) else real_number(x, op.name))
        except DataTypeError as error:
            if any(isinstance(x, Value) for x in operands):
                raise
            raise DataTypeError(f"{error}{pythons_own(op.name)}") from None
        classes = set(map(type, known))
    if classes == _NODES_AND_NUMBERS and not active and op.arity != 3:
        function = op.function if checked else op.total  # for an int, say, that is a float now
        return function(known) if op.arity is None else function(*known)
    if Value in classes or any(issubclass(cls, Value) for cls in classes):
        return (modes.current() or RECORDER).apply(op, tuple(known), checked)
    if checked:
        check_domain(op, known)
    return op.forward(known) if op.arity is None else op.forward(*known)


def apply_operator(op: Primitive, operands: Sequence[Any], checked: bool) -> Any:
    """Do what `apply` does, as an operator: a NumPy array is left to its own operator.

    That one comes back here with each of its elements.
    """
    x, y = operands
    if x.__class__ is Value and y.__class__ is int:  # as in x + 1
        return op.function(x, real_number(y, op.name))
    if x.__class__ is int and y.__class__ is Value:
        return op.function(real_number(x, op.name), y)
    for x in operands:
        known = isinstance(x, (Value, float, int))
        if not known and hasattr(x, "__array_ufunc__") and not isinstance(x, Real):
            return NotImplemented
    return apply(op, operands, checked)


def make_unary(op: Primitive, checked: bool) -> Callable[[Any], Any]:
    """Return the function of a row with one operand."""
    forward, violates = op.forward, op.violates if checked else None

    def function(x: Any = NOTHING, *others: Any, **options: Any) -> Any:
        if x.__class__ is Value and not (active or others or options):
            if violates is not None and violates(x._data):
                check_domain(op, (x._data,))
            z = _new(Value)
            z._data = forward(x._data)
            z._grad = NOT_COMPUTED
            z._primitive = op
            z._a = x
            z._b = None
            z._born = next(clock)
            return z
        if options:
            refuse_options(f"{op.name}(x)", options, op.names)
        if others or x is NOTHING:
            refuse_places(f"{op.name}(x)", () if x is NOTHING else (x, *others), 1)
        if x.__class__ is not float:
            return apply(op, (x,), checked)
        if violates is not None:
            check_domain(op, (x,))
        return forward(x)

    def total(x: Any) -> Any:
        """Most operands of rules are floats."""
        return forward(x) if x.__class__ is float else function(x)

    return function if checked else total


def make_binary(
    op: Primitive, checked: bool, otherwise: Callable[..., Any] = apply
) -> Callable[[Any, Any], Any]:
    """Return the function of a row with two operands.

    Args:
        op: The row.
        checked: Whether the domain must hold.
        otherwise: It does what this function does not expect.
    """
    forward, violates = op.forward, op.violates if checked else None

    def function(x: Any, y: Any) -> Any:
        if x.__class__ is Value:
            a = x._data
            if y.__class__ is Value:
                b = y._data
            elif y.__class__ is float:
                b = y
            else:
                return otherwise(op, (x, y), checked)
        elif x.__class__ is float:
            a = x
            if y.__class__ is Value:
                b = y._data
            elif y.__class__ is float:
                if violates is not None:
                    check_domain(op, (x, y))
                return forward(x, y)
            else:
                return otherwise(op, (x, y), checked)
        else:
            return otherwise(op, (x, y), checked)
        if active:
            return otherwise(op, (x, y), checked)
        if violates is not None and violates(a, b):
            check_domain(op, (a, b))
        z = _new(Value)
        z._data = forward(a, b)
        z._grad = NOT_COMPUTED
        z._primitive = op
        z._a = x
        z._b = y
        z._born = next(clock)
        return z

    return function


def make_named(op: Primitive, checked: bool) -> Callable[[Any, Any], Any]:
    """Return the function of a row with two operands, which looks at the names of arguments.

    Operators do without: they are the quick function itself.
    """
    quick = make_binary(op, checked)
    if not checked:  # for rules
        return quick

    def function(x: Any = NOTHING, y: Any = NOTHING, *others: Any, **options: Any) -> Any:
        if options or others or y is NOTHING:
            if options:
                refuse_options(f"{op.name}(x, y)", options, op.names)
            given = [x, y, *others][: 2 + len(others) - (x is NOTHING) - (y is NOTHING)]
            refuse_places(f"{op.name}(x, y)", given, 2)
        return quick(x, y)

    return function


def make_ternary(op: Primitive, checked: bool) -> Callable[[Any, Any, Any], Any]:
    """Return the function of a row with three operands."""
    forward, violates = op.forward, op.violates if checked else None

    def function(x: Any, y: Any, z: Any) -> Any:
        if x.__class__ is float and y.__class__ is float and z.__class__ is float:
            if violates is not None:
                check_domain(op, (x, y, z))
            return forward(x, y, z)
        return apply(op, (x, y, z), checked)

    return function


def make_named_ternary(op: Primitive, checked: bool) -> Callable[..., Any]:
    """Return the function of a row with three operands, which looks at all arguments."""
    quick = make_ternary(op, checked)
    if not checked:  # for rules
        return quick

    def function(*operands: Any, **options: Any) -> Any:
        if options:
            refuse_options(f"{op.name}(x, y, w)", options, op.names)
        if len(operands) != 3:
            refuse_places(f"{op.name}(x, y, w)", operands, 3)
        return quick(*operands)

    return function


def make_listed(op: Primitive, checked: bool) -> Callable[[Sequence[Any]], Any]:
    """Return the function of a row on a list."""
    forward, violates = op.forward, op.violates if checked else None

    def function(xs: Any = NOTHING, /, *others: Any, **options: Any) -> Any:
        if others or options:
            refuse_call(op, (xs, *others), options)
        cls = xs.__class__
        if cls is not list and cls is not tuple:
            check_order(f"{op.name} takes a list of numbers", xs)
        try:
            operands = tuple(xs)
        except TypeError:
            if hasattr(xs, "__iter__") and getattr(xs, "shape", None) != ():
                raise
            refuse_call(op, (xs,), {})
        if active or Value not in map(type, operands):
            return apply(op, operands, checked)
        try:
            data: Any = [x if x.__class__ is float else x._data for x in operands]
        except AttributeError:  # a number of another type
            data = None
        if data is None:
            return apply(op, operands, checked)
        if violates is not None and violates(data):
            check_domain(op, data)
        z = _new(Value)
        z._data = forward(data)
        z._grad = NOT_COMPUTED
        z._primitive = op
        z._a = operands
        z._b = None
        z._born = next(clock)
        return z

    return function


def refuse_call(op: Primitive, arguments: Sequence[Any], options: dict[str, Any]) -> NoReturn:
    """Raise DataTypeError for a call that is not of one list, as Python's max and sum allow."""
    arguments = [x for x in arguments if x is not NOTHING]
    if options and len(arguments) == 1 and (word := next(iter(options))) in WORDS:
        refuse_options(f"{op.name}(xs)", [word], op.names)
    given = [*map(told, arguments), *[f"{key}={told(x)}" for key, x in options.items()]]
    pair = {"max": "maximum(x, y)", "min": "minimum(x, y)"}.get(op.name)
    two = f", or {pair} of two numbers" if pair else ""
    raise DataTypeError(
        f"{op.name}({', '.join(given)}): autograd.{op.name} takes one list, "
        f"{op.name}([x, y, ...]){two}{pythons_own(op.name)}"
    ) from None


_LISTS = {list, tuple}


def make_paired(op: Primitive, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of a bilinear row, on two lists of the same length.

    Tuples are kept as they are. Nodes on the same inputs or weights share them.

    Args:
        op: The row.
        otherwise: The same function for all that this one does not expect. Its name,
            but for an underscore, and its text are taken.
    """

    def function(xs: Any = NOTHING, ys: Any = NOTHING, *others: Any, **options: Any) -> Any:
        if (
            others
            or options
            or active
            or xs.__class__ not in _LISTS
            or ys.__class__ not in _LISTS
            or len(xs) != len(ys)
            or not xs
            or xs[0].__class__ is not Value
        ):
            given = [x for x in (xs, ys) if x is not NOTHING]
            return otherwise(*given, *others, **options)
        data: Any = 0.0
        try:
            for x, y in zip(xs, ys, strict=True):
                data += x._data * (y if y.__class__ is float else y._data)
        except AttributeError:  # a number where the weights are, or of another type
            data = None
        if data is None:
            return otherwise(xs, ys)
        z = _new(Value)
        z._data = data
        z._grad = NOT_COMPUTED
        z._primitive = op
        z._a = tuple(xs)
        z._b = tuple(ys)
        z._born = next(clock)
        return z

    functools.update_wrapper(function, otherwise)
    function.__name__ = function.__qualname__ = otherwise.__name__.lstrip("_")
    return function


# What help and editors show of a row's function, by its arity.
_SHOWN = {
    1: signature(lambda x, /: None),
    2: signature(lambda x, y, /: None),
    3: signature(lambda x, y, w, /: None),
    None: signature(lambda xs, /: None),
}


def make_function(op: Primitive, checked: bool) -> Callable[..., Any]:
    """Return the function of a row, on numbers and Values alike."""
    makers: dict[int | None, Callable[[Primitive, bool], Callable[..., Any]]] = {
        1: make_unary,
        2: make_named,
        3: make_named_ternary,
        None: make_listed,
    }
    function = makers[op.arity](op, checked)
    function.__signature__ = _SHOWN[op.arity]  # type: ignore[attr-defined]
    return function
