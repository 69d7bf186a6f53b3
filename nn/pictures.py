"""What `Module.draw` shows: parts, a net of layers, or a cell."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd import Drawing, Value, gradients, tanh
from autograd.errors import DataTypeError, DrawingError
from autograd.extending import (
    Column,
    Part,
    Step,
    Unit,
    among,
    draw_architecture,
    draw_network,
    draw_steps,
    leaves,
    told,
    within,
)

from .data.checks import is_sequence
from .losses import check_loss
from .outputs import cost_of
from .tracing import Call, trace

NAME_LENGTH = 6  # of an input, to stand in its circle
LISTED = 3  # numbers of a target that are written out


def architecture(model: Any) -> Drawing:
    """Draw the parts of a model as boxes in boxes."""
    modules = model.named_modules()
    own = {id(part) for _, part in modules}
    parts = []
    for path, part in modules:
        plain = {
            name: x
            for name, x in part.settings().items()
            if not any(id(leaf) in own for leaf in leaves(x))
        }
        count = len(part.parameters())
        parts.append(Part(path, type(part).__name__, plain, count, part.chained))
    if model.preparation is not None:
        parts.append(Part("preparation", "Preparation", model.preparation.summary(), 0))
    return draw_architecture(parts)


class _Stage(NamedTuple):
    """A Layer of a net: its neurons, the Values Z before and A after the activation."""

    path: str
    layer: Any
    neurons: Sequence[Any]
    z: list[Value]
    a: list[Any]


def network(
    model: Any,
    x: Sequence[Any] | None,
    y: Any,
    loss: Callable[..., Any] | None,
    with_gradients: bool,
) -> Drawing:
    """Draw a net of layers: the picture X, W, Z, A, L.

    Args:
        model: A Layer, a Neuron, or a chain of Layers such as an MLP.
        x: One row of inputs, None for the weights alone.
        y: The row's target, where there is a loss.
        loss: Adds a column L, the loss of this row.
        with_gradients: Show gradients in the place of the weights.

    Raises:
        DrawingError: The model is no chain of Layers, or an argument is
            missing.
    """
    if x is None and (loss is not None or with_gradients):
        raise DrawingError(
            'layout="net" takes a loss and gradients of a row: pass the row, x=[0.5, -1.0]'
        )
    if y is not None and loss is None:
        raise DrawingError("y= is the target of a loss: give one, such as loss=nn.mse")
    known = {
        path: part
        for path, part in model.named_modules()
        if hasattr(part, "neurons") or (part is model and hasattr(part, "w"))
    }
    if not known:
        raise DrawingError(
            f'layout="net" draws Layers, and {model!r} has none: leave out layout for its parts'
        )
    first: Any = next(iter(known.values()))
    row = [Value(0.0)] * first.n_in if x is None else [_leaf(u) for u in x]
    with trace(model) as t:
        outputs = model(row)
    found = _stages(known, t, row, outputs, model)
    cost = None if loss is None else cost_of(loss, [outputs], [y])
    slopes: dict[Value, float] = {}
    if with_gradients:
        root = cost if cost is not None else found[-1].a[0]
        if cost is None and len(found[-1].a) > 1:
            raise DrawingError(
                f"gradients=True needs one number to differentiate, and {model!r} has "
                f"{len(found[-1].a)} outputs: pass loss=nn.mse and the target y="
            )
        wanted = [v for s in found for v in (*s.z, *(p for n in s.neurons for p in n.parameters()))]
        slopes = {
            v: float(g) for v, g in zip(wanted, map(_data, gradients(root, wanted)), strict=True)
        }
    columns = [Column("X", f"{len(row)} input{'s' * (len(row) != 1)}", _inputs(row, x))]
    for stage in found:
        columns.append(_column(stage, x is not None, slopes))
    if cost is not None:
        name = getattr(loss, "__name__", "loss")
        unit = Unit((_short(cost),), _target(y), f"loss {_data(cost)!r}")
        columns.append(Column("L", name, [unit]))
    title = f"{type(model).__name__} with {len(model.parameters()):,} parameters as a net"
    return draw_network(title, columns, "gradient dL/dw" if with_gradients else "weight")


def _stages(
    known: dict[str, Any], t: trace, row: list[Value], outputs: Any, model: Any
) -> list[_Stage]:
    """Return the Layers in the order of the data's way."""
    before: Sequence[Any] = row
    found = []
    sums: dict[Value, Value] = {}
    for value in t:
        sums.update((p, value) for p in value.parents)
    for call in t.calls:
        if call.path in known:
            layer = known[call.path]
            if not _same(call.inputs[0], before) or call.call_index:
                raise _not_a_chain(model, call)
            neurons = getattr(layer, "neurons", [layer])
            before = [call.outputs] if isinstance(call.outputs, Value) else call.outputs
            z = [sums[neuron.b] for neuron in neurons]
            found.append(_Stage(call.path or "", layer, neurons, z, list(before)))
    if not found or not _same(list(leaves(outputs)), before):
        raise _not_a_chain(model, found[-1] if found else None)
    return found


