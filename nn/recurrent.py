"""Recurrent nets: a cell feeds a state back to itself, one step after another.

A cell is `cell(x, state) -> state`. Its gates are Layers that see the input and
the last output side by side: W [x, h] + b is the papers' W x + U h + b. RNN,
GRU and LSTM run a cell over a sequence: a list of at least one step, each of
n_in numbers.

Sizes are whole numbers of at least 1. A size below 1 raises ArgumentError, and so
do sizes that ask for more than 10**8 weights, which have no room in memory. One
that is no whole number raises DataTypeError. A step that is no list raises
DataTypeError. Inputs, states and sequences of a wrong length raise LengthError.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from math import sqrt
from random import Random
from typing import Any, ClassVar

import autograd
from autograd import take, tanh
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import check_size, one_after_another, recording, sizes_of, told

from .data.checks import check_mask, check_rows, is_sequence
from .init import Init, Rng, Rows, Seed, draw_weights, generator, size_of_units, uniform
from .layers import Inputs, Layer, bias_from, checked
from .module import Module, is_own
from .outputs import Outputs
from .rowwise import each


def sizes_of_cells(
    net: Module, n_gates: int, n_in: Any, n_hidden: Any, layers: Any = 1
) -> tuple[int, int, int]:
    """Return sizes as ints. Raises ArgumentError unless cells, one above the other, have room."""
    n_in, n_hidden, layers = sizes_of(locals(), n_in=1, n_hidden=1, layers=1)
    lowest = size_of_units(n_in + n_hidden, n_hidden)
    upper = size_of_units(2 * n_hidden, n_hidden) * (layers - 1)
    check_size(f"this {type(net).__name__}", n_gates * (lowest + upper))
    return n_in, n_hidden, layers


class Cell(Module):
    """The base of the cells.

    `gates` names the Layers from [x, h] to n_hidden units, with their
    activations. Weights start uniform between -1/sqrt(n_hidden) and
    1/sqrt(n_hidden).

    Args:
        n_in: The number of inputs at a step, at least 1.
        n_hidden: The number of outputs, at least 1.
        init: How the weights of x are drawn, instead of uniformly.
        recurrent_init: How the weights of h are drawn, instead of uniformly.
        bias: The number that all biases start from; False is no biases.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.
    """

    gates: ClassVar[dict[str, str]]
    state_names: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        *,
        init: Init = None,
        recurrent_init: Init = None,
        bias: float | bool = 0,
        seed: Seed = None,
        rng: Rng = None,
    ):
        n_in, n_hidden, _ = sizes_of_cells(self, len(self.gates), n_in, n_hidden)
        self.n_in, self.n_hidden = n_in, n_hidden
        if bias_from(bias) is None:
            self.bias = False
        rng = generator(rng, seed)
        default = partial(uniform, a=-1 / sqrt(n_hidden), b=1 / sqrt(n_hidden))

        def side_by_side(n: int, n_out: int, rng: Random) -> Rows:
            parts = [
                draw_weights(default if chosen is None else chosen, None, size, n_out, rng)
                for chosen, size in ((init, n_in), (recurrent_init, n_hidden))
            ]
            return [wx + wh for wx, wh in zip(*parts, strict=True)]

        for name, activation in self.gates.items():
            setattr(
                self,
                name,
                Layer(n_in + n_hidden, n_hidden, activation, init=side_by_side, bias=bias, rng=rng),
            )

    def gate(self, name: str, x: Inputs, h: Inputs) -> Any:
        """Return activation(W [x, h] + b) of the Layer of that name.

        These are n_hidden numbers, from 0 to 1 for a sigmoid gate.

        Raises:
            LengthError: x or h has another length.
            ArgumentError: There is no gate of this name.
        """
        layer = getattr(self, name, None) if isinstance(name, str) else None
        if layer is None:
            raise ArgumentError(
                f"name is that of a gate of {type(self).__name__}, {', '.join(self.gates)}, "
                f"not {told(name)}"
            )
        return layer([*checked(self, self.n_in, x), *h])

    def start(self) -> Any:
        """Return the state before the first step: n_hidden zeros, for an LSTMCell twice."""
        return [0.0] * self.n_hidden

    def checked_state(self, state: Any) -> Any:
        """Return the state if it fits: n_hidden numbers, for an LSTMCell twice.

        Raises:
            LengthError: It does not.
        """
        n_parts = len(self.state_names)
        parts = (state,) if n_parts == 1 else state
        try:
            several = is_sequence(parts) and all(map(is_sequence, parts))
            lengths = [len(part) for part in parts] if several else []
        except TypeError:
            lengths = []
        if lengths != [self.n_hidden] * n_parts:
            raise LengthError(
                f"the state of {self!r} is {' and '.join(self.state_names)}, "
                f"{self.n_hidden} numbers each, not {told(state)}; at first it is cell.start()"
            )
        return state

    def output(self, state: Any) -> Outputs:
        """Return the part of the state that is seen outside: h, n_hidden numbers."""
        return Outputs(state)


class RNNCell(Cell):
    """h' = tanh(W [x, h] + b), from -1 to 1 (Elman 1990, whose units were sigmoids).

    The state is h. See nn.recurrent.Cell for the arguments.
    """

    gates: ClassVar = {"update": "tanh"}

    def forward(self, x: Inputs, h: Inputs) -> Any:
        return self.gate("update", x, self.checked_state(h))


class GRUCell(Cell):
    """A gated cell, which can keep its state (Cho et al. 2014, eq. 5-8, with biases).

    A step computes::

        r  = sigmoid(W_r [x, h] + b_r)      reset
        z  = sigmoid(W_z [x, h] + b_z)      update
        g  = tanh(W_g [x, r h] + b_g)       candidate
        h' = z h + (1 - z) g

    The state is h, from -1 to 1. The paper is "Learning phrase representations
    using RNN encoder-decoder". The gates are Layers of the names on the right.
    See nn.recurrent.Cell for the arguments.
    """

    gates: ClassVar = {"reset": "sigmoid", "update": "sigmoid", "candidate": "tanh"}

    def forward(self, x: Inputs, h: Inputs) -> Outputs:
        r, z = self.gate("reset", x, self.checked_state(h)), self.gate("update", x, h)
        g = self.gate("candidate", x, [r * h for r, h in zip(r, h, strict=True)])
        return Outputs([z * h + (1.0 - z) * g for z, h, g in zip(z, h, g, strict=True)])


class LSTMCell(Cell):
    """A cell with a memory c beside its output h (Hochreiter and Schmidhuber 1997).

    A step computes::

        i  = sigmoid(W_i [x, h] + b_i)      write
        f  = sigmoid(W_f [x, h] + b_f)      forget
        o  = sigmoid(W_o [x, h] + b_o)      read
        g  = tanh(W_g [x, h] + b_g)         candidate
        c' = f c + i g
        h' = o tanh(c')

    The state is (h, c), h from -1 to 1. The forget gate is that of Gers et al.
    2000. The gates are Layers of the names on the right.

    Args:
        n_in: The number of inputs at a step, at least 1.
        n_hidden: The number of outputs, at least 1.
        bias: The number that the other biases start from; False is no biases.
        forget_bias: The number that b_f starts from. The larger it is, the
            longer the cell remembers before it has learnt to.
        options: As for nn.recurrent.Cell.
    """

    gates: ClassVar = {
        "write": "sigmoid",
        "forget": "sigmoid",
        "read": "sigmoid",
        "candidate": "tanh",
    }
    state_names = ("h", "c")
    forget: Layer

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        *,
        bias: float | bool = 0,
        forget_bias: float = 1.0,
        **options: Any,
    ):
        super().__init__(n_in, n_hidden, bias=bias, **options)
        for neuron in self.forget.neurons:
            if neuron.b is not None:
                neuron.b.data = forget_bias

    def forward(self, x: Inputs, state: tuple[Inputs, Inputs]) -> tuple[Outputs, Outputs]:
        h, c = self.checked_state(state)
        i, f, o, g = [self.gate(name, x, h) for name in self.gates]
        c = Outputs([f * c + i * g for f, c, i, g in zip(f, c, i, g, strict=True)])
        return Outputs([o * tanh(c) for o, c in zip(o, c, strict=True)]), c

    def start(self) -> Any:
        return [0.0] * self.n_hidden, [0.0] * self.n_hidden

    def output(self, state: Any) -> Outputs:
        return Outputs(state[0])


class RNN(Module):
    """RNNCells over a sequence: `rnn(xs)` is the list of the outputs h_1, h_2, ...

    Each output is a list of n_hidden. The state starts as zeros. With several
    layers, each reads the outputs of the one below. `cell` is the lowest cell,
    `upper` lists the others.

    Args:
        n_in: The number of inputs at a step, at least 1.
        n_hidden: The number of outputs of each layer, at least 1.
        layers: The number of cells, one above the other, at least 1.
        bias: The number that all biases start from; False is no biases.
        options: As for the cell: init, recurrent_init, seed, rng.

    Examples:
        >>> import nn
        >>> rnn = nn.RNN(1, 3, layers=2)
        >>> outputs = rnn([[0.5], [1.0]])
        >>> len(outputs), len(outputs[0])
        (2, 3)
    """

    cell_class: ClassVar[type[Cell]] = RNNCell

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        *,
        layers: int = 1,
        bias: float | bool = 0,
        **options: Any,
    ):
        n_gates = len(self.cell_class.gates)
        n_in, n_hidden, layers = sizes_of_cells(self, n_gates, n_in, n_hidden, layers)
        self.n_in, self.n_hidden, self.layers = n_in, n_hidden, layers
        if bias_from(bias) is None:
            self.bias = False
        rng = generator(options.pop("rng", None), options.pop("seed", None))
        widths = [n_in] + [n_hidden] * (layers - 1)
        self.cell, *self.upper = [
            self.cell_class(width, n_hidden, bias=bias, rng=rng, **options) for width in widths
        ]

    def forward(self, xs: Sequence[Inputs]) -> list[list[Any]]:
        return self.run(xs)[0]

    def run(self, xs: Sequence[Inputs], state: Any = None) -> tuple[list[Any], Any]:
        """Return the outputs and the last state.

        Args:
            xs: The steps, at least one.
            state: Where to start: None is zeros. The last state of a sequence
                goes on with it. With several layers it is the list of theirs.

        Raises:
            LengthError: There is no step, or the state has another size.
        """
        check_rows("a sequence", xs)
        if not len(xs):
            raise LengthError(f"{self!r} needs a sequence of at least one step")
        cells = [self.cell, *self.upper]
        if state is None:
            states = [cell.start() for cell in cells]
        else:
            states = [state] if self.layers == 1 else list(state)
        if len(states) != len(cells):
            raise LengthError(f"{self!r} has a state for each layer, not {len(states)}")

        def step(states: list[Any], x: Any) -> list[Any]:
            following = []
            for cell, state in zip(cells, states, strict=True):
                following.append(cell(x, state))
                x = cell.output(following[-1])
            return following

        if recording() and is_own(self):
            found = one_after_another(step, states, xs, None)
        else:
            found = list(accumulate(xs, step, initial=states))[1:]
        outputs = Outputs([cells[-1].output(states[-1]) for states in found])
        return outputs, found[-1][0] if self.layers == 1 else found[-1]


class GRU(RNN):
    """GRUCells over a sequence, with inputs, outputs and arguments as RNN."""

    cell_class = GRUCell


class LSTM(RNN):
    """LSTMCells over a sequence, with inputs, outputs and arguments as RNN.

    The options include `forget_bias`.
    """

    cell_class = LSTMCell


class Each(Module):
    """A layer applied to every step of a sequence: [layer(x) for x in xs].

    Many to many is Sequential(LSTM(n_in, n), Each(Layer(n, n_out))).
    """

    def __init__(self, layer: Module):
        if not isinstance(layer, Module):
            raise DataTypeError(f"Each takes a Module, such as nn.Layer(2, 1), not {layer!r}")
        self.layer = layer

    def forward(self, xs: Sequence[Any]) -> list[Any]:
        check_rows("a sequence", xs)
        return Outputs(each(self.layer, xs))


class Last(Module):
    """The last step of a sequence, xs[-1].

    Many to one is Sequential(LSTM(n_in, n), Last(), Layer(n, n_out)). For a
    padded sequence, `last(xs, mask)` is the last step that is no padding. The
    mask is that of `nn.data.pad`: 1 for a step, 0 for padding, which follows.

    Raises:
        LengthError: There is no step.
        ArgumentError: The mask has another number than 1 and 0, or a 1 after a 0.
        IndexDomainError: The mask has no 1.
    """

    def forward(self, xs: Sequence[Any], mask: Sequence[Any] | None = None) -> Any:
        check_rows("a sequence", xs)
        if not len(xs):
            raise LengthError("a sequence without a step has no last one")
        if mask is None:
            return xs[-1]
        mask = check_mask(mask)
        if len(mask) != len(xs):
            raise LengthError(f"a mask of {len(mask)} does not fit a sequence of {len(xs)} steps")
        if not all(map(is_sequence, xs)):
            raise DataTypeError(f"each step of a sequence is a list of numbers, not {told(xs[0])}")
        known = [m for m in mask if not isinstance(m, autograd.Value)]
        if len(known) == len(mask) and known != sorted(known, reverse=True):
            raise ArgumentError(f"in the mask of Last padding follows the steps, not {told(mask)}")
        last = autograd.sum(mask) - 1.0
        return [take(column, last) for column in zip(*xs, strict=True)]


class EncoderDecoder(Module):
    """A sequence to one of another length (Sutskever et al. 2014, who took LSTMs).

    A GRU reads the input. A second one, started with its last state, writes the
    outputs. Each output is made from the one before, the first from zeros. With
    one step in and many out it is one to many.

    Args:
        n_in: The number of inputs at a step, at least 1.
        n_hidden: The size of the state, at least 1.
        n_out: The numbers of an output, at least 1.
        steps: The number of outputs, at least 1. A call may give another.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: `steps` or a size is below 1.
    """

    renewable = ("steps",)

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        n_out: int,
        steps: int,
        *,
        seed: Seed = None,
        rng: Rng = None,
    ):
        n_out, steps = sizes_of(locals(), n_out=1, steps=1)
        n_in, n_hidden, _ = sizes_of_cells(self, len(GRUCell.gates), n_in, n_hidden)
        sizes_of_cells(self, len(GRUCell.gates), n_out, n_hidden)
        check_size("its last Layer", size_of_units(n_hidden, n_out))
        self.n_in, self.n_hidden, self.n_out, self.steps = n_in, n_hidden, n_out, steps
        rng = generator(rng, seed)
        self.encoder = GRU(n_in, n_hidden, rng=rng)
        self.decoder = GRUCell(n_out, n_hidden, rng=rng)
        self.layer = Layer(n_hidden, n_out, rng=rng)

    def forward(self, xs: Sequence[Inputs], steps: int | None = None) -> list[list[Any]]:
        steps = self.steps if steps is None else steps
        [steps] = sizes_of(locals(), steps=1)
        state = self.encoder.run(xs)[1]
        outputs = [[0.0] * self.n_out]
        for _ in range(steps):
            state = self.decoder(outputs[-1], state)
            outputs.append(self.layer(state))
        return outputs[1:]
