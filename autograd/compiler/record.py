"""record: run a function once on Values without numbers, and keep what it does.

The numbers are known only when the tape is replayed.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, suppress
from itertools import repeat
from numbers import Real
from threading import get_ident
from types import FrameType
from typing import Any, NoReturn, cast

from ..core import modes, value
from ..core.arguments import real_number, told
from ..core.bulk import at_once
from ..core.collector import uncollected
from ..core.engine import RECORDER, apply
from ..core.primitives import div, equal, greater, identity, less, stop_gradient
from ..core.row import LEAF, LITERAL, Primitive
from ..core.value import Operand, Value, literal
from ..errors import DataTypeError, MissingDependencyError, RecordingError, RenamedError
from ..functional import leaves
from ..progress import bar
from . import passes
from .chance import CHANCE, Reach, line_that_draws, random_state, watched
from .gradient import pull
from .llvm import pass_runner
from .native import is_translated
from .notes import DifferentiatedAgain, Notes
from .refusal import (
    asked_by_user,
    beginning,
    called,
    of_users,
    refuse,
    refuse_choice,
    refuse_left,
    text_is_kept,
)
from .simplify import shorts
from .structure import builder
from .tape import CONSTANT, CUT, INPUT, OWN, Guard, Tape

LEAVES = (INPUT, CONSTANT, OWN)
BRIEF = 1_000  # operations up to which a function is always recorded twice
REPEATS = 8  # recordings that look for a drawn number: a coin is missed once in 256
YOUNG = sys.maxsize  # the age of what is younger than any leaf and any change
_IDENTITY: Primitive = cast("Any", identity).primitive
_STOP: Primitive = cast("Any", stop_gradient).primitive
_DIV: Primitive = cast("Any", div).primitive
_new = cast("Callable[[type[Traced]], Traced]", Value.__new__)


class Traced(Value):
    """A Value whose number is known only at replay: the operation `index` of a tape.

    The tape is the graph. Parents are made of it when they are asked for, so two
    Traced of the same operation are equal.
    """

    __slots__ = ("index", "recording")
    _instead = "keep it as it is, and take a derivative by it as grad(lambda v: ...)(x)"
    index: int
    recording: "Recording"

    def _refuse(self, what: str, remedy: str) -> NoReturn:
        """Raise RecordingError. A Value that is left of a recording that is over says so."""
        if not self.recording.open:
            refuse_left(what)
        refuse(what, remedy, self.recording)

    @property
    def _data(self) -> float:  # type: ignore[override]
        if self.recording.open and get_ident() != self.recording.thread:
            self._refuse(
                "a traced Value was used in a thread that the recorded function has started",
                "compute with it in the thread that calls the function",
            )
        looking = modes.current()
        if not (looking is None or looking.programs or isinstance(looking, Recording)):
            self._refuse(
                "the number of a traced Value was asked for by detect_anomaly()",
                "put detect_anomaly() around the call of the jitted function",
            )
        return self._refuse(
            "the number of a traced Value was asked for",
            "return the Value from the function and read it outside",
        )

    @property
    def _born(self) -> int:
        return YOUNG + self.index

    @_born.setter
    def _born(self, age: int) -> None:
        self._refuse(
            "the data or the label of a traced Value was set",
            "return the new number and set it outside the function",
        )

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands, as Values of the recording."""
        try:
            found: tuple[Value, ...] = self._a
        except AttributeError:
            found = self._a = self.recording.parents(self)
        return found

    def _operands(self) -> tuple[Any, ...]:
        if not self.recording.open:
            refuse_left("the graph of a traced Value was differentiated")
        return self.parents

    def __eq__(self, other: object) -> bool:
        asking = sys._getframe(1)
        if (
            of_users(asking.f_code.co_filename) is not False
            and isinstance(other, (Traced, Real))
            and self._is_number(other, asking)
        ):
            self._refuse(
                "== of a number known only at replay",
                "choose with where(equal(x, y), a, b), or make the argument static",
            )
        if type(other) is not Traced:
            return Value.__eq__(self, other)
        return self.index == other.index and self.recording is other.recording

    def __hash__(self) -> int:
        asking = sys._getframe(1)
        if of_users(asking.f_code.co_filename) is not False and self._is_number(self, asking):
            self._refuse(
                "the hash of a number known only at replay, as a key or in a set",
                "choose with take(values, index) or where(equal(x, y), a, b), or make the "
                "argument static",
            )
        return self.index

    def _is_number(self, other: object, asking: FrameType) -> bool:
        """Whether the user compares this and another, and one is a plain number in the eager run.

        There numbers are equal that are different Values here.
        """
        made = self.recording
        if not made.open or not asked_by_user(asking):
            return False
        return any(made.is_number(z.index) for z in (self, other) if isinstance(z, Traced))

    def _refuse_of_numbers(self, other: object, error: Exception) -> None:
        """Refuse what plain numbers have and Values have not, also where the user catches that."""
        asking = sys._getframe(2)
        if (
            of_users(asking.f_code.co_filename) is not False
            and (type(other) is Traced or not isinstance(other, Value))
            and all(z._is_number(z, asking) for z in (self, other) if isinstance(z, Traced))
        ):
            self._refuse(str(error), "do it outside the function, or make the argument static")

    def __floordiv__(self, other: object) -> NoReturn:
        try:
            super().__floordiv__(other)
        except DataTypeError as error:
            self._refuse_of_numbers(other, error)
            raise

    __rfloordiv__ = __divmod__ = __rdivmod__ = __floordiv__

    @property  # type: ignore[misc]
    def __class__(self) -> type[Any]:
        """The class. To the user it is that in the eager run, also for isinstance(x, float)."""
        asking = sys._getframe(1)
        if of_users(asking.f_code.co_filename) is False or not self._is_number(self, asking):
            return Traced
        whole = bool if self.recording.tape.row(self.index) is CUT else int
        return whole if type(self) is Whole else float

    def __repr__(self) -> str:
        if self.recording.open and text_is_kept(sys._getframe(1)):
            return self._refuse(
                "repr() of a value known only at replay", "return the Value and print it outside"
            )
        return f"<traced {self._primitive.name}>"

    @property
    def _grad(self) -> float:
        return self._refuse(
            "the grad of a traced Value was asked for",
            "take gradients(loss, parameters), grad(f) or value_and_grad(f)",
        )

    @_grad.setter
    def _grad(self, grad: float) -> None:
        self._refuse("the grad of a traced Value was set", "set it outside the function")

    def __copy__(self) -> "Traced":
        if not self.recording.open:  # left in a model, say, which may be copied
            return self
        return self._refuse("a copy of a traced Value", "keep the Value itself, it never changes")

    def __deepcopy__(self, memo: object) -> "Traced":
        return self.__copy__()

    def __reduce__(self) -> Any:
        return self._refuse("pickling a traced Value", "return the Value and pickle it outside")

    def _plain(self, how: str) -> float:
        return self._refuse(
            f"{how} of a value known only at replay",
            "keep the Value and use autograd's functions, such as tanh for math.tanh, "
            "or compute this number outside the function",
        )

    def __bool__(self) -> bool:
        if self.recording.open:
            refuse_choice(self.recording)
        return refuse_left("bool() of a value known only at replay")

    def __index__(self) -> int:
        return self._refuse(
            "an index known only at replay", "use take(values, index), or make the argument static"
        )

    def __str__(self) -> str:
        return self._refuse(
            "str() of a value known only at replay", "return the Value and print it outside"
        )

    def __format__(self, spec: str) -> str:
        return self._refuse(
            "format() of a value known only at replay", "return the Value and print it outside"
        )

    def detach(self) -> Value:
        """Return a copy that no gradient flows through.

        The recording is asked itself: within no_grad the modes would detach again.
        """
        return self.recording.apply(_STOP, (self,), False)

    def backward(self, gradient: float = 1.0, *others: object, **options: object) -> None:
        """Raise RecordingError: a program has no graph to go back through."""
        self._refuse(
            "backward()",
            "call it on the result of the jitted function, "
            "or record gradients(loss, parameters) or value_and_grad",
        )


