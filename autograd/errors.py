"""The exceptions.

A message says what is wrong, the value, and what to do instead. Each exception
is a subclass of the built-in one that callers expect.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .tracebacks import rendered


class ChainruleError(Exception):
    """The base of every exception that the project raises by itself."""

    _render_traceback_ = rendered  # how IPython shows it


class DomainError(ChainruleError, ValueError, ZeroDivisionError):
    """A function was called outside its domain, as log(-1) or 1/0.

    Python raises ValueError for some functions and ZeroDivisionError for
    others.
    """


class IndexDomainError(DomainError, IndexError):
    """An index is not a whole number or lies outside the list."""


class DataTypeError(ChainruleError, TypeError):
    """Something that is no real number was given where one is needed."""


class LengthError(ChainruleError, ValueError):
    """Lengths that must be equal differ, or a list is empty that must not be."""


class ArgumentError(ChainruleError, ValueError):
    """An argument lies outside its range, or is not one of the choices."""


class AbsentError(ChainruleError, AttributeError):
    """There is no attribute of this name."""


class RenamedError(AbsentError):
    """An old name was asked for; the message has the new one."""

    def __init__(self, message: str) -> None:
        super().__init__(message, obj=None)  # no "Did you mean" from Python behind the answer


class GraphError(ChainruleError, RuntimeError):
    """The computation graph does not allow this.

    An example is an assignment to the data of an interior node.
    """


class StaleValueError(GraphError):
    """A leaf was changed between the forward pass and backward.

    The recorded graph belongs to the old number.
    """


class CutGraphError(GraphError, TypeError):
    """float() or int() was called on what is being differentiated.

    That part of the derivative would be lost without a word.
    """


class AnomalyError(ChainruleError, ArithmeticError):
    """The first nan or infinity found under detect_anomaly()."""


class GradientError(ChainruleError, AssertionError):
    """A derivative disagrees with finite differences."""


class PrimitiveError(ChainruleError, ValueError):
    """A row of the table is malformed, or a graph names a row that is missing."""


class MissingDependencyError(ChainruleError, ImportError):
    """An optional package is not installed."""


class DrawingError(ChainruleError, ValueError):
    """A picture cannot be drawn as asked."""


class RecordingError(ChainruleError, TypeError):
    """A jitted function did something that a replay could not do again."""

    _line = ""  # of the user's, as "file:line", where one asked for it


class SourceSizeError(ChainruleError, ValueError):
    """A program is too large to run as Python source."""


class CutGraphWarning(UserWarning):
    """A function of `math` took a Value for its number: no gradient flows through it."""


class RecordingWarning(UserWarning):
    """A jitted function is recorded again and again.

    That costs more than it saves.
    """
