"""The layers that a gradient passes on its way, each with its Jacobian; their product is the gradient."""

from collections.abc import Mapping
from typing import NamedTuple

from ..core import ieee
from ..core.value import Value
from .groups import Groups, levels
from .paths import Flow

LARGEST = 64  # inputs or outputs of a layer whose Jacobian is still computed


class Stage(NamedTuple):
    """One layer: the Values that enter it, those that leave it, and how large the gradient is where it enters (Euclidean norm of dL/d(input)).

    The outputs stand in the order in which the next layer takes them: those of a layer in the order of its units. `jacobian[i][j]` is
    d(outputs[i])/d(inputs[j]), for a linear layer the matrix of its weights; None with more than 64 inputs or outputs. What passes a layer by has a
    1 there.
    """

    name: str
    inputs: list[Value]
    outputs: list[Value]
    norm: float
    jacobian: list[list[float]] | None


def stages(flow: Flow, groups: Groups) -> list[Stage]:
    """From the value to the root. A layer ends where a group ends; between two of them no path is cut twice or left out."""
    stage_of, names = _number(flow, groups)
    last = stage_of.get(flow.root, 0)
    leaving: list[dict[Value, None]] = [
        {} for _ in range(last + 1)
    ]  # of each stage what later stages use, and itself passes on
    for edge in flow.edges:
        for stage in range(stage_of[edge.operand], stage_of[edge.result]):
            leaving[stage][edge.operand] = None
    leaving[last] = {flow.root: None}
    found = []
    inputs = [flow.wrt]
    for stage, outputs in enumerate(leaving):
        norm = ieee.norm([flow.gradients[value] for value in inputs])
        found.append(
            Stage(
                names[stage],
                inputs,
                list(outputs),
                norm,
                _jacobian(flow, stage_of, stage, inputs, list(outputs)),
            )
        )
        inputs = list(outputs)
    return found


def _number(flow: Flow, groups: Groups) -> tuple[dict[Value, int], list[str]]:
    """For every node on a path the number of its stage, one more than its operand's where the group changes; and the stages' names.

    Groups are cut to the least depth at which there is more than one after the other: the layers of a model, not their neurons.
    """
    operands: dict[Value, list[Value]] = {}
    for edge in reversed(flow.edges):
        operands.setdefault(edge.result, []).append(edge.operand)
    places = {
        node: (levels(groups[node][0]), groups[node][1]) if node in groups else ((), 0)
        for node in operands
    }
    depth = 0
    while True:
        depth += 1
        keys = {node: (modules[:depth], call) for node, (modules, call) in places.items()}
        stage_of = {flow.wrt: 0}
        found: dict[int, dict[str, set[int]]] = {}
        for node, xs in operands.items():
            stage = stage_of[node] = max(
                stage_of[x] + (x is not flow.wrt and keys[x] != keys[node]) for x in xs
            )
            module, call = keys[node]
            found.setdefault(stage, {}).setdefault(".".join(module), set()).add(call)
        if sum(set(parts) != {""} for parts in found.values()) > 1 or all(
            len(modules) <= depth for modules, _ in places.values()
        ):
            return stage_of, [
                ", ".join(_title(path, sorted(calls)) for path, calls in found[stage].items())
                for stage in sorted(found)
            ]


def _title(path: str, calls: list[int]) -> str:
    if not path:
        return "outside every group"
    return f"{path}, call{'' if len(calls) == 1 else 's'} {', '.join(map(str, calls)) if len(calls) < 4 else f'{calls[0]} to {calls[-1]}'}"


def _jacobian(
    flow: Flow, stage_of: Mapping[Value, int], stage: int, inputs: list[Value], outputs: list[Value]
) -> list[list[float]] | None:
    """By forward mode: every node of the stage as a row of derivatives by the inputs."""
    if max(len(inputs), len(outputs)) > LARGEST:
        return None
    rows = {x: [float(x is y) for y in inputs] for x in inputs}
    nothing = [0.0] * len(inputs)
    for z, x, p in reversed(flow.edges):
        if stage_of[z] == stage and x in rows:
            rows[z] = [
                a + (p * b if b else 0.0)
                for a, b in zip(rows.get(z, nothing), rows[x], strict=True)
            ]
    return [rows[z] for z in outputs]
