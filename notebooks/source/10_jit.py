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
# # 10. Further: what does jit do?
#
# A graph is built anew for every row and every step, and thrown away. Yet each time it is the same few operations. `jit` writes them down
# once, and then only repeats them. This is what it wrote down for one step of training one neuron.

# %%
import nn
from autograd import Value, gradients, jit, tanh


def step(w, b, x, target):
    error = tanh(w * x + b) - target
    loss = error * error
    dw, db = gradients(loss, [w, b])
    return loss, w - 0.1 * dw, b - 0.1 * db


recorded = jit(step)
print(recorded.source(0.5, 0.0, 1.5, -1.0))

# %% [markdown]
# No Value is left in it, no graph and no loop over nodes. Forward, gradients and update are a dozen lines of arithmetic: **this is all that
# backpropagation is.** The number `d1` is the gradient at `a1`, and `d3` at `a3`. The lines from `a5` to `a7` find the slope of `tanh` at `a1`: `bell` is the slope of
# `sigmoid`, and 4 bell(2 a) is that of `tanh` at a, as the comment at the top says. Two lines are the chain rule: `d1` is that slope times `d3`, and `dx_0`, the gradient at w, is `x[2]`
# times `d1`. At b it is `d1` itself. `dx` has both, and the last lines move w and b.
#
# ## The same numbers
#
# **Predict:** how far apart are the recorded step and the step on Values, after 50 steps?


# %%
def eager(w, b, x, target):
    w, b = Value(w), Value(b)
    return tuple(v.data for v in step(w, b, x, target))


fast = slow = (0.5, 0.0)
for _ in range(50):
    loss, *fast = recorded(*fast, 1.5, -1.0)
    _, *slow = eager(*slow, 1.5, -1.0)
print(f"loss {loss:.6f}, difference of the weights {max(abs(a - b) for a, b in zip(fast, slow))}")

# %% [markdown]
# Not at all: the same bits. The program does the same operations in the same order.
#
# ## A batch
#
# Now a cost over four rows, in a plain Python loop. **Predict:** does the program have four times as many lines?

# %%
rows = [(0.5, 1.0), (1.0, -1.0), (-0.5, 0.5), (2.0, -1.0)]


def cost(w, b):
    total = 0.0
    for x, target in rows:
        error = tanh(w * x + b) - target
        total = total + error * error
    return total * 0.25


program = jit(cost).source(0.5, 0.0)
print(program)

# %% [markdown]
# No. Operations of the same kind stand side by side, as lists: the rows have become **lanes**. With native code (the extra `jit`) they run several at a time.
#
# ## A loop
#
# Now one unit that feeds itself, 50 times over. **Predict:** how many lines has the program, and in which order does backward go through
# the 50 steps?


# %%
def unit(z, w, b):
    return tanh(w * z + b)


def last(w, b):
    z = 0.5
    for _ in range(50):
        z = unit(z, w, b)
    return z, gradients(z, [w, b])


text = jit(last).source(Value(0.5, label="w"), Value(0.1, label="b"))
print(text)
print(len(text.splitlines()), "lines")

# %% [markdown]
# Few lines, and as few for more steps: what is repeated is a function, and a loop of calls. (w and b are Values here. The numbers of
# Values stand in `p`, plain arguments in `x`.) Beside `unit` stands `unit_gradient`, which gets the gradient from the step after it
# and hands it on to the one before: backward runs from the last step to the first. Nobody said where the loop is. jit saw only a list of
# operations, found that they repeat, and compared every one.
#
# An LSTM works the same. **Predict:** what is the function of its loop called?

# %%
lstm = nn.Sequential(nn.LSTM(1, 4, seed=0), nn.Last(), nn.Layer(4, 1, seed=0))
of_sequences = nn.train_step(lstm, nn.mse, nn.SGD(lstm.parameters(), lr=0.1))
text = of_sequences.source([[[0.1 * t] for t in range(50)]], [[0.5]])
print(f"{text.count(chr(10))} lines, with the functions")
print(
    "\n".join(
        line[:110] for line in text.splitlines() if line.startswith("def ") or " for t in " in line
    )
)

# %% [markdown]
# It is called `lstm_cell`, after the part of `nn` that made the operations, `LSTMCell`, and its gradient is `lstm_cell_gradient`.
#
# ## What a recording cannot see
#
# jit runs the function *once*, with stand-ins for numbers. **Predict:** what becomes of an `if`? And of a random number?

