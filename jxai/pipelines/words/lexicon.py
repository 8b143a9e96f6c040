"""The words of a set of captioned pictures: vocabulary, words of the channels, relevance, sentences as tokens."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.language.associations import Associations
from jxai.language.relevance import decision_words, relevance_vector
from jxai.language.tagging import content_words, mentions
from jxai.language.vocabulary import Vocabulary, encode, tokenise, vocabulary
from jxai.pipelines.words.captions import Captioned

__all__ = ["Words", "fitting_length", "relevance_of", "sentences", "spoken_words", "words_of"]

FITTING = 0.95  # share of the training sentences that the length holds; the few longer ones would double the work


class Words(NamedTuple):
    """The words of a set.

    Attributes:
        vocabulary: those that the explainer knows.
        content: `[D]`, the nouns and adjectives among them.
        length: most words of a sentence, the stop counted.
    """

    vocabulary: Vocabulary
    content: np.ndarray
    length: int


def words_of(train: Captioned, *, least: int, length: int | None = None) -> Words:
    """The words of the training sentences.

    Args:
        train: pictures with captions.
        least: how often a word occurs.
        length: most words of a sentence; None: what holds 95 of 100 training sentences.

    Raises:
        ValueError: no word occurs so often, or none of them is a noun or adjective.
    """
    every = [sentence for captions in train.captions for sentence in captions]
    words = vocabulary(every, least=least)
    content = np.asarray(content_words(words, every))
    if not content.any():
        raise ValueError(
            f"none of the {len(words.words)} words of the captions is a noun or an adjective; nothing could be said of "
            "a channel. Give captions that describe the pictures, or lower --least."
        )
    return Words(words, content, length or fitting_length(every))


def fitting_length(captions: list[str]) -> int:
    """The fewest tokens that hold 95 of 100 sentences.

    Example:
        >>> fitting_length(["a red bird.", "a bird"])
        4
    """
    counts = np.sort([len(tokenise(sentence)) for sentence in captions])
    return int(counts[min(len(counts) - 1, int(np.ceil(FITTING * len(counts))) - 1)])


def spoken_words(words: Words, data: Captioned) -> np.ndarray:
    """Which nouns and adjectives the captions of each picture have, `[n, D]` (D_I)."""
    return np.stack([np.asarray(mentions(words.vocabulary, captions, words.content)) for captions in data.captions])


def relevance_of(
    relevant: np.ndarray,
    associations: Associations,
    spoken: np.ndarray,
    of_class: np.ndarray,
    *,
    variant: Any,
    forms: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The words that each decision rests on, and the reward of each word.

    Args:
        relevant: `[n, F]`, channels.
        associations: their words.
        spoken: `[n, D]`, D_I.
        of_class: `[n, D]`, D_c of each picture's class.
        variant: "released": of the channels' words only those that the picture's captions have.
        forms: `[D, D]`, which words are other forms of a word (`variant_matrix`): where the captions have them, they
            count as decided with it.

    Returns:
        D_r, booleans `[n, D]`, and z `[n, D]` in 0..1.
    """

    def one(relevant: Any, spoken: Any, of_class: Any) -> tuple[Any, Any]:
        other = {} if forms is None else {"variants": jnp.asarray(forms), "spoken": spoken}
        decided = decision_words(relevant, associations, own=spoken if variant == "released" else None, **other)
        return decided, relevance_vector(decided, spoken, of_class, variant=variant)

    decided, z = jax.jit(jax.vmap(one))(*(jnp.asarray(array) for array in (relevant, spoken, of_class)))
    return np.asarray(decided), np.asarray(z)


def sentences(words: Words, data: Captioned, *, most: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The captions as tokens; longer ones than the length are left out.

    Args:
        words: of the training set.
        data: pictures with captions.
        most: of one picture.

    Returns:
        Tokens `[m, t]`, and the place of the picture of each, `[m]`.

    Raises:
        ValueError: every caption is longer.
    """
    tokens, owners = [], []
    for place, captions in enumerate(data.captions):
        fit = [sentence for sentence in captions if len(tokenise(sentence)) <= words.length]
        tokens += [encode(words.vocabulary, sentence, words.length) for sentence in fit[:most]]
        owners += [place] * len(fit[:most])
    if not tokens:
        raise ValueError(f"every caption has more than {words.length} words; raise --length.")
    return np.stack(tokens), np.array(owners, np.int32)
