"""audit: a recorded graph computed again with more digits."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import operator
import sys
from collections.abc import Callable, Sequence
from numbers import Rational
from typing import Any, NamedTuple

from .analysis.notation import visible
from .core.arguments import told, within
from .core.graph import check_not_stale, topological_order
from .core.row import LEAF, LITERAL, PRIMITIVES
from .core.value import Value
from .core.words import names_checked
from .drawing import Drawing, draw
from .errors import ArgumentError, DataTypeError
from .grid import Grid
from .optional import load

_DIGITS = (50, 200, 800)  # tried in turn, until two agree
_AGREE = 30  # to so many digits
_HALF_ULP = sys.float_info.epsilon / 2.0
_LONG = 20_000  # bits of a fraction's numerator or denominator, beyond which digits do
_STEEP = 64  # the exponent up to which a power is multiplied out
_SHOWN = 10  # rows of the table


class AuditedNode(NamedTuple):
    """What audit found at one node.

    Attributes:
        node: The node.
        number: Its place in the graph, parents first, as `draw` counts.
        exact: The float nearest to its value with more digits.
        error: How far its number is from that value, in units in the last place.
        own: How far it would be if its operands were exact, in the same units.
        lost: How many decimal digits its worst operand has right and it has not.
        known: Whether its row is computed with more digits. The number of another
            row is taken as it is.
        fraction: Whether its value is an exact fraction, so that `exact` is right
            without a doubt. It is where sums, products, quotients and choices alone
            lead from the leaves to the node.
    """

    node: Value
    number: int
    exact: float
    error: float
    own: float
    lost: float
    known: bool
    fraction: bool

    @property
    def name(self) -> str:
        """The node in words: its place, and its label or its function."""
        return f"#{self.number} {visible(self.node.label or self.node.op.symbol)}"


class Audit:
    """The errors of every node of a graph, as `audit` found them.

    Attributes:
        nodes: Every node that an operation made, parents first.
    """

    def __init__(self, nodes: list[AuditedNode]) -> None:
        self.nodes = nodes

    @property
    def worst(self) -> list[AuditedNode]:
        """The nodes that lost a digit or more, the worst first."""
        lossy = [audited for audited in self.nodes if audited.lost >= 1.0]
        return sorted(lossy, key=lambda audited: -audited.lost)

    def draw(self) -> Drawing:
        """Draw the graph, with what was lost beside each node that lost digits."""
        names = {
            f"{audited.lost:.1f} digits lost at #{audited.number}": audited.node
            for audited in self.worst
        }
        root = self.nodes[-1].node
        return draw(root, names=names, highlight=list(names.values()))

    def _grid(self) -> Grid:
        root = self.nodes[-1]
        notes = [
            f"With more digits the result {root.node.data!r} is {root.exact!r}: "
            f"an error of {root.error:.3g} ulp."
        ]
        notes += [
            f"{audited.name} lost {audited.lost:.1f} digits: its operands are "
            f"{', '.join(repr(parent.data) for parent in audited.node.parents[:4])}."
            for audited in self.worst[:1]
        ]
        if not self.worst:
            notes.append("No node lost a digit.")
        if root.fraction:
            notes.append("The result is an exact fraction, rounded once.")
        if unknown := [audited.name for audited in self.nodes if not audited.known]:
            some = ", ".join(unknown[:3])
            notes.append(f"No formula gives them with more digits: {some}.")
        shown = self.worst[:_SHOWN] or [root]
        rows = [
            (
                audited.name,
                f"{audited.node.data!r}",
                f"{audited.exact!r}",
                f"{audited.error:.3g}",
                f"{audited.own:.3g}",
                f"{audited.lost:.1f}",
            )
            for audited in shown
        ]
        head = ("node", "data", "exact", "error in ulp", "its own", "digits lost")
        return Grid("Where digits were lost", head, rows, notes)

    def __str__(self) -> str:
        return str(self._grid())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the report as a table for a notebook."""
        return self._grid().html()


