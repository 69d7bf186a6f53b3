"""Recurrent nets: cells against hand-written recurrences, gradients through
time, the shapes of sequence problems.
"""

import math

import pytest

import autograd
import nn
from autograd import Value, check_gradients, jit
from autograd.errors import ArgumentError, LengthError

XS = [[0.5, -1.0], [0.25, 0.75], [-0.5, 0.1]]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def affine(layer, x, h):
    """W [x, h] + b with plain numbers."""
    rows = [([p.data for p in neuron.w], neuron.b.data) for neuron in layer.neurons]
    return [math.fsum([b, *(w * u for w, u in zip(row, [*x, *h], strict=True))]) for row, b in rows]


def numbers(structure):
    return (
        [numbers(part) for part in structure]
        if isinstance(structure, (list, tuple))
        else float(structure)
    )


def test_rnn_cell():
    cell = nn.RNNCell(2, 3, bias=0.1)
    h = [0.2, -0.3, 0.4]
    assert numbers(cell(XS[0], h)) == pytest.approx(
        [math.tanh(z) for z in affine(cell.update, XS[0], h)], rel=1e-13
    )


def test_gru_cell():
    cell = nn.GRUCell(2, 3, bias=0.1)
    x, h = XS[0], [0.2, -0.3, 0.4]
    r = [sigmoid(z) for z in affine(cell.reset, x, h)]
    z = [sigmoid(z) for z in affine(cell.update, x, h)]
    g = [
        math.tanh(z) for z in affine(cell.candidate, x, [a * b for a, b in zip(r, h, strict=True)])
    ]
    assert numbers(cell(x, h)) == pytest.approx(
        [z[i] * h[i] + (1 - z[i]) * g[i] for i in range(3)], rel=1e-13
    )


def test_lstm_cell():
    cell = nn.LSTMCell(2, 3, bias=0.1, forget_bias=2.0)
    assert {neuron.b.data for neuron in cell.forget.neurons} == {2.0}
    assert {neuron.b.data for neuron in cell.write.neurons} == {0.1}
    x, h, c = XS[0], [0.2, -0.3, 0.4], [1.0, -2.0, 0.5]
    i, f, o = (
        [sigmoid(z) for z in affine(gate, x, h)] for gate in (cell.write, cell.forget, cell.read)
    )
    g = [math.tanh(z) for z in affine(cell.candidate, x, h)]
    c_new = [f[k] * c[k] + i[k] * g[k] for k in range(3)]
    h_new = [o[k] * math.tanh(c_new[k]) for k in range(3)]
    assert numbers(cell(x, (h, c))) == [
        pytest.approx(h_new, rel=1e-13),
        pytest.approx(c_new, rel=1e-13),
    ]


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_run_is_the_cell_step_by_step_and_can_go_on(kind):
    net = kind(2, 3)
    state = net.cell.start()
    expected = []
    for x in XS:
        state = net.cell(x, state)
        expected.append(numbers(net.cell.output(state)))
    assert numbers(net(XS)) == expected
    outputs, last = net.run(XS)
    assert (numbers(outputs), numbers(last)) == (expected, numbers(state))
    first, middle = net.run(XS[:1])
    rest, end = net.run(XS[1:], middle)
    assert (numbers([*first, *rest]), numbers(end)) == (expected, numbers(state))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_gradients_through_time_equal_finite_differences(kind):
    net = kind(2, 2, seed=3)
    before = net.state_dict()
    report = check_gradients(
        lambda xs: nn.mse(net(xs), [[0.5, -0.5]] * len(xs)), XS, order=1, wrt=net.parameters()
    )
    assert report.entries == 6 + len(before)
    assert net.state_dict() == before


def test_the_last_output_depends_on_the_first_input_and_on_the_order():
    net = nn.Sequential(nn.RNN(1, 3), nn.Last())
    first = Value(0.3)
    autograd.sum(net([[first], [0.5], [0.7]])).backward()
    assert first.grad != 0.0
    assert numbers(net([[0.3], [0.5], [0.7]])) != numbers(net([[0.7], [0.5], [0.3]]))


def test_the_shapes_of_sequence_problems():
    xs = [[0.1], [0.2], [0.3], [0.4]]
    one_to_one = nn.Sequential(nn.RNN(1, 3), nn.Each(nn.Layer(3, 2)))
    assert [len(step) for step in one_to_one([[0.1]])] == [2]
    assert [len(step) for step in one_to_one(xs)] == [2, 2, 2, 2]  # many to many of equal length
    many_to_one = nn.Sequential(nn.GRU(1, 3), nn.Last(), nn.Layer(3, 2))
    assert len(many_to_one(xs)) == 2
    unequal = nn.EncoderDecoder(1, 3, 2, steps=3)
    assert [len(step) for step in unequal(xs)] == [2, 2, 2]
    assert len(unequal(xs, steps=5)) == 5
    one_to_many = nn.EncoderDecoder(1, 3, 1, steps=4)
    assert len(one_to_many([[0.5]])) == 4


def test_the_encoder_s_state_reaches_the_decoder_and_gradients_come_back():
    model = nn.EncoderDecoder(1, 3, 1, steps=2)
    first = Value(0.3)
    nn.mse([model([[first], [0.2], [0.1]])], [[[1.0], [2.0]]]).backward()
    assert first.grad != 0.0
    assert all(p.grad != 0.0 for p in model.encoder.cell.candidate.neurons[0].w)


