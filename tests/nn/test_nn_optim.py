"""Optimizers: PyTorch's published rules step by step, and what a step refuses."""

import copy
import json
import math
import pickle
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

import nn
from autograd import NOT_COMPUTED, Value, grad, jit
from autograd.errors import (
    AbsentError,
    ArgumentError,
    DataTypeError,
    DomainError,
    GraphError,
    LengthError,
)

REFERENCE = json.loads(
    (Path(__file__).parent.parent / "reference" / "torch_optimizers.json").read_text()
)


@pytest.mark.parametrize(
    "run", REFERENCE["runs"], ids=lambda run: f"{run['name']} {run['settings']}"
)
def test_every_step_equals_pytorch_s(run):
    params = [Value(p) for p in REFERENCE["start"]]
    optimizer = getattr(nn, run["name"])(params, **run["settings"])
    for gradient, expected in zip(REFERENCE["gradients"], run["path"], strict=True):
        for p, g in zip(params, gradient, strict=True):
            p.grad = g
        optimizer.step()
        for p, number in zip(params, expected, strict=True):
            assert p.data == pytest.approx(number, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "run", REFERENCE["runs"], ids=lambda run: f"{run['name']} {run['settings']}"
)
def test_a_rule_gives_values_what_it_gives_floats(run):
    rule = getattr(nn, run["name"])([Value(1.0)], **run["settings"]).rule
    numbers = (0.75,) * len(getattr(nn, run["name"])([Value(1.0)], **run["settings"]).state[0])
    p, state = rule(0.5, 0.25, numbers, 0.125, 3.0)
    p_value, state_values = rule(
        Value(0.5), Value(0.25), tuple(map(Value, numbers)), Value(0.125), Value(3.0)
    )
    assert [p, *state] == [p_value.data, *(s.data for s in state_values)]
    slope = grad(lambda lr: rule(0.5, 0.25, numbers, lr, 3.0)[0])(0.125)
    assert slope == pytest.approx((rule(0.5, 0.25, numbers, 0.1251, 3.0)[0] - p) / 0.0001, rel=1e-6)


def test_an_optimizer_says_what_it_takes_and_what_it_is():
    model = nn.MLP(2, [1])
    for given in (model, model.parameters):
        with pytest.raises(
            DataTypeError,
            match=r"takes a list of parameters, as in SGD\(model\.parameters\(\), lr=0\.1\), not <",
        ):
            nn.SGD(given, lr=0.1)
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    assert repr(optimizer) == "<Adam of 3 parameters: lr=0.1, t=0>"
    assert (
        repr(nn.train_step(model, nn.mse, optimizer))
        == f"<train_step of {model!r} with <Adam of 3 parameters: lr=0.1, t=0>>"
    )


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam, nn.RMSprop, nn.Optimizer])
def test_a_rate_that_is_a_value_is_told_by_its_name(kind):
    for rate in (Value(0.1), Value(0.1).detach()):
        with pytest.raises(DataTypeError, match=r"^lr takes a real number, .* use its \.data$"):
            kind([Value(1.0)], lr=rate)
        with pytest.raises(DataTypeError, match=r"^lr takes a real number, .* use its \.data$"):
            kind([Value(1.0)], lr=0.1).lr = rate


SUBCLASS = re.escape(
    "a subclass calls super().__init__(params, lr) and writes rule(self, p, g, state, lr, t)"
)


def without_super():
    class Bare(nn.Optimizer):
        def __init__(self, params, lr):
            self.own, self.speed = params, lr

        def rule(self, p, g, state, lr, t):
            return p - self.speed * g, state

    return Bare([Value(1.0)], 0.1)


