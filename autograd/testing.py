"""check_primitive: a row of one's own, tested in every mode."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple, NoReturn

from .check import check_gradients
from .compiler import jit
from .core.arguments import real_number, told
from .core.row import Primitive
from .core.value import Value
from .core.words import names_checked
from .errors import ArgumentError, DataTypeError, DomainError, GradientError, RecordingError
from .functional import grad, gradients, hvp, jvp
from .grid import Grid

# Operands that are tried: edges, ties, and ordinary numbers.
_ONE = (0.0, 0.3, -0.7, 0.5, -0.5, 1.0, -1.0, 1.5, -2.0, 2.0, 3.1, -6.5, 20.0)
_TWO = (0.0, 0.3, -0.7, 1.0, 2.0, -2.5)
_THREE = (-0.7, 0.3, 1.0)
_SIZES = (1, 2, 4, 4)  # of lists

_STEP = 2.0**-20  # of one-sided differences, which tell a kink
_BEND = 1e-3  # how much they may differ without one, relative to the larger
_SAME = 1e-9  # how near two orders of the same operations lie
_NEAR = 2.0**-20  # how near a value lies to a reference in floats, in digits lost

_Point = tuple[float, ...]


class PrimitiveReport(NamedTuple):
    """What check_primitive has compared.

    Attributes:
        name: The name of the row.
        compared: How many comparisons each mode stands on.
    """

    name: str
    compared: dict[str, int]

    def _grid(self) -> Grid:
        rows = [(mode, f"{n}") for mode, n in self.compared.items()]
        return Grid(f"The row {self.name}", ("mode", "comparisons"), rows)

    def __str__(self) -> str:
        return str(self._grid())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return the report as a table for a notebook."""
        return self._grid().html()


@names_checked
def check_primitive(
    f: Callable[..., Any],
    points: Sequence[Any] = (),
    kinks: Mapping[Any, Any] | None = None,
    reference: Callable[..., Any] | None = None,
) -> PrimitiveReport:
    """Test a row of the table in every mode, as `primitive` has made it.

    - value: `forward` never raises, gives the same bits for floats and Values,
      and agrees with the composition and the reference.
    - reverse: `backward` and `gradients` give the same bits, and agree with finite
      differences. A plain number among the operands changes nothing.
    - forward: `jvp` gives the numbers of `backward`.
    - nested: reverse over reverse, forward over reverse and reverse over forward
      agree with one another and with finite differences.
    - jit: one program gives the bits of the eager run at every point.
    - domain: outside of it every call raises, and the rules' form does not.
    - kinks: the row names them, and every mode chooses what `kinks` says.

    Without `points` it tries fixed numbers: 0, ties, and others below 20. The
    idea is that of ChainRulesTestUtils.jl.

    Args:
        f: What `primitive(...)` returned.
        points: Operands to try besides: numbers, or tuples of them. They may lie
            outside the domain.
        kinks: The partials that the row chooses, by point: `{0.0: 0.0}`.
        reference: The function of floats, or lists, that f should be.

    Raises:
        GradientError: The row is wrong. The message names mode and point.
        DataTypeError: `f` is not the function of a row, `kinks` no dict, `points`
            no list, or `reference` no function.
        ArgumentError: A point has another number of operands than the row.

    Examples:
        >>> from autograd import check_primitive, relu
        >>> print(check_primitive(relu, kinks={0.0: 0.0}))
        mode     comparisons
        value             13
        reverse           38
        forward           13
        nested            37
        jit               26
        domain             0
        kinks              1
    """
    op = getattr(f, "primitive", None)
    if not isinstance(op, Primitive):
        raise DataTypeError(
            f"check_primitive takes what primitive(...) returned, not {f!r}: "
            "for any other function there is check_gradients(f, x)"
        )
    if kinks is not None and not isinstance(kinks, Mapping):
        raise DataTypeError(
            "kinks is a dict from each point to the partials that are chosen there, such as "
            f"{{0.0: 0.0}}, not {told(kinks)}"
        )
    if isinstance(points, str) or not isinstance(points, Iterable):
        raise DataTypeError(
            "points is a list of numbers, or of tuples of operands, such as [0.5, 2.0], "
            f"not {told(points)}"
        )
    if reference is not None and not callable(reference):
        raise DataTypeError(
            f"reference is a function of floats, such as math.sin, not {told(reference)}"
        )
    chosen = {_point(op, x): _numbers(p) for x, p in (kinks or {}).items()}
    for xs, partials in chosen.items():
        if len(partials) != len(xs):
            raise ArgumentError(f"kinks has {len(partials)} partials at {xs}, one each is needed")
    tried = [*dict.fromkeys([*_grid(op), *[_point(op, x) for x in points], *chosen])]
    return _Trial(op, chosen, reference).run(tried)


