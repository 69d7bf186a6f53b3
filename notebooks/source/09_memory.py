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
# # 9. Memory: what came before?
#
# "There were 17 cans, broke 3." The answer needs more than the last word. A **recurrent** net reads a word at a time and hands a **state** on to
# itself. Here is one, unrolled over three steps: the same cell three times, with the same weights.

# %% mystnb={"image": {"alt": "A recurrent net unrolled over three time steps, calls 0, 1 and 2, one below the other. Each call takes its input and the state of the call before. All take the same parameters."}}
import itertools
import random

import nn
from autograd import Value, draw

net = nn.RNN(1, 2, seed=0)
steps = [[Value(u, f"x_{t}")] for t, u in enumerate((0.5, -1.0, 0.25))]
with nn.trace(net) as calls:
    outputs = net(steps)
outputs[-1][0].backward()
draw(*outputs[-1], groups=calls, layout="time")

# %% [markdown]
# The state is all that the net knows of the past. Each step mixes it with the new input: h = tanh(W [x, h] + b).
#
# ## Order matters
#
# **Predict:** three numbers can stand in six orders. How many different answers does this net give?

# %%
last = nn.Sequential(net, nn.Last())
orders = list(itertools.permutations((0.1, 0.5, -0.3)))
print(len({tuple(nn.predict(last, [[[x] for x in order]])[0]) for order in orders}), "answers")

# %% [markdown]
# Six. A sum or a bag of words gives one.
#
# ## Counting cans
#
# Sentences such as "there were 4 cans, broke 3, came 1": how many are there now? We train a small net on some and ask about others.
#
# **Predict:** what does it answer if "broke" and "came" change places, and the numbers stay? By hand: 4 - 3 + 1, and 4 + 3 - 1.

# %%
words, answers = nn.data.counting_sentences(54)
tokenizer = nn.data.Tokenizer(words)
X = [tokenizer.encode(sentence) for sentence in words]
train_rows, test_rows = nn.data.split(X, answers, 1 / 3, seed=0)
rng = random.Random(0)
model = nn.Sequential(
    nn.Each(nn.Embedding(len(tokenizer.tokens), 3, rng=rng)),
    nn.GRU(3, 4, rng=rng), nn.Last(), nn.Layer(4, 1, bias=4.0, rng=rng),
)
nn.fit(
    model, *train_rows, loss=nn.mse, optimizer=nn.Adam(model.parameters(), lr=0.06),
    schedule=nn.schedules.cosine(360), epochs=40, batch_size=4, progress=False,
)
right = [round(a) == t for (a,), t in zip(nn.predict(model, test_rows[0]), test_rows[1])]
print(f"{sum(right)} of {len(right)} new sentences right")
for text in ("broke 3 , came 1", "came 3 , broke 1"):
    (answer,) = nn.predict(model, [tokenizer.encode(f"there were 4 cans , {text}".split())])[0]
    print(f"{text}: {answer:.1f}")

# %% [markdown]
# Rounded, both are right. The words and the numbers are the same, their order is not, and the answer follows the order.
#
# ## The past fades
#
# How much does the last output depend on an input k steps back? **Predict** the curve of a plain RNN, and of an LSTM.

# %% mystnb={"image": {"alt": "Gradient of the last output by lag, logarithmic. The plain RNN falls steeply; the LSTM with a forget bias of 5 stays nearly level."}}
rng = random.Random(0)
sequence = [[rng.gauss(0, 1)] for _ in range(40)]
lags = {
    "RNN": nn.gradient_by_lag(nn.RNN(1, 8, seed=0), sequence),
    "LSTM, forget bias 0": nn.gradient_by_lag(nn.LSTM(1, 8, seed=0), sequence),
    "LSTM, forget bias 5": nn.gradient_by_lag(nn.LSTM(1, 8, forget_bias=5.0, seed=0), sequence),
}
for name, norms in lags.items():
    print(f"{name:20} lag 0 {norms[0]:.1e}, lag 30 {norms[30]:.1e}")
nn.plots.gradient_norms(lags, by="lag")

# %% [markdown]
# At each step back the gradient is multiplied again by weights and slopes, and a plain RNN loses it. An **LSTM** has a second state, the
# *cell state* c, which is multiplied by one gate only, called *forget*. With that gate open, the gradient stays. With forget bias 0 it is half shut, and the LSTM
# forgets, too: gates slow the fading down, they do not abolish it.
#
# ## The cell, gate by gate

# %% mystnb={"image": {"alt": "The LSTM cell as a diagram: the gates write, forget and read with their numbers for one step, the old cell state times forget plus the candidate times write, and the output."}}
cell = nn.LSTM(1, 1, seed=0).cell
cell.draw("cell", x=[1.0])

# %% [markdown]
# Three gates, each a sigmoid from 0 to 1: *forget* multiplies the old cell state, *write* lets the new candidate in, *read* lets the cell
# state out. Mind the name: a forget gate that is *open*, near 1, keeps. The *candidate* is no gate, but the new content, from -1 to 1.
#
# **Predict:** which gates must be open, and when, to keep one bit: write it at the first step, hold it, and show it at the end?
#
# ## A latch by hand
#
# We set the weights: write opens for the marker x2, forget stays open.