_set_primitive = vars(Value)["_primitive"].__set__
_set_index, _set_recording = [vars(Traced)[name].__set__ for name in ("index", "recording")]
_get_index, _get_recording = [vars(Traced)[name].__get__ for name in ("index", "recording")]


def _operator(op: Primitive, reflected: bool) -> Callable[[Traced, Any], Any]:
    """The operator of a row on traced Values.

    It does what `engine.apply` does, in a third of the time.
    """

    def method(self: Traced, other: Any) -> Any:
        recording = self.recording
        x, y = (other, self) if reflected else (self, other)
        if modes.current() is not recording or not (
            type(other) is Traced or type(other) is Value or type(other) is float
        ):
            return apply(op, (x, y), True)
        tape = recording.tape
        i, j = (
            self.index,
            other.index
            if type(other) is Traced and other.recording is recording
            else recording.index(other),
        )
        operands = (j, i) if reflected else (i, j)
        if op.violates is not None:
            tape.add(Guard(op), operands)
        z = _new(Traced)
        z._primitive = op
        z.index, z.recording = tape.add(op, operands), recording
        return z

    return method


class Whole(Traced):
    """What a comparison gives, a bool in the eager run, or whole numbers computed of it.

    They have Python's arithmetic: bools are numbers there, beside plain numbers
    alone, and whole numbers have no -0.0.
    """

    __slots__ = ()

    def as_real(self) -> Traced:
        """The same number in the arithmetic of floats."""
        return self.recording.traced(self._primitive, self.index)

    def __neg__(self) -> Any:
        return self.recording.whole(0.0 - self.as_real())

    def __pos__(self) -> Any:
        return self.recording.whole(self.as_real() + 0.0)

    def __abs__(self) -> Any:
        return self.recording.whole(abs(self.as_real()))


