"""The table of primitives: every function that the engine knows, one row each, with its derivative.

A row reads: name, forward, one partial for every operand, then what is to be said about it. For z = f(x, y) the partials are functions of
(x, y, z), or numbers where they are constant, and give dz/dx and dz/dy. They are written once and used on floats by `backward`, on Values by
`gradients` (so that a derivative can be derived again), and on the traced Values of a recording. Therefore a partial has no `if`; it selects
with `where` and the comparisons, and it divides with `_div`, which like `_pow`, `_log` and `_sqrt` gives an infinity or nan and never raises.
The forms are chosen to lose no digits: tanh' is 4 sigmoid(2x) sigmoid(-2x), not 1 - z*z, which is all rounding error once z is near 1; and no
rule of a smooth function has a kink of its own, such as |x|, or its second derivative would.
Everything else derives from the rows: functions, methods, operators, pictures, documentation, compiled code and the tests.
"""

import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import DomainError, IndexDomainError, PrimitiveError
from . import ieee
from .chain_rule import make_pull
from .engine import make_function
from .row import PRIMITIVES, Binary, Listed, Primitive, Rule, Unary
from .value import Value


def primitive(
    name: str,
    forward: Callable[..., float],
    *partials: Rule,
    listed: bool = False,
    domain: str = "",
    error: type[DomainError] = DomainError,
    kinks: str = "",
    formula: str = "",
    symbol: str = "",
    latex: str = "",
    python: str = "",
    precedence: int | None = None,
    ulp: tuple[float, float] = (2.0, 4.0),
    bilinear: bool = False,
    singular: bool = False,
    composition: Callable[..., Any] | None = None,
) -> Any:
    """Add a row to the table and return its function, which takes numbers and Values alike; a function of one operand becomes a method too.

    forward: floats -> float, total (for nan and infinities it returns, it does not raise); given one list if `listed`.
    partials: a rule (x, ..., z) -> dz/dx or a number for each of one to three operands; if `listed`, one rule (xs, z) -> list of dz/dx.
    domain: a Python expression in x, y, w or xs that holds where users may call it, `error` is raised elsewhere. kinks: what is chosen where
    the derivative does not exist. formula, symbol (in pictures), the templates latex and python (see notation.py) and precedence (of an operator
    symbol, as in Python 1 to 4) are notation. ulp: bounds on the error of value and partials, in units in the last place times max(1, condition).
    bilinear: each operand's partial is its partner. singular: a partial can be infinite. composition: of other rows, that this one equals.
    Raises PrimitiveError if the name is taken or no identifier, or the number of partials does not fit.
    """
    if not name.isidentifier() or name in PRIMITIVES:
        raise PrimitiveError(
            f"the name {name!r} is {'taken' if name in PRIMITIVES else 'no identifier'}: a primitive needs a name of its own"
        )
    arity = None if listed else len(partials)
    if len(partials) not in ((1,) if listed else (1, 2, 3)) or (
        listed and not callable(partials[0])
    ):
        raise PrimitiveError(
            f"{name} has {len(partials)} partials: give one for each of 1 to 3 operands, or one rule for the list if listed"
        )
    op = Primitive(
        name, arity, forward, partials[0] if listed and callable(partials[0]) else partials
    )
    op.domain, op.error, op.kinks, op.ulp, op.precedence = domain, error, kinks, ulp, precedence
    op.bilinear, op.singular, op.composition, op.python = bilinear, singular, composition, python
    op.formula, op.symbol = formula or f"{name}({', '.join(op.names)})", symbol or name
    op.latex = (
        latex
        or rf"\operatorname{{{{{name.replace('_', ' ')}}}}}\left({', '.join(f'{{{x}}}' for x in op.names)}\right)"
    )
    if domain:
        op.violates = eval(
            f"lambda {', '.join(op.names)}: {op.outside}", {"inf": math.inf, "len": len}
        )
    if arity == 1 and hasattr(Value, name):
        raise PrimitiveError(
            f"Value.{name} exists already: a primitive of one operand becomes a method and needs a name of its own"
        )
    op.function, op.total, op.pull = (
        make_function(op, checked=True),
        make_function(op, checked=False),
        make_pull(op),
    )
    for function in (op.function, op.total):
        function.__name__ = function.__qualname__ = name
        function.__module__ = __name__  # where pickle finds it again
        function.__doc__ = (
            f"{op.formula}{f', for {domain}' if domain else ''}.{f' {kinks}.' if kinks else ''}"
        )
        function.primitive = op  # type: ignore[attr-defined]
    PRIMITIVES[name] = op
    if arity == 1:
        setattr(Value, name, op.function)
    return op.function


