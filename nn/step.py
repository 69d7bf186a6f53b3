"""One step of training: forward pass, gradients, clipping, update.

It runs eagerly, and as a program of `autograd.jit`.
"""

from __future__ import annotations

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import gc
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import compress, repeat
from math import log
from operator import attrgetter
from typing import Any, NoReturn, TypeAlias, TypeVar

from autograd import Value, gradients, topological_order
from autograd.errors import DataTypeError, GraphError, RecordingError
from autograd.extending import (
    LEAF,
    LITERAL,
    NOTHING,
    UNORDERED,
    assign_grads,
    bar,
    differentiating,
    ending_at_caller,
    in_columns,
    in_place,
    leaves,
    real_number,
    shown_as,
    start_collector,
    stop_collector,
    told,
    within,
)

from .arguments import Closed, arguments_of, check_function, in_slots, names_checked, written_in
from .data.checks import check_finite, check_rows
from .layers import Layer, Neuron, Sequential
from .losses import Loss, binary_cross_entropy, check_loss, cross_entropy, hinge
from .module import Module, changes, check_model, mode_setter, modes_of
from .optim import UNREACHED, Optimizer, check_leaves, clip_grad_norm, clip_norm
from .outputs import as_floats, as_lists, cost_of
from .recurrent import Each
from .rowwise import each
from .schedules import Schedule

AHEAD = 1000  # batches of a list that are read before the steps on them are taken
Penalty: TypeAlias = Callable[[list[Value]], Any]
Rows: TypeAlias = Sequence[Any]
Result = TypeVar("Result")


