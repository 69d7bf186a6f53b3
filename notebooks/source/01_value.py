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
# # 1. Value: how does a program know its slope?
#
# A program takes numbers in and gives a number out. Nudge one of the inputs: how far does the result move, measured in nudges?
# That ratio is the **slope**. A neural network learns by slopes, one for each of its weights.
#
# Here is the answer, as a picture. The rest is the why. Where you read **Predict**, stop and guess before you run the next cell.

# %% mystnb={"image": {"alt": "The neuron tanh(x1 w1 + x2 w2 + bias) as boxes from left to right. Each box has its data and its grad, each arrow its local derivative. w1 has grad 1, w2 has grad 0."}}
import math
import warnings

from autograd import Value, check_gradients, draw, explain, step_through, summary, tanh

x1, x2 = Value(2.0), Value(0.0)
w1, w2 = Value(-3.0), Value(1.0)
bias = Value(6.8813735870195432)

p1 = x1 * w1
p2 = x2 * w2
s = p1 + p2
n = s + bias
o = tanh(n)
o.backward()

names = dict(x1=x1, w1=w1, x2=x2, w2=w2, bias=bias, p1=p1, p2=p2, s=s, n=n, o=o)
draw(o, names=names)

# %% [markdown] quoted="0.001"
# This is one neuron: two inputs, each times its weight, plus a bias; then `tanh`. Read the picture twice.
#
# - From left to right, `data` is what Python computed. The result is 0.7071.
# - From right to left, `grad` is the slope of `o` in that box. In `w1` it is 1: raise `w1` by 0.001, and `o` rises by about 0.001.
#
# An arrow carries the slope of its one step, the **local derivative**. Every grad comes from these, by two rules:
# *multiply along a path; add where paths meet.*
#
# ## A slope is a limit, and rounding spoils it
#
# The plain way needs no library. Nudge `w1` by h, see how far `o` moves, divide by h. The slope is where this goes as h goes to 0.
# Our bias is chosen so that it goes to 1.
#
# **Predict:** the smaller h, the smaller the error?

# %% mystnb={"image": {"alt": "Error of the slope against h, both axes logarithmic: a V, lowest at h = 1e-8. A dashed line far below it is the error of backward."}}
def neuron(x1, w1, x2, w2, bias):
    return tanh(x1 * w1 + x2 * w2 + bias)


def error(h):
    before, after = (neuron(2.0, w, 0.0, 1.0, bias.data) for w in (-3.0, -3.0 + h))
    return abs((after - before) / h - 1)


import matplotlib.pyplot as plt

steps = [10.0**-k for k in range(1, 17)]
fig, ax = plt.subplots(figsize=(6, 3))
ax.loglog(steps, [error(h) for h in steps], "o-", label="nudge by h")
ax.axhline(abs(w1.grad - 1), linestyle="--", color="black", label="backward")
ax.set(xlabel="h", ylabel="error of the slope")
ax.legend();

# %% [markdown]
# The error is a V. On the right, h is too large: the curve bends within the step. On the left, h is too small:
# the two results share nearly all of their sixteen digits, and their difference is mostly rounding.
# At h = 1e-16 nothing moves, and the slope comes out as 0. The best h, 1e-8, gets about half of the digits.
#
# The dashed line is `backward`: no h, an error below 1e-15, and all five slopes from one walk. Nudging needs a run for each.
#
# ## Along a path, slopes multiply
#
# `backward` works in small steps, whose slopes are known. A sum has the slope 1 in each term. A product has, in one factor,
# the other factor as its slope. `tanh` has 0.5 here; exercise 1.1 asks why. Four steps lead from `w1` to `o`, with the slopes 2, 1, 1 and 0.5.
#
# **Predict:** if `w1` moves by h, how far does `o` move? And if `w2` does?

# %%
d_o = 1.0                             # o moves with itself, one for one
d_n = d_o * 0.5                       # o = tanh(n)
d_s, d_bias = d_n * 1, d_n * 1        # n = s + bias
d_p1, d_p2 = d_s * 1, d_s * 1         # s = p1 + p2
d_x1, d_w1 = d_p1 * -3, d_p1 * 2      # p1 = x1 * w1, with -3 and 2
d_x2, d_w2 = d_p2 * 1, d_p2 * 0       # p2 = x2 * w2, with 1 and 0

