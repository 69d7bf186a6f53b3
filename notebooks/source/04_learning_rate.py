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
# # 4. Learning rate: how far may a step go?
#
# Descent steps against the slope: w becomes w - rate · slope. The **learning rate** scales the step; the slope is what it is.
# Here is one weight on the bowl f = c w²/2, with five rates. It is the whole answer, as a picture.

# %% mystnb={"image": {"alt": "The weight against the step for five rates. Below 1/c it approaches 0 from one side. At 1/c it lands at once. Between, it alternates and shrinks. At 2/c it flips for ever. Above, it grows."}}
import random

import nn
from autograd import Value, sigmoid

c = 4.0


def bowl(w):
    return 0.5 * c * w**2


def path(rate, f=bowl, start=(1.0,), steps=12):
    return nn.descend(f, list(start), lambda ps: nn.SGD(ps, lr=rate), steps=steps)


rates = {"0.5/c": 0.5 / c, "1/c": 1 / c, "1.5/c": 1.5 / c, "2/c": 2 / c, "2.1/c": 2.1 / c}
nn.plots.weight_curve({name: [w for (w,) in path(rate)] for name, rate in rates.items()})

# %% [markdown]
# ## Five regimes
#
# The slope of f at w is c w. So a step multiplies w by 1 - rate · c, again and again.
#
# **Predict:** for each rate, the sign and the size of that factor.

# %%
for name, rate in rates.items():
    (w0,), (w1,), *_ = path(rate)
    print(f"rate {name:5}: w goes 1.00, {w1:5.2f}, ... {path(rate)[-1][0]:6.2f}")

# %% [markdown]
# | rate | the weight |
# |---|---|
# | below 1/c | comes from one side |
# | 1/c | lands in one step |
# | from 1/c to 2/c | alternates sides and shrinks |
# | 2/c | flips for ever |
# | above 2/c | diverges |
#
# ## The loss does not tell
#
# **Predict:** the *loss* at the rates 0.5/c and 1.5/c: which falls faster?

# %% mystnb={"image": {"alt": "The loss against the step: the curves for the rates 0.5/c and 1.5/c are the same falling line; that of 2/c is level, that of 2.1/c rises."}}
losses = {name: [bowl(w) for (w,) in path(rate)] for name, rate in rates.items() if name != "1/c"}
print([f"{x:.4f}" for x in losses["0.5/c"][:5]])
print([f"{x:.4f}" for x in losses["1.5/c"][:5]])
nn.plots.weight_curve(losses, ylabel="loss", log=True)

# %% [markdown]
# Neither: the factors 0.5 and -0.5 have the same square. Rates r/c and (2 - r)/c give the same losses, though one weight
# walks and the other jumps. Below 2/c the loss falls at every step.
#
# ## Two directions, one rate
#
# Now a bowl that is flat along w1 and steep along w2: c1 = 0.1, c2 = 10.
#
# **Predict:** up to which rate does descent come down? Whose direction decides?

# %% mystnb={"image": {"alt": "Level lines of a long valley with two paths. With the rate 0.19 the path jumps across the valley and creeps along it. With 0.21 it leaves the picture across."}}
def valley(w1, w2):
    return 0.05 * w1**2 + 5.0 * w2**2


paths = {f"rate {rate}": path(rate, valley, (1.0, 1.0), 100) for rate in (0.19, 0.21)}
for name, points in paths.items():
    print(f"{name}: after 100 steps w1 = {points[-1][0]:.2f}, w2 = {points[-1][1]:.1e}")
shown = {name: points[:4] for name, points in paths.items()}
nn.plots.cost_surface(valley, shown, (-0.5, 1.5), (-2, 2))

# %% [markdown]
# The steep one: 2/c2 = 0.2 is the limit for both. And w1 still has far to go, though the rate is nearly too large. A long valley
# is why plain descent is slow.
#
# ## What a slope promises
#
# A small step d should change f by slope · d. **Predict:** the error of that promise, when the step is halved?

# %%
def promise(step):
    """By how much f moves more than its slope says, for a step from w = 1."""
    return bowl(1.0 - step * c) - (bowl(1.0) - step * c * c)


errors = [promise(step) for step in (0.02, 0.01, 0.005)]
print([f"{e:.5f}" for e in errors], "ratios", [round(a / b, 2) for a, b in zip(errors, errors[1:])])

w1, w2 = Value(3.0), Value(5.0)
(w1 * w2).backward()
promised = w1.grad * 0.5 + w2.grad * -0.25
print("w1 w2 promised", promised, "moved", 3.5 * 4.75 - 15.0)

