"""Attention and the GPT: by hand, against finite differences, and against a twin in NumPy."""

import copy
import json
import math
import random
from collections import Counter, defaultdict
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

import autograd
import nn
from autograd import Value, check_gradients, grad, jit, jvp, topological_order
from autograd.errors import ArgumentError, DataTypeError, IndexDomainError, LengthError
from nn.attention import AttentionWeights, Head

RNG = random.Random(7)
XS = [[RNG.gauss(0, 1) for _ in range(4)] for _ in range(3)]
LOSS = partial(nn.cross_entropy, ignore_index=-1)


def small(**options):
    return nn.GPT(5, n_embd=4, n_head=2, block_size=6, seed=1, **{"std": 0.5, **options})


def numbers(rows):
    return [[float(x) for x in row] for row in rows]


def plain_numbers(found):
    return [plain_numbers(x) for x in found] if isinstance(found, list) else float(found)


def names(n=None):
    texts = nn.data.names()
    random.Random(42).shuffle(texts)
    tokenizer = nn.data.Tokenizer([f".{name}." for name in texts])
    return [tokenizer.encode(f".{name}.") for name in texts[:n]], tokenizer


# Attention.


def test_attention_weights_by_hand():
    # Scores log 3 and 0 before the softmax: 3/4 and 1/4. sqrt(d) is 2.
    query, keys = [2.0, 0.0, 0.0, 0.0], [[math.log(3.0), 9.0, 9.0, 9.0], [0.0, 1.0, 1.0, 1.0]]
    assert AttentionWeights()(query, keys) == pytest.approx([0.75, 0.25], rel=1e-15)
    assert AttentionWeights()(query, keys, [0, 1]) == [0.0, 1.0]


def test_a_head_by_hand():
    head = Head(1, 1, bias=False)
    for layer, w in ((head.query, 1.0), (head.key, 1.0), (head.value, 10.0)):
        layer.neurons[0].w[0].data = w
    found = numbers(head([[1.0], [math.log(3.0)], [0.0]]))
    assert found[0] == [10.0], "the first position sees only itself"
    scores = [math.exp(math.log(3.0)), math.exp(math.log(3.0) ** 2)]
    mean = (scores[0] * 10.0 + scores[1] * 10.0 * math.log(3.0)) / sum(scores)
    assert found[1] == pytest.approx([mean], rel=1e-14)
    assert found[2] == pytest.approx([10.0 * (1 + math.log(3.0)) / 3], rel=1e-14)
    everything = Head(1, 1, bias=False, causal=False)
    everything.load_state_dict(head.state_dict())
    assert numbers(everything([[1.0], [math.log(3.0)], [0.0]]))[2] == found[2]
    assert numbers(everything([[0.0], [3.0]]))[0] == pytest.approx([15.0])


def test_no_position_sees_what_follows_it():
    model = small(n_layer=2)
    before, after = numbers(model([1, 2, 3, 4])), numbers(model([1, 2, 0, 0]))
    assert before[:2] == after[:2]
    assert before[2] != after[2]


def test_positions_are_told_apart():
    first, second = numbers(small()([3, 3]))
    assert first != second


def test_a_mask_leaves_positions_out():
    attention = nn.MultiHeadAttention(4, 2, causal=False, seed=0)
    short = numbers(attention(XS[:2]))
    long = numbers(attention(XS, [1.0, 1.0, 0.0]))
    for a, b in zip(short, long, strict=False):
        assert b == pytest.approx(a, rel=1e-14)
    recorded = jit(lambda xs, mask: attention(xs, mask))
    for mask in ([1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]):
        assert numbers(recorded(XS, mask)) == numbers(attention(XS, mask))
    with pytest.raises(LengthError, match="a mask of 2 does not fit 3 positions"):
        attention(XS, [1.0, 1.0])


@pytest.mark.parametrize("bad", [math.nan, -math.inf])
@pytest.mark.parametrize(("causal", "kind"), [(False, bool), (True, float), (True, Value)])
def test_nothing_of_a_position_that_is_left_out_reaches_another(bad, causal, kind):
    parts = [nn.MultiHeadAttention(2, 1, causal=causal, seed=seed) for seed in range(2)]
    mask = [kind(m) for m in (1.0, 0.0, 1.0, 1.0)]

    def others(xs):
        for part in parts:
            xs = part(xs, mask)
        return [xs[0], *xs[2:]]

    def total(xs):
        return autograd.sum([u * u for row in others(xs) for u in row])

    def slope(xs):
        return jvp(total, [xs], [[[1.0, -0.5]] * 4])[1]

    first, *rest = [x[:2] for x in XS]
    plain, broken = [[first, [v] * 2, *rest] for v in (0.0, bad)]
    for f in (others, total, slope, grad(total), grad(slope)):
        recorded, expected = jit(f), plain_numbers(f(plain))
        assert plain_numbers(f(broken)) == expected
        assert plain_numbers(recorded(broken)) == plain_numbers(recorded(plain))


