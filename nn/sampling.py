"""Text from a model that predicts the next token."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import inf, log
from random import Random
from typing import Any

from autograd import no_grad, softmax
from autograd.errors import DataTypeError, DomainError, LengthError
from autograd.extending import floats_of, told, within

from .arguments import names_checked
from .data.checks import DataError, is_sequence
from .data.text import Tokenizer
from .init import Rng, Seed, generator
from .module import Module, check_model
from .step import final_activation, in_eval_mode


def draw_token(
    logits: Sequence[Any], rng: Random, temperature: float = 1.0, top_k: int | None = None
) -> int:
    """Draw an index with probability softmax(logits / temperature).

    Args:
        logits: A number for each token.
        rng: The source of the one random number that is drawn.
        temperature: Below 1 the likely becomes likelier; 0 takes the largest
            logit, the first of equals.
        top_k: Draw among so many of the largest logits only; None is all.

    Raises:
        ArgumentError: temperature is below 0, or top_k below 1.
        DomainError: A logit is nan, or several to draw from are the largest and
            infinite, so that their shares are unknown.
    """
    within(locals(), top_k="1, 2, ... or None")
    [temperature] = floats_of(locals(), temperature="[0, inf)")
    if not is_sequence(logits) or not len(logits):
        raise DataTypeError(
            f"a model that writes gives for each token a list of logits, not {told(logits)}"
        )
    numbers = [float(z) for z in logits]
    if any(z != z for z in numbers):
        raise DomainError("a logit is nan, so no token can be drawn: the training has diverged")
    ranked = sorted(range(len(numbers)), key=lambda i: -numbers[i])
    kept = ranked[: 1 if temperature == 0 else top_k]
    top = numbers[kept[0]]
    if abs(top) == inf and [numbers[i] for i in kept].count(top) > 1:
        raise DomainError(
            f"{len(kept)} logits of which several are {top!r}, the largest, have no shares: "
            "the training has diverged, or no token is allowed; temperature=0 takes the first"
        )
    # Differences, so that a small temperature cannot overflow; of halves, so that they cannot.
    half = top / 2.0
    shares = softmax(
        [(numbers[i] / 2.0 - half) / temperature * 2.0 if i != kept[0] else 0.0 for i in kept]
    )
    left = rng.random()
    for i, share in zip(kept, shares, strict=True):
        left -= share
        if left < 0.0:
            return i
    return kept[0]  # shares that round to a sum below 1


def drawn_tokens(
    next_logits: Callable[[list[int]], Sequence[Any]],
    prompt: Sequence[int],
    rng: Random,
    temperature: float = 1.0,
    top_k: int | None = None,
) -> Iterator[int]:
    """Yield tokens without end, each drawn after all those before it.

    Args:
        next_logits: From all tokens up to now to the logits of the next.
        prompt: The first tokens, at least one. They are not repeated.
        rng: The source of random numbers.
        temperature: See draw_token.
        top_k: See draw_token.
    """
    tokens = list(prompt)
    if not tokens:
        raise LengthError("a prompt has at least one token, such as the one that begins a text")
    while True:
        with no_grad():
            logits = next_logits(tokens)
        tokens.append(draw_token(logits, rng, temperature, top_k))
        yield tokens[-1]


def _logs_of(next_shares: Callable[[list[int]], Sequence[Any]], tokens: list[int]) -> list[float]:
    """Return the logarithms of probabilities, which are logits of them."""
    return [log(p) if p > 0 else -inf for p in map(float, next_shares(tokens))]


@names_checked
def generate(
    model: Module,
    tokenizer: Tokenizer,
    prompt: Sequence[str] = ".",
    *,
    stop: str | None = ".",
    limit: int = 100,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: Seed = None,
    rng: Rng = None,
) -> list[str]:
    """Let a model write: draw one token after another, each after all before it.

    The model maps a list of tokens' numbers to a list of logits for each: what
    may come next; a last layer with softmax gives probabilities. A GPT reads each
    token once, other models read the whole text again for every token.

    Args:
        model: The model, which is asked in eval mode.
        tokenizer: What the model's numbers stand for.
        prompt: The tokens that the text begins with, at least one.
        stop: The token that ends a text; None is no such token.
        limit: The largest number of new tokens, at least 0. A GPT also ends
            where its block does.
        temperature: Below 1 the likely becomes likelier; 0 takes the likeliest.
        top_k: Draw among so many of the likeliest only; None is all.
        seed: Where the random numbers start, if there is no `rng`; by default 0.
        rng: The source of random numbers.

    Returns:
        The new tokens, without prompt and stop; `"".join(...)` is the text.

    Raises:
        DataError: The prompt or `stop` has a token that the tokenizer lacks.
        LengthError: The prompt is empty, or longer than the block.
        ArgumentError: limit, temperature or top_k is outside its range.

    Examples:
        >>> import nn
        >>> tokenizer = nn.data.Tokenizer([".abc."])
        >>> model = nn.Sequential(nn.Each(nn.Embedding(4, 4, seed=2)))
        >>> "".join(nn.generate(model, tokenizer, stop=None, limit=5))
        'ba...'
    """
    if not isinstance(tokenizer, Tokenizer):
        raise DataTypeError(
            "tokenizer is an nn.data.Tokenizer, such as the model was trained with, "
            f"not {told(tokenizer)}"
        )
    source = generator(rng, seed, default=0)
    ids = tokenizer.encode(prompt)
    if isinstance(stop, str) and stop not in tokenizer.tokens:
        raise DataError(
            f"stop is {told(stop)}, which was in none of the tokenizer's texts: "
            "write each as f'.{name}.' before it is made from them, or give stop=None"
        )
    end = None if stop is None else tokenizer.encode([stop])[0]
    return tokenizer.decode(written(model, ids, end, limit, temperature, top_k, source))


def written(
    model: Module,
    prompt: Sequence[int],
    stop: int | None,
    limit: int,
    temperature: float,
    top_k: int | None,
    rng: Random,
) -> list[int]:
    """Return the tokens that a model goes on with: `generate` in numbers.

    A model with a method `reader` reads each token once. One with a
    `block_size` ends when its block is full.

    Raises:
        ArgumentError: limit, temperature or top_k is outside its range.
        LengthError: The prompt is empty, or longer than the block.
    """
    within(locals(), limit="0, 1, ...", temperature="[0, inf)", top_k="1, 2, ... or None")
    check_model(model)
    if not is_sequence(prompt):
        raise DataTypeError(f"prompt is a list of tokens' numbers, not {told(prompt)}")
    within(locals(), stop="0, 1, ... or None")
    reader = getattr(model, "reader", None)
    next_logits = reader() if reader else lambda tokens: model(tokens)[-1]
    if final_activation(model) == "softmax":
        next_logits = partial(_logs_of, next_logits)
    room = min(limit, getattr(model, "block_size", inf) - len(prompt) + 1)
    if room <= 0 < limit:
        raise LengthError(f"the prompt has {len(prompt)} tokens, more than the block of {model!r}")

    def going_on() -> list[int]:
        found: list[int] = []
        drawn = drawn_tokens(next_logits, prompt, rng, temperature, top_k)
        while len(found) < room and (token := next(drawn)) != stop:
            found.append(token)
        return found

    return in_eval_mode(model, going_on)