def _whole_operator(op: Primitive, reflected: bool) -> Callable[[Whole, Any], Any]:
    """The operator of a row on Whole and any number."""
    of_reals = _operator(op, reflected)

    def method(self: Whole, other: Any) -> Any:
        made = self.recording
        whole = type(other) in (Whole, int, bool)
        if not whole and made.is_bool(self) and made.is_value(other):
            refuse_bool(op.name)
        other = other.as_real() if type(other) is Whole else float(other) if whole else other
        z = of_reals(self.as_real(), other)
        return made.whole(z + 0.0) if whole and op is not _DIV else z

    return method


def refuse_bool(name: str) -> NoReturn:
    """Raise what the eager run raises for a bool."""
    raise DataTypeError(
        f"{name} takes a real number, not a comparison, which is True or False: "
        "write where(condition, 1.0, 0.0)"
    )


for _name, _function in list(vars(Value).items()):  # __add__ and its kin, and their reflections
    if (
        getattr(_function, "primitive", None)
        and _name.startswith("__")
        and _function.primitive.arity == 2
    ):
        for _class, _made in ((Traced, _operator), (Whole, _whole_operator)):
            setattr(_class, _name, cast("Any", _made)(_function.primitive, False))
            setattr(_class, f"__r{_name[2:]}", cast("Any", _made)(_function.primitive, True))


def _of_numbers(name: str) -> Any:
    """An attribute of plain numbers that Values do not have."""

    def get(self: Traced) -> Any:
        try:
            return getattr(super(Traced, self), name)
        except RenamedError as error:
            self._refuse_of_numbers(self, error)
            raise

    return property(get)


for _name in ("real", "imag", "is_integer", "hex", "as_integer_ratio"):
    setattr(Traced, _name, _of_numbers(_name))


# What Python's comparisons are as rows; false for nan, as there.
CONDITIONS: dict[Callable[[Any, Any], bool], Callable[[Any, Any], Any]] = {
    operator.lt: less,
    operator.gt: greater,
    operator.le: lambda x, y: less(x, y) + equal(x, y),
    operator.ge: lambda x, y: greater(x, y) + equal(x, y),
}


class _Drawn(modes.Interpreter):
    programs = False  # which would draw for themselves

    def __init__(self, numbers: Iterable[float], again: Iterable[bool]) -> None:
        self.numbers = zip(numbers, again, strict=False)

    def draw(self, source: Callable[[], float]) -> Operand:
        for number, again in self.numbers:
            return source() if again else number
        drawn: Operand = self.outer.draw(source)
        return drawn


def drawn(
    numbers: Iterable[float], again: Iterable[bool] = repeat(False)
) -> AbstractContextManager[Any]:
    """Within it, numbers that a program has drawn are drawn again first.

    So the function itself runs on the same chance. Each may be drawn `again` from its
    source, where the generator was set back.
    """
    return modes.interpreting(_Drawn(numbers, again), RECORDER)


