"""What is worth a remark about a gradient.

A gradient can turn nan, die, explode, cancel itself, fade, or change its sign.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
from collections.abc import Callable
from typing import NamedTuple

from ..core.value import Value
from .notation import four_digits
from .paths import Edge, Flow

KINDS = ("nan", "dies", "explodes", "cancels", "fades", "flips")  # the worst first
FADES, EXPLODES = 0.01, 100.0  # of a local derivative
FADED, GROWN = 1e-3, 1e3  # of the product along a path
CANCELLED = 0.1  # of what flows is left
REMARKS = 5  # of a kind that are written out


class Finding(NamedTuple):
    """A remark on a gradient.

    `kind` is "nan", "dies", "explodes", "cancels", "fades" or "flips". `edge`
    is the place, or None if there is no single one.
    """

    kind: str
    edge: Edge | None
    text: str


def findings(flow: Flow, place: Callable[[Value], str]) -> list[Finding]:
    """Return the remarks on a flow, the worst kind first.

    Within a kind, places with a large gradient come first.

    Args:
        flow: What flows.
        place: Names a node and its group in a text.
    """
    places = _places(flow)
    found = []
    for kind in KINDS:
        if kind == "nan":
            found += _sums(flow, place)
        at = places.get(kind, [])
        for what, edge in at[:REMARKS]:
            local = f"local derivative {four_digits(edge.local)}"
            found.append(Finding(kind, edge, f"{what} at {place(edge.result)}: {local}"))
        if len(at) > REMARKS:
            rest = len(at) - REMARKS
            found.append(Finding(kind, None, f"and {rest:,} more such places ({kind})"))
        if not at:
            found += [Finding(kind, None, text) for text in _of_the_whole(kind, flow)]
    return found


def _places(flow: Flow) -> dict[str, list[tuple[str, Edge]]]:
    """Return the edges that deserve a remark, with what happens there, by kind."""
    places: dict[str, list[tuple[str, Edge]]] = {}
    told: set[tuple[str, Value, str]] = set()
    blocked = flow.size == 0.0  # no path brings anything
    for edge in flow.edges:
        upstream, size = flow.gradients[edge.result], abs(edge.local)
        passed = edge.passed_on(upstream)
        turns_nan = passed != passed and upstream == upstream
        if turns_nan or (math.isinf(passed) and math.isfinite(upstream)):
            kind, what = "nan", f"turns {four_digits(passed)}"
        elif size == 0.0 and passed == 0.0 and (upstream or blocked):
            arrives = upstream or edge.result in flow.cancelled
            kind, what = "dies", "dies" if arrives else "dies again"
        elif passed == 0.0 and upstream:
            kind, what = "dies", "underflows to 0"
        elif not upstream or passed != passed:
            continue
        # A list's factors are small if they are weights, or many.
        elif size <= FADES and edge.result.op.arity is not None:
            kind, what = "fades", "fades"
        elif size >= EXPLODES:
            kind, what = "explodes", "explodes"
        else:
            continue
        # An operand that stands twice in an operation has two edges, told once.
        seen = (kind, edge.result, four_digits(edge.local))
        if seen not in told:
            told.add(seen)
            places.setdefault(kind, []).append((what, edge))

    def upstream_size(place: tuple[str, Edge]) -> float:
        g = abs(flow.gradients[place[1].result])
        return g if g == g else math.inf

    for at in places.values():
        at.sort(key=upstream_size, reverse=True)
    if flow.best and flow.best[0].contribution:
        product = 1.0
        for edge in flow.best[0].edges:
            product = edge.passed_on(product)
            if edge.local < 0.0 and product == product:
                places.setdefault("flips", []).append(("path 1 changes its sign", edge))
    return places


def _sums(flow: Flow, place: Callable[[Value], str]) -> list[Finding]:
    """Remarks on nodes whose gradient turns nan or infinite as it is added up."""
    terms: dict[Value, list[float]] = {
        node: [] for node, g in flow.gradients.items() if not math.isfinite(g)
    }
    if not terms:
        return []
    for edge in flow.edges:
        if edge.operand in terms:
            terms[edge.operand].append(edge.passed_on(flow.gradients[edge.result]))
    found: list[Finding] = []
    more = 0
    for node, passed in terms.items():
        g = flow.gradients[node]
        if g != g and not any(map(math.isnan, passed)):
            why = f"inf and -inf meet in the sum of {len(passed)} gradients"
        elif all(map(math.isfinite, passed)):
            why = f"the sum of {len(passed)} finite gradients overflows"
        else:
            continue
        if len(found) < REMARKS:
            found.append(Finding("nan", None, f"turns {four_digits(g)} at {place(node)}: {why}"))
        else:
            more += 1
    if more:
        found.append(Finding("nan", None, f"and {more:,} more such sums (nan)"))
    return found


def _of_the_whole(kind: str, flow: Flow) -> list[str]:
    """Remarks on all edges together, where no single edge deserves one."""
    product = abs(flow.best[0].contribution) if flow.best else 0.0
    extreme = {"fades": 0.0 < product <= FADED, "explodes": GROWN <= product < math.inf}
    if extreme.get(kind):
        length = len(flow.best[0].edges)
        mean = four_digits(product ** (1.0 / length))
        return [
            f"{kind} little by little: {length:,} factors on path 1, {mean} each in geometric "
            f"mean, give {four_digits(product)}"
        ]
    # Where sizes overflow, nobody knows how much of them a number other than 0 is.
    known = math.isfinite(flow.size) or flow.gradient == 0.0
    left = abs(flow.gradient)
    if kind == "cancels" and flow.count > 1 and known and left < CANCELLED * flow.size:
        return [
            f"cancels: paths of opposite sign leave {four_digits(flow.gradient)} "
            f"of {four_digits(flow.size)} that flows"
        ]
    return []
