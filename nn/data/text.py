"""Small texts that ship with the project, and the numbers they become.

A text is a sequence of tokens: a string is one of characters, a list of strings
one of words, or of the titles of books.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from autograd.errors import DataTypeError, IndexDomainError
from autograd.extending import elsewhere_of_objects, told

from ..arguments import Closed, names_checked
from .checks import DataError, is_sequence
from .reading import shown

FUNCTION_WORDS = frozenset(
    ["a", "and", "at", "for", "in", "is", "its", "of", "on", "the", "to", "was", "with"]
)


class Tokenizer(Closed):
    """A number for every token: its place, from 0, in the list `tokens`.

    `tokens` has all different tokens of the texts in sorted order. For a model
    of names, write each as f".{name}.": the dot says where a name begins and
    ends.

    Examples:
        >>> import nn
        >>> tokenizer = nn.data.Tokenizer(["anna", "ben"])
        >>> tokenizer.encode("nab")
        [3, 0, 1]
    """

    tokens: list[str]

    if not TYPE_CHECKING:  # so that a type checker still sees what is not there
        __getattr__ = elsewhere_of_objects(
            {
                **dict.fromkeys(
                    ("stoi", "char_to_idx", "word_index", "token_to_id"), "tokenizer.encode(text)"
                ),
                **dict.fromkeys(
                    ("itos", "idx_to_char", "index_word", "vocab", "chars", "get_vocab"),
                    "tokenizer.tokens, a list of the tokens by number",
                ),
                **dict.fromkeys(("vocab_size", "n_vocab"), "len(tokenizer.tokens)"),
            },
            "nn.seldom OF_TOKENIZERS",
        )

    @names_checked
    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        texts = _listed("texts", texts)
        for text in texts:
            _check_text(text)
        self.tokens = sorted({token for text in texts for token in text})
        self._ids = {token: i for i, token in enumerate(self.tokens)}

    def renewed(self, name: str, new: Any) -> Any:
        """Refuse to set the tokens again, for their numbers belong to them.

        Raises:
            DataTypeError: In any case.
        """
        raise DataTypeError(
            f"{name!r} of a Tokenizer was found in its texts: make a new one, Tokenizer(texts)"
        )

    def __len__(self) -> int:
        """The number of tokens."""
        return len(self.tokens)

    def __call__(self, *given: Any, **options: Any) -> NoReturn:
        """Refuse what other libraries' tokenizers do when they are called.

        Raises:
            DataTypeError: In any case.
        """
        raise DataTypeError("a Tokenizer is no function: write tokenizer.encode(text)")

    def __repr__(self) -> str:
        return f"<Tokenizer of {len(self)} tokens: {shown(list(map(repr, self.tokens)), 10)}>"

    @names_checked
    def encode(self, text: Sequence[str]) -> list[int]:
        """The numbers of the tokens.

        Raises:
            DataError: A token was in none of the texts.
        """
        _check_text(text)
        unknown = list(dict.fromkeys(repr(token) for token in text if token not in self._ids))
        if unknown:
            raise DataError(
                f"{text!r} has {shown(unknown)}, and the texts that the tokenizer was made from "
                f"have {len(self._ids)} other tokens: {shown(list(map(repr, self._ids)), 40)}"
            )
        return [self._ids[token] for token in text]

    @names_checked
    def one_hot(self, text: Sequence[str]) -> list[list[float]]:
        """Return for each token a list of zeros with 1.0 at its number.

        Raises:
            DataError: A token was in none of the texts.

        Examples:
            >>> from nn import data
            >>> data.Tokenizer(["abc"]).one_hot("ca")
            [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        """
        n = len(self.tokens)
        return [[float(i == j) for j in range(n)] for i in self.encode(text)]

    @names_checked
    def decode(self, ids: Iterable[int]) -> list[str]:
        """The tokens of the numbers; `"".join(...)` makes a string of characters.

        Raises:
            IndexDomainError: A number is no token's.
        """
        if isinstance(ids, str):
            raise DataTypeError(
                f"ids is a list of numbers, not the text {told(ids)}: tokenizer.encode(text) "
                "gives them"
            )
        ids, n = _listed("ids", ids), len(self.tokens)
        if unknown := [i for i in ids if not (isinstance(i, Hashable) and i in range(n))]:
            raise IndexDomainError(
                f"{told(unknown[0])} is no token: this tokenizer has the numbers 0 to {n - 1}"
            )
        return [self.tokens[int(i)] for i in ids]


@names_checked
def names() -> list[str]:
    """1,921 first names in lower case, in alphabetical order.

    They are the 1,000 most frequent of each sex in the 1990 census of the
    United States.
    """
    return _lines("names.txt")


@names_checked
def sentences() -> list[list[str]]:
    """84 sentences about people, animals and things, as lists of words.

    They lack the function words, which go with every other word. What goes with
    "king" is what goes with "he" and with "ruler": enough to learn a meaning
    from.
    """
    return [
        [word for word in line.split() if word not in FUNCTION_WORDS]
        for line in _lines("sentences.txt")
    ]


@names_checked
def readers() -> list[list[str]]:
    """The books that each of 24 invented readers liked.

    Most keep to stories of the sea, of crime, of love or of science.
    """
    return [line.split("; ") for line in _lines("readers.txt")]


@names_checked
def sentiment() -> tuple[list[list[str]], list[int]]:
    """60 sentences about films, as lists of words, praise (1) and blame (0) in turn."""
    lines = [line.split() for line in _lines("sentiment.txt")]
    return [words for _, *words in lines], [int(label) for label, *_ in lines]


@names_checked
def contexts(
    texts: Iterable[Sequence[str]], tokenizer: Tokenizer
) -> tuple[list[int], list[list[float]]]:
    """How often every token stands beside every other one in the texts.

    X has the numbers of the tokens, and y a distribution for each: y[i][j] is
    count(i, j) divided by the sum over j, at any distance. Cross-entropy
    against these rows is the skip-gram objective (Mikolov et al. 2013,
    "Efficient estimation of word representations in vector space",
    arXiv:1301.3781), in which each token weighs the same, however often it
    occurs.

    Raises:
        DataError: A token is unknown, or stands alone in every text.
        DataTypeError: These are no texts, or no Tokenizer.
    """
    if not isinstance(tokenizer, Tokenizer):
        raise DataTypeError(
            f"tokenizer is a Tokenizer, such as Tokenizer(texts), not {told(tokenizer)}"
        )
    texts = _listed("texts", texts)
    n = len(tokenizer.tokens)
    counts = [[0] * n for _ in range(n)]
    for text in texts:
        for i, j in permutations(tokenizer.encode(text), 2):
            counts[i][j] += 1
    if alone := [
        token for token, row in zip(tokenizer.tokens, counts, strict=True) if not any(row)
    ]:
        raise DataError(
            f"the token {alone[0]!r} stands alone in every text, so nothing can be learned about it"
        )
    return list(range(n)), [[count / sum(row) for count in row] for row in counts]


def _listed(name: str, given: Any) -> list[Any]:
    """Return texts or numbers as a list, also those of an iterator.

    Raises:
        DataTypeError: They have no order, or are no collection.
    """
    if not isinstance(given, Iterator) and not is_sequence(given):
        remedy = f": write [{told(given)}]" * isinstance(given, str)
        raise DataTypeError(f"{name} is a list, not {told(given)}{remedy}")
    return list(given)


def _check_text(text: Any) -> None:
    """Raise DataTypeError unless this is a text."""
    if not isinstance(text, str) and not (
        is_sequence(text) and all(isinstance(token, str) for token in text)
    ):
        raise DataTypeError(f"a text is a str or a list of tokens, each a str, not {told(text)}")


def _lines(name: str) -> list[str]:
    """The lines of a file that lies beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
