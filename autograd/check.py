"""Two ways to find a wrong or broken derivative.

They are the comparison with finite differences, and the place of the first nan or
infinity.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from .core import modes
from .core.arguments import real_number, within
from .core.chain_rule import passed_on
from .core.engine import RECORDER
from .core.row import LEAF, Primitive
from .core.value import Operand, Value, data_of
from .core.words import names_checked
from .errors import AnomalyError, DataTypeError, DomainError, GradientError
from .functional import check_function, jacobian_reading, leaves, rebuild, require_list
from .grid import Grid

_LEVELS = 10  # how many steps a difference is extrapolated from, each a quarter of the one before
_MOST_LEVELS = 60  # how many if those say nothing, or contradict
_TIGHT = 1e-3  # how close smaller steps must settle to be believed
_CLOSE = 2.0**-26  # half of a float's digits
# Differences say nothing if they disagree by so many rounding errors, and by more
# than their size.
_UNSETTLED = 1e6
_SMALLEST = 5e-324  # the smallest float
_ROOM = 960  # the exponent from which numbers are taken in a unit


class GradientReport(NamedTuple):
    """What check_gradients found.

    It holds how many derivatives were compared, and the one that comes nearest to
    its tolerance, or exceeds it most.
    """

    entries: int
    worst: str
    derivative: float
    difference: float
    tolerance: float

    def __str__(self) -> str:
        return (
            f"{self.entries} derivatives compared; the worst, {self.worst}, "
            f"is {self.derivative!r} by the chain rule and {self.difference!r} by "
            f"finite differences, which are trusted to {self.tolerance:.2g}"
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the report as a table for a notebook."""
        rows = [
            ("derivatives compared", f"{self.entries}"),
            ("the worst", self.worst),
            ("by the chain rule", f"{self.derivative:.9g}"),
            ("by finite differences", f"{self.difference:.9g}"),
            ("trusted to", f"{self.tolerance:.2g}"),
        ]
        return Grid("Gradients against finite differences", (), rows).html()