class Recording(modes.Interpreter):
    """The interpreter that writes operations on a tape.

    `captured` are the Values met that no argument gave, with their instructions.
    """

    programs = False  # a jitted function within is part of the program

    def __init__(self, notes: Notes | None = None) -> None:
        self.notes = notes
        self.born = next(value.clock)  # a leaf that is younger is made or changed on the way
        self.tape = Tape()
        self.tape.report = self.report
        self.bar: Any = None
        self.open, self.thread = True, get_ident()
        self.refusal: Exception | None = None  # the first one
        self.captured: dict[Value, int] = {}
        self.own: dict[Value, tuple[int, int]] = {}  # leaves made on the way, and their ages
        self.own_values: dict[int, Value] = {}  # they by their operations
        self.changed = False  # one of them
        self.inputs: list[int] = []  # the other inputs
        self.numbers: list[range] = []  # of these, what stands for plain numbers
        self.plain: dict[int, bool | None] = {}  # what is_number has found
        self.met_whole = False  # since the last operation
        self.changes: list[int] = []  # the results that come before those of the function
        self.given: list[Value | None] = []  # of every input, the captured Value
        self.sources: list[Callable[[], float]] = []
        self.differentiates = False  # whether a derivative was recorded
        self.by_arguments = False  # by an argument itself, which then has to be a Value
        self.by: set[Value] = set()  # the Values by which, those from outside and arguments

    def input(self) -> Traced:
        """Return a Value that stands for a new input."""
        return self.new_inputs(1)[0]

    def new_inputs(self, n: int) -> list[Traced]:
        """Return Values that stand for n new inputs."""
        places = self.tape.add_inputs(n)
        self.inputs += places
        self.given += [None] * n
        return self.all_traced(repeat(LEAF), places)

    def new_numbers(self, n: int) -> list[Traced]:
        """Return Values that stand for n new inputs, which are plain numbers in the eager run."""
        traced = self.new_inputs(n)
        self.numbers.append(range(traced[0].index, traced[0].index + n) if n else range(0))
        return traced

    def is_number(self, index: int) -> bool:
        """Whether an operation gives a plain number in the eager run: none of a Value."""
        return self._plain(index) is True

    def is_value(self, x: Any) -> bool:
        """Whether an operand is surely a Value in the eager run, too."""
        if not isinstance(x, Traced):
            return type(x) is Value
        # A derivative by a number is a number there.
        return x.recording is self and not self.differentiates and self._plain(x.index) is False

    def is_bool(self, x: Whole) -> bool:
        """Whether this is a comparison itself."""
        return self.tape.row(x.index) is CUT

    def whole(self, z: Traced) -> Whole:
        """The same operation, where it gives a whole number in the eager run."""
        found = cast("Whole", _new(cast("Any", Whole)))
        found._primitive, found.index, found.recording = z._primitive, z.index, self
        return found

    def _plain(self, index: int) -> bool | None:
        """Whether an operation gives a plain number there. None within a derivative: perhaps."""
        known = self.plain
        left = [index]
        while left:
            i = left[-1]
            if i not in known:
                row = self.tape.row(i)
                if row is INPUT:
                    known[i] = any(i in numbers for numbers in self.numbers)
                elif row is CONSTANT or row is CUT:  # a comparison gives a bool
                    known[i] = True
                elif row is OWN:
                    known[i] = False
                elif row is _IDENTITY:  # which begins a derivative
                    known[i] = None
                else:
                    operands = self.tape.operands_of(i)
                    if unknown := [k for k in operands if k not in known]:
                        left += unknown
                        continue
                    kinds = {known[k] for k in operands}
                    known[i] = None if None in kinds else False not in kinds
            left.pop()
        return known[index]

    def traced(self, op: Primitive, index: int) -> Traced:
        """A Value that stands for an operation of the tape."""
        z = _new(Traced)
        z._primitive, z.index, z.recording = op, index, self
        return z

    def all_traced(self, ops: Iterable[Primitive], indices: Sequence[int]) -> list[Traced]:
        """Values that stand for several operations, given their rows."""
        found = list(map(_new, repeat(Traced, len(indices))))
        at_once(
            map(_set_primitive, found, ops),
            map(_set_index, found, indices),
            map(_set_recording, found, repeat(self)),
        )
        return found

    def index(self, x: "Operand | Traced") -> int:
        """The operation that gives an operand."""
        if type(x) is Traced:
            if x.recording is not self:
                refuse(
                    "a value of another recording was used",
                    "return it from the jitted function instead of keeping it outside",
                )
            return x.index
        if not isinstance(x, Value):
            return self.tape.constant(x)
        if type(x) is Whole:
            self.met_whole = True
            return x.index if x.recording is self else self.index(x.as_real())
        index = self.captured.get(x)
        if index is not None:
            return index
        if x._primitive is LITERAL:
            return self.tape.constant(x._data)
        if x._primitive is LEAF and x._born >= self.born:
            return self._own_leaf(x)
        return self.capture([x])[0]

    def indices(self, xs: Sequence[Any]) -> list[int]:
        """The operations that give several operands."""
        known = self.captured.get
        same = len(xs) > 3 and type(xs[0]) is type(xs[-1])
        classes = set(map(type, xs)) if same else set()
        if classes == {Value}:
            found = list(map(known, xs, repeat(-1)))
        elif classes == {Traced} and set(map(_get_recording, xs)) == {self}:
            return list(map(_get_index, xs))
        else:
            found = [
                known(x, -1)
                if type(x) is Value
                else x.index
                if type(x) is Traced and x.recording is self
                else self.index(x)
                if isinstance(x, Traced) or not isinstance(x, Value)
                else known(x, -1)  # a Value in the memory of another program
                for x in xs
            ]
        if -1 in found:
            missing = [x for x, i in zip(xs, found, strict=True) if i < 0]
            born, each = self.born, dict.fromkeys(missing)
            new = [x for x in each if x._primitive is LEAF and x._born < born]
            places = self.capture(new)
            following = map(self.index, missing) if len(new) < len(missing) else iter(places)
            found = [next(following) if i < 0 else i for i in found]
        return found

    def capture(self, xs: Sequence[Value]) -> Sequence[int]:
        """Let Values from outside that have not been met become inputs; return their operations."""
        places = self.tape.add_inputs(len(xs))
        self.captured.update(zip(xs, places, strict=True))
        self.given += xs
        return places

    def _own_leaf(self, x: Value) -> int:
        """The operation of a leaf that was made during the recording: a constant of its own."""
        index, born = self.own.get(x, (-1, -1))
        if born != x._born:
            self.changed = self.changed or x in self.own
            index = self.tape.add(OWN, (~len(self.tape.constants),))
            self.tape.constants.append(x._data)
            self.own[x] = index, x._born
            self.own_values[index] = x
        return index

    def node(self, index: int) -> Value:
        """The Value that an operation of the tape gives."""
        row = self.tape.row(index)
        if row is INPUT:
            given = self.given[~self.tape.operands_of(index)[0]]
            if given is not None:
                return given
        if row is OWN:
            return self.own_values[index]
        number = self.tape.known(index)
        if number is not None:
            return literal(number)
        return self.traced(LEAF if row in (INPUT, CUT) else cast("Primitive", row), index)

    def nodes(self, indices: Sequence[int]) -> list[Value]:
        """The Values that operations of the tape give."""
        rows = cast("list[Primitive]", self.tape.rows)
        codes = list(map(self.tape.code.__getitem__, indices))
        if any(rows[code] in (*LEAVES, CUT) for code in set(codes)):
            return list(map(self.node, indices))
        return [*self.all_traced(map(rows.__getitem__, codes), indices)]

    def parents(self, z: Traced) -> tuple[Value, ...]:
        """The operands of an operation."""
        if z._primitive is LEAF:
            return ()
        return tuple(map(self.node, self.tape.operands_of(z.index)))

    def place(self, v: Value) -> int | None:
        """The operation that gives a Value, -1 if there is none; None if it is no part of this."""
        if type(v) is Traced or type(v) is Whole:
            return v.index if v.recording is self else None
        return self.own[v][0] if v in self.own else self.captured.get(v, -1)

    def places(self, values: Sequence[Value]) -> list[int | None]:
        """The places of several Values."""
        if self.own or set(map(type, values)) - {Value}:
            return list(map(self.place, values))
        return list(map(self.captured.get, values, repeat(-1)))

    def tells_all(self) -> bool:
        """Whether the tape is the whole graph.

        It is not where a Value has been met that is a result itself, or where a
        leaf that was made on the way has been changed.
        """
        return not self.changed and all(v._primitive is LEAF for v in self.captured)

    def pushes(self) -> None:
        """Note that the program takes derivatives."""
        self.differentiates = True

    def pulled(
        self, cotangents: Sequence[tuple[Any, Any]], wrt: Sequence[Value]
    ) -> list[Any] | None:
        """Return the gradients, recorded on the tape; None if that is not the graph."""
        self.differentiates = True
        self.by_arguments |= any(type(v) is Traced and v._primitive is LEAF for v in wrt)
        self.by.update(v for v in wrt if type(v) is Value or v._primitive is LEAF)
        return pull(self, cotangents, wrt)

    def equals(self, other: "Recording") -> bool:
        """Whether both are the same program, constants included."""
        return self.tape.equals(other.tape) and list(self.captured) == list(other.captured)

    def builds_for(self, later: "Recording") -> bool:
        """Whether a later one is the same program, but for leaves made here that it has found."""
        n = len(self.tape)

        def alike(i: int) -> bool:
            one, other = self.instruction(i), later.instruction(i)
            if one[0] is OWN and other[0] is INPUT:
                v = self.own_values[i]
                return v is other[1] and repr(v._data) == one[1]
            return one == other

        return (
            n == len(later.tape)
            and self.tape.outputs == later.tape.outputs
            and all(map(alike, range(n)))
        )

    def instruction(self, i: int) -> tuple[Any, Any]:
        """The row of an instruction, and its operands: of a constant the number, as text."""
        row, operands = self.tape.row(i), self.tape.operands_of(i)
        if row is CONSTANT or row is OWN:
            return row, repr(self.tape.constants[~operands[0]])
        return row, self.given[~operands[0]] if row is INPUT else operands

    def report(self, n: int) -> None:
        """Show that a long recording goes on, after n more operations."""
        if self.bar is None:
            with suppress(MissingDependencyError):  # then it goes on unseen
                self.bar = bar(desc="recording", unit=" operations", unit_scale=True)
        if self.bar is not None:
            self.bar.update(n)

    def captured_by_use(self, among: Set[Value]) -> list[Value]:
        """The captured Values that are among these, by the row that first uses them.

        Weights and biases, say, are apart then, and lie in better order for lanes.
        """
        tape, values = self.tape, [v for v in self.captured if v in among]
        rows = shorts(len(tape), -1)
        pass_runner(len(tape))(passes.rows.first_users, len(tape), tape.columns(), rows)
        by = list(map(rows.__getitem__, map(self.captured.__getitem__, values)))
        if len(set(by)) < 2:
            return values
        return [values[k] for k in sorted(range(len(values)), key=by.__getitem__)]

    def apply(self, op: Primitive, operands: tuple[Operand, ...], checked: bool) -> Value:
        """Record an operation. If `checked`, record the test of its domain, too."""
        if not self.open:
            refuse_left("a value of a finished recording was used")
        indices = self.indices(operands)
        if self.met_whole:
            self._check_bools(op, operands)
        if checked and op.violates is not None:
            self.tape.add(Guard(op), indices)
        return self.traced(op, self.tape.add(op, indices))

    def written(self, values: Sequence[Value]) -> None:
        """Raise RecordingError if leaves from outside are set: a replay would not set them."""
        for v in values:
            if isinstance(v, Traced) or v._born < self.born:
                refuse(
                    f"the data of {told(v)} was set",
                    "return the new number and set it outside the function",
                )

    def shown(self, value: Value) -> None:
        """Raise RecordingError if the user asks for a text with a number known only at replay."""
        asking = sys._getframe(2)
        if asking.f_code is Value.__format__.__code__ and asking.f_back:
            asking = asking.f_back
        if not self._is_known(value) and text_is_kept(asking):
            refuse(
                "repr() of a value known only at replay", "return the Value and print it outside"
            )

    def refused(self, error: Exception) -> None:
        """Keep a refusal. It is raised again at the end where the user's code goes on."""
        self.refusal = self.refusal or error
        self.outer.refused(error)

    def _is_known(self, value: Value) -> bool:
        """Whether a number is a constant of the program."""
        return value._primitive is LITERAL or (
            value._primitive is LEAF and type(value) is Value and value._born >= self.born
        )

    def _check_bools(self, op: Primitive, operands: Sequence[Operand]) -> None:
        """Refuse comparisons as operands, but those of which an operation is a step function."""
        self.met_whole = False
        for i, x in enumerate(operands):
            steps = not callable(op.partials) and op.partials[i] == 0.0  # a condition, say
            if type(x) is Whole and self.is_bool(x) and not steps:
                refuse_bool(op.name)

    def draw(self, source: Callable[[], float]) -> Value:
        """Return an input that `source` gives anew at every replay."""
        self.sources.append(source)
        return self.new_numbers(1)[0]

    def read(self, value: Value) -> float:
        """Return the number of a constant. Raises RecordingError for any other Value."""
        if self._is_known(value):
            return value._data
        return refuse(
            ".data of a value known only at replay",
            "compute with the Value itself; stop_gradient cuts its gradient",
        )

    def compare(self, relation: Callable[[float, float], bool], x: Value, y: Operand) -> Any:
        """Return a traced 1 or 0: whether the relation holds, decided at replay."""
        condition = self.index(CONDITIONS[relation](x, y))
        # A leaf, as the eager run's bool is: it has no place in the order of backward.
        z = self.traced(LEAF, self.tape.add(CUT, (condition,)))
        # The engine itself computes with it only where it records.
        return self.whole(z) if asked_by_user(sys._getframe(3)) else z