PARTS = {
    "head": (Head(4, 2), XS),
    "everything seen": (nn.MultiHeadAttention(4, 2, causal=False, seed=2), XS),
    "heads": (nn.MultiHeadAttention(4, 2, seed=0), XS),
    "block": (nn.Block(4, 2, activation="gelu", seed=0), XS),
    "block of layer norms": (nn.Block(4, 1, activation="tanh", norm="layer", seed=3), XS),
    "gpt": (small(activation="silu"), [1, 4, 0]),
    "tied": (small(activation="silu", tied=True), [1, 4, 0]),
    "two layers, GPT-2": (
        nn.GPT(3, 2, 1, 2, 2, norm="layer", bias=True, gain=True, activation="gelu", seed=0),
        [2, 2],
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_gradients_of_every_part_equal_finite_differences(name):
    part, x = PARTS[name]
    weights = [[math.sin(i + 3.0 * j + 1.0) for j in range(9)] for i in range(9)]

    def cost():
        rows = part(x)
        return autograd.sum(
            [autograd.dot(row, w[: len(row)]) for row, w in zip(rows, weights, strict=False)]
        )

    check_gradients(cost, order=1, wrt=part.parameters())
    if not isinstance(part, nn.GPT):
        check_gradients(lambda xs: autograd.sum([u for row in part(xs) for u in row]), x, order=1)


def test_a_loss_through_attention_has_its_gradients():
    model = small(activation="gelu")
    check_gradients(lambda: LOSS([model([1, 2, 3])], [[2, 3, -1]]), order=1, wrt=model.parameters())


# The model.


def test_parameters_are_counted_as_in_the_paper():
    assert len(nn.GPT(27).parameters()) == 4192
    assert len(nn.GPT(27, tied=True).parameters()) == 4192 - 27 * 16
    assert len(nn.GPT(27, n_embd=32, n_layer=2).parameters()) == 26_816
    # GPT-2: 12 n^2 + 13 n in each block, 2 n for a norm, and the vectors.
    gpt2 = nn.GPT(27, 8, 2, 3, 16, norm="layer", bias=True, gain=True, tied=True)
    assert len(gpt2.parameters()) == 3 * (12 * 64 + 13 * 8) + 2 * 8 + (27 + 16) * 8


def test_padding_changes_nothing_before_it_and_one_program_serves_all():
    model = small()
    texts = [[1, 2, 3], [4, 0], [2, 2, 1, 0, 3]]
    recorded = jit(lambda X, y: LOSS([model(x) for x in X], y))
    for text in texts:
        x, y = [nn.data.pad([t], 6, value)[0] for t, value in ((text[:-1], 0), (text[1:], -1))]
        plain = nn.cross_entropy([model(text[:-1])], [text[1:]]).data
        assert recorded(x, y).data == pytest.approx(plain, rel=1e-14)
    assert repr(recorded).endswith("1 recorded>")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tied": True, "norm": "layer", "bias": True, "gain": True, "activation": "gelu"},
        {"n_layer": 2, "dropout": 0.25, "std": 0.02},
    ],
)
def test_a_gpt_is_saved_and_loaded(options, tmp_path):
    model = small(**options)
    model.save(tmp_path / "m.json")
    loaded = nn.load(tmp_path / "m.json")
    model.eval()
    assert numbers(loaded([1, 2])) == numbers(model([1, 2]))
    assert repr(loaded) == repr(model)


def test_dropout_drops_in_training_only():
    model = small(dropout=0.5)
    assert numbers(model([1, 2, 3])) != numbers(model([1, 2, 3]))
    model.eval()
    assert numbers(model([1, 2, 3])) == numbers(model([1, 2, 3]))
    plain = small()
    model.load_state_dict(plain.state_dict())
    assert numbers(model([1, 2, 3])) == numbers(plain([1, 2, 3]))


