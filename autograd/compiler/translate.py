"""translate: the texts of the forward functions, as LLVM's text.

A function without loops and lists becomes straight code for any number of
lanes side by side: what is chosen by a condition is computed both ways, and
selected. The other functions become functions of the library, one number at a
time, with lists in the program's memory.

Nothing here may change a bit: no operation is reordered, fused or replaced.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from ..core import primitives, texts
from ..core.row import Primitive
from .registers import WIDTHS, Code, by_lanes, call_by_table, lanes, splat

NUMBER, WHOLE, TRUTH, LIST, SEVERAL = "double", "i64", "i1", "list", "several"

LIBM = tuple(
    """acos acosh asin asinh atan atan2 atanh cos cosh erf erfc exp expm1 floor fmod
    log log10 log1p log2 pow sin sinh tan tanh""".split()  # noqa: SIM905
)
RELATIONS = {
    ast.Lt: ("olt", "slt"),
    ast.LtE: ("ole", "sle"),
    ast.Gt: ("ogt", "sgt"),
    ast.GtE: ("oge", "sge"),
    ast.Eq: ("oeq", "eq"),
    ast.NotEq: ("une", "ne"),
}
OPERATIONS: dict[type[ast.AST], tuple[str, str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("fadd", "add", operator.add),
    ast.Sub: ("fsub", "sub", operator.sub),
    ast.Mult: ("fmul", "mul", operator.mul),
    ast.Div: ("fdiv", "", operator.truediv),
    ast.BitAnd: ("", "and", operator.and_),
    ast.BitXor: ("", "xor", operator.xor),
    ast.RShift: ("", "ashr", operator.rshift),
}
OPERATORS = {"add": "fadd", "sub": "fsub", "mul": "fmul"}  # of rows that are Python's operators
INSTRUCTIONS = {"div": "fdiv"}  # texts that say what an instruction of IEEE 754 does


class UntranslatableError(Exception):
    """A text holds what has no translation, at this number of lanes or at all."""


class Size(NamedTuple):
    """A number of elements: `each` for each element of the argument, and `more`."""

    each: int
    more: int

    def __add__(self, other: "Size") -> "Size":  # type: ignore[override]
        return Size(self.each + other.each, self.more + other.more)

    def of(self, n: int) -> int:
        """Return the number of elements for an argument of n."""
        return self.each * n + self.more


class Term(NamedTuple):
    """What an expression has become: its kind, and its name in LLVM's text.

    `known` is the number of a constant. A list has a length, a Term, and a
    bound on it; so has a whole number that is a length.
    """

    kind: str
    text: str
    known: Any = None
    length: Any = None
    size: Any = None
    parts: Any = ()
    element: str = "double"  # of a list


@cache
def library_functions() -> tuple[str, ...]:
    """The texts that become functions of the library."""
    return tuple(
        [
            name
            for name in texts.definitions()
            if (takes_numbers(name) or takes_list(name)) and name != "dot"
        ]  # every dot has become a chain
    )


@cache
def list_domains() -> dict[str, str]:
    """The tests of the domains of rows on lists, by the names of their functions."""
    rows = [f.primitive for f in vars(primitives).values() if hasattr(f, "primitive")]
    return {domain_of(op): op.outside for op in rows if op.arity is None and op.domain}


def domain_of(op: Primitive) -> str:
    """Return the name of the function that tests the domain of a row."""
    return f"outside_{op.name}"


class _Picking(ast.NodeTransformer):
    """It puts names in the places of elements and of the length of a list xs."""

    def __init__(self) -> None:
        self.places: set[int] = set()

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        try:
            place = ast.literal_eval(node.slice)
        except ValueError:  # computed, or a slice
            return node
        self.places.add(place)
        return ast.Name(f"xs[{place}]", ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node) == "len(xs)":
            return ast.Name("len(xs)", ast.Load())
        return self.generic_visit(node)


@cache
def picked(outside: str) -> tuple[ast.expr, tuple[int, ...]] | None:
    """The test of a domain of lists that names the elements it asks for, and their places.

    None if it asks for more than the length and elements at known places.
    """
    picking = _Picking()
    test = picking.visit(ast.parse(outside, mode="eval").body)
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return None if "xs" in names or not picking.places else (test, tuple(sorted(picking.places)))


@cache
def domain_expression(outside: str) -> ast.expr:
    """The test of a domain, parsed."""
    return ast.parse(outside, mode="eval").body


@cache
def table() -> dict[str, int]:
    """The places of functions in the table: those of libm, the library's, those of registers."""
    of_libm = *LIBM, "frexp", "ldexp"
    of_library = *[f"f_{name}" for name in library_functions()], *list_domains()
    of_registers = [f"exp_{width}" for width in WIDTHS]
    return {name: k for k, name in enumerate((*of_libm, *of_library, *of_registers))}


