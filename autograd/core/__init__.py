"""The engine: a node, the chain rule at a node, and the table of primitives.

Read three files first, in this order:

1. `value.py`: a Value, and `backward`, which visits the nodes.
2. `chain_rule.py`: what one node gives to its parents.
3. `primitives.py`: the functions and their derivatives, one row each.
"""