@names_checked
def check_gradients(
    f: Callable[..., Any], *args: Any, order: int = 2, wrt: Sequence[Value] = ()
) -> GradientReport:
    """Compare the derivatives of f at args with finite differences.

    They are those of order 1, or of orders 1 and 2. f returns one number. `wrt` are
    leaf Values that f reads besides, such as a model's parameters:

        check_gradients(lambda: loss([model(x)], [y]), order=1, wrt=model.parameters())

    They are given other numbers and then their own again. Graphs that were made
    from them before are stale after it.

    First derivatives are compared with differences of f, second ones with
    differences of the first. No single step suits every function. So central
    differences with steps from max(1, |x|)/32 down are extrapolated to the
    step 0. The best extrapolation is the one that agrees best with its
    neighbours. It is trusted to ten times their disagreement, the rounding
    error of f divided by the step, and half of its digits. Source: Ridders
    1982, "Accurate computation of F'(x) and F'(x) F''(x)". Where these steps say
    nothing, smaller ones are tried, also in units of abs(x).

    Returns:
        A report.

    Raises:
        GradientError: A derivative is further away, the differences do not
            settle, as at a kink, f has no neighbourhood, or a derivative is
            beyond the floats. The error names the worst entry.
        DataTypeError: f is no function, `args` hold anything but numbers,
            `wrt` anything but leaves, or f returns more than one number.
        ArgumentError: `order` is neither 1 nor 2.
    """
    within(locals(), order="1, 2")
    check_function(f, "check_gradients")
    wrt = list(require_list(wrt, "check_gradients(f, wrt=[w, b])"))
    tree = list(args)
    if other := [
        v
        for i, v in enumerate(wrt)
        if not isinstance(v, Value) or v.op is not LEAF or any(v is w for w in wrt[:i])
    ]:
        raise DataTypeError(
            f"wrt takes leaf Values, such as model.parameters(), each once, "
            f"not {other[0]!r}: other numbers are arguments of f"
        )
    given = [
        x.data if isinstance(x, Value) else real_number(x, "check_gradients") for x in leaves(tree)
    ]
    flat = given + [v.data for v in wrt]
    names = _names(tree, "args") + [f"wrt[{i}]" for i in range(len(wrt))]
    positions = range(len(args))

    def numbers(function: Callable[..., Any]) -> Callable[[Sequence[float]], list[float]]:
        def at(xs: Sequence[float]) -> list[float]:
            for v, x in zip(wrt, xs[len(given) :], strict=True):
                v.data = x
            return [
                data_of(z) for z in leaves(function(*rebuild(tree, map(Value, xs[: len(given)]))))
            ]

        return at

    jacobian = jacobian_reading(f, positions, wrt)
    hessian = jacobian_reading(jacobian, positions, wrt)
    slopes = numbers(jacobian)
    stages = [
        (numbers(f), slopes, ["df"]),
        (slopes, numbers(hessian), [f"d2f/d({name})" for name in names]),
    ]

    def restore() -> None:
        for v, x in zip(wrt, flat[len(given) :], strict=True):
            v.data = x

    found: list[tuple[float, str, float, float, float]] = []
    try:
        if isinstance(result := f(*rebuild(tree, map(Value, given))), dict | list | tuple):
            raise DataTypeError(
                f"check_gradients takes a function that returns one number, "
                f"this one returns a {type(result).__name__}"
            )
        for function, derivative, results in stages[:order]:
            exact = derivative(flat)
            for j, name in enumerate(names):
                slope = exact[j :: len(names)]  # of every result by this number
                for i, (q, tolerance) in enumerate(_checked(slope, function, flat, j, name)):
                    result, p = results[i], slope[i]
                    entry = f"{result}/d({name})" if result == "df" else f"{result}d({name})"
                    found.append((_excess(p, q, tolerance), entry, p, q, tolerance))
        restore()
    except BaseException:  # also Ctrl-C while the numbers are restored
        restore()
        raise
    if not found:
        raise GradientError("neither args nor wrt hold a number: there is nothing to compare")
    error, entry, p, q, tolerance = max(found, key=itemgetter(0))
    report = GradientReport(len(found), entry, p, q, tolerance)
    if error > 1.0:
        raise GradientError(
            f"{report}. Look at the partials of the primitives on the way, and whether the "
            "point lies on a kink, or f turns within a few floats of it."
        )
    return report


def _names(tree: Any, name: str) -> list[str]:
    """Where each number of a tree stands."""
    if not isinstance(tree, dict | list | tuple):
        return [name]
    branches = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return [leaf for key, branch in branches for leaf in _names(branch, f"{name}[{key!r}]")]


def _excess(p: float, q: float, tolerance: float) -> float:
    """How many times its tolerance p is away from q."""
    if p == q:
        return 0.0
    error = abs(p - q) / tolerance if tolerance else math.inf
    return error if error == error else math.inf


def _checked(
    exact: Sequence[float],
    function: Callable[[Sequence[float]], list[float]],
    xs: list[float],
    j: int,
    name: str,
) -> list[tuple[float, float]]:
    """_differences by the steps that suit f.

    f may be wild, or flat, beside the size of x, as sin is at 1e8. Where the
    usual steps say nothing, or contradict the exact derivatives, smaller ones
    are tried, also in units of a small x, and believed if they settle close to
    them.
    """
    usual: list[tuple[float, float]] | GradientError | None = None
    size = abs(xs[j])
    steps = [max(1.0, size) / 32.0 / 4.0**first for first in range(0, _MOST_LEVELS, _LEVELS)]
    if 0.0 < size < 1.0:
        steps += [size / 32.0 / 4.0**first for first in (0, _LEVELS)]
    beyond = any(map(math.isinf, exact))
    unknown = False
    for h in steps:
        try:
            found = _differences(function, xs, j, name, h)
        except DomainError as error:  # no two such steps
            if h == steps[0]:
                raise GradientError(str(error)) from None
            unknown = True
            continue
        except GradientError as error:
            usual, unknown = usual or error, True
            continue
        unknown = unknown or not all(math.isfinite(q) for q, _ in found)
        if not beyond and all(
            _excess(p, q, tolerance) <= 1.0
            and (h == steps[0] or p == 0.0 or tolerance <= _TIGHT * abs(p))
            for p, (q, tolerance) in zip(exact, found, strict=True)
        ):
            return found
        settled = all(0.0 < tolerance <= _TIGHT * abs(q) for q, tolerance in found)
        if usual is None or (settled and isinstance(usual, GradientError)):
            usual = found
    if beyond and unknown:
        raise GradientError(
            f"the derivative at {name} = {xs[j]!r} is infinite by the chain rule, and differences "
            "say nothing: it is beyond the floats, or infinite. Check it elsewhere."
        )
    if isinstance(usual, GradientError):
        raise usual
    return usual or []


