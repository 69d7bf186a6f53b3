"""The list c of a source has the constants that its lines read by an index, and no others."""

import pytest
from test_ragged import gpt

import autograd
import nn
from autograd import Value, gradients, jit
from autograd.compiler.source.constants import Constants
from autograd.compiler.source.places import Located, Numbers

TABLE = [0.013 + 0.1 * k * k for k in range(60)]


def unit(z, w, b):
    return autograd.tanh(w * z + b)


def located(offset, *moves):
    return Located("c", (), 9, offset, moves, Numbers("c", 0, 9), ())


def test_constants_are_listed_as_the_loops_come_to_them_by_hand():
    constants = Constants([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5])
    assert constants.placed(located(4)).offset == 0
    found = constants.placed(located(6, ("o", -4, 2), ("i", 2, 2)))
    assert (found.offset, found.moves) == (1, (("o", 2, 2), ("i", 1, 2)))
    assert constants.listed == [4.5, 6.5, 8.5, 2.5, 4.5]
    # The same numbers are listed once.
    found = constants.placed(located(6, ("i", 2, 2), ("o", -4, 2)), "o")
    assert (found.offset, found.moves) == (1, (("o", 2, 2), ("i", 1, 2)))
    # Nine of which five differ are five.
    found = constants.placed(located(5, ("o", -1, 3), ("i", 1, 3)))
    assert (found.offset, found.moves) == (7, (("o", -1, 3), ("i", 1, 3)))
    assert constants.listed[5:] == [3.5, 4.5, 5.5, 6.5, 7.5]
    # What goes on from the last ones makes them longer.
    assert constants.placed(located(6, ("k", 1, 3))).offset == 8
    assert constants.listed[5:] == [3.5, 4.5, 5.5, 6.5, 7.5, 8.5]
    constants.forget(8)
    assert constants.placed(located(4, ("k", 1, 2))).offset == 6
    assert constants.placed(located(6)).offset == 8
    assert constants.listed[5:] == [3.5, 4.5, 5.5, 6.5]


class Watched(list):
    """A list that keeps at which places it was read."""

    def __init__(self, xs):
        super().__init__(xs)
        self.read = set()

    def __getitem__(self, index):
        self.read.update(range(len(self))[index] if isinstance(index, slice) else [index])
        return super().__getitem__(index)


def check(text, p, x, expected):
    names = {}
    exec(text, names)
    c = names["c"] = Watched(names["c"])
    assert names["program"](p, x) == expected
    assert c.read == {*range(len(c))}


def forward(w):
    z = 0.5
    for t in range(60):
        z = unit(z, w, TABLE[t])
    return z


def backwards_in_pairs(w):
    z = 0.5
    for t in range(28, 0, -1):
        z = unit(z, w * TABLE[2 * t], autograd.dot([w, z], TABLE[t : t + 2]))
    return z


def overlapping(w):
    ws = [w * float(k) for k in range(9)]
    return autograd.sum([autograd.tanh(autograd.dot(ws, TABLE[k : k + 9])) for k in range(9)])


@pytest.mark.parametrize("f", [forward, backwards_in_pairs, overlapping])
def test_every_constant_in_the_list_is_read(f):
    def program(w):
        z = f(w)
        return [z, *gradients(z, [w])]

    w = Value(0.003)
    check(jit(program).source(w), [w.data], [], [z.data for z in program(w)])


def test_every_constant_in_the_list_of_a_step_is_read():
    model = nn.MLP(2, [3, 1], seed=0)
    of_rows = nn.train_step(model, nn.mse, nn.Adam(model.parameters()))
    for step, X, y in (gpt(5), (of_rows, [[1.0, 2.0]], [0.5])):
        step(X, y)
        text, numbers = step.source(X, y), step.numbers(X, y)
        loss = step.eager(X, y)[0]
        check(text, *numbers, [*step.numbers(X, y)[0], loss])
