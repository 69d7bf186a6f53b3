"""Ways out: a model as a PyTorch script, as safetensors, and as ONNX.

The tensors of a model have PyTorch's layout. A Layer at the path "layers.0" has
`layers.0.weight`, of n_out rows of n_in numbers, and `layers.0.bias`; an
Embedding has its rows as weight, a norm its gain as weight. The gates of a cell
are Layers. No way out writes a pickle.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from numbers import Integral
from os import PathLike
from typing import TYPE_CHECKING, Any

from autograd import Value, no_grad
from autograd.errors import ArgumentError, DataTypeError
from autograd.extending import assign, elsewhere, load, path_of, told, write_whole

from .arguments import names_checked
from .attention import GPT, Block, MultiHeadAttention
from .data.checks import is_sequence
from .files import StateError, content_of, told_of
from .layers import MLP, Dropout, Embedding, Layer, LayerNorm, Neuron, RMSNorm, Sequential
from .module import Module, check_model
from .recurrent import (
    GRU,
    LSTM,
    RNN,
    Cell,
    Each,
    EncoderDecoder,
    GRUCell,
    Last,
    LSTMCell,
    RNNCell,
)
from .training import predict

__all__ = ["from_safetensors", "tensors", "to_onnx", "to_safetensors", "to_torch"]

Tensors = dict[str, list[Any]]  # of numbers, or of rows of numbers, by name

# What takes a whole sequence, so that it cannot stand in Each.
WHOLE_SEQUENCE = (RNN, Last, EncoderDecoder, MultiHeadAttention, Block, GPT)

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
# The parts that PyTorch has not, or has with other formulas, as classes of a
# script, with the classes that they need.
TORCH_CLASSES = {
    "GRUCell": '''class GRUCell(torch.nn.Module):
    """A GRU whose reset gate multiplies h; that of torch.nn.GRU multiplies W h + b."""

    def __init__(self, n_in, n_hidden, bias=True):
        super().__init__()
        self.reset = torch.nn.Linear(n_in + n_hidden, n_hidden, bias)
        self.update = torch.nn.Linear(n_in + n_hidden, n_hidden, bias)
        self.candidate = torch.nn.Linear(n_in + n_hidden, n_hidden, bias)

    def forward(self, x, h):
        r = torch.sigmoid(self.reset(torch.cat([x, h], -1)))
        z = torch.sigmoid(self.update(torch.cat([x, h], -1)))
        g = torch.tanh(self.candidate(torch.cat([x, r * h], -1)))
        return z * h + (1 - z) * g
''',
    "GRU": '''class GRU(torch.nn.Module):
    """GRUCells over a sequence, from zeros."""

    def __init__(self, n_in, n_hidden, bias=True):
        super().__init__()
        self.cell = GRUCell(n_in, n_hidden, bias)

    def forward(self, xs):
        h = xs.new_zeros(*xs.shape[:-2], self.cell.reset.out_features)
        outputs = []
        for x in xs.unbind(-2):
            h = self.cell(x, h)
            outputs.append(h)
        return torch.stack(outputs, -2)
''',
    "Decoder": '''class Decoder(torch.nn.Module):
    """From a state to a sequence: each output is made from the one before."""

    def __init__(self, n_hidden, n_out, steps):
        super().__init__()
        self.cell = GRUCell(n_out, n_hidden)
        self.layer = torch.nn.Linear(n_hidden, n_out)
        self.steps = steps

    def forward(self, h):
        x = h.new_zeros(*h.shape[:-1], self.layer.out_features)
        outputs = []
        for _ in range(self.steps):
            h = self.cell(x, h)
            x = self.layer(h)
            outputs.append(x)
        return torch.stack(outputs, -2)
''',
    "Attention": '''class Attention(torch.nn.Module):
    """Several heads of scaled dot-product attention, and a projection."""

    def __init__(self, n_embd, n_head, causal=True, bias=True, dropout=0.0):
        super().__init__()
        self.n_head, self.causal, self.dropout = n_head, causal, dropout
        self.query = torch.nn.Linear(n_embd, n_embd, bias)
        self.key = torch.nn.Linear(n_embd, n_embd, bias)
        self.value = torch.nn.Linear(n_embd, n_embd, bias)
        self.projection = torch.nn.Linear(n_embd, n_embd, bias)

    def heads(self, xs):
        return xs.unflatten(-1, (self.n_head, -1)).transpose(-3, -2)

    def forward(self, xs):
        found = torch.nn.functional.scaled_dot_product_attention(
            self.heads(self.query(xs)),
            self.heads(self.key(xs)),
            self.heads(self.value(xs)),
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal,
        )
        return self.projection(found.transpose(-3, -2).flatten(-2))
''',
    "Block": '''class Block(torch.nn.Module):
    """Attention, then a net for each position. Each reads the stream behind a norm."""

    def __init__(self, n_embd, n_head, norm, activation, bias=True, dropout=0.0):
        super().__init__()
        self.norm1, self.norm2 = norm(), norm()
        self.attention = Attention(n_embd, n_head, True, bias, dropout)
        self.up = torch.nn.Linear(n_embd, 4 * n_embd, bias)
        self.activation = activation
        self.down = torch.nn.Linear(4 * n_embd, n_embd, bias)
        self.drop = torch.nn.Dropout(dropout)

    def forward(self, x):
        x = x + self.drop(self.attention(self.norm1(x)))
        return x + self.drop(self.down(self.activation(self.up(self.norm2(x)))))
''',
}
TORCH_NEEDS = {"GRU": ("GRUCell",), "Decoder": ("GRUCell",), "Block": ("Attention",)}
TORCH_SCRIPT = '''"""A model of chainrule in PyTorch, with its weights.

