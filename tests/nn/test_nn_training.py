"""fit, predict, evaluate, checkpoints, the range test."""

import io
import json
import math
import random
import re
import sys
import warnings
from functools import partial
from itertools import repeat

import numpy as np
import pytest

import nn
from autograd import NOT_COMPUTED, Value, clip, exp, grad, mean, no_grad
from autograd.errors import ArgumentError, DataTypeError, GraphError, RenamedError
from nn import StateError, data
from nn.data import checks


class Line(nn.Module):
    """w x + b."""

    def __init__(self, w=0.0, b=0.0):
        self.w, self.b = Value(w), Value(b)

    def forward(self, x):
        return self.w * x + self.b


def fit(model, X, y, lr=0.1, **options):
    optimizer = options.pop("optimizer", None) or nn.SGD(model.parameters(), lr=lr)
    return nn.fit(
        model, X, y, **{"loss": nn.mse, "optimizer": optimizer, "progress": False, **options}
    )


def test_one_epoch_by_hand():
    model = Line()
    history = fit(
        model, [1.0, 2.0], [2.0, 4.0], epochs=1
    )  # dL/dw = mean 2 x (0 - y) = -10, dL/db = -6
    assert history["loss"] == [10.0]
    with pytest.raises(KeyError, match="'accuracy' was not measured; there are loss"):
        history["accuracy"]
    assert (model.w.data, model.b.data) == (1.0, pytest.approx(0.6, rel=1e-15))


def test_batches_cover_every_row_once_an_epoch_in_an_order_of_their_own():
    seen = []

    class Spy(Line):
        def forward(self, x):
            seen.append(x)
            return super().forward(x)

    fit(Spy(), [float(x) for x in range(10)], [0.0] * 10, lr=0.0, epochs=2, batch_size=4)
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]


def test_the_loss_is_the_mean_over_rows_also_with_a_short_last_batch():
    history = fit(Line(), [1.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], lr=0.0, epochs=1, batch_size=2)
    assert history["loss"] == [11.0]


def test_metrics_and_validation_are_reported_every_epoch():
    X, y = data.moons(20)
    model = nn.MLP(2, [4, 1])
    held_out = data.moons(10, seed=1)
    history = fit(model, X, y, loss=nn.hinge, epochs=3, metrics=[nn.accuracy], validation=held_out)
    assert list(history.columns) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert {len(column) for column in history.columns.values()} == {len(history)} == {3}
    last = nn.evaluate(model, *held_out, loss=nn.hinge, metrics=[nn.accuracy])
    assert last == {"loss": history["val_loss"][-1], "accuracy": history["val_accuracy"][-1]}
    assert history.best_epoch == min(range(3), key=history["val_loss"].__getitem__)
    assert repr(history).startswith("<History of 3 epochs: loss=")


def test_the_same_seed_gives_the_same_bits():
    def run(seed):
        X, y = data.moons(30)
        model = nn.Sequential(
            nn.Layer(2, 4, "tanh", seed=0), nn.Dropout(0.2), nn.Layer(4, 1, seed=0)
        )
        history = fit(model, X, y, loss=nn.hinge, epochs=3, batch_size=7, seed=seed)
        return history.columns, model.state_dict()

    state = random.getstate()
    assert run(0) == run(0)
    assert run(0) != run(1)
    assert random.getstate() == state


def test_schedule_scales_each_step_and_counts_them():
    model, steps = Line(), []

    def schedule(step):
        steps.append(step)
        return 0.0

    fit(model, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0], epochs=2, batch_size=2, schedule=schedule)
    assert steps == [0, 1, 2, 3]
    assert model.state_dict() == {"w": 0.0, "b": 0.0}


def test_reduce_on_plateau_hears_the_loss_of_every_epoch():
    plateau = nn.ReduceOnPlateau(gamma=0.5, patience=1)
    fit(
        Line(), [1.0], [1.0], lr=0.0, epochs=5, schedule=plateau
    )  # one best, then bad, bad -> 1/2, bad, bad -> 1/4
    assert plateau.factor == 0.25


def test_penalty_pulls_but_is_not_in_the_loss():
    model = Line(w=1.0)
    history = fit(model, [0.0], [0.0], lr=0.5, epochs=1, penalty=lambda params: nn.l2(params, 0.5))
    assert history["loss"] == [0.0]
    assert model.w.data == 0.5


def test_clip_norm_limits_the_step():
    model = Line()
    fit(model, [3.0], [1000.0], lr=1.0, epochs=1, clip_norm=0.5)
    assert math.hypot(model.w.data, model.b.data) == pytest.approx(0.5, rel=1e-14)


def test_patience_stops_and_restores_the_best_weights():
    model, states = Line(), []
    history = fit(
        model,
        [1.0],
        [2.0],
        lr=0.01,
        epochs=50,
        validation=([1.0], [0.5]),
        patience=3,
        callbacks=[lambda run: states.append(model.state_dict())],
    )
    best = min(range(len(history)), key=history["val_loss"].__getitem__)
    assert best > 0
    assert len(history) == best + 4
    assert model.state_dict() == states[best]
    with pytest.raises(ValueError, match=r"validation=\(X, y\)"):
        fit(model, [1.0], [2.0], patience=3)


def test_a_callback_sees_the_run_and_may_stop_it():
    model, lengths = Line(), []

    def callback(run):
        assert run.model is model
        lengths.append(len(run.history))
        return len(run.history) == 3

    assert len(fit(model, [1.0], [2.0], epochs=10, callbacks=[callback])) == 3
    assert lengths == [1, 2, 3]


@pytest.mark.parametrize(
    ("answer", "epochs"), [(True, 1), (np.bool_(True), 1), (np.bool_(False), 3), (1, 3), ("a", 3)]
)
def test_a_callback_stops_by_a_bool_of_python_or_numpy(answer, epochs):
    history = fit(Line(), [1.0], [2.0], epochs=3, callbacks=[lambda run: answer])
    assert len(history) == epochs


@pytest.mark.parametrize("of", [lambda run: run, lambda run: run.model])
def test_a_stop_of_other_libraries_is_answered_where_it_is_set(of):
    def stop(run):
        of(run).stop_training = True

    with pytest.raises(RenamedError, match=r"'stop_training': here it is a callback .*True"):
        fit(nn.Layer(1, 1), [[1.0]], [2.0], callbacks=[stop])
    run = nn.training.Run(*"abc")
    for name in ("model", "nothing"):
        with pytest.raises(AttributeError):
            setattr(run, name, 1)


