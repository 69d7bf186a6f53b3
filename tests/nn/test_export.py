"""Models leave as PyTorch, safetensors and ONNX, and come back, with the same numbers.

The answers of PyTorch 2.13 are stored in tests/reference; scripts there wrote
them.
"""

import json
import re
import runpy
import subprocess
import sys
from math import inf, nan
from pathlib import Path
from types import SimpleNamespace

import pytest
from interruption import Script

import nn
from autograd import Value
from autograd.errors import ArgumentError
from nn import export

REFERENCE = Path(__file__).parents[1] / "reference"
exports = runpy.run_path(str(REFERENCE / "exports.py"))
MODELS = exports["models"]()
ANSWERS = json.loads((REFERENCE / "exports.json").read_text())
CELLS = (nn.RNNCell, nn.GRUCell, nn.LSTMCell)
TORCH_NETS = json.loads((REFERENCE / "torch_nets.json").read_text())


def close(expected):
    return pytest.approx(expected, rel=1e-12, abs=1e-12)


def flat(numbers):
    if isinstance(numbers, (list, tuple)):
        return [x for part in numbers for x in flat(part)]
    return [float(numbers)]


def answered(model, row):
    """What a model says to a row, and a cell to an input and a state."""
    return model(*row) if isinstance(model, CELLS) else nn.predict(model, [row])[0]


@pytest.mark.parametrize("name", MODELS)
def test_the_stored_answers_of_pytorch_are_those_of_the_model(name):
    output = answered(*MODELS[name])
    assert flat(output) == close(flat(ANSWERS[name]))


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (nn.Layer(2, 2, seed=0), [1.0, inf]),
        (nn.Layer(2, 2, bias=False, seed=0), [nan, -inf]),
        (nn.Neuron(2, seed=0), [-0.0, -inf]),
        (nn.RNNCell(1, 2, seed=0), ([inf], [nan, 1.0])),
        (nn.Embedding(3, 2, seed=0), 1),
        (nn.Each(nn.Embedding(3, 2, seed=0)), [2, 0]),
    ],
)
def test_a_script_writes_infinities_and_nan_as_python_reads_them(model, example, tmp_path):
    for p, x in zip(model.parameters(), (inf, -inf, nan), strict=False):
        p.data = x
    export.to_torch(model, tmp_path / "net.py", example)
    text = (tmp_path / "net.py").read_text()
    [state] = re.findall(r"^STATE = (.*?)^}", text, flags=re.M | re.S)
    found = eval(state + "}", {"__builtins__": {"float": float}})
    assert {"inf", "-inf", "nan"} <= {repr(x) for tensor in found.values() for x in flat(tensor)}
    [given] = re.findall("    example = (.*)", text)
    [expected] = re.findall("    expected = (.*)", text)
    scope = {"__builtins__": {"float": float}, "torch": SimpleNamespace(tensor=lambda x: x)}
    assert repr(flat(eval(given, scope))) == repr(flat(example))
    assert repr(flat(eval(expected, scope))) == repr(flat(answered(model, example)))


@pytest.mark.parametrize("kind", ["int64", "float32"])
def test_a_script_writes_numbers_of_numpy_plainly(kind, tmp_path):
    numpy = pytest.importorskip("numpy")
    indices = [numpy.int64(1), numpy.int64(0)]
    export.to_torch(nn.Each(nn.Embedding(2, 1, seed=0)), tmp_path / "net.py", indices)
    assert "torch.tensor([1, 0])" in (tmp_path / "net.py").read_text()
    export.to_torch(nn.Layer(2, 1, seed=0), tmp_path / "net.py", numpy.ones(2, dtype=kind))
    assert "torch.tensor([1.0, 1.0])" in (tmp_path / "net.py").read_text()


@pytest.mark.parametrize("name", MODELS)
def test_a_script_has_the_weights_bit_for_bit_and_is_python(name, tmp_path):
    model, row = MODELS[name]
    export.to_torch(model, tmp_path / "net.py", row)
    text = (tmp_path / "net.py").read_text()
    compile(text, "net.py", "exec")
    assert "pickle" not in text
    for p in model.parameters():
        assert repr(p.data) in text


def test_a_script_can_be_read(tmp_path):
    model = nn.MLP(2, [2, 1], "tanh", init="constant")
    export.to_torch(model, tmp_path / "net.py", [0.5, -1.0])
    text = (tmp_path / "net.py").read_text()
    assert "self.layer0 = torch.nn.Linear(2, 2, bias=True)" in text
    assert "x = torch.tanh(self.layer0(x))\n        x = self.layer1(x)\n" in text
    assert "'layer0.bias': [0.0, 0.0]," in text


