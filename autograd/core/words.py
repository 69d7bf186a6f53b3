"""What other libraries call the arguments of autograd's functions, and what to write here."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from ..errors import DataTypeError
from .arguments import (
    NOTHING,
    Words,
    advice_on,
    checks_names,
    pythons_own,
    refuse_call_of,
    refuse_count,
)

_GRADIENT = "every Value has a gradient; a plain float has none, detach() cuts the graph"
_ROOT = "the gradient of the root is called gradient: y.backward(gradient=1.0)"
_NUMBER = "a Value is a float64 in Python's memory"
_ROWS = "xs is one list of numbers, so for rows write [{0}(row) for row in rows]"
_NEW = "a function gives a new Value, and changes none: write x = {0}(x)"
_EUCLIDEAN = "it is the Euclidean norm; that of p = 1 is sum([abs(x) for x in xs])"
_TOLERANCE = "how far differences can be trusted follows from the numbers"
_FILE = "draw(x).save(path) writes a file, in the format that its name says"
OPERANDS = (
    "it is a leaf and takes no operands: an operation on Values notes its own, and "
    "primitive(name, forward, partials) makes a new one"
)

# By each word the names that the argument may have here, and then a sentence for the
# functions that have none of them.
WORDS: Words = {
    # of a Value and of backward
    "retain_graph": ("the graph stays, so that backward() can run again",),
    "create_graph": ("for derivatives of derivatives take autograd.grad or gradients",),
    "grad_tensors": (_ROOT,),
    "grad_output": (_ROOT,),
    "seed": (_ROOT,),
    "requires_grad": (_GRADIENT,),
    "trainable": (_GRADIENT,),
    "name": ("its name in pictures and messages is called label: Value(2.0, label='w')",),
    "value": ("its number is called data: Value(data=2.0)",),
    "grad": ("set it afterwards, as in x.grad = 1.0",),
    "dtype": (_NUMBER,),
    "device": (_NUMBER,),
    "_children": (OPERANDS,),
    "_op": (OPERANDS,),
    "children": (OPERANDS,),
    "op": (OPERANDS,),
    # of functions of numbers and lists
    "dim": (_ROWS,),
    "axis": (_ROWS,),
    "keepdim": (_ROWS,),
    "keepdims": (_ROWS,),
    "inplace": (_NEW,),
    "out": (_NEW,),
    "approximate": ("it is exact, x * Phi(x), and not an approximation",),
    "negative_slope": ("slope",),
    "beta": ("write {0}(beta * x) / beta",),
    "threshold": ("it has no threshold, as it is right for all numbers",),
    "base": ("write log(x) / log(base), log2(x) or log10(x)",),
    "exponent": ("write x ** y",),
    "min": ("low",),
    "max": ("high",),
    "a_min": ("low",),
    "a_max": ("high",),
    "min_value": ("low",),
    "max_value": ("high",),
    "ord": (_EUCLIDEAN,),
    "p": (_EUCLIDEAN,),
    "temperature": ("write {0}([x / temperature for x in xs])",),
    "other": ("y", "b"),
    "input": ("x", "xs", "condition", "values", "a"),
    "indices": ("index",),
    # of derivatives
    "argnum": ("argnums",),
    "fun": ("f",),
    "func": ("f",),
    "function": ("f",),
    "wrt": ("argnums", "primals"),
    "outputs": ("root",),
    "inputs": ("wrt", "primals", "for some derivatives alone take autograd.gradients(y, [x])"),
    "v": ("vectors", "tangents"),
    "has_aux": ("f returns one number, and what else is wanted is a second function",),
    "allow_unused": ("a Value that root does not depend on has the gradient 0",),
    "eps": ("the steps of the differences are chosen from the numbers",),
    "atol": (_TOLERANCE,),
    "rtol": (_TOLERANCE,),
    "tol": (_TOLERANCE,),
    "enabled": ("write `with {0}():` where it is wanted, or @{0}(), and nothing elsewhere",),
    "mode": ("write `with {0}():` where it is wanted, and nothing elsewhere",),
    "check_nan": ("it looks for nan and infinities alike, forward and backward",),
    # of programs
    "static_argnums": ("static",),
    "static_argnames": ("static",),
    "donate_argnums": ("a program takes no memory over from its arguments",),
    # of pictures
    "format": (_FILE,),
    "filename": (_FILE,),
    "path": (_FILE,),
    "show": ("a notebook shows it; draw(x).save(path) writes it to a file",),
    "rankdir": ('layout="layers" and others say where nodes stand',),
    "latex": ("what it returns has .latex",),
    "labels": ("names",),
    "max_depth": ("depth",),
}

# What other libraries have after the last argument.
FOLLOWING = {
    **dict.fromkeys(("softmax", "log_softmax", "logsumexp", "sum", "mean", "prod"), "dim"),
    **dict.fromkeys(("relu", "silu", "leaky_relu", "elu"), "inplace"),
    "log": "base",
    "gelu": "approximate",
    "softplus": "beta",
    "norm": "ord",
    "no_grad": "enabled",
    "detect_anomaly": "enabled",
    "grad": "has_aux",
    "backward": "retain_graph",
}

_PYTHONS = {"base", "exp", "mod", "start", "key", "default"}  # arguments of its pow, sum, max, min

names_checked = checks_names(WORDS, FOLLOWING)


def refuse(function: Callable[..., Any], given: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Raise DataTypeError for arguments that do not fit the signature that a function shows.

    Args:
        function: The function.
        given: The arguments without a name. NOTHING stands for one that is missing.
        options: The others.
    """
    known, name = list(inspect.signature(function).parameters), function.__name__
    if unknown := [word for word in options if word not in known]:
        refuse_options(f"{name}({', '.join(known)})", unknown, known)
    given = () if given[0] is NOTHING else given
    word = FOLLOWING.get(name, "")
    advice = advice_on(word, known, WORDS, name) if word and given else ""
    refuse_call_of(function, name, given, options, advice)


def refuse_places(call: str, given: Sequence[Any], n: int) -> NoReturn:
    """Raise DataTypeError for a call with more or fewer than n arguments without a name.

    Args:
        call: The call as it should be, such as "log(x)". It names n arguments.
        given: The arguments.
        n: How many there should be.
    """
    name, _, names = call.rstrip(")").partition("(")
    if len(given) < n:
        refuse_count(call, given, names.split(", ")[len(given) : n])
    word = FOLLOWING.get(name, "")
    advice = advice_on(word, (), WORDS, name) if word else pythons_own(name).lstrip(". ")
    refuse_count(call, given, (), advice)


def refuse_options(call: str, given: Iterable[str], known: Iterable[str] = ()) -> NoReturn:
    """Raise DataTypeError for arguments that other libraries' functions take.

    Args:
        call: The call as it should be, such as "relu(x)".
        given: The names of the arguments that it does not have.
        known: The names of those that it has.
    """
    name = next(iter(given))
    function = call.partition("(")[0]
    words = {} if name == "base" and function == "pow" else WORDS
    advice = advice_on(name, list(known), words, function)
    advice += pythons_own(function) if name in _PYTHONS else ""
    raise DataTypeError(f"{call} has no argument {name}={f': {advice}' * bool(advice)}")
