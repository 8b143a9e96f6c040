"""Text as token numbers, and which word each of them is a piece of."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int32

__all__ = ["SPECIAL", "Tokenized", "word_piece", "word_vocabulary"]

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class Tokenized(NamedTuple):
    """A sentence, or a pair of them, as a model takes it, `t` tokens; and as people read it, `n` words.

    Attributes:
        tokens: numbers of the pieces, with the model's special tokens and padding.
        types: 0, and 1 in the second sentence of a pair.
        mask: False at padding.
        groups: the word of each piece, 0..n-1; -1 at special tokens and padding. Explainers that change the input
            take it as `groups=`: pieces of a word are changed together, those of no word never.
        pieces: the pieces as text.
        words: the words as written; those of the second sentence follow the first's.
        spaces: for each word whether white space follows it, so that the text can be put together again.
    """

    tokens: Int32[np.ndarray, " t"]
    types: Int32[np.ndarray, " t"]
    mask: Bool[np.ndarray, " t"]
    groups: Int32[np.ndarray, " t"]
    pieces: tuple[str, ...]
    words: tuple[str, ...]
    spaces: tuple[bool, ...]


def word_piece(vocabulary: str | os.PathLike | Sequence[str], *, lowercase: bool = True) -> Callable[..., Tokenized]:
    """The WordPiece tokenizer of BERT, by the library `tokenizers` (the extra `text`).

    Args:
        vocabulary: a file `vocab.txt` with one piece a line; a `tokenizer.json`, which holds all settings (and may be
            of another kind of tokenizer); or the pieces themselves.
        lowercase: whether letters lose case and accents, for a `vocab.txt` or pieces: True for "uncased" models.

    Returns:
        Function `(text, pair=None, *, length=None, truncate=False) -> Tokenized`. `text` and `pair` are strings, which
        are cut into words as the tokenizer does (BERT: at white space and punctuation), or lists of words, which stay
        whole. `length` pads to that many tokens; a longer sentence is refused, or with `truncate` loses the last
        words, never a part of one. A word that the tokenizer drops (a zero-width space) keeps its number and has no
        pieces.

    Raises:
        ModuleNotFoundError: `tokenizers` is not installed.
        ValueError: the vocabulary lacks a special token or cannot be read; a sentence is too long.

    Reference: Wu et al., 2016, "Google's Neural Machine Translation System"; Devlin et al., 2019.

    Example:
        >>> tokenize = word_piece([*SPECIAL, "the", "ja", "##y", "sings", "."])
        >>> tokenized = tokenize("The jay sings.", length=8)
        >>> tokenized.pieces
        ('[CLS]', 'the', 'ja', '##y', 'sings', '.', '[SEP]', '[PAD]')
        >>> tokenized.groups.tolist(), tokenized.words
        ([-1, 0, 1, 1, 2, 3, -1, -1], ('The', 'jay', 'sings', '.'))
    """
    engine, padding = _engine(vocabulary, lowercase)

    def tokenize(
        text: str | Sequence[str],
        pair: str | Sequence[str] | None = None,
        *,
        length: int | None = None,
        truncate: bool = False,
    ) -> Tokenized:
        texts = [text] if pair is None else [text, pair]
        whole = [part if isinstance(part, str) else list(part) for part in texts]
        if len({type(part) for part in whole}) > 1:
            raise ValueError("text and pair must both be strings or both lists of words.")
        encoding = engine.encode(*whole, is_pretokenized=not isinstance(text, str))
        tokenized = _tokenized(whole, encoding)
        if length is not None and len(tokenized.tokens) > length:
            if not truncate or pair is not None:
                remedy = "cut it" if pair is not None else "say truncate=True, or cut it"
                raise ValueError(
                    f"the sentence has {len(tokenized.tokens)} tokens, more than length={length}; {remedy}."
                )
            tokenized = _cut(tokenized, length)
        return tokenized if length is None else _padded(tokenized, length, *padding)

    return tokenize


def word_vocabulary(texts: Iterable[str | Sequence[str]], size: int, *, lowercase: bool = True) -> list[str]:
    """A vocabulary of whole words for a model that is trained from scratch: the most frequent ones, others `[UNK]`.

    Args:
        texts: strings, or lists of words; cut further as BERT does (at white space and punctuation).
        size: most entries, with the five special tokens.
        lowercase: as for `word_piece`.

    Returns:
        The vocabulary for `word_piece`: special tokens, then words by frequency (ties by alphabet), so that the same
        texts always give the same numbers.

    Example:
        >>> word_vocabulary(["The jay.", ["A", "jay"]], 7)[5:]
        ['jay', '.']
    """
    if size <= len(SPECIAL):
        raise ValueError(f"size must leave room for words beside {len(SPECIAL)} special tokens; size={size} came.")
    engine, _ = _engine(SPECIAL, lowercase)
    counts: Counter[str] = Counter()
    for text in texts:
        normal = engine.normalizer.normalize_str(text if isinstance(text, str) else " ".join(text))
        counts.update(word for word, _ in engine.pre_tokenizer.pre_tokenize_str(normal))
    words = sorted(counts, key=lambda word: (-counts[word], word))
    return [*SPECIAL, *words[: size - len(SPECIAL)]]


def _engine(vocabulary: Any, lowercase: bool) -> tuple[Any, tuple[int, str]]:
    """The library's tokenizer without padding and truncation, and its padding token: number and text."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ModuleNotFoundError("tokenizing needs the library tokenizers: pip install 'jxai[text]'") from error
    if isinstance(vocabulary, str | os.PathLike) and os.fspath(vocabulary).endswith(".json"):
        try:
            engine = Tokenizer.from_file(os.fspath(vocabulary))
        except Exception as error:  # the library raises bare Exception
            raise ValueError(f"{os.fspath(vocabulary)} is no tokenizer.json that can be read ({error})") from error
    else:
        engine = _bert(_numbered(vocabulary), lowercase)
    settings = engine.padding or {}
    engine.no_padding()
    engine.no_truncation()
    token = settings.get("pad_token") or ("<pad>" if engine.token_to_id("<pad>") is not None else "[PAD]")
    return engine, (engine.token_to_id(token) or 0, token)


