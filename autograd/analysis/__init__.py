"""A graph in words and numbers: formulas, explanations, paths, counts."""
