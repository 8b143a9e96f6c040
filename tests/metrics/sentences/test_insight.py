"""Insight into misclassified images: cases made by hand, words against phrases, refusals."""

import jax.numpy as jnp
import numpy as np
import pytest

from jxai.metrics import class_terms, insight, mentioned_terms


def test_by_the_words_of_the_descriptions():
    terms = [("red",), ("black",), ("crown",), ("wing", "wings")]
    captions = [["a red crown", "black wings"], ["red wings and crown"], ["a black crown"]]
    classes = class_terms(jnp.asarray(mentioned_terms(captions, terms)), jnp.array([0, 0, 1]), 2)
    assert classes.astype(int).tolist() == [[1, 1, 1, 1], [0, 1, 1, 0]]
    sentences = ["this bird has a black crown.", "this bird has a red crown.", "a bird.", "a black wing."]
    said, truth = jnp.asarray(mentioned_terms(sentences, terms)), jnp.array([0, 1, 0, 1])
    assert insight(said, truth, 1 - truth, classes).each.tolist() == [100, 0, 0, 0]
    assert insight(said, truth, 1 - truth, classes, unnamed="right").each.tolist() == [100, 0, 100, 0]
    assert int(insight(said, truth, truth, classes).count) == 0


def test_terms_of_a_class_by_the_share_of_its_images():
    described = jnp.array([[1, 1, 0], [1, 0, 0], [1, 0, 1]])
    labels = jnp.array([2, 2, 0])
    assert class_terms(described, labels, 3).astype(int).tolist() == [[1, 0, 1], [0, 0, 0], [1, 1, 0]]
    assert class_terms(described, labels, 3, least=0.5).astype(int).tolist() == [[1, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_naming_more_is_never_more_insight():
    rng = np.random.default_rng(3)
    said, more = rng.random((2, 20, 5)) < 0.3
    truth, predicted = jnp.arange(20) % 4, (jnp.arange(20) + 1) % 4
    classes = jnp.asarray(rng.random((4, 5)) < 0.7)
    few, many = (insight(jnp.asarray(s), truth, predicted, classes, unnamed="right").each for s in (said, said | more))
    assert bool((many <= few).all()) and bool((many < few).any())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b, i: insight(b(3), i(3), i(3), b(2, 4)), r"said \[n, t\]"),
        (lambda b, i: insight(b(3, 4), i(2), i(3), b(2, 4)), r"truth \[n\]"),
        (lambda b, i: insight(b(3, 4), i(3), i(3), b(2, 5)), r"\(2, 5\) came"),
        (lambda b, i: insight(b(3, 4), i(3), i(3), b(2, 4), unnamed="no"), "one of .*'no' came"),
        (lambda b, i: class_terms(b(3, 4), i(2), 2), r"labels \[n\]"),
        (lambda b, i: class_terms(b(3, 4), i(3), 2, least=1.0), "from 0 to below 1"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call(lambda *shape: jnp.zeros(shape, bool), lambda *shape: jnp.zeros(shape, int))
