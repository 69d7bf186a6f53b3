"""The engine: a node, the chain rule at a node, and the table of primitives.

Read three files first, in this order:

1. `value.py`: a Value, and `backward`, which visits the nodes.
2. `chain_rule.py`: what one node gives to its parents.
3. `primitives.py`: the functions and their derivatives, one row each.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from pathlib import Path

# HIPS/autograd has these files. Its core.py lies beside this folder, so a
# mixture of the two projects comes here, whichever was installed last.
if any((Path(__file__).parents[1] / name).exists() for name in ("tracer.py", "core.py")):
    raise ImportError(
        "HIPS/autograd and chainrule are installed in one environment. Both are the package "
        "`autograd`, so they have overwritten each other's files. Run `pip uninstall autograd "
        "chainrule`, then install one of them. Keep the other in an environment of its own."
    )
