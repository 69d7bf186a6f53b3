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
# # 5. Initialisation: how to begin?
#
# Training moves weights. Something must say where they start. Here is why it matters: a net of six `tanh` layers, started in three ways.
# Each strip is one layer; it shows how its activations are spread before any training.

# %% mystnb={"image": {"alt": "Histograms of the activations of six layers for three starts. Weights too small: all activations at 0. Too large: all at -1 and 1. Variance 1 over n: spread out in every layer."}}
import math
import random
import statistics
from functools import partial

import matplotlib.pyplot as plt
import nn

starts = {
    "too small: std 0.01": partial(nn.init.normal, std=0.01),
    "too large: std 1": partial(nn.init.normal, std=1.0),
    "Xavier: variance 1/n": "xavier_normal",
}
rng = random.Random(1)
rows = [[rng.gauss(0, 1) for _ in range(48)] for _ in range(12)]


def activations(init):
    model = nn.MLP(48, [48] * 6, activation="tanh", output="tanh", init=init, seed=0)
    layers, inputs = {}, rows
    for i, layer in enumerate(model.layers):
        inputs = nn.predict(layer, inputs)
        layers[f"layer {i}"] = [a for row in inputs for a in row]
    return layers


_, axes = plt.subplots(1, 3, figsize=(9, 5), layout="constrained")
for ax, (name, init) in zip(axes, starts.items()):
    nn.plots.layer_histograms(activations(init), ax)
    ax.set_title(name)

# %% [markdown]
# On the left the signal has died out. In the middle every unit is at its end, where `tanh` is flat. On the right all layers look alike,
# and all can learn.
#
# ## Why 1/n
#
# A unit adds up n inputs, each times its weight. Take n = 500 inputs of 1 and weights drawn with mean 0 and standard deviation 1.
#
# **Predict:** how large is such a sum, typically? 1? 22? 500?

# %% mystnb={"image": {"alt": "Two bell curves. The sums of 500 unit weights are spread over plus or minus 50; with variance 1/500 they stand in a narrow bell around 0."}}
def sums(std, draw=nn.init.normal):
    rng = random.Random(0)
    return [math.fsum(draw(500, 1, rng, std=std)[0]) for _ in range(2000)]


bells = {"std 1": sums(1.0), "std 1 / sqrt(500)": sums(1 / math.sqrt(500))}
for name, sample in bells.items():
    print(f"{name:18} spread of the sums {statistics.pstdev(sample):.2f}")
print("sqrt(500) =", round(math.sqrt(500), 1))
nn.plots.histograms(bells)

# %% [markdown]
# Variances add up: n weights of variance 1 have a sum of variance n, so its standard deviation is the root of n, 22.4. This is one standard deviation,
# not a range: every third sum is larger. Weights of variance 1/n mend it.
#
# ## The variance matters, not the shape
#
# **Predict:** if the weights come from a box of the same variance instead of a bell, what changes?

# %%
def spread(init):
    return [statistics.pstdev(layer) for layer in activations(init).values()]


for init in ("xavier_normal", "xavier_uniform"):
    print(f"{init:14}", [f"{s:.2f}" for s in spread(init)])

# %% [markdown]
# Next to nothing. The uniform one is drawn from within the root of 6/(n_in + n_out), which has the same variance: 2/(n_in + n_out).
#
# A `relu` unit throws away half of what it gets. So it wants twice the variance, 2/n_in: that is He's rule, and the default here.
#
# ## Zeros
#
# **Predict:** a `tanh` net starts with all weights and biases at 0. Which of its numbers ever move?

# %%
X = [[0.5, -1.0], [1.0, 0.25], [-0.75, 0.5], [0.25, 1.0]]
y = [0.3, -0.8, 1.1, 0.4]


def states(model, steps):
    """The parameters before and after each of the first steps of descent."""
    found = [model.state_dict()]
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    keep = [lambda run: found.append(model.state_dict())]
    nn.fit(model, X, y, loss=nn.mse, optimizer=optimizer, epochs=steps, callbacks=keep, progress=False)
    return found


def moved(before, after):
    return [path for path in before if before[path] != after[path]]


course = states(nn.MLP(2, [3, 1], activation="tanh", init="zeros"), 10)
print("of", len(course[0]), "numbers moved:", moved(course[0], course[-1]))

# %% [markdown]
# The output bias, and nothing else, for ever. Each weight's gradient has a factor that is 0: its input, or the weights behind it.
#
# It is often said that zero weights stop all learning. **Predict:** is that so for `sigmoid`, whose units give 0.5 at 0?

