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
# # 3. Loss: what should it punish?
#
# A net gives numbers. The **loss** says in one number how wrong they are for one row. The **cost** is the mean over all rows.
# Training makes the cost small, and nothing else. So what you punish is what you get.
#
# The picture below is the answer of this page: the size of the gradient that three losses send back, for a net that is more and more wrong.

# %% mystnb={"image": {"alt": "The size of the gradient at the logit z, from -10 to 10, target 1. Cross-entropy rises to 1 on the left. Squared error of a sigmoid rises and falls back to 0. Hinge is 1 below z = 1."}}

import math

import nn
from autograd import Value, grad, log, sigmoid, softmax


def entropy(z):
    return nn.binary_cross_entropy([z], [1])


def squared(z):
    return nn.mse([sigmoid(z)], [1])


def hinge(z):
    return nn.hinge([z], [1])


nn.plots.error_gradient(
    {"cross-entropy": entropy, "squared error of a sigmoid": squared, "hinge": hinge}
)

# %% [markdown]
# The target is 1. On the right the net is right; the further left, the more wrong. Two of the curves never fall as the
# error grows: cross-entropy rises to 1, hinge stays at 1. The third, the squared error, falls back to 0 where the net is most wrong.
#
# ## One row, one number
#
# The gap is the output minus the target. A loss is 0 where the gap is 0, and large where the gap is large. An *outlier* is a row with a very
# large gap. Here are three losses for outputs that are numbers, not classes. **Predict:** which is hardest on an outlier?

# %% mystnb={"image": {"alt": "Squared error, absolute error and Huber loss against the output, target 1. The square rises fastest; Huber is round at the target and straight further out."}}
nn.plots.loss_shape(
    {
        "squared error (MSE)": lambda o: nn.mse([o], [1]),
        "absolute error (MAE)": lambda o: nn.mae([o], [1]),
        "Huber": lambda o: nn.huber([o], [1]),
    }
)

# %% [markdown]
# The square: it punishes a gap of 3 nine times as hard as a gap of 1, and one far row can outweigh all others. The absolute error punishes it
# only three times as hard. Huber is a square near the target and straight beyond: smooth in the middle, mild to outliers.
#
# Many rows have one cost: the mean of their losses. **Predict** it for these two rows.

# %%
outputs, targets = [2.0, 5.0], [1.0, 2.0]
print("losses", [(o - t) ** 2 for o, t in zip(outputs, targets)])
print("cost  ", nn.mse(outputs, targets))

# %% [markdown]
# ## The higher the error, the higher the gradient?
#
# For a class, the net gives a **logit** z; `sigmoid` makes a probability p of it. At z = -10 the net is almost sure, and wrong: the
# target is 1.
#
# **Predict:** which sends back the larger gradient, the squared error of the sigmoid or cross-entropy?

# %%
print(f"p = {sigmoid(-10.0):.6f}")
print(f"squared error  {grad(squared)(-10.0):.1e}")
print(f"cross-entropy  {grad(entropy)(-10.0):.4f}")

# %% [markdown]
# -9.1e-5 against -1. The squared error is near 1, but its gradient must pass through the sigmoid, whose slope at -10 is almost 0. The net
# is as wrong as it can be, and learns nothing. Cross-entropy cancels that slope exactly.
#
# ## Pairs that belong together
#
# An output function turns the net's last sum z into the prediction p. **Predict:** for each of these three pairs of an output function and a
# loss, what is the gradient at z?

# %%
z, y = 0.8, 1.0
pairs = {
    "identity and squared error / 2": (lambda z: nn.mse([z], [y]) / 2, z - y),
    "sigmoid and binary cross-entropy": (lambda z: nn.binary_cross_entropy([z], [y]), sigmoid(z) - y),
}
for name, (loss, difference) in pairs.items():
    print(f"{name:33} {grad(loss)(z):8.4f}   p - y = {difference:8.4f}")

logits = [2.0, -1.0, 0.5]
gradient = grad(lambda zs: nn.cross_entropy([zs], [0]))(logits)
difference = [p - (k == 0) for k, p in enumerate(softmax(logits))]
print("softmax and cross-entropy        ", [round(g, 4) for g in gradient])
print("                           p - y  ", [round(d, 4) for d in difference])

