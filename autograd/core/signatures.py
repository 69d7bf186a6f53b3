"""The functions of the table, as editors and `help()` read them.

Written by docs/generate.py from `primitives.py`: edit the row, then generate.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from typing import Any, overload

from .row import PRIMITIVES
from .value import Operand, Value


def row(stub: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of the row, with the docstring that stands here.

    A row that has left the table keeps its stub until the next generate.
    """
    op = PRIMITIVES.get(stub.__name__)
    if op is None:
        return stub
    op.function.__doc__ = stub.__doc__
    return op.function


@overload
def pow(x: Value, y: Operand, /) -> Value: ...
@overload
def pow(x: float, y: Value, /) -> Value: ...
@overload
def pow(x: float, y: float, /) -> float: ...
@row
def pow(x: Any, y: Any, /) -> Any:
    """x to the power of y.

    - Formula: `z = x ** y`
    - Derivatives: `dz/dx = y * x**(y - 1)`, `dz/dy = x**y * log(x)`
    - Domain: `x > 0 or x == 0 and y >= 0 or x < 0 and y % 1 == 0`, else
      DomainError
    - Choice at kinks: dz/dx = 0 at x = y = 0; dz/dy = 0 at x = 0, nan at x < 0
    """


@overload
def power_slope(x: Value, y: Operand, /) -> Value: ...
@overload
def power_slope(x: float, y: Value, /) -> Value: ...
@overload
def power_slope(x: float, y: float, /) -> float: ...
@row
def power_slope(x: Any, y: Any, /) -> Any:
    """The derivative of x**y by x.

    - Formula: `z = y * x**(y - 1)`
    - Derivatives: `dz/dx = y * (y - 1) * x**(y - 2)`, `dz/dy = x**(y - 1) * (1
      + y * log(x))`
    - Domain: `x > 0 or x == 0 and (y == 0 or y >= 1) or x < 0 and y % 1 == 0`,
      else DomainError
    - Choice at kinks: dz/dx = 0 at x = 0, y = 1; dz/dy = x**(y - 1) at x = 0,
      nan at x < 0
    """


@overload
def less(x: Value, y: Operand, /) -> Value: ...
@overload
def less(x: float, y: Value, /) -> Value: ...
@overload
def less(x: float, y: float, /) -> float: ...
@row
def less(x: Any, y: Any, /) -> Any:
    """Whether x is less than y.

    - Formula: `z = 1 if x < y else 0`
    - Derivatives: `dz/dx = 0`, `dz/dy = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 0 at x = y
    """


@overload
def greater(x: Value, y: Operand, /) -> Value: ...
@overload
def greater(x: float, y: Value, /) -> Value: ...
@overload
def greater(x: float, y: float, /) -> float: ...
@row
def greater(x: Any, y: Any, /) -> Any:
    """Whether x is greater than y.

    - Formula: `z = 1 if x > y else 0`
    - Derivatives: `dz/dx = 0`, `dz/dy = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 0 at x = y
    """


@overload
def equal(x: Value, y: Operand, /) -> Value: ...
@overload
def equal(x: float, y: Value, /) -> Value: ...
@overload
def equal(x: float, y: float, /) -> float: ...
@row
def equal(x: Any, y: Any, /) -> Any:
    """Whether two numbers are equal.

    - Formula: `z = 1 if x == y else 0`
    - Derivatives: `dz/dx = 0`, `dz/dy = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 0 at x = y
    """


@overload
def maximum(x: Value, y: Operand, /) -> Value: ...
@overload
def maximum(x: float, y: Value, /) -> Value: ...
@overload
def maximum(x: float, y: float, /) -> float: ...
@row
def maximum(x: Any, y: Any, /) -> Any:
    """The larger of two numbers.

    - Formula: `z = x if x > y else y`
    - Derivatives: `dz/dx = 1 if x > y else 0`, `dz/dy = 1 if y > x else 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 1/2 at x = y
    """


@overload
def minimum(x: Value, y: Operand, /) -> Value: ...
@overload
def minimum(x: float, y: Value, /) -> Value: ...
@overload
def minimum(x: float, y: float, /) -> float: ...
@row
def minimum(x: Any, y: Any, /) -> Any:
    """The smaller of two numbers.

    - Formula: `z = x if x < y else y`
    - Derivatives: `dz/dx = 1 if x < y else 0`, `dz/dy = 1 if y < x else 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 1/2 at x = y
    """