@names_checked
def audit(root: Value, at_most: int = 10_000) -> Audit:
    """Compute a recorded graph again with more digits, and say where digits were lost.

    The numbers of the leaves are taken as exact. Where sums, products, quotients and
    choices lead from them to a node, it is computed as an exact fraction. Every other
    node is computed with 50 digits, or with 200 or 800 where 50 do not settle it.
    Its error is the distance of its float from that number, in units in the last
    place. A difference of nearly equal numbers loses digits although its own rounding
    is exact.

    A derivative is a graph, too: `audit(gradients(loss, [w])[0])` audits it.

    It needs mpmath: `pip install mpmath`.

    Args:
        root: The result, such as a loss.
        at_most: How many nodes the graph may have.

    Returns:
        The errors: as a table and in words, and with `draw()` on the picture.

    Raises:
        DataTypeError: `root` is not the result of an operation.
        ArgumentError: The graph has more nodes.
        StaleValueError: A leaf was changed after an operation had used it.
        MissingDependencyError: mpmath is not installed.

    Examples:
        >>> from autograd import Value, audit, exp
        >>> x = Value(1e-9)
        >>> print(audit((exp(x) - 1.0) / x))
        node                   data                   exact  error in ulp  its own  digits lost
        #3 -  1.000000082740371e-09  1.0000000005000001e-09      3.98e+08        0          8.9
        With more digits the result 1.000000082740371 is 1.0000000005: an error of 3.7e+08 ulp.
        #3 - lost 8.9 digits: its operands are 1.000000001, 1.0.
    """
    if not isinstance(root, Value) or root.op in (LEAF, LITERAL):
        raise DataTypeError(
            f"audit takes the result of an operation, such as a loss, not {told(root)}"
        )
    within(locals(), at_most="1, 2, ...")
    order = topological_order(root)
    if len(order) > at_most:
        raise ArgumentError(
            f"the graph has {len(order):,} nodes, more than at_most={at_most:,}: "
            "audit a part of it, or allow more"
        )
    check_not_stale(order)
    context = load("mpmath", "audit needs").MPContext()
    functions = _functions(context)
    values: list[Any] = []
    for digits in _DIGITS:
        context.dps = digits
        before, (values, known) = values, _computed(order, context, functions)
        tolerance = context.mpf(10) ** -_AGREE
        if before and all(
            _is_fraction(y) or abs(x - y) <= tolerance * abs(y)
            for x, y in zip(before, values, strict=True)
        ):
            break
    exact = dict(zip(order, values, strict=True))
    relative: dict[Value, float] = {}
    nodes = []
    for i, node in enumerate(order):
        z = exact[node]
        relative[node] = _relative(node.data, z)
        if node.op in (LEAF, LITERAL):
            continue
        own = z
        if known[i]:
            operands = [_exactly(parent.data, context) for parent in node.parents]
            again = _apply(node, operands, context, functions)
            own = z if again is None else again
        before_it = max([_HALF_ULP, *[relative[parent] for parent in node.parents]])
        lost = max(0.0, math.log10(min(1.0, max(relative[node], _HALF_ULP)) / min(1.0, before_it)))
        nodes.append(
            AuditedNode(
                node,
                i,
                _nearest(z),
                _error(node.data, z),
                _error(node.data, own),
                lost,
                known[i],
                _is_fraction(z),
            )
        )
    return Audit(nodes)