def _bert(numbers: dict[str, int], lowercase: bool) -> Any:
    """BERT's tokenizer: cut at white space and punctuation, longest pieces first, between special tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    engine = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    engine.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.post_processor = processors.BertProcessing(*((token, numbers[token]) for token in ("[SEP]", "[CLS]")))
    engine.add_special_tokens([token for token in SPECIAL if token in numbers])
    return engine


def _numbered(vocabulary: str | os.PathLike | Iterable[str]) -> dict[str, int]:
    if isinstance(vocabulary, str | os.PathLike):
        with open(vocabulary, encoding="utf-8") as file:
            vocabulary = file.read().removesuffix("\n").split("\n")
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    missing = [token for token in SPECIAL[:4] if token not in numbers]
    if missing:
        raise ValueError(f"the vocabulary has no {', '.join(missing)}; expected a BERT vocabulary, one piece a line.")
    return numbers


def _tokenized(texts: list[str | list[str]], encoding: Any) -> Tokenized:
    parts = [_words(text, [span for span, s in _spans(encoding) if s == k]) for k, text in enumerate(texts)]
    start = [0, len(parts[0][0])]
    groups = [
        -1 if word is None else word + start[sequence]
        for word, sequence in zip(encoding.word_ids, encoding.sequence_ids, strict=True)
    ]
    return Tokenized(
        np.array(encoding.ids, np.int32),
        np.array(encoding.type_ids, np.int32),
        np.ones(len(groups), bool),
        np.array(groups, np.int32),
        tuple(encoding.tokens),
        tuple(word for words, _ in parts for word in words),
        tuple(space for _, spaces in parts for space in spaces),
    )


def _spans(encoding: Any) -> list[tuple[tuple[int, int, int], int]]:
    """`((word, first character, last), sequence)` of every piece of a word."""
    rows = zip(encoding.word_ids, encoding.offsets, encoding.sequence_ids, strict=True)
    return [((word, *offsets), sequence) for word, offsets, sequence in rows if word is not None]


def _words(text: str | list[str], spans: list[tuple[int, int, int]]) -> tuple[list[str], list[bool]]:
    """The words as written, and whether white space follows each."""
    if not isinstance(text, str):
        return text, [True] * len(text)
    ends: dict[int, tuple[int, int]] = {}
    for word, first, last in spans:
        ends[word] = (min(first, ends.get(word, (first, last))[0]), max(last, ends.get(word, (first, last))[1]))
    bounds = [ends.get(word, (0, 0)) for word in range(max(ends, default=-1) + 1)]
    return [text[a:b].strip() for a, b in bounds], [text[b : b + 1].isspace() or b == len(text) for _, b in bounds]


def _cut(tokenized: Tokenized, length: int) -> Tokenized:
    """Without the last words, so that what is left and the special tokens fit."""
    of_words = tokenized.groups[tokenized.groups >= 0]
    room = length - int((tokenized.groups < 0).sum())
    words = int(of_words[room]) if room > 0 else 0  # the first that does not fit whole
    if words < 1:
        raise ValueError(
            f"length={length} leaves no room for the first word, {tokenized.words[0]!r}; take a larger one."
        )
    rows = np.flatnonzero(tokenized.groups < words)
    return Tokenized(
        tokenized.tokens[rows],
        tokenized.types[rows],
        tokenized.mask[rows],
        tokenized.groups[rows],
        tuple(tokenized.pieces[i] for i in rows),
        tokenized.words[:words],
        tokenized.spaces[:words],
    )


def _padded(tokenized: Tokenized, length: int, number: int, token: str) -> Tokenized:
    missing = length - len(tokenized.tokens)

    def filled(array: np.ndarray, fill: int | bool) -> np.ndarray:
        return np.append(array, np.full(missing, fill, array.dtype))

    return Tokenized(
        filled(tokenized.tokens, number),
        filled(tokenized.types, 0),
        filled(tokenized.mask, False),
        filled(tokenized.groups, -1),
        tokenized.pieces + (token,) * missing,
        tokenized.words,
        tokenized.spaces,
    )
