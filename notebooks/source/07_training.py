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
# # 7. Training: when do you trust a model?
#
# A net that is right on what it has seen has proved little. Here a wide net learns from 20 noisy points of a sine. Its loss on those points
# falls and falls. Its loss on *other* points does not. This picture is the reason for all that follows.

# %% mystnb={"image": {"alt": "Loss over 80 epochs, logarithmic. The training curve falls all the way; the validation curve falls, then turns up."}}
import math
from pathlib import Path
from tempfile import mkdtemp

import nn

X, y = nn.data.noisy_sine(20, noise=0.5, seed=1)
grid = [[-math.pi + 2 * math.pi * (i + 0.3) / 20] for i in range(20)]
truth = [math.sin(x) for (x,) in grid]


def train(**remedy):
    model = nn.MLP(1, [12, 12, 1], activation="tanh", seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.03)
    history = nn.fit(
        model, X, y, loss=nn.mse, optimizer=optimizer, epochs=80, batch_size=5,
        validation=(grid, truth), progress=False, **remedy,
    )
    return model, history


def loss(model):
    return nn.evaluate(model, grid, truth, loss=nn.mse)["loss"]


plain, history = train()
print(f"lowest validation loss {min(history['val_loss']):.2f}, at the end {loss(plain):.2f}")
nn.plots.loss_curve(history, log=True)

# %% [markdown]
# This is **overfitting**: the net has learnt the noise. The rows that were held out tell; the training loss cannot.
#
# ## Two remedies
#
# **Early stopping** keeps the weights of the best epoch on the held-out rows. A **penalty** makes large weights cost something.
#
# **Predict:** which of the three models has the smoothest curve?

# %% mystnb={"image": {"alt": "Twenty noisy points of a sine and three curves. The plain net bends towards single points; the stopped and the penalized net follow the sine."}}
stopped, short = train(patience=12)
penalized, _ = train(penalty=lambda params: nn.l2(params, 0.01))
models = {"plain": plain, "stopped early": stopped, "L2 penalty": penalized}
for name, model in models.items():
    print(f"{name:13} held-out loss {loss(model):.2f}")
print("epochs run with patience 12:", len(short))
nn.plots.fit_curve(models, X, y)

# %% [markdown]
# Both remedies help. Neither sees the truth: one watches rows that were held out, the other prefers small weights.
#
# ## The same seed, the same bits
#
# Weights and the order of rows are drawn at random. **Predict:** how far apart are two trainings with the same seed?

# %%
again, _ = train()
pairs = zip(plain.parameters(), again.parameters())
print("largest difference", max(abs(a.data - b.data) for a, b in pairs))

# %% [markdown] quoted="150"
# Not at all. Training is random only through its seed. A result that cannot be repeated cannot be mended, either.
#
# ## How good is it, and how sure is that?
#
# One split may be lucky. **Folds** hold out each part in turn. `iris` has 150 flowers of three kinds, and four measurements of each.
#
# **Predict** the accuracy on flowers that the net has not seen.

