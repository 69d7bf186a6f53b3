"""Neurons, layers, nets and initializers: hand numbers, shapes, errors."""

import copy
import math
import operator
import pickle
import random
import re
import statistics
from functools import partial

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    PRIMITIVES,
    Value,
    check_gradients,
    primitive,
    topological_order,
)
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import LITERAL


def with_weights(neuron, w, b):
    for p, number in zip([*neuron.w, neuron.b], [*w, b], strict=True):
        p.data = number
    return neuron


def test_a_neuron_by_hand():
    neuron = with_weights(nn.Neuron(2, "tanh"), [0.5, -1.0], 0.25)
    a = neuron([2.0, 0.75])
    assert a.data == math.tanh(0.5)
    a.backward()
    slope = 1 - math.tanh(0.5) ** 2
    assert [p.grad for p in neuron.parameters()] == pytest.approx(
        [slope * 2.0, slope * 0.75, slope], rel=1e-14
    )


def test_a_neuron_is_few_nodes():
    order = topological_order(nn.Neuron(16, "relu")([1.0] * 16))
    assert [v.op.name for v in order if v.parents] == ["dot", "add", "relu"]


def test_inputs_may_be_values_and_get_gradients():
    neuron = with_weights(nn.Neuron(2), [3.0, -2.0], 0.0)
    x = [Value(1.0), Value(2.0)]
    neuron(x).backward()
    assert [v.grad for v in x] == [3.0, -2.0]


def test_a_layer_is_its_neurons_and_an_mlp_its_layers():
    mlp = nn.MLP(3, [4, 2], "tanh", seed=1)
    x = [0.1, -0.2, 0.3]
    hidden = [neuron(x) for neuron in mlp.layers[0].neurons]
    assert [a.data for a in mlp.layers[0](x)] == [a.data for a in hidden]
    assert [a.data for a in mlp(x)] == [neuron(hidden).data for neuron in mlp.layers[1].neurons]
    assert isinstance(nn.MLP(2, [16, 16, 1])([1.0, 2.0]), list)
    assert len(nn.MLP(2, [16, 16, 1]).parameters()) == 2 * 16 + 16 + 16 * 16 + 16 + 16 + 1
    assert [layer.activation for layer in nn.MLP(2, [3, 3, 1], "silu", "sigmoid").layers] == [
        "silu",
        "silu",
        "sigmoid",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "softplus",
        "sigmoid",
        "log_sigmoid",
        "tanh",
        "heaviside",
    ],
)
def test_an_activation_by_name_or_as_a_function(name):
    by_name = nn.Neuron(1, name, seed=0)
    as_function = nn.Neuron(1, getattr(autograd, name), seed=0)
    assert by_name.activation == as_function.activation == name
    own = nn.Neuron(1, lambda z: getattr(autograd, name)(z))
    own.load_state_dict(by_name.state_dict())
    assert by_name([0.75]).data == as_function([0.75]).data == own([0.75]).data
    assert by_name([0.75]).data == getattr(autograd, name)(by_name.w[0].data * 0.75)


def test_softmax_belongs_to_a_layer():
    layer = nn.Layer(2, 3, "softmax")
    z = [n.w[0].data * 1.0 + n.w[1].data * 2.0 for n in layer.neurons]
    assert [a.data for a in layer([1.0, 2.0])] == pytest.approx(autograd.softmax(z), rel=1e-14)
    assert sum(
        math.exp(a.data) for a in nn.Layer(2, 3, "log_softmax")([1.0, 2.0])
    ) == pytest.approx(1, rel=1e-14)
    with pytest.raises(ValueError, match="softmax compares the units of a layer"):
        nn.Neuron(2, "softmax")
    with pytest.raises(ValueError, match="softmax compares"):
        nn.Neuron(2, autograd.softmax)