# %% [markdown]
# It falls to a quarter: a smaller step can be trusted more. For f = w1 w2 the promise misses by 0.5 · (-0.25): each partial
# derivative assumes that the *other* weight stays. They move together.
#
# ## Find a rate by trying
#
# The **range test** raises the rate step by step and watches the loss. On the bowl we know the truth: the limit is 2/c.
#
# **Predict:** where will the loss turn up?

# %% mystnb={"image": {"alt": "Loss against the learning rate, logarithmic. It falls, then turns up between 0.5 and 1; the suggested rate is marked."}}
class Bowl(nn.Module):
    """A model that is one weight; its output is c w² / 2."""

    def __init__(self):
        self.w = Value(1.0)

    def forward(self, row):
        return [bowl(self.w)]


model = Bowl()
test = nn.lr_range_test(
    model, [[0.0]], [0.0], loss=nn.mae,
    optimizer=nn.SGD(model.parameters(), lr=0.1), low=0.01, high=10.0, steps=60,
)
turn = test.rates[test.losses.index(min(test.losses))]
print(f"limit 2/c = {2 / c}; from the rate {turn:.2f} on the loss grows")
nn.plots.range_test(*test)

# %% [markdown]
# It agrees: the loss turns up past 2/c.
#
# ## Old beliefs, new beliefs
#
# A child has seen ten orange cats. Then black ones come. One weight through a sigmoid is its belief that a cat is orange.
#
# **Predict:** does a child with a higher learning rate need more black cats to change its mind, or fewer?

# %% mystnb={"image": {"alt": "Belief that a cat is orange against the cats seen. All curves rise over ten orange cats and fall with black ones; the higher the rate, the sooner they cross one half."}}
def beliefs(rate):
    w = Value(0.0)
    course = [0.5]
    for orange in [1] * 10 + [0] * 25:
        w.grad = 0.0
        nn.binary_cross_entropy([w * 1.0], [orange]).backward()
        w.data -= rate * w.grad
        course.append(sigmoid(w.data))
    return course


courses = {f"rate {rate}": beliefs(rate) for rate in (0.1, 0.3, 1.0, 10.0)}
for name, course in courses.items():
    needed = next(k for k, p in enumerate(course[11:], 1) if p < 0.5)
    print(f"{name:9} believes {course[10]:.2f} after ten, changes its mind after {needed} black")
nn.plots.belief_curve(courses)

# %% [markdown]
# Fewer. At a high rate one black cat outweighs ten orange ones: it learns quickly and forgets quickly.
#
# ## What breaks if ...
#
# ... the rate is above the limit for a real net? **Predict** what the loss does at the rates 0.1, 1 and 100.

# %%
X, y = nn.data.moons(60, seed=0)
for rate in (0.1, 1.0, 100.0):
    net = nn.MLP(2, [8, 1], activation="tanh", seed=0)
    history = nn.fit(
        net, X, y, loss=nn.mse, optimizer=nn.SGD(net.parameters(), lr=rate),
        epochs=20, progress=False,
    )
    print(f"rate {rate:5}: loss {history['loss'][0]:.2f} ... {history['loss'][-1]:.2g}")

# %% [markdown]
# At 0.1 it falls. At 1 and at 100 each step overshoots by more than the one before, until the numbers are astronomical.
#
# ## Exercises
#
# **4.1** f = 3 w². Which rate lands in one step?
#
# **4.2** c = 4 and the rate is 0.3. By which factor does a step multiply w?
#
# **4.3** The rates 0.1 and r give the same losses for c = 4. What is r?

# %% solution="rate = 1 / 6" wrong="rate = 1 / 3"
from check import check

rate = ...
check("4.1", rate)

# %% solution="factor = 1 - 0.3 * 4" wrong="factor = 0.3 * 4"
factor = ...
check("4.2", factor)

# %% solution="r = 2 / 4 - 0.1" wrong="r = 2 - 0.1"
r = ...
check("4.3", r)

# %% [markdown]
# ## Recap
#
# <details><summary>What is the largest rate for f = c w²/2?</summary>
# 2/c. At it the weight flips for ever; above it diverges.</details>
#
# <details><summary>Does a falling loss mean that the weight comes straight?</summary>
# No. Between 1/c and 2/c it alternates sides.</details>
#
# <details><summary>With several weights, whose curvature sets the limit?</summary>
# The steepest direction's.</details>
#
# <details><summary>Does a small rate make the slope small?</summary>
# No. The rate scales the step; the slope stays what it is.</details>
#
# <details><summary>What is the price of a high rate?</summary>
# The last example counts most: new beliefs push out old ones.</details>
#
# ## References
#
# - Cauchy, 1847, on the method of steepest descent. LeCun et al., *Efficient BackProp*, 1998.
# - Smith, *Cyclical learning rates for training neural networks*, 2017: the range test.
#
# Next: **4b. Batches, schedules, optimizers**
