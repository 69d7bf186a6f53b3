"""Recurrent nets: a cell feeds a state back to itself, one step of a sequence at a time. A cell is `cell(x, state) -> state`. Its gates are Layers
that see the input and the last output side by side: W [x, h] + b is the papers' W x + U h + b. RNN, GRU and LSTM run a cell over a sequence, a list
of lists: of at least one step, each of n_in numbers. Sizes are whole numbers of at least 1. Raises ArgumentError for a size below 1, DataTypeError
for a size that is no whole number and a step that is no list, and LengthError for inputs, states and sequences that do not fit."""

from collections.abc import Sequence
from functools import partial
from math import sqrt
from random import Random
from typing import Any, ClassVar

from autograd import tanh
from autograd.errors import LengthError
from autograd.extending import within

from .init import Init, Rng, Rows, draw_weights, generator, uniform
from .layers import Inputs, Layer, checked
from .module import Module


class Cell(Module):
    """The base of the cells: `gates` names the Layers from [x, h] to n_hidden units, with their activations. Weights start uniform in
    +-1/sqrt(n_hidden), unless `init`, for the columns of x, or `recurrent_init`, for those of h, is given; biases at `bias`."""

    gates: ClassVar[dict[str, str]]
    state_names: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        *,
        init: Init = None,
        recurrent_init: Init = None,
        bias: float = 0,
        seed: int = 0,
        rng: Rng = None,
    ):
        within(locals(), n_in="1, 2, ...", n_hidden="1, 2, ...")
        self.n_in, self.n_hidden = n_in, n_hidden
        rng = generator(rng, seed)
        default = partial(uniform, a=-1 / sqrt(n_hidden), b=1 / sqrt(n_hidden))

        def side_by_side(n: int, n_out: int, rng: Random) -> Rows:
            parts = [
                draw_weights(chosen or default, None, size, n_out, rng)
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
        """activation(W [x, h] + b) of the Layer of that name: from n_in and n_hidden numbers, n_hidden numbers, of a sigmoid gate from 0 to 1. Raises
        LengthError for x or h of another length."""
        return getattr(self, name)([*checked(self, self.n_in, x), *h])

    def start(self) -> Any:
        """The state before the first step: n_hidden zeros, for an LSTMCell twice."""
        return [0.0] * self.n_hidden

    def checked_state(self, state: Any) -> Any:
        """The state, if it is a list of n_hidden numbers, for an LSTMCell two. Raises LengthError if not."""
        parts = (state,) if len(self.state_names) == 1 else state
        if not hasattr(parts, "__len__") or [hasattr(p, "__len__") and len(p) for p in parts] != [
            self.n_hidden
        ] * len(self.state_names):
            raise LengthError(
                f"the state of {self!r} is {' and '.join(self.state_names)}, {self.n_hidden} numbers each, not {state!r}"
            )
        return state

    def output(self, state: Any) -> list[Any]:
        """The part of the state that is seen outside: h, n_hidden numbers."""
        return list(state)


class RNNCell(Cell):
    """h' = tanh(W [x, h] + b), from -1 to 1 (Elman 1990, whose units were sigmoids). The state is h."""

    gates: ClassVar = {"update": "tanh"}

    def forward(self, x: Inputs, h: Inputs) -> Any:
        return self.gate("update", x, self.checked_state(h))


class GRUCell(Cell):
    """r = sigmoid(W_r [x, h] + b_r), z = sigmoid(W_z [x, h] + b_z), g = tanh(W_g [x, r h] + b_g), h' = z h + (1 - z) g, from -1 to 1 if h is
    (Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", eq. 5-8, with biases). The state is h. The gates' Layers are
    `reset` (r), `update` (z) and `candidate` (g)."""

    gates: ClassVar = {"reset": "sigmoid", "update": "sigmoid", "candidate": "tanh"}

    def forward(self, x: Inputs, h: Inputs) -> list[Any]:
        r, z = self.gate("reset", x, self.checked_state(h)), self.gate("update", x, h)
        g = self.gate("candidate", x, [r * h for r, h in zip(r, h, strict=True)])
        return [z * h + (1.0 - z) * g for z, h, g in zip(z, h, g, strict=True)]


class LSTMCell(Cell):
    """i = sigmoid(W_i [x, h] + b_i), f = sigmoid(W_f [x, h] + b_f), o = sigmoid(W_o [x, h] + b_o), g = tanh(W_g [x, h] + b_g); c' = f c + i g, h' = o
    tanh(c') (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000). The state is (h, c), h from -1 to 1. The gates' Layers are
    `write` (i), `forget` (f), `read` (o) and `candidate` (g). `forget_bias` is the first b_f, any number: the larger, the longer the cell remembers
    before it has learnt to."""

    gates: ClassVar = {
        "write": "sigmoid",
        "forget": "sigmoid",
        "read": "sigmoid",
        "candidate": "tanh",
    }
    state_names = ("h", "c")
    forget: Layer

    def __init__(self, n_in: int, n_hidden: int, *, forget_bias: float = 1.0, **options: Any):
        super().__init__(n_in, n_hidden, **options)
        for neuron in self.forget.neurons:
            neuron.b.data = forget_bias

    def forward(self, x: Inputs, state: tuple[Inputs, Inputs]) -> tuple[list[Any], list[Any]]:
        h, c = self.checked_state(state)
        i, f, o, g = [self.gate(name, x, h) for name in self.gates]
        c = [f * c + i * g for f, c, i, g in zip(f, c, i, g, strict=True)]
        return [o * tanh(c) for o, c in zip(o, c, strict=True)], c

    def start(self) -> Any:
        return [0.0] * self.n_hidden, [0.0] * self.n_hidden

    def output(self, state: Any) -> list[Any]:
        return list(state[0])


class RNN(Module):
    """RNNCell over a sequence: `rnn(xs)` is the list of its outputs h_1, h_2, ..., one list of n_hidden per step, from a state of zeros. `cell` is
    the cell; options are the cell's: init, recurrent_init, bias, seed, rng (see nn.recurrent.Cell)."""

    cell_class: ClassVar[type[Cell]] = RNNCell

    def __init__(self, n_in: int, n_hidden: int, **options: Any):
        self.n_in, self.n_hidden = n_in, n_hidden
        self.cell = self.cell_class(n_in, n_hidden, **options)

    def forward(self, xs: Sequence[Inputs]) -> list[list[Any]]:
        return self.run(xs)[0]

    def run(self, xs: Sequence[Inputs], state: Any = None) -> tuple[list[list[Any]], Any]:
        """The outputs and the last state, from `state` on: zeros, or the last state of the sequence that this one goes on. Raises LengthError for a
        sequence without a step or a state of another size."""
        if not len(xs):
            raise LengthError(f"{self!r} needs a sequence of at least one step")
        outputs = []
        state = self.cell.start() if state is None else state
        for x in xs:
            state = self.cell(x, state)
            outputs.append(self.cell.output(state))
        return outputs, state


class GRU(RNN):
    """GRUCell over a sequence, with inputs, outputs and options as RNN."""

    cell_class = GRUCell


class LSTM(RNN):
    """LSTMCell over a sequence, with inputs and outputs as RNN; options include `forget_bias`."""

    cell_class = LSTMCell


class Each(Module):
    """[layer(x) for x in xs], a layer applied to every step of a sequence: many to many in Sequential(LSTM(n_in, n), Each(Layer(n, n_out)))."""

    def __init__(self, layer: Module):
        self.layer = layer

    def forward(self, xs: Sequence[Any]) -> list[Any]:
        return [self.layer(x) for x in xs]


class Last(Module):
    """xs[-1], the last step of a sequence: many to one in Sequential(LSTM(n_in, n), Last(), Layer(n, n_out))."""

    def forward(self, xs: Sequence[Any]) -> Any:
        if not len(xs):
            raise LengthError("a sequence without a step has no last one")
        return xs[-1]


class EncoderDecoder(Module):
    """A sequence to one of another length: a GRU reads the input, and a second, started with its last state, writes `steps` outputs of n_out numbers,
    each made from its own last output, at first zeros (Sutskever et al. 2014, who took LSTMs). `steps`, at least 1, may be given anew at a call. With
    one step in and many out it is one to many as well. Raises ArgumentError for steps below 1."""

    def __init__(
        self, n_in: int, n_hidden: int, n_out: int, steps: int, *, seed: int = 0, rng: Rng = None
    ):
        within(locals(), n_out="1, 2, ...", steps="1, 2, ...")
        self.n_in, self.n_hidden, self.n_out, self.steps = n_in, n_hidden, n_out, steps
        rng = generator(rng, seed)
        self.encoder = GRU(n_in, n_hidden, rng=rng)
        self.decoder = GRUCell(n_out, n_hidden, rng=rng)
        self.layer = Layer(n_hidden, n_out, rng=rng)

    def forward(self, xs: Sequence[Inputs], steps: int | None = None) -> list[list[Any]]:
        steps = self.steps if steps is None else steps
        within(locals(), steps="1, 2, ...")
        state = self.encoder.run(xs)[1]
        outputs = [[0.0] * self.n_out]
        for _ in range(steps):
            state = self.decoder(outputs[-1], state)
            outputs.append(self.layer(state))
        return outputs[1:]
