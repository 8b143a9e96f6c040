"""Words and their numbers: sentences to tokens and back."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int32

from jxai.core.errors import require_positive
from jxai.language.captioner import START, UNKNOWN

__all__ = ["STOP", "Vocabulary", "because", "decode", "encode", "longest", "tokenise", "vocabulary"]

STOP = "."
"""The word that ends every sentence."""

_TOKENS = re.compile(r"\d+(?:[.,/]\d+)*(?:-?[^\W\d_]+)*|[^\W\d_]+(?:['’-]?[^\W_]+)*|[.!?]+|[,;:&]")
_NO_SPACE_BEFORE = frozenset(",;:.")
_LIKE_YOU = re.compile(r"(eu|ew|u[bfknrst][aeiou]|uni|one|ouija)", re.IGNORECASE)  # a vowel letter, but no vowel sound
_LIKE_UP = re.compile(r"(unin|unim|unid|honest|hour|heir)", re.IGNORECASE)


class Vocabulary(NamedTuple):
    """The words of a captioning model; the index of a word is its token.

    Attributes:
        words: `<s>` (start and padding), `<unk>` (any other word), then the words in alphabetical order.
        stop: the token of ".", the end of a sentence.
    """

    words: tuple[str, ...]
    stop: int

    @property
    def tokens(self) -> dict[str, int]:
        """The token of each word."""
        return {word: token for token, word in enumerate(self.words)}


def tokenise(sentence: str) -> list[str]:
    """The words of a sentence in lower case, with its punctuation, ending with ".".

    Hyphenated words are one word. Quotes and brackets are left out. "!" and "?" become ".".

    Args:
        sentence: any text of one or more words.

    Returns:
        Words; a text of several sentences has as many ".".

    Raises:
        TypeError: not a string.
        ValueError: the text has no word.

    Example:
        >>> tokenise("A small, grey-crowned bird; it's brown")
        ['a', 'small', ',', 'grey-crowned', 'bird', ';', "it's", 'brown', '.']
    """
    if not isinstance(sentence, str):
        raise TypeError(f"a sentence is a string; {type(sentence).__name__} came.")
    words = [STOP if word[0] in ".!?" else word for word in _TOKENS.findall(sentence.lower())]
    if not any(word[0].isalnum() for word in words):
        raise ValueError(f"a sentence needs at least one word; {sentence!r} came: leave empty captions out.")
    return words if words[-1] == STOP else [*words, STOP]


def vocabulary(captions: Iterable[str], *, least: int = 3) -> Vocabulary:
    """The words that occur at least `least` times in the sentences of a training set.

    Args:
        captions: the sentences of all images in one sequence.
        least: smallest number of occurrences of a word.

    Returns:
        The vocabulary; "." is always in it.

    Raises:
        TypeError: one string came instead of many.
        ValueError: no captions, an empty caption, or no word is frequent enough.

    Reference:
        The released program of FLEX (Wickramanayake et al. 2019) keeps words that occur three times or more.

    Example:
        >>> vocabulary(["a red bird.", "a black bird", "a red crown"], least=2).words
        ('<s>', '<unk>', '.', 'a', 'bird', 'red')
    """
    require_positive(least=least)
    counts: Counter[str] = Counter()
    for words in _tokenise_all(captions):
        counts.update(words)
    frequent = sorted(word for word, times in counts.items() if times >= least and word != STOP)
    if not frequent:
        raise ValueError(
            f"no word occurs {least} times or more in {counts[STOP]} sentences: give more captions, or a smaller least."
        )
    # Sorted: the tokens do not depend on the order of the captions
    words = ("<s>", "<unk>", *sorted([*frequent, STOP]))
    return Vocabulary(words, words.index(STOP))


def encode(vocabulary: Vocabulary, sentence: str, length: int) -> Int32[np.ndarray, " length"]:
    """The tokens of the first sentence of a text: its words, ".", then zeros.

    Args:
        vocabulary: the words; any other one becomes `<unk>`.
        sentence: the text.
        length: number of tokens.

    Raises:
        ValueError: the sentence is empty, or has more than `length` tokens (`longest` returns how many are enough).

    Example:
        >>> encode(vocabulary(["a red bird"], least=1), "A blue bird", 6).tolist()
        [3, 1, 4, 2, 0, 0]
    """
    words = tokenise(sentence)
    words = words[: words.index(STOP) + 1]  # captions of several sentences are used up to the first stop
    if len(words) > length:
        raise ValueError(
            f"the sentence has {len(words)} tokens with its '.', length is {length}: give a larger length "
            f"(longest(captions)), or leave the sentence out: {sentence!r}."
        )
    tokens = vocabulary.tokens
    return np.array([tokens.get(word, UNKNOWN) for word in words] + [START] * (length - len(words)), np.int32)


def longest(captions: Iterable[str]) -> int:
    """The number of tokens of the longest sentence, "." included; arguments and errors as for `vocabulary`.

    Example:
        >>> longest(["a red bird.", "a bird"])
        4
    """
    return max(words.index(STOP) + 1 for words in _tokenise_all(captions))


def decode(vocabulary: Vocabulary, tokens: Any) -> str:
    """The sentence of tokens, as people write it.

    Args:
        vocabulary: the words.
        tokens: `[t]` integers; zeros and everything after the first "." are left out.

    Returns:
        The words up to the stop, with a "." at the end in any case.

    Raises:
        ValueError: not a vector, or a token outside the vocabulary.

    Example:
        >>> words = vocabulary(["a red, small bird"], least=1)
        >>> decode(words, [4, 6, 2, 7, 5, 3, 0, 0])
        'a red, small bird.'
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 1 or np.any((tokens < 0) | (tokens >= len(vocabulary.words))):
        raise ValueError(
            f"tokens are a vector of numbers 0 to {len(vocabulary.words) - 1}; shape {tokens.shape}, "
            f"{tokens.min(initial=0)} to {tokens.max(initial=0)} came: decode one sentence at a time."
        )
    stops = np.flatnonzero(tokens == vocabulary.stop)
    words = [vocabulary.words[token] for token in tokens[: stops[0] if len(stops) else None] if token != START]
    # Not " ".join: no space before punctuation
    text = "".join(word if word in _NO_SPACE_BEFORE else f" {word}" for word in words)
    return text.strip() + STOP


def because(class_name: str, sentence: str) -> str:
    """A sentence as the justification of a decision.

    Args:
        class_name: the predicted class.
        sentence: the reason.

    Example:
        >>> because("Orchard Oriole", "this bird has a black crown.")
        'This is an Orchard Oriole because this bird has a black crown.'
    """
    return f"This is {_article(class_name)} {class_name} because {sentence}"


def _article(phrase: str) -> str:
    vowel = phrase[:1].lower() in tuple("aeiou") and not _LIKE_YOU.match(phrase)
    return "an" if vowel or _LIKE_UP.match(phrase) else "a"


def _tokenise_all(captions: Iterable[str]) -> Iterator[list[str]]:
    if isinstance(captions, str):
        raise TypeError("captions are many sentences, e.g. a list of strings; one string came.")
    captions = list(captions)
    if not captions:
        raise ValueError("at least one caption is needed; none came.")
    for index, sentence in enumerate(captions):
        try:
            yield tokenise(sentence)
        except (TypeError, ValueError) as error:
            raise type(error)(f"caption {index}: {error}") from None