{model}
"""

import torch

torch.set_default_dtype(torch.float64)


{classes}class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        {parts}

    def forward(self, {inputs}):
        {steps}
        return x


STATE = {{
{state}}}

net = Net()
net.load_state_dict({{name: torch.tensor(numbers) for name, numbers in STATE.items()}})
net.eval()

if __name__ == "__main__":
    example = {example}
    expected = torch.tensor({expected})
    with torch.no_grad():
        output = net(*example)
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
NO_ONNX = (
    "cannot be written as ONNX, which is for feed-forward nets: a Layer, an MLP, or a Sequential "
    f"of Layers and Dropout, with the activations {', '.join(ONNX_ACTIVATIONS)} or none. "
    "to_torch and to_safetensors take all of nn's models"
)
OPSET, IR_VERSION = 17, 8  # of 2022, so that older runtimes read it


@names_checked
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
    check_model(model)
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
        return {
            "weight": [list(module.w)],
            **({"bias": [module.b]} if module.b is not None else {}),
        }
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
    return [_numbers(part) if is_sequence(part) else float(part) for part in tensor]


@names_checked
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
    write_whole(path_of(path), save(arrays))


@names_checked
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
    check_model(model)
    if names is not None and not isinstance(names, Mapping):
        raise DataTypeError(f"names is a mapping from paths to names, not {told(names)}")
    load("numpy", "safetensors need")
    package = load("safetensors.numpy", "nn.export.from_safetensors needs")
    broken = load("safetensors", "nn.export.from_safetensors needs").SafetensorError
    content = content_of(path)
    with told_of(str(path)):
        try:
            arrays = package.load(content)
        except KeyError as error:  # the name of a type
            raise StateError(
                f"it has numbers of the type {error}, which NumPy lacks: save them as float32"
            ) from error
        except (ValueError, TypeError, broken) as error:
            raise StateError(f"it is no whole safetensors file: {error}") from error
        for name, array in arrays.items():
            if array.dtype.kind not in "fiu":
                raise StateError(
                    f"{told(name)} holds numbers of the type {array.dtype}, and a parameter is a "
                    "float: save it as float32 or float64"
                )
        assign(*_placed(model, {x: y.astype(float).tolist() for x, y in arrays.items()}, names))


def _placed(
    model: Module, given: Tensors, names: Mapping[str, str] | None
) -> tuple[list[Value], list[float]]:
    """The parameters of a model and the numbers that the tensors of a file give them.

    Raises:
        StateError: They do not fit.
    """
    wanted = tensors(model)
    if names is not None or given.keys() != wanted.keys():
        given = _renamed(model, wanted, given, names)
    parameters: list[Value] = []
    numbers: list[float] = []
    for name, tensor in wanted.items():
        if _shape(given[name]) != _shape(tensor):
            raise StateError(
                f"{name!r} has the shape {_shape(given[name])} in the file, "
                f"and {_shape(tensor)} in the model"
            )
        parameters += _flat(tensor)
        numbers += _flat(given[name])
    return parameters, numbers


def _shape(tensor: Any) -> list[int]:
    """The lengths of a tensor and of its rows."""
    if not isinstance(tensor, list):
        return []
    return [len(tensor), *(_shape(tensor[0]) if tensor else [])]


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
    if not given:
        raise StateError("it holds no tensors")
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
        StateError: It is a GRU, one of other sizes, or one of more layers or directions.
    """
    n = module.n_hidden
    left, found = dict(parts), {}
    for k, cell in enumerate((module.cell, *module.upper)):
        gates = TORCH_GATES.get(type(cell), ())
        shapes = {"weight_ih": [len(gates) * n, cell.n_in], "weight_hh": [len(gates) * n, n]}
        if f"bias_ih_l{k}" in left or f"bias_hh_l{k}" in left:
            shapes |= {name: [len(gates) * n] for name in ("bias_ih", "bias_hh")}
        lacking = [f"{name}_l{k}" for name in shapes if f"{name}_l{k}" not in left]
        if lacking:
            raise StateError(f"layer {k} of {start.rstrip('.')!r} needs {' and '.join(lacking)}")
        own = {name: left.pop(f"{name}_l{k}") for name in shapes}
        rows, *columns = _shape(own["weight_hh"]) or [0]
        if columns and rows == 3 * columns[0]:
            raise StateError(
                f"{start.rstrip('.')!r} is a torch.nn.GRU, whose reset gate multiplies W h + b, "
                "while that of nn.GRU multiplies h: its weights would give other numbers"
            )
        for name, shape in shapes.items():
            if _shape(own[name]) != shape:
                raise StateError(
                    f"{start}{name}_l{k} has the shape {_shape(own[name])} in the file, "
                    f"and {module!r} needs {shape}"
                )
        weights = [x + h for x, h in zip(own["weight_ih"], own["weight_hh"], strict=True)]
        bias = [x + h for x, h in zip(own.get("bias_ih", ()), own.get("bias_hh", ()), strict=True)]
        where = f"{start}cell" if k == 0 else f"{start}upper.{k - 1}"
        for i, gate in enumerate(gates):
            found[f"{where}.{gate}.weight"] = weights[i * n : (i + 1) * n]
            if bias:
                found[f"{where}.{gate}.bias"] = bias[i * n : (i + 1) * n]
    if left:
        raise StateError(f"{module!r} has no place for {', '.join(left)} of the file")
    return found


