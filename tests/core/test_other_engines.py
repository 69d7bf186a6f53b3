"""What those write who know micrograd, PyTorch or NumPy: it works, or the error says what to do."""

import builtins
import math
import sys
import warnings

import pytest

import autograd as ag
from autograd import Value, grad
from autograd.core import cuts
from autograd.core.arguments import HIDDEN
from autograd.errors import CutGraphError, CutGraphWarning, DataTypeError, RenamedError

np = pytest.importorskip("numpy")


@pytest.mark.parametrize(
    ("use", "advice"),
    [
        (lambda x: x._prev, "x.parents"),
        (lambda x: x._children, "x.parents"),
        (lambda x: x._op, "x.op.name"),
        (lambda x: x._backward(), "x.local_derivatives()"),
        (lambda x: setattr(x, "_backward", lambda: None), "p.grad += d * x.grad"),
        (lambda x: x._local_grads, "x.local_derivatives()"),
        (lambda x: x.item(), "x.data"),
        (lambda x: x.numpy(), "x.data"),
        (lambda x: x.zero_grad(), "autograd.NOT_COMPUTED"),
        (lambda x: x.requires_grad, "detach()"),
        (lambda x: setattr(x, "requires_grad", True), "detach()"),
        (lambda x: x.grad_fn, "x.op"),
        (lambda x: x.shape, "one number"),
        (lambda x: x.clone(), "identity"),
        (lambda x: setattr(x, "m", 0.0), "a dict by Value"),
        (lambda x: setattr(x, "velocity", 0.0), "a dict by Value"),
        (lambda x: x.value, "x.data"),
        (lambda x: setattr(x, "value", 3.0), "x.data"),
        (lambda x: x.children, "x.parents"),
        (lambda x: x.gradient, "x.grad"),
        (lambda x: x.detach_(), "x.detach()"),
        (lambda x: x.retain_grad(), "every node keeps its grad"),
        (lambda x: x.add_(1.0), "x = x + y"),
        (lambda x: x.mul(2.0), "x * y"),
        (lambda x: x.dtype, "float64"),
        (lambda x: x.to("cuda"), "float64"),
        (lambda x: x.T, "one number"),
        (lambda x: x.name, "x.label"),
        (lambda x: x.mean(), "function of a list"),
        (lambda x: x.leaky_relu(), "autograd.leaky_relu(x)"),
        (lambda x: x.clamp(0.0, 1.0), "autograd.clip"),
        (lambda x: x.register_hook(print), "no hooks"),
        (lambda x: x.realize(), "x.data"),
        (lambda x: x._ctx, "x.op"),
        (lambda x: x.block_until_ready(), "one number"),
    ],
)
def test_names_of_other_engines_say_what_it_is_called_here(use, advice):
    for x in (Value(2.0), Value(2.0) * 3.0):
        with pytest.raises(AttributeError) as caught:
            use(x)
        assert advice in str(caught.value)
        assert isinstance(caught.value, RenamedError)


def advice(name):
    """What the error says of a name that a Value lacks, "" without an error of ours."""
    try:
        getattr(Value(2.0), name)
    except RenamedError as error:
        return str(error)
    except AttributeError:
        pass
    return ""


def test_advice_to_call_a_function_names_the_one_of_that_name():
    told = {name: advice(name) for name in ag.__all__}
    functions = {name: text for name, text in told.items() if "it is a function" in text}
    assert {"mean", "sum", "softmax", "dot", "elu", "hypot", "where"} < set(functions)
    assert [name for name, text in functions.items() if f": autograd.{name}(" not in text] == []