class train_step(Closed):
    """The step of `fit`, recorded once and then replayed as a program.

    `step(X, y)` trains on one batch and returns the loss from before the
    update, without the penalty; `step.run(batches)` trains on many. The first batch of each
    structure is recorded. The bits are those of `step.eager`, but for nan of 0
    times an infinite number. A step that raises or is interrupted leaves
    everything as before it, or as after it.

    Parameters and the optimizer's numbers stay in the program's memory between
    steps. They come back when they are looked at. A step notices a change of
    them, of the rate, of what else is set of the optimizer, and of train() and
    eval(). It notices no other change of the model, and none within a list of
    the optimizer's. `step.source(X, y)` is the program as plain Python, to be read.

    Args:
        model: The model to train.
        loss: A function of (outputs, targets), such as `nn.mse`.
        optimizer: Made from the parameters to train.
        schedule: The rate of a step is the optimizer's times schedule(steps so
            far).
        penalty: A function of the parameters whose Value is added to the loss.
        clip_norm: The length, above 0, that the gradient is limited to.

    Raises:
        DataTypeError: `loss` is not a function, `optimizer` not an Optimizer,
            or `step` met a loss or a penalty that is not a Value, or a batch that is
            no pair.
        ArgumentError: `clip_norm` is not above 0.
        DataError: `step` met a batch with a number that is nan or infinite.
        RecordingError: `step` met what cannot be recorded, such as an optimizer with a
            method `step` of its own.
        GraphError: The loss reaches no parameter, or the penalty does not.

    Examples:
        >>> import nn
        >>> X, y = nn.data.moons(20, seed=0)
        >>> model = nn.MLP(2, [4, 1], seed=0)
        >>> step = nn.train_step(model, nn.hinge, nn.SGD(model.parameters(), lr=0.5))
        >>> losses = step.run([(X, y)] * 30)
        >>> losses[-1] < losses[0]
        True
    """

    @names_checked
    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        *,
        schedule: Schedule | None = None,
        penalty: Penalty | None = None,
        clip_norm: float | None = None,
    ):
        check_loss(loss)
        check_optimizer(optimizer)
        within(locals(), clip_norm="(0, inf] or None")
        check_model(model)
        for name, function, what in (
            ("schedule", schedule, "a function of the steps so far, as nn.schedules.cosine(100),"),
            ("penalty", penalty, "a function of the parameters, as lambda ps: nn.l2(ps, 1e-3),"),
        ):
            if function is not None:
                check_function(name, function, f"{what} or None", 1)
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.schedule, self.penalty = schedule, penalty
        self.clip_norm = None if clip_norm is None else real_number(clip_norm, "clip_norm")
        if fault := misfit(getattr(last_layer(model), "activation", None), loss):
            warn(f"{fault} of {model!r}")
        self._modules = [module for _, module in model.named_modules()]
        self._known_settings: tuple[Any, ...] = ()
        # By key. They are kept alive, so that no later object gets an id that stands in a key.
        self._options: dict[Any, Any] = {}
        self._seen: object = None  # what `changes` held when they were found
        self._penalized = False  # whether a penalty was found to depend on the parameters
        kept = zip(*optimizer.by_parameter(optimizer.kept), strict=True)
        columns = [optimizer.params, *kept, [optimizer.count]]
        self._resident = in_place(self._program, columns, 1)

    def renewed(self, name: str, new: Any) -> Any:
        """Refuse another part: programs of the old one are kept.

        Raises:
            GraphError: In any case.
        """
        raise GraphError(f"{name!r} of {self!r} is recorded: make a new nn.train_step")

    def __getstate__(self) -> dict[str, Any]:  # a copy records its own programs
        made = ("_modules", "_known_settings", "_options", "_seen", "_penalized", "_resident")
        return {name: x for name, x in vars(self).items() if name not in made} | in_slots(self)

    def __setstate__(self, parts: dict[str, Any]) -> None:
        given = {name: x for name, x in parts.items() if name in arguments_of(train_step)}
        train_step.__init__(self, **given)
        for name in parts.keys() - given.keys():
            setattr(self, name, parts[name])

    def __repr__(self) -> str:
        return f"<train_step of {self.model!r} with {self.optimizer!r}>"

    @shown_as(lambda self, X, y: None)
    def __call__(self, X: Rows = NOTHING, y: Rows = NOTHING) -> float:
        batch = X, y, None
        factor = self._factor(self._taken())
        found = self._resident.repeat(self._settings(), batch, self.optimizer.rate(factor))
        if found is not None:
            return found[0]
        return self._advance(self._packed(*batch), batch, factor)[0]

    def with_outputs(self, X: Rows, y: Rows) -> tuple[float, list[Any]]:
        """Take a step; return the loss and the outputs, as floats, from before the update."""
        packed = self._packed(X, y, "outputs")
        return self._advance(packed, (X, y, "outputs"), self._factor(self._taken()))

    def eager(self, X: Rows, y: Rows) -> tuple[float, list[Any]]:
        """Take a step without a program; return what `with_outputs` returns.

        Backward leaves its gradients in the parameters. The cyclic garbage
        collector waits until the step is over: it would walk the growing graph
        again and again, and find nothing, for a graph has no cycles.
        """
        return self._eagerly(X, y)

    def _eagerly(self, X: Rows, y: Rows, factor: float | None = None) -> tuple[float, list[Any]]:
        """The same, where the schedule may have been asked for its factor already."""
        params, taken = self.optimizer.params, self.optimizer.t
        before = [p.grad for p in params]

        def restore() -> None:
            if self.optimizer.t == taken:
                assign_grads(params, before)

        return run_uncollected(partial(attempted, partial(self._eager, X, y, factor), restore))

    def _eager(self, X: Rows, y: Rows, factor: float | None) -> tuple[float, list[Any]]:
        """Take a step, its update last."""
        optimizer = self.optimizer
        check_finite(X, y)
        outputs, cost, total = self._forward(X, y)
        optimizer.zero_grad()
        total.backward()
        found = cost.data, as_floats(outputs)
        if self.clip_norm is not None:
            clip_grad_norm(optimizer.params, self.clip_norm)
        optimizer.step(self._factor(optimizer.t) if factor is None else factor)
        return found

    @names_checked
    def run(self, batches: Iterable[tuple[Rows, Rows]], progress: bool = False) -> list[float]:
        """Take a step for every batch; an interrupt leaves the last whole step.

        Args:
            batches: Pairs (X, y). What stands in a list of batches several
                times is read only once, so leave it as it is.
            progress: Whether to show a bar.

        Returns:
            The losses, each from before its update.
        """
        within(locals(), progress="True, False")
        if not isinstance(batches, Iterable) or isinstance(batches, (str, bytes, *UNORDERED)):
            raise DataTypeError(f"batches are pairs (X, y), as [(X, y)] * 10, not {told(batches)}")
        if isinstance(batches, list) and not progress:
            return self._run_list(batches)
        costs = []
        for batch in progress_bar(batches, "step") if progress else batches:
            costs.append(self(*_pair(batch)))
        return costs

    @names_checked
    def source(self, X: Rows, y: Rows) -> str:
        """Return the step on such a batch as plain Python: what it does, to be read.

        The text defines `program(p, x)` of the numbers p, first those that the
        step changes, and of the numbers x of the batch, the last of which is the
        rate: `numbers` gives both. It returns the changed numbers, and then the
        loss without the penalty. Outside a domain it returns None, such as for a
        target that the loss refuses. It imports the rows' functions from autograd.

        What is repeated, such as the cell of a recurrent net, is a function that
        is called in a loop. Comments at its head say where in p and x what lies, and
        further ones which part of the model made what follows.

        Raises:
            SourceSizeError: The text would be too long.

        Examples:
            >>> import nn
            >>> X, y = [[1.0]], [[2.0]]
            >>> model = nn.Layer(1, 1, seed=0)
            >>> step = nn.train_step(model, nn.mse, nn.SGD(model.parameters(), lr=0.1))
            >>> names = {}
            >>> exec(step.source(X, y), names)
            >>> *new, loss = names["program"](*step.numbers(X, y))
            >>> loss == step(X, y)
            True
            >>> new == step.numbers(X, y)[0]
            True
        """
        optimizer = self.optimizer
        names = {p: path for path, p in self.model.named_parameters()}
        names[optimizer.count] = "steps"
        for kept in optimizer.by_parameter(optimizer.kept):
            for v, what in zip(kept, optimizer.keeps, strict=False):
                names[v] = f"of each parameter above the {what}"
        remarks = ["returned: p after the step, then the loss; None outside a domain"]
        if self.penalty is not None:
            remarks.append("the loss is returned without the penalty, gradients are of both")
        parts = {id(part): path for path, part in self.model.named_modules()}
        sections = {train_step._cost.__code__: "loss"}
        update = optimizer.in_words()
        if self.clip_norm is not None:
            update.insert(0, f"the gradients are clipped: clip_norm={self.clip_norm!r}")
        return self._resident.source(
            self._settings(), (X, y, None), names, parts, sections, remarks, update
        )

    @names_checked
    def numbers(self, X: Rows, y: Rows) -> tuple[list[float], list[float]]:
        """Return p and x, with which the text of `source` takes the next step on this batch.

        p is the parameters in the order of the text's head, what the optimizer keeps
        for each, and the number of steps; x is the numbers of X and y, and the rate.
        """
        return self._resident.numbers(self._settings(), (X, y, None), self._next_rate())

    def _run_list(self, batches: list[tuple[Rows, Rows]]) -> list[float]:
        """Take a step for every batch of a list, many without Python in between."""
        packed: dict[int, Any] = {}  # the list keeps the batches alive, so that an id stays its own
        costs: list[float] = []
        factors: dict[int, float] = {}  # of the schedule, which is asked once for each step

        def ready(batch: tuple[Rows, Rows]) -> Any:
            if id(batch) not in packed:
                packed[id(batch)] = self._packed(*_pair(batch), None)
            return packed[id(batch)]

        def factor(t: int) -> float:
            if t not in factors:
                factors[t] = self._factor(t)
            return factors[t]

        while len(costs) < len(batches):
            batch = batches[len(costs)]
            one = ready(batch)
            costs.append(self._advance(one, (*batch, None), factor(self._taken()))[0])
            if not self._resident.loops(ready(batch)):
                continue
            following: list[Any] = []
            rates: list[list[float]] = []
            try:
                ahead = batches[len(costs) : len(costs) + AHEAD]
                packed.update(self._packed_alike([b for b in ahead if id(b) not in packed]))
                rate = [self.optimizer.rate(1.0)]
                for t, batch in enumerate(ahead, self._taken()):
                    following.append(packed.get(id(batch)) or ready(batch))
                    rates.append([self.optimizer.rate(factor(t))] if self.schedule else rate)
            except Exception:  # its step raises it again, in its turn
                following = following[: len(rates)]
            costs += [found[0] for found in self._resident.run_many(following, rates)]
        return costs

    def _next_rate(self) -> float:
        """The rate of the next step."""
        return self.optimizer.rate(self._factor(self._taken()))

    def _taken(self) -> int:
        """How many steps were taken; 0 if no schedule asks for it."""
        return int(self._resident.number_of(self.optimizer.count)) if self.schedule else 0

    def _factor(self, t: int) -> float:
        """What the schedule multiplies the rate by, in the step after t steps."""
        try:
            return self.schedule(t) if self.schedule else 1.0
        except Exception as error:
            ending_at_caller(error)
            raise

    def _packed(self, X: Rows, y: Rows, wanted: str | None) -> Any:
        """A batch as the program takes it, and the program for batches of its structure."""
        check_rows("X", X)
        check_rows("y", y)
        return self._resident.packed(self._settings(), (X, y, wanted))

    def _packed_alike(self, batches: list[tuple[Rows, Rows]]) -> Iterable[tuple[int, Any]]:
        """The same by the ids of many batches, up to the first of an unknown structure."""
        found = self._resident.packed_alike(self._settings(), [(X, y, None) for X, y in batches])
        return zip(map(id, batches), found, strict=False)

    def _settings(self) -> tuple[Any, ...]:
        """Return what chooses a program: the mode of each part, and the optimizer's options."""
        seen = changes[0]
        if self._seen is not seen:
            _check_steps_by_rule(self.optimizer)
            options = _set_of(self.optimizer)
            key = tuple([(name, _key(x)) for name, x in options.items()])
            self._options.setdefault(key, options)
            training = map(attrgetter("training"), self._modules)
            self._known_settings = (*training, key)
            self._seen = seen  # last, for another thread may look in between
        return self._known_settings

    def _advance(
        self, packed: Any, batch: tuple[Any, ...], factor: float
    ) -> tuple[float, list[Any]]:
        """Take a step by the program; return the loss, and the outputs if they are wanted.

        Args:
            packed: What `_packed` made of the batch.
            batch: X, y and what is wanted.
            factor: What the schedule gives for this step.
        """
        resident = self._resident
        found = resident.run(packed, self.optimizer.rate(factor))
        if found is None:  # the error is that of the eager step; or operations are looked at
            check_finite(*batch[:2])  # before anything is drawn
            again: tuple[float, list[Any]] = resident.again(
                packed, batch[:2], partial(self._eagerly, factor=factor), self._forward
            )
            return again
        return packed.result(found) if len(found) > 1 else (found[0], [])

    def _forward(self, X: Rows, y: Rows) -> tuple[list[Any], Any, Any]:
        """The outputs, their loss, and the loss with the penalty."""
        check_rows("X", X)
        check_rows("y", y)
        with differentiating(()):  # a derivative by a number is a Value, as in a program
            outputs = as_lists(each(self.model, X))
            cost = self._cost(outputs, y)
            if self.penalty is None:
                return outputs, cost, cost
            penalty = self.penalty(self.optimizer.params)
        if not self._penalized:
            check_penalty(penalty, self.optimizer.params)
            self._penalized = True
        elif not isinstance(penalty, Value):
            refuse_penalty(penalty)
        return outputs, cost, cost + penalty

    def _cost(self, outputs: list[Any], y: Rows) -> Any:
        """The loss of the outputs."""
        return cost_of(self.loss, outputs, y)

    def _program(self, X: Rows, y: Rows, wanted: str | None, rate: Any) -> Any:
        """What is recorded: a step as a function from Values to Values.

        Returns:
            The loss and the outputs; then columns of new numbers: of the parameters,
            of what the optimizer keeps, and of its count.
        """
        optimizer = self.optimizer
        params = optimizer.params
        outputs, cost, total = self._forward(X, y)
        grads: list[Any] = gradients(total, params)
        if all(g.op is LITERAL and not g.data for g in grads) and set(params).isdisjoint(
            topological_order(total)
        ):
            raise GraphError(UNREACHED)
        if self.clip_norm is not None:
            grads = clip_norm(grads, self.clip_norm)
        t = optimizer.count + 1.0

        def update(p: Any, g: Any, *others: Any) -> list[Any]:
            *kept, rate, t = others
            new = optimizer.rule(p, g, tuple(kept), rate, t)
            [state] = optimizer.states_of([new])
            what = f"the rule of {type(optimizer).__name__}, for what is new,"
            return [x if isinstance(x, Value) else real_number(x, what) for x in (new[0], *state)]

        given = [params, grads, *zip(*optimizer.by_parameter(optimizer.kept), strict=True)]
        if written_in(optimizer.rule) == Optimizer.__module__:
            columns = in_columns(update, given, (rate, t))
        else:  # a rule of the user's may do another thing for each parameter
            updates = [update(*row, rate, t) for row in zip(*given, strict=True)]
            columns = [*zip(*updates, strict=True)]
        return (cost, outputs if wanted else []), [*columns, [t]]


