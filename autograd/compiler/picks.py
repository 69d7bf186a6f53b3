"""picks: functions that take one element out of a list, which may lie anywhere.

Such a function, as that of `take`, looks at elements at known places, and by them
chooses one more, or a constant. Its list need not lie side by side. Where the
lists of several lanes share what it chooses by, as those of the numbers of an
embedding do, it takes an element of each at a time.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
from collections.abc import Callable, Sequence
from functools import cache

from ..core import texts
from .registers import Code, lanes, splat, spread
from .translate import LIST, NUMBER, SEVERAL, Term, Translator


@cache
def known_places(name: str) -> tuple[int, ...] | None:
    """The places of the elements at which a function always looks; None if it is of another kind.

    It has assignments, and then returns one of two, of which each is an element at
    a computed place, or is made without the list. Elsewhere it asks for the length
    of the list, and for elements at known places.
    """
    *assigned, last = texts.definitions()[name].body
    (xs,) = [argument.arg for argument in texts.definitions()[name].args.args]
    chosen = last.value if isinstance(last, ast.Return) else None
    if not isinstance(chosen, ast.IfExp) or any(not isinstance(a, ast.Assign) for a in assigned):
        return None
    found = [node for node in (chosen.body, chosen.orelse) if isinstance(node, ast.Subscript)]
    places, named = [], 0
    for node in [node for part in (*assigned, last) for node in ast.walk(part)]:
        if isinstance(node, ast.ListComp | ast.List | ast.IfExp) and node is not chosen:
            return None
        named += isinstance(node, ast.Name) and node.id == xs
        if isinstance(node, ast.Call) and ast.unparse(node) == f"len({xs})":
            named -= 1
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == xs:
            named -= 1
            try:
                places.append(int(ast.literal_eval(node.slice)))
            except ValueError:
                if node not in found:
                    return None
    return None if named else tuple(dict.fromkeys(places))


class Picking(Translator):
    """Such a function, for `across` lists of n numbers at a time.

    `shared(k)` is the element at a known place, which all of these lists share, and
    `each(k)` the one at a computed place of every list.
    """

    def __init__(
        self,
        code: Code,
        across: int,
        n: int,
        shared: Callable[[int], str],
        each: Callable[[str], str],
    ) -> None:
        super().__init__(code)
        self.across, self.n, self.shared, self.each = across, n, shared, each

    def picked(self, name: str) -> str:
        """Return what a function of this name picks of each list."""
        definition = texts.definitions()[name]
        length = self.constant(self.n)
        self.names[definition.args.args[0].arg] = Term(LIST, "", length=length)
        return self.straight(definition.body).text

    def do_Subscript(self, node: ast.Subscript) -> Term:
        k = self.expression(node.slice)
        if k.known is None:
            return Term(SEVERAL, self.each(k.text))
        return Term(NUMBER, self.shared(k.known % self.n))

    def do_IfExp(self, node: ast.IfExp) -> Term:
        found: list[str] = []

        def way(value: ast.expr) -> Callable[[], None]:
            return lambda: found.append(self.for_each(self.expression(value)))

        ends = self.branches(self.truth(node.test), way(node.body), way(node.orelse))
        sources = ", ".join([f"[{x}, %{end}]" for x, end in zip(found, ends, strict=True)])
        return self.new(NUMBER, f"phi {lanes('double', self.across)} {sources}")

    def for_each(self, term: Term) -> str:
        """One of the two ways: an element of each list, or a number for all of them."""
        if term.kind == SEVERAL:
            return term.text
        if term.known is not None:
            return splat(float(term.known), self.across)
        return spread(self.code, self.real(term).text, self.across)


def of_runs(
    code: Code, k: str, lengths: Sequence[int], width: int, load: Callable[[int, str], str]
) -> str:
    """The elements k of lists in several runs: `load(r, i)` are the i-th ones of the run r."""
    kind, found, first = lanes("double", width), "", 0
    for r, n in enumerate(lengths):
        i = "0"
        if n > 1:
            i = code.new(f"sub i64 {k}, {first}")
        if n > 1 and len(lengths) > 1:  # what lies outside this run is read, but not chosen
            low = code.new(f"icmp slt i64 {i}, 0")
            i = code.new(f"select i1 {low}, i64 0, i64 {i}")
            high = code.new(f"icmp sge i64 {i}, {n}")
            i = code.new(f"select i1 {high}, i64 {n - 1}, i64 {i}")
        x = load(r, i)
        if r:
            here = code.new(f"icmp sge i64 {k}, {first}")
            x = code.new(f"select i1 {here}, {kind} {x}, {kind} {found}")
        found = x
        first += n
    return found
