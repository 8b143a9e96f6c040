"""Ambiguity of classes, the choice of insecurities, and the geometry of points and masks, against literal loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from jxai.data.photos import fit
from tests.references import insecurities as literal

VARIANTS = ("paper", "released")
PARTS = [[(0, 3)], [(3, 5), (0, 3)], [(5, 8)]]


@pytest.fixture
def attributes():
    rng = np.random.default_rng(0)
    found = rng.uniform(0, 100, (5, 8)) * (rng.random((5, 8)) < 0.7)
    found[1, 3:5] = 0  # a group that says nothing of a class
    found[4] = 0  # a class without attributes
    return found


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("smoothing", [0.0, 1.0])
def test_attributes_equal_the_reference(attributes, variant, smoothing):
    likeness = jax.jit(lambda a: metrics.attribute_ambiguity(a, PARTS, variant=variant, smoothing=smoothing))
    got = likeness(jnp.asarray(attributes))
    wanted = literal.attribute_ambiguity(attributes, PARTS, variant, smoothing)
    np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-14)
    np.testing.assert_array_equal(got, got.transpose(1, 0, 2))


def test_a_class_without_attributes_is_ambiguous_with_none(attributes):
    strengths = metrics.attribute_ambiguity(jnp.asarray(attributes), PARTS)
    assert np.isnan(strengths[4]).all()
    assert not np.isnan(strengths[1, :4]).any()  # its empty group is left out of the mean
    chosen = metrics.select_insecurities(strengths, share=1.0)
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


@pytest.mark.parametrize("variant", VARIANTS)
def test_objects_equal_the_reference(variant):
    rng = np.random.default_rng(3)
    frequencies = np.append(rng.integers(0, 11, (4, 6)) / 10, np.full((1, 6), np.nan), 0)  # the last class has no image
    strengths = metrics.object_ambiguity(jnp.asarray(frequencies), variant=variant)
    np.testing.assert_allclose(strengths, literal.object_ambiguity(frequencies, variant), rtol=1e-12)
    chosen = metrics.select_insecurities(strengths, share=0.1)
    assert not chosen[4].any()


def test_refused_objects():
    with pytest.raises(ValueError, match=r"\[c, o\]"):
        metrics.object_ambiguity(jnp.ones(3))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("variant, from_below", [("paper", False), ("released", False), ("released", True)])
def test_selection_equals_the_reference(ties, share, variant, from_below):
    if share == 1.0 and variant == "released":
        pytest.skip("their index lies outside")
    rng = np.random.default_rng(4)
    half = rng.integers(0, 5, (6, 6, 3)).astype(float) if ties else rng.random((6, 6, 3))
    strengths = half + half.transpose(1, 0, 2)
    options = {"share": share, "variant": variant, "from_below": from_below}
    got = metrics.select_insecurities(jnp.asarray(strengths), **options)
    np.testing.assert_array_equal(got, literal.select_insecurities(strengths, **options))


def test_selection_counts_nan_and_never_takes_it():
    strengths = np.full((4, 4, 2), np.nan)
    strengths[0, 1] = strengths[1, 0] = 0.4, 0.6
    for share, most in ((1 / 12, 1), (1.0, 2)):
        got = metrics.select_insecurities(jnp.asarray(strengths), share=share)
        np.testing.assert_array_equal(got, literal.select_insecurities(strengths, share))
        assert got[0, 1].sum() == most


def test_refused_selections():
    with pytest.raises(ValueError, match="share"):
        metrics.select_insecurities(jnp.ones((3, 3, 2)), share=0.0)
    with pytest.raises(ValueError, match="pairs of classes"):
        metrics.select_insecurities(jnp.ones((3, 2, 2)))
    with pytest.raises(ValueError, match="two classes"):
        metrics.select_insecurities(jnp.ones((1, 1, 2)))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("height, width", [(30, 40), (50, 20), (32, 32)])
def test_places_equal_the_reference(variant, height, width):
    rng = np.random.default_rng(5)
    points = np.column_stack([rng.uniform(0, width, 9), rng.uniform(0, height, 9), rng.integers(0, 2, 9)])
    points[0], points[1] = (0, 0, 1), (width - 0.01, height - 0.01, 1)
    for crop in (0.875, 1.0):
        got = metrics.place_points(jnp.asarray(points), height, width, size=16, crop=crop, variant=variant)
        np.testing.assert_allclose(got, literal.place_points(points, height, width, 16, crop, variant), atol=1e-12)
        masks = rng.integers(0, 9, (height, width))
        got = metrics.place_masks(jnp.asarray(masks), size=16, crop=crop, variant=variant)
        np.testing.assert_array_equal(got, literal.place_masks(masks, 16, crop, variant))


def test_places_are_those_of_the_picture_that_the_model_sees():
    """A bright square moves through `fit` as its centre moves through `place_points`."""
    image = np.zeros((90, 120, 3), np.uint8)
    image[40:48, 70:78] = 255
    seen = fit(image, 32)[..., 0]
    rows, columns = np.mgrid[:32, :32] + 0.5
    centre = [(seen * axis).sum() / seen.sum() for axis in (columns, rows)]
    placed = metrics.place_points(jnp.asarray([[74.0, 44.0, 1.0]]), 90, 120, size=32)[0]
    np.testing.assert_allclose(placed[:2], centre, atol=0.1)
    masks = metrics.place_masks(jnp.asarray(image[..., 0] > 0), size=32)
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