@names_checked
def to_torch(model: Module, path: str | PathLike[str], example: Any) -> None:
    """Write a Python script that is the model in PyTorch, and needs nothing else.

    `net` in the script has the same weights and gives the same numbers, within
    1e-12, for a row or for a batch of rows. Run by itself it answers for
    `example` and says how far that is from this model's answer. What PyTorch
    computes by other formulas, such as a GRU's cell, is written out. Masks for
    padding are left out.

    Args:
        path: Where the script goes.
        example: A row as the model takes it; for a cell the input and the
            state, as (x, state). The answer of an LSTMCell is [h, c].

    Raises:
        ArgumentError: A part of the model is none of nn's own, an activation
            is unknown to PyTorch, a part that reads a whole sequence stands in
            Each, or a cell in another model.
        OSError: The script cannot be written.
    """
    check_model(model)
    script = _Script()
    if isinstance(model, Cell):
        script.add_cell(model)
        with no_grad():
            expected = _numbers(list(model(*example)))
        inputs = example
    else:
        script.add(model)
        [expected] = predict(model, [example])
        inputs = [example]
    given = inputs if script.takes_indices else _numbers(list(inputs))
    text = TORCH_SCRIPT.format(
        model=repr(model).replace("\\", "/").replace('"', "'"),
        classes="".join(f"{TORCH_CLASSES[name]}\n\n" for name in script.classes()),
        inputs="x, state" if isinstance(model, Cell) else "x",
        parts="\n        ".join(script.parts) or "pass",
        steps="\n        ".join(script.steps),
        state="".join(
            f"    {name!r}: {_shown(tensor)},\n" for name, tensor in script.state.items()
        ),
        example=f"[{', '.join(f'torch.tensor({_written(x)})' for x in given)}]",
        expected=_written(expected),
    )
    write_whole(path_of(path), text.encode("utf-8"))


