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
# # 4b. Batches, schedules, optimizers: which way down?
#
# A cost is a mean over rows. One may step down the mean of all of them, or down one row at a time. Here is a cost with two valleys,
# and what becomes of each way. The left valley is the deeper one; both start on the right.

# %% mystnb={"image": {"alt": "The weight over 800 steps. Full batches settle at 0.96, in the right valley. Single rows jump about, cross over, and circle near -1."}}
import math
import random

import nn
from autograd import Value, mean

rng = random.Random(1)
tilts = [rng.gauss(0, 2.0) for _ in range(40)]
tilts = [tilt - math.fsum(tilts) / 40 for tilt in tilts]


class Weight(nn.Module):
    """One weight; the loss of a row is a double valley, tilted by the row."""

    def __init__(self):
        self.w = Value(1.2)

    def forward(self, tilt):
        return (self.w**2 - 1.0) ** 2 + 0.3 * self.w + tilt * self.w


def descend(batch_size, epochs):
    model = Weight()
    path = [model.w.data]
    nn.fit(
        model, tilts, [0.0] * 40, loss=lambda outputs, _: mean(outputs),
        optimizer=nn.SGD(model.parameters(), lr=0.1), epochs=epochs, batch_size=batch_size,
        callbacks=[lambda run: path.append(run.model.w.data)], seed=0, progress=False,
    )
    return path


walks = {"all 40 rows": descend(None, 20), "one row at a time": descend(1, 20)}
for name, path in walks.items():
    print(f"{name:18} ends at w = {path[-1]:.2f}")
nn.plots.weight_curve(walks)

# %% [markdown]
# The full batch knows the exact slope, and stays in the valley where it began. A single row has a slope that is right only on average.
# Its errors shake the weight, here out of the poor valley.
#
# ## Three words
#
# A **batch** is all rows, a **mini-batch** some of them, and **stochastic** descent takes one. An **epoch** is one pass over all rows.
#
# **Predict:** how many steps does an epoch of 40 rows have, with mini-batches of 8?

# %%
X, y = nn.data.moons(40, seed=0)
for size in (40, 8, 1):
    batches = list(nn.data.batches(X, y, size, rng=random.Random(0)))
    print(f"batch_size={size:2}: {len(batches)} steps an epoch")

# %% [markdown]
# ## Noise never stops; the rate can
#
# Near the bottom the noise keeps a weight moving. **Predict:** with unit noise on every slope, does a constant rate come to rest?
# And one that decays?

# %% mystnb={"image": {"alt": "The factor on the rate against the step for five schedules: constant, time-based, exponential, step drop, cosine."}}
steps = 200
schedules = {
    "constant": lambda step: 1.0,
    "time-based": nn.schedules.time_based(0.1),
    "exponential": nn.schedules.exponential(0.98),
    "step drop": nn.schedules.step(40),
    "cosine": nn.schedules.cosine(steps),
}


def distance(schedule):
    """The mean distance from the minimum of w²/2 after 200 noisy steps."""
    found = []
    for seed in range(30):
        rng, w = random.Random(seed), Value(5.0)
        optimizer = nn.SGD([w], lr=0.5)
        for step in range(steps):
            w.grad = w.data + rng.gauss(0, 1)
            optimizer.step(schedule(step))
        found.append(abs(w.data))
    return math.fsum(found) / 30


for name, schedule in schedules.items():
    print(f"{name:12} ends {distance(schedule):.3f} from the minimum")
nn.plots.rate_curve(schedules, steps)

# %% [markdown]
# Every decay ends nearer. A **schedule** is a factor on the rate: large steps first, to get there; small ones later, to rest.
#
# Some rise at first: a **warm-up** is careful while nothing is known. Some come back: a **cyclical** rate leaves poor valleys again and again.

# %% mystnb={"image": {"alt": "Warm-up followed by cosine: a rise over 20 steps, then a fall. Triangular: a zigzag between a tenth and 1."}}
nn.plots.rate_curve(
    {
        "warm-up, then cosine": nn.schedules.warmup(20, nn.schedules.cosine(180)),
        "triangular": nn.schedules.cyclic(15, low=0.1),
    },
    steps,
)

