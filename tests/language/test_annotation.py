"""Heat maps with words, and parts as points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import language
from jxai.signal.filters import resize
from tests.jitted import jitted
from tests.references.words import ALPHA, FOUND, NAMED, SIZE, VALUES

annotate, word_maps = jitted(language.annotate), jitted(language.word_maps)


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
    found = jax.jit(jax.vmap(lambda a: annotate(a, arrays(ALPHA), FOUND, jnp.asarray(NAMED), size=SIZE)))(many)
    np.testing.assert_allclose(found.strength[1], 2 * found.strength[0])
    np.testing.assert_allclose(found.place[2, :2, 1], SIZE[0] - found.place[0, :2, 1])


@pytest.mark.unchecked
def test_bad_input():
    with pytest.raises(ValueError, match="threshold is a share"):
        language.word_maps(jnp.ones((2, 2, 2)), jnp.ones(2), threshold=1.5)
    for values, alpha in (
        (jnp.ones((2, 2, 2)), jnp.ones(3)),
        (jnp.ones(2), jnp.ones(2)),
        (jnp.ones((1, 2, 2, 2)), jnp.ones(2)),
    ):
        with pytest.raises(ValueError, match=r"a layer of an image is \[h, w, K\]"):
            language.word_maps(values, alpha)
    with pytest.raises(ValueError, match="the associations are of"):
        language.annotate({"a": jnp.ones((2, 2, 3))}, {"a": jnp.ones(3)}, FOUND, jnp.asarray(NAMED), size=SIZE)
    with pytest.raises(ValueError, match="the associations are of"):
        language.annotate(arrays(VALUES), arrays(ALPHA), FOUND, jnp.asarray(NAMED[:, 1:]), size=SIZE)
