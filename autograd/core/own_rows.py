"""Rows of one's own: what their functions return is looked at.

The functions of the table give numbers, as its tests prove, and cost nothing
more. Those of a row that a user adds may give anything, such as None where a
`return` was forgotten, or a bool. It is
refused where it appears, by an error that names the row. Further on it would be
an error of another place, or a wrong number.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import builtins
import functools
from collections.abc import Callable, Sequence
from inspect import signature
from types import CodeType
from typing import Any

from ..errors import DataTypeError, DomainError, LengthError, PrimitiveError
from ..tracebacks import ending_at_caller
from . import ieee
from .arguments import UNORDERED, real_number, told
from .modes import active
from .protocols import Protocols
from .row import PRIMITIVES, Primitive, Rule

# Functions of `math` that give no float.
_NO_FLOATS = {"ceil", "floor", "trunc", "factorial", "comb", "perm", "gcd", "lcm", "isqrt"}
_NO_FLOATS |= {"isfinite", "isinf", "isnan", "isclose", "modf", "frexp"}


_TEXTS = ("domain", "kinks", "limits", "summary", "formula", "source", "symbol", "latex", "python")


def check_facts(op: Primitive, rules: Sequence[Rule]) -> None:
    """Check what a new row says of itself, and how many operands its functions take.

    Raises:
        DataTypeError: A fact has the wrong type.
        PrimitiveError: The domain is no expression in the operands, or a function
            takes another number of operands.
    """
    for fact in _TEXTS:
        if not isinstance(text := getattr(op, fact), str):
            raise DataTypeError(f"{fact} of {op.name} is a text, not {told(text)}")
    if not isinstance(op.derivatives, (list, tuple)) or not all(
        isinstance(text, str) for text in op.derivatives
    ):
        raise DataTypeError(
            f"derivatives of {op.name} is a list of texts, such as ['cos(x)'], "
            f"not {told(op.derivatives)}"
        )
    if not (isinstance(op.error, type) and issubclass(op.error, DomainError)):
        raise DataTypeError(
            f"error of {op.name} is DomainError or a subclass of it, not {told(op.error)}"
        )
    if op.precedence not in (None, 1, 2, 3, 4):
        raise DataTypeError(f"precedence of {op.name} is 1 to 4 or None, not {told(op.precedence)}")
    if op.composition is not None and not callable(op.composition):
        raise DataTypeError(
            f"composition of {op.name} is a function of the operands, not {told(op.composition)}"
        )
    if op.bilinear and op.arity not in (None, 2):
        raise PrimitiveError(f"{op.name} is bilinear only with two operands, or with a list")
    if op.domain:
        _check_domain(op)
    listed = op.arity is None
    _check_count(f"forward of {op.name}", op.forward, 1 if listed else op.arity or 0)
    for rule in rules:
        if callable(rule):
            n = 2 if listed else (op.arity or 0) + 1
            _check_count(f"a partial of {op.name}", rule, n, " and then z, the result")


def _check_domain(op: Primitive) -> None:
    """Raise PrimitiveError unless the domain is an expression in the operands."""
    example = "such as 'x > 0' or 'len(xs) > 0'"
    try:
        parts = [compile(op.domain, f"<domain of {op.name}>", "eval")]
    except (SyntaxError, ValueError) as error:
        raise PrimitiveError(
            f"the domain {op.domain!r} of {op.name} is no Python expression, {example}: {error}"
        ) from None
    known = {*op.names, "inf", *dir(builtins)}
    while parts:  # a loop within the expression is a part of its own
        part = parts.pop()
        parts += [x for x in part.co_consts if isinstance(x, CodeType)]
        if unknown := [name for name in part.co_names if name not in known]:
            raise PrimitiveError(
                f"the domain {op.domain!r} of {op.name} names {unknown[0]}, "
                f"and it can name {', '.join(op.names)} and inf, {example}"
            )


def _check_count(what: str, function: Callable[..., Any], n: int, then: str = "") -> None:
    """Raise PrimitiveError unless a function can be called with n arguments."""
    try:
        taken = signature(function)
    except (TypeError, ValueError):  # of C, without a signature
        return
    try:
        taken.bind(*range(n))
    except TypeError as error:
        raise PrimitiveError(
            f"{what} is called with {n} argument{'s' * (n != 1)}, the operand{'s' * (n > 1)}{then}"
            f", and takes {taken}: {error}"
        ) from None


def checked_forward(name: str, forward: Callable[..., Any]) -> Callable[..., float]:
    """Return forward, such that what it returns is a float.

    A function that is known to give floats stays as it is, for the compiler knows
    it, too.
    """
    module = getattr(forward, "__module__", None)
    if (
        module == ieee.__name__
        or (module == "math" and getattr(forward, "__name__", "") not in _NO_FLOATS)
        or any(op.forward is forward for op in PRIMITIVES.values())
    ):
        return forward

    @functools.wraps(forward, updated=())
    def checked(*operands: Any) -> float:
        try:
            z = forward(*operands)
        except Exception as error:
            ending_at_caller(error)
            raise
        return z if z.__class__ is float else _real(z, f"forward of {name}", operands)

    return checked


def checked_rule(name: str, rule: Rule, listed: bool) -> Rule:
    """Return a partial, such that it gives a number, or a Value for Values.

    The rule of a list gives as many as the list has operands, and None for some.
    """
    if not callable(rule):
        return rule
    what = f"the partial of {name}"

    @functools.wraps(rule, updated=())
    def checked(*operands: Any) -> Any:
        try:
            p = rule(*operands)
        except Exception as error:
            ending_at_caller(error)
            raise
        return p if p.__class__ is float else _partial(p, what, operands)

    @functools.wraps(rule, updated=())
    def checked_list(xs: Sequence[Any], z: Any) -> list[Any]:
        try:
            found = rule(xs, z)
        except Exception as error:
            ending_at_caller(error)
            raise
        if not hasattr(found, "__len__") or isinstance(found, (str, bytes, *UNORDERED)):
            raise DataTypeError(
                f"the rule of {name} gives a list, dz/dx for each of its operands, "
                f"not {told(found)} of type {type(found).__name__}"
            )
        if len(found) != len(xs):
            raise LengthError(
                f"the rule of {name} gave {len(found)} partials for {len(xs)} operands: "
                "one for each is needed, in their order"
            )
        kept = []
        for p in found:
            known = p is None or p.__class__ is float
            kept.append(p if known else _partial(p, what, (xs, z)))
        return kept

    return checked_list if listed else checked


def _partial(p: Any, what: str, operands: Sequence[Any]) -> Any:
    """Return a partial: a Value where an operand is one, else a float."""
    if isinstance(p, Protocols):
        # A rule may compute with a Value from outside. Of plain numbers its number counts.
        return p if active or _has_values(operands) else p._data
    return _real(p, what, operands)


def _has_values(operands: Sequence[Any]) -> bool:
    """Return whether a Value is among them, also in a list."""
    xs = operands[0] if operands and isinstance(operands[0], (list, tuple)) else operands
    return any(isinstance(x, Protocols) for x in xs)


def _real(z: Any, what: str, operands: Sequence[Any]) -> Any:
    """Return z as a float. What was computed from Values, as jit tries to, is one.

    Raises:
        DataTypeError: It is no real number. The error says of what.
    """
    if isinstance(z, Protocols):
        if _has_values(operands):
            return z
        remedy = "forward takes floats and gives a float: read .data of a Value from outside"
    elif z is None:
        remedy = "does it lack a return?"
    elif isinstance(z, bool):
        remedy = "write float(...)"
    else:
        try:
            return real_number(z, what)
        except DataTypeError:
            remedy = "give a number such as 2.0"
    call = ", ".join(map(told, operands))
    raise DataTypeError(
        f"{what} gave {told(z)} of type {type(z).__name__}, not a number, for ({call}): {remedy}"
    ) from None