def _numbers(x: Any) -> _Point:
    given = x if isinstance(x, list | tuple) else (x,)
    return tuple([real_number(each, "check_primitive") for each in given])


def _point(op: Primitive, x: Any) -> _Point:
    """The operands of a point, as floats."""
    xs = _numbers(x)
    if op.arity not in (None, len(xs)):
        raise ArgumentError(f"{op.name} takes {op.arity} operands, the point {x!r} has {len(xs)}")
    return xs


def _grid(op: Primitive) -> list[_Point]:
    """The points that are tried without being asked for."""
    if op.arity is not None:
        numbers = {1: _ONE, 2: _TWO, 3: _THREE}[op.arity]
        return [*product(numbers, repeat=op.arity)]
    rng = random.Random(0)
    sizes = [n + n % 2 if op.bilinear else n for n in _SIZES]
    ties = [(1.0,) * n for n in sizes]
    return ties + [tuple([round(rng.uniform(-3.0, 3.0), 2) for _ in range(n)]) for n in sizes]


def _alike(p: float, q: float) -> bool:
    """Whether two numbers are equal, or both nan."""
    return p == q or (p != p and q != q)


def _close(p: float, q: float, tolerance: float, scale: float = 0.0) -> bool:
    size = max(abs(p), abs(q), scale)
    return _alike(p, q) or (math.isfinite(size) and abs(p - q) <= tolerance * size)


