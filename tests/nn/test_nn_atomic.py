"""Before or after, never between: an interrupt at every instruction of the library."""

import gc
import os
import re
import subprocess
import sys
from itertools import count
from math import nan
from pathlib import Path

import pytest
from interruption import OURS, Script

import nn
from autograd import NOT_COMPUTED, Value, detect_anomaly, floor, sign, stop_gradient, where
from autograd.core import bulk
from autograd.errors import ChainruleError, DataTypeError, GraphError, LengthError
from nn import diagnostics, module, optim, schedules, step, training

X, Y = [[0.5, -1.0], [1.0, 0.25]], [1.0, 0.0]


def made():
    model = nn.Sequential(nn.Layer(2, 1, "tanh", seed=0), nn.Dropout(0.25, seed=0))
    model.layers[1].eval()
    return model, nn.Adam(model.parameters(), lr=0.1)


def numbers(model, optimizer):
    return model.state_dict(), optimizer.state_dict()


def grads(model):
    return [p.grad for p in model.parameters()]


def modes(model):
    return [part.training for _, part in model.named_modules()]


def after(steps):
    model, optimizer = made()
    one = nn.train_step(model, nn.mse, optimizer).eager
    for _ in range(steps):
        one(X, Y)
    return numbers(model, optimizer)


def every_instruction(prepare, call, check, within):
    """Interrupt call(*prepared) at every instruction of these files, and check what is left."""
    prepared = prepare()
    call(*prepared)  # what happens once in a process has happened
    prepared = prepare()
    script = Script(lambda: call(*prepared), within)
    check(*prepared)
    for place in script.places:
        prepared = prepare()
        assert script.interrupt(place)
        check(*prepared)
        assert gc.isenabled()
    return len(script.places)


def test_an_optimizer_s_step():
    whole = [after(steps=0), None]

    def prepare():
        model, optimizer = made()
        for i, p in enumerate(model.parameters()):
            p.grad = 0.25 * i - 0.5
        return model, optimizer

    model, optimizer = prepare()
    optimizer.step()
    whole[1] = numbers(model, optimizer)

    def check(model, optimizer):
        assert numbers(model, optimizer) in whole

    files = (optim.__file__, bulk.__file__)
    assert every_instruction(prepare, lambda m, o: o.step(), check, files) > 100


def test_an_eager_step_and_the_gradients_that_it_leaves():
    whole = [after(steps=0), after(steps=1)]

    def prepare():
        model, optimizer = made()
        for p in model.parameters():
            p.grad = 7.0
        return model, optimizer

    def check(model, optimizer):
        found = numbers(model, optimizer)
        assert found in whole
        assert (grads(model) == [7.0] * 3) == (found == whole[0])
        assert modes(model) == [True, True, True, False]

    files = (optim.__file__, bulk.__file__, step.__file__)
    call = lambda m, o: nn.train_step(m, nn.mse, o).eager(X, Y)  # noqa: E731
    assert every_instruction(prepare, call, check, files) > 200


def test_load_state_dict():
    target, other = nn.Layer(2, 2, seed=0), nn.Layer(2, 2, seed=1).state_dict()
    before = target.state_dict()

    def prepare():
        target.load_state_dict(before)
        return (target,)

    def check(target):
        assert target.state_dict() in (before, other)

    files = (module.__file__, bulk.__file__)
    assert every_instruction(prepare, lambda t: t.load_state_dict(other), check, files) > 100


def test_an_optimizer_s_load_state_dict():
    saved = after(steps=2)[1]
    saved["lr"] = 0.5

    def check(model, optimizer):
        assert optimizer.state_dict() in (after(steps=0)[1], saved)

    files = (optim.__file__, bulk.__file__)
    call = lambda m, o: o.load_state_dict(saved)  # noqa: E731
    assert every_instruction(made, call, check, files) > 100


def test_predict_leaves_every_part_in_its_mode():
    def check(model, optimizer):
        assert modes(model) == [True, True, True, False]

    files = (training.__file__, module.__file__, bulk.__file__, step.__file__)
    assert every_instruction(made, lambda m, o: nn.predict(m, X), check, files) > 100


def test_fit_leaves_whole_steps_and_every_part_in_its_mode():
    found = []

    def check(model, optimizer):
        found.append(numbers(model, optimizer))
        assert modes(model) in ([True, True, True, False], [False] * 4)

    def call(model, optimizer):
        nn.fit(model, X, Y, loss=nn.mse, optimizer=optimizer, epochs=2, progress=False)

    files = (training.__file__, bulk.__file__, step.__file__)
    assert every_instruction(made, call, check, files) > 300
    assert len({repr(state) for state in found}) == 3  # after 0, 1 and 2 steps