def test_the_name_that_was_asked_for_is_the_one_in_the_message():
    for name in ("item", "numpy", "shape", "numel", "m", "velocity", "zero_", "requires_grad"):
        with pytest.raises(AttributeError, match=rf"^a Value has no {name}: "):
            getattr(Value(2.0), name)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda: Value(2.0).backward(retain_graph=True), "the graph stays"),
        (lambda: Value(2.0).backward(create_graph=True), "autograd.grad"),
        (lambda: Value(2.0).backward(seed=1.0), "gradient=1.0"),
        (lambda: Value(2.0).backward(inputs=[]), "autograd.gradients"),
        (lambda: Value(2.0).backward(nonsense=1), "no argument nonsense="),
        (lambda: Value(2.0, requires_grad=True), "every Value has a gradient"),
        (lambda: Value(2.0, name="w"), "label='w'"),
        (lambda: Value(2.0, _children=(), _op="+"), "takes no operands"),
        (lambda: Value(2.0, (Value(1.0),)), "takes no operands"),
        (lambda: Value(2.0, (Value(1.0),), "+"), "takes no operands"),
        (lambda: Value(2.0, dtype=float), "float64"),
        (lambda: Value(2.0, nonsense=1), "no argument nonsense="),
    ],
)
def test_arguments_of_other_engines_say_what_to_do(call, advice):
    with pytest.raises(DataTypeError) as caught:
        call()
    assert advice in str(caught.value)


def test_names_of_other_engines_are_no_attributes():
    x = Value(2.0)
    for name in ("_prev", "_op", "item", "zero_grad", "shape", "m", "step"):
        assert not hasattr(x, name)
        assert name not in dir(x)
    assert {"data", "grad", "backward", "tanh"} <= set(dir(x))
    with pytest.raises(AttributeError):
        x.no_such_attribute = 1


def test_one_step_of_backward_by_hand_is_what_the_advice_says():
    a, b = Value(2.0), Value(3.0)
    x = a * b + a
    x.grad = 1.0
    for node in (x, x.parents[0]):
        for p, d in zip(node.parents, node.local_derivatives(), strict=True):
            p.grad += d * node.grad
    assert (a.grad, b.grad) == (4.0, 2.0)


def test_a_value_takes_no_operands():
    a, b = Value(1.0), Value(2.0)
    for wrong in (lambda: Value(3, (a, b), "+"), lambda: Value(3.0, (a, b)), lambda: Value(1, [a])):
        with pytest.raises(DataTypeError, match=r"an operation on Values notes its own"):
            wrong()
    with pytest.raises(DataTypeError, match=r"set it to autograd\.NOT_COMPUTED"):
        a.grad = None
    a.grad = ag.NOT_COMPUTED


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ag.max(1, 2), ["max([x, y, ...])", "maximum(x, y)", "builtins.max"]),
        (lambda: ag.min(Value(1.0), 2), ["minimum(x, y)", "builtins.min"]),
        (lambda: ag.max([1, 2], key=abs), ["takes one list", "key="]),
        (lambda: ag.max([], default=0), ["takes one list", "default=0"]),
        (lambda: ag.sum([1, 2], 3), ["takes one list", "builtins.sum"]),
        (lambda: ag.sum(Value(1.0)), ["takes one list", "builtins.sum"]),
        (lambda: ag.prod(2.0, 3.0), ["takes one list"]),
        (lambda: ag.mean(2.0), ["takes one list"]),
        (lambda: ag.norm(Value(2.0), Value(1.0)), ["takes one list"]),
        (lambda: ag.dot(2.0, 3.0), ["two lists"]),
    ],
)
def test_functions_of_a_list_say_so(call, words):
    with pytest.raises(DataTypeError) as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


def test_an_error_within_an_iterable_is_its_own():
    def numbers():
        yield 1.0
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        ag.sum(numbers())


@pytest.mark.parametrize(
    "call",
    [
        lambda: ag.softmax(3.0),
        lambda: ag.softmax(Value(3.0)),
        lambda: ag.log_softmax(None),
        lambda: ag.take(3.0, 0),
    ],
)
def test_a_number_in_place_of_a_list_is_named(call):
    with pytest.raises(DataTypeError, match="list of numbers"):
        call()


