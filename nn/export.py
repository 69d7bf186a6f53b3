"""Ways out: a model as a PyTorch script, as safetensors, and as ONNX.

The tensors of a model have PyTorch's layout. A Layer at the path "layers.0" has
`layers.0.weight`, of n_out rows of n_in numbers, and `layers.0.bias`; an
Embedding has its rows as weight, a norm its gain as weight. The gates of a cell
are Layers. No way out writes a pickle.
"""

import re
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from autograd import Value
from autograd.errors import ArgumentError
from autograd.extending import load

from .files import StateError, write_whole
from .layers import MLP, Dropout, Embedding, Layer, LayerNorm, Neuron, RMSNorm, Sequential
from .module import Module
from .recurrent import GRU, LSTM, RNN, Each, Last, LSTMCell, RNNCell
from .training import predict

Tensors = dict[str, list[Any]]  # of numbers, or of rows of numbers, by name

# The gates of a cell in the order in which PyTorch stacks them.
TORCH_GATES: dict[type[Any], tuple[str, ...]] = {
    RNNCell: ("update",),
    LSTMCell: ("write", "forget", "candidate", "read"),
}

TORCH_ACTIVATIONS = {
    "relu": "torch.relu({})",
    "leaky_relu": "torch.nn.functional.leaky_relu({}, 0.01)",
    "elu": "torch.nn.functional.elu({})",
    "gelu": "torch.nn.functional.gelu({})",
    "silu": "torch.nn.functional.silu({})",
    "softplus": "torch.logaddexp({}, torch.tensor(0.0))",  # theirs is linear above 20
    "sigmoid": "torch.sigmoid({})",
    "log_sigmoid": "torch.nn.functional.logsigmoid({})",
    "tanh": "torch.tanh({})",
    "heaviside": "torch.heaviside({}, torch.tensor(0.0))",
    "softmax": "torch.softmax({}, -1)",
    "log_softmax": "torch.log_softmax({}, -1)",
}
TORCH_GRU = '''

class GRU(torch.nn.Module):
    """A GRU whose reset gate multiplies h; that of torch.nn.GRU multiplies W h + b."""

    def __init__(self, n_in, n_hidden, bias=True):
        super().__init__()
        self.reset = torch.nn.Linear(n_in + n_hidden, n_hidden, bias)
        self.update = torch.nn.Linear(n_in + n_hidden, n_hidden, bias)
        self.candidate = torch.nn.Linear(n_in + n_hidden, n_hidden, bias)

    def forward(self, xs):
        h = xs.new_zeros(*xs.shape[:-2], self.reset.out_features)
        outputs = []
        for x in xs.unbind(-2):
            r = torch.sigmoid(self.reset(torch.cat([x, h], -1)))
            z = torch.sigmoid(self.update(torch.cat([x, h], -1)))
            g = torch.tanh(self.candidate(torch.cat([x, r * h], -1)))
            h = z * h + (1 - z) * g
            outputs.append(h)
        return torch.stack(outputs, -2)
'''
TORCH_SCRIPT = '''"""A model of chainrule in PyTorch, with its weights.

{model}
"""

import torch

torch.set_default_dtype(torch.float64)
{classes}

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        {parts}

    def forward(self, x):
        {steps}
        return x


STATE = {{
{state}}}

net = Net()
net.load_state_dict({{name: torch.tensor(numbers) for name, numbers in STATE.items()}})
net.eval()

if __name__ == "__main__":
    example = torch.tensor({example})
    expected = torch.tensor({expected})
    with torch.no_grad():
        output = net(example)
    print("output", output.tolist())
    print("largest difference", float((output - expected).abs().max()))
'''

ONNX_ACTIVATIONS = {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softmax": "Softmax",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "softplus": "Softplus",
    "log_softmax": "LogSoftmax",
}
ONNX_DOUBLES = (None, "relu", "sigmoid", "tanh", "softmax")  # where onnxruntime has float64
OPSET, IR_VERSION = 17, 8  # of 2022, so that older runtimes read it