def _differences(
    function: Callable[[Sequence[float]], list[float]],
    xs: list[float],
    j: int,
    name: str,
    h: float,
) -> list[tuple[float, float]]:
    """For every result of function its derivative with respect to xs[j].

    With it goes how far it is to be trusted. The steps are h, h / 4, h / 16 and so
    on. Numbers that would overflow are taken in a unit, a power of 2.
    """
    best: list[
        tuple[float, float, float, float]
    ] = []  # the relative error, the error, the derivative, and the rounding error
    rows: list[list[float]] = []
    units: list[float] = []
    level, overflows = 0, False
    while level < _LEVELS and xs[j] + h > xs[j]:  # which nan is not
        up, down = xs[j] + h, xs[j] - h
        h /= 4.0
        try:
            pairs = list(
                zip(
                    function([*xs[:j], up, *xs[j + 1 :]]),
                    function([*xs[:j], down, *xs[j + 1 :]]),
                    strict=True,
                )
            )
        except DomainError:
            continue  # the step reaches beyond the domain
        if not all(math.isfinite(a) and math.isfinite(b) for a, b in pairs):
            overflows = True
            continue
        level += 1
        rows = rows or [[] for _ in pairs]
        units = units or [_unit(max(abs(a), abs(b)), up - down) for a, b in pairs]
        best = best or [(math.inf, math.inf, math.nan, math.inf) for _ in pairs]
        settled = True
        for i, (a, b) in enumerate(pairs):
            a, b = a / units[i], b / units[i]
            rounding = 8.0 * (sys.float_info.epsilon * (abs(a) + abs(b)) + _SMALLEST) / (up - down)
            row = [(a - b) / (up - down)]
            for m, before in enumerate(rows[i], 1):
                row.append(row[-1] + (row[-1] - before) / (16.0**m - 1.0))
                error = 10.0 * max(abs(row[m] - row[m - 1]), abs(row[m] - before)) + rounding
                best[i] = min(
                    best[i], (error / abs(row[m]) if row[m] else error, error, row[m], rounding)
                )
            rows[i] = row
            at_next = 32.0 * sys.float_info.epsilon * abs(a + b) / (up - down)
            settled = settled and max(best[i][0] * abs(row[-1]), best[i][1]) < at_next
        if settled:  # the rounding error of the next step alone is above what is in doubt now
            break
    if level < 2 and overflows and math.isfinite(xs[j]):
        raise GradientError(
            f"f is infinite or nan beside {name} = {xs[j]!r}: check it at a point where it is "
            "smaller, and inside its domain"
        )
    if level < 2:
        raise DomainError(
            f"f has no finite values on both sides of {name} = {xs[j]!r}: "
            "check it at a point inside its domain"
        )
    for _, error, difference, rounding in best:
        if error > max(_UNSETTLED * rounding, abs(difference)):
            raise GradientError(
                f"the finite differences at {name} = {xs[j]!r} do not settle: "
                "f or its slope has a kink there, or turns within a few floats. Check it elsewhere."
            )
    return [
        (difference * unit, (error + _CLOSE * abs(difference)) * unit)
        for unit, (_, error, difference, _) in zip(units, best, strict=True)
    ]


