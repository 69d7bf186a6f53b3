"""How a Value behaves as a Python object: text, number, comparison and copy."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import math
import operator
import sys
from collections.abc import Callable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ..errors import ArgumentError, CutGraphError, DataTypeError, RenamedError
from ..tracebacks import ending_at_caller
from . import modes
from .cuts import warn_if_cut
from .elsewhere import Elsewhere, Listing, listed
from .formulas import FORMULAS, by_name
from .graph import ETERNAL, age_of, check_not_stale, oldest_first, topological_order
from .methods import Methods
from .row import LEAF, LITERAL, NOT_COMPUTED, Primitive
from .tensors import OF_TENSORS

Self = TypeVar("Self", bound="Protocols")
Whole = TypeVar("Whole")


class _Elsewhere(Elsewhere):
    """A name that other engines give to something. Its use raises an error with advice."""

    def __get__(self, node: Any, owner: type) -> NoReturn:
        raise RenamedError(f"a Value has no {self.name}: {self.here}")

    def __set__(self, node: Any, value: object) -> NoReturn:
        self.__get__(node, type(node))


# What the names of micrograd, PyTorch, JAX, TensorFlow and tinygrad are called here.
_ADVICE = {
    "its number is x.data, or float(x)": "item tolist numpy value val aval primal realize lazydata",
    "its number x.data has it": "real imag is_integer as_integer_ratio hex",
    "its gradient is x.grad, after backward() of what was computed from it": (
        "gradient deriv derivative adjoint tangent dual"
    ),
    "its operands are x.parents, in order": (
        "_prev _children prev children _parents inputs _inputs src args operands"
    ),
    "the function that made it is x.op, and its name x.op.name": "_op _ctx grad_fn creator",
    "the derivatives by its parents are x.local_derivatives(); one step of backward by hand is "
    "p.grad += d * x.grad for each parent p and derivative d": (
        "_backward _local_grads local_grads _local_derivatives"
    ),
    "a leaf is a Value whose x.op is autograd.LEAF": "is_leaf",
    "its name in pictures and messages is x.label": "name",
    "write x.grad = autograd.NOT_COMPUTED, or model.zero_grad() for all parameters": (
        "zero_grad zero_ zero_gradient cleargrad clear_grad reset_grad"
    ),
    "every Value has a gradient; a plain float has none, detach() cuts the graph": (
        "requires_grad requires_grad_ trainable"
    ),
    "x.detach() gives a new leaf, and x itself stays as it is": "detach_ stop_gradient_",
    "every node keeps its grad, and a graph can be gone through again": "retain_grad retain_graph",
    "there are no hooks: change x.grad after backward(), or look with detect_anomaly()": (
        "register_hook register_post_accumulate_grad_hook"
    ),
    "write autograd.identity(x), or x.detach() for a leaf of its own": "clone copy",
    "a Value is one number; its number is x.data": (
        "shape size dim ndim view reshape T t mT numel nelement squeeze unsqueeze transpose "
        "permute flatten expand contiguous at block_until_ready"
    ),
    "a Value is a float64 in Python's memory": (
        "dtype device to cpu cuda double half long float int bool type type_as astype is_cuda"
    ),
    "write it as an operator: x + y, x - y, x * y, x / y, x ** y, x % y": (
        "add sub subtract mul multiply div divide true_divide pow power matmul mod fmod remainder"
    ),
    "a result never changes, so write x = x + y, x = relu(x) and so on; the number of a leaf is "
    "set by x.data = 0.5": (
        "add_ sub_ mul_ div_ pow_ neg_ relu_ sigmoid_ tanh_ exp_ sqrt_ clamp_ copy_ fill_ set_ "
        "uniform_ normal_ assign assign_add assign_sub"
    ),
    "write autograd.clip(x, low, high)": "clamp clamp_min clamp_max",
    "it is a function of a list: autograd.{name}([x, y, ...])": (
        "sum mean max min prod norm softmax log_softmax logsumexp"
    ),
    "it is a function of two lists: autograd.dot(xs, ys)": "dot",
    "take it of the numbers of a list, [x.data for x in xs]": (
        "argmax argmin sort argsort topk median mode quantile unique histc"
    ),
    "a Value is one number: write it for a list, itertools.accumulate(xs)": "cumsum cumprod diff",
    "write it as a comparison: x < y, x <= y, x > y, x >= y, autograd.equal(x, y)": (
        "lt le gt ge eq ne less greater equal not_equal"
    ),
    "it is a function of Python on its number: math.{name}(x.data)": "isnan isinf isfinite",
    "a Value is one number, so put it in a list": (
        "cat stack chunk split repeat tile gather scatter unbind index_select masked_fill"
    ),
    "write it as autograd.dot(xs, ys) of lists": "mm bmm mv outer inner einsum",
    "draw it with autograd.draw(x)": "draw_dot plot show render",
    "its graph is autograd.topological_order(x)": "build_topo topo",
    "write it with the mean: m = autograd.mean(xs), autograd.mean([(x - m) ** 2 for x in xs])": (
        "var std"
    ),
    "it is a function: autograd.{name}(x)": "leaky_relu elu",
    "it is a function: autograd.{name}(x, y)": "atan2 hypot maximum minimum logaddexp",
    "it is a function: autograd.atan2(x, y)": "arctan2",
    "it is a function: autograd.where(condition, a, b)": "where",
    "a loss takes lists: nn.mse(outputs, targets), nn.cross_entropy(outputs, targets) and so on": (
        "cross_entropy binary_crossentropy sparse_categorical_crossentropy mse_loss nll_loss"
    ),
    "keep such numbers in a dict by Value, or in a list beside the parameters": (
        "m v momentum velocity cache"
    ),
    "it is called Value.heaviside: write x.heaviside()": "step",
}


class Protocols(Methods, metaclass=Listing):
    """The base of Value: behaviour only, no state."""

    __slots__ = ()
    _instead = "use its .data"  # where a number is needed

    if TYPE_CHECKING:
        data: Any
        grad: Any
        label: Any
        op: Any
        _grad: float
        _data: float
        _primitive: Primitive
        _a: Any
        _b: Any
        _born: int

        @property
        def parents(self) -> tuple[Any, ...]:
            """The operands."""

        def _operands(self) -> tuple[Any, ...]: ...

    def __dir__(self) -> list[str]:
        return listed(self, super().__dir__())

    def __pos__(self: Self) -> Self:
        return self

    def __init_subclass__(cls) -> None:
        # The engine tells nodes from numbers by their class. A subclass would get
        # no gradient.
        if cls.__module__.partition(".")[0] != "autograd":
            raise DataTypeError(
                f"{cls.__name__} cannot be a subclass of Value: "
                "keep a Value in it, or add a primitive"
            )

    # Text. A Value shows no address, so that documents can be compared.

    def __repr__(self) -> str:
        if modes.active and (interpreter := modes.current()) is not None:
            interpreter.shown(self)
        grad = "" if self.grad is NOT_COMPUTED else f", grad={self.grad + 0.0!r}"
        label = "" if self.label is None else f", label={self.label!r}"
        return f"Value(data={self._data!r}{grad}{label})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        number = self.data
        try:
            return format(number, spec)
        except ValueError:
            raise ArgumentError(
                f"{spec!r} is no format of the number in {self!r}: it is a float, and so takes "
                f"one such as .4f, .3g or e, as in f'{{x:.4f}}'"
            ) from None

    # Number. A plain number carries no graph. Inside a derivative, a part of it
    # would be lost without a word.

    def _plain(self, how: str) -> float:
        """Return the number, unless a derivative depends on it."""
        arguments = modes.differentiated()
        if arguments and not arguments.isdisjoint(
            oldest_first(self, since=min(map(age_of, arguments)))
        ):
            raise CutGraphError(
                f"{how} of {self!r} inside a derivative cuts the graph: a plain number has no "
                "parents, so this part of the derivative would be lost. "
                "Keep the Value, or read .data if that part is to count as a constant."
            )
        return float(self.data)

    def _whole(self, convert: Callable[[float], Whole], how: str) -> Whole:
        """Return the number as another one. Python refuses nan and infinity, in its words."""
        try:
            return convert(self._plain(how))
        except (ValueError, OverflowError) as error:
            raise ending_at_caller(error) from None

    def __float__(self) -> float:
        number = self._plain("float()")
        if self._a is not None:
            warn_if_cut(sys._getframe(1))
        return number

    def __int__(self) -> int:
        return self._whole(int, "int()")

    def __trunc__(self) -> int:
        return self._whole(int, "trunc()")

    def __round__(self, digits: int | None = None) -> float:
        if digits is not None and not isinstance(digits, Integral):
            raise DataTypeError(
                f"round(x, digits) takes a whole number of digits, not {digits!r}, for {self!r}: "
                "write round(x, 2)"
            )

        def rounded(x: float) -> float:
            return round(x, digits)

        return self._whole(rounded, "round()")

    # NumPy asks the elements of an array for these two, in np.var, np.std and np.round.

    def conjugate(self: Self) -> Self:
        """Return the Value itself, for it is real."""
        return self

    def rint(self) -> float:
        """Return round(x), a plain number."""
        return self.__round__()

    def __bool__(self) -> bool:
        return bool(self.data != 0.0)

    def __floordiv__(self, other: object) -> NoReturn:
        raise DataTypeError(
            "a // b is not defined for Values, its derivative is zero or undefined everywhere: "
            "write autograd.floor(a / b); the remainder is a % b"
        )

    __rfloordiv__ = __divmod__ = __rdivmod__ = __floordiv__

    def __matmul__(self, other: object) -> NoReturn:
        raise DataTypeError(
            "a @ b is for matrices, and a Value is one number: a * b multiplies two numbers, "
            "autograd.dot(xs, ys) two lists of numbers"
        )

    __rmatmul__ = __matmul__

    # Comparison. The numbers have an order. A node equals only itself.

    def _compare(self, relation: Callable[[Any, Any], bool], other: Any) -> Any:
        """Return the truth of self < other and its kin."""
        if not isinstance(other, Protocols):
            if not isinstance(other, Real) or isinstance(other, bool):
                return NotImplemented
            try:
                other = float(other)
            except OverflowError:  # a whole number beyond the floats
                other = math.inf if operator.gt(other, 0) else -math.inf
        interpreter = modes.current() if modes.active else None
        if interpreter is not None:
            return interpreter.compare(relation, self, other)
        return relation(self._data, other._data if isinstance(other, Protocols) else other)

    def __lt__(self, other: Any) -> Any:
        return self._compare(operator.lt, other)

    def __le__(self, other: Any) -> Any:
        return self._compare(operator.le, other)

    def __gt__(self, other: Any) -> Any:
        return self._compare(operator.gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._compare(operator.ge, other)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Real):
            raise DataTypeError(
                f"{self!r} == {other!r}: a Value equals only itself. "
                f"Compare its number: v.data == {other!r}"
            )
        return self is other if isinstance(other, Protocols) else NotImplemented

    __hash__ = object.__hash__

    # Copies. They go through the nodes in topological order, and need no recursion.

    def __copy__(self: Self) -> Self:
        return self._twin(self._a, self._b)

    def __deepcopy__(self: Self, memo: dict[int, Any]) -> Self:
        for node in topological_order(self):
            if id(node) not in memo:
                memo[id(node)] = node._twin(_copied(node._a, memo), _copied(node._b, memo))
        copy: Self = memo[id(self)]
        return copy

    def _twin(self: Self, a: Any, b: Any) -> Self:
        """Return a copy with the operands a and b."""
        twin = object.__new__(self.__class__)
        twin._data, twin._grad = self._data, self._grad
        twin._primitive, twin._born = self._primitive, self._born
        twin._a, twin._b = a, b
        return twin

    def __reduce__(self) -> Any:
        """Pickle a leaf by itself, and a root as its leaves and a flat list of nodes.

        Raises:
            StaleValueError: A leaf was changed after an operation had used it.
        """
        order = oldest_first(self)
        check_not_stale(order)
        if self._primitive is LEAF or self._primitive is LITERAL:
            return _restore_leaf, (self.__class__, self._primitive is LITERAL, *_state(self))
        index = {id(node): i for i, node in enumerate(order)}
        leaves = {i: node for i, node in enumerate(order) if node._primitive is LEAF}
        records = [
            None
            if node._primitive is LEAF
            else (
                node.__class__,
                node._primitive,
                [index[id(parent)] for parent in node.parents],
                *_state(node),
            )
            for node in order
        ]
        return _restore_graph, (leaves, records)


_WRITTEN = {name: f"write {here}" for name, here in FORMULAS.items()}
_OWN = {*dir(Protocols)}
# One for all names of a group: the collector looks at each, which takes time at the import.
_SHARED = {text: _Elsewhere("such attribute", text) for text in OF_TENSORS}
_FOUND = {name: _SHARED.get(x) or _Elsewhere(name, x) for name, x in by_name(OF_TENSORS).items()}
_FOUND |= {name: _Elsewhere(name, x) for name, x in (_WRITTEN | by_name(_ADVICE)).items()}
for _name, _one in _FOUND.items():
    if _name not in _OWN:
        setattr(Protocols, _name, _one)

LONG_AGO = 1 << 60  # ticks of the clock


def _copied(x: Any, memo: dict[int, Any]) -> Any:
    """Return the copy of an operand or of a tuple of operands."""
    if x.__class__ is tuple:
        return tuple([_copied(y, memo) for y in x])
    return memo[id(x)] if isinstance(x, Protocols) else x


def _state(node: Any) -> tuple[float, float | None, str | None, int]:
    """Return the data, the grad, the label and the age of a node, for a pickle.

    Restored, it is older than all that its new process makes, and as old beside
    its kin as before.
    """
    grad = None if node.grad is NOT_COMPUTED else node.grad
    return node._data, grad, node.label, int(node._born) - LONG_AGO


def _restore_leaf(
    cls: type, literal: bool, data: float, grad: float | None, label: str | None, born: int
) -> Any:
    """Return a leaf from its state."""
    leaf = cls(data)
    leaf._born, leaf.label = ETERNAL if literal else born, label
    leaf.grad = NOT_COMPUTED if grad is None else grad
    leaf._primitive = LITERAL if literal else LEAF
    return leaf


def _restore_graph(leaves: dict[int, Any], records: list[Any]) -> Any:
    """Return the root of a graph from its leaves and the states of its nodes."""
    nodes: list[Any] = []
    for i, record in enumerate(records):
        if record is None:
            nodes.append(leaves[i])
            continue
        cls, op, parents, *state = record
        node = _restore_leaf(cls, op is LITERAL, *state)
        operands = tuple([nodes[j] for j in parents])
        node._primitive = op
        node._a, node._b = (*operands, None)[:2] if op.arity in (1, 2) else (operands or None, None)
        nodes.append(node)
    return nodes[-1]