def tensors(model: Module) -> Tensors:
    """The parameters, one tensor a layer, as lists of Values by name.

    Raises:
        ArgumentError: A parameter belongs to no Layer, Neuron, Embedding or
            norm.

    Examples:
        >>> import nn
        >>> nn.export.tensors(nn.Layer(2, 1, init="constant"))
        {'weight': [[Value(data=1.0), Value(data=1.0)]], 'bias': [Value(data=0.0)]}
    """
    found: Tensors = {}
    known: set[int] = set()
    for path, module in model.named_modules():
        start = f"{path}." if path else ""
        parts = {} if id(module) in known else _own_tensors(module)
        found |= {start + name: tensor for name, tensor in parts.items()}
        if isinstance(module, Layer):
            known |= set(map(id, module.neurons))
    held = {id(p) for tensor in found.values() for p in _flat(tensor)}
    for path, p in model.named_parameters():
        if id(p) not in held:
            raise ArgumentError(
                f"{path!r} of {model!r} has no tensor: it belongs to no Layer, Neuron, "
                "Embedding or norm"
            )
    return found


def _own_tensors(module: Module) -> Tensors:
    """The tensors of a module itself, by their names in it."""
    if isinstance(module, Layer):
        neurons = module.neurons
        bias = [neuron.b for neuron in neurons if neuron.b is not None]
        return {
            "weight": [list(neuron.w) for neuron in neurons],
            **({"bias": bias} if bias else {}),
        }
    if isinstance(module, Neuron):
        return {"weight": [list(module.w)], **({"bias": [module.b]} if module.b else {})}
    if isinstance(module, Embedding):
        return {"weight": module.rows}
    if isinstance(module, RMSNorm):
        parts = {"weight": module.gain, "bias": getattr(module, "b", [])}
        return {name: part for name, part in parts.items() if part}
    return {}


def _flat(tensor: Any) -> Iterator[Any]:
    """The numbers of a tensor, row by row."""
    for part in tensor:
        if isinstance(part, list):
            yield from _flat(part)
        else:
            yield part


def _numbers(tensor: Any) -> Any:
    """A tensor of Values as one of floats."""
    return [_numbers(part) if isinstance(part, list) else float(part) for part in tensor]


def to_safetensors(model: Module, path: str | PathLike[str]) -> None:
    """Write the tensors of a model as a safetensors file of 64-bit floats.

    Raises:
        ArgumentError: As `tensors`.
        MissingDependencyError: safetensors or numpy is not installed.
        OSError: The file cannot be written.
    """
    numpy = load("numpy", "safetensors need")
    save = load("safetensors.numpy", "nn.export.to_safetensors needs").save
    arrays = {
        name: numpy.array(_numbers(tensor), dtype=numpy.float64)
        for name, tensor in tensors(model).items()
    }
    write_whole(path, save(arrays))


def from_safetensors(
    model: Module, path: str | PathLike[str], names: Mapping[str, str] | None = None
) -> None:
    """Set the parameters of a model to the tensors of a safetensors file.

    The names in the file are those of `tensors`, or PyTorch's own. Layers that
    differ only in a number, as those of a `torch.nn.Sequential` do, are matched
    in its order; others need `names`. A `torch.nn.LSTM` or `RNN` gives all its
    gates.

    Args:
        names: What a layer is called in the file, by its path in the model,
            such as `{"layers.0": "lstm", "layers.2": "head"}`.

    Raises:
        StateError: The tensors do not fit the model; nothing is changed. A
            `torch.nn.GRU` never fits: its reset gate multiplies W h + b, and
            that of `nn.GRU` multiplies h, so its weights would give other
            numbers.
        MissingDependencyError: safetensors or numpy is not installed.
        OSError: The file cannot be read.
    """
    load("numpy", "safetensors need")
    package = load("safetensors.numpy", "nn.export.from_safetensors needs")
    broken = load("safetensors", "nn.export.from_safetensors needs").SafetensorError
    try:
        arrays = package.load(Path(path).read_bytes())
        given = {name: array.astype(float).tolist() for name, array in arrays.items()}
    except (ValueError, TypeError, KeyError, broken) as error:
        raise StateError(f"{path} is no whole safetensors file: {error}") from error
    wanted = tensors(model)
    if names is not None or given.keys() != wanted.keys():
        given = _renamed(model, wanted, given, names)
    pairs: list[tuple[Value, float]] = []
    for name, tensor in wanted.items():
        if _shape(given[name]) != _shape(tensor):
            raise StateError(
                f"{name!r} has the shape {_shape(given[name])} in {path}, "
                f"and {_shape(tensor)} in the model"
            )
        pairs += zip(_flat(tensor), _flat(given[name]), strict=True)
    for p, number in pairs:
        p.data = number


