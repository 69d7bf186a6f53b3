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
# # 6. Gradient flow: where does the gradient go?
#
# The loss is known at the output. To learn, the first layer needs its gradient, which comes back through all layers between. Here is how large the
# gradient is at each layer, for ten layers of 64 units and five ways to build them.

# %% mystnb={"image": {"alt": "The size of the gradient by layer, logarithmic. He with relu stays level. Xavier with relu and with sigmoid fall towards the input, small weights fall steeply, large weights with sigmoid rise."}}
import math
import random
import statistics
from functools import partial

import nn
from autograd import Value, dot, explain, grad, relu, sigmoid, tanh

schemes = {
    "He, relu": ("kaiming_normal", relu),
    "Xavier, relu": ("xavier_normal", relu),
    "std 0.01, relu": (partial(nn.init.normal, std=0.01), relu),
    "Xavier, sigmoid": ("xavier_normal", sigmoid),
    "std 2.5, sigmoid": (partial(nn.init.normal, std=20 / 8), sigmoid),
}


def norms(init, activation, residual=False, seed=0):
    """The norm of dL/dz by layer, for one random row and a random direction of the output."""
    model = nn.MLP(64, [64] * 10, activation=None, init=init, seed=seed)
    rng = random.Random(1000 + seed)
    a, sums = [rng.gauss(0, 1) for _ in range(64)], []
    for layer in model.layers:
        sums.append(layer(a))
        new = [activation(z) for z in sums[-1]]
        a = [u + v for u, v in zip(a, new)] if residual else new
    dot(a, [rng.gauss(0, 1) for _ in a]).backward()
    return [math.sqrt(math.fsum(z.grad**2 for z in layer)) for layer in sums]


nn.plots.gradient_norms({name: norms(*how) for name, how in schemes.items()})

# %% [markdown]
# One way keeps the gradient level. Three lose it on the way back, and one blows it up. This page says why, and what helps.
#
# ## A chain of units: the long product
#
# Take one unit a layer, z = w · (the a before) and a = its activation, and the loss L = e² of the error e = a3 - 1. The slope of the loss in
# the first weight is a product:
# dL/dw1 = dL/de · de/da3 · da3/dz3 · w3 · da2/dz2 · w2 · da1/dz1 · x.
#
# **Predict:** how many factors are there for three layers, and which of them can be larger than 1 in size?

# %% mystnb={"image": {"alt": "The chain x, z1, a1, z2, a2, z3, a3, e, L in three rows, with the local derivative on every arrow."}}
from autograd import draw

x, w1, w2, w3 = Value(0.7, "x"), Value(1.5, "w1"), Value(-0.8, "w2"), Value(2.0, "w3")
a1 = tanh(z1 := w1 * x)
a2 = tanh(z2 := w2 * a1)
a3 = sigmoid(z3 := w3 * a2)
error = a3 - 1
loss = error**2
nodes = {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "z3": z3, "a3": a3, "e": error, "L": loss}
for name, node in nodes.items():
    node.label = name
loss.backward()
print(explain(loss, w1))
draw(loss)

# %% [markdown]
# Eight factors, in the order of the formula. The loss gives two, each activation its slope, and each weight on the way itself.
# The last factor is x: we asked for w1, and the derivative of w1 · x in w1 is x.
#
# Multiplied, they are what `backward` found. The loss's own factor, a weight and the input x can be larger than 1 in size. The slopes of `tanh` and
# `sigmoid` cannot.
#
# ## At most a quarter a layer
#
# **Predict:** a sigmoid's slope is at most 1/4. How much is left after ten of them, at best?

# %%
slopes = [grad(sigmoid)(k / 10) for k in range(-50, 51)]
print("largest slope of sigmoid", max(slopes))
print(f"after 10 layers at best  {0.25**10:.1e}")

# %% [markdown]
# A millionth: this is the **vanishing gradient**. Weights can make up for it, or make it worse.
#
# ## With width: paths add up
#
# A wide net has many paths from an input to the output. Along each, factors multiply; the paths add up. The sum over all paths is what the
# product of the layers' Jacobians holds for that input. **Predict:** how many paths has a net 2-3-3-1 from one input?

# %%
net = nn.MLP(2, [3, 3, 1], activation="tanh", seed=2)
inputs = [Value(0.3, "x0"), Value(-0.8, "x1")]
(out,) = net(inputs)
out.backward()
why = explain(out, inputs[0], paths=9)
print(why.count, "paths")
print(f"their sum {math.fsum(path.contribution for path in why.paths):.6f}, backward {inputs[0].grad:.6f}")

