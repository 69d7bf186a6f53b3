"""Attention, and a GPT made of it: a transformer that predicts the next token.

The paper of attention is Vaswani et al. 2017, "Attention is all you need". The
arrangement of a GPT, with a norm in front of each part, is that of Radford et
al. 2019, "Language models are unsupervised multitask learners".

A text is a list of tokens' numbers. Each token becomes a vector of n_embd
numbers. The list of vectors runs through the blocks as a residual stream: each
part reads the stream and adds to it.

Texts of different lengths can run in one recorded program: fill them up with
`nn.data.pad`. A token never sees what follows it, so padding at the end changes
nothing before it, and the loss leaves padding out:
`nn.cross_entropy(outputs, targets, ignore_index=-1)`.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from math import inf, sqrt
from typing import Any, TypeAlias

from autograd import dot, no_grad, softmax, where
from autograd.errors import ArgumentError, DataTypeError, LengthError
from autograd.extending import among, check_size, floats_of, sizes_of, told, within

from .arguments import names_checked
from .data.checks import check_mask, check_texts, is_sequence
from .init import Init, Rng, Seed, generator, normal, size_of_units
from .layers import Activation, Dropout, Embedding, Inputs, Layer, LayerNorm, RMSNorm, Sequential
from .module import Module
from .outputs import Outputs
from .rowwise import each
from .sampling import written
from .tracing import trace

Vectors: TypeAlias = Sequence[Inputs]

# What a head has read: the keys and the values of all positions up to now.
Past: TypeAlias = tuple[list[Any], list[Any]]

_heads = count()  # the numbers of heads, by which a past is known


class Kept(list[Any]):
    """The keys or the values of one head, whose number it bears."""

    __slots__ = ("head",)
    head: int


NORMS: dict[str, Callable[..., Module]] = {"rms": RMSNorm, "layer": LayerNorm}


class AttentionWeights(Module):
    """How much one query attends to each key: softmax(q . k / sqrt(d)).

    This is the softmax of eq. 1 in Vaswani et al. 2017. It is a Module of its
    own so that `nn.trace` and pictures can tell the weights apart.
    """

    def forward(self, query: Inputs, keys: Vectors, mask: Sequence[Any] | None = None) -> list[Any]:
        scale = 1.0 / sqrt(len(query))
        scores = [dot(query, key) * scale for key in keys]
        if mask is not None:
            scores = [where(m, score, -inf) for m, score in zip(mask, scores, strict=True)]
        return softmax(scores)


class Head(Module):
    """Scaled dot-product attention (Vaswani et al. 2017, eq. 1).

    Attention(Q, K, V) = softmax(Q K^T / sqrt(d)) V, where query, key and value
    of a position are linear in its vector. For each position this gives a mean
    of the values, weighted by how well their keys fit its query.

    Args:
        n_in: The length of a vector.
        size: The length d of query, key and value.
        causal: Whether a position sees only itself and those before it.
        bias: Whether the three Layers have biases.
        dropout: The probability that a weight is dropped in training.
        init: How weights are drawn. See nn.init.
        rng: The source of random numbers.
    """

    renewable = ("causal",)

    def __init__(
        self,
        n_in: int,
        size: int,
        *,
        causal: bool = True,
        bias: bool = True,
        dropout: float = 0.0,
        init: Init = None,
        rng: Rng = None,
    ):
        self.n_in, self.size, self.causal = n_in, size, bool(causal)
        rng = generator(rng, None, default=0)
        self.query, self.key, self.value = [
            Layer(n_in, size, init=init, bias=bias, rng=rng) for _ in range(3)
        ]
        self.weights = AttentionWeights()
        self.drop = Dropout(dropout, rng=rng) if dropout else None
        self._number = next(_heads)

    def start(self) -> Past:
        """Return the past before the first position: it grows with each call."""
        keys, values = Kept(), Kept()
        keys.head = values.head = self._number
        return keys, values

    def forward(
        self, xs: Vectors, mask: Sequence[Any] | None = None, past: Past | None = None
    ) -> list[list[Any]]:
        first = 0 if past is None else length_of([past], [self], "start()")
        check_positions(self, xs, mask, first)
        keys, values = ([], []) if past is None else past
        keys += map(tuple, each(self.key, xs))
        values += map(tuple, each(self.value, xs))
        seen = values
        if mask is not None:  # the weight 0 would let nan and infinities of a value through
            seen = [[where(m, v, 0.0) for v in u] for m, u in zip(mask, values, strict=True)]
        queries = map(tuple, each(self.query, xs))
        outputs = []
        for t, query in enumerate(queries, first):
            n = t + 1 if self.causal else len(keys)
            weights = self.weights(query, keys[:n], None if mask is None else mask[:n])
            if self.drop is not None:
                weights = self.drop(weights)
            outputs.append([dot(weights, column) for column in zip(*seen[:n], strict=True)])
        return outputs


class MultiHeadAttention(Module):
    """Several heads side by side, and a projection of what they find.

    MultiHead(Q, K, V) = Concat(head_1, ..., head_h) W^O (Vaswani et al. 2017,
    section 3.2.2), from vectors of n_embd to vectors of n_embd. A mask leaves
    positions out, whatever their numbers, also nan: it holds 1 for each
    position that may be seen, else 0, and its numbers may be Values.

    Args:
        n_embd: The length of a vector, a multiple of n_head.
        n_head: The number of heads. Each works with n_embd / n_head numbers.
        causal: Whether a position sees only itself and those before it.
        bias: Whether the Layers have biases.
        dropout: The probability that a weight is dropped in training.
        init: How weights are drawn. See nn.init.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: n_embd is no multiple of n_head, or a size is below 1.
        LengthError: A call without a position.

    Examples:
        >>> import nn
        >>> attention = nn.MultiHeadAttention(4, n_head=2, seed=0)
        >>> outputs = attention([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
        >>> len(outputs), len(outputs[0])
        (2, 4)
    """

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        *,
        causal: bool = True,
        bias: bool = True,
        dropout: float = 0.0,
        init: Init = None,
        seed: Seed = None,
        rng: Rng = None,
    ):
        n_embd, n_head = sizes_of(locals(), n_embd=1, n_head=1)
        within(locals(), causal="True, False", bias="True, False")
        [dropout] = floats_of(locals(), dropout="[0, 1)")
        check_size("this MultiHeadAttention", 4 * size_of_units(n_embd, n_embd))
        if n_embd % n_head:
            raise ArgumentError(
                f"n_embd = {told(n_embd)} numbers cannot be shared evenly "
                f"among n_head = {told(n_head)} heads"
            )
        self.n_embd, self.n_head, self.causal = n_embd, n_head, bool(causal)
        self.bias, self.dropout = bool(bias), dropout
        rng = generator(rng, seed)
        size = n_embd // n_head
        options: dict[str, Any] = {"bias": self.bias, "init": init, "rng": rng}
        self.heads = [
            Head(n_embd, size, causal=causal, dropout=dropout, **options) for _ in range(n_head)
        ]
        self.projection = Layer(n_embd, n_embd, **options)

    def forward(
        self, xs: Vectors, mask: Sequence[Any] | None = None, past: list[Past] | None = None
    ) -> list[list[Any]]:
        first = 0 if past is None else length_of(past, self.heads, "start()")
        check_positions(self, xs, mask, first)
        pasts = [None] * self.n_head if past is None else past
        found = [head(xs, mask, p) for head, p in zip(self.heads, pasts, strict=True)]
        heads = [[u for head in heads for u in head] for heads in zip(*found, strict=True)]
        return Outputs(each(self.projection, heads))

    def start(self) -> list[Past]:
        """Return the past of each head before the first position: it grows with each call."""
        return [head.start() for head in self.heads]


def check_positions(part: Module, xs: Any, mask: Any, first: int) -> None:
    """Raise DataTypeError or LengthError unless these are positions that follow `first` others."""
    if not is_sequence(xs):
        raise DataTypeError(f"{part!r} takes a list of vectors, not {told(xs)}")
    if not len(xs):
        raise LengthError(f"{part!r} needs at least one position")
    if mask is not None:
        check_mask(mask)
    if mask is not None and len(mask) != first + len(xs):
        before = f" with the {first} before them" * (first > 0)
        raise LengthError(f"a mask of {len(mask)} does not fit {len(xs)} positions{before}")


def length_of(past: Any, heads: Sequence[Head], start: str) -> int:
    """Return how many positions the past of these heads holds.

    Args:
        past: For each head its keys and values.
        heads: The heads.
        start: The method that gives the first past, for the message.

    Raises:
        DataTypeError: It is no such past, or that of other heads.
    """
    pairs = past if is_sequence(past) and len(past) == len(heads) else []
    parts = [part for kept in pairs if isinstance(kept, (list, tuple)) for part in kept]
    size = heads[0].size
    if (
        len(parts) != 2 * len(heads)
        or not all(len(kept) == 2 for kept in pairs)
        or not all(isinstance(part, list) for part in parts)
        or len(set(map(len, parts))) > 1
        or len(set(map(id, parts))) < len(parts)  # one list for two heads would grow twice
        or not all(
            isinstance(part, Kept) or all(is_sequence(v) and len(v) == size for v in part)
            for part in parts
        )
    ):
        raise DataTypeError(
            f"past is what {start} gave at first, and grows with each call: for each of "
            f"{len(heads)} heads its keys and its values, two lists of their own, all equally "
            f"long, of vectors of {size} numbers; it is not {told(past)}"
        )
    for head, kept in zip(heads, past, strict=True):
        for part in kept:
            if isinstance(part, Kept) and part.head != head._number:
                raise DataTypeError(
                    "past is that of another layer, or of its heads in another order: "
                    f"each layer keeps its own, which {start} gives at first"
                )
    return len(parts[0])


class Sum(Module):
    """x + y, number by number, of two vectors. Pictures fold it, as it is a Module."""

    def forward(self, x: Inputs, y: Inputs) -> Outputs:
        return Outputs([a + b for a, b in zip(x, y, strict=True)])


class Block(Module):
    """A block of a transformer: attention, then a net for each position.

    Each reads the stream behind a norm and adds to it::

        x = x + attention(norm(x))
        x = x + mlp(norm(x))

    (Radford et al. 2019, section 2.3; Vaswani et al. 2017 put the norm behind
    the sum.) The net has a hidden layer of 4 n_embd units.

    Args:
        n_embd: The length of a vector, a multiple of n_head.
        n_head: The number of heads.
        activation: That of the hidden layer.
        norm: "rms" or "layer".
        bias: Whether Layers, and the norms of "layer", have biases.
        gain: Whether norms have gains.
        dropout: The probability that a number is dropped in training: a weight
            of attention, or what is added to the stream.
        init: How weights are drawn. See nn.init.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: An argument is outside its range.
    """

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        *,
        activation: Activation = "relu",
        norm: str = "rms",
        bias: bool = True,
        gain: bool = True,
        dropout: float = 0.0,
        init: Init = None,
        seed: Seed = None,
        rng: Rng = None,
    ):
        n_embd, n_head = sizes_of(locals(), n_embd=1, n_head=1)
        within(locals(), bias="True, False", gain="True, False")
        [dropout] = floats_of(locals(), dropout="[0, 1)")
        check_size("this Block", 12 * size_of_units(n_embd, n_embd))
        self.n_embd, self.n_head, self.activation, self.norm = n_embd, n_head, activation, norm
        self.bias, self.gain, self.dropout = bool(bias), bool(gain), dropout
        rng = generator(rng, seed)
        options: dict[str, Any] = {"bias": self.bias, "init": init, "rng": rng}
        self.norm1 = make_norm(norm, n_embd, gain, bias)
        self.attention = MultiHeadAttention(n_embd, n_head, dropout=dropout, **options)
        self.norm2 = make_norm(norm, n_embd, gain, bias)
        self.mlp = Sequential(
            Layer(n_embd, 4 * n_embd, activation, **options),
            Layer(4 * n_embd, n_embd, **options),
        )
        self.drop = Dropout(dropout, rng=rng) if dropout else None
        self.sum = Sum()

    def forward(
        self, xs: Vectors, mask: Sequence[Any] | None = None, past: list[Past] | None = None
    ) -> list[list[Any]]:
        first = 0 if past is None else length_of(past, self.attention.heads, "attention.start()")
        check_positions(self, xs, mask, first)
        xs = self._added(xs, self.attention(each(self.norm1, xs), mask, past))
        return self._added(xs, each(self.mlp, each(self.norm2, xs)))

    def _added(self, xs: Vectors, changes: Vectors) -> list[list[Any]]:
        """Return x + change for each position, after dropout."""
        if self.drop is not None:
            changes = each(self.drop, changes)
        return Outputs(each(self.sum, xs, changes))


class GPT(Module):
    """A transformer that predicts the next token at each position.

    The vectors of token and position are added and normed, pass through the
    blocks, and a linear layer makes logits of them (Radford et al. 2019). Two
    things differ. The norm stands in front of the blocks, not behind them, and
    by default it is RMSNorm without gains and no layer has biases: small models
    learn faster so. Loss and targets of a text are
    `nn.cross_entropy([model(text[:-1])], [text[1:]])`.

    Args:
        vocab: The number of different tokens, at least 1.
        n_embd: The length of a vector, a multiple of n_head.
        n_head: The number of heads of each block.
        n_layer: The number of blocks, at least 1.
        block_size: The largest number of tokens that it can read.
        activation: That of the hidden layers. GPT-2 has "gelu".
        norm: "rms" or "layer". GPT-2 has "layer".
        bias: Whether Layers, and the norms of "layer", have biases.
        gain: Whether norms have gains.
        tied: Whether the vectors of tokens are also the weights of the last
            layer (Press and Wolf 2017).
        dropout: The probability that a number is dropped in training.
        std: The standard deviation of the first weights, at least 0.
        tokens: What the numbers stand for, each another text, if the file of the
            model is to say so.
        seed: Where the random numbers start, if there is no `rng`.
        rng: The source of random numbers.

    Raises:
        ArgumentError: An argument is outside its range.
        LengthError: A text of no token, or of more than block_size; or `tokens`
            are not `vocab` many.
        IndexDomainError: A token is not 0, 1, ... or vocab - 1.

    Examples:
        >>> import nn
        >>> model = nn.GPT(27)
        >>> len(model.parameters())
        4192
        >>> logits = model([0, 5, 13, 13, 1])
        >>> len(logits), len(logits[0])
        (5, 27)
    """

    def __init__(
        self,
        vocab: int,
        n_embd: int = 16,
        n_head: int = 4,
        n_layer: int = 1,
        block_size: int = 16,
        *,
        activation: Activation = "relu",
        norm: str = "rms",
        bias: bool = False,
        gain: bool = False,
        tied: bool = False,
        dropout: float = 0.0,
        std: float = 0.08,
        tokens: Sequence[str] | None = None,
        seed: Seed = None,
        rng: Rng = None,
    ):
        vocab, n_embd, n_head, n_layer, block_size = sizes_of(
            locals(), vocab=1, n_embd=1, n_head=1, n_layer=1, block_size=1
        )
        flags = dict.fromkeys(("bias", "gain", "tied"), "True, False")
        within(locals(), **flags)
        std, dropout = floats_of(locals(), std="[0, inf)", dropout="[0, 1)")
        vectors = (vocab + block_size) * n_embd
        check_size("this GPT", vectors + n_layer * 12 * size_of_units(n_embd, n_embd))
        self.vocab, self.n_embd, self.n_head, self.n_layer = vocab, n_embd, n_head, n_layer
        self.block_size, self.activation, self.norm = block_size, activation, norm
        self.bias, self.gain, self.tied = bool(bias), bool(gain), bool(tied)
        self.dropout, self.std = dropout, std
        if tokens is not None:
            check_texts("tokens", list(tokens) if isinstance(tokens, str) else tokens, "texts")
            self.tokens = list(tokens)
            if len(self.tokens) != vocab:
                raise LengthError(f"vocab = {vocab} numbers cannot stand for {len(tokens)} tokens")
            [(token, n)] = Counter(self.tokens).most_common(1)
            if n > 1:
                raise ArgumentError(f"{n} of the tokens are {token!r}, and each has one number")
        rng = generator(rng, seed)
        init = partial(normal, std=std)
        options: dict[str, Any] = {"activation": activation, "norm": norm, "gain": gain}
        options |= {"bias": self.bias, "dropout": dropout, "init": init, "rng": rng}
        self.token_vectors = Embedding(vocab, n_embd, init=init, rng=rng)
        self.position_vectors = Embedding(block_size, n_embd, init=init, rng=rng)
        self.drop = Dropout(dropout, rng=rng) if dropout else None
        self.sum = Sum()
        self.first_norm = make_norm(norm, n_embd, gain, bias)
        self.blocks = [Block(n_embd, n_head, **options) for _ in range(n_layer)]
        self.head = None if tied else Layer(n_embd, vocab, bias=self.bias, init=init, rng=rng)

    def forward(
        self,
        tokens: Sequence[Any],
        mask: Sequence[Any] | None = None,
        past: list[list[Past]] | None = None,
    ) -> list[list[Any]]:
        if not is_sequence(tokens):
            raise DataTypeError(f"{self!r} reads a list of tokens' numbers, not {told(tokens)}")
        first = 0 if past is None else self._length_of(past)
        if not 0 < first + len(tokens) <= self.block_size:
            raise LengthError(
                f"{self!r} reads 1 to {self.block_size} tokens, not {first + len(tokens)}"
            )
        xs = self._start(tokens, range(first, first + len(tokens)))
        pasts = [None] * self.n_layer if past is None else past
        for block, p in zip(self.blocks, pasts, strict=True):
            xs = block(xs, mask, p)
        return self._logits(xs)

    def _length_of(self, past: Any) -> int:
        """Return how many tokens a past holds. Raises DataTypeError if it is none of this model."""
        start = "[block.attention.start() for block in model.blocks]"
        if (
            not is_sequence(past)
            or len(past) != self.n_layer
            or not all(is_sequence(kept) and len(kept) == self.n_head for kept in past)
        ):
            raise DataTypeError(
                f"past is what {start} gave at first, and grows with each call: for each of "
                f"{self.n_layer} blocks a list of {self.n_head} heads; it is not {told(past)}"
            )
        heads = [head for block in self.blocks for head in block.attention.heads]
        return length_of([kept for block in past for kept in block], heads, start)

    def _start(self, tokens: Sequence[Any], places: Sequence[int]) -> list[list[Any]]:
        """Return the stream in front of the first block."""
        xs = each(self.sum, each(self.token_vectors, tokens), each(self.position_vectors, places))
        if self.drop is not None:
            xs = each(self.drop, xs)
        return each(self.first_norm, xs)

    def _logits(self, xs: Vectors) -> list[list[Any]]:
        """Return, for each position, a number for each token that may come next."""
        if self.head is None:
            rows = self.token_vectors.rows
            return Outputs([Outputs([dot(row, x) for row in rows]) for x in map(tuple, xs)])
        return Outputs(each(self.head, xs))

    def reader(self) -> Callable[[Sequence[int]], list[Any]]:
        """Return a function from a text so far to the logits of the next token.

        It keeps keys and values, so that each token is read once. Each call
        must go on with the text of the one before.
        """
        past = [block.attention.start() for block in self.blocks]

        def read(tokens: Sequence[int]) -> list[Any]:
            if not is_sequence(tokens):
                raise DataTypeError(f"{self!r} reads a list of tokens' numbers, not {told(tokens)}")
            already = len(past[0][0][0])
            return self(tokens[already:], None, past)[-1]  # type: ignore[no-any-return]

        return read

    @names_checked
    def generate(
        self,
        prompt: Sequence[int],
        *,
        stop: int | None = None,
        limit: int | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        seed: Seed = None,
        rng: Rng = None,
    ) -> list[int]:
        """Return tokens that go on with the prompt, as `nn.generate` does for text.

        Args:
            prompt: The first tokens, at least one.
            stop: The token at which to end; it is not returned.
            limit: The largest number of new tokens. The block ends them, too.
            temperature: Below 1 the likely becomes likelier; 0 takes the
                likeliest.
            top_k: Draw among so many of the likeliest only; None is all.
            seed: Where the random numbers start, if there is no `rng`; by default 0.
            rng: The source of random numbers.

        Raises:
            ArgumentError: An argument is outside its range.
            LengthError: The prompt is empty or longer than the block.
        """
        room = self.block_size if limit is None else limit
        return written(
            self, prompt, stop, room, temperature, top_k, generator(rng, seed, default=0)
        )

    @names_checked
    def attention_weights(self, tokens: Sequence[int]) -> list[list[list[list[float]]]]:
        """Return how much each position attends to each before it.

        Element [block][head][t][s] is the weight of position s in what position
        t reads, from 0 to 1. `nn.plots.attention` draws them.
        """
        with no_grad(), trace(self) as t:
            self(tokens)
        places = [p for p, part in self.named_modules() if isinstance(part, AttentionWeights)]
        rows: dict[str, list[list[float]]] = {place: [] for place in places}
        for call in t.calls:
            if call.path in rows:
                rows[call.path].append([float(w) for w in call.outputs])
        heads = list(rows.values())
        return [heads[i : i + self.n_head] for i in range(0, len(heads), self.n_head)]


def make_norm(name: str, n: int, gain: bool, bias: bool) -> Module:
    """Return the norm of that name, for n numbers.

    Raises:
        ArgumentError: There is no norm of that name.
    """
    if not among(name, NORMS):
        raise ArgumentError(f"norm is one of {', '.join(NORMS)}, not {told(name)}")
    return NORMS[name](n, gain=gain, **({"bias": bias} if name == "layer" else {}))
