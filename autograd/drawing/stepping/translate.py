"""Python text of floats and lists as JavaScript.

The text is that of the forward functions and of domains: arithmetic,
comparisons, conditions, loops, lists and calls. Anything else is refused. No
text constant is ever translated, so none reaches a script.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

NATIVE = frozenset(
    [
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cos",
        "cosh",
        "exp",
        "expm1",
        "floor",
        "log",
        "log10",
        "log1p",
        "log2",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "trunc",
    ]
)  # of Python's math, as JavaScript's Math has them; what else is needed is in rows.js
CONSTANTS = {"inf": "Infinity", "nan": "NaN", "pi": "Math.PI", "e": "Math.E"}
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Lt: "<",
    ast.Gt: ">",
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.And: "&&",
    ast.Or: "||",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Not: "!",
}
# Python's functions. "{0}" and "{1}" are the arguments.
BUILTINS = {
    "abs": "Math.abs({0})",
    "any": "{0}.some((x) => x)",
    "all": "{0}.every((x) => x)",
    "float": "{0}",
    "int": "Math.trunc({0})",
    "len": "{0}.length",
    "list": "{0}",
    "zip": "zip({0}, {1})",
}


class NotTranslatable(Exception):
    """There is no JavaScript for this; the text tells a reader of the page why."""


class Translator(ast.NodeVisitor):
    """Translates the text of one function or expression.

    `needs` collects the names that are met and are not its own: other
    functions, of the library or of rows.js.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        self.own = set(own)
        self.needs: set[str] = set()

    def function(self, node: ast.FunctionDef) -> str:
        """Return an arrow function."""
        parameters = [a.arg for a in node.args.args]
        inner = {id(name) for c in _comprehensions(node) for name in ast.walk(c.target)}
        stored = [
            name
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        ]
        self.own = {*parameters, *[name.id for name in stored]}
        variables = {name.id for name in stored if id(name) not in inner} - set(parameters)
        body = node.body
        head = f"({', '.join(parameters)}) => "
        if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value:
            return head + str(self.visit(body[0].value))
        declared = f"let {', '.join(sorted(variables))};\n" if variables else ""
        return f"{head}{{\n{declared}{self.block(body)}}}"

    def expression(self, text: str) -> str:
        """Return an expression; `text` is Python."""
        return str(self.visit(ast.parse(text, mode="eval").body))

    def block(self, body: Sequence[ast.stmt]) -> str:
        return "".join(f"{self.visit(s)}\n" for s in body)

    def all(self, nodes: Iterable[ast.AST]) -> list[str]:
        return [self.visit(node) for node in nodes]

    def generic_visit(self, node: ast.AST) -> Any:
        raise NotTranslatable(f"no JavaScript is known for {type(node).__name__}")

    # Statements.

    def visit_Return(self, node: ast.Return) -> str:
        return f"return {self.visit(node.value) if node.value else 'null'};"

    def visit_Assign(self, node: ast.Assign) -> str:
        return f"{' = '.join(self.all(node.targets))} = {self.visit(node.value)};"

    def visit_AugAssign(self, node: ast.AugAssign) -> str:
        return f"{self.visit(node.target)} {OPERATORS[type(node.op)]}= {self.visit(node.value)};"

    def visit_Expr(self, node: ast.Expr) -> str:
        return f"{self.visit(node.value)};"

    def visit_If(self, node: ast.If) -> str:
        other = f" else {{\n{self.block(node.orelse)}}}" if node.orelse else ""
        return f"if ({self.visit(node.test)}) {{\n{self.block(node.body)}}}{other}"

    def visit_While(self, node: ast.While) -> str:
        return f"while ({self.visit(node.test)}) {{\n{self.block(node.body)}}}"

    def visit_For(self, node: ast.For) -> str:
        head = f"for ({self.visit(node.target)} of {self.visit(node.iter)})"
        return f"{head} {{\n{self.block(node.body)}}}"

    # Expressions.

    def visit_Constant(self, node: ast.Constant) -> str:
        if node.value is None:
            return "null"
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return javascript_number(float(node.value))
        raise NotTranslatable("no JavaScript is written for a text")

    def visit_Name(self, node: ast.Name) -> str:
        if node.id in self.own:
            return node.id
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        self.needs.add(node.id)
        return node.id

    def visit_Tuple(self, node: ast.Tuple | ast.List) -> str:
        return f"[{', '.join(self.all(node.elts))}]"

    visit_List = visit_Tuple

    def visit_Starred(self, node: ast.Starred) -> str:
        return f"...{self.visit(node.value)}"

    def visit_IfExp(self, node: ast.IfExp) -> str:
        test, body, other = self.all([node.test, node.body, node.orelse])
        return f"({test} ? {body} : {other})"

    def visit_BoolOp(self, node: ast.BoolOp) -> str:
        return f"({f' {OPERATORS[type(node.op)]} '.join(self.all(node.values))})"

    def visit_UnaryOp(self, node: ast.UnaryOp) -> str:
        return f"({OPERATORS[type(node.op)]}{self.visit(node.operand)})"

    def visit_Compare(self, node: ast.Compare) -> str:
        if isinstance(node.ops[0], ast.In):
            return f"{self.visit(node.comparators[0])}.includes({self.visit(node.left)})"
        terms = self.all([node.left, *node.comparators])
        tests = [
            f"{a} {OPERATORS[type(op)]} {b}"
            for a, op, b in zip(terms, node.ops, terms[1:], strict=False)
        ]
        return f"({' && '.join(tests)})"

    def visit_BinOp(self, node: ast.BinOp) -> str:
        left, right = self.all([node.left, node.right])
        if _is_list(node.left) or _is_list(node.right):
            if isinstance(node.op, ast.Add):
                return f"[...{left}, ...{right}]"
            self.needs.add("repeat")
            return f"repeat({left}, {right})"
        if isinstance(node.op, ast.FloorDiv):
            self.needs.add("_floor_quotient")
            return f"_floor_quotient({left}, {right})"
        if isinstance(node.op, ast.Mod):
            self.needs.add("_remainder")
            return f"_remainder({left}, {right})"
        if isinstance(node.op, ast.Pow):
            return self.of_math("pow", [left, right])
        return f"({left} {OPERATORS[type(node.op)]} {right})"

    def visit_Subscript(self, node: ast.Subscript) -> str:
        whole, at = self.visit(node.value), node.slice
        if isinstance(at, ast.Slice):
            if at.step is not None:
                raise NotTranslatable("no JavaScript is known for a slice with a step")
            ends = [self.visit(end) if end else "0" for end in (at.lower, at.upper)]
            return f"{whole}.slice({', '.join(ends if at.upper else ends[:1])})"
        negative = isinstance(at, ast.UnaryOp)
        return f"{whole}.at({self.visit(at)})" if negative else f"{whole}[{self.visit(at)}]"

    def visit_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> str:
        text = str(self.visit(node.elt))
        for depth, loop in enumerate(reversed(node.generators)):
            items, target = self.all([loop.iter, loop.target])
            items += "".join(f".filter(({target}) => {test})" for test in self.all(loop.ifs))
            text = f"{items}.{'flatMap' if depth else 'map'}(({target}) => {text})"
        return text

    visit_GeneratorExp = visit_ListComp

    def visit_Attribute(self, node: ast.Attribute) -> str:
        if not (isinstance(node.value, ast.Name) and node.value.id == "math"):
            raise NotTranslatable(f"no JavaScript is known for {ast.unparse(node)}")
        return CONSTANTS.get(node.attr) or self.of_math(node.attr)

    def visit_Call(self, node: ast.Call) -> str:
        arguments = self.all(node.args)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in BUILTINS and name not in self.own:
            if len(arguments) != BUILTINS[name].count("{") or (node.keywords and name != "zip"):
                raise NotTranslatable(f"no JavaScript is known for {ast.unparse(node)}")
            self.needs |= {name} & {"zip"}
            return BUILTINS[name].format(*arguments)
        return f"{self.visit(node.func)}({', '.join(arguments)})"

    def of_math(self, name: str, arguments: Sequence[str] | None = None) -> str:
        """Return a function of Python's math, or its call."""
        if name not in NATIVE:
            self.needs.add(f"math_{name}")
        function = f"Math.{name}" if name in NATIVE else f"math_{name}"
        return function if arguments is None else f"{function}({', '.join(arguments)})"


def javascript_number(x: float) -> str:
    """Write a number so that JavaScript reads the same bits."""
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(
        repr(x), repr(x).removesuffix(".0")
    )


def _is_list(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_list(node.left) or _is_list(node.right)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "list"
    return isinstance(node, ast.List | ast.ListComp)


def _comprehensions(node: ast.AST) -> list[ast.comprehension]:
    return [c for c in ast.walk(node) if isinstance(c, ast.comprehension)]
