"""Chapter 1: a Value is a number that remembers how it was computed.

    forward:   z.data = f(x.data, y.data); z.op = f; z.parents = (x, y)
    backward:  parent.grad += dz/dparent * z.grad, for every parent of z

Every operation on Values makes a new Value. Values are the nodes of a graph: a
leaf was made by hand, an interior node by an operation.

Order. One clock ticks with every new node, and with every change of a leaf. A
result, the child, is made after its operands, its parents, so it is younger.
`backward` visits the nodes, youngest first, and applies the second line to each.
A leaf that is younger than its child was changed after the child had used it:
`backward` refuses.

Modes. Within `with no_grad():` and the like, operations are handed to another
object, an interpreter. `modes.py` knows the one of this thread. Usually there is
none: `modes.active` is empty then, and the lines about interpreters can be
skipped.

Chapter 2, `chain_rule.py`, is the second line. Chapter 3, `primitives.py`, is
the table of functions f and their derivatives. An entry of it is a primitive.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Sequence
from itertools import count, starmap
from math import isfinite
from typing import Any, NoReturn, TypeAlias, cast

from ..errors import DataTypeError, GraphError
from .arguments import MAKING, NOTHING, real_number, shown_as, within
from .graph import ETERNAL, age_of, check_not_stale, topological_order
from .modes import active, current
from .protocols import Protocols
from .row import LEAF, LITERAL, NOT_COMPUTED, Primitive
from .words import OPERANDS, names_checked, refuse_options, refuse_places

Operand: TypeAlias = "Value | float"

clock = count(1)  # it ticks at every next(clock)
changed = 0  # when a leaf was last changed


class Value(Protocols):
    """A real number that remembers how it was computed.

    `Value(data)` is a leaf. An operation on Values makes an interior node.

    Args:
        data: The number.
        label: A name for pictures and messages.

    Raises:
        DataTypeError: `data` is not a real number, or `label` is not a str.

    Examples:
        >>> from autograd import Value
        >>> x = Value(3.0, label="x")
        >>> y = x * x + 1.0
        >>> y.backward()
        >>> y.data, x.grad
        (10.0, 6.0)
    """

    # z = f(x, y) has x in _a and y in _b. z = f(xs) has the tuple of operands in
    # _a. The dot product of two lists begins with one tuple in _a and the other in
    # _b; once its parents were asked for, both stand in one tuple in _a. A slot
    # without an operand is None. A plain number stays a bare float.
    # Why so: Python's garbage collector walks over containers, and takes most of
    # the time of an engine that makes many. Here they are as few as possible.
    __slots__ = ("_a", "_b", "_born", "_data", "_grad", "_primitive")
    _data: float
    _grad: float
    _primitive: Primitive
    _a: Any
    _b: Any
    _born: int  # the time at which it was made, or at which a leaf was last changed

    @shown_as(lambda self, data, label=None: None)
    def __init__(
        self, data: float = NOTHING, label: str | None = None, *others: object, **options: object
    ) -> None:
        if others or options:
            _refuse_arguments(options)
        self._data = data if data.__class__ is float else real_number(data, MAKING)
        self._grad = NOT_COMPUTED
        self._primitive = LEAF
        self._a = self._b = None
        self._born = next(clock)
        if label is not None:
            if isinstance(label, (tuple, list, set)):
                _refuse_arguments(options)
            self.label = label

    @property
    def data(self) -> float:
        """The number.

        Only the data of a leaf can be set. A graph that was made from the old
        number then refuses to run backward.
        """
        interpreter = current() if active else None
        if interpreter is None:
            return self._data
        return interpreter.read(self)

    @data.setter
    def data(self, number: float) -> None:
        global changed
        if self._primitive is not LEAF:
            raise GraphError(
                f"the data of {self!r} is the result of {self._primitive.name}: "
                "change the leaves and compute it again"
            )
        x = number if number.__class__ is float else real_number(number, "Value.data")
        if active and (interpreter := current()) is not None:
            interpreter.written([self])
        changed = next(clock)
        self._born = _Labelled(changed, self.label) if self.label is not None else changed
        # The number is set last. If Ctrl-C comes before, the old number stays.
        # A graph may then be refused without need, but none runs on a wrong number.
        self._data = x

    @property
    def grad(self) -> float:
        """The derivative of a result with respect to this Value.

        `result.backward()` computes it. Before, it is NOT_COMPUTED. This is a
        float 0.0, and `x.grad is NOT_COMPUTED` tells it from every other 0.0.
        """
        return self._grad

    @grad.setter
    def grad(self, number: float) -> None:
        if number is None:
            raise DataTypeError(
                f"the grad of {self!r} cannot be None: "
                "to forget it, set it to autograd.NOT_COMPUTED, as a model's zero_grad() does"
            )
        self._grad = number if number.__class__ is float else real_number(number, "Value.grad")

    @property
    def op(self) -> Primitive:
        """The primitive that made this node.

        LEAF for a leaf. LITERAL for a plain number among the operands.
        """
        return self._primitive

    @property
    def parents(self) -> tuple["Value", ...]:
        """The operands in order, each as often as it is used.

        The parents of x * x are (x, x). A plain number becomes a Literal when
        the parents are asked for.
        """
        operands = self._operands()
        if float in map(type, operands):
            operands = tuple([literal(x) if x.__class__ is float else x for x in operands])
            if self._a.__class__ is tuple:
                self._a, self._b = operands, None
            else:
                self._a = operands[0]
                self._b = operands[1] if len(operands) == 2 else None
        return operands

    def _operands(self) -> tuple[Any, ...]:
        """The raw operands: floats stay floats."""
        a, b = self._a, self._b
        if a.__class__ is tuple:
            return a if b is None else a + b
        return (a, b) if b is not None else () if a is None else (a,)

    @property
    def label(self) -> str | None:
        """The name in pictures and messages, or None."""
        return getattr(self._born, "label", None)

    @label.setter
    def label(self, label: str | None) -> None:
        if label is not None and not isinstance(label, str):
            raise DataTypeError(f"a label is a str or None, not {label!r}")
        self._born = int(self._born) if label is None else _Labelled(self._born, label)

    @names_checked
    def partials(self, graph: bool = False) -> list[Any]:
        """Return dz/dx for every operand x of this node z.

        Args:
            graph: Return Values that can be differentiated again, not floats.

        Returns:
            One entry for each operand. It is None where no gradient flows. That
            is so for a plain number, and for an operand such as the condition of
            `where`, whose derivative is 0 everywhere. `local_derivatives` gives
            0.0 for the second kind.
        """
        if graph is not False and graph is not True:
            within(locals(), graph="True, False")
        xs = self._operands()
        wanted = [x.__class__ is not float and x._primitive is not LITERAL for x in xs]
        if graph:
            operands = [x if want else data_of(x) for x, want in zip(xs, wanted, strict=True)]
            return self._primitive.partials_at(operands, self, wanted)
        data = [x if x.__class__ is float else x._data for x in xs]
        return self._primitive.partials_at(data, self._data, wanted)

    @names_checked
    def gives_plain_zero(self, i: int) -> bool:
        """Return whether the i-th partial, which is 0, is 0 whatever its operand is.

        The derivative of x * 0.0 with respect to x is the plain 0.0. So is that of
        scale(x, y) with respect to y, where x is 0.
        """
        if i in self._primitive.masked:
            return True
        if LITERAL not in [parent._primitive for parent in self.parents]:
            return False
        return not isinstance(self.partials(graph=True)[i], Value)

    @names_checked
    def local_derivatives(self) -> tuple[float | None, ...]:
        """Return dz/dparent for every parent of this node z.

        Returns:
            One float for each parent, and None for a literal, which has no
            derivative. A parent such as the condition of `where` has 0.0.
        """
        return tuple(
            [
                0.0 if p is None and parent._primitive is not LITERAL else p
                for p, parent in zip(self.partials(), self.parents, strict=True)
            ]
        )

    @names_checked
    def detach(self) -> "Value":
        """Return a new leaf with the same data: no gradient flows through it."""
        return Value(self.data, self.label)

    @shown_as(lambda self, gradient=1.0: None)
    def backward(self, gradient: float = 1.0, *others: object, **options: object) -> None:
        """Differentiate self with respect to every node that it depends on.

        A leaf accumulates: each call adds gradient * d(self)/d(leaf) to its grad.
        An interior node starts again from 0: each call sets its grad to
        gradient * d(self)/d(node). A node whose grad is 0 passes nothing on.
        After an error or Ctrl-C the leaves have the grads that they had before, also
        where no memory is left.

        Args:
            gradient: The gradient of self, with which the chain rule begins.

        Raises:
            StaleValueError: A leaf was changed after an operation had used it.
            DataTypeError: `gradient` is not a real number.
        """
        if others or options or gradient.__class__ is not float:
            gradient = _only_gradient(gradient, others, options)
        grads: list[tuple[Value, float]] = []  # of the leaves, as they were
        restore = starmap(set_grad, grads)  # made now: later there may be no memory
        try:
            order = _youngest_first(self, grads)
            self._grad += gradient  # to -0.0, or to what a leaf has
            interpreter = current() if active else None
            unfinished: object = interpreter  # which has not heard of the leaves
            for node in order:
                if g := node._grad:  # nan counts as true
                    if interpreter is not None:
                        interpreter.pulls(node, g)  # detect_anomaly looks at g
                    node._primitive.pull(node, g)  # the chain rule: chapter 2
                else:
                    unfinished = True
            if unfinished:
                _finish_leaves(order, grads)
        except BaseException:  # also Ctrl-C
            any(restore)  # one call of C runs through it, and needs no memory
            _forget(self)
            raise


def _refuse_arguments(options: dict[str, object]) -> NoReturn:
    """Raise DataTypeError for what Value(...) takes in other engines."""
    if options:
        refuse_options("Value(data, label)", options, ["data", "label"])
    raise DataTypeError(f"Value(data, label): {OPERANDS}")


def _only_gradient(gradient: object, others: Sequence[Any], options: dict[str, object]) -> float:
    """Return the argument of backward as a float. Refuse other arguments."""
    if options:
        refuse_options("backward(gradient)", options, ["gradient"])
    if others:
        refuse_places("backward(gradient)", (gradient, *others), 1)
    return real_number(gradient, "backward(gradient)")


def _youngest_first(root: Value, grads: list[tuple[Value, float]]) -> list[Value]:
    """Sort the interior nodes that root depends on, youngest first, with grads of 0.

    They are found by going down from child to parent. The second operand comes
    before the first, since it tends to be the younger one: so long stretches are
    in order before they are sorted.

    Args:
        root: An interior node, or a leaf. A leaf has no order: the list is empty.
        grads: An empty list. Each leaf and its grad is put into it.

    Returns:
        The nodes.
    """
    order: list[Value] = []
    if root._primitive in (LEAF, LITERAL):
        return order
    # While searching, a grad that is this object means "reached". The numbers come
    # below. It is no float, since compiled by Cython equal floats are the same.
    reached: Any = object()
    stack: list[Any] = [None]  # nodes that were reached, and not yet looked at; None ends it
    finished = {id(None)}  # the tuples that were looked at; nodes may share them
    push, pop, keep = stack.append, stack.pop, order.append
    node, root._grad = root, reached
    while node is not None:
        keep(node)
        x, y = node._a, node._b
        if x.__class__ is Value and x._grad is not reached:
            if x._primitive is LEAF:
                grads.append((x, x._grad))
            else:
                push(x)
            x._grad = reached
        elif x.__class__ is tuple:
            _reach_listed(node, reached, finished, stack, grads)
        if y.__class__ is Value and y._grad is not reached:
            if y._primitive is not LEAF:
                node, y._grad = y, reached  # the next one, without a detour over the stack
                continue
            grads.append((y, y._grad))
            y._grad = reached
        node = pop()
    order.sort(key=age_of, reverse=True)
    for node in order:
        node._grad = -0.0  # -0.0 + g is g for every g, and 0.0 + -0.0 would lose a sign
    for leaf, g in grads:
        leaf._grad = g
    if order[-1]._born < changed:  # a leaf was changed after the oldest node was made
        check_not_stale(reversed(order))
    return order


def _reach_listed(
    node: Value,
    reached: Any,
    finished: set[int],
    stack: list[Value],
    grads: list[tuple[Value, float]],
) -> None:
    """Do with the operands of a list what `_youngest_first` does with two."""
    for xs in (node._a, node._b):
        if id(xs) not in finished:
            finished.add(id(xs))
            for x in xs:
                if x.__class__ is Value and x._grad is not reached:
                    if x._primitive is LEAF:
                        grads.append((x, x._grad))
                    else:
                        stack.append(x)
                    x._grad = reached


def _forget(root: Value) -> None:
    """Forget the grads of the interior nodes that root depends on."""
    for node in topological_order(root):
        if node._primitive not in (LEAF, LITERAL):
            node._grad = NOT_COMPUTED


def _finish_leaves(order: list[Value], grads: list[tuple[Value, float]]) -> None:
    """Give 0 to each leaf that received nothing, as its children's grads are 0.

    An interpreter hears of the leaves first. An old nan or infinity is no matter of
    this backward.
    """
    interpreter = current() if active else None
    if interpreter is not None:
        for leaf, before in grads:
            if isfinite(before):
                interpreter.pulls(leaf, leaf._grad)
    if not any(leaf._grad is NOT_COMPUTED for leaf, _ in grads):
        return
    seen = set()  # tuples of operands, which nodes may share
    for node in order:
        if not node._grad:
            for xs in (node._a, node._b):
                if id(xs) not in seen:
                    seen.add(id(xs))
                    for x in xs if xs.__class__ is tuple else (xs,):
                        if x.__class__ is Value and x._grad is NOT_COMPUTED and x.op is LEAF:
                            x._grad = 0.0


# Used in one call of C that runs through all leaves: Ctrl-C comes before or after it.
set_grad = cast("Callable[[Value, float], None]", vars(Value)["_grad"].__set__)


def data_of(x: Operand) -> float:
    """Return the number of an operand. No interpreter is asked."""
    return x._data if isinstance(x, Value) else x


class Literal(Value):
    """A plain number among the operands of a node. It has no gradient."""

    __slots__ = ()


class _Labelled(int):
    """A time of birth with a label.

    So the label needs no slot, and a node without one takes no memory for it.
    """

    label: str

    def __new__(cls, born: int, label: str) -> "_Labelled":
        self = super().__new__(cls, born)
        self.label = label
        return self


def literal(x: float) -> Literal:
    """Return the Literal of a plain number."""
    value = Literal(x)
    value._primitive, value._born = LITERAL, ETERNAL
    return value