def training(path, epochs, resume=False):
    X, y = data.moons(24)
    model = nn.Sequential(nn.Layer(2, 5, "tanh", seed=0), nn.Dropout(0.2), nn.Layer(5, 1, seed=0))
    history = fit(
        model,
        X,
        y,
        loss=nn.hinge,
        optimizer=nn.Adam(model.parameters(), lr=0.1),
        epochs=epochs,
        batch_size=10,
        metrics=[nn.accuracy],
        validation=data.moons(10, seed=1),
        schedule=nn.ReduceOnPlateau(0.5, patience=0),
        callbacks=[nn.Checkpoint(path, every=3, resume=resume)],
    )
    return history, model


def test_a_resumed_training_goes_on_to_the_same_bits(tmp_path):
    whole, model = training(tmp_path / "whole.json", 10)
    training(tmp_path / "cut.json", 7)  # the file holds epoch 6
    resumed, again = training(tmp_path / "cut.json", 10, resume=True)
    assert vars(resumed) == vars(whole)
    assert again.state_dict() == model.state_dict()
    assert (tmp_path / "cut.json").read_bytes() == (tmp_path / "whole.json").read_bytes()


def with_a_scale(epochs, path=None, rate=0.1, dies=None, ends=None, **options):
    """Train a net and a scale within its loss, and return what there is then."""
    model, scale = nn.MLP(2, [3, 1], seed=0), Value(0.0)
    callbacks = []
    if path is not None:
        callbacks.append(nn.Checkpoint(path, every=1, resume=True))

    def at_end(run):
        if len(run.history) == dies:
            raise KeyboardInterrupt
        return ends is not None and run.history["loss"][-1] < ends

    try:
        history = fit(
            model,
            *data.moons(20, seed=0),
            loss=lambda outputs, targets: nn.mse(outputs, targets) * exp(-scale) + scale,
            optimizer=nn.Adam([*model.parameters(), scale], lr=rate),
            epochs=epochs,
            callbacks=[*callbacks, at_end],
            **options,
        )
    except KeyboardInterrupt:
        return None
    return model.state_dict(), scale.data, vars(history)


VALIDATED = {"validation": data.moons(10, seed=1), "patience": 3}


@pytest.mark.parametrize(
    "options",
    [
        {},
        VALIDATED,
        VALIDATED | {"rate": 3.0},  # the best epoch comes early
        {"ends": 0.3},
        {"rate": 1e300, "validation": VALIDATED["validation"]},  # infinities and nan
    ],
)
@pytest.mark.parametrize("dies", [1, 3, 5])
@pytest.mark.filterwarnings("ignore::nn.DivergenceWarning")
def test_what_is_trained_outside_the_model_goes_on_as_well(options, dies, tmp_path):
    path = tmp_path / "run.json"
    whole = with_a_scale(9, **options)
    with_a_scale(9, path, dies=dies, **options)
    for _ in range(3):  # the last ones go on from a training that is at its end
        assert repr(with_a_scale(9, path, **options)) == repr(whole)
    assert whole[1] != 0.0


def test_patience_restores_what_is_trained_outside_the_model(tmp_path):
    state, scale, history = with_a_scale(30, rate=3.0, **VALIDATED)
    best = history["best_epoch"]
    assert best < len(history["columns"]["loss"]) - 1
    short = with_a_scale(best + 1, rate=3.0)
    assert (state, scale) == short[:2]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: c.update(beyond=3), "beyond is 3, and no list"),
        (lambda c: c["beyond"].append(1.0), r"beyond is \[.*\], .* optimizer trains 1 of"),
        (lambda c: c.update(beyond=["x"]), r"'x' stands at beyond\.0"),
        (lambda c: c.pop("best_beyond"), "best_beyond is None, and no list"),
        (lambda c: c.update(best_beyond=[]), r"best_beyond is \[\], what"),
    ],
)
def test_what_was_trained_outside_the_model_is_checked(damage, message, tmp_path):
    path = tmp_path / "run.json"
    with_a_scale(2, path, **VALIDATED)
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(StateError, match=f"no checkpoint of this training: {message}"):
        with_a_scale(3, path, **VALIDATED)


def test_the_range_test_restores_what_is_trained_outside_the_model():
    model, scale = nn.MLP(2, [3, 1], seed=0), Value(0.25)
    before = model.state_dict()
    nn.lr_range_test(
        model,
        *data.moons(20, seed=0),
        loss=lambda outputs, targets: nn.mse(outputs, targets) * exp(-scale) + exp(scale),
        optimizer=nn.Adam([scale, *model.parameters()]),
    )
    assert (model.state_dict(), scale.data, scale.grad) == (before, 0.25, 0.0)
    assert scale.grad is NOT_COMPUTED


def test_an_optimizer_that_trains_nothing_outside_the_model_does_not_fit(tmp_path):
    path = tmp_path / "run.json"
    with_a_scale(2, path)
    content = json.loads(path.read_text())
    content["optimizer"]["state"].pop()  # as of an optimizer of the model alone
    path.write_text(json.dumps(content))
    model = nn.MLP(2, [3, 1], seed=1)
    before, adam = model.state_dict(), nn.Adam(model.parameters())
    with pytest.raises(StateError, match=r"beyond is \[.*\], .* optimizer trains 0 of"):
        fit(model, [[1.0, 2.0]], [1.0], optimizer=adam, callbacks=[nn.Checkpoint(path, 1, True)])
    assert (model.state_dict(), adam.t) == (before, 0)


def test_a_file_without_what_is_trained_outside_the_model_is_read_and_says_so(tmp_path, capsys):
    path = tmp_path / "run.json"
    with_a_scale(2, path)
    content = json.loads(path.read_text())
    del content["beyond"], content["best_beyond"]
    path.write_text(json.dumps(content))
    capsys.readouterr()
    assert len(with_a_scale(3, path)[2]["columns"]["loss"]) == 3
    assert "it lacks the numbers that the optimizer trains outside" in capsys.readouterr().err


def test_a_history_of_no_epochs_is_shown():
    for columns in ({}, {"loss": []}, {"loss": [], "val_loss": [1.0]}, {"val_loss": [1.0]}):
        history = nn.History()
        history.columns = columns
        assert repr(history).startswith("<History of 0 epochs: ")
        assert "Training of 0 epochs" in history._repr_html_()


