"""Write what derives from the table of primitives and from the docstrings.

    python docs/generate.py [folder]

The folder is the project, or another one for comparison. First come the parts
of the code that derive from the table: the names that `autograd` exports, the
functions as editors and `help()` read them, and the methods of Value. Then, in
a process that has imported these, come the pages and the pictures of the README.
A test holds the committed files equal to what this writes.
"""

import ast
import builtins
import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import autograd
import nn
from autograd import PRIMITIVES, Value, draw, relu, step_through, tanh
from autograd.analysis.notation import derivative_texts
from autograd.core import functions
from nn.arguments import arguments_of

NOTE = "<!-- Written by docs/generate.py: edit the code it derives from. -->"


ROOT = Path(__file__).parents[1]


# The code that derives from the table.

FUNCTIONS = '''"""The functions of the table, as editors and `help()` read them.

Written by docs/generate.py from `primitives.py`: edit the row, then generate.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from typing import Any, overload

from .row import PRIMITIVES
from .value import Operand, Value


def row(stub: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of the row, with the docstring that stands here.

    A row that has left the table keeps its stub until the next generate.
    """
    op = PRIMITIVES.get(stub.__name__)
    if op is None:
        return stub
    op.function.__doc__ = stub.__doc__
    return op.function
'''

METHODS = '''"""The operators and methods of Value that derive from the table.

Written by docs/generate.py from `primitives.py`: edit the row, then generate.
`primitives.py` adds the functions themselves to Value. These are their types.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from typing import TYPE_CHECKING, TypeVar

Self = TypeVar("Self", bound="Methods")


class Methods:
    """The types of the methods, for editors and type checkers."""

    __slots__ = ()

    if TYPE_CHECKING:
'''


def is_exported(op):
    """Whether users call the row by name: not for an operator, unless Python has a function."""
    return op.precedence is None or hasattr(builtins, op.name)


def exported_rows():
    """The rows whose functions `autograd` exports as they are, in the order of the table."""
    by_hand = {name for name, _ in defined_in(functions)}
    return [op for op in PRIMITIVES.values() if is_exported(op) and op.name not in by_hand]


def docstring(op):
    """What the row says about its function."""
    first = "x1" if op.arity is None else "x"
    names = [first, "y", "w"]
    slopes = [f"`dz/d{x} = {text}`" for x, text in zip(names, op.derivatives, strict=False)]
    lines = [
        f"Formula: `z = {op.formula}`" if not op.formula.startswith(f"{op.name}(") else "",
        f"Derivative{'s' * (len(slopes) > 1)}: {', '.join(slopes)}",
        f"Domain: `{op.domain}`, else {op.error.__name__}" if op.domain else "Domain: all numbers",
        f"Choice at kinks: {op.kinks}" if op.kinks else "",
        f"Source: {op.source}" if op.source else "",
    ]
    wrapped = [textwrap.fill(f"- {line}", 76, subsequent_indent="  ") for line in lines if line]
    return "\n".join([op.summary, "", *wrapped])


def function_code(op):
    """The overloads of the function and its docstring."""
    calls = {
        1: [("x: Value", "Value"), ("x: float", "float")],
        2: [
            ("x: Value, y: Operand", "Value"),
            ("x: float, y: Value", "Value"),
            ("x: float, y: float", "float"),
        ],
        3: [],
        None: [
            ("xs: Sequence[Value]", "Value"),
            ("xs: Sequence[float]", "float"),
            ("xs: Sequence[Operand]", "Any"),
        ],
    }[op.arity]
    overloads = [f"@overload\ndef {op.name}({x}, /) -> {z}: ..." for x, z in calls]
    operands = ", ".join(f"{x}: Any" for x in op.names)
    body = textwrap.indent(f'"""{docstring(op)}\n"""', "    ")
    return "\n".join([*overloads, f"@row\ndef {op.name}({operands}, /) -> Any:\n{body}"])


def functions_code():
    """autograd/core/signatures.py."""
    return "\n\n".join([FUNCTIONS, *[function_code(op) + "\n" for op in exported_rows()]])