def test_numpy_arrays_and_scalars():
    x = np.array([1.0, 2.0, 3.0])
    for f in (lambda: ag.pow(x, 2), lambda: ag.pow(2.0, x), lambda: ag.pow(Value(2.0), x)):
        with pytest.raises(DataTypeError, match=r"\[f\(x\) for x in xs\]"):
            f()
    for f in (lambda: ag.tanh(x), lambda: ag.hypot(x, x), lambda: ag.maximum(x, 1.0)):
        with pytest.raises(DataTypeError, match=r"\[f\(x\) for x in xs\]"):
            f()
    assert ag.dot(x, x) == 14.0
    assert ag.dot([Value(1.0)] * 3, x).data == ag.dot(x, [Value(1.0)] * 3).data == 6.0
    assert ag.dot(np.array([]), np.array([])) == 0.0
    assert ag.pow(np.int64(2), np.float32(3)) == 8.0
    assert (ag.sum(x), ag.max(x), ag.norm(np.array([3, 4]))) == (6.0, 3.0, 5.0)
    assert [z.data for z in Value(2.0) ** x] == [2.0, 4.0, 8.0]
    assert [z.data for z in x ** Value(2.0)] == [1.0, 4.0, 9.0]
    assert [z.data for z in Value(5.0) % x] == [0.0, 1.0, 2.0]
    assert grad(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0
    assert grad(lambda a, b: a * b, [np.int64(1), np.int64(0)])(2.0, 3.0) == (2.0, 3.0)
    assert ag.hessian(ag.pow, np.int64(0))(3.0, 2) == 2.0


@pytest.mark.parametrize("f", [np.var, np.std, np.mean, np.ptp, np.median])
def test_numpy_s_statistics_of_values_have_gradients(f):
    xs = [Value(1.0), Value(2.0), Value(4.0)]
    z = f(xs)
    assert z.data == pytest.approx(f([1.0, 2.0, 4.0]), rel=1e-15)
    ag.check_gradients(lambda x, y: f([x, y, Value(4.0)]), 1.0, 2.0)


@pytest.mark.parametrize("f", [np.round, np.rint, np.around, np.floor, np.ceil, np.trunc])
def test_numpy_rounds_values_to_plain_numbers(f):
    found = f(np.array([Value(0.5), Value(1.5), Value(-2.25)]))
    assert found.tolist() == f([0.5, 1.5, -2.25]).tolist()
    with pytest.raises(CutGraphError, match=r"inside a derivative cuts the graph"):
        grad(lambda x: f(np.array([x]))[0] * x)(1.5)


@pytest.mark.parametrize("lines", ["DataFrame", "Series"])
def test_what_has_labels_is_told_in_one_line_with_what_to_write(lines):
    labelled = type(lines, (), {"iloc": None, "__repr__": lambda self: "a\n" * 99})()
    calls = [lambda: Value(labelled), lambda: ag.tanh(labelled), lambda: grad(ag.tanh)(labelled)]
    for call in calls:
        with pytest.raises(DataTypeError, match=rf"a {lines} .*\.to_numpy\(\)\.tolist\(\)") as e:
            call()
        assert "\n" not in str(e.value)


def warned(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        call()
    return [str(w.message) for w in found if w.category is CutGraphWarning]


class Instruction:
    """An instruction of an interpreter that `dis` reads in another way."""

    def __init__(self, opname, offset, arg, opcode=255):
        self.opname, self.offset, self.arg, self.opcode = opname, offset, arg, opcode
        self.argval = "unknown name"


W, B = Value(0.3), Value(0.7)
ZS = [W * 2.0, (1.0 + B) * 3.0]
KEPT = {"tanh": math.tanh, 1: math.exp}


class Keeps:
    of_the_class = math.tanh
    static = staticmethod(math.exp)

    def __init__(self):
        self.act, self.acts = math.sin, {"tanh": math.tanh}

    def calls(self, name):
        z = ZS[0]
        return self.act(z), self.of_the_class(z), self.static(z), self.acts[name](z)


def by_a_loop():
    return [t for t in map(math.tanh, ZS)]  # noqa: C416


def by_another_loop(f=math.tanh):
    found = []
    for t in map(f, ZS):
        found.append(t)
    x, _y = map(f, ZS)
    return found, x


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda: math.tanh(W * 2) * B, "autograd.tanh"),
        (lambda: math.exp((W + B) * 2.0), "autograd.exp"),
        (lambda: [math.sqrt(x * 2.0) for x in (W, B)], "autograd.sqrt"),
        (lambda: math.pow(W * 2.0, 2), "autograd.pow"),
        (lambda: math.hypot(W * 2.0, (1.0 + B) * 3), "autograd.hypot"),
        (lambda: math.fabs(W * -1.0), "autograd.abs"),
        (lambda: math.fsum([W * 2.0, B]), "autograd.sum"),
        (lambda: 1.0 / (1.0 + math.exp(-(W * 2.0 + 1.0))), "autograd.exp"),
        (lambda: math.tanh(ag.relu(ag.tanh(W * 2.0) * max(ZS))), "autograd.tanh"),
        (lambda: math.exp(ag.sum([z * w for z, w in zip(ZS, ZS, strict=True)])), "autograd.exp"),
        (lambda: math.hypot(*ZS), "autograd.hypot"),
        (lambda: math.dist(ZS, [0.0, 0.0]), "autograd.norm"),
        (lambda: math.fmod(W * 2.0, 2.0), "x % y"),
        (lambda: math.radians(W * 2.0), "math.pi / 180.0"),
        (lambda: math.gamma(B * 2.0), "autograd.primitive"),
        (lambda: list(map(math.tanh, ZS)), "autograd.tanh"),
        (lambda: [*map(math.tanh, ZS)], "autograd.tanh"),
        (lambda: list(map(math.atan2, ZS, ZS)), "autograd.atan2"),
        (lambda: sum(map(math.tanh, ZS), start=0.0), "autograd.tanh"),
        (lambda: min(map(math.tanh, ZS), key=abs, default=0.0), "autograd.tanh"),
        (lambda: sorted(map(math.tanh, ZS)), "autograd.tanh"),
        (lambda: list(map(math.tanh, reversed(ZS))), "autograd.tanh"),
        (lambda: dict(zip("ab", map(math.tanh, ZS), strict=True)), "autograd.tanh"),
        (lambda: sum(t for t in map(math.tanh, ZS)), "autograd.tanh"),
        (by_a_loop, "autograd.tanh"),
        (by_another_loop, "autograd.tanh"),
        (lambda: KEPT["tanh"](ZS[0]), "autograd.tanh"),
        (lambda: KEPT[1](ZS[0]), "autograd.exp"),
    ],
)
def test_a_function_of_math_that_cuts_the_graph_warns(call, advice):
    (message,) = set(warned(call))
    assert advice in message