# fmt: off

# Arithmetic.
add: Binary = primitive("add", operator.add, 1.0, 1.0, symbol="+", precedence=1, formula="x + y", latex="{x:1} + {y:2}", ulp=(0.5, 0))
sub: Binary = primitive("sub", operator.sub, 1.0, -1.0, symbol="-", precedence=1, formula="x - y", latex="{x:1} - {y:2}", ulp=(0.5, 0))
neg: Unary = primitive("neg", operator.neg, -1.0, symbol="-", precedence=3, formula="-x", latex="-{x:3}", ulp=(0, 0))
mul: Binary = primitive("mul", operator.mul, lambda x, y, z: y, lambda x, y, z: x, bilinear=True, symbol="*", precedence=2,
                        formula="x * y", latex=r"{x:2} \cdot {y:3}", ulp=(0.5, 0))
div: Binary = primitive("div", ieee.div, lambda x, y, z: _div(1.0, y), lambda x, y, z: -_div(z, y), domain="y != 0", singular=True,
                        symbol="/", precedence=2, formula="x / y", latex=r"\frac{{{x}}}{{{y}}}", ulp=(0.5, 2))
pow: Binary = primitive("pow", ieee.pow, lambda x, y, z: scale(y, _pow(x, y - 1.0)),
                        lambda x, y, z: where(equal(x, 0.0), 0.0, scale(z, _log(x))), singular=True, symbol="**", precedence=4, formula="x ** y",
                        domain="x > 0 or x == 0 and y >= 0 or x < 0 and y % 1 == 0", latex="{x:5}^{{{y}}}",
                        kinks="d(x ** 0)/dx = 0 also at x = 0; dz/dy = 0 at x = 0, nan at x < 0; dz/dx loses |log x| ulp more, as y - 1 is rounded")
_div: Any = PRIMITIVES["div"].total
_pow: Any = PRIMITIVES["pow"].total

# Selection. Its conditions are numbers, 1.0 for true and 0.0 for false.
less: Binary = primitive("less", ieee.less, 0.0, 0.0, symbol="<", formula="1 if x < y else 0", latex="[{x} < {y}]", kinks="0 at x = y",
                         ulp=(0, 0))
greater: Binary = primitive("greater", ieee.greater, 0.0, 0.0, symbol=">", formula="1 if x > y else 0", latex="[{x} > {y}]", kinks="0 at x = y",
                            ulp=(0, 0))
equal: Binary = primitive("equal", ieee.equal, 0.0, 0.0, symbol="=", formula="1 if x == y else 0", latex="[{x} = {y}]", kinks="0", ulp=(0, 0))
where: Any = primitive("where", ieee.where, 0.0, lambda x, y, w, z: where(x, 1.0, 0.0), lambda x, y, w, z: where(x, 0.0, 1.0),
                   formula="y if x != 0 else w", latex=r"\left({y} \text{{ if }} {x} \text{{ else }} {w}\right)", ulp=(0, 0))
clip: Any = primitive("clip", ieee.clip, lambda x, y, w, z: (1.0 - less(x, y)) * (1.0 - greater(x, w)), lambda x, y, w, z: less(x, y),
                  lambda x, y, w, z: greater(x, w), domain="y <= w", formula="min(max(x, y), w)", kinks="dz/dx = 1 at both edges", ulp=(0, 0))
take: Any = primitive("take", ieee.take, lambda xs, z: [*[equal(float(i), xs[-1]) for i in range(len(xs) - 1)], None], listed=True,
                  domain="0 <= xs[-1] < len(xs) - 1 and xs[-1] % 1 == 0", error=IndexDomainError, formula="xs[index], the index last in the list",
                  python="take([{front}], {last})", latex=r"\left({front}\right)_{{{last}}}",
                  kinks="the index has derivative 0", ulp=(0, 0))
maximum: Binary = primitive("maximum", ieee.maximum, lambda x, y, z: _unless_nan(z, greater(x, y) + 0.5 * equal(x, y)),
                            lambda x, y, z: _unless_nan(z, greater(y, x) + 0.5 * equal(x, y)), formula="x if x > y else y",
                            kinks="1/2 each at x = y", ulp=(0, 0))
minimum: Binary = primitive("minimum", ieee.minimum, lambda x, y, z: _unless_nan(z, less(x, y) + 0.5 * equal(x, y)),
                            lambda x, y, z: _unless_nan(z, less(y, x) + 0.5 * equal(x, y)), formula="x if x < y else y",
                            kinks="1/2 each at x = y", ulp=(0, 0))
