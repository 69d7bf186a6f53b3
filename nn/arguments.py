"""What functions and classes take, and what other libraries' classes have."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from inspect import Parameter, get_annotations, getattr_static, signature
from random import Random
from types import FrameType, MappingProxyType, MemberDescriptorType
from typing import Any, ClassVar, NoReturn

from autograd.errors import AbsentError, DataTypeError, RenamedError
from autograd.extending import AbstractListing, Elsewhere, Words, checks_names, listed, told

_RATE = "the rate belongs to the optimizer, as in nn.Adam(model.parameters(), lr=0.01)"
_RANDOM = "what draws random numbers takes seed= or rng="
_SHUFFLED = "the rows are shuffled wherever they are dealt out, by seed or rng"
_FLOAT = "all numbers are float64, in Python's memory"
_BIAS = "only nn.Layer, nn.Neuron and the recurrent layers can lack a bias"
_DROPOUT = "put nn.Dropout(p) between layers, in nn.Sequential"
_NORM = "put nn.LayerNorm(n) or nn.RMSNorm(n) between layers, in nn.Sequential"
_TRAINED = "nn.fit trains a model: nn.fit(model, X, y, loss=nn.mse, optimizer=nn.Adam(...))"
_PAPER = "a recurrent cell has the activations of its paper"
_LOGITS = "losses of classes take logits, as a linear layer gives them: no sigmoid, no softmax"
_WEIGHTS = "only nn.cross_entropy takes weight=, a number for each class"
_ROWS = "rows count alike: for other weights add losses of single rows, w * nn.mse([o], [t])"
_REDUCTION = 'write reduction="mean" or reduction="sum", of a loss'
_CLASSES = "classes are 0, 1, ..., as many as an output has logits"
_NEW = "a part gives new Values, and changes none"
_BEST = "patience= of nn.fit keeps the weights of the best epoch"
_STATE = "a state fits as a whole, or is refused"
_DATA = "a file holds numbers and settings alone: nothing in it is run"
_LISTS = "a batch is a list of rows: write it for each row, or for zip(*rows)"

# What other libraries call the arguments of functions and classes, and what they are
# here: the names that the argument may have, and then a sentence for those that have
# none of them.
WORDS: Words = {
    # of a model
    "nin": ("n_in",),
    "nout": ("n_out", "sizes"),
    "nouts": ("sizes", "n_out"),
    "act": ("activation", _PAPER),
    "act_fn": ("activation", _PAPER),
    "activation": (_PAPER,),
    "activation_fn": ("activation", _PAPER),
    "nonlin": ("activation", _PAPER),
    "activations": ("activation", _PAPER),
    "nonlinearity": ("activation", _PAPER),
    "output_activation": ("output", "activation"),
    "final_activation": ("output", "activation"),
    "out_activation": ("output", "activation"),
    "in_features": ("n_in",),
    "out_features": ("n_out",),
    "input_size": ("n_in",),
    "input_shape": ("n_in",),
    "input_dim": ("n_in", "n"),
    "output_size": ("n_out", "sizes"),
    "output_dim": ("n_out", "dim"),
    "units": ("n_out", "n_hidden"),
    "hidden": ("sizes", "n_hidden"),
    "hidden_dim": ("n_hidden", "sizes"),
    "hidden_size": ("n_hidden", "sizes"),
    "hidden_sizes": ("sizes", "n_hidden", "hidden"),
    "hidden_units": ("sizes", "n_hidden"),
    "hidden_layer_sizes": ("sizes", "hidden"),
    "layer_sizes": ("sizes",),
    "layers": ("sizes", "n_layer"),
    "num_layers": ("layers", "n_layer"),
    "n_layers": ("layers", "n_layer"),
    "num_embeddings": ("n",),
    "embedding_dim": ("dim", "n_embd"),
    "vocab_size": ("vocab", "n"),
    "normalized_shape": ("n",),
    "num_features": ("n",),
    "embed_dim": ("n_embd", "dim"),
    "d_model": ("n_embd",),
    "num_heads": ("n_head",),
    "n_heads": ("n_head",),
    "nhead": ("n_head",),
    "key_dim": ("each head has n_embd / n_head numbers",),
    "kdim": ("keys, queries and values are made of the same vectors",),
    "vdim": ("keys, queries and values are made of the same vectors",),
    "d_ff": ("the net of a block has a hidden layer of 4 n_embd units",),
    "dim_feedforward": ("the net of a block has a hidden layer of 4 n_embd units",),
    "context": ("block_size",),
    "context_length": ("block_size",),
    "n_positions": ("block_size",),
    "use_bias": ("bias", _BIAS),
    "bias": (_BIAS,),
    "epsilon": ("eps",),
    "affine": ("gain",),
    "elementwise_affine": ("gain",),
    "scale": ("gain",),
    "center": ("bias",),
    "kernel_initializer": ("init",),
    "weight_init": ("init",),
    "initializer": ("init",),
    "rate": ("p",),
    "dropout": (_DROPOUT,),
    "batch_norm": ("norm", _NORM),
    "layer_norm": ("norm", _NORM),
    "inplace": (_NEW,),
    "padding_idx": ("ignore_index= of nn.cross_entropy leaves rows of padding out",),
    "batch_first": ("a layer takes one sequence at a time, a list of rows",),
    "bidirectional": ("a layer reads forward only; a second one can read xs[::-1]",),
    "return_sequences": ("a recurrent layer returns all outputs, and nn.Last() takes the last",),
    "stateful": ("layer.run(xs, state) goes on from a state",),
    "proj_size": ("put a Layer behind it, in nn.Each",),
    "name": ("a part is called as the attribute that keeps it",),
    "dtype": (_FLOAT,),
    "device": (_FLOAT,),
    "training": ("model.train() and model.eval() say so",),
    "train": ("model.train() and model.eval() say so",),
    # of losses and metrics
    "y_pred": ("outputs",),
    "y_true": ("targets",),
    "preds": ("outputs",),
    "predictions": ("outputs",),
    "logits": ("outputs",),
    "labels": ("classes", f"targets= takes the class of each row; {_CLASSES}"),
    "input": ("outputs", "x", "xs"),
    "inputs": ("outputs", "x", "xs", "X"),
    "target": ("targets", "y"),
    "from_logits": (_LOGITS,),
    "reduction": (_REDUCTION,),
    "reduce": (_REDUCTION,),
    "size_average": (_REDUCTION,),
    "weight": (_WEIGHTS,),
    "class_weight": ("weight", _WEIGHTS),
    "pos_weight": (_WEIGHTS,),
    "sample_weight": (_ROWS,),
    "ignore_index": ("only nn.cross_entropy leaves rows out, by ignore_index=",),
    "label_smoothing": ("give lists of probabilities as targets, such as [0.05, 0.95]",),
    "beta": ("delta",),
    "margin": ("the margin is 1",),
    "average": ("it is that of one class, positive=; autograd.mean of a list gives the mean",),
    "pos_label": ("positive",),
    "zero_division": ("it is nan where there is nothing to divide by",),
    "normalize": ("a share is from 0 to 1, and a count is that times the number of rows",),
    "num_classes": ("n", "classes", _CLASSES),
    "depth": ("n", "n_layer", "layers"),
    # of data
    "random_state": ("seed", "rng", _RANDOM),
    "random_seed": ("seed", "rng", _RANDOM),
    "seed": ("n", "random_state", "rng", _RANDOM),
    "rng": ("seed", "random_state", _RANDOM),
    "generator": ("rng", "seed", _RANDOM),
    "n_samples": ("n",),
    "centers": ("classes",),
    "cluster_std": ("noise",),
    "factor": ("inner", "gamma"),
    "test_size": ("held_out",),
    "train_size": ("held_out", "k"),
    "stratify": ("stratified",),
    "n_splits": ("k",),
    "folds": ("k",),
    "n_folds": ("k",),
    "cv": ("k",),
    "batch_size": ("size",),
    "size": ("n", "width"),
    "window": ("width",),
    "window_size": ("width",),
    "maxlen": ("length",),
    "max_len": ("length", "block_size"),
    "shuffle": (_SHUFFLED,),
    "axis": (_LISTS,),
    "dim": (_LISTS,),
    "sep": ("delimiter",),
    "usecols": ("columns",),
    "index_col": ("drop",),
    "na_values": ("missing",),
    "filename": ("path",),
    "filepath": ("path",),
    "file": ("path",),
    "fname": ("path",),
    "return_X_y": ("it gives (X, y)",),
    "lower": ("texts are taken as they are: write text.lower()",),
    # of training
    "n_epochs": ("epochs",),
    "num_epochs": ("epochs",),
    "max_iter": ("epochs",),
    "num_iter": ("steps",),
    "n_steps": ("steps",),
    "verbose": ("progress", "it prints nothing"),
    "criterion": ("loss", _TRAINED),
    "loss_fn": ("loss", _TRAINED),
    "loss_function": ("loss", _TRAINED),
    "cost": ("loss", _TRAINED),
    "loss": (_TRAINED,),
    "optim": ("optimizer", _TRAINED),
    "opt": ("optimizer", _TRAINED),
    "optimizer": (_TRAINED,),
    "epochs": (_TRAINED,),
    "validation_data": ("validation",),
    "validation_split": ("split the rows by nn.data.split, and give validation=(X, y)",),
    "early_stopping": ("patience",),
    "max_grad_norm": ("clip_norm",),
    "grad_clip": ("clip_norm",),
    "clipnorm": ("clip_norm",),
    "norm_type": ("the length is the Euclidean one",),
    "clip_value": ("limit",),
    "scheduler": ("schedule",),
    "lr_scheduler": ("schedule",),
    "lr": (_RATE,),
    "learning_rate_init": ("lr", _RATE),
    "learning_rate": ("lr", _RATE),
    "alpha": ("l2",),
    "weight_decay": ("strength", "l2", "nn.AdamW takes it, and penalty= of nn.fit"),
    "start_lr": ("low",),
    "end_lr": ("high",),
    "step_size": ("size", "half"),
    "T_max": ("total",),
    "total_steps": ("total",),
    "decay_rate": ("gamma",),
    "min_lr": ("low", "it has no lowest rate: write your own function of the step"),
    "mode": ("initializers count n_in, and a plateau is one of the loss, which should fall",),
    "save_best_only": (_BEST,),
    "restore_best_weights": (_BEST,),
    "monitor": (_BEST,),
    "max_new_tokens": ("limit",),
    "max_length": ("limit", "length"),
    "set_to_none": ("a gradient that is forgotten is autograd.NOT_COMPUTED",),
    "closure": ("call loss.backward() before step()",),
    "strict": (_STATE,),
    "weights_only": (_DATA,),
    "map_location": (_DATA,),
    "format": (
        'the suffix of a path says it, as in model.draw().save("net.png"); '
        "model.save writes JSON, and nn.export has other formats",
    ),
}


def _of_outputs(name: str, named: Sequence[str], given: Sequence[Any]) -> str:
    """Return how a loss or a metric is called, where it was given a model."""
    if named[:1] != ["outputs"] or not any(map(callable, given)):
        return ""
    targets = ", y" * ("targets" in named)
    return (
        f"it takes what the model gives, as in {name}([model(x) for x in X]{targets}), "
        "and nn.evaluate takes a model"
    )


# For functions that newcomers call with the words of other libraries.
names_checked = checks_names(WORDS, advise=_of_outputs)


def check_function(name: str, given: Any, what: str, n: int | None = None) -> None:
    """Raise DataTypeError unless an argument is a function, of n arguments.

    Args:
        name: What the argument is called.
        given: The argument.
        what: What it should be, such as "a function of (outputs, targets), such
            as nn.mse".
        n: With how many arguments it is called; None is any number.
    """
    if not callable(given):
        raise DataTypeError(f"{name} is {what}, not {told(given)}")
    if isinstance(given, type) and any("__call__" in vars(base) for base in given.__mro__):
        raise DataTypeError(
            f"{name} is {what}, not a class: make an object of it, as {given.__name__}(...)"
        )
    if n is None:
        return
    made = getattr(given, "__qualname__", "")
    maker = getattr(given, "__module__", "") == "nn.schedules" and "<locals>" not in made
    if made and maker:
        raise DataTypeError(
            f"{name} is {what}, not {made} itself, which makes one: call it with its numbers, "
            f"{made}{signature(given)}"
        )
    try:
        taken = signature(given, follow_wrapped=False)  # a decorator may pass on others
    except (TypeError, ValueError):  # some functions of C have none
        return
    try:
        taken.bind(*range(n))
    except TypeError:
        names = ", ".join(taken.parameters) or "nothing"
        raise DataTypeError(f"{name} is {what}, and {told(given)} takes {names}") from None


def digits_of(seed: int) -> str:
    """Return the digits of a seed: hexadecimal where Python writes no decimal ones."""
    try:
        return str(seed)
    except ValueError:  # it has more than sys.get_int_max_str_digits()
        return hex(seed)


def check_generator(rng: Any) -> None:
    """Raise DataTypeError unless this is a source of random numbers."""
    if not isinstance(rng, Random):
        raise DataTypeError(
            f"rng is a random.Random, such as random.Random(0), not {told(rng)}; a number is a seed"
        )


def arguments_of(cls: Any) -> Mapping[str, Parameter]:
    """Return the arguments of `__init__` by name.

    `inspect.signature(cls)` would show those of `__new__` under Python 3.10,
    where that prefers the base that checks names.
    """
    return {} if cls.__init__ is object.__init__ else _arguments_of(cls.__init__)


@cache  # a net has many parts of few classes
def _arguments_of(init: Any) -> Mapping[str, Parameter]:
    """The same of an `__init__`."""
    known = dict(signature(init).parameters)
    first = next(iter(known.values()), None)
    if first is not None and first.kind is not first.VAR_POSITIONAL:
        known.pop(first.name)  # self, whatever it is called
    return MappingProxyType(known)


def accepted(cls: Any) -> list[str] | None:
    """Return the names of all arguments that a class takes, also those that it hands on.

    None stands for any: a class of a user's own with `**options`.
    """
    names = []
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        known = arguments_of(base)
        names += [
            name for name, p in known.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        ]
        if not any(p.kind is p.VAR_KEYWORD for p in known.values()):
            return list(dict.fromkeys(names))
        if not is_own_class(cls):
            return None
        if "cell_class" in vars(base):  # an RNN hands them on to its cells
            return list(dict.fromkeys([*names, *(accepted(cls.cell_class) or [])]))
    return None


class OfParts(Elsewhere):
    """A name of other libraries on a part: what this very part has in its place, if anything."""

    def told(self, part: object) -> str:
        """Return what to write here for a part, None for its class."""
        own = vars(part) if part is not None else {}
        return next((word for word in WORDS.get(self.name, ()) if word in own), self.here)


class Free(OfParts):
    """A name under which a part may keep something."""

    free = True


class Unmade:
    """What an `__init__` sets, before it has. Once it is set, it is found in its place.

    Args:
        name: The attribute.
        advice: What to write, for the message.
    """

    def __init__(self, name: str, advice: str) -> None:
        self.name, self.advice = name, advice

    def __get__(self, thing: Any, cls: type) -> Any:
        if thing is None:
            return self
        raise AbsentError(f"this {cls.__name__} has no {self.name.lstrip('_')} yet: {self.advice}")


UNMADE = Unmade("", "")


@cache
def attributes_of(cls: type) -> frozenset[str]:
    """Return the public attributes of a class: arguments, what it declares, what can be set."""
    settable = [
        name
        for base in cls.__mro__
        for name, x in vars(base).items()
        if isinstance(x, property) and x.fset is not None
    ]
    declared = [
        name
        for base in cls.__mro__
        for name in get_annotations(base)
        if isinstance(vars(base).get(name, UNMADE), Unmade)
    ]
    return frozenset({*arguments_of(cls), *declared, *settable})


@cache
def slots_of(cls: type) -> frozenset[str]:
    """Return the attributes that lie in the __slots__ of a class."""
    return frozenset(
        name
        for base in cls.__mro__
        for name, x in vars(base).items()
        if isinstance(x, MemberDescriptorType)
    )


def is_own_class(cls: type) -> bool:
    """Whether a class is one of nn's, and not a subclass of a user's own."""
    return cls.__module__.startswith(f"{__package__}.")


@cache
def own_arguments(cls: type) -> frozenset[str]:
    """Return the arguments of one of nn's own classes, and none of another one."""
    return frozenset(arguments_of(cls)) if is_own_class(cls) else frozenset()


