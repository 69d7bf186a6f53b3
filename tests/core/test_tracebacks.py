"""An error in the user's line ends at the user's line: IPython and pytest leave out our frames."""

import contextlib
import dataclasses
import gc
import inspect
import math
import os
import pickle
import random
import re
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, grad
from autograd.errors import ChainruleError
from autograd.tracebacks import callers_frames, ending_at_caller

ROOT = Path(ag.__file__).parents[1]
FILES = [*ROOT.glob("autograd/**/*.py"), *ROOT.glob("nn/**/*.py")]
OWN = tuple(str(ROOT / package) + "/" for package in ("autograd", "nn"))

RANDOM = random.Random(0)

FAILURES = [
    lambda: ag.log(Value(-1.0)),
    lambda: ag.log(-1.0),
    lambda: ag.log(-1),
    lambda: Value(0.0).log(),
    lambda: 1 / Value(0.0),
    lambda: 1.0 / Value(0.0),
    lambda: Value(1) / 0,
    lambda: Value("3"),
    lambda: Value(),
    lambda: Value(2.0) == 2.0,
    lambda: Value(2.0) // 2.0,
    lambda: Value(2.0) @ Value(2.0),
    lambda: Value(2.0) + "3",
    lambda: f"{Value(2.0):d}",
    lambda: round(Value(2.0), "1"),
    lambda: int(Value(math.nan)),
    lambda: int(Value(math.inf)),
    lambda: round(Value(math.nan)),
    lambda: math.trunc(Value(math.inf)),
    lambda: ag.tanh([1.0]),
    lambda: ag.max(1, 2),
    lambda: ag.sum(3),
    lambda: ag.max([]),
    lambda: ag.max([Value(1.0), "x"]),
    lambda: ag.dot([1.0], [1.0, 2.0]),
    lambda: ag.dot([Value(1.0)], ["x"]),
    lambda: ag.clip(Value(1.0), 3.0, 2.0),
    lambda: ag.take([1.0, 2.0], 5),
    lambda: Value(1.0).item,
    lambda: setattr(Value(1.0) + 1.0, "data", 2.0),
    lambda: setattr(Value(1.0), "grad", None),
    lambda: Value(1.0).backward("x"),
    lambda: grad(lambda x: ag.log(x))(-1.0),
    lambda: grad(lambda x: ag.tanh(float(x)))(1.0),
    lambda: grad(lambda x: [x])(1.0),
    lambda: grad(3),
    lambda: ag.jit(lambda x: x if x > 0.0 else -x)(1.0),
    lambda: ag.jit(lambda x: x * math.tanh(x))(Value(1.0)),
    lambda: ag.jit(lambda x: [1.0, 2.0][x])(1.0),
    lambda: ag.jit(lambda x: x * RANDOM.random())(1.0),
    lambda: ag.jit(ag.log)(-1.0),
    lambda: ag.jit(lambda x: ag.log(x))(Value(-1.0)),
    lambda: ag.jit(3),
    lambda: ag.jit(lambda x: (x * x).backward())(1.0),
    lambda: ag.jit(lambda x: (x * x).data)(1.0),
    lambda: ag.jit(lambda x: {x: x}[x])(1.0),
    lambda: ag.jit(lambda x: str(x) and x)(1.0),
    lambda: ag.gradients(3.0, []),
    lambda: ag.gradients(Value(1.0), Value(1.0)),
    lambda: ag.jvp(lambda x: x, 1.0, 1.0),
    lambda: ag.hvp(lambda x: x, 1.0, 1.0),
    lambda: ag.hvp(lambda xs: xs[0] * xs[1], [1.0, 2.0], [1.0, 2.0]),
    lambda: ag.hvp(lambda x: x, [1.0], [1.0, 2.0]),
    lambda: ag.vjp(lambda x: [x, x], 1.0)[1](1.0),
    lambda: ag.check_gradients(ag.relu, 0.0),
    lambda: ag.primitive("odd", math.sin, lambda x: x),
    lambda: ag.draw(Value(1.0) * 2.0, fold=1),
    lambda: ag.jit(lambda x: f"{x}" and x)(1.0),
    lambda: ag.jit(lambda x: x if x == 1.0 else -x)(1.0),
    lambda: ag.check_gradients(3),
    lambda: ag.explain(3.0, Value(1.0)),
    lambda: ag.explain(Value(1.0), Value(1.0), paths=0),
    lambda: ag.explain(Value(1.0), Value(1.0), names=["w"]),
    lambda: ag.explain(Value(1.0), Value(1.0), groups=3),
    lambda: ag.explain(stale(), Value(1.0)),
    lambda: stale().backward(),
    lambda: ag.draw(3),
    lambda: ag.step_through(3),
    lambda: ag.formula(3),
    lambda: ag.summary(3),
    lambda: ag.audit(3),
    lambda: ag.topological_order(3),
    lambda: setattr(Value(1.0), "label", 3),
    lambda: type("Mine", (Value,), {}),
    lambda: ag.vjp(lambda x: ag.log(x), -1.0),
    lambda: ag.vjp(3, 1.0),
    lambda: ag.value_and_grad(3),
    lambda: ag.jacobian(3),
    lambda: ag.hessian(3),
    lambda: ag.sample([1.0]),
    lambda: ag.draw(Value(1.0) * 2.0, names=3),
]


