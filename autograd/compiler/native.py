"""native: the calls of a schedule as LLVM's text, one function for each distinct shape.

A function is given the program's memory v, its arguments a, which are places in
v, the table of functions m and scratch memory s. In front of s stands the flag
that tells of an operand outside a domain. Numbers of lanes and steps stand in
the text, so that two calls of the same shape share a function, and programs
share all of them.

Lanes lie side by side in registers. Each lane adds its own terms in their
order, and multiplication and addition are never fused: the bits are Python's.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

from ..core import texts
from ..core.row import Primitive
from .lanes import Ref
from .library import declarations
from .llvm import Engine
from .picks import Picking, known_places, of_runs
from .registers import Code, lanes, llvm_number, spread, transposed
from .schedule import Chain, Group, Pick, Repeat
from .tape import CHAIN, Guard, Row
from .translate import (
    INSTRUCTIONS,
    LIBM,
    NUMBER,
    OPERATORS,
    Term,
    Translator,
    domain_expression,
    domain_of,
    list_domains,
    picked,
    takes_list,
    takes_numbers,
)

PARAMETERS = "ptr %v, ptr %a, ptr %m, ptr %s"
ROUNDS = 4  # lanes of a register, from which on the processor has an instruction for floor
UNROLLED = 4  # registers of lanes that are written out instead of a loop
SUMS = 12  # registers that sum up products at a time: 3/4 of the smallest register file
BROADCAST = 8  # lanes of a register, from which on a product reads a number for all lanes itself
TALL = 4  # rows of a tile, from which on they are enough to keep such a processor busy
GIVEN = 1 << 40  # no step is as large
FEW = 4  # products, up to which the distance of their operands is an argument
SEVERAL = 8  # chains with the same runs, from which on these have a function of their own
TERMS = 24  # products of a tile that are written out instead of a loop


Argument: TypeAlias = tuple[int, int]  # and by how much it grows in a loop
Pair: TypeAlias = Sequence["Operand"]  # of the factors of products


class Operand(NamedTuple):
    """An operand of a function: an argument, and its steps from lane to lane and term to term."""

    argument: int
    outer: int = 0
    inner: int = 0
    term: int = 0  # from GIVEN on, the step is itself an argument


class Member(NamedTuple):
    """An elementwise operation in a function: operands that are ints are results of members."""

    row: Row
    operands: tuple[Operand | int, ...]
    z: Operand | None  # where it is stored, if it is
    length: int  # of the lists whose domain is tested


class Shape(NamedTuple):
    """What a function does, but for the places that are its arguments."""

    kind: str
    outer: int
    inner: int
    n: int
    parts: tuple[Any, ...]

    def key(self) -> tuple[Any, ...]:
        """The shape in plain text and numbers, the same in every process."""
        return (*self[:4], *[_key(part) for part in self.parts])


def _key(part: Any) -> Any:
    if isinstance(part, Member):
        row = part.row
        op = row.op if isinstance(row, Guard) else row
        name = ("chain",) if op is CHAIN else texts.name_of(op.forward)
        return (*name, op.outside if isinstance(row, Guard) else "", *part[1:])
    return tuple(part)


def is_translated(row: Row) -> bool:
    """Whether a row can be native: its forward function has a text, or its domain has."""
    if isinstance(row, Guard):
        return row.op.arity is not None or domain_of(row.op) in list_domains()
    if row.arity == 0 or row is CHAIN:
        return True
    kind, name = texts.name_of(row.forward)
    if kind == "operator":
        return name in (*OPERATORS, "neg", "pos", "abs")
    if kind == "math":
        return name in LIBM
    if kind != "text":
        return False
    return takes_list(name) if row.arity is None else takes_numbers(name)


# -- calls


class Arguments:
    """The places that a call gives to its function, each once, with their indices."""

    def __init__(self) -> None:
        self.places: dict[Argument, int] = {}

    def index(self, ref: Ref) -> int:
        """The index of a place."""
        return self.places.setdefault((ref.base, ref.move), len(self.places))

    def operand(self, ref: Ref) -> Operand:
        """Return an operand by the index of its place instead of its address."""
        return Operand(self.index(ref), ref.outer, ref.inner, ref.term)


def shape_of(call: Any) -> tuple[Shape, list[Argument]]:
    """What a call's function does, and the places that it is given."""
    arguments = Arguments()
    if isinstance(call, Group):
        members = []
        for each in call.members:
            operands = tuple(
                [
                    call.made[ref] if ref in call.made else arguments.operand(ref)
                    for ref in each.refs
                ]
            )
            stored = each.z.base in call.stored and each.z in call.made
            z = arguments.operand(each.z) if stored else None
            members.append(Member(each.row, operands, z, each.length))
        return Shape("each", call.outer, call.inner, 0, tuple(members)), list(arguments.places)
    if isinstance(call, Chain):
        refs = [(call.z, 1), (call.start, 1)]
        refs += [(ref, n) for n, pair in call.runs for ref in pair]
        chained = [
            Operand(arguments.index(ref), ref.outer, ref.inner, ref.term if n > 1 else 0)
            for ref, n in refs
        ]
        places = list(arguments.places)
        for k, (ref, n) in enumerate(refs):
            if 1 < n <= FEW and abs(ref.term) > 1:
                # or else there would be a function for every distance
                places.append((ref.term, 0))
                chained[k] = chained[k]._replace(term=GIVEN + len(places) - 1)
        lengths = tuple([run.n for run in call.runs])
        return Shape("chain", call.outer, call.inner, 0, (lengths, *chained)), places
    if isinstance(call, Pick):
        operands = tuple([arguments.operand(ref) for _, (ref,) in call.runs])
        member = Member(call.row, operands, arguments.operand(call.z), 0)
        lengths = tuple([run.n for run in call.runs])
        return Shape("pick", call.outer, call.inner, 0, (member, lengths)), list(arguments.places)
    z, x = call.z, call.x
    parts = Operand(0, *z[1:4]), Operand(1, *x[1:4])
    places = [(z.base, z.move), (x.base, x.move)]
    return Shape("move", call.outer, call.inner, call.terms, parts), places