def _same(xs: Any, ys: Sequence[Any]) -> bool:
    """Return whether two sequences hold the same objects."""
    return len(xs) == len(ys) and all(x is y for x, y in zip(xs, ys, strict=True))


def _not_a_chain(model: Any, place: Call | _Stage | None) -> DrawingError:
    """Return the error for a model whose Layers do not follow each other."""
    where = f"; {place.path or 'a layer'} does not fit" if place is not None else ""
    return DrawingError(
        f'layout="net" draws Layers that are each fed with the outputs of the one before, and '
        f"{model!r} is no such chain{where}: leave out layout, or call model.eval() where Dropout "
        "is in between"
    )


def _leaf(u: Any) -> Value:
    """Return a Value as it is, and a number as a new leaf."""
    return u if isinstance(u, Value) else Value(u)


def _data(value: Any) -> float:
    """Return the number of a Value, or the number itself."""
    return float(value.data if isinstance(value, Value) else value)


def _short(value: Any) -> str:
    """Return a number with three digits, as a unit shows it."""
    return f"{_data(value) + 0.0:.3g}"


def _target(y: Any) -> str:
    """Return what a loss compares the outputs with: a number, the first of several, a word."""
    if y is None:
        return ""
    targets = leaves(y)
    first = [_short(u) if isinstance(u, (float, Value)) else told(u) for u in targets[:LISTED]]
    return f"target {', '.join(first)}{', ...' if len(targets) > LISTED else ''}"


def _inputs(row: list[Value], x: Sequence[Any] | None) -> list[Unit]:
    """Return the units of the first column, the inputs X."""
    units = []
    for i, u in enumerate(row):
        name = u.label or f"x{i + 1}"
        short = name if len(name) <= NAME_LENGTH else f"x{i + 1}"
        below = "" if short == name else name
        lines = (short,) if x is None else (short, _short(u))
        units.append(Unit(lines, below, name if x is None else f"{name} = {u.data!r}"))
    return units


def _column(stage: _Stage, with_numbers: bool, slopes: dict[Value, float]) -> Column:
    """Return the column of a Layer: its units and the weights into them."""
    units = []
    activation = getattr(stage.layer.activation, "__name__", stage.layer.activation)
    for neuron, z, a in zip(stage.neurons, stage.z, stage.a, strict=True):
        lines = []
        if with_numbers:
            lines = [f"z {_short(z)}", f"a {_short(a)}"]
        if slopes:
            lines.append(f"dz {slopes[z] + 0.0:.2g}")
        shown_b = slopes[neuron.b] if slopes else neuron.b.data
        below = f"{'db' if slopes else 'b'} {shown_b + 0.0:.2g}"
        tooltip = f"z = {z.data!r}, a = {_data(a)!r}" if with_numbers else ""
        units.append(Unit(tuple(lines), below, tooltip))
    weights = [[slopes[w] if slopes else w.data for w in n.w] for n in stage.neurons]
    note = f"A = {activation}(Z)" if activation else "A = Z"
    return Column(stage.path or type(stage.layer).__name__, note, units, weights)


class _Equation(NamedTuple):
    """A quantity of a cell: its name, its formula, the names that it is computed from.

    `gate` is the Layer that computes it from [x, h], or from x and the second
    operand; without one `rule` computes it, unit by unit.
    """

    name: str
    formula: str
    operands: tuple[str, ...]
    gate: str = ""
    rule: Callable[..., Any] | None = None