class Column(Sequence[Value]):
    """What several operations give, as Values that are made when they are asked for."""

    def __init__(self, recording: Recording, indices: Sequence[int]) -> None:
        self.recording, self.indices = recording, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Column(self.recording, self.indices[place])
        return self.recording.node(self.indices[place])


def recording() -> bool:
    """Whether this thread is recording."""
    interpreter = modes.current()
    while interpreter is not None and interpreter is not RECORDER:
        if isinstance(interpreter, Recording):
            return True
        interpreter = interpreter.outer
    return False


def record(
    f: Callable[[Recording], Any],
    notes: Notes | None = None,
    function: Any = None,
    given: Sequence[Any] = (),
) -> tuple[Recording, Callable[[Iterator[Any]], Any]]:
    """Run f(recording) and keep what it does.

    Another thread may draw from a generator of random numbers meanwhile. If one
    has moved, f is recorded again: only a program that differs contains a drawn
    number. So is a function that may compute something else at its next call, such
    as one that has changed what is outside it, and every one that is BRIEF.

    Args:
        f: What is run.
        notes: What a source is to say.
        function: The user's function that f runs. The generators that it reaches
            are watched beside the global ones, and what it sets.
        given: The models among its arguments.

    Returns:
        The recording, whose tape has the results of f, and a function from
        their numbers to their structure.

    Raises:
        RecordingError: A replay could not do again what f did.
    """
    reach = Reach((function, *given))
    generators = reach.generators
    before = random_state(generators)
    try:
        made, build = _recorded(f, notes)
    except DifferentiatedAgain:
        assert notes is not None
        notes.__dict__.update(vars(Notes(False, notes.parts, notes.sections)))
        made, build = _recorded(f, notes)
    except BaseException:
        reach.taken_back(Traced)
        raise
    if random_state(generators) != before and not _repeats(made, f, generators):
        line = line_that_draws(lambda: _recorded(f), generators) or beginning(f)
        raise RecordingError(
            f"a number from a generator of random or numpy, drawn at {line}, entered the "
            "program while jit records: a replay would repeat that number. "
            "Pass the numbers as arguments, or draw with sample(lambda: rng.random())"
        )
    if function is not None and notes is None:  # else the same was recorded before
        alone = object()
        own = sum([type(v) is Traced for v in made.by])
        name = reach.left()
        # Each Traced that is alive refers to its recording. A slot may hold it, or a class.
        if not name and sys.getrefcount(made) - own > sys.getrefcount(alone):
            name = "a cache, a slot, a class or the like"
        brief = len(made.tape) <= BRIEF and reach.users
        counts = reach.counts() and not reach.iterates  # an iterator cannot be put back
        often = brief and (reach.names & CHANCE or counts)
        times = REPEATS if often else bool(name or brief or reach.names)
        if not _goes_on_alike(made, f, reach, times, bool(name)):
            if later := _once_built(made, f, reach, bool(name)):
                return later
            if not name:
                raise RecordingError(
                    f"{called(function)} computes something else when it runs again, at "
                    f"{_line_that_differs(f) or beginning(function)}, while jit records: a replay "
                    "would repeat the first. Pass what changes, such as the time or a number of "
                    "chance, as an argument, or take it by sample, such as sample(time.time)"
                )
            reach.refill()
            raise RecordingError(
                f"{name} was changed by {called(function)}, whose next call would compute "
                "something else: a replay would not change it again. Take the old one as an "
                "argument, and return the new one; or call the function once before, if only "
                "its first call changes it"
            )
    return made, build