# %% [markdown]
# Three units, times three units: nine paths. The sum that `explain` lists is the gradient.
#
# ## The ratio from layer to layer
#
# What counts is by which factor a layer changes the gradient. **Predict** the factor for He with `relu`: exactly 1?

# %%
for name, how in schemes.items():
    ratios = []
    for seed in range(20):
        flow = norms(*how, seed=seed)
        ratios += [earlier / later for earlier, later in zip(flow, flow[1:])]
    print(f"{name:17} {statistics.median(ratios):.2f} a layer")

# %% [markdown]
# About 1: He's rule is made for that. Xavier's rule has half the variance, so `relu` loses a factor of the root of 2 a layer.
# Small weights lose nearly everything. A sigmoid with Xavier's weights passes on less than a quarter. With weights large enough
# it explodes instead.
#
# `nn.diagnose` measures this on a model of yours, and says it in words.

# %%
X, y = nn.data.moons(20, seed=0)
deep = nn.MLP(2, [16] * 6 + [1], activation="sigmoid", init="xavier_normal", seed=0)
print(nn.diagnose(deep, X, y, nn.binary_cross_entropy))

# %% [markdown]
# ## What helps
#
# A **residual** connection adds the input of a layer to its output: a + f(a). Its slope is 1 + f', so there is always a path with the factor 1.
#
# **Predict:** what becomes of the worst scheme, std 0.01, if each layer is residual?

# %% mystnb={"image": {"alt": "The size of the gradient by layer for weights of std 0.01: plain it falls by many orders of magnitude, residual it stays level."}}
init, activation = schemes["std 0.01, relu"]
flows = {"plain": norms(init, activation), "residual": norms(init, activation, residual=True)}
for name, flow in flows.items():
    print(f"{name:8} first layer {flow[0]:.1e}, last layer {flow[-1]:.1e}")
nn.plots.gradient_norms(flows)

# %% [markdown]
# The gradient arrives. A **normalisation** helps in another way: it brings each layer's numbers back to one size before the next.

# %%
def depth(norm):
    parts = []
    for i in range(6):
        parts += [nn.Layer(16, 16, activation=None, init=partial(nn.init.normal, std=0.05), seed=i)]
        parts += [nn.LayerNorm(16)] if norm else []
    return nn.Sequential(*parts)


for norm in (False, True):
    x = [Value(math.sin(k)) for k in range(16)]
    first, *others = depth(norm)(x)
    first.backward()  # the gradient of one output is enough to see it
    size = math.sqrt(math.fsum(v.grad**2 for v in x))
    print("with LayerNorm" if norm else "without       ", f"{size:.1e} arrives at the input")

# %% [markdown]
# ## What breaks if ...
#
# ... one unit on the only path is flat? **Predict** the gradient of w, and what `explain` will say.

# %%
w = Value(2.0, "w")
hidden = relu(w * -3.0)
loss = (hidden - 1.0) ** 2
loss.backward()
print(explain(loss, w))

# %% [markdown]
# ## Exercises
#
# **6.1** Ten sigmoid layers have nine steps back from the last sum to the first. What is the best factor that their slopes allow?
#
# **6.2** Write the slope of `tanh` at z. Can it pass on everything?
#
# **6.3** Two paths lead from x to L. The edges of one are 2 and 3, of the other 6 and 1. What is dL/dx?

# %% solution="best = 0.25**9" wrong="best = 0.25 * 9"
from check import check

best = ...
check("6.1", best)

# %% solution="return 1 - tanh(z) ** 2" wrong="return 1 - tanh(z)"
def slope_of_tanh(z):
    return ...


check("6.2", slope_of_tanh)

# %% solution="dL_dx = 2 * 3 + 6 * 1" wrong="dL_dx = 2 * 3 * 6 * 1"
dL_dx = ...
check("6.3", dL_dx)

# %% [markdown]
# ## Recap
#
# <details><summary>Why does a gradient vanish?</summary>
# It is a product with a factor for each layer. Factors below 1 multiply to almost nothing.</details>
#
# <details><summary>What are the factors?</summary>
# The slope of each activation, and the weights between.</details>
#
# <details><summary>What does width change?</summary>
# There are many paths. Each is such a product; they add up.</details>
#
# <details><summary>Why is He's rule for relu?</summary>
# Its variance makes up for the half that relu sets to 0: the factor is about 1.</details>
#
# <details><summary>How does a residual connection help?</summary>
# It adds a path whose factor is 1.</details>
#
# ## References
#
# - Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, 1991. Bengio, Simard, Frasconi, 1994.
# - He et al., *Delving deep into rectifiers*, 2015; *Deep residual learning*, 2016.
# - Ba, Kiros, Hinton, *Layer normalization*, 2016.
#
# Next: **7. Training a model**