def test_a_history_and_a_plateau_note_an_epoch_or_none():
    model = nn.Neuron(1, seed=0)

    def prepare():
        history, plateau = nn.History(), nn.ReduceOnPlateau(patience=0)
        history.add({"loss": 2.0, "val_loss": 3.0}, model)
        plateau.update(3.0)
        plateau.update(4.0)
        return history, plateau

    def note(history, plateau):
        history.add({"loss": 1.0, "val_loss": 2.0, "new": 5.0}, model)
        plateau.update(2.0)
        plateau.update(9.0)

    def numbers_of(history, plateau):
        return repr((vars(history), vars(plateau)))

    history, plateau = prepare()
    whole = [numbers_of(history, plateau)]
    history.add({"loss": 1.0, "val_loss": 2.0, "new": 5.0}, model)
    expected = {"loss": [2.0, 1.0], "val_loss": [3.0, 2.0], "new": [nan, 5.0]}
    assert repr(history.columns) == repr(expected)
    assert (history.best_epoch, history.best_state) == (1, model.state_dict())
    whole.append(numbers_of(history, plateau))
    for metric in (2.0, 9.0):
        plateau.update(metric)
        whole.append(numbers_of(history, plateau))

    def check(history, plateau):
        assert numbers_of(history, plateau) in whole

    files = (training.__file__, schedules.__file__, bulk.__file__)
    assert every_instruction(prepare, note, check, files) > 100


def test_zero_grad_and_clipping():
    def prepare():
        model, optimizer = made()
        for p in model.parameters():
            p.grad = 3.0
        return model, optimizer

    before = [3.0] * 3
    clipped = [1.0] * 3

    def check_clipped(model, optimizer):
        assert grads(model) in (before, clipped)

    def check_zeroed(model, optimizer):
        assert len({p.grad is NOT_COMPUTED for p in model.parameters()}) == 1

    files = (optim.__file__, module.__file__, bulk.__file__)
    for call in (lambda m, o: o.zero_grad(), lambda m, o: m.zero_grad()):
        every_instruction(prepare, call, check_zeroed, files)
    call = lambda m, o: nn.clip_grad_value(o.params, 1.0)  # noqa: E731
    every_instruction(prepare, call, check_clipped, files)


def test_the_norm_is_clipped_or_not():
    def prepare():
        model, optimizer = made()
        for p in model.parameters():
            p.grad = 4.0
        return model, optimizer

    clipped, optimizer = prepare()
    nn.clip_grad_norm(optimizer.params, 1.0)

    def check(model, optimizer):
        assert grads(model) in ([4.0] * 3, grads(clipped))

    files = (optim.__file__, bulk.__file__)
    assert every_instruction(prepare, lambda m, o: nn.clip_grad_norm(o.params, 1.0), check, files)


def test_a_diagnosis_leaves_model_and_optimizer_as_they_were():
    other = Value(1.0)

    def prepare():
        model = nn.Sequential(nn.Layer(2, 1, "tanh", seed=0))
        optimizer = nn.Adam([*model.parameters(), other])
        for p in optimizer.params:
            p.grad = 4.0
        return model, optimizer

    whole = numbers(*prepare())

    def check(model, optimizer):
        assert numbers(model, optimizer) == whole
        assert [p.grad for p in optimizer.params] == [4.0] * 4

    def call(model, optimizer):
        nn.diagnose(model, X, Y, loss=lambda o, y: nn.mse(o, y) * other, optimizer=optimizer)

    files = (diagnostics.__file__, bulk.__file__, step.__file__)
    assert every_instruction(prepare, call, check, files) > 300


def test_a_range_test_leaves_model_and_optimizer_as_they_were():
    whole = after(steps=0)

    def check(model, optimizer):
        assert numbers(model, optimizer) == whole
        assert len({p.grad is NOT_COMPUTED for p in model.parameters()}) == 1
        assert modes(model) == [True, True, True, False]

    def call(model, optimizer):
        nn.lr_range_test(model, X, Y, loss=nn.mse, optimizer=optimizer, steps=2)

    files = (training.__file__, bulk.__file__, step.__file__, optim.__file__)
    assert every_instruction(made, call, check, files) > 300