def _unit(size: float, step: float) -> float:
    """Return a power of 2, at least 1, in which neither size nor size / step overflows."""
    exponent = math.frexp(size)[1]
    return 2.0 ** min(max(exponent, exponent - math.frexp(step)[1], _ROOM) - _ROOM, 1023)


_HERE = os.path.dirname(__file__) + os.sep


class _Anomalies(modes.Interpreter):
    programs = False

    def __init__(self) -> None:
        self.places: dict[Value, str] = {}

    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        z: Value = super().apply(op, operands, checked)
        frame = sys._getframe()
        within_rule = False
        while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
            within_rule = within_rule or frame.f_code is Primitive.partials_at.__code__
            frame = frame.f_back
        self.places[z] = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        # Within a rule infinities are no mistake. What is passed on is looked at.
        if not (within_rule or math.isfinite(data_of(z))):
            raise AnomalyError(
                f"forward: {_call(z)} gave {data_of(z)!r} at {self.places[z]}. "
                "Look at its inputs, or at the range of the function."
            )
        return z

    def pulls(self, node: Value, g: float) -> None:
        if not math.isfinite(g):  # though all that was passed to it is finite
            raise AnomalyError(
                f"backward: {self._made(node)} has the gradient {g!r}: the terms that were "
                "added up are finite, and their sum is not, or backward began with it. Make "
                "the result smaller, such as by a mean in the place of a sum."
            )
        for i, (parent, p) in enumerate(zip(node.parents, node.partials(), strict=True)):
            passed = passed_on(node, i, p, g)
            if not math.isfinite(passed):
                raise AnomalyError(
                    f"backward: {self._made(node)} "
                    f"would pass {passed!r} to {parent!r}: "
                    f"local derivative {p!r} times gradient {g!r}. "
                    "Keep its inputs away from that point."
                )

    def pushed(self, roots: Sequence[Any], tangents: Mapping[Value, Any]) -> None:
        if all(math.isfinite(_tangent(z, tangents)) for z in roots):
            return
        for z in tangents:  # the oldest first
            if z.parents and not math.isfinite(t := _tangent(z, tangents)):
                moving = [
                    (p, x)
                    for p, x in zip(z.partials(), z.parents, strict=True)
                    if p is not None and x in tangents
                ]
                products = " + ".join(f"{p!r} * {_tangent(x, tangents)!r}" for p, x in moving)
                raise AnomalyError(
                    f"forward mode: {self._made(z)} has the tangent {t!r}: local derivatives "
                    f"times tangents are {products}. Keep its inputs away from that point."
                )

    def _made(self, node: Value) -> str:
        """Return a node and its line in words."""
        if not node.parents:
            return repr(node)
        return f"{_call(node)}, made at {self.places.get(node, 'a line before detect_anomaly')},"


def _tangent(z: Any, tangents: Mapping[Value, Any]) -> float:
    """Return a tangent that is a number. Of a graph the operations were looked at."""
    t = tangents.get(z, 0.0) if isinstance(z, Value) else 0.0
    return t if type(t) is float else 0.0


def _call(node: Value) -> str:
    return f"{node.op.name}({', '.join(repr(data_of(parent)) for parent in node.parents)})"


@names_checked
def detect_anomaly() -> modes.Interpreting:
    """Raise AnomalyError at the first nan or infinity of this thread.

    Within `with detect_anomaly():` it is raised for the result of an operation, and
    for what backward, gradients or a function made by grad would pass on or add up.
    It is raised for slopes that jvp and hvp return, too. The error names the
    primitive, its inputs and the source line that made the node, or the leaf whose
    gradient overflows.
    Everything is several times slower than without.
    """
    return modes.interpreting(_Anomalies(), RECORDER)