@overload
def sign(x: Value, /) -> Value: ...
@overload
def sign(x: float, /) -> float: ...
@row
def sign(x: Any, /) -> Any:
    """The sign of a number.

    - Formula: `z = 1 if x > 0 else -1 if x < 0 else 0`
    - Derivative: `dz/dx = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = 0 at x = 0
    """


@overload
def heaviside(x: Value, /) -> Value: ...
@overload
def heaviside(x: float, /) -> float: ...
@row
def heaviside(x: Any, /) -> Any:
    """The unit step.

    - Formula: `z = 1 if x > 0 else 0`
    - Derivative: `dz/dx = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = 0 at x = 0
    - Source: McCulloch and Pitts 1943, the unit of their nets
    """


@overload
def floor(x: Value, /) -> Value: ...
@overload
def floor(x: float, /) -> float: ...
@row
def floor(x: Any, /) -> Any:
    """The largest whole number that is not above x.

    - Derivative: `dz/dx = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = 0 at whole numbers
    """


@overload
def ceil(x: Value, /) -> Value: ...
@overload
def ceil(x: float, /) -> float: ...
@row
def ceil(x: Any, /) -> Any:
    """The smallest whole number that is not below x.

    - Derivative: `dz/dx = 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = 0 at whole numbers
    """


@overload
def identity(x: Value, /) -> Value: ...
@overload
def identity(x: float, /) -> float: ...
@row
def identity(x: Any, /) -> Any:
    """The same number as a new node.

    - Formula: `z = x`
    - Derivative: `dz/dx = 1`
    - Domain: all numbers
    """


@overload
def stop_gradient(x: Value, /) -> Value: ...
@overload
def stop_gradient(x: float, /) -> float: ...
@row
def stop_gradient(x: Any, /) -> Any:
    """The same number as a constant: no gradient flows through.

    - Formula: `z = x, with derivative 0`
    - Derivative: `dz/dx = 0`
    - Domain: all numbers
    """


@overload
def abs(x: Value, /) -> Value: ...
@overload
def abs(x: float, /) -> float: ...
@row
def abs(x: Any, /) -> Any:
    """The absolute value.

    - Formula: `z = x if x > 0 else -x`
    - Derivative: `dz/dx = 1 if x > 0 else -1`
    - Domain: all numbers
    - Choice at kinks: dz/dx = 0 at x = 0
    """


@overload
def scale(x: Value, y: Operand, /) -> Value: ...
@overload
def scale(x: float, y: Value, /) -> Value: ...
@overload
def scale(x: float, y: float, /) -> float: ...
@row
def scale(x: Any, y: Any, /) -> Any:
    """The product of two numbers; 0 for x = 0 even if y is infinite.

    - Formula: `z = 0 if x == 0 else x * y`
    - Derivatives: `dz/dx = y`, `dz/dy = x`
    - Domain: all numbers
    - Choice at kinks: dz/dx = y and dz/dy = x everywhere
    """


@overload
def both(x: Value, y: Operand, /) -> Value: ...
@overload
def both(x: float, y: Value, /) -> Value: ...
@overload
def both(x: float, y: float, /) -> float: ...
@row
def both(x: Any, y: Any, /) -> Any:
    """The product of two numbers; 0 where one is 0, even times an infinity.

    - Formula: `z = x * y if x != 0 and y != 0 else 0`
    - Derivatives: `dz/dx = y`, `dz/dy = x`
    - Domain: all numbers
    - Choice at kinks: dz/dx = y and dz/dy = x everywhere
    """


@overload
def gap(x: Value, y: Operand, /) -> Value: ...
@overload
def gap(x: float, y: Value, /) -> Value: ...
@overload
def gap(x: float, y: float, /) -> float: ...
@row
def gap(x: Any, y: Any, /) -> Any:
    """The difference of two numbers; 0 where both are the same infinity.

    - Formula: `z = 0 if x == y else x - y`
    - Derivatives: `dz/dx = 1`, `dz/dy = -1`
    - Domain: all numbers
    """


