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
# # 0. Start: what is all this about?
#
# Points of two kinds lie in a plane, like two moons. A small net learns to tell them apart. This is the whole program, and what came out.

# %% mystnb={"image": {"alt": "Two interlocking half moons of points in two colours, and the curved boundary that the trained net draws between them."}}
import nn

X, y = nn.data.moons(100, seed=0)
model = nn.MLP(2, [16, 16, 1], seed=0)
optimizer = nn.Adam(model.parameters(), lr=0.05)
history = nn.fit(
    model, X, y, loss=nn.binary_cross_entropy, optimizer=optimizer,
    epochs=20, batch_size=10, progress=False,
)
nn.plots.decision_boundary(model, X, y)

# %% [markdown]
# A net is a function with many numbers in it, its **parameters**. This one has 337. Each was moved, a little at a time, in the direction
# that makes the net less wrong.
#
# **Predict:** how many of the 100 points does it get right?

# %%
print(len(model.parameters()), "parameters, accuracy", nn.accuracy(nn.predict(model, X), y))

# %% [markdown]
# How does it know in which direction? That is the question of the next notebook, and of this course. It needs one idea from school: the slope.
#
# ## A page on slopes
#
# Take a function, f(x) = x². Stand at x = 3 and go a small way h to the right. How much does f rise, for each unit of the way?

# %%
def f(x):
    return x**2


for h in (1.0, 0.1, 0.01, 0.001):
    print(f"h = {h:5}: f rises by {(f(3 + h) - f(3)) / h:.3f} per unit")

# %% [markdown] quoted="0.06"
# The smaller the way, the nearer to 6. This is the **slope** of f at 3, or its **derivative**. It says what happens next:
# go right by 0.01, and f rises by about 0.06.
#
# The library finds it without any h. **Predict** its answer at 0, and at -1.

# %%
from autograd import grad

slope = grad(f)
print(slope(3.0), slope(0.0), slope(-1.0))

# %% [markdown]
# At 0 the curve is flat. At -1 it goes down to the right: the slope is negative.
#
# ## Downhill
#
# To make f small, step against the slope. **Predict** where this ends.

# %% mystnb={"image": {"alt": "The parabola x squared with points stepping down from x = 3 towards the bottom at 0, each step shorter than the last."}}
path = nn.descend(f, [3.0], lambda ps: nn.SGD(ps, lr=0.2), steps=8)
print([round(x, 2) for (x,) in path])
nn.plots.descent(f, {"rate 0.2": path}, low=-2, label="f(x)").set(xlabel="x", ylabel="f(x)");

# %% [markdown]
# It comes nearer and nearer to the bottom, at 0. The steps get shorter by themselves, because the slope gets smaller.
#
# Training a net is this, with 337 numbers in place of one, and with "how wrong is the net" in place of x².
#
# ## What breaks if ...
#
# ... we step *along* the slope, uphill? **Predict** the first few numbers.

# %%
x = 3.0
for _ in range(4):
    x += 0.2 * slope(x)
    print(f"{x:.2f}", end="  ")

# %% [markdown]
# ## The map
#
# | question | notebook |
# |---|---|
# | How does a program know its slope? | 1. Value |
# | What is a neuron, and why an activation? | 2. Neuron |
# | What should a loss punish? | 3. Loss |
# | How far may a step go? | 4. Learning rate, 4b. Batches, schedules, optimizers |
# | How to begin? | 5. Initialisation |
# | Where does the gradient go? | 6. Gradient flow |
# | How is a model trained, and trusted? | 7. Training |
# | What is a word? | 8. Embeddings |
# | What came before? | 9. Memory |
#
# Each begins with its answer as a picture. Where you read **Predict**, stop and guess. Then run the cell.
#
# ## Exercises
#
# Put a number in place of `...` and run the cell.
#
# **0.1** Find the slope of f(x) = x³ at x = 2 by a small h. Two digits are enough.
#
# **0.2** At which x has f(x) = (x - 4)² the slope 0?
#
# **0.3** f has the slope 5 at some x. About how much does f change if x goes down by 0.1?

# %% solution="slope_of_cube = ((2 + 1e-6) ** 3 - 2**3) / 1e-6" wrong="slope_of_cube = ((2 + 1) ** 3 - 2**3) / 1"
from check import check

slope_of_cube = ...
check("0.1", slope_of_cube)

# %% solution="flat_at = 4" wrong="flat_at = 0"
flat_at = ...
check("0.2", flat_at)

# %% solution="change = 5 * -0.1" wrong="change = 5 * 0.1"
change = ...
check("0.3", change)

# %% [markdown]
# ## Recap
#
# <details><summary>What is a slope?</summary>
# How much f rises for each unit of a small way to the right.</details>
#
# <details><summary>What does a negative slope say?</summary>
# The function falls to the right.</details>
#
# <details><summary>How does one go downhill?</summary>
# Step against the slope.</details>
#
# <details><summary>Why do the steps get shorter?</summary>
# Near the bottom the slope itself is small.</details>
#
# <details><summary>What are the parameters of a net?</summary>
# The numbers in it that training moves.</details>
#
# ## References
#
# - Karpathy, *micrograd*, 2020, whose demo the moons are.
# - Nielsen, *Neural Networks and Deep Learning*, 2015.
#
# Next: **1. Value: how does a program know its slope?**