def _functions(mp: Any) -> dict[str, Callable[..., Any]]:
    """Return the functions of the rows in mpmath, by name.

    A row's formula is its function. Some rows stand here: mpmath has them, or
    their formula is in words, or it is for a list.
    """

    def halves(xs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        return xs[: len(xs) // 2], xs[len(xs) // 2 :]

    functions: dict[str, Callable[..., Any]] = {
        "stop_gradient": lambda x: x,
        "clip": lambda x, y, w: min(max(x, y), w),
        "pow": _power,
        "take": lambda xs: xs[int(xs[-1])],
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "log2": lambda x: mp.log(x, 2),
        "sinc": mp.sincpi,
        "sum": sum,
        "mean": lambda xs: sum(xs) / len(xs),
        "prod": math.prod,
        "dot": lambda xs: sum(map(operator.mul, *halves(xs))),
        "norm": mp.norm,
        "max": max,
        "min": min,
        "logsumexp": lambda xs: mp.log(mp.fsum(map(mp.exp, xs))),
        "surprise": lambda xs: mp.log1p(mp.fsum([mp.exp(x - xs[-1]) for x in xs[:-1]])),
    }
    names = "exp expm1 log log1p log10 sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh"
    names += " atanh erf erfc floor ceil sqrt hypot"
    functions |= {name: getattr(mp, name) for name in names.split()}
    scope = {"max": max, "min": min, "abs": abs, "pi": mp.pi}
    for op in PRIMITIVES.values():
        if op.arity is not None and op.name not in functions:
            text = f"lambda {', '.join(op.names)}: {op.formula}"
            try:
                functions[op.name] = eval(text, scope)
            except SyntaxError:
                continue  # words
    scope |= {name: f for name, f in functions.items() if name not in scope}
    return functions


def _computed(
    order: Sequence[Value], context: Any, functions: dict[str, Callable[..., Any]]
) -> tuple[list[Any], list[bool]]:
    """Return the value of every node, and whether its row could be computed."""
    values: dict[Value, Any] = {}
    known = []
    for node in order:
        z = None
        if node.op not in (LEAF, LITERAL):
            z = _apply(node, [values[parent] for parent in node.parents], context, functions)
        known.append(z is not None or node.op in (LEAF, LITERAL))
        values[node] = _exactly(node.data, context) if z is None else z
    return list(values.values()), known


def _apply(
    node: Value, operands: list[Any], context: Any, functions: dict[str, Callable[..., Any]]
) -> Any:
    """Return the row's function of these numbers, None where it is not known.

    The formula of a user's row may be any text.
    """
    f = functions.get(node.op.name)
    if f is None or not all(map(_is_finite, operands)):
        return None
    for given in (operands, [_in_digits(x, context) for x in operands]):
        try:
            z = f(given) if node.op.arity is None else f(*given)
            if z.__class__ is int:
                z = _exact(z)
            if _is_fraction(z):
                longest = max(z.numerator.bit_length(), z.denominator.bit_length())
                return z if longest <= _LONG else _in_digits(z, context)
            if isinstance(z, context.mpf):  # a float would have lost digits
                return z if context.isfinite(z) else None
        except (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError):
            continue
        except RecursionError:  # a formula that names its own row, as the default does
            return None
    return None


def _power(x: Any, y: Any) -> Any:
    """Return x ** y, as a fraction only where that is short."""
    if _is_fraction(x) and _is_fraction(y):
        if y.denominator != 1 or abs(y) > _STEEP:
            raise ValueError(y)
        return x ** int(y)
    return x**y


def _is_fraction(x: Any) -> bool:
    return isinstance(x, Rational)


def _exact(x: float) -> Any:
    """Return a number as a fraction."""
    from fractions import Fraction  # 1 ms of every import, if it stood above

    return Fraction(x)


def _exactly(data: float, context: Any) -> Any:
    """Return a float as a fraction; an infinity or nan has none."""
    return _exact(data) if math.isfinite(data) else context.mpf(data)


def _is_finite(x: Any) -> bool:
    return _is_fraction(x) or x - x == 0


def _in_digits(x: Any, context: Any) -> Any:
    """Return a fraction rounded to the digits of the context."""
    return context.mpf(x.numerator) / x.denominator if _is_fraction(x) else x


def _nearest(x: Any) -> float:
    """Return the nearest float, an infinity beyond all floats."""
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def _error(data: float, exact: Any) -> float:
    """Return the distance in units in the last place of the exact number."""
    nearest = _nearest(exact)
    if data == nearest and math.isinf(data):
        return 0.0
    if not (math.isfinite(data) and math.isfinite(nearest)):
        return 0.0 if data != data and nearest != nearest else math.inf
    return _nearest(abs(exact - type(exact)(data)) / type(exact)(math.ulp(nearest)))


def _relative(data: float, exact: Any) -> float:
    """Return the relative error, 1 where no digit is right."""
    if _error(data, exact) in (0.0, math.inf):
        return 0.0 if _error(data, exact) == 0.0 else 1.0
    return min(1.0, _nearest(abs(exact - type(exact)(data)) / abs(exact))) if exact else 1.0