def test_initial_weights():
    cell = nn.GRUCell(2, 16)
    assert max(abs(w.data) for w in cell.reset.neurons[0].w) <= 0.25
    numbers = [w.data for neuron in cell.reset.neurons for w in neuron.w]
    assert min(numbers) < -0.2  # of 288 draws from -0.25 to 0.25
    assert max(numbers) > 0.2
    assert len({w.data for w in cell.parameters() if w.data}) == 3 * 16 * 18
    cell = nn.RNNCell(2, 4, init="zeros", recurrent_init="orthogonal")
    rows = [[w.data for w in neuron.w] for neuron in cell.update.neurons]
    assert [row[:2] for row in rows] == [[0.0, 0.0]] * 4
    assert math.fsum(w * w for w in rows[0][2:]) == pytest.approx(1, rel=1e-14)


def test_lengths_are_checked():
    for cell, state in (
        (nn.RNNCell(2, 3), [0.0] * 3),
        (nn.GRUCell(2, 3), [0.0] * 3),
        (nn.LSTMCell(2, 3), ([0.0] * 3, [0.0] * 3)),
    ):
        with pytest.raises(LengthError, match="takes 2 inputs but was given 1"):
            cell([1.0], state)
        short = state[:-1] if isinstance(state, list) else (state[0][:-1], state[1])
        with pytest.raises(
            LengthError, match=r"the state of <.*> is h( and c)?, 3 numbers each, not "
        ):
            cell([1.0, 2.0], short)
    for kind in (nn.RNN, nn.GRU, nn.LSTM):
        with pytest.raises(LengthError, match="at least one step"):
            kind(2, 3)([])


def test_sequence_losses_train_a_character_model_by_heart():
    """abac, abac, ...: after a comes b or c, by turns, so the net needs its memory."""
    model = nn.Sequential(nn.Each(nn.Embedding(3, 2)), nn.GRU(2, 4), nn.Each(nn.Layer(4, 3)))
    x, y = [0, 1, 0, 2, 0, 1, 0], [1, 0, 2, 0, 1, 0, 2]
    nn.fit(
        model,
        [x],
        [y],
        loss=nn.cross_entropy,
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=60,
        progress=False,
    )
    assert [nn.metrics.predicted_classes(steps) for steps in nn.predict(model, [x])] == [y]


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_layers_stand_one_above_the_other(kind):
    xs = [[0.5], [-1.0], [2.0]]
    deep = kind(1, 3, layers=2, seed=3)
    lower, upper = kind(1, 3, seed=0), kind(3, 3, seed=0)
    for part, cell in ((lower, deep.cell), (upper, deep.upper[0])):
        part.cell.load_state_dict(cell.state_dict())
    found = [[v.data for v in h] for h in deep(xs)]
    assert found == [[v.data for v in h] for h in upper(lower(xs))]
    outputs, state = deep.run(xs[:2])
    assert [[v.data for v in h] for h in [*outputs, *deep.run(xs[2:], state)[0]]] == found
    with pytest.raises(LengthError, match="has a state for each layer, not 1"):
        deep.run(xs, [state[0]])
    with pytest.raises(ArgumentError, match=r"layers must be one of 1, 2, \.\.\., not 0"):
        kind(1, 3, layers=0)
    check_gradients(lambda: autograd.sum(deep(xs)[-1]), order=1, wrt=deep.parameters())


def test_a_deep_net_is_saved_and_loaded(tmp_path):
    model = nn.Sequential(nn.GRU(1, 2, layers=3, bias=False, seed=0), nn.Last())
    model.save(tmp_path / "m.json")
    loaded = nn.load(tmp_path / "m.json")
    assert [v.data for v in loaded([[1.0], [2.0]])] == [v.data for v in model([[1.0], [2.0]])]


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_a_cell_without_bias_is_saved_and_loaded(kind, tmp_path):
    cell = kind(2, 3, bias=False, seed=0)
    assert "bias=False" in repr(cell)
    cell.save(tmp_path / "m.json")
    assert nn.load(tmp_path / "m.json").state_dict() == cell.state_dict()


def test_one_layer_keeps_its_numbers_and_paths():
    one = nn.LSTM(2, 3, seed=5)
    assert one.named_parameters()[0][0] == "cell.write.neurons.0.w.0"
    assert one.state_dict() == nn.LSTM(2, 3, layers=1, seed=5).state_dict()


def test_the_last_step_that_is_no_padding():
    last = nn.Last()
    xs = [[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]
    assert last(xs) == [0.0, 0.0]
    assert last(xs, [1, 1, 0]) == [3.0, 4.0]
    assert last(xs, [1.0, 0.0, 0.0]) == [1.0, 2.0]
    recorded = jit(lambda xs, mask: last(xs, mask))
    assert recorded(xs, [1, 1, 1]) == [0.0, 0.0]
    assert recorded(xs, [1, 1, 0]) == [3.0, 4.0]
    with pytest.raises(LengthError, match="a mask of 2 does not fit a sequence of 3"):
        last(xs, [1, 1])
    with pytest.raises(IndexError):
        last(xs, [0, 0, 0])


@pytest.mark.parametrize("odd", [0.5, math.nan, -1.0, 2, math.inf, None, "1", [1.0]])
def test_a_mask_has_1_and_0_alone(odd):
    xs = [[1.0, 2.0], [3.0, 4.0]]
    for part in (nn.Last(), nn.MultiHeadAttention(2, 1, seed=0), nn.Block(2, 1, seed=0)):
        with pytest.raises(ArgumentError, match="a mask has 1 for a step and 0 for padding, not "):
            part(xs, [1, odd])


def test_the_last_step_of_a_mask_comes_before_all_padding():
    xs = [[1.0], [2.0], [math.nan]]
    for one, none in ((1, 0), (1.0, 0.0), (True, False)):
        assert nn.Last()(xs, [one, one, none]) == [2.0]
        for mask in ([one, none, one], [none, one, one], [none, none, one]):
            with pytest.raises(ArgumentError, match="padding follows the steps"):
                nn.Last()(xs, mask)