@overload
def exp(x: Value, /) -> Value: ...
@overload
def exp(x: float, /) -> float: ...
@row
def exp(x: Any, /) -> Any:
    """e to the power of x.

    - Derivative: `dz/dx = exp(x)`
    - Domain: all numbers
    - Source: DLMF 4.7
    """


@overload
def expm1(x: Value, /) -> Value: ...
@overload
def expm1(x: float, /) -> float: ...
@row
def expm1(x: Any, /) -> Any:
    """exp(x) - 1, with all digits near x = 0.

    - Formula: `z = exp(x) - 1`
    - Derivative: `dz/dx = exp(x)`
    - Domain: all numbers
    """


@overload
def log(x: Value, /) -> Value: ...
@overload
def log(x: float, /) -> float: ...
@row
def log(x: Any, /) -> Any:
    """The natural logarithm.

    - Derivative: `dz/dx = 1 / x`
    - Domain: `x > 0`, else DomainError
    - Source: DLMF 4.7
    """


@overload
def log1p(x: Value, /) -> Value: ...
@overload
def log1p(x: float, /) -> float: ...
@row
def log1p(x: Any, /) -> Any:
    """log(1 + x), with all digits near x = 0.

    - Formula: `z = log(1 + x)`
    - Derivative: `dz/dx = 1 / (1 + x)`
    - Domain: `x > -1`, else DomainError
    """


@overload
def log2(x: Value, /) -> Value: ...
@overload
def log2(x: float, /) -> float: ...
@row
def log2(x: Any, /) -> Any:
    """The logarithm to the base 2.

    - Derivative: `dz/dx = 1 / (x * log(2))`
    - Domain: `x > 0`, else DomainError
    """


@overload
def log10(x: Value, /) -> Value: ...
@overload
def log10(x: float, /) -> float: ...
@row
def log10(x: Any, /) -> Any:
    """The logarithm to the base 10.

    - Derivative: `dz/dx = 1 / (x * log(10))`
    - Domain: `x > 0`, else DomainError
    """


@overload
def sqrt(x: Value, /) -> Value: ...
@overload
def sqrt(x: float, /) -> float: ...
@row
def sqrt(x: Any, /) -> Any:
    """The square root.

    - Derivative: `dz/dx = 1 / (2 * sqrt(x))`
    - Domain: `x >= 0`, else DomainError
    - Choice at kinks: dz/dx = inf at x = 0
    """


@overload
def cbrt(x: Value, /) -> Value: ...
@overload
def cbrt(x: float, /) -> float: ...
@row
def cbrt(x: Any, /) -> Any:
    """The real cube root, also of a negative number.

    - Derivative: `dz/dx = 1 / (3 * cbrt(x)**2)`
    - Domain: all numbers
    - Choice at kinks: dz/dx = inf at x = 0
    """


@overload
def hypot(x: Value, y: Operand, /) -> Value: ...
@overload
def hypot(x: float, y: Value, /) -> Value: ...
@overload
def hypot(x: float, y: float, /) -> float: ...
@row
def hypot(x: Any, y: Any, /) -> Any:
    """The length of the vector (x, y).

    - Formula: `z = sqrt(x * x + y * y)`
    - Derivatives: `dz/dx = x / sqrt(x * x + y * y)`, `dz/dy = y / sqrt(x * x +
      y * y)`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 0 at x = y = 0, nan where both are
      infinite
    """


@overload
def cosine(x: Value, y: Operand, /) -> Value: ...
@overload
def cosine(x: float, y: Value, /) -> Value: ...
@overload
def cosine(x: float, y: float, /) -> float: ...
@row
def cosine(x: Any, y: Any, /) -> Any:
    """The cosine of the angle between the vector (x, y) and the x axis.

    - Formula: `z = x / hypot(x, y)`
    - Derivatives: `dz/dx = y**2 / hypot(x, y)**3`, `dz/dy = -x * y / hypot(x,
      y)**3`
    - Domain: all numbers
    - Choice at kinks: z = dz/dx = dz/dy = 0 at x = y = 0
    """


