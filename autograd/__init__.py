"""Scalar automatic differentiation.

A Value records how it was computed. `backward` applies the chain rule to the
record.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> x.grad
    6.0

This is the door for users. `autograd.extending` is the door for code that
builds on the engine.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import TYPE_CHECKING

from .analysis.census import Summary, summary
from .analysis.explanation import Explanation, explain
from .analysis.notation import Formula, formula
from .auditing import Audit, audit
from .check import check_gradients, detect_anomaly
from .compiler import jit
from .core.elsewhere import elsewhere as _elsewhere
from .core.engine import no_grad
from .core.functions import clip, dot, elu, leaky_relu, log_softmax, sample, softmax, take, where
from .core.graph import topological_order
from .core.primitives import primitive
from .core.row import LEAF, NOT_COMPUTED, PRIMITIVES, Primitive
from .core.signatures import (
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    bell,
    both,
    cbrt,
    ceil,
    cos,
    cosh,
    cosine,
    equal,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    fraction,
    gap,
    gelu,
    greater,
    heaviside,
    hypot,
    identity,
    less,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    logsumexp,
    max,
    maximum,
    mean,
    min,
    minimum,
    norm,
    one_minus_square,
    over_square,
    pow,
    power_slope,
    prod,
    relu,
    scale,
    sigmoid,
    sign,
    silu,
    sin,
    sinc,
    sinc_slope,
    sinh,
    softplus,
    sqrt,
    stop_gradient,
    sum,
    surprise,
    tan,
    tanh,
)
from .core.value import Value
from .drawing import Drawing, StepThrough, draw, step_through
from .errors import (
    AbsentError,
    AnomalyError,
    ArgumentError,
    ChainruleError,
    CutGraphError,
    CutGraphWarning,
    DataTypeError,
    DomainError,
    DrawingError,
    GradientError,
    GraphError,
    IndexDomainError,
    LengthError,
    MissingDependencyError,
    PrimitiveError,
    RecordingError,
    RecordingWarning,
    RenamedError,
    SourceSizeError,
    StaleValueError,
)
from .functional import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .testing import PrimitiveReport, check_primitive

__all__ = [
    "LEAF",
    "NOT_COMPUTED",
    "PRIMITIVES",
    "AbsentError",
    "AnomalyError",
    "ArgumentError",
    "Audit",
    "ChainruleError",
    "CutGraphError",
    "CutGraphWarning",
    "DataTypeError",
    "DomainError",
    "Drawing",
    "DrawingError",
    "Explanation",
    "Formula",
    "GradientError",
    "GraphError",
    "IndexDomainError",
    "LengthError",
    "MissingDependencyError",
    "Primitive",
    "PrimitiveError",
    "PrimitiveReport",
    "RecordingError",
    "RecordingWarning",
    "RenamedError",
    "SourceSizeError",
    "StaleValueError",
    "StepThrough",
    "Summary",
    "Value",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "audit",
    "bell",
    "both",
    "cbrt",
    "ceil",
    "check_gradients",
    "check_primitive",
    "clip",
    "cos",
    "cosh",
    "cosine",
    "detect_anomaly",
    "dot",
    "draw",
    "elu",
    "equal",
    "erf",
    "erfc",
    "exp",
    "explain",
    "expm1",
    "floor",
    "formula",
    "fraction",
    "gap",
    "gelu",
    "grad",
    "gradients",
    "greater",
    "heaviside",
    "hessian",
    "hvp",
    "hypot",
    "identity",
    "jacobian",
    "jit",
    "jvp",
    "leaky_relu",
    "less",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "no_grad",
    "norm",
    "one_minus_square",
    "over_square",
    "pow",
    "power_slope",
    "primitive",
    "prod",
    "relu",
    "sample",
    "scale",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinc_slope",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "step_through",
    "stop_gradient",
    "sum",
    "summary",
    "surprise",
    "take",
    "tan",
    "tanh",
    "topological_order",
    "value_and_grad",
    "vjp",
    "where",
]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = _elsewhere("autograd", "autograd.core.foreign")


def __dir__() -> list[str]:
    return [*__all__, "errors"]