def check_penalty(penalty: Any, params: list[Value]) -> None:
    """Check that what a penalty= returned moves parameters.

    Raises:
        DataTypeError: It is no Value.
        GraphError: It is a Value without a path to a parameter, other than 0.
    """
    if not isinstance(penalty, Value):
        refuse_penalty(penalty)
    moving = set(params)  # and then what a gradient flows through to them
    for node in topological_order(penalty):  # operands first
        rules = node.op.partials
        passes = repeat(True) if callable(rules) else [rule != 0.0 for rule in rules]
        if not moving.isdisjoint(compress(node.parents, passes)):
            moving.add(node)
    nothing = penalty.op in (LEAF, LITERAL) and not penalty.data
    if not nothing and penalty not in moving:
        raise GraphError(
            f"a penalty is a Value computed from the parameters, and {told(penalty)} has no "
            "gradient by any that the optimizer moves, so it would change nothing: compute it from "
            "what penalty= is given, as in lambda params: nn.l2(params, 1e-3)"
        )


def refuse_penalty(penalty: Any) -> NoReturn:
    """Raise DataTypeError for what a penalty= returned that is no Value: it has no gradient."""
    advice = (
        ": take autograd.sum of it"
        if isinstance(penalty, (list, tuple))
        else ", which has no gradient and would change nothing: compute with the parameters "
        "themselves, not with their .data, as in lambda params: nn.l2(params, 1e-3)"
    )
    raise DataTypeError(
        f"a penalty is a Value computed from the parameters, not {told(penalty)}{advice}"
    )