def written_here(frame: FrameType) -> bool:
    """Whether a line of nn's own runs in a frame."""
    return str(frame.f_globals.get("__name__", "")).startswith(f"{__package__}.")


def written_in(function: Callable[..., Any]) -> str:
    """Return the module that a function stands in: `functools.wraps` says another's."""
    return str(getattr(function, "__globals__", {}).get("__name__", ""))


@cache
def named_here(cls: type, name: str) -> str | None:
    """Return what an attribute is called here that one of nn's own classes lacks, if it is known.

    Args:
        cls: The class; of others it is not known.
        name: What other libraries call it.
    """
    if not is_own_class(cls) or name in attributes_of(cls):
        return None
    found, known = getattr_static(cls, name, None), arguments_of(cls)
    if isinstance(found, Elsewhere) and not found.free:
        return found.here
    own: Mapping[str, str] = getattr(cls, "words", {})
    return own.get(name) or next((word for word in WORDS.get(name, ()) if word in known), None)


class Closed(metaclass=AbstractListing):
    """The base of nn's own classes whose objects take no attribute that they do not have.

    An argument that is kept can be set again, within its range. A function may take the
    place of a method, such as one that counts the calls. A subclass of a user's own may
    have any attributes.
    """

    words: ClassVar[Mapping[str, str]] = {}  # what other libraries call the arguments

    def __dir__(self) -> list[str]:
        return listed(self, super().__dir__())

    def __setattr__(self, name: str, new: Any) -> None:
        cls: Any = type(self)
        if not name.startswith("_") and is_own_class(cls):
            method = callable(new) and callable(getattr_static(cls, name, None))
            if not method and name not in attributes_of(cls):
                refuse_attribute(cls, name)
            # vars(self) would make the dict of the object, and so all reading slower.
            fixed = not isinstance(getattr(cls, name, UNMADE), Unmade)
            if not method and hasattr(self, name) and not fixed:
                new = self.renewed(name, new)
        super().__setattr__(name, new)

    def renewed(self, name: str, new: Any) -> Any:
        """Return what a new object would keep for an attribute that is set again."""
        known = arguments_of(type(self))
        if name not in known:
            return new
        given = {x: getattr(self, x) for x in known if hasattr(self, x)}
        return getattr(type(self)(**{**given, name: new}), name)


def in_slots(thing: object) -> dict[str, Any]:
    """Return the attributes of an object that a subclass keeps in `__slots__`."""
    return {
        name: getattr(thing, name)
        for base in type(thing).__mro__
        for name, place in vars(base).items()
        if isinstance(place, MemberDescriptorType) and hasattr(thing, name)
    }


def refuse_attribute(cls: type, name: str) -> NoReturn:
    """Raise AttributeError for an attribute that objects of this class do not have."""
    found = getattr_static(cls, name, None)
    if here := named_here(cls, name) or (isinstance(found, Elsewhere) and found.here):
        raise RenamedError(f"{cls.__name__} has no {name!r}: here it is {here}")
    if hasattr(cls, name):
        raise AbsentError(f"{name!r} of {cls.__name__} can be read, and not be set")
    has = ", ".join(sorted(attributes_of(cls)))
    raise AbsentError(f"{cls.__name__} has no attribute {name!r}: it has {has}")
