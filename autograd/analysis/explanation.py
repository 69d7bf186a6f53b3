"""explain: why a gradient is what it is.

It shows the largest paths with their factors, the layers with their Jacobians,
and what goes wrong.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

from ..core import ieee
from ..core.arguments import within
from ..core.graph import oldest_first, topological_order
from ..core.row import LITERAL
from ..core.value import Value
from ..core.words import names_checked
from ..errors import DataTypeError
from .findings import Finding, findings
from .groups import Groups, check_groups
from .notation import (
    LATEX_PARENTHESES,
    TEXT,
    Names,
    Term,
    four_digits,
    identifier,
    latex_name,
    latex_number,
    readable,
    shown_number,
    visible,
)
from .paths import Path, flow
from .stages import Stage, stages

FACTORS = 24  # of a path that are written out, half from each end
ENTRIES = 6  # rows and columns of a Jacobian that are written out
OPERATION_LENGTH = 60  # characters of an operation that are shown
ROUNDING = 1e-12  # of all that flows: a smaller difference may be rounding
COLUMNS = ("factor", "product so far", "derivative", "operation")
LAYERS = "layers, the last first: the product of their Jacobians is the gradient"

Item = TypeVar("Item")


@dataclass(frozen=True, repr=False)
class Explanation:
    """What `explain` found, as text, LaTeX, HTML and data.

    `gradient` is d(root)/d(wrt), with the bits of backward. `count` is the
    number of paths and `size` the sum of their absolute contributions. `paths`
    holds the largest: path.contribution is what one adds to the gradient,
    path.edges are its factors, from the root down. `findings` are remarks, the
    worst first. `stages` are the layers, from `wrt` to the root.
    """

    root: Value
    wrt: Value
    gradient: float
    count: int
    size: float
    paths: list[Path]
    findings: list[Finding]
    stages: list[Stage]
    names: Names
    groups: Groups

    def share(self, path: Path) -> float:
        """Return the part of `size` that a path contributes.

        It is nan if something infinite or undefined flows.
        """
        if not math.isfinite(self.size):
            return math.nan
        return abs(path.contribution) / self.size if self.size else 0.0

    @property
    def covered(self) -> float:
        """The part of `size` that all of `paths` contribute."""
        return ieee.fsum([self.share(path) for path in self.paths])

    def __str__(self) -> str:
        lines = [self._equation(), self._overview()]
        lines += [f"  {finding.text}" for finding in self.findings]
        for i, path in enumerate(self.paths, 1):
            rows = [("", "1", "", ""), *self._rows(path)]
            lines += ["", self._title(i, path), *_aligned(rows)]
        if len(self.stages) > 1:
            lines += ["", LAYERS]
            for name, shape, norm, stage in self._layers():
                lines.append(
                    f"  {name}: Jacobian {shape}, norm of the gradient at its inputs: {norm}"
                )
                for row in _readable_jacobian(stage):
                    lines.append("    " + " ".join(f"{four_digits(p):>10}" for p in row))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        equal_to = rf"= {latex_number(self.gradient).text}"
        rows = [rf"{self._partial(self.root, self.wrt)} &{equal_to}"]
        for i, path in enumerate(self.paths, 1):
            symbols, numbers = [], []
            for edge in _ends(path.edges):
                if isinstance(edge, int):
                    symbols.append(r"\cdots")
                    numbers.append(r"\cdots")
                else:
                    symbols.append(self._partial(edge.result, edge.operand))
                    numbers.append(f"{latex_number(edge.local):3}")
            products = " = ".join(r" \cdot ".join(factors) or "1" for factors in (symbols, numbers))
            contribution = latex_number(path.contribution).text
            rows.append(rf"\text{{path {i}: }} & {products} = {contribution}")
        if len(self.stages) > 1 and all(map(_readable_jacobian, self.stages)):
            matrices = " ".join(map(_matrix, reversed(self.stages)))
            rows.append(rf"\text{{layers: }} & {matrices} {equal_to}")
        return "$\\displaystyle \\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$"

    def _repr_html_(self) -> str:
        """The worst finding and the largest path in sight, the rest folded."""
        parts = [f"<p><strong>{escape(self._equation())}</strong>. {escape(self._overview())}</p>"]
        texts = [escape(finding.text) for finding in self.findings]
        if texts:
            parts.append(f"<p><strong>{texts[0]}</strong></p>")
        if len(texts) > 1:
            items = "".join(f"<li>{text}</li>" for text in texts[1:])
            remarks = "1 more remark" if len(texts) == 2 else f"{len(texts) - 1} more remarks"
            parts.append(_folded(remarks, f"<ul>{items}</ul>"))
        tables = [
            _table(self._title(i, path), COLUMNS, self._rows(path))
            for i, path in enumerate(self.paths, 1)
        ]
        parts += tables[:1]
        if len(tables) > 1:
            paths = "1 more path" if len(tables) == 2 else f"{len(tables) - 1} more paths"
            parts.append(_folded(paths, "".join(tables[1:])))
        if len(self.stages) > 1:
            columns = ("layer", "Jacobian", "norm of the gradient at its inputs")
            table = _table(LAYERS, columns, [row[:3] for row in self._layers()])
            parts.append(_folded(f"{len(self.stages)} layers", table))
        return "".join(parts).replace("<td>× ", "<td>×&nbsp;")  # a factor is not broken

    def _equation(self) -> str:
        return f"{self._derivative(self.root, self.wrt)} = {self.gradient + 0.0:.6g}"

    def _overview(self) -> str:
        if not self.count:
            root, wrt = self.names[self.root], self.names[self.wrt]
            return (
                f"{root} does not depend on {wrt}, or only through operations that carry no "
                "derivative, such as comparisons and stop_gradient."
            )
        if self.count == 1:
            return "There is one path."
        if self.count == len(self.paths):
            return f"{self.count} paths add up to it."
        shown = ieee.fsum([path.contribution for path in self.paths])
        share = f", {self.covered:.1%} of all that flows in absolute value"
        rest = self.gradient - shown
        others = f"; the others bring {four_digits(rest)}"
        if abs(rest) <= ROUNDING * self.size > 0.0:
            others = "; the others bring next to nothing"
        return (
            f"The largest {len(self.paths)} of {_count(self.count)} paths bring "
            f"{four_digits(shown)}{share if self.size and self.covered == self.covered else ''}"
            f"{others if math.isfinite(shown) else ''}."
        )

    def _title(self, i: int, path: Path) -> str:
        title = f"path {i}: {four_digits(path.contribution)}"
        share = self.share(path)
        if self.count > 1 and self.size and share == share:
            title += f", {share:.1%} of all that flows"
        return title

    def _rows(self, path: Path) -> list[tuple[str, str, str, str]]:
        """Return texts for each factor of a path, one for each of COLUMNS."""
        steps = []
        product = 1.0
        for edge in path.edges:
            product = edge.passed_on(product)
            steps.append((edge, product))
        rows = []
        for step in _ends(steps):
            if isinstance(step, int):
                rows.append(("...", "", f"{step:,} factors", ""))
            else:
                edge, so_far = step
                derivative = self._derivative(edge.result, edge.operand)
                rows.append(
                    (
                        f"× {four_digits(edge.local)}",
                        four_digits(so_far),
                        derivative,
                        self.place(edge.result),
                    )
                )
        return rows

    def _layers(self) -> list[tuple[str, str, str, Stage]]:
        """Return name, shape and norm of each layer, the last layer first."""
        return [
            (
                visible(stage.name),
                f"{len(stage.outputs)} × {len(stage.inputs)}",
                four_digits(stage.norm),
                stage,
            )
            for stage in reversed(self.stages)
        ]

    def place(self, value: Value) -> str:
        """Return a node in words: its operation, and the group it belongs to."""
        return _place(value, self.names, self.groups)

    def _derivative(self, z: Value, x: Value) -> str:
        return f"d({self.names[z]})/d({self.names[x]})"

    def _partial(self, z: Value, x: Value) -> str:
        result, operand = (latex_name(identifier(self.names[node])) for node in (z, x))
        return rf"\frac{{\partial {result}}}{{\partial {operand}}}"


@names_checked
def explain(
    root: Value,
    wrt: Value,
    groups: Groups | None = None,
    paths: int = 5,
    names: Mapping[str, Value] | None = None,
) -> Explanation:
    """Explain why d(root)/d(wrt) is what it is.

    The gradient is a sum over all paths by which `wrt` acts on `root`. The
    explanation shows the largest paths, factor by factor. It remarks on where
    the gradient turns nan, dies, explodes, cancels, fades or changes its sign.
    No backward need have run, and none is changed.

    Args:
        root: The result, such as a loss.
        wrt: What it depends on: a leaf or an interior node.
        groups: Value -> (path, call index), as `nn.trace` records it. Places
            and parameters get names, and the layers' Jacobians are given.
        paths: How many paths to show.
        names: Label -> Value, such as {"w": w}.

    Raises:
        DataTypeError: `root` or `wrt` is no Value, or `names` or `groups` is no
            such mapping.
        ArgumentError: `paths` is not 1 or more.
        StaleValueError: A leaf was changed after an operation had used it.

    Examples:
        >>> from autograd import Value, explain
        >>> x, w = Value(2.0, "x"), Value(3.0, "w")
        >>> print(explain(w * x, w))
        d(t1)/d(w) = 2
        There is one path.
        <BLANKLINE>
        path 1: 2
               1
          × 2  2  d(t1)/d(w)  t1 = w * x
    """
    for value in (root, wrt):
        if not isinstance(value, Value):
            raise DataTypeError(
                "explain() takes two Values, the result and what it depends on, "
                f"explain(loss, w), not {value!r}"
            )
    within(locals(), paths="1, 2, ...")
    groups = check_groups(groups)
    made = oldest_first(root, wrt)
    order = topological_order(root, wrt)
    known = Names(order, names, groups, readable)
    flowing = flow(order, root, wrt, paths)
    known.name_all(made)  # as the page names them
    remarks = findings(flowing, lambda value: _place(value, known, groups))
    layers = stages(flowing, groups) if groups and flowing.edges else []
    return Explanation(
        root,
        wrt,
        flowing.gradient,
        flowing.count,
        flowing.size,
        flowing.best,
        remarks,
        layers,
        known,
        groups,
    )


def _place(value: Value, names: Names, groups: Groups) -> str:
    def term(x: Value) -> Term:
        return shown_number(x.data) if x.op is LITERAL else Term(names[x])

    if not value.parents:
        return names[value]
    text = TEXT.operation(value.op, value.parents, term).text
    if len(text) > OPERATION_LENGTH:
        text = text[:OPERATION_LENGTH].rsplit(" ", 1)[0] + " ..."
    group = ""
    if value in groups:
        path, call = groups[value]
        group = f" in {visible(path) or 'the model'}, call {call}"
    return f"{names[value]} = {text}{group}"


def _count(paths: int) -> str:
    if paths < 10**12:
        return f"{paths:,}"
    return f"about 10^{int(paths.bit_length() * math.log10(2.0))}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _ends(items: Sequence[Item]) -> list[Item | int]:
    """Return all items, or both ends and the number of items between them."""
    half = FACTORS // 2
    if len(items) <= FACTORS + 1:
        return list(items)
    return [*items[:half], len(items) - FACTORS, *items[-half:]]


def _readable_jacobian(stage: Stage) -> list[list[float]]:
    """Return the Jacobian if it is small enough to be read, else []."""
    if stage.jacobian and max(len(stage.inputs), len(stage.outputs)) <= ENTRIES:
        return stage.jacobian
    return []


def _matrix(stage: Stage) -> str:
    rows = [" & ".join(latex_number(p).text for p in row) for row in _readable_jacobian(stage)]
    body = r" \\ ".join(rows)
    return LATEX_PARENTHESES.format(rf"\begin{{matrix}} {body} \end{{matrix}}")


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tr>{titles}</tr>{body}</table>"


def _folded(summary: str, html: str) -> str:
    return f"<details><summary>{summary}</summary>{html}</details>"