@overload
def fraction(x: Value, y: Operand, /) -> Value: ...
@overload
def fraction(x: float, y: Value, /) -> Value: ...
@overload
def fraction(x: float, y: float, /) -> float: ...
@row
def fraction(x: Any, y: Any, /) -> Any:
    """The part that x is of the sum of x and y.

    - Formula: `z = x / (x + y)`
    - Derivatives: `dz/dx = y / (x + y)**2`, `dz/dy = -x / (x + y)**2`
    - Domain: `x + y != 0`, else DomainError
    """


@overload
def logaddexp(x: Value, y: Operand, /) -> Value: ...
@overload
def logaddexp(x: float, y: Value, /) -> Value: ...
@overload
def logaddexp(x: float, y: float, /) -> float: ...
@row
def logaddexp(x: Any, y: Any, /) -> Any:
    """The log of the sum of two exponentials.

    - Formula: `z = log(exp(x) + exp(y))`
    - Derivatives: `dz/dx = exp(x) / (exp(x) + exp(y))`, `dz/dy = exp(y) /
      (exp(x) + exp(y))`
    - Domain: all numbers
    """


@overload
def sin(x: Value, /) -> Value: ...
@overload
def sin(x: float, /) -> float: ...
@row
def sin(x: Any, /) -> Any:
    """The sine of an angle in radians.

    - Derivative: `dz/dx = cos(x)`
    - Domain: `-inf < x < inf`, else DomainError
    - Source: DLMF 4.20
    """


@overload
def cos(x: Value, /) -> Value: ...
@overload
def cos(x: float, /) -> float: ...
@row
def cos(x: Any, /) -> Any:
    """The cosine of an angle in radians.

    - Derivative: `dz/dx = -sin(x)`
    - Domain: `-inf < x < inf`, else DomainError
    - Source: DLMF 4.20
    """


@overload
def sinc(x: Value, /) -> Value: ...
@overload
def sinc(x: float, /) -> float: ...
@row
def sinc(x: Any, /) -> Any:
    """sin(pi * x) / (pi * x), and 1 at x = 0.

    - Formula: `z = sin(pi * x) / (pi * x)`
    - Derivative: `dz/dx = (pi * x * cos(pi * x) - sin(pi * x)) / (pi * x**2)`
    - Domain: all numbers
    - Source: DLMF 10.49
    """


@overload
def sinc_slope(x: Value, y: Operand, /) -> Value: ...
@overload
def sinc_slope(x: float, y: Value, /) -> Value: ...
@overload
def sinc_slope(x: float, y: float, /) -> float: ...
@row
def sinc_slope(x: Any, y: Any, /) -> Any:
    """The derivative of order y of sinc.

    - Formula: `z = the derivative of order y of sinc(x)`
    - Derivatives: `dz/dx = sinc_slope(x, y + 1)`, `dz/dy = 0`
    - Domain: `0 <= y <= 100 and y % 1 == 0`, else DomainError
    - Choice at kinks: the order y has the derivative 0
    - Source: DLMF 10.51
    """


@overload
def tan(x: Value, /) -> Value: ...
@overload
def tan(x: float, /) -> float: ...
@row
def tan(x: Any, /) -> Any:
    """The tangent of an angle in radians.

    - Derivative: `dz/dx = 1 / cos(x)**2`
    - Domain: `-inf < x < inf`, else DomainError
    - Source: DLMF 4.20
    """


@overload
def one_minus_square(x: Value, /) -> Value: ...
@overload
def one_minus_square(x: float, /) -> float: ...
@row
def one_minus_square(x: Any, /) -> Any:
    """1 - x**2, with all digits near x = -1 and x = 1.

    - Formula: `z = 1 - x**2`
    - Derivative: `dz/dx = -2 * x`
    - Domain: all numbers
    """


@overload
def asin(x: Value, /) -> Value: ...
@overload
def asin(x: float, /) -> float: ...
@row
def asin(x: Any, /) -> Any:
    """The inverse of the sine, from -pi/2 to pi/2.

    - Derivative: `dz/dx = 1 / sqrt(1 - x**2)`
    - Domain: `-1 <= x <= 1`, else DomainError
    - Choice at kinks: dz/dx = inf at x = -1 and at x = 1
    - Source: DLMF 4.24
    """


