# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12. Further: what lies beyond the slope?
#
# A slope says where downhill is. It does not say how far. The **curvature** does: the slope of the slope. With both, a long valley is crossed in
# a few steps, as this picture shows. The question of this page is where second derivatives come from, and what they are good for.

# %% mystnb={"image": {"alt": "Level lines of a curved valley. Plain descent zigzags for fifty steps; Newton's method arrives in a handful."}}
import nn
from autograd import Value, formula, grad, gradients, hessian, hvp, jacobian, jvp, tanh, vjp


def f(x, y):
    return (x - 1.0) ** 4 + (x - 1.0) ** 2 + 8.0 * (x - y) ** 2


def newton(x, y, steps):
    path = [[x, y]]
    for _ in range(steps):
        gx, gy = grad(f, argnums=(0, 1))(x, y)
        (a, b), (c, d) = hessian(f, argnums=(0, 1))(x, y)
        determinant = a * d - b * c
        x, y = x - (d * gx - b * gy) / determinant, y - (a * gy - c * gx) / determinant
        path.append([x, y])
    return path


paths = {
    "descent, rate 0.03": nn.descend(f, [2.5, -0.5], lambda ps: nn.SGD(ps, lr=0.03), 50),
    "Newton": newton(2.5, -0.5, 8),
}
for name, path in paths.items():
    print(f"{name:18} {len(path) - 1:2} steps, f = {f(*path[-1]):.1e}")
nn.plots.cost_surface(f, paths, (-0.5, 3), (-1, 3))

# %% [markdown]
# ## Derivatives are functions
#
# `grad` takes a function and gives a function. **Predict:** what is `grad(grad(...))` of x³ at 2?

# %%
def cube(x):
    return x**3


print(cube(2.0), grad(cube)(2.0), grad(grad(cube))(2.0), grad(grad(grad(cube)))(2.0))

# %% [markdown]
# 8, then 3 · 4, then 6 · 2, then 6. How can a program derive its own derivative?
#
# ## Gradients are graphs
#
# Each rule is ordinary arithmetic. On Values it makes nodes, so the gradient of a graph is a graph. **Predict** the formula of the slope of x · x.

# %%
x = Value(3.0, "x")
z = x * x
z.label = "z"
(slope,) = gradients(z, [x])
print("slope    ", slope.data)
(curvature,) = gradients(slope, [x])
print("curvature", curvature.data)
print(formula(slope))

# %% mystnb={"image": {"alt": "The graph of the slope of x times x: x feeds a node twice, and the result is 6."}}
from autograd import draw

draw(slope)

# %% [markdown]
# The slope of x · x is x + x, as a graph. It can be drawn, explained, and derived again.
#
# ## Curvature sets the rate
#
# The limit of the learning rate is 2 over the largest curvature, as notebook 4 found by trying. **Predict** the limit for the bowl below.

# %%
def bowl(w1, w2):
    return 0.05 * w1**2 + 5.0 * w2**2


H = hessian(bowl, argnums=(0, 1))(1.0, 1.0)
print("curvatures", [[round(h, 4) for h in row] for row in H])
limit = 2 / max(H[0][0], H[1][1])
for rate in (0.95 * limit, 1.05 * limit):
    end = nn.descend(bowl, [1.0, 1.0], lambda ps: nn.SGD(ps, lr=rate), 60)[-1]
    print(f"rate {rate:.2f}: f = {bowl(*end):.1e}")

# %% [markdown] quoted="100"
# ## Forward or reverse?
#
# **Reverse** goes from one output to all inputs: a row of the Jacobian. **Forward** carries a nudge of the inputs to all outputs: a column.
#
# **Predict:** for a function from 1 number to 100, which needs one pass and which needs a hundred?

# %%
def fan(x):
    return [tanh(x * k) for k in range(3)]


values, column = jvp(fan, [0.5], [1.0])
print("forward, one pass:", [round(v, 4) for v in column])
rows = [vjp(fan, 0.5)[1]([float(i == k) for i in range(3)])[0] for k in range(3)]
print("reverse, three:   ", [round(v, 4) for v in rows])
print("jacobian:         ", [round(v, 4) for v in jacobian(fan)(0.5)])

# %% [markdown]
# A loss has one output and many inputs: that is why nets are trained in reverse. Few inputs and many outputs want forward.
#
# ## A Hessian times a vector
#
# The Hessian of a net with a thousand weights has a million numbers. Often only its product with one vector is wanted, and that costs about
# two gradients: derive the gradient forward, along the vector. **Predict** the product for the bowl and the vector (1, 0).

# %%
print([round(v, 4) for v in hvp(bowl, [1.0, 1.0], [1.0, 0.0])])

# %% [markdown]
# ## Newton, and its danger
#
# Newton steps by slope over curvature. **Predict:** where does it go on f = x² - x⁴ / 4 from x = 1.2, where the curvature is negative?

# %%
def hill(x):
    return x**2 - x**4 / 4


x = 1.2
for _ in range(5):
    x -= grad(hill)(x) / grad(grad(hill))(x)
    print(f"x = {x:.4f}, slope {grad(hill)(x):.1e}, curvature {grad(grad(hill))(x):.1f}")

# %% [markdown]
# To a *maximum*: the slope vanishes there, too. Newton finds flat places, not low ones.
#
# ## What breaks if ...
#
# ... a derivative inside a derivative takes the wrong number as constant? **Predict** the slope of x · (slope in y of x + y) at 1. Some engines said 2.

# %%
print(grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0))

# %% [markdown]
# The inner slope is 1, whatever x is; so the outer one is 1. Each derivative has a mark of its own, and does not mix with others.
#
# ## Exercises
#
# **12.1** Write the second derivative of x³.
#
# **12.2** The largest curvature of a loss is 10. What is the limit of the learning rate?
#
# **12.3** One input and a thousand outputs: forward or reverse?

# %% solution="return grad(grad(cube))(x)" wrong="return grad(cube)(x)"
from check import check


def second(x):
    return ...


check("12.1", second)

# %% solution="limit = 2 / 10" wrong="limit = 10 / 2"
limit = ...
check("12.2", limit)

# %% solution='mode = "forward"' wrong='mode = "reverse"'
mode = ...
check("12.3", mode)

# %% [markdown]
# ## Recap
#
# <details><summary>What does curvature say that a slope does not?</summary>
# How far to go.</details>
#
# <details><summary>Why can gradients be derived again?</summary>
# They are graphs of ordinary operations.</details>
#
# <details><summary>Why reverse for nets?</summary>
# One output, many inputs: one pass gives all slopes.</details>
#
# <details><summary>What does a Hessian-vector product cost?</summary>
# About two gradients, whatever the number of weights.</details>
#
# <details><summary>What does Newton's method look for?</summary>
# A place where the slope is 0, be it low or high.</details>
#
# ## References
#
# - Pearlmutter, *Fast exact multiplication by the Hessian*, 1994. Griewank, Walther, *Evaluating Derivatives*, 2008.
# - Siskind, Pearlmutter, *Perturbation confusion and referential transparency*, 2005.
