"""What cannot be recorded is refused, whatever the user's code does with the refusal."""

import collections
import contextlib
import dataclasses
import gc
import io
import json
import logging
import pdb
import pprint
import random
import reprlib
import string
import sys
import threading
import traceback
from typing import NamedTuple

import pytest

import autograd
import nn
from autograd import Value, grad, jit
from autograd.compiler import refusal
from autograd.compiler.record import Recording
from autograd.errors import RecordingError


def number(x):
    try:
        return float(x)
    except (TypeError, ValueError):
        return 0.0


def sign(x):
    try:
        return 2.0 * x if x > 0.0 else 3.0 * x
    except Exception:
        return -x


def suppressed(x):
    with contextlib.suppress(TypeError):
        x = x * int(x)
    return x


class Swallows:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True


def within_a_block(x):
    kept = [x]
    with Swallows():
        kept.append(x * len(str(x)))
    return kept[-1]


def logged(x):
    logging.getLogger("jitted").warning("x is %.3f", x)
    return 2.0 * x


def raises_another(x):
    try:
        return x * float(x)
    except TypeError:
        raise ValueError("no number") from None


def catches_all(x):
    with contextlib.suppress(BaseException):
        x = x * {1.0: 2.0}[x]
    return x


def in_a_thread(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(number(x)))
    thread.start()
    thread.join()
    return x + found[0]


def without_a_graph(x):
    with autograd.no_grad():
        return x + number(x)


def of_one_from_outside(w):
    return lambda x: x + number(w)


SWALLOWING = {
    "except": lambda x: x + number(x),
    "except Exception": sign,
    "suppress": suppressed,
    "a block": within_a_block,
    "logging": logged,
    "another error": raises_another,
    "all": catches_all,
    "a thread": in_a_thread,
    "no_grad": without_a_graph,
    "a Value from outside": of_one_from_outside(Value(2.0)),
    "hash": lambda x: next((k for k in [1.0, 2.0] if swallowed_equal(k, x)), 0.0) * x,
    "a derivative": lambda x: grad(lambda y: y * y + number(y))(x),
}


def swallowed_equal(k, x):
    try:
        return {k: True}[x]
    except (KeyError, TypeError):
        return False


def whole(x):
    try:
        return x * 2.0 if x.is_integer() else x
    except AttributeError:
        return x * 9.0


def halved(x):
    try:
        return x // 2
    except TypeError:
        return x * 9.0


def in_parts(x):
    try:
        return sum(divmod(x, x))
    except Exception:
        return x * 9.0


def has(name):
    return lambda x: x * (2.0 if hasattr(x, name) else 9.0)


@pytest.mark.parametrize(
    "f", [whole, halved, in_parts, *map(has, ["real", "imag", "hex", "as_integer_ratio"])]
)
def test_what_numbers_alone_have_is_refused_though_the_function_catches_that(f):
    line = rf"at {__file__}:\d+, while jit records: do it outside"
    for g in (f, lambda x: f(2.0 * x)):
        with pytest.raises(RecordingError, match=line):
            jit(g)(3.0)
    w = Value(3.0)  # a Value has it neither in the eager run
    for g, args in ((f, (w,)), (lambda x: f(w * x), (1.0,)), (lambda x: f(w) * x, (1.0,))):
        assert jit(g)(*args).data == g(*args).data


