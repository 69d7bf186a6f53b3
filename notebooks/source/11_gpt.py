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

# %% [markdown] quoted="4192 5000"
# # 11. Further: what does a GPT attend to?
#
# A **GPT** reads the letters so far and says which may come next. The one below has 4,192 parameters, made of the same scalar parts as all
# before. It has read first names, one a step, for 5,000 steps. Here is what its four heads look at in a name: each row is a reader, each column what it reads.

# %% mystnb={"image": {"alt": "Four heat maps, one a head, over the letters of .marie. Each row sums to 1 and looks at its own and earlier letters only; the heads look at different ones."}}
import math
import random
from pathlib import Path

import nn
from autograd import explain, no_grad

model = nn.load("gpt_names.json")  # python -m nn --data names --model gpt --steps 5000
model.eval()
names = nn.data.names()
random.Random(0).shuffle(names)
texts = [f".{name}." for name in names]
held_out, train = texts[:192], texts[192:]
tokenizer = nn.data.Tokenizer(texts)


def show(name):
    weights = model.attention_weights(tokenizer.encode(name))
    return nn.plots.attention(weights, tokens=list(name))


show(".marie")

# %% [markdown]
# No row looks to its right: a letter may not know what comes. This is the **causal mask**.
#
# The names are split as they were for training: the model has learned from `train`, and never from `held_out`.
#
# ## First, count
#
# Before any net: how often does which letter follow which? The measure is **bits per letter**: the mean of log2(1/p), where p is
# the probability that was given to the letter that came. The fewer, the better the guess. One bit is a fair guess between two.
#
# **Predict:** how much better is it to know one letter before? And two?

# %%
for order, name in ((1, "single letters"), (2, "pairs"), (3, "triples")):
    print(f"{name:15} {nn.metrics.ngram_bits(train, held_out, order=order):.3f} bits")
print(f"blind guessing  {math.log2(27):.3f} bits")

# %% [markdown]
# All are measured on 192 names that were held out. A blind guess among 27 signs, 26 letters and the dot, needs log2(27) = 4.755 bits.
#
# ## The GPT
#
# **Predict:** can it beat pairs, although it never counts? And triples?

# %%
def bits(model, texts):
    """Bits per letter, measured on whole names."""
    nats, letters = 0.0, 0
    with no_grad():
        for text in texts:
            ids = tokenizer.encode(text)
            nats += nn.cross_entropy(model(ids[:-1]), ids[1:], reduction="sum").data
            letters += len(ids) - 1
    return nats / letters / math.log(2)


sample = held_out[:60]
whole = bits(model, sample)
pairs, triples = (nn.metrics.ngram_bits(train, sample, order=n) for n in (2, 3))
print(f"on 60 of them: GPT {whole:.2f}, pairs {pairs:.2f}, triples {triples:.2f} bits")

# %% [markdown]
# It beats pairs clearly, and just beats triples: 3.07 against 3.10 bits. It has far fewer numbers than a table of triples, and shares what it learns between them.
#
# ## Attention, by hand
#
# Each letter asks a *query*, and each letter up to and including itself holds a *key* and a *value*. The dot product of query and key, through a softmax, says how
# much of which value is read. **Predict** the weights for the keys below.

# %%
from autograd import dot, softmax

query = [1.0, 0.0]
keys = [[3.0, 0.0], [0.0, 3.0], [3.0, 3.0]]
values = [[10.0], [20.0], [60.0]]
weights = softmax([dot(query, key) / math.sqrt(2) for key in keys])
read = sum(w * v[0] for w, v in zip(weights, values))
print([round(w, 3) for w in weights], "read", round(read, 2))

# %% [markdown]
# The second key does not fit the query, and is hardly read. The other two share: what is read lies near the mean of their values. This is equation 1 of Vaswani et al.:
# softmax(Q Kᵀ / √d) V. The root keeps the numbers from growing with d.
#
# ## What each part is worth
#
# We take a part out, by setting its weights to 0, and measure again. **Predict** which part costs most.

