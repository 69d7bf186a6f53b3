"""Optimizers, in order of increasing complexity: each is one `rule(p, g, state, lr, t) -> (p, state)` for one parameter, which takes its number, its
gradient, its own state numbers, the learning rate and the count of steps (from 1). A rule is scalar arithmetic without a branch on any of them, so
that it works on floats and, recorded, on Values. The rate lr, eps and a weight decay are finite and at least 0; a momentum is in [0, 1], other
averaging factors are in [0, 1). Raises ArgumentError for what lies outside, DataTypeError for what is no number. With eps = 0, a step at which every
gradient so far was 0 raises ZeroDivisionError."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from autograd import Value, clip, maximum, norm, sqrt
from autograd.errors import ArgumentError, DataTypeError, GraphError, LengthError
from autograd.extending import LEAF, NOT_COMPUTED, real_number, within

from .files import StateError, number

State = tuple[Any, ...]
Betas = tuple[float, float]
UNREACHED = "no parameter has a gradient: call backward(), on a loss made from these very parameters, before step()"


class Optimizer:
    """The base of the optimizers: the parameters, the rate 0 <= lr < inf, the count of steps `t`, and the rule's `state`, `n_state` numbers for each
    parameter, at first 0. Raises DataTypeError for what is no list, LengthError for an empty one, GraphError for what is no leaf or there twice."""

    def __init__(self, params: Sequence[Value], lr: float, n_state: int = 0):
        if not isinstance(params, Iterable):
            raise DataTypeError(
                f"an optimizer takes a list of parameters, as in SGD(model.parameters(), lr=0.1), not {params!r}"
            )
        self.params = list(params)
        if not self.params:
            raise LengthError(
                "an optimizer needs at least one parameter, as in SGD(model.parameters(), lr=0.1)"
            )
        if other := [
            f"params[{i}] is {p!r}"
            for i, p in enumerate(self.params)
            if not (isinstance(p, Value) and p.op is LEAF)
        ]:
            raise GraphError(
                f"{other[0]}, not a leaf Value: an optimizer can only change numbers that no operation computed"
            )
        if len(set(self.params)) < len(self.params):
            raise GraphError("a parameter is in the list twice and would be moved twice")
        within(locals(), lr="[0, inf)")
        self.lr, self.t = lr, 0
        self._state: list[State] = [(0.0,) * n_state for _ in self.params]
        self.lender: Any = (
            None  # the `Resident` in whose memory the state's numbers are, if they are not here
        )

    @property
    def state(self) -> list[State]:
        """For every parameter, in order, the tuple of numbers that its rule keeps."""
        if self.lender is not None:
            self.lender.release()
        return self._state

    @state.setter
    def state(self, state: list[State]) -> None:
        if list(map(len, state)) != list(map(len, self.state)):
            raise LengthError(
                f"the state of {self!r} is, for each parameter, a tuple of as many numbers as its rule keeps, not {state!r}"
            )
        self._state, self.lender = state, None

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_state": self.state, "lender": None}

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} of {len(self.params)} parameters: lr={self.lr!r}, t={self.t}>"
        )

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        """The update of one parameter: what a subclass writes. Raises NotImplementedError where it has not."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a method rule(p, g, state, lr, t) that returns (p, state)"
        )

    def rate(self, factor: float) -> float:
        """lr * factor, the rate of a step; `factor` comes from a schedule. Raises ArgumentError unless the rate is finite and at least 0."""
        rate = float(self.lr * factor)
        if not 0 <= rate < inf:  # written out, for every step asks
            raise ArgumentError(
                f"the rate of a step must be in [0, inf), not lr * factor = {self.lr!r} * {factor!r}"
            )
        return rate

    def step(self, factor: float = 1.0) -> None:
        """Move every parameter by the rule, at `rate(factor)`. A gradient that backward did not reach counts as 0. Raises GraphError if it reached
        none. Then, and if the rule or the rate raises, nothing has changed."""
        if all(p.grad is NOT_COMPUTED for p in self.params):
            raise GraphError(UNREACHED)
        rate, t = self.rate(factor), self.t + 1
        updates = [
            self.rule(p.data, p.grad, s, rate, t)
            for p, s in zip(self.params, self.state, strict=True)
        ]
        numbers = [real_number(data, "a parameter") for data, _ in updates]
        self.state, self.t = [state for _, state in updates], t
        for p, data in zip(self.params, numbers, strict=True):
            p.data = data

    def zero_grad(self) -> None:
        """Forget the parameters' gradients, so that the next backward does not add to them."""
        for p in self.params:
            p.grad = NOT_COMPUTED

    def state_dict(self) -> dict[str, Any]:
        """What the next step depends on besides parameters and gradients, as JSON data: the rate, the count of steps, the rules' state."""
        return {"lr": self.lr, "t": self.t, "state": [list(numbers) for numbers in self.state]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of an optimizer of the same class gave. Raises StateError, and changes nothing, if it does not fit."""
        try:
            new = [tuple(number("state", x) for x in numbers) for numbers in state["state"]]
            lr, t = number("lr", state["lr"]), number("t", state["t"])
        except (LookupError, TypeError) as error:
            raise StateError(f"this is no state of an optimizer: {error!r}") from error
        if list(map(len, new)) != list(map(len, self.state)) or not (
            0 <= lr < inf and t >= 0 and t.is_integer()
        ):
            raise StateError(
                f"this state, of {len(new)} parameters, lr={lr} and t={t:g}, is not that of {self!r}"
            )
        self.lr, self.t, self.state = lr, int(t), new


class SGD(Optimizer):
    """Stochastic gradient descent: p <- p - lr g. With `momentum`, v <- momentum v + g and p <- p - lr v; with `nesterov`,
    p <- p - lr (g + momentum v) (Sutskever et al. 2013, in PyTorch's form). `weight_decay` >= 0 adds weight_decay p to g. Raises ArgumentError unless
    0 <= momentum <= 1, and for nesterov without momentum."""

    def __init__(
        self,
        params: Sequence[Value],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        within(locals(), momentum="[0, 1]", weight_decay="[0, inf)")
        super().__init__(params, lr, n_state=1 if momentum else 0)
        if nesterov and not momentum:
            raise ArgumentError("nesterov needs a momentum above 0")
        self.momentum, self.nesterov, self.weight_decay = momentum, nesterov, weight_decay

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - lr * g, state
        v = self.momentum * state[0] + g
        return p - lr * (g + self.momentum * v if self.nesterov else v), (v,)


class Adagrad(Optimizer):
    """s <- s + g^2; p <- p - lr g / (sqrt(s) + eps) (Duchi et al. 2011): a rate falls with the gradients that its parameter has seen. eps >= 0."""

    def __init__(self, params: Sequence[Value], lr: float = 1e-2, eps: float = 1e-10):
        within(locals(), eps="[0, inf)")
        super().__init__(params, lr, n_state=1)
        self.eps = eps

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        s = state[0] + g * g
        return p - lr * g / (sqrt(s) + self.eps), (s,)


class RMSprop(Optimizer):
    """s <- alpha s + (1 - alpha) g^2; p <- p - lr g / (sqrt(s) + eps) (Tieleman and Hinton 2012): Adagrad that forgets. 0 <= alpha < 1."""

    def __init__(
        self, params: Sequence[Value], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8
    ):
        within(locals(), alpha="[0, 1)", eps="[0, inf)")
        super().__init__(params, lr, n_state=1)
        self.alpha, self.eps = alpha, eps

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        s = self.alpha * state[0] + (1.0 - self.alpha) * g * g
        return p - lr * g / (sqrt(s) + self.eps), (s,)


class Adam(Optimizer):
    """m <- b1 m + (1 - b1) g; s <- b2 s + (1 - b2) g^2; p <- p - lr m' / (sqrt(s') + eps), with m' = m / (1 - b1^t), s' = s / (1 - b2^t): the means
    start at 0, and the divisions undo that (Kingma and Ba 2015, algorithm 1). Raises ArgumentError unless 0 <= b1, b2 < 1, eps >= 0."""

    def __init__(
        self,
        params: Sequence[Value],
        lr: float = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
    ):
        b1, b2 = betas
        within(locals(), b1="[0, 1)", b2="[0, 1)", eps="[0, inf)")
        super().__init__(params, lr, n_state=2)
        self.betas, self.eps = betas, eps

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        b1, b2 = self.betas
        m = b1 * state[0] + (1.0 - b1) * g
        s = b2 * state[1] + (1.0 - b2) * g * g
        return p - lr * (m / (1.0 - b1**t)) / (sqrt(s / (1.0 - b2**t)) + self.eps), (m, s)


class AdamW(Adam):
    """Adam after p <- p - lr weight_decay p: the decay is not scaled by the gradients' history (Loshchilov and Hutter 2019)."""

    def __init__(
        self,
        params: Sequence[Value],
        lr: float = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ):
        within(locals(), weight_decay="[0, inf)")
        super().__init__(params, lr, betas, eps)
        self.weight_decay = weight_decay

    def rule(self, p: Any, g: Any, state: State, lr: Any, t: Any) -> tuple[Any, State]:
        return super().rule(p - lr * self.weight_decay * p, g, state, lr, t)