@pytest.mark.parametrize(
    "use",
    [
        repr,
        copy.copy,
        pickle.dumps,
        lambda o: o.step(),
        lambda o: o.zero_grad(),
        lambda o: o.lr,
        lambda o: o.t,
        lambda o: o.state,
        lambda o: o.params.append(Value(1.0)),
        lambda o: o.kept,
        lambda o: o.count,
        lambda o: o.values(),
        lambda o: o.state_dict(),
        lambda o: o.load_state_dict({"lr": 0.1, "t": 0, "state": [[]]}),
        lambda o: setattr(o, "lr", 0.1),
        lambda o: nn.train_step(nn.Layer(1, 1), nn.mse, o),
        lambda o: fitted(o),
        lambda o: fitted(o, jit=True),
        lambda o: nn.diagnose(nn.Layer(1, 1), [[1.0]], [1.0], loss=nn.mse, optimizer=o),
        lambda o: nn.descend(lambda x: x * x, [1.0], lambda params: o, 1),
    ],
)
def test_a_subclass_without_super_is_told_so_where_it_is_used(use):
    with pytest.raises(AbsentError, match=f"this Bare has no .* yet: {SUBCLASS}"):
        use(without_super())


def fitted(optimizer, jit=False):
    parts = {"loss": nn.mse, "optimizer": optimizer, "epochs": 1, "progress": False, "jit": jit}
    return nn.fit(nn.Layer(1, 1), [[1.0]], [1.0], **parts)


def test_a_subclass_that_sets_its_rate_before_super_is_told_so():
    class Early(nn.Optimizer):
        def __init__(self, params, lr):
            self.lr = lr
            super().__init__(params, lr)

    with pytest.raises(AbsentError, match=f"this Early has no lr yet: {SUBCLASS}"):
        Early([Value(1.0)], 0.1)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (
            {"rule": lambda self, p, g: p},
            r"Own writes rule\(self, p, g\), .*\(p, g, state, lr, t\)",
        ),
        ({"rule": lambda self, p, g, state, lr, t, x: p}, "is called with"),
        ({"rule": lambda self, *, p, g, state, lr, t: p}, "is called with"),
        ({"rule": staticmethod(lambda self, p, g, state, lr, t: p)}, "is called with"),
        ({"step": lambda self: None}, r"Own writes step\(self\), .*\(factor=1\.0\)"),
        ({"step": lambda self, a, b: None}, "is called with"),
    ],
)
def test_a_method_of_a_subclass_that_cannot_be_called_is_refused_when_the_class_is_made(
    method, said
):
    with pytest.raises(DataTypeError, match=f"{said}.*: {SUBCLASS}"):
        type("Own", (nn.Optimizer,), method)
    with pytest.raises(DataTypeError, match=said):
        type("Own", (nn.Adam,), method)


def test_methods_of_a_subclass_that_can_be_called_are_taken():
    for method in (
        {"rule": lambda self, *given: given[:2]},
        {"rule": lambda self, w, slope, kept, rate, k, more=1: (w, kept)},
        {"rule": staticmethod(lambda p, g, state, lr, t: (p, state))},
        {"step": lambda self, factor=1.0: None},
        {"step": lambda self, closure=None: None},
        {"rule": max},
    ):
        assert type("Own", (nn.Optimizer,), method)([Value(1.0)], 0.1).t == 0


@pytest.mark.parametrize("change", [lambda ps: ps.append(Value(2.0)), lambda ps: ps.pop()])
def test_a_list_of_parameters_that_was_changed_no_longer_fits_what_is_kept(change):
    optimizer = nn.Adam([Value(1.0), Value(2.0)])
    optimizer.params[0].grad = 1.0
    change(optimizer.params)
    for use in (
        optimizer.step,
        optimizer.state_dict,
        lambda: nn.train_step(nn.Layer(1, 1), nn.mse, optimizer),
        lambda: fitted(optimizer),
    ):
        with pytest.raises(LengthError, match=r"keeps 4 numbers, .*: make a new optimizer"):
            use()


@pytest.mark.parametrize("odd", [5.0, "x", None])
@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam])
def test_what_is_no_parameter_is_told_where_it_was_put_into_the_list(kind, odd):
    optimizer = kind([Value(1.0)], lr=0.1)
    optimizer.params[0].grad = 1.0
    optimizer.params.append(odd)
    uses = [optimizer.step, optimizer.zero_grad, lambda: fitted(optimizer)]
    for use in uses:
        with pytest.raises(GraphError, match=r"params\[1\] is .*, not a leaf"):
            use()