for name, by_hand in dict(x1=d_x1, w1=d_w1, x2=d_x2, w2=d_w2, bias=d_bias).items():
    print(f"{name:4}  by hand {by_hand:4}   backward {names[name].grad:4.1f}")

# %% [markdown]
# `w1` moves `p1` twice as far, the two sums pass the move on, `tanh` halves it: 2 · 1 · 1 · 0.5 = 1. This is the **chain rule**.
# `w2` moves nothing: its input is 0.
#
# Each line needs only lines above it: the walk goes from the result back to the inputs. Hence the name.
# `step_through(o)` is a page with buttons, in a running notebook: press *Next*, and find your lines again.
#
# ## Where paths meet, slopes add
#
# Now a program is to do it. It needs numbers that remember their *parents*, from which they were made, and their slope in each.

# %%
class Number:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.grad = data, 0.0
        self.parents, self.slopes = parents, slopes

    def __add__(self, other):
        return Number(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Number(self.data * other.data, (self, other), (other.data, self.data))


# %% [markdown]
# `backward` gives each parent its grad and goes on from there. We try it on c = b + b, with b = a · a, at a = 3.
# School says: c is 2a², so its slope is 4a = 12.
#
# **Predict:** does our first try find 12?

# %%
def backward(node):
    for parent, slope in zip(node.parents, node.slopes):
        parent.grad = slope * node.grad  # multiply along the path
        backward(parent)


def example(kind):
    a = kind(3.0)
    b = a * a
    c = b + b
    return a, b, c


a, b, c = example(Number)
c.grad = 1.0
backward(c)
a.grad

# %% [markdown]
# It finds 3. `a` is used twice in `b`, and `b` twice in `c`. Each use moves the result, so each use counts.
# But `=` forgets what the other use has brought. One sign mends that: `+=`.
#
# **Predict:** 12 now?

# %%
def backward(node):
    for parent, slope in zip(node.parents, node.slopes):
        parent.grad += slope * node.grad  # add where paths meet
        backward(parent)


a, b, c = example(Number)
c.grad = 1.0
backward(c)
a.grad

# %% [markdown]
# ## A number passes on only when all has arrived
#
# Now it finds 18, too much. (That `c` is 18 as well is chance.) Follow it:
#
# - `c` brings `b` a first 1. At once `b` passes on 3 + 3 = 6.
# - `c` brings `b` its second 1. Now `b.grad` is 2, which is right, and `b` passes on 6 + 6 = 12.
#
# The first 1 was passed on twice. `b` must wait. So we make a list, parents before what is made from them, and walk it from its end.
# Then a number's turn comes after everything that was made from it.
#
# **Predict** once more.

# %%
def in_order(node, found):
    if node not in found:
        for parent in node.parents:
            in_order(parent, found)
        found.append(node)
    return found


def backward(result):
    result.grad = 1.0
    for node in reversed(in_order(result, [])):
        for parent, slope in zip(node.parents, node.slopes):
            parent.grad += slope * node.grad


a, b, c = example(Number)
backward(c)
a.grad

# %% [markdown]
# It finds 12. `Number`, `in_order` and `backward` are a complete engine, in nineteen lines.
# The library's `Value` is the same idea, with more operations, more speed and more care.
#
# ## Backward is the sum over all paths
#
# From here on we use `Value`. `explain` shows the paths by which one number acts on another. From `w1` to `o` there is one: you walked it.
#
# **Predict:** how many lead from `a` to `c`? And how many through thirty doublings, y = y + y?

# %% mystnb={"image": {"alt": "a, b and c in a row: two arrows of 3 from a to b, two arrows of 1 from b to c. The grads are 12, 2 and 1."}}
print(explain(o, w1, names=names), end="\n\n")

a, b, c = example(Value)
c.backward()
why = explain(c, a)
print("from a to c:", why.count, "paths, which bring", [path.contribution for path in why.paths])

y = x = Value(1.0)
for _ in range(30):
    y = y + y
print(f"thirty doublings: {explain(y, x).count:,} paths through {summary(y).nodes} numbers")
step_through(c, names=dict(a=a, b=b, c=c))

# %% [markdown]
# Two ways from `a` to `b`, times two from `b` to `c`: four paths, each 3 · 1 = 3, together 12.
#
# Thirty doublings make a billion paths. To walk them one by one would be right, and hopeless. `backward` adds up what arrives at a number
# and passes the sum on, once: 31 numbers, 31 visits.
#
# You need not trust it. `check_gradients` nudges each input, with several h.

# %%
print(check_gradients(neuron, 2.0, -3.0, 0.0, 1.0, bias.data, order=1))

# %% [markdown]
# All five agree. Check every rule of your own like this.
#
# ## What breaks if ...
#
# ... we run `backward` twice? Take `math.tanh`? Change `a` after `c` was computed? **Predict** all three.

# %%
p, q, r = example(Number)
backward(r)
backward(r)
print("twice, ours:   ", p.grad)

c.backward()
print("twice, library:", a.grad)

with warnings.catch_warnings(record=True) as caught:
    print("math.tanh:     ", type(math.tanh(n)), "and a", caught[0].category.__name__)

a.data = 4.0
try:
    c.backward()
except Exception as problem:
    print("changed a:     ", type(problem).__name__)

# %% [markdown]
# - The library's 24 is twice 12, on purpose: slopes from many rows of data add up. `a.grad = 0.0` begins anew. Our 36 is a bug: mend it in 1.2.
# - `math.tanh` gives a plain float. A float has no parents, so no slope gets through. The library warns, once.
# - `c` was computed from the old `a`. The library refuses to mix old and new.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell.
#
# **1.1** Write the slope of `tanh` in terms of its result t alone. With it, `Number` can run the neuron.
#
# **1.2** Mend the 36: `a.grad` is to be 12, however often `backward` runs.
#
# **1.3** By hand: d = (x + y) · x, at x = 2, y = 3. What is the slope of d in x?

# %% solution="return Number(t, (x,), (1 - t * t,))" wrong="return Number(t, (x,), (1 - t,))"
from check import check


def number_tanh(x):
    t = math.tanh(x.data)
    return Number(t, (x,), (...,))


check("1.1", lambda z: number_tanh(Number(z)).slopes[0])

# %% solution="for node in order: node.grad = 0.0" wrong="order[0].grad = 0.0"
def backward_mended(result):
    order = in_order(result, [])
    ...
    result.grad = 1.0
    for node in reversed(order):
        for parent, slope in zip(node.parents, node.slopes):
            parent.grad += slope * node.grad


a, b, c = example(Number)
backward_mended(c)
backward_mended(c)
check("1.2", a.grad)

# %% solution="slope_in_x = 7" wrong="slope_in_x = 5"
slope_in_x = ...
check("1.3", slope_in_x)

# %% [markdown]
# ## Recap
#
# <details><summary>Why not take h = 1e-16 and be done?</summary>
# -3 + 1e-16 rounds to -3. Nothing moves, and the slope comes out as 0.</details>
#
# <details><summary>The slope in w2 is 0. Is w2 useless?</summary>
# No. A slope holds at one point. With another x2, w2 counts.</details>
#
# <details><summary>Why += and not =?</summary>
# Every use of a number moves the result. The slope is the sum over all uses; = keeps only the last.</details>
#
# <details><summary>Why may a number not pass on at once?</summary>
# More may arrive, and what it passed on early would be passed on again.</details>
#
# <details><summary>A billion paths: why is backward quick?</summary>
# Where paths meet, they go on as one sum. Each number is visited once.</details>
#
# ## The same lines elsewhere
#
# | | micrograd 0.1.0 | chainrule | PyTorch 2.13 |
# |---|---|---|---|
# | a number | `a = Value(3.0)` | `a = Value(3.0)` | `a = torch.tensor(3.0, requires_grad=True)` |
# | a product | `b = a * a` | `b = a * a` | `b = a * a` |
# | a sum | `c = b + b` | `c = b + b` | `c = b + b` |
# | walk back | `c.backward()` | `c.backward()` | `c.backward()` |
# | `a.grad` | `12.0` | `12.0` | `tensor(12.)` |
# | walk again | `36.0` | `24.0` | an error |
# | begin anew | `a.grad = 0` | `a.grad = 0.0` | `a.grad = None` |
# | tanh | none | `tanh(n)` | `torch.tanh(n)` |
#
# ## References
#
# - Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.
# - Baydin et al., *Automatic differentiation in machine learning: a survey*, JMLR 18(153), 2018.
# - Karpathy, *The spelled-out intro to neural networks and backpropagation: building micrograd*, 2022. The neuron is his.
#
# Next: **2. Neuron: what does one neuron decide?**
