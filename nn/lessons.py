"""Two experiments that lessons make again and again."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from typing import Any

import autograd
from autograd import Value, norm
from autograd.errors import DataTypeError, LengthError
from autograd.extending import real_number, sizes_of, told

from .arguments import check_function, names_checked
from .data.checks import is_sequence
from .optim import Optimizer


@names_checked
def descend(
    f: Callable[..., Any],
    start: Sequence[float],
    optimizer: Callable[[list[Value]], Optimizer],
    steps: int,
) -> list[list[float]]:
    """Return the path that an optimizer takes down a function.

    Args:
        f: A function of as many Values as `start` has numbers, to one Value.
        start: Where to begin.
        optimizer: From parameters to an Optimizer, such as
            `lambda ps: nn.SGD(ps, lr=0.1)`.
        steps: How many steps to take, at least 0.

    Returns:
        The points, steps + 1 lists of numbers, `start` first.

    Raises:
        DataTypeError: `f` gives no Value, or `optimizer` no Optimizer.

    Examples:
        >>> import nn
        >>> nn.descend(lambda x: x**2, [1.0], lambda ps: nn.SGD(ps, lr=0.25), steps=2)
        [[1.0], [0.5], [0.25]]
    """
    [steps] = sizes_of(locals(), steps=0)
    if not is_sequence(start):
        raise DataTypeError(f"start is a list of numbers, as [1.0], not {told(start)}")
    check_function("f", f, "a function of as many Values as start has numbers", len(start))
    builds = "a function from parameters to an Optimizer, such as lambda ps: nn.SGD(ps, lr=0.1)"
    check_function("optimizer", optimizer, builds, 1)
    point = [Value(real_number(x, "start")) for x in start]
    mover = optimizer(point)
    if not isinstance(mover, Optimizer):
        raise DataTypeError(f"optimizer is {builds}, not {told(optimizer)}")
    path = [[x.data for x in point]]
    for _ in range(steps):
        mover.zero_grad()
        z = f(*point)
        if not isinstance(z, Value):
            raise DataTypeError(f"f returns a Value computed from its arguments, not {told(z)}")
        z.backward()
        mover.step()
        path.append([x.data for x in point])
    return path


@names_checked
def gradient_by_lag(
    model: Callable[[list[Any]], Any], xs: Sequence[Sequence[float]]
) -> list[float]:
    """Return how much the last output of a net depends on each step before it.

    Element k is the norm of d(sum of the last output)/d(step k before the
    last). A net that forgets has gradients that vanish as k grows (Hochreiter
    1991; Pascanu et al. 2013).

    Args:
        model: From a sequence to the list of its outputs, such as an RNN, or to
            the last one.
        xs: The sequence: lists of numbers, at least one.

    Raises:
        LengthError: There is no step.
        DataTypeError: `xs` is no list of steps, or `model` no function that
            gives a list.

    Examples:
        >>> import nn
        >>> lags = nn.gradient_by_lag(nn.RNN(1, 4, seed=0), [[1.0]] * 30)
        >>> len(lags), lags[29] < 1e-3 * lags[0]
        (30, True)
    """
    check_function(
        "model", model, "a function from a sequence to its outputs, such as an nn.RNN", 1
    )
    if not is_sequence(xs) or not all(map(is_sequence, xs)):
        raise DataTypeError(f"xs is a sequence: a list of steps, lists of numbers, not {told(xs)}")
    if not len(xs):
        raise LengthError("a sequence of at least one step is needed")
    steps = [[Value(x) for x in step] for step in xs]
    outputs = model(steps)
    if not is_sequence(outputs) or not len(outputs):
        raise DataTypeError(f"model gives a list of outputs, not {told(outputs)}")
    last = outputs[-1] if is_sequence(outputs[0]) else outputs
    slopes = autograd.gradients(autograd.sum(last), [x for step in steps for x in step])
    numbers = iter([slope.data for slope in slopes])
    norms = [norm([next(numbers) for _ in step]) for step in steps]
    return norms[::-1]
