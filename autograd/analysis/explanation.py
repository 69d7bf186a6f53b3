"""explain: why a gradient is what it is. Its paths with their factors, what they add up to, its layers, and where it goes wrong."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

from ..core import ieee
from ..core.arguments import within
from ..core.graph import topological_order
from ..core.row import LITERAL
from ..core.value import Value
from ..errors import DataTypeError
from .findings import Finding, findings
from .groups import Groups, check_groups
from .notation import (
    LATEX_PARENTHESES,
    PYTHON,
    Names,
    Term,
    latex_name,
    latex_number,
    number,
    python_number,
    visible,
)
from .paths import Path, flow
from .stages import Stage, stages

FACTORS = 24  # of a path that are written out, half from each end
ENTRIES = 6  # rows and columns of a Jacobian that are written out
LONGEST = 60  # characters of an operation

Item = TypeVar("Item")


@dataclass(frozen=True, repr=False)
class Explanation:
    """What `explain` found, told by str(), LaTeX and HTML; its parts are there for a program.

    `gradient` is d(root)/d(wrt), with the bits of backward. `count` is the number of paths, `size` the sum of the absolute values of what they
    bring, `paths` the largest of them: path.contribution is what it brings, path.edges are its factors from the root down. `stages` are the
    layers, from the value to the root.
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
        """The part of `size` that a path brings; nan if something infinite or undefined flows."""
        return abs(path.contribution) / self.size if self.size else 0.0

    @property
    def covered(self) -> float:
        """The part of `size` that all of `paths` bring."""
        return ieee.fsum([self.share(path) for path in self.paths])

    def __str__(self) -> str:
        lines = [
            f"{self._derivative(self.root, self.wrt)} = {self.gradient + 0.0:.6g}",
            self._overview(),
        ]
        lines += [f"  {finding.text}" for finding in self.findings]
        for i, path in enumerate(self.paths, 1):
            lines += ["", self._title(i, path)]
            rows = [("", "1", "", ""), *self._rows(path)]
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            lines += [
                "  "
                + "  ".join(
                    f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
                ).rstrip()
                for row in rows
            ]
        if len(self.stages) > 1:
            lines += ["", "layers, the last first: the product of their Jacobians is the gradient"]
            for stage in reversed(self.stages):
                lines.append(
                    f"  {visible(stage.name)}: Jacobian {_shape(stage)}, norm of the gradient below {number(stage.norm)}"
                )
                lines += [
                    f"    {' '.join(f'{number(p):>10}' for p in row)}" for row in _small(stage)
                ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        equal_to = rf"= {latex_number(self.gradient).text}"
        rows = [rf"{self._partial(self.root, self.wrt)} &{equal_to}"]
        for i, path in enumerate(self.paths, 1):
            edges = _ends(path.edges)
            symbols = [
                r"\cdots" if isinstance(edge, int) else self._partial(edge.result, edge.operand)
                for edge in edges
            ]
            numbers = [
                r"\cdots" if isinstance(edge, int) else f"{latex_number(edge.local):3}"
                for edge in edges
            ]
            products = " = ".join(r" \cdot ".join(factors) or "1" for factors in (symbols, numbers))
            rows.append(
                rf"\text{{path {i}: }} & {products} = {latex_number(path.contribution).text}"
            )
        if len(self.stages) > 1 and all(map(_small, self.stages)):
            rows.append(
                rf"\text{{layers: }} & {' '.join(map(_matrix, reversed(self.stages)))} {equal_to}"
            )
        return "$\\displaystyle \\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$"

    def _repr_html_(self) -> str:
        parts = [
            f"<p><strong>{escape(self._derivative(self.root, self.wrt))} = {self.gradient + 0.0:.6g}</strong>. {escape(self._overview())}</p>"
        ]
        if self.findings:
            parts.append(
                f"<ul>{''.join(f'<li>{escape(finding.text)}</li>' for finding in self.findings)}</ul>"
            )
        for i, path in enumerate(self.paths, 1):
            parts.append(
                _table(
                    self._title(i, path),
                    ("factor", "product so far", "derivative", "operation"),
                    self._rows(path),
                )
            )
        if len(self.stages) > 1:
            rows = [
                (visible(stage.name), _shape(stage), number(stage.norm))
                for stage in reversed(self.stages)
            ]
            parts.append(
                _table(
                    "layers, the last first: the product of their Jacobians is the gradient",
                    ("layer", "Jacobian", "norm of the gradient below"),
                    rows,
                )
            )
        return "".join(parts)

    def _overview(self) -> str:
        if self.count <= 1:
            nothing = f"{self.names[self.root]} does not depend on {self.names[self.wrt]}, or by steps alone, where no derivative goes."
            return "There is one path." if self.count else nothing
        if self.count == len(self.paths):
            return f"{self.count} paths add up to it."
        shown = ieee.fsum([path.contribution for path in self.paths])
        count = (
            f"{self.count:,}"
            if self.count < 10**12
            else f"about 10^{int(self.count.bit_length() * math.log10(2.0))}"
        )
        share = (
            f", {self.covered:.1%} of all that flows in absolute value"
            if self.covered == self.covered
            else ""
        )
        return f"The largest {len(self.paths)} of {count} paths bring {number(shown)}{share}; the others bring {number(self.gradient - shown)}."

    def _title(self, i: int, path: Path) -> str:
        share = self.share(path)
        return f"path {i}: {number(path.contribution)}{f', {share:.1%} of all that flows' if self.count > 1 and share == share and self.size else ''}"

    def _rows(self, path: Path) -> list[tuple[str, str, str, str]]:
        """A row of texts for each factor: the factor, the product so far, d/d, and the operation with its group."""
        steps = []
        product = 1.0
        for edge in path.edges:
            product = edge.local * product if product else 0.0
            steps.append((edge, number(product)))
        return [
            ("...", "", f"{step:,} factors", "")
            if isinstance(step, int)
            else (
                f"x {number(step[0].local)}",
                step[1],
                self._derivative(step[0].result, step[0].operand),
                self.place(step[0].result),
            )
            for step in _ends(steps)
        ]

    def place(self, value: Value) -> str:
        """A node in words: its operation, and the group that it belongs to."""
        return _place(value, self.names, self.groups)

    def _derivative(self, z: Value, x: Value) -> str:
        return f"d({self.names[z]})/d({self.names[x]})"

    def _partial(self, z: Value, x: Value) -> str:
        return rf"\frac{{\partial {latex_name(self.names[z])}}}{{\partial {latex_name(self.names[x])}}}"


def explain(
    root: Value,
    wrt: Value,
    groups: Groups | None = None,
    paths: int = 5,
    names: Mapping[str, Value] | None = None,
) -> Explanation:
    """Why d(root)/d(wrt) is what it is: the `paths` largest ways by which wrt acts on root, factor by factor, with what they bring, their part
    of all that flows, and remarks on where it dies, fades, explodes, flips, cancels or turns nan. With groups, Value -> (path, call index) as
    `nn.trace` records them, places have names and the layers' Jacobians are given. With names, {"w": w}, Values are called so.

    wrt may be an interior node; no backward need have run. Raises DataTypeError for what should be a Value and is not, ArgumentError unless
    `paths` is 1 or more, StaleValueError if a leaf was changed since the graph was made.
    """
    for value in (root, wrt):
        if not isinstance(value, Value):
            raise DataTypeError(
                f"explain() takes two Values, the result and what it depends on, explain(loss, w), not {value!r}"
            )
    within(locals(), paths="1, 2, ...")
    groups = check_groups(groups)
    flowing = flow(root, wrt, paths)
    order = topological_order(root, wrt)
    known = Names(order, names)
    known.name_all(order)  # as the page names them
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
    operands = [python_number(x.data) if x.op is LITERAL else Term(names[x]) for x in value.parents]
    text = PYTHON.operation(value.op, operands).text
    group = f" in {visible(groups[value][0])}, call {groups[value][1]}" if value in groups else ""
    return f"{names[value]} = {text if len(text) <= LONGEST else text[:LONGEST] + '...'}{group}"


def _ends(items: Sequence[Item]) -> list[Item | int]:
    """All items, or the first and the last of them and the number of those between."""
    half = FACTORS // 2
    return (
        list(items)
        if len(items) <= FACTORS + 1
        else [*items[:half], len(items) - FACTORS, *items[-half:]]
    )


def _shape(stage: Stage) -> str:
    return f"{len(stage.outputs)} x {len(stage.inputs)}"


def _small(stage: Stage) -> list[list[float]]:
    """The Jacobian if it is small enough to be read."""
    return (
        stage.jacobian
        if stage.jacobian and max(len(stage.inputs), len(stage.outputs)) <= ENTRIES
        else []
    )


def _matrix(stage: Stage) -> str:
    rows = r" \\ ".join(" & ".join(latex_number(p).text for p in row) for row in _small(stage))
    return LATEX_PARENTHESES.format(rf"\begin{{matrix}} {rows} \end{{matrix}}")


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tr>{titles}</tr>{body}</table>"
