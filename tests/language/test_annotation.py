"""Heat maps with words, and parts as points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.language import Associations, annotate, word_maps
from jxai.signal.filters import resize
from tests.references.words import heat_maps, strongest

rng = np.random.default_rng(0)
VALUES = {"b": rng.normal(size=(2, 3, 4)), "a": np.abs(rng.normal(size=(4, 6, 5)))}
ALPHA = {"b": rng.normal(size=4), "a": rng.normal(size=5)}
WORDS = [2, 3, 0, 2, 4, 3, 3, 5, 0]  # of the channels of a, then b
FOUND = Associations(jnp.array(WORDS), jnp.ones(9), jnp.ones(9), jnp.ones((9, 6)))
NAMED = np.array([[0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [1, 1, 0, 0, 0, 0]], bool)
SIZE = (16, 12)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_maps_equal_the_loops(threshold):
    for layer in VALUES:
        found = jax.jit(lambda a, alpha: word_maps(a, alpha, threshold=threshold))(VALUES[layer], ALPHA[layer])
        np.testing.assert_allclose(found, heat_maps(VALUES[layer], ALPHA[layer], threshold), rtol=1e-12)


def test_maps_at_the_size_of_the_image():
    small = word_maps(jnp.asarray(VALUES["a"]), jnp.asarray(ALPHA["a"]))
    large = word_maps(jnp.asarray(VALUES["a"]), jnp.asarray(ALPHA["a"]), size=SIZE)
    assert large.shape == (5, *SIZE)
    np.testing.assert_allclose(large[1], resize(small[1], SIZE))


def test_a_channel_against_the_class_has_an_empty_map():
    found = word_maps(jnp.ones((2, 2, 2)), jnp.array([-1.0, 1.0]))
    assert not found[0].any() and found[1].all()


def arrays(tree):
    return jax.tree.map(jnp.asarray, tree)


def test_places_equal_the_loops():
    found = jax.jit(lambda a, alpha: annotate(a, alpha, FOUND, jnp.asarray(NAMED), size=SIZE))(VALUES, ALPHA)
    for part, (heat, x, y) in enumerate(strongest(VALUES, ALPHA, WORDS, NAMED, SIZE)):
        assert float(found.strength[part]) == pytest.approx(heat)
        if heat:
            assert found.place[part].tolist() == pytest.approx([x, y])
            assert NAMED[part][WORDS[int(found.channel[part])]]
    assert found.strength[2] == 0  # no channel has the word: `<s>` names nothing
    assert (found.strength[:2] > 0).all()


def test_only_important_channels():
    every = annotate(arrays(VALUES), arrays(ALPHA), FOUND, jnp.asarray(NAMED), size=SIZE)
    first = int(every.channel[0])
    important = jnp.arange(9) != first
    important = {"a": important[:5], "b": important[5:]}
    fewer = annotate(arrays(VALUES), arrays(ALPHA), FOUND, jnp.asarray(NAMED), size=SIZE, important=important)
    assert fewer.strength[0] < every.strength[0] and int(fewer.channel[0]) != first
    np.testing.assert_array_equal(fewer.place[1], every.place[1])


def test_layers_in_another_order():
    turned = FOUND._replace(word=jnp.concatenate([FOUND.word[5:], FOUND.word[:5]]))
    one = annotate(arrays(VALUES), arrays(ALPHA), FOUND, jnp.asarray(NAMED), size=SIZE)
    other = annotate(arrays(VALUES), arrays(ALPHA), turned, jnp.asarray(NAMED), size=SIZE, layers=("b", "a"))
    np.testing.assert_array_equal(one.place[:2], other.place[:2])


def test_many_images():
    many = {name: jnp.stack([jnp.asarray(a), 2 * jnp.asarray(a), jnp.asarray(a)[::-1]]) for name, a in VALUES.items()}
    found = jax.vmap(lambda a: annotate(a, arrays(ALPHA), FOUND, jnp.asarray(NAMED), size=SIZE))(many)
    np.testing.assert_allclose(found.strength[1], 2 * found.strength[0])
    np.testing.assert_allclose(found.place[2, :2, 1], SIZE[0] - found.place[0, :2, 1])


def test_bad_input():
    with pytest.raises(ValueError, match="threshold is a share"):
        word_maps(jnp.ones((2, 2, 2)), jnp.ones(2), threshold=1.5)
    for values, alpha in (
        (jnp.ones((2, 2, 2)), jnp.ones(3)),
        (jnp.ones(2), jnp.ones(2)),
        (jnp.ones((1, 2, 2, 2)), jnp.ones(2)),
    ):
        with pytest.raises(ValueError, match=r"a layer of an image is \[h, w, K\]"):
            word_maps(values, alpha)
    with pytest.raises(ValueError, match="the associations are of"):
        annotate({"a": jnp.ones((2, 2, 3))}, {"a": jnp.ones(3)}, FOUND, jnp.asarray(NAMED), size=SIZE)
    with pytest.raises(ValueError, match="the associations are of"):
        annotate(arrays(VALUES), arrays(ALPHA), FOUND, jnp.asarray(NAMED[:, 1:]), size=SIZE)
