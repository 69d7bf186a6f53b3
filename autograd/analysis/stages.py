"""The layers that a gradient passes, each with its Jacobian.

The product of the Jacobians, the last layer first, is the gradient.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..core import ieee
from ..core.value import Value
from .groups import Calls, Groups, levels
from .paths import Flow

JACOBIAN_WIDTH = 64  # inputs or outputs of a layer whose Jacobian is still computed


class Stage(NamedTuple):
    """One layer.

    `inputs` enter it and `outputs` leave it, in the order in which the next
    layer takes them; a layer's units keep their order. `norm` is the Euclidean
    norm of the gradient with respect to `inputs`, as far as it passes this layer:
    the product of the Jacobians from here to the root. `jacobian[i][j]` is
    d(outputs[i])/d(inputs[j]). It is the matrix of weights of a linear layer,
    has a 1 for a Value that passes by, and is None for more than 64 inputs or
    outputs.
    """

    name: str
    inputs: list[Value]
    outputs: list[Value]
    norm: float
    jacobian: list[list[float]] | None


def stages(flow: Flow, groups: Groups) -> list[Stage]:
    """Cut a flow into layers, from `wrt` to the root.

    A layer ends where a group ends. Each path crosses each layer once.
    """
    stage_of, names = _assigned(flow, groups)
    last = stage_of.get(flow.root, 0)
    # For each stage what it, or an earlier one, hands to a later stage.
    # With it goes its gradient, as far as it comes from these later stages.
    leaving: list[dict[Value, float]] = [{} for _ in range(last + 1)]
    for edge in flow.edges:
        x = edge.operand
        g = edge.passed_on(flow.gradients[edge.result])
        for stage in range(stage_of[x], stage_of[edge.result]):
            leaving[stage][x] = leaving[stage].get(x, 0.0) + g
    leaving[last] = {flow.root: 1.0}
    found = []
    entering = {flow.wrt: flow.gradient}
    for stage, members in enumerate(leaving):
        inputs, outputs = list(entering), list(members)
        norm = ieee.norm(list(entering.values()))
        jacobian = _jacobian(flow, stage_of, stage, inputs, outputs)
        found.append(Stage(names[stage], inputs, outputs, norm, jacobian))
        entering = members
    return found


def _assigned(flow: Flow, groups: Groups) -> tuple[dict[Value, int], list[str]]:
    """Return the number of the stage of every node on a path, and the stages' names.

    A node's stage is that of its latest operand, or the next one if the group
    changes between them. Paths of groups are cut to the smallest depth at which
    two groups follow each other: a model's layers, not its neurons.
    """
    operands: dict[Value, list[Value]] = {}
    for edge in reversed(flow.edges):
        operands.setdefault(edge.result, []).append(edge.operand)
    places = {
        node: (levels(groups[node][0]), groups[node][1]) if node in groups else None
        for node in operands
    }
    deepest = max(len(place[0]) if place else 0 for place in places.values())
    calls = Calls(groups)
    depth = 0
    while True:
        depth += 1
        keys = {
            node: place and (calls.part(place[0], depth), place[1])
            for node, place in places.items()
        }
        stage_of = {flow.wrt: 0}
        found: dict[int, dict[str | None, set[int]]] = {}
        for node, xs in operands.items():
            stage = stage_of[node] = max(
                stage_of[x] + (x is not flow.wrt and keys[x] != keys[node]) for x in xs
            )
            key = keys[node]
            path, call = (".".join(key[0]), key[1]) if key else (None, 0)
            found.setdefault(stage, {}).setdefault(path, set()).add(call)
        in_groups = [parts for parts in found.values() if any(parts)]
        if len(in_groups) > 1 or depth >= deepest:
            return stage_of, [_title(found[stage]) for stage in sorted(found)]


def _title(parts: Mapping[str | None, Iterable[int]]) -> str:
    """Name a stage after its groups and the calls of each."""
    titles = []
    for path, indices in parts.items():
        calls, name = sorted(indices), path or "the model"
        if path is None:
            titles.append("outside every group")
        elif len(calls) == 1:
            titles.append(f"{name}, call {calls[0]}")
        elif len(calls) < 4:
            titles.append(f"{name}, calls {', '.join(map(str, calls))}")
        else:
            titles.append(f"{name}, calls {calls[0]} to {calls[-1]}")
    return ", ".join(titles)


def _jacobian(
    flow: Flow, stage_of: Mapping[Value, int], stage: int, inputs: list[Value], outputs: list[Value]
) -> list[list[float]] | None:
    """Compute the Jacobian of a stage in forward mode, a row for every node."""
    if max(len(inputs), len(outputs)) > JACOBIAN_WIDTH:
        return None
    rows = {x: [float(x is y) for y in inputs] for x in inputs}
    nothing = [0.0] * len(inputs)
    for edge in reversed(flow.edges):
        z, x = edge.result, edge.operand
        if stage_of[z] == stage and x in rows:
            rows[z] = [
                a + edge.passed_on(b) for a, b in zip(rows.get(z, nothing), rows[x], strict=True)
            ]
    return [rows[z] for z in outputs]