def with_common_runs(calls: Sequence[Any]) -> list[Any]:
    """The calls, with a chain for each run where few chains have the same runs.

    The sums of a chain stay in registers from run to run. But then its function
    serves only those that have the same ones.
    """
    chains = _long_chains(calls)
    lengths = [(each.outer, each.inner, *[run.n for run in each.runs]) for each in chains]
    often = Counter(lengths)  # before shapes, which take longer to find
    likely = [each for each, k in zip(chains, lengths, strict=True) if often[k] >= SEVERAL]
    shapes = {id(each): shape_of(each)[0] for each in likely}
    common = Counter(shapes[id(each)] for each in likely)
    return _with_runs(calls, {k for k, shape in shapes.items() if common[shape] >= SEVERAL})


def _long_chains(calls: Sequence[Any]) -> list[Chain]:
    """The chains of several runs; those of loops as often as they are repeated."""
    found: list[Chain] = []
    for call in calls:
        if isinstance(call, Repeat):
            found += _long_chains(call.calls) * min(call.times, SEVERAL)
        elif isinstance(call, Chain) and len(call.runs) > 1:
            found.append(call)
    return found


def _with_runs(calls: Sequence[Any], kept: set[int]) -> list[Any]:
    """The calls, with the chains of several runs in parts but those that are kept."""
    found: list[Any] = []
    for call in calls:
        if isinstance(call, Repeat):
            found.append(call._replace(calls=_with_runs(call.calls, kept)))
        elif isinstance(call, Chain) and len(call.runs) > 1 and id(call) not in kept:
            found += call.parts()
        else:
            found.append(call)
    return found


