"""Optimizers, in order of increasing complexity.

Each optimizer is one `rule`, which returns the new number p of a parameter and
the new numbers that it keeps for it. It computes them from the old ones, the
gradient g, the learning rate lr and the count of steps t = 1, 2, ... A rule is
scalar arithmetic. It never branches on its numbers. So it works on floats, and
on Values while a program is recorded.

A learning rate, an eps and a weight decay are finite and at least 0. A momentum
lies in [0, 1], other averaging factors in [0, 1). Optimizers raise
ArgumentError for what lies outside, and DataTypeError for what is not a number.
With eps = 0, a step raises DomainError, a ZeroDivisionError, for a parameter whose
gradients so far have squares of 0.

The square of a gradient beyond 1e154 is infinite. Adagrad, RMSprop, Adam and
AdamW then keep an infinity for its parameter, and their rules move it no more.
`fit` warns of it, and `diagnose` names it. Clipping lets no such gradient
through.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from itertools import repeat
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from autograd import Value, clip, maximum, norm, sqrt
from autograd.errors import ArgumentError, DataTypeError, DomainError, GraphError, LengthError
from autograd.extending import (
    LEAF,
    NOT_COMPUTED,
    Elsewhere,
    assign,
    assign_grads,
    check_order,
    check_size,
    elsewhere,
    ending_at_caller,
    lines_of,
    name_elsewhere,
    real_number,
    recording,
    sizes_of,
    told,
    within,
)

from .arguments import Closed, Free, Unmade, arguments_of, in_slots, names_checked
from .data.checks import is_sequence
from .files import StateError, checked_number
from .foreign_objects import OF_OPTIMIZERS
from .module import changes

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "clip_grad_norm",
    "clip_grad_value",
    "clip_norm",
]

State: TypeAlias = tuple[Any, ...]
FAR_BELOW = 2.0**-64  # a power of 2, which leaves all digits as they are
UNREACHED = (
    "no parameter has a gradient: call backward() before step(), on a loss of the very model "
    "whose parameters() the optimizer was made from"
)

OF_SUBCLASSES = (
    "a subclass calls super().__init__(params, lr) and writes rule(self, p, g, state, lr, t), "
    "which returns (p, state)"
)


# What other libraries call the arguments, and what optimizers have there.
OPTIONS = {
    "learning_rate": "lr=",
    "rate": "lr=",
    "alpha": "lr=",
    "beta1": "betas=(beta1, beta2)",
    "beta2": "betas=(beta1, beta2)",
    "beta_1": "betas=(beta1, beta2)",
    "beta_2": "betas=(beta1, beta2)",
    "epsilon": "eps=",
    "rho": "alpha=, of nn.RMSprop",
    "parameters": "params, the first argument",
    "weight_decay": "nn.AdamW, or penalty=lambda params: nn.l2(params, 1e-3) of nn.fit",
    "amsgrad": "nothing: it is left out",
    "clipnorm": "clip_norm= of nn.fit",
    "max_grad_norm": "clip_norm= of nn.fit",
}
NAMES = {
    "param_groups": "optimizer.params and optimizer.lr: one rate for all",
    "add_param_group": "a second optimizer",
    "defaults": "optimizer.lr and the arguments by their names",
    "learning_rate": "optimizer.lr",
    "get_lr": "optimizer.lr",
    "get_last_lr": "optimizer.lr * schedule(optimizer.t)",
    "set_lr": "optimizer.lr = 0.01",
    "minimize": "loss.backward() and optimizer.step()",
    "apply_gradients": "optimizer.step()",
    "update": "optimizer.step()",
    "backward": "loss.backward()",
    "zero_gradients": "optimizer.zero_grad()",
    "iterations": "optimizer.t",
    "save": "json.dump(optimizer.state_dict(), file), or callbacks=[nn.Checkpoint(path)] of nn.fit",
    "load": "optimizer.load_state_dict(json.load(file)), or nn.Checkpoint(path, resume=True)",
}


class Named(Closed):
    """The base of Optimizer: what happens before `__init__`, whose arguments `help` shows."""

    def __new__(cls, *inputs: Any, **options: Any) -> Any:
        known = arguments_of(cls)
        for name in options:
            if name not in known and not any(p.kind is p.VAR_KEYWORD for p in known.values()):
                said = (
                    f"here it is called {OPTIONS[name]}"
                    if name in OPTIONS
                    else f"it takes {', '.join(known)}"
                )
                raise DataTypeError(f"{cls.__name__} has no argument {name}=: {said}")
        return super().__new__(cls)


class Optimizer(Named):
    """The base of the optimizers.

    A subclass writes `rule`, and calls `super().__init__(params, lr)` if it has an
    `__init__`. All numbers that a step changes lie in Values: the
    parameters, what the rule keeps, and the count of steps. So a step that
    raises or is interrupted leaves all of them as before the step, or as after
    it.

    Args:
        params: Leaf Values, such as `model.parameters()`.
        lr: The learning rate, in [0, inf).
        n_state: How many numbers the rule keeps for each parameter. They start
            at 0.

    Attributes:
        params: The parameters, in order.
        kept: What the rule keeps, as Values, parameter by parameter.
        count: The count of steps, as a Value.
        never_negative: Which of the numbers that the rule keeps for a parameter
            are never negative, by their places. A subclass says so beside its
            rule. A state with a negative number there is refused.
        keeps: What these numbers are, in words, for `train_step.source`.

    Raises:
        DataTypeError: `params` is not a list.
        LengthError: `params` is empty.
        GraphError: A parameter is not a leaf, or is in the list twice.

    Examples:
        >>> import nn
        >>> from autograd import Value, sign
        >>> class SignDescent(nn.Optimizer):
        ...     def rule(self, p, g, state, lr, t):
        ...         return p - lr * sign(g), state
        >>> w = Value(3.0)
        >>> (w * w).backward()
        >>> SignDescent([w], lr=0.5).step()
        >>> w.data
        2.5
    """

    params: list[Value]
    kept: list[Value]
    count: Value
    words = OPTIONS
    never_negative: ClassVar[tuple[int, ...]] = ()
    keeps: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__ == __name__ and "__init__" in vars(cls):
            cls.__init__ = names_checked(cls.__init__)  # type: ignore[method-assign]
        _check_method(cls, "rule", 5, "p, g, state, lr, t")
        _check_method(cls, "step", 1, "factor=1.0")

    @names_checked
    def __init__(self, params: Sequence[Value], lr: float, n_state: int = 0):
        example = "as in SGD(model.parameters(), lr=0.1)"
        if not isinstance(params, Iterable) or getattr(params, "shape", None) == ():
            raise DataTypeError(
                f"an optimizer takes a list of parameters, {example}, not {told(params)}"
            )
        check_order("an optimizer takes a list of parameters", params)
        self.params = list(params)
        if not self.params:
            raise LengthError(f"an optimizer needs at least one parameter, a Value, {example}")
        check_leaves(self.params)
        if len(set(self.params)) < len(self.params):
            raise GraphError("a parameter is in the list twice and would be moved twice")
        within(locals(), lr="[0, inf)")
        [n_state] = sizes_of(locals(), n_state=0)
        check_size("the state of this optimizer", n_state * len(self.params))
        self._n_state = n_state
        self._lr, self.count = Value(real_number(lr, "lr")), Value(0.0)
        self.kept = [Value(0.0) for _ in range(n_state * len(self.params))]

    def __setattr__(self, name: str, new: Any) -> None:
        super().__setattr__(name, new)
        # A step reads the rate. What a rule leaves while it is recorded is no option.
        if name != "lr" and not recording():
            changes[0] = object()

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._lr.data

    @lr.setter
    def lr(self, lr: float) -> None:
        within(locals(), lr="[0, inf)")
        self._lr.data = real_number(lr, "lr")

    @property
    def t(self) -> int:
        """How many steps have been taken."""
        return int(self.count.data)

    @property
    def state(self) -> tuple[State, ...]:
        """The numbers that the rule keeps: a tuple for every parameter.

        Raises:
            LengthError: There are not as many numbers as the rule keeps.
            StateError: One is negative that the rule never makes negative.
        """
        return self.by_parameter([kept.data for kept in self.kept])

    @state.setter
    def state(self, state: Iterable[State]) -> None:
        rows: list[Any] = list(state) if is_sequence(state) else []
        widths = [len(row) if is_sequence(row) else None for row in rows]
        if widths != [self._n_state] * len(self.params):
            raise LengthError(
                f"the state of {self!r} is, for each parameter, a tuple of as many numbers "
                f"as its rule keeps, {self._n_state}, not {told(state)}"
            )
        self.check_signs(rows)
        assign(self.kept, [x for row in rows for x in row])

    def renewed(self, name: str, new: Any) -> Any:
        """Return an option as a new optimizer would keep it.

        Raises:
            GraphError: The numbers that are kept belong to what is replaced.
        """
        if name not in ("params", "kept", "count"):
            like = type(self)(self.params[:1], **{**self.options(), name: new})
            if like._n_state == self._n_state:
                return getattr(like, name)
        raise GraphError(
            f"{name!r} of {self!r} cannot be replaced, for what it keeps belongs to it: "
            f"make a new nn.{type(self).__name__}"
        )

    def by_parameter(self, kept: Sequence[Any]) -> tuple[State, ...]:
        """Cut a list of what the rule keeps into a tuple for every parameter.

        Raises:
            LengthError: There are not as many numbers as the rule keeps.
        """
        n = self._n_state
        if len(kept) != n * len(self.params):
            raise LengthError(
                f"{type(self).__name__} has {len(self.params)} parameters, and keeps "
                f"{len(kept)} numbers, {n} for each of those that it was made with: make a new "
                f"optimizer of all parameters, and leave its list params as it is"
            )
        if not n:
            return ((),) * len(self.params)
        following = iter(kept)
        return tuple(zip(*[following] * n, strict=True))

    def values(self) -> list[Value]:
        """Return the Values that a step changes: parameters, state and t."""
        return [*self.params, *self.kept, self.count]

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A copy has the same parameters, but numbers of its own."""
        own = {"_lr": Value(self.lr), "count": Value(self.t)}
        kept = {"kept": [Value(kept.data) for kept in self.kept]}
        return vars(self) | own | kept, in_slots(self)

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"<{name} of {len(self.params)} parameters: lr={self.lr!r}, t={self.t}>"

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        """Return the new number of one parameter and the new state: what a subclass writes.

        Args:
            p: The parameter's number.
            g: Its gradient.
            state: The n_state numbers that the rule keeps for this parameter.
            lr: The rate of this step.
            t: The number of this step: 1 in the first.

        Raises:
            NotImplementedError: The subclass has not written it.
        """
        needed = "a method rule(p, g, state, lr, t) that returns (p, state)"
        raise ending_at_caller(NotImplementedError(f"{type(self).__name__} needs {needed}"))

    def in_words(self) -> list[str]:
        """Return the rule as lines of formulas, for `train_step.source`.

        What the rule keeps is kept1, kept2, ... before the step, and new1, new2, ...
        after it.
        """
        name = type(self).__name__
        p, g, lr, t = [Value(0.5, label=what) for what in ("p", "gradient", "rate", "t")]
        before = tuple([Value(0.5, label=f"kept{k + 1}") for k in range(self._n_state)])
        try:
            after, state = self.rule(p, g, before, lr, t)
            for k, new in enumerate(state):
                if new not in before:
                    new.label = f"new{k + 1}"
            lines = lines_of(after)
        except Exception:  # a rule of the user's that takes no such numbers
            return [name]
        if not lines:  # within no_grad the result is a number
            return [name]
        *before_it, last = lines
        what = {f"new{k + 1}": f", the {words}" for k, words in enumerate(self.keeps)}
        return [
            f"{name}: {last.readable}{', where' if before_it else ''}",
            *[f"    {x.name} = {x.readable}{what.get(x.name, '')}" for x in before_it],
        ]

    def rate(self, factor: float) -> float:
        """Return lr * factor, the rate of a step.

        Args:
            factor: What a schedule gives.

        Raises:
            ArgumentError: The rate is negative, infinite or nan.
            DataTypeError: `factor` is not a number.
        """
        rate = self.lr * real_number(factor, "the factor of a rate")
        if not 0 <= rate < inf:
            raise ArgumentError(
                "the rate of a step must be in [0, inf), "
                f"not lr * factor = {self.lr!r} * {factor!r}"
            )
        return rate

    @names_checked
    def step(self, factor: float = 1.0) -> None:
        """Move every parameter by the rule.

        A parameter that backward did not reach counts as having the gradient 0.
        A step that raises or is interrupted is as if it had not begun, or is done.

        Args:
            factor: The rate of this step is lr * factor.

        Raises:
            GraphError: Backward reached no parameter.
            LengthError: The rule gave not as many state numbers as it was
                given.
        """
        params = self.params
        try:
            grads = [p.grad for p in params]
        except AttributeError:
            check_leaves(params)
            raise
        if all(g is NOT_COMPUTED for g in grads):
            raise GraphError(UNREACHED)
        rate, t, rule = self.rate(factor), self.t + 1, self.rule
        data = [p.data for p in params]
        updates = [
            rule(p, g, kept, rate, t) for p, g, kept in zip(data, grads, self.state, strict=True)
        ]
        states = self.states_of(updates)
        new = [p for p, _ in updates]
        if self._n_state:
            for kept in states:
                new += kept
        new.append(float(t))
        assign(self.values(), new)

    def states_of(self, updates: Sequence[tuple[Any, State]]) -> list[State]:
        """Return what a rule keeps for each parameter, of all that it returned.

        Raises:
            DataTypeError: It returned something else than (p, state).
            LengthError: It gave not as many state numbers as it keeps.
        """
        name = type(self).__name__
        try:
            states = [kept for _, kept in updates]
            lengths = set(map(len, states)) - {self._n_state}
        except (TypeError, ValueError):
            odd = next(
                x
                for x in updates
                if not (isinstance(x, (tuple, list)) and len(x) == 2 and is_sequence(x[1]))
            )
            raise DataTypeError(
                f"the rule of {name} returns the new number of a parameter and a tuple of the "
                f"numbers that it keeps for it, (p, state), not {told(odd)}"
            ) from None
        if lengths:
            raise LengthError(
                f"the rule of {name} keeps {self._n_state} numbers for each "
                f"parameter (n_state={self._n_state}), but it returned {lengths.pop()}"
            )
        return states

    def check_signs(self, state: Sequence[Sequence[float]]) -> None:
        """Raise StateError if a number is negative that the rule never makes negative."""
        for k, kept in enumerate(state):
            for place in self.never_negative:
                if real_number(kept[place], f"state[{k}][{place}]") < 0.0:
                    raise StateError(
                        f"state[{k}][{place}] is {kept[place]!r}, but {type(self).__name__} "
                        "never makes this number negative: a state with it was damaged"
                    )

    @names_checked
    def zero_grad(self) -> None:
        """Forget the gradients, so that the next backward starts from 0."""
        try:
            assign_grads(self.params, repeat(NOT_COMPUTED, len(self.params)))
        except AttributeError:
            check_leaves(self.params)
            raise

    @names_checked
    def state_dict(self) -> dict[str, Any]:
        """Return the class, the rate, the count of steps and the rule's state, as JSON data.

        With the parameters, their gradients and the options other than the rate, such
        as betas, this is all that the next step depends on.
        """
        state = [list(kept) for kept in self.state]
        return {"class": type(self).__name__, "lr": self.lr, "t": self.t, "state": state}

    def options(self) -> dict[str, Any]:
        """Return the arguments of `__init__` that were kept, but for the parameters, by name."""
        known = [name for name in arguments_of(type(self)) if name != "params"]
        return {name: getattr(self, name) for name in known if hasattr(self, name)}

    @names_checked
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the `state_dict` of an optimizer of the same class.

        Options other than the rate stay as they are.

        Raises:
            StateError: It does not fit. Then nothing has changed.
        """
        assign(*self.placed(state))

    def placed(self, state: Mapping[str, Any]) -> tuple[list[Value], list[float]]:
        """Return the Values and the numbers that a `state_dict` gives them.

        Raises:
            StateError: It does not fit.
        """
        if not isinstance(state, Mapping):
            raise StateError(
                f"a state of an optimizer is what state_dict() gives, not {told(state)}"
            )
        if lacking := [name for name in ("lr", "t", "state") if name not in state]:
            raise StateError(f"this is no state of an optimizer: it lacks {', '.join(lacking)}")
        if odd := [key for key in state if key not in ("class", "lr", "t", "state")]:
            raise StateError(
                f"this state has {told(odd[0])}, which no state of an optimizer has: options "
                "other than lr are set on the optimizer"
            )
        made = state.get("class", name := type(self).__name__)
        if made != name:
            raise StateError(
                f"it is the state of an optimizer of class {told(made)}, and not of {self!r}, "
                "whose rule goes on to other numbers: make one of that class, or begin anew"
            )
        given = state["state"]
        if not is_sequence(given):
            raise StateError(f"state is a list of numbers for each parameter, not {told(given)}")
        for k, row in enumerate(given):
            if not is_sequence(row):
                raise StateError(f"state[{k}] is a list of numbers, not {told(row)}")
        rows = [
            [checked_number(f"state[{k}][{i}]", x) for i, x in enumerate(row)]
            for k, row in enumerate(given)
        ]
        lr, t = checked_number("lr", state["lr"]), checked_number("t", state["t"])
        fits = list(map(len, rows)) == [self._n_state] * len(self.params)
        if not (fits and 0 <= lr < inf and t >= 0 and t.is_integer()):
            raise StateError(
                f"this state, of {len(rows)} parameters, lr={lr} and t={t:g}, "
                f"is not that of {self!r}"
            )
        self.check_signs(rows)
        numbers = [x for row in rows for x in row]
        return [self._lr, self.count, *self.kept], [lr, t, *numbers]


def check_leaves(params: Sequence[Any]) -> None:
    """Raise GraphError unless all parameters are leaves."""
    for i, p in enumerate(params):
        if not (isinstance(p, Value) and p.op is LEAF):
            raise GraphError(
                f"params[{i}] is {told(p)}, not a leaf: "
                "an optimizer moves leaf Values, such as model.parameters()"
            )


def _check_method(cls: type, name: str, n: int, taken: str) -> None:
    """Raise DataTypeError if a subclass writes a method that cannot be called as it will be.

    Args:
        cls: The subclass.
        name: The method.
        n: With how many arguments it is called, after self.
        taken: These arguments, in words.
    """
    if name not in vars(cls):
        return
    bound = isinstance(vars(cls)[name], (staticmethod, classmethod))
    method = getattr(cls, name)
    try:
        found = signature(method)
    except (TypeError, ValueError):  # no function, or one of C without a signature
        return
    try:
        found.bind(*range(n + (not bound)))
    except TypeError:
        raise DataTypeError(
            f"{cls.__name__} writes {name}{found}, and it is called with ({taken}): {OF_SUBCLASSES}"
        ) from None


for _name in ("params", "kept", "count", "_lr", "_n_state"):
    setattr(Optimizer, _name, Unmade(_name, OF_SUBCLASSES))


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Without momentum a step is `p = p - lr * g`. With momentum it is::

        v = momentum * v + g
        p = p - lr * v                      (nesterov=False)
        p = p - lr * (g + momentum * v)     (nesterov=True)

    Source: Sutskever et al. 2013, in PyTorch's form.

    Args:
        params: Leaf Values, such as `model.parameters()`.
        lr: The learning rate, in [0, inf).
        momentum: How much of the last step stays in the next, in [0, 1].
        nesterov: Whether to look ahead. Needs a momentum above 0.
        weight_decay: At least 0. Adds weight_decay * p to the gradient.

    Raises:
        ArgumentError: A number is outside its range, or nesterov has no
            momentum.
    """

    def __init__(
        self,
        params: Sequence[Value],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        within(locals(), momentum="[0, 1]", nesterov="True, False", weight_decay="[0, inf)")
        super().__init__(params, lr, n_state=1 if momentum else 0)
        if nesterov and not momentum:
            raise ArgumentError("nesterov needs a momentum above 0")
        self.momentum = real_number(momentum, "momentum")
        self.nesterov = nesterov
        self.weight_decay = real_number(weight_decay, "weight_decay")

    keeps = ("velocity",)

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - lr * g, state
        v = self.momentum * state[0] + g
        return p - lr * (g + self.momentum * v if self.nesterov else v), (v,)


class Adagrad(Optimizer):
    """Gradient descent whose rate falls as squared gradients add up.

    A step is::

        s = s + g**2
        p = p - lr * g / (sqrt(s) + eps)

    Source: Duchi et al. 2011.

    Args:
        params: Leaf Values, such as `model.parameters()`.
        lr: The learning rate, in [0, inf).
        eps: At least 0. Keeps the step finite where s is 0.
    """

    def __init__(self, params: Sequence[Value], lr: float = 1e-2, eps: float = 1e-10):
        within(locals(), eps="[0, inf)")
        super().__init__(params, lr, n_state=1)
        self.eps = real_number(eps, "eps")

    never_negative = (0,)  # s
    keeps = ("sum of its squared gradients",)

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        s = state[0] + g * g
        try:
            return p - lr * g / (sqrt(s) + self.eps), (s,)
        except ZeroDivisionError:
            raise _without_eps(self) from None


class RMSprop(Optimizer):
    """Adagrad that forgets: s is a running mean of squared gradients.

    A step is::

        s = alpha * s + (1 - alpha) * g**2
        p = p - lr * g / (sqrt(s) + eps)

    Source: Tieleman and Hinton 2012.

    Args:
        params: Leaf Values, such as `model.parameters()`.
        lr: The learning rate, in [0, inf).
        alpha: The decay rate of s, in [0, 1).
        eps: At least 0. Keeps the step finite where s is 0.
    """

    def __init__(
        self, params: Sequence[Value], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8
    ):
        within(locals(), alpha="[0, 1)", eps="[0, inf)")
        super().__init__(params, lr, n_state=1)
        self.alpha, self.eps = real_number(alpha, "alpha"), real_number(eps, "eps")

    never_negative = (0,)  # s
    keeps = ("running mean of its squared gradients",)

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        s = self.alpha * state[0] + (1.0 - self.alpha) * g * g
        try:
            return p - lr * g / (sqrt(s) + self.eps), (s,)
        except ZeroDivisionError:
            raise _without_eps(self) from None


class Adam(Optimizer):
    """Gradient descent, scaled by running means of past gradients.

    Step t = 1, 2, ... moves a parameter p with gradient g::

        m = b1 * m + (1 - b1) * g
        s = b2 * s + (1 - b2) * g**2
        p = p - lr * (m / (1 - b1**t)) / (sqrt(s / (1 - b2**t)) + eps)

    The means m and s start at 0; the divisors 1 - b**t correct for that.
    Source: Kingma and Ba 2015, algorithm 1.

    Args:
        params: Leaf Values, such as `model.parameters()`.
        lr: The learning rate, in [0, inf).
        betas: The decay rates (b1, b2) of m and s, each in [0, 1).
        eps: At least 0. Keeps the step finite where s is 0.

    Raises:
        ArgumentError: A number is outside its range.
    """

    def __init__(
        self,
        params: Sequence[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ):
        if not isinstance(betas, (list, tuple)) or len(betas) != 2:
            raise DataTypeError(f"betas are two decay rates, as in (0.9, 0.999), not {told(betas)}")
        b1, b2 = betas
        within(locals(), b1="[0, 1)", b2="[0, 1)", eps="[0, inf)")
        super().__init__(params, lr, n_state=2)
        self.betas = real_number(b1, "b1"), real_number(b2, "b2")
        self.eps = real_number(eps, "eps")

    never_negative = (1,)  # s
    keeps = "running mean of its gradients", "running mean of its squared gradients"

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        b1, b2 = self.betas
        m = b1 * state[0] + (1.0 - b1) * g
        s = b2 * state[1] + (1.0 - b2) * g * g
        try:
            return p - lr * (m / (1.0 - b1**t)) / (sqrt(s / (1.0 - b2**t)) + self.eps), (m, s)
        except ZeroDivisionError:
            raise _without_eps(self) from None


class AdamW(Adam):
    """Adam with a weight decay that the history of gradients does not scale.

    A step is `p = p - lr * weight_decay * p`, and then Adam's.
    Source: Loshchilov and Hutter 2019.

    Args:
        params: Leaf Values, such as `model.parameters()`.
        lr: The learning rate, in [0, inf).
        betas: The decay rates of Adam's two means, each in [0, 1).
        eps: At least 0. Keeps the step finite where the second mean is 0.
        weight_decay: At least 0.
    """

    def __init__(
        self,
        params: Sequence[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ):
        within(locals(), weight_decay="[0, inf)")
        super().__init__(params, lr, betas, eps)
        self.weight_decay = real_number(weight_decay, "weight_decay")

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        return super().rule(p - lr * self.weight_decay * p, g, state, lr, t)


def _name_elsewhere() -> None:
    """Give the optimizers the names of other libraries.

    What one of them has itself, such as the momentum of SGD, stands in the classes that
    lack it: a rule reads it for each parameter, and would read it more slowly.
    """
    classes = (SGD, Adagrad, RMSprop, Adam)
    own = {name for cls in (*classes, AdamW) for name in arguments_of(cls)}
    for names, kind in ((OF_OPTIMIZERS, Free), (NAMES, Elsewhere)):
        everywhere = {name: here for name, here in names.items() if name not in own}
        name_elsewhere(Optimizer, everywhere, kind)
        for cls in classes:
            lacking = names.keys() - everywhere.keys() - arguments_of(cls).keys()
            name_elsewhere(cls, {name: names[name] for name in lacking}, kind)


_name_elsewhere()


def _without_eps(optimizer: Any) -> DomainError:
    """The error of a step by 0 / 0."""
    return DomainError(
        f"a step of {type(optimizer).__name__} with eps={optimizer.eps!r} divides by 0: the "
        "squares of all gradients of a parameter so far are 0, or vanish; an eps above 0, such as "
        "1e-8, leaves the parameter where it is"
    )


def overflowed(optimizer: Optimizer) -> str:
    """Say of how many parameters the square of a gradient has overflowed, or nothing."""
    places = optimizer.never_negative
    kept = optimizer.by_parameter(optimizer.kept) if places else ()
    n = [any(state[place].data == inf for place in places) for state in kept].count(True)
    if not n:
        return ""
    return (
        f"{type(optimizer).__name__} moves {n} of {len(kept)} parameters no more: the square of a "
        "gradient beyond 1e154 is infinite; try clip_norm=, or inputs scaled by "
        "nn.data.standardize, with a new optimizer"
    )


@names_checked
def clip_norm(grads: Sequence[Any], max_norm: float) -> list[Any]:
    """Return gradients scaled to a length of at most max_norm: the direction stays.

    Each is multiplied by 1 / max(norm / max_norm, 1). The length may be beyond the
    floats. Where it is 1e327 times max_norm, all become 0. Gradients below 1e-289
    lose digits.
    Source: Pascanu et al. 2013, algorithm 1.

    Args:
        grads: Floats or Values, taken as one vector.
        max_norm: Above 0.

    Raises:
        ArgumentError: `max_norm` is not above 0.
    """
    within(locals(), max_norm="(0, inf]")
    if not is_sequence(grads):
        raise DataTypeError(f"grads is a list of numbers or Values, not {told(grads)}")
    limit = max_norm if isinstance(max_norm, Value) else real_number(max_norm, "max_norm")
    gs: list[Any] = [g if isinstance(g, Value) else real_number(g, "grads") for g in grads]
    if limit.__class__ is float and limit == inf:
        return gs
    small = [FAR_BELOW * g for g in gs]  # whose length is finite if they are
    factor = 1.0 / maximum(norm(small) / limit, FAR_BELOW)
    return [factor * g for g in small]


def _values(params: Any) -> Sequence[Value]:
    """Return the parameters. Raises DataTypeError if they are no list of Values."""
    if not is_sequence(params):
        raise DataTypeError(f"params are Values, such as model.parameters(), not {told(params)}")
    for i, p in enumerate(params):
        if not isinstance(p, Value):
            raise DataTypeError(
                f"params are Values, such as model.parameters(), but params[{i}] is {told(p)}"
            )
    values: Sequence[Value] = params
    return values


@names_checked
def clip_grad_norm(params: Sequence[Value], max_norm: float) -> float:
    """Scale the gradients, as one vector, to a length of at most max_norm.

    Parameters that backward did not reach keep no gradient.

    Args:
        params: The Values whose grads are scaled.
        max_norm: Above 0.

    Returns:
        The length that the gradients had.

    Raises:
        ArgumentError: `max_norm` is not above 0.
    """
    reached = [p for p in _values(params) if p.grad is not NOT_COMPUTED]
    grads = [p.grad for p in reached]
    assign_grads(reached, clip_norm(grads, max_norm))
    return float(norm(grads))


@names_checked
def clip_grad_value(params: Sequence[Value], limit: float) -> None:
    """Limit every parameter's gradient to [-limit, limit], each by itself.

    This turns the direction of the gradient.

    Args:
        params: The Values whose grads are limited.
        limit: Above 0.

    Raises:
        ArgumentError: `limit` is not above 0.
    """
    within(locals(), limit="(0, inf]")
    reached = [p for p in _values(params) if p.grad is not NOT_COMPUTED]
    assign_grads(reached, [clip(p.grad, -limit, limit) for p in reached])


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__]


if not TYPE_CHECKING:  # so that a type checker still sees what is not there
    __getattr__ = elsewhere("nn.optim", "nn.foreign")