def stale():
    """Return a result whose operand was changed."""
    x = Value(1.0)
    y = x * 2.0
    x.data = 3.0
    return y


X, Y = [[1.0, 2.0], [3.0, 4.0]], [0, 1]
NET, GPT, TOKENS = nn.MLP(2, [3, 1]), nn.GPT(3, 4, 1), nn.data.Tokenizer([".ab."])
SGD = nn.SGD(NET.parameters(), 0.1)


def fit(**options):
    usual = {"loss": nn.mse, "optimizer": SGD, "epochs": 1, "progress": False}
    return nn.fit(NET, X, Y, **usual | options)


OF_NN = [
    # models
    lambda: NET([1.0]),
    lambda: NET([1.0, "a"]),
    lambda: NET(X),
    lambda: NET(1.0, 2.0),
    lambda: nn.Neuron(2)("ab"),
    lambda: nn.predict(NET, [[1.0]]),
    lambda: nn.predict(NET, 3),
    lambda: nn.predict(3, X),
    lambda: GPT([9]),
    lambda: GPT([]),
    lambda: GPT(3),
    lambda: nn.LSTM(2, 2)([1.0]),
    lambda: nn.LSTM(2, 2)([[1.0]]),
    lambda: nn.RNN(2, 2)([[1.0, "a"]]),
    lambda: nn.Embedding(3, 2)(9),
    lambda: nn.LayerNorm(3)([1.0]),
    lambda: nn.MultiHeadAttention(4, 2)([[1.0]]),
    lambda: nn.Block(4, 2)([[1.0]]),
    lambda: nn.Last()([]),
    lambda: nn.MLP(0, [1]),
    lambda: nn.MLP(2, []),
    lambda: nn.Layer(2, 2, "linear"),
    lambda: nn.Layer(2, 2, bias="no"),
    lambda: nn.GPT(5, 5, 2),
    lambda: nn.LSTM(0, 2),
    lambda: nn.Dropout(2),
    lambda: nn.Sequential(3),
    lambda: nn.one_hot(5, 3),
    lambda: NET.load_state_dict({}),
    lambda: setattr(NET, "training", "x"),
    lambda: NET.fit,
    lambda: nn.Linear,
    lambda: -NET([1.0, 2.0]),
    lambda: NET([1.0, 2.0]) > 0,
    lambda: f"{NET([1.0, 2.0]):.2f}",
    lambda: nn.MLP(2, [1], rng=3),
    # losses and metrics
    lambda: nn.accuracy([1.0], [2]),
    lambda: nn.accuracy(NET, X, Y),
    lambda: nn.confusion_matrix([math.nan], [0]),
    lambda: nn.precision([1.0], [1], positive=5),
    lambda: nn.mse([1.0], [1.0, 2.0]),
    lambda: nn.mse(NET, X),
    lambda: nn.hinge([1.0], [3]),
    lambda: nn.cross_entropy([[1.0, 2.0]], [5]),
    lambda: nn.huber([1.0], [1.0], delta=-1),
    lambda: nn.metrics.cosine_similarity([1.0], [1.0, 2.0]),
    # training
    lambda: fit(loss=3),
    lambda: fit(optimizer=3),
    lambda: fit(epochs=-1),
    lambda: fit(schedule=nn.schedules.cosine),
    lambda: fit(metrics=[3]),
    lambda: fit(loss=nn.cross_entropy),
    lambda: fit(loss=nn.cross_entropy, jit=True),
    lambda: nn.fit(NET, [[1.0]], [1], loss=nn.mse, optimizer=SGD, progress=False),
    lambda: nn.fit(NET, X, [1], loss=nn.mse, optimizer=SGD),
    lambda: nn.evaluate(NET, [[1.0]], [1], loss=nn.mse),
    lambda: nn.train_step(NET, nn.mse, SGD)([[1.0]], [1]),
    lambda: nn.train_step(NET, nn.mse, SGD).run(5),
    lambda: nn.train_step(NET, nn.mse, SGD).run([1]),
    lambda: nn.train_step(NET, nn.mse, SGD).run([([[1.0]], [1])]),
    lambda: nn.SGD(NET, 0.1),
    lambda: nn.Adam(NET.parameters(), lr="a"),
    lambda: nn.Adam(NET.parameters(), learning_rate=0.1),
    lambda: setattr(nn.SGD(NET.parameters(), 0.1), "lr", "a"),
    lambda: nn.History()["loss"],
    lambda: nn.fit(NET, [[1.0, math.nan]], [1], loss=nn.mse, optimizer=SGD, progress=False),
    lambda: nn.schedules.cosine(0),
    lambda: nn.schedules.cosine(3)("a"),
    lambda: nn.clip_grad_norm(NET.parameters(), -1),
    lambda: nn.Checkpoint(3),
    # data, files and charts
    lambda: nn.data.read_csv("no.csv", "t"),
    lambda: nn.load("no.json"),
    lambda: NET.save("/no/folder/net.json"),
    lambda: ag.draw(Value(1.0) * 2.0).save("/no/folder/net.svg"),
    lambda: ag.step_through(Value(1.0) * 2.0).save("/no/folder/net.html"),
    lambda: nn.data.moons(-1),
    lambda: nn.data.split(X, [1]),
    lambda: nn.data.k_fold(X, Y, 9),
    lambda: nn.data.pad(3),
    lambda: TOKENS.encode("z"),
    lambda: nn.generate(GPT, TOKENS, "z"),
    lambda: nn.generate(3, TOKENS),
    lambda: nn.plots.points([[1.0]], [0]),
    lambda: nn.plots.loss_curve(3),
    lambda: nn.plots.loss_curve({"a": nn.History()}),
    lambda: nn.plots.activation("relu", ax=[]),
    lambda: nn.training_page(NET, X * 99, Y * 99, loss=nn.hinge),
    lambda: nn.LSTMCell(1, 2)([1.0], None),
    lambda: nn.Preparation.fit([3], "a"),
    lambda: np.float64(2.0) * NET([1.0, 2.0]),
    lambda: nn.trace(3),
    lambda: nn.export.to_torch(nn.Layer(1, 1, lambda x: x), "net.py", [1.0]),
    lambda: nn.LSTM(2, 2).draw("cell"),
    lambda: nn.cross_entropy([0.1, 0.2, 0.3], [2]),
    lambda: GPT.generate("ab"),
    lambda: NET.load_state_dict(dict.fromkeys(NET.state_dict(), "a")),
    lambda: fit(schedule=lambda step: None),
    lambda: setattr(NET, "output", "sigmoid"),
    lambda: setattr(nn.Dropout(0.5), "p", 2),
    lambda: setattr(nn.LayerNorm(2), "eps", -1),
    lambda: setattr(nn.RNN(2, 2), "n_hidden", 5),
    lambda: nn.data.spirals(10, noise=-1),
    lambda: nn.data.blobs(10, 0),
    lambda: nn.data.noisy_sine(0),
    lambda: nn.data.time_series("sine", 0),
    lambda: nn.data.contexts([1, 2], 5),
    lambda: nn.data.unstandardize([[1.0]], 3),
    lambda: nn.mae([1.0], [1.0, 2.0]),
    lambda: nn.metrics.nearest("cat", {"cat": [1.0], "dog": [1.0, 2.0]}),
    lambda: nn.schedules.exponential("a"),
    lambda: nn.schedules.linear(0),
    lambda: nn.gradient_by_lag(3, [[1.0]]),
    lambda: nn.RNNCell(1, 2).gate("forget", [1.0], [1.0, 2.0]),
    lambda: repr(object.__new__(nn.SGD)),
    lambda: nn.Preparation(),
    lambda: nn.plots.histograms([]),
    lambda: nn.plots.layer_histograms(3),
    lambda: nn.plots.dead_units(3),
    lambda: nn.plots.gradient_norms([1.0]),
    lambda: nn.plots.embedding_map([[1.0, 2.0]], ["a"]),
    lambda: nn.plots.error_gradient(3),
    lambda: nn.plots.loss_shape("mse"),
    lambda: nn.plots.rate_curve("cosine", 10),
    lambda: nn.plots.weight_curve(3),
    lambda: nn.plots.belief_curve(3),
    lambda: nn.plots.weight_images(3),
    lambda: nn.plots.fit_curve(3, X, Y),
    lambda: nn.plots.gates(3),
    lambda: nn.plots.points([[1, 2]], [1, 2]),
]