def test_a_gru_s_cell_is_written_out(tmp_path):
    export.to_torch(nn.GRU(1, 2, seed=0), tmp_path / "net.py", [[1.0]])
    text = (tmp_path / "net.py").read_text()
    assert "torch.nn.GRU(" not in text
    assert "g = torch.tanh(self.candidate(torch.cat([x, r * h], -1)))" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_script_runs_by_itself_and_gives_the_same_numbers(name, tmp_path):
    pytest.importorskip("torch")
    model, row = MODELS[name]
    export.to_torch(model, tmp_path / "net.py", row)
    done = subprocess.run(
        [sys.executable, "net.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert float(done.stdout.split()[-1]) <= 1e-12


def test_every_module_of_nn_has_a_script():
    """Of each public class there is a model that is one, or that holds one."""
    parts = {type(part) for model, _ in MODELS.values() for _, part in model.named_modules()}
    public = [getattr(nn, name) for name in nn.__all__]
    modules = {x for x in public if isinstance(x, type) and issubclass(x, nn.Module)}
    assert modules - parts == {nn.Module}


def test_a_gpt_s_script_can_be_read(tmp_path):
    model = nn.GPT(5, 4, 2, block_size=3, seed=0)
    export.to_torch(model, tmp_path / "net.py", [4, 0])
    text = (tmp_path / "net.py").read_text()
    assert (
        "        x = self.tokens0(x) + self.positions1(torch.arange(x.shape[-1]))\n"
        "        x = self.norm2(x)\n"
        "        x = self.block3(x)\n"
        "        x = self.layer4(x)\n"
        "        return x\n"
    ) in text
    assert "example = [torch.tensor([4, 0])]" in text
    assert text.index("class Attention(") < text.index("class Block(") < text.index("class Net(")
    assert "class GRU" not in text


class Own(nn.Module):
    def __init__(self):
        self.scale = Value(1.0)

    def forward(self, x):
        return [self.scale * u for u in x]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Own(), "is no part that a PyTorch script is known for"),
        (nn.Sequential(nn.Each(nn.Last())), "is no part that a PyTorch script is known for"),
        (nn.Sequential(nn.Each(nn.GPT(2))), "in Each those that read one step"),
        (nn.Sequential(nn.LSTMCell(1, 1)), "is no part that a PyTorch script is known for"),
        (nn.Layer(1, 1, "sin"), "no known name for the activation"),
        (nn.Block(2, 1, activation="sin"), "no known name for the activation"),
    ],
)
def test_what_has_no_script_is_refused_and_writes_nothing(model, message, tmp_path):
    with pytest.raises(ArgumentError, match=message):
        export.to_torch(model, tmp_path / "net.py", [1.0])
    assert list(tmp_path.iterdir()) == []


def test_a_neuron_s_bias_of_zero_is_a_tensor_too():
    assert export.tensors(nn.Neuron(1, init="constant"))["bias"][0].data == 0.0
    assert list(export.tensors(nn.Neuron(1, bias=False))) == ["weight"]


def test_tensors_have_the_layout_of_pytorch():
    layer = nn.Layer(2, 3, seed=0)
    found = export.tensors(nn.Sequential(layer, nn.LayerNorm(3)))
    assert list(found) == ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    assert found["layers.0.weight"] == [list(neuron.w) for neuron in layer.neurons]
    assert found["layers.0.bias"][2] is layer.neurons[2].b
    with pytest.raises(ArgumentError, match=r"'scale' of .* has no tensor"):
        export.tensors(Own())