@overload
def acos(x: Value, /) -> Value: ...
@overload
def acos(x: float, /) -> float: ...
@row
def acos(x: Any, /) -> Any:
    """The inverse of the cosine, from 0 to pi.

    - Derivative: `dz/dx = -1 / sqrt(1 - x**2)`
    - Domain: `-1 <= x <= 1`, else DomainError
    - Choice at kinks: dz/dx = -inf at x = -1 and at x = 1
    - Source: DLMF 4.24
    """


@overload
def atan(x: Value, /) -> Value: ...
@overload
def atan(x: float, /) -> float: ...
@row
def atan(x: Any, /) -> Any:
    """The inverse of the tangent, from -pi/2 to pi/2.

    - Derivative: `dz/dx = 1 / (1 + x**2)`
    - Domain: all numbers
    - Source: DLMF 4.24
    """


@overload
def atan2(x: Value, y: Operand, /) -> Value: ...
@overload
def atan2(x: float, y: Value, /) -> Value: ...
@overload
def atan2(x: float, y: float, /) -> float: ...
@row
def atan2(x: Any, y: Any, /) -> Any:
    """The angle of the point (y, x), from -pi to pi.

    - Formula: `z = the angle of the point (y, x)`
    - Derivatives: `dz/dx = y / (x**2 + y**2)`, `dz/dy = -x / (x**2 + y**2)`
    - Domain: all numbers
    - Choice at kinks: dz/dx = dz/dy = 0 at x = y = 0
    """


@overload
def over_square(x: Value, y: Operand, /) -> Value: ...
@overload
def over_square(x: float, y: Value, /) -> Value: ...
@overload
def over_square(x: float, y: float, /) -> float: ...
@row
def over_square(x: Any, y: Any, /) -> Any:
    """x over the square of the length of the vector (x, y).

    - Formula: `z = x / (x**2 + y**2)`
    - Derivatives: `dz/dx = (y**2 - x**2) / (x**2 + y**2)**2`, `dz/dy = -2 * x *
      y / (x**2 + y**2)**2`
    - Domain: all numbers
    - Choice at kinks: z = dz/dx = dz/dy = 0 at x = y = 0
    """


@overload
def sinh(x: Value, /) -> Value: ...
@overload
def sinh(x: float, /) -> float: ...
@row
def sinh(x: Any, /) -> Any:
    """The hyperbolic sine.

    - Formula: `z = (exp(x) - exp(-x)) / 2`
    - Derivative: `dz/dx = cosh(x)`
    - Domain: all numbers
    - Source: DLMF 4.34
    """


@overload
def cosh(x: Value, /) -> Value: ...
@overload
def cosh(x: float, /) -> float: ...
@row
def cosh(x: Any, /) -> Any:
    """The hyperbolic cosine.

    - Formula: `z = (exp(x) + exp(-x)) / 2`
    - Derivative: `dz/dx = sinh(x)`
    - Domain: all numbers
    - Source: DLMF 4.34
    """