def _annotations(name: str) -> list[str]:
    arguments = texts.definitions()[name].args.args
    return [ast.unparse(a.annotation) if a.annotation else "" for a in arguments]


def takes_numbers(name: str) -> bool:
    """Whether all arguments of a function are floats."""
    return set(_annotations(name)) == {"float"}


def takes_list(name: str) -> bool:
    """Whether a function takes one list of floats and nothing else."""
    return _annotations(name) in (["Sequence[float]"], ["list[float]"])


@cache
def is_straight(name: str) -> bool:
    """Whether a function has neither loops nor lists, nor calls one that has."""
    for node in ast.walk(ast.Module(texts.definitions()[name].body, [])):
        if isinstance(node, ast.For | ast.While | ast.ListComp | ast.List | ast.Subscript):
            return False
        called = (
            node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        )
        if called in texts.definitions() and not is_straight(called):
            return False
    return True


class Translator:
    """Expressions and statements over named Terms, for `width` lanes.

    `scratch` is the name of the place where lists are made, and `used` how
    many numbers they take at most. `rounds` says that the processor has an
    instruction for floor.
    """

    def __init__(
        self, code: Code, width: int = 1, scratch: str = "%s", rounds: bool = False
    ) -> None:
        self.code, self.width, self.scratch, self.rounds = code, width, scratch, rounds
        self.names: dict[str, Term] = {}
        self.used = Size(0, 0)
        self.looping = False
        self.called = Size(0, 0)  # numbers that the lists of called functions take
        self.returns: Callable[[Term], object] = repr  # a return statement, where there are loops
        self.numbers = lanes("double", width)  # the type of a number in all lanes

    # -- Terms

    def constant(self, x: float) -> Term:
        """Return a constant. Raises UntranslatableError for a bool."""
        if isinstance(x, bool):
            raise UntranslatableError(f"the constant {x!r}")
        if isinstance(x, int):
            return Term(WHOLE, str(x), x)
        return Term(NUMBER, splat(x, self.width), x)

    def real(self, term: Term) -> Term:
        """The same as a float."""
        if term.kind == NUMBER:
            return term
        if term.known is not None:
            return self.constant(float(term.known))
        if term.kind != WHOLE or self.width > 1:
            raise UntranslatableError(f"{term.kind} as a float in {self.width} lanes")
        return Term(NUMBER, self.code.new(f"sitofp i64 {term.text} to double"))

    def new(self, kind: str, text: str) -> Term:
        """Compute something; return it as a term of this kind."""
        return Term(kind, self.code.new(text))

    # -- expressions

    def expression(self, node: ast.expr) -> Term:
        """Translate an expression. Raises UntranslatableError for one that it does not know."""
        method = getattr(self, f"do_{type(node).__name__}", None)
        if method is None:
            raise UntranslatableError(ast.unparse(node))
        term: Term = method(node)
        return term

    def truth(self, node: ast.expr) -> Term:
        """An expression as a condition: a number is true if it is not 0."""
        term = self.expression(node)
        return term if term.kind == TRUTH else self.compared(ast.NotEq(), term, self.constant(0))

    def do_Constant(self, node: ast.Constant) -> Term:
        return self.constant(node.value)  # type: ignore[arg-type]

    def do_Name(self, node: ast.Name) -> Term:
        if node.id in self.names:
            return self.names[node.id]
        if node.id in texts.constants():
            return self.constant(texts.constants()[node.id])
        raise UntranslatableError(f"the name {node.id}")

    def do_Tuple(self, node: ast.Tuple) -> Term:
        return Term(SEVERAL, "", parts=tuple(map(self.expression, node.elts)))

    def do_UnaryOp(self, node: ast.UnaryOp) -> Term:
        x = self.expression(node.operand)
        if isinstance(node.op, ast.Not):
            ones = ", ".join(["i1 true"] * self.width)
            return self.new(
                TRUTH,
                f"xor {lanes('i1', self.width)} {x.text}, "
                f"{'true' if self.width == 1 else f'<{ones}>'}",
            )
        if not isinstance(node.op, ast.USub):
            raise UntranslatableError(ast.unparse(node))
        if x.known is not None:
            return self.constant(-x.known)
        if x.kind == WHOLE:
            return self.new(WHOLE, f"sub i64 0, {x.text}")
        return self.new(NUMBER, f"fneg {lanes('double', self.width)} {x.text}")

    def do_BinOp(self, node: ast.BinOp) -> Term:
        x, y = self.expression(node.left), self.expression(node.right)
        return self.operation(type(node.op), x, y)

    def operation(self, op: type[ast.AST], x: Term, y: Term) -> Term:
        """Translate an operator with two operands."""
        if x.kind == LIST:
            return self.joined(x, y) if op is ast.Add else self.repeated(x, y)
        whole = x.kind == y.kind == WHOLE
        if op in (ast.FloorDiv, ast.Mod):
            if whole:
                return self.whole_quotient(x, y)[op is ast.Mod]
            x, y = self.real(x), self.real(y)
            if y.known == 1.0:  # exact, and so is what is left
                whole_part = self.math("floor", [x])
                return whole_part if op is ast.FloorDiv else self.operation(ast.Sub, x, whole_part)
            name = "_floor_quotient" if op is ast.FloorDiv else "_remainder"
            return self.function(name, [x, y])
        if op not in OPERATIONS:
            raise UntranslatableError(op.__name__)
        of_floats, of_wholes, exactly = OPERATIONS[op]
        if not (of_wholes if whole else of_floats):
            raise UntranslatableError(f"{op.__name__} of {x.kind} and {y.kind}")
        if x.known is not None and y.known is not None and (op is not ast.Div or y.known):
            return self.constant(exactly(x.known, y.known))
        if whole:
            return self.new(WHOLE, f"{of_wholes} i64 {x.text}, {y.text}")
        kind = lanes("double", self.width)
        return self.new(NUMBER, f"{of_floats} {kind} {self.real(x).text}, {self.real(y).text}")

    def whole_quotient(self, x: Term, y: Term) -> tuple[Term, Term]:
        """x // y and x % y of whole numbers, for y > 0: texts divide by no others."""
        q = self.code.new(f"sdiv i64 {x.text}, {y.text}")
        r = self.code.new(f"srem i64 {x.text}, {y.text}")
        low = self.code.new(f"icmp slt i64 {r}, 0")
        less = self.code.new(f"sub i64 {q}, 1")
        more = self.code.new(f"add i64 {r}, {y.text}")
        return (
            self.new(WHOLE, f"select i1 {low}, i64 {less}, i64 {q}"),
            self.new(WHOLE, f"select i1 {low}, i64 {more}, i64 {r}"),
        )

    def compared(self, op: ast.cmpop, x: Term, y: Term) -> Term:
        """Translate one comparison."""
        if isinstance(op, ast.In | ast.NotIn):
            found = self.among(x, y)
            return (
                found if isinstance(op, ast.In) else self.new(TRUTH, f"xor i1 {found.text}, true")
            )
        if type(op) not in RELATIONS:
            raise UntranslatableError(type(op).__name__)
        of_floats, of_wholes = RELATIONS[type(op)]
        if x.kind == y.kind == WHOLE:
            return self.new(TRUTH, f"icmp {of_wholes} i64 {x.text}, {y.text}")
        if x.kind == y.kind == TRUTH:
            return self.new(TRUTH, f"icmp {of_wholes} {lanes('i1', self.width)} {x.text}, {y.text}")
        kind = lanes("double", self.width)
        return self.new(TRUTH, f"fcmp {of_floats} {kind} {self.real(x).text}, {self.real(y).text}")

    def do_Compare(self, node: ast.Compare) -> Term:
        terms = list(map(self.expression, [node.left, *node.comparators]))
        truths = [
            self.compared(op, x, y)
            for op, x, y in zip(node.ops, terms[:-1], terms[1:], strict=True)
        ]
        return self.all_or_any("and", truths)

    def all_or_any(self, how: str, truths: Sequence[Term]) -> Term:
        """Join truths by "and" or "or"."""
        found = truths[0]
        for truth in truths[1:]:
            found = self.new(TRUTH, f"{how} {lanes('i1', self.width)} {found.text}, {truth.text}")
        return found

    def do_BoolOp(self, node: ast.BoolOp) -> Term:
        how = "and" if isinstance(node.op, ast.And) else "or"
        first, *others = node.values
        found = self.truth(first)
        for value in others:
            if any(isinstance(part, ast.Subscript) for part in ast.walk(value)):
                found = self.unless_known(how, found, value)  # it may read where nothing is
            else:
                found = self.all_or_any(how, [found, self.truth(value)])
        return found

    def unless_known(self, how: str, first: Term, value: ast.expr) -> Term:
        """first and value, or first or value, where value is only read if it matters."""
        results: list[Term] = []

        def read() -> None:
            results.append(self.truth(value))

        def known() -> None:
            results.append(first)

        ways = (read, known) if how == "and" else (known, read)
        ends = self.branches(first, *ways)
        sources = [f"[{x.text}, %{end}]" for x, end in zip(results, ends, strict=True)]
        return self.new(TRUTH, f"phi i1 {', '.join(sources)}")

    def selected(self, truth: Term, x: Term, y: Term) -> Term:
        """Return x where the truth holds, else y, both computed before."""
        if x.kind != y.kind:
            x, y = self.real(x), self.real(y)
        kind = lanes(x.kind, self.width)
        return self.new(
            x.kind,
            f"select {lanes('i1', self.width)} {truth.text}, {kind} {x.text}, {kind} {y.text}",
        )

    def do_IfExp(self, node: ast.IfExp) -> Term:
        truth = self.truth(node.test)
        if not any(isinstance(part, ast.Subscript) for part in ast.walk(node)):
            return self.selected(truth, self.expression(node.body), self.expression(node.orelse))
        results = []
        after = self.branches(
            truth,
            lambda: results.append(self.real(self.expression(node.body))),
            lambda: results.append(self.real(self.expression(node.orelse))),
        )
        sources = ", ".join(
            [f"[{x.text}, %{block}]" for x, block in zip(results, after, strict=True)]
        )
        return self.new(NUMBER, f"phi {self.numbers} {sources}")

    def do_Call(self, node: ast.Call) -> Term:
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "math":
            return self.math(node.func.attr, list(map(self.expression, node.args)))
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise UntranslatableError(ast.unparse(node))
        name, terms = node.func.id, list(map(self.expression, node.args))
        x = terms[0]
        if name == "abs":
            return self.intrinsic("fabs", terms)
        if name == "float":
            return self.real(x)
        if name == "int":
            return self.new(WHOLE, f"fptosi double {x.text} to i64")
        if name == "len":
            length: Term = x.length
            return length._replace(size=x.size)
        if name == "list":
            return x
        return self.function(name, terms)

    # -- functions

    def intrinsic(self, name: str, terms: Sequence[Term]) -> Term:
        """Call one of LLVM's own functions."""
        kind = lanes("double", self.width)
        suffix = "f64" if self.width == 1 else f"v{self.width}f64"
        arguments = ", ".join([f"{kind} {self.real(term).text}" for term in terms])
        return self.new(NUMBER, f"call {kind} @llvm.{name}.{suffix}({arguments})")

    def math(self, name: str, terms: Sequence[Term]) -> Term:
        """A function of Python's math."""
        if all(term.known is not None for term in terms):
            return self.constant(float(getattr(math, name)(*[term.known for term in terms])))
        if name in ("sqrt", "copysign", "fabs") or (name == "floor" and self.rounds):
            return self.intrinsic(name, terms)
        if name == "fsum":
            return self.function("fsum", terms)
        if name in ("frexp", "ldexp"):
            if self.width > 1:
                raise UntranslatableError(name)
            return self.frexp(terms[0]) if name == "frexp" else self.ldexp(*terms)
        if name not in LIBM:
            raise UntranslatableError(f"math.{name}")
        if name == "exp" and self.width > 1:
            place, x = table()[f"exp_{self.width}"], self.real(terms[0]).text
            arguments = f"ptr %m, {self.numbers} {x}"
            return Term(NUMBER, call_by_table(self.code, place, arguments, self.numbers))
        return self.call(name, "", terms)

    def call(self, name: str, more: str, terms: Sequence[Term]) -> Term:
        """A function of the table, on floats, lane by lane."""

        def one(xs: Sequence[str]) -> str:
            return call_by_table(
                self.code, table()[name], more + ", ".join([f"double {x}" for x in xs])
            )

        numbers = [self.real(term).text for term in terms]
        return Term(NUMBER, by_lanes(self.code, self.width, numbers, one))

    def frexp(self, x: Term) -> Term:
        """Return the pair (m, e) with x = m * 2**e, by the function of C."""
        where = self.code.new("alloca i32")
        m = call_by_table(self.code, table()["frexp"], f"double {x.text}, ptr {where}")
        short = self.code.new(f"load i32, ptr {where}")
        e = self.code.new(f"sext i32 {short} to i64")
        return Term(SEVERAL, "", parts=(Term(NUMBER, m), Term(WHOLE, e)))

    def ldexp(self, m: Term, e: Term) -> Term:
        """Return m * 2**e, by the function of C."""
        short = self.code.new(f"trunc i64 {e.text} to i32")
        return Term(
            NUMBER,
            call_by_table(self.code, table()["ldexp"], f"double {m.text}, i32 {short}"),
        )

    def function(self, name: str, terms: Sequence[Term]) -> Term:
        """A function that has a text: written out where that is straight."""
        if name not in texts.definitions():
            raise UntranslatableError(f"the function {name}")
        if is_straight(name):
            inner = Translator(self.code, self.width, self.scratch, self.rounds)
            arguments = [a.arg for a in texts.definitions()[name].args.args]
            inner.names = dict(zip(arguments, terms, strict=True))
            written, known = len(self.code.lines), dict(self.code.known or {})
            try:
                return inner.straight(texts.definitions()[name].body)
            except UntranslatableError:
                if self.width == 1:
                    raise
                del self.code.lines[written:]  # lane by lane, then
                if self.code.known is not None:
                    self.code.known = known
        if terms[0].kind == LIST:
            (xs,) = terms
            need = needed(name)
            self.needs(Size(need.each * xs.size.each, need.each * xs.size.more + need.more))
            arguments_text = f"ptr %m, ptr {self.scratch}, ptr {xs.text}, i64 {xs.length.text}"
            return self.returned(name, arguments_text)
        self.needs(needed(name))
        if self.width > 1 or returns(name) != "double":
            return self.call(f"f_{name}", f"ptr %m, ptr {self.scratch}, ", terms)
        numbers = "".join([f", double {self.real(term).text}" for term in terms])
        return self.returned(name, f"ptr %m, ptr {self.scratch}{numbers}")

    def returned(self, name: str, arguments: str) -> Term:
        """Call a function of the library; return its number, or its tuple of numbers."""
        result = returns(name)
        text = call_by_table(self.code, table()[f"f_{name}"], arguments, result)
        if result == "double":
            return Term(NUMBER, text)
        n = result.count("double")
        parts = [
            Term(NUMBER, self.code.new(f"extractvalue {result} {text}, {k}")) for k in range(n)
        ]
        return Term(SEVERAL, "", parts=tuple(parts))

    def needs(self, size: Size) -> None:
        """Note how much scratch memory a called function takes."""
        self.called = max(self.called, size)

    # -- straight code

    def straight(self, body: Sequence[ast.stmt]) -> Term:
        """The result of statements without loops, chosen by selection."""
        for k, node in enumerate(body):
            if isinstance(node, ast.Return) and node.value is not None:
                return self.expression(node.value)
            if isinstance(node, ast.Try):
                return self.straight(node.body)
            if isinstance(node, ast.If):
                truth, before = self.truth(node.test), dict(self.names)
                if not node.orelse and all(isinstance(each, ast.Assign) for each in node.body):
                    self.assign_where(truth, node.body)
                    continue
                x = self.straight([*node.body, *body[k + 1 :]])
                self.names = before
                y = self.straight([*node.orelse, *body[k + 1 :]])
                return self.selected(truth, x, y)
            self.assign(node)
        raise UntranslatableError("a function without a result")

    def assign_where(self, truth: Term, body: Sequence[ast.stmt]) -> None:
        """Translate assignments that are made where the truth holds."""
        before = dict(self.names)
        for node in body:
            self.assign(node)
        for name, old in before.items():
            if self.names[name] is not old:
                self.names[name] = self.selected(truth, self.names[name], old)

    def assign(self, node: ast.stmt) -> None:
        """Translate an assignment, or an expression that stands alone."""
        if isinstance(node, ast.Assign):
            term = self.expression(node.value)
            for target in node.targets:
                self.bind(target, term)
        elif isinstance(node, ast.AugAssign):
            target = node.target
            read = ast.Name(target.id) if isinstance(target, ast.Name) else target
            self.bind(
                target,
                self.operation(type(node.op), self.expression(read), self.expression(node.value)),
            )
        elif isinstance(node, ast.Expr):
            self.expression(node.value)
        else:
            raise UntranslatableError(ast.unparse(node))

    def bind(self, target: ast.expr, term: Term) -> None:
        """Give a term to a name, to a tuple of names, or to an element of a list."""
        if isinstance(target, ast.Name):
            self.names[target.id] = term
        elif isinstance(target, ast.Tuple):
            for name, part in zip(target.elts, term.parts, strict=True):
                self.bind(name, part)
        elif isinstance(target, ast.Subscript):
            xs, k = self.expression(target.value), self.expression(target.slice)
            self.put(xs, k, term)
        else:
            raise UntranslatableError(ast.unparse(target))

    # -- lists

    def element(self, xs: Term, k: Term) -> str:
        """Where an element lies."""
        if k.known is not None and k.known < 0:
            k = self.operation(ast.Add, xs.length, k)
        return self.code.new(f"getelementptr {xs.element}, ptr {xs.text}, i64 {k.text}")

    def fetch(self, xs: Term, k: Term) -> Term:
        """xs[k]. Elements of 8 bits have no sign."""
        if xs.element == self.numbers:
            return self.new(NUMBER, f"load {xs.element}, ptr {self.element(xs, k)}, align 8")
        x = self.code.new(f"load {xs.element}, ptr {self.element(xs, k)}")
        if xs.element == "i64":
            return Term(WHOLE, x)
        return self.new(
            WHOLE, f"{'zext' if xs.element == 'i8' else 'sext'} {xs.element} {x} to i64"
        )

    def typed(self, term: Term) -> str:
        """The type of a term in LLVM's text."""
        return self.numbers if term.kind == NUMBER else term.kind

    def put(self, xs: Term, k: Term, x: Term) -> None:
        """Write xs[k] = x."""
        if xs.element == self.numbers:
            text = self.real(x).text
            self.code.write(f"store {xs.element} {text}, ptr {self.element(xs, k)}, align 8")
            return
        text = x.text
        if xs.element in ("i8", "i32"):
            text = self.code.new(f"trunc i64 {text} to {xs.element}")
        self.code.write(f"store {xs.element} {text}, ptr {self.element(xs, k)}")

    def do_Subscript(self, node: ast.Subscript) -> Term:
        xs, k = self.expression(node.value), self.expression(node.slice)
        if xs.kind == SEVERAL:
            part: Term = xs.parts[k.known]
            return part
        return self.fetch(xs, k)

    def made(self, length: Term, size: Size) -> Term:
        """A new list."""
        if self.looping:
            raise UntranslatableError("a list made in a loop")
        xs = Term(LIST, self.scratch, length=length, size=size, element=self.numbers)
        by = f"ptr {self.scratch}, i64 {length.text}"
        self.scratch = self.code.new(f"getelementptr {self.numbers}, {by}")
        self.used += size
        return xs

    def do_List(self, node: ast.List) -> Term:
        n = len(node.elts)
        terms = [self.real(self.expression(x)) for x in node.elts]
        xs = self.made(self.constant(n), Size(0, n))
        for k, term in enumerate(terms):
            self.put(xs, self.constant(k), term)
        return xs

    def joined(self, xs: Term, ys: Term) -> Term:
        """Return the list xs + ys."""
        length = self.operation(ast.Add, xs.length, ys.length)
        zs = self.made(length, xs.size + ys.size)
        for part, at in ((xs, self.constant(0)), (ys, xs.length)):

            def copy(i: Term, part: Term = part, at: Term = at) -> None:
                self.put(zs, self.operation(ast.Add, at, i), self.fetch(part, i))

            self.loop(part.length, copy)
        return zs

    def repeated(self, xs: Term, n: Term) -> Term:
        """[x] * n."""
        size = n.size or (Size(0, n.known) if n.known is not None else None)
        if xs.size != Size(0, 1) or size is None:
            raise UntranslatableError("a list repeated a number of times that has no known bound")
        zs = self.made(n, size)
        x = self.fetch(xs, self.constant(0))
        self.loop(n, lambda i: self.put(zs, i, x))
        return zs

    def do_ListComp(self, node: ast.ListComp) -> Term:
        (part,) = node.generators
        if part.ifs:
            raise UntranslatableError("a list of chosen elements")
        xs = self.expression(part.iter)
        zs = self.made(xs.length, xs.size)

        def body(i: Term) -> None:
            self.bind(part.target, self.fetch(xs, i))
            self.put(zs, i, self.expression(node.elt))

        self.loop(xs.length, body)
        return zs

    def among(self, x: Term, xs: Term) -> Term:
        """x in xs."""
        if xs.kind == SEVERAL:
            return self.all_or_any("or", [self.compared(ast.Eq(), x, y) for y in xs.parts])
        self.names["found "] = Term(TRUTH, "false")

        def body(i: Term) -> None:
            same = self.compared(ast.Eq(), x, self.fetch(xs, i))
            self.names["found "] = self.all_or_any("or", [self.names["found "], same])

        self.loop(xs.length, body, ["found "])
        return self.names["found "]

    # -- branches and loops, one number at a time

    def branches(self, truth: Term, *ways: Callable[[], Any]) -> list[str]:
        """Go one of two ways; the blocks in which they end."""
        labels = self.code.labels("yes", "no", "on")
        self.code.write(f"br i1 {truth.text}, label %{labels[0]}, label %{labels[1]}")
        ends = []
        for way, label in zip(ways, labels[:2], strict=True):
            self.code.label(label)
            before = self.scratch
            way()
            self.scratch = before
            ends.append(self.code.block)
            self.code.write(f"br label %{labels[2]}")
        self.code.label(labels[2])
        return ends

    def loop(self, n: Term, body: Callable[[Term], Any], moving: Iterable[str] = ()) -> None:
        """body(i) for i < n, where the names `moving` are given other Terms."""

        def condition(i: Term) -> Term:
            return self.new(TRUTH, f"icmp slt i64 {i.text}, {n.text}")

        self.names["i "] = self.constant(0)

        def whole(i: Term) -> None:
            body(i)
            self.names["i "] = self.new(WHOLE, f"add i64 {i.text}, 1")

        self.repeat(
            lambda: condition(self.names["i "]), lambda: whole(self.names["i "]), [*moving, "i "]
        )

    def repeat(
        self, condition: Callable[[], Term], body: Callable[[], Any], moving: Sequence[str]
    ) -> None:
        """body() as long as condition(), where the names `moving` get new Terms."""
        code, outside, before = self.code, self.looping, dict(self.names)
        self.looping = True
        head, inside, done = code.labels("head", "do", "done")
        start = {name: self.names[name] for name in moving}
        entered = code.block
        code.write(f"br label %{head}")
        code.label(head)
        at = len(code.lines)
        phis = {name: Term(start[name].kind, code.name()) for name in moving}
        self.names.update(phis)
        truth = condition()
        code.write(f"br i1 {truth.text}, label %{inside}, label %{done}")
        code.label(inside)
        body()
        code.lines[at:at] = [
            f"{phis[name].text} = phi {self.typed(start[name])} "
            f"[{start[name].text}, %{entered}], [{self.names[name].text}, %{code.block}]"
            for name in moving
        ]
        code.write(f"br label %{head}")
        code.label(done)
        self.names = before | phis
        self.looping = outside

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Statements with loops; whether they end with a return."""
        for node in body:
            if isinstance(node, ast.Return) and node.value is not None:
                self.returns(self.expression(node.value))
                return True
            if isinstance(node, ast.Try):
                return self.run(node.body)
            if isinstance(node, ast.If):
                if self.choice(node):
                    return True
            elif isinstance(node, ast.For):
                self.walk(node)
            elif isinstance(node, ast.While):
                self.go_on(node)
            else:
                self.assign(node)
        return False

    def go_on(self, node: ast.While) -> None:
        """A while statement."""
        moving = [name for name in _assigned(node.body) if name in self.names]
        self.repeat(lambda: self.truth(node.test), lambda: self.run(node.body), moving)

    def fork(self, truth: Term, yes: str, no: str) -> None:
        """Go to one of two blocks."""
        self.code.write(f"br i1 {truth.text}, label %{yes}, label %{no}")

    def choice(self, node: ast.If) -> bool:
        """An if statement; whether both ways end with a return."""
        truth = self.truth(node.test)
        yes, no, on = self.code.labels("yes", "no", "on")
        self.fork(truth, yes, no)
        before, scratch = dict(self.names), self.scratch
        ends = []
        for label, body in ((yes, node.body), (no, node.orelse)):
            self.code.label(label)
            self.names, self.scratch = dict(before), scratch
            if not self.run(body):
                ends.append((self.code.block, self.names))
                self.code.write(f"br label %{on}")
        self.scratch = scratch
        if not ends:
            return True
        self.code.label(on)
        if len(ends) == 1:
            self.names = ends[0][1]
            return False
        (one, mine), (other, theirs) = ends
        self.names = {
            name: term for name, term in before.items() if name in mine and name in theirs
        }
        for name in self.names:
            if mine[name] != theirs[name]:
                x, y = mine[name], theirs[name]
                self.names[name] = self.new(
                    x.kind, f"phi {self.typed(x)} [{x.text}, %{one}], [{y.text}, %{other}]"
                )
        return False

    def walk(self, node: ast.For) -> None:
        """A for statement, over a list, a range or two lists side by side."""
        moving = [n for n in _assigned(node.body) if n in self.names]
        call = node.iter if isinstance(node.iter, ast.Call) else None
        kind = call.func.id if call is not None and isinstance(call.func, ast.Name) else ""
        terms = list(
            map(self.expression, call.args if call and kind in ("range", "zip") else [node.iter])
        )
        if kind == "range" and len(terms) > 2:
            raise UntranslatableError(ast.unparse(node.iter))  # a step

        first = terms[0] if kind == "range" and len(terms) == 2 else self.constant(0)
        n = terms[-1] if kind == "range" else terms[0].length

        def body(i: Term) -> None:
            if kind == "range":
                self.bind(node.target, self.operation(ast.Add, first, i))
            else:
                found = [self.fetch(xs, i) for xs in terms]
                self.bind(
                    node.target,
                    found[0] if kind != "zip" else Term(SEVERAL, "", parts=tuple(found)),
                )
            self.run(node.body)

        for part in ast.walk(node.target):
            if isinstance(part, ast.Name):
                self.names.pop(part.id, None)
        self.loop(self.operation(ast.Sub, n, first), body, moving)


def _assigned(body: Sequence[ast.stmt]) -> list[str]:
    """The names that statements assign, without the variables of loops."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    loops = [node.target for node in nodes if isinstance(node, ast.For)]
    variables = {
        node.id for target in loops for node in ast.walk(target) if isinstance(node, ast.Name)
    }
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [name for name in dict.fromkeys(stored) if name not in variables]


