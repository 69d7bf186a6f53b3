"""Write what derives from the code: the table of primitives, the public names with their docstrings, the pictures of the README.

    python docs/generate.py [folder]

A test holds the committed files equal to what this writes.
"""

import inspect
import sys
from pathlib import Path

import autograd
import nn
from autograd import PRIMITIVES, Value, draw, relu, step_through, tanh
from autograd.analysis.notation import derivative_texts

NOTE = "<!-- Written by docs/generate.py: edit the code it derives from. -->"


def cell(text):
    """`text` inside a table: one line, with its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`" if text else ""


def primitives_page():
    lines = [
        NOTE,
        "",
        "# The primitives",
        "",
        "Each is one row of `autograd/core/primitives.py`; the functions, methods, operators, pictures and derivatives all come from it.",
        "`z` is the result. The local derivatives are printed from the row itself: by each operand in order, and for a list by the first of two;",
        "`scale(g, p)` is g * p, and 0 where g is 0. Outside the domain a call raises `DomainError`; overflow gives an infinity. What the gradient",
        "is at a kink or a tie is a choice, and stands in the row. Accuracy is the largest error that the tests allow, of the value and of a",
        "partial, in units in the last place times max(1, condition number); for a list, relative to the sum of the sizes of its terms.",
        "Where a textbook's form would subtract nearly equal numbers, another form of the same function stands here: 1 - z * z, the derivative of",
        "tanh, and z * (1 - z), that of sigmoid, have no correct digit left where z has come to 1.",
        "",
        "| name | z | domain | derivatives | as they are computed | at kinks and ties | accuracy |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in PRIMITIVES.values():
        value, partial = row.ulp
        found = ", ".join(map(code, derivative_texts(row).values()))
        cells = [
            f"`{row.name}`",
            code(row.formula),
            code(row.domain) or "all",
            ", ".join(map(code, row.derivatives)),
            found,
            cell(row.kinks),
            f"{value:g}, {partial:g}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "Two functions of a list give a list and are composed of rows, so that they have no row of their own. z1 is the first result.",
        "",
        "| name | z1 | domain | local derivatives | at kinks and ties | accuracy |",
        "|---|---|---|---|---|---|",
        "| `softmax` | `exp(x1) / (exp(x1) + exp(x2) + ...)` | `len(xs) > 0` | `z1 * (1 - z1)`, `-z1 * z2` | | 2 |",
        "| `log_softmax` | `x1 - log(exp(x1) + exp(x2) + ...)` | `len(xs) > 0` | `1 - exp(z1)`, `-exp(z2)` | | 2 |",
    ]
    return "\n".join(lines) + "\n"


class Name(str):
    """A default that is shown by its name, as a function is."""

    __repr__ = str.__str__


def signature(thing):
    """The call as a user writes it: names and defaults, without annotations, which every version of Python prints its own way."""
    shown = []
    for parameter in inspect.signature(thing).parameters.values():
        default = parameter.default
        if callable(default) and default is not parameter.empty:
            default = Name("..." if default.__name__ == "<lambda>" else default.__name__)
        if parameter.name != "self":
            shown.append(parameter.replace(annotation=parameter.empty, default=default))
    return str(inspect.Signature(shown))


def entry(path, thing, level):
    """A heading with the call and the docstring; for a class, also its documented methods and properties."""
    exception = inspect.isclass(thing) and issubclass(thing, Exception)
    call = signature(thing) if callable(thing) and not exception else ""
    lines = ["", f"{'#' * level} `{path}{call}`", "", inspect.getdoc(thing)]
    if inspect.isclass(thing):
        for name, member in vars(thing).items():
            if (
                name[0] != "_"
                and (inspect.isfunction(member) or isinstance(member, property))
                and member.__doc__
            ):
                lines += (
                    []
                    if hasattr(member, "primitive")
                    else entry(f"{path}.{name}", member, level + 1)
                )
    return lines


def defined_in(module):
    """The public functions and classes that a module itself defines, with their names."""
    for name, thing in vars(module).items():
        if (
            name[0] != "_"
            and callable(thing)
            and getattr(thing, "__module__", "").startswith(module.__name__)
        ):
            yield name, thing


def api_page(package, *about):
    """The package's own names first, without the functions of the rows, then those that only its modules have; before, what `about` say."""
    public = {name: getattr(package, name) for name in package.__all__}
    lines = [NOTE, "", f"# `{package.__name__}`", "", inspect.getdoc(package)]
    for thing in about:
        path = thing.__name__ if inspect.ismodule(thing) else f"{thing.__module__}.{thing.__name__}"
        lines += ["", f"## About `{path}`", "", inspect.getdoc(thing)]
    for name, thing in public.items():
        if callable(thing) and not hasattr(thing, "primitive") and thing.__doc__:
            lines += entry(name, thing, 2)
    for name, thing in public.items():
        if inspect.ismodule(thing):
            lines += entry(name, thing, 2)
            for member, found in defined_in(thing):
                lines += (
                    entry(f"{name}.{member}", found, 3)
                    if found not in public.values() and found.__doc__
                    else []
                )
    return "\n".join(lines) + "\n"


def neuron_picture():
    """The picture of the README: one neuron and the gradients that backward leaves in it."""
    x1, x2, w1, w2, b = (
        Value(data, name)
        for data, name in [(1.0, "x1"), (-2.0, "x2"), (0.5, "w1"), (0.25, "w2"), (0.75, "b")]
    )
    a = tanh(w1 * x1 + w2 * x2 + b)
    a.label = "a"
    a.backward()
    return draw(a).svg


def backprop_animation():
    """The animation of the README: a weight used twice, so that two gradients add up."""
    w, x, b = Value(0.5, "w"), Value(-3.0, "x"), Value(2.0, "b")
    loss = relu(w * x + b) * w
    loss.label = "loss"
    return step_through(loss).svg


def folded_picture():
    """A whole net for one row, folded by layer."""
    model = nn.MLP(2, [16, 16, 1], seed=0)
    with nn.trace(model) as t:
        loss = nn.hinge([model([1.0, -0.5])], [1])
    loss.label = "loss"
    loss.backward()
    return draw(loss, groups=t).svg


def unrolled_picture():
    """A recurrent net, one column for each time step."""
    model = nn.RNN(1, 2, seed=0)
    with nn.trace(model) as t:
        last = model([[0.5], [-1.0], [1.0]])[-1]
    out = last[0]
    out.label = "output"
    out.backward()
    return draw(out, groups=t, layout="time").svg


def nested_picture():
    """The functions of a composition, the outermost outside."""
    x = Value(0.5, "x")
    y = tanh((2.0 * x).exp() - 1.0)
    y.backward()
    return draw(y, layout="nested").svg


def architecture_picture():
    """What a model consists of."""
    return nn.MLP(2, [16, 16, 1]).draw().svg


def main(folder):
    """Write every generated file into the folder."""
    files = {
        "primitives.md": primitives_page(),
        "autograd.md": api_page(autograd),
        "nn.md": api_page(
            nn,
            nn.layers,
            nn.recurrent,
            nn.recurrent.Cell,
            nn.data.synthetic,
            nn.data.tables,
            nn.data.text,
        ),
        "neuron.svg": neuron_picture(),
        "folded.svg": folded_picture(),
        "unrolled.svg": unrolled_picture(),
        "nested.svg": nested_picture(),
        "architecture.svg": architecture_picture(),
        "backprop.svg": backprop_animation(),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