# %%
course = states(nn.MLP(2, [3, 1], activation="sigmoid", init="zeros"), 10)
first = [path for path in course[0] if path.startswith("layers.0")]
for step in (0, 1):
    count = sum(path in first for path in moved(course[step], course[step + 1]))
    print(f"step {step + 1}: {count} of {len(first)} numbers of the first layer move")
last = course[-1]
print([[round(last[f"layers.0.neurons.{i}.w.{k}"], 4) for k in (0, 1)] for i in range(3)])

# %% [markdown]
# The first layer rests for one step, then moves. But look at its three units: they are the same, number for number.
#
# ## Equal units stay equal
#
# Constant weights fail by **symmetry**, not by vanishing. Units with equal weights in *and* out get equal gradients, and so stay equal.
#
# **Predict:** which weights must differ to break it: those that go in, those that go out, or either?

# %% mystnb={"image": {"alt": "One incoming weight of each of three units over 20 steps. With equal outgoing weights the three curves are one. With different outgoing weights they part at the first step."}}
half = partial(nn.init.constant, value=0.5)
equal = nn.MLP(2, [3, 1], activation="tanh", init=half)
broken = nn.MLP(2, [3, 1], activation="tanh", init=half)
for i, w in enumerate(broken.layers[1].neurons[0].w):
    w.data = 0.5 + 0.1 * i

curves = {}
for name, model in (("equal", equal), ("parted", broken)):
    course = states(model, 20)
    for i in range(3):
        curves[f"{name}, unit {i}"] = [state[f"layers.0.neurons.{i}.w.0"] for state in course]
print("equal: ", {round(curves[f"equal, unit {i}"][-1], 4) for i in range(3)})
print("parted:", {round(curves[f"parted, unit {i}"][-1], 4) for i in range(3)})
nn.plots.weight_curve(curves)

# %% [markdown]
# Outgoing weights are enough. Random weights differ on both sides.
#
# ## What breaks if ...
#
# ... the weights are ten times too large? Train the moons with three starts.
#
# **Predict** the order of the three curves after 20 epochs.

# %% mystnb={"image": {"alt": "Training loss over 20 epochs. Weights of std 0.01 stay at chance for long. Weights ten times He's begin with a huge loss. He's start is the lowest."}}
X, y = nn.data.moons(100, seed=0)
he = math.sqrt(2 / 16)
losses = {}
for name, std in (("std 0.01", 0.01), ("He", he), ("ten times He", 10 * he)):
    model = nn.MLP(2, [16, 16, 1], init=partial(nn.init.normal, std=std), seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.05)
    history = nn.fit(
        model, X, y, loss=nn.binary_cross_entropy, optimizer=optimizer,
        epochs=20, batch_size=10, progress=False,
    )
    losses[name] = history["loss"]
    print(f"{name:13} loss {history['loss'][0]:7.3f} ... {history['loss'][-1]:.3f}")
nn.plots.loss_curve(losses, log=True)

# %% [markdown]
# He's start learns at once. Weights ten times as large first have to be unlearnt. With tiny ones the gradients are tiny, too,
# and 20 epochs are not enough to leave chance.
#
# ## Exercises
#
# **5.1** A layer has 100 inputs and `relu` units. Which standard deviation does He's rule give its weights?
#
# **5.2** Xavier's uniform rule for 40 inputs and 60 outputs: within which bound are the weights drawn?
#
# **5.3** n numbers of variance v are added. What is the standard deviation of the sum? Write it for n = 50, as a function of v.

# %% solution="std = math.sqrt(2 / 100)" wrong="std = 2 / 100"
from check import check

std = ...
check("5.1", std)

# %% solution="bound = math.sqrt(6 / 100)" wrong="bound = math.sqrt(2 / 100)"
bound = ...
check("5.2", bound)

# %% solution="return math.sqrt(50 * v)" wrong="return 50 * math.sqrt(v)"
def spread_of_sum(v):
    return ...


check("5.3", lambda x: spread_of_sum(x * x))

# %% [markdown]
# ## Recap
#
# <details><summary>Why variance 1/n?</summary>
# So that the sum of n inputs is about as large as one of them, in every layer.</details>
#
# <details><summary>Why twice that for relu?</summary>
# It sets half of its inputs to 0.</details>
#
# <details><summary>Do zero weights stop all learning?</summary>
# With tanh or relu, all but the output bias. With sigmoid the net starts a step late, and its units stay equal.</details>
#
# <details><summary>What is wrong with one constant for all weights?</summary>
# Symmetry: units with equal weights in and out stay equal for ever.</details>
#
# <details><summary>Bell or box?</summary>
# With equal variance it makes no difference.</details>
#
# ## References
#
# - Glorot, Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010.
# - He et al., *Delving deep into rectifiers*, 2015. LeCun et al., *Efficient BackProp*, 1998.
#
# Next: **6. Gradient flow: where does the gradient go?**
