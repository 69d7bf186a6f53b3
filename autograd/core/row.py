"""Primitive: what a row of the table of primitives holds."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, TypeAlias, cast

from ..errors import DomainError, PrimitiveError

Rule: TypeAlias = Callable[..., Any] | float


@dataclass(eq=False, slots=True)
class Primitive:
    """A function z = f(x, y, ...) that the engine knows, and its derivative.

    `primitives.primitive` makes it and explains the other fields.

    Attributes:
        arity: The number of operands, None for a list.
        violates: A function of the operands, true outside the domain.
        constants: The partials if all are numbers, with None for 0.
        function: For users. It raises outside the domain.
        total: For rules. It never raises.
        masked: The operands to which a partial of 0 passes nothing on, not even an
            infinite adjoint, since z is 0 whatever they are: y of `scale`, where x is 0.
        pull: Adds what a node gives to the grads of its parents.
    """

    name: str
    arity: int | None
    forward: Callable[..., float]
    partials: tuple[Rule, ...] | Callable[..., Any]
    domain: str = ""
    violates: Callable[..., bool] | None = None
    error: type[DomainError] = DomainError
    kinks: str = ""
    summary: str = ""
    formula: str = ""
    derivatives: tuple[str, ...] = ()
    source: str = ""
    symbol: str = ""
    latex: str = ""
    python: str = ""
    precedence: int | None = None
    ulp: tuple[float, float, float] = (2.0, 4.0, 16.0)
    limits: str = ""
    bilinear: bool = False
    singular: bool = False
    constants: tuple[float | None, ...] = field(default=(), init=False)
    masked: tuple[int, ...] = field(default=(), init=False)
    composition: Callable[..., Any] | None = None
    function: Callable[..., Any] = lambda *operands: None
    total: Callable[..., Any] = lambda *operands: None
    pull: Callable[[Any, float], None] = lambda z, g: None

    def __post_init__(self) -> None:
        if not callable(self.partials) and not any(map(callable, self.partials)):
            self.constants = tuple([cast("float", p) or None for p in self.partials])
            if self.arity == 1:
                self.constants += (None,)  # as many as a node has slots
        if self.bilinear and self.singular and self.arity == 2:
            corners = (inf, 0.0), (0.0, inf)
            self.masked = tuple([i for i in (0, 1) if self.forward(*corners[i]) == 0.0])

    def partials_at(self, operands: Sequence[Any], z: Any, wanted: Sequence[bool]) -> list[Any]:
        """Return dz/dx for every wanted operand x of z = f(operands).

        Numbers give numbers. Values give a graph.

        Returns:
            One entry for each operand. It is None for those that are not wanted,
            and for those whose rule is the number 0, or None in a list: z
            depends on them by steps alone, as on a condition.
        """
        if callable(self.partials):
            return [
                p if want else None
                for p, want in zip(self.partials(operands, z), wanted, strict=True)
            ]
        return [
            (rule(*operands, z) if callable(rule) else rule or None) if want else None
            for rule, want in zip(self.partials, wanted, strict=True)
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """What the domain calls the operands."""
        return ("xs",) if self.arity is None else ("x", "y", "w")[: self.arity]

    @property
    def outside(self) -> str:
        """The Python expression that holds outside the domain.

        A nan among the operands is no mistake of this call. It lies inside.
        """
        single = self.names if self.arity is not None else ()
        return " and ".join([f"not ({self.domain})", *[f"{x} == {x}" for x in single]])

    def sweep_order(self, n: int) -> Sequence[int]:
        """Return the positions of n operands in the order of backward.

        They are reached as they stand, but two lists that are multiplied are
        reached pair by pair.
        """
        if not self.bilinear or self.arity is not None:
            return range(n)
        return [i for pair in zip(range(n // 2), range(n // 2, n), strict=True) for i in pair]

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> Any:
        """A row is copied and pickled by its name."""
        named(self.name)
        return named, (self.name,)


# The grad that no backward has reached: this object, told from other zeros by `is`.
NOT_COMPUTED = float("0")
LEAF = Primitive("leaf", 0, float, ())
LITERAL = Primitive("literal", 0, float, ())
PRIMITIVES: dict[str, Primitive] = {}


def named(name: str) -> Primitive:
    """Return the row of that name.

    Raises:
        PrimitiveError: This process has none.
    """
    for op in (LEAF, LITERAL, PRIMITIVES.get(name)):
        if op is not None and op.name == name:
            return op
    raise PrimitiveError(
        f"there is no primitive {name!r} here: run the primitive(...) that makes it before "
        "copying or loading a graph that uses it"
    )