@pytest.mark.parametrize(
    ("call", "places"),
    [
        (lambda m, o: nn.predict(m, X), 0),  # it restores in one call of C
        (lambda m, o: nn.fit(m, X, Y, loss=nn.mse, optimizer=o, epochs=1, progress=False), 4),
        (lambda m, o: nn.lr_range_test(m, X, Y, loss=nn.mse, optimizer=o, steps=2), 4),
    ],
)
def test_a_second_interrupt_during_the_restoring_changes_nothing(call, places):
    whole = [after(steps=0), after(steps=1)]
    for at in count():
        model, optimizer = made()
        seen = interrupted_twice(lambda: call(model, optimizer), at)  # noqa: B023
        assert modes(model) == [True, True, True, False]
        assert numbers(model, optimizer) in whole
        assert gc.isenabled()
        if seen < 2:
            break
    assert at >= places


def interrupted_twice(call, at):
    """Interrupt a forward pass, and what follows at the `at`-th place.

    The places are where Python looks for signals: where functions begin and end.

    Returns:
        How many interrupts there were.
    """
    seen = passed = 0

    def first(frame, event, argument):
        nonlocal seen
        if frame.f_code.co_name == "forward" and frame.f_code.co_filename.startswith(OURS):
            seen = 1
            sys.setprofile(second)
            raise KeyboardInterrupt

    def second(frame, event, argument):
        nonlocal seen, passed
        if frame.f_code.co_filename.startswith(OURS) and event in ("call", "c_return"):
            passed += 1
            if passed > at:
                seen = 2
                raise KeyboardInterrupt

    tracer, profiler = sys.gettrace(), sys.getprofile()
    sys.settrace(first)
    try:
        call()
    except KeyboardInterrupt:
        pass
    finally:
        sys.setprofile(profiler)
        sys.settrace(tracer)
    return seen


@pytest.mark.parametrize("act", ["step", "backward", "clip", "load", "zero", "eager", "predict"])
def test_an_allocation_that_fails_leaves_before_or_after(act):
    pytest.importorskip("_testcapi", reason="an interpreter without its tests")
    program = Path(__file__).with_name("without_memory.py")
    command = [sys.executable, program, act]
    environment = {**os.environ, "PYTHONPATH": str(Path(nn.__file__).parent.parent)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100)
    if done.returncode < 0:
        pytest.skip(f"CPython crashed without memory: {done.returncode}")
    tries, torn = re.fullmatch(r"(\d+) tries, (\d+) torn\n", done.stdout).groups()
    assert (int(tries) > 50, int(torn)) == (True, 0), done.stderr


@pytest.mark.parametrize("jit", [False, True])
def test_a_training_that_raises_leaves_modes_and_whole_steps(jit):
    class Breaks(nn.Module):
        def __init__(self):
            self.w, self.drop = Value(1.0), nn.Dropout(0.5, seed=0)
            self.drop.eval()

        def forward(self, x):
            if x[0] > 1.0:
                raise ArithmeticError("no such row")
            return self.w * self.drop(x)[0]

    model = Breaks()
    optimizer = nn.SGD([model.w], lr=0.1)
    rows = [[0.5], [2.0]]
    options = {"loss": nn.mse, "optimizer": optimizer, "progress": False, "batch_size": 1}
    with pytest.raises(Exception, match=r"no such row|look|record"):
        nn.fit(model, rows, [0.0, 0.0], jit=jit, **options)
    assert modes(model) == [True, False]
    assert gc.isenabled()


def test_detected_anomalies_change_nothing():
    model, optimizer = made()
    before = numbers(model, optimizer)
    for p in model.parameters():
        p.grad = 2.0
    one = nn.train_step(model, lambda outputs, y: nn.mse(outputs, y) * 1e308 * 1e308, optimizer)
    with detect_anomaly(), pytest.raises(ArithmeticError):
        one.eager(X, Y)
    assert numbers(model, optimizer) == before
    assert grads(model) == [2.0] * 3
    assert gc.isenabled()