def _repeats(made: Recording, f: Callable[[Recording], Any], generators: Sequence[Any]) -> bool:
    """Whether f makes the same program again, whatever it draws meanwhile.

    A coin that decides on an operation falls on the same side every second
    time, so f is recorded several times. Once is enough if f leaves the
    generators as it left them before: then it seeds them itself.
    """
    for _ in range(REPEATS):
        before = random_state(generators)
        if not made.equals(_recorded(f)[0]):
            return False
        if random_state(generators) == before:
            break
    return True


def _goes_on_alike(
    made: Recording, f: Callable[[Recording], Any], reach: Reach, times: int, changes: bool
) -> bool:
    """Whether f makes the same program, several times, whatever the calls before have left.

    If it takes what was left, it fails, for this belongs to a recording that is over.
    If it `changes` what is outside, this is put back: these are no calls of the user's.
    Nothing is put back otherwise, as another thread may have changed it meanwhile.
    """
    after = reach.contents() if changes else None
    try:
        return all(made.equals(_recorded(f)[0]) for _ in range(times))
    except RecursionError:  # this runs in some more frames than the first recording
        raise
    except Exception:  # of any kind: the user's own code may mind
        return False
    finally:
        if after is not None:
            reach.refill(after)


def _once_built(
    made: Recording, f: Callable[[Recording], Any], reach: Reach, changes: bool
) -> tuple[Recording, Callable[[Iterator[Any]], Any]] | None:
    """The program of the next calls, if the first one differs in this: it has made leaves.

    So it is where a part of a model is built when it is first used. None otherwise.
    """
    if not made.own_values:
        return None
    after = reach.contents() if changes else None
    try:
        later = _recorded(f)
        alike = made.builds_for(later[0]) and later[0].equals(_recorded(f)[0])
    except Exception:  # of any kind: the user's own code may mind
        return None
    finally:
        if after is not None:
            reach.refill(after)
    return later if alike else None


