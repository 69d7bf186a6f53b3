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
# # 2. Neuron: what does one neuron decide?
#
# A neuron takes numbers in, weighs each, adds them up with a **bias**, and sends the sum through an **activation**.
# Here is what one neuron with a step as its activation decides. It is the answer of this page, as a picture.

# %% mystnb={"image": {"alt": "A plane with four points. One straight line divides it: the three points below it are class 0, the point (1, 1) is class 1."}}
import itertools

import nn
from autograd import dot, heaviside


def neuron(w1, w2, bias):
    unit = nn.Neuron(2, activation="heaviside", seed=0)
    for p, number in zip(unit.parameters(), (w1, w2, bias)):
        p.data = number
    return unit


corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
both = neuron(1, 1, -1.5)
truth = [int(both(x).data) for x in corners]
nn.plots.decision_boundary(lambda x: both(x) - 0.5, corners, truth)  # the border is where this is 0

# %% [markdown]
# One neuron divides the plane by a straight line. On one side it says 1, on the other 0. This one says 1 at the corner (1, 1) alone:
# it is an AND.
#
# Its sum is w1 x1 + w2 x2 + b. The line is where that sum is 0. The weights turn the line; the bias shifts it.
#
# ## AND, OR, NAND: one neuron each
#
# **Predict:** which number must change to make an OR of the AND? And which signs make a NAND?

# %%
gates = {
    "AND": neuron(1, 1, -1.5),
    "OR": neuron(1, 1, -0.5),
    "NAND": neuron(-1, -1, 1.5),
}
for name, unit in gates.items():
    print(f"{name:5}", [int(unit(x).data) for x in corners])

# %% [markdown]
# The bias says how much must come together before the neuron fires. The bias is *added*, inside the activation. The activation is
# applied to the sum; it is not multiplied with it.
#
# ## XOR: no single neuron
#
# XOR is 1 where exactly one input is 1. **Predict:** how many of the four corners can one neuron get right? We try every weight from
# -1.5 to 1.5 in quarters.

# %%
xor = [0, 1, 1, 0]
grid = [k / 4 for k in range(-6, 7)]
best = max(
    sum((w1 * a + w2 * b + bias > 0) == t for (a, b), t in zip(corners, xor))
    for w1, w2, bias in itertools.product(grid, repeat=3)
)
print("best of", len(grid) ** 3, "neurons:", best, "of 4 corners")

# %% [markdown]
# Three of four, never four: no straight line has (0, 1) and (1, 0) on one side and the other two corners on the other.
#
# Two neurons feeding a third can do it. XOR is OR *and* NAND.

# %%
def xor_net(x):
    hidden = [gates["OR"](x), gates["NAND"](x)]
    return gates["AND"](hidden)


print([int(xor_net(x).data) for x in corners])

# %% [markdown]
# ## Deep, and still straight
#
# Is it depth, then, that helps? Take the steps away: three layers, each only weighs and adds.
#
# **Predict:** what does a net of three linear layers compute that one layer cannot?

# %%
deep = nn.MLP(2, [5, 4, 1], activation=None, seed=0)
(b,) = nn.predict(deep, [[0.0, 0.0]])[0]
(w1,), (w2,) = nn.predict(deep, [[1.0, 0.0], [0.0, 1.0]])
x = [0.3, -2.0]
one_map = (w1 - b) * x[0] + (w2 - b) * x[1] + b
print(f"three layers {deep(x)[0].data:.6f}")
print(f"one map      {one_map:.6f}")

# %% [markdown]
# Nothing. A linear map of a linear map is a linear map. Without an activation a deep net is one layer, written long.
#
# ## A bend is enough
#
# Now train the same net on XOR twice: once linear, once with `tanh` between the layers.
#
# **Predict:** what will the linear net answer at the four corners?