@pytest.mark.parametrize("name", MODELS)
def test_safetensors_come_back_bit_for_bit(name, tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    model, _ = MODELS[name]
    export.to_safetensors(model, tmp_path / "net.safetensors")
    state = model.state_dict()
    arrays = numpy.load_file(tmp_path / "net.safetensors")
    assert {str(array.dtype) for array in arrays.values()} <= {"float64"}
    for p in model.parameters():
        p.data = 0.0
    export.from_safetensors(model, tmp_path / "net.safetensors")
    assert model.state_dict() == state


@pytest.mark.parametrize(
    ("name", "model", "names"),
    [
        ("mlp", nn.MLP(2, [3, 3, 2], "tanh"), None),
        (
            "lstm",
            nn.Sequential(nn.LSTM(2, 3, layers=2), nn.Last(), nn.Layer(3, 2)),
            {"layers.0": "reader", "layers.2": "head"},
        ),
        (
            "rnn",
            nn.Sequential(nn.RNN(2, 3), nn.Last(), nn.Layer(3, 2)),
            {"layers.0": "reader", "layers.2": "head"},
        ),
    ],
)
def test_weights_of_pytorch_give_the_numbers_of_pytorch(name, model, names):
    pytest.importorskip("safetensors")
    row, answer = TORCH_NETS[name]
    export.from_safetensors(model, REFERENCE / f"torch_{name}.safetensors", names)
    [output] = nn.predict(model, [row])
    assert output == close(answer)


@pytest.mark.parametrize(
    ("name", "model", "names", "message"),
    [
        (
            "gru",
            nn.Sequential(nn.GRU(2, 3), nn.Last(), nn.Layer(3, 2)),
            {"layers.0": "reader", "layers.2": "head"},
            r"torch\.nn\.GRU, whose reset gate multiplies W h \+ b, while that of nn\.GRU",
        ),
        (
            "lstm",
            nn.Sequential(nn.LSTM(2, 3, layers=2), nn.Last(), nn.Layer(3, 2)),
            None,
            r"has head, reader, and the model has layers\.0, layers\.2: .* names=\{'layers\.0'",
        ),
        (
            "lstm",
            nn.Sequential(nn.LSTM(2, 3), nn.Last(), nn.Layer(3, 2)),
            {"layers.0": "head", "layers.2": "reader"},
            "needs weight_ih_l0",
        ),
        ("mlp", nn.MLP(2, [3, 2]), None, r"has 0, 2, 4, and the model has layers\.0, layers\.1"),
        ("mlp", nn.MLP(2, [4, 3, 2]), None, r"'layers\.0\.weight' has the shape \[3, 2\]"),
        ("mlp", nn.MLP(2, [3, 3, 2]), {"layers.0": "0"}, "names must pair"),
    ],
)
def test_weights_that_do_not_fit_change_nothing(name, model, names, message):
    pytest.importorskip("safetensors")
    before = model.state_dict()
    with pytest.raises(nn.StateError, match=message):
        export.from_safetensors(model, REFERENCE / f"torch_{name}.safetensors", names)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("weight_ih_l0_reverse", [12, 2], "no place for weight_ih_l0_reverse of the file"),
        ("weight_hh_l1", [12, 3], "no place for weight_hh_l1 of the file"),
        ("bias_hh_l0", None, "layer 0 of '' needs bias_hh_l0"),
        ("weight_hh_l0", None, "layer 0 of '' needs weight_hh_l0"),
        ("weight_ih_l0", [11, 2], r"weight_ih_l0 has the shape \[11, 2\] .* needs \[12, 2\]"),
        ("weight_ih_l0", [12, 2, 1], r"weight_ih_l0 has the shape \[12, 2, 1\]"),
        ("weight_hh_l0", [], r"weight_hh_l0 has the shape \[\]"),
        ("weight_hh_l0", [9, 3], r"torch\.nn\.GRU"),
        ("bias_ih_l0", [0], r"bias_ih_l0 has the shape \[0\]"),
        ("bias_ih_l0", [12, 1], r"bias_ih_l0 has the shape \[12, 1\]"),
    ],
)
def test_all_of_a_recurrent_net_is_taken_or_nothing(name, shape, message, tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    numpy = pytest.importorskip("numpy")
    shapes = {"weight_ih_l0": [12, 2], "weight_hh_l0": [12, 3]}
    shapes |= {"bias_ih_l0": [12], "bias_hh_l0": [12]}
    path, net = tmp_path / "lstm.safetensors", nn.LSTM(2, 3, seed=0)
    path.write_bytes(package.save({key: numpy.ones(x) for key, x in shapes.items()}))
    export.from_safetensors(net, path)
    assert net.cell.forget.neurons[0].b.data == 2.0
    before = net.state_dict()
    shapes[name] = shape
    given = {key: numpy.zeros(x) for key, x in shapes.items() if x is not None}
    path.write_bytes(package.save(given))
    with pytest.raises(nn.StateError, match=message):
        export.from_safetensors(net, path)
    assert net.state_dict() == before


def test_a_tensor_of_another_type_or_of_no_numbers_is_named(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "net.safetensors"
    path.write_bytes(package.save({"weight": numpy.ones((1, 1)), "bias": numpy.ones(0)}))
    with pytest.raises(nn.StateError, match=r"'bias' has the shape \[0\]"):
        export.from_safetensors(nn.Layer(1, 1), path)
    header = b'{"weight": {"dtype": "BF16", "shape": [1, 1], "data_offsets": [0, 2]}}'
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\x80\x3f")
    with pytest.raises(nn.StateError, match="numbers of the type 'BF16', which NumPy lacks"):
        export.from_safetensors(nn.Layer(1, 1), path)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (("complex64", "float32"), "'weight' holds numbers of the type complex64, .* as float32"),
        (("float32", "complex64"), "'bias' holds numbers of the type complex64"),
        (("bool", "float64"), "'weight' holds numbers of the type bool"),
        ((None, None), "it holds no tensors"),
        ((None, "float32"), "the file and the model differ in weight"),
        (("float16", "uint64"), None),
        (("int8", "float32"), None),
    ],
)
def test_numbers_that_are_no_floats_are_refused_and_the_file_is_named(kinds, message, tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    numpy = pytest.importorskip("numpy")
    path, layer = tmp_path / "net.safetensors", nn.Layer(2, 1, seed=0)
    shapes = {"weight": (1, 2), "bias": (1,)}
    given = {
        name: numpy.ones(shape, dtype=kind)
        for (name, shape), kind in zip(shapes.items(), kinds, strict=True)
        if kind is not None
    }
    path.write_bytes(package.save(given))
    before = layer.state_dict()
    if message is None:
        export.from_safetensors(layer, path)
        assert list(layer.state_dict().values()) == [1.0, 1.0, 1.0]
        return
    with pytest.raises(nn.StateError, match=f"^{re.escape(str(path))}: {message}"):
        export.from_safetensors(layer, path)
    assert layer.state_dict() == before


def test_a_damaged_file_is_refused(tmp_path):
    pytest.importorskip("safetensors")
    for content in (b"", b"\x80\x04K\x01.", b"\xff" * 100):
        (tmp_path / "net.safetensors").write_bytes(content)
        with pytest.raises(nn.StateError, match="is no whole safetensors file"):
            export.from_safetensors(nn.Layer(1, 1), tmp_path / "net.safetensors")


@pytest.mark.filterwarnings("ignore")  # of onnxruntime, about devices
@pytest.mark.parametrize(
    ("activation", "output", "error"),
    [
        ("relu", None, 1e-12),
        ("tanh", "sigmoid", 1e-12),
        ("sigmoid", "softmax", 1e-12),
        ("leaky_relu", None, 1e-5),
        ("elu", "log_softmax", 1e-5),
        ("softplus", None, 1e-5),
    ],
)
def test_onnxruntime_gives_the_same_numbers(activation, output, error, tmp_path):
    numpy, onnx = pytest.importorskip("numpy"), pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    model = nn.MLP(3, [8, 8, 2], activation, output, seed=0)
    export.to_onnx(model, tmp_path / "net.onnx")
    onnx.checker.check_model(onnx.load(tmp_path / "net.onnx"), full_check=True)
    session = runtime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()
    assert given.type == ("tensor(double)" if error == 1e-12 else "tensor(float)")
    rows = [[0.5, -1.25, 2.0], [3.0, 0.0, -0.125]]
    kind = numpy.float64 if error == 1e-12 else numpy.float32
    [found] = session.run(None, {"x": numpy.array(rows, dtype=kind)})
    assert flat(found.tolist()) == pytest.approx(
        flat(nn.predict(model, rows)), rel=error, abs=error
    )


@pytest.mark.parametrize(
    "model",
    [
        nn.LSTM(1, 2),
        nn.Layer(1, 1, "gelu"),
        nn.Sequential(nn.LayerNorm(2)),
        nn.GPT(3),
        nn.Neuron(1),
        nn.Dropout(),
        nn.Sequential(nn.Dropout()),
        Own(),
    ],
)
def test_what_has_no_onnx_is_refused(model, tmp_path):
    pytest.importorskip("onnx")
    with pytest.raises(ArgumentError, match=r"cannot be written as ONNX, which is for feed-for"):
        export.to_onnx(model, tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_the_need_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match="pip install onnx"):
        export.to_onnx(nn.Layer(1, 1), tmp_path / "net.onnx")


def test_an_interrupted_reading_of_safetensors_leaves_all_as_before_or_as_after(tmp_path):
    pytest.importorskip("safetensors")
    file = tmp_path / "net.safetensors"
    export.to_safetensors(other := nn.Layer(2, 2, seed=1), file)
    model = nn.Layer(2, 2, seed=0)
    before, after = model.state_dict(), other.state_dict()
    read = lambda: export.from_safetensors(model, file)  # noqa: E731
    read()
    script = Script(read, (export.__file__,))
    for place in script.places:
        model.load_state_dict(before)
        assert script.interrupt(place)
        assert model.state_dict() in (before, after)
    assert len(script.places) > 200