sign: Unary = primitive("sign", ieee.sign, 0.0, formula="1 if x > 0 else -1 if x < 0 else 0", kinks="0 at x = 0", ulp=(0, 0))
step: Unary = primitive("step", ieee.step, 0.0, formula="1 if x > 0 else 0", kinks="0 at x = 0", ulp=(0, 0))
floor: Unary = primitive("floor", ieee.floor, 0.0, latex=r"\lfloor {x} \rfloor", kinks="0 at whole numbers", ulp=(0, 0))
ceil: Unary = primitive("ceil", ieee.ceil, 0.0, latex=r"\lceil {x} \rceil", kinks="0 at whole numbers", ulp=(0, 0))
identity: Unary = primitive("identity", operator.pos, 1.0, formula="x", latex="{x:5}", ulp=(0, 0))
stop_gradient: Unary = primitive("stop_gradient", operator.pos, 0.0, formula="x, with derivative 0", ulp=(0, 0))
abs: Unary = primitive("abs", operator.abs, lambda x, z: sign(x), formula="|x|", latex=r"\left|{x}\right|", kinks="0 at x = 0", ulp=(0, 0))
scale: Binary = primitive("scale", ieee.scale, lambda x, y, z: y, lambda x, y, z: x, bilinear=True, singular=True, formula="0 if x == 0 else x * y",
                         latex=r"\left({x:2} \cdot {y:3}\right)", kinks="as x * y",
                         ulp=(0.5, 0))  # the product in a chain rule: a zero adjoint stops even an infinite partial

# Exponentials, logarithms, roots.
exp: Unary = primitive("exp", ieee.exp, lambda x, z: z, singular=True, latex=r"\exp\left({x}\right)")
expm1: Unary = primitive("expm1", ieee.expm1, lambda x, z: exp(x), singular=True, formula="exp(x) - 1", latex=r"\left(e^{{{x}}} - 1\right)")
log: Unary = primitive("log", ieee.log, lambda x, z: _div(1.0, x), domain="x > 0", singular=True, latex=r"\ln\left({x}\right)")
log1p: Unary = primitive("log1p", ieee.log1p, lambda x, z: _div(1.0, 1.0 + x), domain="x > -1", singular=True, formula="log(1 + x)",
                         latex=r"\ln\left(1 + {x:2}\right)")
log2: Unary = primitive("log2", ieee.log2, lambda x, z: _div(1.0 / math.log(2.0), x), domain="x > 0", singular=True, latex=r"\log_2\left({x}\right)")
log10: Unary = primitive("log10", ieee.log10, lambda x, z: _div(1.0 / math.log(10.0), x), domain="x > 0", singular=True,
                         latex=r"\log_{{10}}\left({x}\right)")
sqrt: Unary = primitive("sqrt", ieee.sqrt, lambda x, z: _div(0.5, z), domain="x >= 0", singular=True, kinks="inf at x = 0", latex=r"\sqrt{{{x}}}")
cbrt: Unary = primitive("cbrt", ieee.cbrt, lambda x, z: _div(_div(1.0 / 3.0, z), z), singular=True, kinks="inf at x = 0", latex=r"\sqrt[3]{{{x}}}")
hypot: Binary = primitive("hypot", ieee.hypot, lambda x, y, z: _share(x, z), lambda x, y, z: _share(y, z), formula="sqrt(x * x + y * y)",
                          kinks="0 at x = y = 0", latex=r"\sqrt{{{x:5}^2 + {y:5}^2}}")
logaddexp: Binary = primitive("logaddexp", ieee.logaddexp, lambda x, y, z: sigmoid(_finite(x) - _finite(y)),
                              lambda x, y, z: sigmoid(_finite(y) - _finite(x)), formula="log(exp(x) + exp(y))", ulp=(3, 4),
                              latex=r"\ln\left(e^{{{x}}} + e^{{{y}}}\right)")
_log: Any = PRIMITIVES["log"].total
_sqrt: Any = PRIMITIVES["sqrt"].total

# Circular and hyperbolic functions.
sin: Unary = primitive("sin", ieee.sin, lambda x, z: PRIMITIVES["cos"].total(x), domain="-inf < x < inf", latex=r"\sin\left({x}\right)")
cos: Unary = primitive("cos", ieee.cos, lambda x, z: -PRIMITIVES["sin"].total(x), domain="-inf < x < inf", latex=r"\cos\left({x}\right)")
tan: Unary = primitive("tan", ieee.tan, lambda x, z: 1.0 + z * z, domain="-inf < x < inf", latex=r"\tan\left({x}\right)")
asin: Unary = primitive("asin", ieee.asin, lambda x, z: _div(1.0, _sqrt((1.0 - x) * (1.0 + x))), domain="-1 <= x <= 1", singular=True,
                        kinks="inf at the ends", latex=r"\arcsin\left({x}\right)")