# %%
X, y = corners, xor
answers = {}
for activation in (None, "tanh"):
    model = nn.MLP(2, [4, 1], activation=activation, seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    nn.fit(model, X, y, loss=nn.mse, optimizer=optimizer, epochs=200, progress=False)
    loss = nn.evaluate(model, X, y, loss=nn.mse)["loss"]
    answers[activation] = model
    shown = [round(o, 2) + 0.0 for (o,) in nn.predict(model, X)]  # + 0.0 makes 0.0 of -0.0
    print(f"{activation or 'linear':7} answers {shown}, loss {loss:.2f}")

# %% [markdown]
# The linear net says 0.5 everywhere: the best straight answer to a question that is not straight. The `tanh` net solves it.
# This is what an activation is for.

# %% mystnb={"image": {"alt": "The four corners of XOR and the regions of the trained tanh net: a band along one diagonal, with the corners (0, 0) and (1, 1), is class 0; the two other corners are class 1."}}
nn.plots.decision_boundary(lambda x: answers["tanh"](x)[0] - 0.5, X, y)

# %% [markdown]
# ## A neuron as a detector
#
# A neuron may fire for an *interval*: x2 in [-1, 5] and x3 in [-8, -4], whatever x1 is. One line cannot say that. Four can:
# one step for each end, and an AND of the four.
#
# **Predict:** the AND adds four numbers, each 0 or 1. What must its bias be?

# %%
ends = [([0, 1, 0], 1), ([0, -1, 0], 5), ([0, 0, 1], 8), ([0, 0, -1], -4)]


def detector(x):
    steps = [heaviside(dot(w, x) + b + 1e-9) for w, b in ends]  # + 1e-9: the ends count, too
    return heaviside(sum(steps) - 3.5)


for x in ([7, 0, -6], [-3, 5, -4], [7, 6, -6], [7, 0, -3.9]):
    print(x, "fires" if detector(x) else "is silent")

# %% [markdown]
# The first two lie inside, ends included; the others do not. x1 has the weight 0 everywhere: the detector does not look at it.
#
# ## Activations and their slopes
#
# **Predict:** which of these has a slope of at most a quarter? And which is flat for half of all numbers?

# %% mystnb={"image": {"alt": "Six small charts: sigmoid, tanh, relu, leaky relu, gelu and silu, each with its derivative."}}
import matplotlib.pyplot as plt

import autograd

_, axes = plt.subplots(2, 3, figsize=(9, 5), layout="constrained")
for ax, name in zip(axes.flat, ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu")):
    nn.plots.activation(getattr(autograd, name), ax)
    ax.set_title(name)

# %% [markdown]
# The slope is what learning lives on: a weight moves by the slope times what comes back. `sigmoid` never passes on more than a
# quarter. `relu` passes on all or nothing.
#
# `softmax` is none of these: it turns a list of numbers into shares that sum to 1, at the output of a net.
#
# ## What breaks if ...
#
# ... a `relu` unit's sum is negative for every row? It gives 0, its slope is 0, and nothing comes back to its weights: it is **dead**.
#
# **Predict:** all 16 `relu` units of a layer begin with the bias -5. How many of them can learn, and what accuracy comes of it?

# %%
X, y = nn.data.moons(100, seed=0)
for activation in ("relu", "leaky_relu"):
    model = nn.MLP(2, [16, 1], activation=activation, seed=0)
    for unit in model.layers[0].neurons:
        unit.b.data = -5.0
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    nn.fit(
        model, X, y, loss=nn.binary_cross_entropy, optimizer=optimizer,
        epochs=40, batch_size=20, progress=False,
    )
    print(f"{activation:10} accuracy {nn.accuracy(nn.predict(model, X), y):.0%}")

# %% [markdown] quoted="0.01"
# None. The `relu` net stays at chance for ever. `leaky_relu` passes a hundredth of the slope on, and that is enough to come back.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell.
#
# **2.1** A neuron with two inputs is to say 1 only if x1 is 1 and x2 is 0. Its weights are 1 and -1. Give a bias.
#
# **2.2** What is the slope of `leaky_relu`, whose factor is 0.01, at a number x?
#
# **2.3** How many numbers must a layer learn that turns 3 inputs into 4 outputs?

# %% solution="bias = -0.5" wrong="bias = 0.5"
from check import check

bias = ...
check("2.1", bias)

# %% solution="return 1.0 if x > 0 else 0.01" wrong="return 1.0"
def slope(x):
    return ...


check("2.2", slope)

# %% solution="count = 3 * 4 + 4" wrong="count = 3 * 4"
count = ...
check("2.3", count)

# %% [markdown]
# ## Recap
#
# <details><summary>What do the weights of a neuron do, and what does its bias?</summary>
# The weights turn the line on which its sum is 0. The bias shifts it.</details>
#
# <details><summary>Why can no single neuron do XOR?</summary>
# It divides the plane by one straight line, and no line has the two diagonals on different sides.</details>
#
# <details><summary>Why does a deep net need an activation?</summary>
# Without one, its layers multiply out to a single linear map.</details>
#
# <details><summary>Is softmax an activation like tanh?</summary>
# It acts on a whole list, and stands at the output. It is no loss, either.</details>
#
# <details><summary>What is a dead unit?</summary>
# One whose slope is 0 for every row. No gradient reaches its weights.</details>
#
# ## References
#
# - McCulloch, Pitts, *A logical calculus of the ideas immanent in nervous activity*, 1943.
# - Minsky, Papert, *Perceptrons*, 1969. Cybenko, *Approximation by superpositions of a sigmoidal function*, 1989.
# - Maas, Hannun, Ng, *Rectifier nonlinearities improve neural network acoustic models*, 2013.
#
# Next: **3. Loss: what should it punish?**