def test_the_collector_waits_during_an_eager_step_only():
    seen = []

    class Looks(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def forward(self, x):
            seen.append(gc.isenabled())
            return self.w * x

    model = Looks()
    one = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    one.eager([1.0], [0.0])
    assert (seen, gc.isenabled()) == ([False], True)
    gc.disable()
    try:
        one.eager([1.0], [0.0])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_rule_that_keeps_another_number_of_numbers_is_refused():
    class Wrong(nn.Optimizer):
        def rule(self, p, g, state, lr, t):
            return p, (1.0, 2.0)

    p = Value(1.0)
    p.grad = 1.0
    optimizer = Wrong([p], lr=0.1, n_state=1)
    with pytest.raises(ValueError, match=r"keeps 1 numbers for each parameter .* returned 2"):
        optimizer.step()
    assert (p.data, optimizer.t, optimizer.state) == (1.0, 0, ((0.0,),))


class Returns(nn.Optimizer):
    """A rule that returns something."""

    def __init__(self, params, returned):
        super().__init__(params, lr=0.1, n_state=1)
        self.returned = returned

    def rule(self, p, g, state, lr, t):
        return self.returned


ODD = [None, "a", [1.0], True, 1j, object()]
PAIR = r"the rule of Returns returns .*, \(p, state\), not "


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    ("returned", "message"),
    [
        *[((x, (0.0,)), "takes a real number, not ") for x in ODD],
        *[((0.0, (x,)), "takes a real number, not ") for x in ODD],
        *[(x, PAIR) for x in (None, 1.0, (1.0,), (1.0, None), (1.0, 2.0), (1.0, (2.0,), 3.0))],
        ((1.0, ()), r"keeps 1 numbers for each parameter \(n_state=1\), but it returned 0"),
    ],
)
def test_a_rule_that_returns_something_else_is_told_and_changes_nothing(returned, message, jit):
    model = nn.Neuron(2, seed=0)
    optimizer = Returns(model.parameters(), returned)
    before = numbers(model, optimizer)
    step = nn.train_step(model, nn.mse, optimizer)
    with pytest.raises((DataTypeError, LengthError), match=message):
        (step if jit else step.eager)(X, Y)
    assert numbers(model, optimizer) == before
    assert grads(model) == [NOT_COMPUTED] * 3


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("returned", ODD)
def test_a_penalty_that_is_no_value_is_told_and_changes_nothing(returned, jit):
    model, optimizer = made()
    before = numbers(model, optimizer)
    step = nn.train_step(model, nn.mse, optimizer, penalty=lambda params: returned)
    with pytest.raises(DataTypeError, match="a penalty is a Value computed from the parameters"):
        (step if jit else step.eager)(X, Y)
    assert numbers(model, optimizer) == before


Q = Value(2.0)  # no parameter


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    ("penalty", "kinds", "message"),
    [
        (lambda ps: 17.3, DataTypeError, r"parameters, not 17\.3, which has no gradient"),
        (lambda ps: 0, DataTypeError, "parameters, not 0, which has no gradient"),
        (lambda ps: len(ps), DataTypeError, "which has no gradient"),
        (lambda ps: [p * p for p in ps], DataTypeError, r"take autograd\.sum of it"),
        (lambda ps: Value(0.1), GraphError, r"Value\(data=0\.1\) has no gradient by any"),
        (lambda ps: Q * Q, GraphError, "has no gradient by any"),
        (lambda ps: nn.l2(ps, 0.1).detach(), GraphError, "has no gradient by any"),
        (lambda ps: 2.0 * stop_gradient(nn.l2(ps, 0.1)), GraphError, "has no gradient by any"),
        (lambda ps: sign(ps[0]) + 0.1, GraphError, "has no gradient by any"),
        (lambda ps: where(floor(ps[0]), Q, 0.2), GraphError, "has no gradient by any"),
        # What jit cannot record it names by its line.
        (lambda ps: 10 * sum(p.data**2 for p in ps), TypeError, r"has no gradient|\.data of"),
        (lambda ps: nn.l2([p.data for p in ps], 0.1), TypeError, r"has no gradient|\.data of"),
        (lambda ps: sum(float(p) for p in ps), TypeError, r"has no gradient|\.data of"),
    ],
)
def test_a_penalty_that_moves_no_parameter_is_refused(penalty, kinds, message, jit):
    model, optimizer = made()
    before = numbers(model, optimizer)
    with pytest.raises(ChainruleError, match=message) as caught:
        nn.fit(
            model,
            X,
            Y,
            loss=nn.mse,
            optimizer=optimizer,
            penalty=penalty,
            epochs=1,
            progress=False,
            jit=jit,
        )
    assert isinstance(caught.value, kinds)
    assert numbers(model, optimizer) == before


@pytest.mark.parametrize("jit", [False, True])
def test_a_penalty_may_be_0_at_first_and_is_looked_at_in_every_step(jit):
    model, optimizer = made()
    kept = [lambda ps: Value(0.0), lambda ps: nn.l2(ps, 0.0), lambda ps: 3.0]
    step = nn.train_step(model, nn.mse, optimizer, penalty=lambda ps: kept[0](ps))
    take = step if jit else step.eager
    take(X, Y)
    kept.pop(0)
    step.eager(X, Y)
    kept.pop(0)
    with pytest.raises(DataTypeError, match=r"not 3\.0, which has no gradient"):
        step.eager(X, Y)
