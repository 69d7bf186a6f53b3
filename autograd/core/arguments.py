"""What a call was given: real numbers, numbers within a range, and names of arguments."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import errno
import functools
import inspect
import math
import operator
import os
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ..errors import ArgumentError, DataTypeError
from ..tracebacks import ending_at_caller
from .protocols import Protocols

# By each name that other libraries give to an argument: the names that it may have here,
# and then a sentence, if there is more to say.
Words = Mapping[str, Sequence[str]]
Function = TypeVar("Function", bound=Callable[..., Any])

UNORDERED = (Set, Mapping)  # what has no order, and dict.keys() with them
# By the name that an argument has everywhere: whether something can be that argument.
KINDS: Mapping[str, Callable[[Any], bool]] = {
    "model": callable,
    "f": callable,
    "params": lambda x: hasattr(x, "__iter__"),
    "parameters": lambda x: hasattr(x, "__iter__"),
    "n_in": lambda x: not hasattr(x, "__iter__"),
    "root": lambda x: isinstance(x, Protocols),
}
FIRST = ("self", "cls")  # what a method is given, and not by its caller
HIDDEN = {"abs", "max", "min", "pow", "sum"}  # Python's, where `from autograd import *` was run
MAKING = "Value(data)"  # what takes the number of a new Value
DETACHED = ", or .detach() for a leaf of its own"
LONGEST = 200  # characters of what was given, in a message
LONGEST_NUMBER = 40  # and of a whole number
LONGEST_OF_SEVERAL = 60  # and of each of several arguments
# Stands for an argument that was not given.
NOTHING: Any = type("Nothing", (), {"__repr__": lambda _: "nothing"})()
LARGEST_SIZE = 10**8  # of a list that a call builds: as many Values take over 10 GB


def real_number(x: Any, what: str) -> float:
    """Return x as a float.

    A whole number beyond the floats becomes an infinity.

    Args:
        x: The number.
        what: What takes the number, for the message.

    Raises:
        DataTypeError: x is a bool, a string, None, a complex number, a list, a
            Value, or anything else that is no real number.
    """
    plain = x.__class__ is float or x.__class__ is int
    if plain or (isinstance(x, Real) and not isinstance(x, bool)):
        try:
            return float(x)
        except OverflowError:
            return math.inf if operator.gt(x, 0) else -math.inf
    remedy = (
        x._instead + DETACHED * (what == MAKING and x._instead == Protocols._instead)
        if isinstance(x, Protocols)
        else "write float(x) if it is the text of a number"
        if isinstance(x, str | bytes)
        else "write float(x) for 1.0 or 0.0"
        if is_bool(x)
        else "take its number out of the array, as in x.item()"
        if getattr(x, "shape", None) == ()
        else "give its numbers one at a time, as in [f(x) for x in xs]"
        if hasattr(x, "__iter__")
        else "give a number such as 2 or 2.0"
    )
    kind = "" if x is NOTHING else f" of type {type(x).__name__}"
    raise DataTypeError(f"{what} takes a real number, not {told(x)}{kind}: {remedy}")


def told(x: Any, longest: int = LONGEST) -> str:
    """Return what a message says of x: its repr, cut where it is long.

    A repr that fails, as that of a whole number of too many digits, gives way
    to the type. So does that of a DataFrame or a Series, which has many lines.
    """
    if hasattr(type(x), "iloc"):
        return f"a {type(x).__name__} (its numbers are its .to_numpy().tolist())"
    try:
        text = repr(x)
        if type(x) is int and len(text) > LONGEST_NUMBER:
            return f"{text[:12]}... of {len(text.lstrip('-'))} digits"
    except Exception:  # of any kind: it would hide the error that the message is about
        return f"something of type {type(x).__name__}"
    return text if len(text) <= longest else f"{text[:longest]}..."


def pythons_own(name: str) -> str:
    """Return the sentence on Python's function, if one of autograd's has its name, else ""."""
    if name not in HIDDEN:
        return ""
    return (
        f". Python's own is builtins.{name}: `from autograd import *` hides it, "
        "`import autograd` does not"
    )


def check_order(call: str, xs: Any) -> None:
    """Raise DataTypeError for a set or a dict in the place of a list.

    The values of a dict lie in the order in which they were put in.

    Args:
        call: What takes the list, for the message, such as "sum takes a list of numbers".
        xs: What was given.
    """
    if isinstance(xs, UNORDERED):
        remedy = (
            "a dict would give its keys: write list(x.values())"
            if isinstance(xs, Mapping)
            else "a set has no order, and holds what is equal only once"
        )
        raise DataTypeError(
            f"{call}, not {told(xs)} of type {type(xs).__name__}: {remedy}"
            f"{pythons_own(call.partition(' ')[0])}"
        )


def among(x: Any, choices: Collection[str | None]) -> bool:
    """Return whether x is one of these words. An array, which `in` cannot compare, is none."""
    return (x is None or isinstance(x, str)) and x in choices


def path_of(path: Any) -> Path:
    """Return the path of a file.

    Raises:
        DataTypeError: It is no str and no pathlib.Path.
        ArgumentError: It is empty, has a character that no path has, or names a folder.
        FileNotFoundError: It begins at a working directory that was removed.
    """
    if not isinstance(path, (str, os.PathLike)) or not isinstance(text := os.fspath(path), str):
        raise DataTypeError(
            f"path is the name of a file, a str or a pathlib.Path, not {told(path)}"
        )
    if not text or "\0" in text or not _is_encodable(text):
        raise ArgumentError(f"path is the name of a file, such as 'data.csv', not {told(path)}")
    if text[-1] in (os.sep, os.altsep) and not os.path.isdir(text):
        raise ArgumentError(f"path is the name of a file, and {told(path)} that of a folder")
    if not os.path.isabs(text):
        try:
            os.getcwd()
        except FileNotFoundError:
            gone = "the working directory was removed: give a path from the root on"
            raise ending_at_caller(FileNotFoundError(errno.ENOENT, gone, text)) from None
    return Path(text)


def _is_encodable(text: str) -> bool:
    """Whether the system has bytes for a text: it has none for half a pair of surrogates."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


