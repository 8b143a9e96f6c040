"""Content words of descriptions: nouns and adjectives, their variants, and the images that mention them."""

import functools
import os
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from jxai.extras import needs
from jxai.language.vocabulary import Vocabulary, tokenise

__all__ = [
    "Tagger",
    "Variants",
    "content_words",
    "mention_table",
    "mentions",
    "read_variants",
    "textblob_tagger",
    "variant_matrix",
]

Tagger = Callable[[list[str]], list[str]]
"""From the words of one sentence to their parts of speech, as tags of the Penn Treebank (`NN`, `JJ`, `VBZ`, ...)."""

Variants = Mapping[str, tuple[str, ...]]
"""The other forms of a word: `{"wing": ("wings",), "stripes": ("striped", "stripe")}`."""

_CONTENT = ("NN", "JJ")
_PARTICIPLES = ("VBN", "VBG", "VBD")  # the lexicon has "spotted" as a past tense


def textblob_tagger(words: list[str]) -> list[str]:
    """Tags words by TextBlob's lexicon and rules, which need no download.

    A participle right before a noun or an adjective counts as an adjective: "spotted wings", "a white-spotted tail".

    Args:
        words: of one sentence.

    Returns:
        A tag for each word.

    Raises:
        ImportError: textblob is not installed.

    Example:
        >>> textblob_tagger(["a", "bird", "has", "spotted", "wings", "."])
        ['DT', 'NN', 'VBZ', 'JJ', 'NNS', '.']
    """
    tags = [tag for _, tag in _pattern_tag()(" ".join(words), tokenize=False)]
    for at in reversed(range(len(tags) - 1)):  # from the end: "grey-crowned spotted bird"
        if tags[at] in _PARTICIPLES and tags[at + 1].startswith(_CONTENT):
            tags[at] = "JJ"
    return tags


def content_words(
    vocabulary: Vocabulary,
    captions: Iterable[str],
    *,
    tagger: Tagger = textblob_tagger,
    exclude: Collection[str] = (),
) -> Bool[np.ndarray, " d"]:
    """The nouns and adjectives of a vocabulary: words with such a tag in most of their occurrences in a training set.

    Args:
        vocabulary: the words.
        captions: sentences.
        tagger: from the words of a sentence to their parts of speech.
        exclude: words that do not count; the object of every image ("bird") distinguishes none.

    Returns:
        Booleans `[D]`.

    Raises:
        ValueError: no word is a noun or adjective, an excluded word is not in the vocabulary, or the tagger
            returned another number of tags than it got words.

    Example:
        >>> from jxai.language.vocabulary import vocabulary
        >>> captions = ["this bird has a red crown.", "a small bird"]
        >>> words = vocabulary(captions, least=1)
        >>> [words.words[i] for i in content_words(words, captions, exclude=["bird"]).nonzero()[0]]
        ['crown', 'red', 'small']
    """
    tokens = vocabulary.tokens
    absent = [word for word in exclude if word not in tokens]
    if absent:
        raise ValueError(f"excluded words are words of the vocabulary; {', '.join(absent)} came.")
    # Each distinct sentence is tagged once, with its number of occurrences as votes
    votes: Counter[str] = Counter()
    for words, times in Counter(tuple(tokenise(sentence)) for sentence in captions).items():
        for word, tag in zip(words, _tags(tagger, list(words)), strict=True):
            votes[word] += times if tag.startswith(_CONTENT) else -times
    content = np.array([votes[word] > 0 and word[0].isalnum() and word not in exclude for word in vocabulary.words])
    if not content.any():
        raise ValueError("no word of the vocabulary is a noun or an adjective: check the tagger, or lower `least`.")
    return content


def read_variants(file: str | os.PathLike) -> dict[str, tuple[str, ...]]:
    """Word variants from a file in the format of FLEX's `lemma.txt`: a line `striped#stripes` for each variant.

    Args:
        file: the path.

    Returns:
        The variants of each word. Variants of a variant count as variants of its word.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a line is not `variant#word`.
    """
    forms: dict[str, str] = {}
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        variant, _, word = (part.strip().lower() for part in line.partition("#"))
        if not variant or not word or "#" in word:
            raise ValueError(f"{file}, line {number}: expected 'variant#word', found {line!r}.")
        if variant != word:
            forms[variant] = word
    variants: dict[str, list[str]] = {}
    for variant in forms:
        variants.setdefault(_root(forms, variant), []).append(variant)
    return {word: tuple(others) for word, others in variants.items()}