EQUATIONS = {
    "RNNCell": (_Equation("h'", "tanh(W[x, h] + b)", ("x", "h"), "update"),),
    "GRUCell": (
        _Equation("r", "sigmoid(W[x, h] + b)", ("x", "h"), "reset"),
        _Equation("z", "sigmoid(W[x, h] + b)", ("x", "h"), "update"),
        _Equation("r h", "seen of h", ("r", "h"), "", lambda r, h: r * h),
        _Equation("g", "tanh(W[x, r h] + b)", ("x", "r h"), "candidate"),
        _Equation("z h", "kept", ("z", "h"), "", lambda z, h: z * h),
        _Equation("(1 - z) g", "new", ("z", "g"), "", lambda z, g: (1 - z) * g),
        _Equation("h'", "z h + (1 - z) g", ("z h", "(1 - z) g"), "", lambda a, b: a + b),
    ),
    "LSTMCell": (
        _Equation("f", "sigmoid(W[x, h] + b)", ("x", "h"), "forget"),
        _Equation("i", "sigmoid(W[x, h] + b)", ("x", "h"), "write"),
        _Equation("g", "tanh(W[x, h] + b)", ("x", "h"), "candidate"),
        _Equation("o", "sigmoid(W[x, h] + b)", ("x", "h"), "read"),
        _Equation("f c", "kept", ("f", "c"), "", lambda f, c: f * c),
        _Equation("i g", "written", ("i", "g"), "", lambda i, g: i * g),
        _Equation("c'", "f c + i g", ("f c", "i g"), "", lambda a, b: a + b),
        _Equation("h'", "o tanh(c')", ("o", "c'"), "", lambda o, c: o * tanh(c)),
    ),
}


def cell_step(model: Any, x: Sequence[Any] | None, state: Any) -> Drawing:
    """Draw a recurrent cell gate by gate, with the numbers of one step.

    Args:
        model: A cell, or a net that holds one: RNN, GRU, LSTM.
        x: The input of the step.
        state: The state before it; None for the cell's start.

    Raises:
        DrawingError: The model holds no cell that is known, or x is missing.
    """
    cells = [
        part
        for _, part in model.named_modules()
        if any(cls.__name__ in EQUATIONS for cls in type(part).__mro__)
    ]
    if not cells:
        raise DrawingError(
            f'layout="cell" draws an RNNCell, a GRUCell or an LSTMCell, and {model!r} has none'
        )
    if x is None:
        raise DrawingError('layout="cell" draws one step: pass its input, x=[0.5]')
    cell: Any = cells[0]
    kind = next(cls.__name__ for cls in type(cell).__mro__ if cls.__name__ in EQUATIONS)
    state = cell.checked_state(cell.start() if state is None else state)
    parts = (state,) if len(cell.state_names) == 1 else state
    before = dict(zip(cell.state_names, parts, strict=True))
    numbers = {"x": [_data(u) for u in x]}
    numbers |= {name: [_data(u) for u in part] for name, part in before.items()}
    words = {"x": "input", "h": "before", "c": "before"}
    steps = [Step(name, words[name], "", numbers[name]) for name in numbers]
    for name, formula, operands, gate, rule in EQUATIONS[kind]:
        if gate:
            inputs = [numbers[operand] for operand in operands]
            result = cell.gate(gate, *inputs)
        else:
            assert rule is not None
            lists = [numbers[operand] for operand in operands]
            result = [rule(*units) for units in zip(*lists, strict=True)]
        numbers[name] = [_data(u) for u in result]
        word = f"{gate} gate" if formula.startswith("sigmoid") else gate
        steps.append(Step(name, word, formula, numbers[name], operands))
    title = f"One step of {kind}: {cell.n_in} inputs, {cell.n_hidden} units"
    return draw_steps(title, steps)


# By argument, the layouts that show it.
SHOWN_IN = {
    "x": ("net", "cell"),
    "y": ("net",),
    "loss": ("net",),
    "gradients": ("net",),
    "state": ("cell",),
}


def draw_model(
    model: Any,
    layout: str,
    x: Sequence[Any] | None,
    y: Any,
    loss: Callable[..., Any] | None,
    with_gradients: bool,
    state: Any,
) -> Drawing:
    """Draw a model in a layout: "parts", "net" or "cell"."""
    if x is not None and (not is_sequence(x) or any(map(is_sequence, x))):
        raise DataTypeError(f"x is one row of inputs, such as [0.5, -1.0], not {told(x)}")
    within({"gradients": with_gradients}, gradients="True, False")
    if loss is not None:
        check_loss(loss)
    if not among(layout, ("parts", "net", "cell")):
        raise DrawingError(f'layout is "parts", "net" or "cell", not {told(layout)}')
    given = {"x": x, "y": y, "loss": loss, "gradients": with_gradients or None, "state": state}
    for name, layouts in SHOWN_IN.items():
        if given[name] is not None and layout not in layouts:
            raise DrawingError(
                f"{name}= is for the layout {' or '.join(map(repr, layouts))}, "
                f"as in model.draw({layouts[0]!r}, {name}=...), not for {layout!r}"
            )
    if layout == "parts":
        return architecture(model)
    if layout == "net":
        return network(model, x, y, loss, with_gradients)
    return cell_step(model, x, state)
