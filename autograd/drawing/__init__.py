"""Pictures: of a computation graph, and of the parts of a model."""

from .architecture import Part, draw_architecture
from .drawing import Drawing, draw
from .stepping.shown import StepThrough, step_through

__all__ = ["Drawing", "Part", "StepThrough", "draw", "draw_architecture", "step_through"]