# %%
parts = {
    "positions": "position_vectors",
    "attention": "blocks.0.attention.projection",
    "the MLP": "blocks.0.mlp.layers.1",
    **{f"head {i} alone": f"blocks.0.attention.heads.{i}.value" for i in range(4)},
}
state = model.state_dict()
for name, path in parts.items():
    cut = {key: 0.0 if key.startswith(path + ".") else x for key, x in state.items()}
    model.load_state_dict(cut)
    left = bits(model, sample)
    print(f"without {name:13} {left:.2f} bits, {left - whole:+.2f}")
model.load_state_dict(state)

# %% [markdown]
# Positions cost most: this net relies much on *where* a letter stands. Attention and the MLP are worth about a fifth of a bit each, and no head
# alone is worth half of that. (A net that was trained without a part would make up for some of it.)
#
# ## It writes
#
# Draw a letter, put it at the end, read again. The **temperature** divides the logits: low is careful, high is wild.
#
# **Predict** the names at three temperatures.

# %%
for temperature in (0.3, 1.0, 2.0):
    written = [
        "".join(nn.generate(model, tokenizer, temperature=temperature, seed=seed))
        for seed in range(6)
    ]
    print(f"temperature {temperature}:", written)

# %% [markdown]
# ## Why this letter?
#
# The loss is a graph like any other. `explain` walks from it to one number of the vector of n, which stands twice in .ann. **Predict:** how many paths are there?

# %%
ids = tokenizer.encode(".ann")
loss = nn.cross_entropy(model(ids), tokenizer.encode("anna"))
vector = model.token_vectors.rows[tokenizer.encode("n")[0]]
why = explain(loss, vector[0], paths=1)
print(f"{why.count:,} paths from one number of n to the loss")
print(f"the gradient is {why.gradient:.4f}")

# %% [markdown]
# At each block a path may keep to the residual sum or go through attention, and then do the same at the MLP. Inside, every number leads to every
# unit, so the ways multiply. `backward` visits each node once.
#
# ## What breaks if ...
#
# ... a name is longer than the block of 16 letters? **Predict** whether the model answers.

# %%
try:
    model(tokenizer.encode("." + "a" * 20))
except ValueError as error:
    print(type(error).__name__)

# %% [markdown]
# There is no vector for a 17th position. Larger models have a larger block, and the same limit.
#
# ## Exercises
#
# **11.1** A softmax over four equal scores: how much is read from each?
#
# **11.2** How many bits does a fair guess among 8 letters need?
#
# **11.3** The reader is the third letter. How many letters may it look at, itself included?

# %% solution="share = softmax([1.0] * 4)[0]" wrong="share = 1.0"
from check import check

share = ...
check("11.1", share)

# %% solution="guess = math.log2(8)" wrong="guess = 8"
guess = ...
check("11.2", guess)

# %% solution="visible = 3" wrong="visible = 2"
visible = ...
check("11.3", visible)

# %% [markdown]
# ## Recap
#
# <details><summary>What does a GPT predict?</summary>
# The next letter, at every place at once.</details>
#
# <details><summary>What is the causal mask for?</summary>
# A letter must not see what it is to predict.</details>
#
# <details><summary>What does a head do?</summary>
# It reads values of earlier letters, as much as their keys fit its query.</details>
#
# <details><summary>Why positions?</summary>
# Without them attention does not know the order.</details>
#
# <details><summary>What are bits per letter?</summary>
# The mean of minus the binary logarithm of the probability of what came.</details>
#
# ## References
#
# - Vaswani et al., *Attention is all you need*, 2017. Radford et al., *Language models are unsupervised multitask learners*, 2019.
# - Karpathy, *microgpt*, 2026, whose shape the model has.
#
# Next: **12. Further: what lies beyond the slope?**