def test_what_does_not_fit_is_refused():
    model = small()
    with pytest.raises(ArgumentError, match=r"n_embd = 6 numbers cannot be shared .* n_head = 4"):
        nn.GPT(5, n_embd=6, n_head=4)
    with pytest.raises(ArgumentError, match="norm is one of rms, layer, not 'batch'"):
        nn.GPT(5, norm="batch")
    with pytest.raises(ArgumentError, match="dropout"):
        nn.GPT(5, dropout=1.0)
    with pytest.raises(LengthError, match="reads 1 to 6 tokens, not 7"):
        model([0] * 7)
    with pytest.raises(LengthError, match="reads 1 to 6 tokens, not 0"):
        model([])
    with pytest.raises(IndexDomainError, match="0 to 4, not 5"):
        model([5])
    with pytest.raises(LengthError, match="at least one position"):
        nn.MultiHeadAttention(4, 2, seed=0)([])


def test_attention_weights_are_shares_of_what_came_before():
    model = small(n_layer=2)
    found = model.attention_weights([1, 2, 3])
    assert (len(found), len(found[0])) == (2, 2)
    for head in (head for block in found for head in block):
        assert [len(row) for row in head] == [1, 2, 3]
        assert all(sum(row) == pytest.approx(1.0, rel=1e-14) for row in head)
    assert found[0][0] != found[0][1]
    assert model.parameters()[0].grad is autograd.NOT_COMPUTED


def test_the_calls_of_a_trace_say_who_attended():
    model = small()
    with nn.trace(model) as t:
        model([1, 2])
    paths = [c.path for c in t.calls if c.path.endswith(".weights")]
    assert paths == [f"blocks.0.attention.heads.{h}.weights" for h in (0, 0, 1, 1)]


# Generation.


def test_a_reader_with_its_past_gives_the_logits_of_the_whole_text():
    model = small(n_layer=2)
    read = model.reader()
    text = [1, 4, 0, 2]
    for n in (1, 2, 4):  # the last call reads two tokens
        assert numbers([read(text[:n])])[0] == numbers(model(text[:n]))[-1]


def odd_pasts():
    """What is no past of two heads of two numbers each."""
    own, twice, vectors = [], ([], []), [[1.0, 2.0]]
    return [
        *[0, "ab", {}, {1.0, 2.0}, object, math.nan, iter([([], [])])],
        *[[], [[]], [[], []], [None, None], [1, 2], ["ab", "cd"]],
        [([], [])],
        [([], []), ([], []), ([], [])],
        [([],), ([],)],
        [([], [], []), ([],)],
        [((), ()), ((), ())],
        [([1.0], [1.0]), ([1.0], [1.0])],
        [([[1.0]], [[1.0]]), ([[1.0]], [[1.0]])],
        [(vectors, []), (vectors, [])],
        [(vectors.copy(), vectors.copy()), ([], [])],
        [twice, twice],
        [(own, own), ([], [])],
    ]


ATTENTION, BLOCK = nn.MultiHeadAttention(4, 2, seed=0), nn.Block(4, 2, seed=0)


@pytest.mark.parametrize("odd", odd_pasts(), ids=lambda odd: type(odd).__name__)
def test_what_is_no_past_is_refused_before_it_grows(odd):
    before = repr(odd)
    model = small(n_layer=2)
    for call in (
        lambda: ATTENTION(XS, None, odd),
        lambda: BLOCK(XS, None, odd),
        lambda: model([1, 2], None, odd),
        lambda: model([1, 2], None, [odd, odd]),
        lambda: model([1, 2], None, [model.blocks[0].attention.start(), odd]),
    ):
        with pytest.raises(DataTypeError, match=r"^past is what .*start\(\).* it is not "):
            call()
    assert repr(odd) == before


@pytest.mark.parametrize("odd", [1, "ab", [], [[]], [None, None], [[], [], []], [[1.0], [1.0]]])
def test_what_is_no_past_of_a_head_is_refused(odd):
    with pytest.raises(DataTypeError, match=r"^past is what start\(\).* it is not "):
        ATTENTION.heads[0](XS, None, odd)


def test_a_past_of_another_layer_is_refused():
    other = nn.MultiHeadAttention(4, 2, seed=1)
    grown = other.start()
    other(XS, None, grown)
    own = ATTENTION.start()
    for past in (other.start(), grown, own[::-1], [own[0], other.start()[1]]):
        with pytest.raises(DataTypeError, match="past is that of another layer"):
            ATTENTION(XS, None, past)
    model = small(n_layer=2)
    past = [block.attention.start() for block in model.blocks]
    with pytest.raises(DataTypeError, match="past is that of another layer"):
        model([1, 2], None, past[::-1])
    with pytest.raises(DataTypeError, match="past is that of another layer"):
        BLOCK(XS, None, own)


