"""Pictures: of a computation graph, and of the parts of a model."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .architecture import Part, draw_architecture
from .drawing import Drawing, draw
from .network import Column, Unit, draw_network
from .stepping.shown import StepThrough, step_through
from .steps import Step, draw_steps

__all__ = [
    "Column",
    "Drawing",
    "Part",
    "Step",
    "StepThrough",
    "Unit",
    "draw",
    "draw_architecture",
    "draw_network",
    "draw_steps",
    "step_through",
]