def last_layer(model: Any) -> Layer | None:
    """Return a Layer itself, or the last one of a chain, also for Each; None of other models."""
    found = _last(model)
    return found if isinstance(found, Layer) else None


def final_activation(model: Any) -> str | None:
    """Return the name of the activation that gives a model's outputs, if it is known."""
    found = getattr(_last(model), "activation", None)
    return found if isinstance(found, str) else None


def class_1_above(model: Any) -> float:
    """Return the single output above which a model says class 1: 0 for a logit."""
    starts = {"sigmoid": 0.5, "log_sigmoid": log(0.5), "heaviside": 0.5}
    return starts.get(final_activation(model) or "", 0.0)


def _last(model: Any) -> Layer | Neuron | None:
    """Return the Layer or the Neuron that gives a model's outputs, if it is known."""
    while True:
        forward = getattr(type(model), "forward", None)
        if forward is Sequential.forward and model.layers:
            model = model.layers[-1]
        elif forward is Each.forward:
            model = model.layer
        else:
            return model if forward in (Layer.forward, Neuron.forward) else None


def misfit(activation: Any, loss: Loss) -> str:
    """Return in words that a loss takes logits, where the last layer's activation gives none."""
    function = getattr(loss, "func", loss)  # of a functools.partial
    takes_logits = function in (binary_cross_entropy, cross_entropy, hinge)
    if not takes_logits or activation not in ("sigmoid", "softmax"):
        return ""
    return f"{function.__name__} takes logits: leave out the activation of the last layer"


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the user's line. A filter may raise it; a stderr that fails stops no training."""
    level, frame, own = 1, sys._getframe(), (__package__, "autograd")
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in own:
        level, frame = level + 1, frame.f_back
    try:
        warnings.warn(message, category, stacklevel=level)
    except category:
        raise
    except Exception:  # a stream of the user's may raise anything
        return