def _line_that_differs(f: Callable[[Recording], Any]) -> str:
    """Record f until a program differs, and find the line where it begins to.

    The text is empty if none does, or if f fails.
    """
    made: list[Recording] = []
    lines: list[list[str]] = []

    def kept(recording: Recording) -> Any:
        made.append(recording)
        return f(recording)

    for k in range(REPEATS):
        lines.append([])

        def look(line: str) -> None:
            if len(made) == len(lines):
                lines[-1] += [line] * (len(made[-1].tape) - len(lines[-1]))

        try:
            watched(lambda: _recorded(kept), look)
        except Exception:  # of any kind: the user's own code may mind
            return ""
        one = made[0]
        for i, line in enumerate(lines[k]):
            if i >= len(one.tape) or one.instruction(i) != made[k].instruction(i):
                return line
    return ""


def _recorded(
    f: Callable[[Recording], Any], notes: Notes | None = None
) -> tuple[Recording, Callable[[Iterator[Any]], Any]]:
    """Record f once.

    The traced Values are gone on return: they take as much memory as all the
    rest.
    """
    made = Recording(notes)
    built: list[Callable[[Iterator[Any]], Any]] = []

    def run() -> None:
        # Every derivative taken now is to be a graph.
        with modes.interpreting(made, RECORDER), modes.differentiating([Value(0.0)]):
            try:
                result = f(made)
                made.tape.outputs = made.changes + results_of(made, leaves(result), f)
                built.append(builder(result))
            finally:
                made.open = False
                made.tape.report = None
                if made.bar is not None:
                    made.bar.close()

    try:
        with uncollected():
            if notes:
                notes.watched(made, run)
            else:
                run()
        if made.refusal is not None:
            raise made.refusal
    except Exception as error:
        if made.refusal in (None, error):
            raise
        raise made.refusal from None
    finally:
        made.refusal = None  # its traceback holds this frame
    for captured in made.captured:
        if captured._born >= made.born:
            raise RecordingError(
                f"the data of {captured!r} was set while jit recorded: "
                "return the new number and set it outside the function"
            )
    return made, built[0]