@pytest.mark.parametrize("name", SWALLOWING)
def test_a_refusal_that_is_swallowed_holds(name, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    f = SWALLOWING[name]
    with pytest.raises(RecordingError, match=rf"{__file__}:\d+, while jit records"):
        jit(f)(2.0)
    assert jit(lambda x: 2.0 * x)(2.0) == 4.0


@pytest.mark.parametrize("name", ["except", "except Exception", "suppress", "logging"])
@pytest.mark.parametrize("where", ["model", "loss", "penalty"])
def test_a_refusal_that_is_swallowed_in_training_holds(name, where, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    f = SWALLOWING[name]

    class Net(nn.Module):
        def __init__(self):
            self.w = Value(0.5)

        def forward(self, x):
            return f(self.w * x[0]) if where == "model" else self.w * x[0]

    model = Net()
    step = nn.train_step(
        model,
        (lambda outputs, y: f(nn.mse(outputs, y))) if where == "loss" else nn.mse,
        nn.SGD(model.parameters(), lr=0.1),
        penalty=(lambda ps: f(ps[0])) if where == "penalty" else None,
    )
    with pytest.raises(RecordingError, match=rf"{__file__}:\d+, while jit records"):
        step([[1.0], [2.0]], [1.0, 2.0])
    assert model.w.data == 0.5


def test_a_refusal_leaves_nothing_to_the_garbage_collector():
    def recordings():
        return sum([type(x) is Recording for x in gc.get_objects()])

    gc.collect()
    gc.disable()
    try:
        before = recordings()
        swallowing = [f for name, f in SWALLOWING.items() if name != "logging"]  # pytest keeps x
        for f in (*swallowing, whole, halved, float, repr, lambda x: x * float(x)):
            with contextlib.suppress(RecordingError):
                jit(f)(2.0)
            assert recordings() == before
    finally:
        gc.enable()


def test_the_package_s_own_messages_refuse_nothing():
    class Shows:
        def __init__(self, x):
            self.x = x

        def __repr__(self):
            return f"Shows({self.x})"

    def f(x):
        try:
            return autograd.exp(Shows(x))
        except autograd.DataTypeError:
            return 2.0 * x

    assert jit(f)(3.0) == 6.0
    for module, name in refusal._GOING_ON:
        holder = sys.modules[module]
        assert hasattr(holder, name) or hasattr(holder.Walk, name)


class Point(NamedTuple):
    x: float
    y: float


@dataclasses.dataclass
class Pair:
    x: float


class Handler(logging.Handler):
    def emit(self, record):
        self.text = record.getMessage()


def by_logging(x):
    logger, handler = logging.Logger("kept"), Handler()
    logger.addHandler(handler)
    logger.warning("x is %r", x)
    return handler.text


TEXTS = {
    "namedtuple": lambda x: repr(Point(x, 2.0)),
    "dataclass": lambda x: repr(Pair(x)),
    "pprint": lambda x: pprint.pformat([x]),
    "reprlib": lambda x: reprlib.repr([x]),
    "Formatter": lambda x: string.Formatter().format("{0!r}", x),
    "json": lambda x: json.dumps({"x": x}, default=repr),
    "Counter": lambda x: repr(collections.Counter(a=x)),
    "ChainMap": lambda x: repr(collections.ChainMap({"a": x})),
    "UserList": lambda x: repr(collections.UserList([x])),
    "deque": lambda x: repr(collections.deque([x])),
    "logging": by_logging,
    "print": lambda x: print([x], file=io.StringIO()) or "",
    "f-string": lambda x: f"{[x]}",
    "format": lambda x: f"{x}",
    "percent": lambda x: "%s" % (x,),  # noqa: UP031
    "map": lambda x: next(map(repr, [x])),
    "an error": lambda x: str(ValueError("bad", x)),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("kind", ["a number", "a Value", "one from outside"])
def test_a_text_of_a_number_is_refused_whoever_makes_it(name, kind):
    w = Value(2.0)
    text = TEXTS[name]
    f = (lambda x: x * len(text(w))) if kind == "one from outside" else lambda x: x * len(text(x))
    if (name, kind) == ("json", "a number"):
        pytest.skip("json writes a number itself")
    with pytest.raises(RecordingError, match=rf"^\w+\(\) of .* at {__file__}:\d+, while jit"):
        jit(f)(w if kind == "a Value" else 2.0)


@pytest.mark.parametrize("function", [repr, str, hash, print, format, float, [2.0].__contains__])
def test_a_function_of_c_is_refused_at_the_line_of_the_call(function):
    with pytest.raises(RecordingError, match=rf"at {__file__}:\d+, while jit records"):
        jit(function)(2.0)


def test_a_refused_function_of_nn_names_the_line_of_the_call():
    with pytest.raises(RecordingError, match=rf"at {__file__}:\d+, while jit records"):
        jit(nn.accuracy)([1.0, 2.0], [1.0, 0.0])


def test_a_debugger_shows_traced_values_and_refuses_nothing():
    output = io.StringIO()
    debugger = pdb.Pdb(
        stdin=io.StringIO("p x\npp [x]\np float(x)\np w\nc\n"), stdout=output, nosigint=True
    )
    debugger.use_rawinput = False
    w, tracer = Value(3.0), sys.gettrace()
    calls = []

    def f(x):
        if not calls:
            calls.append(1)
            debugger.set_trace()
        return w * x

    try:
        jit(f)(2.0)
    finally:
        sys.settrace(tracer)
    text = output.getvalue()
    assert "(Pdb) <traced" in text
    assert "[<traced" in text
    assert "RecordingError" in text  # of float(x)
    assert "Value(data=3.0)" in text
    assert jit(f)(2.0).data == 6.0


def test_a_traceback_with_variables_is_shown_while_jit_records():
    shown = []

    def f(x):
        try:
            [][0]
        except IndexError as error:
            made = traceback.TracebackException.from_exception(error, capture_locals=True)
            shown.append("".join(made.format()))
        return 2.0 * x

    assert jit(f)(2.0) == 4.0
    assert "x = <traced leaf>" in shown[0]


def assigned(w):
    w.data = 0.5


def loaded(w):
    autograd.extending.assign([w], [0.5])


def without_a_mode(w):
    with autograd.no_grad():
        w.data = 0.5


@pytest.mark.parametrize("how", [assigned, loaded, without_a_mode])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("by", ["capture", "argument", "module", "captured module"])
def test_a_number_that_is_set_is_refused_before_and_after_its_use(how, first, used, by):
    model = nn.Layer(1, 1, seed=0)
    w = Value(2.0) if by in ("capture", "argument") else model.parameters()[0]
    before = w.data

    def f(x, given=None):
        z = 0.0 if first or not used else w * x
        how(w)
        return z + w * x if used else 3.0 * x

    g = (lambda x, w: how(w) or w * x) if by == "argument" else f
    args = {"argument": (3.0, w), "module": (3.0, model)}.get(by, (3.0,))
    with pytest.raises(RecordingError, match=rf"the data of .* was set at {__file__}:\d+"):
        jit(g)(*args)
    assert w.data == before


@pytest.mark.parametrize("rows", [1, 2])
def test_a_weight_that_forward_sets_is_refused_in_training(rows):
    class Pruned(nn.Module):
        def __init__(self):
            self.w = [Value(0.3), Value(0.2)]

        def forward(self, x):
            self.w[1].data = 0.0
            return autograd.dot(self.w, x)

    model = Pruned()
    step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
    with pytest.raises(RecordingError, match=r"the data of Value\(data=0\.2\) was set at"):
        step([[1.0, 2.0]] * rows, [1.0] * rows)
    assert [p.data for p in model.parameters()] == [0.3, 0.2]


def test_a_leaf_that_is_made_on_the_way_may_be_set():
    def f(x):
        w = Value(2.0)
        w.data = 5.0
        return w * x

    assert jit(f)(3.0) == 15.0


@pytest.mark.parametrize("form", ["f-string", "percent", "several lines", "number"])
def test_an_error_of_the_user_s_is_raised_with_its_number(form):
    def f(x):
        if form == "f-string":
            raise LookupError(f"bad {x}")
        if form == "percent":
            raise LookupError("bad %s" % x)  # noqa: UP031
        if form == "number":
            raise LookupError("bad " + str(float(x)))
        raise LookupError(
            "bad "  #
            f"{x!r}"
        )

    with pytest.raises(LookupError, match=r"^'?bad 2\.0"):
        jit(f)(2.0)
    with pytest.raises(RecordingError, match=r"^(format|repr|str|float)\(\)"):
        jit(lambda x: len(f"{x}") * x)(2.0)


def test_a_step_raises_the_user_s_error_with_its_number():
    def loss(outputs, y):
        raise LookupError(f"bad {y[0]:.1f}")

    model = nn.MLP(1, [1], seed=0)
    step = nn.train_step(model, loss, nn.SGD(model.parameters(), lr=0.1))
    with pytest.raises(LookupError, match=r"^bad 3\.0"):
        step([[1.0]], [3.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: nn.mse([x], [1.0]) * random.random(),
        lambda x: random.random() * nn.mse([x], [1.0]),
        lambda x: Point(x, 1.0).x * random.random() * nn.huber([x], [1.0]),
    ],
)
def test_a_draw_beside_a_call_of_nn_names_the_user_s_line(f):
    line = rf"drawn at {__file__}:{f.__code__.co_firstlineno},"
    with pytest.raises(RecordingError, match=line):
        jit(f)(2.0)
    model = nn.MLP(1, [1], seed=0)
    step = nn.train_step(model, lambda o, y: f(nn.mse(o, y)), nn.SGD(model.parameters(), lr=0.1))
    with pytest.raises(RecordingError, match=rf"drawn at {__file__}:"):
        step([[1.0]], [1.0])


def power(x, n):
    return x if n == 0 else x * power(x, n - 1)


def test_a_recursion_near_the_limit_says_what_recording_needs():
    limit = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    alone = limit - depth - 60

    def deepest():
        n = alone
        while True:
            try:
                power(1.0, n + 1)
            except RecursionError:
                return n
            n += 1

    deep = deepest()
    met = set()
    for n in range(deep - 40, deep + 1):
        try:
            jit(power, [1])(1.0, n)
        except (RecordingError, RecursionError) as error:
            met.add(str(error))
    line = f"{__file__}:{power.__code__.co_firstlineno + 1}"
    refused = [text for text in met if f"RecursionError at {line}, while jit records" in text]
    assert refused
    assert all(f"limit is {limit}" in text and "setrecursionlimit" in text for text in refused)
    assert all(text in refused or text.startswith("maximum recursion") for text in met)
    with pytest.raises(RecursionError) as caught:
        jit(power, [1])(1.0, -1)
    assert not isinstance(caught.value, RecordingError)