def returns(name: str) -> str:
    """The type of a function's result."""
    node = texts.definitions()[name].returns
    parts = ast.unparse(node).count("float") if node is not None else 1
    return "double" if parts == 1 else f"{{{', '.join(['double'] * parts)}}}"


_NEEDED: dict[str, Size] = {}


def needed(name: str) -> Size:
    """How many numbers a function's lists take, with those of what it calls."""
    if name not in _NEEDED:
        function(name)
    return _NEEDED[name]


def function(name: str) -> str:
    """A function of the library, `@f_name(m, s, ...)`.

    m is the table of functions and s the place for lists. A list is given by
    its place and its length.
    """
    node, code = texts.definitions()[name], Code()
    translator = Translator(code)
    parameters = ["ptr %m", "ptr %s"]
    for argument, annotation in zip(node.args.args, _annotations(name), strict=True):
        x = f"%{argument.arg}"
        if annotation == "float":
            parameters.append(f"double {x}")
            translator.names[argument.arg] = Term(NUMBER, x)
        else:
            parameters += [f"ptr {x}", f"i64 {x}.n"]
            length = Term(WHOLE, f"{x}.n")
            translator.names[argument.arg] = Term(LIST, x, length=length, size=Size(1, 0))
    result = returns(name)

    def give(term: Term) -> None:
        if term.kind == SEVERAL:
            whole = "undef"
            for k, part in enumerate(term.parts):
                whole = code.new(f"insertvalue {result} {whole}, double {part.text}, {k}")
            code.write(f"ret {result} {whole}")
        else:
            code.write(f"ret double {translator.real(term).text}")

    translator.returns = give
    if is_straight(name) and result == "double":
        give(translator.straight(node.body))
    elif not translator.run(node.body):
        raise UntranslatableError(f"{name} may end without a result")
    _NEEDED[name] = translator.used + translator.called
    lines = "\n".join(code.lines)
    return f"define {result} @f_{name}({', '.join(parameters)}) {{\nentry:\n{lines}\n}}"