@pytest.mark.parametrize(
    ("module", "n_in"),
    [
        (nn.Neuron(2), 2),
        (nn.Layer(2, 3), 2),
        (nn.MLP(2, [3, 1]), 2),
        (nn.LayerNorm(2), 2),
        (nn.RMSNorm(2), 2),
    ],
    ids=repr,
)
def test_a_wrong_input_length_names_both_lengths(module, n_in):
    for x in ([1.0] * (n_in + 1), [1.0] * (n_in - 1)):
        with pytest.raises(LengthError, match=f"takes {n_in} inputs but was given {len(x)}"):
            module(x)


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="no activation 'rleu'; there are relu"):
        nn.Neuron(2, "rleu")
    with pytest.raises(ValueError, match="no initializer 'xavier'; there are zeros"):
        nn.Layer(2, 2, init="xavier")
    with pytest.raises(LengthError, match="n_out = 3 rows of n_in = 2"):
        nn.Layer(2, 3, init=lambda n_in, n_out, rng: [[1.0, 2.0]])
    for n_in, n_out in ((0, 1), (1, 0), (2, -1)):
        with pytest.raises(
            ArgumentError, match=rf"n_(in|out) must be one of 1, 2, \.\.\., not {min(n_in, n_out)}"
        ):
            nn.Layer(n_in, n_out)
    for sizes in ([], 3):
        with pytest.raises(
            LengthError,
            match=r"sizes of its layers, at least one, in a list, "
            r"as in MLP\(2, \[16, 16, 1\]\), not ",
        ):
            nn.MLP(2, sizes)
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\), not 1\.0"):
        nn.Dropout(1.0)


def test_sequential_feeds_one_into_the_next():
    first, second = nn.Layer(2, 3, "tanh", seed=1), nn.Layer(3, 1, seed=2)
    assert nn.Sequential(first, second)([1.0, 2.0])[0].data == second(first([1.0, 2.0]))[0].data


def test_embedding_gives_a_row_and_its_gradient_reaches_only_that_row():
    table = nn.Embedding(5, 3)
    vector = table(2)
    assert [v.data for v in vector] == [w.data for w in table.rows[2]]
    autograd.sum([v * v for v in vector]).backward()
    assert [v.grad for v in table.rows[2]] == [2 * v.data for v in table.rows[2]]
    assert all(v.grad == 0.0 for i in (0, 1, 3, 4) for v in table.rows[i])
    by_value = table(Value(2.0))
    assert [v.data for v in by_value] == [v.data for v in vector]
    assert [v.data for v in table(2.0)] == [
        v.data for v in vector
    ]  # also of a NumPy array, which has no ints
    for i in (-1, 5, 1.5, [1, 2], "a"):
        with pytest.raises(IndexError, match=re.escape(f"takes one index, 0 to 4, not {i!r}")):
            table(i)
    with pytest.raises(IndexError, match="take"):
        table(Value(1.5))


def test_dropout_drops_in_training_only_and_keeps_the_mean():
    dropout = nn.Dropout(0.25, seed=3)
    out = [v for _ in range(40) for v in dropout([1.0] * 100)]
    assert set(out) == {0.0, 1 / 0.75}
    assert statistics.fmean(out) == pytest.approx(1.0, abs=4 * math.sqrt(0.25 / 0.75 / 4000))
    assert nn.Dropout(0.25, seed=3)([1.0] * 8) == nn.Dropout(0.25, rng=random.Random(3))([1.0] * 8)
    dropout.eval()
    assert dropout([1.0, 2.0]) == [1.0, 2.0]


def test_norms_by_hand():
    x = [1.0, 2.0, 6.0]  # mean 3, variance 14/3, mean square 41/3
    out = nn.LayerNorm(3)(x)
    assert [v.data for v in out] == pytest.approx(
        [(v - 3) / math.sqrt(14 / 3 + 1e-5) for v in x], rel=1e-14
    )
    out = nn.RMSNorm(3)(x)
    assert [v.data for v in out] == pytest.approx(
        [v / math.sqrt(41 / 3 + 1e-5) for v in x], rel=1e-14
    )
    norm = nn.LayerNorm(2)
    norm.gain[1].data, norm.b[1].data = 3.0, 0.5
    assert norm([0.0, 2.0])[1].data == pytest.approx(3 / math.sqrt(1 + 1e-5) + 0.5, rel=1e-14)


@pytest.mark.parametrize("size", [1e-140, 1e-8, 1.0, 1e150])
@pytest.mark.parametrize("norm", [nn.LayerNorm, nn.RMSNorm])
def test_norms_know_no_size_within_the_bounds_that_they_state(norm, size):
    x = [1.0, 2.0, 6.0]
    expected = nn.predict(norm(3, eps=0.0), [x])[0]
    assert nn.predict(norm(3, eps=0.0), [[size * u for u in x]])[0] == pytest.approx(expected)