# %%
import random
import re
import textwrap


def branch(x):
    return x * 2.0 if x > 0 else x * 3.0


for what in (branch, lambda x: x + random.random()):
    try:
        jit(what)(1.0)
    except TypeError as error:
        text = re.sub(r"at \S+:(\d+)", r"at line \1 of this cell", str(error))
        print(textwrap.fill(text, 100), end="\n\n")

# %% [markdown]
# Both are refused, with the line and what to write instead. A replay would always take the same branch, and draw the same "random" number.
#
# `where` selects, and is an operation like any other. **Predict** the three results. And what becomes of `log`, which has no value at -1, and of
# a draw by `sample`?

# %%
from autograd import log, sample, where

selected = jit(lambda x: where(x > 0, x * 2.0, x * 3.0))
print(selected(1.0), selected(-1.0), selected(2.0))
print(selected.source(1.0))

guarded = jit(log)
print(guarded.source(1.0))
try:
    guarded(-1.0)
except ValueError as error:
    print(error)

rng = random.Random(0)
noisy = jit(lambda x: x + sample(rng.random))
print("two draws", noisy(0.0), noisy(0.0))

# %% [markdown]
# One program serves both sides. `log` has a domain, so its program has a **guard**, the line with `if`: outside of the domain the call raises
# the error of the eager run. And `sample` draws anew at every call.
#
# ## A whole training step
#
# `nn.train_step` records forward, gradients and the optimizer's update of a net. **Predict:** must the training loop change?

# %% mystnb={"image": {"alt": "Training loss over 60 steps: the recorded and the eager curve lie on each other."}}
X, y = nn.data.moons(40, seed=0)
curves = {}
for name in ("recorded", "eager"):
    model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    training = nn.train_step(model, nn.binary_cross_entropy, optimizer)
    take = training.with_outputs if name == "recorded" else training.eager
    curves[name] = [take(X, y)[0] for _ in range(60)]
print("equal to the last bit:", curves["recorded"] == curves["eager"])
nn.plots.loss_curve(curves)

# %% [markdown]
# Hardly: one call a step. The README says how much faster it is, beside other systems.
#
# ## What breaks if ...
#
# ... a plain number outside the function changes later? Or a Value? **Predict** the second result of each.

# %%
scale = 2.0
scaled = jit(lambda x: x * scale)
first = scaled(10.0)
scale = 3.0
print(first, scaled(10.0))

held = Value(2.0)
of_value = jit(lambda x: x * held)
first = of_value(10.0).data
held.data = 3.0
print(first, of_value(10.0).data)

# %% [markdown]
# The plain number stays the old one: it is burnt in. A Value is read at every call. So make it a Value, or pass it as an argument.
#
# ## Exercises
#
# **10.1** How many programs does `jit` make of `lambda x: where(x > 0, x, -x)`, called with 1, -1, 2 and -5?
#
# **10.2** Write a function to record in place of `scaled`, which sees every change of its factor s.
#
# **10.3** What becomes of the loop over rows: a loop, lanes or a guard?

# %% solution="programs = 1" wrong="programs = 2"
from check import check

programs = ...
check("10.1", programs)


# %% solution="return x * s" wrong="return x * 2.0"
def factor(x, s):
    return ...


check("10.2", lambda x: factor(x, 3.0))

# %% solution='becomes = "lanes"' wrong='becomes = "a loop"'
becomes = ...
check("10.3", becomes)

# %% [markdown]
# ## Recap
#
# <details><summary>What does jit write down?</summary>
# The operations of one run, in order.</details>
#
# <details><summary>Why are the numbers the same?</summary>
# The same operations run in the same order.</details>
#
# <details><summary>What is a guard?</summary>
# A question before an operation: are the numbers in its domain?</details>
#
# <details><summary>When are repeated operations lanes, and when a loop?</summary>
# Lanes where none needs another one's result, a loop where each needs the one before.</details>
#
# <details><summary>What is burnt in?</summary>
# Plain numbers from outside the arguments.</details>
#
# <details><summary>What is refused?</summary>
# What a replay could not do again, such as a draw from Python's generator.</details>
#
# ## References
#
# - Griewank, Walther, *Evaluating Derivatives*, 2008, chapter 6, on tapes.
# - Frostig, Johnson, Leary, *Compiling machine learning programs via high-level tracing*, 2018.
#
# Next: **11. Further: a GPT on scalars**