# -- functions


class Writer:
    """One function's text, for registers of `width` lanes."""

    def __init__(self, width: int) -> None:
        self.code, self.width = Code(), width
        self.places: dict[int, str] = {}
        self.numbers: set[int] = set()

    def text(self, name: str, shape: Shape) -> str:
        """Return the definition of a function of this shape."""
        getattr(self, shape.kind)(shape)
        body = "\n".join([*self.arguments(), *self.code.lines])
        return f"define void @{name}({PARAMETERS}) #0 {{\nentry:\n{body}\nret void\n}}"

    def arguments(self) -> list[str]:
        """The lines that read the arguments: numbers, and places in the memory."""
        lines = []
        for k in sorted(self.numbers | set(self.places)):
            lines += [f"%a{k} = getelementptr i64, ptr %a, i64 {k}", f"%o{k} = load i64, ptr %a{k}"]
            if k in self.places:
                lines.append(f"%p{k} = getelementptr double, ptr %v, i64 %o{k}")
        return lines

    def given(self, argument: int) -> str:
        """An argument as a number."""
        self.numbers.add(argument)
        return f"%o{argument}"

    def place(self, argument: int, offset: int, *moves: tuple[str, int]) -> str:
        """A place: an argument, moved by so much and by loop variables times steps."""
        self.places[argument] = place = f"%p{argument}"
        for variable, step in moves:
            if step and variable:
                by = variable if step == 1 else self.code.new(f"mul i64 {variable}, {step}")
                place = self.code.new(f"getelementptr double, ptr {place}, i64 {by}")
        if offset:
            place = self.code.new(f"getelementptr double, ptr {place}, i64 {offset}")
        return place

    def load(self, place: str, step: int, width: int) -> str:
        """Numbers at equal distances as the lanes of a register."""
        kind = lanes("double", width)
        if step == 1 or width == 1:
            return self.code.new(f"load {kind}, ptr {place}, align 8")
        if step == 0:
            x = self.code.new(f"load double, ptr {place}, align 8")
            return spread(self.code, x, width)
        found = "undef"
        for lane in range(width):
            there = self.code.new(f"getelementptr double, ptr {place}, i64 {lane * step}")
            x = self.code.new(f"load double, ptr {there}, align 8")
            found = self.code.new(f"insertelement {kind} {found}, double {x}, i32 {lane}")
        return found

    def store(self, x: str, place: str, width: int) -> None:
        """Write the store of a register of `width` numbers."""
        self.code.write(f"store {lanes('double', width)} {x}, ptr {place}, align 8")

    def loop(
        self,
        n: int,
        step: int,
        body: Callable[[str], Any],
        phis: Callable[[], list[str]] = list,
    ) -> None:
        """body(i) for i in range(0, n, step); `phis()` begin the loop."""
        code = self.code
        head, done = code.labels("head", "done")
        i, entered = code.name(), code.block
        code.write(f"br label %{head}")
        code.label(head)
        at = len(code.lines)
        body(i)
        following = code.new(f"add i64 {i}, {step}")
        code.lines[at:at] = [
            f"{i} = phi i64 [0, %{entered}], [{following}, %{code.block}]",
            *phis(),
        ]
        more = code.new(f"icmp ult i64 {following}, {n}")
        code.write(f"br i1 {more}, label %{head}, label %{done}")
        code.label(done)

    def across(self, n: int, body: Callable[[str, int, int], Any]) -> None:
        """body(i, offset, width) for registers that together cover n lanes."""
        whole = n - n % self.width
        if whole > UNROLLED * self.width:
            self.loop(whole, self.width, lambda i: body(i, 0, self.width))
        else:
            for offset in range(0, whole, self.width):
                body("", offset, self.width)
        width = self.width // 2
        while width:
            while n - whole >= width:
                body("", whole, width)
                whole += width
            width //= 2

    def everywhere(self, shape: Shape, body: Callable[[str, str, int, int], Any]) -> None:
        """body(o, i, offset, width) for registers that together cover all lanes."""

        def row(o: str) -> None:
            self.across(shape.inner, lambda i, at, width: body(o, i, at, width))

        if shape.outer == 1:
            row("")
        else:
            self.loop(shape.outer, 1, row)

    # -- elementwise

    def each(self, shape: Shape) -> None:
        """Write rows that are applied lane by lane."""

        self.everywhere(shape, lambda *place: self.members(shape, *place))

    def members(self, shape: Shape, o: str, i: str, at: int, width: int) -> None:
        """Write all rows of a shape, and the tests of domains, for `width` lanes."""
        self.code.known = {}
        results: list[Term] = []
        loaded: dict[Operand, str] = {}
        outside: list[Term] = []
        translator = Translator(self.code, width, rounds=self.width >= ROUNDS)
        for member in shape.parts:
            terms = []
            for operand in member.operands:
                if isinstance(operand, int):
                    terms.append(results[operand])
                    continue
                if operand not in loaded:
                    k, outer, inner, _ = operand
                    place = self.place(k, at * inner, (o, outer), (i, inner))
                    loaded[operand] = self.load(place, inner, width)
                terms.append(Term(NUMBER, loaded[operand]))
            if isinstance(member.row, Guard):
                outside.append(self.outside(translator, member, terms))
                results.append(outside[-1])
                continue
            results.append(self.result(translator, member.row, terms))
            if member.z is not None:
                place = self.place(member.z.argument, at, (o, member.z.outer), (i, 1))
                self.store(results[-1].text, place, width)
        if outside:
            self.flag(translator.all_or_any("or", outside).text, width)
        self.code.known = None

    def outside(self, translator: Translator, member: Member, terms: Sequence[Term]) -> Term:
        """Whether operands lie outside a domain."""
        op = member.row.op if isinstance(member.row, Guard) else member.row
        listed = picked(op.outside) if op.arity is None else None
        if listed is None:
            translator.names = dict(zip(op.names, terms, strict=True))
            return translator.expression(domain_expression(op.outside))
        test, places = listed
        names = [f"xs[{place}]" for place in places]
        translator.names = dict(zip(names, terms, strict=True))
        translator.names["len(xs)"] = translator.constant(member.length)
        return translator.expression(test)

    def result(self, translator: Translator, row: Primitive, terms: Sequence[Term]) -> Term:
        """What a row makes of its operands."""
        width = translator.width
        kind = lanes("double", width)
        if row is CHAIN:
            z = terms[0]
            for x, y in zip(terms[1::2], terms[2::2], strict=True):
                z = translator.operation(ast.Add, z, translator.operation(ast.Mult, x, y))
            return z
        where, name = texts.name_of(row.forward)
        if where == "math":
            return translator.math(name, terms)
        if where == "operator":
            if name == "pos":
                return terms[0]
            if name == "neg":
                return translator.new(NUMBER, f"fneg {kind} {terms[0].text}")
            if name == "abs":
                return translator.intrinsic("fabs", terms)
        instruction = OPERATORS[name] if where == "operator" else INSTRUCTIONS.get(name)
        if instruction:
            return translator.new(NUMBER, f"{instruction} {kind} {terms[0].text}, {terms[1].text}")
        return translator.function(name, terms)

    def flag(self, outside: str, width: int) -> None:
        """Set the flag if a lane lies outside a domain."""
        code = self.code
        if width > 1:
            outside = code.new(
                f"call i1 @llvm.vector.reduce.or.v{width}i1(<{width} x i1> {outside})"
            )
        place = code.new("getelementptr double, ptr %s, i64 -1")
        before = code.new(f"load double, ptr {place}")
        after = code.new(f"select i1 {outside}, double {llvm_number(1.0)}, double {before}")
        code.write(f"store double {after}, ptr {place}")

    # -- elements of lists

    def pick(self, shape: Shape) -> None:
        """Write a row that picks an element of each list, where the lists lie."""
        member, lengths = shape.parts
        name, code = texts.name_of(member.row.forward)[1], self.code
        ends = [*accumulate(lengths)]
        found = [(k + ends[-1]) % ends[-1] for k in known_places(name) or ()]
        runs = {k: bisect_right(ends, k) for k in found}
        if any(member.operands[run].inner for run in runs.values()):
            self.width = 1  # each list is chosen from for itself

        def lists(o: str, i: str, at: int, width: int) -> None:
            def read(run: int, k: str, width: int) -> str:
                argument, outer, inner, term = member.operands[run]
                place = self.place(argument, at * inner, (o, outer), (i, inner), (k, term))
                return self.load(place, inner, width)

            def shared(k: int) -> str:
                return read(runs[k], str(k - ends[runs[k]] + lengths[runs[k]]), 1)

            def each(k: str) -> str:
                return of_runs(code, k, lengths, width, lambda r, i: read(r, i, width))

            z = Picking(code, width, ends[-1], shared, each).picked(name)
            place = self.place(member.z.argument, at, (o, member.z.outer), (i, 1))
            self.store(z, place, width)

        self.everywhere(shape, lists)

    # -- sums of products

    def chain(self, shape: Shape) -> None:
        """Tiles of some rows by some registers, whose sums stay in registers.

        A processor with AVX-512 multiplies by a number in memory without loading it
        first, which would take as long as a product. So its tiles are one register
        wide, and no such number is used twice.
        """
        outer, inner = shape.outer, shape.inner
        direct = self.width >= BROADCAST
        rows = min(outer, 4 if inner >= self.width and not direct else 8)

        def columns(rows: int, o: str, first: int) -> None:
            def tile(registers: int, width: int, i: str, at: int) -> None:
                self.tile(shape, rows, registers, width, (o, first), (i, at))

            most, at = 1 if direct and rows >= TALL else max(1, SUMS // rows), 0
            across = most * self.width
            if inner // across > UNROLLED:
                at = inner - inner % across
                self.loop(at, across, lambda i: tile(most, self.width, i, 0))
            while inner - at >= self.width:
                registers = min(most, (inner - at) // self.width)
                tile(registers, self.width, "", at)
                at += registers * self.width
            width = self.width // 2
            while width:
                while inner - at >= width:
                    tile(1, width, "", at)
                    at += width
                width //= 2

        whole = outer - outer % rows
        if whole > rows:
            self.loop(whole, rows, lambda o: columns(rows, o, 0))
        else:
            columns(rows, "", 0)
        if outer % rows:
            columns(outer % rows, "", whole)

    def tile(
        self,
        shape: Shape,
        rows: int,
        registers: int,
        width: int,
        row: tuple[str, int],
        column: tuple[str, int],
    ) -> None:
        """A tile from this row and column on, each a loop variable and an offset."""
        (lengths, z, start, *pairs), code = shape.parts, self.code
        (o, first), (i, left) = row, column
        cells = [(r, j) for r in range(rows) for j in range(registers)]
        kind = lanes("double", width)

        def read(operand: Operand, cell: tuple[int, int], t: str, term: int) -> str:
            k, outer, inner, step = operand
            offset = (first + cell[0]) * outer + (left + width * cell[1]) * inner
            if step < GIVEN:
                place = self.place(k, offset + term * step, (o, outer), (i, inner), (t, step))
            else:
                place = self.place(k, offset, (o, outer), (i, inner))
                if t or term:
                    index = code.new(f"add i64 {t}, {term}") if t and term else t or term
                    by = code.new(f"mul i64 {index}, {self.given(step - GIVEN)}")
                    place = code.new(f"getelementptr double, ptr {place}, i64 {by}")
            return self.load(place, inner, width)

        def turned(operand: Operand, cell: tuple[int, int], t: str, term: int, n: int) -> list[str]:
            """n terms of an operand that lie side by side, lane after lane."""
            k, outer, inner, step = operand
            lowest = (first + cell[0]) * outer + (left + width * cell[1]) * inner
            lowest += min(step * term, step * (term + n - 1))
            moves = (o, outer), (i, inner), (t, step)
            places = [self.place(k, lowest + lane * inner, *moves) for lane in range(width)]
            return transposed(code, [self.load(place, 1, n) for place in places], n)[::step]

        def add(pair: Pair, sums: dict[Any, str], t: str, term: int, terms: int) -> dict[Any, str]:
            """The sums with so many products more, from a term on."""
            known: dict[Any, list[str]] = {}

            def factors(operand: Operand, cell: tuple[int, int]) -> list[str]:
                key = operand, cell[0] if operand.outer else 0, cell[1] if operand.inner else 0
                if key not in known:
                    known[key] = (
                        turned(operand, cell, t, term, terms)
                        if terms > 1 and is_across(operand)
                        else [read(operand, cell, t, term + k) for k in range(terms)]
                    )
                return known[key]

            found = dict(sums)
            for cell in cells:
                for a, b in zip(*[factors(each, cell) for each in pair], strict=True):
                    product = code.new(f"fmul {kind} {a}, {b}")
                    found[cell] = code.new(f"fadd {kind} {found[cell]}, {product}")
            return found

        def run(n: int, pair: Pair, sums: dict[Any, str]) -> dict[Any, str]:
            """The sums with the n products of a run."""
            terms = width if any(map(is_across, pair)) else 1
            at = 0
            if n >= 2 * terms and n * len(cells) > TERMS:
                at = n - n % terms
                entered, before = code.block, sums
                phis = {cell: code.name() for cell in cells}
                ends: dict[Any, str] = {}

                def phi(cell: tuple[int, int]) -> str:
                    ways = f"[{before[cell]}, %{entered}], [{ends[cell]}, %{code.block}]"
                    return f"{phis[cell]} = phi {kind} {ways}"

                self.loop(
                    at,
                    terms,
                    lambda t: ends.update(add(pair, phis, t, 0, terms)),
                    lambda: list(map(phi, cells)),
                )
                sums = ends
            while at < n:
                while terms > n - at:
                    terms //= 2
                sums = add(pair, sums, "", at, terms)
                at += terms
            return sums

        sums = {cell: read(start, cell, "", 0) for cell in cells}
        for n, *pair in zip(lengths, pairs[::2], pairs[1::2], strict=True):
            sums = run(n, pair, sums)
        for r, j in cells:
            offset = (first + r) * z.outer + left + width * j
            place = self.place(z.argument, offset, (o, z.outer), (i, 1))
            self.store(sums[r, j], place, width)

    # -- copies

    def move(self, shape: Shape) -> None:
        """Write the copy of an operand to another place."""
        z, x = shape.parts
        counts = (shape.outer, shape.inner, shape.n)
        moving = [(n, a, b) for n, a, b in zip(counts, x[1:], z[1:], strict=True) if n > 1] or [
            (1, 0, 1)
        ]
        *rest, (n, a, b) = sorted(moving, key=lambda move: (move[2] == 1, move[0]))
        if b == 1 and a not in (0, 1) and rest and rest[-1][1] == 1 and self.width <= rest[-1][0]:
            self.turn(shape, rest, (n, a))
            return

        def line(indices: list[str]) -> None:
            def one(i: str, at: int, width: int) -> None:
                source = [(v, move[1]) for v, move in zip(indices, rest, strict=True)]
                target = [(v, move[2]) for v, move in zip(indices, rest, strict=True)]
                number = self.load(self.place(x.argument, at * a, *source, (i, a)), a, width)
                place = self.place(z.argument, at * b, *target, (i, b))
                if b == 1 or width == 1:
                    self.store(number, place, width)

            if b == 1 and a in (0, 1):
                self.across(n, one)
            elif n <= 2 * UNROLLED:
                for i in range(n):
                    one("", i, 1)
            else:
                self.loop(n, 1, lambda i: one(i, 0, 1))

        def nest(indices: list[str]) -> None:
            if len(indices) == len(rest):
                line(indices)
            else:
                self.loop(rest[len(indices)][0], 1, lambda o: nest([*indices, o]))

        nest([])

    def turn(self, shape: Shape, rest: list[tuple[int, int, int]], last: tuple[int, int]) -> None:
        """Copy what lies side by side in x to where it lies apart in z, and the other way round.

        Square tiles are turned in registers. The last of `rest` moves by 1 in x,
        the dimension `last` in z.
        """
        (z, x), width = shape.parts, self.width
        *outer, (m, _, far) = rest
        n, a = last

        def tile(indices: list[str], j: str, i: str, at: int, rows: int) -> None:
            source = [(v, move[1]) for v, move in zip(indices, outer, strict=True)]
            target = [(v, move[2]) for v, move in zip(indices, outer, strict=True)]
            if rows == width:
                places = [
                    self.place(x.argument, (at + k) * a, *source, (i, a), (j, 1))
                    for k in range(width)
                ]
                found = transposed(
                    self.code, [self.load(place, 1, width) for place in places], width
                )
                for k, register in enumerate(found):
                    place = self.place(z.argument, at + k * far, *target, (i, 1), (j, far))
                    self.store(register, place, width)
            else:
                place = self.place(x.argument, at * a, *source, (i, a), (j, 1))
                register = self.load(place, a, 1)
                place = self.place(z.argument, at, *target, (i, 1), (j, far))
                self.store(register, place, 1)

        def nest(indices: list[str]) -> None:
            if len(indices) < len(outer):
                self.loop(outer[len(indices)][0], 1, lambda o: nest([*indices, o]))
                return
            whole, wide = n - n % width, m - m % width
            if whole:
                self.loop(
                    wide,
                    width,
                    lambda j: self.loop(whole, width, lambda i: tile(indices, j, i, 0, width)),
                )
            if n > whole:
                self.loop(
                    wide,
                    1,
                    lambda j: self.loop(n - whole, 1, lambda i: tile(indices, j, i, whole, 1)),
                )
            if m > wide:
                self.remaining(indices, outer, shape, (wide, m), (n, a, far))

        nest([])

    def remaining(
        self,
        indices: list[str],
        outer: list[tuple[int, int, int]],
        shape: Shape,
        columns: tuple[int, int],
        steps: tuple[int, int, int],
    ) -> None:
        """Copy the last columns, for which there is no whole tile."""
        (z, x), (n, a, far) = shape.parts, steps
        source = [(v, move[1]) for v, move in zip(indices, outer, strict=True)]
        target = [(v, move[2]) for v, move in zip(indices, outer, strict=True)]

        def line(i: str) -> None:
            for j in range(*columns):
                number = self.load(self.place(x.argument, j, *source, (i, a)), 1, 1)
                self.store(number, self.place(z.argument, j * far, *target, (i, 1)), 1)

        self.loop(n, 1, line)


def is_across(operand: Operand) -> bool:
    """Whether the terms of an operand lie side by side, and its lanes do not."""
    return operand.term in (1, -1) and operand.inner not in (0, 1)


def functions_of(engine: Engine, shapes: Sequence[Shape]) -> list[int]:
    """The addresses of the functions of these shapes."""
    width = engine.width
    named = {f"k{sha256(repr((width, s.key())).encode()).hexdigest()}": s for s in shapes}

    def text(names: Sequence[str]) -> str:
        parts = [Writer(width).text(name, named[name]) for name in names]
        return "\n".join([*parts, declarations(width)])

    return engine.addresses("functions", list(named), text)
