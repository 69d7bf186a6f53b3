"""Pictures: of a computation graph, and of the parts of a model."""

from .architecture import Part, draw_architecture
from .drawing import Drawing, draw

__all__ = ["Drawing", "Part", "draw", "draw_architecture"]
