"""Jitted: the function that runs recorded programs."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import functools
import inspect
import sys
import time
from array import array
from collections.abc import Callable, Sequence, Set
from numbers import Integral
from typing import Any

from ..core import modes
from ..core.arguments import told
from ..core.elsewhere import Listing, listed, name_elsewhere
from ..core.formulas import by_name
from ..core.value import Value, data_of, literal
from ..errors import DataTypeError, RecordingError
from ..functional import leaves, rebuild
from .notes import Notes
from .program import Compiled, Drawn
from .record import Recording, drawn, record
from .refusal import as_eager, name_of, warn_of_many
from .source.text import Python
from .structure import Arguments, check_unchanged, contents, told_apart


class Jitted(metaclass=Listing):
    """What `jit` returns: a program for every structure of arguments."""

    def __init__(self, f: Callable[..., Any], static: Sequence[str | int]) -> None:
        if not callable(f):
            raise DataTypeError(f"jit takes a function, not {f!r}")
        if (
            isinstance(static, str)
            or not isinstance(static, Sequence | Set)
            or not all(isinstance(s, str | Integral) for s in static)
        ):
            raise DataTypeError(
                "static is a list of names or positions of arguments, such as ['n'] or [0], "
                f"not {told(static)}"
            )
        functools.update_wrapper(self, f)
        self.function, self.given = f, tuple(static)
        self.entries: dict[Any, Compiled] = {}
        self.kept: list[Any] = []  # Modules and parts in the keys, so that they keep their identity
        by_name = [s for s in static if isinstance(s, str)]
        names = list(inspect.signature(f).parameters) if by_name else []
        if unknown := [s for s in by_name if s not in names]:
            raise RecordingError(
                f"static names {', '.join(map(repr, unknown))}, "
                f"but {f.__name__} has the parameters {', '.join(names)}"
            )
        places = [s for s in static if not isinstance(s, str)]
        if places:
            kinds = [p.kind for p in inspect.signature(f).parameters.values()]
            n = len([k for k in kinds if k in (k.POSITIONAL_ONLY, k.POSITIONAL_OR_KEYWORD)])
            open_ended = inspect.Parameter.VAR_POSITIONAL in kinds
            if odd := [s for s in places if s < 0 or (s >= n and not open_ended)]:
                raise RecordingError(
                    f"static names the argument at position {odd[0]}, "
                    f"but {name_of(f)} has {n} position{'s' * (n != 1)}: count from 0"
                )
        self.static = {*static, *map(names.index, by_name)}

    def __dir__(self) -> list[str]:
        return listed(self, super().__dir__())

    def __repr__(self) -> str:
        return f"<jit of {name_of(self.function)}: {len(self.entries)} recorded>"

    def __reduce__(self) -> Any:
        """Pickle by name, as functions are, or else with the function.

        The programs are recorded anew.
        """
        place: Any = sys.modules.get(getattr(self.function, "__module__", ""))
        for name in name_of(self.function).split("."):
            place = getattr(place, name, None)
        return name_of(self.function) if place is self else (Jitted, (self.function, self.given))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run the program for these arguments; the function itself under a transformation."""
        if modes.active and not modes.programs():
            return self.function(*args, **options)
        program, arguments = self.entry(args, options)
        before: Sequence[Any] = ()
        if program.sources and program.draws.watches:
            numbers, before = program.draws.draw()
        else:
            numbers = [draw() for draw in program.sources]
        found = program.nodes(
            [*arguments.values, *program.captured],
            arguments.numbers + array("d", numbers),
            (self._graphs, program, arguments, args, options, numbers)
            if program.differentiates
            else (),
        )
        if found is None:  # outside a domain, or nan: what happens is up to the function itself
            return self._eager(program, arguments, args, options, (numbers, before))
        return program.build(iter(found))

    def _eager(
        self,
        program: Compiled,
        arguments: Arguments,
        args: tuple[Any, ...],
        options: dict[str, Any],
        numbers: Drawn,
    ) -> Any:
        """Run the function itself, by the same arithmetic as its program.

        Bools are numbers to the arithmetic of plain numbers alone.
        """
        leaf = Value if program.by_arguments else literal
        graph = bool(arguments.values or program.captured)
        try:
            with program.drawing(numbers):
                result = self._on_leaves(args, options, arguments, leaf)
            return result if graph else rebuild(result, map(data_of, leaves(result)))
        except DataTypeError:
            pass
        with program.drawing(numbers):
            result = self.function(*args, **options)
        put = literal if graph else float
        found = [z if isinstance(z, Value) else put(float(z)) for z in leaves(result)]
        return rebuild(result, found)

    def _graphs(
        self,
        program: Compiled,
        arguments: Arguments,
        args: tuple[Any, ...],
        options: dict[str, Any],
        numbers: list[float],
    ) -> list[Any] | None:
        """The results of a call as the graphs of the function itself.

        None if a list that it was given has changed since.
        """
        now = Arguments()
        self._given(args, options, functools.partial(now.key, what="an argument"))
        if now.numbers.tobytes() != arguments.numbers.tobytes() or now.values != arguments.values:
            return None
        leaf = Value if program.by_arguments else literal
        with drawn(numbers), modes.differentiating([Value(0.0)]):
            return leaves(self._on_leaves(args, options, arguments, leaf))

    def _on_leaves(
        self,
        args: tuple[Any, ...],
        options: dict[str, Any],
        arguments: Arguments,
        leaf: Callable[[float], Value] = literal,
    ) -> Any:
        """Run the function itself on leaves for numbers."""
        given = self._given(args, options, arguments.eager(leaf))
        return self.function(*given[0], **given[1])

    def _given(
        self, args: tuple[Any, ...], options: dict[str, Any], put: Callable[[Any], Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """The arguments with `put` applied to all that are not static."""

        def given(name: int | str, x: Any) -> Any:
            return x if name in self.static else put(x)

        positional = [given(i, x) for i, x in enumerate(args)]
        return positional, {name: given(name, x) for name, x in options.items()}

    def entry(self, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Compiled, Arguments]:
        """Return the program for these arguments, and their numbers and Values."""
        arguments = Arguments()
        named = [*enumerate(args), *options.items()]
        key = tuple(
            [
                (
                    name,
                    self._static(name, x)
                    if name in self.static
                    else arguments.key(x, f"argument {name!r}"),
                )
                for name, x in named
            ]
        )
        if key not in self.entries:
            made = as_eager(
                functools.partial(self._record, args, options, arguments),
                functools.partial(self.function, *args, **options),
                functools.partial(self._on_leaves, args, options, arguments),
            )
            made.check_apart(arguments.values)
            warn_of_many(self.function, self.entries, key, stacklevel=4)
            self.entries[key] = made
            for module in arguments.modules:
                self.kept += [*module.named_modules(), *module.named_parameters()]
        else:
            self.entries[key].check_apart(arguments.values)
        return self.entries[key], arguments

    def _static(self, name: str | int, x: Any) -> Any:
        try:
            hash(x)
        except TypeError as error:
            raise RecordingError(
                f"the static argument {name!r} is {x!r}, which cannot be hashed: "
                "give a tuple instead of a list"
            ) from error
        return "static", told_apart(x)

    def _record(
        self,
        args: tuple[Any, ...],
        options: dict[str, Any],
        arguments: Arguments,
        notes: Notes | None = None,
        like: Compiled | None = None,
    ) -> Compiled:
        """Record the program for these arguments."""
        begun = time.perf_counter()

        @functools.wraps(self.function)
        def run(made: Recording) -> Any:
            positional, by_name = self._given(
                args, options, arguments.traced(made.new_inputs, made.new_numbers)
            )
            before = contents((positional, by_name))
            result = self.function(*positional, **by_name)
            check_unchanged(before, (positional, by_name), self.function)
            return result

        made, build = record(run, notes, self.function, arguments.modules)
        program = Compiled(made, build, len(arguments.values), like=like)
        program.seconds["record"] = time.perf_counter() - begun
        return program

    def source(self, *args: Any, **options: Any) -> str:
        """Return the program for these arguments as plain Python.

        The text defines `program(p, x)` of the Values' numbers p and the other
        numbers x, which `numbers` gives for the same arguments. It returns the
        numbers of the results in a list, with the same bits.

        Raises:
            SourceSizeError: The text would be too long.

        Examples:
            >>> from autograd import Value, jit
            >>> w = Value(2.0, label="w")
            >>> f = jit(lambda x: w * x)
            >>> print(f.source(3.0))
            def program(p, x):
                # p[0]: w
                # x[0]: x
                a1 = p[0] * x[0]
                return [a1]
            <BLANKLINE>
            >>> names = {}
            >>> exec(f.source(3.0), names)
            >>> names["program"](*f.numbers(3.0))
            [6.0]
        """
        recorded, arguments = self.entry(args, options)
        parts = {
            id(part): path for module in arguments.modules for path, part in module.named_modules()
        }
        notes = Notes(parts=parts)
        program = self._record(args, options, arguments, notes, recorded)
        notes.values, notes.numbers = self._names(args, options, program)
        return Python(program.short(), notes).text

    def numbers(self, *args: Any, **options: Any) -> tuple[list[float], list[float]]:
        """Return p and x, with which the text of `source` runs for these arguments."""
        program, arguments = self.entry(args, options)
        p = [data_of(v) for v in (*arguments.values, *program.captured)]
        return p, [*arguments.numbers, *[draw() for draw in program.sources]]

    def _names(
        self, args: tuple[Any, ...], options: dict[str, Any], program: Compiled
    ) -> tuple[list[str], list[str]]:
        """What the Values and the other numbers of a program are called, where that is known.

        A Value has its label, a parameter its path, a number the name of its argument.
        """
        signature = inspect.signature(self.function)
        parameters = [
            name if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) else ""
            for name, each in signature.parameters.items()
        ]
        names = [*parameters, *[""] * len(args)]
        given: list[tuple[int | str, str, Any]] = [(i, names[i], x) for i, x in enumerate(args)]
        given += [(name, name, x) for name, x in options.items()]
        paths: dict[Value, str] = {}
        arguments = Arguments()
        numbers: list[str] = []
        for place, name, x in given:
            if place not in self.static:
                arguments.key(x, name)
                numbers += [name] * (len(arguments.numbers) - len(numbers))
                for v in list(arguments.values)[len(paths) :]:
                    paths[v] = name
        for module in arguments.modules:
            paths.update({p: path for path, p in module.named_parameters()})
        values = [*arguments.values, *program.captured]
        return [v.label or paths.get(v, "") for v in values], numbers

    def stats(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return figures about the program for these arguments.

        Returns:
            The operations recorded and simplified. The blocks of lanes, the
            lanes in all and at most. The bytes of the memory. Whether it runs
            as native code or as Python, and why. The seconds of each stage so
            far.
        """
        program = self.entry(args, options)[0]
        made = program.runner.layout
        return {
            "recorded": len(program.tape),
            "simplified": program.simplified,
            "blocks": made.n_blocks,
            "lanes": made.n_lanes,
            "widest": made.widest,
            "bytes": 8 * made.size,
            "runs as": program.runner.describe(),
            "bits": "those of the eager run",
            "seconds": dict(program.seconds),
        }


# What is asked of functions that JAX or PyTorch has compiled.
name_elsewhere(
    Jitted,
    by_name(
        {
            "f.source(*args), its program as Python": (
                "lower code graph graph_for inlined_graph schema trace get_debug_state eval_shape"
            ),
            "f.stats(*args), figures about its program": "cache_info",
            "autograd.jit(f.function), which records anew": "clear_cache cache_clear",
            "f.function.__name__": "name qualified_name",
            "pickle.dump(f, file), of a function that a module has": "save save_to_buffer",
            "f(*args) itself, which records at its first call": "compile warmup forward",
        }
    ),
)