def methods_code():
    """autograd/core/methods.py."""
    operators, methods = [], []
    for name, function in vars(Value).items():
        op = getattr(function, "primitive", None)
        if op is not None and op.arity == 2:
            both = (name, f"__r{name[2:]}")
            operators += [
                f"def {each}(self: Self, other: Self | float, /) -> Self: ..." for each in both
            ]
        elif op is not None and name[0] == "_":
            operators.append(f"def {name}(self: Self) -> Self: ...")
        elif op is not None:
            methods.append(f'def {name}(self: Self) -> Self:\n    """{op.summary}"""\n')
        elif function is getattr(functions, name, ""):
            _, *others = inspect.signature(function).parameters
            operands = ", ".join(f"{other}: float" for other in others)
            summary = inspect.getdoc(function).partition("\n")[0]
            methods.append(f'def {name}(self: Self, {operands}) -> Self:\n    """{summary}"""\n')
    text = "\n".join([*operators, "", *methods]).rstrip()
    return METHODS + "\n" + textwrap.indent(text, " " * 8) + "\n"


def public_order(name):
    """Constants, then classes, then functions, with numbers by their size."""
    parts = re.split(r"(\d+)", name)
    natural = [int(part) if part.isdigit() else part for part in parts]
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, natural)


def exports_code():
    """autograd/__init__.py: the names of the table in its import, and all names in `__all__`."""
    text = (ROOT / "autograd/__init__.py").read_text(encoding="utf-8")
    names = sorted((op.name for op in exported_rows()), key=public_order)
    imported = "".join(f"    {name},\n" for name in names)
    text = re.sub(
        r"(from \.core\.signatures import \(\n).*?\)",
        lambda found: f"{found[1]}{imported})",
        text,
        flags=re.DOTALL,
    )
    public = [
        alias.asname or alias.name
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
        if not (alias.asname or "").startswith("_")
    ]
    listed = "".join(f'    "{name}",\n' for name in sorted(public, key=public_order))
    return re.sub(r"__all__ = \[.*?\]", lambda _: f"__all__ = [\n{listed}]", text, flags=re.DOTALL)


# The pages.


def cell(text):
    """`text` inside a table: one line, with its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`" if text else ""


INTRODUCTION = """\
Each is one row of `autograd/core/primitives.py`. The functions, methods, operators, pictures
and derivatives all come from it. `z` is the result.

- The derivatives are those of the textbook, by each operand, and for a list by x1.
- As they are computed: printed from the rule itself. `scale(g, p)` is g * p, and 0 where g is
  0. Where a textbook's form would subtract nearly equal numbers, another form stands here:
  1 - z * z, the derivative of tanh, has no correct digit left where z has come to 1.
- Outside the domain a call raises `DomainError`. Overflow gives an infinity.
- At a kink or a tie the gradient is a choice, and stands in the row. The partials at nan are
  nan, unless they are constant.
- Accuracy is the largest error that the tests allow, of the value, of a partial and of a second
  derivative, in units in the last place times max(1, condition number). For a list it is
  relative to the sum of the sizes of its terms. A subnormal result has fewer digits, and so
  have the partials that are made of it. The bound of second derivatives holds for operands of
  sizes from 1e-30 to 1e10. Beyond, a step on the way can overflow or underflow.
- No bound is stated for third derivatives but those of `logsumexp` and `surprise`: 8 units in
  the last place, and 2 more for each doubling of a list of 4, times the largest difference of
  two operands if that is above 1, relative to the sum of the sizes of their terms, such as p,
  p**2 and p**3 for p = softmax(xs). Where these terms cancel, as of nearly equal operands, the
  digits are lost that the sum loses.
"""

COMPOSED = """\
Two functions of a list give a list. They are composed of rows, and have no row of their own.
z1 is the first result.