def test_rules_by_hand():
    p = Value(1.0)
    p.grad = 2.0
    nn.SGD([p], lr=0.25).step()
    assert p.data == 0.5
    momentum = nn.SGD([p], lr=0.25, momentum=0.5)
    momentum.step()  # v = 2
    momentum.step()  # v = 3
    assert p.data == 0.5 - 0.25 * 2 - 0.25 * 3
    q = Value(1.0)
    q.grad = -8.0
    nn.Adam(
        [q], lr=0.125, eps=0.0
    ).step()  # the first step of Adam has the length lr, whatever the gradient
    assert q.data == pytest.approx(1.125, rel=1e-15)


@pytest.mark.parametrize("made", [nn.Adagrad, nn.RMSprop, nn.Adam, nn.AdamW])
def test_a_step_by_0_over_0_names_eps_and_changes_nothing(made):
    """With eps = 0, as PyTorch takes it, and a parameter that has had no gradient but 0."""
    said = rf"^a step of {made.__name__} with eps=0\.0 divides by 0"
    model = nn.MLP(2, [1], seed=0)
    optimizer = made(model.parameters(), eps=0.0)
    X, y = [[0.0, 1.0], [0.0, 2.0]], [1.0, 2.0]
    before = [p.data for p in model.parameters()], optimizer.state_dict()

    def step():
        nn.mse([model(x) for x in X], y).backward()
        optimizer.step()

    for act in (
        step,
        lambda: nn.train_step(model, nn.mse, optimizer)(X, y),
        lambda: nn.fit(model, X, y, loss=nn.mse, optimizer=optimizer, epochs=1, progress=False),
        lambda: nn.fit(
            model, X, y, loss=nn.mse, optimizer=optimizer, epochs=1, progress=False, jit=False
        ),
    ):
        with pytest.raises(DomainError, match=said):
            act()
        assert ([p.data for p in model.parameters()], optimizer.state_dict()) == before


def test_adam_by_hand_with_rates_of_decay_below_a_half():
    p = Value(3.0)
    adam = nn.Adam([p], lr=0.5, betas=(0.25, 0.375))
    p.grad = 2.0
    adam.step()  # m = 1.5, s = 2.5; m / 0.75 = 2 and s / 0.625 = 4
    assert p.data == pytest.approx(2.5)
    p.grad = -4.0
    adam.step()  # m = -2.625, s = 10.9375
    m, s = -2.625 / (1.0 - 0.0625), 10.9375 / (1.0 - 0.140625)
    assert p.data == pytest.approx(2.5 - 0.5 * m / math.sqrt(s))


def test_the_factor_scales_the_rate():
    p = Value(1.0)
    p.grad = 2.0
    nn.SGD([p], lr=0.5).step(0.25)
    assert p.data == 0.75


def test_a_gradient_that_backward_did_not_reach_counts_as_zero():
    p, q = Value(1.0), Value(2.0)
    optimizer = nn.SGD([p, q], lr=1.0)
    with pytest.raises(GraphError, match=r"no parameter has a gradient: call backward\(\)"):
        optimizer.step()
    (p * 0.0).backward()
    optimizer.step()
    assert (p.data, q.data, optimizer.t) == (1.0, 2.0, 1)
    optimizer.zero_grad()
    (p * 3.0).backward()
    optimizer.step()
    assert (p.data, q.data, optimizer.t) == (-2.0, 2.0, 2)
    optimizer.zero_grad()
    assert p.grad is NOT_COMPUTED


def test_a_step_that_raises_changes_nothing():
    class Breaks(nn.Optimizer):
        def rule(self, p, g, state, lr, t):
            if p == 2.0:
                raise ArithmeticError
            return p - lr * g, state

    params = [Value(1.0), Value(2.0)]
    params[0].grad = 1.0
    optimizer = Breaks(params, lr=1.0)
    with pytest.raises(ArithmeticError):
        optimizer.step()
    assert [p.data for p in params] == [1.0, 2.0]
    assert optimizer.t == 0