# %% [markdown]
# The same each time: **p - y**, the prediction minus the truth. No slope of the output function is left in it. That is what
# "belong together" means.
#
# ## Why a loss takes logits
#
# The textbook writes log(softmax(z)). **Predict:** what is the loss of the logits 1000 and 0, if class 1 is right?

# %%
p = softmax([1000.0, 0.0])
print("softmax", p)
try:
    print(-log(p[1]))
except ValueError as error:
    print("log of it:", type(error).__name__)
print("from logits:", nn.cross_entropy([[1000.0, 0.0]], [1]))

# %% [markdown]
# The probability underflows to 0, and the logarithm of 0 does not exist. From the logits the loss is a difference: 1000 - 0.
# The gradient is right, too. So here every loss of classes takes logits, and **softmax and sigmoid are no losses**: they are output functions.
#
# ## Hinge: enough is enough
#
# **Predict:** a net says z = 0.5, z = 1.5 and z = 10 for the target 1. For which of them does the hinge loss still pull?

# %%
for z in (0.5, 1.5, 10.0):
    print(f"z = {z:4}: hinge {hinge(z):.2f}, pull {grad(hinge)(z):5.2f}; entropy pull {grad(entropy)(z):.5f}")

# %% [markdown]
# Hinge asks for a margin of 1 and then stops. Cross-entropy never stops, but pulls less and less.
#
# ## What breaks if ...
#
# ... the loss does not fit the output? Train a single logit that begins sure and wrong, at z = -10, by both losses.
#
# **Predict:** how far do 100 steps at the rate 1 bring each of them?

# %% mystnb={"image": {"alt": "The logit over 100 steps. With cross-entropy it climbs from -10 to above 4. With squared error it stays at -10."}}
curves = {}
for name, loss in (("cross-entropy", entropy), ("squared error", squared)):
    z = Value(-10.0)
    path = [z.data]
    for _ in range(100):
        z.grad = 0.0
        loss(z).backward()
        z.data -= 1.0 * z.grad
        path.append(z.data)
    curves[name] = path
    print(f"{name:13} ends at z = {path[-1]:.2f}")
nn.plots.weight_curve(curves, ylabel="logit z")

# %% [markdown]
# One walks over to the right side. The other is stuck, for no reason but its loss.
#
# ## Exercises
#
# **3.1** Write the gradient of the squared error of a sigmoid at z, target 1, by the chain rule. Use `sigmoid`.
#
# **3.2** What is the cross-entropy of four equal logits, whatever the class?
#
# **3.3** At which logit is the gradient of the squared error of a sigmoid largest in size, target 1? Find it to two digits. Look at the first
# picture for a guess.

# %% solution="return 2 * (sigmoid(z) - 1) * sigmoid(z) * (1 - sigmoid(z))" wrong="return 2 * (sigmoid(z) - 1)"
from check import check


def squared_gradient(z):
    return ...


check("3.1", squared_gradient)

# %% solution="four = math.log(4)" wrong="four = 0.25"
four = ...
check("3.2", four)

# %% solution="steepest = min((k / 100 for k in range(-500, 500)), key=grad(squared))" wrong="steepest = 0.0"
steepest = ...
check("3.3", steepest)

# %% [markdown]
# ## Recap
#
# <details><summary>Loss or cost?</summary>
# The loss is of one row. The cost is the mean over the rows.</details>
#
# <details><summary>Why not squared error for a class?</summary>
# Through a sigmoid its gradient vanishes where the net is sure and wrong.</details>
#
# <details><summary>What do the matched pairs have in common?</summary>
# Their gradient at the logit is p - y.</details>
#
# <details><summary>Why does a loss take logits and not probabilities?</summary>
# A probability may underflow to 0, and its logarithm is lost. The difference of logits is not.</details>
#
# <details><summary>When does the hinge loss stop?</summary>
# When the logit is beyond the margin, 1 on the right side.</details>
#
# ## References
#
# - Bridle, *Probabilistic interpretation of feedforward classification network outputs*, 1990.
# - Huber, *Robust estimation of a location parameter*, 1964.
# - Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.
#
# Next: **4. Learning rate: how far may a step go?**