@overload
def tanh(x: Value, /) -> Value: ...
@overload
def tanh(x: float, /) -> float: ...
@row
def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent.

    - Formula: `z = sinh(x) / cosh(x)`
    - Derivative: `dz/dx = 1 - tanh(x)**2`
    - Domain: all numbers
    - Source: DLMF 4.34
    """


@overload
def asinh(x: Value, /) -> Value: ...
@overload
def asinh(x: float, /) -> float: ...
@row
def asinh(x: Any, /) -> Any:
    """The inverse of the hyperbolic sine.

    - Formula: `z = log(x + sqrt(x**2 + 1))`
    - Derivative: `dz/dx = 1 / sqrt(x**2 + 1)`
    - Domain: all numbers
    - Source: DLMF 4.38
    """


@overload
def acosh(x: Value, /) -> Value: ...
@overload
def acosh(x: float, /) -> float: ...
@row
def acosh(x: Any, /) -> Any:
    """The inverse of the hyperbolic cosine, at least 0.

    - Derivative: `dz/dx = 1 / sqrt(x**2 - 1)`
    - Domain: `x >= 1`, else DomainError
    - Choice at kinks: dz/dx = inf at x = 1
    - Source: DLMF 4.38
    """


@overload
def atanh(x: Value, /) -> Value: ...
@overload
def atanh(x: float, /) -> float: ...
@row
def atanh(x: Any, /) -> Any:
    """The inverse of the hyperbolic tangent.

    - Derivative: `dz/dx = 1 / (1 - x**2)`
    - Domain: `-1 < x < 1`, else DomainError
    - Source: DLMF 4.38
    """


@overload
def erf(x: Value, /) -> Value: ...
@overload
def erf(x: float, /) -> float: ...
@row
def erf(x: Any, /) -> Any:
    """The error function.

    - Derivative: `dz/dx = 2 / sqrt(pi) * exp(-x**2)`
    - Domain: all numbers
    - Source: DLMF 7.10
    """


@overload
def erfc(x: Value, /) -> Value: ...
@overload
def erfc(x: float, /) -> float: ...
@row
def erfc(x: Any, /) -> Any:
    """The complementary error function, with all digits for large x.

    - Formula: `z = 1 - erf(x)`
    - Derivative: `dz/dx = -2 / sqrt(pi) * exp(-x**2)`
    - Domain: all numbers
    - Source: DLMF 7.10
    """


@overload
def sigmoid(x: Value, /) -> Value: ...
@overload
def sigmoid(x: float, /) -> float: ...
@row
def sigmoid(x: Any, /) -> Any:
    """The logistic function.

    - Formula: `z = 1 / (1 + exp(-x))`
    - Derivative: `dz/dx = sigmoid(x) * (1 - sigmoid(x))`
    - Domain: all numbers
    """


@overload
def bell(x: Value, /) -> Value: ...
@overload
def bell(x: float, /) -> float: ...
@row
def bell(x: Any, /) -> Any:
    """The derivative of the logistic function.

    - Formula: `z = exp(x) / (1 + exp(x))**2`
    - Derivative: `dz/dx = -bell(x) * tanh(x / 2)`
    - Domain: all numbers
    """


@overload
def softplus(x: Value, /) -> Value: ...
@overload
def softplus(x: float, /) -> float: ...
@row
def softplus(x: Any, /) -> Any:
    """A smooth form of relu.

    - Formula: `z = log(1 + exp(x))`
    - Derivative: `dz/dx = 1 / (1 + exp(-x))`
    - Domain: all numbers
    - Source: Dugas et al. 2001
    """


@overload
def log_sigmoid(x: Value, /) -> Value: ...
@overload
def log_sigmoid(x: float, /) -> float: ...
@row
def log_sigmoid(x: Any, /) -> Any:
    """The logarithm of the logistic function.

    - Formula: `z = -log(1 + exp(-x))`
    - Derivative: `dz/dx = 1 / (1 + exp(x))`
    - Domain: all numbers
    """


@overload
def relu(x: Value, /) -> Value: ...
@overload
def relu(x: float, /) -> float: ...
@row
def relu(x: Any, /) -> Any:
    """The rectified linear unit.

    - Formula: `z = max(x, 0)`
    - Derivative: `dz/dx = 1 if x > 0 else 0`
    - Domain: all numbers
    - Choice at kinks: dz/dx = 0 at x = 0
    - Source: Nair and Hinton 2010
    """


@overload
def gelu(x: Value, /) -> Value: ...
@overload
def gelu(x: float, /) -> float: ...
@row
def gelu(x: Any, /) -> Any:
    """The Gaussian error linear unit.

    - Formula: `z = x * erfc(-x / sqrt(2)) / 2`
    - Derivative: `dz/dx = erfc(-x / sqrt(2)) / 2 + x * exp(-x**2 / 2) / sqrt(2
      * pi)`
    - Domain: all numbers
    - Source: Hendrycks and Gimpel 2016
    """


@overload
def silu(x: Value, /) -> Value: ...
@overload
def silu(x: float, /) -> float: ...
@row
def silu(x: Any, /) -> Any:
    """The sigmoid linear unit, also called swish.

    - Formula: `z = x * sigmoid(x)`
    - Derivative: `dz/dx = sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))`
    - Domain: all numbers
    - Source: Elfwing et al. 2018
    """


@overload
def sum(xs: Sequence[Value], /) -> Value: ...
@overload
def sum(xs: Sequence[float], /) -> float: ...
@overload
def sum(xs: Sequence[Operand], /) -> Any: ...
@row
def sum(xs: Any, /) -> Any:
    """The sum of a list, rounded once.

    - Formula: `z = x1 + x2 + ...`
    - Derivative: `dz/dx1 = 1`
    - Domain: all numbers
    """


@overload
def mean(xs: Sequence[Value], /) -> Value: ...
@overload
def mean(xs: Sequence[float], /) -> float: ...
@overload
def mean(xs: Sequence[Operand], /) -> Any: ...
@row
def mean(xs: Any, /) -> Any:
    """The mean of a list, rounded once.

    - Formula: `z = (x1 + x2 + ...) / n`
    - Derivative: `dz/dx1 = 1 / n`
    - Domain: `len(xs) > 0`, else DomainError
    """


@overload
def prod(xs: Sequence[Value], /) -> Value: ...
@overload
def prod(xs: Sequence[float], /) -> float: ...
@overload
def prod(xs: Sequence[Operand], /) -> Any: ...
@row
def prod(xs: Any, /) -> Any:
    """The product of a list.

    - Formula: `z = x1 * x2 * ...`
    - Derivative: `dz/dx1 = x2 * ...`
    - Domain: all numbers
    """


@overload
def norm(xs: Sequence[Value], /) -> Value: ...
@overload
def norm(xs: Sequence[float], /) -> float: ...
@overload
def norm(xs: Sequence[Operand], /) -> Any: ...
@row
def norm(xs: Any, /) -> Any:
    """The length of a vector.

    - Formula: `z = sqrt(x1 ** 2 + x2 ** 2 + ...)`
    - Derivative: `dz/dx1 = x1 / sqrt(x1 ** 2 + x2 ** 2 + ...)`
    - Domain: all numbers
    - Choice at kinks: dz/dx1 = 0 where all numbers are 0
    """


@overload
def max(xs: Sequence[Value], /) -> Value: ...
@overload
def max(xs: Sequence[float], /) -> float: ...
@overload
def max(xs: Sequence[Operand], /) -> Any: ...
@row
def max(xs: Any, /) -> Any:
    """The largest number of a list.

    - Formula: `z = the largest`
    - Derivative: `dz/dx1 = 1 if x1 == z else 0`
    - Domain: `len(xs) > 0`, else DomainError
    - Choice at kinks: dz/dx1 = 1/k where x1 is one of k largest
    """


@overload
def min(xs: Sequence[Value], /) -> Value: ...
@overload
def min(xs: Sequence[float], /) -> float: ...
@overload
def min(xs: Sequence[Operand], /) -> Any: ...
@row
def min(xs: Any, /) -> Any:
    """The smallest number of a list.

    - Formula: `z = the smallest`
    - Derivative: `dz/dx1 = 1 if x1 == z else 0`
    - Domain: `len(xs) > 0`, else DomainError
    - Choice at kinks: dz/dx1 = 1/k where x1 is one of k smallest
    """


@overload
def logsumexp(xs: Sequence[Value], /) -> Value: ...
@overload
def logsumexp(xs: Sequence[float], /) -> float: ...
@overload
def logsumexp(xs: Sequence[Operand], /) -> Any: ...
@row
def logsumexp(xs: Any, /) -> Any:
    """The log of the sum of the exponentials of a list.

    - Formula: `z = log(exp(x1) + exp(x2) + ...)`
    - Derivative: `dz/dx1 = exp(x1) / (exp(x1) + exp(x2) + ...)`
    - Domain: `len(xs) > 0`, else DomainError
    - Source: Blanchard, Higham and Higham 2021
    """


@overload
def surprise(xs: Sequence[Value], /) -> Value: ...
@overload
def surprise(xs: Sequence[float], /) -> float: ...
@overload
def surprise(xs: Sequence[Operand], /) -> Any: ...
@row
def surprise(xs: Any, /) -> Any:
    """The cross entropy of the last of a list of logits: -log of its softmax.

    - Formula: `z = log(exp(x1 - xn) + ... + 1), where xn is the last`
    - Derivative: `dz/dx1 = exp(x1 - xn) / (exp(x1 - xn) + ... + 1)`
    - Domain: `len(xs) > 0`, else DomainError
    """
