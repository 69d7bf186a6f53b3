"""Chapter 2: the chain rule at one node.

Let z = f(x, y, ...) be a node, and g its gradient. Then

    parent.grad += dz/dparent * g        for every parent of z

`Value.backward` (chapter 1) calls `z.op.pull(z, g)` for one node after another.
`pull` is one of the functions below: this formula for one shape of primitive.

A parent can be a plain number: a float, or its Literal. It has no grad, and no
derivative is computed for it. All other parents have the class Value.
"""

from collections.abc import Callable
from typing import Any, cast

from .row import Primitive
from .value import Value, data_of

Pull = Callable[[Value, float], None]


def pull_unary(op: Primitive) -> Pull:
    (rule,) = cast("tuple[Callable[..., float] | float]", op.partials)
    if not callable(rule):
        return _pull_constants(op)

    def pull(z: Value, g: float) -> None:
        x = z._a
        if x.__class__ is Value:
            x._grad += rule(x._data, z._data) * g

    return pull


def _pull_constants(op: Primitive) -> Pull:
    p, q = (*cast("tuple[float, ...]", op.partials), 0.0)[:2]

    def pull(z: Value, g: float) -> None:
        x, y = z._a, z._b
        if p and x.__class__ is Value:
            x._grad += p * g
        if q and y.__class__ is Value:
            y._grad += q * g

    return pull


def pull_binary(op: Primitive) -> Pull:
    rules = cast("tuple[Any, Any]", op.partials)
    if not callable(rules[0]) and not callable(rules[1]):
        return _pull_constants(op)
    dx, dy = [rule if callable(rule) else lambda x, y, z, constant=rule: constant for rule in rules]

    def pull(z: Value, g: float) -> None:
        x, y = z._a, z._b
        a = x if x.__class__ is float else x._data
        b = y if y.__class__ is float else y._data
        if x.__class__ is Value:
            x._grad += dx(a, b, z._data) * g
        if y.__class__ is Value:
            y._grad += dy(a, b, z._data) * g

    return pull


def pull_product(z: Value, g: float) -> None:
    """A bilinear row of two: each operand's partial is the other."""
    x, y = z._a, z._b
    if x.__class__ is Value:
        if y.__class__ is Value:  # most often; then no more tests are needed
            x._grad += y._data * g
            y._grad += x._data * g
        else:
            x._grad += (y if y.__class__ is float else y._data) * g
    elif y.__class__ is Value:
        y._grad += (x if x.__class__ is float else x._data) * g


def pull_products(z: Value, g: float) -> None:
    """A bilinear row of two lists: the same, pair by pair, the order that `Primitive.sweep_order` tells the others."""
    xs, ys = z._a, z._b
    if ys is None:
        xs, ys = xs[: len(xs) // 2], xs[len(xs) // 2 :]
    for x, y in zip(xs, ys, strict=True):
        if x.__class__ is Value:
            if y.__class__ is Value:  # most often
                x._grad += y._data * g
                y._grad += x._data * g
            else:
                x._grad += (y if y.__class__ is float else y._data) * g
        elif y.__class__ is Value:
            y._grad += (x if x.__class__ is float else x._data) * g


def pull_list(op: Primitive) -> Pull:
    def pull(z: Value, g: float) -> None:
        data = [data_of(x) for x in z._a]
        wanted = [x.__class__ is Value for x in z._a]
        for x, p in zip(z._a, op.partials_at(data, z._data, wanted), strict=True):
            if p is not None:
                x._grad += p * g

    return pull


def make_pull(op: Primitive) -> Pull:
    """The chain rule at a node of this row."""
    if op.bilinear:
        return pull_products if op.arity is None else pull_product
    return {1: pull_unary, 2: pull_binary, 3: pull_list, None: pull_list}[op.arity](op)
