"""Names of other libraries by what to write for them, and those that are formulas."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Mapping


def by_name(groups: Mapping[str, str]) -> dict[str, str]:
    """Return what to write for each name.

    Args:
        groups: What to write, with the names that it answers, parted by spaces. The name
            itself stands for "{name}". A name with # stands for those with 1, 2 and 3.
    """
    found: dict[str, str] = {}
    for here, names in groups.items():
        if "#" in names or "{name}" in here:
            for name in names.split():
                for n in "123" if "#" in name else "0":
                    found[name.replace("#", n)] = here.replace("{name}", name)
        else:
            found.update(dict.fromkeys(names.split(), here))
    return found


# Functions of one number that are composed of those of the table.
FORMULAS = by_name(
    {
        "x**2": "square",
        "2.0**x": "exp2",
        "1.0 / x": "reciprocal",
        "1.0 / autograd.sqrt(x)": "rsqrt",
        "autograd.log(x)": "ln",
        "autograd.log(x / (1.0 - x))": "logit",
        "autograd.abs(x)": "absolute fabs",
        "autograd.atan(x)": "arctan",
        "autograd.asin(x)": "arcsin",
        "autograd.acos(x)": "arccos",
        "autograd.atanh(x)": "arctanh",
        "autograd.asinh(x)": "arcsinh",
        "autograd.acosh(x)": "arccosh",
        "autograd.sign(x)": "sgn signum",
        "x - autograd.sign(x) * autograd.floor(abs(x))": "frac",
        "autograd.floor(x + 0.5), whose derivative is 0": "round rint around",
        "autograd.sign(x) * autograd.floor(abs(x)), whose derivative is 0": "trunc fix",
        "x * math.pi / 180.0": "deg2rad radians",
        "x * 180.0 / math.pi": "rad2deg degrees",
        "autograd.sigmoid(x)": "expit logistic",
        "autograd.log_sigmoid(x)": "logsigmoid",
        "autograd.clip(x, 0.0, 6.0)": "relu6",
        "autograd.clip(x, -1.0, 1.0)": "hardtanh hard_tanh",
        "autograd.clip(x / 6.0 + 0.5, 0.0, 1.0)": "hardsigmoid hard_sigmoid",
        "x * autograd.clip(x / 6.0 + 0.5, 0.0, 1.0)": "hardswish hard_swish hard_silu",
        "autograd.silu(x)": "swish",
        "x * autograd.sigmoid(1.702 * x)": "quick_gelu",
        "x * autograd.tanh(autograd.softplus(x))": "mish",
        "1.0507009873554805 * autograd.elu(x, 1.6732632423543772)": "selu",
        "alpha * autograd.elu(x / alpha)": "celu",
        "x / (1.0 + abs(x))": "softsign soft_sign",
        "x - autograd.tanh(x)": "tanhshrink tanh_shrink",
        "x - autograd.clip(x, -0.5, 0.5)": "softshrink soft_shrink",
        "autograd.where(abs(x) > 0.5, x, 0.0)": "hardshrink hard_shrink",
        "(x + autograd.sqrt(x**2 + 4.0)) / 2.0": "squareplus",
        "autograd.leaky_relu(x, slope), with a Value as slope": "prelu",
    }
)

# What is asked of a picture or a page.
OF_PICTURES = by_name(
    {
        "save(path), and the picture itself as the last line of a cell": (
            "show display plot render view open write savefig to_file export pipe"
        ),
        "svg, and dot for Graphviz": "source to_svg to_dot to_png",
    }
)