# The user's own errors, within what this package calls.


def broken(*given):
    return 1 / 0


class Broken(nn.Module):
    def forward(self, x):
        return {}[x[0]]


def of_a_row(use, forward, *partials, **options):
    """Use a row of the user's own."""
    row = ag.primitive("broken_row", forward, *partials, **options)
    try:
        use(row)
    finally:
        del ag.PRIMITIVES["broken_row"]


def first(xs):
    return xs[0]


OF_USERS = [
    lambda: of_a_row(lambda row: row(1.0), broken, 1.0),
    lambda: of_a_row(lambda row: row(Value(1.0)), broken, 1.0),
    lambda: of_a_row(lambda row: row(Value(1.0)).backward(), abs, broken),
    lambda: of_a_row(lambda row: row([Value(1.0)]).backward(), first, broken, listed=True),
    lambda: nn.schedules.warmup(3, broken)(5),
    lambda: nn.train_step(NET, nn.mse, SGD, schedule=broken)(X, Y),
    lambda: nn.train_step(NET, nn.mse, SGD, schedule=broken).run([(X, Y)] * 3),
    lambda: fit(loss=broken),
    lambda: fit(loss=broken, jit=True),
    lambda: fit(metrics=[broken]),
    lambda: fit(metrics=[broken], validation=(X, Y)),
    lambda: fit(callbacks=[broken]),
    lambda: fit(schedule=broken),
    lambda: fit(penalty=broken),
    lambda: nn.fit(Broken(), X, Y, loss=nn.mse, optimizer=SGD, progress=False),
    lambda: nn.train_step(NET, broken, SGD)(X, Y),
    lambda: nn.train_step(NET, broken, SGD).run([(X, Y)]),
    lambda: nn.lr_range_test(NET, X, Y, loss=broken, optimizer=SGD),
    lambda: nn.evaluate(NET, X, Y, loss=broken),
    lambda: nn.evaluate(NET, X, Y, loss=nn.mse, metrics=[broken]),
    lambda: nn.predict(Broken(), X),
    lambda: Broken()([1.0]),
    lambda: nn.Sequential(nn.Layer(2, 2), Broken())(X[0]),
    lambda: nn.Layer(2, 2, broken)(X[0]),
    lambda: ag.jit(broken)(1.0),
    lambda: ag.jit(broken)(Value(1.0)),
    lambda: ag.jit(grad(broken))(1.0),
    lambda: grad(broken)(1.0),
    lambda: ag.value_and_grad(broken)(1.0),
    lambda: ag.jacobian(broken)(1.0),
    lambda: ag.hessian(broken)(1.0),
    lambda: ag.jvp(broken, [1.0], [1.0]),
    lambda: ag.vjp(broken, 1.0),
    lambda: ag.hvp(broken, [1.0], [1.0]),
    lambda: ag.check_gradients(broken, 1.0),
]