acos: Unary = primitive("acos", ieee.acos, lambda x, z: -_div(1.0, _sqrt((1.0 - x) * (1.0 + x))), domain="-1 <= x <= 1", singular=True,
                        kinks="-inf at the ends", latex=r"\arccos\left({x}\right)")
atan: Unary = primitive("atan", math.atan, lambda x, z: _div(_div(1.0, hypot(1.0, x)), hypot(1.0, x)), latex=r"\arctan\left({x}\right)")
atan2: Binary = primitive("atan2", math.atan2, lambda x, y, z: _share(_share(y, hypot(x, y)), hypot(x, y)),
                          lambda x, y, z: -_share(_share(x, hypot(x, y)), hypot(x, y)), formula="the angle of the point (y, x)",
                          kinks="0 at x = y = 0", singular=True)
sinh: Unary = primitive("sinh", ieee.sinh, lambda x, z: cosh(x), singular=True, latex=r"\sinh\left({x}\right)")
cosh: Unary = primitive("cosh", ieee.cosh, lambda x, z: sinh(x), singular=True, latex=r"\cosh\left({x}\right)")
tanh: Unary = primitive("tanh", math.tanh, lambda x, z: 4.0 * _bell(2.0 * x), latex=r"\tanh\left({x}\right)")
asinh: Unary = primitive("asinh", math.asinh, lambda x, z: _div(1.0, hypot(1.0, x)))
acosh: Unary = primitive("acosh", ieee.acosh, lambda x, z: _div(1.0, _sqrt(x - 1.0) * _sqrt(x + 1.0)), domain="x >= 1", singular=True,
                         kinks="inf at x = 1")
atanh: Unary = primitive("atanh", ieee.atanh, lambda x, z: _div(1.0, (1.0 - x) * (1.0 + x)), domain="-1 < x < 1", singular=True)
erf: Unary = primitive("erf", math.erf, lambda x, z: 2.0 / math.sqrt(math.pi) * exp(-x * x))
erfc: Unary = primitive("erfc", math.erfc, lambda x, z: -2.0 / math.sqrt(math.pi) * exp(-x * x), formula="1 - erf(x)")

# Activations of neurons.
sigmoid: Unary = primitive("sigmoid", ieee.sigmoid, lambda x, z: z * sigmoid(-x), formula="1 / (1 + exp(-x))", latex=r"\sigma\left({x}\right)")
softplus: Unary = primitive("softplus", ieee.softplus, lambda x, z: sigmoid(x), formula="log(1 + exp(x))")
log_sigmoid: Unary = primitive("log_sigmoid", ieee.log_sigmoid, lambda x, z: sigmoid(-x), formula="-log(1 + exp(-x))")
relu: Unary = primitive("relu", ieee.relu, lambda x, z: step(x), formula="max(x, 0)", kinks="0 at x = 0", ulp=(0, 0))
leaky_relu: Any = primitive("leaky_relu", ieee.leaky_relu, lambda x, y, z: where(greater(x, 0.0), 1.0, y),
                        lambda x, y, z: where(greater(x, 0.0), 0.0, x), formula="x if x > 0 else y * x", kinks="dz/dx = y at x = 0", ulp=(0.5, 0))
elu: Any = primitive("elu", ieee.elu, lambda x, y, z: where(greater(x, 0.0), 1.0, y * exp(minimum(x, 0.0))), lambda x, y, z: expm1(minimum(x, 0.0)),
                 formula="x if x > 0 else y * (exp(x) - 1)", kinks="dz/dx = y at x = 0")
gelu: Unary = primitive("gelu", ieee.gelu, lambda x, z: 0.5 * erfc(-math.sqrt(0.5) * x) + _damped(x, exp(-0.5 * x * x)) / math.sqrt(2.0 * math.pi),
                        formula="x * erfc(-x / sqrt(2)) / 2", ulp=(4, 8))
silu: Unary = primitive("silu", ieee.silu, lambda x, z: sigmoid(x) + _damped(x, _bell(x)), formula="x * sigmoid(x)", ulp=(3, 5))