def test_a_past_goes_on_also_as_a_copy_and_in_plain_lists():
    whole, past = ATTENTION(XS), ATTENTION.start()
    first = ATTENTION(XS[:1], None, past)
    copies = [copy.deepcopy(past), [(list(keys), list(values)) for keys, values in past], past]
    assert [numbers([*first, *ATTENTION(XS[1:], None, past)]) for past in copies] == [
        numbers(whole)
    ] * 3
    model, past = copy.deepcopy((ATTENTION, ATTENTION.start()))
    assert numbers(model(XS, None, past)) == numbers(whole)


def test_a_mask_covers_the_past_too():
    past = ATTENTION.start()
    ATTENTION(XS[:2], [1, 0], past)
    found = numbers(ATTENTION(XS[2:], [1, 0, 1], copy.deepcopy(past)))
    assert found == numbers(ATTENTION(XS, [1, 0, 1]))[2:]
    for mask in ([1], [1, 1], [1] * 4):
        with pytest.raises(LengthError, match="does not fit 1 positions with the 2 before them"):
            ATTENTION(XS[2:], mask, past)


def test_generation_is_reproducible_and_ends_with_stop_limit_or_block():
    model = small()
    texts = [model.generate([1], seed=seed) for seed in range(10)]
    assert texts == [model.generate([1], seed=seed) for seed in range(10)]
    assert len({tuple(text) for text in texts}) > 5
    assert all(len(text) == 6 for text in texts), "a block of 6 can be read, and one more drawn"
    assert model.generate([1], rng=random.Random(4)) == texts[4]
    assert model.generate([1], limit=2, seed=3) == texts[3][:2]
    stop = texts[0][2]
    assert model.generate([1], stop=stop, seed=0) == texts[0][: texts[0].index(stop)]
    assert len(model.generate([0] * 6)) == 1
    likeliest = model.generate([1], temperature=0)
    assert likeliest == model.generate([1], top_k=1, seed=5)
    with pytest.raises(LengthError, match="the prompt has 7 tokens, more than the block"):
        model.generate([0] * 7)
    with pytest.raises(LengthError, match="a prompt has at least one token"):
        model.generate([])


def test_generation_in_text_and_in_numbers_is_the_same():
    tokenizer = nn.data.Tokenizer([".abcd"])
    model = small()
    text = nn.generate(model, tokenizer, seed=2, stop=None)
    assert tokenizer.encode(text) == model.generate([0], seed=2)
    slow = nn.generate(lambda_module(model), tokenizer, seed=2, stop=None, limit=6)
    assert slow == text, "with the past and without"


def lambda_module(model):
    """The model without its reader: the whole text is read again for each token."""

    class Plain(nn.Module):
        def forward(self, tokens):
            return model(tokens)

    return Plain()


# Learning.


def pairs(texts, length):
    """Padded batches of one text each."""
    X = nn.data.pad([text[:-1] for text in texts], length)[0]
    y = nn.data.pad([text[1:] for text in texts], length, value=-1)[0]
    return [([a], [b]) for a, b in zip(X, y, strict=True)]


def test_losses_equal_those_of_a_twin_in_numpy():
    pytest.importorskip("numpy")
    from gpt_twin import Twin

    texts, tokenizer = names(100)
    model = nn.GPT(len(tokenizer.tokens), seed=0)
    twin = Twin(model.state_dict(), n_head=4, lr=0.01, betas=(0.85, 0.99))
    optimizer = nn.Adam(model.parameters(), lr=0.01, betas=(0.85, 0.99))
    decay = nn.schedules.linear(1000)
    step = nn.train_step(model, LOSS, optimizer, schedule=decay)
    ours = step.run(pairs(texts, 16))
    theirs = [twin.step(text[:-1], text[1:], decay(t)) for t, text in enumerate(texts)]
    assert ours == pytest.approx(theirs, rel=0, abs=1e-9)
    assert ours[-1] < 0.9 * ours[0]


def test_recorded_steps_have_the_bits_of_eager_ones():
    texts, tokenizer = names(2)
    recorded, eager = [nn.GPT(len(tokenizer.tokens), 4, 2, block_size=10, seed=0) for _ in "12"]
    steps = [nn.train_step(m, LOSS, nn.Adam(m.parameters(), lr=0.01)) for m in (recorded, eager)]
    for X, y in pairs(texts, 10):
        assert steps[0](X, y) == steps[1].eager(X, y)[0]
    assert recorded.state_dict() == eager.state_dict()