def error_of(fail):
    """Return the error that a function raises."""
    try:
        fail()
    except Exception as error:
        return error
    pytest.fail("nothing was raised")


@pytest.fixture
def shown(monkeypatch):
    """Return a function from an error to the text that IPython shows, without colours."""
    ipython = pytest.importorskip("IPython")
    ultratb = pytest.importorskip("IPython.core.ultratb")
    plain = {"theme_name": "nocolor", "color_scheme": "NoColor"}  # since IPython 9, and before
    known = [x for x in plain if x in inspect.signature(ultratb.TBTools.__init__).parameters]
    printer = ultratb.VerboseTB(**{x: plain[x] for x in known[:1]})
    monkeypatch.setattr(ipython, "get_ipython", lambda: SimpleNamespace(InteractiveTB=printer))

    def text(error):
        monkeypatch.setattr(sys, "last_value", error, raising=False)
        return "\n".join(error._render_traceback_())

    return text


@pytest.mark.parametrize("fail", [*FAILURES, *OF_NN, *OF_USERS])
def test_pytest_shows_no_frame_of_the_package(fail):
    with pytest.raises(Exception, match=r"\w") as caught:
        fail()
    shown = [e.name for e in caught.traceback.filter(caught) if str(e.path).startswith(OWN)]
    assert shown == []


