"""The commands on texts: train a GPT, and let it write."""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

import argparse
import random
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import chain, islice
from math import fsum, isfinite, log, log2
from pathlib import Path
from shlex import quote
from statistics import fmean
from typing import Any, NamedTuple

from autograd import jit
from autograd.errors import MissingDependencyError
from autograd.extending import within

from . import data, plots
from .attention import GPT
from .commands import MODEL, TABLE_OPTIONS, folder_for, program_name, save_chart, write_out
from .data.reading import text_of
from .losses import cross_entropy
from .metrics import ngram_bits
from .module import load
from .optim import Adam
from .sampling import generate
from .schedules import linear
from .step import progress_bar, train_step

HELD_OUT = 0.1  # the share of the texts that only measures the model
DIVERGED = 2  # times the bits of a guess among all letters, with which a GPT begins
BY_HEART = 0.75  # with a smaller share of the held-out bits, texts are known by heart
BLOCK = 16  # how many tokens a model of short texts reads, and of long ones twice as many
BETAS = (0.85, 0.99)  # of Adam
RATE = 0.01
CHUNK = 10  # steps between two looks at the loss
SMOOTHED = 50  # steps, of which the mean loss is shown
SAMPLES = 10
NUMBER = 10  # texts that `write` prints
PADDING = -1  # the target of a position that is none
STOPPED = 130  # the exit status of what Ctrl-C ended
COUNTING = {"single letters": 1, "pairs": 2, "triples": 3}

LOSS = partial(cross_entropy, ignore_index=PADDING)


class Texts(NamedTuple):
    """Texts to learn from and to measure by, with a boundary at both ends."""

    train: list[str]
    held_out: list[str]
    boundary: str
    tokenizer: data.Tokenizer


def train(options: argparse.Namespace) -> int:
    """Train a GPT, say how good it is, and write it with its pictures.

    Returns:
        The exit status: 1 where the training diverged, 130 where Ctrl-C ended
        it.
    """
    for name in TABLE_OPTIONS:
        if getattr(options, name) not in (None, []):
            raise data.DataError(
                f"--{name.replace('_', '-')} is about a table, and not about texts"
            )
    rate = RATE if options.lr is None else options.lr
    within({"steps": options.steps, "lr": rate}, steps="1, 2, ...", lr="[0, inf)")
    texts = _texts(options.data, options.seed)
    tokens = texts.tokenizer.tokens
    longest = max(len(text) for text in texts.train) - 1
    block = BLOCK if longest <= BLOCK else 2 * BLOCK
    model = GPT(
        len(tokens),
        options.width,
        options.heads,
        options.blocks,
        block,
        tokens=tokens,
        seed=options.seed,
    )
    n_params = len(model.parameters())
    print(
        f"{options.data}: {len(texts.train)} texts to learn from, {len(texts.held_out)} held out, "
        f"{len(tokens)} letters; a GPT of {n_params} parameters"
    )
    with folder_for(options.out):
        print(f"it writes before training: {_samples(model, texts)}")
        if find_spec("llvmlite") is None:
            print("the extra jit makes this many times faster: pip install 'chainrule[jit]'")
        costs, stopped = _trained(model, texts, options.steps, rate)
        if not all(map(isfinite, costs)):
            print(
                f"the training diverged at step {len(costs)}, and nothing was written: "
                f"try a lower --lr than {rate}"
            )
            return 1
        bits = _bits(model, texts)
        learnt = fmean(costs[-SMOOTHED:]) / log(2)
        guess = log2(len(tokens))
        if not isfinite(bits) or min(bits, learnt) > DIVERGED * guess:
            print(
                f"the training diverged: after {len(costs)} steps a letter of the held-out texts "
                f"takes {bits:.4g} bits, a blind guess {guess:.4g}; nothing was written: "
                f"try a lower --lr than {rate}"
            )
            return 1
        if stopped:
            print(f"stopped after step {len(costs)}: what was trained until then is kept")
        held_out = _report(texts, bits, learnt, len(costs))
        print(f"it writes now: {_samples(model, texts)}")
        shown = texts.held_out[0].strip(texts.boundary)[: model.block_size - 1]
        whole = write_out(
            model, options.out, lambda: _pictures(model, texts, costs, held_out, shown)
        )
    command = f"{program_name()} write {quote(str(options.out / MODEL))}"
    print(f"let it write more: {command}")
    print(f"see what it attends to in a text: {command} --attention={quote(shown)}")
    return 0 if whole and not stopped else STOPPED