| name | z1 | domain | derivatives with respect to x1, x2 | accuracy |
|---|---|---|---|---|
| `softmax` | `exp(x1) / (exp(x1) + exp(x2) + ...)` \
| `len(xs) > 0` | `z1 * (1 - z1)`, `-z1 * z2` | 2, and 1 more for each doubling of the list |
| `log_softmax` | `x1 - log(exp(x1) + exp(x2) + ...)` \
| `len(xs) > 0` | `1 - exp(z1)`, `-exp(z2)` | 2 |
"""


def primitives_page():
    """docs/primitives.md."""
    lines = [
        NOTE,
        "",
        "# The primitives",
        "",
        *INTRODUCTION.splitlines(),
        "",
        "| name | z | domain | derivatives | as they are computed | at kinks and ties | accuracy |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in PRIMITIVES.values():
        value, partial, second = row.ulp
        found = ", ".join(map(code, derivative_texts(row).values()))
        cells = [
            f"`{row.name}`",
            code(row.formula),
            code(row.domain) or "all",
            ", ".join(map(code, row.derivatives)),
            found,
            cell(row.kinks),
            f"{value:g}, {partial:g}, {second:g}"
            f"{f'; not {cell(row.limits)}' if row.limits else ''}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        *COMPOSED.splitlines(),
    ]
    return "\n".join(lines) + "\n"


class Name(str):
    """A default that is shown by its name, as a function is."""

    __repr__ = str.__str__


def signature(thing):
    """The call as a user writes it: names and defaults.

    Annotations are left out: every version of Python prints them its own way.
    """
    shown = []
    is_module = isinstance(thing, type) and issubclass(thing, nn.Module)
    known = arguments_of(thing) if is_module else inspect.signature(thing).parameters
    for parameter in known.values():
        default = parameter.default
        if callable(default) and default is not parameter.empty:
            default = Name("..." if default.__name__ == "<lambda>" else default.__name__)
        if parameter.name != "self":
            shown.append(parameter.replace(annotation=parameter.empty, default=default))
    return str(inspect.Signature(shown))


SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Examples")


def markdown(docstring):
    """A docstring in Google style as Markdown: its sections become lists and code."""
    parts = re.split(rf"^({'|'.join(SECTIONS)}):\n", docstring, flags=re.MULTILINE)
    lines = [parts[0].rstrip()]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        match = re.match(r"(?:(?: +.*)?\n)*(?: +.*)?", body)  # the section ends with its indent
        inside, rest = textwrap.dedent(match[0]).rstrip(), body[match.end() :].strip()
        if title == "Examples":
            inside = f"```python\n{inside}\n```"
        elif title != "Returns":
            items = re.sub(r"\n +", " ", inside).splitlines()
            pairs = [item.partition(": ") for item in items if item]
            inside = "\n".join(f"- `{name}`: {text}" for name, _, text in pairs)
        lines += ["", f"**{title}**", "", inside]
        lines += ["", rest] if rest else []
    return "\n".join(lines)


def is_documented_member(name, member):
    """Whether a class's member is public, has a docstring, and is no row of the table."""
    public = name[0] != "_" and (inspect.isfunction(member) or isinstance(member, property))
    return public and member.__doc__ and not hasattr(member, "primitive")


def entry(path, thing, level):
    """A heading with the call, and the docstring; for a class, its members too."""
    exception = inspect.isclass(thing) and issubclass(thing, Exception)
    call = signature(thing) if callable(thing) and not exception else ""
    lines = ["", f"{'#' * level} `{path}{call}`", "", markdown(inspect.getdoc(thing))]
    if inspect.isclass(thing):
        for name, member in vars(thing).items():
            if is_documented_member(name, member):
                lines += entry(f"{path}.{name}", member, level + 1)
    return lines


def defined_in(module):
    """The public functions and classes of a module or of its rooms, in the order of the source."""
    public = {
        name: thing
        for name, thing in vars(module).items()
        if name in getattr(module, "__all__", vars(module))
        and name[0] != "_"
        and callable(thing)
        and getattr(thing, "__module__", "").startswith(module.__name__)
    }
    for room in dict.fromkeys(thing.__module__ for thing in public.values()):
        for name in vars(sys.modules[room]):
            if name in public and public[name].__module__ == room:
                yield name, public[name]


# The reference by subject: a title, and the modules whose public names it holds.
SUBJECTS = {
    "autograd": {
        "Value": ("core.value", "core.engine", "core.graph"),
        "Functions": ("core.functions",),
        "Derivatives of functions": ("functional",),
        "Checking": ("check", "testing", "auditing"),
        "A graph in words and numbers": ("analysis",),
        "Drawing": ("drawing",),
        "Compiling": ("compiler",),
        "A row of your own": ("core.primitives", "core.row"),
        "Exceptions and warnings": ("errors",),
    },
    "nn": {
        "Modules and files": ("module", "files"),
        "Layers": ("layers", "init"),
        "Recurrent nets": ("recurrent",),
        "Attention": ("attention", "sampling"),
        "Losses": ("losses",),
        "Optimizers and schedules": ("optim", "schedules"),
        "Training": ("training", "step"),
        "Metrics": ("metrics",),
        "Diagnosis and lessons": ("diagnostics", "tracing", "lessons", "stepping"),
        "Charts": ("plots",),
        "Data, preparation and answers": ("data", "preparation", "answering"),
        "Exports": ("export",),
    },
}