@pytest.mark.parametrize("norm", [nn.LayerNorm, nn.RMSNorm])
def test_norms_of_squares_that_overflow_are_0_as_they_state(norm):
    assert nn.predict(norm(3), [[1e200, 2e200, 6e200]]) == [[0.0] * 3]


def test_one_hot_and_bag_of_words():
    assert nn.one_hot(1, 3) == [0.0, 1.0, 0.0]
    assert [v.data for v in nn.one_hot(Value(2.0), 3)] == [0.0, 0.0, 1.0]
    assert nn.bag_of_words([1, 0, 1], 3) == nn.bag_of_words([1, 1, 0], 3) == [1.0, 2.0, 0.0]
    assert nn.bag_of_words([], 2) == [0.0, 0.0]
    for i in (-1, 3):
        with pytest.raises(IndexError, match="no place among 3 classes"):
            nn.one_hot(i, 3)


@pytest.mark.parametrize(
    ("init", "n_in", "n_out", "std"),
    [
        ("xavier_uniform", 30, 50, math.sqrt(2 / 80)),
        ("xavier_normal", 30, 50, math.sqrt(2 / 80)),
        ("kaiming_uniform", 30, 50, math.sqrt(2 / 30)),
        ("kaiming_normal", 30, 50, math.sqrt(2 / 30)),
        ("lecun_normal", 30, 50, math.sqrt(1 / 30)),
        ("orthogonal", 30, 50, math.sqrt(1 / 50)),
        ("uniform", 30, 50, None),
        (partial(nn.init.normal, std=0.01), 30, 50, 0.01),
        (partial(nn.init.uniform, a=-3.0, b=3.0), 30, 50, math.sqrt(3)),
    ],
)
def test_initializers_have_their_deviation(init, n_in, n_out, std):
    weights = [p.data for neuron in nn.Layer(n_in, n_out, init=init).neurons for p in neuron.w]
    mean, std = (0.5, math.sqrt(1 / 12)) if std is None else (0.0, std)
    assert math.sqrt(statistics.fmean((w - mean) ** 2 for w in weights)) == pytest.approx(
        std, rel=0.08
    )  # 1,500 draws: 0.08 is over 4 sigma
    assert statistics.fmean(weights) == pytest.approx(mean, abs=4 * std / math.sqrt(len(weights)))


def test_bounds_and_constants():
    rng = random.Random(0)
    assert max(abs(w) for row in nn.init.xavier_uniform(30, 50, rng) for w in row) <= math.sqrt(
        6 / 80
    )
    assert max(abs(w) for row in nn.init.kaiming_uniform(30, 50, rng) for w in row) <= math.sqrt(
        6 / 30
    )
    assert nn.init.zeros(2, 1, rng) == [[0.0, 0.0]]
    assert nn.init.constant(2, 1, rng, value=0.5) == [[0.5, 0.5]]


@pytest.mark.parametrize(("n_in", "n_out"), [(6, 4), (4, 6), (5, 5)])
def test_orthogonal_rows_or_columns(n_in, n_out):
    rows = nn.init.orthogonal(n_in, n_out, random.Random(0), gain=3.0)
    vectors = rows if n_out <= n_in else list(zip(*rows, strict=True))
    for i, u in enumerate(vectors):
        for j, v in enumerate(vectors):
            assert math.fsum(a * b for a, b in zip(u, v, strict=True)) == pytest.approx(
                9.0 * (i == j), abs=1e-13
            )


def test_the_default_deviation_is_the_gain_over_the_root_of_the_fan_in():
    for activation, gain in (
        (None, 1.0),
        ("relu", math.sqrt(2)),
        ("tanh", 5 / 3),
        ("sigmoid", 1.0),
        ("softmax", 1.0),
    ):
        weights = [p.data for neuron in nn.Layer(50, 40, activation).neurons for p in neuron.w]
        assert math.sqrt(statistics.fmean(w * w for w in weights)) == pytest.approx(
            gain / math.sqrt(50), rel=0.07
        )
        assert nn.init.gain(activation) == gain
        assert nn.init.gain(activation and getattr(autograd, activation)) == gain


