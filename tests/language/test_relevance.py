"""Relevance vectors: those of the authors' program (`flex_relevance.npz`).

The file holds a vocabulary, descriptions of three images, their decision-relevant words and the program's output:
relevance to image and class, and the final vectors.
"""

import json
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.language import (
    Associations,
    Vocabulary,
    class_words,
    decision_words,
    mention_table,
    relevance,
    relevance_vector,
    relevance_vectors,
    variant_matrix,
)
from tests.paths import FIXTURES
from tests.references.words import sets_of

FIXTURE = np.load(FIXTURES / "flex_relevance.npz")
WORDS = Vocabulary(tuple(FIXTURE["vocab"].tolist()), 1)
LEMMAS = json.loads(str(FIXTURE["lemmas"]))
LABELS = jnp.array([0, 0, 1])


def described():
    """D_I of the three images, and the D_r that the program was given."""
    captions = {name: [] for name in LEMMAS}
    for name, sentence in json.loads(str(FIXTURE["descriptions"])):
        captions[name].append(sentence)
    image = mention_table(WORDS, list(captions.values()))
    given = json.loads(str(FIXTURE["dr"]))
    return image, np.array([[word in given[name] for word in WORDS.words] for name in captions])


def with_variants(image, given):
    """The program's table of variants is one of each image."""
    tables = [variant_matrix(WORDS, {w: tuple(v) for w, v in LEMMAS[name].items()}) for name in LEMMAS]
    found = Associations(jnp.arange(21), jnp.ones(21), jnp.ones(21), jnp.ones((21, 21)))
    return jax.vmap(lambda words, table, spoken: decision_words(words, found, variants=table, spoken=spoken))(
        jnp.asarray(given), jnp.asarray(np.stack(tables)), jnp.asarray(image)
    )


def test_vectors_of_the_authors_program():
    image, given = described()
    decision = with_variants(image, given)
    assert decision[0, WORDS.words.index("striped")] and not decision[2].any()
    of_class = class_words(image, LABELS, 2)[LABELS]
    exactly = partial(np.testing.assert_allclose, rtol=0, atol=4e-16)  # XLA's logarithm is one bit off NumPy's
    exactly(relevance(image) + relevance(of_class), FIXTURE["img_class_score"])
    found = jax.jit(lambda *sets: relevance_vectors(*sets, LABELS, 2, variant="released"))(decision, image)
    exactly(found, FIXTURE["relevance_z"])


def test_the_example_of_the_paper():
    """A Cardinal: of 21 words its class has 8, the image 6, the decision {red, crown}."""
    of_class = ["red", "crown", "black", "cheekpatch", "gray", "wing", "belly", "beak"]
    image = ["red", "crown", "black", "cheekpatch", "belly", "beak"]
    sets = [jnp.array([word in those for word in WORDS.words]) for those in (["red", "crown"], image, of_class)]
    z = dict(zip(WORDS.words, relevance_vector(*sets, normalise=False).tolist(), strict=True))
    assert z["red"] == z["crown"] == pytest.approx(np.log(21 / 2) + np.log(21 / 6) + np.log(21 / 8))
    assert z["belly"] == pytest.approx(np.log(21 / 6) + np.log(21 / 8)) and z["wing"] == pytest.approx(np.log(21 / 8))
    assert z["white"] == 0
    stretched = dict(zip(WORDS.words, relevance_vector(*sets).tolist(), strict=True))
    assert stretched["red"] == 1 and stretched["white"] == 0 and 0 < stretched["wing"] < stretched["belly"] < 1


def test_ends():
    nothing, everything = jnp.zeros(5, bool), jnp.ones(5, bool)
    assert not relevance(nothing).any() and not relevance(everything).any()
    assert not relevance_vector(nothing, nothing, nothing).any()
    assert not relevance_vector(everything, everything, everything).any()
    assert jnp.isfinite(relevance_vector(nothing, nothing, nothing, variant="released")).all()
    assert not class_words(jnp.ones((2, 3), bool), jnp.array([0, 0]), 3)[1:].any()  # classes without images


FOUND = Associations(jnp.array([2, 0, 4, 4]), jnp.ones(4), jnp.ones(4), jnp.ones((4, 6)))


@pytest.mark.parametrize(
    ("relevant", "own", "words"),
    [
        ([1, 1, 0, 0], None, [2]),
        ([0, 1, 0, 0], None, []),  # no word describes the channel
        ([1, 0, 1, 1], None, [2, 4]),
        ([1, 0, 1, 1], [4, 5], [4]),
    ],
)
def test_words_of_channels(relevant, own, words):
    own = None if own is None else jnp.isin(jnp.arange(6), jnp.array(own))
    found = jax.jit(lambda relevant: decision_words(relevant, FOUND, own=own))(jnp.array(relevant, bool))
    assert np.flatnonzero(found).tolist() == words


def test_variants_come_along_where_they_are_spoken():
    variants = jnp.zeros((6, 6), bool).at[2, 3].set(True).at[2, 5].set(True).at[4, 1].set(True)
    spoken = jnp.array([0, 1, 0, 1, 0, 0], bool)
    found = decision_words(jnp.array([True, False, False, False]), FOUND, variants=variants, spoken=spoken)
    assert np.flatnonzero(found).tolist() == [2, 3]
    own = jnp.array([0, 0, 0, 1, 1, 1], bool)  # a word that goes takes its variants along
    found = decision_words(jnp.array([True, False, False, False]), FOUND, own=own, variants=variants, spoken=spoken)
    assert not found.any()


def test_many_images():
    relevant = jnp.asarray(np.random.default_rng(0).random((5, 4)) < 0.5)
    many = jax.vmap(lambda one: decision_words(one, FOUND))(relevant)
    for one, words in zip(relevant, many, strict=True):
        np.testing.assert_array_equal(words, decision_words(one, FOUND))


@pytest.mark.unchecked
def test_bad_input():
    with pytest.raises(ValueError, match="associations are of 4 channels, relevant has shape"):
        decision_words(jnp.ones(5, bool), FOUND)
    with pytest.raises(ValueError, match="give both, or none"):
        decision_words(jnp.ones(4, bool), FOUND, variants=jnp.ones((6, 6), bool))
    decision, image, labels = sets_of()
    with pytest.raises(ValueError, match="decision and image are"):
        relevance_vectors(jnp.asarray(decision), jnp.asarray(image), jnp.asarray(labels[1:]), 3)
    with pytest.raises(ValueError, match="classes must be above zero"):
        class_words(jnp.asarray(image), jnp.asarray(labels), 0)
    with pytest.raises(ValueError, match='variant must be "paper" or "released"'):
        relevance_vector(*jnp.ones((3, 5), bool), variant="other")
