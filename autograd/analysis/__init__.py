"""A graph in words and numbers: formulas, explanations, paths, counts."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called
