"""jit: a function as a program.

A program goes through the first of these rooms, down to `native`, in this order.
The others serve them.

    record      run the function once on traced Values, and keep what it does
    chance      what a function can draw from or set beside its arguments, and where
    tape        the operations as flat arrays
    template    one row recorded, and repeated for all
    gradient    reverse mode on the tape, recorded as more of it
    simplify    the same bits from fewer operations; a sum of products is one
    lanes       operations of the same structure lie side by side, as blocks
    repeats     waves of blocks that come again and again are planned once
    loops       for a source, blocks that come again and again, as loops
    arrays      what stands for an array argument while a function is recorded
    notes       which function made what, for the names in a source
    lists       softmax and its kin, for a source, as functions of a list
    source      the blocks as plain Python, in rooms of their own: to be read, or
                run without llvmlite
    schedule    the blocks as calls; elementwise ones share a loop
    regions     what loops write, found by where it lies
    passes      the loops over all operations, in rooms of their own: of simplify,
                lanes, repeats, loops, gradient and template
    native      the calls as LLVM's text, one function for each distinct shape
    registers   lines of LLVM's text, for registers of several lanes
    translate   the forward functions of the rows as LLVM's text
    pass_texts  the passes as LLVM's text
    picks       functions that take one element out of a list, for many lists
    abreast     functions of a list, for as many lists as a register has lanes
    exponential exp of as many numbers as a register has lanes, with the bits of libm
    library     what every program needs, in LLVM's text
    llvm        LLVM's text as functions in memory; `cache` keeps their code
    memory      the numbers of a program, which begin with a line of the cache
    machine     a table of calls, and the memory that they work on
    runner      Python or native code, whichever takes less time in all
    program     a tape that runs, its results as nodes, and its derivatives
    call        what `jit` returns: a program for each structure of arguments
    resident    Values that stay in a program's memory, as in training
    flat        the numbers of nested lists, taken out by native code

The rooms load when they are first used: they are a
third of the time that importing autograd would take.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence, Set
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from ..core import modes
from ..core.words import names_checked

if TYPE_CHECKING:
    from ..core.value import Value
    from .call import Jitted
    from .resident import Resident

__all__ = [
    "in_columns",
    "in_place",
    "jit",
    "one_after_another",
    "recording",
    "refuse_in_recording",
    "side_by_side",
]


@names_checked
def jit(f: Callable[..., Any], static: Sequence[str | int] = ()) -> "Jitted":
    """Return f as a program, recorded at its first call and replayed at later ones.

    f takes numbers, Values, Modules, and lists, tuples, dicts and arrays of
    them. It returns a Value or a structure of Values; without Values among the
    arguments or in f, the results are floats.

    - Numbers in the arguments are inputs. While f is recorded they are Values: so say
      `type(x)` and `isinstance(x, Value)`. To `isinstance(x, float)` they are floats,
      ints, too.
    - A derivative that f takes is a Value, and gradients flow through it. Eager, `grad(g)(x)`
      of a plain number x is a float, and cuts off those of the parameters that g uses: call
      f with `Value(x)` then. Within f, `Value(x)` of an argument x is refused; a derivative
      by it is `grad(g)(x)`.
    - Arithmetic is that of Values, in doubles, also where that of Python or NumPy is
      another one: for plain numbers `1e200**2.0` is inf then, and no OverflowError.
    - So an array holds Values while f is recorded, and to ask for its dtype is refused. That
      of a copy of another class, as `np.asarray(a)` makes it, is object.
    - A comparison is a bool, as in the eager run: a number to plain numbers alone. Beside
      a derivative that f takes it is one to Values, too, which the eager run refuses.
    - While f is recorded the arguments are objects of their own, and Values among them
      leaves without a label. `is`, `id`, `label`, `op` and `parents` say so.
    - Values, and the parameters of Modules, are read at every call and receive
      gradients, whether they are passed, used from outside, or returned as they are.
    - Strings, None, bools, `static` arguments and the structure choose the
      program.
    - All else that f takes from outside is burnt in, as it is when f is recorded: plain
      floats, which elements a list has, the mode and the parts of a model. Pass what
      changes.
    - Of a Module that is passed, the parts, their parameters and their modes choose the
      program. Its other attributes, such as the `p` of Dropout, are burnt in.
    - What changes by itself, such as the time, a number of chance or a count of the
      calls, is refused where it enters the program: pass it, or take it by `sample`. To
      see it, f is recorded again: if it has up to 1,000 operations, or has changed
      something outside, or names a clock or a source of chance. Where it leaves a number
      outside, such as a count, 8 more calls are followed. A longer program burns in what
      is found in no other way, and so is what changes only later.
    - What f does beside, such as printing, it does while it is recorded, and no more.
    - A list, tuple or dict of a class of its own keeps its class. What it holds beside
      its elements chooses the program.

    The bits are those of the eager run, but a gradient of 0 may have the other sign.
    The eager run sees where an adjoint is 0, and stops. A program multiplies, and 0
    times infinity is nan: if it takes derivatives and gives nan, f itself runs in its
    place. Only the steps of `nn.train_step` do not, as they have changed the parameters
    by then. A derivative of a derivative may add in another order where the inner one
    has an adjoint of 0, so that last bits may differ. If f raises while it is
    recorded, it runs once more on the numbers, for an error that names them.

    A result of a program is one node, and its local derivatives are the result's gradients.
    `backward` and `grad` of a result have the bits of the eager run. To a gradient of an
    earlier `backward` the result adds one number, the eager run its terms one after the
    other, so that last bits may differ. A derivative that goes on from there multiplies
    in another order: of a loss that is computed of results outside, in forward mode, or
    of second order. Its last bits may differ, and what overflows on the way.
    `jit(grad(f))`, with all of it recorded, has the bits.

    To record takes longer than to run: jit pays where f is called many times. A
    program of up to 1,000 operations begins as Python, and becomes native code
    once it has taken 0.05 s; a longer one is native code from the start. Without
    the extra `jit` all stay Python. `jit(f).stats(*args)["runs as"]` says which
    it is, and why.

    Args:
        f: The function.
        static: The names or positions of arguments that choose the program, by
            equality and type. Leave an object among them as it is.

    Raises:
        RecordingError: A replay could not do again what f does. The message
            names the line, and what to write instead.
        DataTypeError: `f` is no function, or `static` no list of names and
            positions.

    Examples:
        >>> from autograd import Value, jit
        >>> square = jit(lambda x: x * x)
        >>> square(3.0)
        9.0
        >>> x = Value(2.0)
        >>> square(x).backward()
        >>> x.grad
        4.0
    """
    return cast("Jitted", import_module(".call", __name__).Jitted(f, static))


def in_place(
    f: Callable[..., Any], columns: "Sequence[Sequence[Value]]", n_further: int
) -> "Resident":
    """Return a function that changes Values as programs in whose memory the Values stay.

    Args:
        f: `f(*args, *further)` returns (result, columns of new numbers).
        columns: The leaf Values that it changes: a list of main ones, then lists
            of what belongs to each of these, then lists of others.
        n_further: How many `further` numbers there are, which change at every
            run.
    """
    resident = import_module(".resident", __name__)
    return cast("Resident", resident.Resident(f, columns, n_further))


def side_by_side(
    f: Callable[..., Any],
    rows: Sequence[Sequence[Any]],
    shared: Sequence[Any] = (),
    used: "Set[Value] | None" = frozenset(),
) -> list[Any]:
    """Return [f(*row, *shared) for row in rows]; recorded once for all rows, if jit records.

    Args:
        f: A function of its operands, which does the same for every row.
        rows: The operands that differ.
        shared: Those that are the same for all rows.
        used: Leaf Values that f may use from outside, the same for every row.
            None is any.
    """
    if not modes.active:
        return [f(*row, *shared) for row in rows]
    found: list[Any] = import_module(".template", __name__).side_by_side(f, rows, shared, used)
    return found


def in_columns(
    f: Callable[..., Sequence[Any]],
    columns: Sequence[Sequence["Value"]],
    shared: Sequence["Value"] = (),
) -> list[Sequence[Any]]:
    """Return the columns of [f(*row, *shared) for row in zip(*columns)].

    It is `side_by_side` for rows of Values, and for f that gives a list of them.

    Args:
        f: A function of its operands, which does the same for every row.
        columns: The operands that differ: a list for each.
        shared: Those that are the same for all rows.
    """
    if not modes.active:
        rows = zip(*columns, strict=True)
        return list(zip(*[f(*row, *shared) for row in rows], strict=True))
    found: list[Sequence[Any]] = import_module(".template", __name__).in_columns(f, columns, shared)
    return found


def one_after_another(
    f: Callable[[Any, Any], Any],
    state: Any,
    xs: Sequence[Any],
    used: "Set[Value] | None" = frozenset(),
) -> list[Any]:
    """Return the states after each step; recorded once for all steps, if jit records.

    Args:
        f: `f(state, x)` is the next state, of the same structure. It does the
            same in every step.
        state: The first state.
        xs: The list of numbers of each step.
        used: Leaf Values that f may use from outside. None is any.
    """
    if recording():
        found: list[Any] = import_module(".template", __name__).one_after_another(
            f, state, xs, used
        )
        return found
    states = []
    for x in xs:
        state = f(state, x)
        states.append(state)
    return states


def recording() -> bool:
    """Whether this thread is recording."""
    return bool(modes.active) and bool(import_module(".record", __name__).recording())


def refuse_in_recording(what: str, remedy: str) -> None:
    """Raise RecordingError, with the line of the user's, if this thread is recording.

    Args:
        what: What cannot be recorded.
        remedy: What to write instead.
    """
    if recording():
        import_module(".refusal", __name__).refuse(what, remedy)