# Lists.
sum: Listed = primitive("sum", ieee.fsum, lambda xs, z: [1.0] * len(xs), listed=True, symbol="sum", latex=r"\sum\left({xs}\right)",
                        formula="x1 + x2 + ..., rounded once", ulp=(0.5, 0))
mean: Listed = primitive("mean", ieee.mean, lambda xs, z: [1.0 / len(xs)] * len(xs), listed=True, domain="len(xs) > 0", ulp=(0.5, 0.5),
                         formula="(x1 + x2 + ...) / n, rounded once")
prod: Listed = primitive("prod", ieee.prod, lambda xs, z: _products_of_others(xs), listed=True, symbol="prod", latex=r"\prod\left({xs}\right)",
                         formula="x1 * x2 * ...", ulp=(1, 1))
dot: Any = primitive("dot", ieee.dot, lambda xs, z: [*xs[len(xs) // 2 :], *xs[: len(xs) // 2]], listed=True, bilinear=True,
                 formula="x1 * y1 + x2 * y2 + ..., xs and ys in one list", python="dot([{left}], [{right}])",
                 latex=r"\left\langle \left({left}\right), \left({right}\right) \right\rangle", composition=lambda xs: _sum_of_products(xs))
norm: Listed = primitive("norm", ieee.norm, lambda xs, z: [_share(x, z) for x in xs], listed=True, formula="sqrt(x1 ** 2 + x2 ** 2 + ...)",
                         latex=r"\left\lVert {xs} \right\rVert", kinks="0 where all are 0")
max: Listed = primitive("max", ieee.max_, lambda xs, z: _shares_of_equals(xs, z), listed=True, domain="len(xs) > 0", formula="the largest",
                        kinks="1/k each where k are the largest", ulp=(0, 1))
min: Listed = primitive("min", ieee.min_, lambda xs, z: _shares_of_equals(xs, z), listed=True, domain="len(xs) > 0", formula="the smallest",
                        kinks="1/k each where k are the smallest", ulp=(0, 1))
logsumexp: Listed = primitive("logsumexp", ieee.logsumexp, lambda xs, z: _softmax(xs, z), listed=True, domain="len(xs) > 0",
                              formula="log(exp(x1) + exp(x2) + ...)", latex=r"\ln\sum\exp\left({xs}\right)")


# fmt: on

# What the rules share.


def _unless_nan(z: Any, p: Any) -> Any:
    return where(equal(z, z), p, z)


def _finite(x: Any) -> Any:
    """x, or the largest float for an infinity, so that a difference of equal infinities is 0."""
    return PRIMITIVES["clip"].total(x, -sys.float_info.max, sys.float_info.max)


def _share(x: Any, z: Any) -> Any:
    """x / z, 0 at z = 0."""
    return where(equal(z, 0.0), 0.0, _div(x, z))


def _damped(x: Any, e: Any) -> Any:
    """x * e, 0 where e has vanished though x is infinite."""
    return where(equal(e, 0.0), 0.0, x * e)


def _bell(x: Any) -> Any:
    """The derivative of sigmoid, without the kink that exp(-|x|) would give to its own derivatives at 0."""
    return sigmoid(x) * sigmoid(-x)


def _shares(xs: Sequence[Any]) -> list[Any]:
    total = sum(xs)
    return [_div(x, total) for x in xs]


def _shares_of_equals(xs: Sequence[Any], z: Any) -> list[Any]:
    return _shares([equal(x, z) for x in xs])


def _softmax(xs: Sequence[Any], z: Any) -> list[Any]:
    """exp(x - z), divided by their sum: this takes out the rounding error of z, and at the second derivative z itself."""
    top = _finite(stop_gradient(z))
    return _shares([exp(_finite(x) - top) for x in xs])


def _products_of_others(xs: Sequence[Any]) -> list[Any]:
    before, after = [1.0], [1.0]
    for x, y in zip(xs, reversed(xs), strict=True):
        before.append(before[-1] * x)
        after.append(after[-1] * y)
    return [p * q for p, q in zip(before[:-1], after[-2::-1], strict=True)]


def _sum_of_products(xs: Sequence[Any]) -> Any:
    z: Any = 0.0
    for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=True):
        z = z + x * y
    return z


def _reflected(function: Binary) -> Callable[[Any, Any], Any]:
    return lambda x, y: function(y, x)


for _name, _function in (("add", add), ("sub", sub), ("mul", mul), ("truediv", div), ("pow", pow)):
    setattr(Value, f"__{_name}__", _function)
    setattr(Value, f"__r{_name}__", _reflected(_function))
Value.__neg__, Value.__abs__ = neg, abs  # type: ignore[method-assign, assignment]