def test_bad_arguments_are_refused():
    x = Value(1.0)
    with pytest.raises(LengthError, match="at least one parameter"):
        nn.SGD([], lr=0.1)
    with pytest.raises(GraphError, match=r"params\[1\].*not a leaf"):
        nn.SGD([x, x * 2], lr=0.1)
    with pytest.raises(GraphError, match="not a leaf"):
        nn.SGD([1.0], lr=0.1)
    with pytest.raises(GraphError, match="twice"):
        nn.Adam([x, x])
    for lr in (-0.1, math.nan, math.inf):
        with pytest.raises(ArgumentError, match=r"lr must be in \[0, inf\)"):
            nn.SGD([x], lr=lr)
    with pytest.raises(ValueError, match="momentum"):
        nn.SGD([x], lr=0.1, nesterov=True)
    with pytest.raises(NotImplementedError, match="rule"):
        nn.Optimizer([x], lr=0.1).rule(1.0, 1.0, (), 0.1, 1)


def test_state_goes_from_one_optimizer_to_another():
    def run(stop):
        p = Value(1.0)
        optimizer = nn.Adam([p], lr=0.1)
        for i in range(10):
            if i == stop:
                saved = json.loads(json.dumps(optimizer.state_dict()))
                optimizer = nn.Adam([p], lr=99.0)
                optimizer.load_state_dict(saved)
            p.grad = math.sin(i)
            optimizer.step()
        return p.data

    assert run(stop=4) == run(stop=None)
    other = nn.SGD([Value(1.0)], lr=0.1)
    with pytest.raises(
        nn.StateError, match=r"optimizer of class 'Adam', and not of <SGD of 1 .* make one of that"
    ):
        other.load_state_dict(nn.Adam([Value(1.0)]).state_dict())
    for damage in (
        {"lr": 0.5},
        {"lr": 0.5, "t": "1", "state": [[]]},
        {"lr": 0.5, "t": 1, "state": [["x"]]},
        {"lr": 0.5, "t": 1, "state": 3},
        {"lr": 0.5, "t": math.inf, "state": [[]]},
        {"lr": 0.5, "t": math.nan, "state": [[]]},
        {"lr": -1.0, "t": 1, "state": [[]]},
    ):
        with pytest.raises(nn.StateError):
            other.load_state_dict(damage)
    assert (other.lr, other.t) == (0.1, 0)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"class": "AdamW"}, "the state of an optimizer of class 'AdamW', and not of <Adam of 1"),
        ({None: 1}, "^this is no state of an optimizer: it lacks lr, t, state$"),
        (
            {"lr": 0.1, "t": 0, "state": [[0.0, 0.0]], "betas": [0.9, 0.99]},
            "^this state has 'betas', which no state of an optimizer has: options other than lr",
        ),
        ({"state": 3}, "^state is a list of numbers for each parameter, not 3$"),
        ({"state": [3]}, r"^state\[0\] is a list of numbers, not 3$"),
        ({"state": [[0.0, None]]}, r"^None stands at state\[0\]\[1\], where a float belongs$"),
        ({"lr": Decimal("0.5")}, r"stands at lr, where a float belongs: write float\("),
        ({"t": True}, "^True stands at t, where a float belongs$"),
    ],
)
def test_a_state_that_is_refused_is_told_by_its_place(damage, message):
    adam = nn.Adam([Value(1.0)])
    before = adam.state_dict()
    with pytest.raises(nn.StateError, match=message):
        adam.load_state_dict(damage if None in damage else {**before, **damage})
    assert adam.state_dict() == before


@pytest.mark.parametrize("number", [2, 2.0, Fraction(2), np.float32(2), np.int64(2)])
def test_a_state_may_have_real_numbers_of_any_type(number):
    x = Value(1.0)
    adam, model = nn.Adam([x]), nn.Layer(1, 1)
    adam.load_state_dict({"lr": number, "t": number, "state": [[number, number]]})
    model.load_state_dict(dict.fromkeys(model.state_dict(), number))
    assert (adam.lr, adam.t, adam.state) == (2.0, 2, ((2.0, 2.0),))
    assert {type(x) for x in (adam.lr, *adam.state[0], *model.state_dict().values())} == {float}


SQUARES = {nn.Adagrad: 0, nn.RMSprop: 0, nn.Adam: 1, nn.AdamW: 1}  # where they are kept