def advice_on(name: str, known: Collection[str], words: Words, call: str = "it") -> str:
    """Return what to write in the place of an argument that does not exist.

    Args:
        name: The argument.
        known: The arguments that exist.
        words: What other libraries call them.
        call: The function, for sentences with an example.
    """
    for word in words.get(name, ()):
        if word in known:
            return f"here it is called {word}="
        if " " in word:
            return word.replace("{0}", call)
    return f"it takes {', '.join(known) or 'nothing'}"


def refuse_count(
    call: str, given: Sequence[Any], missing: Sequence[str], advice: str = ""
) -> NoReturn:
    """Raise DataTypeError for a call with too few or too many arguments.

    Args:
        call: The call as it should be, such as "log(x)".
        given: The arguments without a name.
        missing: The names of those that are missing. If there are none, there are too many.
        advice: What to write instead of the last one.
    """
    several = f"{', '.join(missing[:-1])} and {missing[-1]}" if missing[1:] else "".join(missing)
    fault = (
        f": {several} {'are' if missing[1:] else 'is'} missing"
        if missing
        else f" was called with ({', '.join(told(x, LONGEST_OF_SEVERAL) for x in given)})"
    )
    raise DataTypeError(f"{call}{fault}{f': {advice}' * bool(advice)}")


def refuse_call_of(
    function: Callable[..., Any],
    called: str,
    given: Sequence[Any],
    named: Collection[str],
    advice: str,
) -> None:
    """Raise DataTypeError if these cannot be the arguments of a function.

    Args:
        function: The function.
        called: Its name.
        given: The arguments without a name, but for self.
        named: The names of the others.
        advice: What to write instead, if more is known than the names.
    """
    kinds = [p for p in inspect.signature(function).parameters.values() if p.name not in FIRST]
    places = [p.name for p in kinds if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    open_ended = any(p.kind is p.VAR_POSITIONAL for p in kinds)
    known = [p for p in kinds if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    missing = [
        p.name
        for p in known
        if p.default is p.empty and p.name not in (*named, *places[: len(given)])
    ]
    shown = [p.name if p.default is p.empty else f"{p.name}=..." for p in known]
    call = f"{called}({', '.join(shown)}{', ...' * open_ended})"
    if len(given) > len(places) and not open_ended:
        by_name = [p.name for p in known if p.name not in places]
        advice = advice or (
            f"give the others by name: {', '.join(f'{name}=' for name in by_name)}"
            if by_name
            else f"it takes {', '.join(places) or 'nothing'}"
        )
        refuse_count(call, given, (), advice)
    if twice := [name for name in places[: len(given)] if name in named]:
        raise DataTypeError(f"{call}: {twice[0]} is given twice, by its place and by its name")
    for name, x in zip(places, given, strict=False):
        if missing and name in KINDS and not KINDS[name](x):
            refuse_count(call, given, [name], f"{told(x)} stands in its place")
    if missing:
        refuse_count(call, given, missing, advice)


def shown_as(like: Callable[..., Any]) -> Callable[[Function], Function]:
    """Return a decorator: help and editors show the function with the arguments of `like`.

    It is for functions that take any arguments, and refuse those that do not fit.
    """

    def decorator(function: Function) -> Function:
        function.__signature__ = inspect.signature(like)  # type: ignore[attr-defined]
        return function

    return decorator


def checks_names(
    words: Words,
    following: Mapping[str, str] | None = None,
    advise: Callable[[str, Sequence[str], Sequence[Any]], str] = lambda *_: "",
) -> Callable[[Function], Function]:
    """Return a decorator for functions: arguments that they do not take are a DataTypeError.

    So are arguments that are missing, and those that must be given by name and are not.

    Without it Python's own error would not say what to write instead. A call
    costs a tenth of a microsecond more, so it is for what runs once in a
    program, or once in a step.

    Args:
        words: What other libraries call the arguments.
        following: By the names of functions, what other libraries have at the place
            after the last argument, as a word of `words`.
        advise: A function of the called function's name, the names of its arguments and
            those that were given, of too few or too many. It returns what to write, or "".
    """
    next_words = following or {}

    def decorator(function: Function) -> Function:
        code = function.__code__
        n_named = code.co_argcount + code.co_kwonlyargcount
        named = [name for name in code.co_varnames[:n_named] if name not in FIRST]
        allowed = set(named)
        called = function.__qualname__.removesuffix(".__init__").rpartition(".")[2].lstrip("_")
        is_method = "".join(code.co_varnames[:1]) in FIRST
        is_class = is_method and function.__name__ == "__init__"
        takes_any = bool(code.co_flags & inspect.CO_VARKEYWORDS)

        @functools.wraps(function)
        def checked(*inputs: Any, **options: Any) -> Any:
            if options and not allowed.issuperset(options) and not takes_any:
                name = next(name for name in options if name not in allowed)
                advice = advice_on(name, named, words, called)
                call = type(inputs[0]).__name__ if is_class else called
                raise DataTypeError(f"{call} has no argument {name}=: {advice}")
            try:
                return function(*inputs, **options)
            except Exception as error:
                deeper = error.__traceback__ is None or error.__traceback__.tb_next is not None
                if deeper or not isinstance(error, TypeError):
                    ending_at_caller(error)
                    raise
                failure = error
            try:
                name = type(inputs[0]).__name__ if is_class else called
                word = next_words.get(name, "")
                advice = advise(name, named, inputs)
                if word and not advice and len(inputs) > code.co_argcount:
                    advice = advice_on(word, named, words, name)
                refuse_call_of(function, name, inputs[is_method:], options, advice)
                raise failure
            finally:
                del failure  # its traceback holds this frame, and this frame would hold it

        return checked  # type: ignore[return-value]

    return decorator


def within(arguments: Mapping[str, Any], **ranges: str) -> None:
    """Check that arguments lie in their ranges.

    A range is an interval such as "[0, 1)" or "(0, inf]", or whole numbers such
    as "0, 1", "2, ..., 9", "1, 2, ..." or "..., 0, 1, ...". In "1, 2, ..., size"
    they are sizes of a list that gets built, and at most LARGEST_SIZE. The
    range "True, False" is that of a flag, which may be 1 or 0, too. A range can
    end with " or None".

    A Value passes while a program is recorded: its number cannot be looked at.
    A whole number beyond the floats counts as an infinity in an interval.

    Args:
        arguments: The arguments by name, such as `locals()` of a function.
        ranges: The range of each that is checked.

    Raises:
        ArgumentError: An argument lies outside its range.
        DataTypeError: An argument has another type.

    Examples:
        >>> within({"rate": 0.1, "steps": 3}, rate="[0, inf)", steps="1, 2, ...")
    """
    for name, stated in ranges.items():
        x: Any = arguments[name]
        interval = stated.removesuffix(" or None")
        is_recorded = isinstance(x, Protocols) and isinstance(x <= x, Protocols)
        if (x is None and interval != stated) or is_recorded:
            continue
        if interval == "True, False":
            if not is_bool(x) and not (type(x) is int and x in (0, 1)):
                raise DataTypeError(f"{name} must be one of {stated}, not {told(x)}")
            continue
        whole = interval[0] not in "[("
        first, *_, last = interval.strip("[()]").split(", ")
        low = float("-inf" if first == "..." else first)
        high = LARGEST_SIZE if last == "size" else float("inf" if last == "..." else last)
        stated = stated.replace(", size", "")
        kind: Any = Integral if whole else (Real, Protocols)
        if not isinstance(x, kind) or isinstance(x, bool):
            raise DataTypeError(
                f"{name} must be {'one of' if whole else 'in'} {stated}, not {told(x)}"
            )
        given, x = x, x if whole or isinstance(x, Protocols) else real_number(x, name)
        if not (
            low <= x <= high
            and (x > low or interval[0] != "(")
            and (x < high or interval[-1] != ")")
        ):
            if last == "size" and x > high:
                raise ArgumentError(
                    f"{name} must be at most {high}, not {told(given)}: "
                    "a longer list would hardly fit in memory"
                )
            raise ArgumentError(
                f"{name} must be {'one of' if whole else 'in'} {stated}, not {told(given)}"
            )


def sizes_of(arguments: Mapping[str, Any], **lowest: int) -> list[int]:
    """Return arguments that are sizes of lists, as ints. NumPy's whole numbers overflow.

    Args:
        arguments: The arguments by name, such as `locals()` of a function.
        lowest: The least size of each.

    Raises:
        ArgumentError: A size is less, or above LARGEST_SIZE.
        DataTypeError: A size is no whole number.
    """
    within(arguments, **{name: f"{n}, {n + 1}, ..., size" for name, n in lowest.items()})
    return [int(arguments[name]) for name in lowest]


def is_bool(x: Any) -> bool:
    """Return whether this is a bool of Python or NumPy."""
    return type(x).__name__ in ("bool", "bool_")


def floats_of(arguments: Mapping[str, Any], **ranges: str) -> list[Any]:
    """Return arguments as floats. NumPy's shorter ones would round what is computed with them.

    A Value stays one, and None stays None.

    Args:
        arguments: The arguments by name, such as `locals()` of a function.
        ranges: The range of each, an interval as `within` takes it.

    Raises:
        ArgumentError: An argument lies outside its range.
        DataTypeError: An argument has another type.
    """
    within(arguments, **ranges)
    numbers = [(name, arguments[name]) for name in ranges]
    return [
        x if x is None or isinstance(x, Protocols) else real_number(x, name) for name, x in numbers
    ]


def check_size(what: str, size: int) -> None:
    """Check, before anything is made, that it has room in memory.

    Args:
        what: What would be made, for the message.
        size: How many numbers take as much memory.

    Raises:
        ArgumentError: It is more than LARGEST_SIZE.
    """
    if size > LARGEST_SIZE:
        raise ArgumentError(
            f"{what} would take as much memory as {told(size)} numbers, "
            f"and at most {LARGEST_SIZE} are made: take smaller sizes"
        )