def test_it_warns_where_the_function_was_kept():
    messages = warned(lambda: Keeps().calls("tanh"))
    assert [text.split()[0] for text in messages] == ["math.sin", "math.tanh", "math.exp"]


def test_it_warns_under_another_name_of_the_function_and_once_a_line():
    from math import tanh as t

    def act():
        for _ in range(3):
            t(W * 2.0)
        return math.cos(W * 1.0)

    assert len(warned(act)) == 2
    x = W * 2.0
    scope = {"x": x}
    assert len(warned(lambda: exec("from math import *\nz = tanh(x) + 1", scope))) == 1


@pytest.mark.parametrize(
    "understood",
    [
        lambda code: [],
        lambda code: 1 / 0,
        lambda code: [None],
        lambda code: [Instruction("CALL", place, None) for place in range(200)],
        lambda code: [Instruction("CALL", place, 9) for place in range(200)],
        lambda code: [Instruction("INVOKE_FAST", place, 1) for place in range(200)],
        lambda code: [Instruction("LOAD_GLOBAL", 0, 0), Instruction("CALL", 2, 0)],
        lambda code: [Instruction("WIDE_LOAD", 0, 1, 9999), Instruction("CALL", 2, 1)],
    ],
)
def test_instructions_that_are_not_understood_give_no_warning(monkeypatch, understood):
    monkeypatch.setattr(cuts.dis, "get_instructions", understood)
    program = compile("z = math.tanh(x) * 2.0", "unknown", "exec")
    scope = {"math": math, "x": W * 2.0, "unknown": math.sin}
    assert warned(lambda: exec(program, scope)) == []
    assert scope["z"] == 2.0 * math.tanh(0.6)