@pytest.mark.parametrize(("kind", "place"), SQUARES.items())
@pytest.mark.parametrize("negative", [-1.0, -5e-324, -math.inf, "-inf"])
def test_a_state_with_a_negative_sum_or_mean_of_squares_is_refused(kind, place, negative):
    a, b = Value(1.0), Value(2.0)
    optimizer = kind([a, b], lr=0.1)
    a.grad, b.grad = 0.5, -0.25
    optimizer.step()
    before = optimizer.state_dict()
    damaged = json.loads(json.dumps(before)) | {"lr": 0.5, "t": 7}
    damaged["state"][1][place] = negative
    told = rf"state\[1\]\[{place}\] is {float(negative)!r}, but {kind.__name__} never makes"
    with pytest.raises(nn.StateError, match=told):
        optimizer.load_state_dict(damaged)
    with pytest.raises(nn.StateError, match=told):
        optimizer.state = [[float(x) for x in row] for row in damaged["state"]]
    assert optimizer.state_dict() == before


@pytest.mark.parametrize("kind", [nn.SGD, *SQUARES])
@pytest.mark.parametrize("odd", [-1.0, -0.0, 0.0, -math.inf, math.inf, math.nan])
def test_a_step_raises_nothing_after_a_state_that_was_taken(kind, odd):
    options = {"momentum": 0.5} if kind is nn.SGD else {}
    p = Value(1.0)
    kept = len(kind([p], lr=0.1, **options).state[0])
    taken = 0
    for place in range(kept):
        optimizer = kind([p], lr=0.1, **options)
        state = optimizer.state_dict()
        state["state"][0][place] = odd
        try:
            optimizer.load_state_dict(state)
        except nn.StateError:
            continue
        p.grad = 0.5
        optimizer.step()
        taken += 1
    assert taken == (kept - (kind in SQUARES) if odd < 0.0 else kept)


def test_the_optimizer_of_a_user_says_what_is_never_negative():
    class Lengths(nn.Optimizer):
        never_negative = (1,)

        def rule(self, p, g, state, lr, t):
            return p - lr * g, (g, state[1] + abs(g))

    optimizer = Lengths([Value(1.0)], lr=0.1, n_state=2)
    optimizer.state = [(-1.0, 2.0)]
    with pytest.raises(nn.StateError, match=r"state\[0\]\[1\] is -2.0, but Lengths never"):
        optimizer.state = [(-1.0, -2.0)]
    with pytest.raises(DataTypeError, match=r"state\[0\]\[1\]"):
        optimizer.state = [(-1.0, "x")]
    assert optimizer.state == ((-1.0, 2.0),)


def test_clipping():
    a, b, untouched = Value(0.0), Value(0.0), Value(0.0)
    a.grad, b.grad = 3.0, -4.0
    assert nn.clip_grad_norm([a, b, untouched], 10.0) == 5.0
    assert (a.grad, b.grad) == (3.0, -4.0)
    assert nn.clip_grad_norm([a, b, untouched], 2.5) == 5.0
    assert (a.grad, b.grad) == (1.5, -2.0)
    for length in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match=r"max_norm must be in \(0, inf\]"):
            nn.clip_grad_norm([a, b, untouched], length)
    assert nn.clip_grad_norm([a, b, untouched], math.inf) == 2.5
    assert (a.grad, b.grad) == (1.5, -2.0)
    nn.clip_grad_value([a, b, untouched], 1.75)
    assert (a.grad, b.grad) == (1.5, -1.75)
    assert untouched.grad is NOT_COMPUTED


@pytest.mark.parametrize("clip", [nn.clip_grad_norm, nn.clip_grad_value])
@pytest.mark.parametrize("odd", ["x", None, 2.0])
def test_clipping_names_what_is_no_parameter(clip, odd):
    params = nn.MLP(2, [2, 1], seed=0).parameters()
    with pytest.raises(DataTypeError, match=re.escape(f"params[9] is {odd!r}")):
        clip([*params, odd], 1.0)


