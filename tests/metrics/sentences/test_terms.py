"""Terms: which words count as one, and which texts say them."""

import numpy as np
import pytest

from jxai.metrics import mentioned_terms, object_terms


def test_synonyms_are_one_term_or_one_each():
    words = [("beak", "bill"), (), ("Bill", "nose")]
    together, apart = object_terms(words), object_terms(words, synonyms=False)
    assert together.words == (("beak", "bill"), ("bill", "nose"))
    assert together.names.tolist() == [[True, False], [False, False], [False, True]]
    assert apart.words == (("beak",), ("bill",), ("nose",))
    assert apart.names.astype(int).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 1]]


def test_variants_join_words_whatever_their_direction():
    for variants in ({"wings": ("wing",)}, {"wing": ("wings",)}, {"wing": ("wings",), "wings": ("wing",)}):
        assert object_terms([("wing",)], synonyms=False, variants=variants).words == (("wing", "wings"),)
    chain = {"speckle": ("speckles",), "speckled": ("speckles",), "stripe": ("striped",)}
    found = object_terms([("speckle", "speckled", "dot")], synonyms=False, variants=chain)
    assert found.words == (("speckle", "speckled", "speckles"), ("dot",))
    assert object_terms([("dot", "stripe")], variants=chain).words == (("dot", "stripe", "striped"),)


def test_texts_say_whole_words_and_phrases():
    terms = [("crown",), ("traffic light", "signal"), ("TV",)]
    texts = ["A red-crowned bird", "the crown.", ["a light in traffic", "one traffic  light"], "a Tv", []]
    found = mentioned_terms(texts, terms)
    assert np.argwhere(found).tolist() == [[1, 0], [2, 1], [3, 2]] and found.shape == (5, 3)
    assert mentioned_terms([], terms).shape == (0, 3) and mentioned_terms(texts, []).shape == (5, 0)


def test_a_phrase_does_not_run_over_two_captions():
    assert not mentioned_terms([["much traffic", "light rain"]], [("traffic light",)]).any()


def test_a_string_for_words_is_refused():
    with pytest.raises(ValueError, match=r"the string 'beak' came: write \('beak',\)"):
        object_terms(["beak"])