def subject(package, thing):
    """The title under which a public thing of a package stands."""
    home = thing.__name__ if inspect.ismodule(thing) else thing.__module__
    place = home.removeprefix(f"{package.__name__}.")
    for title, modules in SUBJECTS[package.__name__].items():
        if any(place == module or place.startswith(f"{module}.") for module in modules):
            return title
    raise LookupError(f"{home} has no subject: add it to SUBJECTS")


def api_page(package, *about):
    """The names of a package by subject, each subject with what `about` say of it."""
    public = {name: getattr(package, name) for name in package.__all__}
    sections = {title: [] for title in SUBJECTS[package.__name__]}
    for thing in about:
        path = thing.__name__ if inspect.ismodule(thing) else f"{thing.__module__}.{thing.__name__}"
        lines = ["", f"### About `{path}`", "", markdown(inspect.getdoc(thing))]
        sections[subject(package, thing)] += lines
    for name, thing in public.items():
        if callable(thing) and not hasattr(thing, "primitive") and thing.__doc__:
            sections[subject(package, thing)] += entry(name, thing, 3)
    for name, thing in public.items():
        if inspect.ismodule(thing):
            lines = entry(name, thing, 3)
            for member, found in defined_in(thing):
                if found not in public.values() and found.__doc__:
                    lines += entry(f"{name}.{member}", found, 4)
            sections[subject(package, thing)] += lines
    page = [NOTE, "", f"# `{package.__name__}`", "", markdown(inspect.getdoc(package))]
    for title, lines in sections.items():
        page += ["", f"## {title}", *lines]
    return "\n".join(page) + "\n"


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


def net_picture():
    """A net as circles and lines, with the numbers of a row and its loss."""
    model = nn.MLP(2, [3, 1], "tanh", output="sigmoid", seed=0)
    return model.draw("net", x=[1.0, -0.5], y=1.0, loss=nn.mse).svg


def cell_picture():
    """One step of an LSTM cell, gate by gate."""
    return nn.LSTMCell(1, 2, seed=0).draw("cell", x=[0.5], state=([0.1, 0.2], [1.0, -1.0])).svg


def architecture_picture():
    """What a model consists of."""
    return nn.MLP(2, [16, 16, 1]).draw().svg


def digests():
    """The bits of two small nets on any machine, as benchmarks/trust/determinism.py takes them."""
    sys.path.insert(0, str(ROOT / "benchmarks" / "trust"))
    import determinism

    return "".join(f"{name} {digest}\n" for name, digest in determinism.held().items())


def code_files():
    """The text of every file of code that derives from the table."""
    return {
        "autograd/__init__.py": exports_code(),
        "autograd/core/methods.py": methods_code(),
        "autograd/core/signatures.py": functions_code(),
    }


def page_files():
    """The text of every page and picture."""
    return {
        "docs/primitives.md": primitives_page(),
        "docs/autograd.md": api_page(autograd),
        "docs/nn.md": api_page(
            nn,
            nn.layers,
            nn.recurrent,
            nn.recurrent.Cell,
            nn.data.synthetic,
            nn.data.tables,
            nn.data.text,
        ),
        "docs/neuron.svg": neuron_picture(),
        "docs/folded.svg": folded_picture(),
        "docs/unrolled.svg": unrolled_picture(),
        "docs/nested.svg": nested_picture(),
        "docs/architecture.svg": architecture_picture(),
        "docs/net.svg": net_picture(),
        "docs/cell.svg": cell_picture(),
        "docs/backprop.svg": backprop_animation(),
        "docs/digests.txt": digests(),
    }


def write(files, folder):
    """Write each text to its path in the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    pages = "--pages" in arguments
    folder = Path(next((x for x in arguments if x != "--pages"), ROOT))
    write(page_files() if pages else code_files(), folder)
    if not pages:
        subprocess.run([sys.executable, __file__, "--pages", folder], check=True)