@pytest.mark.parametrize(
    ("n", "options"),
    [
        (1, {"tied": True}),
        (4, {"bias": True, "gain": True, "norm": "layer"}),
        (1, {"dropout": 0.3}),
    ],
)
def test_positions_recorded_at_once_have_the_bits_of_eager_ones(n, options):
    """Also where the rows of a batch are recorded at once, and the positions within them."""
    texts = [[1, 2, 0, 4, 3, 1], [4, 0, 1], [2, 2, 2, 2, 3], [3, 1, 4, 4]][:n]
    X = nn.data.pad([text[:-1] for text in texts], 6)[0]
    y = nn.data.pad([text[1:] for text in texts], 6, value=-1)[0]
    recorded, eager = small(**options), small(**options)
    steps = [nn.train_step(m, LOSS, nn.SGD(m.parameters(), lr=0.1)) for m in (recorded, eager)]
    for _ in range(2):
        assert steps[0](X, y) == steps[1].eager(X, y)[0]
    assert recorded.state_dict() == eager.state_dict()


def test_a_part_is_recorded_twice_for_any_number_of_positions(monkeypatch):
    model, calls = nn.GPT(5, n_embd=4, n_head=2, seed=1), Counter()
    plain = nn.Module.__call__
    monkeypatch.setattr(
        nn.Module, "__call__", lambda self, *xs: calls.update([self]) or plain(self, *xs)
    )
    nn.train_step(model, LOSS, nn.SGD(model.parameters(), lr=0.1))([[1, 2] * 8], [[2, 1] * 8])
    block = model.blocks[0]
    for part in (model.first_norm, block.norm1, block.attention.projection, block.mlp, model.head):
        assert calls[part] == 2
    for head in block.attention.heads:
        assert calls[head.query] == calls[head.key] == calls[head.value] == 2


def next_letter_entropy(texts):
    """The bits a letter that are left to who knows the texts by heart."""
    following = defaultdict(Counter)
    for text in texts:
        for i in range(1, len(text)):
            following[tuple(text[:i])][text[i]] += 1
    total = sum(n for counts in following.values() for n in counts.values())
    bits = [
        n * math.log2(counts.total() / n) for counts in following.values() for n in counts.values()
    ]
    return sum(bits) / total


@pytest.mark.skipif(find_spec("llvmlite") is None, reason="takes a minute without llvmlite")
def test_it_learns_ten_names_by_heart():
    texts, tokenizer = names(10)
    model = nn.GPT(len(tokenizer.tokens), seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.01, betas=(0.85, 0.99))
    batches = pairs(texts, 10)
    step = nn.train_step(model, LOSS, optimizer, schedule=nn.schedules.linear(4000))
    step.run(batches * 400)
    outputs, targets = nn.predict(model, [X[0] for X, _ in batches]), [y[0] for _, y in batches]
    bits = float(LOSS(outputs, targets)) / math.log(2)
    floor = next_letter_entropy(texts)
    assert floor <= bits <= floor + 0.02
    written = {tuple(nn.generate(model, tokenizer, seed=seed)) for seed in range(20)}
    known = {tuple(tokenizer.decode(text[1:-1])) for text in texts}
    assert len(written & known) >= 6


# What is seen of it.


def test_why_a_gradient_through_attention_is_what_it_is():
    model = small()
    cost = nn.cross_entropy([model([1, 2, 3])], [[2, 3, 4]])
    parameter = model.blocks[0].attention.heads[0].value.neurons[0].w[0]
    cost.backward()
    found = autograd.explain(cost, parameter)
    assert f"= {parameter.grad:.6g}" in str(found)


def test_a_graph_of_one_token_is_small_enough_to_read():
    model = nn.GPT(3, n_embd=2, n_head=1, block_size=2, seed=0)
    cost = nn.cross_entropy([model([1])], [[2]])
    assert len([v for v in topological_order(cost) if v.parents]) < 80
    assert isinstance(cost, Value)


# PyTorch, whose numbers are stored beside the script that wrote them.

TORCH = json.loads(
    (Path(__file__).parent.parent / "reference" / "torch_attention.json").read_text()
)


def linear(layer, weights, biases):
    """The parameters of a Layer, each with the number at its place in two lists."""
    for neuron, row, bias in zip(layer.neurons, weights, biases, strict=True):
        yield from zip(neuron.w, row, strict=True)
        yield neuron.b, bias