def _shape(tensor: Any) -> list[int]:
    """The lengths of a tensor and of its rows."""
    return [len(tensor), *_shape(tensor[0])] if isinstance(tensor, list) else []


def _renamed(
    model: Module,
    wanted: Tensors,
    given: Tensors,
    names: Mapping[str, str] | None,
) -> Tensors:
    """The tensors of a file with PyTorch's names, under ours.

    Raises:
        StateError: They do not fit, or cannot be matched without `names`.
    """
    groups: dict[str, Tensors] = {}
    for name in sorted(given, key=_natural):
        group, _, part = name.rpartition(".")
        groups.setdefault(group, {})[part] = given[name]
    units = _units(model)
    if names is None:
        alike = {re.sub("[0-9]+", "0", group) for group in groups}
        if len(groups) != len(units) or len(alike) > 1:
            example = {next(iter(units), ""): next(iter(groups), "")}
            raise StateError(
                f"the file has {', '.join(groups)}, and the model has {', '.join(units)}: "
                f"say which is which, as in names={example}"
            )
        names = dict(zip(units, groups, strict=True))
    if names.keys() != units.keys() or set(names.values()) != groups.keys():
        raise StateError(
            f"names must pair {', '.join(units)} with {', '.join(groups)}, not {dict(names)}"
        )
    found: Tensors = {}
    for path, module in units.items():
        parts = groups[names[path]]
        start = f"{path}." if path else ""
        if isinstance(module, RNN):
            found |= _gates(module, start, parts)
        else:
            found |= {start + part: tensor for part, tensor in parts.items()}
    if found.keys() != wanted.keys():
        odd = sorted(found.keys() ^ wanted.keys())
        raise StateError(f"the file and the model differ in {', '.join(odd[:5])}")
    return found


def _units(model: Module) -> dict[str, Module]:
    """The modules that PyTorch has as one, by path: layers, and whole recurrent nets."""
    units: dict[str, Module] = {}
    inside: set[int] = set()
    for path, module in model.named_modules():
        if id(module) not in inside and (isinstance(module, RNN) or _own_tensors(module)):
            units[path] = module
            inside |= {id(part) for _, part in module.named_modules()}
    return units


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """A key that sorts "2.weight" before "10.weight"."""
    pieces = re.split("([0-9]+)", name)
    return [(p.isdigit(), int(p) if p.isdigit() else 0, p) for p in pieces]


def _gates(module: RNN, start: str, parts: Tensors) -> Tensors:
    """The tensors of a torch.nn.RNN or LSTM for the gates of ours.

    PyTorch stacks the gates of a layer, and has a bias for x and another for h,
    of which the sum counts.

    Raises:
        StateError: It is a GRU, or one of other sizes.
    """
    n = module.n_hidden
    found: Tensors = {}
    for k, cell in enumerate((module.cell, *module.upper)):
        of_x, of_h = parts.get(f"weight_ih_l{k}"), parts.get(f"weight_hh_l{k}")
        if of_x is None or of_h is None:
            raise StateError(
                f"layer {k} of {start.rstrip('.')!r} needs weight_ih_l{k} and weight_hh_l{k}"
            )
        if len(of_h) == 3 * len(of_h[0]):
            raise StateError(
                f"{start.rstrip('.')!r} is a torch.nn.GRU, whose reset gate multiplies W h + b, "
                "while that of nn.GRU multiplies h: its weights would give other numbers"
            )
        gates = TORCH_GATES.get(type(cell), ())
        if len(of_h) != len(gates) * n:
            raise StateError(
                f"layer {k} of {start.rstrip('.')!r} has {len(of_h)} rows of gates, "
                f"and {module!r} needs {len(gates) * n}"
            )
        rows = [x + h for x, h in zip(of_x, of_h, strict=True)]
        biases = [parts.get(f"bias_{side}_l{k}", []) for side in ("ih", "hh")]
        bias = [x + h for x, h in zip(*biases, strict=True)]
        where = f"{start}cell" if k == 0 else f"{start}upper.{k - 1}"
        for i, gate in enumerate(gates):
            found[f"{where}.{gate}.weight"] = rows[i * n : (i + 1) * n]
            if bias:
                found[f"{where}.{gate}.bias"] = bias[i * n : (i + 1) * n]
    return found