# %%
X, y = nn.data.iris()
names = ["setosa", "versicolor", "virginica"]
scores = []
for (X_train, y_train), (X_test, y_test) in nn.data.k_fold(X, y, 5, stratified=True, seed=0):
    X_test = nn.data.standardize(X_test, like=X_train)
    X_train = nn.data.standardize(X_train)
    model = nn.MLP(4, [8, 3], activation="tanh", seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    nn.fit(
        model, X_train, y_train, loss=nn.cross_entropy, optimizer=optimizer,
        epochs=15, batch_size=10, progress=False,
    )
    outputs = nn.predict(model, X_test)
    scores.append(nn.accuracy(outputs, y_test))
print([f"{score:.3f}" for score in scores], f"mean {sum(scores) / 5:.3f}")

# %% [markdown]
# The mean of the folds is the figure to quote, and their spread says how sure it is.
#
# The rows are standardised with the numbers of the *training* rows. Using all rows would let the held-out ones leak in.
#
# ## Which mistakes?
#
# Accuracy hides what is confused with what. **Predict:** which two kinds?

# %% mystnb={"image": {"alt": "Confusion matrix of the last fold: three rows for the true kinds, three columns for the predicted ones; most counts on the diagonal."}}
nn.plots.confusion(nn.confusion_matrix(outputs, y_test), classes=names)

# %% [markdown]
# ## A model that can be used
#
# The net alone is not enough: it wants standardised numbers, and answers with a class number. A model can carry its preparation, so that it
# takes a row as it stands in a file, and gives a name. It is saved as text, and loads again bit for bit.

# %%
records = [
    {"sepal": a, "width": b, "petal": c, "breadth": d, "kind": names[k]}
    for (a, b, c, d), k in zip(X, y)
]
preparation = nn.Preparation.fit(records, target="kind")
X_ready, y_ready, *_ = preparation.table(records)
model = nn.MLP(preparation.n_in, [8, preparation.n_out], activation="tanh", seed=0)
optimizer = nn.Adam(model.parameters(), lr=0.05)
nn.fit(
    model, X_ready, y_ready, loss=nn.cross_entropy, optimizer=optimizer,
    epochs=15, batch_size=10, progress=False,
)
model.preparation = preparation
path = Path(mkdtemp()) / "iris.json"
model.save(path)

loaded = nn.load(path)
flower = {"sepal": 6.1, "width": 2.8, "petal": 4.7, "breadth": 1.2}
answer = nn.answer(loaded, flower)
print(answer.prediction, f"with probability {answer.probability:.2f}")

# %% [markdown]
# ## Watch it learn
#
# **Predict:** in which order does the net find the two arms of the moons?

# %% mystnb={"image": {"alt": "Six small pictures of the decision boundary of a net on the moons, from a straight line at the start to a curve that separates all points."}}
X, y = nn.data.moons(100, seed=0)
model = nn.MLP(2, [16, 1], activation="tanh", seed=0)
films = nn.History.snapshots(every=4)
nn.fit(
    model, X, y, loss=nn.binary_cross_entropy, optimizer=nn.Adam(model.parameters(), lr=0.05),
    epochs=20, batch_size=10, callbacks=[films], progress=False,
)
nn.plots.filmstrip(model, films.states, X, y)

# %% [markdown]
# At first the boundary is nearly a straight line. It takes the outer points on their right sides, and bends around the two inner ends last.
#
# ## What breaks if ...
#
# ... the test rows were already trained on? **Predict** the accuracy of a net that learns *random* classes, on its own rows and on new ones.

# %%
import random

rng = random.Random(0)
rows = [[rng.gauss(0, 1) for _ in range(8)] for _ in range(60)]
labels = [rng.randrange(2) for _ in rows]
model = nn.MLP(8, [24, 1], activation="tanh", seed=0)
nn.fit(
    model, rows[:30], labels[:30], loss=nn.binary_cross_entropy,
    optimizer=nn.Adam(model.parameters(), lr=0.05), epochs=60, batch_size=10, progress=False,
)
for name, part in (("its own rows", slice(0, 30)), ("new rows", slice(30, 60))):
    print(f"{name:13} accuracy {nn.accuracy(nn.predict(model, rows[part]), labels[part]):.2f}")

# %% [markdown] quoted="0.98 0.71 150 100"
# There is nothing to learn, and it is perfect on its own rows. That is why they do not count.
#
# ## Exercises
#
# **7.1** A net reaches 0.98 on its training rows and 0.71 on held-out ones. Which word says what happened?
#
# **7.2** 150 rows in 5 folds: how many rows does each of the five nets train on?
#
# **7.3** 90 of 100 rows are of one class. How accurate is the model that always says that class?

# %% solution='word = "overfitting"' wrong='word = "convergence"'
from check import check

word = ...
check("7.1", word)

# %% solution="trained_on = 150 - 150 // 5" wrong="trained_on = 150 // 5"
trained_on = ...
check("7.2", trained_on)

# %% solution="always = 90 / 100" wrong="always = 0.5"
always = ...
check("7.3", always)

# %% [markdown]
# ## Recap
#
# <details><summary>What does the training loss not tell?</summary>
# How the net does on rows that it has not seen.</details>
#
# <details><summary>Two remedies against overfitting?</summary>
# Stop at the best held-out loss; make large weights cost something.</details>
#
# <details><summary>Why folds?</summary>
# One split may be lucky. The mean of several is surer.</details>
#
# <details><summary>What belongs to a model besides its weights?</summary>
# The preparation of its rows and the names of its classes.</details>
#
# <details><summary>What does the seed decide?</summary>
# The first weights and the order of the rows: all that is random.</details>
#
# ## References
#
# - Fisher, *The use of multiple measurements in taxonomic problems*, 1936: the iris data.
# - Prechelt, *Early stopping, but when?*, 1998. Krogh, Hertz, *A simple weight decay can improve generalization*, 1992.
#
# Next: **8. Embeddings: what is a word?**