@pytest.mark.parametrize(
    ("grads", "limit"),
    [
        ([1.7e308, 1.7e308], 1.0),
        ([1e308, -1e308, 5.0], 1e-5),
        ([1e280, 3e280], 1e-20),
        ([1.7e308] * 9, 1.7e308),
        ([1.7e308] * 9, math.inf),
        ([1e-250, -1e-280], 1e-260),
        ([3.0, 4.0], 1.0),
    ],
)
def test_clipping_scales_gradients_of_any_size(grads, limit):
    length = mpmath.sqrt(sum(mpmath.mpf(g) ** 2 for g in grads))
    expected = [float(mpmath.mpf(g) * min(1, limit / length)) for g in grads]
    params = [Value(0.0) for _ in grads]
    for p, g in zip(params, grads, strict=True):
        p.grad = g
    assert nn.clip_grad_norm(params, limit) == pytest.approx(float(length))
    assert [p.grad for p in params] == pytest.approx(expected, rel=1e-15, abs=1e-323)
    values = nn.optim.clip_norm([Value(g) for g in grads], limit)
    recorded = jit(lambda gs: nn.optim.clip_norm(gs, limit))(grads)
    assert [v.data for v in values] == recorded == [p.grad for p in params]
    for p, g in zip(params, grads, strict=True):
        p.grad = g
    nn.clip_grad_value(params, limit)
    assert [p.grad for p in params] == [max(min(g, limit), -limit) for g in grads]


@pytest.mark.parametrize("way", ["eager", "__call__", "run"])
def test_a_step_clips_gradients_whose_length_overflows(way):
    model = nn.Layer(2, 1, init="zeros")
    X, y = [[1.7e200, 1.7e200]], [1e54]
    options = {"optimizer": nn.SGD(model.parameters(), lr=1.0), "clip_norm": 1.0}
    step = nn.train_step(model, lambda o, t: o[0][0] * 1e54 * t[0], **options)
    if way == "run":
        step.run([(X, y)])
    else:
        getattr(step, way)(X, y)
    moved = [p.data for p in model.parameters()]
    assert moved[:2] == pytest.approx([-(0.5**0.5)] * 2)
    assert moved[2] == pytest.approx(-(0.5**0.5) / 1.7e200)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("make", [nn.Adagrad, nn.RMSprop, nn.Adam, nn.AdamW])
def test_an_infinite_square_of_a_gradient_is_no_silent_standstill(make, jit):
    model = nn.Layer(1, 1, init="zeros")
    optimizer = make(model.parameters(), lr=0.1)

    def loss(outputs, targets):
        return outputs[0][0] * targets[0]  # whose loss is 0 and slope 1e200

    options = {"loss": loss, "optimizer": optimizer, "progress": False, "jit": jit}
    with pytest.warns(nn.DivergenceWarning, match="moves 1 of 2 parameters no more") as caught:
        nn.fit(model, [[1e-200]], [1e200], epochs=3, **options)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    problems = nn.diagnose(model, [[1e-200]], [1.0], loss=nn.mse, optimizer=optimizer).problems
    assert any("moves 1 of 2 parameters no more" in problem for problem in problems)
    nn.fit(
        nn.Layer(1, 1),
        [[1e-200]],
        [1e200],
        epochs=0,
        **options | {"loss": nn.mse, "optimizer": nn.SGD([Value(1.0)], lr=0.1)},
    )


class Slotted(nn.Adam):
    __slots__ = ("decay",)


class SlottedStep(nn.train_step):
    __slots__ = ("decay",)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
@pytest.mark.parametrize("kind", ["optimizer", "step"])
def test_a_copy_has_what_a_subclass_keeps_in_slots_and_attributes(kind, again):
    model = nn.Neuron(1, seed=0)
    thing = Slotted(model.parameters())
    if kind == "step":
        thing = SlottedStep(model, nn.mse, thing)
        thing([[1.0]], [1.0])
    thing.decay, thing.note = 0.5, "mine"
    other = again(thing)
    assert (type(other), other.decay, other.note) == (type(thing), 0.5, "mine")
    other.decay = 0.25
    assert thing.decay == 0.5
    if kind == "step":
        assert other([[1.0]], [1.0]) < math.inf