@pytest.mark.parametrize("every", [1, 4, 100])
def test_a_training_that_a_callback_ended_trains_no_more(every, tmp_path):
    path = tmp_path / "run.json"

    def run(below, epochs=50):
        model, asked = nn.MLP(2, [4, 1], seed=0), []

        def ends(run):
            asked.append(len(run.history))
            return run.history["loss"][-1] < below

        history = fit(
            model,
            *data.moons(20, seed=0),
            optimizer=nn.Adam(model.parameters(), lr=0.1),
            epochs=epochs,
            callbacks=[nn.Checkpoint(path, every=every, resume=True), ends],
        )
        return (vars(history), model.state_dict()), asked

    whole, asked = run(0.3)
    assert asked == [*range(1, len(asked) + 1)]
    assert 4 < len(asked) < 50
    for _ in range(2):
        assert run(0.3) == (whole, asked[-1:])
    further, more = run(0.2)  # it goes on where the callback does not end it now
    assert more == [*range(len(asked), more[-1] + 1)]
    path.unlink()
    assert run(0.2)[0] == further


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c["model"].popitem(),
        lambda c: c.pop("best_state"),
        lambda c: c["best_state"].popitem(),
        lambda c: c.update(best_epoch="x"),
        lambda c: c["optimizer"]["state"].pop(),
        lambda c: c.update(optimizer=3),
        lambda c: c.update(columns=3),
        lambda c: c["optimizer"].update(t="1"),
        lambda c: c["optimizer"]["state"][0].__setitem__(0, "x"),
        lambda c: c["columns"].update(loss=["x"]),
        lambda c: c["columns"]["loss"].pop(),
        lambda c: c["columns"]["val_loss"].append(0.0),
        lambda c: c["columns"].pop("loss"),
        lambda c: c["columns"].pop("val_loss"),
        lambda c: c.update(columns={}),
        lambda c: c.update(best_epoch="inf"),
        lambda c: c.update(best_epoch=10**9),
        lambda c: c.update(best_epoch=-1),
        lambda c: c.update(best_epoch=0.5),
        lambda c: c.update(best_epoch=None),
    ],
)
def test_a_checkpoint_that_does_not_fit_changes_nothing(damage, tmp_path):
    path = tmp_path / "run.json"
    training(path, 3)
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    model = nn.Sequential(
        nn.Layer(2, 5, "tanh"), nn.Dropout(0.2), nn.Layer(5, 1), nn.Layer(1, 1, init="constant")
    )
    model.layers.pop()
    optimizer = nn.Adam(model.parameters(), lr=0.7)
    before = model.state_dict(), optimizer.state_dict()
    with pytest.raises(StateError, match="no checkpoint of this training"):
        fit(
            model,
            *data.moons(4),
            loss=nn.hinge,
            optimizer=optimizer,
            callbacks=[nn.Checkpoint(path, resume=True)],
        )
    assert (model.state_dict(), optimizer.state_dict()) == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: c.pop("model"), "the file lacks 'model'"),
        (lambda c: c.update(optimizer=3), "optimizer: a state of an optimizer is what .* not 3"),
        (lambda c: c["optimizer"].pop("t"), "optimizer: .* it lacks t"),
        (lambda c: c["optimizer"].update({"class": "AdamW"}), "optimizer: .* class 'AdamW', and"),
        (lambda c: c["model"].popitem(), r"model: .* the state lacks layers\.2\.neurons\.0\.b"),
        (lambda c: c["best_state"].update({"layers.2.neurons.0.b": "x"}), "best_state: 'x' stands"),
        (lambda c: c.update(columns=3), "3 stands at columns, where an object belongs"),
        (lambda c: c["columns"].pop("loss"), "columns lacks 'loss'"),
        (lambda c: c["columns"].update(loss=3), "columns.loss is 3, and no list"),
        (lambda c: c["columns"]["val_loss"].append(1.0), "columns.val_loss has 4 .* loss only 3"),
        (lambda c: c["columns"].update(loss=[1.0, None, 2.0]), r"None stands at columns\.loss\.1"),
        (lambda c: c.update(best_epoch=True), "best_epoch is True, and there are 3 epochs"),
    ],
)
def test_a_damaged_checkpoint_is_told_by_file_place_and_fault(damage, message, tmp_path):
    path = tmp_path / "run.json"
    training(path, 3)
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    told = rf"^{re.escape(str(path))} is no checkpoint of this training: {message}"
    with pytest.raises(StateError, match=told):
        training(path, 3, resume=True)


def test_a_resumed_training_says_which_options_are_not_as_before(tmp_path, capsys):
    path = tmp_path / "run.json"

    def go_on(epochs, resume=True, **options):
        model = Line()
        adam = nn.Adam(model.parameters(), **options)
        callbacks = [nn.Checkpoint(path, every=1, resume=resume)]
        fit(model, [1.0], [2.0], optimizer=adam, epochs=epochs, callbacks=callbacks)
        return adam.lr, capsys.readouterr().err

    assert go_on(1, resume=False, lr=0.1) == (0.1, "")
    assert go_on(2, lr=0.1) == (0.1, "")
    assert go_on(3, lr=0.5, betas=(0.5, 0.9)) == (
        0.1,
        f"{path}: the rate is the file's, lr=0.1, and not 0.5; "
        "betas is [0.5, 0.9] from here on, and was [0.9, 0.999] before\n",
    )
    content = json.loads(path.read_text())  # as it was written before it had these
    del content["options"], content["optimizer"]["class"]
    path.write_text(json.dumps(content))
    assert go_on(4, lr=0.1) == (0.1, "")