def results_of(made: Recording, results: Sequence[Any], f: Callable[..., Any]) -> list[int]:
    """The operations that give results of f, which may be numbers."""
    if isinstance(results, Column):
        return list(results.indices)
    if set(map(type, results)) != {Traced}:
        results = [_result(z, f) for z in results]
    return made.indices(results)


def _result(z: Any, f: Callable[..., Any]) -> Value:
    try:
        return z if isinstance(z, Value) else literal(real_number(z, "a result"))
    except DataTypeError as error:
        remedy = "a jitted function returns Values, or lists, tuples and dicts of them"
        raise RecordingError(
            f"{told(z)} was returned by the function that begins at {beginning(f)}: {remedy}"
        ) from error


def written_out(tape: Tape, inputs: Sequence[int]) -> tuple[Tape, list[int]] | None:
    """Replace the rows that have no text, such as a user's own, by what they do.

    Their forward functions are recorded: `lambda x: x * x` is a product.

    Returns:
        The new tape, and its inputs. None where a forward function cannot be
        recorded.
    """

    def run(made: Recording) -> Any:
        results: list[Any] = []
        for i, code in enumerate(tape.code):
            row = tape.rows[code]
            operands = [results[j] for j in tape.operands_of(i)] if row not in LEAVES else []
            if row is INPUT:
                results.append(made.input())
            elif row in LEAVES:
                results.append(literal(tape.constants[~tape.operands_of(i)[0]]))
            elif isinstance(row, Guard):
                made.tape.add(row, list(map(made.index, operands)))
                results.append(None)
            elif is_translated(row):
                results.append(made.apply(row, tuple(operands), False))
            else:
                results.append(
                    row.forward(operands) if row.arity is None else row.forward(*operands)
                )
        places.extend([made.index(results[i]) for i in inputs])
        return [results[i] for i in tape.outputs]

    places: list[int] = []
    try:
        made, _ = _recorded(run)
    except Exception:  # a function of math, a choice by `if`, whatever floats alone can do
        return None
    return made.tape, places
