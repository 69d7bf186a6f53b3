"""What functions and classes take, and what other libraries' classes have."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from random import Random
from typing import Any, NoReturn

from autograd.errors import DataTypeError, RenamedError
from autograd.extending import Words, checks_names, told

_RATE = "the rate belongs to the optimizer, as in nn.Adam(model.parameters(), lr=0.01)"
_RANDOM = "what draws random numbers takes seed= or rng="
_SHUFFLED = "the rows are shuffled wherever they are dealt out, by seed or rng"
_FLOAT = "all numbers are float64, in Python's memory"
_BIAS = "only nn.Layer, nn.Neuron and the recurrent layers can lack a bias"

# What other libraries call the arguments of functions and classes, and what they are here.
WORDS: Words = {
    # of a model
    "nin": ("n_in",),
    "nout": ("n_out", "sizes"),
    "nouts": ("sizes", "n_out"),
    "nonlin": ("activation",),
    "nonlinearity": ("activation",),
    "in_features": ("n_in",),
    "out_features": ("n_out",),
    "input_size": ("n_in",),
    "input_dim": ("n_in", "n"),
    "output_dim": ("n_out", "dim"),
    "units": ("n_out", "n_hidden"),
    "hidden_size": ("n_hidden",),
    "hidden_layer_sizes": ("sizes",),
    "num_layers": ("layers",),
    "num_embeddings": ("n",),
    "embedding_dim": ("dim",),
    "normalized_shape": ("n",),
    "embed_dim": ("n_embd",),
    "num_heads": ("n_head",),
    "use_bias": ("bias", _BIAS),
    "bias": (_BIAS,),
    "kernel_initializer": ("init",),
    "rate": ("p",),
    "batch_first": ("a layer takes one sequence at a time, a list of rows",),
    "bidirectional": ("a layer reads forward only; a second one can read xs[::-1]",),
    "return_sequences": ("a recurrent layer returns all outputs, and nn.Last() takes the last",),
    "dtype": (_FLOAT,),
    "device": (_FLOAT,),
    "training": ("model.train() and model.eval() say so",),
    "train": ("model.train() and model.eval() say so",),
    # of data
    "random_state": ("seed", "rng", _RANDOM),
    "random_seed": ("seed", "rng", _RANDOM),
    "generator": ("rng", "seed", _RANDOM),
    "n_samples": ("n",),
    "centers": ("classes",),
    "cluster_std": ("noise",),
    "factor": ("inner",),
    "test_size": ("held_out",),
    "stratify": ("stratified",),
    "n_splits": ("k",),
    "batch_size": ("size",),
    "shuffle": (_SHUFFLED,),
    # of training
    "n_epochs": ("epochs",),
    "num_epochs": ("epochs",),
    "max_iter": ("epochs",),
    "verbose": ("progress", "it prints nothing"),
    "criterion": ("loss",),
    "loss_fn": ("loss",),
    "validation_data": ("validation",),
    "max_grad_norm": ("clip_norm",),
    "clipnorm": ("clip_norm",),
    "scheduler": ("schedule",),
    "lr": (_RATE,),
    "learning_rate": (_RATE,),
    "max_new_tokens": ("limit",),
    "max_length": ("limit",),
}

# For functions that newcomers call with the words of other libraries.
names_checked = checks_names(WORDS)


def check_function(name: str, given: Any, what: str) -> None:
    """Raise DataTypeError unless an argument is a function.

    Args:
        name: What the argument is called.
        given: The argument.
        what: What it should be, such as "a function of (outputs, targets), such
            as nn.mse".
    """
    if not callable(given):
        raise DataTypeError(f"{name} is {what}, not {told(given)}")


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
    if cls.__init__ is object.__init__:
        return {}
    known = dict(signature(cls.__init__).parameters)
    known.pop("self", None)
    return known


class Elsewhere:
    """A name of other libraries. To read it raises an error with the name that it has here.

    Python looks at it where an object has no attribute of that name. A method
    `__getattr__` would do as well, but then all attributes are read more slowly.
    """

    def __init__(self, name: str, here: str) -> None:
        self.name, self.here = name, here
        self.__doc__ = f"Here it is {here}."  # for help()

    def __get__(self, part: object, owner: type) -> NoReturn:
        __tracebackhide__ = True
        raise RenamedError(f"{owner.__name__} has no {self.name!r}: here it is {self.here}")


def name_elsewhere(cls: type, names: Mapping[str, str]) -> None:
    """Give a class names of other libraries, each with what to write here."""
    for name, here in names.items():
        setattr(cls, name, Elsewhere(name, here))


def elsewhere(module: str, names: Mapping[str, str]) -> Callable[[str], NoReturn]:
    """Return the `__getattr__` of a module, which answers names of other libraries.

    Args:
        module: What the module is called, such as "nn.data".
        names: Each name of another library, with what to write here.
    """

    def absent(name: str) -> NoReturn:
        __tracebackhide__ = True
        if name in names:
            raise RenamedError(f"{module} has no {name!r}: here it is {names[name]}")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return absent
