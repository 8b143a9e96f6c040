"""Ambiguity of classes, the choice of insecurities, and the geometry of points and masks: ends and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from jxai.data.photos import fit
from tests.jitted import jitted

PARTS = [[(0, 3)], [(3, 5), (0, 3)], [(5, 8)]]


@pytest.fixture
def attributes():
    rng = np.random.default_rng(0)
    found = rng.uniform(0, 100, (5, 8)) * (rng.random((5, 8)) < 0.7)
    found[1, 3:5] = 0  # a group that says nothing of a class
    found[4] = 0  # a class without attributes
    return found


def test_a_class_without_attributes_is_ambiguous_with_none(attributes):
    strengths = jitted(metrics.attribute_ambiguity)(jnp.asarray(attributes), PARTS)
    assert np.isnan(strengths[4]).all()
    assert not np.isnan(strengths[1, :4]).any()  # its empty group is left out of the mean
    chosen = jitted(metrics.select_insecurities)(strengths, share=1.0)
    assert not chosen[4].any()
    assert chosen[0, 1].all()


def test_refused_attributes(attributes):
    with pytest.raises(ValueError, match="has no attributes"):
        metrics.attribute_ambiguity(jnp.asarray(attributes), [[(0, 3)], []])
    with pytest.raises(ValueError, match="there are 8"):
        metrics.attribute_ambiguity(jnp.asarray(attributes), [[(5, 9)]])
    with pytest.raises(ValueError, match="negative"):
        metrics.attribute_ambiguity(-jnp.asarray(attributes), PARTS)
    with pytest.raises(ValueError, match="at least one part"):
        metrics.attribute_ambiguity(jnp.asarray(attributes), [])
    with pytest.raises(ValueError, match="floating"):
        metrics.attribute_ambiguity(jnp.asarray(attributes, int), PARTS)
    with pytest.raises(ValueError, match="smoothing"):
        metrics.attribute_ambiguity(jnp.asarray(attributes), PARTS, smoothing=-1.0)


def test_refused_objects():
    with pytest.raises(ValueError, match=r"\[c, o\]"):
        metrics.object_ambiguity(jnp.ones(3))


def test_refused_selections():
    with pytest.raises(ValueError, match="share"):
        metrics.select_insecurities(jnp.ones((3, 3, 2)), share=0.0)
    with pytest.raises(ValueError, match="pairs of classes"):
        metrics.select_insecurities(jnp.ones((3, 2, 2)))
    with pytest.raises(ValueError, match="two classes"):
        metrics.select_insecurities(jnp.ones((1, 1, 2)))


def test_places_are_those_of_the_picture_that_the_model_sees():
    """A bright square moves through `fit` as its centre moves through `place_points`."""
    image = np.zeros((90, 120, 3), np.uint8)
    image[40:48, 70:78] = 255
    seen = fit(image, 32)[..., 0]
    rows, columns = np.mgrid[:32, :32] + 0.5
    centre = [(seen * axis).sum() / seen.sum() for axis in (columns, rows)]
    placed = jitted(metrics.place_points)(jnp.asarray([[74.0, 44.0, 1.0]]), 90, 120, size=32)[0]
    np.testing.assert_allclose(placed[:2], centre, atol=0.1)
    masks = jitted(metrics.place_masks)(jnp.asarray(image[..., 0] > 0), size=32)
    assert masks[int(placed[1]), int(placed[0])]
    assert (np.asarray(masks) == (seen > 0.5)).mean() > 0.99


def test_places_of_many_images_by_vmap():
    points = jnp.asarray([[10.0, 10.0, 1.0]])
    place = jax.vmap(lambda height, width: metrics.place_points(points, height, width, size=16, crop=1.0))
    placed = place(jnp.array([20, 40]), jnp.array([20, 20]))
    np.testing.assert_allclose(placed[:, 0], [[8, 8, 1], [8, 0, 1]])


def test_refused_places():
    with pytest.raises(ValueError, match="visible"):
        metrics.place_points(jnp.ones((3, 2)), 4, 4, size=4)
    with pytest.raises(ValueError, match="crop"):
        metrics.place_points(jnp.ones((3, 3)), 4, 4, size=4, crop=1.5)
    with pytest.raises(ValueError, match="one map"):
        metrics.place_masks(jnp.ones((2, 3, 3), int), size=4)