class BrokenStream(io.StringIO):
    """A stream that cannot be written to."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error

    def flush(self):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        BrokenPipeError(32, "Broken pipe"),
        OSError(5, "I/O error"),
        ValueError("closed file"),
        RuntimeError("the window is gone"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("jit", [False, True])
def test_a_stream_that_fails_stops_no_training(error, jit, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", BrokenStream(error))
    path = tmp_path / "run.json"
    model = Line()
    callbacks = [nn.Checkpoint(path, every=1, resume=True)]
    history = fit(
        model, [1.0], [2.0], epochs=3, progress=True, callbacks=callbacks, jit=jit, lr=0.1
    )
    assert len(history) == 3
    again = fit(model, [1.0], [2.0], epochs=4, progress=True, callbacks=callbacks, lr=0.2)
    assert len(again) == 4
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    assert len(step.run([([1.0], [2.0])] * 3, progress=True)) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda *_, **__: sys.stderr.write("")
        assert len(fit(Line(), [1e200], [1e200], epochs=2, lr=1e10)) == 2
        model = Line()
        adam = nn.Adam(model.parameters(), lr=0.1)  # the square of a gradient overflows
        options = {"loss": nn.mae, "optimizer": adam, "progress": False}
        warnings.simplefilter("error")
        with pytest.raises(nn.DivergenceWarning, match="Adam moves"):
            nn.fit(model, [1e200], [1.0], **options)
        warnings.simplefilter("always")
        assert len(nn.fit(model, [1e200], [1.0], epochs=2, **options)) == 2


def test_a_plateau_of_the_training_that_was_stopped_may_be_given_again(tmp_path):
    """As where a cell of a notebook is run again after Ctrl-C."""
    X, y = nn.data.moons(20, seed=0)

    def trained(path, epochs, plateau):
        model = nn.MLP(2, [4, 1], seed=0)
        options = {"loss": nn.hinge, "optimizer": nn.Adam(model.parameters(), lr=0.3)}
        options |= {"callbacks": [nn.Checkpoint(path, every=5, resume=True)]}
        nn.fit(model, X, y, epochs=epochs, schedule=plateau, progress=False, **options)
        return model.state_dict(), vars(plateau)

    whole = trained(tmp_path / "whole.json", 25, nn.ReduceOnPlateau(0.5, patience=0))
    plateau = nn.ReduceOnPlateau(0.5, patience=0)
    trained(tmp_path / "cut.json", 18, plateau)  # written after epoch 15
    assert trained(tmp_path / "cut.json", 25, plateau) == whole


def test_a_training_may_be_resumed_with_other_metrics_and_rows_held_out(tmp_path):
    path, (X, y), plain = tmp_path / "run.json", data.moons(8), {}
    more = {"metrics": [nn.accuracy], "validation": (X, y)}

    def go_on(epochs, **options):
        model = nn.MLP(2, [3, 1], seed=0)
        history = nn.fit(
            model,
            X,
            y,
            loss=nn.hinge,
            optimizer=nn.Adam(model.parameters(), lr=0.1),
            epochs=epochs,
            callbacks=[nn.Checkpoint(path, every=1, resume=True)],
            progress=False,
            **options,
        )
        return history, model.state_dict()

    go_on(2)
    for epochs, options in ((4, more), (5, plain), (7, more), (8, {"metrics": [nn.f1]})):
        history, state = go_on(epochs, **options)
        assert "nan" in f"{history!r}" or options
        assert history._repr_html_().count("<tr>") == epochs + 1
    measured = [not math.isnan(x) for x in history["accuracy"]]
    assert measured == [False, False, True, True, False, True, True]
    assert history.best_epoch == min((2, 3, 5, 6), key=history["val_loss"].__getitem__)
    assert len(history["f1"]) == len(history["loss"]) == 8
    nn.plots.loss_curve(history)
    path.unlink()
    assert go_on(8)[1] == state


def test_what_a_callback_measures_itself_is_resumed_where_the_file_was_written_before(tmp_path):
    X, y = data.moons(4)
    for epochs in (2, 3):
        checkpoint = nn.Checkpoint(tmp_path / "run.json", every=1, resume=True)
        history = fit(
            nn.MLP(2, [1], seed=0),
            X,
            y,
            epochs=epochs,
            callbacks=[checkpoint, lambda run: run.history.columns.setdefault("t", []).append(1.0)],
        )
    assert str(history["t"]) == "[1.0, nan, 1.0]"


def test_a_checkpoint_that_is_a_folder_is_refused_before_the_training(tmp_path):
    model = Line()
    before = model.state_dict()
    with pytest.raises(IsADirectoryError, match="give the name of a file in it"):
        fit(model, [1.0], [2.0], callbacks=[nn.Checkpoint(tmp_path)])
    assert model.state_dict() == before


def test_nothing_is_resumed_for_a_call_that_is_refused(tmp_path):
    training(tmp_path / "run.json", 3)
    other = nn.Sequential(
        nn.Layer(2, 5, "tanh"), nn.Dropout(0.2), nn.Layer(5, 1), nn.Layer(1, 1, init="constant")
    )
    before = other.state_dict()
    for wrong in ({"loss": "mse"}, {"clip_norm": -1.0}, {"y": [1]}, {"batch_size": 0}):
        options = {
            "loss": nn.hinge,
            "y": [0, 1, 0, 1],
            "callbacks": [nn.Checkpoint(tmp_path / "run.json", resume=True)],
            **wrong,
        }
        with pytest.raises((DataTypeError, ValueError)):
            fit(other, data.moons(4)[0], **options)
    assert other.state_dict() == before


def test_a_training_that_patience_has_ended_stays_ended_when_resumed(tmp_path):
    X, y, held_out = (
        [1.0, 2.0],
        [2.0, 4.0],
        ([1.0], [0.5]),
    )  # every step leads away from what is held out
    checkpoint = nn.Checkpoint(tmp_path / "run.json", every=1, resume=False)
    whole = fit(
        Line(), X, y, lr=0.01, epochs=50, validation=held_out, patience=2, callbacks=[checkpoint]
    )
    assert len(whole) < 50
    checkpoint.resume = True
    model = Line()
    again = fit(
        model, X, y, lr=0.01, epochs=50, validation=held_out, patience=2, callbacks=[checkpoint]
    )
    assert vars(again) == vars(whole)
    assert model.state_dict() == whole.best_state


def test_a_first_validation_loss_of_nan_is_not_the_best_for_ever():
    losses = iter([math.nan, 0.5, 0.2, 0.3])

    def loss(outputs, targets):
        return nn.mse(outputs, targets) if isinstance(outputs[0], Value) else next(losses)

    history = fit(Line(), [1.0], [1.0], loss=loss, epochs=4, validation=([1.0], [1.0]), patience=3)
    assert (history.best_epoch, len(history)) == (2, 4)
    losses = repeat(math.nan)
    history = fit(Line(), [1.0], [1.0], loss=loss, epochs=9, validation=([1.0], [1.0]), patience=2)
    assert (history.best_epoch, len(history)) == (0, 3)


def test_predict_gives_floats_in_eval_mode_and_builds_no_graph():
    model = nn.Sequential(nn.Layer(2, 3), nn.Dropout(0.5))
    X = [[1.0, 2.0], [3.0, 4.0]]
    with no_grad():
        expected = [[v.data for v in model.layers[0](x)] for x in X]
    assert nn.predict(model, X) == nn.predict(model, X) == expected
    assert model.training
    assert model.layers[1].training
    assert nn.predict(Line(1.0, 0.5), [2.0]) == [2.5]
    assert 0.0 not in nn.predict(nn.RNN(1, 2), [[[1.0], [2.0], [3.0]]])[0][2]


def test_the_progress_bar_shows_the_numbers(capsys):
    nn.fit(
        model := Line(),
        [1.0],
        [2.0],
        loss=nn.mse,
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=2,
    )
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "loss=" in shown


def test_the_progress_bar_takes_any_number_of_epochs(capsys):
    history = nn.fit(
        model := Line(),
        [1.0],
        [2.0],
        loss=nn.mse,
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=10**400,
        callbacks=[lambda run: True],
    )
    assert len(history) == 1
    assert "loss=" in capsys.readouterr().err


@pytest.mark.parametrize("jit", [False, True])
def test_numpy_rows_and_targets_train_as_lists_do(jit):
    numpy = pytest.importorskip("numpy")
    X, y = data.moons(12)

    def train(X, y):
        model = nn.MLP(2, [3, 1], seed=0)
        history = fit(
            model,
            X,
            y,
            loss=nn.hinge,
            epochs=2,
            batch_size=5,
            metrics=[nn.accuracy],
            validation=(X, y),
            jit=jit,
        )
        return history.columns, model.state_dict()

    assert train(numpy.array(X), numpy.array(y)) == train(X, y)
    outputs = [[Value(1.0), Value(2.0)]]
    assert nn.mse(outputs, numpy.array([[0.0, 0.0]])).data == 2.5
    assert nn.cross_entropy(outputs, numpy.array([1])).data == nn.cross_entropy(outputs, [1]).data


def test_a_metric_may_be_a_partial():
    model, X, y = nn.MLP(2, [3, 1], output="sigmoid"), *data.moons(8)
    history = fit(
        model,
        X,
        y,
        loss=nn.mse,
        epochs=2,
        metrics=[partial(nn.accuracy, threshold=0.5)],
        validation=(X, y),
    )
    assert history["val_accuracy"][-1] == nn.accuracy(nn.predict(model, X), y, threshold=0.5)


class Share:
    """A metric that is an object."""

    def __init__(self, of):
        self.of = of

    def __call__(self, outputs, targets):
        return self.of / len(targets)

    def begin(self, outputs, targets):
        """Something else than fit calls."""


def test_a_metric_may_be_an_object_and_is_called_by_its_class():
    model, X, y = nn.MLP(2, [1], seed=0), *data.moons(4)
    assert nn.evaluate(model, X, y, loss=nn.mse, metrics=[Share(2)])["Share"] == 0.5
    assert fit(model, X, y, epochs=1, metrics=[Share(2)])["Share"] == [0.5]


def named(name):
    def metric(outputs, targets):
        return 1.0

    metric.__name__ = name
    return metric


@pytest.mark.parametrize(
    "metrics",
    [
        [partial(nn.precision, positive=0), partial(nn.precision, positive=1)],
        [lambda o, t: 1.0, lambda o, t: 2.0],
        [named("loss")],
        [Share(1), Share(2)],
    ],
)
def test_no_two_metrics_stand_under_one_name(metrics):
    model, X, y = nn.MLP(2, [1], seed=0), *data.moons(4)
    with pytest.raises(DataTypeError, match="functions of different names"):
        nn.evaluate(model, X, y, loss=nn.mse, metrics=metrics)
    with pytest.raises(DataTypeError, match="functions of different names"):
        fit(model, X, y, metrics=metrics)


def test_no_metric_stands_under_the_name_of_one_of_held_out_rows():
    model, X, y = nn.MLP(2, [1], seed=0), *data.moons(4)
    for metrics in ([named("a"), named("val_a")], [named("val_loss")]):
        fit(model, X, y, epochs=1, metrics=metrics)
        with pytest.raises(DataTypeError, match="val_"):
            fit(model, X, y, metrics=metrics, validation=(X, y))


@pytest.mark.parametrize("word", ["loss", "metrics", "callbacks"])
def test_a_class_in_the_place_of_an_object_is_refused(word):
    cls = nn.Checkpoint if word == "callbacks" else Share
    given = cls if word == "loss" else [cls]
    with pytest.raises(DataTypeError, match=rf"not a class: make an object .* {cls.__name__}\("):
        fit(nn.MLP(2, [1]), *data.moons(4), **{word: given})
    with pytest.raises(DataTypeError, match="not a class"):
        nn.Layer(2, 1, nn.LayerNorm)


def test_a_begin_that_takes_no_run_is_refused_before_the_training():
    share = Share(1)
    share.__class__ = type("Other", (Share,), {"__call__": lambda self, run: None})
    with pytest.raises(DataTypeError, match=r"callbacks\[0\]\.begin is a function of a Run"):
        fit(nn.MLP(2, [1]), *data.moons(4), callbacks=[share])


@pytest.mark.parametrize("jit", [False, True])
def test_a_loss_by_name_is_refused_before_anything_is_done(jit):
    model = nn.MLP(1, [1])
    before = model.state_dict()
    with pytest.raises(DataTypeError, match=r"such as nn\.mse, not 'mse'"):
        nn.fit(
            model,
            [[1.0]],
            [1.0],
            loss="mse",
            optimizer=nn.SGD(model.parameters(), lr=0.1),
            jit=jit,
            progress=False,
        )
    assert model.state_dict() == before


@pytest.mark.parametrize("jit", [False, True])
def test_what_would_fail_later_is_refused_first(jit):
    model, X, y = Line(), [1.0, 2.0], [1.0, 0.0]
    before = model.state_dict()
    with pytest.raises(GraphError, match="no parameter has a gradient"):
        fit(model, X, y, optimizer=nn.SGD(Line().parameters(), lr=0.1), jit=jit)
    for options in (
        {"metrics": ["accuracy"]},
        {"validation": [1.0, 2.0, 3.0]},
        {"optimizer": nn.SGD},
    ):
        with pytest.raises(DataTypeError):
            fit(model, X, y, jit=jit, **options)
    assert model.state_dict() == before


def test_without_tqdm_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match="pip install tqdm"):
        fit(Line(), [1.0], [2.0], progress=True)


def test_the_range_test_finds_where_descent_turns_and_leaves_everything_as_it_was():
    model = Line()
    optimizer = nn.SGD(model.parameters(), lr=0.3, momentum=0.5)
    before = model.state_dict(), optimizer.state_dict()
    test = nn.lr_range_test(
        model, [-1.0, 1.0], [2.0, 4.0], loss=nn.mse, optimizer=optimizer
    )  # curvature 2: diverges above 1.5 (momentum 0.5)
    assert (model.state_dict(), optimizer.state_dict()) == before
    assert all(p.grad is NOT_COMPUTED for p in model.parameters())
    assert len(test.rates) == len(test.losses) < 60
    assert test.rates[0] == 1e-4
    assert test.losses[-1] > 4 * min(test.losses)
    assert test.rates[test.losses.index(min(test.losses))] == pytest.approx(10 * test.suggestion)
    assert 0.01 < test.suggestion < 0.3


def test_a_history_and_a_range_test_are_small_tables():
    model = nn.MLP(1, [2, 1], seed=0)
    X, y = [[0.0], [1.0]], [0.0, 1.0]
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    found = nn.lr_range_test(model, X, y, loss=nn.mse, optimizer=optimizer, steps=30)
    assert repr(found) == str(found)
    lines = str(found).splitlines()
    assert lines[0].split() == ["rate", "loss"]
    assert lines[1].split()[0] == "0.0001"
    assert len(lines) == 1 + 11 + 1
    assert lines[-1] == f"suggested rate: {found.suggestion:.2g}"
    assert found._repr_html_().count("<tr>") == 1 + 11
    options = {"loss": nn.mse, "optimizer": optimizer, "progress": False}
    history = nn.fit(model, X, y, epochs=40, validation=(X, y), **options)
    page = history._repr_html_()
    assert page.count("<tr>") == 1 + 11
    assert '<th scope="row">39</th>' in page
    assert "best epoch: 39" in page
    assert nn.fit(model, X, y, epochs=0, **options)._repr_html_().count("<tr>") == 1


def test_snapshots_keep_the_numbers_as_they_change():
    model = nn.Layer(1, 1, init="constant", seed=0)
    shots = nn.History.snapshots(every=2)
    options = {"loss": nn.mse, "optimizer": nn.SGD(model.parameters(), lr=0.1), "progress": False}
    nn.fit(model, [[1.0]], [0.0], epochs=5, callbacks=[shots], **options)
    assert [epochs for epochs, _ in shots.states] == [0, 2, 4]
    assert shots.states[0][1] == {"neurons.0.w.0": 1.0, "neurons.0.b": 0.0}
    # Each step takes 0.2 times the output off both: the output is multiplied by
    # 0.6.
    sums = [sum(state.values()) for _, state in shots.states]
    assert sums == pytest.approx([1.0, 0.36, 0.1296])
    with pytest.raises(ArgumentError, match="every"):
        nn.History.snapshots(every=0)


def test_a_fit_that_diverges_goes_on_and_reports_nan_not_an_accuracy():
    X, y = data.moons(20)
    model = nn.MLP(2, [4, 1], seed=0)
    sgd = nn.SGD(model.parameters(), lr=1e200)
    options = {"optimizer": sgd, "epochs": 4, "metrics": [nn.accuracy, nn.f1], "progress": False}
    with pytest.warns(nn.DivergenceWarning):
        history = nn.fit(model, X, y, loss=nn.binary_cross_entropy, validation=(X, y), **options)
    assert len(history) == 4
    for name in ("loss", "accuracy", "f1", "val_accuracy", "val_f1"):
        assert math.isnan(history[name][-1])
    assert any(
        "layers.0: not finite" in problem
        for problem in nn.diagnose(model, X, y, nn.binary_cross_entropy).problems
    )


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_loss_that_is_a_list_is_to_be_averaged(kind):
    model = nn.MLP(1, [1], seed=0)
    sgd = nn.SGD(model.parameters(), lr=0.1)

    def losses(outputs, targets):
        return kind([(o - t) ** 2 for [o], t in zip(outputs, targets, strict=True)])

    with pytest.raises(DataTypeError, match=r"take autograd\.mean of it"):
        nn.fit(model, [[1.0], [2.0]], [1.0, 0.0], loss=losses, optimizer=sgd, progress=False)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("batch_size", [None, 5])
def test_a_fit_says_once_in_which_epoch_it_diverged(jit, batch_size):
    X, y = data.moons(20, seed=0)
    X = [[100.0 * x for x in row] for row in X]
    model = nn.MLP(2, [8, 1], seed=0)
    options = {"epochs": 8, "batch_size": batch_size, "progress": False, "jit": jit}
    sgd = nn.SGD(model.parameters(), lr=10.0)
    with pytest.warns(RuntimeWarning) as caught:
        losses = nn.fit(model, X, y, loss=nn.mse, optimizer=sgd, **options)["loss"]
    first = [math.isfinite(x) for x in losses].index(False)
    assert len(losses) == 8
    assert not any(map(math.isfinite, losses[first + 1 :]))
    [warning] = caught
    assert str(warning.message) == (
        f"the training diverged: in epoch {first}, counted from 0, mse is {losses[first]}; try "
        "a lower lr than 10, clip_norm=, or inputs scaled by nn.data.standardize"
    )
    assert warning.category is nn.DivergenceWarning
    assert warning.filename == __file__  # the line that calls fit


ODD = [
    ([[1.0, 2.0], [3.0, math.nan]], [0.0, 1.0], 0, "[1][1] is nan: nothing can be learned"),
    ([[1.0, 2.0], [math.inf, 4.0]], [0.0, 1.0], 0, "[1][0] is inf"),
    ([[1.0, 2.0], [3.0, 4.0]], [0.0, -math.inf], 1, "[1] is -inf"),
    ([(1, 10**400), (3, 4)], [0, 1], 0, "[0][1] is inf"),
]


@pytest.mark.parametrize(("X", "y", "part", "place"), ODD)
@pytest.mark.parametrize("jit", [False, True])
def test_rows_that_are_not_finite_are_refused_before_anything_changes(X, y, part, place, jit):
    message = re.escape("Xy"[part] + place)
    model = nn.MLP(2, [1], seed=0)
    sgd = nn.SGD(model.parameters(), lr=0.1)
    before = model.state_dict()
    good = [[1.0, 2.0], [3.0, 4.0]], [0.0, 1.0]
    options = {"loss": nn.mse, "optimizer": sgd, "progress": False, "epochs": 1, "jit": jit}
    with pytest.raises(data.DataError, match=message):
        nn.fit(model, X, y, **options)
    with pytest.raises(data.DataError, match=re.escape(f"validation[{part}]{place}")):
        nn.fit(model, *good, validation=(X, y), **options)
    with pytest.raises(data.DataError, match=message):
        nn.lr_range_test(model, X, y, loss=nn.mse, optimizer=sgd)
    step = nn.train_step(model, nn.mse, sgd)
    for run in (step, step.eager, lambda X, y: step.run([(X, y)] * 3), step.with_outputs):
        with pytest.raises(data.DataError, match=message):
            run(X, y)
    with pytest.raises(data.DataError, match=message):
        step.run([good, good, (X, y), good])
    assert sgd.t == 2, "the steps before it"
    assert all(map(math.isfinite, model.state_dict().values()))
    assert nn.MLP(2, [1], seed=0).state_dict() == before


CLIPPED = [
    ([[1.0, -math.inf]], [0.0], "X[0][1] is -inf"),
    ([[1.0, math.nan]], [0.0], "X[0][1] is nan"),
    ([[1.0, 2.0]], [math.nan], "y[0] is nan"),
    ([[Value(1.0), Value(math.inf)]], [0.0], "X[0][1] is inf"),
]


@pytest.mark.parametrize(("X", "y", "message"), CLIPPED)
def test_a_step_refuses_them_also_where_its_loss_would_be_finite(X, y, message):
    """As `fit` does: in the eager step and in the program, first or later."""

    class Deaf(nn.Module):
        def __init__(self):
            self.w = Value(0.5)

        def forward(self, x):
            return self.w * 1.0 + 0.0 * clip(x[1], -1.0, 1.0)

    def loss(outputs, targets):
        return mean([o * o for o in outputs]) + 0.0 * clip(targets[0], 0.0, 1.0)

    model = Deaf()
    sgd = nn.SGD(model.parameters(), lr=0.1)
    step = nn.train_step(model, loss, sgd)
    good = [[1.0, 2.0]], [0.0]
    for _ in range(2):
        for run in (step, step.eager, lambda X, y: step.run([(X, y)] * 3), step.with_outputs):
            before = model.w.data, sgd.t
            with pytest.raises(data.DataError, match=re.escape(message)):
                run(X, y)
            assert (model.w.data, sgd.t) == before
        step(*good)
        step(*good)
    with pytest.raises(data.DataError, match=re.escape(message)):
        step.run([good, good, (X, y), good])
    assert sgd.t == 6, "the steps before it"
    with pytest.raises(data.DataError, match=re.escape(message)):
        nn.fit(model, X, y, loss=loss, optimizer=sgd, progress=False)


def test_a_range_test_without_a_finite_loss_suggests_nothing():
    model = nn.MLP(2, [1], seed=0)
    model.layers[0].neurons[0].w[0].data = 1e200
    sgd = nn.SGD(model.parameters(), lr=0.1)
    found = nn.lr_range_test(model, [[1.0, 2.0]], [1.0], loss=nn.mse, optimizer=sgd)
    assert found.losses == [math.inf]
    assert math.isnan(found.suggestion)


def no_rows():
    numpy = pytest.importorskip("numpy")
    table = [[1.0, 2.0], [3.0, 4.0]]

    class Labelled(list):
        iloc = None

    class Tables(list):  # as numpy.matrix
        ndim = 2

        def __getitem__(self, i):
            return Tables([super().__getitem__(i)])

    return {
        "None": None,
        "a number": 3.0,
        "a text": "ab",
        "a dict": dict(enumerate(table)),
        "a set": {(1.0, 2.0), (3.0, 4.0)},
        "a generator": iter(table),
        "a table with labels": Labelled(table),
        "a masked array": numpy.ma.array(table),
        "rows that are tables": Tables(table),
        "an array without a dimension": numpy.array(1.0),
    }


@pytest.mark.parametrize("kind", no_rows())
def test_what_is_no_list_of_rows_is_refused_by_its_name(kind):
    rows, good = no_rows()[kind], [[1.0, 2.0], [3.0, 4.0]]
    model = nn.MLP(2, [1], seed=0)
    options = {"loss": nn.mse, "optimizer": nn.SGD(model.parameters(), lr=0.1)}
    step = nn.train_step(model, **options)
    before = model.state_dict()
    for call in (
        lambda X, y: nn.fit(model, X, y, progress=False, **options),
        lambda X, y: nn.fit(model, X, y, progress=False, jit=True, **options),
        lambda X, y: nn.lr_range_test(model, X, y, **options),
        step,
        step.eager,
        data.split,
        data.k_fold,
        lambda X, y: data.batches(X, y, rng=random.Random(0)),
        lambda X, y: nn.evaluate(model, X, y, loss=nn.mse),
    ):
        with pytest.raises(DataTypeError, match=r"^X is a list of rows, not "):
            call(rows, [0.0, 1.0])
    for call in (
        lambda X, y: nn.fit(model, X, y, progress=False, **options),
        step,
        data.split,
    ):
        with pytest.raises(DataTypeError, match=r"^y is a list of rows, not "):
            call(good, rows)
    with pytest.raises(DataTypeError, match=r"^X is a list of rows, not "):
        nn.predict(model, rows)
    with pytest.raises(DataTypeError, match=r"^X is a list of rows, not "):
        nn.diagnose(model, rows, [0.0, 1.0], nn.mse)
    assert model.state_dict() == before


def test_a_truth_value_is_no_class():
    with pytest.raises(DataTypeError, match="True is no class"):
        nn.cross_entropy([[1.0, 2.0]], [True])


def test_a_row_of_nan_is_answered_with_nan():
    model = nn.MLP(2, [2, 1], seed=0)
    assert math.isnan(nn.predict(model, [[1.0, math.nan]])[0][0])
    found = nn.evaluate(model, [[1.0, math.nan]], [1], loss=nn.hinge, metrics=[nn.accuracy])
    assert all(map(math.isnan, found.values()))


def test_rows_of_texts_tokens_and_sequences_are_not_asked_for_numbers():
    assert checks.not_finite("X", [["a", None], [1, 2.0], "text", {"a": math.nan}]) is None
    assert checks.not_finite("X", [[[1.0], [2.0, math.nan]]]) == "X[0][1][1] is nan"
    assert checks.not_finite("y", []) is None


def test_resuming_without_a_file_starts_from_the_beginning_and_says_so(tmp_path, capsys):
    whole, model = training(tmp_path / "whole.json", 4)
    assert capsys.readouterr().err == ""
    again, other = training(tmp_path / "run.json", 4, resume=True)
    said = capsys.readouterr().err.splitlines()
    assert said == [f"{tmp_path / 'run.json'} is not there yet: training starts from the beginning"]
    assert (vars(again), other.state_dict()) == (vars(whole), model.state_dict())


def test_a_program_without_a_terminal_trains_in_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    callbacks = [nn.Checkpoint(tmp_path / "run.json", resume=True)]
    history = fit(Line(), [1.0], [2.0], epochs=2, progress=True, callbacks=callbacks)
    assert len(history) == 2


def test_the_bar_needs_no_thread(monkeypatch):
    import threading

    def no_thread(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    for progress in (False, True):
        assert len(fit(Line(), [1.0], [2.0], epochs=2, progress=progress)) == 2


def test_numbers_of_numpy_reach_a_checkpoint_as_floats(tmp_path):
    numpy = pytest.importorskip("numpy")
    model = Line()
    optimizer = nn.SGD(model.parameters(), lr=numpy.float32(0.5), momentum=numpy.float32(0.5))

    def metric(outputs, targets):
        return numpy.float32(0.25)

    path = tmp_path / "run.json"
    history = fit(
        model,
        [1.0],
        [2.0],
        optimizer=optimizer,
        epochs=numpy.int64(2),
        batch_size=numpy.int64(1),
        seed=numpy.int64(3),
        metrics=[metric],
        callbacks=[nn.Checkpoint(path, every=numpy.int64(1))],
        schedule=lambda step: numpy.float32(0.5),
    )
    assert history["metric"] == [0.25, 0.25]
    assert {type(x) for x in (optimizer.lr, optimizer.momentum, *history["metric"])} == {float}
    assert {type(x) for x in model.state_dict().values()} == {float}
    assert json.loads(path.read_text())["optimizer"]["lr"] == 0.5


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("Linear", r"nn\.Layer\(n_in, n_out\)"),
        ("ReLU", r'nn\.Layer\(n_in, n_out, "relu"\)'),
        ("MSELoss", r"nn\.mse"),
    ],
)
def test_names_of_other_libraries_are_told_what_they_are_here(name, here):
    with pytest.raises(AttributeError, match=f"nn has no '{name}': here it is .*{here}"):
        getattr(nn, name)
    with pytest.raises(AttributeError, match=r"module 'nn' has no attribute 'nought': .*dir\(nn\)"):
        nn.nought  # noqa: B018
    assert not hasattr(nn, "Linear")
    assert dir(nn) == sorted(nn.__all__)


def test_the_signature_of_fit_can_be_read():
    import inspect

    shown = str(inspect.signature(nn.fit))
    assert "collections" not in shown
    assert "typing" not in shown
    assert len(shown) < 620


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 3, None])
@pytest.mark.parametrize("number", [1.7976931348623157e308, 1.1e308, -1.1e308, 0.1, 5e-324])
def test_the_mean_loss_of_an_epoch_is_that_of_its_rows(number, batch_size, jit):
    model, rows = nn.Layer(1, 1, seed=0), [[0.0], [1.0], [2.0]]
    optimizer = nn.SGD(model.parameters(), lr=0.0)
    options = {"optimizer": optimizer, "batch_size": batch_size, "progress": False, "jit": jit}

    def loss(outputs, targets):
        return outputs[0][0] * 0.0 + targets[0]

    history = nn.fit(model, rows, [number] * 3, loss=loss, epochs=2, **options)
    assert history["loss"] == pytest.approx([number] * 2, rel=1e-15)
    if batch_size is None:
        assert history["loss"] == [number] * 2


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(("targets", "expected"), [((2, 0), math.inf), ((-2, 1), -math.inf)])
def test_an_infinite_loss_of_a_batch_stays_infinite(targets, expected, jit):
    model = nn.Layer(1, 1, seed=0)
    options = {"optimizer": nn.SGD(model.parameters(), lr=0.0), "progress": False, "jit": jit}

    def loss(outputs, targets):
        return outputs[0][0] * 0.0 + targets[0] * 1.5e308  # of a batch of one row

    with pytest.warns(nn.DivergenceWarning, match="in epoch 0"):
        history = nn.fit(
            model, [[0.0], [1.0]], targets, loss=loss, epochs=1, batch_size=1, **options
        )
    assert history["loss"] == [expected]


@pytest.mark.parametrize(
    ("model", "loss", "said"),
    [
        (nn.MLP(2, [2, 1], output="sigmoid"), nn.binary_cross_entropy, "binary_cross_entropy"),
        (nn.MLP(2, [2, 1], output="sigmoid"), nn.hinge, "hinge"),
        (nn.Layer(2, 2, "softmax"), nn.cross_entropy, "cross_entropy"),
        (
            nn.Sequential(nn.Layer(2, 2), nn.Sequential(nn.Layer(2, 2, "softmax"))),
            partial(nn.cross_entropy, reduction="sum"),
            "cross_entropy",
        ),
        (nn.Sequential(nn.Layer(2, 2, "softmax")), nn.cross_entropy, "cross_entropy"),
    ],
)
def test_a_loss_of_logits_warns_of_a_last_layer_that_gives_none(model, loss, said):
    said = f"^{said} takes logits: leave out the activation of the last layer"
    X, y = data.moons(8)
    sgd = nn.SGD(model.parameters(), lr=0.1)
    for train in (
        lambda: nn.train_step(model, loss, sgd),
        lambda: nn.fit(model, X, y, loss=loss, optimizer=sgd, epochs=1, progress=False),
    ):
        with pytest.warns(UserWarning, match=said) as caught:
            train()
        assert [w.filename for w in caught] == [__file__]


@pytest.mark.parametrize(
    "metric", [nn.accuracy, nn.balanced_accuracy, nn.precision, nn.recall, nn.f1]
)
def test_a_metric_of_logits_warns_of_sigmoid(metric):
    model = nn.MLP(2, [2, 1], output="sigmoid")
    X, y = data.moons(8)
    said = rf"^{metric.__name__} .*partial\(nn\.{metric.__name__}, threshold=0\.5\)$"
    with pytest.warns(UserWarning, match=said):
        nn.evaluate(model, X, y, loss=nn.mse, metrics=[metric])
    nn.evaluate(model, X, y, loss=nn.mse, metrics=[partial(metric, threshold=0.5)])
    nn.evaluate(nn.MLP(2, [2, 1]), X, y, loss=nn.binary_cross_entropy, metrics=[metric])
    hidden = nn.MLP(2, [2, 1], activation="sigmoid")
    nn.evaluate(hidden, X, y, loss=nn.binary_cross_entropy, metrics=[metric])
    logs = nn.MLP(2, [2, 1], output="log_sigmoid")
    with pytest.warns(UserWarning, match=r"are all below 0: .*threshold=math\.log\(0\.5\)"):
        nn.evaluate(logs, X, y, loss=nn.mse, metrics=[metric])
    several = nn.MLP(2, [2, 2], output="sigmoid")  # whose largest output is the class
    nn.evaluate(several, X, y, loss=nn.cross_entropy, metrics=[metric])


@pytest.mark.parametrize("jit", [False, True])
def test_gradients_flow_through_a_derivative_by_a_number_in_a_loss(jit):
    """u = w t with the slope w, and L = (u' - 3)^2: each step takes 0.1 of 2 (w - 3) from w."""
    model = Line(w=1.0)
    slope = grad(lambda t: model(t))

    def loss(outputs, targets):
        return (slope(0.5) - 3.0) ** 2

    assert fit(model, [1.0], [0.0], loss=loss, epochs=2, jit=jit)["loss"] == pytest.approx(
        [4.0, 2.56]
    )
    assert model.w.data == pytest.approx(1.72, rel=1e-15)
    assert type(slope(0.5)) is float
    layer = nn.Layer(1, 1, init="constant")
    slope = grad(lambda t: layer([t])[0])
    (report,) = nn.diagnose(layer, [[1.0]], [0.0], loss).layers
    assert layer.neurons[0].w[0].data == 1.0
    assert report.update_ratio == pytest.approx(4.0, rel=1e-12)  # of 2 (w - 3), at the rate 1


def test_bits_per_character_warn_of_softmax_of_each_step():
    layers = nn.Layer(2, 3), nn.Layer(2, 3, "softmax")
    for layer in layers:
        model = nn.Sequential(nn.RNN(2, 2), nn.Each(layer))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            nn.evaluate(
                model,
                [[[1.0, 2.0], [0.0, 1.0]]],
                [[0, 2]],
                loss=lambda outputs, targets: nn.mse(outputs[0][0], targets[0] + [0]),
                metrics=[nn.metrics.bits_per_character],
            )
        said = [str(w.message) for w in caught if "takes logits" in str(w.message)]
        assert len(said) == (layer.activation == "softmax")