class _Script:
    """The lines of a PyTorch module, gathered part by part."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.steps: list[str] = []
        self.state: Tensors = {}
        self.takes_indices = False
        self._classes: set[str] = set()

    def classes(self) -> list[str]:
        """Return the names of the classes that the script defines, in their order."""
        needed = {name for own in self._classes for name in TORCH_NEEDS.get(own, ())}
        return [name for name in TORCH_CLASSES if name in self._classes | needed]

    def add(self, module: Any) -> None:
        """Add a module and its weights. Raises ArgumentError for one that is unknown."""
        kind = type(module)
        if kind in (Sequential, MLP):
            for layer in module.layers:
                self.add(layer)
        elif kind is Each and not any(
            isinstance(part, WHOLE_SEQUENCE) for _, part in module.named_modules()
        ):
            self.add(module.layer)
        elif kind is Last:
            self.steps.append("x = x[..., -1, :]")
        elif kind is Layer:
            self.add_layer(module)
        elif kind is Neuron:
            self.add_layer(module)
            self.steps.append("x = x.squeeze(-1)")
        elif kind is Dropout:
            self.put("dropout", f"torch.nn.Dropout({module.p})", "{}(x)", {})
        elif kind is Embedding:
            self.takes_indices = self.takes_indices or not self.steps
            self.put("embedding", _embedding(module), "{}(x)", _own(module))
        elif made := _norm(module):
            self.put("norm", made, "{}(x)", _norm_tensors(module))
        elif kind in (RNN, LSTM):
            self.add_recurrent(module)
        elif kind is GRU:
            for cell in (module.cell, *module.upper):
                weights = _within("cell.", cell)
                made = f"GRU({cell.n_in}, {cell.n_hidden}, bias={'cell.reset.bias' in weights})"
                self.put_own("gru", made, "{}(x)", weights)
        elif kind is EncoderDecoder:
            self.add(module.encoder)
            self.steps.append("x = x[..., -1, :]")
            made = f"Decoder({module.n_hidden}, {module.n_out}, {module.steps})"
            weights = _within("cell.", module.decoder) | _within("layer.", module.layer)
            self.put_own("decoder", made, "{}(x)", weights)
        elif kind is MultiHeadAttention:
            made = (
                f"Attention({module.n_embd}, {module.n_head}, causal={module.causal}, "
                f"bias={module.bias}, dropout={module.dropout})"
            )
            self.put_own("attention", made, "{}(x)", _attention(module))
        elif kind is Block:
            self.add_block(module)
        elif kind is GPT:
            self.add_gpt(module)
        else:
            raise ArgumentError(
                f"{module!r} is no part that a PyTorch script is known for: these are nn's own "
                "classes, in Each those that read one step"
            )

    def add_layer(self, layer: Any) -> None:
        """Add a Layer or a Neuron as torch.nn.Linear and a function."""
        weights = _own(layer)
        n_out = len(weights["weight"])
        made = f"torch.nn.Linear({layer.n_in}, {n_out}, bias={'bias' in weights})"
        self.put("layer", made, _function(layer).format("{}(x)"), weights)

    def add_recurrent(self, module: RNN) -> None:
        """Add an RNN or an LSTM, its gates stacked and its bias at the input."""
        weights: Tensors = {}
        for k, cell in enumerate((module.cell, *module.upper)):
            weights |= {f"{name}_l{k}": tensor for name, tensor in _stacked(cell).items()}
        name = type(module).__name__
        options = f"num_layers={module.layers}, bias={'bias_ih_l0' in weights}, batch_first=True"
        made = f"torch.nn.{name}({module.n_in}, {module.n_hidden}, {options})"
        self.put(name.lower(), made, "{}(x)[0]", weights)

    def add_cell(self, cell: Cell) -> None:
        """Add a cell, which is called with an input and a state."""
        sizes = f"{cell.n_in}, {cell.n_hidden}"
        if type(cell) is GRUCell:
            weights = _within("", cell)
            made = f"GRUCell({sizes}, bias={'reset.bias' in weights})"
            self.put_own("cell", made, "{}(x, state)", weights)
        elif type(cell) in TORCH_GATES:
            weights = _stacked(cell)
            step = (
                "torch.stack({}(x, tuple(state)))" if len(cell.state_names) > 1 else "{}(x, state)"
            )
            made = f"torch.nn.{type(cell).__name__}({sizes}, bias={'bias_ih' in weights})"
            self.put("cell", made, step, weights)
        else:
            raise ArgumentError(f"{cell!r} is no cell that a PyTorch script is known for")

    def add_block(self, block: Any) -> None:
        """Add a block of a transformer."""
        activation = _function(block.mlp.layers[0])
        made = (
            f"Block({block.n_embd}, {block.n_head}, norm=lambda: {_norm(block.norm1)}, "
            f"activation=lambda x: {activation.format('x')}, "
            f"bias={block.bias}, dropout={block.dropout})"
        )
        parts = {"norm1": block.norm1, "norm2": block.norm2}
        parts |= dict(zip(("up", "down"), block.mlp.layers, strict=True))
        weights = {
            f"attention.{name}": tensor for name, tensor in _attention(block.attention).items()
        }
        for name, part in parts.items():
            own = _own(part) if isinstance(part, Layer) else _norm_tensors(part)
            weights |= {f"{name}.{tensor}": numbers for tensor, numbers in own.items()}
        self.put_own("block", made, "{}(x)", weights)

    def add_gpt(self, model: GPT) -> None:
        """Add a GPT: two embeddings, a norm, blocks and a linear layer."""
        self.takes_indices = self.takes_indices or not self.steps
        tokens, positions = model.token_vectors, model.position_vectors
        table = self.put("tokens", _embedding(tokens), "", _own(tokens))
        step = f"self.{table}(x) + {{}}(torch.arange(x.shape[-1]))"
        self.put("positions", _embedding(positions), step, _own(positions))
        if model.drop is not None:
            self.add(model.drop)
        self.add(model.first_norm)
        for block in model.blocks:
            self.add(block)
        if model.head is None:
            self.steps.append(f"x = x @ self.{table}.weight.T")
        else:
            self.add(model.head)

    def put_own(self, kind: str, made: str, step: str, weights: Tensors) -> None:
        """Add a part of a class that the script defines."""
        self._classes.add(made.partition("(")[0])
        self.put(kind, made, step, weights)

    def put(self, kind: str, made: str, step: str, weights: Tensors) -> str:
        """Add a part, the step that calls it, if any, and its weights; return its name."""
        name = f"{kind}{len(self.parts)}"
        self.parts.append(f"self.{name} = {made}")
        if step:
            self.steps.append(f"x = {step.format(f'self.{name}')}")
        self.state |= {f"{name}.{part}": tensor for part, tensor in weights.items()}
        return name


def _function(layer: Any) -> str:
    """The activation of a Layer in PyTorch. Raises ArgumentError for one it lacks."""
    if layer.activation is None:
        return "{}"
    if layer.activation not in TORCH_ACTIVATIONS:
        raise ArgumentError(f"PyTorch has no known name for the activation of {layer!r}")
    return TORCH_ACTIVATIONS[layer.activation]


def _embedding(module: Embedding) -> str:
    """An Embedding in PyTorch."""
    return f"torch.nn.Embedding({module.n}, {module.dim})"


def _norm(module: Any) -> str | None:
    """A norm in PyTorch, or None for what is none."""
    if type(module) is RMSNorm:
        options = f"elementwise_affine={bool(module.gain)}"
    elif type(module) is LayerNorm:
        options = f"elementwise_affine={bool(module.gain or module.b)}, bias={bool(module.b)}"
    else:
        return None
    return f"torch.nn.{type(module).__name__}({module.n}, eps={module.eps!r}, {options})"


def _norm_tensors(module: Any) -> Tensors:
    """The tensors of a norm. PyTorch has no bias without a gain, which is then 1."""
    own = _own(module)
    return {"weight": [1.0] * module.n, **own} if "bias" in own else own


def _attention(module: MultiHeadAttention) -> Tensors:
    """The tensors of attention, the heads one below the other."""
    found = _within("projection.", module.projection)
    for name in ("query", "key", "value"):
        heads = [_own(getattr(head, name)) for head in module.heads]
        found |= {
            f"{name}.{part}": [row for head in heads for row in head[part]] for part in heads[0]
        }
    return found


def _stacked(cell: Cell) -> Tensors:
    """The tensors of a cell as PyTorch has them: gates stacked, bias at the input."""
    gates = [_own(getattr(cell, gate)) for gate in TORCH_GATES[type(cell)]]
    rows = [row for gate in gates for row in gate["weight"]]
    found: Tensors = {
        "weight_ih": [row[: cell.n_in] for row in rows],
        "weight_hh": [row[cell.n_in :] for row in rows],
    }
    if "bias" in gates[0]:
        found["bias_ih"] = [b for gate in gates for b in gate["bias"]]
        found["bias_hh"] = [0.0] * len(rows)
    return found


def _within(start: str, module: Module) -> Tensors:
    """The tensors of a module and of its parts as floats, under names that begin so."""
    return {start + name: _numbers(tensor) for name, tensor in tensors(module).items()}


def _own(module: Module) -> Tensors:
    """The tensors of a module itself as floats."""
    return {name: _numbers(tensor) for name, tensor in _own_tensors(module).items()}


def _shown(tensor: list[Any]) -> str:
    """A tensor as Python source, a row a line."""
    if not isinstance(tensor[0], list):
        return _written(tensor)
    return "[\n" + "".join(f"        {_written(row)},\n" for row in tensor) + "    ]"


def _written(numbers: Any) -> str:
    """Numbers in lists as Python source, which has no infinity and no nan of its own."""
    if is_sequence(numbers):
        return f"[{', '.join(map(_written, numbers))}]"
    if isinstance(numbers, Integral):  # such as NumPy's
        return repr(int(numbers))
    x = float(numbers)
    return repr(x) if isfinite(x) else f'float("{x}")'


@names_checked
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
    write_whole(path_of(path), made.SerializeToString())


def _feed_forward(model: Any) -> list[Layer]:
    """The Layers of a feed-forward net, in order. Raises ArgumentError for another."""
    parts = [model] if type(model) is Layer else []
    if type(model) in (Sequential, MLP):
        parts = [part for part in model.layers if not isinstance(part, Dropout)]
    for part in parts:
        known = type(part) is Layer and part.activation in (None, *ONNX_ACTIVATIONS)
        if not known:
            raise ArgumentError(f"{part!r} {NO_ONNX}")
    if not parts:
        raise ArgumentError(f"{model!r} {NO_ONNX}")
    return parts


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.export", "nn.foreign")
