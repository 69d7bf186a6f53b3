"""The page that steps through a graph: forward and backward, node by node."""

from .shown import StepThrough, step_through

__all__ = ["StepThrough", "step_through"]
