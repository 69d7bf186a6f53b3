"""Lists of outputs: what a layer gives, and what a loss gets for a whole batch."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any, NoReturn

from autograd import Value
from autograd.errors import AbsentError, DataTypeError
from autograd.extending import ending_at_caller, leaves, real_number, rebuild, told

from .data.checks import is_sequence


class Outputs(list[Any]):
    """The list that a Layer gives, and that of all positions of a sequence.

    Arithmetic with it is refused.

    Python would answer `-1 * outputs` with an empty list, `x + outputs` with a
    longer list, and `outputs - y` with a message that says nothing about models.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        raise AbsentError(f"a list has no {name!r}: {self.advice()}")

    def __format__(self, spec: str) -> str:
        return _refused(self) if spec else str(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(map(_is_number_of_numpy, inputs)):
            return _refused(self)
        lists = [[*x] if isinstance(x, Outputs) else x for x in inputs]
        return getattr(ufunc, method)(*lists, **options)

    def advice(self) -> str:
        """Return in words how to get at the numbers."""
        if self and is_sequence(self[0]):
            return (
                f"a sequence gives a list of the outputs of its {len(self)} positions: go through "
                "them, as in [[2 * u for u in o] for o in outputs]"
            )
        wanted = "outputs[0] is its one output" if len(self) == 1 else "compute with its elements"
        return (
            f"a model gives a list of outputs, here {len(self)}; {wanted}, "
            "and a loss such as nn.mse takes the outputs of all rows"
        )


def _refused(outputs: Outputs, *others: Any) -> Any:
    """Raise DataTypeError for arithmetic with a list of outputs."""
    raise DataTypeError(f"arithmetic takes Values and numbers, and {outputs.advice()}")


def _not_joined(first: Sequence[Any], second: Sequence[Any]) -> NoReturn:
    """Raise DataTypeError for the + of two lists, of which one is of outputs."""
    nested = any(map(is_sequence, (*first, *second)))
    adding = "[p + q for p, q in zip(a, b)]"
    adding = f"[{adding} for a, b in zip(xs, ys)]" if nested else adding
    a, b = ("xs", "ys") if nested else ("a", "b")
    raise DataTypeError(
        f"+ of lists joins them, here {told(first)} and {told(second)}, and adds no numbers: write "
        f"{adding} to add, [*{a}, *{b}] to join, or {a}.extend({b})"
    )


def _added(outputs: Outputs, other: Any) -> Any:
    """The operators outputs + other and outputs += other."""
    if isinstance(other, (list, tuple)):
        _not_joined(outputs, other)
    # An array computes with lists.
    is_array = hasattr(other, "shape") and not _is_number_of_numpy(other)
    return NotImplemented if is_array else _refused(outputs)


def _added_to(outputs: Outputs, other: Any) -> Any:
    """The operator other + outputs."""
    return _not_joined(other, outputs) if isinstance(other, (list, tuple)) else _refused(outputs)


def _is_number_of_numpy(x: object) -> bool:
    """Whether this is a number of NumPy's, or an array of one number without a list."""
    return not isinstance(x, Value) and getattr(x, "shape", None) == ()


def _beside_numbers(name: str) -> Any:
    """The operator of a list, which refuses a number or a Value beside it."""
    of_lists: Any = getattr(list, name)

    def operator(outputs: Outputs, other: Any) -> Any:
        if isinstance(other, (Real, Value)) or _is_number_of_numpy(other):
            _refused(outputs)
        if hasattr(other, "shape"):
            return NotImplemented  # an array computes with lists
        return of_lists(outputs, other)

    return operator


for _name in ("sub", "mul", "truediv", "pow", "mod", "floordiv", "divmod", "matmul"):
    setattr(Outputs, f"__{_name}__", _refused)
    setattr(Outputs, f"__r{_name}__", _refused)
for _name, _operator in (("add", _added), ("iadd", _added), ("radd", _added_to)):
    setattr(Outputs, f"__{_name}__", _operator)
for _name in ("imul", "neg", "abs", "float", "int", "round"):
    setattr(Outputs, f"__{_name}__", _refused)
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Outputs, f"__{_name}__", _beside_numbers(f"__{_name}__"))