@pytest.mark.parametrize("fail", [*FAILURES, *OF_NN, *OF_USERS])
def test_ipython_shows_no_frame_of_the_package(fail, shown):
    error = error_of(fail)
    whole = error.__traceback__
    text = shown(error)
    assert not re.search(rf"File ({'|'.join(OWN)})", text), text
    assert "skipping hidden" not in text
    assert "test_tracebacks.py" in text
    assert type(error).__name__ in text
    assert error.__traceback__ is whole


def test_an_error_before_is_shown_if_it_is_the_user_s(shown, tmp_path):
    """That of a damaged file is raised within Python's json and the package, and left out."""
    path = tmp_path / "net.json"
    path.write_text("{")
    damaged = error_of(lambda: nn.load(path))
    before = damaged.__cause__ or damaged.__context__
    assert before is not None
    text = shown(damaged)
    assert text.count("Traceback (most recent call last)") == 1
    assert (damaged.__cause__ or damaged.__context__) is before

    def late():
        try:
            broken()
        except ZeroDivisionError:
            ag.log(-1.0)

    text = shown(error_of(late))
    assert text.count("Traceback (most recent call last)") == 2
    assert text.index("ZeroDivisionError") < text.index("DomainError")
    assert not re.search(rf"File ({'|'.join(OWN)})", text), text


def test_frames_of_the_user_s_functions_stay():
    error = error_of(lambda: fit(loss=broken))
    names, entry = [], callers_frames(error.__traceback__)
    while entry is not None:
        names.append(entry.tb_frame.f_code.co_name)
        entry = entry.tb_next
    assert names == ["error_of", "<lambda>", "fit", "broken"]
    assert callers_frames(None) is None


def test_a_rendering_of_the_user_s_own_stays():
    class Coloured(Exception):
        def _render_traceback_(self):
            return ["red"]

    assert ending_at_caller(Coloured())._render_traceback_() == ["red"]
    assert "_render_traceback_" not in vars(ending_at_caller(ag.DomainError("x")))


class Failure(Exception):
    """What a user may raise."""


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    row: int = 3


class Strict(Exception):
    def __setattr__(self, name, new):
        raise RuntimeError(name)


class Asked(Exception):
    def __getattr__(self, name):
        raise KeyError(name)