# %% [markdown]
# ## Optimizers: a rate for each weight
#
# In a long valley one rate is too large across and too small along. **Momentum** remembers the last steps: what alternates cancels, what
# agrees adds up. **Adagrad**, **RMSprop** and **Adam** divide by the size of past slopes, for each weight by itself.
#
# **Predict:** which of these reaches the end of the valley in 60 steps?

# %% mystnb={"image": {"alt": "A long flat valley with five paths. SGD creeps, momentum swings along, Adagrad, RMSprop and Adam go along the valley to its end."}}
def valley(w1, w2):
    return 0.005 * w1**2 + 5.0 * w2**2


optimizers = {
    "SGD": lambda ps: nn.SGD(ps, lr=0.15),
    "momentum": lambda ps: nn.SGD(ps, lr=0.1, momentum=0.9),
    "Adagrad": lambda ps: nn.Adagrad(ps, lr=0.3),
    "RMSprop": lambda ps: nn.RMSprop(ps, lr=0.03),
    "Adam": lambda ps: nn.Adam(ps, lr=0.05),
}
paths = {name: nn.descend(valley, [-1.0, 1.0], make, 60) for name, make in optimizers.items()}
for name, points in paths.items():
    print(f"{name:9} ends at w1 = {points[-1][0]:6.2f}, w2 = {points[-1][1]:6.2f}")
nn.plots.cost_surface(valley, paths, (-1.2, 0.3), (-1.2, 1.2))

# %% [markdown]
# The adaptive ones. Their rate is scaled for each weight, so the flat direction gets long steps. They do not change the slope;
# they change the step.
#
# ## One step of Adam, by hand
#
# **Predict:** the first slope is 0.001. How long is Adam's first step at the rate 0.1? Ten thousand times shorter?

# %%
for slope in (0.001, 1000.0):
    w = Value(1.0)
    w.grad = slope
    nn.Adam([w], lr=0.1).step()
    print(f"slope {slope:8}: w moves by {w.data - 1.0:.6f}")

# %% [markdown]
# The rate itself, nearly: the first step divides the slope by its own size. Only its sign is left.
#
# ## What breaks if ...
#
# ... `zero_grad` is forgotten? Gradients of leaves add up, on purpose. **Predict** what descent on w² does with slopes that pile up.

# %%
for forget in (False, True):
    w = Value(1.0)
    optimizer, path = nn.SGD([w], lr=0.1), []
    for _ in range(12):
        if not forget:
            optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        path.append(round(w.data, 2))
    print("forgotten" if forget else "zeroed   ", path[::3])

# %% [markdown]
# It swings: old slopes push on after the weight has passed the bottom.
#
# ## Exercises
#
# **4b.1** 1,000 rows, mini-batches of 32: how many steps has an epoch?
#
# **4b.2** Write the factor of a schedule that halves the rate every 10 steps, as a function of the step.
#
# **4b.3** Momentum 0.9 and a slope that is always 1: to what does the velocity v = 0.9 v + 1 grow?

# %% solution="steps_an_epoch = math.ceil(1000 / 32)" wrong="steps_an_epoch = 1000 // 32"
from check import check

steps_an_epoch = ...
check("4b.1", steps_an_epoch)

# %% solution="return 0.5 ** (step // 10)" wrong="return 0.5 ** step"
def halving(step):
    return ...


check("4b.2", halving)

# %% solution="velocity = 1 / (1 - 0.9)" wrong="velocity = 1.9"
velocity = ...
check("4b.3", velocity)

# %% [markdown]
# ## Recap
#
# <details><summary>Why can a single row leave a valley that the mean cannot?</summary>
# Its slope is right only on average. The errors shake the weight.</details>
#
# <details><summary>Why decay the rate?</summary>
# Noise moves the weight by the rate. Less rate, less noise at the end.</details>
#
# <details><summary>What does momentum cancel?</summary>
# What changes sign from step to step.</details>
#
# <details><summary>What do adaptive methods scale?</summary>
# The step, for each weight by itself.</details>
#
# <details><summary>When do gradients add up?</summary>
# At every backward, until zero_grad.</details>
#
# ## References
#
# - Robbins, Monro, *A stochastic approximation method*, 1951. Polyak, 1964, on momentum.
# - Duchi, Hazan, Singer, *Adaptive subgradient methods*, 2011. Kingma, Ba, *Adam*, 2015.
# - Smith, *Cyclical learning rates for training neural networks*, 2017.
#
# Next: **5. Initialisation: how to begin?**
