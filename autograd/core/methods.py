"""The operators and methods of Value that derive from the table.

Written by docs/generate.py from `primitives.py`: edit the row, then generate.
`primitives.py` adds the functions themselves to Value. These are their types.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import TYPE_CHECKING, TypeVar

Self = TypeVar("Self", bound="Methods")


class Methods:
    """The types of the methods, for editors and type checkers."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __add__(self: Self, other: Self | float, /) -> Self: ...
        def __radd__(self: Self, other: Self | float, /) -> Self: ...
        def __sub__(self: Self, other: Self | float, /) -> Self: ...
        def __rsub__(self: Self, other: Self | float, /) -> Self: ...
        def __mul__(self: Self, other: Self | float, /) -> Self: ...
        def __rmul__(self: Self, other: Self | float, /) -> Self: ...
        def __truediv__(self: Self, other: Self | float, /) -> Self: ...
        def __rtruediv__(self: Self, other: Self | float, /) -> Self: ...
        def __mod__(self: Self, other: Self | float, /) -> Self: ...
        def __rmod__(self: Self, other: Self | float, /) -> Self: ...
        def __pow__(self: Self, other: Self | float, /) -> Self: ...
        def __rpow__(self: Self, other: Self | float, /) -> Self: ...
        def __neg__(self: Self) -> Self: ...
        def __abs__(self: Self) -> Self: ...

        def neg(self: Self) -> Self:
            """The number with the opposite sign."""

        def sign(self: Self) -> Self:
            """The sign of a number."""

        def heaviside(self: Self) -> Self:
            """The unit step."""

        def floor(self: Self) -> Self:
            """The largest whole number that is not above x."""

        def ceil(self: Self) -> Self:
            """The smallest whole number that is not below x."""

        def identity(self: Self) -> Self:
            """The same number as a new node."""

        def stop_gradient(self: Self) -> Self:
            """The same number as a constant: no gradient flows through."""

        def abs(self: Self) -> Self:
            """The absolute value."""

        def exp(self: Self) -> Self:
            """e to the power of x."""

        def expm1(self: Self) -> Self:
            """exp(x) - 1, with all digits near x = 0."""

        def log(self: Self) -> Self:
            """The natural logarithm."""

        def log1p(self: Self) -> Self:
            """log(1 + x), with all digits near x = 0."""

        def log2(self: Self) -> Self:
            """The logarithm to the base 2."""

        def log10(self: Self) -> Self:
            """The logarithm to the base 10."""

        def sqrt(self: Self) -> Self:
            """The square root."""

        def cbrt(self: Self) -> Self:
            """The real cube root, also of a negative number."""

        def sin(self: Self) -> Self:
            """The sine of an angle in radians."""

        def cos(self: Self) -> Self:
            """The cosine of an angle in radians."""

        def sinc(self: Self) -> Self:
            """sin(pi * x) / (pi * x), and 1 at x = 0."""

        def tan(self: Self) -> Self:
            """The tangent of an angle in radians."""

        def one_minus_square(self: Self) -> Self:
            """1 - x**2, with all digits near x = -1 and x = 1."""

        def asin(self: Self) -> Self:
            """The inverse of the sine, from -pi/2 to pi/2."""

        def acos(self: Self) -> Self:
            """The inverse of the cosine, from 0 to pi."""

        def atan(self: Self) -> Self:
            """The inverse of the tangent, from -pi/2 to pi/2."""

        def sinh(self: Self) -> Self:
            """The hyperbolic sine."""

        def cosh(self: Self) -> Self:
            """The hyperbolic cosine."""

        def tanh(self: Self) -> Self:
            """The hyperbolic tangent."""

        def asinh(self: Self) -> Self:
            """The inverse of the hyperbolic sine."""

        def acosh(self: Self) -> Self:
            """The inverse of the hyperbolic cosine, at least 0."""

        def atanh(self: Self) -> Self:
            """The inverse of the hyperbolic tangent."""

        def erf(self: Self) -> Self:
            """The error function."""

        def erfc(self: Self) -> Self:
            """The complementary error function, with all digits for large x."""

        def sigmoid(self: Self) -> Self:
            """The logistic function."""

        def bell(self: Self) -> Self:
            """The derivative of the logistic function."""

        def softplus(self: Self) -> Self:
            """A smooth form of relu."""

        def log_sigmoid(self: Self) -> Self:
            """The logarithm of the logistic function."""

        def relu(self: Self) -> Self:
            """The rectified linear unit."""

        def gelu(self: Self) -> Self:
            """The Gaussian error linear unit."""

        def silu(self: Self) -> Self:
            """The sigmoid linear unit, also called swish."""

        def clip(self: Self, low: float, high: float) -> Self:
            """Return the number from low to high that is nearest to x."""
