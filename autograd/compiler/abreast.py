"""abreast: functions of a list, for as many lists at a time as a register has lanes.

All functions that a function calls are written out in it, with registers of lanes
in the places of numbers. The lists of a group must go the same ways. Where a
condition holds for some of them alone, the function gives up. So it does where a
way has no form in lanes, such as that of a sum which is hard to round. Then each
list of the group is computed for itself, by the function of the library.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
from collections.abc import Sequence
from functools import cache

from ..core import texts
from .library import declarations, head_of_call_on_lists
from .llvm import Engine
from .native import Writer
from .registers import Code, lanes, spread, transposed
from .translate import LIST, NUMBER, SEVERAL, WHOLE, Size, Term, Translator, UntranslatableError

ALONE = "alone"  # the block in which a function gives up
LONGEST = 256  # elements of a list: those of a group fill half of the nearest cache


def call(width: int) -> str:
    """The call `abreast`: groups of as many lists as there are lanes, then those that are left.

    The function g takes a group. Its lists are copied to the scratch memory, element
    by element: as many elements at a time as there are lanes, then those that are left.
    """
    return f"""
{head_of_call_on_lists("abreast", "g")}
%taken = mul i64 %n, {width}
%rest = getelementptr double, ptr %s, i64 %taken
br label %head
head:
%i = phi i64 [0, %entry], [%end, %next]
%left = sub i64 %lanes, %i
%many = icmp uge i64 %left, {width}
%few = select i1 %many, i64 {width}, i64 %left
%end = add i64 %i, %few
%at = mul i64 %i, %n
%xs = getelementptr double, ptr %x, i64 %at
%zs = getelementptr double, ptr %z, i64 %i
br i1 %many, label %copy, label %each
copy:
%whole = and i64 %n, -{width}
%some = icmp ne i64 %whole, 0
br i1 %some, label %tile, label %lists
tile:
%b = phi i64 [0, %copy], [%b1, %tile]
{tile(width)}
%b1 = add i64 %b, {width}
%again = icmp ult i64 %b1, %whole
br i1 %again, label %tile, label %lists
lists:
%others = icmp ult i64 %whole, %n
br i1 %others, label %list, label %together
list:
%l = phi i64 [0, %lists], [%l1, %copied]
%ln = mul i64 %l, %n
br label %element
element:
%k = phi i64 [%whole, %list], [%k1, %element]
%from = add i64 %ln, %k
%p = getelementptr double, ptr %xs, i64 %from
%y = load double, ptr %p
%kw = mul i64 %k, {width}
%to = add i64 %kw, %l
%q = getelementptr double, ptr %s, i64 %to
store double %y, ptr %q
%k1 = add i64 %k, 1
%inside = icmp ult i64 %k1, %n
br i1 %inside, label %element, label %copied
copied:
%l1 = add i64 %l, 1
%more = icmp ult i64 %l1, {width}
br i1 %more, label %list, label %together
together:
%done = call i1 %g(ptr %m, ptr %rest, ptr %s, i64 %n, ptr %zs)
br i1 %done, label %next, label %each
each:
%j = phi i64 [0, %head], [0, %together], [%j1, %each]
%jn = mul i64 %j, %n
%ys = getelementptr double, ptr %xs, i64 %jn
%r = call double %f(ptr %m, ptr %s, ptr %ys, i64 %n)
%w = getelementptr double, ptr %zs, i64 %j
store double %r, ptr %w
%j1 = add i64 %j, 1
%further = icmp ult i64 %j1, %few
br i1 %further, label %each, label %next
next:
%going = icmp ult i64 %end, %lanes
br i1 %going, label %head, label %out
out:
ret void
}}
"""


def tile(width: int) -> str:
    """Lines that copy `width` elements of as many lists, from the element b on."""
    writer = Writer(width)
    code, rows = writer.code, []
    for k in range(width):
        begin = code.new(f"mul i64 %n, {k}")
        at = code.new(f"add i64 {begin}, %b")
        rows.append(writer.load(code.new(f"getelementptr double, ptr %xs, i64 {at}"), 1, width))
    to = code.new(f"mul i64 %b, {width}")
    first = code.new(f"getelementptr double, ptr %s, i64 {to}")
    for k, register in enumerate(transposed(code, rows, width)):
        place = code.new(f"getelementptr double, ptr {first}, i64 {k * width}")
        writer.store(register, place, width)
    return "\n".join(code.lines)


class Abreast(Translator):
    """Expressions and statements over numbers of `width` lists.

    `forked` says whether a condition on lanes has been met, so that what has no
    translation is a way that need not be gone.
    """

    def __init__(self, code: Code, width: int, scratch: str, forked: bool) -> None:
        super().__init__(code, width, scratch)
        self.forked = forked
        self.plain: set[str] = set()  # truths about whole numbers, the same for all lanes

    def compared(self, op: ast.cmpop, x: Term, y: Term) -> Term:
        """Translate one comparison."""
        found = super().compared(op, x, y)
        if x.kind == y.kind == WHOLE:
            self.plain.add(found.text)
        return found

    def all_or_any(self, how: str, truths: Sequence[Term]) -> Term:
        """Join truths about lanes by "and" or "or"."""
        if len(truths) > 1 and not self.plain.isdisjoint([truth.text for truth in truths]):
            raise UntranslatableError("truths about lanes and about whole numbers")
        return super().all_or_any(how, truths)

    def selected(self, truth: Term, x: Term, y: Term) -> Term:
        """Return x where the truth holds, else y, both computed before."""
        if truth.text in self.plain:
            raise UntranslatableError("lanes that a whole number selects")
        return super().selected(truth, x, y)

    def branches(self, truth: Term, *ways: object) -> list[str]:
        """Refuse ways that belong to a part of an expression."""
        raise UntranslatableError("an element that is read by some lanes alone")

    def real(self, term: Term) -> Term:
        """The same as a float in all lanes."""
        if term.kind != WHOLE or term.known is not None:
            return super().real(term)
        x = self.code.new(f"sitofp i64 {term.text} to double")
        return Term(NUMBER, spread(self.code, x, self.width))

    def fork(self, truth: Term, yes: str, no: str) -> None:
        """Go the way that all lanes go; give up if they part."""
        if truth.text in self.plain:
            super().fork(truth, yes, no)
            return
        self.forked = True
        kind = lanes("i1", self.width)
        (some,) = self.code.labels("some")
        for how, way, other in (("and", yes, some), ("or", ALONE, no)):
            reduced = f"@llvm.vector.reduce.{how}.v{self.width}i1"
            found = self.code.new(f"call i1 {reduced}({kind} {truth.text})")
            self.code.write(f"br i1 {found}, label %{way}, label %{other}")
            if other == some:
                self.code.label(some)

    def go_on(self, node: ast.While) -> None:
        """Refuse a loop that lanes would leave one after the other."""
        raise UntranslatableError(ast.unparse(node.test))

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Statements with loops; whether they end with a return, or give up."""
        code = self.code
        for node in body:
            written, block = len(code.lines), code.block
            try:
                if super().run([node]):
                    return True
            except UntranslatableError:
                if not self.forked:
                    raise
                del code.lines[written:]
                code.block = block
                code.write(f"br label %{ALONE}")
                return True
        return False

    def do_Call(self, node: ast.Call) -> Term:
        if ast.unparse(node.func) == "int":
            raise UntranslatableError("whole numbers that differ from lane to lane")
        return super().do_Call(node)

    def function(self, name: str, terms: Sequence[Term]) -> Term:
        """A function that has a text; one of a list is written out."""
        if name in texts.definitions() and terms[0].kind == LIST:
            return self.written_out(name, terms[0])
        return super().function(name, terms)

    def written_out(self, name: str, xs: Term) -> Term:
        """What a function makes of a list in every lane."""
        code, definition = self.code, texts.definitions()[name]
        inner = Abreast(code, self.width, self.scratch, self.forked)
        inner.looping = self.looping
        inner.names[definition.args.args[0].arg] = xs
        (end,) = code.labels("end")
        found: list[tuple[Sequence[Term], str]] = []

        def give(term: Term) -> None:
            parts = term.parts if term.kind == SEVERAL else (self.real(term),)
            found.append((parts, code.block))
            code.write(f"br label %{end}")

        inner.returns = give
        if not inner.run(definition.body) or not found:
            raise UntranslatableError(f"{name}, which may end without a result")
        self.forked, self.used = inner.forked, self.used + inner.used
        code.label(end)
        parts = []
        for k in range(len(found[0][0])):
            sources = ", ".join([f"[{terms[k].text}, %{block}]" for terms, block in found])
            parts.append(self.new(NUMBER, f"phi {self.numbers} {sources}"))
        return parts[0] if len(parts) == 1 else Term(SEVERAL, "", parts=tuple(parts))