def variant_matrix(vocabulary: Vocabulary, variants: Variants) -> Bool[np.ndarray, "d d"]:
    """The variants of words as a matrix `[D, D]`, row w True at the variants of w; only words of the vocabulary count.

    Example:
        >>> words = Vocabulary(("<s>", "<unk>", ".", "wing", "wings"), 2)
        >>> variant_matrix(words, {"wing": ("wings", "winged")}).nonzero()
        (array([3]), array([4]))
    """
    tokens = vocabulary.tokens
    matrix = np.zeros((len(tokens), len(tokens)), bool)
    for word, others in variants.items():
        for other in others:
            if word in tokens and other in tokens:
                matrix[tokens[word], tokens[other]] = True
    return matrix


def mentions(
    vocabulary: Vocabulary,
    captions: Sequence[str],
    content: Bool[np.ndarray, " d"] | None = None,
    *,
    variants: Variants | None = None,
) -> Bool[np.ndarray, " d"]:
    """The words in the descriptions of one image, D_I.

    Args:
        vocabulary: the words; others are ignored.
        captions: the descriptions of the image.
        content: `[D]`, the only words that count; None: all, "." included.
        variants: a variant counts as its word if that is in the vocabulary; None: every form counts separately.

    Returns:
        Booleans `[D]`.

    Raises:
        ValueError: no captions, or an empty one.

    Example:
        >>> words = Vocabulary(("<s>", "<unk>", ".", "a", "wing", "wings"), 2)
        >>> mentions(words, ["A blue wing."]).nonzero()[0].tolist()
        [2, 3, 4]
    """
    if isinstance(captions, str):
        raise TypeError("captions are many sentences, e.g. a list of strings; one string came.")
    if not len(captions):
        raise ValueError("the image has no captions: leave it out where its own words are needed.")
    tokens = vocabulary.tokens
    root = {other: word for word, others in (variants or {}).items() for other in others if word in tokens}
    mask = np.zeros(len(tokens), bool)
    for word in {root.get(word, word) for sentence in captions for word in tokenise(sentence)}:
        if word in tokens:
            mask[tokens[word]] = True
    return mask if content is None else mask & content


def mention_table(
    vocabulary: Vocabulary,
    captions: Sequence[Sequence[str]],
    content: Bool[np.ndarray, " d"] | None = None,
    *,
    variants: Variants | None = None,
) -> Bool[np.ndarray, "n d"]:
    """`mentions` of each image of a set.

    Args:
        vocabulary: the words.
        captions: the descriptions of each image.
        content: as for `mentions`.
        variants: as for `mentions`.

    Returns:
        Booleans `[n, D]`.

    Raises:
        ValueError: images without captions; the message lists them.
    """
    without = [str(index) for index, sentences in enumerate(captions) if not len(sentences)]
    if without:
        more = f", ... ({len(without)} in all)" if len(without) > 10 else ""
        raise ValueError(f"images without captions: {', '.join(without[:10])}{more}: leave them out, or give captions.")
    return np.array([mentions(vocabulary, sentences, content, variants=variants) for sentences in captions])


def _tags(tagger: Tagger, words: list[str]) -> list[str]:
    tags = tagger(words)
    if len(tags) != len(words):
        raise ValueError(f"the tagger returned {len(tags)} tags for {len(words)} words: {' '.join(words)!r}.")
    return tags


def _root(forms: Mapping[str, str], word: str) -> str:
    visited = {word}
    while word in forms and forms[word] not in visited:  # the released file has a cycle
        word = forms[word]
        visited.add(word)
    return word


@functools.cache
def _pattern_tag() -> Callable:
    with needs("words"):
        from textblob.en import tag
    with warnings.catch_warnings():  # it reads its files at the first call, and leaves them open
        warnings.simplefilter("ignore", ResourceWarning)
        tag("bird", tokenize=False)
    return tag