def clip_norm(grads: Sequence[Any], max_norm: float) -> list[Any]:
    """grads scaled by 1 / max(norm / max_norm, 1): the direction stays, the length is at most max_norm (Pascanu et al. 2013, algorithm 1). Floats or
    Values. Raises ArgumentError unless max_norm > 0."""
    within(locals(), max_norm="(0, inf]")
    factor = 1.0 / maximum(norm(grads) / max_norm, 1.0)
    return [factor * g for g in grads]


def clip_grad_norm(params: Sequence[Value], max_norm: float) -> float:
    """Scale the parameters' gradients, taken as one vector, to a length of at most max_norm > 0; returns the length that they had. Those
    that backward did not reach stay so. Raises ArgumentError for another max_norm."""
    reached = [p for p in params if p.grad is not NOT_COMPUTED]
    grads = [p.grad for p in reached]
    for p, g in zip(reached, clip_norm(grads, max_norm), strict=True):
        p.grad = g
    return float(norm(grads))


def clip_grad_value(params: Sequence[Value], limit: float) -> None:
    """Limit every parameter's gradient to [-limit, limit], each by itself, which turns the direction. Raises ArgumentError unless limit > 0."""
    within(locals(), limit="(0, inf]")
    for p in params:
        if p.grad is not NOT_COMPUTED:
            p.grad = clip(p.grad, -limit, limit)