def attention_pairs(module, numbers, prefix=""):
    weights, biases = numbers[f"{prefix}in_proj_weight"], numbers[f"{prefix}in_proj_bias"]
    size = module.n_embd // module.n_head
    for part, name in enumerate(("query", "key", "value")):
        for h, head in enumerate(module.heads):
            rows = slice(part * module.n_embd + h * size, part * module.n_embd + (h + 1) * size)
            yield from linear(getattr(head, name), weights[rows], biases[rows])
    out = (numbers[f"{prefix}out_proj.weight"], numbers[f"{prefix}out_proj.bias"])
    yield from linear(module.projection, *out)


def norm_pairs(module, numbers, prefix=""):
    yield from zip(module.gain, numbers[f"{prefix}weight"], strict=True)
    yield from zip(module.b, numbers[f"{prefix}bias"], strict=True)


def gpt_pairs(model, numbers):
    for table, name in ((model.token_vectors, "tokens"), (model.position_vectors, "positions")):
        for row, expected in zip(table.rows, numbers[f"{name}.weight"], strict=True):
            yield from zip(row, expected, strict=True)
    yield from norm_pairs(model.first_norm, numbers, "norm.")
    for i, block in enumerate(model.blocks):
        prefix = f"blocks.{i}."
        yield from norm_pairs(block.norm1, numbers, f"{prefix}norm1.")
        yield from norm_pairs(block.norm2, numbers, f"{prefix}norm2.")
        yield from attention_pairs(block.attention, numbers, f"{prefix}attention.")
        for layer, name in zip(block.mlp.layers, ("up", "down"), strict=True):
            weights, biases = numbers[f"{prefix}{name}.weight"], numbers[f"{prefix}{name}.bias"]
            yield from linear(layer, weights, biases)


def agrees(module, pairs, expected, forward, cost):
    """Set the weights of PyTorch, and compare outputs, cost and every gradient."""
    given = list(pairs(module, expected["weights"]))
    assert {p for p, _ in given} == set(module.parameters())
    for p, number in given:
        p.data = number
    outputs = forward(module)
    total = cost(outputs)
    total.backward()
    for row, wanted in zip(numbers(outputs), expected["outputs"], strict=True):
        assert row == pytest.approx(wanted, rel=1e-12, abs=1e-13)
    assert total.data == pytest.approx(expected["cost"], rel=1e-13)
    for p, slope in pairs(module, expected["gradients"]):
        assert p.grad == pytest.approx(slope, rel=1e-11, abs=1e-12)


def test_attention_is_that_of_pytorch():
    agrees(
        nn.MultiHeadAttention(4, 2, seed=0),
        attention_pairs,
        TORCH["attention"],
        lambda module: module(TORCH["x"]),
        lambda rows: autograd.sum([u * u for row in rows for u in row]),
    )


def test_layer_norm_is_that_of_pytorch():
    agrees(
        nn.LayerNorm(4),
        norm_pairs,
        TORCH["norm"],
        lambda module: [module(x) for x in TORCH["x"]],
        lambda rows: autograd.sum([u**3 for row in rows for u in row]),
    )


def test_a_whole_gpt_is_that_of_pytorch():
    options = {"norm": "layer", "bias": True, "gain": True, "activation": "gelu", "tied": True}
    agrees(
        nn.GPT(5, 4, 2, 2, 4, seed=0, **options),
        gpt_pairs,
        TORCH["gpt"],
        lambda model: model(TORCH["tokens"]),
        lambda rows: nn.cross_entropy([rows], [TORCH["targets"]]),
    )


@pytest.mark.parametrize("name", ["tied", "gain"])
def test_a_truth_of_numpy_is_saved_as_one(name, tmp_path):
    numpy = pytest.importorskip("numpy")
    sizes = {"n_embd": 4, "n_head": 2, "n_layer": 1, "block_size": 4}
    for truth in (numpy.True_, numpy.False_):
        gpt = nn.GPT(5, **sizes, **{name: truth}, seed=0)
        gpt.save(tmp_path / "gpt.json")
        assert repr(nn.load(tmp_path / "gpt.json")) == repr(gpt)
        assert getattr(gpt, name) is bool(truth)
        part = nn.MultiHeadAttention(4, 2, causal=truth, seed=0)
        part.save(tmp_path / "part.json")
        assert nn.load(tmp_path / "part.json").causal is bool(truth)
