"""Chapter 2: the chain rule at one node.

Let z = f(x, y, ...) be a node, and g its gradient. Then

    parent.grad += dz/dparent * g        for every parent of z

`Value.backward` (chapter 1) calls `z.op.pull(z, g)` for one node after another.
`pull` is one of the functions below. It pulls the gradient of z back to the
parents. Each is this formula, written for one kind of primitive: one operand, two
operands, a product, ...

A parent can be a plain number: a float, or a Literal, which is a node that holds
one. It has no grad, and no derivative is computed for it. All other parents have
the class Value itself: Literal is a subclass, so `x.__class__ is Value` is false
for it.

One case needs care. The derivative of x * 0.0 with respect to x is the plain
number 0.0. Then nothing is passed on, even if g is infinite, where 0.0 * g would
be nan. The last function, `of_zero`, decides that.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable
from math import isfinite, nan
from typing import Any, TypeAlias

from .row import Primitive
from .value import Value

Pull: TypeAlias = Callable[[Value, float], None]


def make_pull(op: Primitive) -> Pull:
    """Return the fastest pull that fits the primitive."""
    rules: Any = op.partials
    if op.masked:
        return pull_masked
    if op.bilinear:
        return pull_product if op.arity == 2 else pull_products
    if op.constants == (1.0, 1.0):
        return pull_sum
    if op.constants and op.arity != 3:  # all partials are plain numbers
        return pull_constants
    if op.arity == 1:
        return pull_unary
    if op.arity == 2 and all(map(callable, rules)):  # no partial is a plain number
        return pull_binary
    return pull_any


def pull_unary(z: Value, g: float) -> None:
    """For z = f(x)."""
    x = z._a
    if x.__class__ is Value:
        rules: Any = z._primitive.partials
        # A partial of one Value alone is never a plain 0: of_zero is not needed.
        x._grad += rules[0](x._data, z._data) * g


def pull_binary(z: Value, g: float) -> None:
    """For z = f(x, y)."""
    x, y = z._a, z._b
    rules: Any = z._primitive.partials
    dz_dx, dz_dy = rules
    a = x if x.__class__ is float else x._data
    b = y if y.__class__ is float else y._data
    if x.__class__ is Value:
        p = dz_dx(a, b, z._data)
        x._grad += p * g if (p or y.__class__ is Value) else of_zero(z, 0, g)
    if y.__class__ is Value:
        p = dz_dy(a, b, z._data)
        y._grad += p * g if (p or x.__class__ is Value) else of_zero(z, 1, g)


def pull_sum(z: Value, g: float) -> None:
    """For z = x + y. Then dz/dx = dz/dy = 1."""
    x, y = z._a, z._b
    if x.__class__ is Value:
        x._grad += g
    if y.__class__ is Value:
        y._grad += g


def pull_constants(z: Value, g: float) -> None:
    """For other constant derivatives, as in z = x - y or z = -x.

    There are two constants even for one operand. None stands for a partial that
    is 0: nothing flows.
    """
    x, y = z._a, z._b
    dz_dx, dz_dy = z._primitive.constants
    if dz_dx and x.__class__ is Value:
        x._grad += dz_dx * g
    if dz_dy and y.__class__ is Value:
        y._grad += dz_dy * g


def pull_product(z: Value, g: float) -> None:
    """For z = x * y. Then dz/dx = y and dz/dy = x."""
    x, y = z._a, z._b
    if x.__class__ is Value:
        if y.__class__ is Value:  # the usual case
            x._grad += y._data * g
            y._grad += x._data * g
        else:
            p = y if y.__class__ is float else y._data
            x._grad += (p * g) if p else 0.0  # a plain 0 passes nothing on
    elif y.__class__ is Value:
        p = x if x.__class__ is float else x._data
        y._grad += p * g if p else 0.0


def pull_masked(z: Value, g: float) -> None:
    """For products of which a 0 makes z 0, whatever the other operand is."""
    x, y = z._a, z._b
    a = x if x.__class__ is float else x._data
    b = y if y.__class__ is float else y._data
    if x.__class__ is Value:
        x._grad += b * g if b else of_zero(z, 0, g)
    if y.__class__ is Value:
        y._grad += a * g if a else of_zero(z, 1, g)


def pull_products(z: Value, g: float) -> None:
    """For z = x1 * y1 + x2 * y2 + ...

    It repeats the lines of `pull_product`: calling that function for every pair
    would be 4 % slower.
    """
    xs, ys = z._a, z._b
    if ys is None:  # both lists stand in one tuple: see Value.parents
        xs, ys = xs[: len(xs) // 2], xs[len(xs) // 2 :]
    for x, y in zip(xs, ys, strict=True):
        if x.__class__ is Value:
            if y.__class__ is Value:  # the usual case
                x._grad += y._data * g
                y._grad += x._data * g
            else:
                p = y if y.__class__ is float else y._data
                x._grad += p * g if p else 0.0
        elif y.__class__ is Value:
            p = x if x.__class__ is float else x._data
            y._grad += p * g if p else 0.0


def pull_any(z: Value, g: float) -> None:
    """For every other primitive, such as z = f(xs) or z = f(x, y, w)."""
    for i, (x, p) in enumerate(zip(z._operands(), z.partials(), strict=True)):
        if p is not None:
            x._grad += p * g if p else of_zero(z, i, g)


def passed_on(z: Value, i: int, p: float | None, g: float) -> float:
    """Return what z, with the gradient g, adds to that of its i-th operand.

    It is what `pull` adds, for those who tell it: `p` is dz/dx as `Value.partials`
    has it, None where nothing flows.
    """
    if p is None or not g:
        return 0.0
    return p * g if p else of_zero(z, i, g)


def of_zero(z: Value, i: int, g: float) -> float:
    """Return dz/dx * g for the i-th operand x, where dz/dx is 0.

    It is 0 for every finite g. If g is infinite or nan, it is 0 only where dz/dx
    is 0 whatever x is, else nan.
    """
    return 0.0 if isfinite(g) or z.gives_plain_zero(i) else nan