def test_reading_numbers_stays_silent():
    y = W * 2.0
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    def act():
        list(map(float, ZS)), list(map(math.tanh, [1.0])), list(map(float, ZS))
        sorted(ZS, key=math.tanh), list(map(math.tanh, map(float, ZS))), list(map(ag.tanh, ZS))
        [float(z) for z in ZS] + [t for t in map(math.tanh, [1.0])]  # noqa: C416
        math.copysign(1.0, y), math.frexp(y), math.isclose(y, 1.0), complex(y)
        list(map(math.tanh, [W, B])), min(map(float, ZS)), [math.tanh(z.data) for z in ZS]
        float(y), int(y), round(y, 2), f"{y:.3f}", str(y)
        math.floor(y), math.ceil(y), math.isfinite(y), math.isnan(y), math.tanh(y.data)
        math.tanh(float(y)), math.tanh(W), abs(y), ag.tanh(y), max(y, W), sorted([y, W])
        np.array([y, y], dtype=float), np.float64(y), np.tanh(float(y)), np.tanh(np.array([y]))
        figure, axes = pyplot.subplots()
        axes.plot([y, 2.0 * y], [y, y])
        figure.canvas.draw()
        pyplot.close(figure)

    assert warned(act) == []


def test_star_import_hides_no_error():
    scope = {}
    exec("from autograd import *", scope)
    assert scope["max"] is not builtins.max
    with pytest.raises(DataTypeError, match=r"builtins\.max"):
        exec("max(1, 2)", scope)
    assert sys.modules["autograd"] is ag


@pytest.mark.parametrize(
    "call",
    [
        "pow(base=2, exp=3)",
        "pow(2, exp=3)",
        "pow(2, 3, 5)",
        "pow(2, 3, mod=5)",
        "pow(1j, 2)",
        "abs(3 + 4j)",
        "abs('a')",
        "abs(-3, 4)",
        "max(['b', 'a'])",
        "max('abc')",
        "max(1, 2)",
        "max([(1, 2), (3, 4)])",
        "max([], default=0)",
        "max({'a': 1})",
        "max([True, False])",
        "min(key=len)",
        "min(['a'], key=len)",
        "min('a', 'b')",
        "sum([[1], [2]])",
        "sum([[1], [2]], [])",
        "sum([1, 2], start=3)",
        "sum([1j])",
        "sum([True, True])",
        "sum({1: 2})",
    ],
)
def test_a_call_of_python_s_own_function_is_told_where_that_is(call):
    """After a star import. Python's function takes the call, or refuses it by itself."""
    scope = {}
    exec("from autograd import *", scope)
    name = call.partition("(")[0]
    with pytest.raises(DataTypeError, match=rf"Python's own is builtins\.{name}: `from autograd "):
        eval(call, scope)
    with pytest.raises(DataTypeError) as of_a_value:
        eval("Value(2.0) ** 'a'", scope)
    assert "builtins" not in str(of_a_value.value)


def test_the_names_that_a_star_import_hides_are_known():
    assert set(ag.__all__) & set(dir(builtins)) == HIDDEN