class Predictions(Outputs):
    """What `nn.predict` gives: the outputs of each row as plain floats.

    Other libraries give an array there, of which `predictions > 0.5` is one, too.
    Those of many batches are collected by `collected += nn.predict(model, X)`. Python
    asks `__radd__` before it extends a list, and does not say which of the two it does.
    """

    __slots__ = ()
    __iadd__ = _beside_numbers("__iadd__")

    def __radd__(self, other: Any) -> Any:
        collects = isinstance(other, list) and not isinstance(other, Outputs)
        return NotImplemented if collects else _added_to(self, other)

    def advice(self) -> str:
        """Return in words how to compute with rows."""
        output = "o[0]" if self and is_sequence(self[0]) else "o"
        return (
            f"nn.predict gives a list of the outputs of {len(self)} rows: go through them, as in "
            f"`[{output} > 0.5 for o in nn.predict(model, X)]`, or write "
            "`numpy.array(nn.predict(model, X))`"
        )


class Batch(Outputs):
    """The outputs of all rows, as losses and metrics get them.

    NumPy would make rows and columns of the two lists in `outputs - targets`, and
    so pair each output with each target.
    """

    __slots__ = ()

    def advice(self) -> str:
        """Return in words how to compute with rows."""
        output = "o[0]" if self and is_sequence(self[0]) else "o"
        return (
            f"a loss or a metric gets the outputs and the targets of all rows, here {len(self)} "
            f"of each: go through the rows, as in `autograd.mean([({output} - t) ** 2 "
            "for o, t in zip(outputs, targets)])`"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if len(inputs) > 1:
            return _refused(self)
        return getattr(ufunc, method)([*self], **options)


def as_lists(outputs: Sequence[Any]) -> list[Any]:
    """Return the outputs of rows, with lists in the place of arrays."""
    return [
        o.tolist() if not isinstance(o, (list, tuple, Value)) and hasattr(o, "tolist") else o
        for o in outputs
    ]


def as_floats(outputs: Sequence[Any]) -> Predictions:
    """Return the outputs of rows as floats. Raises DataTypeError for what is no number."""
    rows = as_lists(outputs)
    numbers = [x if isinstance(x, Value) else real_number(x, "an output") for x in leaves(rows)]
    return Predictions(rebuild(rows, map(float, numbers)))


def cost_of(loss: Callable[..., Any], outputs: Sequence[Any], targets: Sequence[Any]) -> Value:
    """Return the loss of a batch. Raises DataTypeError for what is no Value."""
    cost = of_batch(loss, outputs, targets)
    if not isinstance(cost, Value):
        advice = ": take autograd.mean of it" if isinstance(cost, (list, tuple)) else ""
        raise DataTypeError(
            f"a loss is a Value computed from the outputs, not {told(cost)}{advice}"
        )
    return cost


def of_batch(
    function: Callable[[Any, Any], Any], outputs: Sequence[Any], targets: Sequence[Any]
) -> Any:
    """Return what a loss or a metric gives for a batch.

    Raises:
        DataTypeError: The function takes the output and the target of one row.
        Exception: What else it raises.
    """
    try:
        return function(Batch(outputs), targets)
    except Exception as error:
        one_row = isinstance(error, (TypeError, AttributeError))
        call = _call_for_one_row(function, outputs, targets) if one_row else ""
        if not call:
            ending_at_caller(error)
            raise
        raise DataTypeError(
            f"a loss or a metric gets the outputs and the targets of all rows, here {len(outputs)} "
            f"of each, and {getattr(function, '__name__', function)} takes those of one row: "
            f"call it f and give `lambda outputs, targets: autograd.mean([{call} "
            "for o, t in zip(outputs, targets)])`"
        ) from error


def _call_for_one_row(
    function: Callable[[Any, Any], Any], outputs: Sequence[Any], targets: Sequence[Any]
) -> str:
    """Return the call by which a function works for one row; "" if there is none."""
    calls: dict[str, Callable[[Any], Any]] = {
        "f(o, t)": lambda o: o,
        "f(o[0], t)": lambda o: o[0],
        "f([o], t)": lambda o: [o],
    }
    for call, given in calls.items():
        with suppress(Exception):  # of any kind: then it takes no such row
            if isinstance(function(given(outputs[0]), targets[0]), (Value, Real)):
                return call
    return ""