def to_torch(model: Module, path: str | PathLike[str], example: Any) -> None:
    """Write a Python script that is the model in PyTorch, and needs nothing else.

    `net` in the script has the same weights and gives the same numbers, within
    1e-12, for a row or for a batch of rows. Run by itself it answers for
    `example` and says how far that is from this model's answer. A GRU's cell is
    written out.

    Args:
        example: A row as the model takes it.

    Raises:
        ArgumentError: A part of the model is none that is known here: Layers,
            norms, Dropout, Embeddings, RNN, LSTM, GRU, Each and Last in a
            Sequential.
        OSError: The script cannot be written.
    """
    script = _Script()
    script.add(model)
    [expected] = predict(model, [example])
    given = example if script.takes_indices else _numbers([example])[0]
    text = TORCH_SCRIPT.format(
        model=repr(model).replace("\\", "/").replace('"', "'"),
        classes=TORCH_GRU if script.has_gru else "",
        parts="\n        ".join(script.parts) or "pass",
        steps="\n        ".join(script.steps),
        state="".join(
            f"    {name!r}: {_shown(tensor)},\n" for name, tensor in script.state.items()
        ),
        example=given,
        expected=expected,
    )
    write_whole(path, text.encode("utf-8"))


class _Script:
    """The lines of a PyTorch module, gathered part by part."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.steps: list[str] = []
        self.state: Tensors = {}
        self.takes_indices = False
        self.has_gru = False

    def add(self, module: Any) -> None:
        """Add a module and its weights. Raises ArgumentError for one that is unknown."""
        kind = type(module)
        if kind in (Sequential, MLP):
            for layer in module.layers:
                self.add(layer)
        elif kind is Each and not any(
            isinstance(m, (RNN, Last)) for _, m in module.named_modules()
        ):
            self.add(module.layer)
        elif kind is Last:
            self.steps.append("x = x[..., -1, :]")
        elif kind is Layer:
            self.add_layer(module)
        elif kind is Dropout:
            self.put("dropout", f"Dropout({module.p})", "{}(x)", {})
        elif kind is Embedding:
            self.takes_indices = self.takes_indices or not self.steps
            self.put("embedding", f"Embedding({module.n}, {module.dim})", "{}(x)", _own(module))
        elif kind is RMSNorm:
            made = (
                f"RMSNorm({module.n}, eps={module.eps!r}, elementwise_affine={bool(module.gain)})"
            )
            self.put("norm", made, "{}(x)", _own(module))
        elif kind is LayerNorm and bool(module.gain) >= bool(module.b):
            options = f"elementwise_affine={bool(module.gain)}, bias={bool(module.b)}"
            made = f"LayerNorm({module.n}, eps={module.eps!r}, {options})"
            self.put("norm", made, "{}(x)", _own(module))
        elif kind in (RNN, LSTM):
            self.add_recurrent(module)
        elif kind is GRU:
            self.has_gru = True
            for cell in (module.cell, *module.upper):
                weights = {name: _numbers(tensor) for name, tensor in tensors(cell).items()}
                made = f"GRU({cell.n_in}, {cell.n_hidden}, bias={'reset.bias' in weights})"
                self.put("gru", made, "{}(x)", weights, package="")
        else:
            raise ArgumentError(f"{module!r} is no part that a PyTorch script is known for")

    def add_layer(self, layer: Any) -> None:
        """Add a Layer as torch.nn.Linear and a function."""
        weights = _own(layer)
        if layer.activation is not None and layer.activation not in TORCH_ACTIVATIONS:
            raise ArgumentError(f"PyTorch has no known name for the activation of {layer!r}")
        function = TORCH_ACTIVATIONS[str(layer.activation)] if layer.activation else "{}"
        made = f"Linear({layer.n_in}, {layer.n_out}, bias={'bias' in weights})"
        self.put("layer", made, function.format("{}(x)"), weights)

    def add_recurrent(self, module: RNN) -> None:
        """Add an RNN or an LSTM, its gates stacked and its bias at the input."""
        weights: Tensors = {}
        for k, cell in enumerate((module.cell, *module.upper)):
            gates = [_own(getattr(cell, gate)) for gate in TORCH_GATES[type(cell)]]
            rows = [row for gate in gates for row in gate["weight"]]
            weights[f"weight_ih_l{k}"] = [row[: cell.n_in] for row in rows]
            weights[f"weight_hh_l{k}"] = [row[cell.n_in :] for row in rows]
            if "bias" in gates[0]:
                weights[f"bias_ih_l{k}"] = [b for gate in gates for b in gate["bias"]]
                weights[f"bias_hh_l{k}"] = [0.0] * len(rows)
        name = type(module).__name__
        options = f"num_layers={module.layers}, bias={'bias_ih_l0' in weights}, batch_first=True"
        made = f"{name}({module.n_in}, {module.n_hidden}, {options})"
        self.put(name.lower(), made, "{}(x)[0]", weights)

    def put(
        self, kind: str, made: str, step: str, weights: Tensors, package: str = "torch.nn."
    ) -> None:
        """Add a part, the step that calls it, and its weights."""
        name = f"{kind}{len(self.parts)}"
        self.parts.append(f"self.{name} = {package}{made}")
        self.steps.append(f"x = {step.format(f'self.{name}')}")
        self.state |= {f"{name}.{part}": tensor for part, tensor in weights.items()}


def _all(module: Module) -> list[Module]:
    """A module and all within it."""
    return [part for _, part in module.named_modules()]


def _own(module: Module) -> Tensors:
    """The tensors of a module itself as floats."""
    return {name: _numbers(tensor) for name, tensor in _own_tensors(module).items()}


def _shown(tensor: list[Any]) -> str:
    """A tensor as Python source, a row a line."""
    if not isinstance(tensor[0], list):
        return repr(tensor)
    return "[\n" + "".join(f"        {row},\n" for row in tensor) + "    ]"


def to_onnx(model: Module, path: str | PathLike[str]) -> None:
    """Write a feed-forward net as ONNX, from rows [batch, n_in] to [batch, n_out].

    Its numbers are 64-bit floats where onnxruntime computes with them, which is
    for linear Layers and for relu, sigmoid, tanh and softmax, else 32-bit
    floats.

    Raises:
        ArgumentError: The model is no Layer, MLP or Sequential of Layers and
            Dropout, or has another activation.
        MissingDependencyError: onnx or numpy is not installed.
        OSError: The file cannot be written.
    """
    helper = load("onnx.helper", "nn.export.to_onnx needs")
    numpy_helper = load("onnx.numpy_helper", "nn.export.to_onnx needs")
    numpy = load("numpy", "nn.export.to_onnx needs")
    layers: list[Any] = _feed_forward(model)
    double = all(layer.activation in ONNX_DOUBLES for layer in layers)
    kind, real = (11, numpy.float64) if double else (1, numpy.float32)  # TensorProto's numbers
    nodes, constants, x = [], [], "x"
    for i, layer in enumerate(layers):
        weights = _own(layer)
        inputs = [f"layer{i}.{name}" for name in weights]
        constants += [
            numpy_helper.from_array(numpy.array(tensor, dtype=real), name)
            for name, tensor in zip(inputs, weights.values(), strict=True)
        ]
        nodes.append(helper.make_node("Gemm", [x, *inputs], [f"z{i}"], transB=1))
        x = f"z{i}"
        if layer.activation is not None:
            options = {"axis": -1} if "softmax" in layer.activation else {}
            operator = ONNX_ACTIVATIONS[layer.activation]
            nodes.append(helper.make_node(operator, [x], [f"a{i}"], **options))
            x = f"a{i}"
    row = helper.make_tensor_value_info("x", kind, ["batch", layers[0].n_in])
    out = helper.make_tensor_value_info(x, kind, ["batch", layers[-1].n_out])
    graph = helper.make_graph(nodes, "net", [row], [out], constants, doc_string=repr(model))
    opsets = [helper.make_opsetid("", OPSET)]
    made = helper.make_model(
        graph, producer_name="chainrule", opset_imports=opsets, ir_version=IR_VERSION
    )
    write_whole(path, made.SerializeToString())


def _feed_forward(model: Any) -> list[Layer]:
    """The Layers of a feed-forward net, in order. Raises ArgumentError for another."""
    parts = [model] if type(model) is Layer else []
    if type(model) in (Sequential, MLP):
        parts = [part for part in model.layers if not isinstance(part, Dropout)]
    for part in parts:
        known = type(part) is Layer and part.activation in (None, *ONNX_ACTIVATIONS)
        if not known:
            raise ArgumentError(f"{part!r} has no known operator of ONNX")
    if not parts:
        raise ArgumentError(f"{model!r} is no feed-forward net: a Sequential of Layers")
    return parts