def write(options: argparse.Namespace) -> int:
    """Draw what a saved GPT attends to in a text, and print what it writes.

    Where an option asks for a picture and none is about texts, it writes none.
    """
    within({"number": options.number}, number="0, 1, ... or None")
    if options.attention == "":
        raise data.DataError("--attention is blank: give it a text, such as one that the GPT wrote")
    model = load(options.model)
    tokens = getattr(model, "tokens", None)
    if not isinstance(model, GPT) or tokens is None:
        raise data.DataError(
            f"{options.model} is no GPT that knows its letters: train one with --model gpt"
        )
    boundary = _boundary([tokens])
    if boundary not in tokens:
        raise data.DataError(
            f"{options.model} has no {boundary!r} among its letters, with which a text begins"
        )
    for text in (options.prompt, options.attention or ""):
        _check_letters(text, tokens, model.block_size)
    prompt = _numbers(model, boundary + options.prompt)
    chart = None
    if options.attention:
        chart = _attention(model, boundary + options.attention)
    number = options.number
    if number is None:
        about_texts = (options.prompt, options.temperature, options.top_k, options.seed)
        number = NUMBER if chart is None or about_texts != ("", 1.0, None, 0) else 0
    rng = random.Random(options.seed)
    texts = (
        options.prompt
        + "".join(
            tokens[i]
            for i in model.generate(
                prompt,
                stop=tokens.index(boundary),
                temperature=options.temperature,
                top_k=options.top_k,
                rng=rng,
            )
        )
        for _ in range(number)
    )
    first = [*islice(texts, 1)]  # before the picture, for what it may refuse
    if chart is not None:
        path = options.model.with_name("attention.svg")
        save_chart(chart, path)
        print(f"wrote {path}")
    for text in chain(first, texts):
        print(text)
    return 0


def _check_letters(text: str, tokens: Sequence[str], block_size: int) -> None:
    """Raise DataError for a text that a model cannot read: its letters, or its length."""
    if unknown := sorted(set(text).difference(tokens)):
        small = set(text.lower()) <= set(tokens)
        raise data.DataError(
            f"{text!r} has {', '.join(map(repr, unknown))}, and the texts that the model learnt "
            f"from had only {''.join(tokens)!r}" + f": write {text.lower()!r}" * small
        )
    if len(text) >= block_size:
        raise data.DataError(
            f"{text!r} has {len(text)} letters, and the model reads at most {block_size - 1}"
        )


def _texts(name: str, seed: int) -> Texts:
    """Read the texts of this name, one a line, in an order drawn from the seed.

    Raises:
        DataError: There is no such file, or too little in it.
    """
    if name == "names":
        lines = data.names()
    elif Path(name).exists():
        whole = text_of(name, "texts", "plain text in UTF-8")
        lines = [line.strip() for line in whole.splitlines()]
        lines = [line for line in lines if line]
    else:
        raise data.DataError(
            f"--data {name}: there is no such file; with --model gpt it is names, "
            "or a text file with a text on each line"
        )
    n_held_out = round(HELD_OUT * len(lines))
    if not n_held_out:
        raise data.DataError(f"{name} has {len(lines)} lines of text, and 6 are needed")
    random.Random(seed).shuffle(lines)
    boundary = _boundary(lines, ends=True)
    texts = [boundary + line + boundary for line in lines]
    return Texts(texts[n_held_out:], texts[:n_held_out], boundary, data.Tokenizer(texts))


def _boundary(texts: Sequence[Sequence[str]], ends: bool = False) -> str:
    """Return the token that begins and ends a text: a dot, or the end of a line."""
    dotted = any("." in text for text in texts)
    if ends:
        return "\n" if dotted else "."
    return "\n" if any("\n" in text for text in texts) else "."


def _rows(texts: Sequence[str], tokenizer: data.Tokenizer, block: int) -> list[tuple[Any, Any]]:
    """Return inputs and targets of one length, as batches of one; long texts in parts."""
    pieces = [
        text[i : i + block + 1] for text in texts for i in range(0, max(1, len(text) - 1), block)
    ]
    ids = [tokenizer.encode(piece) for piece in pieces]
    inputs = data.pad([row[:-1] for row in ids], block)[0]
    targets = data.pad([row[1:] for row in ids], block, PADDING)[0]
    return [([x], [y]) for x, y in zip(inputs, targets, strict=True)]


def _trained(model: GPT, texts: Texts, steps: int, rate: float) -> tuple[list[float], bool]:
    """Train until the end, a divergence or Ctrl-C.

    Returns:
        The loss of each step, in nats, and whether Ctrl-C came.
    """
    rows = _rows(texts.train, texts.tokenizer, model.block_size)
    optimizer = Adam(model.parameters(), lr=rate, betas=BETAS)
    step = train_step(model, LOSS, optimizer, schedule=linear(steps))
    costs: list[float] = []
    try:
        with progress_bar(range(steps), "step") as bar:
            for begin in range(0, steps, CHUNK):
                end = min(begin + CHUNK, steps)
                costs += step.run([rows[i % len(rows)] for i in range(begin, end)])
                bar.set_postfix(bits=f"{fmean(costs[-SMOOTHED:]) / log(2):.3f}", refresh=False)
                bar.update(end - begin)
                if not all(map(isfinite, costs[-CHUNK:])):
                    break
    except KeyboardInterrupt:
        if not costs:
            raise
        return costs, True
    finally:
        model.eval()
    return costs, False