@cache
def in_lanes(name: str, width: int) -> tuple[str, Size] | None:
    """A function `@l_name(m, s, xs, n, z)` of `width` lists, and how many numbers its lists take.

    Where the lists xs, of n elements each, lie element by element, it writes what
    it makes of each to z. It returns whether it has not given up. None if the
    function has no form in lanes.
    """
    code = Code()
    whole = Abreast(code, width, "%s", False)
    length = Term(WHOLE, "%n")
    xs = Term(LIST, "%xs", length=length, size=Size(1, 0), element=whole.numbers)
    try:
        result = whole.written_out(name, xs)
    except UntranslatableError:
        return None
    lines = "\n".join(code.lines)
    text = (
        f"define i1 @l_{name}(ptr %m, ptr %s, ptr %xs, i64 %n, ptr %z) {{\nentry:\n{lines}\n"
        f"store {whole.numbers} {result.text}, ptr %z, align 8\nret i1 true\n"
        f"{ALONE}:\nret i1 false\n}}"
    )
    return text, whole.used


def compiled(engine: Engine, name: str) -> tuple[int, Size] | None:
    """Where this function is in memory, and how many numbers its lists take; None if none is.

    The function `abreast`, which runs it on lists, then is in memory, too.
    """
    found = in_lanes(name, engine.width)
    if found is None:
        return None
    text, size = found
    width = engine.width
    made = {"abreast": call(width), f"l_{name}": text}
    end = declarations(width)

    def needed(names: list[str]) -> str:
        return "\n".join([*[made[each] for each in names], end])

    _, place = engine.addresses(f"{width} lists abreast", list(made), needed)
    return place, size
