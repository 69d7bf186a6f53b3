"""The exceptions. Each says what is wrong, the value, and what to do instead, and is a subclass of the built-in one that callers expect."""


class ChainruleError(Exception):
    """The base of every exception that the project raises by itself."""


class DomainError(ChainruleError, ValueError, ZeroDivisionError):
    """A function was asked for a value outside its domain, as log(-1) or 1/0. Python raises ValueError for some and ZeroDivisionError for others."""


class IndexDomainError(DomainError, IndexError):
    """An index is not a whole number or lies outside the list."""


class DataTypeError(ChainruleError, TypeError):
    """Something that is no real number was given where one is needed."""


class LengthError(ChainruleError, ValueError):
    """Two things that must have the same length, or a list that must not be empty, do not."""


class ArgumentError(ChainruleError, ValueError):
    """An argument lies outside its range, or is none of its choices."""


class RenamedError(ChainruleError, AttributeError):
    """An old name was asked for; the message has the new one."""


class GraphError(ChainruleError, RuntimeError):
    """An action that the computation graph cannot allow, such as assigning to the data of an interior node."""


class StaleValueError(GraphError):
    """A leaf was changed between the forward pass and backward: the recorded graph belongs to the old number."""


class CutGraphError(GraphError, TypeError):
    """float() or int() of something that a derivative is being taken of: the derivative would be lost without a word."""


class AnomalyError(ChainruleError, ArithmeticError):
    """The first nan or infinity found under detect_anomaly()."""


class GradientError(ChainruleError, AssertionError):
    """A derivative disagrees with finite differences."""


class PrimitiveError(ChainruleError, ValueError):
    """A row of the table of primitives is malformed, or a graph names one that is not registered."""


class MissingDependencyError(ChainruleError, ImportError):
    """An optional package is not installed."""


class DrawingError(ChainruleError, ValueError):
    """A picture cannot be drawn as asked."""


class RecordingError(ChainruleError, TypeError):
    """A jitted function did, or was given, something that a replay could not do again."""


class SourceSizeError(ChainruleError, ValueError):
    """A program is too large to run as Python source."""


class RecordingWarning(UserWarning):
    """A jitted function is recorded again and again, which costs more than it saves."""