# %% mystnb={"image": {"alt": "The gates of the hand-set LSTM over eight steps: write is open at the first step only, forget is open throughout, read is open throughout."}}
latch = nn.LSTM(2, 1, seed=0)
for p in latch.parameters():
    p.data = 0.0
for name, weights, bias in (
    ("write", [0.0, 20.0, 0.0], -10.0),
    ("forget", [0.0, 0.0, 0.0], 10.0),
    ("read", [0.0, 0.0, 0.0], 10.0),
    ("candidate", [10.0, 0.0, 0.0], 0.0),
):
    (unit,) = getattr(latch.cell, name).neurons
    for w, number in zip(unit.w, weights):
        w.data = number
    unit.b.data = bias

noise = [1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0]
for bit in (1.0, -1.0):
    signal = [[bit, 1.0], *[[u, 0.0] for u in noise]]
    with nn.trace(latch) as calls:
        outputs = latch(signal)
    print(f"bit {bit:4}: after 7 distractors the output is {outputs[-1][0].data:5.2f}")
nn.plots.gates(calls)

# %% [markdown]
# The first bit is kept through all that follows. Training must find such weights by itself. At a lag of 40 steps a plain RNN
# stays at chance, and an LSTM with forget bias 5 recalls nearly always: the library's tests train both.
#
# ## Four shapes of problem
#
# | shape | example | here |
# |---|---|---|
# | one to many | a caption for a picture | `nn.generate` |
# | many to one | an opinion of a sentence | `nn.Sequential(nn.LSTM(...), nn.Last(), ...)` |
# | many to many | the next letter at each place | `nn.Sequential(nn.RNN(...), nn.Each(...))` |
# | unequal lengths | a translation | `nn.EncoderDecoder` |
#
# ## A net that writes names
#
# Many to many: at each letter, predict the next. Then let it draw its own. **Predict** how an untrained net writes.

# %%
names = [f".{name}." for name in nn.data.names()[::8]]
letters = nn.data.Tokenizer(names)
n = len(letters.tokens)
writer = nn.Sequential(
    nn.Each(nn.Embedding(n, 6, seed=0)), nn.RNN(6, 16, seed=0), nn.Each(nn.Layer(16, n, seed=0))
)


def samples():
    rng = random.Random(1)
    return ["".join(nn.generate(writer, letters, limit=10, rng=rng)) for _ in range(5)]


print("before:", samples())
texts = [letters.encode(name) for name in names]
optimizer = nn.Adam(writer.parameters(), lr=0.01)
for epoch in range(4):
    for text in texts:
        optimizer.zero_grad()
        nn.cross_entropy(writer(text[:-1]), text[1:]).backward()
        optimizer.step()
print("after: ", samples())

# %% [markdown]
# It has learnt which letters follow which, and where names end.
#
# ## What breaks if ...
#
# ... the recurrent weight is larger than 1, and there is no `tanh`? A state is multiplied by w at each step. **Predict** its gradient through 40
# steps, for w = 1.5, 1.0 and 0.5.

# %%
for w in (1.5, 1.0, 0.5):
    h = Value(1.0)
    start = h
    for _ in range(40):
        h = w * h
    h.backward()
    print(f"w = {w}: gradient through 40 steps {start.grad:.1e}")

# %% [markdown]
# Above 1 it **explodes**, below 1 it **vanishes**. Only near 1 does it stay: that is what an open forget gate gives.
#
# ## Exercises
#
# Put your answer in place of `...` and run the cell.
#
# **9.1** h = 0.5 h + x. What is the derivative of the last state in the x of 20 steps before?
#
# **9.2** Which gate of an LSTM must stay open to remember? Write its name.
#
# **9.3** An opinion of a sentence: many-to-one, one-to-many or many-to-many?

# %% solution="fade = 0.5**20" wrong="fade = 0.5 * 20"
from check import check

fade = ...
check("9.1", fade)

# %% solution='gate = "forget"' wrong='gate = "write"'
gate = ...
check("9.2", gate)

# %% solution='shape = "many-to-one"' wrong='shape = "one-to-many"'
shape = ...
check("9.3", shape)

# %% [markdown]
# ## Recap
#
# <details><summary>What does the state hold?</summary>
# All that the net knows of the past.</details>
#
# <details><summary>Why is the unrolled picture a deep net?</summary>
# Each step is a layer. All of them share their weights.</details>
#
# <details><summary>Why does a plain RNN forget?</summary>
# The gradient is multiplied by weights and slopes at each step back.</details>
#
# <details><summary>What do gates change?</summary>
# The cell is multiplied by one gate, which can stay near 1.</details>
#
# <details><summary>Does an LSTM always remember?</summary>
# No. With the forget gate half shut it forgets, too.</details>
#
# ## References
#
# - Elman, *Finding structure in time*, 1990. Hochreiter, Schmidhuber, *Long short-term memory*, 1997.
# - Gers, Schmidhuber, Cummins, *Learning to forget*, 2000. Cho et al., 2014: the GRU.
#
# Next: **10. Further: jit**
