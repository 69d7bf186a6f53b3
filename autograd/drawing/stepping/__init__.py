"""The page that steps through a graph: forward and backward pass, edits, descent."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from .shown import StepThrough, step_through
from .training import Training

__all__ = ["StepThrough", "Training", "step_through"]
