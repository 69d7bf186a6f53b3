"""pass_texts: the passes of the compiler, as LLVM's text.

They run on whole numbers and arrays of them. A structure of arrays, which is handed
on as a whole, becomes one parameter for each.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
import inspect
from collections.abc import Iterable, Sequence
from functools import cache
from types import ModuleType

from . import passes
from .registers import Code
from .translate import LIST, NUMBER, SEVERAL, WHOLE, Term, Translator, UntranslatableError

ELEMENTS = {"Wholes": "i64", "Shorts": "i32", "Bytes": "i8", "Reals": "double"}  # of arrays


class PassTranslator(Translator):
    """Expressions and statements of a room of `passes`, whose functions call one another."""

    def __init__(self, code: Code, room: ModuleType) -> None:
        super().__init__(code)
        self.room = room

    def do_Name(self, node: ast.Name) -> Term:
        x = vars(self.room).get(node.id)
        if node.id not in self.names and isinstance(x, int):
            return self.constant(x)
        return super().do_Name(node)

    def do_Attribute(self, node: ast.Attribute) -> Term:
        return self.names[ast.unparse(node)]

    def given(self, name: str, kind: str) -> Term:
        """What is given under a name, of this type: a number, an array or a structure of them."""
        x = f"%{name}"
        if kind in structures():
            parts = [self.given(f"{name}.{field}", of) for field, of in structures()[kind]]
            self.names[name] = Term(SEVERAL, "", parts=tuple(parts))
        elif kind in ELEMENTS:
            self.names[name] = Term(LIST, x, element=ELEMENTS[kind])
        else:
            self.names[name] = Term(NUMBER if kind == "float" else WHOLE, x)
        return self.names[name]

    def function(self, name: str, terms: Sequence[Term]) -> Term:
        """Call another pass."""
        return self.new(WHOLE, f"call i64 @{name}({', '.join(typed_parts(terms))})")


def typed_parts(terms: Iterable[Term]) -> list[str]:
    """Arguments with their types, where structures are taken apart."""
    found = []
    for term in terms:
        if term.kind == SEVERAL:
            found += typed_parts(term.parts)
        else:
            found.append(f"{'ptr' if term.kind == LIST else term.kind} {term.text}")
    return found


@cache
def structures() -> dict[str, list[tuple[str, str]]]:
    """The structures of all rooms of `passes`: the name and the type of each field."""
    return {
        node.name: [
            (ast.unparse(field.target), ast.unparse(field.annotation))
            for field in node.body
            if isinstance(field, ast.AnnAssign)
        ]
        for room in passes.ROOMS
        for node in ast.parse(inspect.getsource(room)).body
        if isinstance(node, ast.ClassDef)
    }


def functions_of_passes() -> list[tuple[ModuleType, ast.FunctionDef]]:
    """The functions of all rooms of `passes`, parsed, without docstrings."""
    found = []
    for room in passes.ROOMS:
        for node in ast.parse(inspect.getsource(room)).body:
            if isinstance(node, ast.FunctionDef):
                del node.body[0]
                found.append((room, node))
    return found


def library_of_passes() -> str:
    """The text of all passes."""
    return "\n".join([_pass(room, node) for room, node in functions_of_passes()])


def _pass(room: ModuleType, node: ast.FunctionDef) -> str:
    translator = PassTranslator(Code(), room)
    arguments = [(a.arg, ast.unparse(a.annotation or ast.Constant(None))) for a in node.args.args]
    parameters = typed_parts([translator.given(name, kind) for name, kind in arguments])
    translator.returns = lambda term: translator.code.write(f"ret i64 {term.text}")
    if not translator.run(node.body):
        raise UntranslatableError(f"{node.name} may end without a result")
    lines = "\n".join(translator.code.lines)
    return f"define i64 @{node.name}({', '.join(parameters)}) {{\nentry:\n{lines}\n}}"