def check_optimizer(optimizer: Any) -> None:
    """Check that this is an Optimizer, and that its parameters are leaves.

    Raises:
        DataTypeError: It is none.
        GraphError: Something else was put into its list.
    """
    if not isinstance(optimizer, Optimizer):
        raise DataTypeError(
            "optimizer is an Optimizer, such as nn.SGD(model.parameters(), lr=0.1), "
            f"not {told(optimizer)}"
        )
    check_leaves(optimizer.params)


def _check_steps_by_rule(optimizer: Optimizer) -> None:
    """Raise RecordingError for a step of a user's own: a program has the rule alone."""
    for name in ("step", "zero_grad"):
        own = getattr(getattr(optimizer, name), "__func__", None)
        if own is not getattr(Optimizer, name):
            raise RecordingError(
                f"{type(optimizer).__name__} has a method {name} of its own, which a program would "
                "leave out: write what it does as a rule(p, g, state, lr, t), or train without "
                "jit, by nn.fit or step.eager(X, y)"
            )


def _set_of(optimizer: Optimizer) -> dict[str, Any]:
    """Return what is set of an optimizer, but for the numbers that a program reads and changes."""
    numbers = ("params", "kept", "count", "_lr")
    attributes = vars(optimizer) | in_slots(optimizer)
    return {name: x for name, x in attributes.items() if name not in numbers}


