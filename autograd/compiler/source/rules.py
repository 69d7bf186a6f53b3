"""rules: the slopes of a row on a list as functions of a source.

The text of the row's rule is that of the table. The functions of the table that it
calls become functions of the source, too. The functions of rows become the rows'
own functions of floats.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import ast
import builtins
import inspect
import operator
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from types import CodeType
from typing import Any

from ...core import primitives
from ...core.row import Primitive


class _UnwrittenError(Exception):
    """A rule names what a source cannot have."""


@cache
def _table() -> tuple[dict[int, ast.Lambda], dict[str, ast.FunctionDef]]:
    """The rules of the table by the lines where they begin, and its functions by their names."""
    tree = ast.parse(inspect.getsource(primitives))
    lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    # Of several in a line, the outermost one comes first.
    by_line = {node.lineno: node for node in reversed(lambdas)}
    return by_line, {node.name: node for node in functions}


def written(row: Primitive, called: Callable[[Primitive], str]) -> dict[str, str]:
    """The functions that compute the slopes of a row on a list, as texts by their names.

    The slopes themselves have the empty name: an expression of xs, the list, and z,
    the row's result. The names of functions begin with _, as no other name of a
    source does. There are no texts for a row of a user's own.

    Args:
        row: The row.
        called: What gives the name of a row's function in the source.
    """
    code = getattr(row.partials, "__code__", None)
    if not isinstance(code, CodeType) or code.co_filename != primitives.__file__:
        return {}
    lambdas, _ = _table()
    rule = lambdas[code.co_firstlineno]
    writer = _Writer(called)
    try:
        writer.texts[""] = ast.unparse(writer.visit_in(rule.args, [rule.body])[0])
    except _UnwrittenError:
        return {}
    return writer.texts


class _Writer(ast.NodeTransformer):
    """A rule, and the functions that it calls, with the names that they have in a source."""

    def __init__(self, called: Callable[[Primitive], str]) -> None:
        self.called = called
        self.texts: dict[str, str] = {}
        self.own: set[str] = set()  # names of the function that is written

    def visit_in(self, parameters: ast.arguments, body: list[Any]) -> list[Any]:
        """The parts of a function with the parameters, in which names are its own at first."""
        before = self.own
        named = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Name)]
        stored = {node.id for node in named if isinstance(node.ctx, ast.Store)}
        self.own = {parameter.arg for parameter in parameters.args} | stored
        found = [self.visit(deepcopy(part)) for part in body]
        self.own = before
        return [part for part in found if part is not None]

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A name of the function, of Python, of the table, or of a row."""
        if node.id in self.own:
            return node
        if node.id not in vars(primitives):
            if not hasattr(builtins, node.id):
                raise _UnwrittenError(node.id)
            return node
        thing = vars(primitives)[node.id]
        row = getattr(thing, "primitive", None)
        if isinstance(row, Primitive):
            return ast.Name(self.called(row), node.ctx)
        return ast.Name(self.defined(node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> Any:
        """A call; what returns its operand unchanged is that operand."""
        if isinstance(node.func, ast.Name) and node.func.id not in self.own:
            row = getattr(vars(primitives).get(node.func.id), "primitive", None)
            if isinstance(row, Primitive) and row.forward is operator.pos:
                return self.visit(node.args[0])
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        """An assignment, unless it gives a name what it has already."""
        self.generic_visit(node)
        unchanged = isinstance(node.value, ast.Name) and [node.value.id] == [
            getattr(target, "id", "") for target in node.targets
        ]
        return None if unchanged else node

    def defined(self, name: str) -> str:
        """Write a function of the table; return its name in the source."""
        given = f"_{name.lstrip('_')}"
        if given in self.texts:
            return given
        _, functions = _table()
        if name not in functions:
            raise _UnwrittenError(name)
        function = functions[name]
        self.texts[given] = ""  # for one that calls itself
        summary = (ast.get_docstring(function) or "").partition("\n")[0]
        told = [f"# {summary}"] if summary else []
        body = self.visit_in(function.args, function.body[len(told) :])
        parameters = ", ".join([parameter.arg for parameter in function.args.args])
        lines = "\n".join(map(ast.unparse, body)).split("\n")
        self.texts[given] = "\n    ".join([f"def {given}({parameters}):", *told, *lines])
        return given
