"""Recurrent nets: a cell feeds a state back to itself, one step of a sequence at a time. A cell is `cell(x, state) -> state`. Its gates are Layers
that see the input and the last output side by side: W [x, h] + b is the papers' W x + U h + b. RNN, GRU and LSTM run a cell over a sequence, a list
of lists."""

from collections.abc import Sequence
from functools import partial
from math import sqrt
from random import Random
from typing import Any, ClassVar

from autograd import tanh
from autograd.errors import LengthError

from .init import Init, Rng, Rows, draw_weights, uniform
from .layers import Inputs, Layer, checked
from .module import Module


class Cell(Module):
    """The base of the cells: `gates` names the Layers from [x, h] to n_hidden units, with their activations. Weights start uniform in
    +-1/sqrt(n_hidden), unless `init`, for the columns of x, or `recurrent_init`, for those of h, is given; biases at `bias`."""

    gates: ClassVar[dict[str, str]]

    def __init__(self, n_in: int, n_hidden: int, *, init: Init = None, recurrent_init: Init = None, bias: float = 0, seed: int = 0, rng: Rng = None):
        self.n_in, self.n_hidden = n_in, n_hidden
        rng = rng or Random(seed)
        default = partial(uniform, a=-1 / sqrt(n_hidden), b=1 / sqrt(n_hidden))

        def side_by_side(n: int, n_out: int, rng: Random) -> Rows:
            parts = [draw_weights(chosen or default, None, size, n_out, rng) for chosen, size in ((init, n_in), (recurrent_init, n_hidden))]
            return [wx + wh for wx, wh in zip(*parts, strict=True)]

        for name, activation in self.gates.items():
            setattr(self, name, Layer(n_in + n_hidden, n_hidden, activation, init=side_by_side, bias=bias, rng=rng))

    def gate(self, name: str, x: Inputs, h: Inputs) -> Any:
        """What a gate says to [x, h]: one number for each unit."""
        return getattr(self, name)([*checked(self, self.n_in, x), *h])

    def start(self) -> Any:
        """The state before the first step: zeros."""
        return [0.0] * self.n_hidden

    def output(self, state: Any) -> list[Any]:
        """The part of the state that is seen outside: h."""
        return list(state)


class RNNCell(Cell):
    """h' = tanh(W [x, h] + b) (Elman 1990)."""

    gates: ClassVar = {"update": "tanh"}

    def forward(self, x: Inputs, h: Inputs) -> Any:
        return self.gate("update", x, h)


class GRUCell(Cell):
    """r = sigmoid(W_r [x, h] + b_r), z = sigmoid(W_z [x, h] + b_z), g = tanh(W_g [x, r h] + b_g), h' = z h + (1 - z) g (Cho et al. 2014, eq. 5-8)."""

    gates: ClassVar = {"reset": "sigmoid", "update": "sigmoid", "candidate": "tanh"}

    def forward(self, x: Inputs, h: Inputs) -> list[Any]:
        r, z = self.gate("reset", x, h), self.gate("update", x, h)
        g = self.gate("candidate", x, [r * h for r, h in zip(r, h, strict=True)])
        return [z * h + (1.0 - z) * g for z, h, g in zip(z, h, g, strict=True)]


class LSTMCell(Cell):
    """i = sigmoid(W_i [x, h] + b_i), f = sigmoid(W_f [x, h] + b_f), o = sigmoid(W_o [x, h] + b_o), g = tanh(W_g [x, h] + b_g);
    c' = f c + i g, h' = o tanh(c') (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000). The state is (h, c).
    `forget_bias` is the first b_f: the larger, the longer the cell remembers before it has learnt to."""

    gates: ClassVar = {"write": "sigmoid", "forget": "sigmoid", "read": "sigmoid", "candidate": "tanh"}
    forget: Layer

    def __init__(self, n_in: int, n_hidden: int, *, forget_bias: float = 1.0, **options: Any):
        super().__init__(n_in, n_hidden, **options)
        for neuron in self.forget.neurons:
            neuron.b.data = forget_bias

    def forward(self, x: Inputs, state: tuple[Inputs, Inputs]) -> tuple[list[Any], list[Any]]:
        h, c = state
        i, f, o, g = [self.gate(name, x, h) for name in self.gates]
        c = [f * c + i * g for f, c, i, g in zip(f, c, i, g, strict=True)]
        return [o * tanh(c) for o, c in zip(o, c, strict=True)], c

    def start(self) -> Any:
        return [0.0] * self.n_hidden, [0.0] * self.n_hidden

    def output(self, state: Any) -> list[Any]:
        return list(state[0])


class RNN(Module):
    """RNNCell over a sequence: `rnn(xs)` is the list of its outputs, one list of n_hidden per step. Options are the cell's."""

    cell_class: ClassVar[type[Cell]] = RNNCell

    def __init__(self, n_in: int, n_hidden: int, **options: Any):
        self.n_in, self.n_hidden = n_in, n_hidden
        self.cell = self.cell_class(n_in, n_hidden, **options)

    def forward(self, xs: Sequence[Inputs]) -> list[list[Any]]:
        return self.run(xs)[0]

    def run(self, xs: Sequence[Inputs], state: Any = None) -> tuple[list[list[Any]], Any]:
        """The outputs and the last state, from `state` on: zeros, or the last state of the sequence that this one goes on."""
        if not len(xs):
            raise LengthError(f"{self!r} needs a sequence of at least one step")
        outputs = []
        state = self.cell.start() if state is None else state
        for x in xs:
            state = self.cell(x, state)
            outputs.append(self.cell.output(state))
        return outputs, state


class GRU(RNN):
    """GRUCell over a sequence, as RNN."""

    cell_class = GRUCell


class LSTM(RNN):
    """LSTMCell over a sequence, as RNN."""

    cell_class = LSTMCell


class Each(Module):
    """A layer applied to every step of a sequence: many to many in Sequential(LSTM(n_in, n), Each(Layer(n, n_out)))."""

    def __init__(self, layer: Module):
        self.layer = layer

    def forward(self, xs: Sequence[Any]) -> list[Any]:
        return [self.layer(x) for x in xs]


class Last(Module):
    """The last step of a sequence: many to one in Sequential(LSTM(n_in, n), Last(), Layer(n, n_out))."""

    def forward(self, xs: Sequence[Any]) -> Any:
        return xs[-1]


class EncoderDecoder(Module):
    """A sequence to one of another length: a GRU reads the input, and a second, started with its last state, writes `steps` outputs of n_out numbers,
    each made from its own last output, at first zeros (Sutskever et al. 2014). With n_in = n_out and steps, one to many as well."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, steps: int, *, seed: int = 0, rng: Rng = None):
        self.n_in, self.n_hidden, self.n_out, self.steps = n_in, n_hidden, n_out, steps
        rng = rng or Random(seed)
        self.encoder = GRU(n_in, n_hidden, rng=rng)
        self.decoder = GRUCell(n_out, n_hidden, rng=rng)
        self.layer = Layer(n_hidden, n_out, rng=rng)

    def forward(self, xs: Sequence[Inputs], steps: int | None = None) -> list[list[Any]]:
        state = self.encoder.run(xs)[1]
        outputs = [[0.0] * self.n_out]
        for _ in range(self.steps if steps is None else steps):
            state = self.decoder(outputs[-1], state)
            outputs.append(self.layer(state))
        return outputs[1:]
