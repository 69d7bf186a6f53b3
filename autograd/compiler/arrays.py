"""arrays: what stands for an array argument while a function is recorded.

It holds Values, so it is an array of objects. Nothing may depend on that.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import sys
from functools import cache
from typing import Any, cast

from ..core import modes
from .refusal import asked_by_user, refuse

DEPENDS = {"nan_to_num"}  # functions of NumPy that leave an array of objects as it is


def of_values(x: Any) -> Any:
    """Return an array of objects, of the shape of a NumPy array, that keeps its dtype to itself."""
    array = x.astype(object)
    is_numpys = x.dtype != object and hasattr(type(x), "__array_finalize__")
    return array.view(_without_dtype(cast("Any", type(x)))) if is_numpys else array


@cache
def _without_dtype(cls: type[Any]) -> Any:
    """A subclass of a class of arrays whose dtype is refused while jit records."""

    def dtype(array: Any) -> Any:
        asking = sys._getframe(1)
        numpys = str(asking.f_globals.get("__name__")).partition(".")[0] == "numpy"
        depends = asking.f_code.co_name in DEPENDS if numpys else asked_by_user(asking)
        if depends and modes.active and modes.current() is not None:
            refuse(
                "the dtype of an array that is an argument was asked for",
                "it holds Values there, which are doubles; decide outside the function, or make "
                "the argument static",
            )
        return cls.dtype.__get__(array)

    def wrap(array: Any, found: Any, *_: Any) -> Any:
        """What a function of NumPy gives: of one number the number, as of other arrays."""
        return found.view(type(array)) if found.ndim else found[()]

    made = {
        "dtype": property(dtype),
        "real": property(lambda array: array),  # as of doubles; NumPy asks its elements else
        "__array_wrap__": wrap,
        "__module__": cls.__module__,
    }
    return type(cls.__name__, (cls,), made)
