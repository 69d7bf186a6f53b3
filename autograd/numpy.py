"""What `import autograd.numpy` of HIPS/autograd, another package of this name, is here."""

raise ImportError(
    "autograd.numpy belongs to HIPS/autograd, another package of the name `autograd`. This one, "
    "chainrule, computes with single numbers: here it is `from autograd import sin` and "
    "sin(x) for np.sin(x), lists for arrays, and dot(xs, ys) for np.dot(xs, ys). To have "
    "HIPS/autograd, install it in an environment of its own."
)