def _key(option: Any) -> Any:
    """Return numbers and words as text, and all else by its id."""
    plain = all(isinstance(x, (int, float, str, type(None))) for x in leaves(option))
    return repr(option) if plain else id(option)


def _pair(batch: Any) -> tuple[Rows, Rows]:
    """Return X and y of a batch. Raises DataTypeError for what is no pair."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise DataTypeError(f"a batch is a pair (X, y) of rows and targets, not {told(batch)}")
    X, y = batch
    return X, y


def attempted(run: Callable[[], Result], undo: Callable[[], object]) -> Result:
    """Return run(); if it raises or is interrupted, undo and raise that."""
    try:
        return run()
    except BaseException as error:
        try:
            undo()
        except KeyboardInterrupt:  # a second one, or a key that repeats
            attempted(undo, undo)
        ending_at_caller(error)
        raise


def around(run: Callable[[], Result], undo: Callable[[], object]) -> Result:
    """Return run(), and undo in any case.

    An interrupt (Ctrl-C) may come at any instruction, also between the end of
    run and undo. So undo stands within the `try`, and may run twice.
    """

    def both() -> Result:
        result = run()
        undo()
        return result

    return attempted(both, undo)


def in_eval_mode(model: Module, run: Callable[[], Result]) -> Result:
    """Return run(), in eval mode; each part of the model gets its former mode back in any case."""
    modules, modes = modes_of(model)
    begin, restore = mode_setter(modules, repeat(False)), mode_setter(modules, modes)

    def evaluated() -> Result:
        begin()
        return run()

    return around(evaluated, restore)


def run_uncollected(run: Callable[[], Result]) -> Result:
    """Return run(), without the cyclic garbage collector while it runs."""
    if not gc.isenabled():
        return run()

    def without() -> Result:
        stop_collector()
        return run()

    return around(without, start_collector)


def say(line: str) -> None:
    """Print a line to stderr, if there is one that takes it: progress never stops a training."""
    if sys.stderr is not None:
        with suppress(Exception):
            print(line, file=sys.stderr, flush=True)


def progress_bar(items: Iterable[Any], unit: str) -> Any:
    """The items, with a bar on the terminal, if there is one. No stream of it stops a training.

    Raises:
        MissingDependencyError: tqdm is not installed.
    """
    if isinstance(items, range) and items.stop > sys.maxsize:
        items = iter(items)  # of a number that tqdm cannot count to
    return bar(iterable=items, unit=unit, miniters=1)