def test_randomness_comes_from_the_seed_or_the_rng():
    def numbers(module):
        return [p.data for p in module.parameters()]

    assert numbers(nn.MLP(2, [3, 1], seed=0)) == numbers(nn.MLP(2, [3, 1], rng=random.Random(0)))
    assert numbers(nn.MLP(2, [3, 1], seed=0)) != numbers(nn.MLP(2, [3, 1], seed=1))
    state = random.getstate()
    nn.MLP(2, [3, 1])
    assert random.getstate() == state


def test_the_first_bias_is_a_setting():
    assert [n.b.data for n in nn.Layer(2, 3, bias=-5.0).neurons] == [-5.0] * 3
    assert nn.Neuron(2).b.data == 0.0


def test_constants_of_a_net_are_literals():
    assert all(v.op is LITERAL for v in nn.Neuron(2)([1.0, 2.0]).parents[0].parents[2:])


@pytest.mark.parametrize(
    "module", [nn.Neuron(2), nn.Layer(2, 1), nn.MLP(2, [1]), nn.RMSNorm(2), nn.LayerNorm(2)]
)
def test_a_number_where_a_list_belongs_is_an_error_that_says_so(module):
    with pytest.raises(
        TypeError,
        match=r"takes a list of 2 inputs but was given 0\.5: "
        "one input is a list, too, and so is one row of X",
    ):
        module(0.5)


def test_a_batch_where_a_row_belongs_is_an_error_that_says_so():
    with pytest.raises(
        LengthError,
        match=r"takes 2 inputs but was given 3 rows: one row at a time, \[model\(x\) for x in X\]",
    ):
        nn.MLP(2, [1])([[1.0, 2.0]] * 3)


@pytest.mark.parametrize("layers", [([nn.Layer(2, 1)],), ("relu",), (autograd.relu,)])
def test_sequential_takes_modules_only(layers):
    with pytest.raises(DataTypeError, match="takes Modules, not"):
        nn.Sequential(*layers)


def test_an_activation_that_would_cut_the_graph_is_refused():
    with pytest.raises(ValueError, match="through which no gradient flows"):
        nn.Layer(2, 1, math.tanh)
    for activation in (3, ["relu", "tanh"]):
        with pytest.raises(ValueError, match="no activation"):
            nn.Layer(2, 1, activation)


def of_value(x):
    return Value(math.tanh(x.data))


CUTTING = [
    lambda x: 1 / (1 + math.exp(-x.data)),
    lambda x: max(0, x.data),
    lambda x: np.tanh(x.data),
    lambda x: min(float(x), 6.0),
    lambda x: x.data if x.data > 0 else 0.0,
    of_value,
]
KEEPING = [
    lambda x: max(0, x),
    lambda x: min(max(x, 0), 6),
    lambda x: 1.0,
    lambda x: 1.0 if x.data > 0 else 0.0,
    lambda x: 0.0 if x.data < 0 else 2 * x,
    lambda x: Value(0.0) if x.data < 0 else 2 * x,
    lambda x: x.log() if x.data > 0 else 0,
    lambda x: x,
    lambda x: math.nan,
]


@pytest.mark.parametrize("activation", CUTTING)
def test_a_function_of_a_user_s_own_that_cuts_the_graph_is_refused(activation):
    for x in (1.0, -1.0, 30.0):
        neuron = nn.Neuron(1, activation, init="constant")
        with pytest.raises(DataTypeError, match=r"compute with autograd's functions on x itself"):
            neuron([x])
    X, y = nn.data.moons(6, seed=0)
    model = nn.MLP(2, [3, 1], activation, seed=0)
    with pytest.raises(DataTypeError, match="through which no gradient flows"):
        nn.fit(
            model, X, y, loss=nn.mse, optimizer=nn.SGD(model.parameters(), lr=0.1), progress=False
        )


@pytest.mark.parametrize("activation", KEEPING)
def test_constants_and_clamps_are_activations(activation):
    for x in (1.0, -1.0, 30.0):
        layer = nn.Layer(1, 2, activation, init="constant", bias=False)
        expected = activation(Value(x))
        expected = expected.data if isinstance(expected, Value) else expected
        assert [float(a) for a in layer([x])] == pytest.approx([expected] * 2, nan_ok=True)
        assert float(copy.deepcopy(layer)([x])[0]) == pytest.approx(expected, nan_ok=True)
        assert nn.predict(layer, [[x]]) == [pytest.approx([expected] * 2, nan_ok=True)]