class _Trial:
    """The tests of one row."""

    def __init__(
        self,
        op: Primitive,
        chosen: dict[_Point, _Point],
        reference: Callable[..., Any] | None,
    ) -> None:
        self.op, self.chosen, self.reference = op, chosen, reference
        modes = ("value", "reverse", "forward", "nested", "jit", "domain", "kinks")
        self.compared = dict.fromkeys(modes, 0)

    def run(self, tried: list[_Point]) -> PrimitiveReport:
        """Return the report on all points, or raise at the first fault."""
        inside = [xs for xs in tried if not self._outside(xs)]
        ends = [(x,) * len(tried[0]) for x in (math.inf, -math.inf)]
        outside = [xs for xs in [*tried, *ends] if self._outside(xs)]
        if not inside:
            raise GradientError(
                f"{self.op.name}, domain: none of the points {tried[:3]}... lies inside "
                f"{self.op.domain!r}: give points=[...] that do"
            )
        for xs in inside:
            self._value(xs)
        for xs in inside:
            partials = self._reverse(xs)
            self._forward(xs, partials)
            smooth = self._kinks(xs, partials)
            if smooth:
                self._differences(xs, 1, "reverse")
            self._nested(xs, smooth)
        self._domain(outside, self._jit(inside))
        return PrimitiveReport(self.op.name, self.compared)

    def _outside(self, xs: _Point) -> bool:
        violates = self.op.violates
        return violates is not None and violates(*self._given(xs))

    def _given(self, xs: Sequence[Any]) -> Sequence[Any]:
        """The arguments of the function at these operands."""
        return [list(xs)] if self.op.arity is None else xs

    def _call(self, *xs: Any) -> Any:
        return self.op.function(*self._given(xs))

    def _check(self, holds: bool, mode: str, xs: _Point, fault: str) -> None:
        self.compared[mode] += 1
        if not holds:
            self._fail(mode, xs, fault)

    def _fail(self, mode: str, xs: _Point, fault: str, cause: Exception | None = None) -> NoReturn:
        call = f"{self.op.name}({', '.join(map(repr, xs))})"
        raise GradientError(f"{mode}: {call} {fault}") from cause

    def _value(self, xs: _Point) -> None:
        try:
            z = float(self.op.forward(*self._given(xs)))
        except Exception as error:
            self._fail("value", xs, f"raises {error!r}: forward gives an infinity or nan", error)
        if math.isnan(z):
            self._fail("domain", xs, "is nan within the domain: let the row's domain leave it out")
        node = self._call(*map(Value, xs))
        same = _alike(z, node.data) and _alike(z, self._call(*xs))
        fault = f"is {z!r} by forward, {self._call(*xs)!r} of floats, {node.data!r} of Values"
        self._check(same, "value", xs, fault)
        if self.op.composition is not None:
            other = self.op.composition(*self._given([Value(x) for x in xs]))
            other = other.data if isinstance(other, Value) else other
            fault = f"is {z!r}, by its composition {other!r}"
            self._check(_alike(z, other), "value", xs, fault)
        if self.reference is not None:
            other = float(self.reference(*self._given(xs)))
            fault = f"is {z!r}, by the reference {other!r}"
            self._check(_close(z, other, _NEAR), "value", xs, fault)

    def _reverse(self, xs: _Point) -> list[float]:
        """Return the partials, which backward and gradients give alike."""
        nodes = [Value(x) for x in xs]
        try:
            z = self._call(*nodes)
            z.backward()
            found = [x.grad for x in nodes]
            graph = [g.data for g in gradients(self._call(*nodes), nodes)]
        except Exception as error:
            self._fail("reverse", xs, f"raises {error!r}: a partial never raises", error)
        fault = f"has the gradients {found} by backward, {graph} by gradients"
        self._check(all(map(_alike, found, graph)), "reverse", xs, fault)
        for i, x in enumerate(nodes):
            alone = Value(x.data)
            self._call(*xs[:i], alone, *xs[i + 1 :]).backward()
            fault = f"has dz/d[{i}] = {found[i]!r}, but {alone.grad!r} among plain numbers"
            self._check(_alike(alone.grad, found[i]), "reverse", xs, fault)
        return found

    def _forward(self, xs: _Point, partials: list[float]) -> None:
        for i, p in enumerate(partials):
            direction = [float(i == j) for j in range(len(xs))]
            t = jvp(self._call, xs, direction)[1]
            fault = f"has dz/d[{i}] = {p!r} by backward, {t!r} by jvp"
            self._check(_alike(t, p), "forward", xs, fault)

    def _differences(self, xs: _Point, order: int, mode: str) -> None:
        try:
            report = check_gradients(self._call, *xs, order=order)
        except GradientError as error:
            self._fail(mode, xs, f"disagrees with finite differences: {error}", error)
        self.compared[mode] += report.entries

    def _kinks(self, xs: _Point, partials: list[float]) -> bool:
        """Return whether differences can be taken around xs."""
        if xs in self.chosen:
            expected = self.chosen[xs]
            fault = f"has the partials {partials}, where {list(expected)} are chosen"
            self._check(all(map(_alike, partials, expected)), "kinks", xs, fault)
            return False
        sides = [self._bends(xs, i, self._call) for i in range(len(xs))]
        if any(bent is True for bent in sides):
            fault = "is a kink that the row does not name: say what is chosen there in kinks="
            self._check(bool(self.op.kinks), "kinks", xs, fault)
        return not any(bent is None or bent for bent in sides)

    def _bends(self, xs: _Point, i: int, f: Callable[..., float]) -> bool | None:
        """Return whether f has a kink at xs along operand i, None at an edge."""
        h = _STEP * max(1.0, abs(xs[i]))
        moved = [(*xs[:i], xs[i] + k * h, *xs[i + 1 :]) for k in (-1.0, 0.0, 0.25, 1.0)]
        if any(self._outside(point) for point in moved):
            return None
        below, here, near, above = [f(*point) for point in moved]
        slopes = here - below, above - here, 4.0 * (near - here)
        if not all(map(math.isfinite, slopes)):
            return None
        rounding = 64.0 * math.ulp(max(abs(below), abs(here), abs(above)))
        # A smooth function bends by h times the second derivative, which is all
        # that there is at an extremum.
        smooth = max(_BEND * max(map(abs, slopes)), rounding, 1e3 * h * h)
        return max(slopes) - min(slopes) > smooth

    def _nested(self, xs: _Point, smooth: bool) -> None:
        """Compare the three ways to the second derivatives, and differences."""
        everywhere = range(len(xs))
        directions = [[float(i == j) for j in everywhere] for i in everywhere]
        try:
            twice = [self._second(xs, i) for i in everywhere]
            over_reverse = [hvp(self._call, xs, direction) for direction in directions]
            over_forward = [grad(self._along(d), everywhere)(*xs) for d in directions]
        except Exception as error:
            self._fail("nested", xs, f"raises {error!r}: a partial never raises", error)
        finite = [abs(g) for row in twice for g in row if math.isfinite(g)]
        for i, j in product(everywhere, everywhere):
            # By i first, then by j: at a kink the order counts.
            ways = (twice[i][j], over_reverse[j][i], over_forward[i][j])
            if all(map(math.isfinite, ways)):
                fault = (
                    f"has d2z/d[{i}]d[{j}] = {ways[0]!r} by reverse over reverse, "
                    f"{ways[1]!r} by forward over reverse, {ways[2]!r} by reverse over forward"
                )
                near = [_close(ways[0], way, _SAME, max(finite)) for way in ways]
                self._check(all(near), "nested", xs, fault)
        if smooth and not any(
            self._bends(xs, j, self._partial(i)) is not False
            for i in everywhere
            for j in everywhere
        ):
            self._differences(xs, 2, "nested")

    def _second(self, xs: _Point, i: int) -> list[float]:
        """Return the derivatives of the i-th partial, by reverse over reverse."""
        nodes = [Value(x) for x in xs]
        (slope,) = gradients(self._call(*nodes), [nodes[i]])
        return [g.data for g in gradients(slope, nodes)]

    def _along(self, direction: list[float]) -> Callable[..., Any]:
        return lambda *ys: jvp(self._call, ys, direction)[1]

    def _partial(self, i: int) -> Callable[..., float]:
        def partial(*xs: float) -> float:
            nodes = [Value(x) for x in xs]
            self._call(*nodes).backward()
            return nodes[i].grad

        return partial

    def _with_gradient(self, *xs: Any) -> list[Any]:
        z = self._call(*xs)
        return [z, *gradients(z, xs)]

    def _jit(self, inside: list[_Point]) -> dict[int, Callable[..., Any]]:
        """Return the program for each number of operands."""
        programs: dict[int, Callable[..., Any]] = {}
        with_gradients: dict[int, Callable[..., Any]] = {}
        for xs in inside:
            n = len(xs)
            program = programs.setdefault(n, jit(self._call))
            with_gradient = with_gradients.setdefault(n, jit(self._with_gradient))
            nodes = [Value(x) for x in xs]
            try:
                z = program(*xs)
                found = [y.data for y in with_gradient(*map(Value, xs))]
            except (RecordingError, DomainError) as error:
                self._fail("jit", xs, f"raises {error!r}", error)
            eager = self._call(*xs)
            self._check(_alike(z, eager), "jit", xs, f"is {eager!r}, as a program {z!r}")
            expected = [y.data for y in self._with_gradient(*nodes)]
            fault = f"has value and gradients {expected}, as a program {found}"
            if all(map(math.isfinite, expected)):
                self._check(all(map(_alike, expected, found)), "jit", xs, fault)
        return programs

    def _domain(self, outside: list[_Point], programs: dict[int, Callable[..., Any]]) -> None:
        for xs in outside:
            try:
                self.op.total(*self._given(xs))
                self.op.total(*self._given([Value(x) for x in xs])).partials()
            except Exception as error:
                self._fail("domain", xs, f"raises {error!r} within a rule: give inf or nan", error)
            program = programs.get(len(xs), self._call)
            for name, call, operands in (
                ("floats", self._call, xs),
                ("Values", self._call, [Value(x) for x in xs]),
                ("a program", program, xs),
            ):
                try:
                    z = call(*operands)
                except self.op.error:
                    self.compared["domain"] += 1
                else:
                    fault = f"lies outside {self.op.domain!r}, and {name} give {z!r}"
                    self._fail("domain", xs, fault)
