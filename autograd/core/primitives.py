"""Chapter 3: the table of primitives, one row for each function.

    z = f(x, y, ...)        its partials are dz/dx, dz/dy, ...

No other code of the engine knows a function. All the rest is made from its row:
the function, the method, the operator, pictures, documentation, compiled code
and tests.

A row has two functions. The one for users has the name of the row. Outside the
domain it raises: log(-1.0) is a DomainError. The other one is `total`: it never
raises, and gives an infinity or nan instead. Partials call it, under a name with
an underscore such as `_log`.

A row is read in four parts:

    name and forward
    one partial a line
    what holds: domain, kinks, accuracy
    how it is written: summary, formula, derivatives, notation

A partial is a function of (x, y, ..., z), or a number where it is constant. It
is written once and runs in three ways: on floats for `backward`, on Values for
`gradients`, whose result can be differentiated again, and while `jit` records.
Three rules follow:

- A partial has no `if`. It selects with `where` and the comparisons.
- A partial never raises. It calls `total` functions.
- A partial loses no digits and has no kink of its own. The textbook's 1 - z*z
  for tanh is wrong in most digits where z is near 1. A form with exp(-2|x|) is
  right, but has a kink at 0, so that the second derivative is wrong there. The
  row has 4 bell(2x), which is right and smooth. bell is the slope of sigmoid, and
  a row of its own.

Functions whose names begin with `_` stand below the table. `_div` is the division
that never raises. `derivatives` are the partials in the textbook's form. A test compares the two.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import operator
import sys
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from ..errors import DataTypeError, DomainError, IndexDomainError, PrimitiveError
from . import ieee
from .arguments import told
from .chain_rule import make_pull
from .engine import Binary, Listed, Unary, apply_operator, make_binary, make_function
from .own_rows import check_facts, checked_forward, checked_rule
from .row import PRIMITIVES, Primitive, Rule
from .value import Value
from .words import names_checked

# Accuracy: bounds on the errors of value, partials and second derivatives, in
# units in the last place times max(1, condition number). The condition number of f
# is |x f'(x) / f(x)|: how many times f enlarges a relative error of x. The
# default is (2, 4, 16).
EXACT = (0.0, 0.0, 0.0)
ROUNDED = (0.5, 0.0, 0.0)
GROWTH = (
    "for more than 4 numbers: each doubling of the list adds 1 to the bound of a partial, "
    "and 2 to that of a second derivative"
)

_building = True  # the table; what comes after it is a row of a user's own


@names_checked
def primitive(
    name: str,
    forward: Callable[..., float],
    *partials: Rule,
    listed: bool = False,
    domain: str = "",
    error: type[DomainError] = DomainError,
    kinks: str = "",
    ulp: tuple[float, float, float] = (2.0, 4.0, 16.0),
    limits: str = "",
    bilinear: bool = False,
    singular: bool = False,
    composition: Callable[..., Any] | None = None,
    summary: str = "",
    formula: str = "",
    derivatives: Sequence[str] = (),
    source: str = "",
    symbol: str = "",
    latex: str = "",
    python: str = "",
    precedence: int | None = None,
) -> Any:
    r"""Add a row to the table, and return its function of numbers and Values.

    A function of one operand becomes a method of Value, too.

    Args:
        name: The name of the function, and of the method.
        forward: Floats to a float, or one list of floats if `listed`. It never
            raises: it returns infinities and nan.
        partials: For each of one to three operands a rule (x, ..., z) -> dz/dx,
            or a number. If `listed`, one rule (xs, z) -> list of dz/dx.
        listed: Whether the function takes one list of numbers.
        domain: A Python expression in x, y, w or in xs. Where it is false, a
            call raises `error`.
        error: The exception of a call outside the domain.
        kinks: What is chosen where the derivative does not exist.
        ulp: Bounds on the errors of value, partials and second derivatives, in
            units in the last place times max(1, condition number).
        limits: Where the bounds do not hold.
        bilinear: Whether z is x * y, or a sum of such products. Then dz/dx is y,
            and dz/dy is x.
        singular: A partial can be infinite.
        composition: The same function made of other rows.
        summary: What the function is, in one line.
        formula: z as an expression; `name(x, y)` by default.
        derivatives: The partials as a textbook writes them, one for each.
        source: Where the function or its derivative comes from.
        symbol: The name in pictures; `name` by default.
        latex: A command that is applied to the operands, such as \tanh, or a
            template, such as \sqrt{{{x}}} (see analysis/notation.py).
        python: A template for Python; an operator or a call by default.
        precedence: How tightly the operator `symbol` binds: 1 for sums, 2 for
            products, 3 for signs, 4 for powers. None for a function.

    Raises:
        DataTypeError: `name` is no text, `forward` no function, or a partial neither
            a function nor a number.
        PrimitiveError: The name is taken or is no identifier, or the number of
            partials or derivatives does not fit.
    """
    if not isinstance(name, str):
        raise DataTypeError(f"the name of a primitive is a text, such as 'cube', not {told(name)}")
    if not callable(forward):
        raise DataTypeError(
            f"forward of {name} is a function of floats, such as math.erf, not {told(forward)}"
        )
    for rule in partials:
        if not callable(rule) and (isinstance(rule, bool) or not isinstance(rule, Real)):
            raise DataTypeError(
                f"a partial of {name} is a function, such as lambda x, z: 2.0 * x, or a "
                f"number, not {told(rule)}"
            )
    if not name.isidentifier() or name in PRIMITIVES:
        fault = "taken" if name in PRIMITIVES else "no identifier"
        raise PrimitiveError(f"the name {name!r} is {fault}: a primitive needs a name of its own")
    arity = None if listed else len(partials)
    if len(partials) not in ((1,) if listed else (1, 2, 3)) or (
        listed and not callable(partials[0])
    ):
        raise PrimitiveError(
            f"{name} has {len(partials)} partials: "
            "give one for each of 1 to 3 operands, or one rule for the list if listed"
        )
    if isinstance(derivatives, (list, tuple)) and len(derivatives) not in (0, len(partials)):
        raise PrimitiveError(
            f"{name} has {len(derivatives)} derivatives and {len(partials)} partials: "
            "give one text for each partial, or none"
        )
    if arity == 1 and hasattr(Value, name):
        raise PrimitiveError(
            f"Value.{name} exists already: "
            "a primitive of one operand becomes a method and needs a name of its own"
        )
    op = Primitive(
        name,
        arity,
        forward,
        partials[0] if listed and callable(partials[0]) else partials,
        domain=domain,
        error=error,
        kinks=kinks,
        ulp=ulp,
        limits=limits,
        bilinear=bilinear,
        singular=singular,
        composition=composition,
        summary=summary,
        derivatives=derivatives,  # type: ignore[arg-type]
        source=source,
        symbol=symbol or name,
        python=python,
        precedence=precedence,
    )
    if not _building:
        op.formula, op.latex = formula, latex
        check_facts(op, partials)
        op.forward = checked_forward(name, forward)
        rules = tuple([checked_rule(name, rule, listed) for rule in partials])
        op.partials = rules[0] if listed and callable(rules[0]) else rules
    op.derivatives = tuple(derivatives)
    op.formula = formula or f"{name}({', '.join(op.names)})"
    op.latex = _latex_template(op, latex)
    if domain:
        op.violates = eval(
            f"lambda {', '.join(op.names)}: {op.outside}", {"inf": math.inf, "len": len}
        )
    op.function, op.total, op.pull = (
        make_function(op, checked=True),
        make_function(op, checked=False),
        make_pull(op),
    )
    brief = f"{op.formula}{f', for {domain}' if domain else ''}.{f' {kinks}.' if kinks else ''}"
    for function in (op.function, op.total):
        function.__name__ = function.__qualname__ = name
        function.__module__ = __name__  # where pickle finds it again
        function.__doc__ = summary or brief
        function.primitive = op  # type: ignore[attr-defined]
    PRIMITIVES[name] = op
    if arity == 1:
        setattr(Value, name, op.function)
    return op.function


def _latex_template(op: Primitive, latex: str) -> str:
    """A template as it is; a command, or else the name, applied to the operands."""
    if "{" in latex:
        return latex
    command = latex or rf"\operatorname{{{{{op.name.replace('_', ' ')}}}}}"
    operands = ", ".join(f"{{{x}}}" for x in op.names)
    return rf"{command}\left({operands}\right)"


def infix(symbol: str, precedence: int, latex: str = "") -> dict[str, Any]:
    """The notation of an operator between two operands."""
    return {
        "symbol": symbol,
        "precedence": precedence,
        "formula": f"x {symbol} y",
        "latex": latex or f"{{x:{precedence}}} {symbol} {{y:{precedence + 1}}}",
    }


def prefix(symbol: str, precedence: int) -> dict[str, Any]:
    """The notation of an operator before its operand."""
    return {
        "symbol": symbol,
        "precedence": precedence,
        "formula": f"{symbol}x",
        "latex": f"{symbol}{{x:{precedence}}}",
    }


def relation(symbol: str, python: str) -> dict[str, Any]:
    """The notation of a comparison: 1 where it holds, else 0."""
    return {
        "symbol": symbol,
        "formula": f"1 if x {python} y else 0",
        "latex": f"[{{x}} {symbol} {{y}}]",
    }


# fmt: off

# Arithmetic.
add: Binary = primitive("add", operator.add,
    1.0,
    1.0,
    ulp=ROUNDED,
    summary="The sum of two numbers.", derivatives=("1", "1"), **infix("+", 1))
sub: Binary = primitive("sub", operator.sub,
    1.0,
    -1.0,
    ulp=ROUNDED,
    summary="The difference of two numbers.", derivatives=("1", "-1"), **infix("-", 1))
neg: Unary = primitive("neg", operator.neg,
    -1.0,
    ulp=EXACT,
    summary="The number with the opposite sign.", derivatives=("-1",), **prefix("-", 3))
mul: Binary = primitive("mul", operator.mul,
    lambda x, y, z: y,
    lambda x, y, z: x,
    bilinear=True, ulp=ROUNDED,
    summary="The product of two numbers.", derivatives=("y", "x"),
    **infix("*", 2, latex=r"{x:2} \cdot {y:3}"))
div: Binary = primitive("div", ieee.div,
    lambda x, y, z: _div(1.0, y),
    lambda x, y, z: -_div(z, y),
    domain="y != 0", singular=True, ulp=(0.5, 2, 16),
    summary="The quotient of two numbers.", derivatives=("1 / y", "-x / y**2"),
    **infix("/", 2, latex=r"\frac{{{x}}}{{{y}}}"))
mod: Binary = primitive("mod", ieee.mod,
    1.0,
    lambda x, y, z: -_floor(_div(x, y) - _div(z, y) + 0.5),  # z / y is x / y - floor(x / y)
    domain="-inf < x < inf and y != 0", singular=True, ulp=(0.5, 1, 0),
    kinks="dz/dx = 1 and dz/dy = -x / y where x / y is whole; dz/dy = nan where z is infinite",
    summary="The remainder of x / y, with the sign of y.",
    derivatives=("1", "-floor(x / y)"), **infix("%", 2, latex=r"{x:2} \bmod {y:3}"))
pow: Binary = primitive("pow", ieee.pow,
    lambda x, y, z: _0_for_plain_0(y, _power_slope(x, y)),
    lambda x, y, z: _where(_equal(x, 0.0), 0.0, _scale(z, _log(x))),
    domain="x > 0 or x == 0 and y >= 0 or x < 0 and y % 1 == 0", singular=True,
    kinks="dz/dx = 0 at x = y = 0; dz/dy = 0 at x = 0, nan at x < 0",
    limits="for second derivatives where y is near 0: y - 1 is rounded, and for those by x and y "
    "at x = 0",
    summary="x to the power of y.", derivatives=("y * x**(y - 1)", "x**y * log(x)"),
    **infix("**", 4, latex="{x:5}^{{{y}}}"))

power_slope: Binary = primitive("power_slope", ieee.power_slope,
    lambda x, y, z: _0_for_plain_0(y, _scale(y, _power_slope(_positive_if_even(x, y), y - 1.0))),
    lambda x, y, z: _scale(_pow(x, y - 1.0), 1.0 + y * _where(_equal(x, 0.0), 0.0, _log(x))),
    domain="x > 0 or x == 0 and (y == 0 or y >= 1) or x < 0 and y % 1 == 0", singular=True,
    kinks="dz/dx = 0 at x = 0, y = 1; dz/dy = x**(y - 1) at x = 0, nan at x < 0",
    limits="y near 0 or above 2**53, x beyond 1e300: y - 1 is rounded, steps overflow",
    summary="The derivative of x**y by x.", formula="y * x**(y - 1)",
    derivatives=("y * (y - 1) * x**(y - 2)", "x**(y - 1) * (1 + y * log(x))"))

# Selection. Its conditions are numbers, 1.0 for true and 0.0 for false.
less: Binary = primitive("less", ieee.less,
    0.0,
    0.0,
    kinks="dz/dx = dz/dy = 0 at x = y", ulp=EXACT,
    summary="Whether x is less than y.", derivatives=("0", "0"), **relation("<", "<"))
greater: Binary = primitive("greater", ieee.greater,
    0.0,
    0.0,
    kinks="dz/dx = dz/dy = 0 at x = y", ulp=EXACT,
    summary="Whether x is greater than y.", derivatives=("0", "0"), **relation(">", ">"))
equal: Binary = primitive("equal", ieee.equal,
    0.0,
    0.0,
    kinks="dz/dx = dz/dy = 0 at x = y", ulp=EXACT,
    summary="Whether two numbers are equal.", derivatives=("0", "0"), **relation("=", "=="))
where: Any = primitive("where", ieee.where,
    0.0,
    lambda x, y, w, z: _where(x, 1.0, 0.0),
    lambda x, y, w, z: _where(x, 0.0, 1.0),
    ulp=EXACT,
    summary="y if x is not 0, else w.", formula="y if x != 0 else w",
    derivatives=("0", "1 if x != 0 else 0", "0 if x != 0 else 1"),
    latex=r"\left({y} \text{{ if }} {x} \text{{ else }} {w}\right)")
clip: Any = primitive("clip", ieee.clip,
    lambda x, y, w, z: _unless_nan(z, (1.0 - _less(x, y)) * (1.0 - _greater(x, w))),
    lambda x, y, w, z: _unless_nan(z, _less(x, y)),
    lambda x, y, w, z: _unless_nan(z, _greater(x, w)),
    domain="y <= w", kinks="dz/dx = 1 at x = y and at x = w", ulp=EXACT,
    summary="The number nearest to x from y to w.", formula="the number nearest to x from y to w",
    derivatives=("1 if y < x < w else 0", "1 if x < y else 0", "1 if x > w else 0"))
take: Any = primitive("take", ieee.take,
    lambda xs, z: [*[_equal(float(i), xs[-1]) for i in range(len(xs) - 1)], None],
    listed=True, domain="0 <= xs[-1] < len(xs) - 1 and xs[-1] % 1 == 0", error=IndexDomainError,
    kinks="the index i has the derivative 0", ulp=EXACT,
    summary="One number of a list, by an index.", formula="xs[i], where i = xs[-1]",
    derivatives=("1 if i == 0 else 0",),
    python="take([{front}], {last})", latex=r"\left({front}\right)_{{{last}}}")
maximum: Binary = primitive("maximum", ieee.maximum,
    lambda x, y, z: _unless_nan(z, _greater(x, y) + 0.5 * _equal(x, y)),
    lambda x, y, z: _unless_nan(z, _greater(y, x) + 0.5 * _equal(x, y)),
    kinks="dz/dx = dz/dy = 1/2 at x = y", ulp=EXACT,
    summary="The larger of two numbers.", formula="x if x > y else y",
    derivatives=("1 if x > y else 0", "1 if y > x else 0"))
minimum: Binary = primitive("minimum", ieee.minimum,
    lambda x, y, z: _unless_nan(z, _less(x, y) + 0.5 * _equal(x, y)),
    lambda x, y, z: _unless_nan(z, _less(y, x) + 0.5 * _equal(x, y)),
    kinks="dz/dx = dz/dy = 1/2 at x = y", ulp=EXACT,
    summary="The smaller of two numbers.", formula="x if x < y else y",
    derivatives=("1 if x < y else 0", "1 if y < x else 0"))
sign: Unary = primitive("sign", ieee.sign,
    0.0,
    kinks="dz/dx = 0 at x = 0", ulp=EXACT,
    summary="The sign of a number.", formula="1 if x > 0 else -1 if x < 0 else 0",
    derivatives=("0",))
heaviside: Unary = primitive("heaviside", ieee.heaviside,
    0.0,
    kinks="dz/dx = 0 at x = 0", ulp=EXACT,
    summary="The unit step.", formula="1 if x > 0 else 0",
    derivatives=("0",), source="McCulloch and Pitts 1943, the unit of their nets")
floor: Unary = primitive("floor", ieee.floor,
    0.0,
    kinks="dz/dx = 0 at whole numbers", ulp=EXACT,
    summary="The largest whole number that is not above x.", derivatives=("0",),
    latex=r"\lfloor {x} \rfloor")
ceil: Unary = primitive("ceil", ieee.ceil,
    0.0,
    kinks="dz/dx = 0 at whole numbers", ulp=EXACT,
    summary="The smallest whole number that is not below x.", derivatives=("0",),
    latex=r"\lceil {x} \rceil")
identity: Unary = primitive("identity", operator.pos,
    1.0,
    ulp=EXACT,
    summary="The same number as a new node.", formula="x", derivatives=("1",), latex="{x:5}")
stop_gradient: Unary = primitive("stop_gradient", operator.pos,
    0.0,
    ulp=EXACT,
    summary="The same number as a constant: no gradient flows through.",
    formula="x, with derivative 0", derivatives=("0",))
abs: Unary = primitive("abs", operator.abs,
    lambda x, z: _sign(x),
    kinks="dz/dx = 0 at x = 0", ulp=EXACT,
    summary="The absolute value.", formula="x if x > 0 else -x",
    derivatives=("1 if x > 0 else -1",), latex=r"\left|{x}\right|")
scale: Binary = primitive("scale", ieee.scale,  # the product of the chain rule
    lambda x, y, z: y,
    lambda x, y, z: x,
    bilinear=True, singular=True, kinks="dz/dx = y and dz/dy = x everywhere", ulp=ROUNDED,
    summary="The product of two numbers; 0 for x = 0 even if y is infinite.",
    formula="0 if x == 0 else x * y", derivatives=("y", "x"),
    latex=r"\left({x:2} \cdot {y:3}\right)")
both: Binary = primitive("both", ieee.both,  # what the derivatives of scale are made of
    lambda x, y, z: y,
    lambda x, y, z: x,
    bilinear=True, singular=True, kinks="dz/dx = y and dz/dy = x everywhere", ulp=ROUNDED,
    summary="The product of two numbers; 0 where one is 0, even times an infinity.",
    formula="x * y if x != 0 and y != 0 else 0", derivatives=("y", "x"),
    latex=r"\left({x:2} \cdot {y:3}\right)")
gap: Binary = primitive("gap", ieee.gap,
    1.0,
    -1.0,
    ulp=ROUNDED,
    summary="The difference of two numbers; 0 where both are the same infinity.",
    formula="0 if x == y else x - y", derivatives=("1", "-1"),
    latex=r"\left({x:1} - {y:2}\right)")

# Exponentials, logarithms, roots.
exp: Unary = primitive("exp", ieee.exp,
    lambda x, z: z,
    singular=True,
    summary="e to the power of x.", derivatives=("exp(x)",), source="DLMF 4.7", latex=r"\exp")
expm1: Unary = primitive("expm1", ieee.expm1,
    lambda x, z: _exp(x),
    singular=True,
    summary="exp(x) - 1, with all digits near x = 0.", formula="exp(x) - 1",
    derivatives=("exp(x)",), latex=r"\left(e^{{{x}}} - 1\right)")
log: Unary = primitive("log", ieee.log,
    lambda x, z: _div(1.0, x),
    domain="x > 0", singular=True,
    summary="The natural logarithm.", derivatives=("1 / x",), source="DLMF 4.7", latex=r"\ln")
log1p: Unary = primitive("log1p", ieee.log1p,
    lambda x, z: _div(1.0, 1.0 + x),
    domain="x > -1", singular=True,
    summary="log(1 + x), with all digits near x = 0.", formula="log(1 + x)",
    derivatives=("1 / (1 + x)",), latex=r"\ln\left(1 + {x:2}\right)")
log2: Unary = primitive("log2", ieee.log2,
    lambda x, z: _div(1.0 / math.log(2.0), x),
    domain="x > 0", singular=True,
    summary="The logarithm to the base 2.", derivatives=("1 / (x * log(2))",),
    latex=r"\log_2\left({x}\right)")
log10: Unary = primitive("log10", ieee.log10,
    lambda x, z: _div(1.0 / math.log(10.0), x),
    domain="x > 0", singular=True,
    summary="The logarithm to the base 10.", derivatives=("1 / (x * log(10))",),
    latex=r"\log_{{10}}\left({x}\right)")
sqrt: Unary = primitive("sqrt", ieee.sqrt,
    lambda x, z: _div(0.5, z),
    domain="x >= 0", singular=True, kinks="dz/dx = inf at x = 0",
    summary="The square root.", derivatives=("1 / (2 * sqrt(x))",), latex=r"\sqrt{{{x}}}")
cbrt: Unary = primitive("cbrt", ieee.cbrt,
    lambda x, z: _div(_div(1.0 / 3.0, z), z),
    singular=True, kinks="dz/dx = inf at x = 0",
    summary="The real cube root, also of a negative number.",
    derivatives=("1 / (3 * cbrt(x)**2)",), latex=r"\sqrt[3]{{{x}}}")
hypot: Binary = primitive("hypot", ieee.hypot,
    lambda x, y, z: _cosine(x, y),
    lambda x, y, z: _cosine(y, x),
    kinks="dz/dx = dz/dy = 0 at x = y = 0, nan where both are infinite",
    summary="The length of the vector (x, y).", formula="sqrt(x * x + y * y)",
    derivatives=("x / sqrt(x * x + y * y)", "y / sqrt(x * x + y * y)"),
    latex=r"\sqrt{{{x:5}^2 + {y:5}^2}}")
cosine: Binary = primitive("cosine", ieee.cosine,
    lambda x, y, z: _scale(_cosine(y, x), _over_square(y, x)),
    lambda x, y, z: -_where(  # no factor overflows unless the product does
        _less(_abs(x), _abs(y)),
        _scale(_cosine(y, x), _over_square(x, y)), _scale(z, _over_square(y, x))),
    ulp=(3, 5, 16), limits="x and y both below 1e-308 in size: a step overflows",
    singular=True, kinks="z = dz/dx = dz/dy = 0 at x = y = 0",
    summary="The cosine of the angle between the vector (x, y) and the x axis.",
    formula="x / hypot(x, y)",
    derivatives=("y**2 / hypot(x, y)**3", "-x * y / hypot(x, y)**3"))
fraction: Binary = primitive("fraction", ieee.fraction,
    lambda x, y, z: _div(_fraction(y, x), x + y),
    lambda x, y, z: -_div(z, x + y),
    domain="x + y != 0", singular=True, limits="where x + y overflows: dz/dx = dz/dy = 0",
    summary="The part that x is of the sum of x and y.", formula="x / (x + y)",
    derivatives=("y / (x + y)**2", "-x / (x + y)**2"),
    latex=r"\frac{{{x}}}{{{x} + {y}}}")
logaddexp: Binary = primitive("logaddexp", ieee.logaddexp,
    lambda x, y, z: _sigmoid(_gap(x, y)),
    lambda x, y, z: _sigmoid(_gap(y, x)),
    ulp=(3, 4, 16),
    summary="The log of the sum of two exponentials.", formula="log(exp(x) + exp(y))",
    derivatives=("exp(x) / (exp(x) + exp(y))", "exp(y) / (exp(x) + exp(y))"),
    latex=r"\ln\left(e^{{{x}}} + e^{{{y}}}\right)")

# Circular and hyperbolic functions.
sin: Unary = primitive("sin", ieee.sin,
    lambda x, z: _cos(x),
    domain="-inf < x < inf",
    summary="The sine of an angle in radians.", derivatives=("cos(x)",),
    source="DLMF 4.20", latex=r"\sin")
cos: Unary = primitive("cos", ieee.cos,
    lambda x, z: -_sin(x),
    domain="-inf < x < inf",
    summary="The cosine of an angle in radians.", derivatives=("-sin(x)",),
    source="DLMF 4.20", latex=r"\cos")
sinc: Unary = primitive("sinc", ieee.sinc,
    lambda x, z: _sinc_slope(x, 1.0),
    summary="sin(pi * x) / (pi * x), and 1 at x = 0.", formula="sin(pi * x) / (pi * x)",
    derivatives=("(pi * x * cos(pi * x) - sin(pi * x)) / (pi * x**2)",), source="DLMF 10.49")
sinc_slope: Binary = primitive("sinc_slope", ieee.sinc_slope,
    lambda x, y, z: _sinc_slope(x, y + 1.0),
    0.0,
    domain="0 <= y <= 100 and y % 1 == 0", kinks="the order y has the derivative 0", ulp=(4, 4, 4),
    summary="The derivative of order y of sinc.", formula="the derivative of order y of sinc(x)",
    derivatives=("sinc_slope(x, y + 1)", "0"), source="DLMF 10.51")
tan: Unary = primitive("tan", ieee.tan,
    lambda x, z: 1.0 + z * z,
    domain="-inf < x < inf",
    summary="The tangent of an angle in radians.", derivatives=("1 / cos(x)**2",),
    source="DLMF 4.20", latex=r"\tan")
one_minus_square: Unary = primitive("one_minus_square", ieee.one_minus_square,
    lambda x, z: -2.0 * x,
    summary="1 - x**2, with all digits near x = -1 and x = 1.",
    formula="1 - x**2", derivatives=("-2 * x",))
asin: Unary = primitive("asin", ieee.asin,
    lambda x, z: _div(1.0, _sqrt(_one_minus_square(x))),
    domain="-1 <= x <= 1", singular=True, kinks="dz/dx = inf at x = -1 and at x = 1",
    summary="The inverse of the sine, from -pi/2 to pi/2.",
    derivatives=("1 / sqrt(1 - x**2)",), source="DLMF 4.24", latex=r"\arcsin")
acos: Unary = primitive("acos", ieee.acos,
    lambda x, z: -_div(1.0, _sqrt(_one_minus_square(x))),
    domain="-1 <= x <= 1", singular=True, kinks="dz/dx = -inf at x = -1 and at x = 1",
    summary="The inverse of the cosine, from 0 to pi.",
    derivatives=("-1 / sqrt(1 - x**2)",), source="DLMF 4.24", latex=r"\arccos")
atan: Unary = primitive("atan", math.atan,
    lambda x, z: _over_square(1.0, x),
    summary="The inverse of the tangent, from -pi/2 to pi/2.",
    derivatives=("1 / (1 + x**2)",), source="DLMF 4.24", latex=r"\arctan")
atan2: Binary = primitive("atan2", math.atan2,
    lambda x, y, z: _over_square(y, x),
    lambda x, y, z: -_over_square(x, y),
    singular=True, kinks="dz/dx = dz/dy = 0 at x = y = 0",
    summary="The angle of the point (y, x), from -pi to pi.",
    formula="the angle of the point (y, x)",
    derivatives=("y / (x**2 + y**2)", "-x / (x**2 + y**2)"))
over_square: Binary = primitive("over_square", ieee.over_square,
    lambda x, y, z: _share(_share(_difference_of_squares(x, y), _hypot(x, y)), _hypot(x, y)),
    lambda x, y, z: _where(  # the factor that may be 0 comes first
        _less(_abs(x), _abs(y)),
        _scale(-2.0 * z, _over_square(y, x)), _scale(_over_square(y, x), -2.0 * z)),
    ulp=(3, 5, 16),
    singular=True, kinks="z = dz/dx = dz/dy = 0 at x = y = 0",
    summary="x over the square of the length of the vector (x, y).",
    formula="x / (x**2 + y**2)",
    derivatives=("(y**2 - x**2) / (x**2 + y**2)**2", "-2 * x * y / (x**2 + y**2)**2"))
sinh: Unary = primitive("sinh", ieee.sinh,
    lambda x, z: _cosh(x),
    singular=True,
    summary="The hyperbolic sine.", formula="(exp(x) - exp(-x)) / 2",
    derivatives=("cosh(x)",), source="DLMF 4.34", latex=r"\sinh")
cosh: Unary = primitive("cosh", ieee.cosh,
    lambda x, z: _sinh(x),
    singular=True,
    summary="The hyperbolic cosine.", formula="(exp(x) + exp(-x)) / 2",
    derivatives=("sinh(x)",), source="DLMF 4.34", latex=r"\cosh")
tanh: Unary = primitive("tanh", math.tanh,
    lambda x, z: 4.0 * _bell(2.0 * x),  # 1 - z*z would lose all digits near z = 1
    ulp=(3, 4, 16),
    summary="The hyperbolic tangent.", formula="sinh(x) / cosh(x)",
    derivatives=("1 - tanh(x)**2",), source="DLMF 4.34", latex=r"\tanh")
asinh: Unary = primitive("asinh", math.asinh,
    lambda x, z: _cosine(1.0, x),
    summary="The inverse of the hyperbolic sine.", formula="log(x + sqrt(x**2 + 1))",
    derivatives=("1 / sqrt(x**2 + 1)",), source="DLMF 4.38")
acosh: Unary = primitive("acosh", ieee.acosh,
    lambda x, z: _div(1.0, _scale(_sqrt(x - 1.0), _sqrt(x + 1.0))),
    domain="x >= 1", singular=True, kinks="dz/dx = inf at x = 1",
    summary="The inverse of the hyperbolic cosine, at least 0.",
    derivatives=("1 / sqrt(x**2 - 1)",), source="DLMF 4.38")
atanh: Unary = primitive("atanh", ieee.atanh,
    lambda x, z: _div(1.0, _one_minus_square(x)),
    domain="-1 < x < 1", singular=True,
    summary="The inverse of the hyperbolic tangent.",
    derivatives=("1 / (1 - x**2)",), source="DLMF 4.38")
erf: Unary = primitive("erf", math.erf,
    lambda x, z: 2.0 / math.sqrt(math.pi) * _bump(x),
    summary="The error function.", derivatives=("2 / sqrt(pi) * exp(-x**2)",),
    source="DLMF 7.10")
erfc: Unary = primitive("erfc", math.erfc,
    lambda x, z: -2.0 / math.sqrt(math.pi) * _bump(x),
    summary="The complementary error function, with all digits for large x.",
    formula="1 - erf(x)", derivatives=("-2 / sqrt(pi) * exp(-x**2)",), source="DLMF 7.10")

# Activations of neurons.
sigmoid: Unary = primitive("sigmoid", ieee.sigmoid,
    lambda x, z: _bell(x),
    summary="The logistic function.", formula="1 / (1 + exp(-x))",
    derivatives=("sigmoid(x) * (1 - sigmoid(x))",), latex=r"\sigma")
bell: Unary = primitive("bell", ieee.bell,
    lambda x, z: -z * _tanh(0.5 * x),
    ulp=(3, 5, 16),
    summary="The derivative of the logistic function.",
    formula="exp(x) / (1 + exp(x))**2", derivatives=("-bell(x) * tanh(x / 2)",))
softplus: Unary = primitive("softplus", ieee.softplus,
    lambda x, z: _sigmoid(x),
    summary="A smooth form of relu.", formula="log(1 + exp(x))",
    derivatives=("1 / (1 + exp(-x))",), source="Dugas et al. 2001")
log_sigmoid: Unary = primitive("log_sigmoid", ieee.log_sigmoid,
    lambda x, z: _sigmoid(-x),
    summary="The logarithm of the logistic function.", formula="-log(1 + exp(-x))",
    derivatives=("1 / (1 + exp(x))",))
relu: Unary = primitive("relu", ieee.relu,
    lambda x, z: _heaviside(x),
    kinks="dz/dx = 0 at x = 0", ulp=EXACT,
    summary="The rectified linear unit.", formula="max(x, 0)",
    derivatives=("1 if x > 0 else 0",), source="Nair and Hinton 2010")
leaky_relu: Any = primitive("leaky_relu", ieee.leaky_relu,
    lambda x, y, z: _unless_nan(x, _where(_greater(x, 0.0), 1.0, y)),
    lambda x, y, z: _where(_greater(x, 0.0), 0.0, x),
    kinks="dz/dx = y at x = 0", ulp=ROUNDED,
    summary="The rectified linear unit with the slope y below 0.",
    formula="x if x > 0 else y * x",
    derivatives=("1 if x > 0 else y", "0 if x > 0 else x"), source="Maas et al. 2013")
elu: Any = primitive("elu", ieee.elu,
    lambda x, y, z: _where(_greater(x, 0.0), 1.0, _times_exp(y, _clip(x, -math.inf, 0.0))),
    lambda x, y, z: _expm1(_clip(x, -math.inf, 0.0)),
    kinks="dz/dx = y at x = 0; all derivatives there are those from below",
    summary="The exponential linear unit.", formula="x if x > 0 else y * (exp(x) - 1)",
    derivatives=("1 if x > 0 else y * exp(x)", "0 if x > 0 else exp(x) - 1"),
    source="Clevert et al. 2016")
gelu: Unary = primitive("gelu", ieee.gelu,
    lambda x, z: (0.5 * _erfc(-math.sqrt(0.5) * x)
                  + _damped(x, _exp(-0.5 * x * x)) / math.sqrt(2.0 * math.pi)),
    ulp=(4, 8, 16),
    summary="The Gaussian error linear unit.", formula="x * erfc(-x / sqrt(2)) / 2",
    derivatives=("erfc(-x / sqrt(2)) / 2 + x * exp(-x**2 / 2) / sqrt(2 * pi)",),
    source="Hendrycks and Gimpel 2016")
silu: Unary = primitive("silu", ieee.silu,
    lambda x, z: _sigmoid(x) + _damped(x, _bell(x)),
    ulp=(3, 5, 16),
    summary="The sigmoid linear unit, also called swish.", formula="x * sigmoid(x)",
    derivatives=("sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))",),
    source="Elfwing et al. 2018")

# Lists.
sum: Listed = primitive("sum", ieee.fsum,
    lambda xs, z: [1.0] * len(xs),
    listed=True, ulp=ROUNDED,
    summary="The sum of a list, rounded once.", formula="x1 + x2 + ...", derivatives=("1",),
    symbol="sum", latex=r"\sum")
mean: Listed = primitive("mean", ieee.mean,
    lambda xs, z: [1.0 / len(xs)] * len(xs),
    listed=True, domain="len(xs) > 0", ulp=(0.5, 0.5, 0),
    summary="The mean of a list, rounded once.", formula="(x1 + x2 + ...) / n",
    derivatives=("1 / n",))
prod: Listed = primitive("prod", ieee.prod,
    lambda xs, z: _products_of_others(xs),
    listed=True, ulp=(1, 1, 16),
    limits="where the product of some of the numbers overflows or underflows",
    summary="The product of a list.", formula="x1 * x2 * ...", derivatives=("x2 * ...",),
    symbol="prod", latex=r"\prod")
dot: Any = primitive("dot", ieee.dot,
    lambda xs, z: [*xs[len(xs) // 2 :], *xs[: len(xs) // 2]],
    listed=True, bilinear=True,
    limits="where a product overflows or underflows, nor for more than 2 products: each one more "
    "adds 1/2 to the bound of the value, as sums are taken from left to right",
    composition=lambda xs: _sum_of_products(xs),
    summary="The dot product of two lists, which stand in one.",
    formula="x1 * y1 + x2 * y2 + ...", derivatives=("y1",),
    python="dot([{left}], [{right}])", latex="{products}")
norm: Listed = primitive("norm", ieee.norm,
    lambda xs, z: [_share(x, z) for x in xs],
    listed=True, kinks="dz/dx1 = 0 where all numbers are 0",
    limits="where the length overflows (dz/dx1 = 0), and at an infinite x1 (nan). The error of "
    "the second derivative with respect to x1 alone is relative to 1 / z",
    summary="The length of a vector.", formula="sqrt(x1 ** 2 + x2 ** 2 + ...)",
    derivatives=("x1 / sqrt(x1 ** 2 + x2 ** 2 + ...)",), latex=r"\left\lVert {xs} \right\rVert")
max: Listed = primitive("max", ieee.max_,
    lambda xs, z: _shares_of_equals(xs, z),
    listed=True, domain="len(xs) > 0", kinks="dz/dx1 = 1/k where x1 is one of k largest",
    ulp=(0, 1, 0),
    summary="The largest number of a list.", formula="the largest",
    derivatives=("1 if x1 == z else 0",))
min: Listed = primitive("min", ieee.min_,
    lambda xs, z: _shares_of_equals(xs, z),
    listed=True, domain="len(xs) > 0", kinks="dz/dx1 = 1/k where x1 is one of k smallest",
    ulp=(0, 1, 0),
    summary="The smallest number of a list.", formula="the smallest",
    derivatives=("1 if x1 == z else 0",))
logsumexp: Listed = primitive("logsumexp", ieee.logsumexp,
    lambda xs, z: [_fraction(e, rest) for e, rest in _powers(xs, z)],
    listed=True, domain="len(xs) > 0", limits=GROWTH,
    summary="The log of the sum of the exponentials of a list.",
    formula="log(exp(x1) + exp(x2) + ...)",
    derivatives=("exp(x1) / (exp(x1) + exp(x2) + ...)",),
    source="Blanchard, Higham and Higham 2021", latex=r"\ln\sum\exp")
surprise: Listed = primitive("surprise", ieee.surprise,
    lambda xs, z: _slopes_of_surprise(xs, z),
    listed=True, domain="len(xs) > 0", limits=GROWTH,
    summary="The cross entropy of the last of a list of logits: -log of its softmax.",
    formula="log(exp(x1 - xn) + ... + 1), where xn is the last",
    derivatives=("exp(x1 - xn) / (exp(x1 - xn) + ... + 1)",))

# fmt: on

# What the rules share. These give an infinity or nan where the functions raise.
_abs: Any = PRIMITIVES["abs"].total
_bell: Any = PRIMITIVES["bell"].total
_clip: Any = PRIMITIVES["clip"].total
_cos: Any = PRIMITIVES["cos"].total
_cosh: Any = PRIMITIVES["cosh"].total
_cosine: Any = PRIMITIVES["cosine"].total
_div: Any = PRIMITIVES["div"].total
_equal: Any = PRIMITIVES["equal"].total
_erfc: Any = PRIMITIVES["erfc"].total
_exp: Any = PRIMITIVES["exp"].total
_expm1: Any = PRIMITIVES["expm1"].total
_floor: Any = PRIMITIVES["floor"].total
_fraction: Any = PRIMITIVES["fraction"].total
_gap: Any = PRIMITIVES["gap"].total
_greater: Any = PRIMITIVES["greater"].total
_heaviside: Any = PRIMITIVES["heaviside"].total
_hypot: Any = PRIMITIVES["hypot"].total
_less: Any = PRIMITIVES["less"].total
_log: Any = PRIMITIVES["log"].total
_max: Any = PRIMITIVES["max"].total
_one_minus_square: Any = PRIMITIVES["one_minus_square"].total
_over_square: Any = PRIMITIVES["over_square"].total
_pow: Any = PRIMITIVES["pow"].total
_power_slope: Any = PRIMITIVES["power_slope"].total
_scale: Any = PRIMITIVES["scale"].total
_sigmoid: Any = PRIMITIVES["sigmoid"].total
_sign: Any = PRIMITIVES["sign"].total
_sin: Any = PRIMITIVES["sin"].total
_sinc_slope: Any = PRIMITIVES["sinc_slope"].total
_sinh: Any = PRIMITIVES["sinh"].total
_sqrt: Any = PRIMITIVES["sqrt"].total
_stop_gradient: Any = PRIMITIVES["stop_gradient"].total
_sum: Any = PRIMITIVES["sum"].total
_tanh: Any = PRIMITIVES["tanh"].total
_where: Any = PRIMITIVES["where"].total


def _unless_nan(z: Any, p: Any) -> Any:
    """Return p, or nan if z is nan.

    What p is constant in, it stays constant in: a derivative of z would be multiplied
    by 0, which is nan where it is infinite.
    """
    return _where(_equal(z, z), p, _stop_gradient(z))


def _finite(x: Any) -> Any:
    """Return x, or the largest float for an infinity: inf - inf then is 0."""
    return _clip(x, -sys.float_info.max, sys.float_info.max)


def _share(x: Any, z: Any) -> Any:
    """Return x / z, and 0 at z = 0."""
    return _where(_equal(z, 0.0), 0.0, _div(x, z))


def _difference_of_squares(x: Any, y: Any) -> Any:
    """Return cosine(y, x)**2 - cosine(x, y)**2, also where an operand is infinite."""
    x, y = _finite(x), _finite(y)
    return _cosine(y, x) * _cosine(y, x) - _cosine(x, y) * _cosine(x, y)


def _positive_if_even(x: Any, y: Any) -> Any:
    """Return x, or abs(x) where y is so large that y - 1 is rounded. Such a y is even.

    Then x**(y - 2) is positive. The rounded y - 1 does not tell. Multiply by the
    sign, do not select with it: an infinite gradient times the 0 of the branch
    that was not chosen would be nan.
    """
    return x * _where(_greater(_abs(y), 2.0**53), _sign(x), 1.0)


def _damped(x: Any, e: Any) -> Any:
    """Return x * e, and 0 where e is 0 even if x is infinite."""
    return _where(_equal(e, 0.0), 0.0, x * e)


def _bump(x: Any) -> Any:
    """Return exp(-x * x). From 40 on it and all its derivatives are 0, not 0 times infinity."""
    x = _clip(x, -40.0, 40.0)
    return _exp(-x * x)


def _0_for_plain_0(y: Any, p: Any) -> Any:
    """Return p, a multiple of y; the plain number 0 if y is.

    The derivative of x**0.0 is 0 whatever x is. As a node that holds 0 it would be
    multiplied by the infinities of further derivatives.
    """
    return 0.0 if y.__class__ is float and y == 0.0 else p


def _times_exp(y: Any, x: Any) -> Any:
    """Return y * exp(x), also where exp(x) alone is too small for a float."""
    if y.__class__ is float and y == 0.0:
        return _unless_nan(x, 0.0)
    root = _exp(0.5 * x)
    return y * root * root


def _shares(xs: Sequence[Any]) -> list[Any]:
    """Return every x divided by the sum of all."""
    total = _sum(xs)
    return [_div(x, total) for x in xs]


def _shares_of_equals(xs: Sequence[Any], z: Any) -> list[Any]:
    """Return 1/k for the k numbers that equal z, and 0 for the others."""
    return _shares([_equal(x, z) for x in xs])


def _powers(xs: Sequence[Any], top: Any) -> list[tuple[Any, Any]]:
    """Return for every x the pair of exp(x - top) and the sum of all others.

    What is made of them is a quotient, in which top cancels. It is there so that
    nothing overflows.
    """
    top = _stop_gradient(top)
    powers = [_exp(_gap(x, top)) for x in xs]
    return [*zip(powers, sums_of_others(powers), strict=True)]


def _slopes_of_surprise(xs: Sequence[Any], z: Any) -> list[Any]:
    """Return the softmax of the logits, at the last one less 1, and nan where z is nan.

    p - 1 would lose all digits where p is near 1: it is minus the part of the
    others.
    """
    *others, (e, rest) = _powers(xs, _where(_equal(z, z), _max(xs), z))
    return [*[_fraction(*pair) for pair in others], -_fraction(rest, e)]


def sums_of_others(xs: list[Any]) -> list[Any]:
    """Return for every x the sum of all others, without a subtraction.

    The numbers are taken in pairs. The result for x is the other number of its
    pair plus all other pairs. The rounding error grows with the logarithm of the
    length.
    """
    if len(xs) <= 2:
        return xs[::-1] if len(xs) == 2 else [0.0] * len(xs)
    pairs = [x + y for x, y in zip(xs[::2], xs[1::2], strict=False)]
    outside = sums_of_others([*pairs, *xs[2 * len(pairs) :]])
    sums = [outside[i // 2] + xs[i ^ 1] for i in range(2 * len(pairs))]
    return [*sums, *outside[len(pairs) :]]


def _products_of_others(xs: Sequence[Any]) -> list[Any]:
    """Return for every x the product of all others."""
    before, after = [1.0], [1.0]
    for x, y in zip(xs, reversed(xs), strict=True):
        before.append(before[-1] * x)
        after.append(after[-1] * y)
    return [p * q for p, q in zip(before[:-1], after[-2::-1], strict=True)]


def _sum_of_products(xs: Sequence[Any]) -> Any:
    """Return the dot product of the two halves of xs."""
    z: Any = 0.0
    for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=True):
        z = z + x * y
    return z


def _operator(function: Any) -> Binary:
    """Return the operator of a row."""
    operator: Any = make_binary(function.primitive, True, apply_operator)
    operator.__name__ = operator.__qualname__ = function.__name__
    operator.__module__, operator.__doc__ = function.__module__, function.__doc__
    operator.primitive = function.primitive
    made: Binary = operator
    return made


def _reflected(function: Binary) -> Callable[[Any, Any], Any]:
    """Return the operator whose left operand is no Value."""

    def reflected(x: Any, y: Any) -> Any:
        return function(y, x)

    return reflected


for _name, _function in (
    ("add", add),
    ("sub", sub),
    ("mul", mul),
    ("truediv", div),
    ("mod", mod),
    ("pow", pow),
):
    setattr(Value, f"__{_name}__", _operator(_function))
    setattr(Value, f"__r{_name}__", _reflected(_operator(_function)))
Value.__neg__, Value.__abs__ = neg, abs  # type: ignore[method-assign, assignment]
_building = False
