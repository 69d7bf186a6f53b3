"""Padding: sequences made equally long, so that one program serves all."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from typing import Any

from autograd.errors import DataTypeError, LengthError
from autograd.extending import check_size, told, within

from ..arguments import names_checked
from .checks import check_rows, is_sequence


@names_checked
def pad(
    sequences: Sequence[Sequence[Any]], length: int | None = None, value: float = 0.0
) -> tuple[list[list[Any]], list[list[float]]]:
    """Fill sequences up to one length, and say which steps are real.

    A net that reads from left to right gives the same outputs for the real
    steps as without padding. A loss can leave the others out: pad the targets
    of `nn.cross_entropy` with a number that it is given as `ignore_index`.

    Args:
        sequences: Lists of steps. A step is a number or a list of numbers.
        length: The length to reach; None is that of the longest sequence.
        value: What padding consists of, in each number of a step.

    Returns:
        The sequences, and for each a mask: 1.0 for a step, 0.0 for padding.

    Raises:
        LengthError: A sequence is longer than `length`.
        DataTypeError: A sequence is no list.

    Examples:
        >>> from nn import data
        >>> data.pad([[3, 1, 2], [5]], value=-1)
        ([[3, 1, 2], [5, -1, -1]], [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    """
    within(locals(), length="0, 1, ..., size or None")
    check_rows("sequences", sequences)
    for i, sequence in enumerate(sequences):
        if not is_sequence(sequence):
            raise DataTypeError(f"sequence {i} is a list of steps, not {told(sequence)}")
    n = max(map(len, sequences), default=0) if length is None else int(length)
    check_size("the steps of all sequences", n * len(sequences))
    padded, masks = [], []
    for i, sequence in enumerate(sequences):
        steps = list(sequence)
        left = n - len(steps)
        if left < 0:
            raise LengthError(f"sequence {i} has {len(steps)} steps, more than length = {n}")
        wide = bool(steps) and is_sequence(steps[0])
        padding = [[value] * len(steps[0]) if wide else value for _ in range(left)]
        padded.append(steps + padding)
        masks.append([1.0] * len(steps) + [0.0] * left)
    return padded, masks