def test_an_activation_is_asked_whether_it_cuts_once_and_only_at_a_plain_number():
    asked = []
    neuron = nn.Neuron(1, lambda x: asked.append(x.data) or max(0, x), init="constant")
    neuron([1.0])
    assert len(asked) == 1
    neuron([-1.0])
    several = len(asked)
    neuron([-1.0])
    neuron([-2.0])
    assert len(asked) == several + 2
    assert pickle.loads(pickle.dumps(nn.Neuron(1, of_value)))._function.function is of_value


@pytest.mark.parametrize(
    "make",
    [
        lambda f: nn.Layer(2, 1, f),
        lambda f: nn.MLP(2, [4, 1], output=f),
        lambda f: nn.MLP(2, [1, 2], activation=f),
        lambda f: nn.Layer(2, 1, getattr(autograd, f)),
    ],
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_one_unit_is_refused(make, name):
    other = name.replace("softmax", "sigmoid")
    with pytest.raises(ValueError, match=f"='{name}' of one unit is . whatever .*='{other}'"):
        make(name)
    nn.MLP(2, [1, 2], output=name)


def test_one_hot_has_no_place_for_what_is_no_index():
    for i in (3, -1, 1.5):
        with pytest.raises(IndexError, match="has no place among 3 classes"):
            nn.one_hot(i, 3)


def test_the_old_name_of_the_heaviside_activation_still_loads(tmp_path):
    path = tmp_path / "model.json"
    model = nn.Layer(2, 1, "step", seed=0)
    model.save(path)
    text = path.read_text()
    assert '"heaviside"' in text
    assert '"step"' not in text
    path.write_text(text.replace('"heaviside"', '"step"'))
    again = nn.load(path)
    assert again.activation == "heaviside"
    assert again([1.0, 2.0])[0].data == model([1.0, 2.0])[0].data


def test_a_layer_without_biases():
    layer = nn.Layer(2, 3, "tanh", bias=False, seed=0)
    assert [path for path, _ in layer.named_parameters()] == [
        f"neurons.{i}.w.{j}" for i in range(3) for j in range(2)
    ]
    assert [v.data for v in layer([1.0, -2.0])] == [
        math.tanh(n.w[0].data - 2.0 * n.w[1].data) for n in layer.neurons
    ]
    assert len(nn.Neuron(4, bias=False, seed=0).parameters()) == 4
    assert nn.Neuron(4, bias=True, seed=0).b.data == nn.Neuron(4, bias=0, seed=0).b.data == 0.0
    assert nn.Neuron(4, bias=1, seed=0).b.data == 1.0
    check_gradients(lambda: autograd.sum(layer([0.3, -1.2])), order=1, wrt=layer.parameters())


def test_norms_without_gains_have_no_parameters():
    x = [0.5, -2.0, 3.0]
    for plain, full in (
        (nn.RMSNorm(3, gain=False), nn.RMSNorm(3)),
        (nn.LayerNorm(3, gain=False, bias=False), nn.LayerNorm(3)),
    ):
        assert plain.parameters() == []
        assert [v.data for v in full(x)] == plain(x)
    assert len(nn.LayerNorm(3, gain=False).parameters()) == 3


@pytest.mark.parametrize(
    "module",
    [
        nn.Layer(2, 3, bias=False, seed=0),
        nn.Neuron(2, bias=False, seed=0),
        nn.RMSNorm(3, gain=False),
        nn.LayerNorm(3, bias=False),
        nn.LayerNorm(3, eps=1e-3, gain=False, bias=False),
    ],
)
def test_what_is_left_out_stays_out_of_the_loaded_model(module, tmp_path):
    module.save(tmp_path / "m.json")
    loaded = nn.load(tmp_path / "m.json")
    assert repr(loaded) == repr(module)
    assert loaded.state_dict() == module.state_dict()


def test_a_norm_of_large_inputs_overflows_without_an_error():
    assert nn.RMSNorm(2, gain=False)([1e200, 1.0]) == [0.0, 0.0]
    assert nn.RMSNorm(2, gain=False)([1e150, 1e150]) == pytest.approx([1.0, 1.0], rel=1e-15)
    with pytest.raises(ZeroDivisionError):
        nn.RMSNorm(2, eps=0.0)([0.0, 0.0])


def test_arithmetic_with_a_list_of_outputs_says_what_to_do():
    out = nn.MLP(2, [4, 1], seed=0)([1.0, 2.0])
    for compute in (
        lambda: out - 1.0,
        lambda: 1.0 - out,
        lambda: -1 * out,
        lambda: out * -1,
        lambda: out / 2,
        lambda: 2 / out,
        lambda: out**2,
        lambda: -out,
        lambda: 1.0 + out,
        lambda: abs(out),
        lambda: float(out),
    ):
        with pytest.raises(DataTypeError, match=r"list of outputs, here 1; outputs\[0\] is its"):
            compute()
    for name in ("data", "backward", "grad"):
        with pytest.raises(AttributeError, match=rf"no '{name}': .* outputs\[0\] is its one"):
            getattr(out, name)
    with pytest.raises(DataTypeError, match=r"here 3; compute with its elements"):
        nn.Layer(2, 3, "softmax")([1.0, 2.0]) * 2


STEPS = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (nn.LayerNorm(2), STEPS[0]),
        (nn.LayerNorm(2, bias=False), STEPS[0]),
        (nn.RMSNorm(2), STEPS[0]),
        (nn.RMSNorm(2, gain=False), STEPS[0]),
        (nn.Dropout(0.5, seed=0), STEPS[0]),
        (nn.Dropout(0.5, seed=0).eval(), STEPS[0]),
        (nn.Embedding(3, 2, seed=0), 1),
        (nn.Embedding(3, 2, seed=0), Value(1.0)),
        (nn.Sequential(nn.Layer(2, 3, seed=0), nn.LayerNorm(3)), STEPS[0]),
        (nn.RNN(2, 3, seed=0), STEPS),
        (nn.GRU(2, 3, layers=2, seed=0), STEPS),
        (nn.LSTM(2, 3, seed=0), STEPS),
        (nn.Sequential(nn.LSTM(2, 3, seed=0), nn.Last()), STEPS),
        (nn.MultiHeadAttention(2, 1, seed=0), STEPS),
        (nn.Block(2, 1, seed=0), STEPS),
        (nn.GPT(5, n_embd=4, n_head=2, n_layer=1, block_size=4, seed=0), [1, 2]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_no_part_gives_a_list_that_whole_numbers_repeat(model, given):
    out = model(given)
    for row in out if isinstance(out[0], list) else [out]:
        for compute in (operator.mul, operator.sub):
            for pair in ((row, 2), (-1, row), (row, 2.0), (2.0, row)):
                with pytest.raises(DataTypeError, match=r"list of outputs"):
                    compute(*pair)


def test_a_number_of_numpy_beside_outputs_is_refused_as_any_number_is():
    np = pytest.importorskip("numpy")
    out = nn.MLP(2, [4, 1], seed=0)([1.0, 2.0])
    for y in (np.int64(1), np.float64(1.0), np.float32(1.0), np.array(1.0)):
        for compute in (
            lambda y=y: 1.0 - y * out,
            lambda y=y: (y - out) ** 2,
            lambda y=y: y + out,
            lambda y=y: out + y,
            lambda y=y: y / out,
            lambda y=y: y < out,
        ):
            with pytest.raises(DataTypeError, match=r"outputs\[0\] is its one output"):
                compute()
    assert np.exp(out)[0].data == math.exp(out[0].data), "an array of them is NumPy's own"
    assert (np.array([1.0]) - out)[0].data == 1.0 - out[0].data
    assert (out + np.array([1.0]))[0].data == 1.0 + out[0].data
    assert isinstance(out, list)
    assert copy.deepcopy(nn.predict(nn.MLP(1, [2], seed=0), [[1.0]])) == nn.predict(
        nn.MLP(1, [2], seed=0), [[1.0]]
    )


def test_a_primitive_is_an_activation_by_name(tmp_path):
    assert nn.Neuron(1, "sin", init="constant")([2.0]).data == math.sin(2.0)
    square = primitive("square_for_layers", lambda x: x * x, lambda x, z: 2.0 * x)
    try:
        model = nn.MLP(2, [3, 1], square, seed=1)
        assert model.activation == "square_for_layers"
        model.save(tmp_path / "m.json")
        loaded = nn.load(tmp_path / "m.json")
        assert loaded([1.0, 2.0])[0].data == model([1.0, 2.0])[0].data
    finally:
        del PRIMITIVES["square_for_layers"], Value.square_for_layers
    with pytest.raises(ValueError, match=r"no activation 'square_for_layers'.* primitive"):
        nn.load(tmp_path / "m.json")
    for name in ("add", "logsumexp", "where"):
        with pytest.raises(ArgumentError, match=f"no activation '{name}'; there are relu"):
            nn.Layer(2, 2, name)


FLAGS = [
    (lambda bias: nn.Neuron(2, seed=0, bias=bias), ("bias",)),
    (lambda bias: nn.Layer(2, 2, seed=0, bias=bias), ("bias",)),
    (lambda bias: nn.RNN(2, 2, seed=0, bias=bias), ("bias",)),
    (lambda bias: nn.LSTM(2, 2, seed=0, bias=bias), ("bias",)),
    (lambda bias: nn.GRUCell(2, 2, seed=0, bias=bias), ("bias",)),
    (lambda **flag: nn.RMSNorm(2, **flag), ("gain",)),
    (lambda **flag: nn.LayerNorm(2, **flag), ("gain", "bias")),
    (lambda **flag: nn.MultiHeadAttention(2, 1, seed=0, **flag), ("bias", "causal")),
    (lambda **flag: nn.Block(2, 1, seed=0, norm="layer", **flag), ("bias", "gain")),
    (lambda **flag: nn.GPT(3, 2, 1, seed=0, norm="layer", **flag), ("bias", "gain", "tied")),
]


@pytest.mark.parametrize(("make", "flags"), FLAGS)
def test_a_flag_is_a_bool_of_python_or_numpy_or_is_refused(make, flags, tmp_path):
    np = pytest.importorskip("numpy")
    for flag in flags:
        for given in (True, False):
            model, other = make(**{flag: given}), make(**{flag: np.bool_(given)})
            assert repr(model) == repr(other)
            assert model.state_dict() == other.state_dict()
            other.save(tmp_path / "model.json")
            assert repr(nn.load(tmp_path / "model.json")) == repr(model)
        for wrong in ("no", None, [], [True]):
            with pytest.raises(DataTypeError, match=f"^{flag}"):
                make(**{flag: wrong})


@pytest.mark.parametrize("make", [make for make, flags in FLAGS if make.__code__.co_argcount == 0])
def test_a_flag_of_attention_is_no_number_that_biases_start_from(make):
    """0 and 1 are False and True, as of all flags. A bias of 0 was one that starts from 0."""
    flag = "bias" if "RMSNorm" not in make.__code__.co_names else "gain"
    for number in (0, 1):
        assert make(**{flag: number}).state_dict() == make(**{flag: bool(number)}).state_dict()
    with pytest.raises(DataTypeError, match=f"^{flag} must be one of True, False, not 0.5$"):
        make(**{flag: 0.5})


@pytest.mark.parametrize(("a", "b"), [(-1.7e308, 1.7e308), (1.7e308, -1.7e308), (-2, 3)])
def test_uniform_weights_lie_between_their_bounds(a, b):
    for row in nn.init.uniform(50, 4, random.Random(0), a=a, b=b):
        assert all(min(a, b) <= w <= max(a, b) for w in row)
        assert max(row) > min(row) + abs(b / 2)
    same = random.Random(0)
    assert nn.init.uniform(2, 1, random.Random(0)) == [[same.uniform(0, 1), same.uniform(0, 1)]]


@pytest.mark.parametrize("odd", [math.inf, -math.inf, math.nan, 1e308])
def test_what_is_dropped_is_0_whatever_it_was(odd):
    draws = [nn.Dropout(0.5, seed=1)([x] * 20) for x in (1.0, odd)]
    for one, other in zip(*draws, strict=True):
        assert str(other) == str(odd * 2.0 if one else 0.0)
