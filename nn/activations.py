"""The activation functions by name."""

from collections.abc import Callable
from typing import Any

from autograd import elu, gelu, leaky_relu, log_sigmoid, log_softmax, relu, sigmoid, silu, softmax, softplus, step, tanh

Function = Callable[[Any], Any]
Activation = str | Function | None  # how a layer is told its activation: by name, as a function, or None for a linear unit

LISTED = ("softmax", "log_softmax")  # of all units of a layer at once
FUNCTIONS: list[Any] = [relu, leaky_relu, elu, gelu, silu, softplus, sigmoid, log_sigmoid, tanh, step, softmax, log_softmax]
BY_NAME: dict[Any, Any] = {function.__name__: function for function in FUNCTIONS}


def resolved(activation: Activation) -> tuple[Activation, Function | None]:
    """The name and the function of an activation: None or a user's own function is both. Raises ValueError for an unknown name."""
    function = BY_NAME.get(activation, activation)
    if isinstance(function, str):
        raise ValueError(f"no activation {activation!r}; there are {', '.join(BY_NAME)}, or pass a function of a Value")
    return next((name for name in BY_NAME if BY_NAME[name] is function), activation), function