def _bits(model: GPT, texts: Texts) -> float:
    """Return the bits per letter that the model needs for the texts held out."""
    summed = jit(lambda X, y: LOSS([model(x) for x in X], y, reduction="sum"))
    rows = _rows(texts.held_out, texts.tokenizer, model.block_size)
    nats = [float(summed(X, y)) for X, y in rows]
    n_letters = sum(t != PADDING for _, [y] in rows for t in y)
    return float(fsum(nats) / n_letters / log(2))


def _report(texts: Texts, bits: float, learnt: float, n_steps: int) -> dict[str, float]:
    """Print the bits per letter of the held-out texts, and return them by what needs them.

    Args:
        texts: Those to learn from, and those held out.
        bits: Those that the GPT needs for the texts held out.
        learnt: Those that it needed for the texts that it learnt from.
        n_steps: How many it has learnt from.
    """
    counted = {
        name: ngram_bits(texts.train, texts.held_out, order=order)
        for name, order in COUNTING.items()
    }
    print(f"bits per letter of the held-out texts: {bits:.3f} after {n_steps} steps")
    print("counting " + ", ".join(f"{name} {found:.3f}" for name, found in counted.items()))
    print(_verdict(bits, learnt, counted))
    return {"this GPT after training": bits} | {f"counting {x}": y for x, y in counted.items()}


def _verdict(bits: float, learnt: float, counted: dict[str, float]) -> str:
    """Say what the model is better than, and what to try if it is not better than all.

    Args:
        bits: Those per letter of the held-out texts.
        learnt: Those of the texts that it learnt from.
        counted: Those of counting.
    """
    beaten = [name for name, found in counted.items() if bits < found]
    others = [name for name in counted if name not in beaten]
    better = f"better than counting {', '.join(beaten)}" if beaten else ""
    if not others:
        return better
    worse = f"{'; not' if beaten else 'not better'} than counting {', '.join(others)}"
    if learnt < BY_HEART * bits:
        by_heart = f"it knows the texts it learnt from by heart ({learnt:.3f} bits)"
        return f"{better}{worse}: {by_heart}; try fewer --steps, or more texts"
    return f"{better}{worse}: try more --steps"


def _samples(model: GPT, texts: Texts) -> str:
    """Return what the model writes from the first ten seeds, and which of it are copies."""
    end = texts.boundary
    written = [
        "".join(generate(model, texts.tokenizer, end, stop=end, seed=seed))
        for seed in range(SAMPLES)
    ]
    copies = [text for text in dict.fromkeys(written) if f"{end}{text}{end}" in texts.train]
    listed = ", ".join(text or "(nothing)" for text in written)
    return listed + (f"; among the texts to learn from: {', '.join(copies)}" if copies else "")


def _pictures(
    model: GPT, texts: Texts, costs: Sequence[float], held_out: dict[str, float], shown: str
) -> dict[str, Callable[[Path], Any]]:
    """Return the charts of a training by the names of their files, as what saves them."""
    width = max(1, min(SMOOTHED, len(costs) // 10))
    starts = range(0, len(costs) - width + 1, width)
    curves = {f"training, mean of {width}": [fmean(costs[i : i + width]) / log(2) for i in starts]}
    curves |= {f"held out, {who}": [bits] * len(starts) for who, bits in held_out.items()}
    try:
        ax = plots.loss_curve(curves, ylabel="bits per letter")
        ax.set_xlabel("step")
        ax.xaxis.set_major_formatter(lambda x, _: f"{x * width:g}")
        attended = _attention(model, texts.boundary + shown)
        charts = {"loss.svg": ax, "attention.svg": attended}
        return {name: partial(save_chart, chart) for name, chart in charts.items()}
    except MissingDependencyError as error:
        print(f"no charts: {error}")
        return {}


def _numbers(model: GPT, text: str) -> list[int]:
    """Return the numbers of the letters, in the order that the model has them in."""
    return [model.tokens.index(letter) for letter in text]


def _attention(model: GPT, text: str) -> Any:
    """Return the chart of what each head attends to in a text."""
    letters = [letter if letter.isprintable() else repr(letter)[1:-1] for letter in text]
    return plots.attention(model.attention_weights(_numbers(model, text)), tokens=letters)