@pytest.mark.parametrize("kind", [Failure, Frozen, Strict, Asked, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("jit", [False, True])
def test_the_user_s_error_stays_what_it_is(kind, jit):
    thrown = kind()

    def loss(outputs, targets):
        raise thrown

    for use in (lambda: fit(loss=loss, jit=jit), lambda: grad(loss)(1.0, 1.0)):
        with pytest.raises(kind) as caught:
            use()
        assert caught.value is thrown


@pytest.mark.parametrize(
    "fail",
    [
        lambda: nn.load("/no/folder/net.json"),
        lambda: nn.History()["loss"],
        lambda: nn.Module()(1.0),
        lambda: NET.save("/no/folder/net.json"),
        lambda: grad(broken)(1.0),
        lambda: fit(loss=broken),
        lambda: ag.log(-1.0),
    ],
)
def test_an_error_goes_to_another_process(fail):
    error = error_of(fail)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert hasattr(again, "_render_traceback_")


def test_an_error_that_was_caught_leaves_no_frame():
    class Held:
        pass

    def fail():
        held = Held()
        seen.append(weakref.ref(held))
        fit(loss=broken)

    seen = []
    gc.disable()
    try:
        with contextlib.suppress(ZeroDivisionError):
            fail()
        assert seen[0]() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_hides_its_frames_in_pytest(path):
    lines = path.read_text().splitlines()
    marks = [line for line in lines if line.lstrip().startswith("__tracebackhide__")]
    assert marks == ["__tracebackhide__ = True  # pytest: a traceback ends at the line that called"]


def test_pytest_ends_at_the_line_and_shows_all_where_it_is_told_to(tmp_path):
    test = tmp_path / "test_mine.py"
    test.write_text("import autograd\n\ndef test_it():\n    autograd.log(-1.0)\n")
    shown = {}
    for option in ("--tb=auto", "--full-trace"):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", option, test]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        run = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert "DomainError: log(-1.0)" in run.stdout
        shown[option] = run.stdout.count("autograd/core/")
    assert shown["--tb=auto"] == 0
    assert shown["--full-trace"] > 0


# Errors of Python's own that code within the package catches itself.
CAUGHT = {
    ("raster.py", "ValueError"),
    ("auditing.py", "ValueError"),
    ("lanes.py", "IndexError"),
    ("chance.py", "KeyError"),
    ("cache.py", "PermissionError"),
    ("cuts.py", "LookupError"),
    ("module.py", "TypeError"),
    ("files.py", "ValueError"),
}
# Raised while a package is imported that another one has damaged.
DAMAGED = {("core", "ImportError"), ("nn", "ImportError")}


def test_what_is_raised_is_of_the_package_or_ends_at_the_caller():
    """A `raise` of a built-in exception would show our frames in a notebook."""
    found = set()
    for path in FILES:
        for name in re.findall(r"raise ([A-Z]\w+)\(", path.read_text()):
            kind = getattr(__import__("builtins"), name, None)
            if kind is not None and not issubclass(kind, ChainruleError):
                at = path.parent.name if path.name == "__init__.py" else path.name
                found.add((at, name))
    assert found == CAUGHT | DAMAGED


CELLS = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in [
    "import autograd, nn",
    "nn.Lineair",
    "autograd.log(-1.0)",
    "net = nn.MLP(2, [1])",
    "def loss(outputs, targets):\\n    return 1 / 0",
    "optimizer = nn.SGD(net.parameters(), 0.1)",
    "nn.fit(net, [[1, 2]], [1], loss=loss, optimizer=optimizer, progress=False)",
    "nn.load('/no/file.json')",
]:
    shell.run_cell(cell)
"""


def test_a_cell_of_a_notebook_shows_its_own_lines():
    pytest.importorskip("IPython")
    run = subprocess.run(
        [sys.executable, "-c", CELLS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    text = re.sub(r"\x1b\[[\d;]*m", "", run.stdout)
    assert [name for name in ("Absent", "Domain", "ZeroDivision", "FileNotFound") if name in text]
    assert text.count("Traceback (most recent call last)") == 4
    assert not re.search(r"^File ", text, re.MULTILINE), text
    assert "return 1 / 0" in text
