"""The second door: what code that builds on the engine may use, as `nn` does.

`autograd` is the door for users. Everything else in the package is private.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .analysis.notation import lines_of
from .compiler import (
    in_columns,
    in_place,
    one_after_another,
    recording,
    refuse_in_recording,
    side_by_side,
)
from .core.arguments import (
    NOTHING,
    UNORDERED,
    Words,
    advice_on,
    among,
    check_order,
    check_size,
    checks_names,
    floats_of,
    is_bool,
    path_of,
    real_number,
    shown_as,
    sizes_of,
    told,
    within,
)
from .core.bulk import assign, assign_grads, at_once
from .core.collector import start_collector, stop_collector
from .core.elsewhere import (
    AbstractListing,
    Elsewhere,
    answers,
    elsewhere,
    elsewhere_of_objects,
    listed,
    name_elsewhere,
)
from .core.formulas import FORMULAS, by_name
from .core.modes import differentiating
from .core.row import LEAF, LITERAL, NOT_COMPUTED, PRIMITIVES, Primitive
from .core.value import Literal, Operand
from .drawing import Column, Part, Step, Unit, draw_architecture, draw_network, draw_steps
from .drawing.stepping import Training
from .functional import leaves, rebuild
from .grid import Grid
from .optional import load
from .progress import bar
from .saving import write_whole
from .tracebacks import ending_at_caller

__all__ = [
    "FORMULAS",
    "LEAF",
    "LITERAL",
    "NOTHING",
    "NOT_COMPUTED",
    "PRIMITIVES",
    "UNORDERED",
    "AbstractListing",
    "Column",
    "Elsewhere",
    "Grid",
    "Literal",
    "Operand",
    "Part",
    "Primitive",
    "Step",
    "Training",
    "Unit",
    "Words",
    "advice_on",
    "among",
    "answers",
    "assign",
    "assign_grads",
    "at_once",
    "bar",
    "by_name",
    "check_order",
    "check_size",
    "checks_names",
    "differentiating",
    "draw_architecture",
    "draw_network",
    "draw_steps",
    "elsewhere",
    "elsewhere_of_objects",
    "ending_at_caller",
    "floats_of",
    "in_columns",
    "in_place",
    "is_bool",
    "leaves",
    "lines_of",
    "listed",
    "load",
    "name_elsewhere",
    "one_after_another",
    "path_of",
    "real_number",
    "rebuild",
    "recording",
    "refuse_in_recording",
    "shown_as",
    "side_by_side",
    "sizes_of",
    "start_collector",
    "stop_collector",
    "told",
    "within",
    "write_whole",
]
